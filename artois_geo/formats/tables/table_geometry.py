"""The geometry of a table: a column of WKT or GeoJSON, a position in one cell, or two columns of numbers."""

import json
import re
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


def draw(raw: RawTable, path: Path, hints: TableHints, geometry_column: str | None, *, count: int) -> None:
    """Give the rows of a table their shapes, and the CRS where the columns say it.

    Columns that are wholly drawn leave the table; one of which a cell is not drawn stays.

    Raises
    ------
    UnreadableFile
        ``geometry_column`` is no column.
    """
    raw.shapes = np.empty(count, dtype=object)
    raw.has_geometry = False
    if geometry_column is None:
        return
    spellings = {_spelling(name): name for name in raw.columns}
    if geometry_column and geometry_column not in raw.columns:
        listed = ", ".join(list(raw.columns)[:12])[:200]
        raise UnreadableFile(
            f"{path.name} : colonne de géométrie « {geometry_column} » absente ; colonnes lues : {listed}."
        )
    column = geometry_column or hints.geometry_column
    names = [column] if column in raw.columns else [spellings[n] for n in GEOMETRY_NAMES if n in spellings]
    point_column = hints.point_column
    points = [point_column] if point_column in raw.columns else []
    names += [
        name
        for name in (*points, *(spellings[n] for n in POINT_NAMES if n in spellings))
        if name not in names
    ]
    latitude = next((spellings[name] for name in LATITUDES if name in spellings), "")
    longitude = next((spellings[name] for name in LONGITUDES if name in spellings), "")
    if names:
        _from_cells(raw, names, hints.fields)
        if raw.crs is None and _spelling(names[0]) in {"geo_shape", *LATITUDE_FIRST}:
            raw.crs = _DEGREES
    elif latitude and longitude:
        _from_numbers(raw, longitude, latitude)
    if raw.crs is None and raw.has_geometry and column in names[:1]:
        raw.crs = hints.crs


def _from_cells(raw: RawTable, names: list[str], fields: frozenset[str]) -> None:
    """Shapes from the first column of a row that is filled."""
    raw.has_geometry = True
    codes: set[str] = set()
    undrawn: set[str] = set()
    for row in range(len(raw)):
        filled = [name for name in names if raw.columns[name][row] not in (None, "")]
        undrawn |= set(filled[1:])
        if not filled:
            continue
        cell = str(raw.columns[filled[0]][row])
        try:
            coded, code = _from_cell(cell, latitude_first=_spelling(filled[0]) in LATITUDE_FIRST)
        except (ValueError, TypeError, KeyError) as error:
            message = f"géométrie illisible dans « {filled[0]} » : {why(error)}"
            raw.findings.append(Finding(row + 1, filled[0], "structure", "erreur", cell, message))
            undrawn.add(filled[0])
            continue
        codes |= {code} - {""}
        raw.shapes[row] = coded.shape
        raw.findings += coded.findings(row + 1, metric=False)
    if len(codes) == 1:
        raw.crs = f"EPSG:{codes.pop()}"
    for name in names:
        if name not in fields and name not in undrawn:
            del raw.columns[name]


def _from_cell(cell: str, *, latitude_first: bool) -> tuple[Coded, str]:
    """What a cell of WKT, EWKT, GeoJSON, hexadecimal WKB or two numbers draws, and the EPSG code it says."""
    if cell.lstrip()[:1] == "{":
        return _from_object(json.loads(cell)), ""
    pair = _PAIR.fullmatch(cell)
    if pair:
        first, second = float(pair[2]), float(pair[3])
        return Coded(shapely.Point(second, first) if latitude_first else shapely.Point(first, second), []), ""
    srid = _SRID.match(cell)
    text = (cell[srid.end() :] if srid else cell).strip()
    code = srid[1] if srid else ""
    if re.fullmatch(r"([0-9A-Fa-f]{2}){21,}", text):
        return geometry_codes.from_wkb(bytes.fromhex(text)), code
    return geometry_codes.from_wkt(text), code


def _from_object(described: Any) -> Coded:
    """A GeoJSON geometry, or the {"lon": …, "lat": …} of Opendatasoft."""
    if isinstance(described, dict) and {"lon", "lat"} <= set(described):
        return Coded(shapely.Point(float(described["lon"]), float(described["lat"])), [])
    return Coded(*geometry_text.shape_of(described))


def _from_numbers(raw: RawTable, longitude: str, latitude: str) -> None:
    """Points from two columns of numbers; both stay where a cell is none."""
    raw.has_geometry = True
    wrong = False
    for row, (x, y) in enumerate(zip(raw.columns[longitude], raw.columns[latitude], strict=True)):
        if x is None and y is None:
            continue
        try:
            raw.shapes[row] = shapely.Point(_number(x), _number(y))
        except ValueError:
            wrong = True
            message = f"coordonnées illisibles dans « {longitude} » et « {latitude} »"
            raw.findings.append(Finding(row + 1, longitude, "structure", "erreur", f"{x} ; {y}", message))
    spoken = _spelling(latitude).startswith("lat") and _spelling(longitude).startswith("lo")
    if spoken or _spelling(latitude) in {"y_wgs84", "lat_wgs84"}:
        raw.crs = _DEGREES
    if not wrong:
        del raw.columns[longitude], raw.columns[latitude]


def _number(cell: Any) -> float:
    if cell is None or isinstance(cell, bool):
        raise ValueError(cell)
    number = float(re.sub(r"[\s\u00a0\u202f_]", "", str(cell)).replace(",", "."))
    if not np.isfinite(number):
        raise ValueError(cell)
    return number


def _spelling(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")
