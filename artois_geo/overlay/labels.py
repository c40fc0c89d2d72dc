"""Values of classes as text that gives them back to the last digit: numbers, words and dates."""

import json
from datetime import date, datetime

import pandas as pd

from artois_geo.errors import BadTable

_PLAIN = (str, bool, int, float, type(None))
_DATES = {"date": date, "datetime": datetime}


def text_of(labels: pd.DataFrame) -> str:
    """Write a table of classes as text.

    Raises
    ------
    BadTable
        A column holds something else than numbers, words or dates.

    Examples
    --------
    >>> table = pd.DataFrame({"cs": ["CS1", None], "seen": [date(2021, 5, 3), 0.1]}, dtype=object)
    >>> table_of(text_of(table)).equals(table)
    True
    """
    columns = [[_packed(value, name) for value in labels[name].tolist()] for name in labels.columns]
    return json.dumps({"columns": list(labels.columns), "values": columns})


def table_of(text: str) -> pd.DataFrame:
    """Read the table that `text_of` wrote."""
    content = json.loads(text)
    values = [[_unpacked(value) for value in column] for column in content["values"]]
    named_columns = zip(content["columns"], values, strict=True)
    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in named_columns})


def _packed(value: object, column: str) -> object:
    if type(value) in _PLAIN:
        return value
    for name, kind in _DATES.items():
        if type(value) is kind:
            return {name: value.isoformat()}
    raise BadTable(
        f"Colonne « {column} » : une copie de travail ne garde que des nombres, des textes et des dates, "
        f"trouvé : {value!r}.\nRetirer cette colonne de « by », ou lire le fichier sans copie."
    )


def _unpacked(value: object) -> object:
    if isinstance(value, dict):
        ((name, text),) = value.items()
        return _DATES[name].fromisoformat(text)
    return value
