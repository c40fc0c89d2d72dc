"""Exact areas of a polygon in each zone, by Green's theorem: only edges are walked, no piece is built.

The outline of (polygon in zone) is made of the stretches of the polygon's edges that lie in
the zone and of the stretches of the zone's edges that lie in the polygon. Each stretch from
p to q adds (p x q) / 2. Any configuration too close to degenerate (a vertex on an edge,
edges that lie along each other) is handed back, to be intersected by GEOS.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.grid import OUTSIDE, locate
from artois_geo.overlay.scan import compiled, twice_area, vertices_of

_CLOSE_M2 = 1e-8  # twice the area of a triangle that is too flat to say on which side a vertex lies
_NEGATIVE_M2 = -1e-5
_SHARE = 1e-6
_CROSSINGS, _PER_RING = 65_536, 16_384
_STRETCH = 32  # edges of a polygon looked at together


class Scratch(NamedTuple):
    """Room to work in, for one thread."""

    stamp: NDArray[np.int64]  # zone edge -> last time it was looked at
    chain: NDArray[np.int64]  # zone edge -> its last crossing, or -1
    near: NDArray[np.int64]  # zone edges near the polygon
    x: NDArray[np.float64]  # crossing -> its place, from the corner of the polygon's box
    y: NDArray[np.float64]
    across: NDArray[np.int64]  # crossing -> its zone edge
    leftward: NDArray[np.bool_]  # crossing -> the polygon leaves the left side of the zone edge there
    where: NDArray[np.float64]  # crossing -> how far along the zone edge
    enters: NDArray[np.bool_]  # crossing -> the zone edge enters the polygon there
    previous: NDArray[np.int64]  # crossing -> the one before on the same zone edge
    edge: NDArray[np.int64]  # crossings to put in order: edge of the ring, how far along, which crossing
    along: NDArray[np.float64]
    which: NDArray[np.int64]
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
        np.empty(_CROSSINGS),
        np.empty(_CROSSINGS, np.int64),
        np.empty(_CROSSINGS, np.bool_),
        np.empty(_CROSSINGS),
        np.empty(_CROSSINGS, np.bool_),
        np.empty(_CROSSINGS, np.int64),
        np.empty(_PER_RING, np.int64),
        np.empty(_PER_RING),
        np.empty(_PER_RING, np.int64),
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
        time += 1
        n_near = _near(g, bbox[row], s, time)
        if n_near == 0:
            zone = _zone_of(data, ring, row, g)
            if zone >= 0:
                if used == room:
                    room *= 2
                    out_row, out_zone, out_m2 = (
                        _longer(out_row, room),
                        _longer(out_zone, room),
                        _longer(out_m2, room),
                    )
                out_row[used], out_zone[used], out_m2[used] = row, zone, area[row]
                used += 1
            continue
        sound, n_touched = _along_polygon(data, ring, row, bbox, g, s, n_near)
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
def _zone_of(data, ring, row, g):  # type: ignore[no-untyped-def]
    """Zone of a polygon that no limit comes near: that of its first vertex."""
    for k in range(ring.first[row], ring.first[row + 1]):
        if ring.vertices[k] > 0:
            c = vertices_of(data, ring, k)
            return locate(g, c[0] - g.origin[0], c[1] - g.origin[1])
    return OUTSIDE


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
    n = 0
    if not (high_x >= 0 and high_y >= 0 and low_x < g.columns * g.cell and low_y < g.rows * g.cell):
        return n
    west, east = int(max(low_x / g.cell, 0.0)), int(min(high_x / g.cell, g.columns - 1.0))
    south, north = int(max(low_y / g.cell, 0.0)), int(min(high_y / g.cell, g.rows - 1.0))
    for row in range(south, north + 1):
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
    s.near[:n].sort()
    return n


@compiled
def _touch(s, zone, n_touched):  # type: ignore[no-untyped-def]
    if s.seen[zone] < 0:
        s.seen[zone] = n_touched
        s.touched[n_touched] = zone
        return n_touched + 1
    return n_touched


@compiled
def _along_polygon(data, ring, row, bbox, g, s, n_near):  # type: ignore[no-untyped-def]
    """Stretches of the polygon's edges, zone by zone, and where they cross the zones' edges."""
    # taken out of their tuples once: doing it at every vertex costs more than the rest
    left_of, right_of, m2 = g.left, g.right, s.m2
    edge, along, which = s.edge, s.along, s.which
    left, bottom = bbox[row, 0], bbox[row, 1]
    n_touched = n_crossings = 0
    for k in range(ring.first[row], ring.first[row + 1]):
        if ring.vertices[k] == 0:
            continue
        c, wide = vertices_of(data, ring, k), ring.wide[k]
        twice = twice_area(c, wide)
        sign = 0.5 if (twice > 0) == ring.shell[k] else -0.5
        zone = locate(g, c[0] - g.origin[0], c[1] - g.origin[1])
        begun = zone
        n_touched = _touch(s, zone, n_touched)
        n, n_crossings = _crossings(c, wide, left, bottom, g, s, n_near, sign > 0, n_crossings)
        if n < 0:
            return False, n_touched
        if n == 0:
            m2[zone] += sign * twice
            continue
        _sort_ring(edge, along, which, n)
        # relative to the corner of the polygon's box, so that no digit is lost to large coordinates
        px, py = c[0] - left, c[1] - bottom
        sum_here, at = 0.0, wide
        for a in range(n + 1):
            until = edge[a] if a < n else c.size
            for i in range(at, until, wide):
                qx, qy = c[i] - left, c[i + 1] - bottom
                sum_here += px * qy - qx * py
                px, py = qx, qy
            if a == n:
                break
            at = until
            e = s.across[which[a]]
            here, there = left_of[e], right_of[e]
            if not s.leftward[which[a]]:
                here, there = there, here
            if here != zone:
                return False, n_touched
            qx, qy = s.x[which[a]], s.y[which[a]]
            m2[zone] += sign * (sum_here + px * qy - qx * py)
            sum_here, px, py, zone = 0.0, qx, qy, there
            n_touched = _touch(s, zone, n_touched)
        m2[zone] += sign * sum_here
        if zone != begun:
            return False, n_touched
    return True, n_touched


@compiled
def _crossings(c, wide, west_end, south_end, g, s, n_near, forward, n_crossings):  # type: ignore[no-untyped-def]
    """Where a ring crosses zone edges, from the corner of its polygon's box; -1 where it is too close to say.

    A crossing has one place, used along the polygon and along the zone edge: where both lie nearly
    along each other it is badly known, and two places for it would open the outline.

    It is walked by stretches short enough to have a box that few zone edges meet.
    """
    gx0, gy0, gx1, gy1, near = g.x0, g.y0, g.x1, g.y1, s.near
    edge, along, which = s.edge, s.along, s.which
    left, bottom = g.origin
    west_end, south_end = west_end - left, south_end - bottom
    n = 0
    for first in range(0, c.size - wide, _STRETCH * wide):
        last = min(first + _STRETCH * wide, c.size - wide)
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for i in range(first, last + 1, wide):
            low_x, high_x = min(low_x, c[i]), max(high_x, c[i])
            low_y, high_y = min(low_y, c[i + 1]), max(high_y, c[i + 1])
        low_x, high_x, low_y, high_y = low_x - left, high_x - left, low_y - bottom, high_y - bottom
        for t in range(n_near):
            e = near[t]
            x0, y0, x1, y1 = gx0[e], gy0[e], gx1[e], gy1[e]
            west, east, south, north = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
            if east < low_x or west > high_x or north < low_y or south > high_y:
                continue
            ux, uy = x1 - x0, y1 - y0
            ax, ay = c[first] - left, c[first + 1] - bottom
            a_side = ux * (ay - y0) - uy * (ax - x0)
            for i in range(first + wide, last + 1, wide):
                px, py, p_side = ax, ay, a_side
                ax, ay = c[i] - left, c[i + 1] - bottom
                a_side = ux * (ay - y0) - uy * (ax - x0)
                if min(p_side, a_side) > _CLOSE_M2 or max(p_side, a_side) < -_CLOSE_M2:
                    continue
                if max(px, ax) < west or min(px, ax) > east or max(py, ay) < south or min(py, ay) > north:
                    continue
                dx, dy = ax - px, ay - py
                start, end = dx * (y0 - py) - dy * (x0 - px), dx * (y1 - py) - dy * (x1 - px)
                if min(start, end) > _CLOSE_M2 or max(start, end) < -_CLOSE_M2:
                    continue
                if min(min(abs(p_side), abs(a_side)), min(abs(start), abs(end))) < _CLOSE_M2:
                    return -1, n_crossings
                if n == _PER_RING or n_crossings == _CROSSINGS:
                    return -1, n_crossings
                far = p_side / (p_side - a_side)
                edge[n], along[n], which[n] = i, far, n_crossings
                n += 1
                s.x[n_crossings] = px - west_end + far * dx
                s.y[n_crossings] = py - south_end + far * dy
                s.across[n_crossings], s.leftward[n_crossings] = e, p_side > 0
                s.where[n_crossings] = start / (start - end)
                s.enters[n_crossings] = (start > 0) != forward
                s.previous[n_crossings], s.chain[e] = s.chain[e], n_crossings
                n_crossings += 1
    return n, n_crossings


@compiled
def _sort_ring(edge, along, which, n):  # type: ignore[no-untyped-def]
    """Crossings in the order in which the ring meets them; they come nearly so."""
    for a in range(1, n):
        b = a
        while b > 0 and (edge[b] < edge[b - 1] or (edge[b] == edge[b - 1] and along[b] < along[b - 1])):
            edge[b], edge[b - 1] = edge[b - 1], edge[b]
            along[b], along[b - 1] = along[b - 1], along[b]
            which[b], which[b - 1] = which[b - 1], which[b]
            b -= 1


@compiled
def _sort(along, which, n):  # type: ignore[no-untyped-def]
    for a in range(1, n):
        b = a
        while b > 0 and along[b] < along[b - 1]:
            along[b], along[b - 1] = along[b - 1], along[b]
            which[b], which[b - 1] = which[b - 1], which[b]
            b -= 1


@compiled
def _along_zones(data, ring, row, bbox, g, s, n_near, n_touched):  # type: ignore[no-untyped-def]
    """Stretches of the zones' edges that lie in the polygon."""
    left, bottom = bbox[row, 0] - g.origin[0], bbox[row, 1] - g.origin[1]
    last, last_inside = -2, False
    for a in range(n_near):
        e = s.near[a]
        n = _crossings_of(s, e)
        if n < 0:
            return False, n_touched
        if n:
            inside = not s.enters[s.which[0]]
        elif e == last + 1 and g.x1[last] == g.x0[e] and g.y1[last] == g.y0[e]:
            inside = last_inside
        else:
            inside = _contains(data, ring, row, g.x0[e] + g.origin[0], g.y0[e] + g.origin[1])
        px, py = g.x0[e] - left, g.y0[e] - bottom
        for b in range(n + 1):
            if b < n and s.enters[s.which[b]] == inside:
                return False, n_touched
            if b < n:
                qx, qy = s.x[s.which[b]], s.y[s.which[b]]
            else:
                qx, qy = g.x1[e] - left, g.y1[e] - bottom
            if inside:
                half = 0.5 * (px * qy - qx * py)
                n_touched = _touch(s, g.left[e], n_touched)
                n_touched = _touch(s, g.right[e], n_touched)
                s.m2[g.left[e]] += half
                s.m2[g.right[e]] -= half
            px, py = qx, qy
            if b < n:
                inside = not inside
        last, last_inside = e, inside
    return True, n_touched


@compiled
def _crossings_of(s, e):  # type: ignore[no-untyped-def]
    """Crossings of a zone edge in order, in ``which``."""
    n = 0
    at = s.chain[e]
    while at >= 0:
        if n == _PER_RING:
            return -1
        s.along[n], s.which[n] = s.where[at], at
        at = s.previous[at]
        n += 1
    _sort(s.along, s.which, n)
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
