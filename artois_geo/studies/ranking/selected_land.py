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
    total = sums(ranked)
    if total is None:
        return []
    hectares = wording.hectares(total["available_low_ha"], total["available_high_ha"])
    count = counted(len(admitted(ranked)), "site")
    return [f"{count} hors veto : {hectares} ha disponibles, sans double compte."]


def admitted(ranked: pd.DataFrame) -> pd.DataFrame:
    """Keep the sites that no veto leaves out.

    Examples
    --------
    >>> len(admitted(pd.DataFrame({"veto": ["friche", "", None]})))
    2
    """
    return ranked[ranked["veto"].fillna("").astype(str).eq("")] if "veto" in ranked else ranked


def sums(ranked: pd.DataFrame) -> pd.Series | None:
    """Add up what is available on the sites that no veto leaves out; None where the table has no such land.

    Examples
    --------
    >>> sums(pd.DataFrame({"veto": [""]})) is None
    True
    """
    if not isinstance(ranked, gpd.GeoDataFrame) or not {*NEEDED} <= set(ranked.columns):
        return None
    return sums_of(admitted(ranked))


def sums_of(sites: gpd.GeoDataFrame) -> pd.Series | None:
    """Add up what is available on some sites (:func:`artois_geo.land.totals`); None where none has ground.

    Parameters
    ----------
    sites
        Rows of ``foncier disponible``.

    Examples
    --------
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> float(sums_of(land.available(site, site.iloc[:0]))["available_low_ha"])
    100.0
    """
    with_ground = sites[~(sites.geometry.isna() | sites.geometry.is_empty)]
    if with_ground.empty:
        return None
    return land.totals(with_ground.assign(schematic=with_ground["schematic"].astype(bool)), with_ground)
