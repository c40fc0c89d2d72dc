"""What sites make together, the ground that several of them hold counted once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from artois_geo import shapes
from artois_geo.land.moves import WHOLE_SHARE, rounded_ha
from artois_geo.measure import M2_PER_HA
from artois_geo.shapes import Shapes

BOUNDS = ("available_low_ha", "available_high_ha", "unknown_low_ha", "unknown_high_ha")


def totals(sites: gpd.GeoDataFrame, left: gpd.GeoDataFrame) -> pd.Series:
    """Add up what sites hold and what is available there, nested and overlapping sites counted once.

    Parameters
    ----------
    sites
        What was given to :func:`artois_geo.land.available`, or some of its rows.
    left
        The same rows of what it returned.

    Returns
    -------
    Series
        ``site_count``, ``schematic_count`` (not measured), ``no_interval_count`` (of these, without an
        interval: 0 to all of their area is available); ``summed_ha``: gross areas added up;
        ``united_ha``: the same ground once; ``repeated_ha``: what the sum counts again;
        ``available_low_ha``, ``available_high_ha``, ``unknown_low_ha``, ``unknown_high_ha``: that ground
        once. Both bounds of the available are equal, and exact, where every site is measured. Else the
        bounds of the sites are added up, which is wider than the truth: where sites overlap, the lowest is
        that of the site which has most, the highest stays within their common outline.

    Examples
    --------
    A park of 100 ha, and a lot of 25 ha inside it; a flood covers the eastern quarter of the park:

    >>> from artois_geo import land
    >>> park = plain.square(x_km=0, y_km=0, side_km=1)
    >>> sites = pd.concat([park, plain.square(x_km=0, y_km=0, side_km=0.5)], ignore_index=True)
    >>> flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> whole = land.totals(sites, land.available(sites, flood))
    >>> whole[["summed_ha", "united_ha", "repeated_ha", "available_low_ha"]].tolist()
    [125.0, 100.0, 25.0, 75.0]
    """
    outlines, gross = sites.geometry.to_numpy(), left["gross_ha"].to_numpy(dtype=float)
    sketched = left["schematic"].to_numpy(dtype=bool)
    bounds = {name: left[name].to_numpy(dtype=float) for name in BOUNDS}
    no_interval = np.isnan(bounds["available_low_ha"])
    for name, values in bounds.items():
        bounds[name] = np.where(no_interval, gross if name == "available_high_ha" else 0.0, values)
    group = _overlapping(outlines)
    alone = np.bincount(group, minlength=len(group))[group] == 1
    united = float(gross[alone].sum())
    whole = {name: float(values[alone].sum()) for name, values in bounds.items()}
    for number in np.unique(group[~alone]):
        rows = np.flatnonzero(group == number)
        ground = min(shapely.union_all(outlines[rows]).area / M2_PER_HA, float(gross[rows].sum()))
        measured = left.geometry.to_numpy()[rows[~sketched[rows]]]
        free = shapely.union_all(measured).area / M2_PER_HA
        united += ground
        low, high, unknown_low, unknown_high = (values[rows] for values in bounds.values())
        whole["available_low_ha"] += max(free, low.max())
        whole["available_high_ha"] += min(free + high[sketched[rows]].sum(), ground)
        whole["unknown_low_ha"] += unknown_low.max()
        whole["unknown_high_ha"] += min(unknown_high.sum(), ground)
    if not sketched.any():
        whole["available_high_ha"] = whole["available_low_ha"]  # the same ground, added up otherwise
    else:
        values, highest = np.array([*whole.values()]), np.full(len(whole), united)
        rounded = np.where(
            values > united * WHOLE_SHARE, round(united, 1), rounded_ha(values, highest=highest)
        )
        whole = dict(zip(whole, rounded.tolist(), strict=True))
    summed = float(gross.sum())
    counts = {"site_count": len(sites), "schematic_count": int(sketched.sum())}
    counts["no_interval_count"] = int(no_interval.sum())
    repeated = summed - united if (~alone).any() else 0.0
    return pd.Series({**counts, "summed_ha": summed, "united_ha": united, "repeated_ha": repeated, **whole})


def _overlapping(outlines: Shapes) -> NDArray[np.intp]:
    """Number of the group of each outline: those that share ground, directly or through others."""
    one, other = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    pair = one < other
    one, other = one[pair], other[pair]
    common = shapes.overlaid(shapely.intersection, outlines[one], outlines[other])
    solid = shapely.area(common) > shapes.TOLERANCE_M
    graph = sparse.coo_array((solid, (one, other)), shape=(len(outlines), len(outlines)))
    return csgraph.connected_components(graph, directed=False)[1]
