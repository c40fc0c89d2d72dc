"""What can be wrong with the shapes of a layer: missing, broken, misplaced, overlapping."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from artois_geo import measure
from artois_geo.errors import invalidity
from artois_geo.formats.findings import Finding
from artois_geo.kinds.schema import Schema
from artois_geo.text import counted, number

MARGIN_M = 10_000.0  # neighbours of the territory are welcome; another département is not
SMALLEST_OVERLAP_M2 = 1.0
TYPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
TYPE_IDS = {name: number for number, name in enumerate((*TYPES, "GeometryCollection"))}
POLYGONS = (TYPE_IDS["Polygon"], TYPE_IDS["MultiPolygon"])


def shapes(features: gpd.GeoDataFrame, schema: Schema | None, valid: np.ndarray) -> Iterator[Finding]:
    """Report null, empty and invalid shapes, and those of a wrong type."""
    allowed = set(schema.geometry) if schema else set()
    geometries = features.geometry.to_numpy()
    invalid = ~valid & ~shapely.is_missing(geometries)
    doubtful = invalid | shapely.is_missing(geometries) | shapely.is_empty(geometries)
    if allowed:
        allowed_ids = [TYPE_IDS[name] for name in allowed if name in TYPE_IDS]
        doubtful |= ~np.isin(shapely.get_type_id(geometries), allowed_ids)
    for row in np.flatnonzero(doubtful):
        position, shape = int(row) + 1, geometries[row]
        if shape is None:
            if not allowed or "null" not in allowed:
                yield Finding(position, "geometry", "géométrie absente", "erreur", "", "objet sans géométrie")
            continue
        if shape.is_empty:
            yield Finding(position, "geometry", "géométrie vide", "erreur", shape.geom_type, "géométrie vide")
        elif allowed and shape.geom_type not in allowed:
            expected = ", ".join(sorted(allowed - {"null"}))
            multi = shape.geom_type.removeprefix("Multi") in allowed
            message = f"type attendu : {expected}" + (" ; objet en plusieurs parties" if multi else "")
            level = "alerte" if multi else "erreur"
            yield Finding(position, "geometry", "type de géométrie", level, shape.geom_type, message)
        if invalid[row]:
            reason = invalidity(shapely.is_valid_reason(shape))
            message = f"géométrie invalide : {reason}"
            yield Finding(position, "geometry", "géométrie invalide", "erreur", reason, message)


def places(plane: gpd.GeoDataFrame, territory: gpd.GeoDataFrame | None) -> Iterator[Finding]:
    """Report features beyond the territory and its margin; one row when nothing at all is inside."""
    if territory is None:
        return
    expected = measure.to_lambert93(territory).union_all().convex_hull.buffer(MARGIN_M)
    shapely.prepare(expected)
    geometries = plane.geometry.to_numpy()
    drawn_rows = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    outside = drawn_rows & ~shapely.intersects(expected, geometries)
    if drawn_rows.any() and (outside == drawn_rows).all():
        features = counted(int(drawn_rows.sum()), "objet")
        message = (
            "aucun objet dans le territoire ni à moins de 10 km : système de coordonnées ou axes à vérifier"
        )
        yield Finding(None, "geometry", "hors du territoire", "alerte", features, message)
        return
    for row in np.flatnonzero(outside):
        point = shapely.point_on_surface(geometries[row])
        message = "à plus de 10 km du territoire"
        coordinates = f"x {point.x:.0f}, y {point.y:.0f}"
        yield Finding(int(row) + 1, "geometry", "hors du territoire", "alerte", coordinates, message)


def overlaps(
    plane: gpd.GeoDataFrame, *, forbidden: bool = True, valid: np.ndarray | None = None
) -> Iterator[Finding]:
    """Report pairs of polygons that share ground, and what their sum counts twice.

    Where the kind does not forbid overlaps, one row says what a sum would count twice.
    """
    geometries = plane.geometry.to_numpy()
    valid = shapely.is_valid(geometries) if valid is None else valid
    measurable = valid & (shapely.get_dimensions(geometries) == 2)
    numbers = np.flatnonzero(measurable)
    polygons = geometries[numbers]
    first_rows, second_rows = _suspects(polygons)
    shared = shapely.area(shapely.intersection(polygons[first_rows], polygons[second_rows]))
    shares = shared >= SMALLEST_OVERLAP_M2
    level = "alerte" if forbidden else "note"
    for row, neighbour, area in zip(
        first_rows[shares & forbidden],
        second_rows[shares & forbidden],
        shared[shares & forbidden],
        strict=True,
    ):
        square_metres = f"{number(area)} m²"
        hectares = number(area / measure.M2_PER_HA, 2)
        size = f"{hectares} ha" if hectares != "0,00" else square_metres
        message = f"recouvre l'objet n° {numbers[neighbour] + 1} sur {size}"
        yield Finding(int(numbers[row]) + 1, "geometry", "recouvrement", "alerte", square_metres, message)
    if shares.any():
        pairs = counted(int(shares.sum()), "paire")
        doubled_m2 = shapely.area(polygons).sum() - shapely.area(shapely.union_all(polygons))
        doubled_ha = doubled_m2 / measure.M2_PER_HA
        message = (
            f"somme des surfaces moins surface de l'union : {number(doubled_ha, 2)} ha comptés deux fois"
        )
        yield Finding(None, "geometry", "recouvrement", level, pairs, message)


def _suspects(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs that may share ground; a coverage whose neighbours share whole edges has none."""
    polygons = np.isin(shapely.get_type_id(shapes), POLYGONS)
    clean = polygons.copy()
    if polygons.any():
        clean[polygons] = shapely.is_empty(shapely.coverage_invalid_edges(shapes[polygons]))
    doubtful = np.flatnonzero(~clean)
    queried, neighbours = shapely.STRtree(shapes).query(shapes[doubtful], predicate="intersects")
    pairs = np.unique(np.sort(np.c_[doubtful[queried], neighbours], axis=1), axis=0)
    first_rows, second_rows = pairs[pairs[:, 0] < pairs[:, 1]].T
    return first_rows, second_rows
