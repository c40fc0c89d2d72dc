"""Who has a park or a greenway within reach: by the streets, or by air and labelled so."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure, network
from artois_geo.errors import BadTable, BadValue
from artois_geo.network import Network

BY_NETWORK, BY_AIR = "réseau", "à vol d'oiseau"


def zones(
    places: gpd.GeoDataFrame,
    *,
    distances_m: Sequence[float],
    streets: Network | None = None,
    entrance_m: float = 0.0,
    band_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """Return the ground within each distance of any of the places (parks, greenways, stations).

    Parameters
    ----------
    places
        Any geometry in EPSG:2154. Give the entrances of a park as points where they are known;
        a polygon is entered wherever a street comes within ``entrance_m`` of it.
    distances_m
        Distances on foot or by bike, in metres.
    streets
        From ``network.build``; without it distances are by air and the column ``method`` says so.
    entrance_m
        A street this near to a place enters it.
    band_m
        Ground on each side of a street that is served from it.

    Returns
    -------
    GeoDataFrame
        One row per distance, in increasing order: ``distance_m``, ``method`` (``réseau`` or
        ``à vol d'oiseau``) and the zone; a larger zone holds the smaller ones.

    Raises
    ------
    BadValue
        No distance, or a negative one; streets given without ``band_m``.

    Examples
    --------
    A canal without a bridge: the bank opposite is near by air, not on foot.

    >>> from artois_geo.corridors import zones
    >>> from artois_geo import example, network
    >>> park = example.square(x_km=0, y_km=0, side_km=1)
    >>> street = network.build(example.line((1, 0.5), (3, 0.5)), snap_m=5)
    >>> by_air = zones(park, distances_m=[300])
    >>> on_foot = zones(park, distances_m=[300], streets=street, entrance_m=10, band_m=50)
    >>> house = example.point(x_km=-0.2, y_km=0.5).geometry.iloc[0]
    >>> by_air.contains(house).tolist(), on_foot.contains(house).tolist()
    ([True], [False])
    """
    measure.require_lambert93(places=places)
    if not len(distances_m) or min(distances_m) < 0:
        raise BadValue("distances_m doit donner au moins une distance, positive ou nulle.")
    if streets is not None and not band_m > 0:
        raise BadValue("Avec des rues, band_m (bande desservie de part et d'autre) doit être positif.")
    place_shapes = places.geometry[places.geometry.notna()]
    shapes = []
    for metres in sorted(distances_m):
        if streets is None:
            shapes.append(place_shapes.buffer(metres).union_all())
            continue
        stops = network.near(streets, place_shapes, max_m=entrance_m)[1]
        ways = network.reached(streets, stops, limit_m=metres)
        shapes.append(shapely.union_all([ways.buffer(band_m).union_all(), place_shapes.union_all()]))
    return gpd.GeoDataFrame(
        {"distance_m": sorted(distances_m), "method": BY_AIR if streets is None else BY_NETWORK},
        geometry=shapes,
        crs=measure.LAMBERT93,
    )


def served(people: gpd.GeoDataFrame, reach: gpd.GeoDataFrame, *, counts: Sequence[str]) -> pd.DataFrame:
    """Sum how much of each count lies in each zone.

    A polygon (200 m grid cell, ZAE) counts by the share of its area in the zone, as INSEE does;
    a point (establishment, address) counts whole or not at all.

    Parameters
    ----------
    people
        Points or polygons in EPSG:2154 with the columns ``counts``; a null counts as unknown.
    reach
        From :func:`zones`.
    counts
        Columns to add up: inhabitants, jobs, hectares.

    Returns
    -------
    DataFrame
        One row per zone and count: ``distance_m``, ``method``, ``count``, ``served``, ``total``,
        ``served_share``, ``unknown`` (rows whose count is null), ``touched`` (rows with any part in
        the zone).

    Raises
    ------
    BadTable
        A column of ``counts`` is absent.

    Examples
    --------
    Half of a cell of 400 inhabitants lies within 500 m of the park:

    >>> from artois_geo.corridors import served, zones
    >>> from artois_geo import example
    >>> park = example.square(x_km=0, y_km=0, side_km=1)
    >>> cell = example.rectangle(x_km=1, y_km=0, width_km=1, height_km=1, habitants=400)
    >>> table = served(cell, zones(park, distances_m=[500]), counts=["habitants"])
    >>> table[["served", "total"]].values.tolist()
    [[200.0, 400.0]]
    """
    measure.require_lambert93(people=people, reach=reach)
    absent = [name for name in counts if name not in people.columns]
    if absent:
        raise BadTable(f"Colonnes absentes : {', '.join(absent)}.")
    shapes = people.geometry.to_numpy()
    area_m2 = shapely.area(shapes)
    rows = []
    for zone, metres, method in zip(reach.geometry, reach["distance_m"], reach["method"], strict=True):
        inside = shapely.intersects(shapes, zone)
        share = inside.astype(float)
        inside_polygons = inside & (area_m2 > 0)
        share[inside_polygons] = (
            shapely.area(shapely.intersection(shapes[inside_polygons], zone)) / area_m2[inside_polygons]
        )
        for name in counts:
            numbers = pd.to_numeric(people[name], errors="coerce").to_numpy(dtype=float)
            is_known = ~np.isnan(numbers)
            total, served_count = float(numbers[is_known].sum()), float((numbers * share)[is_known].sum())
            rows.append(
                {
                    "distance_m": metres,
                    "method": method,
                    "count": name,
                    "served": served_count,
                    "total": total,
                    "served_share": served_count / total if total else np.nan,
                    "unknown": int((~is_known).sum()),
                    "touched": int(inside.sum()),
                }
            )
    return pd.DataFrame(rows)
