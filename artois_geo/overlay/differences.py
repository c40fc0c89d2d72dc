"""Find what differs between two files, each read once: polygons drawn the same and of one class are let go.

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

from artois_geo.overlay import engine, sources
from artois_geo.overlay.classes import ClassCodes
from artois_geo.overlay.copies import WorkingCopy, drawn_alike
from artois_geo.overlay.frames import Floats, Integers
from artois_geo.overlay.sources import Batch, Cover, GeoPackage, GeoParquet

_LARGEST_SHARE = 0.25  # share of polygons that differ beyond which the whole of both files is needed anyway


class _Unfit(Exception):
    """The files are not alike enough, or hold something that only the longer way settles."""


class _Polygons(NamedTuple):
    """Polygons as they are in the file, and what is known of them."""

    data: NDArray[np.uint8]
    starts: Integers
    lengths: Integers
    area: Floats
    bbox: Floats
    drawing: NDArray[np.uint64]
    codes: Integers
    names: Integers  # identifiers, or positions in the file


class _FirstPolygons(NamedTuple):
    """All that is remembered of the polygons of the first file."""

    area: Floats
    bbox: Floats
    drawing: NDArray[np.uint64]
    codes: Integers
    names: Integers


class _BatchChanges(NamedTuple):
    """What a batch of the second file leaves behind."""

    m2: float
    twin: Integers  # rows of the first file that are drawn the same here
    edges: Floats  # of the outline, those of polygons drawn the same
    came: _Polygons
    moved: _Polygons  # drawn the same, of another class
    was: Integers  # their class in the first file


def differing(
    before: Cover,
    after: Cover,
    *,
    by: Sequence[str],
    cores: int,
    progress: engine.Progress | None,
) -> tuple[WorkingCopy, WorkingCopy] | None:
    """Find the polygons of two coverages that changed, as working copies.

    None when they are not two files, not coverages, or not mostly drawn the same.
    """
    class_codes, rows = ClassCodes(by), before.rows + after.rows

    def report(done_count: int, _: int) -> None:
        if progress is not None:
            progress(done_count, rows)

    try:
        first_file, second_file = _file(before), _file(after)
        first_polygons, table = _read_first(before, by, cores, class_codes, report)
        batches = _compare_second(
            after,
            by,
            cores,
            class_codes,
            first_polygons,
            table,
            lambda count, _: report(before.rows + count, rows),
        )
        gone = _read_gone(first_file, first_polygons, batches, cores)
    except _Unfit:
        return None
    came, moved = (_concatenated([getattr(batch, name) for batch in batches]) for name in ("came", "moved"))
    edges = np.concatenate([np.empty((0, 4)), *(batch.edges for batch in batches)])
    areas_m2 = float(first_polygons.area.sum()), sum(batch.m2 for batch in batches)
    if not _are_coverages(edges, gone, came, table, areas_m2):
        return None
    labels = class_codes.labels()
    was = moved._replace(codes=np.concatenate([np.empty(0, np.int64), *(batch.was for batch in batches)]))
    return (
        _working_copy(_concatenated([gone, was]), labels, first_file.path.name),
        _working_copy(_concatenated([came, moved]), labels, second_file.path.name),
    )


def _file(cover: Cover) -> GeoPackage | GeoParquet:
    """Return the file behind a window or behind renamed columns."""
    while isinstance(cover, sources.Window | sources.Renamed):
        cover = cover.cover
    if not isinstance(cover, GeoPackage | GeoParquet):
        raise _Unfit
    return cover


def _read_first(
    cover: Cover, by: Sequence[str], cores: int, class_codes: ClassCodes, progress: engine.Progress
) -> tuple[_FirstPolygons, NDArray[np.uint64]]:
    """Read every polygon of the first file, in the order of their drawings, and the table of their edges."""
    tables: list[NDArray[np.uint64]] = []
    local = threading.local()

    def prepare() -> Callable[[Batch], _FirstPolygons]:
        from artois_geo.overlay.kernel.coverage_edges import SLOTS

        _survey(
            sources.pack_blobs([], [], ()), class_codes, np.zeros(1, np.uint64), gathering=False
        )  # loads the kernel

        def survey_batch(batch: Batch) -> _FirstPolygons:
            if not hasattr(local, "table"):
                local.table = np.zeros(SLOTS, np.uint64)
                tables.append(local.table)
            return _FirstPolygons(*_survey(batch, class_codes, local.table, gathering=False)[0][3:])

        return survey_batch

    surveys = engine.map_batches(
        cover.parts(by, None), prepare, cores=cores, rows=cover.rows, progress=progress
    )
    if not surveys:
        raise _Unfit
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*surveys, strict=True)]
    by_drawing = np.argsort(columns[2], kind="stable")
    return _FirstPolygons(*(column[by_drawing] for column in columns)), sum(tables[1:], tables[0])


def _compare_second(
    cover: Cover,
    by: Sequence[str],
    cores: int,
    class_codes: ClassCodes,
    first_polygons: _FirstPolygons,
    table: NDArray[np.uint64],
    progress: engine.Progress,
) -> list[_BatchChanges]:
    """Find what changed in the second file, and the edges of the outline that did not."""
    lock, differing_count = threading.Lock(), [0]

    def compare_batch(batch: Batch) -> _BatchChanges:
        polygons, edges, owner = _survey(batch, class_codes, table, gathering=True)
        position, same = drawn_alike(
            first_polygons.drawing, first_polygons.bbox, polygons.drawing, polygons.bbox
        )
        same &= polygons.area > 0
        with lock:
            differing_count[0] += int(np.count_nonzero(~same))
            if differing_count[0] > _LARGEST_SHARE * cover.rows:
                raise _Unfit
        moved = np.flatnonzero(same & (first_polygons.codes[position] != polygons.codes))
        came = np.flatnonzero(~same & (polygons.starts >= 0))
        packed = _pack(polygons, came), _pack(polygons, moved)
        return _BatchChanges(
            float(polygons.area.sum()),
            position[same],
            edges[same[owner]],
            *packed,
            first_polygons.codes[position[moved]],
        )

    return engine.map_batches(
        cover.parts(by, None), lambda: compare_batch, cores=cores, rows=cover.rows, progress=progress
    )


def _read_gone(
    file: GeoPackage | GeoParquet, first_polygons: _FirstPolygons, batches: list[_BatchChanges], cores: int
) -> _Polygons:
    """Read once more the polygons of the first file that the second one does not repeat."""
    twin = np.concatenate([np.empty(0, np.int64), *(batch.twin for batch in batches)])
    missing = np.ones(len(first_polygons.names), bool)
    missing[twin] = False
    if np.count_nonzero(~missing) < len(twin):  # the second file holds a drawing twice
        raise _Unfit
    missing &= np.isfinite(first_polygons.bbox).all(axis=1)
    rows = np.flatnonzero(missing)
    if len(rows) > _LARGEST_SHARE * len(missing):
        raise _Unfit
    rows = rows[np.argsort(first_polygons.names[rows], kind="stable")]
    missing_names = first_polygons.names[rows]

    def pack_batch(batch: Batch) -> _Polygons:
        matched_rows = rows[np.searchsorted(missing_names, np.asarray(batch.names, dtype=np.int64))]
        facts: list[NDArray[Any]] = [column[matched_rows] for column in first_polygons]
        return _pack(_Polygons(batch.data, batch.starts, batch.lengths, *facts), np.arange(len(matched_rows)))

    parts = engine.map_batches(
        file.read_rows(missing_names), lambda: pack_batch, cores=cores, rows=len(rows), progress=None
    )
    gone = _concatenated(parts)
    if len(gone.starts) != len(rows):  # the file is being written
        raise _Unfit
    return gone


def _survey(
    batch: Batch, class_codes: ClassCodes, table: NDArray[np.uint64], *, gathering: bool
) -> tuple[_Polygons, Floats, Integers]:
    """Measure a batch, and collect the edges that the table does not cancel, with the row of each."""
    from artois_geo.overlay.kernel import coverage_edges, scan

    row_count = len(batch.starts)
    ring, state = scan.rings(batch.data, batch.starts, batch.lengths)
    if (state == scan.OTHER).any():
        raise _Unfit
    area, bbox, drawing = np.empty(row_count), np.empty((row_count, 4)), np.empty(row_count, np.uint64)
    edge_limit = int(ring.vertices[: ring.first_ring[-1]].sum()) if gathering else 0
    edges, owner = np.empty((edge_limit, 4)), np.empty(edge_limit, np.int64)
    edge_count = coverage_edges.survey(batch.data, ring, area, bbox, drawing, table, edges, owner)
    if not np.isfinite(area).all():
        raise _Unfit
    codes = class_codes.codes(batch.values) if batch.values else np.zeros(row_count, np.int64)
    names = np.asarray(batch.names)
    if row_count and names.dtype.kind != "i":
        raise _Unfit
    polygons = _Polygons(batch.data, batch.starts, batch.lengths, area, bbox, drawing, codes, names)
    return polygons, edges[:edge_count].copy(), owner[:edge_count].copy()


def _pack(polygons: _Polygons, rows: Integers) -> _Polygons:
    """Copy some polygons, and no other byte than theirs."""
    blobs = [
        polygons.data[start : start + length]
        for start, length in zip(polygons.starts[rows], polygons.lengths[rows], strict=True)
    ]
    data = np.concatenate([np.empty(0, np.uint8), *blobs])
    lengths = np.array([len(blob) for blob in blobs], np.int64)
    facts: list[NDArray[Any]] = [column[rows] for column in polygons[3:]]
    return _Polygons(data, np.cumsum(lengths) - lengths, lengths, *facts)


def _concatenated(parts: list[_Polygons]) -> _Polygons:
    """Join polygons one after another into one buffer."""
    empty_buffers = np.empty(0, np.uint8), *(np.empty(0, np.int64),) * 2, np.empty(0), np.empty((0, 4))
    all_parts = [_Polygons(*empty_buffers, np.empty(0, np.uint64), *(np.empty(0, np.int64),) * 2), *parts]
    data, starts, *facts = (np.concatenate(column) for column in zip(*all_parts, strict=True))
    offsets = np.cumsum([0, *(len(part.data) for part in all_parts[:-1])])
    starts = starts + np.repeat(offsets, [len(part.starts) for part in all_parts])
    data.flags.writeable = False  # the kernel is compiled once, for buffers that nobody writes
    return _Polygons(data, starts, *facts)


def _are_coverages(
    edges: Floats, gone: _Polygons, came: _Polygons, table: NDArray[np.uint64], areas_m2: tuple[float, float]
) -> bool:
    """Check that both files are coverages: the second outline is the first, less what went plus what came."""
    from artois_geo.overlay import coverages
    from artois_geo.overlay.kernel.coverage_edges import uncancelled

    def edges_of(side: _Polygons, table: NDArray[np.uint64]) -> Floats:
        full = side.area > 0
        return coverages.edges_of(side.data, side.starts[full], side.lengths[full], table)

    nothing_cancelled = np.ones(1, np.uint64)
    gone_edges, new_edges = edges_of(gone, nothing_cancelled), edges_of(came, nothing_cancelled)
    remaining_edges = edges_of(gone, table)
    first_outline = uncancelled(np.concatenate([edges, remaining_edges]))
    second_outline = uncancelled(np.concatenate([first_outline, gone_edges[:, [2, 3, 0, 1]], new_edges]))
    return coverages.is_tiling(first_outline, areas_m2[0]) and coverages.is_tiling(
        second_outline, areas_m2[1]
    )


def _working_copy(polygons: _Polygons, labels: pd.DataFrame, file_name: str) -> WorkingCopy:
    return WorkingCopy(*polygons[:-1], labels=labels, tiled=True, names=polygons.names, source=file_name)
