"""Weights from pairwise comparisons: the analytic hierarchy process."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from artois_geo.errors import BadTable, BadValue
from artois_geo.ranking.criteria import Criterion, weighted
from artois_geo.text import comma

#: A comparison and its inverse, rounded by hand (3 and 0.33), multiply to nearly 1; beyond, they disagree.
LARGEST_RECIPROCITY_RATIO = 1.02


def ahp(
    comparisons: pd.DataFrame, *, random_index: Sequence[float], max_consistency_ratio: float
) -> pd.Series:
    """Compute the weights of criteria compared two by two; refuse comparisons that contradict each other.

    Parameters
    ----------
    comparisons
        Square table, same names on rows and columns: how many times the row matters more than
        the column. Either both halves, or one of them with the other left empty.
    random_index
        Mean consistency index of random matrices of size 1, 2, 3 …
    max_consistency_ratio
        Ratio from which the table is refused.

    Returns
    -------
    Series
        Weights that sum to 1; ``attrs["consistency_ratio"]`` holds the ratio.

    Raises
    ------
    BadTable
        Not square, names that differ, values that are not positive, halves that are not reciprocal.
    BadValue
        Too inconsistent; the message names the worst triad and the comparison that would settle it.

    Notes
    -----
    Saaty, *The Analytic Hierarchy Process* (1980): principal eigenvector,
    ``CI = (λ − n)/(n − 1)``, ``CR = CI / RI(n)``.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.ranking import ahp
    >>> names = ["desserte", "surface", "friche"]
    >>> table = pd.DataFrame([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], names, names)
    >>> weights = ahp(table, random_index=[0, 0, 0.58], max_consistency_ratio=0.1)
    >>> weights.round(3).tolist(), round(weights.attrs["consistency_ratio"], 3)
    ([0.648, 0.23, 0.122], 0.003)
    """
    matrix = _reciprocal(comparisons)
    size = len(matrix)
    if size > len(random_index):
        raise BadTable(f"Comparaisons : {len(random_index)} critères au plus ({size} donnés).")
    values, vectors = np.linalg.eig(matrix)
    principal = int(np.argmax(values.real))
    weights = np.abs(vectors[:, principal].real)
    consistency_index = (values[principal].real - size) / (size - 1) if size > 1 else 0.0
    ratio = consistency_index / random_index[size - 1] if random_index[size - 1] else 0.0
    if ratio >= max_consistency_ratio:
        raise BadValue(_worst_triad(matrix, list(comparisons.index), ratio, max_consistency_ratio))
    result = pd.Series(weights / weights.sum(), index=comparisons.index, name="weight")
    result.attrs["consistency_ratio"] = float(max(ratio, 0.0))
    return result


def compared(
    criteria: Sequence[Criterion],
    rows: Sequence[Sequence[float]] | None,
    *,
    random_index: Sequence[float],
    max_consistency_ratio: float,
) -> list[Criterion]:
    """Give criteria the weights of their comparisons; leave them as they are where a profile has none.

    Parameters
    ----------
    criteria
        In the order of the rows.
    rows
        ``settings["comparaisons"]`` of a profile: a square of numbers.
    random_index, max_consistency_ratio
        As for :func:`ahp`.

    Raises
    ------
    BadTable, BadValue
        Not a square of as many rows as criteria, or as for :func:`ahp`.

    Examples
    --------
    >>> from artois_geo.ranking import Criterion, compared
    >>> two = [Criterion("a", 0, 1), Criterion("b", 0, 1)]
    >>> limits = {"random_index": [0, 0], "max_consistency_ratio": 0.1}
    >>> [round(criterion.weight, 6) for criterion in compared(two, [[1, 3], [1 / 3, 1]], **limits)]
    [0.75, 0.25]
    """
    if not rows:
        return list(criteria)
    names = [criterion.name for criterion in criteria]
    try:
        matrix = pd.DataFrame(rows, names, names, dtype=float)
    except (ValueError, TypeError) as error:
        raise BadTable(
            f"comparaisons : {len(names)} lignes de {len(names)} nombres sont attendues."
        ) from error
    weights = ahp(matrix, random_index=random_index, max_consistency_ratio=max_consistency_ratio)
    return weighted(criteria, dict(zip((criterion.column for criterion in criteria), weights, strict=True)))


def _reciprocal(comparisons: pd.DataFrame) -> np.ndarray:
    """Return the full matrix: empty cells filled from their mirror; refuse halves that disagree."""
    if list(comparisons.index) != list(comparisons.columns) or not len(comparisons):
        raise BadTable("Comparaisons : un tableau carré, les mêmes critères en lignes et en colonnes.")
    matrix = comparisons.to_numpy(dtype=float)
    missing = np.isnan(matrix)
    matrix = np.where(missing & ~missing.T, 1 / matrix.T, matrix)
    matrix = np.where(np.eye(len(matrix), dtype=bool) & missing, 1.0, matrix)
    if not (matrix > 0).all():
        raise BadTable(
            "Comparaisons : des nombres positifs (3 : « compte trois fois plus », 1/3 : l'inverse)."
        )
    gap = np.abs(np.log(matrix) + np.log(matrix.T))
    if gap.max() > np.log(LARGEST_RECIPROCITY_RATIO):
        row_index, column_index = divmod(int(np.argmax(gap)), len(gap))
        row_name, column_name = comparisons.index[row_index], comparisons.index[column_index]
        raise BadTable(
            f"Comparaisons : « {row_name} / {column_name} » et « {column_name} / {row_name} »"
            " doivent être inverses."
        )
    return matrix


def _worst_triad(matrix: np.ndarray, names: list[str], ratio: float, limit: float) -> str:
    """Explain a ratio above the limit by the three criteria whose comparisons contradict most."""

    def gap(triad: tuple[int, ...]) -> float:
        i, j, k = triad
        return abs(np.log(matrix[i, j] * matrix[j, k] / matrix[i, k]))

    i, j, k = max(combinations(range(len(matrix)), 3), key=gap)
    judgements = [f"{names[a]} / {names[b]} = {_number(matrix[a, b])}" for a, b in ((i, j), (j, k), (i, k))]
    coherent = _number(matrix[i, j] * matrix[j, k])
    return (
        f"Comparaisons incohérentes : ratio de cohérence {_number(ratio)},"
        f" il doit être inférieur à {_number(limit)}.\n"
        f"Les plus contradictoires : {judgements[0]} et {judgements[1]} donneraient"
        f" {names[i]} / {names[k]} = {coherent}, or {judgements[2]}. Revoir l'une des trois."
    )


def _number(value: float) -> str:
    return comma(f"{value:.3g}")
