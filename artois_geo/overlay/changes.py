"""What two coverages share: polygons drawn twice the same are matched, only the rest is intersected."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo.overlay import copies, differences, engine, frames, totals, trees
from artois_geo.overlay.couples import Couples, Shared
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.sources import Batch, Cover

log = logging.getLogger("artois_geo.overlay")

_NOISE_M2 = 1e-6
_PIECES = 16_384
_Work = Callable[[Batch], trees.Pairs]
_NO_TWIN = (np.empty(0, np.int64), np.empty(0, np.int64))


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
    alike = None
    if compiled and not keep_unchanged:
        alike = differences.differing(before, after, by=by, cores=cores, progress=progress)
    if alike is not None:
        before, after = alike
    mine, theirs = (_side(cover, by, cores, progress, compiled=compiled) for cover in (before, after))
    (mine_code, their_code), labels = frames.classes(mine.labels, theirs.labels, by=by)
    old, new = mine_code[mine.codes], their_code[theirs.codes]

    def differ(row: Integers, other: Integers) -> NDArray[np.bool_]:
        return old[row] != new[other]

    several = max(1, len(labels))

    def summed(shared: Shared) -> totals.Totals:
        code = old[shared.row] * several + new[shared.other]
        return totals.total(shared.zone.astype(np.int64) * several**2 + code, shared.m2)

    wanted = None if keep_unchanged else differ
    tiled = mine.tiled() and theirs.tiled()
    if not tiled:
        log.warning("une couverture se recouvre, ou ses limites ne se suivent pas partout : c'est plus long")
    if isinstance(mine, _Copied) and isinstance(theirs, _Copied):
        jobs = _by_kernel(mine, theirs, zones, wanted, tiled=tiled)
    else:
        jobs = _by_geos(mine, theirs, zones, wanted, cores, tiled=tiled)
    total = totals.together(engine.in_threads(lambda job: summed(job()), jobs, cores=cores))
    zone, code = np.divmod(total.key, several**2)
    return Changes(zone, code // several, code % several, total.m2, labels)


def _by_kernel(
    mine: "_Copied", theirs: "_Copied", zones: Geometries, wanted: trees.PairFilter | None, *, tiled: bool
) -> list[Callable[[], Shared]]:
    with ThreadPoolExecutor(1) as aside:  # polygons are matched while the kernel is loaded
        asked = aside.submit(mine.twins, theirs)
        layers = engine.layers_of(zones)
        twins = asked.result()
    rows, others, jobs = np.arange(mine.rows), np.arange(theirs.rows), []
    if tiled:
        rows, others = np.delete(rows, twins[0]), np.delete(others, twins[1])

        def work(batch: Batch) -> trees.Pairs:
            pairs = engine.kernel_pairs(batch, layers)
            mine.copy.let_go()
            return pairs

        jobs, twins = _in_zones(mine, twins, wanted, work), _NO_TWIN
    # elsewhere a twin is only the answer where nothing else lies over it: asked group by group
    couples = Couples(mine.copy, theirs.copy, rows, others, twins=twins, layers=layers, wanted=wanted)
    return [*jobs, *(partial(couples.crossed, group) for group in couples.groups)]


def _by_geos(
    mine: "_Side",
    theirs: "_Side",
    zones: Geometries,
    wanted: trees.PairFilter | None,
    cores: int,
    *,
    tiled: bool,
) -> list[Callable[[], Shared]]:
    work = engine.worker(zones, compiled=False)
    twins = mine.twins(theirs) if tiled else _NO_TWIN
    jobs = _in_zones(mine, twins, wanted, work)
    rows = np.delete(np.arange(mine.rows), twins[0])
    others = np.delete(np.arange(theirs.rows), twins[1])
    pairs, pieces = trees.shared_shapes(
        mine.shapes(rows),
        theirs.shapes(others),
        cores=cores,
        pair_filter=None if wanted is None else lambda row, other: wanted(rows[row], others[other]),
    )
    for some, _ in _chunks(np.flatnonzero(pairs.m2 > 0)):
        row, other = rows[pairs.feature[some]], others[pairs.zone[some]]
        jobs.append(partial(_placed, work, engine.batch_of(pieces[some]), row, other))
    return jobs


def _in_zones(
    mine: "_Side", twins: tuple[Integers, Integers], wanted: trees.PairFilter | None, work: _Work
) -> list[Callable[[], Shared]]:
    """Polygons drawn the same on both dates, by zone."""
    kept = np.ones(len(twins[0]), bool) if wanted is None else wanted(*twins)
    found = _chunks(twins[0][kept], twins[1][kept])
    return [partial(_placed, work, mine.batch(rows), rows, others) for rows, others in found]


def _placed(work: _Work, batch: Batch, row: Integers, other: Integers) -> Shared:
    pairs = work(batch)
    return Shared(row[pairs.feature], other[pairs.feature], pairs.zone, pairs.m2)


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
        if not len(order):
            return _NO_TWIN
        at, same = copies.drawn_alike(theirs.drawing[order], theirs.bbox[order], mine.drawing, mine.bbox)
        same &= mine.area > 0
        return np.flatnonzero(same), order[at[same]]


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

    parts = engine.each(cover.parts(by, None), lambda: one, cores=cores, rows=cover.rows, progress=progress)
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
