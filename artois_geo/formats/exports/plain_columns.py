"""Columns that every desktop format takes: texts, numbers, yes or no, dates; the rest as texts."""

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import meaning

OWN_KEY = "fid"  # GDAL gives it a meaning of its own
RENAMED_KEY = "fid_source"


def plain_columns(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return features with columns that GDAL takes, the index among them where it has a name.

    Parameters
    ----------
    features
        Any frame with one geometry. An index called ``id``, and a column ``fid``, become ``fid_source``.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, lots={"a": 2}, fid=7)
    >>> plain_columns(site).drop(columns="geometry").iloc[0].to_dict()
    {'lots': '{"a": 2}', 'fid_source': 7}
    """
    index = features.index.name
    table = features
    if index == "id":
        table = features.rename_axis(RENAMED_KEY).reset_index()
    elif index is not None and index not in features.columns:
        table = features.reset_index()
    table = table.rename(
        columns={name: RENAMED_KEY for name in table.columns if str(name).lower() == OWN_KEY}
    )
    converted = {
        name: _column(table[name])
        for name in table.columns.drop(table.geometry.name)
        if table[name].dtype == object or isinstance(table[name].dtype, pd.CategoricalDtype)
    }
    return table.assign(**converted)


def _column(column: pd.Series) -> pd.Series:
    """Return a column of objects as one of yes and no where all are so, else as texts."""
    values = column.tolist()
    present = [value for value in values if not meaning.is_null(value)]
    if present and all(isinstance(value, bool | np.bool_) for value in present):
        answers = [None if meaning.is_null(value) else bool(value) for value in values]
        return pd.Series(pd.array(answers, dtype="boolean"), index=column.index)
    return pd.Series([text_of(value) for value in values], index=column.index, dtype=object)


def text_of(value: Any) -> str | None:
    """Return a text as it is, blank too; another value as text, nothing where it is missing.

    Examples
    --------
    >>> text_of(""), text_of(float("nan")), text_of({"quai_m": 450})
    ('', None, '{"quai_m": 450}')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return None if meaning.is_missing(value) else str(value)
