"""ZAE inventory and vacancy, case by case."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import constants, zae
from artois_geo.errors import BadTable, BadValue

ON = date(2026, 1, 1)
BRACKETS = constants.table("sirene_tranches_effectif")


def occupation(
    firms: list[tuple], premises: list[tuple] = (), units: int = 1, **columns: object
) -> pd.DataFrame:
    table = pd.DataFrame({"unit_id": range(1, units + 1), "zae": "A", "unit_ha": 1.0} | columns)
    establishments = pd.DataFrame(firms, columns=["unit_id", "active", "closed_on"])
    empty = pd.DataFrame(premises, columns=["unit_id", "vacant_since"])
    return zae.occupation(
        table,
        establishments,
        empty,
        on=ON,
        vacancy_years=2,
        other_occupant="autre" if "autre" in columns else None,
    )


@pytest.mark.parametrize(
    ("firms", "premises", "state"),
    [
        # The seven cases of the guide, then the clock.
        ([], [], "jamais occupée"),
        ([(1, True, None)], [], "occupée"),
        ([(1, True, None), (1, False, "2020-01-01")], [], "occupée"),
        ([(1, True, None)], [(1, "2015-01-01")], "occupée"),
        ([(1, True, None), (1, False, "2019-05-05")], [(1, "2019-05-05")], "occupée"),
        ([(1, False, "2020-01-01")], [], "vacante"),
        ([], [(1, "2020-01-01")], "vacante"),
        ([(1, False, "2020-01-01")], [(1, "2021-01-01")], "vacante"),
        ([(1, False, "2024-01-01")], [], "vacante"),  # two years to the day
        ([(1, False, "2024-01-02")], [], "vacance récente"),
        ([(1, False, "2020-01-01"), (1, False, "2025-06-30")], [], "vacance récente"),
        ([(1, False, None)], [], "indéterminée"),
        ([(1, False, "2020-01-01"), (1, False, None)], [], "indéterminée"),
        ([(1, False, "2025-06-30"), (1, False, None)], [], "vacance récente"),
        ([(1, False, "2026-03-01")], [], "occupée"),  # still there on 1 January
    ],
)
def test_each_case_has_its_state(firms, premises, state):
    assert occupation(firms, premises)["state"].item() == state


@pytest.mark.parametrize(("word", "state"), [("non", "vacante"), ("oui", "occupée"), ("Faux", "vacante")])
def test_a_word_that_says_no_is_no(word, state):
    assert occupation([(1, word, "2019-01-01")])["state"].item() == state


def test_a_word_that_says_neither_is_refused():
    with pytest.raises(BadTable, match="fermé"):
        occupation([(1, "oui", None), (1, "fermé", None)])


def test_who_closed_after_the_day_was_there_and_who_opened_after_was_not():
    firms = pd.DataFrame(
        {
            "active": [True, False, False, True],
            "closed_on": [None, "2026-03-01", "2025-12-31", None],
            "opened_on": [None, None, None, "2026-02-01"],
        }
    )
    assert zae.active_on(firms, on=ON).tolist() == [True, True, False, False]


def test_an_occupant_without_establishment_occupies():
    assert occupation([(1, False, "2010-01-01")], autre=[True])["state"].item() == "occupée"


def test_an_establishment_opened_later_was_not_there():
    units = pd.DataFrame({"unit_id": [1]})
    firms = pd.DataFrame({"unit_id": [1], "active": [True], "opened_on": ["2026-02-01"]})
    assert zae.occupation(units, firms, on=ON, vacancy_years=2)["state"].item() == "jamais occupée"


@pytest.fixture
def ten_units() -> pd.DataFrame:
    firms = [
        (1, True, None),
        (2, True, None),
        (2, False, "2018-03-01"),
        (3, True, None),
        (4, False, "2020-06-30"),
        (5, False, "2023-12-31"),
        (6, False, "2019-01-01"),
        (7, False, "2025-03-31"),
        (8, False, None),
    ]
    return occupation(firms, [(3, "2021-01-01"), (6, "2022-01-01")], units=10)


def test_ten_units_three_vacant_two_to_check(ten_units):
    assert ten_units["state"].tolist() == [
        "occupée", "occupée", "occupée", "vacante", "vacante", "vacante",
        "vacance récente", "indéterminée", "jamais occupée", "jamais occupée",
    ]  # fmt: skip
    row = zae.rates(ten_units, key="zae").loc["A"]
    assert (row["vacancy_share"], row["empty_share"], row["to_check"]) == (0.3, 0.5, 2)
    check = zae.to_check(ten_units)
    assert check["unit_id"].tolist() == [7, 8]
    assert check["reason"].str.contains("confirmer|demander").all()


def test_the_rate_by_units_and_by_area_are_two_figures():
    # One hall of 10 ha vacant among six units, the five others 1 ha each: 16.7 % and 66.7 %.
    units = occupation(
        [(number, number > 1, "2020-01-01") for number in range(1, 7)], units=6, unit_ha=[10.0] + [1.0] * 5
    )
    row = zae.rates(units, key="zae").loc["A"]
    assert round(100 * row["vacancy_share"], 1) == 16.7
    assert round(100 * row["vacancy_area_share"], 1) == 66.7


def test_the_cnig_rate_is_a_whole_percent():
    # The example of the CNIG standard: 2 vacant units of 15, 13 %.
    units = occupation([(number, number > 2, "2020-01-01") for number in range(1, 16)], units=15)
    row = zae.rates(units, key="zae").loc["A"]
    assert row[["site_uf_nbre", "site_uf_vacant_nbre", "site_taux_vacance"]].tolist() == [15, 2, 13]
    eighth = occupation([(number, number > 1, "2020-01-01") for number in range(1, 9)], units=8)  # 12.5 %
    assert zae.rates(eighth, key="zae")["site_taux_vacance"].item() == 13


@given(st.lists(st.sampled_from(["occupée", "vacante", "vacance récente", "jamais occupée"]), min_size=1))
def test_rates_lie_between_nothing_and_what_is_empty(states):
    frame = pd.DataFrame({"zae": "A", "unit_ha": 1.0, "state": states})
    row = zae.rates(frame, key="zae").loc["A"]
    assert 0 <= row["vacancy_share"] <= row["empty_share"] <= 1
    assert row["vacancy_area_share"] == pytest.approx(row["vacancy_share"])


def test_vacancy_is_told_on_a_first_of_january():
    with pytest.raises(BadValue, match="1er janvier"):
        zae.occupation(pd.DataFrame({"unit_id": [1]}), pd.DataFrame(), on=date(2026, 6, 1), vacancy_years=2)


def test_a_day_is_read_as_french_writes_it():
    for day in ("30/06/2020", "2020-06-30"):
        assert occupation([(1, False, day)])["empty_since"].tolist() == [pd.Timestamp(2020, 6, 30)]


def test_wrong_tables_are_named():
    with pytest.raises(BadTable, match=r"1 réponse sur 1 sans unité foncière : 9\."):
        occupation([(9, True, None)])
    with pytest.raises(BadTable, match=r"31/06/2020.*Fermé le"):
        occupation([(1, False, "31/06/2020")])
    with pytest.raises(BadTable, match="deux fois"):
        zae.occupation(
            pd.DataFrame({"unit_id": [1, 1]}),
            pd.DataFrame({"unit_id": [], "active": []}),
            on=ON,
            vacancy_years=2,
        )


def test_four_brackets_and_one_unknown_make_an_interval():
    firms = pd.DataFrame({"zae": ["A"] * 5, "tranche": ["21", "12", "11", "03", None]})
    row = zae.jobs(firms, BRACKETS, by="zae", code="tranche").loc["A"]
    assert row[["jobs_low", "jobs_mid", "jobs_high", "jobs_unknown"]].tolist() == [86, 133, 176, 1]
    per_ha = zae.density(zae.jobs(firms, BRACKETS, by="zae", code="tranche"), pd.Series({"A": 10.0})).loc["A"]
    assert per_ha[["jobs_per_ha_low", "jobs_per_ha", "jobs_per_ha_high"]].tolist() == [8.6, 13.3, 17.6]
    with pytest.raises(BadTable, match="« 3 »"):
        zae.jobs(firms.assign(tranche="3"), BRACKETS, by="zae", code="tranche")


def test_the_calendar_runs_six_years_from_each_inventory():
    zones = pd.DataFrame({"zae": list("ABCD"), "fait": ["2023-08-20", "2021-01-15", "2020-06-01", None]})
    calendar = zae.calendar(
        zones,
        on=date(2026, 11, 23),
        done_on="fait",
        update_years=6,
        first_due=date(2023, 8, 24),
        consultation_days=30,
    )
    assert calendar["calendar_state"].tolist() == [
        "à jour", "à lancer", "en retard", "premier inventaire en retard",
    ]  # fmt: skip
    assert calendar["due_on"].dt.strftime("%Y-%m-%d").tolist()[:2] == ["2029-08-20", "2027-01-15"]
    assert calendar["consult_before"].dt.strftime("%Y-%m-%d").iloc[1] == "2026-12-16"


@pytest.fixture
def listed(ten_units) -> pd.DataFrame:
    firms = pd.DataFrame({"unit_id": [1, 2, 3], "active": True, "nom": ["Dupont SA", "Jean Petit", None]})
    kinds = ["personne physique", "Indivision Martin", "commune", None, *["aménageur"] * 6]
    return zae.inventory(
        ten_units.assign(type=kinds), firms, key="zae", owner_type="type", occupant="nom"
    ).assign(
        owner_name="Jean Petit",
        parcels="62498000AB0001",
        unit_id=[f"UF-62498000AB{number:04d}" for number in range(1, 11)],
    )


def test_what_is_published_names_nobody(listed):
    published = zae.published(listed, key="zae")
    text = published.to_csv()
    for secret in ("Petit", "Martin", "Dupont", "AB0001", "2020-06-30"):
        assert secret not in text
    assert published["owner_type"].tolist()[:4] == [
        "personne physique",
        "personne physique",
        "commune",
        "inconnu",
    ]
    assert published.loc[3, "empty_year"] == 2020
    assert published["unit_number"].tolist() == list(range(1, 11))
    assert len(published) == len(listed)


def test_completeness_is_gauged_against_the_declared_number(listed):
    zones = pd.DataFrame({"zae": ["A", "B"]})
    completeness = zae.completeness(zones, listed, key="zae", declared=110)
    # Ten units, three items each; one owner type and one date of departure are missing.
    assert completeness["completeness"].tolist() == pytest.approx([28 / 30, 0])
    assert (completeness.attrs["known"], completeness.attrs["started"]) == (2, 1)
    assert completeness.attrs["gauge"] == pytest.approx(28 / 30 / 110)


def test_useful_area_counts_what_the_cnig_counts():
    terrains = pd.DataFrame(
        {"site_id": "S", "terr_surf_brute": [9.9, 25.4, 1.9], "terr_utile": ["oui", "Oui", "non"]}
    )
    row = zae.useful_ha(terrains).loc["S"]
    assert row.round(1).tolist() == [37.2, 35.3, 0.0]


def test_the_input_is_never_changed():
    units = pd.DataFrame({"unit_id": [1]})
    firms = pd.DataFrame({"unit_id": [1], "active": [False], "closed_on": ["2020-01-01"]})
    before = units.copy(), firms.copy()
    zae.occupation(units, firms, on=ON, vacancy_years=2)
    pd.testing.assert_frame_equal(units, before[0])
    pd.testing.assert_frame_equal(firms, before[1])
    assert np.array_equal(firms.columns, before[1].columns)


UNITS = pd.DataFrame(
    {
        "unit_id": ["UF-AB0001", "UF-AB0002", "UF-AB0001@est", "UF-AB0009"],
        "parcels": ["AB0001", "AB0002|AB0003", "AB0001", "AB0009"],
    }
)


def test_an_answer_without_unit_is_refused_and_the_unit_of_its_parcel_proposed():
    # UF-AB0003 was a unit of its own last year; AB0009 is a parcel; UF000007 a row number of old.
    answers = pd.DataFrame({"unit_id": ["UF-AB0001", "UF-AB0003", "AB0009", "UF000007", None]})
    unmatched = zae.unmatched(answers, UNITS)
    assert unmatched["proposal"].tolist() == ["UF-AB0002", "UF-AB0009", None, None]
    with pytest.raises(BadTable, match=r"4 réponses sur 5 sans unité foncière : UF-AB0003.*\(vide\)"):
        zae.occupation(UNITS, answers.assign(active=True), on=ON, vacancy_years=2)
    again = zae.reattached(answers, UNITS)["unit_id"]
    assert again.tolist()[:4] == ["UF-AB0001", "UF-AB0002", "UF-AB0009", "UF000007"]


def test_a_parcel_that_two_units_share_is_told_by_the_site():
    answers = pd.DataFrame({"unit_id": ["AB0001", "AB0001@est", "AB0001@nord"]})
    assert zae.unmatched(answers, UNITS)["proposal"].tolist() == ["UF-AB0001", "UF-AB0001@est", None]
