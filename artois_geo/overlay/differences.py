"""What differs between two files, each read once: polygons drawn the same and of one class are let go.

Each batch is measured, matched and dropped; only the polygons that differ are held. That both
files are coverages is still proven in full: the outline of the second is that of the first,
less the edges that went, with the edges that came.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo.overlay import engine, views
from artois_geo.overlay.copies import WorkingCopy, drawn_alike
from artois_geo.overlay.frames import Floats, Integers
from artois_geo.overlay.sources import Batch, Cover, GeoPackage, GeoParquet, joined

_MOST = 0.25  # share of polygons that differ beyond which the whole of both files is needed anyway


class _Unfit(Exception):
    """The files are not alike enough, or hold something that only the longer way settles."""


class _Kept(NamedTuple):
    """Polygons as they are in the file, and what is known of them."""

    data: NDArray[np.uint8]
    starts: Integers
    lengths: Integers
    area: Floats
    bbox: Floats
    drawing: NDArray[np.uint64]
    codes: Integers
    names: Integers  # identifiers, or positions in the file


class _Known(NamedTuple):
    """All that is kept of a polygon of the first file."""

    area: Floats
    bbox: Floats
    drawing: NDArray[np.uint64]
    codes: Integers
    names: Integers


class _Met(NamedTuple):
    """What a batch of the second file leaves behind."""

    m2: float
    twin: Integers  # rows of the first file that are drawn the same here
    edges: Floats  # of the outline, those of polygons drawn the same
    came: _Kept
    moved: _Kept  # drawn the same, of another class
    was: Integers  # their class in the first file


def differing(
    before: Cover,
    after: Cover,
    *,
    by: Sequence[str],
    cores: int,
    progress: engine.Progress | None,
) -> tuple[WorkingCopy, WorkingCopy] | None:
    """The polygons of two coverages that changed, as working copies.

    None when they are not two files, not coverages, or not mostly drawn the same.
    """
    book, rows = engine.ClassBook(by), before.rows + after.rows

    def seen(done: int, _: int) -> None:
        if progress is not None:
            progress(done, rows)

    try:
        file, other = _file(before), _file(after)
        known, table = _first(before, by, cores, book, seen)
        met = _second(after, by, cores, book, known, table, lambda done, _: seen(before.rows + done, rows))
        went = _went(file, known, met, cores)
    except _Unfit:
        return None
    came, moved = (_together([getattr(one, name) for one in met]) for name in ("came", "moved"))
    edges = np.concatenate([np.empty((0, 4)), *(one.edges for one in met)])
    counted = float(known.area.sum()), sum(one.m2 for one in met)
    if not _tiled(edges, went, came, table, counted):
        return None
    labels = book.labels()
    was = moved._replace(codes=np.concatenate([np.empty(0, np.int64), *(one.was for one in met)]))
    return (
        _copy(_together([went, was]), labels, file.path.name),
        _copy(_together([came, moved]), labels, other.path.name),
    )


def _file(cover: Cover) -> GeoPackage | GeoParquet:
    """The file behind a window or other names of columns."""
    while isinstance(cover, views.Window | views.Renamed):
        cover = cover.cover
    if not isinstance(cover, GeoPackage | GeoParquet):
        raise _Unfit
    return cover


def _first(
    cover: Cover, by: Sequence[str], cores: int, book: engine.ClassBook, progress: engine.Progress
) -> tuple[_Known, NDArray[np.uint64]]:
    """Every polygon of the first file, in the order of their drawings, and the table of their edges."""
    tables: list[NDArray[np.uint64]] = []
    own = threading.local()

    def prepare() -> Callable[[Batch], _Known]:
        from artois_geo.overlay.outline import SLOTS

        _surveyed(joined([], [], ()), book, np.zeros(1, np.uint64), gathering=False)  # loads the kernel

        def one(batch: Batch) -> _Known:
            if not hasattr(own, "table"):
                own.table = np.zeros(SLOTS, np.uint64)
                tables.append(own.table)
            return _Known(*_surveyed(batch, book, own.table, gathering=False)[0][3:])

        return one

    found = engine.each(cover.parts(by, None), prepare, cores=cores, rows=cover.rows, progress=progress)
    if not found:
        raise _Unfit
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.argsort(columns[2], kind="stable")
    return _Known(*(column[order] for column in columns)), sum(tables[1:], tables[0])


def _second(
    cover: Cover,
    by: Sequence[str],
    cores: int,
    book: engine.ClassBook,
    known: _Known,
    table: NDArray[np.uint64],
    progress: engine.Progress,
) -> list[_Met]:
    """What changed in the second file, and the edges of the outline that did not."""
    lock, apart = threading.Lock(), [0]

    def one(batch: Batch) -> _Met:
        every, edges, owner = _surveyed(batch, book, table, gathering=True)
        at, same = drawn_alike(known.drawing, known.bbox, every.drawing, every.bbox)
        same &= every.area > 0
        with lock:
            apart[0] += int(np.count_nonzero(~same))
            if apart[0] > _MOST * cover.rows:
                raise _Unfit
        moved = np.flatnonzero(same & (known.codes[at] != every.codes))
        came = np.flatnonzero(~same & (every.starts >= 0))
        kept = _packed(every, came), _packed(every, moved)
        return _Met(float(every.area.sum()), at[same], edges[same[owner]], *kept, known.codes[at[moved]])

    return engine.each(cover.parts(by, None), lambda: one, cores=cores, rows=cover.rows, progress=progress)


def _went(file: GeoPackage | GeoParquet, known: _Known, met: list[_Met], cores: int) -> _Kept:
    """What the second file did not find again of the first, read once more."""
    twin = np.concatenate([np.empty(0, np.int64), *(one.twin for one in met)])
    left = np.ones(len(known.names), bool)
    left[twin] = False
    if np.count_nonzero(~left) < len(twin):  # the second file holds a drawing twice
        raise _Unfit
    left &= np.isfinite(known.bbox).all(axis=1)
    rows = np.flatnonzero(left)
    if len(rows) > _MOST * len(left):
        raise _Unfit
    rows = rows[np.argsort(known.names[rows], kind="stable")]
    names = known.names[rows]

    def one(batch: Batch) -> _Kept:
        at = rows[np.searchsorted(names, np.asarray(batch.names, dtype=np.int64))]
        about = known.area[at], known.bbox[at], known.drawing[at], known.codes[at], known.names[at]
        return _packed(_Kept(batch.data, batch.starts, batch.lengths, *about), np.arange(len(at)))

    found = engine.each(file.read_rows(names), lambda: one, cores=cores, rows=len(rows), progress=None)
    went = _together(found)
    if len(went.starts) != len(rows):  # the file is being written
        raise _Unfit
    return went


def _surveyed(
    batch: Batch, book: engine.ClassBook, table: NDArray[np.uint64], *, gathering: bool
) -> tuple[_Kept, Floats, Integers]:
    """What is known of a batch, and the edges that the table does not cancel, with the row of each."""
    from artois_geo.overlay import outline, scan

    n = len(batch.starts)
    ring, state = scan.rings(batch.data, batch.starts, batch.lengths)
    if (state == scan.OTHER).any():
        raise _Unfit
    area, bbox, drawing = np.empty(n), np.empty((n, 4)), np.empty(n, np.uint64)
    room = int(ring.vertices[: ring.first[-1]].sum()) if gathering else 0
    edges, owner = np.empty((room, 4)), np.empty(room, np.int64)
    count = outline.survey(batch.data, ring, area, bbox, drawing, table, edges, owner)
    if not np.isfinite(area).all():
        raise _Unfit
    codes = book.codes(batch.values) if batch.values else np.zeros(n, np.int64)
    names = np.asarray(batch.names)
    if n and names.dtype.kind != "i":
        raise _Unfit
    kept = _Kept(batch.data, batch.starts, batch.lengths, area, bbox, drawing, codes, names)
    return kept, edges[:count].copy(), owner[:count].copy()


def _packed(every: _Kept, rows: Integers) -> _Kept:
    """Some polygons, and no other byte than theirs."""
    blobs = [
        every.data[at : at + length]
        for at, length in zip(every.starts[rows], every.lengths[rows], strict=True)
    ]
    data = np.concatenate([np.empty(0, np.uint8), *blobs])
    lengths = np.array([len(blob) for blob in blobs], np.int64)
    about: list[NDArray[Any]] = [column[rows] for column in every[3:]]
    return _Kept(data, np.cumsum(lengths) - lengths, lengths, *about)


def _together(parts: list[_Kept]) -> _Kept:
    """Polygons one after the other."""
    nothing = np.empty(0, np.uint8), *(np.empty(0, np.int64),) * 2, np.empty(0), np.empty((0, 4))
    every = [_Kept(*nothing, np.empty(0, np.uint64), *(np.empty(0, np.int64),) * 2), *parts]
    data, starts, *about = (np.concatenate(column) for column in zip(*every, strict=True))
    shift = np.cumsum([0, *(len(part.data) for part in every[:-1])])
    starts = starts + np.repeat(shift, [len(part.starts) for part in every])
    data.flags.writeable = False  # the kernel is compiled once, for buffers that nobody writes
    return _Kept(data, starts, *about)


def _tiled(
    edges: Floats, went: _Kept, came: _Kept, table: NDArray[np.uint64], counted: tuple[float, float]
) -> bool:
    """Whether both files are coverages: the second outline is the first, less what went, with what came."""
    from artois_geo.overlay import outline

    def edges_of(side: _Kept, table: NDArray[np.uint64]) -> Floats:
        full = side.area > 0
        return outline.edges_of(side.data, side.starts[full], side.lengths[full], table)

    every = np.ones(1, np.uint64)
    gone, new, left = edges_of(went, every), edges_of(came, every), edges_of(went, table)
    first = outline.uncancelled(np.concatenate([edges, left]))
    second = outline.uncancelled(np.concatenate([first, gone[:, [2, 3, 0, 1]], new]))
    return outline.is_tiling(first, counted[0]) and outline.is_tiling(second, counted[1])


def _copy(kept: _Kept, labels: pd.DataFrame, source: str) -> WorkingCopy:
    return WorkingCopy(*kept[:-1], labels=labels, tiled=True, names=kept.names, source=source)
