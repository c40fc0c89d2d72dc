"""``artois-geo zan trajectoire`` and ``simuler``: budgets, what remains, and what projects make of it."""

from pathlib import Path
from typing import Any

import click

from artois_geo.cli import french, options, show
from artois_geo.cli.zan import zan_options
from artois_geo.studies.zan.requests import Demand, FlowsRequest, PressureRequest, SimulationRequest


@click.command(cls=french.Command)
@zan_options.flows
@zan_options.demand
@click.option(
    "--pression",
    metavar="COLONNE",
    help="Montre, par EPCI ou SCoT, ce que coûte la garantie, commune par commune quel que soit --par.",
)
@click.option(
    "--mutualiser",
    multiple=True,
    metavar="INSEE",
    help="Commune qui met sa garantie en commun, avec --pression ; à répéter. « toutes » les prend toutes.",
)
@click.option(
    "--graphique",
    type=options.OutputFile("svg", "png"),
    metavar="FICHIER.svg|.png",
    help="Dessine la trajectoire d'un seul territoire.",
)
@click.option("--sur", metavar="CODE|NOM", help="Territoire à dessiner, si le tableau en a plusieurs.")
@options.agree(needs={"--sur": "--graphique", "--mutualiser": "--pression --garantie"})
@options.into(PressureRequest, "pressure")
@options.output
def trajectoire(
    account: FlowsRequest,
    demand: Demand,
    pressure: PressureRequest,
    graphique: Path | None,
    sur: str | None,
    output: dict[str, Any],
) -> None:
    """Enveloppe d'ENAF de chaque territoire, ce qui est consommé, ce qui reste, où mène le rythme observé."""
    from artois_geo.studies.zan import trajectory

    result = trajectory.study(account, demand, pressure, options.catalogue)
    if graphique is not None:
        show.save(trajectory.chart(result, sur, form=graphique.suffix), graphique)
    show.study(result.answer, **output)


@click.command(cls=french.Command)
@zan_options.flows
@zan_options.demand
@click.option(
    "--territoire",
    "territories",
    multiple=True,
    metavar="CODE|NOM",
    help="Ne montre que ce territoire ; à répéter.",
)
@click.option(
    "--projets",
    type=options.layer_file,
    metavar="COUCHE|CSV",
    help="Projets : projet_id, code du territoire, projet_compte, consommation_ha, annee_debut ou phasage.",
)
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NOM=ID,ID", help="Projets d'un scénario ; à répéter."
)
@click.option("--diffus", type=click.FloatRange(0), default=0.0, help="Hectares par an hors projets.")
@click.option(
    "--offre",
    type=options.layer_file,
    metavar="COUCHE|CSV",
    help="Sites : site_id, code du territoire, consumed_ha. Montre ceux qui entrent dans le reste.",
)
@click.option(
    "--critere",
    type=french.Choice(["hectares", "sites", "valeur"]),
    default="hectares",
    show_default=True,
    help="Ce que l'ensemble retenu rend maximal.",
)
@click.option("--valeur", metavar="COLONNE", help="Colonne à additionner avec --critere valeur.")
@options.agree(
    needs={
        "--scenario": "--projets",
        "--diffus": "--projets",
        "--critere": "--offre",
        "--valeur": "--offre --critere",
    },
    excludes={"--projets": "--offre"},
)
@options.into(SimulationRequest)
@options.output
def simuler(
    account: FlowsRequest, demand: Demand, request: SimulationRequest, output: dict[str, Any]
) -> None:
    """Ce que deviennent les budgets avec les projets, ou quels sites de l'offre y entrent."""
    from artois_geo.studies.zan import simulation

    show.study(simulation.study(account, demand, request, options.catalogue), **output)
