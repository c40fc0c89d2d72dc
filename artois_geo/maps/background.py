"""The quiet ground of the offline map: towns, limits of the EPCI, names."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from artois_geo import measure
from artois_geo.maps import style
from artois_geo.maps.objects import plain_value, rounded

GROUND_DECIMALS = 4  # of a degree: about ten metres, finer than a screen shows
CLOSE_GAPS_M = 400  # schematic cells leave chinks between them
RANKS = (4, 14, 40)  # so many towns are named at the first, second, third zoom level

Ground = dict[str, Any]


def ground(frames: Mapping[str, gpd.GeoDataFrame], kinds: Mapping[str, str]) -> Ground | None:
    """Cells, limits and town names, from whatever layers of towns the map was given.

    Real outlines (kind ``commune`` with polygons) are preferred to schematic
    ones (kind ``commune_schema``).

    Parameters
    ----------
    frames
        Layers in EPSG:2154, by name.
    kinds
        Kind of each layer, by name.

    Returns
    -------
    dict or None
        ``cells`` and ``limits`` (GeoJSON geometries), ``towns`` (name, longitude,
        latitude, rank), ``schematic``; None without any layer of towns.
    """
    towns = [frames[name] for name, kind in kinds.items() if kind == "commune"]
    sketches = [frames[name] for name, kind in kinds.items() if kind == "commune_schema"]
    outlines = next((f for f in towns if _has_polygons(f)), None)
    cells = outlines if outlines is not None else next((f for f in sketches if _has_polygons(f)), None)
    named = next(iter(towns), cells)
    if named is None:
        return None
    return {
        "cells": [] if cells is None else _cells(cells),
        "limits": [] if cells is None else _limits(cells, schematic=outlines is None),
        "towns": _towns(named),
        "schematic": cells is not None and outlines is None,
        "bounds": _bounds(named if cells is None else cells),
    }


def degrees_bounds(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> list[list[float]] | None:
    """South-west and north-east corners as (latitude, longitude), or None if nothing is placed."""
    west, south, east, north = frame.geometry.to_crs(measure.WGS84).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return None
    return [[round(float(south), 5), round(float(west), 5)], [round(float(north), 5), round(float(east), 5)]]


_bounds = degrees_bounds


def _has_polygons(frame: gpd.GeoDataFrame) -> bool:
    return bool(len(frame)) and bool(frame.geom_type.isin(["Polygon", "MultiPolygon"]).any())


def _cells(cells: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    polygons = cells.geometry[cells.geom_type.isin(["Polygon", "MultiPolygon"])]
    tolerance = style.read_style()["ground"]["simplify_m"]["communes"]
    light = gpd.GeoSeries(shapely.coverage_simplify(polygons.to_numpy(), tolerance), crs=polygons.crs)
    return [shape for shape in rounded(light.to_crs(measure.WGS84).to_numpy(), GROUND_DECIMALS) if shape]


def _limits(cells: gpd.GeoDataFrame, *, schematic: bool) -> list[dict[str, Any]]:
    column = next((c for c in style.kind_style("commune")["epci"] if c in cells.columns), None)
    if column is None:
        return []
    merged = cells.dissolve(column).geometry
    if schematic:
        merged = merged.buffer(CLOSE_GAPS_M).buffer(-CLOSE_GAPS_M)
    light = merged.simplify(style.read_style()["ground"]["simplify_m"]["limits"])
    line = gpd.GeoSeries([light.boundary.union_all()], crs=cells.crs).to_crs(measure.WGS84)
    return [shape for shape in rounded(line.to_numpy(), GROUND_DECIMALS) if shape]


def _towns(named: gpd.GeoDataFrame) -> list[list[Any]]:
    roles = style.kind_style("commune")
    name = next((c for c in roles["name"] if c in named.columns), None)
    people = next((c for c in roles["population"] if c in named.columns), None)
    if name is None:
        return []
    placed = named[~(named.geometry.isna() | named.geometry.is_empty)]
    points = placed.geometry.representative_point().to_crs(measure.WGS84)
    weight = placed[people].fillna(0).to_numpy() if people else np.zeros(len(placed))
    rows = []
    for place, order in enumerate(np.argsort(-weight, kind="stable")):
        rank = 1 + sum(place >= limit for limit in RANKS)
        point = points.iloc[order]
        rows.append([plain_value(placed[name].iloc[order]), round(point.x, 4), round(point.y, 4), rank])
    return rows
