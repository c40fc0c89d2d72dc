"""One reading of the law, for the caller to hand over to the accounts, and to print."""

from datetime import date

from artois_geo.constants import rules as rule_sets
from artois_geo.suffixes import FilePath


def rules(name: FilePath = rule_sets.DEFAULT, *, on: date | None = None) -> rule_sets.RuleSet:
    """Read a rule set: every number of the law on a day, or a planner's own variant.

    Parameters
    ----------
    name
        A name of :func:`artois_geo.constants.rules.names`, or the path of a TOML file (``--regles``).
    on
        Day on which the law is read, never later than that of the set; the day of the set by default.

    Returns
    -------
    RuleSet
        For ``trajectory(…, rules=…)`` and ``sheets.local_report``; ``.constants`` has each value with its
        source.

    Raises
    ------
    UnknownName, UnreadableFile, BadValue
        As :func:`artois_geo.constants.rules.read`.

    Examples
    --------
    >>> from artois_geo.zan import rules
    >>> from datetime import date
    >>> rules().constants["reduction_2021_2030"].value
    0.5
    >>> "communal_floor_ha" in rules(on=date(2022, 1, 1)).constants  # came with the law of July 2023
    False
    """
    return rule_sets.read(name, on=on)
