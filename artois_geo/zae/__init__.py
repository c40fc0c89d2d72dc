"""Inventory of business parks (ZAE) as articles L.318-8-1 and L.318-8-2 of the Code de l'urbanisme ask."""

from artois_geo.arguments import guard
from artois_geo.measure import require_lambert93
from artois_geo.zae.answers import reattached, unmatched, unmatched_sentence
from artois_geo.zae.attachment import attached, class_counts, with_owners
from artois_geo.zae.inventory import calendar, completeness, inventory, published, useful_ha
from artois_geo.zae.jobs import density, jobs
from artois_geo.zae.matching import matched
from artois_geo.zae.vacancy import active_on, occupation, rates, to_check, with_unread

__all__ = [
    "active_on",
    "attached",
    "calendar",
    "class_counts",
    "completeness",
    "density",
    "inventory",
    "jobs",
    "matched",
    "occupation",
    "published",
    "rates",
    "reattached",
    "to_check",
    "unmatched",
    "unmatched_sentence",
    "useful_ha",
    "with_owners",
    "with_unread",
]


guard(__name__, shapes=require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
