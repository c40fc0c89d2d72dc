"""Exact areas of a polygon in each zone, by Green's theorem: only edges are walked, no piece is built.

The outline of (polygon in zone) is made of the stretches of the polygon's edges that lie in
the zone and of the stretches of the zone's edges that lie in the polygon. Each stretch from
p to q adds (p x q) / 2. Any configuration too close to degenerate (a vertex on an edge,
edges that lie along each other) is handed back, to be intersected by GEOS.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.grid import MIXED, locate
from artois_geo.overlay.scan import compiled, twice_area, vertices_of

_CLOSE_M2 = 1e-8  # twice the area of a triangle that is too flat to say on which side a vertex lies
_NEGATIVE_M2 = -1e-5
_SHARE = 1e-6
_CROSSINGS, _PER_EDGE = 65_536, 4_096


class Scratch(NamedTuple):
    """Room to work in, for one thread."""

    stamp: NDArray[np.int64]  # zone edge -> last time it was looked at
    chain: NDArray[np.int64]  # zone edge -> its last crossing, or -1
    near: NDArray[np.int64]  # zone edges near the polygon
    where: NDArray[np.float64]  # crossing -> how far along the zone edge
    enters: NDArray[np.bool_]  # crossing -> the zone edge enters the polygon there
    previous: NDArray[np.int64]  # crossing -> the one before on the same zone edge
    along: NDArray[np.float64]  # crossings of the edge at hand
    across: NDArray[np.int64]
    leftward: NDArray[np.bool_]
    m2: NDArray[np.float64]  # zone -> area; the last one is outside
    seen: NDArray[np.int64]
    touched: NDArray[np.int64]


@compiled
def _scratch(edges, zones):  # type: ignore[no-untyped-def]
    return Scratch(
        np.zeros(edges, np.int64),
        np.full(edges, -1, np.int64),
        np.empty(edges, np.int64),
        np.empty(_CROSSINGS),
        np.empty(_CROSSINGS, np.bool_),
        np.empty(_CROSSINGS, np.int64),
        np.empty(_PER_EDGE),
        np.empty(_PER_EDGE, np.int64),
        np.empty(_PER_EDGE, np.bool_),
        np.zeros(zones + 1),
        np.full(zones + 1, -1, np.int64),
        np.empty(zones + 1, np.int64),
    )


@compiled
def split(data, ring, rows, area, bbox, g):  # type: ignore[no-untyped-def]
    """Square metres of some polygons in each zone.

    Returns the row, the zone and the area of each piece, and the rows handed back.
    """
    s = _scratch(g.x0.size, g.zones)
    room, used, refused = 3 * rows.size + 16, 0, 0
    out_row, out_zone, out_m2 = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    handed_back = np.empty(rows.size, np.int64)
    time = 0
    for row in rows:
        n_near, time = _near(g, bbox[row], s, time + 1)
        sound, n_touched, time = _along_polygon(data, ring, row, bbox, g, s, time)
        if sound:
            sound, n_touched = _along_zones(data, ring, row, bbox, g, s, n_near, n_touched)
        total = 0.0
        for t in range(n_touched):
            total += s.m2[s.touched[t]]
            sound = sound and s.m2[s.touched[t]] >= _NEGATIVE_M2
        if not sound or abs(total - area[row]) > _SHARE * max(1.0, area[row]):
            handed_back[refused] = row
            refused += 1
            n_kept = 0
        else:
            n_kept = n_touched
        if used + n_kept > room:
            room = 2 * room + n_kept
            out_row, out_zone, out_m2 = _longer(out_row, room), _longer(out_zone, room), _longer(out_m2, room)
        for t in range(n_touched):
            zone = s.touched[t]
            if t < n_kept and zone >= 0 and s.m2[zone] > 0:
                out_row[used], out_zone[used], out_m2[used] = row, zone, s.m2[zone]
                used += 1
            s.m2[zone], s.seen[zone] = 0.0, -1
    return out_row[:used], out_zone[:used], out_m2[:used], handed_back[:refused]


@compiled
def _longer(values, room):  # type: ignore[no-untyped-def]
    grown = np.empty(room, values.dtype)
    grown[: values.size] = values
    return grown


@compiled
def _near(g, box, s, time):  # type: ignore[no-untyped-def]
    """Zone edges whose box meets that of the polygon, in order."""
    low_x, low_y = box[0] - g.origin[0], box[1] - g.origin[1]
    high_x, high_y = box[2] - g.origin[0], box[3] - g.origin[1]
    west, east = max(int(low_x / g.cell), 0), min(int(high_x / g.cell), g.columns - 1)
    n = 0
    for row in range(max(int(low_y / g.cell), 0), min(int(high_y / g.cell), g.rows - 1) + 1):
        for q in range(g.first[row * g.columns + west], g.first[row * g.columns + east + 1]):
            e = g.edge[q]
            if s.stamp[e] != time:
                s.stamp[e] = time
                if (
                    max(g.x0[e], g.x1[e]) >= low_x
                    and min(g.x0[e], g.x1[e]) <= high_x
                    and max(g.y0[e], g.y1[e]) >= low_y
                    and min(g.y0[e], g.y1[e]) <= high_y
                ):
                    s.near[n] = e
                    s.chain[e] = -1
                    n += 1
    return n, time


@compiled
def _touch(s, zone, n_touched):  # type: ignore[no-untyped-def]
    if s.seen[zone] < 0:
        s.seen[zone] = n_touched
        s.touched[n_touched] = zone
        return n_touched + 1
    return n_touched


@compiled
def _along_polygon(data, ring, row, bbox, g, s, time):  # type: ignore[no-untyped-def]
    """Stretches of the polygon's edges, zone by zone, and where they cross the zones' edges."""
    # taken out of their tuples once: doing it at every vertex costs more than the rest
    left_of, right_of, label, mixed, m2 = g.left, g.right, g.label, g.mixed, s.m2
    along, across, leftward = s.along, s.across, s.leftward
    limits = (g.x0, g.y0, g.x1, g.y1, g.first, g.edge)
    room = (s.stamp, s.chain, along, across, leftward, s.where, s.enters, s.previous)
    cell, columns, rows = g.cell, g.columns, g.rows
    origin_x, origin_y = g.origin
    left, bottom = bbox[row, 0], bbox[row, 1]
    n_touched = n_crossings = 0
    for k in range(ring.first[row], ring.first[row + 1]):
        if ring.vertices[k] == 0:
            continue
        c, wide = vertices_of(data, ring, k), ring.wide[k]
        sign = 0.5 if (twice_area(c, wide) > 0) == ring.shell[k] else -0.5
        ax, ay = c[0] - origin_x, c[1] - origin_y
        a_column, a_row = int(np.floor(ax / cell)), int(np.floor(ay / cell))
        a_mixed = 0 <= a_column < columns and 0 <= a_row < rows and label[a_row, a_column] == MIXED
        # the cell at hand: a vertex well inside it asks for no division
        west, south = a_column * cell, a_row * cell
        east, north = west + cell, south + cell
        box = (a_column, a_row, a_column, a_row, columns)
        zone = locate(g, ax, ay)
        begun = zone
        n_touched = _touch(s, zone, n_touched)
        sum_here = 0.0
        for i in range(wide, c.size, wide):
            bx, by = c[i] - origin_x, c[i + 1] - origin_y
            n = 0
            # most edges are short and far from any limit
            if west <= bx < east and south <= by < north:
                many = a_mixed
                if many:
                    box = (a_column, a_row, a_column, a_row, columns)
            else:
                b_column, b_row = int(np.floor(bx / cell)), int(np.floor(by / cell))
                low_column, high_column = (
                    max(min(a_column, b_column), 0),
                    min(max(a_column, b_column), columns - 1),
                )
                low_row, high_row = max(min(a_row, b_row), 0), min(max(a_row, b_row), rows - 1)
                many = low_column <= high_column and low_row <= high_row
                many = many and (
                    mixed[high_row + 1, high_column + 1] - mixed[low_row, high_column + 1]
                    != mixed[high_row + 1, low_column] - mixed[low_row, low_column]
                )
                a_column, a_row = b_column, b_row
                a_mixed = 0 <= a_column < columns and 0 <= a_row < rows and label[a_row, a_column] == MIXED
                west, south = a_column * cell, a_row * cell
                east, north = west + cell, south + cell
                if many:
                    box = (low_column, low_row, high_column, high_row, columns)
            if many:
                time += 1
                n, n_crossings = _crossings(limits, room, box, (ax, ay, bx, by), sign > 0, n_crossings, time)
                if n < 0:
                    return False, n_touched, time
            # relative to the corner of the polygon's box, so that no digit is lost to large coordinates
            px, py = c[i - wide] - left, c[i - wide + 1] - bottom
            qx, qy = c[i] - left, c[i + 1] - bottom
            if n:
                if n > 1:
                    _sort(along, across, leftward, n)
                ux, uy = px, py
                for a in range(n):
                    e = across[a]
                    here, there = left_of[e], right_of[e]
                    if not leftward[a]:
                        here, there = there, here
                    if here != zone:
                        return False, n_touched, time
                    vx, vy = px + along[a] * (qx - px), py + along[a] * (qy - py)
                    m2[zone] += sum_here + sign * (ux * vy - vx * uy)
                    sum_here = 0.0
                    ux, uy, zone = vx, vy, there
                    n_touched = _touch(s, zone, n_touched)
                px, py = ux, uy
            sum_here += sign * (px * qy - qx * py)
            ax, ay = bx, by
        m2[zone] += sum_here
        if zone != begun:
            return False, n_touched, time
    return True, n_touched, time


@compiled
def _crossings(limits, room, box, segment, forward, n_crossings, time):  # type: ignore[no-untyped-def]
    """Zone edges that the edge from a to b crosses; -1 where it is too close to say."""
    gx0, gy0, gx1, gy1, first, edge = limits
    stamp, chain, along, across, leftward, where, enters, previous = room
    west, south, east, north, columns = box
    ax, ay, bx, by = segment
    low_x, high_x, low_y, high_y = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    dx, dy = bx - ax, by - ay
    n = 0
    for row in range(south, north + 1):
        for q in range(first[row * columns + west], first[row * columns + east + 1]):
            e = edge[q]
            x0, y0, x1, y1 = gx0[e], gy0[e], gx1[e], gy1[e]
            if max(x0, x1) < low_x or min(x0, x1) > high_x or max(y0, y1) < low_y or min(y0, y1) > high_y:
                continue
            if stamp[e] == time:
                continue
            stamp[e] = time
            a_side = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
            b_side = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
            if (a_side > _CLOSE_M2 and b_side > _CLOSE_M2) or (a_side < -_CLOSE_M2 and b_side < -_CLOSE_M2):
                continue
            start, end = dx * (y0 - ay) - dy * (x0 - ax), dx * (y1 - ay) - dy * (x1 - ax)
            if (start > _CLOSE_M2 and end > _CLOSE_M2) or (start < -_CLOSE_M2 and end < -_CLOSE_M2):
                continue
            if min(min(abs(a_side), abs(b_side)), min(abs(start), abs(end))) < _CLOSE_M2:
                return -1, n_crossings
            if n == _PER_EDGE or n_crossings == _CROSSINGS:
                return -1, n_crossings
            along[n], across[n], leftward[n] = a_side / (a_side - b_side), e, a_side > 0
            n += 1
            where[n_crossings], enters[n_crossings] = start / (start - end), (start > 0) != forward
            previous[n_crossings], chain[e] = chain[e], n_crossings
            n_crossings += 1
    return n, n_crossings


@compiled
def _sort(along, across, leftward, n):  # type: ignore[no-untyped-def]
    for a in range(1, n):
        b = a
        while b > 0 and along[b] < along[b - 1]:
            along[b], along[b - 1] = along[b - 1], along[b]
            across[b], across[b - 1] = across[b - 1], across[b]
            leftward[b], leftward[b - 1] = leftward[b - 1], leftward[b]
            b -= 1


@compiled
def _along_zones(data, ring, row, bbox, g, s, n_near, n_touched):  # type: ignore[no-untyped-def]
    """Stretches of the zones' edges that lie in the polygon."""
    s.near[:n_near].sort()
    left, bottom = bbox[row, 0] - g.origin[0], bbox[row, 1] - g.origin[1]
    last, last_inside = -2, False
    for a in range(n_near):
        e = s.near[a]
        n = _crossings_of(s, e)
        if n < 0:
            return False, n_touched
        if n:
            inside = not s.leftward[0]
        elif e == last + 1 and g.x1[last] == g.x0[e] and g.y1[last] == g.y0[e]:
            inside = last_inside
        else:
            inside = _contains(data, ring, row, g.x0[e] + g.origin[0], g.y0[e] + g.origin[1])
        x0, y0, dx, dy = g.x0[e] - left, g.y0[e] - bottom, g.x1[e] - g.x0[e], g.y1[e] - g.y0[e]
        begun = 0.0
        for b in range(n + 1):
            ended = s.along[b] if b < n else 1.0
            if b < n and s.leftward[b] == inside:
                return False, n_touched
            if inside:
                px, py, qx, qy = x0 + begun * dx, y0 + begun * dy, x0 + ended * dx, y0 + ended * dy
                half = 0.5 * (px * qy - qx * py)
                n_touched = _touch(s, g.left[e], n_touched)
                n_touched = _touch(s, g.right[e], n_touched)
                s.m2[g.left[e]] += half
                s.m2[g.right[e]] -= half
            begun = ended
            if b < n:
                inside = not inside
        last, last_inside = e, inside
    return True, n_touched


@compiled
def _crossings_of(s, e):  # type: ignore[no-untyped-def]
    """Crossings of a zone edge in order, in ``along``; ``leftward`` says which enter the polygon."""
    n = 0
    at = s.chain[e]
    while at >= 0:
        if n == _PER_EDGE:
            return -1
        s.along[n], s.leftward[n], s.across[n] = s.where[at], s.enters[at], 0
        at = s.previous[at]
        n += 1
    _sort(s.along, s.across, s.leftward, n)
    return n


@compiled
def _contains(data, ring, row, x, y):  # type: ignore[no-untyped-def]
    inside = False
    for k in range(ring.first[row], ring.first[row + 1]):
        if ring.vertices[k] == 0:
            continue
        c, wide = vertices_of(data, ring, k), ring.wide[k]
        ax, ay = c[0], c[1]
        for i in range(wide, c.size, wide):
            bx, by = c[i], c[i + 1]
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                inside = not inside
            ax, ay = bx, by
    return inside
