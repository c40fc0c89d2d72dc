"""A table leaves as French text, CSV, JSON and workbook without a figure or a text changing on the way."""

import csv
import io
import json
import re
import zipfile
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import constants, tables
from artois_geo.errors import BadTable

RISKY = ["=1+1", "+33 6", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("x")']
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def cells(content: bytes, separator: str) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def test_the_french_csv_has_what_a_french_spreadsheet_needs() -> None:
    frame = pd.DataFrame({"nom": ["Béthune; centre"], "area_ha": [1234.5], "annee": [2020], "zae": [True]})
    content = tables.to_csv(frame)
    assert content.startswith(b"\xef\xbb\xbf")
    assert cells(content, ";") == [
        ["nom", "Surface (ha)", "annee", "zae"],
        ["Béthune; centre", "1234,5", "2020", "oui"],
    ]


def test_the_machine_csv_has_a_point_and_no_bom() -> None:
    frame = pd.DataFrame({"nom": ["a,b"], "area_ha": [0.1 + 0.2], "zae": [False]})
    content = tables.to_raw_csv(frame)
    assert cells(content, ",") == [["nom", "area_ha", "zae"], ["a,b", repr(0.1 + 0.2), "false"]]
    assert not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", RISKY)
def test_a_formula_becomes_a_text_in_the_french_csv_only(text: str) -> None:
    frame = pd.DataFrame({text: [text]})
    assert cells(tables.to_csv(frame), ";") == [[f"'{text}"], [f"'{text}"]]
    assert cells(tables.to_raw_csv(frame), ",") == [[text], [text]]


def test_a_negative_number_is_no_formula() -> None:
    assert cells(tables.to_csv(pd.DataFrame({"gap": [-302.8444]})), ";") == [["Écart"], ["-302,8444"]]


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=5),
    figures=st.lists(st.floats(-1e9, 1e9), min_size=5, max_size=5),
)
def test_the_machine_csv_gives_back_every_text_and_figure(texts: list[str], figures: list[float]) -> None:
    frame = pd.DataFrame({"nom": pd.Series(texts, dtype=object), "area_ha": figures[: len(texts)]})
    back = cells(tables.to_raw_csv(frame), ",")[1:]
    assert [row[0] for row in back] == texts
    assert [float(row[1]) for row in back] == figures[: len(texts)]


def test_codes_keep_their_zeros_and_integers_stay_integers_beside_missing_ones() -> None:
    frame = pd.DataFrame(
        {
            "insee": ["01004", None],
            "n": pd.array([9007199254740993, None], dtype="Int64"),
            "m": pd.Series([1, 2], dtype="int64"),
            "area_ha": [np.nan, 2.0],
            "day": [pd.Timestamp("2024-02-29"), pd.NaT],
        }
    )
    assert cells(tables.to_raw_csv(frame), ",")[1:] == [
        ["01004", "9007199254740993", "1", "", "2024-02-29"],
        ["", "", "2", "2.0", ""],
    ]
    assert json.loads(tables.to_json(frame))["rows"] == [
        {"insee": "01004", "n": 9007199254740993, "m": 1, "area_ha": None, "day": "2024-02-29"},
        {"insee": None, "n": None, "m": 2, "area_ha": 2.0, "day": None},
    ]


def test_json_is_one_object_that_says_where_its_figures_come_from() -> None:
    half = constants.get("reduction_2021_2030", on=date(2026, 1, 1))
    footer = tables.Footer(
        sources=(tables.Source("sites_eco", "Sites", "2022", "LO 2.0", "presse"),),
        constants=(half,),
        surface="surfaces planes",
        notes=("À vérifier.",),
    )
    document = json.loads(tables.to_json(pd.DataFrame({"area_ha": [1.0]}), footer))
    assert list(document) == ["rows", "sources", "constants", "surface", "notes"]
    assert document["sources"][0]["vintage"] == "2022"
    assert document["constants"][0] | {"value": 0.5, "since": "2021-08-25"} == document["constants"][0]
    assert (document["surface"], document["notes"]) == ("surfaces planes", ["À vérifier."])


def test_an_infinite_number_is_refused_rather_than_written_as_nothing() -> None:
    with pytest.raises(BadTable, match="area_ha"):
        tables.to_json(pd.DataFrame({"area_ha": [float("inf")]}))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(BadTable, match="nom"):
        tables.to_raw_csv(pd.DataFrame([[1, 2]], columns=["nom", "nom"]))


@pytest.mark.parametrize("text", [*RISKY, "#N/A", "{=A1}", "a\x00b\x1bc", "x" * 40_000])
def test_no_text_is_a_formula_in_the_workbook(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(tables.to_xlsx({"Sites": pd.DataFrame({text[:50]: [text]})})))
    assert {cell.data_type for row in book["Sites"].rows for cell in row} == {"s"}


def test_the_workbook_keeps_numbers_and_names_its_columns_in_french() -> None:
    frame = pd.DataFrame({"area_ha": [1234.5, None], "annee": [2020, 1999], "zae": [True, False]})
    footer = tables.Footer(notes=("=note",))
    book = openpyxl.load_workbook(io.BytesIO(tables.to_xlsx({"A/B": frame, "C": frame}, footer)))
    assert book.sheetnames == ["A B", "C", "Sources"]
    assert [[cell.value for cell in row] for row in book["A B"].rows] == [
        ["Surface (ha)", "annee", "zae"],
        [1234.5, 2020, "oui"],
        [None, 1999, "non"],
    ]
    assert book["A B"]["A2"].number_format == "#,##0.00"
    assert book["A B"]["B2"].number_format == "0"
    assert book["Sources"]["A1"].value == "=note"


def test_a_workbook_carries_no_clock() -> None:
    content = tables.to_xlsx({"Sites": pd.DataFrame({"area_ha": [1.5]})})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2020, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", core)) == {"2020-01-01T00:00:00"}


def test_a_constant_of_any_shape_can_be_read() -> None:
    assert tables.quantity([0.5, 2000.0], "m") == "0,50 m ; 2\u202f000 m"
    assert tables.quantity("oui") == "oui"
    assert tables.quantity(date(2031, 1, 1), "date") == "01/01/2031"
    frame = pd.DataFrame({"value": [{"bas": 0.5}, ["a", "b"]]})
    assert [row[0] for row in cells(tables.to_raw_csv(frame), ",")[1:]] == ['{"bas": 0.5}', "a | b"]
    assert json.loads(tables.to_json(frame))["rows"] == [{"value": {"bas": 0.5}}, {"value": ["a", "b"]}]


def test_figures_are_written_as_french_typography_asks() -> None:
    assert tables.number(1234567) == "1\u202f234\u202f567"
    assert tables.number(-302.844, 2) == "−302,84"
    assert tables.number(-0.001, 2) == "0,00"
    frame = pd.DataFrame({"area_ha": [4200.0, 4.1556], "annee": [2020, 1999], "insee": ["62119", "01004"]})
    assert tables.texts(frame).to_numpy().tolist() == [
        ["4\u202f200,00", "2020", "62119"],
        ["4,16", "1999", "01004"],
    ]


def test_what_is_not_zero_is_never_printed_as_zero() -> None:
    assert tables.texts(pd.DataFrame({"area_ha": [0.0004, 1.0]}))["area_ha"].tolist() == ["< 0,01", "1,00"]
    assert tables.texts(pd.DataFrame({"gap_ha": [-0.0004, 0.0]}))["gap_ha"].tolist() == ["> −0,01", "0,00"]


def test_columns_of_one_unit_have_the_same_decimals() -> None:
    frame = pd.DataFrame({"area_ha": [100.0], "piece_ha": [0.5], "n": [3]})
    assert tables.texts(frame).iloc[0].tolist() == ["100,00", "0,50", "3"]


def test_an_infinite_number_can_still_be_read() -> None:
    assert tables.texts(pd.DataFrame({"n": [float("inf"), 2.0]}))["n"].tolist() == ["∞", "2"]


def test_a_named_index_is_a_column_and_a_geometry_is_not() -> None:
    import plain

    frame = plain.square(x_km=0, y_km=0, side_km=1, nom="A").set_axis(["a"]).rename_axis("id")
    assert json.loads(tables.to_json(frame))["rows"] == [{"id": "a", "nom": "A"}]


def test_the_table_given_is_not_changed() -> None:
    frame = pd.DataFrame({"nom": ["=1"], "area_ha": [1.0]})
    before = frame.copy()
    for write in (tables.to_csv, tables.to_raw_csv, tables.to_json, tables.texts):
        write(frame)
    tables.to_xlsx({"a": frame})
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(("value", "text"), [(3.25, "3,3"), (3.35, "3,4"), (-0.25, "−0,3"), (0.04, "0,0")])
def test_a_half_goes_up_as_in_a_spreadsheet(value: float, text: str) -> None:
    assert tables.number(value, 1) == text


def test_a_number_beyond_all_decimals_is_written_whole() -> None:
    assert tables.number(10**30).replace("\u202f", "") == "1" + "0" * 30
    assert tables.number(2**60 + 1, 2).replace("\u202f", "") == f"{2**60 + 1},00"


def test_a_text_that_a_cell_cannot_hold_whole_is_named_in_the_workbook() -> None:
    frame = pd.DataFrame({"note": ["x" * 40_000, "court"], "nom": ["a\x07b", "deux\r\nlignes"]})
    book = openpyxl.load_workbook(io.BytesIO(tables.to_xlsx({"Sites": frame})))
    lines = [row[0].value for row in book["Sources"].rows]
    assert lines == [
        "Sites, « note » : 1 texte(s) coupé(s) à 32767 caractères, ce que tient une cellule ;"
        " le CSV les garde entiers.",
        "Sites, « nom » : caractères de contrôle retirés de 1 texte(s) ; le CSV les garde.",
    ]
