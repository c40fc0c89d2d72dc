"""Coordinates taken out of a GeoJSON text before it is parsed: most of the bytes, and all alike.

What is left is a small text, read as strictly as ever; each list of coordinates stands in it as a mark that
no file can hold, since it is drawn at random. The lists are parsed many at a time, and become shapes without
one Python object per position staying. Whatever is out of the ordinary is for the slow reader: it alone
judges, so the findings are the same.
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

PIECE = 1 << 22
_ARRAY = re.compile(
    rb'(?<!\\)"coordinates"[ \t\n\r]*:[ \t\n\r]*(\[[-+0-9.eE, \t\n\r\[\]]*\])(?=[ \t\n\r]*[,}])'
)


Part = tuple[dict[str, Any], bytes]
Reader = Callable[[np.ndarray, np.ndarray, int, np.ndarray, np.ndarray], int]


class Unusual(Exception):
    """This file is for the slow reader."""


class Thinned:
    """A stream of bytes whose lists of coordinates are set apart, in ``held``, under their mark."""

    def __init__(self, stream: Any, *, largest: int) -> None:
        self._stream = stream
        self._largest = largest  # bytes of one feature
        self._rest = b""
        self._ended = False
        self._secret = secrets.token_hex(12)
        self._count = 0
        self.held: dict[str, bytes] = {}
        self.apart = 0  # bytes that the marks taken so far stand for, their own left out

    def read(self, _size: int) -> bytes:
        """The next piece, thinned; empty at the end."""
        while not self._ended:
            piece = self._stream.read(PIECE)
            self._ended = not piece
            text = self._rest + piece
            # no list of coordinates holds a brace: what ends with one is whole
            cut = len(text) if self._ended else text.rfind(b"}") + 1
            if len(text) - cut > self._largest:
                raise Unusual
            self._rest = text[cut:]
            thin = _ARRAY.sub(self._apart, text[:cut])
            if thin:
                return thin
        return b""

    def _apart(self, found: re.Match[bytes]) -> bytes:
        if len(found[1]) > self._largest:
            raise Unusual
        mark = f"{self._secret}{self._count}"
        self._count += 1
        self.held[mark] = found[1]
        return found[0][: found.start(1) - found.start()] + b'"' + mark.encode() + b'"'

    def taken(self, described: Any) -> Part | None:
        """A geometry as parsed from the thin text, and its coordinates; ``None`` for a null one."""
        if described is None:
            return None
        mark = described.get("coordinates") if isinstance(described, dict) else None
        if not isinstance(mark, str) or mark not in self.held:
            raise Unusual
        text = self.held.pop(mark)
        self.apart += len(text) - len(mark) - 2
        return described, text


def shapes_of(parts: list[Part | None], reader: Reader | None = None) -> tuple[np.ndarray, list[int]]:
    """Shapes of many geometries at once, and the rows that only the slow reader can judge.

    ``reader`` is that of ``positions``, where it is worth waking up.
    """
    shapes = np.empty(len(parts), dtype=object)
    by_kind: dict[str, list[int]] = {}
    for row, one in enumerate(parts):
        if one is not None:
            by_kind.setdefault(str(one[0].get("type")), []).append(row)
    slow: list[int] = []
    for kind, rows in by_kind.items():
        texts = [one[1] for one in (parts[row] for row in rows) if one is not None]
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
    """Polygons without an object per position; what the compiled reader is unsure of is parsed."""
    depth = _DEPTHS[kind]
    whole = b"".join(texts)
    most = len(whole) // len("[0,0]") + 1  # lists of one level
    numbers, closed = np.empty(2 * most), np.zeros((depth, most + 1), np.int64)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    count = reader(np.frombuffer(whole, np.uint8), ends, depth, numbers, closed)
    if count < 0:
        return _parsed(kind, texts)
    held, at = len(texts), []
    for level in range(1, depth):
        at.append(closed[level, : held + 1])
        held = int(at[-1][-1])
    points = numbers[:count].reshape(-1, 2)
    _require_rings(points, at[-1])
    return shapely.from_ragged_array(_TYPES[kind], points, tuple(reversed(at)))


_TYPES = {"Polygon": shapely.GeometryType.POLYGON, "MultiPolygon": shapely.GeometryType.MULTIPOLYGON}


@contextmanager
def without_collector() -> Iterator[None]:
    """So many small lists at once would have Python look for cycles again and again; they hold none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _polygons(polygons: list[Any]) -> np.ndarray:
    rings, starts = _flat(polygons)
    points, at = _rings(rings)
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (at, starts))


def _multipolygons(shapes: list[Any]) -> np.ndarray:
    polygons, firsts = _flat(shapes)
    rings, starts = _flat(polygons)
    points, at = _rings(rings)
    return shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, (at, starts, firsts))


def _lines(lines: list[Any]) -> np.ndarray:
    points, at = _positions(lines)
    if (np.diff(at) < 2).any():
        raise Unusual
    return shapely.from_ragged_array(shapely.GeometryType.LINESTRING, points, (at,))


def _points(points: list[Any]) -> np.ndarray:
    return shapely.points(_positions([points])[0])


def _rings(rings: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    points, at = _positions(rings)
    _require_rings(points, at)
    return points, at


def _require_rings(points: np.ndarray, at: np.ndarray) -> None:
    if (np.diff(at) < 4).any() or not np.array_equal(points[at[:-1]], points[at[1:] - 1]):
        raise Unusual


def _flat(lists: list[Any]) -> tuple[list[Any], np.ndarray]:
    """Parts of parts in one list, and where those of each begin; an empty one is out of the ordinary."""
    sizes = np.fromiter(map(len, lists), np.int64, len(lists))
    if not sizes.all():
        raise Unusual
    return list(chain.from_iterable(lists)), np.r_[0, np.cumsum(sizes)]


def _positions(lists: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Positions of two finite numbers, one under the other."""
    positions, at = _flat(lists)
    if set(map(len, positions)) != {2}:
        raise Unusual
    numbers = np.fromiter(chain.from_iterable(positions), np.float64, 2 * len(positions))
    if not np.isfinite(numbers).all():
        raise Unusual
    return numbers.reshape(-1, 2), at


_BUILDERS = {
    "Polygon": _polygons,
    "MultiPolygon": _multipolygons,
    "LineString": _lines,
    "Point": _points,
}
