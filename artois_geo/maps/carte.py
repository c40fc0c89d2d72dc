"""The map as an object: a folium map that carries the data of our page beside itself."""

import html
from pathlib import Path
from typing import Any

import folium

from artois_geo import suffixes
from artois_geo.maps.records import MAP_ID, ZOOM_SNAP, Page
from artois_geo.maps.standalone import standalone

NOTEBOOK_HEIGHT = "620px"


class Carte(folium.Map):
    """Carry our layers, panels and site cards on a folium map.

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

    def get_bounds(self) -> list[list[float | None]]:
        """Return the corners of what is drawn, south-west then north-east, in degrees."""
        return [list(corner) for corner in self.page.bounds]

    def _repr_html_(self, **_: Any) -> str:
        """Show the same self-contained page in a frame of the notebook."""
        page = html.escape(standalone(self), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:{NOTEBOOK_HEIGHT};border:0"></iframe>'

    def save(self, outfile: str | Path, **_: Any) -> None:  # type: ignore[override]
        """Write the self-contained page: folium's own ``save`` would lose the layers and need the network."""
        suffixes.form_of(outfile, ["html"])
        Path(outfile).write_text(standalone(self), encoding="utf-8", newline="\n")
