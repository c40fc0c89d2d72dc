"""A small picture on the Lambert-93 plane: shapes, texts with a halo, names that never meet."""

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import shapely

from artois_geo import theme
from artois_geo.theme import Theme

SIMPLE = 0.4  # of a unit of the picture
Box = tuple[float, float, float, float]


@dataclass
class Drawing:
    """Hold the picture so far, its frame, and the boxes occupied by texts and signs."""

    svg: ET.Element
    frame: tuple[float, float, float, float]
    size: tuple[float, float]
    theme: Theme
    taken: list[Box] = field(default_factory=list)

    @property
    def per_metre(self) -> float:
        """Return the units of the picture for one metre of the plane."""
        return self.size[0] / (self.frame[2] - self.frame[0])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Convert a point of the plane to the coordinates of the picture."""
        west, _, _, north = self.frame
        return (x - west) * self.per_metre, (north - y) * self.per_metre

    def add(self, name: str, **attributes: object) -> ET.Element:
        """Add an element on top of the others."""
        svg_attributes = {
            key.rstrip("_").replace("_", "-"): _attribute_text(value) for key, value in attributes.items()
        }
        return ET.SubElement(self.svg, name, svg_attributes)


def text(
    drawing: Drawing,
    x: float,
    y: float,
    said: str,
    size: float,
    colour: str,
    *,
    weight: int,
    italic: bool = False,
    halo: bool = True,
) -> None:
    """Write a text centred on a point, with a halo that keeps it readable on lines."""
    attributes: dict[str, object] = {
        "x": x,
        "y": y,
        "font_size": size,
        "font_weight": weight,
        "text_anchor": "middle",
        "font_family": theme.font_stack(drawing.theme),
    }
    attributes |= {"font_style": "italic"} if italic else {}
    if halo:  # twice, because printers of SVG do not all know paint-order
        halo_style = {"fill": "#ffffff", "stroke": "#ffffff", "stroke_width": 3, "stroke_linejoin": "round"}
        drawing.add("text", **attributes, **halo_style, aria_hidden="true").text = said
    drawing.add("text", **attributes, fill=colour).text = said


def free(drawing: Drawing, x: float, y: float, half: float, size: float) -> tuple[float, float] | None:
    """Find a free position near a point for a name; return its base line, or None."""
    width, height = drawing.size
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
        if inside and not any(_meet(box, occupied_box) for occupied_box in drawing.taken):
            drawing.taken.append(box)
            return x + dx, y + dy + size * 0.35
    return None


def _meet(a_box: Box, b_box: Box) -> bool:
    return a_box[0] < b_box[2] and a_box[2] > b_box[0] and a_box[1] < b_box[3] and a_box[3] > b_box[1]


def inside(drawing: Drawing, x: float, y: float, margin: float) -> bool:
    """Tell whether a point of the picture is farther than ``margin`` from its edges."""
    return margin < x < drawing.size[0] - margin and margin < y < drawing.size[1] - margin


def path(drawing: Drawing, shape: shapely.Geometry, **attributes: object) -> None:
    """Draw a shape of the plane, clipped to the picture and simplified below what is visible."""
    west, south, east, north = drawing.frame
    room = 12 / drawing.per_metre  # so that no stroke follows the edge of the picture
    clipped = shapely.clip_by_rect(shape, west - room, south - room, east + room, north + room)
    clipped = clipped.simplify(SIMPLE / drawing.per_metre)
    path_data = "".join(_corners(drawing, part) for part in shapely.get_parts(clipped))
    if path_data:
        drawing.add("path", d=path_data, **attributes)


def _corners(drawing: Drawing, part: shapely.Geometry) -> str:
    if part.geom_type == "Polygon":
        return "".join(_ring(drawing, ring) + "z" for ring in (part.exterior, *part.interiors))
    return _ring(drawing, part) if part.geom_type in {"LineString", "LinearRing"} else ""


def _ring(drawing: Drawing, ring: shapely.Geometry) -> str:
    corners = [drawing.at(x, y) for x, y, *_ in ring.coords]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)


def _attribute_text(value: object) -> str:
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
