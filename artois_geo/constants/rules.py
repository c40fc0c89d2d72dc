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
from types import MappingProxyType
from typing import Any

from artois_geo import constants
from artois_geo.constants import Constant
from artois_geo.errors import BadValue, UnknownName, read_toml

DEFAULT = "loi-2023-630"
_EDITABLE = ("value", "source", "certainty", "note", "url", "since")
_SHARES = (0.0, 1.0)


@dataclass(frozen=True)
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


def names() -> list[str]:
    """Names of the rule sets that come with the library.

    Examples
    --------
    >>> names()
    ['loi-2021-1104', 'loi-2023-630']
    """
    return sorted(_named())


def read(name_or_path: str | Path = DEFAULT) -> RuleSet:
    """A rule set by its name, or a planner's own from a TOML file.

    Parameters
    ----------
    name_or_path
        A name of :func:`names`, or the path of a file written after :func:`text`.

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
    if str(name_or_path) in _named():
        return _named_set(str(name_or_path))
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise UnknownName("jeu de règles", str(name_or_path), _named())
    return _own_set(path)


def uncertain(rules: RuleSet) -> list[str]:
    """One French sentence for each constant that is not to be relied on before it is verified.

    Examples
    --------
    >>> uncertain(read())[-1][:80]
    'Espacement minimal des rangées de panneaux pour l’exemption photovoltaïque : val'
    """
    return [
        f"{entry.title} : valeur incertaine ({_french(entry)}). {entry.note}".strip().replace("'", "’")
        for entry in rules.constants.values()
        if entry.certainty == "incertain"
    ]


def text(rules: RuleSet) -> str:
    """The set as a TOML file to edit: a copy that :func:`read` takes back.

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
def _named() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(constants).joinpath("rule_sets.toml").read_text(encoding="utf-8"))


def _named_set(name: str) -> RuleSet:
    entry = _named()[name]
    day = entry["on"]
    held = {}
    for known in tomllib.loads(files(constants).joinpath("zan.toml").read_text(encoding="utf-8")):
        history = [constant for constant in constants.values(known) if constant.since <= day]
        if history:
            held[known] = history[-1]
    return RuleSet(name=name, title=entry["title"], on=day, constants=MappingProxyType(held))


def _own_set(path: Path) -> RuleSet:
    content = _content(path)
    head = content.pop("jeu", {})
    if not isinstance(head, dict):
        raise BadValue(f"« {path.name} » : [jeu] doit être une table (nom, titre, base).")
    base_name = str(head.get("base", DEFAULT))
    if base_name not in _named():
        raise UnknownName("jeu de règles", base_name, _named())
    base = _named_set(base_name)
    held, changed = dict(base.constants), []
    for name, row in content.items():
        if name not in held:
            raise UnknownName("constante", name, held)
        held[name] = _edited(held[name], row, path.name)
        if held[name].value != base.constants[name].value:
            changed.append(name)
    return RuleSet(
        name=str(head.get("nom", path.stem)),
        title=str(head.get("titre", f"Jeu de règles de {path.name}")),
        on=base.on,
        constants=MappingProxyType(held),
        base=base_name,
        changed=tuple(changed),
    )


def _content(path: Path) -> dict[str, Any]:
    return read_toml(path, "Jeu de règles illisible", f"Jeux livrés : {', '.join(names())}.")


def _edited(entry: Constant, row: Any, file: str) -> Constant:
    where = f"« {file} », [{entry.name}]"
    if not isinstance(row, dict) or "value" not in row:
        raise BadValue(f"{where} : écrire au moins « value = … » et « source = … ».")
    stray = sorted(set(row) - set(_EDITABLE) - {"title", "unit"})
    if stray:
        raise UnknownName("champ", stray[0], _EDITABLE)
    value = row["value"]
    _check_value(entry, value, where)
    changed = value != entry.value
    if changed and not str(row.get("source", "")).strip():
        raise BadValue(f"{where} : une valeur changée doit dire sa source (source = …).")
    certainty = row.get("certainty", "incertain" if changed else entry.certainty)
    if certainty not in constants.CERTAINTIES:
        raise UnknownName("degré de certitude", str(certainty), constants.CERTAINTIES)
    since = row.get("since", entry.since)
    if not isinstance(since, date) or isinstance(since, datetime):
        raise BadValue(f"{where} : « since » est une date, par exemple since = 2026-05-12.")
    value = float(value) if isinstance(entry.value, float) else value
    return replace(
        entry,
        value=value,
        certainty=certainty,
        since=since,
        source=str(row.get("source", entry.source)),
        note=str(row.get("note", entry.note if not changed else "")),
        url=str(row.get("url", entry.url if not changed else "")),
    )


def _check_value(entry: Constant, value: Any, where: str) -> None:
    if isinstance(entry.value, date):
        right = isinstance(value, date) and not isinstance(value, datetime)
    else:
        right = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    if not right:
        kind = "une date" if isinstance(entry.value, date) else "un nombre"
        raise BadValue(f"{where} : « value » doit être {kind} ; trouvé : {value!r}.")
    if entry.unit == "share" and not _SHARES[0] <= value <= _SHARES[1]:
        raise BadValue(f"{where} : une part s'écrit entre 0 et 1 (0.5 pour 50 %) ; trouvé : {value}.")
    if entry.unit in {"ha", "m2", "m", "days", "years"} and not 0 <= value < float("inf"):
        raise BadValue(f"{where} : attendu un nombre positif en {entry.unit} ; trouvé : {value}.")
    if entry.unit == "year" and not (isinstance(value, int) and 1900 <= value <= 2200):
        raise BadValue(f"{where} : attendu une année ; trouvé : {value}.")


def _toml(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        escaped = "".join(
            char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08X}" for char in value
        )
        return f'"{escaped}"'
    return repr(value)


def _french(entry: Constant) -> str:
    if isinstance(entry.value, date):
        return f"{entry.value:%d/%m/%Y}"
    unit = "" if entry.unit in {"share", "year"} else f" {entry.unit}"
    return f"{entry.value:g}".replace(".", ",") + unit
