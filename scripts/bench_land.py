"""Available land and densification against their peers, in one run.

    nice python scripts/bench_land.py [--sites 1500] [--constraints 50000] [--parcels 10000 30000 100000]

Every contender runs in its own process, one after the other, on the same made-up territory
(40 km by 30 km, from a seed); the peak memory is that of the process. Needs ``rasterio``
for the rasters (``pip install rasterio``); ``glaes`` is tried if it is installed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parents[1]))

X0, Y0, WIDTH, HEIGHT = 660_000, 7_010_000, 40_000, 30_000
QUAD_SEGS = 16
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
ENGINES = ("ours", "overlay", "raster 10 m", "raster 2.5 m", "glaes 10 m")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--sites", type=int, default=1500)
    options.add_argument("--constraints", type=int, default=50_000)
    options.add_argument("--parcels", type=int, nargs="*", default=[10_000, 30_000, 100_000])
    options.add_argument("--repeat", type=int, default=1)
    options.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        child(*given.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        territory(Path(folder), given.sites, given.constraints)
        compare(folder, given.repeat)
        densification(folder, given.parcels)


def compare(folder: str, repeat: int) -> None:
    print(
        f"{'available land':16} {'s':>8} {'CPU s':>8} {'MB':>6} {'ha':>12}"
        f" {'bias':>9} {'median':>8} {'worst m²':>10}"
    )
    exact = None
    for turn in range(repeat):
        for engine in ENGINES:
            said = spawn(engine, folder)
            if "error" in said:
                print(f"{engine:16} {said['error']}")
                continue
            ha = pd.Series(said.pop("ha"))
            exact = ha if exact is None and engine == "ours" else exact
            assert exact is not None
            gap = (ha - exact).abs()
            real = exact > 0.1
            print(
                f"{engine:16} {said['wall']:8.2f} {said['cpu']:8.2f} {said['mb']:6.0f} {ha.sum():12.4f}"
                f" {ha.sum() / exact.sum() - 1:9.3%} {(gap / exact)[real].median():8.2%}"
                f" {1e4 * gap.max():10.3g}" + (f"   (run {turn + 1})" if repeat > 1 else "")
            )


def densification(folder: str, sizes: list[int]) -> None:
    print(
        f"\n{'densification':16} {'s':>8} {'CPU s':>8} {'MB':>6} {'units':>8}"
        f" {'gisement ha':>12} {'CPU ms / 1000':>13}"
    )
    for size in sizes:
        said = spawn(f"parcels {size}", folder)
        print(
            f"{size:16,} {said['wall']:8.2f} {said['cpu']:8.2f} {said['mb']:6.0f} {said['units']:8}"
            f" {said['theoretical']:12.1f} {1e6 * said['cpu'] / size:13.0f}"
        )


def spawn(engine: str, folder: str) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, "--child", engine, folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def child(engine: str, folder: str) -> None:
    if engine.startswith("parcels"):
        said = densify(int(engine.split()[1]))
    else:
        sites = gpd.read_parquet(Path(folder) / "sites.parquet")
        constraints = gpd.read_parquet(Path(folder) / "constraints.parquet")
        wall, cpu = time.perf_counter(), time.process_time()
        areas = RUN[engine.split()[0]](sites, constraints, *map(float, engine.split()[1:2]))
        said = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "ha": list(areas)}
    said["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(said))


def ours(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame) -> np.ndarray:
    from artois_geo import land

    return land.available(sites, constraints)["available_ha"].to_numpy()


def overlay(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame) -> np.ndarray:
    around = constraints.set_geometry(constraints.buffer(constraints["setback_m"], quad_segs=QUAD_SEGS))
    left = gpd.overlay(sites.reset_index(names="site"), around, how="difference")
    return left.set_index("site").area.reindex(sites.index, fill_value=0).to_numpy() / 1e4


def raster(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame, size: float) -> np.ndarray:
    from rasterio import features, transform

    shape = (int(HEIGHT / size), int(WIDTH / size))
    grid = transform.from_origin(X0, Y0 + HEIGHT, size, size)
    around = constraints.buffer(constraints["setback_m"], quad_segs=QUAD_SEGS)
    taken = features.rasterize(around.to_numpy(), out_shape=shape, transform=grid, dtype="uint8")
    owner = features.rasterize(
        zip(sites.geometry, range(1, len(sites) + 1), strict=True),
        out_shape=shape,
        transform=grid,
        dtype="int16",
    )
    free = np.bincount(owner[taken == 0], minlength=len(sites) + 1)[1:]
    return free * size**2 / 1e4


def glaes(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame, size: float) -> np.ndarray:
    import glaes as peer
    from rasterio import features, transform

    with tempfile.TemporaryDirectory() as folder:
        gpd.GeoDataFrame(geometry=[shapely.box(X0, Y0, X0 + WIDTH, Y0 + HEIGHT)], crs=2154).to_file(
            f"{folder}/r.gpkg"
        )
        grid = peer.ExclusionCalculator(f"{folder}/r.gpkg", srs=2154, pixelRes=size, verbose=False)
        for number, (_, part) in enumerate(constraints.groupby("name")):
            part.to_file(f"{folder}/{number}.gpkg")
            grid.excludeVectorType(f"{folder}/{number}.gpkg", buffer=part["setback_m"].iloc[0] or None)
        free = grid.availability > 50
        extent = grid.region.extent
        place = transform.from_origin(extent.xMin, extent.yMax, size, size)
        owner = features.rasterize(
            zip(sites.geometry, range(1, len(sites) + 1), strict=True), out_shape=free.shape, transform=place,
            dtype="int16",
        )  # fmt: skip
        return np.bincount(owner[free], minlength=len(sites) + 1)[1:] * size**2 / 1e4


RUN = {"ours": ours, "overlay": overlay, "raster": raster, "glaes": glaes}


def densify(count: int) -> dict:
    from artois_geo import densification as room

    parcels, buildings = estate(count)
    wall, cpu = time.perf_counter(), time.process_time()
    units = room.land_units(parcels, owner="owner")
    found = room.potential(
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
        "theoretical": float(found["theoretical_ha"].sum()),
    }


def estate(count: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Plots of 50 m by 60 m; half have the owner of the plot before, most have a building."""
    rng = np.random.default_rng(count)
    columns = int(np.sqrt(count))
    column, row = np.arange(count) % columns, np.arange(count) // columns
    x, y = X0 + 50.0 * column, Y0 + 60.0 * row
    owner = np.cumsum(rng.random(count) < 0.5)
    parcels = gpd.GeoDataFrame({"owner": owner}, geometry=shapely.box(x, y, x + 50, y + 60), crs=2154)
    built = rng.random(count) < 0.7
    side = rng.uniform(8, 35, (count, 2))
    turn = rng.uniform(0, np.pi, count)
    corner = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * side[:, None]
    spin = np.stack([np.cos(turn), -np.sin(turn), np.sin(turn), np.cos(turn)], axis=1).reshape(-1, 2, 2)
    centre = np.c_[x + rng.uniform(15, 35, count), y + rng.uniform(20, 40, count)]
    shape = shapely.polygons(np.einsum("nij,nkj->nki", spin, corner) + centre[:, None])
    return parcels, gpd.GeoDataFrame(geometry=shape[built], crs=2154)


def territory(folder: Path, sites: int, constraints: int) -> None:
    rng = np.random.default_rng(62)
    drawn_sites = sites * 2  # half of them will be too near another
    centre = np.c_[
        rng.uniform(X0 + 1500, X0 + WIDTH - 1500, drawn_sites),
        rng.uniform(Y0 + 1500, Y0 + HEIGHT - 1500, drawn_sites),
    ]
    radius = np.minimum(rng.lognormal(4.3, 0.7, drawn_sites), 800)
    ground = blobs(rng, centre, radius, 48)
    # A pixel belongs to one site only: sites that overlap would be the raster's loss, not its error.
    one, other = shapely.STRtree(ground).query(ground, predicate="intersects")
    apart = np.ones(len(ground), dtype=bool)
    for first, second in zip(one, other, strict=True):
        if first < second and apart[first]:
            apart[second] = False
    ground, centre = ground[apart][:sites], centre[apart][:sites]
    sites = len(ground)
    gpd.GeoDataFrame(geometry=ground, crs=2154).to_parquet(folder / "sites.parquet")
    parts = []
    for name, (share, setback) in CLASSES.items():
        number = max(int(constraints * share), 1)
        # Towns: most things stand near the sites.
        near = centre[rng.integers(sites, size=number)] + rng.normal(0, 700, (number, 2))
        parts.append(
            gpd.GeoDataFrame(
                {"name": name, "setback_m": np.full(number, setback)},
                geometry=drawn(rng, name, near),
                crs=2154,
            )
        )
    pd.concat(parts, ignore_index=True).to_parquet(folder / "constraints.parquet")


def drawn(rng: np.random.Generator, name: str, at: np.ndarray) -> np.ndarray:
    number = len(at)
    if name == "monument":
        return shapely.points(at)
    if name == "bâtiment":
        half = rng.lognormal(1.9, 0.5, (number, 2))
        return shapely.box(*(at - half).T, *(at + half).T)
    if name.startswith("zone"):
        return blobs(rng, at, rng.lognormal(4.8 if name == "zone inondable" else 3.6, 0.6, number), 120)
    length = 5000 if name == "ligne électrique" else 900
    step = np.linspace(-0.5, 0.5, 30)
    turn = rng.uniform(0, np.pi, number)[:, None]
    bend = np.sin(2 * np.pi * (step + rng.random((number, 1)))) * length * 0.05
    along, across = step * length, bend
    x = at[:, :1] + along * np.cos(turn) - across * np.sin(turn)
    y = at[:, 1:] + along * np.sin(turn) + across * np.cos(turn)
    return shapely.linestrings(np.stack([x, y], axis=-1))


def blobs(rng: np.random.Generator, at: np.ndarray, radius: np.ndarray, corners: int) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    waves = np.arange(2, 7)
    depth = rng.normal(0, 0.25, (len(at), len(waves))) / waves
    phase = rng.uniform(0, 2 * np.pi, (len(at), len(waves)))
    reach = (depth[:, :, None] * np.sin(waves[:, None] * turn + phase[:, :, None])).sum(axis=1)
    far = radius[:, None] * np.exp(reach)
    return shapely.polygons(
        np.stack([at[:, :1] + far * np.cos(turn), at[:, 1:] + far * np.sin(turn)], axis=-1)
    )


if __name__ == "__main__":
    main()
