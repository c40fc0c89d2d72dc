"""What a delivery is read with, and what it gives."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import tables
from artois_geo.deliveries.completion import Completion
from artois_geo.deliveries.matching import Match
from artois_geo.deliveries.value_rules import ValueRules
from artois_geo.formats.findings import LEVELS, Finding, short
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import RawTable
from artois_geo.kinds import readable_findings, repairs, secondary_fields
from artois_geo.kinds.checks.identity import Identity
from artois_geo.kinds.schema import Schema
from artois_geo.meaning import is_missing
from artois_geo.tables.layer_labels import LABELS
from artois_geo.text import counted, number, visible

COLUMNS = ("feature", "position", "field", "rule", "level", "found", "message")
OUTCOMES = {
    "accept": "accepté",
    "warn": "accepté, avec des alertes",
    "repair": "accepté après réparation",
    "reject": "refusé",
}


@dataclass(frozen=True)
class DeliveryOptions:
    """How to read, place, repair and check the file of a partner.

    Parameters
    ----------
    crs
        System of the coordinates when the file does not say it, or says it wrong;
        ``"auto"`` accepts the only reading that falls in the territory.
    layer
        Layer or sheet, where the file holds several.
    columns
        Field of the kind to column of the file.
    encoding, separator, geometry_column
        Of the texts and of a CSV, where they should not be found by themselves.
    territory
        ``france`` (by default), ``monde``, ``ouest,sud,est,nord`` or a layer.
    folder
        Workspace, whose ``territoire.geojson`` is the territory by default.
    mend
        Repair what has one answer; otherwise it stays an error.
    set_aside
        Keep the sound features and set the others aside.
    incomplete
        Take a file that lacks whole mandatory fields: an alert each, no error.
    blank_mandatory
        Blank a wrong value of a mandatory field too, as one that is secondary: an alert, no error.
    complete
        What :func:`artois_geo.layers.complete` returned; or a function called with the placed features
        before they are checked, to add columns (identifiers, main commune).
    limits
        What the file may cost.
    rules
        What a recipe makes of the cells, and the constants of absent fields.
    code
        Column of the partner's own code: two objects may not share one.
    state
        The layer as the workspace has it: a table without shapes takes them from there, by the key.
    identity
        Outlines that hold the declared communes against the shapes, and tolerances.
    """

    crs: str = ""
    layer: str = ""
    columns: Mapping[str, str] | None = None
    encoding: str = ""
    separator: str = ""
    geometry_column: str = ""
    territory: str = ""
    folder: Path | None = None
    mend: bool = True
    set_aside: bool = False
    incomplete: bool = False
    blank_mandatory: bool = False
    complete: Completion | Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame] | None = None
    limits: Limits | None = None
    rules: ValueRules = field(default_factory=ValueRules)
    code: str = ""
    state: gpd.GeoDataFrame | None = None
    identity: Identity | None = None


@dataclass(frozen=True)
class Stage:
    """A delivery on its way: each step takes one and returns the next."""

    name: str
    schema: Schema
    options: DeliveryOptions
    raw: RawTable  # as the file holds it
    table: RawTable  # as the steps so far made it
    findings: tuple[Finding, ...] = ()
    matches: tuple[Match, ...] = ()
    reading: str = "sans géométrie"
    in_degrees: bool = False
    placed_shapes: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=object))  # not repaired yet
    before_ha: float = 0.0
    valid: np.ndarray | None = None  # which shapes are valid, where it is known
    features: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    labels: tuple[str, ...] = ()
    copies: frozenset[int] = frozenset()  # rows that repeat another one wholly


@dataclass(frozen=True, repr=False)
class Delivery:
    """What a delivery gave: the layer, the findings, and what is set aside.

    It shows itself: a line on what became of the file, then :attr:`table`.
    """

    name: str
    schema: Schema
    features: gpd.GeoDataFrame
    findings: list[Finding]
    matches: list[Match]
    outcome: str
    reading: str
    format: str
    counted: int
    aside: tuple[int, ...] = ()  # rows of the file, from 0
    aside_texts: tuple[str, ...] = ()  # the same rows as a GeoJSON wrote them
    labels: tuple[str, ...] = ()
    before_ha: float = 0.0
    after_ha: float = 0.0
    raw: RawTable = field(default_factory=RawTable, repr=False)
    # of each kept feature, its shape in WGS 84 as it was delivered, None where it was repaired
    degrees: np.ndarray | None = field(default=None, repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """Return the findings as a table: one row each, see :meth:`rows`."""
        return findings_table(self)

    @property
    def outcome_label(self) -> str:
        """Say the outcome in French."""
        return OUTCOMES[self.outcome]

    @property
    def counts(self) -> dict[str, int]:
        """Count the objects received (``in``), kept, set aside, removed as copies; a refusal keeps none."""
        if self.outcome == "reject":
            return {"in": self.counted, "kept": 0, "set_aside": 0, "copies_removed": 0}
        objects = len(self.features)
        copies = sum(finding.rule == "objet en double" for finding in self.findings)
        return {
            "in": self.counted,
            "kept": objects,
            "set_aside": len(self.aside),
            "copies_removed": copies if objects else 0,
        }

    def summary(self) -> str:
        """Say in one line what became of the file, its objects and its findings."""
        counts = self.counts
        levels = Counter(finding.level for finding in self.findings)
        findings = ", ".join(counted(levels[level], level) for level in LEVELS if levels[level])
        objects = (
            f"{counted(counts['in'], 'objet lu', 'objets lus')}, {counted(counts['kept'], 'gardé')}, "
            f"{number(counts['set_aside'])} mis de côté"
        )
        head = f"{self.name} ({self.schema.name}) : {self.outcome_label}"
        return f"{head} ; {objects} ; {findings or 'aucun constat'}."

    def __repr__(self) -> str:
        return visible(f"<Delivery {self.summary()}>")

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the line, and the findings, those that say the same together."""
        table = pd.DataFrame(readable_findings.condensed(self.rows()), columns=COLUMNS)
        table = table.loc[:, table.map(lambda cell: not is_missing(cell)).any()]
        return tables.ShownTable(table, labels=LABELS, title=self.summary())._repr_html_()

    def rows(self) -> list[dict[str, Any]]:
        """List the findings for a report: ``feature`` by its key, its ``position`` in the file from 1."""
        return [self._row(finding) for finding in self.findings]

    def _row(self, finding: Finding) -> dict[str, Any]:
        """Return a finding as a row, with its areas where a repair may have changed them."""
        row: dict[str, Any] = {
            "feature": "" if finding.feature is None else self.labels[finding.feature - 1],
            "position": finding.feature,
            "field": finding.field,
            "rule": finding.rule,
            "level": finding.level,
            "found": short(finding.found),
            "message": re.sub(r"l'objet n° (\d+)", self._labelled, finding.message),
        }
        if finding.rule == secondary_fields.RULE:
            row["delivered"] = finding.found
        if finding.before_m2 is not None:
            row |= {
                "before_m2": finding.before_m2,
                "after_m2": finding.after_m2,
                "flagged": repairs.flagged(finding),
            }
        return row

    def _labelled(self, match: re.Match[str]) -> str:
        label = self.labels[int(match[1]) - 1]
        return f"« {label} » (n° {match[1]})" if label != f"n° {match[1]}" else match[0]


def findings_table(delivery: Delivery) -> pd.DataFrame:
    """Return the findings of a delivery as a table: one row each."""
    names = [*COLUMNS, "before_m2", "after_m2", "flagged"]
    return pd.DataFrame(delivery.rows(), columns=names).dropna(axis=1, how="all")
