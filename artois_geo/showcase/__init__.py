"""Showcase: what an offer shows to a visitor (vitrine), decided once for maps, sheets, boards and pages."""

from artois_geo.arguments import guard
from artois_geo.showcase.media import Document, Folders, Media
from artois_geo.showcase.offers import group_of, groups, labels, not_published, offers, on_offer
from artois_geo.showcase.photos import Photo
from artois_geo.showcase.records import AVAILABLE, FIELDS, GROUPS, LATER, PUBLISHED, ZONES, Fact, Group, Offer
from artois_geo.showcase.writing import value
from artois_geo.showcase.zones import zones

__all__ = [
    "AVAILABLE",
    "FIELDS",
    "GROUPS",
    "LATER",
    "PUBLISHED",
    "ZONES",
    "Document",
    "Fact",
    "Folders",
    "Group",
    "Media",
    "Offer",
    "Photo",
    "group_of",
    "groups",
    "labels",
    "not_published",
    "offers",
    "on_offer",
    "value",
    "zones",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
