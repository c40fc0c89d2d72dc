"""Command ``artois-geo couches fusionner``: the returns of several partners become one layer."""

from typing import Any

import click

from artois_geo.cli import french, options, show
from artois_geo.cli.couches import versions
from artois_geo.studies.layers.requests import MergeRequest


@click.command(cls=french.Command)
@click.argument("livraisons", metavar="LIVRAISONS…", nargs=-1, required=True)
@click.option("--nom", "layer", required=True, metavar="COUCHE", help="Nom de la couche écrite.")
@click.option("--type", "kind", default="", metavar="TYPE", help="Type des livraisons, pour leur clé.")
@click.option(
    "--cle", "key", default="", metavar="CHAMP", help="Champ qui nomme un objet ; par défaut la clé du type."
)
@click.option("--essai", "trial", is_flag=True, help="Montre les conflits, n'écrit pas la couche.")
@options.into(MergeRequest)
@options.output
def fusionner(livraisons: tuple[str, ...], request: MergeRequest, output: dict[str, Any]) -> None:
    """Réunit des LIVRAISONS (couches ou fichiers, la plus sûre d'abord) et liste leurs conflits.

    Même identifiant et valeurs différentes, sols qui se recouvrent d'une livraison à l'autre : chaque
    désaccord est une ligne, avec les deux valeurs. Une cellule vide prend la valeur de l'autre livraison.
    """
    from artois_geo.studies.layers import merging

    answer = merging.study(livraisons, request, versions.folder())
    if answer.path is not None:
        show.written(answer.path)
    show.study(answer.study_table, **output)
