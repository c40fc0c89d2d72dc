"""Thresholds of the decree (n° 2023-1096) on an OCS GE that was classified by the matrix."""

import heapq

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from artois_geo import measure

_BUILDING = "CS1.1.1.1"


def sieve(cover: GeoDataFrame, *, building_m2: float, patch_m2: float) -> GeoDataFrame:
    """Thresholds of the decree: a patch too small takes the status of what surrounds it.

    A patch is all the ground of one status that touches along an edge. Smallest
    patches first, each joining its surroundings; a patch with a building at least
    ``building_m2`` large stays. The width of linear infrastructure is tested before, by
    ``narrow_strips``.

    Parameters
    ----------
    cover
        Result of ``classify``, without overlaps, wider than the territory studied
        (a patch cut by the border would look small).
    building_m2, patch_m2
        Thresholds of a rule set (50 m² and 2 500 m²).

    Returns
    -------
    GeoDataFrame
        Rows of ``cover`` with ``artificial`` after the sieve and ``sieved`` (True where it changed).

    Examples
    --------
    A lawn of 0.2 ha inside a wood is not artificialised by itself:

    >>> wood = plain.square(x_km=0, y_km=0, side_km=1)
    >>> lawn = plain.rectangle(x_km=0.4, y_km=0.4, width_km=0.04, height_km=0.05)
    >>> import pandas as pd
    >>> cover = pd.concat([wood.assign(geometry=wood.difference(lawn)), lawn], ignore_index=True)
    >>> cover = cover.assign(code_cs=["CS2.1.1.1", "CS2.2.1"], artificial=[False, True])
    >>> sieve(cover, building_m2=50, patch_m2=2500)["artificial"].tolist()
    [False, False]
    """
    measure.require_lambert93(cover=cover)
    shapes = cover.geometry.to_numpy()
    areas = shapely.area(shapes)
    status = cover["artificial"].to_numpy(dtype=bool)
    kept = (cover["code_cs"] == _BUILDING).to_numpy() & (areas >= building_m2)
    final = _settled(shapes, status, kept, patch_m2)
    return cover.assign(artificial=final, sieved=final != status)


def _edges(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    # a shared corner is not surroundings
    bounds = shapely.boundary(shapes)
    common = shapely.length(shapely.intersection(bounds[first], bounds[second]))
    return np.column_stack([first, second])[common > 0]


def _settled(
    shapes: NDArray[np.object_], status: NDArray[np.bool_], kept: NDArray[np.bool_], patch_m2: float
) -> NDArray[np.bool_]:
    """Status of each feature once no patch is too small that has surroundings."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = _edges(shapes)
    alike = edges[status[edges[:, 0]] == status[edges[:, 1]]]
    links = coo_array((np.ones(len(alike)), (alike[:, 0], alike[:, 1])), shape=(len(shapes), len(shapes)))
    count, patch = connected_components(links, directed=False)
    area = np.bincount(patch, weights=shapely.area(shapes), minlength=count).tolist()
    state = np.zeros(count, dtype=bool)
    state[patch] = status
    fixed = np.bincount(patch, weights=kept, minlength=count) > 0
    around: list[set[int]] = [set() for _ in range(count)]
    for one, other in patch[edges].tolist():
        if one != other:
            around[one].add(other)
            around[other].add(one)
    place = _places(shapes, patch, count)
    home = list(range(count))
    queue = [(area[one], *place[one], one) for one in range(count) if area[one] < patch_m2]
    heapq.heapify(queue)
    while queue:
        size, *_, one = heapq.heappop(queue)
        if home[one] != one or size != area[one] or not around[one] or (fixed[one] and state[one]):
            continue
        state[one] = not state[one]
        fixed[one] |= any(fixed[other] for other in around[one])
        area[one] += sum(sorted(area[other] for other in around[one]))
        _swallow(one, around, home)
        if area[one] < patch_m2:
            heapq.heappush(queue, (area[one], *place[one], one))
    final = np.array([state[_home(home, one)] for one in range(count)], dtype=bool)
    return final[patch]


def _places(shapes: NDArray[np.object_], patch: NDArray[np.int64], count: int) -> list[tuple[float, float]]:
    # two patches of one size are taken from west to east: the order of the file plays no part
    corner = shapely.bounds(shapes)[:, :2]
    west = np.full((count, 2), np.inf)
    np.minimum.at(west, patch, corner)
    return [(float(x), float(y)) for x, y in west]


def _swallow(one: int, around: list[set[int]], home: list[int]) -> None:
    """Join a patch with all its neighbours, which have its status from now on."""
    taken = around[one]
    beyond = set().union(*(around[other] for other in taken)) - taken - {one}
    for other in taken:
        home[other] = one
        around[other] = set()
    for far in beyond:
        around[far] -= taken
        around[far].add(one)
    around[one] = beyond


def _home(home: list[int], one: int) -> int:
    while home[one] != one:
        one = home[one]
    return one
