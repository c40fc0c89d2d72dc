"""A table as text: the columns that a terminal has room for, and the names of those that it has not."""

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from textwrap import wrap

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from artois_geo import tables
from artois_geo.cli import french

NARROWEST = 30  # a terminal that says less is taken to be this wide
NARROW = 60  # below, one short block a row: no two columns stand side by side
PIPED = 200  # a file or a pipe has no width: wider, nothing can be followed along a line
LONGEST_WORD = 24  # longer ones, as addresses, are cut where the column ends
GAP = 2  # between two columns


def write(console: Console, table: tables.TextTable, footer: tables.Footer, *, title: str) -> None:
    """Print a table with its title and its footer; what has no room is named under it.

    The first columns are those that matter: the last ones leave first, after those that hold nothing.
    """
    table = _on_one_line(table)
    natural = [_longest([head, *column]) for head, column in zip(table.headings, table.columns, strict=True)]
    if not console.is_terminal:
        full_width = min(PIPED, max(100, sum(natural) + GAP * len(natural)))
        console = Console(file=console.file, highlight=False, width=full_width)
    if title:
        console.print(Text(french.visible(title), style="bold"))
    if table.row_count:
        _print_rows(console, table, natural)
    else:
        console.print("Aucune ligne.")
    lines = tables.source_lines(footer)
    if lines:
        console.print()
    for line in lines:
        _print_wrapped(console, french.visible(line), style="dim")


def _print_rows(console: Console, table: tables.TextTable, natural: list[int]) -> None:
    """Print the columns that have room side by side and name the others; blocks where two have no room."""
    room = max(console.width, NARROWEST)
    minimum = _minimum(table)
    if room >= NARROW and minimum and not table.are_numbers[0]:  # the names of the rows stay whole
        minimum[0] = max(minimum[0], min(natural[0], LONGEST_WORD))
    places = _fitting(minimum, table, room)
    hidden = [head for index, head in enumerate(table.headings) if index not in places]
    if hidden and (room < NARROW or len(places) < 2):
        _print_blocks(console, table)
        return
    width = room - GAP * (len(places) - 1)
    widths = _shared([minimum[index] for index in places], [natural[index] for index in places], width)
    _print_grid(console, table.selected(places), widths)
    if hidden:
        console.print()
        _print_wrapped(console, _hidden(hidden))


def _fitting(minimum: list[int], table: tables.TextTable, room: int) -> list[int]:
    """Choose the columns that stand side by side in a width, in their order."""
    is_last = [index > 0 and table.is_empty(index) for index in range(len(minimum))]
    places: list[int] = []
    used = -GAP
    for index in sorted(range(len(minimum)), key=lambda place: (is_last[place], place)):
        if used + GAP + minimum[index] <= room:
            places.append(index)
            used += GAP + minimum[index]
    return sorted(places)


def _hidden(heads: list[str]) -> str:
    """Name the columns that have no room, and say how to see them."""
    noun, them = ("Colonne", "La") if len(heads) == 1 else ("Colonnes", "Les")
    return (
        f"{noun} sans place ici : {' ; '.join(heads)}. {them} voir : --afficher 'COLONNE;COLONNE', "
        "--format csv, ou un terminal plus large."
    )


def _print_grid(console: Console, table: tables.TextTable, widths: list[int]) -> None:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for head, is_figure, width in zip(table.headings, table.are_numbers, widths, strict=True):
        grid.add_column(
            Text(head, style="bold"), justify="right" if is_figure else "left", width=width, overflow="fold"
        )
    for row in table.rows():
        grid.add_row(*map(Text, row))  # Text: no markup in outside text
    console.print(grid)


def _print_blocks(console: Console, table: tables.TextTable) -> None:
    """Print one block a row: its first texts as a title, then « heading : value » one after the other."""
    titles = max(1, len(list(takewhile(lambda number: not number, table.are_numbers[:2]))))
    for row in table.rows():
        console.print(Text(" · ".join(row[:titles]), style="bold"))
        sentence = [f"{head} : {text}" for head, text in zip(table.headings, row, strict=True)][titles:]
        _print_wrapped(console, " · ".join(sentence))


def _print_wrapped(console: Console, sentence: str, *, style: str = "") -> None:
    # not by rich, which breaks a figure at the narrow space of its thousands
    lines = wrap(sentence, max(console.width, NARROWEST)) if console.is_terminal else [sentence]
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)


def _shared(minimum: list[int], natural: list[int], width: int) -> list[int]:
    """Share the width out between columns; long texts get more, by the root of their length."""
    widths = [float(least) for least in minimum]
    for _ in widths:
        spare = width - sum(widths)
        open_ = [index for index in range(len(widths)) if widths[index] < natural[index]]
        if spare < 1 or not open_:
            break
        weights = {index: math.sqrt(natural[index]) for index in open_}
        for index in open_:
            share = spare * weights[index] / sum(weights.values())
            widths[index] = min(natural[index], widths[index] + share)
    return [int(size) for size in widths]


def _minimum(table: tables.TextTable) -> list[int]:
    """Give the least width of each column: its longest word, or its longest figure."""
    least = []
    for head, column, is_figure in zip(table.headings, table.columns, table.are_numbers, strict=True):
        words = [word for text in (head, *(() if is_figure else column)) for word in text.split()]
        least.append(max(min(LONGEST_WORD, _longest(words)), _longest(column) if is_figure else 1))
    return least


def _longest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _on_one_line(table: tables.TextTable) -> tables.TextTable:
    return replace(
        table,
        headings=tuple(map(_one_line, table.headings)),
        columns=tuple(tuple(map(_one_line, column)) for column in table.columns),
    )


def _one_line(text: str) -> str:
    return french.visible(" ".join(text.split("\n")))
