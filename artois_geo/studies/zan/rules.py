"""The rule set of an account, and the sentences that say it under a table."""

import pandas as pd

from artois_geo import tables
from artois_geo.constants import Constant, rules
from artois_geo.constants.rules import RuleSet
from artois_geo.studies import StudyTable
from artois_geo.studies.library.reference_tables import CONSTANT_LABELS, IN_FORCE


def study(name: str) -> StudyTable:
    """List the values of a rule set: rates, dates, floors, thresholds, each with its source.

    Parameters
    ----------
    name
        Name of a shipped set, or path of a planner's own (TOML).

    Examples
    --------
    >>> answer = study(rules.DEFAULT)
    >>> answer.table.loc[answer.table["name"] == "reduction_2021_2030", "value"].tolist()
    [0.5]
    """
    rule_set = rules.read(name)
    rows = [
        (entry.name, entry.title, entry.value, entry.unit, entry.since, entry.certainty, entry.source)
        for entry in rule_set.constants.values()
    ]
    table = pd.DataFrame(rows, columns=list(IN_FORCE)).astype(object)
    quantities = [tables.quantity(entry.value, entry.unit) for entry in rule_set.constants.values()]
    return StudyTable(
        table,
        title=f"{rule_set.name} : {rule_set.title}",
        labels=CONSTANT_LABELS,
        notes=[f"Jeux livrés : {', '.join(rules.names())}.", *rules.uncertain(rule_set)],
        brief=table.assign(value=pd.Series(quantities, dtype=object)).drop(columns="unit"),
    )


def named_rules(name: str) -> tuple[RuleSet, list[str]]:
    """Read a rule set, and the sentence that names it under a table.

    Examples
    --------
    >>> named_rules(rules.DEFAULT)[1]
    ['Règles : loi-2023-630 (valeurs au 22/11/2026).']
    """
    rule_set = rules.read(name)
    note = f"Règles : {rule_set.name} (valeurs au {rule_set.on:%d/%m/%Y})."
    if rule_set.changed:
        note += f" Valeurs changées : {', '.join(rule_set.changed)} (base {rule_set.base})."
    return rule_set, [note]


def used(rule_set: RuleSet, *names: str) -> list[Constant]:
    """Return the constants of these names that a rule set has.

    Examples
    --------
    >>> [constant.value for constant in used(rules.read(), "reduction_2021_2030", "unknown")]
    [0.5]
    """
    return [rule_set.constants[name] for name in names if name in rule_set.constants]


def doubts(rule_set: RuleSet, *names: str) -> list[str]:
    """Say which of the constants of these names are not certain.

    Examples
    --------
    >>> doubts(rules.read(), "reduction_2021_2030")
    []
    """
    return [
        f"Valeur incertaine : {constant.title}. {constant.note}".strip()
        for constant in used(rule_set, *names)
        if constant.certainty == "incertain"
    ]


def decades(rule_set: RuleSet) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and last flow of the reference and of the budget decade.

    Examples
    --------
    >>> decades(rules.read())
    ((2011, 2020), (2021, 2030))
    """
    constants = rule_set.constants
    return (
        (constants["reference_first_year"].value, constants["reference_last_year"].value),
        (constants["budget_first_year"].value, constants["budget_last_year"].value),
    )
