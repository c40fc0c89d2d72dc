"""One way in for every format: the file is known by its bytes, then read by the door of its format."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo.errors import BadValue, UnreadableFile
from artois_geo.formats import crs_readings, opening
from artois_geo.formats.databases import drivers, geopackage_reader, parquet
from artois_geo.formats.findings import Finding, table
from artois_geo.formats.geojson import geojson_reader, json_values
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import RawTable, frame_of, free_reserved_name
from artois_geo.formats.tables import text_tables, workbooks
from artois_geo.formats.tables.hints import TableHints


def read_raw(
    path: Path,
    limits: Limits,
    hints: TableHints | None = None,
    *,
    layer: str = "",
    encoding: str = "",
    separator: str = "",
    geometry_column: str | None = "",
) -> RawTable:
    """What a file holds, as it is. ``hints`` help to find the geometry of a table.

    Where ``geometry_column`` is ``None``, a CSV or a workbook is rows only: its coordinates stay columns.

    Raises
    ------
    UnreadableFile
        Not what it claims to be, damaged, or over a limit.
    BadValue
        An encoding that nobody knows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("nom;lon;lat\\nLens;2,83;50,43\\n", encoding="utf-8")
    ...     raw = read_raw(file, Limits())
    >>> raw.columns, raw.crs
    ({'nom': ['Lens']}, 'EPSG:4326')
    """
    hints = hints or TableHints()
    _require_encoding(encoding)
    with opening.opened(path, limits, layer) as file:
        try:
            raw = _read(file, limits, hints, Path(path).name, encoding, separator, geometry_column)
        except UnreadableFile as error:
            if not file.source or "--couche-source" not in str(error):
                raise
            raise UnreadableFile(
                f"{error}\nDans {Path(path).name} : --couche-source {file.source}/NOM."
            ) from error
        raw.findings[:0] = file.findings
        raw.source = file.source
        free_reserved_name(raw)
        _replace_half_characters(raw)
        return raw


def _replace_half_characters(raw: RawTable) -> None:
    """Names, identifiers and members that no file can hold get « � », which is said; cells come later."""
    columns: dict[str, list[Any]] = {}
    for name, values in raw.columns.items():
        new = json_values.whole(name)
        while new != name and (new in columns or new in raw.columns):
            new += "_"
        columns[new] = values
        if new != name:
            raw.findings.append(_half(new, None))
    raw.columns = columns
    if any(json_values.fault(identifier) for identifier in raw.ids):
        raw.ids = []
        raw.findings.append(_half("id", None))
    for feature, members in ((None, raw.members), *raw.feature_members.items()):
        number = None if feature is None else feature + 1
        for name in [name for name, value in members.items() if json_values.fault({name: value})]:
            value = json_values.whole(members.pop(name))
            reason = json_values.fault(value)
            if reason:
                message = f"membre « {json_values.whole(name)} » : {reason}"
                raw.findings.append(Finding(number, "", "valeur impossible", "erreur", "", message))
            else:
                members[json_values.whole(name)] = value
                raw.findings.append(_half(json_values.whole(name), number))


def _half(name: str, feature: int | None) -> Finding:
    message = f"« {name} » : moitié de caractère (Unicode) remplacée par « � »"
    return Finding(feature, name, "caractère coupé", "réparation", name, message)


def _require_encoding(name: str) -> None:
    if not name:
        return
    try:
        "é".encode(name, errors="replace").decode(name)
    except (LookupError, ValueError, TypeError) as error:
        raise BadValue(
            f"Encodage inconnu : « {name} ». Essayer utf-8, cp1252, iso-8859-15 ou cp850."
        ) from error


def _read(
    found: opening.Opened,
    limits: Limits,
    hints: TableHints,
    name: str,
    encoding: str,
    separator: str,
    geometry_column: str | None,
) -> RawTable:
    """What the reader of its format makes of an opened file; ``name`` is that of the delivery."""
    if found.format == "GeoJSON":
        return geojson_reader.read_raw(found.path, encoding=encoding or "utf-8")
    if found.format == "CSV":
        separator = "\t" if found.path.suffix.lower() == ".tsv" and not separator else separator
        return text_tables.read_csv(
            found.path, hints, encoding=encoding, separator=separator, geometry_column=geometry_column
        )
    if found.format == "XLSX":
        return workbooks.read_xlsx(
            found.path, hints, limits, sheet=found.layer, geometry_column=geometry_column
        )
    if found.format == "GeoPackage":
        return geopackage_reader.read_geopackage(found.path, layer=found.layer)
    if found.format == "Shapefile":
        return drivers.read_shapefile(found, limits, encoding=encoding)
    if found.format == "GeoParquet":
        return parquet.read_parquet(found.parts, name)
    return drivers.read_with_gdal(found, limits, layer=found.layer, encoding=encoding)


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
        to be followed by :func:`artois_geo.kinds.validate`.

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
    raw = read_raw(path, Limits(), layer=layer, encoding=encoding)
    found = raw.findings
    if raw.has_geometry and any(shape is not None for shape in raw.shapes):
        message = _doubtful_system(raw)
        if message:
            found.append(Finding(None, "geometry", "système de coordonnées", "erreur", "", message))
    frame = frame_of(raw)
    found.extend(geojson_reader.beyond_degrees(frame, path))
    return frame, table(found)


def _doubtful_system(raw: RawTable) -> str:
    """Why nobody knows where the shapes lie; empty when they can be placed."""
    if raw.crs is not None:
        reason = crs_readings.why_unusable(raw.crs)
        return f"{reason} : l'importer avec --crs auto, ou --crs et le vrai système" if reason else ""
    absent = "pas de fichier .prj : " if raw.format == "Shapefile" else ""
    return raw.crs_problem or f"{absent}système de coordonnées inconnu"
