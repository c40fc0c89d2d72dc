"""Findings: what is wrong with data, one row each, all of them in one pass."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from artois_geo.text import digits

COLUMNS = ["feature", "field", "rule", "level", "found", "message"]
LEVELS = ("erreur", "alerte", "réparation", "note")  # the gravest first
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
    """Return findings as a table; empty, with its columns, when there is nothing to say.

    Examples
    --------
    >>> table([]).columns.tolist()
    ['feature', 'field', 'rule', 'level', 'found', 'message']
    """
    rows = [
        (finding.feature, finding.field, finding.rule, finding.level, short(finding.found), finding.message)
        for finding in findings
    ]
    return _typed(rows) if rows else _empty().copy()


def _typed(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype({"feature": "Int64"})


@cache
def _empty() -> pd.DataFrame:
    return _typed([])


def short(value: Any) -> str:
    """Write what was found, short enough for a table."""
    empty = value is None or (isinstance(value, float) and math.isnan(value))
    text = "" if empty else digits(value) if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def count_and_first(messages: Iterable[str]) -> str:
    """Say how many errors there are, and the first.

    Examples
    --------
    >>> count_and_first(["géométrie vide"]), count_and_first(["géométrie vide", "type"])
    ('une erreur : géométrie vide', '2 erreurs, la première : géométrie vide')
    """
    errors = list(messages)
    count = f"{len(errors)} erreurs, la première" if len(errors) > 1 else "une erreur"
    return f"{count} : {errors[0]}"
