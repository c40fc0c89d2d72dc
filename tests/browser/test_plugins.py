"""Layers and plugins of folium on our map, in a browser without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import folium
import folium.plugins
import plain
import pytest
import shapely
from chromium import Opened
from drawn_plugins import PLUGINS, centre, marked

from artois_geo import maps

pytestmark = pytest.mark.browser
INLINED = ("Fullscreen", "MarkerCluster", "FastMarkerCluster", "MiniMap", "Draw", "MeasureControl")
SQUARE_M = 1000


def carte(**options: Any) -> Any:
    return maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1, nom="A")}, **options)


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    pages = []

    def open_text(text: str, **options: Any) -> Opened:
        file = tmp_path / f"{len(pages)}.html"
        file.write_text(text, encoding="utf-8")
        view = Opened(browser, size=(1440, 900), script=True, **options)
        pages.append(view)
        view.goto(file)
        return view

    yield open_text
    for view in pages:
        view.page.close()


def depth(page: Any, pane: str) -> int:
    return int(page.locator(f".leaflet-{pane}-pane").evaluate("node => getComputedStyle(node).zIndex"))


def test_what_folium_adds_lies_above_ours_and_beside_our_legend(opened: Callable[..., Opened]) -> None:
    folium_map = carte()
    marker_point = centre(folium_map)
    box = shapely.box(
        marker_point[1] - 0.001, marker_point[0] - 0.001, marker_point[1] + 0.001, marker_point[0] + 0.001
    )
    folium.GeoJson(shapely.geometry.mapping(box), name="Boîte", popup=folium.Popup("<b>Boîte</b>")).add_to(
        folium_map
    )
    folium.Marker(marker_point, popup="<b style='color:#a00'>Gare</b>").add_to(folium_map)
    folium.LayerControl(collapsed=False).add_to(folium_map)
    view = opened(maps.standalone(folium_map))
    page = view.page
    assert depth(page, "marks") < depth(page, "overlay") < depth(page, "marker") < depth(page, "popup")
    page.locator(".leaflet-marker-pane img").click()
    assert page.locator(".leaflet-popup-content b").inner_text() == "Gare"
    control = page.locator(".leaflet-control-layers").bounding_box()
    legend = page.locator("#legend").bounding_box()
    assert control["x"] + control["width"] <= legend["x"]
    assert view.complaints == []
    assert view.requests[1:] == []


def test_the_plugins_that_fit_in_a_file_work_without_a_network(opened: Callable[..., Opened]) -> None:
    folium_map = carte()
    for name in INLINED:
        marked(PLUGINS[name], folium_map)
    view = opened(maps.standalone(folium_map))
    page = view.page
    for mark in (
        "fullscreen-button",
        "marker-cluster",
        "leaflet-control-minimap",
        "leaflet-draw",
        "measure-control",
    ):
        assert page.locator(f".{mark}").count() >= 1, mark
    assert page.locator(".leaflet-draw-draw-polygon").get_attribute("title") == "Tracer un polygone"
    assert view.complaints == []
    assert view.requests[1:] == []


def test_a_measure_of_folium_is_on_the_ellipsoid(opened: Callable[..., Opened]) -> None:
    folium_map = carte()
    folium.plugins.MeasureControl(primary_area_unit="hectares", secondary_area_unit="sqmeters").add_to(
        folium_map
    )
    page = opened(maps.standalone(folium_map)).page
    page.locator(".measure-control a").click()
    box = page.locator(".leaflet-areas-pane path").bounding_box()
    for across, down in ((0, 0), (1, 0), (1, 1), (0, 1)):
        page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        page.wait_for_timeout(400)  # two quick clicks would end the measure
    length, area = page.locator(".measure-result p").all_inner_texts()
    side = float(length.split(":")[1].split("m")[0].replace("\u202f", "").replace(",", ".")) / 3
    assert side == pytest.approx(SQUARE_M, rel=0.02)
    assert float(area.split(":")[1].split("ha")[0].replace(",", ".")) == pytest.approx(100, rel=0.04)
    assert page.locator("#card").is_hidden()


def test_without_its_network_an_online_view_is_a_map_all_the_same(opened: Callable[..., Opened]) -> None:
    folium_map = carte()
    marked(PLUGINS["Geocoder"], folium_map)
    folium.Marker(centre(folium_map)).add_to(folium_map)
    from artois_geo.maps.standalone import view as page_of_a_cell

    page = opened(page_of_a_cell(folium_map)).page
    assert page.locator(".leaflet-areas-pane path").count() == 1
    assert page.locator(".leaflet-marker-pane img").count() == 1
    assert "Geocoder (unpkg.com)" in page.locator(".online-view").inner_text()
    assert page.locator("#unreached").inner_text() == "unpkg.com"
