"""Own business parks beside a national first draft: what agrees, what overlaps, what each lacks."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, shapes
from artois_geo.errors import BadTable
from artois_geo.measure import M2_PER_HA

SAME, OVERLAPS = "même", "recouvre"
NOT_IN_DRAFT, NOT_HERE = "absente du brouillon", "absente d'ici"
UNMEASURED = "non comparable"
COLUMNS = [
    "relation",
    "own_zone",
    "draft_zone",
    "own_ha",
    "draft_ha",
    "common_ha",
    "own_share",
    "draft_share",
    "own_alone_ha",
    "draft_alone_ha",
]


def matched(
    own: gpd.GeoDataFrame,
    draft: gpd.GeoDataFrame,
    *,
    key: str,
    draft_key: str,
    same_share: float,
    min_common_ha: float = 0.0,
) -> pd.DataFrame:
    """Set own zones beside those of a draft, pair by pair, and merge nothing.

    Parameters
    ----------
    own, draft
        Zones in EPSG:2154. One without a measured outline (a point, a schematic place) is compared with
        none, and keeps its row.
    key, draft_key
        Columns that name a zone, each name once.
    same_share
        Share (0 to 1) of each zone that both hold, from which they are the same.
    min_common_ha
        Common ground that is but the drawing: such a pair is none.

    Returns
    -------
    DataFrame
        A row per pair, then per zone without any: ``relation`` (:data:`SAME`, :data:`OVERLAPS`,
        :data:`NOT_IN_DRAFT`, :data:`NOT_HERE`, :data:`UNMEASURED`), ``own_zone``, ``draft_zone``, ``own_ha``,
        ``draft_ha``, ``common_ha``, ``own_share`` and ``draft_share`` (0 to 1, of each zone),
        ``own_alone_ha`` and ``draft_alone_ha`` (what of the zone no zone of the other side covers).

    Raises
    ------
    BadTable
        A zone is named twice or not at all, or its polygon crosses itself.

    Examples
    --------
    A zone of 100 ha whose eastern half the draft holds too, with as much beyond:

    >>> from artois_geo import example
    >>> from artois_geo.zae import matched
    >>> own = example.square(x_km=0, y_km=0, side_km=1, site_id="A")
    >>> draft = example.square(x_km=0.5, y_km=0, side_km=1, cleabs="Z")
    >>> row = matched(own, draft, key="site_id", draft_key="cleabs", same_share=0.8).iloc[0]
    >>> row["relation"], float(row["common_ha"]), float(row["own_share"]), float(row["draft_alone_ha"])
    ('recouvre', 50.0, 0.5, 50.0)
    """
    sides = [_measured(frame, column) for frame, column in ((own, key), (draft, draft_key))]
    (names, grounds), (draft_names, draft_grounds) = sides
    first, second, shared_m2 = _pairs(grounds, draft_grounds, min_common_ha * M2_PER_HA)
    areas, draft_areas = shapely.area(grounds), shapely.area(draft_grounds)
    pairs = pd.DataFrame(
        {
            "own_zone": names[first],
            "draft_zone": draft_names[second],
            "common_ha": shared_m2 / M2_PER_HA,
            "own_share": shared_m2 / areas[first],
            "draft_share": shared_m2 / draft_areas[second],
        }
    )
    # to a thousandth: the drawing of a limit, and the figure that a reader sees, are no finer
    smallest = pairs[["own_share", "draft_share"]].min(axis=1).round(3)
    pairs["relation"] = np.where(smallest >= same_share, SAME, OVERLAPS)
    rows = [pairs]
    for column, relation, all_names, paired in (
        ("own_zone", NOT_IN_DRAFT, names, first),
        ("draft_zone", NOT_HERE, draft_names, second),
    ):
        lone = np.setdiff1d(np.arange(len(all_names)), paired)
        rows.append(pd.DataFrame({column: all_names[lone], "relation": relation}))
    for column, frame, frame_key, measured in (
        ("own_zone", own, key, names),
        ("draft_zone", draft, draft_key, draft_names),
    ):
        unmeasured = frame.loc[~frame[frame_key].astype(str).isin(measured), frame_key].astype(str)
        rows.append(pd.DataFrame({column: unmeasured.to_numpy(), "relation": UNMEASURED}))
    table = pd.concat([part for part in rows if len(part)] or [pairs], ignore_index=True)
    for column, frame_names, frame_areas, alone in (
        ("own", names, areas, _alone_m2(grounds, draft_grounds, first, second)),
        ("draft", draft_names, draft_areas, _alone_m2(draft_grounds, grounds, second, first)),
    ):
        zone = table[f"{column}_zone"] if f"{column}_zone" in table else pd.Series(index=table.index)
        for name, square_metres in (("ha", frame_areas), ("alone_ha", alone)):
            by_zone = pd.Series(square_metres / M2_PER_HA, index=frame_names, dtype=float)
            table[f"{column}_{name}"] = zone.map(by_zone).astype(float)
    return table.reindex(columns=COLUMNS)


def _measured(frame: gpd.GeoDataFrame, key: str) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the names and the polygons of the zones that can be measured."""
    names = frame[key]
    is_unnamed = names.isna() | (names.astype(str).str.strip() == "")
    if is_unnamed.any() or names.astype(str).duplicated().any():
        example = "une zone sans nom" if is_unnamed.any() else names[names.astype(str).duplicated()].iloc[0]
        raise BadTable(f"Colonne « {key} » : chaque zone y a un nom, une seule fois ({example}).")
    usable = frame[shapes.are_polygons(frame) & ~frame.geometry.is_empty & ~meaning.schematic(frame)]
    shapes.require_polygons(zones=usable)
    return usable[key].astype(str).to_numpy(dtype=object), usable.geometry.to_numpy()


def _pairs(
    grounds: NDArray[np.object_], others: NDArray[np.object_], least_m2: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Find the pairs that share ground, and how much; an edge in common is no ground."""
    first, second = shapely.STRtree(others).query(grounds, predicate="intersects")
    common = shapely.area(shapes.overlaid(shapely.intersection, grounds[first], others[second]))
    is_pair = (common > 0) & (common >= least_m2)
    return first[is_pair], second[is_pair], common[is_pair]


def _alone_m2(
    grounds: NDArray[np.object_],
    others: NDArray[np.object_],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Measure what of each ground none of its pairs covers."""
    alone = shapely.area(grounds).astype(float)
    for position in np.unique(first):
        cover = shapely.union_all(others[second[first == position]])
        rest = shapes.overlaid(shapely.difference, grounds[[position]], np.array([cover], dtype=object))
        alone[position] = shapely.area(rest)[0]
    return alone
