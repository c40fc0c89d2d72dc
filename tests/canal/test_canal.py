"""The canal: bank, berth, quays within reach, freight, who decides."""

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import canal, constants
from artois_geo.errors import BadTable, BadValue

BERTHS = {"I": 38.5, "IV": 85.0, "Va": 110.0, "Vb": 185.0}
CANAL = plain.line((0, 0), (3, 0), waterway_name="Canal", waterway_cemt="Vb", precision_m=5)
FACTORS = constants.table("freight_factors")


def layer(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return pd.concat(frames, ignore_index=True)


def front(site: gpd.GeoDataFrame, water: gpd.GeoDataFrame = CANAL) -> pd.Series:
    return canal.frontage(site, water, bank_m=50, berths_m=BERTHS).iloc[0]


def bankside(width_km: float, *, y_km: float = 0.03) -> gpd.GeoDataFrame:
    return plain.rectangle(x_km=1, y_km=y_km, width_km=width_km, height_km=0.3, precision_m=5)


# frontage


@pytest.mark.parametrize(
    ("metres", "berth"),
    [(38, "aucun"), (38.5, "I"), (84, "I"), (85, "IV"), (110, "Va"), (184, "Va"), (185, "Vb"), (200, "Vb")],
)
def test_the_frontage_says_the_largest_boat(metres: float, berth: str) -> None:
    row = front(bankside(metres / 1000))
    assert row["frontage_m"] == pytest.approx(metres)
    assert row["berth_class"] == berth


def test_a_small_canal_takes_no_large_boat_however_long_the_bank() -> None:
    row = front(bankside(0.2), CANAL.assign(waterway_cemt="I"))
    assert (row["frontage_class"], row["berth_class"]) == ("Vb", "I")


def test_where_the_class_of_the_water_is_not_known_the_berth_is_not_either() -> None:
    row = front(bankside(0.2), CANAL.assign(waterway_cemt=None))
    assert (row["frontage_class"], row["berth_class"]) == ("Vb", None)


def test_beyond_fifty_metres_there_is_a_distance_and_no_frontage() -> None:
    row = front(bankside(0.2, y_km=0.051))
    assert (row["waterway_m"], row["frontage_m"]) == (pytest.approx(51), 0)


def test_only_what_lies_within_fifty_metres_counts() -> None:
    foot = bankside(0.1)
    wide = plain.rectangle(x_km=0.5, y_km=0.2, width_km=2, height_km=0.3)
    site = foot.assign(geometry=foot.union(wide))
    assert front(site)["frontage_m"] == pytest.approx(100)


def test_a_site_in_two_parts_berths_on_the_longer_one() -> None:
    both = bankside(0.1).assign(geometry=lambda f: f.union(bankside(0.06).translate(xoff=1000)))
    row = front(both)
    assert (row["frontage_m"], row["frontage_total_m"]) == (pytest.approx(100), pytest.approx(160))


def test_the_bank_of_a_canal_of_known_width_is_half_of_it_from_the_axis() -> None:
    row = front(bankside(0.2, y_km=0.07), CANAL.assign(waterway_width_m=54.0))
    assert (row["waterway_m"], row["frontage_m"]) == (pytest.approx(43), pytest.approx(200))


def test_frontage_follows_the_canal_around_a_bend() -> None:
    bend = plain.line((0, 0), (2, 0), (2, 2), waterway_name="Canal", waterway_cemt="Vb", precision_m=5)
    inside = plain.rectangle(x_km=1.5, y_km=0.01, width_km=0.49, height_km=0.5, precision_m=5)
    assert front(inside, bend)["frontage_m"] == pytest.approx(500 + 510, abs=1)


def test_a_canal_cut_in_pieces_has_the_frontage_of_the_whole() -> None:
    pieces = layer(
        *(
            plain.line((x, 0), (x + 0.1, 0), waterway_name="Canal", waterway_cemt="Vb", precision_m=5)
            for x in np.arange(0, 3, 0.1)
        )
    )
    assert front(bankside(0.2), pieces)["frontage_m"] == pytest.approx(200)


def test_a_point_has_a_distance_and_an_unknown_frontage() -> None:
    row = front(plain.point(x_km=1, y_km=0.02))
    assert row["waterway_m"] == pytest.approx(20)
    assert np.isnan(row["frontage_m"])
    assert row["berth_class"] is None


def test_a_schematic_axis_is_said() -> None:
    assert front(bankside(0.2), CANAL.assign(geometrie="schématique"))["waterway_schematic"]
    assert not front(bankside(0.2))["waterway_schematic"]


@given(st.floats(0.04, 1), st.floats(0, 360), st.floats(-5, 5))
def test_turning_and_moving_the_country_changes_no_frontage(width: float, angle: float, shift: float) -> None:
    pivot = CANAL.geometry.iloc[0].centroid
    site, water = (
        frame.assign(geometry=frame.rotate(angle, origin=pivot).translate(xoff=shift * 1000))
        for frame in (bankside(width), CANAL)
    )
    assert front(site, water)["frontage_m"] == pytest.approx(width * 1000, abs=0.01)


# names and classes


def test_spellings_of_one_canal_are_one_canal() -> None:
    spellings = ["Canal de la Sambre à l'Oise", "Canal de la Sambre à l’Oise", "CANAL DE LA SAMBRE A L OISE"]
    pieces = layer(*(plain.line((0, y), (1, y), name=name) for y, name in enumerate(spellings)))
    assert canal.classify(pieces, constants.table("waterways"))["waterway_name"].nunique() == 1


def test_an_old_arm_is_not_the_river() -> None:
    pieces = layer(
        *(
            plain.line((0, y), (1, y), name=name)
            for y, name in enumerate(["River Lys", "La Vieille Lys", None])
        )
    )
    classified = canal.classify(pieces, constants.table("waterways"))
    assert classified["waterway_name"].fillna("-").tolist() == ["La Lys", "La Vieille Lys", "-"]
    assert classified["waterway_cemt"].isna().all()


def test_the_909_real_pieces_have_27_names_and_a_class_where_one_is_known(shared) -> None:  # type: ignore[no-untyped-def]
    pieces = gpd.read_file(shared / "data/voies_navigables_osm_2026.geojson").to_crs(2154)
    classified = canal.classify(pieces, constants.table("waterways"))
    assert (len(classified), pieces["name"].nunique(), classified["waterway_name"].nunique()) == (909, 42, 27)
    assert classified["waterway_name"].notna().all()
    classes = classified.drop_duplicates("waterway_name").set_index("waterway_name")["waterway_cemt"].dropna()
    assert classes.to_dict() == {
        "Canal Dunkerque-Escaut": "Va",
        "Canal du Nord": "II",
        "Canal de Saint-Quentin": "I",
        "Canal latéral à l'Oise": "I",
        "Canal latéral à l'Aisne": "I",
        "Canal de l'Oise à l'Aisne": "I",
        "Canal de la Sambre à l'Oise": "I",
        "La Somme canalisée": "I",
    }
    assert set(classes) <= set(canal.CEMT)


# access

SITE = plain.point(x_km=0, y_km=0)
QUAY = plain.point(x_km=3, y_km=0, objet_type="quai", gestionnaire="VNF", precision_m=5)
ROADS = layer(
    plain.line((0, 0), (3, 0), sens="-1", vitesse=50),
    plain.line((0, 0), (0, 2), (3, 2), (3, 0), sens="no", vitesse=70),
)
ROAD: dict[str, float] = {"speed_kmh": 50, "snap_m": 1, "reach_m": 500}


def test_without_roads_there_is_no_road_distance() -> None:
    row = canal.access(SITE, QUAY, family="objet_type", carry=["gestionnaire"]).iloc[0]
    assert (row["straight_km"], row["method"], row["gestionnaire"]) == (3, "à vol d'oiseau", "VNF")
    assert np.isnan(row["road_km"])


def test_a_one_way_road_is_not_driven_backwards() -> None:
    roads = canal.Roads(ROADS, oneway="sens", **ROAD)
    to = canal.access(SITE, QUAY, family="objet_type", roads=roads).iloc[0]
    back = canal.access(QUAY, SITE.assign(objet_type="site"), family="objet_type", roads=roads).iloc[0]
    assert (to["road_km"], back["road_km"]) == (pytest.approx(7), pytest.approx(3))


def test_the_speed_of_each_road_makes_the_time() -> None:
    roads = canal.Roads(ROADS, oneway="sens", speed="vitesse", **ROAD)
    row = canal.access(SITE, QUAY, family="objet_type", roads=roads).iloc[0]
    assert row["road_min"] == pytest.approx(7 / 70 * 60)


def test_a_quay_without_a_way_to_it_has_no_road_distance_and_keeps_its_straight_one() -> None:
    away = plain.point(x_km=20, y_km=0, objet_type="quai")
    row = canal.access(SITE, away, family="objet_type", roads=canal.Roads(ROADS, **ROAD)).iloc[0]
    assert (row["straight_km"], row["method"]) == (20, "à vol d'oiseau")
    assert np.isnan(row["road_km"])


def test_a_road_of_no_speed_is_refused() -> None:
    roads = canal.Roads(ROADS.assign(vitesse=0), speed="vitesse", **ROAD)
    with pytest.raises(BadValue, match="vitesse"):
        canal.access(SITE, QUAY, family="objet_type", roads=roads)


def test_the_road_is_never_shorter_than_the_straight_line() -> None:
    rng = np.random.default_rng(7)
    places = layer(*(plain.point(x_km=x, y_km=y, objet_type="quai") for x, y in rng.uniform(0, 3, (20, 2))))
    roads = canal.Roads(ROADS, **(ROAD | {"reach_m": 5000}))
    table = canal.access(places, places, family="objet_type", roads=roads)
    assert (table["road_km"] >= table["straight_km"] - 1e-9).all()


RINGS = {"quays": ["quai"], "bank_m": 50, "hinterland_m": 1000, "truck_min": 15}


def test_rings_are_bank_then_quay_then_truck_then_unknown() -> None:
    spots = [(0, 10), (2.5, 800), (-5, 900)]
    sites = layer(*(plain.point(x_km=x, y_km=0, waterway_m=m, precision_m=5) for x, m in spots))
    reach = canal.access(sites, QUAY, family="objet_type")
    assert canal.rings(sites, reach, **RINGS).tolist() == [
        "bord à voie d'eau",
        "arrière-quai",
        "hors arrière-quai, temps de route non calculé",
    ]
    known_times = reach.assign(road_min=[5.0, 5.0, 14.0])
    assert canal.rings(sites, known_times, **RINGS).iloc[2] == "à portée de camion"
    assert canal.rings(sites, known_times.assign(road_min=16.0), **RINGS).iloc[2] == "hors d'atteinte"


# freight


def flow(**changed: object) -> pd.DataFrame:
    convoy = {
        "tonnes": 4400.0,
        "road_km": 200.0,
        "water_km": 240.0,
        "haul_km": 15.0,
        "handlings": 2,
        "boat": "convoi",
    }
    return pd.DataFrame([convoy | changed])


def by_set(flows: pd.DataFrame) -> pd.DataFrame:
    return canal.emissions(flows, FACTORS, truck_t=20).set_index("factor_set")


def test_a_convoy_of_4400_tonnes_avoids_36_55_or_43_to_80_percent_by_set_of_factors() -> None:
    emissions = by_set(flow())
    tonnes = emissions[["avoided_tco2e_low", "avoided_tco2e_high"]].round(1)
    assert tonnes.loc["arrete_2012"].tolist() == [26.7, 26.7]
    assert tonnes.loc["glec"].tolist() == [46.0, 46.0]
    assert tonnes.loc["ademe_vnf_2019"].tolist() == [31.7, 59.1]
    shares = (emissions[["avoided_share_low", "avoided_share_high"]] * 100).round()
    assert shares.loc["arrete_2012"].tolist() == [36, 36]
    assert shares.loc["glec"].tolist() == [55, 55]
    assert shares.loc["ademe_vnf_2019"].tolist() == [43, 80]


def test_the_answer_is_the_range_over_all_sets() -> None:
    row = canal.overall(canal.emissions(flow(), FACTORS, truck_t=20)).iloc[0]
    assert (round(row["avoided_tco2e_low"], 1), round(row["avoided_tco2e_high"], 1)) == (26.7, 59.1)
    assert row["verdict"] == "l'eau fait mieux"


def test_a_short_haul_of_containers_is_better_by_road_and_says_so() -> None:
    short = flow(tonnes=1000.0, road_km=60.0, water_km=60.0, haul_km=25.0, boat="conteneurs")
    emissions = by_set(short)
    # 5.7 t by road against 29.3 × 60 + 95 × 25 + 2 × 1 200 = 6.53 t
    assert emissions.loc["glec", "avoided_tco2e_low"] == pytest.approx(-0.833)
    assert emissions.loc["arrete_2012", "verdict"] == "la route fait mieux"
    assert canal.overall(canal.emissions(short, FACTORS, truck_t=20))["verdict"].tolist() == [
        "la route fait mieux"
    ]


def test_freycinet_is_worse_than_the_truck_in_the_order_of_2012() -> None:
    assert by_set(flow(boat="freycinet")).loc["arrete_2012", "avoided_tco2e_high"] < 0


def test_a_set_without_the_boat_keeps_its_row_empty() -> None:
    row = by_set(flow(boat="freycinet")).loc["glec"]
    assert (row["verdict"], np.isnan(row["avoided_tco2e_low"])) == ("facteur absent", True)


@given(
    st.floats(1, 1e5),
    st.floats(10, 500),
    st.floats(10, 500),
    st.sampled_from(["convoi", "automoteur_110", "conteneurs"]),
)
def test_at_the_break_even_haul_water_and_road_emit_the_same(
    tonnes: float, road: float, water: float, boat: str
) -> None:
    given_flow = flow(tonnes=tonnes, road_km=road, water_km=water, boat=boat)
    row = by_set(given_flow).dropna(subset="break_even_km_low").iloc[0]
    if row["break_even_km_low"] > 0:
        again = by_set(given_flow.assign(haul_km=row["break_even_km_low"])).loc[row.name]
        assert again["avoided_tco2e_low"] == pytest.approx(0, abs=1e-6 * tonnes)


def test_trucks_are_the_next_whole_number() -> None:
    assert canal.trucks(pd.Series([4400.0, 4400.1, 20.0, 0.0]), truck_t=20).tolist() == [220, 221, 1, 0]
    assert canal.trucks(pd.Series([0.1 + 0.2]), truck_t=0.1).tolist() == [3]


def test_a_negative_tonnage_and_an_unknown_boat_are_refused() -> None:
    with pytest.raises(BadValue, match="négatif"):
        by_set(flow(tonnes=-1.0))
    with pytest.raises(BadValue, match="pirogue"):
        by_set(flow(boat="pirogue"))


def test_the_published_funnel_leaves_29000_of_55000() -> None:
    published = dict(constants.values("funnel_evp")[-1].value)
    steps = canal.funnel(published.pop("identifiés"), published)
    assert steps["left"].tolist() == [55000, 38000, 29000]
    assert round(100 * steps["left_share"].iloc[-1]) == 53


SECTOR = {
    "sector": "céréales",
    "base": 1000.0,
    "base_unit": "emplois",
    "ratio_t": 50.0,
    "river_share": 0.8,
    "hinterland_share": 0.5,
    "competitive_share": 0.5,
}


def test_potential_is_the_product_of_its_shares_in_each_scenario() -> None:
    potential = canal.potential(pd.DataFrame([SECTOR]), capture={"bas": 0.25, "haut": 0.75}, truck_t=20)
    assert potential["potential_t"].tolist() == [2500, 7500]
    assert potential["trucks"].tolist() == [125, 375]


def test_bases_of_different_units_are_never_mixed_silently() -> None:
    mixed = pd.DataFrame([SECTOR, SECTOR | {"base_unit": "m²"}])
    with pytest.raises(BadTable, match="emplois, m²"):
        canal.potential(mixed, capture={"moyen": 0.5}, truck_t=20)
    assert len(canal.potential(mixed, capture={"moyen": 0.5}, truck_t=20, mixed_bases=True)) == 2


def test_a_missing_share_gives_no_potential_rather_than_zero() -> None:
    potential = canal.potential(
        pd.DataFrame([SECTOR | {"river_share": None}]), capture={"moyen": 0.5}, truck_t=20
    )
    assert potential["potential_t"].isna().all()


def test_a_percentage_is_not_a_share() -> None:
    with pytest.raises(BadValue, match="pourcentage"):
        canal.potential(pd.DataFrame([SECTOR | {"river_share": 80}]), capture={"moyen": 0.5}, truck_t=20)


def test_the_opening_of_the_canal_is_the_one_announced_on_that_day() -> None:
    from datetime import date

    years = [
        constants.get("csne_opening_year", on=day).value for day in (date(2023, 6, 1), date(2026, 11, 23))
    ]
    assert years == [2028, 2032]


# governance


def test_who_decides_is_said_where_the_facts_say_it_and_unknown_elsewhere() -> None:
    quays = pd.DataFrame(
        {
            "nom": ["Béthune-Beuvry", "Guarbecque", "Harnes"],
            "dit": ["surface_ha=25;concession=CCI Artois / VNF", "propriété de la CABBALR", None],
        }
    )
    governance = canal.governance({"quai": quays}, columns={"quai": {"name": "nom", "text": "dit"}})
    assert governance["manager"].tolist() == ["CCI Artois / VNF", "inconnu", "inconnu"]
    assert governance["owner"].tolist() == ["inconnu", "CABBALR", "inconnu"]
    assert governance["decides"].tolist() == ["CCI Artois / VNF", "CABBALR", "inconnu"]


def test_air_draft_takes_the_lowest_said_and_never_a_height_that_is_not_one() -> None:
    waterways = pd.DataFrame(
        {
            "a": ["5,25", "0", None, "haut"],
            "b": [4.5, -1.0, None, None],
            "dit": ["hauteur_libre_m = 7", "", None, "x"],
        },
        index=list("wxyz"),
    )
    air_drafts = canal.air_draft(waterways, columns=["a", "b"], text="dit")
    assert air_drafts["w"] == 4.5
    assert air_drafts.index.tolist() == list("wxyz")
    assert air_drafts[["x", "y", "z"]].isna().all()
    with pytest.raises(BadTable, match="tirant"):
        canal.air_draft(waterways, columns=["tirant"])


def test_a_column_to_carry_never_replaces_a_distance() -> None:
    site, quay = plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=0, kind="quai", road_km=1)
    with pytest.raises(BadTable, match="road_km"):
        canal.access(site, quay, family="kind", carry=["road_km"])
