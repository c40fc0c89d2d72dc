"""Sums that do not depend on the order of what is added: areas are cut into whole numbers first."""

from typing import NamedTuple

import numpy as np

from artois_geo.overlay.frames import Floats, Integers

# Whole numbers below 2**53 add up exactly in any order: coarse for 8e12 m2, fine for 1e8 pieces.
_COARSE = 2.0**10
_FINE = 2.0**26


class Totals(NamedTuple):
    """Square metres per key: coarse and fine parts, each a whole number."""

    key: Integers
    coarse: Floats
    fine: Floats

    @property
    def m2(self) -> Floats:
        return self.coarse / _COARSE + self.fine / (_COARSE * _FINE)


def total(key: Integers, m2: Floats) -> Totals:
    """Sum by key; keys come out sorted."""
    scaled = m2 * _COARSE
    coarse = np.floor(scaled)
    return _added(key, coarse, np.rint((scaled - coarse) * _FINE))


def together(parts: list[Totals]) -> Totals:
    """Add sums together, key by key."""
    if not parts:
        return Totals(np.empty(0, np.int64), np.empty(0), np.empty(0))
    return _added(*(np.concatenate([part[i] for part in parts]) for i in range(3)))


def _added(key: Integers, coarse: Floats, fine: Floats) -> Totals:
    keys, position = np.unique(key, return_inverse=True)
    sums = (np.bincount(position, part, len(keys)).astype(float) for part in (coarse, fine))
    return Totals(keys, *sums)
