"""A land cover of any size, on two dates, over 150 communes: wholly fictional, the same from the same seed.

Cells of a warped, uneven grid whose shared edges are one wiggly line each: valid, without gap or overlap,
neighbours sharing every vertex on both dates. Cells are merged as land is: pairs, fields and woods of
many cells (some with clearings: holes), roads a few metres wide and some 800 m long. Between the two
dates about 1 % of the polygons change class, 0.5 % lose a cell that is built, 0.3 % give one to a neighbour.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

SIZES = {"2k": 2_000, "20k": 20_000, "200k": 200_000, "1M": 1_000_000}
CORNER = np.array([660_000.0, 7_010_000.0])
SIDE_M = 31_660.0  # 1 002 km2, as the 150 communes of the Artois
CELLS = {"2k": 2.1, "20k": 2.75, "200k": 3.55, "1M": 3.6}  # cells to a polygon
VERTICES = {"2k": 20, "20k": 43, "200k": 15, "1M": 9}  # per edge: large polygons have more
ROAD_M, ROAD_SPACING_M, ROAD_LENGTH_M = 8.0, 700.0, 800.0
COVER = ["CS1.1.1.1", "CS1.1.1.2", "CS1.1.2.1", "CS1.2.1", "CS2.1.1.1", "CS2.1.2", "CS2.2.1", "CS2.2.2"]
USE = ["US1.1", "US1.2", "US2", "US3", "US4.1.1", "US5", "US6.1", "US6.3"]
ROAD, FIELD, WOOD = ("CS1.1.1.2", "US4.1.1"), ("CS2.2.1", "US1.1"), ("CS2.1.1.1", "US1.2")


def make(folder: Path, size: str, seed: int = 62, communes: Path | None = None) -> None:
    """Write what is missing: the communes, and the cover on both dates as GeoPackage and GeoParquet.

    ``communes`` is a layer of real outlines to work over; without one they are made up too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "communes.parquet").exists():
        _communes(communes, seed).to_parquet(folder / "communes.parquet")
    if (folder / f"ocsge_{size}_2024.gpkg").exists():
        return
    rng = np.random.default_rng(seed + SIZES[size])
    cells, owner, kinds = _land(folder, size, rng)
    before, first = _dissolved(cells, owner)
    classes = _classes(kinds[owner[first]], rng)
    later, changed = _later(owner, classes, rng)
    after, again = _dissolved(cells, later, previous=(owner, before, first))
    now = pd.DataFrame(
        np.where(changed[again] == "", classes.to_numpy()[owner[again]], changed[again]),
        columns=classes.columns,
    )
    _save(folder, f"ocsge_{size}_2021", before, classes, rng)
    _save(folder, f"ocsge_{size}_2024", after, now, rng)


def make_other(folder: Path, size: str, seed: int = 621) -> None:
    """Write what is missing of a coverage that owes nothing to the land cover: as a MOS of another agency."""
    if (folder / f"mos_{size}_2024.gpkg").exists():
        return
    rng = np.random.default_rng(seed + SIZES[size])
    cells, owner, kinds = _land(folder, size, rng)
    shapes, first = _dissolved(cells, owner)
    _save(folder, f"mos_{size}_2024", shapes, _classes(kinds[owner[first]], rng), rng)


def make_delivery(folder: Path, size: str, seed: int = 4) -> None:
    """A GeoJSON delivery of the cover: lighter outlines, WGS 84, 7 decimals, one bow-tie in a hundred."""
    path = folder / f"livraison_{size}.geojson"
    if path.exists():
        return
    rng = np.random.default_rng(seed)
    frame = gpd.read_parquet(folder / f"ocsge_{size}_2021.parquet")[["id", "code_cs", "code_us", "geometry"]]
    shapes = shapely.coverage_simplify(np.asarray(frame.geometry.values), 2.0)
    for row in rng.choice(len(shapes), len(shapes) // 100, replace=False):
        points = shapely.get_coordinates(shapes[row])
        if shapes[row].geom_type == "Polygon" and not shapes[row].interiors and len(points) > 8:
            middle = len(points) // 2
            points[[2, middle]] = points[[middle, 2]]
            shapes[row] = shapely.polygons(points)
    frame = frame.assign(id=frame["id"].map("F{:07d}".format), fictif=True)
    frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=2154)).to_crs(4326)
    partial = path.with_suffix(".partiel")
    frame.to_file(partial, driver="GeoJSON", COORDINATE_PRECISION=7)
    partial.rename(path)


def _communes(path: Path | None, seed: int) -> gpd.GeoDataFrame:
    if path is None:
        places = np.linspace(0, 1, 16), np.linspace(0, 1, 11)
        shapes = _cells(*places, 130, np.random.default_rng(seed), (CORNER, SIDE_M))
        names = [f"X{number:04d}" for number in range(len(shapes))]
        return gpd.GeoDataFrame({"code": names}, geometry=shapes, crs=2154)
    read = gpd.read_file(path).to_crs(2154)
    name = next(column for column in ("code", "comm_insee", "insee", "insee_com") if column in read.columns)
    return gpd.GeoDataFrame({"code": read[name].astype(str)}, geometry=read.make_valid(), crs=2154)


def _land(folder: Path, size: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells over the communes with a margin, the polygon of each cell, and what the label of each was."""
    communes = gpd.read_parquet(folder / "communes.parquet")
    west, south, east, north = communes.total_bounds
    ground = np.array([west, south]), float(max(east - west, north - south))
    side = int(np.sqrt(SIZES[size] * CELLS[size]))
    x, roads_x = _places(side, ground[1], rng)
    y, roads_y = _places(side, ground[1], rng)
    cells = _cells(x, y, VERTICES[size], rng, ground)
    owner, kinds = _owners(len(x) - 1, len(y) - 1, roads_x, roads_y, ground[1], rng)
    return cells, owner, kinds


def _places(count: int, side_m: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Uneven columns, and which of them are roads; a little beyond the territory on both sides."""
    waves = np.sin(np.linspace(0, 6.28, count)[:, None] * rng.integers(1, 9, 5) + rng.uniform(0, 6.28, 5))
    widths = np.exp(0.3 * waves.sum(axis=1))
    widths *= 1.04 / widths.sum()
    every = max(4, round(ROAD_SPACING_M / side_m * count))
    road = np.arange(count) % every == every - 1
    widths[road] = np.minimum(ROAD_M / side_m, widths[road] / 3)
    widths *= 1.04 / widths.sum()
    return np.r_[0, np.cumsum(widths)] - 0.02, road


def _owners(
    columns: int, rows: int, roads_x: np.ndarray, roads_y: np.ndarray, side_m: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The polygon of each cell (0, 1…), and by polygon 1 for a road, 2 a field, 3 a wood, 0 for the rest."""
    count = columns * rows
    number = np.arange(count)
    row, column = number // columns, number % columns
    label, kind = number.copy(), np.zeros(count, dtype=int)
    pair = (column < columns - 1) & (row % 2 == column % 2) & (rng.random(count) < 0.6)
    label[number[pair] + 1] = number[pair]
    strips = (row // 9 * 7 + column // 48 * 13) % 5 < 3
    label[strips] = (number - column % 8)[strips]  # long fields side by side
    centres = rng.choice(count, max(1, count // 140), replace=False)
    reach = np.minimum(1.5 * (1 + rng.pareto(1.2, len(centres))), 40)
    far, nearest = KDTree(np.c_[row, column][centres]).query(np.c_[row, column])
    inside = (far < reach[nearest]) & (rng.random(count) > 0.03)
    label[inside] = count + nearest[inside]
    kind[inside] = 2 + (nearest[inside] % 3 == 0)
    long = max(1, round(ROAD_LENGTH_M / side_m * columns))
    for roads, along, across, base in ((roads_x, row, column, 2), (roads_y, column, row, 3)):
        on = roads[across]
        label[on] = count * base + across[on] * columns + along[on] // long
        kind[on] = 1
    owner = _components(label.reshape(rows, columns))
    kinds = np.zeros(owner.max() + 1, dtype=int)
    kinds[owner] = kind
    return owner, kinds


def _components(label: np.ndarray) -> np.ndarray:
    """Neighbouring cells of one label, numbered in the order of their first cell."""
    number = np.arange(label.size).reshape(label.shape)
    east, north = label[:, 1:] == label[:, :-1], label[1:] == label[:-1]
    from_cells = np.r_[number[:, :-1][east], number[:-1][north]]
    to_cells = np.r_[number[:, 1:][east], number[1:][north]]
    graph = coo_matrix(
        (np.ones(len(from_cells), dtype=np.int8), (from_cells, to_cells)), shape=(label.size, label.size)
    )
    _, order, owner = np.unique(
        connected_components(graph, directed=False)[1], return_index=True, return_inverse=True
    )
    return np.argsort(np.argsort(order))[owner]


def _cells(
    x: np.ndarray, y: np.ndarray, vertices: int, rng: np.random.Generator, ground: tuple[np.ndarray, float]
) -> np.ndarray:
    """Cells of a warped grid; every edge is one wiggly line that its two neighbours share."""
    wide, high = np.diff(x), np.diff(y)
    room_x, room_y = (np.minimum(np.r_[step, step[-1]], np.r_[step[0], step]) for step in (wide, high))
    nodes = np.stack(np.meshgrid(x, y), axis=-1)
    jitter = rng.uniform(-0.2, 0.2, nodes.shape) * np.stack(np.meshgrid(room_x, room_y), axis=-1)
    jitter[[0, -1]] = jitter[:, [0, -1]] = 0
    nodes = nodes + jitter
    east = _wiggly(nodes[:, :-1], nodes[:, 1:], np.minimum(room_y[:, None], wide), vertices, rng)
    north = _wiggly(nodes[:-1], nodes[1:], np.minimum(room_x, high[:, None]), vertices, rng)
    cells = []
    for row in range(len(high)):  # a row of cells in memory at a time
        lines = (east[row], north[row, 1:], east[row + 1, :, ::-1], north[row, :-1, ::-1])
        rings = np.concatenate([lines[0][:, :-1], lines[1][:, :-1], lines[2][:, :-1], lines[3]], axis=1)
        warped = rings + 0.03 * np.sin(2 * np.pi * rings[..., ::-1])  # towns are denser
        cells.append(shapely.polygons(np.round(ground[0] + ground[1] * warped, 3)))
    return np.concatenate(cells)


def _wiggly(
    start: np.ndarray, end: np.ndarray, room: np.ndarray, vertices: int, rng: np.random.Generator
) -> np.ndarray:
    """Lines from start to end, in a strip so narrow that none crosses another."""
    t = np.linspace(0, 1, vertices + 1)
    along = end - start
    length = np.hypot(along[..., 0], along[..., 1])
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1) / length[..., None]
    waves, phase = rng.uniform(1, 6, start.shape[:2]), rng.uniform(0, 6.28, start.shape[:2])
    offset = np.sin(np.pi * t) * np.sin(waves[..., None] * 6.28 * t + phase[..., None])
    offset *= 0.08 * np.minimum(room, length)[..., None]
    line = start[..., None, :] + along[..., None, :] * t[:, None] + across[..., None, :] * offset[..., None]
    line[..., -1, :] = end
    return line


def _dissolved(
    cells: np.ndarray, owner: np.ndarray, previous: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One polygon per owner, and the first cell of each; those whose cells did not change are taken over."""
    order = np.argsort(owner, kind="stable")
    start = np.r_[0, np.flatnonzero(np.diff(owner[order])) + 1, len(order)]
    first = order[start[:-1]]
    shapes = cells[first].copy()
    same = np.zeros(len(first), dtype=bool)
    if previous is not None:
        owner_before, before, first_before = previous
        moved = first_before[owner_before] != first[owner]
        touched = np.zeros(len(first), dtype=bool)
        touched[owner[moved]] = True
        is_lost = np.zeros(len(first_before), dtype=bool)
        is_lost[owner_before[moved]] = True
        same = ~touched & ~is_lost[owner_before[first]]
        shapes[same] = before[owner_before[first[same]]]
    for union_rank in np.flatnonzero(~same & (np.diff(start) > 1)):
        shapes[union_rank] = shapely.coverage_union_all(
            cells[order[start[union_rank] : start[union_rank + 1]]]
        )
    single = shapely.get_type_id(shapes) == 6
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes, first


def _classes(kinds: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    class_pairs = np.c_[rng.choice(COVER, len(kinds)), rng.choice(USE, len(kinds))].astype(object)
    for number, pair in ((1, ROAD), (2, FIELD), (3, WOOD)):
        class_pairs[kinds == number] = pair
    return pd.DataFrame(class_pairs, columns=["code_cs", "code_us"])


def _later(
    owner: np.ndarray, classes: pd.DataFrame, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The polygon of each cell at the second date, and by cell its new class, empty where it has none."""
    count = len(classes)
    changed = np.full((len(owner), 2), "", dtype=object)
    again = rng.random(count) < 0.01
    later_pairs = np.c_[rng.choice(COVER, count), rng.choice(USE, count)].astype(object)
    changed[again[owner]] = later_pairs[owner[again[owner]]]
    label = owner.copy()
    many = rng.permutation(np.flatnonzero((np.bincount(owner)[owner] > 1) & ~again[owner]))
    built, transferred = many[: int(0.005 * count)], many[int(0.005 * count) : int(0.008 * count)]
    label[built] = count + np.arange(len(built))
    changed[built, 0], changed[built, 1] = "CS1.1.1.1", rng.choice(USE, len(built))
    side = int(np.sqrt(len(owner)))
    transferred = transferred[transferred % side < side - 1]
    label[transferred] = owner[transferred + 1]
    changed[transferred] = np.where(
        changed[transferred + 1] == "", classes.to_numpy()[owner[transferred + 1]], changed[transferred + 1]
    )
    return _components(label.reshape(side, side)), changed


def _save(
    folder: Path, name: str, shapes: np.ndarray, classes: pd.DataFrame, rng: np.random.Generator
) -> None:
    order = rng.permutation(len(shapes))
    shapes, classes = shapes[order], classes.iloc[order].reset_index(drop=True)
    frame = gpd.GeoDataFrame(classes.assign(id=np.arange(len(classes))), geometry=shapes, crs=2154)
    path = folder / name
    frame.to_parquet(f"{path}.parquet", compression="zstd", write_covering_bbox=True, row_group_size=65_536)
    frame.to_file(f"{path}.gpkg", layer="occupation_sol")
