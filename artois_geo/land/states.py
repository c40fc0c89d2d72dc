"""The ground of each site as shapes: available, unknown, excluded."""

from typing import Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import shapes
from artois_geo.errors import BadTable
from artois_geo.land.constraint_table import Constraints
from artois_geo.land.cuts import Demands, cut, surroundings
from artois_geo.land.moves import find_doubts
from artois_geo.measure import LAMBERT93, M2_PER_HA


def unknown(
    sites: gpd.GeoDataFrame, constraints: Constraints, **demands: Unpack[Demands]
) -> gpd.GeoDataFrame:
    """Draw the ground of each site that would be available if what nobody looked at proved free.

    Parameters
    ----------
    sites, constraints, demands
        As for :func:`available`; without ``coverage``, nothing is unknown.

    Returns
    -------
    GeoDataFrame
        Columns of ``sites``; the geometry is the unknown ground, empty where there is none, and where a
        site is schematic. Adds ``unknown_ha``, null where the site is schematic.

    Raises
    ------
    BadCRS, BadTable, BadValue
        As for :func:`available`.

    Examples
    --------
    Only the western half of a site of 100 ha was surveyed:

    >>> from artois_geo import example, land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.9, y_km=0, width_km=1, height_km=1)
    >>> survey = example.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1)
    >>> land.unknown(site, flood, coverage=survey)["unknown_ha"].round(6).tolist()
    [40.0]
    """
    around = surroundings(sites, constraints, **demands)
    sketched = find_doubts(sites, around.rules).reached()
    ground = cut(sites.geometry.to_numpy(), around).unknown
    ground[sketched] = shapely.Polygon()
    unknown_ground = sites.set_geometry(gpd.GeoSeries(ground, index=sites.index, crs=LAMBERT93))
    return unknown_ground.assign(unknown_ha=np.where(sketched, np.nan, shapely.area(ground) / M2_PER_HA))


def states(
    sites: gpd.GeoDataFrame, left: gpd.GeoDataFrame, *, unknown: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Draw the three states as shapes: one row per site and state, for a map or a file.

    Parameters
    ----------
    sites
        What was given to :func:`available`.
    left
        What it returned.
    unknown
        What :func:`unknown` returned: needed where some ground was not looked at.

    Returns
    -------
    GeoDataFrame
        Columns of ``sites``, then ``state`` (``disponible``, ``inconnu``, ``exclu``) and ``area_ha``.
        States without ground have no row. A site that is not measured is « inconnu » as a whole,
        without area. Rows stand in the order of ``sites``.

    Raises
    ------
    BadTable
        Some ground is unknown, and ``unknown`` is absent.

    Examples
    --------
    >>> from artois_geo import example, land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    >>> land.states(site, land.available(site, flood))[["state", "area_ha"]].values.tolist()
    [['disponible', 75.0], ['exclu', 25.0]]
    """
    if unknown is None and left["unknown_ha"].gt(0).any():
        raise BadTable("Du sol n'a été regardé par personne : donner unknown=land.unknown(…) à land.states.")
    sketched = left["schematic"].to_numpy(dtype=bool)
    certain = np.where(sketched, shapely.Polygon(), left.geometry.to_numpy())
    doubtful = np.full(len(sites), shapely.Polygon()) if unknown is None else unknown.geometry.to_numpy()
    excluded = sites.geometry.to_numpy().copy()
    for ground in (certain, doubtful):
        has_ground = ~shapely.is_empty(ground)
        excluded[has_ground] = shapes.overlaid(shapely.difference, excluded[has_ground], ground[has_ground])
    excluded[sketched] = shapely.Polygon()
    undecided = np.where(sketched, sites.geometry.to_numpy(), doubtful)
    parts = []
    for state, ground in (
        ("disponible", certain),
        ("inconnu", undecided),
        ("exclu", shapes.polygonal(excluded)),
    ):
        part = sites.set_geometry(gpd.GeoSeries(ground, index=sites.index, crs=LAMBERT93))
        area = shapely.area(ground)
        part["state"] = state
        part["area_ha"] = np.where(sketched, np.nan, area / M2_PER_HA)
        part["_order"] = np.arange(len(sites))
        # An overlay leaves crumbs of a few cm² where both outlines run together.
        parts.append(part[area > shapes.TOLERANCE_M])
    return pd.concat(parts).sort_values("_order", kind="stable").drop(columns="_order")
