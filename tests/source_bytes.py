"""Files written byte by byte, so that what a cell holds is known without asking a reader."""

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyproj

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
ARC, COMPOUND, CURVED_POLYGON, MULTICURVE, MULTISURFACE = range(8, 13)
L93 = (684_000.0, 7_037_000.0)  # a corner in the plain, near Arras


def square(x: float = 0.0, y: float = 0.0, side: float = 100.0) -> list[list[list[float]]]:
    """Rings of a square whose corner lies at x, y metres from ours, in Lambert-93."""
    west, south = L93[0] + x, L93[1] + y
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def wkb(kind: int, content: Any) -> bytes:
    """Well-known binary, little endian. Points are lists of numbers; members of the kinds from
    4 on that are not simple polygons, lines or points come as bytes."""
    head = struct.pack("<BI", 1, kind)
    if kind == POINT:
        return head + struct.pack("<2d", *content)
    if kind in (LINE, ARC):
        return head + _points(content)
    if kind == POLYGON:
        return head + struct.pack("<I", len(content)) + b"".join(map(_points, content))
    simple = {MULTIPOINT: POINT, MULTILINE: LINE, MULTIPOLYGON: POLYGON}.get(kind, 0)
    members = [part if isinstance(part, bytes) else wkb(simple, part) for part in content]
    return head + struct.pack("<I", len(members)) + b"".join(members)


def _points(points: Sequence[Sequence[float]]) -> bytes:
    return struct.pack("<I", len(points)) + b"".join(struct.pack("<2d", *point[:2]) for point in points)


# --- GeoPackage


def geopackage(
    path: Path,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
    *,
    layer: str = "zones",
    srs: int = 2154,
    geometry: str = "geom",
    kind: str = "GEOMETRY",
    more: Sequence[str] = (),
    features: bool = True,
) -> Path:
    """A GeoPackage of one table: SQL types by column, cells as given; a geometry is WKB bytes.

    ``more`` are statements executed before the file is closed.
    """
    base = sqlite3.connect(path)
    base.executescript(
        "PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;"
        "CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY,"
        " organization TEXT, organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
        "CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT,"
        " identifier TEXT, description TEXT, last_change TEXT, min_x, min_y, max_x, max_y, srs_id INTEGER);"
        "CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT, column_name TEXT,"
        " geometry_type_name TEXT, srs_id INTEGER, z TINYINT, m TINYINT);"
    )
    base.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, 'EPSG', ?, ?, '')",
        (f"EPSG:{srs}", srs, srs, pyproj.CRS.from_epsg(srs).to_wkt()),
    )
    data_type = "features" if features else "attributes"
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)",
        (layer, data_type, layer, srs),
    )
    if features:
        base.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", (layer, geometry, kind, srs)
        )
    listed = ", ".join(f'"{name}" {sql}' for name, sql in columns.items())
    base.execute(f'CREATE TABLE "{layer}" ({listed})')
    marks = ", ".join("?" * len(columns))
    geometry_index = list(columns).index(geometry) if geometry in columns else -1
    base.executemany(
        f'INSERT INTO "{layer}" VALUES ({marks})',
        [
            [
                _blob(cell, srs) if position == geometry_index and cell is not None else cell
                for position, cell in enumerate(row)
            ]
            for row in rows
        ],
    )
    for statement in more:
        base.execute(statement)
    base.commit()
    base.close()
    return path


def _blob(geometry: bytes, srs: int) -> bytes:
    return b"GP\x00\x01" + struct.pack("<i", srs) + geometry


# --- shapefile


def dbf(fields: Sequence[tuple[str, str, int, int]], records: Sequence[Sequence[bytes | None]]) -> bytes:
    """A .dbf: name, type, length and decimals of each field; cells as bytes, padded to the left for
    numbers. A record of which the first cell is ``None`` is marked deleted, its cells blank."""
    length = 1 + sum(field[2] for field in fields)
    header = 33 + 32 * len(fields)
    out = struct.pack("<B3BIHH20x", 3, 124, 1, 1, len(records), header, length)
    for name, kind, size, decimals in fields:
        out += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), size, decimals)
    out += b"\r"
    for record in records:
        deleted = record[0] is None
        out += b"*" if deleted else b" "
        for cell, (_, kind, size, _) in zip(record, fields, strict=True):
            text = b"" if cell is None else cell
            assert len(text) <= size
            out += text.rjust(size) if kind in "NF" else text.ljust(size)
    return out + b"\x1a"


def shp(shapes: Sequence[Any], kind: int = 5) -> tuple[bytes, bytes]:
    """.shp and .shx of points (kind 1) or polygons (kind 5, rings as given); ``None`` is a null shape."""
    records = [_record(shape, kind) for shape in shapes]
    points = [
        p
        for shape in shapes
        if shape is not None
        for p in ([shape] if kind == 1 else [p for r in shape for p in r])
    ] or [[0.0, 0.0]]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    box = struct.pack("<4d", min(xs), min(ys), max(xs), max(ys)) + bytes(32)

    def head(size: int) -> bytes:
        return struct.pack(">I20xI", 9994, size // 2) + struct.pack("<II", 1000, kind) + box

    body, index, offset = b"", b"", 50
    for number, record in enumerate(records, start=1):
        body += struct.pack(">II", number, len(record) // 2) + record
        index += struct.pack(">II", offset, len(record) // 2)
        offset += 4 + len(record) // 2
    return head(100 + len(body)) + body, head(100 + len(index)) + index


def _record(shape: Any, kind: int) -> bytes:
    if shape is None:
        return struct.pack("<I", 0)
    if kind == 1:
        return struct.pack("<I2d", 1, *shape)
    points = [point for ring in shape for point in ring]
    starts = [sum(map(len, shape[:index])) for index in range(len(shape))]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    out = struct.pack("<I4dII", kind, min(xs), min(ys), max(xs), max(ys), len(shape), len(points))
    out += struct.pack(f"<{len(starts)}I", *starts)
    return out + b"".join(struct.pack("<2d", *point) for point in points)


def shapefile(
    path: Path,
    fields: Sequence[tuple[str, str, int, int]],
    records: Sequence[Sequence[bytes | None]],
    shapes: Sequence[Any],
    *,
    kind: int = 5,
    cpg: str = "UTF-8",
    crs: int | None = 2154,
) -> Path:
    """The parts of a shapefile beside ``path``; rings of polygons clockwise are for the caller."""
    main, index = shp(shapes, kind)
    path.write_bytes(main)
    path.with_suffix(".shx").write_bytes(index)
    path.with_suffix(".dbf").write_bytes(dbf(fields, records))
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    if crs:
        path.with_suffix(".prj").write_text(pyproj.CRS.from_epsg(crs).to_wkt("WKT1_ESRI"))
    return path


# --- workbook


class Formula(str):
    """A formula; without a stored value unless ``stored`` is set."""

    stored: Any = None


def formula(text: str, stored: Any = None) -> Formula:
    cell = Formula(text)
    cell.stored = stored
    return cell


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]] | None]) -> Path:
    """An .xlsx as XML: texts, numbers, booleans, formulas; a sheet that is ``None`` is a chart sheet."""
    parts = {}
    kinds, links, entries = "", "", ""
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        folder = "chartsheets" if rows is None else "worksheets"
        file = f"{folder}/sheet{number}.xml"
        content = "<chartsheet {ns}><sheetViews/></chartsheet>" if rows is None else _sheet(rows)
        parts[f"xl/{file}"] = _XML + content.replace("{ns}", f'xmlns="{_MAIN}"')
        part = folder.removesuffix("s")
        if rows is None:
            parts[f"xl/{folder}/_rels/sheet{number}.xml.rels"] = f'{_XML}<Relationships xmlns="{_PACK}"/>'
        kinds += f'<Override PartName="/xl/{file}" ContentType="{_TYPE}{part}+xml"/>'
        links += f'<Relationship Id="r{number}" Type="{_REL}/{part}" Target="{file}"/>'
        entries += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"/>'
    parts["xl/workbook.xml"] = (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{entries}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = f'{_XML}<Relationships xmlns="{_PACK}">{links}</Relationships>'
    parts["_rels/.rels"] = (
        f'{_XML}<Relationships xmlns="{_PACK}"><Relationship Id="r1" Type="{_REL}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>'
    )
    parts["[Content_Types].xml"] = (
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}sheet.main+xml"/>{kinds}</Types>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def _sheet(rows: Sequence[Sequence[Any]]) -> str:
    lines = "".join(
        f'<row r="{line}">{"".join(_cell(cell, line, column) for column, cell in enumerate(row))}</row>'
        for line, row in enumerate(rows, start=1)
    )
    return f"<worksheet {{ns}}><sheetData>{lines}</sheetData></worksheet>"


def column_letter(column: int) -> str:
    """Letter of a column from 0, up to Z."""
    return chr(ord("A") + column)


def _cell(value: Any, line: int, column: int) -> str:
    if value is None:
        return ""
    reference = f'r="{column_letter(column)}{line}"'
    if isinstance(value, Formula):
        stored = "" if value.stored is None else f"<v>{value.stored}</v>"
        text = ' t="str"' if isinstance(value.stored, str) else ""
        return f"<c {reference}{text}><f>{escape(value)}</f>{stored}</c>"
    if isinstance(value, bool):
        return f'<c {reference} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c {reference}><v>{value!r}</v></c>"
    return f'<c {reference} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


# --- GeoParquet


def geoparquet(
    path: Path,
    columns: Mapping[str, Any],
    geometries: Sequence[Any],
    *,
    encoding: str = "WKB",
    layout: str = "separated",
    covering: str = "",
    extra_columns: Mapping[str, Any] | None = None,
    crs: int = 2154,
) -> Path:
    """A GeoParquet file: geometries as WKB bytes, or nested as GeoJSON nests them in a native encoding
    whose positions are structures (``separated``) or lists of two numbers (``interleaved``)."""
    import pyarrow as pa
    from pyarrow import parquet

    depth = {"WKB": 0, "point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2}
    kind = pa.binary()
    if encoding != "WKB":
        kind = pa.struct([("x", pa.float64()), ("y", pa.float64())])
        kind = kind if layout == "separated" else pa.list_(pa.float64(), 2)
        for _ in range(depth.get(encoding, 3)):
            kind = pa.list_(kind)
        geometries = [None if geometry is None else _nested(geometry, layout) for geometry in geometries]
    about: dict[str, Any] = {"encoding": encoding, "geometry_types": []}
    about["crs"] = json.loads(pyproj.CRS.from_epsg(crs).to_json())
    if covering:
        about["covering"] = {"bbox": {side: [covering, side] for side in ("xmin", "ymin", "xmax", "ymax")}}
    described = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": about, **(extra_columns or {})},
    }
    arrays = {
        **{name: pa.array(cells) if isinstance(cells, list) else cells for name, cells in columns.items()}
    }
    table = pa.table({**arrays, "geometry": pa.array(list(geometries), kind)})
    parquet.write_table(table.replace_schema_metadata({b"geo": json.dumps(described).encode()}), path)
    return path


def _nested(content: Any, layout: str) -> Any:
    if not isinstance(content[0], list):
        return dict(zip("xy", content, strict=False)) if layout == "separated" else content[:2]
    return [_nested(part, layout) for part in content]


# --- texts


def csv_bytes(rows: Sequence[Sequence[str]], separator: str = ";", encoding: str = "utf-8") -> bytes:
    """A CSV; cells that need quotes get them."""
    lines = []
    for row in rows:
        cells = [
            '"' + cell.replace('"', '""') + '"'
            if any(mark in cell for mark in (separator, '"', "\n", "\r"))
            else cell
            for cell in row
        ]
        lines.append(separator.join(cells))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def geojson_bytes(rows: Sequence[Mapping[str, Any]], geometries: Sequence[Any], **members: Any) -> bytes:
    """A collection; a geometry is the object of GeoJSON, or null."""
    features = [
        {"type": "Feature", "properties": dict(row), "geometry": geometry}
        for row, geometry in zip(rows, geometries, strict=True)
    ]
    return json.dumps(
        {"type": "FeatureCollection", **members, "features": features}, ensure_ascii=True
    ).encode()


def kml_bytes(rows: Sequence[Mapping[str, str]], points: Sequence[tuple[float, float] | None]) -> bytes:
    """A KML: ``name`` and the other cells as extended data."""
    marks = []
    for row, point in zip(rows, points, strict=True):
        data = "".join(
            f"<Data name={quoteattr(name)}><value>{escape(cell)}</value></Data>"
            for name, cell in row.items()
            if name != "name"
        )
        point_tag = (
            "" if point is None else f"<Point><coordinates>{point[0]},{point[1]}</coordinates></Point>"
        )
        marks.append(
            f"<Placemark><name>{escape(row.get('name', ''))}</name>"
            f"<ExtendedData>{data}</ExtendedData>{point_tag}</Placemark>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        + "".join(marks)
        + "</Document></kml>"
    ).encode()


def mif(
    path: Path,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[str]],
    points: Sequence[tuple[float, float] | None],
) -> Path:
    """A MIF and its MID in Lambert-93: types of MapInfo by column, cells as the MID writes them."""
    listed = "".join(f"  {name} {kind}\n" for name, kind in columns.items())
    shapes = "".join("NONE\n" if point is None else f"Point {point[0]} {point[1]}\n" for point in points)
    path.write_text(
        'Version 300\nCharset "WindowsLatin1"\nDelimiter ";"\n'
        'CoordSys Earth Projection 3, 33, "m", 3, 46.5, 44, 49, 700000, 6600000\n'
        f"Columns {len(columns)}\n{listed}Data\n{shapes}",
        encoding="cp1252",
    )
    path.with_suffix(".mid").write_bytes("".join(";".join(row) + "\r\n" for row in rows).encode("cp1252"))
    return path


def archive(path: Path, members: Mapping[str, bytes]) -> Path:
    """A .zip of members by their path inside."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def zipped(members: Mapping[str, bytes]) -> bytes:
    """The bytes of such an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in members.items():
            target.writestr(name, content)
    return buffer.getvalue()
