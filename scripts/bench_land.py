"""T3, available land against its peers: python bench_land.py T3 ENGINE SIZE FOLDER -> one line of JSON.

Also the growth of densification, from a made-up estate:

    nice python scripts/bench_land.py densification [10000 30000 100000]

The rasters need ``rasterio``; ``glaes`` is tried if it is installed. A raster has an error: the table of
``scripts/bench`` says the worst site, and the bias of the total.
"""

import importlib
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bench_child
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from bench_child import CORES, Files

sys.path.insert(0, str(Path(__file__).parents[1]))

X0, Y0, WIDTH, HEIGHT = 660_000, 7_010_000, 40_000, 30_000
QUAD_SEGS = 16
PIXEL_M = 10.0
#: Sites and constraints by size of the bench: the issue asks for 1 500 x 50 000.
SIZES = {"2k": (100, 2_000), "20k": (500, 15_000), "200k": (1_500, 50_000), "1M": (1_500, 50_000)}
#: Share of the constraints, setback in metres.
CLASSES = {
    "bâtiment": (0.76, 10.0),
    "route": (0.12, 15.0),
    "route principale": (0.02, 75.0),
    "cours d'eau": (0.05, 35.0),
    "ligne électrique": (0.005, 50.0),
    "zone humide": (0.03, 5.0),
    "zone inondable": (0.01, 0.0),
    "monument": (0.005, 500.0),
}


def artois(files: Files) -> pd.DataFrame:
    from artois_geo import land

    sites, constraints = _read(files)
    return _by_site(land.available(sites, constraints)["available_ha"].to_numpy())


def strtree(files: Files) -> pd.DataFrame:
    """As an expert does: buffers of what is near, one union per site, two threads."""
    sites, constraints = _read(files)
    ground, around = np.asarray(sites.geometry.values), np.asarray(constraints.geometry.values)
    setback = constraints["setback_m"].to_numpy()
    boxes = shapely.bounds(around) + np.c_[-setback, -setback, setback, setback]
    site, constraint = shapely.STRtree(shapely.box(*boxes.T)).query(ground, predicate="intersects")
    near = np.unique(constraint)
    with ThreadPoolExecutor(CORES) as pool:
        parts = np.array_split(near, 16)
        wide = pool.map(lambda rows: shapely.buffer(around[rows], setback[rows], quad_segs=QUAD_SEGS), parts)
        around[near] = np.concatenate(list(wide))
        is_met = shapely.intersects(ground[site], around[constraint])
        site, constraint = site[is_met], constraint[is_met]
        order = np.argsort(site, kind="stable")
        site, constraint = site[order], constraint[order]
        start = np.searchsorted(site, np.arange(len(ground) + 1))

        def available_ha(number: int) -> float:
            covering = around[constraint[start[number] : start[number + 1]]]
            return shapely.area(shapely.difference(ground[number], shapely.union_all(covering))) / 1e4

        return _by_site(np.array(list(pool.map(available_ha, range(len(ground)), chunksize=16))))


def duckdb(files: Files) -> pd.DataFrame:
    from bench_peers import _duckdb

    available_table = (
        _duckdb()
        .execute(
            f"""WITH b AS (SELECT ST_Buffer(geometry, setback_m, {QUAD_SEGS}) g FROM '{files.constraints}'),
          s AS (SELECT site, geometry FROM '{files.sites}'),
          u AS (SELECT s.site, ST_Union_Agg(b.g) g FROM s JOIN b ON ST_Intersects(s.geometry, b.g) GROUP BY 1)
          SELECT s.site,
            ST_Area(CASE WHEN u.g IS NULL THEN s.geometry ELSE ST_Difference(s.geometry, u.g) END) / 1e4 AS ha
          FROM s LEFT JOIN u USING (site) ORDER BY site"""
        )
        .df()
    )
    return _by_site(available_table["ha"].to_numpy())


def sedonadb(files: Files) -> pd.DataFrame:
    import sedonadb as peer

    base = peer.connect()
    base.read_parquet(str(files.sites)).to_view("s")
    base.read_parquet(str(files.constraints)).to_view("k")
    available_table = (
        base.sql(
            f"""WITH b AS (SELECT ST_Buffer(geometry, setback_m, 'quad_segs={QUAD_SEGS}') AS g FROM k),
          u AS (SELECT s.site, ST_Union_Agg(b.g) AS g FROM s JOIN b ON ST_Intersects(s.geometry, b.g)
                GROUP BY s.site)
          SELECT s.site, ST_Area(s.geometry) / 10000 AS whole,
            ST_Area(ST_Difference(s.geometry, u.g)) / 10000 AS ha FROM s LEFT JOIN u ON s.site = u.site"""
        )
        .to_pandas()
        .sort_values("site")
    )
    return _by_site(available_table["ha"].fillna(available_table["whole"]).to_numpy())


def geopandas(files: Files) -> pd.DataFrame:
    sites, constraints = _read(files)
    around = constraints.set_geometry(constraints.buffer(constraints["setback_m"], quad_segs=QUAD_SEGS))
    remaining = gpd.overlay(sites, around, how="difference")
    return _by_site(remaining.set_index("site").area.reindex(sites["site"], fill_value=0).to_numpy() / 1e4)


def raster_10m(files: Files) -> pd.DataFrame:
    sites, constraints = _read(files)
    shape = (int(HEIGHT / PIXEL_M), int(WIDTH / PIXEL_M))
    from rasterio import features, transform

    grid = transform.from_origin(X0, Y0 + HEIGHT, PIXEL_M, PIXEL_M)
    around = constraints.buffer(constraints["setback_m"], quad_segs=QUAD_SEGS)
    covered = features.rasterize(around.to_numpy(), out_shape=shape, transform=grid, dtype="uint8")
    return _by_site(_counted(sites, covered == 0, grid))


def glaes_10m(files: Files) -> pd.DataFrame:
    import glaes as peer
    from rasterio import transform

    sites, constraints = _read(files)
    with tempfile.TemporaryDirectory() as folder:
        region = shapely.box(X0, Y0, X0 + WIDTH, Y0 + HEIGHT)
        gpd.GeoDataFrame(geometry=[region], crs=2154).to_file(f"{folder}/r.gpkg")
        grid = peer.ExclusionCalculator(f"{folder}/r.gpkg", srs=2154, pixelRes=PIXEL_M, verbose=False)
        for number, (_, part) in enumerate(constraints.groupby("name")):
            part.to_file(f"{folder}/{number}.gpkg")
            grid.excludeVectorType(f"{folder}/{number}.gpkg", buffer=part["setback_m"].iloc[0] or None)
        extent = grid.region.extent
        affine = transform.from_origin(extent.xMin, extent.yMax, PIXEL_M, PIXEL_M)
        return _by_site(_counted(sites, grid.availability > 50, affine))


def _counted(sites: gpd.GeoDataFrame, free: np.ndarray, grid: object) -> np.ndarray:
    """Hectares of the free pixels of each site."""
    from rasterio import features

    numbered = zip(sites.geometry, range(1, len(sites) + 1), strict=True)
    owner = features.rasterize(numbered, out_shape=free.shape, transform=grid, dtype="int16")
    return np.bincount(owner[free], minlength=len(sites) + 1)[1:] * PIXEL_M**2 / 1e4


def _read(files: Files) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    return gpd.read_parquet(files.sites), gpd.read_parquet(files.constraints)


def _by_site(hectares: np.ndarray) -> pd.DataFrame:
    bench_child.engine_figures["total_ha"] = float(hectares.sum())
    return pd.DataFrame({"site": np.arange(len(hectares)), "area_ha": hectares})


def _ready(name: str, files: Files) -> None:
    """Import what the engine needs: a program starts once, whatever it then computes."""
    for module in ("pyarrow.parquet", *NEEDS.get(name, [])):
        importlib.import_module(module)


NEEDS = {
    "artois": ["artois_geo.land"],
    "duckdb": ["bench_peers", "duckdb", "duckdb_extension_spatial"],
    "sedonadb": ["sedonadb"],
    "raster_10m": ["rasterio.features"],
    "glaes_10m": ["glaes", "rasterio.features"],
}
ENGINES = {
    engine.__name__: engine
    for engine in (artois, strtree, duckdb, sedonadb, geopandas, raster_10m, glaes_10m)
}


def densification(sizes: list[int]) -> None:
    """One fresh process a size; seconds of the processor for 1 000 parcels."""
    print(f"{'parcelles':>10} {'s':>8} {'CPU s':>8} {'Mo':>6} {'unités':>8} {'ha':>12} {'ms / 1000':>12}")
    for size in sizes:
        subprocess.run([sys.executable, __file__, "parcelles", str(size)], check=True)


def one_estate(size: int) -> None:
    figures = densify(size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{size:10} {figures['wall']:8.2f} {figures['cpu']:8.2f} {peak:6.0f} {figures['units']:8}"
        f" {figures['theoretical']:12.1f} {1e6 * figures['cpu'] / size:12.0f}"
    )


def densify(count: int) -> dict:
    from artois_geo import densification as room

    parcels, buildings = estate(count)
    wall, cpu = time.perf_counter(), time.process_time()
    units = room.land_units(parcels, owner="owner")
    potential = room.potential(
        units,
        buildings,
        unbuilt_ces=0.005,
        unbuilt_min_ha=0.1,
        reference_ces=0.35,
        underbuilt_min_ha=0.2,
        setback_m=8,
        min_width_m=20,
        min_part_ha=0.1,
        max_ces=0.5,
        mobilisable_share=0.67,
    )
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "units": len(units),
        "theoretical": float(potential["theoretical_ha"].sum()),
    }


def estate(count: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Plots of 50 m by 60 m; half have the owner of the plot before, most have a building."""
    rng = np.random.default_rng(count)
    columns = int(np.sqrt(count))
    column, row = np.arange(count) % columns, np.arange(count) // columns
    x, y = X0 + 50.0 * column, Y0 + 60.0 * row
    owner = np.cumsum(rng.random(count) < 0.5)
    plots = {"owner": owner, "idu": [f"62498000AB{number:07d}" for number in range(count)]}
    parcels = gpd.GeoDataFrame(plots, geometry=shapely.box(x, y, x + 50, y + 60), crs=2154)
    built = rng.random(count) < 0.7
    side = rng.uniform(8, 35, (count, 2))
    angle = rng.uniform(0, np.pi, count)
    corner = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * side[:, None]
    spin = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    centre = np.c_[x + rng.uniform(15, 35, count), y + rng.uniform(20, 40, count)]
    shape = shapely.polygons(np.einsum("nij,nkj->nki", spin, corner) + centre[:, None])
    return parcels, gpd.GeoDataFrame(geometry=shape[built], crs=2154)


def territory(folder: Path, size: str) -> None:
    """Write what is missing of the made-up sites and constraints."""
    if (folder / f"contraintes_{size}.parquet").exists():
        return
    sites, constraints = SIZES[size]
    rng = np.random.default_rng(62)
    drawn_sites = sites * 2  # half of them will be too near another
    centre = np.c_[
        rng.uniform(X0 + 1500, X0 + WIDTH - 1500, drawn_sites),
        rng.uniform(Y0 + 1500, Y0 + HEIGHT - 1500, drawn_sites),
    ]
    radius = np.minimum(rng.lognormal(4.3, 0.7, drawn_sites), 800)
    ground = blobs(rng, centre, radius, 48)
    # A pixel belongs to one site only: sites that overlap would be the raster's loss, not its error.
    ground_index, neighbour_index = shapely.STRtree(ground).query(ground, predicate="intersects")
    apart = np.ones(len(ground), dtype=bool)
    for first, second in zip(ground_index, neighbour_index, strict=True):
        if first < second and apart[first]:
            apart[second] = False
    ground, centre = ground[apart][:sites], centre[apart][:sites]
    sites = len(ground)
    frame = gpd.GeoDataFrame({"site": np.arange(sites)}, geometry=ground, crs=2154)
    frame.to_parquet(folder / f"sites_{size}.parquet")
    parts = []
    for name, (share, setback) in CLASSES.items():
        number = max(int(constraints * share), 1)
        # Towns: most things stand near the sites.
        near = centre[rng.integers(sites, size=number)] + rng.normal(0, 700, (number, 2))
        parts.append(
            gpd.GeoDataFrame(
                {"name": name, "setback_m": np.full(number, setback)},
                geometry=constraint_shapes(rng, name, near),
                crs=2154,
            )
        )
    pd.concat(parts, ignore_index=True).to_parquet(folder / f"contraintes_{size}.parquet")


def constraint_shapes(rng: np.random.Generator, name: str, positions: np.ndarray) -> np.ndarray:
    number = len(positions)
    if name == "monument":
        return shapely.points(positions)
    if name == "bâtiment":
        half = rng.lognormal(1.9, 0.5, (number, 2))
        return shapely.box(*(positions - half).T, *(positions + half).T)
    if name.startswith("zone"):
        return blobs(
            rng, positions, rng.lognormal(4.8 if name == "zone inondable" else 3.6, 0.6, number), 120
        )
    length = 5000 if name == "ligne électrique" else 900
    step = np.linspace(-0.5, 0.5, 30)
    angle = rng.uniform(0, np.pi, number)[:, None]
    bend = np.sin(2 * np.pi * (step + rng.random((number, 1)))) * length * 0.05
    along, across = step * length, bend
    x = positions[:, :1] + along * np.cos(angle) - across * np.sin(angle)
    y = positions[:, 1:] + along * np.sin(angle) + across * np.cos(angle)
    return shapely.linestrings(np.stack([x, y], axis=-1))


def blobs(rng: np.random.Generator, positions: np.ndarray, radius: np.ndarray, corners: int) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    waves = np.arange(2, 7)
    depth = rng.normal(0, 0.25, (len(positions), len(waves))) / waves
    phase = rng.uniform(0, 2 * np.pi, (len(positions), len(waves)))
    reach = (depth[:, :, None] * np.sin(waves[:, None] * angle + phase[:, :, None])).sum(axis=1)
    far = radius[:, None] * np.exp(reach)
    return shapely.polygons(
        np.stack([positions[:, :1] + far * np.cos(angle), positions[:, 1:] + far * np.sin(angle)], axis=-1)
    )


if __name__ == "__main__":
    if sys.argv[1] == "densification":
        densification([int(plot_count) for plot_count in sys.argv[2:]] or [10_000, 30_000, 100_000])
    elif sys.argv[1] == "parcelles":
        one_estate(int(sys.argv[2]))
    else:
        bench_child.run(ENGINES, _ready)
