"""Compile the kernel once, before several processes of tests would each do it at the same time."""

import importlib.util
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import plain
import shapely


def every_way() -> None:
    """Take each way through the kernel: frames, files, working copies, coverages that differ or not."""
    from artois_geo import overlay
    from artois_geo.overlay import engine

    engine._FEW_ROWS = 0
    x, y = (side.ravel() * 100.0 for side in np.meshgrid(range(6), range(6)))
    blocks = shapely.box(x, y, x + 100, y + 100)
    sides = []
    for angle in (0.0, 0.3):
        matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        shapes = shapely.transform(blocks, lambda p, m=matrix: p @ m + [plain.ORIGIN_X, plain.ORIGIN_Y])
        frame = gpd.GeoDataFrame({"cs": np.where(x > y, "a", "b")}, geometry=shapes, crs=2154)
        sides.append(frame)
    zones = plain.square(x_km=0.05, y_km=0.03, side_km=0.4)
    later = sides[0].assign(cs=["c", *sides[0]["cs"][1:]])
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        covers = []
        for name, frame in (("un", sides[0]), ("deux", sides[1]), ("trois", later)):
            frame.to_file(folder / f"{name}.gpkg")
            covers.append(overlay.open_cover(folder / f"{name}.gpkg"))
        copies = [overlay.working_copy(cover, folder / "copies", by=["cs"]) for cover in covers]
        for first_cover, second_cover, same in ([*sides, later], covers, copies):
            overlay.area_table(zones, first_cover, by=["cs"])
            overlay.change_table(first_cover, second_cover, zones=zones, by=["cs"])
            overlay.change_table(first_cover, same, zones=zones, by=["cs"], keep_unchanged=True)
            overlay.change_table(first_cover, same, zones=zones, by=["cs"])


if __name__ == "__main__" and importlib.util.find_spec("numba") is not None:
    sys.exit(every_way())
