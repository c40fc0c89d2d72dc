"""Freight by water: potential of sectors, trucks and CO2e that a flow avoids (``canal fret``)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from artois_geo import canal, constants, text
from artois_geo.studies import planner_files
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.canal import notes
from artois_geo.studies.canal.requests import FreightRequest
from artois_geo.studies.study_table import StudyTable

FLOW = ("tonnes", "road_km", "water_km", "haul_km", "handlings", "boat")


def study(request: FreightRequest) -> StudyTable:
    """Compute what a request for freight asks for, with the range of every result.

    Parameters
    ----------
    request
        The published funnel, else a file of sectors, else one of flows, else a flow by itself.

    Raises
    ------
    BadTable, BadValue
        A table lacks a column, or a figure makes no sense.

    Examples
    --------
    >>> from datetime import date
    >>> absent = dict.fromkeys(("flows", "sectors", "truck_t"))
    >>> flow = {"tonnes": 4400, "road_km": 200, "water_km": 240, "haul_km": 15}
    >>> options = {"handlings": 2, "boat": "convoi", "mixed_bases": False, "funnel": False, "summary": True}
    >>> answer = study(FreightRequest(**absent, **flow, **options, day=date(2026, 12, 8)))
    >>> answer.table["verdict"].tolist(), answer.notes[0]
    (["l'eau fait mieux"], "Flux 0 : l'eau fait mieux, 36 à 80 % évités selon le jeu de facteurs.")
    """
    assumptions = Assumptions(request.day)
    if request.funnel:
        published = dict(assumptions.value("funnel_evp"))
        table = canal.funnel(published.pop("identifiés"), published)
        return StudyTable(table, "Entonnoir publié (EVP)", constants=assumptions.used)
    truck_t = assumptions.value("truck_load_t", request.truck_t)
    if request.sectors is not None:
        table = potential(request.sectors, truck_t, assumptions, mixed_bases=request.mixed_bases)
        return StudyTable(
            table, "Potentiel fluvial par filière", constants=assumptions.used, notes=_base_notes(table)
        )
    flows = _flows(request)
    factors = constants.table("freight_factors")
    by_factor_set = canal.emissions(flows, factors, truck_t=truck_t)
    by_flow = canal.overall(by_factor_set)
    return StudyTable(
        by_flow if request.summary else by_factor_set,
        "CO2e et camions évités",
        constants=assumptions.used,
        notes=[*_verdicts(by_flow), *_factor_sources(factors, flows), notes.of_opening(assumptions)],
    )


def potential(path: Path, truck_t: float, assumptions: Assumptions, *, mixed_bases: bool) -> pd.DataFrame:
    """Compute the potential of the sectors of a file, with the captured shares that a study assumes.

    Parameters
    ----------
    path
        Table of the sectors, as for ``canal.potential``.
    truck_t
        Load of a truck, in tonnes.
    assumptions
        Record the captured shares.
    mixed_bases
        Accept sectors counted in several units.

    Examples
    --------
    >>> from datetime import date
    >>> from tempfile import TemporaryDirectory
    >>> shares = "river_share;hinterland_share;competitive_share"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "filieres.csv"
    ...     _ = path.write_text(f"sector;base;base_unit;ratio_t;{shares}\\nblé;1000;t;1;0,8;0,5;0,5\\n")
    ...     table = potential(path, 20, Assumptions(date(2026, 12, 8)), mixed_bases=False)
    >>> table["reachable_t"].tolist()
    [200.0, 200.0, 200.0]
    """
    capture = assumptions.value("capture_share")
    sectors = planner_files.table(path)
    return canal.potential(sectors, capture=capture, truck_t=truck_t, mixed_bases=mixed_bases)


def _flows(request: FreightRequest) -> pd.DataFrame:
    """Return the flows of a file, or the one that is given by itself."""
    if request.flows is not None:
        return planner_files.table(request.flows).reset_index(drop=True)
    return pd.DataFrame([{name: getattr(request, name) for name in FLOW}])


def _verdicts(by_flow: pd.DataFrame) -> list[str]:
    """Say of each flow who does better, and by how much, over all the sets of factors."""
    lowest, highest = (
        [text.number(100 * share) for share in by_flow[f"avoided_share_{bound}"]] for bound in ("low", "high")
    )
    return [
        f"Flux {flow} : {verdict}, {low_share} à {high_share} % évités selon le jeu de facteurs."
        for flow, verdict, low_share, high_share in zip(
            by_flow["flow"], by_flow["verdict"], lowest, highest, strict=True
        )
    ]


def _factor_sources(factors: pd.DataFrame, flows: pd.DataFrame) -> list[str]:
    used = factors[factors["boat"].isin(set(flows["boat"]))]
    return [f"{row.factor_set}, {row.boat_title} : {row.source}." for row in used.itertuples()]


def _base_notes(table: pd.DataFrame) -> Sequence[str]:
    units = sorted(table["base_unit"].dropna().astype(str).unique())
    return [f"Filières comptées sur des unités différentes : {', '.join(units)}."] if len(units) > 1 else []
