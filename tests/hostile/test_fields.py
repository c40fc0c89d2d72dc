"""Every payload in every kind of field, in the map, the sheets, the board, the front page and the picture.

The policy of each page is taken out: what keeps a text from running is that it is only ever a text.
"""

import gettext
import html
import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import hostile_texts as hostile
import pandas as pd
import pytest
import shapely
from chromium import open_page
from covering import mostly_long
from hostile_texts import ALIVE, CANARY, TEXTS, WHOLE, as_shown, bare, described
from other_english import english_of
from plain import ORIGIN_X, ORIGIN_Y

from artois_geo import errors, languages, maps, packs, sheets, tables, theme
from artois_geo.maps import static_svg
from artois_geo.sheets import wording

pytestmark = pytest.mark.browser

LEGAL = {"fr": "legal", "en": "legal_en"}


def site_columns() -> dict[str, list[Any]]:
    """Every column that a card or a sheet tells apart, some twins in English, one column for each payload."""
    text_columns = (
        "site_id", "site_nom", "communes", "epci_sigle", "site_epci_nom", "famille", "site_type", "site_etat",
        "site_vocadomi", "site_moa_nom", "foncier_origine", "dispo_statut", "dispo_source_texte",
        "compte_motif",
        "date_info", "note", "source", "precision", "parent_nom", "annee", "contact_nom", "contact_mail",
        "contact_tel", "site_url", "contact_url",
    )  # fmt: skip
    columns: dict[str, list[Any]] = {name: list(TEXTS) for name in text_columns}
    columns |= {f"{name}_en": list(reversed(TEXTS)) for name in ("site_nom", "site_etat", "communes", "note")}
    return columns | {text: list(TEXTS) for text in TEXTS}


def sites() -> gpd.GeoDataFrame:
    shapes = [
        shapely.Point(ORIGIN_X + 900 * (i % 8), ORIGIN_Y + 900 * (i // 8)).buffer(200)
        for i in range(len(TEXTS))
    ]
    return gpd.GeoDataFrame(site_columns(), geometry=shapes, crs=2154)


def whole_map(**options: Any) -> Any:
    frame = sites()
    layers_of = {text: frame.iloc[[i]] for i, text in enumerate(TEXTS)} | {"sites": frame, "lines": frame}
    records = {text: described(text) for text in TEXTS}
    records["sites"] = described(TEXTS[0], "site_eco")
    records["lines"] = described(TEXTS[1], TEXTS[2])  # a kind of nobody, whose name would run
    frame_of_lines = frame.set_geometry(frame.boundary)
    headings = {"title": {"fr": WHOLE, "en": WHOLE[::-1]}, "subtitle": {"fr": WHOLE, "en": WHOLE}}
    return maps.build(layers_of | {"lines": frame_of_lines}, layers=records, **{**headings, **options})


@pytest.mark.parametrize("langs", mostly_long([("en",), ("fr", "en")], ("en",)))
def test_the_map_shows_every_payload_of_every_field_and_runs_none(
    browser: Any, tmp_path: Path, langs: tuple[str, ...]
) -> None:
    file = tmp_path / "carte.html"
    file.write_text(bare(maps.standalone(whole_map())), encoding="utf-8")
    page = open_page(browser, file).page
    for lang in langs:
        page.click(f"[data-lang={lang}]")
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        page.wait_for_timeout(150)
        assert set(TEXTS) <= set(page.locator("#list h2").all_text_contents()), "titles of layers"
        for part in ("#legend label span", "#sources dt", "#filter-epci label span"):
            assert set(TEXTS) <= set(page.locator(part).all_text_contents()), part
        facts = page.evaluate(
            """() => [...document.querySelectorAll('#list button')].map(button => {
                button.click();
                const all = what => [...document.querySelectorAll(`#card ${what}`)];
                const read = what => all(what).map(node => node.textContent);
                return [read('h2')[0], read('dt'), read('dd'), read('.told'), read('.badge, .place, .legal'),
                    [...document.querySelectorAll('#card a')].map(node => node.protocol)];
            })"""
        )
        names = {fact[0] for fact in facts}
        assert set(TEXTS) <= names
        whole_card = next(fact for fact in facts if set(TEXTS) <= set(fact[1]))
        assert whole_card, "names of columns"
        values = {value for fact in facts for value in fact[2]}
        assert set(TEXTS) <= values, "values, sources, licences and vintages"
        assert set(TEXTS) <= {note for fact in facts for note in fact[3]}, "notes"
        assert {address for fact in facts for address in fact[5]} <= {"http:", "https:"}
        page.evaluate(
            """() => [...document.querySelectorAll('.leaflet-interactive')].slice(0, 60)
                .forEach(node => node.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})))"""
        )
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        printed = page.text_content("#printed-foot") or ""
        assert all(text in printed for text in TEXTS)
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.text_content("h1") == (WHOLE if lang == "fr" else WHOLE[::-1])
        assert page.locator(ALIVE).count() == 0
        assert page.evaluate(hostile.MARK) is None
    assert not CANARY.exists()
    page.close()


def test_translations_are_texts_too(browser: Any, tmp_path: Path) -> None:
    """A catalogue from outside: every word of the page and of a sheet is a payload."""

    class Wicked(gettext.NullTranslations):
        def pgettext(self, context: str, message: str) -> str:
            return TEXTS[sum(map(ord, context + message)) % len(TEXTS)]

    with english_of(Wicked()):
        carte = whole_map()
        row, table = sites().iloc[0].drop("geometry"), pd.DataFrame({"jobs_per_ha": [1.0]})
        pages = {
            "carte": maps.standalone(carte),
            "fiche": sheets.site(row, {"ranking": table}, lang="en", issued=date(2026, 1, 1)),
            "planche": sheets.board(title="A", figure="<svg/>", tables_of={"families": table}, lang="en"),
        }
        picture = packs.svg(carte, lang="en")
    ElementTree.fromstring(picture)
    for name, text in pages.items():
        file = tmp_path / f"{name}.html"
        file.write_text(bare(text), encoding="utf-8")
        page = open_page(browser, file, "#l=en" if name == "carte" else "", script=name == "carte").page
        if name == "carte":
            page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
            page.evaluate("document.querySelector('#list button').click()")
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            assert page.evaluate(hostile.MARK) is None
        assert page.locator(ALIVE).count() == 0, name
        page.close()


def test_sheets_board_and_front_page_show_every_payload_and_run_none(browser: Any, tmp_path: Path) -> None:
    """One file for each kind of page: the whole documents of all payloads, one after another."""
    frame = pd.DataFrame(site_columns())
    files: dict[str, list[str]] = {}
    for number, text in enumerate(TEXTS):
        row = frame.iloc[number]
        source = tables.Source(text, text, text, text, text)
        access = pd.DataFrame(
            {"access_kind": ["port"], "objet_nom": [text], "straight_km": [3.2], "uncertainty_km": [0.1]}
        )
        table = pd.DataFrame({text: [text], "site_nom": [text], "site_nom_en": [text]})
        sections_given = {text: table, "access": access, "offer": table, "ranking": table}
        commune_row = pd.Series(
            dict.fromkeys(("comm_insee", "comm_nom", "epci_nom", "arrondissement", "anciens_codes"), text)
        )
        group = pd.Series(dict.fromkeys(("epci_sigle", "epci_nom", "epci_siren", "departement"), text))
        common: dict[str, Any] = {"sources": [source], "lang": "en" if number % 2 else "fr"}
        pages = {
            "site": sheets.site(row, sections_given, **common),
            "commune": sheets.commune(commune_row, sections_given, **common),
            "epci": sheets.epci(group, sections_given, **common),
            "planche": sheets.board(
                title=text,
                subtitle=text,
                figure="<svg/>",
                keys=[("<svg/>", text)],
                figures=[sheets.Figure(text, text, text)],
                cards=[sheets.Card(name=text, place=text, value=text, status=text, text=text, counted=True)],
                tables_of={text: table, "families": table},
                warnings=[text],
                address=text,
                **common,
            ),
            "accueil": sheets.front_page(
                title=text,
                subtitle=text,
                links=[sheets.Link(text, text, text)],
                figures=[sheets.Figure(text, text, text)],
                sections=[sheets.Section(text, table, text, {text: text})],
                rows=[sheets.FileRow(text, text, [sheets.Link(text, text, text)])],
                warnings=[text],
                footer=tables.Footer(sources=(source,), surface=text, notes=(text,)),
            ),
        }
        for name, page_text in pages.items():
            files.setdefault(name, []).append(f"<div data-number='{number}'>{bare(page_text)}</div>")
    page = browser.new_page()
    for name, documents in files.items():
        file = tmp_path / f"{name}.html"
        file.write_text("".join(documents), encoding="utf-8", newline="")
        page.goto(file.as_uri())
        assert page.evaluate(hostile.MARK) is None, name
        assert page.locator(ALIVE).count() == 0, name
        for address in page.evaluate("[...document.links].map(node => node.getAttribute('href'))"):
            assert name == "accueil" or re.match(r"(https?|mailto|tel):", address), name
            assert not re.match(r"\s*(javascript|data|vbscript):", address, re.IGNORECASE)
        page.evaluate("document.querySelectorAll('title, style').forEach(node => node.remove())")
        texts = page.locator("body > [data-number]").all_text_contents()
        assert len(texts) == len(TEXTS), name
        for text, text_seen in zip(TEXTS, texts, strict=True):
            assert " ".join(text_seen.split()).count(as_shown(text)) >= 4, (name, text)
    assert not CANARY.exists()


def test_the_picture_of_a_map_holds_every_payload_as_text() -> None:
    carte = whole_map()
    for picture in (packs.svg(carte, lang="fr"), packs.svg(carte, lang="en"), static_svg.draw(carte.page)):
        root = ElementTree.fromstring(wording.visible(picture))
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not names & {"script", "foreignObject", "image", "a", "use", "animate", "set", "style"}
        attributes = {name.rpartition("}")[2].lower() for element in root.iter() for name in element.attrib}
        assert not [name for name in attributes if name.startswith("on") or name == "href"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_value_of_a_theme_leaves_its_place(text: str, tmp_path: Path) -> None:
    """Who publishes is shown; a colour, a font, a mail or a page that is not one is refused."""
    toml_text = json.dumps(text, ensure_ascii=False).replace("\\u0000", "\\u0001")
    for key in (
        f"[colours]\nteal = {toml_text}",
        f"[map]\nland = {toml_text}",
        f"[fonts]\ntext = [{toml_text}]",
    ):
        file = tmp_path / "theme.toml"
        file.write_text(key, encoding="utf-8")
        try:
            look = theme.read(file)
        except errors.ArtoisGeoError:
            continue
        assert re.fullmatch(r"[\w .-]+", text), "a plain word may be the name of a font"
        assert f"'{text}'" in theme.css(look)
    for field, message in {"mail": "Courriel du thème : ", "url": "Page du thème : "}.items():
        file.write_text(f"[owner]\n{field} = {toml_text}", encoding="utf-8")
        with pytest.raises(errors.BadValue, match=message):
            theme.read(file)
    bare_word = re.sub(r"[\s@\x00]+", "", text)  # what an address may hold is as hostile
    owner = dict.fromkeys(("name", "phone", "legal", "legal_en"), text.replace("\x00", "\x01"))
    owner |= {"mail": f"{bare_word}@{bare_word}", "url": f"https://{bare_word}/"}
    assert {*owner} == {*theme.read().owner}, "every field of who publishes"
    entries = [f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in owner.items()]
    file.write_text("\n".join(["[owner]", *entries]), encoding="utf-8")
    look = theme.read(file)
    for lang in languages.LANGUAGES:
        page = sheets.site(pd.Series({"site_nom": "A"}), {}, look=look, lang=lang)
        assert not re.search(r"<(script|iframe|img|svg onload|details open)", page)
        assert not re.search(r'href="\s*(javascript|data):', page, re.IGNORECASE)
        page_text = as_shown(html.unescape(page)).replace("\u00a0", " ")
        assert all(as_shown(owner[field]) in page_text for field in ("name", "phone", "mail", LEGAL[lang]))
