"""The page of a committee: one page on either paper, the figures of the screen, who publishes it."""

import re
from datetime import date
from pathlib import Path

import pytest

from artois_geo import example, maps, theme
from artois_geo.packs.results import board
from artois_geo.sheets.committee import Committee, Line, Row, RowTable, committee
from artois_geo.studies import result_map
from artois_geo.studies.land.maps import net
from artois_geo.studies.land.maps.net import NetLand
from artois_geo.studies.sites import site_land
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.studies.study_table import StudyTable

DAY = date(2026, 12, 8)
LONG = "Contrainte « zone humide » : contraintes.geojson ; recul de 10 m ; rien conservé ; source : fictif."


@pytest.fixture(scope="module")
def carte() -> object:
    site = example.square(x_km=0, y_km=0, side_km=1, nom="<b>Parc</b>", fictif=True)
    flood = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    rules = Constraints(flood.assign(setback_m=0.0))
    remaining = site_land.remaining_land(site, rules)
    land_map = net.available_map(NetLand(site, remaining, rules, StudyTable(remaining, notes=[LONG])))
    return result_map.drawing(land_map, {})


def test_the_page_prints_the_figures_of_the_screen(carte: object) -> None:
    page = board.page(carte, paper="a4", issued=DAY)
    screen = maps.standalone(carte)  # type: ignore[arg-type]
    for figure in ("75,0 ha", "25,0 ha", "100,0 ha", "75,00 ha"):
        assert figure in page
        assert figure in screen
    assert "&lt;b&gt;Parc&lt;/b&gt;" in page
    assert "<b>Parc" not in page
    assert "Données fictives" in page
    assert "08/12/2026" in page


def test_the_agency_of_the_theme_stands_on_the_page(carte: object, tmp_path: Path) -> None:
    (tmp_path / "theme.toml").write_text('[owner]\nname = "Agence fictive"\n', encoding="utf-8")
    page = board.page(carte, paper="a3", look=theme.read(tmp_path / "theme.toml"))
    assert "Agence fictive" in page


def test_the_english_page_has_no_word_of_ours_in_french(carte: object) -> None:
    page = board.page(carte, paper="a4", lang="en")
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert "1 site: 75.0 ha available out of 100.0 ha gross" in text
    assert "Available: 75.0 ha" in text
    assert "disponibles" not in text.replace(LONG, "")


@pytest.mark.parametrize("name", ["Site 512", "Zone d'activités au nom assez long pour un tableau"])
@pytest.mark.parametrize("paper", ["a3", "a4"])
def test_a_long_result_stays_on_one_page_and_says_what_is_left_out(paper: str, name: str) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    row = Row(name, "12,34 ha", "Commune", "13 ha − 1 ha = 12 ha")
    content = Committee(
        title="60 sites : 740,4 ha disponibles sur 800,0 ha bruts, un titre qui tient parfois deux lignes",
        subtitle="Foncier disponible, net de contraintes",
        figure='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 125 100"/>',
        keys=[('<svg viewBox="0 0 30 18"/>', f"Contrainte {number} : 1,0 ha retirés") for number in range(8)],
        balance=[Line("−", f"Contrainte {number}", "1,0 ha") for number in range(8)],
        tables=[RowTable("Disponible", [row] * 60)],
        notes=[LONG] * 40,
        sources="Couche (millésime 2026) ; " * 8,
        warnings=["Données fictives."],
        paper=paper,
        issued=DAY,
    )
    page = committee(content)
    assert len(weasyprint.HTML(string=page).render().pages) == 1
    row_count = page.count('<td class="n">12,34 ha')
    assert 0 < row_count < 60
    assert f"… et {60 - row_count} autres" in page
    note_count = page.count("source : fictif.")
    assert 0 < note_count < 40
    assert f"Et {40 - note_count} notes de plus" in page
