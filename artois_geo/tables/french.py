"""A table as a planner reads it: French headings, numbers and dates."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from artois_geo import vocabulary
from artois_geo.meaning import is_null
from artois_geo.tables.values import as_text, is_number, native, plain
from artois_geo.text import THIN_SPACE, half_up, number, unit_label

MISSING = "–"
UNGROUPED = re.compile(r"(^|_)(annee|an|year|vintage|millesime|feature)(_|$)")
DECIMALS = {"ha": 2, "km": 2, "ha/an": 2, "%": 1, "points": 1, "€": 0, "emplois": 0, "hab.": 0}


def headings(
    frame: pd.DataFrame, labels: Mapping[str, str] | None = None, *, in_percent: bool = True
) -> list[str]:
    """Give the French heading of each column of a table.

    A figure of a day says which one, where its whole column is of the same day.

    Parameters
    ----------
    frame
        Any table.
    labels
        French labels of received columns (the fields of a kind of layer); the
        vocabulary goes first.
    in_percent
        Whether shares are in percent below.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import headings
    >>> from datetime import date
    >>> headings(pd.DataFrame(columns=["area_ha", "site_nom"]), {"site_nom": "Nom du site"})
    ['Surface (ha)', 'Nom du site']
    >>> headings(pd.DataFrame({"left_ha": [3.88], "remaining_on": [date(2023, 1, 1)]}))[0]
    'Reste au 01/01/2023 (ha)'
    """
    received_labels = labels or {}
    return [
        vocabulary.heading(name, _day(frame, name), in_percent=in_percent)
        if vocabulary.known(name)
        else received_labels.get(name, name)
        for name in map(str, frame.columns)
    ]


def file_headings(frame: pd.DataFrame, labels: Mapping[str, str] | None = None) -> list[str]:
    """Give the headings of a file that a command may read again: each names one column, and only that one.

    A heading that two columns share, or that the vocabulary gives to another column, is followed by the
    name of its column in brackets.

    Examples
    --------
    >>> file_headings(pd.DataFrame(columns=["area_ha", "surface_ha"]), {"surface_ha": "Surface (ha)"})
    ['Surface (ha)', 'Surface (ha) [surface_ha]']
    >>> file_headings(pd.DataFrame(columns=["nom_a", "nom_b"]), {"nom_a": "Nom", "nom_b": "Nom"})
    ['Nom [nom_a]', 'Nom [nom_b]']
    """
    names = [str(name) for name in frame.columns]
    heading_texts = headings(frame, labels)
    pairs = [
        (head, name, vocabulary.column_of(head)) for head, name in zip(heading_texts, names, strict=True)
    ]
    is_sure = [
        head == name or (column_named[0] == name if column_named else heading_texts.count(head) == 1)
        for head, name, column_named in pairs
    ]
    return [
        head if sure else f"{head} [{name}]"
        for sure, head, name in zip(is_sure, heading_texts, names, strict=True)
    ]


def in_percent(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert the shares of a table to percent, figure for figure: 0.07 is 7, not 7.000000000000001.

    Examples
    --------
    >>> in_percent(pd.DataFrame({"used_share": [0.07, None], "area_ha": [1.0, 2.0]}))["used_share"].tolist()
    [7.0, nan]
    """
    shares = [name for name in frame.columns if vocabulary.is_share(str(name))]
    return frame.assign(
        **{name: [hundredfold(value) for value in map(native, frame[name])] for name in shares}
    )


def hundredfold(share: Any) -> Any:
    """Multiply a share by a hundred without touching its figures; anything else stays as it is."""
    return float(Decimal(repr(share)).scaleb(2)) if is_number(share) else share


def _day(frame: pd.DataFrame, column: str) -> str:
    """Return the day shared by all figures of a column, as text; an empty text if there are several."""
    entry = vocabulary.known(column)
    if entry is None or entry.dated_by not in frame:
        return ""
    days = {_text(native(value), 0, False) for value in frame[entry.dated_by]}
    return days.pop() if len(days) == 1 and MISSING not in days else ""


def quantity(value: Any, unit: str = "") -> str:
    """Format a value with its unit as a planner reads them.

    Examples
    --------
    >>> from artois_geo.tables import quantity
    >>> quantity(2500, "m2"), quantity(2031, "year"), quantity(0.5, "share"), quantity(10.0, "ha")
    ('2\u202f500 m²', '2031', '50 %', '10 ha')
    >>> quantity(1, "an"), quantity(2, "an"), quantity(60, "days")
    ('1 an', '2 ans', '60 jours')
    >>> quantity({"bas": 0.1, "haut": 2}, "share")
    'bas : 10 %, haut : 200 %'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key} : {quantity(item, unit)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return " ; ".join(quantity(item, unit) for item in value)
    if unit == "share" and is_number(value):
        return percent(value)
    grouped = unit not in {"year", "année"}
    text = _text(value, places([value]), grouped) if is_number(value) else _text(value, 0, False)
    return f"{text} {unit_label(unit, value)}".strip() if is_number(value) else text


def percent(share: float) -> str:
    """Format a share (0 to 1) as a French percentage, with two decimals unless it is whole.

    Examples
    --------
    >>> percent(0.5447), percent(0.5)
    ('54,47 %', '50 %')
    """
    hundredths = round(100 * share, 8)
    return f"{number(hundredths, places([hundredths]))} %"


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert every value to the text that a planner reads; same rows, columns and index.

    The decimals are the same in all columns of one unit, except those that mix values of
    any kind (``object``); what they would print as zero is « < 0,01 ». Shares of the vocabulary are in
    percent, as their headings say. Missing is « – », true is « oui », dates are JJ/MM/AAAA.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import texts
    >>> texts(pd.DataFrame({"area_ha": [460.0, 4.1556, None]}))["area_ha"].tolist()
    ['460,00', '4,16', '–']
    >>> texts(pd.DataFrame({"used_share": [0.5447], "net_ha": [0.0011]})).values.tolist()
    [['54,5', '< 0,01']]
    """
    table = in_percent(plain(frame))
    values = {name: [native(value) for value in table[name]] for name in table.columns}
    shared = _shared_places(values)
    columns = {}
    for name in table.columns:
        mixed = table[name].dtype == object and _unit(str(name)) not in DECIMALS
        grouped = not is_ungrouped(str(name))
        sign = "\u202f%" if vocabulary.is_share(str(name)) and not vocabulary.known(str(name)) else ""
        columns[name] = [
            f"{_text(value, places([value]) if mixed else shared[name], grouped)}{sign}"
            if is_number(value)
            else _text(value, 0, grouped)
            for value in values[name]
        ]
    return pd.DataFrame(columns, index=table.index, columns=table.columns)


def numeric_columns(frame: pd.DataFrame) -> list[bool]:
    """Tell which columns hold only numbers; these are aligned to the right.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.tables import numeric_columns
    >>> numeric_columns(pd.DataFrame({"nom": ["A"], "area_ha": [1.5], "annee": [None]}))
    [False, True, False]
    """
    table = plain(frame)
    return [_is_numeric(table[name]) for name in table.columns]


def _is_numeric(values: pd.Series) -> bool:
    present = [value for value in map(native, values) if not is_null(value)]
    return bool(present) and all(map(is_number, present))


def _shared_places(values: Mapping[Any, list[Any]]) -> dict[Any, int]:
    numbers: dict[str, list[float]] = {}
    for name, column in values.items():
        numbers.setdefault(_unit(str(name)), []).extend(value for value in column if is_number(value))
    return {name: unit_places(str(name), numbers[_unit(str(name))]) for name in values}


def _unit(column: str) -> str:
    if vocabulary.is_share(column):
        return vocabulary.PERCENT
    entry = vocabulary.known(column)
    return entry.unit if entry is not None and entry.unit else f"column {column}"


def unit_places(column: str, numbers: Iterable[float]) -> int:
    """Count the decimals of a column: those of its unit, none if all its numbers are whole.

    Examples
    --------
    >>> unit_places("area_ha", [0.00114]), unit_places("area_ha", [3.0]), unit_places("used_share", [54.47])
    (2, 0, 1)
    """
    needed = places(numbers)
    return DECIMALS.get(_unit(column), needed) if needed else 0


def _text(value: Any, decimals: int, grouped: bool) -> str:
    if is_null(value):
        return MISSING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, (int, float)):
        if value and not half_up(value, decimals):  # what is not zero is never printed as zero
            return (
                f"< {number(10**-decimals, decimals)}"
                if value > 0
                else f"> {number(-(10**-decimals), decimals)}"
            )
        return number(value, decimals) if grouped else number(value, decimals).replace(THIN_SPACE, "")
    if isinstance(value, (datetime, date)):
        return f"{value:%d/%m/%Y}"
    return as_text(value)


def places(numbers: Iterable[float]) -> int:
    """Count the decimals that a column of numbers needs: none if all are whole, else two or more."""
    finite = [abs(value) for value in numbers if math.isfinite(value)]
    if all(value == int(value) for value in finite):
        return 0
    smallest = min(value for value in finite if value)
    # a value that is not zero must never be printed as zero, nor as its double
    return next(
        (digits for digits in (2, 3, 4, 5) if abs(round(smallest, digits) - smallest) < smallest / 2), 6
    )


def is_ungrouped(column: str) -> bool:
    """Tell whether a column holds years or numbers of objects, which take no space between thousands."""
    entry = vocabulary.known(column)
    return bool(UNGROUPED.search(column)) or (entry is not None and entry.unit == "année")
