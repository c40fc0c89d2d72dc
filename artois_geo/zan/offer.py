"""Which sites of the offer fit in what is left of the budgets: the exact answer, by a stated criterion."""

from collections.abc import Sequence

import numpy as np
from pandas import DataFrame, Series

from artois_geo import meaning
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.measure import M2_PER_HA
from artois_geo.zan.flows import need, numbers

CRITERIA = ("hectares", "sites", "valeur")


def offers_within_budget(
    offer: DataFrame,
    *,
    left_ha: Series,
    by: str | Sequence[str],
    criterion: str = "hectares",
    value: str | None = None,
    required: Sequence[str] = (),
) -> DataFrame:
    """Select the largest subset of the offer that fits in the remaining budgets, all at once.

    A linear programme in whole numbers, solved to the optimum in whole square metres;
    the sum is checked again in integers. Equal answers are told apart by the
    identifiers, so that the order of the table plays no part.

    Parameters
    ----------
    offer
        ``site_id``, ``consumed_ha`` (the ENAF that building the site takes; 0 for
        recycled land, which always fits) and the columns of ``by``.
    left_ha
        Remaining budget by territory, indexed by code. A site counts against every
        territory named in its columns ``by`` that has a budget here.
    by
        Columns of the territories: ``["epci"]``, or ``["commune", "epci"]``.
    criterion
        ``hectares``: most hectares built; ``sites``: most sites, then most hectares;
        ``valeur``: largest sum of the column ``value`` (jobs, score…).
    required
        Sites that must be in (already committed).

    Returns
    -------
    DataFrame
        Rows of ``offer`` with ``fits`` (bool) and ``criterion``.

    Raises
    ------
    BadTable
        No territory with a budget for a site, a negative area, or required sites that
        do not fit by themselves.

    Examples
    --------
    Ten hectares are left; 6 and 4 fill them better than 7:

    >>> from artois_geo.zan import offers_within_budget
    >>> from pandas import DataFrame
    >>> from pandas import Series
    >>> offer = DataFrame({"site_id": ["A", "B", "C"], "consumed_ha": [7.0, 6.0, 4.0], "epci": "E"})
    >>> offers_within_budget(offer, left_ha=Series({"E": 10.0}), by=["epci"])["fits"].tolist()
    [False, True, True]
    """
    by = meaning.columns_of(by)
    _check_offer(offer, by, criterion, value, required)
    order = np.argsort(offer["site_id"].astype(str).to_numpy(), kind="stable")
    table = offer.iloc[order]
    m2 = np.rint(numbers(table["consumed_ha"]).to_numpy() * M2_PER_HA)
    weights, budgets = _budget_constraints(table, m2, left_ha, by)
    fixed = table["site_id"].astype(str).isin({str(site) for site in required}).to_numpy()
    if (weights @ fixed > budgets).any():
        raise BadTable("Les sites imposés dépassent à eux seuls un budget restant.")
    gains = [m2] if criterion == "hectares" else [np.ones(len(table)), m2]
    if criterion == "valeur":
        gains = [numbers(table[str(value)]).to_numpy(), m2]
    selected = _optimal_selection(gains, weights, budgets, fixed | (m2 == 0))
    fits = np.empty(len(offer), dtype=bool)
    fits[order] = selected
    return offer.assign(fits=fits, criterion=criterion)


def _check_offer(
    offer: DataFrame, by: Sequence[str], criterion: str, value_column: str | None, required: Sequence[str]
) -> None:
    """Refuse an unknown criterion or site, a site listed twice, and a figure absent or negative."""
    if criterion not in CRITERIA:
        raise UnknownName("critère", criterion, CRITERIA)
    if (criterion == "valeur") != (value_column is not None):
        raise BadValue("Le critère « valeur » demande la colonne à additionner, et lui seul.")
    need(offer, ["site_id", "consumed_ha", *by, *([value_column] if value_column else [])], "offer")
    ids = offer["site_id"].astype(str)
    if ids.duplicated().any():
        raise BadTable(f"Site présent deux fois : {ids[ids.duplicated()].iloc[0]}.")
    for site in required:
        if str(site) not in set(ids):
            raise UnknownName("site", str(site), ids)
    for column in ["consumed_ha", *([value_column] if value_column else [])]:
        figures = numbers(offer[column])
        if not (figures >= 0).all():
            raise BadTable(f"« {column} » absent ou négatif pour le site {ids[~(figures >= 0)].iloc[0]}.")


def _budget_constraints(
    table: DataFrame, m2: np.ndarray, left_ha: Series, by: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the square metres of each site in each budget (one row per budget), and the budgets."""
    # down to the square metre: a site that exceeds the budget by a centiare does not fit
    budget_of_code = {
        str(code): np.floor(max(0.0, remaining_ha) * M2_PER_HA + 1e-6)
        for code, remaining_ha in left_ha.items()
    }
    weights, budgets, covered = [], [], np.zeros(len(table), dtype=bool)
    for column in by:
        codes = table[column].astype(str).to_numpy()
        for code in sorted(set(codes) & set(budget_of_code)):
            is_inside = codes == code
            covered |= is_inside
            weights.append(np.where(is_inside, m2, 0.0))
            budgets.append(budget_of_code[code])
    if not covered.all():
        raise BadTable(
            f"Aucun budget restant connu pour le site {table['site_id'].to_numpy()[~covered][0]} "
            f"(colonnes {', '.join(by)})."
        )
    return np.array(weights), np.array(budgets)


def _optimal_selection(
    gains: list[np.ndarray], weights: np.ndarray, budgets: np.ndarray, fixed: np.ndarray
) -> np.ndarray:
    """Select the sites with the largest gain; each further gain decides between equal answers."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # slow to load: only who asks for it waits

    limits = [LinearConstraint(weights, -np.inf, budgets)]
    bounds = Bounds(fixed.astype(float), np.ones(len(fixed)))
    selected = fixed
    for rank, gain in enumerate(gains):
        solution = milp(
            -gain,
            integrality=np.ones(len(gain)),
            bounds=bounds,
            constraints=limits,
            options={"mip_rel_gap": 0},
        )
        if solution.x is None:
            raise BadValue(f"Le choix des sites n'a pas abouti : {solution.message}")
        selected = solution.x > 0.5
        if rank + 1 < len(gains):
            # the next gain may not lose any of this one: rounding alone is let through
            optimum = float(gain @ selected)
            limits.append(LinearConstraint(gain[np.newaxis, :], optimum * (1 - 1e-12), np.inf))
    if (weights @ selected > budgets).any():
        raise BadValue("Le choix des sites dépasse un budget : résultat refusé.")
    return selected
