"""Links that are missing in a network of ways, and crossings to look at (``trame manques``)."""

from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import corridors, text, whatif
from artois_geo.layers import Layer
from artois_geo.network import Network
from artois_geo.studies import data_warnings
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.corridors import features
from artois_geo.studies.corridors.requests import GapRequest
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

STRAIGHT = "Un lien est un trait droit entre deux morceaux : le tracé reste à étudier sur le terrain."
NOT_A_WAY = "Un cavalier n'est pas toujours une voie verte : la couche ne dit pas s'il se parcourt."


@dataclass(frozen=True)
class GapStudy:
    """Hold the table of missing links, and their map where one was asked for."""

    table: StudyTable
    map: "ResultMap | None" = None


@dataclass(frozen=True)
class _Thresholds:
    """Hold the distances and the detour that decide of a link; NaN where the request needs none."""

    snap_m: float
    max_gap_m: float
    min_gap_m: float
    max_detour: float
    railway_reach_m: float


def study(layer: Layer | Path, request: GapRequest, *, with_map: bool = False) -> GapStudy:
    """Find the missing links of a layer of ways, best gain per kilometre first.

    Parameters
    ----------
    layer
        Lines.
    request
        Links, crossings to verify, or shortcuts; with a project, base, with and difference.
    with_map
        Draw the network by piece and the links, with the project.

    Raises
    ------
    BadTable
        A layer of ways has no line.
    BadValue
        A distance makes no sense.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo import layers
    >>> absent = dict.fromkeys(("max_gap_m", "min_gap_m", "railways", "increment", "level", "snap_m"))
    >>> which = {"to_verify": True, "shortcut": False, "crossings": "separes"}
    >>> request = GapRequest(count=10, **which, **absent, day=date(2026, 12, 8))
    >>> study(layers.read_catalogue()["voies_vertes"], request).table.title
    'Croisements à vérifier'
    """
    assumptions = Assumptions(request.day)
    thresholds = _thresholds(request, assumptions)
    railways = None
    if request.railways is not None:
        railways = features.build_network(features.read(request.railways), thresholds.snap_m, None, "joints")
    base = features.read(layer)
    ways = base
    if request.increment is not None:
        ways = features.with_increment(base, features.read(request.increment))
    graph = features.build_network(ways, thresholds.snap_m, request.level, request.crossings)
    links = _links(graph, request, thresholds, railways)
    joints = links.iloc[:0]
    joint_notes = []
    if not request.shortcut:
        joints = corridors.crossings(graph, min_gap_m=thresholds.min_gap_m)
        joint_notes = [_joint_note(len(joints), thresholds.min_gap_m, is_listed=request.to_verify)]
    table: pd.DataFrame = links
    if request.increment is not None:
        base_graph = features.build_network(base, thresholds.snap_m, request.level, request.crossings)
        table = _compared(_links(base_graph, request, thresholds, railways), links, ways, request)
    else:
        table = table.assign(schematic=features.on_sketches(links, ways))
    sources = features.sources(layer, request.railways, request.increment)
    answer = StudyTable(
        table,
        "Croisements à vérifier" if request.to_verify else "Liens manquants",
        sources=sources,
        constants=assumptions.used,
        notes=[
            *([] if request.to_verify else [STRAIGHT]),
            *joint_notes,
            *data_warnings.warnings(ways),
            *([NOT_A_WAY] if railways is not None else []),
        ],
        labels={"link": "Lien"},
    )
    if not with_map:
        return GapStudy(answer)
    from artois_geo.studies.corridors import way_maps  # here: a table does not wait for folium

    built_links = links.iloc[:0] if request.to_verify else links
    return GapStudy(answer, way_maps.gap_map(ways, graph, built_links, joints, answer))


def _thresholds(request: GapRequest, assumptions: Assumptions) -> _Thresholds:
    """Take the thresholds that a request needs, in the order in which they are cited."""
    snap_m = assumptions.value("corridor_snap_m", request.snap_m)
    max_gap_m = min_gap_m = max_detour = railway_reach_m = nan
    if not request.to_verify:
        max_gap_m = assumptions.value("corridor_gap_m", request.max_gap_m)
    if not request.shortcut:
        min_gap_m = assumptions.value("corridor_min_gap_m", request.min_gap_m)
    if request.shortcut or request.railways is not None:
        max_detour = assumptions.value("corridor_detour")["plafond_haut"]
    if request.railways is not None:
        railway_reach_m = assumptions.value("cavalier_reach_m")
    return _Thresholds(snap_m, max_gap_m, min_gap_m, max_detour, railway_reach_m)


def _links(
    graph: Network, request: GapRequest, thresholds: _Thresholds, railways: Network | None
) -> gpd.GeoDataFrame:
    """Find the links of a network that a request asks for, and the railways that could make them."""
    max_gap_m, min_gap_m = thresholds.max_gap_m, thresholds.min_gap_m
    if request.shortcut:
        links = corridors.shortcuts(graph, max_gap_m=max_gap_m, min_detour=thresholds.max_detour)
    elif request.to_verify:
        links = corridors.crossings(graph, min_gap_m=min_gap_m)
    else:
        links = corridors.gaps(graph, max_gap_m=max_gap_m, count=request.count, min_gap_m=min_gap_m)
    links = links.head(request.count)
    if railways is None:
        return links
    return corridors.closing(
        links, railways, reach_m=thresholds.railway_reach_m, max_detour=thresholds.max_detour
    )


def _compared(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, request: GapRequest
) -> pd.DataFrame:
    """Put the links without and with the project side by side, under the names of the lines they join."""
    figures = ["gap_km", "gain_per_km", "rank"]
    if request.to_verify:
        figures = ["gap_m", "gain_p"]
    elif request.shortcut:
        figures = ["straight_km", "network_km", "detour"]
    words = ["link_kind"] if request.to_verify else []
    if request.railways is not None:
        figures, words = [*figures, "railway_km"], ["closes"]
    table = whatif.compare(
        _keyed(before, ways),
        _keyed(after, ways),
        keys=["link"] if request.shortcut else ["line_a", "line_b", "link"],
        columns=figures,
        words=words,
    )
    names = features.names(ways)
    sides = {side: names.iloc[table[side]].to_numpy() for side in ("line_a", "line_b") if side in table}
    return table.assign(**sides)


def _keyed(links: gpd.GeoDataFrame, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give links a key that base and project share: the lines they join, or where they lie."""
    table = pd.DataFrame(links.drop(columns=links.geometry.name))
    if "line_a" not in table.columns:
        ends = shapely.normalize(shapely.set_precision(links.geometry.to_numpy(), 1))
        return table.assign(link=shapely.to_wkt(ends, rounding_precision=0))
    row_a, row_b = (ways.index.get_indexer(pd.Index(table[side])) for side in ("line_a", "line_b"))
    table["line_a"], table["line_b"] = np.minimum(row_a, row_b), np.maximum(row_a, row_b)
    return table.assign(link=table.groupby(["line_a", "line_b"]).cumcount() + 1)


def _joint_note(count: int, min_gap_m: float, *, is_listed: bool) -> str:
    """Say how many ways are taken as joined without being so in the drawing."""
    meetings = f"Croisements sans carrefour, et bouts à moins de {text.number(min_gap_m)} m"
    if not count:
        return f"{meetings} : aucun."
    listing = "" if is_listed else " (liste : --a-verifier)"
    return f"{meetings} : {count}, tenus pour reliés, à vérifier sur place{listing}."
