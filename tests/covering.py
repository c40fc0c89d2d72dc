"""Several axes of a test: each value once in the usual run, every combination in the long one."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest


def covering(*axes: Iterable[Any]) -> list[Any]:
    """List every combination of the axes; all but those of a diagonal, which meets each value, are long."""
    values = [list(axis) for axis in axes]
    longest = max(map(len, values))
    diagonal = {tuple(row % len(axis) for axis in values) for row in range(longest)}
    ranks = product(*(range(len(axis)) for axis in values))
    return [
        pytest.param(
            *(axis[index] for axis, index in zip(values, rank, strict=True)),
            marks=() if rank in diagonal else pytest.mark.long,
        )
        for rank in ranks
    ]


def mostly_long(values: Iterable[Any], *usual: Any) -> list[Any]:
    """List values of one kind; all but the usual ones are long."""
    return [pytest.param(value, marks=() if value in usual else pytest.mark.long) for value in values]
