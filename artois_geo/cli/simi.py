"""``artois-geo simi``: the folder of the property fair, the main job."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, study_inputs, waiting

if TYPE_CHECKING:
    from artois_geo.packs import Pack

FOLDERS = ("fiches", "web")


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
    type=click.Choice(["plan-ign", "ortho-ign", "osm"]),
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
@study_inputs.asked
@options.stand
@options.embedded
@options.edition
@options.waiting
def simi(
    sortie: Path,
    fond: str | None,
    zipped: bool,
    pdf: bool | None,
    stand: dict[str, Any],
    fond_embarque: Path | None,
    zoom_max_fond: int | None,
    adresse: str,
    theme: Path | None,
    issued: date | None,
    step: waiting.Step,
    **analyses: Any,
) -> None:
    """Dossier du salon : offre, carte hors ligne, fiches en deux langues, planche A3.

    Le dossier contient aussi les données pour un portail et un manifeste : empreinte de chaque fichier,
    millésime de chaque source. Mêmes couches, mêmes fichiers. Avec --kiosque, une seconde carte,
    kiosque.html, est faite pour l'écran tactile du stand.
    """
    from artois_geo import packs
    from artois_geo import theme as themes

    pack = packs.simi(
        options.catalogue(),
        sortie,
        basemap=fond,
        embedded=fond_embarque,
        embedded_zoom=zoom_max_fond,
        pdf=pdf,
        zipped=zipped,
        look=themes.read(theme),
        address=adresse,
        issued=issued,
        analyse=partial(study_inputs.study, on=issued or date.today(), **analyses),
        tell=step,
        **stand,
    )
    waiting.over()
    waiting.note_written(pack.folder)
    for line in _summary(pack):
        click.echo(french.visible(line))


def _summary(pack: "Pack") -> list[str]:
    from artois_geo import tables

    whole = pack.offer[["site_count", "offer_ha", "unmeasured"]].sum()
    faults = pack.checks[["erreur", "alerte"]].sum()
    totals = tables.texts(pack.totals.astype(object))  # each total has its own unit
    names = {path: _short(path, pack.folder) for path in sorted(pack.files) if _short(path, pack.folder)}
    width = max(map(len, names.values()))
    inside = {folder: [path for path in pack.files if path.parent.name == folder] for folder in FOLDERS}
    return [
        f"{whole['site_count']:.0f} sites nommés, {tables.number(whole['offer_ha'])} ha publiés "
        f"({whole['unmeasured']:.0f} sites sans surface publiée)",
        f"{len(pack.checks)} couches vérifiées : {faults['erreur']} erreur(s), {faults['alerte']} alerte(s)",
        *(
            f"{row['title']} : publié {row['declared']} {row['unit']}, dans les couches {row['held']}"
            for _, row in totals.iterrows()
        ),
        "",
        f"Dossier : {pack.folder}",
        *(f"  {name:<{width}}  {_size(path)}" for path, name in names.items()),
        *(
            f"  {folder + '/':<{width}}  {len(files)} fichiers, {_size(*files)}"
            for folder, files in inside.items()
            if files
        ),
    ]


def _short(path: Path, folder: Path) -> str:
    """The name of a file that stands in the folder itself, or beside it."""
    return path.name if path.parent.name not in FOLDERS or path.parent == folder else ""


def _size(*paths: Path) -> str:
    kilobytes = sum(path.stat().st_size for path in paths) / 1000
    return f"{max(1, round(kilobytes)):,} ko".replace(",", "\u202f")
