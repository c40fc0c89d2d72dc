"""Points and lines for a phone or a GPS (GPX 1.1, WGS 84): a waypoint each, a track each."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure, text
from artois_geo.errors import BadTable
from artois_geo.formats.exports.plain_columns import plain_columns, text_of
from artois_geo.formats.exports.records import Description, SpatialFile
from artois_geo.formats.exports.short_names import safe_stem
from artois_geo.formats.findings import Finding

GPX = "http://www.topografix.com/GPX/1/1"
OGR = "http://osgeo.org/gdal"  # of the extensions that GDAL and QGIS read back
DECIMALS = 7


def content(features: gpd.GeoDataFrame, description: Description) -> SpatialFile:
    """Give the bytes of that file, and the features that have no place in it.

    Parameters
    ----------
    features
        EPSG:2154. A multipoint gives as many waypoints, a line of several parts one track.
    description
        Its headings make the text that a phone shows under each name.

    Raises
    ------
    BadTable
        A polygon, or a shape of several kinds.
    """
    measure.require_lambert93(features=features)
    table = plain_columns(features)
    _refuse_polygons(table.geometry.to_numpy())
    naming = meaning.name_column(table, also=("name",))
    columns = [name for name in table.columns if name != table.geometry.name]
    tags = _tags([str(name) for name in columns])
    ET.register_namespace("", GPX)
    ET.register_namespace("ogr", OGR)
    root = ET.Element(f"{{{GPX}}}gpx", {"version": "1.1", "creator": "artois_geo"})
    metadata = ET.SubElement(root, f"{{{GPX}}}metadata")
    metadata.extend(_text_elements("name", description.provenance.title or description.layer))
    metadata.extend(_text_elements("desc", "\n".join(description.provenance.lines)))
    shapes = table.geometry.to_crs(measure.WGS84).to_numpy()
    cells = {str(name): table[name].tolist() for name in columns}
    # GPX wants every waypoint before the first track
    rows = sorted(range(len(table)), key=lambda row: int(shapely.get_dimensions(shapes[row])))
    for row in rows:
        row_cells = {name: values[row] for name, values in cells.items()}
        name = "" if naming is None else text_of(row_cells[str(naming)]) or ""
        for element, segments in _elements(shapes[row]):
            element.extend(_text_elements("name", name))
            element.extend(_text_elements("desc", _sentences(row_cells, description)))
            element.append(_extensions(row_cells, tags))
            element.extend(segments)  # behind the texts of a track, as the schema of GPX orders them
            root.append(element)
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return SpatialFile(body + b"\n", tuple(_findings(shapes)))


def _refuse_polygons(shapes: np.ndarray) -> None:
    dimensions = shapely.get_dimensions(shapes)
    polygons = int((dimensions == 2).sum())
    if polygons or (shapely.get_type_id(shapes) == 7).any():
        raise BadTable(
            f"Le GPX ne tient que des points et des lignes : {text.counted(polygons, 'polygone')} ici. "
            "Choisir .gpkg, ou .geojson pour une application de terrain qui montre des surfaces."
        )


def _elements(shape: Any) -> Iterator[tuple[ET.Element, list[ET.Element]]]:
    """Yield the waypoints, or the track and its segments; nothing for a shape that is missing or empty."""
    if shape is None or shape.is_empty:
        return
    if shapely.get_dimensions(shape) == 0:
        for longitude, latitude in shapely.get_coordinates(shape).tolist():
            yield ET.Element(f"{{{GPX}}}wpt", _degrees(longitude, latitude)), []
        return
    yield ET.Element(f"{{{GPX}}}trk"), [_segment(part) for part in shapely.get_parts(shape)]


def _segment(line: Any) -> ET.Element:
    segment = ET.Element(f"{{{GPX}}}trkseg")
    for longitude, latitude in shapely.get_coordinates(line).tolist():
        ET.SubElement(segment, f"{{{GPX}}}trkpt", _degrees(longitude, latitude))
    return segment


def _degrees(longitude: float, latitude: float) -> dict[str, str]:
    return {"lat": f"{latitude:.{DECIMALS}f}", "lon": f"{longitude:.{DECIMALS}f}"}


def _text_elements(name: str, words: str) -> list[ET.Element]:
    """Return the element that holds a text; nothing where the text is empty."""
    printable = text.printable(words)
    if not printable:
        return []
    element = ET.Element(f"{{{GPX}}}{name}")
    element.text = printable
    return [element]


def _sentences(cells: dict[str, Any], description: Description) -> str:
    """Write what a phone shows: « heading : value », a line each."""
    lines = [
        (description.labels.get(name, name), _french(cell))
        for name, cell in cells.items()
        if not meaning.is_missing(cell)
    ]
    return "\n".join(f"{heading} : {words}" for heading, words in lines)


def _french(cell: Any) -> str:
    if isinstance(cell, bool | np.bool_):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return text.number(cell, 0 if cell.is_integer() else 2)
    return f"{cell:%d/%m/%Y}" if isinstance(cell, pd.Timestamp) else str(cell)


def _extensions(cells: dict[str, Any], tags: dict[str, str]) -> ET.Element:
    """Write every cell under its column, with its exact name and type, for desktops and our own reader."""
    extensions = ET.Element(f"{{{GPX}}}extensions")
    for name, cell in cells.items():
        if meaning.is_null(cell):
            continue
        attributes = {"nom": text.printable(name), "type": _type(cell)}
        tag = ET.SubElement(extensions, f"{{{OGR}}}{tags[name]}", attributes)
        tag.text = text.printable(_raw(cell))
    return extensions


def _type(cell: Any) -> str:
    if isinstance(cell, bool | np.bool_):
        return "booleen"
    if isinstance(cell, int | np.integer):
        return "entier"
    return "nombre" if isinstance(cell, float) else "texte"


def _raw(cell: Any) -> str:
    if isinstance(cell, bool | np.bool_):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return repr(float(cell))
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _tags(columns: list[str]) -> dict[str, str]:
    """Give each column a tag that XML takes; no two alike."""
    tags: dict[str, str] = {}
    for name in columns:
        base = safe_stem(name)
        base = base if re.match("[A-Za-z_]", base) else f"c{base}"
        tag, number = base, 1
        while tag.lower() in {used.lower() for used in tags.values()}:
            number += 1
            tag = f"{base}_{number}"
        tags[name] = tag
    return tags


def _findings(shapes: np.ndarray) -> Iterator[Finding]:
    shapeless = int((shapely.is_missing(shapes) | shapely.is_empty(shapes)).sum())
    if shapeless:
        count = text.counted(
            shapeless, "objet sans géométrie, absent du GPX", "objets sans géométrie, absents du GPX"
        )
        yield Finding(None, "geometry", "géométrie absente", "alerte", shapeless, count)
    several = int((shapely.get_type_id(shapes) == 4).sum())
    if several:
        count = text.counted(several, "objet de plusieurs points", "objets de plusieurs points")
        message = f"{count} : un repère par point"
        yield Finding(None, "geometry", "points multiples", "note", several, message)
