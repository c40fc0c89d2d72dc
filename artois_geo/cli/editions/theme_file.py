"""``artois-geo theme``: the file that says who publishes."""

from pathlib import Path

import click

from artois_geo.cli import french, options, show
from artois_geo.theme import ThemeRequest


@click.group(cls=french.Group)
def theme() -> None:
    """Votre nom, votre contact, vos couleurs et votre logo, dans un fichier."""


@theme.command()
@click.option(
    "--sortie",
    type=options.OutputFile("toml"),
    metavar="FICHIER.toml",
    default=Path("theme.toml"),
    show_default=True,
    help="Thème à écrire ; un fichier qui existe déjà est refusé.",
)
@click.option("--nom", default="", help="Nom de l'organisme, tel qu'il s'écrit en tête des pages.")
@click.option("--courriel", default="", metavar="ADRESSE", help="Adresse de contact.")
@click.option("--telephone", default="", metavar="NUMÉRO", help="Téléphone du contact.")
@click.option("--page", default="", metavar="ADRESSE", help="Site internet de l'organisme.")
@click.option("--mention", default="", metavar="TEXTE", help="Mention légale, en bas des pages.")
@click.option(
    "--couleur",
    default="",
    metavar="#RRVVBB",
    help="Couleur de l'organisme ; refusée si elle ne se lit pas sur fond blanc.",
)
@click.option(
    "--logo",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Logo .svg, .png ou .jpg de 300 ko au plus ; le thème note où il est.",
)
@options.into(ThemeRequest)
def creer(request: ThemeRequest, sortie: Path) -> None:
    """Écrit un thème à compléter ; carte, fiche, simi et zan rapport le prennent.

    Ce qui n'est pas donné reste à remplir dans le fichier : chaque clé y est expliquée.
    """
    from artois_geo import theme as themes

    options.refuse_existing(sortie)
    show.save(themes.template(request, sortie.parent), sortie)
