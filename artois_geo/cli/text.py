"""A table as text: columns where the terminal is wide enough, one short block a row where it is not."""

import math
from collections.abc import Mapping
from itertools import takewhile
from textwrap import wrap

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from artois_geo import tables
from artois_geo.cli import french

NARROWEST = 30  # a terminal that says less is taken to be this wide
LONGEST_WORD = 24  # longer ones, as addresses, are cut where the column ends
GAP = 2  # between two columns


def write(
    console: Console,
    frame: pd.DataFrame,
    footer: tables.Footer,
    *,
    labels: Mapping[str, str],
    title: str,
) -> None:
    """Print a table with its title and its footer. A pipe has no width: nothing is folded there."""
    cells = tables.texts(frame).map(_one_line)
    heads = [_one_line(head) for head in tables.headings(cells, labels)]
    numbers = tables.numeric_columns(frame)
    natural = [_longest([head, *cells.iloc[:, place]]) for place, head in enumerate(heads)]
    if not console.is_terminal:
        whole = max(100, sum(natural) + GAP * len(natural))
        console = Console(file=console.file, highlight=False, width=whole)
    width = max(console.width, NARROWEST) - GAP * (len(heads) - 1)
    if title:
        console.print(Text(french.visible(title), style="bold"))
    minimum = _minimum(heads, cells, numbers)
    if not len(cells):
        console.print("Aucune ligne.")
    elif sum(minimum) > width:
        _print_blocks(console, heads, cells, numbers)
    else:
        _print_grid(console, heads, cells, numbers, _shared(minimum, natural, width))
    lines = tables.source_lines(footer)
    if lines:
        console.print()
    for line in lines:
        _print_wrapped(console, french.visible(line), style="dim")


def _print_grid(
    console: Console, heads: list[str], cells: pd.DataFrame, numbers: list[bool], widths: list[int]
) -> None:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for head, is_figure, width in zip(heads, numbers, widths, strict=True):
        grid.add_column(
            Text(head, style="bold"), justify="right" if is_figure else "left", width=width, overflow="fold"
        )
    for row in cells.itertuples(index=False, name=None):
        grid.add_row(*map(Text, row))  # Text: no markup in outside text
    console.print(grid)


def _print_blocks(console: Console, heads: list[str], cells: pd.DataFrame, numbers: list[bool]) -> None:
    """Print one block a row: its first texts as a title, then « heading : value » one after the other."""
    titles = max(1, len(list(takewhile(lambda number: not number, numbers[:2]))))
    for row in cells.itertuples(index=False, name=None):
        console.print(Text(" · ".join(row[:titles]), style="bold"))
        sentence = [f"{head} : {text}" for head, text in zip(heads, row, strict=True)][titles:]
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
        open_ = [place for place in range(len(widths)) if widths[place] < natural[place]]
        if spare < 1 or not open_:
            break
        weights = {place: math.sqrt(natural[place]) for place in open_}
        for place in open_:
            share = spare * weights[place] / sum(weights.values())
            widths[place] = min(natural[place], widths[place] + share)
    return [int(size) for size in widths]


def _minimum(heads: list[str], cells: pd.DataFrame, numbers: list[bool]) -> list[int]:
    least = []
    for place, head in enumerate(heads):
        column = list(cells.iloc[:, place])
        words = [word for text in [head, *([] if numbers[place] else column)] for word in text.split()]
        least.append(max(min(LONGEST_WORD, _longest(words)), _longest(column) if numbers[place] else 1))
    return least


def _longest(texts: list[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _one_line(text: str) -> str:
    return french.visible(" ".join(text.split("\n")))
