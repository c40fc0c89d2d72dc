"""Available land on a Dask cluster (extra ``scale``): each partition of sites meets what reaches its box."""

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.land.totals import shared_m2
from artois_geo.measure import M2_PER_HA
from artois_geo.overlay import scale

# Beyond any rounding of a box, and under anything a setback could mean.
_MARGIN_M = 1.0


def spread_available(
    measure_land: Callable[..., gpd.GeoDataFrame], sites: Any, constraints: Any, **demands: Any
) -> gpd.GeoDataFrame:
    """Compute the available land of every partition of ``sites``, each where it lies, by ``measure_land``.

    A partition receives the constraints within reach, one row of every other constraint so that
    each name stays known, and the sites of its neighbours that overlap its own.
    """
    import dask

    measure.require_lambert93_crs("sites", sites.crs)
    if scale.is_spread(constraints):
        measure.require_lambert93_crs("constraints", constraints.crs)
    else:
        measure.require_lambert93(constraints=constraints)
    by, shared = demands.get("by"), dask.delayed(demands, traverse=False)
    parts = sites.to_delayed()
    boxes = scale.boxes(sites)
    if meaning.QUALITY in sites.columns:  # a schematic site may meet what lies beside its partition
        doubts = dask.compute(*(dask.delayed(_doubt)(part) for part in parts))
        boxes = np.array([_widened(box, metres) for box, metres in zip(boxes, doubts, strict=True)])
    constraints_within = _constraints(constraints, by)
    tree = shapely.STRtree(boxes)
    jobs = []
    for number, (part, box) in enumerate(zip(parts, boxes, strict=True)):
        neighbours = [parts[match] for match in sorted(tree.query(box)) if match != number]
        jobs.append(
            dask.delayed(_available_in)(
                measure_land, part, shared, len(neighbours), *neighbours, *constraints_within(box)
            )
        )
    partition_results = dask.compute(*jobs)
    if pd.Index(np.concatenate([part.index for part in partition_results])).has_duplicates:
        raise BadTable("L'index de « sites » se répète d'une partition à l'autre : le refaire avant.")
    non_empty = [part for part in partition_results if len(part)] or partition_results[:1]
    return gpd.GeoDataFrame(pd.concat(non_empty), crs=non_empty[0].crs)


def _constraints(constraints: Any, by: str | None) -> Any:
    """Return the function that gives, for the box of a partition of sites, the constraints to send to it."""
    import dask

    if not scale.is_spread(constraints):
        reach_m, first_rows = _reach(constraints), _first_rows(constraints, by)
        return lambda box: [dask.delayed(_within(constraints, box, reach_m, first_rows))]
    partitions = constraints.to_delayed()
    summaries = dask.compute(*(dask.delayed(_summary)(part, by) for part in partitions))
    boxes = np.array(
        [shapely.Polygon() if bounds is None else shapely.box(*bounds) for bounds, _ in summaries]
    )
    first_of_each = pd.concat([first_rows for _, first_rows in summaries])
    first_of_each = first_of_each if by is None else first_of_each.drop_duplicates(by)
    tree = shapely.STRtree(boxes)
    return lambda box: [first_of_each, *(partitions[match] for match in sorted(tree.query(box)))]


def _summary(part: gpd.GeoDataFrame, by: str | None) -> tuple[tuple[float, ...] | None, gpd.GeoDataFrame]:
    """Return the box that a partition of constraints can reach, and one row of each of its constraints."""
    bounds = part.total_bounds
    box = None if np.isnan(bounds).any() else tuple(bounds + _reach(part) * np.array([-1, -1, 1, 1]))
    return box, part.loc[_first_rows(part, by)]


def _reach(constraints: gpd.GeoDataFrame) -> float:
    """Compute how far from its outline a constraint may take ground: its setback and its uncertainty."""
    widest_m = 0.0
    if "setback_m" in constraints.columns and len(constraints):
        widest_m = float(np.nan_to_num(pd.to_numeric(constraints["setback_m"], errors="coerce").max()))
    return _MARGIN_M + max(widest_m, 0.0) + _doubt(constraints)


def _doubt(features: gpd.GeoDataFrame) -> float:
    """Find the distance (m) by which the least certain of the schematic shapes may be displaced."""
    metres = meaning.precision_m(features)[meaning.schematic(features)]
    return float(np.nan_to_num(metres).max(initial=0.0))


def _first_rows(constraints: gpd.GeoDataFrame, by: str | None) -> np.ndarray:
    if by is None or by not in constraints.columns:
        return np.zeros(len(constraints), dtype=bool)
    return ~constraints[by].duplicated().to_numpy()


def _within(
    constraints: gpd.GeoDataFrame, box: shapely.Geometry, reach_m: float, always_included: np.ndarray
) -> gpd.GeoDataFrame:
    included = always_included.copy()
    if not box.is_empty:
        included[constraints.sindex.query(_widened(box, reach_m))] = True
    return constraints[included]


def _widened(box: shapely.Geometry, metres: float) -> shapely.Geometry:
    if box.is_empty:
        return box
    west, south, east, north = box.bounds
    return shapely.box(west - metres, south - metres, east + metres, north + metres)


def _available_in(
    measure_land: Callable[..., gpd.GeoDataFrame],
    sites: gpd.GeoDataFrame,
    demands: dict[str, Any],
    neighbour_count: int,
    *frames: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Compute one partition of sites; ``frames`` holds its neighbours first, then the constraints."""
    neighbours, constraints = frames[:neighbour_count], _joined(frames[neighbour_count:])
    box = shapely.box(*sites.total_bounds) if len(sites) else shapely.Polygon()
    reach_m = _reach(constraints) + _doubt(sites)
    nearby_constraints = _within(constraints, box, reach_m, _first_rows(constraints, demands.get("by")))
    measured = measure_land(sites, nearby_constraints, cores=1, **demands)
    outlines = [sites.geometry.to_numpy(), *(neighbour.geometry.to_numpy() for neighbour in neighbours)]
    candidates = np.concatenate(outlines)
    candidates = np.concatenate(
        [outlines[0], candidates[len(sites) :][shapely.intersects(candidates[len(sites) :], box)]]
    )
    shared = pd.Series(shared_m2(candidates)[: len(sites)] / M2_PER_HA, index=measured.index)
    return measured.assign(shared_ha=shared.mask(measured["schematic"].astype(bool)))


def _joined(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    if len(frames) == 1:
        return frames[0]
    # the rows that only carry the name of a constraint stand in their own partition too
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
