"""Options that the commands of the canal share: waterways, places, precisions that the reader declares."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from artois_geo.cli import options

_Function = TypeVar("_Function", bound=Callable[..., Any])

waterways = click.option(
    "--voies",
    "waterways",
    multiple=True,
    type=options.layer_file,
    show_default="logistique et canal du catalogue",
    help="Voies d'eau ; à répéter.",
)
places = click.option(
    "--lieux",
    "places",
    multiple=True,
    type=options.layer_file,
    show_default="logistique, canal et quais du catalogue",
    help="Quais, ports, terminaux, échangeurs, gares ; à répéter.",
)
mixed_bases = click.option(
    "--bases-melangees",
    "mixed_bases",
    is_flag=True,
    help="Accepte des filières comptées sur des unités différentes.",
)


def precisions(function: _Function) -> _Function:
    """Add ``--precision-sites``, ``--precision-axes``, ``--precision-lieux``, for ``Precisions``."""
    for suffix, field, objects in (
        ("lieux", "places_m", "les quais et autres lieux"),
        ("axes", "waterways_m", "les voies d'eau"),
        ("sites", "sites_m", "les sites"),
    ):
        function = click.option(
            f"--precision-{suffix}",
            field,
            type=click.FloatRange(0),
            metavar="M",
            help=f"À combien de mètres près sont posés {objects} dont la couche n'a pas de precision_m.",
        )(function)
    return function
