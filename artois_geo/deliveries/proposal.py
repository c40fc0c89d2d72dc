"""Propose a recipe for a file: the nearest column of each field, then values, unit, percent, date, code."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher, get_close_matches
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from artois_geo import meaning, measure
from artois_geo.deliveries import matching, value_rules
from artois_geo.deliveries.recipe import Notes, Recipe
from artois_geo.deliveries.value_rules import DATE_FORMS, ValueRules, number_of
from artois_geo.formats.crs_readings import name_of
from artois_geo.formats.raw_table import ABSENT, RawTable
from artois_geo.kinds import synonyms
from artois_geo.kinds.column_names import spelling
from artois_geo.kinds.names import cut_names
from artois_geo.kinds.schema import Field, Schema
from artois_geo.meaning import is_missing
from artois_geo.measure import quantities
from artois_geo.measure.quantities import SQUARE_METRES, parted, says_unknown
from artois_geo.text import counted

SHOWN = 6  # distinct values in a comment
MOST_WORDS = 60  # words of one table
LEAST_SCORE = 30.0
_BY_TEST = dict(zip((how for how, _ in matching.TESTS), range(len(matching.TESTS)), strict=True))
TO_CONFIRM = "à confirmer"
Comments = dict[tuple[str, str], str]  # by table and key, as ``Notes.keys``
_LINKS = frozenset("a au aux d de des du en et l la le les par".split())  # noqa: SIM905 - words that name nothing
NEAR = 0.8  # of two words that are one, badly written


@dataclass(frozen=True)
class Candidate:
    """A column that may fill a field, with its score and the reason in French."""

    score: float
    column: str
    field: Field
    how: str


@dataclass(frozen=True)
class Column:
    """What a column holds: its filled cells, and how often each is there."""

    name: str
    cells: tuple[Any, ...]
    counts: Counter[str]

    @property
    def sample(self) -> str:
        """List the distinct values with their counts, the most frequent first."""
        if not self.counts:
            return "vide"
        examples = [f"{_short(value)} ({count})" for value, count in self.counts.most_common(SHOWN)]
        more = len(self.counts) - len(examples)
        listed = ", ".join(examples) + (f" … {more} de plus" if more > 0 else "")
        return f"{counted(len(self.counts), 'valeur')} : {listed}"


def propose(raw: RawTable, schema: Schema, settings: Recipe) -> tuple[Recipe, Notes]:
    """Propose how to read a file as a layer of a kind.

    Parameters
    ----------
    raw
        What the file holds, as it is.
    schema
        Kind to fill.
    settings
        Options that the reader gave; they are carried over.

    Returns
    -------
    Recipe, Notes
        The recipe, and the comments that say why, what was seen, and what is to be confirmed.
    """
    columns = {name: _column(name, cells) for name, cells in raw.columns.items()}
    candidates = _best_candidates(columns, schema, settings.columns)
    code = settings.code or _code(columns, candidates, schema)
    makes_key = bool(schema.key and dict(schema.delivery).get("id_format")) and schema.key not in candidates
    recipe = replace(
        settings,
        complete=settings.complete or makes_key,
        code=code if makes_key else settings.code,
        columns={name: candidate.column for name, candidate in candidates.items()},
        signature=tuple(raw.columns),
    )
    rules, comments = _rules(columns, candidates, schema, raw)
    constants, constant_comments, absent = _constants(schema, recipe)
    recipe = replace(
        recipe,
        rules=replace(rules, constants=constants),
        incomplete=settings.incomplete or bool(absent),
    )
    comments |= constant_comments
    for name, candidate in candidates.items():
        comments["correspondance", name] = f"{candidate.how} ; {columns[candidate.column].sample}"
    comments |= _option_comments(recipe, raw)
    used = {*recipe.columns.values()}
    unmatched = [
        f"{name} : gardée sous son nom ; {column.sample}"
        for name, column in columns.items()
        if name not in used
    ]
    notes = Notes(
        head=_head(raw, schema, recipe, comments),
        keys=comments,
        before={
            "correspondance": ("champ du type = colonne du fichier",),
            "constantes": ("champ absent, ou cellules vides = ce qui y est écrit",),
            "unites": ("unité du fichier (m², a, ha, km²)",),
            "formes": ("pourcentage, part (0,12 pour 12 %), JJ/MM/AAAA, AAAA-MM-JJ, AAAA…",),
        }
        | {f"valeurs.{name}": (_list_comment(schema, name),) for name in rules.values},
        after={"correspondance": tuple(unmatched)} | ({"constantes": tuple(absent)} if absent else {}),
        shown=("completer", "code", "communes", "incomplet", "ecarter") if makes_key else ("ecarter",),
    )
    return recipe, notes


def _column(name: str, cells: Iterable[Any]) -> Column:
    filled = tuple(cell for cell in cells if cell is not ABSENT and not is_missing(cell))
    return Column(name, filled, Counter(_text(cell) for cell in filled))


def _text(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def _best_candidates(
    columns: Mapping[str, Column], schema: Schema, requested: Mapping[str, str]
) -> dict[str, Candidate]:
    """Give each field the best column that is left, the surest pair first; requested pairs are kept."""
    candidate_of_field = {
        match.field: Candidate(1000.0, match.source, field, "demandé")
        for match in matching.match(dict.fromkeys(columns, ()), schema, requested)
        if match.how == "correspondance" and (field := schema.field(match.field)) is not None
    }
    candidates = [
        candidate
        for column in columns.values()
        for field in schema.fields
        if (candidate := _candidate(column, field, schema)) is not None
    ]
    order = {field.name: position for position, field in enumerate(schema.fields)}
    used = {candidate.column for candidate in candidate_of_field.values()}
    for candidate in sorted(candidates, key=lambda item: (-item.score, order[item.field.name])):
        if candidate.field.name not in candidate_of_field and candidate.column not in used:
            candidate_of_field[candidate.field.name] = candidate
            used.add(candidate.column)
    return dict(sorted(candidate_of_field.items(), key=lambda item: order[item[0]]))


def _candidate(column: Column, field: Field, schema: Schema) -> Candidate | None:
    """Weigh a column for a field: its name first, then what its cells look like."""
    score, how = _by_name(column.name, field, schema)
    fitting = fit(column, field, schema)
    is_typed = bool(field.enum or field.pattern) or field.type not in {"string", "json"}
    if fitting == 0.0 and is_typed and score < 90:
        return None
    if not score:
        lists_words = field.enum and "oui" not in field.enum and len(column.counts) > 1
        surely = (lists_words and fitting >= 0.6) or (field.pattern and column.cells and fitting >= 0.9)
        if not surely:
            return None
        score, how = 15.0, f"d'après les valeurs, {TO_CONFIRM}"
    total = score + 20 * fitting
    return Candidate(total, column.name, field, how) if total >= LEAST_SCORE else None


def _by_name(name: str, field: Field, schema: Schema) -> tuple[float, str]:
    """Score the name of a column, and say why; 0 where it says nothing."""
    for how, test in matching.TESTS:
        if test(name, field):
            return 110.0 - 5 * _BY_TEST[how], how
    if cut_names.is_start(name, field.name):
        return 85.0, cut_names.RULE
    folded = _plain_name(name)
    usual_names = [_plain_name(word) for word in synonyms.names_of(schema.name, field.name)]
    if folded in usual_names:
        return max(70.0 - usual_names.index(folded) * 0.5, 50.0), "nom habituel"
    if any(cut_names.is_start(folded, word) for word in usual_names):
        return 48.0, f"nom tronqué, {TO_CONFIRM}"
    if folded == _plain_name(field.name):
        return 46.0, f"nom proche, {TO_CONFIRM}"
    likeness = max(
        (SequenceMatcher(None, folded, word).ratio() for word in usual_names if len(word) > 4), default=0.0
    )
    return (40.0 * likeness, f"nom proche, {TO_CONFIRM}") if likeness >= NEAR else (0.0, "")


def _plain_name(name: str) -> str:
    """Write the name of a column as its bare words: « Nom de la zone » is « nom zone »."""
    return " ".join(word for word in meaning.words(name).split() if word not in _LINKS)


def fit(column: Column, field: Field, schema: Schema) -> float:
    """Return the share of the cells of a column that a field could take; 0.5 where nothing tells."""
    total = sum(column.counts.values())
    fits = _test_of(field, schema) if total else None
    if fits is None:
        return 0.5
    return sum(count for text, count in column.counts.items() if fits(text)) / total


def _test_of(field: Field, schema: Schema) -> Callable[[str], object] | None:
    """Return what tells that a field could take a text; ``None`` where nothing tells."""
    if field.type == "json":
        return None
    if field.enum:
        words = {spelling(str(entry)) for entry in field.enum} | set(_words(schema, field))
        return lambda text: spelling(text) in words
    if field.type in {"number", "integer"}:
        return lambda text: number_of(text) is not None or says_unknown(text)
    if field.type in {"date", "year"}:
        return lambda text: says_unknown(text) or _date_form(text)
    return re.compile(field.pattern).fullmatch if field.pattern else None


def _words(schema: Schema, field: Field) -> Mapping[str, str]:
    return synonyms.of_kind(schema.name).values.get(field.name, {})


def _date_form(text: str) -> str:
    """Return the first form in which a text is a date of our times; empty where it is none."""
    for form, pattern in DATE_FORMS.items():
        try:
            year = datetime.strptime(text.removesuffix("T00:00:00"), pattern).year
        except ValueError:
            continue
        if 1900 <= year <= 2100:
            return form
    return ""


def _code(columns: Mapping[str, Column], candidates: Mapping[str, Candidate], schema: Schema) -> str:
    """Find the column of the partner's own code: filled, hardly ever repeated, and no field of the kind."""
    used = {candidate.column for candidate in candidates.values()}
    folded = {spelling(name): name for name in reversed(list(columns))}
    for word in synonyms.of_kind(schema.name).codes:
        name = folded.get(spelling(word))
        if name is None or name in used:
            continue
        column = columns[name]
        if column.cells and len(column.counts) >= 0.9 * len(column.cells):
            return name
    return ""


def _rules(
    columns: Mapping[str, Column], candidates: Mapping[str, Candidate], schema: Schema, raw: RawTable
) -> tuple[ValueRules, Comments]:
    """Propose what becomes of the cells of each matched column."""
    values: dict[str, dict[str, str]] = {}
    units: dict[str, str] = {}
    forms: dict[str, str] = {}
    comments: Comments = {}
    for name, candidate in candidates.items():
        column, field = columns[candidate.column], candidate.field
        if field.enum and not field.separator:
            rows = _proposed_words(column, field, _words(schema, field))
            if rows:
                values[name] = {text: value for text, value, _ in rows}
                comments |= {(f"valeurs.{name}", text): why for text, _, why in rows}
        elif field.type in {"number", "integer"}:
            form = _share_form(column, field)
            if form:
                forms[name], comments["formes", name] = form, f"{column.name} ; le champ est en %"
            elif field.unit in SQUARE_METRES and field.unit:
                units[name], comments["unites", name] = _unit(column, field, raw)
        elif field.type in {"date", "year"}:
            form = _form_of(column, field)
            if form:
                forms[name], comments["formes", name] = form, _form_comment(column, field, form)
    return ValueRules({}, values, units, forms), comments


def _proposed_words(
    column: Column, field: Field, synonyms_of_words: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Propose, for what is written and is not in the list, the value of the list and a comment."""
    by_spelling = {spelling(str(entry)): str(entry) for entry in field.enum}
    rows = []
    for text, count in column.counts.most_common(MOST_WORDS):
        if text in field.enum:
            continue
        value, why = _value_of(text, by_spelling, synonyms_of_words)
        if value or not field.open:
            rows.append((text, value, f"{counted(count, 'objet')} ; {why}"))
    return rows


def _value_of(
    text: str, by_spelling: Mapping[str, str], synonyms_of_words: Mapping[str, str]
) -> tuple[str, str]:
    """Find the value of a list that a text means: another spelling, a synonym, a near or contained word."""
    folded = spelling(text)
    if folded in by_spelling:
        return by_spelling[folded], "même mot, autre écriture"
    if folded in synonyms_of_words:
        return synonyms_of_words[folded], f"sens habituel, {TO_CONFIRM}"
    resembling = get_close_matches(folded, list(by_spelling), n=1, cutoff=NEAR)
    if resembling:
        return by_spelling[resembling[0]], f"mot proche, {TO_CONFIRM}"
    inside = [value for word, value in by_spelling.items() if f" {word} " in f" {folded} "]
    if len(inside) == 1:
        return inside[0], f"mot contenu, {TO_CONFIRM}"
    return "", "aucune valeur proche, à compléter : vide, la cellule sera vidée"


def _share_form(column: Column, field: Field) -> str:
    """Tell how a share is written: « 12 % », or 0.12 where the field wants a percentage."""
    if any("%" in text for text in column.counts):
        return value_rules.PERCENT
    if field.unit != "%":
        return ""
    numbers = [number for text in column.counts if (number := number_of(text)) is not None]
    is_fraction = numbers and max(numbers) <= 1 and any(not number.is_integer() for number in numbers)
    return value_rules.FRACTION if is_fraction else ""


def _unit(column: Column, field: Field, raw: RawTable) -> tuple[str, str]:
    """Propose the unit of ground of a column: by the shapes, else by its name, else that of the field."""
    unit_counts = Counter(unit for text in column.counts if (unit := parted(text)[1]) in SQUARE_METRES)
    if unit_counts and all(parted(text)[1] or number_of(text) is None for text in column.counts):
        return unit_counts.most_common(1)[0][0], f"{column.name} ; écrite dans les cellules"
    ratio = _square_metres_per_unit(column.name, raw)
    if ratio:
        units = [unit for unit, metres in SQUARE_METRES.items() if 0.5 < ratio / metres < 2]
        if units:
            return units[0], f"{column.name} ; d'après la surface des formes"
    unit = quantities.of_heading(column.name)[1]
    if unit in SQUARE_METRES:
        return unit, f"{column.name} ; d'après le nom de la colonne"
    return field.unit, f"{column.name} ; {TO_CONFIRM}, rien ne dit l'unité"


def _square_metres_per_unit(name: str, raw: RawTable) -> float:
    """Return the median area of a shape per unit of a column, in m²; 0 where it cannot be measured."""
    if not raw.has_geometry or not _system(raw):
        return 0.0
    areas = shapely.area(gpd.GeoSeries(raw.shapes, crs=raw.crs).to_crs(measure.LAMBERT93).to_numpy())
    cells = [None if parted(str(cell))[1] else cell for cell in raw.columns[name]]
    numbers = np.array([number_of(cell) or np.nan for cell in cells], dtype=float)
    measured = (areas > 0) & (numbers > 0)
    return float(np.median(areas[measured] / numbers[measured])) if measured.any() else 0.0


def _form_of(column: Column, field: Field) -> str:
    """Find the one form in which all the dates of a column read; empty where they need none."""
    texts = [text.removesuffix("T00:00:00") for text in column.counts if not says_unknown(text)]
    plain_form = value_rules.YEAR if field.type == "year" else "AAAA-MM-JJ"
    for form in (plain_form, *DATE_FORMS):
        if texts and all(_reads(text, form) for text in texts):
            return "" if form == plain_form else form
    return ""


def _reads(text: str, form: str) -> bool:
    try:
        return 1900 <= datetime.strptime(text, DATE_FORMS[form]).year <= 2100
    except ValueError:
        return False


def _form_comment(column: Column, field: Field, form: str) -> str:
    if form == value_rules.YEAR:
        return f"{column.name} ; année seule : écrite au 1er janvier, l'année reste dans {column.name}"
    reduction = " ; seule l'année est gardée" if field.type == "year" else ""
    return f"{column.name}{reduction}"


def _constants(schema: Schema, recipe: Recipe) -> tuple[dict[str, Any], Comments, list[str]]:
    """Propose a constant for each mandatory field that the file lacks; list those that nothing fills."""
    constants: dict[str, Any] = {}
    comments: Comments = {}
    absent: list[str] = []
    usual = synonyms.of_kind(schema.name).usual
    delivery = dict(schema.delivery)
    for field in schema.fields:
        if not field.required or field.name in recipe.columns:
            continue
        if field.name in usual:
            constants[field.name] = usual[field.name]
            comments["constantes", field.name] = f"absent du fichier ; valeur habituelle, {TO_CONFIRM}"
        elif "inconnu" in field.enum:
            constants[field.name] = "inconnu"
            comments["constantes", field.name] = f"absent du fichier, obligatoire ; {TO_CONFIRM}"
        elif recipe.complete and (field.name == schema.key or field.measures == "area"):
            continue
        elif recipe.complete and field.name in (delivery.get("commune_code"), delivery.get("commune_name")):
            absent.append(f"{field.name} : absent du fichier ; déduit des formes si « communes » est donné")
        else:
            absent.append(f'{field.name} = ""  # absent du fichier, obligatoire : à compléter')
    return constants, comments, absent


def _list_comment(schema: Schema, name: str) -> str:
    field = schema.field(name)
    values = " | ".join(map(str, field.enum)) if field is not None else ""
    return f"ce que le fichier écrit = valeur du standard : {values}"


def _option_comments(recipe: Recipe, raw: RawTable) -> Comments:
    """Explain the options that every recipe shows."""
    code = "code du partenaire : suit l'objet d'une livraison à l'autre" if recipe.code else ""
    comments = {
        "completer": "identifiant donné une fois, retrouvé ensuite par le code, sinon par la forme",
        "code": code or "aucune colonne n'a l'air d'un code stable : les formes feront foi",
        "communes": "contours des communes, pour vérifier chaque code INSEE ; vide : ceux du dossier",
        "incomplet": "true : accepte que des champs obligatoires manquent",
        "ecarter": "true : importe le reste et met de côté les objets en erreur",
    }
    if recipe.crs:
        comments["crs"] = f"déclaré dans le fichier : {_system(raw) or 'rien'}"
    return {("", key): text for key, text in comments.items()}


def _system(raw: RawTable) -> str:
    """Name the system that the file declares; empty where it declares none that is known."""
    try:
        return "" if raw.crs is None else name_of(pyproj.CRS.from_user_input(raw.crs))
    except pyproj.exceptions.CRSError:
        return ""


def _head(raw: RawTable, schema: Schema, recipe: Recipe, comments: Comments) -> tuple[str, ...]:
    """Say what the recipe is for, and what is left to do."""
    doubtful = sum(TO_CONFIRM in text or "à compléter" in text for text in comments.values())
    system = f", {_system(raw)}" if _system(raw) else ""
    return (
        f"Recette proposée pour {recipe.file} ({raw.format}{system}), "
        f"{counted(len(raw), 'objet')}, type {schema.name}.",
        f"{counted(len(recipe.columns), 'champ rapproché', 'champs rapprochés')}, "
        f"{counted(doubtful, 'ligne')} « {TO_CONFIRM} » : les relire, puis",
        "artois-geo --donnees DOSSIER couches importer FICHIER --recette CETTE_RECETTE --essai",
        f"Tous les champs, unités et listes du type : artois-geo couches types {schema.name}",
    )
