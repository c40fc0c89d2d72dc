"""What adding something changes: a station, a quay, a junction, a stretch of greenway.

An increment is a layer of features to add. The same analysis is run on the base and on the base with the
increment; the two tables are then set side by side.
"""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from artois_geo import measure
from artois_geo.arguments import guard
from artois_geo.deprecated import renamed, warn
from artois_geo.errors import BadTable

__all__ = [
    "compare",
    "difference",
    "with_increment",
]

__getattr__ = renamed(__name__, {"added": "with_increment"})


def with_increment(base: gpd.GeoDataFrame, increment: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the base and the increment in one layer (situation avec projet).

    Parameters
    ----------
    base, increment
        Frames in EPSG:2154. Labels of the increment that the base already has are replaced by new ones.

    Returns
    -------
    GeoDataFrame
        Rows of ``base`` under their own index, then those of ``increment``; ``is_increment`` tells
        them apart. Columns that one side lacks are null there.

    Examples
    --------
    >>> from artois_geo.whatif import with_increment
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, nom="Harnes")
    >>> project = with_increment(quay, example.point(x_km=5, y_km=0, nom="quai projeté"))
    >>> project[["nom", "is_increment"]].values.tolist()
    [['Harnes', False], ['quai projeté', True]]
    """
    measure.require_lambert93(base=base, increment=increment)
    additions = increment.copy()
    if additions.index.isin(base.index).any():
        if pd.api.types.is_integer_dtype(base.index):
            next_label = int(base.index.max()) + 1
            additions.index = pd.RangeIndex(next_label, next_label + len(additions))
        else:
            additions.index = pd.Index([f"ajout_{number}" for number in range(1, len(additions) + 1)])
    geometry_column = base.geometry.name
    if additions.geometry.name != geometry_column:
        additions = additions.rename_geometry(geometry_column)
    combined = pd.concat([base.assign(is_increment=False), additions.assign(is_increment=True)])
    return gpd.GeoDataFrame(combined, geometry=geometry_column, crs=base.crs)


def compare(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    keys: Sequence[str],
    columns: Sequence[str],
    words: Sequence[str] = (),
) -> pd.DataFrame:
    """Put two tables side by side: base, with the increment, difference.

    Parameters
    ----------
    before, after
        The same analysis on the base, and with the increment.
    keys
        Columns that name a row, unique in each table; none for tables of one row.
    columns
        Figures to compare.
    words
        Columns that hold no figure (a class, a name): base and with, no difference.

    Returns
    -------
    DataFrame
        ``keys``, ``<column>_base`` and ``<column>_with`` of each of ``words``, then for each figure
        ``<column>_base``, ``<column>_with``, ``<column>_difference``. A row that only one table has
        keeps a null on the other side: it has no difference. Rows stand as in ``before``, then those
        that only ``after`` has.

    Raises
    ------
    BadTable
        A column is absent, or ``keys`` does not name rows apart.

    Examples
    --------
    >>> from artois_geo.whatif import compare
    >>> import pandas as pd
    >>> before = pd.DataFrame({"site": ["A"], "quay_km": [12.0]})
    >>> after = pd.DataFrame({"site": ["A"], "quay_km": [5.0]})
    >>> compare(before, after, keys=["site"], columns=["quay_km"]).values.tolist()
    [['A', 12.0, 5.0, -7.0]]
    """
    for name, table in (("before", before), ("after", after)):
        absent = [column for column in (*keys, *words, *columns) if column not in table.columns]
        if absent:
            raise BadTable(f"Colonnes absentes de « {name} » : {', '.join(absent)}.")
        if table.duplicated(list(keys)).any() if keys else len(table) > 1:
            raise BadTable(
                f"« {name} » a plusieurs lignes pour une même clé ({', '.join(keys) or 'aucune'})."
            )
    base_table, with_table = (table[[*keys, *words, *columns]] for table in (before, after))
    if keys:
        merged = base_table.merge(with_table, on=list(keys), how="outer", suffixes=("_base", "_with"))
        order = pd.concat([base_table[list(keys)], with_table[list(keys)]]).drop_duplicates()
        merged = order.merge(merged, on=list(keys), how="left")  # an outer merge sorts its keys
    else:
        merged = pd.concat(
            [
                base_table.reset_index(drop=True).add_suffix("_base"),
                with_table.reset_index(drop=True).add_suffix("_with"),
            ],
            axis=1,
        )
    result = merged[list(keys)].copy()
    for column in (*words, *columns):
        result[f"{column}_base"] = merged[f"{column}_base"]
        result[f"{column}_with"] = merged[f"{column}_with"]
        if column not in words:
            result[f"{column}_difference"] = merged[f"{column}_with"] - merged[f"{column}_base"]
    return result


def difference(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    on: Sequence[str],
    columns: Sequence[str],
    words: Sequence[str] = (),
) -> pd.DataFrame:
    """Compare two tables as version 0.1.0 named it; :func:`compare` takes its place.

    Examples
    --------
    >>> import warnings
    >>> from artois_geo.whatif import difference
    >>> import pandas as pd
    >>> table = pd.DataFrame({"site": ["A"], "quay_km": [12.0]})
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     difference(table, table, on=["site"], columns=["quay_km"])["quay_km_difference"].tolist()
    [0.0]
    """
    message = "artois_geo.whatif.difference(on=) s'appelle désormais artois_geo.whatif.compare(keys=)."
    warn(message)
    return compare(before, after, keys=on, columns=columns, words=words)


guard(__name__, shapes=measure.require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
