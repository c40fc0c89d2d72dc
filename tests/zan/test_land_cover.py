"""Artificialisation and sealing: which ground counts, how much changed, what does not add up."""

from datetime import date

import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame

from artois_geo import constants, zan
from artois_geo.errors import BadCRS, BadTable, BadValue

MATRIX = constants.table("ocsge_artif")
NAMES = constants.table("ocsge_nomenclature")
SEALED = NAMES.loc[NAMES["sealed"] == "1", "code"].tolist()


def pieces(*rows, commune="62001"):
    """Strips of one commune, from west to east: (width in km, cover, use)."""
    frames, x = [], 0.0
    for width, cs, us in rows:
        frames.append(plain.rectangle(x_km=x, y_km=0, width_km=width, height_km=1, code_cs=cs, code_us=us))
        x += width
    return pd.concat(frames, ignore_index=True)


def classified(*rows):
    return zan.classify(pieces(*rows), MATRIX, NAMES)


COMMUNE = plain.square(x_km=0, y_km=0, side_km=1, insee="62001")


def test_all_280_pairs_are_classified_by_the_rule_of_the_decree():
    # ZAN.md 2.2, the rule in words; the table is read from the pairs
    always = {"CS1.1.1.1", "CS1.1.1.2", "CS1.1.2.2"}
    grass_uses = {"US2", "US3", "US5", "US235", "US4.1.1", "US4.1.2", "US4.1.3", "US4.1.4", "US4.1.5"}
    grass_uses |= {"US4.2", "US4.3", "US6.1", "US6.2"}

    def rule(cs, us):
        if cs in always:
            return True
        if cs == "CS1.1.2.1":
            return us != "US1.3"
        return cs in {"CS2.2.1", "CS2.2.2"} and us in grass_uses

    covers = NAMES.loc[NAMES["axis"] == "CS", "code"]
    uses = NAMES.loc[NAMES["axis"] == "US", "code"]
    pairs = DataFrame([(cs, us) for cs in covers for us in uses], columns=["code_cs", "code_us"])
    assert len(pairs) == 280
    is_artificial = zan.artificialised(pairs, MATRIX)
    assert is_artificial.tolist() == [rule(cs, us) for cs, us in pairs.to_numpy()]
    assert is_artificial.sum() == 105


def test_the_matrix_agrees_with_the_shared_one_pair_by_pair(shared):
    shared_matrix = pd.read_csv(shared / "standards/ocsge/matrice_artif.csv", dtype=str)
    joined = MATRIX.merge(shared_matrix, on=["code_cs", "code_us"])
    assert len(joined) == 280
    assert (joined["artificial"] == (joined["artificialise"] == "oui")).all()
    assert (joined["code_cs"].isin(SEALED) == (joined["impermeable"] == "oui")).all()


@pytest.mark.parametrize(
    ("cs", "us", "counts"),
    [  # ZAN.md 2.3: what the matrix means in the mining basin
        ("CS2.2.1", "US6.2", True),  # grass on abandoned industrial land
        ("CS2.1.2", "US6.2", False),  # shrubs on a brownfield
        ("CS2.1.1.1", "US6.2", False),  # birches on a brownfield
        ("CS1.1.2.1", "US1.3", False),  # working tip or quarry
        ("CS1.1.2.1", "US6.2", True),  # abandoned bare tip
        ("CS1.2.2", "US4.1.4", False),  # canal water
        ("CS2.2.1", "US4.1.4", True),  # canal bank
        ("CS1.1.2.1", "US6.1", True),  # works site
        ("CS2.2.1", "US4.2", True),  # logistics lawn
        ("CS2.2.1", "US5", True),  # garden grass
        ("CS2.1.1.1", "US5", False),  # wooded garden
    ],
)
def test_the_local_cases_of_the_mining_basin(cs, us, counts):
    assert zan.artificialised(DataFrame({"code_cs": [cs], "code_us": [us]}), MATRIX).tolist() == [counts]


def test_a_birch_covered_friche_artificialises_once_built_and_grass_does_not():
    friche = classified((0.5, "CS2.1.1.1", "US6.2"), (0.5, "CS2.2.1", "US6.2"))
    site = plain.square(x_km=0, y_km=0, side_km=1, projet_id="friche")
    row = zan.project_effect(site, friche, key="projet_id").iloc[0]
    assert (row["would_artificialise_ha"], row["already_artificial_ha"], row["undescribed_ha"]) == (50, 50, 0)


def test_codes_without_prefix_are_read_and_said():
    cover = pieces((1, "2.2.1", "5"))
    assert zan.artificialised(cover, MATRIX).tolist() == [True]
    assert zan.land_cover_findings(cover, MATRIX)["rule"].tolist() == ["préfixe", "préfixe"]


@pytest.mark.parametrize(
    ("cs", "us"), [("CS4.1.1", "US1.1"), ("CS2.2.1", "US1.1.3"), ("", "US5"), (None, "US5")]
)
def test_an_unknown_code_stops_the_account_and_is_found(cs, us):
    cover = pieces((1, cs, us))
    with pytest.raises(BadTable, match="inconnu"):
        zan.artificialised(cover, MATRIX)
    assert "nomenclature" in zan.land_cover_findings(cover, MATRIX)["rule"].tolist()


def test_a_layer_that_is_not_ocs_ge_is_refused():
    with pytest.raises(BadTable, match="code_cs"):
        zan.codes(DataFrame({"us21": ["US1"]}))
    with pytest.raises(BadCRS):
        zan.classify(pieces((1, "CS2.2.1", "US5")).to_crs(4326), MATRIX, NAMES)


def test_the_official_layer_prevails_over_the_matrix_and_is_named():
    cover = pieces((0.5, "CS2.2.1", "US5"), (0.5, "CS2.1.1.1", "US5")).assign(artif=["non artif", "artif"])
    cover_classes = zan.classify(cover, MATRIX, NAMES)
    assert cover_classes["artificial"].tolist() == [False, True]
    assert cover_classes["artificial_from"].unique().tolist() == ["couche ARTIFICIALISATION"]
    by_matrix = zan.classify(cover.drop(columns="artif"), MATRIX, NAMES)
    assert by_matrix["artificial"].tolist() == [True, False]
    assert by_matrix["artificial_from"].unique().tolist() == ["matrice CS × US (repli)"]
    with pytest.raises(BadTable, match="Statut"):
        zan.classify(cover.assign(artif="oui"), MATRIX, NAMES)


def test_stock_of_a_commune_by_hand():
    cover = classified((0.2, "CS1.1.1.1", "US5"), (0.3, "CS2.2.1", "US5"), (0.4, "CS2.1.1.1", "US1.2"))
    row = zan.stock(COMMUNE, cover, key="insee").iloc[0]
    assert row[["zone_ha", "known_ha", "artificial_ha", "sealed_ha"]].tolist() == pytest.approx(
        [100, 90, 50, 20]
    )
    assert row["undescribed_ha"] == pytest.approx(10)
    assert row["artificial_share"] == pytest.approx(50 / 90)


def test_flows_of_a_commune_by_hand():
    before = classified((0.5, "CS2.1.1.1", "US1.2"), (0.3, "CS2.2.1", "US1.1"), (0.2, "CS1.1.1.1", "US2"))
    after = classified((0.5, "CS2.1.1.1", "US1.2"), (0.3, "CS1.1.1.2", "US4.2"), (0.2, "CS2.1.2", "US6.2"))
    row = zan.flux(before, after, zones=COMMUNE, key="insee").iloc[0]
    assert row[["artificialised_ha", "renatured_ha", "net_artificialised_ha"]].tolist() == pytest.approx(
        [30, 20, 10]
    )
    assert row[["newly_sealed_ha", "unsealed_ha", "net_sealed_ha"]].tolist() == pytest.approx([30, 20, 10])
    passages = zan.flux_by(before, after, zones=COMMUNE, key="insee", by="code_cs")
    assert sorted(zip(passages["code_cs_before"], passages["code_cs_after"], strict=True)) == [
        ("CS1.1.1.1", "CS2.1.2"),
        ("CS2.2.1", "CS1.1.1.2"),
    ]
    assert passages["net_artificialised_ha"].sum() == pytest.approx(row["net_artificialised_ha"])


def test_two_photographs_of_different_ground_are_refused():
    before = classified((1.0, "CS2.2.1", "US1.1"))
    after = classified((0.9, "CS2.2.1", "US5"))
    with pytest.raises(BadTable, match="même terrain"):
        zan.flux(before, after, zones=COMMUNE, key="insee")


def test_a_land_cover_that_overlaps_itself_is_refused():
    twice = pd.concat([classified((1.0, "CS2.2.1", "US5"))] * 2, ignore_index=True)
    with pytest.raises(BadTable, match="recouvre"):
        zan.stock(COMMUNE, twice, key="insee")


def test_any_number_of_photographs_gives_one_interval_fewer():
    fields = classified((1.0, "CS2.2.1", "US1.1"))
    covers = {
        date(2021, 1, 1): classified((0.1, "CS1.1.1.1", "US2"), (0.9, "CS2.2.1", "US1.1")),
        date(2018, 1, 1): fields,
        date(2024, 1, 1): classified((0.4, "CS1.1.1.1", "US2"), (0.6, "CS2.2.1", "US1.1")),
    }
    table = zan.flux_series(covers, zones=COMMUNE, key="insee")
    assert table["net_artificialised_ha"].tolist() == pytest.approx([10, 30])
    assert table["net_artificialised_ha_per_year"].tolist() == pytest.approx([10 / 3, 10], rel=1e-3)
    with pytest.raises(BadValue):
        zan.flux_series({date(2021, 1, 1): fields}, zones=COMMUNE, key="insee")


def test_the_metropole_of_lyon_nets_what_is_published_and_the_known_gap_is_within_tolerance():
    # ZAN.md 4.2 (chart snapshots of MTES-MCT/sparte, commit 06d04603), hectares, 2017 to 2020
    artif, desartif, net, first, last = 201.8373, 52.5990, 149.2383, 30_424.2269, 30_573.5161
    # one rectangle per figure on the plain, a hundred kilometres wide so that a hectare is 100 m of width
    shapes = []
    x = plain.ORIGIN_X
    for area in (artif, desartif):
        shapes.append(shapely.box(x, plain.ORIGIN_Y, x + area * 10, plain.ORIGIN_Y + 1000))
        x += area * 10
    diff = GeoDataFrame({"artificialisation": [1, -1]}, geometry=shapes, crs=2154)
    diff = diff.assign(
        CS_2017=["CS2.2.1", "CS1.1.2.1"],
        US_2017=["US1.1", "US6.2"],
        CS_2020=["CS1.1.2.1", "CS2.1.2"],
        US_2020="US6.2",
    )
    metropole = plain.square(x_km=0, y_km=0, side_km=30, siren="200046977")
    flows = zan.flux_from_diff(diff, zones=metropole, key="siren", matrix=MATRIX, sealed=SEALED)
    row = flows.iloc[0]
    assert row["artificialised_ha"] == pytest.approx(artif, abs=1e-4)
    assert row["renatured_ha"] == pytest.approx(desartif, abs=1e-4)
    assert row["net_artificialised_ha"] == pytest.approx(net, abs=1e-4)
    stocks = [
        DataFrame({"siren": ["200046977"], "artificial_ha": [stock_ha], "sealed_ha": [0.0]})
        for stock_ha in (first, last)
    ]
    rule_values = {name: entry.value for name, entry in _rules().items()}
    tolerances = {
        "artificial_tolerance_ha": rule_values["artif_stock_gap_ha"],
        "sealed_tolerance_ha": rule_values["sealed_stock_gap_ha"],
    }
    assert zan.stock_gaps(*stocks, flows, key="siren", **tolerances).empty
    strict = zan.stock_gaps(*stocks, flows, key="siren", **{**tolerances, "artificial_tolerance_ha": 0.05})
    assert strict["found"].tolist() == ["-0.0509"]  # ZAN.md 2.6: a gap of 0.051 ha


def _rules():
    from artois_geo.constants import rules

    return rules.read().constants


def test_the_diff_layer_is_read_under_its_usual_names():
    square = plain.square(x_km=0, y_km=0, side_km=0.1)
    names = ["CS_2018", "US_2018", "CS_2021", "US_2021"], ["cs_avant", "us_avant", "cs_apres", "us_apres"]
    for four in names:
        codes = dict(zip(four, ["CS2.1.1.1", "US1.2", "CS1.1.1.1", "US5"], strict=True))
        row = zan.flux_from_diff(
            square.assign(**codes), zones=COMMUNE, key="insee", matrix=MATRIX, sealed=SEALED
        ).iloc[0]
        assert (row["net_artificialised_ha"], row["net_sealed_ha"]) == pytest.approx((1.0, 1.0))
    with pytest.raises(BadTable, match="DIFF"):
        zan.flux_from_diff(square, zones=COMMUNE, key="insee", matrix=MATRIX, sealed=SEALED)


def lawn(width_m, *, cs="CS2.2.1", us="US5"):
    wood = plain.square(x_km=0, y_km=0, side_km=1)
    patch = plain.rectangle(x_km=0.4, y_km=0.4, width_km=width_m / 1000, height_km=0.05)
    cover = pd.concat([wood.assign(geometry=wood.difference(patch)), patch], ignore_index=True)
    return zan.classify(cover.assign(code_cs=["CS2.1.1.1", cs], code_us=["US1.2", us]), MATRIX, NAMES)


@pytest.mark.parametrize(
    ("width_m", "cs", "stays"),
    [(49, "CS2.2.1", False), (50, "CS2.2.1", True), (1.1, "CS1.1.1.1", True), (0.9, "CS1.1.1.1", False)],
)
def test_the_thresholds_of_the_decree_decide_alone(width_m, cs, stays):
    # 50 m deep: 49 m is 2 450 m², 50 m is 2 500 m²; for a building 1.1 m is 55 m², 0.9 m is 45 m²
    sieved = zan.sieve(lawn(width_m, cs=cs), building_m2=50, patch_m2=2500)
    assert sieved["artificial"].tolist() == [False, stays]
    assert sieved["sieved"].tolist() == [False, not stays]


def test_a_small_wood_in_a_town_is_absorbed_too():
    town = lawn(40)
    town["artificial"] = ~town["artificial"]
    town["code_cs"] = ["CS1.1.1.2", "CS2.1.1.1"]
    assert zan.sieve(town, building_m2=50, patch_m2=2500)["artificial"].tolist() == [True, True]


def test_small_patches_that_touch_count_as_one():
    lawns = lawn(60)
    two = lawns.iloc[[0, 1, 1]].reset_index(drop=True)
    right = lawns.geometry[1]
    half = (right.bounds[0] + right.bounds[2]) / 2
    left_part = shapely.box(right.bounds[0], right.bounds[1], half, right.bounds[3])
    two.loc[1, "geometry"], two.loc[2, "geometry"] = left_part, right.difference(left_part)
    assert zan.sieve(two, building_m2=50, patch_m2=2500)["artificial"].tolist() == [False, True, True]


def test_the_sieve_does_not_depend_on_the_order_of_features():
    rng = np.random.default_rng(4)
    cells = [
        plain.rectangle(
            x_km=x / 25, y_km=y / 25, width_km=0.04, height_km=0.04, artificial=bool(rng.random() < 0.4)
        )
        for x in range(12)
        for y in range(12)
    ]
    cover = pd.concat(cells, ignore_index=True).assign(code_cs="CS2.2.1")
    straight = zan.sieve(cover, building_m2=50, patch_m2=8000)
    mixed = zan.sieve(cover.sample(frac=1, random_state=1), building_m2=50, patch_m2=8000).sort_index()
    assert straight["sieved"].any()
    assert straight["artificial"].tolist() == mixed["artificial"].tolist()


def crossing(*widths_m, cs="CS1.1.1.2", us="US4.1.1", around="CS2.2.1", around_us="US1.1"):
    """A kilometre of field crossed from south to north by lanes side by side, 400 m from its west edge."""
    frames, x = [plain.rectangle(x_km=0, y_km=0, width_km=0.4, height_km=1)], 0.4
    for width in widths_m:
        frames.append(plain.rectangle(x_km=x, y_km=0, width_km=width / 1000, height_km=1))
        x += width / 1000
    frames.append(plain.rectangle(x_km=x, y_km=0, width_km=1 - x, height_km=1))
    lanes = len(widths_m)
    cover = pd.concat(frames, ignore_index=True).assign(
        code_cs=[around, *[cs] * lanes, around], code_us=[around_us, *[us] * lanes, around_us]
    )
    return zan.classify(cover, MATRIX, NAMES)


@pytest.mark.parametrize(
    ("widths_m", "stay"),
    [((4,), [False]), ((4.9,), [False]), ((5,), [True]), ((6,), [True]), ((3, 3), [True, True])],
)
def test_infrastructure_counts_from_its_width_and_lanes_are_measured_together(widths_m, stay):
    cover_classes = zan.narrow_strips(crossing(*widths_m), linear_width_m=5)
    assert cover_classes["artificial"].tolist() == [False, *stay, False]
    assert cover_classes["narrow"].tolist() == [False, *[not stays for stays in stay], False]
    # 4 m by 1 km is 0.4 ha; it stays sealed whatever the account of artificialisation says
    assert zan.narrow_effect_m2(cover_classes)["no_longer_artificial"] == pytest.approx(
        0 if stay[0] else 1000 * sum(widths_m)
    )
    assert cover_classes["sealed"].sum() == len(stay)


def test_a_narrow_street_between_houses_stays_artificialised():
    cover_classes = zan.narrow_strips(crossing(4, around="CS1.1.1.1", around_us="US5"), linear_width_m=5)
    assert cover_classes["artificial"].all()
    assert zan.narrow_effect_m2(cover_classes).tolist() == pytest.approx([0, 4000])


@pytest.mark.parametrize(("cs", "us"), [("CS1.1.1.1", "US4.1.1"), ("CS1.1.1.2", "US5")])
def test_only_surfaces_of_transport_networks_have_a_width(cs, us):
    cover_classes = zan.narrow_strips(crossing(4, cs=cs, us=us), linear_width_m=5)
    assert cover_classes["artificial"].tolist() == [False, True, False]
    assert not cover_classes["narrow"].any()


@pytest.mark.parametrize("angle", [0, 33])
def test_a_narrow_branch_leaves_the_wide_road_whole(angle):
    # road of 10 m by 1 km, branch of 4 m by 300 m to the east: 1 ha stays, 0.12 ha goes
    x, y = plain.ORIGIN_X, plain.ORIGIN_Y
    road = shapely.union(shapely.box(x, y, x + 10, y + 1000), shapely.box(x + 10, y + 500, x + 310, y + 504))
    field = shapely.difference(shapely.box(x - 100, y, x + 500, y + 1000), road)
    # the road cuts the field on the west, the branch stops inside its eastern part
    cover = GeoDataFrame(
        {"code_cs": ["CS2.2.1", "CS1.1.1.2"], "code_us": ["US1.1", "US4.1.1"]},
        geometry=[field, road],
        crs=2154,
    )
    cover["geometry"] = cover.rotate(angle, origin=(x, y))
    cover = zan.classify(cover, MATRIX, NAMES)
    cover_classes = zan.narrow_strips(cover, linear_width_m=5)
    assert cover_classes.index.tolist() == [0, 1, 1]
    assert cover_classes["artificial"].tolist() == [False, True, False]
    assert cover_classes.area.tolist()[1:] == pytest.approx([10_000, 1_200], abs=0.01)
    assert cover_classes.area.sum() == pytest.approx(cover.area.sum(), abs=0.01)
    # the sieve that follows still sees which ground touches which
    assert zan.sieve(cover_classes, building_m2=50, patch_m2=2500)["artificial"].tolist() == [
        False,
        True,
        False,
    ]
    assert zan.sieve(cover_classes, building_m2=50, patch_m2=20_000)["artificial"].tolist() == [False] * 3


def test_a_park_exempts_its_vegetated_part_and_its_evidence_is_asked():
    cover = classified((0.5, "CS2.2.1", "US3"), (0.5, "CS1.1.1.2", "US3"))
    park = plain.rectangle(x_km=0.25, y_km=0, width_km=0.5, height_km=1, justificatif="délibération")
    cut = zan.exempt(cover, park, kind="parc", park_min_m2=2500)
    assert zan.stock(COMMUNE, cut, key="insee")["artificial_ha"].tolist() == pytest.approx([75])
    assert cut.area.sum() == pytest.approx(cover.area.sum())
    with pytest.raises(BadTable, match="justificatif"):
        zan.exempt(cover, park.assign(justificatif=""), kind="parc")
    with pytest.raises(BadValue):
        zan.exempt(cover, park, kind="stade")


def test_a_park_below_the_threshold_exempts_nothing():
    cover = classified((1.0, "CS2.2.1", "US3"))
    small = plain.square(x_km=0.5, y_km=0.5, side_km=0.049, justificatif="délibération")
    assert not zan.exempt(cover, small, kind="parc", park_min_m2=2500)["exempted"].any()


CODES = st.tuples(
    st.sampled_from(["CS1.1.1.1", "CS1.1.2.1", "CS2.2.1", "CS2.1.1.1", "CS1.2.2"]),
    st.sampled_from(["US1.1", "US1.3", "US2", "US5", "US6.2"]),
)
WIDTHS = st.lists(st.integers(1, 9), min_size=2, max_size=6)


def strips(widths, codes):
    total = sum(widths)
    rows = [(width / total, *code) for width, code in zip(widths, codes, strict=False)]
    return classified(*rows)


@given(
    first=WIDTHS,
    second=WIDTHS,
    codes=st.lists(CODES, min_size=12, max_size=12),
    cut=st.floats(0.05, 0.95),
    seed=st.integers(0, 99),
)
def test_the_accounts_always_balance(first, second, codes, cut, seed):
    before, after = strips(first, codes[:6]), strips(second, codes[6:])
    zones = pd.concat(
        [
            plain.rectangle(x_km=0, y_km=0, width_km=cut, height_km=1, insee="O"),
            plain.rectangle(x_km=cut, y_km=0, width_km=1 - cut, height_km=1, insee="E"),
        ],
        ignore_index=True,
    )
    flows = zan.flux(before, after, zones=zones, key="insee")
    start, end = (zan.stock(zones, cover, key="insee") for cover in (before, after))
    # areas of a zone add up to the zone, within 1 m²
    for table in (start, end):
        assert (table["known_ha"] - table["zone_ha"]).abs().max() <= 1e-4
    by_cover = zan.stock_by(zones, before, key="insee", by="code_cs").groupby("insee")["area_ha"].sum()
    assert (by_cover - start.set_index("insee")["zone_ha"]).abs().max() <= 1e-4
    # net is the first minus the second, and the difference of the stocks
    assert (flows["artificialised_ha"] - flows["renatured_ha"] == flows["net_artificialised_ha"]).all()
    assert zan.stock_gaps(
        start, end, flows, key="insee", artificial_tolerance_ha=1e-4, sealed_tolerance_ha=1e-4
    ).empty
    # cutting a polygon in two changes no total
    halves = pd.concat(
        [before.assign(geometry=before.intersection(zones.geometry[n])) for n in (0, 1)], ignore_index=True
    )
    halves = halves[halves.area > 0]
    again = zan.flux(halves, after, zones=zones, key="insee")
    np.testing.assert_allclose(again.drop(columns="insee"), flows.drop(columns="insee"), atol=1e-7)
    # the order of the features changes no digit
    mixed = zan.flux(before.sample(frac=1, random_state=seed), after, zones=zones, key="insee")
    assert mixed.round(9).equals(flows.round(9))


def test_the_official_difference_wins_over_the_codes_of_both_dates() -> None:
    commune = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")
    codes = {"cs_avant": "CS2.1.1.1", "us_avant": "US5", "cs_apres": "CS1.1.1.1", "us_apres": "US5"}
    diff = plain.square(x_km=0, y_km=0, side_km=0.1, artificialisation=-1, **codes)  # one hectare
    matrix = DataFrame({"code_cs": ["CS2.1.1.1", "CS1.1.1.1"], "code_us": "US5", "artificial": [0, 1]})
    flows = zan.flux_from_diff(diff, zones=commune, key="insee", matrix=matrix, sealed=["CS1.1.1.1"])
    assert flows["net_artificialised_ha"].tolist() == pytest.approx([-1.0])
