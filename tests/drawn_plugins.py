"""Each plugin of folium that the page on notebooks speaks of, put on a map."""

from collections.abc import Callable
from typing import Any

import folium
import folium.plugins as plugins

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def centre(carte: Any) -> list[float]:
    (south, west), (north, east) = carte.get_bounds()
    return [(south + north) / 2, (west + east) / 2]


def marked(add: Callable[[Any, list[float]], Any], carte: Any) -> Any:
    """Add a plugin, or what it draws, in the middle of a map."""
    return add(carte, centre(carte)).add_to(carte)


def _search(carte: Any, here: list[float]) -> Any:
    point = {"type": "Point", "coordinates": here[::-1]}
    feature = {"type": "Feature", "properties": {"nom": "A"}, "geometry": point}
    layer = folium.GeoJson({"type": "FeatureCollection", "features": [feature]})
    return plugins.Search(layer.add_to(carte), search_label="nom")


def _dated(carte: Any, here: list[float]) -> Any:
    point = {"type": "Point", "coordinates": here[::-1]}
    feature = {"type": "Feature", "properties": {"times": ["2026-01-01"]}, "geometry": point}
    return plugins.TimestampedGeoJson({"type": "FeatureCollection", "features": [feature]})


def _line(here: list[float]) -> list[list[float]]:
    return [here, [here[0] + 0.01, here[1] + 0.01]]


PLUGINS: dict[str, Callable[[Any, list[float]], Any]] = {
    "Fullscreen": lambda carte, here: plugins.Fullscreen(),
    "MarkerCluster": lambda carte, here: plugins.MarkerCluster([here, here]),
    "FastMarkerCluster": lambda carte, here: plugins.FastMarkerCluster([here, here]),
    "HeatMap": lambda carte, here: plugins.HeatMap([here]),
    "MiniMap": lambda carte, here: plugins.MiniMap(),
    "Draw": lambda carte, here: plugins.Draw(export=True),
    "MeasureControl": lambda carte, here: plugins.MeasureControl(),
    "FloatImage": lambda carte, here: plugins.FloatImage(PIXEL, bottom=5, left=5),
    "Search": _search,
    "MousePosition": lambda carte, here: plugins.MousePosition(),
    "LocateControl": lambda carte, here: plugins.LocateControl(),
    "Geocoder": lambda carte, here: plugins.Geocoder(),
    "GroupedLayerControl": lambda carte, here: plugins.GroupedLayerControl(
        {"Groupe": [folium.FeatureGroup("a").add_to(carte)]}
    ),
    "Terminator": lambda carte, here: plugins.Terminator(),
    "ScrollZoomToggler": lambda carte, here: plugins.ScrollZoomToggler(),
    "AntPath": lambda carte, here: plugins.AntPath(_line(here)),
    "PolyLineTextPath": lambda carte, here: plugins.PolyLineTextPath(
        folium.PolyLine(_line(here)).add_to(carte), "texte"
    ),
    "TimestampedGeoJson": _dated,
    "BeautifyIcon": lambda carte, here: folium.Marker(here, icon=plugins.BeautifyIcon(number=3)),
}
