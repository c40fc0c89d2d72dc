"""Which polygons might cross or touch themselves: a quick, compiled doubt that GEOS then settles."""

import numpy as np

from artois_geo.overlay.scan import compiled, vertices_of

_RAYS = 200_000_000  # edges to look at before leaving the question of holes to GEOS
_PER_STRIP = 4


@compiled
def doubtful(data, ring, doubt):  # type: ignore[no-untyped-def]
    """Mark each polygon in which two edges meet elsewhere than at a common end, or a hole lies outside.

    A polygon without a mark is valid. One with a mark may still be: a hole that touches
    its shell at one point is.
    """
    room = 0
    edges, span = np.empty((0, 4)), np.empty((0, 4))
    before, owner = np.empty(0, np.int32), np.empty(0, np.int32)
    bounds, members = np.empty(0, np.int32), np.empty(0, np.int32)
    for row in range(doubt.size):
        first, last = ring.first[row], ring.first[row + 1]
        wanted = 0
        for k in range(first, last):
            wanted += ring.vertices[k]
        if wanted > room:
            room = 2 * wanted
            edges, span = np.empty((room, 4)), np.empty((room, 4))
            before, owner = np.empty(room, np.int32), np.empty(room, np.int32)
            bounds, members = np.empty(room + 2, np.int32), np.empty(4 * room, np.int32)
        n, bad = _edges(data, ring, first, last, edges, before, owner)
        if not bad:
            n_strips = max(1, n // _PER_STRIP)
            needed = _strips(edges, n, n_strips, span, bounds)
            if needed > members.size:
                members = np.empty(2 * needed, np.int32)
            bad = _meet_in_strip(edges, before, n, n_strips, span, bounds, members)
        if not bad and last - first > 1:
            bad = (last - first) * n > _RAYS or _misplaced(edges, owner, n, ring, first, last)
        doubt[row] = bad


@compiled
def _edges(data, ring, first, last, edges, before, owner):  # type: ignore[no-untyped-def]
    """Edges of a polygon, relative to its first vertex, repeated vertices dropped."""
    n = 0
    x0 = y0 = 0.0
    for k in range(first, last):
        if ring.vertices[k] < 4:
            return n, True
        c, wide = vertices_of(data, ring, k), ring.wide[k]
        if k == first:
            x0, y0 = c[0], c[1]
        if c[0] != c[c.size - wide] or c[1] != c[c.size - wide + 1]:
            return n, True
        start = n
        ax, ay = c[0] - x0, c[1] - y0
        for i in range(wide, c.size, wide):
            bx, by = c[i] - x0, c[i + 1] - y0
            if not (np.isfinite(bx) and np.isfinite(by)):
                return n, True
            if ax != bx or ay != by:
                edges[n, 0], edges[n, 1], edges[n, 2], edges[n, 3] = ax, ay, bx, by
                owner[n], before[n] = k - first, n - 1
                if n > start and _turns_back(edges, n - 1, n):
                    return n, True
                n += 1
            ax, ay = bx, by
        if n - start < 3 or _turns_back(edges, n - 1, start):
            return n, True
        before[start] = n - 1
    return n, False


@compiled
def _turns_back(edges, i, j):  # type: ignore[no-untyped-def]
    """A spike: the edge goes back along where the one before came from."""
    ux, uy, vx, vy = (
        edges[i, 2] - edges[i, 0],
        edges[i, 3] - edges[i, 1],
        edges[j, 2] - edges[j, 0],
        edges[j, 3] - edges[j, 1],
    )
    along = ux * vx + uy * vy
    return along < 0 and abs(ux * vy - uy * vx) <= -1e-9 * along


@compiled
def _strips(edges, n, n_strips, span, bounds):  # type: ignore[no-untyped-def]
    """Range of each edge along the longer side (first) and the shorter, and the size of each strip."""
    low = np.full(2, np.inf)
    high = np.full(2, -np.inf)
    for i in range(n):
        for axis in range(2):
            low[axis], high[axis] = min(low[axis], edges[i, axis]), max(high[axis], edges[i, axis])
    long = 0 if high[0] - low[0] >= high[1] - low[1] else 1
    scale = n_strips / max(high[long] - low[long], 1e-300) * (1 - 1e-12)
    for s in range(n_strips + 2):
        bounds[s] = 0
    total = 0
    for i in range(n):
        a, b = edges[i, long], edges[i, long + 2]
        c, d = edges[i, 1 - long], edges[i, 3 - long]
        # how far along, in strips
        span[i, 0], span[i, 1] = (min(a, b) - low[long]) * scale, (max(a, b) - low[long]) * scale
        span[i, 2], span[i, 3] = min(c, d), max(c, d)
        for s in range(int(span[i, 0]), int(span[i, 1]) + 1):
            bounds[s + 2] += 1
            total += 1
    for s in range(2, n_strips + 2):
        bounds[s] += bounds[s - 1]
    return total


@compiled
def _meet_in_strip(edges, before, n, n_strips, span, bounds, members):  # type: ignore[no-untyped-def]
    """Compare the edges that share a strip; ``bounds`` comes shifted by one, and leaves in place."""
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
                if before[i] != j and before[j] != i and _meet(edges, i, j):
                    return True
    return False


@compiled
def _meet(edges, i, j):  # type: ignore[no-untyped-def]
    ax, ay, bx, by = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
    cx, cy, dx, dy = edges[j, 0], edges[j, 1], edges[j, 2], edges[j, 3]
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    slack = 1e-9 * (abs(ux) + abs(uy) + abs(vx) + abs(vy))
    c_side, d_side = ux * (cy - ay) - uy * (cx - ax), ux * (dy - ay) - uy * (dx - ax)
    if (c_side > slack and d_side > slack) or (c_side < -slack and d_side < -slack):
        return False
    a_side, b_side = vx * (ay - cy) - vy * (ax - cx), vx * (by - cy) - vy * (bx - cx)
    return not ((a_side > slack and b_side > slack) or (a_side < -slack and b_side < -slack))


@compiled
def _misplaced(edges, owner, n, ring, first, last):  # type: ignore[no-untyped-def]
    """A hole lies in one ring more than it should, or fewer; rings are known not to cross."""
    starts = np.empty(last - first, np.int64)
    for i in range(n - 1, -1, -1):
        starts[owner[i]] = i
    for k in range(last - first):
        x, y = edges[starts[k], 0], edges[starts[k], 1]
        inside = False
        for i in range(n):
            if (edges[i, 1] > y) != (edges[i, 3] > y) and owner[i] != k:
                share = (y - edges[i, 1]) / (edges[i, 3] - edges[i, 1])
                if edges[i, 0] + share * (edges[i, 2] - edges[i, 0]) > x:
                    inside = not inside
        if inside == ring.shell[first + k]:
            return True
    return False
