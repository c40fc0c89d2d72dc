"""A table as texts, column by column, for who prints it and knows nothing of frames."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from artois_geo.tables.french import MISSING, headings, numeric_columns, texts


@dataclass(frozen=True)
class TextTable:
    """Hold the heading of each column, its texts, and whether they are figures."""

    headings: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    are_numbers: tuple[bool, ...]
    row_count: int

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give the texts row by row."""
        return zip(*self.columns, strict=True)

    def is_empty(self, position: int) -> bool:
        """Tell whether a column says nothing in any row."""
        return all(cell == MISSING for cell in self.columns[position])

    def selected(self, positions: Iterable[int]) -> "TextTable":
        """Keep the columns at these positions."""
        positions = list(positions)
        return TextTable(
            tuple(self.headings[position] for position in positions),
            tuple(self.columns[position] for position in positions),
            tuple(self.are_numbers[position] for position in positions),
            self.row_count,
        )


def text_table(frame: pd.DataFrame, labels: Mapping[str, str]) -> TextTable:
    """Write a table as a planner reads it on a page: French headings and texts.

    Parameters
    ----------
    frame
        Any table; its shapes are left out as by :func:`artois_geo.tables.texts`.
    labels
        French labels of received columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import text_table
    >>> table = text_table(pd.DataFrame({"site_nom": ["A"], "area_ha": [1.5]}), {"site_nom": "Nom"})
    >>> table.headings, list(table.rows()), table.are_numbers
    (('Nom', 'Surface (ha)'), [('A', '1,50')], (False, True))
    """
    cells = texts(frame)
    columns = tuple(tuple(cells.iloc[:, position]) for position in range(cells.shape[1]))
    return TextTable(tuple(headings(cells, labels)), columns, tuple(numeric_columns(frame)), len(cells))
