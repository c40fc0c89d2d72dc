"""The quiet ground of the offline map: towns, limits of the EPCI, names."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure, network
from artois_geo.maps import style
from artois_geo.maps.features import plain_value, rounded
from artois_geo.shapes import are_polygons

GROUND_DECIMALS = 4  # of a degree: about ten metres, finer than a screen shows
CLOSE_GAPS_M = 700  # schematic cells leave chinks and dents between them
SAME_LIMIT_M = 200  # two sketched limits nearer than this are one
GRID_M = 5.0  # limits of two neighbours become one line on this grid, not two a hair apart
RANKS = (4, 14, 40)  # so many towns are named at the first, second, third zoom level

Ground = dict[str, Any]
Shapes = list[dict[str, Any]]


def ground(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    landmarks: gpd.GeoDataFrame | None = None,
    credit: str = "",
) -> Ground | None:
    """Prepare cells, limits and town names from the layers of towns that the map has.

    Real outlines (kind ``commune_contour``, or ``commune`` with polygons) are
    preferred to schematic ones (kind ``commune_schema``).

    Parameters
    ----------
    frames
        Layers in EPSG:2154, by name.
    kinds
        Kind of each layer, by name.
    landmarks
        Main roads and tracks, from ``network.landmarks``.
    credit
        Whose they are.

    Returns
    -------
    dict or None
        ``cells``, ``limits`` and ``land`` (GeoJSON geometries), ``towns`` (name,
        longitude, latitude, rank), ``bounds``, ``schematic``, and ``landmarks`` where
        there are some; None without any layer of towns.
    """
    outlines = _first_of_kind(frames, kinds, meaning.OUTLINE_KINDS, polygons=True)
    sketches = _first_of_kind(frames, kinds, meaning.CELL_KINDS, polygons=True)
    cells = outlines if outlines is not None else sketches
    points = _first_of_kind(frames, kinds, meaning.TOWN_KINDS, polygons=False)
    towns = points if points is not None else cells
    if towns is None:
        return None
    schematic = cells is not None and outlines is None
    return {
        "cells": [] if cells is None else _cells(cells),
        "land": _merged_land(cells) if schematic and cells is not None else [],
        "limits": [] if cells is None else _limits(_with_epci(cells, towns), schematic=schematic),
        "towns": _towns(towns),
        "schematic": schematic,
        **({} if landmarks is None or landmarks.empty else _landmarks(landmarks, credit)),
        "bounds": degrees_bounds(towns if cells is None else cells),
    }


def degrees_bounds(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> list[list[float]] | None:
    """Return the south-west and north-east corners as (latitude, longitude), or None for no geometry."""
    west, south, east, north = frame.geometry.to_crs(measure.WGS84).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return None
    return [[round(float(south), 5), round(float(west), 5)], [round(float(north), 5), round(float(east), 5)]]


def cities_around(bounds: list[list[float]]) -> list[dict[str, Any]]:
    """Return the cities of ``style.toml`` near enough to a territory to help find one's way.

    Parameters
    ----------
    bounds
        South-west and north-east corners, (latitude, longitude) in degrees.

    Examples
    --------
    >>> [city["name"] for city in cities_around([[50.28, 2.26], [50.70, 3.12]])][:2]
    ['Lille', 'Dunkerque']
    >>> cities_around([[47.1, -1.7], [47.3, -1.4]])  # Nantes
    []
    """
    ground_style = style.read_style()["ground"]
    cities, (south_west, north_east) = ground_style["cities"], bounds
    lon_lat = shapely.box(south_west[1], south_west[0], north_east[1], north_east[0])
    territory = gpd.GeoSeries([lon_lat], crs=measure.WGS84).to_crs(measure.LAMBERT93).iloc[0]
    places = gpd.GeoSeries.from_xy(
        [city["lon"] for city in cities], [city["lat"] for city in cities], crs=measure.WGS84
    ).to_crs(measure.LAMBERT93)
    is_near = places.distance(territory) <= ground_style["cities_within_km"] * 1000
    return [city for city, near in zip(cities, is_near, strict=True) if near]


def _first_of_kind(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Mapping[str, str],
    preferred_kinds: Sequence[str],
    *,
    polygons: bool,
) -> gpd.GeoDataFrame | None:
    """Return the first layer of the kind preferred most; with ``polygons``, one that has some."""
    for kind in preferred_kinds:
        for name, layer_kind in kinds.items():
            frame = frames[name]
            if layer_kind == kind and (not polygons or are_polygons(frame).any()):
                return frame
    return None


def _landmarks(lines: gpd.GeoDataFrame, credit: str) -> dict[str, Any]:
    """List the main roads and tracks: class, number and shape, from below up; and whose they are."""
    ordered = lines.assign(order=lines["class"].map(network.ORDER.index)).sort_values("order", kind="stable")
    shapes = rounded(list(ordered.geometry.to_crs(measure.WGS84)), GROUND_DECIMALS)
    rows = zip(ordered["class"], ordered["number"], shapes, strict=True)
    listed = [
        {"class": name, "number": plain_value(text), "shape": shape} for name, text, shape in rows if shape
    ]
    return {"landmarks": listed, "landmarks_credit": plain_value(credit)}


def _cells(cells: gpd.GeoDataFrame) -> Shapes:
    polygons = cells.geometry[are_polygons(cells)]
    tolerance = style.read_style()["ground"]["simplify_m"]["communes"]
    simplified = gpd.GeoSeries(shapely.coverage_simplify(polygons.to_numpy(), tolerance), crs=polygons.crs)
    return _to_geojson(simplified)


def _merged_land(cells: gpd.GeoDataFrame) -> Shapes:
    """Merge all the cells into one piece, without the chinks between them."""
    return _to_geojson(gpd.GeoSeries([_close_gaps(cells.geometry.union_all())], crs=cells.crs))


def _close_gaps(shape: shapely.Geometry) -> shapely.Geometry:
    closed = shape.buffer(CLOSE_GAPS_M).buffer(-2 * CLOSE_GAPS_M).buffer(CLOSE_GAPS_M)
    return closed.simplify(style.read_style()["ground"]["simplify_m"]["limits"])


def _with_epci(cells: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the EPCI to outlines that lack it, from the layer of towns, by INSEE code."""
    if _column(cells, "epci") or not {"comm_insee"} <= set(cells.columns) & set(towns.columns):
        return cells
    column = _column(towns, "epci")
    if column is None:
        return cells
    by_code = towns.dropna(subset=["comm_insee"]).drop_duplicates("comm_insee").set_index("comm_insee")
    return cells.assign(**{column: cells["comm_insee"].map(by_code[column])})


def _limits(cells: gpd.GeoDataFrame, *, schematic: bool) -> Shapes:
    column = _column(cells, "epci")
    if column is None or cells[column].isna().all():
        return []
    merged = list(cells[[column, cells.geometry.name]].dissolve(column).geometry)
    tolerance = style.read_style()["ground"]["simplify_m"]["limits"]
    # sketches are simplified on their way; as a coverage both would keep the chinks between them
    simplified = _without_overlap(merged) if schematic else shapely.coverage_simplify(merged, tolerance)
    boundaries = [shapely.boundary(shape) for shape in simplified]
    if schematic:
        boundaries = _drawn_once(boundaries)
    lines = shapely.line_merge(shapely.union_all(boundaries, grid_size=GRID_M))
    return _to_geojson(gpd.GeoSeries([lines], crs=cells.crs))


def _drawn_once(boundaries: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Cut from each boundary what runs beside those before it: chinks between sketches are no limits."""
    limits_drawn: list[shapely.Geometry] = []
    for boundary in boundaries:
        rest = shapely.difference(boundary, shapely.buffer(shapely.union_all(limits_drawn), SAME_LIMIT_M))
        parts = shapely.get_parts(shapely.line_merge(rest))
        long_parts = parts[shapely.length(parts) > 2 * SAME_LIMIT_M]
        limits_drawn.extend([_tied(part, shapely.union_all(limits_drawn)) for part in long_parts])
    return limits_drawn


def _tied(line: shapely.Geometry, drawn: shapely.Geometry) -> shapely.Geometry:
    """Bring the ends of a line back to the limits that it was cut from."""
    corners = list(line.coords)
    for end, position in ((corners[0], 0), (corners[-1], len(corners) + 1)):
        bridge = shapely.shortest_line(shapely.Point(end), drawn)
        if not shapely.is_empty(drawn) and 0 < shapely.length(bridge) < 2 * SAME_LIMIT_M:
            corners.insert(position, bridge.coords[-1])
    return shapely.LineString(corners)


def _without_overlap(shapes: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Close shapes and cut what overlaps: two lines would stand for one limit."""
    separate: list[shapely.Geometry] = []
    for shape in shapes:
        closed = _close_gaps(shape)
        for neighbour in separate:
            closed = shapely.difference(closed, neighbour, grid_size=GRID_M)
        separate.append(shapely.set_precision(closed, GRID_M))
    return separate


def _column(frame: gpd.GeoDataFrame, role: str) -> str | None:
    roles = style.kind_style("commune")[role]
    return next((name for name in roles if name in frame.columns), None)


def _towns(towns: gpd.GeoDataFrame) -> list[list[Any]]:
    """List the towns (name, longitude, latitude, rank), the most populated first."""
    name, people = _column(towns, "name"), _column(towns, "population")
    if name is None:
        return []
    located = towns[~(towns.geometry.isna() | towns.geometry.is_empty)]
    points = located.geometry.representative_point().to_crs(measure.WGS84)
    weight = (
        pd.to_numeric(located[people], errors="coerce").fillna(0) if people else pd.Series(0, located.index)
    )
    rows = []
    for position, row in enumerate(np.argsort(-weight.to_numpy(dtype=float), kind="stable")):
        rank = 1 + sum(position >= limit for limit in RANKS)
        point = points.iloc[row]
        rows.append([plain_value(located[name].iloc[row]), round(point.x, 4), round(point.y, 4), rank])
    return rows


def _to_geojson(shapes: gpd.GeoSeries) -> Shapes:
    in_degrees = shapes.to_crs(measure.WGS84)
    return [shape for shape in rounded(list(in_degrees), GROUND_DECIMALS) if shape]
