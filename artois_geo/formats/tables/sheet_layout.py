"""What a sheet shows otherwise than cell by cell: labels merged over several rows, rows that are hidden."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from artois_geo.formats.findings import Finding
from artois_geo.formats.tables.headers import Row
from artois_geo.text import counted

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*)>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_LINE = re.compile(rb'\br="(\d+)"')
_LISTED = 5


@dataclass(frozen=True)
class Layout:
    """Cells merged downwards (position of their column from 0, first and last line), and hidden lines."""

    merged: tuple[tuple[int, int, int], ...] = ()
    hidden_lines: frozenset[int] = frozenset()


def of_sheet(content: bytes) -> Layout:
    """Read the layout of a sheet in the XML of its workbook.

    Examples
    --------
    >>> of_sheet(b'<row r="3" hidden="1"/><mergeCell ref="B2:C4"/>')
    Layout(merged=((1, 2, 4),), hidden_lines=frozenset({3}))
    """
    merged = [
        (column_position(first_column.decode()), int(first), int(last))
        for first_column, first, _, last in _MERGED.findall(content)
        if last != first
    ]
    hidden = [line[1] for row in _ROW.findall(content) if _HIDDEN.search(row) and (line := _LINE.search(row))]
    return Layout(tuple(merged), frozenset(map(int, hidden)))


def column_position(letters: str) -> int:
    """Return the position, from 0, of a column that a spreadsheet calls « AB ».

    Examples
    --------
    >>> column_position("A"), column_position("AB")
    (0, 27)
    """
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - ord("A") + 1
    return position - 1


def with_merged_labels(rows: list[Row], layout: Layout) -> tuple[list[Row], list[Finding]]:
    """Write a label on each row over which it is merged; a number stays on the first, and is reported.

    Examples
    --------
    >>> rows = [(1, ["epci", "ha"]), (2, ["CALL", 7]), (3, [None, None])]
    >>> with_merged_labels(rows, Layout(((0, 2, 3), (1, 2, 3))))[0][-1]
    (3, ['CALL', None])
    """
    cells_of_line = {line: list(cells) for line, cells in rows}
    labels: list[str] = []
    numbers: list[str] = []
    for position, first, last in layout.merged:
        cells = cells_of_line.get(first, [])
        value = cells[position] if position < len(cells) else None
        if value is None:
            continue
        place = f"« {value} », lignes {first} à {last}"
        if not isinstance(value, str):
            numbers.append(place)
            continue
        labels.append(place)
        for line in range(first + 1, last + 1):
            below = cells_of_line.get(line, [])
            if position < len(below):
                below[position] = value
    findings = _merged_findings(labels, "réparation", "écrit sur chacune de ses lignes")
    findings += _merged_findings(
        numbers, "alerte", "gardé sur la première ligne seulement : vaut-il pour toutes ?"
    )
    return [(line, cells_of_line[line]) for line, _ in rows], findings


def _merged_findings(places: list[str], level: str, message: str) -> list[Finding]:
    if not places:
        return []
    listed = " ; ".join(places[:_LISTED]) + (" ; …" if len(places) > _LISTED else "")
    return [Finding(None, "", "cellules fusionnées", level, len(places), f"{listed} : {message}")]


def hidden_findings(layout: Layout, lines: Iterable[int]) -> list[Finding]:
    """Report the rows read that the sheet hides, by a filter or by hand.

    Examples
    --------
    >>> hidden_findings(Layout(hidden_lines=frozenset({3})), [2, 3])[0].message
    '1 ligne masquée, lue avec les autres (ligne 3)'
    """
    hidden = sorted(layout.hidden_lines.intersection(lines))
    if not hidden:
        return []
    listed = ", ".join(map(str, hidden[:_LISTED])) + (", …" if len(hidden) > _LISTED else "")
    figure = counted(len(hidden), "ligne masquée, lue", "lignes masquées, lues")
    message = f"{figure} avec les autres (ligne {listed})"
    return [Finding(None, "", "ligne masquée", "alerte", len(hidden), message)]
