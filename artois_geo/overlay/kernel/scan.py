"""Well-known binary read in place: areas, boxes and drawings of polygons, no geometry made.

Every function works on one long buffer and the position of each polygon in it. All are
compiled (extra ``rapide``) and hold no lock, so that threads add up.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

_Function = Callable[..., Any]

# What was compiled holds the code of what it calls, in other files too: all of them are its source.
_SOURCE = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))


def compiled(function: _Function) -> _Function:
    """Compile a function once; later runs find it, without waking up the compiler, until a source changes."""
    dispatcher: Any = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    try:
        from numba.core.runtime import rtsys

        compiled_cache = dispatcher._cache
        load, guard_against_errors = (
            compiled_cache._load_overload,
            compiled_cache._guard_against_spurious_io_errors,
        )
        compiled_cache._cache_file._source_stamp = _SOURCE.hexdigest()
    except (ImportError, AttributeError):  # another version of numba, or none wanted: at its own pace
        return dispatcher

    def load_without_declaring(signature: object, context: object) -> object:
        # numba would first declare all that a function may call, scipy included, which only compiling needs
        rtsys.initialize(context)
        with guard_against_errors():
            return load(signature, context)

    compiled_cache.load_overload = load_without_declaring
    return dispatcher


# What a geometry turned out to be: a surface, something else that may hold one, or nothing.
SURFACE, OTHER, NOTHING = 0, 1, 2

# Odd multipliers that spread the bits of a key over all 64 of them.
_MIX = np.uint64(0xD6E8FEB86659FD93)
_GOLD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)


class Rings(NamedTuple):
    """Where each ring lies in the buffer."""

    first_ring: NDArray[np.int64]  # polygon -> its first ring; one more at the end
    starts: NDArray[np.int64]  # ring -> byte where its vertices begin
    vertices: NDArray[np.int64]  # ring -> how many
    strides: NDArray[np.int8]  # ring -> numbers per vertex: 2, 3 or 4
    shell: NDArray[np.bool_]  # ring -> a shell, or else a hole


@compiled
def _uint32(data, offset):  # type: ignore[no-untyped-def]
    low_half = np.int64(data[offset]) | np.int64(data[offset + 1]) << 8
    return low_half | np.int64(data[offset + 2]) << 16 | np.int64(data[offset + 3]) << 24


@compiled
def _header(data, offset, end):  # type: ignore[no-untyped-def]
    """Read the kind (3 polygon, 6 several, 0 anything else), the stride, and where the rest begins."""
    # only little-endian blobs (1) are read in place
    if offset + 5 > end or data[offset] != 1:
        return 0, 2, offset
    code = _uint32(data, offset + 1)
    body = offset + 5
    # heights and measures: the two high bits (EWKB), or thousands added to the kind (ISO)
    stride = 2 + (code >> 31 & 1) + (code >> 30 & 1)
    if code & 0x20000000:  # EWKB: the number of the CRS follows
        body += 4
    code &= 0x0FFFFFFF
    stride += 2 if code >= 3000 else 1 if code >= 1000 else 0
    code %= 1000
    return (code if code == 3 or code == 6 else 0), stride, body


# Nine and eight parameters, here and in `_locate_polygon`: the arrays are filled one by one, and a tuple
# of them would be another type to compile for the pass that only counts.
@compiled
def _locate_rings(data, offsets, lengths, state, first_ring, starts, vertices, strides, shell):  # type: ignore[no-untyped-def]
    """Count the rings (arrays of no length) or note them."""
    count = 0
    for row in range(offsets.size):
        first_ring[row] = count
        if offsets[row] < 0:
            state[row] = NOTHING
            continue
        end = min(offsets[row] + lengths[row], data.size)
        reached = _locate_polygon(data, offsets[row], end, count, starts, vertices, strides, shell)
        state[row] = OTHER if reached < 0 else SURFACE
        count = max(count, reached)
    first_ring[offsets.size] = count
    return count


@compiled
def _locate_polygon(data, offset, end, count, starts, vertices, strides, shell):  # type: ignore[no-untyped-def]
    """Count the rings with those of a polygon; -1 for anything else, of which no byte is trusted."""
    noting = starts.size > 0
    kind, stride, offset = _header(data, offset, end)
    parts = 1
    if kind == 0 or offset + 4 > end:
        return -1
    if kind == 6:
        parts = _uint32(data, offset)
        offset += 4
    for _ in range(parts):
        if kind == 6:
            part, stride, offset = _header(data, offset, end)
            if part != 3:
                return -1
        if offset + 4 > end:
            return -1
        rings = _uint32(data, offset)
        offset += 4
        for ring in range(rings):
            if offset + 4 > end:
                return -1
            n = _uint32(data, offset)
            offset += 4
            # a division: the product of a hostile count could overflow
            if n > (end - offset) // (8 * stride):
                return -1
            if noting and count < starts.size:
                starts[count], vertices[count], strides[count], shell[count] = offset, n, stride, ring == 0
            count += 1
            offset += 8 * stride * n
    return count


def rings(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[Rings, NDArray[np.int8]]:
    """Read the rings of the polygons that start at these positions (-1: no geometry), and what each row is.

    What cannot be read in place has no ring and is OTHER: another kind, another byte order, or a
    blob whose counts go past its end. GEOS says which.
    """
    first_rings, state = np.empty(len(starts) + 1, np.int64), np.empty(len(starts), np.int8)
    empty = np.empty(0, np.int64)
    no_arrays = empty, empty, empty.astype(np.int8), empty.astype(bool)
    count = _locate_rings(data, starts, lengths, state, first_rings, *no_arrays)
    ring_starts, vertices = np.empty(count + 1, np.int64), np.empty(count + 1, np.int64)
    strides, shell = np.empty(count + 1, np.int8), np.empty(count + 1, np.bool_)
    _locate_rings(data, starts, lengths, state, first_rings, ring_starts, vertices, strides, shell)
    return Rings(first_rings, ring_starts, vertices, strides, shell), state


@compiled
def vertices_of(data, ring, i):  # type: ignore[no-untyped-def]
    """Return the numbers of the vertices of a ring, as they lie in the buffer."""
    start = ring.starts[i]
    return data[start : start + 8 * ring.strides[i] * ring.vertices[i]].view(np.float64)


@compiled
def twice_area(coords, stride):  # type: ignore[no-untyped-def]
    """Compute twice the signed area of a ring: positive when it turns left."""
    # from its first vertex, so that no digit is lost to large coordinates
    x0, y0 = coords[0], coords[1]
    doubled = px = py = 0.0
    for i in range(stride, coords.size, stride):
        x, y = coords[i] - x0, coords[i + 1] - y0
        doubled += px * y - x * py
        px, py = x, y
    return doubled


@compiled
def _mixed(a):  # type: ignore[no-untyped-def]
    a ^= a >> _SHIFT
    a *= _MIX
    a ^= a >> _SHIFT
    a *= _MIX
    return a ^ (a >> _SHIFT)


@compiled
def vertex_hash(bits, i):  # type: ignore[no-untyped-def]
    """Hash a vertex: the 64 bits of x and the 64 bits of y, made one key of 64."""
    return _mixed(bits[i] * _GOLD + bits[i + 1])


@compiled
def edge_hash(a, b):  # type: ignore[no-untyped-def]
    """Return the hash of an edge from those of its ends: the same whichever end comes first."""
    return _mixed((a + b) ^ (a * b))


@compiled
def measure(data, ring, area, bbox):  # type: ignore[no-untyped-def]
    """Measure the area and the box of each polygon."""
    for row in range(area.size):
        total = 0.0
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
            if ring.vertices[k] == 0:
                continue
            coords, stride = vertices_of(data, ring, k), ring.strides[k]
            x0, y0 = coords[0], coords[1]
            doubled = px = py = 0.0
            for i in range(stride, coords.size, stride):
                x, y = coords[i], coords[i + 1]
                low_x, high_x = min(low_x, x), max(high_x, x)
                low_y, high_y = min(low_y, y), max(high_y, y)
                x -= x0
                y -= y0
                doubled += px * y - x * py
                px, py = x, y
            total += abs(doubled) / 2 if ring.shell[k] else -abs(doubled) / 2
        area[row] = total
        bbox[row, 0], bbox[row, 1], bbox[row, 2], bbox[row, 3] = low_x, low_y, high_x, high_y


@compiled
def draw(data, ring, drawing):  # type: ignore[no-untyped-def]
    """Hash the set of edges of each polygon.

    The same polygon has the same hash, wherever its rings start and whichever way they turn: that of
    an edge knows no direction, and a sum knows no order.
    """
    for row in range(drawing.size):
        edge_sum = np.uint64(0)
        for k in range(ring.first_ring[row], ring.first_ring[row + 1]):
            if ring.vertices[k] == 0:
                continue
            bits, stride = vertices_of(data, ring, k).view(np.uint64), ring.strides[k]
            previous = vertex_hash(bits, 0)
            for i in range(stride, bits.size, stride):
                vertex = vertex_hash(bits, i)
                if vertex != previous:
                    edge_sum += edge_hash(previous, vertex)
                previous = vertex
        drawing[row] = edge_sum
