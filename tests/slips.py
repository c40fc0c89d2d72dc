"""Usual slips of a call, and the calls that the examples of docstrings make."""

import doctest
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo import constants

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
RATE = constants.get("reduction_2021_2030", on=date(2026, 11, 30))
WORD = "zzz"


class Call(NamedTuple):
    """A call that works: the function, its arguments by name, those that repeat, other keywords."""

    function: Callable[..., Any]
    arguments: dict[str, Any]
    repeated: tuple[Any, ...]
    keywords: dict[str, Any]

    def again(self, name: str, value: Any) -> Any:
        """Call the function with one argument replaced."""
        arguments = {**self.arguments, name: value}
        parameters = inspect.signature(self.function).parameters.values()
        by_keyword = {p.name: arguments[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}
        positions = [arguments[p.name] for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        extra = {key: value if key == name else old for key, old in self.keywords.items()}
        return self.function(*positions, *self.repeated, **by_keyword, **extra)


def examples(room: str, handle: Callable[[str, Call], None]) -> None:
    """Run the example of each function that a room offers; hand over the first call that it makes."""
    module = importlib.import_module(f"artois_geo.{room}")
    for name in module.__all__:
        function = getattr(module, name)
        inner = inspect.unwrap(function)
        if inspect.isfunction(inner):
            _run(f"{room}.{name}", function, inner, handle)


def _run(name: str, function: Any, inner: Any, handle: Callable[[str, Call], None]) -> None:
    waiting = [True]

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is inner.__code__ and waiting:
            waiting.clear()
            sys.setprofile(None)
            handle(name, _call(function, frame))

    namespace = dict(vars(sys.modules[inner.__module__]))
    for example in doctest.DocTestFinder(recurse=False).find(inner, name, globs=namespace):
        sys.setprofile(profile)
        try:
            doctest.DocTestRunner(verbose=False, optionflags=OPTIONS).run(example, out=lambda _: None)
        finally:
            sys.setprofile(None)


def _call(function: Any, frame: Any) -> Call:
    info = inspect.getargvalues(frame)
    repeated = tuple(info.locals[info.varargs]) if info.varargs else ()
    keywords = dict(info.locals[info.keywords]) if info.keywords else {}
    return Call(function, {name: info.locals[name] for name in info.args}, repeated, keywords)


def natural(value: Any) -> Iterator[tuple[str, Any]]:
    """List what people give instead of a value of this kind."""
    for kinds, several in _SLIPS:
        if isinstance(value, kinds):
            yield from several(value)
            return


def _features(value: gpd.GeoDataFrame) -> Iterator[tuple[str, Any]]:
    yield "liste", [value]
    yield "série de formes", value.geometry
    yield "sans géométrie", pd.DataFrame(value.drop(columns=value.geometry.name))
    yield "degrés", value.to_crs(4326) if value.crs else value
    yield "chemin", "sites.geojson"
    yield "vide", value.iloc[:0]
    yield from _columns(value)


def _table(value: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    yield "dictionnaire", {"a": value}
    yield "rien", None
    yield "vide", value.iloc[:0]
    yield from _columns(value)


def _columns(value: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    shape = value.geometry.name if isinstance(value, gpd.GeoDataFrame) else None
    names = [name for name in value.columns if name != shape]
    for name in names[:3]:
        yield f"sans {name}", value.drop(columns=name)
    figures = [name for name in names if pd.api.types.is_numeric_dtype(value[name])]
    for name in figures[:2]:
        yield f"texte dans {name}", value.assign(**{str(name): ["12,5"] * len(value)})


def _text(value: str) -> Iterator[tuple[str, Any]]:
    yield "liste", [value]
    yield "nombre", 3
    yield "inconnu", WORD


def _number(value: float) -> Iterator[tuple[str, Any]]:
    yield "texte", "12,5"
    yield "constante", RATE
    yield "négatif", -1
    yield "NaN", float("nan")
    yield "liste", [value]


def _day(value: date) -> Iterator[tuple[str, Any]]:
    yield "texte", value.isoformat()
    yield "horodate", datetime(value.year, value.month, value.day)


def _mapping(value: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    yield "liste", list(value)
    yield "texte", WORD


def _list(value: Any) -> Iterator[tuple[str, Any]]:
    items = list(value)
    yield "dictionnaire", {"a": 1}
    if items:
        yield "sans liste", items[0]
    if items and isinstance(items[0], int):
        yield "années en texte", tuple(map(str, items))


def _record(_: Any) -> Iterator[tuple[str, Any]]:
    yield "texte", WORD
    yield "dictionnaire", {"a": 1}


_SLIPS: tuple[tuple[Any, Callable[[Any], Iterator[tuple[str, Any]]]], ...] = (
    (gpd.GeoDataFrame, _features),
    (pd.DataFrame, _table),
    (pd.Series, lambda value: iter([("liste", list(value)), ("tableau", value.to_frame()), ("texte", WORD)])),
    (bool, lambda _: iter([("texte", "oui")])),
    (str, _text),
    (Path, lambda value: iter([("texte", str(value)), ("liste", [value])])),
    ((int, float, np.number), _number),
    (date, _day),
    (Mapping, _mapping),
    (np.ndarray, lambda value: iter([("liste", list(value)), ("rien", None)])),
    ((list, tuple, set, frozenset), _list),
    (type(None), lambda _: iter(())),
    (object, _record),
)
