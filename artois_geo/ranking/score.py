"""Scores on fixed bounds: additive or geometric, with intervals where values are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.meaning import is_missing
from artois_geo.ranking.criteria import Criterion, Veto, bound_columns
from artois_geo.text import digits, row_name

Method = Literal["additive", "geometric"]
Array = NDArray[np.float64]
DECIMALS = 9  # scores that differ by a rounding error share their rank


@dataclass(frozen=True)
class Utilities:
    """Utilities of sites (rows) on criteria (columns): the lowest, the central one, the highest they can be.

    All three are equal where the value is known. ``central`` is NaN where nothing is known; the bounds
    are then 0 and 1.
    """

    low: Array
    central: Array
    high: Array

    def rows(self, selected: NDArray[np.bool_]) -> "Utilities":
        """Keep the chosen sites."""
        return Utilities(self.low[selected], self.central[selected], self.high[selected])


def utilities(table: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Put each value on its criterion's fixed scale: 0 at ``worst``, 1 at ``best``, cut beyond.

    A value known by its bounds only stands in their middle; a missing value is NaN.

    Parameters
    ----------
    table
        One row per site, with the columns of the criteria as numbers (or true/false). A column may have
        bounds beside it: ``available_low_ha`` and ``available_high_ha`` (or ``available_ha_low`` and
        ``available_ha_high``) for ``available_ha``.

    Raises
    ------
    UnknownName
        A criterion's column is not there.
    BadTable
        A value is not a number, a low bound is above its high one.
    BadValue
        ``criteria`` does not hold criteria.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, utilities
    >>> table = pd.DataFrame({"road_km": [0.0, 5.0, 20.0]})
    >>> utilities(table, [Criterion("road_km", worst=10, best=0)])["road_km"].tolist()
    [1.0, 0.5, 0.0]
    """
    names = [criterion.column for criterion in require_criteria(criteria)]
    return pd.DataFrame(bounded_utilities(table, criteria).central, index=table.index, columns=names)


def bounded_utilities(table: pd.DataFrame, criteria: Sequence[Criterion]) -> Utilities:
    """Put the values of :func:`utilities` and their bounds on the scales of the criteria."""
    columns = [_bounded(table, criterion) for criterion in require_criteria(criteria)]
    lowest, central, highest = (np.column_stack(part) for part in zip(*columns, strict=True))
    return Utilities(lowest, central, highest)


def rank(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> pd.DataFrame:
    """Score and rank each site; what is unknown widens its score and its rank into intervals.

    Parameters
    ----------
    table
        One row per site; a column of a criterion may have bounds beside it, see :func:`utilities`.
    criteria
        At least one; weights are scaled to sum to 1.
    vetoes
        A site that meets one keeps its score but has no rank; ``veto`` says why.
    method
        ``"additive"``: ``100 Σ w u``; ``"geometric"``: ``100 ∏ u^w``, where one null criterion
        sinks the whole (a partial veto).

    Returns
    -------
    DataFrame
        ``table`` with ``score`` (0 to 100, over the criteria known), ``score_low`` and ``score_high``
        (unknown values at their worst and best), ``completeness`` (share of the weights known: a value
        between two bounds counts for the part of the scale that they leave out), ``rank`` by ``score``
        (missing under a veto or without any value; equal scores share a rank), ``rank_low`` and
        ``rank_high`` (the best and the worst rank that unknown values and ties allow, at these weights),
        ``veto``, and ``score_<column>``: points that each criterion brings.

    Raises
    ------
    UnknownName, BadTable, BadValue
        As for :func:`utilities`; an unknown method or column of a veto; weights that are all null.

    Notes
    -----
    Multi-attribute value functions on fixed, so rank-preserving, scales: Belton & Stewart,
    *Multiple Criteria Decision Analysis* (2002).

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, rank
    >>> sites = pd.DataFrame({"net_ha": [20.0, 5.0], "road_km": [5.0, 1.0]})
    >>> criteria = [Criterion("net_ha", 0, 20, weight=1), Criterion("road_km", 10, 0, weight=1)]
    >>> rank(sites, criteria)[["score", "rank"]].round(3).values.tolist()
    [[75.0, 1], [57.5, 2]]

    The road of the second site is unknown, which leaves it between 12.5 and 62.5 points:

    >>> sites.loc[1, "road_km"] = None
    >>> rank(sites, criteria)[["score_low", "score_high", "rank_low", "rank_high"]].values.tolist()
    [[75.0, 75.0, 1, 1], [12.5, 62.5, 2, 2]]
    """
    worth = bounded_utilities(table, criteria)
    weights = shares(criteria)
    ranked = table.copy()
    ranked["completeness"] = completeness(worth, weights)
    ranked["score"] = np.where(ranked["completeness"] > 0, scores(worth.central, weights, method), np.nan)
    ranked["score_low"] = scores(worth.low, weights, method)
    ranked["score_high"] = scores(worth.high, weights, method)
    ranked["veto"] = vetoed(table, vetoes)
    free = (ranked["veto"] == "") & ranked["score"].notna()
    for name in ("rank", "rank_low", "rank_high"):
        ranked[name] = pd.array([pd.NA] * len(ranked), dtype="Int64")
    ranked.loc[free, "rank"] = ranks(ranked.loc[free, "score"].to_numpy())
    low_scores, high_scores = (ranked.loc[free, name].to_numpy() for name in ("score_low", "score_high"))
    ranked.loc[free, "rank_low"], ranked.loc[free, "rank_high"] = rank_bounds(low_scores, high_scores)
    known_weight = np.where(np.isnan(worth.central), 0.0, weights).sum(axis=1)
    divisor = np.where(known_weight > 0, known_weight, np.nan)
    for number, criterion in enumerate(criteria):
        points = 100 * weights[number] * worth.central[:, number] / divisor
        ranked[f"score_{criterion.column}"] = points
    return ranked


def known_share(ranked: pd.DataFrame) -> float:
    """Average the share of the weights known over the sites that have a rank: how much a ranking rests on.

    Parameters
    ----------
    ranked
        What :func:`rank` returned.

    Returns
    -------
    float
        0 to 1; 0 where no site has a rank.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import known_share
    >>> known_share(pd.DataFrame({"completeness": [1.0, 0.5, 0.0], "rank": [1, 2, None]}))
    0.75
    """
    shares_of_ranked = ranked.loc[ranked["rank"].notna(), "completeness"]
    return float(shares_of_ranked.mean()) if len(shares_of_ranked) else 0.0


def profile(table: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Measure sites on several axes, never summed: 0 to 100 per axis, with how much of it is known.

    Parameters
    ----------
    table
        One row per site; columns of criteria may be absent (then unknown).
    criteria
        Each with its ``axis``; weights count inside an axis.

    Returns
    -------
    DataFrame
        Rows of ``table`` only: ``<axis>`` and ``<axis>_completeness``, in the order of the criteria.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, profile
    >>> jobs = Criterion("jobs_per_ha", worst=0, best=40, axis="emploi")
    >>> profile(pd.DataFrame({"jobs_per_ha": [20.0]}), [jobs]).values.tolist()
    [[50.0, 1.0]]
    """
    columns = [criterion.column for criterion in require_criteria(criteria)]
    absent = [column for column in columns if column not in table.columns]
    padded = table.assign(**dict.fromkeys(absent, np.nan))
    axes = pd.DataFrame(index=table.index)
    for axis in dict.fromkeys(criterion.axis for criterion in criteria):
        if not axis:
            raise BadTable("Profil : chaque critère doit nommer son axe.")
        axis_criteria = [criterion for criterion in criteria if criterion.axis == axis]
        worth, weights = bounded_utilities(padded, axis_criteria), shares(axis_criteria)
        axes[axis] = scores(worth.central, weights, "additive")
        axes[f"{axis}_completeness"] = completeness(worth, weights)
    return axes


def require_criteria(criteria: Sequence[Criterion]) -> Sequence[Criterion]:
    """Refuse a ranking by nothing."""
    if not criteria:
        raise BadTable("Classement sans aucun critère.")
    return criteria


def shares(criteria: Sequence[Criterion]) -> Array:
    """Scale weights to sum to 1."""
    weights = np.array([criterion.weight for criterion in require_criteria(criteria)], dtype=float)
    if (weights < 0).any() or weights.sum() <= 0:
        raise BadValue("Poids : des nombres positifs ou nuls, dont un au moins n'est pas nul.")
    return weights / weights.sum()


def scores(worth: Array, weights: Array, method: Method) -> Array:
    """Score over the known criteria: 0 to 100, NaN when none is."""
    if method not in get_args(Method):
        raise UnknownName("méthode", method, get_args(Method))
    is_known = ~np.isnan(worth)
    mass = np.where(is_known, weights, 0.0)
    total = mass.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "additive":
            value = (mass * np.where(is_known, worth, 0.0)).sum(axis=-1) / total
        else:
            # A criterion that weighs nothing cannot sink a site.
            logs = np.where(is_known & (mass > 0), mass * np.log(np.where(is_known, worth, 1.0)), 0.0)
            value = np.exp(logs.sum(axis=-1) / total)
    return np.where(total > 0, 100 * value, np.nan)


def completeness(worth: Utilities, weights: Array) -> Array:
    """Compute the share of the weights known; bounds count for the part of the scale that they leave out."""
    return (weights * (1 - (worth.high - worth.low))).sum(axis=-1)


def ranks(value: Array) -> NDArray[np.intp]:
    """Rank scores from 1 for the highest; equal scores (to a rounding error) share the better rank."""
    level = value.round(DECIMALS)
    return len(level) - np.searchsorted(np.sort(level), level, side="right") + 1


def rank_bounds(low_scores: Array, high_scores: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the best and the worst rank of each site when every score lies anywhere between its bounds.

    Sites that tie stay tied in the best rank; the worst rank puts the other sites in front.
    """
    low_scores, high_scores = low_scores.round(DECIMALS), high_scores.round(DECIMALS)
    best = 1 + len(low_scores) - np.searchsorted(np.sort(low_scores), high_scores, side="right")
    return best, len(high_scores) - np.searchsorted(np.sort(high_scores), low_scores, side="left")


def vetoed(table: pd.DataFrame, vetoes: Sequence[Veto]) -> list[str]:
    """List in words the vetoes that each site meets; an empty text where it meets none."""
    reasons: list[list[str]] = [[] for _ in range(len(table))]
    for veto in vetoes:
        if veto.column not in table.columns:
            raise UnknownName("colonne", veto.column, map(str, table.columns))
        column = table[veto.column]
        if veto.test in ("<", ">"):
            # Where a value is only known by its bounds, a veto is met if all that it may be meets it.
            lowest, _, highest = _interval(table, veto.column)
            is_vetoed = pd.Series(highest < _limit(veto) if veto.test == "<" else lowest > _limit(veto))
        elif veto.test == "vide":
            is_vetoed = column.isna()
        else:
            is_vetoed = column.notna() & ((column == veto.value) == (veto.test == "="))
        for row in np.flatnonzero(is_vetoed.fillna(False).to_numpy(dtype=bool)):
            reasons[row].append(veto.name)
    return [" ; ".join(reason) for reason in reasons]


def _limit(veto: Veto) -> float:
    try:
        return float(veto.value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise BadValue(f"veto « {veto.name} » : « {veto.test} » compare à un nombre.") from error


def _bounded(table: pd.DataFrame, criterion: Criterion) -> tuple[Array, Array, Array]:
    """Compute the lowest, central and highest utility of each site on one criterion."""
    if criterion.column not in table.columns:
        raise UnknownName("colonne", criterion.column, map(str, table.columns))
    lowest, value, highest = _interval(table, criterion.column)
    ends = np.stack([_scaled(lowest, criterion), _scaled(highest, criterion)])
    middle = np.where(np.isinf(lowest) & np.isinf(highest), np.nan, ends.mean(axis=0))
    central = np.where(np.isnan(value), middle, _scaled(value, criterion))
    return ends.min(axis=0), central, ends.max(axis=0)


def _interval(table: pd.DataFrame, column: str) -> tuple[Array, Array, Array]:
    """Read the least, the value (NaN if missing) and the most of a column; infinite where unbounded."""
    value, bounds = _numbers(table, column), []
    for names in zip(*bound_columns(column), strict=True):
        name = next((name for name in names if name in table.columns), None)
        bounds.append(np.full(len(table), np.nan) if name is None else _numbers(table, name))
    floor, ceiling = bounds
    crossed = np.flatnonzero(floor > ceiling)
    if len(crossed):
        row = crossed[0]
        raise BadTable(
            f"« {column} », {row_name(table.index, table.index[row])} : borne basse {digits(floor[row])}"
            f" au-dessus de la borne haute {digits(ceiling[row])}."
        )
    unknown = np.isnan(value)
    # A value outside its own bounds widens them.
    lowest = np.fmin(np.where(np.isnan(floor) & unknown, -np.inf, floor), value)
    highest = np.fmax(np.where(np.isnan(ceiling) & unknown, np.inf, ceiling), value)
    return lowest, value, highest


def _scaled(numbers: Array, criterion: Criterion) -> Array:
    return np.clip((numbers - criterion.worst) / (criterion.best - criterion.worst), 0.0, 1.0)


def _numbers(table: pd.DataFrame, name: str) -> Array:
    """Convert a column to numbers, NaN where it is empty."""
    column = table[name]
    numbers: pd.Series = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = numbers.isna() & ~column.map(is_missing)
    if wrong.any():
        text, row = column[wrong].iloc[0], row_name(column.index, column.index[wrong][0])
        raise BadTable(f"« {name} », {row} : « {text} » n'est pas un nombre.")
    return np.asarray(numbers, dtype=np.float64)
