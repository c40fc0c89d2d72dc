"""What a recipe makes of the cells of a column, before they are typed: words, percent, unit, date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from artois_geo import quantities
from artois_geo.errors import BadValue
from artois_geo.formats.findings import Finding
from artois_geo.formats.raw_table import ABSENT
from artois_geo.kinds.column_names import spelling
from artois_geo.kinds.schema import Field
from artois_geo.meaning import is_missing, is_null
from artois_geo.quantities import UNIT_RULE, UNITS
from artois_geo.quantities.decimal_marks import Marks
from artois_geo.text import counted, digits

RULE = "recette"
PERCENT_RULE, CONSTANT_RULE, YEAR_RULE = "pourcentage", "constante", "année seule"
PERCENT, FRACTION, YEAR = "pourcentage", "part", "AAAA"
DATE_FORMS = {  # as a recipe writes it -> as strptime reads it
    "AAAA-MM-JJ": "%Y-%m-%d",
    "JJ/MM/AAAA": "%d/%m/%Y",
    "JJ-MM-AAAA": "%d-%m-%Y",
    "JJ.MM.AAAA": "%d.%m.%Y",
    "MM/JJ/AAAA": "%m/%d/%Y",
    "AAAA/MM/JJ": "%Y/%m/%d",
    "AAAAMMJJ": "%Y%m%d",
    YEAR: "%Y",
}
NO_PROOF = Marks()  # of commas and points: a cell read alone
FORMS = (PERCENT, FRACTION, *DATE_FORMS)

Conversion = tuple[Any, str, str]  # new value, rule of the change, what is said of it


@dataclass(frozen=True)
class ValueRules:
    """What to do with cells, field by field.

    ``constants`` fill the empty cells of a field, ``values`` turn the words of a partner into those of a
    list (an empty one: no value of the list, the cell is emptied and said), ``units`` are those of the
    file, ``forms`` say how a share or a date is written.
    """

    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)

    def keeps_delivered(self, name: str) -> bool:
        """Tell whether the column as delivered must stay beside what is made of it: words, years."""
        return name in self.values or self.forms.get(name) == YEAR

    def with_heading(self, heading: str, target: Field) -> "ValueRules":
        """Take the unit of a column from its heading, « Surface (m²) », where the recipe gives none."""
        unit = quantities.of_heading(heading)[1]
        if target.name in {**self.units, **self.forms} or target.type not in {"number", "integer"}:
            return self
        if unit == target.unit or not target.unit or quantities.factor(unit, target.unit) is None:
            return self
        return replace(self, units={**self.units, target.name: unit})

    def applied(self, cells: list[Any], target: Field) -> tuple[list[Any], list[Finding]]:
        """Convert the cells of the column that fills a field; give one row per cell that was changed."""
        conversion = self._conversion(target, cells)
        if conversion is None:
            return cells, []
        new_cells, findings = [], []
        for row, cell in enumerate(cells, start=1):
            if cell is ABSENT or is_missing(cell):
                new_cells.append(cell)
                continue
            value, rule, message = conversion(cell)
            new_cells.append(value)
            if rule:
                level = "alerte" if value is None else "réparation"
                findings.append(Finding(row, target.name, rule, level, cell, message))
        return new_cells, findings

    def filled(self, cells: list[Any], target: Field) -> tuple[list[Any], list[Finding]]:
        """Put the constant of a field, if it has one, in its empty cells; give one row for them all."""
        value = self.constants.get(target.name)
        empty = [cell is ABSENT or is_missing(cell) for cell in cells]
        if value is None or not any(empty):
            return cells, []
        message = f"« {value} » écrit pour {counted(sum(empty), 'objet')} par la recette"
        finding = Finding(None, target.name, CONSTANT_RULE, "note", value, message)
        return [value if is_empty else cell for cell, is_empty in zip(cells, empty, strict=True)], [finding]

    def _conversion(self, target: Field, cells: list[Any]) -> Callable[[Any], Conversion] | None:
        """Choose what converts the cells of a field, ``None`` where the recipe says nothing of them."""
        words = self.values.get(target.name)
        unit = self.units.get(target.name)
        form = self.forms.get(target.name)
        if words:
            folded = {spelling(str(word)): value for word, value in words.items()}
            return lambda cell: _translated(cell, words, folded)
        if form in (PERCENT, FRACTION):
            marks = quantities.marks_of(cells)
            return lambda cell: _percent(cell, marks, is_fraction=form == FRACTION)
        if form is not None:
            return lambda cell: _dated(cell, form, target)
        if unit is not None and unit != target.unit:
            marks = quantities.marks_of(cells)
            return lambda cell: _in_unit(cell, marks, unit, target.unit)
        return None


def _translated(cell: Any, words: Mapping[str, Any], folded: Mapping[str, Any]) -> Conversion:
    """Turn a word of the partner into that of the list; one that the recipe does not know stays."""
    text = str(cell)
    value = words.get(text, folded.get(spelling(text), cell))
    if value == cell:
        return cell, "", ""
    if value == "":
        return None, RULE, f"« {text} » sans valeur dans la liste, d'après la recette ; cellule vidée"
    rule = "liste de valeurs" if spelling(text) == spelling(str(value)) else RULE
    return value, rule, f"« {text} » écrit « {value} »"


def number_of(cell: Any, marks: Marks = NO_PROOF) -> float | None:
    """Read a number that may bear its unit (« 12 % », « 3,5 ha »); ``None`` for anything else.

    Examples
    --------
    >>> number_of("12 %"), number_of("1 200,5 m²"), number_of("douze")
    (12.0, 1200.5, None)
    """
    if isinstance(cell, bool) or is_null(cell):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    plain = marks.plain(quantities.parted(str(cell))[0], is_integer=False)
    return float(plain) if plain else None


def _percent(cell: Any, marks: Marks, *, is_fraction: bool) -> Conversion:
    """Read a share as a percentage: « 12 % », or 0.12 where the file writes fractions."""
    read = number_of(cell, marks)
    if read is None:
        return cell, "", ""
    percent = round(read * 100, 9) if is_fraction and "%" not in str(cell) else read
    value = int(percent) if percent.is_integer() else percent
    return (value, "", "") if value == cell else (value, PERCENT_RULE, f"« {cell} » lu {digits(value)} %")


def _in_unit(cell: Any, marks: Marks, unit: str, target_unit: str) -> Conversion:
    """Read a number in the unit that its cell bears, else in that of its column."""
    own_unit = quantities.parted(cell)[1] if isinstance(cell, str) else ""
    factor = quantities.factor(own_unit or unit, target_unit)
    read = number_of(cell, marks)
    if read is None or factor is None:
        return cell, "", ""
    value = round(read * factor, 6)
    written = cell if own_unit else f"{cell} {unit}"
    return value, UNIT_RULE, f"« {written} » lu {digits(value)} {target_unit}"


def _dated(cell: Any, form: str, target: Field) -> Conversion:
    """Read a date written in one form, as the date or the year that the field takes."""
    if isinstance(cell, datetime):
        cell = cell.date()
    text = cell.isoformat() if isinstance(cell, date) else str(cell).strip().removesuffix(".0")
    read = None
    for pattern in (DATE_FORMS[form], "%Y-%m-%d"):
        try:
            read = datetime.strptime(text, pattern).date()
            break
        except ValueError:
            continue
    if read is None:
        return cell, "", ""
    if target.type == "year":
        return (
            (read.year, "", "")
            if text == str(read.year)
            else (read.year, "année", f"« {cell} » lu {read.year}")
        )
    if form == YEAR and text == f"{read.year:04d}":
        message = f"« {cell} » : année seule, jour et mois inconnus ; écrit {read.isoformat()} par convention"
        return read.isoformat(), YEAR_RULE, message
    iso = read.isoformat()
    return (iso, "", "") if iso == text else (iso, "date", f"« {cell} » lu {iso}")


def require_usable(rules: ValueRules, target: Field) -> None:
    """Refuse what a recipe asks of a field that does not take it.

    Raises
    ------
    BadValue
        A unit of ground for a field that has none, a date form for what is no date.
    """
    name, unit, form = target.name, rules.units.get(target.name), rules.forms.get(target.name)
    if unit is not None and (unit not in UNITS or target.unit not in UNITS):
        takes = f"se donne en {target.unit}" if target.unit else "n'a pas d'unité"
        raise BadValue(f"« {name} » : unité « {unit} » inapplicable, le champ {takes} ({', '.join(UNITS)}).")
    if form is not None and form not in FORMS:
        raise BadValue(f"« {name} » : forme inconnue « {form} ». Choisir {', '.join(FORMS)}.")
    is_share = form in (PERCENT, FRACTION)
    readable = {"number", "integer"} if is_share else {"date", "year"}
    if form is not None and target.type not in readable:
        raise BadValue(f"« {name} » est de type {target.type} : la forme « {form} » ne s'y lit pas.")
