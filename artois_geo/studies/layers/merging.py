"""The returns of several partners become one layer of the workspace, with the table of their conflicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from artois_geo import layers
from artois_geo.errors import BadOptions, BadValue
from artois_geo.layers import Catalogue, merging, workspace
from artois_geo.studies import StudyTable, planner_files
from artois_geo.studies.layers.requests import MergeRequest
from artois_geo.tables.layer_labels import LABELS
from artois_geo.text import counted

ORDER = (merging.VALUE, merging.GROUND, merging.COMPLETED, merging.SAME)


@dataclass(frozen=True)
class Merged:
    """Hold the table of conflicts, and the file of the layer where it was written."""

    study_table: StudyTable
    path: Path | None = None


def study(returns: Sequence[str], request: MergeRequest, folder: Path) -> Merged:
    """Merge returns into a layer of the workspace, and list where they disagree.

    Parameters
    ----------
    returns
        Names of layers or paths of files of any format, the most trusted first.
    request
        Name of the layer, its kind, the key, trial or not.
    folder
        The workspace.

    Raises
    ------
    BadOptions
        No key is given and no kind has one.
    BadTable
        A return lacks the key, or repeats it.
    UnreadableFile
        A return that cannot be read.

    Examples
    --------
    >>> from artois_geo import example
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> zone = example.square(x_km=0, y_km=0, side_km=1, site_id="A")
    >>> for name in ("a", "b"):
    ...     layers.write(zone, home / f"{name}.geojson")
    >>> request = MergeRequest(layer="zae", key="site_id")
    >>> answer = study([f"{home}/a.geojson", f"{home}/b.geojson"], request, home)
    >>> answer.study_table.notes[0], answer.path.name
    ('2 objets reçus, 1 gardé, 1 en double réuni.', 'zae.geojson')
    """
    catalogue = layers.read_catalogue(folder) if folder.is_dir() else Catalogue(folder, {})
    sources = [planner_files.layer_or_path(text, catalogue) for text in returns]
    kind = request.kind or next(filter(None, (getattr(source, "kind", "") for source in sources)), "")
    key = _key(request, kind)
    _require_names_of_their_own([source.name for source in sources])
    frames = {source.name: layers.read(source) for source in sources}
    merged, conflicts = merging.merge(frames, key=key)
    counts = {name: len(frame) for name, frame in frames.items()}
    path = None
    if not request.trial:
        path = workspace.save_merged(folder, request.layer, merged, kind, counts)
    table = _gravest_first(conflicts)
    differences = table[table["conflict"] != merging.SAME]
    study_table = StudyTable(
        table,
        title=f"Fusion vers {request.layer} : conflits",
        sources=sources,
        surface="lambert93",
        notes=_notes(table, sum(counts.values()), len(merged), is_trial=request.trial),
        labels=LABELS,
        brief=differences.assign(
            **{name: differences[name].map(_cut) for name in ("first_value", "second_value")}
        ),
    )
    return Merged(study_table, path)


def _key(request: MergeRequest, kind: str) -> str:
    """Return the column that names an object: the requested one, else that of the kind."""
    key = request.key or (layers.read_kind(kind).key if kind else "")
    if not key:
        raise BadOptions("Indiquer le champ qui nomme un objet : --cle CHAMP, ou le type : --type TYPE.")
    return key


def _require_names_of_their_own(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise BadValue(
            "Deux livraisons portent le même nom de fichier : en renommer une, les conflits la nomment."
        )


def _gravest_first(conflicts: pd.DataFrame) -> pd.DataFrame:
    order = conflicts["conflict"].map(ORDER.index)
    return conflicts.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _notes(conflicts: pd.DataFrame, received: int, merged: int, *, is_trial: bool) -> list[str]:
    """Say how many objects came and are left, which value holds, and how many conflicts of each sort."""
    counts = conflicts["conflict"].value_counts()
    return [
        f"{counted(received, 'objet reçu', 'objets reçus')}, {counted(merged, 'gardé')}, "
        f"{counted(received - merged, 'en double réuni', 'en double réunis')}.",
        "Valeurs différentes : celle de la première livraison est dans la couche, l'autre dans ce tableau.",
        ", ".join(f"{name} : {int(counts.get(name, 0))}" for name in ORDER).capitalize() + ".",
        *(["Essai : rien n'a été écrit."] if is_trial else []),
    ]


def _cut(value: object) -> object:
    return f"{value[:38]}…" if isinstance(value, str) and len(value) > 40 else value
