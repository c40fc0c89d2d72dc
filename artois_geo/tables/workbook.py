"""A table as a spreadsheet workbook: texts are never formulas, same table same bytes."""

import io
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from artois_geo.meaning import is_null
from artois_geo.tables.footer import Footer, source_lines
from artois_geo.tables.formats import is_risky
from artois_geo.tables.french import file_headings, in_percent, is_ungrouped, unit_places
from artois_geo.tables.values import as_text, is_number, native, plain, rows

EPOCH = datetime(2020, 1, 1)  # any fixed day: a workbook must not carry the clock
WIDEST = 60  # characters
LONGEST = 32_767  # characters that a cell can hold


def to_xlsx(
    sheets: Mapping[str, pd.DataFrame],
    footer: Footer | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    author: str = "",
) -> bytes:
    """Build a workbook: each table on its sheet under French headings, then the sheet « Sources ».

    Parameters
    ----------
    sheets
        Tables by the French name of their sheet, which is cut to the 31 characters
        that a spreadsheet takes. Geometry columns are left out.
    footer
        What the last sheet says, followed by the texts that a cell cannot hold whole.
    labels
        French labels of received columns.
    author
        Who publishes, in the properties of the file.

    Returns
    -------
    bytes
        They depend on the arguments only, not on the day.

    Raises
    ------
    BadTable
        A table has two columns of one name.

    Examples
    --------
    >>> import io
    >>> import pandas as pd
    >>> from artois_geo.tables import to_xlsx
    >>> import openpyxl
    >>> content = to_xlsx({"Sites": pd.DataFrame({"site_nom": ["=1+1"], "area_ha": [460.5]})})
    >>> sheet = openpyxl.load_workbook(io.BytesIO(content))["Sites"]
    >>> [[cell.value for cell in row] for row in sheet.rows]
    [['site_nom', 'Surface (ha)'], ['=1+1', 460.5]]
    >>> sheet["A2"].data_type
    's'
    """
    book = _Book(author)
    for title, frame in sheets.items():
        table = plain(frame)
        book.add_table(_sheet_name(title), file_headings(table, labels), in_percent(table))
    shortened = [line for title, frame in sheets.items() for line in _shortened(title, plain(frame), labels)]
    book.add_lines("Sources", [*source_lines(footer or Footer()), *shortened])
    return _without_clock(book.content())


@dataclass(frozen=True)
class _Cell:
    """Hold what a cell of a spreadsheet says; a text is never a formula."""

    value: Any
    number_format: str = "General"
    is_text: bool = False


class _Book:
    """Gather the sheets of a workbook."""

    def __init__(self, author: str) -> None:
        from openpyxl import Workbook

        self._book: Any = Workbook()
        self._book.remove(self._book.active)
        self._book.properties.creator = author or "artois-geo"
        self._book.properties.created = EPOCH

    def add_table(self, name: str, column_headings: list[str], table: pd.DataFrame) -> None:
        """Add a sheet with its headings and rows, widths, frozen line and filter."""
        from openpyxl.styles import Alignment, Font, PatternFill
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.properties import PageSetupProperties

        sheet = self._book.create_sheet(name)
        formats = [_number_format(str(column), table[column]) for column in table.columns]
        for column, head in enumerate(column_headings, start=1):
            cell = self._put(sheet, 1, column, _cell(head))
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor="12304A")
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        for line, row in enumerate(rows(table), start=2):
            for column, value in enumerate(row, start=1):
                self._put(sheet, line, column, _cell(value, formats[column - 1]))
        for column, width in enumerate(_widths(column_headings, table), start=1):
            sheet.column_dimensions[get_column_letter(column)].width = min(width + 2, WIDEST)
        sheet.freeze_panes = "A2"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 0  # as many pages as the rows take, each as wide as the table
        sheet.print_title_rows = "1:1"
        if column_headings:
            sheet.auto_filter.ref = sheet.dimensions

    def add_lines(self, name: str, lines: Iterable[str]) -> None:
        """Add a sheet of sentences, one per line."""
        sheet = self._book.create_sheet(name)
        sheet.column_dimensions["A"].width = 110
        for number, line in enumerate(lines, start=1):
            self._put(sheet, number, 1, _cell(line))

    def content(self) -> bytes:
        """Return the bytes of the workbook."""
        buffer = io.BytesIO()
        self._book.save(buffer)
        return buffer.getvalue()

    @staticmethod
    def _put(sheet: Any, line: int, column: int, content: _Cell | None) -> Any:
        """Write a cell and return it; None leaves it empty."""
        cell = sheet.cell(line, column)
        if content is None:
            return cell
        cell.value = content.value
        if content.is_text:
            cell.data_type = "s"  # after the value: openpyxl takes « =… » for a formula
            cell.quotePrefix = is_risky(content.value)
        else:
            cell.number_format = content.number_format
        return cell


def _cell(value: Any, number_format: str = "") -> _Cell | None:
    """Return what a cell says of a value; None where it is missing."""
    if is_null(value):
        return None
    if isinstance(value, bool):
        value = "oui" if value else "non"
    if is_number(value):
        return _Cell(value, number_format)
    if isinstance(value, (date, datetime)):
        return _Cell(value.replace(tzinfo=None) if isinstance(value, datetime) else value, "DD/MM/YYYY")
    text = _printable(as_text(value))
    return _Cell(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…", is_text=True)


def _widths(column_headings: list[str], table: pd.DataFrame) -> list[int]:
    """Return the width of each column in characters: its longest word of heading, its longest text."""
    widths = [max([10, *map(len, head.split())]) for head in column_headings]
    for row in rows(table):
        texts = [len(as_text(value)) if isinstance(value, str) else 0 for value in row]
        widths = [max(pair) for pair in zip(widths, texts, strict=True)]
    return widths


def _shortened(title: str, table: pd.DataFrame, labels: Mapping[str, str] | None) -> list[str]:
    """List what a cell of a spreadsheet cannot hold of a table, for the sheet « Sources »."""
    lines = []
    for head, name in zip(file_headings(table, labels), table.columns, strict=True):
        texts = [value for value in table[name] if isinstance(value, str)]
        cut = sum(len(_printable(text)) > LONGEST for text in texts)
        stripped = sum(_printable(text) != text.replace("\r\n", "\n") for text in texts)
        if cut:
            lines.append(
                f"{title}, « {head} » : {cut} texte(s) coupé(s) à {LONGEST} caractères,"
                " ce que tient une cellule ; le CSV les garde entiers."
            )
        if stripped:
            lines.append(
                f"{title}, « {head} » : caractères de contrôle retirés de {stripped} texte(s) ;"
                " le CSV les garde."
            )
    return lines


def _number_format(name: str, values: pd.Series) -> str:
    if is_ungrouped(name):
        return "0"
    digits = unit_places(name, [value for value in map(native, values) if is_number(value)])
    return "#,##0" + ("." + "0" * digits if digits else "")


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")


def _sheet_name(title: str) -> str:
    name = "".join(" " if letter in "[]:*?/\\" else letter for letter in _printable(title))
    return name.strip("' ")[:31] or "Tableau"


def _without_clock(content: bytes) -> bytes:
    """Rewrite an archive with fixed dates, so that the same table gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _same_modified(data)
            member = zipfile.ZipInfo(name, date_time=EPOCH.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, data)
    return buffer.getvalue()


def _same_modified(core: bytes) -> bytes:
    """Replace the date of the last change in the properties of a workbook by the fixed day."""
    head, tag, rest = core.partition(b"<dcterms:modified")
    if not tag:
        return core
    attributes, _, date_and_tail = rest.partition(b">")
    _, closing_tag, tail = date_and_tail.partition(b"</dcterms:modified>")
    return head + tag + attributes + b">" + EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + closing_tag + tail
