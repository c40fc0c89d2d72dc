"""Overlaps: the quick search for pairs that may share ground leaves none out."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo.kinds.checks import geometry_checks

corner, side = st.integers(0, 6), st.integers(1, 4)
boxes = st.lists(st.tuples(corner, corner, side, side), max_size=8)


@given(rectangles=boxes)
def test_every_pair_that_shares_ground_is_found(rectangles: list[tuple[int, int, int, int]]) -> None:
    shapes = [shapely.box(10 * x, 10 * y, 10 * (x + w), 10 * (y + h)) for x, y, w, h in rectangles]
    plane = gpd.GeoDataFrame(geometry=np.array(shapes, dtype=object), crs=2154)
    overlaps = [finding for finding in geometry_checks.overlaps(plane) if finding.feature is not None]
    pairs = {(finding.feature, int(finding.message.split("n° ")[1].split(" ")[0])) for finding in overlaps}
    expected = {
        (first + 1, second + 1)
        for first, second in combinations(range(len(shapes)), 2)
        if shapes[first].intersection(shapes[second]).area >= 1
    }
    assert {tuple(sorted(pair)) for pair in pairs} == expected


def test_neighbours_that_share_whole_edges_are_not_even_suspects() -> None:
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(5) for y in range(5)])
    first, second = geometry_checks._suspects(cells)
    assert len(first) == len(second) == 0
