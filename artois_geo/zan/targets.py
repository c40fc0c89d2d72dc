"""What is asked of each territory: target in force, communal guarantee, and its cost to the others."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from pandas import DataFrame, NaT, Series

from artois_geo import meaning
from artois_geo.deprecated import renamed_keywords
from artois_geo.errors import BadTable, BadValue
from artois_geo.meaning import fold
from artois_geo.text import comma
from artois_geo.zan.flows import need, numbers

NATIONAL = "loi"  # document of a territory that no target names
_LEVELS = {"commune": "commune", "epci": "EPCI", "scot": "SCoT", "region": "région"}
_MAX_LISTED = 5  # codes of one side that a refusal names


@renamed_keywords("zan.targets_in_force", zones="territories")
def targets_in_force(
    zones: DataFrame, targets: DataFrame, *, key: str, on: date, national_share: float
) -> DataFrame:
    """Find the reduction asked of each territory by the most precise document in force on a day.

    A PLU(i) prevails over a SCoT, a SCoT over the SRADDET, the SRADDET over the
    national rate; inside one document, the smallest territory it names.

    Parameters
    ----------
    zones
        ``key`` and the codes of what each territory belongs to: ``commune``,
        ``epci``, ``scot``, ``region`` (those that are known).
    targets
        ``document`` (PLU, PLUi, carte communale, SCoT or SRADDET), ``niveau``
        (commune, EPCI, SCoT or région), ``territoire`` (code at that level),
        ``taux_baisse`` (0 to 1, or « 54,47 % »), ``en_vigueur_depuis`` (date; empty: not in
        force), ``source``.
    on
        Day of the account.
    national_share
        Rate where no document applies.

    Returns
    -------
    DataFrame
        Index and rows of ``zones``: ``key``, ``reduction_share``, ``target_document``
        (``loi`` where no document applies), ``target_level`` (« EPCI 200072460 »),
        ``target_since``, ``target_source``.

    Raises
    ------
    BadTable
        A target of a level that ``zones`` does not have, targets of which none names one
        of the territories, or a date that cannot be read.
    BadValue
        A rate outside 0 to 1.

    Examples
    --------
    >>> from artois_geo.zan import targets_in_force
    >>> from pandas import DataFrame
    >>> from datetime import date
    >>> targets = DataFrame({"document": ["SRADDET"], "niveau": ["région"], "territoire": ["32"],
    ...     "taux_baisse": [0.5447], "en_vigueur_depuis": [date(2024, 11, 21)], "source": ["SRADDET"]})
    >>> in_force = targets_in_force(DataFrame({"epci": ["A"], "region": ["32"]}), targets, key="epci",
    ...     on=date(2026, 1, 1), national_share=0.5)
    >>> in_force["reduction_share"].tolist()
    [0.5447]
    """
    need(zones, [key], "zones")
    need(targets, ["document", "niveau", "territoire", "taux_baisse", "en_vigueur_depuis"], "targets")
    ranked = targets.copy()
    ranked["reduction_share"] = _shares(ranked["taux_baisse"])
    check_share(ranked["reduction_share"])
    ranked["_document"] = [_document_rank(name) for name in ranked["document"]]
    ranked["_level"] = [_level(name) for name in ranked["niveau"]]
    ranked["_size"] = [list(_LEVELS).index(level) for level in ranked["_level"]]
    _refuse_unrelated_targets(ranked, zones, key)
    since = _days(ranked["en_vigueur_depuis"])
    ranked["target_since"] = since
    ranked = ranked[since.notna() & (since <= pd.Timestamp(on))]
    ranked = ranked.sort_values(["_document", "_size"], ascending=[False, True], kind="stable")
    best_targets = [_best_target(row, ranked, national_share) for _, row in zones.iterrows()]
    table = DataFrame(best_targets, index=zones.index)
    table.insert(0, key, zones[key])
    return table


def communal_floors(
    communes: DataFrame, *, key: str, floor_ha: float, document_before: date, bonus_ha: Series | None = None
) -> DataFrame:
    """Give each commune its guarantee, only where its document condition is shown to hold.

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
    >>> from artois_geo.zan import communal_floors
    >>> from pandas import DataFrame
    >>> from datetime import date
    >>> communes = DataFrame({"idcom": ["1", "2", "3"],
    ...     "document_date": [date(2020, 1, 1), date(2026, 9, 1), None],
    ...     "justificatif": ["délibération du 1er janvier 2020", "arrêté", ""]})
    >>> communal_floors(communes, key="idcom", floor_ha=1.0, document_before=date(2026, 8, 22))[
    ...     ["floor_ha", "floor_condition"]].values.tolist()
    [[1.0, 'remplie'], [0.0, 'non remplie'], [0.0, 'à vérifier']]
    """
    need(communes, [key, "document_date", "justificatif"], "communes")
    document_day = _days(communes["document_date"])
    has_evidence = communes["justificatif"].fillna("").astype(str).str.strip() != ""
    is_met = document_day.notna() & (document_day < pd.Timestamp(document_before)) & has_evidence
    is_too_late = document_day.notna() & (document_day >= pd.Timestamp(document_before))
    table = DataFrame({key: communes[key]}, index=communes.index)
    bonus = 0.0 if bonus_ha is None else communes[key].map(bonus_ha).fillna(0.0)
    table["floor_ha"] = np.where(is_met, floor_ha + bonus, 0.0)
    table["floor_condition"] = np.select([is_met, is_too_late], ["remplie", "non remplie"], "à vérifier")
    return table


def pressure(communes: DataFrame, *, by: str | Sequence[str], pooled: Series | None = None) -> DataFrame:
    """Compute what the communal guarantee costs inside each EPCI or SCoT: it creates no hectare there.

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
    >>> from artois_geo.zan import pressure
    >>> from pandas import DataFrame
    >>> communes = DataFrame({"epci": "E", "budget_before_floor_ha": [0.4, 9.6], "floor_ha": [1.0, 1.0]})
    >>> pressure(communes, by="epci")[["budget_before_floor_ha", "sum_of_floored_ha"]].values.tolist()
    [[10.0, 10.6]]
    """
    by = meaning.column_of(by)
    need(communes, [by, "budget_before_floor_ha", "floor_ha"], "communes")
    table = communes[[by, "budget_before_floor_ha", "floor_ha"]].copy()
    table[by] = meaning.one_spelling(table[by])
    budget_ha, floor_ha = table["budget_before_floor_ha"], table["floor_ha"]
    table["lifted"] = floor_ha > budget_ha
    table["floored"] = np.maximum(budget_ha, floor_ha)
    table["others"] = budget_ha.where(~table["lifted"], 0.0)
    in_pool = (
        Series(False, index=table.index) if pooled is None else pooled.reindex(table.index, fill_value=False)
    )
    table["pooled_ha"] = (table["floored"] - budget_ha).where(in_pool.astype(bool), 0.0)
    groups = table.groupby(by, sort=True)
    totals = DataFrame(
        {
            "communes": groups.size(),
            "lifted_communes": groups["lifted"].sum().astype(int),
            "budget_before_floor_ha": groups["budget_before_floor_ha"].sum(),
            "sum_of_floored_ha": groups["floored"].sum(),
            "pooled_ha": groups["pooled_ha"].sum(),
        }
    )
    # summed from the gaps themselves: the difference of two sums would show rounding
    gap_ha = (table["floored"] - budget_ha).groupby(table[by]).sum()
    totals.insert(4, "floor_gap_ha", gap_ha.round(12))
    totals.insert(5, "floor_gap_share", ratio(gap_ha, groups["others"].sum()))
    return totals.reset_index()


def check_share(shares: Series) -> None:
    """Refuse a reduction outside 0 to 1.

    Examples
    --------
    >>> check_share(Series([0.5447]))
    """
    outside = shares[~shares.between(0, 1)]
    if len(outside):
        share_text = comma(f"{outside.iloc[0]:g}")
        raise BadValue(f"Taux de baisse hors de 0 à 1 : {share_text}. Écrire 0,5447 ou 54,47 %.")


def ratio(part: Series, whole: Series) -> Series:
    """Divide a part by its whole; missing where the whole is zero.

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


def _level(name: str) -> str:
    level = fold(str(name))
    if level not in _LEVELS:
        raise BadTable(f"Niveau inconnu : « {name} ». Choisir commune, EPCI, SCoT ou région.")
    return level


def _shares(rates: Series) -> Series:
    """Read rates as shares of 1, whether they are written 0,5447 or 54,47 %."""
    text = rates.astype("string").str.strip()
    percent = text.str.endswith("%").fillna(False).astype(bool)
    figures = numbers(text.str.rstrip("%"))
    return figures.where(~percent, figures / 100)


def _days(column: Series) -> Series:
    """Read days written AAAA-MM-JJ or JJ/MM/AAAA; missing where nothing is written."""
    text = column.astype("string").str.strip()
    text = text.mask(text == "")
    days = meaning.days(column)
    unreadable = text[text.notna() & days.isna()]
    if len(unreadable):
        raise BadTable(f"Date illisible : « {unreadable.iloc[0]} ». Écrire 21/11/2024 ou 2024-11-21.")
    return days


def _refuse_unrelated_targets(targets: DataFrame, territories: DataFrame, key: str) -> None:
    """Refuse targets that cannot be matched with the account: an unknown level, or no code in common."""
    account_codes = {level: _codes(territories[level]) for level in _LEVELS if level in territories}
    for level, level_targets in targets.groupby("_level", sort=False):
        if level not in account_codes:
            target_list = _listed(_codes(level_targets["territoire"]))
            raise BadTable(
                f"Objectifs de niveau {_LEVELS[str(level)]} ({target_list}) : les "
                f"territoires du compte ({key} {_listed(_codes(territories[key]))}) ne disent pas le leur.\n"
                f"Donner aux territoires une colonne « {level} », compter par {level}, ou retirer ces lignes."
            )
    pairs = zip(targets["_level"], targets["territoire"].astype(str), strict=True)
    if len(targets) and not any(code in account_codes[level] for level, code in pairs):
        target_codes = {
            str(level): _codes(level_targets["territoire"])
            for level, level_targets in targets.groupby("_level")
        }
        raise BadTable(
            "Aucun objectif ne porte sur un territoire du compte.\n"
            f"Objectifs : {_listed_by_level(target_codes)}.\n"
            f"Territoires : {_listed_by_level(account_codes)}.\n"
            "Corriger le niveau ou le code des objectifs, ou la région."
        )


def _territory_label(level: str, territory: str) -> str:
    return territory if fold(territory).startswith(level) else f"{_LEVELS[level]} {territory}"


def _codes(column: Series) -> list[str]:
    return sorted(column.dropna().astype(str).unique())


def _listed_by_level(codes: dict[str, list[str]]) -> str:
    return " ; ".join(f"{_LEVELS[level]} {_listed(codes[level])}" for level in _LEVELS if codes.get(level))


def _listed(codes: Iterable[str]) -> str:
    names = list(codes)
    return ", ".join(names[:_MAX_LISTED]) + (f" … ({len(names)})" if len(names) > _MAX_LISTED else "")


def _best_target(row: Series, ranked: DataFrame, national_share: float) -> dict[str, object]:
    """Return the first ranked target that names the territory, else the national rate."""
    for _, target in ranked.iterrows():
        level = target["_level"]
        if level in row.index and str(row[level]) == str(target["territoire"]):
            return {
                "reduction_share": target["reduction_share"],
                "target_document": target["document"],
                "target_level": _territory_label(level, str(target["territoire"])),
                "target_since": target["target_since"],
                "target_source": target.get("source", ""),
            }
    return {
        "reduction_share": national_share,
        "target_document": NATIONAL,
        "target_level": "France",
        "target_since": NaT,
        "target_source": "taux national",
    }
