"""Numbers written with their unit in the cell, and cells that say that nobody knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import quantities
from artois_geo.deliveries.matching import typed
from artois_geo.deliveries.value_rules import ValueRules
from artois_geo.kinds.schema import Field
from artois_geo.text import number

SQUARE_METRES = Field(name="surface", type="number", unit="m²")
PRICE = Field(name="prix_m2", type="number", unit="€/m²")


def read(cells, field=SQUARE_METRES, **units):
    """Read the cells of a column, with the unit of its file where one is given."""
    cells, changes = ValueRules(units=units).applied(cells, field)
    values, repairs = typed(cells, field, texts=True)
    return values, [*changes, *repairs]


def test_the_unit_of_the_cell_wins_over_that_of_the_column():
    values, findings = read(["12,5 ha", "12,5", "125 000 m²", "3 ha 25 a 10 ca"], surface="a")
    assert values == [125_000, 1_250, 125_000, 32_510]
    assert [finding.feature for finding in findings] == [1, 2, 3, 4]


@pytest.mark.parametrize("unit", ["m²", "a", "ha", "km²"])
@given(st.integers(0, 10**9))
def test_the_same_ground_is_the_same_number_in_every_unit(unit, square_metres):
    decimals = {"m²": 0, "a": 2, "ha": 4, "km²": 6}[unit]
    written = f"{number(square_metres / quantities.SQUARE_METRES[unit], decimals)} {unit}"
    assert read([written])[0] == [pytest.approx(square_metres)]
    assert read([written], surface="ha")[0] == [pytest.approx(square_metres)]


def test_commas_and_points_are_judged_by_the_column_without_its_units():
    assert read(["1,234.5 m²", "2,345 m²"])[0] == [1234.5, 2345]
    assert read(["1,234.5", "2,345"], surface="ha")[0] == [12_345_000, 23_450_000]


def test_a_cell_that_says_unknown_is_emptied_and_reported():
    values, findings = read(["Inconnue", "NC", " - ", "?", "n.r.", "0"])
    assert values == [None, None, None, None, None, 0]
    assert {(finding.rule, finding.level) for finding in findings} == {("valeur inconnue", "réparation")}
    assert [finding.found for finding in findings] == ["Inconnue", "NC", " - ", "?", "n.r."]


def test_what_has_no_single_answer_stays_as_it_is():
    cells = ["35 à 40", "sur demande", "> 5 ha", "12 ha environ", "3 km"]
    assert read(cells) == (cells, [])
    assert read(cells, surface="ha") == (cells, [])
    assert read(["35 € HT / m²", "35 €"], PRICE)[0] == [35, "35 €"]
