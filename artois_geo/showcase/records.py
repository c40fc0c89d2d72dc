"""What a visitor sees of an offer: records that maps, sheets, boards and front pages share."""

from dataclasses import dataclass
from typing import Any

AVAILABLE, PUBLISHED, LATER = "available", "published", "later"
ZONES = "zones"  # whole business parks, where no layer says which land is on offer
GROUPS = (AVAILABLE, PUBLISHED, LATER, ZONES)
SEPARATOR = "|"  # between the values of a list, in the layers
FIELDS = (
    "surface",
    "state",
    "price",
    "access",
    "networks",
    "calendar",
    "contact",
)  # in this order everywhere


@dataclass(frozen=True)
class Fact:
    """One thing that a source publishes of an offer.

    ``text`` is written in the language asked for; ``quote`` holds the words of the source, always French.
    ``date`` is as published (a year, a month or a day, ISO 8601); ``source`` may name several addresses.
    """

    field: str
    text: str
    date: str = ""
    source: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Offer:
    """Land on offer, or announced. ``number`` names it on every product; ``row`` is its label in the layer.

    ``hectares`` is None where no source gives the area; ``is_summed`` is False too where nobody publishes
    what remains of it. ``short_surface`` follows the hectares on a card. ``missing`` holds keys of the words.
    """

    id: str
    row: Any
    number: int
    group: str
    name: str
    family: str
    communes: tuple[str, ...]
    epci: str
    hectares: float | None
    is_summed: bool
    short_surface: str
    facts: tuple[Fact, ...]
    missing: tuple[str, ...]
    ask: str
    date: str
    precision_m: float | None
    site_id: str = ""

    def fact(self, field: str) -> Fact | None:
        """Return the fact of a field, None where nothing is published."""
        return next((fact for fact in self.facts if fact.field == field), None)


@dataclass(frozen=True)
class Group:
    """Offers in the same state, and the sum of the hectares that can be added, in words.

    ``is_by_plot``: several of them are plots of one site, so they are counted as plots.
    """

    id: str
    title: str
    offers: tuple[Offer, ...]
    hectares: float | None
    summed: int
    sum_text: str
    is_by_plot: bool = False
