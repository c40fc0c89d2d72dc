"""Areas of a cover in zones, batch by batch: by the compiled kernel where it is installed, else by GEOS.

Both give the same figures. Which one works is said in the log.
"""

import importlib.util
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo.errors import BadTable, BadValue, why
from artois_geo.overlay import frames, sources, trees
from artois_geo.overlay.classes import ClassCodes
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.sources import Batch, Cover
from artois_geo.overlay.trees import Pairs
from artois_geo.text import row_name

if TYPE_CHECKING:
    from artois_geo.overlay.kernel.scan import Rings

log = logging.getLogger("artois_geo.overlay")

Progress = Callable[[int, int], None]
Job = TypeVar("Job")
Result = TypeVar("Result")

# Under this many polygons, loading the compiled kernel takes longer than the work.
_FEW_ROWS = 10_000
_PREFETCH_BYTES = 128_000_000  # what all threads may read before the work on it is prepared
# Whole numbers below 2**53 add up exactly in any order: coarse for 8e12 m2, fine for 1e8 pieces.
_COARSE = 2.0**10
_FINE = 2.0**26


class Layer(NamedTuple):
    """Zones apart from each other, or sharing whole edges: numbers, grid, and GEOS to fall back on."""

    zones: Integers
    grid: object
    zone_index: trees.ZoneIndex


def compiled_for(rows: int) -> bool:
    """Tell whether the compiled kernel is installed, and worth loading for so many polygons."""
    if rows < _FEW_ROWS:
        return False
    if importlib.util.find_spec("numba") is None:
        log.warning(
            "moteur : GEOS par index spatial, bien plus lent que le noyau compilé ; "
            "pour l'installer : pip install artois-geo[rapide]"
        )
        return False
    log.info("moteur : noyau compilé, GEOS pour les cas dégénérés")
    return True


def require_compiled() -> None:
    """Refuse what only the compiled kernel can do."""
    if importlib.util.find_spec("numba") is None:
        raise BadValue("Les copies de travail demandent le noyau compilé : pip install artois-geo[rapide].")


def area_totals(
    zones: Geometries,
    cover: Cover,
    *,
    by: Sequence[str],
    cores: int,
    progress: Progress | None = None,
) -> tuple[Integers, Integers, Floats, pd.DataFrame]:
    """Sum the square metres of each class in each zone that it shares ground with; list the classes."""
    class_codes, compiled = ClassCodes(by), compiled_for(cover.rows)

    def prepare() -> Callable[[Batch], Totals]:
        measure_pairs = batch_worker(zones, compiled=compiled)

        def process(batch: Batch) -> Totals:
            pairs = measure_pairs(batch)
            codes = class_codes.codes(batch.values) if batch.values else np.zeros(len(batch.starts), np.int64)
            return totals_by_key(pack_keys(pairs.zone, codes[pairs.feature]), pairs.m2)

        return process

    parts = cover.parts(by, sources.bounds_of(zones))
    batch_totals = map_batches(parts, prepare, cores=cores, rows=cover.rows, progress=progress)
    totals = add_totals(batch_totals)
    return *unpack_keys(totals.key), totals.m2, class_codes.labels()


def batch_worker(zones: Geometries, *, compiled: bool) -> Callable[[Batch], Pairs]:
    """Prepare what measures a batch in zones: a function that several threads may call."""
    if not compiled:
        index = trees.ZoneIndex(zones, union=trees.union_of(zones))
        return lambda batch: index.areas(shapes(batch, np.arange(len(batch.starts))))
    layers = layers_of(zones)
    kernel_pairs(sources.pack_blobs([], [], ()), layers)  # all of the kernel is loaded before the first batch
    return lambda batch: kernel_pairs(batch, layers)


def map_batches(
    parts: Iterable[Iterator[Batch]],
    prepare: Callable[[], Callable[[Batch], Result]],
    *,
    cores: int,
    rows: int,
    progress: Progress | None,
) -> list[Result]:
    """Run work on every batch and return its results; each thread holds one batch at a time.

    While the work is being prepared (the kernel is loaded, the zones are gridded), threads read
    ahead, within ``_PREFETCH_BYTES``. Interrupted, every thread stops after the batch it holds.
    """
    shared, lock, stop, rows_done = _SharedParts(parts), threading.Lock(), threading.Event(), [0]

    def thread(prepared: Future[Callable[[Batch], Result]]) -> list[Result]:
        results: list[Result] = []
        for batches in _prefetch(shared.batches(), prepared, stop, _PREFETCH_BYTES // cores):
            work = prepared.result()
            while batches and not stop.is_set():
                batch = batches.popleft()
                results.append(work(batch))
                if progress is not None:
                    with lock:
                        rows_done[0] += len(batch.starts)
                        progress(rows_done[0], rows)
        return results

    def stopping(prepared: Future[Callable[[Batch], Result]]) -> list[Result]:
        try:
            return thread(prepared)
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(cores + 1) as pool:
        try:
            prepared = pool.submit(prepare)
            running = [pool.submit(stopping, prepared) for _ in range(cores)]
            results = [result for future in running for result in future.result()]
            if progress is not None and rows_done[0] < rows:
                progress(rows, rows)  # the rest lies out of reach, and was not read
            return results
        finally:
            stop.set()


class _SharedParts:
    """Parts for several threads: each begins one of its own, then helps with one that another began."""

    def __init__(self, parts: Iterable[Iterator[Batch]]) -> None:
        self._waiting, self._lock = deque(parts), threading.Lock()
        self._begun: list[tuple[Iterator[Batch], threading.Lock]] = []

    def batches(self) -> Iterator[Batch]:
        """Yield batches for one thread, until every part is read."""
        while (part := self._part()) is not None:
            batches, reading = part
            while True:
                with reading:
                    batch = next(batches, None)
                if batch is None:
                    break
                yield batch
            with self._lock:
                if part in self._begun:
                    self._begun.remove(part)

    def _part(self) -> tuple[Iterator[Batch], threading.Lock] | None:
        with self._lock:
            if self._waiting:
                self._begun.append((self._waiting.popleft(), threading.Lock()))
                return self._begun[-1]
            return self._begun[0] if self._begun else None


def _prefetch(
    batches: Iterator[Batch], prepared: Future[Any], stop: threading.Event, max_bytes: int
) -> Iterator[deque[Batch]]:
    """Yield batches one by one once the work is prepared; before, as many as make ``max_bytes``."""
    waiting: deque[Batch] = deque()
    for batch in batches:
        if stop.is_set():
            return
        waiting.append(batch)
        if prepared.done() or sum(batch.data.nbytes for batch in waiting) > max_bytes:
            yield waiting
            waiting.clear()
    yield waiting


class Totals(NamedTuple):
    """Square metres per key: coarse and fine parts, each a whole number.

    Areas are cut into whole numbers before they are added, so that no order of features changes a digit.
    """

    key: Integers
    coarse: Floats
    fine: Floats

    @property
    def m2(self) -> Floats:
        return self.coarse / _COARSE + self.fine / (_COARSE * _FINE)


def totals_by_key(key: Integers, m2: Floats) -> Totals:
    """Sum square metres by key; keys come out sorted."""
    scaled = m2 * _COARSE
    coarse = np.floor(scaled)
    return _sum_by_key(key, coarse, np.rint((scaled - coarse) * _FINE))


def add_totals(parts: list[Totals]) -> Totals:
    """Add sums together, key by key."""
    if not parts:
        return Totals(np.empty(0, np.int64), np.empty(0), np.empty(0))
    return _sum_by_key(*(np.concatenate([part[i] for part in parts]) for i in range(3)))


def pack_keys(zone: Integers, code: Integers) -> Integers:
    """Pack the number of a zone (high 32 bits) and of a class (low 32 bits) into one key of 64 bits.

    One key is sorted and summed many times faster than two columns.
    """
    return zone << 32 | code


def unpack_keys(keys: Integers) -> tuple[Integers, Integers]:
    """Return the numbers of the zone and of the class that `pack_keys` put in each key."""
    return keys >> 32, keys & 0xFFFFFFFF


def _sum_by_key(key: Integers, coarse: Floats, fine: Floats) -> Totals:
    keys, position = np.unique(key, return_inverse=True)
    sums = (np.bincount(position, part, len(keys)).astype(float) for part in (coarse, fine))
    return Totals(keys, *sums)


def in_threads(work: Callable[[Job], Result], jobs: Sequence[Job], *, cores: int) -> list[Result]:
    """Run jobs on several threads and return their results, in their order."""
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(work, jobs))


def batch_of(geometries: Geometries) -> Batch:
    """Pack geometries as a batch without any column."""
    blobs = shapely.to_wkb(geometries, output_dimension=2, byte_order=1)
    return sources.pack_blobs(blobs, [], range(len(blobs)))


def shapes(batch: Batch, rows: Integers, *, unsure: NDArray[np.bool_] | slice = frames.ALL) -> Geometries:
    """Read the geometries of some rows of a batch, sound polygons or nothing; check all, or the unsure."""
    blobs = [
        batch.data[start : start + length].tobytes() if start >= 0 else None
        for start, length in zip(batch.starts[rows], batch.lengths[rows], strict=True)
    ]
    identified = "id" if batch.source.endswith(".gpkg") else None  # its own number of a feature, no position
    index = pd.Index([batch.names[row] for row in rows], dtype=object, name=identified)
    try:
        with np.errstate(invalid="ignore"):
            geometries = shapely.from_wkb(blobs)
    except (shapely.errors.ShapelyError, NotImplementedError):
        row, reason = _unreadable(blobs)
        raise BadTable(f"« {batch.source} », {row_name(index, index[row])} : {reason}") from None
    if (shapely.get_coordinate_dimension(geometries) > 2).any():
        geometries = shapely.force_2d(geometries)
    return frames.surfaces(geometries, index, name=batch.source, unsure=unsure)


def _unreadable(blobs: list[bytes | None]) -> tuple[int, str]:
    """Find the first row that GEOS does not read, and say why."""
    for row, blob in enumerate(blobs):
        try:
            shapely.from_wkb(blob)
        except NotImplementedError:
            return row, "géométrie courbe. La linéariser d'abord (ogr2ogr -nlt CONVERT_TO_LINEAR)."
        except shapely.errors.ShapelyError as error:
            return row, (
                f"contour illisible, tronqué ou mal fermé ({why(error)}).\n"
                "Redemander la livraison, ou retirer cette ligne et le dire."
            )
    raise AssertionError("every blob can be read alone")


def kernel_pairs(batch: Batch, layers: list[Layer]) -> Pairs:
    """Measure what a batch shares with zones, by the compiled kernel."""
    from artois_geo.overlay.kernel import scan, validity

    ring, state = scan.rings(batch.data, batch.starts, batch.lengths)
    doubt = np.zeros(len(batch.starts), bool)
    validity.doubtful(batch.data, ring, doubt)
    for_geos = ((state == scan.SURFACE) & doubt) | (state == scan.OTHER)
    parts = _cut(batch, ring, layers, for_geos)
    rows = np.flatnonzero(for_geos)
    if len(rows):
        # sound, or mended, or refused: what GEOS found sound may keep the kernel in doubt
        sound_batch = batch_of(shapes(batch, rows))
        ring, _ = scan.rings(sound_batch.data, sound_batch.starts, sound_batch.lengths)
        pairs = concat_pairs(_cut(sound_batch, ring, layers, np.zeros(len(rows), bool)))
        parts.append(pairs._replace(feature=rows[pairs.feature]))
    return concat_pairs(parts)


def _cut(batch: Batch, ring: "Rings", layers: list[Layer], for_geos: NDArray[np.bool_]) -> list[Pairs]:
    """Measure the sound polygons of a batch in zones, but for those left to GEOS."""
    from artois_geo.overlay.kernel import polygon_areas, scan

    n = len(batch.starts)
    area, bbox = np.empty(n), np.empty((n, 4))
    scan.measure(batch.data, ring, area, bbox)
    bbox[for_geos] = np.nan
    return resolve_zones(
        layers,
        area,
        bbox,
        cut=lambda rows, layer: polygon_areas.split(batch.data, ring, rows, area, bbox, layer.grid),
        shapes_of=lambda rows: shapes(batch, rows, unsure=frames.NONE),
    )


def resolve_zones(
    layers: list[Layer],
    area: Floats,
    bbox: Floats,
    *,
    cut: Callable[[Integers, Layer], tuple[Integers, Integers, Floats, Integers]],
    shapes_of: Callable[[Integers], Geometries],
) -> list[Pairs]:
    """Measure polygons in zones: settled by a look at the grid, cut by the kernel, or handed back to GEOS."""
    from artois_geo.overlay.kernel import grid

    parts: list[Pairs] = []
    zone = np.empty(len(area), np.int32)
    for layer in layers:
        grid.settle(layer.grid, bbox, zone)
        inside = np.flatnonzero((zone >= 0) & (area > 0))
        parts.append(Pairs(inside, layer.zones[zone[inside]], area[inside]))
        row, piece_zone, m2, to_geos = cut(np.flatnonzero((zone == grid.MIXED) & (area > 0)), layer)
        parts.append(Pairs(row, layer.zones[piece_zone], m2))
        if len(to_geos):
            pairs = layer.zone_index.areas(shapes_of(to_geos))
            parts.append(Pairs(to_geos[pairs.feature], layer.zones[pairs.zone], pairs.m2))
    return parts


def concat_pairs(parts: list[Pairs]) -> Pairs:
    """Join lists of pairs, one after the other."""
    nothing = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Pairs(*(np.concatenate([part[i] for part in [nothing, *parts]]) for i in range(3)))


def layers_of(zones: Geometries) -> list[Layer]:
    """Split zones into as few layers as make every grid sure of which zone lies on each side of an edge."""
    numbers = np.flatnonzero(~shapely.is_empty(zones))
    if not len(numbers):
        return []
    with ThreadPoolExecutor(1) as executor:  # GEOS looks at the zones while the kernel is loaded
        shares_edges = executor.submit(shapely.coverage_is_valid, zones[numbers])
        single = _layer(zones, numbers)
        if single is not None and shares_edges.result():
            return [single]
    log.info(
        "zones : elles se recouvrent ou leurs limites ne se suivent pas, elles sont comptées par couches"
    )
    groups = _disjoint_groups(zones[numbers])
    return [layer for rows in groups if (layer := _layer(zones, numbers[rows])) is not None]


def _layer(zones: Geometries, numbers: Integers) -> Layer | None:
    from artois_geo.overlay.kernel import grid, scan

    batch = batch_of(zones[numbers])
    ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
    zone_grid = grid.grid(batch.data, ring)
    return None if zone_grid is None else Layer(numbers, zone_grid, trees.ZoneIndex(zones[numbers]))


def _disjoint_groups(zones: Geometries) -> list[Integers]:
    """Group zones so that no two of a group meet; colour the zones with most neighbours first."""
    zone_row, neighbour = shapely.STRtree(zones).query(zones, predicate="intersects")
    distinct = zone_row != neighbour
    zone_row, neighbour = zone_row[distinct], neighbour[distinct]
    order = np.argsort(zone_row, kind="stable")
    ends = np.searchsorted(zone_row[order], np.arange(len(zones) + 1))
    colour = np.full(len(zones), -1)
    for zone in np.argsort(-np.diff(ends), kind="stable"):
        used_colours = set(colour[neighbour[order[ends[zone] : ends[zone + 1]]]].tolist())
        colour[zone] = next(c for c in range(len(zones)) if c not in used_colours)
    return [np.flatnonzero(colour == c) for c in range(colour.max() + 1)]
