"""Files as others send them, read to be checked: nothing matched, repaired, moved or dropped."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo.layers import files, placing, readers
from artois_geo.layers.findings import Finding, table
from artois_geo.layers.opening import Limits
from artois_geo.layers.raw import Raw, frame_of


def read_any(path: Path, *, layer: str = "", encoding: str = "") -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Whatever a partner's file holds, in its own CRS, and what is wrong with its structure.

    Parameters
    ----------
    path
        GeoJSON, shapefile (.shp, folder or .zip), GeoPackage, CSV, FlatGeobuf,
        GeoParquet, KML, MapInfo or XLSX.
    layer
        Layer or sheet, where there are several.
    encoding
        Of the texts, where the file does not say it.

    Returns
    -------
    tuple
        Features as they are (nothing repaired, nothing dropped) and findings,
        to be followed by :func:`validate`.

    Raises
    ------
    UnreadableFile
        Absent, of another format, or not what its name says.

    Examples
    --------
    >>> from artois_geo import layers
    >>> features, findings = read_any(layers.read_catalogue()["communes"].path)
    >>> len(features), len(findings)
    (150, 0)
    """
    path = Path(path)
    raw = readers.read_raw(path, Limits(), layer=layer, encoding=encoding)
    found = raw.findings
    if raw.has_geometry and any(shape is not None for shape in raw.shapes):
        message = _doubtful_system(raw)
        if message:
            found.append(Finding(None, "geometry", "système de coordonnées", "erreur", "", message))
    frame = frame_of(raw)
    found.extend(files.beyond_degrees(frame, path))
    return frame, table(found)


def _doubtful_system(raw: Raw) -> str:
    """Why nobody knows where the shapes lie; empty when they can be placed."""
    if raw.crs is not None:
        reason = placing.why_unusable(raw.crs)
        advice = "artois-geo couches importer … --crs auto, ou --crs et le vrai système"
        return f"{reason} : {advice}" if reason else ""
    absent = "pas de fichier .prj : " if raw.format == "Shapefile" else ""
    return raw.crs_problem or f"{absent}système de coordonnées inconnu"
