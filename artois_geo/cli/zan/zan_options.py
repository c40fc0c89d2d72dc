"""Options that the ``zan`` commands share, each group gathered into the record of its study."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from artois_geo import text
from artois_geo.cli import french, options
from artois_geo.constants.rules import DEFAULT
from artois_geo.studies.zan.requests import (
    CLASSES,
    SRADDET,
    Demand,
    FlowsRequest,
    Photographs,
    SoilRequest,
    Treatment,
)

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Option = Callable[[Any], Any]

rules = click.option(
    "--regles",
    "rules_name",
    default=lambda: options.rule_set(DEFAULT),
    show_default=f"celui du catalogue, sinon {DEFAULT}",
    metavar="JEU|TOML",
    help="Les chiffres de la loi : un jeu livré, ou votre fichier ; « zan regles » les montre.",
)
detail = click.option(
    "--par", type=french.Choice(list(CLASSES)), help="Détail par couverture, usage ou catégorie."
)


class Rate(click.ParamType):
    """A reduction, as a share of 1 or as per cent."""

    name = "taux"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        share = text.share(str(value))
        if share is None:
            share = -1.0
        if 0 <= share <= 1:
            return share
        percent = share if 1 < share <= 100 else 54.47
        as_share, as_percent = (
            text.digits(float(f"{number:g}")) for number in (round(percent / 100, 8), percent)
        )
        self.fail(
            f"« {value} » n'est pas une baisse de 0 à 100 %. Écrire {as_share} ou {as_percent} %.", param, ctx
        )


def flows(function: _Function) -> _Function:
    """Add the argument and options on consumption; the command gets them as ``account``."""
    return _with(
        options.into(FlowsRequest, "account")(function),
        click.argument("fichier", type=options.TablePath()),
        click.option(
            "--par",
            default="commune",
            show_default=True,
            metavar="COLONNE",
            help="Regroupement : commune, epci, scot, pma, ou une colonne de --territoires.",
        ),
        click.option(
            "--territoires",
            type=click.Path(path_type=Path),
            metavar="FICHIER",
            help="Tableau ou couche : le code de chaque commune et ses regroupements.",
        ),
        click.option(
            "--fusions",
            type=click.Path(path_type=Path),
            metavar="CSV",
            help="Communes fusionnées : colonnes ancien, nouveau (et part).",
        ),
        click.option("--edition", default="", help="Édition du fichier, à écrire sous les chiffres."),
        click.option(
            "--unite",
            type=french.Choice(["m2", "ha"]),
            help="Unité des flux. Fichier du Cerema : m2 ; à dire pour son propre tableau.",
        ),
        click.option("--cle", metavar="COLONNE", help="Code du territoire dans son propre tableau."),
        click.option(
            "--colonnes",
            default="",
            metavar="MODÈLE",
            help="Flux de son propre tableau, si leur nom ne dit pas « conso » : enaf_{annee} pour une "
            "colonne par année, ou le nom de l'unique colonne à côté d'une colonne annee.",
        ),
        rules,
    )


def demand(function: _Function) -> _Function:
    """Add the options on targets, guarantee and deductions; the command gets them as ``demand``."""
    return _with(
        options.into(Demand, "demand")(function),
        click.option(
            "--taux",
            type=Rate(),
            metavar="TAUX",
            help="Baisse demandée à tous : 0,5447 ou 54,47 %.",
        ),
        click.option(
            "--objectifs",
            metavar=f"CSV|{SRADDET}",
            help="Objectifs des documents : document, niveau, territoire, taux_baisse, en_vigueur_depuis, "
            "source.",
        ),
        click.option(
            "--region",
            metavar="CODE",
            help="Région des territoires, si ni le fichier ni leurs communes ne la disent ; celle du "
            "catalogue sinon.",
        ),
        click.option(
            "--garantie",
            type=click.Path(path_type=Path),
            metavar="CSV",
            help="Communes et leur document : code, document_date, justificatif.",
        ),
        click.option(
            "--deductions",
            type=click.Path(path_type=Path),
            metavar="CSV",
            help="Déductions : territoire, annee, surface_ha, nature (PENE, PV, renaturation), "
            "justificatif ; pour le photovoltaïque, aussi chaque critère du décret (docs/zan.md).",
        ),
        click.option(
            "--date",
            "issued",
            type=options.day,
            help="Jour du compte : objectifs en vigueur et années écoulées ce jour-là ; aujourd'hui sinon.",
        ),
        options.agree(needs={"--region": "--objectifs"}, excludes={"--taux": "--objectifs"}),
    )


def treatment(function: _Function) -> _Function:
    """Add the options on how an OCS GE is read and treated; the command gets them as ``treatment``."""
    return _with(
        options.into(Treatment, "treatment")(function),
        click.option("--tamis", is_flag=True, help="Applique les seuils du décret (50 m², 2 500 m²)."),
        click.option(
            "--largeur",
            is_flag=True,
            help="Écarte les infrastructures linéaires plus étroites que le décret ne dit (5 m).",
        ),
        click.option(
            "--parcs",
            type=options.layer_file,
            metavar="COUCHE",
            help="Parcs et jardins publics exemptés, avec leur justificatif.",
        ),
        click.option(
            "--photovoltaique",
            type=options.layer_file,
            metavar="COUCHE",
            help="Parcs photovoltaïques à exempter, avec leur justificatif et chaque critère du décret.",
        ),
        click.option(
            "--copie",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DOSSIER",
            help="Garde dans DOSSIER une copie de travail de l'OCS GE, que les calculs suivants relisent "
            "bien plus vite (.gpkg ou .parquet, complément « rapide »).",
        ),
        click.option(
            "--couche-source", default="", metavar="NOM", help="Couche du GeoPackage, s'il en a plusieurs."
        ),
        options.cores,
    )


def soil_account(function: _Function) -> _Function:
    """Add the options that every account of the soil shares: zones, detail, rules, treatment, output."""
    return _with(
        options.into(SoilRequest)(function),
        click.option(
            "--zones",
            type=options.layer_file,
            required=True,
            metavar="COUCHE",
            help="Communes, EPCI, ZAE, zones de PLU, sites… : polygones.",
        ),
        click.option("--cle", required=True, metavar="COLONNE", help="Colonne qui nomme chaque zone."),
        detail,
        rules,
        treatment,
        options.waiting,
        options.output,
    )


def photographs(function: _Function) -> _Function:
    """Add two land covers and their days; the command gets them as ``photographs``."""
    sides = (("avant", "première"), ("apres", "seconde"))
    covers = [
        click.option(
            f"--{side}", type=options.layer_file, metavar="COUCHE", help=f"OCS GE de la {rank} photographie."
        )
        for side, rank in sides
    ]
    days = [
        click.option(f"--date-{side}", type=options.day, help=f"Jour de la {rank} photographie.")
        for side, rank in sides
    ]
    needs = {
        "--avant": "--apres",
        "--apres": "--avant",
        "--date-apres": "--date-avant",
        "--date-avant": "--date-apres",
    }
    gathered = options.into(Photographs, "photographs")(function)
    return options.agree(needs=needs)(_with(gathered, *covers, *days))


def _with(function: Any, *decorators: _Option) -> Any:
    """Add options to a function, which show in the order given."""
    for decorator in reversed(decorators):
        function = decorator(function)
    return function
