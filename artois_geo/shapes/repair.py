"""Invalid polygons made valid, and what that changes of their area."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo.errors import REPAIR, BadTable, invalidity
from artois_geo.measure import M2_PER_HA
from artois_geo.text import number, row_name


def repaired(
    features: gpd.GeoDataFrame, *, name: str, max_change_share: float
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Repair the invalid polygons of a layer, if that hardly changes their area.

    Parameters
    ----------
    features
        Layer in EPSG:2154. Lines and points are left as they are.
    name
        What the layer is called, for the message.
    max_change_share
        Largest change of the area of a feature, as a share of it (0 to 1).

    Returns
    -------
    (features, findings)
        The layer with valid polygons, and a row per repair: ``layer``, ``feature``, ``message``,
        ``area_before_ha``, ``area_after_ha``.

    Raises
    ------
    BadTable
        A repair changes an area by more than that; the message names the feature and the command that works.

    Notes
    -----
    ``make_valid(method="structure", keep_collapsed=False)``: rings stay shells and holes, and nothing that
    collapses to a line is kept.

    Examples
    --------
    A square of 1 ha with a spike that has no width:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from artois_geo.shapes import repaired
    >>> corners = [(0, 0), (100, 0), (100, 100), (150, 100), (100, 100), (0, 100)]
    >>> spiked = gpd.GeoDataFrame(geometry=[shapely.Polygon(corners)], crs=2154)
    >>> mended, findings = repaired(spiked, name="ppri", max_change_share=0.001)
    >>> bool(mended.geometry.is_valid.all()), findings[["area_before_ha", "area_after_ha"]].values.tolist()
    (True, [[1.0, 1.0]])
    """
    shapes = features.geometry.to_numpy()
    broken = np.flatnonzero(~shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), [3, 6]))
    findings = pd.DataFrame(columns=["layer", "feature", "message", "area_before_ha", "area_after_ha"])
    if not len(broken):
        return features, findings
    sound = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    valid = shapes.copy()
    valid[broken] = sound
    findings = findings.assign(
        layer=[name] * len(broken),
        feature=[row_name(features.index, features.index[row]) for row in broken],
        message=[invalidity(reason) for reason in shapely.is_valid_reason(shapes[broken])],
        area_before_ha=shapely.area(shapes[broken]) / M2_PER_HA,
        area_after_ha=shapely.area(sound) / M2_PER_HA,
    )
    require_same_area(findings, max_change_share=max_change_share)
    return features.set_geometry(gpd.GeoSeries(valid, index=features.index, crs=features.crs)), findings


def require_same_area(repairs: pd.DataFrame, *, max_change_share: float) -> None:
    """Refuse repairs that change an area too much: the message names the feature and the command that works.

    Parameters
    ----------
    repairs
        Findings of :func:`repaired`.
    max_change_share
        Largest change of the area of a feature, as a share of it (0 to 1).

    Raises
    ------
    BadTable
        The first repair that changes an area by more.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.shapes import require_same_area
    >>> areas = {"area_before_ha": [1.0], "area_after_ha": [1.0005]}
    >>> require_same_area(pd.DataFrame(areas), max_change_share=0.001)
    """
    change_ha = (repairs["area_after_ha"] - repairs["area_before_ha"]).abs().astype(float)
    changed = repairs[change_ha > max_change_share * repairs["area_before_ha"].astype(float)]
    if len(changed):
        row = changed.iloc[0]
        raise BadTable(
            f"« {row['layer']} », {row['feature']} : géométrie invalide que la réparation fait passer de"
            f" {number(row['area_before_ha'], 2)} à {number(row['area_after_ha'], 2)} ha, plus de"
            f" {number(100 * max_change_share, 1)} % d'écart ({row['message']}).\n{REPAIR}."
        )
