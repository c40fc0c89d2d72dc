"""Filters by date and ZAN account, and the address that brings everything back, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import parcels
import plain
import pytest
from chromium import Opened, open_page

from artois_geo import layers, maps, meaning
from artois_geo.maps import style
from artois_geo.maps.features import extract_features
from artois_geo.maps.outlines import compact
from artois_geo.maps.style import read_words

Open = Callable[..., Opened]
SITES = [  # name, when it is free, its account
    ("Ancienne usine", "2024", "recyclé"),
    ("Champ du moulin", "2026-05", "extension"),
    ("Friche du port", "2026-05-01", "friche"),
    ("Pré aux oies", "2028-12", "Extension urbaine"),
    ("Sans date", None, "recyclé"),
    ("Sans compte", "2024-01-31", None),
]


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    squares = [
        plain.square(x_km=3.0 * i, y_km=0, side_km=1, nom=name, date_disponibilite=date, compte_zan=account)
        for i, (name, date, account) in enumerate(SITES)
    ]
    file = tmp_path_factory.mktemp("filtres") / "carte.html"
    maps.build({"Terrains": pd.concat(squares, ignore_index=True)}).save(file)
    return file


@pytest.fixture
def opened(browser: Any, dated: Path) -> Iterator[Open]:
    pages: list[Opened] = []

    def opening(address: str = "", *, file: Path = dated, **options: Any) -> Opened:
        pages.append(open_page(browser, file, address, **options))
        return pages[-1]

    yield opening
    for view in pages:
        assert view.complaints == []
        view.page.close()


def listed_names(page: Any) -> set[str]:
    return set(page.locator("#list li b").all_text_contents())


def slide(page: Any, slider: str, position: int) -> None:
    page.eval_on_selector(
        slider, "(node, place) => { node.value = place; node.dispatchEvent(new Event('input')); }", position
    )


# ------------------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("date_value", "year"),
    [
        ("2024", 2024),
        (2024, 2024),
        ("2024-05", 2024),
        ("2024-05-31", 2024),
        ("31/05/2024", 2024),
        (pd.Timestamp("2024-05-31"), 2024),
        ("vers 2024", None),
        ("T1 2024", None),
        ("20245", None),
        ("", None),
        (None, None),
    ],
)
def test_a_year_is_read_only_from_a_date(date_value: object, year: int | None) -> None:
    features = extract_features(plain.square(x_km=0, y_km=0, side_km=1, date_disponibilite=date_value), "")
    assert features.years == (year,)


def test_what_no_source_says_is_not_deduced() -> None:
    accounts = [style.account(account) for _, _, account in SITES]
    assert accounts == ["recycled", "extension", "recycled", "extension", "recycled", "unknown"]


def test_a_layer_without_the_column_has_no_account() -> None:
    assert extract_features(plain.square(x_km=0, y_km=0, side_km=1), "").accounts == (None,)


def test_accounts_are_named_in_both_languages_and_spelled_once() -> None:
    accounts = style.read_style()["accounts"]
    spelled = [meaning.words(value) for account in accounts for value in account["values"]]
    assert len(spelled) == len(set(spelled))
    assert all(set(account["label"]) == set(style.LANGUAGES) for account in accounts)
    assert {style.OTHER, style.UNKNOWN} <= {account["id"] for account in accounts}


@pytest.mark.parametrize(
    ("kind", "column"), [("terrain_eco", "foncier_origine"), ("site_eco", "site_evol_urba")]
)
def test_every_value_that_a_kind_allows_has_its_account(kind: str, column: str) -> None:
    field = next(field for field in layers.read_kind(kind).fields if field.name == column)
    assert field.enum
    for value in field.enum:
        assert (style.account(value) == style.OTHER) == (value == "autre"), value


# ------------------------------------------------------------------------------------------------- filters


@pytest.mark.browser
def test_the_date_filter_keeps_what_lies_between_two_years(opened: Open) -> None:
    page = opened().page
    assert page.inner_text("#date-name").lower() == "disponible le", "as its kind calls it"
    slide(page, "#date-min", 1)  # 2024, 2026, 2028
    assert page.inner_text("#date-range") == "2026 – 2028"
    assert listed_names(page) == {"Champ du moulin", "Friche du port", "Pré aux oies", "Sans date"}
    page.uncheck("#date-unknown")
    assert listed_names(page) == {"Champ du moulin", "Friche du port", "Pré aux oies"}
    slide(page, "#date-max", 1)
    assert listed_names(page) == {"Champ du moulin", "Friche du port"}
    assert page.locator(".leaflet-areas-pane path").count() == 2, "they leave the map too"
    slide(page, "#date-max", 0)
    assert page.inner_text("#date-range") == "2026 – 2026", "one year is the least"


@pytest.mark.browser
def test_two_handles_on_one_year_can_be_parted_again(opened: Open) -> None:
    page = opened().page
    slide(page, "#date-min", 2)
    handle = page.locator("#date-max").bounding_box()
    x, y = handle["x"] + handle["width"] - 12, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, y, steps=6)
    page.mouse.up()
    assert page.inner_text("#date-range") == "2024 – 2028"


@pytest.mark.browser
def test_filters_combine_are_counted_and_are_reset_together(opened: Open) -> None:
    page = opened().page
    words = read_words()["fr"]
    accounts = page.locator("#filter-account .check").all_inner_texts()
    assert accounts == ["Foncier recyclé", "Extension (ENAF)", "Non renseigné"]
    page.uncheck("#filter-account input[value=extension]")
    assert page.inner_text("#filters-on") == words["filters_one"]
    slide(page, "#date-min", 1)
    assert listed_names(page) == {"Friche du port", "Sans date"}
    page.uncheck("#date-unknown")
    assert listed_names(page) == {"Friche du port"}
    assert page.inner_text("#filters-on") == words["filters_on"].format(n=3)
    page.click("#reset")
    assert len(listed_names(page)) == len(SITES)
    assert page.inner_text("#filters-on") == ""
    assert page.is_checked("#filter-account input[value=extension]")
    assert page.is_checked("#date-unknown")


@pytest.mark.browser
def test_filters_show_only_where_a_layer_has_their_column(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "bare.html"
    maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1, nom="A", altitude=12)}).save(file)
    page = opened(file=file).page
    assert page.is_hidden("#filter-date")
    assert page.is_hidden("#filter-account")


@pytest.mark.browser
def test_the_filters_of_the_shipped_layers_are_those_of_their_columns(opened: Open, tmp_path: Path) -> None:
    catalogue = layers.read_catalogue()
    names = ["foncier_disponible", "sites_eco"]
    frames = {name: layers.read(catalogue[name]) for name in names}
    file = tmp_path / "offre.html"
    maps.build(frames, layers=catalogue, offer_first=False).save(file)
    page = opened(file=file).page
    assert page.inner_text("#date-range") == "2009 – 2024"
    page.click("[data-lang=en]")
    assert page.inner_text("#date-name").lower() == "date of the information"
    for account in ("unknown", "extension"):
        page.uncheck(f"#filter-account input[value={account}]")
    recycled_count = sum(int((frame["foncier_origine"] == "recyclé").sum()) for frame in frames.values())
    assert recycled_count
    assert page.locator("#list li button").count() == recycled_count
    page.uncheck("#date-unknown")
    slide(page, "#date-max", 0)
    recycled = frames["foncier_disponible"].query("foncier_origine == 'recyclé'")
    expected = int((recycled["date_info"].str[:4] == "2009").sum())
    assert page.locator("#list [data-layer=foncier-disponible] li button").count() == expected


@pytest.mark.browser
def test_large_layers_are_filtered_and_counted_too(opened: Open, tmp_path: Path) -> None:
    count = compact.BULK_FROM + 100
    frame = parcels.coverage(count).assign(
        compte_zan=["recyclé" if row % 4 else "extension" for row in range(count)],
        date_disponibilite=[str(2026 + row % 3) for row in range(count)],
    )
    file = tmp_path / "grande.html"
    maps.build({"Parcelles fictives": frame}).save(file)
    page = opened(file=file).page

    def counted() -> int:
        sum_text = page.inner_text("#list .sum").split("objets")[0]
        return int("".join(letter for letter in sum_text if letter.isdigit()))

    assert counted() == count
    page.uncheck("#filter-account input[value=extension]")
    assert counted() == sum(row % 4 > 0 for row in range(count))
    slide(page, "#date-min", 1)
    assert counted() == sum(row % 4 > 0 and row % 3 > 0 for row in range(count))
    page.click("#reset")
    assert counted() == count


@pytest.mark.browser
@pytest.mark.parametrize("control", ["#date-min", "#date-max", "#date-unknown", "#filter-account input"])
def test_filters_work_by_keyboard_and_their_focus_is_seen(opened: Open, control: str) -> None:
    page = opened().page
    before = page.evaluate("location.hash")
    page.focus(f"{control} >> nth=0")
    page.keyboard.press("ArrowLeft" if control == "#date-max" else "ArrowRight")
    page.keyboard.press("Space")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert page.evaluate("location.hash") != before


# -------------------------------------------------------------------------------------------- the address


@pytest.mark.browser
def test_a_copied_address_brings_the_new_filters_back(opened: Open) -> None:
    page = opened().page
    page.uncheck("#filter-account input[value=unknown]")
    slide(page, "#date-min", 1)
    page.uncheck("#date-unknown")
    page.click("[data-lang=en]")
    page.click("#list li button >> nth=0")
    page.wait_for_timeout(1000)
    address = page.evaluate("location.hash")
    assert "d=2026-2028" in address, "years, not places: other layers may have other years"
    again = opened(address).page
    assert listed_names(again) == listed_names(page) == {"Champ du moulin", "Friche du port", "Pré aux oies"}
    assert again.inner_text("#card-name") == page.inner_text("#card-name")
    assert not again.is_checked("#filter-account input[value=unknown]")
    assert not again.is_checked("#date-unknown")
    assert again.inner_text("#date-range") == "2026 – 2028"
    assert again.evaluate("location.hash") == address


@pytest.mark.browser
def test_an_address_pasted_over_the_open_page_is_followed(opened: Open) -> None:
    page = opened("#l=en&z=unknown").page
    page.evaluate("location.hash = '#m=13/50.38/2.75&z=extension&n=0&s=terrains.0'")
    page.wait_for_timeout(300)
    assert page.get_attribute("html", "lang") == "fr"
    assert listed_names(page) == {"Ancienne usine", "Friche du port", "Sans compte"}
    assert page.inner_text("#card-name") == "Ancienne usine"
    assert page.evaluate("location.hash").startswith("#m=13/50.3800/2.7500")


@pytest.mark.browser
@pytest.mark.parametrize("address", ["#d=1-2", "#d=2030-2020", "#d=x", "#z=__proto__,%", "#c=-5", "#c=x&n=1"])
def test_a_broken_address_opens_the_map_all_the_same(opened: Open, address: str) -> None:
    assert len(listed_names(opened(address).page)) == len(SITES)


@pytest.mark.browser
def test_the_link_that_skips_to_the_list_changes_no_filter(opened: Open) -> None:
    page = opened("#z=extension").page
    page.focus(".skip")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert not page.is_checked("#filter-account input[value=extension]")
