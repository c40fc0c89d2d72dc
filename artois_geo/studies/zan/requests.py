"""What a reader asks of the ZAN accounts; fields bear the names of the options that fill them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from artois_geo.constants.rules import DEFAULT

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer
    from artois_geo.overlay import Progress
    from artois_geo.zan.land_cover.stock import By

POLE = "pma"  # grouping: the communes of the catalogue are the members
SRADDET = "sraddet-hdf"  # targets that come with the library
ALL = "toutes"  # communes that pool their guarantee
CLASSES: "Mapping[str, By]" = {  # detail of an account of the soil
    "cs": "code_cs",
    "us": "code_us",
    "categorie": "category",
}

OpenCatalogue: TypeAlias = "Callable[[], Catalogue]"  # read only where a request needs its layers
Step: TypeAlias = "Callable[[str], Progress]"  # name of a step -> what is told how far it is


def silent(label: str) -> "Progress":
    """Start a step that nobody watches.

    Examples
    --------
    >>> silent("Lecture")(1, 2)
    """
    return lambda done, total: None


@dataclass(frozen=True)
class FlowsRequest:
    """Hold where the flows of consumption are, how they are grouped, and by which rules they count."""

    fichier: Path
    par: str = "commune"
    territoires: Path | None = None
    fusions: Path | None = None
    edition: str = ""
    unite: str | None = None
    cle: str | None = None
    colonnes: str = ""
    rules_name: str = DEFAULT


@dataclass(frozen=True)
class Demand:
    """Hold what is asked of the territories, what is deducted from their account, and the day of it.

    ``lenient``: targets of a level that an account does not know are left to the others.
    ``assumed_region``: that of the catalogue, for territories of which nothing else tells theirs.
    """

    taux: float | None = None
    objectifs: str | None = None
    region: str | None = None
    garantie: Path | None = None
    deductions: Path | None = None
    issued: date | None = None
    lenient: bool = False
    assumed_region: str = ""

    @property
    def on(self) -> date:
        """Return the day whose targets are in force, and to which the years gone by are counted."""
        return self.issued or date.today()


@dataclass(frozen=True)
class PressureRequest:
    """Hold inside which groups the guarantee is weighed, and which communes pool theirs."""

    pression: str | None = None
    mutualiser: tuple[str, ...] = ()


@dataclass(frozen=True)
class SimulationRequest:
    """Hold the projects set against the budgets, or the offer of which what fits is selected."""

    territories: tuple[str, ...] = ()
    projets: "Layer | Path | None" = None
    scenarios: tuple[str, ...] = ()
    diffus: float = 0.0
    offre: "Layer | Path | None" = None
    critere: str = "hectares"
    valeur: str | None = None


@dataclass(frozen=True)
class Treatment:
    """Hold what is asked of an OCS GE beyond its codes, and how it is read."""

    tamis: bool = False
    largeur: bool = False
    parcs: "Layer | Path | None" = None
    photovoltaique: "Layer | Path | None" = None
    copie: Path | None = None
    couche_source: str = ""
    cores: int | None = None

    @property
    def needs_shapes(self) -> bool:
        """Tell whether the polygons around each polygon have a say."""
        return self.tamis or self.largeur or self.parcs is not None or self.photovoltaique is not None


@dataclass(frozen=True)
class SoilRequest:
    """Hold the zones of an account of the soil, its detail and its rules."""

    zones: "Layer | Path"
    cle: str
    par: str | None = None
    rules_name: str = DEFAULT


@dataclass(frozen=True)
class EffectRequest:
    """Hold the projects whose effect on the soil is counted, its detail and its rules."""

    projets: "Layer | Path"
    ocsge: "Layer | Path"
    cle: str = "projet_id"
    par: str | None = None
    rules_name: str = DEFAULT


@dataclass(frozen=True)
class Photographs:
    """Hold the land covers of two dates, and their days where they are known."""

    avant: "Layer | Path | None" = None
    apres: "Layer | Path | None" = None
    date_avant: date | None = None
    date_apres: date | None = None

    @property
    def layers(self) -> "list[Layer | Path]":
        """Return those that are given, the earlier first."""
        return [layer for layer in (self.avant, self.apres) if layer is not None]


@dataclass(frozen=True)
class MosRequest:
    """Hold a land-use map, its two dates, the matrix of passages and the zones."""

    couche: "Layer | Path"
    avant: str
    apres: str
    passages: Path
    first_year: int
    last_year: int
    zones: "Layer | Path"
    cle: str


@dataclass(frozen=True)
class ReportRequest:
    """Hold the territory of a local report, as it is found, named and drawn; ``theme``: who publishes it."""

    territoire: str
    nom: str = ""
    contours: "Layer | Path | None" = None
    area: float | None = None
    fictif: bool = False
    theme: "Path | None" = None
