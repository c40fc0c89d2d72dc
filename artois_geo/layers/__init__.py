"""What a layer is, where it is, whether it is right."""

from artois_geo.arguments import guard
from artois_geo.deliveries.completion import complete
from artois_geo.deliveries.delivery import Delivery, read_delivery, receive
from artois_geo.formats.exports.records import Provenance
from artois_geo.formats.read import read_any
from artois_geo.kinds.description import describe, summarise
from artois_geo.kinds.repairs import repair
from artois_geo.kinds.schema import Field, Schema, kinds, read_kind
from artois_geo.kinds.validation import validate
from artois_geo.layers.catalogue import (
    OWN,
    SHIPPED,
    Catalogue,
    Layer,
    Total,
    read_catalogue,
    shipped_folder,
)
from artois_geo.layers.comparison import compare, renumbered
from artois_geo.layers.reading import IN_FILE, read, read_checked, read_table, split_name
from artois_geo.layers.totals.claims import Claim, check_claims, read_claims
from artois_geo.layers.totals.reconciliation import reconcile
from artois_geo.layers.writing import write, write_geopackage

__all__ = [
    "IN_FILE",
    "OWN",
    "SHIPPED",
    "Catalogue",
    "Claim",
    "Delivery",
    "Field",
    "Layer",
    "Provenance",
    "Schema",
    "Total",
    "check_claims",
    "compare",
    "complete",
    "describe",
    "kinds",
    "read",
    "read_any",
    "read_catalogue",
    "read_checked",
    "read_claims",
    "read_delivery",
    "read_kind",
    "read_table",
    "receive",
    "reconcile",
    "renumbered",
    "repair",
    "shipped_folder",
    "split_name",
    "summarise",
    "validate",
    "write",
    "write_geopackage",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
