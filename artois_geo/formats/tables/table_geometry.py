"""The geometry of a table: a column of WKT or GeoJSON, a position in one cell, or two columns of numbers."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from artois_geo.errors import UnreadableFile, why
from artois_geo.formats import geometry_codes
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import geometry_text
from artois_geo.formats.geometry_codes import Coded
from artois_geo.formats.raw_table import RawTable
from artois_geo.formats.tables.hints import TableHints
from artois_geo.meaning import fold
from artois_geo.text import decimal_point

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
# « latitude, longitude » by the definition of those who write them (Opendatasoft, Elasticsearch)
LATITUDE_FIRST = ("geo_point_2d", "geo_point", "geopoint", "latlon", "latlng", "lat_lon", "lat_lng")
POINT_NAMES = (*LATITUDE_FIRST, "coordonnees", "coordonneesxy")
LATITUDES = ("lat", "latitude", "y_wgs84", "lat_wgs84", "coord_y", "coordy", "ycoord", "y")
LONGITUDES = ("lon", "lng", "long", "longitude", "x_wgs84", "lon_wgs84", "coord_x", "coordx", "xcoord", "x")
_SRID = re.compile(r"^\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
_PAIR = re.compile(r"\s*([\[(]?)\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*[\])]?\s*")
_DEGREES = "EPSG:4326"


def with_shapes(raw: RawTable, path: Path, hints: TableHints, geometry_column: str | None) -> RawTable:
    """Give the rows of a table their shapes, and the table its CRS where the columns tell it.

    A column leaves the table once every cell of it has become a shape; it stays if one has not.

    Parameters
    ----------
    raw, path
        Table without shapes, and the file to name in messages.
    hints
        What the kind expects: its columns of geometry and their CRS.
    geometry_column
        The only column to read; an empty text looks for the usual names, None reads no shape at all.

    Raises
    ------
    UnreadableFile
        ``geometry_column`` is no column.
    """
    if geometry_column is None:
        return raw
    if geometry_column and geometry_column not in raw.columns:
        listed = ", ".join(list(raw.columns)[:12])[:200]
        raise UnreadableFile(
            f"{path.name} : colonne de géométrie « {geometry_column} » absente ; colonnes lues : {listed}."
        )
    expected = geometry_column or hints.geometry_column
    spellings = {_spelling(name): name for name in raw.columns}
    names = _geometry_columns(raw, spellings, expected, hints.point_column)
    latitudes, longitudes = _usual(LATITUDES, spellings), _usual(LONGITUDES, spellings)
    if names:
        raw = _from_cells(raw, names, hints.fields)
        if raw.crs is None and _spelling(names[0]) in {"geo_shape", *LATITUDE_FIRST}:
            raw = replace(raw, crs=_DEGREES)
    elif latitudes and longitudes:
        raw = _from_numbers(raw, longitudes[0], latitudes[0])
    if raw.crs is None and expected in names[:1]:
        raw = replace(raw, crs=hints.crs)
    return raw


def _geometry_columns(
    raw: RawTable, spellings: dict[str, str], expected: str, point_column: str
) -> list[str]:
    """List the columns that hold a whole shape in a cell: the expected one, else those of a usual name."""
    names = [expected] if expected in raw.columns else _usual(GEOMETRY_NAMES, spellings)
    points = [point_column] if point_column in raw.columns else []
    return list(dict.fromkeys([*names, *points, *_usual(POINT_NAMES, spellings)]))


def _usual(words: Iterable[str], spellings: dict[str, str]) -> list[str]:
    return [spellings[word] for word in words if word in spellings]


def _from_cells(raw: RawTable, names: list[str], fields: frozenset[str]) -> RawTable:
    """Read the shape of each row from the first of its geometry columns that is filled."""
    shapes = np.empty(len(raw), dtype=object)
    findings: list[Finding] = []
    codes: set[str] = set()
    unread: set[str] = set()
    for row in range(len(raw)):
        filled = [name for name in names if raw.columns[name][row] not in (None, "")]
        unread |= set(filled[1:])
        if not filled:
            continue
        cell = str(raw.columns[filled[0]][row])
        try:
            coded, code = _from_cell(cell, latitude_first=_spelling(filled[0]) in LATITUDE_FIRST)
        except (ValueError, TypeError, KeyError) as error:
            message = f"géométrie illisible dans « {filled[0]} » : {why(error)}"
            findings.append(Finding(row + 1, filled[0], "structure", "erreur", cell, message))
            unread.add(filled[0])
            continue
        codes |= {code} - {""}
        shapes[row] = coded.shape
        findings += coded.findings(row + 1, metric=False)
    read_columns = {name for name in names if name not in fields and name not in unread}
    return replace(
        raw,
        columns={name: cells for name, cells in raw.columns.items() if name not in read_columns},
        shapes=shapes,
        crs=f"EPSG:{codes.pop()}" if len(codes) == 1 else raw.crs,
        has_geometry=True,
    ).with_findings(findings)


def _from_cell(cell: str, *, latitude_first: bool) -> tuple[Coded, str]:
    """Decode a cell of WKT, EWKT, GeoJSON, hexadecimal WKB or two numbers, and the EPSG code in it."""
    if cell.lstrip()[:1] == "{":
        return _from_object(json.loads(cell)), ""
    pair = _PAIR.fullmatch(cell)
    if pair:
        first_number, second_number = float(pair[2]), float(pair[3])
        return Coded(
            shapely.Point(second_number, first_number)
            if latitude_first
            else shapely.Point(first_number, second_number),
            [],
        ), ""
    srid = _SRID.match(cell)
    text = (cell[srid.end() :] if srid else cell).strip()
    code = srid[1] if srid else ""
    if re.fullmatch(r"([0-9A-Fa-f]{2}){21,}", text):
        return geometry_codes.from_wkb(bytes.fromhex(text)), code
    return geometry_codes.from_wkt(text), code


def _from_object(described: Any) -> Coded:
    """Decode a GeoJSON geometry, or the {"lon": …, "lat": …} of Opendatasoft."""
    if isinstance(described, dict) and {"lon", "lat"} <= set(described):
        return Coded(shapely.Point(float(described["lon"]), float(described["lat"])), [])
    return Coded(*geometry_text.shape_of(described))


def _from_numbers(raw: RawTable, longitude: str, latitude: str) -> RawTable:
    """Make points of two columns of numbers; both columns stay if one cell is not a number."""
    shapes = np.empty(len(raw), dtype=object)
    findings: list[Finding] = []
    for row, (x, y) in enumerate(zip(raw.columns[longitude], raw.columns[latitude], strict=True)):
        if x is None and y is None:
            continue
        try:
            shapes[row] = shapely.Point(_number(x), _number(y))
        except ValueError:
            message = f"coordonnées illisibles dans « {longitude} » et « {latitude} »"
            findings.append(Finding(row + 1, longitude, "structure", "erreur", f"{x} ; {y}", message))
    in_degrees = _spelling(latitude).startswith("lat") and _spelling(longitude).startswith("lo")
    in_degrees |= _spelling(latitude) in {"y_wgs84", "lat_wgs84"}
    read_columns = () if findings else (longitude, latitude)
    return replace(
        raw,
        columns={name: cells for name, cells in raw.columns.items() if name not in read_columns},
        shapes=shapes,
        crs=_DEGREES if in_degrees else raw.crs,
        has_geometry=True,
    ).with_findings(findings)


def _number(cell: Any) -> float:
    if cell is None or isinstance(cell, bool):
        raise ValueError(cell)
    number = float(decimal_point(str(cell).replace("_", "")))
    if not np.isfinite(number):
        raise ValueError(cell)
    return number


def _spelling(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")
