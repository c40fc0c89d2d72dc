"""``artois-geo couches``: see the layers, check a file, set published totals beside what is held."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.cli.couches import export, identity, importing, versions, workspaces
from artois_geo.studies.layers.labels import LABELS
from artois_geo.studies.layers.requests import SharingRequest, StandardRequest, ValidationRequest

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Layer


@click.group(cls=french.Group)
def couches() -> None:
    """Voir les couches, en vérifier une, la donner à un partenaire."""


@couches.command()
@options.output
def lister(output: dict[str, Any]) -> None:
    """Les couches du catalogue : d'où chacune vient, type, millésime, licence, géométrie."""
    from artois_geo.studies.layers import contents

    show.study(contents.study(options.catalogue()), **output)


@couches.command()
@options.output
def types(output: dict[str, Any]) -> None:
    """Les types de couches que « couches valider --type » connaît."""
    import pandas as pd

    from artois_geo import layers

    kinds = [layers.read_kind(name) for name in layers.kinds()]
    rows = [(kind.name, kind.title, ", ".join(kind.geometry), kind.standard) for kind in kinds]
    frame = pd.DataFrame(rows, columns=["name", "title", "geometry", "standard"])
    show.table(frame, title="Types de couches", labels=LABELS, **output)


@couches.command()
@click.argument("couche", type=options.layer_file)
@options.output
def infos(couche: "Layer | Path", output: dict[str, Any]) -> None:
    """Ce que contient COUCHE (un nom du catalogue ou un fichier GeoJSON), colonne par colonne."""
    from artois_geo import layers

    frame = layers.read(couche)
    table = layers.describe(frame, getattr(couche, "kind", ""))
    show.table(
        table,
        sources=[couche],
        notes=[*_descriptions(couche), f"{len(frame)} objets, {_shapes(frame)}."],
        title=getattr(couche, "title", str(couche)),
        labels=LABELS,
        **output,
    )


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
    communes: "Layer | Path | None",
    commune_m: float | None,
    position_m: float | None,
    request: ValidationRequest,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Vérifie FICHIER, de tout format lu, et rend la liste des constats.

    Code de sortie 1 dès qu'un constat est une erreur.
    """
    from artois_geo import layers
    from artois_geo.studies.layers import findings as layer_findings

    step("Contrôle")
    outlines = layers.read(communes) if communes is not None else None
    home = options.catalogue().folder
    place_checks = identity.checks(home, outlines, commune_m, position_m)
    answer = layer_findings.study(fichier, request, place_checks)
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


def _descriptions(couche: "Layer | Path") -> list[str]:
    if isinstance(couche, Path):
        return []
    precision = f"Géométrie {couche.geometry_note}." if couche.geometry_note else ""
    return [text for text in (couche.description, precision) if text]


def _shapes(frame: "gpd.GeoDataFrame") -> str:
    counts = frame.geom_type.value_counts()
    parts = [f"{count} {name}" for name, count in counts.items()]
    missing = int(frame.geometry.isna().sum())
    return ", ".join([*parts, *([f"{missing} sans géométrie"] if missing else [])]) or "aucune géométrie"


for command in (
    importing.importer,
    workspaces.copier,
    versions.reparer,
    versions.historique,
    versions.restaurer,
    versions.comparer,
):
    couches.add_command(command)
