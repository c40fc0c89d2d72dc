"""Exact intersections by spatial index and GEOS, on several threads."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import shapely

from artois_geo.errors import BadValue
from artois_geo.overlay.frames import Floats, Geometries, Integers

_CHUNK = 2_000


class Pairs(NamedTuple):
    """Rows that share ground, and how many square metres."""

    feature: Integers
    zone: Integers
    m2: Floats


def cores_or_all(cores: int | None) -> int:
    """Number of threads to use: what is asked, or every core this process may use."""
    if cores is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 1:
        raise BadValue(f"cores doit être au moins 1, reçu : {cores}.")
    return cores


def shared_areas(features: Geometries, zones: Geometries, *, cores: int) -> Pairs:
    """Square metres that each feature shares with each zone; pairs that only touch are left out."""

    def measured(chunk: Geometries, zone: Geometries, whole: np.ndarray) -> tuple[Floats, None]:
        m2 = np.empty(len(chunk))
        m2[whole] = shapely.area(chunk[whole])
        m2[~whole] = shapely.area(shapely.intersection(chunk[~whole], zone[~whole]))
        return m2, None

    feature, zone, m2, _ = _each_pair(features, zones, measured, cores)
    found = m2 > 0
    return Pairs(feature[found], zone[found], m2[found])


def shared_shapes(features: Geometries, zones: Geometries, *, cores: int) -> tuple[Pairs, Geometries]:
    """Same as `shared_areas`, with the geometry of each piece; pieces of lines and points are kept."""

    def cut(chunk: Geometries, zone: Geometries, whole: np.ndarray) -> tuple[Floats, Geometries]:
        pieces = chunk.copy()
        pieces[~whole] = _same_dimension(shapely.intersection(chunk[~whole], zone[~whole]), chunk[~whole])
        return shapely.area(pieces), pieces

    feature, zone, m2, pieces = _each_pair(features, zones, cut, cores)
    assert pieces is not None
    found = ~shapely.is_empty(pieces)
    return Pairs(feature[found], zone[found], m2[found]), pieces[found]


def _each_pair(
    features: Geometries,
    zones: Geometries,
    work: Callable[[Geometries, Geometries, np.ndarray], tuple[Floats, Geometries | None]],
    cores: int,
) -> tuple[Integers, Integers, Floats, Geometries | None]:
    tree = shapely.STRtree(zones)
    own = threading.local()

    def chunk_of(start: int) -> tuple[Integers, Integers, Floats, Geometries | None]:
        if not hasattr(own, "zones"):
            # GEOS fills a prepared geometry as it is asked: two threads must not share one
            own.zones = shapely.from_wkb(shapely.to_wkb(zones))
        chunk = features[start : start + _CHUNK]
        row, zone = tree.query(chunk)
        shapely.prepare(own.zones[np.unique(zone)])
        near = shapely.intersects(own.zones[zone], chunk[row])
        row, zone = row[near], zone[near]
        whole = shapely.contains_properly(own.zones[zone], chunk[row])
        m2, pieces = work(chunk[row], zones[zone], whole)
        return row + start, zone, m2, pieces

    starts = range(0, len(features), _CHUNK)
    with ThreadPoolExecutor(cores) as pool:
        found = list(pool.map(chunk_of, starts))
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, np.empty(0), np.empty(0, dtype=object)
    row, zone, m2 = (np.concatenate([part[i] for part in found]) for i in range(3))
    shapes = None if found[0][3] is None else np.concatenate([part[3] for part in found])
    return row, zone, m2, shapes


def _same_dimension(pieces: Geometries, features: Geometries) -> Geometries:
    """Drop the lines and points along which a polygon only touches a zone, and the points of a line."""
    wanted = shapely.get_dimensions(features)
    mixed = np.flatnonzero((shapely.get_dimensions(pieces) != wanted) | (shapely.get_type_id(pieces) == 7))
    for row in mixed:
        parts = shapely.get_parts(pieces[row])
        kept = parts[shapely.get_dimensions(parts) == wanted[row]]
        pieces[row] = shapely.union_all(kept) if len(kept) else shapely.Polygon()
    return pieces
