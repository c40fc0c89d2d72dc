"""The budget of each territory, what is consumed, what remains: the one path of every command and sheet."""

from dataclasses import dataclass, replace

import pandas as pd

from artois_geo import charts, layers, meaning, sheets, tables, zan
from artois_geo.constants import Constant
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import BadOptions, BadValue, UnknownName
from artois_geo.sheets import wording
from artois_geo.studies import StudyTable
from artois_geo.studies.zan import deductions, flows, rules, targets, territories
from artois_geo.studies.zan.flows import Flows
from artois_geo.studies.zan.requests import (
    ALL,
    POLE,
    Demand,
    FlowsRequest,
    OpenCatalogue,
    PressureRequest,
)

_BEFORE_PROJECTS = (  # of a trajectory, all that no project changes
    "reference_ha",
    "reduction_share",
    *targets.TARGET,
    "budget_before_floor_ha",
    "floor_ha",
    "allowed_ha",
    "consumed_ha",
    "deducted_pene_ha",
    "deducted_pv_ha",
    "deducted_renaturation_ha",
    "refused_pv_ha",
    "deducted_ha",
    "used_ha",
    "remaining_on",
    "observed_years",
    "last_observed_year",
    "unobserved_years",
    "counted_on",
    "target_source",
)
_LEVELS = {"commune": "Commune", "epci": "EPCI", "scot": "SCoT", "pma": "Pôle métropolitain"}


@dataclass(frozen=True)
class Budgets:
    """Hold the budget of each territory under a demand, the flows it comes from, and what to say of both.

    ``table``: one row per territory, from ``zan.trajectory`` and ``zan.dated``, with the target in force.
    """

    table: pd.DataFrame
    flows: Flows
    rule_set: RuleSet
    demand: Demand
    notes: list[str]

    @property
    def constants(self) -> list[Constant]:
        """Return the constants that the budgets used."""
        return rules.used(self.rule_set, *targets.constants_of(self.demand))

    @property
    def years(self) -> tuple[int, int]:
        """Return the first and last flow of the budget decade."""
        return rules.decades(self.rule_set)[1]


@dataclass(frozen=True)
class Trajectory:
    """Hold the table of a trajectory, and the budgets of which a territory may be drawn."""

    answer: StudyTable
    budgets: Budgets


def study(
    account: FlowsRequest,
    demand: Demand,
    pressure: PressureRequest | None = None,
    catalogue: OpenCatalogue = layers.read_catalogue,
) -> Trajectory:
    """Compute the budget of each territory, what is consumed and remains, and where its pace leads.

    Parameters
    ----------
    account
        Flows and their grouping.
    demand
        Targets, guarantee, deductions and day.
    pressure
        Inside which groups the guarantee is weighed, commune by commune; by default not at all.
    catalogue
        Gives the communes of the pole.

    Raises
    ------
    BadOptions, BadValue, UnknownName
        A guarantee that cannot be weighed there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "conso.csv"
    >>> years = range(2011, 2022)
    >>> _ = path.write_text(f"epci;{';'.join(map(str, years))}\\nA;{';'.join('2' for _ in years)}\\n")
    >>> account = FlowsRequest(path, par="epci", cle="epci", unite="ha")
    >>> table = study(account, Demand(taux=0.5)).answer.table
    >>> table[["allowed_ha", "used_ha", "left_ha"]].values.tolist()
    [[10.0, 2.0, 8.0]]
    """
    pressure = pressure or PressureRequest()
    rule_set, rule_notes = rules.named_rules(account.rules_name)
    if pressure.pression is not None:
        account = _by_commune(account, pressure.pression)
    budgets = of_flows(flows.read(account, catalogue), rule_set, targets.located(demand, catalogue))
    day_notes = remaining_notes(budgets.table)
    budgets = replace(budgets, table=with_names(budgets.table, budgets.flows))
    table, pressure_notes = _weighed(budgets, pressure)
    answer = StudyTable(
        table,
        title="Trajectoire de consommation d'ENAF",
        constants=budgets.constants,
        surface=budgets.flows.surface,
        notes=[*budgets.flows.notes, *rule_notes, *day_notes, *budgets.notes, *pressure_notes],
        labels=labels_of(pressure.pression or budgets.flows.key),
        brief=brief(table),
    )
    return Trajectory(answer, budgets)


def of_flows(account: Flows, rule_set: RuleSet, demand: Demand) -> Budgets:
    """Compute the budgets of flows already read, under a demand.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> frame = pd.DataFrame({"epci": "A", "year": range(2011, 2022), "consumed_ha": 2.0})
    >>> account = Flows(frame, "epci", None, None, pd.DataFrame({"epci": ["A"]}), [], "")
    >>> of_flows(account, rules.read(), Demand(taux=0.5)).table["left_ha"].tolist()
    [8.0]
    """
    reference, budget = rules.decades(rule_set)
    rates, rate_notes = targets.rates(account, rule_set, demand)
    floor_ha, floor_notes = targets.floors(account, rule_set, demand.garantie)
    ledger, deduction_notes = None, list[str]()
    if demand.deductions is not None:
        ledger, deduction_notes = deductions.read(demand.deductions, account.key, rule_set)
    rates = rates.set_index(account.key)
    table = zan.trajectory(
        account.frame,
        key=account.key,
        reference_years=reference,
        budget_years=budget,
        reduction_share=rates["reduction_share"],
        floor_ha=floor_ha,
        deductions=ledger,
    )
    for position, name in enumerate(targets.TARGET, start=3):
        table.insert(position, name, table[account.key].map(rates[name]))
    table = zan.dated(table, budget_years=budget, on=demand.on)
    table["target_source"] = table[account.key].map(rates["target_source"])
    doubts = rules.doubts(rule_set, targets.NATIONAL_RATE, targets.FLOOR, targets.FLOOR_DOCUMENT)
    return Budgets(table, account, rule_set, demand, [*rate_notes, *floor_notes, *deduction_notes, *doubts])


def chart(trajectory: Trajectory, territory: str | None = None, *, form: str = ".svg") -> bytes:
    """Draw the trajectory of one territory, as an SVG or a PNG.

    Parameters
    ----------
    trajectory
        Result of :func:`study`.
    territory
        Code or name, where the table has several.
    form
        ``.svg`` or ``.png``.

    Raises
    ------
    BadOptions
        Several territories, and none is named.

    Examples
    --------
    >>> from artois_geo.constants import rules
    >>> frame = pd.DataFrame({"epci": "A", "year": range(2011, 2022), "consumed_ha": 2.0})
    >>> account = Flows(frame, "epci", None, None, pd.DataFrame({"epci": ["A"]}), [], "surfaces lues")
    >>> budgets = of_flows(account, rules.read(), Demand(taux=0.5))
    >>> chart(Trajectory(StudyTable(budgets.table), budgets))[:4]
    b'<svg'
    """
    account, table = trajectory.budgets.flows, trajectory.budgets.table
    row = _drawn_territory(table, account.key, territory)
    require_known_target(row, str(row[account.key]))
    name = str(row["nom"]) if str(row.get("nom", "")).strip() else str(row[account.key])
    svg = charts.trajectory_chart(
        row,
        account.frame[account.frame[account.key] == row[account.key]],
        name=name,
        budget_years=trajectory.budgets.years,
        caption=[
            f"{name} : consommation d'ENAF cumulée, enveloppe et projection au rythme observé.",
            wording.remaining(row, "fr"),
            f"{account.surface[0].upper()}{account.surface[1:]}.",
            *account.notes,
        ],
    )
    return sheets.png(svg) if form.lower() == ".png" else svg.encode()


def require_known_target(row: pd.Series, code: str) -> None:
    """Refuse to draw a territory whose target is unknown: it has neither budget nor remainder.

    Raises
    ------
    BadValue
        The rate is missing.

    Examples
    --------
    >>> require_known_target(pd.Series({"reduction_share": 0.5}), "A")
    """
    if meaning.is_missing(row["reduction_share"]):
        raise BadValue(
            f"L'objectif de {code} est inconnu : son enveloppe ne se trace pas. Le donner par --taux, ou par "
            "--objectifs CSV."
        )


def remaining_notes(table: pd.DataFrame) -> list[str]:
    """Say what the reader of a remainder must know: its day, and the years gone by since.

    Examples
    --------
    >>> remaining_notes(pd.DataFrame())
    []
    """
    return [wording.remaining(row, "fr") for _, row in table.head(1).iterrows()]


def day_of(budgets: pd.DataFrame) -> str:
    """Say of which day the remainders of a table are, if « trajectoire » wrote it beside them.

    Examples
    --------
    >>> day_of(pd.DataFrame({"left_ha": [3.0]}))
    "Enveloppe : le jour du reste n'est pas dit, des années écoulées peuvent n'y être pas comptées."
    """
    names = ["remaining_on", "counted_on"]
    if {*names, "unobserved_years"} <= set(budgets):
        row = budgets.iloc[0]
        days = meaning.days(row[names])
        if days.notna().all():
            return f"Enveloppe. {wording.remaining(pd.concat([days, row[['unobserved_years']]]), 'fr')}"
    return "Enveloppe : le jour du reste n'est pas dit, des années écoulées peuvent n'y être pas comptées."


def with_budget_columns(table: pd.DataFrame, budgets: pd.DataFrame, key: str) -> pd.DataFrame:
    """Join to a what-if what the trajectory says of each territory before any project, and put it first.

    Examples
    --------
    >>> scenario = pd.DataFrame({"scenario": ["sans projet"], "epci": "A", "left_ha": 4.0})
    >>> budgets = pd.DataFrame({"epci": ["A"], "allowed_ha": 10.0, "left_ha": 8.0})
    >>> with_budget_columns(scenario, budgets, "epci").columns.tolist()
    ['scenario', 'epci', 'allowed_ha', 'left_ha']
    """
    absent = [name for name in _BEFORE_PROJECTS if name in budgets and name not in table]
    joined = table.merge(budgets[[key, *absent]], on=key, how="left", validate="many_to_one")
    first_columns = [name for name in ("scenario", key, *_BEFORE_PROJECTS) if name in joined]
    return joined[[*first_columns, *(name for name in joined if name not in first_columns)]]


def with_names(table: pd.DataFrame, account: Flows) -> pd.DataFrame:
    """Insert the name of each territory after its code, where the flows give it.

    Examples
    --------
    >>> frame = pd.DataFrame({"epci": ["A"], "nom": ["Artois"]})
    >>> account = Flows(frame, "epci", None, None, frame, [], "")
    >>> with_names(pd.DataFrame({"epci": ["A"], "left_ha": [3.0]}), account).columns.tolist()
    ['epci', 'nom', 'left_ha']
    """
    if "nom" not in account.frame:
        return table
    names = account.frame.drop_duplicates(account.key).set_index(account.key)["nom"]
    with_name = table.copy()
    position = with_name.columns.tolist().index(account.key) + 1
    with_name.insert(position, "nom", with_name[account.key].map(names))
    return with_name


def labels_of(key: str) -> dict[str, str]:
    """Return the French headings of the territory and of its name.

    Examples
    --------
    >>> labels_of("epci")["epci"], labels_of("pays")["pays"]
    ('EPCI', 'pays')
    """
    return {key: _LEVELS.get(key, key), "nom": "Nom"}


def brief(table: pd.DataFrame) -> pd.DataFrame:
    """Leave to notes and headings what a terminal has no room for: its day, the source of its rates.

    Examples
    --------
    >>> brief(pd.DataFrame({"left_ha": [3.0], "counted_on": ["2026-12-08"]})).columns.tolist()
    ['left_ha']
    """
    unread = ["counted_on", "target_source"]
    if "scenario" in table:  # what led to the budget is for « trajectoire » to show
        unread += ["reference_ha", "consumed_ha", "observed_years", "last_observed_year"]
    return table.drop(columns=unread, errors="ignore")


def _by_commune(account: FlowsRequest, group: str) -> FlowsRequest:
    """Return the account by commune: only communes have a guarantee to set against the others."""
    if group == "commune":
        raise BadOptions("--pression se compte par EPCI ou SCoT : chaque commune a sa garantie.")
    if account.par == POLE and account.territoires is None:
        raise BadOptions(
            f"--pression et --par {POLE} demandent --territoires FICHIER : les communes du pôle "
            f"et leur « {group} »."
        )
    if group == account.cle:
        raise BadOptions(
            f"--pression {group} : le tableau n'a que des totaux par « {group} ». La garantie se "
            "compte commune par commune : donner un tableau par commune, avec cette colonne."
        )
    return replace(account, par="commune")


def _weighed(budgets: Budgets, pressure: PressureRequest) -> tuple[pd.DataFrame, list[str]]:
    """Return the budgets, or the cost of the guarantee inside each group and what pooling it brings."""
    group, account = pressure.pression, budgets.flows
    if group is None:
        return budgets.table, []
    if group not in account.territories:
        raise BadOptions(f"--pression : pas de colonne « {group} » dans les territoires.")
    communes = budgets.table.merge(account.territories[[account.key, group]], on=account.key)
    if not pressure.mutualiser:
        return zan.pressure(communes, by=group), []
    codes = communes[account.key].astype(str)
    has_floor = communes["floor_ha"] > 0
    pooling = set(codes[has_floor]) if pressure.mutualiser == (ALL,) else set(pressure.mutualiser)
    for code in sorted(pooling - set(codes)):
        raise UnknownName("commune à mutualiser", code, codes.tolist())
    without_floor = sorted(pooling & set(codes[communes["floor_ha"] == 0]))
    if without_floor:
        raise BadValue(
            f"{', '.join(without_floor)} n'a pas de garantie à mettre en commun : sa condition n'est pas "
            "remplie ou reste à vérifier. Compléter le fichier de --garantie, ou retirer la commune de "
            "--mutualiser."
        )
    pooled = zan.pressure(communes, by=group, pooled=codes.isin(pooling))
    hectares = tables.quantity(float(pooled["pooled_ha"].sum()), "ha")
    return pooled, [
        f"Garantie mise en commun (communes : {len(pooling)}) : {hectares} changent de mains dans le même "
        f"{group}. Aucun hectare n'est créé."
    ]


def _drawn_territory(table: pd.DataFrame, key: str, territory: str | None) -> pd.Series:
    if territory is None and len(table) == 1:
        return table.iloc[0]
    if territory is None:
        raise BadOptions(f"--graphique dessine un seul territoire sur {len(table)} : dire --sur CODE.")
    return table[table[key].astype(str) == territories.resolve(table, key, territory)].iloc[0]
