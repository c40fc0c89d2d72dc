"""Which hectares belong to whom."""

from itertools import pairwise
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import territory
from artois_geo.errors import BadTable


def communes(*cuts_km: float) -> gpd.GeoDataFrame:
    """Columns of ground between the given abscissas, from bottom to top of the plain."""
    edges = list(pairwise(cuts_km))
    rows = [
        plain.rectangle(x_km=west, y_km=-5, width_km=east - west, height_km=10, insee=f"C{number}")
        for number, (west, east) in enumerate(edges)
    ]
    return pd.concat(rows, ignore_index=True)


def test_ground_outside_every_territory_is_kept_without_a_name() -> None:
    pieces = territory.split(plain.square(x_km=0, y_km=0, side_km=2), communes(0, 1), key="insee")
    assert pieces["insee"].fillna("").tolist() == ["C0", ""]
    assert pieces["piece_ha"].tolist() == [200.0, 200.0]


def test_a_line_is_split_in_kilometres() -> None:
    way = plain.line((0, 0), (3, 0), nom="voie verte")
    pieces = territory.split(way, communes(0, 1, 3), key="insee")
    assert pieces[["insee", "piece_km", "piece_ha"]].values.tolist() == [["C0", 1.0, 0.0], ["C1", 2.0, 0.0]]


def test_touching_an_edge_gives_no_piece() -> None:
    pieces = territory.split(plain.square(x_km=0, y_km=0, side_km=1), communes(0, 1, 2), key="insee")
    assert pieces["insee"].tolist() == ["C0"]


def test_ground_claimed_by_two_territories_is_given_to_each_and_never_to_nobody() -> None:
    both = pd.concat([communes(0, 1), communes(0, 1)], ignore_index=True).assign(insee=["A", "B"])
    pieces = territory.split(plain.square(x_km=0, y_km=0, side_km=1), both, key="insee")
    assert pieces["insee"].tolist() == ["A", "B"]
    assert pieces["piece_ha"].tolist() == [100.0, 100.0]


@given(cuts=st.lists(st.floats(-2, 3), min_size=2, max_size=6, unique=True))
def test_pieces_always_make_the_whole(cuts: list[float]) -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    zones = communes(*sorted(cuts))
    pieces = territory.split(site, zones, key="insee")
    assert pieces["piece_ha"].sum() == pytest.approx(100, abs=1e-6)


def test_the_main_commune_is_the_one_with_the_largest_share() -> None:
    sites = pd.concat(
        [plain.rectangle(x_km=0, y_km=0, width_km=1, height_km=1), plain.point(x_km=9, y_km=0)],
        ignore_index=True,
    )
    main_communes = territory.main(sites, communes(-1, 0.3, 2), key="insee")
    assert main_communes.iloc[0] == "C1"
    assert pd.isna(main_communes.iloc[1])


def test_the_key_must_exist_and_must_not_be_taken() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    with pytest.raises(BadTable, match="pas de colonne « siren »"):
        territory.split(site, communes(0, 1), key="siren")
    with pytest.raises(BadTable, match="déjà une colonne « insee »"):
        territory.split(site.assign(insee="x"), communes(0, 1), key="insee")


def test_a_feature_without_geometry_has_no_piece() -> None:
    site = gpd.GeoDataFrame({"nom": ["vide"]}, geometry=[None], crs=2154)
    assert territory.split(site, communes(0, 1), key="insee").empty


def test_real_communes_split_over_epci_keep_their_area(shared) -> None:
    town = gpd.read_file(shared / "data" / "artois_communes_2018_simplifie.geojson").to_crs(2154)
    epci = gpd.read_file(shared / "data" / "artois_epci_2026.geojson").to_crs(2154)
    column = next(name for name in epci.columns if "siren" in name)
    pieces = territory.split(town.drop(columns="epci_siren"), epci, key=column)
    assert pieces["piece_ha"].sum() == pytest.approx(town.area.sum() / 1e4, abs=0.1)
    largest = territory.main(town.drop(columns="epci_siren"), epci, key=column)
    assert largest.tolist() == town["epci_siren"].astype(str).tolist()


def test_a_corner_contact_beside_a_real_piece_does_not_spoil_it() -> None:
    site = gpd.GeoDataFrame(
        geometry=[shapely.union(shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10))], crs=2154
    )
    zone = gpd.GeoDataFrame({"insee": ["A"]}, geometry=[shapely.box(10, 0, 25, 10)], crs=2154)
    pieces = territory.split(site, zone, key="insee")
    assert pieces.loc[pieces["insee"] == "A", "piece_ha"].tolist() == [pytest.approx(0.005)]


def test_a_polygon_that_crosses_itself_is_refused_rather_than_cut_wrong() -> None:
    bow = plain.square(x_km=0, y_km=0, side_km=1)
    west, south, east, north = bow.total_bounds
    crossed = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    town = plain.square(x_km=0, y_km=0, side_km=1, insee="A")
    with pytest.raises(BadTable, match="n'a pas de sens"):
        territory.split(bow.set_geometry([crossed], crs=2154), town, key="insee")


def test_what_rounding_leaves_along_an_edge_is_no_piece_outside() -> None:
    # a slanted line cut on a territory: its remainder is a few nanometres
    quadrangle = shapely.Polygon([(0, 0), (3000, 1), (2999, 3000), (1, 2998)])
    town = gpd.GeoDataFrame({"insee": ["A"]}, geometry=[quadrangle], crs=2154)
    line = shapely.LineString([(-1000, 300.3), (4000, 1700.7)]).intersection(town.geometry.iloc[0])
    path = gpd.GeoDataFrame(geometry=[line], crs=2154)
    assert territory.split(path, town, key="insee")["insee"].tolist() == ["A"]
    # what lies outside for good stays, down to a centimetre; so does a feature in no territory
    longer = gpd.GeoDataFrame(geometry=[shapely.LineString([(100, 100), (100, -0.5)])], crs=2154)
    assert territory.split(longer, town, key="insee")["insee"].isna().tolist() == [False, True]
    tiny = gpd.GeoDataFrame(geometry=[shapely.box(9000, 0, 9000.01, 0.01)], crs=2154)
    assert territory.split(tiny, town, key="insee")["insee"].isna().tolist() == [True]


@pytest.fixture
def spread_sites() -> Any:
    """Three sites in two partitions of Dask, computed one after the other."""
    dask, dask_geopandas = pytest.importorskip("dask"), pytest.importorskip("dask_geopandas")
    sites = pd.concat([plain.square(x_km=x, y_km=0, side_km=1) for x in (0, 2, 4)], ignore_index=True)
    with dask.config.set(scheduler="synchronous"):
        yield sites, dask_geopandas.from_geopandas(sites, npartitions=2)


def test_spread_features_are_split_as_in_memory(spread_sites: Any) -> None:
    sites, spread = spread_sites
    town = plain.rectangle(x_km=0.5, y_km=0, width_km=2, height_km=1, insee="62001")
    pieces = territory.split(spread, town, key="insee")
    expected = territory.split(sites, town, key="insee")
    assert pieces["piece_ha"].tolist() == pytest.approx(expected["piece_ha"].tolist())
    assert pieces["piece_ha"].tolist() == pytest.approx([50, 50, 50, 50, 100])  # half in, half out, then none


def test_a_key_that_both_have_is_refused() -> None:
    town = plain.square(x_km=0, y_km=0, side_km=1, insee="62001")
    with pytest.raises(BadTable, match="a déjà une colonne « insee »"):
        territory.split(town, town, key="insee")
