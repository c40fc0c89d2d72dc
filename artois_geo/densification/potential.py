"""Built share of each unit, what is left around its buildings, and what may still be built."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import shapes, threads
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.shapes import Shapes

UNBUILT, UNDERBUILT, BUILT, SMALL = "non bâtie", "sous-bâtie", "bâtie", "trop petite"
CHUNK = 2_000


@dataclass(frozen=True)
class Thresholds:
    """State when a unit may be densified, and what of its ground counts.

    Parameters
    ----------
    unbuilt_ces, unbuilt_min_ha
        Below this built share (0..1), from this area on, a unit is unbuilt.
    reference_ces, underbuilt_min_ha
        Below this built share (or the column that holds it), from this area on, it is under-built.
    setback_m
        Kept clear around buildings, mitre joins.
    min_width_m, min_part_ha
        Demands on what remains, see :func:`artois_geo.shapes.usable`.
    mobilisable_share
        Share of the theoretical ground that can be had; or one share per class of owner or occupant.
    min_access_m, max_road_m
        Where roads are given, a part must touch one (within ``max_road_m``) or another unit over
        ``min_access_m``.

    Examples
    --------
    >>> from artois_geo.densification import Thresholds
    >>> built = {"unbuilt_ces": 0.005, "unbuilt_min_ha": 0.1, "reference_ces": 0.35, "underbuilt_min_ha": 0.2}
    >>> Thresholds(**built, setback_m=8, min_width_m=20, min_part_ha=0.1, mobilisable_share=0.5).max_road_m
    1.0
    """

    unbuilt_ces: float
    unbuilt_min_ha: float
    reference_ces: float | str
    underbuilt_min_ha: float
    setback_m: float
    min_width_m: float
    min_part_ha: float
    mobilisable_share: float | Mapping[str, float]
    min_access_m: float = 0.0
    max_road_m: float = 1.0


def potential(
    units: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    thresholds: Thresholds | None = None,
    *,
    max_ces: float | str | None = None,
    mobilisable_by: str | None = None,
    roads: gpd.GeoDataFrame | None = None,
    **values: Any,
) -> gpd.GeoDataFrame:
    """Estimate what could still be built on each unité foncière: theoretical, then mobilisable.

    Parameters
    ----------
    units
        Polygons in EPSG:2154, unique index (:func:`land_units`). They must not overlap.
    buildings
        Polygons in EPSG:2154. A building beside the unit counts once its setback reaches in.
    thresholds
        When a unit may be densified.
    max_ces
        Built share that the PLU allows (0..1), or the column that holds it.
    mobilisable_by
        Column naming the class of owner or occupant.
    roads
        Lines or polygons in EPSG:2154: where given, a part must touch a road or another unit.
    **values
        Fields of :class:`Thresholds`, in place of those of ``thresholds`` or of all of them.

    Returns
    -------
    GeoDataFrame
        Rows of ``units``: ``footprint_m2``, ``ces_share``, ``state`` (``non bâtie``, ``sous-bâtie``,
        ``bâtie``, ``trop petite``), ``theoretical_ha`` (usable remainder), ``mobilisable_ha``,
        ``parts``, ``largest_ha``, ``reserve_m2`` (footprint the PLU still allows; missing without
        ``max_ces``), ``remainder_geometry``.

    Raises
    ------
    BadCRS, BadTable, BadValue, UnknownName
        Geometry that is not valid polygons in Lambert-93; a share outside 0..1; a missing column
        or a class without a share.
    TypeError
        A threshold is missing.

    Notes
    -----
    Method of French regional guides on ZAE densification (fiche Pays de la Loire, 2022): remainder
    = unit minus buildings and setback, opened, parts above a threshold. Theoretical and mobilisable
    ground are two figures: never add or mix them.

    Examples
    --------
    A plot of 100 m by 80 m with a building of 1 200 m², 20 m from the street:

    >>> from artois_geo import densification, example
    >>> unit = example.rectangle(x_km=0, y_km=0, width_km=0.1, height_km=0.08)
    >>> hall = example.rectangle(x_km=0, y_km=0.02, width_km=0.04, height_km=0.03)
    >>> thresholds = densification.Thresholds(
    ...     unbuilt_ces=0.005, unbuilt_min_ha=0.1, reference_ces=0.35, underbuilt_min_ha=0.2,
    ...     setback_m=8, min_width_m=20, min_part_ha=0.1, mobilisable_share=2 / 3,
    ... )
    >>> assessed = densification.potential(unit, hall, thresholds, max_ces=0.5)
    >>> assessed[["ces_share", "theoretical_ha", "reserve_m2"]].round(4).values.tolist()
    [[0.15, 0.5216, 2800.0]]
    """
    limits = Thresholds(**values) if thresholds is None else replace(thresholds, **values)
    shapes.require_polygons(units=units, buildings=buildings)
    ground, footprints = units.geometry.to_numpy(), buildings.geometry.to_numpy()
    area = shapely.area(ground)
    assessed = units.copy()
    footprint = _footprint(ground, footprints)
    assessed["footprint_m2"] = footprint
    ces = np.divide(footprint, area, out=np.zeros_like(area), where=area > 0)
    assessed["ces_share"] = ces
    state = _state(units, ces, limits)
    assessed["state"] = state
    candidate = np.flatnonzero(np.isin(state, [UNBUILT, UNDERBUILT]))
    remainders = np.full(len(units), shapely.Polygon(), dtype=object)
    remainders[candidate] = _remainders(ground[candidate], footprints, limits)
    if roads is not None:
        shapes.require_valid(roads=roads)
        remainders = _with_access(remainders, ground, roads.geometry.to_numpy(), limits)
    pieces, owner = shapely.get_parts(remainders[~shapely.is_empty(remainders)], return_index=True)
    owner = np.flatnonzero(~shapely.is_empty(remainders))[owner]
    largest = np.zeros(len(units))
    np.maximum.at(largest, owner, shapely.area(pieces))
    assessed["theoretical_ha"] = shapely.area(remainders) / M2_PER_HA
    rate = _rate(units, limits.mobilisable_share, mobilisable_by)
    assessed["mobilisable_ha"] = assessed["theoretical_ha"] * rate
    assessed["parts"] = np.bincount(owner, minlength=len(units))
    assessed["largest_ha"] = largest / M2_PER_HA
    allowed = np.nan if max_ces is None else _share(units, "max_ces", max_ces)
    assessed["reserve_m2"] = np.maximum(allowed * area - footprint, 0.0)
    assessed["remainder_geometry"] = gpd.GeoSeries(remainders, index=units.index, crs=LAMBERT93)
    return assessed


def by_site(capacity: pd.DataFrame, *, key: str) -> pd.DataFrame:
    """Sum the densification of each site: units by state, theoretical and mobilisable ground apart.

    Parameters
    ----------
    capacity
        What :func:`potential` returned.
    key
        Column naming the site.

    Returns
    -------
    DataFrame
        Indexed by site: ``units``, ``unit_ha``, ``ces_share`` (of the whole), ``unbuilt_units``,
        ``underbuilt_units``, ``theoretical_ha``, ``mobilisable_ha``, ``reserve_m2``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.densification import by_site
    >>> unit = {"zae": ["A"], "unit_ha": [1.0], "footprint_m2": [2500.0], "state": ["bâtie"]}
    >>> capacity = pd.DataFrame(unit)
    >>> capacity = capacity.assign(theoretical_ha=0.0, mobilisable_ha=0.0, reserve_m2=1000.0)
    >>> by_site(capacity, key="zae")[["units", "ces_share"]].values.tolist()
    [[1.0, 0.25]]
    """
    if key not in capacity.columns:
        raise UnknownName("colonne", key, map(str, capacity.columns))
    grouped = capacity.groupby(key, sort=True)
    table = pd.DataFrame({"units": grouped.size(), "unit_ha": grouped["unit_ha"].sum()})
    table["ces_share"] = grouped["footprint_m2"].sum() / (table["unit_ha"] * M2_PER_HA)
    for column, state in (("unbuilt_units", UNBUILT), ("underbuilt_units", UNDERBUILT)):
        table[column] = (capacity["state"] == state).groupby(capacity[key]).sum()
    for column in ("theoretical_ha", "mobilisable_ha"):
        table[column] = grouped[column].sum()
    table["reserve_m2"] = grouped["reserve_m2"].sum(min_count=1)
    return table


def _share(units: gpd.GeoDataFrame, name: str, value: float | str) -> NDArray[np.float64]:
    if isinstance(value, str):
        if value not in units.columns:
            raise UnknownName("colonne", value, map(str, units.columns))
        shares = pd.to_numeric(units[value], errors="coerce").to_numpy(dtype=float)
    else:
        shares = np.full(len(units), float(value))
    if not ((shares >= 0) & (shares <= 1)).all():
        raise BadValue(f"{name} : une part entre 0 et 1 (0,35 pour 35 %), partout remplie.")
    return shares


def _rate(
    units: gpd.GeoDataFrame, share: float | Mapping[str, float], column: str | None
) -> NDArray[np.float64]:
    """Return the mobilisable share of each unit: one share for all, or the share of its class."""
    if not isinstance(share, Mapping):
        return _share(units, "mobilisable_share", float(share))
    if column is None or column not in units.columns:
        raise BadTable("mobilisable_by : donner la colonne des classes d'occupant ou de propriétaire.")
    classes = units[column].astype(str)
    for value in classes.unique():
        if value not in share:
            raise UnknownName("classe", value, share)
    rates = classes.map(dict(share)).to_numpy(dtype=float)
    if not ((rates >= 0) & (rates <= 1)).all():
        raise BadValue("mobilisable_share : des parts entre 0 et 1.")
    return rates


def _footprint(ground: Shapes, built: Shapes) -> NDArray[np.float64]:
    """Measure the built square metres of each unit; buildings that overlap count once."""
    footprint = np.zeros(len(ground))
    if not len(built) or not len(ground):
        return footprint
    unit, building = shapely.STRtree(built).query(ground, predicate="intersects")
    inside = built[building].copy()
    crossing = ~shapely.covers(ground[unit], inside)
    inside[crossing] = shapes.polygonal(shapely.intersection(inside[crossing], ground[unit[crossing]]))
    np.add.at(footprint, unit, shapely.area(inside))
    first_building, second_building = shapely.STRtree(built).query(built, predicate="intersects")
    overlapping = np.isin(building, first_building[first_building != second_building])
    if overlapping.any():
        # Only where buildings meet is there anything to count once.
        rows = np.flatnonzero(np.isin(unit, np.unique(unit[overlapping])))
        rows = rows[np.argsort(unit[rows], kind="stable")]
        for unit_rows in np.split(rows, np.flatnonzero(np.diff(unit[rows])) + 1):
            footprint[unit[unit_rows[0]]] = shapely.union_all(inside[unit_rows]).area
    return footprint


def _state(units: gpd.GeoDataFrame, ces: NDArray[np.float64], limits: Thresholds) -> NDArray[np.object_]:
    """Tell the state of each unit by its built share, and by its area where that share is low."""
    area_ha = shapely.area(units.geometry.to_numpy()) / M2_PER_HA
    reference = _share(units, "reference_ces", limits.reference_ces)
    unbuilt, underbuilt = ces < limits.unbuilt_ces, ces < reference
    # A thousand square metres drawn to the centimetre may measure 999.9999.
    slack = shapes.TOLERANCE_M / M2_PER_HA
    state = np.full(len(ces), BUILT, dtype=object)
    state[underbuilt] = np.where(area_ha[underbuilt] >= limits.underbuilt_min_ha - slack, UNDERBUILT, SMALL)
    state[unbuilt] = np.where(area_ha[unbuilt] >= limits.unbuilt_min_ha - slack, UNBUILT, SMALL)
    return state


def _remainders(ground: Shapes, built: Shapes, limits: Thresholds) -> Shapes:
    """Return what each unit leaves around its buildings: setback taken off, then usable parts only."""
    tree = shapely.STRtree(built) if len(built) else None
    demands = shapes.PieceDemands(min_width_m=limits.min_width_m, min_piece_ha=limits.min_part_ha)

    def chunk(part: Shapes) -> Shapes:
        remainders = part.copy()
        if tree is not None:
            # A mitre reaches √2 times its distance at a square corner.
            unit, building = tree.query(part, predicate="dwithin", distance=limits.setback_m * 2)
            order = np.argsort(unit, kind="stable")
            unit, building = unit[order], building[order]
            near_buildings, counts = np.unique(unit, return_counts=True)
            if len(near_buildings):
                nearby = shapely.geometrycollections(
                    built[building], indices=np.repeat(np.arange(len(near_buildings)), counts)
                )
                setback = shapely.buffer(nearby, limits.setback_m, join_style="mitre")
                remainders[near_buildings] = shapes.polygonal(
                    shapely.difference(part[near_buildings], setback)
                )
        return shapes.usable(remainders, demands)

    return threads.by_batch(chunk, ground, size=CHUNK)


def _with_access(remainders: Shapes, ground: Shapes, roads: Shapes, limits: Thresholds) -> Shapes:
    """Keep the parts that touch a road, or the edge of another unit, over the required length."""
    pieces, owner = shapely.get_parts(remainders, return_index=True)
    if not len(pieces):
        return remainders
    by_road = shapes.frontage_m(pieces, roads, reach_m=limits.max_road_m)
    contact = np.zeros(len(pieces))
    piece, unit = shapely.STRtree(ground).query(pieces, predicate="dwithin", distance=shapes.TOLERANCE_M)
    is_neighbour = unit != owner[piece]
    piece, unit = piece[is_neighbour], unit[is_neighbour]
    edge = shapely.intersection(
        shapely.boundary(pieces[piece]), shapely.buffer(ground[unit], shapes.TOLERANCE_M)
    )
    np.add.at(contact, piece, shapely.length(edge))
    has_access = np.maximum(by_road, contact) >= max(limits.min_access_m - 0.01, shapes.TOLERANCE_M)
    return shapes.gathered(pieces[has_access], owner[has_access], count=len(remainders))
