"""Columns of results have the type of what they hold, in every public function that returns a table."""

import doctest
import importlib
import inspect
import sys
from collections.abc import Iterator
from datetime import date
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import artois_geo
from artois_geo import vocabulary

WITHOUT = ("cli", "fluvial")  # a command line, and a former name
SLOW = ("packs", "sheets", "sources")  # their tables are those of the analyses; with `long` they run too
# a day, or « après 2030 »: words that stand for a day beyond the decade
MIXED = {("zan.trajectory", "exhausted_on")}
# two of them take a live folder or a catalogue; the third hands over frames by name
WITHOUT_EXAMPLE = {"deliveries.completer", "example.layers", "packs.by_thing", "packs.with_study"}
FIGURE = ("_ha", "_m", "_m2", "_km", "_km2", "_share", "_years", "_per_year", "_min", "_t", "_count")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def functions(rooms: list[str]) -> dict[CodeType, tuple[str, Any]]:
    """Return the public functions that say they return a table, by their code."""
    public: dict[CodeType, tuple[str, Any]] = {}
    for room in rooms:
        module = importlib.import_module(f"artois_geo.{room}")
        for name in module.__all__:
            function = inspect.unwrap(getattr(module, name))
            if inspect.isfunction(function) and "DataFrame" in str(function.__annotations__.get("return")):
                public[function.__code__] = (f"{room}.{name}", function)
    return public


def tables(returned: Any) -> Iterator[pd.DataFrame]:
    if isinstance(returned, pd.DataFrame):
        yield returned
    elif isinstance(returned, tuple):
        for part in returned:
            yield from tables(part)


def returned_by(public: dict[CodeType, tuple[str, Any]]) -> dict[str, list[pd.DataFrame]]:
    """Run the example of each function and keep every table that any of them returned."""
    tables_by_name: dict[str, list[pd.DataFrame]] = {}

    def keep(frame: FrameType, event: str, returned: Any) -> None:
        if event == "return" and frame.f_code in public:
            tables_by_name.setdefault(public[frame.f_code][0], []).extend(tables(returned))

    finder = doctest.DocTestFinder(recurse=False)
    for name, function in public.values():
        namespace = dict(vars(sys.modules[function.__module__]))
        for example in finder.find(function, name, globs=namespace):
            sys.setprofile(keep)
            try:
                doctest.DocTestRunner(verbose=False, optionflags=OPTIONS).run(example, out=lambda _: None)
            finally:
                sys.setprofile(None)
    return tables_by_name


def faults(name: str, table: pd.DataFrame) -> Iterator[str]:
    """Say which columns are not of the type of what they hold."""
    for column in table.columns:
        series = table[column]
        if series.dtype != object:
            continue
        kinds = {type(value) for value in series if not (value is None or value is pd.NA or value != value)}
        if kinds & {int, float, bool, date, np.int64, np.float64} and (name, column) not in MIXED:
            yield f"{name}: {column} holds {sorted(kind.__name__ for kind in kinds)} as object"
        entry = vocabulary.known(str(column))
        is_figure = str(column).endswith(FIGURE) or (
            entry is not None and entry.unit in ("ha", "m²", "km", "m")
        )
        if len(series) and not kinds and is_figure:
            yield f"{name}: {column} is a figure, null everywhere, as object"


@pytest.mark.parametrize(
    "rooms",
    [
        sorted(set(artois_geo.ROOMS) - {*WITHOUT, *SLOW}),
        pytest.param(list(SLOW), marks=pytest.mark.long),
    ],
    ids=["analyses", "editions"],
)
def test_numbers_days_and_unknowns_have_their_type(rooms: list[str]) -> None:
    public = functions(rooms)
    tables_by_name = returned_by(public)
    assert {name for name, _ in public.values()} - set(tables_by_name) <= WITHOUT_EXAMPLE
    wrong = {
        fault
        for name, several in tables_by_name.items()
        for table in several
        for fault in faults(name, table)
    }
    assert sorted(wrong) == []
