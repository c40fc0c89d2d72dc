"""What a number of a table means: its comma and its point, its unit, and the words that say it is unknown."""

from artois_geo.quantities.decimal_marks import Marks, is_ambiguous
from artois_geo.quantities.units import (
    SQUARE_METRES,
    UNIT_RULE,
    UNITS,
    UNKNOWN_RULE,
    advice,
    factor,
    is_unknown,
    marks_of,
    numbers_in,
    of_heading,
    parted,
    says_unknown,
    shown,
)

__all__ = [
    "SQUARE_METRES",
    "UNITS",
    "UNIT_RULE",
    "UNKNOWN_RULE",
    "Marks",
    "advice",
    "factor",
    "is_ambiguous",
    "is_unknown",
    "marks_of",
    "numbers_in",
    "of_heading",
    "parted",
    "says_unknown",
    "shown",
]


def __dir__() -> list[str]:
    return sorted(__all__)
