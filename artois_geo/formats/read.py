"""One way in for every format: the file is known by its bytes, then read by the door of its format."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo.errors import BadValue, UnreadableFile
from artois_geo.formats import crs_readings, opening
from artois_geo.formats.databases import drivers, geopackage_reader, gpx, parquet
from artois_geo.formats.findings import Finding, table
from artois_geo.formats.geojson import geojson_reader, json_values
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import RawTable, frame_of, free_reserved_name
from artois_geo.formats.tables import text_tables, workbooks
from artois_geo.formats.tables.hints import TableHints
from artois_geo.suffixes import FilePath


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
    """Read what a file holds, as it is. ``hints`` help to find the geometry of a table.

    Where ``geometry_column`` is ``None``, a CSV or a workbook is rows only: its coordinates stay columns.

    Raises
    ------
    UnreadableFile
        Not what it claims to be, damaged, or over a limit.
    BadValue
        An encoding that nobody knows.

    Examples
    --------
    >>> from artois_geo.formats import Limits, read_raw
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("nom;lon;lat\\nLens;2,83;50,43\\n", encoding="utf-8")
    ...     raw = read_raw(file, Limits())
    >>> raw.columns, raw.crs
    ({'nom': ['Lens']}, 'EPSG:4326')
    """
    with opened_raw(
        path,
        limits,
        hints,
        layer=layer,
        encoding=encoding,
        separator=separator,
        geometry_column=geometry_column,
    ) as (raw, _):
        return raw


@contextmanager
def opened_raw(
    path: Path,
    limits: Limits,
    hints: TableHints | None = None,
    *,
    layer: str = "",
    encoding: str = "",
    separator: str = "",
    geometry_column: str | None = "",
) -> Iterator[tuple[RawTable, opening.Opened]]:
    """Read a file as :func:`read_raw` does and keep it open: its own text can still be taken from it.

    Raises
    ------
    UnreadableFile, BadValue
        As :func:`read_raw`.
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
        raw = replace(raw, findings=(*file.findings, *raw.findings), source=file.source)
        yield _without_half_characters(free_reserved_name(raw)), file


def _without_half_characters(raw: RawTable) -> RawTable:
    """Write « � » for half characters in names, identifiers and members, and report it; cells come later."""
    columns: dict[str, list[Any]] = {}
    findings: list[Finding] = []
    for name, values in raw.columns.items():
        new_name = json_values.without_half_characters(name)
        while new_name != name and (new_name in columns or new_name in raw.columns):
            new_name += "_"
        columns[new_name] = values
        if new_name != name:
            findings.append(_half_character(new_name, None))
    ids = raw.ids
    if any(json_values.fault(identifier) for identifier in ids):
        ids = []
        findings.append(_half_character("id", None))
    members, member_findings = _clean_members(raw.members, None)
    findings += member_findings
    feature_members: dict[int, dict[str, Any]] = {}
    for row, extra in raw.feature_members.items():
        feature_members[row], member_findings = _clean_members(extra, row + 1)
        findings += member_findings
    cleaned = replace(raw, columns=columns, ids=ids, members=members, feature_members=feature_members)
    return cleaned.with_findings(findings)


def _clean_members(members: dict[str, Any], feature: int | None) -> tuple[dict[str, Any], list[Finding]]:
    """Return the members that a file can hold, and what was changed in them or left out."""
    faulty = [name for name, value in members.items() if json_values.fault({name: value})]
    cleaned = {name: value for name, value in members.items() if name not in faulty}
    findings = []
    for name in faulty:
        new_name = json_values.without_half_characters(name)
        value = json_values.without_half_characters(members[name])
        reason = json_values.fault(value)
        if reason:
            message = f"membre « {new_name} » : {reason}"
            findings.append(Finding(feature, "", "valeur impossible", "erreur", "", message))
        else:
            cleaned[new_name] = value
            findings.append(_half_character(new_name, feature))
    return cleaned, findings


def _half_character(name: str, feature: int | None) -> Finding:
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
    file: opening.Opened,
    limits: Limits,
    hints: TableHints,
    name: str,
    encoding: str,
    separator: str,
    geometry_column: str | None,
) -> RawTable:
    """Read an opened file with the reader of its format; ``name`` is that of the delivery."""
    if file.format == "GeoJSON":
        return geojson_reader.read_raw(file.path, encoding=encoding or "utf-8")
    if file.format == "CSV":
        separator = "\t" if file.path.suffix.lower() == ".tsv" and not separator else separator
        return text_tables.read_csv(
            file.path, hints, encoding=encoding, separator=separator, geometry_column=geometry_column
        )
    if file.format == "XLSX":
        return workbooks.read_xlsx(
            file.path, hints, limits, sheet=file.layer, geometry_column=geometry_column
        )
    if file.format == "GeoPackage":
        return geopackage_reader.read_geopackage(file.path, layer=file.layer)
    if file.format == "Shapefile":
        return drivers.read_shapefile(file, limits, encoding=encoding)
    if file.format == "GPX":
        return gpx.read_gpx(file.path, layer=file.layer)
    if file.format == "GeoParquet":
        return parquet.read_parquet(file.parts, name)
    return drivers.read_with_gdal(file, limits, layer=file.layer, encoding=encoding)


def read_any(path: FilePath, *, layer: str = "", encoding: str = "") -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Read whatever a partner's file holds, in its own CRS, and what is wrong with its structure.

    Parameters
    ----------
    path
        GeoJSON, shapefile (.shp, folder or .zip), GeoPackage, CSV, FlatGeobuf,
        GeoParquet, KML, GPX, MapInfo or XLSX.
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
    >>> from artois_geo.formats import read_any
    >>> from artois_geo import layers
    >>> features, findings = read_any(layers.read_catalogue()["communes"].path)
    >>> len(features), len(findings)
    (150, 0)
    """
    path = Path(path)
    raw = read_raw(path, Limits(), layer=layer, encoding=encoding)
    findings = list(raw.findings)
    if raw.has_geometry and any(shape is not None for shape in raw.shapes):
        message = _doubtful_system(raw)
        if message:
            findings.append(Finding(None, "geometry", "système de coordonnées", "erreur", "", message))
    frame = frame_of(raw)
    return frame, table([*findings, *geojson_reader.beyond_degrees(frame, path)])


def _doubtful_system(raw: RawTable) -> str:
    """Explain why nobody knows where the shapes lie; empty when it is known."""
    if raw.crs is not None:
        reason = crs_readings.why_unusable(raw.crs)
        advice = "artois-geo couches importer … --crs auto, ou --crs et le vrai système"
        return f"{reason} : {advice}" if reason else ""
    absent = "pas de fichier .prj : " if raw.format == "Shapefile" else ""
    return raw.crs_problem or f"{absent}système de coordonnées inconnu"
