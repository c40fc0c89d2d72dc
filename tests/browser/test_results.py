"""The map of a result in a real browser: the result first, whole, sorted, with its calculation."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import plain
import pytest
from chromium import PHONE, Opened, axe_faults

from artois_geo import maps
from artois_geo.studies import result_map
from artois_geo.studies.land.maps import net
from artois_geo.studies.land.maps.net import NetLand
from artois_geo.studies.sites import site_land
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.studies.study_table import StudyTable

Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parks of 100, 25 and 4 ha; a flood takes 25 ha of the first."""
    sites = pd.concat(
        [
            plain.square(x_km=5, y_km=0, side_km=0.2, nom="Petit"),
            plain.square(x_km=0, y_km=0, side_km=1, nom="Parc", comm_nom="Bourg"),
            plain.square(x_km=3, y_km=0, side_km=0.5, nom="Lot"),
        ],
        ignore_index=True,
    )
    flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
    rules = Constraints(flood.assign(setback_m=0.0))
    remaining = site_land.remaining_land(sites, rules)
    table = StudyTable(remaining, notes=["Une note qui reste entière."])
    folium_map = result_map.drawing(net.available_map(NetLand(sites, remaining, rules, table)), {})
    file = tmp_path_factory.mktemp("resultat") / "carte.html"
    file.write_text(maps.standalone(folium_map), encoding="utf-8")
    return file


def test_the_result_comes_first_sorted_and_adds_up(opened: Open, page_file: Path) -> None:
    view = opened(file=page_file)
    page = view.page
    assert page.inner_text("h1") == "3 sites : 104,0 ha disponibles sur 129,0 ha bruts"
    assert page.locator("#list button[data-id] b").all_inner_texts()[:3] == ["Parc", "Lot", "Petit"]
    amounts = page.locator("#list button[data-id] .ha").all_inner_texts()[:3]
    assert amounts == ["75,00 ha", "25,00 ha", "4,00 ha"]
    assert page.locator("#result dd").all_inner_texts() == ["129,0 ha", "25,0 ha", "104,0 ha"]
    assert "Crue : 25,0 ha retirés" in page.inner_text("#legend")
    page.locator("#list button[data-id]").first.click()
    assert page.locator("#card .steps dd").all_inner_texts() == ["100,00 ha", "25,00 ha", "75,00 ha"]
    assert axe_faults(page) == []
    page.locator("button[data-lang=en]").click()
    assert page.inner_text("h1") == "3 sites: 104.0 ha available out of 129.0 ha gross"
    assert "Available: 104.0 ha" in str(page.text_content("#legend"))
    assert view.complaints == []


def test_no_heading_of_a_result_is_cut(opened: Open, page_file: Path) -> None:
    page = opened(file=page_file, size=PHONE).page
    for selector in ("h1", "#result"):
        assert page.locator(selector).evaluate("node => node.scrollWidth <= node.clientWidth + 1"), selector
    assert page.locator("#list button[data-id]").first.is_visible()


def test_each_constraint_has_a_hatching_of_its_own(opened: Open, page_file: Path) -> None:
    page = opened(file=page_file).page
    fills = page.locator("#mapwrap path").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('fill'))"
    )
    assert any(fill and fill.startswith("url(#croix-") for fill in fills)
    assert page.locator("pattern[id^=croix-]").count() > 0
