"""Hints that the reader of a table may have: what the columns are called, where the geometry stands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableHints:
    """What is expected of a table before it is read; empty where nothing is.

    ``fields`` are names of columns, ``crs`` the system of ``geometry_column``; ``point_column``
    holds a position for the rows that have no other geometry.
    """

    fields: frozenset[str] = frozenset()
    separator: str = ";"
    geometry_column: str = ""
    point_column: str = ""
    crs: str | None = None
