"""A graph from lines as they come: what is joined, what is not, and what is said of it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import network
from artois_geo.errors import BadCRS, BadTable, BadValue


def layer(*lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return pd.concat(lines, ignore_index=True)


def parts(graph: network.Network) -> int:
    return len(set(network.components(graph)))


def rules(graph: network.Network) -> list[str]:
    return graph.findings["rule"].tolist()


CROSS = layer(plain.line((0, 1), (2, 1)), plain.line((1, 0), (1, 2)))


def test_ends_within_the_tolerance_are_one_node() -> None:
    almost = layer(plain.line((0, 0), (1, 0)), plain.line((1.004, 0), (2, 0)))
    assert parts(network.build(almost, snap_m=5)) == 1
    assert parts(network.build(almost, snap_m=3)) == 2


def test_snapping_never_changes_a_length() -> None:
    almost = layer(plain.line((0, 0), (1, 0)), plain.line((1.004, 0), (2, 0)))
    assert network.build(almost, snap_m=5).edges["length_m"].sum() == pytest.approx(1996)


def test_an_end_near_a_corner_joins_whatever_the_angle() -> None:
    path = plain.line((0, 0), (1, 0))
    for offset in np.linspace(0, 0.0049, 8):
        branch = plain.line((1 - offset, 0.004), (1 - offset, 1))
        near = np.hypot(0, 4) <= 5
        assert near
        assert parts(network.build(layer(path, branch), snap_m=5)) == 1


def test_a_crossing_without_a_common_vertex_is_reported_and_left_apart() -> None:
    graph = network.build(CROSS, snap_m=5)
    assert parts(graph) == 2
    assert rules(graph) == ["crossing_without_junction"]


def test_a_crossing_can_be_joined_on_request_and_is_still_reported() -> None:
    graph = network.build(CROSS, snap_m=5, crossings="joined")
    assert parts(graph) == 1
    assert len(graph.edges) == 4
    assert rules(graph) == ["crossing_without_junction"]


def test_a_crossing_with_a_common_vertex_is_a_junction() -> None:
    graph = network.build(
        layer(plain.line((0, 1), (1, 1), (2, 1)), plain.line((1, 0), (1, 1), (1, 2))), snap_m=5
    )
    assert (parts(graph), len(graph.edges), rules(graph)) == (1, 4, [])


def test_a_bridge_meets_nothing_below_it() -> None:
    bridge = CROSS.assign(niveau=["0", "1"])
    graph = network.build(bridge, snap_m=5, level="niveau", crossings="joined")
    assert (parts(graph), rules(graph)) == (2, [])


def test_a_bridge_is_joined_to_the_ground_by_its_ends() -> None:
    road = layer(
        plain.line((0, 0), (1, 0), niveau="0"),
        plain.line((1, 0), (2, 0), niveau="1"),
        plain.line((2, 0), (3, 0), niveau=None),
    )
    assert parts(network.build(road, snap_m=5, level="niveau")) == 1


def test_a_line_drawn_twice_counts_once_whatever_its_direction() -> None:
    twice = layer(plain.line((0, 0), (1, 0)), plain.line((1, 0), (0, 0)))
    graph = network.build(twice, snap_m=5)
    assert graph.edges["length_m"].tolist() == [1000]
    assert graph.findings[["feature", "rule", "found"]].to_numpy().tolist() == [[1, "duplicate", "0"]]


def test_a_line_drawn_again_a_metre_away_counts_once() -> None:
    again = layer(plain.line((0, 0), (1, 0)), plain.line((0, 0.001), (1, 0.001)))
    assert network.build(again, snap_m=5).edges["length_m"].tolist() == [1000]


def test_two_ways_around_a_block_are_two_ways() -> None:
    block = layer(plain.line((0, 0), (1, 0)), plain.line((0, 0), (0.5, 0.3), (1, 0)))
    assert len(network.build(block, snap_m=5).edges) == 2


def test_the_shared_stretch_of_two_lines_counts_once() -> None:
    overlap = layer(plain.line((0, 0), (2, 0)), plain.line((1, 0), (3, 0)))
    graph = network.build(overlap, snap_m=5)
    assert graph.edges["length_m"].sum() == pytest.approx(3000)
    assert rules(graph) == ["duplicate"]


def test_a_loop_is_an_edge_from_a_node_to_itself() -> None:
    graph = network.build(plain.line((0, 0), (1, 0), (1, 1), (0, 0)), snap_m=5)
    assert (graph.edges["start"] == graph.edges["end"]).tolist() == [True]
    assert rules(graph) == ["self_loop"]


def test_a_line_that_comes_back_on_itself_is_cut_there() -> None:
    lollipop = plain.line((0, 0), (1, 0), (2, 1), (2, -1), (1, 0))
    graph = network.build(lollipop, snap_m=5)
    assert sorted(graph.edges["length_m"].round().tolist()) == [1000, 4828]


def test_lines_of_no_length_null_or_not_lines_are_said_not_counted() -> None:
    point = shapely.Point(plain.ORIGIN_X, plain.ORIGIN_Y)
    odd = gpd.GeoDataFrame(
        geometry=[None, shapely.LineString(), shapely.LineString([point, point]), point], crs=2154
    )
    graph = network.build(odd, snap_m=5)
    assert len(graph.edges) == 0
    assert sorted(rules(graph)) == ["geometry_missing", "geometry_missing", "not_a_line", "zero_length"]


def test_each_part_of_a_multipart_line_is_a_line() -> None:
    two_lines = layer(plain.line((0, 0), (1, 0)), plain.line((2, 0), (3, 0)))
    multi = gpd.GeoDataFrame(geometry=[shapely.MultiLineString(list(two_lines.geometry))], crs=2154)
    graph = network.build(multi, snap_m=5)
    assert (len(graph.edges), parts(graph), rules(graph)) == (2, 2, ["multipart"])


def test_nothing_in_gives_nothing_out() -> None:
    graph = network.build(gpd.GeoDataFrame(geometry=[], crs=2154), snap_m=5)
    assert (len(graph.nodes), len(graph.edges), parts(graph)) == (0, 0, 0)


def test_a_wrong_call_is_refused_in_french() -> None:
    with pytest.raises(BadCRS):
        network.build(CROSS.to_crs(4326), snap_m=5)
    with pytest.raises(BadValue, match="snap_m"):
        network.build(CROSS, snap_m=-1)
    with pytest.raises(BadTable, match="niveau"):
        network.build(CROSS, snap_m=5, level="niveau")
    with pytest.raises(BadTable, match="doublons"):
        network.build(CROSS.set_axis([7, 7]), snap_m=5)


def test_a_quay_across_the_water_has_no_way_to_it() -> None:
    banks = layer(plain.line((0, 0), (1, 0)), plain.line((0, 1), (1, 1)))
    graph = network.build(banks, snap_m=5)
    start_node = network.snap(graph, plain.point(x_km=0, y_km=0).geometry, max_m=10)
    end_node = network.snap(graph, plain.point(x_km=1, y_km=1).geometry, max_m=10)
    assert np.isinf(network.distances(graph, start_node, end_node)[1]).all()


def test_a_place_too_far_from_the_network_is_not_on_it() -> None:
    graph = network.build(plain.line((0, 0), (1, 0)), snap_m=5)
    far = network.snap(graph, plain.point(x_km=0, y_km=1).geometry, max_m=999)
    assert far.edge.tolist() == [-1]
    assert np.isinf(network.distances(graph, far, far)[1]).all()


def test_two_places_on_one_edge_do_not_go_round_by_its_ends() -> None:
    graph = network.build(plain.line((0, 0), (10, 0)), snap_m=5)
    both = network.snap(
        graph, layer(plain.point(x_km=4, y_km=0), plain.point(x_km=5, y_km=0)).geometry, max_m=10
    )
    assert network.distances(graph, both, both)[1].round().tolist() == [[0, 1000], [1000, 0]]


def test_the_fastest_way_may_be_the_longer_one() -> None:
    streets = layer(plain.line((0, 0), (1, 0)), plain.line((0, 0), (0.5, 1), (1, 0)))
    graph = network.build(streets, snap_m=5)
    ends = layer(plain.point(x_km=0, y_km=0), plain.point(x_km=1, y_km=0)).geometry
    minutes = np.where(graph.edges["line"] == 0, 60 / 10_000, 60 / 90_000)
    stops = network.snap(graph, ends, max_m=1)
    cost, metres = network.distances(graph, stops, stops, cost=minutes)
    assert metres[0, 1] == pytest.approx(2 * np.hypot(500, 1000))
    assert cost[0, 1] == pytest.approx(metres[0, 1] * 60 / 90_000)


def test_the_shorter_of_two_parallel_edges_is_taken() -> None:
    streets = layer(plain.line((0, 0), (0.5, 1), (1, 0)), plain.line((0, 0), (1, 0)))
    graph = network.build(streets, snap_m=5)
    ends = layer(plain.point(x_km=0, y_km=0), plain.point(x_km=1, y_km=0)).geometry
    stops = network.snap(graph, ends, max_m=1)
    assert network.distances(graph, stops, stops)[1][0, 1] == pytest.approx(1000, abs=0.01)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), max_size=12
    ),
    st.randoms(),
)
def test_order_direction_and_place_of_the_lines_change_nothing(
    ends: list[tuple[int, int, int, int]], random: object
) -> None:
    given_lines = [plain.line((a, b), (c, d)) for a, b, c, d in ends]
    if not given_lines:
        return
    lines = layer(*given_lines)
    moved = lines.assign(geometry=lines.reverse().translate(xoff=1234, yoff=-567)).iloc[::-1]
    graph, moved_graph = network.build(lines, snap_m=5), network.build(moved, snap_m=5)
    assert parts(graph) == parts(moved_graph)
    assert graph.edges["length_m"].sum() == pytest.approx(moved_graph.edges["length_m"].sum(), abs=0.1)
    # every line counted once is exactly the union of what was drawn
    assert graph.edges["length_m"].sum() == pytest.approx(shapely.union_all(lines.geometry).length, abs=0.1)


@given(st.integers(0, 2**31), st.integers(3, 15))
def test_ways_are_those_of_an_independent_library(seed: int, size: int) -> None:
    nx = pytest.importorskip("networkx")
    random = np.random.default_rng(seed)
    nodes = random.integers(0, 20, (size, 2))
    pairs = random.integers(0, size, (size + 4, 2))
    ways_drawn = [
        plain.line(tuple(nodes[a]), tuple(nodes[b])) for a, b in pairs if (nodes[a] != nodes[b]).any()
    ]
    if not ways_drawn:
        return
    graph = network.build(layer(*ways_drawn), snap_m=5)
    peer = nx.Graph()
    for start, end, metres in graph.edges[["start", "end", "length_m"]].itertuples(index=False):
        shortest_m = peer.get_edge_data(start, end, {"weight": np.inf})["weight"]
        peer.add_edge(start, end, weight=min(metres, shortest_m))
    stops = network.snap(graph, graph.nodes, max_m=1)
    distances_m = network.distances(graph, stops, stops)[1]
    for start, ways in nx.all_pairs_dijkstra_path_length(peer):
        for end in peer:
            assert distances_m[start, end] == pytest.approx(ways.get(end, np.inf), abs=0.05)


def test_the_real_cavaliers_lose_no_length_but_what_is_drawn_twice(shared) -> None:  # type: ignore[no-untyped-def]
    lines = gpd.read_file(shared / "data/bassin_minier/zt-cavaliers.geojson").to_crs(2154)
    graph = network.build(lines, snap_m=5)
    once = shapely.union_all(lines.geometry.dropna().to_numpy()).length
    assert graph.edges["length_m"].sum() == pytest.approx(once, rel=1e-3)
    assert set(graph.findings["rule"]) >= {"geometry_missing", "multipart", "crossing_without_junction"}
