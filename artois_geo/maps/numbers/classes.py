"""Classes of a number: where to cut a column of values, and what the legend writes of each class.

Every class holds its lower bound and not its upper one (« de 12 à moins de 25 »), the last one both. Cuts
are taken between two values that follow each other, at the roundest number there is: what the legend writes
is the very rule that the map follows.

Jenks here is the exact optimum (Fisher 1958): dynamic programming over the sorted values, whose best cut
moves one way only, so that a level takes n log n time. ``mapclassify`` judges it in the tests: as a
dependency it would bring scikit-learn (50 MB) for three formulas, in n² time.
"""

import itertools
import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np

from artois_geo.errors import BadValue
from artois_geo.text import comma

METHODS = ("quantiles", "jenks", "egaux", "manuel")
FEWEST, MOST = 2, 7  # the eye follows no more than seven shades
FINEST = 12  # decimals

Numbers = np.ndarray[Any, np.dtype[Any]]


def bounds(values: Numbers, *, method: str, classes: int) -> list[float]:
    """Compute the bounds of the classes, from the lowest to the highest: one more than there are classes.

    Parameters
    ----------
    values
        Finite numbers, in any order.
    method
        ``"quantiles"`` (as many objects in each), ``"jenks"`` (as alike as can be
        within each) or ``"egaux"`` (equal widths).
    classes
        How many are wanted, 2 to 7. Quantiles and Jenks never make more than there are distinct
        values. Where both signs meet, zero is a bound and the classes are shared out between the two sides.

    Examples
    --------
    >>> bounds(np.array([1.0, 2, 3, 11, 12, 13, 101, 102]), method="jenks", classes=3)
    [1.0, 10.0, 100.0, 102.0]
    >>> bounds(np.array([5.0, 5, 5]), method="quantiles", classes=4)
    [5.0, 5.0]
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    if len(ordered) == 0:
        return []
    if ordered[0] < 0 < ordered[-1]:
        return _both_signs(ordered, method, classes)
    distinct, weights = np.unique(ordered, return_counts=True)
    if method == "egaux":
        return _equal_widths(ordered[0], ordered[-1], classes)
    class_count = min(classes, len(distinct))
    starts = (
        _jenks(distinct, weights, class_count)
        if method == "jenks"
        else _quantiles(distinct, weights, class_count)
    )
    return _with_outer_edges(
        distinct, [_round_between(distinct[start - 1], distinct[start]) for start in starts]
    )


def checked(bounds: Sequence[float], values: Numbers) -> list[float]:
    """Check bounds that somebody chose; refuse those that leave values out, and say which.

    Examples
    --------
    >>> checked([0, 10, 50], np.array([3.0, 50]))
    [0.0, 10.0, 50.0]
    """
    edges = [float(edge) for edge in bounds]
    if not FEWEST <= len(edges) - 1 <= MOST or not all(map(math.isfinite, edges)) or _decreases(edges):
        raise BadValue(
            f"Bornes refusées : {_edges_text(edges)}.\n"
            f"Donner {FEWEST + 1} à {MOST + 1} nombres croissants, de la plus petite valeur à la plus grande."
        )
    outside = values[(values < edges[0]) | (values > edges[-1])]
    if len(outside):
        raise BadValue(
            f"Les bornes {_edges_text(edges)} laissent dehors {len(outside)} valeur(s), "
            f"de {_edges_text([outside.min()])} à {_edges_text([outside.max()])}.\n"
            "Élargir la première ou la dernière borne."
        )
    return edges


def places(values: Numbers, edges: Sequence[float]) -> Numbers:
    """Return the position of the class of each value; the values lie within the bounds.

    Examples
    --------
    >>> places(np.array([0.0, 9.9, 10, 50]), [0, 10, 50]).tolist()
    [0, 0, 1, 1]
    """
    return np.searchsorted(np.asarray(edges[1:-1], dtype=float), values, side="right")


def decimals(edges: Sequence[float]) -> int:
    """Count the decimals that it takes to write every bound exactly.

    Examples
    --------
    >>> decimals([0.0, 0.25, 10.5]), decimals([100.0, 2000.0])
    (2, 0)
    """
    exponents = [Decimal(repr(float(edge))).normalize().as_tuple().exponent for edge in edges]
    return max((-exponent for exponent in exponents if isinstance(exponent, int) and exponent < 0), default=0)


def _both_signs(ordered: Numbers, method: str, classes: int) -> list[float]:
    """Compute bounds around zero, itself a bound: each side has its share of the classes, one at least."""
    negative, positive = ordered[ordered < 0], ordered[ordered >= 0]
    if method == "egaux":
        step = (ordered[-1] - ordered[0]) / classes
        negative_classes = max(1, round(-ordered[0] / step))
    else:
        negative_classes = round(classes * len(negative) / len(ordered))
    negative_classes = min(max(negative_classes, 1), classes - 1)
    lower_edges = bounds(negative, method=method, classes=negative_classes)
    upper_edges = bounds(positive, method=method, classes=classes - negative_classes)
    return [*lower_edges[:-1], 0.0, *upper_edges[1:]]


def _with_outer_edges(distinct: Numbers, inner: list[float]) -> list[float]:
    """Add the lowest and the highest value to the cuts, with no more decimals than the cuts."""
    if not inner:
        return [float(distinct[0]), float(distinct[-1])]
    decimal_count = decimals(inner)
    lowest, highest = (
        _rounded(distinct[0], decimal_count, ROUND_FLOOR),
        _rounded(distinct[-1], decimal_count, ROUND_CEILING),
    )
    return [lowest, *inner, highest]


def _equal_widths(lowest: float, highest: float, classes: int) -> list[float]:
    if lowest == highest:
        return [float(lowest), float(highest)]
    exact = np.linspace(lowest, highest, classes + 1)
    decimal_count = max(0, 2 - math.floor(math.log10(highest - lowest)))
    cuts = [_rounded(edge, decimal_count, ROUND_FLOOR) for edge in exact[1:-1]]
    return [
        _rounded(lowest, decimal_count, ROUND_FLOOR),
        *cuts,
        _rounded(highest, decimal_count, ROUND_CEILING),
    ]


def _quantiles(distinct: Numbers, weights: Numbers, classes: int) -> list[int]:
    """Return the first value of each class but the lowest; equal values stay together."""
    cumulated = np.cumsum(weights)
    starts: list[int] = []
    for class_number in range(1, classes):
        weight_below = np.append(0, cumulated[:-1])
        start = int(np.argmin(np.abs(weight_below - cumulated[-1] * class_number / classes)))
        earliest, latest = (starts[-1] if starts else 0) + 1, len(distinct) - (classes - class_number)
        starts.append(min(max(start, earliest), latest))
    return starts


def _jenks(distinct: Numbers, weights: Numbers, classes: int) -> list[int]:
    """Return the cuts whose classes have the least sum of squared distances to their own means."""
    centred = distinct - np.average(distinct, weights=weights)
    weight_sum, weighted_sum, weighted_squares = (
        np.append(0.0, np.cumsum(weights * power)) for power in (np.ones_like(centred), centred, centred**2)
    )

    def spread(start: Numbers, end: Numbers) -> Numbers:  # of the values from start to end, both counted
        weight, sums = weight_sum[end + 1] - weight_sum[start], weighted_sum[end + 1] - weighted_sum[start]
        return weighted_squares[end + 1] - weighted_squares[start] - sums**2 / weight

    count = len(distinct)
    best = spread(np.zeros(count, dtype=int), np.arange(count))
    cuts: list[Numbers] = []
    for level in range(1, classes):
        cut = _best_cuts(level, count, lambda start, end, best=best: best[start - 1] + spread(start, end))
        ends = np.arange(level, count)
        best = np.append(np.full(level, np.inf), best[cut[ends] - 1] + spread(cut[ends], ends))
        cuts.append(cut)
    starts, end = [], count - 1
    for cut in reversed(cuts):
        starts.append(int(cut[end]))
        end = int(cut[end]) - 1
    return starts[::-1]


def _best_cuts(level: int, count: int, cost: Any) -> Numbers:
    """Find, for each end, where its last class best starts: it never moves back as the end moves on.

    All ends halfway between known ones are settled in one pass, so a level costs n log n.
    """
    cut = np.full(count, level)
    settled_ends = np.array([level - 1, count])  # ends; their cuts frame those between
    settled_cuts = np.array([level, count - 1])
    while (np.diff(settled_ends) > 1).any():
        gaps = np.flatnonzero(np.diff(settled_ends) > 1)
        ends = (settled_ends[gaps] + settled_ends[gaps + 1]) // 2
        start, stop = settled_cuts[gaps], np.minimum(settled_cuts[gaps + 1], ends)
        sizes = stop - start + 1
        firsts = np.cumsum(sizes) - sizes
        starts = np.arange(sizes.sum()) - np.repeat(firsts, sizes) + np.repeat(start, sizes)
        costs = cost(starts, np.repeat(ends, sizes))
        lowest_cost = np.repeat(np.minimum.reduceat(costs, firsts), sizes)
        best = np.flatnonzero(costs == lowest_cost)
        owner = np.searchsorted(firsts, best, side="right") - 1
        midway_cuts = starts[best[np.unique(owner, return_index=True)[1]]]
        cut[ends] = midway_cuts
        settled_ends = np.insert(settled_ends, gaps + 1, ends)
        settled_cuts = np.insert(settled_cuts, gaps + 1, midway_cuts)
    return cut


def _round_between(below: float, above: float) -> float:
    """Find the number with the fewest digits that is more than one value and at most the next."""
    for decimal_count in range(-FINEST, FINEST + 1):
        candidate = _rounded(above, decimal_count, ROUND_FLOOR)
        if candidate > below:
            return candidate
    return float(above)


def _rounded(value: float, decimal_count: int, rounding: str) -> float:
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimal_count), rounding=rounding))


def _decreases(edges: Sequence[float]) -> bool:
    return any(upper <= lower for lower, upper in itertools.pairwise(edges))


def _edges_text(edges: Sequence[float]) -> str:
    return " ; ".join(comma(f"{float(edge):g}") for edge in edges)
