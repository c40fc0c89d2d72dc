"""A part exactly as wide as asked stays, whatever the width, the place and the bearing."""

import numpy as np
import pytest
import shapely
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from artois_geo.shapes import opened


@settings(max_examples=few(60), deadline=None)
@given(
    st.floats(1, 1000),
    st.floats(0, 90),
    st.sampled_from([(0.0, 0.0), (684_321.5, 7_041_234.567)]),
)
def test_a_square_exactly_as_wide_as_asked_stays(width_m: float, bearing: float, corner: tuple) -> None:
    x, y = corner
    square = affinity.rotate(shapely.box(x, y, x + width_m, y + width_m), bearing)
    opened_square = opened(np.array([square]), min_width_m=width_m)
    assert shapely.area(opened_square)[0] == pytest.approx(width_m**2, rel=1e-6)


@settings(max_examples=few(30), deadline=None)
@given(st.floats(10, 1000), st.floats(0.5, 0.999))
def test_a_strip_narrower_by_a_thousandth_goes(width_m: float, share: float) -> None:
    strip = shapely.box(0, 0, 3 * width_m, share * width_m)
    assert opened(np.array([strip]), min_width_m=width_m)[0].is_empty
