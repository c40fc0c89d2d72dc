"""A form asks for the fields of its kind, offers its lists, and comes back through the import."""

import io
from pathlib import Path

import openpyxl
import pytest

from artois_geo.deliveries.delivery import receive
from artois_geo.kinds import forms
from artois_geo.kinds.schema import read_kind
from artois_geo.studies.library.new_workspace import FORM_KINDS


@pytest.mark.parametrize("name", FORM_KINDS)
def test_each_field_has_its_column_and_each_list_its_values(name: str) -> None:
    kind = read_kind(name)
    book = openpyxl.load_workbook(io.BytesIO(forms.form(kind)))
    sheet, lists = book[forms.ENTRY], book[forms.LISTS]
    headings = [cell.value for cell in sheet[1]]
    assert headings[: len(kind.fields)] == [field.name for field in kind.fields]
    assert [cell.value for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None] == []
    offered = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    for column, field in enumerate(kind.fields, start=1):
        assert (field.label or field.name) in sheet.cell(1, column).comment.text
        assert ("Obligatoire" in sheet.cell(1, column).comment.text) == field.required
        source = offered.get(f"{sheet.cell(2, column).coordinate}")
        assert (source is not None) == bool(field.enum or field.type == "boolean")
        if field.enum:
            cells = lists[source.removeprefix(f"={forms.LISTS}!").replace("$", "")]
            cells = cells if isinstance(cells, tuple) else ((cells,),)
            assert [cell.value for (cell,) in cells] == list(field.enum)
    assert lists.sheet_state == "veryHidden"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("quai", {"quai_id": "Q1", "quai_nom": "Quai de l'Essai", "lon": 2.83, "lat": 50.43}),
        ("projet", {"projet_id": "P1", "projet_nom": "Essai", "lon": 2.83, "lat": 50.43}),
    ],
)
def test_a_filled_form_is_imported_without_a_word_on_its_sheets(
    name: str, row: dict[str, object], tmp_path: Path
) -> None:
    kind = read_kind(name)
    book = openpyxl.load_workbook(io.BytesIO(forms.form(kind)))
    sheet = book[forms.ENTRY]
    required = {field.name: field.enum[0] for field in kind.fields if field.required and field.enum}
    for cell in sheet[1]:
        sheet.cell(2, cell.column, {**required, **row}.get(cell.value))
    file = tmp_path / "retour.xlsx"
    book.save(file)
    delivery = receive(file, name)
    assert delivery.outcome != "reject", delivery.rows()
    (feature,) = delivery.features.to_dict("records")
    assert {key: feature[key] for key in row if key not in forms.POSITION} == {
        key: text for key, text in row.items() if key not in forms.POSITION
    }
    assert delivery.features.to_crs(4326).geometry.x.round(4).tolist() == [2.83]
