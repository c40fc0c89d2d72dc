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
from artois_geo.overlay import frames, sources, totals, trees, views
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.overlay.sources import Batch, Cover, Values
from artois_geo.overlay.trees import Pairs
from artois_geo.text import row_name

if TYPE_CHECKING:
    from artois_geo.overlay.scan import Rings

log = logging.getLogger("artois_geo.overlay")

Progress = Callable[[int, int], None]
Job = TypeVar("Job")
Result = TypeVar("Result")

# Under this many polygons, loading the compiled kernel takes longer than the work.
_FEW_ROWS = 10_000
_AHEAD_BYTES = 128_000_000  # what all threads may read before the work on it is prepared


class Layer(NamedTuple):
    """Zones apart from each other, or sharing whole edges: numbers, grid, and GEOS to fall back on."""

    zones: Integers
    grid: object
    asked: trees.Asked


class ClassBook:
    """Numbers given to classes as they are met."""

    def __init__(self, by: Sequence[str]) -> None:
        self._by = list(by)
        self._codes: dict[tuple[object, ...], int] = {}
        self._lock = threading.Lock()

    def codes(self, values: Sequence[Values]) -> Integers:
        known = self._codes
        keys = list(zip(*values, strict=True))
        found = [known.get(key, -1) for key in keys]
        codes = np.array(found, dtype=np.int64)
        for row in np.flatnonzero(codes < 0):
            codes[row] = self._code(tuple(None if _is_missing(value) else value for value in keys[row]))
        return codes

    def labels(self) -> pd.DataFrame:
        """Classes in the order of their numbers; whole numbers stay whole beside a missing one."""
        table = pd.DataFrame(list(self._codes), columns=self._by)
        for place, kind in enumerate(table.dtypes):
            values = [key[place] for key in self._codes]
            if kind.kind == "f" and any(isinstance(value, int | np.integer) for value in values):
                table.isetitem(place, np.array(values, dtype=object))
        return table

    def _code(self, key: tuple[object, ...]) -> int:
        with self._lock:
            return self._codes.setdefault(key, len(self._codes))


def compiled_for(rows: int) -> bool:
    """Whether the compiled kernel is there, and worth loading for so many polygons."""
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
    """Zone, class and square metres of every couple that shares ground; and the classes."""
    book, compiled = ClassBook(by), compiled_for(cover.rows)

    def prepare() -> Callable[[Batch], totals.Totals]:
        work = worker(zones, compiled=compiled)

        def one(batch: Batch) -> totals.Totals:
            pairs = work(batch)
            codes = book.codes(batch.values) if batch.values else np.zeros(len(batch.starts), np.int64)
            return totals.total(pairs.zone << 32 | codes[pairs.feature], pairs.m2)

        return one

    parts = cover.parts(by, views.bounds_of(zones))
    found = each(parts, prepare, cores=cores, rows=cover.rows, progress=progress)
    summed = totals.together(found)
    return summed.key >> 32, summed.key & 0xFFFFFFFF, summed.m2, book.labels()


def worker(zones: Geometries, *, compiled: bool) -> Callable[[Batch], Pairs]:
    """What a batch shares with zones, as a function that several threads may call."""
    if not compiled:
        asked = trees.Asked(zones, union=trees.union_of(zones))
        return lambda batch: asked.areas(shapes(batch, np.arange(len(batch.starts))))
    layers = layers_of(zones)
    kernel_pairs(sources.joined([], [], ()), layers)  # all of the kernel is loaded before the first batch
    return lambda batch: kernel_pairs(batch, layers)


def each(
    parts: Iterable[Iterator[Batch]],
    prepare: Callable[[], Callable[[Batch], Result]],
    *,
    cores: int,
    rows: int,
    progress: Progress | None,
) -> list[Result]:
    """Results of work on every batch; each thread holds one batch at a time.

    While the work is being prepared (the kernel is loaded, the zones are gridded), threads read
    ahead, within ``_AHEAD_BYTES``. Interrupted, every thread stops after the batch it holds.
    """
    shared, lock, stop, done = _Parts(parts), threading.Lock(), threading.Event(), [0]

    def thread(prepared: Future[Callable[[Batch], Result]]) -> list[Result]:
        results: list[Result] = []
        for batches in _ahead(shared.batches(), prepared, stop, _AHEAD_BYTES // cores):
            work = prepared.result()
            while batches and not stop.is_set():
                batch = batches.popleft()
                results.append(work(batch))
                if progress is not None:
                    with lock:
                        done[0] += len(batch.starts)
                        progress(done[0], rows)
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
            if progress is not None and done[0] < rows:
                progress(rows, rows)  # the rest lies out of reach, and was not read
            return results
        finally:
            stop.set()


class _Parts:
    """Parts for several threads: each begins one of its own, then helps with one that another began."""

    def __init__(self, parts: Iterable[Iterator[Batch]]) -> None:
        self._waiting, self._lock = deque(parts), threading.Lock()
        self._begun: list[tuple[Iterator[Batch], threading.Lock]] = []

    def batches(self) -> Iterator[Batch]:
        """Batches for one thread, until no part has any left."""
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


def _ahead(
    batches: Iterator[Batch], prepared: Future[Any], stop: threading.Event, most: int
) -> Iterator[deque[Batch]]:
    """Batches one by one once the work is prepared; before, as many as make that many bytes."""
    held: deque[Batch] = deque()
    for batch in batches:
        if stop.is_set():
            return
        held.append(batch)
        if prepared.done() or sum(one.data.nbytes for one in held) > most:
            yield held
            held.clear()
    yield held


def in_threads(work: Callable[[Job], Result], jobs: Sequence[Job], *, cores: int) -> list[Result]:
    """Results of jobs, in their order."""
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(work, jobs))


def batch_of(geometries: Geometries) -> Batch:
    """Geometries as a batch without any column."""
    blobs = shapely.to_wkb(geometries, output_dimension=2, byte_order=1)
    return sources.joined(blobs, [], range(len(blobs)))


def shapes(batch: Batch, rows: Integers, *, unsure: NDArray[np.bool_] | slice = frames.ALL) -> Geometries:
    """Geometries of some rows of a batch, sound polygons or nothing; all are looked at, or those unsure."""
    blobs = [
        batch.data[start : start + length].tobytes() if start >= 0 else None
        for start, length in zip(batch.starts[rows], batch.lengths[rows], strict=True)
    ]
    identified = "id" if batch.source.endswith(".gpkg") else None  # its own number of a feature, no position
    index = pd.Index([batch.names[row] for row in rows], dtype=object, name=identified)
    try:
        with np.errstate(invalid="ignore"):
            made = shapely.from_wkb(blobs)
    except (shapely.errors.ShapelyError, NotImplementedError):
        row, reason = _unreadable(blobs)
        raise BadTable(f"« {batch.source} », {row_name(index, index[row])} : {reason}") from None
    if (shapely.get_coordinate_dimension(made) > 2).any():
        made = shapely.force_2d(made)
    return frames.surfaces(made, index, name=batch.source, unsure=unsure)


def _unreadable(blobs: list[bytes | None]) -> tuple[int, str]:
    """First row that GEOS does not read, and why."""
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
    """What a batch shares with zones, by the compiled kernel."""
    from artois_geo.overlay import scan, sound

    ring, state = scan.rings(batch.data, batch.starts, batch.lengths)
    doubt = np.zeros(len(batch.starts), bool)
    sound.doubtful(batch.data, ring, doubt)
    apart = ((state == scan.SURFACE) & doubt) | (state == scan.OTHER)
    found = _cut(batch, ring, layers, apart)
    rows = np.flatnonzero(apart)
    if len(rows):
        # sound, or mended, or refused: what GEOS found sound may keep the kernel in doubt
        sent = batch_of(shapes(batch, rows))
        ring, _ = scan.rings(sent.data, sent.starts, sent.lengths)
        pairs = joined(_cut(sent, ring, layers, np.zeros(len(rows), bool)))
        found.append(pairs._replace(feature=rows[pairs.feature]))
    return joined(found)


def _cut(batch: Batch, ring: "Rings", layers: list[Layer], apart: NDArray[np.bool_]) -> list[Pairs]:
    """Sound polygons in zones, but for those set apart."""
    from artois_geo.overlay import green, scan

    n = len(batch.starts)
    area, bbox = np.empty(n), np.empty((n, 4))
    scan.measure(batch.data, ring, area, bbox)
    bbox[apart] = np.nan
    return settled(
        layers,
        area,
        bbox,
        cut=lambda rows, layer: green.split(batch.data, ring, rows, area, bbox, layer.grid),
        shapes_of=lambda rows: shapes(batch, rows, unsure=frames.NONE),
    )


def settled(
    layers: list[Layer],
    area: Floats,
    bbox: Floats,
    *,
    cut: Callable[[Integers, Layer], tuple[Integers, Integers, Floats, Integers]],
    shapes_of: Callable[[Integers], Geometries],
) -> list[Pairs]:
    """Polygons settled by a look at the grid, cut by the kernel, or handed back to GEOS."""
    from artois_geo.overlay import grid

    found: list[Pairs] = []
    zone = np.empty(len(area), np.int32)
    for layer in layers:
        grid.settle(layer.grid, bbox, zone)
        whole = np.flatnonzero((zone >= 0) & (area > 0))
        found.append(Pairs(whole, layer.zones[zone[whole]], area[whole]))
        row, piece_zone, m2, back = cut(np.flatnonzero((zone == grid.MIXED) & (area > 0)), layer)
        found.append(Pairs(row, layer.zones[piece_zone], m2))
        if len(back):
            pairs = layer.asked.areas(shapes_of(back))
            found.append(Pairs(back[pairs.feature], layer.zones[pairs.zone], pairs.m2))
    return found


def joined(found: list[Pairs]) -> Pairs:
    """Pairs one after the other."""
    nothing = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Pairs(*(np.concatenate([part[i] for part in [nothing, *found]]) for i in range(3)))


def layers_of(zones: Geometries) -> list[Layer]:
    """As few layers as make every grid sure of which zone lies on each side of an edge."""
    numbers = np.flatnonzero(~shapely.is_empty(zones))
    if not len(numbers):
        return []
    with ThreadPoolExecutor(1) as aside:  # GEOS looks at the zones while the kernel is loaded
        shares_edges = aside.submit(shapely.coverage_is_valid, zones[numbers])
        whole = _layer(zones, numbers)
        if whole is not None and shares_edges.result():
            return [whole]
    log.info(
        "zones : elles se recouvrent ou leurs limites ne se suivent pas, elles sont comptées par couches"
    )
    return [
        layer for colour in _apart(zones[numbers]) if (layer := _layer(zones, numbers[colour])) is not None
    ]


def _layer(zones: Geometries, numbers: Integers) -> Layer | None:
    from artois_geo.overlay import grid, scan

    batch = batch_of(zones[numbers])
    ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
    made = grid.grid(batch.data, ring)
    return None if made is None else Layer(numbers, made, trees.Asked(zones[numbers]))


def _apart(zones: Geometries) -> list[Integers]:
    """Groups of zones of which no two meet, the zones with most neighbours placed first."""
    first, second = shapely.STRtree(zones).query(zones, predicate="intersects")
    apart = first != second
    first, second = first[apart], second[apart]
    order = np.argsort(first, kind="stable")
    ends = np.searchsorted(first[order], np.arange(len(zones) + 1))
    colour = np.full(len(zones), -1)
    for zone in np.argsort(-np.diff(ends), kind="stable"):
        taken = set(colour[second[order[ends[zone] : ends[zone + 1]]]].tolist())
        colour[zone] = next(c for c in range(len(zones)) if c not in taken)
    return [np.flatnonzero(colour == c) for c in range(colour.max() + 1)]


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
