"""A plain of kilometre squares in Lambert-93, where every area can be checked by hand."""

from collections.abc import Sequence

import geopandas as gpd
import shapely
from geopandas import GeoDataFrame

ORIGIN_X, ORIGIN_Y = 680_000.0, 7_030_000.0  # near Lens, so that reprojection is realistic
KM = 1_000.0


def rectangle(
    *, x_km: float, y_km: float, width_km: float, height_km: float, **columns: object
) -> GeoDataFrame:
    """Make one rectangle, its lower left corner at (x_km, y_km) from the origin of the plain.

    Parameters
    ----------
    x_km, y_km, width_km, height_km
        Kilometres, from west to east and from south to north.
    columns
        Name and value of each column.

    Returns
    -------
    GeoDataFrame
        One row in EPSG:2154.

    Examples
    --------
    >>> from artois_geo import example
    >>> example.rectangle(x_km=0, y_km=0, width_km=2, height_km=1).area.tolist()
    [2000000.0]
    """
    x, y = ORIGIN_X + x_km * KM, ORIGIN_Y + y_km * KM
    return _row(shapely.box(x, y, x + width_km * KM, y + height_km * KM), columns)


def square(*, x_km: float, y_km: float, side_km: float, **columns: object) -> GeoDataFrame:
    """Make one square, as :func:`rectangle`.

    Examples
    --------
    >>> from artois_geo import example, measure
    >>> measure.area_ha(example.square(x_km=0, y_km=0, side_km=1, nom="Parc")).tolist()
    [100.0]
    """
    return rectangle(x_km=x_km, y_km=y_km, width_km=side_km, height_km=side_km, **columns)


def point(*, x_km: float, y_km: float, **columns: object) -> GeoDataFrame:
    """Make one point, as :func:`rectangle`.

    Examples
    --------
    >>> from artois_geo import example
    >>> example.point(x_km=0, y_km=0).geometry.x.tolist()
    [680000.0]
    """
    return _row(shapely.Point(ORIGIN_X + x_km * KM, ORIGIN_Y + y_km * KM), columns)


def line(*corners_km: tuple[float, float], **columns: object) -> GeoDataFrame:
    """Make one line through corners given in kilometres, as :func:`rectangle`.

    Examples
    --------
    >>> from artois_geo import example
    >>> example.line((0, 0), (3, 4)).length.tolist()
    [5000.0]
    """
    corners = [(ORIGIN_X + x * KM, ORIGIN_Y + y * KM) for x, y in corners_km]
    return _row(shapely.LineString(corners), columns)


def towns(values: Sequence[object], column: str = "densite") -> GeoDataFrame:
    """Make towns of one square kilometre in a row from west to east, each with one value.

    Examples
    --------
    >>> from artois_geo import example
    >>> example.towns([10, 20])["nom"].tolist()
    ['Commune 0', 'Commune 1']
    """
    shapes = [
        shapely.box(ORIGIN_X + KM * rank, ORIGIN_Y, ORIGIN_X + KM * (rank + 1), ORIGIN_Y + KM)
        for rank in range(len(values))
    ]
    names = [f"Commune {rank}" for rank in range(len(values))]
    return gpd.GeoDataFrame({"nom": names, column: values}, geometry=shapes, crs=2154)


def _row(shape: shapely.Geometry, columns: dict[str, object]) -> GeoDataFrame:
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=2154)
