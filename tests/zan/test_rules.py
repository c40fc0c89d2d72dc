"""The law as data: dated, sourced, and a planner's own variants read back."""

from datetime import date

import pytest

from artois_geo import constants
from artois_geo.constants import rules
from artois_geo.errors import BadValue, UnknownName, UnreadableFile


def test_the_calendar_of_the_law_is_ten_flows_before_and_ten_after():
    rule_values = rules.read().constants
    assert rule_values["reference_last_year"].value - rule_values["reference_first_year"].value + 1 == 10
    assert rule_values["budget_last_year"].value - rule_values["budget_first_year"].value + 1 == 10
    assert rule_values["budget_first_year"].value == rule_values["reference_last_year"].value + 1


def test_rates_floors_and_thresholds_are_those_of_the_texts():
    rule_values = {name: entry.value for name, entry in rules.read("loi-2023-630").constants.items()}
    assert rule_values["reduction_2021_2030"] == 0.5
    assert rule_values["sraddet_hdf_reduction_2021_2030"] == 0.5447
    assert rule_values["communal_floor_ha"] == 1.0
    assert rule_values["communal_floor_document_before"] == date(2026, 8, 22)
    assert (rule_values["pene_package_ha"], rule_values["pene_regions_package_ha"]) == (12_500, 10_000)
    assert (
        rule_values["artif_building_m2"],
        rule_values["artif_patch_m2"],
        rule_values["artif_linear_width_m"],
    ) == (50, 2500, 5)
    assert rule_values["compatibility_tolerance_share"] == 0.2
    assert (rule_values["scot_deadline"], rule_values["plu_deadline"]) == (
        date(2027, 2, 22),
        date(2028, 2, 22),
    )


def test_every_constant_has_a_source_and_an_uncertain_one_says_why():
    for entry in rules.read().constants.values():
        assert entry.source
        assert entry.certainty in constants.CERTAINTIES
        assert entry.note or entry.certainty != "incertain"
    assert (
        len(rules.uncertain(rules.read())) == 4
    )  # commune nouvelle (2), photovoltaïque (2): ZAN.md marks them [?]


def test_the_communal_guarantee_does_not_exist_before_july_2023():
    assert "communal_floor_ha" not in rules.read("loi-2021-1104").constants


def test_a_copy_reads_back_as_the_same_rules(tmp_path):
    path = tmp_path / "copie.toml"
    path.write_text(rules.text(rules.read()), encoding="utf-8")
    copy = rules.read(path)
    assert copy.changed == ()
    assert dict(copy.constants) == dict(rules.read().constants)


def test_an_edited_rule_says_what_it_changes_and_keeps_the_rest(tmp_path):
    path = tmp_path / "scot.toml"
    path.write_text(
        '[jeu]\nnom = "projet"\n[reduction_2021_2030]\nvalue = 0.55\nsource = "Projet de SCoT"\n',
        encoding="utf-8",
    )
    own = rules.read(path)
    assert own.changed == ("reduction_2021_2030",)
    assert own.constants["reduction_2021_2030"].value == 0.55
    assert own.constants["reduction_2021_2030"].certainty == "incertain"
    assert own.constants["communal_floor_ha"].value == 1.0
    assert any("0,55" in note for note in rules.uncertain(own))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("[reduction_2021_2030]\nvalue = 54.47\nsource = 'x'", BadValue),
        ("[reduction_2021_2030]\nvalue = 0.55", BadValue),
        ("[reduction_2021_2030]\nvalue = 'moitié'\nsource = 'x'", BadValue),
        ("[reduction_2021_2030]\nvalue = true\nsource = 'x'", BadValue),
        ("[reduction_2021_2030]\nvalue = nan\nsource = 'x'", BadValue),
        ("[communal_floor_document_before]\nvalue = 2026\nsource = 'x'", BadValue),
        ("[communal_floor_ha]\nvalue = -1\nsource = 'x'", BadValue),
        ("[communal_floor_ha]\nvaleur = 1", BadValue),
        ("communal_floor_ha = 2", BadValue),
        ("jeu = 3", BadValue),
        ("[taux]\nvalue = 0.5\nsource = 'x'", UnknownName),
        ("[jeu]\nbase = 'loi-2030'", UnknownName),
        ("[reduction_2021_2030\n", UnreadableFile),
    ],
)
def test_a_wrong_rule_file_is_refused(tmp_path, body, error):
    path = tmp_path / "faux.toml"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(error):
        rules.read(path)


def test_an_absent_file_and_an_unknown_set_are_told_apart(tmp_path):
    with pytest.raises(UnreadableFile):
        rules.read(tmp_path / "absent.toml")
    with pytest.raises(UnknownName):
        rules.read("loi-2023-360")


def test_the_sraddet_targets_are_forty_seven_shares():
    targets = constants.table("zan_sraddet_hdf")
    assert len(targets) == 47
    assert targets.set_index("territory").loc["32", "reduction_share"] == 0.5447
    assert targets["reduction_share"].between(0.129, 0.822).all()
