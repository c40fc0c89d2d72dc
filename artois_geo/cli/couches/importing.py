"""Command ``artois-geo couches importer``: a delivery becomes a layer of the workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, waiting
from artois_geo.cli.couches import identity, report, versions

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from artois_geo.deliveries.delivery import Delivery
    from artois_geo.formats.opening import Limits
    from artois_geo.kinds.schema import Schema


@click.command(cls=french.Command)
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--type", "kind", metavar="TYPE", help="Type de la couche, ou fichier TOML qui en décrit un.")
@click.option(
    "--schema", type=click.Path(path_type=Path), metavar="FICHIER", help="Table Schema, au lieu d'un type."
)
@click.option("--vers", metavar="COUCHE", help="Nom de la couche écrite ; par défaut celui du type.")
@click.option(
    "--crs",
    metavar="SYSTÈME",
    help="Par exemple EPSG:2154 ; auto : la seule lecture plausible ; EPSG:4326-inverse : axes inversés.",
)
@click.option("--couche-source", metavar="NOM", help="Couche, feuille ou fichier de l'archive.")
@click.option(
    "--correspondance", multiple=True, metavar="CHAMP=COLONNE", help="Colonne d'un champ ; répétable."
)
@click.option("--encodage", metavar="NOM", help="Encodage des textes, par exemple cp1252.")
@click.option("--separateur", metavar="CARACTÈRE", help="Séparateur d'un CSV, ou son nom : tabulation.")
@click.option("--colonne-geometrie", metavar="NOM", help="Colonne WKT ou GeoJSON d'une table.")
@click.option(
    "--territoire", metavar="OÙ", help="france, monde, ouest,sud,est,nord en degrés, ou une couche."
)
@click.option(
    "--recette", type=click.Path(path_type=Path), metavar="FICHIER", help="Réglages : lus, ou écrits."
)
@click.option("--ecarter", is_flag=True, help="Importe le reste et met de côté les objets en erreur.")
@click.option("--incomplet", is_flag=True, help="Accepte un fichier sans certains champs obligatoires.")
@click.option(
    "--completer",
    is_flag=True,
    help="Déduit identifiant, commune principale et surface des formes ; un objet connu garde le sien.",
)
@click.option(
    "--code",
    default="",
    metavar="COLONNE",
    help="Avec --completer : code du partenaire, qui suit un objet d'une livraison à l'autre.",
)
@click.option(
    "--communes",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Contours des communes : contrôle le code INSEE de chaque objet, et sert à --completer. "
    "Sans elle, ceux du dossier de données s'il en a.",
)
@identity.tolerances
@click.option("--sans-reparation", is_flag=True, help="Ne répare rien : ce qui est faux reste une erreur.")
@click.option("--essai", is_flag=True, help="Vérifie seulement, n'écrit rien.")
@click.option("--titre", default="", help="Titre au catalogue.")
@click.option("--source", "origin", default="non indiquée", help="Source au catalogue.")
@click.option("--licence", default="non indiquée", help="Licence au catalogue.")
@click.option("--millesime", default="non indiqué", help="Millésime au catalogue.")
@click.option("--taille-max", type=int, metavar="MIO", help="Taille maximale du fichier, en Mio.")
@click.option("--ratio-max", type=int, metavar="N", help="Gonflement maximal d'une archive.")
@click.option(
    "--format", "shown", type=click.Choice(["tableau", "json"]), default="tableau", help="Forme du rapport."
)
@options.agree(needs={"--code": "--completer"})
@options.waiting
def importer(fichier: Path, shown: str, step: waiting.Step, **requested: Any) -> None:
    """Prend la livraison d'un partenaire : FICHIER devient une couche, avec le rapport de ce qui était faux.

    Refuse par défaut, répare ce qui n'a qu'une réponse, alerte sur ce qui est une
    décision. Un import refusé ne change rien au dossier de données.
    """
    from artois_geo.errors import ArtoisGeoError

    try:
        delivery, event, layer = _imported(fichier, requested, step)
    except ArtoisGeoError as error:
        if shown == "json":
            click.echo(report.refusal(fichier, error))
        raise
    waiting.over()
    as_json = shown == "json"
    click.echo(report.as_json(delivery, layer, event) if as_json else report.as_text(delivery, layer))
    if delivery.outcome == "reject":
        raise click.ClickException(report.refused(delivery))


def _imported(
    fichier: Path, requested: dict[str, Any], step: waiting.Step
) -> "tuple[Delivery, dict[str, Any], str]":
    from artois_geo import suffixes
    from artois_geo.deliveries import delivery
    from artois_geo.layers import history, recipes, workspace
    from artois_geo.layers import read as read_layer

    recipe = requested["recette"]
    recipe_settings = recipes.read_recipe(recipe) if recipe is not None and recipe.is_file() else {}
    settings = {name: requested[key] or recipe_settings.get(name, "") for name, key in _SETTINGS.items()}
    columns = recipe_settings.get("correspondance", {}) | _pairs(requested["correspondance"])
    schema = _schema(settings["type"], requested["schema"])
    layer = requested["vers"] or schema.name.lower().replace("-", "_")
    home = versions.folder()
    history.layer_path(home, layer)
    if recipe is not None and not recipe.is_file():
        suffixes.form_of(recipe, ("toml",))
    communes = read_layer(requested["communes"]) if requested["communes"] else None
    step(f"Lecture et contrôle de {fichier.name}")
    received = delivery.receive(
        fichier,
        schema,
        crs=settings["crs"],
        layer=settings["couche_source"],
        columns=columns,
        encoding=settings["encodage"],
        separator=settings["separateur"],
        geometry_column=settings["colonne_geometrie"],
        territory=settings["territoire"],
        folder=home,
        mend=not requested["sans_reparation"],
        set_aside=requested["ecarter"],
        incomplete=requested["incomplet"],
        complete=_completer(schema, communes, layer, requested["code"]) if requested["completer"] else None,
        limits=_limits(requested["taille_max"], requested["ratio_max"]),
        identity=identity.checks(home, communes, requested["commune_m"], requested["position_m"]),
    )
    event: dict[str, Any] = {}
    if received.outcome != "reject" and not requested["essai"]:
        step(f"Écriture de la couche « {layer} »")
        event = workspace.save_delivery(
            received,
            fichier,
            home,
            layer,
            description=workspace.LayerDescription(
                requested["titre"], requested["origin"], requested["licence"], requested["millesime"]
            ),
            encoding=settings["encodage"],
        )
        waiting.note_written(history.layer_path(home, layer))
        if recipe is not None and not recipe.is_file():
            recipes.write_recipe(recipe, settings, received.matches)
            waiting.over()
            click.echo(f"Recette écrite : {french.visible(str(recipe))}", err=True)
    return received, event, layer


def _limits(file_mib: int | None, ratio: int | None) -> "Limits":
    """Return the limits of a delivery: those that the reader gives, by default those of the room."""
    from dataclasses import replace

    from artois_geo.formats.opening import Limits

    limits = Limits()
    if file_mib:
        limits = replace(limits, file_mib=file_mib, unpacked_mib=file_mib)
    return replace(limits, ratio=ratio) if ratio else limits


def _completer(
    schema: "Schema", communes: "gpd.GeoDataFrame | None", layer: str, code: str
) -> "Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]":
    """Return the function that completes a delivery from the identifiers that the workspace knows."""
    from artois_geo.deliveries import completion
    from artois_geo.layers.history import earlier_states

    earlier = earlier_states(versions.folder(), layer, schema.name)
    return completion.completer(schema, communes, earlier, code=code)


_SETTINGS = {
    "type": "kind",
    "crs": "crs",
    "couche_source": "couche_source",
    "encodage": "encodage",
    "separateur": "separateur",
    "colonne_geometrie": "colonne_geometrie",
    "territoire": "territoire",
}


def _schema(kind: str, table_schema: Path | None) -> "Schema":
    from artois_geo import layers
    from artois_geo.kinds.table_schema import read_table_schema

    if table_schema is not None and not kind:
        return read_table_schema(table_schema)
    if not kind:
        raise click.UsageError("Indiquer --type TYPE (voir « couches types »), --schema ou une --recette.")
    return layers.read_kind(kind)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        field, equal, column = pair.partition("=")
        if not equal or not field or not column:
            raise click.UsageError(f"--correspondance attend CHAMP=COLONNE, reçu « {pair} ».")
        pairs[field] = column
    return pairs
