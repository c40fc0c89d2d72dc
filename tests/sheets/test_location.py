"""The small map of a sheet: names stand apart, and the picture is made of what its parts return."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import theme
from artois_geo.sheets.location import drawings, situation
from artois_geo.sheets.location.drawings import Marks, View, element

VIEW = View((0, 0, 4_000, 2_000), (400, 200), theme.read())
SPOTS = st.tuples(st.floats(0, 400), st.floats(0, 200), st.floats(5, 60), st.floats(8, 14))


@settings(max_examples=25)
@given(st.lists(SPOTS, max_size=12))
def test_names_cover_neither_each_other_nor_the_edge(spots: list[tuple[float, float, float, float]]) -> None:
    boxes: list[drawings.Box] = []
    for x, y, half, size in spots:
        if spot := drawings.free(VIEW, (x, y), half, size, boxes):
            boxes.append(spot[1])
    for number, (west, top, east, bottom) in enumerate(boxes):
        assert 4 < west < east < 396
        assert 4 < top < bottom < 196
        for a_west, a_top, a_east, a_bottom in boxes[:number]:
            assert east <= a_west or a_east <= west or bottom <= a_top or a_bottom <= top


def test_a_place_with_no_room_has_no_name() -> None:
    assert drawings.free(VIEW, (200, 100), 20, 10, [(0, 0, 400, 200)]) is None


def test_a_kilometre_is_a_hundred_units_of_a_picture_ten_times_smaller_in_metres() -> None:
    assert VIEW.per_metre == pytest.approx(0.1)
    assert VIEW.at(1_000, 2_000) == (100, 0)


def test_marks_put_together_keep_their_order_and_the_originals() -> None:
    lake, pin = Marks([element("path")], [(0, 0, 1, 1)]), Marks([element("circle")], [(2, 2, 3, 3)])
    both = drawings.together([lake, pin])
    assert [part.tag for part in both.elements] == ["path", "circle"]
    assert both.boxes == [(0, 0, 1, 1), (2, 2, 3, 3)]
    assert len(lake.elements) == 1


def test_badges_of_one_place_are_pushed_apart_and_off_the_pin() -> None:
    spots = situation.spread([(50.0, 50.0)] * 4, (50.0, 50.0))
    pairs = [
        (spot, other_spot) for rank, spot in enumerate(spots) for other_spot in [*spots[:rank], (50.0, 50.0)]
    ]
    assert min(math.dist(*pair) for pair in pairs) > 2 * situation.BADGE
