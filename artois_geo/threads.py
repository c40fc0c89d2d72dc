"""Work on many shapes, shared out between the cores: GEOS and PROJ hold no lock of Python's."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from artois_geo.arguments import guard
from artois_geo.errors import BadValue

__all__ = [
    "BATCH",
    "by_batch",
    "cores_or_all",
    "results",
]

BATCH = 5_000  # what is copied meanwhile stays small

Job = TypeVar("Job")
Result = TypeVar("Result")


def cores_or_all(cores: int | None) -> int:
    """Return the number of threads to use: what is asked, or every core this process may use.

    Raises
    ------
    BadValue
        Less than one.

    Examples
    --------
    >>> from artois_geo.overlay import cores_or_all
    >>> cores_or_all(3)
    3
    """
    if cores is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 1:
        raise BadValue(f"cores doit être au moins 1, reçu : {cores}.")
    return cores


def results(work: Callable[[Job], Result], jobs: Iterable[Job]) -> list[Result]:
    """Run each job and return the results, in the order of the jobs.

    Examples
    --------
    >>> from artois_geo.threads import results
    >>> results(abs, [-1, 2])
    [1, 2]
    """
    with ThreadPoolExecutor(cores_or_all(None)) as pool:
        return list(pool.map(work, jobs))


def by_batch(
    work: Callable[[np.ndarray], np.ndarray], values: np.ndarray, *, size: int = BATCH
) -> np.ndarray:
    """Apply a function of arrays, batch by batch: one row out for each row in.

    Examples
    --------
    >>> import numpy as np
    >>> from artois_geo.threads import by_batch
    >>> by_batch(np.negative, np.array([1, 2])).tolist()
    [-1, -2]
    """
    if len(values) <= size:
        return work(values)
    batches = [values[start : start + size] for start in range(0, len(values), size)]
    return np.concatenate(results(work, batches))


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
