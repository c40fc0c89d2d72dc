"""How far a ranking can be trusted: other weights, one at a time and all at once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo.errors import BadTable, BadValue
from artois_geo.ranking.criteria import Criterion, Veto
from artois_geo.ranking.score import Method, _vetoed, scores, shares, utilities

#: Scores that only meet where a weight is null, or alone, turn nothing.
_ENDS = 1e-9


def one_at_a_time(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    change_share: float,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> pd.DataFrame:
    """Who comes first when one weight moves by a share, up or down, the others making room.

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
        (index of the leader), ``turned`` (the leader changes), ``moved`` (sites that change rank).

    Examples
    --------
    >>> sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.9]}, index=["X", "Y"])
    >>> criteria = [Criterion("a", 0, 1, weight=1), Criterion("b", 0, 1, weight=1)]
    >>> one_at_a_time(sites, criteria, change_share=0.2)["first"].tolist()
    ['X', 'Y', 'Y', 'X']
    """
    free, worth = _contest(table, criteria, vetoes)
    weights = shares(criteria)
    order = _ranks(scores(worth, weights, method)[0])
    rows = []
    for at, criterion in enumerate(criteria):
        for sign in (1, -1):
            weight = min(weights[at] * (1 + sign * change_share), 1.0)
            other = _ranks(scores(worth, _with_weight(weights, at, weight), method)[0])
            rows.append(
                {
                    "column": criterion.column,
                    "weight_before": weights[at],
                    "weight_after": weight,
                    "first": free[int(np.argmin(other))],
                    "turned": bool(np.argmin(other) != np.argmin(order)),
                    "moved": int((other != order).sum()),
                }
            )
    return pd.DataFrame(rows)


def critical_weights(
    table: pd.DataFrame, criteria: Sequence[Criterion], *, vetoes: Sequence[Veto] = ()
) -> pd.DataFrame:
    """For each criterion, the weights from which the leader of the additive ranking loses its place.

    Parameters
    ----------
    table, criteria, vetoes
        As for :func:`artois_geo.ranking.rank`. Missing values count as in the score.

    Returns
    -------
    DataFrame
        One row per criterion: ``column``, ``weight`` now, ``below`` and ``above``: the leader stays
        first between them (NaN: nothing turns it on that side), ``rival_below``, ``rival_above``.

    Notes
    -----
    With the other weights in proportion, the lead over a rival is ``t Δuᵢ + (1 − t) Δ_rest``,
    null at ``t = Δ_rest / (Δ_rest − Δuᵢ)``.

    Examples
    --------
    B leads A by its friche alone; the lead turns where t = 0.25:

    >>> sites = pd.DataFrame({"friche": [0.0, 0.6], "net_ha": [0.7, 0.5]}, index=["A", "B"])
    >>> criteria = [Criterion("friche", 0, 1, weight=0.4), Criterion("net_ha", 0, 1, weight=0.6)]
    >>> critical_weights(sites, criteria)[["column", "below"]].round(3).values.tolist()
    [['friche', 0.25], ['net_ha', nan]]
    """
    free, worth = _contest(table, criteria, vetoes)
    weights = shares(criteria)
    leader = int(np.nanargmax(scores(worth, weights, "additive")[0]))
    rows = []
    for at, criterion in enumerate(criteria):
        row: dict[str, object] = {"column": criterion.column, "weight": weights[at]}
        row |= {"below": np.nan, "above": np.nan, "rival_below": None, "rival_above": None}
        for rival in range(len(free)):
            if rival == leader or np.isnan(scores(worth[[rival]], weights, "additive")[0][0]):
                continue
            for turn in _turns(worth[leader], worth[rival], weights, at):
                side = "below" if turn < weights[at] else "above"
                nearer = max if side == "below" else min
                if np.isnan(row[side]) or nearer(row[side], turn) == turn:  # type: ignore[call-overload]
                    row[side], row[f"rival_{side}"] = turn, free[rival]
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
    """Rank acceptability: how often each site comes first, over weights drawn at random.

    Parameters
    ----------
    table, criteria, vetoes, method
        As for :func:`artois_geo.ranking.rank`.
    draws, seed
        Number of draws; same seed, same answer.
    concentration
        None: every set of weights is as likely (Dirichlet 1, 1 …). A number: draws around the
        declared weights, the nearer the larger. A missing value is drawn too, from 0 to 1.

    Returns
    -------
    DataFrame
        Rows of ``table``: ``first_share`` and ``top3_share`` of the draws (0..1; sites that tie share
        the draw), ``best_rank``, ``median_rank``, ``worst_rank``. Missing under a veto.

    Notes
    -----
    Lahdelma & Salminen, SMAA-2, *Operations Research* 49 (2001).

    Examples
    --------
    Two criteria, two sites: X is first when a weighs more than b, one draw in two.

    >>> sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0]}, index=["X", "Y"])
    >>> criteria = [Criterion("a", 0, 1), Criterion("b", 0, 1)]
    >>> bool(abs(stability(sites, criteria, draws=4000, seed=1)["first_share"]["X"] - 0.5) < 0.03)
    True
    """
    if draws < 1:
        raise BadValue("draws : au moins un tirage.")
    free, worth = _contest(table, criteria, vetoes)
    rng = np.random.default_rng(seed)
    weights = shares(criteria)
    if concentration is not None and concentration <= 0:
        raise BadValue("concentration : un nombre positif.")
    alpha = np.ones(len(weights)) if concentration is None else np.maximum(concentration * weights, 1e-6)
    places = np.empty((draws, len(free)))
    first = np.zeros(len(free))
    for draw, drawn in enumerate(rng.dirichlet(alpha, size=draws)):
        filled = np.where(np.isnan(worth), rng.random(worth.shape), worth)
        places[draw] = _ranks(scores(filled, drawn, method)[0])
        winners = places[draw] == 1
        first += winners / winners.sum()
    held = pd.DataFrame(index=free)
    held["first_share"] = first / draws
    held["top3_share"] = (places <= 3).mean(axis=0)
    held["best_rank"], held["worst_rank"] = places.min(axis=0), places.max(axis=0)
    held["median_rank"] = np.median(places, axis=0)
    columns = ["first_share", "top3_share", "best_rank", "median_rank", "worst_rank"]
    return held[columns].reindex(table.index)


def said(
    table: pd.DataFrame, criteria: Sequence[Criterion], *, draws: int, seed: int, vetoes: Sequence[Veto] = ()
) -> pd.Series:
    """What a sheet may say of each site: « 1ᵉʳ dans 60 % des pondérations ; bascule si … ».

    Parameters
    ----------
    table, criteria, vetoes, draws, seed
        As for :func:`stability`.

    Returns
    -------
    Series
        One French sentence per row of ``table``; a vetoed site says so.

    Examples
    --------
    >>> sites = pd.DataFrame({"friche": [0.0, 0.6], "net_ha": [0.7, 0.5]}, index=["A", "B"])
    >>> criteria = [Criterion("friche", 0, 1, weight=0.4), Criterion("net_ha", 0, 1, weight=0.6)]
    >>> said(sites, criteria, draws=20_000, seed=1)["B"]
    '1ᵉʳ dans 75 % des pondérations ; bascule si « friche » pèse moins de 25,0 % (au profit de A).'
    """
    held = stability(table, criteria, draws=draws, seed=seed, vetoes=vetoes)
    turns = critical_weights(table, criteria, vetoes=vetoes)
    names = {criterion.column: criterion.name for criterion in criteria}
    free, worth = _contest(table, criteria, vetoes)
    leader = free[int(np.nanargmax(scores(worth, shares(criteria), "additive")[0]))]
    sentences = {}
    for site, row in held.iterrows():
        if np.isnan(row["first_share"]):
            sentences[site] = "Hors classement : veto."
            continue
        text = f"1ᵉʳ dans {round(100 * row['first_share'])} % des pondérations"
        if site == leader:
            text += _turning(turns, names)
        sentences[site] = text + "."
    return pd.Series(sentences, name="said").reindex(table.index)


def _turning(turns: pd.DataFrame, names: dict[str, str]) -> str:
    """The nearest turning point among all criteria."""
    near = []
    for _, row in turns.iterrows():
        for side, word in (("below", "moins"), ("above", "plus")):
            if not np.isnan(row[side]):
                gap = abs(row[side] - row["weight"])
                percent = f"{100 * row[side]:.1f}".replace(".", ",")
                near.append(
                    (gap, f" ; bascule si « {names[row['column']]} » pèse {word} de {percent} %"
                          f" (au profit de {row[f'rival_{side}']})")
                )  # fmt: skip
    return (
        min(near, key=lambda turn: round(turn[0], 9))[1]
        if near
        else " ; aucun poids pris seul ne le fait basculer"
    )


def _contest(
    table: pd.DataFrame, criteria: Sequence[Criterion], vetoes: Sequence[Veto]
) -> tuple[list[object], NDArray[np.float64]]:
    """Sites without veto that have a value at all, and their utilities."""
    if not table.index.is_unique:
        raise BadTable("Deux lignes portent le même nom de site. Donner à chacune le sien.")
    worth = utilities(table, criteria).to_numpy()
    kept = np.array([not reason for reason in _vetoed(table, vetoes)]) & ~np.isnan(worth).all(axis=1)
    if not kept.any():
        raise BadTable("Aucun site à classer : tous sont sous veto ou sans aucune valeur.")
    return list(table.index[kept]), worth[kept]


def _ranks(value: NDArray[np.float64]) -> NDArray[np.intp]:
    """1 for the highest; equal scores (to a rounding error) share the better rank."""
    level = np.nan_to_num(value, nan=-1.0).round(9)
    return len(level) - np.searchsorted(np.sort(level), level, side="right") + 1


def _with_weight(weights: NDArray[np.float64], at: int, weight: float) -> NDArray[np.float64]:
    rest = 1 - weights[at]
    moved = weights * ((1 - weight) / rest if rest > 0 else 0.0)
    moved[at] = weight
    return moved / moved.sum()


def _turns(
    leader: NDArray[np.float64], rival: NDArray[np.float64], weights: NDArray[np.float64], at: int
) -> list[float]:
    """Weights of one criterion in [0, 1] where the two scores are equal."""
    rest = 1 - weights[at]
    if rest <= 0:
        return []
    others = weights / rest
    others[at] = 0.0
    if not (np.isnan(leader).any() or np.isnan(rival).any()):
        lead_rest = float(others @ (leader - rival))
        lead = float(leader[at] - rival[at])
        if abs(lead_rest - lead) < 1e-12:
            return []
        turn = lead_rest / (lead_rest - lead)
        return [turn] if _ENDS < turn < 1 - _ENDS else []

    # Scores renormalised over known criteria are ratios of lines in t: cross-multiplied, a parabola.
    def line(worth: NDArray[np.float64]) -> tuple[np.ndarray, np.ndarray]:
        known, value = ~np.isnan(worth), np.nan_to_num(worth)
        constant = np.array([(others * known * value).sum(), (others * known).sum()])
        slope = np.array([value[at] * known[at], float(known[at])]) - constant
        return np.array([slope[0], constant[0]]), np.array([slope[1], constant[1]])

    (top, bottom), (other_top, other_bottom) = line(leader), line(rival)
    roots = np.roots(np.polysub(np.polymul(top, other_bottom), np.polymul(other_top, bottom)))
    return [float(root.real) for root in roots if abs(root.imag) < 1e-12 and _ENDS < root.real < 1 - _ENDS]
