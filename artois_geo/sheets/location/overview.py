"""Where the offers are: a still map of a territory with a numbered pin for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from artois_geo import theme
from artois_geo.sheets import wording
from artois_geo.sheets.location import drawings, situation
from artois_geo.sheets.location.drawings import Marks, View, element
from artois_geo.sheets.location.pins import Pin
from artois_geo.sheets.location.situation import Ground
from artois_geo.theme import Theme

WORKS = "voie_eau_projet"
NEAR_WORKS_M = 40_000.0  # farther, a canal under way would shrink the territory
BEYOND_M = 3_000.0  # of the canal, so that its direction is seen
EDGE_M = 2_500.0
SMALLEST_M = 12_000.0
FAR = (-1e6, -1e6)


@dataclass(frozen=True)
class Look:
    """Hold how a picture is made: size, at the units of its texts, title, language and theme; pin radius."""

    size: tuple[float, float] = (980.0, 620.0)
    title: str = ""
    lang: str = "fr"
    theme: Theme | None = None
    radius: float = 13.0
    names: bool = True


def overview(
    pins: Sequence[Pin],
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    ground: Ground | None = None,
    look: Look | None = None,
) -> str:
    """Draw the map of the offers among towns and waterways, a canal under way in the frame where it is near.

    Parameters
    ----------
    pins
        Offers, in EPSG:2154.
    layers
        Layers by kind, EPSG:2154, as for :func:`sheets.situation`; sites without offer are grey dots.
    ground
        Of the same layers, from :func:`sheets.ground_of`; made here by default.
    look
        Size, title, language and theme.

    Returns
    -------
    str
        An SVG element; empty without pins and without ground. Every text is escaped.

    Examples
    --------
    >>> import shapely
    >>> from artois_geo.sheets import Pin, overview
    >>> overview([Pin(1, shapely.Point(650000, 7050000), "#ad3f22", True, 1000)], {})[:4]
    '<svg'
    >>> overview([], {})
    ''
    """
    look = look or Look()
    ground = ground or situation.ground_of(layers)
    if not pins and ground is None:
        return ""
    words = wording.words(look.lang)
    view = View(_frame(pins, layers, ground, look.size), look.size, look.theme or theme.read())
    marks = drawings.together(
        [
            situation.ground_marks(view, ground),
            situation.line_marks(view, layers),
            situation.neighbour_marks(view, layers, None),
            _halos(view, pins),
            _pins(view, pins, look.radius),
            situation.furniture(view, words, schematic=False),
        ]
    )
    root = situation.root_element(look.size, look.title or words["map"])
    root.extend(
        [*marks.elements, *(situation.name_elements(view, layers, marks.boxes, ground) if look.names else [])]
    )
    return wording.visible(ET.tostring(root, encoding="unicode"))


def locator(pin: Pin, ground: Ground | None, look: Theme | None = None) -> str:
    """Draw the silhouette of the territory with one dot: where about it is; empty without ground.

    Examples
    --------
    >>> import shapely
    >>> from artois_geo.sheets import Pin, locator
    >>> locator(Pin(1, shapely.Point(0, 0), "#ad3f22", True), None)
    ''
    """
    if ground is None or ground.land.is_empty:
        return ""
    west, south, east, north = ground.land.bounds
    pad = 0.08 * (east - west)
    size = (120.0, 120.0 * (north - south + 2 * pad) / (east - west + 2 * pad))
    view = View((west - pad, south - pad, east + pad, north + pad), size, look or theme.read())
    middle = pin.shape.centroid
    x, y = view.at(middle.x, middle.y)
    dot = {"fill": pin.colour} if pin.is_available else {"fill": "#ffffff", "stroke": pin.colour}
    box = f"0 0 {size[0]:g} {size[1]:.1f}"
    root = ET.Element("svg", {"viewBox": box, "aria-hidden": "true", "class": "locator"})
    root.extend(drawings.path(view, ground.land, fill="#d9dfdb"))
    halo_px = max(pin.doubt_m * view.per_metre, 5)
    root.append(element("circle", cx=x, cy=y, r=halo_px, fill=pin.colour, fill_opacity=0.22))
    root.append(element("circle", cx=x, cy=y, r=4, stroke_width=2, **dot))
    return ET.tostring(root, encoding="unicode")


def _frame(
    pins: Sequence[Pin],
    layers: Mapping[str, gpd.GeoDataFrame],
    ground: Ground | None,
    size: tuple[float, float],
) -> tuple[float, float, float, float]:
    """Compute the bounds of the map: land, offers with their doubt, and the near end of a canal under way."""
    around = [pin.shape.buffer(pin.doubt_m) for pin in pins]
    land = [] if ground is None else [ground.land]
    area = shapely.union_all([*land, *around])
    works = layers.get(WORKS)
    lines = (
        [] if works is None else [shape for shape in works.geometry if shape and "Line" in shape.geom_type]
    )
    if lines and (union := shapely.union_all(lines)).distance(area) < NEAR_WORKS_M:
        near_end = shapely.shortest_line(area, union).coords[-1]
        area = area.union(shapely.Point(near_end).buffer(BEYOND_M))
    west, south, east, north = area.buffer(EDGE_M).bounds
    metres = max((east - west) / size[0], (north - south) / size[1], SMALLEST_M / size[0])
    x, y = (west + east) / 2, (south + north) / 2
    half_width, half_height = metres * size[0] / 2, metres * size[1] / 2
    return (x - half_width, y - half_height, x + half_width, y + half_height)


def _halos(view: View, pins: Sequence[Pin]) -> Marks:
    """Draw the outline of each offer that has one, else the circle where it may be."""
    elements: list[ET.Element] = []
    for pin in pins:
        if pin.is_outline:
            edge = {"stroke": pin.colour, "stroke_width": 2.5}
            elements += drawings.path(view, pin.shape, fill=pin.colour, fill_opacity=0.55, **edge)
        elif pin.doubt_m:
            middle = pin.shape.centroid
            x, y = view.at(middle.x, middle.y)
            disc = {"r": pin.doubt_m * view.per_metre, "fill": pin.colour, "fill_opacity": 0.14}
            elements.append(element("circle", class_="halo", cx=x, cy=y, **disc))
    return Marks(elements)


def _pins(view: View, pins: Sequence[Pin], radius: float) -> Marks:
    """Draw the numbers, pushed off each other where they would touch: filled where land is available."""
    middles = [pin.shape.centroid for pin in pins]
    homes = [view.at(middle.x, middle.y) for middle in middles]
    spots = situation.spread(homes, FAR, 2 * radius + 3)
    elements = [
        mark
        for pin, spot in zip(pins, spots, strict=True)
        for mark in situation.numbered(view, pin, spot, radius)
    ]
    return Marks(elements, [(x - radius, y - radius, x + radius, y + radius) for x, y in spots])
