"""One way in for every format: the file is known by its bytes, then read by the door of its format."""

from pathlib import Path

from artois_geo.errors import BadValue
from artois_geo.layers import databases, drivers, geojson, opening, text_tables, workbooks
from artois_geo.layers.opening import Limits
from artois_geo.layers.raw import Raw
from artois_geo.layers.schema import Schema, read_kind


def read_raw(
    path: Path,
    limits: Limits,
    schema: Schema | None = None,
    *,
    layer: str = "",
    encoding: str = "",
    separator: str = "",
    geometry_column: str = "",
) -> Raw:
    """What a file holds, as it is. ``schema`` helps to find the geometry of a table.

    Raises
    ------
    UnreadableFile
        Not what it claims to be, damaged, or over a limit.
    BadValue
        An encoding that nobody knows.
    """
    schema = schema or read_kind("libre")
    _require_encoding(encoding)
    with opening.opened(path, limits) as file:
        raw = _read(file, limits, schema, layer, encoding, separator, geometry_column)
        raw.findings[:0] = file.findings
        return raw


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
    layer: str,
    encoding: str,
    separator: str,
    geometry_column: str,
) -> Raw:
    """What the reader of its format makes of an opened file."""
    if found.format == "GeoJSON":
        return geojson.read_raw(found.path, encoding=encoding or "utf-8")
    if found.format == "CSV":
        separator = "\t" if found.path.suffix.lower() == ".tsv" and not separator else separator
        return text_tables.read_csv(
            found.path, schema, encoding=encoding, separator=separator, geometry_column=geometry_column
        )
    if found.format == "XLSX":
        return workbooks.read_xlsx(found.path, schema, limits, sheet=layer, geometry_column=geometry_column)
    if found.format == "GeoPackage":
        return databases.read_geopackage(found.path, layer=layer)
    if found.format == "Shapefile":
        return drivers.read_shapefile(found, limits, encoding=encoding)
    if found.format == "GeoParquet":
        return drivers.read_parquet(found.path)
    return drivers.read_with_gdal(found, limits, layer=layer, encoding=encoding)
