"""Small charts as SVG: bars with their range, readable in print and by a screen reader.

Texts go in as text of an XML tree, never as markup, so that no name can run.
"""

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from artois_geo import tables
from artois_geo.errors import BadTable, BadValue

WIDTH, LABELS, ROW, TOP, FOOT = 960, 260, 30, 64, 34
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold
INKS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")  # Okabe and Ito: colour-blind safe


def bars(
    table: pd.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    unit: str,
    group: str | None = None,
    low: str | None = None,
    high: str | None = None,
) -> str:
    """Draw horizontal bars, negative ones to the left of zero, with a whisker from low to high.

    Parameters
    ----------
    table
        One row per bar; a null value is written « inconnu », not drawn as zero.
    label, value
        Columns of the names and of the figures.
    title, unit
        French title and unit.
    group
        Column that gives bars of one label their colour (scenario).
    low, high
        Columns of the range.

    Returns
    -------
    str
        A whole SVG document. Same table, same bytes.

    Raises
    ------
    BadTable
        A column is absent, or there is no row.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"f": ["<script>"], "t": [5.0]})
    >>> svg = bars(table, label="f", value="t", title="Essai", unit="t")
    >>> "<script>" in svg, "&lt;script&gt;" in svg
    (False, True)
    """
    absent = [name for name in (label, value, group, low, high) if name and name not in table.columns]
    if absent or not len(table):
        raise BadTable(f"Graphique impossible : colonnes absentes ({', '.join(absent)}) ou tableau vide.")
    if (low is None) != (high is None):
        raise BadValue("Donner à la fois low et high, ou aucun des deux.")
    figures = table[[name for name in (value, low, high) if name]].astype(float)
    minimum, maximum = min(0.0, figures.min().min()), max(0.0, figures.max().max())
    span = (maximum - minimum) or 1.0
    plot_width = WIDTH - LABELS - 130
    groups = list(dict.fromkeys(table[group])) if group else []
    height = TOP + ROW * len(table) + FOOT
    svg = ElementTree.fromstring("<svg/>")  # noqa: S314 - our own text
    attributes = {"viewBox": f"0 0 {WIDTH} {height}", "width": WIDTH, "height": height, "role": "img"}
    for name, amount in attributes.items():
        svg.set(name, f"{amount}")
    svg.set("xmlns", "http://www.w3.org/2000/svg")
    svg.set("font-family", "system-ui, sans-serif")
    _add(svg, "title", title)
    _add(svg, "rect", width=WIDTH, height=height, fill="#ffffff")
    _add(
        svg,
        "text",
        f"{title} ({unit})",
        x=12,
        y=26,
        **{"font-size": 18, "font-weight": 600, "fill": "#10202e"},
    )
    _legend(svg, groups)

    def x(amount: float) -> float:
        """Return where an amount lies on the horizontal axis."""
        return round(LABELS + 60 + (amount - minimum) / span * plot_width, 1)

    _add(svg, "line", x1=x(0), x2=x(0), y1=TOP - 6, y2=height - FOOT + 6, stroke="#5b6770")
    previous_label = object()
    for number, (_, row) in enumerate(table.iterrows()):
        y = TOP + ROW * number
        if row[label] != previous_label:
            _text(svg, str(row[label]), x=LABELS, y=y + 19, anchor="end")
            previous_label = row[label]
        ink = INKS[groups.index(row[group]) % len(INKS)] if group else INKS[0]
        _bar(svg, row, value, low, high, x, y, ink)
    _text(svg, "Vide : inconnu, et non zéro. Trait fin : fourchette.", x=12, y=height - 12, anchor="start")
    return ElementTree.tostring(svg, encoding="unicode")


def _bar(svg, row, value_column, low_column, high_column, x, y, ink) -> None:  # type: ignore[no-untyped-def]
    """Draw one row: its bar, its range where there is one, and its figure (« inconnu » where null)."""
    amount = row[value_column]
    if pd.isna(amount):
        _text(svg, "inconnu", x=x(0) + 6, y=y + 19, anchor="start")
        return
    bar_start, bar_end = sorted((x(0), x(float(amount))))
    _add(svg, "rect", x=bar_start, y=y + 5, width=round(bar_end - bar_start, 1), height=ROW - 10, fill=ink)
    tip = max(bar_end, x(0))
    if low_column and not pd.isna(row[low_column]):
        ends = x(float(row[low_column])), x(float(row[high_column]))
        _add(svg, "line", x1=ends[0], x2=ends[1], y1=y + ROW / 2, y2=y + ROW / 2, stroke="#10202e")
        tip = max(tip, *ends)
    decimals = 0 if abs(float(amount)) >= 100 else 1
    _text(svg, tables.number(float(amount), decimals), x=tip + 6, y=y + 19, anchor="start")


def _legend(svg: Any, groups: Sequence[object]) -> None:
    x = LABELS + 60
    for number, name in enumerate(groups):
        _add(svg, "rect", x=x, y=38, width=12, height=12, fill=INKS[number % len(INKS)])
        _text(svg, str(name), x=x + 18, y=49, anchor="start")
        x += 40 + 8 * len(str(name))


def _text(parent: Any, text: str, *, x: float, y: float, anchor: str) -> None:
    _add(parent, "text", text, x=x, y=y, **{"text-anchor": anchor, "font-size": 13, "fill": "#10202e"})


def _add(parent: Any, tag: str, text: str | None = None, **attributes: object) -> None:
    child = ElementTree.SubElement(parent, tag, {name: f"{value}" for name, value in attributes.items()})
    child.text = None if text is None else NOT_XML.sub("�", text)
