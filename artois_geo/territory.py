"""Split features over territories: which hectares, and kilometres, belong to whom."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure, overlay
from artois_geo.arguments import guard
from artois_geo.deprecated import renamed_keywords
from artois_geo.errors import BadTable
from artois_geo.overlay import scale

__all__ = [
    "main",
    "split",
]

CRUMB_M = 1e-3  # metres, or square metres: below, an overlay leaves crumbs


@renamed_keywords("territory.split", zones="territories")
def split(features: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, key: str) -> gpd.GeoDataFrame:
    """Cut features along the edges of territories.

    Parameters
    ----------
    features
        Polygons, lines or points in EPSG:2154, unique index; or a frame of dask-geopandas,
        whose partitions are cut where they lie.
    zones
        Polygons in EPSG:2154 with a column ``key``. Where two of them overlap,
        the shared ground is given to each: add up one territory at a time.
    key
        Column that names a territory, for example ``epci_siren``.

    Returns
    -------
    GeoDataFrame
        One row per piece, in the order of ``features`` then of ``zones``;
        the index repeats that of ``features``. All columns of ``features``,
        then ``key``, ``piece_ha`` and ``piece_km`` (length of a line). What lies
        in no territory is kept, with a null ``key``: nothing is lost.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        ``key`` is absent from ``zones``, already in ``features``, the index of
        ``features`` repeats, or a polygon crosses itself.

    Examples
    --------
    A site of 100 ha, of which the eastern quarter lies in commune B:

    >>> from artois_geo.territory import split
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> a = example.rectangle(x_km=-1, y_km=0, width_km=1.75, height_km=1, insee="A")
    >>> b = example.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, insee="B")
    >>> import pandas as pd
    >>> split(site, pd.concat([a, b], ignore_index=True), key="insee")[["insee", "piece_ha"]].values.tolist()
    [['A', 75.0], ['B', 25.0]]
    """
    measure.require_lambert93(zones=zones)
    if scale.is_spread(features):
        measure.require_lambert93_crs("features", features.crs)
        return _split_partitions(features, zones, key)
    measure.require_lambert93(features=features)
    _check_key(features, zones, key)
    parts = overlay.intersections(features, zones)
    feature_row, zone_row = parts["feature_row"].to_numpy(), parts["zone_row"].to_numpy()
    shapes, zone_shapes = features.geometry.to_numpy(), zones.geometry.to_numpy()
    remainder_row, remainders = _outside(shapes, zone_shapes, feature_row, zone_row)
    feature_rows = np.concatenate([feature_row, remainder_row])
    zone_names = np.concatenate(
        [zones[key].to_numpy(dtype=object)[zone_row], np.full(len(remainder_row), None)]
    )
    rank = np.concatenate([zone_row, np.full(len(remainder_row), len(zone_shapes))])
    order = np.lexsort((rank, feature_rows))
    result = features.iloc[feature_rows[order]].copy()
    result = result.set_geometry(
        np.concatenate([parts.geometry.to_numpy(), remainders])[order], crs=features.crs
    )
    result[key] = zone_names[order]
    result["piece_ha"] = result.geometry.area / measure.M2_PER_HA
    result["piece_km"] = np.where(
        shapely.get_dimensions(result.geometry) == 1, result.geometry.length / 1000, 0.0
    )
    return result


@renamed_keywords("territory.main", zones="territories")
def main(features: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, key: str) -> gpd.GeoSeries:
    """Return the territory that holds the largest share of each feature.

    Parameters
    ----------
    features
        Polygons, lines or points in EPSG:2154, unique index.
    zones
        Polygons in EPSG:2154 with a column ``key``.
    key
        Column that names a territory.

    Returns
    -------
    Series
        Named ``key``, index of ``features``; null where no territory is touched.
        With equal shares the first territory in order wins.

    Examples
    --------
    >>> from artois_geo.territory import main
    >>> from artois_geo import example
    >>> site = example.square(x_km=0, y_km=0, side_km=1)
    >>> town = example.rectangle(x_km=0.4, y_km=0, width_km=1, height_km=1, insee="B")
    >>> main(site, town, key="insee").tolist()
    ['B']
    """
    pieces = split(features, zones, key=key)
    inside = pieces[pieces[key].notna()]
    share = inside["piece_ha"].to_numpy() + inside["piece_km"].to_numpy()
    by_share = inside.assign(_share=share).sort_values("_share", ascending=False, kind="stable")
    return by_share[~by_share.index.duplicated()][key].reindex(features.index)


def _split_partitions(features: Any, zones: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    """Split every partition by itself: a piece depends on one feature only."""
    import dask

    _check_key(features._meta, zones, key)
    shared = dask.delayed(zones)
    jobs = [(part.index, dask.delayed(split)(part, shared, key=key)) for part in features.to_delayed()]
    labels, pieces = zip(*dask.compute(*jobs), strict=True)
    if pd.Index(np.concatenate(labels)).has_duplicates:
        raise BadTable("L'index de « features » se répète d'une partition à l'autre : le refaire avant.")
    filled_pieces = [part for part in pieces if len(part)] or list(pieces[:1])
    return gpd.GeoDataFrame(pd.concat(filled_pieces), crs=filled_pieces[0].crs)


def _check_key(features: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, key: str) -> None:
    if key not in zones.columns:
        columns = ", ".join(map(str, zones.columns))
        raise BadTable(f"« zones » n'a pas de colonne « {key} ». Colonnes : {columns}.")
    if key in features.columns:
        raise BadTable(f"« features » a déjà une colonne « {key} » : la renommer avant de découper.")
    if not features.index.is_unique:
        raise BadTable("L'index de « features » se répète : appeler reset_index() avant de découper.")


def _outside(
    shapes: np.ndarray, zones: np.ndarray, feature_row: np.ndarray, zone_row: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what of each feature lies in no territory, and the numbers of these features."""
    rows, remainders = [], []
    zones_by_feature: dict[int, list[int]] = {}
    for feature_number, zone_number in zip(feature_row.tolist(), zone_row.tolist(), strict=True):
        zones_by_feature.setdefault(feature_number, []).append(zone_number)
    for number, shape in enumerate(shapes):
        if shape is None:
            continue
        own_zones = zones[zones_by_feature.get(number, [])]
        remainder = shapely.difference(shape, shapely.union_all(own_zones)) if len(own_zones) else shape
        if not remainder.is_empty and not (len(own_zones) and _is_crumb(remainder)):
            rows.append(number)
            remainders.append(remainder)
    return np.array(rows, dtype=int), np.array(remainders, dtype=object)


def _is_crumb(remainder: shapely.Geometry) -> bool:
    """Tell what rounding leaves of a feature along the edge of a territory from ground outside."""
    dimension = shapely.get_dimensions(remainder)
    size = remainder.area if dimension == 2 else remainder.length if dimension == 1 else np.inf
    return bool(size < CRUMB_M)


guard(__name__, shapes=measure.require_lambert93, spread={"split": {"features"}, "main": {"features"}})


def __dir__() -> list[str]:
    return sorted(__all__)
