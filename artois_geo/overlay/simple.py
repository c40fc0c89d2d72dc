"""A quick proof that the outline of a polygon does not meet itself; what it cannot prove is no fault yet.

The outline is cut into short runs of edges that all go forward along one direction: such a run
cannot meet itself. Two runs whose boxes are apart cannot meet. A run and the next one, on
either side of a line through the vertex they share, meet there only. The few that are left are
compared edge by edge.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artois_geo.overlay.scan import compiled, vertices_of

_RUN = 16  # edges of a run, at most
_AHEAD = 6  # vertices to look ahead for the direction of a run
_MOST_RUNS = 512  # every box is compared with every other
_SLACK = 1e-9


class Runs(NamedTuple):
    """Room for the runs of one outline: where each begins (and the one before ends), and their boxes."""

    first: NDArray[np.int64]
    box: NDArray[np.float64]


@compiled
def runs_room():  # type: ignore[no-untyped-def]
    return Runs(np.empty(_MOST_RUNS + 1, np.int64), np.empty((_MOST_RUNS, 4)))


@compiled
def proven(data, ring, row, runs):  # type: ignore[no-untyped-def]
    """Whether a polygon of one ring, without repeated vertex, certainly does not meet itself."""
    k = ring.first[row]
    if ring.first[row + 1] != k + 1 or ring.vertices[k] < 4:
        return False
    c, wide = vertices_of(data, ring, k), ring.wide[k]
    last = c.size - wide
    if c[0] != c[last] or c[1] != c[last + 1]:
        return False
    n = _cut(c, wide, last, runs)
    if n < 2:
        return False
    first, box = runs.first, runs.box
    for a in range(n):
        after = a + 1 if a + 1 < n else 0
        if not _side_by_side(c, wide, first[a], first[a + 1], first[after + 1]) and _edges_meet(
            c, wide, last, runs, a, after
        ):
            return False
        west, south, east, north = box[a, 0], box[a, 1], box[a, 2], box[a, 3]
        for b in range(a + 2, n):
            if box[b, 0] > east or box[b, 2] < west or box[b, 1] > north or box[b, 3] < south:
                continue
            if (a > 0 or b < n - 1) and _edges_meet(c, wide, last, runs, a, b):
                return False
    return True


@compiled
def _cut(c, wide, last, runs):  # type: ignore[no-untyped-def]
    """Runs of an outline; 0 where one of them cannot be had."""
    n = at = 0
    while at < last:
        if n == _MOST_RUNS:
            return 0
        x, y = c[at], c[at + 1]
        ahead = min(at + _AHEAD * wide, last)
        dx, dy = c[ahead] - x, c[ahead + 1] - y
        ex, ey = c[at + wide] - x, c[at + wide + 1] - y
        if not ex * dx + ey * dy > _SLACK * (abs(ex) + abs(ey)) * (abs(dx) + abs(dy)):
            dx, dy = ex, ey
        slack = _SLACK * (abs(dx) + abs(dy))
        west = east = x
        south = north = y
        end = min(at + _RUN * wide, last)
        begun = at
        while at < end:
            qx, qy = c[at + wide], c[at + wide + 1]
            ex, ey = qx - x, qy - y
            if not ex * dx + ey * dy > slack * (abs(ex) + abs(ey)):
                break
            x, y = qx, qy
            west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
            at += wide
        if at == begun:
            return 0
        runs.first[n] = begun
        runs.box[n, 0], runs.box[n, 1], runs.box[n, 2], runs.box[n, 3] = west, south, east, north
        n += 1
    runs.first[n] = last
    return n


@compiled
def _side_by_side(c, wide, begin, joint, end):  # type: ignore[no-untyped-def]
    """A line through the vertex that two runs share has one on each side."""
    if joint > end:  # the last run, then the first one
        joint = 0
    x, y = c[joint], c[joint + 1]
    until = joint if joint else c.size - wide
    ux, uy, vx, vy = x - c[begin], y - c[begin + 1], c[end] - x, c[end + 1] - y
    u, v = np.sqrt(ux * ux + uy * uy), np.sqrt(vx * vx + vy * vy)
    dx, dy = ux * v + vx * u, uy * v + vy * u
    slack = _SLACK * (abs(dx) + abs(dy))
    for i in range(begin, until, wide):
        px, py = x - c[i], y - c[i + 1]
        if not px * dx + py * dy > slack * (abs(px) + abs(py)):
            return False
    for i in range(joint + wide, end + wide, wide):
        px, py = c[i] - x, c[i + 1] - y
        if not px * dx + py * dy > slack * (abs(px) + abs(py)):
            return False
    return True


@compiled
def _edges_meet(c, wide, last, runs, a, b):  # type: ignore[no-untyped-def]
    """Whether edges of two runs meet elsewhere than at a vertex both have, or come too near to say."""
    box = runs.box
    for i in range(runs.first[a], runs.first[a + 1], wide):
        west, east = min(c[i], c[i + wide]), max(c[i], c[i + wide])
        south, north = min(c[i + 1], c[i + wide + 1]), max(c[i + 1], c[i + wide + 1])
        if box[b, 0] > east or box[b, 2] < west or box[b, 1] > north or box[b, 3] < south:
            continue
        for j in range(runs.first[b], runs.first[b + 1], wide):
            if min(c[j], c[j + wide]) > east or max(c[j], c[j + wide]) < west:
                continue
            if min(c[j + 1], c[j + wide + 1]) > north or max(c[j + 1], c[j + wide + 1]) < south:
                continue
            if i + wide == j or (j == 0 and i + wide == last):
                if _turns_back(c, i, j, wide):
                    return True
            elif j + wide == i or (i == 0 and j + wide == last):
                if _turns_back(c, j, i, wide):
                    return True
            elif _meet(c, i, j, wide):
                return True
    return False


@compiled
def _turns_back(c, i, j, wide):  # type: ignore[no-untyped-def]
    """A spike: the edge that leaves vertex j goes back along the one before, that leaves i."""
    ux, uy = c[i + wide] - c[i], c[i + wide + 1] - c[i + 1]
    vx, vy = c[j + wide] - c[j], c[j + wide + 1] - c[j + 1]
    return not abs(ux * vy - uy * vx) > -_SLACK * (ux * vx + uy * vy)


@compiled
def _meet(c, i, j, wide):  # type: ignore[no-untyped-def]
    """Whether the edges that leave vertices i and j meet, or come too near to say."""
    ax, ay = c[i], c[i + 1]
    ux, uy = c[i + wide] - ax, c[i + wide + 1] - ay
    cx, cy, dx, dy = c[j] - ax, c[j + 1] - ay, c[j + wide] - ax, c[j + wide + 1] - ay
    vx, vy = dx - cx, dy - cy
    slack = _SLACK * (abs(ux) + abs(uy) + abs(vx) + abs(vy))
    c_side, d_side = ux * cy - uy * cx, ux * dy - uy * dx
    if (c_side > slack and d_side > slack) or (c_side < -slack and d_side < -slack):
        return False
    a_side, b_side = vy * cx - vx * cy, vx * (uy - cy) - vy * (ux - cx)
    return not ((a_side > slack and b_side > slack) or (a_side < -slack and b_side < -slack))
