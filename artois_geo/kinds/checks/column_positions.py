"""Positions that columns repeat (X and Y, longitude and latitude…), held against the shapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from artois_geo import meaning
from artois_geo.formats import crs_readings
from artois_geo.formats.findings import Finding
from artois_geo.kinds.checks.identity import tolerance_m
from artois_geo.text import counted, decimal_point, distance

_EASTINGS = re.compile(r"longitude|long|lon|lng|abscisse|easting|x")
_NORTHINGS = {
    "longitude": "latitude",
    "long": "lat",
    "lon": "lat",
    "lng": "lat",
    "abscisse": "ordonnee",
    "easting": "northing",
    "x": "y",
}
_SAMPLE = 500
_NEAR_M = 10_000.0  # a system that puts half of the positions farther from their shapes is not theirs


@dataclass(frozen=True)
class Columns:
    """Two columns that repeat a position, their system, and how far each row is from its shape."""

    easting: str
    northing: str
    system: str  # its French name
    distances: np.ndarray  # in metres; NaN where a cell is empty or no number
    rounding_m: float


def position_columns(plane: gpd.GeoDataFrame) -> list[Columns]:
    """Find the pairs of columns that repeat the position of the shapes, in whatever known system.

    Examples
    --------
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, X=680000, Y=7030003)
    >>> [(pair.easting, pair.system, pair.distances.tolist()) for pair in position_columns(quay)]
    [('X', 'Lambert-93', [3.0])]
    """
    shapes = plane.geometry.to_numpy()
    usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    pairs = []
    for easting, northing in _named_pairs(plane):
        points = np.column_stack([_numbers(plane[easting]), _numbers(plane[northing])])
        rows = usable[np.isfinite(points[usable]).all(axis=1)]
        if len(rows):
            system = _system(shapes, points, rows)
            if system is not None:
                distances = np.full(len(plane), np.nan)
                distances[rows] = _distances(shapes[rows], points[rows], system)
                rounding = max(_rounding(plane[easting]), _rounding(plane[northing]))
                metres = 111_320.0 if system.crs.is_geographic else 1.0
                name = crs_readings.READINGS[system.option]
                pairs.append(Columns(easting, northing, name, distances, rounding * metres * np.sqrt(2)))
    return pairs


def positions(plane: gpd.GeoDataFrame, pairs: list[Columns], agree_m: float) -> Iterator[Finding]:
    """Find the features that lie away from the position that their columns repeat.

    Where most do, the columns are shifted as a whole: one row says by how much.

    Examples
    --------
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, X=680000, Y=7030003)
    >>> [row.level for row in positions(quay, position_columns(quay), 1.0)]
    ['note', 'alerte']
    """
    for pair in pairs:
        limit = tolerance_m(plane, max(agree_m, pair.rounding_m))
        comparable = np.isfinite(pair.distances)
        rows_away = np.flatnonzero(comparable & (pair.distances > limit))
        label = f"{pair.easting} et {pair.northing} ({pair.system})"
        agreement = f"à moins de {distance(max(agree_m, pair.rounding_m))}"
        if 2 * len(rows_away) > comparable.sum() > 1:
            distances = pair.distances[comparable]
            message = (
                f"{label} : {len(rows_away)} objets sur {comparable.sum()} ailleurs que leur géométrie, à "
                f"{distance(float(np.median(distances)))} (médiane), "
                f"{distance(float(distances.max()))} au plus ; la géométrie fait foi"
            )
            yield Finding(None, pair.easting, "position en double", "alerte", len(rows_away), message)
            continue
        count = counted(int(comparable.sum()) - len(rows_away), "objet")
        message = f"{label} répètent la position, {agreement} pour {count} sur {comparable.sum()}"
        yield Finding(None, pair.easting, "position en double", "note", pair.northing, message)
        for row in rows_away:
            cells = f"{plane[pair.easting].iloc[row]} ; {plane[pair.northing].iloc[row]}"
            message = f"{label} : à {distance(pair.distances[row])} de la géométrie, qui fait foi"
            yield Finding(int(row) + 1, pair.easting, "position en double", "alerte", cells, message)


def _named_pairs(plane: gpd.GeoDataFrame) -> Iterator[tuple[str, str]]:
    """Pair columns whose names differ only where one says x, longitude… and the other y, latitude…"""
    folded = {meaning.fold(str(name)): str(name) for name in plane.columns if name != plane.geometry.name}
    for spelling, name in folded.items():
        for match in _EASTINGS.finditer(spelling):
            northing = spelling[: match.start()] + _NORTHINGS[match[0]] + spelling[match.end() :]
            if northing in folded and northing != spelling:
                yield name, folded[northing]
                break


def _numbers(column: pd.Series) -> np.ndarray:
    if pd.api.types.is_bool_dtype(column):
        return np.full(len(column), np.nan)
    if not pd.api.types.is_numeric_dtype(column):
        column = column.astype("string").map(decimal_point, na_action="ignore")
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _rounding(column: pd.Series) -> float:
    """Return half of the last decimal that the cells of a column write."""
    texts = column.dropna().head(_SAMPLE).astype(str).map(decimal_point)
    decimals = texts.str.extract(r"\.(\d*?)0*$")[0].str.len().max() if len(texts) else 0
    return float(0.5 * 10.0 ** -(0 if pd.isna(decimals) else decimals))


def _system(shapes: np.ndarray, points: np.ndarray, rows: np.ndarray) -> crs_readings.Reading | None:
    """Find the system in which the positions lie nearest to their shapes; none if even there they are far."""
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    degrees = np.abs(points[sample]).max() <= 180
    best, smallest = None, _NEAR_M
    for code in crs_readings.READINGS:
        reading = crs_readings.Reading(pyproj.CRS.from_user_input(code))
        if reading.crs.is_geographic != degrees:
            continue
        median = float(np.median(_distances(shapes[sample], points[sample], reading)))
        if median < smallest:
            best, smallest = reading, median
    return best


def _distances(shapes: np.ndarray, points: np.ndarray, system: crs_readings.Reading) -> np.ndarray:
    """Measure from a shape, or its centroid where nearer, to the position of its columns."""
    positions = system.to_plane(shapely.points(points))
    distances = np.fmin(
        shapely.distance(shapes, positions), shapely.distance(shapely.centroid(shapes), positions)
    )
    return np.where(np.isfinite(distances), distances, np.inf)
