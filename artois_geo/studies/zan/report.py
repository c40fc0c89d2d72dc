"""The local report of a territory (R. 2231-1 CGCT): the figures of the other studies on paper."""

from contextlib import ExitStack
from pathlib import Path

import geopandas as gpd
import pandas as pd

from artois_geo import layers, sheets, theme
from artois_geo.constants.rules import RuleSet
from artois_geo.errors import BadOptions
from artois_geo.layers import Layer
from artois_geo.studies.zan import flows, land_cover, rules, soil, targets, territories, trajectory
from artois_geo.studies.zan.flows import Flows
from artois_geo.studies.zan.requests import (
    POLE,
    Demand,
    FlowsRequest,
    OpenCatalogue,
    Photographs,
    ReportRequest,
    Step,
    Treatment,
    silent,
)

_COMMUNE = "comm_insee"


def document(
    account: FlowsRequest,
    demand: Demand,
    request: ReportRequest,
    photographs: Photographs | None = None,
    *,
    form: str = ".html",
    catalogue: OpenCatalogue = layers.read_catalogue,
    on_progress: Step = silent,
) -> bytes:
    """Write the local report of a territory, in HTML or in DOCX.

    Parameters
    ----------
    account, demand
        As for « trajectoire ».
    request
        Territory, its name, outlines, area; whether the data are made up.
    photographs
        Land covers of two dates, if there are.
    form
        ``.html`` or ``.docx``.
    catalogue
        Gives the communes of the pole.
    on_progress
        Told the step and how far it is.

    Raises
    ------
    UnknownName, BadOptions
        No such territory, or outlines that do not say which communes are in it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "conso.csv"
    >>> years = range(2011, 2022)
    >>> _ = path.write_text(f"epci;{';'.join(map(str, years))}\\nA;{';'.join('2' for _ in years)}\\n")
    >>> account = FlowsRequest(path, par="epci", cle="epci", unite="ha")
    >>> document(account, Demand(taux=0.5), ReportRequest("A"))[:15]
    b'<!DOCTYPE html>'
    """
    look = theme.read(request.theme)
    rule_set, rule_notes = rules.named_rules(account.rules_name)
    grouped = flows.read(account, catalogue)
    code = territories.resolve(grouped.frame, grouped.key, request.territoire)
    budgets = trajectory.of_flows(grouped, rule_set, targets.located(demand, catalogue))
    row = budgets.table[budgets.table[grouped.key] == code].iloc[0]
    trajectory.require_known_target(row, code)
    area_ha = grouped.area_ha.get(code) if grouped.area_ha is not None else None
    communes = None if request.contours is None else _communes(request.contours, grouped, code)
    stocks, flux, soil_notes = _soil(photographs or Photographs(), communes, rule_set, on_progress)
    territory_account = sheets.Account(
        name=request.nom or territories.title_of(grouped.frame, grouped.key, code),
        flows=grouped.frame[grouped.frame[grouped.key] == code],
        trajectory=row,
        area_ha=request.area if request.area is not None else area_ha,
        stocks=stocks,
        flux=flux,
        communes=communes,
        rules=rule_set,
        sources=[f"{grouped.surface[0].upper()}{grouped.surface[1:]}.", *grouped.notes, *soil_notes],
        notes=[*rule_notes, *budgets.notes],
        fictitious=request.fictif,
    )
    report = sheets.local_report(territory_account)
    if form.lower() == ".docx":
        return sheets.local_report_docx(report, look)
    return sheets.local_report_html(report, look).encode()


def _communes(outlines: Layer | Path, grouped: Flows, code: str) -> gpd.GeoDataFrame:
    """Read the outlines of the communes of a territory."""
    frame = layers.read(outlines)
    column = territories.commune_column(map(str, frame.columns))
    if column is None:
        raise BadOptions("--contours : la couche n'a pas de colonne comm_insee.")
    frame = territories.with_usual_name(frame.rename(columns={column: _COMMUNE}), grouped.key)
    if grouped.key == POLE and grouped.key not in frame:
        return frame
    key = _COMMUNE if grouped.key == "commune" else grouped.key
    if key not in frame:
        raise BadOptions(
            f"--contours : la couche n'a pas de colonne « {key} », qui dirait quelles communes sont de "
            f"« {code} ». L'ajouter à la couche."
        )
    communes = frame[frame[key].astype(str) == code]
    if communes.empty:
        raise BadOptions(f"--contours : aucune commune de « {code} » (colonne « {key} »).")
    return communes


def _soil(
    photographs: Photographs, communes: gpd.GeoDataFrame | None, rule_set: RuleSet, step: Step
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, list[str]]:
    """Compute the stocks and flows of each commune, where there are photographs."""
    if len(photographs.layers) < 2:
        return None, None, []
    assert communes is not None  # asked with the photographs
    with ExitStack() as open_files:
        pair = land_cover.classified_pair(
            photographs.layers, rule_set, Treatment(), open_files=open_files, step=step
        )
        account = soil.ZoneAccount(communes, _COMMUNE, rule_set, step=step)
        flux = soil.checked_flux(photographs, pair, account)
    stocks = pd.concat(flux.stocks, keys=["avant", "après"], names=["date", None])
    return stocks, flux.table, [*(f"OCS GE {note}" for note in pair.notes), *flux.notes]
