"""Lighter outlines for the screen: neighbours keep their common edge, areas are measured before."""

import math

import geopandas as gpd
import numpy as np
import shapely

from artois_geo import measure

WORLD_M = 2 * math.pi * 6_378_137.0  # width of the Web Mercator world, in its own metres
TILE_PX = 256
SIDE_SHARE = 0.03  # of the side of a mean polygon: the eye does not miss it
TOLERANCE_M = (1.0, 20.0)  # finest and coarsest
PIXELS_IN_TOLERANCE = 4  # rounding moves a corner four times less than simplification may
ZOOMS = (12, 18)
POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


def tolerance_m(shapes: gpd.GeoSeries) -> float:
    """Compute the tolerance of a layer: 3 % of the side of its mean polygon, between 1 and 20 m.

    Parameters
    ----------
    shapes
        Geometries in EPSG:2154. Lines and points ask for the finest tolerance.

    Returns
    -------
    float
        Metres, with one decimal.

    Examples
    --------
    >>> from artois_geo import example
    >>> tolerance_m(example.square(x_km=0, y_km=0, side_km=0.1).geometry)
    3.0
    >>> tolerance_m(example.square(x_km=0, y_km=0, side_km=9).geometry)
    20.0
    """
    areas = shapely.area(shapes.to_numpy())
    polygon_areas = areas[areas > 0]
    finest, coarsest = TOLERANCE_M
    side = math.sqrt(polygon_areas.mean()) if len(polygon_areas) else 0.0
    return round(min(max(side * SIDE_SHARE, finest), coarsest), 1)


def precision_zoom(tolerance: float, latitude: float = 50.4) -> int:
    """Choose a zoom whose pixels are fine enough for corners that were moved by ``tolerance`` metres.

    A corner is then written in whole pixels of that zoom: two neighbours round a
    common corner the same way, no gap opens between them.

    Examples
    --------
    >>> precision_zoom(20.0), precision_zoom(5.0)
    (15, 17)
    """
    required_pixel_m = tolerance / PIXELS_IN_TOLERANCE
    pixel_m = WORLD_M * math.cos(math.radians(latitude)) / TILE_PX
    lowest, highest = ZOOMS
    return min(max(math.ceil(math.log2(pixel_m / required_pixel_m)), lowest), highest)


def lightened(shapes: gpd.GeoSeries, tolerance: float) -> gpd.GeoSeries:
    """Simplify geometries; polygons that touched still touch, without gap or overlap.

    Polygons are simplified together, as a coverage (Visvalingam-Whyatt on shared
    edges, ``shapely.coverage_simplify``), lines one by one, points not at all.

    Parameters
    ----------
    shapes
        Geometries in EPSG:2154; some may be missing.
    tolerance
        Metres: square root of the area of a corner that may go.

    Returns
    -------
    GeoSeries
        Same rows, index and CRS.

    Examples
    --------
    A step of one metre on the side of a field goes:

    >>> field = shapely.Polygon([(0, 0), (900, 0), (900, 400), (901, 400), (901, 900), (0, 900)])
    >>> light = lightened(gpd.GeoSeries([field], crs=2154), 50.0)
    >>> int(light.count_coordinates().iloc[0]), float(light.area.iloc[0].round(-4))
    (5, 810000.0)
    """
    measure.require_lambert93(contours=gpd.GeoDataFrame(geometry=shapes))
    geometries = shapes.to_numpy().copy()
    kinds = shapely.get_type_id(geometries)
    filled = ~shapely.is_empty(geometries)
    polygons = np.isin(kinds, POLYGONS) & filled
    lines = np.isin(kinds, LINES) & filled
    if polygons.any():
        geometries[polygons] = shapely.coverage_simplify(geometries[polygons], tolerance)
    geometries[lines] = shapely.simplify(geometries[lines], tolerance)
    return gpd.GeoSeries(geometries, index=shapes.index, crs=shapes.crs)
