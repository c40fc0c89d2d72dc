"""The map of a result: one offline file, over the layers of the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import options, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from artois_geo.layers import Layer
    from artois_geo.studies.result_map import ResultMap

option = click.option(
    "--carte",
    type=options.OutputFile("html"),
    metavar="FICHIER.html",
    help="Écrit aussi une carte HTML en un seul fichier, qui s'ouvre sans réseau.",
)


def save(result: "ResultMap | None", path: Path | None) -> None:
    """Write the map that a study gives, where the reader named a file for it."""
    if result is None or path is None:
        return
    from artois_geo.studies import result_map

    show.save(result_map.page(result, options.catalogue()), path)


def write(
    features: "dict[str, tuple[gpd.GeoDataFrame, str]]",
    path: Path,
    *,
    title: str,
    subtitle: str = "",
    sources: "Iterable[Layer | Path]" = (),
) -> None:
    """Write the layers of a result, each with its kind of drawing, over towns, as one offline file."""
    from artois_geo.studies.result_map import ResultMap

    save(ResultMap(features, title, subtitle, sources), path)
