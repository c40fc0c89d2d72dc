"""What an export says beside its features, how it is drawn, and the file that comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from artois_geo.formats.findings import Finding


@dataclass(frozen=True)
class Provenance:
    """Where the features of a file come from, in French, for whoever opens it.

    ``lines`` says it all (layers with their vintage, convention, constants, warnings);
    ``sources`` and ``licences`` are those of the layers, apart.
    """

    title: str = ""
    sources: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """One way to draw: colours as ``#rrggbb``, width in millimetres, opacity of the fill (0 to 1), label."""

    fill: str
    stroke: str
    width_mm: float = 0.4
    opacity: float = 1.0
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    """How a layer is drawn: one look, or one by text of a column; ``rest`` draws the other texts.

    ``looks`` maps a text of ``column`` to its look, in the order of the legend.
    """

    rest: Look
    column: str = ""
    looks: Mapping[str, Look] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """What goes with features into a file.

    Parameters
    ----------
    layer
        Name of the layer inside the file; where it becomes the name of a file, it is made safe.
    provenance
        Source, licence, vintage, convention.
    labels
        French heading of a column.
    short_names
        Names of ten characters that a standard gives to its columns.
    drawing
        How a desktop GIS draws the layer; its own choice without one.
    """

    layer: str
    provenance: Provenance = Provenance()
    labels: Mapping[str, str] = field(default_factory=dict)
    short_names: Mapping[str, str] = field(default_factory=dict)
    drawing: Drawing | None = None


@dataclass(frozen=True)
class SpatialFile:
    """Hold the bytes of a file, and what its form could not keep as it was."""

    content: bytes
    findings: tuple[Finding, ...] = ()
