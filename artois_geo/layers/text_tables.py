"""CSV, TSV and XLSX: cells stay texts until the kind types them; the geometry is in a column or two."""

import csv
import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from artois_geo.errors import UnreadableFile
from artois_geo.layers import geometry_text, opening
from artois_geo.layers.findings import Finding
from artois_geo.layers.raw import Raw
from artois_geo.layers.schema import Schema

SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre"}
GEOMETRY_NAMES = (
    "wkt",
    "geom",
    "geometry",
    "geometrie",
    "the_geom",
    "geojson",
    "shape",
    "geo_shape",
    "wkt_geom",
)
POINT_NAMES = ("geo_point_2d", "geopoint", "coordonnees", "latlon", "latlng")
LATITUDES = ("lat", "latitude", "y_wgs84", "lat_wgs84", "coord_y", "coordy", "ycoord", "y")
LONGITUDES = ("lon", "lng", "long", "longitude", "x_wgs84", "lon_wgs84", "coord_x", "coordx", "xcoord", "x")
DEFUSED = re.compile(r"'+[=+\-@\t\r]")
DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_SRID = re.compile(r"^\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
csv.field_size_limit(opening.MIB * 64)


def read_csv(
    path: Path,
    schema: Schema,
    *,
    encoding: str = "",
    separator: str = "",
    geometry_column: str = "",
) -> Raw:
    """A CSV or TSV as it is: texts, the separator and the encoding found or given.

    Raises
    ------
    UnreadableFile
        Empty, a header with two columns of one name, or the geometry column absent.
    """
    raw = Raw(texts=True, format="CSV")
    text = _decoded(path, encoding, raw)
    separator = separator or _separator(text, path, schema, geometry_column)
    first = next(csv.reader(text.splitlines()[:1], delimiter=separator), [])
    if geometry_column and geometry_column not in [cell.strip() for cell in first]:
        raise UnreadableFile(_no_column(path, geometry_column, first, separator, text))
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UnreadableFile(f"{path.name} : guillemets ou lignes mal formés ({error}).") from error
    lines = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    if not lines:
        raise UnreadableFile(f"{path.name} est vide : aucune ligne.")
    header = [cell.strip().strip("\u200d\ufeff") for cell in lines[0][1]]
    body = [row for _, row in lines[1:]]
    _say_ragged(header, lines[1:], raw)
    _fill(raw, header, body, path)
    _place(raw, path, schema, geometry_column, header=header)
    return raw


def read_xlsx(
    path: Path, schema: Schema, limits: opening.Limits, *, sheet: str = "", geometry_column: str = ""
) -> Raw:
    """One sheet of a workbook: values, never formulas; dates as ISO texts."""
    import openpyxl

    opening.check_workbook(path, limits)
    raw = Raw(texts=True, format="XLSX")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        names = book.sheetnames
        if (sheet and sheet not in names) or (not sheet and len(names) > 1):
            raise UnreadableFile(
                f"{path.name} contient {len(names)} feuilles ({', '.join(names)}) :"
                " choisir avec --couche-source."
            )
        cells = [
            [_cell(value) for value in row] for row in book[sheet or names[0]].iter_rows(values_only=True)
        ]
    finally:
        book.close()
    rows = [row for row in cells if any(cell != "" for cell in row)]
    if not rows:
        raise UnreadableFile(f"{path.name} est vide : aucune ligne.")
    header = [cell.strip() for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    _fill(raw, header, [row[: len(header)] for row in rows[1:]], path)
    _place(raw, path, schema, geometry_column, header=header)
    return raw


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _decoded(path: Path, encoding: str, raw: Raw) -> str:
    content = path.read_bytes()
    if encoding:
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise UnreadableFile(f"{path.name} : texte illisible en {encoding} (--encodage).") from error
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw.findings.append(Finding(None, "", "encodage", "note", "UTF-16", "textes lus en UTF-16"))
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "textes lus en Windows-1252 : ce n'est pas de l'UTF-8 ; vérifier un nom accentué"
        raw.findings.append(Finding(None, "", "encodage", "alerte", "CP1252", message))
        return content.decode("cp1252", errors="replace")


def _separator(text: str, path: Path, schema: Schema, geometry_column: str) -> str:
    """The separator that cuts the first lines into the same number of cells, the kind's own first."""
    sample = text.splitlines(keepends=True)[:200]
    preferred = dict(schema.delivery).get("separator", ";")
    scores = {}
    for separator in dict.fromkeys((preferred, *SEPARATORS)):
        try:
            rows = [row for row in csv.reader(sample, delimiter=separator) if row]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        known = {cell.strip() for cell in rows[0]} & {field.name for field in schema.fields}
        scores[separator] = (geometry_column in rows[0], len(known), alike, len(rows[0]))
    if not scores:
        return str(preferred)
    return max(scores, key=lambda one: scores[one])


def _say_ragged(header: list[str], lines: list[tuple[int, list[str]]], raw: Raw) -> None:
    for row, (line, cells) in enumerate(lines, start=1):
        if len(cells) != len(header):
            message = (
                f"ligne {line} : {len(cells)} cellules pour {len(header)} colonnes, séparateur de trop ?"
            )
            raw.findings.append(Finding(row, "", "ligne décalée", "erreur", " | ".join(cells), message))


def _fill(raw: Raw, header: list[str], body: list[list[str]], path: Path) -> None:
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise UnreadableFile(f"{path.name} : deux colonnes s'appellent « {twice[0]} » ; en renommer une.")
    width = len(header)
    padded = [(row + [""] * width)[:width] for row in body]
    raw.columns = {name: [_text(row[at]) for row in padded] for at, name in enumerate(header)}
    raw.shapes = np.empty(len(body), dtype=object)
    raw.has_geometry = False


def _text(cell: str) -> str | None:
    """A cell; the apostrophe that defuses a formula (ours, or a spreadsheet's) is no part of the text."""
    return (cell[1:] if DEFUSED.match(cell) else cell) or None


def _place(
    raw: Raw,
    path: Path,
    schema: Schema,
    geometry_column: str,
    *,
    header: list[str],
) -> None:
    """Find the geometry of the rows, and the CRS where the columns say it."""
    delivery = dict(schema.delivery)
    folded = {_fold(name): name for name in header}
    if geometry_column and geometry_column not in header:
        raise UnreadableFile(_no_column(path, geometry_column, header, "", ""))
    wanted = geometry_column or delivery.get("geometry_column", "")
    names = [wanted] if wanted in header else [folded[name] for name in GEOMETRY_NAMES if name in folded]
    if delivery.get("point_column") in header:
        names.append(delivery["point_column"])
    names += [folded[name] for name in POINT_NAMES if name in folded]
    latitude = next((folded[name] for name in LATITUDES if name in folded), "")
    longitude = next((folded[name] for name in LONGITUDES if name in folded), "")
    if names:
        _from_texts(raw, names, {field.name for field in schema.fields})
        if raw.crs is None and _fold(names[0]) in {"geo_shape", "geo_point_2d"}:
            raw.crs = "EPSG:4326"
    elif latitude and longitude:
        _from_numbers(raw, longitude, latitude)
    if raw.crs is None and raw.has_geometry and wanted in names[:1]:
        raw.crs = delivery.get("crs")


def _no_column(path: Path, wanted: str, header: list[str], separator: str, text: str) -> str:
    read = ", ".join(header[:12])[:200]
    said = f"{path.name} : colonne de géométrie « {wanted} » absente ; colonnes lues : {read}."
    for other in SEPARATORS:
        if other != separator and text and wanted in next(csv.reader(text.splitlines()[:1], delimiter=other)):
            said += f"\nElle existe avec le séparateur {SEPARATORS[other]} : --separateur « {other} »."
    return said


def _from_texts(raw: Raw, names: list[str], kept: set[str]) -> None:
    raw.has_geometry = True
    codes = set()
    columns = [raw.columns[name] for name in names]
    for row in range(len(raw)):
        cell = next((column[row] for column in columns if column[row]), None)
        if cell is None:
            continue
        try:
            shape, said, code = _from_text(cell)
        except (ValueError, TypeError, KeyError, shapely.errors.ShapelyError) as error:
            message = f"géométrie illisible : {error}"
            raw.findings.append(Finding(row + 1, names[0], "structure", "erreur", cell, message))
            continue
        codes |= {code} - {""}
        raw.shapes[row] = shape
        raw.findings += [
            Finding(row + 1, "geometry", rule, "réparation", "", message) for rule, message in said
        ]
    if len(codes) == 1:
        raw.crs = f"EPSG:{codes.pop()}"
    if not any(one.rule == "structure" for one in raw.findings):
        for name in names:
            if name not in kept:
                del raw.columns[name]


def _from_text(cell: str) -> tuple[shapely.Geometry, geometry_text.Said, str]:
    """A cell that holds WKT, EWKT, a GeoJSON geometry, hexadecimal WKB, or two numbers."""
    if cell.lstrip()[:1] == "{":
        return (*geometry_text.shape_of(json.loads(cell)), "")
    numbers = re.fullmatch(r"\s*\[?\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*\]?\s*", cell)
    if numbers:
        return shapely.Point(float(numbers[1]), float(numbers[2])), [], ""
    srid = _SRID.match(cell)
    text = cell[srid.end() :] if srid else cell
    if re.fullmatch(r"[0-9A-Fa-f]{42,}", text.strip()):
        return shapely.from_wkb(text.strip()), [], srid[1] if srid else ""
    return shapely.from_wkt(text), [], srid[1] if srid else ""


def _from_numbers(raw: Raw, longitude: str, latitude: str) -> None:
    raw.has_geometry = True
    wrong = False
    for row, (x, y) in enumerate(zip(raw.columns[longitude], raw.columns[latitude], strict=True)):
        if x is None and y is None:
            continue
        try:
            raw.shapes[row] = shapely.Point(_number(x), _number(y))
        except ValueError:
            wrong = True
            found = f"{x} ; {y}"
            message = f"coordonnées illisibles dans « {longitude} » et « {latitude} »"
            raw.findings.append(Finding(row + 1, longitude, "structure", "erreur", found, message))
    spoken = _fold(latitude).startswith("lat") and _fold(longitude).startswith("lo")
    if spoken or _fold(latitude) in {"y_wgs84", "lat_wgs84"}:
        raw.crs = "EPSG:4326"
    if not wrong:
        del raw.columns[longitude], raw.columns[latitude]


def _number(text: str | None) -> float:
    value = float(re.sub(r"[\s\u00a0\u202f]", "", text or "").replace(",", "."))
    if not np.isfinite(value):
        raise ValueError(text)
    return value


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower().replace("é", "e")).strip("_")
