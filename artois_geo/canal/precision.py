"""How well a distance between two positions is known: its interval, its figures, why nothing rests on it."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning
from artois_geo.errors import BadValue
from artois_geo.text import comma

IMPRECISE, UNKNOWN_PRECISION = "position trop imprécise", "précision de la position inconnue"
M_PER_KM = 1000
INTERVALS = {  # a distance, its bounds, metres in its unit
    "waterway_m": ("waterway_low_m", "waterway_high_m", 1),
    "straight_km": ("straight_low_km", "straight_high_km", M_PER_KM),
}

Metres = NDArray[np.float64]


def positions(frame: pd.DataFrame, declared_m: float | None, parameter: str) -> Metres:
    """Return the metres within which each position is known: by the layer, else as the caller declares."""
    if declared_m is not None and not declared_m >= 0:
        raise BadValue(f"{parameter} doit être une distance en mètres, nulle ou positive : {declared_m}.")
    metres = meaning.precision_m(frame)
    return metres if declared_m is None else np.where(np.isnan(metres), float(declared_m), metres)


def anchors(sites: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return what distances are measured from: the outline of a site, or its centre if it is a sketch."""
    shapes = sites.geometry.to_numpy().copy()
    sketched = meaning.schematic(sites) & (shapely.get_dimensions(shapes) == 2)
    shapes[sketched] = shapely.centroid(shapes[sketched])
    return shapes


def bounds(metres: Metres, doubt_m: Metres) -> tuple[Metres, Metres]:
    """Compute the least and greatest true distance, for positions known to within ``doubt_m`` together."""
    return np.maximum(metres - doubt_m, 0.0), metres + doubt_m


def reasons(doubt_m: Metres, limit_m: float, between: str) -> NDArray[np.object_]:
    """Tell why positions known to ``doubt_m`` decide no distance of ``limit_m``; None where they do."""
    texts = np.full(len(doubt_m), None, dtype=object)
    for row in np.flatnonzero(~(doubt_m <= limit_m + 1e-6)):  # a sum of precisions is exact to a micrometre
        if np.isnan(doubt_m[row]):
            texts[row] = f"{UNKNOWN_PRECISION} : precision_m manque ({between})"
            continue
        rounded_doubt = length(doubt_m[row])
        if rounded_doubt == length(limit_m):  # « ± 1 km (seuil 1 km) » would explain nothing
            rounded_doubt = f"{math.ceil(doubt_m[row])} m"
        texts[row] = f"{IMPRECISE} : ± {rounded_doubt} (seuil {length(limit_m)})"
    return texts


def length(metres: float) -> str:
    """Write a length in metres, or in kilometres from one on, in French.

    Examples
    --------
    >>> from artois_geo.canal import length
    >>> length(600), length(4500), length(3005)
    ('600 m', '4,5 km', '3 km')
    """
    if round(metres) < M_PER_KM:
        return f"{metres:.0f} m"
    return comma(f"{metres / M_PER_KM:.1f}".removesuffix(".0")) + " km"


def rounded(table: pd.DataFrame, *, bank_m: float) -> pd.DataFrame:
    """Give distances the figures that the precision of the positions leaves them.

    A distance known to within 6 km is given to the kilometre, one known to within 30 m to ten metres; its
    bounds are rounded outwards. A distance whose precision is unknown stays as drawn, without bounds.

    Parameters
    ----------
    table
        From :func:`access` or :func:`frontage`.
    bank_m
        Positions known no better than this never make a distance of zero: it is null, its bounds remain.

    Examples
    --------
    >>> from artois_geo.canal import rounded
    >>> import pandas as pd
    >>> drawn = {"waterway_m": [1962.4, 42.9], "waterway_low_m": 0.0, "waterway_high_m": [7962.4, 6042.9]}
    >>> rounded(pd.DataFrame(drawn), bank_m=50).values.tolist()
    [[2000.0, 0.0, 8000.0], [nan, 0.0, 7000.0]]
    """
    result = table.copy()
    for name, (low_column, high_column, unit_m) in INTERVALS.items():
        if name not in table:
            continue
        doubt_m = (table[high_column] - table[name]).to_numpy(dtype=float) * unit_m
        bounded = np.flatnonzero(doubt_m > 0)
        step_m = 10.0 ** np.floor(np.log10(doubt_m[bounded]) + 1e-9)  # 999.9999 is 1 000
        # one millionth of a step is no reason to go to the next
        for column, rounding, shift in (
            (name, np.round, 0.0),
            (low_column, np.floor, 1e-6),
            (high_column, np.ceil, -1e-6),
        ):
            lengths = table[column].to_numpy(dtype=float, copy=True)
            lengths[bounded] = rounding(lengths[bounded] * unit_m / step_m + shift) * step_m / unit_m
            result[column] = lengths
        result[name] = result[name].mask((result[name] == 0) & (doubt_m > bank_m))
    return result
