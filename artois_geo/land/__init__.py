"""What land is left on each site, what each constraint costs, and what is not known.

Rules of the room: a setback has round joins and is drawn before anything is cut, so that
a constraint just outside a site counts; overlapping constraints are taken off once, site
by site; ground that nobody looked at is *unknown*, neither free nor lost.
"""

from artois_geo.land.available import available, states
from artois_geo.land.losses import losses, sentence
from artois_geo.land.rules import Options, Rule, Selection, as_record, read_rules, select, table
from artois_geo.land.soil import drawn, soil

__all__ = [
    "Options",
    "Rule",
    "Selection",
    "as_record",
    "available",
    "drawn",
    "losses",
    "read_rules",
    "select",
    "sentence",
    "soil",
    "states",
    "table",
]
