"""A clean graph from lines as they are delivered, and what was wrong with them."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from artois_geo import measure
from artois_geo.errors import BadTable, BadValue

Crossings = Literal["apart", "joined"]

SAME_POINT_M = 0.01  # two vertices a centimetre apart are one vertex: the precision of delivered files

MESSAGES = {
    "geometry_missing": ("alerte", "sans géométrie : la ligne ne compte pas"),
    "not_a_line": ("alerte", "n'est pas une ligne : l'objet ne compte pas"),
    "zero_length": ("alerte", "longueur nulle : la ligne ne compte pas"),
    "shorter_than_tolerance": ("note", "plus court que la tolérance d'accrochage : confondu avec son nœud"),
    "multipart": ("note", "en plusieurs parties : chacune est une ligne du réseau"),
    "self_crossing": ("note", "se recoupe : la ligne est découpée à ses propres croisements"),
    "self_loop": ("note", "revient à son point de départ : une boucle"),
    "duplicate": ("alerte", "déjà dessinée par une autre ligne : comptée une fois"),
    "crossing_without_junction": (
        "alerte",
        "croise une autre ligne sans sommet commun : pont ou carrefour ? à vérifier sur place",
    ),
}
FINDING_COLUMNS = ["feature", "field", "rule", "level", "found", "message"]


@dataclass(frozen=True)
class Network:
    """A cleaned graph. ``edges`` has ``line`` (index of the source row), ``start``, ``end``
    (numbers of ``nodes``), ``length_m`` and the geometry as drawn; ``findings`` has one row
    per thing found while cleaning.
    """

    nodes: gpd.GeoSeries
    edges: gpd.GeoDataFrame
    findings: pd.DataFrame


def build(
    lines: gpd.GeoDataFrame, *, snap_m: float, level: str | None = None, crossings: Crossings = "apart"
) -> Network:
    """Graph of a layer of lines, cleaned.

    Parameters
    ----------
    lines
        Lines in EPSG:2154, in any state: multi-part, null, drawn twice, of no length.
    snap_m
        Ends closer than this are one node; an end this close to another line cuts it.
    level
        Column that tells a bridge from the ground (``niveau``, ``layer``): lines that cross
        on two levels never meet, except by their ends.
    crossings
        What to do where two lines of one level cross and have no vertex in common:
        ``"apart"`` leaves them apart, ``"joined"`` makes a junction. Both report it. A
        vertex common to both lines is always a junction.

    Returns
    -------
    Network
        Lengths are those of the lines as drawn: snapping moves nodes, never lengths.

    Raises
    ------
    BadCRS
        ``lines`` is not in EPSG:2154.
    BadTable
        There is no column ``level``, or the index has duplicates.
    BadValue
        ``snap_m`` is negative, or ``crossings`` unknown.

    Examples
    --------
    The branch stops three metres short of the path: with 5 m it joins it, and cuts it.

    >>> import pandas as pd
    >>> path = plain.line((0, 0), (2, 0))
    >>> branch = plain.line((1, 0.003), (1, 1))
    >>> network = build(pd.concat([path, branch], ignore_index=True), snap_m=5)
    >>> len(network.nodes), network.edges["length_m"].round().tolist()
    (4, [1000.0, 1000.0, 997.0])
    """
    measure.require_lambert93(lines=lines)
    if not snap_m >= 0:
        raise BadValue(f"snap_m doit être positif ou nul (valeur reçue : {snap_m}).")
    if crossings not in ("apart", "joined"):
        raise BadValue(f"crossings inconnu : « {crossings} ». Choisir « apart » ou « joined ».")
    if not lines.index.is_unique:
        raise BadTable("L'index des lignes a des doublons. Le refaire d'abord, par exemple reset_index().")
    if level is not None and level not in lines.columns:
        raise BadTable(f"La colonne « {level} » (niveau) manque dans les lignes.")
    found: list[pd.DataFrame] = []
    parts, rows = _parts(lines, found)
    parts, rows = _cut(parts, rows, _levels(lines, level), snap_m, crossings, lines.index, found)
    parts, rows = _once(parts, rows, lines.index, found)
    return _graph(parts, rows, snap_m, lines, found)


def _parts(lines: gpd.GeoDataFrame, found: list[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    shapes = shapely.force_2d(np.asarray(lines.geometry.array))
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    kind = shapely.get_type_id(shapes)
    is_line = np.isin(kind, [1, 2, 5])  # LineString, LinearRing, MultiLineString
    _note(found, lines.index, missing, "geometry_missing")
    _note(found, lines.index, ~missing & ~is_line, "not_a_line", kind)
    parts, rows = shapely.get_parts(np.where(is_line & ~missing, shapes, None), return_index=True)
    several = np.bincount(rows, minlength=len(lines)) > 1
    _note(found, lines.index, several, "multipart", np.bincount(rows, minlength=len(lines)))
    length = shapely.length(parts)
    whole = np.isfinite(length) & (length > 0)
    flat = np.zeros(len(lines), bool)
    flat[rows[~whole]] = True
    _note(found, lines.index, flat, "zero_length")
    parts, rows = parts[whole], rows[whole]
    knotted = ~(shapely.is_simple(parts))
    if knotted.any():
        twisted = np.zeros(len(lines), bool)
        twisted[rows[knotted]] = True
        _note(found, lines.index, twisted, "self_crossing")
        pieces, owner = shapely.get_parts(shapely.node(parts[knotted]), return_index=True)
        parts = np.concatenate([parts[~knotted], pieces])
        rows = np.concatenate([rows[~knotted], rows[knotted][owner]])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order]


def _levels(lines: gpd.GeoDataFrame, level: str | None) -> np.ndarray:
    if level is None:
        return np.zeros(len(lines), int)
    return pd.factorize(lines[level].astype("string").fillna("0").str.strip().replace({"": "0"}))[0]


def _cut(
    parts: np.ndarray,
    rows: np.ndarray,
    levels: np.ndarray,
    snap_m: float,
    crossings: Crossings,
    index: pd.Index,
    found: list[pd.DataFrame],
) -> tuple[np.ndarray, np.ndarray]:
    if not len(parts):
        return parts, rows
    tree = shapely.STRtree(parts)
    part_a, at_a = _ends_on_lines(parts, tree, snap_m)
    part_b, at_b = _crossings(parts, rows, levels, tree, snap_m, crossings, index, found)
    return _cut_at(parts, rows, np.concatenate([part_a, part_b]), np.concatenate([at_a, at_b]))


def _ends_on_lines(parts: np.ndarray, tree: shapely.STRtree, snap_m: float) -> tuple[np.ndarray, np.ndarray]:
    tips = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    tip, line = tree.query(tips, predicate="dwithin", distance=max(snap_m, SAME_POINT_M))
    # a tip near an end of the line becomes the same node as that end: no cut
    alone = (tip % len(parts) != line) & ~_near_an_end(parts[line], tips[tip], snap_m)
    tip, line = tip[alone], line[alone]
    at = shapely.line_locate_point(parts[line], tips[tip])
    inside = _inside(parts[line], at, 0)
    return line[inside], at[inside]


def _crossings(
    parts: np.ndarray,
    rows: np.ndarray,
    levels: np.ndarray,
    tree: shapely.STRtree,
    snap_m: float,
    crossings: Crossings,
    index: pd.Index,
    found: list[pd.DataFrame],
) -> tuple[np.ndarray, np.ndarray]:
    first, second = tree.query(parts, predicate="intersects")
    once = (first < second) & (levels[rows[first]] == levels[rows[second]])
    first, second = first[once], second[once]
    met = shapely.intersection(parts[first], parts[second])
    shapes, pair = shapely.get_parts(met, return_index=True)
    lines = shapely.get_type_id(shapes) == 1
    points = np.concatenate(
        [shapes[~lines], shapely.get_point(shapes[lines], 0), shapely.get_point(shapes[lines], -1)]
    )
    shared = np.concatenate([np.zeros((~lines).sum(), bool), np.ones(2 * lines.sum(), bool)])
    pair = np.concatenate([pair[~lines], pair[lines], pair[lines]])
    a, b = first[pair], second[pair]
    at_a, at_b = shapely.line_locate_point(parts[a], points), shapely.line_locate_point(parts[b], points)
    inside_a, inside_b = _inside(parts[a], at_a, snap_m), _inside(parts[b], at_b, snap_m)
    across = inside_a & inside_b & ~shared
    junction = shared.copy()
    junction[across] = _vertex_of(parts[a[across]], points[across]) & _vertex_of(
        parts[b[across]], points[across]
    )
    doubtful = across & ~junction
    _note_pairs(found, index, rows[a[doubtful]], rows[b[doubtful]], "crossing_without_junction")
    if crossings == "joined":
        junction |= doubtful
    cut_a, cut_b = junction & inside_a, junction & inside_b
    return np.concatenate([a[cut_a], b[cut_b]]), np.concatenate([at_a[cut_a], at_b[cut_b]])


def _inside(lines: np.ndarray, at: np.ndarray, snap_m: float) -> np.ndarray:
    margin = max(snap_m, SAME_POINT_M)
    return (at > margin) & (at < shapely.length(lines) - margin)


def _near_an_end(lines: np.ndarray, points: np.ndarray, snap_m: float) -> np.ndarray:
    return np.minimum(
        shapely.distance(shapely.get_point(lines, 0), points),
        shapely.distance(shapely.get_point(lines, -1), points),
    ) <= max(snap_m, SAME_POINT_M)


def _vertex_of(lines: np.ndarray, points: np.ndarray) -> np.ndarray:
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(lines):
        return np.zeros(0, bool)
    vertices = shapely.multipoints(shapely.points(coordinates), indices=owner)
    return shapely.distance(vertices, points) <= SAME_POINT_M


def _cut_at(
    parts: np.ndarray, rows: np.ndarray, part: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if not len(part):
        return parts, rows
    order = np.lexsort((at, part))
    part, at = part[order], at[order]
    fresh = np.ones(len(part), bool)
    fresh[1:] = (part[1:] != part[:-1]) | (np.diff(at) > SAME_POINT_M)
    part, at = part[fresh], at[fresh]
    pieces: list[shapely.LineString] = []
    owners: list[int] = []
    bounds = np.flatnonzero(np.r_[True, part[1:] != part[:-1], True])
    for left, right in pairwise(bounds):
        line = parts[part[left]]
        cut = _substrings(line, at[left:right])
        pieces += cut
        owners += [rows[part[left]]] * len(cut)
    whole = np.ones(len(parts), bool)
    whole[part] = False
    parts = np.concatenate([parts[whole], np.array(pieces, dtype=object)])
    rows = np.concatenate([rows[whole], np.array(owners, dtype=rows.dtype)])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order]


def _substrings(line: shapely.LineString, at: np.ndarray) -> list[shapely.LineString]:
    """The line cut at several distances, in one pass over its vertices."""
    xy = shapely.get_coordinates(line)
    reach = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    cuts = np.column_stack([np.interp(at, reach, xy[:, 0]), np.interp(at, reach, xy[:, 1])])
    edges = np.r_[-1.0, at, reach[-1] + 1]
    pieces = []
    for number in range(len(at) + 1):
        middle = xy[(reach > edges[number]) & (reach < edges[number + 1])]
        before = cuts[number - 1 : number] if number else xy[:0]
        after = cuts[number : number + 1]
        pieces.append(shapely.LineString(np.concatenate([before, middle, after])))
    return pieces


def _once(
    parts: np.ndarray, rows: np.ndarray, index: pd.Index, found: list[pd.DataFrame]
) -> tuple[np.ndarray, np.ndarray]:
    if not len(parts):
        return parts, rows
    drawn = shapely.to_wkb(shapely.normalize(shapely.set_precision(parts, 0.001, mode="pointwise")))
    code, _ = pd.factorize(drawn)
    first = np.full(code.max() + 1, -1)
    first[code[::-1]] = np.arange(len(code))[::-1]
    again = first[code] != np.arange(len(code))
    _note_pairs(found, index, rows[again], rows[first[code[again]]], "duplicate")
    return parts[~again], rows[~again]


def _graph(
    parts: np.ndarray, rows: np.ndarray, snap_m: float, lines: gpd.GeoDataFrame, found: list[pd.DataFrame]
) -> Network:
    start, end, nodes = _nodes(parts, snap_m)
    length = shapely.length(parts)
    tiny = (start == end) & (length <= 2 * snap_m)
    short = np.zeros(len(lines), bool)
    short[rows[tiny]] = True
    _note(found, lines.index, short, "shorter_than_tolerance")
    twin, kept = _near_twins(parts, start, end, length, snap_m, tiny)
    _note_pairs(found, lines.index, rows[twin], rows[kept], "duplicate")
    keep = ~tiny
    keep[twin] = False
    loops = np.zeros(len(lines), bool)
    loops[rows[keep & (start == end)]] = True
    _note(found, lines.index, loops, "self_loop")
    edges = gpd.GeoDataFrame(
        {
            "line": lines.index[rows[keep]],
            "start": start[keep],
            "end": end[keep],
            "length_m": length[keep],
        },
        geometry=parts[keep],
        crs=measure.LAMBERT93,
    )
    used, number = np.unique(edges[["start", "end"]].to_numpy(), return_inverse=True)
    edges[["start", "end"]] = number.reshape(-1, 2)
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=FINDING_COLUMNS)
    return Network(gpd.GeoSeries(nodes[used], crs=measure.LAMBERT93), edges, table)


def _nodes(parts: np.ndarray, snap_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not len(parts):
        empty = np.zeros(0, int)
        return empty, empty, np.zeros(0, object)
    tips = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(parts, 0)),
            shapely.get_coordinates(shapely.get_point(parts, -1)),
        ]
    )
    seen, which = np.unique(tips @ np.array([1, 1j]), return_inverse=True)
    xy = np.column_stack([seen.real, seen.imag])
    near = cKDTree(xy).query_pairs(max(snap_m, SAME_POINT_M), output_type="ndarray")
    joined = sparse.coo_matrix((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(xy), len(xy)))
    count, label = csgraph.connected_components(joined, directed=False)
    members = np.bincount(label, minlength=count)
    centre = np.column_stack([np.bincount(label, weights=xy[:, axis]) / members for axis in (0, 1)])
    node = label[which]
    return node[: len(parts)], node[len(parts) :], shapely.points(centre)


def _near_twins(
    parts: np.ndarray, start: np.ndarray, end: np.ndarray, length: np.ndarray, snap_m: float, tiny: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Edges between the same nodes that never leave each other by more than the tolerance."""
    ends = np.minimum(start, end).astype(np.int64) * (max(start.max(initial=0), end.max(initial=0)) + 1)
    ends = ends + np.maximum(start, end)
    order = np.argsort(ends, kind="stable")
    order = order[~tiny[order]]
    same = np.flatnonzero(ends[order][1:] == ends[order][:-1])
    first, second = order[same], order[same + 1]
    near = np.abs(length[first] - length[second]) <= 4 * snap_m
    first, second = first[near], second[near]
    close = shapely.hausdorff_distance(parts[first], parts[second], densify=0.25) <= max(snap_m, SAME_POINT_M)
    return second[close], first[close]


def _note(
    found: list[pd.DataFrame], index: pd.Index, where: np.ndarray, rule: str, what: np.ndarray | None = None
) -> None:
    if where.any():
        found.append(_rows(index[where], rule, None if what is None else what[where]))


def _note_pairs(
    found: list[pd.DataFrame], index: pd.Index, one: np.ndarray, other: np.ndarray, rule: str
) -> None:
    if len(one):
        pairs = pd.DataFrame({"one": one, "other": other}).drop_duplicates()
        found.append(_rows(index[pairs["one"]], rule, index[pairs["other"]].to_numpy()))


def _rows(features: pd.Index, rule: str, found: np.ndarray | None) -> pd.DataFrame:
    level, message = MESSAGES[rule]
    return pd.DataFrame(
        {
            "feature": features.to_numpy(),
            "field": "geometry",
            "rule": rule,
            "level": level,
            "found": "" if found is None else [str(value) for value in found],
            "message": message,
        },
        columns=FINDING_COLUMNS,
    )
