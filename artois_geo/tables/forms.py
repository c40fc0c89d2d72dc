"""A form to fill in a spreadsheet: lists to choose from, explanations, texts that are never formulas."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from artois_geo.meaning import is_missing
from artois_geo.suffixes import FORM_SHEETS

EPOCH = datetime(2020, 1, 1)  # any fixed day: a workbook must not carry the clock
ROWS = 500  # lines ready to be filled, beyond those that are
WIDEST, NARROWEST = 40, 12  # characters
LONGEST_MESSAGE = 250  # characters that a spreadsheet shows
NUMBERS = {"number": "decimal", "integer": "integer", "year": "integer"}
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class FormField:
    """One column of a form.

    ``type`` is string, number, integer, year, date or boolean; ``choices`` are the values of its list;
    ``strict`` refuses any other.
    """

    name: str
    heading: str
    type: str = "string"
    choices: tuple[str, ...] = ()
    strict: bool = True
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    explanation: str = ""


def to_form(
    fields: Sequence[FormField],
    rows: Iterable[Mapping[str, Any]] = (),
    *,
    lines: Sequence[str] = (),
) -> bytes:
    """Build the workbook of a form: « Saisie » to fill, « Explications », and the lists, hidden.

    Parameters
    ----------
    fields
        Columns, in their order.
    rows
        Lines already filled, by name of field.
    lines
        French sentences above the explanations.

    Returns
    -------
    bytes
        They depend on the arguments only, not on the day.

    Examples
    --------
    >>> import io
    >>> from artois_geo.tables import FormField, to_form
    >>> import openpyxl
    >>> state = FormField("etat", "État *", choices=("actif", "en projet"), required=True)
    >>> book = openpyxl.load_workbook(io.BytesIO(to_form([state], [{"etat": "=1+1"}])))
    >>> book.sheetnames, book["Saisie"]["A2"].value, book["Saisie"]["A2"].data_type
    (['Saisie', 'Explications', 'Listes'], '=1+1', 's')
    """
    import xlsxwriter

    buffer = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, settings)
    book.set_properties({"author": "artois-geo", "created": EPOCH})
    entry, help_sheet, lists = (book.add_worksheet(name) for name in FORM_SHEETS)
    filled = list(rows)
    last = len(filled) + ROWS
    ranges = _write_lists(lists, fields)
    head = {
        required: book.add_format(
            {
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": "#12304A" if required else "#5B7083",
                "text_wrap": True,
                "valign": "top",
                "border": 1,
            }
        )
        for required in (True, False)
    }
    formats = {name: book.add_format({"num_format": code}) for name, code in _NUMBER_FORMATS.items()}
    for column, field in enumerate(fields):
        width = min(WIDEST, max([NARROWEST, len(field.heading) // 2, *map(len, field.choices)]) + 2)
        entry.set_column(column, column, width, formats[field.type if field.type in formats else "string"])
        entry.write_string(0, column, field.heading, head[field.required])
        entry.data_validation(1, column, last, column, _validation(field, ranges.get(field.name, "")))
        for line, row in enumerate(filled, start=1):
            _write(entry, line, column, row.get(field.name), formats)
    entry.freeze_panes(1, 1)
    entry.set_row(0, 45)
    entry.autofilter(0, 0, last, max(len(fields) - 1, 0))
    _write_explanations(
        help_sheet, fields, lines, head[True], book.add_format({"text_wrap": True, "valign": "top"})
    )
    lists.hide()
    entry.activate()
    book.close()
    return buffer.getvalue()


_NUMBER_FORMATS = {  # a column of texts keeps the zero in front of a code
    "string": "@",
    "number": "0.####",
    "integer": "0",
    "year": "0",
    "date": "dd/mm/yyyy",
}


def _write_lists(sheet: Any, fields: Sequence[FormField]) -> dict[str, str]:
    """Write the lists one under another, and return the range of each."""
    ranges = {}
    row = 0
    for field in fields:
        if not field.choices:
            continue
        for offset, choice in enumerate(field.choices):
            sheet.write_string(row + offset, 0, choice)
        end = row + len(field.choices)
        ranges[field.name] = f"={FORM_SHEETS[2]}!$A${row + 1}:$A${end}"
        row = end
    return ranges


def _validation(field: FormField, choices: str) -> dict[str, Any]:
    """Return the rule of a column as a spreadsheet holds it, with what it says to who fills it."""
    message = field.explanation[:LONGEST_MESSAGE]
    rule: dict[str, Any] = {"validate": "any"}
    if choices:
        rule = {"validate": "list", "source": choices}
        rule |= {"error_title": "Valeur hors de la liste", "error_message": "Choisir une valeur de la liste."}
        if not field.strict:
            rule["error_type"] = "information"
    elif field.type in NUMBERS:
        low = field.minimum if field.minimum is not None else 1800 if field.type == "year" else -1e12
        high = field.maximum if field.maximum is not None else 2100 if field.type == "year" else 1e12
        rule = {"validate": NUMBERS[field.type], "criteria": "between", "minimum": low, "maximum": high}
        rule |= {"error_title": "Nombre attendu", "error_message": "Écrire un nombre, sans unité."}
    elif field.type == "date":
        rule = {"validate": "date", "criteria": "between", "minimum": _FIRST_DAY, "maximum": _LAST_DAY}
        rule |= {"error_title": "Date attendue", "error_message": "Écrire une date, JJ/MM/AAAA."}
    return rule | ({"input_title": field.heading[:32], "input_message": message} if message else {})


def _write(sheet: Any, line: int, column: int, value: Any, formats: Mapping[str, Any]) -> None:
    """Write one cell; a text is never a formula nor a link."""
    if is_missing(value):
        return
    if isinstance(value, date):
        sheet.write_datetime(line, column, value, formats["date"])
    elif isinstance(value, bool):
        sheet.write_string(line, column, "oui" if value else "non")
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value)
    else:
        sheet.write_string(line, column, str(value))


def _write_explanations(
    sheet: Any, fields: Sequence[FormField], lines: Sequence[str], head: Any, wrapped: Any
) -> None:
    """Write what each column is: heading, name, obligation, explanation, list."""
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)
    top = len(lines) + (1 if lines else 0)
    titles = {
        "Colonne": 34,
        "Nom dans le standard": 24,
        "Obligatoire": 12,
        "Explication": 60,
        "Valeurs admises": 60,
    }
    for column, (title, width) in enumerate(titles.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, title, head)
    for row, field in enumerate(fields, start=top + 1):
        cells = (
            field.heading,
            field.name,
            "oui" if field.required else "non",
            field.explanation,
            ", ".join(field.choices),
        )
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, wrapped)
    sheet.freeze_panes(top + 1, 1)
