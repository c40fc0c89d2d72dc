"""Work on many shapes, shared out between the cores: GEOS and PROJ hold no lock of Python's."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

BATCH = 5_000  # what is copied meanwhile stays small

Job = TypeVar("Job")
Result = TypeVar("Result")


def results(work: Callable[[Job], Result], jobs: Iterable[Job]) -> list[Result]:
    """Run each job and return the results, in the order of the jobs.

    Examples
    --------
    >>> results(abs, [-1, 2])
    [1, 2]
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, jobs))


def by_batch(work: Callable[[np.ndarray], np.ndarray], values: np.ndarray) -> np.ndarray:
    """Apply a function of arrays, batch by batch: one row out for each row in.

    Examples
    --------
    >>> by_batch(np.negative, np.array([1, 2])).tolist()
    [-1, -2]
    """
    if len(values) <= BATCH:
        return work(values)
    batches = [values[start : start + BATCH] for start in range(0, len(values), BATCH)]
    return np.concatenate(results(work, batches))
