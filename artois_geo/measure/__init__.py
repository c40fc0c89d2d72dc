"""Metres and hectares: the one place that knows about coordinate reference systems.

Analyses work on the Lambert-93 plane (EPSG:2154). Lambert-93 is conformal, not
equal-area: around Lens a plane hectare is 0.28 % larger than the ground. French
land statistics are published on the plane, so the plane is the default here and
every output names the convention.
"""

from typing import Literal

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from artois_geo.arguments import guard
from artois_geo.arguments.frames import DASK, require_frame
from artois_geo.errors import BadCRS, BadValue

__all__ = [
    "CONVENTIONS",
    "DASK",
    "LAMBERT93",
    "M2_PER_HA",
    "WGS84",
    "Surface",
    "area_ha",
    "require_lambert93",
    "require_lambert93_crs",
    "to_lambert93",
]

LAMBERT93 = "EPSG:2154"
WGS84 = "EPSG:4326"
M2_PER_HA = 10_000

Surface = Literal["lambert93", "ellipsoid"]

CONVENTIONS: dict[str, str] = {
    "lambert93": "surfaces planes en Lambert-93 (EPSG:2154)",
    "ellipsoid": "surfaces sur l'ellipsoïde GRS 80",
}


def require_lambert93(**frames: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    """Refuse frames that are not in Lambert-93 (EPSG:2154).

    Parameters
    ----------
    frames
        Frames or series, under the name that the caller knows them by.

    Raises
    ------
    BadTable
        What is given is no frame with shapes, or lies on a Dask cluster; the message says what to write.
    BadCRS
        A frame has no CRS, or another one; the message says which and what to do.

    Examples
    --------
    >>> from artois_geo.measure import require_lambert93
    >>> import geopandas as gpd
    >>> require_lambert93(sites=gpd.GeoDataFrame(geometry=[], crs="EPSG:2154"))
    >>> require_lambert93(sites={"a": 1})
    Traceback (most recent call last):
    artois_geo.errors.BadTable: « sites » doit être un GeoDataFrame (reçu : un dictionnaire).
    Donner une couche, par exemple sites["…"] ou layers.read("sites.geojson").
    """
    for name, frame in frames.items():
        if not isinstance(frame, gpd.GeoSeries):
            require_frame(name, frame)
        require_lambert93_crs(name, frame.crs)


def require_lambert93_crs(name: str, crs: pyproj.CRS | None) -> None:
    """Refuse a CRS that is not Lambert-93: that of a frame known to the caller by this name.

    Raises
    ------
    BadCRS
        No CRS, or another one.

    Examples
    --------
    >>> import pyproj
    >>> from artois_geo.measure import require_lambert93_crs
    >>> require_lambert93_crs("sites", pyproj.CRS(2154))
    """
    if crs is None or crs.to_epsg() != 2154:
        raise BadCRS(
            f"« {name} » doit être en Lambert-93 (EPSG:2154), système trouvé : {_crs_name(crs)}.\n"
            f"Convertir d'abord avec measure.to_lambert93({name})."
        )


def to_lambert93(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Convert features to Lambert-93 (EPSG:2154).

    Parameters
    ----------
    features
        Any declared CRS. A frame without one is refused: guessing is how areas
        become wrong without a word.

    Returns
    -------
    GeoDataFrame
        Same rows, index and columns.

    Raises
    ------
    BadCRS
        The frame has no declared CRS.

    Examples
    --------
    >>> from artois_geo.measure import to_lambert93
    >>> import geopandas as gpd, shapely
    >>> lens = gpd.GeoDataFrame(geometry=[shapely.Point(2.8320, 50.4320)], crs="EPSG:4326")
    >>> to_lambert93(lens).geometry.x.round(-2).tolist()
    [688000.0]
    """
    if features.crs is None:
        raise BadCRS(
            "Les objets n'ont pas de système de coordonnées déclaré.\n"
            "Le déclarer d'abord, par exemple objets.set_crs(4326) pour des longitudes et latitudes."
        )
    if features.crs.to_epsg() == 2154:
        return features.copy()
    return features.to_crs(LAMBERT93)


def area_ha(features: gpd.GeoDataFrame | gpd.GeoSeries, *, surface: Surface = "lambert93") -> pd.Series:
    """Compute the area of each feature, in hectares.

    Parameters
    ----------
    features
        Any geometry, in EPSG:2154. Points and lines count 0.
    surface
        ``"lambert93"``: plane area, the convention of French publications.
        ``"ellipsoid"``: area on the GRS 80 ellipsoid, to compare; straight plane
        edges are taken as geodesics between the same vertices.

    Returns
    -------
    Series
        Hectares, same index, named ``area_ha``.

    Raises
    ------
    BadCRS
        ``features`` is not in EPSG:2154.
    BadValue
        Unknown ``surface``.

    Examples
    --------
    A square kilometre of the plane, near Lens, is 99.7 ha of ground:

    >>> from artois_geo.measure import area_ha
    >>> import geopandas as gpd, shapely
    >>> square = gpd.GeoSeries([shapely.box(688_000, 7_037_000, 689_000, 7_038_000)], crs=2154)
    >>> area_ha(square).tolist()
    [100.0]
    >>> area_ha(square, surface="ellipsoid").round(1).tolist()
    [99.7]
    """
    require_lambert93(features=features)
    if surface not in CONVENTIONS:
        raise BadValue(f"surface inconnue : « {surface} ». Choisir {' ou '.join(CONVENTIONS)}.")
    if surface == "lambert93":
        areas = features.geometry.area
    else:
        geod = pyproj.Geod(ellps="GRS80")
        # geodesic areas are signed by ring orientation
        ground = features.geometry.to_crs(WGS84)
        areas = pd.Series(
            [abs(geod.geometry_area_perimeter(_oriented(shape))[0]) if shape else 0.0 for shape in ground],
            index=features.index,
            dtype=float,
        )
    return (areas / M2_PER_HA).rename("area_ha")


def _oriented(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.orient_polygons(shape)


def _crs_name(crs: pyproj.CRS | None) -> str:
    if crs is None:
        return "aucun"
    code = crs.to_authority()
    return ":".join(code) if code else crs.name


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
