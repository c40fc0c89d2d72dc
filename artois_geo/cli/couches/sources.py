"""``artois-geo sources``: official open data, taken, dated and replayed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from artois_geo.cli import french, options, show
from artois_geo.studies.requests import OpenDataRequest


@click.group(cls=french.Group)
def sources() -> None:
    """Données ouvertes officielles : les prendre, les dater, les rejouer sans réseau."""


@sources.command()
@options.output
def lister(output: dict[str, Any]) -> None:
    """Liste les sources : ce qu'elles donnent, par quel territoire, si elles ont été appelées un jour."""
    from artois_geo.studies import open_data

    show.study(open_data.listing(options.workspace()), **output)


@sources.command()
@click.argument("source")
@options.output
def montrer(source: str, output: dict[str, Any]) -> None:
    """Montre tout ce que dit la définition de SOURCE : adresse, licence, couche, colonnes attendues."""
    from artois_geo.studies import open_data

    show.study(open_data.description(source, options.workspace()), **output)


@sources.command()
@click.argument("noms", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--communes", default="", metavar="CODE,CODE…", help="Codes Insee des communes.")
@click.option("--epci", default="", metavar="SIREN", help="SIREN d'une intercommunalité.")
@click.option("--departement", default="", metavar="CODE", help="Code d'un département.")
@click.option(
    "--emprise",
    default="",
    metavar="O,S,E,N",
    help="Ouest, sud, est, nord : en degrés, ou en mètres Lambert-93.",
)
@click.option("--millesime", default="", help="Autre millésime que celui de la définition.")
@click.option(
    "--depuis",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Fichier obtenu avec un navigateur : rien n'est demandé au réseau, adresse et millésime déclarés.",
)
@click.option(
    "--vers", default="", metavar="COUCHE", help="Nom de la couche, si ce n'est celui de la source."
)
@click.option(
    "--essai", "is_trial", is_flag=True, help="Demande seulement combien d'objets : rien n'est pris."
)
@options.output
@options.waiting
@options.agree(excludes={"--essai": "--depuis --vers"})
@options.into(OpenDataRequest)
def prendre(
    request: OpenDataRequest,
    noms: tuple[str, ...],
    is_trial: bool,
    output: dict[str, Any],
    step: Callable[[str], Any],
) -> None:
    """Prend chaque SOURCE, ou famille, pour un territoire : un instantané daté, une couche de l'espace.

    Une source qui ne se découpe pas comme le territoire est prise d'après les contours des communes.

    Ce qui n'est pas entier ne remplace rien : la couche précédente reste. Interrompue, la même commande
    reprend où elle en était. Un instantané ne change jamais ; sa provenance.json dit d'où vient chaque octet.
    """
    from artois_geo.studies import open_data

    if is_trial:
        show.study(open_data.trial(noms, request, options.workspace(), step), **output)
        return
    result = open_data.take(noms, request, _workspace(), step)
    show.study(result, **output)
    _exit_if(result.members["missing"])


@sources.command()
@click.option(
    "--en-ligne",
    "is_online",
    is_flag=True,
    help="Demande à chaque producteur s'il annonce une autre édition.",
)
@options.output
@options.waiting
def etat(is_online: bool, output: dict[str, Any], step: Callable[[str], Any]) -> None:
    """Liste les instantanés de l'espace de travail : territoire, millésime, âge, prises inachevées.

    Avec --en-ligne, dit aussi quelles sources annoncent une édition plus récente : rien n'est pris.
    """
    from artois_geo.studies import open_data

    show.study(open_data.state(_workspace(), is_online=is_online, step=step), **output)


@sources.command()
@click.argument("noms", nargs=-1, metavar="[SOURCE…]")
@click.option("--en-ligne", "is_online", is_flag=True, help="Appelle chaque source pour une commune.")
@click.option("--commune", default="", metavar="CODE", help="Code Insee de la commune, avec --en-ligne.")
@options.output
@options.waiting
@options.agree(needs={"--commune": "--en-ligne", "--en-ligne": "--commune"})
def verifier(
    noms: tuple[str, ...], is_online: bool, commune: str, output: dict[str, Any], step: Callable[[str], Any]
) -> None:
    """Compare chaque fichier de chaque instantané à sa somme de contrôle, sans réseau.

    Avec --en-ligne, appelle plutôt chaque SOURCE pour une commune, compare ce qui vient à sa définition, et
    écrit la date dans une définition de l'espace de travail : le tableau dit ce qui n'est pas conforme.
    """
    from artois_geo.studies import open_data

    folder = _workspace()
    result = (
        open_data.live_check(noms, commune, folder, step) if is_online else open_data.verify(folder, noms)
    )
    show.study(result, **output)
    _exit_if(result.members["damaged"])


@sources.command()
@options.output
def servitudes(output: dict[str, Any]) -> None:
    """Dit de chaque catégorie de servitudes si elle est publiée, sans objet ici, ou inconnue."""
    from artois_geo.studies import open_data

    show.study(open_data.easements(_workspace()), **output)


@sources.command()
@click.argument("instantane")
@click.option(
    "--vers", default="", metavar="COUCHE", help="Nom de la couche, si ce n'est celui de la source."
)
@options.output
@options.waiting
def rejouer(instantane: str, vers: str, output: dict[str, Any], step: Callable[[str], Any]) -> None:
    """Refait la couche d'un INSTANTANE depuis ses fichiers bruts, sans réseau : mêmes octets."""
    from artois_geo.studies import open_data

    show.study(open_data.replay(instantane, _workspace(), vers, step), **output)


def _workspace() -> Path:
    folder = options.workspace()
    if folder is None:
        raise click.UsageError("Indiquer l'espace de travail : artois-geo --donnees DOSSIER sources …")
    return folder


def _exit_if(names: list[str]) -> None:
    """End on 1 where something is missing or damaged, once the table is shown."""
    if names:
        click.get_current_context().exit(1)
