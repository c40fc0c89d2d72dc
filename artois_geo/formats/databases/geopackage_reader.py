"""GeoPackage through ``sqlite3``: types and texts as stored, no driver."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyproj

from artois_geo.errors import Malformed, UnreadableFile, why
from artois_geo.formats import geometry_codes
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable

_HEADER_BYTES = 8
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


def read_geopackage(path: Path, *, layer: str = "") -> RawTable:
    """Read one layer of a GeoPackage, types as stored.

    Raises
    ------
    UnreadableFile
        Damaged, without feature table, or several layers and none chosen.
    """
    try:
        base = sqlite3.connect(f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name} : GeoPackage illisible ({why(error)}).") from error
    try:
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA query_only = ON")
        base.text_factory = lambda text: text.decode("utf-8", errors="replace")
        return _layer(base, path, _chosen(base, path, layer))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name} : GeoPackage illisible ({why(error)}).") from error
    finally:
        base.close()


_TABLES = "SELECT table_name, data_type FROM gpkg_contents ORDER BY table_name"
_WITHIN = "WHERE r.maxx >= ? AND r.maxy >= ? AND r.minx <= ? AND r.miny <= ?"  # west, south, east, north
_OF_QGIS = {"layer_styles", "qgis_projects"}  # how to draw, not what is there
_SURROGATES = {"fid", "ogc_fid", "objectid"}


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.resolve()))


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _chosen(base: sqlite3.Connection, path: Path, layer: str) -> str:
    """Choose the layer to read: the requested one, else the only one of features, else the only table."""
    tables = [(name, kind) for name, kind in base.execute(_TABLES) if name not in _OF_QGIS]
    readable = {name for name, kind in tables if kind in {"features", "attributes"}}
    if layer in readable:
        return layer
    names = [name for name, kind in tables if kind == "features"] or sorted(readable)
    if not names:
        raise UnreadableFile(f"{path.name} : GeoPackage sans couche.")
    if layer or len(names) > 1:
        missing = f" ; « {layer} » n'y est pas" if layer else ""
        raise UnreadableFile(
            f"{path.name} contient {len(names)} couches ({', '.join(names)}){missing} :"
            " choisir avec --couche-source."
        )
    return names[0]


def _layer(base: sqlite3.Connection, path: Path, layer: str) -> RawTable:
    """Read the rows of a table in the order of their rowid, or of a view as it gives them."""
    described = base.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()
    declared, keys = _columns(base, path, layer)
    geometry = described[0] if described else ""
    names = [name for name in declared if name != geometry]
    listed = ", ".join(map(_name, [geometry, *names] if geometry else names))
    query = f"SELECT {listed} FROM {_name(layer)}{_order(base, layer, keys)}"  # noqa: S608 - names quoted
    rows = base.execute(query).fetchall()
    cells = list(zip(*rows, strict=True)) if rows else [()] * (len(names) + bool(geometry))
    crs = _srs(base, described[1]) if geometry else None
    blobs = cells.pop(0) if geometry else [None] * len(rows)
    shapes, findings = geometry_codes.decode_shapes(blobs, _shape, metric=geometry_codes.is_metric(crs))
    return RawTable(
        columns={
            name: [_value(value, declared[name]) for value in values]
            for name, values in zip(names, cells, strict=True)
            if keys != [name] or not _is_surrogate(name, values)
        },
        shapes=shapes,
        crs=crs,
        findings=(*findings, *_unread_tables(base, layer)),
        format="GeoPackage",
        layer=layer,
        has_geometry=bool(geometry),
    )


def _columns(base: sqlite3.Connection, path: Path, layer: str) -> tuple[dict[str, str], list[str]]:
    """Read the declared type of each column of a table, and the columns of its primary key."""
    table_info = base.execute(f"PRAGMA table_info({_name(layer)})").fetchall()
    if not table_info:
        raise UnreadableFile(f"{path.name} : la couche « {layer} » est annoncée mais absente du fichier.")
    declared = {column[1]: str(column[2]).upper() for column in table_info}
    return declared, [column[1] for column in table_info if column[5]]


def _order(base: sqlite3.Connection, layer: str, keys: list[str]) -> str:
    """Return the clause that orders rows: a view has none, a table without rowid its keys."""
    kind = base.execute("SELECT type FROM sqlite_master WHERE name = ?", (layer,)).fetchone()
    if kind is None or kind[0] == "view":
        return ""
    try:
        base.execute(f"SELECT rowid FROM {_name(layer)} LIMIT 0")  # noqa: S608 - name quoted
    except sqlite3.OperationalError:
        return f" ORDER BY {', '.join(map(_name, keys))}"
    return " ORDER BY rowid"


def _is_surrogate(name: str, values: tuple[Any, ...]) -> bool:
    """Tell whether a primary key only numbers the rows: a usual name, and 1, 2, 3…"""
    return name.lower() in _SURROGATES and list(values) == list(range(1, len(values) + 1))


def _unread_tables(base: sqlite3.Connection, layer: str) -> list[Finding]:
    names = [name for name, _ in base.execute(_TABLES) if name not in {layer, *_OF_QGIS}]
    message = f"autres tables du GeoPackage, non lues : {', '.join(names)}"
    return [Finding(None, "", "autres couches", "note", ", ".join(names), message)] if names else []


def _value(value: Any, declared: str) -> Any:
    if declared == "BOOLEAN" and value in (0, 1):
        return bool(value)
    return value.hex() if isinstance(value, bytes) else value


def _shape(blob: Any) -> geometry_codes.Coded:
    """Decode a geometry as GeoPackage writes it: well-known binary behind a header."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < _HEADER_BYTES:
        raise Malformed("ce n'est pas une géométrie de GeoPackage (en-tête absent)")
    envelope = _ENVELOPES.get((blob[3] >> 1) & 7)
    if envelope is None:
        raise Malformed("en-tête de géométrie inconnu")
    return geometry_codes.from_wkb(blob[_HEADER_BYTES + envelope :])


def _srs(base: sqlite3.Connection, srs_id: int) -> Any:
    """Read the system of a layer; ``None`` where it is undefined or unknown."""
    row = base.execute(
        "SELECT organization, organization_coordsys_id, definition"
        " FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None or srs_id in (-1, 0):
        return None
    try:
        if str(row[0]).upper() == "EPSG":
            return pyproj.CRS.from_epsg(int(row[1]))
        return pyproj.CRS.from_wkt(row[2])
    except (pyproj.exceptions.CRSError, ValueError, TypeError):
        return None


def features_in(
    path: Path, columns: set[str], box: tuple[float, float, float, float] | None, epsg: int
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the attributes and the shape of each row of a large GeoPackage, those near a box only.

    Parameters
    ----------
    path
        GeoPackage.
    columns
        Lower-case names that the layer must have: the names of layers vary, those of columns do not.
    box
        West, south, east, north, in the system of the layer; every row without it.
    epsg
        System that the layer must be in.

    Raises
    ------
    UnreadableFile
        Damaged, no layer with these columns or several, another system, a shape that cannot be read.
    """
    base = sqlite3.connect(f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True)
    try:
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA query_only = ON")
        base.text_factory = lambda text: text.decode("utf-8", errors="replace")
        yield from _rows_in(base, path, columns, box, epsg)
    except (sqlite3.Error, UnicodeDecodeError, ValueError, TypeError) as error:
        raise UnreadableFile(f"{path.name} : GeoPackage illisible ({why(error)}).") from error
    finally:
        base.close()


def _layer_with(base: sqlite3.Connection, path: Path, columns: set[str]) -> tuple[str, dict[str, str]]:
    """Return the one layer that has some columns, and the type of each of its columns."""
    tables = [name for name, kind in base.execute(_TABLES) if kind == "features" and name not in _OF_QGIS]
    types = {name: _columns(base, path, name)[0] for name in tables}
    matching = [name for name in tables if columns <= {column.lower() for column in types[name]}]
    if len(matching) != 1:
        raise UnreadableFile(
            f"{path.name} : {len(matching)} couche avec les colonnes {', '.join(sorted(columns))} "
            f"(couches du fichier : {', '.join(tables) or 'aucune'})."
        )
    return matching[0], types[matching[0]]


def _rows_in(
    base: sqlite3.Connection,
    path: Path,
    columns: set[str],
    box: tuple[float, float, float, float] | None,
    epsg: int,
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the rows of the one layer that has some columns, by its spatial index where it has one."""
    layer, types = _layer_with(base, path, columns)
    geometry, srs = base.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()
    system = _srs(base, srs)
    if system is None or system.to_epsg() != epsg:
        raise UnreadableFile(f"{path.name} : couche « {layer} » qui n'est pas en EPSG:{epsg}.")
    names = [name for name in types if name != geometry]
    listed = ", ".join(f"t.{_name(name)}" for name in [geometry, *names])
    query = f"SELECT {listed} FROM {_name(layer)} AS t"  # noqa: S608 - names quoted
    index = f"rtree_{layer}_{geometry}"
    bounds: tuple[float, ...] = ()
    if box and base.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (index,)).fetchone():
        query, bounds = f"{query} JOIN {_name(index)} AS r ON r.id = t.rowid {_WITHIN}", box
    for blob, *cells in base.execute(f"{query} ORDER BY t.rowid", bounds):
        shape = _shape(blob).shape if blob is not None else None
        values = {name: _value(cell, types[name]) for name, cell in zip(names, cells, strict=True)}
        yield {name.lower(): value for name, value in values.items()}, shape
