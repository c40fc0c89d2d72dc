"""Shapes: points, discs of a published area, lines between communes, cells. All in EPSG:2154."""

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

M2_PER_HA = 10_000
DISC_VERTICES = 64


def point(lon: float, lat: float) -> shapely.Point:
    """A position of the facts (degrees), in Lambert-93."""
    return plane(shapely.Point(lon, lat))


def plane(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape in degrees, longitude first, moved to Lambert-93."""
    return gpd.GeoSeries([shape], crs=4326).to_crs(2154).iloc[0]


def disc(centre: shapely.Point, area_ha: float) -> shapely.Polygon:
    """Regular polygon around a point whose own area, not that of its circle, is the published one."""
    per_radius = DISC_VERTICES * math.sin(2 * math.pi / DISC_VERTICES) / 2
    radius = math.sqrt(area_ha * M2_PER_HA / per_radius)
    angles = np.arange(DISC_VERTICES) * 2 * math.pi / DISC_VERTICES
    return shapely.Polygon(
        np.column_stack([centre.x + radius * np.cos(angles), centre.y + radius * np.sin(angles)])
    )


# --- Schematic cells -----------------------------------------------------------------------------

# What reaches 1.5 km into the territory is a gap between discs, not country outside it.
CLOSING_M = 1_500
# Weight of a point = this share of the squared radius of its disc. With 1 the cells come closest to the
# published areas but two of them leave their point aside; one half keeps every point inside its cell.
WEIGHT_SHARE = 0.5
GRID_M = 1.0  # cells share their corners exactly, on a grid of one metre
HALF_PLANE_M = 100_000


def cells(points: Sequence[shapely.Point], areas_ha: Sequence[float]) -> list[shapely.Polygon]:
    """One cell per point: weighted Voronoi (power diagram) inside the closed union of the discs.

    Every disc has the published area of its commune; larger communes push their
    neighbours' edges away (Aurenhammer 1987). Cells touch and never overlap.
    """
    radii = [math.sqrt(area * M2_PER_HA / math.pi) for area in areas_ha]
    outline = _outline(points, radii)
    raw = [_power_cell(rank, points, radii, outline) for rank in range(len(points))]
    edges = shapely.union_all([cell.boundary for cell in raw], grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize([edges]))
    home = {id(face): shapely.STRtree(points).query(face, predicate="contains") for face in faces}
    by_point = {int(points_inside[0]): face for face in faces if len(points_inside := home[id(face)]) == 1}
    if len(by_point) != len(points):
        raise ValueError("une cellule ne contient pas son point : baisser WEIGHT_SHARE")
    return [by_point[rank] for rank in range(len(points))]


def _outline(points: Sequence[shapely.Point], radii: Sequence[float]) -> shapely.Geometry:
    discs = [centre.buffer(radius, quad_segs=8) for centre, radius in zip(points, radii, strict=True)]
    closed = shapely.union_all(discs).buffer(CLOSING_M, quad_segs=8).buffer(-CLOSING_M, quad_segs=8)
    return closed.simplify(50)


def _power_cell(
    rank: int, points: Sequence[shapely.Point], radii: Sequence[float], outline: shapely.Geometry
) -> shapely.Geometry:
    centre, cell = points[rank], outline
    neighbours = sorted(
        (centre.distance(neighbour), index) for index, neighbour in enumerate(points) if index != rank
    )
    for distance, index in neighbours:
        weights = WEIGHT_SHARE * (radii[rank] ** 2 - radii[index] ** 2)
        edge_m = (distance**2 + weights) / (2 * distance)  # from the centre, towards the other point
        cell = shapely.intersection(cell, _half_plane(centre, points[index], distance, edge_m))
    return cell


def _half_plane(
    centre: shapely.Point, neighbour: shapely.Point, distance: float, edge_m: float
) -> shapely.Polygon:
    along = np.array([neighbour.x - centre.x, neighbour.y - centre.y]) / distance
    across = np.array([-along[1], along[0]])
    middle = np.array([centre.x, centre.y]) + along * edge_m
    near = [middle + across * HALF_PLANE_M, middle - across * HALF_PLANE_M]
    far = [corner - along * 2 * HALF_PLANE_M for corner in reversed(near)]
    return shapely.Polygon([*near, *far])
