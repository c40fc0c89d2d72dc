"""Colours can be told apart, words are used, cards name columns that exist."""

import itertools
import re
from collections import Counter
from importlib.resources import files

import pytest
from colorspacious import deltaE
from colours import SIGHTS, SMALLEST_GRAPHIC_CONTRAST, as_seen, contrast

from artois_geo import vocabulary
from artois_geo.kinds.schema import kinds, read_kind
from artois_geo.maps import page, style
from artois_geo.maps.numbers import classes

FAMILIES = style.read_style()["families"]
KINDS = style.read_style()["kinds"]
SMALLEST_DISTANCE = 15  # CAM02-UCS
SMALLEST_CONTRAST = 4.5  # WCAG 2.2, text

OUR_TEXTS = {
    name: files("artois_geo.maps").joinpath(name).read_text(encoding="utf-8")
    for name in (*page.SCRIPTS, "page.html.j2")
}


@pytest.mark.parametrize("sight", SIGHTS)
def test_families_stay_apart_for_every_sight(sight: str | None) -> None:
    for family, other_family in itertools.combinations(FAMILIES, 2):
        distance = deltaE(
            as_seen(family["fill"], sight), as_seen(other_family["fill"], sight), input_space="sRGB1"
        )
        assert distance >= SMALLEST_DISTANCE, (family["id"], other_family["id"])


def test_families_carry_a_letter_of_their_own_that_can_be_read() -> None:
    assert len({family["letter"] for family in FAMILIES}) == len(FAMILIES)
    for family in FAMILIES:
        assert contrast(family["fill"], family["ink"]) >= SMALLEST_CONTRAST, family["id"]


def test_pictograms_are_readable_on_their_square() -> None:
    for name, entry in KINDS.items():
        parts = [entry, *entry.get("icons", [])]
        for fill in (part["fill"] for part in parts if entry.get("drawn") == "symbols" and "fill" in part):
            assert contrast(fill, "#ffffff") >= SMALLEST_CONTRAST, name


def test_lines_and_edges_stand_out_from_the_land() -> None:
    land = style.read_style()["ground"]["land"]
    for name, entry in KINDS.items():
        if "stroke" in entry:
            assert contrast(entry["stroke"], land) >= SMALLEST_GRAPHIC_CONTRAST, name


def test_town_names_and_limits_are_readable() -> None:
    ground = style.read_style()["ground"]
    assert contrast(ground["label"], ground["land"]) >= SMALLEST_CONTRAST
    assert contrast(ground["limit"], ground["land"]) >= SMALLEST_GRAPHIC_CONTRAST


@pytest.mark.parametrize("kind", sorted(set(KINDS) & set(kinds())))
def test_a_card_names_columns_that_its_kind_has(kind: str) -> None:
    fields = {field.name for field in read_kind(kind).fields}
    entry = KINDS[kind]
    assert set(entry.get("figures", [])) <= fields
    assert set(entry.get("facts", [])) <= fields
    for role in ("name", "area", "counted", "population"):
        if role in entry:
            assert set(entry[role]) & fields, role


@pytest.mark.parametrize("kind", sorted(set(KINDS) & set(kinds())))
def test_a_card_never_shows_what_the_kind_keeps_private(kind: str) -> None:
    private = {field.name for field in read_kind(kind).fields if not field.publish}
    entry = KINDS[kind]
    assert not private & {*entry.get("figures", []), *entry.get("facts", [])}


def test_listed_columns_have_a_label() -> None:
    labelled = {name for name, label in style.read_columns().items() if "fr" in label} | set(
        vocabulary.terms()
    )
    columns = {c for entry in KINDS.values() for c in (*entry.get("figures", []), *entry.get("facts", []))}
    assert columns <= labelled


def test_groups_of_kinds_exist() -> None:
    groups = {group["id"] for group in style.read_style()["groups"]}
    assert {entry["group"] for entry in KINDS.values()} <= groups


def test_icons_exist() -> None:
    pictograms = OUR_TEXTS["drawing.js"].split("const PICTOGRAMS = {")[1].split("};")[0]
    drawn_icons = set(re.findall(r"^  (\w+):", pictograms, re.MULTILINE))
    icons = {part["icon"] for e in KINDS.values() for part in (e, *e.get("icons", [])) if "icon" in part}
    assert icons <= drawn_icons


def test_every_word_is_used_and_every_used_word_exists() -> None:
    words = set(style.read_words()["fr"])
    text = "\n".join(OUR_TEXTS.values())
    used_words = set(re.findall(r"\bt\((?:\w+(?:\.\w+)? \? )?'(\w+)'", text))
    used_words |= set(re.findall(r"data-(?:word|label|title)=\"(\w+)\"", text))
    assert used_words <= words
    quoted = set(re.findall(r"'(\w+)'", text)) | set(re.findall(r"\bw\.(\w+)", text)) | used_words
    quoted |= set(re.findall(r"words\[code\]\.(\w+)", text)) | {"title"}
    quoted |= {f"theme_{method}" for method in (*classes.METHODS, "value")} | {
        "theme_above",
        "theme_below",
    }  # by their name
    quoted |= set(
        re.findall(
            r"\"(theme_\w+)\"",
            "".join(
                files("artois_geo.maps.numbers").joinpath(name).read_text("utf-8")
                for name in ("thematic.py", "colours.py")
            ),
        )
    )
    assert words <= quoted


def test_no_two_scripts_declare_the_same_name() -> None:
    declared = re.compile(r"^(?:const|let|class|(?:async )?function) +(\w+)", re.MULTILINE)
    names = [name for script in page.SCRIPTS for name in declared.findall(OUR_TEXTS[script])]
    assert len(names) > 200
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_our_scripts_never_write_html() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    )
    for name, text in OUR_TEXTS.items():
        code = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        assert not forbidden.search(code), name


def test_an_unknown_kind_is_drawn_in_the_default_style() -> None:
    assert style.kind_style("jamais vu") == style.read_style()["default"]
    assert not style.is_known("jamais vu")


@pytest.mark.parametrize(
    ("spelling", "family"),
    [
        ("hub logistique", "hub"),
        ("Entrepôts, logistique", "hub"),
        ("PARCS D’INDUSTRIE", "industrie"),
        ("espaces tertiaires", "tertiaire"),
        ("parc d'innovation", "innovation"),
        ("autre", "other"),
        ("une ferme", "other"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_spellings_find_their_family(spelling: str | None, family: str) -> None:
    assert style.family(spelling) == family
