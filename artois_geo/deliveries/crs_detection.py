"""Where coordinates really are: the declared system against the territory, never a silent guess."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from artois_geo import measure
from artois_geo.errors import BadCRS, BadValue
from artois_geo.formats.crs_readings import (
    READINGS,
    SWAPPED,
    Reading,
    is_used_there,
    name_of,
    swapped,
    to_plane,
    why_unusable,
)
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import geojson_reader

MARGIN_M = 10_000.0  # neighbours of the territory are welcome
SPREAD_M = 250_000.0  # a feature may cross the border, not the continent
FRANCE_WGS84 = (-5.6, 41.2, 9.8, 51.3)
NOTHING_DRAWN = "aucune géométrie"


@dataclass(frozen=True)
class Territory:
    """Where features are expected; ``shape`` is in EPSG:2154, margin included, ``None`` for anywhere."""

    name: str
    shape: Any = None

    def holds(self, shapes: np.ndarray) -> np.ndarray:
        """Which of these shapes, in EPSG:2154, touch the territory and do not run far beyond it."""
        there = shapely.is_empty(shapes) | shapely.is_missing(shapes)
        bounds = shapely.bounds(shapes)
        sound = np.isfinite(bounds).all(axis=1)
        if self.shape is None:
            return there | sound
        west, south, east, north = self.shape.bounds
        limits = np.array([west - SPREAD_M, south - SPREAD_M, east + SPREAD_M, north + SPREAD_M])
        near = sound & (bounds[:, :2] >= limits[:2]).all(axis=1) & (bounds[:, 2:] <= limits[2:]).all(axis=1)
        inside = near.copy()
        # where the box of them all is inside, each one's is
        if near.any() and not shapely.contains(self.shape, shapely.box(*shapely.total_bounds(shapes[near]))):
            inside[near] = shapely.intersects(self.shape, shapely.box(*bounds[near].T))
        return there | inside


def territory(asked: str, folder: Path | None, bounds_wgs84: tuple[float, ...] = ()) -> Territory:
    """The territory to judge coordinates by.

    Parameters
    ----------
    asked
        ``""``, ``"france"``, ``"monde"``, ``"ouest,sud,est,nord"`` in degrees, or
        the path of a GeoJSON layer.
    folder
        Workspace: its ``territoire.geojson`` is the territory when nothing is asked.
    bounds_wgs84
        Bounds that the kind gives; else metropolitan France.
    """
    if asked == "monde":
        return Territory("le monde")
    if asked and asked != "france":
        numbers = asked.split(",")
        if len(numbers) == 4:
            try:
                return _box(tuple(float(one) for one in numbers), "l'emprise demandée")
            except ValueError:
                pass
        if not Path(asked).is_file():
            raise BadValue(
                f"Territoire inconnu : « {asked} ». Donner france, monde, ouest,sud,est,nord ou une couche."
            )
        return _layer(Path(asked))
    own = None if folder is None else Path(folder) / "territoire.geojson"
    if not asked and own is not None and own.is_file():
        return _layer(own)
    if not asked and bounds_wgs84:
        return _box(bounds_wgs84, "le territoire du type")
    return _box(FRANCE_WGS84, "la France métropolitaine")


def _box(bounds: tuple[float, ...], name: str) -> Territory:
    west, south, east, north = bounds
    outline = shapely.segmentize(shapely.box(west, south, east, north), 0.1)
    shape = gpd.GeoSeries([outline], crs=measure.WGS84).to_crs(measure.LAMBERT93).iloc[0]
    return _ready(shape.buffer(MARGIN_M), name)


def _layer(path: Path) -> Territory:
    shapes = geojson_reader.read(path).geometry.make_valid()
    return _ready(shapes.union_all().convex_hull.buffer(MARGIN_M), f"le territoire ({path.name})")


def _ready(shape: Any, name: str) -> Territory:
    shapely.prepare(shape)
    return Territory(name, shape)


def place(
    shapes: np.ndarray,
    declared: Any,
    *,
    asked: str,
    where: Territory,
    label: Callable[[int], str],
    said: str,
    missing: str = "",
) -> tuple[np.ndarray, str, list[Finding]]:
    """Shapes in EPSG:2154, by the declared system if the territory bears it out.

    Parameters
    ----------
    shapes
        As the file holds them.
    declared
        What the file declares, or ``None``.
    asked
        What the person says: a system, ``"auto"`` to accept the only plausible
        reading, or nothing.
    where
        Territory to judge by.
    label
        Name of a row, for messages.
    said
        Name of the file.
    missing
        Why nothing is declared (no .prj…).

    Returns
    -------
    tuple
        Shapes in EPSG:2154, the name of the reading used, and findings: features
        that lie elsewhere, a reading that replaced the declared one.

    Raises
    ------
    BadCRS
        No declared system, an unknown one, or nothing where it should be; the
        candidates are listed, none is applied.
    """
    asked = asked or ""
    some = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not some.any():
        return shapes.copy(), NOTHING_DRAWN, []
    reading = _reading(declared if asked in ("", "auto") else asked, said)
    unusable = ""
    if reading is not None and asked in ("", "auto"):
        unusable = why_unusable(reading.crs)
    if reading is None or unusable:
        return _undeclared(shapes, asked=asked, where=where, said=said, missing=unusable or missing)
    plane = reading.to_plane(shapes)
    inside = where.holds(plane)
    if not inside[some].any():
        return _elsewhere(shapes, reading, asked=asked, where=where, label=label, said=said)
    outside = np.flatnonzero(some & ~inside)
    findings = [_outside(shapes[row], plane[row], int(row), reading.crs, where) for row in outside]
    return plane, reading.label, findings


def _reading(given: Any, said: str) -> Reading | None:
    """The system that a file or a person gives, ``None`` where it is none."""
    if given is None or given == "":
        return None
    turned = isinstance(given, str) and given.endswith(SWAPPED)
    try:
        crs = pyproj.CRS.from_user_input(given.removesuffix(SWAPPED) if turned else given)
    except pyproj.exceptions.CRSError as error:
        raise BadCRS(
            f"{said} : système de coordonnées inconnu : « {str(given)[:60]} ».\n"
            "Donner un code connu, par exemple --crs EPSG:2154 (Lambert-93) ou --crs EPSG:3950 (CC50)."
        ) from error
    return Reading(crs, turned) if crs.is_geographic or crs.is_projected else None


def candidates(shapes: np.ndarray, where: Territory) -> list[Reading]:
    """Every reading that puts all the features in or near the territory, and where its system is used."""
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(there) or where.shape is None:
        return []
    sample = there[:: max(1, len(there) // 500)]
    west, south, east, north = shapely.total_bounds(sample)
    # a few metres from the origin of a plane system nothing stands: these are degrees
    degrees = max(abs(west), abs(east), abs(south), abs(north)) <= 180
    readings = []
    for code in READINGS:
        crs = pyproj.CRS.from_user_input(code)
        if degrees and crs.is_projected:
            continue
        for turned in (False, True):
            reading = Reading(crs, turned)
            plane = reading.to_plane(sample)
            if where.holds(plane).all() and is_used_there(crs, plane):
                readings.append(reading)
    return readings


def _undeclared(
    shapes: np.ndarray, *, asked: str, where: Territory, said: str, missing: str
) -> tuple[np.ndarray, str, list[Finding]]:
    """The only reading that falls in the territory, if the person accepts it."""
    reason = missing or "aucun système de coordonnées déclaré"
    readings = candidates(shapes, where)
    if asked == "auto" and len(readings) == 1:
        return _accepted(shapes, readings[0], reason, "", where)
    raise BadCRS(f"{said} : {reason}.\n{_choices(readings, where)}")


def _accepted(
    shapes: np.ndarray, reading: Reading, reason: str, declared: str, where: Territory
) -> tuple[np.ndarray, str, list[Finding]]:
    message = f"{reason}, lu comme {reading.label} : seule lecture qui tombe dans {where.name}"
    row = Finding(None, "geometry", "système de coordonnées", "réparation", declared, message)
    return reading.to_plane(shapes), reading.label, [row]


def _elsewhere(
    shapes: np.ndarray,
    current: Reading,
    *,
    asked: str,
    where: Territory,
    label: Callable[[int], str],
    said: str,
) -> tuple[np.ndarray, str, list[Finding]]:
    """The only other reading that falls in the territory, if the person accepts it."""
    readings = [reading for reading in candidates(shapes, where) if reading.option != current.option]
    if asked == "auto" and len(readings) == 1:
        declared = name_of(current.crs)
        return _accepted(shapes, readings[0], f"déclaré {declared}", declared, where)
    first = next(row for row, shape in enumerate(shapes) if shape is not None and not shape.is_empty)
    x, y = shapely.get_coordinates(shapes[first])[0]
    raise BadCRS(
        f"{said} : aucun objet n'est dans {where.name} ni à moins de 10 km. Lu en {current.label},"
        f" {label(first)} est en ({_number(x)}, {_number(y)}).\n{_choices(readings, where)}"
    )


def _choices(readings: list[Reading], where: Territory) -> str:
    """What to do, given the readings that fall in the territory."""
    if where.shape is None:
        return "Sans territoire rien ne départage les lectures : donner le système par --crs."
    if not readings:
        return (
            f"Aucune lecture connue ne tombe dans {where.name} : demander le système au producteur (--crs),"
            " ou élargir avec --territoire france ou monde."
        )
    if len(readings) == 1:
        return (
            f"Une seule lecture y tombe : {readings[0].label}."
            f" L'accepter avec --crs auto ou --crs {readings[0].option}."
        )
    listed = " ; ".join(f"{reading.label} (--crs {reading.option})" for reading in readings)
    return f"Lectures possibles : {listed}. En choisir une."


def _outside(shape: Any, plane: Any, row: int, crs: pyproj.CRS, where: Territory) -> Finding:
    x, y = shapely.get_coordinates(shape)[0]
    hint = ""
    if abs(x) < 1e-2 and abs(y) < 1e-2:
        hint = " ; point (0, 0) : adresse non trouvée ?"
    elif where.holds(to_plane(swapped(np.array([shape])), crs))[0]:
        hint = " ; axes inversés probables : latitude et longitude sont à échanger"
    message = f"n'est pas dans {where.name}, ni à moins de 10 km{hint}"
    return Finding(
        row + 1, "geometry", "hors du territoire", "erreur", f"{_number(x)}, {_number(y)}", message
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) > 1_000 else f"{value:.5f}"
