"""The pages of a fair: real English, one value per distance, the name of who publishes and no other."""

import html
import json
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import english_pages
import one_site
import pandas as pd
import pytest
import raster

from artois_geo import layers, packs, sheets, theme

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>'
AGENCY = """[owner]
name = "Agence <fictive>"
mail = "contact@exemple.fr"
legal = "Organisme inventé pour l'essai"
[colours]
brand = "#0b5a4a"
[[logos]]
file = "logo.svg"
name = "Agence <fictive>"
"""
OLD_MARK = "M5 26c5-1 7-7 13-7"


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> theme.Theme:
    folder = tmp_path_factory.mktemp("agence")
    (folder / "logo.svg").write_text(LOGO, encoding="utf-8")
    (folder / "theme.toml").write_text(AGENCY, encoding="utf-8")
    return theme.read(folder / "theme.toml")


def pages_of(pack: packs.Pack, ending: str = ".html") -> dict[str, str]:
    return {
        path.relative_to(pack.folder).as_posix(): path.read_text(encoding="utf-8")
        for path in pack.files
        if path.name.endswith(ending)
    }


def test_no_french_of_ours_stands_on_an_english_page(fair: packs.Pack) -> None:
    words = english_pages.french_words()
    names = layers.read(layers.read_catalogue()["sites_eco"])["site_nom"].dropna()
    pages = pages_of(fair, ".en.html")
    assert len(pages) == 9
    assert len(words) > 900
    for name, page in pages.items():
        heading, body = re.split(r"</title>", page, maxsplit=1)
        for site in names:  # a proper name, which the title of a page cannot mark as French
            heading = heading.replace(html.escape(site), "")
        assert english_pages.french_on(f"{heading}</title>{body}", words) == [], name


def test_what_is_quoted_in_french_says_so(fair: packs.Pack) -> None:
    page = pages_of(fair, ".en.html")["fiches/port-de-harnes.en.html"]
    assert re.search(r'<q lang="fr">parcelle n°17 de 41[\s\u202f]556 m² offerte', page)
    assert "parcelle n°17" not in english_pages.text_of_page(page)


def distances(text: str, thing_pattern: str) -> set[str]:
    return set(re.findall(rf"{thing_pattern}[^;]{{0,30}}?(\d[\d,.]*\s?k?m)\b", text, re.IGNORECASE))


def test_a_published_distance_is_the_only_one_on_every_page(fair: packs.Pack) -> None:
    for lang, thing_pattern in (("fr", "échangeur"), ("en", "junction")):
        ending = "" if lang == "fr" else ".en"
        for name in (f"fiches/logisterra26.{lang}.html", f"planche-a3.{lang}.html", f"index{ending}.html"):
            text = re.sub(
                r"<style>.*?</style>|<[^>]+>", " ", (fair.folder / name).read_text(), flags=re.DOTALL
            )
            assert {distance.replace("\xa0", " ") for distance in distances(text, thing_pattern)} == {
                "500 m"
            }, name


def unpacked(column: Any) -> list[Any]:
    """Write out a column of the data of a map: its values, one for all rows, or places in a list."""
    if isinstance(column, list):
        return column
    return [column["all"]] * column["n"] if "all" in column else [column["of"][i] for i in column["at"]]


def test_the_same_distance_stands_on_the_map_of_the_stand_and_in_the_tables(tmp_path: Path) -> None:
    options = packs.FairOptions(pdf=False, kiosk=True, issued=date(2026, 12, 1))
    pack = packs.simi(layers.read_catalogue(), tmp_path / "simi", options)
    for name in ("carte.html", "kiosque.html"):
        page = json.loads(pages_of(pack)[name].split('id="data">')[1].split("</script>")[0])
        offer = next(entry for entry in page["vitrine"]["list"] if entry["site"] == "logisterra26")
        texts = [offer["facts"]["access"]["text"][lang] for lang in ("fr", "en")]
        for layer in page["layers"]:
            rows = [row for row, key in enumerate(layer["keys"]) if str(key).endswith("logisterra26")]
            columns = map(unpacked, layer["columns"].values())
            texts += [str(column[row]) for column in columns for row in rows]
        assert not [text for text in texts if "<span" in text], "a mark of HTML is no text"
        distances_read = {
            distance
            for text in texts
            for thing_pattern in ("changeur", "junction")
            for distance in distances(text, thing_pattern)
        }
        assert {distance.replace("\xa0", " ") for distance in distances_read} == {"500 m"}, name
    with zipfile.ZipFile(pack.folder / "offre.xlsx") as book:
        sheets_text = re.sub(r"<[^>]+>", " ", "".join(book.read(part).decode() for part in book.namelist()))
    for text in (
        sheets_text,
        (pack.folder / "offre.csv").read_text(),
        (pack.folder / "offre.geojson").read_text(),
    ):
        assert {distance.replace("\xa0", " ") for distance in distances(text, "changeur")} <= {"500 m"}


def access_of(page: str) -> dict[str, str]:
    rows = re.findall(r'<th scope="row">[^<]*<span>(.*?)</span></th><td class="n">(.*?)<span>', page)
    return {re.sub("<[^>]+>", "", name): distance.replace(".", ",") for name, distance in rows}


def test_a_thing_has_one_distance_in_both_languages_and_none_less_sure_than_long(fair: packs.Pack) -> None:
    for site in packs.site_ids(packs.read_catalogue_data(layers.read_catalogue()), on_offer=True):
        french, english = (
            (fair.folder / f"fiches/{site}.{lang}.html").read_text(encoding="utf-8") for lang in ("fr", "en")
        )
        access = access_of(french)
        assert set(access) == set(access_of(english))
        assert not [text for text in access.values() if text.startswith("<") or "&lt;" in text], site
    harnes = (fair.folder / "fiches/port-de-harnes.fr.html").read_text(encoding="utf-8")
    assert access_of(harnes)["Port de Harnes"] == "sur le site"


def test_no_box_of_an_offer_is_empty(fair: packs.Pack) -> None:
    for name, page in pages_of(fair).items():
        if name.startswith("fiches/"):
            boxes = re.findall(r'<dd class="(?:large|mid)">(.*?)</dd>', page)
            assert len(boxes) == 3
            assert not {"–", "", "inconnu", "unknown"} & set(boxes)


def test_the_numbers_of_the_board_are_those_of_its_cards_and_of_the_sheets(fair: packs.Pack) -> None:
    board = (fair.folder / "planche-a3.fr.html").read_text(encoding="utf-8")
    cards = re.findall(r'<span class="number">(\d+)</span>', board)
    pins = re.findall(r'<circle class="pin-(?:now|later)"[^>]*/><text[^>]*>(\d+)</text>', board)
    assert cards == [str(number) for number in range(1, 7)]
    assert sorted(set(pins)) == cards
    sheets_of = [page for name, page in pages_of(fair, ".fr.html").items() if name.startswith("fiches/")]
    numbers = [re.findall(r'<span class="number">(\d+)</span>', page) for page in sheets_of]
    assert sorted(number for numbers_of_page in numbers for number in numbers_of_page) == cards
    assert (
        "<h1>14,2\xa0ha publiés comme disponibles sur 2 sites, 40\xa0ha annoncés sur 2 autres.</h1>" in board
    )


def test_an_agency_stands_on_every_page_and_nobody_else_does(agency: theme.Theme, tmp_path: Path) -> None:
    catalogue = one_site.catalogue(tmp_path / "couches")
    pack = packs.simi(catalogue, tmp_path / "simi", packs.FairOptions(pdf=False, kiosk=True, look=agency))
    pages = pages_of(pack)
    assert {"carte.html", "kiosque.html", "index.html", "techniciens.en.html"} <= set(pages)
    assert any(name.startswith("fiches/") for name in pages)
    for name, page in pages.items():
        assert "Agence &lt;fictive&gt;" in page, name
        assert page.count(agency.logos[0].address) == 1, name
        assert "#0b5a4a" in page, name
        assert OLD_MARK not in page
        assert "Source Sans 3" in page
        assert "artois" not in english_pages.text_of_page(page).lower(), name
    for path in pack.files:
        name, content = path.relative_to(pack.folder).as_posix(), path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(part) for part in book.namelist())
            assert "Agence &lt;fictive&gt;" in content.decode()
        unnamed = content.replace(b"map_artois", b"")  # the identifier of the element of the map
        assert b"artois" not in unnamed.lower(), name
    assert json.loads((pack.folder / "manifest.json").read_text())["publisher"] == "Agence <fictive>"


@pytest.mark.long
def test_an_agency_stands_on_every_pdf_of_one_page(agency: theme.Theme, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    catalogue = one_site.catalogue(tmp_path / "couches")
    pack = packs.simi(catalogue, tmp_path / "simi", packs.FairOptions(pdf=True, look=agency))
    pdf_files = [path for path in pack.files if path.suffix == ".pdf"]
    assert len(pdf_files) == 4
    for path in pdf_files:
        text = subprocess.run(
            ["pdftotext", str(path), "-"], capture_output=True, check=True, text=True
        ).stdout
        assert "Agence <fictive>" in text, path.name
        assert "artois" not in text.lower()
        if path.name.startswith("planche"):
            assert text.count("\f") == 1, "one page"


def linked(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="([^"#][^"]*)"', page)]


def test_map_and_sheets_of_a_pack_lead_to_each_other_wherever_it_lies(fair: packs.Pack) -> None:
    offers = json.loads(map_of(fair).split('id="data">')[1].split("</script>")[0])["vitrine"]
    for offer in offers["list"]:
        for lang in ("fr", "en"):
            assert (fair.folder / offer["sheets"][lang]["html"]).is_file()
    for lang, ending, start in (("fr", "", ""), ("en", ".en", "l=en&")):
        links = linked((fair.folder / f"fiches/port-de-harnes.{lang}.html").read_text(encoding="utf-8"))
        feature = next(entry["feature"] for entry in offers["list"] if entry["site"] == "port-de-harnes")
        other_lang = "en" if lang == "fr" else "fr"
        expected_links = [
            f"../carte.html#{start}s={feature}",
            f"../index{ending}.html",
            f"port-de-harnes.{other_lang}.html",
        ]
        assert [link for link in links if not link.startswith("http")] == expected_links


def map_of(pack: packs.Pack) -> str:
    return (pack.folder / "carte.html").read_text(encoding="utf-8")


def test_a_map_outside_a_pack_and_that_of_the_stand_lead_to_no_file(tmp_path: Path) -> None:
    catalogue = with_media(tmp_path / "couches")
    pack = packs.simi(catalogue, tmp_path / "simi", packs.FairOptions(pdf=False, kiosk=True))
    [document] = [path for path in pack.files if path.parent.name == "documents"]
    assert document.read_bytes() == PDF
    assert f'"href":"documents/{document.name}"' in map_of(pack)
    kiosk = (pack.folder / "kiosque.html").read_text(encoding="utf-8")
    assert "Plan \\u003cmasse\\u003e" in kiosk
    assert "documents/plan" not in kiosk
    assert "fiches/zone" not in kiosk
    for lang, page in pages_of(pack).items():
        if lang.startswith("fiches/"):
            assert f'href="../documents/{document.name}"' in page
            assert '<figure class="photo"><img src="data:image/jpeg;base64,' in page
            assert "M. &lt;Fictif&gt;" in page
    for name in ("planche-a3.fr.html", "index.html"):
        assert '<figure class="shot"><img src="data:image/jpeg;base64,' in pages_of(pack)[name]


PDF = b"%PDF-1.7\n" + b"0" * 1991


def with_media(folder: Path) -> layers.Catalogue:
    """The one site, with a photo and two documents."""
    pytest.importorskip("PIL")
    one_site.catalogue(folder)
    land = layers.read(folder / "foncier.geojson")
    land = land.assign(
        photo="entree.png",
        photo_credit="M. <Fictif>",
        documents="plan.pdf|https://exemple.fr/a.pdf",
        documents_titres="Plan <masse>|Règlement",
    )
    layers.write(land, folder / "foncier.geojson")
    for name, content in (("photos/entree.png", raster.png((9, 9, 9))), ("documents/plan.pdf", PDF)):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(content)
    return layers.read_catalogue(folder)


def test_without_a_theme_nothing_stands_in_the_place_of_a_name(fair: packs.Pack) -> None:
    for name, page in pages_of(fair).items():
        assert 'class="identity"' not in page, name
        assert OLD_MARK not in page


def test_the_report_carries_the_agency(agency: theme.Theme) -> None:
    empty = sheets.LocalReport("Titre", "A", "2011", (), (), (), ())
    page = sheets.local_report_html(empty, agency)
    assert "Agence &lt;fictive&gt;" in page
    assert agency.logos[0].address in page
    assert "Organisme inventé" in page
    assert 'class="identity"' not in sheets.local_report_html(empty)


def test_a_site_without_offer_has_its_sheet_without_empty_boxes() -> None:
    page = sheets.site(pd.Series({"site_nom": "A", "site_id": "a"}), {})
    assert "<h1>A</h1>" in page
    assert ">–<" not in page
