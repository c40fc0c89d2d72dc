"""Ecological connectivity of patches: probability of connectivity and what each patch is worth.

Saura and Pascual-Hortal (2007) for PC and dPC; Saura, Estreguil, Mouton and Rodríguez-Freire (2011)
for the equivalent connected area.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from artois_geo import measure
from artois_geo.errors import BadTable, BadValue


def links(
    patches: gpd.GeoDataFrame, *, max_gap_m: float, obstacles: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Straight links between patches that lie near each other, edge to edge (liaisons).

    Parameters
    ----------
    patches
        Polygons in EPSG:2154, unique index.
    max_gap_m
        Longest link.
    obstacles
        Lines or polygons that nothing crosses (motorway, canal without passage).

    Returns
    -------
    GeoDataFrame
        One row per pair: ``patch_a``, ``patch_b`` (index), ``gap_m`` (0 where they touch),
        ``blocked`` (the straight link meets an obstacle); straight lines.

    Examples
    --------
    >>> import pandas as pd
    >>> parks = pd.concat([plain.square(x_km=x, y_km=0, side_km=1) for x in (0, 1.5)], ignore_index=True)
    >>> motorway = plain.line((1.2, -1), (1.2, 2))
    >>> links(parks, max_gap_m=600, obstacles=motorway)[["gap_m", "blocked"]].values.tolist()
    [[500.0, True]]
    """
    measure.require_lambert93(patches=patches)
    shapes = patches.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=max_gap_m)
    one, other = one[one < other], other[one < other]
    straight = shapely.shortest_line(shapes[one], shapes[other])
    blocked = np.zeros(len(one), bool)
    if obstacles is not None:
        measure.require_lambert93(obstacles=obstacles)
        met = shapely.STRtree(obstacles.geometry.to_numpy()).query(straight, predicate="intersects")[0]
        blocked[met] = True
    return gpd.GeoDataFrame(
        {
            "patch_a": patches.index[one],
            "patch_b": patches.index[other],
            "gap_m": shapely.distance(shapes[one], shapes[other]),
            "blocked": blocked,
        },
        geometry=straight,
        crs=measure.LAMBERT93,
    )


def equivalent_ha(
    patches: gpd.GeoDataFrame, joined: pd.DataFrame, *, half_distance_m: float, weight: str | None = None
) -> float:
    """Equivalent connected area: the one patch that would be worth as much as the network, in hectares.

    EC = √ΣᵢΣⱼ aᵢ·aⱼ·pᵢⱼ, where pᵢⱼ is the best product of ``0.5^(d/D50)`` along a chain of links.

    Parameters
    ----------
    patches
        Polygons in EPSG:2154.
    joined
        From :func:`links`; blocked ones do not count.
    half_distance_m
        Distance that half of the moves of the species manage (D50).
    weight
        Column that replaces the area (a quality in hectares).

    Examples
    --------
    Three parks of 20, 16 and 20 ha, 400 m from each other, for a D50 of 1 km:

    >>> import pandas as pd
    >>> widths = [(0, 0.25), (0.65, 0.2), (1.25, 0.25)]
    >>> parks = [plain.rectangle(x_km=x, y_km=0, width_km=w, height_km=0.8) for x, w in widths]
    >>> parks = pd.concat(parks, ignore_index=True)
    >>> round(equivalent_ha(parks, links(parks, max_gap_m=2000), half_distance_m=1000), 1)
    49.9
    """
    worth = _worth(patches, weight)
    chances = _chances(patches, joined, half_distance_m)
    return float(np.sqrt(worth @ chances @ worth))


def connectivity(
    patches: gpd.GeoDataFrame, joined: pd.DataFrame, *, half_distance_m: float, weight: str | None = None
) -> gpd.GeoDataFrame:
    """What each patch is worth for the whole: its component and the loss if it went.

    Parameters
    ----------
    patches, joined, half_distance_m, weight
        As in :func:`equivalent_ha`.

    Returns
    -------
    GeoDataFrame
        Rows of ``patches``, with ``component``, ``component_ha``, ``component_equivalent_ha``,
        ``dpc_share`` (share of the probability of connectivity lost without this patch) and
        ``dpc_rank`` (1: the one that costs most).

    Raises
    ------
    BadTable
        ``joined`` names patches that are not there, or the index has duplicates.
    BadValue
        ``half_distance_m`` is not positive.

    Examples
    --------
    The middle park of three costs half of it:

    >>> import pandas as pd
    >>> widths = [(0, 0.25), (0.65, 0.2), (1.25, 0.25)]
    >>> parks = [plain.rectangle(x_km=x, y_km=0, width_km=w, height_km=0.8) for x, w in widths]
    >>> parks = pd.concat(parks, ignore_index=True)
    >>> connectivity(parks, links(parks, max_gap_m=2000), half_distance_m=1000)["dpc_share"].round(2).tolist()
    [0.54, 0.52, 0.54]
    """
    worth = _worth(patches, weight)
    ways = _ways(patches, joined)
    count, label = csgraph.connected_components(ways, directed=False)
    lost, equivalent = np.zeros(len(patches)), np.zeros(count)
    total = 0.0
    for component in range(count):
        members = np.flatnonzero(label == component)
        inside = ways[members][:, members]
        own = worth[members]
        value = own @ _probability(inside, half_distance_m) @ own
        equivalent[component] = np.sqrt(value)
        total += value
        for number in range(len(members)):
            rest = np.delete(np.arange(len(members)), number)
            left = own[rest] @ _probability(inside[rest][:, rest], half_distance_m) @ own[rest]
            lost[members[number]] = value - left
    result = patches.copy()
    result["component"] = label
    result["component_ha"] = np.bincount(label, weights=worth, minlength=count)[label]
    result["component_equivalent_ha"] = equivalent[label]
    result["dpc_share"] = lost / total if total else np.nan
    result["dpc_rank"] = result["dpc_share"].rank(ascending=False, method="min").astype("Int64")
    return result


def _worth(patches: gpd.GeoDataFrame, weight: str | None) -> np.ndarray:
    measure.require_lambert93(patches=patches)
    if weight is None:
        return measure.area_ha(patches).to_numpy()
    if weight not in patches.columns:
        raise BadTable(f"La colonne « {weight} » manque dans les taches (patches).")
    return patches[weight].to_numpy(dtype=float)


def _chances(patches: gpd.GeoDataFrame, joined: pd.DataFrame, half_distance_m: float) -> np.ndarray:
    return _probability(_ways(patches, joined), half_distance_m)


def _ways(patches: gpd.GeoDataFrame, joined: pd.DataFrame) -> sparse.csr_matrix:
    if not patches.index.is_unique:
        raise BadTable("L'index des taches (patches) a des doublons. Le refaire avec reset_index().")
    free = joined[~joined["blocked"].astype(bool)]
    one = patches.index.get_indexer(pd.Index(free["patch_a"]))
    other = patches.index.get_indexer(pd.Index(free["patch_b"]))
    if (one < 0).any() or (other < 0).any():
        raise BadTable("Des liaisons désignent des taches absentes : recalculer links(patches).")
    metres = free["gap_m"].to_numpy(dtype=float)
    size = len(patches)
    return sparse.csr_matrix(
        (np.r_[metres, metres], (np.r_[one, other], np.r_[other, one])), shape=(size, size)
    )


def _probability(ways: sparse.csr_matrix, half_distance_m: float) -> np.ndarray:
    if not half_distance_m > 0:
        raise BadValue(f"half_distance_m doit être positif (valeur reçue : {half_distance_m}).")
    # the best product of probabilities is the shortest sum of distances
    return np.asarray(0.5 ** (csgraph.dijkstra(ways, directed=False) / half_distance_m))
