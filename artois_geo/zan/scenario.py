"""Projects ledger and what-if: what the budget becomes once the projects are built.

Each project belongs to one account. ``local`` takes from the budget of its
territory; ``regional`` (envergure régionale) and ``PENE`` have envelopes of their
own; ``exempté`` (photovoltaics that meet every criterion of the decree) and ``recyclé``
consume no ENAF. Hectares of an account are shown in its column and nowhere else.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from artois_geo.errors import BadTable, BadValue, UnknownName
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
    """Hectares of each project in each year.

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
    >>> projects = DataFrame({"projet_id": ["A"], "projet_compte": "local", "consommation_ha": [3.5],
    ...     "phasage": ["2026:2,5|2027:1"]})
    >>> phases(projects)[["year", "phase_ha"]].values.tolist()
    [[2026.0, 2.5], [2027.0, 1.0]]
    """
    ledger = _checked(projects)
    rows = []
    for at, project in ledger.iterrows():
        for year, area in _phasing(project):
            rows.append((at, year, area))
    table = DataFrame(rows, columns=["_row", "year", "phase_ha"])
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
    """What is left of each budget once the projects of each scenario are built.

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
    lost = sorted(set(planned[key].astype(str)) - set(trajectory[key].astype(str)))
    if lost:
        raise BadTable(
            f"Projets dans un territoire sans trajectoire : {', '.join(lost[:5])}.\n"
            "Corriger le code du territoire, ou ajouter ce territoire au compte."
        )
    tables = []
    for name, chosen in _named(projects, scenarios).items():
        part = planned[planned["projet_id"].astype(str).isin(chosen)]
        tables.append(_one_scenario(name, trajectory, part, key, budget_years, other_ha_per_year))
    return pd.concat(tables, ignore_index=True)


def _one_scenario(
    name: str,
    trajectory: DataFrame,
    planned: DataFrame,
    key: str,
    budget_years: tuple[int, int],
    other: float,
) -> DataFrame:
    rows = []
    for _, row in trajectory.iterrows():
        mine = planned[planned[key].astype(str) == str(row[key])]
        seen = int(row["last_observed_year"])
        inside = mine[(mine["year"] > seen) & (mine["year"] <= budget_years[1])]
        counted = mine.loc[mine["year"] <= seen, "phase_ha"]
        local = inside[inside["projet_compte"] == LOCAL].groupby("year")["phase_ha"].sum()
        left, overshoot = _run(row["allowed_ha"] - row["used_ha"], local, seen, budget_years[1], other)
        result = {"scenario": name, key: row[key], "allowed_ha": row["allowed_ha"], "used_ha": row["used_ha"]}
        for account, column in ACCOUNTS.items():
            result[column] = _exact(inside.loc[inside["projet_compte"] == account, "phase_ha"])
        result["refused_exempt_ha"] = _exact(inside.loc[inside[_REFUSED], "phase_ha"])
        result["planned_other_ha"] = other * max(0, budget_years[1] - seen)
        result["planned_later_ha"] = _exact(mine.loc[mine["year"] > budget_years[1], "phase_ha"])
        result["already_counted_ha"] = _exact(counted)
        result |= {"left_ha": left, "remaining_on": observed_until(seen)}
        rows.append(result | {"first_overshoot_year": overshoot})
    table = DataFrame(rows)
    table["first_overshoot_year"] = table["first_overshoot_year"].astype("Int64")
    return table


def _run(left: float, local: Series, seen: int, last: int, other: float) -> tuple[float, int | None]:
    overshoot = seen if left < -EXACT_HA else None
    for year in range(seen + 1, last + 1):
        left -= float(local.get(year, 0.0)) + other
        if left < -EXACT_HA and overshoot is None:
            overshoot = year
    return (0.0 if abs(left) <= EXACT_HA else left), overshoot


def _exact(areas: Series) -> float:
    # sorted, so that the order of the ledger never changes a digit
    return float(np.sort(areas.to_numpy(dtype=float)).sum())


def _named(projects: DataFrame, scenarios: Mapping[str, Sequence[str]] | None) -> dict[str, set[str]]:
    known = set(projects["projet_id"].astype(str))
    if scenarios is None:
        return {BASE: set(), "tous les projets": known}
    named = {BASE: set[str]()}
    for name, chosen in scenarios.items():
        for project in chosen:
            if str(project) not in known:
                raise UnknownName("projet", str(project), known)
        named[name] = {str(project) for project in chosen}
    return named


def _checked(projects: DataFrame) -> DataFrame:
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
    wrong = ids[~(ledger["consommation_ha"] >= 0)]
    if len(wrong):
        raise BadTable(f"Surface absente ou négative pour le projet {wrong.iloc[0]}.")
    proof = ledger["justificatif"] if "justificatif" in ledger else Series("", index=ledger.index)
    bare = ledger["projet_compte"].isin(_PROVED) & (proof.fillna("").astype(str).str.strip() == "")
    if bare.any():
        row = ledger[bare].iloc[0]
        raise BadTable(
            f"Le projet {row['projet_id']} est hors du compte local ({row['projet_compte']}) "
            "sans justificatif :\n"
            "remplir « justificatif » (arrêté, délibération, inventaire des friches…)."
        )
    return _without_refused_exemptions(ledger)


def _without_refused_exemptions(ledger: DataFrame) -> DataFrame:
    """The ledger with exempt projects back in the local account, unless every criterion was found met."""
    refused = ledger["projet_compte"] == EXEMPT
    if REFUSAL in ledger:
        refused &= ledger[REFUSAL].fillna("").astype(str) != ""
    return ledger.assign(**{_REFUSED: refused, "projet_compte": ledger["projet_compte"].mask(refused, LOCAL)})


def _phasing(project: Series) -> list[tuple[int, float]]:
    name, area = project["projet_id"], float(project["consommation_ha"])
    text = str(project.get("phasage", "") if project.get("phasage") == project.get("phasage") else "").strip()
    if not text or text == "None":
        year = numbers(Series([project.get("annee_debut")])).iloc[0]
        if not year == year:
            raise BadTable(f"Le projet {name} n'a ni « annee_debut » ni « phasage » (2026:2,5|2027:1).")
        return [(int(year), area)]
    parts = []
    for piece in text.split("|"):
        year_text, _, area_text = piece.partition(":")
        try:
            parts.append((int(year_text), float(area_text.replace(",", "."))))
        except ValueError as error:
            raise BadTable(f"Phasage illisible pour {name} : « {piece} ». Écrire 2026:2,5|2027:1.") from error
    total = sum(part for _, part in parts)
    if abs(total - area) > 1e-6 or any(part < 0 for _, part in parts):
        raise BadTable(f"Le phasage de {name} fait {total:g} ha, sa surface est de {area:g} ha.")
    return parts
