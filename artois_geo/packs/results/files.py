"""The files that the map of a result fills: drawn once, written in each form that is asked for."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Protocol

from artois_geo import maps, theme
from artois_geo.layers import Catalogue
from artois_geo.packs.catalogue_map import picture
from artois_geo.packs.results import board
from artois_geo.sheets import pdf
from artois_geo.studies import result_map
from artois_geo.studies.result_map import ResultMap


class MapFiles(Protocol):
    """Name the files to fill: page, picture, page of a committee with its paper, and the theme."""

    @property
    def carte(self) -> Path | None: ...
    @property
    def image(self) -> Path | None: ...
    @property
    def planche(self) -> Path | None: ...
    @property
    def papier(self) -> str: ...
    @property
    def theme(self) -> Path | None: ...


def written(
    result: ResultMap, catalogue: Catalogue, files: MapFiles, *, on: date
) -> Iterator[tuple[Path, bytes]]:
    """Yield each file that is asked for, with its content.

    Parameters
    ----------
    result
        What a study draws.
    catalogue
        Its towns and waterways are the ground.
    files
        Which files, and who publishes them.
    on
        Day of the edition.

    Raises
    ------
    MissingPart
        A PDF or a PNG, without the part that writes it.
    UnreadableFile, BadValue
        A theme that cannot be used.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from artois_geo import example
    >>> from artois_geo.studies.result_map import ResultLayer
    >>> site = example.square(x_km=0, y_km=0, side_km=1, objet="Parc")
    >>> result = ResultMap([ResultLayer(site, "foncier_libre", "Sites")], title="1 site")
    >>> asked = {"carte": None, "image": Path("a.svg"), "planche": None, "papier": "a4", "theme": None}
    >>> [path.name for path, _ in written(result, {}, SimpleNamespace(**asked), on=date(2026, 12, 8))]
    ['a.svg']
    """
    if files.planche is not None and files.planche.suffix.lower() == ".pdf":
        pdf.require()  # before the work, not after
    look = theme.read(files.theme)
    carte = result_map.drawing(result, catalogue, look)
    if files.carte is not None:
        yield files.carte, maps.standalone(carte).encode()
    if files.image is not None:
        yield files.image, picture(carte, files.image.suffix, "fr", look)
    if files.planche is not None:
        sheet = board.page(carte, paper=files.papier, look=look, issued=on)
        is_pdf = files.planche.suffix.lower() == ".pdf"
        yield files.planche, pdf.to_pdf(sheet) if is_pdf else sheet.encode()
