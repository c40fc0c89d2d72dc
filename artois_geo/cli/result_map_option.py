"""The map of a result: one offline file, over the layers of the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import options, show

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

option = click.option(
    "--carte",
    type=options.OutputFile("html"),
    metavar="FICHIER.html",
    help="Écrit aussi une carte HTML en un seul fichier, qui s'ouvre sans réseau.",
)


def save(result: "ResultMap | None", path: Path | None) -> None:
    """Write the map that a study gives, where the reader named a file for it."""
    if result is None or path is None:
        return
    from artois_geo.studies import result_map

    show.save(result_map.page(result, options.catalogue()), path)
