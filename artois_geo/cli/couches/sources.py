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
    """Prend chaque SOURCE pour un territoire : un instantané daté, et une couche de l'espace de travail.

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
@options.output
def etat(output: dict[str, Any]) -> None:
    """Liste les instantanés de l'espace de travail : territoire, millésime, âge, prises inachevées."""
    from artois_geo.studies import open_data

    show.study(open_data.state(_workspace()), **output)


@sources.command()
@options.output
def verifier(output: dict[str, Any]) -> None:
    """Compare chaque fichier de chaque instantané à sa somme de contrôle, sans réseau."""
    from artois_geo.studies import open_data

    result = open_data.verify(_workspace())
    show.study(result, **output)
    _exit_if(result.members["damaged"])


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
