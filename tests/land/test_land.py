"""Available land: every figure here can be checked by hand on the plain."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from blocks import HA, block, nothing, stack
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import land
from artois_geo.errors import BadCRS, BadTable, BadValue, UnknownName


@pytest.fixture
def twenty_hectares() -> gpd.GeoDataFrame:
    """500 m by 400 m: 20 ha."""
    return block(x_m=0, y_m=0, width_m=500, height_m=400, site_nom="Les Hauts")


@pytest.fixture
def flood_and_line() -> gpd.GeoDataFrame:
    """4 ha of flood (100 m x 400 m) and 2 ha of power line (500 m x 40 m), 0.4 ha of both."""
    return stack(
        block(x_m=0, y_m=0, width_m=100, height_m=400, name="inondation"),
        block(x_m=0, y_m=100, width_m=500, height_m=40, name="ligne"),
    )


def test_overlapping_constraints_are_taken_off_once(twenty_hectares, flood_and_line):
    available = land.available(twenty_hectares, flood_and_line).iloc[0]
    assert available["gross_ha"] == pytest.approx(20, abs=HA)
    assert available["lost_ha"] == pytest.approx(5.6, abs=HA)
    assert available["available_ha"] == pytest.approx(14.4, abs=HA)
    assert available["available_share"] == pytest.approx(0.72, abs=HA)
    assert available["pieces"] == 2


def test_marginals_add_up_to_what_is_lost_and_depend_on_the_order(twenty_hectares, flood_and_line):
    declared = land.losses(twenty_hectares, flood_and_line, by="name").loc[0]
    assert declared["alone_ha"].tolist() == pytest.approx([4, 2], abs=HA)
    assert declared["only_ha"].tolist() == pytest.approx([3.6, 1.6], abs=HA)
    assert declared["marginal_ha"].tolist() == pytest.approx([4, 1.6], abs=HA)
    assert declared["remaining_ha"].tolist() == pytest.approx([16, 14.4], abs=HA)
    by_line_first = land.losses(twenty_hectares, flood_and_line, by="name", order=["ligne"]).loc[0]
    assert by_line_first["marginal_ha"].to_dict() == pytest.approx({"ligne": 2, "inondation": 3.6}, abs=HA)
    assert by_line_first["marginal_ha"].sum() == pytest.approx(5.6, abs=HA)


def test_the_sentence_adds_up_in_the_words_of_a_mayor(twenty_hectares, flood_and_line):
    rows = land.losses(twenty_hectares, flood_and_line, by="name").loc[0]
    assert land.sentence(rows, site_name="Les Hauts") == (
        "Les Hauts : 20,0 ha bruts − 3,6 inondation − 1,6 ligne − 0,4 les deux à la fois = 14,4 ha."
    )


def test_rounded_figures_of_the_sentence_still_add_up():
    rows = pd.DataFrame(
        {
            "alone_ha": [1 / 3] * 3,
            "only_ha": [1 / 3] * 3,
            "marginal_ha": [1 / 3] * 3,
            "remaining_ha": [2 / 3, 1 / 3, 0.0],
        },
        index=["a", "b", "c"],
    )
    assert land.sentence(rows) == "1,0 ha bruts − 0,4 a − 0,3 b − 0,3 c = 0,0 ha."


@pytest.mark.parametrize(("combine", "net"), [("min", 13.75), ("product", 13.725)])
def test_soft_constraints_keep_the_lowest_share_or_their_product(
    twenty_hectares, flood_and_line, combine, net
):
    # 1 ha kept at 50 % and 0.8 ha kept at 75 %, on free ground, sharing 0.2 ha:
    # min 14.4 - 0.5 - 0.25 * 0.6 = 13.75; product takes 0.125 more on the 0.2 ha: 13.725.
    soft = stack(
        block(x_m=200, y_m=200, width_m=100, height_m=100, name="zone humide", kept_share=0.5),
        block(x_m=260, y_m=250, width_m=160, height_m=50, name="archéologie", kept_share=0.75),
    )
    both = stack(flood_and_line.assign(kept_share=0.0), soft)
    available = land.available(twenty_hectares, both, by="name", combine=combine).iloc[0]
    assert available["available_ha"] == pytest.approx(14.4, abs=HA)
    assert available["net_ha"] == pytest.approx(net, abs=HA)
    waterfall = land.losses(twenty_hectares, both, by="name", combine=combine).loc[0]
    assert waterfall["remaining_ha"].iloc[-1] == pytest.approx(net, abs=HA)


def test_one_constraint_drawn_twice_counts_once_even_as_a_product(twenty_hectares):
    twice = stack(*[block(x_m=0, y_m=0, width_m=100, height_m=100, name="humide", kept_share=0.5)] * 2)
    available = land.available(twenty_hectares, twice, by="name", combine="product")
    assert available["net_ha"].item() == pytest.approx(19.5, abs=HA)


def test_slivers_do_not_count(twenty_hectares):
    # A wall of 12 m leaves a strip of 4 m by 400 m on the west: 0.16 ha that nobody builds on.
    wall = block(x_m=4, y_m=0, width_m=12, height_m=400, name="mur")
    bare = land.available(twenty_hectares, wall).iloc[0]
    assert (bare["available_ha"], bare["pieces"]) == (pytest.approx(20 - 0.48, abs=HA), 2)
    sieved = land.available(twenty_hectares, wall, min_width_m=20).iloc[0]
    assert sieved["available_ha"] == pytest.approx(48.4 * 0.4, abs=HA)
    assert sieved["shape_lost_ha"] == pytest.approx(0.16, abs=HA)
    small = land.available(twenty_hectares, wall, min_piece_ha=0.2).iloc[0]
    assert (small["available_ha"], small["pieces"]) == (pytest.approx(19.36, abs=HA), 1)


def test_a_bow_tie_is_refused_and_named():
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    sites = gpd.GeoDataFrame(
        {"site_nom": ["droit", "noeud"]}, geometry=[shapely.box(0, 0, 1, 1), bow], crs=2154
    )
    with pytest.raises(
        BadTable, match=r"« sites » : 1 objet de géométrie invalide.*index 1.*\n.*couches reparer"
    ):
        land.available(sites, nothing())


def test_ground_that_nobody_looked_at_is_unknown_neither_free_nor_lost():
    # 20 ha; 4 ha flooded; the survey stops at 60 %: 8 ha known free, 8 ha unknown: 8 to 16 ha.
    site = block(x_m=0, y_m=0, width_m=500, height_m=400)
    flood = block(x_m=0, y_m=0, width_m=100, height_m=400, name="inondation")
    survey = block(x_m=-100, y_m=-100, width_m=400, height_m=600)
    available = land.available(site, flood, coverage=survey).iloc[0]
    assert available[["available_ha", "unknown_ha", "lost_ha"]].tolist() == pytest.approx([8, 8, 4], abs=HA)
    assert (available["net_ha"], available["high_ha"]) == (
        pytest.approx(8, abs=HA),
        pytest.approx(16, abs=HA),
    )


def test_each_constraint_has_its_own_coverage(twenty_hectares, flood_and_line):
    survey = block(x_m=0, y_m=0, width_m=250, height_m=400, name="inondation")
    available = land.available(twenty_hectares, flood_and_line, by="name", coverage=survey).iloc[0]
    # The east half (10 ha) is unknown to the flood, minus the 1 ha that the line surely takes.
    assert available["unknown_ha"] == pytest.approx(9, abs=HA)
    assert available["available_ha"] == pytest.approx(5.4, abs=HA)
    with pytest.raises(UnknownName, match="bruit"):
        land.available(twenty_hectares, flood_and_line, by="name", coverage=survey.assign(name="bruit"))


def test_a_constraint_just_outside_counts_once_buffered(twenty_hectares):
    # A line 30 m east of the site, setback 50 m: a strip of 20 m by 400 m is lost, 0.8 ha.
    line = plain.line((0.53, -1), (0.53, 1), name="ligne", setback_m=50.0)
    assert land.available(twenty_hectares, line)["lost_ha"].item() == pytest.approx(0.8, abs=HA)
    assert land.available(twenty_hectares, line.assign(setback_m=30.0))["lost_ha"].item() == 0


def test_setbacks_have_round_corners(twenty_hectares):
    pylon = plain.point(x_km=0.25, y_km=0.2, setback_m=100.0)
    lost_ha = land.available(twenty_hectares, pylon)["lost_ha"].item()
    assert lost_ha == pytest.approx(math.pi, rel=0.002)
    assert lost_ha < math.pi


def test_large_zones_cut_to_the_window_before_buffering_lose_nothing():
    # A ring of 200 corners around the site: 25 m setback, distance to the site 15 m on each side.
    angles = np.linspace(0, 2 * math.pi, 200, endpoint=False)
    far = shapely.Polygon(np.c_[680_500 + 5000 * np.cos(angles), 7_030_500 + 5000 * np.sin(angles)])
    hole = shapely.box(680_000 - 15, 7_030_000 - 15, 681_000 + 15, 7_031_000 + 15)
    ring = gpd.GeoDataFrame({"setback_m": [25.0]}, geometry=[far.difference(hole)], crs=2154)
    available = land.available(plain.square(x_km=0, y_km=0, side_km=1), ring)
    assert available["available_ha"].item() == pytest.approx(98 * 98 / 100, abs=HA)


def test_only_where_frames_the_land_and_force_keep_wins_over_constraints(twenty_hectares, flood_and_line):
    west = block(x_m=0, y_m=0, width_m=250, height_m=400)
    framed = land.available(twenty_hectares, flood_and_line, only_where=west)
    assert framed["available_ha"].item() == pytest.approx(10 - 4 - 0.6, abs=HA)
    granted = block(x_m=0, y_m=0, width_m=100, height_m=100)
    granted_land = land.available(twenty_hectares, flood_and_line, only_where=west, force_keep=granted)
    assert granted_land["available_ha"].item() == pytest.approx(10 - 4 - 0.6 + 1, abs=HA)
    rows = land.losses(twenty_hectares, flood_and_line, by="name", only_where=west, force_keep=granted).loc[0]
    assert rows["marginal_ha"].to_dict() == pytest.approx(
        {"hors du périmètre admis": 10, "inondation": 3, "ligne": 0.6}, abs=HA
    )


def test_force_keep_is_certain_even_where_nobody_looked(twenty_hectares):
    survey = block(x_m=0, y_m=0, width_m=250, height_m=400)
    granted = block(x_m=400, y_m=0, width_m=100, height_m=400)
    available = land.available(twenty_hectares, nothing(), coverage=survey, force_keep=granted).iloc[0]
    assert available[["available_ha", "unknown_ha"]].tolist() == pytest.approx([14, 6], abs=HA)


def test_pieces_must_reach_a_road(twenty_hectares):
    wall = block(x_m=240, y_m=0, width_m=20, height_m=400)
    road = plain.line((-0.1, -0.004), (0.05, -0.004))
    available = land.available(twenty_hectares, wall, roads=road, max_road_m=5).iloc[0]
    assert (available["available_ha"], available["pieces"]) == (pytest.approx(9.6, abs=HA), 1)
    assert land.available(twenty_hectares, wall, roads=road, max_road_m=3)["pieces"].item() == 0
    narrow = {"roads": road, "max_road_m": 5, "min_frontage_m": 60}
    assert land.available(twenty_hectares, wall, **narrow)["pieces"].item() == 0


def test_compactness_circle_and_rectangle_sieve_the_pieces(twenty_hectares):
    wall = block(x_m=100, y_m=0, width_m=20, height_m=400)  # leaves 100 x 400 and 380 x 400
    assert land.available(twenty_hectares, wall, min_compactness=0.7)["pieces"].item() == 1
    assert land.available(twenty_hectares, wall, min_circle_m=101)["pieces"].item() == 1
    assert land.available(twenty_hectares, wall, min_rectangle_m=(400, 100))["pieces"].item() == 2
    assert land.available(twenty_hectares, wall, min_rectangle_m=(150, 101))["pieces"].item() == 1
    measured = land.available(twenty_hectares, wall, inscribed=True).iloc[0]
    assert measured["rectangle_ha"] == pytest.approx(15.2, abs=1e-4)
    assert measured["rectangle_length_m"] == pytest.approx(400, abs=0.01)
    assert measured["circle_m"] == pytest.approx(380, abs=0.1)


def test_overlapping_sites_say_how_much_they_share(twenty_hectares):
    two = stack(twenty_hectares, block(x_m=400, y_m=0, width_m=200, height_m=400))
    assert land.available(two, nothing())["shared_ha"].tolist() == pytest.approx([4, 4], abs=HA)


def test_schematic_ground_flags_the_sites_that_it_reaches(twenty_hectares):
    two = stack(twenty_hectares, block(x_m=5000, y_m=0, width_m=100, height_m=100))
    sketch = plain.point(x_km=0.55, y_km=0.2, setback_m=60.0, geometrie="schématique")
    assert land.available(two, sketch)["schematic"].tolist() == [True, False]
    schematic_sites = two.assign(geometrie=["levée", "schématique"])
    assert land.available(schematic_sites, nothing())["schematic"].tolist() == [False, True]


def test_mixed_geometry_types_make_one_constraint_layer(twenty_hectares):
    mixed = stack(
        plain.point(x_km=0.25, y_km=0.3, setback_m=10.0),
        plain.line((0, 0.1), (0.5, 0.1), setback_m=10.0),
        block(x_m=0, y_m=200, width_m=10, height_m=10, setback_m=0.0),
    )
    lost_ha = land.available(twenty_hectares, mixed)["lost_ha"].item()
    assert lost_ha == pytest.approx(1 + 0.01 + math.pi * 100 / 1e4, abs=1e-4)


def test_wrong_calls_say_what_to_do(twenty_hectares, flood_and_line):
    with pytest.raises(BadCRS, match="constraints"):
        land.available(twenty_hectares, flood_and_line.to_crs(4326))
    with pytest.raises(BadValue, match=r"index 0 \(« voie »\).*sans recul"):
        land.available(twenty_hectares, plain.line((0, 0), (1, 1), name="voie"), by="name")
    with pytest.raises(BadTable, match="polygone"):
        land.available(plain.point(x_km=0, y_km=0), flood_and_line)
    with pytest.raises(BadTable, match="sans géométrie"):
        land.available(twenty_hectares, flood_and_line.assign(geometry=None))
    with pytest.raises(BadTable, match="index"):
        land.available(pd.concat([twenty_hectares] * 2), flood_and_line)
    with pytest.raises(BadValue, match="kept_share"):
        land.available(twenty_hectares, flood_and_line.assign(kept_share=50))
    with pytest.raises(UnknownName, match="produit"):
        land.available(twenty_hectares, flood_and_line, combine="produit")


def test_the_input_is_never_changed(twenty_hectares, flood_and_line):
    before = twenty_hectares.copy(), flood_and_line.copy()
    land.states(twenty_hectares, land.available(twenty_hectares, flood_and_line, min_width_m=10))
    pd.testing.assert_frame_equal(twenty_hectares, before[0])
    pd.testing.assert_frame_equal(flood_and_line, before[1])


def test_the_three_states_cover_the_site_and_nothing_else(twenty_hectares, flood_and_line):
    survey = block(x_m=0, y_m=0, width_m=250, height_m=400)
    available = land.available(twenty_hectares, flood_and_line, coverage=survey)
    unknown = land.unknown(twenty_hectares, flood_and_line, coverage=survey)
    assert unknown["unknown_ha"].item() == available["unknown_ha"].item() > 0
    shapes = land.states(twenty_hectares, available, unknown=unknown)
    assert set(shapes["state"]) == {"disponible", "inconnu", "exclu"}
    assert shapes.union_all().symmetric_difference(twenty_hectares.geometry.item()).area < 0.01
    assert shapes["area_ha"].sum() == pytest.approx(20, abs=HA)


def test_the_nature_of_available_land_adds_up_and_friche_comes_first(twenty_hectares):
    cover = stack(
        block(x_m=0, y_m=0, width_m=250, height_m=400, zone="A"),
        block(x_m=200, y_m=0, width_m=100, height_m=400, zone="f"),
        block(x_m=300, y_m=0, width_m=100, height_m=400, zone="U"),
    )
    available = land.available(twenty_hectares.assign(insee="62001"), nothing())
    natures = {"A": "ENAF", "f": "friche", "U": "urbanisé"}
    soil = land.soil(available, cover, by="zone", natures=natures)
    columns = ["friche_ha", "artificialised_ha", "urbanised_ha", "enaf_ha", "soil_unknown_ha"]
    assert soil[columns].iloc[0].tolist() == pytest.approx([4, 0, 4, 8, 4], abs=HA)
    budget = pd.DataFrame({"insee": ["62001"], "left_ha": [10.0]})
    budget_row = land.drawn(soil, budget, key="insee").iloc[0]
    assert budget_row[["draw_ha", "draw_high_ha", "draw_share"]].tolist() == pytest.approx(
        [8, 12, 0.8], abs=HA
    )
    assert not budget_row["fits_budget"]
    elsewhere = land.drawn(soil, budget.assign(insee="62002"), key="insee").iloc[0]
    assert pd.isna(elsewhere["fits_budget"])
    assert pd.isna(elsewhere["draw_share"])
    with pytest.raises(UnknownName, match="type de sol"):
        land.soil(available, cover, by="zone", natures={"A": "ENAF"})


RULES = """
[options]
combinaison = "produit"
largeur_min_m = 20
rectangle_min_m = [60, 40]
[seulement]
couche = "zonage"
filtre = { typezone = ["U", "AUc"] }
[[contrainte]]
nom = "Zone inondable"
couche = "ppri"
filtre = { zone = "rouge" }
source = "PPRI 2021"
[[contrainte]]
nom = "Ligne"
couche = "lignes"
recul_m = 50
part_conservee = 0.5
"""


def test_rules_read_from_their_own_output_are_the_same_rules():
    import json

    rules, options = land.read_rules(RULES)
    record = json.dumps({"rows": [], "regles": land.as_record(rules, options)}, ensure_ascii=False)
    assert land.read_rules(record, form="json") == (rules, options)
    assert options.combine == "product"
    assert options.only_where == land.Selection("zonage", {"typezone": ["U", "AUc"]})


def test_the_same_rules_as_csv_from_a_french_spreadsheet():
    text = "\ufeffnom;couche;filtre;recul_m;part_conservee\nLigne;lignes;zone=rouge|bleu;50,5;0,5\n"
    (rule,), options = land.read_rules(text, form="csv")
    assert rule == land.Rule("Ligne", "lignes", {"zone": ["rouge", "bleu"]}, 50.5, 0.5)
    assert options == land.Options()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("recul_m", "recul"), UnknownName, "recul_m"),
        (("0.5", "50"), BadValue, "entre 0 et 1"),
        (('"Ligne"', '"Zone inondable"'), BadTable, "s'appellent"),
        (("recul_m = 50", 'recul_m = "loin"'), BadValue, "nombre positif"),
        (('couche = "ppri"', ""), BadTable, "couche"),
        (('"produit"', '"somme"'), UnknownName, "combinaison"),
    ],
)
def test_a_wrong_rule_is_named(change, error, message):
    with pytest.raises(error, match=message):
        land.read_rules(RULES.replace(*change))


def test_a_filter_that_selects_nothing_is_a_mistake():
    flood = plain.square(x_km=0, y_km=0, side_km=1, zone="rouge")
    with pytest.raises(BadValue, match="aucun objet"):
        land.table([land.Rule("x", "ppri", {"zone": ["Rouge"]})], {"ppri": flood})


# --- properties -----------------------------------------------------------------------------

cell = st.tuples(
    st.integers(-200, 900), st.integers(-200, 900), st.integers(20, 600), st.integers(20, 600),
    st.sampled_from([0.0, 7.5, 40.0]), st.sampled_from([0.0, 0.0, 0.4, 0.75]), st.sampled_from("abc"),
)  # fmt: skip
cells = st.lists(cell, min_size=1, max_size=5)


def drawn_constraints(blocks: list[tuple]) -> gpd.GeoDataFrame:
    return stack(
        *[
            block(x_m=x, y_m=y, width_m=w, height_m=h, setback_m=d, kept_share=k, name=n)
            for x, y, w, h, d, k, n in blocks
        ]
    )


SITE = plain.square(x_km=0, y_km=0, side_km=1)
SURVEY = plain.rectangle(x_km=0.1, y_km=-1, width_km=0.7, height_km=3)
SIEVE = {"min_width_m": 30.0, "min_piece_ha": 0.5}


@given(blocks=cells, sieve=st.booleans())
def test_available_lost_and_unknown_make_the_gross(blocks, sieve):
    demands = {"by": "name", "coverage": SURVEY, **(SIEVE if sieve else {})}
    available = land.available(SITE, drawn_constraints(blocks), **demands)
    row = available.iloc[0]
    assert row["available_ha"] + row["lost_ha"] + row["unknown_ha"] == pytest.approx(
        row["gross_ha"], abs=1e-6
    )
    assert min(row["available_ha"], row["unknown_ha"], row["lost_ha"]) >= -1e-9
    assert -1e-9 <= row["net_ha"] <= row["available_ha"] + 1e-9
    certain = available.geometry.item()
    unknown = land.unknown(SITE, drawn_constraints(blocks), **demands).geometry.item()
    assert certain.intersection(unknown).area < 1e-2
    assert certain.union(unknown).difference(SITE.geometry.item()).area < 1e-2


@given(blocks=st.lists(cell, min_size=2, max_size=6), min_piece_ha=st.sampled_from([0.0, 0.5]))
def test_adding_a_constraint_never_adds_land(blocks, min_piece_ha):
    demands = {"by": "name", "min_piece_ha": min_piece_ha}
    fewer = land.available(SITE, drawn_constraints(blocks[:-1]), **demands).iloc[0]
    more = land.available(SITE, drawn_constraints(blocks), **demands).iloc[0]
    assert more["available_ha"] <= fewer["available_ha"] + 1e-6
    assert more["net_ha"] <= fewer["net_ha"] + 1e-6


@settings(max_examples=few(20))
@given(blocks=st.lists(cell, min_size=2, max_size=6))
def test_square_corners_kept_by_the_opening_never_add_more_than_a_corner(blocks):
    # Mitre joins keep square corners, at a price: a new constraint may sharpen a corner of the core,
    # and the opening then reaches up to a square of the radius further into a narrow strip.
    fewer = land.available(SITE, drawn_constraints(blocks[:-1]), by="name", min_width_m=30).iloc[0]
    more = land.available(SITE, drawn_constraints(blocks), by="name", min_width_m=30).iloc[0]
    assert more["available_ha"] <= fewer["available_ha"] + 15**2 / 1e4


@given(blocks=cells, rotation=st.integers(0, 5), combine=st.sampled_from(["min", "product"]))
def test_the_order_of_constraints_changes_marginals_not_the_total(blocks, rotation, combine):
    constraints = drawn_constraints(blocks)
    turned = stack(constraints.iloc[rotation % len(blocks) :], constraints.iloc[: rotation % len(blocks)])
    losses = land.losses(SITE, constraints, by="name", combine=combine)
    turned_losses = land.losses(SITE, turned, by="name", combine=combine)
    net = land.available(SITE, turned, by="name", combine=combine)["net_ha"].item()
    assert losses["remaining_ha"].iloc[-1] == pytest.approx(turned_losses["remaining_ha"].iloc[-1], abs=1e-6)
    assert losses["remaining_ha"].iloc[-1] == pytest.approx(net, abs=1e-6)
    assert losses["marginal_ha"].sum() == pytest.approx(100 - net, abs=1e-6)
    assert (losses["only_ha"] <= losses["marginal_ha"] + 1e-9).all()
    assert (losses["marginal_ha"] <= losses["alone_ha"] + 1e-9).all()


@settings(max_examples=few(20))
@given(
    blocks=cells, dx=st.integers(-50_000, 50_000), dy=st.integers(-50_000, 50_000), start=st.integers(0, 3)
)
def test_translation_and_part_order_change_nothing(blocks, dx, dy, start):
    constraints = drawn_constraints(blocks)
    # The same site as two parts in the other order, its outline starting at another corner.
    west, east = shapely.box(0, 0, 400, 1000), shapely.box(600, 0, 1000, 1000)
    ground = gpd.GeoSeries([shapely.MultiPolygon([west, east])], crs=2154).translate(
        plain.ORIGIN_X, plain.ORIGIN_Y
    )
    corners = np.roll(shapely.get_coordinates(west)[:-1], start, axis=0)
    swapped = shapely.MultiPolygon([east, shapely.Polygon(corners)])
    moved = gpd.GeoSeries([swapped], crs=2154).translate(plain.ORIGIN_X + dx, plain.ORIGIN_Y + dy)
    original = land.available(gpd.GeoDataFrame(geometry=ground), constraints, by="name", min_width_m=15).iloc[
        0
    ]
    translated = land.available(
        gpd.GeoDataFrame(geometry=moved),
        constraints.set_geometry(constraints.translate(dx, dy)),
        by="name",
        min_width_m=15,
    ).iloc[0]
    for column in ("available_ha", "lost_ha", "net_ha"):
        assert translated[column] == pytest.approx(original[column], abs=1e-6)


@settings(max_examples=few(12))
@given(blocks=cells)
def test_many_sites_give_what_each_gives_alone(blocks):
    constraints = drawn_constraints(blocks)
    sites = stack(
        *[block(x_m=x, y_m=y, width_m=250, height_m=250) for x in range(0, 1000, 250) for y in (0, 500)]
    )
    together = land.available(sites, constraints, by="name")["net_ha"]
    alone = [land.available(sites.loc[[row]], constraints, by="name")["net_ha"].item() for row in sites.index]
    assert together.tolist() == pytest.approx(alone, abs=1e-9)


@given(
    bends=st.lists(st.integers(-300, 900), min_size=12, max_size=30),
    setbacks=st.lists(st.sampled_from([0.0, 5.0, 20.0, 60.0, 150.0]), min_size=3, max_size=8),
    seed=st.integers(0, 99),
)
def test_many_setbacks_take_what_one_cut_of_them_all_takes(bends, setbacks, seed):
    # A road of many bends, far beyond the sites, and blocks that overlap, each with a setback.
    road = plain.line(*((x / 4 - 2, y / 1000) for x, y in enumerate(bends)), setback_m=15.0)
    rng = np.random.default_rng(seed)
    corner, side = rng.uniform(-100, 900, (len(setbacks), 2)), rng.uniform(5, 200, (len(setbacks), 2))
    blocks = [
        block(x_m=x, y_m=y, width_m=width, height_m=height, setback_m=setback)
        for (x, y), (width, height), setback in zip(corner, side, setbacks, strict=True)
    ]
    constraints = stack(road, *blocks)
    sites = stack(*[block(x_m=x, y_m=100, width_m=300, height_m=500) for x in (0, 200, 700)])
    grown = shapely.buffer(constraints.geometry.to_numpy(), constraints["setback_m"], quad_segs=16)
    buffered = shapely.union_all(grown)
    available = land.available(sites, constraints)
    # GEOS may skip a shallow bend of a line, and which one depends on where the line starts: 0.02 m².
    assert available["available_ha"].to_numpy() == pytest.approx(
        sites.difference(buffered).area.to_numpy() / 1e4, abs=2e-6
    )
    for row, ground in enumerate(available.geometry):
        assert ground.intersection(buffered).area == pytest.approx(0, abs=0.02), row


@pytest.mark.parametrize("cores", [1, 4])
def test_one_shape_given_several_times_is_as_many_sites(cores):
    # Rows of one frame put together share their shapes: threads must not meet in one of them.
    site = plain.square(x_km=0, y_km=0, side_km=1)
    sites = pd.concat([site] * 40, ignore_index=True)
    assert sites.geometry.iloc[0] is sites.geometry.iloc[39]
    towers = stack(*[plain.point(x_km=0.5, y_km=y / 10, setback_m=20.0 + y) for y in range(10)])
    available = land.available(sites, towers, cores=cores)["available_ha"]
    assert available.nunique() == 1
    assert available.iloc[0] == land.available(site, towers)["available_ha"].item()


def test_ground_already_lost_is_lost_once_whatever_comes_after():
    # 500 m around the centre take the whole hectare; the houses inside it change nothing.
    site = block(x_m=450, y_m=450, width_m=100, height_m=100)
    church = plain.point(x_km=0.5, y_km=0.5, setback_m=500.0)
    house = block(x_m=480, y_m=480, width_m=10, height_m=10, setback_m=10.0)
    available = land.available(site, stack(house, church, house.assign(setback_m=0.0)))
    assert available[["available_ha", "lost_ha", "pieces"]].values.tolist() == [[0, 1, 0]]
    assert available.geometry.iloc[0].is_empty


# --- real ground ----------------------------------------------------------------------------


def test_real_sites_and_mining_heritage_reconcile(shared):
    from real_files import heritage, named_sites

    sites, constraints = named_sites(), heritage(shared)
    assert land.available(sites, constraints)["schematic"].all()  # discs of the published area
    sites = sites.assign(geometrie="levée")  # as if they were surveyed ground
    available = land.available(sites, constraints, by="constraint", min_width_m=20)
    assert len(available) == len(sites) > 20
    sums = available["available_ha"] + available["lost_ha"] + available["unknown_ha"]
    assert sums.to_numpy() == pytest.approx(available["gross_ha"].to_numpy(), abs=1e-6)
    # The same question asked the slow, obvious way.
    waterfall = land.losses(sites, constraints, by="constraint")
    grown = shapely.buffer(constraints.geometry.to_numpy(), constraints["setback_m"], quad_segs=16)
    buffered = shapely.union_all(grown)
    obvious = sites.difference(buffered).area / 1e4
    ends = waterfall["remaining_ha"].groupby(level=0).last()
    assert ends.to_numpy() == pytest.approx(obvious.to_numpy(), abs=2e-6)


def test_the_sites_done_are_told_up_to_the_last_one_reached():
    sites = pd.concat([plain.square(x_km=x, y_km=0, side_km=1) for x in (0, 2, 4)], ignore_index=True)
    flood = plain.rectangle(x_km=0, y_km=0, width_km=2.5, height_km=1)
    calls = []
    available = land.available(
        sites, flood, cores=1, progress=lambda count, total: calls.append((count, total))
    )
    assert available["available_ha"].round(6).tolist() == [0, 50, 100]
    assert calls == [(1, 2), (2, 2)]  # nothing reaches the third one
