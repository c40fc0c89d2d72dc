"""The folder of the fair: whole, honest, offline, safe, the same each time."""

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pandas as pd
import plain
import pytest
from cli_runner import english, run

from artois_geo import errors, layers, offer, packs, sheets, tables

HOSTILE = [
    "<script>document.title='RUN'</script>",
    '"><img src=x onerror="document.title=\'RUN\'">',
    "{{ 7919 * 104729 }} {% raise %} {# x",
    "${document.title='RUN'}`",
    '=HYPERLINK("http://exemple.invalid")',
    "</title></style><b>gras</b>",
]


@pytest.fixture
def pack(fair: packs.Pack) -> packs.Pack:
    return fair


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> layers.Catalogue:
    """A catalogue whose every text would run if it could."""
    folder = tmp_path_factory.mktemp("hostile")
    sites = pd.concat(
        plain.square(
            x_km=index,
            y_km=0,
            side_km=0.5,
            site_id=f"s{index}",
            site_nom=text,
            epci_sigle=text,
            famille=text,
            site_surf_brute=25.0,
            foncier_origine=text,
            geometrie=text,
            source=text,
            est_sous_site=False,
        )
        for index, text in enumerate(HOSTILE)
    )
    layers.write(sites.reset_index(drop=True), folder / "sites.geojson")
    entry_fields = {
        name: json.dumps(HOSTILE[index])
        for index, name in enumerate(["title", "source", "licence", "vintage"])
    }
    entry = "\n".join(f"{name} = {text}" for name, text in entry_fields.items())
    (folder / "catalogue.toml").write_text(
        f'[sites]\nfile = "sites.geojson"\nkind = "site_eco"\n{entry}\n', encoding="utf-8"
    )
    return layers.read_catalogue(folder)


def test_the_folder_holds_offer_map_page_boards_sheets_and_data(pack: packs.Pack) -> None:
    paths = sorted(
        path.relative_to(pack.folder).as_posix() for path in pack.folder.rglob("*") if path.is_file()
    )
    assert paths == sorted(path.relative_to(pack.folder).as_posix() for path in pack.files)
    top = {name for name in paths if "/" not in name}
    offer_files = {"offre.csv", "offre.sources.csv", "offre.xlsx", "offre.geojson"}
    boards = {"planche-a3.fr.html", "planche-a3.en.html"}
    pages = {"index.html", "index.en.html", "techniciens.html", "techniciens.en.html", "carte.html"}
    assert top == {"manifest.json", *pages, *offer_files, *boards}
    land = layers.read(layers.read_catalogue()["foncier_disponible"])
    sheets_of = {f"fiches/{site}.{lang}.html" for site in land["site_id"] for lang in ("fr", "en")}
    assert {name for name in paths if name.startswith("fiches/")} == sheets_of
    web = {f"web/{name}.geojson" for name in layers.read_catalogue()} | {"web/index.json"}
    assert {name for name in paths if name.startswith("web/")} == web


def links_of(folder: Path, name: str) -> list[str]:
    page = (folder / name).read_text(encoding="utf-8")
    return [unquote(link) for link in re.findall(r'href="([^"]*)"', page)]


def test_the_pages_link_what_is_there_and_nothing_else(pack: packs.Pack) -> None:
    boards = {"planche-a3.fr.html", "planche-a3.en.html"}
    files = {"offre.csv", "offre.xlsx", "offre.geojson"}
    for name, expected_links, count in (
        ("index.html", {"carte.html", "index.en.html", "techniciens.html", "planche-a3.fr.html"}, 6),
        ("techniciens.html", {"carte.html", "index.html", "techniciens.en.html", *boards, *files}, 12),
    ):
        links = links_of(pack.folder, name)
        sheets_linked = {link for link in links if link.startswith("fiches/")}
        assert set(links) - sheets_linked == expected_links
        assert len(sheets_linked) == count
        assert all((pack.folder / link).is_file() for link in links)


def test_each_page_leads_to_the_other_and_to_files_of_its_language_first(pack: packs.Pack) -> None:
    for lang, end, other_suffix, view in (("fr", "", ".en", ""), ("en", ".en", "", "#l=en")):
        page = (pack.folder / f"index{end}.html").read_text(encoding="utf-8")
        assert f'<html lang="{lang}">' in page
        links = links_of(pack.folder, f"index{end}.html")
        assert links[:2] == [f"index{other_suffix}.html", f"carte.html{view}"]
        assert all(f".{lang}." in link for link in links if link.startswith(("fiches/", "planche")))
        links = links_of(pack.folder, f"techniciens{end}.html")
        assert links[:3] == [f"techniciens{other_suffix}.html", f"index{end}.html", f"carte.html{view}"]
        for folder in ("fiches/port-de-harnes", "planche-a3"):
            files_linked = [link for link in links if link.startswith(f"{folder}.")]
            assert [link.split(".")[-2] for link in files_linked] == sorted(
                ["fr", "en"], key=lambda lang_code: lang_code != lang
            )


def test_visitors_read_the_offer_and_no_count_of_ours(pack: packs.Pack) -> None:
    page = (pack.folder / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    page_text = " ".join(text.split()).replace("\u202f", " ")
    assert "14,2 ha sur 2 sites" in page_text
    assert "40 ha annoncés sur 2 sites" in page_text
    assert "Canal Seine-Nord Europe : mise en service annoncée pour 2032" in page_text
    assert not re.search(r"couches vérifiées|erreur|https?://|inconnu|–", page_text)


def test_figures_of_a_page_are_written_as_its_language_does(pack: packs.Pack) -> None:
    french, english_page = (
        (pack.folder / name).read_text(encoding="utf-8")
        for name in ("techniciens.html", "techniciens.en.html")
    )
    for figure, page, other_page in (
        ("1\u202f478 ha", french, english_page), ("1,478 ha", english_page, french),
        ("14,2 ha", french, english_page), ("14.2 ha", english_page, french),
        ("−302,84", french, english_page), ("−302.84", english_page, french),
        ("Named business sites", english_page, french), ("known for 15 sites only", english_page, french),
        ("Land available as presented at the SIMI fair 2022", english_page, french),
        ("Logistics hub", english_page, french), ("inhabitants", english_page, french),
    ):  # fmt: skip
        assert figure in page
        assert figure not in other_page


def test_the_manifest_and_the_archive_hold_both_pages(hostile: layers.Catalogue, tmp_path: Path) -> None:
    packs.simi(hostile, tmp_path / "simi", pdf=False, zipped=True)
    listed = json.loads((tmp_path / "simi" / "manifest.json").read_text(encoding="utf-8"))["files"]
    with zipfile.ZipFile(tmp_path / "simi.zip") as archive:
        inside = {name.partition("/")[2] for name in archive.namelist()}
    for names in ({entry["path"] for entry in listed}, inside):
        assert {"index.html", "index.en.html"} <= names


def test_the_offer_has_its_sources_beside_it(pack: packs.Pack) -> None:
    text = (pack.folder / "offre.sources.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    vintages = {row["texte"] for row in rows if row["rubrique"] == "millésime"}
    assert vintages == {layer.vintage for layer in layers.read_catalogue().values()}
    assert [row["texte"] for row in rows if row["rubrique"] == "convention"]


def test_the_table_of_the_folder_is_the_offer_of_the_layers(pack: packs.Pack) -> None:
    sites = layers.read(layers.read_catalogue()["sites_eco"])
    expected = offer.offer(sites, by=["epci_sigle", "famille"])
    pd.testing.assert_frame_equal(pack.offer, expected)
    text = (pack.folder / "offre.csv").read_text(encoding="utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert sum(float(row["Surface annoncée (ha)"].replace(",", ".") or 0) for row in read) == pytest.approx(
        expected["offer_ha"].sum()
    )
    book = openpyxl.load_workbook(pack.folder / "offre.xlsx")
    assert book.sheetnames == ["Foncier publié", "Offre par EPCI et famille", "Totaux publiés", "Sources"]


def test_every_published_total_is_shown_with_its_gap(pack: packs.Pack) -> None:
    page = (pack.folder / "techniciens.html").read_text(encoding="utf-8")
    for total in layers.read_catalogue().totals:
        assert total.title.replace("'", "&#39;") in page
        assert tables.number(total.value) in page
    assert "−302,84" in page  # 14.1556 ha really on offer, 317 announced


def test_schematic_geometry_and_sources_are_said_on_the_page(pack: packs.Pack) -> None:
    page = (pack.folder / "techniciens.html").read_text(encoding="utf-8")
    assert "Géométrie schématique" in page
    for layer in layers.read_catalogue().values():
        assert layer.vintage.replace("'", "&#39;") in page


def test_the_same_layers_give_the_same_bytes(pack: packs.Pack, tmp_path: Path) -> None:
    again = packs.simi(layers.read_catalogue(), tmp_path / "autre nom", pdf=False)
    digests = [
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in made_pack.files]
        for made_pack in (pack, again)
    ]
    assert digests[0] == digests[1]


def test_the_map_of_the_offer_leaves_out_what_would_cover_it(
    hostile: layers.Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "couches"
    shutil.copytree(hostile.folder, folder)
    for name, columns in {"sol": {"code_cs": "CS1"}, "parcelles": {}, "friches": {}}.items():
        layers.write(plain.square(x_km=0, y_km=0, side_km=9, **columns), folder / f"{name}.geojson")
    kinds = {"sol": "libre", "parcelles": "parcelle", "friches": "friche"}
    entries = "".join(
        f'[{name}]\nfile = "{name}.geojson"\nkind = "{kind}"\ntitle = "t"\nsource = "s"\nlicence = "l"\n'
        'vintage = "2026"\n'
        for name, kind in kinds.items()
    )
    catalogue_file = folder / "catalogue.toml"
    lines = catalogue_file.read_text(encoding="utf-8").splitlines()
    unsaid = ['vintage = "non indiqué"' if line.startswith("vintage") else line for line in lines]
    catalogue_file.write_text("\n".join([*unsaid, ""]), encoding="utf-8")
    with catalogue_file.open("a", encoding="utf-8") as catalogue:
        catalogue.write(entries)
    pack = packs.simi(layers.read_catalogue(folder), tmp_path / "simi", packs.FairOptions(pdf=False))
    page = (pack.folder / "carte.html").read_text(encoding="utf-8")
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    assert json.loads(match[1])["headings"]["fr"][1] == ""  # the vintage of the sites is not said
    layer_ids = {layer["id"] for layer in json.loads(match[1])["layers"]}
    assert "friches" in layer_ids
    assert not {"sol", "parcelles"} & layer_ids
    portal = {file.stem for file in (pack.folder / "web").glob("*.geojson")}
    assert "friches" in portal
    assert not {"sol", "parcelles"} & portal  # they weigh more than all the rest
    described = json.loads((pack.folder / "web" / "index.json").read_text(encoding="utf-8"))["rows"]
    assert {entry["file"] for entry in described} == {f"{name}.geojson" for name in portal}


def test_the_steps_are_told(hostile: layers.Catalogue, tmp_path: Path) -> None:
    steps: list[str] = []
    packs.simi(hostile, tmp_path, pdf=False, tell=steps.append)
    assert len(steps) == len(set(steps)) == 8


def test_other_files_of_the_folder_stay(hostile: layers.Catalogue, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("à garder", encoding="utf-8")
    packs.simi(hostile, tmp_path, pdf=False)
    assert (tmp_path / "note.txt").read_text(encoding="utf-8") == "à garder"


def test_a_catalogue_without_sites_has_no_offer(tmp_path: Path) -> None:
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, nom="A"), tmp_path / "parcs.geojson")
    with pytest.raises(errors.BadTable, match="site_eco"):
        packs.simi(layers.read_catalogue(tmp_path), tmp_path / "simi")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("", encoding="utf-8")
    with pytest.raises(errors.UnwritableFile, match="un fichier se trouve là"):
        packs.simi(layers.read_catalogue(), tmp_path / "fichier" / "simi", pdf=False)


def test_no_text_of_others_is_markup_or_formula(hostile: layers.Catalogue, tmp_path: Path) -> None:
    packs.simi(hostile, tmp_path, pdf=False)
    page = (tmp_path / "techniciens.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>gras" not in page
    assert "{{ 7919 * 104729 }}" in page
    assert "829348951" not in page
    book = openpyxl.load_workbook(tmp_path / "offre.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.rows for cell in row}
    assert "f" not in kinds
    csv_text = (tmp_path / "offre.csv").read_text(encoding="utf-8-sig")
    assert all(
        not cell.startswith("=") for row in csv.reader(io.StringIO(csv_text), delimiter=";") for cell in row
    )


@pytest.mark.browser
def test_the_folder_asks_the_network_for_nothing_and_runs_no_text(
    hostile: layers.Catalogue, pack: packs.Pack, browser: Any, tmp_path: Path
) -> None:
    packs.simi(hostile, tmp_path, pdf=False)
    for folder in (pack.folder, tmp_path):
        page = browser.new_context(offline=True, viewport={"width": 390, "height": 844}).new_page()
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
        page.goto((folder / "index.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.title() == ("Offre foncière · Artois" if folder == pack.folder else "Offre foncière")
        page.click("a.primary")
        page.wait_for_selector(".leaflet-container")
        assert "RUN" not in page.title()
        assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert complaints == []
    page.goto((pack.folder / "index.en.html").as_uri())
    assert page.title() == "Land on offer · Artois"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("a.primary")
    page.wait_for_selector("html[lang=en] .leaflet-container")


def test_the_command_prints_a_short_french_summary_and_writes_the_pack(
    pack: packs.Pack, tmp_path: Path
) -> None:
    result = run("simi", "--sans-pdf", "--sortie", tmp_path / "simi")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) <= 24  # one screen of a terminal
    assert english(result.stdout.replace(str(tmp_path), "")) == []
    assert "publié 317 ha, dans les couches 14,16" in result.stdout
    for name in ("index.html", "carte.html", "offre.csv", "offre.xlsx"):
        assert any(line.strip().startswith(name) for line in lines)
    for path in pack.files:
        file = tmp_path / "simi" / path.relative_to(pack.folder)
        assert file.read_bytes() == path.read_bytes(), path.name


def test_a_front_page_may_be_bare() -> None:
    page = sheets.front_page(title="Titre", subtitle="", links=[sheets.Link("a b.html", "Lien")])
    assert 'href="a%20b.html"' in page
    assert "<table" not in page


def test_the_style_of_the_page_is_the_one_its_policy_allows() -> None:
    import base64

    page = sheets.front_page(title="Titre", subtitle="", links=[sheets.Link("a.html", "Lien")])
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"&#39;sha256-{digest}&#39;" in page
    assert "default-src &#39;none&#39;" in page


def test_two_sites_of_one_plain_name_have_a_file_each(tmp_path: Path) -> None:
    sites = [
        plain.square(x_km=x, y_km=0, side_km=1, site_id=name) for x, name in enumerate(("Zone A", "zone-a"))
    ]
    layers.write(pd.concat(sites, ignore_index=True), tmp_path / "sites.geojson")
    described = 'title = "T"\nsource = "essai"\nlicence = "libre"\nvintage = "2026"\n'
    (tmp_path / "catalogue.toml").write_text(
        f'[sites]\nfile = "sites.geojson"\nkind = "site_eco"\n{described}', encoding="utf-8"
    )
    catalogue_data = packs.read_catalogue_data(layers.read_catalogue(tmp_path))
    assert packs.stems(catalogue_data) == {"Zone A": "zone-a", "zone-a": "zone-a-2"}
