"""What sites make together, the ground that several of them hold counted once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

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

    >>> import pandas as pd
    >>> from artois_geo import example, land
    >>> park = example.square(x_km=0, y_km=0, side_km=1)
    >>> sites = pd.concat([park, example.square(x_km=0, y_km=0, side_km=0.5)], ignore_index=True)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> sums = land.totals(sites, land.available(sites, flood))
    >>> sums[["summed_ha", "united_ha", "repeated_ha", "available_low_ha"]].tolist()
    [125.0, 100.0, 25.0, 75.0]
    """
    outlines, gross = sites.geometry.to_numpy(), left["gross_ha"].to_numpy(dtype=float)
    sketched = left["schematic"].to_numpy(dtype=bool)
    bounds = {name: left[name].to_numpy(dtype=float) for name in BOUNDS}
    no_interval = np.isnan(bounds["available_low_ha"])
    for name, hectares in bounds.items():
        bounds[name] = np.where(no_interval, gross if name == "available_high_ha" else 0.0, hectares)
    group = _overlapping(outlines)
    alone = np.bincount(group, minlength=len(group))[group] == 1
    united_ha = float(gross[alone].sum())
    sums = {name: float(values[alone].sum()) for name, values in bounds.items()}
    for number in np.unique(group[~alone]):
        rows = np.flatnonzero(group == number)
        group_ha = min(shapely.union_all(outlines[rows]).area / M2_PER_HA, float(gross[rows].sum()))
        measured = left.geometry.to_numpy()[rows[~sketched[rows]]]
        free_ha = shapely.union_all(measured).area / M2_PER_HA
        united_ha += group_ha
        low_ha, high_ha, unknown_low_ha, unknown_high_ha = (values[rows] for values in bounds.values())
        sums["available_low_ha"] += max(free_ha, low_ha.max())
        sums["available_high_ha"] += min(free_ha + high_ha[sketched[rows]].sum(), group_ha)
        sums["unknown_low_ha"] += unknown_low_ha.max()
        sums["unknown_high_ha"] += min(unknown_high_ha.sum(), group_ha)
    if not sketched.any():
        sums["available_high_ha"] = sums["available_low_ha"]  # the same ground, added up otherwise
    else:
        hectares, highest = np.array([*sums.values()]), np.full(len(sums), united_ha)
        rounded = np.where(
            hectares > united_ha * WHOLE_SHARE, round(united_ha, 1), rounded_ha(hectares, highest=highest)
        )
        sums = dict(zip(sums, rounded.tolist(), strict=True))
    summed = float(gross.sum())
    counts = {"site_count": len(sites), "schematic_count": int(sketched.sum())}
    counts["no_interval_count"] = int(no_interval.sum())
    repeated = summed - united_ha if (~alone).any() else 0.0
    return pd.Series({**counts, "summed_ha": summed, "united_ha": united_ha, "repeated_ha": repeated, **sums})


def shared_m2(ground: Shapes) -> NDArray[np.float64]:
    """Measure the ground (m²) of each site that another site also holds: a sum would count it twice."""
    shared_area_m2 = np.zeros(len(ground))
    site_a, site_b = shapely.STRtree(ground).query(ground, predicate="intersects")
    site_a, site_b = site_a[site_a != site_b], site_b[site_a != site_b]
    if not len(site_a):
        return shared_area_m2
    cover = shapes.polygonal(shapes.overlaid(shapely.intersection, ground[site_a], ground[site_b]))
    solid = shapely.area(cover) > shapes.TOLERANCE_M
    for row in np.unique(site_a[solid]):
        shared_area_m2[row] = shapely.union_all(cover[solid & (site_a == row)]).area
    return shared_area_m2


def _overlapping(outlines: Shapes) -> NDArray[np.intp]:
    """Number the group of each outline: outlines that share ground, directly or through others."""
    row_a, row_b = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    pair = row_a < row_b
    row_a, row_b = row_a[pair], row_b[pair]
    common = shapes.overlaid(shapely.intersection, outlines[row_a], outlines[row_b])
    solid = shapely.area(common) > shapes.TOLERANCE_M
    return shapes.joined_groups(row_a[solid], row_b[solid], len(outlines))
