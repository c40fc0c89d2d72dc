"""GeoParquet through Arrow: exact types, geometry in WKB or in the native encodings of GeoParquet 1.1."""

import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyproj

from artois_geo.errors import Malformed, MissingPart, UnreadableFile, why
from artois_geo.formats import geometry_codes
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import geometry_text
from artois_geo.formats.geometry_codes import Coded
from artois_geo.formats.raw_table import RawTable

if TYPE_CHECKING:
    import pyarrow as pa

_INDEX = "__index_level_0__"  # pandas: an index without a name
_MISSING_POSITION = "Expected all lists to be of size"  # pyarrow 15 to 24, where a pair of numbers is missing
_NATIVE = {
    kind.lower(): kind
    for kind in ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
}


def read_parquet(files: Sequence[Path], name: str) -> RawTable:
    """Read one layer from one GeoParquet file, or in several that continue each other.

    Parameters
    ----------
    files
        In their order.
    name
        What was delivered, for messages.

    Raises
    ------
    UnreadableFile
        Damaged, without geometry, or files whose columns differ.
    MissingPart
        A position is missing in a native encoding that an old pyarrow cannot read.
    """
    table, about = _table(files, name)
    geometry = about.get("primary_column", "")
    described = about.get("columns", {})
    if geometry not in table.column_names or geometry not in described:
        raise UnreadableFile(
            f"{name} est du Parquet sans géométrie (métadonnée « geo » absente).\n"
            "L'écrire en GeoParquet (geopandas : to_parquet ; ogr2ogr -f Parquet), ou livrer un CSV."
        )
    crs, crs_problem = _crs(described[geometry])
    encoding = described[geometry].get("encoding", "WKB")
    shapes, findings = geometry_codes.decode_shapes(
        table.column(geometry).to_pylist(),
        lambda cell: _coded(cell, encoding),
        metric=geometry_codes.is_metric(crs),
    )
    covering = _covering(described)
    findings += [_covering_finding(column) for column in covering]
    columns: dict[str, list[Any]] = {}
    for column in table.column_names:
        if column == geometry or column in covering:
            continue
        cells = table.column(column).to_pylist()
        if column in described:
            columns[column] = _geometry_texts(cells, described[column].get("encoding", "WKB"))
            findings.append(_second_geometry(column))
        elif column != _INDEX or not _numbers_rows(cells):
            columns["index" if column == _INDEX else column] = _cells(cells, table.schema.field(column).type)
            findings += _rounded_decimals(column, cells)
    return RawTable(
        columns=columns,
        shapes=shapes,
        crs=crs,
        findings=tuple(findings),
        format="GeoParquet",
        crs_problem=crs_problem,
    )


def _table(files: Sequence[Path], name: str) -> tuple["pa.Table", dict[str, Any]]:
    """Read files that continue each other as one table, and what the first one tells of its geometry."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        tables = []
        for file in files:
            with parquet.ParquetFile(file) as opened:
                tables.append(opened.read())
        about = json.loads((tables[0].schema.metadata or {}).get(b"geo", b"{}"))
    except (OSError, ValueError, pa.ArrowException) as error:
        if _MISSING_POSITION in str(error):
            raise MissingPart(
                f"{name} : pyarrow {pa.__version__} ne sait pas lire une position absente de ce GeoParquet.\n"
                "L'installer à jour : pip install -U pyarrow"
            ) from error
        raise UnreadableFile(f"{name} : GeoParquet illisible ({why(error)}).") from error
    try:
        return pa.concat_tables(tables), about
    except pa.ArrowException as error:
        listed = ", ".join(file.name for file in files[:4])
        raise UnreadableFile(
            f"{name} : {listed} n'ont pas les mêmes colonnes ; les livrer à part."
        ) from error


def _crs(described: dict[str, Any]) -> tuple[Any, str]:
    """Return the declared system, or why it cannot be read."""
    declared = described.get("crs", "OGC:CRS84")
    if declared is None:
        return None, ""
    try:
        return pyproj.CRS.from_user_input("EPSG:4326" if declared == "OGC:CRS84" else declared), ""
    except pyproj.exceptions.CRSError:
        return None, "système de coordonnées déclaré (métadonnée « geo ») illisible"


def _coded(cell: Any, encoding: str) -> Coded:
    """Decode a cell in well-known binary or in the encoding of its kind."""
    if isinstance(cell, bytes):
        return geometry_codes.from_wkb(cell)
    kind = _NATIVE.get(encoding.lower().removeprefix("geoarrow."))
    if kind is None:
        raise Malformed(f"encodage « {encoding} » non lu : écrire la géométrie en WKB")
    return Coded(*geometry_text.shape_of({"type": kind, "coordinates": _positions(cell)}))


def _positions(cell: Any) -> Any:
    """Return positions nested as in GeoJSON; an empty point has no number."""
    if isinstance(cell, dict):
        position = [cell[axis] for axis in ("x", "y", "z", "m") if cell.get(axis) is not None]
        return [] if all(number != number for number in position) else position
    return [_positions(part) for part in cell] if isinstance(cell, list) else cell


def _covering(described: dict[str, Any]) -> set[str]:
    """Return the columns that repeat the bounds of the geometry, as the file says itself."""
    return {
        path[0]
        for column in described.values()
        for path in column.get("covering", {}).get("bbox", {}).values()
    }


def _covering_finding(name: str) -> Finding:
    message = "emprise de chaque géométrie, que le fichier dit telle : non gardée, elle se recalcule"
    return Finding(None, name, "emprise", "note", name, message)


def _second_geometry(name: str) -> Finding:
    message = "deuxième géométrie, gardée en texte (WKT), dans ses coordonnées : une couche n'en a qu'une"
    return Finding(None, name, "deuxième géométrie", "alerte", name, message)


def _geometry_texts(cells: list[Any], encoding: str) -> list[str | None]:
    """Write a second geometry as texts: a layer has one."""
    texts: list[str | None] = []
    for cell in cells:
        try:
            texts.append(None if cell is None else _coded(cell, encoding).shape.wkt)
        except (ValueError, TypeError, KeyError):
            texts.append(cell.hex() if isinstance(cell, bytes) else json.dumps(cell))
    return texts


def _numbers_rows(numbers: list[Any]) -> bool:
    return any(numbers == list(range(start, start + len(numbers))) for start in (0, 1))


def _cells(cells: list[Any], kind: "pa.DataType") -> list[Any]:
    """Return the cells of a column as JSON values."""
    import pyarrow as pa

    if pa.types.is_map(kind):
        cells = [cell if cell is None else _mapping(cell) for cell in cells]
    return [_plain(cell) for cell in cells]


def _rounded_decimals(name: str, cells: list[Any]) -> list[Finding]:
    """Report the decimals that a number cannot hold to the last figure."""
    rounded = [cell for cell in cells if isinstance(cell, Decimal) and not _is_exact(cell)]
    if not rounded:
        return []
    message = f"{len(rounded)} décimaux arrondis à 17 chiffres au plus, comme « {rounded[0]} »"
    return [Finding(None, name, "décimal arrondi", "alerte", rounded[0], message)]


def _is_exact(cell: Decimal) -> bool:
    """Tell whether a number of JSON holds a decimal to its last figure."""
    plain = _plain(cell)
    return plain is None or Decimal(repr(plain)) == cell


def _mapping(pairs: list[tuple[Any, Any]]) -> Any:
    """Turn a map into an object, unless a key comes twice or is no text."""
    keys = [key for key, _ in pairs]
    return dict(pairs) if len(set(map(str, keys))) == len(keys) and all(map(_is_text, keys)) else pairs


def _is_text(key: Any) -> bool:
    return isinstance(key, str)


def _plain(value: Any) -> Any:
    """Return a JSON value: decimals as numbers, dates and durations as ISO texts, bytes as hexadecimal."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None if value.is_nan() else float(value)
        exponent = value.as_tuple().exponent
        return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, timedelta):
        return pd.Timedelta(value).isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value != value:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
