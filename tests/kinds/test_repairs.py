"""What has one answer is repaired, with its areas; what has two is left to a person."""

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.errors import BadCRS, BadValue
from artois_geo.kinds import repairs

SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]


def polygon(shell: list, *holes: list) -> shapely.Polygon:
    return shapely.Polygon(shell, holes)


def box(west: float, south: float, east: float, north: float) -> list:
    return [(west, south), (east, south), (east, north), (west, north)]


SETTLED = {  # areas of a square of 100 m that can be checked by hand
    "noeud papillon": (polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), 5_000),
    "contour parcouru deux fois": (polygon([*SQUARE, *SQUARE]), 10_000),
    "trous qui se chevauchent": (polygon(SQUARE, box(10, 10, 60, 60), box(40, 40, 90, 90)), 5_400),
    "trou le long du bord": (polygon(SQUARE, box(0, 0, 100, 50)), 5_000),
    "parties qui se chevauchent": (
        shapely.MultiPolygon([polygon(SQUARE), polygon(box(50, 0, 150, 100))]),
        15_000,
    ),
    "partie dans une partie": (
        shapely.MultiPolygon([polygon(SQUARE), polygon(box(20, 20, 80, 80))]),
        10_000,
    ),
    "pointe sans largeur": (
        polygon([(0, 0), (100, 0), (100, 100), (50, 100), (50, 500), (50, 100), (0, 100)]),
        10_000,
    ),
}


@pytest.mark.parametrize("cause", SETTLED)
def test_a_known_cause_gives_the_area_that_the_hand_finds(cause: str) -> None:
    shape, truth_m2 = SETTLED[cause]
    assert not shape.is_valid
    mended, _ = repairs.settle(shape)
    assert mended.is_valid
    assert mended.area == pytest.approx(truth_m2)
    assert mended.geom_type in {"Polygon", "MultiPolygon"}


@pytest.mark.parametrize(
    "shape",
    [
        polygon(SQUARE, box(300, 0, 350, 100)),  # a hole outside: taken off, or another parcel?
        polygon(SQUARE, SQUARE),  # nothing would be left
        polygon([(0, 0), (1, 0), (0, 0)]),  # no surface at all
    ],
)
def test_what_has_no_single_answer_is_left_as_it_is(shape: shapely.Polygon) -> None:
    mended, why = repairs.settle(shape)
    assert mended is None
    assert why


def test_every_repair_is_a_row_with_its_areas_and_a_flag_beyond_one_per_mille() -> None:
    tie, _ = SETTLED["noeud papillon"]
    spike, _ = SETTLED["pointe sans largeur"]
    frame = gpd.GeoDataFrame({"nom": ["a", "b", "c"]}, geometry=[tie, spike, polygon(SQUARE)], crs=2154)
    mended, report = layers.repair(frame)
    assert report["feature"].tolist() == [1, 2]
    assert report["before_m2"].tolist() == [0.0, 10_000.0]
    assert report["after_m2"].tolist() == [5_000.0, 10_000.0]
    assert report["flagged"].tolist() == [True, False]
    assert mended.geometry.is_valid.all()
    assert frame.geometry.iloc[0].equals(tie)


def test_altitudes_and_repeated_points_go_and_are_said() -> None:
    high = shapely.Polygon([(0, 0, 5), (10, 0, 5), (10, 0, 5), (10, 10, 5)])
    mended, report = layers.repair(gpd.GeoDataFrame(geometry=[high], crs=2154))
    assert report["rule"].tolist() == ["altitude retirée", "points répétés"]
    assert not mended.has_z.any()
    assert mended.count_coordinates().tolist() == [4]


def test_a_collection_of_polygons_is_a_multipolygon_and_one_with_a_road_is_not_split() -> None:
    two = shapely.GeometryCollection([polygon(SQUARE), polygon(box(200, 0, 300, 100))])
    mixed = shapely.GeometryCollection([polygon(SQUARE), shapely.LineString([(0, 0), (9, 9)])])
    shapes, repairs_made = repairs.mend(np.array([two, mixed]), layers.read_kind("site_eco"))
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon", "GeometryCollection"]
    assert [repair.rule for repair in repairs_made] == ["collection séparée"]


def test_only_the_copy_of_a_whole_feature_is_dropped() -> None:
    same = plain.square(x_km=0, y_km=0, side_km=1, nom="a")
    frame = pd.concat([same, same, same.assign(nom="b")], ignore_index=True)
    mended, report = layers.repair(frame)
    assert mended["nom"].tolist() == ["a", "b"]
    assert mended.index.tolist() == [0, 2]
    assert report["rule"].tolist() == ["objet en double"]


def ring_of_four(gap_m: float) -> gpd.GeoDataFrame:
    """Four rectangles around a square hole."""
    rows = [box(0, 0, 100, 50), box(0, 50, 50, 50 + gap_m), box(50 + gap_m, 50, 100, 50 + gap_m)]
    rows.append(box(0, 50 + gap_m, 100, 100))
    return gpd.GeoDataFrame(geometry=[polygon(ring) for ring in rows], crs=2154)


def test_a_gap_below_the_size_is_filled_by_the_neighbour_with_the_longest_edge() -> None:
    mended, report = layers.repair(ring_of_four(5.0), max_gap_m2=30.0)
    assert mended.union_all().area == pytest.approx(10_000)
    assert report["rule"].tolist() == ["trou comblé"]
    assert mended.area.sum() == pytest.approx(10_000)


def test_a_gap_above_the_size_is_a_decision_and_stays() -> None:
    mended, report = layers.repair(ring_of_four(10.0), max_gap_m2=30.0)
    assert mended.union_all().area == pytest.approx(9_900)
    assert report.empty


def test_a_sliver_below_the_size_goes_with_its_area() -> None:
    thin = polygon(box(200, 0, 200.05, 100))
    frame = gpd.GeoDataFrame(geometry=[polygon(SQUARE), thin], crs=2154)
    mended, report = layers.repair(frame, min_piece_m2=50.0)
    assert len(mended) == 1
    assert report[["rule", "after_m2"]].values.tolist() == [["micro-objet", 0.0]]
    assert report["before_m2"].tolist() == [pytest.approx(5.0)]


def test_a_right_layer_is_left_alone() -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1)
    mended, report = layers.repair(frame, max_overlap_m2=1e6, max_gap_m2=1e6)
    assert report.empty
    assert mended.geometry.iloc[0].equals_exact(frame.geometry.iloc[0], 0)


def test_a_wrong_call_is_said() -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1)
    with pytest.raises(BadCRS):
        layers.repair(frame.to_crs(4326))
    with pytest.raises(BadValue, match="positif"):
        layers.repair(frame, max_gap_m2=-1)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=9))
def test_a_repair_is_valid_covers_no_new_ground_and_is_final(points: list[tuple[int, int]]) -> None:
    shape = shapely.Polygon(points)
    if shape.is_valid:
        return
    mended, _ = repairs.settle(shape)
    if mended is None:
        return
    assert mended.is_valid
    assert mended.area <= shapely.convex_hull(shape).area + 1e-6
    again, report = layers.repair(gpd.GeoDataFrame(geometry=[mended], crs=2154))
    assert again.area.iloc[0] == pytest.approx(mended.area)
    assert "géométrie réparée" not in report["rule"].tolist()


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 4), st.integers(1, 4)), max_size=6
    )
)
def test_cutting_overlaps_keeps_the_union_and_makes_the_sum_its_area(boxes: list[tuple]) -> None:
    shapes = [shapely.box(x, y, x + width, y + height) for x, y, width, height in boxes]
    frame = gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=2154)
    mended, _ = layers.repair(frame, max_overlap_m2=1e6)
    assert mended.union_all().area == pytest.approx(frame.union_all().area)
    covered = sum(
        shapes[a].within(shapely.union_all(shapes[:a])) and not shapes[a].is_empty for a in range(len(shapes))
    )
    if not covered:  # a feature wholly covered is a decision: it stays
        assert mended.area.sum() == pytest.approx(frame.union_all().area)
