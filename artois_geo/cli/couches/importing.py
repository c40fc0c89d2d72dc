"""Command ``artois-geo couches importer``: a delivery becomes a layer of the workspace."""

from pathlib import Path

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.cli.couches import identity, report, versions
from artois_geo.studies.layers.requests import ImportRequest


@click.command(cls=french.Command)
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--type", "kind", metavar="TYPE", help="Type de la couche, ou fichier TOML qui en décrit un.")
@click.option("--schema", "table_schema", metavar="FICHIER", help="Table Schema, au lieu d'un type.")
@click.option(
    "--vers",
    "layer",
    metavar="COUCHE",
    help="Nom de la couche écrite ; par défaut celui de la recette, sinon du type.",
)
@click.option(
    "--proposer",
    "proposes",
    is_flag=True,
    help="N'importe pas : écrit la recette proposée pour ce fichier (TOML commenté, à relire).",
)
@click.option(
    "--sortie",
    "target",
    type=options.OutputFile("toml"),
    metavar="RECETTE.toml",
    help="Avec --proposer : écrit la recette dans ce fichier au lieu de l'afficher.",
)
@click.option(
    "--recette",
    "recipe",
    type=click.Path(path_type=Path),
    metavar="RECETTE.toml",
    help="Recette à suivre ; absente, elle est écrite, même si l'import est refusé.",
)
@click.option(
    "--sans-recette", "no_recipe", is_flag=True, help="Ne reprend aucune recette du dossier de données."
)
@click.option(
    "--crs",
    metavar="SYSTÈME",
    help="Par exemple EPSG:2154 ; auto : la seule lecture plausible ; EPSG:4326-inverse : axes inversés.",
)
@click.option(
    "--couche-source",
    "source_layer",
    metavar="NOM",
    help="Couche, feuille ou fichier de l'archive.",
)
@click.option(
    "--correspondance",
    "pairs",
    multiple=True,
    metavar="CHAMP=COLONNE",
    help="Colonne d'un champ ; répétable.",
)
@click.option("--encodage", "encoding", metavar="NOM", help="Encodage des textes, par exemple cp1252.")
@click.option(
    "--separateur",
    "separator",
    metavar="CARACTÈRE",
    help="Séparateur d'un CSV, ou son nom : tabulation.",
)
@click.option(
    "--colonne-geometrie",
    "geometry_column",
    metavar="NOM",
    help="Colonne WKT ou GeoJSON d'une table.",
)
@click.option(
    "--territoire",
    "territory",
    metavar="OÙ",
    help="france, monde, ouest,sud,est,nord en degrés, ou une couche.",
)
@click.option(
    "--ecarter",
    "set_aside",
    is_flag=True,
    default=None,
    help="Importe le reste et met de côté les objets en erreur.",
)
@click.option(
    "--incomplet",
    "incomplete",
    is_flag=True,
    default=None,
    help="Accepte un fichier sans certains champs obligatoires.",
)
@click.option(
    "--completer",
    "complete",
    is_flag=True,
    default=None,
    help="Déduit identifiant, commune principale et surface des formes ; un objet connu garde le sien.",
)
@click.option(
    "--code",
    metavar="COLONNE",
    help="Avec --completer : code du partenaire, qui suit un objet d'une livraison à l'autre.",
)
@click.option(
    "--communes",
    metavar="FICHIER",
    help="Contours des communes : contrôle le code INSEE de chaque objet, et sert à --completer. "
    "Sans elle, ceux du dossier de données s'il en a.",
)
@identity.tolerances
@click.option(
    "--sans-reparation",
    "unrepaired",
    is_flag=True,
    default=None,
    help="Ne répare rien : ce qui est faux reste une erreur.",
)
@click.option(
    "--essai",
    "trial",
    is_flag=True,
    help="Vérifie seulement, n'écrit rien ; montre quelques objets avant et après.",
)
@click.option("--titre", "title", help="Titre au catalogue.")
@click.option("--source", "origin", help="Source au catalogue.")
@click.option("--licence", help="Licence au catalogue.")
@click.option("--millesime", "vintage", help="Millésime au catalogue.")
@click.option("--taille-max", "file_mib", type=int, metavar="MIO", help="Taille maximale du fichier, en Mio.")
@click.option("--ratio-max", "ratio", type=int, metavar="N", help="Gonflement maximal d'une archive.")
@click.option(
    "--format", "shown", type=french.Choice(["tableau", "json"]), default="tableau", help="Forme du rapport."
)
@options.agree(
    needs={"--code": "--completer|--recette|--proposer", "--sortie": "--proposer"},
    excludes={"--proposer": "--recette --essai --format --sans-recette", "--sans-recette": "--recette"},
)
@options.waiting
@options.into(ImportRequest, settings="settings")
def importer(
    fichier: Path,
    request: ImportRequest,
    proposes: bool,
    target: Path | None,
    shown: str,
    step: waiting.Step,
) -> None:
    """Prend la livraison d'un partenaire : FICHIER devient une couche, avec le rapport de ce qui était faux.

    Refuse par défaut, répare ce qui n'a qu'une réponse, alerte sur ce qui est une
    décision. Un import refusé ne change rien au dossier de données.

    Pour un fichier qui a ses propres colonnes, --proposer écrit une recette, à relire, que --recette suit.
    Elle reste dans le dossier « recettes » et sert d'elle-même à la livraison suivante.
    """
    if proposes:
        _propose(fichier, request, target)
        return
    _import(fichier, request, shown, step)


def _propose(fichier: Path, request: ImportRequest, target: Path | None) -> None:
    """Show or write the recipe proposed for a file."""
    from artois_geo.studies.layers import importing

    proposed = importing.propose(fichier, request)
    waiting.over()
    if target is None:
        click.echo(french.visible(proposed.text), nl=False)
    else:
        show.save(proposed.text.encode(), target)
    for line in report.proposed(proposed, fichier, target):
        click.echo(french.visible(line), err=True)


def _import(fichier: Path, request: ImportRequest, shown: str, step: waiting.Step) -> None:
    """Import a file and show the report; a refusal is an error."""
    from artois_geo.errors import ArtoisGeoError
    from artois_geo.studies.layers import importing

    try:
        answer = importing.study(fichier, request, versions.folder(), step)
    except ArtoisGeoError as error:
        if shown == "json":
            click.echo(report.refusal(fichier, error))
        raise
    waiting.over()
    for path in filter(None, (answer.recipe_path, answer.layer_path)):
        waiting.note_written(path)
    for line in report.about_recipe(answer):
        click.echo(french.visible(line), err=True)
    click.echo(report.as_json(answer) if shown == "json" else report.as_text(answer, is_trial=request.trial))
    if answer.delivery.outcome == "reject":
        raise click.ClickException(report.refused(answer.delivery))
