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

PairFilter = Callable[[Integers, Integers], NDArray[np.bool_]]


class Pairs(NamedTuple):
    """Rows that share ground, and how many square metres."""

    feature: Integers
    zone: Integers
    m2: Floats


def cores_or_all(cores: int | None) -> int:
    """Return the number of threads to use: what is asked, or every core this process may use.

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


class ZoneIndex:
    """Spatial index of zones: what they share with any polygon, asked from several threads."""

    def __init__(self, zones: Geometries, *, union: shapely.Geometry | None = None) -> None:
        """Index zones; ``union`` is the ground of zones that do not overlap (None: they may).

        The last zone of a polygon inside this ground takes what the other zones leave of it: no cut.
        """
        self.zones = zones
        self._tree = shapely.STRtree(zones)
        self._union = None if union is None else shapely.to_wkb(union)
        self._own = threading.local()

    def meets(
        self, features: Geometries, pair_filter: PairFilter | None = None
    ) -> tuple[Integers, Integers, np.ndarray]:
        """Find the rows of features and zones that meet, and whether the feature lies wholly inside."""
        if not hasattr(self._own, "zones"):
            # GEOS fills a prepared geometry as it is asked: two threads must not share one
            self._own.zones = shapely.from_wkb(shapely.to_wkb(self.zones))
        zones = self._own.zones
        row, zone = self._tree.query(features)
        if pair_filter is not None:
            selected = pair_filter(row, zone)
            row, zone = row[selected], zone[selected]
        shapely.prepare(zones[np.unique(zone)])
        # most features lie wholly inside, box and all: whether they meet the zone is not asked twice
        inside = shapely.contains_properly(zones[zone], shapely.box(*shapely.bounds(features).T)[row])
        inside[~inside] = shapely.contains_properly(zones[zone[~inside]], features[row[~inside]])
        meeting = inside.copy()
        meeting[~inside] = shapely.intersects(zones[zone[~inside]], features[row[~inside]])
        return row[meeting], zone[meeting], inside[meeting]

    def areas(self, features: Geometries) -> Pairs:
        """Measure the square metres that each feature shares with each zone."""
        row, zone, inside = self.meets(features)
        m2 = np.empty(len(row))
        m2[inside] = shapely.area(features[row[inside]])
        gets_rest = self._rest(features, row, inside)
        cut = ~inside & ~gets_rest
        m2[cut] = shapely.area(shapely.intersection(features[row[cut]], self.zones[zone[cut]]))
        cut_m2 = np.bincount(row[cut], m2[cut], len(features))[row[gets_rest]]
        remaining_m2 = shapely.area(features[row[gets_rest]]) - cut_m2
        m2[gets_rest] = np.where(remaining_m2 > NOISE_M2, remaining_m2, 0.0)
        shares_ground = m2 > 0
        return Pairs(row[shares_ground], zone[shares_ground], m2[shares_ground])

    def _rest(self, features: Geometries, row: Integers, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Mark the last pair of each feature that several zones share out to the last square metre."""
        gets_rest = np.zeros(len(row), bool)
        if self._union is None:
            return gets_rest
        if not hasattr(self._own, "union"):
            self._own.union = shapely.from_wkb(self._union)
            shapely.prepare(self._own.union)
        is_split = np.bincount(row[~inside], minlength=len(features)) > 1
        last_pairs = np.flatnonzero(np.r_[row[1:] != row[:-1], True][: len(row)] & is_split[row] & ~inside)
        gets_rest[last_pairs[shapely.contains_properly(self._own.union, features[row[last_pairs]])]] = True
        return gets_rest


def union_of(zones: Geometries) -> shapely.Geometry | None:
    """Return the ground of zones that share whole edges and do not overlap; None for others."""
    with_ground = zones[~shapely.is_empty(zones)]
    if len(with_ground) and shapely.coverage_is_valid(with_ground):
        return shapely.coverage_union_all(with_ground)
    return None


def shared_shapes(
    features: Geometries, zones: Geometries, *, cores: int, pair_filter: PairFilter | None = None
) -> tuple[Pairs, Geometries]:
    """Cut the ground that features and zones share, piece by piece; keep pieces of lines and points.

    ``pair_filter`` says of rows of features and zones which pairs matter, before anything is cut.
    """

    index = ZoneIndex(zones)

    def cut(start: int) -> tuple[Pairs, Geometries]:
        chunk = features[start : start + _CHUNK]
        row, zone, inside = index.meets(
            chunk, None if pair_filter is None else lambda row, zone: pair_filter(row + start, zone)
        )
        pieces, parts = chunk[row], row[~inside]
        pieces[~inside] = _same_dimension(
            shapely.intersection(chunk[parts], zones[zone[~inside]]), chunk[parts]
        )
        has_piece = ~shapely.is_empty(pieces)
        pieces = pieces[has_piece]
        return Pairs(row[has_piece] + start, zone[has_piece], shapely.area(pieces)), pieces

    with ThreadPoolExecutor(cores) as pool:
        chunks = list(pool.map(cut, _starts(features)))
    if not chunks:
        nothing = np.empty(0, dtype=np.int64)
        return Pairs(nothing, nothing, np.empty(0)), np.empty(0, dtype=object)
    pairs = Pairs(*(np.concatenate([part[i] for part, _ in chunks]) for i in range(3)))
    return pairs, np.concatenate([pieces for _, pieces in chunks])


def _starts(features: Geometries) -> range:
    return range(0, len(features), _CHUNK)


def _same_dimension(pieces: Geometries, features: Geometries) -> Geometries:
    """Drop the lines and points along which a polygon only touches a zone, and the points of a line."""
    dimension = shapely.get_dimensions(features)
    mixed = np.flatnonzero((shapely.get_dimensions(pieces) != dimension) | (shapely.get_type_id(pieces) == 7))
    for row in mixed:
        parts = shapely.get_parts(pieces[row])
        matching = parts[shapely.get_dimensions(parts) == dimension[row]]
        pieces[row] = shapely.union_all(matching) if len(matching) else shapely.Polygon()
    return pieces
