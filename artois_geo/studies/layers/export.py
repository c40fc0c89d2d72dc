"""A layer as a partner may get it: without what its kind forbids to publish."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artois_geo import layers
from artois_geo.kinds import publication
from artois_geo.studies import StudyTable
from artois_geo.studies.layers.published_totals import PUBLISHED

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@dataclass(frozen=True)
class SharedLayer:
    """Hold the features that may leave the house, the columns left out, how many values were emptied."""

    study_table: StudyTable
    withheld: list[str]
    hidden: int


def shared(source: "Layer | Path", *, kind: str | None = None) -> SharedLayer:
    """Read a layer without the columns and values that its kind keeps private.

    Parameters
    ----------
    source
        Layer of a catalogue or file.
    kind
        Kind of the layer, where the catalogue does not say it; without any, all is shared.

    Raises
    ------
    UnknownName
        No such kind.

    Examples
    --------
    >>> answer = shared(layers.read_catalogue()["communes_schema"])
    >>> len(answer.study_table.table), answer.withheld
    (150, [])
    """
    features = layers.read(source)
    title = "" if isinstance(source, Path) else source.title
    kind = kind or ("" if isinstance(source, Path) else source.kind)
    withheld, hidden = list[str](), 0
    if kind:
        features, withheld, hidden = publication.public(features, layers.read_kind(kind))
    study_table = StudyTable(features, title=title, sources=[source], surface=PUBLISHED, kind=kind)
    return SharedLayer(study_table, withheld, hidden)
