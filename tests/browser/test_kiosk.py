"""A page on a stand: it rests, guides, lets nobody out; and what it is told to."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import one_site
import pandas as pd
import plain
import pytest
import segno
from chromium import DESKTOP, PHONE, Opened, axe_faults, open_page
from cli_runner import english, run
from covering import covering
from once import Once

from artois_geo import layers, maps, packs
from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps import kiosk as kiosks
from artois_geo.maps.style import read_style, read_words

Open = Callable[..., Opened]
SCREEN = (1920, 1080)
IDLE_S, STEP_S = read_style()["stand"]["idle_s"], read_style()["stand"]["step_s"]
FINGER_PX = 56
ADDRESS = "https://exemple.fr/parc?a=1&b=%C3%A9t%C3%A9"


@pytest.fixture(scope="module")
def kiosk(once: Once) -> Path:
    def write_kiosk(folder: Path) -> Path:
        catalogue = layers.read_catalogue()
        frames = {name: layers.read(layer) for name, layer in catalogue.items()}
        file = folder / "kiosque.html"
        maps.build(frames, layers=catalogue, title="Artois", kiosk=True).save(file)
        return file

    return once("kiosque", write_kiosk)


@pytest.fixture
def opened(browser: Any, kiosk: Path) -> Iterator[Open]:
    pages: list[Opened] = []

    def opening(file: Path = kiosk, *, size: tuple[int, int] = SCREEN, **options: Any) -> Opened:
        view = Opened(browser, size=size, script=True, **options)
        pages.append(view)
        view.page.clock.install()
        view.goto(file)
        return view

    yield opening
    for view in pages:
        assert view.complaints == []
        assert len(view.requests) == 1
        view.context.close()


def sites() -> Any:
    """Three sites of 1, 4 and 9 km², the largest last."""
    return pd.concat(
        [
            plain.square(x_km=10.0 * i, y_km=0, side_km=i + 1, nom=name, page=ADDRESS)
            for i, name in enumerate(["Alpha", "Bêta", "Gamma"])
        ],
        ignore_index=True,
    )


def asleep(page: Any) -> bool:
    return bool(page.evaluate("document.body.classList.contains('asleep')"))


def title_on_card(page: Any) -> str | None:
    return page.inner_text("#card-name") if page.is_visible("#card") else None


# -------------------------------------------------------------------------------------------------- resting


@pytest.mark.browser
def test_after_the_idle_time_the_page_is_what_it_was_at_first(opened: Open) -> None:
    page = opened().page
    first = page.evaluate("location.hash")
    listed = page.locator("#list button").count()
    page.click("[data-lang=en]")
    page.uncheck("#filter-family input[value=industrie]", force=True)
    page.click("#legend > summary")
    page.check("#legend input[data-layer=voies-vertes]")
    page.click("#filters summary")
    page.uncheck("#filter-account input[value=unknown]")
    page.fill("#query", "lens")
    page.click("#list li button >> nth=0")
    page.click("#measure")
    page.clock.run_for(300)  # the map still flies to the site when the visitor leaves
    assert page.evaluate("location.hash") != first
    page.clock.fast_forward((IDLE_S + 1) * 1000)
    page.wait_for_timeout(300)
    assert asleep(page)
    assert page.get_attribute("html", "lang") == "fr"
    assert page.evaluate("location.hash") == first, "view, filters, layers, language and card"
    assert page.is_hidden("#card")
    assert page.is_hidden("#tape")
    assert page.input_value("#query") == ""
    assert not page.is_checked("#legend input[data-layer=voies-vertes]")
    assert page.is_checked("#filter-account input[value=unknown]")
    assert page.inner_text("#filters-on") == ""
    assert page.locator("#list button").count() == listed
    assert page.inner_text("#veil b") == read_words()["fr"]["wake"]


@pytest.mark.browser
def test_a_touch_in_time_keeps_the_page_as_it_is(opened: Open) -> None:
    page = opened().page
    page.click("#list li button >> nth=0")
    card_title = title_on_card(page)
    for _ in range(3):
        page.clock.fast_forward((IDLE_S - 20) * 1000)
        page.mouse.click(900, 70)
    assert not asleep(page)
    assert title_on_card(page) == card_title


@pytest.mark.browser
def test_one_touch_wakes_the_page_and_opens_nothing_below(opened: Open) -> None:
    page = opened(has_touch=True).page
    page.clock.fast_forward((IDLE_S + 1) * 1000)
    page.wait_for_timeout(200)
    button = page.locator("#list li button >> nth=0").bounding_box()
    page.touchscreen.tap(button["x"] + 50, button["y"] + 20)
    page.wait_for_timeout(300)
    assert not asleep(page)
    assert page.is_hidden("#veil")
    assert page.is_hidden("#card"), "the touch that wakes chooses nothing"
    page.touchscreen.tap(button["x"] + 50, button["y"] + 20)
    assert page.is_visible("#card"), "the next one does"


@pytest.mark.browser
def test_the_idle_time_is_the_one_that_was_asked_for(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "kiosque.html"
    maps.build({"Sites": sites()}, kiosk=True, idle_s=20).save(file)
    page = opened(file).page
    page.clock.fast_forward(15_000)
    assert not asleep(page)
    page.clock.fast_forward(6_000)
    assert asleep(page)


@pytest.mark.parametrize("idle_s", [0, -1, float("nan"), float("inf")])
def test_an_idle_time_that_is_none_is_refused(idle_s: float) -> None:
    with pytest.raises(BadValue, match="nombre"):
        maps.build({"Sites": sites()}, kiosk=True, idle_s=idle_s)


# ------------------------------------------------------------------------------------------------ the tour


@pytest.mark.browser
def test_the_tour_shows_each_site_in_turn_and_a_touch_ends_it(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "visite.html"
    maps.build({"Sites": sites()}, tour=["gamma", "Alpha", "sites.1"]).save(file)
    page = opened(file).page
    page.click("#tour")
    page.clock.run_for(50)
    titles = [title_on_card(page)]
    for _ in range(3):
        page.clock.run_for(STEP_S * 1000)
        titles.append(title_on_card(page))
    assert titles == ["Gamma", "Alpha", "Bêta", "Gamma"]
    assert "1" in page.inner_text("#veil small")
    page.mouse.click(700, 400)
    page.clock.run_for(200)
    assert not asleep(page)
    page.clock.run_for(3 * STEP_S * 1000)
    assert title_on_card(page) == "Gamma", "the card that was touched stays"


@pytest.mark.browser
def test_a_tour_that_was_asked_for_is_not_begun_again_under_way(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "kiosque.html"
    idle_s = 2 * STEP_S - 4
    maps.build({"Sites": sites()}, kiosk=True, idle_s=idle_s, tour=["gamma", "Alpha", "sites.1"]).save(file)
    page = opened(file).page
    page.fill("#query", "alpha")
    page.click("#tour")
    page.clock.run_for((2 * STEP_S - 2) * 1000)
    assert title_on_card(page) == "Alpha", "its second step, past the idle time"
    page.clock.run_for(2 * STEP_S * 1000)
    page.keyboard.press("a")
    page.click("#query")
    page.keyboard.press("Enter")
    assert title_on_card(page) is None, "what the visitor before searched for is forgotten"


@pytest.mark.browser
def test_the_tour_begins_by_itself_after_a_look_at_the_whole_map(opened: Open) -> None:
    page = opened().page
    start = page.evaluate("location.hash")
    page.clock.fast_forward((IDLE_S + 1) * 1000)
    page.wait_for_timeout(200)
    assert (asleep(page), title_on_card(page)) == (True, None)
    land = layers.read(layers.read_catalogue()["foncier_disponible"])
    largest = land.sort_values("terr_surf_brute", ascending=False)["site_nom"]
    page.clock.run_for((STEP_S + 1) * 1000)
    assert title_on_card(page) == largest.iloc[0]
    page.clock.run_for(len(land) * STEP_S * 1000)
    assert title_on_card(page) is None, "and comes back to it after the last site"
    assert page.evaluate("location.hash") == start


@pytest.mark.browser
def test_a_key_ends_the_tour_and_does_nothing_else(opened: Open) -> None:
    page = opened().page
    page.focus("#tour")
    page.keyboard.press("Enter")
    page.clock.run_for(100)
    assert page.evaluate("document.activeElement.id") == "veil"
    page.keyboard.press("Escape")
    assert not asleep(page)
    assert page.is_visible("#card"), "Escape woke the page; it closed nothing"
    assert page.evaluate("document.activeElement.id") == "card"


@pytest.mark.browser
def test_the_tour_does_not_fly_where_motion_is_reduced(opened: Open) -> None:
    page = opened(reduced_motion="reduce").page
    page.click("#tour")
    page.clock.run_for(320)  # the address is written once the map rests
    address = page.evaluate("location.hash")
    page.clock.run_for(1500)
    assert page.evaluate("location.hash") == address


def tour_of(frames: dict[str, Any], **options: Any) -> tuple[str, ...]:
    carte: Any = maps.build(frames, **options)
    return carte.page.tour


def test_a_site_is_found_by_id_or_name_whatever_its_accents() -> None:
    assert tour_of({"Sites": sites()}, tour=["BETA", "sites.2", " gamma "]) == (
        "sites.1",
        "sites.2",
        "sites.2",
    )


def test_an_unknown_site_offers_the_nearest_names() -> None:
    with pytest.raises(UnknownName, match="site inconnu : « Gama »") as caught:
        maps.build({"Sites": sites()}, tour=["Alpha", "Gama"])
    assert "Gamma" in str(caught.value)


def test_without_a_list_the_tour_is_the_first_sites_of_the_list() -> None:
    frame = sites().rename(columns={"nom": "site_nom"}).assign(site_surf_brute=[1.0, 2.0, 3.0])
    record = next(layer for layer in layers.read_catalogue().values() if layer.kind == "site_eco")
    assert tour_of({"Sites": frame}, layers={"Sites": record}, kiosk=True) == (
        "sites.2",
        "sites.1",
        "sites.0",
    )
    assert tour_of({"Sites": frame}, layers={"Sites": record}) == ()


# -------------------------------------------------------------------------------------------- no way out


@pytest.mark.browser
def test_there_is_no_link_and_no_button_that_leads_away(opened: Open) -> None:
    page = opened().page
    page.evaluate("document.querySelector('#legend').open = true")
    page.click("#sources summary")
    ids = page.evaluate("[...document.querySelectorAll('#list [data-id]')].map(node => node.dataset.id)")
    assert ids
    links = page.evaluate(
        """ids => ids.flatMap(id => {
            document.querySelector(`#list [data-id="${id}"]`).click();
            return [...document.querySelectorAll('a, area, form, iframe')]
              .map(node => node.getAttribute('href') ?? node.tagName);
        })""",
        ids,
    )
    assert set(links) <= {"#", "#list"}
    page.evaluate("document.querySelectorAll('#card details').forEach(box => { box.open = true; })")
    assert "https://" in page.inner_text("#card"), "the address is told instead"
    for hidden in ("#link", "#print", "[data-paper=a4]", "#card .actions button"):
        assert page.is_hidden(hidden), hidden


@pytest.mark.browser
def test_gestures_that_lead_away_are_stopped(opened: Open) -> None:
    kinds = ["contextmenu", "dragstart", "dragover", "drop", "auxclick"]
    stopped = """kinds => kinds.filter(kind => !document.querySelector('#count')
        .dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true})))"""
    assert opened().page.evaluate(stopped, kinds) == kinds


@pytest.mark.browser
def test_text_is_not_selected_and_shortcuts_of_the_browser_do_nothing(opened: Open) -> None:
    page = opened().page
    assert page.evaluate("getComputedStyle(document.querySelector('#count')).userSelect") == "none"
    pressed = """key => !document.dispatchEvent(
        new KeyboardEvent('keydown', {key, ctrlKey: true, bubbles: true, cancelable: true}))"""
    assert [page.evaluate(pressed, key) for key in ("p", "s", "o", "u")] == [True] * 4
    assert not page.evaluate(pressed, "+"), "text may be enlarged"


@pytest.mark.browser
def test_a_link_that_somebody_adds_leads_nowhere(opened: Open, kiosk: Path) -> None:
    page = opened().page
    page.evaluate(
        """() => {
            const link = document.createElement('a');
            Object.assign(link, {id: 'added', href: 'https://exemple.fr/', target: '_blank'});
            link.textContent = 'x';
            document.querySelector('.heading').append(link);
        }"""
    )
    page.click("#added")
    page.wait_for_timeout(200)
    assert len(page.context.pages) == 1
    assert page.url.split("#")[0] == kiosk.as_uri()


@pytest.mark.browser
def test_the_code_beside_an_address_is_that_of_the_address(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "code.html"
    maps.build({"Sites": sites()}, kiosk=True).save(file)
    page = opened(file).page
    page.click("#list li button >> nth=0")
    assert ADDRESS in page.inner_text("#card .address")
    path_data = page.get_attribute("#card .code path", "d")
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path_data)}
    matrix = segno.make_qr(ADDRESS, error="l").matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, cell in enumerate(row) if cell & 1}


def test_an_address_too_long_for_a_code_is_only_told() -> None:
    assert kiosks.qr_code("https://exemple.fr/" + "x" * 4000) == ""


def test_a_page_that_is_not_for_a_stand_carries_nothing_of_it() -> None:
    plain_page = maps.standalone(maps.build({"Sites": sites()}))
    data = re.search(r'id="data">(.*?)</script>', plain_page, re.DOTALL)
    assert data
    assert [json.loads(data[1])[part] for part in ("kiosk", "tour", "compare")] == [None] * 3
    for part in ("function keepVisitors", "function visit", "function clipSides"):
        assert part not in plain_page


# -------------------------------------------------------------------------------------- fingers and access


@pytest.mark.browser
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_main_targets_are_for_a_finger(opened: Open, size: tuple[int, int]) -> None:
    page = opened(size=size, has_touch=True).page
    page.click("#list li button >> nth=0")
    page.evaluate("document.querySelector('#filters').open = true")
    main = (
        ".tools button, .leaflet-bar a, #query, .offer, .section li button, .section > summary, #grab, "
        "#legend > summary, .chips label, .check, label.line, #bar select, #card .back, .more > summary"
    )
    small = page.evaluate(
        """([main, least]) => [...document.querySelectorAll(main)].filter(node => node.offsetParent)
            .map(node => [node.id || node.className || node.tagName, node.getBoundingClientRect().height])
            .filter(([, height]) => height < least)""",
        [main, FINGER_PX],
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.browser
@pytest.mark.parametrize(("state", "size"), covering(["awake", "card", "asleep", "tour"], [SCREEN, PHONE]))
def test_axe_finds_nothing_on_the_stand(opened: Open, state: str, size: tuple[int, int]) -> None:
    page = opened(size=size, bypass_csp=True).page
    if state == "card":
        page.click("#list li button >> nth=0")
    if state == "asleep":
        page.clock.fast_forward((IDLE_S + 1) * 1000)
    if state == "tour":
        page.click("#tour")
        page.clock.run_for(1000)
    assert asleep(page) == (state in {"asleep", "tour"})
    page.clock.resume()
    assert axe_faults(page) == []


@pytest.mark.browser
def test_the_whole_screen_is_taken_and_given_back_by_keyboard(opened: Open) -> None:
    page = opened(size=DESKTOP).page
    page.focus("#screen")
    page.keyboard.press("Enter")
    page.wait_for_selector("#screen[aria-pressed=true]")
    assert page.evaluate("document.fullscreenElement.tagName") == "HTML"
    page.keyboard.press("Enter")
    page.wait_for_selector("#screen[aria-pressed=false]")
    assert page.evaluate("document.fullscreenElement") is None
    assert page.get_attribute("#screen", "aria-label") == read_words()["fr"]["screen"]
    page.click("[data-lang=en]")
    assert page.get_attribute("#screen", "aria-label") == read_words()["en"]["screen"]


@pytest.mark.browser
def test_the_button_of_the_whole_screen_is_hidden_where_there_is_none(browser: Any, kiosk: Path) -> None:
    view = Opened(browser, size=DESKTOP, script=True)
    view.page.add_init_script(
        "Object.defineProperty(Document.prototype, 'fullscreenEnabled', {get: () => false})"
    )
    assert view.goto(kiosk).is_hidden("#screen")
    view.context.close()


# -------------------------------------------------------------------------------------------- the command


def test_the_command_writes_a_page_for_the_stand(tmp_path: Path) -> None:
    file = tmp_path / "k.html"
    result = run(
        "carte",
        "foncier_disponible",
        "--kiosque",
        "--veille",
        "45",
        "--visite",
        "LogisterrA26",
        "--sortie",
        file,
    )
    assert result.exit_code == 0, result.stderr
    page = file.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["kiosk"]["idle"] == 45
    assert data["tour"]["sites"] == ["foncier-disponible.foncier-logisterra26"]
    assert '<body class="kiosk">' in page


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("carte", "foncier_disponible", "--veille", "45"), 2, "--veille demande --kiosque"),
        (("carte", "foncier_disponible", "--kiosque", "--veille", "0"), 1, "nombre de secondes"),
        (("carte", "foncier_disponible", "--visite", " , "), 2, "au moins un site"),
        (("carte", "foncier_disponible", "--visite", "Logistera26"), 1, "LogisterrA26"),
        (("simi", "--kiosque", "--visite", "Logistera26", "--sans-pdf", "--sortie", "s"), 1, "LogisterrA26"),
    ],
)
def test_a_wrong_call_is_one_french_message(
    arguments: tuple[str, ...], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_the_pack_has_a_page_for_the_stand_beside_the_map_that_is_sent(
    dated_fair: packs.Pack, tmp_path: Path
) -> None:
    data = one_site.catalogue(tmp_path / "couches").folder
    result = run("--donnees", data, "simi", "--kiosque", "--sans-pdf", "--sortie", tmp_path / "simi")
    assert result.exit_code == 0, result.stderr
    assert english(result.stdout.replace(str(tmp_path), "")) == []
    for folder in (tmp_path / "simi", dated_fair.folder):
        sent, kiosk_page = (
            (folder / name).read_text(encoding="utf-8") for name in ("carte.html", "kiosque.html")
        )
        assert 'class="kiosk"' in kiosk_page
        assert 'class="kiosk"' not in sent
        assert (
            len(kiosk_page.encode()) <= 860_000
        )  # 63 000 of them the typeface  # the shipped map, and what its cards say of 65 sites
        assert "kiosque.html" in (folder / "index.html").read_text(encoding="utf-8")
        assert "kiosque.html" in (folder / "manifest.json").read_text(encoding="utf-8")


def test_every_control_of_a_stand_is_large_enough_for_a_finger(browser: Any, dated_fair: packs.Pack) -> None:
    page = open_page(browser, dated_fair.folder / "kiosque.html", size=(1920, 1080)).page
    page.locator(".offer .open").first.click()
    page.wait_for_timeout(700)
    small = """() => [...document.querySelectorAll('button:not(.open), a[href], select, input, summary')]
        .filter(one => one.getClientRects().length)
        .map(one => [one.outerHTML.slice(0, 60), (one.closest('label') ?? one).getBoundingClientRect()])
        .filter(([, box]) => Math.min(box.width, box.height) < 44).map(([text]) => text)"""
    assert page.evaluate(small) == []
