"""What ``fiche`` and ``simi`` give to the analyses: constraints, consumption, profile, roads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from artois_geo.cli import (
    french,
    options,
    waiting,
)
from artois_geo.errors import BadValue
from artois_geo.studies import Assumptions
from artois_geo.studies.ranking.requests import PROFILES, SOBRIETY, RankingRequest
from artois_geo.studies.zan.requests import SRADDET
from artois_geo.text import comma

if TYPE_CHECKING:
    from artois_geo.layers import Layer
    from artois_geo.packs import CatalogueData
    from artois_geo.studies.ranking.profiles import Profile
    from artois_geo.studies.sites.all_analyses import Ranks, Study
    from artois_geo.studies.sites.site_land import Constraints
    from artois_geo.studies.sites.site_zan import Budget

_Function = TypeVar("_Function", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Analyses:
    """What a reader gives to the analyses of the sites; ``bare``: no analysis."""

    bare: bool = False
    contraintes: Path | None = None
    consommation: Path | None = None
    objectifs: str | None = None
    profil: str | None = None
    criteres: Path | None = None
    routes: "Layer | Path | None" = None
    vitesse: str | None = None
    sens: str | None = None


def analysis_options(function: _Function) -> _Function:
    """Add the options of the analyses; the command gets them as ``analyses``, for :func:`study`."""
    function = options.into(Analyses, "analyses")(function)
    settings = "--contraintes --consommation --objectifs --profil --criteres --routes"
    for option in (
        options.agree(
            needs={"--vitesse": "--routes", "--sens": "--routes"},
            excludes={"--sans-analyses": settings, "--profil": "--criteres"},
        ),
        click.option(
            "--sans-analyses",
            "bare",
            is_flag=True,
            help="Fiches des seules couches : ni pertes, ni rang, ni canal, ni ZAN, ni sobriété.",
        ),
        click.option("--sens", metavar="COLONNE", help="Colonne de --routes : sens unique (yes, -1 …)."),
        click.option("--vitesse", metavar="COLONNE", help="Colonne de --routes : vitesses, en km/h."),
        click.option(
            "--routes",
            type=options.layer_file,
            help="Routes : distance et temps jusqu'au quai, pour les sites qui ont un vrai contour.",
        ),
        click.option(
            "--criteres", type=FILE, metavar="FICHIER.toml", help="Votre jeu de critères du classement."
        ),
        click.option(
            "--profil",
            type=french.Choice([name for name in PROFILES if name != SOBRIETY]),
            help="Critères du classement ; sans lui, site_cle_en_main si la moitié en est connue.",
        ),
        click.option(
            "--objectifs",
            metavar=f"CSV|{SRADDET}",
            help="Baisses demandées par les documents ; sans eux, le taux national.",
        ),
        click.option(
            "--consommation",
            type=FILE,
            metavar="FICHIER",
            help="Consommation d'ENAF (fichier du Cerema) ; sinon consommation.csv du dossier de données.",
        ),
        click.option(
            "--contraintes",
            type=FILE,
            metavar="FICHIER|COUCHE",
            help="Table ou couche de contraintes, comme « foncier pertes » ; sinon celles du dossier : "
            "contraintes.toml rempli par « espace creer », ou les couches de contraintes.",
        ),
    ):
        function = option(function)
    return function


def study(catalogue_data: "CatalogueData", analyses: Analyses, on: date) -> "Study | None":
    """Run the analyses of the catalogue with what the reader gave; none when none is asked for."""
    if analyses.bare:
        return None
    from artois_geo import packs
    from artois_geo.studies.canal import water_access

    routes = analyses.routes
    studied = packs.study_of(
        catalogue_data,
        on=on,
        constraints=_constraints(analyses.contraintes, on),
        budgets=_budgets(catalogue_data, analyses.consommation, analyses.objectifs, on),
        profile=_profile(analyses.profil, analyses.criteres),
        roads=(
            None
            if routes is None
            else water_access.road_source(routes, analyses.vitesse, analyses.sens, Assumptions(on))
        ),
    )
    if studied.ranks is not None and studied.ranks.requested:
        _tell_unranked(studied.ranks)
    return studied


def _tell_unranked(ranks: "Ranks") -> None:
    """Say how many sites the ranking that was asked for leaves out, and whether it tells the others apart."""
    unknown = int((ranks.table["completeness"] == 0).sum())
    count = len(ranks.table)
    if unknown:
        _tell(
            f"Classement : {unknown} site{'s' if unknown > 1 else ''} sur {count} sans rang, aucun critère"
            " connu (un tracé schématique ne se mesure pas)."
        )
    if unknown < count and ranks.known_share < ranks.min_known_share:
        known_share = comma(f"{100 * ranks.known_share:.1f}")
        _tell(f"Critères connus à {known_share} % du poids : le classement ne départage pas les sites.")


def plain(catalogue_data: "CatalogueData") -> "Study":
    """Run the analyses that the catalogue allows by itself, today."""
    from artois_geo import packs

    today = date.today()
    return packs.study_of(
        catalogue_data,
        on=today,
        constraints=_constraints(None, today),
        budgets=_budgets(catalogue_data, None, None, today),
    )


def _constraints(given: Path | None, on: date) -> "Constraints | None":
    """Read the constraints that are given, else the table that open data filled; None: layers of the kind."""
    from artois_geo.studies.land import rules
    from artois_geo.studies.library import filled_constraints

    path = given or filled_constraints.table_of(options.workspace())
    return None if path is None else rules.read(path, options.catalogue(), on=on).constraints


def _budgets(
    catalogue_data: "CatalogueData", consumption: Path | None, targets: str | None, on: date
) -> "dict[str, Budget]":
    """Compute the trajectories by commune and by EPCI, as ``zan trajectoire``; tell where they come from."""
    from artois_geo.studies.sites import site_zan

    path = consumption or site_zan.consumption_file(catalogue_data)
    if path is None and targets:
        raise click.UsageError("--objectifs demande --consommation.")
    if path is None:
        return {}
    records = site_zan.read_consumption(path)
    if records is not None:
        if consumption is None:
            _tell(f"Consommation d'ENAF : {path}.")
        catalogue = catalogue_data.catalogue
        return site_zan.budgets_by_level(records, path, targets=targets, on=on, catalogue=catalogue)
    if consumption is not None or targets:
        raise BadValue(
            f"{path.name} n'est pas le fichier du Cerema (idcom, naf20art21…) : « zan trajectoire » lit "
            "d'autres tableaux, la fiche celui-là seul."
        )
    _tell(f"Sans budget d'ENAF : {path} n'est pas le fichier du Cerema.")
    return {}


def _tell(sentence: str) -> None:
    waiting.over()
    click.echo(french.visible(sentence), err=True)


def _profile(name: str | None, path: Path | None) -> "Profile | None":
    from artois_geo.studies.ranking import profiles

    if name is None and path is None:
        return None
    return profiles.read(RankingRequest(profile=name, criteria=path))
