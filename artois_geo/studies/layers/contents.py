"""What layers a catalogue holds, where each comes from, which shipped ones it leaves out; what one holds."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from artois_geo import layers, meaning
from artois_geo.errors import UnreadableFile
from artois_geo.layers import workspace
from artois_geo.layers.catalogue import LISTED, left_out_sentences
from artois_geo.studies import StudyTable
from artois_geo.studies.data_warnings import fictional_sentence
from artois_geo.tables.layer_labels import LABELS
from artois_geo.text import counted

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Catalogue, Layer


def catalogue(known: "Catalogue") -> StudyTable:
    """List the layers of a catalogue, and say why a shipped one is not among them.

    Parameters
    ----------
    known
        As ``layers.read_catalogue`` gives it.

    Examples
    --------
    >>> from artois_geo import layers
    >>> catalogue(layers.read_catalogue()).table.iloc[0][["name", "home"]].tolist()
    ['communes', "livrée avec l'outil"]
    """
    table = known.table
    fictional = [name for name, layer in known.items() if meaning.fold(layer.vintage) == meaning.FICTIONAL]
    notes = [fictional_sentence(fictional)] if fictional else []
    return StudyTable(
        table,
        title="Couches",
        notes=[*notes, *left_out(known.left_out)],
        labels=LABELS,
        brief=table[list(LISTED)],
    )


def left_out(reasons: Mapping[str, str]) -> list[str]:
    """Say which shipped layers a workspace does without, reason by reason, and how to have one.

    Parameters
    ----------
    reasons
        By name of layer, as ``Catalogue.left_out`` holds them.

    Examples
    --------
    >>> left_out({"communes": "même nom", "logistique": "même nom"})[0]
    'Couches livrées laissées de côté (même nom) : communes, logistique.'
    """
    lines = left_out_sentences(reasons)
    advice = ["Pour en prendre une quand même : couches copier COUCHE."] if lines else []
    return [*lines, *advice]


def withheld(catalogue: "Catalogue", kinds: Iterable[str]) -> str:
    """Say, on a line of its own, why the shipped layers of some kinds are not there; nothing where none is.

    Parameters
    ----------
    catalogue
        In which an analysis looked for layers.
    kinds
        That it looked for.

    Examples
    --------
    >>> withheld(layers.read_catalogue(), ["logistique"])
    ''
    """
    reasons: Mapping[str, str] = getattr(catalogue, "left_out", {})
    shipped = layers.read_catalogue() if reasons else {}
    suitable = set(kinds)
    lines = left_out({name: reason for name, reason in reasons.items() if shipped[name].kind in suitable})
    return "".join(f"\n{line}" for line in lines)


def copy(folder: Path, name: str, new_name: str = "") -> list[str]:
    """Make a shipped layer one of a workspace; say so, and which shipped layers then withdraw.

    Parameters
    ----------
    folder
        The workspace.
    name, new_name
        Of the shipped layer, and its name in the workspace; the same without it.

    Raises
    ------
    UnknownName, BadValue, UnwritableFile
        As ``workspace.copy_shipped``.

    Examples
    --------
    >>> import tempfile
    >>> copy(Path(tempfile.mkdtemp()), "communes")[0]
    "« communes » copiée dans l'espace de travail : 150 objets, licence Licence Ouverte."
    """
    background = _behind(folder)
    event = workspace.copy_shipped(folder, name, new_name)
    own_name = new_name or name
    layer = layers.read_catalogue(folder)[own_name]
    count = counted(event["features_out"], "objet")
    lines = [f"« {own_name} » copiée dans l'espace de travail : {count}, licence {layer.licence}."]
    withdrawn = [
        layer_name for layer_name in background if layer_name not in _behind(folder) and layer_name != name
    ]
    if withdrawn:
        lines.append(
            f"Ne servent plus de fond : {', '.join(withdrawn)}. Pour les garder : couches copier COUCHE."
        )
    return lines


def _behind(folder: Path) -> list[str]:
    """List the shipped layers that stand behind those of a workspace; none where it holds nothing yet."""
    try:
        catalogue = layers.read_catalogue(folder, shipped=True)
    except UnreadableFile:
        return []
    return [name for name, layer in catalogue.items() if layer.home == layers.SHIPPED]


def layer(source: "Layer | Path") -> StudyTable:
    """Describe a layer column by column.

    Parameters
    ----------
    source
        Layer of a catalogue, or file of any format.

    Examples
    --------
    >>> layer(layers.read_catalogue()["communes"]).notes[-1]
    '150 objets, 150 Point.'
    """
    frame = layers.read(source)
    return StudyTable(
        layers.describe(frame, getattr(source, "kind", "")),
        title=getattr(source, "title", str(source)),
        sources=[source],
        notes=[*_descriptions(source), f"{counted(len(frame), 'objet')}, {_shapes(frame)}."],
        labels=LABELS,
    )


def _descriptions(source: "Layer | Path") -> list[str]:
    if isinstance(source, Path):
        return []
    precision = f"Géométrie {source.geometry_note}." if source.geometry_note else ""
    return [text for text in (source.description, precision) if text]


def _shapes(frame: "gpd.GeoDataFrame") -> str:
    counts = frame.geom_type.value_counts()
    parts = [f"{count} {name}" for name, count in counts.items()]
    missing = int(frame.geometry.isna().sum())
    return ", ".join([*parts, *([f"{missing} sans géométrie"] if missing else [])]) or "aucune géométrie"
