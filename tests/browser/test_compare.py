"""Two layers on one map, one on each side of a divider: in a real browser, and what is refused."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import parcels
import plain
import pytest
from chromium import DESKTOP, PHONE, Opened, axe_faults, open_page
from cli_runner import run
from covering import mostly_long

from artois_geo import layers, maps
from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps.outlines import compact
from artois_geo.maps.style import read_words

Open = Callable[..., Opened]
WIDE_KM = 8.0
NAMES = ("Zones 2018", "Zones 2024")


def vintages() -> dict[str, Any]:
    """The same square of 64 km² twice, and a site that both leave alone."""
    before, after = (
        plain.square(x_km=0, y_km=0, side_km=WIDE_KM, nom=f"Zone de {year}") for year in (2018, 2024)
    )
    port = plain.point(x_km=4, y_km=9, nom="Port")
    return {NAMES[0]: before, NAMES[1]: after, "Ports": port}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("deux") / "petites.html"
    maps.build(vintages(), compare=NAMES).save(file)
    return file


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("deux") / "grandes.html"
    count = compact.BULK_FROM + 400
    frames = {"Avant": parcels.coverage(count, seed=1), "Après": parcels.coverage(count, seed=2)}
    maps.build(frames, compare=("Avant", "Après")).save(file)
    return file


@pytest.fixture
def opened(browser: Any, small: Path) -> Iterator[Open]:
    pages: list[Opened] = []

    def opening(file: Path = small, address: str = "", **options: Any) -> Opened:
        pages.append(open_page(browser, file, address, **options))
        return pages[-1]

    yield opening
    for view in pages:
        assert view.complaints == []
        assert len(view.requests) == 1
        view.page.close()


def middle(page: Any) -> tuple[float, float, float]:
    """Left end, width and middle height of the map, in pixels of the window."""
    box = page.locator("#mapwrap").bounding_box()
    return box["x"], box["width"], box["y"] + box["height"] / 2


# ------------------------------------------------------------------------------------------------ the sides


@pytest.mark.browser
@pytest.mark.parametrize("side", mostly_long([50, 35, 65], 35))
def test_each_side_shows_its_own_layer_and_only_that(opened: Open, side: int) -> None:
    for step, name in ((-30, "Zone de 2018"), (30, "Zone de 2024")):
        page = opened(address=f"#m=13/50.405/2.775&c={side}").page
        page.evaluate("document.querySelector('#legend').open = false")
        side_x, width, height = middle(page)
        page.mouse.click(side_x + width * side / 100 + step, height + 60)
        assert page.inner_text("#card-name") == name


@pytest.mark.browser
def test_the_sides_follow_the_map_that_is_moved(opened: Open) -> None:
    page = opened(address="#m=13/50.405/2.775").page
    side_x, width, height = middle(page)
    page.mouse.move(side_x + width / 2 - 150, height + 80)
    page.mouse.down()
    page.mouse.move(side_x + width / 2 - 40, height + 30, steps=5)
    cuts = page.evaluate(
        """() => [...document.querySelectorAll('.leaflet-pane[style*=clip-path]')].flatMap(pane => {
            const at = pane.getBoundingClientRect().left;
            return pane.style.clipPath.match(/-?[\\d.]+px/g).map(parseFloat).filter((_, i) => i % 2 === 0)
              .map(x => Math.round(at + x));
        })"""
    )
    page.mouse.up()
    assert set(cuts) == {round(side_x), round(side_x + width / 2), round(side_x + width)}, "even half way"


@pytest.mark.browser
def test_layers_that_are_not_compared_are_on_both_sides(opened: Open) -> None:
    page = opened().page
    uncut = "node => !node.closest('[style*=clip-path]')"
    assert page.locator(".leaflet-areas-pane path").evaluate(uncut)


@pytest.mark.browser
def test_large_layers_are_cut_too_and_picked_on_their_side(opened: Open, large: Path) -> None:
    page = opened(large, "#m=14/50.45/2.75", reduced_motion="reduce").page
    page.evaluate("document.querySelector('#legend').open = false")
    panes = page.evaluate(
        """[...document.querySelectorAll('canvas.picture')].map(node => {
            const pane = node.closest('.leaflet-pane'), at = pane.getBoundingClientRect().left;
            const all = pane.style.clipPath.match(/-?[\\d.]+px/g).map(parseFloat);
            const xs = all.filter((_, i) => i % 2 === 0);
            return [Math.min(...xs) + at, Math.max(...xs) + at].map(Math.round);
        })"""
    )
    side_x, width, height = middle(page)
    half = round(side_x + width / 2)
    assert sorted(panes) == [[round(side_x), half], [half, round(side_x + width)]]
    for x, layer in ((half - 60, "avant."), (half + 60, "apres.")):
        page.mouse.click(x, height + 90)
        page.wait_for_function("layer => location.hash.includes(`s=${layer}`)", arg=layer)
        page.keyboard.press("Escape")


@pytest.mark.browser
def test_the_pixels_of_large_layers_change_at_the_divider(opened: Open, large: Path) -> None:
    """Left of the divider the picture is that of the first layer alone, right of it that of the second."""
    from io import BytesIO

    from PIL import Image

    def picture(address: str) -> np.ndarray:
        page = opened(large, address).page
        hide = "#divider, .side, #legend, #panel, .leaflet-control-container, #edges { visibility: hidden; }"
        page.evaluate("text => document.styleSheets[0].insertRule(text)", hide)
        page.wait_for_timeout(150)
        return np.asarray(Image.open(BytesIO(page.screenshot())).convert("RGB"))[100:800, 420:1400]

    view = "#m=13/50.45/2.75"
    both, first, second = (picture(f"{view}&c={side}") for side in (50, 100, 0))
    half = 376 + (1440 - 376) // 2 - 420
    assert (both[:, : half - 8] == first[:, : half - 8]).all()
    assert (both[:, half + 8 :] == second[:, half + 8 :]).all()
    assert (first != second).any(axis=2).mean() > 0.2


# ---------------------------------------------------------------------------------------------- the divider


@pytest.mark.browser
def test_the_divider_moves_by_keyboard_and_says_where_it_is(opened: Open) -> None:
    page = opened().page
    divider = page.locator("#divider")
    divider.focus()
    for key, percent in (
        ("ArrowRight", 52),
        ("ArrowLeft", 50),
        ("PageUp", 60),
        ("PageDown", 50),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 100),
    ):
        page.keyboard.press(key)
        assert divider.get_attribute("aria-valuenow") == str(percent), key
    assert divider.get_attribute("role") == "slider"
    for name in NAMES:
        assert name in str(divider.get_attribute("aria-label"))
    assert "100" in str(divider.get_attribute("aria-valuetext"))
    outline = "getComputedStyle(document.querySelector('#divider svg')).outlineStyle"
    assert page.evaluate(outline) == "solid", "its focus is seen"


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_divider_is_dragged(opened: Open, size: tuple[int, int]) -> None:
    page = opened(size=size).page
    grip = page.locator("#divider svg").bounding_box()
    side_x, width, _ = middle(page)
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(side_x + width * 0.3, y, steps=4)
    page.mouse.up()
    assert abs(int(page.get_attribute("#divider", "aria-valuenow")) - 30) <= 1
    assert "c=30" in page.evaluate("location.hash") or "c=29" in page.evaluate("location.hash")


@pytest.mark.browser
def test_the_divider_follows_a_finger(opened: Open) -> None:
    page = opened(size=PHONE, has_touch=True, is_mobile=True).page
    grip = page.locator("#divider svg").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, fraction_x: float | None = None) -> None:
        points = [] if fraction_x is None else [{"x": fraction_x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", x)
    for step in range(1, 6):
        finger("touchMove", x + 20 * step)
    finger("touchEnd")
    moved = int(page.get_attribute("#divider", "aria-valuenow"))
    assert abs(moved - 100 * (x + 100) / PHONE[0]) <= 2


@pytest.mark.browser
def test_a_copied_address_brings_the_divider_back(opened: Open) -> None:
    page = opened().page
    page.focus("#divider")
    page.keyboard.press("PageUp")
    again = opened(address=page.evaluate("location.hash")).page
    assert again.get_attribute("#divider", "aria-valuenow") == "60"
    assert again.locator("#divider").bounding_box() == page.locator("#divider").bounding_box()


@pytest.mark.browser
def test_the_divider_makes_room_for_a_site_that_is_chosen(opened: Open) -> None:
    page = opened(address="#c=0", reduced_motion="reduce").page
    page.click("#list [data-layer=zones-2018] li button")
    page.wait_for_timeout(200)
    assert int(page.get_attribute("#divider", "aria-valuenow")) > 0
    box = page.locator("#divider").bounding_box()
    shape = page.locator(".leaflet-areas-zones-2018-pane path").bounding_box()
    assert shape["x"] + shape["width"] / 2 < box["x"]


# -------------------------------------------------------------------------------- what is said of both sides


@pytest.mark.browser
def test_each_side_and_the_legend_say_layer_and_vintage(opened: Open, tmp_path: Path) -> None:
    catalogue = layers.read_catalogue()
    pair = ("sites_eco", "foncier_disponible")
    frames = {name: layers.read(catalogue[name]) for name in pair}
    file = tmp_path / "livrees.html"
    maps.build(frames, layers=catalogue, compare=pair).save(file)
    page = opened(file).page
    side_names = page.locator(".side-name").all_inner_texts()
    for name, text in zip(pair, side_names, strict=True):
        assert catalogue[name].title in text
        assert catalogue[name].vintage in text
    for lang in ("fr", "en"):
        page.click(f"[data-lang={lang}]")
        words = read_words()[lang]
        for name, side in zip(pair, ("side_before", "side_after"), strict=True):
            line = page.locator(f"label:has([data-layer={name.replace('_', '-')}])")
            assert words[side] in line.inner_text()
    counts = [page.locator(f"#list [data-layer={name.replace('_', '-')}] li button").count() for name in pair]
    assert counts == [len(frames[name]) for name in pair], "the list holds both, wherever the divider is"
    right = page.locator(".side-1 .side-name").bounding_box()
    assert right["x"] + right["width"] <= page.locator("#legend").bounding_box()["x"], (
        "the legend hides no name"
    )
    page.uncheck("#legend input[data-layer=foncier-disponible]")
    assert page.locator(".leaflet-marker-foncier-disponible-pane .disc").count() == 0
    assert page.locator(".leaflet-marker-sites-eco-pane .disc").count() > 0


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["a3", "a4"])
def test_paper_shows_both_halves_and_the_divider(opened: Open, paper: str) -> None:
    page = opened(address="#c=40").page
    page.evaluate("window.print = () => {}")
    page.click(f"[data-paper={paper}]")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(200)
    box, divider = page.locator("#mapwrap").bounding_box(), page.locator("#divider").bounding_box()
    share = (divider["x"] + divider["width"] / 2 - box["x"]) / box["width"]
    assert share == pytest.approx(0.4, abs=0.005)
    for side in (".side-0 b", ".side-1 b"):
        assert page.is_visible(side)
    cuts = page.evaluate(
        """[...document.querySelectorAll('.leaflet-pane[style*=clip-path]')].map(pane => Math.max(
            ...pane.style.clipPath.match(/-?[\\d.]+px/g).map(parseFloat).filter((_, i) => i % 2 === 0))
            + pane.getBoundingClientRect().left)"""
    )
    ends = {round((cut - box["x"]) / box["width"], 1) for cut in cuts}
    assert ends == {0.4, 1.0}


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_beside_a_divider(opened: Open, size: tuple[int, int]) -> None:
    page = opened(size=size, bypass_csp=True).page
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_value_has_one_colour_on_both_sides() -> None:
    """Most parcels are « Logistique » before, « Tertiaire » after: each alone would give blue to another."""
    count = compact.BULK_FROM + 10
    before, after = (parcels.coverage(count).assign(vocation=most) for most in ("Logistique", "Tertiaire"))
    for frame in (before, after):
        frame.loc[:99, "vocation"] = "Industrie"
    carte: Any = maps.build({"Avant": before, "Après": after}, compare=("Avant", "Après"))
    before_bulk, after_bulk = (layer.bulk for layer in carte.page.layers)
    assert [(c["label"], c["fill"]) for c in before_bulk.classes] == [
        (c["label"], c["fill"]) for c in after_bulk.classes
    ]
    for bulk, frame in ((before_bulk, before), (after_bulk, after)):
        labels = [bulk.classes[look]["label"] for look in bulk.looks]
        assert labels == frame["vocation"].tolist()
    alone: Any = maps.build({"Après": after})
    assert alone.page.layers[0].bulk.classes[0]["label"] == "Tertiaire"
    assert before_bulk.classes[0]["label"] == "Logistique"


# ------------------------------------------------------------------------------------------------ the calls


def test_an_unknown_layer_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Zones 2024"):
        maps.build(vintages(), compare=("Zones 2018", "Zones 2025"))


def test_a_layer_is_not_compared_with_itself_nor_with_the_ground() -> None:
    with pytest.raises(BadValue, match="elle-même"):
        maps.build(vintages(), compare=(NAMES[0], NAMES[0]))
    catalogue = layers.read_catalogue()
    frames = {name: layers.read(catalogue[name]) for name in ("communes", "sites_eco")}
    with pytest.raises(BadValue, match="communes"):
        maps.build(frames, layers=catalogue, compare=("communes", "sites_eco"))


def test_the_command_compares_two_files_of_one_name(tmp_path: Path) -> None:
    for year, side_km in ((2018, 1), (2024, 2)):
        (tmp_path / str(year)).mkdir()
        layers.write(
            plain.square(x_km=0, y_km=0, side_km=side_km, nom="A"), tmp_path / str(year) / "zones.geojson"
        )
    files = [tmp_path / year / "zones.geojson" for year in ("2018", "2024")]
    page = tmp_path / "deux.html"
    result = run("carte", "--comparer", *files, "--sortie", page)
    assert result.exit_code == 0, result.stderr
    assert '"compare":["zones","2024-zones"]' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--comparer", "sites_eco", "sites_eco"), 1, "elle-même"),
        (("--comparer", "sites_eco", "sites_ecoo"), 1, "sites_eco"),
        (("--comparer", "sites_eco", "logistique", "--image", "x.svg"), 2, "--image et --comparer"),
    ],
)
def test_a_wrong_call_is_one_french_message(arguments: tuple[str, ...], code: int, message: str) -> None:
    result = run("carte", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
