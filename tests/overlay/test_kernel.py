"""The compiled kernel on outlines of hundreds of vertices, and its doubts, against GEOS one by one."""

import geopandas as gpd
import numpy as np
import plain
import pytest
import shapely
from draws import few
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import affinity

from artois_geo import overlay
from artois_geo.overlay import engine, sources

pytest.importorskip("numba")
CELL_M2 = 2e-6  # two exact computations of a cell


def _wavy(x: float, y: float, radius: float, corners: int, waves: int, depth: float) -> np.ndarray:
    """Corners of a star with many arms: never crosses itself, meets another one many times."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = radius * (1 + depth * np.sin(waves * angles))
    return np.c_[x + far * np.cos(angles), y + far * np.sin(angles)]


@st.composite
def stars(draw, most: int = 3):
    """Outlines of up to 300 vertices over one another, some with a hole, some in two parts."""
    shapes = []
    for _ in range(draw(st.integers(1, most))):
        x, y = plain.ORIGIN_X + draw(st.integers(0, 600)), plain.ORIGIN_Y + draw(st.integers(0, 600))
        radius, corners = draw(st.integers(60, 400)), draw(st.integers(40, 300))
        waves, depth = draw(st.integers(2, 30)), draw(st.sampled_from([0.1, 0.4, 0.7]))
        shell = _wavy(x, y, radius, corners, waves, depth)
        holes = [_wavy(x, y, radius * (1 - depth) / 2, corners // 2, waves, 0.2)] * draw(st.integers(0, 1))
        shape = shapely.Polygon(shell, holes)
        if draw(st.booleans()):
            shape = shapely.multipolygons([shape, shapely.affinity.translate(shape, 3 * radius, 0)])
        shapes.append(shape)
    return [shape for shape in shapes if shape.is_valid]


@settings(max_examples=few(8))
@given(zones=stars(), cover=stars(most=5))
def test_long_outlines_share_what_shapely_finds_one_by_one(zones, cover):
    _assert_same(zones, cover)


@pytest.mark.long
@given(zones=stars(), cover=stars(most=5))
def test_many_long_outlines_share_what_shapely_finds_one_by_one(zones, cover):
    _assert_same(zones, cover)


def _assert_same(zones, cover) -> None:
    if not zones or not cover:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_FEW_ROWS", 0)
        table = overlay.area_table(
            gpd.GeoDataFrame(geometry=zones, crs=2154),
            gpd.GeoDataFrame({"n": np.arange(len(cover))}, geometry=cover, crs=2154),
            by=["n"],
        )
    areas = {(zone, n): ha * 10_000 for zone, n, ha in table.itertuples(index=False)}
    for zone, ground in enumerate(zones):
        for n, shape in enumerate(cover):
            expected = ground.intersection(shape).area
            assert areas.get((zone, n), 0.0) == pytest.approx(expected, abs=CELL_M2)


def test_a_limit_whose_end_an_outline_grazes_stays_on_the_side_where_no_crossing_was_noted():
    """The slanted outline runs a thousandth of a micrometre from the first corner of the first zone.

    Zone 0 is 25 m high between x = 75 and x = 128.6; the outline leaves a triangle of its west side, 89.3 m².
    """
    x = plain.ORIGIN_X + np.array([0, 75, 550 / 7, 725 / 7, 900 / 7, 125, 100])
    low, high = plain.ORIGIN_Y + 175, plain.ORIGIN_Y + 200
    first = shapely.Polygon([(x[1], low), (x[2], high), (x[3], high), (x[4], high), (x[5], low), (x[6], low)])
    second = shapely.Polygon([(x[3], high), (x[4], high), (680132.1428571428, high + 25), (x[3], high)])
    outline = [(680010.7142857143, 7030025), (680160.7142857143, 7030375), (680210.7142857143, 7030375)]
    outline += [(680060.7142857143, 7030025), (680050, 7030000), (680000, 7030000)]
    _assert_same([first, second], [shapely.Polygon(outline)])


vertices = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=14)


@given(shell=vertices, hole=st.one_of(st.none(), vertices), order=st.booleans())
@example(shell=[(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)], hole=None, order=False)  # touches its own edge
@example(shell=[(0, 0), (4, 0), (4, 4), (4, 6), (4, 4), (0, 4)], hole=None, order=False)  # a spike
@example(shell=[(0, 0), (2, 0), (4, 0), (1, 0), (1, 3)], hole=None, order=False)  # back along itself
def test_no_polygon_that_geos_refuses_goes_without_a_doubt(shell, hole, order):
    from artois_geo.overlay.kernel import scan, validity

    if order:  # turning round their middle, vertices often make a sound polygon
        middle = np.mean(shell, axis=0)
        shell = sorted(shell, key=lambda p: np.arctan2(p[1] - middle[1], p[0] - middle[0]))
    polygon = shapely.Polygon(shell, [hole] if hole else [])
    batch = engine.batch_of(np.array([polygon], dtype=object))
    ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
    doubt = np.zeros(1, bool)
    validity.doubtful(batch.data, ring, doubt)
    assert doubt[0] or polygon.is_valid


@pytest.mark.parametrize("far", [0, 7_000_000])
@pytest.mark.parametrize("shake", [0.02, 0.1, 0.4])
def test_among_shaken_outlines_only_sound_ones_go_without_a_doubt(shake, far):
    from artois_geo.overlay.kernel import scan, validity

    rng = np.random.default_rng(int(shake * 100))
    polygons = np.empty(400, dtype=object)
    for i in range(len(polygons)):
        corners = int(rng.integers(4, 150))
        around = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        reach = 1 + shake * np.cumsum(rng.normal(0, 0.2, corners))
        outline = reach[:, None] * np.c_[np.cos(around), np.sin(around)] * rng.uniform(1, 500)
        polygons[i] = shapely.Polygon(np.roll(np.round(outline, 1), 3, axis=0) + far)
    batch = engine.batch_of(polygons)
    ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
    doubt = np.zeros(len(polygons), bool)
    validity.doubtful(batch.data, ring, doubt)
    valid = shapely.is_valid(polygons)
    assert valid.any()
    assert not (~doubt & ~valid).any()
    assert (doubt & valid).sum() <= 0.05 * valid.sum()  # what GEOS must look at again is rare


@pytest.mark.parametrize("corners", [5, 40, 1_000])
@pytest.mark.parametrize("start", [0, 3])
def test_a_sound_star_raises_no_doubt_and_a_folded_one_does(corners, start):
    from artois_geo.overlay.kernel import scan, validity

    star = np.roll(_wavy(0, 0, 100, corners, 7, 0.4), start, axis=0)
    folded = star.copy()
    folded[[1, 2]] = star[[2, 1]]  # two neighbours exchanged: the outline crosses itself
    polygons = np.array([shapely.Polygon(star), shapely.Polygon(folded)], dtype=object)
    assert shapely.is_valid(polygons).tolist() == [True, False]
    batch = engine.batch_of(polygons)
    ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
    doubt = np.zeros(2, bool)
    validity.doubtful(batch.data, ring, doubt)
    assert doubt.tolist() == [False, True]


def test_what_is_no_number_raises_a_doubt_in_every_place_and_sound_shapes_of_every_kind_do_not():
    from artois_geo.overlay.kernel import scan, validity

    box, holes = shapely.box(0, 0, 90, 90), [shapely.box(x, 10, x + 9, 19) for x in (10, 30, 50)]
    pierced = shapely.Polygon(box.exterior, [hole.exterior for hole in holes])
    apart = shapely.multipolygons([pierced, shapely.box(200, 0, 290, 90)])
    over = shapely.multipolygons([box, shapely.box(45, 45, 135, 135)])
    ring = shapely.get_coordinates(box)
    broken = []
    for corner in range(1, 4):
        for value in (np.nan, np.inf, -np.inf):
            corners = ring.copy()
            corners[corner, corner % 2] = value
            with np.errstate(invalid="ignore"):
                broken.append(shapely.Polygon(corners))
    sound_ones = [box, pierced, apart]
    batch = engine.batch_of(np.array([*sound_ones, over, *broken], dtype=object))
    ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
    doubt = np.zeros(len(batch.starts), bool)
    validity.doubtful(batch.data, ring, doubt)
    assert doubt.tolist() == [False] * 3 + [True] * (1 + len(broken))


@pytest.mark.parametrize("kind", ["Z", "M", "ZM"])
def test_heights_and_measures_change_no_area(kind):
    from artois_geo.overlay.kernel import scan

    more = " 7" * len(kind)
    ring = ", ".join(f"{x} {y}{more}" for x, y in [(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)])
    blobs = [shapely.to_wkb(shapely.from_wkt(f"POLYGON {kind} (({ring}))"), output_dimension=4, flavor="iso")]
    batch = sources.pack_blobs(blobs, [], [0])
    rings, state = scan.rings(batch.data, batch.starts, batch.lengths)
    area, bbox = np.empty(1), np.empty((1, 4))
    scan.measure(batch.data, rings, area, bbox)
    assert (state.tolist(), area.tolist(), bbox.tolist()) == ([scan.SURFACE], [81], [[0, 0, 9, 9]])


def test_a_piece_cut_by_a_limit_lies_whole_on_its_side_of_it():
    # its edge runs along the limit but for the rounding of coordinates, and crosses it who knows where
    triangle = shapely.Polygon([(47.668, 105.666), (178.274, 95.861), (161.14, -10.923), (45.446, -29.171)])
    quadrilateral = shapely.Polygon(
        [(25.798, 171.24), (146.031, 156.149), (99.449, -39.814), (11.279, -18.958)]
    )
    m2 = triangle.intersection(quadrilateral).area
    triangle, quadrilateral = (
        affinity.translate(shape, 680_000, 7_030_000) for shape in (triangle, quadrilateral)
    )
    piece = np.array([triangle.intersection(quadrilateral)])
    pairs = engine.kernel_pairs(engine.batch_of(piece), engine.layers_of(np.array([quadrilateral])))
    assert pairs.m2.tolist() == pytest.approx([m2], abs=CELL_M2)
