"""How far a site runs along the water, and the largest vessel that can berth there."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, measure
from artois_geo.canal import precision, published
from artois_geo.errors import BadTable, BadValue

CEMT = ("I", "II", "III", "IV", "Va", "Vb", "VIa", "VIb", "VIc", "VII")  # smallest first
NO_BERTH = "aucun"
SKETCHED, NO_OUTLINE, NO_GEOMETRY, NO_CLASS = (
    "contour schématique",
    "site sans contour",
    "sans géométrie",
    "classe de la voie d'eau inconnue",
)


def frontage(
    sites: gpd.GeoDataFrame,
    waterways: gpd.GeoDataFrame,
    *,
    bank_m: float,
    berths_m: Mapping[str, float],
    sites_precision_m: float | None = None,
    waterways_precision_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Measure the bank that each site holds along the nearest waterway, and the largest vessel it takes.

    Frontage is measured along the waterway: the vertices of what lies of the site within
    ``bank_m`` of the bank are projected on the axis, and the last minus the first is the
    frontage. Where the site meets the bank in several places, the longest is the frontage (a boat
    berths at one), and their sum is kept beside it.

    It is measured only where both positions together are known to within ``bank_m`` and the outline is a
    real one; else it is null and ``frontage_reason`` says why. A published length of quay
    (``quai_publie_m``) or distance to the water (``dist_eau_publiee_m``) wins.

    Parameters
    ----------
    sites
        Polygons in EPSG:2154, unique index. A point has a distance, and an unknown frontage. ``precision_m``
        says to how many metres each is known; one that ``geometrie`` calls schematic is measured from
        its centre, and has no frontage.
    waterways
        Axes in EPSG:2154, or water surfaces, with ``waterway_name`` and ``waterway_cemt`` from
        :func:`classify`, and ``precision_m``. A column ``waterway_width_m`` moves the bank to half the
        width from the axis; a column ``geometrie`` says « schématique ».
    bank_m
        Distance to the bank up to which ground is waterside.
    berths_m
        Bank that each CEMT class needs, in metres.
    sites_precision_m, waterways_precision_m
        Metres to which positions are known where ``precision_m`` does not say it.

    Returns
    -------
    GeoDataFrame
        Rows of ``sites``, with ``waterway_name``, ``waterway_cemt``, ``waterway_m`` (to the bank, as drawn),
        ``waterway_low_m`` and ``waterway_high_m`` (what the positions leave possible; null where
        their precision is unknown), ``waterway_origin``, ``frontage_m``, ``frontage_total_m``,
        ``frontage_class`` (largest class that the frontage takes), ``berth_class`` (the same, no
        larger than the class of the waterway; null where that is unknown), ``frontage_origin`` (« publié »,
        « calculé » or null), ``frontage_source`` (who publishes it), ``frontage_reason`` and ``berth_reason``
        (why they are null), ``waterway_schematic`` (the distance rests on a schematic axis).

    Raises
    ------
    BadTable
        ``waterways`` lacks a column or a row.
    BadValue
        A class of ``berths_m`` is not a CEMT class, or a precision is negative.

    Examples
    --------
    A site of 200 m along a canal: a convoy of class Vb can berth.

    >>> from artois_geo.canal import frontage
    >>> from artois_geo import example
    >>> site = example.rectangle(x_km=1, y_km=0.03, width_km=0.2, height_km=0.3, precision_m=5)
    >>> canal = example.line((0, 0), (3, 0), waterway_name="Canal", waterway_cemt="Vb", precision_m=5)
    >>> berths = {"I": 38.5, "IV": 85.0, "Va": 110.0, "Vb": 185.0}
    >>> front = frontage(site, canal, bank_m=50, berths_m=berths)
    >>> front[["waterway_m", "waterway_high_m", "frontage_m", "berth_class"]].values.tolist()
    [[30.0, 40.0, 200.0, 'Vb']]

    The same site, known to within 3 km: nothing says that it lies by the water.

    >>> blurred = frontage(site.assign(precision_m=3000), canal, bank_m=50, berths_m=berths)
    >>> blurred[["frontage_m", "berth_class", "frontage_reason"]].values.tolist()
    [[nan, None, 'position trop imprécise : ± 3 km (seuil 50 m)']]
    """
    measure.require_lambert93(sites=sites, waterways=waterways)
    absent = [name for name in ("waterway_name", "waterway_cemt") if name not in waterways.columns]
    if absent:
        raise BadTable(f"Colonnes absentes des voies d'eau : {', '.join(absent)}. Appeler canal.classify.")
    unknown_classes = [name for name in berths_m if name not in CEMT]
    if unknown_classes:
        raise BadValue(f"Classes CEMT inconnues : {', '.join(unknown_classes)}. Classes : {', '.join(CEMT)}.")
    ways = waterways[waterways.geometry.notna() & ~waterways.geometry.is_empty]
    if not len(ways):
        raise BadTable("Aucune voie d'eau n'a de géométrie.")
    water = _water(ways)
    nearest_row, drawn_m = _nearest(precision.anchors(sites), water)
    nearest_ways = ways.iloc[np.maximum(nearest_row, 0)]
    doubt_m = precision.positions(sites, sites_precision_m, "sites_precision_m")
    doubt_m = doubt_m + precision.positions(nearest_ways, waterways_precision_m, "waterways_precision_m")
    name, cemt = (
        published.either(nearest_row >= 0, nearest_ways[column].to_numpy(dtype=object))
        for column in ("waterway_name", "waterway_cemt")
    )
    reasons = _reasons(sites, doubt_m, bank_m)
    longest_m, total_m = np.full(len(sites), np.nan), np.full(len(sites), np.nan)
    way_names, shapes = ways["waterway_name"].to_numpy(dtype=object), sites.geometry.to_numpy()
    tree = shapely.STRtree(water)
    for row in np.flatnonzero(pd.isna(reasons)):
        longest_m[row] = total_m[row] = 0.0
        if drawn_m[row] <= bank_m:
            nearby = tree.query(shapes[row], predicate="dwithin", distance=bank_m)
            same_water = nearby[[_same_name(way_names[way], way_names[nearest_row[row]]) for way in nearby]]
            same_water = np.union1d(same_water, [nearest_row[row]])
            longest_m[row], total_m[row] = _along(
                shapes[row], ways.geometry.to_numpy()[same_water], water[same_water], bank_m
            )
    lengths = _lengths(sites, longest_m, total_m, reasons)
    return sites.assign(
        waterway_name=name,
        waterway_cemt=cemt,
        **_distances(sites, drawn_m, doubt_m),
        **lengths,
        **_berths(lengths["frontage_m"], lengths["frontage_reason"], cemt, berths_m),
        waterway_schematic=meaning.schematic(nearest_ways) & (nearest_row >= 0),
    )


def _distances(
    sites: gpd.GeoDataFrame, drawn_m: precision.Metres, doubt_m: precision.Metres
) -> dict[str, NDArray[Any]]:
    """Return the distance to the water and its bounds: as published, else as drawn."""
    published_m = published.metres(sites, published.WATER_M)
    is_published = ~np.isnan(published_m)
    low_m, high_m = precision.bounds(drawn_m, doubt_m)
    return {
        "waterway_m": np.where(is_published, published_m, drawn_m),
        "waterway_low_m": np.where(is_published, published_m, low_m),
        "waterway_high_m": np.where(is_published, published_m, high_m),
        "waterway_origin": _origins(is_published, ~np.isnan(drawn_m)),
    }


def _reasons(sites: gpd.GeoDataFrame, doubt_m: precision.Metres, bank_m: float) -> NDArray[np.object_]:
    """Tell why the frontage of a site is not measured; None where it is."""
    shapes = sites.geometry.to_numpy()
    reasons = precision.reasons(doubt_m, bank_m, "site ou voie d'eau")
    for rows, reason in (
        (meaning.schematic(sites) & ~(doubt_m > bank_m), SKETCHED),
        (~(shapely.area(shapes) > 0) & ~(doubt_m > bank_m), NO_OUTLINE),
        (shapely.is_missing(shapes) | shapely.is_empty(shapes), NO_GEOMETRY),
    ):
        reasons[rows] = reason
    return reasons


def _lengths(
    sites: gpd.GeoDataFrame,
    longest_m: precision.Metres,
    total_m: precision.Metres,
    reasons: NDArray[np.object_],
) -> dict[str, NDArray[Any]]:
    """Return the frontage: as published, else as measured, else null with its reason."""
    published_m = published.quays_m(sites)
    is_published = ~np.isnan(published_m)
    sources = published.texts(sites, published.QUAY_SOURCE)
    return {
        "frontage_m": np.where(is_published, published_m, longest_m),
        "frontage_total_m": np.where(is_published, published_m, total_m),
        "frontage_origin": _origins(is_published, pd.isna(reasons)),
        "frontage_source": published.either(is_published, sources),
        "frontage_reason": published.either(~is_published, reasons),
    }


def _berths(
    frontages_m: precision.Metres,
    frontage_reasons: NDArray[np.object_],
    cemt: NDArray[np.object_],
    berths_m: Mapping[str, float],
) -> dict[str, Any]:
    """Return the vessel that the frontage takes, the one that can berth, and why none is named."""
    frontage_class = [_largest_berth(frontage_m, berths_m, None) for frontage_m in frontages_m]
    berth_class = [
        None if pd.isna(waterway_class) else _largest_berth(frontage_m, berths_m, waterway_class)
        for frontage_m, waterway_class in zip(frontages_m, cemt, strict=True)
    ]
    reasons = np.where(pd.isna(frontage_reasons), NO_CLASS, frontage_reasons)
    unnamed = np.array([pd.isna(berth) for berth in berth_class], dtype=bool)
    return {
        "frontage_class": frontage_class,
        "berth_class": berth_class,
        "berth_reason": published.either(unnamed, reasons),
    }


def _origins(is_published: NDArray[np.bool_], is_computed: NDArray[np.bool_]) -> NDArray[np.object_]:
    computed = published.either(is_computed, published.COMPUTED)
    return published.either(is_published, published.PUBLISHED, computed)


def _water(ways: gpd.GeoDataFrame) -> np.ndarray:
    """Return the water itself: axes widened where their width is known."""
    shapes = ways.geometry.to_numpy()
    if "waterway_width_m" not in ways.columns:
        return shapes
    width_m = ways["waterway_width_m"].fillna(0).to_numpy(dtype=float)
    is_widened = (width_m > 0) & (shapely.get_dimensions(shapes) == 1)
    water = shapes.copy()
    water[is_widened] = shapely.buffer(shapes[is_widened], width_m[is_widened] / 2, cap_style="flat")
    return water


def _nearest(shapes: np.ndarray, water: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    nearest_row, distance_m = np.full(len(shapes), -1), np.full(len(shapes), np.nan)
    usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if len(usable):
        (usable_index, way_row), away_m = shapely.STRtree(water).query_nearest(
            shapes[usable], return_distance=True, all_matches=False
        )
        nearest_row[usable[usable_index]], distance_m[usable[usable_index]] = way_row, away_m
    return nearest_row, distance_m


def _along(site: shapely.Geometry, axes: np.ndarray, water: np.ndarray, bank_m: float) -> tuple[float, float]:
    """Measure the longest and the total stretch of bank that the site holds, along the axis."""
    bank_ground = shapely.intersection(site, shapely.buffer(shapely.union_all(water), bank_m, quad_segs=32))
    parts = [part for part in shapely.get_parts(bank_ground) if part.area > 0]
    axis_lines = [axis if shapely.get_dimensions(axis) == 1 else axis.boundary for axis in axes]
    merged_axes = shapely.get_parts(shapely.line_merge(shapely.union_all(axis_lines)))
    stretches: list[tuple[float, float, int]] = []
    for part in parts:
        # each piece of the site is measured along the one axis it lies nearest to
        axis = int(np.argmin(shapely.distance(merged_axes, part)))
        positions_m = shapely.line_locate_point(
            merged_axes[axis], shapely.points(shapely.get_coordinates(part))
        )
        stretches.append((float(positions_m.min()), float(positions_m.max()), axis))
    merged_stretches = _merge_overlaps(stretches)
    lengths_m = [end_m - start_m for start_m, end_m, _ in merged_stretches]
    return (max(lengths_m), sum(lengths_m)) if lengths_m else (0.0, 0.0)


def _merge_overlaps(stretches: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Merge the stretches of an axis that overlap."""
    merged: list[tuple[float, float, int]] = []
    for start_m, end_m, axis in sorted(stretches, key=lambda stretch: (stretch[2], stretch[0])):
        if merged and merged[-1][2] == axis and start_m <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end_m), axis)
        else:
            merged.append((start_m, end_m, axis))
    return merged


def _largest_berth(frontage_m: float, berths_m: Mapping[str, float], cemt: str | None) -> str | None:
    """Return the largest CEMT class that berths on a frontage, no larger than the class of its waterway."""
    if np.isnan(frontage_m):
        return None
    largest_class = len(CEMT) if cemt is None else CEMT.index(cemt) if cemt in CEMT else -1
    if largest_class < 0:
        return None
    # a millimetre short is rounding, not a shorter boat
    fits = [
        name
        for name, needed_m in berths_m.items()
        if needed_m <= frontage_m + 1e-3 and CEMT.index(name) <= largest_class
    ]
    return max(fits, key=CEMT.index) if fits else NO_BERTH


def _same_name(first_name: object, second_name: object) -> bool:
    return first_name == second_name if isinstance(first_name, str) else not isinstance(second_name, str)
