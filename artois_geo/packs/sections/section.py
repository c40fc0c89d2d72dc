"""What a study adds to one sheet: a section has a card, a table, a chart and the notes under them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Section:
    """Hold one section of a sheet.

    ``figures``: columns that the row of the sheet gains. ``layers``: names of those that the analysis used.
    """

    name: str
    table: pd.DataFrame | None = None
    card: pd.Series | None = None
    chart: str = ""
    notes: Sequence[str] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    layers: Sequence[str] = ()


@dataclass(frozen=True)
class Sections:
    """Hold what a study adds to one sheet, by the name of its section."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    cards: dict[str, pd.Series] = field(default_factory=dict)
    charts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Sequence[str]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    layers: Sequence[str] = ()


def gather(sections: Iterable[Section | None]) -> Sections:
    """Gather the sections of one sheet; None is a section of which nothing is known.

    Examples
    --------
    >>> gather([Section("canal", notes=["Axe schématique."]), None]).notes
    {'canal': ['Axe schématique.']}
    """
    present = [section for section in sections if section is not None]
    return Sections(
        tables={section.name: section.table for section in present if section.table is not None},
        cards={section.name: section.card for section in present if section.card is not None},
        charts={section.name: section.chart for section in present if section.chart},
        notes={section.name: section.notes for section in present if section.notes},
        figures={name: figure for section in present for name, figure in section.figures.items()},
        layers=[name for section in present for name in section.layers],
    )
