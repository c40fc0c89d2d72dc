"""One way out for a table with geometry: the form decides the writer, the description goes with it."""

from collections.abc import Callable, Mapping

import geopandas as gpd

from artois_geo.errors import BadTable
from artois_geo.formats.databases import geopackage_writer
from artois_geo.formats.exports import columnar, gpx_writer, shapefile_zip
from artois_geo.formats.exports.records import Description, SpatialFile
from artois_geo.formats.geojson.geojson_writer import require_one_geometry

WRITERS: Mapping[str, Callable[[gpd.GeoDataFrame, Description], SpatialFile]] = {
    "gpkg": geopackage_writer.described,
    "shp": shapefile_zip.content,
    "parquet": columnar.geoparquet,
    "fgb": columnar.flatgeobuf,
    "gpx": gpx_writer.content,
}


def content(features: gpd.GeoDataFrame, form: str, description: Description) -> SpatialFile:
    """Write features in one of the forms of desktop GIS, as bytes.

    Parameters
    ----------
    features
        EPSG:2154, one geometry.
    form
        ``gpkg``, ``shp`` (zipped), ``parquet``, ``fgb`` or ``gpx`` (WGS 84).
    description
        Name, provenance, headings and drawing.

    Returns
    -------
    SpatialFile
        Bytes, and findings for what the form could not keep as it was.

    Raises
    ------
    BadCRS
        ``features`` is not in EPSG:2154.
    BadTable
        Shapes or columns that the form cannot hold.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Carré")
    >>> content(site, "gpkg", Description("zones")).content[:15]
    b'SQLite format 3'
    """
    require_one_geometry(features)
    names = [str(name) for name in features.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise BadTable(
            f"Deux colonnes portent le nom « {repeated[0]} » : renommer l'une d'elles avant d'écrire."
        )
    return WRITERS[form](features, description)
