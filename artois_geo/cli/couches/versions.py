"""Commands of ``artois-geo couches`` that mend a layer of the workspace, or say how it changed."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.text import counted

if TYPE_CHECKING:
    from artois_geo.layers import Layer

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
        report,
        sources=_known(couche),
        notes=notes,
        surface="lambert93",
        title=f"Réparation de {couche}",
        labels=LABELS,
        **output,
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
    show.table(
        frame,
        sources=_known(couche),
        surface="lambert93",
        title=f"Historique de {couche}",
        labels=LABELS,
        **output,
    )


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
    """Objets ajoutés, supprimés et modifiés d'AVANT à APRES (couches, fichiers, ou COUCHE@VERSION)."""
    from artois_geo import layers

    states = [_state(text) for text in (avant, apres)]
    old, new = (layers.read(state) for state in states)
    key = cle or next(filter(None, (_key(getattr(state, "kind", "")) for state in states)), "")
    if not key:
        raise click.UsageError("Indiquer le champ qui nomme un objet : --cle CHAMP.")
    changes = layers.compare(old, new, key=key)
    counts = changes.drop_duplicates("key")["change"].value_counts()
    kinds = ("ajouté", "supprimé", "modifié")
    summary = ", ".join(counted(int(counts.get(change, 0)), change) for change in kinds)
    frame = changes if output["format"] in options.WITH_SHAPES else changes.drop(columns="geometry")
    show.table(
        frame,
        sources=states,
        notes=[
            f"{summary} ; {counted(len(old), 'objet')} avant, {len(new)} après.",
            *_renumbering(old, new, key),
        ],
        surface="lambert93",
        title=f"De {avant} à {apres}",
        labels=LABELS,
        **output,
    )
    if carte is not None:
        _map(changes, carte)


def _known(couche: str) -> "list[Layer]":
    """What the catalogue says of a layer of the workspace; nothing where it is gone."""
    from artois_geo import layers

    known = layers.read_catalogue(folder())
    return [known[couche]] if couche in known else []


def _renumbering(old: Any, new: Any, key: str) -> list[str]:
    """Say that keys changed where shapes did not: the objects are the same under other names."""
    from artois_geo import layers

    pairs = layers.renumbered(old, new, key=key)
    if not len(pairs):
        return []
    first = pairs.iloc[0]
    every = " (aucune clé n'est commune)" if len(pairs) == min(len(old), len(new)) else ""
    return [
        f"Objets renumérotés, même forme sous une autre clé « {key} » : {len(pairs)}{every}, "
        f"par exemple {first['before_key']} → {first['after_key']}. Choisir une clé plus stable : --cle."
    ]


def _state(text: str) -> "Layer | Path":
    """A layer, a file, or a version of a layer: then its vintage is that version's, which nothing says."""
    from artois_geo import layers
    from artois_geo.layers import history

    name, at, version = text.rpartition("@")
    if not (at and version.isdigit()):
        return options.layer_file.convert(text, None, None)
    path = history.version_path(folder(), name, int(version))
    known = layers.read_catalogue(folder())
    if name not in known:
        return path
    return replace(known[name], name=text, path=path, vintage=f"version {version} de l'historique")


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
