"""The way out of a layer: GeoJSON in WGS 84, GeoPackage in Lambert-93, replaced at once."""

from pathlib import Path

import geopandas as gpd

from artois_geo import measure, suffixes
from artois_geo.errors import BadCRS
from artois_geo.formats.databases.geopackage_writer import content
from artois_geo.formats.exports.records import Provenance
from artois_geo.formats.geojson import geojson_writer
from artois_geo.layers import store
from artois_geo.suffixes import FilePath


def write(features: gpd.GeoDataFrame, path: FilePath) -> None:
    """Write a layer as RFC 7946 GeoJSON: WGS 84, longitude first, 7 decimals.

    A name that ends by ``.gpkg`` gives a GeoPackage, in Lambert-93: see ``write_geopackage``.

    Parameters
    ----------
    features
        EPSG:2154 or EPSG:4326. An index named ``id`` becomes the feature ids;
        ``attrs`` as ``read`` leaves them are written back.
    path
        File to replace, ``.geojson``, ``.json`` or ``.gpkg``; it is either the whole old one or
        the whole new one.

    Raises
    ------
    BadCRS
        No CRS, or another one.
    BadValue
        The name ends otherwise.
    BadTable
        Two columns of one name, two of geometry, or a value that GeoJSON cannot hold.
    UnwritableFile
        The folder is absent or closed, the disk is full.

    Examples
    --------
    >>> from artois_geo.layers import write
    >>> from pathlib import Path
    >>> import tempfile
    >>> from artois_geo import example, layers
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "carre.geojson"
    ...     write(example.square(x_km=0, y_km=0, side_km=1, site_nom="Carré"), file)
    ...     layers.read(file)["site_nom"].tolist()
    ['Carré']
    """
    crs = features.crs
    if crs is None or crs.to_epsg() not in {2154, 4326}:
        raise BadCRS("Une couche s'écrit depuis Lambert-93 (EPSG:2154) ou WGS 84 (EPSG:4326) seulement.")
    if suffixes.form_of(path, ["geojson", "gpkg"]) == "gpkg":
        write_geopackage(measure.to_lambert93(features), Path(path), layer=Path(path).stem)
        return
    store.replace(Path(path), (piece.encode() for piece in geojson_writer.pieces(features)))


def write_geopackage(
    features: gpd.GeoDataFrame, path: FilePath, *, layer: str, provenance: Provenance | None = None
) -> None:
    """Write features as one layer of a new GeoPackage, in Lambert-93.

    Parameters
    ----------
    features
        EPSG:2154. An index named ``id`` becomes the column ``fid_source``.
    path
        File to replace; it is either the whole old one or the whole new one.
    layer
        Name of the layer inside the file.
    provenance
        Source, licence, vintage and convention, kept in ``gpkg_metadata``.

    Raises
    ------
    BadCRS
        ``features`` is not in EPSG:2154.
    BadTable
        Two columns of geometry, two that differ by capitals only, or a value that GeoPackage cannot hold.
    UnwritableFile
        The folder is absent or closed, the disk is full.

    Examples
    --------
    >>> from artois_geo.layers import write_geopackage
    >>> from pathlib import Path
    >>> from artois_geo import example
    >>> import tempfile, geopandas
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "carre.gpkg"
    ...     write_geopackage(example.square(x_km=0, y_km=0, side_km=1, nom="Carré"), file, layer="carre")
    ...     geopandas.read_file(file).area.tolist()
    [1000000.0]
    """
    store.replace(Path(path), content(features, layer=layer, provenance=provenance))
