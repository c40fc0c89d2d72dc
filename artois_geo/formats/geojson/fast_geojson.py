"""Fast reader of GeoJSON shapes: extract the coordinates as text, parse them in batches.

Coordinates are most of the bytes of a file. ``CoordinateExtractor`` replaces each list of them by a mark, a
random text that no file can contain; the short text that remains is parsed as strictly as any JSON.
``shapes_of`` then builds the shapes of many features at once, without keeping a Python object per position.

This reader decides nothing: whatever is out of the ordinary raises ``Unusual``, or is listed for the slow
reader (``geojson_reader``, ``geometry_text``), so that the findings are the same.
"""

import gc
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import orjson
import shapely

PIECE = 1 << 22  # bytes read at once
# a member « coordinates » with its list of numbers; not inside a text, where the quote is escaped
_ARRAY = re.compile(
    rb'(?<!\\)"coordinates"[ \t\n\r]*:[ \t\n\r]*(\[[-+0-9.eE, \t\n\r\[\]]*\])(?=[ \t\n\r]*[,}])'
)


#: A geometry parsed without its coordinates, and their text.
Part = tuple[dict[str, Any], bytes]
#: ``positions.numbers_in``: text, ends of the lists, depth, and two arrays that it fills.
Reader = Callable[[np.ndarray, np.ndarray, int, np.ndarray, np.ndarray], int]


class Unusual(Exception):
    """Signal that only the slow reader can judge this file."""


class CoordinateExtractor:
    """Read a GeoJSON stream without its lists of coordinates: ``coordinates`` keeps them by their mark."""

    def __init__(self, stream: Any, *, largest: int) -> None:
        self._stream = stream
        self._largest = largest  # bytes of one feature
        self._rest = b""
        self._ended = False
        self._secret = secrets.token_hex(12)
        self._count = 0
        self.coordinates: dict[str, bytes] = {}
        self.removed_bytes = 0  # length of the lists used so far, less that of their marks

    def read(self, _size: int) -> bytes:
        """Return the next piece, marks in place of coordinates; empty at the end."""
        while not self._ended:
            piece = self._stream.read(PIECE)
            self._ended = not piece
            text = self._rest + piece
            # no list of coordinates holds a brace: what ends with one is whole
            cut = len(text) if self._ended else text.rfind(b"}") + 1
            if len(text) - cut > self._largest:
                raise Unusual
            self._rest = text[cut:]
            short_text = _ARRAY.sub(self._mark_for, text[:cut])
            if short_text:
                return short_text
        return b""

    def _mark_for(self, match: re.Match[bytes]) -> bytes:
        if len(match[1]) > self._largest:
            raise Unusual
        mark = f"{self._secret}{self._count}"
        self._count += 1
        self.coordinates[mark] = match[1]
        return match[0][: match.start(1) - match.start()] + b'"' + mark.encode() + b'"'

    def part_of(self, described: Any) -> Part | None:
        """Return a geometry as parsed from the short text, and its coordinates; ``None`` for a null one."""
        if described is None:
            return None
        mark = described.get("coordinates") if isinstance(described, dict) else None
        if not isinstance(mark, str) or mark not in self.coordinates:
            raise Unusual
        text = self.coordinates.pop(mark)
        self.removed_bytes += len(text) - len(mark) - 2
        return described, text


def shapes_of(parts: list[Part | None], reader: Reader | None = None) -> tuple[np.ndarray, list[int]]:
    """Build the shapes of many geometries at once; list the rows that only the slow reader can judge.

    ``reader`` is the compiled one (``positions.numbers_in``), given for files large enough to load it for.
    """
    shapes = np.empty(len(parts), dtype=object)
    by_kind: dict[str, list[int]] = {}
    for row, part in enumerate(parts):
        if part is not None:
            by_kind.setdefault(str(part[0].get("type")), []).append(row)
    slow: list[int] = []
    for kind, rows in by_kind.items():
        texts = [part[1] for part in (parts[row] for row in rows) if part is not None]
        try:
            shapes[rows] = (
                _compiled(kind, texts, reader) if reader and kind in _DEPTHS else _parsed(kind, texts)
            )
        except (KeyError, TypeError, ValueError, Unusual, shapely.errors.GEOSException):
            slow += rows
    return shapes, sorted(slow)


def _parsed(kind: str, texts: list[bytes]) -> np.ndarray:
    if any(text.count(b"[") != text.count(b"]") for text in texts):
        raise Unusual
    nested = orjson.loads(b"[" + b",".join(texts) + b"]")
    if len(nested) != len(texts):
        raise Unusual
    return _BUILDERS[kind](nested)


_DEPTHS = {"Polygon": 3, "MultiPolygon": 4}


def _compiled(kind: str, texts: list[bytes], reader: Reader) -> np.ndarray:
    """Build polygons without an object per position; what the compiled reader is unsure of is parsed."""
    depth = _DEPTHS[kind]
    joined = b"".join(texts)
    longest = len(joined) // len("[0,0]") + 1  # lists of one level
    numbers, closed = np.empty(2 * longest), np.zeros((depth, longest + 1), np.int64)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    count = reader(np.frombuffer(joined, np.uint8), ends, depth, numbers, closed)
    if count < 0:
        return _parsed(kind, texts)
    list_count, offsets = len(texts), []
    for level in range(1, depth):
        offsets.append(closed[level, : list_count + 1])
        list_count = int(offsets[-1][-1])
    points = numbers[:count].reshape(-1, 2)
    _require_rings(points, offsets[-1])
    return shapely.from_ragged_array(_TYPES[kind], points, tuple(reversed(offsets)))


_TYPES = {"Polygon": shapely.GeometryType.POLYGON, "MultiPolygon": shapely.GeometryType.MULTIPOLYGON}


@contextmanager
def without_collector() -> Iterator[None]:
    """Stop the garbage collector while many small lists are parsed: they hold no cycles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _polygons(polygons: list[Any]) -> np.ndarray:
    rings, starts = _flat(polygons)
    points, offsets = _rings(rings)
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (offsets, starts))


def _multipolygons(shapes: list[Any]) -> np.ndarray:
    polygons, firsts = _flat(shapes)
    rings, starts = _flat(polygons)
    points, offsets = _rings(rings)
    return shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, (offsets, starts, firsts))


def _lines(lines: list[Any]) -> np.ndarray:
    points, offsets = _positions(lines)
    if (np.diff(offsets) < 2).any():
        raise Unusual
    return shapely.from_ragged_array(shapely.GeometryType.LINESTRING, points, (offsets,))


def _points(points: list[Any]) -> np.ndarray:
    return shapely.points(_positions([points])[0])


def _rings(rings: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    points, offsets = _positions(rings)
    _require_rings(points, offsets)
    return points, offsets


def _require_rings(points: np.ndarray, offsets: np.ndarray) -> None:
    if (np.diff(offsets) < 4).any() or not np.array_equal(points[offsets[:-1]], points[offsets[1:] - 1]):
        raise Unusual


def _flat(lists: list[Any]) -> tuple[list[Any], np.ndarray]:
    """Put parts of parts in one list, and tell where those of each begin; an empty one is unusual."""
    sizes = np.fromiter(map(len, lists), np.int64, len(lists))
    if not sizes.all():
        raise Unusual
    return list(chain.from_iterable(lists)), np.r_[0, np.cumsum(sizes)]


def _positions(lists: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Lay positions of two finite numbers, one under the other."""
    positions, offsets = _flat(lists)
    if set(map(len, positions)) != {2}:
        raise Unusual
    numbers = np.fromiter(chain.from_iterable(positions), np.float64, 2 * len(positions))
    if not np.isfinite(numbers).all():
        raise Unusual
    return numbers.reshape(-1, 2), offsets


_BUILDERS = {
    "Polygon": _polygons,
    "MultiPolygon": _multipolygons,
    "LineString": _lines,
    "Point": _points,
}
