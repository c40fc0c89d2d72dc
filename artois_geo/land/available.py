"""Sites minus constraints: what is free for certain, what is not known, what is lost."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.land import reach
from artois_geo.land.cuts import Combine, Remains, Surroundings, cut, softened_m2, surroundings
from artois_geo.land.moves import (
    INTERVALS,
    WHOLE_SHARE,
    Doubts,
    Moves,
    find_doubts,
    intervals,
    movable,
    rounded_ha,
)
from artois_geo.land.scale import spread_available
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.overlay import Progress, scale
from artois_geo.shapes import Shapes

#: What is not known of a site whose shape only stands for the place.
MEASURED = (
    "available_ha",
    "unknown_ha",
    "lost_ha",
    "shape_lost_ha",
    "net_ha",
    "high_ha",
    "available_share",
    "pieces",
    "largest_ha",
    "shared_ha",
    "rectangle_ha",
    "rectangle_length_m",
    "rectangle_width_m",
    "circle_m",
)


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
    moves: Moves | None = None,
    cores: int | None = None,
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """Measure the land of each site that no constraint takes (foncier disponible), in three states.

    What only stands for a place is not measured: a site whose ``geometrie`` says « schématique », or that
    such a constraint may reach, gets an interval (``moves``) and null figures.

    Parameters
    ----------
    sites
        Polygons in EPSG:2154, unique index. They may overlap: ``shared_ha`` says by how much, and
        :func:`totals` counts that ground once. A frame of dask-geopandas is computed where it lies; its
        constraints may be one too. ``precision_m``: how far a schematic one may be from its place.
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
    moves
        How schematic outlines are moved to read an interval, from :func:`read_moves`; without it, they
        have none.
    cores
        Threads to use; all available ones when not given.
    progress
        Called with the sites whose constraints are taken off, and how many there are.

    Returns
    -------
    GeoDataFrame
        Rows of ``sites``; the geometry is the certain land (see :func:`unknown` for the other); that of
        a row which is not measured is its outline.
        Adds ``gross_ha``, ``available_ha``, ``unknown_ha``, ``lost_ha`` (these three make the
        gross), ``shape_lost_ha`` (part of the lost, to the shape demands), ``net_ha`` (available,
        weighted by kept shares), ``high_ha`` (net if all unknown ground proves free),
        ``available_share``, ``pieces``, ``largest_ha``, ``shared_ha``, ``schematic``; with
        ``inscribed``: ``rectangle_ha``, ``rectangle_length_m``, ``rectangle_width_m``, ``circle_m``.
        Where ``schematic``, all these are null but ``gross_ha``, which is the published area, or the
        drawn one rounded: ``gross_origin`` says « mesurée », « publiée » or « dessinée ». Then
        ``available_low_ha``, ``available_high_ha``, and the same of ``unknown_ha``, ``net_ha``,
        ``available_share``: interval of a schematic row, to the hectare; the figure itself elsewhere.
        ``available_reason`` says why a row is not measured.

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

    The same site placed within 250 m only, beside a plain where all is flooded:

    >>> sketch = site.assign(geometrie="schématique", precision_m=250, surface_ha=100)
    >>> flood = plain.rectangle(x_km=0.75, y_km=-1, width_km=3, height_km=3)
    >>> moves = land.read_moves({"déplacements": 200, "centile bas": 5, "centile haut": 95})
    >>> left = land.available(sketch, flood, moves=moves)
    >>> left[["available_ha", "available_low_ha", "available_high_ha"]].values.tolist()
    [[nan, 56.0, 94.0]]
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
            moves=moves,
        )
    around = surroundings(
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
    )
    outlines = sites.geometry.to_numpy()
    remains = cut(outlines, around, cores=cores, progress=progress)
    left = _measured(sites, remains, around, inscribed=inscribed)
    doubts = find_doubts(sites, around.rules)
    left["schematic"] = doubts.reached()
    shares = None if moves is None else intervals(sites, around, doubts, moves, cores=cores)
    return _with_intervals(left, sites, around, doubts, shares)


def _measured(
    sites: gpd.GeoDataFrame, remains: Remains, around: Surroundings, *, inscribed: bool
) -> gpd.GeoDataFrame:
    """Figures of every site as it is drawn."""
    outlines, certain, unknown = sites.geometry.to_numpy(), remains.certain, remains.unknown
    gross, unknown_m2 = shapely.area(outlines), shapely.area(unknown)
    certain_m2 = np.where(_equal(shapely.area(certain), gross), gross, shapely.area(certain))
    left = sites.set_geometry(gpd.GeoSeries(certain, index=sites.index, crs=LAMBERT93))
    left["gross_ha"] = gross / M2_PER_HA
    left["available_ha"] = certain_m2 / M2_PER_HA
    left["unknown_ha"] = unknown_m2 / M2_PER_HA
    left["lost_ha"] = _clean(gross - certain_m2 - unknown_m2) / M2_PER_HA
    left["shape_lost_ha"] = _clean(shapely.area(remains.free) - certain_m2 - unknown_m2) / M2_PER_HA
    lost_m2 = softened_m2(certain, around, remains.granted)
    left["net_ha"] = (certain_m2 - lost_m2) / M2_PER_HA
    unsure_m2 = unknown_m2 - softened_m2(unknown, around, remains.granted)
    left["high_ha"] = left["net_ha"] + unsure_m2 / M2_PER_HA
    left["available_share"] = np.divide(certain_m2, gross, out=np.zeros_like(gross), where=gross > 0)
    _describe_pieces(left, certain, inscribed=inscribed)
    left["largest_ha"] = left["largest_ha"].where(left["pieces"] != 1, left["available_ha"])
    left["shared_ha"] = shared_m2(outlines) / M2_PER_HA
    return left


def _with_intervals(
    left: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    around: Surroundings,
    doubts: Doubts,
    shares: pd.DataFrame | None,
) -> gpd.GeoDataFrame:
    """The figures of measured sites, and for the others their interval and why they are not measured."""
    reached, published = doubts.reached(), meaning.published_ha(sites)
    drawn = left["gross_ha"].to_numpy()
    order = rounded_ha(drawn, highest=np.full(len(drawn), np.inf))
    sketched = np.where(np.isnan(published), order, published)
    gross = np.where(doubts.sketched, sketched, drawn)
    left["gross_ha"] = gross
    origin = np.where(np.isnan(published), "dessinée", "publiée").astype(object)
    left["gross_origin"] = np.where(doubts.sketched, origin, "mesurée")
    for column in INTERVALS:
        figure = left[f"{column.split('_')[0]}_ha"].to_numpy()
        share = np.full(len(left), np.nan) if shares is None else shares[column].to_numpy()
        bound = rounded_ha(share * gross, highest=gross)
        bound = np.where(doubts.sketched & (share > WHOLE_SHARE), gross, bound)  # as it was published
        left[column] = np.where(reached, bound, figure)
    for side in ("low", "high"):
        bound = left[f"available_{side}_ha"].to_numpy()
        left[f"available_{side}_share"] = np.divide(bound, gross, out=np.zeros_like(gross), where=gross > 0)
    left["available_reason"] = [
        _reason(doubts, around.rules, number, asked=shares is not None) if reached[number] else None
        for number in range(len(left))
    ]
    left["pieces"] = left["pieces"].astype("Int64")
    for column in MEASURED:
        if column in left:
            left[column] = left[column].mask(reached)
    outlines = np.where(reached, sites.geometry.to_numpy(), left.geometry.to_numpy())
    return left.set_geometry(gpd.GeoSeries(outlines, index=left.index, crs=LAMBERT93))


def _reason(doubts: Doubts, rules: reach.Constraints, number: int, *, asked: bool) -> str:
    """Why a site is not measured, as a planner reads it."""
    rows = movable(doubts, rules, number)
    what = "tracé schématique" if doubts.sketched[number] else "contrainte schématique"
    radius = rules.precision_m[rows] if len(rows) else doubts.radius_m[number : number + 1]
    if np.isnan(radius).any():
        return f"{what}, précision de la position inconnue : remplir precision_m"
    metres = float(radius.max())
    shown = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    reason = f"{what}, position connue à {shown} près".replace(".", ",")
    return reason if asked else f"{reason} : intervalle non demandé"


def _equal(one_m2: NDArray[np.float64], other_m2: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A difference of two equal areas is a rounding error, not a loss."""
    return np.abs(one_m2 - other_m2) < shapes.TOLERANCE_M


def _clean(difference_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(_equal(difference_m2, np.zeros_like(difference_m2)), 0.0, difference_m2)


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
    cover = shapes.polygonal(shapes.overlaid(shapely.intersection, ground[one], ground[other]))
    solid = shapely.area(cover) > shapes.TOLERANCE_M
    for row in np.unique(one[solid]):
        shared[row] = shapely.union_all(cover[solid & (one == row)]).area
    return shared
