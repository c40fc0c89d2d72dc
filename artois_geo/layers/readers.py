"""One way in for every format: the file is known by its bytes, then read by the door of its format."""

from pathlib import Path
from typing import Any

from artois_geo.errors import BadValue, UnreadableFile
from artois_geo.layers import (
    databases,
    drivers,
    geojson,
    json_values,
    opening,
    parquet,
    text_tables,
    workbooks,
)
from artois_geo.layers.findings import Finding
from artois_geo.layers.opening import Limits
from artois_geo.layers.raw import Raw, free_reserved_name
from artois_geo.layers.schema import Schema, read_kind


def read_raw(
    path: Path,
    limits: Limits,
    schema: Schema | None = None,
    *,
    layer: str = "",
    encoding: str = "",
    separator: str = "",
    geometry_column: str | None = "",
) -> Raw:
    """What a file holds, as it is. ``schema`` helps to find the geometry of a table.

    Where ``geometry_column`` is ``None``, a CSV or a workbook is rows only: its coordinates stay columns.

    Raises
    ------
    UnreadableFile
        Not what it claims to be, damaged, or over a limit.
    BadValue
        An encoding that nobody knows.
    """
    schema = schema or read_kind("libre")
    _require_encoding(encoding)
    with opening.opened(path, limits, layer) as file:
        try:
            raw = _read(file, limits, schema, Path(path).name, encoding, separator, geometry_column)
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


def _replace_half_characters(raw: Raw) -> None:
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
    schema: Schema,
    name: str,
    encoding: str,
    separator: str,
    geometry_column: str | None,
) -> Raw:
    """What the reader of its format makes of an opened file; ``name`` is that of the delivery."""
    if found.format == "GeoJSON":
        return geojson.read_raw(found.path, encoding=encoding or "utf-8")
    if found.format == "CSV":
        separator = "\t" if found.path.suffix.lower() == ".tsv" and not separator else separator
        return text_tables.read_csv(
            found.path, schema, encoding=encoding, separator=separator, geometry_column=geometry_column
        )
    if found.format == "XLSX":
        return workbooks.read_xlsx(
            found.path, schema, limits, sheet=found.layer, geometry_column=geometry_column
        )
    if found.format == "GeoPackage":
        return databases.read_geopackage(found.path, layer=found.layer)
    if found.format == "Shapefile":
        return drivers.read_shapefile(found, limits, encoding=encoding)
    if found.format == "GeoParquet":
        return parquet.read_parquet(found.parts, name)
    return drivers.read_with_gdal(found, limits, layer=found.layer, encoding=encoding)
