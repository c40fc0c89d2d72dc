"""What stands around the cells of a table: merged labels, hidden rows and sheets, notes, a second table."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from artois_geo.deliveries import delivery
from artois_geo.errors import UnreadableFile

ROWS = [["epci", "insee", "ha"], ["CALL", "62001", 7], [None, "62002", None], ["CABB", "62003", 2.5]]


def received(folder: Path, rows: list[list[Any]], edit=lambda book: None) -> delivery.Delivery:
    book = openpyxl.Workbook()
    book.active.title = "Données"
    for row in rows:
        book.active.append(row)
    edit(book)
    book.save(folder / "table.xlsx")
    return delivery.receive(folder / "table.xlsx", "libre")


def rules(result: delivery.Delivery) -> dict[str, str]:
    return {row["rule"]: row["message"] for row in result.rows() if row["level"] != "note"}


def test_a_merged_label_is_that_of_each_of_its_rows_and_a_number_of_none_but_the_first(tmp_path):
    def merge(book):
        book.active.merge_cells("A2:A3")
        book.active.merge_cells("C2:C3")

    result = received(tmp_path, ROWS, merge)
    assert result.features["epci"].tolist() == ["CALL", "CALL", "CABB"]
    assert result.features["ha"].isna().tolist() == [False, True, False]
    merged = [row for row in result.rows() if row["rule"] == "cellules fusionnées"]
    assert [row["level"] for row in merged] == ["alerte", "réparation"]


def test_hidden_rows_are_read_and_reported(tmp_path):
    def hide(book):
        book.active.row_dimensions[3].hidden = True

    result = received(tmp_path, ROWS, hide)
    assert len(result.features) == 3
    assert rules(result)["ligne masquée"] == "1 ligne masquée, lue avec les autres (ligne 3)"


def test_the_only_sheet_that_shows_is_read(tmp_path):
    def add(book):
        book.create_sheet("Brouillon").append(["insee"])
        book["Brouillon"].append(["62099"])
        book["Brouillon"].sheet_state = "hidden"

    result = received(tmp_path, ROWS, add)
    assert len(result.features) == 3
    assert "Brouillon" in rules(result)["feuille masquée"]


def test_notes_below_a_table_are_no_objects(tmp_path):
    result = received(tmp_path, [*ROWS, [], ["Source : fictif, 2024"], ["* estimation"]])
    assert result.features["insee"].tolist() == ["62001", "62002", "62003"]
    assert "ligne 6" in rules(result)["note sous le tableau"]
    delivery_read = received(tmp_path, [*ROWS, ["Sourcéenne"]])
    assert len(delivery_read.features) == 4


def test_a_second_table_below_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="ligne 6 : un second tableau y commence"):
        received(tmp_path, [*ROWS, [], ["insee", "insee", "pop"], ["62001", "x", 400]])


def test_a_title_may_have_a_year_beside_it(tmp_path):
    result = received(tmp_path, [["Liste des zones", 2024], ["insee", "nom"], ["62001", "A"]])
    assert list(result.features.columns.drop("geometry")) == ["insee", "nom"]


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3"],
        ["1", "NC", "1"],
        ["1 ha", "2 ha", "3 ha"],
        ["1", "2", "4"],
    ],
)
@pytest.mark.parametrize("label", ["TOTAL", "Sous-total", "CA de Lens - total"])
def test_a_row_called_a_total_is_reported_whatever_its_figure(tmp_path, cells, label):
    path = tmp_path / "sites.csv"
    names = ["A", "B", label]
    path.write_text("\n".join(["nom;ha", *(f"{n};{c}" for n, c in zip(names, cells, strict=True))]))
    total_rows = [row for row in delivery.receive(path, "libre").rows() if row["rule"] == "total"]
    assert [row["position"] for row in total_rows] == [3]


def test_sub_totals_do_not_hide_the_total(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("nom;ha\nA;1\nB;2\nSous-total;3\nC;4\nD;5\nSous-total;9\nTotal;12\n")
    total_rows = [row for row in delivery.receive(path, "libre").rows() if row["rule"] == "total"]
    assert [row["position"] for row in total_rows] == [3, 6, 7]


def test_errors_of_formulas_and_rounded_codes_are_reported(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("siren;ha\n2,00072E+08;#REF!\n200072460;3\n")
    assert {"erreur de formule", "code arrondi"} <= set(rules(delivery.receive(path, "libre")))
