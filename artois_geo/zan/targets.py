"""What is asked of each territory: target in force, communal guarantee, and its cost to the others."""

from datetime import date

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from artois_geo.errors import BadTable, BadValue
from artois_geo.zan.flows import need, numbers


def targets_in_force(
    territories: DataFrame, targets: DataFrame, *, key: str, on: date, national_share: float
) -> DataFrame:
    """Reduction asked of each territory by the most precise document in force on a day.

    A PLU(i) prevails over a SCoT, a SCoT over the SRADDET, the SRADDET over the
    national rate; inside one document, the smallest territory it names.

    Parameters
    ----------
    territories
        ``key`` and the codes of what each territory belongs to: ``commune``,
        ``epci``, ``scot``, ``region`` (those that are known).
    targets
        ``document`` (PLU, PLUi, carte communale, SCoT or SRADDET), ``niveau``
        (commune, EPCI, SCoT or région), ``territoire`` (code at that level),
        ``taux_baisse`` (0 to 1), ``en_vigueur_depuis`` (date; empty: not in force),
        ``source``.
    on
        Day of the account.
    national_share
        Rate where no document applies.

    Returns
    -------
    DataFrame
        Index and rows of ``territories``: ``key``, ``reduction_share``, ``target_document``,
        ``target_source``.

    Examples
    --------
    >>> from datetime import date
    >>> targets = DataFrame({"document": ["SRADDET"], "niveau": ["région"], "territoire": ["32"],
    ...     "taux_baisse": [0.5447], "en_vigueur_depuis": [date(2024, 11, 21)], "source": ["SRADDET"]})
    >>> asked = targets_in_force(DataFrame({"epci": ["A"], "region": ["32"]}), targets, key="epci",
    ...     on=date(2026, 1, 1), national_share=0.5)
    >>> asked["reduction_share"].tolist()
    [0.5447]
    """
    need(territories, [key], "territories")
    need(targets, ["document", "niveau", "territoire", "taux_baisse", "en_vigueur_depuis"], "targets")
    asked = targets.copy()
    asked["reduction_share"] = numbers(asked["taux_baisse"])
    check_share(asked["reduction_share"])
    since = pd.to_datetime(asked["en_vigueur_depuis"], errors="coerce")
    asked = asked[since.notna() & (since <= pd.Timestamp(on))]
    asked["_document"] = [_document_rank(name) for name in asked["document"]]
    asked["_level"] = [_level_rank(name) for name in asked["niveau"]]
    asked = asked.sort_values(["_document", "_level"], ascending=False, kind="stable")
    found = [_best_target(row, asked, national_share) for _, row in territories.iterrows()]
    result = DataFrame(found, index=territories.index)
    result.insert(0, key, territories[key])
    return result


def communal_floors(
    communes: DataFrame, *, key: str, floor_ha: float, document_before: date, bonus_ha: Series | None = None
) -> DataFrame:
    """Guarantee of each commune, only where its document condition is shown to hold.

    Parameters
    ----------
    communes
        ``key``, ``document_date`` (day on which a PLU, a document in lieu or a carte
        communale was prescribed, arrêté or approved), ``justificatif`` (deliberation).
    floor_ha, document_before
        From a rule set: 1 ha, and the day before which the document must exist.
    bonus_ha
        Increase for a commune nouvelle, by commune; none by default.

    Returns
    -------
    DataFrame
        Rows of ``communes``: ``key``, ``floor_ha`` (0 if the condition is not shown), ``floor_condition``
        (``remplie``, ``non remplie`` or ``à vérifier``).

    Examples
    --------
    >>> from datetime import date
    >>> communes = DataFrame({"idcom": ["1", "2", "3"],
    ...     "document_date": [date(2020, 1, 1), date(2026, 9, 1), None],
    ...     "justificatif": ["délibération du 1er janvier 2020", "arrêté", ""]})
    >>> communal_floors(communes, key="idcom", floor_ha=1.0, document_before=date(2026, 8, 22))[
    ...     ["floor_ha", "floor_condition"]].values.tolist()
    [[1.0, 'remplie'], [0.0, 'non remplie'], [0.0, 'à vérifier']]
    """
    need(communes, [key, "document_date", "justificatif"], "communes")
    day = pd.to_datetime(communes["document_date"], errors="coerce")
    shown = communes["justificatif"].fillna("").astype(str).str.strip() != ""
    met = day.notna() & (day < pd.Timestamp(document_before)) & shown
    late = day.notna() & (day >= pd.Timestamp(document_before))
    result = DataFrame({key: communes[key]}, index=communes.index)
    bonus = 0.0 if bonus_ha is None else communes[key].map(bonus_ha).fillna(0.0)
    result["floor_ha"] = np.where(met, floor_ha + bonus, 0.0)
    result["floor_condition"] = np.select([met, late], ["remplie", "non remplie"], "à vérifier")
    return result


def pressure(communes: DataFrame, *, by: str, pooled: Series | None = None) -> DataFrame:
    """What the communal guarantee costs inside each EPCI or SCoT: it creates no hectare there.

    Parameters
    ----------
    communes
        Result of :func:`trajectory` by commune, with the column ``by``.
    by
        Column of the EPCI or SCoT.
    pooled
        True for a commune that pools its guarantee (same index as ``communes``): the
        part of the guarantee above its own budget then goes to the pool of ``by``.

    Returns
    -------
    DataFrame
        One row per ``by``: ``communes`` (number), ``lifted_communes`` (below their
        guarantee), ``budget_before_floor_ha`` (a), ``sum_of_floored_ha`` (b, sum of the budgets
        after guarantee), ``floor_gap_ha`` (b − a, taken from the others),
        ``floor_gap_share`` (of the budget of the communes not lifted), ``pooled_ha``.

    Examples
    --------
    >>> communes = DataFrame({"epci": "E", "budget_before_floor_ha": [0.4, 9.6], "floor_ha": [1.0, 1.0]})
    >>> pressure(communes, by="epci")[["budget_before_floor_ha", "sum_of_floored_ha"]].values.tolist()
    [[10.0, 10.6]]
    """
    need(communes, [by, "budget_before_floor_ha", "floor_ha"], "communes")
    table = communes[[by, "budget_before_floor_ha", "floor_ha"]].copy()
    before, floor = table["budget_before_floor_ha"], table["floor_ha"]
    table["lifted"] = floor > before
    table["floored"] = np.maximum(before, floor)
    table["others"] = before.where(~table["lifted"], 0.0)
    in_pool = (
        Series(False, index=table.index) if pooled is None else pooled.reindex(table.index, fill_value=False)
    )
    table["pooled_ha"] = (table["floored"] - before).where(in_pool.astype(bool), 0.0)
    groups = table.groupby(by, sort=True)
    result = DataFrame(
        {
            "communes": groups.size(),
            "lifted_communes": groups["lifted"].sum().astype(int),
            "budget_before_floor_ha": groups["budget_before_floor_ha"].sum(),
            "sum_of_floored_ha": groups["floored"].sum(),
            "pooled_ha": groups["pooled_ha"].sum(),
        }
    )
    # summed from the gaps themselves: the difference of two sums would show rounding
    gap = (table["floored"] - before).groupby(table[by]).sum()
    result.insert(4, "floor_gap_ha", gap.round(12))
    result.insert(5, "floor_gap_share", ratio(gap, groups["others"].sum()))
    return result.reset_index()


def check_share(shares: Series) -> None:
    """Refuse a reduction outside 0 to 1.

    Examples
    --------
    >>> check_share(Series([0.5447]))
    """
    wrong = shares[~shares.between(0, 1)]
    if len(wrong):
        raise BadValue(
            f"Taux de baisse hors de 0 à 1 : {wrong.iloc[0]:g}. Écrire 0.5447 pour une baisse de 54,47 %."
        )


def ratio(part: Series, whole: Series) -> Series:
    """Part over whole; missing where the whole is zero.

    Examples
    --------
    >>> ratio(Series([1.0, 1.0]), Series([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    return part / whole.where(whole > 0)


def _document_rank(name: str) -> int:
    word = str(name).lower()
    for rank, begins in ((3, ("plu", "carte")), (2, ("scot",)), (1, ("sraddet",))):
        if word.startswith(begins):
            return rank
    raise BadTable(f"Document inconnu : « {name} ». Choisir PLU, PLUi, carte communale, SCoT ou SRADDET.")


def _level_rank(name: str) -> int:
    ranks = {"commune": 3, "epci": 2, "scot": 1, "région": 0, "region": 0}
    if str(name).lower() not in ranks:
        raise BadTable(f"Niveau inconnu : « {name} ». Choisir commune, EPCI, SCoT ou région.")
    return ranks[str(name).lower()]


def _best_target(row: Series, asked: DataFrame, national_share: float) -> dict[str, object]:
    for _, target in asked.iterrows():
        level = str(target["niveau"]).lower().replace("é", "e")
        if level in row.index and str(row[level]) == str(target["territoire"]):
            return {
                "reduction_share": target["reduction_share"],
                "target_document": target["document"],
                "target_source": target.get("source", ""),
            }
    return {
        "reduction_share": national_share,
        "target_document": "loi",
        "target_source": "taux national",
    }
