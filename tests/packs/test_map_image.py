"""A map as a picture for a report."""

import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import folium
import hostile_texts as hostile
import pandas as pd
import plain
import pytest
from cli_runner import run

from artois_geo import layers, maps, packs
from artois_geo.errors import BadValue, MissingPart
from artois_geo.maps import static_svg
from artois_geo.maps.outlines import compact
from artois_geo.packs import map_image


@pytest.fixture(scope="module")
def shipped() -> folium.Map:
    catalogue = layers.read_catalogue()
    frames = {name: layers.read(layer) for name, layer in catalogue.items()}
    return maps.build(frames, layers=catalogue, title="Offre foncière")


def words_of(text: str) -> str:
    return " ".join(element.text or "" for element in ElementTree.fromstring(text).iter())


def test_a_picture_says_title_legend_scale_north_flags_and_every_source(shipped: folium.Map) -> None:
    words = words_of(packs.svg(shipped))
    for word in ("Offre foncière", "Légende", "10 km", " N ", "Carte schématique", "non contractuel", "Lens"):
        assert word in f"{words} "
    for layer in layers.read_catalogue().values():
        assert layer.vintage in words.replace("  ", " ") or layer.vintage.split(" ")[0] in words
    assert "Legend" in words_of(packs.svg(shipped, lang="en"))


def test_a_picture_asks_for_nothing_and_runs_nothing(shipped: folium.Map) -> None:
    text = packs.svg(shipped)
    names = {element.tag.split("}")[1] for element in ElementTree.fromstring(text).iter()}
    assert names <= {"svg", "g", "rect", "path", "circle", "text", "title", "defs", "pattern"}
    assert "href" not in text


def test_the_same_map_gives_the_same_picture(shipped: folium.Map) -> None:
    assert packs.svg(shipped) == packs.svg(shipped)


@pytest.mark.parametrize("payload", hostile.TEXTS, ids=range(len(hostile.TEXTS)))
def test_no_outside_text_is_markup_in_a_picture(payload: str) -> None:
    record = SimpleNamespace(
        title=payload, kind="", group="", source=payload, licence=payload, vintage=payload
    )
    town = plain.square(x_km=0, y_km=0, side_km=5, comm_nom=payload, pop_totale=9, epci_sigle=payload)
    ground = SimpleNamespace(**{**vars(record), "kind": "commune_contour"})
    frames = {payload: plain.square(x_km=0, y_km=0, side_km=1, nom=payload), "communes": town}
    carte = maps.build(frames, layers={payload: record, "communes": ground}, title=payload, subtitle=payload)
    root = ElementTree.fromstring(packs.svg(carte))
    names = {element.tag.split("}")[1] for element in root.iter()}
    assert not names & {"script", "image", "foreignObject", "a", "iframe", "style"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


def test_a_png_is_twice_as_wide_as_the_svg(shipped: folium.Map) -> None:
    pytest.importorskip("resvg_py")
    content = packs.png(shipped)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(content[16:20], "big") == 2 * map_image.WIDTH
    assert hashlib.sha256(content).digest() == hashlib.sha256(packs.png(shipped)).digest()


def test_without_the_optional_part_the_message_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    carte = maps.build({"A": plain.square(x_km=0, y_km=0, side_km=1)})
    with pytest.raises(MissingPart, match=r"artois-geo\[image\]"):
        packs.png(carte)


def test_a_picture_speaks_one_language_titles_of_layers_and_themes_too(shipped: folium.Map) -> None:
    words = words_of(packs.svg(shipped, lang="en"))
    for layer in layers.read_catalogue().values():
        assert f"{layer.title_en}:" in words
        assert f"{layer.title} :" not in words
    towns = plain.square(x_km=0, y_km=0, side_km=1, densite=4.0)
    record = SimpleNamespace(title="Communes", title_en="Towns", kind="", group="", source="s", licence="l")
    carte = maps.build(
        {"communes": towns},
        layers={"communes": record},
        themes={"communes": maps.Thematic("densite")},
        title={"fr": "Titre", "en": "Heading"},
        subtitle={"fr": "Sous-titre", "en": "Told"},
    )
    words = words_of(packs.svg(carte, lang="en"))
    assert "Towns: densite" in words
    assert "Heading" in words
    assert "Told" in words
    assert "Titre" not in words


def test_a_layer_too_large_for_a_picture_is_named_with_its_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "BULK_FROM", 2)
    lots = pd.concat([plain.square(x_km=i, y_km=0, side_km=1, n=float(i)) for i in range(3)])
    few = plain.square(x_km=9, y_km=0, side_km=1, nom="A")
    record = SimpleNamespace(title="Parcelles", title_en="Plots", kind="", group="", source="s", licence="l")
    frames = {"lots": lots.reset_index(drop=True), "few": few}
    carte = maps.build(frames, layers={"lots": record})
    assert packs.undrawn(carte) == ["Couche « Parcelles » (3 objets) : pas dessinée sur l’image."]
    words = words_of(packs.svg(carte, lang="en"))
    assert "Layer “Plots” (3 objects): not drawn in the picture." in words
    assert "Plots: s" not in words, "it is no source of the picture"
    themed = maps.build(frames, themes={"lots": maps.Thematic("n")})
    with pytest.raises(BadValue, match="« lots » : 3 objets"):
        packs.svg(themed)


def test_the_command_says_which_layer_is_not_in_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "BULK_FROM", 2)
    lots = pd.concat([plain.square(x_km=i, y_km=0, side_km=1, n=float(i)) for i in range(3)])
    layers.write(lots.reset_index(drop=True), tmp_path / "lots.geojson")
    result = run("carte", tmp_path / "lots.geojson", "--image", tmp_path / "a.svg")
    assert result.exit_code == 0
    assert "Couche « lots » (3 objets) : pas dessinée sur l’image." in result.stderr


def test_sites_too_many_for_discs_are_still_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "MIDDLE_FROM", 1)
    sites = pd.concat([plain.point(x_km=i, y_km=i, site_nom=f"S{i}", famille="autre") for i in range(3)])
    record = SimpleNamespace(title="Sites", kind="site_eco", group="", source="s", licence="l", vintage="v")
    carte = maps.build({"sites": sites.reset_index(drop=True)}, layers={"sites": record})
    root = ElementTree.fromstring(static_svg.draw(carte.page, every_shape=True))
    assert sum(element.tag.endswith("circle") for element in root.iter()) == 3


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_name_of_the_picture_touches_another_or_covers_a_disc(
    shipped: folium.Map, browser: Any, lang: str
) -> None:
    """As a browser sets the letters: 2 px of air between names, none on a disc, its letter or the scale."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_content(packs.svg(shipped, lang=lang))
    boxes = page.evaluate(
        """() => {
            const box = ({ x, y, width, height }) => [x, y, width, height];
            const all = what => [...document.querySelectorAll(`svg svg ${what}`)].map(
                node => [node.textContent || node.r.baseVal.value, box(node.getBBox())]);
            return {
                names: all('text.still-town[stroke]'),
                others: all('text:not(.still-town)'),
                discs: all('circle').filter(([radius]) => radius >= 5),
            };
        }"""
    )
    names = boxes["names"]
    assert {"Lens", "Liévin", "Avion", "Béthune", "Hénin-Beaumont"} <= {name for name, _ in names}
    assert len(boxes["discs"]) > 40
    for index, (name, box) in enumerate(names):
        for other_name, around in names[:index]:
            assert apart(box, around) >= 2, (name, other_name)
        for other_name, around in [*boxes["others"], *boxes["discs"]]:
            assert apart(box, around) >= 0, (name, other_name)


def apart(box: list[float], other_box: list[float]) -> float:
    """Pixels between two boxes (x, y, width, height) on the axis that parts them; below 0 they meet."""
    return max(
        max(box[axis] - other_box[axis] - other_box[axis + 2], other_box[axis] - box[axis] - box[axis + 2])
        for axis in (0, 1)
    )


def test_a_map_of_others_is_refused() -> None:
    with pytest.raises(BadValue, match=r"maps\.build"):
        packs.svg(folium.Map())


def test_the_pictures_of_text_wrap_inside_the_sheet() -> None:
    long = SimpleNamespace(title="T" * 20, kind="", group="", source="mot " * 200, licence="l", vintage="v")
    carte = maps.build(
        {"a": plain.square(x_km=0, y_km=0, side_km=1)}, layers={"a": long}, title="Titre " * 60
    )
    texts = [
        element.text or "" for element in ElementTree.fromstring(packs.svg(carte)).iter() if element.text
    ]
    title = ElementTree.fromstring(packs.svg(carte))[0].text
    assert max(len(text) for text in texts if text != title) <= map_image.SOURCE_LETTERS
