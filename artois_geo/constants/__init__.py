"""Numbers and nomenclatures taken from a text or a study, each with its date and source.

One TOML file per theme. A change in the law is a new ``values`` row, never an
edit, so that an old study still gives its old figure::

    [reduction_2021_2030]
    title = "Baisse de la consommation d'espaces 2021-2030 par rapport à 2011-2020"
    unit = "share"
    checked_on = 2026-11-22

    [[reduction_2021_2030.values]]
    since = 2021-08-25
    value = 0.5
    source = "Loi n° 2021-1104 du 22 août 2021, art. 191"
    certainty = "loi"
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from artois_geo.arguments import guard
from artois_geo.errors import BadValue, UnknownName
from artois_geo.text import constant_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CERTAINTIES",
    "Constant",
    "Defaults",
    "defaults",
    "get",
    "names",
    "table",
    "values",
]

CERTAINTIES = ("loi", "guide", "étude", "convention", "calcul", "incertain")


@dataclass(frozen=True)
class Constant:
    """A value in force from a date, and the text it comes from.

    ``certainty`` is one of ``loi`` (law or decree), ``guide`` (circular, official
    guidance), ``étude``, ``convention`` (ours or the profession's, to be confirmed),
    ``calcul`` (deduced), ``incertain`` (to be verified before it is relied on).
    """

    name: str
    title: str
    value: Any
    unit: str
    since: date
    source: str
    url: str = ""
    certainty: str = "loi"
    checked_on: date | None = None
    note: str = ""

    def __float__(self) -> float:
        """Return the value where a number is asked for."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise BadValue(
                f"« {self.name} » n'est pas un nombre : prendre .value ({type(self.value).__name__})."
            )
        return float(self.value)

    def __repr__(self) -> str:
        """Write the value as a reader reads it, and the text that it comes from."""
        return f"{self.name} = {constant_value(self.value, self.unit)} : {self.title}, {self.source}"


class Defaults(Mapping[str, Any]):
    """Values of constants by the parameter that takes each: to be handed over with ``**``, and printed.

    ``constants`` holds the constants themselves, with their dates and sources.

    Examples
    --------
    >>> from artois_geo.constants import defaults
    >>> from datetime import date
    >>> rates = defaults({"reduction_share": "reduction_2021_2030"}, on=date(2026, 1, 1))
    >>> dict(rates)
    {'reduction_share': 0.5}
    >>> rates.constants[0].source.startswith("Loi")
    True
    """

    def __init__(self, entries: Mapping[str, Constant]) -> None:
        self._entries = dict(entries)

    @property
    def constants(self) -> tuple[Constant, ...]:
        """Return the constants, in the order of the parameters."""
        return tuple(self._entries.values())

    def only(self, *parameters: str) -> "Defaults":
        """Return those of some parameters.

        Raises
        ------
        UnknownName
            A parameter that is not among them.
        """
        for name in parameters:
            if name not in self._entries:
                raise UnknownName("seuil", name, self._entries)
        return Defaults({name: self._entries[name] for name in parameters})

    def __getitem__(self, parameter: str) -> Any:
        if parameter not in self._entries:
            raise UnknownName("seuil", parameter, self._entries)
        return self._entries[parameter].value

    def __contains__(self, parameter: object) -> bool:
        return parameter in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        rows = self._entries.items()
        return "\n".join(
            f"{name} = {constant_value(row.value, row.unit)} : {row.title}, {row.source}"
            for name, row in rows
        )


def defaults(parameters: Mapping[str, str], *, on: date | None = None) -> Defaults:
    """Return the constants that parameters take by default, in force on a day.

    Parameters
    ----------
    parameters
        Parameter -> name of its constant.
    on
        Day for which the values are wanted; today by default.

    Raises
    ------
    UnknownName, BadValue
        As :func:`get`.

    Examples
    --------
    >>> from artois_geo.constants import defaults
    >>> from datetime import date
    >>> defaults({"rate": "reduction_2021_2030"}, on=date(2026, 1, 1))["rate"]
    0.5
    """
    day = on or date.today()
    return Defaults({name: get(constant, on=day) for name, constant in parameters.items()})


def names() -> list[str]:
    """List the names of all constants, in alphabetical order.

    Examples
    --------
    >>> from artois_geo.constants import names
    >>> names() == sorted(names())
    True
    """
    return sorted(_entries())


def get(name: str, *, on: date) -> Constant:
    """Return the value of a constant in force on a day.

    Parameters
    ----------
    name
        Name of the constant, see :func:`names`.
    on
        Day for which the value is wanted: the last row not later than it is taken.

    Raises
    ------
    UnknownName
        No such constant; the message offers the nearest names.
    BadValue
        The constant had no value yet on that day.

    Examples
    --------
    >>> from artois_geo.constants import get
    >>> from datetime import date
    >>> get("reduction_2021_2030", on=date(2026, 1, 1)).value
    0.5
    """
    history = values(name)
    past = [constant for constant in history if constant.since <= on]
    if not past:
        raise BadValue(
            f"La constante « {name} » n'a pas de valeur avant le {history[0].since:%d/%m/%Y}"
            f" (date demandée : {on:%d/%m/%Y})."
        )
    return past[-1]


def values(name: str) -> list[Constant]:
    """List every value a constant has had, oldest first.

    Examples
    --------
    >>> from artois_geo.constants import values
    >>> [constant.unit for constant in values("reduction_2021_2030")]
    ['share']
    """
    entries = _entries()
    if name not in entries:
        raise UnknownName("constante", name, entries)
    entry = entries[name]
    shared = {key: entry[key] for key in ("title", "unit", "checked_on") if key in entry}
    rows = [Constant(name=name, **(shared | row)) for row in entry["values"]]
    return sorted(rows, key=lambda constant: constant.since)


def table(name: str) -> "pd.DataFrame":
    """Read a nomenclature: one CSV beside this file, as text columns unless ``tables.toml`` says otherwise.

    Parameters
    ----------
    name
        Name of an entry of ``tables.toml``.

    Returns
    -------
    DataFrame
        ``attrs["source"]`` says where it comes from.

    Raises
    ------
    UnknownName
        No such table; the message offers the nearest names.

    Examples
    --------
    >>> from artois_geo.constants import table
    >>> len(table("ocsge_artif"))
    280
    """
    import pandas as pd  # here, so that rules and their names are read without it

    described = _tables()
    if name not in described:
        raise UnknownName("nomenclature", name, described)
    entry = described[name]
    with files(__name__).joinpath(entry["file"]).open(encoding="utf-8") as stream:
        frame = pd.read_csv(stream, dtype=str, keep_default_na=False)
    for column, kind in entry.get("types", {}).items():
        frame[column] = frame[column].astype(kind)
    frame.attrs["source"] = entry["source"]
    return frame


@cache
def _entries() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for path in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if path.name.endswith(".toml") and path.name not in {"tables.toml", "rule_sets.toml"}:
            entries |= tomllib.loads(path.read_text(encoding="utf-8"))
    return entries


@cache
def _tables() -> dict[str, dict[str, Any]]:
    path = files(__name__).joinpath("tables.toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
