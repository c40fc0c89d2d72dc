"""The hectares that the ranked sites hold together, the ground of several counted once."""

import geopandas as gpd
import pandas as pd

from artois_geo import land
from artois_geo.studies.land import wording
from artois_geo.text import counted

NEEDED = ("gross_ha", "schematic", *land.BOUNDS)  # of a table that « foncier disponible » wrote


def total(ranked: pd.DataFrame) -> list[str]:
    """Say what is available on the sites that no veto leaves out; nothing where the table has no such land.

    Parameters
    ----------
    ranked
        Sites with ``veto``; of ``foncier disponible``, with its columns and shapes.

    Examples
    --------
    >>> from artois_geo import example, land
    >>> park = example.square(x_km=0, y_km=0, side_km=1)
    >>> sites = pd.concat([park, example.square(x_km=0, y_km=0, side_km=0.5)], ignore_index=True)
    >>> left = land.available(sites, example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1))
    >>> total(left.assign(veto=None))
    ['2 sites hors veto : 75,0 ha disponibles, sans double compte.']
    """
    if not isinstance(ranked, gpd.GeoDataFrame) or not {*NEEDED} <= set(ranked.columns):
        return []
    admitted = ranked[ranked["veto"].fillna("").astype(str).eq("")] if "veto" in ranked else ranked
    with_ground = admitted[~(admitted.geometry.isna() | admitted.geometry.is_empty)]
    if with_ground.empty:
        return []
    sums = land.totals(with_ground.assign(schematic=with_ground["schematic"].astype(bool)), with_ground)
    hectares = wording.hectares(sums["available_low_ha"], sums["available_high_ha"])
    return [f"{counted(len(admitted), 'site')} hors veto : {hectares} ha disponibles, sans double compte."]
