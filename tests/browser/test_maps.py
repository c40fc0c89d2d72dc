"""The page in a real browser, network cut: what a reader sees, types, clicks and prints."""

import html as escaping
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import hostile_texts as hostile
import plain
import pytest
import shapely
from chromium import DESKTOP, PHONE, Opened, axe_faults
from covering import covering, mostly_long

from artois_geo import layers, maps
from artois_geo.maps.style import read_words

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
PAPERS = {"a3": (1191, 842), "a4": (842, 595)}  # landscape, in points
WORKING_ZOOMS = (10, 10.5, 11, 11.6, 12, 12.6, 13, 14)
TOUCH_PX = 3  # a box of 17 pixels holds letters of 12
WIDTHS = [(320, 640), (390, 844), (768, 1024), (1280, 800), (1920, 1080)]


@pytest.fixture
def shipped(layers_file: Path) -> Path:
    """The page of layers; that of an offer, which shows its cards first, has its own tests."""
    return layers_file


def rows(page: Any) -> int:
    return page.locator("#list li button").count()


def without_policy(text: str) -> str:
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)


# ------------------------------------------------------------------------------------------------ network


def test_an_online_basemap_is_asked_for_only_once_chosen(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "ign.html"
    maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1, nom="A")}, basemap="plan-ign").save(file)
    view = opened(file=file)
    assert view.requests == [file.as_uri()]
    view.page.check("#legend input[type=radio] >> nth=1")
    view.page.wait_for_timeout(400)
    hosts = {request.split("/")[2] for request in view.requests[1:]}
    assert hosts == {"data.geopf.fr"}
    assert "data.geopf.fr" in view.page.inner_text("#legend")


def test_the_policy_stops_a_script_that_somebody_adds(opened: Open, shipped: Path, tmp_path: Path) -> None:
    file = tmp_path / "added.html"
    added = f"<script>{hostile.RUN}</script><img src=x onerror={hostile.RUN}></body>"
    file.write_text(shipped.read_text(encoding="utf-8").replace("</body>", added), encoding="utf-8")
    assert opened(file=file).page.evaluate(hostile.MARK) is None


# ------------------------------------------------------------------------------------------------ hostile


def hostile_page() -> str:
    texts = hostile.TEXTS
    shapes = [
        shapely.Point(plain.ORIGIN_X + 900 * (i % 8), plain.ORIGIN_Y + 900 * (i // 8))
        for i in range(len(texts))
    ]
    values = {
        "nom": texts,
        "communes": texts,
        "epci_sigle": texts,
        "source": texts,
        "note": texts,
        "precision": texts,
    }
    columns = {text: [text] * len(texts) for text in texts}
    frame = gpd.GeoDataFrame(values | columns, geometry=shapes, crs=2154)
    frames = {text: frame.head(1) for text in texts[:12]} | {"toutes": frame}
    return without_policy(maps.standalone(maps.build(frames, title=texts[0], subtitle=texts[2])))


def test_hostile_texts_are_shown_exactly_and_never_run_without_the_policy(
    opened: Open, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(hostile_page(), encoding="utf-8")
    page = opened(file=file).page
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    page.wait_for_timeout(150)
    cards = page.evaluate(
        """() => [...document.querySelectorAll('[data-layer=toutes] li button')].map(button => {
            button.click();
            const told = [...document.querySelectorAll('#card dt')].map(node => node.textContent);
            const links = [...document.querySelectorAll('#card a')].map(node => node.protocol);
            return {name: document.querySelector('#card-name').textContent, told, links};
        })"""
    )
    assert sorted(card["name"] for card in cards) == sorted(hostile.TEXTS)
    for card in cards:
        assert set(hostile.TEXTS) <= set(card["told"]), "column names are shown as they are"
        assert set(card["links"]) <= {"http:", "https:"}
    for text in ("img", "script", "proto", "49"):
        page.fill("#query", text)
    page.locator(".leaflet-areas-pane path").first.dispatch_event("mouseover")
    assert page.locator(".leaflet-tooltip b").text_content() in hostile.TEXTS
    page.click("[data-lang=en]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)
    assert page.evaluate(hostile.MARK) is None
    assert page.inner_text("h1") == hostile.TEXTS[0]
    assert page.title() == hostile.TEXTS[0]
    assert set(hostile.TEXTS[:12]) <= set(page.locator("#list h2").all_text_contents())


def test_hostile_texts_are_shown_in_the_part_without_script(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(hostile_page(), encoding="utf-8")
    page = opened(file=file, script=False).page
    cells = page.locator(".still-page td:first-child").all_text_contents()
    readable = [text for text in hostile.TEXTS if text.isprintable()]
    assert all(any(text in cell for cell in cells) for text in readable)
    assert any("avant␀après" in cell for cell in cells)
    assert page.locator(".still-page img, .still-page iframe, .still-page script").count() == 0


# ------------------------------------------------------------------------------------- search and filters


def test_search_forgives_accents_ligatures_and_hyphens(opened: Open) -> None:
    page = opened().page
    for typed, name in (
        ("noeux", "Nœux-les-Mines"),
        ("henin beaumont", "Hénin-Beaumont"),
        ("st venant", "Saint-Venant"),
        ("BÉTHUNE", "Béthune"),
        ("delta 3", "Plate-forme multimodale Delta 3"),
        ("62498", "Lens"),
    ):
        page.fill("#query", typed)
        assert name in page.locator("#answers li span").all_text_contents()


def test_search_with_the_keyboard_opens_the_card(opened: Open) -> None:
    page = opened().page
    page.keyboard.press("/")
    page.keyboard.type("gigafactory")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#query", "aria-activedescendant") == "answer-0"
    page.keyboard.press("Enter")
    assert page.inner_text("#card-name") == "Gigafactory ACC"


def test_search_says_when_nothing_is_found(opened: Open) -> None:
    page = opened().page
    page.fill("#query", "zzzz")
    assert page.inner_text("#none[role=status]") == read_words()["fr"]["search_none"]
    assert page.is_hidden("#answers")


def test_filters_combine_and_show_all_brings_everything_back(opened: Open) -> None:
    page = opened().page
    everything = rows(page)
    page.uncheck("#filter-family input[value=industrie]", force=True)
    without_industry = rows(page)
    page.uncheck("#filter-epci input[value=CALL]")
    both = rows(page)
    assert 0 < both < without_industry < everything
    assert page.locator("#list .mark:text-is('I')").count() == 0
    page.click("#reset")
    assert rows(page) == everything


def test_the_area_filter_keeps_what_lies_between(opened: Open) -> None:
    page = opened().page
    page.uncheck("#area-unknown")
    page.eval_on_selector("#area-min", "node => { node.value = 6; node.dispatchEvent(new Event('input')); }")
    area_texts = page.locator("#list [data-layer=sites-eco] .ha").all_text_contents()
    hectares = [float(text.replace(" ha", "").replace(",", ".")) for text in area_texts]
    assert hectares
    assert min(hectares) >= 50


def test_no_result_says_what_to_do(opened: Open) -> None:
    page = opened().page
    for box in page.locator("#filter-family input").all():
        box.uncheck(force=True)
    assert page.inner_text("#count") == read_words()["fr"]["count_none"]


def test_a_filtered_site_leaves_the_map_too(opened: Open) -> None:
    page = opened().page
    before = page.locator(".disc:text-is('L')").count()
    page.uncheck("#filter-family input[value=hub]", force=True)
    assert before > 0
    assert page.locator(".disc:text-is('L')").count() == 0


# ---------------------------------------------------------------------------------- legend, list and card


def test_the_legend_switches_a_layer_on_the_map_and_in_the_list(opened: Open) -> None:
    page = opened().page
    discs = page.locator(".disc").count()
    page.uncheck("#legend input[data-layer=sites-eco]")
    fewer = page.locator(".disc").count()
    assert fewer < discs
    assert page.locator("#list [data-layer=sites-eco]").count() == 0
    page.check("#legend input[data-layer=sites-eco]")
    assert page.locator(".disc").count() == discs


def test_the_legend_names_every_drawn_layer_and_its_sources(opened: Open) -> None:
    page = opened().page
    legend = page.inner_text("#legend")
    page.click("#sources summary")
    sources = page.inner_text("#sources")
    for layer in layers.read_catalogue().values():
        if layer.kind not in {"commune", "commune_schema", "chiffre_cle"}:
            assert layer.title in legend
        assert layer.vintage in sources


def test_every_feature_on_the_map_is_in_the_list(opened: Open) -> None:
    page = opened().page
    page.evaluate("document.querySelectorAll('#list details').forEach(box => { box.open = true; })")
    page.wait_for_timeout(100)
    on_map = set(
        page.evaluate("[...document.querySelectorAll('.disc, .symbol')].map(node => node.dataset.id)")
    )
    in_list = set(
        page.evaluate("[...document.querySelectorAll('#list button')].map(node => node.dataset.id)")
    )
    assert on_map
    assert on_map <= in_list


def test_the_sum_of_the_list_leaves_out_sub_sites(opened: Open) -> None:
    frame = layers.read(layers.read_catalogue()["sites_eco"])
    expected = frame.loc[~frame["est_sous_site"].astype(bool), "site_surf_brute"].sum()
    sum_text = opened().page.inner_text("#list [data-layer=sites-eco] .sum")
    assert re.sub(r"\D", "", sum_text.split("·")[1]) == str(round(expected))


def test_a_card_says_what_is_known_and_how_well(opened: Open) -> None:
    page = opened().page
    page.fill("#query", "parc des industries artois-flandres")
    page.keyboard.press("Enter")
    card = page.inner_text("#card")
    for fact in (
        "Parc des industries Artois-Flandres",
        "Douvrin",
        "Billy-Berclau",
        "460 ha",
        "Surface publiée",
        "SIZIAF",
    ):
        assert fact in card
    assert read_words()["fr"]["schematic"] in page.inner_text("#card .notice")
    assert "±1 à 3 km" in page.inner_text("#card .notice")
    assert page.locator("#card a[href^=https]").count() >= 1
    assert set(page.locator("#card a").evaluate_all("nodes => nodes.map(node => node.rel)")) == {
        "noopener noreferrer"
    }


def test_a_card_of_an_unknown_kind_lists_every_column(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    own_layer = plain.square(
        x_km=0, y_km=0, side_km=1, nom="Terrain", altitude=31, couleur="vert", ouvert=True
    )
    maps.build({"À moi": own_layer}).save(file)
    page = opened(file=file).page
    page.click("#list li button")
    facts = page.locator("#card .facts >> nth=0").inner_text()
    assert all(word in facts for word in ("altitude", "31", "couleur", "vert", "ouvert", "oui"))
    assert "100 ha" in page.inner_text("#card .figures")
    assert read_words()["fr"]["measured_note"] in page.inner_text("#card .figures")


def test_schematic_and_surveyed_shapes_look_different(opened: Open, tmp_path: Path) -> None:
    sketch = plain.square(x_km=0, y_km=0, side_km=1, nom="Schéma", geometrie="schématique")
    levee = plain.square(x_km=2, y_km=0, side_km=1, nom="Levé", geometrie="levée")
    file = tmp_path / "two.html"
    maps.build({"a": sketch, "b": levee}).save(file)
    page = opened(file=file).page
    read_styles = (
        "nodes => nodes.map(node => ['fill', 'stroke-dasharray'].map(name => node.getAttribute(name)))"
    )
    styles = page.locator(".leaflet-areas-pane path").evaluate_all(read_styles)
    dashed = [dash is not None for _, dash in styles]
    hatched = [fill.startswith("url(#hatch-") for fill, _ in styles]
    assert sorted(dashed) == sorted(hatched) == [False, True]
    assert read_words()["fr"]["schematic"] in page.inner_text("#legend")


def test_schematic_cells_are_said_so_and_real_outlines_are_not(opened: Open, tmp_path: Path) -> None:
    note = read_words()["fr"]["schematic_cells"]
    assert note in opened().page.inner_text("#legend")
    town = plain.square(x_km=0, y_km=0, side_km=3, comm_nom="A", epci_sigle="X")
    record = next(layer for layer in layers.read_catalogue().values() if layer.kind == "commune")
    file = tmp_path / "real.html"
    maps.build({"communes": town}, layers={"communes": record}).save(file)
    page = opened(file=file).page
    assert note not in page.inner_text("#legend")
    assert page.locator(".cell").count() == 1


# ------------------------------------------------------------------------------------------------ placing


def test_discs_do_not_cover_each_other(opened: Open) -> None:
    boxes = opened().page.evaluate(
        """[...document.querySelectorAll('.disc')].map(node => {
            const box = node.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2, box.width / 2];
        })"""
    )
    for i, (x, y, radius) in enumerate(boxes):
        for other_x, other_y, other_radius in boxes[:i]:
            assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 > 0.8 * (radius + other_radius)


def test_town_names_do_not_collide(opened: Open) -> None:
    only_visible = "nodes => nodes.filter(node => node.offsetWidth && node.style.visibility !== 'hidden')"
    box = "node => { const b = node.getBoundingClientRect(); return [b.x, b.y + 4, b.right, b.bottom - 4]; }"
    boxes = opened().page.locator(".town, .city").evaluate_all(f"nodes => ({only_visible})(nodes).map({box})")
    assert len(boxes) > 10
    for i, later_box in enumerate(boxes):
        for earlier_box in boxes[:i]:
            assert (
                later_box[2] <= earlier_box[0]
                or earlier_box[2] <= later_box[0]
                or later_box[3] <= earlier_box[1]
                or earlier_box[3] <= later_box[1]
            )


@pytest.mark.parametrize(("centre", "size"), covering(["50.43/2.83", "50.52/2.64"], [DESKTOP, PHONE]))
def test_no_name_covers_another_at_the_working_zooms(
    opened: Open, centre: str, size: tuple[int, int]
) -> None:
    page = opened(f"#m=10/{centre}", size=size).page
    for zoom in WORKING_ZOOMS:
        page.evaluate("address => { location.hash = address; }", f"#m={zoom}/{centre}")
        page.wait_for_timeout(250)
        names = page.evaluate(
            """() => [...document.querySelectorAll('.town, .city, .site-name, .line-name')]
                .filter(node => node.offsetWidth && getComputedStyle(node).visibility !== 'hidden')
                .map(node => [node.textContent, node.getBoundingClientRect()])
                .map(([text, box]) => [text, box.left, box.top, box.right, box.bottom])"""
        )
        assert len(names) > 4
        for i, (name, left_px, top, right, bottom) in enumerate(names):
            for earlier_name, *box in names[:i]:
                across = min(right, box[2]) - max(left_px, box[0])
                down = min(bottom, box[3]) - max(top, box[1])
                assert min(across, down) <= TOUCH_PX, (zoom, name, earlier_name)


def test_the_whole_territory_is_seen_at_first(opened: Open) -> None:
    page = opened().page
    ends = "nodes => nodes.map(node => node.getBoundingClientRect()).flatMap(box => [box.left, box.right])"
    cells = page.locator(".cell").evaluate_all(ends)
    panel, right = page.locator("#panel").bounding_box(), page.locator("#legend").bounding_box()
    assert min(cells) >= panel["x"] + panel["width"]
    assert max(cells) <= right["x"], "the legend hides nothing of it"


# ----------------------------------------------------------------------------------- address and language


def test_a_copied_address_brings_back_view_filters_layers_language_and_site(opened: Open) -> None:
    page = opened().page
    page.click("[data-lang=en]")
    page.uncheck("#filter-family input[value=tertiaire]", force=True)
    page.uncheck("#legend input[data-layer=voies-vertes]")
    page.click("#list [data-layer=sites-eco] li:nth-child(3) button")
    page.wait_for_timeout(1500)  # the flight, then the address
    again = opened(page.evaluate("location.hash")).page
    assert again.get_attribute("html", "lang") == "en"
    assert rows(again) == rows(page)
    assert not again.is_checked("#legend input[data-layer=voies-vertes]")
    assert again.inner_text("#card-name") == page.inner_text("#card-name")
    assert again.evaluate("location.hash") == page.evaluate("location.hash")


def test_a_broken_address_opens_the_map_all_the_same(opened: Open, shipped: Path) -> None:
    view = opened()
    for address in ("#m=99/999/999", "#s=__proto__", "#o=%E0%A4%A", "#a=9-0&l=zz&f=x,y&e=%", "#m=1"):
        view.page.goto("about:blank")
        view.goto(shipped, address)
        assert view.complaints == []
        assert rows(view.page) > 0


def test_the_language_switch_leaves_no_word_behind(opened: Open) -> None:
    page = opened().page
    page.click("[data-lang=en]")
    words = read_words()["en"]
    assert page.get_attribute("html", "lang") == "en"
    for node in page.locator("[data-word]").all():
        assert node.text_content() == words[str(node.get_attribute("data-word"))]
    french = {word for key, word in read_words()["fr"].items() if word != words[key] and len(word) > 12}
    body = page.inner_text("body")
    assert not [word for word in french if "{" not in word and word in body]
    assert "1,478 ha" in page.inner_text("#list [data-layer=sites-eco] .sum")


def test_a_map_can_open_in_english(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "en.html"
    maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1, nom="A")}, lang="en").save(file)
    page = opened(file=file).page
    assert page.get_attribute("html", "lang") == "en"
    assert page.inner_text("#legend summary >> nth=0") == read_words()["en"]["legend"]


# ----------------------------------------------------------------------------- keyboard, sizes, assistance


def test_everything_important_is_reached_by_keyboard(opened: Open) -> None:
    page = opened().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#list button >> nth=3")
    focused_id = page.evaluate("document.activeElement.dataset.id")
    page.keyboard.press("Enter")
    assert page.is_visible("#card")
    assert page.evaluate("document.activeElement.id") == "card"
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")
    assert page.evaluate("document.activeElement.dataset.id") == focused_id, (
        "focus comes back to where it was"
    )


def test_measuring_gives_length_and_area_and_escape_ends_it(opened: Open) -> None:
    page = opened("#m=12/50.45/2.8").page
    page.click("#measure")
    for x, y in ((600, 400), (700, 400), (700, 500)):
        page.mouse.click(x, y)
        page.wait_for_timeout(60)
    assert re.search(r"km · .* ha", page.inner_text("#tape"))
    page.keyboard.press("Escape")
    assert page.is_hidden("#tape")


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_no_sideways_scroll_and_targets_large_enough(opened: Open, size: tuple[int, int]) -> None:
    page = opened(size=size, has_touch=True).page
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    small = page.evaluate(
        """[...document.querySelectorAll('button, a[href], input, summary')].filter(node => node.offsetParent)
            .map(node => [node.id || node.className, (node.closest('label') || node).getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
    )
    assert small == []


def test_pinching_is_allowed(opened: Open) -> None:
    page = opened(size=PHONE).page
    assert "user-scalable" not in page.get_attribute("meta[name=viewport]", "content")


def test_on_a_phone_the_sheet_rises_and_the_card_opens_over_it(opened: Open) -> None:
    page = opened(size=PHONE, has_touch=True, is_mobile=True).page
    low = page.locator("#panel").bounding_box()["height"]
    page.click("#grab")
    page.wait_for_timeout(350)
    assert page.locator("#panel").bounding_box()["height"] > 1.5 * low
    page.click("#list li button >> nth=0")
    assert page.is_visible("#card")
    assert page.locator("#card").bounding_box()["width"] == PHONE[0]


def test_reduced_motion_is_respected(opened: Open) -> None:
    page = opened(reduced_motion="reduce").page
    page.click("#list li button >> nth=0")
    page.wait_for_timeout(700)  # the address is written once the map rests
    first = page.evaluate("location.hash")
    page.wait_for_timeout(800)
    assert page.evaluate("location.hash") == first, "the map was there at once"


@pytest.mark.parametrize(
    ("address", "size"),
    [
        pytest.param("", DESKTOP, marks=pytest.mark.long),
        ("#l=en&s=sites-eco.gigafactory-acc", DESKTOP),
        ("", PHONE),
    ],
)
def test_axe_finds_nothing(opened: Open, address: str, size: tuple[int, int]) -> None:
    page = opened(address, size=size, bypass_csp=True).page
    assert axe_faults(page) == []


# --------------------------------------------------------------------------------- paper, no script, frame


@pytest.mark.parametrize("paper_size", mostly_long(PAPERS, "a3"))
def test_printing_gives_one_page_of_the_paper_that_was_chosen(opened: Open, paper_size: str) -> None:
    page = opened().page
    page.evaluate("window.print = () => {}")
    page.click(f"[data-paper={paper_size}]")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper).groups())
    assert (round(width), round(height)) == PAPERS[paper_size]


@pytest.mark.parametrize("paper_size", mostly_long(PAPERS, "a4"))
def test_the_printed_page_says_legend_sites_scale_and_sources(opened: Open, paper_size: str) -> None:
    page = opened().page
    page.evaluate("window.print = () => {}")
    page.click(f"[data-paper={paper_size}]")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    words = read_words()["fr"]
    side, foot = page.inner_text("#printed"), page.inner_text("#printed-foot")
    for word in (words["legend"], words["schematic"], "Parc des industries Artois-Flandres", "460 ha"):
        assert word in side
    assert words["not_contractual"] in foot
    for layer in layers.read_catalogue().values():
        assert layer.source in foot
        assert layer.vintage in foot
    for box in ("#printed", "#printed-foot"):
        size = "node => [node.scrollWidth - node.clientWidth, node.scrollHeight - node.clientHeight]"
        assert max(page.eval_on_selector(box, size)) <= 1, "nothing is cut"
    assert page.inner_text("h1") == "Artois : offre foncière"
    assert page.is_visible("#north")
    assert page.is_visible(".leaflet-control-scale")


def test_without_script_a_map_and_every_listed_site_are_there(opened: Open) -> None:
    page = opened(script=False, size=PHONE).page
    catalogue = layers.read_catalogue()
    listed = [
        n for n, layer in catalogue.items() if layer.kind not in {"commune", "commune_schema", "chiffre_cle"}
    ]
    assert page.locator("tbody tr").count() == sum(len(layers.read(catalogue[name])) for name in listed)
    discs = [layers.read(catalogue[name]) for name in ("sites_eco", "foncier_disponible")]
    drawn_count = sum(int((~frame.geometry.isna()).sum()) for frame in discs)
    assert page.locator("svg.still text[font-weight='700']").count() == drawn_count
    assert page.is_visible(".preview")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_without_script_each_town_name_is_drawn_where_it_was_written(opened: Open) -> None:
    """The style of the page must not move the letters of the still picture."""
    page = opened(script=False).page
    names = page.locator("svg text.still-town").evaluate_all(
        """nodes => nodes.map(node => {
            const picture = node.ownerSVGElement, scale = picture.getScreenCTM(),
                  box = node.getBoundingClientRect(), frame = picture.getBoundingClientRect(),
                  [x, y] = ['x', 'y'].map(name => +node.getAttribute(name)),
                  spot = new DOMPoint(x, y).matrixTransform(scale);
            return {
                name: node.textContent, moved: getComputedStyle(node).transform,
                away: Math.hypot((box.left + box.right) / 2 - spot.x, box.bottom - spot.y),
                inside: box.left >= frame.left && box.right <= frame.right
                     && box.top >= frame.top && box.bottom <= frame.bottom,
            };
        })"""
    )
    assert {"Lens", "Béthune", "Hénin-Beaumont"} <= {entry["name"] for entry in names}
    assert {entry["moved"] for entry in names} == {"none"}
    assert [entry for entry in names if entry["away"] > 8 or not entry["inside"]] == []


def test_without_script_the_names_stand_beside_their_own_towns(opened: Open) -> None:
    """West of Lens stays west of it, north stays north: by the points of the communes, not the picture's."""
    page = opened(script=False).page
    boxes = page.locator("svg text.still-town").evaluate_all(
        "nodes => nodes.map(n => [n.textContent, n.getBoundingClientRect()])"
    )
    centre = {name: (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for name, box in boxes}
    points = layers.read(layers.read_catalogue()["communes"]).set_index("comm_nom").geometry
    lens, far = points["Lens"], 6_000  # metres: farther than a name may be moved aside
    for name, (x, y) in centre.items():
        east, north = points[name].x - lens.x, points[name].y - lens.y
        assert abs(east) < far or (x > centre["Lens"][0]) == (east > 0), name
        assert abs(north) < far or (y < centre["Lens"][1]) == (north > 0), name


def test_the_frame_of_a_notebook_shows_the_map(opened: Open, browser: Any, tmp_path: Path) -> None:
    carte = maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1, nom="A")})
    file = tmp_path / "notebook.html"
    file.write_text(
        f"<!DOCTYPE html><html data-ready=1><body>{carte._repr_html_()}</body></html>", encoding="utf-8"
    )
    view = opened(file=file)
    frame = view.page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for(state="attached", timeout=60_000)
    assert frame.locator(".leaflet-areas-pane path").count() == 1
    assert view.complaints == []
    assert escaping.unescape(view.requests[0]) == file.as_uri()
