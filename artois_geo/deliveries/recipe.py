"""A recipe: everything that reading the files of one partner takes, as a frozen record and as TOML."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from textwrap import wrap
from typing import Any

from artois_geo.deliveries.value_rules import ValueRules, require_usable
from artois_geo.errors import BadValue, UnreadableFile, toml_place
from artois_geo.kinds.schema import Field, Schema

SETTINGS = {  # key of the file -> field of the record, in the order in which they are written
    "type": "kind",
    "schema": "table_schema",
    "vers": "layer",
    "crs": "crs",
    "couche_source": "source_layer",
    "encodage": "encoding",
    "separateur": "separator",
    "colonne_geometrie": "geometry_column",
    "territoire": "territory",
    "completer": "complete",
    "code": "code",
    "communes": "communes",
    "incomplet": "incomplete",
    "ecarter": "set_aside",
    "sans_reparation": "unrepaired",
    "ecart_commune": "commune_m",
    "ecart_position": "position_m",
    "titre": "title",
    "source": "origin",
    "licence": "licence",
    "millesime": "vintage",
    "taille_max": "file_mib",
    "ratio_max": "ratio",
    "fichier": "file",
    "colonnes": "signature",
}
WIDTH = 110  # of a line of comments
TABLES = ("correspondance", "constantes", "valeurs", "unites", "formes")
_TYPES: dict[Any, tuple[Any, str]] = {
    bool: (bool, "true ou false"),
    float: (int | float, "un nombre"),
    int: (int, "un nombre entier"),
    str: (str, "un texte entre guillemets"),
    tuple[str, ...]: (list, "une liste de textes"),
}
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Recipe:
    """How the files of a partner are read: options of the import, columns, and what becomes of the cells.

    ``columns`` is field of the kind to column of the file; ``file`` and ``signature`` are the name and the
    columns of the file that it was made for, by which it is recognised next year.
    """

    kind: str = ""
    table_schema: str = ""
    layer: str = ""
    crs: str = ""
    source_layer: str = ""
    encoding: str = ""
    separator: str = ""
    geometry_column: str = ""
    territory: str = ""
    complete: bool = False
    code: str = ""
    communes: str = ""
    incomplete: bool = False
    set_aside: bool = False
    unrepaired: bool = False
    commune_m: float = -1.0  # negative: that of the constants
    position_m: float = -1.0
    title: str = ""
    origin: str = ""
    licence: str = ""
    vintage: str = ""
    file_mib: int = 0
    ratio: int = 0
    file: str = ""
    signature: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    rules: ValueRules = field(default_factory=ValueRules)


_FIELD_TYPES = {item.name: item.type for item in fields(Recipe)}
_DEFAULTS = Recipe()


@dataclass(frozen=True)
class Notes:
    """Comments of a recipe: at its head, after a key of a table (``""``: the options), below a table."""

    head: tuple[str, ...] = ()
    keys: Mapping[tuple[str, str], str] = field(default_factory=dict)
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: tuple[str, ...] = ()  # options written even where they say nothing


def parse(text: str, name: str) -> Recipe:
    """Read a recipe, or refuse it with the line that is wrong.

    Parameters
    ----------
    text
        TOML.
    name
        Of the file, for the messages.

    Raises
    ------
    UnreadableFile
        Not TOML, a key that no recipe has, or a value of another type.

    Examples
    --------
    >>> parse('type = "site_eco"\\n[correspondance]\\nsite_nom = "NOM_ZAE"', "r.toml").columns
    {'site_nom': 'NOM_ZAE'}
    >>> parse('type = "quai"\\ncompleter = "oui"', "r.toml")
    Traceback (most recent call last):
    artois_geo.errors.UnreadableFile: Recette r.toml, ligne 2 : « completer » attend true ou false.
    """
    try:
        entry = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"Recette illisible : {name} ({toml_place(error, text)}).") from error
    lines = text.splitlines()
    for key in entry:
        if key not in SETTINGS and key not in TABLES:
            raise _refusal(name, lines, "", key, "clé inconnue d'une recette")
    settings = {
        SETTINGS[key]: _setting(key, value, name, lines) for key, value in entry.items() if key in SETTINGS
    }
    tables = {table: _table(entry.get(table, {}), table, name, lines) for table in TABLES}
    rules = ValueRules(tables["constantes"], tables["valeurs"], tables["unites"], tables["formes"])
    return Recipe(**settings, columns=tables["correspondance"], rules=rules)


def _setting(key: str, value: Any, name: str, lines: list[str]) -> Any:
    """Check the type of an option; a list becomes a tuple."""
    types, described = _TYPES[_FIELD_TYPES[SETTINGS[key]]]
    if not isinstance(value, types) or (types is not bool and isinstance(value, bool)):
        raise _refusal(name, lines, "", key, f"attend {described}")
    return tuple(map(str, value)) if isinstance(value, list) else value


def _table(entry: Any, table: str, name: str, lines: list[str]) -> dict[str, Any]:
    """Check a table: texts by field, words by field in « valeurs », any plain value in « constantes »."""
    if not isinstance(entry, dict):
        raise _refusal(name, lines, "", table, f"attend une rubrique [{table}]")
    for key, value in entry.items():
        if table == "valeurs":
            if not isinstance(value, dict):
                raise _refusal(name, lines, table, key, f"attend une rubrique [valeurs.{key}]")
            for word, replacement in value.items():
                if not isinstance(replacement, str | int | float):
                    raise _refusal(name, lines, f"valeurs.{key}", word, "attend une valeur de la liste")
        elif not isinstance(value, str | int | float | date if table == "constantes" else str):
            raise _refusal(name, lines, table, key, "attend un texte entre guillemets")
    return entry


def _refusal(name: str, lines: list[str], table: str, key: str, reason: str) -> UnreadableFile:
    return UnreadableFile(f"Recette {name}{_at_line(lines, table, key)} : « {key} » {reason}.")


def _at_line(lines: list[str], table: str, key: str) -> str:
    return f", ligne {number}" if (number := line_of(lines, table, key)) else ""


def require_fitting(recipe: Recipe, schema: Schema, name: str, text: str) -> None:
    """Refuse what a recipe says of fields that the kind lacks, or of values outside their list, by its line.

    Parameters
    ----------
    recipe, schema
        What is asked, and the kind to fill.
    name, text
        File of the recipe, for the line.

    Raises
    ------
    UnreadableFile
        No such field, a value outside its list, a unit or a form that the field does not take.
    """
    lines, rules = text.splitlines(), recipe.rules
    for table, key, field_name in _fields_named(recipe):
        target = schema.field(field_name)
        if target is None:
            raise _refusal(name, lines, table, key, _no_field(field_name, schema))
        try:
            require_usable(rules, target)
        except BadValue as error:
            line = _at_line(lines, "unites" if field_name in rules.units else "formes", field_name)
            raise UnreadableFile(f"Recette {name}{line} : {error}") from error
    for field_name, words in rules.values.items():
        allowed = _closed_list(schema.field(field_name))
        for word, value in words.items():
            if allowed and value != "" and value not in allowed:
                reason = f"donne « {value} », hors de la liste : {', '.join(map(str, allowed))}"
                raise _refusal(name, lines, f"valeurs.{field_name}", word, reason)


def _fields_named(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    """Yield each field that a recipe names, behind the table and the key that name it."""
    rules = recipe.rules
    tables = {
        "correspondance": recipe.columns,
        "constantes": rules.constants,
        "unites": rules.units,
        "formes": rules.forms,
    }
    for table, entry in tables.items():
        yield from ((table, field_name, field_name) for field_name in entry)
    yield from (("", f"valeurs.{field_name}", field_name) for field_name in rules.values)


def _no_field(field_name: str, schema: Schema) -> str:
    """Say that a kind has no such field, and which of its own look like it."""
    resembling = get_close_matches(field_name, [item.name for item in schema.fields], n=3, cutoff=0.5)
    reason = f"n'est pas un champ du type {schema.name}"
    return reason + (f" ; noms proches : {', '.join(resembling)}" if resembling else "")


def _closed_list(target: Field | None) -> tuple[Any, ...]:
    """Return the only values that a field takes; nothing where it takes any."""
    return tuple(target.enum) if target is not None and not target.open else ()


def line_of(lines: list[str], table: str, key: str) -> int:
    """Find the line of a key of a recipe, from 1; 0 where it is written in a way of its own.

    Examples
    --------
    >>> line_of(['type = "quai"', "[unites]", 'surface = "are"'], "unites", "surface")
    3
    """
    current = ""
    spellings = (key, _quoted(key), f"'{key}'")
    for number, line in enumerate(lines, start=1):
        header = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
        if header:
            current = header[1]
            if not table and (current == key or current.startswith(f"{key}.")):
                return number
        elif current == table and line.partition("=")[0].strip() in spellings:
            return number
    return 0


def text_of(recipe: Recipe, notes: Notes | None = None) -> str:
    """Write a recipe as TOML, with its comments.

    Examples
    --------
    >>> recipe = Recipe(kind="quai", columns={"quai_nom": "libelle"})
    >>> parse(text_of(recipe), "r.toml") == recipe
    True
    """
    notes = notes or Notes()
    return "\n".join([*_lines(recipe, notes)]) + "\n"


def _lines(recipe: Recipe, notes: Notes) -> Iterator[str]:
    """Write the options, then a section for each table that says something."""
    yield from _comments(notes.head)
    for key, name in SETTINGS.items():
        value = getattr(recipe, name)
        if value != getattr(_DEFAULTS, name) or key in notes.shown:
            yield _pair(key, value, notes.keys.get(("", key), ""))
    rules = recipe.rules
    plain = {"correspondance": recipe.columns, "constantes": rules.constants}
    plain |= {"unites": rules.units, "formes": rules.forms}
    for table in TABLES:
        words = rules.values if table == "valeurs" else {}
        for target, pairs in words.items():
            yield from _section(f"valeurs.{_key(target)}", pairs, notes)
        if table in plain and (plain[table] or table in notes.after):
            yield from _section(table, plain[table], notes)


def _section(table: str, pairs: Mapping[str, Any], notes: Notes) -> Iterator[str]:
    yield ""
    yield from _comments(notes.before.get(table, ()))
    yield f"[{table}]"
    for key, value in pairs.items():
        yield _pair(key, value, notes.keys.get((table, key), ""))
    yield from _comments(notes.after.get(table, ()))


def _comments(lines: Iterable[str]) -> Iterator[str]:
    """Write comments of lines of their own, wrapped."""
    for line in lines:
        yield from wrap(_printable(line), WIDTH, initial_indent="# ", subsequent_indent="#   ")


def _pair(key: str, value: Any, comment: str) -> str:
    line = f"{_key(key)} = {_toml(value)}"
    return f"{line}  # {_printable(comment)}" if comment else line


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_quoted, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _printable(text: str) -> str:
    """Make a text of others safe in a comment: a line of it never ends the comment."""
    return "".join(
        " " if letter in "\n\r\t\u2028\u2029" else letter if unicodedata.category(letter)[0] != "C" else "�"
        for letter in text
    )
