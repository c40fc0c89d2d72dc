"""``artois-geo constantes``: the figures taken from texts and studies."""

from datetime import date
from typing import Any

import click

from artois_geo.cli import french, options, show


@click.group(cls=french.Group)
def constantes() -> None:
    """Chiffres tirés des textes et des études, avec leur source."""


@constantes.command()
@click.option(
    "--date",
    "day",
    type=options.day,
    help="Valeurs en vigueur ce jour-là ; par défaut aujourd'hui.",
)
@options.output
def lister(day: date | None, output: dict[str, Any]) -> None:
    """Valeur en vigueur de chaque constante."""
    from artois_geo.studies.library import reference_tables

    show.study(reference_tables.constants_in_force(day or date.today()), **output)


@constantes.command()
@click.argument("nom")
@options.output
def infos(nom: str, output: dict[str, Any]) -> None:
    """Toutes les valeurs de la constante NOM, la plus ancienne d'abord."""
    from artois_geo.studies.library import reference_tables

    show.study(reference_tables.constant_history(nom), **output)
