"""Sheets in a real browser: nothing runs, nothing is asked, one page, readable on a phone."""

import re
from pathlib import Path
from typing import Any

import hostile_texts as hostile
import pandas as pd
import pytest

from artois_geo import layers, packs, sheets, tables
from artois_geo.sheets import wording

FIELDS = (
    "site_id",
    "site_nom",
    "communes",
    "site_epci_nom",
    "famille",
    "site_etat",
    "site_moa_nom",
    "dispo_source_texte",
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def catalogue_data() -> packs.CatalogueData:
    return packs.read_catalogue_data(layers.read_catalogue())


def test_no_payload_runs_even_without_the_policy_and_each_is_shown_exactly(
    browser: Any, tmp_path: Path
) -> None:
    """Every text field at once, 43 payloads, the Content-Security-Policy taken out."""
    page = browser.new_page()
    for number, payload in enumerate(hostile.TEXTS):
        row = pd.Series(
            {**dict.fromkeys(FIELDS, payload), "source": payload, "note": payload, "site_surf_brute": 1.0}
        )
        layer = tables.Source(payload, payload, payload, payload)
        table = pd.DataFrame({payload: [payload]})
        text = sheets.site(row, {payload: table}, sources=[layer], lang="en")
        bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        assert bare != text
        file = tmp_path / f"{number}.html"
        file.write_text(bare, encoding="utf-8", newline="")
        page.goto(file.as_uri())
        for link in page.query_selector_all("a"):
            assert re.match(r"(https?|mailto|tel):", link.get_attribute("href") or "")
        assert page.evaluate("window.PWN") is None, payload
        assert page.evaluate("document.querySelector('h1').textContent") == wording.visible(payload)
        cells = page.evaluate("[...document.querySelectorAll('.facts td')].map(cell => cell.textContent)")
        assert wording.visible(payload) in cells
        assert page.evaluate("document.querySelector('.rows td').textContent") == wording.visible(payload)


@pytest.mark.parametrize("lang", wording.LANGUAGES)
def test_a_sheet_asks_for_nothing_complains_of_nothing_and_fits_a_phone(
    lang: str, catalogue_data: packs.CatalogueData, browser: Any, tmp_path: Path
) -> None:
    file = tmp_path / "fiche.html"
    file.write_text(
        packs.site_sheet(catalogue_data, "logisterra26", packs.Edition(lang=lang)), encoding="utf-8"
    )
    for width in (320, 390, 768, 1280):
        page = browser.new_context(offline=True, viewport={"width": width, "height": 900}).new_page()
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= max(width, 794)
        if width <= 390:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
        assert complaints == []


def test_a_sheet_has_no_fault_that_axe_finds(
    catalogue_data: packs.CatalogueData, browser: Any, tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    file = tmp_path / "fiche.html"
    text = packs.site_sheet(catalogue_data, "port-de-harnes", packs.Edition())
    file.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    violations = axe.Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in violations] == []


def test_printing_a_site_on_offer_takes_one_a4_page(
    catalogue_data: packs.CatalogueData, browser: Any, tmp_path: Path
) -> None:
    file = tmp_path / "fiche.html"
    page = browser.new_page()
    for name in packs.site_ids(catalogue_data, on_offer=True):
        file.write_text(packs.site_sheet(catalogue_data, name, packs.Edition()), encoding="utf-8")
        page.goto(file.as_uri())
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, name


def test_the_cards_of_the_analyses_fill_a_phone(browser: Any, tmp_path: Path) -> None:
    """Beside its chart on paper, a card takes the whole width of a phone."""
    file = tmp_path / "fiche.html"
    card = pd.Series({"jobs_per_ha": 26.2, "recycled_share": 0.4}, dtype=object)
    text = sheets.site(
        pd.Series({"site_id": "a", "site_nom": "A"}),
        {},
        cards={"sobriety": card},
        charts={"sobriety": "<svg/>"},
    )
    file.write_text(text, encoding="utf-8")
    for width, least, most in ((390, 0.9, 1.0), (1280, 0.3, 0.5)):
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.goto(file.as_uri())
        card_px, pair_px = (
            page.evaluate("name => document.querySelector(name).offsetWidth", name)
            for name in (".pair .facts", ".pair")
        )
        assert least <= card_px / pair_px <= most
