"""Colours of a column, what changed between two layers, vintages in turn: in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import english_pages
import geopandas as gpd
import pandas as pd
import plain
import pytest
from chromium import DESKTOP, PHONE, Opened, axe_faults, open_page
from hostile_texts import ALIVE, MARK, TEXTS, as_shown, bare, described

from artois_geo import maps
from artois_geo.maps.style import read_words

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
NAMES = ("Occupation du sol du pays en 2018", "Occupation du sol du pays en 2024")
HOSTILE_VALUES = 24


def cover(*codes: str | None, column: str = "code_cs") -> gpd.GeoDataFrame:
    """Squares of 100 ha in a row, one for each code."""
    squares = [plain.square(x_km=x, y_km=0, side_km=1) for x in range(len(codes))]
    return pd.concat(squares, ignore_index=True).assign(**{column: codes})


def pair() -> dict[str, gpd.GeoDataFrame]:
    meadow, built, water = "CS2.2.1", "CS1.1.1.1", "CS1.2.2"
    return dict(
        zip(NAMES, (cover(meadow, meadow, meadow, water), cover(built, meadow, built, meadow)), strict=True)
    )


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("changements") / "deux.html"
    maps.build(pair(), compare=NAMES).save(file)
    return file


@pytest.fixture(scope="module")
def in_turn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("millesimes") / "trois.html"
    first, last = pair().values()
    frames = {"sol_2018": first, "sol_2021": first.iloc[:3], "sol_2024": last}
    maps.build(frames, vintages=list(frames)).save(file)
    return file


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    pages: list[Opened] = []

    def opening(file: Path, address: str = "", **options: Any) -> Opened:
        pages.append(open_page(browser, file, address, **options))
        return pages[-1]

    yield opening
    for view in pages:
        assert view.complaints == []
        assert len(view.requests) == 1
        view.page.close()


def test_the_legend_counts_sums_and_filters_by_keyboard(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "c.html"
    maps.build(cover("blé", "blé", "bois", None, column="culture"), color="culture").save(file)
    view = opened(file, bypass_csp=True)
    page = view.page
    legend = page.inner_text(".theme-key")
    assert all(text in legend for text in ("blé (2 · 200 ha)", "bois (1 · 100 ha)", "inconnu (1 · 100 ha)"))
    paths = page.locator(".leaflet-areas-pane path")
    assert paths.count() == 4
    assert "url(#hatch-" in str(paths.nth(3).get_attribute("fill"))
    page.focus(".theme-key input >> nth=0")
    page.keyboard.press("Space")
    assert paths.count() == 2
    assert "2" in page.inner_text("#count")
    again = opened(file, page.evaluate("location.hash")).page
    assert again.locator(".leaflet-areas-pane path").count() == 2, "the address brings the choice back"
    assert axe_faults(page) == []
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "bois (1 · 100 ha)" in page.text_content("#printed")
    assert "blé" not in page.text_content("#printed"), "what is hidden is not in the printed legend"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_changed_is_listed_by_hectares_and_each_line_leads_there(
    opened: Open, compared: Path, size: tuple[int, int]
) -> None:
    page = opened(compared, size=size, reduced_motion="reduce", bypass_csp=True).page
    rows = page.locator("#list [data-passage] > button")
    assert [row.split("\n")[0] for row in rows.all_inner_texts()] == [
        "Formations herbacées (CS2.2.1) → Zones bâties (CS1.1.1.1)",
        "Surfaces d'eau (CS1.2.2) → Formations herbacées (CS2.2.1)",
    ]
    assert [page.inner_text(f"[data-passage='{n}'] .ha") for n in (0, 1)] == ["200 ha", "100 ha"]
    for name, side in zip(NAMES, (".side-0 b", ".side-1 b"), strict=True):
        box = page.locator(side)
        assert name == box.inner_text().split("\n")[0]
        assert box.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "no title is cut"
    page.click("#states [data-changes='1']")
    assert not page.is_visible("#divider")
    assert page.locator(".leaflet-changes-pane path").count() == 2
    rows.nth(1).click()
    page.wait_for_timeout(250)
    assert page.evaluate("document.activeElement.closest('[data-passage]')?.dataset.passage") == "1"
    zoomed = page.evaluate("location.hash")
    assert "v=1" in zoomed
    rows.nth(0).click()
    page.locator("[data-passage='0'] .parts button").nth(1).click()
    page.wait_for_timeout(250)
    assert page.evaluate("location.hash") != zoomed
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.click("#states [data-changes='0']")
    assert page.is_visible("#divider")
    assert page.locator(".leaflet-changes-pane path").count() == 0


def test_paper_lists_what_changed(opened: Open, compared: Path) -> None:
    page = opened(compared, "#v=1").page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = page.inner_text("#printed")
    assert "Formations herbacées (CS2.2.1) → Zones bâties (CS1.1.1.1)" in printed
    assert "[object" not in printed
    assert page.locator(".leaflet-changes-pane path").count() == 2


def test_the_slider_shows_one_vintage_and_plays_them(opened: Open, in_turn: Path) -> None:
    page = opened(in_turn, bypass_csp=True).page
    slider, shapes = page.locator("#year"), page.locator("[class*=leaflet-areas] path")
    assert (slider.get_attribute("aria-valuetext"), shapes.count()) == ("2024", 4)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert (page.inner_text("#year-label"), shapes.count()) == ("2021", 3)
    assert page.locator("#legend [data-layer=sol-2021]").count() == 1
    assert page.locator("#legend [data-layer=sol-2024]").count() == 0, "the legend is that of what is seen"
    page.uncheck(".theme-key input >> nth=2")  # meadow
    assert shapes.count() == 0
    page.keyboard.press("Tab")
    slider.focus()
    page.keyboard.press("Home")
    assert page.inner_text("#year-label") == "2018"
    assert shapes.count() == 1, "a class that is hidden is hidden in every vintage"
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == read_words()["fr"]["stop"]
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == read_words()["fr"]["play"]
    assert axe_faults(page) == []
    back = opened(in_turn, "#y=0").page
    assert back.inner_text("#year-label") == "2018"


def test_who_wants_no_motion_goes_by_hand(opened: Open, in_turn: Path) -> None:
    page = opened(in_turn, "#y=0", size=PHONE, reduced_motion="reduce").page
    for year in ("2021", "2024", "2018"):
        page.click("#play")
        assert page.inner_text("#year-label") == year
        assert page.get_attribute("#play", "aria-label") == read_words()["fr"]["next_vintage"]
    page.wait_for_timeout(1700)
    assert page.inner_text("#year-label") == "2018", "nothing moves by itself"


def test_english_pages_say_nothing_of_ours_in_french(opened: Open, compared: Path, in_turn: Path) -> None:
    french = {text for text in read_words()["fr"].values() if len(text) > 3 and "{" not in text}
    french -= set(read_words()["en"].values())
    for file in (compared, in_turn):
        page = opened(file, "#l=en&v=1").page
        text = page.inner_text("#panel") + page.inner_text("#mapwrap")
        assert [word for word in french if word in text.split("\n")] == []
        assert "Formations herbacées" not in text
        assert english_pages.french_on(page.content().split("<noscript>")[0], {"Ce qui a changé"}) == []


def test_names_are_white_on_dark_shades_and_the_list_says_the_value(opened: Open, tmp_path: Path) -> None:
    towns = plain.towns([1.5, 9.5, 4.5], "densite").assign(
        comm_nom=["Clair", "Sombre", "Milieu"], geometrie="schématique"
    )
    records = {"communes": {"kind": "commune_schema", "vintage": "2026"}}
    theme = {"communes": maps.Thematic("densite", classes=3, unit="hab./ha")}
    file = tmp_path / "c.html"
    maps.build({"communes": towns}, layers=records, themes=theme).save(file)
    page = opened(file).page
    dark = page.locator(".town.on-dark").all_inner_texts()
    assert dark == ["Sombre"]
    assert page.inner_text("#sketched") == "contours schématiques"
    page.locator("#list details summary").first.evaluate("node => node.parentElement.open = true")
    page.locator("#list li button").first.wait_for()
    assert page.locator("#list li button b").all_inner_texts() == ["Sombre", "Milieu", "Clair"]
    assert page.locator("#list li button .ha").all_inner_texts() == [
        "9,50 hab./ha",
        "4,50 hab./ha",
        "1,50 hab./ha",
    ]
    assert "Millésime 2026" in page.inner_text("#list")
    still = file.read_text(encoding="utf-8").split("<noscript>")[1]
    assert "contours schématiques" in still


def test_hostile_words_of_every_new_field_are_shown_and_never_run(opened: Open, tmp_path: Path) -> None:
    texts = TEXTS[:HOSTILE_VALUES]
    column = "<img src=x onerror=window.PWN=1>"
    first = cover(*texts[:8], column=column)
    second = cover(*texts[8:16], column=column)
    theme = maps.Thematic(column, drawn="couleurs", label=texts[2], unit=texts[0])
    frames = {"a": first, "b": second, "c": second.iloc[:3]}
    records = {name: described(texts[16 + n]) for n, name in enumerate(frames)}
    themes = dict.fromkeys(frames, theme)
    pages = {
        "deux": maps.build({n: frames[n] for n in "ab"}, layers={n: records[n] for n in "ab"},
                           themes=dict.fromkeys("ab", theme), compare=("a", "b")),
        "tour": maps.build(frames, layers=records, themes=themes, vintages=list(frames)),
    }  # fmt: skip
    for name, carte in pages.items():
        for suffix, text in (("", maps.standalone(carte)), ("-nu", bare(maps.standalone(carte)))):
            file = tmp_path / f"{name}{suffix}.html"
            file.write_text(text, encoding="utf-8")
            page = opened(file, "#v=1").page
            for click in ("#list [data-passage] button", "#play", "[data-lang=en]"):
                if page.locator(click).count():
                    page.locator(click).first.click()
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            assert page.evaluate(MARK) is None
            assert page.locator(ALIVE).count() == 0
            assert any(as_shown(text) in as_shown(page.inner_text("#list")) for text in texts[:16])
