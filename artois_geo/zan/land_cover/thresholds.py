"""Thresholds of the decree (n° 2023-1096) on an OCS GE that was classified by the matrix."""

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from artois_geo import measure
from artois_geo.shapes import joined_groups

_BUILDING = "CS1.1.1.1"


def sieve(cover: GeoDataFrame, *, building_m2: float, patch_m2: float) -> GeoDataFrame:
    """Apply the thresholds of the decree: a patch too small takes the status of what surrounds it.

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

    >>> from artois_geo.zan import sieve
    >>> from artois_geo import example
    >>> wood = example.square(x_km=0, y_km=0, side_km=1)
    >>> lawn = example.rectangle(x_km=0.4, y_km=0.4, width_km=0.04, height_km=0.05)
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
    protected = (cover["code_cs"] == _BUILDING).to_numpy() & (areas >= building_m2)
    status_after = _sieved_status(shapes, status, protected, patch_m2)
    return cover.assign(artificial=status_after, sieved=status_after != status)


def _edges(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    feature_a, feature_b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    feature_a, feature_b = feature_a[feature_a < feature_b], feature_b[feature_a < feature_b]
    # a shared corner is not surroundings
    bounds = shapely.boundary(shapes)
    common = shapely.length(shapely.intersection(bounds[feature_a], bounds[feature_b]))
    return np.column_stack([feature_a, feature_b])[common > 0]


def _sieved_status(
    shapes: NDArray[np.object_], status: NDArray[np.bool_], protected: NDArray[np.bool_], patch_m2: float
) -> NDArray[np.bool_]:
    """Return the status of each feature once no patch that has surroundings is too small."""
    patch_ids, patches = _patches(shapes, status, protected)
    count = len(patches.area_m2)
    west_corners = _west_corners(shapes, patch_ids, count)
    queue = [
        (patches.area_m2[patch], *west_corners[patch], patch)
        for patch in range(count)
        if patches.area_m2[patch] < patch_m2
    ]
    heapq.heapify(queue)
    # the smallest patch turns first and absorbs its neighbours, which are now of its status
    while queue:
        queued_m2, *_, patch = heapq.heappop(queue)
        if queued_m2 == patches.area_m2[patch] and patches.may_turn(patch):
            patches.turn(patch)
            if patches.area_m2[patch] < patch_m2:
                heapq.heappush(queue, (patches.area_m2[patch], *west_corners[patch], patch))
    survivors = [patches.survivor(patch) for patch in range(count)]
    return np.array(patches.artificial, dtype=bool)[survivors][patch_ids]


@dataclass
class _Patches:
    """Ground of one status that touches: what each patch is, and the patches around it."""

    area_m2: list[float]
    artificial: list[bool]
    is_protected: list[bool]  # holds a building of the decree's size
    neighbours: list[set[int]]
    merged_into: list[int]

    def may_turn(self, patch: int) -> bool:
        """Tell whether a patch is still there, has surroundings, and is not artificial with a building."""
        is_built = self.is_protected[patch] and self.artificial[patch]
        return self.merged_into[patch] == patch and bool(self.neighbours[patch]) and not is_built

    def turn(self, patch: int) -> None:
        """Give a patch the other status, and join it with all its neighbours, which have that status."""
        absorbed = self.neighbours[patch]
        self.artificial[patch] = not self.artificial[patch]
        self.is_protected[patch] |= any(self.is_protected[neighbour] for neighbour in absorbed)
        self.area_m2[patch] += sum(sorted(self.area_m2[neighbour] for neighbour in absorbed))
        outer_patches = set().union(*(self.neighbours[neighbour] for neighbour in absorbed))
        outer_patches -= absorbed | {patch}
        for neighbour in absorbed:
            self.merged_into[neighbour] = patch
            self.neighbours[neighbour] = set()
        for outer_patch in outer_patches:
            self.neighbours[outer_patch] -= absorbed
            self.neighbours[outer_patch].add(patch)
        self.neighbours[patch] = outer_patches

    def survivor(self, patch: int) -> int:
        """Return the patch that this one is part of at the end."""
        while self.merged_into[patch] != patch:
            patch = self.merged_into[patch]
        return patch


def _patches(
    shapes: NDArray[np.object_], status: NDArray[np.bool_], protected: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], _Patches]:
    """Return the patch of each feature, and the patches with what surrounds them."""
    # features of one status that touch make a patch
    edges = _edges(shapes)
    same_status = edges[status[edges[:, 0]] == status[edges[:, 1]]]
    patch_ids = joined_groups(same_status[:, 0], same_status[:, 1], len(shapes))
    count = int(patch_ids.max()) + 1 if len(patch_ids) else 0
    artificial = np.zeros(count, dtype=bool)
    artificial[patch_ids] = status
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for patch, neighbour in patch_ids[edges].tolist():
        if patch != neighbour:
            neighbours[patch].add(neighbour)
            neighbours[neighbour].add(patch)
    return patch_ids, _Patches(
        area_m2=np.bincount(patch_ids, weights=shapely.area(shapes), minlength=count).tolist(),
        artificial=artificial.tolist(),
        is_protected=(np.bincount(patch_ids, weights=protected, minlength=count) > 0).tolist(),
        neighbours=neighbours,
        merged_into=list(range(count)),
    )


def _west_corners(
    shapes: NDArray[np.object_], patch_ids: NDArray[np.int64], count: int
) -> list[tuple[float, float]]:
    # two patches of one size are taken from west to east: the order of the file plays no part
    corner = shapely.bounds(shapes)[:, :2]
    west = np.full((count, 2), np.inf)
    np.minimum.at(west, patch_ids, corner)
    return [(float(x), float(y)) for x, y in west]
