"""``artois-geo espace`` and ``couches copier``: a workspace, and the shipped layers that it adopts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from artois_geo.cli import french, options, show
from artois_geo.studies.requests import WorkspaceRequest


@click.group(cls=french.Group)
def espace() -> None:
    """Créer un espace de travail : le dossier de vos couches, devant celles livrées avec l'outil."""


@espace.command()
@click.argument("dossier", type=options.OutputFolder())
@click.option("--territoire", default="", metavar="NOM", help="Nom du territoire, pour le LISEZMOI.")
@click.option("--epci", default="", metavar="SIREN", help="Remplit l'espace pour cette intercommunalité.")
@click.option("--departement", default="", metavar="CODE", help="Le remplit pour ce département.")
@click.option("--communes", default="", metavar="CODE,CODE…", help="Le remplit pour ces communes.")
@click.option(
    "--nationaux",
    is_flag=True,
    help="Prend aussi les fichiers de la France entière (plusieurs Go) : sites économiques, établissements.",
)
@options.output
@options.waiting
@options.agree(
    needs=dict.fromkeys(
        ("--format", "--sortie", "--afficher", "--nationaux"), "--epci|--departement|--communes"
    ),
    excludes={"--epci": "--departement --communes", "--departement": "--communes"},
)
@options.into(WorkspaceRequest)
def creer(
    request: WorkspaceRequest, dossier: Path, output: dict[str, Any], step: Callable[[str], Any]
) -> None:
    """Crée DOSSIER, prêt à recevoir vos couches, et le remplit de données ouvertes si un territoire est dit.

    Catalogue vide, contraintes.toml et theme.toml à compléter, un formulaire XLSX par type de couche que l'on
    remplit, et un LISEZMOI qui dit quoi mettre où. Un dossier qui contient quelque chose est refusé.

    Avec --epci, --departement ou --communes, prend aussi les données ouvertes de la première heure (« sources
    lister »), dit la région, prépare contraintes.toml, et montre ce qui est reçu, ce qui manque et pourquoi.
    Relancée sur le même dossier, la commande ne demande que ce qui manque ou n'est plus valable.
    """
    from artois_geo.studies.library import filled_workspace, new_workspace

    if new_workspace.is_new(dossier, request):
        _make(dossier, request)
    if request.has_territory:
        result = filled_workspace.fill(dossier, request, step)
        show.study(result, **output)
        if result.members["missing"]:
            click.get_current_context().exit(1)


def _make(dossier: Path, request: WorkspaceRequest) -> None:
    """Write the files of a new workspace."""
    from artois_geo.packs.folder import Folder
    from artois_geo.studies.library import new_workspace

    folder = Folder(dossier)
    for name, content in new_workspace.files(dossier, request).items():
        folder.add(name, content)
    for path in folder.write():
        show.written(path)
    line = f"Espace de travail prêt : lire {french.visible(str(dossier / new_workspace.README))}."
    click.echo(line, err=request.has_territory)


@click.command(cls=french.Command)
@click.argument("couche")
@click.option("--nom", default="", metavar="NOM", help="Nom de la couche dans l'espace ; le même par défaut.")
def copier(couche: str, nom: str) -> None:
    """Fait de COUCHE, livrée avec l'outil, une couche de l'espace de travail, octet pour octet.

    Source, licence et millésime suivent ; l'historique de la couche dit d'où elle vient.
    """
    from artois_geo.studies.layers import contents

    folder = options.workspace()
    if folder is None:
        raise click.UsageError("Indiquer l'espace de travail : artois-geo --donnees DOSSIER couches copier …")
    for line in contents.copy(folder, couche, nom):
        click.echo(french.visible(line))
