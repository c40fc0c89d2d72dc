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


def _search(carte: Any, location: list[float]) -> Any:
    point = {"type": "Point", "coordinates": location[::-1]}
    feature = {"type": "Feature", "properties": {"nom": "A"}, "geometry": point}
    layer = folium.GeoJson({"type": "FeatureCollection", "features": [feature]})
    return plugins.Search(layer.add_to(carte), search_label="nom")


def _dated(carte: Any, location: list[float]) -> Any:
    point = {"type": "Point", "coordinates": location[::-1]}
    feature = {"type": "Feature", "properties": {"times": ["2026-01-01"]}, "geometry": point}
    return plugins.TimestampedGeoJson({"type": "FeatureCollection", "features": [feature]})


def _line(location: list[float]) -> list[list[float]]:
    return [location, [location[0] + 0.01, location[1] + 0.01]]


PLUGINS: dict[str, Callable[[Any, list[float]], Any]] = {
    "Fullscreen": lambda carte, location: plugins.Fullscreen(),
    "MarkerCluster": lambda carte, location: plugins.MarkerCluster([location, location]),
    "FastMarkerCluster": lambda carte, location: plugins.FastMarkerCluster([location, location]),
    "HeatMap": lambda carte, location: plugins.HeatMap([location]),
    "MiniMap": lambda carte, location: plugins.MiniMap(),
    "Draw": lambda carte, location: plugins.Draw(export=True),
    "MeasureControl": lambda carte, location: plugins.MeasureControl(),
    "FloatImage": lambda carte, location: plugins.FloatImage(PIXEL, bottom=5, left=5),
    "Search": _search,
    "MousePosition": lambda carte, location: plugins.MousePosition(),
    "LocateControl": lambda carte, location: plugins.LocateControl(),
    "Geocoder": lambda carte, location: plugins.Geocoder(),
    "GroupedLayerControl": lambda carte, location: plugins.GroupedLayerControl(
        {"Groupe": [folium.FeatureGroup("a").add_to(carte)]}
    ),
    "Terminator": lambda carte, location: plugins.Terminator(),
    "ScrollZoomToggler": lambda carte, location: plugins.ScrollZoomToggler(),
    "AntPath": lambda carte, location: plugins.AntPath(_line(location)),
    "PolyLineTextPath": lambda carte, location: plugins.PolyLineTextPath(
        folium.PolyLine(_line(location)).add_to(carte), "texte"
    ),
    "TimestampedGeoJson": _dated,
    "BeautifyIcon": lambda carte, location: folium.Marker(location, icon=plugins.BeautifyIcon(number=3)),
}
