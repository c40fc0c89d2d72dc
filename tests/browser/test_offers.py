"""The page of an offer in a real browser: what a visitor meets first, compares, shares and takes away."""

import csv
import io
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hostile_texts as hostile
import pandas as pd
import plain
import pytest
from chromium import DESKTOP, PHONE, Opened, axe_faults
from english_pages import french_words

from artois_geo import layers, maps, showcase, theme

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
BAR_PX = 56
FIRST_VIEWS = [(1440, 900), (1280, 720), (390, 844)]
WHOLE = """() => [...document.querySelectorAll('.offer')].slice(0, 3).map(card => {
  const box = card.getBoundingClientRect(), middle = [box.left + box.width / 2, box.bottom - 4];
  return box.top >= 0 && box.bottom <= innerHeight && card.contains(document.elementFromPoint(...middle));
})"""


def ids_of(page: Any) -> list[str]:
    return list(page.locator(".offer .open").evaluate_all("all => all.map(b => b.dataset.id)"))


@pytest.mark.parametrize("size", FIRST_VIEWS)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_first_three_offers_are_whole_at_the_first_view(
    opened: Open, size: tuple[int, int], lang: str
) -> None:
    page = opened(f"#l={lang}", size=size).page
    assert page.evaluate(WHOLE) == [True, True, True]
    assert page.locator("#bar").bounding_box()["height"] <= BAR_PX
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.is_visible("#chip") or size == DESKTOP
    assert "2032" in page.inner_text("#mapwrap")


def test_each_sum_is_that_of_the_cards_below_it(opened: Open) -> None:
    page = opened().page
    sums = page.locator(".group-head").all_inner_texts()
    assert [" ".join(text.split()) for text in sums] == [
        "Publié comme disponible (2) 14,2 ha sur 2 sites",
        "À venir ou à confirmer (4) 40 ha annoncés sur 2 sites",
    ]
    page.uncheck("#filter-family input[value=hub]", force=True)
    assert "10 ha sur 1 site" in " ".join(page.locator(".group-head").first.inner_text().split())
    for family in ("industrie", "other"):
        page.uncheck(f"#filter-family input[value={family}]", force=True)
    assert page.locator(".offer").count() == 0
    box = page.locator(".zero").bounding_box()
    assert box["width"] > page.locator("#panel").bounding_box()["width"] * 0.8
    page.click(".zero button")
    assert page.locator(".offer").count() == 6


def test_the_numbers_are_the_same_on_cards_and_pins_and_a_site_is_drawn_once(opened: Open) -> None:
    page = opened().page
    pins = page.locator(".pin").evaluate_all("all => all.map(p => [p.dataset.id, p.firstChild.textContent])")
    cards = page.locator(".offer").evaluate_all(
        "all => all.map(c => [c.dataset.offer, c.querySelector('.number').textContent])"
    )
    assert sorted(pins) == sorted(cards)
    assert page.locator(".disc:not(.pin)").count() == 0
    page.fill("#query", "logisterra26")
    assert page.locator("#answers li span").all_inner_texts().count("LogisterrA26") == 1


def test_a_link_to_the_site_opens_its_offer(opened: Open) -> None:
    page = opened("#s=sites-eco.logisterra26").page
    assert page.inner_text("#card h2") == "LogisterrA26"
    assert "Échangeur A26 n°\xa06.1 à 500\u00a0m" in page.inner_text("#card .rows")


def test_the_card_follows_the_order_of_an_investor_and_the_method_is_folded(opened: Open) -> None:
    page = opened().page
    page.locator(".offer .open").first.click()
    labels = page.locator("#card .rows dt").all_inner_texts()
    assert labels == ["État", "Accès", "Réseaux", "Calendrier", "Contact"]
    card = page.inner_text("#card")
    assert "Non publié\u00a0: prix, puissance électrique (MW), gaz" in card
    assert "Demander à\u00a0: SIZIAF" in card
    assert "Géométrie schématique" not in card
    page.locator("#card .proof summary").first.click()
    assert page.locator("#card .proof[open] q").get_attribute("lang") == "fr"
    page.click("#card .method-fold summary")
    assert "Géométrie schématique" in page.inner_text("#card")


def test_a_schematic_site_opens_on_its_circle_of_uncertainty(opened: Open) -> None:
    page = opened("#s=foncier-disponible.foncier-logisterra26").page
    page.wait_for_timeout(300)
    box = page.locator("#mapwrap").bounding_box()
    width = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll('.leaflet-areas-pane path')]
            .filter(path => path.getAttribute('stroke-dasharray') === '3 5')
            .map(path => path.getBoundingClientRect().width))"""
    )
    assert box["height"] / 3 < width < box["height"]


def test_no_line_between_points_is_solid_and_no_cell_is_drawn(opened: Open) -> None:
    page = opened("#o=").page  # every layer
    page.wait_for_timeout(200)
    apart = ["#ffffff", "#2c3a47"]  # casings, and leads of pins that were moved apart
    surveyed_paths = page.locator(".leaflet-areas-pane path").evaluate_all(
        """(all, apart) => all.filter(path => path.getAttribute('fill') === 'none'
            && path.getAttribute('d') !== 'M0 0' && !path.getAttribute('stroke-dasharray')
            && !apart.includes(path.getAttribute('stroke'))).length""",
        apart,
    )
    catalogue = layers.read_catalogue()
    surveyed = 0
    for name in ("voies_vertes", "canal_seine_nord", "logistique", "logistique_odbl"):
        frame = layers.read(catalogue[name])
        lines = frame[frame.geom_type.isin(["LineString", "MultiLineString"])]
        surveyed += int((lines["geometrie"] != "schématique").sum())
    assert surveyed_paths <= surveyed
    assert page.locator(".leaflet-ground-pane .cell").count() == 0


def test_back_on_a_phone_closes_the_card_and_stays_on_the_map(opened: Open) -> None:
    page = opened(size=PHONE).page
    before = page.evaluate("history.length")
    page.locator(".offer .open").nth(1).click()
    assert page.is_visible("#card")
    page.locator(".offer .open").nth(2).dispatch_event("click")
    assert page.evaluate("history.length") == before + 1, "one step for the card, however many are read"
    page.go_back()
    page.wait_for_timeout(200)
    assert page.is_hidden("#card")
    assert page.url.startswith("file:")
    assert page.locator(".offer").count() == 6
    page.locator(".offer .open").first.click()
    page.click("#card .back")
    page.wait_for_timeout(200)
    assert page.is_hidden("#card")
    assert page.evaluate("history.length") == before + 1


def test_what_is_taken_away_is_exactly_what_was_ticked(opened: Open) -> None:
    view = opened()
    page = view.page
    ticked = [ids_of(page)[index] for index in (0, 1, 4)]
    for name in ticked:
        page.check(f"[data-tick='{name}']")
    page.click("#tray .main")
    assert page.locator("#compare thead th").count() == 3
    assert page.locator("#compare tbody th").all_inner_texts()[1:4] == ["Surface", "État", "Prix"]
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {row["surface_convention"] for row in rows if row["surface_ha"]} == {"surface publiée"}
    assert all(row["source"] and row["vintage"] and row["licence"] and row["layer"] for row in rows)
    with page.expect_download() as download:
        page.get_by_role("button", name="GeoJSON").click()
    collection = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    names = [name.split(".", 1)[1] for name in ticked]
    assert [row["id"] for row in rows] == [entry["id"] for entry in collection["features"]] == names
    assert [entry["geometry"]["type"] for entry in collection["features"]] == ["Point"] * 3, (
        "no disc is an outline"
    )
    again = opened(page.evaluate("location.hash")).page
    assert again.locator("[data-tick]:checked").evaluate_all("all => all.map(b => b.dataset.tick)") == ticked
    assert (view.complaints, len(view.requests)) == ([], 1)


@pytest.mark.parametrize(
    ("address", "size"),
    [("", DESKTOP), ("", PHONE), ("#l=en&s=foncier-disponible.foncier-port-de-harnes", DESKTOP)],
)
def test_axe_finds_nothing_and_nothing_is_asked_for(
    opened: Open, address: str, size: tuple[int, int]
) -> None:
    view = opened(address, size=size, bypass_csp=True)
    view.page.locator("[data-tick]:visible").first.check()
    assert axe_faults(view.page) == []
    assert (view.complaints, len(view.requests)) == ([], 1)
    levels = view.page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].filter(n => n.offsetParent).map(n => +n.tagName[1])"
    )
    steps = [after - before for before, after in itertools.pairwise(levels)]
    assert levels[0] == 1
    assert max(steps) <= 1


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_text_twice_as_large_grows_and_nothing_scrolls_sideways(
    opened: Open, size: tuple[int, int]
) -> None:
    page = opened(size=size).page
    before = page.locator(".offer .open").first.evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(150)
    after = page.locator(".offer .open").first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert after == pytest.approx(2 * before)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("query", ["CALL", "hub logistique", "62413", "Lens - Liévin"])
def test_search_knows_acronyms_families_and_codes(opened: Open, query: str) -> None:
    page = opened().page
    page.fill("#query", query)
    answers = page.locator("#answers li span").all_inner_texts()
    assert "Port de Harnes" in answers or len(answers) == 8, "as many as are shown"


def hostile_offer() -> str:
    """An offer whose every text is a payload, in each column that the cards read."""
    texts = hostile.TEXTS
    columns = [
        "site_nom", "lots_publies", "lots_publies_en", "acces_publie", "reseaux_publies", "calendrier_publie",
        "dispo_statut", "dispo_source_texte", "source", "date_info", "site_moa_nom", "contact_nom", "note",
        "contact_tel", "contact_mail", "communes", "site_epci_nom", "epci_sigle", "famille", "precision",
        "prix_m2_source", "dispo_mode", "site_id",
    ]  # fmt: skip
    plots = [
        plain.point(
            x_km=i % 8, y_km=i // 8, terr_id=f"t{i}", terr_surf_brute=i, prix_m2=4.0, geometrie="schématique",
            precision_m=500, compte_dans_total=bool(i % 2), **dict.fromkeys(columns, text),
        )
        for i, text in enumerate(texts)
    ]  # fmt: skip
    record = {"offre": layers.read_catalogue()["foncier_disponible"]}
    png = "data:image/png;base64,AAAA"
    media = {
        text: showcase.Media(
            showcase.Photo(png, png, credit=text, date=text),
            (
                showcase.Document(text, date=text, path=text),
                showcase.Document(text, address=f"https://exemple.invalid/?{quote(text)}"),
            ),
            sheets={"fr": {"html": text, "pdf": text}},
        )
        for text in texts
    }
    look = replace(
        theme.read(), owner=theme.read().owner | dict.fromkeys(("name", "mail", "legal"), texts[1])
    )
    frame = pd.concat(plots, ignore_index=True)
    carte = maps.build({"offre": frame}, layers=record, title=texts[0], media=media, look=look)
    policy = maps.standalone(carte)
    start, end = policy.index("<meta http-equiv"), policy.index('<meta name="viewport"')
    return policy[:start] + policy[end:]


def test_hostile_offers_are_shown_as_texts_and_leave_as_texts(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(hostile_offer(), encoding="utf-8")
    view = opened(file=file)
    page = view.page
    names = page.locator(".offer .open").all_text_contents()
    assert sorted(names) == sorted(hostile.TEXTS)
    links = page.evaluate(
        """() => [...document.querySelectorAll('.offer .open')].flatMap(button => {
            button.click();
            document.querySelectorAll('#card details').forEach(box => { box.open = true; });
            return [...document.querySelectorAll('#card a')].map(node => node.protocol);
        })"""
    )
    assert set(links) <= {"http:", "https:"}
    page.evaluate("document.querySelectorAll('[data-tick]').forEach(box => box.checked || box.click())")
    page.locator("#tray .main").dispatch_event("click")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "|"))]
    page.click("#compare .main")
    page.click("[data-lang=en]")
    assert page.evaluate(hostile.MARK) is None
    assert (view.complaints, len(view.requests)) == ([], 1)


def test_an_empty_layer_and_dots_at_one_place_are_told(opened: Open, tmp_path: Path) -> None:
    dots = pd.concat(
        [plain.point(x_km=0, y_km=0, nom=name) for name in ("Un", "Deux", "Trois")], ignore_index=True
    )
    file = tmp_path / "carte.html"
    maps.build({"Points": dots, "Vide": dots.head(0)}).save(file)
    page = opened(file=file).page
    assert "vide\u00a0: 0 objet" in page.inner_text("#list [data-layer=vide]")
    page.locator(".leaflet-areas-pane path").last.dispatch_event("click")
    assert page.locator(".pile button").all_inner_texts() == ["Un", "Deux", "Trois"]
    page.locator(".pile button").nth(1).click()
    assert page.inner_text("#card-name") == "Deux"


def test_the_day_of_the_edition_decides_what_is_available_today() -> None:
    plot = plain.square(x_km=0, y_km=0, side_km=1, terr_id="a", dispo_statut="offert")
    plot = plot.assign(compte_dans_total=True, date_info="2026-06-01", site_nom="A")
    record = {"offre": layers.read_catalogue()["foncier_disponible"]}
    groups = [
        maps.build({"offre": plot}, layers=record, issued=day).page.vitrine.offers["fr"][0].group
        for day in (date(2026, 12, 1), date(2028, 6, 1))
    ]
    assert groups == [showcase.AVAILABLE, showcase.PUBLISHED]


def test_without_script_the_offers_are_seen_and_no_control_that_does_nothing(opened: Open) -> None:
    page = opened(script=False).page
    controls = page.locator("button, select, input, summary").evaluate_all(
        "all => all.filter(one => one.getClientRects().length).length"
    )
    assert controls == 0
    assert sorted(page.locator(".still text[font-weight='700']").all_text_contents()) == [*"123456"]
    assert sorted(page.locator(".still-page td b").all_inner_texts()) == [*"123456"]
    sketched = page.locator(".still path[stroke='#2f86c1']:not([stroke-dasharray])")
    assert sketched.count() == 1, "the surveyed canal"


# texts and attributes that are not marked as French, in a part of the page
SAID = """root => { const said = new Set([document.title]);
  for (const node of root.querySelectorAll(':not(script, style, noscript, noscript *)')) {
    if (node.closest('[lang=fr]')) continue;
    for (const part of node.childNodes)
      if (part.nodeType === 3 && part.data.trim()) said.add(part.data.trim());
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'])
      if (node.hasAttribute(name)) said.add(node.getAttribute(name)); }
  return [...said]; }"""
OPEN_ALL = "document.querySelectorAll('details').forEach(box => { box.open = true; })"
CARD_OF = """id => new Promise(done => { location.hash = `#l=en&s=${encodeURIComponent(id)}`;
  setTimeout(() => { const card = document.querySelector('#card');
    card.querySelectorAll('details').forEach(box => { box.open = true; }); done((%s)(card)); }, 10); })"""


@pytest.mark.parametrize("cards", [2, pytest.param(10**6, marks=pytest.mark.long)])
def test_an_english_reader_meets_no_french_word_of_ours_on_the_page_nor_on_any_card(
    opened: Open, cards: int
) -> None:
    """Closed lists, units, vintages and licences are translated; a quotation says that it is French."""
    page = opened("#l=en").page
    data_layers = json.loads(page.text_content("#data") or "")["layers"]
    page.evaluate(OPEN_ALL)
    page.wait_for_timeout(150)
    texts = set(page.evaluate(f"({SAID})(document)"))
    for layer in data_layers:
        for key in layer["keys"][:cards]:
            texts |= set(page.evaluate(CARD_OF % SAID, f"{layer['id']}.{key}"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    texts |= set(page.evaluate(f"({SAID})(document)"))
    names = sorted((name for layer in data_layers for name in layer["names"] if name), key=len, reverse=True)
    for name in names:  # an attribute cannot say its language: « Compare: Port de Harnes »
        texts = {text.replace(name, "") for text in texts}
    words = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(french_words(), key=len)))})(?!\w)")
    assert [(text, word[0]) for text in texts if (word := words.search(text))] == []


def test_a_year_among_the_key_figures_is_no_quantity(opened: Open) -> None:
    key_figures = opened().page.locator("#key-figures dd").all_text_contents()
    assert "2032" in key_figures
    assert not any("année" in text for text in key_figures)


def test_a_port_on_offer_stands_on_the_map_once(opened: Open) -> None:
    page = opened("#m=13.2/50.4681/2.9232").page
    page.wait_for_timeout(200)
    names = page.locator(".site-name").evaluate_all(
        "all => all.filter(one => one.style.visibility !== 'hidden').map(one => one.textContent)"
    )
    assert names.count("Port de Harnes") == 1
    page.evaluate("location.hash = '#m=13.2/50.4681/2.9232&s=logistique-odbl.port-de-harnes'")
    page.wait_for_timeout(200)
    assert page.locator(".symbol.selected").count() == 1, "chosen in the list, the sign is seen"


def test_the_first_view_has_few_marks_and_names(opened: Open) -> None:
    page = opened().page
    assert page.locator(".leaflet-marker-icon").count() <= 40
    assert 4 <= page.locator(".town").count() <= 14


def test_a_still_reader_gets_no_animation_of_the_map(opened: Open) -> None:
    read = "['zoomAnimation', 'fadeAnimation', 'markerZoomAnimation'].map(one => map_artois.options[one])"
    assert opened(reduced_motion="reduce").page.evaluate(read) == [False] * 3
    assert opened().page.evaluate(read) == [True] * 3


def test_the_rail_of_a_slider_is_seen_in_forced_colours(opened: Open) -> None:
    page = opened(forced_colors="active").page
    rail, paper = page.evaluate(
        """() => ['.dual', 'body'].map((one, i) =>
            getComputedStyle(document.querySelector(one), i ? null : '::before').backgroundColor)"""
    )
    assert rail != paper


@pytest.mark.parametrize("size", [(1440, 900), (320, 640)])
def test_text_of_twice_the_size_grows_and_nothing_scrolls_sideways(
    opened: Open, size: tuple[int, int]
) -> None:
    page = opened(size=size).page
    sizes = "getComputedStyle(document.querySelector('.offer h3')).fontSize"
    before = float(page.evaluate(sizes).removesuffix("px"))
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(150)
    assert float(page.evaluate(sizes).removesuffix("px")) == pytest.approx(2 * before)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.filter(one => one.getClientRects().length).map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - level <= 1 for level, after in itertools.pairwise(levels))


def test_own_layers_alone_are_what_the_map_shows_at_first(opened: Open, tmp_path: Path) -> None:
    catalogue = layers.read_catalogue()
    ground = {name: layers.read(catalogue[name]) for name in ("communes", "communes_schema")}
    own = plain.square(x_km=0, y_km=0, side_km=2, nom="fictif")
    file = tmp_path / "carte.html"
    maps.build({**ground, "Mienne": own}, layers=catalogue).save(file)
    page = opened(file=file).page
    width = page.locator(".leaflet-areas-pane path").last.bounding_box()["width"]
    assert width > page.locator("#mapwrap").bounding_box()["width"] / 4
    stacked = pd.concat(
        [plain.point(x_km=1, y_km=1, objet_nom=name, objet_type="écluse") for name in "ABC"],
        ignore_index=True,
    )
    maps.build({"logistique": stacked}, layers=catalogue).save(file)
    page = opened(file=file).page
    page.locator(".symbol").last.click()
    assert page.locator(".pile button").all_inner_texts() == ["A", "B", "C"]


def test_on_a_phone_the_filters_are_whole_and_the_large_map_shows_the_whole_territory(opened: Open) -> None:
    page = opened(size=PHONE).page
    page.click("#filters summary")
    page.wait_for_timeout(150)
    edges = page.locator("#filters fieldset:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).flatMap(box => [box.left, box.right])"
    )
    assert min(edges) >= 0
    assert max(edges) <= PHONE[0]
    assert axe_faults(page) == []
    page.click("#filters summary")
    page.click("#wide")
    page.wait_for_timeout(500)
    centre_shown = page.evaluate("[map_artois.getCenter().lat, map_artois.getCenter().lng]")
    (south, west), (north, east) = json.loads(page.text_content("#data") or "")["bounds"]
    assert centre_shown == pytest.approx([(south + north) / 2, (west + east) / 2], abs=0.03)


@pytest.mark.parametrize("address", ["", "#o="])
def test_every_colour_of_a_line_or_an_area_of_the_map_is_in_its_key(opened: Open, address: str) -> None:
    """With the layers of the first view, and with all of them: nothing is drawn that nothing explains."""
    page = opened(address).page
    page.wait_for_timeout(200)
    drawn_colours, explained = page.evaluate(
        """() => {
          const strokes = seen => [...document.querySelectorAll(seen)].map(one => one.getAttribute('stroke'));
          const lines = '.leaflet-areas-pane path[fill=none]:not([d="M0 0"])';
          return [strokes(lines), strokes('#key [stroke]')]; }"""
    )
    apart = {"#ffffff", "#2c3a47"}  # casings of lines; leads of pins that were moved apart
    assert set(drawn_colours) - apart <= set(explained)
    rows = page.locator("#key li:visible").all_inner_texts()
    assert len(rows) == len(set(rows))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = page.locator("#printed .key > div").all_text_contents()
    assert set(rows) <= set(printed)
