"""Maps of a number, an embedded background, names that do not collide: in a real browser without network."""

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import parcels
import pytest
import raster
from chromium import DESKTOP, PHONE, Opened, axe_faults, open_page
from covering import mostly_long
from plain import towns

from artois_geo import layers, maps
from artois_geo.maps.backdrop import tiles
from artois_geo.maps.numbers import thematic

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
TOUCHES_PX = 1.0  # two boxes that share an edge do not collide
VIEWS = [(50.48, 2.63), (50.43, 2.83), (50.42, 2.95)]  # Béthune, Lens, Hénin-Beaumont
LABELS = ".town, .site-name, .line-name, .city"
SEEN = """nodes => {
  const wrap = document.querySelector('#mapwrap').getBoundingClientRect();
  return nodes
    .filter(node => node.offsetWidth > 12 && getComputedStyle(node).visibility === 'visible')
    .map(node => [node, node.getBoundingClientRect()])
    .filter(([, b]) => b.right > wrap.left && b.left < wrap.right)
    .filter(([, b]) => b.bottom > wrap.top && b.top < wrap.bottom)
    .map(([node, b]) => [node.dataset.id ?? node.textContent, b.left, b.top, b.right, b.bottom]);
}"""


@pytest.fixture(scope="module")
def shipped() -> tuple[dict[str, gpd.GeoDataFrame], Any]:
    catalogue = layers.read_catalogue()
    return {name: layers.read(layer) for name, layer in catalogue.items()}, catalogue


@pytest.fixture
def opened(browser: Any) -> Open:
    return partial(open_page, browser)


def saved(folder: Path, carte: Any) -> Path:
    file = folder / "carte.html"
    carte.save(file)
    return file


def density(shipped: Any, **how: Any) -> Any:
    frames, catalogue = shipped
    theme = maps.Thematic("pop_totale", per="surface_ha", **how)
    return maps.build(frames, layers=catalogue, title="Densité", themes={"communes_schema": theme})


# ------------------------------------------------------------------------------------------------- shades


def test_each_commune_has_the_colour_of_its_class_and_the_legend_counts_them(
    opened: Open, shipped: Any, tmp_path: Path
) -> None:
    carte = density(shipped, method="jenks")
    view = opened(saved(tmp_path, carte))
    page = view.page
    theme = next(layer.theme for layer in carte.page.layers if layer.theme)
    fills = page.locator(".leaflet-shades-pane path").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('fill'))"
    )
    for entry in theme.entries:
        assert fills.count(entry["fill"]) == entry["count"]
    legend = page.inner_text(".theme-key")
    assert "Population totale / Surface publiée (hab./ha)" in legend
    assert "Jenks" in legend
    assert "COG et EPCI 2026" in legend
    for entry in theme.entries:
        assert f"{entry['label']['fr']} ({entry['count']})" in legend
    page.click("[data-lang=en]")
    legend = page.inner_text(".theme-key")
    assert "Total population / Published area (inhab./ha)" in legend
    assert theme.entries[0]["label"]["en"] in legend
    page.uncheck("#legend [data-layer=communes-schema]")
    assert page.locator(".leaflet-shades-pane path").count() == 0
    assert view.requests == [(tmp_path / "carte.html").as_uri()]
    assert view.complaints == []


def test_card_list_and_tooltip_say_the_value(opened: Open, shipped: Any, tmp_path: Path) -> None:
    page = opened(saved(tmp_path, density(shipped))).page
    frame = shipped[0]["communes_schema"].set_index("comm_nom")
    expected = frame.loc["Lens", "pop_totale"] / frame.loc["Lens", "surface_ha"]
    number = f"{expected:.1f}".replace(".", ",")  # how it starts: more decimals may follow
    page.fill("#query", "lens")
    page.keyboard.press("Enter")
    page.wait_for_timeout(700)
    assert number in page.inner_text("#card .figures")
    assert "hab./ha" in page.inner_text("#card .figures")
    page.keyboard.press("Escape")
    page.locator("#list details[data-layer=communes-schema] summary").click()
    rows = page.locator("#list details[data-layer=communes-schema] li", has_text="Lens")
    rows.first.wait_for()  # the list is written once it is open
    assert any(number in row for row in rows.all_inner_texts())
    page.locator(".leaflet-shades-pane path").first.dispatch_event("mouseover")
    assert "hab./ha" in page.locator(".leaflet-tooltip").inner_text()


def test_missing_values_are_hatched(opened: Open, tmp_path: Path) -> None:
    carte = maps.build({"c": towns([1, 2, None, 4])}, themes={"c": maps.Thematic("densite", classes=3)})
    page = opened(saved(tmp_path, carte)).page
    hatch = f"url(#hatch-{thematic.rules()['missing'].removeprefix('#')})"
    assert page.locator(f".leaflet-shades-pane path[fill='{hatch}']").count() == 1
    assert "sans valeur (1)" in page.inner_text(".theme-key")


def test_a_large_layer_is_shaded_and_its_classes_can_be_hidden(opened: Open, tmp_path: Path) -> None:
    many = parcels.coverage(6_000).assign(indice=lambda frame: [i % 5 + 0.5 for i in range(len(frame))])
    carte = maps.build({"parcelles": many}, themes={"parcelles": maps.Thematic("indice", classes=5)})
    view = opened(saved(tmp_path, carte))
    theme = next(layer.theme for layer in carte.page.layers if layer.theme)
    assert [entry["count"] for entry in theme.entries] == [1200] * 5
    legend = view.page.inner_text(".theme-key")
    assert legend.count("(1\u202f200)") == 5

    def painted(colour: str) -> int:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return int(
            view.page.locator(".leaflet-bulk-pane canvas").evaluate(
                """(canvas, [r, g, b]) => {
                  const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                  let n = 0;
                  for (let i = 0; i < d.length; i += 4)
                    if (d[i] === r && d[i + 1] === g && d[i + 2] === b) n++;
                  return n;
                }""",
                [red, green, blue],
            )
        )

    first = theme.entries[0]["fill"]
    assert painted(first) > 50
    view.page.uncheck(".theme-key input >> nth=0")
    view.page.wait_for_timeout(300)
    assert painted(first) == 0


# ------------------------------------------------------------------------------------------------ circles


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_areas_of_circles_are_proportional_on_the_map_and_in_the_legend(
    opened: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    frame = towns([100, 400, -900, None], "solde_ha")
    carte = maps.build({"c": frame}, themes={"c": maps.Thematic("solde_ha", drawn="cercles")})
    page = opened(saved(tmp_path, carte), size=size).page
    circles = page.locator(".leaflet-areas-pane path").evaluate_all(
        "nodes => nodes.map(node => [node.getAttribute('fill'), node.getBBox().width / 2])"
    )
    sizes = thematic.rules()["circles"]
    most = sizes["largest_px"] if size == DESKTOP else sizes["largest_px_phone"]
    above, below = sizes["above"]["fill"], sizes["below"]["fill"]
    assert [fill for fill, _ in circles] == [below, above, above, "#ffffff"], "small ones above large ones"
    assert [r for _, r in circles[:3]] == pytest.approx([most, most * 2 / 3, most / 3], abs=0.6)
    if size == PHONE:
        page.click("#legend summary")
    nested = page.locator(".nested circle").evaluate_all("nodes => nodes.map(n => +n.getAttribute('r'))")
    assert nested == pytest.approx([most * (value / 900) ** 0.5 for value in (500, 100, 20)], abs=0.01)
    legend = page.inner_text(".theme-key")
    assert "valeurs positives (2)" in legend
    assert "valeurs négatives (1)" in legend
    assert "sans valeur (1)" in legend


# --------------------------------------------------------------------------------------------- background


def covering(bounds: Any, *zooms: int) -> dict[raster.Place, bytes]:
    images = {}
    for zoom in zooms:
        columns, rows = tiles.cover(bounds, zoom)
        for x, y in itertools.product(columns, rows):
            images[zoom, x, y] = raster.png((200, 220, (x * 7 + y * 13) % 256))
    return images


def test_an_embedded_background_is_offered_shown_and_asks_for_nothing(
    opened: Open, shipped: Any, tmp_path: Path
) -> None:
    frames, catalogue = shipped
    bounds = maps.build(frames, layers=catalogue).page.bounds  # type: ignore[attr-defined]
    archive = raster.mbtiles(tmp_path / "fond.mbtiles", covering(bounds, 9, 10, 11))
    file = saved(tmp_path, maps.build(frames, layers=catalogue, embedded=archive))
    view = opened(file)
    page = view.page
    assert page.locator(".embedded-tiles img").count() == 0, "the plan is shown first"
    page.click("#legend > summary")
    page.locator("#legend input[type=radio]").nth(1).check()
    page.wait_for_timeout(400)
    tile_images = page.locator(".embedded-tiles img")
    assert tile_images.count() > 0
    assert all(tile_images.evaluate_all("nodes => nodes.map(node => node.naturalWidth === 256)"))
    assert page.inner_text("#credits").startswith("© Fictif ·")
    assert "Fond fictif" in page.inner_text("#legend")
    for _ in range(8):  # beyond the last zoom that travels: enlarged
        page.keyboard.press("Escape")
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(80)
    page.wait_for_timeout(500)
    assert page.locator(".embedded-tiles img").count() > 0
    page.locator("#legend input[type=radio]").first.check()
    assert page.locator(".embedded-tiles").count() == 0
    assert page.evaluate("window.hacked") is None
    assert view.requests == [file.as_uri()]
    assert view.complaints == []


# ---------------------------------------------------------------------------------------------- the whole


@pytest.mark.parametrize("size", mostly_long([DESKTOP, PHONE], PHONE))
def test_axe_finds_nothing_on_a_map_of_a_number_with_a_background(
    opened: Open, shipped: Any, tmp_path: Path, size: tuple[int, int]
) -> None:
    frames, catalogue = shipped
    carte = density(shipped)
    archive = raster.mbtiles(tmp_path / "fond.mbtiles", covering(carte.page.bounds, 9))
    themes = {
        "communes_schema": maps.Thematic("pop_totale", per="surface_ha"),
        "communes": maps.Thematic("pop_totale", drawn="cercles"),
    }
    file = saved(tmp_path, maps.build(frames, layers=catalogue, themes=themes, embedded=archive))
    page = opened(file, size=size).page
    if size == PHONE:
        page.click("#legend summary")
    assert page.locator(".theme-key").count() == 2
    assert axe_faults(page) == []


def test_without_script_the_classes_are_told(opened: Open, shipped: Any, tmp_path: Path) -> None:
    carte = density(shipped)
    page = opened(saved(tmp_path, carte), script=False).page
    page_text = page.locator(".still-page").text_content() or ""
    theme = next(layer.theme for layer in carte.page.layers if layer.theme)
    for entry in theme.entries:
        assert f"{entry['label']['fr']} – {entry['count']} objets" in page_text
    assert "hab./ha" in page_text


@pytest.mark.long
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_no_name_meets_another_name_or_more_than_the_rim_of_a_mark(
    opened: Open, shipped: Any, tmp_path: Path, size: tuple[int, int]
) -> None:
    frames, catalogue = shipped
    page = opened(saved(tmp_path, maps.build(frames, layers=catalogue)), size=size).page
    name_count = 0
    for zoom, (latitude, longitude) in itertools.product(range(9, 15), VIEWS):
        page.evaluate(
            f"void window.map_artois.setView([{latitude}, {longitude}], {zoom}, {{animate: false}})"
        )
        page.wait_for_timeout(150)
        names = page.locator(LABELS).evaluate_all(SEEN)
        marks = page.locator("#map_artois .disc, #map_artois .symbol").evaluate_all(SEEN)
        name_count += len(names)
        for first_name, second_name in itertools.combinations(names, 2):
            assert shared(first_name, second_name) == 0, (zoom, first_name[0], second_name[0])
        for name, mark in itertools.product(names, marks):
            assert shared(name, mark) <= 70, (zoom, name[0], mark[0])
    # the map of a phone is a strip above the cards, where names give way to areas
    assert name_count >= (100 if size == DESKTOP else 60)


def shared(box: list[Any], other_box: list[Any]) -> float:
    wide = min(box[3], other_box[3]) - max(box[1], other_box[1]) - TOUCHES_PX
    high = min(box[4], other_box[4]) - max(box[2], other_box[2]) - TOUCHES_PX
    return wide * high if wide > 0 and high > 0 else 0.0


def test_two_layers_may_each_be_a_map_of_a_number(opened: Open, tmp_path: Path) -> None:
    frames = {"a": towns([1, 2, 3]), "b": towns([10, 20, 30], "emplois")}
    both = {"a": maps.Thematic("densite"), "b": maps.Thematic("emplois", drawn="cercles")}
    page = opened(saved(tmp_path, maps.build(frames, themes=both))).page
    assert page.locator(".theme-key").count() == 2
    assert page.locator(".leaflet-shades-pane path").count() == 3
    assert page.locator(".leaflet-areas-pane path").count() == 3
