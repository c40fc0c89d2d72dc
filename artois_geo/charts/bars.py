"""Small charts as SVG: bars with their range, readable in print and by a screen reader.

Texts go in as text of an XML tree, never as markup, so that no name can run.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width
from xml.etree import ElementTree

import pandas as pd

from artois_geo import deprecated, tables
from artois_geo.charts.drawing import Drawing
from artois_geo.errors import BadTable, BadValue

WIDTH, ROW, TOP, FOOT = 960, 30, 64, 34
LABELS, MOST_LABELS = 260, 440  # room of the labels on the left, and what long ones may take
LETTER, CAPITAL, WIDE, NARROW = 8.0, 9.5, 13.0, 5.0  # widths in a label, in the widest of the usual fonts
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold
INKS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")  # Okabe and Ito: colour-blind safe


@dataclass(frozen=True)
class BarColumns:
    """Name the columns of a table that a chart of bars shows.

    ``label`` and ``value``: names and figures. ``group``: gives bars of one label their colour
    (scenario). ``low`` and ``high``: range.
    """

    label: str
    value: str
    group: str | None = None
    low: str | None = None
    high: str | None = None

    @property
    def given(self) -> list[str]:
        """List the columns that are given."""
        return [name for name in (self.label, self.value, self.group, self.low, self.high) if name]


@dataclass(frozen=True)
class _Axis:
    """Hold the horizontal axis: where it starts, its smallest amount, and the amount that it spans."""

    labels: int
    minimum: float
    span: float

    def x(self, amount: float) -> float:
        """Return where an amount lies on the axis."""
        length = WIDTH - self.labels - 130
        return round(self.labels + 60 + (amount - self.minimum) / self.span * length, 1)


def bars(
    table: pd.DataFrame, columns: BarColumns | None = None, *, title: str, unit: str, **keywords: Any
) -> Drawing:
    """Draw horizontal bars, negative ones to the left of zero, with a whisker from low to high.

    Parameters
    ----------
    table
        One row per bar; a null value is written « inconnu », not drawn as zero.
    columns
        See :class:`BarColumns`.
    title, unit
        French title and unit.
    keywords
        Fields of ``columns``, by name, as in version 0.1.0.

    Returns
    -------
    Drawing
        A whole SVG document, which a notebook shows. Same table, same bytes.

    Raises
    ------
    BadTable
        A column is absent, or there is no row.

    Examples
    --------
    >>> from artois_geo.charts import BarColumns, bars
    >>> import pandas as pd
    >>> table = pd.DataFrame({"f": ["<script>"], "t": [5.0]})
    >>> svg = bars(table, BarColumns("f", "t"), title="Essai", unit="t")
    >>> "<script>" in svg, "&lt;script&gt;" in svg
    (False, True)
    """
    columns = deprecated.gathered(BarColumns, columns, keywords, function="charts.bars(columns=)")
    absent = [name for name in columns.given if name not in table.columns]
    if absent or not len(table):
        raise BadTable(f"Graphique impossible : colonnes absentes ({', '.join(absent)}) ou tableau vide.")
    if (columns.low is None) != (columns.high is None):
        raise BadValue("Donner à la fois low et high, ou aucun des deux.")
    figures = table[[name for name in (columns.value, columns.low, columns.high) if name]].astype(float)
    minimum, maximum = min(0.0, figures.min().min()), max(0.0, figures.max().max())
    axis = _Axis(_label_room(table[columns.label]), minimum, (maximum - minimum) or 1.0)
    groups = list(dict.fromkeys(table[columns.group])) if columns.group else []
    height = TOP + ROW * len(table) + FOOT
    svg = ElementTree.fromstring("<svg/>")  # noqa: S314 - our own text
    attributes = {"viewBox": f"0 0 {WIDTH} {height}", "width": WIDTH, "height": height, "role": "img"}
    for name, amount in attributes.items():
        svg.set(name, f"{amount}")
    svg.set("xmlns", "http://www.w3.org/2000/svg")
    svg.set("font-family", "system-ui, sans-serif")
    heading: dict[str, Any] = {"x": 12, "y": 26, "font-size": 18, "font-weight": 600, "fill": "#10202e"}
    foot = "Vide : inconnu, et non zéro. Trait fin : fourchette."
    zero: dict[str, Any] = {
        "x1": axis.x(0),
        "x2": axis.x(0),
        "y1": TOP - 6,
        "y2": height - FOOT + 6,
        "stroke": "#5b6770",
    }
    svg.extend(
        [
            _element("title", title),
            _element("rect", width=WIDTH, height=height, fill="#ffffff"),
            _element("text", f"{title} ({unit})", **heading),
            *_legend(groups, axis.labels),
            _element("line", **zero),
            *_rows(table, columns, axis, groups),
            _text(foot, x=12, y=height - 12, anchor="start"),
        ]
    )
    return Drawing(ElementTree.tostring(svg, encoding="unicode"))


def _rows(
    table: pd.DataFrame, columns: BarColumns, axis: _Axis, groups: Sequence[object]
) -> Iterator[ElementTree.Element]:
    """Yield the label of each run of rows, and the bars."""
    previous_label = object()
    for number, (_, row) in enumerate(table.iterrows()):
        y = TOP + ROW * number
        if row[columns.label] != previous_label:
            previous_label = row[columns.label]
            yield _label(str(previous_label), axis.labels, y=y + 19)
        ink = INKS[groups.index(row[columns.group]) % len(INKS)] if columns.group else INKS[0]
        yield from _bar(row, columns, axis, y, ink)


def _label_room(labels: pd.Series) -> int:
    """Return the width that the labels take on the left, within what the bars can spare."""
    longest = max(_width(str(label)) for label in labels)
    return round(min(max(LABELS, longest + 8), MOST_LABELS))


def _width(label: str) -> float:
    """Estimate the width of a label, letter by letter."""
    return sum(map(_letter_width, label))


def _letter_width(letter: str) -> float:
    if letter in "iljtfr .,;:'’!|I()-":
        return NARROW
    if letter in "WMm@%&":
        return WIDE
    if east_asian_width(letter) in "WF":  # a Chinese sign, an emoji
        return 2 * LETTER
    return CAPITAL if letter.isupper() else LETTER


def _label(label: str, room: int, *, y: float) -> ElementTree.Element:
    """Write a label before its bars; one that has no room ends with « … » and is whole under the pointer."""
    if _width(label) + 8 <= room:
        return _text(label, x=room, y=y, anchor="end")
    fitting = sum(width + LETTER + 8 <= room for width in accumulate(map(_letter_width, label)))
    element = _text(f"{label[:fitting]}…", x=room, y=y, anchor="end")
    element.append(_element("title", label))
    return element


def _bar(
    row: pd.Series, columns: BarColumns, axis: _Axis, y: float, ink: str
) -> Iterator[ElementTree.Element]:
    """Yield one bar, its range where there is one, and its figure (« inconnu » where null)."""
    amount = row[columns.value]
    if pd.isna(amount):
        yield _text("inconnu", x=axis.x(0) + 6, y=y + 19, anchor="start")
        return
    start, end = sorted((axis.x(0), axis.x(float(amount))))
    yield _element("rect", x=start, y=y + 5, width=round(end - start, 1), height=ROW - 10, fill=ink)
    tip = max(end, axis.x(0))
    if columns.low and columns.high and not pd.isna(row[columns.low]):
        ends = axis.x(float(row[columns.low])), axis.x(float(row[columns.high]))
        middle = y + ROW / 2
        yield _element("line", x1=ends[0], x2=ends[1], y1=middle, y2=middle, stroke="#10202e")
        tip = max(tip, *ends)
    decimals = 0 if abs(float(amount)) >= 100 else 1
    yield _text(tables.number(float(amount), decimals), x=tip + 6, y=y + 19, anchor="start")


def _legend(groups: Sequence[object], labels: int) -> Iterator[ElementTree.Element]:
    x = labels + 60
    for number, name in enumerate(groups):
        yield _element("rect", x=x, y=38, width=12, height=12, fill=INKS[number % len(INKS)])
        yield _text(str(name), x=x + 18, y=49, anchor="start")
        x += 40 + 8 * len(str(name))


def _text(text: str, *, x: float, y: float, anchor: str) -> ElementTree.Element:
    letters = {"text-anchor": anchor, "font-size": 13, "fill": "#10202e"}
    return _element("text", text, x=x, y=y, **letters)


def _element(tag: str, text: str | None = None, **attributes: object) -> ElementTree.Element:
    element = ElementTree.Element(tag, {name: f"{value}" for name, value in attributes.items()})
    element.text = None if text is None else NOT_XML.sub("�", text)
    return element
