"""How patches of nature hold together, and what the loss of each would cost (``trame taches``)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import corridors, meaning, text, whatif
from artois_geo.layers import Layer
from artois_geo.studies import data_warnings
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.corridors import features
from artois_geo.studies.corridors.requests import PatchRequest
from artois_geo.studies.input_checks import LINES, POLYGONS
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

FIGURES = ["component_ha", "component_equivalent_ha", "dpc_share", "dpc_rank"]
ADVICE = "Une tache est une surface : donner une couche de polygones (parcs, boisements, milieux)."
OBSTACLES_ADVICE = (
    "Un obstacle est une ligne ou une surface : donner à --obstacles des voies ou des emprises."
)


@dataclass(frozen=True)
class _Connectivity:
    """Hold the connectivity of patches, their equivalent connected area, and the sentence that says it."""

    table: gpd.GeoDataFrame
    equivalent_ha: float
    note: str


def study(layer: Layer | Path, request: PatchRequest) -> StudyTable:
    """Measure the connectivity of patches, the one whose loss costs most first.

    Parameters
    ----------
    layer
        Polygons; other shapes are left out.
    request
        Distances, obstacles, and the patches that a project adds.

    Raises
    ------
    BadTable
        The layer, or what a project adds, has no polygon.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo import layers
    >>> request = PatchRequest(None, None, None, None, day=date(2026, 12, 8))
    >>> study(layers.read_catalogue()["chaine_des_parcs"], request).table["dpc_rank"].tolist()[:2]
    [1, 2]
    """
    assumptions = Assumptions(request.day)
    max_gap_m = assumptions.value("corridor_gap_m", request.max_gap_m)
    half_distance_m = assumptions.value("half_distance_m", request.half_distance_m)
    obstacles = None
    if request.obstacles is not None:
        obstacles = features.read(request.obstacles, [LINES, POLYGONS], OBSTACLES_ADVICE)

    def measured(patches: gpd.GeoDataFrame, side: str) -> _Connectivity:
        joined = corridors.links(patches, max_gap_m=max_gap_m, obstacles=obstacles)
        equivalent_ha = corridors.equivalent_ha(patches, joined, half_distance_m=half_distance_m)
        size = f"{len(patches)} taches, {len(joined)} liaisons"
        note = f"Surface équivalente connectée{side} : {text.number(equivalent_ha, 1)} ha ({size})."
        table = corridors.connectivity(patches, joined, half_distance_m=half_distance_m)
        return _Connectivity(table, equivalent_ha, note)

    patches = _read_polygons(layer)
    base = measured(patches, "")
    table, notes, columns = base.table, [base.note], ["component", *FIGURES]
    if request.increment is not None:
        patches = features.with_increment(patches, _read_polygons(request.increment))
        project = measured(patches, " avec l'ajout")
        gain_ha = project.equivalent_ha - base.equivalent_ha
        notes += [project.note, f"Différence : {text.number(gain_ha, 1)} ha."]
        sides = [side.table.rename_axis("patch").reset_index() for side in (base, project)]
        compared = whatif.compare(*sides, keys=["patch"], columns=FIGURES).set_index("patch")
        table, columns = gpd.GeoDataFrame(patches.join(compared)), list(compared.columns)
    table = table.assign(schematic=pd.Series(meaning.schematic(patches), index=patches.index))
    ordered = table.sort_values("dpc_rank" if request.increment is None else "dpc_rank_with")
    name = meaning.name_column(patches) or features.identifier(patches)
    return StudyTable(
        ordered,
        "Connectivité des taches",
        sources=features.sources(layer, request.obstacles, request.increment),
        constants=assumptions.used,
        surface="lambert93",
        notes=[*notes, *data_warnings.warnings(patches)],
        brief=pd.DataFrame(ordered[[*([name] if name else []), *columns, "schematic"]]),
    )


def drawn(answer: StudyTable) -> "ResultMap":
    """Draw the patches of the table of :func:`study`, the dearest first."""
    from artois_geo.studies.corridors import way_maps  # here: a table does not wait for folium

    return way_maps.patch_map(gpd.GeoDataFrame(answer.table), answer)


def _read_polygons(layer: Layer | Path) -> gpd.GeoDataFrame:
    patches = features.read(layer, [POLYGONS], ADVICE)
    return patches[patches.geometry.notna() & (patches.geometry.area > 0)]
