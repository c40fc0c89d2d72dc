"""``artois-geo carte``: layers on one offline page."""

from pathlib import Path

import click

from artois_geo import languages
from artois_geo.cli import french, options, show, waiting
from artois_geo.cli.editions import carte_themes, study_inputs
from artois_geo.studies.requests import MapRequest

INSTEAD = "Une image se demande par --image FICHIER.svg ou .png ; pour un PDF, imprimer la page."
OF_THE_PAGE = ("--fond", "--fond-embarque", "--kiosque", "--visite")  # a picture shows none of them


@click.command(cls=french.Command)
@click.argument("couches", nargs=-1, type=options.layer_file, metavar="[COUCHE]…")
@click.option(
    "--sortie",
    type=options.OutputFile("html", advice=INSTEAD),
    metavar="FICHIER.html",
    help="Page à écrire ; carte.html sans --sortie ni --image.",
)
@click.option(
    "--image",
    type=options.OutputFile("svg", "png"),
    metavar="FICHIER.svg|.png",
    help="Image pour un rapport, avec légende, échelle, nord et sources ; sans --sortie, seule "
    "l'image est écrite.",
)
@click.option(
    "--langue",
    type=french.Choice(languages.LANGUAGES),
    default="fr",
    show_default=True,
    help="Langue à l'ouverture.",
)
@click.option("--titre", default="", help="Titre de la page.")
@click.option(
    "--fond",
    type=french.Choice(["plan-ign", "ortho-ign", "osm"]),
    help="Fond en ligne que le lecteur pourra afficher ; rien n'est demandé au réseau avant.",
)
@click.option(
    "--comparer",
    nargs=2,
    type=options.layer_file,
    metavar="AVANT APRES",
    help="Deux millésimes d'une couche, de part et d'autre d'une limite que le lecteur déplace.",
)
@click.option(
    "--millesimes",
    is_flag=True,
    help="Les COUCHE données sont les millésimes d'une même couche, du plus ancien au plus récent : la page "
    "en montre un à la fois, et les déroule.",
)
@click.option(
    "--sans-analyses",
    "bare",
    is_flag=True,
    help="Carte des seules couches : un site ne dit ni ses pertes, ni son rang, ni le canal, ni le ZAN.",
)
@options.stand
@click.option(
    "--hors-ligne",
    is_flag=True,
    expose_value=False,
    help="Refuse --fond : la page ne connaît aucune adresse.",
)
@options.embedded
@options.theme
@carte_themes.option
@options.agree(
    excludes={"--fond": "--hors-ligne", "--image": "--comparer --millesimes", "--millesimes": "--comparer"}
)
@options.into(MapRequest)
@options.waiting
def carte(request: MapRequest, sortie: Path | None, image: Path | None, step: waiting.Step) -> None:
    """Carte de couches en un seul fichier HTML, lisible sans réseau.

    COUCHE est un nom du catalogue ou un fichier GeoJSON ; sans COUCHE ni --comparer, toutes celles du
    catalogue, sauf occupation du sol, zonage, parcelles et bâtiments, qui les couvriraient : les nommer.
    Les communes sont ajoutées comme fond de carte.
    """
    _refuse_page_options(sortie, image)
    from artois_geo import maps, packs

    catalogue_map = packs.catalogue_map(
        request, options.catalogue(), analyse=study_inputs.plain, on_progress=step, on_warning=show.warn
    )
    if image is not None:
        show.save(packs.picture(catalogue_map.carte, image.suffix, request.langue, catalogue_map.look), image)
        for line in packs.undrawn(catalogue_map.carte):
            show.warn(line)
    if sortie is not None or image is None:
        step("Page hors ligne")
        show.save(maps.standalone(catalogue_map.carte).encode(), sortie or Path("carte.html"))
    for name, warning in catalogue_map.warnings:
        show.warn(f"{name} : {warning}")


def _refuse_page_options(sortie: Path | None, image: Path | None) -> None:
    """Refuse, where only a picture is written, what is for the page."""
    if image is None or sortie is not None:
        return
    for option in sorted(options.given().intersection(OF_THE_PAGE)):
        raise click.UsageError(f"{option} est pour la page : donner aussi --sortie avec --image.")
