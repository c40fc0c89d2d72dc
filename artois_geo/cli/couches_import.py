"""Commands of ``artois-geo couches`` that change a workspace, or say how it changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import couches_report, french, options, show, waiting

if TYPE_CHECKING:
    from artois_geo.layers.delivery import Delivery
    from artois_geo.layers.schema import Schema

LABELS = {
    "version": "Version",
    "when": "Date",
    "command": "Commande",
    "input": "Fichier",
    "features_in": "Objets lus",
    "features_out": "Objets gardés",
    "set_aside": "Mis de côté",
    "ha_before": "Avant (ha)",
    "ha_after": "Après (ha)",
    "input_sha256": "SHA-256 du fichier",
    "feature": "Objet n°",
    "rule": "Règle",
    "before_m2": "Avant (m²)",
    "after_m2": "Après (m²)",
    "flagged": "À vérifier",
    "message": "Réparation",
    "change": "Changement",
    "key": "Objet",
    "field": "Champ",
    "before": "Avant",
    "after": "Après",
    "before_ha": "Avant (ha)",
    "after_ha": "Après (ha)",
    "changed_ha": "Sol qui change (ha)",
}


def folder() -> Path:
    """The workspace: ``--donnees``, or the shipped layers of a source tree, never an installation's."""
    chosen = click.get_current_context().find_root().params.get("donnees")
    if chosen is not None:
        return Path(chosen)
    from artois_geo import layers

    shipped = layers.shipped_folder()
    if shipped.name == "donnees":
        raise click.UsageError("Indiquer le dossier de travail : artois-geo --donnees DOSSIER couches …")
    return shipped


@click.command(cls=french.Command)
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--type", "kind", metavar="TYPE", help="Type de la couche, ou fichier TOML qui en décrit un.")
@click.option(
    "--schema", type=click.Path(path_type=Path), metavar="FICHIER", help="Table Schema, au lieu d'un type."
)
@click.option("--vers", metavar="COUCHE", help="Nom de la couche écrite ; par défaut celui du type.")
@click.option("--crs", metavar="SYSTÈME", help="Par exemple EPSG:2154 ; auto : la seule lecture plausible.")
@click.option("--couche-source", metavar="NOM", help="Couche du GeoPackage ou feuille du classeur.")
@click.option(
    "--correspondance", multiple=True, metavar="CHAMP=COLONNE", help="Colonne d'un champ ; répétable."
)
@click.option("--encodage", metavar="NOM", help="Encodage des textes, par exemple cp1252.")
@click.option("--separateur", metavar="CARACTÈRE", help="Séparateur d'un CSV.")
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
    "--completer", is_flag=True, help="Déduit identifiant, commune principale et surface des formes."
)
@click.option(
    "--communes", type=click.Path(path_type=Path), metavar="FICHIER", help="Contours, pour --completer."
)
@click.option("--sans-reparation", is_flag=True, help="Ne répare rien : ce qui est faux reste une erreur.")
@click.option("--essai", is_flag=True, help="Vérifie seulement, n'écrit rien.")
@click.option("--titre", default="", help="Titre au catalogue.")
@click.option("--source", "origin", default="non indiqué", help="Source au catalogue.")
@click.option("--licence", default="non indiqué", help="Licence au catalogue.")
@click.option("--millesime", default="non indiqué", help="Millésime au catalogue.")
@click.option("--taille-max", type=int, metavar="MIO", help="Taille maximale du fichier, en Mio.")
@click.option("--ratio-max", type=int, metavar="N", help="Gonflement maximal d'une archive.")
@click.option(
    "--format", "shown", type=click.Choice(["tableau", "json"]), default="tableau", help="Forme du rapport."
)
@options.waiting
def importer(fichier: Path, shown: str, step: waiting.Step, **asked: Any) -> None:
    """Prend la livraison d'un partenaire : FICHIER devient une couche, avec le rapport de ce qui était faux.

    Refuse par défaut, répare ce qui n'a qu'une réponse, alerte sur ce qui est une
    décision. Un import refusé ne change rien au dossier de données.
    """
    from artois_geo.errors import ArtoisGeoError

    try:
        delivery, event, layer = _imported(fichier, asked, step)
    except ArtoisGeoError as error:
        if shown == "json":
            click.echo(couches_report.refusal(fichier, error))
        raise
    waiting.over()
    click.echo(
        couches_report.as_json(delivery, layer, event)
        if shown == "json"
        else french.visible(couches_report.as_text(delivery, layer))
    )
    if delivery.outcome == "reject":
        raise click.ClickException(couches_report.refused(delivery))


def _imported(
    fichier: Path, asked: dict[str, Any], step: waiting.Step
) -> "tuple[Delivery, dict[str, Any], str]":
    from dataclasses import replace

    from artois_geo.layers import completion, delivery, files, history, recipes, workspace
    from artois_geo.layers.opening import Limits

    recipe = asked["recette"]
    held = recipes.read_recipe(recipe) if recipe is not None and recipe.is_file() else {}
    settings = {name: asked[key] or held.get(name, "") for name, key in _SETTINGS.items()}
    columns = held.get("correspondance", {}) | _pairs(asked["correspondance"])
    schema = _schema(settings["type"], asked["schema"])
    layer = asked["vers"] or schema.name.lower().replace("-", "_")
    home = folder()
    history.layer_path(home, layer)
    limits = Limits()
    if asked["taille_max"]:
        limits = replace(limits, file_mib=asked["taille_max"], unpacked_mib=asked["taille_max"])
    if asked["ratio_max"]:
        limits = replace(limits, ratio=asked["ratio_max"])
    communes = files.read(asked["communes"]) if asked["communes"] else None
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
        mend=not asked["sans_reparation"],
        set_aside=asked["ecarter"],
        incomplete=asked["incomplet"],
        complete=completion.completer(schema, communes) if asked["completer"] else None,
        limits=limits,
    )
    event: dict[str, Any] = {}
    if received.outcome != "reject" and not asked["essai"]:
        step(f"Écriture de la couche « {layer} »")
        event = workspace.save_delivery(
            received,
            fichier,
            home,
            layer,
            title=asked["titre"],
            origin=asked["origin"],
            licence=asked["licence"],
            vintage=asked["millesime"],
            encoding=settings["encodage"],
        )
        waiting.note_written(history.layer_path(home, layer))
        if recipe is not None and not recipe.is_file():
            recipes.write_recipe(recipe, settings, received.matches)
            waiting.over()
            click.echo(f"Recette écrite : {french.visible(str(recipe))}", err=True)
    return received, event, layer


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
    from artois_geo.layers.table_schema import read_table_schema

    if table_schema is not None and not kind:
        return read_table_schema(table_schema)
    if not kind:
        raise click.UsageError("Indiquer --type TYPE (voir « couches types »), --schema ou une --recette.")
    return layers.read_kind(kind)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for one in given:
        field, equal, column = one.partition("=")
        if not equal or not field or not column:
            raise click.UsageError(f"--correspondance attend CHAMP=COLONNE, reçu « {one} ».")
        pairs[field] = column
    return pairs


@click.command(cls=french.Command)
@click.argument("couche")
@click.option(
    "--recouvrement-max", type=float, default=0.0, metavar="M2", help="Coupe les recouvrements jusqu'à M2."
)
@click.option("--trou-max", type=float, default=0.0, metavar="M2", help="Comble les trous jusqu'à M2.")
@click.option("--micro-objet", type=float, default=0.0, metavar="M2", help="Retire les polygones sous M2.")
@click.option("--essai", is_flag=True, help="Montre les réparations, n'écrit rien.")
@options.waiting
@options.output
def reparer(
    couche: str,
    recouvrement_max: float,
    trou_max: float,
    micro_objet: float,
    essai: bool,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Répare COUCHE : chaque réparation est une ligne, avec la surface avant et après."""
    from artois_geo.layers import workspace

    step("Réparation")
    _, report = workspace.repair_layer(
        folder(),
        couche,
        max_overlap_m2=recouvrement_max,
        max_gap_m2=trou_max,
        min_piece_m2=micro_objet,
        dry_run=essai,
    )
    if not essai and len(report):
        waiting.note_written(Path(couche))
    flagged = int(report["flagged"].sum())
    left = int((report["rule"] == "réparation impossible").sum())
    notes = [f"{len(report) - left} réparations, dont {flagged} changent une surface de plus de 0,1 %."]
    if left:
        notes.append(f"{left} objets invalides laissés tels quels : ils n'ont pas de réparation sûre.")
    if essai:
        notes.append("Essai : rien n'a été écrit.")
    show.table(
        report, notes=notes, surface="lambert93", title=f"Réparation de {couche}", labels=LABELS, **output
    )


@click.command(cls=french.Command)
@click.argument("couche")
@options.output
def historique(couche: str, output: dict[str, Any]) -> None:
    """Ce qui est arrivé à COUCHE : quand, quelle commande, quel fichier, combien d'objets et d'hectares."""
    import pandas as pd

    from artois_geo.errors import UnknownName
    from artois_geo.layers import history

    known = history.events(folder(), couche)
    if not known:
        names = [one.stem for one in (folder() / history.FOLDER).glob("*.jsonl")]
        raise UnknownName("couche sans historique", couche, names)
    columns = [
        "version",
        "when",
        "command",
        "input",
        "features_in",
        "features_out",
        "set_aside",
        "ha_before",
        "ha_after",
    ]
    if output["format"] != "tableau":
        columns += ["input_sha256", "sha256"]
    frame = pd.DataFrame([[one.get(name) for name in columns] for one in known], columns=columns)
    counts = ["version", "features_in", "features_out", "set_aside"]
    frame = frame.astype(dict.fromkeys(counts, "Int64"))
    show.table(frame, surface="lambert93", title=f"Historique de {couche}", labels=LABELS, **output)


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
    "--carte", type=click.Path(path_type=Path), metavar="FICHIER", help="Carte des changements (.html)."
)
@options.output
def comparer(avant: str, apres: str, cle: str | None, carte: Path | None, output: dict[str, Any]) -> None:
    """Objets ajoutés, supprimés et modifiés d'AVANT à APRES (couches, fichiers, ou COUCHE@VERSION)."""
    from artois_geo import layers

    (old, kind), (new, other) = _state(avant), _state(apres)
    key = cle or _key(kind or other)
    if not key:
        raise click.UsageError("Indiquer le champ qui nomme un objet : --cle CHAMP.")
    changes = layers.compare(old, new, key=key)
    counts = changes.drop_duplicates("key")["change"].value_counts()
    said = ", ".join(f"{int(counts.get(one, 0))} {one}s" for one in ("ajouté", "supprimé", "modifié"))
    frame = changes if output["format"] == "geojson" else changes.drop(columns="geometry")
    show.table(
        frame,
        notes=[f"{said} ; {len(old)} objets avant, {len(new)} après."],
        surface="lambert93",
        title=f"De {avant} à {apres}",
        labels=LABELS,
        **output,
    )
    if carte is not None:
        _map(changes, carte)


def _state(text: str) -> Any:
    from artois_geo import layers
    from artois_geo.layers import history

    name, at, version = text.rpartition("@")
    if at and version.isdigit():
        known = layers.read_catalogue(folder())
        kind = known[name].kind if name in known else ""
        return layers.read(history.version_path(folder(), name, int(version))), kind
    found = options.layer_file.convert(text, None, None)
    return layers.read(found), getattr(found, "kind", "")


def _key(kind: str) -> str:
    from artois_geo import layers

    return layers.read_kind(kind).key if kind in layers.kinds() else ""


def _map(changes: Any, target: Path) -> None:
    from artois_geo import maps

    frames = {
        f"Objets {change}s": part.drop_duplicates("key")
        for change, part in changes.groupby("change", sort=True)
    }
    if not frames:
        click.echo("Aucun changement : pas de carte.", err=True)
        return
    show.save(maps.standalone(maps.build(frames)).encode(), target)


def conforming(
    couche: Any, target: Path, norm: str, *, kind: str | None, names: dict[str, str], day: Any, defuse: bool
) -> None:
    """Write a layer as its standard asks, record it, and say what was left out."""
    from datetime import date

    from artois_geo import layers
    from artois_geo.errors import BadValue
    from artois_geo.layers import standard_export

    chosen = kind or getattr(couche, "kind", "")
    if not chosen:
        raise BadValue("Le type de la couche n'est pas connu : l'indiquer par --type.")
    target.mkdir(parents=True, exist_ok=True)
    given = {name: value for name, value in names.items() if value}
    done = standard_export.write_standard(
        layers.read(couche), chosen, target, norm=norm, on=day or date.today(), names=given, defuse=defuse
    )
    show.written(done.path)
    click.echo(f"{done.count} objets, conformes : {layers.read_kind(chosen).standard}.", err=True)
    for said, held in (("Champs non publiables", done.withheld), ("Colonnes hors du standard", done.outside)):
        if held:
            click.echo(f"{said} laissés de côté : {french.visible(', '.join(held))}.", err=True)
    if done.masked:
        click.echo(f"{done.masked} valeurs masquées (noms de personnes physiques).", err=True)
    for line in done.warnings[: couches_report.SHOWN]:
        click.echo(f"Alerte : {french.visible(line)}", err=True)
    record_export(couche, done.path, norm, done.count)


def record_export(couche: Any, target: Path, norm: str, count: int) -> None:
    """Write an export in the history of its layer; the shipped layers have none."""
    from artois_geo.layers import workspace

    if click.get_current_context().find_root().params.get("donnees") is None or isinstance(couche, Path):
        return
    workspace.note_export(couche.path.parent, couche.name, target, norm, count)
