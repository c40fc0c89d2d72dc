"""Where is it? The location map of a sheet, as SVG on the Lambert-93 plane, from our own layers."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import shapely
from markupsafe import Markup

from artois_geo import meaning, measure, theme
from artois_geo.sheets import wording
from artois_geo.sheets.location import drawings
from artois_geo.sheets.location.drawings import Drawing
from artois_geo.theme import Theme

WIDTH, HEIGHT = 728.0, 236.0  # a sheet of 182 mm at four units a millimetre
PADDING = 46.0
NARROWEST_M = 9_000.0  # a closer view would pretend to a precision that schematic layers do not have
NARROW_M = 4_000.0  # around a place that was surveyed
CLOSE_GAPS_M = 700  # schematic cells leave chinks and dents between them
SCALE_KM = (0.5, 1, 2, 5, 10, 20)
TOWNS = 16
BADGE = 9.5
OUTLINES = ("commune_contour", "commune", "commune_schema")
DRAWN = (*OUTLINES, "logistique", "voie_eau_projet", "voie_verte", "site_nomme")  # kinds that a map shows


@dataclass(frozen=True)
class Ground:
    """Hold the land under a map, the edges of its communes, the limits of its EPCI."""

    land: shapely.Geometry
    edges: shapely.Geometry
    limits: tuple[shapely.Geometry, ...]


def situation(
    place: gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    targets: pd.DataFrame | None = None,
    ground: Ground | None = None,
    territory: bool = False,
    title: str = "",
    lang: str = "fr",
    look: Theme | None = None,
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> str:
    """Draw the map of one site or territory among towns, canals and what serves it.

    Parameters
    ----------
    place
        What the sheet is about, EPSG:2154: one site, or the outlines of a territory.
        ``geometrie`` and ``precision_m`` are read when there.
    layers
        Layers by kind (``commune``, ``commune_contour``, ``commune_schema``, ``logistique``,
        ``voie_eau_projet``, ``voie_verte``, ``site_nomme`` or ``site_eco``), EPSG:2154; others are ignored.
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
    >>> site = plain.square(x_km=0, y_km=0, side_km=1, site_nom="A")
    >>> situation(site, {}, title="<A>")[:4], "&lt;A&gt;" in situation(site, {}, title="<A>")
    ('<svg', True)
    """
    measure.require_lambert93(place=place, **{f"layers[{kind}]": frame for kind, frame in layers.items()})
    words = wording.words(lang)
    shapes = [shape for shape in place.geometry if shape is not None and not shape.is_empty]
    if not shapes:
        return ""
    objects = _targets(targets, layers)
    middle = None if territory else place.geometry.union_all().centroid
    narrowest = NARROWEST_M if _is_schematic(layers, place) else NARROW_M
    drawing = Drawing(
        _root(size, title or words["map"]),
        _frame(place, objects, size, narrowest),
        size,
        look or theme.read(),
    )
    _ground(drawing, ground or ground_of(layers))
    _lines(drawing, layers)
    _neighbours(drawing, layers, middle)
    _subject(drawing, place, middle, objects)
    _badges(drawing, objects, middle)
    _furniture(drawing, layers, place, words)
    _names(drawing, layers)
    return wording.visible(ET.tostring(drawing.svg, encoding="unicode"))


def picture(svg: str) -> Markup:
    """Mark one of our SVG elements as safe for a page; its texts are escaped already.

    Examples
    --------
    >>> picture("<svg/>")
    Markup('<svg/>')
    """
    return Markup(svg)  # noqa: S704 written by ElementTree, which escapes every text


def _root(size: tuple[float, float], title: str) -> ET.Element:
    box = f"0 0 {size[0]:g} {size[1]:g}"
    root = {"viewBox": box, "role": "img", "aria-label": title, "class": "situation"}
    return ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **root})


def _targets(
    targets: pd.DataFrame | None, layers: Mapping[str, gpd.GeoDataFrame]
) -> dict[int, shapely.Point]:
    """Locate the objects of the access table, by the number of their row."""
    logistics = layers.get("logistique")
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
    >>> ground_of({"commune": plain.square(x_km=0, y_km=0, side_km=10)}).land.area / 1e6 > 99
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
    return Ground(land, gpd.GeoSeries(cells.geometry).boundary.union_all(), tuple(limits))


def _ground(drawing: Drawing, ground: Ground | None) -> None:
    colours = drawing.theme.map
    width, height = drawing.size
    drawing.add("rect", width=width, height=height, fill=colours["outside"])
    if ground is None:
        drawing.add("rect", width=width, height=height, fill=colours["land"])
        return
    drawings.path(drawing, ground.land, fill=colours["land"])
    drawings.path(drawing, ground.edges, fill="none", stroke=colours["line"], stroke_width=0.7)
    dashed = {"stroke_width": 1.3, "stroke_dasharray": "1 4", "stroke_linecap": "round"}
    for limit in ground.limits:
        drawings.path(drawing, limit, class_="limit", fill="none", stroke=colours["limit"], **dashed)


def _outlines(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    for kind in OUTLINES:
        frame = layers.get(kind)
        if frame is not None and (polygons := frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]).size:
            return polygons
    return None


def _lines(drawing: Drawing, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    colours = drawing.theme.map
    green = {"class_": "green", "stroke": colours["green"], "stroke_width": 1.8, "stroke_dasharray": "6 4"}
    water = {"class_": "water", "stroke": colours["water"], "stroke_width": 3.6}
    works = {"class_": "works", "stroke": colours["works"], "stroke_width": 3.6, "stroke_dasharray": "1 6"}
    for kind, line_style in (("voie_verte", green), ("logistique", water), ("voie_eau_projet", works)):
        for shape in _of_type(layers.get(kind), ("LineString", "MultiLineString")):
            round_ends = {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
            if kind != "voie_verte":
                drawings.path(drawing, shape, **round_ends, stroke="#ffffff", stroke_width=6)
            drawings.path(drawing, shape, **round_ends, **line_style)


def _neighbours(drawing: Drawing, layers: Mapping[str, gpd.GeoDataFrame], own: shapely.Point | None) -> None:
    sites = layers.get("site_nomme", layers.get("site_eco"))
    if sites is None:
        return
    for shape in sites.geometry[~(sites.geometry.isna() | sites.geometry.is_empty)]:
        point = shape.centroid
        x, y = drawing.at(point.x, point.y)
        if drawings.inside(drawing, x, y, 0) and (own is None or point.distance(own) > 1):
            white = {"stroke": "#ffffff", "stroke_width": 1}
            drawing.add("circle", class_="other", cx=x, cy=y, r=4, fill=drawing.theme.map["other"], **white)
            drawing.taken.append((x - 4, y - 4, x + 4, y + 4))


def _subject(
    drawing: Drawing,
    subject: gpd.GeoDataFrame,
    middle: shapely.Point | None,
    objects: dict[int, shapely.Point],
) -> None:
    """Draw the territory, or the site with its pin, its uncertainty and lines to what serves it."""
    colour = drawing.theme.colours["site"]
    if middle is None:
        outline = subject.geometry.union_all().buffer(CLOSE_GAPS_M).buffer(-CLOSE_GAPS_M)
        drawings.path(
            drawing, outline, class_="place", fill=colour, fill_opacity=0.13, stroke=colour, stroke_width=2.2
        )
        return
    x, y = drawing.at(middle.x, middle.y)
    for point in objects.values():
        to_x, to_y = drawing.at(point.x, point.y)
        ends = {"x1": x, "y1": y, "x2": to_x, "y2": to_y}
        drawing.add(
            "line", **ends, stroke=drawing.theme.map["symbol"], stroke_width=0.9, stroke_dasharray="2 3"
        )
    doubt = _doubt_m(subject) * drawing.per_metre
    if doubt > BADGE:
        ring = {"stroke": colour, "stroke_width": 1.1, "stroke_dasharray": "5 4"}
        drawing.add("circle", class_="doubt", cx=x, cy=y, r=doubt, fill=colour, fill_opacity=0.07, **ring)
    drawings.path(
        drawing, subject.geometry.iloc[0], fill=colour, fill_opacity=0.35, stroke=colour, stroke_width=1.6
    )
    drawing.add("path", class_="site", d=_pin(x, y), fill=colour, stroke="#ffffff", stroke_width=1.6)
    drawing.add("circle", cx=x, cy=y - 17, r=4, fill="#ffffff")
    drawing.taken.append((x - 11, y - 28, x + 11, y + 2))


def _pin(x: float, y: float) -> str:
    return f"M{x:.1f} {y:.1f}c-2.6-6-10-9.600-10-17a10 10 0 0 1 20 0c0 7.400-7.400 11-10 17z"


def _badges(drawing: Drawing, objects: dict[int, shapely.Point], own: shapely.Point | None) -> None:
    """Number the objects; the numbers are pushed off each other and off the pin."""
    homes = [drawing.at(point.x, point.y) for point in objects.values()]
    spots = [list(home) for home in homes]
    pin = drawing.at(own.x, own.y) if own is not None else (-1e6, -1e6)
    for _ in range(60):
        for index, spot in enumerate(spots):
            for obstacle in [*spots[:index], [pin[0], pin[1] - 14]]:
                _push(spot, obstacle, 2 * BADGE + 3, index)
    for (home_x, home_y), (x, y) in zip(homes, spots, strict=True):
        if math.hypot(x - home_x, y - home_y) > BADGE:
            drawing.add(
                "line", x1=home_x, y1=home_y, x2=x, y2=y, stroke=drawing.theme.map["symbol"], stroke_width=1
            )
            drawing.add("circle", cx=home_x, cy=home_y, r=2, fill=drawing.theme.map["symbol"])
    for number, (x, y) in zip(objects, spots, strict=True):
        circle = {"fill": drawing.theme.map["symbol"], "stroke": "#ffffff", "stroke_width": 1.4}
        drawing.add("circle", cx=x, cy=y, r=BADGE, **circle)
        drawings.text(drawing, x, y + 4, str(number), 11.5, "#ffffff", weight=700, halo=False)
        drawing.taken.append((x - BADGE, y - BADGE, x + BADGE, y + BADGE))


def _push(spot: list[float], obstacle: list[float], min_distance: float, index: int) -> None:
    dx, dy = spot[0] - obstacle[0], spot[1] - obstacle[1]
    distance = math.hypot(dx, dy)
    if distance >= min_distance:
        return
    if distance < 0.1:  # the same place: the golden angle scatters several, the same way each time
        dx, dy, distance = math.cos(2.4 * index + 0.6), math.sin(2.4 * index + 0.6), 1.0
    spot[0] += dx / distance * (min_distance - min(distance, min_distance))
    spot[1] += dy / distance * (min_distance - min(distance, min_distance))


def _names(drawing: Drawing, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    for name, x, y, size in [*_canal_names(drawing, layers), *_town_names(drawing, layers)]:
        water = size == 0
        font_size = 9.5 if water else size
        half = theme.text_width(name, font_size) / 2 + 3
        spot = drawings.free(drawing, x, y, half, font_size)
        if spot is None:
            continue
        colour = drawing.theme.map["works" if water else "label"]
        style = {"weight": 600, "italic": True} if water else {"weight": 600 if size > 10 else 500}
        drawings.text(drawing, *spot, name, font_size, colour, **style)  # type: ignore[arg-type]


def _town_names(
    drawing: Drawing, layers: Mapping[str, gpd.GeoDataFrame]
) -> Iterator[tuple[str, float, float, float]]:
    """Give the name, position and size of the largest towns of the map."""
    towns = next(
        (layers[kind] for kind in ("commune", "commune_contour", "commune_schema") if kind in layers), None
    )
    if towns is None or "comm_nom" not in towns:
        return
    people = next((towns[name] for name in ("pop_totale", "population") if name in towns), None)
    ranked = towns if people is None else towns.assign(_people=people).sort_values("_people", ascending=False)
    named_count = 0
    for name, shape in zip(ranked["comm_nom"], ranked.geometry, strict=True):
        if shape is None or shape.is_empty or not isinstance(name, str):
            continue
        point = shape.representative_point()
        x, y = drawing.at(point.x, point.y)
        if named_count < TOWNS and drawings.inside(drawing, x, y, 8):
            named_count += 1
            yield name, x, y, 12.5 if named_count <= 3 else 10


def _canal_names(
    drawing: Drawing, layers: Mapping[str, gpd.GeoDataFrame]
) -> Iterator[tuple[str, float, float, float]]:
    """Give the name and position of the waterways long enough on the map; size 0 marks water."""
    for kind, column in (("logistique", "objet_nom"), ("voie_eau_projet", "ouvrage_nom")):
        frame = layers.get(kind)
        if frame is None or column not in frame:
            continue
        for name, shape in zip(frame[column], frame.geometry, strict=True):
            if shape is None or "Line" not in shape.geom_type or not isinstance(name, str):
                continue
            visible_part = shapely.clip_by_rect(shape, *drawing.frame)
            if visible_part.length * drawing.per_metre > 70:
                longest = max(shapely.get_parts(visible_part), key=lambda part: part.length)
                point = longest.interpolate(0.5, normalized=True)
                x, y = drawing.at(point.x, point.y)
                yield name.split(" (")[0], x, y + 12, 0.0


def _furniture(
    drawing: Drawing, layers: Mapping[str, gpd.GeoDataFrame], subject: gpd.GeoDataFrame, words: wording.Words
) -> None:
    """Draw the scale bar, the north arrow and the credit, before any name."""
    width, height = drawing.size
    ink = drawing.theme.colours["navy"]
    km = next((s for s in SCALE_KM if s * 1000 * drawing.per_metre > 54), SCALE_KM[-1])
    length = km * 1000 * drawing.per_metre
    drawing.add(
        "rect", x=10, y=height - 30, width=length + 20, height=22, rx=3, fill="#ffffff", fill_opacity=0.86
    )
    bar = f"M20 {height - 18:g}v4h{length:.1f}v-4"
    drawing.add("path", d=bar, fill="none", stroke=ink, stroke_width=1.5)
    scale_text = f"{km:g} km".replace(".", "," if words["yes"] == "oui" else ".")
    drawings.text(drawing, 20 + length / 2, height - 18, scale_text, 9, ink, weight=600, halo=False)
    drawing.taken.append((6, height - 34, length + 34, height))
    arrow = drawing.add("g", transform=f"translate({width - 32:g} 12)")
    ET.SubElement(arrow, "path", {"d": "M10 0 17 20 10 15.500 3 20z", "fill": ink})
    north = {
        "x": "10",
        "y": "31",
        "font-size": "10",
        "font-weight": "700",
        "text-anchor": "middle",
        "fill": ink,
    }
    ET.SubElement(arrow, "text", north).text = "N"
    drawing.taken.append((width - 36, 6, width, 48))
    credit = words["map_credit"] if _is_schematic(layers, subject) else ""
    if credit:
        credit_width = len(credit) * 8.5 * 0.52 + 14
        box = {"x": width - credit_width - 8, "y": height - 26, "width": credit_width, "height": 18, "rx": 3}
        drawing.add("rect", **box, fill="#ffffff", fill_opacity=0.86)
        colour = drawing.theme.colours["soft"]
        drawings.text(
            drawing, width - 8 - credit_width / 2, height - 14, credit, 8.5, colour, weight=500, halo=False
        )
        drawing.taken.append((width - credit_width - 12, height - 30, width, height))


def _is_schematic(layers: Mapping[str, gpd.GeoDataFrame], subject: gpd.GeoDataFrame) -> bool:
    frames = [subject, *layers.values()]
    return any(meaning.schematic(frame).any() for frame in frames)


def _of_type(frame: gpd.GeoDataFrame | None, types: tuple[str, ...]) -> list[shapely.Geometry]:
    return [] if frame is None else list(frame.geometry[frame.geom_type.isin(types)])
