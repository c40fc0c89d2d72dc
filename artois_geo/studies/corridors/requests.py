"""What a planner asks of greenways and green corridors. Nothing here computes."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@dataclass(frozen=True)
class BalanceRequest:
    """Ask for kilometres by state, and by territory.

    Parameters
    ----------
    state
        Column of the state; without it, that of the standard or of a cycling layer.
    published_km
        Column of the published length, in km, of lines that cannot be measured.
    facilities
        What counts of a cycling layer.
    zones, key
        Polygons, and the column that names them.
    increment
        Lines that a project adds.
    snap_m
        Tolerance of the network; without it, the constant.
    day
        Day for which constants are taken.
    """

    state: str | None
    published_km: str | None
    facilities: tuple[str, ...]
    zones: "Layer | Path | None"
    key: str | None
    increment: "Layer | Path | None"
    snap_m: float | None
    day: date


@dataclass(frozen=True)
class MeshRequest:
    """Ask how a network holds together.

    Parameters
    ----------
    by_component, findings
        Give one row by piece of network, or what its cleaning found.
    increment
        Lines that a project adds.
    level
        Column that tells a bridge from the ground.
    crossings
        ``separes`` or ``joints``: what becomes of lines that cross without a common vertex.
    snap_m
        Tolerance of the network; without it, the constant.
    day
        Day for which constants are taken.
    """

    by_component: bool
    findings: bool
    increment: "Layer | Path | None"
    level: str | None
    crossings: str
    snap_m: float | None
    day: date


@dataclass(frozen=True)
class GapRequest:
    """Ask which links are missing in a network.

    Parameters
    ----------
    count
        Links to propose at most.
    max_gap_m, min_gap_m
        Longest gap to close, and distance below which two ways are taken as joined; without them,
        the constants.
    to_verify
        Ask for the crossings and near ends to look at, instead.
    shortcut
        Ask for the dead ends that are near by air and far by the network, instead.
    railways
        Disused railways that could close a gap.
    increment, level, crossings, snap_m, day
        As in :class:`MeshRequest`.
    """

    count: int
    max_gap_m: float | None
    min_gap_m: float | None
    to_verify: bool
    shortcut: bool
    railways: "Layer | Path | None"
    increment: "Layer | Path | None"
    level: str | None
    crossings: str
    snap_m: float | None
    day: date


@dataclass(frozen=True)
class WalkRequest:
    """Ask how many people, jobs or hectares lie within walking distance.

    Parameters
    ----------
    population, counts
        Points or polygons, and their columns to add up.
    distances_m
        Distances on foot; without any, those of the constants.
    streets
        Lines; without them, distances are by air.
    increment, added_streets
        Places and lines that a project adds.
    level
        Column of the streets that tells a bridge from the ground.
    day
        Day for which constants are taken.
    """

    population: "Layer | Path"
    counts: tuple[str, ...]
    distances_m: tuple[float, ...]
    streets: "Layer | Path | None"
    increment: "Layer | Path | None"
    added_streets: "Layer | Path | None"
    level: str | None
    day: date


@dataclass(frozen=True)
class PatchRequest:
    """Ask how patches of nature hold together.

    Parameters
    ----------
    max_gap_m
        Longest link between two patches; without it, the constant.
    half_distance_m
        Distance that half of the moves of the species manage (D50); without it, the constant.
    obstacles
        Lines or polygons that nothing crosses.
    increment
        Polygons that a project adds.
    day
        Day for which constants are taken.
    """

    max_gap_m: float | None
    half_distance_m: float | None
    obstacles: "Layer | Path | None"
    increment: "Layer | Path | None"
    day: date


@dataclass(frozen=True)
class ConflictRequest:
    """Ask where sites and corridors want the same ground.

    Parameters
    ----------
    band_m
        Band on each side of a corridor; without it, the constant.
    increment, added_sites
        Stretches of corridor and sites that a project adds.
    day
        Day for which constants are taken.
    """

    band_m: float | None
    increment: "Layer | Path | None"
    added_sites: "Layer | Path | None"
    day: date
