"""Commands of ``artois-geo couches`` that mend a layer of the workspace, or say how it changed."""

from pathlib import Path
from typing import Any

import click

from artois_geo.cli import french, options, show, waiting


def folder() -> Path:
    """Return the workspace: ``--donnees``, or the shipped layers of a source tree, not an installation's."""
    workspace_folder = options.workspace()
    if workspace_folder is not None:
        return Path(workspace_folder)
    from artois_geo import layers

    shipped = layers.shipped_folder()
    if shipped.name == "donnees":
        raise click.UsageError("Indiquer le dossier de travail : artois-geo --donnees DOSSIER couches …")
    return shipped


@click.command(cls=french.Command)
@click.argument("couche")
@click.option(
    "--recouvrement-max",
    "max_overlap_m2",
    type=float,
    default=0.0,
    metavar="M2",
    help="Coupe les recouvrements jusqu'à M2.",
)
@click.option(
    "--trou-max", "max_gap_m2", type=float, default=0.0, metavar="M2", help="Comble les trous jusqu'à M2."
)
@click.option(
    "--micro-objet",
    "min_piece_m2",
    type=float,
    default=0.0,
    metavar="M2",
    help="Retire les polygones sous M2.",
)
@click.option("--essai", is_flag=True, help="Montre les réparations, n'écrit rien.")
@options.waiting
@options.output
def reparer(
    couche: str,
    max_overlap_m2: float,
    max_gap_m2: float,
    min_piece_m2: float,
    essai: bool,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Répare COUCHE : chaque réparation est une ligne, avec la surface avant et après."""
    from artois_geo.layers import workspace
    from artois_geo.studies.layers import versions as study

    step("Réparation")
    _, report = workspace.repair_layer(
        folder(),
        couche,
        max_overlap_m2=max_overlap_m2,
        max_gap_m2=max_gap_m2,
        min_piece_m2=min_piece_m2,
        dry_run=essai,
    )
    if not essai and len(report):
        waiting.note_written(Path(couche))
    show.study(study.repairs(report, couche, folder(), is_trial=essai), **output)


@click.command(cls=french.Command)
@click.argument("couche")
@options.output
def historique(couche: str, output: dict[str, Any]) -> None:
    """Ce qui est arrivé à COUCHE : quand, quelle commande, quel fichier, combien d'objets et d'hectares."""
    from artois_geo.studies.layers import versions as study

    show.study(study.events(couche, folder()), **output)


@click.command(cls=french.Command)
@click.argument("couche")
@click.option("--version", "number", type=int, required=True, metavar="N", help="Version à reprendre.")
def restaurer(couche: str, number: int) -> None:
    """Ramène COUCHE à une version de son historique, octet pour octet."""
    from artois_geo.layers import workspace

    event = workspace.restore(folder(), couche, number)
    click.echo(
        f"« {french.visible(couche)} » ramenée à la version {number} ;"
        f" c'est maintenant la version {event['version']}."
    )


@click.command(cls=french.Command)
@click.argument("avant")
@click.argument("apres")
@click.option("--cle", metavar="CHAMP", help="Champ qui nomme un objet ; par défaut la clé du type.")
@click.option(
    "--carte", type=options.OutputFile("html"), metavar="FICHIER.html", help="Carte des changements."
)
@options.output
def comparer(avant: str, apres: str, cle: str | None, carte: Path | None, output: dict[str, Any]) -> None:
    """Objets ajoutés, supprimés, modifiés et inchangés d'AVANT à APRES.

    L'un et l'autre : une couche, un fichier, COUCHE@VERSION de l'historique, ou un instantané de
    « sources etat ».
    """
    from artois_geo.studies.layers import versions as study

    answer = study.compare(avant, apres, key=cle, folder=options.catalogue().folder)
    show.study(answer.shaped if output["format"] in options.WITH_SHAPES else answer.study_table, **output)
    if carte is None:
        return
    if page := answer.map_page():
        show.save(page.encode(), carte)
    else:
        click.echo("Aucun changement : pas de carte.", err=True)
