"""Maps of a number in a still picture: circles on the map, and the signs of the legend."""

import math
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import shapely

from artois_geo.maps import noscript, style
from artois_geo.maps.numbers import thematic
from artois_geo.maps.numbers.thematic import Themed
from artois_geo.maps.records import MapLayer, Page
from artois_geo.theme import text_width

SIGN_HIGH, LINE_HIGH = 18.0, 21.0
MISSING_PX = 2.6
TEXT_PX = 10.5
KEY_WIDTH = 640.0
HIGH = "data-high"  # of a sign that is taller than the others

DARK = 0.18  # luminance below which white is read better than black: that of thematic.js
MARK_PX, MARK_FOOT = 11.0, 12.0

Project = Callable[[float, float], tuple[float, float]]
Entry = tuple[ET.Element, str]


def circles(layer: MapLayer, project: Project) -> list[ET.Element]:
    """Draw one circle per value, the largest first so that the small ones stay seen."""
    theme = layer.theme
    if theme is None:
        return []
    order = sorted(range(len(theme.values)), key=lambda i: -abs(theme.values[i] or 0.0))
    points = layer.features.points
    return [_circle(*project(*point), theme, i) for i in order if (point := points[i]) is not None]


def look(theme: Themed, index: int) -> dict[str, Any]:
    """Return the legend entry of a feature: its fill, and whether it is hatched."""
    return theme.entries[theme.looks[index]]


def radius(theme: Themed, value: float, largest_px: float) -> float:
    """Compute the radius of a circle whose area is proportional to the value.

    Examples
    --------
    >>> from artois_geo import example
    >>> towns = example.square(x_km=0, y_km=0, side_km=1, habitants=400.0)
    >>> theme = thematic.apply(towns, thematic.Thematic("habitants", drawn="cercles"), layer="", labels={})
    >>> radius(theme, 400.0, 20), radius(theme, 100.0, 20)
    (20.0, 10.0)
    """
    if not value or not theme.largest:
        return 0.0
    return max(thematic.rules()["circles"]["smallest_px"], largest_px * math.sqrt(abs(value) / theme.largest))


def entries(layer: MapLayer, lang: str, *, scale: float = 1.0) -> list[Entry]:
    """Return the signs and words of a layer: what it maps, then each class with its count.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> towns = example.square(x_km=0, y_km=0, side_km=1, densite=4.0)
    >>> carte = maps.build({"communes": towns}, themes={"communes": maps.Thematic("densite")})
    >>> [name for _, name in entries(carte.page.layers[0], "fr")]
    ['communes : densite', '4 – 1 objet', 'Quantiles : des effectifs égaux']
    """
    theme = layer.theme
    if theme is None:
        return []
    words = style.read_words()[lang]
    head = [(ET.Element("g"), _heading(layer, theme, lang))]
    signs = [(_sign(theme, entry), _entry_text(entry, lang)) for entry in _legend_entries(theme)]
    if theme.drawn == thematic.CIRCLES:
        nested = [(_nested(theme, lang, scale), "")] if theme.round_values else []
        return [*head, *nested, *signs, (ET.Element("g"), words["theme_circles"])]
    has_classes = bool(theme.method) and len(theme.values) > theme.missing
    method = [(ET.Element("g"), words[f"theme_{theme.method}"])] if has_classes else []
    return [*head, *signs, *method]


def keys(page: Page) -> list[tuple[str, str]]:
    """Return heading and legend (SVG) of each map of a number, for the part without script."""
    return [
        (_heading(layer, layer.theme, page.lang), _legend_svg(layer, page.lang))
        for layer in page.layers
        if layer.theme is not None
    ]


def _heading(layer: MapLayer, theme: Themed, lang: str) -> str:
    title = layer.title_in(lang)
    return style.read_words()[lang]["pair"].format(label=title, value=thematic.heading(theme, lang))


def _legend_svg(layer: MapLayer, lang: str) -> str:
    """Draw the legend of a map of a number, an entry below another."""
    root = ET.Element("svg", {"class": "still"})
    y = 4.0
    for sign, name in entries(layer, lang)[1:]:
        sign.set("transform", f"translate(4 {y:g})")
        root.append(sign)
        height = float(sign.attrib.pop(HIGH, SIGN_HIGH))
        label = {"x": "44", "y": f"{y + 13:g}", "font-size": "12", "fill": "#10202e"}
        ET.SubElement(root, "text", label).text = name
        y += height + LINE_HIGH - SIGN_HIGH
    root.set("viewBox", f"0 0 {KEY_WIDTH:g} {y:g}")
    return ET.tostring(root, encoding="unicode")


def _legend_entries(theme: Themed) -> list[dict[str, Any]]:
    """List all classes, even empty; the two signs only where there are both."""
    if theme.drawn != thematic.CIRCLES:
        return list(theme.entries)
    signs = [entry for entry in theme.entries if entry["count"]]
    return [entry for entry in signs if "hatch" in entry or len([e for e in signs if "stroke" in e]) > 1]


def _entry_text(entry: dict[str, Any], lang: str) -> str:
    words, count = style.read_words()[lang], entry["count"]
    count_text = words["objects"].format(n=thematic.number(count, 0, lang))
    parts = [words["objects_one"] if count == 1 else count_text]
    if "ha" in entry:
        hectares = f"{noscript.hectares(entry['ha'], lang)} ha"
        sized = thematic.number(entry["sized"], 0, lang)
        parts.append(
            hectares if entry["sized"] == count else words["theme_sized"].format(ha=hectares, n=sized)
        )
    label = entry["label"]
    return f"{label if isinstance(label, str) else label[lang]} – {', '.join(parts)}"


def _sign(theme: Themed, entry: dict[str, Any]) -> ET.Element:
    """Draw the sign of a legend entry: a small circle or a box of its fill."""
    group = ET.Element("g")
    if theme.drawn == thematic.CIRCLES:
        missing = "hatch" in entry
        ET.SubElement(
            group,
            "circle",
            {"cx": "15", "cy": "9", "r": f"{MISSING_PX if missing else 7:g}"} | _paint(entry, missing),
        )
        return group
    fill = f"url(#hatch-{entry['fill'].removeprefix('#')})" if "hatch" in entry else entry["fill"]
    box = {"x": "2", "y": "1", "width": "26", "height": "16", "rx": "2"}
    ET.SubElement(group, "rect", {**box, "fill": fill, "stroke": "#5b6773", "stroke-width": ".6"})
    return group


def _circle(x: float, y: float, theme: Themed, index: int) -> ET.Element:
    value, entry = theme.values[index], look(theme, index)
    largest = thematic.rules()["circles"]["largest_still"]
    size = MISSING_PX if value is None else radius(theme, value, largest)
    attributes = {"cx": f"{x:g}", "cy": f"{y:g}", "r": f"{size:.1f}"}
    return ET.Element("circle", attributes | _paint(entry, value is None))


def _paint(entry: dict[str, Any], missing: bool) -> dict[str, str]:
    """Return the fill and the stroke of a circle; hollow and dashed where the value is missing."""
    if missing:
        return {
            "fill": "#ffffff",
            "stroke": entry["fill"],
            "stroke-width": "1.2",
            "stroke-dasharray": "1.5 1",
        }
    return {
        "fill": entry["fill"],
        "fill-opacity": ".72",
        "stroke": entry["stroke"],
        "stroke-width": ".8",
    }


def _nested(theme: Themed, lang: str, scale: float) -> ET.Element:
    """Draw circles of round values that stand on one another, each with its value."""
    group = ET.Element("g")
    largest = thematic.rules()["circles"]["largest_still"] * scale
    sizes = [radius(theme, value, largest) for value in theme.round_values]
    bottom, middle = 2 * sizes[0] + 3, sizes[0] + 2
    for index, (value, size) in enumerate(zip(theme.round_values, sizes, strict=True)):
        y = bottom - size
        outline = {"fill": "none", "stroke": thematic.rules()["circles"]["above"]["stroke"]}
        ET.SubElement(
            group,
            "circle",
            {"cx": f"{middle:g}", "cy": f"{y:g}", "r": f"{size:.1f}", "stroke-width": "1", **outline},
        )
        top = max(bottom - 2 * size, 6 + index * (TEXT_PX + 2))
        ET.SubElement(
            group,
            "path",
            {
                "d": f"M{middle:g} {bottom - 2 * size:g}L{2 * middle + 8:g} {top:g}h6",
                "stroke-width": ".6",
                **outline,
            },
        )
        label = {
            "x": f"{2 * middle + 18:g}",
            "y": f"{top + 3.5:g}",
            "font-size": f"{TEXT_PX:g}",
            "fill": "#10202e",
        }
        text = f"{thematic.number(value, _decimals(value), lang)} {thematic.unit(theme, lang)}".strip()
        ET.SubElement(group, "text", label).text = text
    group.set(HIGH, f"{max(bottom, 6 + len(sizes) * (TEXT_PX + 2)) + 4:g}")
    return group


def _decimals(value: float) -> int:
    return max(0, -math.floor(math.log10(value)))


def is_sketched(layer: MapLayer) -> bool:
    """Tell whether a layer shades outlines that are schematic: the picture then says so."""
    shaded = layer.theme is not None and layer.theme.drawn == thematic.SHADES
    return shaded and any(layer.features.schematic)


def sketched_mark(words: str, width: float, height: float) -> list[ET.Element]:
    """Write at the foot of a picture that its outlines are schematic."""
    half = text_width(words, MARK_PX) / 2 + 8
    x, y = width / 2, height - MARK_FOOT
    box = {"x": f"{x - half:.1f}", "y": f"{y - MARK_PX:g}", "width": f"{2 * half:.1f}"}
    paint = {"height": f"{MARK_PX + 6:g}", "rx": "4", "fill": "#ffffff", "fill-opacity": ".92"}
    position = {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": "middle", "font-size": f"{MARK_PX:g}"}
    text = ET.Element("text", {**position, "font-style": "italic", "fill": "#10202e"})
    text.text = words
    return [ET.Element("rect", {**box, **paint}), text]


def dark_ground(layers: Sequence[MapLayer]) -> Callable[[float, float], bool]:
    """Return what tells whether the shade at a point, in degrees, is dark: a name there is white."""
    dark = [
        shapely.geometry.shape(shape)
        for layer in layers
        if layer.theme is not None and layer.theme.drawn == thematic.SHADES
        for index, shape in enumerate(layer.features.shapes)
        if shape is not None and _is_dark(look(layer.theme, index))
    ]
    tree = shapely.STRtree(dark)
    return lambda longitude, latitude: len(tree.query(shapely.Point(longitude, latitude), "within")) > 0


def _is_dark(entry: dict[str, Any]) -> bool:
    return "hatch" not in entry and _luminance(entry["fill"]) < DARK


def _luminance(colour: str) -> float:
    """Compute the relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
