"""Constraints widened by their setbacks: which ones reach which site, and the ground they take there.

Most functions work on pairs: two arrays of equal length, ``site`` and ``row`` (of the constraints), sorted
by site. A *run* is a stretch of pairs with the same keys; ``run_starts`` holds where each begins.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, overlay, shapes
from artois_geo.errors import BadTable, BadValue
from artois_geo.overlay import Progress
from artois_geo.shapes import Shapes
from artois_geo.text import row_name

#: Segments per quarter turn of a round join: the disc loses 0.16 % of its area.
QUAD_SEGS = 16
#: Beyond this many vertices a constraint is cut to the site's window before it is buffered.
MOST_VERTICES_UNCUT = 8
#: Sites go to the threads in lots, whose calls each treat a whole array: one by one, Python's own
#: time would exceed that of the geometry. Several per thread, and about so many pairs in each, so that
#: no thread waits long for another and memory stays small.
_LOTS_PER_CORE, _LOT_PAIRS = 8, 2_000


@dataclass(frozen=True)
class ConstraintArrays:
    """Constraints as arrays: geometry, setback (m), kept share (0..1), number of its group.

    ``names`` holds the constraints in declared order; ``name`` says which of them a row belongs to.
    ``precision_m`` is how far a schematic one may be from where it is drawn, NaN where nothing says it.
    Where not ``splits``, the pieces on both sides of a row count together.
    """

    ground: Shapes
    setback_m: NDArray[np.float64]
    kept_share: NDArray[np.float64]
    name: NDArray[np.intp]
    names: tuple[object, ...]
    schematic: NDArray[np.bool_]
    precision_m: NDArray[np.float64]
    splits: NDArray[np.bool_]


def constraints_of(frame: gpd.GeoDataFrame, *, by: str | None) -> ConstraintArrays:
    """Check a constraint table and return its arrays (``setback_m`` and ``kept_share`` are optional).

    Raises
    ------
    BadCRS, BadTable
        See :func:`artois_geo.shapes.require_valid`; a missing ``by`` column.
    BadValue
        A setback below 0, a kept share outside 0..1, a line or point without setback.
    """
    shapes.require_valid(constraints=frame)
    ground = frame.geometry.to_numpy().copy()
    setback = _numbers(frame, "setback_m", 0.0)
    kept_share = _numbers(frame, "kept_share", 0.0)
    if ((kept_share < 0) | (kept_share > 1)).any():
        raise BadValue("kept_share : part du sol gardée, entre 0 (exclu) et 1 (sans effet).")
    if (setback < 0).any():
        raise BadValue("setback_m : un recul ne peut pas être négatif. Donner une distance en mètres.")
    without_setback = setback == 0
    takes_nothing = without_setback & ~np.isin(shapely.get_type_id(ground), [3, 6, 7])
    if takes_nothing.any():
        row = frame.index[takes_nothing][0]
        label = f" (« {frame.loc[row, by]} »)" if by in frame.columns else ""
        raise BadValue(
            f"« constraints », {row_name(frame.index, row)}{label} : "
            "une ligne ou un point sans recul n'enlève rien.\n"
            "Donner son recul en mètres dans la colonne setback_m, ou retirer la contrainte."
        )
    ground[without_setback] = shapes.polygonal(ground[without_setback])
    if by is None:
        name, names = np.arange(len(frame)), tuple(frame.index.tolist())
    else:
        if by not in frame.columns:
            raise BadTable(f"« constraints » n'a pas de colonne « {by} », qui doit nommer chaque contrainte.")
        names = declared(frame[by])
        name = pd.Index(names).get_indexer(frame[by])
        if (name < 0).any():
            row = row_name(frame.index, frame.index[name < 0][0])
            raise BadTable(f"« constraints », {row} : la colonne « {by} » est vide.")
    splits = (
        frame["splits"].to_numpy(dtype=bool) if "splits" in frame.columns else np.ones(len(frame), dtype=bool)
    )
    sketched, precision_m = meaning.schematic(frame), meaning.precision_m(frame)
    return ConstraintArrays(ground, setback, kept_share, name, names, sketched, precision_m, splits)


def declared(names: "pd.Series[Any]") -> tuple[object, ...]:
    """List the constraints of a column: the categories that it declares, even without a row, or its values.

    Examples
    --------
    >>> declared(pd.Series(["ligne"], dtype=pd.CategoricalDtype(["crue", "ligne"])))
    ('crue', 'ligne')
    """
    if isinstance(names.dtype, pd.CategoricalDtype):
        return tuple(names.cat.categories)
    return tuple(names.dropna().unique())


def candidate_pairs(
    sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64]
) -> tuple[NDArray[np.intp], ...]:
    """Pair the sites and constraints whose boxes meet, that of the constraint widened by its setback.

    Two boxes may meet where the shapes do not: whoever needs to know measures.
    """
    if not len(ground) or not len(sites):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    widening = setback_m[:, None] * [-1, -1, 1, 1]
    # Diagonals have the extent of the boxes, and cost a third of them.
    diagonals = shapely.linestrings((shapely.bounds(ground) + widening).reshape(-1, 2, 2))
    site, row = shapely.STRtree(diagonals).query(sites)
    by_site = np.lexsort((row, site))
    return site[by_site], row[by_site]


def buffered_cover(
    sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64], *, cores: int | None = None
) -> Shapes:
    """Merge, per site, the buffered constraints that reach it; the union may overhang the site.

    None stands where nothing reaches.
    """
    sites = _apart(sites)
    cover = np.full(len(sites), None, dtype=object)

    def unite(site: NDArray[np.intp], row: NDArray[np.intp]) -> None:
        by_site = np.lexsort((setback_m[row], site))
        owners, parts = _parts(sites, site[by_site], ground[row[by_site]], setback_m[row[by_site]])
        run_starts = np.flatnonzero(_starts(owners))
        cover[owners[run_starts]] = _united(parts, run_starts)

    _in_lots(sites, ground, setback_m, unite, cores=cores)
    return cover


def subtract(
    sites: Shapes,
    ground: Shapes,
    setback_m: NDArray[np.float64],
    *,
    cores: int | None = None,
    progress: Progress | None = None,
) -> Shapes:
    """Subtract from each site the buffered constraints that reach it.

    Constraints without a setback go first, then the widest setbacks: the remaining ground is smaller,
    and where they take everything, the other constraints are never buffered.
    """
    remaining = _apart(sites)
    priority = np.where(setback_m == 0, np.inf, setback_m)

    def cut(site: NDArray[np.intp], row: NDArray[np.intp]) -> None:
        by_site = np.lexsort((-priority[row], site))
        site, row = site[by_site], row[by_site]
        run_starts = np.flatnonzero(_starts(site, setback_m[row]))
        runs_before = np.repeat(np.arange(len(run_starts)), np.diff(run_starts, append=len(site)))
        setback_rank = runs_before - runs_before[np.searchsorted(site, site)]  # among those of its site
        for rank in range(setback_rank.max() + 1):
            pending = np.flatnonzero(setback_rank == rank)
            pending = pending[~shapely.is_empty(remaining[site[pending]])]
            # One cut per setback, without a union: an overlay looks no further than the site's box.
            owners, parts = _parts(remaining, site[pending], ground[row[pending]], setback_m[row[pending]])
            remaining[owners] = shapes.overlaid(shapely.difference, remaining[owners], parts)

    _in_lots(sites, ground, setback_m, cut, cores=cores, progress=progress)
    return shapes.polygonal(remaining)


def split(sites: Shapes, covers: Sequence[Shapes]) -> tuple[NDArray[np.intp], Shapes, NDArray[np.bool_]]:
    """Cut sites along several covers and return, for each cell, its site number, shape and covers.

    Parameters
    ----------
    sites
        Polygons.
    covers
        One array per cover, as long as ``sites``, None where it does not reach.

    Returns
    -------
    (site, cell, inside)
        ``inside`` has one row per cell, one column per cover.
    """
    site = np.flatnonzero(~shapely.is_empty(sites))
    cell = sites[site]
    inside = np.zeros((len(site), len(covers)), dtype=bool)
    for number, cover in enumerate(covers):
        covering = cover[site]
        crossing = np.flatnonzero(~shapely.is_missing(covering))
        crossing = crossing[shapely.intersects(cell[crossing], covering[crossing])]
        inner = shapes.polygonal(shapes.overlaid(shapely.intersection, cell[crossing], covering[crossing]))
        outer = shapes.polygonal(shapes.overlaid(shapely.difference, cell[crossing], covering[crossing]))
        inner_flags = inside[crossing].copy()
        inner_flags[:, number] = True
        uncut = np.ones(len(site), dtype=bool)
        uncut[crossing] = False
        site = np.concatenate([site[uncut], site[crossing], site[crossing]])
        cell = np.concatenate([cell[uncut], inner, outer])
        inside = np.concatenate([inside[uncut], inner_flags, inside[crossing]])
        solid = shapely.area(cell) > 0
        site, cell, inside = site[solid], cell[solid], inside[solid]
    return site, cell, inside


def _numbers(frame: gpd.GeoDataFrame, column: str, default: float) -> NDArray[np.float64]:
    if column not in frame.columns:
        return np.full(len(frame), default)
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
    not_numbers = ~np.isfinite(values)
    if not_numbers.any():
        row = row_name(frame.index, frame.index[not_numbers][0])
        raise BadValue(
            f"« constraints », {row} : {column} n'est pas un nombre."
            " Remplir la colonne, ou l'enlever pour garder la valeur par défaut."
        )
    return values


def _in_lots(
    sites: Shapes,
    ground: Shapes,
    setback_m: NDArray[np.float64],
    work: Callable[[NDArray[np.intp], NDArray[np.intp]], None],
    *,
    cores: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Share the pairs between threads, all those of a site in one lot; shapely frees the GIL."""
    site, row = candidate_pairs(sites, ground, setback_m)
    reached_sites, pair_counts = np.unique(site, return_counts=True)
    cores = overlay.cores_or_all(cores)
    count = max(_LOTS_PER_CORE * cores, len(site) // _LOT_PAIRS)
    rank = np.empty(len(reached_sites), np.intp)
    rank[np.argsort(-pair_counts, kind="stable")] = np.arange(len(reached_sites))
    lot = np.repeat(rank % count, pair_counts)  # of equal weight, more or less
    order = np.argsort(lot, kind="stable")
    lots = np.split(order, np.flatnonzero(np.diff(lot[order])) + 1) if len(site) else []

    def treat(lot_pairs: NDArray[np.intp]) -> int:
        work(site[lot_pairs], row[lot_pairs])
        return int(_starts(site[lot_pairs]).sum())

    done_count = 0
    with ThreadPoolExecutor(cores) as pool:
        for site_count in pool.map(treat, lots):
            done_count += site_count
            if progress is not None:
                progress(done_count, len(reached_sites))


def _parts(
    sites: Shapes, site: NDArray[np.intp], ground: Shapes, setback_m: NDArray[np.float64]
) -> tuple[NDArray[np.intp], Shapes]:
    """Compute the buffered ground of the constraints that truly reach each site, a part per site and setback.

    Pairs are sorted by site, and those of one setback follow each other. ``sites`` is only indexed, never
    given whole to shapely: another thread may replace one of its shapes while GEOS reads it.
    """
    shapely.prepare(sites[site])
    reaching = shapely.dwithin(sites[site], ground, setback_m)
    site, ground, setback_m = site[reaching], ground[reaching], setback_m[reaching]
    ground = _cut_to(sites[site], ground, setback_m)
    run_starts = np.flatnonzero(_starts(site, setback_m))
    # One buffer of them all is their union, and cheaper than one each.
    parts, unbuffered = _collected(ground, run_starts), setback_m[run_starts] == 0
    parts[~unbuffered] = shapely.buffer(
        parts[~unbuffered], setback_m[run_starts][~unbuffered], quad_segs=QUAD_SEGS
    )
    unbuffered &= np.diff(run_starts, append=len(ground)) > 1
    parts[unbuffered] = shapely.union_all(parts[unbuffered][:, None], axis=1)
    return site[run_starts], parts


def _cut_to(sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64]) -> Shapes:
    """Clip the ground of each pair, when it is large and overhangs, to the window that can reach the site."""
    margin = setback_m * 1.01 + 1.0  # so that no edge made by the clip lies within the setback
    window = shapely.bounds(sites) + margin[:, None] * [-1, -1, 1, 1]
    overhangs = (shapely.bounds(ground) - window) * [1, 1, -1, -1] < 0
    large = np.flatnonzero(
        (shapely.get_num_coordinates(ground) > MOST_VERTICES_UNCUT) & overhangs.any(axis=1)
    )
    uncut = ground[large]
    clipped = np.empty(len(large), dtype=object)
    for position, (shape, corners) in enumerate(zip(uncut, window[large].tolist(), strict=True)):
        clipped[position] = shapely.clip_by_rect(shape, *corners)
    unusable = ~shapely.is_valid(clipped) | shapely.is_empty(clipped)
    clipped[unusable] = uncut[unusable]
    ground = ground.copy()
    ground[large] = clipped
    return ground


def _starts(*keys: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Mark where a run of equal keys begins."""
    starts = np.zeros(len(keys[0]), dtype=bool)
    starts[:1] = True
    for key in keys:
        starts[1:] |= key[1:] != key[:-1]
    return starts


def _collected(parts: Shapes, run_starts: NDArray[np.intp]) -> Shapes:
    """Collect each run of parts into one geometry; a part alone stays as it is."""
    run_lengths = np.diff(run_starts, append=len(parts))
    collections = parts[run_starts]
    several = run_lengths > 1
    if several.any():
        collection_number = np.repeat(np.cumsum(several) - 1, run_lengths)
        in_collection = np.repeat(several, run_lengths)
        collections[several] = shapely.geometrycollections(
            parts[in_collection], indices=collection_number[in_collection]
        )
    return collections


def _united(parts: Shapes, run_starts: NDArray[np.intp]) -> Shapes:
    """Merge each run of parts; a part alone stays as it is."""
    unions, several = _collected(parts, run_starts), np.diff(run_starts, append=len(parts)) > 1
    unions[several] = shapely.union_all(unions[several][:, None], axis=1)
    return unions


def _apart(sites: Shapes) -> Shapes:
    """Copy the sites that repeat an object: two threads must not prepare the same geometry together."""
    sites = sites.copy()
    _, first_rows = np.unique([id(site) for site in sites], return_index=True)
    repeated_rows = np.setdiff1d(np.arange(len(sites)), first_rows)
    sites[repeated_rows] = shapely.from_wkb(shapely.to_wkb(sites[repeated_rows]))
    return sites
