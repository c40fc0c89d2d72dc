"""How a refusal names what a function asks for, and what it was given."""

from collections.abc import Mapping
from datetime import date
from numbers import Number
from os import PathLike
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

#: How the name of a size ends, as a column or an argument: it is never a text.
SIZES = ("_m", "_m2", "_ha", "_km", "_t", "_min", "_years", "_days", "_count")
_COUNTS = (
    "decimals",
    "size",
    "count",
    "cores",
    "draws",
    "limit",
    "seed",
    "width",
    "highest",
    "_detour",
    "_ratio",
    "_share",
)
_GIVEN: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (gpd.GeoDataFrame, "un GeoDataFrame"),
    (pd.DataFrame, "un tableau simple"),
    (gpd.GeoSeries, "une GeoSeries"),
    (pd.Series, "une colonne, Series"),
    (pd.Index, "un index"),
    (np.ndarray, "un tableau NumPy"),
    (list, "une liste"),
    (tuple, "un n-uplet"),
    ((set, frozenset), "un ensemble"),
    (Mapping, "un dictionnaire"),
    (PathLike, "un chemin"),
)


def given(value: Any) -> str:
    """Say in French what a call gave."""
    if value is None:
        return "rien, None"
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, str):
        return f"le texte « {value[:40]} »"
    if isinstance(value, Number):
        return "un nombre qui manque, NaN" if value != value else f"le nombre {value}"
    if isinstance(value, date):
        return f"le jour {value:%d/%m/%Y}" if value == value else "un jour qui manque, NaT"
    for kinds, french in _GIVEN:
        if isinstance(value, kinds):
            return french
    return type(value).__name__


def literal(value: Any) -> str:
    """Write a text or a number as Python takes it."""
    return f'"{value}"' if isinstance(value, str) else f"{value}"


def is_positive(name: str) -> bool:
    """Tell an argument that no negative number can be; a position may be one."""
    return name.endswith((*SIZES, *_COUNTS)) and not name.startswith(("x_", "y_"))
