"""``artois-geo simi``: the folder of the property fair, the main job."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from artois_geo.cli import french, options

if TYPE_CHECKING:
    from artois_geo.packs import Pack

STEPS = 5
PATIENCE_S = 2  # a bar before that would only flicker


@click.command(cls=french.Command)
@click.option(
    "--sortie",
    type=click.Path(path_type=Path),
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
def simi(sortie: Path, fond: str | None) -> None:
    """Dossier du salon : tableau de l'offre, carte hors ligne et page d'accueil."""
    with _progress() as tell:
        from artois_geo import packs

        pack = packs.simi(options.catalogue(), sortie, basemap=fond, tell=tell)
    for line in _summary(pack):
        click.echo(french.visible(line))


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A bar on standard error, once the work has lasted longer than a reader likes to wait."""
    from rich.console import Console
    from rich.progress import Progress

    start = time.monotonic()
    progress = Progress(console=Console(stderr=True), transient=True)
    bar = progress.add_task("", total=STEPS)

    def tell(step: str) -> None:
        if time.monotonic() - start > PATIENCE_S and progress.console.is_terminal:
            progress.start()
        progress.update(bar, advance=1, description=step)

    try:
        yield tell
    finally:
        if progress.live.is_started:
            progress.stop()


def _summary(pack: "Pack") -> list[str]:
    from artois_geo import tables

    whole = pack.offer[["site_count", "offer_ha", "unmeasured"]].sum()
    faults = pack.checks[["erreur", "alerte"]].sum()
    totals = tables.texts(pack.totals.astype(object))  # each total has its own unit
    width = max(len(path.name) for path in pack.files)
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
        *(f"  {path.name:<{width}}  {_size(path)}" for path in sorted(pack.files)),
    ]


def _size(path: Path) -> str:
    kilobytes = path.stat().st_size / 1000
    return f"{max(1, round(kilobytes)):,} ko".replace(",", "\u202f")
