"""GPX as it is written: waypoints as points, tracks and routes as lines, extensions as columns."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from artois_geo.errors import UnreadableFile
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable

TEXTS = ("name", "desc", "cmt", "type", "time", "ele")  # of the standard, as columns
LAYERS = {"wpt": "waypoints", "trk": "tracks", "rte": "routes"}
TYPES: dict[str, Any] = {"entier": int, "nombre": float, "booleen": lambda text: text == "1"}
OUR_MARK = "artois_geo"  # creator of our own files, whose columns are all among the extensions


def read_gpx(path: Path, *, layer: str = "") -> RawTable:
    """Read the waypoints, or the lines, of a GPX file.

    Raises
    ------
    UnreadableFile
        Not XML, or points and lines together and no ``layer`` (``waypoints``, ``tracks``, ``routes``).
    """
    root = _root(path)
    elements = [element for element in root if _name(element) in LAYERS]
    names = list(dict.fromkeys(LAYERS[_name(element)] for element in elements))
    if len(names) > 1 and layer not in names:
        raise UnreadableFile(
            f"{path.name} contient plusieurs couches ({', '.join(names)}) : choisir avec --couche-source."
        )
    selected = [element for element in elements if not layer or LAYERS[_name(element)] == layer]
    shapes, findings = _shapes(selected)
    return RawTable(
        columns=_columns(selected, is_ours=root.get("creator") == OUR_MARK),
        shapes=shapes,
        crs="EPSG:4326",
        findings=tuple(findings),
        format="GPX",
        layer=layer or (names[0] if names else ""),
    )


def _root(path: Path) -> ET.Element:
    try:
        return ET.parse(path).getroot()  # noqa: S314 - the door has refused documents with entities
    except ET.ParseError as error:
        raise UnreadableFile(
            f"{path.name} : GPX illisible (XML mal formé, ligne {error.position[0]})."
        ) from error


def _columns(elements: list[ET.Element], *, is_ours: bool) -> dict[str, list[Any]]:
    """Return the cells of all objects by column, in the order in which they come."""
    rows = [_cells(element, is_ours) for element in elements]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _shapes(elements: list[ET.Element]) -> tuple[np.ndarray, list[Finding]]:
    """Return the shape of each object; none, and a finding, where it cannot be read."""
    shapes = np.full(len(elements), None, dtype=object)
    findings = []
    for number, element in enumerate(elements, start=1):
        try:
            shapes[number - 1] = _shape(element)
        except (TypeError, ValueError, shapely.errors.GEOSException):
            message = "coordonnées illisibles ou tracé d'un seul point"
            findings.append(Finding(number, "geometry", "structure", "erreur", "", message))
    return shapes, findings


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _cells(element: ET.Element, is_ours: bool) -> dict[str, Any]:
    """Return the columns of an object: texts of the standard, then extensions with their own type."""
    cells: dict[str, Any] = {}
    for child in element:
        name = _name(child)
        if name in TEXTS and not is_ours:
            cells[name] = child.text or None
        if name == "extensions":
            for extension in child:
                label = extension.get("nom") or _name(extension)
                cells[label] = _typed(extension.text or "", extension.get("type", ""))
    return cells


def _typed(text: str, kind: str) -> Any:
    try:
        return TYPES[kind](text) if kind in TYPES else text
    except ValueError:
        return text


def _shape(element: ET.Element) -> Any:
    """Return the point of a waypoint, the line of a route, the line or lines of a track."""
    if _name(element) == "wpt":
        return shapely.Point(_position(element))
    if _name(element) == "rte":
        return shapely.LineString([_position(point) for point in element if _name(point) == "rtept"])
    segments = [
        [_position(point) for point in segment if _name(point) == "trkpt"]
        for segment in element
        if _name(segment) == "trkseg"
    ]
    lines = [shapely.LineString(segment) for segment in segments]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def _position(point: ET.Element) -> tuple[float, float]:
    return float(point.get("lon", "")), float(point.get("lat", ""))
