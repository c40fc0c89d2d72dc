"""The records of a map: what a layer holds, what its page shows. Nothing is read or drawn here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
from markupsafe import Markup

from artois_geo import languages
from artois_geo.maps.backdrop.tiles import Tiles
from artois_geo.maps.backdrop.towns import Ground
from artois_geo.maps.features import LayerFeatures
from artois_geo.maps.numbers.changes import Changes
from artois_geo.maps.numbers.thematic import Themed
from artois_geo.maps.offers.vitrine import Vitrine
from artois_geo.maps.outlines.compact import Bulk
from artois_geo.maps.results.records import Amount, Result
from artois_geo.maps.style import Style

MAP_ID = "artois"  # folium draws a random id: a fixed one gives the same bytes for the same input
ZOOM_SNAP = 0.1  # without tiles every zoom is sharp: the first view fills the room it has


@dataclass(frozen=True)
class Background:
    """Choose what lies under the layers of a map.

    ``towns``: draw towns and limits from the layers of kind ``commune`` (polygons), else
    ``commune_schema`` (schematic cells, said so on the map). ``basemap``: an online background that the
    reader may choose, ``"plan-ign"``, ``"ortho-ign"`` or ``"osm"``; nothing is fetched before the choice.
    ``embedded``: an MBTiles or PMTiles file of images; the tiles over the territory travel in the page, up
    to ``embedded_zoom``. ``landmarks``: main roads and tracks of ``network.landmarks``, drawn on the towns,
    and ``landmarks_credit``, whose they are.
    """

    towns: bool = True
    basemap: str | None = None
    embedded: Path | None = None
    embedded_zoom: int | None = None
    landmarks: gpd.GeoDataFrame | None = None
    landmarks_credit: str = ""


@dataclass(frozen=True)
class Kiosk:
    """Ask for a page for a stand: large targets, no way out of it, addresses told with a QR code.

    It is back at its start after ``idle_s`` seconds without a touch (90 by default). ``tour``: sites of its
    guided tour, by id or name; by default the land on offer, else the first sites of the list.
    """

    idle_s: float | None = None
    tour: Sequence[str] | None = None


@dataclass(frozen=True)
class KioskMode:
    """Hold what a page on a stand needs: its patience in seconds, the QR code of each address."""

    idle_s: float
    codes: dict[str, str]


@dataclass(frozen=True)
class MapLayer:
    """Describe one layer of the map: its drawing, its texts, its features."""

    id: str
    name: str  # as the caller calls it
    title: str
    kind: str
    style: Style
    group: str
    source: str
    licence: str
    vintage: str
    note: str
    labels: dict[str, dict[str, Any]]
    features: LayerFeatures
    bulk: Bulk | None = None  # the drawing of a large layer, whose features are counted and not listed
    tolerance: float | None = None  # metres, where outlines were simplified
    titles: Mapping[str, str] = field(default_factory=dict)  # title in other languages, where it has one
    theme: Themed | None = None  # a map of a number
    amounts: Sequence[Amount] = ()  # of its features, on the map of a result

    def title_in(self, lang: str) -> str:
        """Return its title in a language; the French one where the language has none."""
        return self.titles.get(lang) or self.title


@dataclass(frozen=True)
class Basemap:
    """Describe an online background that the reader may choose; nothing is fetched before."""

    id: str
    url: str
    host: str
    label: dict[str, str]
    attribution: str


@dataclass(frozen=True)
class Page:
    """Hold all that the page shows, apart from the map element itself."""

    title: str
    subtitle: str
    lang: str
    layers: tuple[MapLayer, ...]
    ground: Ground | None
    bounds: list[list[float]]
    basemap: Basemap | None
    view: Sequence[Sequence[float]] | None = None  # where it opens, if not on the whole territory
    look_css: str = ""
    identity: Markup = Markup("")  # noqa: RUF009 of who publishes, from ``theme.identity``
    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # title and subtitle, by language
    kiosk: KioskMode | None = None
    tour: tuple[str, ...] = ()  # features in the order of the guided tour
    compare: tuple[str, str] | None = None  # layers on the left and on the right of the divider
    changes: Changes | None = None  # between those two
    vintages: tuple[tuple[str, str], ...] = ()  # layers shown in turn, each with its label
    embedded: Tiles | None = None
    vitrine: Vitrine | None = None  # offers that the page shows first
    added: bool = False  # layers or controls of folium, beside ours
    result: Result | None = None  # of an analysis

    def heading(self, lang: str = "") -> tuple[str, str]:
        """Return title and subtitle in a language; those of the page where the language has none."""
        return self.headings.get(lang or self.lang, (self.title, self.subtitle))

    def pin_numbers(self, layer: MapLayer) -> Mapping[int, int]:
        """Return the number of each offer of a layer, by its row."""
        if self.vitrine is None or self.vitrine.layer != layer.name:
            return {}
        offers = self.vitrine.offers[languages.SOURCE]
        return {self.vitrine.rows[offer.id]: offer.number for offer in offers}

    @property
    def hides_cells(self) -> bool:
        """Tell whether schematic cells are one land: beside an offer they would pass for communes."""
        return self.vitrine is not None and self.ground is not None and bool(self.ground["schematic"])

    @property
    def guided(self) -> bool:
        """Tell whether the page rests or guides, under a veil that any touch lifts."""
        return self.kiosk is not None or bool(self.tour)

    @property
    def themed(self) -> bool:
        """Tell whether a layer is a map of a number."""
        return any(layer.theme for layer in self.layers)


def page_of(carte: object) -> Page | None:
    """Return the page that a map of ``maps.build`` carries; None for any other map."""
    page = getattr(carte, "page", None)
    return page if isinstance(page, Page) else None
