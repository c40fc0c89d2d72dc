"""Where is it? The location map of a sheet, as SVG on the Lambert-93 plane, from our own layers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import shapely
from markupsafe import Markup

from artois_geo import meaning, measure, network, theme
from artois_geo.shapes import are_polygons
from artois_geo.sheets import wording
from artois_geo.sheets.location import drawings
from artois_geo.sheets.location.drawings import Box, Marks, Type, View, element
from artois_geo.sheets.location.pins import Pin
from artois_geo.text import comma
from artois_geo.theme import Theme

WIDTH, HEIGHT = 728.0, 236.0  # a sheet of 182 mm at four units a millimetre
PADDING = 46.0
NARROWEST_M = 9_000.0  # a closer view would pretend to a precision that schematic layers do not have
NARROW_M = 4_000.0  # around a place that was surveyed
CLOSE_GAPS_M = 700  # schematic cells leave chinks and dents between them
SCALE_KM = (0.5, 1, 2, 5, 10, 20)
TOWNS = 16
CIRCLES = 9.0  # widths of uncertainty across a map: the circle and what is around
BADGE, PIN = 9.5, 13.0
INSET = (0.0, 0.0, 116.0, 116.0)  # where the page of an offer lays the locator over its map
LOGISTICS = "logistique"
DRAWN = (
    *meaning.GROUND_KINDS,
    "logistique",
    "voie_eau_projet",
    "voie_verte",
    "site_eco",
    "route",
    "voie_ferree",
)  # kinds that a map shows


@dataclass(frozen=True)
class Ground:
    """Hold the land under a map, the edges of its communes, the limits of its EPCI, its landmarks."""

    land: shapely.Geometry
    edges: shapely.Geometry
    limits: tuple[shapely.Geometry, ...]
    landmarks: gpd.GeoDataFrame | None = None


class Look(TypedDict, total=False):
    """List the keywords of :func:`situation` for the picture itself; described there."""

    title: str
    lang: str
    look: Theme | None
    size: tuple[float, float]
    pin: Pin | None


def situation(
    place: gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    targets: pd.DataFrame | None = None,
    ground: Ground | None = None,
    territory: bool = False,
    **picture: Unpack[Look],
) -> str:
    """Draw the map of one site or territory among towns, canals and what serves it.

    Parameters
    ----------
    place
        What the sheet is about, EPSG:2154: one site, or the outlines of a territory.
        ``geometrie`` and ``precision_m`` are read when there.
    layers
        Layers by kind (``commune``, ``commune_contour``, ``commune_schema``, ``logistique``,
        ``voie_eau_projet``, ``voie_verte``, or ``site_eco``), EPSG:2154; others are ignored.
    targets
        Table of :func:`access`: its objects get the numbers of its rows.
    ground
        Of the same layers, from :func:`ground_of`, where many maps are drawn; made here by default.
    territory
        The place is an area to fill, not a site to point at.
    title
        Name of the picture for those who cannot see it.
    lang
        Language of the legend.
    look
        Theme; the shipped one by default.
    size
        Width and height, at four units a printed millimetre.
    pin
        Number and family colour of the site, where it is an offer.

    Returns
    -------
    str
        An SVG element; empty when the place has no position. Every text is escaped.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadValue
        Unknown language.

    Examples
    --------
    >>> from artois_geo.sheets import situation
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, site_nom="A")
    >>> situation(site, {}, title="<A>")[:4], "&lt;A&gt;" in situation(site, {}, title="<A>")
    ('<svg', True)
    """
    if unknown := set(picture) - set(Look.__annotations__):
        raise TypeError(f"situation() got an unexpected keyword argument {min(unknown)!r}")
    measure.require_lambert93(place=place, **{f"layers[{kind}]": frame for kind, frame in layers.items()})
    words = wording.words(picture.get("lang", "fr"))
    shapes = [shape for shape in place.geometry if shape is not None and not shape.is_empty]
    if not shapes:
        return ""
    size = picture.get("size", (WIDTH, HEIGHT))
    objects = _targets(targets, layers)
    middle = None if territory else place.geometry.union_all().centroid
    narrowest = NARROWEST_M if is_schematic(layers, place) else NARROW_M
    if (pin := picture.get("pin")) is not None and not pin.is_outline:
        narrowest = max(narrowest, CIRCLES * pin.doubt_m)
    view = View(_frame(place, objects, size, narrowest), size, picture.get("look") or theme.read())
    ground = ground or ground_of(layers)
    marks = drawings.together(
        [
            ground_marks(view, ground),
            line_marks(view, layers),
            neighbour_marks(view, layers, middle),
            _subject(view, place, middle, objects, pin),
            _badges(view, objects, middle),
            furniture(view, words, schematic=is_schematic(layers, place)),
        ]
    )
    root = root_element(size, picture.get("title") or words["map"])
    inset = [] if pin is None else [INSET]
    root.extend([*marks.elements, *name_elements(view, layers, [*marks.boxes, *inset], ground)])
    return wording.visible(ET.tostring(root, encoding="unicode"))


def picture(svg: str) -> Markup:
    """Mark one of our SVG elements as safe for a page; its texts are escaped already.

    Examples
    --------
    >>> picture("<svg/>")
    Markup('<svg/>')
    """
    return Markup(svg)  # noqa: S704 written by ElementTree, which escapes every text


def root_element(size: tuple[float, float], title: str) -> ET.Element:
    box = f"0 0 {size[0]:g} {size[1]:g}"
    root = {"viewBox": box, "role": "img", "aria-label": title, "class": "situation"}
    return ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **root})


def _targets(
    targets: pd.DataFrame | None, layers: Mapping[str, gpd.GeoDataFrame]
) -> dict[int, shapely.Point]:
    """Locate the objects of the access table, by the number of their row."""
    logistics = layers.get(LOGISTICS)
    if targets is None or logistics is None or targets.empty:
        return {}
    located = logistics[~logistics.index.duplicated()]
    return {
        number: located.geometry.loc[name].centroid
        for number, name in enumerate(targets["objet_id"], start=1)
        if name in located.index
    }


def _doubt_m(subject: gpd.GeoDataFrame) -> float:
    doubts = (
        pd.to_numeric(subject["precision_m"], errors="coerce")
        if "precision_m" in subject
        else pd.Series([0.0])
    )
    return float(doubts.fillna(0).max()) if len(subject) == 1 else 0.0


def _frame(
    subject: gpd.GeoDataFrame, objects: dict[int, shapely.Point], size: tuple[float, float], narrowest: float
) -> tuple[float, float, float, float]:
    """Compute the bounds of the map: the site, its uncertainty and the objects that serve it."""
    around = subject.geometry.union_all().buffer(_doubt_m(subject))
    west, south, east, north = shapely.union_all([around, *objects.values()]).bounds
    width, height = size
    inner_width, inner_height = width - 2 * PADDING, height - 2 * PADDING
    metres = max((east - west) / inner_width, (north - south) / inner_height, narrowest / width)
    x, y = (west + east) / 2, (south + north) / 2
    return (
        x - metres * width / 2,
        y - metres * height / 2,
        x + metres * width / 2,
        y + metres * height / 2,
    )


def ground_of(layers: Mapping[str, gpd.GeoDataFrame]) -> Ground | None:
    """Compute the land of the first layer of outlines, the slowest part of a map; None without outlines.

    Examples
    --------
    >>> from artois_geo.sheets import ground_of
    >>> from artois_geo import example
    >>> ground_of({"commune": example.square(x_km=0, y_km=0, side_km=10)}).land.area / 1e6 > 99
    True
    """
    cells = _outlines(layers)
    if cells is None:
        return None
    shape = cells.geometry.union_all()
    land = shape.buffer(CLOSE_GAPS_M).buffer(-2 * CLOSE_GAPS_M).buffer(CLOSE_GAPS_M)
    limits, limits_so_far = [], shapely.Point()
    if "epci_sigle" in cells and cells["epci_sigle"].notna().any():
        for merged in cells.dissolve("epci_sigle").geometry:
            limits.append(
                merged.buffer(CLOSE_GAPS_M).buffer(-CLOSE_GAPS_M).boundary.difference(limits_so_far)
            )
            # a limit that two share is drawn once
            limits_so_far = limits_so_far.union(limits[-1].buffer(CLOSE_GAPS_M))
    edges = gpd.GeoSeries(cells.geometry).boundary.union_all()
    return Ground(land, edges, tuple(limits), network.landmarks(layers))


def ground_marks(view: View, ground: Ground | None) -> Marks:
    """Draw the land, the edges of its communes, the limits of its EPCI."""
    colours = view.theme.map
    width, height = view.size
    outside = element("rect", width=width, height=height, fill=colours["outside"])
    if ground is None:
        return Marks([outside, element("rect", width=width, height=height, fill=colours["land"])])
    dashed = {"stroke_width": 1.3, "stroke_dasharray": "1 4", "stroke_linecap": "round"}
    limit_style = {"class_": "limit", "fill": "none", "stroke": colours["limit"], **dashed}
    return Marks(
        [
            outside,
            *drawings.path(view, ground.land, fill=colours["land"]),
            *drawings.path(view, ground.edges, fill="none", stroke=colours["line"], stroke_width=0.7),
            *_landmark_lines(view, ground),
            *(part for limit in ground.limits for part in drawings.path(view, limit, **limit_style)),
        ]
    )


def _landmark_lines(view: View, ground: Ground) -> Iterator[ET.Element]:
    """Draw main roads, tracks with their ticks, then motorways: solid lines, as no limit is."""
    colours, ways = view.theme.map, ground.landmarks
    if ways is None:
        return
    strokes = {
        "main": [{"stroke": colours["main"], "stroke_width": 1.3}],
        "rail": [
            {"stroke": colours["rail"], "stroke_width": 0.8},
            {"stroke": colours["rail"], "stroke_width": 3, "stroke_dasharray": "0.8 6"},
        ],
        "motorway": [
            {"stroke": "#ffffff", "stroke_width": 4},
            {"stroke": colours["motorway"], "stroke_width": 2.2},
        ],
    }
    for name, looks in strokes.items():
        for look in looks:
            for shape in ways.geometry[ways["class"] == name]:
                yield from drawings.path(view, shape, class_=name, fill="none", **look)


def _road_names(view: View, ground: Ground | None) -> Iterator[tuple[str, float, float]]:
    """Give the number and position of each motorway that is long enough on the map."""
    if ground is None or ground.landmarks is None:
        return
    roads = ground.landmarks[ground.landmarks["class"] == "motorway"]
    for number, shape in zip(roads["number"], roads.geometry, strict=True):
        visible_part = shapely.clip_by_rect(shape, *view.frame)
        if number and visible_part.length * view.per_metre > 60:
            longest = max(shapely.get_parts(visible_part), key=lambda part: part.length)
            point = longest.interpolate(0.5, normalized=True)
            yield number, *view.at(point.x, point.y)


def _outlines(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    for kind in meaning.GROUND_KINDS:
        frame = layers.get(kind)
        if frame is not None and (polygons := frame[are_polygons(frame)]).size:
            return polygons
    return None


def line_marks(view: View, layers: Mapping[str, gpd.GeoDataFrame]) -> Marks:
    """Draw greenways, waterways (dashed where they are sketched), and waterways under study."""
    colours = view.theme.map
    green = {"class_": "green", "stroke": colours["green"], "stroke_width": 1.8, "stroke_dasharray": "6 4"}
    water = {"class_": "water", "stroke": colours["water"], "stroke_width": 3}
    sketch = {"class_": "sketch", "stroke": colours["water"], "stroke_width": 2, "stroke_dasharray": "6 4"}
    works = {"class_": "works", "stroke": colours["works"], "stroke_width": 4, "stroke_dasharray": "9 4"}
    styles = {"voie_verte": (green, green), LOGISTICS: (water, sketch), "voie_eau_projet": (works, works)}
    elements: list[ET.Element] = []
    for kind, (line_style, sketch_style) in styles.items():
        frame = layers.get(kind)
        if frame is None:
            continue
        lines = frame[frame.geom_type.isin(("LineString", "MultiLineString"))]
        for shape, is_sketch in zip(lines.geometry, meaning.schematic(lines), strict=True):
            attributes = sketch_style if is_sketch else line_style
            elements += drawings.path(
                view, shape, fill="none", stroke_linecap="butt", stroke_linejoin="round", **attributes
            )
    return Marks(elements)


def neighbour_marks(view: View, layers: Mapping[str, gpd.GeoDataFrame], own: shapely.Point | None) -> Marks:
    """Draw a dot for each other site."""
    sites = layers.get("site_eco")
    if sites is None:
        return Marks()
    points = [shape.centroid for shape in sites.geometry[~(sites.geometry.isna() | sites.geometry.is_empty)]]
    spots = [view.at(point.x, point.y) for point in points if own is None or point.distance(own) > 1]
    visible_spots = [(x, y) for x, y in spots if view.shows(x, y, 0)]
    dot = {"r": 4, "fill": view.theme.map["other"], "stroke": "#ffffff", "stroke_width": 1}
    return Marks(
        [element("circle", class_="other", cx=x, cy=y, **dot) for x, y in visible_spots],
        [(x - 4, y - 4, x + 4, y + 4) for x, y in visible_spots],
    )


def _subject(
    view: View,
    subject: gpd.GeoDataFrame,
    middle: shapely.Point | None,
    objects: dict[int, shapely.Point],
    pin: Pin | None,
) -> Marks:
    """Draw the territory, or the site with its pin, its uncertainty and lines to what serves it."""
    colour = view.theme.colours["site"] if pin is None else pin.colour
    if middle is None:
        outline = subject.geometry.union_all().buffer(CLOSE_GAPS_M).buffer(-CLOSE_GAPS_M)
        place_style = {"fill": colour, "fill_opacity": 0.13, "stroke": colour, "stroke_width": 2.2}
        return Marks(drawings.path(view, outline, class_="place", **place_style))
    x, y = view.at(middle.x, middle.y)
    elements = []
    for point in objects.values():
        to_x, to_y = view.at(point.x, point.y)
        ends = {"x1": x, "y1": y, "x2": to_x, "y2": to_y}
        dashes = {"stroke_width": 0.9, "stroke_dasharray": "2 3"}
        elements.append(element("line", **ends, stroke=view.theme.map["symbol"], **dashes))
    doubt = _doubt_m(subject) * view.per_metre
    if doubt > BADGE:
        ring = {"stroke": colour, "stroke_width": 1.1, "stroke_dasharray": "5 4"}
        elements.append(
            element("circle", class_="doubt", cx=x, cy=y, r=doubt, fill=colour, fill_opacity=0.07, **ring)
        )
    outline_style = {"fill": colour, "fill_opacity": 0.35, "stroke": colour, "stroke_width": 1.6}
    if pin is None or pin.is_outline:
        elements += drawings.path(view, subject.geometry.iloc[0], **outline_style)
    if pin is not None:
        box = (x - PIN, y - PIN, x + PIN, y + PIN)
        return Marks([*elements, *numbered(view, pin, (x, y), PIN)], [box])
    elements += [
        element("path", class_="site", d=_pin(x, y), fill=colour, stroke="#ffffff", stroke_width=1.6),
        element("circle", cx=x, cy=y - 17, r=4, fill="#ffffff"),
    ]
    return Marks(elements, [(x - 11, y - 28, x + 11, y + 2)])


def numbered(view: View, pin: Pin, spot: drawings.Point, radius: float) -> list[ET.Element]:
    """Draw the number of an offer: filled where its land is available, or a whole park; outlined else."""
    is_filled = pin.is_available or pin.is_zone
    ink = pin.ink if is_filled else view.theme.colours["ink"]
    dashed = {"stroke": pin.colour, "stroke_dasharray": "4 2"}
    edge = {"stroke": "#ffffff"} if is_filled else dashed
    fill = pin.colour if is_filled else "#ffffff"
    name = "pin-zone" if pin.is_zone else "pin-now" if pin.is_available else "pin-later"
    circle = element(
        "circle", class_=name, cx=spot[0], cy=spot[1], r=radius, fill=fill, stroke_width=2.2, **edge
    )
    letters = Type(radius * 1.15, ink, 700, halo=False)
    return [circle, *drawings.text(view, (spot[0], spot[1] + radius * 0.4), str(pin.number), letters)]


def _pin(x: float, y: float) -> str:
    return f"M{x:.1f} {y:.1f}c-2.6-6-10-9.600-10-17a10 10 0 0 1 20 0c0 7.400-7.400 11-10 17z"


def _badges(view: View, objects: dict[int, shapely.Point], own: shapely.Point | None) -> Marks:
    """Number the objects; the numbers are pushed off each other and off the pin."""
    homes = [view.at(point.x, point.y) for point in objects.values()]
    pin = view.at(own.x, own.y) if own is not None else (-1e6, -1e6)
    spots = spread(homes, (pin[0], pin[1] - 14))
    symbol = view.theme.map["symbol"]
    elements = []
    for (home_x, home_y), (x, y) in zip(homes, spots, strict=True):
        if math.hypot(x - home_x, y - home_y) > BADGE:
            ends = {"x1": home_x, "y1": home_y, "x2": x, "y2": y}
            elements.append(element("line", **ends, stroke=symbol, stroke_width=1))
            elements.append(element("circle", cx=home_x, cy=home_y, r=2, fill=symbol))
    letters = Type(11.5, "#ffffff", 700, halo=False)
    for number, (x, y) in zip(objects, spots, strict=True):
        circle = {"fill": symbol, "stroke": "#ffffff", "stroke_width": 1.4}
        elements.append(element("circle", cx=x, cy=y, r=BADGE, **circle))
        elements += drawings.text(view, (x, y + 4), str(number), letters)
    return Marks(elements, [(x - BADGE, y - BADGE, x + BADGE, y + BADGE) for x, y in spots])


def spread(
    homes: Sequence[drawings.Point], pin: drawings.Point, min_distance: float = 2 * BADGE + 3
) -> list[drawings.Point]:
    """Push badges off each other and off the pin, the same way each time."""
    spots = list(homes)
    for _ in range(60):
        for index in range(len(spots)):
            for obstacle in [*spots[:index], pin]:
                spots[index] = _pushed(spots[index], obstacle, min_distance, index)
    return spots


def _pushed(
    spot: drawings.Point, obstacle: drawings.Point, min_distance: float, index: int
) -> drawings.Point:
    """Return where a badge stands once it is at a distance from an obstacle."""
    dx, dy = spot[0] - obstacle[0], spot[1] - obstacle[1]
    distance = math.hypot(dx, dy)
    if distance >= min_distance:
        return spot
    if distance < 0.1:  # the same place: the golden angle scatters several, the same way each time
        dx, dy, distance = math.cos(2.4 * index + 0.6), math.sin(2.4 * index + 0.6), 1.0
    push = min_distance - min(distance, min_distance)
    return spot[0] + dx / distance * push, spot[1] + dy / distance * push


def name_elements(
    view: View,
    layers: Mapping[str, gpd.GeoDataFrame],
    occupied: Sequence[Box],
    ground: Ground | None = None,
) -> list[ET.Element]:
    """Write the names of motorways, waterways and towns, each where nothing stands, or not at all."""
    boxes, elements = list(occupied), []
    for number, x, y in _road_names(view, ground):
        half = theme.text_width(number, 8.5) / 2 + 3
        spot = drawings.free(view, (x, y + 3), half, 8.5, boxes)
        if spot is None:
            continue
        (x, y), box = spot
        boxes.append(box)
        plate = {"x": x - half, "y": y - 8.5, "width": 2 * half, "height": 11.5, "rx": 2}
        elements.append(
            element("rect", **plate, fill="#ffffff", stroke=view.theme.map["motorway"], stroke_width=1)
        )
        elements += drawings.text(view, (x, y), number, Type(8.5, view.theme.map["label"], 700, halo=False))
    for name, x, y, size in [*_canal_names(view, layers), *_town_names(view, layers)]:
        water = size == 0
        font_size = 9.5 if water else size
        half = theme.text_width(name, font_size) / 2 + 3
        spot = drawings.free(view, (x, y), half, font_size, boxes)
        if spot is None:
            continue
        position, box = spot
        boxes.append(box)
        colour = view.theme.map["works" if water else "label"]
        letters = Type(font_size, colour, 600 if water or size > 10 else 500, italic=water)
        elements += drawings.text(view, position, name, letters)
    return elements


def _town_names(
    view: View, layers: Mapping[str, gpd.GeoDataFrame]
) -> Iterator[tuple[str, float, float, float]]:
    """Give the name, position and size of the largest towns of the map."""
    named_kinds = (*meaning.TOWN_KINDS, *meaning.CELL_KINDS)
    towns = next((layers[kind] for kind in named_kinds if kind in layers), None)
    if towns is None or "comm_nom" not in towns:
        return
    people = next((towns[name] for name in ("pop_totale", "population") if name in towns), None)
    ranked = towns if people is None else towns.assign(_people=people).sort_values("_people", ascending=False)
    named_count = 0
    for name, shape in zip(ranked["comm_nom"], ranked.geometry, strict=True):
        if shape is None or shape.is_empty or not isinstance(name, str):
            continue
        point = shape.representative_point()
        x, y = view.at(point.x, point.y)
        if named_count < TOWNS and view.shows(x, y, 8):
            named_count += 1
            yield name, x, y, 12.5 if named_count <= 3 else 10


def _canal_names(
    view: View, layers: Mapping[str, gpd.GeoDataFrame]
) -> Iterator[tuple[str, float, float, float]]:
    """Give the name and position of the waterways long enough on the map; size 0 marks water."""
    for kind, column in (("logistique", "objet_nom"), ("voie_eau_projet", "ouvrage_nom")):
        frame = layers.get(kind)
        if frame is None or column not in frame:
            continue
        for name, shape in zip(frame[column], frame.geometry, strict=True):
            if shape is None or "Line" not in shape.geom_type or not isinstance(name, str):
                continue
            visible_part = shapely.clip_by_rect(shape, *view.frame)
            if visible_part.length * view.per_metre > 70:
                longest = max(shapely.get_parts(visible_part), key=lambda part: part.length)
                point = longest.interpolate(0.5, normalized=True)
                x, y = view.at(point.x, point.y)
                yield name.split(" (")[0], x, y + 12, 0.0


def furniture(view: View, words: wording.Words, *, schematic: bool) -> Marks:
    """Draw the scale bar, the north arrow and the credit of schematic layers."""
    credit = words["map_credit"] if schematic else ""
    return drawings.together([_scale_bar(view, words), _north(view), _credit(view, credit)])


def _scale_bar(view: View, words: wording.Words) -> Marks:
    """Draw the scale bar at the bottom left, of a round number of kilometres."""
    height, ink = view.size[1], view.theme.colours["navy"]
    km = next((s for s in SCALE_KM if s * 1000 * view.per_metre > 54), SCALE_KM[-1])
    length = km * 1000 * view.per_metre
    room = {"x": 10, "y": height - 30, "width": length + 20, "height": 22, "rx": 3}
    bar = f"M20 {height - 18:g}v4h{length:.1f}v-4"
    scale_text = comma(f"{km:g} km") if words["yes"] == "oui" else f"{km:g} km"
    letters = Type(9, ink, 600, halo=False)
    return Marks(
        [
            element("rect", **room, fill="#ffffff", fill_opacity=0.86),
            element("path", d=bar, fill="none", stroke=ink, stroke_width=1.5),
            *drawings.text(view, (20 + length / 2, height - 18), scale_text, letters),
        ],
        [(6, height - 34, length + 34, height)],
    )


def _north(view: View) -> Marks:
    """Draw the north arrow at the top right."""
    width, ink = view.size[0], view.theme.colours["navy"]
    arrow = element("g", transform=f"translate({width - 32:g} 12)")
    ET.SubElement(arrow, "path", {"d": "M10 0 17 20 10 15.500 3 20z", "fill": ink})
    letters = {"x": 10, "y": 31, "font_size": 10, "font_weight": 700, "text_anchor": "middle"}
    north = element("text", **letters, fill=ink)
    north.text = "N"
    arrow.append(north)
    return Marks([arrow], [(width - 36, 6, width, 48)])


def _credit(view: View, credit: str) -> Marks:
    """Draw the line that says that a layer is schematic, at the bottom right."""
    if not credit:
        return Marks()
    width, height = view.size
    credit_width = len(credit) * 8.5 * 0.52 + 14
    box = {"x": width - credit_width - 8, "y": height - 26, "width": credit_width, "height": 18, "rx": 3}
    letters = Type(8.5, view.theme.colours["soft"], 500, halo=False)
    return Marks(
        [
            element("rect", **box, fill="#ffffff", fill_opacity=0.86),
            *drawings.text(view, (width - 8 - credit_width / 2, height - 14), credit, letters),
        ],
        [(width - credit_width - 12, height - 30, width, height)],
    )


def is_schematic(layers: Mapping[str, gpd.GeoDataFrame], subject: gpd.GeoDataFrame) -> bool:
    frames = [subject, *layers.values()]
    return any(meaning.schematic(frame).any() for frame in frames)
