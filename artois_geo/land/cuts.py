"""What constraints leave of outlines: the one computation behind every hectare of this room."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Literal, TypedDict, Unpack, get_args, get_type_hints

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import shapes
from artois_geo.errors import UnknownName, invalidity
from artois_geo.land import setbacks
from artois_geo.land.constraint_table import Constraints, as_frame
from artois_geo.measure import require_lambert93
from artois_geo.overlay import Progress
from artois_geo.shapes import Shapes

Combine = Literal["min", "product"]
PIECE_DEMANDS = tuple(field.name for field in fields(shapes.PieceDemands))


class Admitted(TypedDict, total=False):
    """Which ground counts, and how soft constraints add up; described in :func:`available`."""

    combine: Combine
    only_where: gpd.GeoDataFrame | None
    force_keep: gpd.GeoDataFrame | None


class Demands(Admitted, total=False):
    """What :func:`available` and :func:`unknown` take by keyword; described in :func:`available`."""

    by: str | None
    coverage: gpd.GeoDataFrame | None
    pieces: shapes.PieceDemands | None
    min_piece_ha: float
    min_width_m: float
    min_compactness: float
    min_circle_m: float
    min_rectangle_m: tuple[float, float] | None
    roads: gpd.GeoDataFrame | None
    max_road_m: float
    min_frontage_m: float


@dataclass(frozen=True)
class MovingGround:
    """A hard constraint at as many places as there are outlines; ``splits`` as in :func:`available`."""

    ground: Shapes
    splits: bool


@dataclass(frozen=True)
class Surroundings:
    """What decides of the ground of a site.

    ``only_where`` and ``force_keep`` are polygons or None, ``surveyed`` the polygons of each coverage.
    ``moving`` holds the hard constraints whose ground differs from one outline to the next.
    """

    rules: setbacks.ConstraintArrays
    only_where: Shapes | None
    force_keep: Shapes | None
    surveyed: tuple[Shapes, ...]
    sieve: Callable[..., Shapes]
    combine: Combine = "min"
    moving: tuple[MovingGround, ...] = ()


@dataclass(frozen=True)
class Remains:
    """What remains of each outline: ``free`` of constraints, then ``certain`` and ``unknown`` by its shape.

    ``granted`` is the ground that stays whatever covers it, None where nothing was granted.
    """

    free: Shapes
    granted: Shapes | None
    certain: Shapes
    unknown: Shapes


def named(constraints: Constraints, demands: Demands) -> tuple[gpd.GeoDataFrame, Demands]:
    """Gather constraints that were given one by one, and name them by their column."""
    frame = as_frame(constraints)
    if frame is not constraints and demands.get("by") is None:
        demands = {**demands, "by": "constraint"}
    return frame, demands


def surroundings(
    sites: gpd.GeoDataFrame, constraints: Constraints, **demands: Unpack[Demands]
) -> Surroundings:
    """Check the frames and demands of a call, and hold them as arrays."""
    require_known(demands, Demands)
    constraints, demands = named(constraints, demands)
    combine = demands.get("combine", "min")
    if combine not in get_args(Combine):
        raise UnknownName("mode de combinaison", combine, get_args(Combine))
    frames = {name: demands.get(name) for name in ("only_where", "force_keep", "coverage")}
    require_ground(sites, **frames)
    roads = demands.get("roads")
    if roads is not None:
        shapes.require_valid(roads=roads)
    by = demands.get("by")
    rules = setbacks.constraints_of(constraints, by=by)
    criteria: dict[str, Any] = {name: value for name, value in demands.items() if name in PIECE_DEMANDS}
    sieve = partial(
        shapes.usable,
        demands=replace(demands.get("pieces") or shapes.PieceDemands(), **criteria),
        roads=None if roads is None else roads.geometry.to_numpy(),
    )
    return Surroundings(
        rules,
        only_where=polygons_of(frames["only_where"]),
        force_keep=polygons_of(frames["force_keep"]),
        surveyed=_surveyed(frames["coverage"], rules, by=by),
        sieve=sieve,
        combine=combine,
    )


def require_known(keywords: Mapping[str, object], declared: type) -> None:
    """Refuse a keyword that a TypedDict does not declare."""
    names = get_type_hints(declared)
    for name in keywords:
        if name not in names:
            raise UnknownName("demande", name, names)


def require_ground(sites: gpd.GeoDataFrame, **frames: gpd.GeoDataFrame | None) -> None:
    """Refuse sites, or frames that were given, which are not polygons in Lambert-93."""
    shapes.require_polygons(
        sites=sites, **{name: frame for name, frame in frames.items() if frame is not None}
    )


def unmeasurable(sites: gpd.GeoDataFrame) -> "pd.Series[Any]":
    """Say of each site why its shape cannot be measured; None where it can."""
    require_lambert93(sites=sites)
    outlines = sites.geometry.to_numpy()
    reasons = np.full(len(sites), None, dtype=object)
    absent = shapely.is_missing(outlines) | shapely.is_empty(outlines)
    is_polygon = np.isin(shapely.get_type_id(outlines), [3, 6])
    reasons[absent] = "sans géométrie"
    reasons[~absent & ~is_polygon] = "connu par un point ou une ligne, sans contour"
    for row in np.flatnonzero(is_polygon & ~absent & ~shapely.is_valid(outlines)):
        reasons[row] = f"contour invalide : {invalidity(shapely.is_valid_reason(outlines[row]))}"
    return pd.Series(reasons, index=sites.index, dtype=object)


def polygons_of(frame: gpd.GeoDataFrame | None) -> Shapes | None:
    """Return the polygons of a frame; None where there is no frame."""
    return None if frame is None else frame.geometry.to_numpy()


def _surveyed(
    coverage: gpd.GeoDataFrame | None, rules: setbacks.ConstraintArrays, *, by: str | None
) -> tuple[Shapes, ...]:
    """Collect the polygons of each coverage: one for all constraints, or one for each that has its own."""
    if coverage is None:
        return ()
    if by is None or by not in coverage.columns:
        return (coverage.geometry.to_numpy(),)
    surveyed_names = setbacks.declared(coverage[by])
    strangers = set(surveyed_names) - set(rules.names)
    if strangers:
        raise UnknownName(
            "contrainte de la couverture", str(sorted(map(str, strangers))[0]), map(str, rules.names)
        )
    return tuple(coverage.geometry[coverage[by] == name].to_numpy() for name in surveyed_names)


def cut(
    outlines: Shapes,
    around: Surroundings,
    *,
    cores: int | None = None,
    progress: Progress | None = None,
) -> Remains:
    """Take from each outline what its surroundings take, and tell the certain ground from the unknown."""
    frame = outlines.copy() if around.only_where is None else within(outlines, around.only_where)
    granted = None if around.force_keep is None else within(frame, around.force_keep)
    rules = around.rules
    hard = rules.kept_share == 0
    splitting, bridging = hard & rules.splits, hard & ~rules.splits
    remaining = setbacks.subtract(
        frame, rules.ground[splitting], rules.setback_m[splitting], cores=cores, progress=progress
    )
    remaining = _without_moving(remaining, around, splits=True)
    free, bridges = remaining, None
    if bridging.any() or any(not moved.splits for moved in around.moving):
        free = setbacks.subtract(remaining, rules.ground[bridging], rules.setback_m[bridging], cores=cores)
        free = _without_moving(free, around, splits=False)
        bridges = shapes.polygonal(shapes.overlaid(shapely.difference, remaining, free))
    if granted is not None:
        free = shapes.overlaid(shapely.union, free, granted)
    surveyed_ground = free
    for surveyed in around.surveyed:
        surveyed_ground = within(surveyed_ground, surveyed)
    if around.surveyed and granted is not None:
        surveyed_ground = shapes.overlaid(shapely.union, surveyed_ground, granted)
    certain = around.sieve(surveyed_ground, bridges=bridges)
    unknown = _unknown(free, surveyed_ground, certain, around.sieve, bridges)
    return Remains(free, granted, certain, unknown)


def _without_moving(outlines: Shapes, around: Surroundings, *, splits: bool) -> Shapes:
    """Take from each outline the moving ground that splits it, or the other."""
    for moved in around.moving:
        if moved.splits is splits:
            outlines = shapes.polygonal(shapes.overlaid(shapely.difference, outlines, moved.ground))
    return outlines


def within(outlines: Shapes, polygons: Shapes) -> Shapes:
    """Return the part of each outline that lies in the union of some polygons."""
    cover = setbacks.buffered_cover(outlines, polygons, np.zeros(len(polygons)))
    inner_parts = np.full(len(outlines), shapely.Polygon(), dtype=object)
    touched = ~shapely.is_missing(cover)
    inner_parts[touched] = shapes.polygonal(
        shapes.overlaid(shapely.intersection, outlines[touched], cover[touched])
    )
    return inner_parts


def softened_m2(ground: Shapes, around: Surroundings, granted: Shapes | None) -> NDArray[np.float64]:
    """Compute the square metres that soft constraints take from each ground."""
    rules = around.rules
    lost_m2 = np.zeros(len(ground))
    soft = (rules.kept_share > 0) & (rules.kept_share < 1)
    if not soft.any():
        return lost_m2
    if granted is not None:
        ground = shapes.polygonal(shapes.overlaid(shapely.difference, ground, granted))
    covers, share = [], []
    for name, kept_share in sorted({*zip(rules.name[soft], rules.kept_share[soft], strict=True)}):
        rows = soft & (rules.name == name) & (rules.kept_share == kept_share)
        covers.append(setbacks.buffered_cover(ground, rules.ground[rows], rules.setback_m[rows]))
        share.append((name, kept_share))
    site, cell, inside = setbacks.split(ground, covers)
    by_name = shares_by_name(inside, share)
    factor = by_name.min(axis=1) if around.combine == "min" else by_name.prod(axis=1)
    np.add.at(lost_m2, site, shapely.area(cell) * (1 - factor))
    return lost_m2


def shares_by_name(inside: NDArray[np.bool_], groups: list[tuple[int, float]]) -> NDArray[np.float64]:
    """Give the kept share of each cell under each constraint: 1 outside, the lowest of its shares inside."""
    names = sorted({name for name, _ in groups})
    table = np.ones((len(inside), len(names)))
    for column, (name, share) in enumerate(groups):
        position = names.index(name)
        table[:, position] = np.where(
            inside[:, column], np.minimum(table[:, position], share), table[:, position]
        )
    return table


def _unknown(
    free: Shapes,
    surveyed_ground: Shapes,
    certain: Shapes,
    sieve: Callable[..., Shapes],
    bridges: Shapes | None,
) -> Shapes:
    """Find the ground that passes the demands only if what nobody surveyed proves free."""
    unknown = np.full(len(free), shapely.Polygon(), dtype=object)
    doubtful = np.flatnonzero(shapely.area(free) - shapely.area(surveyed_ground) > shapes.TOLERANCE_M**2)
    if len(doubtful):
        usable_if_free = sieve(free[doubtful], bridges=None if bridges is None else bridges[doubtful])
        unknown[doubtful] = shapes.polygonal(
            shapes.overlaid(shapely.difference, usable_if_free, certain[doubtful])
        )
    return unknown
