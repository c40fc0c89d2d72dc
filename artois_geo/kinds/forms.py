"""The form of a kind: a workbook with one column a field and its list of values, to fill and to import."""

import io
from typing import Any

from artois_geo.kinds.schema import Field, Schema

ENTRY, LISTS = "Saisie", "Listes"
ROWS = 1000  # to fill, under the heading
POSITION = ("lon", "lat")  # of a kind that points may draw
SHAPE = "wkt"  # of another, where its standard names no column
TYPES = {"integer": "whole", "number": "decimal", "year": "whole", "date": "date"}
ASKED = {
    "integer": "nombre entier",
    "number": "nombre",
    "year": "année, sur quatre chiffres",
    "date": "date",
    "boolean": "oui ou non",
}
YES_OR_NO = ("oui", "non")
REQUIRED, OPTIONAL = "12304A", "536170"  # behind the headings
WIDTH, COMMENT_WIDTH, COMMENT_HEIGHT = 22, 320, 160


def form(kind: Schema) -> bytes:
    """Make the workbook that somebody fills to deliver features of a kind.

    Parameters
    ----------
    kind
        Whose fields are the columns, under the names of the standard so that an import knows them; a
        comment on each heading says what it is, and a closed list is chosen from.

    Returns
    -------
    bytes
        A sheet to fill. The lists lie in a sheet that no spreadsheet shows.

    Examples
    --------
    >>> import openpyxl
    >>> from artois_geo.kinds.schema import read_kind
    >>> sheet = openpyxl.load_workbook(io.BytesIO(form(read_kind("friche"))))["Saisie"]
    >>> [cell.value for cell in sheet[1]][:3], sheet["A2"].value
    (['site_id', 'site_nom', 'site_type'], None)
    """
    from openpyxl import Workbook

    book: Any = Workbook()
    sheet = book.active
    sheet.title = ENTRY
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "veryHidden"  # an import leaves such a sheet alone: nobody can write in it
    for column, field in enumerate([*kind.fields, *_shape_fields(kind)], start=1):
        _add_column(sheet, lists, column, field)
    sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _shape_fields(kind: Schema) -> list[Field]:
    """Return the columns that say where an object is."""
    if "Point" in kind.geometry:
        parts = dict(zip(POSITION, ("Longitude", "Latitude"), strict=True))
        text = "en degrés (WGS 84), par exemple 2,8319 et 50,4291"
        return [
            Field(name, "number", label=label, definition=f"Position, {text}.")
            for name, label in parts.items()
        ]
    name = kind.table_hints().geometry_column or SHAPE
    crs = kind.table_hints().crs or "EPSG:4326"
    return [Field(name, label="Contour", definition=f"Texte WKT ou GeoJSON copié d'un SIG, en {crs}.")]


def _add_column(sheet: Any, lists: Any, column: int, field: Field) -> None:
    """Write the heading of a field with its comment, and what the cells below may hold."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    heading = sheet.cell(1, column, field.name)
    heading.font = Font(bold=True, color="FFFFFF")
    heading.fill = PatternFill("solid", fgColor=REQUIRED if field.required else OPTIONAL)
    heading.comment = Comment(_comment(field), "artois-geo", width=COMMENT_WIDTH, height=COMMENT_HEIGHT)
    sheet.column_dimensions[letter].width = WIDTH
    cells = f"{letter}2:{letter}{ROWS + 1}"
    if field.type == "string":
        sheet.column_dimensions[letter].number_format = "@"  # a code keeps its zeros
    values = field.enum or (YES_OR_NO if field.type == "boolean" else ())
    for row, value in enumerate(values, start=1):
        lists.cell(row, column, value)
    rule = _rule(field, f"={LISTS}!${letter}$1:${letter}${len(values)}" if values else "")
    if rule is not None:
        rule.add(cells)
        sheet.add_data_validation(rule)


def _rule(field: Field, source: str) -> Any:
    """Return what a cell accepts, None for a free text; a list that may grow only advises."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if source:
        style = "warning" if field.open or field.separator else "stop"
        message = f"{field.label or field.name} : choisir dans la liste."
        return _told(DataValidation("list", formula1=source, allow_blank=True, errorStyle=style), message)
    kind = TYPES.get(field.type)
    if kind is None:
        return None
    if kind == "date":
        bounds = {"operator": "greaterThan", "formula1": "1"}
    else:
        low = -(10**9) if field.minimum is None else field.minimum
        high = 10**9 if field.maximum is None else field.maximum
        bounds = {"operator": "between", "formula1": f"{low:g}", "formula2": f"{high:g}"}
    message = f"{field.label or field.name} : {ASKED[field.type]}."
    return _told(DataValidation(kind, allow_blank=True, errorStyle="warning", **bounds), message)


def _told(rule: Any, message: str) -> Any:
    rule.error, rule.errorTitle, rule.showErrorMessage = message[:255], "Valeur", True
    return rule


def _comment(field: Field) -> str:
    """Say what a field is: label, unit, whether it is asked for, its type, its definition."""
    unit = f" ({field.unit})" if field.unit else ""
    lines = [f"{field.label or field.name}{unit}", "Obligatoire." if field.required else "Facultatif."]
    if field.enum:
        lines.append("Choisir dans la liste.")
    elif field.type in ASKED:
        lines.append(f"À remplir : {ASKED[field.type]}.")
    if field.separator:
        lines.append(f"Plusieurs valeurs : les séparer par « {field.separator} ».")
    return "\n".join([*lines, *([field.definition] if field.definition else [])])
