"""The way out to GeoPackage, for desktop GIS: Lambert-93, replaced at once."""

import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import errors, measure
from artois_geo.layers import files


def write_geopackage(features: gpd.GeoDataFrame, path: Path, *, layer: str) -> None:
    """Write features as one layer of a new GeoPackage, in Lambert-93.

    Parameters
    ----------
    features
        EPSG:2154. An index named ``id`` becomes the column ``fid_source``.
    path
        File to replace; it is either the whole old one or the whole new one.
    layer
        Name of the layer inside the file.

    Raises
    ------
    BadCRS
        ``features`` is not in EPSG:2154.
    BadTable
        Two columns of geometry.
    UnwritableFile
        The folder is absent or closed, the disk is full.

    Examples
    --------
    >>> import tempfile, geopandas
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "carre.gpkg"
    ...     write_geopackage(plain.square(x_km=0, y_km=0, side_km=1, nom="Carré"), file, layer="carre")
    ...     geopandas.read_file(file).area.tolist()
    [1000000.0]
    """
    measure.require_lambert93(features=features)
    files.require_one_geometry(features)
    table = features.rename_axis("fid_source").reset_index() if features.index.name == "id" else features
    texts = {
        name: [None if _is_missing(value) else str(value) for value in table[name]]
        for name in table.columns.drop(table.geometry.name)
        if table[name].dtype == object
    }
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.gpkg"
        try:
            table.assign(**texts).to_file(draft, layer=layer, driver="GPKG", engine="pyogrio")
            content = draft.read_bytes()
        except OSError as error:
            raise errors.UnwritableFile(f"Écriture impossible : {path} ({errors.reason(error)}).") from error
    files.replace(path, content)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
