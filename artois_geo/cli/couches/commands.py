"""``artois-geo couches``: see the layers, check a file, set published totals beside what is held."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.cli.couches import export, identity, importing, merging, versions, workspaces
from artois_geo.studies.layers.requests import SharingRequest, StandardRequest, ValidationRequest

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@click.group(cls=french.Group)
def couches() -> None:
    """Voir les couches, en vérifier une, la donner à un partenaire."""


@couches.command()
@options.output
def lister(output: dict[str, Any]) -> None:
    """Les couches du catalogue : d'où chacune vient, type, millésime, licence, géométrie."""
    from artois_geo.studies.layers import contents

    show.study(contents.catalogue(options.catalogue()), **output)


@couches.command()
@click.argument("nom", metavar="[TYPE]", required=False)
@click.option(
    "--modele",
    "form",
    type=options.OutputFile("xlsx"),
    metavar="FICHIER.xlsx",
    help="Écrit le formulaire du type, à envoyer : listes déroulantes, explications. Rempli, il s'importe "
    "sans recette.",
)
@click.option(
    "--couche",
    "filled",
    type=options.layer_file,
    help="Avec --modele : remplit le formulaire avec les objets de cette couche, à mettre à jour.",
)
@options.agree(needs={"--couche": "--modele"}, excludes={"--modele": "--format --sortie"})
@options.output
def types(nom: str | None, form: Path | None, filled: "Layer | Path | None", output: dict[str, Any]) -> None:
    """Les types de couches, ou les champs de TYPE : unités, listes, ce qui est obligatoire."""
    from artois_geo.studies.layers import kinds_of_layers

    if form is not None:
        show.save(kinds_of_layers.form(nom, filled), form)
        return
    show.study(kinds_of_layers.study(nom), **output)


@couches.command()
@click.argument("couche", type=options.layer_file)
@options.output
def infos(couche: "Layer | Path", output: dict[str, Any]) -> None:
    """Ce que contient COUCHE (un nom du catalogue ou un fichier GeoJSON), colonne par colonne."""
    from artois_geo.studies.layers import contents

    show.study(contents.layer(couche), **output)


@couches.command()
@click.argument("fichier", type=options.layer_file)
@click.option(
    "--type",
    "kind",
    metavar="TYPE",
    help="Type de couche attendu (voir « couches types »), ou chemin d'un fichier TOML qui le décrit. "
    "Par défaut le type du catalogue ; pour un autre fichier, la géométrie et les valeurs seulement.",
)
@click.option(
    "--territoire",
    "territory",
    type=options.layer_file,
    help="Couche de polygones hors de laquelle un objet est signalé.",
)
@click.option(
    "--communes",
    type=options.layer_file,
    help="Contours des communes, pour contrôler le code INSEE ; sans elle, ceux du dossier de données.",
)
@identity.tolerances
@click.option(
    "--couche-source",
    "source_layer",
    default="",
    metavar="NOM",
    help="Couche du GeoPackage, feuille du classeur ou fichier de l'archive.",
)
@click.option(
    "--encodage",
    "encoding",
    default="",
    metavar="NOM",
    help="Encodage des textes, par exemple cp1252.",
)
@click.option(
    "--resume",
    "summary",
    is_flag=True,
    help="Une ligne par règle et par champ, avec le nombre de constats.",
)
@options.into(ValidationRequest)
@options.waiting
@options.output
def valider(
    fichier: "Layer | Path",
    request: ValidationRequest,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Vérifie FICHIER, de tout format lu, et rend la liste des constats.

    Code de sortie 1 dès qu'un constat est une erreur.
    """
    from artois_geo.studies.layers import findings as layer_findings

    step("Contrôle")
    answer = layer_findings.study(fichier, request, options.catalogue().folder)
    show.study(answer.study_table, **output)
    if answer.has_errors:
        click.get_current_context().exit(1)


@couches.command()
@click.argument("couche", type=options.layer_file)
@click.option(
    "--sortie",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    required=True,
    help="La fin du nom décide : .gpkg avec son style QGIS, .shp.zip, .parquet, .fgb (Lambert-93), .geojson, "
    ".gpx (WGS 84), .csv ou .xlsx (sans géométrie). Avec --norme, le dossier où va la livraison.",
)
@click.option(
    "--publiable", "publishable", is_flag=True, help="Sans les champs que le type interdit de publier."
)
@click.option(
    "--par",
    "by",
    metavar="COLONNE",
    help="Un fichier par valeur de cette colonne : « epci » trouve celle de l'EPCI, ou celui de la commune.",
)
@click.option(
    "--norme", "norm", metavar="NORME", help="Livraison conforme, par exemple cnig-sites-economiques."
)
@click.option("--type", "kind", metavar="TYPE", help="Type de la couche, si le catalogue ne le dit pas.")
@click.option("--siren", metavar="SIREN", help="EPCI, pour le nom du fichier de la norme.")
@click.option("--document", metavar="CODE", help="INSEE ou SIREN du PLU, pour le nom du fichier de la norme.")
@click.option(
    "--date", "day", type=options.day, help="Date du nom de fichier de la norme ; aujourd'hui par défaut."
)
@click.option(
    "--textes-bruts",
    "raw_texts",
    is_flag=True,
    help="Avec --norme : ne désamorce pas les formules de tableur.",
)
@options.into(StandardRequest)
@options.into(SharingRequest, "sharing")
@options.agree(excludes={"--norme": "--publiable --par"})
def exporter(couche: "Layer | Path", sortie: Path, sharing: SharingRequest, request: StandardRequest) -> None:
    """Écrit COUCHE pour un partenaire ou un logiciel de cartographie, avec ses sources et son style.

    Une livraison de --norme ne contient jamais les champs que le type interdit de publier ; un autre
    fichier les contient, sauf avec --publiable.
    """
    if request.norm is not None:
        folder = options.OutputFolder().convert(sortie, None, None)
        export.conforming(couche, folder, request, kind=sharing.kind)
    elif request != StandardRequest():
        raise click.UsageError("--siren, --document, --date et --textes-bruts demandent --norme.")
    else:
        export.as_files(couche, sortie, sharing)


@couches.command()
@click.option("--objets", metavar="TOTAL", help="Les objets d'un total, un par ligne (nom du total).")
@click.option("--affirmations", is_flag=True, help="Seulement les chiffres publiés que le calcul vérifie.")
@options.agree(excludes={"--objets": "--affirmations"})
@options.output
def controle(objets: str | None, affirmations: bool, output: dict[str, Any]) -> None:
    """Chaque total publié, ce que les couches contiennent, l'écart et ce qui l'explique.

    À lire (format tableau), les chiffres publiés que le calcul vérifie suivent : tient, ou ne tient pas.
    """
    from artois_geo.studies.layers import published_totals

    catalogue = options.catalogue()
    if objets is not None:
        show.study(published_totals.objects(catalogue, objets), **output)
        return
    if not affirmations:
        show.study(published_totals.totals(catalogue), **output)
    if affirmations or (output["format"] == "tableau" and output["sortie"] is None):
        show.study(published_totals.claims(catalogue), **output)


for command in (
    importing.importer,
    workspaces.copier,
    merging.fusionner,
    versions.reparer,
    versions.historique,
    versions.restaurer,
    versions.comparer,
):
    couches.add_command(command)
