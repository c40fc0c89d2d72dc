"""Jobs from SIRENE brackets: intervals, never a false integer."""

from collections.abc import Sequence

import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable
from artois_geo.text import row_name
from artois_geo.vocabulary import written


def jobs(
    establishments: pd.DataFrame, brackets: pd.DataFrame, *, by: str | Sequence[str], code: str
) -> pd.DataFrame:
    """Count the jobs of each place as an interval, with the establishments of which nothing is known.

    Parameters
    ----------
    establishments
        One row per active establishment, with ``by`` (place) and ``code`` (bracket, as text).
    brackets
        ``code``, ``low``, ``high`` of each bracket (``constants.table("sirene_tranches_effectif")``).
    by, code
        Names of these columns.

    Returns
    -------
    DataFrame
        Indexed by place: ``establishments``, ``jobs_low``, ``jobs_mid``, ``jobs_high`` (the middle of
        each bracket, rounded up), ``jobs_unknown`` (establishments without a bracket, in no sum).

    Raises
    ------
    BadTable
        A missing column; a code that no bracket has (``"3"`` for ``"03"``: a reader lost its zero).

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import jobs
    >>> firms = pd.DataFrame({"zae": ["A", "A"], "tranche": ["11", None]})
    >>> brackets = pd.DataFrame({"code": ["11"], "low": [10], "high": [19]})
    >>> jobs(firms, brackets, by="zae", code="tranche").values.tolist()
    [[2, 10, 15, 19, 1]]
    """
    by = meaning.column_of(by)
    for column in (by, code):
        if column not in establishments.columns:
            raise BadTable(f"« establishments » n'a pas de colonne {written(column)}.")
    bounds_in_order = zip(brackets["low"].astype(int), brackets["high"].astype(int), strict=True)
    bounds_by_code = dict(zip(brackets["code"].astype(str), bounds_in_order, strict=True))
    codes = establishments[code]
    unknown = codes.isna() | (codes.astype(str).str.strip() == "")
    strange = ~unknown & ~codes.astype(str).isin(list(bounds_by_code))
    if strange.any():
        row, unknown_code = codes.index[strange][0], codes[strange].iloc[0]
        raise BadTable(
            f"« establishments », {row_name(codes.index, row)} : "
            f"tranche d'effectif « {unknown_code} » inconnue."
            " Lire la colonne comme du texte (« 03 », pas « 3 »)."
        )
    bounds = codes.astype(str).map(bounds_by_code)
    rows = pd.DataFrame({"place": establishments[by], "jobs_unknown": unknown.astype(int)})
    rows["jobs_low"] = [0 if skip else pair[0] for pair, skip in zip(bounds, unknown, strict=True)]
    rows["jobs_high"] = [0 if skip else pair[1] for pair, skip in zip(bounds, unknown, strict=True)]
    rows["jobs_mid"] = (rows["jobs_low"] + rows["jobs_high"] + 1) // 2
    grouped = rows.groupby("place", sort=True)
    table = pd.DataFrame({"establishments": grouped.size()})
    for column in ("jobs_low", "jobs_mid", "jobs_high", "jobs_unknown"):
        table[column] = grouped[column].sum()
    return table.rename_axis(by)


def density(counted: pd.DataFrame, hectares: pd.Series) -> pd.DataFrame:
    """Compute the jobs per hectare of each place, as an interval.

    Parameters
    ----------
    counted
        What :func:`jobs` returned.
    hectares
        Area of each place, same index, gross or net: the caller's label says which.

    Returns
    -------
    DataFrame
        ``counted`` with ``jobs_per_ha_low``, ``jobs_per_ha`` (middle) and ``jobs_per_ha_high``;
        missing where the area is.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.zae import density
    >>> counted = pd.DataFrame({"jobs_low": [86], "jobs_mid": [133], "jobs_high": [176]}, index=["A"])
    >>> density(counted, pd.Series({"A": 10.0}))[["jobs_per_ha_low", "jobs_per_ha"]].values.tolist()
    [[8.6, 13.3]]
    """
    area = hectares.reindex(counted.index)
    area = area.where(area > 0)
    densities = counted.copy()
    for column, suffix in (("jobs_low", "_low"), ("jobs_mid", ""), ("jobs_high", "_high")):
        densities[f"jobs_per_ha{suffix}"] = densities[column] / area
    return densities
