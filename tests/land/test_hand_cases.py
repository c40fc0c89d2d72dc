"""Cases that a planner can do with a pencil: the band of art. L.111-6, and what does not split a site."""

import json

import geopandas as gpd
import pandas as pd
import plain
import pytest
import shapely
from blocks import HA, block, stack
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import land

BAND = land.Rule("Bande L.111-6", "axe", setback_m=100.0)


@pytest.fixture
def site() -> gpd.GeoDataFrame:
    """200 m by 100 m: 2 ha."""
    return block(x_m=0, y_m=0, width_m=200, height_m=100)


@pytest.fixture
def motorway() -> gpd.GeoDataFrame:
    """Axis of 4 km, 40 m south of the long side of the site."""
    return plain.line((-2, -0.04), (2, -0.04))


def test_the_band_of_a_motorway_takes_what_lies_within_100_m_of_its_axis(site, motorway):
    """The axis is 40 m outside: 100 − 40 = 60 m of depth are lost along 200 m.

    200 m × 60 m = 12 000 m² = 1.20 ha lost; 2.00 − 1.20 = 0.80 ha left.
    """
    available = land.available(site, land.table([BAND], {"axe": motorway})).iloc[0]
    assert available["lost_ha"] == pytest.approx(1.2, abs=HA)
    assert available["available_ha"] == pytest.approx(0.8, abs=HA)


def test_other_roads_of_great_traffic_take_75_m(site, motorway):
    """75 − 40 = 35 m along 200 m: 7 000 m² = 0.70 ha lost, 1.30 left."""
    rule = land.Rule("Bande de 75 m", "axe", setback_m=75.0)
    assert land.available(site, land.table([rule], {"axe": motorway}))["available_ha"].item() == (
        pytest.approx(1.3, abs=HA)
    )


def test_a_derogation_of_the_plan_frees_its_zone_or_the_whole_band(site, motorway):
    """Zone of a study (L.111-8) over the whole site: 2.00 ha. Over its western half: 1.20 / 2 = 0.60 lost."""
    layers = {"axe": motorway, "etude": block(x_m=-10, y_m=-200, width_m=220, height_m=400)}
    exempt = land.Rule(BAND.name, "axe", setback_m=100.0, outside=("etude",))
    exempted = land.available(site, land.table([exempt], layers))
    assert exempted["available_ha"].item() == pytest.approx(2.0, abs=HA)
    half = layers | {"etude": block(x_m=-10, y_m=-200, width_m=110, height_m=400)}
    assert land.available(site, land.table([exempt], half))["lost_ha"].item() == pytest.approx(0.6, abs=HA)
    waived = land.Rule(BAND.name, "axe", setback_m=100.0, waived="étude L.111-8")
    assert land.available(site, land.table([waived], layers))["available_ha"].item() == (
        pytest.approx(2.0, abs=HA)
    )


@pytest.fixture
def road() -> gpd.GeoDataFrame:
    """6 m wide, across the middle of the site."""
    return block(x_m=97, y_m=-50, width_m=6, height_m=200, name="voie")


def test_a_road_that_splits_leaves_two_pieces_that_are_each_too_small(site, road):
    """Each side: (200 − 6) / 2 × 100 = 9 700 m² = 0.97 ha, below 1 ha: nothing is left."""
    assert land.available(site, road, min_piece_ha=1.0)["available_ha"].item() == 0.0


def test_a_road_that_does_not_split_takes_its_own_ground_alone(site, road):
    """Both sides together: 2 × 0.97 = 1.94 ha, above 1 ha; the road itself, 6 × 100 m = 0.06 ha, is lost."""
    available = land.available(site, road.assign(splits=False), min_piece_ha=1.0).iloc[0]
    assert available["available_ha"] == pytest.approx(1.94, abs=HA)
    assert available["lost_ha"] == pytest.approx(0.06, abs=HA)
    assert available["pieces"] == 2


def test_a_sketched_road_that_does_not_split_leaves_its_interval_whole(site, road):
    """Moved by a metre at most, the road leaves two pieces of 1 ha or less: both count, or none.

    1.94 ha of 2 ha, written to the hectare as an interval is: 2, and 0 where the road splits.
    """
    sketch = road.assign(geometrie="schématique", precision_m=1.0)
    moves = land.read_moves({"déplacements": 20, "centile bas": 5, "centile haut": 95})
    bounds = ["available_low_ha", "available_high_ha"]
    split = land.available(site, sketch, min_piece_ha=1.0, moves=moves)[bounds]
    joined = land.available(site, sketch.assign(splits=False), min_piece_ha=1.0, moves=moves)[bounds]
    assert split.to_numpy().tolist() == [[0.0, 0.0]]
    assert joined.to_numpy().tolist() == [[2.0, 2.0]]


def test_the_road_counts_for_nothing_in_the_least_area(site, road):
    """The pieces make 1.94 ha together, not 2.00: a demand of 1.95 ha leaves nothing."""
    assert land.available(site, road.assign(splits=False), min_piece_ha=1.95)["available_ha"].item() == 0.0


def test_what_splits_for_good_still_splits(site, road):
    """A flood of 20 m beside the road parts the two sides, though both touch ground that does not split.

    West: 77 × 100 m = 0.77 ha; east: 97 × 100 m = 0.97 ha; the road cannot join them across the flood.
    """
    flood = block(x_m=77, y_m=-50, width_m=20, height_m=200, name="crue")
    both = stack(road.assign(splits=False), flood.assign(splits=True))
    assert land.available(site, both, min_piece_ha=1.0)["available_ha"].item() == 0.0


def test_a_constraint_without_a_feature_is_declared_and_may_be_unknown_everywhere(site, road):
    names = pd.CategoricalDtype(["voie", "ppri"])
    nowhere = gpd.GeoDataFrame({"name": pd.Series([], dtype=names)}, geometry=[], crs=site.crs)
    coverage = nowhere.astype({"name": pd.CategoricalDtype(["ppri"])})
    available = land.available(site, road.astype({"name": names}), by="name", coverage=coverage).iloc[0]
    assert (available["available_ha"], available["unknown_ha"]) == pytest.approx((0.0, 1.94), abs=HA)


def test_a_constraint_without_a_feature_takes_nothing_in_the_waterfall(site, road):
    """The road covers 6 m by 100 m: 0.06 ha, before or after a flood that has no polygon."""
    names = pd.CategoricalDtype(["crue", "voie", "ppri"])
    losses = land.losses(site, road.astype({"name": names}), by="name").loc[0]
    assert losses["marginal_ha"].to_dict() == pytest.approx({"crue": 0.0, "voie": 0.06, "ppri": 0.0}, abs=HA)
    bare = gpd.GeoDataFrame({"name": pd.Series([], dtype=names)}, geometry=[], crs=site.crs)
    assert land.losses(site, bare, by="name").loc[0, "remaining_ha"].tolist() == pytest.approx(
        [2.0] * 3, abs=HA
    )


@settings(max_examples=few(25), deadline=None)
@given(
    roads=st.lists(st.tuples(st.integers(0, 190), st.integers(1, 30)), min_size=1, max_size=4),
    least_ha=st.sampled_from([0.0, 0.3, 0.9, 1.5]),
)
def test_not_splitting_never_leaves_less_and_never_gives_the_road_back(roads, least_ha):
    ground = block(x_m=0, y_m=0, width_m=200, height_m=100)
    lanes = stack(*(block(x_m=x, y_m=-10, width_m=width, height_m=120) for x, width in roads))
    split = land.available(ground, lanes, min_piece_ha=least_ha)
    joined = land.available(ground, lanes.assign(splits=False), min_piece_ha=least_ha)
    assert joined["available_ha"].item() >= split["available_ha"].item() - HA
    assert shapely.area(shapely.intersection(joined.geometry.item(), lanes.union_all())) < 1e-3
    free = land.available(ground, lanes)["available_ha"].item()
    expected = free if free >= least_ha else 0.0
    assert joined["available_ha"].item() == pytest.approx(expected, abs=1e-4)


def test_every_key_of_a_constraint_comes_back_from_the_output_of_a_run():
    rules = [
        land.Rule("Bande", "axe", setback_m=100.0, outside=("bourg", "etude"), article="L.111-6"),
        land.Rule("Gaz", "conduites", setback_column="recul_m", bridged=True, certainty="à vérifier"),
        land.Rule("PPRT", "", waived="aucun dans le territoire"),
    ]
    options = land.Options(absent_unknown=True, min_piece_ha=1.0)
    rules_text = json.dumps({"regles": land.as_record(rules, options)})
    assert land.read_rules(rules_text, form="json") == (rules, options)
