"""The style that QGIS reads in the table ``layer_styles`` of a GeoPackage (QML), by kind of geometry."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from artois_geo.formats.exports.records import Drawing, Look
from artois_geo.text import printable

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
NAMES = ("points", "lignes", "polygones")  # by dimension, which is what QGIS calls layerGeometryType
TYPES = ("marker", "line", "fill")
CLASSES = ("SimpleMarker", "SimpleLine", "SimpleFill")
MARKER_MM = "2.6"


def qml(drawing: Drawing, dimension: int, labels: Mapping[str, str]) -> str:
    """Write the style of a layer as QGIS reads it.

    Parameters
    ----------
    drawing
        Colours, and the column whose texts choose among them.
    dimension
        0 for points, 1 for lines, 2 for polygons.
    labels
        French heading of each column, in the order of the columns: QGIS shows it in place of the name.

    Source: https://docs.qgis.org (QML, the style of a layer).

    Examples
    --------
    >>> text = qml(Drawing(Look("#228833", "#114411")), 2, {"area_ha": "Surface (ha)"})
    >>> 'type="fill"' in text, 'name="Surface (ha)"' in text
    (True, True)
    """
    root = ET.Element(
        "qgis", {"version": "3.28.0-Firenze", "styleCategories": "LayerConfiguration|Symbology|Fields"}
    )
    if drawing.column:
        renderer = ET.SubElement(
            root, "renderer-v2", {"type": "categorizedSymbol", "attr": drawing.column, "symbollevels": "0"}
        )
        looks = [*drawing.looks.items(), ("", drawing.rest)]
        categories = ET.SubElement(renderer, "categories")
        for number, (text, look) in enumerate(looks):
            attributes = {"symbol": str(number), "value": text, "label": look.label or text, "render": "true"}
            ET.SubElement(
                categories, "category", {name: printable(text) for name, text in attributes.items()}
            )
    else:
        renderer = ET.SubElement(root, "renderer-v2", {"type": "singleSymbol", "symbollevels": "0"})
        looks = [("", drawing.rest)]
    symbols = ET.SubElement(renderer, "symbols")
    for number, (_, look) in enumerate(looks):
        symbols.append(_symbol(look, dimension, str(number)))
    aliases = ET.SubElement(root, "aliases")
    for index, (column, label) in enumerate(labels.items()):
        ET.SubElement(
            aliases,
            "alias",
            {"index": str(index), "field": printable(column), "name": printable(label)},
        )
    ET.SubElement(root, "layerGeometryType").text = str(dimension)
    return DOCTYPE + ET.tostring(root, encoding="unicode")


def _symbol(look: Look, dimension: int, name: str) -> ET.Element:
    """Write one symbol: a dot, a line or a filled shape."""
    symbol = ET.Element(
        "symbol", {"type": TYPES[dimension], "name": name, "alpha": "1", "clip_to_extent": "1"}
    )
    layer = ET.SubElement(
        symbol, "layer", {"class": CLASSES[dimension], "enabled": "1", "pass": "0", "locked": "0"}
    )
    options = ET.SubElement(layer, "Option", {"type": "Map"})
    for key, text in _options(look, dimension).items():
        ET.SubElement(options, "Option", {"type": "QString", "name": key, "value": text})
    return symbol


def _options(look: Look, dimension: int) -> dict[str, str]:
    """Return the options that QGIS gives a point, a line or a polygon: colours, and widths in millimetres."""
    if dimension == 1:
        return {
            "line_color": _rgba(look.stroke),
            "line_style": "solid",
            "line_width": f"{look.width_mm:g}",
            "line_width_unit": "MM",
        }
    common = {
        "color": _rgba(look.fill, look.opacity),
        "outline_color": _rgba(look.stroke),
        "outline_style": "solid",
        "outline_width": f"{look.width_mm:g}",
        "outline_width_unit": "MM",
        "style": "solid",
    }
    return {**common, "name": "circle", "size": MARKER_MM, "size_unit": "MM"} if dimension == 0 else common


def _rgba(colour: str, opacity: float = 1) -> str:
    """Write a colour as QGIS does: red, green, blue and opacity, 0 to 255."""
    shades = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return ",".join(map(str, [*shades, round(255 * opacity)]))
