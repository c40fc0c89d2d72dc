"""Shapes from GeoJSON coordinates and back, position by position: nothing is guessed, nothing dropped."""

import json
from typing import Any

import numpy as np
import orjson
import shapely

from artois_geo.errors import BadTable, Malformed

TYPES = frozenset(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"]
)
Repairs = list[tuple[str, str]]


def shape_of(described: Any) -> tuple[shapely.Geometry, Repairs]:
    """Build the shape that a GeoJSON geometry describes, and tell what had to be mended to build it.

    Only an unclosed ring and a fourth number are mended; anything else raises
    ``ValueError`` with a French reason.

    Examples
    --------
    >>> shape_of({"type": "Point", "coordinates": [2.8, 50.4]})[0].wkt
    'POINT (2.8 50.4)'
    """
    kind = described.get("type") if isinstance(described, dict) else None
    if kind not in TYPES:
        raise Malformed(f"type de géométrie inconnu : « {str(kind)[:40]} »")
    repairs: Repairs = []
    if kind == "GeometryCollection":
        parts = described["geometries"]
        if not isinstance(parts, list):
            raise Malformed("« geometries » n'est pas une liste")
        built = [shape_of(part) for part in parts]
        return shapely.GeometryCollection([shape for shape, _ in built]), [
            repair for _, part_repairs in built for repair in part_repairs
        ]
    if "coordinates" not in described:
        raise Malformed("membre « coordinates » absent")
    return _BUILDERS[kind](described["coordinates"], repairs), repairs


def _positions(points: Any, repairs: Repairs, *, at_least: int = 0) -> np.ndarray:
    """Check positions and return them as an array; repairs are added to ``repairs``."""
    if not isinstance(points, list):
        raise Malformed("coordonnées mal imbriquées")
    try:
        positions = np.array(points)
    except ValueError:
        positions = np.array([], dtype=object)
    if positions.ndim != 2 or positions.dtype.kind not in "if" or not 2 <= positions.shape[1] <= 4:
        if not points and at_least == 0:
            return np.empty((0, 2))
        positions = _one_by_one(points, repairs)
    positions = positions.astype(float)
    if not np.isfinite(positions).all():
        raise Malformed("coordonnée infinie (un nombre comme 1e999)")
    if positions.shape[1] == 4:
        if ("mesure retirée", _M) not in repairs:
            repairs.append(("mesure retirée", _M))
        positions = positions[:, :3]
    if len(positions) < at_least:
        raise Malformed(f"trop peu de points : {len(positions)}, il en faut {at_least}")
    return positions


_M = "quatrième nombre des positions (mesure M) retiré : le GeoJSON ne le connaît pas"


def _one_by_one(points: list[Any], repairs: Repairs) -> np.ndarray:
    """Find the position at fault; positions of different lengths keep what they share."""
    for position in points:
        if not isinstance(position, list):
            raise Malformed("coordonnées mal imbriquées")
        for number in position:
            if isinstance(number, list):
                raise Malformed("coordonnées mal imbriquées")
            if not isinstance(number, int | float) or isinstance(number, bool):
                raise Malformed(f"coordonnée qui n'est pas un nombre : {position}"[:120])
        if not 2 <= len(position) <= 4:
            raise Malformed(f"position de {len(position)} nombres, il en faut 2 ou 3")
    if not points:
        return np.empty((0, 2))
    shared = min(len(position) for position in points)
    if any(len(position) != shared for position in points):
        repairs.append(("altitude retirée", "altitude donnée à certains points seulement, retirée"))
    return np.array([position[:2] if shared == 2 else position[:shared] for position in points], dtype=float)


def _point(coordinates: Any, repairs: Repairs) -> shapely.Geometry:
    if coordinates == []:
        return shapely.Point()
    return shapely.points(_positions([coordinates], repairs)[0])


def _multipoint(coordinates: Any, repairs: Repairs) -> shapely.Geometry:
    points = _positions(coordinates, repairs)
    return shapely.multipoints(shapely.points(points)) if len(points) else shapely.MultiPoint()


def _line(coordinates: Any, repairs: Repairs) -> shapely.Geometry:
    if coordinates == []:
        return shapely.LineString()
    return shapely.linestrings(_positions(coordinates, repairs, at_least=2))


def _multiline(coordinates: Any, repairs: Repairs) -> shapely.Geometry:
    lines = [_line(part, repairs) for part in _listed(coordinates)]
    return shapely.multilinestrings(lines) if lines else shapely.MultiLineString()


def _polygon(coordinates: Any, repairs: Repairs) -> shapely.Geometry:
    rings = _listed(coordinates)
    if not rings:
        return shapely.Polygon()
    holes = [ring for ring in rings[1:] if not _is_flat(ring)]
    if len(holes) < len(rings) - 1:
        repairs.append(("trou nul", "trou de moins de quatre positions, sans surface : retiré"))
    return shapely.polygons(_ring(rings[0], repairs), [_ring(ring, repairs) for ring in holes] or None)


def _multipolygon(coordinates: Any, repairs: Repairs) -> shapely.Geometry:
    parts = _listed(coordinates)
    solid_parts = [part for part in parts if not (part and _is_flat(_listed(part)[0]))]
    if parts and not solid_parts:
        solid_parts = parts  # nothing but flat parts: the first one says why
    elif len(solid_parts) < len(parts):
        repairs.append(("partie nulle", "partie de moins de quatre positions, sans surface : retirée"))
    polygons = [_polygon(part, repairs) for part in solid_parts]
    return shapely.multipolygons(polygons) if polygons else shapely.MultiPolygon()


def _is_flat(ring: Any) -> bool:
    """Tell whether a ring of right positions has too few of them to hold any ground."""
    if not isinstance(ring, list) or len(ring) > 3:
        return False
    points = _positions(ring, [])
    return len(points) < 3 or np.array_equal(points[0], points[-1])


def _ring(points: Any, repairs: Repairs) -> shapely.Geometry:
    positions = _positions(points, repairs, at_least=3)
    if not np.array_equal(positions[0], positions[-1]):
        repairs.append(("anneau fermé", "anneau non fermé : première position ajoutée à la fin"))
        positions = np.vstack([positions, positions[:1]])
    if len(positions) < 4:
        raise Malformed(f"anneau de {len(positions)} positions, il en faut 4")
    return shapely.linearrings(positions)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed("coordonnées mal imbriquées")
    return value


_BUILDERS = {
    "Point": _point,
    "MultiPoint": _multipoint,
    "LineString": _line,
    "MultiLineString": _multiline,
    "Polygon": _polygon,
    "MultiPolygon": _multipolygon,
}


def coordinates_of(shape: shapely.Geometry | None, *, decimals: int = 7) -> dict[str, Any] | None:
    """Return the GeoJSON object of a shape: rings as RFC 7946 asks, coordinates rounded.

    Examples
    --------
    >>> coordinates_of(shapely.Point(2.123456789, 50))
    {'type': 'Point', 'coordinates': [2.1234568, 50.0]}
    """
    if shape is None:
        return None
    kind = "LineString" if shape.geom_type == "LinearRing" else shape.geom_type
    if kind == "GeometryCollection":
        parts = [coordinates_of(part, decimals=decimals) for part in shape.geoms]
        return {"type": kind, "geometries": parts}
    return {"type": kind, "coordinates": _nested(shape, kind, decimals)}


def texts_of(shapes: np.ndarray, *, decimals: int = 7) -> list[str]:
    """Write the GeoJSON text of each shape, ``null`` for none: ``coordinates_of`` many at once.

    Examples
    --------
    >>> texts_of(np.array([shapely.Point(2.123456789, 50), None]))
    ['{"type":"Point","coordinates":[2.1234568,50.0]}', 'null']
    """
    shapes = np.array(
        [shape if isinstance(shape, shapely.Geometry) else None for shape in shapes], dtype=object
    )
    flat = (
        np.isin(shapely.get_type_id(shapes), _POLYGONS) & ~shapely.has_z(shapes) & ~shapely.is_empty(shapes)
    )
    texts = [""] * len(shapes)
    for row in np.flatnonzero(~flat):
        try:
            texts[row] = _text(coordinates_of(shapes[row], decimals=decimals))
        except ValueError as error:
            raise _no_number(int(row)) from error
    rows = np.flatnonzero(flat)
    several = shapely.get_type_id(shapes[rows]) == _POLYGONS[1]
    polygons, owner = _parts(shapes[rows], several)
    rings, polygon = _oriented_rings(polygons)
    points = np.round(shapely.get_coordinates(rings), decimals) + 0.0
    counts = shapely.get_num_coordinates(rings)
    if (counts < SHORTEST).any():
        raise BadTable(_TOO_SHORT)
    ends = np.cumsum(counts)
    if not np.isfinite(points).all():
        wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
        raise _no_number(int(rows[owner[polygon[np.searchsorted(ends, wrong[0], side="right")]]]))
    ring_texts: list[list[str]] = [[] for _ in polygons]
    # all positions at once, "[[x,y],[x,y]…]", cut where the bracket of the last one of each ring closes
    bytes_of_points = orjson.dumps(points, option=orjson.OPT_SERIALIZE_NUMPY)
    closed = np.flatnonzero(np.frombuffer(bytes_of_points, np.uint8) == ord("]"))
    text, start = bytes_of_points.decode(), 1
    for owner_polygon, end in zip(polygon.tolist(), (closed[ends - 1] + 1).tolist(), strict=True):
        ring_texts[owner_polygon].append(f"[{text[start:end]}]")
        start = end + 1
    polygon_texts: list[list[str]] = [[] for _ in rows]
    for owner_row, rings_of_one in zip(owner.tolist(), ring_texts, strict=True):
        polygon_texts[owner_row].append(f"[{','.join(rings_of_one)}]")
    for shape_row, is_multi, parts in zip(rows.tolist(), several.tolist(), polygon_texts, strict=True):
        kind, nested = ("MultiPolygon", f"[{','.join(parts)}]") if is_multi else ("Polygon", parts[0])
        texts[shape_row] = f'{{"type":"{kind}","coordinates":{nested}}}'
    return texts


SHORTEST = 4  # positions of a ring, the first one repeated
_TOO_SHORT = (
    "Un polygone a un anneau de trois positions, sans surface : le réparer (layers.repair) avant d'écrire."
)
_POLYGONS = (3, 6)


def _parts(shapes: np.ndarray, several: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split shapes into polygons, and tell whose each is; a polygon is not copied."""
    counts = shapely.get_num_geometries(shapes)
    polygons = np.repeat(shapes, counts)
    polygons[np.repeat(several, counts)] = shapely.get_parts(shapes[several])
    return polygons, np.repeat(np.arange(len(shapes)), counts)


def _oriented_rings(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn rings as RFC 7946 asks, and tell whose each is; few are turned otherwise."""
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    shells = np.diff(polygon, prepend=-1) > 0
    wrong = np.flatnonzero(shapely.is_ccw(rings) != shells)
    turned = shapely.reverse(rings[wrong])
    # A ring without ground turns neither way: kept, or each save would reverse it.
    has_side = shapely.is_ccw(turned) == shells[wrong]
    rings[wrong[has_side]] = turned[has_side]
    return rings, polygon


def _no_number(row: int) -> BadTable:
    return BadTable(f"Géométrie {row} : un sommet n'est pas un nombre, le GeoJSON ne sait pas l'écrire.")


def _text(described: Any) -> str:
    return json.dumps(described, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _nested(shape: shapely.Geometry, kind: str, decimals: int) -> list[Any]:
    if kind == "Polygon":
        if shape.is_empty:
            return []
        oriented, _ = _oriented_rings(np.array([shape], dtype=object))
        rings = [_rounded(ring, decimals) for ring in oriented]
        if min(map(len, rings)) < SHORTEST:
            raise BadTable(_TOO_SHORT)
        return rings
    if kind.startswith("Multi"):
        single = kind.removeprefix("Multi")
        parts = [
            part for part in shape.geoms if single != "Point" or not part.is_empty
        ]  # no position, no point
        return [_nested(part, single, decimals) for part in parts]
    points = _rounded(shape, decimals)
    if kind == "Point":
        return points[0] if points else []
    return points


def _rounded(shape: shapely.Geometry, decimals: int) -> list[Any]:
    points = shapely.get_coordinates(shape, include_z=shape.has_z)
    return (np.round(points, decimals) + 0.0).tolist()  # + 0.0: no minus zero
