"""Which sites lie near a canal, a road, any layer: those that are, those that may be."""

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from artois_geo import layers, meaning
from artois_geo.errors import BadTable
from artois_geo.studies import planner_files
from artois_geo.studies.canal import water_access
from artois_geo.studies.layers import contents
from artois_geo.text import counted, distance

if TYPE_CHECKING:
    from pathlib import Path

    from artois_geo.layers import Catalogue, Layer

CANAL = "canal"  # the waterways of the catalogue, where no layer has that name


def near_sites(
    sites: gpd.GeoDataFrame, place: str, reach_m: float, catalogue: "Catalogue"
) -> "tuple[gpd.GeoDataFrame, list[str], list[Layer | Path]]":
    """Keep the sites that lie within a distance of a layer, or that may: a sketch is only near its place.

    Parameters
    ----------
    sites
        EPSG:2154.
    place
        Path or name of a layer; « canal »: the waterways of the catalogue.
    reach_m
        Straight distance (m) from the outline of a site.
    catalogue
        Where a name is looked up.

    Returns
    -------
    (sites, notes, sources)
        The sites, what to say under a table, the layers that were read.

    Raises
    ------
    UnknownName
        No such layer.
    BadTable
        No site lies that near.

    Examples
    --------
    >>> sites = layers.read(layers.read_catalogue()["sites_eco"])
    >>> near, notes, _ = near_sites(sites, "canal", 2000, layers.read_catalogue())
    >>> len(near) < len(sites), notes[0][:31]
    (True, 'Sites à 2\u202f000 m au plus de cana')
    """
    if place == CANAL and place not in catalogue:
        names = water_access.waterway_layers(catalogue)
        sources: list[Layer | Path] = [catalogue[name] for name in names]
        if not names:
            raise BadTable(
                "Aucune voie d'eau dans le catalogue : donner une couche à --pres-de."
                f"{contents.withheld(catalogue, water_access.WATER_KINDS)}"
            )
        lines = water_access.waterways([layers.read(catalogue[name]) for name in names]).geometry.to_numpy()
    else:
        features, source = planner_files.layer(place, catalogue)
        sources, lines = [source], features.geometry.to_numpy()
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    metres = np.full(len(sites), np.inf)
    pairs, nearest_m = shapely.STRtree(lines).query_nearest(
        sites.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    metres[pairs[0]] = nearest_m
    sketched = meaning.schematic(sites)
    doubt_m = np.where(sketched, np.nan_to_num(meaning.precision_m(sites), nan=np.inf), 0.0)
    possible = metres - doubt_m <= reach_m
    certain = metres + doubt_m <= reach_m
    if not possible.any():
        raise BadTable(
            f"Aucun site à {distance(reach_m)} de {place}. Donner une plus grande --distance"
            f" (le plus proche : {distance(float(metres.min()))})."
        )
    notes = [f"Sites à {distance(reach_m)} au plus de {place} : {possible.sum()} sur {len(sites)}."]
    if unsure := int((possible & ~certain).sum()):
        verb, plural = ("peuvent", "s") if unsure > 1 else ("peut", "")
        notes.append(
            f"{counted(unsure, 'site')} au tracé schématique {verb} y être, à leur précision près :"
            f" gardé{plural}."
        )
    return sites[possible], notes, sources
