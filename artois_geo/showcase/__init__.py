"""Showcase: what an offer shows to a visitor (vitrine), decided once for maps, sheets, boards and pages."""

from artois_geo.showcase.media import Document, Folders, Media
from artois_geo.showcase.offers import group_of, groups, labels, not_published, offers, on_offer
from artois_geo.showcase.photos import Photo
from artois_geo.showcase.records import AVAILABLE, FIELDS, GROUPS, LATER, PUBLISHED, Fact, Group, Offer
from artois_geo.showcase.writing import value

__all__ = [
    "AVAILABLE",
    "FIELDS",
    "GROUPS",
    "LATER",
    "PUBLISHED",
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
]


def __dir__() -> list[str]:
    return sorted(__all__)
