"""How much land is left when positions are only known to some metres: outlines moved, an interval read.

An outline that stands for a place is moved at random, uniformly in the disc that its ``precision_m``
allows; constraints stay. Where the outline is measured and a constraint is schematic, that constraint moves
instead. The draws depend on ``site_id`` alone: same site, same interval, whatever else is computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from artois_geo import meaning
from artois_geo.errors import BadValue
from artois_geo.land import setbacks
from artois_geo.land.cuts import MovingGround, Surroundings, cut, softened_m2
from artois_geo.shapes import Shapes

#: Constant that gives the convention; its keys -> fields of :class:`Moves`.
MOVES = "intervalle_schematique"
MOVES_KEYS = {"déplacements": "count", "centile bas": "low_percentile", "centile haut": "high_percentile"}
#: Of an outline: the rest is rounding.
WHOLE_SHARE = 1 - 1e-6
INTERVALS = (
    "available_low_ha",
    "available_high_ha",
    "unknown_low_ha",
    "unknown_high_ha",
    "net_low_ha",
    "net_high_ha",
)


@dataclass(frozen=True)
class Moves:
    """How many times an outline is moved, and the percentiles of the answers between which to read."""

    count: int
    low_percentile: float
    high_percentile: float


@dataclass(frozen=True)
class Doubts:
    """What has no known position: sites (by number), and the schematic constraints that may reach a site.

    ``radius_m`` is how far a sketched site may be from where it is drawn, NaN where nothing says it;
    ``site`` and ``row`` are numbers of sites and of constraints, pair by pair.
    """

    sketched: NDArray[np.bool_]
    radius_m: NDArray[np.float64]
    site: NDArray[np.intp]
    row: NDArray[np.intp]

    def reached(self) -> NDArray[np.bool_]:
        """Mark the sites whose figures rest on a schematic shape, their own or that of a constraint."""
        marks = self.sketched.copy()
        marks[self.site] = True
        return marks


def read_moves(value: Mapping[str, float]) -> Moves:
    """Read the convention of the intervals from the value of its constant.

    Parameters
    ----------
    value
        That of the constant named by ``MOVES``: ``déplacements``, ``centile bas``, ``centile haut``.

    Raises
    ------
    BadValue
        No move at all, or percentiles that are not in order between 0 and 100.

    Examples
    --------
    >>> from artois_geo.land import read_moves
    >>> read_moves({"déplacements": 200, "centile bas": 5, "centile haut": 95})
    Moves(count=200, low_percentile=5.0, high_percentile=95.0)
    """
    absent = [key for key in MOVES_KEYS if key not in value]
    if absent:
        raise BadValue(
            f"Intervalle : il manque {', '.join(f'« {key} »' for key in absent)}.\n"
            "Écrire land.read_moves(constants.get(land.MOVES, on=…).value)."
        )
    count, low_percentile, high_percentile = (float(value[key]) for key in MOVES_KEYS)
    if count < 1 or not 0 <= low_percentile <= high_percentile <= 100:
        raise BadValue(
            "Intervalle : il faut au moins un déplacement, et deux centiles dans l'ordre, entre 0 et 100."
        )
    return Moves(int(count), low_percentile, high_percentile)


def find_doubts(sites: gpd.GeoDataFrame, rules: setbacks.ConstraintArrays) -> Doubts:
    """Find the sketched sites, and the sketched constraints that may truly reach a site."""
    sketched = meaning.schematic(sites)
    radius = np.where(sketched, meaning.precision_m(sites), 0.0)
    rows = np.flatnonzero(rules.schematic)
    outlines = sites.geometry.to_numpy()
    reach_m = (rules.setback_m + np.nan_to_num(rules.precision_m))[rows]
    site, sketch_number = setbacks.candidate_pairs(outlines, rules.ground[rows], reach_m)
    within_reach = shapely.dwithin(outlines[site], rules.ground[rows][sketch_number], reach_m[sketch_number])
    return Doubts(sketched, radius, site[within_reach], rows[sketch_number[within_reach]])


def intervals(
    sites: gpd.GeoDataFrame, around: Surroundings, doubts: Doubts, moves: Moves, *, cores: int | None = None
) -> pd.DataFrame:
    """Read the interval of the available, unknown and net shares of each doubtful site.

    One row per site, a column per name of ``INTERVALS``, as shares of the outline (0 to 1); NaN where the
    site is measured, or where nothing says how far its shape may be from its place.
    """
    shares = np.full((len(sites), len(INTERVALS)), np.nan)
    outlines, labels = sites.geometry.to_numpy(), _labels(sites)
    percentiles = [moves.low_percentile, moves.high_percentile]
    for number in np.flatnonzero(doubts.reached()).tolist():
        rows = movable(doubts, around.rules, number)
        radius = around.rules.precision_m[rows] if len(rows) else doubts.radius_m[number : number + 1]
        if np.isnan(radius).any():
            continue
        fixed = np.ones(len(around.rules.ground), dtype=bool)
        fixed[rows] = False
        nearby = _nearby(around, outlines[number], float(radius.max()), fixed)
        steps = np.zeros((moves.count, 2))
        if doubts.sketched[number]:
            steps = _draws(labels[number], moves.count, float(radius[0]))
        nearby = replace(nearby, moving=_moving(around.rules, rows, labels[number], moves.count))
        remains = cut(_displaced(outlines[number], steps), nearby, cores=cores)
        certain_m2, unknown_m2 = shapely.area(remains.certain), shapely.area(remains.unknown)
        net_m2 = certain_m2 - softened_m2(remains.certain, around, remains.granted)
        bounds = np.percentile([certain_m2, unknown_m2, net_m2], percentiles, axis=1)
        shares[number] = bounds.T.ravel() / outlines[number].area
    return pd.DataFrame(shares.clip(0, 1), index=sites.index, columns=list(INTERVALS))


def movable(doubts: Doubts, rules: setbacks.ConstraintArrays, number: int) -> NDArray[np.intp]:
    """List the rows of the sketched constraints that move around a measured site, none around a sketch."""
    if doubts.sketched[number]:
        return np.empty(0, np.intp)
    rows = doubts.row[doubts.site == number]
    return rows[rules.kept_share[rows] == 0]


def rounded_ha(hectares: NDArray[np.float64], *, highest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round hectares that are an order of magnitude: to whole ones, below one to a single figure.

    What would be rounded above ``highest`` is rounded down.

    Examples
    --------
    >>> rounded_ha(np.array([396.44, 55.6, 0.42]), highest=np.array([460.0, 55.8, 1.0])).tolist()
    [396.0, 55.0, 0.4]
    """
    with np.errstate(divide="ignore"):
        scale = 10.0 ** -np.clip(np.floor(np.log10(np.abs(hectares))), -9, 0)
    nearest = np.floor(hectares * scale + 0.5) / scale
    capped = np.where(nearest > highest, np.floor(hectares * scale) / scale, nearest)
    return np.where(hectares == 0, 0.0, capped)


def _nearby(
    around: Surroundings, outline: shapely.Geometry, radius_m: float, fixed: NDArray[np.bool_]
) -> Surroundings:
    """Limit the surroundings to the hard ground that an outline may meet in a radius, each united once."""
    west, south, east, north = outline.bounds
    window = np.array([shapely.box(west - radius_m, south - radius_m, east + radius_m, north + radius_m)])

    def united(polygons: Shapes, setback_m: NDArray[np.float64]) -> Shapes:
        cover = setbacks.buffered_cover(window, polygons, setback_m)
        return cover[~shapely.is_missing(cover)]

    def zoned(polygons: Shapes) -> Shapes:
        return united(polygons, np.zeros(len(polygons)))

    rules = around.rules
    hard = fixed & (rules.kept_share == 0)
    grounds = [
        united(rules.ground[rows], rules.setback_m[rows])
        for rows in (hard & rules.splits, hard & ~rules.splits)
    ]
    ground = np.concatenate(grounds)
    splits = np.arange(len(ground)) < len(grounds[0])
    no_metres, single_group = np.zeros(len(ground)), np.zeros(len(ground), np.intp)
    return replace(
        around,
        rules=setbacks.ConstraintArrays(
            ground, no_metres, no_metres, single_group, ("",), no_metres.astype(bool), no_metres, splits
        ),
        only_where=None if around.only_where is None else zoned(around.only_where),
        force_keep=None if around.force_keep is None else zoned(around.force_keep),
        surveyed=tuple(zoned(polygons) for polygons in around.surveyed),
    )


def _moving(
    rules: setbacks.ConstraintArrays, rows: NDArray[np.intp], label: str, count: int
) -> tuple[MovingGround, ...]:
    """Place each of some constraints, with its setback, at as many positions as there are moves."""
    moved_grounds = []
    for row in rows:
        ground = shapely.buffer(rules.ground[row], rules.setback_m[row], quad_segs=setbacks.QUAD_SEGS)
        seed = f"{label} {shapely.to_wkb(rules.ground[row], hex=True)}"
        places = _displaced(ground, _draws(seed, count, float(rules.precision_m[row])))
        moved_grounds.append(MovingGround(places, splits=bool(rules.splits[row])))
    return tuple(moved_grounds)


def _draws(seed: str, count: int, radius_m: float) -> NDArray[np.float64]:
    """Draw steps (dx, dy) uniformly in a disc, the same for the same seed."""
    generator = np.random.default_rng(int.from_bytes(sha256(seed.encode()).digest()[:8], "big"))
    distance = radius_m * np.sqrt(generator.random(count))
    angle = 2 * np.pi * generator.random(count)
    return np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])


def _displaced(shape: shapely.Geometry, steps: NDArray[np.float64]) -> Shapes:
    """Copy a shape once per step, moved by that step."""
    corners = shapely.get_coordinates(shape)
    copies = np.full(len(steps), shape, dtype=object)
    return shapely.set_coordinates(copies, (corners[None] + steps[:, None]).reshape(-1, 2))


def _labels(sites: gpd.GeoDataFrame) -> list[str]:
    return [str(label) for label in sites.get("site_id", sites.index)]
