"""Which polygons might cross or touch themselves: a quick, compiled doubt that GEOS then settles."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.scan import compiled, vertices_of
from artois_geo.overlay.simple import proven, runs_room

_RAYS = 200_000_000  # edges to look at before leaving the question of holes to GEOS
_PER_STRIP = 16


class Room(NamedTuple):
    """Room to work in, for one polygon: its vertices, and the chains that they make.

    A chain is a run of edges that never turn back, neither along x nor along y: it cannot
    meet itself, and the box of any part of it is known from two vertices.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    first: NDArray[np.int64]  # chain -> its first vertex
    last: NDArray[np.int64]
    after: NDArray[np.int64]  # chain -> the one that begins where it ends
    way: NDArray[np.int8]  # chain -> sign of its steps along x and y
    span: NDArray[np.float64]
    bounds: NDArray[np.int32]


@compiled
def _room(vertices):  # type: ignore[no-untyped-def]
    return Room(
        np.empty(vertices),
        np.empty(vertices),
        np.empty(vertices, np.int64),
        np.empty(vertices, np.int64),
        np.empty(vertices, np.int64),
        np.empty((vertices, 2), np.int8),
        np.empty((vertices, 4)),
        np.empty(vertices + 2, np.int32),
    )


@compiled
def doubtful(data, ring, doubt):  # type: ignore[no-untyped-def]
    """Mark each polygon in which two edges meet elsewhere than at a common end, or a hole lies outside.

    A polygon without a mark is valid. One with a mark may still be: a hole that touches
    its shell at one point is.
    """
    room = _room(1024)
    members, stack = np.empty(1024, np.int32), np.empty((256, 4), np.int64)
    starts = np.empty(16, np.int64)
    runs = runs_room()
    for row in range(doubt.size):
        if proven(data, ring, row, runs):
            doubt[row] = False
            continue
        first, last = ring.first[row], ring.first[row + 1]
        wanted = 0
        for k in range(first, last):
            wanted += ring.vertices[k]
        if wanted > room.x.size:
            room = _room(2 * wanted)
        if last - first >= starts.size:
            starts = np.empty(2 * (last - first) + 2, np.int64)
        n, bad = _chains(data, ring, first, last, room, starts)
        if not bad:
            n_strips = n // _PER_STRIP + 1
            needed = _strips(room, n, n_strips)
            if needed > members.size:
                members = np.empty(2 * needed, np.int32)
            bad = _meet_in_strip(room, n, n_strips, members, stack)
        if not bad and last - first > 1:
            edges = (last - first) * (starts[last - first] - starts[0])
            bad = edges > _RAYS or _misplaced(room, starts, ring, first, last)
        doubt[row] = bad


@compiled
def _chains(data, ring, first, last, room, starts):  # type: ignore[no-untyped-def]
    """Vertices of a polygon relative to its first one, repeated ones dropped; and its chains."""
    x, y, begin, end, after, way = room.x, room.y, room.first, room.last, room.after, room.way
    n = chains = 0
    x0 = y0 = 0.0
    for k in range(first, last):
        if ring.vertices[k] < 4:
            return chains, True
        c, wide = vertices_of(data, ring, k), ring.wide[k]
        if k == first:
            x0, y0 = c[0], c[1]
        if c[0] != c[c.size - wide] or c[1] != c[c.size - wide + 1]:
            return chains, True
        start, chain = n, chains
        starts[k - first] = n
        px, py = c[0] - x0, c[1] - y0
        x[n], y[n] = px, py
        begin[chains] = n
        east = north = 0
        for i in range(wide, c.size, wide):
            qx, qy = c[i] - x0, c[i + 1] - y0
            if not (np.isfinite(qx) and np.isfinite(qy)):
                return chains, True
            right, up = int(qx > px) - int(qx < px), int(qy > py) - int(qy < py)
            if right == 0 and up == 0:
                continue
            if right * east < 0 or up * north < 0:
                if _turns_back(x, y, n - 1, n, qx, qy):
                    return chains, True
                end[chains], after[chains], way[chains, 0], way[chains, 1] = n, chains + 1, east, north
                chains += 1
                begin[chains] = n
                east, north = right, up
            else:
                east, north = east | right, north | up
            n += 1
            x[n], y[n] = qx, qy
            px, py = qx, qy
        if n - start < 3 or _turns_back(x, y, n - 1, n, x[start + 1], y[start + 1]):
            return chains, True
        end[chains], after[chains], way[chains, 0], way[chains, 1] = n, chain, east, north
        chains += 1
        n += 1
    starts[last - first] = n
    return chains, False


@compiled
def _turns_back(x, y, i, j, qx, qy):  # type: ignore[no-untyped-def]
    """A spike: the edge that leaves vertex j goes back along where the one before came from."""
    ux, uy, vx, vy = x[j] - x[i], y[j] - y[i], qx - x[j], qy - y[j]
    along = ux * vx + uy * vy
    return along < 0 and abs(ux * vy - uy * vx) <= -1e-9 * along


@compiled
def _strips(room, n, n_strips):  # type: ignore[no-untyped-def]
    """Range of each chain along the longer side (first) and the shorter, and the size of each strip."""
    span, bounds = room.span, room.bounds
    west = south = np.inf
    east = north = -np.inf
    for i in range(n):
        ax, bx = room.x[room.first[i]], room.x[room.last[i]]
        ay, by = room.y[room.first[i]], room.y[room.last[i]]
        span[i, 0], span[i, 1], span[i, 2], span[i, 3] = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        west, east = min(west, span[i, 0]), max(east, span[i, 1])
        south, north = min(south, span[i, 2]), max(north, span[i, 3])
    long, low = (0, west) if east - west >= north - south else (2, south)
    scale = n_strips / max(max(east - west, north - south), 1e-300) * (1 - 1e-12)
    for s in range(n_strips + 2):
        bounds[s] = 0
    total = 0
    for i in range(n):
        # how far along, in strips
        a, b = (span[i, long] - low) * scale, (span[i, long + 1] - low) * scale
        if long:
            span[i, 2], span[i, 3] = span[i, 0], span[i, 1]
        span[i, 0], span[i, 1] = a, b
        for s in range(int(a), int(b) + 1):
            bounds[s + 2] += 1
            total += 1
    for s in range(2, n_strips + 2):
        bounds[s] += bounds[s - 1]
    return total


@compiled
def _meet_in_strip(room, n, n_strips, members, stack):  # type: ignore[no-untyped-def]
    """Compare the chains that share a strip; ``bounds`` comes shifted by one, and leaves in place."""
    span, bounds = room.span, room.bounds
    for i in range(n):
        for s in range(int(span[i, 0]), int(span[i, 1]) + 1):
            members[bounds[s + 1]] = i
            bounds[s + 1] += 1
    for s in range(n_strips):
        for p in range(bounds[s] + 1, bounds[s + 1]):
            i = members[p]
            low, high, west, east = span[i, 2], span[i, 3], span[i, 0], span[i, 1]
            for q in range(bounds[s], p):
                j = members[q]
                if span[j, 2] > high or span[j, 3] < low or span[j, 0] > east or span[j, 1] < west:
                    continue
                if _part_ways(room, i, j) or _part_ways(room, j, i):
                    continue
                if _chains_meet(room, i, j, stack):
                    return True
    return False


@compiled
def _part_ways(room, i, j):  # type: ignore[no-untyped-def]
    """Chain j follows chain i and goes on the same way along x or y: they meet at their common end only."""
    way = room.way
    return room.after[i] == j and (way[i, 0] * way[j, 0] >= 0 or way[i, 1] * way[j, 1] >= 0)


@compiled
def _chains_meet(room, i, j, stack):  # type: ignore[no-untyped-def]
    """Whether two chains meet elsewhere than at a common end: halved until only edges are left."""
    x, y = room.x, room.y
    stack[0, 0], stack[0, 1] = room.first[i], room.last[i]
    stack[0, 2], stack[0, 3] = room.first[j], room.last[j]
    depth = 1
    while depth > 0:
        depth -= 1
        a, b, c, d = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
        if min(x[a], x[b]) > max(x[c], x[d]) or max(x[a], x[b]) < min(x[c], x[d]):
            continue
        if min(y[a], y[b]) > max(y[c], y[d]) or max(y[a], y[b]) < min(y[c], y[d]):
            continue
        if b - a == 1 and d - c == 1:
            # an edge and the next one share a vertex: that they do not turn back is known
            follows = b == c or d == a
            closes = (b == room.last[i] and c == room.first[j] and room.after[i] == j) or (
                d == room.last[j] and a == room.first[i] and room.after[j] == i
            )
            if not follows and not closes and _meet(x, y, a, c):
                return True
            continue
        if b - a >= d - c:
            middle = (a + b) // 2
            stack[depth + 1, 0], stack[depth + 1, 1] = middle, b
            stack[depth + 1, 2], stack[depth + 1, 3] = c, d
            stack[depth, 1] = middle
        else:
            middle = (c + d) // 2
            stack[depth + 1, 0], stack[depth + 1, 1] = a, b
            stack[depth + 1, 2], stack[depth + 1, 3] = middle, d
            stack[depth, 3] = middle
        depth += 2
    return False


@compiled
def _meet(x, y, i, j):  # type: ignore[no-untyped-def]
    """Whether the edges that leave vertices i and j meet, or come too near to say."""
    ax, ay, bx, by = x[i], y[i], x[i + 1], y[i + 1]
    cx, cy, dx, dy = x[j], y[j], x[j + 1], y[j + 1]
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    slack = 1e-9 * (abs(ux) + abs(uy) + abs(vx) + abs(vy))
    c_side, d_side = ux * (cy - ay) - uy * (cx - ax), ux * (dy - ay) - uy * (dx - ax)
    if (c_side > slack and d_side > slack) or (c_side < -slack and d_side < -slack):
        return False
    a_side, b_side = vx * (ay - cy) - vy * (ax - cx), vx * (by - cy) - vy * (bx - cx)
    return not ((a_side > slack and b_side > slack) or (a_side < -slack and b_side < -slack))


@compiled
def _misplaced(room, starts, ring, first, last):  # type: ignore[no-untyped-def]
    """A hole lies in one ring more than it should, or fewer; rings are known not to cross."""
    x, y = room.x, room.y
    for k in range(last - first):
        px, py = x[starts[k]], y[starts[k]]
        inside = False
        for other in range(last - first):
            if other == k:
                continue
            for i in range(starts[other], starts[other + 1] - 1):
                if (y[i] > py) != (y[i + 1] > py):
                    share = (py - y[i]) / (y[i + 1] - y[i])
                    if x[i] + share * (x[i + 1] - x[i]) > px:
                        inside = not inside
        if inside == ring.shell[first + k]:
            return True
    return False
