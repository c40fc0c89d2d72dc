"""``artois-geo glossaire``: what the computed columns mean."""

from typing import Any

import click

from artois_geo.cli import french, options, show


@click.command(cls=french.Command)
@click.argument("mot", required=False, default="")
@options.output
def glossaire(mot: str, output: dict[str, Any]) -> None:
    """Sens et unité des colonnes calculées ; avec MOT, celles dont il est question."""
    from artois_geo.studies.library import reference_tables

    show.study(reference_tables.glossary(mot), **output)
