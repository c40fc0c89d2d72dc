"""Trajectories: formulas of the law, worked by hand, and the ledger of projects."""

from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame, Series

from artois_geo import constants, zan
from artois_geo.errors import BadTable, BadValue, UnknownName

DECADES = {"reference_years": (2011, 2020), "budget_years": (2021, 2030)}

# Métropole de Lyon (SIREN 200046977), flows 2011 to 2023 in hectares: ZAN.md 4.2, read by its authors in
# the chart snapshots of MTES-MCT/sparte, commit 06d04603.
LYON = [
    *(80.3176, 107.927, 123.8875, 82.5823, 116.128, 73.6576, 65.4311, 68.8792, 44.2812, 64.6539),
    *(81.1762, 32.31, 36.4082),
]


def flows_of(values, *, key="epci", name="A", first=2011):
    return DataFrame({key: name, "year": range(first, first + len(values)), "consumed_ha": values})


def trajectory_row(values, **options):
    options = {"reduction_share": 0.5, **DECADES, **options}
    return zan.trajectory(flows_of(values), key="epci", **options).iloc[0]


def test_the_metropole_of_lyon_has_the_published_reference_and_budget():
    row = trajectory_row(LYON)
    assert row["reference_ha"] == pytest.approx(827.7454, abs=1e-9)  # ZAN.md 3.3: published for 2011-2020
    assert row["consumed_ha"] == pytest.approx(149.8944, abs=1e-9)  # ZAN.md 3.3: published for 2021-2023
    assert row["allowed_ha"] == pytest.approx(827.7454 / 2, abs=1e-9)  # law 2021-1104 art. 191: half
    assert row["pace_ha_per_year"] == pytest.approx(149.8944 / 3, abs=1e-9)
    assert row["projected_ha"] == pytest.approx(149.8944 / 3 * 10, abs=1e-9)
    # ZAN.md 4.3: 120.73 % with ten years; 108.65 % is the known defect (nine years)
    assert round(100 * row["projected_share"], 2) == 120.73
    assert row["status"] == "dépassement projeté"


def test_eleven_years_are_never_a_decade():
    # ZAN.md 3.2: adding the flow 2021 gives 908.92 instead of 827.75
    assert round(sum(LYON[:11]), 2) == 908.92
    assert round(trajectory_row(LYON)["reference_ha"], 2) == 827.75


def test_the_budget_runs_out_on_the_day_that_the_pace_says():
    row = trajectory_row(
        [2.0] * 10 + [1.5] * 3
    )  # 5.5 ha left at 1.5 ha a year from 1 January 2024: 3 years and 2/3
    assert row["exhausted_on"] == date(2027, 9, 1)


def test_a_budget_already_passed_gives_the_day_it_was_crossed():
    row = trajectory_row([0.2] * 10 + [0.5, 1.0])  # 1 ha allowed, 0.5 used in 2021, the rest by mid 2022
    assert row["left_ha"] == pytest.approx(-0.5)
    assert row["exhausted_on"] == date(2022, 7, 2)
    assert row["status"] == "budget dépassé"


def test_exactly_all_of_the_budget_is_reached_and_neither_inside_nor_beyond():
    # 10 ha allowed: 10 ha are the budget, an are less is inside, an are more is beyond
    rows = {used: trajectory_row([2.0] * 10 + [4.0, used - 4.0]) for used in (9.99, 10.0, 10.01)}
    assert rows[10.0]["status"] == "budget atteint"
    assert rows[9.99]["status"] == "dépassement projeté"
    assert rows[10.01]["status"] == "budget dépassé"
    assert rows[10.0]["exhausted_on"] == date(2023, 1, 1)  # when the last hectare was observed
    # three tenths are not three times a tenth: sums of decimals leave no overshoot
    assert trajectory_row([0.06] * 10 + [0.1, 0.1, 0.1])["status"] == "budget atteint"
    assert trajectory_row([0.06] * 10 + [0.1, 0.1, 0.1])["left_ha"] == 0
    # a flow of nothing after the last hectare does not move the day
    assert trajectory_row([2.0] * 10 + [4.0, 6.0, 0.0])["exhausted_on"] == date(2023, 1, 1)


def test_a_whole_decade_that_is_used_to_the_end_is_reached():
    row = trajectory_row([2.0] * 10 + [1.0] * 10)
    assert (row["status"], row["left_ha"], row["exhausted_on"]) == ("budget atteint", 0, date(2031, 1, 1))


def test_a_budget_that_outlasts_its_decade_is_exhausted_after_it():
    # 8 ha left at 1 ha a year from 1 January 2023: the very end of 2030
    assert trajectory_row([2.0] * 10 + [1.0, 1.0])["exhausted_on"] == "après 2030"
    assert trajectory_row([2.0] * 10 + [1.0, 1.0])["status"] == "dans la trajectoire"
    assert trajectory_row([2.0] * 10 + [0.2, 0.1])["exhausted_on"] == "après 2030"
    assert trajectory_row([2.0] * 10 + [1.0, 1.1])["exhausted_on"].year == 2030


@given(
    reference=st.integers(1, 50_000),
    since=st.lists(st.integers(0, 20_000), min_size=1, max_size=9),
)
def test_no_exhaustion_is_printed_for_a_day_outside_the_decade(reference, since):
    row = trajectory_row([reference / 10_000] * 10 + [flow / 10_000 for flow in since])
    spent = row["exhausted_on"]
    if isinstance(spent, date):
        assert date(2021, 1, 1) <= spent <= date(2031, 1, 1)
        assert row["status"] != "dans la trajectoire"
    else:
        assert spent == ("après 2030" if sum(since) else None)
        assert row["status"] == "dans la trajectoire"


def test_what_remains_says_its_day_and_the_years_gone_by_since():
    # flows 2021 and 2022: what remains is of 1 January 2023
    flows = flows_of([2.0] * 10 + [1.0, 1.0])
    table = zan.trajectory(flows, key="epci", reduction_share=0.5, **DECADES)
    assert table["remaining_on"].tolist() == [pd.Timestamp(2023, 1, 1)]
    years = {
        on: zan.dated(table, budget_years=(2021, 2030), on=on)["unobserved_years"].tolist()
        for on in (
            date(2022, 6, 1),
            date(2023, 1, 1),
            date(2026, 11, 30),
            date(2030, 12, 31),
            date(2040, 1, 1),
        )
    }
    assert list(years.values()) == [[0], [1], [4], [8], [8]]  # none after the decade


def test_nothing_consumed_means_no_exhaustion_and_no_budget_means_no_share():
    row = trajectory_row([2.0] * 10 + [0.0])
    assert row["exhausted_on"] is None
    assert row["status"] == "dans la trajectoire"
    empty = trajectory_row([0.0] * 10 + [0.0])
    assert np.isnan(empty["used_share"])
    assert empty["left_ha"] == 0


def test_the_allowed_pace_spreads_what_is_left_over_the_years_to_come():
    assert trajectory_row([2.0] * 10 + [1.5] * 3)["allowed_pace_ha_per_year"] == pytest.approx(5.5 / 7)
    assert np.isnan(trajectory_row([2.0] * 10 + [1.0] * 10)["allowed_pace_ha_per_year"])


def test_without_any_flow_since_the_reference_nothing_is_projected():
    row = trajectory_row([2.0] * 10)
    assert row["status"] == "aucun flux observé"
    assert row["used_ha"] == 0
    assert np.isnan(row["projected_ha"])


def test_a_gap_in_the_years_is_refused():
    flows = flows_of([1.0] * 13)
    for year in (2015, 2022):
        with pytest.raises(BadTable, match=str(year)):
            zan.trajectory(flows[flows["year"] != year], key="epci", reduction_share=0.5, **DECADES)


def test_shares_are_shares_and_decades_do_not_overlap():
    with pytest.raises(BadValue, match=r"reduction_share=0\.5447 pour 54,47 %"):
        trajectory_row(LYON, reduction_share=54.47)
    with pytest.raises(BadValue, match="recouvrent"):
        trajectory_row(LYON, reference_years=(2011, 2021))


def deductions(**columns):
    row = {"epci": "A", "annee": 2021, "surface_ha": 1.0, "nature": "PENE", "justificatif": "arrêté"}
    return DataFrame([row | columns])


def test_a_deduction_lowers_what_is_used_and_never_what_is_consumed():
    row = trajectory_row([2.0] * 10 + [3.0], deductions=deductions())
    assert (row["consumed_ha"], row["deducted_ha"], row["used_ha"]) == (3.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"justificatif": " "}, "justificatif"),
        ({"justificatif": None}, "justificatif"),
        ({"nature": "dérogation"}, "inconnue"),
        ({"surface_ha": 4.0}, "dépassent"),
        ({"surface_ha": -1.0}, "positive"),
        ({"annee": 2019}, "hors du compte"),
        ({"epci": "B"}, "hors du compte"),
        ({"annee": "?"}, "année"),
    ],
)
def test_a_deduction_without_proof_or_ground_is_refused(columns, message):
    with pytest.raises(BadTable, match=message):
        trajectory_row([2.0] * 10 + [3.0], deductions=deductions(**columns))


def test_renaturation_may_exceed_the_flow_of_its_year():
    assert (
        trajectory_row([2.0] * 10 + [3.0], deductions=deductions(nature="renaturation", surface_ha=4.0))[
            "used_ha"
        ]
        == -1.0
    )


def test_the_guarantee_lifts_a_small_budget_only_where_its_condition_is_shown():
    flows = pd.concat([flows_of([0.1] * 10, key="idcom", name=name) for name in ("1", "2")])
    communes = DataFrame(
        {"idcom": ["1", "2"], "document_date": ["2025-03-01", None], "justificatif": ["délibération", ""]}
    )
    floors = zan.communal_floors(communes, key="idcom", floor_ha=1.0, document_before=date(2026, 8, 22))
    table = zan.trajectory(
        flows, key="idcom", reduction_share=0.5, floor_ha=floors.set_index("idcom")["floor_ha"], **DECADES
    )
    assert table["allowed_ha"].tolist() == [1.0, 0.5]
    assert floors["floor_condition"].tolist() == ["remplie", "à vérifier"]


def test_the_day_itself_is_too_late_for_the_guarantee():
    communes = DataFrame({"idcom": ["1"], "document_date": ["2026-08-22"], "justificatif": ["arrêté"]})
    floors = zan.communal_floors(communes, key="idcom", floor_ha=1.0, document_before=date(2026, 8, 22))
    assert floors["floor_condition"].tolist() == ["non remplie"]


def test_the_guarantee_of_150_communes_pools_at_most_150_hectares():
    # ZAN.md 1.5: for 150 communes the pooled minimum is at most 150 ha, all eligible
    communes = DataFrame({"epci": "E", "budget_before_floor_ha": [0.0] * 150, "floor_ha": [1.0] * 150})
    table = zan.pressure(communes, by="epci", pooled=Series(True, index=communes.index)).iloc[0]
    assert table["pooled_ha"] == 150.0
    assert table["floor_gap_ha"] == 150.0


def test_the_guarantee_takes_from_the_others_and_creates_nothing():
    communes = DataFrame({"epci": "E", "budget_before_floor_ha": [0.4, 4.6, 5.0], "floor_ha": 1.0})
    row = zan.pressure(communes, by="epci").iloc[0]
    assert row["budget_before_floor_ha"] == pytest.approx(10.0)
    assert row["sum_of_floored_ha"] == pytest.approx(10.6)
    assert row["floor_gap_ha"] == pytest.approx(0.6)
    assert row["floor_gap_share"] == pytest.approx(0.6 / 9.6)
    assert (row["communes"], row["lifted_communes"]) == (3, 1)


def targets(*rows):
    columns = ["document", "niveau", "territoire", "taux_baisse", "en_vigueur_depuis", "source"]
    return DataFrame(rows, columns=columns)


ALL = [
    ("SRADDET", "région", "32", 0.5447, "2024-11-21", "SRADDET"),
    ("SRADDET", "SCoT", "99", 0.60, "2024-11-21", "SRADDET, fascicule"),
    ("SCoT", "SCoT", "99", 0.58, "2026-01-01", "SCoT approuvé"),
    ("PLUi", "EPCI", "A", 0.57, "2026-06-01", "PLUi approuvé"),
]


@pytest.mark.parametrize(
    ("target_count", "expected"),
    [
        (0, ("loi", 0.5)),
        (1, ("SRADDET", 0.5447)),
        (2, ("SRADDET", 0.60)),
        (3, ("SCoT", 0.58)),
        (4, ("PLUi", 0.57)),
    ],
)
def test_the_most_precise_document_in_force_prevails(target_count, expected):
    territories = DataFrame({"epci": ["A"], "scot": ["99"], "region": ["32"]})
    in_force = zan.targets_in_force(
        territories, targets(*ALL[:target_count]), key="epci", on=date(2026, 11, 22), national_share=0.5
    ).iloc[0]
    assert (in_force["target_document"], in_force["reduction_share"]) == expected


def test_a_document_that_is_not_yet_in_force_asks_nothing():
    territories = DataFrame({"epci": ["A"], "scot": ["99"], "region": ["32"]})
    early = zan.targets_in_force(
        territories, targets(*ALL), key="epci", on=date(2025, 6, 1), national_share=0.5
    )
    assert early["reduction_share"].tolist() == [0.60]
    draft = targets(("PLUi", "EPCI", "A", 0.2, "", "projet arrêté"))
    assert zan.targets_in_force(territories, draft, key="epci", on=date(2026, 1, 1), national_share=0.5)[
        "reduction_share"
    ].tolist() == [0.5]


def test_the_shipped_sraddet_targets_are_read_as_targets():
    table = constants.table("zan_sraddet_hdf")
    table = table[table["level"].isin(["région", "EPCI"])]  # the SCoT of these territories is not known
    shipped_targets = DataFrame(
        {
            "document": "SRADDET",
            "niveau": table["level"].replace("autre", "SCoT"),
            "territoire": table["territory"],
            "taux_baisse": table["reduction_share"],
            "en_vigueur_depuis": "2024-11-21",
        }
    )
    # ZAN.md 1.7: EPCI 240200592, −82.2 %; an EPCI without a row of its own has the region's −54.47 %
    territories = DataFrame({"epci": ["240200592", "200072460"], "region": "32"})
    in_force = zan.targets_in_force(
        territories, shipped_targets, key="epci", on=date(2026, 1, 1), national_share=0.5
    )
    assert in_force["reduction_share"].tolist() == [0.822, 0.5447]
    assert in_force["target_level"].tolist() == ["EPCI 240200592", "région 32"]
    assert in_force["target_since"].tolist() == [pd.Timestamp(2024, 11, 21)] * 2


HERE = DataFrame({"commune": ["01007"], "epci": ["240100883"], "region": ["84"]})


def asked_of(*rows):
    return zan.targets_in_force(
        HERE, targets(*rows), key="commune", on=date(2026, 11, 30), national_share=0.5
    ).iloc[0]


def test_targets_that_name_no_territory_are_refused_with_the_codes_of_both_sides():
    for level, code in (("région", "32"), ("EPCI", "200072460"), ("commune", "62001")):
        with pytest.raises(BadTable) as refusal:
            asked_of(("SRADDET", level, code, 0.5447, "2024-11-21", ""))
        message = str(refusal.value)
        assert all(text in message for text in (f"{level} {code}", "commune 01007", "région 84"))


def test_a_target_of_a_level_that_the_account_does_not_know_is_refused():
    with pytest.raises(BadTable, match=r"niveau SCoT \(Dombes\).*commune 01007.*\n.*« scot »"):
        asked_of(("SCoT", "SCoT", "Dombes", 0.6, "2024-11-21", ""), ("PLU", "commune", "01007", 0.6, "", ""))


def test_one_target_that_applies_is_enough_and_the_others_are_of_no_account():
    in_force = asked_of(
        ("PLUi", "EPCI", "999999999", 0.7, "2024-01-01", "ailleurs"),
        ("PLUi", "EPCI", "240100883", "54,47 %", "03/05/2024", "PLUi approuvé"),
    )
    assert in_force[["reduction_share", "target_level"]].tolist() == [
        pytest.approx(0.5447),
        "EPCI 240100883",
    ]
    assert in_force["target_since"] == pd.Timestamp(2024, 5, 3)  # a day first, as it is written in France


def test_a_date_that_cannot_be_read_is_refused_rather_than_taken_for_no_date():
    with pytest.raises(BadTable, match="Date illisible : « mai 2024 »"):
        asked_of(("PLU", "commune", "01007", 0.6, "mai 2024", ""))
    communes = DataFrame({"idcom": ["1"], "document_date": ["05/09/2026"], "justificatif": ["arrêté"]})
    floors = zan.communal_floors(communes, key="idcom", floor_ha=1.0, document_before=date(2026, 8, 22))
    assert floors["floor_condition"].tolist() == ["non remplie"]  # 5 September, not 9 May


BUDGET = DataFrame(
    {"epci": ["A", "B"], "allowed_ha": [10.0, 5.0], "used_ha": [6.0, 1.0], "last_observed_year": 2024}
)


def projects(*rows):
    columns = ["projet_id", "epci", "projet_compte", "consommation_ha", "annee_debut", "justificatif"]
    return DataFrame(rows, columns=columns)


LEDGER = projects(
    ("zone", "A", "local", 3.0, 2026, ""),
    ("lotissement", "A", "local", 2.0, 2028, ""),
    ("canal", "A", "PENE", 40.0, 2027, "arrêté du 31 mai 2024"),
    ("friche", "B", "recyclé", 8.0, 2026, "inventaire"),
    ("rocade", "B", "régional", 12.0, 2029, "délibération"),
)


def test_only_the_local_account_takes_from_the_budget():
    table = zan.scenario(BUDGET, LEDGER, key="epci", budget_years=(2021, 2030))
    full = table[table["scenario"] == "tous les projets"].set_index("epci")
    assert full.loc["A", ["planned_local_ha", "planned_pene_ha", "left_ha"]].tolist() == [5.0, 40.0, -1.0]
    assert full.loc["B", ["planned_recycled_ha", "planned_regional_ha", "left_ha"]].tolist() == [
        8.0,
        12.0,
        4.0,
    ]
    assert full.loc["A", "first_overshoot_year"] == 2028
    assert full.loc["B", "first_overshoot_year"] is pd.NA
    base = table[table["scenario"] == "sans projet"]
    assert base["left_ha"].tolist() == [4.0, 4.0]
    assert set(table["remaining_on"]) == {pd.Timestamp(2025, 1, 1)}  # 2024 is the last flow observed


def test_scenarios_stand_side_by_side():
    table = zan.scenario(
        BUDGET,
        LEDGER,
        key="epci",
        budget_years=(2021, 2030),
        scenarios={"sobre": ["zone"], "ambitieux": ["zone", "lotissement"]},
    )
    remaining_ha = table[table["epci"] == "A"].set_index("scenario")["left_ha"]
    assert remaining_ha.to_dict() == {"sans projet": 4.0, "sobre": 1.0, "ambitieux": -1.0}
    with pytest.raises(UnknownName):
        zan.scenario(BUDGET, LEDGER, key="epci", budget_years=(2021, 2030), scenarios={"x": ["zonne"]})


def test_a_year_already_observed_is_not_counted_twice():
    past = projects(("zone", "A", "local", 3.0, 2023, ""), ("loin", "A", "local", 2.0, 2032, ""))
    row = zan.scenario(BUDGET, past, key="epci", budget_years=(2021, 2030)).set_index(["scenario", "epci"])
    full = row.loc[("tous les projets", "A")]
    assert full[["planned_local_ha", "already_counted_ha", "planned_later_ha", "left_ha"]].tolist() == [
        0,
        3,
        2,
        4,
    ]


def test_diffuse_consumption_outside_the_projects_is_said_and_counted():
    table = zan.scenario(BUDGET, LEDGER, key="epci", budget_years=(2021, 2030), other_ha_per_year=0.5)
    row = table.set_index(["scenario", "epci"]).loc[("sans projet", "A")]
    assert (row["planned_other_ha"], row["left_ha"]) == (3.0, 1.0)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("p", "A", "PENE", 3.0, 2026, ""), "justificatif"),
        (("p", "A", "privé", 3.0, 2026, ""), "Compte inconnu"),
        (("p", "A", "local", -3.0, 2026, ""), "négative"),
        (("p", "A", "local", "?", 2026, ""), "absente"),
        (("p", "A", "local", 3.0, None, ""), "annee_debut"),
        (("p", "C", "local", 3.0, 2026, ""), "sans trajectoire"),
    ],
)
def test_a_wrong_project_is_refused(row, message):
    with pytest.raises(BadTable, match=message):
        zan.scenario(BUDGET, projects(row), key="epci", budget_years=(2021, 2030))


@pytest.mark.parametrize("phasage", ["2026:2", "2026:4|2027:-1", "2026", "demain:3"])
def test_phases_that_do_not_add_up_are_refused(phasage):
    with pytest.raises(BadTable):
        zan.phases(projects(("p", "A", "local", 3.0, 2026, "")).assign(phasage=phasage))


@given(seed=st.integers(0, 1000))
def test_the_order_of_the_ledger_never_changes_a_digit(seed):
    first = zan.scenario(BUDGET, LEDGER, key="epci", budget_years=(2021, 2030))
    again = LEDGER.sample(frac=1, random_state=seed)
    second = zan.scenario(BUDGET, again, key="epci", budget_years=(2021, 2030))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


OFFER = st.lists(st.tuples(st.integers(1, 80_000), st.integers(0, 50)), min_size=1, max_size=9)


@given(sites=OFFER, budget=st.integers(0, 200_000), seed=st.integers(0, 99))
def test_the_largest_subset_is_the_one_that_trying_them_all_finds(sites, budget, seed):
    offer = DataFrame(sites, columns=["m2", "emplois"]).assign(epci="E")
    offer["site_id"] = [f"s{number}" for number in range(len(offer))]
    offer["consumed_ha"] = offer["m2"] / 10_000
    subsets = [rows for size in range(len(sites) + 1) for rows in combinations(range(len(sites)), size)]
    fitting = [rows for rows in subsets if sum(sites[row][0] for row in rows) <= budget]
    remaining_ha = Series({"E": budget / 10_000})
    for criterion, value, gain in (
        ("hectares", None, lambda rows: sum(sites[row][0] for row in rows)),
        ("sites", None, len),
        ("valeur", "emplois", lambda rows: sum(sites[row][1] for row in rows)),
    ):
        offers = zan.offers_within_budget(
            offer, left_ha=remaining_ha, by=["epci"], criterion=criterion, value=value
        )
        fitting_rows = np.flatnonzero(offers["fits"])
        assert sum(sites[row][0] for row in fitting_rows) <= budget
        assert gain(tuple(fitting_rows)) == max(gain(rows) for rows in fitting)
    shuffled = zan.offers_within_budget(
        offer.sample(frac=1, random_state=seed), left_ha=remaining_ha, by=["epci"]
    )
    straight = zan.offers_within_budget(offer, left_ha=remaining_ha, by=["epci"])
    pd.testing.assert_frame_equal(shuffled.sort_index(), straight)


def test_a_site_counts_against_its_commune_and_its_epci():
    offer = DataFrame(
        {"site_id": ["a", "b"], "consumed_ha": [3.0, 2.0], "commune": ["1", "2"], "epci": ["E", "E"]}
    )
    remaining_ha = Series({"E": 4.0, "1": 2.5, "2": 9.0})
    assert zan.offers_within_budget(offer, left_ha=remaining_ha, by=["commune", "epci"])["fits"].tolist() == [
        False,
        True,
    ]


def test_recycled_land_always_fits_and_an_overshot_budget_takes_nothing_else():
    offer = DataFrame({"site_id": ["a", "b"], "consumed_ha": [0.0, 0.5], "epci": "E"})
    assert zan.offers_within_budget(offer, left_ha=Series({"E": -3.0}), by=["epci"])["fits"].tolist() == [
        True,
        False,
    ]


def test_required_sites_are_in_and_refused_when_they_cannot_be():
    offer = DataFrame({"site_id": ["a", "b"], "consumed_ha": [3.0, 4.0], "epci": "E"})
    offers = zan.offers_within_budget(offer, left_ha=Series({"E": 4.0}), by=["epci"], required=["a"])
    assert offers["fits"].tolist() == [True, False]
    with pytest.raises(BadTable, match="imposés"):
        zan.offers_within_budget(offer, left_ha=Series({"E": 2.0}), by=["epci"], required=["a"])
    with pytest.raises(BadTable, match="Aucun budget"):
        zan.offers_within_budget(offer, left_ha=Series({"F": 2.0}), by=["epci"])
