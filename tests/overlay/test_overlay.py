"""Surface tables: truths of the plain, then any polygons at all against shapely, one by one."""

from itertools import pairwise, product

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import overlay
from artois_geo.errors import BadCRS, BadTable, BadValue, UnknownName
from artois_geo.overlay import engine

M2_PER_HA = 10_000
CELL_M2 = 1e-6  # what two exact computations may differ by, per cell


@pytest.fixture(autouse=True, params=["compiled", "geos"], scope="module")
def _each_engine(request):
    """Every truth holds with the compiled kernel and without it."""
    if request.param == "compiled":
        pytest.importorskip("numba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_FEW_ROWS", 0 if request.param == "compiled" else 10**9)
        yield


def _frame(shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=2154)


def _together(*frames) -> gpd.GeoDataFrame:
    return pd.concat(frames, ignore_index=True)


def _communes() -> gpd.GeoDataFrame:
    """Four communes of 100 ha, two by two."""
    return _together(
        *(
            plain.square(x_km=x, y_km=y, side_km=1, insee=f"6200{2 * y + x}")
            for x, y in product((0, 1), (0, 1))
        )
    )


def _column(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Geometries in a column: with a row of others, shapely takes every one of them with every other."""
    return frame.geometry.to_numpy()[:, None]


def _one_by_one(zones, cover, by) -> dict:
    """The slow answer: every zone with every polygon, by shapely."""
    m2 = shapely.area(shapely.intersection(_column(zones), cover.geometry.to_numpy()))
    return _summed(m2, zones.index, list(cover[by].itertuples(index=False, name=None)))


def _changes_one_by_one(before, after, zones) -> dict:
    """The slow answer: every polygon with every other one, then with every zone, by shapely."""
    shared = shapely.intersection(_column(before), after.geometry.to_numpy()).ravel()
    m2 = shapely.area(shapely.intersection(_column(zones), shared))
    return _summed(m2, zones.index, list(product(before["cs"], after["cs"])))


def _summed(m2: np.ndarray, zone_names, classes: list[tuple]) -> dict:
    cells: dict = {}
    for zone, column in zip(*np.nonzero(m2), strict=True):
        cell = (zone_names[zone], *classes[column])
        cells[cell] = cells.get(cell, 0.0) + m2[zone, column]
    return {cell: total for cell, total in cells.items() if total > CELL_M2}


def _cells(table: pd.DataFrame, columns: list[str]) -> dict:
    keys = table[columns].itertuples(index=False, name=None)
    return dict(zip(keys, table["area_ha"] * M2_PER_HA, strict=True))


def _assert_same(areas: dict, expected: dict) -> None:
    for cell in areas.keys() | expected.keys():
        assert areas.get(cell, 0.0) == pytest.approx(expected.get(cell, 0.0), abs=2 * CELL_M2), cell


# ------------------------------------------------------------------ truths of the plain


def test_a_polygon_across_four_communes_is_shared_between_them():
    field = plain.rectangle(x_km=0.5, y_km=0.25, width_km=1, height_km=1, cs="CS2.2.1")
    table = overlay.area_table(_communes(), field, by=["cs"], key="insee").set_index("insee")
    assert table["area_ha"].round(9).to_dict() == {"62000": 37.5, "62001": 37.5, "62002": 12.5, "62003": 12.5}


def test_a_polygon_that_leaves_the_communes_is_not_shared_out_whole():
    field = plain.rectangle(x_km=1.5, y_km=0.75, width_km=1, height_km=1, cs="CS2.2.1")
    table = overlay.area_table(_communes(), field, by=["cs"], key="insee").set_index("insee")
    assert table["area_ha"].round(9).to_dict() == {"62001": 12.5, "62003": 37.5}


def test_a_zone_with_a_hole_counts_no_ground_in_the_hole():
    ring = (
        plain.square(x_km=0, y_km=0, side_km=3).geometry[0]
        - plain.square(x_km=1, y_km=1, side_km=1).geometry[0]
    )
    cover = plain.square(x_km=0, y_km=0, side_km=3, cs="a")
    assert overlay.area_table(_frame([ring]), cover, by=["cs"])["area_ha"].tolist() == [pytest.approx(800)]


def test_a_zone_in_several_parts_is_one_zone():
    parts = shapely.union_all([plain.square(x_km=x, y_km=0, side_km=1).geometry[0] for x in (0, 2)])
    cover = plain.rectangle(x_km=0, y_km=0, width_km=3, height_km=1, cs="a")
    assert overlay.area_table(_frame([parts]), cover, by=["cs"])["area_ha"].tolist() == [pytest.approx(200)]


def test_overlapping_zones_each_count_their_ground():
    zones = _together(plain.square(x_km=0, y_km=0, side_km=1), plain.square(x_km=0, y_km=0, side_km=2))
    cover = plain.square(x_km=0, y_km=0, side_km=2, cs="a")
    assert overlay.area_table(zones, cover, by=["cs"])["area_ha"].tolist() == pytest.approx([100, 400])


def test_ground_covered_twice_counts_twice_and_balance_says_so():
    commune = plain.square(x_km=0, y_km=0, side_km=1)
    cover = _together(
        plain.rectangle(x_km=0, y_km=0, width_km=0.6, height_km=1, cs="a"),
        plain.rectangle(x_km=0.4, y_km=0, width_km=0.5, height_km=1, cs="a"),
    )
    assert overlay.area_table(commune, cover, by=["cs"])["area_ha"].tolist() == pytest.approx([110])
    row = overlay.balance(commune, cover).iloc[0]
    assert row[["zone_ha", "covered_ha", "gap_ha", "overlap_ha"]].tolist() == pytest.approx([100, 90, 10, 20])


def test_touching_is_not_sharing():
    neighbour = plain.square(x_km=2, y_km=0, side_km=1, cs="a")
    corner = plain.square(x_km=2, y_km=2, side_km=1, cs="a")
    assert overlay.area_table(_communes(), _together(neighbour, corner), by=["cs"]).empty


def test_a_missing_class_keeps_its_hectares():
    cover = plain.square(x_km=0, y_km=0, side_km=1, cs=None)
    table = overlay.area_table(_communes(), cover, by=["cs"])
    assert table["cs"].isna().all()
    assert table["area_ha"].sum() == pytest.approx(100)


def test_points_lines_and_nothing_cover_no_ground():
    shapes = [shapely.Point(plain.ORIGIN_X, plain.ORIGIN_Y), None, shapely.Polygon()]
    assert overlay.area_table(_communes(), _frame(shapes, cs=["a"] * 3), by=["cs"]).empty


def test_the_surface_of_a_collection_counts():
    square = plain.square(x_km=0, y_km=0, side_km=1).geometry[0]
    mixed = shapely.GeometryCollection([square, square.boundary])
    table = overlay.area_table(_communes(), _frame([mixed], cs=["a"]), by=["cs"])
    assert table["area_ha"].tolist() == pytest.approx([100])


def test_the_input_is_left_as_it_was():
    zones, cover = _communes(), plain.square(x_km=0, y_km=0, side_km=1, cs="a")
    zones_before, cover_before = zones.copy(deep=True), cover.copy(deep=True)
    overlay.area_table(zones, cover, by=["cs"])
    pd.testing.assert_frame_equal(zones, zones_before)
    pd.testing.assert_frame_equal(cover, cover_before)


# ------------------------------------------------------------------ what is refused


def test_a_polygon_that_crosses_itself_is_refused_with_its_row():
    x, y = plain.ORIGIN_X, plain.ORIGIN_Y
    bow_tie = shapely.Polygon([(x, y), (x + 900, y + 900), (x + 900, y), (x, y + 500)])
    cover = _frame([bow_tie], cs=["a"]).set_axis(["parcelle 7"])
    with pytest.raises(BadTable, match="parcelle 7"):
        overlay.area_table(_communes(), cover, by=["cs"])


def test_a_ring_that_only_touches_itself_is_read_in_the_only_way():
    x, y = plain.ORIGIN_X, plain.ORIGIN_Y
    corners = [(0, 0), (400, 0), (200, 200), (400, 400), (0, 400), (200, 200)]
    touching = shapely.Polygon([(x + a, y + b) for a, b in corners])
    assert not touching.is_valid
    table = overlay.area_table(_communes(), _frame([touching], cs=["a"]), by=["cs"])
    assert table["area_ha"].tolist() == pytest.approx([8.0])


def test_degrees_are_refused():
    with pytest.raises(BadCRS, match="cover"):
        overlay.area_table(
            _communes(), plain.square(x_km=0, y_km=0, side_km=1, cs="a").to_crs(4326), by=["cs"]
        )


def test_an_unknown_column_is_named():
    with pytest.raises(UnknownName, match="code_us"):
        overlay.area_table(_communes(), plain.square(x_km=0, y_km=0, side_km=1, cs="a"), by=["code_us"])


def test_two_zones_of_one_name_are_refused():
    zones = _communes().assign(insee="62498")
    with pytest.raises(BadTable, match="62498"):
        overlay.area_table(zones, plain.square(x_km=0, y_km=0, side_km=1, cs="a"), by=["cs"], key="insee")


def test_no_core_is_refused():
    with pytest.raises(BadValue, match="0"):
        overlay.area_table(_communes(), plain.square(x_km=0, y_km=0, side_km=1, cs="a"), by=["cs"], cores=0)


# ------------------------------------------------------------------ changes


def test_ground_drawn_the_same_changes_only_if_its_class_does():
    before = _communes().assign(cs=["a", "a", "b", "b"])
    after = _communes().assign(cs=["a", "b", "b", "a"])
    table = overlay.change_table(before, after, zones=_communes(), by=["cs"], key="insee")
    assert _cells(table, ["cs_before", "cs_after"]) == pytest.approx({("a", "b"): 1e6, ("b", "a"): 1e6})


def test_unchanged_ground_is_given_when_asked():
    before = _communes().assign(cs=["a", "a", "b", "b"])
    after = _communes().assign(cs=["a", "b", "b", "a"])
    table = overlay.change_table(before, after, zones=_communes(), by=["cs"], keep_unchanged=True)
    assert table["area_ha"].sum() == pytest.approx(400)


def test_a_ring_started_elsewhere_or_turned_round_is_the_same_ground():
    square = plain.square(x_km=0, y_km=0, side_km=1).geometry[0]
    corners = list(square.exterior.coords)
    turned = shapely.Polygon([*corners[2:-1], *corners[:3]]).reverse()
    table = overlay.change_table(
        _frame([square], cs=["a"]), _frame([turned], cs=["b"]), zones=_communes(), by=["cs"]
    )
    assert table["area_ha"].tolist() == pytest.approx([100])


def test_a_coverage_that_overlaps_itself_counts_every_couple():
    before = _communes().iloc[[0, 0]].assign(cs=["a", "b"]).reset_index(drop=True)
    after = _communes().iloc[[0]].assign(cs=["a"])
    table = overlay.change_table(before, after, zones=_communes(), by=["cs"], keep_unchanged=True)
    assert _cells(table, ["cs_before", "cs_after"]) == pytest.approx({("a", "a"): 1e6, ("b", "a"): 1e6})


# ------------------------------------------------------------------ pieces


def test_pieces_of_a_feature_add_up_to_it():
    site = plain.rectangle(x_km=0.5, y_km=0.5, width_km=1, height_km=1)
    pieces = overlay.intersections(site, _communes())
    assert pieces["piece_ha"].tolist() == pytest.approx([25] * 4)
    assert pieces["zone_row"].tolist() == [0, 1, 2, 3]


def test_a_path_is_cut_into_paths():
    path = plain.line((0.5, 0.5), (2.5, 0.5))
    pieces = overlay.intersections(path, _communes())
    assert pieces.length.tolist() == pytest.approx([500, 1000])
    assert pieces["piece_ha"].tolist() == [0, 0]


# ------------------------------------------------------------------ any polygons at all


@st.composite
def coverages(draw, classes="abc", most=12):
    """Polygons that share edges and corners: blocks of a grid whose lines anyone may have moved."""
    xs = sorted(draw(st.sets(st.integers(0, 40), min_size=3, max_size=7)))
    ys = sorted(draw(st.sets(st.integers(0, 40), min_size=3, max_size=7)))
    slant = draw(st.integers(-3, 3))
    blocks = [
        shapely.Polygon([(x + slant * y / 7, y) for x, y in ((a, c), (b, c), (b, d), (a, d))])
        for a, b in pairwise(xs)
        for c, d in pairwise(ys)
    ]
    owner = draw(st.lists(st.integers(0, most - 1), min_size=len(blocks), max_size=len(blocks)))
    gaps = draw(st.sampled_from([set(), {0}]))
    shapes = [
        shapely.union_all([block for block, who in zip(blocks, owner, strict=True) if who == label])
        for label in sorted(set(owner) - gaps)
    ]
    shapes = [shapely.transform(s, lambda p: p * 25 + [plain.ORIGIN_X, plain.ORIGIN_Y]) for s in shapes]
    names = draw(st.lists(st.sampled_from(classes), min_size=len(shapes), max_size=len(shapes)))
    return _frame(shapes, cs=names)


@st.composite
def scattered(draw, classes="abc"):
    """Polygons thrown anywhere, over one another, with holes and in several parts."""
    shapes, names = [], []
    for _ in range(draw(st.integers(1, 6))):
        x, y = draw(st.integers(0, 900)), draw(st.integers(0, 900))
        radius, corners = draw(st.integers(20, 400)), draw(st.integers(3, 9))
        disc = shapely.Point(plain.ORIGIN_X + x, plain.ORIGIN_Y + y).buffer(radius, quad_segs=corners)
        kind = draw(st.sampled_from(["disc", "ring", "pair"]))
        if kind == "ring":
            disc = disc - disc.centroid.buffer(radius / 2, quad_segs=corners)
        if kind == "pair":
            disc = disc | shapely.affinity.translate(disc, 3 * radius, 0)
        shapes.append(disc)
        names.append(draw(st.sampled_from(classes)))
    return _frame(shapes, cs=names)


@given(zones=st.one_of(coverages(), scattered()), cover=st.one_of(coverages(), scattered()))
def test_the_table_is_what_shapely_finds_one_by_one(zones, cover):
    table = overlay.area_table(zones, cover, by=["cs"])
    _assert_same(_cells(table, ["zone", "cs"]), _one_by_one(zones, cover, ["cs"]))


@settings(max_examples=few(20))
@given(zones=coverages(), cover=st.one_of(coverages(), scattered()), seed=st.integers(0, 99))
def test_the_order_of_features_never_changes_a_digit(zones, cover, seed):
    shuffled = cover.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(
        overlay.area_table(zones, cover, by=["cs"]),
        overlay.area_table(zones, shuffled, by=["cs"]),
        check_exact=True,
    )


@settings(max_examples=few(20))
@given(zones=coverages(), cover=st.one_of(coverages(), scattered()))
def test_the_table_and_the_balance_agree_on_every_zone(zones, cover):
    counted = overlay.area_table(zones, cover, by=["cs"]).groupby("zone")["area_ha"].sum()
    balance = overlay.balance(zones, cover).set_index("zone")
    expected = balance["covered_ha"] + balance["overlap_ha"]
    np.testing.assert_allclose(counted.reindex(zones.index, fill_value=0), expected, atol=1e-8)


two_covers = given(
    before=st.one_of(coverages(), scattered()),
    after=st.one_of(coverages(), scattered()),
    zones=coverages(),
    same_ground=st.booleans(),
)


@settings(max_examples=few(12))
@two_covers
def test_changes_are_what_shapely_finds_one_by_one(before, after, zones, same_ground):
    _assert_same_changes(before, after, zones, same_ground)


@pytest.mark.long
@settings(max_examples=1_000)
@two_covers
def test_many_changes_are_what_shapely_finds_one_by_one(before, after, zones, same_ground):
    _assert_same_changes(before, after, zones, same_ground)


def _assert_same_changes(before, after, zones, same_ground) -> None:
    if same_ground:
        after = before.assign(cs=before["cs"].map({"a": "b", "b": "b", "c": "a"}))
    expected = _changes_one_by_one(before, after, zones)
    table = overlay.change_table(before, after, zones=zones, by=["cs"], keep_unchanged=True)
    _assert_same(_cells(table, ["zone", "cs_before", "cs_after"]), expected)
    changed = overlay.change_table(before, after, zones=zones, by=["cs"])
    moved = {cell: m2 for cell, m2 in expected.items() if cell[1] != cell[2]}
    _assert_same(_cells(changed, ["zone", "cs_before", "cs_after"]), moved)


def test_no_zone_gives_no_row():
    ground = plain.square(x_km=0, y_km=0, side_km=1, cs="a", zone="z")
    nothing = ground.iloc[:0]
    assert overlay.area_table(nothing, ground, by=["cs"]).empty
    assert overlay.area_table(ground, ground.iloc[:0], by=["cs"]).empty
    assert overlay.change_table(ground, ground, zones=nothing, by=["cs"]).empty
