"""Available land on a Dask cluster (extra ``scale``): each partition of sites meets what reaches its box."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.measure import M2_PER_HA
from artois_geo.overlay import scale

# Beyond any rounding of a box, and under anything a setback could mean.
_MARGIN_M = 1.0


def spread_available(sites: Any, constraints: Any, **asked: Any) -> gpd.GeoDataFrame:
    """Rows of every partition of ``sites``, each computed where it lies.

    A partition receives the constraints within reach, one row of every other constraint so that
    each name stays known, and the sites of its neighbours that overlap its own.
    """
    import dask

    measure.require_lambert93(sites=sites, constraints=constraints)
    by, shared = asked.get("by"), dask.delayed(asked, traverse=False)
    parts = sites.to_delayed()
    boxes = scale.boxes(sites)
    if meaning.QUALITY in sites.columns:  # a schematic site may meet what lies beside its partition
        doubts = dask.compute(*(dask.delayed(_doubt)(part) for part in parts))
        boxes = np.array([_widened(box, metres) for box, metres in zip(boxes, doubts, strict=True)])
    near = _constraints(constraints, by)
    tree = shapely.STRtree(boxes)
    jobs = []
    for number, (part, box) in enumerate(zip(parts, boxes, strict=True)):
        others = [parts[other] for other in sorted(tree.query(box)) if other != number]
        jobs.append(dask.delayed(_one)(part, shared, len(others), *others, *near(box)))
    done = dask.compute(*jobs)
    if pd.Index(np.concatenate([part.index for part in done])).has_duplicates:
        raise BadTable("L'index de « sites » se répète d'une partition à l'autre : le refaire avant.")
    full = [part for part in done if len(part)] or done[:1]
    return gpd.GeoDataFrame(pd.concat(full), crs=full[0].crs)


def _constraints(constraints: Any, by: str | None) -> Any:
    """What to send to a partition of sites, as a function of its box."""
    import dask

    if not scale.is_spread(constraints):
        reach, kept = _reach(constraints), _first_rows(constraints, by)
        return lambda box: [dask.delayed(_within(constraints, box, reach, kept))]
    parts = constraints.to_delayed()
    facts = dask.compute(*(dask.delayed(_facts)(part, by) for part in parts))
    widened = np.array([shapely.box(*one[0]) if one[0] is not None else shapely.Polygon() for one in facts])
    heads = pd.concat([one[1] for one in facts])
    heads = heads if by is None else heads.drop_duplicates(by)
    tree = shapely.STRtree(widened)
    return lambda box: [heads, *(parts[at] for at in sorted(tree.query(box)))]


def _facts(part: gpd.GeoDataFrame, by: str | None) -> tuple[tuple[float, ...] | None, gpd.GeoDataFrame]:
    """Box of what a partition of constraints can reach, and one row of each of its constraints."""
    bounds = part.total_bounds
    box = None if np.isnan(bounds).any() else tuple(bounds + _reach(part) * np.array([-1, -1, 1, 1]))
    return box, part.loc[_first_rows(part, by)]


def _reach(constraints: gpd.GeoDataFrame) -> float:
    """How far from where it is drawn a constraint may take ground: its setback, and how unsure it is."""
    widest = 0.0
    if "setback_m" in constraints.columns and len(constraints):
        widest = float(np.nan_to_num(pd.to_numeric(constraints["setback_m"], errors="coerce").max()))
    return _MARGIN_M + max(widest, 0.0) + _doubt(constraints)


def _doubt(features: gpd.GeoDataFrame) -> float:
    """Metres by which the least known of the schematic shapes may be away."""
    metres = meaning.precision_m(features)[meaning.schematic(features)]
    return float(np.nan_to_num(metres).max(initial=0.0))


def _first_rows(constraints: gpd.GeoDataFrame, by: str | None) -> np.ndarray:
    if by is None or by not in constraints.columns:
        return np.zeros(len(constraints), dtype=bool)
    return ~constraints[by].duplicated().to_numpy()


def _within(
    constraints: gpd.GeoDataFrame, box: shapely.Geometry, reach_m: float, kept: np.ndarray
) -> gpd.GeoDataFrame:
    chosen = kept.copy()
    if not box.is_empty:
        chosen[constraints.sindex.query(_widened(box, reach_m))] = True
    return constraints[chosen]


def _widened(box: shapely.Geometry, metres: float) -> shapely.Geometry:
    if box.is_empty:
        return box
    west, south, east, north = box.bounds
    return shapely.box(west - metres, south - metres, east + metres, north + metres)


def _one(
    mine: gpd.GeoDataFrame, asked: dict[str, Any], count: int, *frames: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """One partition of sites: its neighbours first, then the constraints, in ``frames``."""
    from artois_geo.land.available import available, shared_m2

    neighbours, constraints = frames[:count], _joined(frames[count:])
    box = shapely.box(*mine.total_bounds) if len(mine) else shapely.Polygon()
    reach_m = _reach(constraints) + _doubt(mine)
    near = _within(constraints, box, reach_m, _first_rows(constraints, asked.get("by")))
    left = available(mine, near, cores=1, **asked)
    ground = [mine.geometry.to_numpy(), *(one.geometry.to_numpy() for one in neighbours)]
    met = np.concatenate(ground)
    met = np.concatenate([ground[0], met[len(mine) :][shapely.intersects(met[len(mine) :], box)]])
    shared = pd.Series(shared_m2(met)[: len(mine)] / M2_PER_HA, index=left.index)
    return left.assign(shared_ha=shared.mask(left["schematic"].astype(bool)))


def _joined(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    if len(frames) == 1:
        return frames[0]
    # the rows that keep the names known lie in their own partition too
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
