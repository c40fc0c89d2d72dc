"""A layer as a partner gets it: whole, or without what its kind forbids to publish, or a file per EPCI."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from artois_geo import layers, meaning
from artois_geo.errors import BadTable
from artois_geo.formats.exports.short_names import safe_stem
from artois_geo.kinds import column_names, deductions, publication
from artois_geo.studies import StudyTable, planner_files
from artois_geo.studies.layers.published_totals import PUBLISHED
from artois_geo.studies.layers.requests import SharingRequest

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer

EPCI = "epci"
EPCI_COLUMNS = ("epci_sigle", "epci", "epci_nom", "site_epci_nom", "epci_siren", "site_epci_siren")
COMMUNE_COLUMNS = ("comm_insee", "site_comm_insee", "insee")
WITHOUT = "sans"  # begins the name of the file of what names no territory


@dataclass(frozen=True)
class SharedLayer:
    """Hold the features that leave the house, the columns left out, how many values were emptied.

    ``private`` lists the columns that a public file must not hold, where they were not left out.
    """

    study_table: StudyTable
    withheld: list[str]
    hidden: int
    private: list[str]


def shared(source: "Layer | Path", request: SharingRequest | None = None) -> SharedLayer:
    """Read a layer as a partner gets it.

    Parameters
    ----------
    source
        Layer of a catalogue or file.
    request
        Its kind, and whether the file is to be published.

    Raises
    ------
    UnknownName
        No such kind.

    Examples
    --------
    >>> answer = shared(layers.read_catalogue()["communes_schema"], SharingRequest(publishable=True))
    >>> len(answer.study_table.table), answer.withheld
    (150, [])
    """
    request = request or SharingRequest()
    features = layers.read(source)
    title = "" if isinstance(source, Path) else source.title
    kind = request.kind or ("" if isinstance(source, Path) else source.kind)
    withheld, hidden, private = list[str](), 0, list[str]()
    if kind:
        fields = layers.read_kind(kind).fields
        public, dropped, emptied = publication.public(features, layers.read_kind(kind))
        if request.publishable:
            features, withheld, hidden = public, dropped, emptied
        else:
            conditional = publication.masked(features, fields)[0]
            private = [*dropped, *(name for name in public if not conditional[name].equals(features[name]))]
    study_table = StudyTable(features, title=title, sources=[source], surface=PUBLISHED, kind=kind)
    return SharedLayer(study_table, withheld, hidden, private)


def by_territory(layer: SharedLayer, by: str, catalogue: "Catalogue") -> dict[str, SharedLayer]:
    """Part a layer over the texts of a column, each feature once; what names none is a part of its own.

    Parameters
    ----------
    layer
        To part.
    by
        A column, or ``epci``: the one that names it, else that of its commune in the catalogue.
    catalogue
        Where the EPCI of a commune is looked up.

    Returns
    -------
    dict
        Part by a name that can stand in that of a file, in the order of the alphabet.

    Raises
    ------
    BadTable
        No such column.

    Examples
    --------
    >>> whole = shared(layers.read_catalogue()["communes_schema"])
    >>> parts = by_territory(whole, "epci", {})
    >>> {name: len(part.study_table.table) for name, part in parts.items()}
    {'cabbalr': 100, 'cahc': 14, 'call': 36}
    """
    frame = layer.study_table.table
    names = _territories(frame, by, catalogue)
    texts = [None if meaning.is_missing(name) else str(name) for name in names]
    stems = [f"{WITHOUT}_{safe_stem(by)}" if text is None else safe_stem(text).lower() for text in texts]
    spellings = pd.DataFrame({"stem": stems, "text": texts})
    numbers = spellings.groupby("stem")["text"].transform(lambda column: pd.factorize(column)[0])
    files = [stem if rank <= 0 else f"{stem}_{rank + 1}" for stem, rank in zip(stems, numbers, strict=True)]
    return {
        name: dataclasses.replace(
            layer,
            study_table=dataclasses.replace(layer.study_table, table=frame[[file == name for file in files]]),
        )
        for name in sorted(set(files))
    }


def _territories(frame: pd.DataFrame, by: str, catalogue: "Catalogue") -> pd.Series:
    """Return the territory of each row, null where nothing says it."""
    if by != EPCI or by in frame:
        planner_files.require_columns(frame, "La couche", {by: "--par"})
        return frame[by]
    columns = [name for name in EPCI_COLUMNS if name in frame]
    commune = column_names.first_named(map(str, frame.columns), COMMUNE_COLUMNS)
    towns = _epci_of_towns(catalogue, columns[0] if columns else "") if commune else {}
    if not columns and not towns:
        raise BadTable(
            f"Rien ne dit l'EPCI de ces objets : ni colonne {', '.join(EPCI_COLUMNS)}, ni code INSEE dont "
            "une couche de communes donne l'EPCI. Donner à --par la colonne qui le nomme."
        )
    declared = frame[columns[0]] if columns else pd.Series(None, index=frame.index, dtype=object)
    return declared if commune is None else declared.where(declared.notna(), frame[commune].map(towns))


def _epci_of_towns(catalogue: "Catalogue", column: str) -> dict[Any, Any]:
    """Return the EPCI of each commune of a catalogue, by the same kind of name as ``column``."""
    for layer in (
        layer for kind in meaning.GROUND_KINDS for layer in catalogue.values() if layer.kind == kind
    ):
        towns = layers.read(layer)
        usual = column.removeprefix("site_")
        names = [usual] if usual else EPCI_COLUMNS
        if "comm_insee" in towns and any(name in towns for name in names):
            return dict(deductions.epci_names(towns, "comm_insee", names).items())
    return {}
