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
    """

    kind: str | None = None
    territory: "Layer | Path | None" = None
    source_layer: str = ""
    encoding: str = ""
    summary: bool = False


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
