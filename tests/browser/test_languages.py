"""The switch of language in a real browser: nothing of ours is left behind, values stay as they are.

A made-up language puts every translation between ⟦ ⟧ and the layers of the test put every value of theirs
between ¤ ¤: what a reader sees outside both is a word that no catalogue has.
"""

import gettext
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pytest
from chromium import Opened, open_page
from other_english import english_of

from artois_geo import layers, maps, packs, sheets, tables, theme
from artois_geo.maps import style
from artois_geo.sheets import wording

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
# names of places, libraries and languages, letters of families, units that every language writes the same
SAME_EVERYWHERE = re.compile(
    r"Leaflet|Lille|Dunkerque|Calais|Arras|Douai|Cambrai|Amiens|Paris|Saint-Omer|Hazebrouck|Armentières"
    r"|Saint-Pol-sur-Ternoise|Français|\b(?:FR|EN|N|A4|ha|km|m|m²|[LINTA]|X1|X2)\b"
)
SPELLED = re.compile(r"hub logistique|schématique|autre|quai|écluse")  # values that the page reads
SEEN = """() => {
  const told = [];
  for (const node of document.body.querySelectorAll(':not(script, style, noscript, noscript *)'))
    told.push([...node.childNodes].filter(one => one.nodeType === 3).map(one => one.data).join(''));
  for (const node of document.querySelectorAll('*'))
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'])
      if (node.hasAttribute(name)) told.push(node.getAttribute(name));
  return [...told, document.title];
}"""


class Marked(gettext.NullTranslations):
    def pgettext(self, context: str, message: str) -> str:
        return f"⟦{message}⟧"


@pytest.fixture
def made_up() -> Iterator[None]:
    """English says ⟦…⟧ for as long as a test lasts."""
    with english_of(Marked()):
        yield


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Open:
    def opening(text: str, address: str = "", **options: Any) -> Opened:
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        return open_page(browser, file, address, **options)

    return opening


def left_behind(texts: list[str]) -> list[str]:
    """What stands outside ⟦ ⟧ and ¤ ¤ and is a word."""
    remaining_texts = []
    for text in texts:
        bare = text
        while bare != (bare := re.sub(r"⟦[^⟦⟧]*⟧|¤[^¤]*¤", " ", bare)):
            pass
        bare = SPELLED.sub(" ", SAME_EVERYWHERE.sub(" ", bare))
        if re.search(r"[^\W\d_]", re.sub(r"\b(?:ha|km|m|m²)\b", " ", bare)):
            remaining_texts.append(text)
    return remaining_texts


def described(kind: str, **fields: str) -> SimpleNamespace:
    record = {"group": "", "title": "¤couche¤", "source": "¤source¤", "licence": "¤licence¤"}
    return SimpleNamespace(
        **{**record, "vintage": "¤2026¤", "geometry_note": "¤note¤", "kind": kind, **fields}
    )


def whole_map() -> str:
    """A layer of each sort: sites, land, symbols, key figures, towns, a kind of nobody."""
    site = {"site_nom": "¤Alpha¤", "communes": "¤Lens¤", "epci_sigle": "X1", "site_epci_nom": "¤CALL¤"}
    site |= {
        "site_surf_brute": 58.6,
        "famille": "hub logistique",
        "geometrie": "schématique",
        "precision_m": 1000,
    }
    first = plain.square(x_km=0, y_km=0, side_km=1, **site, annee=2021, site_etat="¤ouvert¤", note="¤note¤")
    second = plain.square(x_km=3, y_km=0, side_km=1, **{**site, "epci_sigle": "X2", "famille": "autre"})
    third = plain.point(
        x_km=5, y_km=1, **{**site, "site_surf_brute": None, "est_sous_site": True, "famille": None}
    )
    sites = pd.concat([first, second, third], ignore_index=True)
    land = plain.point(x_km=1, y_km=3, site_nom="¤Terrain¤", terr_surf_brute=4.5, compte_dans_total=True)
    quay = plain.point(x_km=2, y_km=3, objet_nom="¤Quai¤", objet_type="quai", fret=True, quai_publie_m=120)
    lock = plain.point(x_km=2, y_km=4, objet_nom="¤Écluse¤", objet_type="écluse", etat="¤projet¤")
    figure = gpd.GeoDataFrame(
        {"titre": ["¤Chiffre¤"], "valeur_texte": ["12"], "unite": ["¤unité¤"]}, geometry=[None], crs=2154
    )
    town = plain.square(x_km=-2, y_km=-2, side_km=9, comm_nom="¤Lens¤", epci_sigle="X1", pop_totale=30_000)
    own_layer = plain.square(x_km=4, y_km=4, side_km=1, **{"¤colonne¤": "¤valeur¤", "fictif": True})
    frames = {
        "communes": (town, "commune_schema"),
        "sites": (sites, "site_eco"),
        "foncier": (land, "terrain_eco"),
        "logistique": (pd.concat([quay, lock], ignore_index=True), "logistique"),
        "chiffres": (figure, "chiffre_cle"),
        "mienne": (own_layer.drop(columns="fictif"), ""),
    }
    return maps.standalone(
        maps.build(
            {name: frame for name, (frame, _) in frames.items()},
            layers={name: described(kind) for name, (_, kind) in frames.items()},
            basemap="plan-ign",
            title={"fr": "Titre", "en": "¤Title¤"},
            subtitle={"fr": "Sous-titre", "en": "¤Subtitle¤"},
        )
    )


def test_no_word_of_the_map_is_outside_the_catalogues(opened: Open, made_up: None) -> None:
    page = opened(whole_map()).page
    page.click("[data-lang=en]")
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    page.wait_for_timeout(200)
    assert left_behind(page.evaluate(SEEN)) == []
    ids = page.evaluate(
        "[...document.querySelectorAll('#list button[data-id]')].map(node => node.dataset.id)"
    )
    assert len(ids) >= 7
    for name in ids:
        page.evaluate("id => document.querySelector(`#list button[data-id='${id}']`).click()", name)
        page.evaluate("document.querySelectorAll('#card details').forEach(box => { box.open = true; })")
        assert left_behind(page.evaluate(SEEN)) == [], name
    for box in page.locator("#filter-family input").all():
        box.uncheck(force=True)
    assert left_behind(page.evaluate(SEEN)) == []
    page.locator("#list .zero button").dispatch_event("click")
    page.fill("#query", "zzzz")
    page.click("#measure")
    page.mouse.click(640, 620)
    page.mouse.click(700, 700)
    page.mouse.click(760, 620)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert left_behind([text for text in page.evaluate(SEEN) if "2026." not in text]) == []
    page.locator(".disc").first.dispatch_event("mouseover")
    assert left_behind(page.locator(".leaflet-tooltip").all_text_contents()) == []


def test_no_word_of_the_part_without_script_is_outside_the_catalogues(opened: Open, made_up: None) -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, nom="¤A¤", fictif=True, geometrie="schématique")
    record = {"mien": described("")}
    page = opened(
        maps.standalone(maps.build({"mien": site}, layers=record, lang="en", title="¤T¤")), script=False
    ).page
    texts = page.locator(".still-page :not(:has(*))").all_text_contents()
    texts.remove(style.read_words()["fr"]["noscript"])  # said in every language
    assert len(texts) > 5
    assert left_behind(texts) == []


def test_no_word_of_a_sheet_or_a_board_is_outside_the_catalogues(opened: Open, made_up: None) -> None:
    row = pd.Series(
        {
            "site_id": "¤id¤", "site_nom": "¤Alpha¤", "communes": "¤Lens¤", "famille": "¤hub¤", "annee": 2021,
            "site_surf_brute": 58.6, "terr_surf_brute": 4.5, "dispo_statut": "¤offert¤",
            "site_etat": "¤ouvert¤",
            "dispo_source_texte": "¤mots¤", "compte_dans_total": False, "date_info": "¤2024¤",
            "note": "¤note¤", "geometrie": "schématique", "fictif": True,
            "source": "¤source¤", "precision": "¤± 1¤",
            "site_moa_nom": "¤SEM¤", "parent_nom": "¤Parc¤", "foncier_origine": "¤friche¤",
        }
    )  # fmt: skip
    access = pd.DataFrame(
        {
            "access_kind": ["port", "junction", "station"],
            "objet_nom": ["¤port¤", "¤sortie¤", "¤gare¤"],
            "straight_km": [3.2, 5.4, 0.4],
            "uncertainty_km": [0.1, 4.0, 5.0],
        }
    )
    section_words = wording.read("words.toml")["sections"]
    table = pd.DataFrame(
        {"available_ha": [1.5], "gross_ha": [2.0], "jobs_per_ha": [9.0], "compte_dans_total": [True]}
    )
    section_tables = {"access": access} | dict.fromkeys(section_words, table)
    source = tables.Source("¤couche¤", "¤Couche¤", "¤2026¤", "¤libre¤", "¤source¤")
    common = {"lang": "en", "issued": date(2026, 12, 8), "sources": [source]}
    look = theme.read()
    commune_row = pd.Series(
        {"comm_insee": "62498", "comm_nom": "¤Lens¤", "pop_totale": 30_000, "offer_ha": None}
    )
    pages = {
        "site": sheets.site(row, section_tables, look=look, **common),
        "commune": sheets.commune(commune_row, {}, **common),
        "epci": sheets.epci(
            commune_row.rename({"comm_insee": "epci_sigle", "comm_nom": "epci_nom"}), {}, **common
        ),
        "board": sheets.board(title="¤Offre¤", figure="<svg/>", tables_of={"families": table}, **common),
    }
    owner = [value for value in look.owner.values() if value]
    for name, text in pages.items():
        texts = [
            text_seen.replace("62498", "") for text_seen in opened(text, script=False).page.evaluate(SEEN)
        ]
        assert left_behind([text_seen for text_seen in texts if text_seen.strip() not in owner]) == [], name


def test_no_word_of_a_front_page_is_outside_the_catalogues(
    opened: Open, made_up: None, tmp_path: Path
) -> None:
    """All that a pack may say: both warnings, all links, an offer, a total that is held, one that is not."""
    columns = {"comm_nom": "¤Lens¤", "epci_sigle": "¤CALL¤", "source": "¤source¤", "fictif": True}
    site = plain.square(
        x_km=0, y_km=0, side_km=1, site_id="a", site_nom="¤Alpha¤", famille="¤famille¤", site_surf_brute=58.6,
        geometrie="schématique", est_sous_site=False, foncier_origine="¤friche¤", **columns,
    )  # fmt: skip
    land = plain.point(
        x_km=0, y_km=0, terr_id="f", site_id="a", site_nom="¤Lot¤", dispo_statut="¤offert¤",
        terr_surf_brute=4.5, compte_dans_total=True, date_info="¤2024¤", dispo_source_texte="¤mots¤",
        **columns,
    )  # fmt: skip
    entries = []
    for name, kind, frame in (("sites", "site_eco", site), ("terrains", "terrain_eco", land)):
        layers.write(frame, tmp_path / f"{name}.geojson")
        entry = {key: f"¤{key}¤" for key in ("title", "title_en", "source", "licence", "vintage")}
        entry |= {"file": f"{name}.geojson", "kind": kind}
        entries.append(
            f"[{name}]\n" + "\n".join(f"{key} = {json.dumps(text)}" for key, text in entry.items())
        )
    total = 'title_en = "¤t¤"\nunit_en = "¤u¤"\nvalue = 9\nsource = "¤s¤"\ntitle = "T"\nunit = "U"\n'
    sums = 'layer = "terrains"\nmeasure = "sum"\ncolumn = "terr_surf_brute"\ncomment_en = "¤c¤"\n'
    entries += [f'[[totals]]\nname = "a"\n{total}{sums}', f'[[totals]]\nname = "b"\n{total}']
    (tmp_path / "catalogue.toml").write_text("\n".join(entries), encoding="utf-8")
    pack = packs.simi(layers.read_catalogue(tmp_path), tmp_path / "simi", pdf=False, kiosk=True)
    for name, quoted in (("index.en.html", "¤Lot¤"), ("techniciens.en.html", "¤c¤")):
        text = (pack.folder / name).read_text(encoding="utf-8")
        assert quoted in text
        assert left_behind(opened(text, script=False).page.evaluate(SEEN)) == []


def test_no_word_of_a_still_map_is_outside_the_catalogues(made_up: None) -> None:
    land = plain.square(x_km=0, y_km=0, side_km=9, nom="¤A¤", geometrie="schématique")
    site = plain.point(x_km=4, y_km=4, site_nom="¤B¤", famille="hub logistique", site_surf_brute=3.0)
    carte = maps.build(
        {"a": land, "b": site},
        layers={"a": described("", title="Zones", title_en="¤areas¤"), "b": described("site_eco")},
        title={"fr": "Titre", "en": "¤Title¤"},
        subtitle={"fr": "Sous-titre", "en": "¤Subtitle¤"},
    )
    drawing = packs.svg(carte, lang="en")
    assert "¤Title¤" in drawing
    assert left_behind(re.findall(r">([^<>]+)<", drawing)) == []


# --------------------------------------------------------------------- numbers, dates, columns in a language


def spoken_map() -> str:
    columns = {
        "site_nom": "Parc du canal",
        "site_nom_en": "Canal park",
        "communes": "Lens",
        "communes_en": "Lens town",
    }
    columns |= {"site_surf_brute": 58.6, "site_etat": "ouvert", "site_etat_en": "open", "annee": 2021}
    first = plain.square(x_km=0, y_km=0, side_km=1, **columns, note="À savoir", note_en="Good to know")
    second = plain.square(
        x_km=3, y_km=0, side_km=1, **{**columns, "site_nom": "Sans anglais", "site_nom_en": None}
    )
    own_layer = plain.square(x_km=6, y_km=0, side_km=1, nom="Lot", nom_en="Plot", vu="2026-12-08", part=0.25)
    return maps.standalone(
        maps.build(
            {"sites": pd.concat([first, second], ignore_index=True), "mine": own_layer},
            layers={
                "sites": described("site_eco", title="Sites", title_en="Places"),
                "mine": described(""),
            },
        )
    )


def test_english_columns_are_read_in_english_and_only_there(opened: Open) -> None:
    page = opened(spoken_map()).page

    def body_text() -> str:
        page.evaluate("document.querySelectorAll('#list details').forEach(box => { box.open = true; })")
        page.click("#list [data-layer=sites] button >> nth=0")
        page.evaluate("document.querySelectorAll('#card details').forEach(box => { box.open = true; })")
        page.locator(".disc").first.dispatch_event("mouseover")
        tip = page.locator(".leaflet-tooltip").first.text_content() or ""
        return (
            f"{page.text_content('#list')} {page.text_content('#card')} {tip} {page.text_content('#legend')}"
        )

    french = body_text()
    for word in ("Parc du canal", "ouvert", "À savoir", "Sans anglais", "Sites", "Lot"):
        assert word in french
    for word in ("Canal park", "open", "Good to know", "Lens town", "Places", "_en"):
        assert word not in french
    page.click("[data-lang=en]")
    english = body_text()
    for word in ("Canal park", "open", "Good to know", "Lens town", "Places", "Plot"):
        assert word in english
    assert "Sans anglais" in english, "what is not said in English stays as it is"
    for word in ("Parc du canal", "ouvert", "À savoir", "_en"):
        assert word not in english


def test_a_site_is_found_by_its_name_in_either_language(opened: Open) -> None:
    page = opened(spoken_map()).page
    for lang, name in (("fr", "Parc du canal"), ("en", "Canal park")):
        page.click(f"[data-lang={lang}]")
        for typed in ("parc du canal", "canal park"):
            page.fill("#query", typed)
            assert name in page.locator("#answers li span").all_text_contents()


def test_numbers_units_and_dates_change_with_the_language(opened: Open) -> None:
    page = opened(spoken_map()).page
    page.evaluate("document.querySelectorAll('#list details').forEach(box => { box.open = true; })")
    bodies = {}
    for lang in ("fr", "en"):
        page.click(f"[data-lang={lang}]")
        page.click("#list [data-layer=mine] button")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        bodies[lang] = f"{page.text_content('body')}"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert "58,6 ha" in bodies["fr"]
    assert "58.6 ha" in bodies["en"]
    assert "58,6" not in page.inner_text("#list")
    assert "08/12/2026" in bodies["fr"]
    assert "2026-12-08" in page.text_content("#card")
    assert "0,25" in bodies["fr"]
    assert "0.25" in page.text_content("#card")
    assert page.evaluate("document.title") == style.read_words()["en"]["title"]


def test_english_columns_of_a_large_layer_are_read_too(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from artois_geo.maps.outlines import compact

    monkeypatch.setattr(compact, "BULK_FROM", 1)
    rows = [plain.square(x_km=i, y_km=0, side_km=1, nom=f"Lot {i}", nom_en=f"Plot {i}") for i in range(3)]
    page = opened(maps.standalone(maps.build({"Lots": pd.concat(rows, ignore_index=True)}))).page
    page.click("[data-lang=en]")
    page.fill("#query", "lot 1")
    page.keyboard.press("Enter")
    assert page.inner_text("#card-name") == "Plot 1"
    assert "nom_en" not in (page.text_content("#card") or "")


def test_a_sheet_reads_the_columns_of_its_language() -> None:
    row = pd.Series(
        {
            "site_id": "a",
            "site_nom": "Parc",
            "site_nom_en": "Park",
            "site_etat": "ouvert",
            "site_surf_brute": 1234.5,
        }
    )
    table = pd.DataFrame({"objet_nom": ["Quai"], "objet_nom_en": ["Quay"]})
    french = sheets.site(row, {"logistics": table}, lang="fr", issued=date(2026, 12, 8))
    english = sheets.site(row, {"logistics": table}, lang="en", issued=date(2026, 12, 8))
    for word, page, other_page in (
        ("<h1>Parc</h1>", french, english), ("<h1>Park</h1>", english, french),
        (">Quai<", french, english), (">Quay<", english, french),
        ("1\u202f234,5", french, english), ("1,234.5", english, french),
        ("08/12/2026", french, english), ("2026-12-08", english, french),
    ):  # fmt: skip
        assert word in page
        assert word not in other_page
    assert "ouvert" in english
    assert "_en" not in french + english
