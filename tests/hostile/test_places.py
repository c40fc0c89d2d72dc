"""Payloads where an outside text is less expected: names of places, themes, classes, backgrounds, sections.

One page carries them all, without its policy; a notebook shows the same page, and a whole pack is made of
them. What each field shows is the text itself.
"""

import html
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import hostile_texts as hostile
import pandas as pd
import plain
import pytest
import raster
from chromium import open_page
from hostile_texts import ALIVE, CANARY, TEXTS, WHOLE, as_shown, bare, described

from artois_geo import layers, maps, packs
from artois_geo.errors import BadValue
from artois_geo.maps import style
from artois_geo.maps.backdrop import tiles
from artois_geo.maps.outlines import compact
from artois_geo.sheets import qr, wording

pytestmark = pytest.mark.browser

SIDES = (f"{WHOLE} avant", f"{WHOLE} après")
SEEN = """() => [document.body.textContent,
    ...[...document.querySelectorAll('*')].flatMap(node => [...node.attributes].map(one => one.value))]"""
SHORT = 60  # letters: such a name has room on a map of a few kilometres
PLACED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
LINKS = "[...document.querySelectorAll('a')].map(node => node.protocol)"


@pytest.fixture(scope="module")
def carte(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Towns and EPCI, a theme and a class for each payload, two vintages and a background named after all."""
    rows = [
        plain.square(
            x_km=2 * (index % 8), y_km=2 * (index // 8), side_km=2,
            comm_insee=f"{index}", comm_nom=text, epci_sigle=text, epci_nom=text, pop_totale=9000 - index,
        )
        for index, text in enumerate(TEXTS)
    ]  # fmt: skip
    towns = pd.concat(rows, ignore_index=True)
    frames = {
        f"theme {index}": row.assign(**{text: 4.0})
        for index, (text, row) in enumerate(zip(TEXTS, rows, strict=True))
    }
    classed = style.read_style()["bulk"]
    few = len(classed["fills"])
    for first in range(0, len(TEXTS), few):  # a class of its own for each
        group = towns.geometry.iloc[first : first + few].buffer(-300)
        frames[f"lots {first}"] = gpd.GeoDataFrame(
            {classed["class"][0]: TEXTS[first : first + few]}, geometry=group
        )
    for side in SIDES:
        frames[side] = plain.square(x_km=-3, y_km=0, side_km=1, nom=side)
    bounds = [[50.2, 2.3], [50.9, 3.3]]
    columns, lines = tiles.cover(bounds, 8)
    archive = raster.mbtiles(
        tmp_path_factory.mktemp("fond") / "fond.mbtiles",
        {(8, x, y): raster.png((9, 9, 9)) for x in columns for y in lines},
        name=WHOLE,
        attribution=WHOLE,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "BULK_FROM", 1)
        return maps.build(
            {"communes": towns, **frames},
            layers={"communes": described("communes", "commune_contour")},
            themes={
                f"theme {index}": maps.Thematic(text, label=text, unit=text)
                for index, text in enumerate(TEXTS)
            },
            compare=SIDES,
            embedded=archive,
            title=WHOLE,
        )


def inert(page: Any) -> None:
    assert page.evaluate(hostile.MARK) is None
    assert page.locator(ALIVE).count() == 0
    assert not CANARY.exists()


def test_places_themes_classes_vintages_and_backgrounds_are_texts(
    browser: Any, carte: Any, tmp_path: Path
) -> None:
    file = tmp_path / "carte.html"
    file.write_text(bare(maps.standalone(carte)), encoding="utf-8")
    page = open_page(browser, file).page
    for lang in ("fr", "en"):
        page.click(f"[data-lang={lang}]")
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        page.wait_for_timeout(150)
        heads = page.locator(".theme-head").all_text_contents()
        assert all(any(text in head for head in heads) for text in TEXTS), "what a theme maps"
        classes = set(page.locator("#legend .classes label span").all_text_contents())
        assert set(TEXTS) <= classes, "classes of large layers"
        assert WHOLE in (page.text_content("#legend") or ""), "name of the background"
        assert SIDES[0] in (page.get_attribute("#divider", "aria-label") or "")
        assert SIDES[1] in (page.get_attribute("#divider", "aria-label") or "")
        assert page.text_content("h1") == WHOLE
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        inert(page)
    names = named_close_to_each_town(page)
    assert names <= set(TEXTS)
    assert {text for text in TEXTS if len(text) < SHORT} <= names
    inert(page)
    page.close()


def named_close_to_each_town(page: Any) -> set[str]:
    """Go to each town in turn: a long name takes the room of those around it."""
    page.click("[data-changes='1']")  # the names of two sides that are compared cover the map
    names: set[str] = set()
    ground = json.loads(page.text_content("#data") or "")["ground"]
    for _, longitude, latitude, _ in ground["towns"]:
        page.evaluate(f"void map_artois.setView([{latitude}, {longitude}], 14, {{ animate: false }})")
        page.evaluate(PLACED)
        names |= set(page.locator(".town").all_text_contents())
    return names


def test_a_notebook_frames_the_same_page_and_its_texts_stay_texts(
    browser: Any, carte: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the network off, and once more without the policy that the framed page carries."""
    framed = carte._repr_html_()
    without = framed.replace(html.escape(maps.standalone(carte)), html.escape(bare(maps.standalone(carte))))
    assert without != framed
    for text in (framed, without):
        file = tmp_path / "carnet.html"
        file.write_text(
            f"<!DOCTYPE html><html data-ready=1><meta charset=utf-8><body>{text}</body></html>", "utf-8"
        )
        view = open_page(browser, file)
        inside = view.page.frames[-1]
        inside.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        assert inside.text_content("h1") == WHOLE
        assert inside.locator(".theme-head").count() == len(TEXTS)
        assert inside.evaluate(hostile.MARK) is None
        assert view.page.evaluate(hostile.MARK) is None
        assert [url for url in view.requests if url not in {file.as_uri(), "about:srcdoc"}] == []
        assert view.complaints == []
        view.page.close()


def test_the_picture_set_in_a_page_runs_nothing_and_names_the_places(browser: Any, carte: Any) -> None:
    page = browser.new_page()
    themed = maps.build(
        {
            text: plain.square(x_km=index, y_km=0, side_km=1, **{text: 4.0})
            for index, text in enumerate(TEXTS)
        },
        themes={text: maps.Thematic(text, label=text, unit=text) for text in TEXTS},
        title=WHOLE,
        subtitle=WHOLE,
    )
    for picture in (carte, themed):
        page.set_content(packs.svg(picture, lang="en"))
        inert(page)
    words = " ".join(element.text or "" for element in ElementTree.fromstring(packs.svg(themed)).iter())
    assert all(as_shown(text) in as_shown(words) for text in TEXTS if len(text) < 30), (
        "short enough for one line"
    )
    page.close()


def hostile_folder(folder: Path) -> layers.Catalogue:
    """Layers whose every text is all payloads at once, and totals that say them too."""
    columns = dict.fromkeys(("comm_nom", "epci_sigle", "epci_nom", "source", "precision", "note"), WHOLE)
    towns = plain.square(x_km=0, y_km=0, side_km=9, comm_insee=WHOLE, pop_totale=9, **columns)
    sites = plain.square(
        x_km=1, y_km=1, side_km=1, site_id=WHOLE, site_nom=WHOLE, famille=WHOLE, communes=WHOLE,
        site_surf_brute=25.0, foncier_origine=WHOLE, geometrie=WHOLE, est_sous_site=False, site_moa_nom=WHOLE,
        contact_nom=WHOLE, contact_mail=WHOLE, contact_tel=WHOLE, contact_url=WHOLE, site_url=WHOLE,
        **columns,
    )  # fmt: skip
    land = plain.point(
        x_km=1, y_km=1, terr_id=WHOLE, site_id=WHOLE, site_nom=WHOLE, dispo_statut=WHOLE,
        terr_surf_brute=4.5, compte_dans_total=True, date_info=WHOLE, dispo_source_texte=WHOLE, **columns,
    )  # fmt: skip
    text, entries = json.dumps(WHOLE, ensure_ascii=False), []
    for name, kind, frame in (("a", "commune", towns), ("b", "site_eco", sites), ("c", "terrain_eco", land)):
        layers.write(frame, folder / f"{name}.geojson")
        fields = "\n".join(f"{key} = {text}" for key in ("title", "title_en", "source", "licence", "vintage"))
        entries.append(f'[{name}]\nfile = "{name}.geojson"\nkind = "{kind}"\n{fields}\n')
    fields = "\n".join(f"{key}{end} = {text}" for key in ("title", "unit", "comment") for end in ("", "_en"))
    claim = 'layer = "c"\nmeasure = "sum"\ncolumn = "terr_surf_brute"'
    entries.append(f"[[totals]]\nname = {text}\nvalue = 9\nsource = {text}\n{claim}\n{fields}\n")
    (folder / "catalogue.toml").write_text("\n".join(entries), encoding="utf-8")
    return layers.read_catalogue(folder)


def test_a_whole_pack_of_payloads_shows_them_and_runs_none(browser: Any, tmp_path: Path) -> None:
    pack = packs.simi(
        hostile_folder(tmp_path), tmp_path / "simi", pdf=False, address="https://exemple.invalid/{id}"
    )
    pages = sorted(path for path in pack.files if path.suffix == ".html" and path.name != "carte.html")
    assert len(pages) == 8, "two front pages, two for technicians, two boards, a sheet in two languages"
    page = browser.new_page()
    for path in pages:
        path.write_text(bare(path.read_text(encoding="utf-8")), encoding="utf-8")
        page.goto(path.as_uri())
        inert(page)
        assert set(page.evaluate(LINKS)) <= {"http:", "https:", "mailto:", "tel:", "file:"}
        least = 3 if path.stem.startswith("index") else 4  # visitors read name, place and operator
        assert " ".join(page.evaluate(SEEN)[0].split()).count(as_shown(WHOLE)) >= least, path.name
    page.close()


def test_titles_of_tables_photos_and_addresses_of_sheets_are_texts(browser: Any, tmp_path: Path) -> None:
    catalogue_data = packs.read_catalogue_data(hostile_folder(tmp_path))
    more = {text: pd.DataFrame({text: [text]}) for text in TEXTS}
    edition = packs.Edition(
        lang="en",
        address="https://exemple.invalid/{id}?x=%22%3E",
        photos={WHOLE: raster.png((9, 9, 9))},
        sections={WHOLE: more},
    )
    file = tmp_path / "fiche.html"
    file.write_text(bare(packs.site_sheet(catalogue_data, WHOLE, edition)), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    inert(page)
    titles = {as_shown(text) for text in page.locator("h2").all_text_contents()}
    assert {as_shown(text) for text in TEXTS} <= titles
    assert page.locator("img[src^='data:image/jpeg']").count() == 1
    page.close()
    for text in TEXTS:
        with pytest.raises(BadValue, match="Adresse des fiches"):
            qr.address(f"{text}{{id}}", "a")
        assert wording.link(qr.address("https://exemple.invalid/{id}", text)).startswith(
            "https://exemple.invalid/"
        )
