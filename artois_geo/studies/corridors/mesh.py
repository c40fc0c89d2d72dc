"""How a network of ways holds together (``trame maillage``)."""

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import corridors
from artois_geo.layers import Layer
from artois_geo.network import Network, components
from artois_geo.studies import data_warnings
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.corridors import features
from artois_geo.studies.corridors.requests import MeshRequest
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

FIGURES = ("network_km", "schematic_km", "components", "largest_share", "p_same", "effective_km", "dead_ends")
COMPONENT_FIGURES = ("component_km", "schematic_km", "component_share", "dead_ends")
FINDINGS = {
    "feature": "Objet",
    "field": "Champ",
    "rule": "Règle",
    "level": "Niveau",
    "found": "Trouvé",
    "message": "Constat",
    "findings": "Constats",
}
RULES = {
    "geometry_missing": "sans géométrie",
    "not_a_line": "autres que des lignes",
    "zero_length": "de longueur nulle",
    "shorter_than_tolerance": "plus courtes que la tolérance",
    "multipart": "en plusieurs parties",
    "self_crossing": "qui se recoupent",
    "self_loop": "boucles",
    "duplicate": "doublons",
    "crossing_without_junction": "croisements sans carrefour",
}


def study(layer: Layer | Path, request: MeshRequest) -> StudyTable:
    """Measure the network of a layer of ways, its pieces, or list what its cleaning found.

    Parameters
    ----------
    layer
        Lines.
    request
        What is asked, and what a project adds: pieces are then compared rank by rank, findings counted by
        rule.

    Raises
    ------
    BadTable
        The layer, or what a project adds, has no line.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo import layers
    >>> request = MeshRequest(True, False, None, None, "separes", snap_m=5.0, day=date(2026, 12, 8))
    >>> study(layers.read_catalogue()["voies_vertes"], request).table["rank"].tolist()
    [1, 2, 3, 4, 5]
    """
    assumptions = Assumptions(request.day)
    snap_m = assumptions.value("corridor_snap_m", request.snap_m)
    ways = features.read(layer)
    graph = features.build_network(ways, snap_m, request.level, request.crossings)
    project, longer = None, ways
    if request.increment is not None:
        longer = features.with_increment(ways, features.read(request.increment))
        project = features.build_network(longer, snap_m, request.level, request.crossings)
    sources = features.sources(layer, request.increment)
    if request.findings:
        table = graph.findings
        if project is not None:
            sides = _by_rule(graph), _by_rule(project)
            table = features.compared(*sides, keys=["rule"], columns=["findings"], is_summed=True)
        labels = features.labels_of_sides(FINDINGS)
        return StudyTable(table, "Constats", sources=sources, constants=assumptions.used, labels=labels)
    analysis = _ranked if request.by_component else _whole
    table = features.compared(
        analysis(graph, ways),
        None if project is None else analysis(project, longer),
        keys=["rank"] if request.by_component else [],
        columns=COMPONENT_FIGURES if request.by_component else FIGURES,
    )
    return StudyTable(
        table,
        "Maillage",
        sources=sources,
        constants=assumptions.used,
        notes=[_cleaning_note(graph), *data_warnings.warnings(ways)],
    )


def drawn(layer: Layer | Path, request: MeshRequest, answer: StudyTable) -> "ResultMap":
    """Draw the network of a layer by piece, with what a project adds.

    Parameters
    ----------
    layer, request
        As for :func:`study`.
    answer
        What it returned.
    """
    from artois_geo.studies.corridors import way_maps  # here: a table does not wait for folium

    ways = features.read(layer)
    if request.increment is not None:
        ways = features.with_increment(ways, features.read(request.increment))
    snap_m = Assumptions(request.day).value("corridor_snap_m", request.snap_m)
    graph = features.build_network(ways, snap_m, request.level, request.crossings)
    return way_maps.network_map(ways, graph, answer)


def _whole(graph: Network, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure the whole network, and what of it is only a sketch."""
    table = corridors.mesh(graph)
    table.insert(1, "schematic_km", features.schematic_km(graph, ways).sum())
    return table


def _ranked(graph: Network, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure the components, the longest first, under their rank, and what of each is only a sketch."""
    table = corridors.by_component(graph)
    component = graph.edges["start"].map(dict(enumerate(components(graph))))
    sketched_km = features.schematic_km(graph, ways).groupby(component).sum()
    position = list(table.columns).index("component_km") + 1
    table.insert(position, "schematic_km", table["component"].map(sketched_km))
    return table.assign(rank=range(1, len(table) + 1))


def _by_rule(graph: Network) -> pd.DataFrame:
    """Count the findings of each rule."""
    rules = graph.findings["rule"].astype(str)
    return rules.value_counts().rename_axis("rule").rename("findings").reset_index()


def _cleaning_note(graph: Network) -> str:
    counts = graph.findings["rule"].value_counts()
    findings = ", ".join(f"{RULES.get(str(rule), rule)} : {count}" for rule, count in counts.items())
    return f"Nettoyage : {findings or 'rien à signaler'} (détail avec --constats)."
