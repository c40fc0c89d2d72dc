"""How a layer of a workspace was mended, what happened to it, and what changed from one state to another."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import layers, meaning, sources
from artois_geo.errors import BadOptions, UnknownName, UnreadableFile
from artois_geo.layers import Layer, conversion, history
from artois_geo.sources import Snapshot
from artois_geo.studies import StudyTable, planner_files
from artois_geo.text import counted

if TYPE_CHECKING:
    import geopandas as gpd

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
    "recipe": "Recette",
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
CHANGES = ("ajouté", "supprimé", "modifié")
USUAL_KEYS = (
    "cleabs",
    "siret",
    "site_id",
    "gid",
    "id",
)  # of the objects of open sources whose kind has no key
EVENT_COUNTS = ["version", "features_in", "features_out", "set_aside"]
EVENT_COLUMNS = ["version", "when", "command", "input", "features_in", "features_out", "set_aside"]
EVENT_AREAS = ["ha_before", "ha_after"]
EVENT_SUMS = ["input_sha256", "sha256"]


@dataclass(frozen=True)
class Comparison:
    """Hold what changed between two states of a layer, its table with geometry (``shaped``) and without."""

    changes: "gpd.GeoDataFrame"
    shaped: StudyTable
    study_table: StudyTable

    def map_page(self) -> str:
        """Draw the changed features by kind of change, in one HTML page; empty where nothing changed."""
        from artois_geo import maps

        features = {
            f"Objets {change}s": rows.drop_duplicates("key")
            for change, rows in self.changes.groupby("change", sort=True)
        }
        return maps.standalone(maps.build(features)) if features else ""


def repairs(report: pd.DataFrame, layer: str, folder: Path, *, is_trial: bool) -> StudyTable:
    """Say what repairs a layer had, and what was left as it is.

    Parameters
    ----------
    report
        From ``workspace.repair_layer``: one row per repair, ``flagged`` and ``rule`` among its columns.
    layer, folder
        Name of the layer, and the workspace that holds it.
    is_trial
        Nothing was written.

    Examples
    --------
    >>> report = pd.DataFrame({"rule": ["réparation"], "flagged": [True]})
    >>> repairs(report, "zones", layers.shipped_folder(), is_trial=True).notes[-1]
    "Essai : rien n'a été écrit."
    """
    unrepaired = int((report["rule"] == "réparation impossible").sum())
    flagged = int(report["flagged"].sum())
    notes = [f"{len(report) - unrepaired} réparations, dont {flagged} changent une surface de plus de 0,1 %."]
    if unrepaired:
        notes.append(f"{unrepaired} objets invalides laissés tels quels : ils n'ont pas de réparation sûre.")
    if is_trial:
        notes.append("Essai : rien n'a été écrit.")
    return StudyTable(
        report,
        title=f"Réparation de {layer}",
        sources=_described(layer, folder),
        surface="lambert93",
        notes=notes,
        labels=LABELS,
    )


def events(layer: str, folder: Path) -> StudyTable:
    """List what happened to a layer of a workspace, the oldest event first.

    Parameters
    ----------
    layer
        Name of the layer.
    folder
        The workspace.

    Raises
    ------
    UnknownName
        The layer has no history; the nearest names are offered.

    Examples
    --------
    >>> import tempfile
    >>> try:
    ...     events("zones", Path(tempfile.mkdtemp()))
    ... except UnknownName as refusal:
    ...     print(str(refusal)[:44])
    couche sans historique inconnue : « zones ».
    """
    known_events = history.events(folder, layer)
    if not known_events:
        names = [path.stem for path in (folder / history.FOLDER).glob("*.jsonl")]
        raise UnknownName("couche sans historique", layer, names)
    with_recipe = ["recipe"] if any("recipe" in event for event in known_events) else []
    columns = [*EVENT_COLUMNS, *EVENT_AREAS, *with_recipe, *EVENT_SUMS]
    table = pd.DataFrame([[event.get(name) for name in columns] for event in known_events], columns=columns)
    table = table.astype(dict.fromkeys(EVENT_COUNTS, "Int64"))
    return StudyTable(
        table,
        title=f"Historique de {layer}",
        sources=_described(layer, folder),
        surface="lambert93",
        labels=LABELS,
        brief=table.drop(columns=EVENT_SUMS),
    )


def compare(before: str, after: str, *, key: str | None, folder: Path) -> Comparison:
    """Compare two states of a layer, object by object.

    Parameters
    ----------
    before, after
        Name of a layer, path of a file, ``layer@version`` of the history of the workspace, or a snapshot of a
        source.
    key
        Field that names an object; by default the key of the kind of either state, else a usual one.
    folder
        The workspace.

    Raises
    ------
    BadOptions
        No key is given and no kind has one.
    BadTable
        The key is absent or repeated.

    Examples
    --------
    >>> answer = compare("sites_eco", "sites_eco", key="site_id", folder=layers.shipped_folder())
    >>> len(answer.changes), answer.study_table.notes[0]
    (0, '0 ajouté, 0 supprimé, 0 modifié, 65 inchangés ; 65 objets avant, 65 après.')
    """
    states = [_state(text, folder) for text in (before, after)]
    old, new = (layers.read(state) for state in states)
    name = key or next(filter(None, (_key_of_kind(getattr(state, "kind", "")) for state in states)), "")
    name = name or meaning.first_column(old, [key for key in USUAL_KEYS if key in new]) or ""
    if not name:
        raise BadOptions("Indiquer le champ qui nomme un objet : --cle CHAMP.")
    changes = layers.compare(old, new, key=name)
    counts = changes.drop_duplicates("key")["change"].value_counts()
    added, removed, changed = (int(counts.get(change, 0)) for change in CHANGES)
    numbers = zip((added, removed, changed, len(new) - added - changed), (*CHANGES, "inchangé"), strict=True)
    summary = ", ".join(counted(number, word) for number, word in numbers)
    shaped = StudyTable(
        changes,
        title=f"De {before} à {after}",
        sources=states,
        surface="lambert93",
        notes=[
            f"{summary} ; {counted(len(old), 'objet')} avant, {len(new)} après.",
            *_renumbering(old, new, name),
        ],
        labels=LABELS,
    )
    return Comparison(changes, shaped, replace(shaped, table=changes.drop(columns="geometry")))


def _described(layer: str, folder: Path) -> list[Layer]:
    """Return what the catalogue says of a layer of the workspace; nothing where it is gone."""
    catalogue = layers.read_catalogue(folder)
    return [catalogue[layer]] if layer in catalogue else []


def _renumbering(old: "gpd.GeoDataFrame", new: "gpd.GeoDataFrame", key: str) -> list[str]:
    """Say that keys changed where shapes did not: the objects are the same under other names."""
    pairs = layers.renumbered(old, new, key=key)
    if not len(pairs):
        return []
    first_pair = pairs.iloc[0]
    all_changed = " (aucune clé n'est commune)" if len(pairs) == min(len(old), len(new)) else ""
    return [
        f"Objets renumérotés, même forme sous une autre clé « {key} » : {len(pairs)}{all_changed}, "
        f"par exemple {first_pair['before_key']} → {first_pair['after_key']}. "
        "Choisir une clé plus stable : --cle."
    ]


def _state(text: str, folder: Path) -> Layer | Path:
    """Find a layer, a file, a snapshot, or a version of a layer, whose vintage is that of the version."""
    catalogue = layers.read_catalogue(folder)
    snapshot = next((each for each in sources.snapshots(folder) if text == each.name), None)
    if snapshot is not None:
        return _frozen(snapshot)
    name, at, version = text.rpartition("@")
    if not (at and version.isdigit()):
        return planner_files.layer_or_path(text, catalogue)
    path = history.version_path(folder, name, int(version))
    if name not in catalogue:
        return path
    former_kind = catalogue[name].former_kind or conversion.former_kind_of(folder, name, int(version))
    vintage = f"version {version} de l'historique"
    return replace(catalogue[name], name=text, path=path, vintage=vintage, former_kind=former_kind)


def _frozen(snapshot: Snapshot) -> Layer:
    """Describe the layer that a snapshot holds; one that came back empty has none."""
    facts, file = snapshot.facts, snapshot.folder / "couche.geojson"
    if not file.is_file():
        raise UnreadableFile(f"{snapshot.name} : aucun objet publié ce jour-là, rien à comparer.")
    source = sources.read_source(snapshot.folder / "source.toml")
    return Layer(
        name=snapshot.name,
        title=facts["titre"],
        kind=source.target.kind,
        path=file,
        source=f"{facts['attribution']} ; {facts['territoire']['texte']}",
        licence=source.licence_text,
        vintage=str(facts["millesime"]),
    )


def _key_of_kind(kind: str) -> str:
    return layers.read_kind(kind).key if kind in layers.kinds() else ""
