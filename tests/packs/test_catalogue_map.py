"""The map and the sheets that a reader asks for: what is chosen, what is refused, what is told."""

from pathlib import Path

import one_site
import pytest

from artois_geo import layers, packs
from artois_geo.errors import BadTable, UnreadableFile
from artois_geo.packs import sheet_files
from artois_geo.packs.sections.section import Section, gather
from artois_geo.studies.requests import ColumnTheme, MapRequest, SheetRequest


@pytest.fixture
def catalogue(tmp_path: Path) -> layers.Catalogue:
    return one_site.catalogue(tmp_path / "couches")


def test_sites_that_no_analysis_takes_are_drawn_all_the_same(catalogue: layers.Catalogue) -> None:
    warnings: list[str] = []

    def refused(data: packs.CatalogueData) -> packs.Study:
        raise BadTable("pas de colonne")

    catalogue_map = packs.catalogue_map(MapRequest(), catalogue, analyse=refused, on_warning=warnings.append)
    assert [layer.name for layer in catalogue_map.carte.page.layers] != []
    assert warnings == ["Carte sans les analyses des sites : pas de colonne"]


def test_a_bare_map_asks_for_no_analysis(catalogue: layers.Catalogue) -> None:
    def refused(data: packs.CatalogueData) -> packs.Study:
        raise AssertionError("analysed")

    packs.catalogue_map(MapRequest(bare=True), catalogue, analyse=refused)


def test_a_slash_is_a_ratio_unless_a_column_has_that_name() -> None:
    shipped = layers.read_catalogue()
    theme = ColumnTheme("pop_totale/surface_ha", "aplats", {"method": "jenks", "classes": 3})
    request = MapRequest(couches=[shipped["communes_schema"]], themes={"communes_schema": theme}, bare=True)
    catalogue_map = packs.catalogue_map(request, shipped, analyse=lambda data: packs.Study())
    themed = next(layer.theme for layer in catalogue_map.carte.page.layers if layer.theme)
    assert (themed.column, themed.method, len(themed.entries)) == ("pop_totale/surface_ha", "jenks", 3)


def test_each_language_makes_its_page_of_each_site(catalogue: layers.Catalogue) -> None:
    plan = sheet_files.plan(catalogue, SheetRequest(tous=True, langue="les-deux"))
    counts: list[tuple[int, int]] = []
    pages = sheet_files.pages(plan, None, on_progress=lambda count, total: counts.append((count, total)))
    assert len(pages) == plan.count == 2 * len(plan.sheets)
    assert counts[-1] == (plan.count, plan.count)
    assert {name.rpartition(".")[2] for name in pages} == {"fr", "en"}


def test_rows_of_a_table_that_no_sheet_takes_are_told(catalogue: layers.Catalogue, tmp_path: Path) -> None:
    table = tmp_path / "pertes.csv"
    table.write_text("site_id;perte\ninconnu;1\n", encoding="utf-8")
    warnings: list[str] = []
    plan = sheet_files.plan(catalogue, SheetRequest(tous=True, tableaux=(("losses", table),)))
    sheet_files.pages(plan, None, on_warning=warnings.append)
    assert warnings == ["pertes.csv : aucune fiche pour « inconnu »."]


def test_a_folder_of_photos_that_is_not_there_is_named(catalogue: layers.Catalogue, tmp_path: Path) -> None:
    plan = sheet_files.plan(catalogue, SheetRequest(tous=True, photos=tmp_path / "absent"))
    with pytest.raises(UnreadableFile, match="absent"):
        sheet_files.pages(plan, None)


def test_a_section_of_which_nothing_is_known_takes_no_room() -> None:
    sections = gather([None, Section("canal", notes=["Axe schématique."], layers=["canal"]), Section("zan")])
    assert sections.notes == {"canal": ["Axe schématique."]}
    assert (sections.tables, sections.cards, sections.charts, sections.layers) == ({}, {}, {}, ["canal"])
