"""What a planner asks of the check and of the export of a layer; imports nothing heavy."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

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
    """Ask for a delivery to become a layer; what is asked replaces what a recipe says.

    Parameters
    ----------
    kind, table_schema, layer
        Kind of the layer, or Table Schema; name of the layer written.
    crs, source_layer, encoding, separator, geometry_column, territory
        See ``deliveries.DeliveryOptions``.
    pairs
        ``CHAMP=COLONNE``.
    complete, code, communes
        Deduce identifiers, communes and areas; column of the partner's code; file or layer of outlines.
    incomplete, set_aside, unrepaired
        Take a file that lacks fields; keep the sound objects; repair nothing.
    commune_m, position_m
        Tolerances of the checks of places, in metres.
    title, origin, licence, vintage
        For the catalogue.
    file_mib, ratio
        What the file may cost.
    recipe, no_recipe
        Recipe to read, or to write where it is absent; take none of those of the workspace.
    trial
        Check only, write nothing.
    """

    kind: str = ""
    table_schema: str = ""
    layer: str = ""
    crs: str = ""
    source_layer: str = ""
    encoding: str = ""
    separator: str = ""
    geometry_column: str = ""
    territory: str = ""
    pairs: tuple[str, ...] = ()
    complete: bool = False
    code: str = ""
    communes: str = ""
    incomplete: bool = False
    set_aside: bool = False
    unrepaired: bool = False
    commune_m: float | None = None
    position_m: float | None = None
    title: str = ""
    origin: str = ""
    licence: str = ""
    vintage: str = ""
    file_mib: int = 0
    ratio: int = 0
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
