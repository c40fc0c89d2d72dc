"""Which pieces of ground can be used: wide enough, compact enough, reached by a road."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from artois_geo import threads
from artois_geo.measure import M2_PER_HA
from artois_geo.shapes.ground import TOLERANCE_M, Shapes, gathered, overlaid, polygonal
from artois_geo.shapes.groups import joined_groups
from artois_geo.shapes.inscribed import circle_m, fits_rectangle

#: Corners sharper than 2·asin(1/10), about 11°, are cut short by an opening.
MITRE_LIMIT = 10.0
SLACK = 1e-4  # share of a width: GEOS takes a core thinner than half of it for nothing
CHUNK = 2_000


def opened(shapes: Shapes, *, min_width_m: float) -> Shapes:
    """Remove from polygons the parts narrower than a width: opening ``(A ⊖ r) ⊕ r ∩ A``, mitre joins.

    Parameters
    ----------
    shapes
        Polygons in EPSG:2154.
    min_width_m
        Twice the radius r of the opening; 0 leaves everything. What is exactly as wide stays, and what
        lacks less than 2 mm, or 2 ten-thousandths of the width.

    Returns
    -------
    ndarray of Geometry
        Same length; empty where nothing is wide enough.

    Notes
    -----
    Serra, *Image Analysis and Mathematical Morphology* (1982); mitre joins keep square corners.
    They make the opening monotone up to a corner only: taking ground away may, by sharpening a
    corner, let less than r² of a narrow strip back in.

    Examples
    --------
    A square of 100 m with a path of 4 m by 50 m:

    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import opened
    >>> land = shapely.union(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 150, 4))
    >>> float(shapely.area(opened(np.array([land]), min_width_m=20))[0])
    10000.0
    """
    if min_width_m <= 0:
        return shapes.copy()
    radius = min_width_m / 2 - max(TOLERANCE_M, SLACK * min_width_m)
    return threads.by_batch(_opening(radius), shapes, size=CHUNK)


def compactness(shapes: Shapes) -> NDArray[np.float64]:
    """Compute Polsby-Popper compactness ``4πA/P²``: 1 for a disc, 0.785 for a square, near 0 for a strip.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import compactness
    >>> compactness(np.array([shapely.box(0, 0, 1, 1)])).round(3).tolist()
    [0.785]
    """
    length = shapely.length(shapes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(length > 0, 4 * math.pi * shapely.area(shapes) / length**2, 0.0)


def frontage_m(shapes: Shapes, roads: Shapes, *, reach_m: float) -> NDArray[np.float64]:
    """Measure the length of each polygon's outline that lies within reach of a road, in metres.

    Parameters
    ----------
    shapes, roads
        Polygons; lines or polygons of roads. EPSG:2154.
    reach_m
        How far from the road an edge may be and still be served by it. An axis needs at
        least half the width of the road.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import frontage_m
    >>> lot, road = shapely.box(0, 0, 100, 40), shapely.LineString([(-50, -3), (60, -3)])
    >>> frontage_m(np.array([lot]), np.array([road]), reach_m=3.01).round().tolist()
    [60.0]
    """
    served = np.zeros(len(shapes))
    if not len(shapes) or not len(roads):
        return served
    tree = shapely.STRtree(roads)
    lot, road = tree.query(shapes, predicate="dwithin", distance=reach_m)
    order = np.argsort(lot, kind="stable")
    lot, road = lot[order], road[order]
    for lot_rows in np.split(np.arange(len(lot)), np.flatnonzero(np.diff(lot)) + 1):
        if len(lot_rows):
            strip = shapely.union_all(
                shapely.buffer(roads[road[lot_rows]], reach_m, cap_style="flat", join_style="mitre")
            )
            served[lot[lot_rows[0]]] = shapely.length(
                shapely.intersection(shapely.boundary(shapes[lot[lot_rows[0]]]), strip)
            )
    return served


@dataclass(frozen=True)
class PieceDemands:
    """State what a piece of ground must be to count; every demand is null or absent unless given.

    Parameters
    ----------
    min_piece_ha, min_compactness, min_circle_m
        Least area (ha), Polsby-Popper compactness (0 to 1), inscribed diameter (m) of a piece.
    min_width_m
        Parts narrower than this go first, see :func:`opened`.
    min_rectangle_m
        Length and width of a rectangle that must fit, see :func:`fits_rectangle`.
    max_road_m, min_frontage_m
        Where roads are given, a piece needs at least ``min_frontage_m`` of outline within ``max_road_m``
        of one (or merely to be that near, if 0).

    Examples
    --------
    >>> from artois_geo.land import PieceDemands
    >>> PieceDemands(min_piece_ha=0.5).min_width_m
    0.0
    """

    min_piece_ha: float = 0.0
    min_width_m: float = 0.0
    min_compactness: float = 0.0
    min_circle_m: float = 0.0
    min_rectangle_m: tuple[float, float] | None = None
    max_road_m: float = 0.0
    min_frontage_m: float = 0.0


def usable(
    shapes: Shapes,
    demands: PieceDemands | None = None,
    *,
    roads: Shapes | None = None,
    bridges: Shapes | None = None,
    **criteria: Any,
) -> Shapes:
    """Keep what can be used of each polygon: wide parts, then the pieces that pass every demand.

    Parameters
    ----------
    shapes
        Polygons in EPSG:2154.
    demands
        What a piece must be.
    roads
        Lines or polygons that a piece must reach.
    bridges
        Per polygon, the ground that was taken from it without splitting it: the pieces that touch one of
        its parts reach ``min_piece_ha`` together.
    **criteria
        Fields of :class:`PieceDemands`, in place of those of ``demands``.

    Returns
    -------
    ndarray of Geometry
        Same length, polygons or multipolygons, empty where nothing passes.

    Raises
    ------
    TypeError
        A criterion that :class:`PieceDemands` has not.

    Examples
    --------
    >>> import numpy as np
    >>> import shapely
    >>> from artois_geo.shapes import PieceDemands, usable
    >>> two = shapely.union(shapely.box(0, 0, 100, 100), shapely.box(200, 0, 220, 20))
    >>> float(shapely.area(usable(np.array([two]), PieceDemands(min_piece_ha=0.1)))[0])
    10000.0

    A lane between them, which does not split them:

    >>> lane = np.array([shapely.box(100, 0, 200, 20)])
    >>> float(shapely.area(usable(np.array([two]), PieceDemands(min_piece_ha=0.1), bridges=lane))[0])
    10400.0
    """
    required = replace(demands or PieceDemands(), **criteria)
    wide_parts = opened(shapes, min_width_m=required.min_width_m)
    pieces, owner = shapely.get_parts(wide_parts, return_index=True)
    least_m2 = max(required.min_piece_ha * M2_PER_HA - TOLERANCE_M, TOLERANCE_M**2)
    keep = shapely.area(pieces) >= (TOLERANCE_M**2 if bridges is not None else least_m2)
    if required.min_compactness > 0:
        keep &= compactness(pieces) >= required.min_compactness
    if required.min_circle_m > 0:
        keep[keep] = circle_m(pieces[keep]) >= required.min_circle_m - 0.02
    if required.min_rectangle_m is not None:
        length, width = required.min_rectangle_m
        keep[keep] = [fits_rectangle(piece, length_m=length, width_m=width) for piece in pieces[keep]]
    if roads is not None:
        keep[keep] = _reached(pieces[keep], roads, required.max_road_m, required.min_frontage_m)
    if bridges is not None:
        keep[keep] = _together_m2(pieces[keep], owner[keep], bridges) >= least_m2
    return gathered(pieces[keep], owner[keep], count=len(shapes))


def _opening(radius: float) -> Callable[[Shapes], Shapes]:
    def opening(part: Shapes) -> Shapes:
        joins = {"join_style": "mitre", "mitre_limit": MITRE_LIMIT}
        core = shapely.buffer(part, -radius, **joins)
        wide_parts = np.full(len(part), shapely.Polygon(), dtype=object)
        has_core = ~shapely.is_empty(core)
        grown = shapely.buffer(core[has_core], radius, **joins)
        wide_parts[has_core] = polygonal(overlaid(shapely.intersection, grown, part[has_core]))
        return wide_parts

    return opening


def _together_m2(pieces: Shapes, owner: NDArray[np.intp], bridges: Shapes) -> NDArray[np.float64]:
    """Add up, for each piece, the areas of the pieces that the bridges of its owner join to it."""
    spans, span_owner = shapely.get_parts(bridges, return_index=True)
    # What an opening rebuilds may miss the edge of a bridge by its tolerance.
    piece, span = shapely.STRtree(spans).query(pieces, predicate="dwithin", distance=3 * TOLERANCE_M)
    same_owner = owner[piece] == span_owner[span]
    piece, span = piece[same_owner], span[same_owner]
    count = len(pieces) + len(spans)
    group = joined_groups(piece, len(pieces) + span, count)[: len(pieces)]
    area_m2 = np.zeros(count)
    np.add.at(area_m2, group, shapely.area(pieces))
    return area_m2[group]


def _reached(pieces: Shapes, roads: Shapes, max_road_m: float, min_frontage_m: float) -> NDArray[np.bool_]:
    if min_frontage_m > 0:
        return frontage_m(pieces, roads, reach_m=max_road_m) >= min_frontage_m - TOLERANCE_M
    is_near = np.zeros(len(pieces), dtype=bool)
    if len(roads) and len(pieces):
        is_near[shapely.STRtree(roads).query(pieces, predicate="dwithin", distance=max_road_m)[0]] = True
    return is_near
