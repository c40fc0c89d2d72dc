"""``artois-geo zan rapport``: the local report, from the flows and, if given, a land cover."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import (
    fictional_inputs,
    french,
    options,
    show,
    waiting,
    zan_budget,
    zan_cover,
    zan_inputs,
    zan_names,
    zan_places,
    zan_sol,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.constants.rules import RuleSet
    from artois_geo.layers import Layer


@click.command(cls=french.Command)
@zan_inputs.options_of_flows
@click.option(
    "--territoire",
    required=True,
    metavar="CODE|NOM",
    help="Territoire : son code, dans la colonne de --par, ou son nom.",
)
@click.option("--nom", default="", help="Nom du territoire, tel qu'il s'écrit en tête.")
@zan_budget.demand
@zan_sol.photographs
@click.option(
    "--contours", type=options.layer_file, metavar="COUCHE", help="Contours des communes (comm_insee)."
)
@click.option("--surface", "area", type=click.FloatRange(0), help="Surface du territoire, en hectares.")
@click.option("--fictif", is_flag=True, help="Écrit « données fictives » en tête.")
@click.option(
    "--sortie",
    type=options.OutputFile("html", "docx"),
    required=True,
    metavar="FICHIER.html|.docx",
    help="Rapport à écrire ; pour un PDF, imprimer le HTML.",
)
@options.agree(needs={"--avant": "--contours", "--contours": "--avant", "--date-avant": "--avant"})
@options.waiting
def rapport(
    territoire: str,
    nom: str,
    demand: zan_budget.Demand,
    avant: "Layer | Path | None",
    apres: "Layer | Path | None",
    date_avant: date | None,
    date_apres: date | None,
    contours: "Layer | Path | None",
    area: float | None,
    fictif: bool,
    sortie: Path,
    rules_name: str,
    step: waiting.Step,
    **inputs: Any,
) -> None:
    """Rapport local de suivi : indicateurs 1° à 4°, sources, et ce qui manque (R. 2231-1 CGCT).

    Pour un PDF, ouvrir le HTML dans un navigateur et l'imprimer (A4) ; sans écran, voir docs/zan.md.
    """
    from artois_geo import sheets

    rules, notes = zan_inputs.read_rules(rules_name)
    flows = zan_inputs.read_flows(**inputs)
    territoire = zan_places.resolved(flows.frame, flows.key, territoire)
    budgets, said = zan_budget.trajectory(flows, rules, demand)
    mine = flows.frame[flows.frame[flows.key] == territoire]
    known = flows.area_ha.get(territoire) if flows.area_ha is not None else None
    places = _places(contours, flows, territoire)
    tables, told = _soil(avant, apres, date_avant, date_apres, places, rules, step)
    content = sheets.local_report(
        name=nom or zan_places.named(flows.frame, flows.key, territoire),
        flows=mine,
        trajectory=budgets[budgets[flows.key] == territoire].iloc[0],
        area_ha=area if area is not None else known,
        stocks=tables["stocks"],
        flux=tables["flux"],
        communes=places,
        rules=rules,
        sources=[f"{flows.surface[0].upper()}{flows.surface[1:]}.", *flows.notes, *told],
        notes=[*notes, *said],
        fictitious=fictif or bool(fictional_inputs.names()),
    )
    if sortie.suffix.lower() == ".docx":
        show.save(sheets.local_report_docx(content), sortie)
    else:
        show.save(sheets.local_report_html(content).encode(), sortie)


def _places(
    contours: "Layer | Path | None", flows: zan_inputs.Flows, territory: str
) -> "gpd.GeoDataFrame | None":
    if contours is None:
        return None
    frame = zan_inputs.read_layer(contours)
    key = zan_names.commune_column(map(str, frame.columns))
    if key is None:
        raise click.UsageError("--contours : la couche n'a pas de colonne comm_insee.")
    frame = zan_names.with_usual_name(frame.rename(columns={key: "comm_insee"}), flows.key)
    if flows.key == zan_inputs.POLE and flows.key not in frame:
        return frame
    key = "comm_insee" if flows.key == "commune" else flows.key
    if key not in frame:
        raise click.UsageError(
            f"--contours : la couche n'a pas de colonne « {key} », qui dirait quelles communes sont de "
            f"« {territory} ». L'ajouter à la couche."
        )
    mine = frame[frame[key].astype(str) == territory]
    if mine.empty:
        raise click.UsageError(f"--contours : aucune commune de « {territory} » (colonne « {key} »).")
    return mine


def _soil(
    before: "Layer | Path | None",
    after: "Layer | Path | None",
    first: date | None,
    last: date | None,
    places: "gpd.GeoDataFrame | None",
    rules: "RuleSet",
    step: waiting.Step,
) -> "tuple[dict[str, pd.DataFrame | None], list[str]]":
    from artois_geo import zan

    if before is None or after is None:
        return {"stocks": None, "flux": None}, []
    assert places is not None  # asked with the photographs
    covers, told = zan_cover.classified_pair((before, after), rules, zan_cover.PLAIN, step=step)
    notes = [f"OCS GE {sentence}" for sentence in told]
    step("Flux entre les deux photographies")
    first_stock, last_stock = stocks = [zan.stock(places, cover, key="comm_insee") for cover in covers]
    flux = zan.flux(
        *covers, zones=places, key="comm_insee", coverage=zan.Coverage(stocks=(first_stock, last_stock))
    )
    notes += zan_sol.gaps(stocks, flux, "comm_insee", rules)
    table, said = zan_sol.yearly(flux, first, last)
    import pandas as pd

    return {"stocks": pd.concat(stocks, keys=["avant", "après"], names=["date", None]), "flux": table}, [
        *notes,
        *said,
    ]
