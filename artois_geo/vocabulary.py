"""French label, unit and definition of every column that the library computes."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from artois_geo.errors import UnknownName
from artois_geo.meaning import fold, words

__all__ = [
    "PERCENT",
    "POINTS",
    "SHARE",
    "SIDES",
    "Term",
    "column_of",
    "heading",
    "is_share",
    "known",
    "term",
    "terms",
    "written",
]

SIDES = {"_base": "base", "_with": "avec", "_difference": "différence"}  # columns of whatif.difference
SHARE = "0 à 1"  # unit of a share, in the code and in JSON; a planner reads it in percent
PERCENT, POINTS = "%", "points"  # in which a planner reads a share, and the difference of two
_DAY = re.compile(r" au \d\d/\d\d/\d{4}(?= \(|$)")
_NAMED = re.compile(r".*\[([a-z][a-z0-9_]{3,})\]")  # not a unit, as « [ha] »


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
    >>> from artois_geo.vocabulary import terms
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
    >>> from artois_geo.vocabulary import term
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
    >>> from artois_geo.vocabulary import known
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


def is_share(column: str) -> bool:
    """Tell whether a column holds shares, from 0 to 1 in the code and in percent where a planner reads.

    Examples
    --------
    >>> from artois_geo.vocabulary import is_share
    >>> is_share("vacancy_share"), is_share("p_same"), is_share("site_taux_vacance")
    (True, True, False)
    """
    entry = known(column)
    if entry is not None and entry.unit:
        return entry.unit == SHARE
    return column.endswith(("_share", *(f"_share{side}" for side in SIDES)))


def heading(column: str, day: str = "", *, in_percent: bool = True) -> str:
    """Return the heading of a column in a French table: label, day and unit, or the column's own name.

    Parameters
    ----------
    column
        Name of the column.
    day
        Day of its figures, as text.
    in_percent
        Whether shares are in percent below, as everywhere but in the files of a GIS.

    Examples
    --------
    >>> from artois_geo.vocabulary import heading
    >>> heading("area_ha"), heading("area_ha_difference"), heading("site_nom")
    ('Surface (ha)', 'Surface, différence (ha)', 'site_nom')
    >>> heading("left_ha", "01/01/2023"), heading("used_share"), heading("used_share", in_percent=False)
    ('Reste au 01/01/2023 (ha)', 'Part consommée (%)', 'Part consommée (0 à 1)')
    >>> heading("tonnes"), heading("jobs_low")
    ('Tonnage (t)', 'Emplois, minimum')
    """
    entry = known(column)
    if entry is None:
        return column
    label = f"{entry.label} au {day}" if day else entry.label
    counts_itself = words(entry.label).partition(" ")[0] == words(entry.unit)  # « Emplois (emplois) »
    unit = "" if counts_itself else entry.unit
    if in_percent and is_share(column):
        unit = POINTS if column.endswith("_difference") else PERCENT
    return f"{label} ({unit})" if unit else label


def written(column: str) -> str:
    """Name a column to a planner: by its French heading, and by the name that is accepted too.

    Examples
    --------
    >>> from artois_geo.vocabulary import written
    >>> written("unit_id"), written("territoire")
    ('« Unité foncière » (unit_id)', '« territoire »')
    """
    french = heading(column)
    return f"« {column} »" if french == column else f"« {french} » ({column})"


def column_of(written: str) -> tuple[str, bool] | None:
    """Return the column that a heading names, and whether its shares are in percent; None if none is sure.

    Case, accents and the day do not count, the unit may be left out unless it tells two columns, or percent
    from shares, apart. A name in brackets at the end is that of the column.

    Examples
    --------
    >>> from artois_geo.vocabulary import column_of
    >>> column_of("Surface (ha)"), column_of("surface"), column_of("Surface (m²)")
    (('area_ha', False), ('area_ha', False), None)
    >>> column_of("Reste au 01/01/2023 (ha)"), column_of("Part consommée (%)"), column_of("Part consommée")
    (('left_ha', False), ('used_share', True), None)
    """
    if share_heading := _NAMED.fullmatch(written.strip()):
        return share_heading[1], is_share(share_heading[1])
    return _columns().get(_DAY.sub("", _key(written)))


def _key(written: str) -> str:
    return " ".join(fold(written).split())


@cache
def _columns() -> dict[str, tuple[str, bool]]:
    """Return each column by its folded headings, else by its label alone; what names two is left out."""
    names = [f"{name}{side}" for name in terms() for side in ("", *SIDES)]
    headings_of: dict[str, set[tuple[str, bool]]] = {}
    labels: dict[str, set[tuple[str, bool]]] = {}
    for name in names:
        entry, share = known(name), is_share(name)
        headings_of.setdefault(_key(heading(name)), set()).add((name, share))
        headings_of.setdefault(_key(heading(name, in_percent=False)), set()).add((name, False))
        if entry is not None and entry.unit and not share:
            labels.setdefault(_key(entry.label), set()).add((name, False))
    both = {**labels, **headings_of}
    return {heading_text: next(iter(pair)) for heading_text, pair in both.items() if len(pair) == 1}


def __dir__() -> list[str]:
    return sorted(__all__)
