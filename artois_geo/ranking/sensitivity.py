"""How far a ranking can be trusted: other weights, one at a time and all at once, and unknown values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo.errors import BadTable, BadValue
from artois_geo.ranking.criteria import Criterion, Veto
from artois_geo.ranking.score import (
    DECIMALS,
    Array,
    Method,
    Utilities,
    bounded_utilities,
    completeness,
    rank_bounds,
    ranks,
    scores,
    shares,
    vetoed,
)

#: Scores that only meet where a weight is null, or alone, turn nothing.
_ENDS = 1e-9
_DRAWN_TOGETHER = 100_000  # values


def one_at_a_time(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    change_share: float,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> pd.DataFrame:
    """Find who comes first when one weight moves by a share, up or down, the others making room.

    Parameters
    ----------
    table, criteria, vetoes, method
        As for :func:`artois_geo.ranking.rank`.
    change_share
        0.2 for plus or minus 20 %.

    Returns
    -------
    DataFrame
        Two rows per criterion: ``column``, ``weight_before``, ``weight_after`` (0..1), ``first``
        (index of the leader by score), ``turned`` (the leader changes), ``moved`` (sites that change
        rank), ``contenders`` (sites that may be first, according to their unknown values: 1 where the
        first is certain).

    Raises
    ------
    BadTable
        No site to rank, or names of sites that repeat.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, one_at_a_time
    >>> sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.9]}, index=["X", "Y"])
    >>> criteria = [Criterion("a", 0, 1, weight=1), Criterion("b", 0, 1, weight=1)]
    >>> one_at_a_time(sites, criteria, change_share=0.2)["first"].tolist()
    ['X', 'Y', 'Y', 'X']
    """
    sites, worth = _contest(table, criteria, vetoes)
    weights = shares(criteria)
    order = ranks(scores(worth.central, weights, method))
    rows = []
    for number, criterion in enumerate(criteria):
        for sign in (1, -1):
            weight = min(weights[number] * (1 + sign * change_share), 1.0)
            moved = _with_weight(weights, number, weight)
            new_order = ranks(scores(worth.central, moved, method))
            rows.append(
                {
                    "column": criterion.column,
                    "weight_before": weights[number],
                    "weight_after": weight,
                    "first": sites[int(np.argmin(new_order))],
                    "turned": bool(np.argmin(new_order) != np.argmin(order)),
                    "moved": int((new_order != order).sum()),
                    "contenders": len(_contenders(worth, moved, method)),
                }
            )
    return pd.DataFrame(rows)


def contenders(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> list[object]:
    """List the sites that may be first at the declared weights, according to their unknown values.

    Parameters
    ----------
    table, criteria, vetoes, method
        As for :func:`artois_geo.ranking.rank`.

    Returns
    -------
    list
        Index of these sites, the best central score first; one alone is certain to be first, unless it ties.

    Raises
    ------
    BadTable
        No site to rank, or names of sites that repeat.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, contenders
    >>> sites = pd.DataFrame({"a": [0.6, 0.5, 0.1], "b": [0.5, None, 0.1]}, index=["X", "Y", "Z"])
    >>> contenders(sites, [Criterion("a", 0, 1), Criterion("b", 0, 1)])
    ['X', 'Y']
    """
    sites, worth = _contest(table, criteria, vetoes)
    return [sites[row] for row in _contenders(worth, shares(criteria), method)]


def critical_weights(
    table: pd.DataFrame, criteria: Sequence[Criterion], *, vetoes: Sequence[Veto] = ()
) -> pd.DataFrame:
    """Find, for each criterion, the weights from which the additive leader may lose its first rank.

    Parameters
    ----------
    table, criteria, vetoes
        As for :func:`artois_geo.ranking.rank`. Unknown values count at their worst for the leader, at
        their best for its rivals.

    Returns
    -------
    DataFrame
        One row per criterion: ``column``, ``weight`` now, ``below`` and ``above``: the leader stays
        first between them whatever the unknown values (NaN: nothing turns it on that side),
        ``rival_below``, ``rival_above``. A leader that a rival may already overtake holds at no weight:
        ``below`` and ``above`` are then both ``weight``.

    Raises
    ------
    BadTable
        No site to rank, or names of sites that repeat.

    Notes
    -----
    With the other weights in proportion, the lead over a rival is ``t Δuᵢ + (1 − t) Δ_rest``,
    null at ``t = Δ_rest / (Δ_rest − Δuᵢ)``.

    Examples
    --------
    B leads A by its friche alone; the lead turns where t = 0.25:

    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, critical_weights
    >>> sites = pd.DataFrame({"friche": [0.0, 0.6], "net_ha": [0.7, 0.5]}, index=["A", "B"])
    >>> criteria = [Criterion("friche", 0, 1, weight=0.4), Criterion("net_ha", 0, 1, weight=0.6)]
    >>> critical_weights(sites, criteria)[["column", "below"]].round(3).values.tolist()
    [['friche', 0.25], ['net_ha', nan]]
    """
    sites, worth = _contest(table, criteria, vetoes)
    weights = shares(criteria)
    leader, *rivals = _contenders(worth, weights, "additive")
    overtaking = [
        row for row in rivals if round(float(weights @ (worth.high[row] - worth.low[leader])), DECIMALS) > 0
    ]
    rows = []
    for number, criterion in enumerate(criteria):
        weight = weights[number]
        row: dict[str, object] = {"column": criterion.column, "weight": weight}
        row |= {"below": np.nan, "above": np.nan, "rival_below": None, "rival_above": None}
        if overtaking:
            row |= {"below": weight, "above": weight}
            row |= {"rival_below": sites[overtaking[0]], "rival_above": sites[overtaking[0]]}
        for rival in range(len(sites)):
            if overtaking or rival == leader:
                continue
            limit, side = _turning_weight(worth.low[leader] - worth.high[rival], weights, number)
            nearer = max if side == "below" else min
            if not np.isnan(limit) and (np.isnan(row[side]) or nearer(row[side], limit) == limit):  # type: ignore[call-overload]
                row[side], row[f"rival_{side}"] = limit, sites[rival]
        rows.append(row)
    return pd.DataFrame(rows)


def stability(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    draws: int,
    seed: int,
    concentration: float | None = None,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> pd.DataFrame:
    """Measure rank acceptability: how often each site comes first, over weights drawn at random.

    Parameters
    ----------
    table, criteria, vetoes, method
        As for :func:`artois_geo.ranking.rank`.
    draws, seed
        Number of draws; same seed, same answer.
    concentration
        None: every set of weights is as likely (Dirichlet 1, 1 …). A number: draws around the
        declared weights, the nearer the larger. An unknown value is drawn too, between its bounds.

    Returns
    -------
    DataFrame
        Rows of ``table``: ``first_share`` and ``top3_share`` of the draws (0..1; sites that tie share
        the draw), ``best_rank``, ``median_rank``, ``worst_rank``. The best and the worst rank are the
        extremes of the draws and of what unknown values allow at the declared weights. Missing under a
        veto, or where nothing is known.

    Raises
    ------
    BadTable
        No site to rank, or names of sites that repeat.
    BadValue
        No draw, or a concentration that is not positive.

    Notes
    -----
    Lahdelma & Salminen, SMAA-2, *Operations Research* 49 (2001).

    Examples
    --------
    Two criteria, two sites: X is first when a weighs more than b, one draw in two.

    >>> import pandas as pd
    >>> from artois_geo.ranking import Criterion, stability
    >>> sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0]}, index=["X", "Y"])
    >>> criteria = [Criterion("a", 0, 1), Criterion("b", 0, 1)]
    >>> bool(abs(stability(sites, criteria, draws=4000, seed=1)["first_share"]["X"] - 0.5) < 0.03)
    True
    """
    if draws < 1:
        raise BadValue("draws : au moins un tirage.")
    sites, worth = _contest(table, criteria, vetoes)
    rng = np.random.default_rng(seed)
    weights = shares(criteria)
    if concentration is not None and concentration <= 0:
        raise BadValue("concentration : un nombre positif.")
    alpha = np.ones(len(weights)) if concentration is None else np.maximum(concentration * weights, 1e-6)
    drawn_ranks = np.empty((draws, len(sites)))
    wins = np.zeros(len(sites))
    drawn_weights = rng.dirichlet(alpha, size=draws)
    block = max(1, _DRAWN_TOGETHER // worth.low.size)
    for first in range(0, draws, block):
        some = drawn_weights[first : first + block, None, :]
        filled = worth.low + (worth.high - worth.low) * rng.random((len(some), *worth.low.shape))
        placed = _ranks_by_draw(scores(filled, some, method))
        drawn_ranks[first : first + block] = placed
        winners = placed == 1
        wins = np.vstack([wins, winners / winners.sum(axis=1, keepdims=True)]).sum(axis=0)
    best, worst = rank_bounds(scores(worth.low, weights, method), scores(worth.high, weights, method))
    return pd.DataFrame(
        {
            "first_share": wins / draws,
            "top3_share": (drawn_ranks <= 3).mean(axis=0),
            "best_rank": np.minimum(drawn_ranks.min(axis=0), best),
            "median_rank": np.median(drawn_ranks, axis=0),
            "worst_rank": np.maximum(drawn_ranks.max(axis=0), worst),
        },
        index=sites,
    ).reindex(table.index)


def _ranks_by_draw(value: Array) -> NDArray[np.intp]:
    """Rank the scores of each draw as :func:`artois_geo.ranking.score.ranks` does those of one."""
    level = value.round(DECIMALS)
    order = np.argsort(-level, axis=1, kind="stable")
    down = np.take_along_axis(level, order, axis=1)
    is_lower = np.diff(down, axis=1, prepend=down[:, :1]) != 0
    placed = np.empty_like(order)
    places = np.maximum.accumulate(np.where(is_lower, np.arange(level.shape[1]), 0), axis=1)
    np.put_along_axis(placed, order, places + 1, axis=1)
    return placed


def _contest(
    table: pd.DataFrame, criteria: Sequence[Criterion], vetoes: Sequence[Veto]
) -> tuple[list[object], Utilities]:
    """List the sites without veto of which something is known, and their utilities."""
    if not table.index.is_unique:
        raise BadTable("Deux lignes portent le même nom de site. Donner à chacune le sien.")
    worth = bounded_utilities(table, criteria)
    rankable = np.array([not reason for reason in vetoed(table, vetoes)], dtype=bool)
    rankable &= completeness(worth, shares(criteria)) > 0
    if not rankable.any():
        raise BadTable("Aucun site à classer : tous sont sous veto ou sans aucune valeur.")
    return list(table.index[rankable]), worth.rows(rankable)


def _contenders(worth: Utilities, weights: Array, method: Method) -> list[int]:
    """Return the rows of the sites that may be first, the best central score in front."""
    central = scores(worth.central, weights, method)
    high_scores = scores(worth.high, weights, method).round(DECIMALS)
    floor = scores(worth.low, weights, method).round(DECIMALS).max()
    leader = int(np.nanargmax(central))
    order = np.argsort(-central, kind="stable")
    return [leader, *(int(row) for row in order if row != leader and high_scores[row] >= floor)]


def _with_weight(weights: Array, number: int, weight: float) -> Array:
    rest = 1 - weights[number]
    moved = weights * ((1 - weight) / rest if rest > 0 else 0.0)
    moved[number] = weight
    return moved / moved.sum()


def _turning_weight(lead: Array, weights: Array, number: int) -> tuple[float, str]:
    """Compute the weight of a criterion where a lead is null (NaN: nowhere), and the side where it is lost.

    The other weights keep their proportions.
    """
    rest = 1 - weights[number]
    if rest <= 0:
        return np.nan, ""
    other_weights = weights / rest
    other_weights[number] = 0.0
    lead_rest = float(other_weights @ lead)
    if abs(lead_rest - lead[number]) < 1e-12:
        return np.nan, ""
    limit = lead_rest / (lead_rest - float(lead[number]))
    # Of two sites that tie, the weight that favours the leader keeps it first.
    side = "above" if lead[number] < lead_rest else "below"
    return (limit if _ENDS < limit < 1 - _ENDS else np.nan), side
