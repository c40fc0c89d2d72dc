"""The map as an object: a folium map that carries the data of our page beside itself."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import folium

from artois_geo.maps.background import Ground
from artois_geo.maps.compact import Bulk
from artois_geo.maps.objects import Objects
from artois_geo.maps.stand import Stand
from artois_geo.maps.style import Style
from artois_geo.maps.thematic import Themed
from artois_geo.maps.tiles import Tiles

MAP_ID = "artois"  # folium draws a random id: a fixed one gives the same bytes for the same input
ZOOM_SNAP = 0.1  # without tiles every zoom is sharp: the first view fills the room it has
NOTEBOOK_HEIGHT = "620px"


@dataclass(frozen=True)
class MapLayer:
    """One layer of the map: how it is drawn, what must be said of it, its features."""

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
    objects: Objects
    bulk: Bulk | None = None  # a large layer: then ``objects`` is empty
    tolerance: float | None = None  # metres, where outlines of ``objects`` were simplified
    titles: Mapping[str, str] = field(default_factory=dict)  # title in other languages, where it is said
    theme: Themed | None = None  # a map of a number

    def said(self, lang: str) -> str:
        """Return its title in a language; the French one where the language has none."""
        return self.titles.get(lang) or self.title

    @property
    def held(self) -> Objects:
        """Return the features, of a large layer too."""
        return self.bulk.objects if self.bulk else self.objects


@dataclass(frozen=True)
class Basemap:
    """An online background that the reader may choose; nothing is fetched before."""

    id: str
    url: str
    host: str
    label: dict[str, str]
    attribution: str


@dataclass(frozen=True)
class Page:
    """All that the page shows, apart from the map element itself."""

    title: str
    subtitle: str
    lang: str
    layers: tuple[MapLayer, ...]
    ground: Ground | None
    bounds: list[list[float]]
    basemap: Basemap | None
    look_css: str = ""
    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # title and subtitle, by language
    stand: Stand | None = None
    tour: tuple[str, ...] = ()  # features in the order of the guided tour
    compare: tuple[str, str] | None = None  # layers on the left and on the right of the divider
    embedded: Tiles | None = None

    def heading(self, lang: str = "") -> tuple[str, str]:
        """Return title and subtitle in a language; those of the page where the language has none."""
        return self.headings.get(lang or self.lang, (self.title, self.subtitle))

    @property
    def guided(self) -> bool:
        """Tell whether the page rests or guides, under a veil that any touch lifts."""
        return self.stand is not None or bool(self.tour)

    @property
    def themed(self) -> bool:
        """Tell whether a layer is a map of a number."""
        return any(layer.theme for layer in self.layers)


class Carte(folium.Map):
    """A folium map with our layers, panels and site cards.

    Folium draws the map element; layers and texts travel in ``page`` and reach
    the browser as escaped JSON, never as a template (folium would run ``{{ … }}``
    found in them). Controls of folium can still be added to it.
    """

    def __init__(self, page: Page) -> None:
        (south, west), (north, east) = page.bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_start=10,
            zoom_snap=ZOOM_SNAP,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=90,
        )
        self._id = MAP_ID
        self.page = page

    def _repr_html_(self, **_: Any) -> str:
        """Show the same self-contained page in a frame of the notebook."""
        from artois_geo.maps.standalone import standalone

        page = html.escape(standalone(self), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:{NOTEBOOK_HEIGHT};border:0"></iframe>'

    def save(self, outfile: str | Path, **_: Any) -> None:  # type: ignore[override]
        """Write the self-contained page: folium's own ``save`` would lose the layers and need the network."""
        from artois_geo import suffixes
        from artois_geo.maps.standalone import standalone

        suffixes.form_of(outfile, ["html"])
        Path(outfile).write_text(standalone(self), encoding="utf-8", newline="\n")
