"""Exact areas of a polygon in each zone, by Green's theorem: only edges are walked, no piece is built.

The outline of (polygon in zone) is made of the stretches of the polygon's edges that lie in
the zone and of the stretches of the zone's edges that lie in the polygon. Each stretch from
p to q adds (p x q) / 2. Any configuration too close to degenerate (a vertex on an edge,
edges that lie along each other) is handed back, to be intersected by GEOS.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.kernel.grid import OUTSIDE, locate
from artois_geo.overlay.kernel.scan import compiled, twice_area, vertices_of

_CLOSE_M2 = 1e-8  # twice the area of a triangle that is too flat to say on which side a vertex lies
_NEGATIVE_M2 = -1e-5
_SHARE = 1e-6
_CROSSINGS, _PER_RING = 65_536, 16_384
_STRETCH = 32  # edges of a polygon looked at together


class Scratch(NamedTuple):
    """Room to work in, for one thread."""

    stamp: NDArray[np.int64]  # zone edge -> last time it was looked at
    chain: NDArray[np.int64]  # zone edge -> its last crossing, or -1
    nearby: NDArray[np.int64]  # zone edges near the polygon
    x: NDArray[np.float64]  # crossing -> where it lies, from the corner of the polygon's box
    y: NDArray[np.float64]
    across: NDArray[np.int64]  # crossing -> its zone edge
    leftward: NDArray[np.bool_]  # crossing -> the polygon leaves the left side of the zone edge there
    zone_share: NDArray[np.float64]  # crossing -> how far along the zone edge
    enters: NDArray[np.bool_]  # crossing -> the zone edge enters the polygon there
    previous: NDArray[np.int64]  # crossing -> the one before on the same zone edge
    edge: NDArray[np.int64]  # crossings to put in order: edge of the ring, how far along, which crossing
    along: NDArray[np.float64]
    which: NDArray[np.int64]
    m2: NDArray[np.float64]  # zone -> area; the last one is outside
    rank: NDArray[np.int64]  # zone -> its rank in ``touched``, or -1
    touched: NDArray[np.int64]  # zones of the polygon, in the order in which they are met


@compiled
def _scratch(edges, zones):  # type: ignore[no-untyped-def]
    """Make the room of one thread, for a grid of so many edges and zones."""
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
    """Measure the square metres of some polygons in each zone.

    Returns the row, the zone and the area of each piece, and the rows handed back.
    """
    s = _scratch(g.x0.size, g.zones)
    room, used, refused = 3 * rows.size + 16, 0, 0
    out_row, out_zone, out_m2 = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    handed_back = np.empty(rows.size, np.int64)
    # the stamp of a zone edge is the time of the last polygon near it: nothing has to be wiped between two
    time = 0
    for row in rows:
        time += 1
        n_nearby = _nearby_edges(g, bbox[row], s, time)
        if n_nearby == 0:
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
        sound, n_touched = _along_polygon(data, ring, row, bbox, g, s, n_nearby)
        if sound:
            sound, n_touched = _along_zones(data, ring, row, bbox, g, s, n_nearby, n_touched)
        # the pieces, outside included, must add up to the polygon, and none may be negative
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
            s.m2[zone], s.rank[zone] = 0.0, -1
    return out_row[:used], out_zone[:used], out_m2[:used], handed_back[:refused]


@compiled
def _zone_of(data, ring, row, g):  # type: ignore[no-untyped-def]
    """Find the zone of a polygon that no limit comes near: that of its first vertex."""
    for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
        if ring.vertices[k] > 0:
            coords = vertices_of(data, ring, k)
            return locate(g, coords[0] - g.origin[0], coords[1] - g.origin[1])
    return OUTSIDE


@compiled
def _longer(values, room):  # type: ignore[no-untyped-def]
    grown = np.empty(room, values.dtype)
    grown[: values.size] = values
    return grown


@compiled
def _nearby_edges(g, box, s, time):  # type: ignore[no-untyped-def]
    """Find the zone edges whose box meets that of the polygon, in order, and empty their chains."""
    low_x, low_y = box[0] - g.origin[0], box[1] - g.origin[1]
    high_x, high_y = box[2] - g.origin[0], box[3] - g.origin[1]
    n = 0
    if not (high_x >= 0 and high_y >= 0 and low_x < g.columns * g.cell and low_y < g.rows * g.cell):
        return n
    west, east = int(max(low_x / g.cell, 0.0)), int(min(high_x / g.cell, g.columns - 1.0))
    south, north = int(max(low_y / g.cell, 0.0)), int(min(high_y / g.cell, g.rows - 1.0))
    for row in range(south, north + 1):
        # the edges of neighbouring cells of a row follow each other: one range for all of them
        for q in range(g.first_edge[row * g.columns + west], g.first_edge[row * g.columns + east + 1]):
            e = g.edge[q]
            if s.stamp[e] != time:
                s.stamp[e] = time
                if (
                    max(g.x0[e], g.x1[e]) >= low_x
                    and min(g.x0[e], g.x1[e]) <= high_x
                    and max(g.y0[e], g.y1[e]) >= low_y
                    and min(g.y0[e], g.y1[e]) <= high_y
                ):
                    s.nearby[n] = e
                    s.chain[e] = -1
                    n += 1
    s.nearby[:n].sort()
    return n


@compiled
def _touch(s, zone, n_touched):  # type: ignore[no-untyped-def]
    if s.rank[zone] < 0:
        s.rank[zone] = n_touched
        s.touched[n_touched] = zone
        return n_touched + 1
    return n_touched


@compiled
def _along_polygon(data, ring, row, bbox, g, s, n_nearby):  # type: ignore[no-untyped-def]
    """Add the stretches of the polygon's edges, zone by zone, and note where they cross the zones' edges."""
    # taken out of their tuples once: doing it at every vertex costs more than the rest
    left_of, right_of, m2 = g.left_zone, g.right_zone, s.m2
    edge, along, which = s.edge, s.along, s.which
    west, south = bbox[row, 0], bbox[row, 1]
    n_touched = n_crossings = 0
    for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
        if ring.vertices[k] == 0:
            continue
        coords, stride = vertices_of(data, ring, k), ring.strides[k]
        doubled = twice_area(coords, stride)
        # whichever way a ring turns in the file, a shell adds its ground and a hole takes it away
        sign = 0.5 if (doubled > 0) == ring.shell[k] else -0.5
        zone = locate(g, coords[0] - g.origin[0], coords[1] - g.origin[1])
        start_zone = zone
        n_touched = _touch(s, zone, n_touched)
        n, n_crossings = _crossings(coords, stride, west, south, g, s, n_nearby, sign > 0, n_crossings)
        if n < 0:
            return False, n_touched
        if n == 0:
            m2[zone] += sign * doubled
            continue
        _sort_ring(edge, along, which, n)
        # relative to the corner of the polygon's box, so that no digit is lost to large coordinates
        px, py = coords[0] - west, coords[1] - south
        stretch_sum, walked = 0.0, stride
        for a in range(n + 1):
            until = edge[a] if a < n else coords.size
            for i in range(walked, until, stride):
                qx, qy = coords[i] - west, coords[i + 1] - south
                stretch_sum += px * qy - qx * py
                px, py = qx, qy
            if a == n:
                break
            walked = until
            e = s.across[which[a]]
            exit_zone, entry_zone = left_of[e], right_of[e]
            if not s.leftward[which[a]]:
                exit_zone, entry_zone = entry_zone, exit_zone
            # the ring must leave the zone that it is in: else a crossing was missed
            if exit_zone != zone:
                return False, n_touched
            qx, qy = s.x[which[a]], s.y[which[a]]
            m2[zone] += sign * (stretch_sum + px * qy - qx * py)
            stretch_sum, px, py, zone = 0.0, qx, qy, entry_zone
            n_touched = _touch(s, zone, n_touched)
        m2[zone] += sign * stretch_sum
        if zone != start_zone:
            return False, n_touched
    return True, n_touched


# Nine parameters: the ends of the box and the way of the ring change with each ring, and a tuple of them
# made for each would cost its allocation. Complexity 20: the four tests that spare the division stand in
# the innermost loop, where a call would cost more than they do.
@compiled
def _crossings(coords, stride, west_end, south_end, g, s, n_nearby, forward, n_crossings):  # type: ignore[no-untyped-def]
    """Note where a ring crosses zone edges, from the corner of its polygon's box; -1: too close to say.

    A crossing has one position, used along the polygon and along the zone edge: where both lie nearly
    along each other it is badly known, and two positions for it would open the outline.

    The ring is walked by stretches short enough to have a box that few zone edges meet.
    """
    gx0, gy0, gx1, gy1, nearby = g.x0, g.y0, g.x1, g.y1, s.nearby
    edge, along, which = s.edge, s.along, s.which
    origin_x, origin_y = g.origin
    west_end, south_end = west_end - origin_x, south_end - origin_y
    n = 0
    for begin in range(0, coords.size - stride, _STRETCH * stride):
        end = min(begin + _STRETCH * stride, coords.size - stride)
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for i in range(begin, end + 1, stride):
            low_x, high_x = min(low_x, coords[i]), max(high_x, coords[i])
            low_y, high_y = min(low_y, coords[i + 1]), max(high_y, coords[i + 1])
        low_x, high_x = low_x - origin_x, high_x - origin_x
        low_y, high_y = low_y - origin_y, high_y - origin_y
        for t in range(n_nearby):
            e = nearby[t]
            x0, y0, x1, y1 = gx0[e], gy0[e], gx1[e], gy1[e]
            west, east, south, north = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
            if east < low_x or west > high_x or north < low_y or south > high_y:
                continue
            ux, uy = x1 - x0, y1 - y0
            ax, ay = coords[begin] - origin_x, coords[begin + 1] - origin_y
            a_side = ux * (ay - y0) - uy * (ax - x0)
            for i in range(begin + stride, end + 1, stride):
                px, py, p_side = ax, ay, a_side
                ax, ay = coords[i] - origin_x, coords[i + 1] - origin_y
                a_side = ux * (ay - y0) - uy * (ax - x0)
                # both ends of the polygon's edge on one side of the zone edge: no crossing
                if min(p_side, a_side) > _CLOSE_M2 or max(p_side, a_side) < -_CLOSE_M2:
                    continue
                if max(px, ax) < west or min(px, ax) > east or max(py, ay) < south or min(py, ay) > north:
                    continue
                dx, dy = ax - px, ay - py
                start, stop = dx * (y0 - py) - dy * (x0 - px), dx * (y1 - py) - dy * (x1 - px)
                # both ends of the zone edge on one side of the polygon's edge: no crossing either
                if min(start, stop) > _CLOSE_M2 or max(start, stop) < -_CLOSE_M2:
                    continue
                # an end that lies on the other edge, or nearly: GEOS tells
                if min(min(abs(p_side), abs(a_side)), min(abs(start), abs(stop))) < _CLOSE_M2:
                    return -1, n_crossings
                if n == _PER_RING or n_crossings == _CROSSINGS:
                    return -1, n_crossings
                share = p_side / (p_side - a_side)
                edge[n], along[n], which[n] = i, share, n_crossings
                n += 1
                s.x[n_crossings] = px - west_end + share * dx
                s.y[n_crossings] = py - south_end + share * dy
                s.across[n_crossings], s.leftward[n_crossings] = e, p_side > 0
                s.zone_share[n_crossings] = start / (start - stop)
                s.enters[n_crossings] = (start > 0) != forward
                # a linked list: the crossings of a zone edge hang from its chain, the last one first
                s.previous[n_crossings], s.chain[e] = s.chain[e], n_crossings
                n_crossings += 1
    return n, n_crossings


@compiled
def _sort_ring(edge, along, which, n):  # type: ignore[no-untyped-def]
    """Put crossings in the order in which the ring meets them; they come nearly so: by insertion."""
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


# Eight parameters: all of them are arrays and records that already exist; one more record around them
# would be a type to compile for one call.
@compiled
def _along_zones(data, ring, row, bbox, g, s, n_nearby, n_touched):  # type: ignore[no-untyped-def]
    """Add the stretches of the zones' edges that lie in the polygon."""
    west, south = bbox[row, 0] - g.origin[0], bbox[row, 1] - g.origin[1]
    previous_edge, ends_inside = -2, False
    for a in range(n_nearby):
        e = s.nearby[a]
        n = _crossings_of(s, e)
        if n < 0:
            return False, n_touched
        # whether the edge begins inside: its first crossing tells, else the edge before, else a ray
        if n:
            inside = not s.enters[s.which[0]]
        elif e == previous_edge + 1 and g.x1[previous_edge] == g.x0[e] and g.y1[previous_edge] == g.y0[e]:
            inside = ends_inside
        else:
            inside = _contains(data, ring, row, g.origin, g.x0[e], g.y0[e])
        px, py = g.x0[e] - west, g.y0[e] - south
        for b in range(n + 1):
            if b < n and s.enters[s.which[b]] == inside:
                return False, n_touched
            if b < n:
                qx, qy = s.x[s.which[b]], s.y[s.which[b]]
            else:
                qx, qy = g.x1[e] - west, g.y1[e] - south
            if inside:
                # the zone on the left has the stretch this way round, that on the right the other way
                half = 0.5 * (px * qy - qx * py)
                n_touched = _touch(s, g.left_zone[e], n_touched)
                n_touched = _touch(s, g.right_zone[e], n_touched)
                s.m2[g.left_zone[e]] += half
                s.m2[g.right_zone[e]] -= half
            px, py = qx, qy
            if b < n:
                inside = not inside
        previous_edge, ends_inside = e, inside
    return True, n_touched


@compiled
def _crossings_of(s, e):  # type: ignore[no-untyped-def]
    """List the crossings of a zone edge in order, in ``which``."""
    n = 0
    crossing = s.chain[e]
    while crossing >= 0:
        if n == _PER_RING:
            return -1
        s.along[n], s.which[n] = s.zone_share[crossing], crossing
        crossing = s.previous[crossing]
        n += 1
    _sort(s.along, s.which, n)
    return n


@compiled
def _contains(data, ring, row, origin, x, y):  # type: ignore[no-untyped-def]
    """Tell whether a polygon contains a point: a ray to the east crosses its edges an odd number of times.

    The side of the point is the product that tells a crossing: rounded otherwise, it could put the end
    of a zone edge that a polygon's edge grazes on the side where no crossing was noted.
    """
    inside = False
    for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
        if ring.vertices[k] == 0:
            continue
        coords, stride = vertices_of(data, ring, k), ring.strides[k]
        ax, ay = coords[0] - origin[0], coords[1] - origin[1]
        for i in range(stride, coords.size, stride):
            px, py = ax, ay
            ax, ay = coords[i] - origin[0], coords[i + 1] - origin[1]
            if (ay > y) != (py > y):
                side = (ax - px) * (y - py) - (ay - py) * (x - px)
                if (side > 0) == (ay > py):
                    inside = not inside
    return inside
