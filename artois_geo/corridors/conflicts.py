"""Where land to build and green corridors want the same ground, and where a cavalier could close a gap."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure, network
from artois_geo.network import Network

M_PER_KM = 1000
CUTS, NEAR = "coupe le corridor", "dans la bande du corridor"


def conflicts(
    sites: gpd.GeoDataFrame, corridors: gpd.GeoDataFrame, *, buffer_m: float, names: bool = False
) -> gpd.GeoDataFrame:
    """List the sites that cut a corridor or lie within its band (conflits).

    Parameters
    ----------
    sites
        Polygons (or points) in EPSG:2154, unique index.
    corridors
        Lines or polygons in EPSG:2154, unique index.
    buffer_m
        Band on each side of the corridor.
    names
        Also give the names of both, ``site_nom`` and ``corridor_nom``; their index where nothing names them.

    Returns
    -------
    GeoDataFrame
        One row per site and corridor in conflict: ``site``, ``corridor`` (index), ``conflict``,
        ``distance_m``, ``cut_km`` (corridor lines inside the site), ``cut_ha`` (corridor polygons
        inside it), ``band_ha`` (part of the site within the band), these three null for a site without
        outline. Geometry: the ground in question. Largest ``band_ha`` first.

    Examples
    --------
    A path across a site, with a band of 50 m on each side:

    >>> from artois_geo.corridors import conflicts
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> path = example.line((-1, 0.5), (2, 0.5))
    >>> conflicts(site, path, buffer_m=50)[["conflict", "cut_km", "band_ha"]].values.tolist()
    [['coupe le corridor', 1.0, 10.0]]
    >>> conflicts(site.assign(site_nom="Parc"), path, buffer_m=50, names=True)["site_nom"].tolist()
    ['Parc']
    """
    measure.require_lambert93(sites=sites, corridors=corridors)
    site_shapes, corridor_shapes = sites.geometry.to_numpy(), corridors.geometry.to_numpy()
    site_row, corridor_row = shapely.STRtree(corridor_shapes).query(
        site_shapes, predicate="dwithin", distance=buffer_m
    )
    distance_m = shapely.distance(site_shapes[site_row], corridor_shapes[corridor_row])
    # a site that only touches the edge of the band has nothing in it
    band = shapely.intersection(
        site_shapes[site_row], shapely.buffer(corridor_shapes[corridor_row], buffer_m)
    )
    cut = shapely.intersection(site_shapes[site_row], corridor_shapes[corridor_row])
    length_km, cut_area_ha = shapely.length(cut) / M_PER_KM, shapely.area(cut) / measure.M2_PER_HA
    has_area = shapely.area(corridor_shapes[corridor_row]) > 0
    cut_km, cut_ha = np.where(has_area, 0.0, length_km), np.where(has_area, cut_area_ha, 0.0)
    has_outline = shapely.area(site_shapes[site_row]) > 0  # what a point would cut or cover is unknown
    cut_km, cut_ha, band_ha = (
        np.where(has_outline, figures, np.nan)
        for figures in (cut_km, cut_ha, shapely.area(band) / measure.M2_PER_HA)
    )
    table = gpd.GeoDataFrame(
        {
            "site": sites.index[site_row],
            "corridor": corridors.index[corridor_row],
            "conflict": np.where((cut_km > 0) | (cut_ha > 0), CUTS, NEAR),
            "distance_m": distance_m,
            "cut_km": cut_km,
            "cut_ha": cut_ha,
            "band_ha": band_ha,
        },
        geometry=band,
        crs=measure.LAMBERT93,
    )
    if names:
        for column, frame, rows in (("site", sites, site_row), ("corridor", corridors, corridor_row)):
            named_by = meaning.name_column(frame)
            labels = frame.index if named_by is None else frame[named_by]
            table.insert(table.columns.get_loc(column) + 1, f"{column}_nom", labels.to_numpy()[rows])
    ordered = table.sort_values(["band_ha", "cut_km"], ascending=False, kind="stable")
    return ordered.reset_index(drop=True)


def closing(
    missing: gpd.GeoDataFrame, railways: Network, *, reach_m: float, max_detour: float
) -> gpd.GeoDataFrame:
    """Tell which missing links a disused railway (cavalier) could close.

    Parameters
    ----------
    missing
        From ``gaps``: straight links in EPSG:2154.
    railways
        From ``network.build``.
    reach_m
        A cavalier this near to both ends of a link can serve it.
    max_detour
        Longest way by the cavalier, access at both ends included, over the straight link.

    Returns
    -------
    GeoDataFrame
        Rows of ``missing``, with ``railway_km`` (along the cavalier), ``access_km`` (from the two
        ends to it), ``railway_detour``, ``railway_start`` and ``railway_end`` (index of the lines at
        both ends), ``closes`` (bool). Null and False where no cavalier joins the two ends.

    Examples
    --------
    A cavalier runs 20 m beside the missing 200 m:

    >>> from artois_geo.corridors import closing
    >>> from artois_geo import example, network
    >>> missing = example.line((6, 0), (6.2, 0))
    >>> railway = network.build(example.line((5, 0.02), (8, 0.02)), snap_m=5)
    >>> links = closing(missing, railway, reach_m=50, max_detour=1.5)
    >>> links[["railway_km", "access_km", "railway_detour", "closes"]].round(2).values.tolist()
    [[0.2, 0.04, 1.2, True]]
    """
    measure.require_lambert93(missing=missing)
    shapes = missing.geometry.to_numpy()
    start_stops = network.snap(railways, gpd.GeoSeries(shapely.get_point(shapes, 0), crs=2154), max_m=reach_m)
    end_stops = network.snap(railways, gpd.GeoSeries(shapely.get_point(shapes, -1), crs=2154), max_m=reach_m)
    along_m = np.diag(network.distances(railways, start_stops, end_stops)[1]).copy()
    along_m[~np.isfinite(along_m)] = np.nan
    access_m = start_stops.away_m + end_stops.away_m
    straight_m = shapely.length(shapes)
    detour = np.divide(along_m + access_m, straight_m, out=np.full(len(shapes), np.nan), where=straight_m > 0)
    lines = railways.edges["line"].to_numpy()
    result = missing.copy()
    result["railway_km"] = along_m / M_PER_KM
    result["access_km"] = np.where(np.isnan(along_m), np.nan, access_m / M_PER_KM)
    result["railway_detour"] = detour
    for name, stops in (("railway_start", start_stops), ("railway_end", end_stops)):
        joined_lines = pd.Series([None] * len(shapes), index=missing.index, dtype=object)
        joined_lines[~np.isnan(along_m)] = lines[stops.edge[~np.isnan(along_m)]]
        result[name] = joined_lines.convert_dtypes()
    result["closes"] = np.nan_to_num(detour, nan=np.inf) <= max_detour
    return result
