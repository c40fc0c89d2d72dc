"""Projects ledger and what-if: what the budget becomes once the projects are built.

Each project belongs to one account. ``local`` takes from the budget of its
territory; ``regional`` (envergure régionale) and ``PENE`` have envelopes of their
own; ``exempté`` (photovoltaics that meet every criterion of the decree) and ``recyclé``
consume no ENAF. Hectares of an account are shown in its column and nowhere else.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame, Series, Timestamp

from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.text import decimal_point
from artois_geo.zan.dated import observed_until
from artois_geo.zan.flows import need, numbers
from artois_geo.zan.photovoltaics import REFUSAL
from artois_geo.zan.trajectory import EXACT_HA

LOCAL, EXEMPT = "local", "exempté"
ACCOUNTS = {
    LOCAL: "planned_local_ha",
    "régional": "planned_regional_ha",
    "PENE": "planned_pene_ha",
    EXEMPT: "planned_exempt_ha",
    "recyclé": "planned_recycled_ha",
}
BASE = "sans projet"

_PROVED = ("régional", "PENE", EXEMPT, "recyclé")
_REFUSED = "exemption_refused"


def phases(projects: DataFrame) -> DataFrame:
    """Return the hectares of each project in each year.

    Parameters
    ----------
    projects
        ``projet_id``, ``projet_compte`` (an account), ``consommation_ha`` and either
        ``annee_debut`` (all counted when the works start) or ``phasage``: hectares by
        year as ``2026:2,5|2027:1``, which must add up to ``consommation_ha``. A project
        of the account ``exempté`` leaves it only with an empty ``refusal`` of
        ``examine_photovoltaics``.

    Returns
    -------
    DataFrame
        One row per project and year: the columns of ``projects`` with ``year`` and ``phase_ha``;
        ``projet_compte`` is ``local`` where ``exemption_refused``.

    Raises
    ------
    BadTable
        A project twice, without year or area, of an unknown account, without evidence
        where its account asks for one, or whose phases do not add up.

    Examples
    --------
    >>> from artois_geo.zan import phases
    >>> from pandas import DataFrame
    >>> projects = DataFrame({"projet_id": ["A"], "projet_compte": "local", "consommation_ha": [3.5],
    ...     "phasage": ["2026:2,5|2027:1"]})
    >>> phases(projects)[["year", "phase_ha"]].values.tolist()
    [[2026.0, 2.5], [2027.0, 1.0]]
    """
    ledger = _checked_ledger(projects)
    phase_rows = []
    for ledger_index, project in ledger.iterrows():
        for year, area_ha in _phasing(project):
            phase_rows.append((ledger_index, year, area_ha))
    table = DataFrame(phase_rows, columns=["_row", "year", "phase_ha"])
    joined = ledger.loc[table["_row"]].reset_index(drop=True)
    return joined.assign(year=table["year"], phase_ha=table["phase_ha"])


def scenario(
    trajectory: DataFrame,
    projects: DataFrame,
    *,
    key: str,
    budget_years: tuple[int, int],
    scenarios: Mapping[str, Sequence[str]] | None = None,
    other_ha_per_year: float = 0.0,
) -> DataFrame:
    """Compute what remains of each budget once the projects of each scenario are built.

    Parameters
    ----------
    trajectory
        Result of ``trajectory``.
    projects
        Ledger: ``key``, ``projet_id``, ``projet_compte``, ``consommation_ha``,
        ``annee_debut`` or ``phasage``, ``justificatif``, and ``refusal`` as for
        :func:`phases`. Hectares are those of ENAF that the works take.
    key
        Column of the territory in both tables.
    budget_years
        First and last flow of the budget.
    scenarios
        Projects of each named scenario; by default one scenario with all of them.
        The scenario without project always comes first.
    other_ha_per_year
        Consumption outside the listed projects (single houses…), each year still to come.

    Returns
    -------
    DataFrame
        One row per scenario and territory: ``scenario``, ``key``, ``allowed_ha``,
        ``used_ha``, the planned hectares by account, ``refused_exempt_ha`` (among the local
        ones: photovoltaics that do not meet the decree), ``planned_other_ha``,
        ``planned_later_ha`` (after the budget), ``already_counted_ha`` (phases of years
        already observed: they are in the flows and not added again),
        ``left_ha`` (after the local account) of what remained on ``remaining_on``,
        ``first_overshoot_year``.

    Raises
    ------
    BadTable
        A project in an unknown territory, or wrong as in :func:`phases`.
    UnknownName
        A scenario names a project that is not in the ledger.

    Examples
    --------
    >>> from artois_geo.zan import scenario
    >>> from pandas import DataFrame
    >>> budget = DataFrame({"epci": ["A"], "allowed_ha": [10.0], "used_ha": [6.0],
    ...     "last_observed_year": [2024]})
    >>> projects = DataFrame({"epci": "A", "projet_id": ["zone", "canal"],
    ...     "projet_compte": ["local", "PENE"], "consommation_ha": [5.0, 40.0],
    ...     "annee_debut": [2027, 2028], "justificatif": ["", "arrêté du 31 mai 2024"]})
    >>> scenario(budget, projects, key="epci", budget_years=(2021, 2030))[
    ...     ["scenario", "planned_pene_ha", "left_ha", "first_overshoot_year"]].values.tolist()
    [['sans projet', 0.0, 4.0, <NA>], ['tous les projets', 40.0, -1.0, 2027]]
    """
    need(trajectory, [key, "allowed_ha", "used_ha", "last_observed_year"], "trajectory")
    need(projects, [key], "projects")
    if not other_ha_per_year >= 0:
        raise BadValue("La consommation hors projets est positive ou nulle, en hectares par an.")
    planned = phases(projects)
    without_trajectory = sorted(set(planned[key].astype(str)) - set(trajectory[key].astype(str)))
    if without_trajectory:
        raise BadTable(
            f"Projets dans un territoire sans trajectoire : {', '.join(without_trajectory[:5])}.\n"
            "Corriger le code du territoire, ou ajouter ce territoire au compte."
        )
    tables = []
    for name, project_ids in _ids_of_scenarios(projects, scenarios).items():
        scenario_phases = planned[planned["projet_id"].astype(str).isin(project_ids)]
        tables.append(
            _scenario_table(name, trajectory, scenario_phases, key, budget_years, other_ha_per_year)
        )
    return pd.concat(tables, ignore_index=True)


def _scenario_table(
    name: str,
    trajectory: DataFrame,
    planned: DataFrame,
    key: str,
    budget_years: tuple[int, int],
    other_ha: float,
) -> DataFrame:
    """Return one row per territory: its planned hectares by account and what remains of its budget."""
    rows = []
    for _, row in trajectory.iterrows():
        own_phases = planned[planned[key].astype(str) == str(row[key])]
        last_observed_year = int(row["last_observed_year"])
        in_budget = own_phases[
            (own_phases["year"] > last_observed_year) & (own_phases["year"] <= budget_years[1])
        ]
        already_counted = own_phases.loc[own_phases["year"] <= last_observed_year, "phase_ha"]
        local_ha = in_budget[in_budget["projet_compte"] == LOCAL].groupby("year")["phase_ha"].sum()
        remaining_ha, overshoot_year = _spend_budget(
            row["allowed_ha"] - row["used_ha"], local_ha, last_observed_year, budget_years[1], other_ha
        )
        cells = {"scenario": name, key: row[key], "allowed_ha": row["allowed_ha"], "used_ha": row["used_ha"]}
        for account, column in ACCOUNTS.items():
            cells[column] = _exact(in_budget.loc[in_budget["projet_compte"] == account, "phase_ha"])
        cells["refused_exempt_ha"] = _exact(in_budget.loc[in_budget[_REFUSED], "phase_ha"])
        cells["planned_other_ha"] = other_ha * max(0, budget_years[1] - last_observed_year)
        cells["planned_later_ha"] = _exact(own_phases.loc[own_phases["year"] > budget_years[1], "phase_ha"])
        cells["already_counted_ha"] = _exact(already_counted)
        cells |= {"left_ha": remaining_ha, "remaining_on": Timestamp(observed_until(last_observed_year))}
        rows.append(cells | {"first_overshoot_year": overshoot_year})
    table = DataFrame(rows)
    table["first_overshoot_year"] = table["first_overshoot_year"].astype("Int64")
    return table


def _spend_budget(
    remaining_ha: float, local_ha: Series, last_observed_year: int, last_budget_year: int, other_ha: float
) -> tuple[float, int | None]:
    """Take each year's local hectares off what remains; return the rest and the first year of overshoot."""
    overshoot_year = last_observed_year if remaining_ha < -EXACT_HA else None
    for year in range(last_observed_year + 1, last_budget_year + 1):
        remaining_ha -= float(local_ha.get(year, 0.0)) + other_ha
        if remaining_ha < -EXACT_HA and overshoot_year is None:
            overshoot_year = year
    return (0.0 if abs(remaining_ha) <= EXACT_HA else remaining_ha), overshoot_year


def _exact(areas: Series) -> float:
    # sorted, so that the order of the ledger never changes a digit
    return float(np.sort(areas.to_numpy(dtype=float)).sum())


def _ids_of_scenarios(
    projects: DataFrame, scenarios: Mapping[str, Sequence[str]] | None
) -> dict[str, set[str]]:
    known_ids = set(projects["projet_id"].astype(str))
    if scenarios is None:
        return {BASE: set(), "tous les projets": known_ids}
    ids_of_scenario = {BASE: set[str]()}
    for name, project_ids in scenarios.items():
        for project in project_ids:
            if str(project) not in known_ids:
                raise UnknownName("projet", str(project), known_ids)
        ids_of_scenario[name] = {str(project) for project in project_ids}
    return ids_of_scenario


def _checked_ledger(projects: DataFrame) -> DataFrame:
    """Return the ledger with its hectares as numbers; refuse what :func:`phases` refuses, phases apart."""
    need(projects, ["projet_id", "projet_compte", "consommation_ha"], "projects")
    ledger = projects.drop(columns="geometry", errors="ignore").reset_index(drop=True)
    ledger = DataFrame(ledger)
    ids = ledger["projet_id"].astype(str)
    if ids.duplicated().any():
        raise BadTable(f"Projet présent deux fois : {ids[ids.duplicated()].iloc[0]}.")
    unknown = sorted(set(ledger["projet_compte"].astype(str)) - set(ACCOUNTS))
    if unknown:
        raise BadTable(f"Compte inconnu : « {unknown[0]} ». Choisir {', '.join(ACCOUNTS)}.")
    ledger["consommation_ha"] = numbers(ledger["consommation_ha"])
    unmeasured = ids[~(ledger["consommation_ha"] >= 0)]
    if len(unmeasured):
        raise BadTable(f"Surface absente ou négative pour le projet {unmeasured.iloc[0]}.")
    proof = ledger["justificatif"] if "justificatif" in ledger else Series("", index=ledger.index)
    unproved = ledger["projet_compte"].isin(_PROVED) & (proof.fillna("").astype(str).str.strip() == "")
    if unproved.any():
        row = ledger[unproved].iloc[0]
        raise BadTable(
            f"Le projet {row['projet_id']} est hors du compte local ({row['projet_compte']}) "
            "sans justificatif :\n"
            "remplir « justificatif » (arrêté, délibération, inventaire des friches…)."
        )
    return _without_refused_exemptions(ledger)


def _without_refused_exemptions(ledger: DataFrame) -> DataFrame:
    """Return the ledger with exempt projects back in the local account, unless they meet every criterion."""
    refused = ledger["projet_compte"] == EXEMPT
    if REFUSAL in ledger:
        refused &= ledger[REFUSAL].fillna("").astype(str) != ""
    return ledger.assign(**{_REFUSED: refused, "projet_compte": ledger["projet_compte"].mask(refused, LOCAL)})


def _phasing(project: Series) -> list[tuple[int, float]]:
    """Read the hectares by year of a project; they must add up to its area."""
    project_id, area_ha = project["projet_id"], float(project["consommation_ha"])
    # an empty cell is NaN, which differs from itself
    text = str(project.get("phasage", "") if project.get("phasage") == project.get("phasage") else "").strip()
    if not text or text == "None":
        year = numbers(Series([project.get("annee_debut")])).iloc[0]
        if not year == year:
            raise BadTable(f"Le projet {project_id} n'a ni « annee_debut » ni « phasage » (2026:2,5|2027:1).")
        return [(int(year), area_ha)]
    phases_ha = []
    for phase_text in text.split("|"):
        year_text, _, area_text = phase_text.partition(":")
        try:
            phases_ha.append((int(year_text), float(decimal_point(area_text))))
        except ValueError as error:
            raise BadTable(
                f"Phasage illisible pour {project_id} : « {phase_text} ». Écrire 2026:2,5|2027:1."
            ) from error
    total_ha = sum(phase_ha for _, phase_ha in phases_ha)
    if abs(total_ha - area_ha) > 1e-6 or any(phase_ha < 0 for _, phase_ha in phases_ha):
        raise BadTable(f"Le phasage de {project_id} fait {total_ha:g} ha, sa surface est de {area_ha:g} ha.")
    return phases_ha
