"""What a file holds before anything is decided: columns as they are, shapes, and what went wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo.formats.findings import Finding
from artois_geo.text import counted

RESERVED = "geometry"


class Absent:
    """A feature that lacks a property: not the same as a null one."""

    _instance: "Absent | None" = None

    def __new__(cls) -> "Absent":
        cls._instance = cls._instance or super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False


ABSENT = Absent()


@dataclass(frozen=True)
class RawTable:
    """One table of a file, in the order of the file; a step that changes something returns another one.

    ``columns`` holds Python values as the file wrote them (texts, when the format
    has no types: ``texts``), ``ABSENT`` where a feature lacks the property.
    ``crs`` is what the file declares, ``None`` when it declares nothing, or nothing that can
    be read: ``crs_problem`` says so. ``source`` is the file read, of a delivery of several.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)  # of a table: where each row stands in the file, from 1
    shapes: Any = None  # one geometry or None a row
    crs: Any = None
    findings: tuple[Finding, ...] = ()
    members: dict[str, Any] = field(default_factory=dict)
    feature_members: dict[int, dict[str, Any]] = field(default_factory=dict)
    ids: list[Any] = field(default_factory=list)
    byte_ranges: np.ndarray | None = (
        None  # first byte of each feature in the file, and the one after its last
    )
    texts: bool = False
    format: str = "GeoJSON"
    layer: str = ""
    source: str = ""
    crs_problem: str = ""
    has_geometry: bool = True
    original: dict[str, list[Any]] = field(default_factory=dict)  # columns before anything was typed
    # what a workbook shows after the number of a cell (%, m²), by column and row from 0
    shown_suffixes: dict[str, dict[int, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.shapes)

    def __repr__(self) -> str:
        rows = counted(len(self), "ligne")
        return f"<RawTable {self.format} {self.layer} : {rows} ; {', '.join(map(str, self.columns))}>"

    def with_findings(self, findings: Iterable[Finding]) -> "RawTable":
        """Return the same table with more findings."""
        return replace(self, findings=(*self.findings, *findings))


MOST_SHARED = 2_000


class Columns:
    """Gather rows column by column; the order of the keys is that of the features."""

    def __init__(self) -> None:
        self._values: dict[str, list[Any]] = {}
        self._orders: dict[tuple[str, ...], None] = {}
        self._cells: dict[type, dict[Any, Any]] = {str: {}, float: {}}  # those that come again are one object
        self._count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row."""
        self._orders.setdefault(tuple(row))
        for name in row:
            if name not in self._values:
                self._values[name] = [ABSENT] * self._count
        self._count += 1
        for name, values in self._values.items():
            values.append(self._shared(row.get(name, ABSENT)))

    def _shared(self, value: Any) -> Any:
        cells = self._cells.get(type(value))
        if cells is None or not value:  # -0.0 is not 0.0
            return value
        shared = cells.get(value)
        if shared is None and len(cells) < MOST_SHARED:
            cells[value] = value
        return shared or value

    def ordered(self) -> dict[str, list[Any]]:
        """Return the columns in an order that agrees with every feature, where there is one."""
        sorter: TopologicalSorter[str | None] = TopologicalSorter()
        for order in self._orders:
            for previous, name in zip((None, *order), order, strict=False):
                sorter.add(name, previous)
        try:
            names = [name for name in sorter.static_order() if name is not None]
        except CycleError:
            names = list(self._values)
        return {name: self._values[name] for name in names}


def free_reserved_name(raw: RawTable) -> RawTable:
    """Give an attribute called ``geometry`` another name, and say it: a table has one column of that name."""
    if RESERVED not in raw.columns:
        return raw
    name = f"{RESERVED}_"
    while name in raw.columns:
        name += "_"
    columns = {name if old == RESERVED else old: values for old, values in raw.columns.items()}
    message = f"attribut « {RESERVED} » renommé « {name} » : une table n'a qu'une colonne de ce nom"
    finding = Finding(None, RESERVED, "nom réservé", "réparation", RESERVED, message)
    return replace(raw, columns=columns).with_findings([finding])


def frame_of(raw: RawTable) -> gpd.GeoDataFrame:
    """Build the table of the features, in the CRS that the file declares.

    What a table has no cell for travels in ``attrs``: ``members`` of the collection,
    ``feature_members`` and ``absent`` properties by label, for ``write`` to put back.
    """
    ids = raw.ids
    with_ids = bool(ids) and None not in ids and len({str(identifier) for identifier in ids}) == len(ids)
    index = pd.Index(ids, name="id") if with_ids else pd.RangeIndex(len(raw))
    labels = index.tolist()
    columns = {name: series(values, index) for name, values in raw.columns.items()}
    frame = gpd.GeoDataFrame(
        columns, index=index, geometry=gpd.GeoSeries(raw.shapes, index=index, crs=raw.crs)
    )
    frame.attrs["members"] = dict(raw.members)
    absent = {name: _labels_without(values, labels) for name, values in raw.columns.items()}
    absent = {name: without for name, without in absent.items() if without}
    if absent:
        frame.attrs["absent"] = absent
    if raw.feature_members:
        frame.attrs["feature_members"] = {
            labels[row]: members for row, members in raw.feature_members.items()
        }
    return frame


def _labels_without(values: list[Any], labels: list[Any]) -> list[Any]:
    return [label for label, value in zip(labels, values, strict=True) if value is ABSENT]


def series(values: list[Any], index: pd.Index | None = None) -> pd.Series:
    """Build a typed column that loses nothing: nulls never turn integers into floats."""
    cells = [None if value is ABSENT else value for value in values]
    types = {type(value) for value in cells if value is not None}
    if types == {bool}:
        return pd.Series(cells, index=index, dtype="boolean")
    if types == {int} and all(value is None or -(2**63) <= value < 2**63 for value in cells):
        return pd.Series(cells, index=index, dtype="Int64")
    if types in ({float}, {int, float}) and all(value is None or abs(value) <= 2**53 for value in cells):
        return pd.Series(cells, index=index, dtype="float64")
    return pd.Series(_objects(cells), index=index, dtype=object)


def _objects(values: list[Any]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
