"""How each site meets the water: its bank, the boat that can berth, the quay that serves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from artois_geo import canal, constants
from artois_geo.errors import BadTable
from artois_geo.studies.catalogue_data import LOGISTICS, QUAYS, CatalogueData

WATER_KINDS = (LOGISTICS, "voie_eau_projet", "voie_eau")
PLACE_KINDS = (LOGISTICS, "voie_eau_projet", QUAYS)
WATERWAY = "ouvrage_type"  # a layer of no special kind is a waterway where this column says « canal »
CARRIED = ("quai_statut", "etat")  # the state of a place, shown after its name


@dataclass(frozen=True)
class Roads:
    """Hold the road settings of ``canal.access``, the title of the roads, and their layers."""

    settings: Mapping[str, Any]
    title: str
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaterStudy:
    """Hold ``front`` from ``canal.waterside``, and ``quays``: the nearest place that loads boats.

    Both by site identifier; ``layers`` are the names of the layers that were used, ``roads`` those
    by which quays were reached, None for straight lines only.
    """

    front: gpd.GeoDataFrame
    quays: pd.DataFrame
    layers: tuple[str, ...]
    roads: Roads | None


def study(
    sites: gpd.GeoDataFrame, holdings: CatalogueData, *, on: date, roads: Roads | None = None
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
    >>> from artois_geo.studies import catalogue_data as holdings
    >>> catalogue_data = holdings.read(layers.read_catalogue())
    >>> sites = catalogue_data.kind("site_nomme").set_index("site_id", drop=False)
    >>> water = study(sites.loc[["port-de-harnes"]], catalogue_data, on=date(2026, 12, 8))
    >>> water.quays["nom"].tolist()
    ['Port de Harnes']
    """
    unspecified = set(holdings.unspecified())
    water = [
        name
        for name, layer in holdings.catalogue.items()
        if layer.kind in WATER_KINDS or (name in unspecified and _says_water(holdings.frames[name]))
    ]
    if not water:
        return None
    try:
        ways = canal.waters([holdings.frames[name] for name in water], constants.table("waterways"))
    except BadTable:  # layers of that kind, and no line in them
        return None
    places = [name for name, layer in holdings.catalogue.items() if layer.kind in PLACE_KINDS]
    served = [(holdings.catalogue[name].kind, holdings.frames[name]) for name in places]
    thresholds = canal.Thresholds(
        bank_m=constants.get("canal_bank_distance_m", on=on).value,
        hinterland_m=constants.get("canal_hinterland_distance_m", on=on).value,
        truck_min=constants.get("canal_truck_minutes", on=on).value,
        berths_m=constants.get("canal_berth_m", on=on).value,
    )
    # a catalogue without any place still has banks: a layer of no object takes their part
    stops = canal.places(served or [("", sites.iloc[:0])], carry=_carried(served))
    reach = canal.access(
        sites,
        stops,
        family="famille",
        carry=["nom", *(name for name in CARRIED if name in stops)],
        **(roads.settings if roads else {}),
    )
    front = canal.waterside(sites, ways, reach, thresholds=thresholds)
    quays = canal.rounded(canal.nearest_quay(canal.nearest(reach)), bank_m=thresholds.bank_m)
    used = tuple(dict.fromkeys([*water, *places, *(roads.layers if roads else ())]))
    return WaterStudy(front, quays, used, roads)


def _says_water(frame: gpd.GeoDataFrame) -> bool:
    return WATERWAY in frame and bool(frame[WATERWAY].eq("canal").any())


def _carried(served: list[tuple[str, gpd.GeoDataFrame]]) -> tuple[str, ...]:
    return tuple(name for name in CARRIED if any(name in frame for _, frame in served))
