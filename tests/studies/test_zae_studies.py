"""Vacancy and inventory of business parks, from tables as a planner hands them over."""

from datetime import date
from pathlib import Path

import pytest

from artois_geo.errors import BadTable
from artois_geo.studies.zae import InventoryRequest, SurveyRequest, inventory, vacancy

DAY = date(2026, 1, 1)
UNITS = "unit_id;site_id;unit_ha;owner_type\nU1;A;1;commune\nU2;A;3;particulier\nU3;A;4;SCI\nU4;B;2;commune\n"
FIRMS = (
    "unit_id;active;closed_on;nom;tranche\n"
    "U1;oui;;Dupont SA;11\nU2;non;2020-05-01;Ancien;NN\nU3;non;2025-05-01;Parti;NN\nU4;oui;;Petit;03\n"
)


@pytest.fixture
def survey(tmp_path: Path) -> SurveyRequest:
    (tmp_path / "uf.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "etab.csv").write_text(FIRMS, encoding="utf-8")
    return SurveyRequest(tmp_path / "uf.csv", tmp_path / "etab.csv", on=DAY)


def test_the_rate_counts_units_empty_for_two_years(survey: SurveyRequest) -> None:
    answer = vacancy(survey)
    rows = answer.table.set_index("site_id")[["units", "vacant_units", "to_check"]]
    assert rows.loc["A"].tolist() == [3, 1, 1]  # U2 is vacant, U3 left in 2025
    assert rows.loc["B"].tolist() == [1, 0, 0]
    assert [constant.value for constant in answer.constants] == [2]
    assert "Au 01/01/2026 : 4 unités foncières, 2 occupées" in next(iter(answer.notes))


def test_units_to_check_have_their_reason(survey: SurveyRequest) -> None:
    assert vacancy(survey, to_check=True).table["unit_id"].tolist() == ["U3"]
    assert len(vacancy(survey, by_unit=True).table) == 4


def test_what_is_published_names_nobody(survey: SurveyRequest) -> None:
    table = inventory(survey, InventoryRequest(publiable=True)).table
    assert not {"nom", "occupants", "unit_id"} & set(table)
    assert not table.astype(str).isin(["Dupont SA", "Petit"]).to_numpy().any()


def test_progress_counts_the_parks_begun(survey: SurveyRequest) -> None:
    answer = inventory(survey, InventoryRequest(avancement=True))
    assert answer.table["site_id"].tolist() == ["A", "B"]
    assert any(note.startswith("2 ZAE commencées sur ") for note in answer.notes)
    assert len(list(answer.constants)) == 5


def test_an_answer_of_last_year_is_attached_by_its_parcel_if_asked(survey: SurveyRequest) -> None:
    survey.unites.write_text("unit_id;site_id;unit_ha;parcels\nUF-AB2;A;1;AB2|AB3\n", encoding="utf-8")
    survey.etablissements.write_text("unit_id;active\nUF-AB3;oui\n", encoding="utf-8")
    with pytest.raises(BadTable, match="--rattacher"):
        vacancy(survey)
    request = SurveyRequest(survey.unites, survey.etablissements, on=DAY, rattacher=True)
    answer = vacancy(request)
    assert answer.table["units"].tolist() == [1]
    assert answer.table["vacant_units"].tolist() == [0]
    assert next(iter(answer.notes)) == "etab.csv : 1 réponse rattachée à l'unité qui contient sa parcelle."


def test_the_day_is_the_first_of_january_of_this_year_unless_given(survey: SurveyRequest) -> None:
    undated = SurveyRequest(survey.unites, survey.etablissements)
    assert undated.first_of_january == date(date.today().year, 1, 1)


def test_rows_that_the_attachment_left_on_no_unit_are_set_aside_under_their_french_headings(
    survey: SurveyRequest,
) -> None:
    survey.unites.write_text("unit_id;site_id;unit_ha\nU1;A;1\n", encoding="utf-8")
    rows = "Unité foncière;Actif;Rattachement\nU1;oui;dans une unité\n;oui;hors site\n"
    survey.etablissements.write_text(rows, encoding="utf-8")
    answer = vacancy(survey)
    assert answer.table["units"].tolist() == [1]
    assert any("1 ligne sur aucune unité foncière" in note for note in answer.notes)
