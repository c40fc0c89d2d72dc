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

ROUNDING_M = 1e-6  # a millionth of a metre: what rounding leaves


@dataclass(frozen=True)
class Stops:
    """Points snapped on a network: the edge, how far along it, and how far away from it.

    ``edge`` is -1 where nothing lies within the distance asked for.
    """

    edge: np.ndarray
    along_m: np.ndarray
    away_m: np.ndarray


def components(network: Network) -> np.ndarray:
    """Number the component of each node, from 0; nodes joined by edges share a number.

    Examples
    --------
    >>> from artois_geo.network import components
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> from artois_geo.network import build
    >>> apart = pd.concat([example.line((0, 0), (1, 0)), example.line((5, 0), (6, 0))], ignore_index=True)
    >>> components(build(apart, snap_m=5)).tolist()
    [0, 0, 1, 1]
    """
    edges = network.edges
    count = len(network.nodes)
    adjacency = sparse.coo_matrix(
        (np.ones(len(edges)), (edges["start"].to_numpy(), edges["end"].to_numpy())), shape=(count, count)
    )
    return csgraph.connected_components(adjacency, directed=False)[1].astype(int)


def snap(network: Network, points: gpd.GeoSeries, *, max_m: float) -> Stops:
    """Find the nearest point of the network for each point (or polygon, by its nearest edge).

    Parameters
    ----------
    points
        Any geometry in EPSG:2154; an empty one is not snapped.
    max_m
        Farther than this, a point is off the network.

    Examples
    --------
    >>> from artois_geo.network import snap
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> network = build(example.line((0, 0), (2, 0)), snap_m=5)
    >>> stop = snap(network, example.point(x_km=0.5, y_km=0.1).geometry, max_m=200)
    >>> stop.edge.tolist(), stop.along_m.tolist(), stop.away_m.tolist()
    ([0], [500.0], [100.0])
    """
    measure.require_lambert93(points=points)
    shapes = np.asarray(points.array)
    usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    edge = np.full(len(shapes), -1)
    along_m, away_m = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    if len(network.edges) and len(usable):
        tracks = np.asarray(network.edges.geometry.array)
        tree = shapely.STRtree(tracks)
        (point_row, edge_row), distance_m = tree.query_nearest(
            shapes[usable], max_distance=max_m, return_distance=True, all_matches=False
        )
        point_row = usable[point_row]
        on_edge = shapely.get_point(shapely.shortest_line(tracks[edge_row], shapes[point_row]), 0)
        edge[point_row], away_m[point_row] = edge_row, distance_m
        along_m[point_row] = shapely.line_locate_point(tracks[edge_row], on_edge)
    return Stops(edge, along_m, away_m)


def near(network: Network, shapes: gpd.GeoSeries, *, max_m: float) -> tuple[np.ndarray, Stops]:
    """Find every edge within reach of each shape, at its nearest point: the ways in and out of a park.

    Returns
    -------
    owner, stops
        Position in ``shapes`` of each stop, and the stops; a shape with no edge near has none.

    Examples
    --------
    A park astride a path is entered where the path runs; the nearest point is inside, 0 m away:

    >>> from artois_geo.network import near
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> path = build(example.line((0, 0.5), (3, 0.5)), snap_m=5)
    >>> owner, stops = near(path, example.square(x_km=1, y_km=0, side_km=1).geometry, max_m=50)
    >>> owner.tolist(), stops.along_m.tolist()
    ([0, 0], [1000.0, 2000.0])
    """
    measure.require_lambert93(shapes=shapes)
    targets = np.asarray(shapes.array)
    tracks = np.asarray(network.edges.geometry.array)
    if not len(tracks):
        return np.zeros(0, int), Stops(np.zeros(0, int), np.zeros(0), np.zeros(0))
    owner, edge = shapely.STRtree(tracks).query(targets, predicate="dwithin", distance=max_m)
    inner_lines = shapely.intersection(tracks[edge], targets[owner])
    runs_through = shapely.length(inner_lines) > 0
    # a path that runs through is reached from both ends of what lies inside
    nearest_points = shapely.get_point(shapely.shortest_line(tracks[edge], targets[owner]), 0)
    first_points = np.where(runs_through, _tip(inner_lines, 0), nearest_points)
    last_points = _tip(inner_lines, -1)
    first_m = shapely.line_locate_point(tracks[edge], first_points)
    last_m = shapely.line_locate_point(tracks[edge][runs_through], last_points[runs_through])
    away_m = np.where(runs_through, 0.0, shapely.distance(tracks[edge], targets[owner]))
    order = np.argsort(np.r_[owner, owner[runs_through]], kind="stable")
    stops = Stops(
        np.r_[edge, edge[runs_through]][order],
        np.r_[first_m, last_m][order],
        np.r_[away_m, away_m[runs_through]][order],
    )
    return np.r_[owner, owner[runs_through]][order], stops


def reached(network: Network, sources: Stops, *, limit_m: float) -> gpd.GeoSeries:
    """Return the parts of the network no farther than a distance from any of the sources, by the network.

    The way from a source to the network (``away_m``) is not counted.

    Examples
    --------
    >>> from artois_geo.network import reached, snap
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> path = build(example.line((0, 0), (3, 0)), snap_m=5)
    >>> middle = snap(path, example.point(x_km=1, y_km=0).geometry, max_m=1)
    >>> round(reached(path, middle, limit_m=300).length.sum())
    600
    """
    start, end, length_m, edge_row, begin_m = _with_stops(network, sources.edge, sources.along_m)
    size = len(network.nodes) + len(sources.edge)
    both_ways_m = np.r_[length_m, length_m]
    graph, _ = _directed(np.r_[start, end], np.r_[end, start], both_ways_m, both_ways_m, size)
    stops = len(network.nodes) + np.flatnonzero(sources.edge >= 0)
    if not len(stops):
        return gpd.GeoSeries([], crs=measure.LAMBERT93)
    stop_m = csgraph.dijkstra(graph, indices=stops, min_only=True, limit=limit_m)
    ahead_m = np.clip(limit_m - stop_m[start], 0, length_m)
    back_m = np.clip(limit_m - stop_m[end], 0, length_m)
    is_whole = ahead_m + back_m >= length_m
    tracks = np.asarray(network.edges.geometry.array)
    pieces = [
        (edge_row[is_whole], begin_m[is_whole], begin_m[is_whole] + length_m[is_whole]),
        (edge_row[~is_whole], begin_m[~is_whole], begin_m[~is_whole] + ahead_m[~is_whole]),
        (edge_row[~is_whole], (begin_m + length_m - back_m)[~is_whole], (begin_m + length_m)[~is_whole]),
    ]
    edge, from_m, to_m = (np.concatenate(column) for column in zip(*pieces, strict=True))
    has_length = to_m - from_m > ROUNDING_M
    reached_pieces = [
        substring(tracks[row], start_m, stop_m)
        for row, start_m, stop_m in zip(edge[has_length], from_m[has_length], to_m[has_length], strict=True)
    ]
    return gpd.GeoSeries(reached_pieces, crs=measure.LAMBERT93)


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
    """Find the cheapest way from each source to each target, and its length.

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
    >>> from artois_geo.network import distances, snap
    >>> from artois_geo import example
    >>> from artois_geo.network import build
    >>> network = build(example.line((0, 0), (2, 0)), snap_m=5)
    >>> sources = snap(network, example.point(x_km=0.5, y_km=0).geometry, max_m=1)
    >>> targets = snap(network, example.point(x_km=2, y_km=0).geometry, max_m=1)
    >>> distances(network, sources, targets)[1].tolist()
    [[1500.0]]
    """
    count = len(network.edges)
    cost = np.ones(count) if cost is None else np.asarray(cost, float)
    forward = np.ones(count, bool) if forward is None else np.asarray(forward, bool)
    backward = np.ones(count, bool) if backward is None else np.asarray(backward, bool)
    edge = np.concatenate([sources.edge, targets.edge])
    along_m = np.concatenate([sources.along_m, targets.along_m])
    start, end, length_m, edge_row, _ = _with_stops(network, edge, along_m)
    price = length_m * cost[edge_row]
    goes_forward, goes_backward = forward[edge_row], backward[edge_row]
    heads = np.concatenate([start[goes_forward], end[goes_backward]])
    tails = np.concatenate([end[goes_forward], start[goes_backward]])
    prices = np.concatenate([price[goes_forward], price[goes_backward]])
    lengths = np.concatenate([length_m[goes_forward], length_m[goes_backward]])
    node_count = len(network.nodes) + len(edge)
    graph, steps = _directed(heads, tails, prices, lengths, node_count)
    first_stop = len(network.nodes)
    target_nodes = first_stop + len(sources.edge) + np.arange(len(targets.edge))
    best_cost = np.full((len(sources.edge), len(target_nodes)), np.inf)
    path_m = np.full_like(best_cost, np.inf)
    for number in np.flatnonzero(sources.edge >= 0):
        cost_to, previous = csgraph.dijkstra(
            graph, indices=first_stop + number, return_predecessors=True, limit=limit
        )
        best_cost[number] = cost_to[target_nodes]
        path_m[number] = _metres_along(previous, steps, node_count)[target_nodes]
    unreachable = np.isinf(best_cost) | (targets.edge < 0)[None, :]
    best_cost[unreachable] = path_m[unreachable] = np.inf
    return best_cost, path_m


def _with_stops(
    network: Network, edge: np.ndarray, along_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Split edges at the stops, as nodes: start, end, metres, source edge, metres along it of each piece."""
    start, end = network.edges["start"].to_numpy(), network.edges["end"].to_numpy()
    length_m = network.edges["length_m"].to_numpy()
    stop = np.flatnonzero(edge >= 0)
    order = stop[np.lexsort((along_m[stop], edge[stop]))]
    stop_edge, stop_m, stop_node = edge[order], along_m[order], len(network.nodes) + order
    is_first = np.r_[True, stop_edge[1:] != stop_edge[:-1]] if len(stop_edge) else np.zeros(0, bool)
    is_last = np.r_[stop_edge[1:] != stop_edge[:-1], True] if len(stop_edge) else np.zeros(0, bool)
    # each stop closes the piece before it; the last one of an edge also opens the piece after it
    previous_node = np.r_[0, stop_node[:-1]] if len(stop_edge) else stop_node
    previous_m = np.r_[0, stop_m[:-1]] if len(stop_edge) else stop_m
    before_node = np.where(is_first, start[stop_edge], previous_node)
    before_m = np.where(is_first, stop_m, stop_m - previous_m)
    has_no_stop = np.ones(len(length_m), bool)
    has_no_stop[stop_edge] = False
    after_m = length_m[stop_edge[is_last]] - stop_m[is_last]
    return (
        np.concatenate([start[has_no_stop], before_node, stop_node[is_last]]),
        np.concatenate([end[has_no_stop], stop_node, end[stop_edge[is_last]]]),
        np.maximum(np.concatenate([length_m[has_no_stop], before_m, after_m]), 0.0),
        np.concatenate([np.flatnonzero(has_no_stop), stop_edge, stop_edge[is_last]]),
        np.concatenate([np.zeros(has_no_stop.sum()), stop_m - before_m, stop_m[is_last]]),
    )


def _tip(shapes: np.ndarray, number: int) -> np.ndarray:
    """Return the first (0) or last (-1) point of what lies inside, which may be in several parts or mixed."""
    tips = np.full(len(shapes), None, dtype=object)
    for row in np.flatnonzero(shapely.length(shapes) > 0):
        parts = shapely.get_parts(shapes[row])
        tips[row] = shapely.get_point(parts[shapely.length(parts) > 0][number], number)
    return tips


def _directed(
    heads: np.ndarray, tails: np.ndarray, prices: np.ndarray, lengths: np.ndarray, size: int
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Build the matrices of price and length, with the cheapest of parallel edges: scipy would add them."""
    order = np.lexsort((prices, tails, heads))
    heads, tails, prices, lengths = heads[order], tails[order], prices[order], lengths[order]
    cheapest = np.ones(len(heads), bool)
    cheapest[1:] = (heads[1:] != heads[:-1]) | (tails[1:] != tails[:-1])
    cells = (heads[cheapest], tails[cheapest])
    graph = sparse.csr_matrix((prices[cheapest], cells), shape=(size, size))
    return graph, sparse.csr_matrix((lengths[cheapest], cells), shape=(size, size))


def _metres_along(previous: np.ndarray, steps: sparse.csr_matrix, size: int) -> np.ndarray:
    """Measure each way of a tree of predecessors, by doubling the jump: log2(depth) passes."""
    reached_nodes = np.flatnonzero(previous >= 0)
    jump = np.arange(size)
    jump[reached_nodes] = previous[reached_nodes]
    metres = np.zeros(size)
    if len(reached_nodes):
        metres[reached_nodes] = np.asarray(steps[previous[reached_nodes], reached_nodes]).ravel()
    while True:
        longer_jump = jump[jump]
        if np.array_equal(longer_jump, jump):
            return metres
        metres = metres + metres[jump]
        jump = longer_jump
