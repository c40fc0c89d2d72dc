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

_MIX = np.uint64(0xD6E8FEB86659FD93)
_GOLD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)


class Rings(NamedTuple):
    """Where each ring lies in the buffer; ``first[row]`` is the first ring of a polygon."""

    first: NDArray[np.int64]
    at: NDArray[np.int64]
    vertices: NDArray[np.int64]
    wide: NDArray[np.int8]
    shell: NDArray[np.bool_]


@compiled
def _number(data, at):  # type: ignore[no-untyped-def]
    low = np.int64(data[at]) | np.int64(data[at + 1]) << 8
    return low | np.int64(data[at + 2]) << 16 | np.int64(data[at + 3]) << 24


@compiled
def _head(data, at, end):  # type: ignore[no-untyped-def]
    """Kind (3 polygon, 6 several, 0 anything else), numbers per vertex, position of what follows."""
    if at + 5 > end or data[at] != 1:
        return 0, 2, at
    code = _number(data, at + 1)
    after = at + 5
    wide = 2 + (code >> 31 & 1) + (code >> 30 & 1)
    if code & 0x20000000:
        after += 4
    code &= 0x0FFFFFFF
    wide += 2 if code >= 3000 else 1 if code >= 1000 else 0
    code %= 1000
    return (code if code == 3 or code == 6 else 0), wide, after


@compiled
def _walk(data, starts, lengths, state, first, at, vertices, wide, shell):  # type: ignore[no-untyped-def]
    """Count the rings (arrays of no length) or note them."""
    count = 0
    for row in range(starts.size):
        first[row] = count
        if starts[row] < 0:
            state[row] = NOTHING
            continue
        end = min(starts[row] + lengths[row], data.size)
        reached = _rings_of(data, starts[row], end, count, at, vertices, wide, shell)
        state[row] = OTHER if reached < 0 else SURFACE
        count = max(count, reached)
    first[starts.size] = count
    return count


@compiled
def _rings_of(data, place, end, count, at, vertices, wide, shell):  # type: ignore[no-untyped-def]
    """Rings counted once those of a polygon are; -1 for anything else, of which no byte is trusted."""
    noting = at.size > 0
    kind, numbers, place = _head(data, place, end)
    parts = 1
    if kind == 0 or place + 4 > end:
        return -1
    if kind == 6:
        parts = _number(data, place)
        place += 4
    for _ in range(parts):
        if kind == 6:
            part, numbers, place = _head(data, place, end)
            if part != 3:
                return -1
        if place + 4 > end:
            return -1
        rings = _number(data, place)
        place += 4
        for ring in range(rings):
            if place + 4 > end:
                return -1
            n = _number(data, place)
            place += 4
            if n > (end - place) // (8 * numbers):
                return -1
            if noting and count < at.size:
                at[count], vertices[count], wide[count], shell[count] = place, n, numbers, ring == 0
            count += 1
            place += 8 * numbers * n
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
    count = _walk(data, starts, lengths, state, first_rings, *no_arrays)
    ring_starts, vertices = np.empty(count + 1, np.int64), np.empty(count + 1, np.int64)
    strides, shell = np.empty(count + 1, np.int8), np.empty(count + 1, np.bool_)
    _walk(data, starts, lengths, state, first_rings, ring_starts, vertices, strides, shell)
    return Rings(first_rings, ring_starts, vertices, strides, shell), state


@compiled
def vertices_of(data, ring, i):  # type: ignore[no-untyped-def]
    """Numbers of the vertices of a ring, as they lie in the buffer."""
    at = ring.at[i]
    return data[at : at + 8 * ring.wide[i] * ring.vertices[i]].view(np.float64)


@compiled
def twice_area(c, wide):  # type: ignore[no-untyped-def]
    """Twice the signed area of a ring: positive when it turns left."""
    x0, y0 = c[0], c[1]
    twice = px = py = 0.0
    for i in range(wide, c.size, wide):
        x, y = c[i] - x0, c[i + 1] - y0
        twice += px * y - x * py
        px, py = x, y
    return twice


@compiled
def _mixed(a):  # type: ignore[no-untyped-def]
    a ^= a >> _SHIFT
    a *= _MIX
    a ^= a >> _SHIFT
    a *= _MIX
    return a ^ (a >> _SHIFT)


@compiled
def _vertex(bits, i):  # type: ignore[no-untyped-def]
    return _mixed(bits[i] * _GOLD + bits[i + 1])


@compiled
def _edge(a, b):  # type: ignore[no-untyped-def]
    """The same whichever end comes first."""
    return _mixed((a + b) ^ (a * b))


@compiled
def measure(data, ring, area, bbox):  # type: ignore[no-untyped-def]
    """Area and box of each polygon."""
    for row in range(area.size):
        total = 0.0
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for k in range(ring.first[row], ring.first[row + 1]):
            if ring.vertices[k] == 0:
                continue
            c, wide = vertices_of(data, ring, k), ring.wide[k]
            x0, y0 = c[0], c[1]
            twice = px = py = 0.0
            for i in range(wide, c.size, wide):
                x, y = c[i], c[i + 1]
                low_x, high_x = min(low_x, x), max(high_x, x)
                low_y, high_y = min(low_y, y), max(high_y, y)
                x -= x0
                y -= y0
                twice += px * y - x * py
                px, py = x, y
            total += abs(twice) / 2 if ring.shell[k] else -abs(twice) / 2
        area[row] = total
        bbox[row, 0], bbox[row, 1], bbox[row, 2], bbox[row, 3] = low_x, low_y, high_x, high_y


@compiled
def draw(data, ring, drawing):  # type: ignore[no-untyped-def]
    """Hash of the set of edges of each polygon.

    The same polygon has the same one, wherever its rings start and whichever way they turn.
    """
    for row in range(drawing.size):
        mark = np.uint64(0)
        for k in range(ring.first[row], ring.first[row + 1]):
            if ring.vertices[k] == 0:
                continue
            bits, wide = vertices_of(data, ring, k).view(np.uint64), ring.wide[k]
            before = _vertex(bits, 0)
            for i in range(wide, bits.size, wide):
                here = _vertex(bits, i)
                if here != before:
                    mark += _edge(before, here)
                before = here
        drawing[row] = mark
