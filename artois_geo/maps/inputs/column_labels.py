"""What the columns of a layer are called, and what its kind says of them."""

from collections.abc import Collection
from typing import Any

from artois_geo import languages, vocabulary
from artois_geo.kinds import schema as layer_kinds
from artois_geo.kinds.schema import Field
from artois_geo.maps import style

RANGE = "0 à 1"  # stands for the unit of a share: nothing to write after the value


def labels(columns: Collection[str], kind: str) -> dict[str, dict[str, Any]]:
    """Label each column of a card: columns.toml, else its kind, else the vocabulary, else its name."""
    terms = vocabulary.terms()
    labelled = {
        name: _label(terms[name].label, terms[name].unit, "vocabulary") for name in columns if name in terms
    }
    for field in fields(kind):
        labelled[field.name] = _label(field.label, field.unit, "layers.kinds", field.name)
        if field.separator:
            labelled[field.name]["separator"] = field.separator
    page_columns = style.read_columns()
    merged = {name: {**labelled.get(name, {}), **page_columns.get(name, {})} for name in columns}
    return {name: label for name, label in merged.items() if label}


def _label(label: str, unit: str, context: str, name: str = "") -> dict[str, Any]:
    label_by_language = languages.in_all(label, context) if label else {languages.SOURCE: name}
    units = languages.in_all("" if unit == RANGE else unit, "units")
    unit_label = units if len(set(units.values())) > 1 else units[languages.SOURCE]
    return {**label_by_language, "unit": unit_label} if unit_label else label_by_language


def fields(kind: str) -> tuple[Field, ...]:
    """Return the fields that a kind declares; none for a layer of no known kind."""
    return layer_kinds.read_kind(kind).fields if kind in layer_kinds.kinds() else ()
