"""Classes of covers: the numbers given to them, the table that lists them, and that table as text."""

import json
import threading
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from artois_geo.errors import BadTable
from artois_geo.overlay.frames import Integers
from artois_geo.overlay.sources import Values

_PLAIN = (str, bool, int, float, type(None))
_DATES = {"date": date, "datetime": datetime}


class ClassCodes:
    """Numbers given to classes as they are met, by several threads."""

    def __init__(self, by: Sequence[str]) -> None:
        self._by = list(by)
        self._codes: dict[tuple[object, ...], int] = {}
        self._lock = threading.Lock()

    def codes(self, values: Sequence[Values]) -> Integers:
        """Return the number of the class of each row; a class met for the first time gets the next one."""
        code_by_class = self._codes
        keys = list(zip(*values, strict=True))
        existing_codes = [code_by_class.get(key, -1) for key in keys]
        codes = np.array(existing_codes, dtype=np.int64)
        for row in np.flatnonzero(codes < 0):
            codes[row] = self._code(tuple(None if _is_missing(value) else value for value in keys[row]))
        return codes

    def labels(self) -> pd.DataFrame:
        """List the classes in the order of their numbers; whole numbers stay whole beside a missing one."""
        table = pd.DataFrame(list(self._codes), columns=self._by)
        for column, dtype in enumerate(table.dtypes):
            values = [key[column] for key in self._codes]
            if dtype.kind == "f" and any(isinstance(value, int | np.integer) for value in values):
                table.isetitem(column, np.array(values, dtype=object))
        return table

    def _code(self, key: tuple[object, ...]) -> int:
        with self._lock:
            return self._codes.setdefault(key, len(self._codes))


def common_codes(*frames: pd.DataFrame, by: Sequence[str]) -> tuple[list[Integers], pd.DataFrame]:
    """Number the classes of the frames: codes of each frame, and one row per class, sorted.

    A missing value is a class of its own, so that no hectare disappears.
    """
    stacked = pd.concat([pd.DataFrame(frame[list(by)]) for frame in frames], ignore_index=True)
    groups = stacked.groupby(list(by), dropna=False, observed=True, sort=True)
    codes = groups.ngroup().to_numpy(dtype=np.int64)
    _, starts = np.unique(codes, return_index=True)
    names = stacked.iloc[starts].reset_index(drop=True)  # as they were: a group's name may have another type
    ends = np.cumsum([len(frame) for frame in frames])[:-1]
    return list(np.split(codes, ends)), names


def labels_to_text(labels: pd.DataFrame) -> str:
    """Write a table of classes as text that gives them back to the last digit: numbers, words and dates.

    Raises
    ------
    BadTable
        A column holds something else than numbers, words or dates.

    Examples
    --------
    >>> table = pd.DataFrame({"cs": ["CS1", None], "seen": [date(2021, 5, 3), 0.1]}, dtype=object)
    >>> labels_from_text(labels_to_text(table)).equals(table)
    True
    """
    columns = [[_packed(value, name) for value in labels[name].tolist()] for name in labels.columns]
    return json.dumps({"columns": list(labels.columns), "values": columns})


def labels_from_text(text: str) -> pd.DataFrame:
    """Read the table that `labels_to_text` wrote."""
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


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
