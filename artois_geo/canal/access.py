"""Quays, ports, terminals and junctions within reach of a site: straight line always, road when known."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, measure, network
from artois_geo.canal import precision, published
from artois_geo.canal.gathering import LOADING, identifiers, names
from artois_geo.canal.waterways import key
from artois_geo.errors import BadTable, BadValue

M_PER_KM, MINUTES_PER_HOUR = 1000, 60
FORWARD = frozenset({"yes", "true", "1", "oui", "sens direct", "forward"})
BACKWARD = frozenset({"-1", "reverse", "sens inverse", "backward"})
BY_ROAD, STRAIGHT, ON_SITE = "réseau", "à vol d'oiseau", "sur le site"
JUNCTION = "échangeur autoroutier"
DISTANCES = ["straight_km", "straight_low_km", "straight_high_km", "road_km", "road_min"]
PORT_WORDS = frozenset({"port", "fluvial", "interieur", "quai", "quais", "terminal"})


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
    sites_precision_m: float | None = None,
    places_precision_m: float | None = None,
) -> pd.DataFrame:
    """Measure distance and time from each site to each place (desserte).

    A place has no distance to itself: one that has the identifier or the name of the site, or is the port
    that a site of port vocation is named after, is « sur le site ».

    Parameters
    ----------
    sites
        Any geometry in EPSG:2154, unique index. A polygon that ``geometrie`` calls schematic is measured
        from its centre, by air and by road.
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
        place farther than ``reach_m`` from every road, or whose position is known no better than that,
        is not joined to it.
    sites_precision_m, places_precision_m
        Metres to which positions are known where ``precision_m`` does not say it.

    Returns
    -------
    DataFrame
        One row per site and place that both have a geometry: ``site``, ``place`` (index),
        ``family``, ``straight_km`` (as drawn), ``straight_low_km`` and ``straight_high_km`` (what the
        positions leave possible; null where their precision is unknown), ``road_km`` and ``road_min``
        (of the fastest way; null without roads or without a way), ``method`` (``réseau``,
        ``à vol d'oiseau``, or ``sur le site``, without any distance), ``schematic`` (site or place is
        schematic), and ``carry``.

    Raises
    ------
    BadTable
        A column is absent, or a column to carry has the name of one of the result.
    BadValue
        A speed is not positive, a precision is negative, or roads are given without speed, tolerance
        and reach.

    Examples
    --------
    3 km by air, 7 km by the only road, 8.4 min at 50 km/h:

    >>> site, quay = plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=0, objet_type="quai")
    >>> road = plain.line((0, 0), (0, 2), (3, 2), (3, 0))
    >>> reach = access(site, quay, family="objet_type", roads=road, speed_kmh=50, snap_m=1, reach_m=500)
    >>> reach[["straight_km", "road_km", "road_min"]].round(1).values.tolist()
    [[3.0, 7.0, 8.4]]
    """
    measure.require_lambert93(sites=sites, places=places)
    absent = [name for name in (family, *carry) if name not in places.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des lieux desservis : {', '.join(absent)}.")
    starts, stops = sites[_drawn(sites)], places[_drawn(places)]
    starts = starts.set_geometry(gpd.GeoSeries(precision.anchors(starts), starts.index, crs=starts.crs))
    site, place = np.divmod(np.arange(len(starts) * len(stops)), max(len(stops), 1))
    doubts_m = (
        precision.positions(starts, sites_precision_m, "sites_precision_m")[site],
        precision.positions(stops, places_precision_m, "places_precision_m")[place],
    )
    metres = shapely.distance(starts.geometry.to_numpy()[site], stops.geometry.to_numpy()[place])
    low_m, high_m = precision.bounds(metres, np.add(*doubts_m))
    table = pd.DataFrame(
        {
            "site": starts.index[site],
            "place": stops.index[place],
            "family": stops[family].to_numpy()[place],
            "straight_km": metres / M_PER_KM,
            "straight_low_km": low_m / M_PER_KM,
            "straight_high_km": high_m / M_PER_KM,
            "road_km": np.nan,
            "road_min": np.nan,
            "method": STRAIGHT,
            "schematic": meaning.schematic(starts)[site] | meaning.schematic(stops)[place],
        }
    )
    if roads is not None:
        if speed_kmh is None or snap_m is None or reach_m is None:
            raise BadValue("Avec des routes, donner speed_kmh, snap_m et reach_m.")
        km, minutes = _by_road(starts, stops, roads, speed, oneway, level, speed_kmh, snap_m, reach_m)
        table["road_km"], table["road_min"] = km[site, place], minutes[site, place]
        table.loc[np.maximum(*doubts_m) > reach_m, ["road_km", "road_min"]] = np.nan
        table.loc[table["road_km"].notna(), "method"] = BY_ROAD
    sure, likely = _same_places(starts, stops, family)
    on_site = sure[site, place] | likely[site, place] & ~(low_m > 0)
    table.loc[on_site, DISTANCES] = np.nan
    table.loc[on_site, "method"] = ON_SITE
    doubled = [name for name in carry if name in table.columns]
    if doubled:
        raise BadTable(f"Colonnes des lieux à renommer, leur nom est pris : {', '.join(doubled)}.")
    for name in carry:
        table[name] = stops[name].to_numpy()[place]
    return table


def nearest(reach: pd.DataFrame, *, sites: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Take the nearest place of each family for each site: on the site, else by time, else by air.

    Parameters
    ----------
    reach
        From :func:`access`.
    sites
        The same sites: a distance to a motorway junction that they publish (``dist_echangeur_publiee_m``)
        stands in place of the computed one, under the words of its source where ``nom`` is carried.

    Examples
    --------
    >>> import pandas as pd
    >>> site = plain.point(x_km=0, y_km=0)
    >>> quays = [plain.point(x_km=x, y_km=0, objet_type="quai") for x in (5, 3)]
    >>> reach = access(site, pd.concat(quays, ignore_index=True), family="objet_type")
    >>> nearest(reach)[["place", "straight_km"]].values.tolist()
    [[1.0, 3.0]]
    """
    ordered = reach.assign(_away=reach["method"] != ON_SITE)
    ordered = ordered.sort_values(["_away", "road_min", "straight_km"], na_position="last", kind="stable")
    first = ordered.drop_duplicates(["site", "family"]).drop(columns="_away")
    near = first.sort_index(kind="stable").reset_index(drop=True)
    return near if sites is None else _with_published(near, published.junctions(sites), reach.columns)


def nearest_quay(near: pd.DataFrame, *, quays: Sequence[str] = LOADING) -> pd.DataFrame:
    """Take the nearest place of all that load boats, by site.

    Parameters
    ----------
    near
        From :func:`nearest`.
    quays
        Families that load boats.

    Examples
    --------
    >>> site, quay = plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=0, objet_type="quai")
    >>> nearest_quay(nearest(access(site, quay, family="objet_type")))["straight_km"].tolist()
    [3.0]
    """
    loading = near[near["family"].isin(list(quays))].assign(family="")
    return nearest(loading).set_index("site").drop(columns="family")


def _with_published(near: pd.DataFrame, junctions: pd.DataFrame, columns: pd.Index) -> pd.DataFrame:
    """The nearest places, where a published distance to a junction replaces the computed one."""
    if junctions.empty:
        return near
    km = junctions["straight_km"].to_numpy()
    rows = pd.DataFrame({"site": junctions.index, "family": JUNCTION, "straight_km": km}).reindex(
        columns=columns
    )
    rows["straight_low_km"] = rows["straight_high_km"] = km
    rows["method"], rows["schematic"] = published.PUBLISHED, False
    if "nom" in columns:
        rows["nom"] = junctions["words"].to_numpy()
    replaced = (near["family"] == JUNCTION) & near["site"].isin(junctions.index)
    both = pd.concat([near[~replaced].astype({"place": object}), rows.astype({"place": object})])
    order = {site: number for number, site in enumerate(dict.fromkeys([*near["site"], *junctions.index]))}
    return both.sort_values("site", key=lambda sites: sites.map(order), kind="stable").reset_index(drop=True)


def _same_places(
    sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame, family: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which place is the site: surely, by identifier and name; likely, by one of them or as its port."""
    by_identifier = _equal(identifiers(sites).map(key), identifiers(places).map(key))
    by_name = _equal(names(sites).map(key), names(places).map(key))
    by_port = _equal(names(sites).map(_port_key), names(places).map(_port_key))
    by_port &= published.ports(sites)[:, None] & places[family].isin(LOADING).to_numpy()[None, :]
    return by_identifier & by_name, by_identifier | by_name | by_port


def _equal(keys: pd.Series, others: pd.Series) -> NDArray[np.bool_]:
    """Each key against each other one; a bare number names nothing, two layers may both count from 1."""
    named = np.array([any(map(str.isalpha, text)) for text in keys], dtype=bool)
    codes, _ = pd.factorize(np.concatenate([keys.to_numpy(dtype=object), others.to_numpy(dtype=object)]))
    return (codes[: len(keys), None] == codes[None, len(keys) :]) & named[:, None]


def _port_key(name: object) -> str:
    """« Port fluvial de Harnes » and « Quai de Harnes » are both « harnes »."""
    return " ".join(word for word in key(name).split() if word not in PORT_WORDS)


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
