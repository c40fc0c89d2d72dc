"""A country of kilometre squares, on the Lambert-93 plane, where every area can be checked by hand."""

from collections.abc import Sequence

import geopandas as gpd
import shapely
from geopandas import GeoDataFrame

ORIGIN_X, ORIGIN_Y = 680_000.0, 7_030_000.0  # near Lens, so that reprojection is realistic
KM = 1_000.0


def rectangle(
    *, x_km: float, y_km: float, width_km: float, height_km: float, **columns: object
) -> GeoDataFrame:
    """One rectangle, its lower left corner at (x_km, y_km) from the origin."""
    x, y = ORIGIN_X + x_km * KM, ORIGIN_Y + y_km * KM
    shape = shapely.box(x, y, x + width_km * KM, y + height_km * KM)
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=2154)


def square(*, x_km: float, y_km: float, side_km: float, **columns: object) -> GeoDataFrame:
    return rectangle(x_km=x_km, y_km=y_km, width_km=side_km, height_km=side_km, **columns)


def point(*, x_km: float, y_km: float, **columns: object) -> GeoDataFrame:
    shape = shapely.Point(ORIGIN_X + x_km * KM, ORIGIN_Y + y_km * KM)
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=2154)


def line(*corners_km: tuple[float, float], **columns: object) -> GeoDataFrame:
    shape = shapely.LineString([(ORIGIN_X + x * KM, ORIGIN_Y + y * KM) for x, y in corners_km])
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=2154)


def towns(values: Sequence[object], column: str = "densite") -> gpd.GeoDataFrame:
    """Towns of one square kilometre in a row from west to east, each with one value."""
    shapes = [
        shapely.box(
            *(ORIGIN_X + 1000 * i, ORIGIN_Y),
            ORIGIN_X + 1000 * (i + 1),
            ORIGIN_Y + 1000,
        )
        for i in range(len(values))
    ]
    names = [f"Commune {i}" for i in range(len(values))]
    return gpd.GeoDataFrame({"nom": names, column: values}, geometry=shapes, crs=2154)
