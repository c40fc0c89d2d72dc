"""Quays, ports, terminals and junctions within reach of a site: straight line always, road when known."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, measure
from artois_geo.canal import precision, published
from artois_geo.canal.gathering import LOADING, identifiers, names
from artois_geo.canal.roads import M_PER_KM, Roads, road_fields, travel
from artois_geo.canal.waterways import key
from artois_geo.deprecated import gathered
from artois_geo.errors import BadTable

BY_ROAD, STRAIGHT, ON_SITE = "réseau", "à vol d'oiseau", "sur le site"
JUNCTION = "échangeur autoroutier"  # value of the column ``family``
DISTANCES = ["straight_km", "straight_low_km", "straight_high_km", "road_km", "road_min"]
#: Words that a port and a site of port vocation may add to the name of their town, without accents.
PORT_WORDS = frozenset({"port", "fluvial", "interieur", "quai", "quais", "terminal"})


def access(
    sites: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    family: str,
    carry: Sequence[str] = (),
    roads: Roads | gpd.GeoDataFrame | None = None,
    sites_precision_m: float | None = None,
    places_precision_m: float | None = None,
    **road_settings: Any,
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
        Without them there is no road distance, and no guess of one.
    sites_precision_m, places_precision_m
        Metres to which positions are known where ``precision_m`` does not say it.
    road_settings
        Fields of :class:`Roads`, where ``roads`` is the layer of its lines, as in version 0.1.0.

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

    >>> from artois_geo.canal import Roads, access
    >>> from artois_geo import example
    >>> site, quay = example.point(x_km=0, y_km=0), example.point(x_km=3, y_km=0, objet_type="quai")
    >>> road = example.line((0, 0), (0, 2), (3, 2), (3, 0))
    >>> roads = Roads(road, speed_kmh=50, snap_m=1, reach_m=500)
    >>> reach = access(site, quay, family="objet_type", roads=roads)
    >>> reach[["straight_km", "road_km", "road_min"]].round(1).values.tolist()
    [[3.0, 7.0, 8.4]]
    """
    measure.require_lambert93(sites=sites, places=places)
    absent = [name for name in (family, *carry) if name not in places.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des lieux desservis : {', '.join(absent)}.")
    origins, destinations = sites[_has_geometry(sites)], places[_has_geometry(places)]
    origins = origins.set_geometry(gpd.GeoSeries(precision.anchors(origins), origins.index, crs=origins.crs))
    site_row, place_row = np.divmod(np.arange(len(origins) * len(destinations)), max(len(destinations), 1))
    doubts_m = (
        precision.positions(origins, sites_precision_m, "sites_precision_m")[site_row],
        precision.positions(destinations, places_precision_m, "places_precision_m")[place_row],
    )
    distance_m = shapely.distance(
        origins.geometry.to_numpy()[site_row], destinations.geometry.to_numpy()[place_row]
    )
    low_m, high_m = precision.bounds(distance_m, np.add(*doubts_m))
    table = pd.DataFrame(
        {
            "site": origins.index[site_row],
            "place": destinations.index[place_row],
            "family": destinations[family].to_numpy()[place_row],
            "straight_km": distance_m / M_PER_KM,
            "straight_low_km": low_m / M_PER_KM,
            "straight_high_km": high_m / M_PER_KM,
            "road_km": np.nan,
            "road_min": np.nan,
            "method": STRAIGHT,
            "schematic": meaning.schematic(origins)[site_row] | meaning.schematic(destinations)[place_row],
        }
    )
    keywords = road_fields(roads, road_settings)
    network_roads = gathered(Roads, None, keywords, function="canal.access(roads=)") if keywords else roads
    if network_roads is not None:
        road_km, road_min = travel(origins.geometry, destinations.geometry, network_roads)
        table["road_km"], table["road_min"] = road_km[site_row, place_row], road_min[site_row, place_row]
        # which road serves a position known no better than that, nobody can say
        table.loc[np.maximum(*doubts_m) > network_roads.reach_m, ["road_km", "road_min"]] = np.nan
        table.loc[table["road_km"].notna(), "method"] = BY_ROAD
    surely_same, likely_same = _same_places(origins, destinations, family)
    on_site = surely_same[site_row, place_row] | likely_same[site_row, place_row] & ~(low_m > 0)
    table.loc[on_site, DISTANCES] = np.nan
    table.loc[on_site, "method"] = ON_SITE
    clashing = [name for name in carry if name in table.columns]
    if clashing:
        raise BadTable(f"Colonnes des lieux à renommer, leur nom est pris : {', '.join(clashing)}.")
    for name in carry:
        table[name] = destinations[name].to_numpy()[place_row]
    return table


def named(
    reach: pd.DataFrame, sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Put the names of the sites, and of the places, beside their identifiers.

    Parameters
    ----------
    reach
        From :func:`access` or :func:`nearest`: columns ``site`` and ``place``.
    sites, places
        The frames that it was made from; without ``places`` the sites alone are named.

    Returns
    -------
    DataFrame
        ``reach`` with ``site_nom`` after ``site`` and ``place_nom`` after ``place``: from the column that
        names them (``site_nom``, ``objet_nom``, ``nom`` …), else their index. A label that the frame lacks
        is null.

    Raises
    ------
    BadTable
        ``reach`` has no column ``site`` or ``place``.

    Examples
    --------
    >>> from artois_geo.canal import access, named
    >>> from artois_geo import example
    >>> site = example.point(x_km=0, y_km=0, site_nom="Parc")
    >>> quay = example.point(x_km=3, y_km=0, objet_type="quai", objet_nom="Harnes")
    >>> reach = access(site, quay, family="objet_type")
    >>> named(reach, site, quay)[["site_nom", "place_nom", "straight_km"]].values.tolist()
    [['Parc', 'Harnes', 3.0]]
    """
    table = reach.copy()
    for column, frame in (("site", sites), ("place", places)):
        if frame is None:
            continue
        if column not in table.columns:
            raise BadTable(f"Colonne absente de la desserte : {column}. La calculer par canal.access.")
        label = f"{column}_nom"
        table = table.drop(columns=label, errors="ignore")
        table.insert(list(table.columns).index(column) + 1, label, table[column].map(names(frame)))
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
    >>> from artois_geo.canal import access, nearest
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> site = example.point(x_km=0, y_km=0)
    >>> quays = [example.point(x_km=x, y_km=0, objet_type="quai") for x in (5, 3)]
    >>> reach = access(site, pd.concat(quays, ignore_index=True), family="objet_type")
    >>> nearest(reach)[["place", "straight_km"]].values.tolist()
    [[1.0, 3.0]]
    """
    ordered = reach.assign(_away=reach["method"] != ON_SITE)
    ordered = ordered.sort_values(["_away", "road_min", "straight_km"], na_position="last", kind="stable")
    nearest_places = ordered.drop_duplicates(["site", "family"]).drop(columns="_away")
    nearest_places = nearest_places.sort_index(kind="stable").reset_index(drop=True)
    if sites is None:
        return nearest_places
    return _with_published(nearest_places, published.junctions(sites), reach.columns)


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
    >>> from artois_geo.canal import access, nearest, nearest_quay
    >>> from artois_geo import example
    >>> site, quay = example.point(x_km=0, y_km=0), example.point(x_km=3, y_km=0, objet_type="quai")
    >>> nearest_quay(nearest(access(site, quay, family="objet_type")))["straight_km"].tolist()
    [3.0]
    """
    # one family for all of them: the nearest of a family is then the nearest of all
    quay_rows = near[near["family"].isin(list(quays))].assign(family="")
    return nearest(quay_rows).set_index("site").drop(columns="family")


def _with_published(nearest_places: pd.DataFrame, junctions: pd.DataFrame, columns: pd.Index) -> pd.DataFrame:
    """Replace the computed distance to a junction by the published one, in the nearest places."""
    if junctions.empty:
        return nearest_places
    published_km = junctions["straight_km"].to_numpy()
    published_rows = pd.DataFrame(
        {"site": junctions.index, "family": JUNCTION, "straight_km": published_km}
    ).reindex(columns=columns)
    published_rows["straight_low_km"] = published_rows["straight_high_km"] = published_km
    published_rows["method"], published_rows["schematic"] = published.PUBLISHED, False
    if "nom" in columns:
        published_rows["nom"] = junctions["words"].to_numpy()
    replaced = (nearest_places["family"] == JUNCTION) & nearest_places["site"].isin(junctions.index)
    combined = pd.concat(
        [nearest_places[~replaced].astype({"place": object}), published_rows.astype({"place": object})]
    )
    site_order = dict.fromkeys([*nearest_places["site"], *junctions.index])
    site_rank = {site: rank for rank, site in enumerate(site_order)}
    ordered = combined.sort_values("site", key=lambda sites: sites.map(site_rank), kind="stable")
    return ordered.reset_index(drop=True)


def _same_places(
    sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame, family: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which place is the site: surely, by identifier and name; likely, by one of them or as its port."""
    by_identifier = _same_key(identifiers(sites).map(key), identifiers(places).map(key))
    by_name = _same_key(names(sites).map(key), names(places).map(key))
    by_port = _same_key(names(sites).map(_port_key), names(places).map(_port_key))
    by_port &= published.ports(sites)[:, None] & places[family].isin(LOADING).to_numpy()[None, :]
    return by_identifier & by_name, by_identifier | by_name | by_port


def _same_key(site_keys: pd.Series, place_keys: pd.Series) -> NDArray[np.bool_]:
    """Compare each site with each place by key; a number names nothing: two layers may both count from 1."""
    has_letter = np.array([any(map(str.isalpha, text)) for text in site_keys], dtype=bool)
    codes, _ = pd.factorize(
        np.concatenate([site_keys.to_numpy(dtype=object), place_keys.to_numpy(dtype=object)])
    )
    return (codes[: len(site_keys), None] == codes[None, len(site_keys) :]) & has_letter[:, None]


def _port_key(name: object) -> str:
    """Reduce the name of a port to its town: « Port fluvial de Harnes », « Quai de Harnes » → « harnes »."""
    return " ".join(word for word in key(name).split() if word not in PORT_WORDS)


def _has_geometry(frame: gpd.GeoDataFrame) -> pd.Series:
    return frame.geometry.notna() & ~frame.geometry.is_empty
