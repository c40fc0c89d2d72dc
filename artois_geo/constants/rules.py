"""Rule sets of the ZAN account: every number of the law on a given day, and a planner's own variants.

A named set (``loi-2023-630``) is ``zan.toml`` read on one day. A planner's set is
a TOML file that :func:`text` writes and :func:`read` reads back: it says what it
changes, and why; the rest comes from its base::

    [jeu]
    nom = "projet-de-scot"
    titre = "Projet de SCoT débattu en 2026"
    base = "loi-2023-630"

    [reduction_2021_2030]
    value = 0.55
    source = "Projet de SCoT, débat du 12 mai 2026"
    certainty = "incertain"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from textwrap import shorten
from types import MappingProxyType
from typing import Any

from artois_geo import constants
from artois_geo.constants import Constant
from artois_geo.errors import BadValue, UnknownName, read_toml
from artois_geo.suffixes import FilePath
from artois_geo.text import comma, constant_value

DEFAULT = "loi-2023-630"
_EDITABLE = ("value", "source", "certainty", "note", "url", "since")
_SHARES = (0.0, 1.0)


@dataclass(frozen=True, repr=False)
class RuleSet:
    """The constants of one reading of the law, by name.

    ``changed`` names those that a planner's file sets differently from ``base``.
    """

    name: str
    title: str
    on: date
    constants: Mapping[str, Constant]
    base: str = ""
    changed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Write the rule set as a reader reads it: its day, then each value with its text."""
        rows = (
            f"{name} = {constant_value(row.value, row.unit)} : {row.title}, "
            f"{shorten(row.source, 90, placeholder=' …')}"
            for name, row in self.constants.items()
        )
        return "\n".join([f"{self.name}, au {self.on:%d/%m/%Y} : {self.title}", *rows])


def names() -> list[str]:
    """List the names of the rule sets that come with the library.

    Examples
    --------
    >>> names()
    ['loi-2021-1104', 'loi-2023-630']
    """
    return sorted(_rule_sets())


def read(name_or_path: FilePath = DEFAULT, *, on: date | None = None) -> RuleSet:
    """Read a rule set by its name, or a planner's own from a TOML file.

    Parameters
    ----------
    name_or_path
        A name of :func:`names`, or the path of a file written after :func:`text`.
    on
        Day on which the law is read, never later than that of the set; the day of the set by default.

    Returns
    -------
    RuleSet
        Every constant of ``zan.toml`` that had a value on the day of the set.

    Raises
    ------
    UnknownName
        No such set, or the file sets a constant that does not exist.
    UnreadableFile
        The file is absent or is not TOML.
    BadValue
        A value of the file has the wrong type, is out of bounds, or has no source.

    Examples
    --------
    The communal guarantee came with the law of July 2023:

    >>> read("loi-2023-630").constants["communal_floor_ha"].value
    1.0
    >>> "communal_floor_ha" in read("loi-2021-1104").constants
    False
    """
    if str(name_or_path) in _rule_sets():
        return _rule_set_by_name(str(name_or_path), on)
    path = Path(name_or_path)
    if on is not None:
        raise BadValue("Un jeu écrit par vous a sa date, celle de son jeu de base : ne pas donner on=.")
    if path.suffix != ".toml":
        raise UnknownName("jeu de règles", str(name_or_path), _rule_sets())
    return _rule_set_from_file(path)


def uncertain(rules: RuleSet) -> list[str]:
    """Write one French sentence for each constant that is not to be relied on before it is verified.

    Examples
    --------
    >>> uncertain(read())[-1][:80]
    'Espacement minimal des rangées de panneaux pour l’exemption photovoltaïque : val'
    """
    return [
        f"{entry.title} : valeur incertaine ({_french_value(entry)}). {entry.note}".strip().replace("'", "’")
        for entry in rules.constants.values()
        if entry.certainty == "incertain"
    ]


def text(rules: RuleSet) -> str:
    """Write the set as a TOML file to edit: a copy that :func:`read` takes back.

    Examples
    --------
    >>> text(read()).splitlines()[4]
    'nom = "loi-2023-630-copie"'
    """
    lines = [
        "# Jeu de règles ZAN à modifier. Chaque valeur changée garde sa source et sa certitude",
        f"# ({', '.join(constants.CERTAINTIES)}). Une entrée effacée reprend la valeur du jeu de base.",
        "",
        "[jeu]",
        f"nom = {_toml(rules.name + '-copie')}",
        f"titre = {_toml(rules.title)}",
        f"base = {_toml(rules.base or rules.name)}",
    ]
    for name, entry in rules.constants.items():
        lines += ["", f"# {entry.title} ({entry.unit})", f"[{name}]", f"value = {_toml(entry.value)}"]
        lines += [f"since = {entry.since.isoformat()}", f"source = {_toml(entry.source)}"]
        lines += [f"certainty = {_toml(entry.certainty)}"]
        lines += [f"note = {_toml(entry.note)}"] if entry.note else []
    return "\n".join(lines) + "\n"


@cache
def _rule_sets() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(constants).joinpath("rule_sets.toml").read_text(encoding="utf-8"))


def _rule_set_by_name(name: str, on: date | None = None) -> RuleSet:
    entry = _rule_sets()[name]
    day = min(on or entry["on"], entry["on"])
    in_force = {}
    for constant_name in tomllib.loads(files(constants).joinpath("zan.toml").read_text(encoding="utf-8")):
        history = [constant for constant in constants.values(constant_name) if constant.since <= day]
        if history:
            in_force[constant_name] = history[-1]
    return RuleSet(name=name, title=entry["title"], on=day, constants=MappingProxyType(in_force))


def _rule_set_from_file(path: Path) -> RuleSet:
    """Read a planner's set: its base, and each constant that the file sets differently."""
    content = _parsed_file(path)
    heading = content.pop("jeu", {})
    if not isinstance(heading, dict):
        raise BadValue(f"« {path.name} » : [jeu] doit être une table (nom, titre, base).")
    base_name = str(heading.get("base", DEFAULT))
    if base_name not in _rule_sets():
        raise UnknownName("jeu de règles", base_name, _rule_sets())
    base = _rule_set_by_name(base_name)
    in_force, changed = dict(base.constants), []
    for name, row in content.items():
        if name not in in_force:
            raise UnknownName("constante", name, in_force)
        in_force[name] = _edited(in_force[name], row, path.name)
        if in_force[name].value != base.constants[name].value:
            changed.append(name)
    return RuleSet(
        name=str(heading.get("nom", path.stem)),
        title=str(heading.get("titre", f"Jeu de règles de {path.name}")),
        on=base.on,
        constants=MappingProxyType(in_force),
        base=base_name,
        changed=tuple(changed),
    )


def _parsed_file(path: Path) -> dict[str, Any]:
    return read_toml(path, "Jeu de règles illisible", f"Jeux livrés : {', '.join(names())}.")


def _edited(entry: Constant, edits: Any, file: str) -> Constant:
    """Return a constant with the value, source and certainty that a planner's file gives it."""
    location = f"« {file} », [{entry.name}]"
    if not isinstance(edits, dict) or "value" not in edits:
        raise BadValue(f"{location} : écrire au moins « value = … » et « source = … ».")
    unknown_fields = sorted(set(edits) - set(_EDITABLE) - {"title", "unit"})
    if unknown_fields:
        raise UnknownName("champ", unknown_fields[0], _EDITABLE)
    value = edits["value"]
    _check_value(entry, value, location)
    is_changed = value != entry.value
    if is_changed and not str(edits.get("source", "")).strip():
        raise BadValue(f"{location} : une valeur changée doit dire sa source (source = …).")
    certainty = edits.get("certainty", "incertain" if is_changed else entry.certainty)
    if certainty not in constants.CERTAINTIES:
        raise UnknownName("degré de certitude", str(certainty), constants.CERTAINTIES)
    since = edits.get("since", entry.since)
    if not isinstance(since, date) or isinstance(since, datetime):
        raise BadValue(f"{location} : « since » est une date, par exemple since = 2026-05-12.")
    value = float(value) if isinstance(entry.value, float) else value
    return replace(
        entry,
        value=value,
        certainty=certainty,
        since=since,
        source=str(edits.get("source", entry.source)),
        note=str(edits.get("note", entry.note if not is_changed else "")),
        url=str(edits.get("url", entry.url if not is_changed else "")),
    )


def _check_value(entry: Constant, value: Any, location: str) -> None:
    """Refuse a value of the wrong type, or out of the bounds of its unit."""
    if isinstance(entry.value, date):
        is_right_type = isinstance(value, date) and not isinstance(value, datetime)
    else:
        is_right_type = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    if not is_right_type:
        kind = "une date" if isinstance(entry.value, date) else "un nombre"
        raise BadValue(f"{location} : « value » doit être {kind} ; trouvé : {value!r}.")
    if entry.unit == "share" and not _SHARES[0] <= value <= _SHARES[1]:
        raise BadValue(f"{location} : une part s'écrit entre 0 et 1 (0.5 pour 50 %) ; trouvé : {value}.")
    if entry.unit in {"ha", "m2", "m", "days", "years"} and not 0 <= value < float("inf"):
        raise BadValue(f"{location} : attendu un nombre positif en {entry.unit} ; trouvé : {value}.")
    if entry.unit == "year" and not (isinstance(value, int) and 1900 <= value <= 2200):
        raise BadValue(f"{location} : attendu une année ; trouvé : {value}.")


def _toml(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        escaped = "".join(
            char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08X}" for char in value
        )
        return f'"{escaped}"'
    return repr(value)


def _french_value(entry: Constant) -> str:
    if isinstance(entry.value, date):
        return f"{entry.value:%d/%m/%Y}"
    unit = "" if entry.unit in {"share", "year"} else f" {entry.unit}"
    return comma(f"{entry.value:g}") + unit
