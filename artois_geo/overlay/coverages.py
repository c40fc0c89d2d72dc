"""Tell whether polygons make a coverage, by its outline: the edges that no neighbour walks the other way.

A coverage is a tiling when no ground is covered twice and neighbours share whole edges. Its
outline then is a set of rings that neither cross nor touch, turning left where ground begins.
Importing this module loads the compiled kernel.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from artois_geo.overlay.frames import Floats, Integers
from artois_geo.overlay.kernel import validity
from artois_geo.overlay.kernel.coverage_edges import SLOTS, linked, uncancelled, walk
from artois_geo.overlay.kernel.scan import Rings, rings

_MOST_FACES = 5_000
_MOST_EDGES = 500_000  # an outline that touches itself all along: better asked group by group
_CHUNK = 4_096
_ROUNDING_M2 = 1e-6  # ground covered twice by the rounding of coordinates, in all of a coverage


def outline(data: NDArray[np.uint8], starts: Integers, lengths: Integers, *, cores: int) -> Floats:
    """Return the edges (x0, y0, x1, y1) that no neighbour walks the other way, ground on their left."""
    chunks = np.array_split(np.flatnonzero(starts >= 0), max(1, len(starts) // _CHUNK))

    def cancelled(part: list[Integers]) -> NDArray[np.uint64]:
        table = np.zeros(SLOTS, np.uint64)
        for rows in part:
            walk(data, rings(data, starts[rows], lengths[rows])[0], table, np.empty((0, 4)))
        return table

    with ThreadPoolExecutor(cores) as pool:
        table = sum(pool.map(cancelled, [chunks[i::cores] for i in range(cores)]), np.zeros(SLOTS, np.uint64))
        edges = np.concatenate(
            [
                np.empty((0, 4)),
                *pool.map(lambda rows: edges_of(data, starts[rows], lengths[rows], table), chunks),
            ]
        )
    # a slot holds several edges: the twins among them still cancel out
    return uncancelled(edges)


def edges_of(
    data: NDArray[np.uint8], starts: Integers, lengths: Integers, table: NDArray[np.uint64]
) -> Floats:
    """Return the edges of some polygons that a table does not cancel, ground on their left."""
    ring, _ = rings(data, starts, lengths)
    edges = np.empty((int(ring.vertices[: ring.first_ring[-1]].sum()), 4))
    return edges[: walk(data, ring, table, edges)].copy()


def is_tiling(edges: Floats, counted_m2: float) -> bool:
    """Tell whether an outline is that of a coverage without overlap, whose neighbours share whole edges.

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
    order, ring_starts = linked(edges)
    if not len(ring_starts) and len(edges) > _MOST_EDGES:
        return False
    return (len(ring_starts) > 0 and not _cross(edges, order, ring_starts)) or _encloses(edges)


def is_small_tiling(data: NDArray[np.uint8], ring: Rings, counted_m2: float) -> bool:
    """Do as `is_tiling` of the outline, for polygons few enough to hold all their edges."""
    edges = np.empty((int(ring.vertices[: ring.first_ring[-1]].sum()), 4))
    count = walk(data, ring, np.ones(1, np.uint64), edges)
    return is_tiling(uncancelled(edges[:count]), counted_m2)


def _cross(edges: Floats, order: Integers, ring_starts: Integers) -> bool:
    """Tell whether rings, taken as one polygon, cross, touch or turn the wrong way for where they lie."""
    count = np.diff(np.append(ring_starts, len(order)))
    closed = np.insert(order, np.append(ring_starts[1:], len(order)), order[ring_starts])
    points = np.ascontiguousarray(edges[closed, :2])
    closed_starts = ring_starts + np.arange(len(ring_starts))
    turns = points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1]
    turns[closed_starts[1:] - 1] = 0.0
    shell = np.add.reduceat(turns, closed_starts) > 0
    strides = np.full(len(ring_starts), 2, np.int8)
    ring = Rings(np.array([0, len(ring_starts)]), closed_starts * 16, count + 1, strides, shell)
    data, doubt = points.view(np.uint8).ravel(), np.zeros(1, bool)
    data.flags.writeable = False
    validity.doubtful(data, ring, doubt)
    return bool(doubt[0])


def _encloses(edges: Floats) -> bool:
    """Check an outline whose rings touch, slowly and surely.

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
    enclosed, outline_m = shapely.union_all(faces[times == 1]), float(shapely.length(lines).sum())
    return bool(abs(enclosed.length - outline_m) <= 1e-9 * max(outline_m, 1.0))


def _times_round(points: Floats, edges: Floats) -> Integers:
    """Count how many times the edges go round each point, ground on their left."""
    x0, y0, x1, y1 = edges.T
    times = np.zeros(len(points), np.int64)
    for i, (x, y) in enumerate(points):
        crossing = np.flatnonzero((y0 > y) != (y1 > y))
        crossing_x = x0[crossing] + (y - y0[crossing]) / (y1[crossing] - y0[crossing]) * (
            x1[crossing] - x0[crossing]
        )
        east = crossing[crossing_x > x]
        times[i] = np.count_nonzero(y1[east] > y0[east]) - np.count_nonzero(y1[east] < y0[east])
    return times
