"""The three pillars of the fluvial scheme: land and works, potential, governance (``canal schema``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from artois_geo import canal, layers
from artois_geo.layers import Catalogue, Layer
from artois_geo.studies import planner_files, result_map
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.canal import freight, notes, water_access
from artois_geo.studies.canal.requests import Precisions, SchemeRequest
from artois_geo.studies.canal.water_access import NOT_DECLARED
from artois_geo.text import counted

if TYPE_CHECKING:
    from artois_geo.constants import Constant

PLOT = "terrain"
FIGURES = (
    "waterway_name",
    "waterway_cemt",
    "waterway_m",
    "waterway_low_m",
    "waterway_high_m",
    "waterway_origin",
    "frontage_m",
    "frontage_origin",
    "frontage_source",
    "frontage_reason",
    "frontage_class",
    "berth_class",
    "berth_reason",
    "ring",
    "ring_origin",
    "ring_source",
    "ring_reason",
)
LABELS = {  # headings of received columns in the workbook
    "nom": "Nom",
    "tonnes": "Tonnage (t)",
    "boat_title": "Bateau",
    "etat": "État",
    "gestionnaire": "Gestionnaire",
}
NO_SECTOR = "Pilier 2 vide : donner les filières avec --filieres (aucune base publiée n'est inventée)."


@dataclass(frozen=True)
class Pillars:
    """Hold the three tables of a scheme, linked by ``object``; ``potential`` may have no row."""

    land: gpd.GeoDataFrame
    potential: pd.DataFrame
    governance: pd.DataFrame


@dataclass(frozen=True)
class SchemeStudy:
    """Hold the pillars of a scheme, what lies under its map, and what must stand under its tables.

    ``background``: waterways and towns, by title or name; ``described``: what the catalogue says of towns.
    """

    pillars: Pillars
    background: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    described: Mapping[str, Layer] = field(default_factory=dict)
    sources: "Sequence[Layer | Path]" = ()
    constants: "Sequence[Constant]" = ()
    notes: Sequence[str] = ()
    territory: str = ""

    @property
    def summary(self) -> str:
        """Say how many objects there are, and for how many nobody says who decides."""
        unknown = int((self.pillars.governance["decides"] == canal.UNKNOWN).sum())
        count = counted(len(self.pillars.land), "objet")
        return f"{count} ; on ne sait pas qui décide pour {unknown} d'entre eux."


def study(
    sites: Layer | Path,
    request: SchemeRequest,
    catalogue: Catalogue,
    *,
    precisions: Precisions = NOT_DECLARED,
) -> SchemeStudy:
    """Build the three pillars of the fluvial scheme.

    Parameters
    ----------
    sites
        Layer of any geometry.
    request
        Layers of waterways and places, and the sectors.
    catalogue
        Its waterways and places are taken where the request names none.
    precisions
        As the reader declares them.

    Raises
    ------
    BadTable
        No layer of waterways or places, or a column that is asked for is absent.

    Examples
    --------
    >>> from datetime import date
    >>> catalogue = layers.read_catalogue()
    >>> request = SchemeRequest((), (), None, None, mixed_bases=False, day=date(2026, 12, 8))
    >>> study(catalogue["sites_eco"], request, catalogue).pillars.governance["object_kind"].iloc[0]
    'terrain'
    """
    assumptions = Assumptions(request.day)
    waterways, place_layers = water_access.layers_or_default(request.waterways, request.places, catalogue)
    frame = layers.read(sites)
    places = water_access.read_places(place_layers)
    water = water_access.waterways([layers.read(layer) for layer in waterways])
    reach = water_access.reach(frame, places, carry=water_access.PLACE_FACTS, precisions=precisions)
    front = water_access.waterfront(frame, water, reach, assumptions, precisions)
    if request.sector_column is not None:
        planner_files.require_columns(front, sites.name, {request.sector_column: "--colonne-filiere"})
    land, governance = _land_and_governance(front, frame, places, request.sector_column)
    truck_t = assumptions.value("truck_load_t")
    towns = result_map.ground(catalogue)
    potential = pd.DataFrame(columns=["sector"])
    if request.sectors is not None:
        potential = freight.potential(request.sectors, truck_t, assumptions, mixed_bases=request.mixed_bases)
    return SchemeStudy(
        Pillars(land, potential, governance),
        territory=catalogue.territory,
        background={"Voies d'eau": water_access.one_by_name(water), **towns},
        described={name: catalogue[name] for name in towns},
        sources=list(dict.fromkeys([sites, *waterways, *place_layers])),
        constants=assumptions.used,
        notes=[
            *notes.of_inputs(
                frame,
                places,
                has_roads=False,
                opening=notes.of_planned_canal([*waterways, *place_layers], assumptions),
            ),
            *precisions.notes(),
            *notes.of_front(front.assign(nom=canal.names(frame))),
            *([] if request.sectors is not None else [NO_SECTOR]),
        ],
    )


def land_table(
    front: gpd.GeoDataFrame,
    quays: gpd.GeoDataFrame,
    *,
    name: str,
    sector: str | None,
    quay_name: str,
    family: str,
) -> gpd.GeoDataFrame:
    """Build pillar 1: plots with their bank, and quays, in one layer whose ``object`` links the other tables.

    Parameters
    ----------
    front
        From ``canal.waterside``.
    quays
        Quays and ports, EPSG:2154; a published length (``quai_publie_m``) is their frontage.
    name, sector
        Columns of ``front``: name of the plot, and its sector (pillar 2).
    quay_name, family
        Columns of ``quays``.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1, nom="Parc", ring="arrière-quai")
    >>> quay = example.point(x_km=3, y_km=0, nom="Port", famille="quai")
    >>> table = land_table(site, quay, name="nom", sector=None, quay_name="nom", family="famille")
    >>> table[["object", "object_kind", "name"]].values.tolist()
    [['terrain 0', 'terrain', 'Parc'], ['quai 0', 'quai', 'Port']]
    """
    plot_columns = [
        column for column in (*FIGURES, "geometrie", "precision_m", "source") if column in front.columns
    ]
    plots = front[[*plot_columns, front.geometry.name]].assign(
        object=[f"{PLOT} {label}" for label in front.index],
        object_kind=PLOT,
        name=front[name],
        sector=front[sector] if sector else None,
    )
    quay_columns = [column for column in ("geometrie", "precision_m", "source") if column in quays.columns]
    docks = quays[[*quay_columns, quays.geometry.name]].assign(
        object=[f"{kind} {label}" for label, kind in quays[family].items()],
        object_kind=quays[family],
        name=quays[quay_name],
        sector=None,
        **canal.quay_lengths(quays),
    )
    pillar = gpd.GeoDataFrame(pd.concat([plots, docks], ignore_index=True), crs=front.crs)
    leading_columns = ["object", "object_kind", "name", "sector"]
    return pillar[[*leading_columns, *[column for column in pillar.columns if column not in leading_columns]]]


def governance_table(
    land: gpd.GeoDataFrame, *, columns: Mapping[str, str], text: Sequence[str] = ()
) -> pd.DataFrame:
    """Build pillar 3: who owns, runs and decides for each object of pillar 1.

    Parameters
    ----------
    land
        From :func:`land_table`, with the columns named below.
    columns
        Columns for the parts ``name``, ``owner``, ``manager``, ``text``, ``source`` of ``canal.governance``.
    text
        More columns whose text may name an owner or a concession.

    Examples
    --------
    >>> from artois_geo import example
    >>> quay = example.point(x_km=0, y_km=0, object="quai 0", object_kind="quai", name="Port")
    >>> table = governance_table(quay.assign(dit="concession=VNF"), columns={"name": "name", "text": "dit"})
    >>> table[["object", "manager"]].values.tolist()
    [['quai 0', 'VNF']]
    """
    objects = land.copy()
    parts = dict(columns)
    if text:
        joined = objects[list(text)].astype("string").fillna("").agg(";".join, axis=1)
        objects["_text"] = joined
        parts["text"] = "_text"
    table = canal.governance({"": objects}, columns={"": parts})
    return table.assign(object=objects["object"].to_numpy(), object_kind=objects["object_kind"].to_numpy())


def _land_and_governance(
    front: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame, sector: str | None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Build pillars 1 and 3 of the sites and of the places that load boats."""
    quays = places[places["famille"].isin(canal.LOADING)]
    plots = front.assign(nom=canal.names(sites))
    land = land_table(plots, quays, name="nom", sector=sector, quay_name="nom", family="famille")
    land = land.assign(
        gestionnaire=[*_values(sites, "site_moa_nom"), *_values(quays, "gestionnaire")],
        dit=[*_values(sites, "note"), *_values(quays, "attributs")],
    )
    parts = {"name": "name", "manager": "gestionnaire", "text": "dit"}
    source = {"source": "source"} if "source" in land.columns else {}
    return land, governance_table(land, columns={**parts, **source})


def _values(frame: gpd.GeoDataFrame, name: str) -> list[Any]:
    """Return the values of a column, unknown where the layer lacks it."""
    return frame[name].tolist() if name in frame.columns else [None] * len(frame)
