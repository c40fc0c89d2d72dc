"""A small picture on the Lambert-93 plane: shapes, texts with a halo, names that never meet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import shapely

from artois_geo import theme
from artois_geo.theme import Theme

SIMPLE = 0.4  # of a unit of the picture
Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class View:
    """Hold the part of the plane that a picture shows, the size of the picture, its theme."""

    frame: tuple[float, float, float, float]
    size: tuple[float, float]
    theme: Theme

    @property
    def per_metre(self) -> float:
        """Return the units of the picture for one metre of the plane."""
        return self.size[0] / (self.frame[2] - self.frame[0])

    def at(self, x: float, y: float) -> Point:
        """Convert a point of the plane to the coordinates of the picture."""
        west, _, _, north = self.frame
        return (x - west) * self.per_metre, (north - y) * self.per_metre

    def shows(self, x: float, y: float, margin: float) -> bool:
        """Tell whether a point of the picture is farther than ``margin`` from its edges."""
        return margin < x < self.size[0] - margin and margin < y < self.size[1] - margin


@dataclass(frozen=True)
class Marks:
    """Hold elements of a picture, and the boxes that no name may cover."""

    elements: Sequence[ET.Element] = ()
    boxes: Sequence[Box] = ()


@dataclass(frozen=True)
class Type:
    """Describe how a text is written; ``halo`` keeps it readable on lines."""

    size: float
    colour: str
    weight: int
    italic: bool = False
    halo: bool = True


def together(marks: Iterable[Marks]) -> Marks:
    """Put marks on top of one another, in their order."""
    layers = list(marks)
    return Marks(
        [element for layer in layers for element in layer.elements],
        [box for layer in layers for box in layer.boxes],
    )


def element(name: str, **attributes: object) -> ET.Element:
    """Make an SVG element; ``stroke_width`` stands for ``stroke-width``, ``class_`` for ``class``.

    Examples
    --------
    >>> ET.tostring(element("circle", cx=1.25, stroke_width=2)).decode()
    '<circle cx="1.25" stroke-width="2" />'
    """
    svg_attributes = {
        key.rstrip("_").replace("_", "-"): _attribute_text(value) for key, value in attributes.items()
    }
    return ET.Element(name, svg_attributes)


def text(view: View, position: Point, content: str, letters: Type) -> list[ET.Element]:
    """Write a text centred on a point of the picture: its halo, then its letters."""
    attributes: dict[str, object] = {
        "x": position[0],
        "y": position[1],
        "font_size": letters.size,
        "font_weight": letters.weight,
        "text_anchor": "middle",
        "font_family": theme.font_stack(view.theme),
    }
    attributes |= {"font_style": "italic"} if letters.italic else {}
    elements = [element("text", **attributes, fill=letters.colour)]
    if letters.halo:  # a text of its own, because printers of SVG do not all know paint-order
        halo_style = {"fill": "#ffffff", "stroke": "#ffffff", "stroke_width": 3, "stroke_linejoin": "round"}
        elements.insert(0, element("text", **attributes, **halo_style, aria_hidden="true"))
    for part in elements:
        part.text = content
    return elements


def free(
    view: View, position: Point, half: float, size: float, occupied: Sequence[Box]
) -> tuple[Point, Box] | None:
    """Find a free box near a point for a name of ``2 * half``; return its base line and the box, or None.

    Examples
    --------
    >>> view = View((0, 0, 1000, 600), (100, 60), theme.read())
    >>> free(view, (50, 30), 10, 10, [])
    ((50, 33.5), (40, 23.8, 60, 36.2))
    >>> free(view, (50, 30), 10, 10, [(0, 0, 100, 34)])[0]
    (50, 48.5)
    """
    (x, y), (width, height) = position, view.size
    tall = size * 0.62
    steps = (
        (0, 0),
        (0, 15),
        (0, -15),
        (half + 12, 0),
        (-half - 12, 0),
        (0, 27),
        (0, -36),
        (half, 20),
        (-half, 20),
    )
    for dx, dy in steps:
        box = (x + dx - half, y + dy - tall, x + dx + half, y + dy + tall)
        inside = box[0] > 4 and box[2] < width - 4 and box[1] > 4 and box[3] < height - 4
        if inside and not any(_meet(box, occupied_box) for occupied_box in occupied):
            return (x + dx, y + dy + size * 0.35), box
    return None


def _meet(a_box: Box, b_box: Box) -> bool:
    return a_box[0] < b_box[2] and a_box[2] > b_box[0] and a_box[1] < b_box[3] and a_box[3] > b_box[1]


def path(view: View, shape: shapely.Geometry, **attributes: object) -> list[ET.Element]:
    """Draw a shape of the plane, clipped to the picture and simplified below what is visible."""
    west, south, east, north = view.frame
    room = 12 / view.per_metre  # so that no stroke follows the edge of the picture
    clipped = shapely.clip_by_rect(shape, west - room, south - room, east + room, north + room)
    clipped = clipped.simplify(SIMPLE / view.per_metre)
    path_data = "".join(_corners(view, part) for part in shapely.get_parts(clipped))
    return [element("path", d=path_data, **attributes)] if path_data else []


def _corners(view: View, part: shapely.Geometry) -> str:
    if part.geom_type == "Polygon":
        return "".join(_ring(view, ring) + "z" for ring in (part.exterior, *part.interiors))
    return _ring(view, part) if part.geom_type in {"LineString", "LinearRing"} else ""


def _ring(view: View, ring: shapely.Geometry) -> str:
    corners = [view.at(x, y) for x, y, *_ in ring.coords]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)


def _attribute_text(value: object) -> str:
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
