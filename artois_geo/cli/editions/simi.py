"""``artois-geo simi``: the folder of the property fair, the main job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, waiting
from artois_geo.cli.editions import study_inputs

if TYPE_CHECKING:
    from artois_geo.packs import FairOptions


@dataclass(frozen=True)
class FairRequest:
    """What a reader asks of the folder, by the names of the options."""

    fond: str | None
    zipped: bool
    pdf: bool | None
    stand: Mapping[str, Any]
    fond_embarque: Path | None
    zoom_max_fond: int | None
    adresse: str
    theme: Path | None
    issued: date | None
    photos: Path | None
    documents: Path | None

    def options(self) -> "FairOptions":
        """Return the options of the library, the theme read."""
        from artois_geo import packs
        from artois_geo import theme as themes

        return packs.FairOptions(
            basemap=self.fond,
            embedded=self.fond_embarque,
            embedded_zoom=self.zoom_max_fond,
            pdf=self.pdf,
            zipped=self.zipped,
            look=themes.read(self.theme),
            address=self.adresse,
            issued=self.issued,
            photos=self.photos,
            documents=self.documents,
            **self.stand,
        )


@click.command(cls=french.Command)
@click.option(
    "--sortie",
    type=options.OutputFolder(),
    metavar="DOSSIER",
    default=Path("simi"),
    show_default=True,
    help="Dossier à remplir ; créé s'il n'existe pas.",
)
@click.option(
    "--fond",
    type=french.Choice(["plan-ign", "ortho-ign", "osm"]),
    help="Fond en ligne que le lecteur de la carte pourra afficher ; rien n'est demandé au réseau avant.",
)
@click.option(
    "--zip", "zipped", is_flag=True, help="Réunit aussi le dossier en un seul fichier .zip, à côté."
)
@click.option(
    "--pdf/--sans-pdf",
    default=None,
    help="Fiches et planche en PDF aussi ; par défaut si le complément pdf est installé.",
)
@study_inputs.analysis_options
@options.stand
@options.embedded
@options.media
@options.edition
@options.into(FairRequest)
@options.waiting
def simi(request: FairRequest, analyses: study_inputs.Analyses, sortie: Path, step: waiting.Step) -> None:
    """Dossier du salon : offre, carte hors ligne, fiches en deux langues, planche A3.

    Le dossier contient aussi les données pour un portail et un manifeste : empreinte de chaque fichier,
    millésime de chaque source. Mêmes couches, mêmes fichiers. Avec --kiosque, une seconde carte,
    kiosque.html, est faite pour l'écran tactile du stand.
    """
    from artois_geo import packs

    on = request.issued or date.today()
    analyse = partial(study_inputs.study, analyses=analyses, on=on)
    pack = packs.simi(options.catalogue(), sortie, request.options(), analyse=analyse, tell=step)
    waiting.over()
    waiting.note_written(pack.folder)
    for line in packs.summary(pack):
        click.echo(french.visible(line))
