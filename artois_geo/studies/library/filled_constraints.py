"""The constraints of a workspace after open data came: received, « rien, réponse du … », or still unknown.

What a planner changed in the table stays as it is: the first line holds the checksum of what the tool wrote.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from artois_geo import layers, sources
from artois_geo.layers import store
from artois_geo.layers.catalogue import quoted
from artois_geo.sources import Snapshot, Source
from artois_geo.studies.library import constraint_list

CONSTRAINTS = "contraintes.toml"
_MARK = "# Rempli par l'outil, empreinte "
_DRAWN = re.compile(r"^recul_(?:m|colonne) = .*\n", re.MULTILINE)


def write(folder: Path, entries: Sequence[Mapping[str, Any]], snapshots: Mapping[str, Snapshot]) -> list[str]:
    """Write in the table of constraints what each easement source answered, and say it.

    Parameters
    ----------
    folder
        Workspace.
    entries
        For a constraint of the French table (``couche``): source, column and values of its objects.
    snapshots
        The answer for the territory of each source that gave one.

    Returns
    -------
    list of str
        French notes; what a reader changed is left, and they say so.

    Examples
    --------
    >>> write(Path("absent"), [], {})
    []
    """
    file = Path(folder) / CONSTRAINTS
    if not file.is_file():
        return []
    text, answers = constraint_list.text(), []
    source_by_name = sources.read_sources(folder)
    for entry in entries:
        source = source_by_name[entry["source"]]
        text, answer = _answered(text, entry, folder, source, snapshots.get(source.id))
        answers.append(answer)
    present = file.read_text(encoding="utf-8")
    if _body(present) is None:
        return [f"{CONSTRAINTS} a été modifié : il reste tel quel, à compléter avec les couches reçues."]
    if _body(present) != text:
        store.replace(file, (_marked(text)).encode(), within=Path(folder))
    names = {
        state: [name for name, own in answers if own == state] for state in ("reçue", "rien", "inconnue")
    }
    notes = []
    if names["reçue"]:
        notes.append(f"Contraintes prêtes : {', '.join(names['reçue'])}.")
    if names["rien"]:
        notes.append(f"Rien de publié, sans objet jusqu'à preuve du contraire : {', '.join(names['rien'])}.")
    if names["inconnue"]:
        notes.append(f"Non reçues, sol inconnu et jamais libre : {', '.join(names['inconnue'])}.")
    return notes


def table_of(folder: Path | None) -> Path | None:
    """Return the table of constraints that open data filled, even where a reader changed it since; else None.

    Examples
    --------
    >>> table_of(Path("absent")) is None
    True
    """
    file = None if folder is None else Path(folder) / CONSTRAINTS
    if file is None or not file.is_file():
        return None
    return file if file.read_text(encoding="utf-8").startswith(_MARK) else None


def _answered(
    text: str, entry: Mapping[str, Any], folder: Path, source: Source, snapshot: Snapshot | None
) -> tuple[str, tuple[str, str]]:
    """Write one constraint as its source answered: its objects, nothing, or nobody knows."""
    name = str(entry["couche"])
    objects = None if snapshot is None else _objects(source, snapshot, entry, folder)
    if snapshot is None or objects is None or (objects.empty and entry.get("vide") == "inconnu"):
        return text, (name, "inconnue")
    if objects.empty:
        return _in_section(text, name, _waived(snapshot)), (name, "rien")
    if entry.get("present") == "inconnu":
        return text, (name, "inconnue")
    if not (shapely.get_dimensions(objects.geometry.to_numpy()) == 2).all():
        return text, (name, "inconnue")  # a line without its setback takes an unknown ground
    values = sorted(set(objects[entry["colonne"]].astype(str)))
    listed = ", ".join(map(quoted, values))
    lines = f'couche = "{source.target.layer}"\nfiltre = {{ {entry["colonne"]} = [{listed}] }}\n'
    return _in_section(text, name, lines, drawn=True), (name, "reçue")


def _objects(
    source: Source, snapshot: Snapshot, entry: Mapping[str, Any], folder: Path
) -> gpd.GeoDataFrame | None:
    """Return the objects of a constraint in the layer of a source; None where the layer is not there."""
    if not snapshot.facts["objets"]:
        return gpd.GeoDataFrame(geometry=[])
    catalogue = layers.read_catalogue(folder)
    if source.target.layer not in catalogue:
        return None
    frame = layers.read(catalogue[source.target.layer])
    if entry["colonne"] not in frame:
        return None
    return frame[frame[entry["colonne"]].astype(str).isin(entry["valeurs"])]


def _waived(snapshot: Snapshot) -> str:
    facts = snapshot.facts
    day = f"{datetime.fromisoformat(facts['pris_le']):%d/%m/%Y}"
    reason = f"rien, réponse du {day} ({facts['producteur']}, source {facts['source']})"
    return f"sans_objet = {quoted(reason)}\n"


def _in_section(text: str, name: str, lines: str, *, drawn: bool = False) -> str:
    """Write lines in the section of a layer; in place of its layer and of its setback with ``drawn``."""
    heading = "[[contrainte]]\n"
    sections = text.split(heading)
    layer = f'couche = "{name}"\n'
    for number, section in enumerate(sections):
        if layer in section:
            own, gap, after = section.partition("\n\n")
            own += "\n"
            own = _DRAWN.sub("", own).replace(layer, lines) if drawn else own + lines
            sections[number] = own.rstrip("\n") + gap + after
    return heading.join(sections)


def _marked(text: str) -> str:
    return f"{_MARK}{hashlib.sha256(text.encode()).hexdigest()[:16]} : à vous de le modifier.\n{text}"


def _body(text: str) -> str | None:
    """Return a table that the tool wrote, without its mark; None where somebody changed it."""
    if text == constraint_list.text():
        return text
    first, _, body = text.partition("\n")
    return body if _marked(body) == text and first.startswith(_MARK) else None
