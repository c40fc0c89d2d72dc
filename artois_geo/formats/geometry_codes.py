"""Shapes from WKB and WKT, curves included: GEOS reads nearly all of them, this module the others.

GEOS has no curves, and refuses a whole geometry for one ring that is not closed or has three
positions. What it refuses is read here into GeoJSON objects, which are mended as those of a
GeoJSON file are: arcs become segments, and what was done is said.
"""

import math
import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely

from artois_geo.errors import Malformed, why
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson.geometry_text import Repairs, shape_of

STEP = math.radians(2)  # of an arc per segment: a disc loses 0.02 % of its area
_FINE = STEP / 64  # what the true area is measured by
_DEEPEST = 32

Ring = list[list[float]]
_KINDS = {
    1: "POINT",
    2: "LINESTRING",
    3: "POLYGON",
    4: "MULTIPOINT",
    5: "MULTILINESTRING",
    6: "MULTIPOLYGON",
    7: "GEOMETRYCOLLECTION",
    8: "CIRCULARSTRING",
    9: "COMPOUNDCURVE",
    10: "CURVEPOLYGON",
    11: "MULTICURVE",
    12: "MULTISURFACE",
    13: "CURVE",
    14: "SURFACE",
    15: "POLYHEDRALSURFACE",
    16: "TIN",
    17: "TRIANGLE",
}
# of what the members of a geometry are made when they do not say it
_MEMBERS = {
    "MULTIPOINT": "POINT",
    "MULTILINESTRING": "LINESTRING",
    "MULTIPOLYGON": "POLYGON",
    "GEOMETRYCOLLECTION": "",
    "COMPOUNDCURVE": "LINESTRING",
    "CURVEPOLYGON": "LINESTRING",
    "MULTICURVE": "LINESTRING",
    "MULTISURFACE": "POLYGON",
}


@dataclass(frozen=True)
class Coded:
    """A shape, what was mended to build it, and its areas with true arcs and with segments."""

    shape: shapely.Geometry
    notes: Repairs
    curved: bool = False
    true_area: float = 0.0

    def findings(self, feature: int, *, metric: bool) -> list[Finding]:
        """List one row per thing mended; ``metric`` says that coordinates are metres."""
        rows = [Finding(feature, "geometry", rule, "réparation", "", message) for rule, message in self.notes]
        if self.curved:
            message = "chaque arc remplacé par des segments de 2° au plus"
            areas = (self.true_area, float(self.shape.area)) if metric and self.true_area else (None, None)
            if areas[0] is not None:
                message += f" : {_square_metres(areas[0])} avec les arcs, {_square_metres(areas[1])} dessinés"
            rows.append(Finding(feature, "geometry", "géométrie courbe", "réparation", "", message, *areas))
        return rows


def from_wkb(blob: bytes) -> Coded:
    """Read the shape of well-known binary (ISO, EWKB).

    Raises
    ------
    ValueError
        Cut short, no geometry, or a kind that a map does not draw (TIN…), in French.

    Examples
    --------
    >>> from_wkb(shapely.Point(2.8, 50.4).wkb).shape.wkt
    'POINT (2.8 50.4)'
    """
    try:
        shape = shapely.from_wkb(blob)
        if _is_drawn(shape):
            return Coded(shape, [])
    except (NotImplementedError, shapely.errors.ShapelyError):
        pass
    return _mended(lambda step: _Binary(blob, step).read())


def decode_shapes(
    cells: Iterable[Any], decode: Callable[[Any], Coded], *, metric: bool
) -> tuple[np.ndarray, list[Finding]]:
    """Decode the geometry of each row; a cell that cannot be read is null, and its finding says why.

    Parameters
    ----------
    cells
        One a row, ``None`` where there is no geometry.
    decode
        From a cell to its shape; raises ``ValueError``, ``TypeError`` or ``KeyError`` where it cannot.
    metric
        Whether coordinates are metres.

    Examples
    --------
    >>> shapes, findings = decode_shapes([b"?", None], from_wkb, metric=True)
    >>> shapes.tolist(), [finding.feature for finding in findings]
    ([None, None], [1])
    """
    codes = list(cells)
    shapes = np.empty(len(codes), dtype=object)
    findings: list[Finding] = []
    for row, code in enumerate(codes):
        if code is None:
            continue
        try:
            coded = decode(code)
        except (ValueError, TypeError, KeyError) as error:
            message = f"géométrie illisible : {why(error)}"
            findings.append(Finding(row + 1, "geometry", "structure", "erreur", "", message))
            continue
        shapes[row] = coded.shape
        findings += coded.findings(row + 1, metric=metric)
    return shapes, findings


def from_wkt(text: str) -> Coded:
    """Read the shape of well-known text.

    Raises
    ------
    ValueError
        No geometry, or a kind that a map does not draw, in French.

    Examples
    --------
    >>> half_disc = from_wkt("CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (0 0, 1 1, 2 0), (2 0, 0 0)))")
    >>> round(half_disc.shape.area, 2), half_disc.curved
    (1.57, True)
    """
    try:
        shape = shapely.from_wkt(text)
        if _is_drawn(shape):
            return Coded(shape, [])
    except (NotImplementedError, shapely.errors.ShapelyError):
        pass
    return _mended(lambda step: _Text(text, step).read())


def is_metric(crs: Any) -> bool:
    """Tell whether the coordinates of a system are metres.

    Examples
    --------
    >>> is_metric("EPSG:2154"), is_metric("EPSG:4326"), is_metric(None)
    (True, False, False)
    """
    if crs is None:
        return False
    system = pyproj.CRS.from_user_input(crs)
    return system.is_projected and all(axis.unit_name == "metre" for axis in system.axis_info)


def _square_metres(area: float | None) -> str:
    return f"{area or 0.0:,.1f} m²".replace(",", "\u202f").replace(".", ",")


def _is_drawn(shape: shapely.Geometry) -> bool:
    """Tell whether GEOS knows all the parts: it lets curves into a collection, and cannot use them."""
    if shape.geom_type != "GeometryCollection":
        return True
    return all(
        shapely.get_type_id(part) in range(7) or _is_collection(part) for part in shapely.get_parts(shape)
    )


def _is_collection(part: shapely.Geometry) -> bool:
    return part.geom_type == "GeometryCollection" and _is_drawn(part)


@dataclass
class _Read:
    """A GeoJSON object, and what reading it met."""

    described: dict[str, Any]
    arcs: int = 0
    has_altitude: bool = False


def _mended(read: Callable[[float], _Read]) -> Coded:
    """Build the shape of what GEOS refuses, and its area with arcs so fine that they are true."""
    coarse = read(STEP)
    shape, notes = shape_of(coarse.described)
    if coarse.has_altitude:
        notes.append(("altitude retirée", "altitude (Z) ou mesure (M) retirée en même temps"))
    if not coarse.arcs:
        return Coded(shape, notes)
    return Coded(shape, notes, curved=True, true_area=float(shape_of(read(_FINE).described)[0].area))


@dataclass
class _Source:
    """What the two codes share: from the kind and the members of a geometry to a GeoJSON object."""

    step: float
    arcs: int = field(default=0, init=False)
    has_altitude: bool = field(default=False, init=False)

    def object_of(self, kind: str, members: Any) -> dict[str, Any]:
        """Return the object of a geometry: positions, or objects of its members."""
        if kind == "GEOMETRYCOLLECTION":
            return {"type": "GeometryCollection", "geometries": members}
        inner = [member["coordinates"] if isinstance(member, dict) else member for member in members]
        if kind == "CIRCULARSTRING":
            return {"type": "LineString", "coordinates": self.arc(inner)}
        if kind == "COMPOUNDCURVE":
            return {"type": "LineString", "coordinates": _joined(inner)}
        names = {
            "POINT": "Point",
            "LINESTRING": "LineString",
            "POLYGON": "Polygon",
            "CURVEPOLYGON": "Polygon",
            "MULTIPOINT": "MultiPoint",
            "MULTILINESTRING": "MultiLineString",
            "MULTICURVE": "MultiLineString",
            "MULTIPOLYGON": "MultiPolygon",
            "MULTISURFACE": "MultiPolygon",
        }
        if kind not in names:
            raise Malformed(f"géométrie de type {kind} : ce type (3D) ne se dessine pas sur une carte")
        if kind == "POINT":
            inner = inner[0] if inner else []
        return {"type": names[kind], "coordinates": inner}

    def arc(self, points: Ring) -> Ring:
        """Return positions along arcs of three points each, the given ones among them."""
        if not points:
            return []
        if len(points) < 3 or len(points) % 2 == 0:
            raise Malformed(f"arc de {len(points)} positions : il en faut 3, 5, 7…")
        line = points[:1]
        for start in range(0, len(points) - 2, 2):
            self.arcs += 1
            line += _along(points[start], points[start + 1], points[start + 2], self.step)
        return line


def _along(start: list[float], middle: list[float], end: list[float], step: float) -> Ring:
    """Return the positions after the start of an arc, to its end; a straight one stays two segments."""
    (ax, ay), (bx, by), (cx, cy) = start, middle, end
    if start == end:  # a whole circle, the middle being opposite
        x, y = (ax + bx) / 2, (ay + by) / 2
    else:
        doubled = 2 * ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
        if abs(doubled) < 1e-12 * max((cx - ax) ** 2 + (cy - ay) ** 2, 1e-300):
            return [middle, end]
        b2, c2 = (bx - ax) ** 2 + (by - ay) ** 2, (cx - ax) ** 2 + (cy - ay) ** 2
        x = ax + (b2 * (cy - ay) - c2 * (by - ay)) / doubled
        y = ay + (c2 * (bx - ax) - b2 * (cx - ax)) / doubled
    radius = math.hypot(ax - x, ay - y)
    angles = [math.atan2(py - y, px - x) for px, py in (start, middle, end)]
    direction = (
        1 if start == end or (angles[1] - angles[0]) % math.tau < (angles[2] - angles[0]) % math.tau else -1
    )
    line: Ring = []
    for from_angle, to_angle, position in ((angles[0], angles[1], middle), (angles[1], angles[2], end)):
        sweep = direction * ((direction * (to_angle - from_angle)) % math.tau)
        pieces = max(1, math.ceil(abs(sweep) / step))
        inner = from_angle + sweep * np.arange(1, pieces) / pieces
        line += np.column_stack([x + radius * np.cos(inner), y + radius * np.sin(inner)]).tolist()
        line.append(position)
    return line


def _joined(curves: list[Ring]) -> Ring:
    """Join lines end to end, each position where two meet written once."""
    line: Ring = []
    for curve in curves:
        line += curve[1:] if line and curve and line[-1] == curve[0] else curve
    return line


class _Binary(_Source):
    """Well-known binary, ISO or EWKB."""

    def __init__(self, blob: bytes, step: float) -> None:
        super().__init__(step)
        self._blob, self._offset = blob, 0

    def read(self) -> _Read:
        return _Read(self._geometry(0), self.arcs, self.has_altitude)

    def _take(self, code: str) -> tuple[Any, ...]:
        size = struct.calcsize(code)
        if self._offset + size > len(self._blob):
            raise Malformed("octets manquants à la fin de la géométrie")
        self._offset += size
        return struct.unpack_from(code, self._blob, self._offset - size)

    def _geometry(self, depth: int) -> dict[str, Any]:
        """Read the geometry that begins here."""
        order = {0: ">", 1: "<"}.get(self._take("<B")[0])
        if order is None or depth > _DEEPEST:
            raise Malformed("ce ne sont pas les octets d'une géométrie (WKB)")
        (code,) = self._take(f"{order}I")
        if code & 0x20000000:
            self._take(f"{order}I")  # SRID
        flags, code = code >> 30, code & 0x1FFFFFFF
        kind = _KINDS.get(code % 1000, f"n° {code % 1000}")
        more = (flags & 1) + (flags >> 1) + {0: 0, 1: 1, 2: 1, 3: 2}.get(code // 1000, 0)
        self.has_altitude |= more > 0
        if kind == "POINT":
            point = self._points(order, 1, more)
            return self.object_of(kind, [position for position in point if not math.isnan(position[0])])
        (count,) = self._take(f"{order}I")
        if kind in ("LINESTRING", "CIRCULARSTRING"):
            return self.object_of(kind, self._points(order, count, more))
        if kind == "POLYGON":
            rings = []
            for _ in range(count):
                (length,) = self._take(f"{order}I")
                rings.append(self._points(order, length, more))
            return self.object_of(kind, rings)
        if kind not in _MEMBERS:
            return self.object_of(kind, [])
        if count > len(self._blob):
            raise Malformed("octets manquants à la fin de la géométrie")
        return self.object_of(kind, [self._geometry(depth + 1) for _ in range(count)])

    def _points(self, order: str, count: int, more: int) -> Ring:
        width = 2 + more
        if self._offset + 8 * width * count > len(self._blob):
            raise Malformed("octets manquants à la fin de la géométrie")
        numbers = np.frombuffer(self._blob, f"{order}f8", count * width, self._offset).reshape(count, width)
        self._offset += 8 * width * count
        return numbers[:, :2].tolist()


class _Text(_Source):
    """Well-known text."""

    def __init__(self, text: str, step: float) -> None:
        super().__init__(step)
        self._words = re.findall(r"[A-Za-z]+|[(),]|[^\s(),]+", text)
        self._offset = 0

    def read(self) -> _Read:
        described = self._geometry("", 0)
        if self._offset < len(self._words):
            raise Malformed(f"texte en trop après la géométrie : « {self._words[self._offset][:20]} »")
        return _Read(described, self.arcs, self.has_altitude)

    def _peek(self) -> str:
        return self._words[self._offset].upper() if self._offset < len(self._words) else ""

    def _expect(self, *marks: str) -> str:
        mark = self._peek()
        if mark not in marks:
            excerpt = f"« {mark[:20]} »" if mark else "la fin du texte"
            raise Malformed(f"ce n'est pas du WKT : {' ou '.join(marks)} attendu, trouvé {excerpt}")
        self._offset += 1
        return mark

    def _geometry(self, usual: str, depth: int) -> dict[str, Any]:
        """Read a geometry that names its kind, or is of the kind usual among its neighbours."""
        kind = self._peek()
        if kind in _KINDS.values():
            self._offset += 1
        elif usual and kind in ("(", "EMPTY"):
            kind = usual
        else:
            raise Malformed(f"ce n'est pas une géométrie (WKT) : « {kind[:20]} »")
        if depth > _DEEPEST:
            raise Malformed("géométrie trop imbriquée")
        if self._peek() in ("Z", "M", "ZM"):
            self._offset += 1
        if self._peek() == "EMPTY":
            self._offset += 1
            return self.object_of(kind, [])
        if kind in ("POINT", "LINESTRING", "CIRCULARSTRING"):
            return self.object_of(kind, self._points())
        if kind == "POLYGON":
            return self.object_of(kind, self._listed(self._points))
        if kind == "MULTIPOINT" and self._words[self._offset + 1 : self._offset + 2] != ["("]:
            return self.object_of(kind, self._points())
        return self.object_of(
            kind, self._listed(lambda: self._geometry(_MEMBERS.get(kind, "POLYGON"), depth + 1))
        )

    def _listed(self, read: Callable[[], Any]) -> list[Any]:
        self._expect("(")
        members = [read()]
        while self._expect(",", ")") == ",":
            members.append(read())
        return members

    def _points(self) -> Ring:
        return self._listed(self._position)

    def _position(self) -> list[float]:
        """Read the next position, in the plane."""
        numbers = []
        while self._peek() not in ("(", ")", ",", ""):
            word = self._words[self._offset]
            try:
                numbers.append(float(word))
            except ValueError as error:
                raise Malformed(f"coordonnée qui n'est pas un nombre : « {word[:20]} »") from error
            self._offset += 1
        if len(numbers) < 2:
            raise Malformed(f"position de {len(numbers)} nombre, il en faut 2 au moins")
        self.has_altitude |= len(numbers) > 2
        return numbers[:2]
