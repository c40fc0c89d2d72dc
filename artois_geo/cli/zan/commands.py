"""``artois-geo zan``: the three accounts, the rules they follow, and the report."""

from pathlib import Path
from typing import Any

import click

from artois_geo.cli import french, options, show
from artois_geo.cli.zan import zan_options
from artois_geo.cli.zan.budget import simuler, trajectoire
from artois_geo.cli.zan.report import rapport
from artois_geo.cli.zan.soil import artificialisation, effet, mos, stock
from artois_geo.constants.rules import DEFAULT
from artois_geo.studies.zan.requests import FlowsRequest


@click.group(cls=french.Group)
def zan() -> None:
    """Comptes ZAN : consommation, trajectoire, projets, artificialisation, rapport.

    Consommation d'ENAF, artificialisation nette et imperméabilisation sont trois comptes distincts :
    aucune commande ne les additionne.
    """


for command in (stock, artificialisation, effet, mos, rapport, trajectoire, simuler):
    zan.add_command(command)


@zan.command()
@click.argument("jeu", default=DEFAULT)
@click.option(
    "--copier",
    type=options.OutputFile("toml"),
    metavar="FICHIER.toml",
    help="Écrit le jeu dans un fichier à modifier, que --regles relit.",
)
@options.output
def regles(jeu: str, copier: Path | None, output: dict[str, Any]) -> None:
    """Valeurs d'un JEU de règles : taux, dates, planchers, seuils, avec leur source."""
    from artois_geo.constants import rules
    from artois_geo.studies.zan import rules as rule_studies

    if copier is None:
        show.study(rule_studies.study(jeu), **output)
    else:
        show.save(rules.text(rules.read(jeu)).encode(), copier)


@zan.command()
@click.argument("fichier", type=click.Path(path_type=Path))
@options.output
def controle(fichier: Path, output: dict[str, Any]) -> None:
    """Anomalies du fichier du Cerema ou d'une couche OCS GE : codes, sommes, unités, signes."""
    from artois_geo.studies.zan import consumption

    show.study(consumption.check(fichier), **output)


@zan.command()
@zan_options.flows
@click.option(
    "--de", "first_year", type=int, metavar="ANNÉE", help="Premier flux ; par défaut celui de la référence."
)
@click.option(
    "--a", "last_year", type=int, metavar="ANNÉE", help="Dernier flux ; par défaut celui de la référence."
)
@click.option("--par-an", is_flag=True, help="Une ligne par territoire et par année.")
@options.output
def consommation(
    account: FlowsRequest,
    first_year: int | None,
    last_year: int | None,
    par_an: bool,
    output: dict[str, Any],
) -> None:
    """Consommation d'ENAF, totale et par destination, d'après FICHIER.

    FICHIER est celui du Cerema (toute édition, en m²) ou son propre tableau, une ligne par territoire et
    par an ou une colonne par an. L'année est celle où le flux commence : 2020 va jusqu'au 1er janvier 2021.
    """
    from artois_geo.studies.zan import consumption

    years = (first_year, last_year)
    answer = consumption.study(account, years=years, by_year=par_an, catalogue=options.catalogue)
    show.study(answer, **output)
