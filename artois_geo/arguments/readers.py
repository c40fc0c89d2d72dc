"""What an argument becomes, by the kind that its annotation asks for: itself, what it means, or a refusal."""

import contextlib
import math
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo.arguments import UNKNOWN, records
from artois_geo.arguments.frames import require_frame
from artois_geo.arguments.words import given, is_positive, literal
from artois_geo.errors import ArtoisGeoError, BadTable, BadValue
from artois_geo.languages import require
from artois_geo.text import decimal_point, digits

_SINGLE = (str, bytes, pd.DataFrame, pd.Series, np.ndarray)


class Demand(NamedTuple):
    """What a call must give under a name; ``shapes`` checks its features, ``spread`` names those of Dask."""

    name: str
    kind: Any
    shapes: Callable[..., None] | None = None
    spread: Collection[str] = ()

    def of(self, kind: Any, name: str = "") -> "Demand":
        """Ask for a part of it."""
        return self._replace(kind=kind, name=name or self.name)


def read(demand: Demand, value: Any) -> Any:
    """Return the argument as the function takes it.

    Raises
    ------
    BadTable
        A frame is asked for, and this is none.
    BadValue
        Anything else that is not of the kind asked for; the message says what to write.
    """
    kind = _plain_kind(demand.kind)
    origin = get_origin(kind) or kind
    if origin is Annotated:
        kind, *marks = get_args(kind)
        return value if UNKNOWN in marks and _is_nan(value) else read(demand.of(kind), value)
    if origin in (Union, types.UnionType):
        return _alternative(demand, get_args(kind), value)
    if origin is Literal:
        return _choice(demand, get_args(kind), value)
    if not isinstance(origin, type) or origin is object or origin is type:
        return value
    reader = next((reader for kinds, reader in _READERS if issubclass(origin, kinds)), _record)
    return reader(demand.of(kind), value)


def _plain_kind(kind: Any) -> Any:
    """Return what a type variable, or an alias, stands for."""
    if isinstance(kind, TypeVar):
        return reduce(or_, kind.__constraints__) if kind.__constraints__ else kind.__bound__
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if hasattr(origin, "__value__"):  # an alias, as NumPy writes its arrays from Python 3.12 on
        return origin.__value__[parts] if parts else origin.__value__
    return kind


def _alternative(demand: Demand, kinds: tuple[Any, ...], value: Any) -> Any:
    """Return the argument as the kind that it already is, else as the first that can read it.

    What holds several things is left to the function, which names each of them better.
    """
    if value is None and type(None) in kinds:
        return None
    several = [kind for kind in kinds if kind is not type(None)]
    current = [kind for kind in several if _is_already(kind, value)]
    is_of_several = len(several) > 1 and bool(current) and all(map(_holds_several, current))
    if Any in several or is_of_several:
        return value
    refusals = []
    for kind in current or several:
        try:
            return read(demand.of(kind), value)
        except ArtoisGeoError as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return value


def _holds_several(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Iterable) and not issubclass(origin, _SINGLE)


def _is_already(kind: Any, value: Any) -> bool:
    origin = get_origin(kind) or kind
    if getattr(origin, "_is_protocol", False):  # what lacks a part of it is for the function to say
        names = [name for name in (*vars(origin), *origin.__annotations__) if name[0] != "_"]
        return any(hasattr(value, name) for name in names)
    try:
        is_text_for_list = isinstance(value, str) and _holds_several(kind)
        return isinstance(value, origin) and not is_text_for_list
    except TypeError:
        return False


def _refusal(demand: Demand, expected: str, value: Any, advice: str) -> BadValue:
    return BadValue(f"« {demand.name} » attend {expected} (reçu : {given(value)}).\nÉcrire {advice}.")


def _choice(demand: Demand, choices: tuple[Any, ...], value: Any) -> Any:
    """Return one of the values that are declared; an unknown text is for the function to name."""
    if isinstance(value, str):
        return value
    names = " ou ".join(f"{demand.name}={literal(choice)}" for choice in choices)
    raise _refusal(demand, "un de ses mots", value, names)


def _text(demand: Demand, value: Any) -> str:
    if isinstance(value, str):
        return require(value) if demand.name == "lang" else value
    single = value[0] if isinstance(value, list | tuple) and value else value
    word = single if isinstance(single, str | int | float) else "…"
    raise _refusal(demand, "un texte", value, f'{demand.name}="{word}"')


def _bytes(demand: Demand, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    raise _refusal(demand, "des octets", value, "Path(fichier).read_bytes()")


def _path(demand: Demand, value: Any) -> Any:
    if isinstance(value, str) and demand.kind is Path:
        return Path(value)
    if isinstance(value, PathLike):
        return value
    raise _refusal(demand, "un chemin", value, f'{demand.name}="dossier/fichier"')


def _truth(demand: Demand, value: Any) -> bool:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise _refusal(demand, "vrai ou faux", value, f"{demand.name}=True ou {demand.name}=False")


def _number(demand: Demand, value: Any) -> float:
    """Return a number that makes sense under this name: a size is not negative, a share is at most 1."""
    name, is_whole = demand.name, issubclass(demand.kind, int)
    expected = "un nombre entier" if is_whole else "un nombre"
    number = _as_number(demand, expected, value)
    is_unknown = math.isnan(number) and "[" not in name  # in a list, what is not known may stand
    if is_unknown or (is_whole and number != int(number)):
        raise _refusal(demand, expected, value, f"{name}=12")
    if number < 0 and is_positive(name):
        raise _refusal(demand, f"{expected} positif", value, f"{name}={literal(-number)}")
    if number > 1 and name.endswith("_share"):
        percent = number if number <= 100 else 50
        advice = f"{name}={round(percent / 100, 8):g} pour {digits(percent)} %"
        raise _refusal(demand, "une part, de 0 à 1", value, advice)
    return int(number) if is_whole else number


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and math.isnan(value)


def _as_number(demand: Demand, expected: str, value: Any) -> float:
    advice = f"{demand.name}=12.5"
    if isinstance(value, str):
        plain = decimal_point(value)
        with contextlib.suppress(ValueError):
            advice = f"{demand.name}={float(plain):g}, sans guillemets"
    elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return value  # type: ignore[return-value]
    elif hasattr(type(value), "__float__") and not isinstance(value, pd.Series | np.ndarray):
        return float(value)  # a constant
    raise _refusal(demand, expected, value, advice)


def _day(demand: Demand, value: Any) -> date:
    if isinstance(value, datetime) and value == value:
        return value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    advice = "date(2026, 1, 31), après from datetime import date"
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            day = date.fromisoformat(value)
            advice = f"date({day.year}, {day.month}, {day.day}), après from datetime import date"
    raise _refusal(demand, "un jour", value, f"{demand.name}={advice}")


def _pair(demand: Demand, value: Any) -> tuple[Any, ...]:
    """Return a tuple of a known length, such as the two years of a period, or of any."""
    kinds = get_args(demand.kind)
    if not kinds or kinds[-1] is Ellipsis:
        return tuple(_list(demand, value))
    is_period = demand.name.endswith("years") and len(kinds) == 2
    expected = "une première et une dernière année" if is_period else f"{len(kinds)} valeurs"
    words = _years(value) if is_period else _values(kinds)
    if not isinstance(value, list | tuple) or len(value) != len(kinds):
        raise _refusal(demand, expected, value, f"{demand.name}=({words})")
    if str not in kinds and str in map(type, value):
        raise _refusal(demand, expected, value[0], f"{demand.name}=({words}), sans guillemets")
    parts = tuple(read(demand.of(kind), part) for kind, part in zip(kinds, value, strict=True))
    if is_period and None not in parts and parts[0] > parts[1]:
        raise _refusal(
            demand, expected, value, f"{demand.name}=({parts[1]}, {parts[0]}), la première d'abord"
        )
    return parts


def _values(kinds: tuple[Any, ...]) -> str:
    return ", ".join("2011" if kind is int else "…" for kind in kinds)


def _years(value: Any) -> str:
    """Write the two years that a call seems to mean."""
    texts = value if isinstance(value, list | tuple) else str(value).split("-")
    if isinstance(value, range) and len(value):
        texts = [str(value[0]), str(value[-1])]
    years = [str(text) for text in texts if str(text).isdigit()]
    return ", ".join(years) if len(years) == 2 else "2011, 2020"


def _list(demand: Demand, value: Any) -> Any:
    """Return a list of things; one alone is a list of one."""
    kind = next(iter(get_args(demand.kind)), Any)
    record = records.name(kind)
    if value is None or isinstance(value, Mapping) or (isinstance(value, str) and not _takes(kind, str)):
        raise _list_refusal(demand, kind, value)
    value = [value] if record and _is_already(kind, value) else _several(value, kind)
    if record and not all(_is_already(kind, part) for part in value):
        raise _list_refusal(demand, kind, value)
    parts = [read(demand.of(kind, f"{demand.name}[{row}]"), part) for row, part in enumerate(value)]
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    return tuple(parts) if isinstance(value, tuple) else parts


def _several(value: Any, kind: Any) -> Any:
    """Return things in a list: one alone too, names of a set in their order, a generator read once."""
    if _is_single(value):
        return [value]
    if isinstance(value, set | frozenset):
        return sorted(value) if _takes(kind, str) else list(value)
    return value if isinstance(value, list | tuple) else list(value)


def _is_single(value: Any) -> bool:
    return isinstance(value, str | PathLike | pd.DataFrame) or not isinstance(value, Iterable)


def _list_refusal(demand: Demand, kind: Any, value: Any) -> BadValue:
    record = records.name(kind)
    if record:
        advice = f"{demand.name}=[{records.call(kind)}, …]"
        return _refusal(demand, f"une liste de {record}", value, advice)
    advice = f'{demand.name}=["…"]' if _takes(kind, str) else f"{demand.name}=[…]"
    return _refusal(demand, "une liste", value, advice)


def _takes(kind: Any, wanted: type) -> bool:
    return kind is wanted or kind is Any or wanted in get_args(kind)


def _mapping(demand: Demand, value: Any) -> Any:
    """Return a dictionary, each of its values read; a series is one."""
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if not isinstance(value, Mapping):
        pairs = isinstance(value, list | tuple) and all(isinstance(part, tuple) for part in value) and value
        advice = f"{demand.name}=dict({demand.name})" if pairs else f'{demand.name}={{"…": …}}'
        raise _refusal(demand, "un dictionnaire", value, advice)
    kind = next(iter(get_args(demand.kind)[1:]), Any)
    parts = {key: read(demand.of(kind, f'{demand.name}["{key}"]'), part) for key, part in value.items()}
    return value if all(parts[key] is value[key] for key in value) else parts


def _features(demand: Demand, value: Any) -> Any:
    """Return a frame of features; a series of shapes is one, without columns."""
    if isinstance(value, gpd.GeoSeries):
        value = gpd.GeoDataFrame(geometry=value)
    if demand.name in demand.spread and hasattr(value, "to_delayed"):
        return value
    require_frame(demand.name, value)
    if demand.shapes is not None:
        demand.shapes(**{demand.name: value})
    return value


def _table(demand: Demand, value: Any) -> Any:
    require_frame(demand.name, value, plain=True)
    return value


def _column(demand: Demand, value: Any) -> Any:
    if isinstance(value, pd.Series):
        return value
    if isinstance(value, gpd.GeoDataFrame) and issubclass(demand.kind, gpd.GeoSeries):
        return value.geometry
    if isinstance(value, pd.DataFrame):
        first = next(iter(value.columns), "…")
        raise BadTable(
            f"« {demand.name} » attend une colonne, pas un tableau.\n"
            f"Écrire par exemple {demand.name}=tableau[{literal(first)}]."
        )
    raise BadTable(
        f"« {demand.name} » attend une colonne, Series (reçu : {given(value)}).\n"
        f'Écrire tableau["colonne"], ou pd.Series(valeurs, index=tableau.index).'
    )


def _array(demand: Demand, value: Any) -> Any:
    """Return an array of NumPy, made of what holds as many things."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, gpd.GeoDataFrame):
        return value.geometry.to_numpy()
    if isinstance(value, pd.Series):
        return value.to_numpy()
    if isinstance(value, list | tuple):
        parts = np.empty(len(value), dtype=object)
        parts[:] = value
        return parts if "object" in str(demand.kind) else np.array(value)
    raise _refusal(demand, "un tableau NumPy", value, "couche.geometry.to_numpy()")


def _called(demand: Demand, value: Any) -> Any:
    if callable(value):
        return value
    raise _refusal(demand, "une fonction", value, f"{demand.name}=print, par exemple")


def _record(demand: Demand, value: Any) -> Any:
    """Return a record of the library, or say what makes one."""
    package = demand.kind.__module__.partition(".")[0]
    if _is_already(demand.kind, value) or package not in records.PACKAGES:
        return value
    advice = records.advice(demand.kind, demand.name)
    raise _refusal(demand, f"un objet {demand.kind.__name__}", value, advice)


_READERS: tuple[tuple[Any, Callable[[Demand, Any], Any]], ...] = (
    (bool, _truth),
    (bytes, _bytes),
    (str, _text),
    (int | float, _number),
    (date, _day),
    (Path, _path),
    (PathLike, _path),
    (gpd.GeoDataFrame, _features),
    (pd.DataFrame, _table),
    (pd.Series, _column),
    (np.ndarray, _array),
    (tuple, _pair),
    (Mapping, _mapping),
    (Callable, _called),
    (Iterable, _list),
)
