"""What a planner asks of the canal: layers, declared precisions, flows. Nothing here computes."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from artois_geo import text

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@dataclass(frozen=True)
class Precisions:
    """Hold the metres to which positions are known where the layers do not say it, as the reader declares.

    Examples
    --------
    >>> Precisions(sites_m=2.5).notes()
    ["Précision des sites déclarée par l'utilisateur, là où la couche ne la dit pas : ± 2,5 m."]
    """

    sites_m: float | None = None
    waterways_m: float | None = None
    places_m: float | None = None

    def notes(self) -> list[str]:
        """Say under the table what was declared."""
        parts = {"des sites": self.sites_m, "des voies d'eau": self.waterways_m, "des lieux": self.places_m}
        return [
            f"Précision {part} déclarée par l'utilisateur, là où la couche ne la dit pas : "
            f"± {text.digits(metres)} m."
            for part, metres in parts.items()
            if metres is not None
        ]


@dataclass(frozen=True)
class AccessRequest:
    """Ask how the water serves sites, and what a project would change.

    Parameters
    ----------
    waterways, places
        Layers; without any, those of the catalogue.
    carry
        Columns of the places to show with them.
    roads, speed, oneway
        Layer of roads, and its columns of speed (km/h) and of one-way.
    by_family, by_place
        List the nearest place of each family, or every place, of each site.
    added_places, added_roads, added_waterways
        What a project adds.
    day
        Day for which thresholds are taken.
    """

    waterways: "tuple[Layer | Path, ...]"
    places: "tuple[Layer | Path, ...]"
    carry: tuple[str, ...]
    roads: "Layer | Path | None"
    speed: str | None
    oneway: str | None
    by_family: bool
    by_place: bool
    added_places: "Layer | Path | None"
    added_roads: "Layer | Path | None"
    added_waterways: "Layer | Path | None"
    day: date

    @property
    def has_project(self) -> bool:
        """Tell whether something is added."""
        added = (self.added_places, self.added_roads, self.added_waterways)
        return any(layer is not None for layer in added)


@dataclass(frozen=True)
class FreightRequest:
    """Ask for the potential of sectors, the published funnel, or what flows would avoid.

    Parameters
    ----------
    flows, sectors
        Tables, in files.
    mixed_bases
        Accept sectors counted in several units.
    funnel
        Ask for the published funnel of containers.
    tonnes, road_km, water_km, haul_km, handlings, boat
        A flow given by itself.
    truck_t
        Load of a truck in tonnes; without it, the constant.
    summary
        Give one row for each flow: the range of all the sets of factors.
    day
        Day for which factors are taken.
    """

    flows: Path | None
    sectors: Path | None
    mixed_bases: bool
    funnel: bool
    tonnes: float | None
    road_km: float | None
    water_km: float | None
    haul_km: float
    handlings: int
    boat: str
    truck_t: float | None
    summary: bool
    day: date

    @property
    def is_incomplete(self) -> bool:
        """Tell whether neither a file, nor the funnel, nor a whole flow is asked for."""
        is_flow = None not in (self.tonnes, self.road_km, self.water_km)
        return not (self.funnel or self.sectors is not None or self.flows is not None or is_flow)


@dataclass(frozen=True)
class SchemeRequest:
    """Ask for the three pillars of the fluvial scheme.

    Parameters
    ----------
    waterways, places
        Layers; without any, those of the catalogue.
    sectors
        Table of the sectors, in a file; without it, pillar 2 is empty.
    sector_column
        Column of the sites that names their sector.
    mixed_bases
        Accept sectors counted in several units.
    day
        Day for which thresholds are taken.
    """

    waterways: "tuple[Layer | Path, ...]"
    places: "tuple[Layer | Path, ...]"
    sectors: Path | None
    sector_column: str | None
    mixed_bases: bool
    day: date
