"""What budgets become with projects, and which sites of an offer fit in what remains."""

from pathlib import Path

import pandas as pd

from artois_geo import layers, measure, zan
from artois_geo.errors import BadOptions
from artois_geo.layers import Layer
from artois_geo.sheets import wording
from artois_geo.studies import StudyTable, planner_files
from artois_geo.studies.zan import deductions, flows, rules, targets, territories, trajectory
from artois_geo.studies.zan.requests import Demand, FlowsRequest, OpenCatalogue, SimulationRequest
from artois_geo.studies.zan.trajectory import Budgets


def study(
    account: FlowsRequest,
    demand: Demand,
    request: SimulationRequest,
    catalogue: OpenCatalogue = layers.read_catalogue,
) -> StudyTable:
    """Set projects against the budgets, or select the sites of an offer that fit in what remains.

    Parameters
    ----------
    account, demand
        As for « trajectoire ».
    request
        Projects and scenarios, or the offer and what the selection maximises.
    catalogue
        Gives the communes of the pole.

    Raises
    ------
    BadOptions
        Neither projects nor an offer, or a scenario that is not written NOM=ID,ID.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> years = range(2011, 2022)
    >>> text = f"epci;{';'.join(map(str, years))}\\nA;{';'.join('2' for _ in years)}\\n"
    >>> _ = (folder / "conso.csv").write_text(text)
    >>> _ = (folder / "offre.csv").write_text("site_id;epci;consumed_ha\\nS1;A;5\\nS2;A;9\\n")
    >>> account = FlowsRequest(folder / "conso.csv", par="epci", cle="epci", unite="ha")
    >>> offer = SimulationRequest(offre=folder / "offre.csv")
    >>> study(account, Demand(taux=0.5), offer).table[["site_id", "fits"]].values.tolist()
    [['S1', True], ['S2', False]]
    """
    if request.projets is None and request.offre is None:
        raise BadOptions("Donner --projets ou --offre.")
    rule_set, rule_notes = rules.named_rules(account.rules_name)
    budgets = trajectory.of_flows(
        flows.read(account, catalogue), rule_set, targets.located(demand, catalogue)
    )
    key = budgets.flows.key
    codes = {territories.resolve(budgets.flows.frame, key, name) for name in request.territories}
    project_notes = list[str]()
    if request.offre is not None:
        day = wording.day(budgets.table["remaining_on"].iloc[0], "fr")
        title = f"Sites de l'offre qui entrent dans le reste au {day} (critère : {request.critere})"
        table = _fitting_offers(budgets, request.offre, request)
    else:
        assert request.projets is not None
        title = "Enveloppes d'ENAF avec les projets"
        table, project_notes = _with_projects(budgets, request.projets, request)
    if codes:
        table = table[table[key].astype(str).isin(codes)].reset_index(drop=True)
    day_notes = trajectory.remaining_notes(budgets.table)
    return StudyTable(
        table,
        title=title,
        constants=budgets.constants,
        surface=budgets.flows.surface,
        notes=[*budgets.flows.notes, *rule_notes, *day_notes, *budgets.notes, *project_notes],
        labels=trajectory.labels_of(key),
        brief=trajectory.brief(table),
    )


def _fitting_offers(budgets: Budgets, offer: Layer | Path, request: SimulationRequest) -> pd.DataFrame:
    key = budgets.flows.key
    table = zan.offers_within_budget(
        _ledger(offer, key, "consumed_ha"),
        left_ha=budgets.table.set_index(key)["left_ha"],
        by=[key],
        criterion=request.critere,
        value=request.valeur,
    )
    table["remaining_on"] = budgets.table["remaining_on"].iloc[0]
    return table


def _with_projects(
    budgets: Budgets, projects: Layer | Path, request: SimulationRequest
) -> tuple[pd.DataFrame, list[str]]:
    """Compute each scenario, with what the trajectory says before any project; and say what is not local."""
    key = budgets.flows.key
    ledger, notes = deductions.examined_projects(_ledger(projects, key, "consommation_ha"), budgets.rule_set)
    scenarios = zan.scenario(
        budgets.table,
        ledger,
        key=key,
        budget_years=budgets.years,
        scenarios=_scenarios(request.scenarios),
        other_ha_per_year=request.diffus,
    )
    table = trajectory.with_budget_columns(scenarios, budgets.table, key)
    return trajectory.with_names(table, budgets.flows), notes


LEDGER = (  # columns of a table of projects
    "projet_id",
    "projet_nom",
    "projet_compte",
    "consommation_ha",
    "annee_debut",
    "phasage",
    "justificatif",
    "territoire",
)


def _ledger(layer: Layer | Path, key: str, area_column: str) -> pd.DataFrame:
    """Read a ledger or an offer; where an area is not declared, it is that of what is drawn."""
    if isinstance(layer, Path):
        table = planner_files.text_table(layer, wanted=(*LEDGER, area_column, key))
    else:
        table = layers.read(layer)
    ledger = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    if "geometry" in table:
        drawn_ha = measure.area_ha(table)
        if area_column in ledger:
            drawn_ha = pd.to_numeric(ledger[area_column], errors="coerce").fillna(drawn_ha)
        ledger[area_column] = drawn_ha
    ledger = territories.with_usual_name(ledger, key)
    if key == "commune" and key not in ledger:
        return territories.with_commune_key(ledger, key, "La couche")
    return ledger


def _scenarios(sentences: tuple[str, ...]) -> dict[str, list[str]] | None:
    """Read scenarios written NOM=ID,ID; None without any: all projects together."""
    if not sentences:
        return None
    scenarios = {}
    for sentence in sentences:
        name, equal, ids = sentence.partition("=")
        if not equal or not name:
            raise BadOptions(f"--scenario s'écrit NOM=ID,ID ; reçu : {sentence}")
        scenarios[name] = [part.strip() for part in ids.split(",") if part.strip()]
    return scenarios
