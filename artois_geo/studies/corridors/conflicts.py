"""Sites that cut a corridor, or lie within its band (``trame conflits``)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import corridors, meaning, whatif
from artois_geo.layers import Layer
from artois_geo.studies import data_warnings
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.corridors import features
from artois_geo.studies.corridors.requests import ConflictRequest
from artois_geo.studies.input_checks import LINES, POINTS, POLYGONS
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

FIGURES = ["distance_m", "cut_km", "cut_ha", "band_ha"]
SITES_ADVICE = "Donner des sites qui ont un contour, ou au moins une position."
CORRIDORS_ADVICE = "Un corridor est une ligne ou une surface : donner une couche de voies ou de milieux."


@dataclass(frozen=True)
class Conflicts:
    """Hold sites, corridors, the pairs in conflict with the project, and the table that says them.

    ``pairs``: from ``corridors.conflicts``, with ``site_name`` and ``corridor_name``.
    """

    sites: gpd.GeoDataFrame
    corridors: gpd.GeoDataFrame
    pairs: gpd.GeoDataFrame
    band_m: float
    study_table: StudyTable

    @property
    def map(self) -> "ResultMap":
        """Return the ground that both want, the most first."""
        from artois_geo.studies.corridors import way_maps  # here: a table does not wait for folium

        return way_maps.conflict_map(
            self.pairs, self.sites, self.corridors, self.study_table, band_m=self.band_m
        )


def study(sites: Layer | Path, corridor_layer: Layer | Path, request: ConflictRequest) -> Conflicts:
    """List the sites and corridors that want the same ground, the most first.

    Parameters
    ----------
    sites
        Polygons, or points: what a point would cut or cover stays unknown.
    corridor_layer
        Lines or polygons.
    request
        Band, and what a project adds.

    Raises
    ------
    BadTable
        A layer has none of these shapes.

    Examples
    --------
    >>> from datetime import date
    >>> from artois_geo import layers
    >>> catalogue = layers.read_catalogue()
    >>> request = ConflictRequest(None, None, None, day=date(2026, 12, 8))
    >>> study(catalogue["sites_eco"], catalogue["voies_vertes"], request).study_table.title
    'Conflits entre sites et corridors'
    """
    assumptions = Assumptions(request.day)
    band_m = assumptions.value("corridor_band_m", request.band_m)
    base_sites, base_corridors = _read_sites(sites), _read_corridors(corridor_layer)
    added_sites = None if request.added_sites is None else _read_sites(request.added_sites)
    added_corridors = None if request.increment is None else _read_corridors(request.increment)
    all_sites = features.with_increment(base_sites, added_sites)
    all_corridors = features.with_increment(base_corridors, added_corridors)
    pairs = corridors.conflicts(all_sites, all_corridors, buffer_m=band_m)
    table: pd.DataFrame = pairs
    if added_sites is not None or added_corridors is not None:
        table = whatif.compare(
            corridors.conflicts(base_sites, base_corridors, buffer_m=band_m),
            table,
            keys=["site", "corridor"],
            columns=FIGURES,
            words=["conflict"],
        )
    names = {"site": features.names(all_sites), "corridor": features.names(all_corridors)}
    study_table = StudyTable(
        table.assign(
            schematic=_on_sketches(table, all_sites, all_corridors),
            **{side: called.reindex(table[side]).to_numpy() for side, called in names.items()},
        ),
        "Conflits entre sites et corridors",
        sources=features.sources(sites, corridor_layer, request.increment, request.added_sites),
        constants=assumptions.used,
        surface="lambert93",
        notes=[*data_warnings.warnings(all_sites), *data_warnings.warnings(all_corridors)],
    )
    named_pairs = pairs.assign(
        schematic=_on_sketches(pairs, all_sites, all_corridors),
        **{f"{side}_name": called.reindex(pairs[side]).to_numpy() for side, called in names.items()},
    )
    return Conflicts(all_sites, all_corridors, named_pairs, band_m, study_table)


def _on_sketches(
    pairs: pd.DataFrame, sites: gpd.GeoDataFrame, corridor_ways: gpd.GeoDataFrame
) -> NDArray[np.bool_]:
    """Mark the pairs of which the site or the corridor is a sketch."""
    is_sketch = [
        pd.Series(meaning.schematic(frame), index=frame.index).reindex(pairs[side]).to_numpy(dtype=bool)
        for frame, side in ((sites, "site"), (corridor_ways, "corridor"))
    ]
    return is_sketch[0] | is_sketch[1]


def _read_sites(layer: Layer | Path) -> gpd.GeoDataFrame:
    return _located(features.read(layer, [POLYGONS, POINTS], SITES_ADVICE))


def _read_corridors(layer: Layer | Path) -> gpd.GeoDataFrame:
    return _located(features.read(layer, [LINES, POLYGONS], CORRIDORS_ADVICE))


def _located(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[frame.geometry.notna()]
