"""Zones that do not overlap, cut into cells: where a polygon stands is a look in a table."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.scan import Rings, compiled, twice_area, vertices_of

OUTSIDE, MIXED = -1, -2
_FEWEST_CELLS, _MOST_CELLS = 1_000_000, 16_000_000


class Grid(NamedTuple):
    """Edges of the zones, each once, with the zone on either side; and cells of one zone or several."""

    origin: tuple[float, float]
    cell: float
    columns: int
    rows: int
    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    first: NDArray[np.int64]  # cell -> where its edges begin in ``edge``
    edge: NDArray[np.int32]
    label: NDArray[np.int32]  # zone of a cell, OUTSIDE or MIXED
    mixed: NDArray[np.int32]  # how many mixed cells below and to the left
    zones: int


def grid(data: NDArray[np.uint8], ring: Rings, *, fewest_cells: int = _FEWEST_CELLS) -> Grid | None:
    """Cells of a coverage whose polygons share whole edges; None where two lie on the same side of one.

    The polygons must be valid and must not overlap.
    """
    zones = len(ring.first) - 1
    total = int(np.maximum(ring.vertices[: ring.first[zones]] - 1, 0).sum())
    ends, sides = np.empty((total, 4)), np.full((total, 2), OUTSIDE, np.int32)
    count = _unique_edges(data, ring, ends, sides)
    if count <= 0:
        return None
    ends, sides = ends[:count], sides[:count]
    low = np.minimum(ends[:, :2].min(0), ends[:, 2:].min(0))
    high = np.maximum(ends[:, :2].max(0), ends[:, 2:].max(0))
    ground = float(np.prod(np.maximum(high - low, 1.0)))
    cell = float(np.sqrt(ground / np.clip(count, fewest_cells, _MOST_CELLS)))
    # subtracting whole metres loses no bit
    origin = np.floor(low - 2 * cell)
    columns, rows = (int(n) for n in np.ceil((high - origin) / cell) + 2)
    x0, y0, x1, y1 = (np.ascontiguousarray(ends[:, i] - origin[i % 2]) for i in range(4))
    first, edge = _cells(x0, y0, x1, y1, columns, rows, cell)
    crossed = (np.diff(first) > 0).reshape(rows, columns)
    label = np.where(crossed, MIXED, OUTSIDE).astype(np.int32)
    mixed = np.zeros((rows + 1, columns + 1), np.int32)
    mixed[1:, 1:] = crossed.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32)
    left, right = np.ascontiguousarray(sides[:, 0]), np.ascontiguousarray(sides[:, 1])
    place = (float(origin[0]), float(origin[1]))
    made = Grid(place, cell, columns, rows, x0, y0, x1, y1, left, right, first, edge, label, mixed, zones)
    _fill(made)
    return made


@compiled
def _unique_edges(data, ring, ends, sides):  # type: ignore[no-untyped-def]
    """Each edge once, in ring order, with the zone on its left and right; -1 if a side is taken twice."""
    slots = 16
    while slots < 2 * len(ends):
        slots *= 2
    table = np.full(slots, -1, np.int32)
    bits = ends.view(np.uint64)
    count = 0
    for zone in range(ring.first.size - 1):
        for k in range(ring.first[zone], ring.first[zone + 1]):
            if ring.vertices[k] == 0:
                continue
            c, wide = vertices_of(data, ring, k), ring.wide[k]
            side = 0 if (twice_area(c, wide) > 0) == ring.shell[k] else 1
            for i in range(wide, c.size, wide):
                ax, ay, bx, by = c[i - wide], c[i - wide + 1], c[i], c[i + 1]
                if ax == bx and ay == by:
                    continue
                ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = ax, ay, bx, by
                mark = (
                    bits[count, 0] * np.uint64(3)
                    + bits[count, 1]
                    + bits[count, 2] * np.uint64(3)
                    + bits[count, 3]
                )
                mark *= np.uint64(0x9E3779B97F4A7C15)
                slot = np.int64(mark >> np.uint64(20)) & (slots - 1)
                taken = side
                while table[slot] >= 0:
                    e = table[slot]
                    if ends[e, 0] == ax and ends[e, 1] == ay and ends[e, 2] == bx and ends[e, 3] == by:
                        break
                    if ends[e, 0] == bx and ends[e, 1] == by and ends[e, 2] == ax and ends[e, 3] == ay:
                        taken = 1 - side
                        break
                    slot = (slot + 1) & (slots - 1)
                if table[slot] < 0:
                    table[slot] = count
                    sides[count, side] = zone
                    count += 1
                elif sides[table[slot], taken] >= 0:
                    return -1
                else:
                    sides[table[slot], taken] = zone
    return count


@compiled
def _cells(x0, y0, x1, y1, columns, rows, cell):  # type: ignore[no-untyped-def]
    """Edges whose box meets each cell."""
    first = np.zeros(columns * rows + 1, np.int64)
    edge = np.empty(0, np.int32)
    for turn in range(2):
        if turn:
            for c in range(columns * rows):
                first[c + 1] += first[c]
            edge = np.empty(first[columns * rows], np.int32)
            place = first.copy()
        for e in range(x0.size):
            west, east = int(min(x0[e], x1[e]) / cell), int(max(x0[e], x1[e]) / cell)
            for row in range(int(min(y0[e], y1[e]) / cell), int(max(y0[e], y1[e]) / cell) + 1):
                for column in range(west, east + 1):
                    c = row * columns + column
                    if turn:
                        edge[place[c]] = e
                        place[c] += 1
                    else:
                        first[c + 1] += 1
    return first, edge


@compiled
def _fill(g):  # type: ignore[no-untyped-def]
    for row in range(g.rows):
        zone, unsure = OUTSIDE, False
        for column in range(g.columns):
            if g.label[row, column] == MIXED:
                unsure = True
                continue
            if unsure:
                zone = _leftward(g, (column + 0.5) * g.cell, (row + 0.5) * g.cell, column - 1, row)
            g.label[row, column] = zone
            unsure = False


@compiled
def locate(g, x, y):  # type: ignore[no-untyped-def]
    """Zone of a point, relative to the origin."""
    column, row = int(np.floor(x / g.cell)), int(np.floor(y / g.cell))
    if column < 0 or row < 0 or column >= g.columns or row >= g.rows:
        return OUTSIDE
    return _leftward(g, x, y, column, row)


@compiled
def _leftward(g, x, y, column, row):  # type: ignore[no-untyped-def]
    """Zone on the near side of the first edge met when going west."""
    while column >= 0:
        if g.label[row, column] != MIXED:
            return g.label[row, column]
        nearest, met = -np.inf, -1
        for q in range(g.first[row * g.columns + column], g.first[row * g.columns + column + 1]):
            e = g.edge[q]
            if (g.y0[e] > y) != (g.y1[e] > y):
                at = g.x0[e] + (y - g.y0[e]) * (g.x1[e] - g.x0[e]) / (g.y1[e] - g.y0[e])
                if nearest < at < x:
                    nearest, met = at, e
        if met >= 0 and nearest >= column * g.cell:
            return g.right[met] if g.y1[met] > g.y0[met] else g.left[met]
        column -= 1
    return OUTSIDE


@compiled
def settle(g, bbox, zone):  # type: ignore[no-untyped-def]
    """Zone of each polygon whose box meets cells of one zone only; OUTSIDE, or MIXED if it must be split."""
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
