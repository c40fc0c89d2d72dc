"""Find where coordinates really are: the declared system against the territory, never a silent guess."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
        """Tell which of these shapes, in EPSG:2154, touch the territory and do not run far beyond it."""
        undrawn = shapely.is_empty(shapes) | shapely.is_missing(shapes)
        bounds = shapely.bounds(shapes)
        finite = np.isfinite(bounds).all(axis=1)
        if self.shape is None:
            return undrawn | finite
        west, south, east, north = self.shape.bounds
        limits = np.array([west - SPREAD_M, south - SPREAD_M, east + SPREAD_M, north + SPREAD_M])
        nearby = (
            finite & (bounds[:, :2] >= limits[:2]).all(axis=1) & (bounds[:, 2:] <= limits[2:]).all(axis=1)
        )
        inside = nearby.copy()
        # where the box of them all is inside, each one's is
        if nearby.any() and not shapely.contains(
            self.shape, shapely.box(*shapely.total_bounds(shapes[nearby]))
        ):
            inside[nearby] = shapely.intersects(self.shape, shapely.box(*bounds[nearby].T))
        return undrawn | inside


@dataclass(frozen=True)
class Placement:
    """Shapes in EPSG:2154, the French name of the system that they were read in, and findings.

    ``in_degrees`` tells whether that system is longitude and latitude in WGS 84.
    """

    shapes: np.ndarray
    reading: str
    findings: tuple[Finding, ...] = ()
    in_degrees: bool = False


@dataclass(frozen=True)
class DeclaredSystem:
    """What a file and a person declare of the coordinates.

    ``crs`` is that of the file, ``None`` where it declares none: ``absence`` tells why (no .prj…).
    ``requested`` is what the person gives: a system, ``"auto"`` to accept the only plausible reading,
    or nothing. ``file_name`` begins the messages.
    """

    crs: Any
    file_name: str
    requested: str = ""
    absence: str = ""

    @property
    def accepts_other(self) -> bool:
        """Tell whether the person accepts another reading, if only one is plausible."""
        return self.requested == "auto"


def read_territory(requested: str, folder: Path | None, bounds_wgs84: tuple[float, ...] = ()) -> Territory:
    """Read the territory to judge coordinates by.

    Parameters
    ----------
    requested
        ``""``, ``"france"``, ``"monde"``, ``"ouest,sud,est,nord"`` in degrees, or
        the path of a GeoJSON layer.
    folder
        Workspace: its ``territoire.geojson`` is the territory when none is requested.
    bounds_wgs84
        Bounds that the kind gives; else metropolitan France.
    """
    if requested == "monde":
        return Territory("le monde")
    if requested and requested != "france":
        numbers = requested.split(",")
        if len(numbers) == 4:
            try:
                return _box(tuple(float(number) for number in numbers), "l'emprise demandée")
            except ValueError:
                pass
        if not Path(requested).is_file():
            raise BadValue(
                f"Territoire inconnu : « {requested} »."
                " Donner france, monde, ouest,sud,est,nord ou une couche."
            )
        return _layer(Path(requested))
    own = None if folder is None else Path(folder) / "territoire.geojson"
    if not requested and own is not None and own.is_file():
        return _layer(own)
    if not requested and bounds_wgs84:
        return _box(bounds_wgs84, "le territoire du type")
    return _box(FRANCE_WGS84, "la France métropolitaine")


def _box(bounds: tuple[float, ...], name: str) -> Territory:
    west, south, east, north = bounds
    outline = shapely.segmentize(shapely.box(west, south, east, north), 0.1)
    shape = gpd.GeoSeries([outline], crs=measure.WGS84).to_crs(measure.LAMBERT93).iloc[0]
    return _prepared(shape.buffer(MARGIN_M), name)


def _layer(path: Path) -> Territory:
    shapes = geojson_reader.read(path).geometry.make_valid()
    return _prepared(shapes.union_all().convex_hull.buffer(MARGIN_M), f"le territoire ({path.name})")


def _prepared(shape: Any, name: str) -> Territory:
    shapely.prepare(shape)
    return Territory(name, shape)


def locate(
    shapes: np.ndarray, declared: DeclaredSystem, territory: Territory, label: Callable[[int], str]
) -> Placement:
    """Transform shapes to EPSG:2154, by the declared system if the territory confirms it.

    Parameters
    ----------
    shapes
        As the file holds them.
    declared
        The system that the file and the person give.
    territory
        To judge by.
    label
        Name of a row, for messages.

    Returns
    -------
    Placement
        With a finding for each feature that lies elsewhere, and for a reading that replaced the
        declared one.

    Raises
    ------
    BadCRS
        No declared system, an unknown one, or nothing where it should be; the
        candidates are listed, none is applied.
    """
    drawn_rows = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not drawn_rows.any():
        return Placement(shapes.copy(), NOTHING_DRAWN)
    trusts_file = declared.requested in ("", "auto")
    reading = _reading(declared.crs if trusts_file else declared.requested, declared.file_name)
    unusable = why_unusable(reading.crs) if reading is not None and trusts_file else ""
    if reading is None or unusable:
        return _undeclared(shapes, replace(declared, absence=unusable or declared.absence), territory)
    plane = reading.to_plane(shapes)
    inside = territory.holds(plane)
    if not inside[drawn_rows].any():
        return _elsewhere(shapes, reading, declared, territory, label)
    outside = np.flatnonzero(drawn_rows & ~inside)
    findings = [_outside(shapes[row], int(row), reading.crs, territory) for row in outside]
    return Placement(plane, reading.label, tuple(findings), reading.in_degrees)


def _reading(declared: Any, file_name: str) -> Reading | None:
    """Parse the system that a file or a person gives, ``None`` where it is none."""
    if declared is None or declared == "":
        return None
    exchanged = isinstance(declared, str) and declared.endswith(SWAPPED)
    try:
        crs = pyproj.CRS.from_user_input(declared.removesuffix(SWAPPED) if exchanged else declared)
    except pyproj.exceptions.CRSError as error:
        raise BadCRS(
            f"{file_name} : système de coordonnées inconnu : « {str(declared)[:60]} ».\n"
            "Donner un code connu, par exemple --crs EPSG:2154 (Lambert-93) ou --crs EPSG:3950 (CC50)."
        ) from error
    return Reading(crs, exchanged) if crs.is_geographic or crs.is_projected else None


def candidates(shapes: np.ndarray, territory: Territory) -> list[Reading]:
    """List the readings that put all the features in or near the territory, where its system is used."""
    drawn_shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(drawn_shapes) or territory.shape is None:
        return []
    sample = drawn_shapes[:: max(1, len(drawn_shapes) // 500)]
    west, south, east, north = shapely.total_bounds(sample)
    # a few metres from the origin of a plane system nothing stands: these are degrees
    degrees = max(abs(west), abs(east), abs(south), abs(north)) <= 180
    readings = []
    for code in READINGS:
        crs = pyproj.CRS.from_user_input(code)
        if degrees and crs.is_projected:
            continue
        for exchanged in (False, True):
            reading = Reading(crs, exchanged)
            plane = reading.to_plane(sample)
            if territory.holds(plane).all() and is_used_there(crs, plane):
                readings.append(reading)
    return readings


def _undeclared(shapes: np.ndarray, declared: DeclaredSystem, territory: Territory) -> Placement:
    """Apply the only reading that falls in the territory, if the person accepts it."""
    reason = declared.absence or "aucun système de coordonnées déclaré"
    readings = candidates(shapes, territory)
    if declared.accepts_other and len(readings) == 1:
        return _accepted(shapes, readings[0], reason, "", territory)
    raise BadCRS(f"{declared.file_name} : {reason}.\n{_choices(readings, territory)}")


def _accepted(
    shapes: np.ndarray, reading: Reading, reason: str, declared: str, territory: Territory
) -> Placement:
    message = f"{reason}, lu comme {reading.label} : seule lecture qui tombe dans {territory.name}"
    finding = Finding(None, "geometry", "système de coordonnées", "réparation", declared, message)
    return Placement(reading.to_plane(shapes), reading.label, (finding,), reading.in_degrees)


def _elsewhere(
    shapes: np.ndarray,
    current: Reading,
    declared: DeclaredSystem,
    territory: Territory,
    label: Callable[[int], str],
) -> Placement:
    """Apply the only other reading that falls in the territory, if the person accepts it."""
    readings = [reading for reading in candidates(shapes, territory) if reading.option != current.option]
    if declared.accepts_other and len(readings) == 1:
        name = name_of(current.crs)
        return _accepted(shapes, readings[0], f"déclaré {name}", name, territory)
    example = next(row for row, shape in enumerate(shapes) if shape is not None and not shape.is_empty)
    x, y = shapely.get_coordinates(shapes[example])[0]
    raise BadCRS(
        f"{declared.file_name} : aucun objet n'est dans {territory.name} ni à moins de 10 km."
        f" Lu en {current.label}, {label(example)} est en ({_number(x)}, {_number(y)}).\n"
        f"{_choices(readings, territory)}"
    )


def _choices(readings: list[Reading], territory: Territory) -> str:
    """Tell what to do, given the readings that fall in the territory."""
    if territory.shape is None:
        return "Sans territoire rien ne départage les lectures : donner le système par --crs."
    if not readings:
        return (
            f"Aucune lecture connue ne tombe dans {territory.name} : demander le système au producteur"
            " (--crs), ou élargir avec --territoire france ou monde."
        )
    if len(readings) == 1:
        return (
            f"Une seule lecture y tombe : {readings[0].label}."
            f" L'accepter avec --crs auto ou --crs {readings[0].option}."
        )
    listed = " ; ".join(f"{reading.label} (--crs {reading.option})" for reading in readings)
    return f"Lectures possibles : {listed}. En choisir une."


def _outside(shape: Any, row: int, crs: pyproj.CRS, territory: Territory) -> Finding:
    """Report a feature that lies out of the territory, with the likely cause."""
    x, y = shapely.get_coordinates(shape)[0]
    hint = ""
    if abs(x) < 1e-2 and abs(y) < 1e-2:
        hint = " ; point (0, 0) : adresse non trouvée ?"
    elif territory.holds(to_plane(swapped(np.array([shape])), crs))[0]:
        hint = " ; axes inversés probables : latitude et longitude sont à échanger"
    message = f"n'est pas dans {territory.name}, ni à moins de 10 km{hint}"
    return Finding(
        row + 1, "geometry", "hors du territoire", "erreur", f"{_number(x)}, {_number(y)}", message
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) > 1_000 else f"{value:.5f}"
