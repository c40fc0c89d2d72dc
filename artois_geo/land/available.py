"""Sites minus constraints: what is free for certain, what is not known, what is lost."""

from typing import Any, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.errors import BadTable
from artois_geo.land import setbacks
from artois_geo.land.constraint_table import Constraints
from artois_geo.land.cuts import (
    Demands,
    Remains,
    Surroundings,
    cut,
    named,
    softened_m2,
    surroundings,
    unmeasurable,
)
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
from artois_geo.land.totals import shared_m2
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.overlay import Progress, scale
from artois_geo.shapes import Shapes
from artois_geo.text import comma

KEEP_THEM = (
    "En Python : land.available(…, skip_unmeasured=True) garde ces sites, sans hectares et avec la raison."
)
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
    constraints: Constraints,
    *,
    skip_unmeasured: bool = False,
    inscribed: bool = False,
    moves: Moves | None = None,
    cores: int | None = None,
    progress: Progress | None = None,
    **demands: Unpack[Demands],
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
        ``splits`` (default True): where False, the pieces on both sides reach ``min_piece_ha`` together;
        the ground is lost all the same. Or frames by name, each alone or with its setback:
        ``{"Zone tampon": frame, "Lignes": (lines, 20)}``; or a list of them.
    skip_unmeasured
        Keep the sites that have no valid polygon (points, no geometry) instead of refusing them: their
        figures are null, ``available_reason`` says why, ``gross_ha`` is the published area if there is one.
    inscribed
        Also measure the largest rectangle and circle inside the largest piece (slower).
    moves
        How schematic outlines are moved to read an interval, from :func:`read_moves`; without it, they
        have none.
    cores
        Threads to use; all available ones when not given.
    progress
        Called with the sites whose constraints are taken off, and how many there are.
    by
        Column naming each constraint; needed to combine soft ones and to match ``coverage``. A categorical
        one declares constraints that may have no row. ``constraint`` where they are given by name.
    combine
        Under several soft constraints, ``"min"``: the lowest kept share; ``"product"``: their product.
    only_where
        Ground outside these polygons is lost (a zoning, a perimeter).
    force_keep
        Ground inside these polygons stays certain and whole, whatever covers it.
    coverage
        Where somebody looked. With a ``by`` column, each constraint has its own; a constraint
        not named there is held to be known everywhere. Ground outside is unknown.
    pieces
        Demands on the pieces that remain, :class:`artois_geo.shapes.PieceDemands`; its fields
        (``min_piece_ha``, ``min_width_m`` …) may be given by keyword too.
    roads
        Lines or polygons in EPSG:2154: pieces must reach one.

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

    >>> from artois_geo import example, land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> land.available(site, flood)["available_ha"].tolist()
    [75.0]

    Constraints by name, a line with 20 m on each side:

    >>> line = example.line((0.5, 0), (0.5, 1))
    >>> land.available(site, {"Crue": flood, "Ligne": (line, 20)})["available_ha"].round(2).tolist()
    [71.0]

    The same site placed within 250 m only, beside a plain where all is flooded:

    >>> sketch = site.assign(geometrie="schématique", precision_m=250, surface_ha=100)
    >>> flood = example.rectangle(x_km=0.75, y_km=-1, width_km=3, height_km=3)
    >>> moves = land.read_moves({"déplacements": 200, "centile bas": 5, "centile haut": 95})
    >>> left = land.available(sketch, flood, moves=moves)
    >>> left[["available_ha", "available_low_ha", "available_high_ha"]].values.tolist()
    [[nan, 56.0, 94.0]]
    """
    constraints, demands = named(constraints, demands)
    if scale.is_spread(sites):
        return spread_available(available, sites, constraints, inscribed=inscribed, moves=moves, **demands)
    if skip_unmeasured:
        reasons = unmeasurable(sites)
        options: dict[str, Any] = {"inscribed": inscribed, "moves": moves, "progress": progress}
        measured = available(sites[reasons.isna()], constraints, cores=cores, **options, **demands)
        return _rejoined(sites, measured, reasons)
    try:
        around = surroundings(sites, constraints, **demands)
    except BadTable as error:
        if unmeasurable(sites).notna().any():
            error.add_note(KEEP_THEM)
        raise
    outlines = sites.geometry.to_numpy()
    remains = cut(outlines, around, cores=cores, progress=progress)
    figures = _measured(sites, remains, around, inscribed=inscribed)
    doubts = find_doubts(sites, around.rules)
    figures["schematic"] = doubts.reached()
    shares = None if moves is None else intervals(sites, around, doubts, moves, cores=cores)
    return _with_intervals(figures, sites, around, doubts, shares)


def _rejoined(sites: gpd.GeoDataFrame, measured: gpd.GeoDataFrame, reasons: pd.Series) -> gpd.GeoDataFrame:
    """Put the sites that cannot be measured back among the others, with the reason and no figure."""
    is_skipped = reasons.notna().to_numpy()
    added = measured[[name for name in measured.columns if name not in sites.columns]]
    figures = sites.join(added.reindex(sites.index))
    published_ha = meaning.published_ha(sites)
    is_published = is_skipped & ~np.isnan(published_ha)
    figures["gross_ha"] = figures["gross_ha"].mask(is_published, published_ha)
    figures["gross_origin"] = figures["gross_origin"].mask(is_published, "publiée")
    measured_reasons = figures["available_reason"].astype(object)
    figures["available_reason"] = reasons.where(
        is_skipped, measured_reasons.where(measured_reasons.notna(), None)
    )
    figures["schematic"] = np.where(is_skipped, True, figures["schematic"]).astype(bool)
    shapes_left = sites.geometry.to_numpy().copy()
    shapes_left[~is_skipped] = measured.geometry.to_numpy()
    return figures.set_geometry(gpd.GeoSeries(shapes_left, index=sites.index, crs=LAMBERT93))


def _measured(
    sites: gpd.GeoDataFrame, remains: Remains, around: Surroundings, *, inscribed: bool
) -> gpd.GeoDataFrame:
    """Measure every site as it is drawn."""
    outlines, certain, unknown = sites.geometry.to_numpy(), remains.certain, remains.unknown
    gross_m2, unknown_m2 = shapely.area(outlines), shapely.area(unknown)
    certain_m2 = np.where(_equal(shapely.area(certain), gross_m2), gross_m2, shapely.area(certain))
    figures = sites.set_geometry(gpd.GeoSeries(certain, index=sites.index, crs=LAMBERT93))
    figures["gross_ha"] = gross_m2 / M2_PER_HA
    figures["available_ha"] = certain_m2 / M2_PER_HA
    figures["unknown_ha"] = unknown_m2 / M2_PER_HA
    figures["lost_ha"] = _clean(gross_m2 - certain_m2 - unknown_m2) / M2_PER_HA
    figures["shape_lost_ha"] = _clean(shapely.area(remains.free) - certain_m2 - unknown_m2) / M2_PER_HA
    soft_lost_m2 = softened_m2(certain, around, remains.granted)
    figures["net_ha"] = (certain_m2 - soft_lost_m2) / M2_PER_HA
    unsure_m2 = unknown_m2 - softened_m2(unknown, around, remains.granted)
    figures["high_ha"] = figures["net_ha"] + unsure_m2 / M2_PER_HA
    figures["available_share"] = np.divide(
        certain_m2, gross_m2, out=np.zeros_like(gross_m2), where=gross_m2 > 0
    )
    figures = figures.assign(**_pieces(certain, inscribed=inscribed))
    figures["largest_ha"] = figures["largest_ha"].where(figures["pieces"] != 1, figures["available_ha"])
    figures["shared_ha"] = shared_m2(outlines) / M2_PER_HA
    return figures


def _with_intervals(
    figures: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    around: Surroundings,
    doubts: Doubts,
    shares: pd.DataFrame | None,
) -> gpd.GeoDataFrame:
    """Complete the figures: for a site that is not measured, its interval and the reason instead."""
    reached, published_ha = doubts.reached(), meaning.published_ha(sites)
    drawn_ha = figures["gross_ha"].to_numpy()
    drawn_rounded = rounded_ha(drawn_ha, highest=np.full(len(drawn_ha), np.inf))
    sketched_ha = np.where(np.isnan(published_ha), drawn_rounded, published_ha)
    gross_ha = np.where(doubts.sketched, sketched_ha, drawn_ha)
    figures["gross_ha"] = gross_ha
    origin = np.where(np.isnan(published_ha), "dessinée", "publiée").astype(object)
    figures["gross_origin"] = np.where(doubts.sketched, origin, "mesurée")
    for column in INTERVALS:
        drawn_figure = figures[f"{column.split('_')[0]}_ha"].to_numpy()
        share = np.full(len(figures), np.nan) if shares is None else shares[column].to_numpy()
        bound = rounded_ha(share * gross_ha, highest=gross_ha)
        bound = np.where(doubts.sketched & (share > WHOLE_SHARE), gross_ha, bound)  # as it was published
        figures[column] = np.where(reached, bound, drawn_figure)
    for side in ("low", "high"):
        bound = figures[f"available_{side}_ha"].to_numpy()
        figures[f"available_{side}_share"] = np.divide(
            bound, gross_ha, out=np.zeros_like(gross_ha), where=gross_ha > 0
        )
    figures["available_reason"] = [
        _reason(doubts, around.rules, number, interval_requested=shares is not None)
        if reached[number]
        else None
        for number in range(len(figures))
    ]
    figures["pieces"] = figures["pieces"].astype("Int64")
    for column in MEASURED:
        if column in figures:
            figures[column] = figures[column].mask(reached)
    outlines = np.where(reached, sites.geometry.to_numpy(), figures.geometry.to_numpy())
    return figures.set_geometry(gpd.GeoSeries(outlines, index=figures.index, crs=LAMBERT93))


def _reason(
    doubts: Doubts, rules: setbacks.ConstraintArrays, number: int, *, interval_requested: bool
) -> str:
    """Explain why a site is not measured, as a planner reads it."""
    rows = movable(doubts, rules, number)
    cause = "tracé schématique" if doubts.sketched[number] else "contrainte schématique"
    radius = rules.precision_m[rows] if len(rows) else doubts.radius_m[number : number + 1]
    if np.isnan(radius).any():
        return f"{cause}, précision de la position inconnue : remplir precision_m"
    metres = float(radius.max())
    distance = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    reason = comma(f"{cause}, position connue à {distance} près")
    return reason if interval_requested else f"{reason} : intervalle non demandé"


def _equal(area_m2: NDArray[np.float64], reference_m2: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Compare areas: a difference below the tolerance is a rounding error, not a loss."""
    return np.abs(area_m2 - reference_m2) < shapes.TOLERANCE_M


def _clean(difference_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(_equal(difference_m2, np.zeros_like(difference_m2)), 0.0, difference_m2)


def _pieces(certain: Shapes, *, inscribed: bool) -> dict[str, NDArray[Any]]:
    """Count the pieces of each ground, measure the largest one and, on request, what it can hold."""
    pieces, owner = shapely.get_parts(certain, return_index=True)
    area_m2 = shapely.area(pieces)
    pieces, owner, area_m2 = (values[area_m2 > 0] for values in (pieces, owner, area_m2))
    largest_m2 = np.zeros(len(certain))
    np.maximum.at(largest_m2, owner, area_m2)
    figures = {
        "pieces": np.bincount(owner, minlength=len(certain)),
        "largest_ha": largest_m2 / M2_PER_HA,
    }
    if not inscribed:
        return figures
    sides = np.zeros((len(certain), 2))
    largest_piece = np.full(len(certain), shapely.Polygon(), dtype=object)
    by_area = np.argsort(area_m2, kind="stable")
    largest_piece[owner[by_area]] = pieces[by_area]
    for row in np.flatnonzero(largest_m2 > 0):
        corners = shapely.get_coordinates(shapes.rectangle(largest_piece[row]))
        if len(corners):
            sides[row] = np.sort(np.hypot(*np.diff(corners[:3], axis=0).T))
    return figures | {
        "rectangle_ha": sides.prod(axis=1) / M2_PER_HA,
        "rectangle_length_m": sides[:, 1],
        "rectangle_width_m": sides[:, 0],
        "circle_m": shapes.circle_m(largest_piece),
    }
