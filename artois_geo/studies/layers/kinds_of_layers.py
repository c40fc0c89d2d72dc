"""The kinds of layers, the fields of one, and the form to send to who knows the data."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import layers, tables
from artois_geo.deliveries.matching import label_of
from artois_geo.errors import BadOptions
from artois_geo.kinds import synonyms
from artois_geo.kinds.schema import Field, Schema
from artois_geo.studies import StudyTable
from artois_geo.tables import FormField
from artois_geo.tables.layer_labels import LABELS
from artois_geo.text import counted

if TYPE_CHECKING:
    from pathlib import Path

    from artois_geo.layers import Layer

TYPES = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "boolean": "oui ou non",
    "date": "date",
    "year": "année",
    "json": "texte JSON",
}
POSITION = ("longitude", "latitude")
SHAPE = "wkt"


def study(kind: str | None) -> StudyTable:
    """List the kinds of layers; the fields of one where it is named.

    Parameters
    ----------
    kind
        Name of a kind, path of a TOML that describes one, or None.

    Raises
    ------
    UnknownName
        No such kind; the nearest names are offered.

    Examples
    --------
    >>> fields = study("site_eco").table
    >>> fields.loc[fields["field"] == "site_surf_brute", ["required", "unit"]].values.tolist()
    [['oui', 'ha']]
    """
    if kind is not None:
        return _fields(layers.read_kind(kind))
    schemas = [layers.read_kind(name) for name in layers.kinds()]
    rows = [(schema.name, schema.title, ", ".join(schema.geometry), schema.standard) for schema in schemas]
    frame = pd.DataFrame(rows, columns=["name", "title", "geometry", "standard"])
    return StudyTable(frame, title="Types de couches", labels=LABELS)


def _fields(schema: Schema) -> StudyTable:
    """List the fields of a kind, with their obligation, unit, values and other names."""
    table = pd.DataFrame(
        [
            {
                "field": field.name,
                "label": field.label,
                "required": _obligation(field, schema),
                "type": TYPES[field.type],
                "unit": field.unit,
                "values": ", ".join(map(str, field.enum)),
                "definition": field.definition,
                "short_name": field.short_name,
                "other_names": ", ".join((*field.aliases, *synonyms.names_of(schema.name, field.name))),
            }
            for field in schema.fields
        ]
    )
    count = sum(field.required for field in schema.fields)
    notes = [
        f"{counted(len(schema.fields), 'champ')}, dont {counted(count, 'obligatoire')} ; "
        f"géométries : {', '.join(schema.geometry)}.",
        *([f"Source : {schema.source}."] if schema.source else []),
        f"Formulaire à envoyer : artois-geo couches types {schema.name} --modele formulaire.xlsx",
    ]
    brief = table[["field", "label", "required", "unit", "values"]].assign(values=table["values"].map(_cut))
    return StudyTable(table, title=f"{schema.title} ({schema.name})", notes=notes, labels=LABELS, brief=brief)


def _cut(values: str) -> str:
    return values if len(values) <= 90 else values[:88].rsplit(",", 1)[0] + ", …"


def _obligation(field: Field, schema: Schema) -> str:
    if field.name == schema.key:
        return "clé"
    return "oui" if field.required else "selon le cas" if field.required_when else "non"


def form(kind: str | None, filled: "Layer | Path | None" = None) -> bytes:
    """Make the form of a kind: a workbook with lists, that is imported without any recipe once filled.

    Parameters
    ----------
    kind
        Name of a kind, or path of a TOML that describes one.
    filled
        Layer whose objects stand in the form already; their shapes stay in the layer, and come back by the
        key.

    Raises
    ------
    BadOptions
        No kind is named.
    UnknownName
        No such kind.

    Examples
    --------
    >>> form("quai")[:2]
    b'PK'
    """
    if kind is None:
        raise BadOptions("--modele demande un TYPE : couches types site_eco --modele formulaire.xlsx.")
    schema = layers.read_kind(kind)
    fields = [_form_field(field, schema) for field in schema.fields if field.type != "json"]
    rows: list[dict[str, Any]] = []
    if filled is not None:
        frame = layers.read(filled).drop(columns="geometry")
        # columns outside the kind, the partner's code among them, come back too
        fields += [FormField(str(name), str(name)) for name in frame if schema.field(str(name)) is None]
        rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    lines = [
        f"{schema.title} : une ligne par objet dans la feuille « Saisie ».",
        "Colonne foncée ou marquée * : obligatoire. Une information inconnue reste vide, ou « inconnu ».",
        "Identifiant vide : il sera créé à l'import (--completer). Nombres sans unité ; dates JJ/MM/AAAA.",
        "Dessin : vide si l'objet est déjà dans la couche (repris par son identifiant), "
        f"sinon {_drawing(schema)}.",
        *([f"Source : {schema.source}."] if schema.source else []),
    ]
    return tables.to_form([*fields, *_position_fields(schema)], rows, lines=lines)


def _drawing(schema: Schema) -> str:
    return "longitude et latitude" if "Point" in schema.geometry else "texte WKT dans la colonne « wkt »"


def _form_field(field: Field, schema: Schema) -> FormField:
    """Describe the column of a form that a field fills: heading, choices, bounds, explanation."""
    choices = tuple(map(str, field.enum)) if not field.separator else ()
    if field.type == "boolean":
        choices = ("oui", "non")
    pieces = [field.definition, f"En {field.unit}." if field.unit else ""]
    if field.pattern and not field.definition:
        pieces.append(f"Forme : {field.pattern}")
    is_required = field.required and field.name != schema.key
    return FormField(
        field.name,
        label_of(field, schema) + (f" ({field.unit})" if field.unit else "") + (" *" if is_required else ""),
        field.type,
        choices,
        strict=not field.open,
        required=is_required,
        minimum=field.minimum,
        maximum=field.maximum,
        explanation=" ".join(piece for piece in pieces if piece),
    )


def _position_fields(schema: Schema) -> list[FormField]:
    if "Point" in schema.geometry:
        return [FormField(name, name, "number", explanation="Degrés décimaux, WGS 84.") for name in POSITION]
    if set(schema.geometry) - {"null"}:
        return [FormField(SHAPE, SHAPE, explanation="Contour en WKT, précédé de SRID=2154; (Lambert-93).")]
    return []
