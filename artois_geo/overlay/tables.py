"""Surface tables: how many hectares of what, where, and what they became; and the pieces themselves."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from artois_geo import meaning, measure
from artois_geo.errors import BadTable
from artois_geo.overlay import changes, copies, engine, frames, scale, sources, trees
from artois_geo.overlay.frames import Floats, Geometries, Integers
from artois_geo.threads import cores_or_all

_SIDES = ("_before", "_after")

Ground: TypeAlias = gpd.GeoDataFrame | sources.Cover


def area_table(
    zones: gpd.GeoDataFrame,
    cover: Ground,
    *,
    by: str | Sequence[str],
    key: str | None = None,
    cores: int | None = None,
    progress: engine.Progress | None = None,
) -> pd.DataFrame:
    """Measure the hectares of each class of a cover in each zone; make no geometry for the answer.

    Parameters
    ----------
    zones
        Polygons in EPSG:2154, unique names. They may overlap (each is counted), have
        several parts and holes.
    cover
        Polygons in EPSG:2154: a frame, a file left on the disk (`open_cover`), its
        `working_copy`, or a frame of dask-geopandas. Ground covered twice counts twice and
        ground covered by nothing counts nowhere: `balance` tells how much.
    by
        Column or columns of ``cover`` that make a class. A missing value is a class of its own.
    key
        Column of ``zones`` that names them; their index when not given.
    cores
        Threads to use; all available ones when not given.
    progress
        Called with the polygons counted so far, and how many there are.

    Returns
    -------
    DataFrame
        One row per zone and class that share ground: ``key`` (or ``zone``), the columns
        of ``by``, ``area_ha`` (plane hectares, exact to the rounding of coordinates).
        Zones in their order, classes sorted. Does not depend on the order of features.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself, or two zones bear the same name.
    UnknownName
        A column is missing.

    Examples
    --------
    A commune of 100 ha, three quarters of it fields:

    >>> from artois_geo.overlay import area_table
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> commune = example.square(x_km=0, y_km=0, side_km=1, insee="62498")
    >>> cover = pd.concat([
    ...     example.rectangle(x_km=0, y_km=0, width_km=0.75, height_km=2, code_cs="CS2.2.1"),
    ...     example.rectangle(x_km=0.75, y_km=0, width_km=2, height_km=2, code_cs="CS1.1.1.1"),
    ... ])
    >>> area_table(commune, cover, by=["code_cs"], key="insee")
       insee    code_cs  area_ha
    0  62498  CS1.1.1.1     25.0
    1  62498    CS2.2.1     75.0
    """
    by = meaning.columns_of(by)
    if scale.is_spread(cover):
        return scale.spread_areas(area_table, zones, cover, by=by, key=key)
    checked = _checked_zones(zones, key, [*by, "area_ha"])
    source, threads = _source(cover, by, "cover"), cores_or_all(cores)
    if isinstance(source, copies.WorkingCopy):
        zone, code, m2, labels = copies.area_totals(checked.ground, source, by=by, cores=threads)
    else:
        zone, code, m2, labels = engine.area_totals(
            checked.ground, source, by=by, cores=threads, progress=progress
        )
    return _table(checked, zone, [(labels, code, "")], m2)


def change_table(
    before: Ground,
    after: Ground,
    *,
    zones: gpd.GeoDataFrame,
    by: str | Sequence[str],
    key: str | None = None,
    keep_unchanged: bool = False,
    cores: int | None = None,
    progress: engine.Progress | None = None,
) -> pd.DataFrame:
    """Measure what became what between two coverages, in each zone, in hectares.

    A polygon drawn the same on both dates is recognised without being intersected.

    Parameters
    ----------
    before, after
        Polygons in EPSG:2154, given as for `area_table`: the same ground on two dates. Ground
        missing from one of them is in no row. Where a coverage overlaps itself, every pair
        of polygons counts.
    zones
        Polygons in EPSG:2154, unique names. They may overlap: each is counted.
    by
        Column or columns of both coverages that make a class. A missing value is a class of its own.
    key
        Column of ``zones`` that names them; their index when not given.
    keep_unchanged
        Also give the ground whose class is the same on both dates.
    cores
        Threads to use; all available ones when not given.
    progress
        Called with the polygons read so far, and how many there are, for each coverage in turn.

    Returns
    -------
    DataFrame
        One row per zone, class before and class after: ``key`` (or ``zone``), each column
        of ``by`` with ``_before`` then with ``_after``, ``area_ha`` (plane hectares).
        Zones in their order, classes sorted.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself, or two zones bear the same name.
    UnknownName
        A column is missing.

    Examples
    --------
    One quarter of a field of 100 ha is built over:

    >>> from artois_geo.overlay import change_table
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> commune = example.square(x_km=0, y_km=0, side_km=2)
    >>> before = example.square(x_km=0, y_km=0, side_km=1, cs="CS2.2.1")
    >>> after = pd.concat([
    ...     example.rectangle(x_km=0, y_km=0, width_km=0.75, height_km=1, cs="CS2.2.1"),
    ...     example.rectangle(x_km=0.75, y_km=0, width_km=0.25, height_km=1, cs="CS1.1.1.1"),
    ... ])
    >>> change_table(before, after, zones=commune, by=["cs"])
       zone cs_before   cs_after  area_ha
    0     0   CS2.2.1  CS1.1.1.1     25.0
    """
    by = meaning.columns_of(by)
    if scale.is_spread(before) or scale.is_spread(after):
        return scale.spread_changes(
            change_table, before, after, zones=zones, by=by, key=key, keep_unchanged=keep_unchanged
        )
    checked = _checked_zones(zones, key, [*(f"{c}{side}" for side in _SIDES for c in by), "area_ha"])
    source_before, source_after = _source(before, by, "before"), _source(after, by, "after")
    changed = changes.change_totals(
        sources.around(source_before, checked.ground),
        sources.around(source_after, checked.ground),
        checked.ground,
        by=by,
        keep_unchanged=keep_unchanged,
        cores=cores_or_all(cores),
        progress=progress,
    )
    sides = [
        (changed.labels, code, side) for code, side in zip((changed.was, changed.became), _SIDES, strict=True)
    ]
    return _table(checked, changed.zone, sides, changed.m2)


def balance(
    zones: gpd.GeoDataFrame, cover: gpd.GeoDataFrame, *, key: str | None = None, cores: int | None = None
) -> pd.DataFrame:
    """Measure what a cover leaves out of each zone, and what it counts twice.

    Parameters
    ----------
    zones, cover
        Polygons in EPSG:2154.
    key
        Column of ``zones`` that names them; their index when not given.
    cores
        Threads to use; all available ones when not given.

    Returns
    -------
    DataFrame
        One row per zone, in their order: ``key`` (or ``zone``), ``zone_ha``,
        ``covered_ha`` (ground under at least one polygon of the cover), ``gap_ha`` (ground
        under none), ``overlap_ha`` (what `area_table` counts more than once). So the rows of
        `area_table` of a zone add up to ``covered_ha + overlap_ha``.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself, or two zones bear the same name.

    Examples
    --------
    Two fields overlap by 10 ha, and 20 ha of the commune are under neither:

    >>> from artois_geo.overlay import balance
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> commune = example.square(x_km=0, y_km=0, side_km=1)
    >>> cover = pd.concat([
    ...     example.rectangle(x_km=x, y_km=0, width_km=0.45, height_km=1) for x in (0, 0.35)
    ... ])
    >>> balance(commune, cover).round(6)
       zone  zone_ha  covered_ha  gap_ha  overlap_ha
    0     0    100.0        80.0    20.0        10.0
    """
    title, names, ground = _checked_zones(zones, key, ["zone_ha", "covered_ha", "gap_ha", "overlap_ha"])
    threads = cores_or_all(cores)
    pairs, pieces = trees.shared_shapes(frames.polygons(cover, name="cover"), ground, cores=threads)
    order = np.argsort(pairs.zone, kind="stable")
    ends = np.searchsorted(pairs.zone[order], np.arange(len(ground) + 1))
    zone_m2 = shapely.area(ground)
    counted = np.bincount(pairs.zone, weights=pairs.m2, minlength=len(ground))
    covered = np.array([shapely.union_all(pieces[order[a:b]]).area for a, b in itertools.pairwise(ends)])
    return pd.DataFrame(
        {
            title: names,
            "zone_ha": zone_m2 / measure.M2_PER_HA,
            "covered_ha": covered / measure.M2_PER_HA,
            "gap_ha": _without_noise(zone_m2 - covered) / measure.M2_PER_HA,
            "overlap_ha": _without_noise(counted - covered) / measure.M2_PER_HA,
        }
    )


def intersections(
    features: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, cores: int | None = None
) -> gpd.GeoDataFrame:
    """Cut features along zones: one row per feature and zone that share ground.

    Parameters
    ----------
    features
        Polygons, lines or points in EPSG:2154.
    zones
        Polygons in EPSG:2154. They may overlap (ground under two zones gives two
        pieces), leave gaps (ground under none gives no piece) and have several parts.
    cores
        Threads to use; all available ones when not given.

    Returns
    -------
    GeoDataFrame
        ``feature_row`` and ``zone_row`` are positions (for ``iloc``), sorted in that
        order; ``piece_ha`` is the plane area; the geometry has the dimension of the
        feature. A polygon or line that only touches a zone has no piece there; a line
        or point on the limit of two zones has one piece in each.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        A polygon crosses itself, so that its surface has no meaning.

    Examples
    --------
    A site of 2 km by 1 km across two communes, one kilometre square each:

    >>> from artois_geo.overlay import intersections
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> site = example.rectangle(x_km=0.5, y_km=0, width_km=2, height_km=1)
    >>> communes = pd.concat([example.square(x_km=x, y_km=0, side_km=1) for x in (0, 1)])
    >>> intersections(site, communes)[["feature_row", "zone_row", "piece_ha"]]
       feature_row  zone_row  piece_ha
    0            0         0      50.0
    1            0         1     100.0
    """
    shapes = frames.any_shapes(features, name="features")
    pairs, pieces = trees.shared_shapes(
        shapes, frames.polygons(zones, name="zones"), cores=cores_or_all(cores)
    )
    order = np.lexsort((pairs.zone, pairs.feature))
    return gpd.GeoDataFrame(
        {
            "feature_row": pairs.feature[order],
            "zone_row": pairs.zone[order],
            "piece_ha": pairs.m2[order] / measure.M2_PER_HA,
        },
        geometry=pieces[order],
        crs=measure.LAMBERT93,
    )


class _Zones(NamedTuple):
    """Zones of a table: title of their column in the answer, their names, their ground."""

    title: str
    names: pd.Index
    ground: Geometries


def _checked_zones(zones: gpd.GeoDataFrame, key: str | None, result_columns: Sequence[str]) -> _Zones:
    """Check zones, and refuse a name of their column that a column of the result bears already."""
    title, names = frames.zone_names(zones, key)
    if title in result_columns:
        raise BadTable(
            f"La colonne « {title} » nommerait à la fois les zones et autre chose : en renommer une."
        )
    return _Zones(title, names, frames.polygons(zones, name="zones"))


def _source(cover: Ground, by: Sequence[str], name: str) -> sources.Cover:
    source = sources.as_cover(cover)
    source.require(by, name=name)
    return source


def _table(
    checked: _Zones, zone: Integers, sides: list[tuple[pd.DataFrame, Integers, str]], m2: Floats
) -> pd.DataFrame:
    """Build the table: zones in their order, then classes sorted; a missing class comes last."""
    has_area = m2 > trees.NOISE_M2
    ranks = [_ranks(labels)[code[has_area]] for labels, code, _ in sides]
    order = np.lexsort((*reversed(ranks), zone[has_area]))
    columns = [pd.DataFrame({checked.title: checked.names[zone[has_area]][order]})]
    for labels, code, suffix in sides:
        columns.append(labels.iloc[code[has_area][order]].add_suffix(suffix).reset_index(drop=True))
    return pd.concat(columns, axis=1).assign(area_ha=m2[has_area][order] / measure.M2_PER_HA)


def _ranks(labels: pd.DataFrame) -> Integers:
    order = labels.reset_index(drop=True).sort_values(list(labels.columns), kind="stable").index
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[order] = np.arange(len(labels))
    return ranks


def _without_noise(m2: Floats) -> Floats:
    return np.where(m2 > trees.NOISE_M2, m2, 0.0)
