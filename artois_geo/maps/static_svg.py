"""The same map as a still picture: for viewers that run no script, and for reports."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd

from artois_geo import measure
from artois_geo.maps import names_svg, style, thematic_svg
from artois_geo.maps.features import rounded
from artois_geo.maps.names_svg import Box
from artois_geo.maps.numbers import thematic
from artois_geo.maps.numbers.changes import Changes
from artois_geo.maps.records import MapLayer, Page
from artois_geo.maps.results import hatching

WIDTH = 640.0
MARGIN = 14.0
KM_PER_DEGREE = 111.2
POINT_PX = 2.6
PAD = {"fill": "#fff", "fill-opacity": ".85"}  # under the scale and the north
LARGE_PX = 90.0  # an area as wide can bear a name
UNSEEN = 0.01  # a move of a disc that nobody would see
SKETCH_DASH = "6 4"  # a line between known points is a schema: never solid
THINNEST = 9  # tenths of a pixel: corners closer than that to the last one are left out
MOST_PARTS = 500  # of what changed, in a preview
CHANGED = "#1f9e89"  # ground without classes
SCALE_KM = (1, 2, 5, 10, 20, 50, 100)

Project = Callable[[float, float], tuple[float, float]]


@dataclass
class Disc:
    """A lettered disc: where it belongs, and where it stands once pushed apart."""

    x: float
    y: float
    radius: float
    look: dict[str, Any]
    schematic: bool
    home: tuple[float, float]


def draw(
    page: Page,
    *,
    every_shape: bool = False,
    lang: str = "",
    pins: Callable[[Project], list[Disc]] | None = None,
    changed: bool = False,
) -> str:
    """Draw the map as an SVG element: ground, shapes, discs with letters, town names, scale and north.

    ``every_shape`` draws layers of thousands of outlines too: for a picture of its own, where bytes
    matter less. ``lang`` is that of its title, by default the language of the page. ``pins`` makes the
    discs that stand in place of those of the sites. ``changed`` draws what changed between two layers in
    their place. Plain geometry and escaped texts only. Longitudes are shortened by the cosine of the middle
    latitude, so that the scale bar holds in both directions.
    """
    project, height = _projection(page.bounds)
    picture = ET.Element(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH:g} {height:g}",
            "role": "img",
            "aria-label": page.heading(lang)[0],
            "class": "still",
        },
    )
    _ground(picture, page, project, height)
    compared = (page.compare or ()) if changed else ()
    _layers(picture, [layer for layer in page.layers if layer.id not in compared], project, every_shape)
    if changed and page.changes is not None:
        _changes(picture, page.changes, project)
    _themes(picture, page, project)
    discs = spread(pins(project) if pins else _discs(page, project))
    picture.extend(_names(page, project, discs, height))
    for disc in discs:
        _disc(picture, disc)
    _scale_and_north(picture, page.bounds, height)
    if any(map(thematic_svg.is_sketched, page.layers)):
        picture.extend(
            thematic_svg.sketched_mark(style.read_words()[lang or page.lang]["sketched"], WIDTH, height)
        )
    return ET.tostring(picture, encoding="unicode")


def _layers(picture: ET.Element, layers: Sequence[MapLayer], project: Project, every_shape: bool) -> None:
    """Draw the outlines of layers that have few of them, or all that are drawn as outlines."""
    for layer in layers:
        # one path each: beyond some hundreds this preview would weigh more than the map
        light = is_light(layer) or (every_shape and layer.bulk is None)
        if layer.style["drawn"] in {"shapes", "symbols", "discs"} and light:
            _shapes(picture, layer, project)


def _themes(picture: ET.Element, page: Page, project: Project) -> None:
    """Draw the limits again over shades, and the circles of quantities."""
    themed = [layer for layer in page.layers if layer.theme]
    if themed:
        _limits(picture, page, project)  # again: shades cover the first
    for layer in themed:
        if layer.theme and layer.theme.drawn == thematic.CIRCLES:
            picture.extend(thematic_svg.circles(layer, project))


def is_light(layer: MapLayer) -> bool:
    """Tell whether a layer has outlines few enough for the preview of a page."""
    return layer.bulk is None and layer.tolerance is None


def _changes(picture: ET.Element, changes: Changes, project: Project) -> None:
    """Draw the largest parts of what changed, in the colour of what they became; dashed where it is gone."""
    parts = [(part, passage) for passage in changes.passages for part in passage.parts]
    largest = sorted(parts, key=lambda pair: -pair[0].area)[:MOST_PARTS]
    shapes = gpd.GeoSeries([part for part, _ in largest], crs=measure.LAMBERT93).to_crs(4326)
    for shape, (_, passage) in zip(rounded(shapes.to_numpy()), largest, strict=True):
        entry = passage.after or passage.before or {}
        paint = {"fill": entry.get("fill") or CHANGED, "stroke": "#10202e", "stroke-width": ".6"}
        gone = {} if passage.after else {"fill-opacity": ".45", "stroke-dasharray": "3 2"}
        if shape is not None:
            ET.SubElement(picture, "path", {"d": _path(shape, project), **paint, **gone})


def patterns() -> str:
    """Draw the hatchings of schematic shapes, one per colour of ``style.toml``, named after the colour."""
    settings = style.read_style()
    kinds = [settings["default"], *settings["spare"], *settings["kinds"].values()]
    colours = {entry["fill"] for entry in [*settings["families"], *kinds] if "fill" in entry}
    colours |= {
        settings["ground"]["limit"],
        thematic.rules()["missing"],
        thematic.rules()["strange"],
    }  # samples of the legend
    svg = ET.Element("svg", {"class": "defs", "width": "0", "height": "0", "aria-hidden": "true"})
    defs = ET.SubElement(svg, "defs")
    for colour in sorted(colours):
        pattern = ET.SubElement(
            defs,
            "pattern",
            {
                "id": "hatch-" + colour.removeprefix("#"),
                "width": "7",
                "height": "7",
                "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            },
        )
        ET.SubElement(pattern, "rect", {"width": "7", "height": "7", "fill": colour, "fill-opacity": ".18"})
        ET.SubElement(pattern, "rect", {"width": "2.2", "height": "7", "fill": colour, "fill-opacity": ".75"})
    defs.extend(hatching.patterns([*kinds, *settings["constraint_looks"]]))
    return ET.tostring(svg, encoding="unicode")


def spread(discs: list[Disc], *, rounds: int = 40) -> list[Disc]:
    """Push overlapping discs apart, the same way each time.

    Examples
    --------
    >>> discs = [Disc(0, 0, 5, {}, False, (0, 0)), Disc(1, 0, 5, {}, False, (1, 0))]
    >>> a, b = spread(discs)
    >>> round(b.x - a.x)
    11
    """
    for _ in range(rounds):
        moved = [_push(disc, previous) for i, disc in enumerate(discs) for previous in discs[:i]]
        if max(moved, default=0.0) < UNSEEN:
            break
    return discs


def _push(disc: Disc, neighbour: Disc) -> float:
    """Push two discs apart and return how far each was moved."""
    # most pairs are far apart: their distance is not needed
    if abs(disc.x - neighbour.x) >= disc.radius + neighbour.radius + 1:
        return 0.0
    dx, dy = disc.x - neighbour.x, disc.y - neighbour.y
    distance = math.hypot(dx, dy)
    clearance = disc.radius + neighbour.radius + 1
    if distance >= clearance:
        return 0.0
    if distance < 0.1:  # the same place: any direction does, the golden angle scatters several
        dx, dy, distance = math.cos(disc.radius * 2.4), math.sin(disc.radius * 2.4), 1.0
    half = (clearance - distance) / 2 / math.hypot(dx, dy)
    disc.x, disc.y = disc.x + dx * half, disc.y + dy * half
    neighbour.x, neighbour.y = neighbour.x - dx * half, neighbour.y - dy * half
    return (clearance - distance) / 2


def _projection(bounds: list[list[float]]) -> tuple[Project, float]:
    (south, west), (north, east) = bounds
    shrink = math.cos(math.radians((south + north) / 2))
    per_degree = (WIDTH - 2 * MARGIN) / max((east - west) * shrink, 1e-6)
    height = (north - south) * per_degree + 2 * MARGIN

    def project(longitude: float, latitude: float) -> tuple[float, float]:
        x = MARGIN + (longitude - west) * shrink * per_degree
        return round(x, 1), round(MARGIN + (north - latitude) * per_degree, 1)

    return project, min(max(round(height, 1), 120.0), 2 * WIDTH)


def _ground(picture: ET.Element, page: Page, project: Project, height: float) -> None:
    """Draw the land, its cells and its limits."""
    colours = style.read_style()["ground"]
    ET.SubElement(
        picture, "rect", {"width": f"{WIDTH:g}", "height": f"{height:g}", "fill": colours["outside"]}
    )
    if not page.ground:
        return
    land = "".join(_path(shape, project) for shape in page.ground["cells"])
    ET.SubElement(
        picture,
        "path",
        {
            "d": land,
            "fill": colours["land"],
            "stroke": colours["line"],
            "stroke-width": ".6",
            **({"stroke-dasharray": "2 3"} if page.ground["schematic"] else {}),
        },
    )
    _landmarks(picture, page, project)
    _limits(picture, page, project)


def _landmarks(picture: ET.Element, page: Page, project: Project) -> None:
    """Draw main roads, tracks and motorways: solid lines, the tracks with ticks."""
    colours = style.read_style()["ground"]
    looks = {
        "main": [{"stroke": colours["main"], "stroke-width": "1"}],
        "rail": [
            {"stroke": colours["rail"], "stroke-width": ".7"},
            {"stroke": colours["rail"], "stroke-width": "2.6", "stroke-dasharray": ".7 5"},
        ],
        "motorway": [
            {"stroke": "#ffffff", "stroke-width": "3.2"},
            {"stroke": colours["motorway"], "stroke-width": "1.8"},
        ],
    }
    for line in (page.ground or {}).get("landmarks", ()):
        for look in looks[line["class"]]:
            attributes = {"d": _path(line["shape"], project), "class": line["class"], "fill": "none", **look}
            ET.SubElement(picture, "path", attributes)


def _limits(picture: ET.Element, page: Page, project: Project) -> None:
    limits = "".join(_path(shape, project) for shape in page.ground["limits"]) if page.ground else ""
    dashed = {"fill": "none", "stroke": style.read_style()["ground"]["limit"], "stroke-dasharray": "5 3"}
    ET.SubElement(picture, "path", {"d": limits, **dashed})


def _shapes(picture: ET.Element, layer: MapLayer, project: Project) -> None:
    """Draw the outlines of a layer, and a dot for a feature without one."""
    features = layer.features
    if layer.theme and layer.theme.drawn == thematic.CIRCLES:
        return
    for i, shape in enumerate(features.shapes):
        fill = str(_look(layer, i).get("fill", layer.style["fill"]))
        if shape is not None and layer.theme and "Line" in shape["type"]:
            line = {"d": _path(shape, project), "fill": "none", "stroke": fill, "stroke-width": "2.4"}
            ET.SubElement(picture, "path", line)
        elif shape is not None and layer.theme:
            _shade(picture, shape, thematic_svg.look(layer.theme, i), features.schematic[i], project)
        elif shape is not None and layer.theme is None:
            _shape(picture, shape, layer, fill, features.schematic[i], project)
        elif (layer.style["drawn"] != "discs" or layer.tolerance is not None) and (
            point := features.points[i]
        ):
            x, y = project(*point)
            ET.SubElement(
                picture,
                "circle",
                {"cx": f"{x}", "cy": f"{y}", "r": f"{POINT_PX}", "fill": fill, "stroke": "#fff"},
            )


def _shape(
    picture: ET.Element, shape: dict[str, Any], layer: MapLayer, fill: str, schematic: bool, project: Project
) -> None:
    """Draw one outline: a line, or an area that is hatched where it is schematic."""
    attributes = {"d": _path(shape, project), "stroke": str(layer.style.get("stroke", fill))}
    if "Line" in shape["type"]:
        attributes |= {"fill": "none", "stroke-width": "2.4"}
        dash = layer.style.get("dash", SKETCH_DASH if schematic else None)
        attributes |= {"stroke-dasharray": dash} if dash else {}
    else:
        attributes |= {"fill": hatching.inside(layer.style, fill, schematic=schematic)}
        attributes |= {"fill-opacity": ".8", "stroke-width": ".8"}
        attributes |= {"stroke-dasharray": "3 2"} if schematic else {}
    ET.SubElement(picture, "path", attributes)


def _shade(
    picture: ET.Element, shape: dict[str, Any], entry: dict[str, Any], schematic: bool, project: Project
) -> None:
    fill = f"url(#hatch-{entry['fill'].removeprefix('#')})" if "hatch" in entry else entry["fill"]
    edge = {"stroke": "#ffffff", "stroke-width": ".6"} | ({"stroke-dasharray": "2 2"} if schematic else {})
    ET.SubElement(picture, "path", {"d": _path(shape, project), "fill": fill, **edge})


def _discs(page: Page, project: Project) -> list[Disc]:
    """Prepare the discs of the sites, the largest first."""
    discs = []
    for layer in page.layers:
        if layer.style["drawn"] != "discs" or layer.tolerance is not None:
            continue
        features = layer.features
        for i, point in enumerate(features.points):
            if point is None:
                continue
            x, y = project(*point)
            radius = 5.0 if features.sub_sites[i] else 6.0 + math.sqrt(features.areas[i] or 0) * 0.3
            discs.append(Disc(x, y, radius, _look(layer, i), features.schematic[i], (x, y)))
    return sorted(discs, key=lambda disc: -disc.radius)


def _look(layer: MapLayer, index: int) -> dict[str, Any]:
    if layer.theme:
        return thematic_svg.look(layer.theme, index)
    if layer.style["drawn"] == "shapes":
        icon = style.looks(layer.style, [layer.features.classes[index]])[0]
        return {} if icon is None else layer.style["icons"][icon]
    if layer.style["drawn"] != "discs":
        return {}
    family_id = style.family(layer.features.classes[index])
    return next(family for family in style.read_style()["families"] if family["id"] == family_id)


def _disc(picture: ET.Element, disc: Disc) -> None:
    """Draw a disc and its letter."""
    x, y, radius = (f"{number:.1f}" for number in (disc.x, disc.y, disc.radius))
    circle_attributes = {
        "cx": x,
        "cy": y,
        "r": radius,
        "fill": disc.look["fill"],
        "stroke": disc.look.get("stroke", "#fff"),
        "stroke-width": "1.2",
    }
    ET.SubElement(picture, "circle", circle_attributes)
    letter_attributes = {
        "x": x,
        "y": f"{disc.y + disc.radius * 0.36:.1f}",
        "font-size": f"{disc.radius * 1.05:.1f}",
        "fill": disc.look["ink"],
        "text-anchor": "middle",
        "font-weight": "700",
    }
    ET.SubElement(picture, "text", letter_attributes).text = disc.look["letter"]


def _names(page: Page, project: Project, discs: Iterable[Disc], height: float) -> list[ET.Element]:
    """Write the town names where they cover neither disc, scale nor north."""
    if not page.ground:
        return []
    occupied: list[Box] = [
        (disc.x - disc.radius, disc.y - disc.radius, disc.x + disc.radius, disc.y + disc.radius)
        for disc in discs
    ]
    occupied += [(0, height - 36, 16 + _scale(page.bounds)[1], height), (WIDTH - 36, 0, WIDTH, 46)]
    signs = [
        *_small_outlines(page, project),
        *_dots(page, project),
    ]
    return names_svg.town_names(
        page.ground["towns"],
        project,
        occupied=occupied,
        avoided=signs,
        size=(WIDTH, height),
        is_dark=thematic_svg.dark_ground(page.layers),
    )


def _dots(page: Page, project: Project) -> list[Box]:
    """List the boxes of the features that only have a point."""
    return [
        (x - POINT_PX, y - POINT_PX, x + POINT_PX, y + POINT_PX)
        for layer in page.layers
        if layer.style["drawn"] in {"symbols", "shapes"}
        for shape, point in zip(layer.features.shapes, layer.features.points, strict=True)
        if shape is None and point
        for x, y in [project(*point)]
    ]


def _small_outlines(page: Page, project: Project) -> list[Box]:
    """List the boxes of the small areas of light layers: a name would hide them."""
    boxes = []
    for layer in filter(is_light, page.layers):
        for shape in layer.features.shapes if layer.style["drawn"] == "shapes" else ():
            if shape is None or "Polygon" not in shape["type"]:
                continue
            corners = [project(*corner[:2]) for ring, _ in _lines(shape) for corner in ring]
            xs, ys = zip(*corners, strict=True)
            if max(xs) - min(xs) < LARGE_PX and max(ys) - min(ys) < LARGE_PX:
                boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return boxes


def _scale(bounds: list[list[float]]) -> tuple[int, float]:
    """Return the kilometres of the scale bar, and its length in pixels."""
    (south, west), (north, east) = bounds
    km = (east - west) * math.cos(math.radians((south + north) / 2)) * KM_PER_DEGREE
    px_per_km = (WIDTH - 2 * MARGIN) / max(km, 1e-6)
    length = next((scale_km for scale_km in SCALE_KM if scale_km * px_per_km > 60), SCALE_KM[-1])
    return length, length * px_per_km


def _scale_and_north(picture: ET.Element, bounds: list[list[float]], height: float) -> None:
    km, length = _scale(bounds)
    y = height - 16
    pad = {"x": "10", "y": f"{y - 20:g}", "width": f"{length + 12:.1f}", "height": "26", "rx": "3"}
    ET.SubElement(picture, "rect", {**pad, **PAD})
    bar = f"M16 {y - 5:g}V{y:g}H{16 + length:.1f}V{y - 5:g}"
    ET.SubElement(picture, "path", {"d": bar, "fill": "none", "stroke": "#12304a", "stroke-width": "1.4"})
    label = {"x": "20", "y": f"{y - 5:g}", "font-size": "10", "fill": "#12304a"}
    ET.SubElement(picture, "text", label).text = f"{km} km"
    frame = {"x": f"{WIDTH - 32:g}", "y": "6", "width": "22", "height": "38", "rx": "3"}
    ET.SubElement(picture, "rect", {**frame, **PAD})
    arrow = ET.SubElement(picture, "g", {"transform": f"translate({WIDTH - 30:g} 10)", "fill": "#12304a"})
    ET.SubElement(arrow, "path", {"d": "M9 0 15 20 9 16 3 20z"})
    ET.SubElement(arrow, "text", {"x": "9", "y": "31", "font-size": "10", "text-anchor": "middle"}).text = "N"


def _path(shape: dict[str, Any], project: Project) -> str:
    return "".join(_line(corners, project) + closing for corners, closing in _lines(shape))


def _line(corners: list[Any], project: Project) -> str:
    """Write a line in tenths of a pixel, each corner from the last one: short numbers, a small file."""
    x, y = (round(number * 10) for number in project(*corners[0][:2]))
    steps = []
    start = f"M{x / 10:g} {y / 10:g}"
    for corner in corners[1:]:
        to_x, to_y = (round(number * 10) for number in project(*corner[:2]))
        if abs(to_x - x) + abs(to_y - y) < THINNEST:
            continue
        steps.append(f"{(to_x - x) / 10:g} {(to_y - y) / 10:g}")
        x, y = to_x, to_y
    return f"{start}l{' '.join(steps)}" if steps else start


def _lines(shape: dict[str, Any]) -> list[tuple[list[Any], str]]:
    """List the lines of a GeoJSON geometry, each with "Z" if it closes."""
    kind, corners = shape["type"], shape.get("coordinates", [])
    if kind == "LineString":
        return [(corners, "")]
    if kind == "MultiLineString":
        return [(line, "") for line in corners]
    if kind == "Polygon":
        return [(ring, "Z") for ring in corners]
    if kind == "MultiPolygon":
        return [(ring, "Z") for polygon in corners for ring in polygon]
    if kind == "GeometryCollection":
        return [line for part in shape["geometries"] for line in _lines(part)]
    return []
