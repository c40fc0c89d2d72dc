"""The ZAN side of every hectare: what the available land already is, and what building it would draw."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, shapes
from artois_geo.errors import BadTable, UnknownName
from artois_geo.land import setbacks
from artois_geo.land.nomenclature import UNKNOWN
from artois_geo.measure import M2_PER_HA

#: Where two sources disagree, the earlier nature wins: a friche drawn over ENAF is a friche.
NATURES = {
    "friche": "friche_ha",
    "artificialisé": "artificialised_ha",
    "urbanisé": "urbanised_ha",
    "ENAF": "enaf_ha",
}


def soil(
    left: gpd.GeoDataFrame,
    cover: gpd.GeoDataFrame,
    *,
    by: str | Sequence[str],
    natures: Mapping[str, str] | None = None,
    split: Mapping[str, str] = NATURES,
) -> gpd.GeoDataFrame:
    """Measure the nature of each site's available land: friche, artificialised, urbanised, ENAF or unknown.

    Parameters
    ----------
    left
        What :func:`artois_geo.land.available` returned (its geometry is the certain land).
    cover
        Polygons in EPSG:2154: land cover, zoning, friches, one below the other. They may overlap:
        friche comes before artificialised, then urbanised, then ENAF.
    by
        Column of ``cover`` that tells the nature.
    natures
        Value of that column -> ``friche``, ``artificialisé``, ``urbanisé`` or ``ENAF``; without it
        the column holds these words. Values that are not listed are refused.
    split
        Nature -> column that gets its hectares, the one that wins first; « inconnu » has none.

    Returns
    -------
    GeoDataFrame
        ``left`` with ``friche_ha``, ``artificialised_ha``, ``urbanised_ha``, ``enaf_ha`` and
        ``soil_unknown_ha`` (or the columns of ``split``); they add up to ``available_ha``, and are null
        where it is (schematic).

    Raises
    ------
    BadCRS, BadTable, UnknownName
        Geometry that is not valid polygons in Lambert-93; a missing column; an unlisted value.

    Examples
    --------
    >>> from artois_geo import example, land
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> field = example.rectangle(x_km=0, y_km=0, width_km=0.3, height_km=1, nature="ENAF")
    >>> left = land.available(site, example.square(x_km=5, y_km=5, side_km=1))
    >>> land.soil(left, field, by="nature")[["enaf_ha", "soil_unknown_ha"]].round(6).values.tolist()
    [[30.0, 70.0]]
    """
    by = meaning.column_of(by)
    shapes.require_polygons(cover=cover)
    if by not in cover.columns:
        raise BadTable(f"« cover » n'a pas de colonne « {by} ».")
    row_natures = cover[by].astype(str)
    if natures is not None:
        _all_known(row_natures, natures)
        row_natures = row_natures.map(dict(natures))
    _all_known(row_natures[row_natures != UNKNOWN], split)
    ground = left.geometry.to_numpy().copy()
    described = left.copy()
    for nature, column in split.items():
        rows = (row_natures == nature).to_numpy()
        covered = setbacks.buffered_cover(ground, cover.geometry.to_numpy()[rows], np.zeros(int(rows.sum())))
        area_before_m2 = shapely.area(ground)
        touched = ~shapely.is_missing(covered)
        ground[touched] = shapes.polygonal(
            shapes.overlaid(shapely.difference, ground[touched], covered[touched])
        )
        described[column] = (area_before_m2 - shapely.area(ground)) / M2_PER_HA
    described["soil_unknown_ha"] = shapely.area(ground) / M2_PER_HA
    if "schematic" in described:
        columns = [*split.values(), "soil_unknown_ha"]
        described[columns] = described[columns].mask(described["schematic"].astype(bool))
    return described


def drawn(left: gpd.GeoDataFrame, budgets: pd.DataFrame, *, key: str) -> gpd.GeoDataFrame:
    """Compute what building each site's available land would take from the local ENAF budget.

    Parameters
    ----------
    left
        What :func:`soil` returned, with the column ``key`` naming the territory.
    budgets
        One row per territory: ``key`` and ``left_ha``, what it may still consume (``zan trajectoire``).
    key
        Column shared by both.

    Returns
    -------
    GeoDataFrame
        ``left`` with ``draw_ha`` (its ENAF), ``draw_high_ha`` (plus the ground of unknown nature),
        ``draw_share`` of the territory's budget, ``fits_budget`` (even with the unknown; missing
        where no budget is known), ``recycled_share`` of the available land.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.land import drawn
    >>> from artois_geo import example
    >>> left = example.square(x_km=0, y_km=0, side_km=1, insee="62001", available_ha=100.0, enaf_ha=30.0)
    >>> left = left.assign(soil_unknown_ha=0.0)
    >>> budget = pd.DataFrame({"insee": ["62001"], "left_ha": [60.0]})
    >>> drawn(left, budget, key="insee")[["draw_ha", "draw_share", "recycled_share"]].values.tolist()
    [[30.0, 0.5, 0.7]]
    """
    for name, frame, columns in (
        ("left", left, (key, "available_ha", "enaf_ha", "soil_unknown_ha")),
        ("budgets", budgets, (key, "left_ha")),
    ):
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise BadTable(f"« {name} » n'a pas de colonne « {missing[0]} ».")
    if budgets[key].duplicated().any():
        raise BadTable(
            f"« budgets » : {budgets.loc[budgets[key].duplicated(), key].iloc[0]} figure deux fois."
        )
    described = left.copy()
    budget = described[key].map(budgets.set_index(key)["left_ha"]).astype(float)
    described["draw_ha"] = described["enaf_ha"]
    described["draw_high_ha"] = described["enaf_ha"] + described["soil_unknown_ha"]
    described["draw_share"] = (described["draw_ha"] / budget).where(budget > 0)
    described["fits_budget"] = (described["draw_high_ha"] <= budget).astype("boolean")
    described["fits_budget"] = described["fits_budget"].mask(budget.isna() | described["draw_high_ha"].isna())
    recycled = described["available_ha"] - described["draw_high_ha"]
    described["recycled_share"] = (recycled / described["available_ha"]).where(described["available_ha"] > 0)
    return described


def _all_known(values: pd.Series, known_values: Mapping[str, str]) -> None:
    """Refuse a value that is not listed."""
    for value in values.unique():
        if value not in known_values:
            raise UnknownName("type de sol", str(value), known_values)
