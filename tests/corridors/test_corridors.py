"""Greenways: kilometres, mesh, missing links, who is served, what conflicts."""

import inspect
import sys
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from artois_geo import constants, corridors, network, territory, whatif
from artois_geo.errors import BadTable, BadValue


def layer(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return pd.concat(frames, ignore_index=True)


def graph(*lines: gpd.GeoDataFrame) -> network.Network:
    return network.build(layer(*lines), snap_m=5)


SIX, THREE, ONE = plain.line((0, 0), (6, 0)), plain.line((6.2, 0), (9.2, 0)), plain.line((0, 5), (1, 5))


# kilometres


def test_a_greenway_said_on_both_sides_is_counted_once() -> None:
    way = plain.line(
        (0, 0), (2, 0), ame_d="VOIE VERTE", ame_g="VOIE VERTE", statut_d="EN SERVICE", statut_g="EN SERVICE"
    )
    way["etat"] = corridors.cycle_state(way, facilities=["VOIE VERTE"])
    assert corridors.balance(way, state="etat", snap_m=5)[["etat", "network_km"]].to_numpy().tolist() == [
        ["en service", 2.0]
    ]


def test_a_schematic_line_is_never_measured_and_its_published_length_stands_apart() -> None:
    real = plain.line((0, 0), (2, 0), etat="fait", longueur_km=2.5)
    sketch = plain.line((0, 5), (9, 5), etat="fait", geometrie="Schematique", longueur_km=12.0)
    silent = plain.line((0, 7), (9, 7), etat="prévu", geometrie="schématique", longueur_km=None)
    ways = layer(real, sketch, silent)
    table = corridors.balance(ways, state="etat", snap_m=5, published_km="longueur_km").set_index("etat")
    assert table.loc["fait"].round(6).tolist() == [2.0, 2.0, 12.0, 1]
    assert table.loc["prévu"].isna().tolist() == [True, True, True, False]
    assert corridors.balance(layer(sketch, silent), state="etat", snap_m=5).empty


def test_a_schematic_line_counts_where_its_own_layer_says() -> None:
    zones = plain.rectangle(x_km=0, y_km=0, width_km=20, height_km=9, insee="A")
    sketch = plain.line((0, 5), (9, 5), etat="x", geometrie="schématique", longueur_km=12.0, insee="B")
    table = corridors.balance(
        layer(plain.line((0, 1), (3, 1), etat="x"), sketch),
        zones,
        state="etat",
        key="insee",
        snap_m=5,
        published_km="longueur_km",
    )
    assert table.set_index("insee")["network_km"].dropna().to_dict() == {"A": 3.0}
    assert table.set_index("insee")["published_km"].dropna().to_dict() == {"B": 12.0}


def test_only_the_facilities_asked_for_have_a_state() -> None:
    ways = pd.DataFrame({"ame_d": ["PISTE CYCLABLE", "aucun"], "ame_g": ["AUCUN", "voie verte "]})
    assert corridors.cycle_state(ways, facilities=["VOIE VERTE"]).fillna("-").tolist() == ["-", "inconnu"]


def test_kilometres_by_commune_add_up_to_those_of_the_network() -> None:
    way = plain.line((-1, 0.5), (3, 0.5), etat="réalisé")
    communes = layer(
        plain.square(x_km=0, y_km=0, side_km=1, insee="A"), plain.square(x_km=1, y_km=0, side_km=1, insee="B")
    )
    table = corridors.balance(way, communes, state="etat", key="insee", snap_m=5)
    assert table["insee"].fillna("hors territoire").tolist() == ["A", "B", "hors territoire"]
    assert table["network_km"].tolist() == [1.0, 1.0, 2.0]


def test_a_state_that_is_not_said_is_unknown_not_lost() -> None:
    assert (
        corridors.balance(plain.line((0, 0), (1, 0), etat=None), state="etat", snap_m=5).iloc[0, 0]
        == "inconnu"
    )


def test_territories_need_their_key() -> None:
    with pytest.raises(BadTable, match="key"):
        corridors.balance(SIX.assign(etat="x"), SIX, state="etat", snap_m=5)


# mesh


def test_three_pieces_of_six_three_and_one_kilometres() -> None:
    row = corridors.mesh(graph(SIX, THREE, ONE)).iloc[0]
    assert (row["components"], row["largest_share"]) == (3, 0.6)
    assert row["p_same"] == pytest.approx(0.46)
    assert row["effective_km"] == pytest.approx(4.6)
    assert row["dead_ends"] == 6


def test_a_square_with_a_diagonal_has_the_measures_of_kansky() -> None:
    square = [((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0)), ((0, 0), (1, 1))]
    # the two corners off the diagonal join two edges each: 2 nodes, 3 edges, 2 loops
    row = corridors.mesh(graph(*(plain.line(*ends) for ends in square))).iloc[0]
    assert (row["nodes"], row["edges"], row["dead_ends"], row["beta"]) == (2, 3, 0, 1.5)
    tails = [((0, 0), (-1, -1)), ((1, 0), (2, -1)), ((1, 1), (2, 2)), ((0, 1), (-1, 2))]
    row = corridors.mesh(graph(*(plain.line(*ends) for ends in [*square, *tails]))).iloc[0]
    # 8 nodes, 9 edges, one component: α = 2/11, γ = 9/18
    assert (row["nodes"], row["edges"], row["dead_ends"]) == (8, 9, 4)
    assert (row["alpha"], row["beta"], row["gamma"]) == pytest.approx((2 / 11, 9 / 8, 0.5))


def test_cutting_a_line_in_pieces_changes_no_measure() -> None:
    uncut = graph(plain.line((0, 0), (4, 0)), plain.line((2, 0), (2, 3)))
    pieces = [plain.line((x, 0), (x + 1, 0)) for x in range(4)]
    cut = graph(*pieces, plain.line((2, 0), (2, 1)), plain.line((2, 1), (2, 3)))
    pd.testing.assert_frame_equal(corridors.mesh(uncut), corridors.mesh(cut))


def test_a_network_of_nothing_has_no_probability() -> None:
    row = corridors.mesh(network.build(gpd.GeoDataFrame(geometry=[], crs=2154), snap_m=5)).iloc[0]
    assert row["components"] == 0
    assert np.isnan(row["p_same"])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_effective_length_lies_between_the_mean_share_and_the_whole(lengths: list[int]) -> None:
    lines = [plain.line((0, 2 * row), (km, 2 * row)) for row, km in enumerate(lengths)]
    row = corridors.mesh(graph(*lines)).iloc[0]
    assert row["network_km"] == pytest.approx(sum(lengths))
    assert 1 / len(lengths) - 1e-9 <= row["p_same"] <= row["largest_share"] + 1e-9


# missing links


def test_a_link_of_two_hundred_metres_gains_one_point_eight_per_kilometre() -> None:
    link = corridors.gaps(graph(SIX, THREE, ONE), max_gap_m=1000, count=5)
    assert link[["gap_km", "gain_p", "gain_per_km", "p_after"]].round(6).to_numpy().tolist() == [
        [0.2, 0.36, 1.8, 0.82]
    ]
    assert link["largest_share_after"].round(6).tolist() == [0.9]


def test_gains_are_computed_again_after_each_link() -> None:
    a, b, c = plain.line((0, 0), (1, 0)), plain.line((1.1, 0), (2.1, 0)), plain.line((2.3, 0), (10.3, 0))
    links = corridors.gaps(graph(a, b, c), max_gap_m=1000, count=5)
    # L = 10: first b–c, 2·1·8/100/0.2 = 0.8 against 0.2 for a–b; then a meets b and c, 9 km, not b alone
    assert links["gain_per_km"].round(6).tolist() == [0.8, 1.8]
    assert links["p_after"].iloc[-1] == pytest.approx(1)


def test_a_gap_longer_than_the_limit_is_not_proposed() -> None:
    assert len(corridors.gaps(graph(SIX, THREE), max_gap_m=199, count=5)) == 0


def test_what_crosses_is_to_verify_and_never_a_link() -> None:
    cross = graph(plain.line((0, 1), (2, 1)), plain.line((1, 0), (1, 2)), plain.line((2.1, 1), (9, 1)))
    links = corridors.gaps(cross, max_gap_m=500, count=5)
    assert links["gap_km"].round(6).tolist() == [0.1]
    # the two that cross count as one piece of 4 km beside one of 6.9: 2 × 4 × 6.9 / 10.9²
    assert links["gain_p"].iloc[0] == pytest.approx(2 * 4 * 6.9 / 10.9**2)
    to_verify = corridors.crossings(cross)
    assert to_verify["link_kind"].tolist() == ["croisement à vérifier"]
    assert shapely.get_coordinates(to_verify.geometry.to_numpy()).tolist() == [
        shapely.get_coordinates(plain.point(x_km=1, y_km=1).geometry.to_numpy())[0].tolist()
    ]


@pytest.mark.parametrize(("gap_km", "links", "joints"), [(0.024, 0, 1), (0.025, 1, 0), (0.026, 1, 0)])
def test_ends_nearer_than_the_least_gap_are_to_verify_not_to_build(
    gap_km: float, links: int, joints: int
) -> None:
    two = graph(plain.line((0, 0), (5, 0)), plain.line((5 + gap_km, 0), (9, 0)))
    assert len(corridors.gaps(two, max_gap_m=500, count=5)) == links
    assert len(corridors.crossings(two)) == joints


def test_the_least_gap_without_an_option_is_the_constant() -> None:
    value = constants.get("corridor_min_gap_m", on=date(2026, 11, 30)).value
    for function in (corridors.gaps, corridors.crossings):
        assert inspect.signature(function).parameters["min_gap_m"].default == value


@pytest.mark.parametrize("least", [-1, 500, 600])
def test_a_least_gap_that_leaves_no_link_is_refused(least: float) -> None:
    with pytest.raises(BadValue, match="min_gap_m"):
        corridors.gaps(graph(SIX, THREE), max_gap_m=500, count=1, min_gap_m=least)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 90)), min_size=2, max_size=9),
    st.sampled_from([0.0, 25.0, 400.0]),
)
def test_every_pair_of_pieces_is_a_link_or_to_verify_never_both(
    pieces: list[tuple[int, int, int]], least: float
) -> None:
    net = graph(*(plain.line((x / 10, y / 10), (x / 10 + length / 100, y / 10)) for x, y, length in pieces))
    links = corridors.gaps(net, max_gap_m=5000, count=99, min_gap_m=least)
    joints = corridors.crossings(net, min_gap_m=least)
    assert (links["gap_km"] * 1000 >= least - 1e-6).all()
    assert ((joints["gap_m"] < least) | (joints["gap_m"] == 0)).all()
    # whatever is joined by one or by the other ends as a single piece: all lie within 5 km of another
    assert links["largest_share_after"].iloc[-1] == pytest.approx(1) if len(links) else True
    assert len(links) <= len(network.components(net))


def test_the_link_is_drawn_between_the_two_sides() -> None:
    link = corridors.gaps(graph(SIX, THREE), max_gap_m=500, count=1).geometry.iloc[0]
    assert link.length == pytest.approx(200)
    assert link.distance(SIX.geometry.iloc[0]) == pytest.approx(0)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9)), min_size=2, max_size=9))
def test_making_the_links_gives_the_probability_that_was_announced(
    pieces: list[tuple[int, int, int]],
) -> None:
    lines = layer(*(plain.line((x, y), (x + km / 10, y)) for x, y, km in pieces))
    before = network.build(lines, snap_m=5)
    links = corridors.gaps(before, max_gap_m=5000, count=20)
    assume(len(links) and (links["gap_km"] > 0).all())
    km = corridors.by_component(before)["component_km"].to_numpy()
    # join the components that the links name, apart from the code under test
    label = network.components(before)
    of_line = dict(zip(before.edges["line"], label[before.edges["start"]], strict=True))
    groups = [{number} for number in range(len(km))]
    for line, other_line in links[["line_a", "line_b"]].to_numpy():
        a = next(group for group in groups if of_line[line] in group)
        b = next(group for group in groups if of_line[other_line] in group)
        assert a is not b
        groups.remove(b)
        a |= b
    size = np.bincount(label[before.edges["start"]], weights=before.edges["length_m"])
    p = sum((sum(size[number] for number in group) / size.sum()) ** 2 for group in groups)
    assert links["p_after"].iloc[-1] == pytest.approx(p)


def test_two_dead_ends_close_by_air_and_far_by_the_path_are_a_shortcut() -> None:
    horseshoe = graph(plain.line((0, 0), (0, 2), (0.5, 2), (0.5, 0)))
    assert corridors.shortcuts(horseshoe, max_gap_m=1000, min_detour=1.5)["network_km"].tolist() == [4.5]
    assert len(corridors.shortcuts(horseshoe, max_gap_m=1000, min_detour=10)) == 0


def test_detour_of_a_right_angle_is_seven_over_five() -> None:
    corner = graph(plain.line((0, 0), (3, 0), (3, 4)))
    ends = layer(plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=4), plain.point(x_km=50, y_km=50))
    table = corridors.detours(corner, ends, max_snap_m=50)
    assert table["detour"].iloc[0] == pytest.approx(1.4)
    assert table["network_km"].isna().tolist() == [False, True, True]


# ecology

PARKS = layer(
    *(
        plain.rectangle(x_km=x, y_km=0, width_km=width, height_km=0.8)
        for x, width in [(0, 0.25), (0.65, 0.2), (1.25, 0.25)]
    )
)


def test_three_parks_are_worth_one_of_49_9_hectares_and_the_middle_one_half_of_it() -> None:
    joined = corridors.links(PARKS, max_gap_m=2000)
    assert corridors.equivalent_ha(PARKS, joined, half_distance_m=1000) == pytest.approx(49.9, abs=0.05)
    worth = corridors.connectivity(PARKS, joined, half_distance_m=1000)
    assert worth["dpc_share"].iloc[1] == pytest.approx(0.52, abs=0.005)


def test_patches_that_nothing_joins_keep_only_their_own_area() -> None:
    apart = corridors.links(PARKS, max_gap_m=100)
    assert len(apart) == 0
    assert corridors.equivalent_ha(PARKS, apart, half_distance_m=1000) == pytest.approx(
        (20**2 + 16**2 + 20**2) ** 0.5
    )


def test_patches_that_touch_are_one_patch() -> None:
    halves = layer(plain.square(x_km=0, y_km=0, side_km=1), plain.square(x_km=1, y_km=0, side_km=1))
    assert corridors.equivalent_ha(
        halves, corridors.links(halves, max_gap_m=1), half_distance_m=100
    ) == pytest.approx(200)


def test_a_motorway_between_two_patches_cuts_their_link() -> None:
    road = plain.line((0.4, -1), (0.4, 2))
    joined = corridors.links(PARKS, max_gap_m=500, obstacles=road)
    assert joined["blocked"].tolist() == [True, False]
    worth = corridors.connectivity(PARKS, joined, half_distance_m=1000)
    assert worth["component"].nunique() == 2


def test_links_of_another_layer_are_refused() -> None:
    with pytest.raises(BadTable, match="absentes"):
        corridors.equivalent_ha(PARKS.iloc[:1], corridors.links(PARKS, max_gap_m=2000), half_distance_m=1000)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(50, 3000))
def test_the_equivalent_area_lies_between_one_patch_and_all_of_them(widths: list[int], half: int) -> None:
    starts = np.r_[0, np.cumsum([width / 10 + 0.3 for width in widths])]
    parks = layer(
        *(
            plain.rectangle(x_km=x, y_km=0, width_km=w / 10, height_km=1)
            for x, w in zip(starts[:-1], widths, strict=True)
        )
    )
    value = corridors.equivalent_ha(parks, corridors.links(parks, max_gap_m=9000), half_distance_m=half)
    assert max(widths) * 10 - 1e-6 <= value <= sum(widths) * 10 + 1e-6


# people

PARK = plain.square(x_km=0, y_km=0, side_km=1)


def test_half_a_cell_within_reach_counts_half_of_its_people() -> None:
    cell = plain.rectangle(x_km=1, y_km=0, width_km=0.6, height_km=1, habitants=200)
    reach = corridors.zones(PARK, distances_m=[300])
    service = corridors.served(cell, reach, counts=["habitants"]).iloc[0]
    assert (service["served"], service["method"]) == (pytest.approx(100), "à vol d'oiseau")


def test_without_a_bridge_the_other_bank_is_near_by_air_only() -> None:
    jobs = plain.point(x_km=-0.2, y_km=0.5, emplois=50)
    street = graph(plain.line((1, 0.5), (3, 0.5)))
    by_air = corridors.served(jobs, corridors.zones(PARK, distances_m=[300]), counts=["emplois"])
    walked = corridors.zones(PARK, distances_m=[300], streets=street, entrance_m=30, band_m=50)
    on_foot = corridors.served(jobs, walked, counts=["emplois"])
    assert (by_air["served"].iloc[0], on_foot["served"].iloc[0]) == (50, 0)
    assert on_foot["method"].iloc[0] == "réseau"


def test_a_detour_by_the_street_is_walked() -> None:
    street = graph(plain.line((1, 0.5), (1.2, 0.5), (1.2, 2)))
    reach = corridors.zones(PARK, distances_m=[300, 900], streets=street, entrance_m=30, band_m=20)
    door = layer(plain.point(x_km=1.2, y_km=0.59, p=1), plain.point(x_km=1.2, y_km=1.1, p=1))
    assert corridors.served(door, reach, counts=["p"])["served"].tolist() == [1, 2]


def test_people_that_are_not_known_are_not_zero() -> None:
    cells = layer(
        plain.square(x_km=0, y_km=0, side_km=1, habitants=10),
        plain.square(x_km=0, y_km=0, side_km=1, habitants=None),
    )
    service = corridors.served(cells, corridors.zones(PARK, distances_m=[0]), counts=["habitants"]).iloc[0]
    assert (service["total"], service["unknown"]) == (10, 1)


def test_streets_without_a_band_are_refused() -> None:
    with pytest.raises(BadValue, match="band_m"):
        corridors.zones(PARK, distances_m=[300], streets=graph(SIX))


# conflicts and cavaliers


def test_a_site_across_a_path_cuts_it_and_one_beside_it_lies_in_its_band() -> None:
    path = plain.line((-1, 0.5), (9, 0.5))
    sites = layer(
        plain.square(x_km=0, y_km=0, side_km=1),
        plain.square(x_km=2, y_km=0.53, side_km=1),
        plain.square(x_km=4, y_km=3, side_km=1),
    )
    conflicts = corridors.conflicts(sites, path, buffer_m=50)
    assert conflicts[["site", "conflict"]].to_numpy().tolist() == [
        [0, "coupe le corridor"],
        [1, "dans la bande du corridor"],
    ]
    assert conflicts["band_ha"].round(6).tolist() == [10, 2]


def test_a_cavalier_closes_the_gap_only_when_it_joins_both_ends() -> None:
    links = corridors.gaps(graph(SIX, THREE), max_gap_m=500, count=1)
    cavalier = graph(plain.line((5, 0.02), (8, 0.02)))
    broken = graph(plain.line((5, 0.02), (6.1, 0.02)), plain.line((6.15, 0.02), (8, 0.02)))
    assert corridors.closing(links, cavalier, reach_m=50, max_detour=1.5)["closes"].tolist() == [True]
    assert corridors.closing(links, broken, reach_m=50, max_detour=1.5)["closes"].tolist() == [False]


# increments


def test_every_measure_is_shown_as_base_with_and_difference() -> None:
    base = layer(SIX, THREE, ONE)
    more = whatif.with_increment(base, plain.line((6, 0), (6.2, 0)))
    before, after = (corridors.mesh(network.build(lines, snap_m=5)) for lines in (base, more))
    row = whatif.compare(before, after, keys=[], columns=["components", "p_same"]).iloc[0]
    assert (row["components_base"], row["components_with"], row["components_difference"]) == (3, 2, -1)
    assert row["p_same_with"] > 0.8


# the real cavaliers


@pytest.fixture(scope="module")
def cavaliers(shared):  # type: ignore[no-untyped-def]
    lines = gpd.read_file(shared / "data/bassin_minier/zt-cavaliers.geojson").to_crs(2154)
    epci = gpd.read_file(shared / "data/artois_communes_2026.geojson").to_crs(2154)
    return lines[lines.intersects(epci.union_all())].assign(etat="cavalier"), epci


def test_the_real_cavaliers_are_761_pieces_and_441_kilometres(cavaliers) -> None:  # type: ignore[no-untyped-def]
    lines, communes = cavaliers
    table = corridors.balance(lines, state="etat", snap_m=5)
    assert len(lines) == 761
    assert table["drawn_km"].iloc[0] == pytest.approx(440.9, abs=0.1)
    by_commune = corridors.balance(lines, communes, state="etat", key="insee", snap_m=5)
    overlap = territory.split(lines[["geometry"]], communes, key="insee")["piece_km"].sum()
    assert by_commune["drawn_km"].sum() == pytest.approx(overlap)


def test_ten_links_of_the_real_cavaliers_raise_their_largest_share(cavaliers) -> None:  # type: ignore[no-untyped-def]
    lines, _ = cavaliers
    real = network.build(lines, snap_m=5, crossings="joined")
    links = corridors.gaps(real, max_gap_m=1000, count=10)
    assert len(links) == 10
    assert links["p_after"].is_monotonic_increasing
    assert links["largest_share_after"].iloc[-1] > corridors.mesh(real)["largest_share"].iloc[0]
    assert shapely.length(links.geometry.to_numpy()).max() <= 1000


@pytest.mark.parametrize("large", [0, 2, 200])
def test_large_and_small_pieces_find_the_same_links(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    random = np.random.default_rng(3)
    ends = random.uniform(0, 8, (40, 2))
    lines = [
        plain.line(tuple(a), tuple(a + step))
        for a, step in zip(ends, random.normal(0, 0.4, (40, 2)), strict=True)
    ]
    scattered = graph(*lines)
    expected = corridors.gaps(scattered, max_gap_m=2000, count=30)
    monkeypatch.setattr(sys.modules["artois_geo.corridors.gaps"], "LARGE", large)
    pd.testing.assert_frame_equal(
        corridors.gaps(scattered, max_gap_m=2000, count=30)[["gap_km", "p_after"]],
        expected[["gap_km", "p_after"]],
    )
