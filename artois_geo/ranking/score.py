"""Scores on fixed bounds: additive or geometric, with intervals where values are missing."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.ranking.criteria import Criterion, Veto

Method = Literal["additive", "geometric"]


def utilities(table: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Each value on its criterion's fixed scale: 0 at ``worst``, 1 at ``best``, cut beyond, NaN if missing.

    Parameters
    ----------
    table
        One row per site, with the columns of the criteria as numbers (or true/false).

    Raises
    ------
    UnknownName
        A criterion's column is not there.
    BadTable
        A value is not a number.

    Examples
    --------
    >>> table = pd.DataFrame({"road_km": [0.0, 5.0, 20.0]})
    >>> utilities(table, [Criterion("road_km", worst=10, best=0)])["road_km"].tolist()
    [1.0, 0.5, 0.0]
    """
    scaled = pd.DataFrame(index=table.index)
    for criterion in criteria:
        if criterion.column not in table.columns:
            raise UnknownName("colonne", criterion.column, map(str, table.columns))
        column = table[criterion.column]
        numbers = pd.to_numeric(column, errors="coerce").astype(float)
        wrong = numbers.isna() & column.notna()
        if wrong.any():
            found = column[wrong].iloc[0]
            raise BadTable(
                f"« {criterion.column} », ligne {column.index[wrong][0]} : « {found} » n'est pas un nombre."
            )
        scaled[criterion.column] = ((numbers - criterion.worst) / (criterion.best - criterion.worst)).clip(
            0, 1
        )
    return scaled


def rank(
    table: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    vetoes: Sequence[Veto] = (),
    method: Method = "additive",
) -> pd.DataFrame:
    """Score and rank of each site, with what is missing said rather than filled.

    Parameters
    ----------
    table
        One row per site.
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
        ``table`` with ``score`` (0 to 100, over the criteria known), ``score_low`` and
        ``score_high`` (missing values at their worst and best), ``completeness`` (share of the
        weights known), ``rank`` (missing under a veto or without any value; equal scores share
        a rank), ``veto``, and ``score_<column>``: points that each criterion brings.

    Notes
    -----
    Multi-attribute value functions on fixed, so rank-preserving, scales: Belton & Stewart,
    *Multiple Criteria Decision Analysis* (2002).

    Examples
    --------
    >>> sites = pd.DataFrame({"net_ha": [20.0, 5.0], "road_km": [5.0, 1.0]})
    >>> criteria = [Criterion("net_ha", 0, 20, weight=1), Criterion("road_km", 10, 0, weight=1)]
    >>> rank(sites, criteria)[["score", "rank"]].round(3).values.tolist()
    [[75.0, 1], [57.5, 2]]
    """
    if method not in ("additive", "geometric"):
        raise UnknownName("méthode", method, ["additive", "geometric"])
    scaled = utilities(table, criteria)
    worth = scaled.to_numpy()
    weights = shares(criteria)
    ranked = table.copy()
    ranked["score"], ranked["completeness"] = scores(worth, weights, method)
    ranked["score_low"] = scores(np.where(np.isnan(worth), 0.0, worth), weights, method)[0]
    ranked["score_high"] = scores(np.where(np.isnan(worth), 1.0, worth), weights, method)[0]
    ranked["veto"] = _vetoed(table, vetoes)
    free = ranked["score"].where(ranked["veto"] == "")
    # Scores that differ by a rounding error share their rank.
    ranked["rank"] = free.round(9).rank(ascending=False, method="min").astype("Int64")
    known = np.where(np.isnan(worth), 0.0, weights).sum(axis=1, keepdims=True)
    for at, criterion in enumerate(criteria):
        points = 100 * weights[at] * worth[:, at] / np.where(known[:, 0] > 0, known[:, 0], np.nan)
        ranked[f"score_{criterion.column}"] = points
    return ranked


def profile(table: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Profile on several axes, never summed: 0 to 100 per axis, with how much of it is known.

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
    >>> jobs = Criterion("jobs_per_ha", worst=0, best=40, axis="emploi")
    >>> profile(pd.DataFrame({"jobs_per_ha": [20.0]}), [jobs]).values.tolist()
    [[50.0, 1.0]]
    """
    absent = [criterion.column for criterion in criteria if criterion.column not in table.columns]
    padded = table.assign(**dict.fromkeys(absent, np.nan))
    shown = pd.DataFrame(index=table.index)
    for axis in dict.fromkeys(criterion.axis for criterion in criteria):
        if not axis:
            raise BadTable("Profil : chaque critère doit nommer son axe.")
        mine = [criterion for criterion in criteria if criterion.axis == axis]
        shown[axis], shown[f"{axis}_completeness"] = scores(
            utilities(padded, mine).to_numpy(), shares(mine), "additive"
        )
    return shown


def shares(criteria: Sequence[Criterion]) -> NDArray[np.float64]:
    """Weights scaled to sum to 1."""
    if not criteria:
        raise BadTable("Classement sans aucun critère.")
    weights = np.array([criterion.weight for criterion in criteria], dtype=float)
    if (weights < 0).any() or weights.sum() <= 0:
        raise BadValue("Poids : des nombres positifs ou nuls, dont un au moins n'est pas nul.")
    return weights / weights.sum()


def scores(
    worth: NDArray[np.float64], weights: NDArray[np.float64], method: Method
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score over the known criteria (0 to 100, NaN when none is), and the share of weights known."""
    known = ~np.isnan(worth)
    mass = np.where(known, weights, 0.0)
    completeness = mass.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "additive":
            value = (mass * np.where(known, worth, 0.0)).sum(axis=-1) / completeness
        else:
            # A criterion that weighs nothing cannot sink a site.
            logs = np.where(known & (mass > 0), mass * np.log(np.where(known, worth, 1.0)), 0.0)
            value = np.exp(logs.sum(axis=-1) / completeness)
    return np.where(completeness > 0, 100 * value, np.nan), completeness


def _vetoed(table: pd.DataFrame, vetoes: Sequence[Veto]) -> list[str]:
    reasons: list[list[str]] = [[] for _ in range(len(table))]
    for veto in vetoes:
        if veto.column not in table.columns:
            raise UnknownName("colonne", veto.column, map(str, table.columns))
        column = table[veto.column]
        if veto.test in ("<", ">"):
            numbers = pd.to_numeric(column, errors="coerce")
            met = numbers < veto.value if veto.test == "<" else numbers > veto.value
        elif veto.test == "vide":
            met = column.isna()
        else:
            met = column.notna() & ((column == veto.value) == (veto.test == "="))
        for row in np.flatnonzero(met.fillna(False).to_numpy(dtype=bool)):
            reasons[row].append(veto.name)
    return [" ; ".join(reason) for reason in reasons]
