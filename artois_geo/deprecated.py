"""What version 0.1.0 offered under another name: it answers for one more version, with a warning."""

import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

_PACKAGE = f"{__name__.partition('.')[0]}."
_Record = TypeVar("_Record")
_Parameters = ParamSpec("_Parameters")
_Answer = TypeVar("_Answer")


def renamed(module_name: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module that answers to old names, with a ``DeprecationWarning``.

    Parameters
    ----------
    module_name
        ``__name__`` of the module.
    names
        Old name -> new name in the same module, or full name (``artois_geo.room.name``) in another.

    Examples
    --------
    >>> old_names = renamed("artois_geo.measure", {"hectares": "area_ha"})
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     old_names("hectares").__name__
    'area_ha'
    """

    def lookup(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module_name!r} has no attribute {name!r}")
        module, _, member = names[name].rpartition(".")
        message = f"{module_name}.{name} s'appelle désormais {module or module_name}.{member}."
        warn(message)
        return getattr(import_module(module) if module else sys.modules[module_name], member)

    return lookup


def warn(message: str) -> None:
    """Warn of an old name at the line outside the package that uses it, however many of ours lie between.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warn("land.fit s'appelle désormais land.available.")
    >>> caught[0].category.__name__
    'DeprecationWarning'
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, stacklevel=level)


def gathered(
    record: type[_Record], given: _Record | None, keywords: Mapping[str, Any], *, function: str
) -> _Record:
    """Return the record of a call, made of the keywords that were its fields in version 0.1.0 if need be.

    Parameters
    ----------
    record
        Frozen dataclass that gathers what used to be keywords of a function.
    given
        The record that the caller gave, if any.
    keywords
        All other keywords of the call (``**keywords``).
    function
        Name of the function and of its parameter, as the warning writes them: ``zan.flux(coverage=)``.

    Raises
    ------
    TypeError
        A keyword is no field of the record, a field that has no default is absent, or the call gives
        the record and its fields too.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Years:
    ...     first: int
    ...     last: int
    >>> gathered(Years, Years(2011, 2020), {}, function="flows(years=)")
    Years(first=2011, last=2020)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     gathered(Years, None, {"first": 2011, "last": 2020}, function="flows(years=)")
    Years(first=2011, last=2020)
    """
    if not keywords:
        return record() if given is None else given
    unexpected = set(keywords) - {field.name for field in fields(record)}  # type: ignore[arg-type]
    if unexpected:
        raise TypeError(f"{function} got an unexpected keyword argument {min(unexpected)!r}")
    if given is not None:
        raise TypeError(f"{function} got {record.__name__} and {min(keywords)!r}")
    message = f"artois_geo.{function} : {', '.join(sorted(keywords))} se donnent par {record.__name__}."
    warn(message)
    return record(**keywords)


def renamed_keywords(
    function_name: str, **names: str | tuple[str, ...]
) -> Callable[[Callable[_Parameters, _Answer]], Callable[_Parameters, _Answer]]:
    """Accept the old names of the keywords of a function, with a ``DeprecationWarning``.

    Parameters
    ----------
    function_name
        Room and name of the function, as the warning writes them: ``corridors.balance``.
    names
        New keyword = old keyword, or those whose values it now takes together, in order.

    Raises
    ------
    TypeError
        A call gives a keyword by both names, or only some of those that became one.

    Examples
    --------
    >>> @renamed_keywords("zan.consumption", key="cle", years=("first_year", "last_year"))
    ... def consumption(*, key, years):
    ...     return key, years
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     consumption(cle="epci", first_year=2011, last_year=2020)
    ('epci', (2011, 2020))
    """

    def decorate(function: Callable[_Parameters, _Answer]) -> Callable[_Parameters, _Answer]:
        @wraps(function)
        def call(*args: _Parameters.args, **keywords: _Parameters.kwargs) -> _Answer:
            current: dict[str, Any] = dict(keywords)
            for new, old in names.items():
                old_names = (old,) if isinstance(old, str) else old
                present = [name for name in old_names if name in current]
                if not present:
                    continue
                if new in current or len(present) < len(old_names):
                    raise TypeError(f"{function_name}() needs {new}, not some of {', '.join(old_names)}")
                values = tuple(current.pop(name) for name in old_names)
                current[new] = values[0] if isinstance(old, str) else values
                message = f"artois_geo.{function_name} : {', '.join(old_names)} s'écrit désormais {new}."
                warn(message)
            return function(*args, **current)

        return call

    return decorate
