"""Flag the polygons that may cross or touch themselves: a quick test, compiled; GEOS decides on those.

Most polygons of a coverage have one ring and a simple outline, which `proven` proves in one walk.
The outline is cut into short runs of edges that all go forward along one direction: such a run
cannot meet itself. Two runs whose boxes are apart cannot meet. A run and the next one, on
either side of a line through the vertex they share, meet there only. The few that are left are
compared edge by edge.

What it cannot prove is no fault yet: `doubtful` then cuts every ring into chains that never turn
back along x nor along y, and compares those that share a strip of the plane.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.kernel.scan import compiled, vertices_of

_RUN = 16  # edges of a run, at most
_AHEAD = 6  # vertices to look ahead for the direction of a run
_MOST_RUNS = 512  # every box is compared with every other
_SLACK = 1e-9
_RAYS = 200_000_000  # edges to look at before leaving the question of holes to GEOS
_PER_STRIP = 16


class Runs(NamedTuple):
    """Room for the runs of one outline: where each begins (and the one before ends), and their boxes."""

    start: NDArray[np.int64]
    box: NDArray[np.float64]


class Room(NamedTuple):
    """Room to work in, for one polygon: its vertices, and the chains that they make.

    A chain is a run of edges that never turn back, neither along x nor along y: it cannot
    meet itself, and the box of any part of it is known from two vertices.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    start: NDArray[np.int64]  # chain -> its first vertex
    end: NDArray[np.int64]  # chain -> its last vertex
    following: NDArray[np.int64]  # chain -> the one that begins where it ends
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
def _runs_room():  # type: ignore[no-untyped-def]
    return Runs(np.empty(_MOST_RUNS + 1, np.int64), np.empty((_MOST_RUNS, 4)))


@compiled
def doubtful(data, ring, doubt):  # type: ignore[no-untyped-def]
    """Mark each polygon in which two edges meet elsewhere than at a common end, or a hole lies outside.

    A polygon without a mark is valid. One with a mark may still be: a hole that touches
    its shell at one point is.
    """
    room = _room(1024)
    members, stack = np.empty(1024, np.int32), np.empty((256, 4), np.int64)
    ring_starts = np.empty(16, np.int64)
    runs = _runs_room()
    for row in range(doubt.size):
        if proven(data, ring, row, runs):
            doubt[row] = False
            continue
        first_ring, end_ring = ring.first_ring[row], ring.first_ring[row + 1]
        needed_vertices = 0
        for k in range(first_ring, end_ring):
            needed_vertices += ring.vertices[k]
        if needed_vertices > room.x.size:
            room = _room(2 * needed_vertices)
        if end_ring - first_ring >= ring_starts.size:
            ring_starts = np.empty(2 * (end_ring - first_ring) + 2, np.int64)
        n, bad = _chains(data, ring, first_ring, end_ring, room, ring_starts)
        if not bad:
            n_strips = n // _PER_STRIP + 1
            needed = _strips(room, n, n_strips)
            if needed > members.size:
                members = np.empty(2 * needed, np.int32)
            bad = _meet_in_strip(room, n, n_strips, members, stack)
        if not bad and end_ring - first_ring > 1:
            edges = (end_ring - first_ring) * (ring_starts[end_ring - first_ring] - ring_starts[0])
            bad = edges > _RAYS or _misplaced(room, ring_starts, ring, first_ring, end_ring)
        doubt[row] = bad


# ---------------------------------------------------------------- the proof in one walk: runs


# Complexity 18: the boxes of all runs are compared here, and a call for each pair would cost more.
@compiled
def proven(data, ring, row, runs):  # type: ignore[no-untyped-def]
    """Tell whether a polygon of one ring, without repeated vertex, is proven not to meet itself."""
    k = ring.first_ring[row]
    if ring.first_ring[row + 1] != k + 1 or ring.vertices[k] < 4:
        return False
    coords, stride = vertices_of(data, ring, k), ring.strides[k]
    end = coords.size - stride
    if coords[0] != coords[end] or coords[1] != coords[end + 1]:
        return False
    n = _cut_into_runs(coords, stride, end, runs)
    if n < 2:
        return False
    start, box = runs.start, runs.box
    for a in range(n):
        following = a + 1 if a + 1 < n else 0
        if not _side_by_side(coords, stride, start[a], start[a + 1], start[following + 1]) and _runs_meet(
            coords, stride, end, runs, a, following
        ):
            return False
        west, south, east, north = box[a, 0], box[a, 1], box[a, 2], box[a, 3]
        for b in range(a + 2, n):
            if box[b, 0] > east or box[b, 2] < west or box[b, 1] > north or box[b, 3] < south:
                continue
            # the first run and the last one follow each other: compared above
            if (a > 0 or b < n - 1) and _runs_meet(coords, stride, end, runs, a, b):
                return False
    return True


@compiled
def _cut_into_runs(coords, stride, outline_end, runs):  # type: ignore[no-untyped-def]
    """Cut an outline into runs, and count them; 0 where one of them cannot be had."""
    n = i = 0
    while i < outline_end:
        if n == _MOST_RUNS:
            return 0
        x, y = coords[i], coords[i + 1]
        # the direction of the run: a few vertices ahead, or its first edge where that does not go forward
        ahead = min(i + _AHEAD * stride, outline_end)
        dx, dy = coords[ahead] - x, coords[ahead + 1] - y
        ex, ey = coords[i + stride] - x, coords[i + stride + 1] - y
        if not ex * dx + ey * dy > _SLACK * (abs(ex) + abs(ey)) * (abs(dx) + abs(dy)):
            dx, dy = ex, ey
        slack = _SLACK * (abs(dx) + abs(dy))
        west = east = x
        south = north = y
        end = min(i + _RUN * stride, outline_end)
        start = i
        while i < end:
            qx, qy = coords[i + stride], coords[i + stride + 1]
            ex, ey = qx - x, qy - y
            if not ex * dx + ey * dy > slack * (abs(ex) + abs(ey)):
                break
            x, y = qx, qy
            west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
            i += stride
        if i == start:
            return 0
        runs.start[n] = start
        runs.box[n, 0], runs.box[n, 1], runs.box[n, 2], runs.box[n, 3] = west, south, east, north
        n += 1
    runs.start[n] = outline_end
    return n


@compiled
def _side_by_side(coords, stride, begin, joint, end):  # type: ignore[no-untyped-def]
    """Tell whether a line through the vertex that two runs share has one on each side."""
    if joint > end:  # the last run, then the first one
        joint = 0
    x, y = coords[joint], coords[joint + 1]
    until = joint if joint else coords.size - stride
    # the line is square to the bisector of both runs
    ux, uy, vx, vy = x - coords[begin], y - coords[begin + 1], coords[end] - x, coords[end + 1] - y
    u, v = np.sqrt(ux * ux + uy * uy), np.sqrt(vx * vx + vy * vy)
    dx, dy = ux * v + vx * u, uy * v + vy * u
    slack = _SLACK * (abs(dx) + abs(dy))
    for i in range(begin, until, stride):
        px, py = x - coords[i], y - coords[i + 1]
        if not px * dx + py * dy > slack * (abs(px) + abs(py)):
            return False
    for i in range(joint + stride, end + stride, stride):
        px, py = coords[i] - x, coords[i + 1] - y
        if not px * dx + py * dy > slack * (abs(px) + abs(py)):
            return False
    return True


# Complexity 20: each test of two edges spares the next one, dearer than it.
@compiled
def _runs_meet(coords, stride, outline_end, runs, a, b):  # type: ignore[no-untyped-def]
    """Tell whether edges of two runs meet elsewhere than at a common vertex, or come too near to say."""
    box = runs.box
    for i in range(runs.start[a], runs.start[a + 1], stride):
        west, east = min(coords[i], coords[i + stride]), max(coords[i], coords[i + stride])
        south, north = min(coords[i + 1], coords[i + stride + 1]), max(coords[i + 1], coords[i + stride + 1])
        if box[b, 0] > east or box[b, 2] < west or box[b, 1] > north or box[b, 3] < south:
            continue
        for j in range(runs.start[b], runs.start[b + 1], stride):
            if min(coords[j], coords[j + stride]) > east or max(coords[j], coords[j + stride]) < west:
                continue
            if min(coords[j + 1], coords[j + stride + 1]) > north:
                continue
            if max(coords[j + 1], coords[j + stride + 1]) < south:
                continue
            # edges that follow each other share a vertex: they only must not turn back
            if i + stride == j or (j == 0 and i + stride == outline_end):
                if _spike_of_run(coords, i, j, stride):
                    return True
            elif j + stride == i or (i == 0 and j + stride == outline_end):
                if _spike_of_run(coords, j, i, stride):
                    return True
            elif _edges_of_runs_meet(coords, i, j, stride):
                return True
    return False


@compiled
def _spike_of_run(coords, i, j, stride):  # type: ignore[no-untyped-def]
    """Detect a spike: the edge that leaves vertex j goes back along the one before, that leaves i."""
    ux, uy = coords[i + stride] - coords[i], coords[i + stride + 1] - coords[i + 1]
    vx, vy = coords[j + stride] - coords[j], coords[j + stride + 1] - coords[j + 1]
    return not abs(ux * vy - uy * vx) > -_SLACK * (ux * vx + uy * vy)


@compiled
def _edges_of_runs_meet(coords, i, j, stride):  # type: ignore[no-untyped-def]
    """Tell whether the edges that leave vertices i and j meet, or come too near to say."""
    ax, ay = coords[i], coords[i + 1]
    ux, uy = coords[i + stride] - ax, coords[i + stride + 1] - ay
    cx, cy = coords[j] - ax, coords[j + 1] - ay
    dx, dy = coords[j + stride] - ax, coords[j + stride + 1] - ay
    vx, vy = dx - cx, dy - cy
    slack = _SLACK * (abs(ux) + abs(uy) + abs(vx) + abs(vy))
    c_side, d_side = ux * cy - uy * cx, ux * dy - uy * dx
    if (c_side > slack and d_side > slack) or (c_side < -slack and d_side < -slack):
        return False
    a_side, b_side = vy * cx - vx * cy, vx * (uy - cy) - vy * (ux - cx)
    return not ((a_side > slack and b_side > slack) or (a_side < -slack and b_side < -slack))


# ---------------------------------------------------------------- any polygon: chains


# Complexity 16: one walk of the vertices finds what is no ring, repeated vertices, spikes and chains.
@compiled
def _chains(data, ring, first_ring, end_ring, room, ring_starts):  # type: ignore[no-untyped-def]
    """Note the vertices of a polygon, relative to its first one, repeated ones dropped; and its chains."""
    x, y, begin, end = room.x, room.y, room.start, room.end
    following, way = room.following, room.way
    n = chains = 0
    x0 = y0 = 0.0
    for k in range(first_ring, end_ring):
        if ring.vertices[k] < 4:
            return chains, True
        coords, stride = vertices_of(data, ring, k), ring.strides[k]
        if k == first_ring:
            x0, y0 = coords[0], coords[1]
        if coords[0] != coords[coords.size - stride] or coords[1] != coords[coords.size - stride + 1]:
            return chains, True
        start, first_chain = n, chains
        ring_starts[k - first_ring] = n
        px, py = coords[0] - x0, coords[1] - y0
        x[n], y[n] = px, py
        begin[chains] = n
        east = north = 0
        for i in range(stride, coords.size, stride):
            qx, qy = coords[i] - x0, coords[i + 1] - y0
            if not (np.isfinite(qx) and np.isfinite(qy)):
                return chains, True
            right, up = int(qx > px) - int(qx < px), int(qy > py) - int(qy < py)
            if right == 0 and up == 0:
                continue
            # a step against the chain, along x or along y, ends it and begins the next one
            if right * east < 0 or up * north < 0:
                if _spike(x, y, n - 1, n, qx, qy):
                    return chains, True
                end[chains], following[chains], way[chains, 0], way[chains, 1] = n, chains + 1, east, north
                chains += 1
                begin[chains] = n
                east, north = right, up
            else:
                # signs of -1, 0 or 1 that do not oppose: the or keeps the one that is not 0
                east, north = east | right, north | up
            n += 1
            x[n], y[n] = qx, qy
            px, py = qx, qy
        if n - start < 3 or _spike(x, y, n - 1, n, x[start + 1], y[start + 1]):
            return chains, True
        end[chains], following[chains], way[chains, 0], way[chains, 1] = n, first_chain, east, north
        chains += 1
        n += 1
    ring_starts[end_ring - first_ring] = n
    return chains, False


@compiled
def _spike(x, y, i, j, qx, qy):  # type: ignore[no-untyped-def]
    """Detect a spike: the edge that leaves vertex j goes back along where the one before came from."""
    ux, uy, vx, vy = x[j] - x[i], y[j] - y[i], qx - x[j], qy - y[j]
    along = ux * vx + uy * vy
    return along < 0 and abs(ux * vy - uy * vx) <= -1e-9 * along


@compiled
def _strips(room, n, n_strips):  # type: ignore[no-untyped-def]
    """Measure each chain along the longer side (in strips) and the shorter, and count those of each strip.

    ``span`` gets the range of a chain, and ``bounds[s + 2]`` where the members of strip s end: shifted
    by one strip, so that filling the strips brings each bound where it belongs.
    """
    span, bounds = room.span, room.bounds
    west = south = np.inf
    east = north = -np.inf
    for i in range(n):
        ax, bx = room.x[room.start[i]], room.x[room.end[i]]
        ay, by = room.y[room.start[i]], room.y[room.end[i]]
        span[i, 0], span[i, 1], span[i, 2], span[i, 3] = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        west, east = min(west, span[i, 0]), max(east, span[i, 1])
        south, north = min(south, span[i, 2]), max(north, span[i, 3])
    long_side, origin = (0, west) if east - west >= north - south else (2, south)
    scale = n_strips / max(max(east - west, north - south), 1e-300) * (1 - 1e-12)
    for s in range(n_strips + 2):
        bounds[s] = 0
    total = 0
    for i in range(n):
        # how far along, in strips
        a, b = (span[i, long_side] - origin) * scale, (span[i, long_side + 1] - origin) * scale
        if long_side:
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
    """Fill the strips, which puts ``bounds`` right, then compare the chains that share one."""
    span, bounds = room.span, room.bounds
    for i in range(n):
        for s in range(int(span[i, 0]), int(span[i, 1]) + 1):
            members[bounds[s + 1]] = i
            bounds[s + 1] += 1
    for s in range(n_strips):
        for p in range(bounds[s] + 1, bounds[s + 1]):
            i = members[p]
            low_side, high_side, west, east = span[i, 2], span[i, 3], span[i, 0], span[i, 1]
            for q in range(bounds[s], p):
                j = members[q]
                if span[j, 2] > high_side or span[j, 3] < low_side or span[j, 0] > east or span[j, 1] < west:
                    continue
                if _part_ways(room, i, j) or _part_ways(room, j, i):
                    continue
                if _chains_meet(room, i, j, stack):
                    return True
    return False


@compiled
def _part_ways(room, i, j):  # type: ignore[no-untyped-def]
    """Tell whether chain j follows chain i and goes on the same way along x or y: they share one end only."""
    way = room.way
    return room.following[i] == j and (way[i, 0] * way[j, 0] >= 0 or way[i, 1] * way[j, 1] >= 0)


# Complexity 18: a recursion written as a loop over a stack of its own, which compiled code runs faster.
@compiled
def _chains_meet(room, i, j, stack):  # type: ignore[no-untyped-def]
    """Tell whether two chains meet elsewhere than at a common end: halved until only edges are left."""
    x, y = room.x, room.y
    stack[0, 0], stack[0, 1] = room.start[i], room.end[i]
    stack[0, 2], stack[0, 3] = room.start[j], room.end[j]
    depth = 1
    while depth > 0:
        depth -= 1
        # vertices a to b of one chain, c to d of the other: their ends give the box of each part
        a, b, c, d = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
        if min(x[a], x[b]) > max(x[c], x[d]) or max(x[a], x[b]) < min(x[c], x[d]):
            continue
        if min(y[a], y[b]) > max(y[c], y[d]) or max(y[a], y[b]) < min(y[c], y[d]):
            continue
        if b - a == 1 and d - c == 1:
            # an edge and the next one share a vertex: that they do not turn back is known
            follows = b == c or d == a
            closes = (b == room.end[i] and c == room.start[j] and room.following[i] == j) or (
                d == room.end[j] and a == room.start[i] and room.following[j] == i
            )
            if not follows and not closes and _edges_meet(x, y, a, c):
                return True
            continue
        # the longer part is halved: its second half goes on the stack, above the first
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
def _edges_meet(x, y, i, j):  # type: ignore[no-untyped-def]
    """Tell whether the edges that leave vertices i and j meet, or come too near to say."""
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
def _misplaced(room, ring_starts, ring, first_ring, end_ring):  # type: ignore[no-untyped-def]
    """Detect a hole that lies in one ring more than it should, or fewer; rings are known not to cross."""
    x, y = room.x, room.y
    for k in range(end_ring - first_ring):
        px, py = x[ring_starts[k]], y[ring_starts[k]]
        inside = False
        for m in range(end_ring - first_ring):
            if m == k:
                continue
            for i in range(ring_starts[m], ring_starts[m + 1] - 1):
                if (y[i] > py) != (y[i + 1] > py):
                    share = (py - y[i]) / (y[i + 1] - y[i])
                    if x[i] + share * (x[i + 1] - x[i]) > px:
                        inside = not inside
        if inside == ring.shell[first_ring + k]:
            return True
    return False
