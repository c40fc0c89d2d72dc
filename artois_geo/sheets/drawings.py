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
    """The picture so far: what is drawn, where, and which places are taken by texts and signs."""

    svg: ET.Element
    frame: tuple[float, float, float, float]
    size: tuple[float, float]
    theme: Theme
    taken: list[Box] = field(default_factory=list)

    @property
    def per_metre(self) -> float:
        """Units of the picture for one metre of the plane."""
        return self.size[0] / (self.frame[2] - self.frame[0])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the plane stands in the picture."""
        west, _, _, north = self.frame
        return (x - west) * self.per_metre, (north - y) * self.per_metre

    def add(self, name: str, **attributes: object) -> ET.Element:
        """One more element on top."""
        said = {key.rstrip("_").replace("_", "-"): _written(value) for key, value in attributes.items()}
        return ET.SubElement(self.svg, name, said)


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
    """A text whose middle stands there, with a halo that keeps it readable on lines."""
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
        under = {"fill": "#ffffff", "stroke": "#ffffff", "stroke_width": 3, "stroke_linejoin": "round"}
        drawing.add("text", **attributes, **under, aria_hidden="true").text = said
    drawing.add("text", **attributes, fill=colour).text = said


def free(drawing: Drawing, x: float, y: float, half: float, size: float) -> tuple[float, float] | None:
    """The nearest place of a name where nothing else stands; where its base line goes."""
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
        if inside and not any(_meet(box, other) for other in drawing.taken):
            drawing.taken.append(box)
            return x + dx, y + dy + size * 0.35
    return None


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def inside(drawing: Drawing, x: float, y: float, margin: float) -> bool:
    """Whether a point of the picture is that far from its edges."""
    return margin < x < drawing.size[0] - margin and margin < y < drawing.size[1] - margin


def path(drawing: Drawing, shape: shapely.Geometry, **drawn: object) -> None:
    """A shape of the plane, cut to the picture and without corners that nobody could see."""
    west, south, east, north = drawing.frame
    room = 12 / drawing.per_metre  # so that no stroke follows the edge of the picture
    seen = shapely.clip_by_rect(shape, west - room, south - room, east + room, north + room)
    seen = seen.simplify(SIMPLE / drawing.per_metre)
    written = "".join(_corners(drawing, part) for part in shapely.get_parts(seen))
    if written:
        drawing.add("path", d=written, **drawn)


def _corners(drawing: Drawing, part: shapely.Geometry) -> str:
    if part.geom_type == "Polygon":
        return "".join(_ring(drawing, ring) + "z" for ring in (part.exterior, *part.interiors))
    return _ring(drawing, part) if part.geom_type in {"LineString", "LinearRing"} else ""


def _ring(drawing: Drawing, ring: shapely.Geometry) -> str:
    corners = [drawing.at(x, y) for x, y, *_ in ring.coords]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)


def _written(value: object) -> str:
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
