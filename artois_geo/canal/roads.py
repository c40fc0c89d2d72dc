"""By road from a site to what serves it: the roads, how fast trips go on them, kilometres and minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import meaning, network
from artois_geo.errors import BadTable, BadValue

M_PER_KM, MINUTES_PER_HOUR = 1000, 60
FORWARD = frozenset({"sens direct", "forward"})  # and whatever says yes
BACKWARD = frozenset({"-1", "reverse", "sens inverse", "backward"})


@dataclass(frozen=True)
class Roads:
    """Hold the roads by which places are reached, and how trips go on them.

    Parameters
    ----------
    lines
        Any layer of lines in EPSG:2154.
    speed_kmh
        Speed of a road that has none of its own.
    snap_m
        Tolerance of ``network.build``.
    reach_m
        A site or place farther than this from every road, or whose position is known no better than
        that, is not joined to it.
    speed, oneway, level
        Columns of ``lines``: speed in km/h; one-way as in OpenStreetMap (``yes``, ``-1``); level of
        bridges. Trips go from the site to the place.

    Examples
    --------
    >>> from artois_geo.canal import Roads
    >>> from artois_geo import example
    >>> roads = Roads(example.line((0, 0), (3, 0)), speed_kmh=50, snap_m=1, reach_m=500)
    >>> roads.speed is None
    True
    """

    lines: gpd.GeoDataFrame
    speed_kmh: float
    snap_m: float
    reach_m: float
    speed: str | None = None
    oneway: str | None = None
    level: str | None = None


def road_fields(roads: Roads | gpd.GeoDataFrame | None, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record of roads that version 0.1.0 took one by one; none where it is given."""
    unexpected = set(keywords) - {field.name for field in fields(Roads)}
    if unexpected:
        raise TypeError(f"access() got an unexpected keyword argument {min(unexpected)!r}")
    if roads is None or isinstance(roads, Roads):
        return {}
    if any(keywords.get(name) is None for name in ("speed_kmh", "snap_m", "reach_m")):
        raise BadValue("Avec des routes, donner speed_kmh, snap_m et reach_m.")
    return {"lines": roads, **keywords}


def travel(
    origins: gpd.GeoSeries, destinations: gpd.GeoSeries, roads: Roads
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute kilometres and minutes by road, origins × destinations; NaN where no way exists."""
    absent = [name for name in (roads.speed, roads.oneway) if name and name not in roads.lines.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des routes : {', '.join(absent)}.")
    graph = network.build(roads.lines, snap_m=roads.snap_m, level=roads.level)
    edge_kmh, allows_forward, allows_backward = _traffic(roads, graph.edges["line"])
    destination_stops = network.snap(graph, destinations, max_m=roads.reach_m)
    origin_stops = network.snap(graph, origins, max_m=roads.reach_m)
    # there are fewer places than sites: search from the places, against the traffic
    minutes, path_m = network.distances(
        graph,
        destination_stops,
        origin_stops,
        cost=MINUTES_PER_HOUR / (edge_kmh * M_PER_KM),
        forward=allows_backward,
        backward=allows_forward,
    )
    access_m = origin_stops.away_m[:, None] + destination_stops.away_m[None, :]
    minutes = minutes.T + access_m * MINUTES_PER_HOUR / (roads.speed_kmh * M_PER_KM)
    road_km = (path_m.T + access_m) / M_PER_KM
    unreachable = ~np.isfinite(minutes)
    return np.where(unreachable, np.nan, road_km), np.where(unreachable, np.nan, minutes)


def _traffic(
    roads: Roads, lines: pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the speed on each edge, and whether it may be driven as drawn and the other way."""
    edges = roads.lines.reindex(lines)
    edge_kmh = np.full(len(edges), float(roads.speed_kmh))
    if roads.speed is not None:
        declared_kmh = pd.to_numeric(edges[roads.speed], errors="coerce").to_numpy(dtype=float)
        edge_kmh = np.where(np.isnan(declared_kmh), edge_kmh, declared_kmh)
    if not (edge_kmh > 0).all():
        raise BadValue("Une vitesse de route est nulle ou négative : la corriger, ou la laisser vide.")
    direction = pd.Series("", index=range(len(edges)))
    if roads.oneway is not None:
        direction = edges[roads.oneway].map(lambda code: str(code).strip().casefold().removesuffix(".0"))
    is_forward = direction.isin(FORWARD) | direction.map(meaning.is_true)
    return edge_kmh, ~direction.isin(BACKWARD).to_numpy(), ~is_forward.to_numpy(dtype=bool)
