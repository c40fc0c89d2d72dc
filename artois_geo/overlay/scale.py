"""The same tables on a Dask cluster, for a région or for France (extra ``scale``).

Every partition is counted where it lies; only small tables travel back. Partition by place
first (``frame.spatial_shuffle()``), or each partition of one coverage meets all of the other.
"""

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import measure
from artois_geo.errors import BadTable
from artois_geo.overlay import frames
from artois_geo.overlay.frames import Geometries

_Table = Callable[..., pd.DataFrame]  # what makes the table of one partition


def is_spread(cover: object) -> bool:
    """Tell whether a cover is a frame of dask-geopandas."""
    return hasattr(cover, "to_delayed") and hasattr(cover, "spatial_partitions")


def spread_areas(
    area_table: _Table, zones: gpd.GeoDataFrame, cover: Any, *, by: Sequence[str], key: str | None
) -> pd.DataFrame:
    """Sum the tables of every partition; ``area_table`` makes that of one partition."""
    import dask

    _require(zones, cover, by, "cover")
    shared = dask.delayed(zones)
    jobs = [
        dask.delayed(area_table)(shared, part, by=list(by), key=key, cores=1) for part in cover.to_delayed()
    ]
    return _summed(dask.compute(*jobs), zones, list(by), key)


def spread_changes(
    change_table: _Table,
    cover_before: Any,
    cover_after: Any,
    *,
    zones: gpd.GeoDataFrame,
    by: Sequence[str],
    key: str | None,
    keep_unchanged: bool,
) -> pd.DataFrame:
    """Sum the tables of every partition of one cover with the partitions of the later one that it meets."""
    import dask

    cover_before, cover_after = spread_both(before=cover_before, after=cover_after)
    _require(zones, cover_before, by, "before")
    _require(zones, cover_after, by, "after")
    shared = dask.delayed(zones)
    parts_before, parts_after = cover_before.to_delayed(), cover_after.to_delayed()
    tree = shapely.STRtree(boxes(cover_after))
    jobs = []
    for part, box in zip(parts_before, boxes(cover_before), strict=True):
        meeting = [parts_after[i] for i in sorted(tree.query(box))]
        if meeting:
            options = {"by": list(by), "key": key, "keep_unchanged": keep_unchanged, "cores": 1}
            jobs.append(dask.delayed(_changes)(change_table, shared, options, part, *meeting))
    columns = [*(f"{column}_before" for column in by), *(f"{column}_after" for column in by)]
    return _summed(dask.compute(*jobs), zones, columns, key)


def spread_both(**sides: Any) -> list[Any]:
    """Return both coverages as frames of dask-geopandas; one of them may be a frame in memory.

    Raises
    ------
    BadTable
        One of them is left in a file.
    """
    import dask_geopandas

    for name, side in sides.items():
        if not is_spread(side) and not isinstance(side, gpd.GeoDataFrame):
            raise BadTable(
                f"« {name} » est un fichier, l'autre couverture est répartie sur une grappe Dask.\n"
                f"Répartir les deux (dask_geopandas.read_parquet), ou n'en répartir aucune."
            )
    return [
        side if is_spread(side) else dask_geopandas.from_geopandas(side, npartitions=1)
        for side in sides.values()
    ]


def _changes(
    change_table: _Table,
    zones: gpd.GeoDataFrame,
    options: dict[str, Any],
    part_before: gpd.GeoDataFrame,
    *parts_after: gpd.GeoDataFrame,
) -> pd.DataFrame:
    part_after = gpd.GeoDataFrame(pd.concat(parts_after), crs=parts_after[0].crs)
    west, south, east, north = part_before.total_bounds
    part_after = part_after.iloc[np.sort(part_after.sindex.query(shapely.box(west, south, east, north)))]
    return change_table(part_before, part_after, zones=zones, **options)


def _require(zones: gpd.GeoDataFrame, cover: Any, by: Sequence[str], name: str) -> None:
    measure.require_lambert93(zones=zones)
    measure.require_lambert93_crs(name, cover.crs)
    frames.require_columns(cover._meta, by, name=name)


def boxes(cover: Any) -> Geometries:
    """Locate each partition: as declared by a shuffle, or looked up."""
    import dask

    if cover.spatial_partitions is not None:
        return shapely.envelope(np.asarray(cover.spatial_partitions.values, dtype=object))
    bounds = dask.compute(*(dask.delayed(_bounds)(part) for part in cover.to_delayed()))
    return np.array([shapely.box(*b) if not np.isnan(b).any() else shapely.Polygon() for b in bounds])


def _bounds(part: gpd.GeoDataFrame) -> np.ndarray:
    return part.total_bounds


def _summed(
    parts: Sequence[pd.DataFrame], zones: gpd.GeoDataFrame, columns: list[str], key: str | None
) -> pd.DataFrame:
    """Sum the tables of partitions into one, zones in their order and classes sorted."""
    title, names = frames.zone_names(zones, key)
    if not parts:
        return pd.DataFrame(columns=[title, *columns, "area_ha"])
    stacked = pd.concat(parts, ignore_index=True)
    total = stacked.groupby([title, *columns], dropna=False, sort=False)["area_ha"].sum().reset_index()
    total = total.assign(_rank=names.get_indexer(pd.Index(total[title])))
    return total.sort_values(["_rank", *columns], ignore_index=True).drop(columns="_rank")
