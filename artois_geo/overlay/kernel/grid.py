"""Zones that do not overlap, cut into cells: where a polygon stands is a look in a table."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.kernel.scan import Rings, compiled, twice_area, vertices_of

OUTSIDE, MIXED = -1, -2
_FEWEST_CELLS, _MOST_CELLS = 1_000_000, 16_000_000


class Grid(NamedTuple):
    """Edges of the zones, each once, with the zone on either side; and cells of one zone or several."""

    origin: tuple[float, float]
    cell: float
    columns: int
    rows: int
    x0: NDArray[np.float64]  # edge -> its ends, from the origin
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]
    left_zone: NDArray[np.int32]  # edge -> zone on its left, or OUTSIDE
    right_zone: NDArray[np.int32]
    first_edge: NDArray[np.int64]  # cell -> where its edges begin in ``edge``
    edge: NDArray[np.int32]
    label: NDArray[np.int32]  # zone of a cell, OUTSIDE or MIXED
    mixed: NDArray[np.int32]  # how many mixed cells below and to the left
    zones: int


def grid(data: NDArray[np.uint8], ring: Rings, *, fewest_cells: int = _FEWEST_CELLS) -> Grid | None:
    """Cut a coverage whose polygons share whole edges into cells; None where two lie on one side of an edge.

    The polygons must be valid and must not overlap.
    """
    zones = len(ring.first_ring) - 1
    total = int(np.maximum(ring.vertices[: ring.first_ring[zones]] - 1, 0).sum())
    ends, sides = np.empty((total, 4)), np.full((total, 2), OUTSIDE, np.int32)
    count = _unique_edges(data, ring, ends, sides)
    if count <= 0:
        return None
    ends, sides = ends[:count], sides[:count]
    south_west = np.minimum(ends[:, :2].min(0), ends[:, 2:].min(0))
    north_east = np.maximum(ends[:, :2].max(0), ends[:, 2:].max(0))
    ground = float(np.prod(np.maximum(north_east - south_west, 1.0)))
    # about as many cells as edges, so that few edges run through a cell
    cell = float(np.sqrt(ground / np.clip(count, fewest_cells, _MOST_CELLS)))
    # subtracting whole metres loses no bit
    origin = np.floor(south_west - 2 * cell)
    columns, rows = (int(n) for n in np.ceil((north_east - origin) / cell) + 2)
    x0, y0, x1, y1 = (np.ascontiguousarray(ends[:, i] - origin[i % 2]) for i in range(4))
    first_edge, edge = _edges_by_cell(x0, y0, x1, y1, columns, rows, cell)
    crossed = (np.diff(first_edge) > 0).reshape(rows, columns)
    label = np.where(crossed, MIXED, OUTSIDE).astype(np.int32)
    # sums over rectangles from the corner: four of them count the mixed cells of any box
    mixed = np.zeros((rows + 1, columns + 1), np.int32)
    mixed[1:, 1:] = crossed.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32)
    left_zone, right_zone = np.ascontiguousarray(sides[:, 0]), np.ascontiguousarray(sides[:, 1])
    corner = (float(origin[0]), float(origin[1]))
    zone_grid = Grid(
        corner,
        cell,
        columns,
        rows,
        x0,
        y0,
        x1,
        y1,
        left_zone,
        right_zone,
        first_edge,
        edge,
        label,
        mixed,
        zones,
    )
    _label_cells(zone_grid)
    return zone_grid


# Complexity 20: a call for each look in the hash table, inside the innermost loop, would cost more.
@compiled
def _unique_edges(data, ring, ends, sides):  # type: ignore[no-untyped-def]
    """Note each edge once, in ring order, with the zone on each side; -1 if two zones lie on one side."""
    # a hash table of edges with open addressing; its size is a power of two, at most half full
    slots = 16
    while slots < 2 * len(ends):
        slots *= 2
    table = np.full(slots, -1, np.int32)
    bits = ends.view(np.uint64)
    count = 0
    for zone in range(ring.first_ring.size - 1):
        for k in range(ring.first_ring[zone], ring.first_ring[zone + 1]):
            if ring.vertices[k] == 0:
                continue
            coords, stride = vertices_of(data, ring, k), ring.strides[k]
            side = 0 if (twice_area(coords, stride) > 0) == ring.shell[k] else 1
            for i in range(stride, coords.size, stride):
                ax, ay, bx, by = coords[i - stride], coords[i - stride + 1], coords[i], coords[i + 1]
                if ax == bx and ay == by:
                    continue
                # written at the end of the list, where it stays if it is new
                ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = ax, ay, bx, by
                # the same key both ways: neighbours walk a common edge in opposite directions
                key = (
                    bits[count, 0] * np.uint64(3)
                    + bits[count, 1]
                    + bits[count, 2] * np.uint64(3)
                    + bits[count, 3]
                )
                key *= np.uint64(0x9E3779B97F4A7C15)
                slot = np.int64(key >> np.uint64(20)) & (slots - 1)
                edge_side = side
                while table[slot] >= 0:
                    e = table[slot]
                    if ends[e, 0] == ax and ends[e, 1] == ay and ends[e, 2] == bx and ends[e, 3] == by:
                        break
                    if ends[e, 0] == bx and ends[e, 1] == by and ends[e, 2] == ax and ends[e, 3] == ay:
                        edge_side = 1 - side
                        break
                    slot = (slot + 1) & (slots - 1)
                if table[slot] < 0:
                    table[slot] = count
                    sides[count, side] = zone
                    count += 1
                elif sides[table[slot], edge_side] >= 0:
                    return -1
                else:
                    sides[table[slot], edge_side] = zone
    return count


@compiled
def _edges_by_cell(x0, y0, x1, y1, columns, rows, cell):  # type: ignore[no-untyped-def]
    """List the edges whose box meets each cell."""
    first_edge = np.zeros(columns * rows + 1, np.int64)
    edge = np.empty(0, np.int32)
    # the same walk twice: to count the edges of each cell, then to put them where the counts say
    for filling in range(2):
        if filling:
            for c in range(columns * rows):
                first_edge[c + 1] += first_edge[c]
            edge = np.empty(first_edge[columns * rows], np.int32)
            next_free = first_edge.copy()
        for e in range(x0.size):
            west, east = int(min(x0[e], x1[e]) / cell), int(max(x0[e], x1[e]) / cell)
            for row in range(int(min(y0[e], y1[e]) / cell), int(max(y0[e], y1[e]) / cell) + 1):
                for column in range(west, east + 1):
                    c = row * columns + column
                    if filling:
                        edge[next_free[c]] = e
                        next_free[c] += 1
                    else:
                        first_edge[c + 1] += 1
    return first_edge, edge


@compiled
def _label_cells(g):  # type: ignore[no-untyped-def]
    """Label the cells that no edge crosses, from west to east: the zone changes only after a mixed cell."""
    for row in range(g.rows):
        zone, unsure = OUTSIDE, False
        for column in range(g.columns):
            if g.label[row, column] == MIXED:
                unsure = True
                continue
            if unsure:
                zone = _look_west(g, (column + 0.5) * g.cell, (row + 0.5) * g.cell, column - 1, row)
            g.label[row, column] = zone
            unsure = False


@compiled
def locate(g, x, y):  # type: ignore[no-untyped-def]
    """Find the zone of a point, relative to the origin."""
    column, row = int(np.floor(x / g.cell)), int(np.floor(y / g.cell))
    if column < 0 or row < 0 or column >= g.columns or row >= g.rows:
        return OUTSIDE
    return _look_west(g, x, y, column, row)


@compiled
def _look_west(g, x, y, column, row):  # type: ignore[no-untyped-def]
    """Return the zone on the near side of the first edge met when going west."""
    while column >= 0:
        if g.label[row, column] != MIXED:
            return g.label[row, column]
        nearest_x, nearest_edge = -np.inf, -1
        for q in range(g.first_edge[row * g.columns + column], g.first_edge[row * g.columns + column + 1]):
            e = g.edge[q]
            if (g.y0[e] > y) != (g.y1[e] > y):
                edge_x = g.x0[e] + (y - g.y0[e]) * (g.x1[e] - g.x0[e]) / (g.y1[e] - g.y0[e])
                if nearest_x < edge_x < x:
                    nearest_x, nearest_edge = edge_x, e
        # an edge met further west than the cell may not be the nearest: the next cell tells
        if nearest_edge >= 0 and nearest_x >= column * g.cell:
            return (
                g.right_zone[nearest_edge]
                if g.y1[nearest_edge] > g.y0[nearest_edge]
                else g.left_zone[nearest_edge]
            )
        column -= 1
    return OUTSIDE


@compiled
def settle(g, bbox, zone):  # type: ignore[no-untyped-def]
    """Find the zone of each polygon whose box meets cells of one zone; OUTSIDE, or MIXED: to be split."""
    for row in range(zone.size):
        if not bbox[row, 0] <= bbox[row, 2]:
            zone[row] = OUTSIDE
            continue
        west = int(np.floor((bbox[row, 0] - g.origin[0]) / g.cell))
        south = int(np.floor((bbox[row, 1] - g.origin[1]) / g.cell))
        east = int(np.floor((bbox[row, 2] - g.origin[0]) / g.cell))
        north = int(np.floor((bbox[row, 3] - g.origin[1]) / g.cell))
        if east < 0 or north < 0 or west >= g.columns or south >= g.rows:
            zone[row] = OUTSIDE
            continue
        west, south = max(west, 0), max(south, 0)
        east, north = min(east, g.columns - 1), min(north, g.rows - 1)
        m = g.mixed
        if m[north + 1, east + 1] - m[south, east + 1] - m[north + 1, west] + m[south, west] == 0:
            zone[row] = g.label[south, west]
        else:
            zone[row] = MIXED
