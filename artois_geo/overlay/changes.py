"""What two coverages share: polygons drawn twice the same are matched, only the rest is intersected."""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import shapely

from artois_geo.overlay import copies, engine, frames, totals, trees
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.sources import Batch, Cover

log = logging.getLogger("artois_geo.overlay")

_NOISE_M2 = 1e-6
_PIECES = 16_384


class Changes(NamedTuple):
    """Square metres of each zone, class before and class after; classes are rows of ``labels``."""

    zone: Integers
    was: Integers
    became: Integers
    m2: Floats
    labels: pd.DataFrame


def change_totals(
    before: Cover,
    after: Cover,
    zones: Geometries,
    *,
    by: Sequence[str],
    keep_unchanged: bool,
    cores: int,
    progress: engine.Progress | None,
) -> Changes:
    """Sum of what every couple of polygons of two coverages shares in each zone.

    Matching a polygon with its twin is the whole answer only where nothing else lies
    over either of them: a coverage that overlaps itself is intersected polygon by polygon.
    """
    compiled = engine.compiled_for(before.rows + after.rows)
    mine, theirs = (_side(cover, by, cores, progress, compiled=compiled) for cover in (before, after))
    (mine_code, their_code), labels = frames.classes(mine.labels, theirs.labels, by=by)
    old, new = mine_code[mine.codes], their_code[theirs.codes]
    left, right = np.arange(mine.rows), np.arange(theirs.rows)
    twin_left = twin_right = np.empty(0, dtype=np.int64)
    if mine.tiled() and theirs.tiled():
        twin_left, twin_right = mine.twins(theirs)
        left, right = np.setdiff1d(left, twin_left), np.setdiff1d(right, twin_right)
    else:
        log.warning(
            "une couverture se recouvre, ou ses limites ne se suivent pas : tout est croisé, c'est long"
        )
    kept = keep_unchanged | (old[twin_left] != new[twin_right])
    twin_left, twin_right = twin_left[kept], twin_right[kept]
    jobs = [(mine.batch(rows), old[rows], new[other]) for rows, other in _chunks(twin_left, twin_right)]
    old, new = old[left], new[right]
    pairs, pieces = trees.shared_shapes(
        mine.shapes(left),
        theirs.shapes(right),
        cores=cores,
        wanted=None if keep_unchanged else lambda row, other: old[row] != new[other],
    )
    for rows, _ in _chunks(np.flatnonzero(pairs.m2 > 0)):
        jobs.append((engine.batch_of(pieces[rows]), old[pairs.feature[rows]], new[pairs.zone[rows]]))
    work = engine.worker(zones, compiled=compiled)

    def summed(job: tuple[Batch, Integers, Integers]) -> totals.Totals:
        batch, was, became = job
        found = work(batch)
        code = was[found.feature] * len(labels) + became[found.feature]
        return totals.total(found.zone << 32 | code, found.m2)

    total = totals.together(engine.in_threads(summed, jobs, cores=cores))
    code = total.key & 0xFFFFFFFF
    return Changes(total.key >> 32, code // len(labels), code % len(labels), total.m2, labels)


class _Side(Protocol):
    """One of the two coverages."""

    @property
    def codes(self) -> Integers: ...

    @property
    def labels(self) -> pd.DataFrame: ...

    @property
    def rows(self) -> int: ...

    def tiled(self) -> bool: ...

    def shapes(self, rows: Integers) -> Geometries: ...

    def batch(self, rows: Integers) -> Batch: ...

    def twins(self, other: Any) -> tuple[Integers, Integers]: ...


class _Loaded(NamedTuple):
    """A coverage as geometries, for when there is no compiled kernel."""

    geometries: Geometries
    codes: Integers
    labels: pd.DataFrame

    @property
    def rows(self) -> int:
        return len(self.geometries)

    def tiled(self) -> bool:
        return not _overlaps_itself(self.geometries)

    def shapes(self, rows: Integers) -> Geometries:
        return self.geometries[rows]

    def batch(self, rows: Integers) -> Batch:
        return engine.batch_of(self.geometries[rows])

    def twins(self, other: "_Loaded") -> tuple[Integers, Integers]:
        return _twins(self.geometries, other.geometries)


class _Copied(NamedTuple):
    """A coverage as a working copy, for the compiled kernel."""

    copy: copies.WorkingCopy

    @property
    def codes(self) -> Integers:
        return self.copy.codes

    @property
    def labels(self) -> pd.DataFrame:
        return self.copy.labels

    @property
    def rows(self) -> int:
        return self.copy.rows

    def tiled(self) -> bool:
        return self.copy.tiled

    def shapes(self, rows: Integers) -> Geometries:
        return self.copy.shapes(rows)

    def batch(self, rows: Integers) -> Batch:
        return self.copy.batch(rows, [])

    def twins(self, other: "_Copied") -> tuple[Integers, Integers]:
        mine, theirs = self.copy, other.copy
        order = np.argsort(theirs.drawing, kind="stable")
        drawn = theirs.drawing[order]
        if not len(drawn):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        found = order[np.minimum(np.searchsorted(drawn, mine.drawing), len(drawn) - 1)]
        # the same hash, and the same box: two polygons out of 10**12 would need both by chance
        same = (theirs.drawing[found] == mine.drawing) & (theirs.bbox[found] == mine.bbox).all(axis=1)
        same &= mine.area > 0
        return np.flatnonzero(same), found[same]


def _side(
    cover: Cover, by: Sequence[str], cores: int, progress: engine.Progress | None, *, compiled: bool
) -> _Side:
    if compiled:
        return _Copied(copies.copy_in_memory(cover, by=by, cores=cores, progress=progress))
    return _loaded(cover, by, cores, progress)


def _loaded(cover: Cover, by: Sequence[str], cores: int, progress: engine.Progress | None) -> _Loaded:
    book = engine.ClassBook(by)

    def one(batch: Batch) -> tuple[Geometries, Integers]:
        return engine.shapes(batch, np.arange(len(batch.starts))), book.codes(batch.values)

    parts = engine.each(cover.parts(by, None, cores), one, cores=cores, rows=cover.rows, progress=progress)
    shapes = np.concatenate([np.empty(0, object), *(part[0] for part in parts)])
    codes = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
    return _Loaded(shapes, codes, book.labels())


def _chunks(*rows: Integers) -> list[tuple[Integers, Integers]]:
    """Rows, and the rows that go with them, a batch at a time."""
    first, last = rows[0], rows[-1]
    return [(first[i : i + _PIECES], last[i : i + _PIECES]) for i in range(0, len(first), _PIECES)]


def _twins(before: Geometries, after: Geometries) -> tuple[Integers, Integers]:
    """Rows drawn the same, whatever the first vertex and the direction of their rings."""
    mine, theirs = (shapely.to_wkb(shapely.normalize(side)) for side in (before, after))
    where = {drawing: row for row, drawing in enumerate(theirs)}
    found = [(row, where[drawing]) for row, drawing in enumerate(mine) if drawing in where]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    full = ~shapely.is_empty(before[pairs[:, 0]])
    return pairs[full, 0], pairs[full, 1]


def _overlaps_itself(shapes: Geometries) -> bool:
    first, second = shapely.STRtree(shapes).query(shapes)
    once = first < second
    first, second = first[once], second[once]
    shapely.prepare(shapes)
    near = shapely.intersects(shapes[first], shapes[second])
    first, second = first[near], second[near]
    near = ~shapely.touches(shapes[first], shapes[second])
    first, second = first[near], second[near]
    return bool((shapely.area(shapely.intersection(shapes[first], shapes[second])) > _NOISE_M2).any())
