"""Densification on plots of a hundred metres, checked by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from blocks import block, stack
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import densification
from artois_geo.errors import BadTable, BadValue, UnknownName

RULES = {
    "unbuilt_ces": 0.005,
    "unbuilt_min_ha": 0.1,
    "reference_ces": 0.35,
    "underbuilt_min_ha": 0.2,
    "setback_m": 8.0,
    "min_width_m": 20.0,
    "min_part_ha": 0.1,
    "max_ces": 0.5,
    "mobilisable_share": 2 / 3,
}


@pytest.fixture
def plot() -> gpd.GeoDataFrame:
    """8 000 m²: 100 m by 80 m."""
    return block(x_m=0, y_m=0, width_m=100, height_m=80, unit_id="UF1", zae="A", unit_ha=0.8)


def potential_of(plot: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, **changes: object) -> pd.Series:
    return densification.potential(plot, buildings, **(RULES | changes)).iloc[0]


def test_a_building_along_the_street_leaves_an_l_shape(plot):
    # 1 200 m² against the west side, 20 m from the south: the 12 m strip south of it is too narrow.
    hall = block(x_m=0, y_m=20, width_m=40, height_m=30)
    row = potential_of(plot, hall)
    assert row["ces_share"] == pytest.approx(0.15)
    assert row["state"] == "sous-bâtie"
    assert row["theoretical_ha"] == pytest.approx(0.5216, abs=1e-6)
    assert row["mobilisable_ha"] == pytest.approx(0.5216 * 2 / 3, abs=1e-6)
    assert row["reserve_m2"] == pytest.approx(2800)


@pytest.mark.parametrize(("min_width_m", "left_m2"), [(20, 3520), (24, 0)])
def test_the_same_building_in_the_middle_leaves_less_or_nothing(plot, min_width_m, left_m2):
    hall = block(x_m=30, y_m=25, width_m=40, height_m=30)
    row = potential_of(plot, hall, min_width_m=min_width_m)
    assert row["ces_share"] == pytest.approx(0.15)
    assert row["theoretical_ha"] * 1e4 == pytest.approx(left_m2, abs=0.01)
    assert row["parts"] == (2 if left_m2 else 0)
    assert row["reserve_m2"] == pytest.approx(2800)


def test_states_follow_built_share_and_area(plot):
    lots = stack(
        plot,
        block(x_m=1000, y_m=0, width_m=50, height_m=20),  # 1 000 m², empty
        block(x_m=2000, y_m=0, width_m=49, height_m=20),  # 980 m², empty
        block(x_m=3000, y_m=0, width_m=100, height_m=19),  # 1 900 m², 10 % built
        block(x_m=4000, y_m=0, width_m=100, height_m=80),  # 40 % built
    )
    buildings = stack(
        block(x_m=0, y_m=0, width_m=6, height_m=6),  # a transformer: 0.45 %
        block(x_m=3000, y_m=0, width_m=10, height_m=19),
        block(x_m=4000, y_m=0, width_m=40, height_m=80),
    )
    states = densification.potential(lots, buildings, **RULES)["state"].tolist()
    assert states == ["non bâtie", "non bâtie", "trop petite", "trop petite", "bâtie"]


def test_buildings_that_overlap_or_cross_the_limit_count_once_and_inside_only(plot):
    walls = stack(
        block(x_m=80, y_m=0, width_m=40, height_m=20),  # 20 m of its 40 stand inside: 400 m²
        block(x_m=0, y_m=0, width_m=30, height_m=20),
        block(x_m=10, y_m=0, width_m=30, height_m=20),  # 400 m² of both
    )
    assert potential_of(plot, walls)["footprint_m2"] == pytest.approx(400 + 800)


def test_a_neighbour_s_building_keeps_its_setback(plot):
    neighbour = block(x_m=102, y_m=-10, width_m=30, height_m=100)
    assert potential_of(plot, neighbour)["theoretical_ha"] == pytest.approx(0.8 - 6 * 80 / 1e4, abs=1e-6)


def test_the_reference_and_the_ceiling_may_come_from_columns(plot):
    hall = block(x_m=0, y_m=20, width_m=40, height_m=30)
    row = potential_of(plot.assign(voc=0.1, plu=0.4), hall, reference_ces="voc", max_ces="plu")
    assert (row["state"], row["reserve_m2"]) == ("bâtie", pytest.approx(2000))
    assert row["theoretical_ha"] == 0
    assert np.isnan(potential_of(plot, hall, max_ces=None)["reserve_m2"])


def test_a_part_needs_a_road_or_a_neighbour_to_be_reached(plot):
    hall = block(x_m=30, y_m=25, width_m=40, height_m=30)
    road = plain.line((-0.01, -0.0005), (0.05, -0.0005))
    near = {"roads": road, "min_access_m": 6.0, "max_road_m": 1.0}
    assert potential_of(plot, hall, **near)["theoretical_ha"] * 1e4 == pytest.approx(1760, abs=0.01)
    two_plots = stack(
        plot, block(x_m=100, y_m=0, width_m=50, height_m=80, unit_id="UF2", zae="A", unit_ha=0.4)
    )
    both = densification.potential(two_plots, hall, **(RULES | near))
    assert both["theoretical_ha"].iloc[0] * 1e4 == pytest.approx(3520, abs=0.01)


def test_each_class_of_occupant_has_its_own_mobilisable_share(plot):
    hall = block(x_m=0, y_m=20, width_m=40, height_m=30)
    by = {"mobilisable_by": "occupant", "mobilisable_share": {"public": 1.0, "privé": 0.25}}
    assert potential_of(plot.assign(occupant="privé"), hall, **by)["mobilisable_ha"] == pytest.approx(
        0.1304, abs=1e-6
    )
    with pytest.raises(UnknownName, match="SEM"):
        potential_of(plot.assign(occupant="SEM"), hall, **by)


def test_parcels_of_one_owner_that_share_an_edge_make_a_unit():
    parcels = stack(
        block(x_m=0, y_m=0, width_m=100, height_m=100, owner="A", ref="AB1"),
        block(x_m=100, y_m=0, width_m=100, height_m=100, owner="A", ref="AB2"),
        block(x_m=200, y_m=0, width_m=100, height_m=100, owner="B", ref="AB3"),
        block(x_m=300, y_m=0, width_m=100, height_m=100, owner="A", ref="AB4"),  # B stands between
        block(x_m=200, y_m=100, width_m=100, height_m=100, owner="A", ref="AB5"),  # corners only
        block(x_m=0, y_m=100, width_m=100, height_m=100, owner=None, ref="AB6"),
        block(x_m=0, y_m=200, width_m=100, height_m=100, owner=None, ref="AB7"),
    )
    units = densification.land_units(parcels, owner="owner", key="ref", keep=("ref",))
    assert units["parcels"].tolist() == ["AB1|AB2", "AB3", "AB4", "AB5", "AB6", "AB7"]
    assert units["unit_ha"].tolist() == pytest.approx([2, 1, 1, 1, 1, 1])
    assert units["unit_id"].is_unique
    assert units.geometry.iloc[0].geom_type == "Polygon"


def test_units_stop_at_the_limit_of_the_site():
    parcels = stack(
        *[block(x_m=x, y_m=0, width_m=100, height_m=100, owner="A", idu=f"AB{x}") for x in (0, 100, 200)]
    )
    zones = stack(
        block(x_m=-50, y_m=-50, width_m=200, height_m=300, site_id="ouest"),
        block(x_m=150, y_m=-50, width_m=100, height_m=300, site_id="est"),
    )
    units = densification.land_units(parcels, owner="owner", sites=zones)
    assert units.set_index("site_id")["unit_ha"].to_dict() == pytest.approx({"ouest": 1.5, "est": 1.0})


def test_a_row_of_a_thousand_parcels_is_one_unit():
    edges = np.arange(1000) * 10.0
    parcels = gpd.GeoDataFrame(geometry=shapely.box(edges, 0, edges + 10, 10), crs=2154)
    parcels = parcels.assign(owner="A", idu=[f"AB{number:04d}" for number in range(1000)])
    units = densification.land_units(parcels.sample(frac=1, random_state=1), owner="owner")
    assert (len(units), units["parcel_count"].item(), units["unit_ha"].item()) == (1, 1000, pytest.approx(10))


def test_a_site_adds_up_theoretical_and_mobilisable_apart(plot):
    hall = block(x_m=0, y_m=20, width_m=40, height_m=30)
    table = densification.by_site(densification.potential(plot, hall, **RULES), key="zae")
    row = table.loc["A"]
    assert row[["units", "underbuilt_units", "unbuilt_units"]].tolist() == [1, 1, 0]
    assert row["theoretical_ha"] == pytest.approx(0.5216, abs=1e-6)
    assert row["mobilisable_ha"] == pytest.approx(0.5216 * 2 / 3, abs=1e-6)
    assert row["ces_share"] == pytest.approx(0.15)


def test_wrong_calls_are_refused(plot):
    hall = block(x_m=0, y_m=20, width_m=40, height_m=30)
    with pytest.raises(BadValue, match="reference_ces"):
        potential_of(plot, hall, reference_ces=35)
    with pytest.raises(BadTable, match="proprietaire"):
        densification.land_units(plot, owner="proprietaire", key="unit_id")
    with pytest.raises(BadTable, match="polygone"):
        potential_of(plot, plain.point(x_km=0, y_km=0))


box = st.tuples(st.integers(-20, 100), st.integers(-20, 80), st.integers(5, 60), st.integers(5, 60))


@given(boxes=st.lists(box, min_size=1, max_size=5))
def test_footprint_and_gisement_stay_inside_the_unit_and_apart(boxes):
    plot = block(x_m=0, y_m=0, width_m=100, height_m=80)
    buildings = stack(*[block(x_m=x, y_m=y, width_m=w, height_m=h) for x, y, w, h in boxes])
    row = potential_of(plot, buildings)
    inside = buildings.union_all().intersection(plot.geometry.item())
    assert row["footprint_m2"] == pytest.approx(inside.area, abs=1e-6)
    assert row["remainder_geometry"].intersection(buildings.union_all().buffer(7.9)).area < 1e-3
    assert row["theoretical_ha"] * 1e4 + row["footprint_m2"] <= 8000 + 1e-6
    again = densification.potential(stack(plot, plot.translate(500).to_frame("geometry")), buildings, **RULES)
    assert again["theoretical_ha"].iloc[0] == pytest.approx(row["theoretical_ha"], abs=1e-9)


def lots(*names: str, owner: str = "A", step_m: float = 100) -> gpd.GeoDataFrame:
    """Plots of a hectare in a row, one name each; ``step_m`` above 100 keeps them apart."""
    return stack(
        *[
            block(x_m=step_m * number, y_m=0, width_m=100, height_m=100, idu=name, owner=owner)
            for number, name in enumerate(names)
        ]
    )


def test_a_unit_is_named_after_the_first_of_its_parcels():
    units = densification.land_units(lots("AB0007", "AB0002", "AB0005"), owner="owner")
    assert units[["unit_id", "parcels"]].values.tolist() == [["UF-AB0002", "AB0002|AB0005|AB0007"]]


@given(
    order=st.permutations(range(6)),
    owners=st.lists(st.sampled_from("AB"), min_size=6, max_size=6),
    more=st.integers(1, 3),
)
def test_other_parcels_and_another_order_change_no_identifier(order, owners, more):
    parcels = lots(*[f"AB{number:04d}" for number in range(6)]).assign(owner=owners)
    before = densification.land_units(parcels, owner="owner")
    # New parcels stand apart; their names come before all others.
    new = lots(*[f"AA{number:04d}" for number in range(more)], step_m=300)
    new = new.assign(geometry=new.translate(0, 5000))
    after = densification.land_units(stack(new, parcels.iloc[list(order)]), owner="owner")
    assert after["unit_id"].is_unique
    parcels_by_unit = after.set_index("unit_id")["parcels"]
    assert parcels_by_unit[before["unit_id"]].tolist() == before["parcels"].tolist()
    assert len(after) == len(before) + more


def test_a_parcel_in_two_sites_names_a_unit_in_each_and_the_larger_part_keeps_its_name():
    zones = stack(
        block(x_m=-50, y_m=-50, width_m=120, height_m=300, site_id="ouest"),
        block(x_m=70, y_m=-50, width_m=100, height_m=300, site_id="est"),
    )
    units = densification.land_units(lots("AB0001"), owner="owner", sites=zones)
    assert units.set_index("site_id")["unit_id"].to_dict() == {"ouest": "UF-AB0001", "est": "UF-AB0001@est"}
    again = densification.land_units(lots("AB0001"), owner="owner", sites=zones.iloc[::-1])
    assert again["unit_id"].tolist() == units["unit_id"].tolist()


@pytest.mark.parametrize("column", ["id", "idu", "IDU", "idpar", "Parcelle_ID", "geo_parcelle"])
def test_the_identifier_of_a_parcel_is_found_by_its_usual_names(column):
    parcels = lots("62498000AB0001").rename(columns={"idu": column})
    assert densification.parcel_key(parcels) == column


@pytest.mark.parametrize("values", [["1", "2"], ["bat1", "bat2"], ["62498000AB0001", None]])
def test_row_numbers_are_no_cadastral_identifiers(values):
    parcels = lots("a", "b").drop(columns="idu").assign(id=values)
    with pytest.raises(BadTable, match=r"aucune colonne ne porte l'identifiant cadastral.*--cle"):
        densification.land_units(parcels, owner="owner")


def test_identifiers_that_repeat_or_miss_are_refused():
    with pytest.raises(BadTable, match="plusieurs parcelles s'appellent « AB0001 »"):
        densification.land_units(lots("AB0001", "AB0001"), owner="owner")
    with pytest.raises(BadTable, match="1 parcelle sans identifiant"):
        densification.land_units(lots("AB0001", " "), owner="owner")
    with pytest.raises(BadTable, match="« unit_id » est une colonne que le calcul écrit"):
        densification.land_units(lots("AB0001").assign(unit_id=1), owner="owner", keep=("unit_id",))
