"""The 25 checks of a planner's map in a real browser: those that no other test holds whole.

Where each one is:

 1-3  requests, console           here
 4    policy                      test_maps: test_the_policy_lets_in_only_the_scripts_of_the_page
 5    hostile texts               test_hostile_fields; test_sheets_browser, test_packs_still
 6    odd values                  here; test_maps: test_odd_values_leave_valid_json
 7    same bytes                  test_maps: test_same_input_gives_same_bytes
 8    bytes                       test_maps: …_keeps_its_budget, …_too_heavy_…; test_maps_large
 9-10 time                        scripts/bench_maps.py: no test of the suite measures time
11    unknown address             here; test_maps: test_a_plugin_that_loads_a_script_is_refused…
12    no script                   test_maps_browser: test_without_script_a_map_and_every_listed_site_are_there
13    axe                         test_maps_browser: test_axe_finds_nothing
14    keyboard                    here; test_maps_browser: test_everything_important_is_reached_by_keyboard
15    list = map                  here; test_maps_browser: test_every_feature_on_the_map_is_in_the_list
16    languages                   test_languages_browser
17    address                     test_maps_browser: test_a_copied_address_brings_back…
18    filters                     here; test_maps_browser: test_filters_combine…
19    search                      here; test_maps_browser: test_search_forgives…
20    widths and targets          here; test_maps_browser: test_no_sideways_scroll…
21    text twice as large         here; test_maps_browser: test_pinching_is_allowed
22    A3                          test_maps_browser: test_printing_gives_one_a3_page, …_says_legend_sites…
23    stand                       the tests of the kiosk
24    colours                     test_maps_style
25    areas and lengths           here; test_maps: test_each_layer_says_source_vintage_and_licence
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import branca.element
import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pyproj
import pytest
import shapely
from chromium import DESKTOP, PHONE, Opened

from artois_geo import layers, maps
from artois_geo.errors import BadValue

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
MAIN_CONTROLS = (
    "#query, .tools button, #list li button, .leaflet-control-zoom a, #grab, .bar button, summary, "
    "label.line, .check, .dual, .chips label, #credits button"
)
OPEN_BOXES = "document.querySelectorAll('#filters, #legend, #sources').forEach(box => { box.open = true; })"
OPEN_ALL = "document.querySelectorAll('#list details').forEach(box => { box.open = true; })"
SHARE = 0.001  # a length or an area may be wrong by this much


@pytest.fixture
def shipped(layers_file: Path) -> Path:
    """Open the page of layers, every tool in sight; test_offers holds that of the land on offer."""
    return layers_file


def test_01_02_03_one_request_and_a_silent_console_whatever_is_used(opened: Open, shipped: Path) -> None:
    view = opened()
    page = view.page
    page.fill("#query", "harnes")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.uncheck("#filter-family input[value=hub]", force=True)
    page.uncheck("#filter-epci input[value=CALL]")
    page.uncheck("#area-unknown")
    page.eval_on_selector("#area-min", "node => { node.value = 3; node.dispatchEvent(new Event('input')); }")
    page.uncheck("#legend input[data-layer=voies-vertes]")
    page.click("[data-lang=en]")
    page.click("#reset")
    page.click("#list li button >> nth=0")
    page.click("#card .actions button")
    page.evaluate("document.querySelectorAll('#card details, #sources').forEach(box => { box.open = true; })")
    page.keyboard.press("Escape")
    page.click(".leaflet-control-zoom-in")
    page.click(".home-view")
    page.click("#measure")
    page.mouse.click(700, 500)
    page.pdf(prefer_css_page_size=True, print_background=True)
    page.wait_for_timeout(500)
    assert view.requests == [shipped.as_uri()]
    assert view.complaints == []


def test_06_odd_values_leave_a_page_that_works(opened: Open, tmp_path: Path) -> None:
    odd: list[Any] = [
        "{{ 7*7 }}", "${7*7}", "\\", "`", "</script>", float("nan"), float("inf"), float("-inf"), None,
        pd.NaT, pd.NA, "x" * 10_000, "", " ", 2**70, -0.0, 1e-300, True,
        {"a": 1}, ["x"], b"\xff", "\ud800", "\x00",
    ]  # fmt: skip
    shapes = [
        shapely.Point(plain.ORIGIN_X + 900 * (i % 6), plain.ORIGIN_Y + 900 * (i // 6))
        for i in range(len(odd))
    ]
    frame = gpd.GeoDataFrame({"nom": pd.Series(odd, dtype=object)}, geometry=shapes, crs=2154)
    for column in ("site_surf_brute", "famille", "precision_m", "geometrie", "communes", "valeur", "note"):
        frame[column] = pd.Series(odd, dtype=object)
    file = tmp_path / "odd.html"
    maps.build({"impairs": frame, "vide": frame.head(0)}).save(file)
    view = opened(file=file)
    page = view.page
    page.evaluate(OPEN_ALL)
    buttons = page.locator("#list [data-layer=impairs] button")
    assert buttons.count() == len(odd)
    for index in range(len(odd)):
        buttons.nth(index).evaluate("node => node.click()")
        assert page.is_visible("#card-name")
    page.click("[data-lang=en]")
    page.fill("#query", "7*7")
    page.pdf(prefer_css_page_size=True)
    assert view.complaints == []


def test_11_an_address_that_nothing_here_holds_fails_the_build(tmp_path: Path) -> None:
    carte = maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1)})
    address = "https://cdn.example/inconnu.js"
    carte.get_root().header.add_child(branca.element.JavascriptLink(address), name="inconnu")
    with pytest.raises(BadValue, match=re.escape(address)):
        carte.save(tmp_path / "carte.html")
    assert not (tmp_path / "carte.html").exists()


def test_14_tab_reaches_every_control_and_shows_where_it_is(opened: Open) -> None:
    page = opened().page
    expected_stops = set(
        page.evaluate(
            """() => [...document.querySelectorAll('button, a[href], input, summary')]
                .filter(node => node.offsetParent && !node.closest('#list li'))
                .map((node, place) => { node.dataset.stop = place; return String(place); })"""
        )
    )
    stops, hidden = set(), []
    for _ in range(400):
        page.keyboard.press("Tab")
        stop, has_outline = page.evaluate(
            """() => { const node = document.activeElement, look = getComputedStyle(node);
                const label = node.closest('label'), around = label ? getComputedStyle(label) : look;
                const ring = one => (one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) > 0)
                    || one.boxShadow !== 'none';
                const inside = [...(label?.children ?? [])].some(child => ring(getComputedStyle(child)));
                return [node.dataset?.stop ?? '', ring(look) || ring(around) || inside]; }"""
        )
        if stop:
            stops.add(stop)
            if not has_outline:
                hidden.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        if stops >= expected_stops:
            break
    missed = page.evaluate(
        "stops => stops.map(s => document.querySelector(`[data-stop='${s}']`).outerHTML.slice(0, 120))",
        sorted(expected_stops - stops),
    )
    assert missed == []
    assert hidden == []


def test_15_every_site_is_in_the_list_with_the_figures_of_its_card(opened: Open) -> None:
    page = opened().page
    frame = layers.read(layers.read_catalogue()["sites_eco"])
    rows = page.locator("#list [data-layer=sites-eco] li button[data-id]")
    assert rows.count() == len(frame)
    list_rows = rows.evaluate_all(
        """nodes => nodes.map(node => {
            const area = node.querySelector('.ha').textContent, name = node.querySelector('b').textContent;
            node.click();
            return [name, area, document.querySelector('#card-name').textContent,
                document.querySelector('#card .figures')?.textContent ?? ''];
        })"""
    )
    for name, area, card_name, figures in list_rows:
        assert name == card_name
        assert area in figures
    areas_ha = frame.set_index("site_nom")["site_surf_brute"]
    for name, area, *_ in list_rows:
        value = areas_ha[name]
        assert (area == "") == bool(np.isnan(value))
        if area:
            assert float(re.sub(r"[^\d,]", "", area).replace(",", ".")) == pytest.approx(value, abs=0.51)
    count = page.locator("#count")
    assert (count.get_attribute("role"), count.get_attribute("aria-live")) == ("status", "polite")
    before = count.inner_text()
    page.keyboard.press("Escape")
    page.uncheck("#filter-family input[value=hub]", force=True)
    assert count.inner_text() != before


def test_18_nothing_found_says_what_to_do_and_show_all_restores_filters_and_layers(opened: Open) -> None:
    page = opened().page
    rows = page.locator("#list li button[data-id]")
    everything, address = rows.count(), page.evaluate("location.hash")
    for box in page.locator("#filter-family input").all():
        box.uncheck(force=True)
    page.uncheck("#legend input[data-layer=voies-vertes]")
    assert "Tout afficher" in page.inner_text("#count")
    assert page.is_visible("#reset")
    page.click("#reset")
    page.wait_for_timeout(800)
    assert rows.count() == everything
    assert page.is_checked("#legend input[data-layer=voies-vertes]")
    address_without_view = re.sub(r"m=[^&]*", "", page.evaluate("location.hash"))
    assert address_without_view == re.sub(r"m=[^&]*", "", address)


def test_19_a_site_is_found_by_commune_by_name_and_by_id(opened: Open, tmp_path: Path) -> None:
    site = {"site_nom": "Parc Saint-Éloi", "communes": "Sainte-Catherine|Nœux-les-Mines"}
    frame = plain.square(x_km=0, y_km=0, side_km=1, **site).set_index(pd.Index(["ZAE-62-0417"]))
    file = tmp_path / "ids.html"
    record = next(layer for layer in layers.read_catalogue().values() if layer.kind == "site_eco")
    maps.build({"sites": frame}, layers={"sites": record}).save(file)
    page = opened(file=file).page
    for typed in ("st eloi", "SAINT ÉLOI", "parc", "ste catherine", "noeux les mines", "zae-62-0417", "0417"):
        page.fill("#query", typed)
        assert page.locator("#answers li span").all_text_contents() == ["Parc Saint-Éloi"], typed


@pytest.mark.parametrize("size", [(320, 640), PHONE], ids=lambda size: str(size[0]))
def test_20_the_main_targets_are_large_enough_for_a_finger(opened: Open, size: tuple[int, int]) -> None:
    page = opened(size=size, has_touch=True, is_mobile=True).page
    page.evaluate(OPEN_BOXES)
    page.click("#grab")
    page.wait_for_timeout(350)
    small = page.evaluate(
        """wanted => [...document.querySelectorAll(wanted)].filter(node => node.offsetParent)
            .map(node => [node.id || node.className, node.getBoundingClientRect()])
            .filter(([, box]) => box.height < 44 || box.width < 44).map(([name, b]) => [name, b.height])""",
        MAIN_CONTROLS,
    )
    assert small == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: str(size[0]))
def test_21_text_twice_as_large_stays_inside_the_page(opened: Open, size: tuple[int, int]) -> None:
    """A browser that enlarges by 200 % lays the page out in half the width and half the height."""
    width, height = size[0] // 2, size[1] // 2
    page = opened(size=(max(width, 320), height), device_scale_factor=2).page
    assert page.evaluate("document.documentElement.scrollWidth") <= max(width, 320)
    page.evaluate("document.querySelector('#panel').classList.add('up')")
    page.evaluate("document.querySelector('#list li button').click()")
    assert page.is_visible("#card-name")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('#card h2, #card dd, #card dt, #count, summary')]
            .filter(node => node.offsetParent && node.scrollWidth > node.clientWidth + 2
                && getComputedStyle(node).display !== 'inline')
            .map(node => node.outerHTML.slice(0, 100))"""
    )
    assert cut == []


def test_25_what_is_measured_is_the_ground_and_not_web_mercator(opened: Open) -> None:
    """The tape against the geodesic of PROJ, a known square against its plane area."""
    page = opened("#m=11/50.45/2.8").page
    page.click("#measure")
    spots = [(560, 300), (860, 320), (800, 620)]
    for x, y in spots:
        page.mouse.click(x, y)
        page.wait_for_timeout(400)  # two clicks at once would be a double click
    places = page.evaluate(
        """spots => { const map = Object.values(window).find(one => one?.getCenter && one?.getZoom);
            const box = map.getContainer().getBoundingClientRect();
            return spots.map(([x, y]) => map.containerPointToLatLng([x - box.x, y - box.y]))
                .map(place => [place.lng, place.lat]); }""",
        spots,
    )
    measure = page.inner_text("#tape")
    geod = pyproj.Geod(ellps="WGS84")
    length_km = geod.line_length(*zip(*places, strict=True)) / 1000
    area_ha = abs(geod.polygon_area_perimeter(*zip(*places, strict=True))[0]) / 10_000
    said_km, said_ha = (
        float(re.sub(r"[^\d,]", "", part).replace(",", "."))
        for part in re.match(r"(.*km) · (.*ha)", measure).groups()
    )
    assert said_km == pytest.approx(length_km, rel=SHARE)
    assert said_ha == pytest.approx(area_ha, rel=SHARE)


def test_25_areas_on_the_card_are_those_of_the_plane(opened: Open, tmp_path: Path) -> None:
    strip = plain.rectangle(x_km=0, y_km=0, width_km=1.234, height_km=0.5, nom="Bande")
    file = tmp_path / "plane.html"
    maps.build({"Bande": strip}).save(file)
    page = opened(file=file).page
    page.click("#list li button")
    assert re.search(r"61,7 ha", page.inner_text("#card .figures"))


def test_25_every_layer_of_the_page_says_source_date_and_licence(opened: Open) -> None:
    page = opened().page
    page.evaluate("document.querySelector('#sources').open = true")
    sources_text = page.text_content("#sources") or ""
    for layer in layers.read_catalogue().values():
        for mention in (layer.title, layer.source, layer.vintage, layer.licence):
            assert mention in sources_text


def test_a_map_of_folium_alone_keeps_its_pinch(tmp_path: Path) -> None:
    assert "user-scalable=no" not in maps.standalone(folium.Map([50.4, 2.8], tiles=None))
