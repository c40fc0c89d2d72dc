"""Thresholds and factors of a command: what the reader gives, or the constant, said under the table."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from artois_geo.cli import options

if TYPE_CHECKING:
    from artois_geo.constants import Constant

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Assumed:
    """The constants that a command used, in order, as in force on a day."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.used: list[Constant] = []

    def value(self, name: str, given: Any = None) -> Any:
        """``given`` by the reader, or the constant of that name."""
        if given is not None:
            return given
        from artois_geo import constants

        constant = constants.get(name, on=self.on)
        if constant not in self.used:
            self.used.append(constant)
        return constant.value


def on(function: _Function) -> _Function:
    """Add ``--date``: the day for which the assumptions are taken."""
    return click.option(
        "--date",
        "day",
        type=options.day,
        default=lambda: date.today(),
        show_default="aujourd'hui",
        help="Jour pour lequel les hypothèses sont prises : refaire un ancien calcul avec ses hypothèses.",
    )(function)
