"""Findings: what is wrong with data, one row each, all of them in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

COLUMNS = ["feature", "field", "rule", "level", "found", "message"]
LEVELS = ("erreur", "réparation", "alerte", "note")
LONGEST = 80


@dataclass(frozen=True)
class Finding:
    """One thing wrong: ``feature`` is its number in the file from 1, or None for the whole file."""

    feature: int | None
    field: str
    rule: str
    level: str
    found: Any
    message: str
    before_m2: float | None = None  # of a repair that may change an area
    after_m2: float | None = None


def table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table; empty, with its columns, when there is nothing to say.

    Examples
    --------
    >>> table([]).columns.tolist()
    ['feature', 'field', 'rule', 'level', 'found', 'message']
    """
    rows = [(one.feature, one.field, one.rule, one.level, short(one.found), one.message) for one in findings]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"feature": "Int64"})


def short(value: Any) -> str:
    """What was found, short enough for a table."""
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
