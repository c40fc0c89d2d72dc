"""Exact intersections by spatial index and GEOS, on several threads."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from artois_geo.errors import BadValue
from artois_geo.overlay.frames import Floats, Geometries, Integers

# Under a square millimetre, an intersection is the rounding of two coordinates.
NOISE_M2 = 1e-6
_CHUNK = 2_000

Wanted = Callable[[Integers, Integers], NDArray[np.bool_]]


class Pairs(NamedTuple):
    """Rows that share ground, and how many square metres."""

    feature: Integers
    zone: Integers
    m2: Floats


def cores_or_all(cores: int | None) -> int:
    """Number of threads to use: what is asked, or every core this process may use.

    Raises
    ------
    BadValue
        Less than one.

    Examples
    --------
    >>> cores_or_all(3)
    3
    """
    if cores is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 1:
        raise BadValue(f"cores doit être au moins 1, reçu : {cores}.")
    return cores


class Asked:
    """Zones ready to be asked, from several threads, what they share with any polygon."""

    def __init__(self, zones: Geometries, *, union: shapely.Geometry | None = None) -> None:
        """``union``: the ground of zones that do not overlap, where what is left needs no cut."""
        self.zones = zones
        self._tree = shapely.STRtree(zones)
        self._union = None if union is None else shapely.to_wkb(union)
        self._own = threading.local()

    def meets(
        self, features: Geometries, wanted: Wanted | None = None
    ) -> tuple[Integers, Integers, np.ndarray]:
        """Rows of features and zones that meet, and whether the feature lies wholly inside."""
        if not hasattr(self._own, "zones"):
            # GEOS fills a prepared geometry as it is asked: two threads must not share one
            self._own.zones = shapely.from_wkb(shapely.to_wkb(self.zones))
        zones = self._own.zones
        row, zone = self._tree.query(features)
        if wanted is not None:
            asked = wanted(row, zone)
            row, zone = row[asked], zone[asked]
        shapely.prepare(zones[np.unique(zone)])
        # most features lie wholly inside, box and all: whether they meet the zone is not asked twice
        whole = shapely.contains_properly(zones[zone], shapely.box(*shapely.bounds(features).T)[row])
        whole[~whole] = shapely.contains_properly(zones[zone[~whole]], features[row[~whole]])
        near = whole.copy()
        near[~whole] = shapely.intersects(zones[zone[~whole]], features[row[~whole]])
        return row[near], zone[near], whole[near]

    def areas(self, features: Geometries) -> Pairs:
        """Square metres that each feature shares with each zone."""
        row, zone, whole = self.meets(features)
        m2 = np.empty(len(row))
        m2[whole] = shapely.area(features[row[whole]])
        rest = self._rest(features, row, whole)
        cut = ~whole & ~rest
        m2[cut] = shapely.area(shapely.intersection(features[row[cut]], self.zones[zone[cut]]))
        taken = np.bincount(row[cut], m2[cut], len(features))[row[rest]]
        left = shapely.area(features[row[rest]]) - taken
        m2[rest] = np.where(left > NOISE_M2, left, 0.0)
        found = m2 > 0
        return Pairs(row[found], zone[found], m2[found])

    def _rest(self, features: Geometries, row: Integers, whole: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Last couple of each feature that several zones share out to the last square metre."""
        rest = np.zeros(len(row), bool)
        if self._union is None:
            return rest
        if not hasattr(self._own, "union"):
            self._own.union = shapely.from_wkb(self._union)
            shapely.prepare(self._own.union)
        several = np.bincount(row[~whole], minlength=len(features)) > 1
        last = np.flatnonzero(np.r_[row[1:] != row[:-1], True][: len(row)] & several[row] & ~whole)
        rest[last[shapely.contains_properly(self._own.union, features[row[last]])]] = True
        return rest


def union_of(zones: Geometries) -> shapely.Geometry | None:
    """Ground of zones that share whole edges and do not overlap; None for others."""
    some = zones[~shapely.is_empty(zones)]
    if len(some) and shapely.coverage_is_valid(some):
        return shapely.coverage_union_all(some)
    return None


def shared_shapes(
    features: Geometries, zones: Geometries, *, cores: int, wanted: Wanted | None = None
) -> tuple[Pairs, Geometries]:
    """Ground that features and zones share, piece by piece; pieces of lines and points are kept.

    ``wanted`` says of rows of features and zones which couples matter, before anything is cut.
    """

    asked = Asked(zones)

    def cut(start: int) -> tuple[Pairs, Geometries]:
        chunk = features[start : start + _CHUNK]
        row, zone, whole = asked.meets(
            chunk, None if wanted is None else lambda row, zone: wanted(row + start, zone)
        )
        pieces, parts = chunk[row], row[~whole]
        pieces[~whole] = _same_dimension(
            shapely.intersection(chunk[parts], zones[zone[~whole]]), chunk[parts]
        )
        found = ~shapely.is_empty(pieces)
        pieces = pieces[found]
        return Pairs(row[found] + start, zone[found], shapely.area(pieces)), pieces

    with ThreadPoolExecutor(cores) as pool:
        found = list(pool.map(cut, _starts(features)))
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return Pairs(nothing, nothing, np.empty(0)), np.empty(0, dtype=object)
    pairs = Pairs(*(np.concatenate([part[i] for part, _ in found]) for i in range(3)))
    return pairs, np.concatenate([pieces for _, pieces in found])


def _starts(features: Geometries) -> range:
    return range(0, len(features), _CHUNK)


def _same_dimension(pieces: Geometries, features: Geometries) -> Geometries:
    """Drop the lines and points along which a polygon only touches a zone, and the points of a line."""
    wanted = shapely.get_dimensions(features)
    mixed = np.flatnonzero((shapely.get_dimensions(pieces) != wanted) | (shapely.get_type_id(pieces) == 7))
    for row in mixed:
        parts = shapely.get_parts(pieces[row])
        kept = parts[shapely.get_dimensions(parts) == wanted[row]]
        pieces[row] = shapely.union_all(kept) if len(kept) else shapely.Polygon()
    return pieces
