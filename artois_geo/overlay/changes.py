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

from artois_geo.overlay import classes, copies, differences, engine, trees
from artois_geo.overlay.candidate_pairs import CandidatePairs, SharedGround
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
    """Sum what every pair of polygons of two coverages shares in each zone.

    Matching a polygon with its twin is the whole answer only where nothing else lies
    over either of them: a coverage that overlaps itself is intersected polygon by polygon.
    """
    compiled = engine.compiled_for(before.rows + after.rows)
    changed_covers = None
    if compiled and not keep_unchanged:
        changed_covers = differences.differing(before, after, by=by, cores=cores, progress=progress)
    if changed_covers is not None:
        before, after = changed_covers
    old_side, new_side = (_side(cover, by, cores, progress, compiled=compiled) for cover in (before, after))
    (old_code, new_code), labels = classes.common_codes(old_side.labels, new_side.labels, by=by)
    old_class, new_class = old_code[old_side.codes], new_code[new_side.codes]

    def differ(old_row: Integers, new_row: Integers) -> NDArray[np.bool_]:
        return old_class[old_row] != new_class[new_row]

    class_count = max(1, len(labels))

    def totals_of(shared: SharedGround) -> engine.Totals:
        code = old_class[shared.first_row] * class_count + new_class[shared.second_row]
        return engine.totals_by_key(shared.zone.astype(np.int64) * class_count**2 + code, shared.m2)

    pair_filter = None if keep_unchanged else differ
    tiled = old_side.tiled() and new_side.tiled()
    if not tiled:
        log.warning("une couverture se recouvre, ou ses limites ne se suivent pas partout : c'est plus long")
    if isinstance(old_side, _Copied) and isinstance(new_side, _Copied):
        jobs = _by_kernel(old_side, new_side, zones, pair_filter, tiled=tiled)
    else:
        jobs = _by_geos(old_side, new_side, zones, pair_filter, cores, tiled=tiled)
    total = engine.add_totals(engine.in_threads(lambda job: totals_of(job()), jobs, cores=cores))
    zone, code = np.divmod(total.key, class_count**2)
    return Changes(zone, code // class_count, code % class_count, total.m2, labels)


def _by_kernel(
    old_side: "_Copied",
    new_side: "_Copied",
    zones: Geometries,
    pair_filter: trees.PairFilter | None,
    *,
    tiled: bool,
) -> list[Callable[[], SharedGround]]:
    """Prepare the jobs that cut what is not drawn the same with the compiled kernel."""
    with ThreadPoolExecutor(1) as matcher:  # polygons are matched while the kernel is loaded
        twins_job = matcher.submit(old_side.twins, new_side)
        layers = engine.layers_of(zones)
        twins = twins_job.result()
    old_rows, new_rows, jobs = np.arange(old_side.rows), np.arange(new_side.rows), []
    if tiled:
        old_rows, new_rows = np.delete(old_rows, twins[0]), np.delete(new_rows, twins[1])

        def work(batch: Batch) -> trees.Pairs:
            pairs = engine.kernel_pairs(batch, layers)
            old_side.copy.let_go()
            return pairs

        jobs, twins = _in_zones(old_side, twins, pair_filter, work), _NO_TWIN
    # elsewhere a twin is only the answer where nothing else lies over it: checked group by group
    candidates = CandidatePairs(
        old_side.copy, new_side.copy, old_rows, new_rows, twins=twins, layers=layers, pair_filter=pair_filter
    )
    return [*jobs, *(partial(candidates.measure_group, group) for group in candidates.groups)]


def _by_geos(
    old_side: "_Side",
    new_side: "_Side",
    zones: Geometries,
    pair_filter: trees.PairFilter | None,
    cores: int,
    *,
    tiled: bool,
) -> list[Callable[[], SharedGround]]:
    """Prepare the jobs that cut what is not drawn the same with GEOS."""
    work = engine.batch_worker(zones, compiled=False)
    twins = old_side.twins(new_side) if tiled else _NO_TWIN
    jobs = _in_zones(old_side, twins, pair_filter, work)
    old_rows = np.delete(np.arange(old_side.rows), twins[0])
    new_rows = np.delete(np.arange(new_side.rows), twins[1])
    pairs, pieces = trees.shared_shapes(
        old_side.shapes(old_rows),
        new_side.shapes(new_rows),
        cores=cores,
        pair_filter=None
        if pair_filter is None
        else lambda old_row, new_row: pair_filter(old_rows[old_row], new_rows[new_row]),
    )
    for chunk, _ in _chunks(np.flatnonzero(pairs.m2 > 0)):
        old_row, new_row = old_rows[pairs.feature[chunk]], new_rows[pairs.zone[chunk]]
        jobs.append(partial(_pairs_in_zones, work, engine.batch_of(pieces[chunk]), old_row, new_row))
    return jobs


def _in_zones(
    old_side: "_Side", twins: tuple[Integers, Integers], pair_filter: trees.PairFilter | None, work: _Work
) -> list[Callable[[], SharedGround]]:
    """Prepare the jobs that put the polygons drawn the same on both dates into zones."""
    selected = np.ones(len(twins[0]), bool) if pair_filter is None else pair_filter(*twins)
    chunks = _chunks(twins[0][selected], twins[1][selected])
    return [partial(_pairs_in_zones, work, old_side.batch(rows), rows, new_rows) for rows, new_rows in chunks]


def _pairs_in_zones(work: _Work, batch: Batch, old_row: Integers, new_row: Integers) -> SharedGround:
    pairs = work(batch)
    return SharedGround(old_row[pairs.feature], new_row[pairs.feature], pairs.zone, pairs.m2)


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

    def twins(self, new_side: Any) -> tuple[Integers, Integers]: ...


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

    def twins(self, new_side: "_Loaded") -> tuple[Integers, Integers]:
        return _twins(self.geometries, new_side.geometries)


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

    def twins(self, new_side: "_Copied") -> tuple[Integers, Integers]:
        old_copy, new_copy = self.copy, new_side.copy
        by_drawing = np.argsort(new_copy.drawing, kind="stable")
        if not len(by_drawing):
            return _NO_TWIN
        position, same = copies.drawn_alike(
            new_copy.drawing[by_drawing], new_copy.bbox[by_drawing], old_copy.drawing, old_copy.bbox
        )
        same &= old_copy.area > 0
        return np.flatnonzero(same), by_drawing[position[same]]


def _side(
    cover: Cover, by: Sequence[str], cores: int, progress: engine.Progress | None, *, compiled: bool
) -> _Side:
    if compiled:
        return _Copied(copies.copy_in_memory(cover, by=by, cores=cores, progress=progress))
    return _loaded(cover, by, cores, progress)


def _loaded(cover: Cover, by: Sequence[str], cores: int, progress: engine.Progress | None) -> _Loaded:
    class_codes = classes.ClassCodes(by)

    def load_batch(batch: Batch) -> tuple[Geometries, Integers]:
        return engine.shapes(batch, np.arange(len(batch.starts))), class_codes.codes(batch.values)

    parts = engine.map_batches(
        cover.parts(by, None), lambda: load_batch, cores=cores, rows=cover.rows, progress=progress
    )
    shapes = np.concatenate([np.empty(0, object), *(part[0] for part in parts)])
    codes = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
    return _Loaded(shapes, codes, class_codes.labels())


def _chunks(*rows: Integers) -> list[tuple[Integers, Integers]]:
    """Split rows, and the rows that go with them, into batches."""
    rows_a, rows_b = rows[0], rows[-1]
    return [(rows_a[i : i + _PIECES], rows_b[i : i + _PIECES]) for i in range(0, len(rows_a), _PIECES)]


def _twins(old_shapes: Geometries, new_shapes: Geometries) -> tuple[Integers, Integers]:
    """Match rows drawn the same, whatever the first vertex and the direction of their rings."""
    old_drawings, new_drawings = (
        shapely.to_wkb(shapely.normalize(side)) for side in (old_shapes, new_shapes)
    )
    new_rows = {drawing: row for row, drawing in enumerate(new_drawings)}
    matches = [(row, new_rows[drawing]) for row, drawing in enumerate(old_drawings) if drawing in new_rows]
    pairs = np.array(matches, dtype=np.int64).reshape(-1, 2)
    full = ~shapely.is_empty(old_shapes[pairs[:, 0]])
    return pairs[full, 0], pairs[full, 1]


def _overlaps_itself(shapes: Geometries) -> bool:
    row_a, row_b = shapely.STRtree(shapes).query(shapes)
    once = row_a < row_b
    row_a, row_b = row_a[once], row_b[once]
    shapely.prepare(shapes)
    meeting = shapely.intersects(shapes[row_a], shapes[row_b])
    row_a, row_b = row_a[meeting], row_b[meeting]
    crossing = ~shapely.touches(shapes[row_a], shapes[row_b])
    row_a, row_b = row_a[crossing], row_b[crossing]
    return bool((shapely.area(shapely.intersection(shapes[row_a], shapes[row_b])) > _NOISE_M2).any())
