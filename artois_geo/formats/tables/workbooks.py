"""A sheet of an .xlsx: values as stored, never formulas; a formula that has no stored value is said."""

import re
import zipfile
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from artois_geo.errors import UnreadableFile, why
from artois_geo.formats import archives
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import RawTable
from artois_geo.formats.tables import headers, sheet_layout, table_geometry, text_tables
from artois_geo.formats.tables.hints import TableHints
from artois_geo.suffixes import FORM_SHEETS

if TYPE_CHECKING:
    from openpyxl import Workbook

_LISTED = 5
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')  # texts of a number format
UNCOMPUTED = "formule sans valeur"  # rule of the cells whose formula has no stored value
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_xlsx(
    path: Path,
    hints: TableHints,
    limits: archives.Limits,
    *,
    sheet: str = "",
    geometry_column: str | None = "",
) -> RawTable:
    """Read one sheet of a workbook: numbers and booleans as they are, dates as ISO texts.

    Raises
    ------
    UnreadableFile
        Several sheets that hold cells and none chosen, no such sheet, or no table in it.
    """
    import openpyxl

    archives.check_workbook(path, limits)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        with closing(book):
            name, hidden_sheets = _chosen(book, path, sheet)
            rows: list[headers.Row] = []
            suffixes: dict[tuple[int, int], str] = {}
            for line, cells in enumerate(book[name].iter_rows(), start=1):
                rows.append((line, [_value(cell.value) for cell in cells]))
                suffixes |= {
                    (line, position): suffix
                    for position, cell in enumerate(cells)
                    if (suffix := _shown_suffix(cell))
                }
    except (LookupError, ValueError, TypeError, AttributeError, OSError, zipfile.BadZipFile) as error:
        raise UnreadableFile(
            f"{path.name} : classeur illisible ({why(error)}).\nL'ouvrir et l'enregistrer dans un tableur."
        ) from error
    layout = sheet_layout.of_sheet(_sheet_bytes(path, name))
    rows, merged = sheet_layout.with_merged_labels(rows, layout)
    table = headers.cut_table(rows, path, fields=hints.fields)
    raw = RawTable(
        columns=dict(zip(table.names, table.columns, strict=True)),
        lines=table.lines,
        shapes=np.empty(len(table.lines), dtype=object),
        findings=(
            *hidden_sheets,
            *table.findings,
            *merged,
            *sheet_layout.hidden_findings(layout, table.lines),
            *_formula_findings(unstored_formulas(path, name), table),
        ),
        texts=True,
        format="XLSX",
        has_geometry=False,
        shown_suffixes={
            name: {
                row: suffixes[line, position]
                for row, line in enumerate(table.lines)
                if (line, position) in suffixes
            }
            for name, position in zip(table.names, table.positions, strict=True)
        },
    )
    return table_geometry.with_shapes(raw, path, hints, geometry_column)


def _chosen(book: "Workbook", path: Path, sheet: str) -> tuple[str, list[Finding]]:
    """Choose the requested sheet, else the only one to read, and report those that are hidden."""
    # no spreadsheet shows a « very hidden » sheet, in which nobody writes: a form keeps its lists there
    names = [worksheet.title for worksheet in book.worksheets if worksheet.sheet_state != "veryHidden"]
    if sheet and sheet in book.sheetnames and sheet not in names:
        raise UnreadableFile(
            f"{path.name} : « {sheet} » est une feuille graphique, sans cellules ;"
            f" choisir parmi : {', '.join(names)}."
        )
    if sheet in names:
        return sheet, []
    if sheet:
        raise _undecided(path, names, f" ; « {sheet} » n’y est pas")
    return _only_one(book, path, names, _sheets_to_read(book, names))


def _only_one(
    book: "Workbook", path: Path, names: list[str], candidates: list[str]
) -> tuple[str, list[Finding]]:
    """Return the only sheet to read, those that are hidden apart; refuse several, or none."""
    hidden = [name for name in candidates if book[name].sheet_state == "hidden"]
    if hidden and len(candidates) - len(hidden) == 1:
        candidates = [name for name in candidates if name not in hidden]
        message = (
            f"feuilles masquées, laissées de côté : {', '.join(hidden)} ; --couche-source en choisit une"
        )
        return candidates[0], [Finding(None, "", "feuille masquée", "alerte", ", ".join(hidden), message)]
    if len(candidates) > 1:
        raise _undecided(path, names)
    if not candidates:
        raise UnreadableFile(f"{path.name} est vide : aucune ligne.")
    return candidates[0], []


def _undecided(path: Path, names: list[str], why: str = "") -> UnreadableFile:
    listed = f"{path.name} contient {len(names)} feuilles ({', '.join(names)}){why}"
    return UnreadableFile(f"{listed} : choisir avec --couche-source.")


def _sheets_to_read(book: "Workbook", names: list[str]) -> list[str]:
    """List the sheets that may be the table: that of a form of ours, else those that hold a cell."""
    if set(FORM_SHEETS) <= set(names):  # its other sheets explain it
        return [FORM_SHEETS[0]]
    return [name for name in names if _holds_cells(book, name)] if len(names) > 1 else names


def _holds_cells(book: "Workbook", name: str) -> bool:
    return any(cell is not None for cells in book[name].iter_rows(values_only=True) for cell in cells)


def _value(value: Any) -> Any:
    """Return a cell as a JSON value; the apostrophe that defuses a formula is no part of its text."""
    if isinstance(value, str):
        return text_tables.without_apostrophe(value) or None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _shown_suffix(cell: Any) -> str:
    """Return what a workbook shows after the number of a cell: « % » of a percentage, « m² »."""
    if type(cell.value) not in {int, float} or cell.number_format == "General":
        return ""
    positive = cell.number_format.split(";")[0]
    if "%" in _QUOTED.sub("", positive):
        return "%"
    return " ".join(quoted or escaped for quoted, escaped in _QUOTED.findall(positive)).strip()


def _formula_findings(cells: list[str], table: headers.Table) -> list[Finding]:
    """Report, once a column, the formulas whose value the workbook does not hold."""
    names = dict(zip(table.positions, table.names, strict=True))
    by_column: dict[str, list[str]] = {}
    for cell in cells:
        by_column.setdefault(names.get(_position(cell), ""), []).append(cell)
    advice = "ouvrir et enregistrer le classeur dans un tableur, puis relancer"
    return [
        Finding(None, name, UNCOMPUTED, "alerte", ", ".join(group), f"{formulas_text(group)} ; {advice}")
        for name, group in by_column.items()
    ]


def formulas_text(cells: list[str]) -> str:
    """Say how many formulas have no stored value, and where the first ones are.

    Examples
    --------
    >>> formulas_text(["B2", "B3"])
    '2 formules sans valeur enregistrée (B2, B3)'
    """
    listed = ", ".join(cells[:_LISTED]) + (", …" if len(cells) > _LISTED else "")
    return f"{len(cells)} formule{'s' if len(cells) > 1 else ''} sans valeur enregistrée ({listed})"


def unstored_formulas(path: Path, sheet: str = "") -> list[str]:
    """List the cells of a sheet (the first by default) that hold a formula and no value of it."""
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if not member or b"<f" not in archive.read(member):
            return []
        cells = []
        with archive.open(member) as stream:
            for _, element in ElementTree.iterparse(stream):  # noqa: S314 - entities are refused
                if element.tag == f"{_MAIN}row":
                    element.clear()
                elif element.tag == f"{_MAIN}c" and _is_unstored(element):
                    cells.append(element.get("r", ""))
        return cells


def _sheet_bytes(path: Path, sheet: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        return archive.read(member) if member else b""


def _is_unstored(cell: ElementTree.Element) -> bool:
    if cell.find(f"{_MAIN}f") is None:
        return False
    value = cell.find(f"{_MAIN}v")
    return value is None or (not value.text and cell.get("t") != "str")  # a text may well be empty


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the file of a sheet inside a workbook; empty where it cannot be found."""
    try:
        book, links = (
            ElementTree.fromstring(archive.read(name))  # noqa: S314 - entities are refused
            for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
    except (KeyError, ElementTree.ParseError):
        return ""
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in book.iter(f"{_MAIN}sheet"):
        target = targets.get(element.get(_LINK), "").lstrip("/")
        member = target if target.startswith("xl/") else f"xl/{target}"
        if sheet in ("", element.get("name")) and "worksheets" in member and member in archive.namelist():
            return member
    return ""


def _position(cell: str) -> int:
    """Return the position of the column of a cell such as « AB12 », from 0."""
    return sheet_layout.column_position(re.sub(r"[^A-Z]", "", cell))
