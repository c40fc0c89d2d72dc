"""Missing links: which short gap, once closed, joins the most network; which detours are too long."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from artois_geo import measure, network
from artois_geo.errors import BadValue
from artois_geo.network import Network, Stops

M_PER_KM = 1000
AT_ONCE = 20_000  # edges searched together: bounds the memory on large networks
LARGE = 200  # edges; below, two components are compared edge by edge
CROSSING, NEAR_ENDS = "croisement à vérifier", "bouts proches à vérifier"
NEVER_M = 1e-6  # a search of no width finds not even what touches
MIN_GAP_M = 25.0  # the constant corridor_min_gap_m, for who calls without it


def gaps(graph: Network, *, max_gap_m: float, count: int, min_gap_m: float = MIN_GAP_M) -> gpd.GeoDataFrame:
    """Find the missing links between components, best gain per kilometre first (manques).

    Closing a gap of g km between components of Lᵢ and Lⱼ km raises the probability that two
    points of the network are joined by Δp = 2·Lᵢ·Lⱼ/L². The link with the best Δp/g is taken,
    its two components become one, and all is computed again for the next.

    Parameters
    ----------
    graph
        From ``network.build``.
    max_gap_m
        Longer gaps are not proposed.
    count
        Links wanted, at most.
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

    >>> import pandas as pd
    >>> pieces = [plain.line((0, 0), (6, 0)), plain.line((6.2, 0), (9.2, 0)), plain.line((0, 5), (1, 5))]
    >>> graph = network.build(pd.concat(pieces, ignore_index=True), snap_m=5)
    >>> gaps(graph, max_gap_m=1000, count=3)[["gap_km", "gain_per_km", "p_after"]].round(2).values.tolist()
    [[0.2, 1.8, 0.82]]
    """
    if not max_gap_m > 0 or count < 1:
        raise BadValue("max_gap_m et count doivent être positifs.")
    if not 0 <= min_gap_m < max_gap_m:
        raise BadValue(
            f"min_gap_m ({min_gap_m:g} m) doit être au moins 0 et plus petit que max_gap_m ({max_gap_m:g} m)."
        )
    component, km = _pieces(graph)
    pairs = _candidates(graph, component, km, max_gap_m)
    one, other = component[pairs["one"]], component[pairs["other"]]
    gap_m = pairs["gap_m"].to_numpy()
    root = _joined(len(km), one, other, _is_joint(gap_m, min_gap_m))
    size = np.bincount(root, weights=km, minlength=len(km))
    total = km.sum()
    p = float(((size / total) ** 2).sum()) if total else np.nan
    rows: list[tuple[float, ...]] = []
    while len(rows) < count:
        a, b = root[one], root[other]
        gain = np.where(a != b, 2 * size[a] * size[b] / total**2, 0.0)
        if not (gain > 0).any():
            break
        best = int(np.argmax(np.divide(gain, gap_m, out=np.zeros_like(gain), where=gain > 0)))
        a_best, b_best = a[best], b[best]
        p += gain[best]
        both = size[a_best], size[b_best]
        root[root == b_best] = a_best
        size[a_best], size[b_best] = sum(both), 0.0
        rows.append((best, gain[best], p, *both, size.max() / total))
    return _links(graph, pairs, rows)


def crossings(graph: Network, *, min_gap_m: float = MIN_GAP_M) -> gpd.GeoDataFrame:
    """List the places where two components cross or nearly touch: to verify, not to build.

    Parameters
    ----------
    graph
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
    >>> import pandas as pd
    >>> ways = [plain.line((0, 1), (2, 1)), plain.line((1, 0), (1, 2))]
    >>> crossings(network.build(pd.concat(ways, ignore_index=True), snap_m=5))["link_kind"].tolist()
    ['croisement à vérifier']
    """
    if not min_gap_m >= 0:
        raise BadValue("min_gap_m ne peut pas être négatif. Donner une distance en mètres.")
    component, km = _pieces(graph)
    pairs = _candidates(graph, component, km, max(min_gap_m, NEVER_M))
    pairs = pairs[_is_joint(pairs["gap_m"].to_numpy(), min_gap_m)]
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    a_km, b_km = km[component[one]], km[component[other]]
    tracks, lines = graph.edges.geometry.to_numpy(), graph.edges["line"].to_numpy()
    table = gpd.GeoDataFrame(
        {
            "link_kind": np.where(pairs["gap_m"] > 0, NEAR_ENDS, CROSSING),
            "gap_m": pairs["gap_m"].to_numpy(),
            "gain_p": 2 * a_km * b_km / km.sum() ** 2,
            "joined_a_km": a_km,
            "joined_b_km": b_km,
            "line_a": lines[one],
            "line_b": lines[other],
        },
        geometry=shapely.centroid(shapely.shortest_line(tracks[one], tracks[other])),
        crs=measure.LAMBERT93,
    )
    return table.sort_values("gain_p", ascending=False, kind="stable").reset_index(drop=True)


def shortcuts(graph: Network, *, max_gap_m: float, min_detour: float) -> gpd.GeoDataFrame:
    """Pairs of dead ends of one component that lie close by air and far by the network.

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

    >>> graph = network.build(plain.line((0, 0), (0, 2), (0.5, 2), (0.5, 0)), snap_m=5)
    >>> shortcuts(graph, max_gap_m=1000, min_detour=1.5)[["straight_km", "detour"]].values.tolist()
    [[0.5, 9.0]]
    """
    label = network.components(graph)
    start, end = graph.edges["start"].to_numpy(), graph.edges["end"].to_numpy()
    degree = np.bincount(start, minlength=len(label)) + np.bincount(end, minlength=len(label))
    tips = np.flatnonzero(degree == 1)
    at = shapely.get_coordinates(graph.nodes.to_numpy()[tips])
    pairs = cKDTree(at).query_pairs(max_gap_m, output_type="ndarray") if len(tips) else np.zeros((0, 2), int)
    pairs = pairs[label[tips[pairs[:, 0]]] == label[tips[pairs[:, 1]]]]
    ends = network.snap(graph, graph.nodes.iloc[tips], max_m=1)
    metres = np.full(len(pairs), np.inf)
    for tip in np.unique(pairs[:, 0]):
        mine = np.flatnonzero(pairs[:, 0] == tip)
        ways = network.distances(graph, _some(ends, np.array([tip])), _some(ends, pairs[mine, 1]))[1]
        metres[mine] = ways[0]
    straight = np.hypot(*(at[pairs[:, 0]] - at[pairs[:, 1]]).T)
    table = gpd.GeoDataFrame(
        {"straight_km": straight / M_PER_KM, "network_km": metres / M_PER_KM, "detour": metres / straight},
        geometry=shapely.linestrings(np.stack([at[pairs[:, 0]], at[pairs[:, 1]]], axis=1)),
        crs=measure.LAMBERT93,
    )
    kept = table[(table["detour"] >= min_detour) & np.isfinite(table["detour"])]
    saved = kept["network_km"] - kept["straight_km"]
    return kept.loc[saved.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def detours(graph: Network, places: gpd.GeoDataFrame, *, max_snap_m: float) -> pd.DataFrame:
    """Detour factor between places: how much longer the network is than the straight line.

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
    >>> import pandas as pd
    >>> corner = network.build(plain.line((0, 0), (3, 0), (3, 4)), snap_m=5)
    >>> ends = pd.concat([plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=4)], ignore_index=True)
    >>> detours(corner, ends, max_snap_m=50)[["straight_km", "network_km", "detour"]].round(3).values.tolist()
    [[5.0, 7.0, 1.4]]
    """
    measure.require_lambert93(places=places)
    stops = network.snap(graph, places.geometry, max_m=max_snap_m)
    metres = network.distances(graph, stops, stops)[1] + stops.away_m[:, None] + stops.away_m[None, :]
    one, other = np.triu_indices(len(places), k=1)
    shapes = places.geometry.to_numpy()
    straight = shapely.distance(shapes[one], shapes[other])
    walked = np.where(np.isfinite(metres[one, other]), metres[one, other], np.nan)
    return pd.DataFrame(
        {
            "place_a": places.index[one],
            "place_b": places.index[other],
            "straight_km": straight / M_PER_KM,
            "network_km": walked / M_PER_KM,
            "detour": np.divide(walked, straight, out=np.full(len(one), np.nan), where=straight > 0),
        }
    )


def _candidates(graph: Network, of_edge: np.ndarray, km: np.ndarray, max_gap_m: float) -> pd.DataFrame:
    """Nearest pair of edges of each two components that are near each other."""
    columns = ["one", "other", "gap_m"]
    if len(km) < 2:
        return pd.DataFrame({"one": [], "other": [], "gap_m": []}).astype(
            {"one": int, "other": int, "gap_m": float}
        )
    tracks = graph.edges.geometry.to_numpy()
    large = np.bincount(of_edge) > LARGE
    nearest = [
        *_among_small(tracks, of_edge, np.flatnonzero(~large[of_edge]), max_gap_m),
        *_around_large(tracks, of_edge, np.flatnonzero(large), max_gap_m),
    ]
    return _nearest_of_each_pair(pd.concat(nearest, ignore_index=True), of_edge)[columns]


def _among_small(
    tracks: np.ndarray, of_edge: np.ndarray, small: np.ndarray, max_gap_m: float
) -> Iterator[pd.DataFrame]:
    tree = shapely.STRtree(tracks[small])
    for first in range(0, max(len(small), 1), AT_ONCE):
        some = small[first : first + AT_ONCE]
        who, place = tree.query(tracks[some], predicate="dwithin", distance=max_gap_m)
        one, other = small[place], some[who]
        apart = of_edge[one] < of_edge[other]
        one, other = one[apart], other[apart]
        away = shapely.distance(tracks[one], tracks[other])
        yield _nearest_of_each_pair(pd.DataFrame({"one": one, "other": other, "gap_m": away}), of_edge)


def _around_large(
    tracks: np.ndarray, of_edge: np.ndarray, components: np.ndarray, max_gap_m: float
) -> Iterator[pd.DataFrame]:
    """A large component is asked by what lies around it, never by its own edges: time stays linear."""
    if not len(components):
        return
    around = shapely.STRtree(tracks)
    order = np.argsort(of_edge, kind="stable")
    start = np.searchsorted(of_edge[order], components)
    stop = np.searchsorted(of_edge[order], components, side="right")
    done = np.zeros(int(of_edge.max()) + 1, bool)
    for component, first, last in zip(components, start, stop, strict=True):
        own = order[first:last]
        done[component] = True
        left, bottom, right, top = shapely.total_bounds(tracks[own])
        frame = shapely.box(left - max_gap_m, bottom - max_gap_m, right + max_gap_m, top + max_gap_m)
        near = around.query(frame)
        near = near[~done[of_edge[near]]]
        (who, which), away = shapely.STRtree(tracks[own]).query_nearest(
            tracks[near], max_distance=max_gap_m, return_distance=True, all_matches=False
        )
        found = pd.DataFrame({"one": own[which], "other": near[who], "gap_m": away})
        yield _nearest_of_each_pair(found, of_edge)


def _nearest_of_each_pair(table: pd.DataFrame, of_edge: np.ndarray) -> pd.DataFrame:
    one, other = of_edge[table["one"]], of_edge[table["other"]]
    pair = pd.DataFrame({"a": np.minimum(one, other), "b": np.maximum(one, other)}, index=table.index)
    ordered = table.join(pair).sort_values(["gap_m", "one", "other"], kind="stable")
    return ordered.drop_duplicates(["a", "b"])[["one", "other", "gap_m"]].reset_index(drop=True)


def _pieces(graph: Network) -> tuple[np.ndarray, np.ndarray]:
    """Component of each edge, and kilometres of each component."""
    label = network.components(graph)
    component = label[graph.edges["start"].to_numpy()] if len(graph.edges) else np.zeros(0, int)
    return component, np.bincount(component, weights=graph.edges["length_m"]) / M_PER_KM


def _is_joint(gap_m: np.ndarray, min_gap_m: float) -> np.ndarray:
    """Whether two components cross or come so near that nothing is to be built between them."""
    return (gap_m <= 0) | (gap_m < min_gap_m)


def _joined(count: int, one: np.ndarray, other: np.ndarray, joint: np.ndarray) -> np.ndarray:
    """Number of the group of each component, once those that meet are taken as joined."""
    marks = np.ones(int(joint.sum()), bool)
    meetings = coo_array((marks, (one[joint], other[joint])), shape=(count, count))
    return connected_components(meetings, directed=False)[1] if count else np.zeros(0, int)


def _links(graph: Network, pairs: pd.DataFrame, rows: list[tuple[float, ...]]) -> gpd.GeoDataFrame:
    """Rows of the links chosen, with the two lines that each joins."""
    chosen = np.array([row[0] for row in rows], dtype=int)
    tracks, lines = graph.edges.geometry.to_numpy(), graph.edges["line"].to_numpy()
    one, other = pairs["one"].to_numpy()[chosen], pairs["other"].to_numpy()[chosen]
    gap_km = pairs["gap_m"].to_numpy()[chosen] / M_PER_KM
    gain, p_after, a_km, b_km, share = (
        np.array([row[number] for row in rows], dtype=float) for number in range(1, 6)
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
            "line_a": lines[one],
            "line_b": lines[other],
        },
        geometry=shapely.shortest_line(tracks[one], tracks[other]),
        crs=measure.LAMBERT93,
    )


def _some(stops: Stops, which: np.ndarray) -> Stops:
    return Stops(stops.edge[which], stops.along_m[which], stops.away_m[which])
