"""Missing links: which short gap, once closed, joins the most network; which detours are too long."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from artois_geo import measure
from artois_geo.deprecated import renamed_keywords
from artois_geo.errors import BadValue
from artois_geo.network import Network, Stops, components, distances, snap
from artois_geo.shapes import joined_groups

M_PER_KM = 1000
BATCH_EDGES = 20_000  # edges searched together: bounds the memory on large networks
LARGE = 200  # edges; below, two components are compared edge by edge
CROSSING, NEAR_ENDS = "croisement à vérifier", "bouts proches à vérifier"
MIN_SEARCH_M = 1e-6  # a search of no width finds not even what touches
MIN_GAP_M = 25.0  # the constant corridor_min_gap_m, for who calls without it


@renamed_keywords("corridors.gaps", network="graph")
def gaps(network: Network, *, max_gap_m: float, count: int, min_gap_m: float = MIN_GAP_M) -> gpd.GeoDataFrame:
    """Find the missing links between components, best gain per kilometre first (manques).

    Closing a gap of g km between components of Lᵢ and Lⱼ km raises the probability that two
    points of the network are joined by Δp = 2·Lᵢ·Lⱼ/L². The link with the best Δp/g is taken,
    its two components become one, and all is computed again for the next.

    Parameters
    ----------
    network
        From ``network.build``.
    max_gap_m
        Longer gaps are not proposed.
    count
        Most links to return.
    min_gap_m
        Lines that cross, or come nearer to each other than that, are taken as joined: there
        is nothing to build between them, only something to verify (:func:`crossings`).

    Returns
    -------
    GeoDataFrame
        One row per link, in the order in which to make them: ``rank``, ``gap_km``,
        ``gain_p``, ``gain_per_km``, ``p_after``, ``largest_share_after``, ``joined_a_km`` and
        ``joined_b_km`` (length of the two sides at that moment), ``line_a`` and ``line_b``
        (index of the rows joined). The geometry is the straight link, to be studied on the
        ground.

    Raises
    ------
    BadValue
        ``max_gap_m`` or ``count`` is not positive, ``min_gap_m`` is negative or not below ``max_gap_m``.

    Examples
    --------
    Pieces of 6, 3 and 1 km; 200 m miss between the first two:

    >>> from artois_geo.corridors import gaps
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> import pandas as pd
    >>> ends_km = [((0, 0), (6, 0)), ((6.2, 0), (9.2, 0)), ((0, 5), (1, 5))]
    >>> pieces = [example.line(*ends) for ends in ends_km]
    >>> network = build(pd.concat(pieces, ignore_index=True), snap_m=5)
    >>> gaps(network, max_gap_m=1000, count=3)[["gap_km", "gain_per_km", "p_after"]].round(2).values.tolist()
    [[0.2, 1.8, 0.82]]
    """
    if not max_gap_m > 0 or count < 1:
        raise BadValue("max_gap_m et count doivent être positifs.")
    if not 0 <= min_gap_m < max_gap_m:
        raise BadValue(
            f"min_gap_m ({min_gap_m:g} m) doit être au moins 0 et plus petit que max_gap_m ({max_gap_m:g} m)."
        )
    component, km = _edge_components(network)
    pairs = _candidates(network, component, km, max_gap_m)
    component_a, component_b = component[pairs["edge_a"]], component[pairs["edge_b"]]
    gap_m = pairs["gap_m"].to_numpy()
    root = _group_joint(len(km), component_a, component_b, _is_joint(gap_m, min_gap_m))
    root_km = np.bincount(root, weights=km, minlength=len(km))
    total_km = km.sum()
    p_same = float(((root_km / total_km) ** 2).sum()) if total_km else np.nan
    rows: list[tuple[float, ...]] = []
    while len(rows) < count:
        root_a, root_b = root[component_a], root[component_b]
        gain = np.where(root_a != root_b, 2 * root_km[root_a] * root_km[root_b] / total_km**2, 0.0)
        if not (gain > 0).any():
            break
        best = int(np.argmax(np.divide(gain, gap_m, out=np.zeros_like(gain), where=gain > 0)))
        kept_root, merged_root = root_a[best], root_b[best]
        p_same += gain[best]
        joined_km = root_km[kept_root], root_km[merged_root]
        root[root == merged_root] = kept_root
        root_km[kept_root], root_km[merged_root] = sum(joined_km), 0.0
        rows.append((best, gain[best], p_same, *joined_km, root_km.max() / total_km))
    return _link_table(network, pairs, rows)


@renamed_keywords("corridors.crossings", network="graph")
def crossings(network: Network, *, min_gap_m: float = MIN_GAP_M) -> gpd.GeoDataFrame:
    """List the places where two components cross or nearly touch: to verify, not to build.

    Parameters
    ----------
    network
        From ``network.build``.
    min_gap_m
        Components that come nearer than that are listed, those that cross always.

    Returns
    -------
    GeoDataFrame
        One row per pair of components, what would join most first: ``link_kind`` (a crossing
        without junction, or ends that nearly meet), ``gap_m``, ``gain_p`` (as in :func:`gaps`),
        ``joined_a_km``, ``joined_b_km``, ``line_a``, ``line_b``; the geometry is the point to
        look at.

    Raises
    ------
    BadValue
        ``min_gap_m`` is negative.

    Examples
    --------
    >>> from artois_geo.corridors import crossings
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> import pandas as pd
    >>> ways = [example.line((0, 1), (2, 1)), example.line((1, 0), (1, 2))]
    >>> crossings(build(pd.concat(ways, ignore_index=True), snap_m=5))["link_kind"].tolist()
    ['croisement à vérifier']
    """
    if not min_gap_m >= 0:
        raise BadValue("min_gap_m ne peut pas être négatif. Donner une distance en mètres.")
    component, km = _edge_components(network)
    pairs = _candidates(network, component, km, max(min_gap_m, MIN_SEARCH_M))
    pairs = pairs[_is_joint(pairs["gap_m"].to_numpy(), min_gap_m)]
    edge_a, edge_b = pairs["edge_a"].to_numpy(), pairs["edge_b"].to_numpy()
    a_km, b_km = km[component[edge_a]], km[component[edge_b]]
    tracks, lines = network.edges.geometry.to_numpy(), network.edges["line"].to_numpy()
    table = gpd.GeoDataFrame(
        {
            "link_kind": np.where(pairs["gap_m"] > 0, NEAR_ENDS, CROSSING),
            "gap_m": pairs["gap_m"].to_numpy(),
            "gain_p": 2 * a_km * b_km / km.sum() ** 2,
            "joined_a_km": a_km,
            "joined_b_km": b_km,
            "line_a": lines[edge_a],
            "line_b": lines[edge_b],
        },
        geometry=shapely.centroid(shapely.shortest_line(tracks[edge_a], tracks[edge_b])),
        crs=measure.LAMBERT93,
    )
    return table.sort_values("gain_p", ascending=False, kind="stable").reset_index(drop=True)


@renamed_keywords("corridors.shortcuts", network="graph")
def shortcuts(network: Network, *, max_gap_m: float, min_detour: float) -> gpd.GeoDataFrame:
    """Find pairs of dead ends of one component that lie close by air and far by the network.

    Parameters
    ----------
    max_gap_m
        Farthest apart, by air.
    min_detour
        Least ratio of network distance to straight distance.

    Returns
    -------
    GeoDataFrame
        Longest detour saved first: ``straight_km``, ``network_km``, ``detour``; straight lines.

    Examples
    --------
    A horseshoe whose ends are 500 m apart:

    >>> from artois_geo.corridors import shortcuts
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> network = build(example.line((0, 0), (0, 2), (0.5, 2), (0.5, 0)), snap_m=5)
    >>> shortcuts(network, max_gap_m=1000, min_detour=1.5)[["straight_km", "detour"]].values.tolist()
    [[0.5, 9.0]]
    """
    label = components(network)
    start, end = network.edges["start"].to_numpy(), network.edges["end"].to_numpy()
    degree = np.bincount(start, minlength=len(label)) + np.bincount(end, minlength=len(label))
    tips = np.flatnonzero(degree == 1)
    tip_xy = shapely.get_coordinates(network.nodes.to_numpy()[tips])
    pairs = (
        cKDTree(tip_xy).query_pairs(max_gap_m, output_type="ndarray") if len(tips) else np.zeros((0, 2), int)
    )
    pairs = pairs[label[tips[pairs[:, 0]]] == label[tips[pairs[:, 1]]]]
    ends = snap(network, network.nodes.iloc[tips], max_m=1)
    network_m = np.full(len(pairs), np.inf)
    for tip in np.unique(pairs[:, 0]):
        pair_rows = np.flatnonzero(pairs[:, 0] == tip)
        path_m = distances(network, _stops_at(ends, np.array([tip])), _stops_at(ends, pairs[pair_rows, 1]))[1]
        network_m[pair_rows] = path_m[0]
    straight_m = np.hypot(*(tip_xy[pairs[:, 0]] - tip_xy[pairs[:, 1]]).T)
    table = gpd.GeoDataFrame(
        {
            "straight_km": straight_m / M_PER_KM,
            "network_km": network_m / M_PER_KM,
            "detour": network_m / straight_m,
        },
        geometry=shapely.linestrings(np.stack([tip_xy[pairs[:, 0]], tip_xy[pairs[:, 1]]], axis=1)),
        crs=measure.LAMBERT93,
    )
    long_detours = table[(table["detour"] >= min_detour) & np.isfinite(table["detour"])]
    saved_km = long_detours["network_km"] - long_detours["straight_km"]
    return long_detours.loc[saved_km.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


@renamed_keywords("corridors.detours", network="graph")
def detours(network: Network, places: gpd.GeoDataFrame, *, max_snap_m: float) -> pd.DataFrame:
    """Compute the detour factor between places: how much longer the network is than the straight line.

    Parameters
    ----------
    places
        Points (or polygons) in EPSG:2154, unique index.
    max_snap_m
        A place farther than this from the network has no way to it.

    Returns
    -------
    DataFrame
        One row per pair of places: ``place_a``, ``place_b`` (index), ``straight_km``,
        ``network_km`` (access to the network included) and ``detour``; null where no way exists.

    Examples
    --------
    >>> from artois_geo.corridors import detours
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> import pandas as pd
    >>> corner = build(example.line((0, 0), (3, 0), (3, 4)), snap_m=5)
    >>> ends = pd.concat([example.point(x_km=0, y_km=0), example.point(x_km=3, y_km=4)], ignore_index=True)
    >>> detours(corner, ends, max_snap_m=50)[["straight_km", "network_km", "detour"]].round(3).values.tolist()
    [[5.0, 7.0, 1.4]]
    """
    measure.require_lambert93(places=places)
    stops = snap(network, places.geometry, max_m=max_snap_m)
    distance_m = distances(network, stops, stops)[1] + stops.away_m[:, None] + stops.away_m[None, :]
    place_a, place_b = np.triu_indices(len(places), k=1)
    shapes = places.geometry.to_numpy()
    straight_m = shapely.distance(shapes[place_a], shapes[place_b])
    network_m = np.where(np.isfinite(distance_m[place_a, place_b]), distance_m[place_a, place_b], np.nan)
    return pd.DataFrame(
        {
            "place_a": places.index[place_a],
            "place_b": places.index[place_b],
            "straight_km": straight_m / M_PER_KM,
            "network_km": network_m / M_PER_KM,
            "detour": np.divide(
                network_m, straight_m, out=np.full(len(place_a), np.nan), where=straight_m > 0
            ),
        }
    )


def _candidates(
    network: Network, edge_component: np.ndarray, km: np.ndarray, max_gap_m: float
) -> pd.DataFrame:
    """Find the nearest pair of edges of each two components that are near each other."""
    columns = ["edge_a", "edge_b", "gap_m"]
    if len(km) < 2:
        return pd.DataFrame({"edge_a": [], "edge_b": [], "gap_m": []}).astype(
            {"edge_a": int, "edge_b": int, "gap_m": float}
        )
    tracks = network.edges.geometry.to_numpy()
    is_large = np.bincount(edge_component) > LARGE
    nearest = [
        *_among_small(tracks, edge_component, np.flatnonzero(~is_large[edge_component]), max_gap_m),
        *_around_large(tracks, edge_component, np.flatnonzero(is_large), max_gap_m),
    ]
    return _nearest_of_each_pair(pd.concat(nearest, ignore_index=True), edge_component)[columns]


def _among_small(
    tracks: np.ndarray, edge_component: np.ndarray, small: np.ndarray, max_gap_m: float
) -> Iterator[pd.DataFrame]:
    """Search the small components among themselves, a batch of edges at a time."""
    tree = shapely.STRtree(tracks[small])
    for start in range(0, max(len(small), 1), BATCH_EDGES):
        batch = small[start : start + BATCH_EDGES]
        batch_index, small_index = tree.query(tracks[batch], predicate="dwithin", distance=max_gap_m)
        edge_a, edge_b = small[small_index], batch[batch_index]
        ordered_pairs = edge_component[edge_a] < edge_component[edge_b]
        edge_a, edge_b = edge_a[ordered_pairs], edge_b[ordered_pairs]
        gap_m = shapely.distance(tracks[edge_a], tracks[edge_b])
        yield _nearest_of_each_pair(
            pd.DataFrame({"edge_a": edge_a, "edge_b": edge_b, "gap_m": gap_m}), edge_component
        )


def _around_large(
    tracks: np.ndarray, edge_component: np.ndarray, components: np.ndarray, max_gap_m: float
) -> Iterator[pd.DataFrame]:
    """Search a large component from the edges around it, never from its own edges: time stays linear."""
    if not len(components):
        return
    tree = shapely.STRtree(tracks)
    order = np.argsort(edge_component, kind="stable")
    starts = np.searchsorted(edge_component[order], components)
    stops = np.searchsorted(edge_component[order], components, side="right")
    searched = np.zeros(int(edge_component.max()) + 1, bool)
    for component, start, stop in zip(components, starts, stops, strict=True):
        own_edges = order[start:stop]
        searched[component] = True
        x_min, y_min, x_max, y_max = shapely.total_bounds(tracks[own_edges])
        frame = shapely.box(x_min - max_gap_m, y_min - max_gap_m, x_max + max_gap_m, y_max + max_gap_m)
        nearby_edges = tree.query(frame)
        nearby_edges = nearby_edges[~searched[edge_component[nearby_edges]]]
        (nearby_index, own_index), gap_m = shapely.STRtree(tracks[own_edges]).query_nearest(
            tracks[nearby_edges], max_distance=max_gap_m, return_distance=True, all_matches=False
        )
        pairs = pd.DataFrame(
            {"edge_a": own_edges[own_index], "edge_b": nearby_edges[nearby_index], "gap_m": gap_m}
        )
        yield _nearest_of_each_pair(pairs, edge_component)


def _nearest_of_each_pair(table: pd.DataFrame, edge_component: np.ndarray) -> pd.DataFrame:
    component_a, component_b = edge_component[table["edge_a"]], edge_component[table["edge_b"]]
    pair = pd.DataFrame(
        {"a": np.minimum(component_a, component_b), "b": np.maximum(component_a, component_b)},
        index=table.index,
    )
    ordered = table.join(pair).sort_values(["gap_m", "edge_a", "edge_b"], kind="stable")
    return ordered.drop_duplicates(["a", "b"])[["edge_a", "edge_b", "gap_m"]].reset_index(drop=True)


def _edge_components(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Return the component of each edge, and the kilometres of each component."""
    label = components(network)
    component = label[network.edges["start"].to_numpy()] if len(network.edges) else np.zeros(0, int)
    return component, np.bincount(component, weights=network.edges["length_m"]) / M_PER_KM


def _is_joint(gap_m: np.ndarray, min_gap_m: float) -> np.ndarray:
    """Tell whether two components cross or come so near that nothing is to be built between them."""
    return (gap_m <= 0) | (gap_m < min_gap_m)


def _group_joint(
    count: int, component_a: np.ndarray, component_b: np.ndarray, is_joint: np.ndarray
) -> np.ndarray:
    """Number the group of each component, once those that meet are taken as joined."""
    return joined_groups(component_a[is_joint], component_b[is_joint], count)


def _link_table(network: Network, pairs: pd.DataFrame, rows: list[tuple[float, ...]]) -> gpd.GeoDataFrame:
    """Build the table of the selected links, with the two lines that each joins."""
    pair_rows = np.array([row[0] for row in rows], dtype=int)
    tracks, lines = network.edges.geometry.to_numpy(), network.edges["line"].to_numpy()
    edge_a, edge_b = pairs["edge_a"].to_numpy()[pair_rows], pairs["edge_b"].to_numpy()[pair_rows]
    gap_km = pairs["gap_m"].to_numpy()[pair_rows] / M_PER_KM
    gain, p_after, a_km, b_km, share = (
        np.array([row[column] for row in rows], dtype=float) for column in range(1, 6)
    )
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(rows) + 1),
            "gap_km": gap_km,
            "gain_p": gain,
            "gain_per_km": gain / gap_km,
            "p_after": p_after,
            "largest_share_after": share,
            "joined_a_km": a_km,
            "joined_b_km": b_km,
            "line_a": lines[edge_a],
            "line_b": lines[edge_b],
        },
        geometry=shapely.shortest_line(tracks[edge_a], tracks[edge_b]),
        crs=measure.LAMBERT93,
    )


def _stops_at(stops: Stops, rows: np.ndarray) -> Stops:
    return Stops(stops.edge[rows], stops.along_m[rows], stops.away_m[rows])
