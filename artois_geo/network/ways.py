"""Ways through a network: components, snapping, shortest paths, what lies within reach.

Shortest paths are those of ``scipy.sparse.csgraph``.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from artois_geo import measure
from artois_geo.network.clean import Network

NOTHING_M = 1e-6  # a millionth of a metre: what rounding leaves


@dataclass(frozen=True)
class Stops:
    """Points snapped on a network: the edge, how far along it, and how far away from it.

    ``edge`` is -1 where nothing lies within the distance asked for.
    """

    edge: np.ndarray
    along_m: np.ndarray
    away_m: np.ndarray


def components(network: Network) -> np.ndarray:
    """Component number of each node, from 0; nodes joined by edges share a number.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.network import build
    >>> apart = pd.concat([plain.line((0, 0), (1, 0)), plain.line((5, 0), (6, 0))], ignore_index=True)
    >>> components(build(apart, snap_m=5)).tolist()
    [0, 0, 1, 1]
    """
    edges = network.edges
    count = len(network.nodes)
    joined = sparse.coo_matrix(
        (np.ones(len(edges)), (edges["start"].to_numpy(), edges["end"].to_numpy())), shape=(count, count)
    )
    return csgraph.connected_components(joined, directed=False)[1].astype(int)


def snap(network: Network, points: gpd.GeoSeries, *, max_m: float) -> Stops:
    """Nearest place of the network for each point (or polygon, by its nearest edge).

    Parameters
    ----------
    points
        Any geometry in EPSG:2154; an empty one is not snapped.
    max_m
        Farther than this, a point is off the network.

    Examples
    --------
    >>> from artois_geo.network import build
    >>> network = build(plain.line((0, 0), (2, 0)), snap_m=5)
    >>> stop = snap(network, plain.point(x_km=0.5, y_km=0.1).geometry, max_m=200)
    >>> stop.edge.tolist(), stop.along_m.tolist(), stop.away_m.tolist()
    ([0], [500.0], [100.0])
    """
    measure.require_lambert93(points=points)
    shapes = np.asarray(points.array)
    usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    edge = np.full(len(shapes), -1)
    along, away = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    if len(network.edges) and len(usable):
        tracks = np.asarray(network.edges.geometry.array)
        tree = shapely.STRtree(tracks)
        (who, which), far = tree.query_nearest(
            shapes[usable], max_distance=max_m, return_distance=True, all_matches=False
        )
        who = usable[who]
        reached = shapely.get_point(shapely.shortest_line(tracks[which], shapes[who]), 0)
        edge[who], away[who] = which, far
        along[who] = shapely.line_locate_point(tracks[which], reached)
    return Stops(edge, along, away)


def near(network: Network, shapes: gpd.GeoSeries, *, max_m: float) -> tuple[np.ndarray, Stops]:
    """Every edge within reach of each shape, at its nearest point: the ways in and out of a park.

    Returns
    -------
    owner, stops
        Position in ``shapes`` of each stop, and the stops; a shape with no edge near has none.

    Examples
    --------
    A park astride a path is entered where the path runs; the nearest point is inside, 0 m away:

    >>> from artois_geo.network import build
    >>> path = build(plain.line((0, 0.5), (3, 0.5)), snap_m=5)
    >>> owner, stops = near(path, plain.square(x_km=1, y_km=0, side_km=1).geometry, max_m=50)
    >>> owner.tolist(), stops.along_m.tolist()
    ([0, 0], [1000.0, 2000.0])
    """
    measure.require_lambert93(shapes=shapes)
    given = np.asarray(shapes.array)
    tracks = np.asarray(network.edges.geometry.array)
    if not len(tracks):
        return np.zeros(0, int), Stops(np.zeros(0, int), np.zeros(0), np.zeros(0))
    owner, edge = shapely.STRtree(tracks).query(given, predicate="dwithin", distance=max_m)
    inside = shapely.intersection(tracks[edge], given[owner])
    crossing = shapely.length(inside) > 0
    # a path that runs through is reached from both ends of what lies inside
    first = np.where(crossing, _tip(inside, 0), shapely.get_point(_link(tracks[edge], given[owner]), 0))
    last = _tip(inside, -1)
    at_first = shapely.line_locate_point(tracks[edge], first)
    at_last = shapely.line_locate_point(tracks[edge][crossing], last[crossing])
    away = np.where(crossing, 0.0, shapely.distance(tracks[edge], given[owner]))
    order = np.argsort(np.r_[owner, owner[crossing]], kind="stable")
    stops = Stops(
        np.r_[edge, edge[crossing]][order],
        np.r_[at_first, at_last][order],
        np.r_[away, away[crossing]][order],
    )
    return np.r_[owner, owner[crossing]][order], stops


def reached(network: Network, sources: Stops, *, limit_m: float) -> gpd.GeoSeries:
    """Parts of the network no farther than a distance from any of the sources, by the network.

    The way from a source to the network (``away_m``) is not counted.

    Examples
    --------
    >>> from artois_geo.network import build
    >>> path = build(plain.line((0, 0), (3, 0)), snap_m=5)
    >>> middle = snap(path, plain.point(x_km=1, y_km=0).geometry, max_m=1)
    >>> round(reached(path, middle, limit_m=300).length.sum())
    600
    """
    start, end, metres, parent, begin = _with_stops(network, sources.edge, sources.along_m)
    size = len(network.nodes) + len(sources.edge)
    both = np.r_[metres, metres]
    graph, _ = _directed(np.r_[start, end], np.r_[end, start], both, both, size)
    stops = len(network.nodes) + np.flatnonzero(sources.edge >= 0)
    if not len(stops):
        return gpd.GeoSeries([], crs=measure.LAMBERT93)
    far = csgraph.dijkstra(graph, indices=stops, min_only=True, limit=limit_m)
    ahead = np.clip(limit_m - far[start], 0, metres)
    back = np.clip(limit_m - far[end], 0, metres)
    whole = ahead + back >= metres
    tracks = np.asarray(network.edges.geometry.array)
    pieces = [
        (parent[whole], begin[whole], begin[whole] + metres[whole]),
        (parent[~whole], begin[~whole], begin[~whole] + ahead[~whole]),
        (parent[~whole], (begin + metres - back)[~whole], (begin + metres)[~whole]),
    ]
    edge, low, high = (np.concatenate(column) for column in zip(*pieces, strict=True))
    some = high - low > NOTHING_M
    cut = [
        substring(tracks[number], one, other)
        for number, one, other in zip(edge[some], low[some], high[some], strict=True)
    ]
    return gpd.GeoSeries(cut, crs=measure.LAMBERT93)


def distances(
    network: Network,
    sources: Stops,
    targets: Stops,
    *,
    cost: np.ndarray | None = None,
    forward: np.ndarray | None = None,
    backward: np.ndarray | None = None,
    limit: float = np.inf,
) -> tuple[np.ndarray, np.ndarray]:
    """Cheapest way from each source to each target, and its length.

    Parameters
    ----------
    sources, targets
        From :func:`snap`.
    cost
        Cost of a metre on each edge (minutes, for instance); by default 1, so that the
        cheapest way is the shortest.
    forward, backward
        Whether each edge may be used from ``start`` to ``end``, and the other way; by default both.
    limit
        Ways that cost more are not looked for.

    Returns
    -------
    cost, metres
        Two arrays, sources × targets; infinite where there is no way.

    Examples
    --------
    >>> from artois_geo.network import build
    >>> network = build(plain.line((0, 0), (2, 0)), snap_m=5)
    >>> ends = snap(network, plain.point(x_km=0.5, y_km=0).geometry, max_m=1)
    >>> other = snap(network, plain.point(x_km=2, y_km=0).geometry, max_m=1)
    >>> distances(network, ends, other)[1].tolist()
    [[1500.0]]
    """
    count = len(network.edges)
    cost = np.ones(count) if cost is None else np.asarray(cost, float)
    forward = np.ones(count, bool) if forward is None else np.asarray(forward, bool)
    backward = np.ones(count, bool) if backward is None else np.asarray(backward, bool)
    edge = np.concatenate([sources.edge, targets.edge])
    along = np.concatenate([sources.along_m, targets.along_m])
    start, end, metres, parent, _ = _with_stops(network, edge, along)
    price = metres * cost[parent]
    ahead, back = forward[parent], backward[parent]
    heads = np.concatenate([start[ahead], end[back]])
    tails = np.concatenate([end[ahead], start[back]])
    prices = np.concatenate([price[ahead], price[back]])
    lengths = np.concatenate([metres[ahead], metres[back]])
    size = len(network.nodes) + len(edge)
    graph, steps = _directed(heads, tails, prices, lengths, size)
    first_stop = len(network.nodes)
    goals = first_stop + len(sources.edge) + np.arange(len(targets.edge))
    best = np.full((len(sources.edge), len(goals)), np.inf)
    path = np.full_like(best, np.inf)
    for number in np.flatnonzero(sources.edge >= 0):
        reach, previous = csgraph.dijkstra(
            graph, indices=first_stop + number, return_predecessors=True, limit=limit
        )
        best[number] = reach[goals]
        path[number] = _metres_along(previous, steps, size)[goals]
    lost = np.isinf(best) | (targets.edge < 0)[None, :]
    best[lost] = path[lost] = np.inf
    return best, path


def _with_stops(
    network: Network, edge: np.ndarray, along: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Edges with the stops put in as nodes: start, end, metres, edge they come from, where on it."""
    start, end = network.edges["start"].to_numpy(), network.edges["end"].to_numpy()
    metres = network.edges["length_m"].to_numpy()
    stop = np.flatnonzero(edge >= 0)
    order = stop[np.lexsort((along[stop], edge[stop]))]
    on, at, node = edge[order], along[order], len(network.nodes) + order
    first = np.r_[True, on[1:] != on[:-1]] if len(on) else np.zeros(0, bool)
    last = np.r_[on[1:] != on[:-1], True] if len(on) else np.zeros(0, bool)
    # each stop closes the piece before it; the last one of an edge also opens the piece after it
    before = np.where(first, start[on], np.r_[0, node[:-1]] if len(on) else node)
    back = np.where(first, at, at - (np.r_[0, at[:-1]] if len(on) else at))
    free = np.ones(len(metres), bool)
    free[on] = False
    return (
        np.concatenate([start[free], before, node[last]]),
        np.concatenate([end[free], node, end[on[last]]]),
        np.maximum(np.concatenate([metres[free], back, metres[on[last]] - at[last]]), 0.0),
        np.concatenate([np.flatnonzero(free), on, on[last]]),
        np.concatenate([np.zeros(free.sum()), at - back, at[last]]),
    )


def _tip(shapes: np.ndarray, number: int) -> np.ndarray:
    """First or last point of what lies inside, which may be in several parts or mixed."""
    tips = np.full(len(shapes), None, dtype=object)
    for row in np.flatnonzero(shapely.length(shapes) > 0):
        parts = shapely.get_parts(shapes[row])
        tips[row] = shapely.get_point(parts[shapely.length(parts) > 0][number], number)
    return tips


def _link(lines: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    return shapely.shortest_line(lines, shapes)


def _directed(
    heads: np.ndarray, tails: np.ndarray, prices: np.ndarray, lengths: np.ndarray, size: int
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Price and length matrices; of parallel edges only the cheapest stays, where scipy would add them."""
    order = np.lexsort((prices, tails, heads))
    heads, tails, prices, lengths = heads[order], tails[order], prices[order], lengths[order]
    cheapest = np.ones(len(heads), bool)
    cheapest[1:] = (heads[1:] != heads[:-1]) | (tails[1:] != tails[:-1])
    where = (heads[cheapest], tails[cheapest])
    graph = sparse.csr_matrix((prices[cheapest], where), shape=(size, size))
    return graph, sparse.csr_matrix((lengths[cheapest], where), shape=(size, size))


def _metres_along(previous: np.ndarray, steps: sparse.csr_matrix, size: int) -> np.ndarray:
    """Length of each way of a tree of predecessors, by doubling the jump: log2(depth) passes."""
    reached = np.flatnonzero(previous >= 0)
    back = np.arange(size)
    back[reached] = previous[reached]
    metres = np.zeros(size)
    if len(reached):
        metres[reached] = np.asarray(steps[previous[reached], reached]).ravel()
    while True:
        further = back[back]
        if np.array_equal(further, back):
            return metres
        metres = metres + metres[back]
        back = further
