"""The table that a study gives, with all that must stand under it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.layers import Layer
    from artois_geo.tables import ShownTable, Source


@dataclass(frozen=True)
class StudyTable:
    """Hold the table of a study with its title, sources, constants and notes.

    Parameters
    ----------
    table
        What the analysis returned: a frame, with geometry (EPSG:2154) where its rows are places.
    title
        French title.
    sources
        Layers of the catalogue, files, or ready-made sources that the table was made from.
    constants
        Constants that went into it.
    surface
        Key of ``measure.CONVENTIONS`` or a sentence; empty when the table holds no area.
    notes
        French sentences: what a reader must know before using a figure.
    kind
        Kind of layer whose fields name the received columns in French.
    labels
        French headings of columns that neither the vocabulary nor the kind knows.
    members
        What JSON and GeoJSON also carry, so that the run can be repeated from its output.
    brief
        The fewer columns that a terminal shows; all of ``table`` without it.
    brief_title, brief_notes
        In place of the title and of the notes where the brief table is shown.

    Examples
    --------
    >>> from artois_geo.studies import StudyTable
    >>> import pandas as pd
    >>> study = StudyTable(pd.DataFrame({"available_ha": [7.5]}), title="Foncier disponible")
    >>> study.title, len(study.table)
    ('Foncier disponible', 1)
    """

    table: "pd.DataFrame"
    title: str = ""
    sources: "Iterable[Layer | Path | Source]" = ()
    constants: "Iterable[Constant]" = ()
    surface: str = ""
    notes: Iterable[str] = ()
    kind: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    brief: "pd.DataFrame | None" = None
    brief_title: str = ""
    brief_notes: Iterable[str] | None = None

    def shown(self) -> "ShownTable":
        """Return the table as a notebook shows it, with what must stand under it.

        Examples
        --------
        >>> from artois_geo.studies import StudyTable
        >>> import pandas as pd
        >>> print(StudyTable(pd.DataFrame({"net_ha": [7.5]}), surface="lambert93").shown())
        Surface nette (ha)
        ──────────────────
                      7,50
        <BLANKLINE>
        Surfaces planes en Lambert-93 (EPSG:2154)
        """
        from artois_geo import kinds, tables

        kind = self.kind or kinds.kind_of(map(str, self.table.columns))
        footer = tables.footer_of(
            self.table,
            sources=self.sources,
            constants=self.constants,
            surface=self.surface,
            notes=self.notes,
        )
        labels = {**kinds.field_labels(kind), **self.labels}
        return tables.ShownTable(self.table, footer, labels, self.title)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return self.shown()._repr_html_()
