"""Trajectory of each territory: reference, budget, use, pace, projection.

Formulas: law 2021-1104 art. 191 and 194, law 2023-630 art. 4, with ten annual
flows in each decade. Every rate, floor and date is given by the caller, who
takes it from a rule set.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Protocol, TypedDict, Unpack

import numpy as np
import pandas as pd
from pandas import DataFrame, Series, Timestamp

from artois_geo.errors import BadTable, BadValue
from artois_geo.zan.consumption import consumption
from artois_geo.zan.dated import observed_until
from artois_geo.zan.deductions import DEDUCTED, PENE, PV, REFUSED, deducted_by_year
from artois_geo.zan.flows import TOTAL
from artois_geo.zan.targets import check_share, ratio

EXACT_HA = 1e-9  # a hundred-thousandth of a square metre: what sums of decimals leave

TERMS = {  # term of a trajectory -> constants of a rule set that give it
    "reference_years": ("reference_first_year", "reference_last_year"),
    "budget_years": ("budget_first_year", "budget_last_year"),
    "reduction_share": ("reduction_2021_2030",),
}


class Terms(TypedDict, total=False):
    """The terms of a trajectory that a rule set may give, described in :func:`trajectory`."""

    reference_years: tuple[int, int]
    budget_years: tuple[int, int]
    reduction_share: float | Series


class HasValue(Protocol):
    """A constant."""

    @property
    def value(self) -> Any: ...


class RuleSet(Protocol):
    """One reading of the law, see :func:`artois_geo.zan.rules`."""

    @property
    def constants(self) -> Mapping[str, HasValue]: ...


STATUSES = {
    "overshot": "budget dépassé",
    "reached": "budget atteint",
    "over_pace": "dépassement projeté",
    "within": "dans la trajectoire",
    "no_flow": "aucun flux observé",
    "unknown": "objectif inconnu",
}


def trajectory(
    flows: DataFrame,
    *,
    key: str,
    rules: RuleSet | None = None,
    floor_ha: float | Series = 0.0,
    deductions: DataFrame | None = None,
    **terms: Unpack[Terms],
) -> DataFrame:
    """Compare each territory with its budget of ENAF consumption.

    Parameters
    ----------
    flows
        A flow frame covering the reference decade and the flows observed since.
    key
        Column of the territory.
    rules
        One reading of the law, from :func:`artois_geo.zan.rules`: the decades and the national rate, where
        they are not given.
    reference_years, budget_years
        First and last flow of each decade, for example ``(2011, 2020)`` and ``(2021, 2030)``.
    reduction_share
        Reduction asked (0 to 1), the same for all or one per territory (indexed by ``key``).
        The most precise document in force: see ``targets_in_force``. Missing where it is unknown:
        the budget and what remains are then missing too.
    floor_ha
        Guaranteed budget (garantie communale): see ``communal_floors``. Zero where
        the document condition is not shown to hold.
    deductions
        Result of ``examine_deductions``; without photovoltaics, the ledger itself.

    Returns
    -------
    DataFrame
        One row per territory: ``reference_ha`` R, ``reduction_share``,
        ``budget_before_floor_ha`` R × (1 − t), ``floor_ha``, ``allowed_ha`` B,
        ``consumed_ha`` (gross, since the first flow of the budget), ``deducted_ha`` (with
        deductions, also by nature, and what was refused: ``deducted_pene_ha``,
        ``deducted_pv_ha``, ``deducted_renaturation_ha``, ``refused_pv_ha``),
        ``used_ha`` U, ``left_ha`` B − U (negative: overshoot) as of ``remaining_on``,
        ``used_share``, ``observed_years``, ``last_observed_year``, ``pace_ha_per_year``,
        ``allowed_pace_ha_per_year``, ``projected_ha`` (pace × all the years of the
        decade), ``projected_share``, ``exhausted_on`` (a day, or « après 2030 »: later than
        the budget), ``status``. A ratio whose denominator is zero is missing. For the years
        gone by since ``remaining_on``, see ``dated``.

    Raises
    ------
    BadTable
        A year is missing, a territory has no rate, or a deduction has no evidence,
        is larger than the flow of its year, or is out of the period.
    BadValue
        A share outside 0 to 1, decades that overlap, or terms that neither the call nor ``rules`` gives.

    Examples
    --------
    Ten flows of 2 ha, then three of 1.5 ha, halved:

    >>> from artois_geo.zan import trajectory
    >>> from pandas import DataFrame
    >>> flows = DataFrame({"epci": "A", "year": range(2011, 2024), "consumed_ha": [2.0] * 10 + [1.5] * 3})
    >>> row = trajectory(flows, key="epci", reference_years=(2011, 2020), budget_years=(2021, 2030),
    ...     reduction_share=0.5).iloc[0]
    >>> [float(row[name]) for name in ("allowed_ha", "left_ha", "projected_ha")], str(row["exhausted_on"])
    ([10.0, 5.5, 15.0], '2027-09-01')
    >>> from artois_geo import zan
    >>> zan.trajectory(flows, key="epci", rules=zan.rules())["allowed_ha"].tolist()
    [10.0]
    """
    reference_years, budget_years, reduction_share = _terms(rules, terms)
    _check_decades(reference_years, budget_years)
    reference = consumption(flows, key=key, years=reference_years)
    table = reference.groupby(key, sort=True)[TOTAL].sum().rename("reference_ha").reset_index()
    observed = _observed_flows(flows, key, budget_years)
    net = _net_flows(observed, deductions, key)
    table["reduction_share"] = _per_territory(table[key], reduction_share, "taux de baisse")
    check_share(table["reduction_share"].dropna())
    table["budget_before_floor_ha"] = table["reference_ha"] * (1 - table["reduction_share"])
    table["floor_ha"] = _per_territory(table[key], floor_ha, "plancher")
    budgeted = table[["budget_before_floor_ha", "floor_ha"]].max(axis=1)
    table["allowed_ha"] = budgeted.where(table["reduction_share"].notna())
    by_nature = [name for name in (*DEDUCTED.values(), REFUSED) if name in net]
    sums = net.groupby(key)[[TOTAL, *by_nature, "deducted_ha"]].sum()
    for name in sums.columns:
        table[name] = table[key].map(sums[name]).fillna(0.0)
    table["used_ha"] = table[TOTAL] - table["deducted_ha"]
    return _with_pace(table, net, key, budget_years)


def _terms(rules: RuleSet | None, terms: Terms) -> tuple[tuple[int, int], tuple[int, int], float | Series]:
    """Return both decades and the rate: those of the call, else those of the rule set."""
    unknown = set(terms) - set(TERMS)
    if unknown:
        raise TypeError(f"trajectory() got an unexpected keyword argument {min(unknown)!r}")
    absent = [name for name in TERMS if name not in terms]
    if rules is None:
        if absent:
            raise BadValue(
                f"Trajectoire sans {', '.join(absent)} : les donner, ou donner un jeu de règles.\n"
                "Écrire zan.trajectory(flux, key=…, rules=zan.rules())."
            )
        return terms["reference_years"], terms["budget_years"], terms["reduction_share"]
    law = rules.constants
    lacking = [name for parameter in absent for name in TERMS[parameter] if name not in law]
    if lacking:
        raise BadValue(
            f"Le jeu de règles ne dit pas {', '.join(lacking)} à sa date : donner {', '.join(absent)}."
        )
    by_law = {name: tuple(law[constant].value for constant in TERMS[name]) for name in absent}
    return (
        terms["reference_years"] if "reference_years" in terms else by_law["reference_years"],
        terms["budget_years"] if "budget_years" in terms else by_law["budget_years"],
        terms["reduction_share"] if "reduction_share" in terms else by_law["reduction_share"][0],
    )


def _with_pace(table: DataFrame, net: DataFrame, key: str, budget_years: tuple[int, int]) -> DataFrame:
    """Add what remains, the observed and allowed paces, the projection and the status."""
    decade = budget_years[1] - budget_years[0] + 1
    observed_years = net["year"].nunique()
    last_observed_year = budget_years[0] - 1 + observed_years
    remaining_ha = table["allowed_ha"] - table["used_ha"]
    table["left_ha"] = remaining_ha.mask(remaining_ha.abs() <= EXACT_HA, 0.0)
    table["remaining_on"] = Timestamp(observed_until(last_observed_year))
    table["used_share"] = ratio(table["used_ha"], table["allowed_ha"])
    table["observed_years"] = observed_years
    table["last_observed_year"] = last_observed_year
    table["pace_ha_per_year"] = table["used_ha"] / observed_years if observed_years else np.nan
    table["allowed_pace_ha_per_year"] = (
        table["left_ha"] / (decade - observed_years) if observed_years < decade else np.nan
    )
    table["projected_ha"] = table["pace_ha_per_year"] * decade
    table["projected_share"] = ratio(table["projected_ha"], table["allowed_ha"])
    table["exhausted_on"] = [
        _exhausted_on(row, net[net[key] == row[key]], budget_years[1]) for _, row in table.iterrows()
    ]
    table["status"] = [_status(row) for _, row in table.iterrows()]
    return table


def _check_decades(reference: tuple[int, int], budget: tuple[int, int]) -> None:
    if reference[1] < reference[0] or budget[1] < budget[0]:
        raise BadValue("Une décennie a sa dernière année avant la première.")
    if reference[1] >= budget[0]:
        raise BadValue(
            f"Les décennies se recouvrent : référence jusqu'à {reference[1]}, budget dès {budget[0]}."
        )


def _observed_flows(flows: DataFrame, key: str, budget_years: tuple[int, int]) -> DataFrame:
    flow_years = flows.loc[flows["year"].between(*budget_years), "year"]
    if flow_years.empty:
        return flows.iloc[:0]
    return consumption(flows, key=key, years=(budget_years[0], int(flow_years.max())))


def _net_flows(observed: DataFrame, deductions: DataFrame | None, key: str) -> DataFrame:
    """Return the observed flows with what each year deducts, by nature where there is a ledger."""
    net = observed[[key, "year", TOTAL]].copy()
    net["deducted_ha"] = 0.0
    if deductions is None or deductions.empty:
        return net
    sums = deducted_by_year(deductions, key=key)
    territory_years = pd.MultiIndex.from_frame(net[[key, "year"]])
    unmatched = sums.index.difference(territory_years)
    if len(unmatched):
        raise BadTable(
            f"Déduction hors du compte : {unmatched[0][0]}, {unmatched[0][1]} "
            "(territoire inconnu, ou année sans flux observé)."
        )
    deducted = sums.reindex(territory_years, fill_value=0.0).set_index(net.index)
    net = net.join(deducted).assign(deducted_ha=deducted[list(DEDUCTED.values())].sum(axis=1))
    overdeducted = net[(deducted[DEDUCTED[PENE]] + deducted[DEDUCTED[PV]]) > net[TOTAL] + 1e-9]
    if len(overdeducted):
        row = overdeducted.iloc[0]
        raise BadTable(
            f"Les déductions PENE et PV de {row[key]} en {row['year']} dépassent la consommation de l'année "
            f"({row[TOTAL]:.4f} ha) : elles ne portent que sur ce qui y a été compté."
        )
    return net


def _per_territory(territories: Series, figures: float | Series, noun: str) -> Series:
    if not isinstance(figures, Series):
        return Series(float(figures), index=territories.index)
    absent = territories[~territories.isin(figures.index)]
    if len(absent):
        raise BadTable(f"Pas de {noun} pour {absent.iloc[0]}.")
    return territories.map(figures).astype(float)


def _exhausted_on(row: Series, net: DataFrame, last_budget_year: int) -> date | str | None:
    """Return the day on which the observed pace uses up the budget, or say that it comes after its years."""
    if row["left_ha"] < 0 or _is_reached(row):
        return _crossing_day(row["allowed_ha"], net)
    pace = row["pace_ha_per_year"]
    if not pace > 0 or pd.isna(row["allowed_ha"]):
        return None
    if row["projected_ha"] <= row["allowed_ha"] + EXACT_HA:
        return f"après {last_budget_year}"
    return _day(int(row["last_observed_year"]) + 1, row["left_ha"] / pace)


def _crossing_day(allowed_ha: float, net: DataFrame) -> date | None:
    used = 0.0
    for year, flow in zip(net["year"], net[TOTAL] - net["deducted_ha"], strict=True):
        if flow > 0 and used + flow > allowed_ha - EXACT_HA:
            return _day(int(year), min(1.0, max(0.0, allowed_ha - used) / flow))
        used += flow
    return None


def _day(year: int, years: float) -> date:
    full_years = int(years)
    start, end = date(year + full_years, 1, 1), date(year + full_years + 1, 1, 1)
    return start + timedelta(days=int((years - full_years) * (end - start).days))


def _status(row: Series) -> str:
    if pd.isna(row["allowed_ha"]):
        return STATUSES["unknown"]
    if row["left_ha"] < 0:
        return STATUSES["overshot"]
    if not row["observed_years"]:
        return STATUSES["no_flow"]
    if _is_reached(row):
        return STATUSES["reached"]
    over = row["projected_ha"] > row["allowed_ha"] + EXACT_HA
    return STATUSES["over_pace" if over else "within"]


def _is_reached(row: Series) -> bool:
    """Tell whether a budget is used up exactly; a budget of nothing is not reached by using nothing."""
    return bool(row["left_ha"] == 0 and row["allowed_ha"] > 0)
