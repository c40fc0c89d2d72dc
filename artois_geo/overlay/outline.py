"""Outline of a coverage: the edges that no neighbour walks the other way.

A coverage is a tiling when no ground is covered twice and neighbours share whole edges. Its
outline then is a set of rings that neither cross nor touch, turning left where ground begins.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from artois_geo.overlay import sound
from artois_geo.overlay.frames import Floats, Integers
from artois_geo.overlay.scan import Rings, _edge, _vertex, compiled, rings, twice_area, vertices_of

_TILE_M = 256.0
SLOTS = 1 << 22
_MOST_FACES = 5_000
_MOST_EDGES = 500_000  # an outline that touches itself all along: better asked group by group
_CHUNK = 4_096
_ROUNDING_M2 = 1e-6  # ground covered twice by the rounding of coordinates, in all of a coverage


def outline(data: NDArray[np.uint8], starts: Integers, lengths: Integers, *, cores: int) -> Floats:
    """Edges (x0, y0, x1, y1) that no neighbour walks the other way, ground on their left."""
    chunks = np.array_split(np.flatnonzero(starts >= 0), max(1, len(starts) // _CHUNK))

    def cancelled(part: list[Integers]) -> NDArray[np.uint64]:
        table = np.zeros(SLOTS, np.uint64)
        for here in part:
            _walk(data, rings(data, starts[here], lengths[here])[0], table, np.empty((0, 4)))
        return table

    with ThreadPoolExecutor(cores) as pool:
        table = sum(pool.map(cancelled, [chunks[i::cores] for i in range(cores)]), np.zeros(SLOTS, np.uint64))
        edges = np.concatenate(
            [
                np.empty((0, 4)),
                *pool.map(lambda here: edges_of(data, starts[here], lengths[here], table), chunks),
            ]
        )
    # a slot holds several edges: the twins among them still cancel out
    return uncancelled(edges)


def edges_of(
    data: NDArray[np.uint8], starts: Integers, lengths: Integers, table: NDArray[np.uint64]
) -> Floats:
    """Edges of some polygons that a table does not cancel, ground on their left."""
    ring, _ = rings(data, starts, lengths)
    edges = np.empty((int(ring.vertices[: ring.first[-1]].sum()), 4))
    return edges[: _walk(data, ring, table, edges)].copy()


def is_tiling(edges: Floats, counted_m2: float) -> bool:
    """Whether an outline is that of a coverage without overlap, whose neighbours share whole edges.

    Parameters
    ----------
    edges
        What `outline` gives.
    counted_m2
        Sum of the areas of the polygons.
    """
    if not len(edges):
        return counted_m2 == 0
    edges = edges - np.tile(np.floor(edges[:, :2].min(axis=0)), 2)
    order, first = _linked(edges)
    if not len(first) and len(edges) > _MOST_EDGES:
        return False
    return (len(first) > 0 and not _cross(edges, order, first)) or _encloses(edges)


def is_small_tiling(data: NDArray[np.uint8], ring: Rings, counted_m2: float) -> bool:
    """Same as `is_tiling` of the outline, for polygons few enough to hold all their edges."""
    edges = np.empty((int(ring.vertices[: ring.first[-1]].sum()), 4))
    found = _walk(data, ring, np.ones(1, np.uint64), edges)
    return is_tiling(uncancelled(edges[:found]), counted_m2)


def _cross(edges: Floats, order: Integers, first: Integers) -> bool:
    """Rings cross, touch, or turn the wrong way for where they lie: all one polygon, seen by `sound`."""
    count = np.diff(np.append(first, len(order)))
    closed = np.insert(order, np.append(first[1:], len(order)), order[first])
    points = np.ascontiguousarray(edges[closed, :2])
    at = first + np.arange(len(first))
    turns = points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1]
    turns[at[1:] - 1] = 0.0
    shell = np.add.reduceat(turns, at) > 0
    ring = Rings(np.array([0, len(first)]), at * 16, count + 1, np.full(len(first), 2, np.int8), shell)
    data, doubt = points.view(np.uint8).ravel(), np.zeros(1, bool)
    data.flags.writeable = False
    sound.doubtful(data, ring, doubt)
    return bool(doubt[0])


def _encloses(edges: Floats) -> bool:
    """Slow and sure, for rings that touch.

    The outline goes round each piece of ground as many times as polygons lie there: once, or none.
    An edge of the outline that runs inside is one that neighbours did not share.
    """
    lines = shapely.linestrings(edges.reshape(-1, 2, 2))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    if len(faces) > _MOST_FACES:
        return False
    times = _times_round(shapely.get_coordinates(shapely.point_on_surface(faces)), edges)
    if (shapely.area(faces) * np.abs(times - np.clip(times, 0, 1))).sum() > _ROUNDING_M2:
        return False
    enclosed, drawn = shapely.union_all(faces[times == 1]), float(shapely.length(lines).sum())
    return bool(abs(enclosed.length - drawn) <= 1e-9 * max(drawn, 1.0))


def _times_round(points: Floats, edges: Floats) -> Integers:
    """How many times the edges go round each point, ground on their left."""
    x0, y0, x1, y1 = edges.T
    times = np.zeros(len(points), np.int64)
    for i, (x, y) in enumerate(points):
        met = np.flatnonzero((y0 > y) != (y1 > y))
        at = x0[met] + (y - y0[met]) / (y1[met] - y0[met]) * (x1[met] - x0[met])
        east = met[at > x]
        times[i] = np.count_nonzero(y1[east] > y0[east]) - np.count_nonzero(y1[east] < y0[east])
    return times


@compiled
def _walk(data, ring, table, edges):  # type: ignore[no-untyped-def]
    """Edges of polygons, each with the interior on its left.

    Without room for them, they are added to a table in which an edge and its neighbour's twin
    cancel out: two polygons that share an edge run along it in opposite directions, and what is left
    in the table is the outline of the coverage. Else those whose slot did not cancel are noted. How
    many they are.
    """
    tile_m, mask, found, noting = _TILE_M, table.size - 1, 0, len(edges) > 0
    for k in range(ring.first[-1]):
        if ring.vertices[k] == 0:
            continue
        c, wide = vertices_of(data, ring, k), ring.wide[k]
        left = (twice_area(c, wide) > 0) == ring.shell[k]
        bits = c.view(np.uint64)
        before = _vertex(bits, 0)
        for i in range(wide, c.size, wide):
            here = _vertex(bits, i)
            if here != before:
                mark = _edge(before, here)
                slot = _slot(c, wide, i, mark, tile_m) & mask
                if not noting:
                    table[slot] += mark if (here > before) == left else -mark
                elif table[slot] != 0:
                    _note(edges, found, c, wide, i, left)
                    found += 1
            before = here
    return found


@compiled
def _note(edges, found, c, wide, i, left):  # type: ignore[no-untyped-def]
    a, b = (i - wide, i) if left else (i, i - wide)
    edges[found, 0], edges[found, 1], edges[found, 2], edges[found, 3] = c[a], c[a + 1], c[b], c[b + 1]


@compiled
def survey(data, ring, area, bbox, drawing, table, edges, owner):  # type: ignore[no-untyped-def]
    """Area, box and drawing of each polygon as `scan.measure` has them, and its edges in the same walk.

    Without room for edges, they are added to the table; else those that the table does not
    cancel are noted, ground on their left, with the row that they come from. How many they are.
    """
    tile_m, mask, found, noting = _TILE_M, table.size - 1, 0, owner.size > 0
    for row in range(area.size):
        total = 0.0
        for k in range(ring.first[row], ring.first[row + 1]):
            if ring.vertices[k] > 0:
                half = abs(twice_area(vertices_of(data, ring, k), ring.wide[k])) / 2
                total += half if ring.shell[k] else -half
        mark, counted = np.uint64(0), total > 0
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for k in range(ring.first[row], ring.first[row + 1]):
            if ring.vertices[k] == 0:
                continue
            c, wide = vertices_of(data, ring, k), ring.wide[k]
            left = (twice_area(c, wide) > 0) == ring.shell[k]
            bits = c.view(np.uint64)
            before = _vertex(bits, 0)
            for i in range(wide, c.size, wide):
                low_x, high_x = min(low_x, c[i]), max(high_x, c[i])
                low_y, high_y = min(low_y, c[i + 1]), max(high_y, c[i + 1])
                here = _vertex(bits, i)
                if here != before:
                    edge = _edge(before, here)
                    mark += edge
                    slot = _slot(c, wide, i, edge, tile_m) & mask
                    if not noting:
                        if counted:
                            table[slot] += edge if (here > before) == left else -edge
                    elif table[slot] != 0:
                        _note(edges, found, c, wide, i, left)
                        owner[found] = row
                        found += 1
                before = here
        area[row], drawing[row] = total, mark
        bbox[row, 0], bbox[row, 1], bbox[row, 2], bbox[row, 3] = low_x, low_y, high_x, high_y
    return found


@compiled
def _slot(c, wide, i, mark, tile_m):  # type: ignore[no-untyped-def]
    """Neighbours in space are neighbours in the table, which so stays in the cache."""
    east = np.int64((c[i] + c[i - wide]) / (2 * tile_m))
    north = np.int64((c[i + 1] + c[i - wide + 1]) / (2 * tile_m))
    return ((east * 73856093) ^ (north * 19349663)) * 64 + np.int64(mark & np.uint64(63))


@compiled
def _hash(bits, row, a, b):  # type: ignore[no-untyped-def]
    mark = bits[row, a] * np.uint64(0x9E3779B97F4A7C15) + bits[row, b] * np.uint64(0xD6E8FEB86659FD93)
    return np.int64((mark ^ (mark >> np.uint64(32))) >> np.uint64(8))


@compiled
def uncancelled(edges):  # type: ignore[no-untyped-def]
    """Edges left once those walked both ways are gone, in their order; an edge walked twice stays twice."""
    slots = 16
    while slots < 2 * len(edges):
        slots *= 2
    table, net = np.full(slots, -1, np.int64), np.zeros(len(edges), np.int64)
    bits = edges.view(np.uint64)
    for i in range(len(edges)):
        # the sum of the hashes of the two ends is the same both ways
        slot = (_hash(bits, i, 0, 1) + _hash(bits, i, 2, 3)) & (slots - 1)
        while table[slot] >= 0:
            j = table[slot]
            if (bits[i] == bits[j]).all():
                net[j] += 1
                break
            if (
                bits[i, 0] == bits[j, 2]
                and bits[i, 1] == bits[j, 3]
                and bits[i, 2] == bits[j, 0]
                and bits[i, 3] == bits[j, 1]
            ):
                net[j] -= 1
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = i
            net[i] = 1
    left = np.empty((np.abs(net).sum(), 4))
    n = 0
    for i in range(len(edges)):
        for _ in range(abs(net[i])):
            left[n] = edges[i]
            if net[i] < 0:
                left[n, 0], left[n, 1], left[n, 2], left[n, 3] = (
                    edges[i, 2],
                    edges[i, 3],
                    edges[i, 0],
                    edges[i, 1],
                )
            n += 1
    return left


@compiled
def _linked(edges):  # type: ignore[no-untyped-def]
    """Edges ring after ring, and where each ring begins; no ring where a vertex belongs to two."""
    n = len(edges)
    nothing = np.empty(0, np.int64)
    slots = 16
    while slots < 2 * n:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    bits = edges.view(np.uint64)
    for i in range(n):
        slot = _hash(bits, i, 0, 1) & (slots - 1)
        while table[slot] >= 0:
            j = table[slot]
            if bits[i, 0] == bits[j, 0] and bits[i, 1] == bits[j, 1]:
                return nothing, nothing
            slot = (slot + 1) & (slots - 1)
        table[slot] = i
    order, first, seen = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.bool_)
    count = n_rings = 0
    for begun in range(n):
        if seen[begun]:
            continue
        first[n_rings] = count
        n_rings += 1
        i = begun
        while not seen[i]:
            seen[i] = True
            order[count] = i
            count += 1
            slot = _hash(bits, i, 2, 3) & (slots - 1)
            while True:
                j = table[slot]
                if j < 0:
                    return nothing, nothing
                if bits[i, 2] == bits[j, 0] and bits[i, 3] == bits[j, 1]:
                    break
                slot = (slot + 1) & (slots - 1)
            i = j
        if i != begun:
            return nothing, nothing
    return order, first[:n_rings]
