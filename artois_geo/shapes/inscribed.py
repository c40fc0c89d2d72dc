"""What fits inside a polygon: the largest disc, the largest rectangle, a given rectangle."""

import math

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray

from artois_geo.shapes.ground import TOLERANCE_M, Shapes

ANGLES_TRIED = 8
GRID_LINES = 40


def circle_m(shapes: Shapes) -> NDArray[np.float64]:
    """Measure the diameter of the largest disc inside each polygon, in metres, to the centimetre.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import circle_m
    >>> circle_m(np.array([shapely.box(0, 0, 100, 40)])).round().tolist()
    [40.0]
    """
    diameter = np.zeros(len(shapes))
    solid = np.flatnonzero(shapely.area(shapes) > 0)
    for row in solid:
        # Per part: the inscribed circle of a multipolygon is the best of its parts.
        parts = shapely.get_parts(shapes[row])
        diameter[row] = 2 * shapely.length(shapely.maximum_inscribed_circle(parts, tolerance=0.01)).max()
    return diameter


def rectangle(shape: shapely.Geometry) -> shapely.Polygon:
    """Find the largest rectangle inside a polygon, in any of its main directions.

    A rectangle that is found always fits: on ground with slanted or curved edges a
    slightly larger one may exist.

    Parameters
    ----------
    shape
        Polygon or multipolygon in EPSG:2154.

    Returns
    -------
    Polygon
        Empty when the polygon is.

    Examples
    --------
    >>> import shapely
    >>> from artois_geo.shapes import rectangle
    >>> land = shapely.union(shapely.box(0, 0, 100, 20), shapely.box(0, 0, 30, 60))
    >>> round(rectangle(land).area, 3)
    2000.0
    """
    best = shapely.Polygon()
    for part in shapely.get_parts(shape):
        if part.area <= best.area:
            continue
        centre = part.centroid
        for angle in _angles(part):
            turned = shapely.affinity.rotate(part, -angle, origin=centre, use_radians=True)
            candidate = _upright_rectangle(turned)
            if candidate.area > best.area * (1 + 1e-9):
                best = shapely.affinity.rotate(candidate, angle, origin=centre, use_radians=True)
    return best


def fits_rectangle(shape: shapely.Geometry, *, length_m: float, width_m: float) -> bool:
    """Tell whether a rectangle of these sides fits, laid along one of the polygon's own edges.

    The polygon is eroded by the rectangle, exactly, in each direction: what is left are
    the places where its centre may stand.

    Examples
    --------
    >>> import shapely
    >>> from artois_geo.shapes import fits_rectangle
    >>> land = shapely.box(0, 0, 100, 20)
    >>> fits_rectangle(land, length_m=100, width_m=20), fits_rectangle(land, length_m=60, width_m=21)
    (True, False)
    """
    half = np.array([length_m, width_m]) / 2 - TOLERANCE_M
    for part in shapely.get_parts(shape):
        if part.area < 4 * half[0] * half[1]:
            continue
        for angle in _angles(part):
            turned = shapely.affinity.rotate(part, -angle, origin=part.centroid, use_radians=True)
            if any(_has_room(turned, *sides) for sides in (half, half[::-1])):
                return True
    return False


def _angles(part: shapely.Polygon) -> list[float]:
    """List the directions of the polygon's edges modulo a quarter turn, those with most length first."""
    corners = shapely.get_coordinates(part.simplify(0.1))
    steps = np.diff(corners, axis=0)
    length = np.hypot(*steps.T)
    angle = np.arctan2(steps[:, 1], steps[:, 0]) % (math.pi / 2)
    bins = np.round(angle / math.radians(0.5)).astype(int)
    weight = np.bincount(bins, weights=length)
    main_angles = [
        angle[bins == b][np.argmax(length[bins == b])]
        for b in np.argsort(-weight)[:ANGLES_TRIED]
        if weight[b]
    ]
    return [float(a) for a in main_angles]


def _upright_rectangle(shape: shapely.Polygon) -> shapely.Polygon:
    """Find the largest rectangle with sides along x and y: a maximal rectangle of grid cells inside."""
    corners = shapely.get_coordinates(shape)
    x, y = (_lines(corners[:, axis]) for axis in (0, 1))
    inner = shape.buffer(TOLERANCE_M / 1e3, join_style="mitre")
    shapely.prepare(inner)
    west, south = np.meshgrid(x[:-1], y[:-1])
    east, north = np.meshgrid(x[1:], y[1:])
    inside = shapely.covers(inner, shapely.box(west, south, east, north))
    best_area, best_bounds = 0.0, None
    run = np.zeros(len(x) - 1)
    for row in range(len(y) - 1):
        run = np.where(inside[row], run + y[row + 1] - y[row], 0.0)
        for start in np.flatnonzero(run > 0):
            height = np.minimum.accumulate(run[start:])
            areas = height * (x[start + 1 :] - x[start])
            top = int(np.argmax(areas))
            if areas[top] > best_area:
                best_area = float(areas[top])
                best_bounds = (x[start], y[row + 1] - height[top], x[start + top + 1], y[row + 1])
    return shapely.box(*best_bounds) if best_bounds else shapely.Polygon()


def _lines(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay grid lines through the corners, thinned when too many, densified when few."""
    corners = np.unique(np.round(values, 6))
    if len(corners) > GRID_LINES:
        corners = np.unique(np.quantile(corners, np.linspace(0, 1, GRID_LINES)))
    even = np.linspace(values.min(), values.max(), GRID_LINES // 2)
    return np.unique(np.concatenate([corners, even]))


def _has_room(part: shapely.Polygon, half_x: float, half_y: float) -> bool:
    """Tell whether an upright rectangle fits, by its half sides.

    Minkowski: the centre may stand on the polygon minus its outline swept by the rectangle.
    """
    x0, y0, x1, y1 = part.bounds
    if x1 - x0 < 2 * half_x or y1 - y0 < 2 * half_y:
        return False
    frame = np.array([(-half_x, -half_y), (half_x, -half_y), (half_x, half_y), (-half_x, half_y)])
    swept = []
    for ring in shapely.get_rings(part):
        corners = shapely.get_coordinates(ring)
        around = np.concatenate([corners[:-1, None] + frame, corners[1:, None] + frame], axis=1)
        swept.append(shapely.convex_hull(shapely.multipoints(around)))
    room = shapely.difference(part, shapely.union_all(np.concatenate(swept)))
    return not room.is_empty
