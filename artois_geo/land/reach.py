"""Which constraints reach which site once buffered, and the ground they take there."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning, overlay, shapes
from artois_geo.errors import BadTable, BadValue
from artois_geo.overlay import Progress
from artois_geo.shapes import Shapes

#: Segments per quarter turn of a round join: the disc loses 0.16 % of its area.
QUAD_SEGS = 16
#: Beyond this many vertices a constraint is cut to the site's window before it is buffered.
LARGE = 8
#: Sites go to the threads in lots, whose calls each treat a whole array: one by one, Python's own
#: time would exceed that of the geometry. Several per thread, and about so many pairs in each, so that
#: no thread waits long for another and memory stays small.
_LOTS_PER_CORE, _LOT_PAIRS = 8, 2_000


@dataclass(frozen=True)
class Constraints:
    """Constraints as arrays: geometry, setback (m), kept share (0..1), number of its group.

    ``names`` holds the constraints in declared order; ``name`` says which of them a row belongs to.
    ``precision_m`` is how far a schematic one may be from where it is drawn, NaN where nothing says it.
    """

    ground: Shapes
    setback_m: NDArray[np.float64]
    kept_share: NDArray[np.float64]
    name: NDArray[np.intp]
    names: tuple[object, ...]
    schematic: NDArray[np.bool_]
    precision_m: NDArray[np.float64]


def constraints_of(frame: gpd.GeoDataFrame, *, by: str | None) -> Constraints:
    """Arrays of a checked constraint table (columns ``setback_m`` and ``kept_share`` are optional).

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
    kept = _numbers(frame, "kept_share", 0.0)
    if ((kept < 0) | (kept > 1)).any():
        raise BadValue("kept_share : part du sol gardée, entre 0 (exclu) et 1 (sans effet).")
    if (setback < 0).any():
        raise BadValue("setback_m : un recul ne peut pas être négatif. Donner une distance en mètres.")
    bare = setback == 0
    flat = bare & ~np.isin(shapely.get_type_id(ground), [3, 6, 7])
    if flat.any():
        row = frame.index[flat][0]
        named = f" (« {frame.loc[row, by]} »)" if by in frame.columns else ""
        raise BadValue(
            f"« constraints », ligne {row}{named} : une ligne ou un point sans recul n'enlève rien.\n"
            "Donner son recul en mètres dans la colonne setback_m, ou retirer la contrainte."
        )
    ground[bare] = shapes.polygonal(ground[bare])
    if by is None:
        name, names = np.arange(len(frame)), tuple(frame.index.tolist())
    else:
        if by not in frame.columns:
            raise BadTable(f"« constraints » n'a pas de colonne « {by} », qui doit nommer chaque contrainte.")
        name, found = pd.factorize(frame[by])
        if (name < 0).any():
            raise BadTable(
                f"« constraints » : la colonne « {by} » est vide à la ligne {frame.index[name < 0][0]}."
            )
        names = tuple(found)
    return Constraints(
        ground, setback, kept, name, names, meaning.schematic(frame), meaning.precision_m(frame)
    )


def pairs(sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64]) -> tuple[NDArray[np.intp], ...]:
    """Site and constraint numbers of the pairs whose boxes meet, the constraint's widened by its setback."""
    if not len(ground) or not len(sites):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    reach = setback_m[:, None] * [-1, -1, 1, 1]
    # Diagonals have the extent of the boxes, and cost a third of them.
    diagonals = shapely.linestrings((shapely.bounds(ground) + reach).reshape(-1, 2, 2))
    site, row = shapely.STRtree(diagonals).query(sites)
    order = np.lexsort((row, site))
    return site[order], row[order]


def taken(
    sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64], *, cores: int | None = None
) -> Shapes:
    """Union, per site, of the buffered constraints that reach it; it may overhang the site.

    None stands where nothing reaches.
    """
    sites = _apart(sites)
    cover = np.full(len(sites), None, dtype=object)

    def unite(site: NDArray[np.intp], row: NDArray[np.intp]) -> None:
        order = np.lexsort((setback_m[row], site))
        of, parts = _parts(sites, site[order], ground[row[order]], setback_m[row[order]])
        first = np.flatnonzero(_starts(of))
        cover[of[first]] = _united(parts, first)

    _in_lots(sites, ground, setback_m, unite, cores=cores)
    return cover


def left_after(
    sites: Shapes,
    ground: Shapes,
    setback_m: NDArray[np.float64],
    *,
    cores: int | None = None,
    progress: Progress | None = None,
) -> Shapes:
    """Sites minus the buffered constraints that reach them.

    What costs no buffer goes first, then the widest setbacks: what they leave is smaller, and where
    they take everything the rest is never buffered.
    """
    left = _apart(sites)
    width = np.where(setback_m == 0, np.inf, setback_m)

    def cut(site: NDArray[np.intp], row: NDArray[np.intp]) -> None:
        order = np.lexsort((-width[row], site))
        site, row = site[order], row[order]
        first = np.flatnonzero(_starts(site, setback_m[row]))
        before = np.repeat(np.arange(len(first)), np.diff(first, append=len(site)))
        turn = before - before[np.searchsorted(site, site)]  # rank of the setback among those of its site
        for now in range(turn.max() + 1):
            there = np.flatnonzero(turn == now)
            there = there[~shapely.is_empty(left[site[there]])]
            # One cut per setback, without a union: an overlay looks no further than the site's box.
            of, parts = _parts(left, site[there], ground[row[there]], setback_m[row[there]])
            left[of] = shapes.overlaid(shapely.difference, left[of], parts)

    _in_lots(sites, ground, setback_m, cut, cores=cores, progress=progress)
    return shapes.polygonal(left)


def split(sites: Shapes, covers: Sequence[Shapes]) -> tuple[NDArray[np.intp], Shapes, NDArray[np.bool_]]:
    """Sites cut along several covers: site number and geometry of each cell, and which covers hold it.

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
        over = cover[site]
        cut = np.flatnonzero(~shapely.is_missing(over))
        cut = cut[shapely.intersects(cell[cut], over[cut])]
        within = shapes.polygonal(shapes.overlaid(shapely.intersection, cell[cut], over[cut]))
        outside = shapes.polygonal(shapes.overlaid(shapely.difference, cell[cut], over[cut]))
        member = inside[cut].copy()
        member[:, number] = True
        whole = np.ones(len(site), dtype=bool)
        whole[cut] = False
        site = np.concatenate([site[whole], site[cut], site[cut]])
        cell = np.concatenate([cell[whole], within, outside])
        inside = np.concatenate([inside[whole], member, inside[cut]])
        solid = shapely.area(cell) > 0
        site, cell, inside = site[solid], cell[solid], inside[solid]
    return site, cell, inside


def _numbers(frame: gpd.GeoDataFrame, column: str, default: float) -> NDArray[np.float64]:
    if column not in frame.columns:
        return np.full(len(frame), default)
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise BadValue(
            f"« constraints », ligne {frame.index[wrong][0]} : {column} n'est pas un nombre."
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
    """Hand the pairs to threads, all those of a site in one lot, sorted by site; shapely frees the GIL."""
    site, row = pairs(sites, ground, setback_m)
    found, number = np.unique(site, return_counts=True)
    cores = overlay.cores_or_all(cores)
    count = max(_LOTS_PER_CORE * cores, len(site) // _LOT_PAIRS)
    rank = np.empty(len(found), np.intp)
    rank[np.argsort(-number, kind="stable")] = np.arange(len(found))
    lot = np.repeat(rank % count, number)  # of equal weight, more or less
    order = np.argsort(lot, kind="stable")
    lots = np.split(order, np.flatnonzero(np.diff(lot[order])) + 1) if len(site) else []

    def one(chosen: NDArray[np.intp]) -> int:
        work(site[chosen], row[chosen])
        return int(_starts(site[chosen]).sum())

    done = 0
    with ThreadPoolExecutor(cores) as pool:
        for finished in pool.map(one, lots):
            done += finished
            if progress is not None:
                progress(done, len(found))


def _parts(
    sites: Shapes, site: NDArray[np.intp], ground: Shapes, setback_m: NDArray[np.float64]
) -> tuple[NDArray[np.intp], Shapes]:
    """Site and ground of the buffered constraints that truly reach it, one part per site and setback.

    Pairs are sorted by site, and those of one setback follow each other. ``sites`` is only indexed, never
    given whole to shapely: another thread may replace one of its shapes while GEOS reads it.
    """
    shapely.prepare(sites[site])
    near = shapely.dwithin(sites[site], ground, setback_m)
    site, ground, setback_m = site[near], ground[near], setback_m[near]
    ground = _cut_to(sites[site], ground, setback_m)
    first = np.flatnonzero(_starts(site, setback_m))
    # One buffer of them all is their union, and cheaper than one each.
    parts, bare = _collected(ground, first), setback_m[first] == 0
    parts[~bare] = shapely.buffer(parts[~bare], setback_m[first][~bare], quad_segs=QUAD_SEGS)
    bare &= np.diff(first, append=len(ground)) > 1
    parts[bare] = shapely.union_all(parts[bare][:, None], axis=1)
    return site[first], parts


def _cut_to(sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64]) -> Shapes:
    """Ground of each pair, what is large and overhangs the site's window cut to what can reach the site."""
    margin = setback_m * 1.01 + 1.0
    window = shapely.bounds(sites) + margin[:, None] * [-1, -1, 1, 1]
    beyond = (shapely.bounds(ground) - window) * [1, 1, -1, -1] < 0
    large = np.flatnonzero((shapely.get_num_coordinates(ground) > LARGE) & beyond.any(axis=1))
    whole = ground[large]
    cut = np.empty(len(large), dtype=object)
    for at, (shape, corners) in enumerate(zip(whole, window[large].tolist(), strict=True)):
        cut[at] = shapely.clip_by_rect(shape, *corners)
    wrong = ~shapely.is_valid(cut) | shapely.is_empty(cut)
    cut[wrong] = whole[wrong]
    ground = ground.copy()
    ground[large] = cut
    return ground


def _starts(*keys: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a run of equal keys begins."""
    new = np.zeros(len(keys[0]), dtype=bool)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def _collected(parts: Shapes, first: NDArray[np.intp]) -> Shapes:
    """One collection per run of parts; a part alone stays as it is."""
    number = np.diff(first, append=len(parts))
    together = parts[first]
    several = number > 1
    if several.any():
        run = np.repeat(np.cumsum(several) - 1, number)
        inside = np.repeat(several, number)
        together[several] = shapely.geometrycollections(parts[inside], indices=run[inside])
    return together


def _united(parts: Shapes, first: NDArray[np.intp]) -> Shapes:
    """Union of each run of parts; a part alone stays as it is."""
    united, several = _collected(parts, first), np.diff(first, append=len(parts)) > 1
    united[several] = shapely.union_all(united[several][:, None], axis=1)
    return united


def _apart(sites: Shapes) -> Shapes:
    """The sites, none of them twice the same object: two threads must not prepare one geometry together."""
    sites = sites.copy()
    _, first = np.unique([id(site) for site in sites], return_index=True)
    again = np.setdiff1d(np.arange(len(sites)), first)
    sites[again] = shapely.from_wkb(shapely.to_wkb(sites[again]))
    return sites
