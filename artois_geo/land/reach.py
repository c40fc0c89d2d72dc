"""Which constraints reach which site once buffered, and the ground they take there."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import overlay, shapes
from artois_geo.errors import BadTable, BadValue
from artois_geo.overlay import Progress
from artois_geo.shapes import Shapes

#: Segments per quarter turn of a round join: the disc loses 0.16 % of its area.
QUAD_SEGS = 16
#: Beyond this many vertices a constraint is cut to the site's window before it is buffered.
LARGE = 40
#: From this setback on a constraint often takes the whole site: it goes first, and spares the rest.
WIDE_M = 100.0
#: Sites are handed to threads in so many lots: one by one, waiting would cost more than the work.
_SHARES = 64


@dataclass(frozen=True)
class Constraints:
    """Constraints as arrays: geometry, setback (m), kept share (0..1), number of its group.

    ``names`` holds the constraints in declared order; ``name`` says which of them a row belongs to.
    """

    ground: Shapes
    setback_m: NDArray[np.float64]
    kept_share: NDArray[np.float64]
    name: NDArray[np.intp]
    names: tuple[object, ...]
    schematic: NDArray[np.bool_]


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
        name, names = np.arange(len(frame)), tuple(frame.index)
    else:
        if by not in frame.columns:
            raise BadTable(f"« constraints » n'a pas de colonne « {by} », qui doit nommer chaque contrainte.")
        name, found = pd.factorize(frame[by])
        if (name < 0).any():
            raise BadTable(
                f"« constraints » : la colonne « {by} » est vide à la ligne {frame.index[name < 0][0]}."
            )
        names = tuple(found)
    return Constraints(ground, setback, kept, name, names, schematic(frame))


def schematic(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Rows whose drawing is only a sketch: column ``geometrie`` says ``schématique``."""
    if "geometrie" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return (frame["geometrie"] == "schématique").fillna(False).to_numpy(dtype=bool)


def pairs(sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64]) -> tuple[NDArray[np.intp], ...]:
    """Site and constraint numbers of the pairs whose boxes meet, the constraint's widened by its setback."""
    if not len(ground) or not len(sites):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    reach = setback_m[:, None] * [-1, -1, 1, 1]
    boxes = shapely.box(*(shapely.bounds(ground) + reach).T)
    site, row = shapely.STRtree(boxes).query(sites)
    order = np.lexsort((row, site))
    return site[order], row[order]


def taken(
    sites: Shapes, ground: Shapes, setback_m: NDArray[np.float64], *, cores: int | None = None
) -> Shapes:
    """Union, per site, of the buffered constraints that reach it; it may overhang the site.

    None stands where nothing reaches.
    """
    cover = np.full(len(sites), None, dtype=object)

    def one(site: int, near: NDArray[np.intp]) -> None:
        parts = _within(sites[site], ground[near], setback_m[near])
        if len(parts):
            cover[site] = parts[0] if len(parts) == 1 else shapely.union_all(parts)

    _per_site(sites, ground, setback_m, one, cores=cores)
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

    Wide exclusions go first: where they take everything, the rest is never buffered.
    """
    left = sites.copy()
    wide = (setback_m == 0) | (setback_m >= WIDE_M)

    def one(site: int, near: NDArray[np.intp]) -> None:
        for turn in (True, False):
            chosen = near[wide[near] == turn]
            if len(chosen) and not left[site].is_empty:
                # One cut per part, without a union: an overlay looks no further than the site's box.
                for part in _within(left[site], ground[chosen], setback_m[chosen]):
                    left[site] = shapely.difference(left[site], part)

    _per_site(sites, ground, setback_m, one, cores=cores, progress=progress)
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
        within = shapes.polygonal(shapely.intersection(cell[cut], over[cut]))
        outside = shapes.polygonal(shapely.difference(cell[cut], over[cut]))
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


def _per_site(
    sites: Shapes,
    ground: Shapes,
    setback_m: NDArray[np.float64],
    work: Callable[[int, NDArray[np.intp]], None],
    *,
    cores: int | None = None,
    progress: Progress | None = None,
) -> None:
    site, row = pairs(sites, ground, setback_m)
    if not len(site):
        return
    found, first = np.unique(site, return_index=True)
    near = np.split(row, first[1:])
    heaviest = np.argsort([-len(rows) for rows in near], kind="stable")

    def several(share: NDArray[np.intp]) -> int:
        for at in share:
            work(int(found[at]), near[at])
        return len(share)

    shares = [heaviest[turn::_SHARES] for turn in range(_SHARES)]  # of equal weight, more or less
    done = 0
    with ThreadPoolExecutor(overlay.cores_or_all(cores)) as pool:  # shapely frees the GIL
        for count in pool.map(several, shares):
            done += count
            if progress is not None and count:
                progress(done, len(found))


def _within(site: shapely.Geometry, ground: Shapes, setback_m: NDArray[np.float64]) -> Shapes:
    """Buffered constraints that truly reach a site, large ones first cut to what can reach it."""
    shapely.prepare(site)
    near = shapely.dwithin(site, ground, setback_m)
    ground, setback_m = ground[near], setback_m[near]
    parts = []
    for distance in np.unique(setback_m):
        same = _cut_to(site, ground[setback_m == distance], distance)
        if distance > 0:
            # One buffer of them all is their union, and cheaper than one each.
            together = shapely.geometrycollections(same) if len(same) > 1 else same[0]
            same = np.array([shapely.buffer(together, distance, quad_segs=QUAD_SEGS)], dtype=object)
        parts.append(same)
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def _cut_to(site: shapely.Geometry, ground: Shapes, distance: float) -> Shapes:
    large = shapely.get_num_coordinates(ground) > LARGE
    if not large.any():
        return ground
    x0, y0, x1, y1 = site.bounds
    margin = distance * 1.01 + 1.0
    cut = shapely.clip_by_rect(ground[large], x0 - margin, y0 - margin, x1 + margin, y1 + margin)
    wrong = ~shapely.is_valid(cut) | shapely.is_empty(cut)
    cut[wrong] = ground[large][wrong]
    ground = ground.copy()
    ground[large] = cut
    return ground
