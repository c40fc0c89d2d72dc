"""What a column means is decided in one module, whatever its case, accents and nulls."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_code import PACKAGE, modules, nodes

from artois_geo import meaning

SPELLINGS = st.sampled_from(["schématique", "Schématique", "SCHEMATIQUE", "schématique", " schematique "])
OTHERS = st.sampled_from(["levée", "numérisée", "", None, float("nan"), pd.NA, "non schématique"])


@given(st.lists(st.tuples(st.booleans(), SPELLINGS, OTHERS), max_size=8), st.sampled_from([object, "string"]))
def test_case_accents_and_nulls_never_change_what_is_schematic(
    rows: list[tuple[bool, object, object]], dtype: object
) -> None:
    cells = [spelling if is_schematic else other_text for is_schematic, spelling, other_text in rows]
    if dtype == "string":
        cells = [None if meaning.is_missing(cell) else cell for cell in cells]
    frame = pd.DataFrame({"geometrie": pd.Series(cells, dtype=dtype)})
    assert meaning.schematic(frame).tolist() == [is_schematic for is_schematic, _, _ in rows]


@pytest.mark.parametrize(
    "cells", [[True, False, None], ["oui", "non", None], [1, 0, None], ["Vrai", "", "2"]]
)
def test_made_up_rows_are_seen_however_they_say_so(cells: list[object]) -> None:
    assert meaning.fictional(pd.DataFrame({"fictif": cells})).tolist() == [True, False, False]
    assert meaning.fictional(pd.DataFrame({"autre": cells})).tolist() == [False, False, False]


def test_a_mark_can_be_written_into() -> None:
    meaning.schematic(pd.DataFrame({"geometrie": ["levée"]}))[0] = True  # pandas 3 gives read-only arrays


def test_a_precision_that_is_no_number_is_unknown_never_zero() -> None:
    metres = meaning.precision_m(pd.DataFrame({"precision_m": ["±3 km", None, "", -5, 0, 12.5]}))
    assert np.isnan(metres[:4]).all()
    assert metres[4:].tolist() == [0, 12.5]


def test_no_other_module_decides_what_is_schematic_or_made_up() -> None:
    elsewhere = []
    for path in modules():
        if path.name == "meaning.py" or path.parent.name == "example":
            continue
        sought = {
            id(node.left) for node in nodes(path) if isinstance(node, ast.Compare) and _is_in(node)
        }  # a word looked for in a sentence
        for node in nodes(path):
            if id(node) in sought:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = meaning.fold(node.value)
                if word in {"schematique", "schematiques"} or (word == "fictif" and _compared(path, node)):
                    elsewhere.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert elsewhere == []


def _is_in(comparison: ast.Compare) -> bool:
    return isinstance(comparison.ops[0], ast.In)


def _compared(path: Path, constant: ast.Constant) -> bool:
    """Whether the name of the column is looked up in a frame on that line."""
    line = path.read_text(encoding="utf-8").splitlines()[constant.lineno - 1]
    return any(mark in line for mark in (".eq(", "isin(", "is True", "astype(", "== "))


@pytest.mark.parametrize("word", ["oui", "Vrai", "TRUE", "yes", "1", "1.0", 1, 1.0, True])
def test_an_answer_does_not_depend_on_capitals_or_blanks(word: object) -> None:
    assert meaning.truth(f" {word} ") is True
    frame = pd.DataFrame({"a": [word, None, "autre"]}, dtype=object)
    assert meaning.true_rows(frame, "a").tolist() == [True, False, False]


@pytest.mark.parametrize("value", [None, "", "fermé", 2, "N", "o"])
def test_what_says_neither_yes_nor_no_is_unknown(value: object) -> None:
    assert meaning.truth(value) is None


def test_a_letter_answers_only_where_the_column_holds_answers() -> None:
    assert [meaning.truth(letter, letters=True) for letter in "oOnNfxz"] == [
        True,
        True,
        False,
        False,
        False,
        True,
        None,
    ]


def test_a_quality_is_schematic_outlined_or_unknown_never_two() -> None:
    qualities = ["levée", "Numérisée", "schématique", "schematic", "croquis", None, ""]
    frame = pd.DataFrame({"geometrie": qualities})
    assert meaning.outlined(frame).tolist() == [True, True, False, False, False, False, False]
    assert meaning.schematic(frame).tolist() == [False, False, True, True, False, False, False]


def test_a_delivery_is_matched_by_names_and_not_by_identifiers() -> None:
    assert meaning.site_name_columns("delivery") == ("site_nom", "terr_nom", "nom")
    assert meaning.site_name_columns("ranking")[0] == "site"
    assert meaning.site_name_columns("sheet") == ("site_nom", "terr_nom")
