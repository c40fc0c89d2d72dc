"""The columns that the headings of a planner's table name, in French or in the words of the code.

What a command wrote in French is read back by all those that take it: the headings of our tables are in the
vocabulary, those of received fields in the kinds of layers.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from artois_geo import meaning, vocabulary
from artois_geo.kinds.schema import FEWEST_FIELDS, kind_of
from artois_geo.text import decimal_point

if TYPE_CHECKING:
    import pandas as pd

CODE_NAME = re.compile(r"[a-z0-9_]+")
SMALL_WORDS = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})
PERCENTS = ("taux_", "part_")  # start the names of columns that hold shares


def in_columns(
    frame: "pd.DataFrame", *, wanted: Iterable[str] = (), as_written: Iterable[str | None] = ()
) -> "pd.DataFrame":
    """Return the same table under the names of columns; its shares written in percent go from 0 to 1.

    A heading that names no column for sure stays as it is; so does one whose column is there already, and
    a name in small letters without accent or space, which is no heading.

    Parameters
    ----------
    frame
        Rows as their file has them.
    wanted
        Columns that the reader asks for by the names that a planner types, as ``surface_ha``: they go first.
    as_written
        Headings that an option names: they stay.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"Part consommée (%)": ["54,47"], "Année": ["2024"], "Nom": ["A"]})
    >>> in_columns(table).to_dict("list")
    {'used_share': ['0.5447'], 'year': ['2024'], 'Nom': ['A']}
    >>> list(in_columns(table, wanted=["annee"]))
    ['used_share', 'annee', 'Nom']
    """
    headings = [str(name) for name in frame.columns]
    stay = {str(name) for name in as_written if name}
    free = [name for name in headings if name not in stay and not CODE_NAME.fullmatch(name)]
    wanted = tuple(wanted)
    renamed = _by_wish(headings, free, wanted)
    renamed = _with_pairs(renamed, headings, _by_vocabulary(free))
    renamed = _with_pairs(renamed, headings, _fields([name for name in free if name not in renamed]))
    if not renamed:
        return frame
    percents = [heading for heading, column in renamed.items() if _holds_percents(heading, column, wanted)]
    columns = frame.rename(columns=renamed)
    return columns.assign(**{renamed[head]: columns[renamed[head]].map(_share) for head in percents})


def listed(frame: "pd.DataFrame") -> str:
    """List the columns of a table as a planner may write them: by heading, and by name where it differs.

    Examples
    --------
    >>> import pandas as pd
    >>> listed(pd.DataFrame(columns=["used_share", "nom", "geometry"]))
    '« Part consommée (%) » (used_share), « nom »'
    >>> listed(pd.DataFrame(columns=["site_id", "site_nom", "site_surf_brute"])).split(", ")[2]
    '« Surface brute (ha) » (site_surf_brute)'
    """
    from artois_geo.kinds import read_kind

    names = [str(name) for name in frame.columns if name != "geometry"]
    kind = kind_of(names)
    fields = read_kind(kind).fields if kind else ()
    labels = {field.name: _with_unit(field.label, field.unit) for field in fields if field.label}
    return ", ".join(
        f"« {labels[name]} » ({name})" if name in labels else vocabulary.written(name) for name in names
    )


def _columns_after(headings: list[str], renamed: Mapping[str, str]) -> set[str]:
    return {renamed.get(heading, heading) for heading in headings}


def _with_pairs(
    renamed: Mapping[str, str], headings: list[str], pairs: list[tuple[str, str]]
) -> dict[str, str]:
    """Add pairs of a heading and a column, where neither is in use yet."""
    added = dict(renamed)
    for heading, column in pairs:
        if heading not in added and column not in _columns_after(headings, added):
            added[heading] = column
    return added


def _by_wish(headings: list[str], free: list[str], wanted: tuple[str, ...]) -> dict[str, str]:
    """Pair headings with the columns that a reader asks for, each with the first heading that means it."""
    pairs = [(next((name for name in free if _means(name, column)), None), column) for column in wanted]
    return _with_pairs({}, headings, [(heading, column) for heading, column in pairs if heading is not None])


def _by_vocabulary(free: list[str]) -> list[tuple[str, str]]:
    pairs = ((heading, vocabulary.column_of(heading)) for heading in free)
    return [(heading, pair[0]) for heading, pair in pairs if pair is not None]


def _holds_percents(heading: str, column: str, wanted: tuple[str, ...]) -> bool:
    """Tell whether the column of a heading goes from 0 to 100 there and from 0 to 1 here."""
    pair = vocabulary.column_of(heading)
    if pair is not None and pair[0] == column:
        return bool(pair[1])
    return column in wanted and column.startswith(PERCENTS) and heading.rstrip().endswith("(%)")


def column(named: str, frame: "pd.DataFrame") -> str:
    """Return the column of a table that a planner names, by its heading or by its name.

    Examples
    --------
    >>> import pandas as pd
    >>> column("Surface (ha)", pd.DataFrame(columns=["area_ha"]))
    'area_ha'
    >>> column("Surface brute (ha)", pd.DataFrame(columns=["site_id", "site_nom", "site_surf_brute"]))
    'site_surf_brute'
    """
    if named in frame.columns:
        return named
    pair = vocabulary.column_of(named)
    if pair is not None and pair[0] in frame.columns:
        return pair[0]
    field = _field_of_kind(named, kind_of(map(str, frame.columns)))
    return field if field in frame.columns else named


def _field_of_kind(heading: str, kind: str) -> str:
    """Return the field of a kind that a heading labels, empty if none."""
    from artois_geo.kinds import read_kind

    fields = read_kind(kind).fields if kind else ()
    folded_heading = meaning.fold(heading)
    labels = {_labelled(field.label, field.unit): field.name for field in fields if field.label}
    return labels.get(folded_heading, "")


def _means(heading: str, column: str) -> bool:
    """Tell whether a heading is the name of a column in words: « Surface (ha) », « en vigueur depuis »."""
    return _plain_words(heading) in (_plain_words(column), _plain_words(vocabulary.heading(column)))


def _plain_words(text: str) -> list[str]:
    return [word for word in meaning.words(text).split() if word not in SMALL_WORDS]


def _fields(headings: list[str]) -> list[tuple[str, str]]:
    """Pair the headings with the fields of the kind that explains most of them."""
    from artois_geo.kinds import kinds, read_kind

    if len(headings) < FEWEST_FIELDS:
        return []
    explained: list[list[tuple[str, str]]] = []
    for kind in kinds():
        fields = read_kind(kind).fields
        labels = {_labelled(field.label, field.unit): field.name for field in fields if field.label}
        explained.append(
            [(name, labels[meaning.fold(name)]) for name in headings if meaning.fold(name) in labels]
        )
    most = max(map(len, explained), default=0)
    best = [pairs for pairs in explained if len(pairs) == most]
    return best[0] if most >= FEWEST_FIELDS and all(pairs == best[0] for pairs in best) else []


def _labelled(label: str, unit: str) -> str:
    return meaning.fold(_with_unit(label, unit))


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def _share(cell: Any) -> Any:
    """Divide by a hundred, without touching its figures, what a cell gives in percent."""
    if meaning.is_missing(cell) or isinstance(cell, bool):
        return cell
    try:
        share = Decimal(decimal_point(str(cell)).removesuffix("%").replace("−", "-")).scaleb(-2)
    except InvalidOperation:  # told by the reader of the column
        return cell
    return f"{share:f}" if isinstance(cell, str) else float(share)
