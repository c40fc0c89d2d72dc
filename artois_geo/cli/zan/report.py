"""``artois-geo zan rapport``: the local report, from the flows and, if given, a land cover."""

from dataclasses import replace
from pathlib import Path

import click

from artois_geo.cli import fictional_inputs, french, options, show, waiting
from artois_geo.cli.zan import zan_options
from artois_geo.studies.zan.requests import Demand, FlowsRequest, Photographs, ReportRequest


@click.command(cls=french.Command)
@zan_options.flows
@click.option(
    "--territoire",
    required=True,
    metavar="CODE|NOM",
    help="Territoire : son code, dans la colonne de --par, ou son nom.",
)
@click.option("--nom", default="", help="Nom du territoire, tel qu'il s'écrit en tête.")
@zan_options.demand
@zan_options.photographs
@click.option(
    "--contours", type=options.layer_file, metavar="COUCHE", help="Contours des communes (comm_insee)."
)
@click.option("--surface", "area", type=click.FloatRange(0), help="Surface du territoire, en hectares.")
@options.theme
@click.option("--fictif", is_flag=True, help="Écrit « données fictives » en tête.")
@click.option(
    "--sortie",
    type=options.OutputFile("html", "docx"),
    required=True,
    metavar="FICHIER.html|.docx",
    help="Rapport à écrire ; pour un PDF, imprimer le HTML.",
)
@options.agree(needs={"--avant": "--contours", "--contours": "--avant", "--date-avant": "--avant"})
@options.into(ReportRequest)
@options.waiting
def rapport(
    account: FlowsRequest,
    demand: Demand,
    request: ReportRequest,
    photographs: Photographs,
    sortie: Path,
    step: waiting.Step,
) -> None:
    """Rapport local de suivi : indicateurs 1° à 4°, sources, et ce qui manque (R. 2231-1 CGCT).

    Pour un PDF, ouvrir le HTML dans un navigateur et l'imprimer (A4) ; sans écran, voir docs/zan.md.
    """
    from artois_geo.studies.zan import report

    request = replace(request, fictif=request.fictif or bool(fictional_inputs.names()))
    content = report.document(
        account,
        demand,
        request,
        photographs,
        form=sortie.suffix,
        catalogue=options.catalogue,
        on_progress=step,
    )
    show.save(content, sortie)
