"""``artois-geo zan stock``, ``artificialisation``, ``effet`` and ``mos``: what a land cover says."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.cli.zan import zan_options
from artois_geo.studies.zan.requests import EffectRequest, MosRequest, Photographs, SoilRequest, Treatment

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@click.command(cls=french.Command)
@click.argument("ocsge", type=options.layer_file)
@zan_options.soil_account
def stock(
    ocsge: "Layer | Path",
    request: SoilRequest,
    treatment: Treatment,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Surfaces artificialisées et imperméabilisées de chaque zone, d'après l'OCS GE.

    La couche ARTIFICIALISATION de l'IGN, qui applique les seuils, est préférée ; l'OCCUPATION_SOL passe par
    la matrice couverture × usage, un repli que le tableau signale. Un GeoPackage ou un GeoParquet en
    Lambert-93 est compté dans son fichier, sans être chargé en mémoire.
    """
    from artois_geo.studies.zan import soil

    show.study(soil.stock_study(ocsge, request, treatment, on_progress=step), **output)


@click.command(cls=french.Command)
@zan_options.photographs
@click.option("--diff", type=options.layer_file, metavar="COUCHE", help="Couche DIFF ou ARTIF-DIFF de l'IGN.")
@zan_options.soil_account
@options.agree(
    needs={"--copie": "--avant", "--couche-source": "--avant", "--par": "--avant"},
    excludes={
        "--diff": "--par --tamis --largeur --parcs --photovoltaique",
        "--par": "--date-avant --date-apres",
    },
)
def artificialisation(
    photographs: Photographs,
    diff: "Layer | Path | None",
    request: SoilRequest,
    treatment: Treatment,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Artificialisation, désartificialisation et solde entre deux photographies, zone par zone.

    --diff lit la différence officielle de l'IGN, qui passe avant : des deux années de ses colonnes, la plus
    petite est la première. Avec --avant et --apres, les flux viennent de l'intersection exacte des deux
    couches. Les trois ensemble : le solde de la DIFF est confronté à la différence des stocks.
    """
    from artois_geo.studies.zan import soil

    show.study(soil.flux_study(photographs, request, treatment, diff=diff, on_progress=step), **output)


@click.command(cls=french.Command)
@click.argument("projets", type=options.layer_file)
@click.argument("ocsge", type=options.layer_file)
@click.option(
    "--cle", default="projet_id", show_default=True, metavar="COLONNE", help="Nom de chaque projet."
)
@zan_options.detail
@zan_options.rules
@options.into(EffectRequest)
@zan_options.treatment
@options.waiting
@options.output
def effet(request: EffectRequest, treatment: Treatment, step: waiting.Step, output: dict[str, Any]) -> None:
    """Ce que bâtir l'emprise de chaque projet ajouterait à l'artificialisation.

    Une friche ne consomme pas d'ENAF ; ce qui y a poussé peut pourtant devenir artificialisé.
    """
    from artois_geo.studies.zan import soil

    show.study(soil.effect_study(request, treatment, on_progress=step), **output)


@click.command(cls=french.Command)
@click.argument("couche", type=options.layer_file)
@click.option("--avant", required=True, metavar="COLONNE", help="Classe à la première date.")
@click.option("--apres", required=True, metavar="COLONNE", help="Classe à la seconde date.")
@click.option(
    "--passages",
    required=True,
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Matrice : avant, apres, compte (consommation, renaturation, aucun, indéterminé).",
)
@click.option(
    "--de", "first_year", type=int, required=True, metavar="ANNÉE", help="Premier flux annuel compris."
)
@click.option(
    "--a", "last_year", type=int, required=True, metavar="ANNÉE", help="Dernier flux annuel compris."
)
@click.option(
    "--zones",
    type=options.layer_file,
    required=True,
    metavar="COUCHE",
    help="Territoires par lesquels on compte : polygones.",
)
@click.option("--cle", required=True, metavar="COLONNE", help="Colonne qui nomme chaque zone.")
@options.into(MosRequest)
@options.waiting
@options.cores
@options.output
def mos(request: MosRequest, step: waiting.Step, cores: int | None, output: dict[str, Any]) -> None:
    """Consommation d'ENAF d'après un MOS (OCS2D…), avec sa propre matrice de passage."""
    from artois_geo.studies.zan import consumption

    show.study(consumption.mos_study(request, cores=cores, on_progress=step), **output)
