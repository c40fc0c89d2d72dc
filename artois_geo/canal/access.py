"""Quays, ports, terminals and junctions within reach of a site: straight line always, road when known."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure, network
from artois_geo.errors import BadTable, BadValue

M_PER_KM, MINUTES_PER_HOUR = 1000, 60
FORWARD = frozenset({"yes", "true", "1", "oui", "sens direct", "forward"})
BACKWARD = frozenset({"-1", "reverse", "sens inverse", "backward"})
WATERSIDE, BEHIND, REACH, OUT, UNSAID, NOWHERE = (
    "bord à voie d'eau",
    "arrière-quai",
    "à portée de camion",
    "hors d'atteinte",
    "temps de route inconnu",
    "sans géométrie",
)


def access(
    sites: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    family: str,
    carry: Sequence[str] = (),
    roads: gpd.GeoDataFrame | None = None,
    speed: str | None = None,
    oneway: str | None = None,
    level: str | None = None,
    speed_kmh: float | None = None,
    snap_m: float | None = None,
    reach_m: float | None = None,
) -> pd.DataFrame:
    """Distance and time from each site to each place (desserte).

    Parameters
    ----------
    sites
        Any geometry in EPSG:2154, unique index.
    places
        Quays, ports, terminals, junctions, stations in EPSG:2154, unique index.
    family
        Column of ``places`` that sorts them (``objet_type``).
    carry
        Columns of ``places`` to bring along: owner, air draft …
    roads
        Any layer of lines in EPSG:2154. Without it there is no road distance, and no guess of one.
    speed, oneway, level
        Columns of ``roads``: speed in km/h; one-way as in OpenStreetMap (``yes``, ``-1``); level of
        bridges. Trips go from the site to the place.
    speed_kmh, snap_m, reach_m
        Asked for with ``roads``: speed of a road that has none; tolerance of ``network.build``; a site or
        place farther than ``reach_m`` from every road is not joined to it.

    Returns
    -------
    DataFrame
        One row per site and place that both have a geometry: ``site``, ``place`` (index),
        ``family``, ``straight_km``, ``road_km`` and ``road_min`` (of the fastest way; null without
        roads or without a way), ``method`` (``réseau``, ``à vol d'oiseau``), ``schematic`` (site or
        place is schematic), and ``carry``.

    Raises
    ------
    BadTable
        A column is absent, or a column to carry has the name of one of the result.
    BadValue
        A speed is not positive, or roads are given without speed, tolerance and reach.

    Examples
    --------
    3 km by air, 7 km by the only road, 8.4 min at 50 km/h:

    >>> site, quay = plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=0, objet_type="quai")
    >>> road = plain.line((0, 0), (0, 2), (3, 2), (3, 0))
    >>> found = access(site, quay, family="objet_type", roads=road, speed_kmh=50, snap_m=1, reach_m=500)
    >>> found[["straight_km", "road_km", "road_min"]].round(1).values.tolist()
    [[3.0, 7.0, 8.4]]
    """
    measure.require_lambert93(sites=sites, places=places)
    absent = [name for name in (family, *carry) if name not in places.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des lieux desservis : {', '.join(absent)}.")
    here = sites[_drawn(sites)]
    there = places[_drawn(places)]
    site, place = np.divmod(np.arange(len(here) * len(there)), max(len(there), 1))
    table = pd.DataFrame(
        {
            "site": here.index[site],
            "place": there.index[place],
            "family": there[family].to_numpy()[place],
            "straight_km": shapely.distance(here.geometry.to_numpy()[site], there.geometry.to_numpy()[place])
            / M_PER_KM,
            "road_km": np.nan,
            "road_min": np.nan,
            "method": "à vol d'oiseau",
            "schematic": meaning.schematic(here)[site] | meaning.schematic(there)[place],
        }
    )
    if roads is not None:
        if speed_kmh is None or snap_m is None or reach_m is None:
            raise BadValue("Avec des routes, donner speed_kmh, snap_m et reach_m.")
        km, minutes = _by_road(here, there, roads, speed, oneway, level, speed_kmh, snap_m, reach_m)
        table["road_km"], table["road_min"] = km[site, place], minutes[site, place]
        table.loc[table["road_km"].notna(), "method"] = "réseau"
    taken = [name for name in carry if name in table.columns]
    if taken:
        raise BadTable(f"Colonnes des lieux à renommer, leur nom est pris : {', '.join(taken)}.")
    for name in carry:
        table[name] = there[name].to_numpy()[place]
    return table


def nearest(reach: pd.DataFrame) -> pd.DataFrame:
    """The nearest place of each family for each site: by time where known, else by air.

    Parameters
    ----------
    reach
        From :func:`access`.

    Examples
    --------
    >>> import pandas as pd
    >>> site = plain.point(x_km=0, y_km=0)
    >>> quays = [plain.point(x_km=x, y_km=0, objet_type="quai") for x in (5, 3)]
    >>> reach = access(site, pd.concat(quays, ignore_index=True), family="objet_type")
    >>> nearest(reach)[["place", "straight_km"]].values.tolist()
    [[1.0, 3.0]]
    """
    ordered = reach.sort_values(["road_min", "straight_km"], na_position="last", kind="stable")
    first = ordered.drop_duplicates(["site", "family"])
    return first.sort_index(kind="stable").reset_index(drop=True)


def rings(
    front: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    *,
    quays: Sequence[str],
    bank_m: float,
    hinterland_m: float,
    truck_min: float,
) -> pd.Series:
    """Ring of each site: on the bank, behind a quay, within truck reach of one, out of reach.

    Parameters
    ----------
    front
        From ``frontage``: ``waterway_m``.
    reach
        From :func:`access`.
    quays
        Families that load boats.
    bank_m, hinterland_m, truck_min
        Distance to the bank, distance by air to a quay, minutes by road to a quay.

    Returns
    -------
    Series
        French name of the ring, index of ``front``. A site beyond ``hinterland_m`` whose road time
        is not known is « temps de route inconnu », not out of reach.

    Examples
    --------
    >>> site = plain.square(x_km=0, y_km=0, side_km=1).assign(waterway_m=400.0)
    >>> quay = plain.point(x_km=1.9, y_km=0, objet_type="quai")
    >>> reach = access(site, quay, family="objet_type")
    >>> rings(site, reach, quays=["quai"], bank_m=50, hinterland_m=1000, truck_min=15).tolist()
    ['arrière-quai']
    """
    loading = reach[reach["family"].isin(list(quays))]
    by_site = loading.groupby("site")
    straight_m = by_site["straight_km"].min().reindex(front.index) * M_PER_KM
    minutes = by_site["road_min"].min().reindex(front.index)
    return pd.Series(
        np.select(
            [
                ~_drawn(front),
                front["waterway_m"] <= bank_m,
                straight_m <= hinterland_m,
                minutes <= truck_min,
                minutes.isna(),
            ],
            [NOWHERE, WATERSIDE, BEHIND, REACH, UNSAID],
            OUT,
        ),
        index=front.index,
        name="ring",
    )


def _by_road(
    sites: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    speed: str | None,
    oneway: str | None,
    level: str | None,
    speed_kmh: float,
    snap_m: float,
    reach_m: float,
) -> tuple[np.ndarray, np.ndarray]:
    absent = [name for name in (speed, oneway) if name is not None and name not in roads.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des routes : {', '.join(absent)}.")
    graph = network.build(roads, snap_m=snap_m, level=level)
    lines = roads.reindex(graph.edges["line"])
    fast = np.full(len(lines), float(speed_kmh))
    if speed is not None:
        said = pd.to_numeric(lines[speed], errors="coerce").to_numpy(dtype=float)
        fast = np.where(np.isnan(said), fast, said)
    if not (fast > 0).all():
        raise BadValue("Une vitesse de route est nulle ou négative : la corriger, ou la laisser vide.")
    ways = _text(lines[oneway]) if oneway is not None else pd.Series("", index=range(len(lines)))
    back, ahead = ~ways.isin(FORWARD).to_numpy(), ~ways.isin(BACKWARD).to_numpy()
    ends = network.snap(graph, places.geometry, max_m=reach_m)
    starts = network.snap(graph, sites.geometry, max_m=reach_m)
    per_m = MINUTES_PER_HOUR / (fast * M_PER_KM)
    # there are fewer places than sites: search from the places, against the traffic
    minutes, metres = network.distances(graph, ends, starts, cost=per_m, forward=back, backward=ahead)
    away = starts.away_m[:, None] + ends.away_m[None, :]
    minutes = minutes.T + away * MINUTES_PER_HOUR / (speed_kmh * M_PER_KM)
    km = (metres.T + away) / M_PER_KM
    lost = ~np.isfinite(minutes)
    return np.where(lost, np.nan, km), np.where(lost, np.nan, minutes)


def _text(column: pd.Series) -> pd.Series:
    return column.map(lambda value: str(value).strip().casefold().removesuffix(".0"))


def _drawn(frame: gpd.GeoDataFrame) -> pd.Series:
    return frame.geometry.notna() & ~frame.geometry.is_empty
