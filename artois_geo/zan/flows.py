"""Yearly flows of ENAF consumption: mergers of communes, groupings, and what every flow frame obeys.

A *flow frame* has one row per territory and year: the key column, ``year``,
``consumed_ha``, the uses if known, ``provisional``. It comes from Cerema's file,
a MOS or one's own table, and goes to ``consumption`` and ``trajectory``.
"""

import re
from collections.abc import Iterable, Sequence

import pandas as pd
from pandas import DataFrame, Series

from artois_geo import meaning, vocabulary
from artois_geo.errors import BadTable
from artois_geo.text import decimal_point

TOTAL = "consumed_ha"
FINDINGS = ["feature", "field", "rule", "level", "found", "message"]


def merge_communes(flows: DataFrame, changes: DataFrame, *, key: str = "idcom") -> DataFrame:
    """Carry flows over to the communes of today (fusions, scissions).

    Parameters
    ----------
    flows
        A flow frame by commune.
    changes
        ``ancien``, ``nouveau``: codes before and after; optional ``part`` (0 to 1),
        the share of the old commune that goes to the new one (1 for a merger).
    key
        Column of the commune code in ``flows``.

    Returns
    -------
    DataFrame
        A flow frame; the sum over all communes is unchanged.

    Raises
    ------
    BadTable
        Columns are missing, or the shares of an old commune do not add up to 1.

    Examples
    --------
    >>> from artois_geo.zan import merge_communes
    >>> from pandas import DataFrame
    >>> flows = DataFrame({"idcom": ["01002", "01003"], "year": 2019, "consumed_ha": [1.0, 2.0]})
    >>> merge_communes(flows, DataFrame({"ancien": ["01003"], "nouveau": ["01002"]}))["consumed_ha"].tolist()
    [3.0]
    """
    need(flows, [key, "year", TOTAL], "flows")
    need(changes, ["ancien", "nouveau"], "changes")
    table = changes.astype({"ancien": str, "nouveau": str}).reset_index(drop=True)
    table["part"] = numbers(table["part"]) if "part" in table else 1.0
    sums = table.groupby("ancien")["part"].sum()
    unbalanced = sums[(sums - 1).abs() > 1e-9]
    if len(unbalanced):
        raise BadTable(
            f"Les parts de {unbalanced.index[0]} font {unbalanced.iloc[0]:g} au lieu de 1 : "
            "des hectares seraient perdus."
        )
    joined = flows.merge(table, how="left", left_on=key, right_on="ancien")
    is_replaced = joined["nouveau"].notna()
    joined[key] = joined["nouveau"].where(is_replaced, joined[key])
    areas = area_columns(flows)
    joined[areas] = joined[areas].mul(joined["part"].where(is_replaced, 1.0).astype(float), axis=0)
    return _sum_by_year(joined.drop(columns=["idcomtxt"], errors="ignore"), key)


def group(
    flows: DataFrame, membership: DataFrame, *, by: str | Sequence[str], key: str = "idcom"
) -> DataFrame:
    """Add up flows of communes by EPCI, SCoT, pole or any grouping of one's own.

    Parameters
    ----------
    flows
        A flow frame by commune; communes outside the grouping are left out.
    membership
        ``key`` and ``by``: one row per commune of the territories wanted.
    by
        Column of the grouping.
    key
        Column of the commune code in both tables.

    Returns
    -------
    DataFrame
        A flow frame whose key is ``by``.

    Raises
    ------
    BadTable
        A commune of ``membership`` has no flows (unknown or merged code), or
        stands in two groups: the sums would be wrong.

    Examples
    --------
    >>> from artois_geo.zan import group
    >>> from pandas import DataFrame
    >>> flows = DataFrame({"idcom": ["1", "2", "3"], "year": 2019, "consumed_ha": [1.0, 2.0, 4.0]})
    >>> group(flows, DataFrame({"idcom": ["1", "2"], "epci": "E"}), by="epci")["consumed_ha"].tolist()
    [3.0]
    """
    by = meaning.column_of(by)
    need(flows, [key, "year", TOTAL], "flows")
    need(membership, [key, by], "membership")
    membership = membership.assign(**{by: meaning.one_spelling(membership[by])})
    pairs = membership[list(dict.fromkeys([key, by]))].dropna().astype(str).drop_duplicates()
    repeated = sorted(pairs.loc[pairs[key].duplicated(), key].unique())
    if repeated:
        raise BadTable(
            f"Communes dans deux territoires de « {by} » : {', '.join(repeated[:5])}.\n"
            "Leurs hectares seraient comptés deux fois : corriger le regroupement."
        )
    absent = sorted(set(pairs[key]) - set(flows[key].astype(str)))
    if absent:
        raise BadTable(
            f"Communes sans flux dans le fichier : {', '.join(absent[:8])}"
            f"{' …' if len(absent) > 8 else ''}.\n"
            "Code inconnu ou commune fusionnée : voir merge_communes, ou corriger le regroupement."
        )
    if by == key:
        return flows[flows[key].astype(str).isin(pairs[key])].sort_values([key, "year"], ignore_index=True)
    members = flows.drop(columns=[by, "idcomtxt"], errors="ignore").merge(pairs, on=key)
    return _sum_by_year(members, by, drop=key)


def numbers(column: Series) -> Series:
    """Read a column of text as numbers: decimal comma, spaces between thousands; NaN where unreadable.

    Examples
    --------
    >>> numbers(Series(["1 234,5", "8324", ""])).tolist()
    [1234.5, 8324.0, nan]
    """
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    text = column.astype("string").map(decimal_point, na_action="ignore")
    return pd.to_numeric(text, errors="coerce").astype(float)


def area_columns(flows: DataFrame) -> list[str]:
    """List the columns of a flow frame that add up: the total and the uses.

    Examples
    --------
    >>> area_columns(DataFrame(columns=["idcom", "year", "consumed_ha", "consumed_road_ha"]))
    ['consumed_ha', 'consumed_road_ha']
    """
    return [column for column in flows.columns if re.fullmatch(r"consumed(_\w+)?_ha", str(column))]


def refuse_twice(frame: DataFrame, columns: list[str]) -> None:
    """Refuse a frame where the same territory and year stand twice.

    Examples
    --------
    >>> refuse_twice(DataFrame({"epci": ["A", "A"], "year": [2011, 2012]}), ["epci", "year"])
    """
    repeated = frame[frame.duplicated(columns)]
    if len(repeated):
        key_text = ", ".join(str(cell) for cell in repeated.iloc[0][columns])
        raise BadTable(f"Deux flux pour le même territoire et la même année : {key_text}.")


def finding(
    feature: object, field: str, rule: str, level: str, observed: object, message: str
) -> dict[str, object]:
    """Return one row of a table of findings.

    Examples
    --------
    >>> finding("62119", "naf19art20", "signe", "erreur", "-5", "Négatif.")["level"]
    'erreur'
    """
    return dict(zip(FINDINGS, (feature, field, rule, level, observed, message), strict=True))


def findings_table(findings: Iterable[dict[str, object]]) -> DataFrame:
    """Return the table of findings, with its columns even where all is right.

    Examples
    --------
    >>> findings_table([]).columns.tolist() == FINDINGS
    True
    """
    return DataFrame(list(findings), columns=FINDINGS)


def need(frame: DataFrame, columns: Sequence[str], name: str) -> None:
    """Refuse a frame that lacks columns, under the name its caller knows it by.

    Examples
    --------
    >>> need(DataFrame({"epci": ["A"]}), ["epci"], "flows")
    """
    absent = [column for column in columns if column not in frame]
    if absent:
        listed = ", ".join(vocabulary.written(str(column)) for column in frame.columns[:12])
        raise BadTable(f"« {name} » n'a pas de colonne {', '.join(absent)}. Colonnes lues : {listed}.")


def _sum_by_year(members: DataFrame, by: str, drop: str = "") -> DataFrame:
    """Sum the flows of each territory and year; a missing member makes the sum missing."""
    # sorted first, so that the order of the file never changes a digit
    sort_columns = [column for column in (by, "year", drop) if column]
    members = members.sort_values([*sort_columns, *area_columns(members)])
    groups = members.groupby([by, "year"], sort=True)
    # a missing commune makes the sum missing: it must not count as 0
    sums = groups[area_columns(members)].agg(_whole_sum)
    if "provisional" in members:
        sums["provisional"] = groups["provisional"].any()
    if "edition" in members:
        sums["edition"] = groups["edition"].agg(_joined)
    return sums.reset_index()


def _joined(editions: Series) -> str:
    return " + ".join(sorted(set(editions)))


def _whole_sum(part: Series) -> float:
    return float(part.sum(skipna=False))
