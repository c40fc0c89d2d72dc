"""Thresholds and factors of a study: what the reader gives, or the constant, said under the table."""

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artois_geo.constants import Constant


class Assumptions:
    """Record the constants that a study used, in order, as in force on a day.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo.studies import Assumptions
    >>> assumptions = Assumptions(date(2026, 12, 8))
    >>> assumptions.value("canal_bank_distance_m", given=250.0), assumptions.used
    (250.0, [])
    >>> threshold_m = assumptions.value("canal_bank_distance_m")
    >>> [constant.value == threshold_m for constant in assumptions.used]
    [True]
    """

    def __init__(self, on: date) -> None:
        self.on = on
        self.used: list[Constant] = []

    def value(self, name: str, given: Any = None) -> Any:
        """Return what the reader gave, or the constant of that name, which is then among those used."""
        if given is not None:
            return given
        from artois_geo import constants

        constant = constants.get(name, on=self.on)
        if constant not in self.used:
            self.used.append(constant)
        return constant.value
