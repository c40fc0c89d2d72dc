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
from artois_geo.text import counted, distance

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

    def __repr__(self) -> str:
        counts = (counted(len(self.nodes), "nœud"), counted(len(self.edges), "arête"))
        return (
            f"<Network : {', '.join(counts)}, {distance(float(self.edges['length_m'].sum()))} ; "
            f"{counted(len(self.findings), 'constat')}>"
        )


def build(
    lines: gpd.GeoDataFrame, *, snap_m: float, level: str | None = None, crossings: Crossings = "apart"
) -> Network:
    """Build the graph of a layer of lines, cleaned.

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

    >>> from artois_geo.network import build
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> path = example.line((0, 0), (2, 0))
    >>> branch = example.line((1, 0.003), (1, 1))
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
    parts, rows, findings = _simple_parts(lines)
    parts, rows, doubtful = _cut_at_junctions(parts, rows, _levels(lines, level), snap_m, crossings)
    findings += _pair_findings(lines.index, *doubtful, "crossing_without_junction")
    is_repeat, original = _repeats(parts)
    findings += _pair_findings(lines.index, rows[is_repeat], rows[original], "duplicate")
    return _graph(parts[~is_repeat], rows[~is_repeat], snap_m, lines, findings)


def _simple_parts(lines: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, list[pd.DataFrame]]:
    """Split lines into simple parts with a length, the row of each part, and findings on what is no part."""
    shapes = shapely.force_2d(np.asarray(lines.geometry.array))
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    type_id = shapely.get_type_id(shapes)
    is_line = np.isin(type_id, [1, 2, 5])  # LineString, LinearRing, MultiLineString
    parts, rows = shapely.get_parts(np.where(is_line & ~missing, shapes, None), return_index=True)
    part_count = np.bincount(rows, minlength=len(lines))
    length = shapely.length(parts)
    has_length = np.isfinite(length) & (length > 0)
    flat_rows, parts, rows = rows[~has_length], parts[has_length], rows[has_length]
    self_crossing = ~(shapely.is_simple(parts))
    findings = [
        *_findings_of(lines.index, missing, "geometry_missing"),
        *_findings_of(lines.index, ~missing & ~is_line, "not_a_line", type_id),
        *_findings_of(lines.index, part_count > 1, "multipart", part_count),
        *_findings_of(lines.index, _marked(flat_rows, len(lines)), "zero_length"),
        *_findings_of(lines.index, _marked(rows[self_crossing], len(lines)), "self_crossing"),
    ]
    if self_crossing.any():
        pieces, owner = shapely.get_parts(shapely.node(parts[self_crossing]), return_index=True)
        parts = np.concatenate([parts[~self_crossing], pieces])
        rows = np.concatenate([rows[~self_crossing], rows[self_crossing][owner]])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order], findings


def _levels(lines: gpd.GeoDataFrame, level: str | None) -> np.ndarray:
    if level is None:
        return np.zeros(len(lines), int)
    return pd.factorize(lines[level].astype("string").fillna("0").str.strip().replace({"": "0"}))[0]


def _cut_at_junctions(
    parts: np.ndarray, rows: np.ndarray, levels: np.ndarray, snap_m: float, crossings: Crossings
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Cut parts where others join them; return parts, their rows, and the rows of doubtful crossings."""
    if not len(parts):
        return parts, rows, (rows, rows)
    tree = shapely.STRtree(parts)
    part_a, distance_a = _ends_on_lines(parts, tree, snap_m)
    meetings = _meetings(parts, levels[rows], tree, snap_m)
    doubtful = rows[meetings.part_a[meetings.is_doubtful]], rows[meetings.part_b[meetings.is_doubtful]]
    part_b, distance_b = meetings.cuts(joined=crossings == "joined")
    cut_parts, cut_rows = _cut_parts(
        parts, rows, np.concatenate([part_a, part_b]), np.concatenate([distance_a, distance_b])
    )
    return cut_parts, cut_rows, doubtful


def _ends_on_lines(parts: np.ndarray, tree: shapely.STRtree, snap_m: float) -> tuple[np.ndarray, np.ndarray]:
    tips = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    tip, line = tree.query(tips, predicate="dwithin", distance=max(snap_m, SAME_POINT_M))
    # a tip near an end of the line becomes the same node as that end: no cut
    is_cut = (tip % len(parts) != line) & ~_near_an_end(parts[line], tips[tip], snap_m)
    tip, line = tip[is_cut], line[is_cut]
    distance_m = shapely.line_locate_point(parts[line], tips[tip])
    inside = _inside(parts[line], distance_m, 0)
    return line[inside], distance_m[inside]


@dataclass(frozen=True)
class _Meetings:
    """Points where two parts of one level meet: how far along each, inside it or not, junction or doubt."""

    part_a: np.ndarray
    part_b: np.ndarray
    along_a_m: np.ndarray
    along_b_m: np.ndarray
    inside_a: np.ndarray
    inside_b: np.ndarray
    is_junction: np.ndarray
    is_doubtful: np.ndarray

    def cuts(self, *, joined: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the parts to cut and how far along; doubtful crossings too where they are joined."""
        is_cut = self.is_junction | self.is_doubtful if joined else self.is_junction
        cut_a, cut_b = is_cut & self.inside_a, is_cut & self.inside_b
        cut_parts = np.concatenate([self.part_a[cut_a], self.part_b[cut_b]])
        return cut_parts, np.concatenate([self.along_a_m[cut_a], self.along_b_m[cut_b]])


def _meetings(parts: np.ndarray, levels: np.ndarray, tree: shapely.STRtree, snap_m: float) -> _Meetings:
    """Find where parts of one level meet; a crossing is a junction where both have a vertex there."""
    pair_a, pair_b = tree.query(parts, predicate="intersects")
    same_level = (pair_a < pair_b) & (levels[pair_a] == levels[pair_b])
    pair_a, pair_b = pair_a[same_level], pair_b[same_level]
    shared_shapes = shapely.intersection(parts[pair_a], parts[pair_b])
    shapes, pair_row = shapely.get_parts(shared_shapes, return_index=True)
    is_overlap = shapely.get_type_id(shapes) == 1
    points = np.concatenate(
        [
            shapes[~is_overlap],
            shapely.get_point(shapes[is_overlap], 0),
            shapely.get_point(shapes[is_overlap], -1),
        ]
    )
    is_shared = np.concatenate([np.zeros((~is_overlap).sum(), bool), np.ones(2 * is_overlap.sum(), bool)])
    pair_row = np.concatenate([pair_row[~is_overlap], pair_row[is_overlap], pair_row[is_overlap]])
    part_a, part_b = pair_a[pair_row], pair_b[pair_row]
    along_a_m = shapely.line_locate_point(parts[part_a], points)
    along_b_m = shapely.line_locate_point(parts[part_b], points)
    inside_a = _inside(parts[part_a], along_a_m, snap_m)
    inside_b = _inside(parts[part_b], along_b_m, snap_m)
    crosses = inside_a & inside_b & ~is_shared
    is_junction = is_shared.copy()
    is_vertex_of_a = _vertex_of(parts[part_a[crosses]], points[crosses])
    is_junction[crosses] = is_vertex_of_a & _vertex_of(parts[part_b[crosses]], points[crosses])
    is_doubtful = crosses & ~is_junction
    return _Meetings(part_a, part_b, along_a_m, along_b_m, inside_a, inside_b, is_junction, is_doubtful)


def _inside(lines: np.ndarray, distance_m: np.ndarray, snap_m: float) -> np.ndarray:
    margin = max(snap_m, SAME_POINT_M)
    return (distance_m > margin) & (distance_m < shapely.length(lines) - margin)


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


def _cut_parts(
    parts: np.ndarray, rows: np.ndarray, part: np.ndarray, distance_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cut parts at distances along them; ``part`` has the number of the part to cut at each distance."""
    if not len(part):
        return parts, rows
    order = np.lexsort((distance_m, part))
    part, distance_m = part[order], distance_m[order]
    is_new_cut = np.ones(len(part), bool)
    is_new_cut[1:] = (part[1:] != part[:-1]) | (np.diff(distance_m) > SAME_POINT_M)
    part, distance_m = part[is_new_cut], distance_m[is_new_cut]
    pieces: list[shapely.LineString] = []
    owners: list[int] = []
    run_bounds = np.flatnonzero(np.r_[True, part[1:] != part[:-1], True])
    for run_start, run_stop in pairwise(run_bounds):
        line = parts[part[run_start]]
        substrings = _substrings(line, distance_m[run_start:run_stop])
        pieces += substrings
        owners += [rows[part[run_start]]] * len(substrings)
    is_uncut = np.ones(len(parts), bool)
    is_uncut[part] = False
    parts = np.concatenate([parts[is_uncut], np.array(pieces, dtype=object)])
    rows = np.concatenate([rows[is_uncut], np.array(owners, dtype=rows.dtype)])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order]


def _substrings(line: shapely.LineString, distance_m: np.ndarray) -> list[shapely.LineString]:
    """Cut a line at several distances, in one pass over its vertices."""
    xy = shapely.get_coordinates(line)
    vertex_m = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    cut_xy = np.column_stack(
        [np.interp(distance_m, vertex_m, xy[:, 0]), np.interp(distance_m, vertex_m, xy[:, 1])]
    )
    cut_m = np.r_[-1.0, distance_m, vertex_m[-1] + 1]
    pieces = []
    for number in range(len(distance_m) + 1):
        inner_xy = xy[(vertex_m > cut_m[number]) & (vertex_m < cut_m[number + 1])]
        start_xy = cut_xy[number - 1 : number] if number else xy[:0]
        end_xy = cut_xy[number : number + 1]
        pieces.append(shapely.LineString(np.concatenate([start_xy, inner_xy, end_xy])))
    return pieces


def _repeats(parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mark the parts that an earlier one draws too, to the millimetre, and number that part for each."""
    if not len(parts):
        return np.zeros(0, bool), np.zeros(0, int)
    normal_wkb = shapely.to_wkb(shapely.normalize(shapely.set_precision(parts, 0.001, mode="pointwise")))
    code, _ = pd.factorize(normal_wkb)
    first_part = np.full(code.max() + 1, -1)
    first_part[code[::-1]] = np.arange(len(code))[::-1]
    is_repeat = first_part[code] != np.arange(len(code))
    return is_repeat, first_part[code[is_repeat]]


def _graph(
    parts: np.ndarray, rows: np.ndarray, snap_m: float, lines: gpd.GeoDataFrame, findings: list[pd.DataFrame]
) -> Network:
    """Join the ends of parts into nodes and edges, without those too short or drawn twice.

    ``findings`` are those of the steps before.
    """
    start, end, nodes = _nodes(parts, snap_m)
    length = shapely.length(parts)
    is_tiny = (start == end) & (length <= 2 * snap_m)
    twin, original = _near_twins(parts, start, end, length, snap_m, is_tiny)
    is_edge = ~is_tiny
    is_edge[twin] = False
    loop_rows = rows[is_edge & (start == end)]
    all_findings = [
        *findings,
        *_findings_of(lines.index, _marked(rows[is_tiny], len(lines)), "shorter_than_tolerance"),
        *_pair_findings(lines.index, rows[twin], rows[original], "duplicate"),
        *_findings_of(lines.index, _marked(loop_rows, len(lines)), "self_loop"),
    ]
    edges = gpd.GeoDataFrame(
        {
            "line": lines.index[rows[is_edge]],
            "start": start[is_edge],
            "end": end[is_edge],
            "length_m": length[is_edge],
        },
        geometry=parts[is_edge],
        crs=measure.LAMBERT93,
    )
    used_nodes, new_number = np.unique(edges[["start", "end"]].to_numpy(), return_inverse=True)
    edges[["start", "end"]] = new_number.reshape(-1, 2)
    table = pd.DataFrame(columns=FINDING_COLUMNS)
    table = pd.concat(all_findings, ignore_index=True) if all_findings else table
    return Network(gpd.GeoSeries(nodes[used_nodes], crs=measure.LAMBERT93), edges, table)


def _nodes(parts: np.ndarray, snap_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group the ends of parts within the tolerance: node of each start, of each end, and the nodes."""
    if not len(parts):
        empty = np.zeros(0, int)
        return empty, empty, np.zeros(0, object)
    tips = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(parts, 0)),
            shapely.get_coordinates(shapely.get_point(parts, -1)),
        ]
    )
    # a point as one complex number: np.unique then compares both coordinates at once
    unique_tips, tip_index = np.unique(tips @ np.array([1, 1j]), return_inverse=True)
    xy = np.column_stack([unique_tips.real, unique_tips.imag])
    near_pairs = cKDTree(xy).query_pairs(max(snap_m, SAME_POINT_M), output_type="ndarray")
    joined = sparse.coo_matrix(
        (np.ones(len(near_pairs)), (near_pairs[:, 0], near_pairs[:, 1])), shape=(len(xy), len(xy))
    )
    count, label = csgraph.connected_components(joined, directed=False)
    members = np.bincount(label, minlength=count)
    centre = np.column_stack([np.bincount(label, weights=xy[:, axis]) / members for axis in (0, 1)])
    node = label[tip_index]
    return node[: len(parts)], node[len(parts) :], shapely.points(centre)


def _near_twins(
    parts: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    length: np.ndarray,
    snap_m: float,
    is_tiny: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find edges between the same nodes that never leave each other by more than the tolerance."""
    end_pair = np.minimum(start, end).astype(np.int64) * (max(start.max(initial=0), end.max(initial=0)) + 1)
    end_pair = end_pair + np.maximum(start, end)
    order = np.argsort(end_pair, kind="stable")
    order = order[~is_tiny[order]]
    same_ends = np.flatnonzero(end_pair[order][1:] == end_pair[order][:-1])
    part_a, part_b = order[same_ends], order[same_ends + 1]
    similar_length = np.abs(length[part_a] - length[part_b]) <= 4 * snap_m
    part_a, part_b = part_a[similar_length], part_b[similar_length]
    apart_m = shapely.hausdorff_distance(parts[part_a], parts[part_b], densify=0.25)
    is_twin = apart_m <= max(snap_m, SAME_POINT_M)
    return part_b[is_twin], part_a[is_twin]


def _marked(rows: np.ndarray, count: int) -> np.ndarray:
    marks = np.zeros(count, bool)
    marks[rows] = True
    return marks


def _findings_of(
    index: pd.Index, affected: np.ndarray, rule: str, details: np.ndarray | None = None
) -> list[pd.DataFrame]:
    """Return the findings of a rule on the rows that it marks: one table, or none."""
    if not affected.any():
        return []
    return [_findings(index[affected], rule, None if details is None else details[affected])]


def _pair_findings(index: pd.Index, rows_a: np.ndarray, rows_b: np.ndarray, rule: str) -> list[pd.DataFrame]:
    """Return the findings of a rule on pairs of rows, each pair once: one table, or none."""
    if not len(rows_a):
        return []
    pairs = pd.DataFrame({"a": rows_a, "b": rows_b}).drop_duplicates()
    return [_findings(index[pairs["a"]], rule, index[pairs["b"]].to_numpy())]


def _findings(features: pd.Index, rule: str, details: np.ndarray | None) -> pd.DataFrame:
    """Build the findings of one rule, one row per feature."""
    level, message = MESSAGES[rule]
    return pd.DataFrame(
        {
            "feature": features.to_numpy(),
            "field": "geometry",
            "rule": rule,
            "level": level,
            "found": "" if details is None else [str(detail) for detail in details],
            "message": message,
        },
        columns=FINDING_COLUMNS,
    )
