"""The map of a result: one offline file, over the layers of the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import options, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from artois_geo.layers import Layer

GROUND = ("communes_schema", "communes")

option = click.option(
    "--carte",
    type=options.OutputFile("html"),
    metavar="FICHIER.html",
    help="Écrit aussi une carte HTML en un seul fichier, qui s'ouvre sans réseau.",
)


def write(
    shown: "dict[str, tuple[gpd.GeoDataFrame, str]]",
    path: Path,
    *,
    title: str,
    subtitle: str = "",
    sources: "Iterable[Layer | Path]" = (),
) -> None:
    """Write the layers of a result, each with its kind of drawing, over towns, as one offline file."""
    from artois_geo import layers, maps

    known = options.catalogue()
    ground = {name: layers.read(known[name]) for name in GROUND if name in known}
    said = " ; ".join(dict.fromkeys(_said(layer) for layer in sources))
    records = {name: record(name, kind, said) for name, (_, kind) in shown.items()}
    frames = {name: frame[frame.geometry.notna()] for name, (frame, _) in shown.items()}
    carte = maps.build(
        {**{name: frame for name, frame in frames.items() if len(frame)}, **ground},
        layers={**records, **{name: known[name] for name in ground}},
        title=title,
        subtitle=subtitle,
    )
    show.save(maps.standalone(carte).encode(), path)


def record(title: str, kind: str, source: str) -> "Layer":
    """What the map says of a layer that a command made."""
    from artois_geo.layers import Layer

    return Layer(title, Path(title), kind, title, source or "calcul", "", "")


def _said(layer: "Layer | Path") -> str:
    return layer.name if isinstance(layer, Path) else f"{layer.title} ({layer.vintage})"
