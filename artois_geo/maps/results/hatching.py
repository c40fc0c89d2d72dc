"""Hatchings that tell layers apart without their colour, and the fill of an area."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from artois_geo.maps.style import Style

TILE = 8
#: By name, what is drawn on a tile of 8 pixels: a path of strokes, or dots.
STROKES = {
    "traits": "M-2 6 6-2M2 10 10 2",
    "croix": "M0 0 8 8M8 0 0 8",
    "lignes": "M0 4H8",
    "colonnes": "M4 0V8",
    "grille": "M0 4H8M4 0V8",
}
DOTS = "points"


def patterns(styles: Iterable[Style]) -> list[ET.Element]:
    """Draw the pattern of each hatching that styles name, once.

    Examples
    --------
    >>> looks = [{"fill": "#a0522d", "pattern": "traits"}, {"fill": "#fff"}]
    >>> [pattern.get("id") for pattern in patterns(looks)]
    ['traits-a0522d']
    """
    looks = sorted({(look["pattern"], look["fill"]) for look in styles if "pattern" in look})
    return [_pattern(name, colour) for name, colour in looks]


def inside(drawn_as: Style, fill: str, *, schematic: bool) -> str:
    """Return the fill of an area: nothing for an outline, a hatching of its own, that of a sketch, a colour.

    Examples
    --------
    >>> looks = {"pattern": "points"}, {"outline": True}, {}
    >>> [inside(look, "#a0522d", schematic=True) for look in looks]
    ['url(#points-a0522d)', 'none', 'url(#hatch-a0522d)']
    """
    if drawn_as.get("outline"):
        return "none"
    colour = fill.removeprefix("#")
    if "pattern" in drawn_as:
        return f"url(#{drawn_as['pattern']}-{colour})"
    return f"url(#hatch-{colour})" if schematic else fill


def _pattern(name: str, colour: str) -> ET.Element:
    size = {"width": str(TILE), "height": str(TILE)}
    attributes = {"id": f"{name}-{colour.removeprefix('#')}", **size, "patternUnits": "userSpaceOnUse"}
    pattern = ET.Element("pattern", attributes)
    ET.SubElement(pattern, "rect", {**size, "fill": colour, "fill-opacity": ".16"})
    if name == DOTS:
        for x, y in ((2, 2), (6, 6)):
            ET.SubElement(pattern, "circle", {"cx": f"{x}", "cy": f"{y}", "r": "1.3", "fill": colour})
    else:
        stroke = {"stroke": colour, "stroke-width": "1.4", "fill": "none"}
        ET.SubElement(pattern, "path", {"d": STROKES[name], **stroke})
    return pattern
