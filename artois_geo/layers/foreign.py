"""Files as others send them, read to be checked: GeoJSON through our own door, shapefile through GDAL."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo.errors import UnreadableFile
from artois_geo.layers import files
from artois_geo.layers.findings import Finding, table

SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
JSON_SUFFIXES = {".geojson", ".json"}


def read_any(path: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Whatever a partner's file holds, in its own CRS, and what is wrong with its structure.

    Parameters
    ----------
    path
        ``.geojson``, ``.json`` or ``.shp``.

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
    if not path.is_file():
        raise UnreadableFile(f"Fichier introuvable : {path}.")
    suffix = path.suffix.lower()
    if suffix in JSON_SUFFIXES:
        return files.parse(path)
    if suffix == ".shp":
        return _shapefile(path)
    raise UnreadableFile(
        f"{path.name} : format non pris en charge « {suffix or 'sans extension'} ».\n"
        "Formats lus : GeoJSON (.geojson, .json) et shapefile (.shp avec .dbf et .shx)."
    )


def _shapefile(path: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    import pyogrio

    with path.open("rb") as stream:
        if stream.read(4) != SHAPEFILE_MAGIC:
            raise UnreadableFile(f"{path.name} n'est pas un shapefile, malgré son extension.")
    absent = [suffix for suffix in (".dbf", ".shx") if not _beside(path, suffix)]
    if absent:
        raise UnreadableFile(f"{path.name} : fichiers voisins absents ({', '.join(absent)}).")
    found = []
    encodings = [None] if _beside(path, ".cpg") else ["UTF-8", "CP1252"]
    for encoding in encodings:
        try:
            frame = pyogrio.read_dataframe(path.resolve(), encoding=encoding)
            break
        except (UnicodeDecodeError, pyogrio.errors.DataSourceError) as error:
            reason = error
    else:
        raise UnreadableFile(f"{path.name} : illisible ({reason}).")
    if encoding:
        message = f"pas de fichier .cpg : textes lus en {encoding}"
        found.append(Finding(None, "", "encodage", "note", encoding, message))
    if frame.crs is None:
        message = "pas de fichier .prj : système de coordonnées inconnu"
        found.append(Finding(None, "geometry", "système de coordonnées", "erreur", "", message))
    return frame, table(found)


def _beside(path: Path, suffix: str) -> bool:
    return any(path.with_suffix(variant).is_file() for variant in (suffix, suffix.upper()))
