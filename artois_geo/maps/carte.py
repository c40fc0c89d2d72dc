"""The map as an object: a folium map that carries the data of our page beside itself."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium

from artois_geo import suffixes
from artois_geo.errors import ArtoisGeoError, BadValue
from artois_geo.maps.records import MAP_ID, ZOOM_SNAP, Page
from artois_geo.maps.standalone import standalone, view

NOTEBOOK_HEIGHT = "620px"
SIZE = re.compile(r"(\d+(?:\.\d+)?)(px|%|vh|vw|em|rem)?")
MAX_ZOOM = 19
WHOLE = (100.0, "%")


class Carte(folium.Map):
    """Carry our layers, panels and site cards on a folium map.

    Folium draws the map element; layers and texts travel in ``page`` and reach
    the browser as escaped JSON, never as a template (folium would run ``{{ … }}``
    found in them). Layers, controls and plugins of folium can still be added to it:
    they are drawn above ours.
    """

    def __init__(self, page: Page, *, width: float | str = "100%", height: float | str = "100%") -> None:
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
        self.options["maxZoom"] = MAX_ZOOM  # grouping marks asks for it, and our page sets it later
        self.page = page
        self.width, self.height = _size(width, "width"), _size(height, "height")

    @property
    def _parent(self) -> Any:
        return self.__dict__.get("_parent")

    @_parent.setter
    def _parent(self, parent: Any) -> None:
        """Make the figure that holds the map show and save our page: folium's own would lose the layers."""
        self.__dict__["_parent"] = parent
        if isinstance(parent, folium.Figure):
            figure: Any = parent
            figure.render = lambda **_: standalone(self)
            figure._repr_html_ = lambda **_: self._frame(figure.width, figure.height or self.height)

    def get_bounds(self) -> list[list[float | None]]:
        """Return the corners of what is drawn, south-west then north-east, in degrees."""
        corners: list[Any] = [
            *self.page.bounds,
            *(corner for corner in super().get_bounds() if None not in corner),
        ]
        return [[f(corner[axis] for corner in corners) for axis in (0, 1)] for f in (min, max)]

    def fit_bounds(self, bounds: Sequence[Sequence[float]], **_: Any) -> None:  # type: ignore[override]
        """Open the map on these corners, south-west and north-east, in degrees; « home » goes there too."""
        try:
            (south, west), (north, east) = bounds
            corners = [[float(south), float(west)], [float(north), float(east)]]
        except (TypeError, ValueError) as error:
            raise BadValue(
                "Un cadrage se donne par deux coins, en degrés : fit_bounds([[sud, ouest], [nord, est]])."
            ) from error
        self.page = replace(self.page, view=corners)

    def show_in_browser(self) -> None:
        """Open the page in the browser, as :func:`save` would write it, or online where it cannot."""
        figure: Any = folium.Figure()
        figure.render = lambda **_: view(self)
        parent, self.__dict__["_parent"] = self._parent, figure
        try:
            super().show_in_browser()
        finally:
            self.__dict__["_parent"] = parent

    def _repr_html_(self, **_: Any) -> str:
        """Show the same page in a frame of the notebook; what cannot be one file is read online, and said."""
        return self._frame(self.width, self.height)

    def _frame(self, width: Any, height: Any) -> str:
        try:
            page = html.escape(view(self), quote=True)
            wide, high = _size(width, "width"), _size(height, "height")
        except ArtoisGeoError as error:  # a cell is never blank
            return f"<p>{html.escape(str(error)).replace(chr(10), '<br>')}</p>"
        return (
            f'<iframe srcdoc="{page}" style="width:{wide[0]:g}{wide[1]};'
            f'height:{NOTEBOOK_HEIGHT if high == WHOLE else f"{high[0]:g}{high[1]}"};border:0" '
            'allow="fullscreen; geolocation"></iframe>'
        )

    def save(self, outfile: str | Path, **_: Any) -> None:  # type: ignore[override]
        """Write the self-contained page: folium's own ``save`` would lose the layers and need the network."""
        suffixes.form_of(outfile, ["html"])
        Path(outfile).write_text(standalone(self), encoding="utf-8", newline="\n")


def _size(size: Any, name: str) -> tuple[float, str]:
    """Read a size as folium keeps it, a number and its unit; a number alone is pixels."""
    text = f"{size[0]}{size[1]}" if isinstance(size, tuple) and len(size) == 2 else str(size)
    parts = SIZE.fullmatch(text.strip())
    if parts is None:
        raise BadValue(
            f'Taille de carte inconnue : {name}={size!r}. Écrire {name}=500 (pixels) ou {name}="80vh".'
        )
    return float(parts[1]), parts[2] or "px"
