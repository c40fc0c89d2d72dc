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

    >>> corners = [(0, 0), (100, 0), (100, 100), (150, 100), (100, 100), (0, 100)]
    >>> spiked = gpd.GeoDataFrame(geometry=[shapely.Polygon(corners)], crs=2154)
    >>> mended, findings = repaired(spiked, name="ppri", max_change_share=0.001)
    >>> mended.geometry.is_valid.all(), findings[["area_before_ha", "area_after_ha"]].values.tolist()
    (np.True_, [[1.0, 1.0]])
    """
    shapes = features.geometry.to_numpy()
    broken = np.flatnonzero(~shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), [3, 6]))
    findings = pd.DataFrame(columns=["layer", "feature", "message", "area_before_ha", "area_after_ha"])
    if not len(broken):
        return features, findings
    sound = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    labels = [row_name(features.index, features.index[row]) for row in broken]
    reasons = [invalidity(reason) for reason in shapely.is_valid_reason(shapes[broken])]
    before_ha, after_ha = (shapely.area(polygons) / M2_PER_HA for polygons in (shapes[broken], sound))
    for label, reason, before, after in zip(labels, reasons, before_ha, after_ha, strict=True):
        if abs(after - before) > max_change_share * before:
            raise BadTable(
                f"« {name} », {label} : géométrie invalide ({reason}) que la réparation ferait passer de"
                f" {number(before, 2)} à {number(after, 2)} ha, plus de {number(100 * max_change_share, 1)} %"
                f" d'écart.\n{REPAIR}."
            )
    valid = shapes.copy()
    valid[broken] = sound
    findings = findings.assign(
        layer=[name] * len(broken),
        feature=labels,
        message=reasons,
        area_before_ha=before_ha,
        area_after_ha=after_ha,
    )
    return features.set_geometry(gpd.GeoSeries(valid, index=features.index, crs=features.crs)), findings
