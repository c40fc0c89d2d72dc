"""Edges of a coverage: neighbours walk a common edge in opposite directions, so that it cancels out.

What is left is the outline. To hold every edge of a large coverage would take gigabytes: a table of a
fixed size adds them up first, and only those whose slot did not come to zero are noted.
"""

import numpy as np

from artois_geo.overlay.kernel.scan import compiled, edge_hash, twice_area, vertex_hash, vertices_of

_TILE_M = 256.0
SLOTS = 1 << 22  # of a table: a power of two


@compiled
def walk(data, ring, table, edges):  # type: ignore[no-untyped-def]
    """Walk the edges of polygons, each with the interior on its left, and count those that are noted.

    Without room for them, they are added to a table in which an edge and its neighbour's twin
    cancel out: two polygons that share an edge run along it in opposite directions, and what is left
    in the table is the outline of the coverage. Else those whose slot did not cancel are noted.
    """
    tile_m, mask, count, noting = _TILE_M, table.size - 1, 0, len(edges) > 0
    for k in range(ring.first_ring[-1]):
        if ring.vertices[k] == 0:
            continue
        coords, stride = vertices_of(data, ring, k), ring.strides[k]
        ground_on_left = (twice_area(coords, stride) > 0) == ring.shell[k]
        bits = coords.view(np.uint64)
        previous = vertex_hash(bits, 0)
        for i in range(stride, coords.size, stride):
            vertex = vertex_hash(bits, i)
            if vertex != previous:
                edge = edge_hash(previous, vertex)
                slot = _slot(coords, stride, i, edge, tile_m) & mask
                if not noting:
                    # which end has the larger hash, and the side of the ground: opposite signs for twins
                    table[slot] += edge if (vertex > previous) == ground_on_left else -edge
                elif table[slot] != 0:
                    _note(edges, count, coords, stride, i, ground_on_left)
                    count += 1
            previous = vertex
    return count


@compiled
def _note(edges, count, coords, stride, i, ground_on_left):  # type: ignore[no-untyped-def]
    a, b = (i - stride, i) if ground_on_left else (i, i - stride)
    edges[count, 0], edges[count, 1] = coords[a], coords[a + 1]
    edges[count, 2], edges[count, 3] = coords[b], coords[b + 1]


# Eight parameters: the arrays that one walk of the vertices fills; two walks would read every vertex twice.
@compiled
def survey(data, ring, area, bbox, drawing, table, edges, owner):  # type: ignore[no-untyped-def]
    """Measure the area, box and drawing of each polygon as `scan` does, and its edges in the same walk.

    Without room for edges, they are added to the table; else those that the table does not
    cancel are noted, ground on their left, with the row that they come from. Returns how many they are.
    """
    tile_m, mask, count, noting = _TILE_M, table.size - 1, 0, owner.size > 0
    for row in range(area.size):
        total = 0.0
        for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
            if ring.vertices[k] > 0:
                half = abs(twice_area(vertices_of(data, ring, k), ring.strides[k])) / 2
                total += half if ring.shell[k] else -half
        edge_sum, has_ground = np.uint64(0), total > 0
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
            if ring.vertices[k] == 0:
                continue
            coords, stride = vertices_of(data, ring, k), ring.strides[k]
            ground_on_left = (twice_area(coords, stride) > 0) == ring.shell[k]
            bits = coords.view(np.uint64)
            previous = vertex_hash(bits, 0)
            for i in range(stride, coords.size, stride):
                low_x, high_x = min(low_x, coords[i]), max(high_x, coords[i])
                low_y, high_y = min(low_y, coords[i + 1]), max(high_y, coords[i + 1])
                vertex = vertex_hash(bits, i)
                if vertex != previous:
                    edge = edge_hash(previous, vertex)
                    edge_sum += edge
                    slot = _slot(coords, stride, i, edge, tile_m) & mask
                    if not noting:
                        if has_ground:
                            table[slot] += edge if (vertex > previous) == ground_on_left else -edge
                    elif table[slot] != 0:
                        _note(edges, count, coords, stride, i, ground_on_left)
                        owner[count] = row
                        count += 1
                previous = vertex
        area[row], drawing[row] = total, edge_sum
        bbox[row, 0], bbox[row, 1], bbox[row, 2], bbox[row, 3] = low_x, low_y, high_x, high_y
    return count


@compiled
def _slot(coords, stride, i, edge, tile_m):  # type: ignore[no-untyped-def]
    """Choose the slot of an edge: near edges have near slots, so that the part in use stays in the cache.

    The tile of its middle makes the high bits, six bits of its hash the low ones: 64 slots for a tile.
    """
    east = np.int64((coords[i] + coords[i - stride]) / (2 * tile_m))
    north = np.int64((coords[i + 1] + coords[i - stride + 1]) / (2 * tile_m))
    return ((east * 73856093) ^ (north * 19349663)) * 64 + np.int64(edge & np.uint64(63))


@compiled
def _end_hash(bits, row, a, b):  # type: ignore[no-untyped-def]
    key = bits[row, a] * np.uint64(0x9E3779B97F4A7C15) + bits[row, b] * np.uint64(0xD6E8FEB86659FD93)
    return np.int64((key ^ (key >> np.uint64(32))) >> np.uint64(8))


@compiled
def uncancelled(edges):  # type: ignore[no-untyped-def]
    """Return the edges left once those walked both ways are gone, in order; one walked twice stays twice."""
    slots = 16
    while slots < 2 * len(edges):
        slots *= 2
    # ``net``: how many times more an edge is walked its own way than the other
    table, net = np.full(slots, -1, np.int64), np.zeros(len(edges), np.int64)
    bits = edges.view(np.uint64)
    for i in range(len(edges)):
        # the sum of the hashes of the two ends is the same both ways
        slot = (_end_hash(bits, i, 0, 1) + _end_hash(bits, i, 2, 3)) & (slots - 1)
        while table[slot] >= 0:
            j = table[slot]
            if (bits[i] == bits[j]).all():
                net[j] += 1
                break
            if (
                bits[i, 0] == bits[j, 2]
                and bits[i, 1] == bits[j, 3]
                and bits[i, 2] == bits[j, 0]
                and bits[i, 3] == bits[j, 1]
            ):
                net[j] -= 1
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = i
            net[i] = 1
    remaining = np.empty((np.abs(net).sum(), 4))
    n = 0
    for i in range(len(edges)):
        for _ in range(abs(net[i])):
            remaining[n] = edges[i]
            if net[i] < 0:
                remaining[n, 0], remaining[n, 1], remaining[n, 2], remaining[n, 3] = (
                    edges[i, 2],
                    edges[i, 3],
                    edges[i, 0],
                    edges[i, 1],
                )
            n += 1
    return remaining


@compiled
def linked(edges):  # type: ignore[no-untyped-def]
    """Put edges ring after ring, and tell where each ring begins; no ring where a vertex belongs to two."""
    n = len(edges)
    nothing = np.empty(0, np.int64)
    slots = 16
    while slots < 2 * n:
        slots *= 2
    # a hash table of the vertices that edges leave
    table = np.full(slots, -1, np.int64)
    bits = edges.view(np.uint64)
    for i in range(n):
        slot = _end_hash(bits, i, 0, 1) & (slots - 1)
        while table[slot] >= 0:
            j = table[slot]
            if bits[i, 0] == bits[j, 0] and bits[i, 1] == bits[j, 1]:
                return nothing, nothing
            slot = (slot + 1) & (slots - 1)
        table[slot] = i
    order, ring_starts, visited = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.bool_)
    count = n_rings = 0
    for start in range(n):
        if visited[start]:
            continue
        ring_starts[n_rings] = count
        n_rings += 1
        i = start
        while not visited[i]:
            visited[i] = True
            order[count] = i
            count += 1
            # the edge that leaves the vertex where this one ends
            slot = _end_hash(bits, i, 2, 3) & (slots - 1)
            while True:
                j = table[slot]
                if j < 0:
                    return nothing, nothing
                if bits[i, 2] == bits[j, 0] and bits[i, 3] == bits[j, 1]:
                    break
                slot = (slot + 1) & (slots - 1)
            i = j
        if i != start:
            return nothing, nothing
    return order, ring_starts[:n_rings]
