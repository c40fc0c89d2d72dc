"""Options by which ``couches valider`` and ``couches importer`` check the place of an object."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])


def tolerances(function: _Function) -> _Function:
    """Add ``--ecart-commune`` and ``--ecart-position``: ``commune_m`` and ``position_m``, in metres."""
    for option in (
        click.option(
            "--ecart-position",
            "position_m",
            type=click.FloatRange(min=0),
            metavar="M",
            help="Écart admis, en mètres, entre un objet et ses colonnes X et Y ; 1 sans cette option.",
        ),
        click.option(
            "--ecart-commune",
            "commune_m",
            type=click.FloatRange(min=0),
            metavar="M",
            help="Écart admis, en mètres, entre un objet et sa commune déclarée ; 200 sans cette option.",
        ),
    ):
        function = option(function)
    return function
