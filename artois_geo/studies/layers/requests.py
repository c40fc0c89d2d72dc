"""What a planner asks of the check and of the export of a layer; imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@dataclass(frozen=True)
class ValidationRequest:
    """Ask for the findings of a file.

    Parameters
    ----------
    kind
        Kind of layer expected, or the path of a TOML file that describes it.
    territory
        Layer of polygons outside which an object is a finding.
    source_layer, encoding
        Layer of a GeoPackage, sheet of a workbook or file of an archive; encoding of the texts.
    summary
        One row per rule and field.
    communes, commune_m, position_m
        Outlines of communes, and metres by which an object may be off.
    """

    kind: str | None = None
    territory: "Layer | Path | None" = None
    source_layer: str = ""
    encoding: str = ""
    summary: bool = False
    communes: "Layer | Path | None" = None
    commune_m: float | None = None
    position_m: float | None = None


@dataclass(frozen=True)
class ImportRequest:
    """Ask for a delivery to become a layer.

    Parameters
    ----------
    settings
        What replaces the settings of a recipe, by the name of the field of ``deliveries.recipe.Recipe``.
    pairs
        ``CHAMP=COLONNE``.
    recipe, no_recipe
        Recipe to read, or to write where it is absent; take none of those of the workspace.
    trial
        Check only, write nothing.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    pairs: tuple[str, ...] = ()
    recipe: Path | None = None
    no_recipe: bool = False
    trial: bool = False

    @property
    def may_find_recipe(self) -> bool:
        """Tell whether a recipe of the workspace may be taken: the reader names no recipe and no column."""
        return self.recipe is None and not self.no_recipe and not self.pairs


@dataclass(frozen=True)
class MergeRequest:
    """Ask for returns to become one layer: its name, their kind and key; a trial writes nothing."""

    layer: str
    kind: str = ""
    key: str = ""
    trial: bool = False


@dataclass(frozen=True)
class SharingRequest:
    """Ask for a layer as a file for a partner.

    Parameters
    ----------
    kind
        Kind of the layer, where the catalogue does not say it.
    publishable
        Without the columns and values that the kind forbids to publish.
    by
        A file per text of this column; ``epci`` is the EPCI, under any of its names.
    """

    kind: str | None = None
    publishable: bool = False
    by: str | None = None


@dataclass(frozen=True)
class StandardRequest:
    """Ask for a delivery that conforms to a standard: its name, what names the file, raw texts or not."""

    norm: str | None = None
    siren: str | None = None
    document: str | None = None
    day: date | None = None
    raw_texts: bool = False
