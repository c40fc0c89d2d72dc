"""What a folder of data holds, and what a layer holds, column by column."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from artois_geo import layers, meaning
from artois_geo.studies import StudyTable
from artois_geo.studies.data_warnings import fictional_sentence
from artois_geo.studies.layers.labels import LABELS
from artois_geo.text import counted

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Catalogue, Layer

BRIEF = ["name", "title", "kind", "vintage", "licence", "geometry_note"]
MORE = ["group", "source", "description"]


def catalogue(known: "Catalogue") -> StudyTable:
    """List the layers of a folder of data: kind, vintage, licence, geometry.

    Examples
    --------
    >>> table = catalogue(layers.read_catalogue()).table
    >>> table.loc[table["name"] == "communes", "kind"].item()
    'commune'
    """
    columns = [*BRIEF, *MORE]
    rows = [[getattr(layer, column) for column in columns] for layer in known.values()]
    table = pd.DataFrame(rows, columns=columns)
    fictional = [layer.name for layer in known.values() if meaning.fold(layer.vintage) == meaning.FICTIONAL]
    return StudyTable(
        table,
        title="Couches",
        notes=[fictional_sentence(fictional)] if fictional else [],
        labels=LABELS,
        brief=table[BRIEF],
    )


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
