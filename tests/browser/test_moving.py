"""What moves the map, or brings back to it what was hidden, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import parcels
import plain
import pytest
import shapely
from chromium import Opened

from artois_geo import layers, maps
from artois_geo.maps.style import read_words

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
TABLET = (820, 1180)
WIDTHS = "paths => paths.map(path => path.getBoundingClientRect().width)"
SURFACES = ".leaflet-areas-pane path:not([fill=none])"  # lines share their drawing
ZOOM = "window.map_artois.getZoom()"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large plot, a small one of another authority inside it, and a path."""
    plots = pd.concat(
        [
            plain.square(x_km=0, y_km=0, side_km=3, nom="Alpha", epci_sigle="X"),
            plain.square(x_km=1, y_km=1, side_km=1, nom="Bêta", epci_sigle="Y"),
        ],
        ignore_index=True,
    )
    x, y = plain.ORIGIN_X, plain.ORIGIN_Y
    line = shapely.LineString([(x, y - 1000), (x + 3000, y - 1000)])
    path = gpd.GeoDataFrame({"nom": ["Chemin"]}, geometry=[line], crs=2154)
    page_file = tmp_path_factory.mktemp("carte") / "carte.html"
    maps.build({"Terrains": plots, "Chemins": path}, title="fictif").save(page_file)
    return page_file


def search(page: Any, words: str) -> None:
    page.fill("#query", words)
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)


def test_what_comes_back_from_a_filter_lies_where_it_lay(opened: Open) -> None:
    page = opened().page
    plots = page.locator(SURFACES)
    page.uncheck("#filter-epci input[value=X]")
    assert plots.count() == 1
    page.check("#filter-epci input[value=X]")
    large, small = plots.evaluate_all(WIDTHS)
    assert large > small, "the small plot is drawn last"


def test_what_is_searched_for_is_shown_even_if_a_filter_hid_it(opened: Open) -> None:
    page = opened().page
    page.uncheck("#filter-epci input[value=X]")
    search(page, "alpha")
    assert page.inner_text("#card-name") == "Alpha"
    assert page.locator(SURFACES).count() == 2
    assert page.is_checked("#filter-epci input[value=X]")


def test_a_chosen_line_is_seen_to_be_chosen(opened: Open) -> None:
    page = opened().page
    line = page.locator(".leaflet-areas-pane path[fill=none] >> nth=0")
    usual = line.get_attribute("stroke")
    search(page, "chemin")
    assert line.get_attribute("stroke") != usual
    page.keyboard.press("Escape")
    assert line.get_attribute("stroke") == usual


def test_the_whole_map_comes_back_in_the_middle_of_a_zoom(opened: Open) -> None:
    page = opened().page
    first = page.evaluate(ZOOM)
    page.evaluate(
        """() => { const map = window.map_artois;
            map.once('zoomanim', () => document.querySelector('.home-view').click());
            document.querySelector('.leaflet-control-zoom-in').click(); }"""
    )
    page.wait_for_timeout(900)
    assert page.evaluate(ZOOM) == first


def test_a_tablet_keeps_room_for_the_chosen_site_beside_its_card(opened: Open) -> None:
    page = opened(size=TABLET, reduced_motion="reduce").page
    search(page, "alpha")
    assert max(page.locator(".leaflet-areas-pane path").evaluate_all(WIDTHS)) > 100


def test_a_point_alone_is_seen_with_what_is_around_it(opened: Open, tmp_path: Path) -> None:
    point = gpd.GeoDataFrame(
        {"nom": ["A"]}, geometry=[shapely.Point(plain.ORIGIN_X, plain.ORIGIN_Y)], crs=2154
    )
    maps.build({"Point": point}).save(tmp_path / "point.html")
    page = opened(file=tmp_path / "point.html").page
    assert page.evaluate(ZOOM) <= 16
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert read_words()["fr"]["schematic"] not in page.text_content("#printed")


def test_limits_lie_above_the_ground_that_comes_back(opened: Open, tmp_path: Path) -> None:
    town = plain.square(x_km=0, y_km=0, side_km=3, comm_nom="A", epci_sigle="X")
    record = next(layer for layer in layers.read_catalogue().values() if layer.kind == "commune")
    carte = maps.build({"communes": town}, layers={"communes": record}, basemap="plan-ign")
    carte.save(tmp_path / "ign.html")
    page = opened(file=tmp_path / "ign.html").page
    for index in (1, 0):
        page.check(f"#legend input[type=radio] >> nth={index}")
    above = """() => { const cell = document.querySelector('.cell');
        const limit = document.querySelector('.leaflet-container path[stroke-dasharray="7 4"]');
        return cell.compareDocumentPosition(limit) & Node.DOCUMENT_POSITION_FOLLOWING; }"""
    assert page.evaluate(above) > 0


def test_the_address_hides_an_authority_that_only_a_large_layer_names(opened: Open, tmp_path: Path) -> None:
    frame = parcels.coverage(5_001)
    frame["epci_sigle"] = ["X", "Y", "Z"] * 1667
    maps.build({"Parcelles fictives": frame}).save(tmp_path / "grande.html")
    page = opened("#e=X", file=tmp_path / "grande.html").page
    assert not page.is_checked("#filter-epci input[value=X]")
    assert page.is_checked("#filter-epci input[value=Y]")
    assert "e=X" in page.evaluate("location.hash")
