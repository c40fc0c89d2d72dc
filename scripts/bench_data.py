"""A land cover of any size, on two dates, over 150 communes: wholly fictional, the same from the same seed.

Cells of a warped grid whose shared edges are one wiggly line each: valid, without gap or overlap,
neighbours sharing every vertex. A third of the cells are merged with a neighbour. Between the two dates about
1 % of the polygons change class and 0.5 % are cut in two.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SIZES = {"2k": 2_000, "20k": 20_000, "200k": 200_000, "1M": 1_000_000}
CORNER = np.array([660_000.0, 7_010_000.0])
SIDE_M = 31_660.0  # 1 002 km2, as the 150 communes of the Artois
VERTICES = {"2k": 20, "20k": 76, "200k": 31, "1M": 19}  # per edge: large polygons have more
COVER = ["CS1.1.1.1", "CS1.1.1.2", "CS1.1.2.1", "CS1.2.1", "CS2.1.1.1", "CS2.1.2", "CS2.2.1", "CS2.2.2"]
USE = ["US1.1", "US1.2", "US2", "US3", "US4.1.1", "US5", "US6.1", "US6.3"]


def make(folder: Path, size: str, seed: int = 62) -> None:
    """Write what is missing: the communes, and the cover on both dates as GeoPackage and GeoParquet."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "communes.parquet").exists():
        communes = _cells(15, 10, 40, np.random.default_rng(seed), overhang=0.0)
        names = {"code": [f"X{i:04d}" for i in range(len(communes))]}
        gpd.GeoDataFrame(names, geometry=communes, crs=2154).to_parquet(folder / "communes.parquet")
    if (folder / f"ocsge_{size}_2024.gpkg").exists():
        return
    rng = np.random.default_rng(seed + SIZES[size])
    side = int(np.sqrt(SIZES[size] * 1.25))
    before = _merged(_cells(side, side, VERTICES[size], rng, overhang=0.02), side, rng)
    classes = _classes(len(before), rng)
    _save(folder, size, 2021, before, classes)
    _save(folder, size, 2024, *_later(before, classes, rng))


def _cells(
    columns: int, rows: int, vertices: int, rng: np.random.Generator, *, overhang: float
) -> np.ndarray:
    """Cells of a warped grid; every edge is one wiggly line that its two neighbours share."""
    x, y = np.meshgrid(
        np.linspace(-overhang, 1 + overhang, columns + 1), np.linspace(-overhang, 1 + overhang, rows + 1)
    )
    nodes = np.stack([x, y], axis=-1)
    jitter = rng.uniform(-0.2, 0.2, nodes.shape) / [columns, rows]
    jitter[[0, -1]] = jitter[:, [0, -1]] = 0
    nodes = nodes + jitter
    east = _wiggly(nodes[:, :-1], nodes[:, 1:], vertices, rng)
    north = _wiggly(nodes[:-1], nodes[1:], vertices, rng)
    rings = np.concatenate([east[:-1], north[:, 1:], east[1:, :, ::-1], north[:, :-1, ::-1]], axis=2).reshape(
        rows * columns, -1, 2
    )
    warped = rings + 0.03 * np.sin(2 * np.pi * rings[..., ::-1])  # towns are denser
    ground = np.round(CORNER + SIDE_M * warped, 3)
    return shapely.polygons(ground)


def _wiggly(start: np.ndarray, end: np.ndarray, vertices: int, rng: np.random.Generator) -> np.ndarray:
    """Lines from start to end without their end, in a strip so narrow that none crosses another."""
    t = np.arange(vertices) / vertices
    along = end - start
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    waves, phase = rng.uniform(1, 6, start.shape[:2]), rng.uniform(0, 6.28, start.shape[:2])
    offset = 0.1 * np.sin(np.pi * t) * np.sin(waves[..., None] * 6.28 * t + phase[..., None])
    return start[..., None, :] + along[..., None, :] * t[:, None] + across[..., None, :] * offset[..., None]


def _merged(cells: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Some cells united with their eastern neighbour."""
    number = np.arange(len(cells))
    first = number[
        (number % side < side - 1) & (number // side % 2 == number % 2) & (rng.random(len(cells)) < 0.6)
    ]
    alone = np.setdiff1d(number, np.r_[first, first + 1])
    pairs = shapely.union(cells[first], cells[first + 1])
    return rng.permutation(np.concatenate([cells[alone], pairs]))


def _classes(count: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame({"code_cs": rng.choice(COVER, count), "code_us": rng.choice(USE, count)})


def _later(
    before: np.ndarray, classes: pd.DataFrame, rng: np.random.Generator
) -> tuple[np.ndarray, pd.DataFrame]:
    changed = rng.random(len(before)) < 0.01
    now = classes.copy()
    now.loc[changed, ["code_cs", "code_us"]] = _classes(int(changed.sum()), rng).to_numpy()
    cut = np.flatnonzero(rng.random(len(before)) < 0.005)
    west, south, east, north = shapely.bounds(before[cut]).T
    half = shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)
    built = shapely.intersection(before[cut], half)
    rest = shapely.difference(before[cut], half)
    shapes = before.copy()
    shapes[cut] = rest
    kept = ~shapely.is_empty(shapes)
    pieces = pd.DataFrame({"code_cs": "CS1.1.1.1", "code_us": rng.choice(USE, len(cut))})
    found = ~shapely.is_empty(built)
    order = rng.permutation(int(kept.sum() + found.sum()))
    every = pd.concat([now[kept], pieces[found]], ignore_index=True)
    return np.concatenate([shapes[kept], built[found]])[order], every.iloc[order].reset_index(drop=True)


def _save(folder: Path, size: str, year: int, shapes: np.ndarray, classes: pd.DataFrame) -> None:
    frame = gpd.GeoDataFrame(classes.assign(id=np.arange(len(classes))), geometry=shapes, crs=2154)
    path = folder / f"ocsge_{size}_{year}"
    frame.to_parquet(f"{path}.parquet", compression="zstd", write_covering_bbox=True, row_group_size=65_536)
    frame.to_file(f"{path}.gpkg", layer="occupation_sol")
