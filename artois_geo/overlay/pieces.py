"""Cutting features along zones, when the shape of the pieces is wanted."""

import geopandas as gpd
import numpy as np

from artois_geo import measure
from artois_geo.overlay import frames, trees


def intersections(
    features: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, cores: int | None = None
) -> gpd.GeoDataFrame:
    """Cut features along zones: one row per feature and zone that share ground.

    Parameters
    ----------
    features
        Polygons, lines or points in EPSG:2154.
    zones
        Polygons in EPSG:2154. They may overlap (ground under two zones gives two
        pieces), leave gaps (ground under none gives no piece) and have several parts.
    cores
        Threads to use; all available ones when not given.

    Returns
    -------
    GeoDataFrame
        ``feature_row`` and ``zone_row`` are positions (for ``iloc``), sorted in that
        order; ``piece_ha`` is the plane area; the geometry has the dimension of the
        feature. A polygon or line that only touches a zone has no piece there; a line
        or point on the limit of two zones has one piece in each.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself, so that its surface has no meaning.

    Examples
    --------
    A site of 2 km by 1 km across two communes, one kilometre square each:

    >>> import pandas as pd
    >>> site = plain.rectangle(x_km=0.5, y_km=0, width_km=2, height_km=1)
    >>> communes = pd.concat([plain.square(x_km=x, y_km=0, side_km=1) for x in (0, 1)])
    >>> intersections(site, communes)[["feature_row", "zone_row", "piece_ha"]]
       feature_row  zone_row  piece_ha
    0            0         0      50.0
    1            0         1     100.0
    """
    shapes = frames.any_shapes(features, name="features")
    pairs, pieces = trees.shared_shapes(
        shapes, frames.polygons(zones, name="zones"), cores=trees.cores_or_all(cores)
    )
    order = np.lexsort((pairs.zone, pairs.feature))
    return gpd.GeoDataFrame(
        {
            "feature_row": pairs.feature[order],
            "zone_row": pairs.zone[order],
            "piece_ha": pairs.m2[order] / measure.M2_PER_HA,
        },
        geometry=pieces[order],
        crs=measure.LAMBERT93,
    )
