"""What land is left on each site, what each constraint costs, and what is not known.

Rules of the room: a setback has round joins and is drawn before anything is cut, so that
a constraint just outside a site counts; overlapping constraints are taken off once, site
by site; ground that nobody looked at is *unknown*, neither free nor lost; a site whose shape only stands
for the place is not measured: its land is an interval.
"""

from artois_geo.arguments import guard
from artois_geo.land.available import available
from artois_geo.land.constraint_table import bands, select, table
from artois_geo.land.layer_rules import CONDITIONED, FORBIDDEN, INFORMATION, layer_rules
from artois_geo.land.losses import losses, sentence
from artois_geo.land.moves import MOVES, Moves, read_moves
from artois_geo.land.nomenclature import SPLIT, Nomenclature, axis_columns, classed, read_nomenclature
from artois_geo.land.rules import Options, Rule, Selection, as_record, read_rules, rule_key
from artois_geo.land.soil import drawn, soil
from artois_geo.land.states import states, unknown
from artois_geo.land.totals import BOUNDS, totals
from artois_geo.measure import require_lambert93
from artois_geo.shapes import PieceDemands

__all__ = [
    "BOUNDS",
    "CONDITIONED",
    "FORBIDDEN",
    "INFORMATION",
    "MOVES",
    "SPLIT",
    "Moves",
    "Nomenclature",
    "Options",
    "PieceDemands",
    "Rule",
    "Selection",
    "as_record",
    "available",
    "axis_columns",
    "bands",
    "classed",
    "drawn",
    "layer_rules",
    "losses",
    "read_moves",
    "read_nomenclature",
    "read_rules",
    "rule_key",
    "select",
    "sentence",
    "soil",
    "states",
    "table",
    "totals",
    "unknown",
]


guard(__name__, shapes=require_lambert93, spread={"available": {"sites", "constraints"}})


def __dir__() -> list[str]:
    return sorted(__all__)
