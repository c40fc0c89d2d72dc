"""The columns that the headings of a planner's table name, in French or in the words of the code.

What a command wrote in French is read back by all those that take it: the headings of our tables are in the
vocabulary, those of received fields in the kinds of layers.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from artois_geo import meaning, vocabulary
from artois_geo.text import decimal_point

if TYPE_CHECKING:
    import pandas as pd

CODE_NAME = re.compile(r"[a-z0-9_]+")
SMALL_WORDS = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})
PERCENTS = ("taux_", "part_")  # start the names of columns that hold shares
FEWEST_FIELDS = 3  # of one kind, and of no other, for its labels to name the columns of a table


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

    Returns
    -------
    DataFrame
        ``attrs["headings"]`` keeps the heading of each column that was named otherwise.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"Part consommée (%)": ["54,47"], "Année": ["2024"], "Nom": ["A"]})
    >>> in_columns(table).to_dict("list")
    {'used_share': ['0.5447'], 'year': ['2024'], 'Nom': ['A']}
    >>> list(in_columns(table, wanted=["annee"]))
    ['used_share', 'annee', 'Nom']
    """
    stay = {name for name in map(str, frame.columns) if CODE_NAME.fullmatch(name)}
    stay.update(str(name) for name in as_written if name)
    names = {name: name for name in map(str, frame.columns)}
    percents = set()
    for column in wanted:
        if column not in names.values():
            heading = next((name for name in names if name not in stay and _means(name, column)), None)
            if heading is not None and names[heading] == heading:
                names[heading] = column
                if column.startswith(PERCENTS) and heading.rstrip().endswith("(%)"):
                    percents.add(heading)
    for heading in names:
        pair = vocabulary.column_of(heading)
        if heading in stay or pair is None:
            continue
        if names[heading] == heading and pair[0] not in names.values():
            names[heading] = pair[0]
        if pair[1] and names[heading] == pair[0]:
            percents.add(heading)
    for heading, field in _fields([name for name in names if names[name] == name and name not in stay]):
        if field not in names.values():
            names[heading] = field
    renamed = {heading: column for heading, column in names.items() if heading != column}
    if not renamed:
        return frame
    columns = frame.rename(columns=renamed)
    columns = columns.assign(**{names[head]: columns[names[head]].map(_share) for head in percents})
    columns.attrs["headings"] = {column: heading for heading, column in renamed.items()}
    return columns


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
    wanted = meaning.fold(heading)
    labels = {_labelled(field.label, field.unit): field.name for field in fields if field.label}
    return labels.get(wanted, "")


def kind_of(columns: Iterable[str]) -> str:
    """Guess the kind of layer that columns come from, to name them in French; empty if none has enough.

    Examples
    --------
    >>> kind_of(["site_id", "site_nom", "site_etat", "net_ha"]), kind_of(["nom", "net_ha"])
    ('site_eco', '')
    """
    from artois_geo.kinds import kinds, read_kind

    names = set(columns)
    counts = {}
    for kind in kinds():
        schema = read_kind(kind)
        if schema.key in names:
            counts[kind] = sum(field.name in names for field in schema.fields)
    likeliest = max(counts, key=lambda kind: counts[kind], default="")
    return likeliest if counts.get(likeliest, 0) >= FEWEST_FIELDS else ""


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
    return meaning.fold(f"{label} ({unit})" if unit else label)


def _share(cell: Any) -> Any:
    """Divide by a hundred, without touching its figures, what a cell gives in percent."""
    if meaning.is_missing(cell) or isinstance(cell, bool):
        return cell
    try:
        share = Decimal(decimal_point(str(cell)).removesuffix("%").replace("−", "-")).scaleb(-2)
    except InvalidOperation:  # told by the reader of the column
        return cell
    return f"{share:f}" if isinstance(cell, str) else float(share)
