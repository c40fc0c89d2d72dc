"""The map of a result: one offline file, over the layers of the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import options, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from artois_geo.layers import Layer

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
    from artois_geo.studies import result_map

    page = result_map.page(shown, options.catalogue(), title=title, subtitle=subtitle, sources=sources)
    show.save(page.encode(), path)


def record(title: str, kind: str, source: str) -> "Layer":
    """What the map says of a layer that a command made."""
    from artois_geo.studies import result_map

    return result_map.record(title, kind, source)
