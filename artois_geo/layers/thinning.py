"""Coordinates taken out of a GeoJSON text before it is parsed: most of the bytes, and all alike.

What is left is a small text, read as strictly as ever; each list of coordinates stands in it as a mark that
no file can hold, since it is drawn at random. The lists are parsed many at a time, and become shapes without
one Python object per position staying. Whatever is out of the ordinary is for the slow reader: it alone
judges, so the findings are the same.
"""

import gc
import re
import secrets
from collections.abc import Iterator
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
        return described, self.held.pop(mark)

    def whole(self, text: str) -> str:
        """The text of one feature as the file wrote it."""
        return re.sub(f'"{self._secret}\\d+"', lambda one: self.held.pop(one[0][1:-1]).decode(), text)


def shapes_of(parts: list[Part | None]) -> tuple[np.ndarray, list[int]]:
    """Shapes of many geometries at once, and the rows that only the slow reader can judge."""
    shapes = np.empty(len(parts), dtype=object)
    rows = [row for row, one in enumerate(parts) if one is not None]
    texts = [one[1] for one in parts if one is not None]
    kinds = [str(one[0].get("type")) for one in parts if one is not None]
    if not rows:
        return shapes, []
    balanced = all(text.count(b"[") == text.count(b"]") for text in texts)
    try:
        with _without_collector():
            nested = orjson.loads(b"[" + b",".join(texts) + b"]") if balanced else []
    except ValueError:
        return shapes, rows
    if len(nested) != len(rows):
        return shapes, rows
    slow: list[int] = []
    by_kind: dict[str, list[int]] = {}
    for place, kind in enumerate(kinds):
        by_kind.setdefault(kind, []).append(place)
    for kind, places in by_kind.items():
        mine = [rows[place] for place in places]
        try:
            shapes[mine] = _BUILDERS[kind]([nested[place] for place in places])
        except (KeyError, TypeError, ValueError, Unusual, shapely.errors.GEOSException):
            slow += mine
    return shapes, sorted(slow)


@contextmanager
def _without_collector() -> Iterator[None]:
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
    if (np.diff(at) < 4).any() or not np.array_equal(points[at[:-1]], points[at[1:] - 1]):
        raise Unusual
    return points, at


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
