"""Describe kinds of layers, and check, repair and publish features by them."""

from artois_geo.arguments import guard
from artois_geo.kinds.column_names import first_named
from artois_geo.kinds.communes import commune_outlines
from artois_geo.kinds.description import describe, summarise
from artois_geo.kinds.repairs import repair
from artois_geo.kinds.schema import Field, Schema, field_labels, kind_of, kinds, read_kind, usual_labels
from artois_geo.kinds.table_schema import read_table_schema
from artois_geo.kinds.validation import validate

__all__ = [
    "Field",
    "Schema",
    "commune_outlines",
    "describe",
    "field_labels",
    "first_named",
    "kind_of",
    "kinds",
    "read_kind",
    "read_table_schema",
    "repair",
    "summarise",
    "usual_labels",
    "validate",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
