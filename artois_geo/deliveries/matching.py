"""From a partner's columns to the fields of a kind, and from their cells to typed values."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from artois_geo import meaning
from artois_geo.errors import BadValue
from artois_geo.formats.findings import Finding
from artois_geo.formats.geojson import json_values
from artois_geo.formats.raw_table import ABSENT
from artois_geo.kinds.column_names import spelling
from artois_geo.kinds.names import cut_names
from artois_geo.kinds.schema import Field, Schema
from artois_geo.measure import quantities
from artois_geo.measure.decimal_marks import Marks
from artois_geo.measure.quantities import UNIT_RULE, UNKNOWN_RULE
from artois_geo.text import compact, counted, decimal_point, digits, encoded_once

_AFTER_LABEL = re.compile(r"\s*(\([^()]*\))?\s*\*?\s*$")  # unit and mark of obligation of a form
MANY = 10_000  # texts whose conversion is remembered
UNWRITABLE = "valeur impossible"
_SIMPLE = frozenset({int, bool, type(None)})  # what any layer can hold, whatever the value
_MARK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Match:
    """A column of the file and the field it goes to; ``how`` says why."""

    source: str
    field: str
    how: str


_ENCODING = "encodage", "texte encodé deux fois, remis comme il était"


def match(
    columns: Mapping[str, Sequence[Any]], schema: Schema, requested: Mapping[str, str] | None = None
) -> list[Match]:
    """Match columns to fields: as requested, exact, other spelling, short name, alias, cut at ten letters.

    Parameters
    ----------
    columns
        Cells by column of the file; they tell two fields apart that a shapefile cut to the same name.
    schema
        Kind to fill.
    requested
        Field to column, as the person requests; it wins over everything.

    Returns
    -------
    list of Match
        In the order of the kind; a field gets one column at most.

    Raises
    ------
    BadValue
        A field or column of ``requested`` that does not exist.

    Examples
    --------
    >>> from artois_geo.layers import read_kind
    >>> columns = {"SITEID": ["a"], "Site_Nom": ["Les Oiseaux"]}
    >>> [(pair.source, pair.how) for pair in match(columns, read_kind("site_eco"))]
    [('SITEID', 'nom court'), ('Site_Nom', 'casse et accents')]
    """
    free_names = list(columns)
    matches: dict[str, Match] = {}
    for target, source in (requested or {}).items():
        if schema.field(target) is None:
            raise BadValue(f"Correspondance : le type « {schema.name} » n'a pas de champ « {target} ».")
        if source not in free_names:
            raise BadValue(
                f"Correspondance : le fichier n'a pas de colonne « {source} »"
                f" (colonnes : {', '.join(free_names)})."
            )
        matches[target] = Match(source, target, "correspondance")
        free_names.remove(source)
    for how, test in TESTS:
        for field in schema.fields:
            if field.name in matches:
                continue
            fitting = [name for name in free_names if test(name, field)]
            if len(fitting) == 1:
                matches[field.name] = Match(fitting[0], field.name, how)
                free_names.remove(fitting[0])
    matches |= _cut(columns, free_names, schema, matches)
    return [matches[field.name] for field in schema.fields if field.name in matches]


def _cut(
    columns: Mapping[str, Sequence[Any]], free_names: list[str], schema: Schema, matches: Mapping[str, Match]
) -> dict[str, Match]:
    """Match the columns left to the fields left whose names a shapefile cut."""
    free_fields = [field for field in schema.fields if field.name not in matches]
    cut = cut_names.of_fields({name: columns[name] for name in free_names}, free_fields)
    return {field: Match(source, field, cut_names.RULE) for source, field in cut.fields.items()}


def with_years(names: Iterable[str], schema: Schema) -> tuple[Schema, dict[str, int]]:
    """Read in the column names the two years that a kind awaits, the earlier first.

    An alias ``cs_{annee_avant}`` stands for the column of the first year of the file, and the
    year goes to the field ``annee_avant``: no year says by itself whether it comes first.

    Returns
    -------
    Schema, dict
        The kind with the years of the file in its aliases, and the year of each such field.

    Examples
    --------
    >>> from artois_geo.layers import read_kind
    >>> kind, years = with_years(["CS_2024", "US_2024", "CS_2021", "US_2021"], read_kind("ocsge_diff"))
    >>> years, kind.field("cs_avant").aliases[-1]
    ({'annee_avant': 2021, 'annee_apres': 2024}, 'cs_2021')
    """
    marked = [alias for field in schema.fields for alias in field.aliases if "{" in alias]
    marks = list(dict.fromkeys(mark for alias in marked for mark in _MARK.findall(alias)))
    words = {spelling(_MARK.sub("", alias)) for alias in marked}
    folded = [spelling(str(name)) for name in names]
    pair = meaning.year_pair(name for name in folded if name[:-4].strip() in words)
    if pair is None or len(marks) != len(pair):
        return schema, {}
    years = dict(zip(marks, pair, strict=True))
    fields = tuple(
        replace(field, aliases=tuple(alias.format(**years) for alias in field.aliases))
        for field in schema.fields
    )
    return replace(schema, fields=fields), years


def label_of(field: Field, schema: Schema) -> str:
    """Return the French heading of a field in a form: its label, or its name where another has that label."""
    same = [other_field for other_field in schema.fields if other_field.label == field.label]
    return field.label if field.label and len(same) == 1 else field.name


def _is_label(name: str, field: Field) -> bool:
    return spelling(_AFTER_LABEL.sub("", name)) == spelling(_AFTER_LABEL.sub("", field.label))


def _is_bare_heading(name: str, field: Field) -> bool:
    """Tell whether a heading is that of a field but for a unit that turns into its own: « SURFACE_M2 »."""
    bare, unit = quantities.of_heading(name)
    if not unit or quantities.factor(unit, field.unit) is None:
        return False
    usual = {field.name, field.short_name, field.label, *field.aliases} - {""}
    return spelling(bare) in {spelling(word) for word in usual}


TESTS = (
    ("exact", lambda name, field: name == field.name),
    ("casse et accents", lambda name, field: spelling(name) == spelling(field.name)),
    (
        "nom court",
        lambda name, field: bool(field.short_name) and spelling(name) == spelling(field.short_name),
    ),
    ("libellé", lambda name, field: bool(field.label) and _is_label(name, field)),
    ("autre nom", lambda name, field: spelling(name) in {spelling(alias) for alias in field.aliases}),
    ("unité en plus", _is_bare_heading),
)


def typed(values: list[Any], field: Field, *, texts: bool) -> tuple[list[Any], list[Finding]]:
    """Convert the values of a column as its field types them; what has no single answer stays as it is.

    ``texts`` says that the format has no types (CSV, .dbf): reading a number there
    is no repair. Returns the values and one row per value that was changed.
    """
    converted, findings = [], []
    marks = quantities.marks_of(values)
    conversions: dict[str, tuple[Any, str, str]] = {}  # a text is read once: columns repeat few of them
    for row, value in enumerate(values, start=1):
        if value is None or value is ABSENT:
            converted.append(value)
            continue
        conversion = conversions.get(value) if isinstance(value, str) else None
        if conversion is None:
            conversion = _converted(value, field, texts=texts, marks=marks)
            if isinstance(value, str) and len(conversions) < MANY:
                conversions[value] = conversion
        new, rule, message = conversion
        if rule:
            findings.append(Finding(row, field.name, rule, "réparation", value, message))
        converted.append(new)
    return converted, [*findings, *doubts(values, converted, field, marks)]


def doubts(cells: Sequence[Any], numbers: Sequence[Any], field: Field, marks: Marks) -> list[Finding]:
    """Report, once a column, the numbers whose mark nothing in their column proves to be decimal.

    Parameters
    ----------
    cells, numbers
        Those of a column as they are delivered, and what was read of each.
    field
        Where they go.
    marks
        What the cells prove of their commas and points.

    Examples
    --------
    >>> cells, field = ["2,345", "3,456"], Field("surface", "number")
    >>> [finding.found for finding in doubts(cells, [2.345, 3.456], field, quantities.marks_of(cells))]
    ['2,345']
    """
    doubtful = [
        (cell, number)
        for cell, number in zip(cells, numbers, strict=True)
        if type(cell) is str and type(number) in {int, float} and marks.supposes(quantities.parted(cell)[0])
    ]
    if not doubtful:
        return []
    text, number = doubtful[0]
    mark, if_it = (
        ("virgule décimale supposée", "si elle") if "," in text else ("point décimal supposé", "s'il")
    )
    figures = counted(len(doubtful), f"nombre comme « {text} », lu", f"nombres comme « {text} », lus")
    message = (
        f"{figures} {digits(number)} : {mark}, rien dans la colonne ne le prouve ;"
        f" {if_it} sépare les milliers, l'ôter du fichier"
    )
    return [Finding(None, field.name, "marque ambiguë", "alerte", text, message)]


def _converted(value: Any, field: Field, *, texts: bool, marks: Marks) -> tuple[Any, str, str]:
    """Convert one value; give the rule of its repair and the message, empty where it needs none."""
    cleaned, rule, message = _writable(value)
    if rule == _ENCODING[0]:
        new, *done = _converted(cleaned, field, texts=texts, marks=marks)
        return new, *(done if done[0] else _ENCODING)
    if rule and rule != UNWRITABLE:
        return cleaned, rule, message
    is_mark = field.type == "boolean" and meaning.truth(value, letters=True) is not None  # « ✓ »
    if field.type not in {"string", "json"} and not is_mark and quantities.is_unknown(value):
        return None, UNKNOWN_RULE, "cellule vidée"
    if field.type in {"number", "integer"}:
        return _number(value, field, texts=texts, marks=marks)
    if field.type == "year":
        return _year(value)
    if field.type == "boolean":
        return _boolean(value, texts=texts)
    if field.type == "date":
        return _date(value, field)
    if field.type == "string":
        return _text(value, field, texts=texts)
    return value, "", ""


def _number(value: Any, field: Field, *, texts: bool, marks: Marks) -> tuple[Any, str, str]:
    """Read a number, from a text where the marks of its column leave one reading."""
    if isinstance(value, bool):
        return value, "", ""
    rule = message = ""
    if isinstance(value, str):
        number_text, unit = quantities.parted(value)
        factor = quantities.factor(unit, field.unit) if unit else 1.0
        plain = marks.plain(number_text, is_integer=field.type == "integer")
        if not plain or factor is None:
            return value, "", ""
        number: Any = int(plain) if re.fullmatch(r"[+-]?\d+", plain) else float(plain)
        if unit:
            number = number if factor == 1 else round(number * factor, 6)
            rule, message = UNIT_RULE, f"« {value} » lu {digits(number)} {field.unit}"
        elif not texts or compact(value) != value.strip() or plain != decimal_point(value):
            rule, message = "nombre en texte", f"« {value} » lu {digits(number)}"
        value = number
    if field.type == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    return value, rule, message


def _year(value: Any) -> tuple[Any, str, str]:
    if isinstance(value, float) and value.is_integer():
        return int(value), "", ""
    if isinstance(value, str):
        if re.fullmatch(r"\s*\d{4}\s*", value):
            return int(value), "", ""
        dated = re.fullmatch(r"\s*(\d{4})[.,]0+\s*", value)
        day = meaning.day(value)
        year = int(dated[1]) if dated else day.year if day else None
        if year is not None:
            return year, "année", f"« {value} » lu {year}"
    return value, "", ""


def _boolean(value: Any, *, texts: bool) -> tuple[Any, str, str]:
    if isinstance(value, bool):
        return value, "", ""
    new = meaning.truth(value, letters=True)
    if new is not None:
        return (
            (new, "", "") if texts else (new, "vrai ou faux", f"« {value} » lu {'vrai' if new else 'faux'}")
        )
    return value, "", ""


def _date(value: Any, field: Field) -> tuple[Any, str, str]:
    """Read a date in the formats that partners write, midnight of a day among them."""
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, date):
        return value, "", ""
    if isinstance(value, int) and re.fullmatch(r"(19|20)\d{6}", str(value)):
        value = str(value)
    if not isinstance(value, str):
        return value, "", ""
    read = meaning.day(value, field.date_format)
    if read is None:
        return value, "", ""
    is_plain = value.strip() in (read.isoformat(), read.strftime(field.date_format))
    return (read, "", "") if is_plain else (read, "date", f"« {value} » lu {read.isoformat()}")


def _text(value: Any, field: Field, *, texts: bool) -> tuple[Any, str, str]:
    """Read a text, a code that a file holds as a number, or a value of a list as the list writes it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = str(value)
        if texts:  # a cell of a workbook: which of the two it is says nothing
            return text, "", ""
        fits = field.pattern and re.fullmatch(field.pattern, text)
        if isinstance(value, int) and (fits or (not field.pattern and not field.enum)):
            return text, "code en nombre", f"nombre {text} gardé comme texte"
        return value, "", ""
    if not isinstance(value, str) or not field.enum:
        return value, "", ""
    parts = value.split(field.separator) if field.separator else [value]
    replaced = [_listed(part, field.enum) for part in parts]
    new = field.separator.join(replaced) if field.separator else replaced[0]
    if new != value:
        return new, "liste de valeurs", f"« {value} » écrit « {new} »"
    return value, "", ""


def _listed(part: str, allowed: tuple[Any, ...]) -> str:
    if part in allowed:
        return part
    spellings = [entry for entry in allowed if spelling(str(entry)) == spelling(part)]
    return str(spellings[0]) if len(spellings) == 1 else part


def conversion_of_unknown(name: str, values: list[Any]) -> tuple[list[Any], list[Finding]]:
    """Keep a column outside the kind; change, and report, only what no table can hold."""
    findings: list[Finding] = []
    huge = [row for row, value in enumerate(values) if type(value) is int and not -(2**63) <= value < 2**63]
    if huge:
        texts = [str(value) if type(value) is int else value for value in values]
        message = f"{len(huge)} très grands entiers : « {name} » gardé en texte, chiffre pour chiffre"
        findings.append(Finding(None, name, "grand entier", "note", values[huge[0]], message))
        values = texts
    doubtful = [
        row
        for row, value in enumerate(values)
        if not (value.isascii() and "\x00" not in value if type(value) is str else type(value) in _SIMPLE)
    ]
    cleaned = list(values)
    for row in doubtful:
        cleaned[row], rule, message = _writable(values[row])
        if rule:
            level = "erreur" if rule == UNWRITABLE else "réparation"
            findings.append(Finding(row + 1, name, rule, level, values[row], message))
    return cleaned, findings


def _writable(value: Any) -> tuple[Any, str, str]:
    """Return a value that a layer can hold, and what was done to it; one that no layer holds stays."""
    if isinstance(value, str):
        if "\x00" in value:
            return value.replace("\x00", ""), "caractère NUL", "caractère NUL retiré du texte"
        if json_values.is_broken(value):
            return (
                json_values.without_half_characters(value),
                "caractère coupé",
                "moitié de caractère (Unicode) remplacée par « � »",
            )
        once = encoded_once(value)
        return (once, *_ENCODING) if once != value else (value, "", "")
    if isinstance(value, float) and math.isfinite(value):
        return value, "", ""
    if isinstance(value, float | dict | list) and json_values.fault(value):
        new = json_values.without_half_characters(value)
        reason = json_values.fault(new)
        if reason:
            return value, UNWRITABLE, f"valeur qu'aucune couche ne peut contenir : {reason}"
        return new, "caractère coupé", "moitié de caractère (Unicode) remplacée par « � »"
    return value, "", ""
