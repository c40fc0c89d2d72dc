"""What makes a record of the library: a function of its room that returns it, else its own fields."""

import inspect
import sys
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

#: Packages whose objects are told apart by their class, and what gives one.
PACKAGES = {
    "artois_geo": "",
    "shapely": "couche.geometry.iloc[0], une géométrie",
    "pyproj": "couche.crs, un système",
    "folium": "maps.build(couche)",
}


def advice(record: Any, argument: str) -> str:
    """Write what to give instead."""
    return f"{argument}={PACKAGES[record.__module__.partition('.')[0]] or call(record)}"


def name(kind: Any) -> str:
    """Name a record of the library with its room; an empty text for anything else."""
    module = str(getattr(kind, "__module__", ""))
    is_record = isinstance(kind, type) and module.startswith("artois_geo.")
    return f"{module.split('.')[1]}.{kind.__name__}" if is_record else ""


def call(record: type) -> str:
    """Write the call that makes a record of the library."""
    name, room = record.__name__, record.__module__.split(".")[1]
    makers = [maker for maker in _functions(room) if _returns(maker, record)]
    if makers:
        return f"{room}.{_call(makers[0])}"
    if is_dataclass(record):
        needed = [field.name for field in fields(record) if field.default is MISSING and field.init]
        needed = [field for field in needed if not field.startswith("_")] or [fields(record)[0].name]
        return f"{room}.{name}({', '.join(f'{field}=…' for field in needed)})"
    return f"{room}.{name}(…)"


def _functions(room: str) -> list[Any]:
    module = sys.modules[f"artois_geo.{room}"]
    offered = [vars(module).get(name) for name in getattr(module, "__all__", ())]
    return [function for function in offered if inspect.isfunction(function)]


def _returns(function: Any, record: Any) -> bool:
    annotation = inspect.signature(function).return_annotation
    return record.__name__ in (annotation, getattr(annotation, "__name__", ""))


def _call(maker: Any) -> str:
    """Write the call of a function with what it cannot go without."""
    empty = inspect.Parameter.empty
    parameters = [
        parameter
        for parameter in inspect.signature(maker).parameters.values()
        if parameter.default is empty
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    words = [
        f"{parameter.name}=…" if parameter.kind is parameter.KEYWORD_ONLY else parameter.name
        for parameter in parameters
    ]
    return f"{maker.__name__}({', '.join(words)})"
