"""What a user adds with folium: inlined, stood in for, or read online and said; sizes, views, refusals."""

import hashlib
import html
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import folium
import folium.plugins
import plain
import pytest
from drawn_plugins import PLUGINS, marked

from artois_geo import maps
from artois_geo.errors import BadValue
from artois_geo.maps.plugins import inlined

PAGE = Path(__file__).parents[2] / "docs" / "carnets.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.M)


def carte(**options: Any) -> Any:
    return maps.build({"Site": plain.square(x_km=0, y_km=0, side_km=1, nom="A")}, **options)


def page_in_cell(folium_map: Any) -> str:
    """Return the page in the frame of a cell."""
    return html.unescape(re.search(r'srcdoc="([^"]*)"', folium_map._repr_html_())[1])


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    return dict(ROW.findall(PAGE.read_text(encoding="utf-8")))


# ------------------------------------------------------------------------------------------ files of plugins


@pytest.mark.parametrize("plugin", [p for p in inlined.plugins() if p.distribution], ids=lambda p: p.name)
def test_an_installed_plugin_is_the_one_that_was_tried(plugin: inlined.Plugin) -> None:
    for asset in plugin.files:
        file = inlined.installed(plugin, asset)
        assert file is not None, f"pip install '{inlined.EXTRA}'"
        assert hashlib.sha256(file.read_bytes()).hexdigest() == asset.sha256, asset.path


@pytest.mark.parametrize("plugin", [p for p in inlined.plugins() if p.distribution], ids=lambda p: p.name)
def test_a_copy_brings_its_licence_and_asks_for_nothing(plugin: inlined.Plugin) -> None:
    for asset in plugin.files:
        text = inlined.text_of(plugin, f"https://cdn.example/{asset.asks}")
        assert text is not None
        assert f"Copyright (c) {plugin.copyright}" in text
        assert "WARRANTIES OF" in text.upper()
        assert "sourceMappingURL" not in text
        assert not re.search(r"url\((?!['\"]?data:)", text)


def test_the_table_of_the_page_names_each_plugin_that_is_tried(documented: dict[str, str]) -> None:
    assert documented.keys() == PLUGINS.keys()
    assert len(documented) >= 14
    assert {name for name, location in documented.items() if location == "fichier"} >= {
        "Fullscreen", "MarkerCluster", "HeatMap", "MiniMap", "Draw", "MeasureControl"
    }  # fmt: skip


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_is_where_the_page_says(name: str, documented: dict[str, str]) -> None:
    folium_map = carte()
    marked(PLUGINS[name], folium_map)
    page = page_in_cell(folium_map)
    if documented[name] == "fichier":
        assert maps.standalone(folium_map).startswith("<!DOCTYPE html>")
        assert 'class="online-view"' not in page
    else:
        with pytest.raises(BadValue, match=r"Tiennent en un fichier : .*Draw"):
            maps.standalone(folium_map)
        assert 'class="online-view"' in page


def test_without_its_package_a_plugin_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlined, "installed", lambda plugin, asset: None)
    folium_map = carte()
    folium.plugins.Draw().add_to(folium_map)
    with pytest.raises(BadValue, match=r"Draw : https://.*pip install 'artois-geo\[greffons\]'"):
        maps.standalone(folium_map)


def test_a_refusal_names_every_plugin_that_blocks_once() -> None:
    folium_map = carte()
    folium.plugins.Geocoder().add_to(folium_map)
    folium.plugins.MousePosition().add_to(folium_map)
    folium.TileLayer("OpenStreetMap").add_to(folium_map)
    with pytest.raises(BadValue) as refusal:
        folium_map.save("carte.html")
    lines = [line for line in str(refusal.value).splitlines() if line.startswith("- ")]
    assert sorted(line.split(" : ")[0] for line in lines) == [
        "- Geocoder",
        "- MousePosition",
        "- tuiles « openstreetmap »",
    ]


# ------------------------------------------------------------------------------------------------ the page


def test_a_map_with_nothing_added_keeps_the_strict_policy() -> None:
    assert (
        "unsafe" not in re.search(r'Content-Security-Policy" content="([^"]*)"', maps.standalone(carte()))[1]
    )


def test_an_online_view_runs_no_script_but_ours_and_those_of_its_hosts() -> None:
    folium_map = carte()
    folium.plugins.Geocoder().add_to(folium_map)
    policy = html.unescape(
        re.search(r'Content-Security-Policy" content="([^"]*)"', page_in_cell(folium_map))[1]
    )
    scripts = re.search(r"script-src ([^;]*)", policy)[1].split()
    assert [source for source in scripts if not source.startswith("'sha256-")] == ["https://unpkg.com"]


def test_a_style_that_a_user_puts_in_the_head_reaches_the_page() -> None:
    folium_map = carte()
    folium_map.get_root().header.add_child(folium.Element("<style>.mine{color:red}</style>"))
    assert ".mine{color:red}" in maps.standalone(folium_map)


def test_the_bounds_of_a_map_hold_what_was_added() -> None:
    folium_map = carte()
    (south, west), (north, east) = folium_map.get_bounds()
    folium.Marker([south - 1, east + 2]).add_to(folium_map)
    assert folium_map.get_bounds() == [[south - 1, west], [north, east + 2]]


def test_a_map_opens_where_it_is_fitted() -> None:
    folium_map = carte()
    folium_map.fit_bounds([[50, 2], [51, 3]])
    assert '"view":[[50.0,2.0],[51.0,3.0]]' in maps.standalone(folium_map)
    folium_map.fit_bounds(folium_map.get_bounds())
    with pytest.raises(BadValue, match="deux coins"):
        folium_map.fit_bounds([50, 2, 51, 3])


@pytest.mark.parametrize(
    ("size", "style"),
    [(500, "height:500px"), ("80vh", "height:80vh"), ("100%", "height:620px"), (None, "height:620px")],
)
def test_the_height_of_a_cell_is_chosen(size: Any, style: str) -> None:
    folium_map = carte() if size is None else carte(height=size)
    assert style in folium_map._repr_html_()[-120:]


def test_the_size_of_a_figure_of_folium_is_that_of_the_cell() -> None:
    figure = folium.Figure(width=700, height=300)
    folium_map = carte().add_to(figure)
    assert figure._repr_html_() == folium_map._frame("700px", "300px")
    assert figure.render() == maps.standalone(folium_map)


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(BadValue, match=r"height=500 \(pixels\)"):
        carte(height="haut")


def test_the_root_of_a_map_saves_our_page(tmp_path: Path) -> None:
    folium_map = carte()
    folium_map.get_root().save(str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == maps.standalone(folium_map)


def test_a_cell_says_what_keeps_its_map_from_showing(monkeypatch: pytest.MonkeyPatch) -> None:
    folium_map = carte()
    monkeypatch.setattr(import_module("artois_geo.maps.standalone"), "MAX_BYTES", 10)
    assert "Mo" in folium_map._repr_html_()
    assert "<iframe" not in folium_map._repr_html_()


def test_the_browser_is_shown_the_page_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def browse(address: str) -> None:
        opened.append(Path(address.removeprefix("file://")).read_text(encoding="utf-8"))
        raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", browse)
    folium_map = carte()
    before = folium_map.get_root()
    with pytest.raises(KeyboardInterrupt):
        folium_map.show_in_browser()
    assert opened == [maps.standalone(folium_map)]
    assert folium_map.get_root() is before


@pytest.mark.parametrize("add", [folium.plugins.Fullscreen, folium.plugins.MeasureControl])
def test_a_map_of_folium_alone_takes_the_same_plugins(add: Callable[[], Any]) -> None:
    own = folium.Map([50.4, 2.8], tiles=None)
    add().add_to(own)
    assert "L.Control." in maps.standalone(own)


def test_the_small_map_of_a_map_of_folium_alone_reads_tiles() -> None:
    own = folium.Map([50.4, 2.8], tiles=None)
    folium.plugins.MiniMap().add_to(own)
    with pytest.raises(BadValue, match="tuiles"):
        maps.standalone(own)
