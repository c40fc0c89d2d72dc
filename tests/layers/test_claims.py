"""Published figures that arithmetic checks."""

from pathlib import Path

import pytest

from artois_geo import layers
from artois_geo.errors import UnreadableFile

CLAIM = """
[[claims]]
name = "a"
title = "A"
published = 50
unit = "%"
operation = "pourcentage"
numbers = [80, 200]
source = "rapport"
"""


def folder(parent: Path, text: str) -> Path:
    (parent / "catalogue.toml").write_text(text, encoding="utf-8")
    return parent


def test_eighty_of_two_hundred_is_forty_percent_and_five_seconds_are_eight() -> None:
    table = layers.check_claims(layers.read_claims()).set_index("claim")
    failing = table[table["verdict"] == "ne tient pas"]["computed"].round(1)
    assert failing.tolist() == [40.0, 8.2]


def test_what_holds_is_said_to_hold() -> None:
    table = layers.check_claims(layers.read_claims())
    assert table.loc[table["claim"].str.contains("220 camions"), "verdict"].tolist() == ["tient"]


@pytest.mark.parametrize(
    ("operation", "numbers", "computed"),
    [
        ("somme", [1, 2, 3], 6),
        ("différence", [55, 17, 9], 29),
        ("produit", [2, 3], 6),
        ("quotient", [1800, 220], 1800 / 220),
        ("pourcentage", [80, 200], 40),
    ],
)
def test_each_operation_is_what_its_name_says(operation: str, numbers: list[float], computed: float) -> None:
    claim = layers.Claim("a", "A", 1, "", operation, numbers, "rapport")
    assert layers.check_claims([claim])["computed"].tolist() == [pytest.approx(computed)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("numbers = [80, 200]", "numbers = [80, 0]", "diviseur nul"),
        ("numbers = [80, 200]", "numbers = [80]", "au moins deux nombres"),
        ('"pourcentage"', '"__import__"', "opération inconnue"),
        ("published = 50\n", "", "published"),
        ('unit = "%"', 'unit = "%"\nformule = "80/200"', "formule"),
    ],
)
def test_a_claim_that_cannot_be_computed_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        layers.read_claims(folder(tmp_path, CLAIM.replace(old, new)))


def test_a_folder_without_claims_has_none(tmp_path: Path) -> None:
    assert layers.read_claims(tmp_path) == ()
    assert layers.read_claims(folder(tmp_path, "")) == ()
