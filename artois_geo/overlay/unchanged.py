"""What two coverages share: polygons drawn twice the same are matched, only the rest is intersected."""

import numpy as np
import shapely

from artois_geo.overlay import trees
from artois_geo.overlay.frames import Geometries, Integers

_NOISE_M2 = 1e-6


def shared_ground(
    before: Geometries,
    after: Geometries,
    *,
    classes: tuple[Integers, Integers],
    keep_unchanged: bool,
    cores: int,
) -> tuple[Geometries, Integers, Integers]:
    """Pieces of ground, with the class they had and the class they have now.

    Matching a polygon with its twin is the whole answer only where nothing else lies
    over either of them: a coverage that overlaps itself is intersected polygon by polygon.
    """
    old, new = classes
    left, right = np.arange(len(before)), np.arange(len(after))
    twin_left = twin_right = np.empty(0, dtype=np.int64)
    if not _overlaps_itself(before) and not _overlaps_itself(after):
        twin_left, twin_right = _twins(before, after)
        left, right = np.setdiff1d(left, twin_left), np.setdiff1d(right, twin_right)
    kept = keep_unchanged | (old[twin_left] != new[twin_right])
    twin_left, twin_right = twin_left[kept], twin_right[kept]
    pairs, pieces = trees.shared_shapes(before[left], after[right], cores=cores)
    was, became = old[left[pairs.feature]], new[right[pairs.zone]]
    kept = (pairs.m2 > 0) & (keep_unchanged | (was != became))
    return (
        np.concatenate([before[twin_left], pieces[kept]]),
        np.concatenate([old[twin_left], was[kept]]),
        np.concatenate([new[twin_right], became[kept]]),
    )


def _twins(before: Geometries, after: Geometries) -> tuple[Integers, Integers]:
    """Rows drawn the same, whatever the first vertex and the direction of their rings."""
    mine, theirs = (shapely.to_wkb(shapely.normalize(side)) for side in (before, after))
    where = {drawing: row for row, drawing in enumerate(theirs)}
    found = [(row, where[drawing]) for row, drawing in enumerate(mine) if drawing in where]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    full = ~shapely.is_empty(before[pairs[:, 0]])
    return pairs[full, 0], pairs[full, 1]


def _overlaps_itself(shapes: Geometries) -> bool:
    first, second = shapely.STRtree(shapes).query(shapes)
    once = first < second
    first, second = first[once], second[once]
    shapely.prepare(shapes)
    near = shapely.intersects(shapes[first], shapes[second])
    first, second = first[near], second[near]
    near = ~shapely.touches(shapes[first], shapes[second])
    first, second = first[near], second[near]
    return bool((shapely.area(shapely.intersection(shapes[first], shapes[second])) > _NOISE_M2).any())
