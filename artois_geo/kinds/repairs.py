"""Repair what has one answer, with areas before and after; leave the rest to a person."""

from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure, threads
from artois_geo.errors import BadValue
from artois_geo.formats.findings import Finding
from artois_geo.kinds.schema import Schema, read_kind
from artois_geo.suffixes import FilePath
from artois_geo.text import counted, number

AGREE_M2 = 1.0
FLAG_SHARE = 0.001
MANY = 20
BATCH = 20_000
_POLYGONS = {"Polygon", "MultiPolygon"}
REPORT = ["feature", "rule", "before_m2", "after_m2", "flagged", "message"]


def repair(
    features: gpd.GeoDataFrame,
    kind: FilePath | None = None,
    *,
    max_overlap_m2: float = 0.0,
    max_gap_m2: float = 0.0,
    min_piece_m2: float = 0.0,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Repair a layer and report every change.

    Invalid shapes are settled by ``make_valid`` (``structure``, nothing collapsed
    kept), accepted when three methods agree within 1 m² or when the cause is one
    whose answer is known; altitudes, repeated points and copies of a whole feature
    go. Overlaps, gaps and slivers are a planner's decision: they are settled only
    below the sizes given.

    Parameters
    ----------
    features
        EPSG:2154.
    kind
        Tells which shapes are allowed; without one any is.
    max_overlap_m2
        Ground that two polygons share is left to the first when it is no larger.
    max_gap_m2
        A hole between polygons no larger goes to the neighbour with the longest
        common edge.
    min_piece_m2
        Polygons smaller than this, or parts of one, are dropped.

    Returns
    -------
    tuple
        The layer, same index (copies and dropped slivers excepted), and the
        report: ``feature`` (number from 1, null for the layer), ``rule``,
        ``before_m2``, ``after_m2``, ``flagged`` (area changed by more than 0.1 %),
        ``message``.

    Raises
    ------
    BadCRS
        Not in EPSG:2154.
    BadValue
        A negative size.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from artois_geo.kinds import repair
    >>> tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    >>> features = gpd.GeoDataFrame(geometry=[tie], crs=2154)
    >>> mended, report = repair(features)
    >>> mended.area.tolist(), report["rule"].tolist(), report["flagged"].tolist()
    ([5000.0], ['géométrie réparée'], [True])
    """
    measure.require_lambert93(features=features)
    if min(max_overlap_m2, max_gap_m2, min_piece_m2) < 0:
        raise BadValue("Les tailles de réparation sont des surfaces en m², positives ou nulles.")
    schema = read_kind(kind) if kind else None
    shapes, findings = mend(features.geometry.to_numpy().copy(), schema)
    keep = np.ones(len(shapes), dtype=bool)
    for row in copies(features, shapes):
        keep[row] = False
        area = float(shapely.area(shapes[row])) if shapes[row] is not None else 0.0
        findings.append(
            Finding(int(row) + 1, "", "objet en double", "réparation", "", "copie exacte retirée", area, 0.0)
        )
    if min_piece_m2:
        findings += _drop_pieces(shapes, keep, min_piece_m2)
    if max_overlap_m2:
        findings += _cut_overlaps(shapes, keep, max_overlap_m2)
    if max_gap_m2:
        findings += _fill_gaps(shapes, keep, max_gap_m2)
    mended = features.set_geometry(gpd.GeoSeries(shapes, index=features.index, crs=features.crs)).loc[keep]
    mended.attrs = dict(features.attrs)
    return mended, report(findings)


def report(findings: list[Finding]) -> pd.DataFrame:
    """Return repairs as a table, areas in m²."""
    rows = [
        (
            finding.feature,
            finding.rule,
            finding.before_m2,
            finding.after_m2,
            flagged(finding),
            finding.message,
        )
        for finding in findings
        if finding.level in {"réparation", "erreur"}
    ]
    return pd.DataFrame(rows, columns=REPORT).astype({"feature": "Int64", "flagged": bool})


def flagged(finding: Finding) -> bool:
    """Tell whether a repair changed an area by more than 0.1 %."""
    if finding.before_m2 is None or finding.after_m2 is None:
        return False
    return abs(finding.after_m2 - finding.before_m2) > FLAG_SHARE * max(abs(finding.before_m2), 1e-9)


def mend(shapes: np.ndarray, schema: Schema | None) -> tuple[np.ndarray, list[Finding]]:
    """Repair what has one answer in shapes in EPSG:2154; give one row per repair."""
    shapes, findings, _ = mend_and_check(shapes, schema)
    return shapes, findings


def mend_and_check(shapes: np.ndarray, schema: Schema | None) -> tuple[np.ndarray, list[Finding], np.ndarray]:
    """Repair in the same way, and tell which shapes are valid in the end: finding out twice is slow."""
    findings: list[Finding] = []
    drawn_rows = ~shapely.is_missing(shapes)
    with_altitude = drawn_rows & shapely.has_z(shapes)
    if with_altitude.any():
        shapes = shapely.force_2d(shapes)
        findings += _many(
            with_altitude, "altitude retirée", "altitude (Z) retirée : les surfaces se mesurent à plat"
        )
    for row in np.flatnonzero(shapely.get_type_id(shapes) == 7):
        single = _split(shapes[row], schema)
        if single is not None:
            findings.append(
                _row(row, "collection séparée", shapes[row], single, "collection ramenée à un seul type")
            )
            shapes[row] = single
    shapes, repeated = _without_repeats(shapes)
    findings += _many(repeated, "points répétés", "points répétés retirés")
    valid = threads.by_batch(shapely.is_valid, shapes)
    invalid = np.flatnonzero(drawn_rows & ~valid)
    for row, (new, message) in zip(invalid, threads.results(settle, shapes[invalid]), strict=True):
        if new is None:
            kind = str(shapes[row].geom_type)
            findings.append(
                Finding(int(row) + 1, "geometry", "réparation impossible", "erreur", kind, message)
            )
            continue
        findings.append(_row(row, "géométrie réparée", shapes[row], new, message))
        shapes[row] = new
        valid[row] = new.is_valid
    return shapes, findings, valid


def settle(shape: shapely.Geometry) -> tuple[shapely.Geometry | None, str]:
    """Find the one valid shape that an invalid polygon stands for, or ``None`` and why there is none.

    Examples
    --------
    >>> twice = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9), (0, 0), (9, 0), (9, 9), (0, 9)])
    >>> settle(twice)[0].area
    81.0
    """
    if shape.geom_type not in _POLYGONS:
        if shape.length == 0:
            return None, "ligne de longueur nulle : tous ses points sont au même endroit"
        new = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        same = new.geom_type == shape.geom_type and not new.is_empty
        return (new, "ligne ou point remis en forme") if same else (None, "aucune réparation sûre")
    if _hole_outside(shape):
        return (
            None,
            "un trou est hors du contour : trou, ou autre parcelle ? À demander au producteur",
        )
    new = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    new = _polygonal(new)
    if new is None or new.is_empty:
        return None, "il ne resterait rien après réparation"
    if not new.is_valid:  # "structure" may leave two parts that share an edge
        new = shapely.union_all(shapely.get_parts(new))
        if not new.is_valid or new.geom_type not in _POLYGONS:
            return None, "aucune réparation ne donne un contour valide"
    areas = [new.area, _area(shapely.make_valid(shape)), shape.buffer(0).area]
    if max(areas) - min(areas) <= AGREE_M2:
        return new, "trois méthodes donnent la même surface"
    cause = _known_cause(shape, areas)
    if cause:
        return new, cause
    surfaces = " ; ".join(map(number, areas))
    return None, f"les méthodes de réparation ne s'accordent pas ({surfaces} m²) : à redessiner"


def _known_cause(shape: shapely.Geometry, areas: list[float]) -> str:
    """Name the cause, if ``structure`` was shown right on it (bow-tie, holes or parts that overlap)."""
    parts = [shape] if shape.geom_type == "Polygon" else list(shape.geoms)
    rings = [shapely.Polygon(ring) for part in parts for ring in (part.exterior, *part.interiors)]
    if shapely.is_valid(rings).all():
        return _overlap_cause(parts)
    if abs(areas[0] - areas[1]) <= AGREE_M2 and all(not part.interiors for part in parts):
        return "contour croisé (nœud papillon) : ses deux côtés gardés"
    return ""


def _overlap_cause(parts: list[shapely.Polygon]) -> str:
    """Name what overlaps in polygons whose rings are all valid."""
    broken = [part for part in parts if not part.is_valid]
    if len(parts) > 1 and not broken:
        return "parties qui se chevauchent, comptées une fois"
    if len(parts) == 1:
        return "trous qui se chevauchent ou longent le bord, ôtés une fois"
    if all(settle(part)[0] is not None for part in broken):
        return "parties et trous qui se chevauchent, comptés une fois"
    return ""


def _hole_outside(shape: shapely.Geometry) -> bool:
    parts = [shape] if shape.geom_type == "Polygon" else list(shape.geoms)
    for part in parts:
        if not part.interiors:
            continue
        shell = shapely.make_valid(shapely.Polygon(part.exterior), method="structure", keep_collapsed=False)
        for ring in part.interiors:
            hole = shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False)
            if shapely.difference(hole, shell).area > AGREE_M2:
                return True
    return False


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry | None:
    if shape.geom_type in _POLYGONS:
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in _POLYGONS]
    return shapely.union_all(parts) if parts else None


def _area(shape: shapely.Geometry) -> float:
    return float(sum(part.area for part in shapely.get_parts(shape)))


def _split(shape: shapely.Geometry, schema: Schema | None) -> shapely.Geometry | None:
    """Turn a collection whose parts all have one dimension into one multi-geometry."""
    if schema is None or "GeometryCollection" in schema.geometry:
        return None
    parts = shapely.get_parts(shapely.get_parts(shape))
    dimensions = set(shapely.get_dimensions(parts).tolist())
    if len(parts) == 0 or len(dimensions) != 1:
        return None
    if len(parts) == 1:
        return parts[0]
    builder = [shapely.multipoints, shapely.multilinestrings, shapely.multipolygons][dimensions.pop()]
    return builder(parts)


def _without_repeats(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shortened = np.zeros(len(shapes), dtype=bool)
    for start in range(0, len(shapes), BATCH):  # one batch of copies in memory at a time
        rows = start + np.flatnonzero(_repeats(shapes[start : start + BATCH]))
        part = shapes[rows]
        try:
            lean = shapely.remove_repeated_points(part, tolerance=0.0)
        except shapely.errors.GEOSException:
            continue
        is_shorter = shapely.get_num_coordinates(lean) < shapely.get_num_coordinates(part)
        is_shorter &= ~shapely.is_empty(lean)
        shapes[rows[is_shorter]] = lean[is_shorter]
        shortened[rows[is_shorter]] = True
    return shapes, shortened


def _repeats(shapes: np.ndarray) -> np.ndarray:
    """Tell in which shapes a position follows itself."""
    points, row = shapely.get_coordinates(shapes, return_index=True)
    follows_itself = (points[1:] == points[:-1]).all(axis=1) & (row[1:] == row[:-1])
    repeating = np.zeros(len(shapes), dtype=bool)
    repeating[row[1:][follows_itself]] = True
    return repeating


def copies(features: gpd.GeoDataFrame, shapes: np.ndarray) -> list[int]:
    """List the rows that repeat an earlier one wholly: same shape, same value in every column."""
    names = [name for name in features.columns if name != features.geometry.name]
    if not names:
        return []
    earlier: set[tuple[bytes, str]] = set()
    repeated_rows = []
    for row, mark in alike(shapes):
        values = repr([features[name].iloc[row] for name in names])
        if (mark, values) in earlier:
            repeated_rows.append(row)
        earlier.add((mark, values))
    return repeated_rows


def alike(shapes: np.ndarray) -> Iterator[tuple[int, bytes]]:
    """Yield the rows whose shape may be that of another, each with a mark, the same for the same shape."""
    sizes = pd.DataFrame(shapely.bounds(shapes)).assign(points=shapely.get_num_coordinates(shapes))
    suspects = sizes.round(3).duplicated(keep=False).to_numpy()
    for row in np.flatnonzero(suspects):
        shape = shapes[row]
        yield int(row), b"" if shape is None else shapely.normalize(shape).wkb


def _many(rows: np.ndarray, rule: str, message: str) -> list[Finding]:
    numbers = np.flatnonzero(rows)
    if len(numbers) > MANY:
        message = f"{message} ({counted(len(numbers), 'objet')})"
        return [Finding(None, "geometry", rule, "réparation", len(numbers), message)]
    return [Finding(int(row) + 1, "geometry", rule, "réparation", "", message) for row in numbers]


def _row(
    row: int | np.integer[Any],
    rule: str,
    old_shape: shapely.Geometry,
    new_shape: shapely.Geometry,
    message: str,
) -> Finding:
    areas = float(old_shape.area), float(new_shape.area)
    change = abs(areas[1] - areas[0]) / areas[0] if areas[0] else 1.0
    if change > FLAG_SHARE:
        message += f" ; à vérifier : surface passée de {number(areas[0])} à {number(areas[1])} m²"
    return Finding(int(row) + 1, "geometry", rule, "réparation", old_shape.geom_type, message, *areas)


def _drop_pieces(shapes: np.ndarray, keep: np.ndarray, smallest: float) -> list[Finding]:
    """Drop, in ``shapes`` and ``keep``, polygons and parts that are smaller than a size."""
    findings = []
    for row in np.flatnonzero(keep & np.isin(shapely.get_type_id(shapes), [3, 6])):
        parts = shapely.get_parts(shapes[row])
        large = parts[shapely.area(parts) >= smallest]
        if len(large) == len(parts):
            continue
        if not len(large):
            keep[row] = False
            area = float(shapes[row].area)
            message = f"objet de {number(area, 1)} m² retiré"
            findings.append(
                Finding(int(row) + 1, "geometry", "micro-objet", "réparation", "", message, area, 0.0)
            )
            continue
        new = shapely.multipolygons(large) if len(large) > 1 else large[0]
        findings.append(
            _row(
                row,
                "micro-morceau",
                shapes[row],
                new,
                counted(len(parts) - len(large), "morceau retiré", "morceaux retirés"),
            )
        )
        shapes[row] = new
    return findings


def _cut_overlaps(shapes: np.ndarray, keep: np.ndarray, largest: float) -> list[Finding]:
    """Leave small shared ground to the earlier polygon: the later one changes in ``shapes``."""
    rows = np.flatnonzero(keep & np.isin(shapely.get_type_id(shapes), [3, 6]) & shapely.is_valid(shapes))
    first_positions, second_positions = shapely.STRtree(shapes[rows]).query(
        shapes[rows], predicate="intersects"
    )
    findings = []
    pairs = zip(first_positions, second_positions, strict=True)
    for kept_row, cut_row in sorted((rows[a], rows[b]) for a, b in pairs if a < b):
        shared = shapely.intersection(shapes[kept_row], shapes[cut_row]).area
        if not 0 < shared <= largest:
            continue
        new = _polygonal(shapely.difference(shapes[cut_row], shapes[kept_row]))
        if new is None or new.is_empty:
            continue
        message = f"{number(shared, 1)} m² laissés à l'objet n° {kept_row + 1}"
        findings.append(_row(cut_row, "recouvrement", shapes[cut_row], new, message))
        shapes[cut_row] = new
    return findings


def _fill_gaps(shapes: np.ndarray, keep: np.ndarray, largest: float) -> list[Finding]:
    """Fill small holes between polygons: the neighbour with the longest edge grows in ``shapes``."""
    rows = np.flatnonzero(keep & np.isin(shapely.get_type_id(shapes), [3, 6]) & shapely.is_valid(shapes))
    if not len(rows):
        return []
    union = shapely.union_all(shapes[rows])
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
    tree = shapely.STRtree(shapes[rows])
    findings = []
    for hole in holes:
        if hole.area > largest:
            continue
        neighbours = [int(rows[position]) for position in tree.query(hole, predicate="intersects")]
        edges = {row: shapely.intersection(shapes[row].boundary, hole.boundary).length for row in neighbours}
        if not edges or max(edges.values()) == 0:
            continue
        row = max(edges, key=_longest(edges))
        new = shapely.union(shapes[row], hole)
        findings.append(
            _row(row, "trou comblé", shapes[row], new, f"trou de {number(hole.area, 1)} m² comblé")
        )
        shapes[row] = new
    return findings


def _longest(edges: dict[int, float]) -> Callable[[int], tuple[float, int]]:
    return lambda row: (edges[row], -row)
