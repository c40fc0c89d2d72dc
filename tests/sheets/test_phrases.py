"""Sentences of the sheets: each blank is filled once, whatever the text that fills it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import sheets
from artois_geo.sheets.wording import phrase


@settings(max_examples=25)
@given(name=st.text(max_size=20), state=st.text(max_size=20))
def test_a_text_of_the_layers_never_fills_another_blank(name: str, state: str) -> None:
    """« {state} » in the name of a quay stays what the source wrote."""
    assert phrase("fr", "beneath.state", name=name, state=state) == f"{name} ({state})"


def test_a_blank_named_as_the_language_is_filled_too() -> None:
    assert phrase("fr", "front.board", lang="EN") == "Planche A3, EN"


def test_a_blank_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="reason"):
        phrase("fr", "beneath.no_frontage")


def test_a_board_by_keywords_is_the_board_of_its_record() -> None:
    record = sheets.board(sheets.Board(title="Offre", figure="<svg/>", lang="en"))
    with pytest.warns(DeprecationWarning, match="Board"):
        assert sheets.board(title="Offre", figure="<svg/>", lang="en") == record


def test_a_map_of_a_sheet_refuses_a_keyword_that_it_has_not() -> None:
    import plain

    with pytest.raises(TypeError, match="taille"):
        sheets.situation(plain.square(x_km=0, y_km=0, side_km=1), {}, taille=(1, 1))
