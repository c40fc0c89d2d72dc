"""What the list, the paper and the part without script say of a site; and who can reach it."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pytest
from chromium import PHONE, Opened

from artois_geo import maps
from artois_geo.maps import noscript, page, style
from artois_geo.maps.backdrop import towns as background
from artois_geo.maps.features import extract_features
from artois_geo.maps.outlines import compact

Open = Callable[..., Opened]
FR = style.read_words()["fr"]


def described(kind: str, **fields: str) -> SimpleNamespace:
    record = {"title": "", "group": "", "source": "essai", "licence": "libre", "vintage": "2026"}
    return SimpleNamespace(**{**record, "kind": kind, **fields})


def stacked(rows: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return pd.concat(rows, ignore_index=True)


LAND = (
    {"site_nom": "Lot offert", "terr_surf_brute": 10.0, "compte_dans_total": True,
     "famille": "industrie", "foncier_origine": "recyclé", "date_info": "2026-12-08", "epci_sigle": "CALL"},
    {"site_nom": "Lot promis", "terr_surf_brute": 11.0, "compte_dans_total": False,
     "famille": "autre", "available_ha": 9.5, "contact_nom": "Guichet", "epci_sigle": "CAHC"},
    {"site_nom": "Lot minuscule", "terr_surf_brute": 0.04, "compte_dans_total": True,
     "famille": "logistique", "epci_sigle": "CALL"},
)  # fmt: skip


def land() -> gpd.GeoDataFrame:
    return stacked([plain.point(x_km=3 * i, y_km=0, fictif=True, **row) for i, row in enumerate(LAND)])


def carte(**options: Any) -> Any:
    canal = plain.line((0, 2), (8, 2), objet_nom="Canal", objet_nom_en="Waterway", objet_type="voie d’eau")
    links = stacked([
        plain.point(x_km=i, y_km=4, nom=f"Lien {i}", gain_per_km=0.0333333333, p_after=0.5) for i in range(9)
    ])  # fmt: skip
    layers = {"land": described("terrain_eco"), "canal": described("logistique"), "liens": described("")}
    frames = {"land": land(), "canal": canal, "liens": links}
    options = {"offer_first": False, **options}  # the list and the card of any layer
    return maps.build(frames, layers=layers, subtitle={"en": "Only in English"}, **options)


# ----------------------------------------------------------------------------------------- without a browser


def test_made_up_land_is_called_so_whatever_its_kind_tells() -> None:
    built = maps.build({"land": land()}, layers={"land": described("terrain_eco")})
    assert page.payload(built.page)["layers"][0]["fictional"]
    assert noscript.tables(built.page)[0]["fictional"]


def test_a_column_of_years_with_a_gap_keeps_its_years() -> None:
    frame = stacked([plain.point(x_km=i, y_km=0) for i in range(2)])
    frame["date_disponibilite"] = [2026, None]
    assert str(frame["date_disponibilite"].dtype) == "float64"
    assert extract_features(frame, "").years == (2026, None)


def test_towns_that_share_a_code_or_have_none_still_give_the_limits() -> None:
    cells = stacked([plain.square(x_km=i, y_km=0, side_km=1, comm_insee=f"6200{i}") for i in range(2)])
    codes = ["62000", "62001", "62001", None, None]
    names = [
        plain.point(x_km=0, y_km=0, nom="V", comm_insee=code, epci_sigle=epci)
        for code, epci in zip(codes, "ABCAB", strict=True)
    ]
    ground = background.ground(
        {"cells": cells, "towns": stacked(names)}, {"cells": "commune_contour", "towns": "commune"}
    )
    assert ground
    assert ground["limits"]


def test_the_part_without_script_tells_what_the_list_tells_in_its_language() -> None:
    tables = {lang: noscript.tables(carte(lang=lang).page) for lang in ("fr", "en")}
    french, english = (
        {row["name"]: row for table in tables[lang] for row in table["rows"]} for lang in ("fr", "en")
    )
    assert french["Lot offert"]["told"] == (
        "Origine du foncier : Foncier recyclé · Date de l’information : 08/12/2026"
    )
    assert english["Lot offert"]["told"] == (
        "Origin of the land: Recycled land · Date of the information: 2026-12-08"
    )
    assert french["Lot promis"]["told"] == "Hors contraintes (calculé) : 9,5 ha · Contact : Guichet"
    assert english["Lot promis"]["told"] == "Free of constraints (computed): 9.5 ha · Contact: Guichet"
    assert (french["Lot minuscule"]["area"], english["Lot minuscule"]["area"]) == ("0,04", "0.04")
    assert (french["Lot promis"]["class"], english["Lot promis"]["class"]) == ("Autre vocation", "Other use")


def test_the_legend_of_a_number_has_the_title_of_its_language() -> None:
    towns = plain.square(x_km=0, y_km=0, side_km=1, densite=4.0)
    record = described("", title="Communes", title_en="Towns")
    themes = {"towns": maps.Thematic("densite")}
    built = maps.build({"towns": towns}, layers={"towns": record}, themes=themes, lang="en")
    assert '<p class="small">Towns: densite</p>' in maps.standalone(built)


def test_our_scripts_have_no_text_over_several_lines() -> None:
    """The page is written without the indents of our files: a template over two lines would lose its own."""
    for file in Path(page.__file__).parent.glob("*.js"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert line.count("`") % 2 == 0, (file.name, line)


# ---------------------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("told") / "carte.html"
    carte().save(file)
    return file


def close_sections(page_: Any) -> None:
    page_.evaluate("document.querySelectorAll('#list details').forEach(box => { box.open = false; })")
    page_.wait_for_timeout(50)


@pytest.mark.browser
def test_the_list_and_the_paper_say_what_the_card_says(opened: Open) -> None:
    view = opened().page
    rows = view.locator("#list [data-layer=land] li")
    promised = rows.filter(has_text="Lot promis")
    assert promised.locator("p").inner_text() == "Hors contraintes (calculé) : 9,5 ha"
    assert (
        "Foncier recyclé · Date de l’information : 08/12/2026" in rows.filter(has_text="offert").inner_text()
    )
    view.click("#full")
    assert view.get_attribute("#full", "aria-pressed") == "true"
    assert "Guichet" in promised.inner_text()
    assert "t=1" in view.evaluate("location.hash")
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "Contact : Guichet" in (view.text_content("#printed") or "")
    view.evaluate("dispatchEvent(new Event('afterprint'))")
    view.click("#full")
    assert "Guichet" not in promised.inner_text()


@pytest.mark.browser
def test_a_sum_says_what_it_leaves_out_and_small_areas_keep_their_digits(opened: Open) -> None:
    view = opened().page
    section = view.locator("#list [data-layer=land]")
    assert section.locator(".sum").inner_text() == "3 sites · 10,0 ha"  # 10.04
    assert section.locator(".hint").inner_text() == (
        "Surfaces additionnées : 2 sur 3. N’y sont pas : ce que la couche ne compte pas."
    )
    view.uncheck("#filter-family input[value=industrie]", force=True)
    view.uncheck("#filter-family input[value=other]", force=True)
    assert section.locator(".sum").inner_text() == "1 site · 0,04 ha"
    assert section.locator(".ha").inner_text() == "0,04 ha"
    view.check("#filter-family input[value=other]", force=True)
    view.uncheck("#filter-family input[value=hub]", force=True)
    assert section.locator(".sum").inner_text() == "1 site"
    assert "0 sur 1" in section.locator(".hint").inner_text()
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "0 sur 1" in (view.text_content("#printed") or "")


@pytest.mark.browser
def test_a_number_without_a_unit_keeps_the_decimals_of_its_column(opened: Open) -> None:
    view = opened("#s=liens.0").page
    card = view.inner_text("#card")
    assert "0,033\n" in card
    assert "0,5" in card
    assert "0,0333" not in card


@pytest.mark.browser
def test_what_is_chosen_is_shown_even_if_a_filter_hid_it(opened: Open) -> None:
    view = opened().page
    view.uncheck("#filter-family input[value=hub]", force=True)
    view.fill("#query", "minuscule")
    view.keyboard.press("Enter")
    assert view.inner_text("#card-name") == "Lot minuscule"
    assert view.locator(".disc.selected").count() == 1
    assert view.is_checked("#filter-family input[value=hub]")


@pytest.mark.browser
def test_the_search_scrolls_speaks_and_keeps_escape_to_itself(opened: Open) -> None:
    view = opened("#s=land.0").page
    view.fill("#query", "zzzz")
    assert view.inner_text("#none[role=status]") == FR["search_none"]
    view.fill("#query", "lien")
    for _ in range(8):
        view.keyboard.press("ArrowDown")
    is_in_view = view.evaluate(
        """() => { const box = document.querySelector('#answers').getBoundingClientRect(),
            it = document.querySelector('#answers [aria-selected=true]').getBoundingClientRect();
            return it.top >= box.top && it.bottom <= box.bottom; }"""
    )
    assert is_in_view
    view.keyboard.press("Escape")
    assert view.is_hidden("#answers")
    assert view.is_visible("#card")
    view.keyboard.press("Escape")
    assert view.is_hidden("#card")


@pytest.mark.browser
def test_a_closed_card_gives_the_focus_to_the_map_where_the_list_has_no_row(opened: Open) -> None:
    view = opened(size=PHONE).page
    close_sections(view)
    view.locator(".disc").first.dispatch_event("click")
    view.click("#card .close")
    assert view.evaluate("document.activeElement.classList.contains('leaflet-container')")
    assert "up" not in (view.get_attribute("#panel", "class") or "")


@pytest.mark.browser
@pytest.mark.parametrize(("size", "covered"), [((1440, 900), "#legend"), (PHONE, "#panel, #legend")])
def test_nothing_that_the_card_covers_can_be_focused(
    opened: Open, size: tuple[int, int], covered: str
) -> None:
    view = opened("#s=land.0", size=size).page
    can = f"""() => [...document.querySelectorAll('{covered}')].flatMap(box =>
        [...box.querySelectorAll('input, button, summary, a')])
        .filter(node => {{ node.focus(); return document.activeElement === node; }}).length"""
    assert view.evaluate(can) == 0
    view.keyboard.press("Escape")
    assert view.evaluate(can) > 0


@pytest.mark.browser
def test_the_button_of_the_sources_shows_them_even_under_a_card(opened: Open) -> None:
    view = opened("#s=land.0").page
    view.click("#credits button")
    assert view.is_visible("#sources dl")


@pytest.mark.browser
def test_the_language_reaches_names_of_lines_tape_and_subtitle(opened: Open) -> None:
    view = opened("#m=11/50.5/2.8").page
    view.click(".home-view")
    view.click("#measure")
    assert view.text_content(".line-name") == "Canal"
    assert view.inner_text("#tape") == FR["measure_help"]
    view.click("[data-lang=en]")
    view.wait_for_timeout(100)
    assert view.text_content(".line-name") == "Waterway"
    assert view.inner_text("#tape") == style.read_words()["en"]["measure_help"]
    assert view.inner_text("h1 + p") == "Only in English"


@pytest.mark.browser
def test_the_names_of_two_sides_change_with_the_language(opened: Open, tmp_path: Path) -> None:
    cover = {year: plain.square(x_km=0, y_km=0, side_km=1, nom="A") for year in ("2017", "2021")}
    records = {year: described("", title=f"Sols {year}", title_en=f"Land {year}") for year in cover}
    file = tmp_path / "compare.html"
    maps.build(cover, layers=records, compare=("2017", "2021")).save(file)
    view = opened(file=file).page
    view.click("[data-lang=en]")
    names = view.locator(".side-name").all_text_contents()
    assert [name[:9] for name in names] == ["Land 2017", "Land 2021"]


# ---------------------------------------------------------------------------------------------- large layers


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compact, "BULK_FROM", 1)
    columns = {"site_nom": "Parc du canal", "site_nom_en": "Waterway park", "site_comm_insee": "62498"}
    sites = [
        plain.square(
            x_km=2 * i, y_km=0, side_km=1, famille=("industrie", "logistique")[i % 2],
            epci_sigle=("CALL", "CAHC")[i % 2], **columns,
        )
        for i in range(8)
    ]  # fmt: skip
    file = tmp_path / "bulk.html"
    maps.build({"sites": stacked(sites)}, layers={"sites": described("site_eco")}).save(file)
    return file


@pytest.mark.browser
def test_a_large_layer_is_counted_aloud_searched_and_filtered_by_family(opened: Open, large: Path) -> None:
    view = opened("#e=CAHC", file=large).page
    assert view.inner_text("#count") == "4 objets"
    assert not view.is_checked("#filter-epci input[value=CAHC]")
    assert "e=CAHC" in view.evaluate("location.hash")
    view.check("#filter-epci input[value=CAHC]")
    view.uncheck("#filter-family input[value=hub]", force=True)
    assert view.inner_text("#count") == "4 objets"
    view.uncheck("#filter-family input[value=industrie]", force=True)
    assert view.inner_text("#count") == FR["count_none"]
    for typed in ("canal parc", "waterway", "62498"):
        view.fill("#query", typed)
        assert view.locator("#answers [role=option]").count() == 8, typed
    view.keyboard.press("Enter")
    assert view.inner_text("#card-name") == "Parc du canal"
    assert view.inner_text("#count") == "8 objets"


@pytest.mark.browser
def test_an_unknown_authority_of_an_address_is_forgotten_once_all_is_read(opened: Open, large: Path) -> None:
    view = opened("#e=CAHC,NULLE", file=large).page
    assert re.search(r"e=CAHC(&|$)", view.evaluate("location.hash"))
