"""The arguments of a call under their names, and each as its annotation says."""

import inspect
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Unpack, get_args, get_origin, get_type_hints

import geopandas as gpd
import numpy as np
import pandas as pd

from artois_geo.arguments.readers import Demand, read

_OFTEN = {"pd": pd, "gpd": gpd, "np": np, "date": date}  # names that a file imports for its types alone


class _Parameter(NamedTuple):
    """What a function asks for under a name."""

    annotation: Any
    default: Any


def reader(
    function: Callable[..., Any], *, shapes: Callable[..., None] | None, spread: Collection[str]
) -> Callable[..., Any]:
    """Return what reads the positions and keywords of a call of this function."""
    inner = inspect.unwrap(function)
    positions, variable, keywords = _parameters(inner)
    names = list(positions)

    def argument(name: str, value: Any, parameter: _Parameter) -> Any:
        has_default = parameter.default is not inspect.Parameter.empty
        if value is None and has_default and not _takes_none(parameter.annotation):
            return parameter.default  # as if it were not given
        return read(Demand(name, parameter.annotation, shapes, spread), value)

    def call(args: tuple[Any, ...], given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        read_args = [
            argument(name, value, positions[name])
            for name, value in zip(names, args, strict=False)  # too many: the function says so itself
        ]
        rest = args[len(names) :]
        read_args += [argument("…", value, variable) for value in rest] if variable else rest
        known = {**positions, **keywords}
        return read_args, {
            name: argument(name, value, known[name]) if name in known else value
            for name, value in given.items()
        }

    return call


def named(function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by their names."""
    positions, _, _ = _parameters(inspect.unwrap(function))
    return {**dict(zip(positions, args, strict=False)), **keywords}


def _parameters(
    function: Callable[..., Any],
) -> tuple[dict[str, _Parameter], _Parameter | None, dict[str, _Parameter]]:
    """Return what stands by position, what repeats, and what is given by keyword alone."""
    positions: dict[str, _Parameter] = {}
    keywords: dict[str, _Parameter] = {}
    variable = None
    for parameter in inspect.signature(function).parameters.values():
        annotation = _resolved(parameter.annotation, function)
        demand = _Parameter(annotation, parameter.default)
        if parameter.kind is parameter.VAR_POSITIONAL:
            variable = demand
        elif parameter.kind is parameter.VAR_KEYWORD:
            keywords |= _declared(annotation)
        elif parameter.kind is parameter.KEYWORD_ONLY:
            keywords[parameter.name] = demand
        else:
            positions[parameter.name] = demand
    return positions, variable, keywords


def _declared(annotation: Any) -> dict[str, _Parameter]:
    """Return the keywords that a ``TypedDict`` declares."""
    if get_origin(annotation) is not Unpack:
        return {}
    hints = get_type_hints(get_args(annotation)[0])
    return {name: _Parameter(hint, inspect.Parameter.empty) for name, hint in hints.items()}


def _takes_none(annotation: Any) -> bool:
    return annotation is Any or type(None) in get_args(annotation)


def _resolved(annotation: Any, function: Callable[..., Any]) -> Any:
    """Return the type that an annotation names; ``Any`` where it is imported for types alone."""
    if not isinstance(annotation, str):
        return annotation
    holder = types.SimpleNamespace(__annotations__={"argument": annotation})
    try:
        return get_type_hints(holder, globalns={**_OFTEN, **function.__globals__}, include_extras=True)[
            "argument"
        ]
    except (NameError, TypeError, AttributeError):
        return Any
