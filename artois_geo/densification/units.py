"""Unités foncières: neighbouring parcels of one owner, rebuilt from the cadastre."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import shapes
from artois_geo.errors import BadTable
from artois_geo.measure import LAMBERT93, M2_PER_HA
from artois_geo.shapes import Shapes

#: Two parcels that share less than a decimetre of edge only touch at a corner.
MIN_EDGE_M = 0.1
PAIRS_AT_ONCE = 50_000


def land_units(
    parcels: gpd.GeoDataFrame,
    *,
    owner: str,
    sites: gpd.GeoDataFrame | None = None,
    site_key: str = "site_id",
    keep: tuple[str, ...] = (),
) -> gpd.GeoDataFrame:
    """Unités foncières: parcels of one owner that share an edge, put together.

    Parameters
    ----------
    parcels
        Polygons in EPSG:2154, unique index, with the column ``owner``. They may not overlap
        by more than drawing errors: an overlap within a unit is dissolved.
    owner
        Column that identifies the owner. A parcel without owner stays alone.
    sites
        Polygons in EPSG:2154 with ``site_key``: parcels are cut to them first, so that a unit
        belongs to one site; ground outside is left out. Where sites overlap, a parcel counts in each.
    site_key
        Column of ``sites`` that names them.
    keep
        Columns of ``parcels`` to carry along, from the largest parcel of the unit.

    Returns
    -------
    GeoDataFrame
        One row per unit, new index: ``unit_id``, ``site_key`` if given, ``owner``, ``keep``,
        ``parcels`` (their index values joined by ``|``), ``parcel_count``, ``unit_ha``.
        In the order of the first parcel.

    Raises
    ------
    BadCRS, BadTable
        Geometry that is not valid polygons in Lambert-93; a missing column.

    Notes
    -----
    An unité foncière is an uninterrupted set of parcels of the same owner (Conseil d'État,
    27 June 2005, *commune de Chambéry*). Parcels that touch at a corner are not one unit.

    Examples
    --------
    >>> from artois_geo import densification
    >>> west = plain.square(x_km=0, y_km=0, side_km=0.1, owner="SCI A")
    >>> east = plain.square(x_km=0.1, y_km=0, side_km=0.1, owner="SCI A")
    >>> parcels = pd.concat([west, east], ignore_index=True)
    >>> densification.land_units(parcels, owner="owner")[["parcel_count", "unit_ha"]].values.tolist()
    [[2.0, 2.0]]
    """
    shapes.require_polygons(parcels=parcels)
    for column in (owner, *keep):
        if column not in parcels.columns:
            raise BadTable(f"« parcels » n'a pas de colonne « {column} ».")
    row, ground, site = _cut(parcels, sites, site_key)
    holder = parcels[owner].to_numpy()[row]
    zone = None if site is None else pd.factorize(site)[0]
    unit = _groups(ground, pd.factorize(holder)[0], zone)
    return _assembled(parcels, row, ground, site, unit, owner=owner, site_key=site_key, keep=keep)


def _cut(
    parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame | None, site_key: str
) -> tuple[NDArray[np.intp], Shapes, NDArray[np.object_] | None]:
    ground = parcels.geometry.to_numpy().copy()
    if sites is None:
        return np.arange(len(parcels)), ground, None
    shapes.require_polygons(sites=sites)
    if site_key not in sites.columns:
        raise BadTable(f"« sites » n'a pas de colonne « {site_key} ».")
    zones = sites.geometry.to_numpy()
    zone, row = shapely.STRtree(ground).query(zones, predicate="intersects")
    order = np.lexsort((zone, row))
    zone, row = zone[order], row[order]
    shapely.prepare(zones)
    piece = ground[row]
    crossing = ~shapely.covers(zones[zone], piece)
    piece[crossing] = shapes.polygonal(shapely.intersection(piece[crossing], zones[zone[crossing]]))
    # A parcel along the limit leaves a thread a few millimetres wide.
    solid = shapely.area(piece) > shapes.TOLERANCE_M * shapely.length(piece)
    return row[solid], piece[solid], sites[site_key].to_numpy()[zone[solid]]


def _groups(ground: Shapes, holder: NDArray[np.intp], site: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """Number of the unit of each piece of parcel."""
    one, other = _neighbours(ground)
    same = (holder[one] == holder[other]) & (holder[one] >= 0)
    if site is not None:
        same &= site[one] == site[other]
    one, other = one[same], other[same]
    edge = np.zeros(len(one))
    for start in range(0, len(one), PAIRS_AT_ONCE):
        pair = slice(start, start + PAIRS_AT_ONCE)
        shared = shapely.intersection(ground[one[pair]], ground[other[pair]])
        # An overlap of two parcels of one owner joins them too: half its outline stands for the edge.
        edge[pair] = shapely.length(shared) / np.where(shapely.get_dimensions(shared) == 2, 2, 1)
    linked = edge > MIN_EDGE_M
    return _connected(len(ground), one[linked], other[linked])


def _neighbours(ground: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    one, other = shapely.STRtree(ground).query(ground, predicate="intersects")
    return one[one < other], other[one < other]


def _connected(count: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    """Connected components: each link lowers both ends to the smaller number, until nothing moves."""
    number = np.arange(count)
    while True:
        low = np.minimum(number[one], number[other])
        moved = number.copy()
        np.minimum.at(moved, one, low)
        np.minimum.at(moved, other, low)
        np.minimum.at(moved, number, moved)
        moved = moved[moved]
        if (moved == number).all():
            return number
        number = moved


def _assembled(
    parcels: gpd.GeoDataFrame,
    row: NDArray[np.intp],
    ground: Shapes,
    site: NDArray[np.object_] | None,
    unit: NDArray[np.intp],
    *,
    owner: str,
    site_key: str,
    keep: tuple[str, ...],
) -> gpd.GeoDataFrame:
    order = np.argsort(unit, kind="stable")
    found, first = np.unique(unit[order], return_index=True)
    number = np.diff(np.append(first, len(order)))
    whole = ground[order[first]].copy()
    for at in np.flatnonzero(number > 1):
        whole[at] = shapely.union_all(ground[order[first[at] : first[at] + number[at]]])
    pieces = pd.DataFrame(
        {
            "unit": unit,
            "row": row,
            "name": parcels.index.astype(str).to_numpy()[row],
            "m2": shapely.area(ground),
        }
    )
    units = gpd.GeoDataFrame(geometry=shapes.polygonal(whole), crs=LAMBERT93)
    units.insert(0, "unit_id", [f"UF{at:06d}" for at in range(1, len(units) + 1)])
    if site is not None:
        units.insert(1, site_key, site[found])
    main = pieces.sort_values("m2", kind="stable").groupby("unit")["row"].last().to_numpy()
    for column in dict.fromkeys((owner, *keep)):
        units[column] = parcels[column].to_numpy()[main]
    units["parcels"] = pieces.groupby("unit", sort=True)["name"].agg("|".join).to_numpy()
    units["parcel_count"] = number
    units["unit_ha"] = units.area / M2_PER_HA
    return units[[column for column in units.columns if column != "geometry"] + ["geometry"]]
