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
    """Draw straight links between patches that lie near each other, edge to edge (liaisons).

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
    >>> from artois_geo.corridors import links
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> parks = pd.concat([example.square(x_km=x, y_km=0, side_km=1) for x in (0, 1.5)], ignore_index=True)
    >>> motorway = example.line((1.2, -1), (1.2, 2))
    >>> links(parks, max_gap_m=600, obstacles=motorway)[["gap_m", "blocked"]].values.tolist()
    [[500.0, True]]
    """
    measure.require_lambert93(patches=patches)
    shapes = patches.geometry.to_numpy()
    patch_a, patch_b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=max_gap_m)
    patch_a, patch_b = patch_a[patch_a < patch_b], patch_b[patch_a < patch_b]
    straight_lines = shapely.shortest_line(shapes[patch_a], shapes[patch_b])
    blocked = np.zeros(len(patch_a), bool)
    if obstacles is not None:
        measure.require_lambert93(obstacles=obstacles)
        blocked_rows = shapely.STRtree(obstacles.geometry.to_numpy()).query(
            straight_lines, predicate="intersects"
        )[0]
        blocked[blocked_rows] = True
    return gpd.GeoDataFrame(
        {
            "patch_a": patches.index[patch_a],
            "patch_b": patches.index[patch_b],
            "gap_m": shapely.distance(shapes[patch_a], shapes[patch_b]),
            "blocked": blocked,
        },
        geometry=straight_lines,
        crs=measure.LAMBERT93,
    )


def equivalent_ha(
    patches: gpd.GeoDataFrame, joined: pd.DataFrame, *, half_distance_m: float, weight: str | None = None
) -> float:
    """Compute the equivalent connected area: the one patch worth as much as the network, in hectares.

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

    >>> from artois_geo.corridors import equivalent_ha, links
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> widths = [(0, 0.25), (0.65, 0.2), (1.25, 0.25)]
    >>> parks = [example.rectangle(x_km=x, y_km=0, width_km=w, height_km=0.8) for x, w in widths]
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
    """Compute what each patch is worth for the network: its component, and the loss if it went.

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

    >>> from artois_geo.corridors import connectivity, links
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> widths = [(0, 0.25), (0.65, 0.2), (1.25, 0.25)]
    >>> parks = [example.rectangle(x_km=x, y_km=0, width_km=w, height_km=0.8) for x, w in widths]
    >>> parks = pd.concat(parks, ignore_index=True)
    >>> connectivity(parks, links(parks, max_gap_m=2000), half_distance_m=1000)["dpc_share"].round(2).tolist()
    [0.54, 0.52, 0.54]
    """
    worth = _worth(patches, weight)
    link_lengths = _link_lengths(patches, joined)
    count, label = csgraph.connected_components(link_lengths, directed=False)
    loss, equivalent = np.zeros(len(patches)), np.zeros(count)
    total = 0.0
    for component in range(count):
        members = np.flatnonzero(label == component)
        member_links = link_lengths[members][:, members]
        member_worth = worth[members]
        component_worth = member_worth @ _probability(member_links, half_distance_m) @ member_worth
        equivalent[component] = np.sqrt(component_worth)
        total += component_worth
        for number in range(len(members)):
            other_members = np.delete(np.arange(len(members)), number)
            worth_without = (
                member_worth[other_members]
                @ _probability(member_links[other_members][:, other_members], half_distance_m)
                @ member_worth[other_members]
            )
            loss[members[number]] = component_worth - worth_without
    result = patches.copy()
    result["component"] = label
    result["component_ha"] = np.bincount(label, weights=worth, minlength=count)[label]
    result["component_equivalent_ha"] = equivalent[label]
    result["dpc_share"] = loss / total if total else np.nan
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
    return _probability(_link_lengths(patches, joined), half_distance_m)


def _link_lengths(patches: gpd.GeoDataFrame, joined: pd.DataFrame) -> sparse.csr_matrix:
    """Build the symmetric matrix of the lengths of links between patches, blocked ones left out."""
    if not patches.index.is_unique:
        raise BadTable("L'index des taches (patches) a des doublons. Le refaire avec reset_index().")
    open_links = joined[~joined["blocked"].astype(bool)]
    patch_a = patches.index.get_indexer(pd.Index(open_links["patch_a"]))
    patch_b = patches.index.get_indexer(pd.Index(open_links["patch_b"]))
    if (patch_a < 0).any() or (patch_b < 0).any():
        raise BadTable("Des liaisons désignent des taches absentes : recalculer links(patches).")
    length_m = open_links["gap_m"].to_numpy(dtype=float)
    size = len(patches)
    return sparse.csr_matrix(
        (np.r_[length_m, length_m], (np.r_[patch_a, patch_b], np.r_[patch_b, patch_a])), shape=(size, size)
    )


def _probability(link_lengths: sparse.csr_matrix, half_distance_m: float) -> np.ndarray:
    if not half_distance_m > 0:
        raise BadValue(f"half_distance_m doit être positif (valeur reçue : {half_distance_m}).")
    # the best product of probabilities is the shortest sum of distances
    return np.asarray(0.5 ** (csgraph.dijkstra(link_lengths, directed=False) / half_distance_m))
