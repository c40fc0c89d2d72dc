"""A map as a picture for a report."""

import hashlib
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import folium
import hostile
import plain
import pytest

from artois_geo import layers, maps, packs
from artois_geo.errors import BadValue, MissingPart
from artois_geo.packs import still


@pytest.fixture(scope="module")
def shipped() -> folium.Map:
    catalogue = layers.read_catalogue()
    frames = {name: layers.read(layer) for name, layer in catalogue.items()}
    return maps.build(frames, layers=catalogue, title="Offre foncière")


def said(text: str) -> str:
    return " ".join(element.text or "" for element in ElementTree.fromstring(text).iter())


def test_a_picture_says_title_legend_scale_north_flags_and_every_source(shipped: folium.Map) -> None:
    words = said(packs.svg(shipped))
    for word in ("Offre foncière", "Légende", "10 km", " N ", "Carte schématique", "non contractuel", "Lens"):
        assert word in f"{words} "
    for layer in layers.read_catalogue().values():
        assert layer.vintage in words.replace("  ", " ") or layer.vintage.split(" ")[0] in words
    assert "Legend" in said(packs.svg(shipped, lang="en"))


def test_a_picture_asks_for_nothing_and_runs_nothing(shipped: folium.Map) -> None:
    text = packs.svg(shipped)
    names = {element.tag.split("}")[1] for element in ElementTree.fromstring(text).iter()}
    assert names <= {"svg", "g", "rect", "path", "circle", "text", "title", "defs", "pattern"}
    assert "href" not in text


def test_the_same_map_gives_the_same_picture(shipped: folium.Map) -> None:
    assert packs.svg(shipped) == packs.svg(shipped)


@pytest.mark.parametrize("payload", hostile.PAYLOADS, ids=range(len(hostile.PAYLOADS)))
def test_no_outside_text_is_markup_in_a_picture(payload: str) -> None:
    record = SimpleNamespace(
        title=payload, kind="", group="", source=payload, licence=payload, vintage=payload
    )
    town = plain.square(x_km=0, y_km=0, side_km=5, comm_nom=payload, pop_totale=9, epci_sigle=payload)
    ground = SimpleNamespace(**{**vars(record), "kind": "commune_contour"})
    frames = {payload: plain.square(x_km=0, y_km=0, side_km=1, nom=payload), "communes": town}
    drawn = maps.build(frames, layers={payload: record, "communes": ground}, title=payload, subtitle=payload)
    root = ElementTree.fromstring(packs.svg(drawn))
    names = {element.tag.split("}")[1] for element in root.iter()}
    assert not names & {"script", "image", "foreignObject", "a", "iframe", "style"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


def test_a_png_is_twice_as_wide_as_the_svg(shipped: folium.Map) -> None:
    pytest.importorskip("resvg_py")
    content = packs.png(shipped)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(content[16:20], "big") == 2 * still.WIDTH
    assert hashlib.sha256(content).digest() == hashlib.sha256(packs.png(shipped)).digest()


def test_without_the_optional_part_the_message_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    drawn = maps.build({"A": plain.square(x_km=0, y_km=0, side_km=1)})
    with pytest.raises(MissingPart, match=r"artois-geo\[image\]"):
        packs.png(drawn)


def test_a_map_of_others_is_refused() -> None:
    with pytest.raises(BadValue, match=r"maps\.build"):
        packs.svg(folium.Map())


def test_the_pictures_of_text_wrap_inside_the_sheet() -> None:
    long = SimpleNamespace(title="T" * 20, kind="", group="", source="mot " * 200, licence="l", vintage="v")
    drawn = maps.build(
        {"a": plain.square(x_km=0, y_km=0, side_km=1)}, layers={"a": long}, title="Titre " * 60
    )
    texts = [
        element.text or "" for element in ElementTree.fromstring(packs.svg(drawn)).iter() if element.text
    ]
    title = ElementTree.fromstring(packs.svg(drawn))[0].text
    assert max(len(text) for text in texts if text != title) <= still.SOURCE_LETTERS
