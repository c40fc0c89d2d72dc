"""How each site meets the water: its bank, the boat that can berth, the quay that serves it."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from artois_geo import canal
from artois_geo.errors import BadTable
from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.canal import water_access
from artois_geo.studies.canal.water_access import RoadSource
from artois_geo.studies.sites.catalogue_data import CatalogueData

CARRIED = ("quai_statut", "etat")  # the state of a place, shown after its name


@dataclass(frozen=True)
class WaterStudy:
    """Hold ``front`` from ``canal.waterside``, and ``quays``: the nearest place that loads boats.

    Both by site identifier; ``layers`` are the names of the layers that were used, ``roads`` those
    by which quays were reached, None for straight lines only.
    """

    front: gpd.GeoDataFrame
    quays: pd.DataFrame
    layers: tuple[str, ...]
    roads: RoadSource | None


def study(
    sites: gpd.GeoDataFrame, holdings: CatalogueData, *, on: date, roads: RoadSource | None = None
) -> WaterStudy | None:
    """Compute the bank, berth, ring and nearest loading place of each site, as ``canal desserte``.

    Parameters
    ----------
    sites
        Indexed by identifier, EPSG:2154.
    holdings
        The catalogue: waterways, quays, ports and terminals are taken from it.
    on
        Day for which thresholds are taken.
    roads
        Without them, straight lines only.

    Returns
    -------
    WaterStudy or None
        None where the catalogue holds no waterway.

    Examples
    --------
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data as holdings
    >>> catalogue_data = holdings.read(layers.read_catalogue())
    >>> sites = catalogue_data.kind("site_eco").set_index("site_id", drop=False)
    >>> water = study(sites.loc[["port-de-harnes"]], catalogue_data, on=date(2026, 12, 8))
    >>> water.quays["nom"].tolist()
    ['Port de Harnes']
    """
    water = water_access.waterway_layers(
        holdings.catalogue, read_layer=lambda layer: holdings.frames[layer.name]
    )
    if not water:
        return None
    try:
        ways = water_access.waterways([holdings.frames[name] for name in water])
    except BadTable:  # layers of that kind, and no line in them
        return None
    places = water_access.place_layers(holdings.catalogue)
    stops = _stops([(holdings.catalogue[name].kind, holdings.frames[name]) for name in places], sites)
    carried = [name for name in CARRIED if name in stops]
    assumptions = Assumptions(on)
    reach = water_access.reach(sites, stops, carry=carried, roads=roads.settings if roads else None)
    front = water_access.waterfront(sites, ways, reach, assumptions)
    quays = water_access.nearest_quays(reach, assumptions)
    used = tuple(dict.fromkeys([*water, *places, *(roads.layers if roads else ())]))
    return WaterStudy(front, quays, used, roads)


def _stops(served: list[tuple[str, gpd.GeoDataFrame]], sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Gather the places; a catalogue without any still has banks: a layer of no object takes their part."""
    carry = tuple(name for name in CARRIED if any(name in frame for _, frame in served))
    return canal.places(served or [("", sites.iloc[:0])], carry=carry)
