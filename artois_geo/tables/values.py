"""Single values of a table, freed from pandas and numpy."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from artois_geo.errors import BadTable
from artois_geo.meaning import is_null


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table without its geometry columns, with a named index as first column.

    Raises
    ------
    BadTable
        Two columns of the same name.
    """
    geometry_columns = [name for name, kind in frame.dtypes.items() if str(kind) == "geometry"]
    table = pd.DataFrame(frame.drop(columns=geometry_columns))
    if table.index.name is not None and table.index.name not in table.columns:
        table = table.reset_index()
    if not table.columns.is_unique:
        repeated_names = sorted({str(name) for name in table.columns[table.columns.duplicated()]})
        raise BadTable(f"Colonnes en double : {', '.join(repeated_names)}. Les renommer.")
    return table


def rows(table: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    """Iterate over the rows of a plain table as Python values: integers stay integers beside floats."""
    if not len(table.columns):
        return iter(())
    # column by column: a row-wise walk would turn integers beside floats into floats
    return zip(*([native(value) for value in table[name]] for name in table.columns), strict=True)


def native(value: Any) -> Any:
    """Convert a numpy or pandas value to the Python one."""
    if isinstance(value, np.generic):
        return value.item()
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def is_number(value: Any) -> bool:
    """Tell whether a value is a number and not missing; true and false are not numbers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not is_null(value)


def as_text(value: Any) -> str:
    """Write a value that is neither number nor missing: dates AAAA-MM-JJ, lists joined by « | »."""
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return " | ".join(as_text(item) for item in value)
    return str(value)
