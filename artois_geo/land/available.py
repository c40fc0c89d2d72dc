"""Sites minus constraints: what is free for certain, what is not known, what is lost."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.errors import UnknownName
from artois_geo.land import reach
from artois_geo.land.scale import spread_available
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.overlay import Progress, scale
from artois_geo.shapes import Shapes

Combine = Literal["min", "product"]


def available(
    sites: gpd.GeoDataFrame,
    constraints: gpd.GeoDataFrame,
    *,
    by: str | None = None,
    combine: Combine = "min",
    only_where: gpd.GeoDataFrame | None = None,
    force_keep: gpd.GeoDataFrame | None = None,
    coverage: gpd.GeoDataFrame | None = None,
    min_piece_ha: float = 0.0,
    min_width_m: float = 0.0,
    min_compactness: float = 0.0,
    min_circle_m: float = 0.0,
    min_rectangle_m: tuple[float, float] | None = None,
    roads: gpd.GeoDataFrame | None = None,
    max_road_m: float = 0.0,
    min_frontage_m: float = 0.0,
    inscribed: bool = False,
    cores: int | None = None,
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """Land of each site that no constraint takes (foncier disponible), exactly, in three states.

    Parameters
    ----------
    sites
        Polygons in EPSG:2154, unique index. They may overlap: ``shared_ha`` says by how much.
        A frame of dask-geopandas is computed where it lies; its constraints may be one too.
    constraints
        Any geometry in EPSG:2154. Column ``setback_m`` (m, default 0) is drawn around each,
        with round joins, before anything is cut; ``kept_share`` (0..1, default 0) is the part
        of the ground that counts under a soft constraint. Shared ground is taken off once.
    by
        Column naming each constraint; needed to combine soft ones and to match ``coverage``.
    combine
        Under several soft constraints, ``"min"``: the lowest kept share; ``"product"``: their product.
    only_where
        Ground outside these polygons is lost (a zoning, a perimeter).
    force_keep
        Ground inside these polygons stays certain and whole, whatever covers it.
    coverage
        Where somebody looked. With a ``by`` column, each constraint has its own; a constraint
        not named there is held to be known everywhere. Ground outside is unknown.
    min_piece_ha, min_width_m, min_compactness, min_circle_m, min_rectangle_m, max_road_m, min_frontage_m
        Demands on the pieces left, see :func:`artois_geo.shapes.usable`.
    roads
        Lines or polygons in EPSG:2154: pieces must reach one.
    inscribed
        Also measure the largest rectangle and circle inside the largest piece (slower).
    cores
        Threads to use; all available ones when not given.
    progress
        Called with the sites whose constraints are taken off, and how many there are.

    Returns
    -------
    GeoDataFrame
        Rows of ``sites``; the geometry is the certain land, ``unknown_geometry`` the unknown one.
        Adds ``gross_ha``, ``available_ha``, ``unknown_ha``, ``lost_ha`` (these three make the
        gross), ``shape_lost_ha`` (part of the lost, to the shape demands), ``net_ha`` (available,
        weighted by kept shares), ``high_ha`` (net if all unknown ground proves free),
        ``available_share``, ``pieces``, ``largest_ha``, ``shared_ha``, ``schematic``; with
        ``inscribed``: ``rectangle_ha``, ``rectangle_length_m``, ``rectangle_width_m``, ``circle_m``.

    Raises
    ------
    BadCRS, BadTable, BadValue
        A frame is not in Lambert-93, has invalid geometries or the wrong ones; a setback or
        share makes no sense; a line has no setback.

    Notes
    -----
    ``A = S \\ ∪ buffer(cᵢ, dᵢ)``. Net developable area as in the Bourgogne-Franche-Comté guide on
    ZAE inventories and in land-eligibility studies (Ryberg, Robinius & Stolten, 2018), on vectors.

    Examples
    --------
    A site of 100 ha whose eastern quarter is liable to flooding:

    >>> from artois_geo import land
    >>> site = plain.square(x_km=0, y_km=0, side_km=1)
    >>> flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> land.available(site, flood)["available_ha"].tolist()
    [75.0]
    """
    if scale.is_spread(sites):
        return spread_available(
            sites,
            constraints,
            by=by,
            combine=combine,
            only_where=only_where,
            force_keep=force_keep,
            coverage=coverage,
            min_piece_ha=min_piece_ha,
            min_width_m=min_width_m,
            min_compactness=min_compactness,
            min_circle_m=min_circle_m,
            min_rectangle_m=min_rectangle_m,
            roads=roads,
            max_road_m=max_road_m,
            min_frontage_m=min_frontage_m,
            inscribed=inscribed,
        )
    _check(sites, only_where, force_keep, coverage, roads, combine=combine)
    rules = reach.constraints_of(constraints, by=by)
    ground = sites.geometry.to_numpy()
    gross = shapely.area(ground)
    frame = _inside(ground, only_where)
    kept = _inside(frame, force_keep) if force_keep is not None else None
    hard = rules.kept_share == 0
    free = reach.left_after(frame, rules.ground[hard], rules.setback_m[hard], cores=cores, progress=progress)
    if kept is not None:
        free = shapely.union(free, kept)
    known = _known(free, coverage, rules, by=by, kept=kept)
    sieve = partial(
        shapes.usable,
        min_piece_ha=min_piece_ha,
        min_width_m=min_width_m,
        min_compactness=min_compactness,
        min_circle_m=min_circle_m,
        min_rectangle_m=min_rectangle_m,
        roads=None if roads is None else roads.geometry.to_numpy(),
        max_road_m=max_road_m,
        min_frontage_m=min_frontage_m,
    )
    certain = sieve(known)
    unknown = _unknown(free, known, certain, sieve)
    left = sites.copy()
    left = left.set_geometry(gpd.GeoSeries(certain, index=sites.index, crs=LAMBERT93))
    left["unknown_geometry"] = gpd.GeoSeries(unknown, index=sites.index, crs=LAMBERT93)
    certain_m2, unknown_m2 = shapely.area(certain), shapely.area(unknown)
    left["gross_ha"] = gross / M2_PER_HA
    left["available_ha"] = certain_m2 / M2_PER_HA
    left["unknown_ha"] = unknown_m2 / M2_PER_HA
    left["lost_ha"] = _clean(gross - certain_m2 - unknown_m2) / M2_PER_HA
    left["shape_lost_ha"] = _clean(shapely.area(free) - certain_m2 - unknown_m2) / M2_PER_HA
    softened_m2 = _softened(certain, rules, kept, combine)
    left["net_ha"] = (certain_m2 - softened_m2) / M2_PER_HA
    left["high_ha"] = left["net_ha"] + (unknown_m2 - _softened(unknown, rules, kept, combine)) / M2_PER_HA
    left["available_share"] = np.divide(certain_m2, gross, out=np.zeros_like(gross), where=gross > 0)
    _describe_pieces(left, certain, inscribed=inscribed)
    left["shared_ha"] = shared_m2(ground) / M2_PER_HA
    left["schematic"] = _sketched(sites, ground, rules)
    return left


def states(sites: gpd.GeoDataFrame, left: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The three states as shapes: one row per site and state, for a map or a file.

    Parameters
    ----------
    sites
        What was given to :func:`available`.
    left
        What it returned.

    Returns
    -------
    GeoDataFrame
        Columns of ``sites``, then ``state`` (``disponible``, ``inconnu``, ``exclu``) and ``area_ha``.
        States without ground have no row.

    Examples
    --------
    >>> from artois_geo import land
    >>> site = plain.square(x_km=0, y_km=0, side_km=1)
    >>> flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> land.states(site, land.available(site, flood))[["state", "area_ha"]].values.tolist()
    [['disponible', 75.0], ['exclu', 25.0]]
    """
    certain, unknown = left.geometry.to_numpy(), left["unknown_geometry"].to_numpy()
    lost = sites.geometry.to_numpy().copy()
    for taken in (certain, unknown):
        some = ~shapely.is_empty(taken)
        lost[some] = shapely.difference(lost[some], taken[some])
    parts = []
    for state, ground in (("disponible", certain), ("inconnu", unknown), ("exclu", shapes.polygonal(lost))):
        part = sites.set_geometry(gpd.GeoSeries(ground, index=sites.index, crs=LAMBERT93))
        part["state"] = state
        part["area_ha"] = part.geometry.area / M2_PER_HA
        # An overlay leaves crumbs of a few cm² where both outlines run together.
        parts.append(part[part["area_ha"] * M2_PER_HA > shapes.TOLERANCE_M])
    return pd.concat(parts).sort_index(kind="stable")


def _check(
    sites: gpd.GeoDataFrame,
    only_where: gpd.GeoDataFrame | None,
    force_keep: gpd.GeoDataFrame | None,
    coverage: gpd.GeoDataFrame | None,
    roads: gpd.GeoDataFrame | None,
    *,
    combine: str,
) -> None:
    given = {"only_where": only_where, "force_keep": force_keep, "coverage": coverage}
    shapes.require_polygons(
        sites=sites, **{name: frame for name, frame in given.items() if frame is not None}
    )
    if roads is not None:
        shapes.require_valid(roads=roads)
    if combine not in ("min", "product"):
        raise UnknownName("mode de combinaison", combine, ["min", "product"])


def _clean(difference_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """A difference of two equal areas is a rounding error, not a loss."""
    return np.where(np.abs(difference_m2) < shapes.TOLERANCE_M, 0.0, difference_m2)


def _inside(ground: Shapes, frame: gpd.GeoDataFrame | None) -> Shapes:
    if frame is None:
        return ground.copy()
    cover = reach.taken(ground, frame.geometry.to_numpy(), np.zeros(len(frame)))
    within = np.full(len(ground), shapely.Polygon(), dtype=object)
    met = ~shapely.is_missing(cover)
    within[met] = shapes.polygonal(shapely.intersection(ground[met], cover[met]))
    return within


def _known(
    free: Shapes,
    coverage: gpd.GeoDataFrame | None,
    rules: reach.Constraints,
    *,
    by: str | None,
    kept: Shapes | None,
) -> Shapes:
    if coverage is None:
        return free
    if by is not None and by in coverage.columns:
        strangers = set(coverage[by]) - set(rules.names)
        if strangers:
            raise UnknownName(
                "contrainte de la couverture", str(sorted(map(str, strangers))[0]), map(str, rules.names)
            )
        looked = [part for _, part in coverage.groupby(by, sort=False)]
    else:
        looked = [coverage]
    known = free
    for part in looked:
        known = _inside(known, part)
    return known if kept is None else shapely.union(known, kept)


def _unknown(free: Shapes, known: Shapes, certain: Shapes, sieve: Callable[[Shapes], Shapes]) -> Shapes:
    """Ground that passes the demands only if what nobody looked at proves free."""
    unknown = np.full(len(free), shapely.Polygon(), dtype=object)
    doubtful = np.flatnonzero(shapely.area(free) - shapely.area(known) > shapes.TOLERANCE_M**2)
    if len(doubtful):
        hoped = sieve(free[doubtful])
        unknown[doubtful] = shapes.polygonal(shapely.difference(hoped, certain[doubtful]))
    return unknown


def _softened(
    ground: Shapes, rules: reach.Constraints, kept: Shapes | None, combine: Combine
) -> NDArray[np.float64]:
    """Square metres that soft constraints take from each ground."""
    lost = np.zeros(len(ground))
    soft = (rules.kept_share > 0) & (rules.kept_share < 1)
    if not soft.any():
        return lost
    if kept is not None:
        ground = shapes.polygonal(shapely.difference(ground, kept))
    covers, share = [], []
    for name, kept_share in sorted({*zip(rules.name[soft], rules.kept_share[soft], strict=True)}):
        rows = soft & (rules.name == name) & (rules.kept_share == kept_share)
        covers.append(reach.taken(ground, rules.ground[rows], rules.setback_m[rows]))
        share.append((name, kept_share))
    site, cell, inside = reach.split(ground, covers)
    by_name = shares_by_name(inside, share)
    factor = by_name.min(axis=1) if combine == "min" else by_name.prod(axis=1)
    np.add.at(lost, site, shapely.area(cell) * (1 - factor))
    return lost


def shares_by_name(inside: NDArray[np.bool_], groups: list[tuple[int, float]]) -> NDArray[np.float64]:
    """Kept share of each cell under each constraint: 1 outside it, the lowest of its shares inside."""
    names = sorted({name for name, _ in groups})
    table = np.ones((len(inside), len(names)))
    for column, (name, share) in enumerate(groups):
        at = names.index(name)
        table[:, at] = np.where(inside[:, column], np.minimum(table[:, at], share), table[:, at])
    return table


def _describe_pieces(left: gpd.GeoDataFrame, certain: Shapes, *, inscribed: bool) -> None:
    pieces, owner = shapely.get_parts(certain, return_index=True)
    area = shapely.area(pieces)
    pieces, owner, area = (values[area > 0] for values in (pieces, owner, area))
    largest = np.zeros(len(certain))
    np.maximum.at(largest, owner, area)
    left["pieces"] = np.bincount(owner, minlength=len(certain))
    left["largest_ha"] = largest / M2_PER_HA
    if not inscribed:
        return
    sides = np.zeros((len(certain), 2))
    main = np.full(len(certain), shapely.Polygon(), dtype=object)
    rising = np.argsort(area, kind="stable")
    main[owner[rising]] = pieces[rising]
    for row in np.flatnonzero(largest > 0):
        corners = shapely.get_coordinates(shapes.rectangle(main[row]))
        if len(corners):
            sides[row] = np.sort(np.hypot(*np.diff(corners[:3], axis=0).T))
    left["rectangle_ha"] = sides.prod(axis=1) / M2_PER_HA
    left["rectangle_length_m"], left["rectangle_width_m"] = sides[:, 1], sides[:, 0]
    left["circle_m"] = shapes.circle_m(main)


def shared_m2(ground: Shapes) -> NDArray[np.float64]:
    """Ground of each site that another site also holds: totals would count it twice."""
    shared = np.zeros(len(ground))
    one, other = shapely.STRtree(ground).query(ground, predicate="intersects")
    one, other = one[one != other], other[one != other]
    if not len(one):
        return shared
    cover = shapes.polygonal(shapely.intersection(ground[one], ground[other]))
    solid = shapely.area(cover) > shapes.TOLERANCE_M
    for row in np.unique(one[solid]):
        shared[row] = shapely.union_all(cover[solid & (one == row)]).area
    return shared


def _sketched(sites: gpd.GeoDataFrame, ground: Shapes, rules: reach.Constraints) -> NDArray[np.bool_]:
    sketched = meaning.schematic(sites)
    if rules.schematic.any():
        rows = np.flatnonzero(rules.schematic)
        site, row = reach.pairs(ground, rules.ground[rows], rules.setback_m[rows])
        met = shapely.dwithin(ground[site], rules.ground[rows][row], rules.setback_m[rows][row])
        sketched[site[met]] = True
    return sketched
