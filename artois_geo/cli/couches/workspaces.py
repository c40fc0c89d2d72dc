"""``artois-geo espace`` and ``couches copier``: a workspace, and the shipped layers that it adopts."""

from pathlib import Path

import click

from artois_geo.cli import french, options, show
from artois_geo.studies.requests import WorkspaceRequest


@click.group(cls=french.Group)
def espace() -> None:
    """Créer un espace de travail : le dossier de vos couches, devant celles livrées avec l'outil."""


@espace.command()
@click.argument("dossier", type=options.OutputFolder())
@click.option("--territoire", default="", metavar="NOM", help="Nom du territoire, pour le LISEZMOI.")
@options.into(WorkspaceRequest)
def creer(request: WorkspaceRequest, dossier: Path) -> None:
    """Crée DOSSIER, prêt à recevoir vos couches.

    Catalogue vide, contraintes.toml et theme.toml à compléter, un formulaire XLSX par type de couche que l'on
    remplit, et un LISEZMOI qui dit quoi mettre où. Un dossier qui contient quelque chose est refusé.
    """
    from artois_geo.packs.folder import Folder
    from artois_geo.studies.library import new_workspace

    new_workspace.refuse_filled(dossier)
    folder = Folder(dossier)
    for name, content in new_workspace.files(dossier, request).items():
        folder.add(name, content)
    for path in folder.write():
        show.written(path)
    click.echo(f"Espace de travail prêt : lire {french.visible(str(dossier / new_workspace.README))}.")


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
