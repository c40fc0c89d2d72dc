"""What a planner asks of the studies of land: files, names of columns, thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@dataclass(frozen=True)
class AvailableRequest:
    """Ask what constraints leave of each site.

    Parameters
    ----------
    rules
        Table or layer of constraints, or the output of an earlier run; None: the layers of the catalogue.
    inscribed
        Measure the inscribed rectangle and circle too.
    soil, soil_column, natures
        Layer that tells what the available land already is, its column, and what its values mean
        (value -> ``friche``, ``artificialisé``, ``urbanisé`` or ``ENAF``).
    nomenclature
        What the classes of the soil layer mean: name of a shipped table or path of another.
    budgets, territory_column
        Table of what each territory may still consume (``left_ha``), and the column shared with the sites.
    near, near_m
        Layer near which sites are kept, and how far from it (m).
    compared
        Second table of constraints, for :mod:`artois_geo.studies.land.comparison`.
    """

    rules: Path | None = None
    inscribed: bool = False
    soil: str | None = None
    soil_column: str | None = None
    natures: Mapping[str, str] | None = None
    budgets: Path | None = None
    territory_column: str = "comm_insee"
    nomenclature: str | None = None
    near: str | None = None
    near_m: float = 2000.0
    compared: Path | None = None


@dataclass(frozen=True)
class LossRequest:
    """Ask what each constraint costs each site, or one of them, as a table or in ``sentences``."""

    rules: Path | None = None
    site: str | None = None
    sentences: bool = False


@dataclass(frozen=True)
class DensificationRequest:
    """Ask what can still be built on land units.

    Parameters
    ----------
    owner, key, keep
        Columns of the parcels: owner (without it each parcel is a unit), cadastral identifier (``""``:
        the usual names are tried), columns to keep on the unit.
    sites, site_key, by_site
        Perimeters that cut the parcels, their identifier, and whether the answer has a row per site.
    roads
        Layer that a remainder must touch, by name or path.
    reference_ces, max_ces
        Built share (0 to 1) of an under-built unit, and that the PLU allows; or the column that holds it.
    setback_m, min_width_m, min_part_ha, mobilisable_share
        In place of the constants, see :class:`artois_geo.densification.Thresholds`.
    """

    owner: str | None = None
    key: str = ""
    keep: tuple[str, ...] = ()
    sites: "Layer | Path | None" = None
    site_key: str = "site_id"
    by_site: bool = False
    roads: str | None = None
    reference_ces: str | None = None
    max_ces: str | None = None
    setback_m: float | None = None
    min_width_m: float | None = None
    min_part_ha: float | None = None
    mobilisable_share: float | None = None
