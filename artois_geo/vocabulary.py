"""French label, unit and definition of every column that the library computes."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from artois_geo.errors import UnknownName

SIDES = {"_base": "base", "_with": "avec", "_difference": "différence"}  # columns of whatif.difference


@dataclass(frozen=True)
class Term:
    """One computed column: its name in the code, and what a planner reads.

    ``dated_by`` names the column that says of which day the figure is.
    """

    name: str
    label: str
    unit: str
    definition: str
    dated_by: str = ""


@cache
def terms() -> dict[str, Term]:
    """Return every computed column, by its name, in the order of ``vocabulary.toml``.

    Examples
    --------
    >>> terms()["area_ha"].unit
    'ha'
    """
    text = files("artois_geo").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    return {
        name: Term(
            name, entry["label"], entry.get("unit", ""), entry["definition"], entry.get("dated_by", "")
        )
        for name, entry in tomllib.loads(text).items()
    }


def term(name: str) -> Term:
    """Return the entry of one computed column.

    Raises
    ------
    UnknownName
        No such column; the message offers the nearest names.

    Examples
    --------
    >>> term("area_ha").label
    'Surface'
    """
    entries = terms()
    if name not in entries:
        raise UnknownName("colonne", name, entries)
    return entries[name]


def known(column: str) -> Term | None:
    """Return the entry of a column, or of the figure it compares (base, with an increment, difference).

    Examples
    --------
    >>> known("area_ha_base").label, known("site_nom")
    ('Surface, base', None)
    """
    if column in terms():
        return terms()[column]
    for suffix, side_label in SIDES.items():
        entry = terms().get(column.removesuffix(suffix)) if column.endswith(suffix) else None
        if entry is not None:
            return Term(column, f"{entry.label}, {side_label}", entry.unit, entry.definition)
    return None


def heading(column: str, day: str = "") -> str:
    """Return the heading of a column in a French table: label, day and unit, or the column's own name.

    Examples
    --------
    >>> heading("area_ha"), heading("area_ha_difference"), heading("site_nom")
    ('Surface (ha)', 'Surface, différence (ha)', 'site_nom')
    >>> heading("left_ha", "01/01/2023")
    'Reste au 01/01/2023 (ha)'
    """
    entry = known(column)
    if entry is None:
        return column
    label = f"{entry.label} au {day}" if day else entry.label
    return f"{label} ({entry.unit})" if entry.unit else label
