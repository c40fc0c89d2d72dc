"""The map of a result: one offline file, a picture for a report, the page of a committee."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from artois_geo.cli import french, options, show

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class MapFiles:
    """Files that the map of a result fills, and who publishes them."""

    carte: Path | None = None
    image: Path | None = None
    planche: Path | None = None
    papier: str = "a3"
    theme: Path | None = None

    @property
    def asked(self) -> bool:
        """Tell whether a map is asked for."""
        return any((self.carte, self.image, self.planche))


FILES = "--carte --image --planche"  # what asks for a map

OPTIONS = (
    click.option(
        "--carte",
        type=options.OutputFile("html"),
        metavar="FICHIER.html",
        help="Écrit aussi une carte HTML en un seul fichier, qui s'ouvre sans réseau.",
    ),
    click.option(
        "--image",
        type=options.OutputFile("svg", "png"),
        metavar="FICHIER.svg|.png",
        help="Écrit la carte du résultat en image, pour un rapport.",
    ),
    click.option(
        "--planche",
        type=options.OutputFile("pdf", "html"),
        metavar="FICHIER.pdf|.html",
        help="Écrit la carte du résultat en une page pour un comité : calcul, légende, liste, sources.",
    ),
    click.option(
        "--papier",
        type=french.Choice(["a3", "a4"]),
        default="a3",
        show_default=True,
        help="Format de --planche.",
    ),
    options.theme,
)


def maps(function: _Function) -> _Function:
    """Add ``--carte``, ``--image``, ``--planche``, ``--papier``, ``--theme``: the command gets ``maps``."""
    function = options.agree(needs={"--papier": "--planche", "--theme": FILES.replace(" ", "|")})(function)
    function = options.into(MapFiles, "maps")(function)
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def save(draw: "Callable[[], ResultMap | None]", files: MapFiles) -> None:
    """Write the map that a study draws, where the reader named a file for it: else nothing is drawn."""
    if not files.asked or (result := draw()) is None:
        return
    from artois_geo.packs.results import files as result_files

    for path, content in result_files.written(result, options.catalogue(), files, on=date.today()):
        show.save(content, path)
