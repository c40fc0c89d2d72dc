"""Bank, berth, quays in reach of each site, and what a project changes (``canal desserte``)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from artois_geo import canal, constants, layers, whatif
from artois_geo.layers import Catalogue, Layer
from artois_geo.studies import data_warnings
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.canal import notes, water_access
from artois_geo.studies.canal.requests import AccessRequest, Precisions
from artois_geo.studies.canal.water_access import NOT_DECLARED
from artois_geo.studies.input_checks import LINES, POLYGONS, require_shapes
from artois_geo.studies.study_table import StudyTable

if TYPE_CHECKING:
    from artois_geo.studies.result_map import ResultMap

BANK = (
    "waterway_name",
    "waterway_m",
    "waterway_low_m",
    "waterway_high_m",
    "waterway_cemt",
    "air_draft_m",
    "frontage_m",
    "frontage_origin",
    "frontage_class",
    "berth_class",
    "frontage_reason",
    "ring",
    "ring_reason",
    "waterway_schematic",
)
DISTANCES = ("waterway_m", "waterway_low_m", "waterway_high_m", "frontage_m")
ROAD = ("straight_km", "road_km", "road_min")
BOUNDS = ("straight_low_km", "straight_high_km")
QUAY = {"nom": "place", "owner": "quay_owner", "manager": "quay_manager", "method": "quay_method"}
WORDS = ("waterway_name", "berth_class", "frontage_reason", "ring", "ring_reason", *QUAY.values())
WATERWAYS_ADVICE = "Une voie d'eau est une ligne ou une surface : donner à --ajout-voies des tronçons."
LABELS = {
    "nom": "Nom",
    "tonnes": "Tonnage (t)",
    "boat_title": "Bateau",
    "etat": "État",
    "gestionnaire": "Gestionnaire",
}


@dataclass(frozen=True)
class AccessStudy:
    """Hold the table of the access of sites, and its map where one was asked for."""

    table: StudyTable
    map: "ResultMap | None" = None


@dataclass(frozen=True)
class _Situation:
    """Hold one state of the world around the sites: waterways as their layers give them, places, roads."""

    sites: gpd.GeoDataFrame
    waterways: tuple[gpd.GeoDataFrame, ...]
    places: gpd.GeoDataFrame
    roads: canal.Roads | None
    carry: tuple[str, ...]
    precisions: Precisions

    @cached_property
    def reach(self) -> pd.DataFrame:
        """Measure the distance from each site to each place."""
        return water_access.reach(
            self.sites,
            self.places,
            carry=[*water_access.PLACE_FACTS, *self.carry],
            precisions=self.precisions,
            roads=self.roads,
        )


def study(
    sites: Layer | Path,
    request: AccessRequest,
    catalogue: Catalogue,
    *,
    precisions: Precisions = NOT_DECLARED,
    with_map: bool = False,
) -> AccessStudy:
    """Measure how the water serves each site, and what a project would change.

    Parameters
    ----------
    sites
        Layer of any geometry.
    request
        What is asked, and the layers that answer.
    catalogue
        Its waterways and places are taken where the request names none.
    precisions
        As the reader declares them.
    with_map
        Draw the map of the sites, with the project if there is one; not that of a list of places.

    Returns
    -------
    AccessStudy
        One row by site; by site and family, or by site and place, where the request lists places. With a
        project, base, with and difference.

    Raises
    ------
    BadTable
        No layer of waterways or places, or a layer that lacks what is asked of it.

    Examples
    --------
    >>> from datetime import date
    >>> absent = dict.fromkeys(("roads", "speed", "oneway", "added_places", "added_roads", "added_waterways"))
    >>> request = AccessRequest((), (), (), by_family=True, by_place=False, day=date(2026, 12, 8), **absent)
    >>> catalogue = layers.read_catalogue()
    >>> study(catalogue["sites_eco"], request, catalogue).table.title
    'Lieux desservis'
    """
    assumptions = Assumptions(request.day)
    waterways, places = water_access.layers_or_default(request.waterways, request.places, catalogue)
    base = _base(layers.read(sites), waterways, places, request, precisions, assumptions)
    project = _with_project(base, request) if request.has_project else base
    added = (request.added_waterways, *places, request.roads, request.added_places, request.added_roads)
    sources = list(dict.fromkeys(layer for layer in (sites, *waterways, *added) if layer is not None))
    input_notes = [
        *notes.of_inputs(
            base.sites,
            project.places,
            has_roads=request.roads is not None,
            opening=notes.of_planned_canal([*waterways, *places], assumptions),
        ),
        *data_warnings.warnings(base.sites),
        *precisions.notes(),
    ]
    if request.by_place or request.by_family:
        listing = StudyTable(_listing(base, project, request, assumptions), "Lieux desservis", sources)
        return AccessStudy(_completed(listing, request, assumptions, input_notes))
    by_site = _by_site(base, assumptions)
    with_project = _by_site(project, assumptions) if request.has_project else by_site
    answer = StudyTable(
        _compared(by_site, with_project, canal.names(base.sites)) if request.has_project else by_site,
        "Desserte par l'eau",
        sources,
        kind=getattr(sites, "kind", ""),
        brief=None if request.has_project else _brief(by_site, base),
    )
    front_notes = [*notes.of_front(with_project), notes.LIAISON]
    completed = _completed(answer, request, assumptions, [*input_notes, *front_notes])
    return AccessStudy(completed, _map(with_project, project, completed) if with_map else None)


def _base(
    frame: gpd.GeoDataFrame,
    waterways: Sequence[Layer | Path],
    places: Sequence[Layer | Path],
    request: AccessRequest,
    precisions: Precisions,
    assumptions: Assumptions,
) -> _Situation:
    """Read the present state of the world."""
    roads = None
    if request.roads is not None:
        roads = water_access.road_source(request.roads, request.speed, request.oneway, assumptions).settings
    carry = _columns_to_carry(request.carry)
    pieces = tuple(layers.read(layer) for layer in waterways)
    return _Situation(frame, pieces, water_access.read_places(places, carry), roads, carry, precisions)


def _with_project(base: _Situation, request: AccessRequest) -> _Situation:
    """Add what the project adds: places, stretches of road, stretches of waterway."""
    project = base
    if request.added_places is not None:
        places = whatif.with_increment(base.places, water_access.read_places([request.added_places]))
        project = replace(project, places=places)
    if request.added_roads is not None and base.roads is not None:
        stretches = layers.read(request.added_roads)
        require_shapes(stretches, request.added_roads, [LINES], advice=water_access.ROADS_ADVICE)
        roads = replace(base.roads, lines=whatif.with_increment(base.roads.lines, stretches))
        project = replace(project, roads=roads)
    if request.added_waterways is not None:
        stretches = layers.read(request.added_waterways)
        require_shapes(stretches, request.added_waterways, [LINES, POLYGONS], advice=WATERWAYS_ADVICE)
        project = replace(project, waterways=(*base.waterways, stretches))
    return project


def _columns_to_carry(requested: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of places to bring along, without those that are shown in any case."""
    always_shown = {"nom", "famille", "gestionnaire", *canal.OWNERS, *canal.HEIGHTS}
    return tuple(name for name in dict.fromkeys(requested) if name not in always_shown)


def _completed(
    table: StudyTable, request: AccessRequest, assumptions: Assumptions, table_notes: Sequence[str]
) -> StudyTable:
    """Add the constants, the notes and the headings to a table; its title says that it compares."""
    title = f"{table.title} : base, avec, différence" if request.has_project else table.title
    return replace(table, title=title, constants=assumptions.used, notes=table_notes, labels=LABELS)


def _listing(
    base: _Situation, project: _Situation, request: AccessRequest, assumptions: Assumptions
) -> pd.DataFrame:
    """List the places of each site, every one or the nearest of each family, by their names."""
    key = "place" if request.by_place else "family"
    table = _reached(base, key, assumptions)
    if request.has_project:
        words = ["owner", "manager"] if request.by_place else ["nom", "owner", "manager"]
        table = whatif.compare(
            table,
            _reached(project, key, assumptions),
            keys=["site", key],
            columns=[*ROAD, "air_draft_m"],
            words=words,
        )
        table = table.rename(columns={"nom_base": "place_base", "nom_with": "place_with"})
    if "nom" in table.columns:
        table = table.assign(place=table["nom"])
    elif "place" in table.columns:
        table = table.assign(place=project.places["nom"].reindex(table["place"]).to_numpy())
    site_names = canal.names(base.sites).reindex(table["site"]).to_numpy()
    return table.assign(site=site_names).drop(columns="nom", errors="ignore")


def _reached(situation: _Situation, key: str, assumptions: Assumptions) -> pd.DataFrame:
    reach = situation.reach if key == "place" else canal.nearest(situation.reach, sites=situation.sites)
    return water_access.rounded(reach, assumptions)


def _by_site(situation: _Situation, assumptions: Assumptions) -> gpd.GeoDataFrame:
    """Give each site its bank, the air draft of its waterway, and the nearest place that loads boats."""
    waterways = water_access.waterways(situation.waterways)
    front = water_access.waterfront(
        situation.sites, waterways, situation.reach, assumptions, situation.precisions
    )
    drafts = canal.air_drafts(situation.waterways, constants.table("waterways"))
    front = front.assign(air_draft_m=front["waterway_name"].map(drafts).astype(float))
    quays = water_access.nearest_quays(situation.reach, assumptions)
    quays = quays[[*QUAY, *ROAD, *BOUNDS, *situation.carry]].rename(
        columns={**QUAY, **_carried(situation.carry, situation.sites)}
    )
    return front.drop(columns=[name for name in quays.columns if name in front.columns]).join(quays)


def _carried(carry: Sequence[str], sites: gpd.GeoDataFrame) -> dict[str, str]:
    """Tell apart a column of the places that the sites have too."""
    return {name: f"{name}_lieu" if name in sites.columns else name for name in carry}


def _brief(by_site: gpd.GeoDataFrame, situation: _Situation) -> pd.DataFrame:
    """Keep what a terminal shows of each site."""
    carried = _carried(situation.carry, situation.sites).values()
    columns = ["nom", *BANK, *QUAY.values(), ROAD[0], *BOUNDS, *ROAD[1:], *carried]
    table = by_site.assign(nom=canal.names(situation.sites))[columns]
    # each distance with its own figures: an air draft in centimetres would give them two decimals
    return table.astype(dict.fromkeys((*DISTANCES, ROAD[0], *BOUNDS), object))


def _compared(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, site_names: pd.Series) -> gpd.GeoDataFrame:
    """Put the sites without and with the project side by side, under their names."""
    sides = [table.rename_axis("site").reset_index() for table in (before, after)]
    figures = ["waterway_m", "frontage_m", "air_draft_m", *ROAD]
    table = whatif.compare(*sides, keys=["site"], columns=figures, words=WORDS)
    shapes = before.geometry.reindex(table["site"]).to_numpy()
    table = table.assign(site=site_names.reindex(table["site"]).to_numpy())
    return gpd.GeoDataFrame(table, geometry=shapes, crs=before.crs)


def _map(by_site: gpd.GeoDataFrame, situation: _Situation, answer: StudyTable) -> "ResultMap":
    """Draw the sites, the places and the waterways of a situation."""
    from artois_geo.studies.canal import access_map  # here: a table does not wait for folium

    water = water_access.one_by_name(water_access.waterways(situation.waterways))
    return access_map.access_map(by_site, situation.places, water, answer)
