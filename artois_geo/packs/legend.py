"""The legend of a still map: the layers that it shows, each with its sign."""

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

from artois_geo.maps import static_svg, style, thematic_svg
from artois_geo.maps.records import MapLayer, Page
from artois_geo.maps.results import hatching
from artois_geo.sheets import wording

SIGN = (30.0, 18.0)


def entries(page: Page, lang: str, *, scale: float = 1.0) -> list[tuple[ET.Element, str]]:
    """List the sign and the name of each layer on the map, as ``maps.static_svg`` draws it.

    Families of sites come first, then the other layers from top to bottom. A sign is
    an SVG group of 30 by 18 units, taller where it says how tall (``thematic_svg.HIGH``). ``scale`` is
    how much larger than its own units the map is shown: circles of the legend are those of the map.

    Examples
    --------
    >>> from artois_geo import example, maps
    >>> carte = maps.build({"Zones": example.square(x_km=0, y_km=0, side_km=1, nom="A")})
    >>> [name for _, name in entries(carte.page, "fr")]
    ['Zones']
    """
    visible_layers = [layer for layer in reversed(page.layers) if _is_drawn(layer)]
    if page.result is not None:  # what was computed before what it lies on, as the page lists it
        visible_layers.sort(key=lambda layer: (layer.style["listed"] != "open", not layer.amounts))
    discs = [layer for layer in visible_layers if layer.style["drawn"] == "discs"]
    themes = [entry for layer in visible_layers for entry in thematic_svg.entries(layer, lang, scale=scale)]
    plain_layers = [layer for layer in visible_layers if layer not in discs and layer.theme is None]
    return [
        *themes,
        *_families(discs, lang),
        *(entry for layer in plain_layers for entry in _signs(layer, lang)),
    ]


def _families(discs: Sequence[MapLayer], lang: str) -> list[tuple[ET.Element, str]]:
    """List the families of the sites drawn as discs, in the order of ``style.toml``."""
    ids = {style.family(value) for layer in discs for value in layer.features.classes}
    families = [family for family in style.read_style()["families"] if family["id"] in ids]
    return [(_disc(family), family["label"][lang]) for family in families]


def _is_drawn(layer: MapLayer) -> bool:
    has_points = any(point is not None for point in layer.features.points)
    return has_points and layer.style["drawn"] in {"discs", "shapes", "symbols"}


def _disc(family: style.Style) -> ET.Element:
    """Draw the lettered disc of a family of sites."""
    group = ET.Element("g")
    ET.SubElement(group, "circle", {"cx": "15", "cy": "9", "r": "8", "fill": family["fill"]})
    text_attributes = {
        "x": "15",
        "y": "12.5",
        "font-size": "10",
        "font-weight": "700",
        "text-anchor": "middle",
    }
    ET.SubElement(group, "text", {**text_attributes, "fill": family["ink"]}).text = family["letter"]
    return group


def _signs(layer: MapLayer, lang: str) -> list[tuple[ET.Element, str]]:
    """Draw the sign of a layer, and that of its lines which are only sketches where it has both."""
    title = layer.title_in(lang)
    lines = [bool(shape and "Line" in shape["type"]) for shape in layer.features.shapes]
    sketched = [schematic for schematic, line in zip(layer.features.schematic, lines, strict=True) if line]
    if "dash" in layer.style or not any(sketched):
        return [(_sign(layer), title)]
    dashed = _sign(replace(layer, style={**layer.style, "dash": static_svg.SKETCH_DASH}))
    sketch_title = wording.words(lang)["sketched_lines"].format(name=title)
    return [*([] if all(sketched) else [(_sign(layer), title)]), (dashed, sketch_title)]


def _sign(layer: MapLayer) -> ET.Element:
    """Draw the sign of a layer: a line, a box or a disc, after the shapes of its objects."""
    group = ET.Element("g")
    fill = str(layer.style["fill"])
    stroke = str(layer.style.get("stroke", fill))
    kinds = {shape["type"] for shape in layer.features.shapes if shape}
    if any("Line" in kind for kind in kinds):
        dash = {"stroke-dasharray": str(layer.style["dash"])} if "dash" in layer.style else {}
        ET.SubElement(group, "path", {"d": "M2 9h26", "stroke": stroke, "stroke-width": "3", **dash})
        if not all(layer.features.shapes):  # points too
            ET.SubElement(group, "circle", {"cx": "15", "cy": "9", "r": "4", "fill": fill, "stroke": "#fff"})
    elif kinds:
        box = {"x": "3", "y": "2", "width": "24", "height": "14", "rx": "2"}
        schematic = any(layer.features.schematic)
        dash = {"stroke-dasharray": "3 2"} if schematic else {}
        inside = hatching.inside(layer.style, fill, schematic=False)
        hatched = inside.startswith("url(")
        opacity = ".95" if hatched else ".3" if schematic else ".55"
        filled = {"fill": inside, "fill-opacity": opacity, "stroke": stroke}
        ET.SubElement(group, "rect", {**box, **filled, **dash})
    else:
        ET.SubElement(group, "circle", {"cx": "15", "cy": "9", "r": "5", "fill": fill, "stroke": "#fff"})
    return group
