"""What a reader asks of a map, of sheets, of the example: light records that a command fills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artois_geo.layers import Layer

LANGUAGES = {"fr": ("fr",), "en": ("en",), "les-deux": ("fr", "en")}


@dataclass(frozen=True)
class WorkspaceRequest:
    """Ask for a workspace: its name, empty where nobody gives one, and the territory whose data are taken.

    ``nationaux``: files of the whole country too.
    """

    territoire: str = ""
    communes: str = ""
    epci: str = ""
    departement: str = ""
    nationaux: bool = False

    @property
    def has_territory(self) -> bool:
        """Tell whether open data are to be taken."""
        return any((self.communes, self.epci, self.departement))


@dataclass(frozen=True)
class ColumnTheme:
    """Ask for the map of a column: ``column``, or ``above/below``, drawn as ``maps.Thematic`` says.

    ``settings``: ``method``, ``classes``, ``bounds`` and ``force`` of ``maps.Thematic``. ``file``: the
    file of the layer, where it is named so.
    """

    column: str
    drawn: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None


@dataclass(frozen=True)
class MapRequest:
    """Ask for a map of layers.

    Parameters
    ----------
    couches
        Layers of the catalogue or files; without any, and nothing to compare, the whole catalogue.
    comparer
        Two of them, before and after.
    millesimes
        Whether ``couches`` are vintages of one layer, in their order, to be shown in turn.
    langue, titre
        Language at opening, title of the page.
    fond, fond_embarque, zoom_max_fond
        Fields ``basemap``, ``embedded`` and ``embedded_zoom`` of ``maps.Background``.
    stand
        Keywords ``kiosk``, ``idle_s`` and ``tour`` of ``maps.build``.
    themes
        Layers, by name, that are maps of a number.
    bare
        The layers alone, without the analyses of the sites.
    theme
        File of who publishes: name, contact, colours, logos.
    """

    couches: "Sequence[Layer | Path]" = ()
    comparer: "tuple[Layer | Path, Layer | Path] | None" = None
    millesimes: bool = False
    langue: str = "fr"
    titre: str = ""
    fond: str | None = None
    fond_embarque: Path | None = None
    zoom_max_fond: int | None = None
    stand: Mapping[str, Any] = field(default_factory=dict)
    themes: Mapping[str, ColumnTheme] = field(default_factory=dict)
    bare: bool = False
    theme: Path | None = None


@dataclass(frozen=True)
class SheetRequest:
    """Ask for sheets: of one site, of all, of those on offer, of a commune, or of an EPCI.

    ``tableaux``: name and file of tables of the reader, a section each. ``photos``, ``documents``:
    folders of the files that the sites name; those of the workspace by default.
    """

    site: str | None = None
    tous: bool = False
    offre: bool = False
    commune: str | None = None
    epci: str | None = None
    langue: str = "fr"
    adresse: str = ""
    theme: Path | None = None
    photos: Path | None = None
    documents: Path | None = None
    tableaux: tuple[tuple[str, Path], ...] = ()
    issued: date | None = None

    @property
    def subjects(self) -> int:
        """Return how many ways of choosing the sheets are given; one is right."""
        return sum(map(bool, (self.site, self.tous, self.offre, self.commune, self.epci)))

    @property
    def on(self) -> date:
        """Return the day for which the analyses are made."""
        return self.issued or date.today()


@dataclass(frozen=True)
class ExampleRequest:
    """Ask for a fictional territory of so many communes, polygons of OCS GE and sites."""

    communes: int = 12
    ocsge: int = 2000
    sites: int = 12
    graine: int = 1


@dataclass(frozen=True)
class OpenDataRequest:
    """Ask for open sources: for which territory, of which vintage, under which name, from which file."""

    communes: str = ""
    epci: str = ""
    departement: str = ""
    emprise: str = ""
    millesime: str = ""
    depuis: Path | None = None
    vers: str = ""

    @property
    def has_territory(self) -> bool:
        """Tell whether a territory is given."""
        return any((self.communes, self.epci, self.departement, self.emprise))


@dataclass(frozen=True)
class DraftRequest:
    """Ask how own zones stand beside drafts; ``key`` and ``draft_key`` name their zones."""

    brouillons: "tuple[Layer | Path, ...]" = ()
    key: str = ""
    draft_key: str = ""
    part_meme: float | None = None
