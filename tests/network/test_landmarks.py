"""Main roads and tracks are drawn as they lie: joined where they meet, never across a gap."""

import geopandas as gpd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import network

OPEN = {"etat_de_l_objet": "En service"}


def roads(*rows: tuple[dict[str, object], list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        [about for about, _ in rows],
        geometry=[shapely.LineString(points) for _, points in rows],
        crs="EPSG:2154",
    )


MOTORWAY = {"nature": "Type autoroutier", "importance": "1", "cpx_numero": "A26", **OPEN}


def test_what_is_drawn_is_the_main_network_in_service() -> None:
    line = [(0.0, 0.0), (1000.0, 0.0)]
    landmarks = network.landmarks(
        {
            "route": roads(
                (MOTORWAY, line),
                ({"nature": "Route à 1 chaussée", "importance": 2.0, "cpx_numero": "D943", **OPEN}, line),
                ({"nature": "Route à 1 chaussée", "importance": "4", **OPEN}, line),
                ({"nature": "Bretelle", "importance": "1", **OPEN}, line),
                ({**MOTORWAY, "cpx_numero": "A99", "etat_de_l_objet": "En projet"}, line),
                ({**MOTORWAY, "cpx_numero": "A98", "geometrie": "schématique"}, line),
            ),
            "voie_ferree": roads(
                ({"nature": "Voie ferrée principale", **OPEN}, line),
                ({"nature": "Voie de service", **OPEN}, line),
                ({"nature": "Tramway", **OPEN}, line),
            ),
        }
    )
    assert landmarks[["class", "number"]].values.tolist() == [
        ["main", "D943"],
        ["motorway", "A26"],
        ["rail", ""],
    ]


def test_pieces_join_where_they_share_an_end_and_a_gap_stays_a_gap() -> None:
    pieces = [[(0, 0), (500, 0)], [(500, 0), (1000, 0)], [(1001, 0), (2000, 0)]]
    landmarks = network.landmarks({"route": roads(*((MOTORWAY, piece) for piece in pieces))})
    parts = sorted(shapely.get_parts(landmarks.geometry.iloc[0]), key=lambda part: part.bounds)
    assert [part.bounds[::2] for part in parts] == [(0, 1000), (1001, 2000)]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=6, unique=True),
        min_size=1,
        max_size=5,
    )
)
def test_no_line_is_invented_between_points(pieces: list[list[tuple[int, int]]]) -> None:
    lines = [[(500.0 * x, 500.0 * y) for x, y in piece] for piece in pieces]
    source = roads(*((MOTORWAY, line) for line in lines))
    landmarks = network.landmarks({"route": source})
    given_lines = source.geometry.union_all()
    vertices = {tuple(point) for line in lines for point in line}
    for shape in landmarks.geometry:
        assert {tuple(point) for point in shapely.get_coordinates(shape)} <= vertices
        segments = shapely.segmentize(shape, 50.0)
        gaps = [shapely.Point(point).distance(given_lines) for point in shapely.get_coordinates(segments)]
        assert max(gaps) <= 20.0 + 1e-6


def test_a_layer_that_grades_nothing_is_drawn_whole_and_none_gives_none() -> None:
    own = roads(({"nom": "Route fictive"}, [(0, 0), (900, 0)]))
    assert network.landmarks({"route": own})["class"].tolist() == ["main"]
    assert network.landmarks({}).empty
    assert network.landmarks({"route": own.iloc[:0]}).empty
