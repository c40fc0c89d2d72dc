"""Consumption of ENAF: what is read from Cerema's file, and what is refused."""

import numpy as np
import pandas as pd
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame, Series

from artois_geo import zan
from artois_geo.errors import BadTable, BadValue


def cerema(**columns):
    years = range(2011, 2023)
    table = DataFrame({"idcom": ["62001", "62002"], "idcomtxt": ['L"Écluse', "Bois"]})
    for year in years:
        table[f"naf{year - 2000}art{year - 1999}"] = [1000, 0]
        table[f"art{year - 2000}hab{year - 1999}"] = [600, 0]
        table[f"art{year - 2000}act{year - 1999}"] = [400, 0]
    table["naf11art23"] = [12_000, 0]
    table["artcom1123"] = [0.12, 0.0]
    table["surfcom2023"] = [10_000_000, 5_000_000]
    return table.assign(**columns)


@pytest.fixture(scope="module")
def eight(shared):
    path = shared / "standards/cerema-conso/conso_2009_2023_extrait_dep01.csv"
    return pd.read_csv(path, sep=";", dtype=str)


def test_the_eight_real_communes_are_read_in_hectares(eight):
    flows = zan.cerema_flows(eight, edition="2009-2023")
    assert flows["idcom"].nunique() == 8
    assert sorted(flows["year"].unique()) == list(range(2009, 2023))
    first = flows[(flows["idcom"] == "01001") & (flows["year"] == 2009)].iloc[0]
    assert first["consumed_ha"] == 0.8324  # 8 324 m² in the file
    assert first["idcomtxt"] == "L'Abergement-Clémenciat"


def test_the_eight_real_communes_keep_every_identity(eight):
    findings = zan.cerema_findings(eight)
    assert findings[findings["level"] != "note"].empty
    # FIELDS.md section 6: a rounding of −1 m² sits in art10inc11 of 01004
    assert findings[["feature", "field"]].values.tolist() == [["01004", "art10inc11"]]


def test_the_budget_of_a_real_commune_is_half_of_its_ten_flows(eight):
    flows = zan.cerema_flows(eight, edition="2009-2023")
    table = zan.trajectory(
        flows, key="idcom", reference_years=(2011, 2020), budget_years=(2021, 2030), reduction_share=0.5
    ).set_index("idcom")
    row = eight.set_index("idcom").loc["01001"]
    ten = [int(row[f"naf{y}art{y + 1}"]) for y in range(11, 21)]
    # published total 2009-2022 less 2009, 2010, 2021 and 2022
    assert sum(ten) == 67_511 - 8_324 - 8_324 - 15_699 - 1_646
    assert table.loc["01001", "reference_ha"] == pytest.approx(sum(ten) / 10_000, abs=1e-12)
    assert table.loc["01001", "allowed_ha"] == pytest.approx(sum(ten) / 20_000, abs=1e-12)
    assert table.loc["01001", "consumed_ha"] == pytest.approx((15_699 + 1_646) / 10_000, abs=1e-12)


def test_period_totals_and_ratios_are_never_taken_for_years():
    flows = zan.cerema_flows(cerema(art16hab22=[0.37, 0.0], naf16art22=[6000, 0]))
    assert sorted(flows["year"].unique()) == list(range(2011, 2023))
    assert flows.groupby("idcom")["consumed_ha"].sum().round(9).tolist() == [1.2, 0.0]


def test_the_last_flow_alone_is_provisional():
    flows = zan.cerema_flows(cerema())
    assert flows.loc[flows["provisional"], "year"].unique().tolist() == [2022]


def test_a_doubled_quote_is_an_apostrophe():
    assert zan.cerema_flows(cerema())["idcomtxt"].unique().tolist() == ["L'Écluse", "Bois"]


def test_numbers_written_the_french_way_are_read():
    flows = zan.cerema_flows(cerema(naf11art12=["1 000", "0"], art11hab12=["1\u202f000,0", "0"]))
    assert flows.loc[flows["year"] == 2011, "consumed_ha"].tolist() == [0.1, 0.0]


def test_a_lost_leading_zero_is_restored_and_said():
    table = cerema(idcom=[1001, 62002])
    assert zan.cerema_flows(table)["idcom"].unique().tolist() == ["01001", "62002"]
    findings = zan.cerema_findings(table)
    assert findings[["feature", "rule", "level"]].values.tolist() == [["01001", "code", "alerte"]]


def test_corsican_codes_are_codes():
    assert zan.cerema_findings(cerema(idcom=["2A004", "2B033"])).empty


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"art15hab16": [700, 0]}, "destinations"),
        ({"naf11art23": [12_500, 0]}, "période"),
        ({"artcom1123": [0.5, 0.0]}, "part"),
        ({"art15hab16": [np.nan, 0]}, "vide"),
        ({"naf15art16": [-1000, 0]}, "signe"),
        ({"idcom": ["62001", "62001"]}, "doublon"),
        ({"idcom": ["62001", "France"]}, "code"),
    ],
)
def test_a_broken_identity_is_found(columns, rule):
    assert rule in zan.cerema_findings(cerema(**columns))["rule"].tolist()


def test_hectares_read_as_square_metres_are_refused():
    table = cerema()
    areas = [name for name in table.columns if name.startswith(("naf", "art")) and name != "artcom1123"]
    table[areas] = table[areas] * 1.37 / 10_000
    with pytest.raises(BadTable, match="hectares"):
        zan.cerema_flows(table)
    assert zan.cerema_flows(table, unit="ha")["consumed_ha"].max() == pytest.approx(0.137)


def test_square_metres_read_as_hectares_are_refused():
    with pytest.raises(BadTable, match="dépasse la surface"):
        zan.cerema_flows(cerema(), unit="ha")
    own = zan.table_flows(DataFrame({"epci": ["A"], "2011": [8324]}), key="epci", unit="ha")
    with pytest.raises(BadTable, match="m² ont sans doute"):
        zan.summary(own, key="epci", years=(2011, 2011), area_ha=Series({"A": 1500.0}))


def test_a_missing_year_stops_the_account():
    with pytest.raises(BadTable, match="2015"):
        zan.cerema_flows(cerema().drop(columns="naf15art16"))
    with pytest.raises(BadTable, match="2023"):
        zan.consumption(zan.cerema_flows(cerema()), key="idcom", years=(2020, 2023))
    flows = zan.cerema_flows(cerema(naf15art16=["", "0"]))
    with pytest.raises(BadTable, match="ne compte pas pour 0"):
        zan.consumption(flows, key="idcom", years=(2011, 2020))


def test_a_file_that_is_not_cerema_is_refused():
    with pytest.raises(BadTable, match="idcom"):
        zan.cerema_flows(DataFrame({"insee": ["62001"]}))
    with pytest.raises(BadTable, match="flux annuel"):
        zan.cerema_flows(DataFrame({"idcom": ["62001"], "naf11art21": [5]}))


def test_an_unknown_commune_in_a_grouping_is_refused():
    with pytest.raises(BadTable, match="62999"):
        zan.group(
            zan.cerema_flows(cerema()), DataFrame({"idcom": ["62001", "62999"], "epci": "A"}), by="epci"
        )


def test_a_commune_in_two_groups_is_refused():
    membership = DataFrame({"idcom": ["62001", "62001"], "scot": ["A", "B"]})
    with pytest.raises(BadTable, match="deux fois"):
        zan.group(zan.cerema_flows(cerema()), membership, by="scot")


def test_a_merger_of_communes_loses_no_hectare():
    flows = zan.cerema_flows(cerema())
    merged = zan.merge_communes(flows, DataFrame({"ancien": ["62001"], "nouveau": ["62002"]}))
    assert merged["idcom"].unique().tolist() == ["62002"]
    assert merged["consumed_ha"].sum() == pytest.approx(flows["consumed_ha"].sum(), abs=1e-12)
    with pytest.raises(BadTable, match="perdus"):
        zan.merge_communes(flows, DataFrame({"ancien": ["62001"], "nouveau": ["62002"], "part": [0.9]}))


def test_the_input_table_is_never_changed():
    table = cerema()
    before = table.copy()
    zan.cerema_flows(table)
    zan.cerema_findings(table)
    pd.testing.assert_frame_equal(table, before)


@given(
    areas=st.lists(st.integers(0, 10**6), min_size=3, max_size=12),
    seed=st.integers(0, 100),
)
def test_groups_add_up_and_the_order_of_rows_never_changes_a_digit(areas, seed):
    codes = [f"{62000 + number}" for number in range(len(areas))]
    table = DataFrame({"idcom": codes, "naf11art12": areas})
    membership = DataFrame(
        {"idcom": codes, "epci": ["A" if number % 2 else "B" for number in range(len(areas))]}
    )
    total = zan.group(zan.cerema_flows(table), membership, by="epci")
    assert total["consumed_ha"].sum() == pytest.approx(sum(areas) / 10_000, abs=1e-9)
    shuffled = zan.group(
        zan.cerema_flows(table.sample(frac=1, random_state=seed)),
        membership.sample(frac=1, random_state=seed),
        by="epci",
    )
    pd.testing.assert_frame_equal(total, shuffled, check_exact=True)


def test_ones_own_table_may_be_long_or_wide():
    long = DataFrame({"commune": ["62001", "62001"], "annee": [2011, 2012], "consommation": ["1,5", "2"]})
    wide = DataFrame({"commune": ["62001"], "conso_2011": ["1,5"], "conso_2012": ["2"]})
    first, second = (zan.table_flows(table, key="commune", unit="ha") for table in (long, wide))
    assert first["consumed_ha"].tolist() == second["consumed_ha"].tolist() == [1.5, 2.0]


@pytest.mark.parametrize("cell", ["", "n.d.", "-3"])
def test_a_cell_that_is_not_a_flow_is_refused(cell):
    with pytest.raises(BadTable):
        zan.table_flows(DataFrame({"commune": ["62001"], "2011": [cell]}), key="commune", unit="ha")


def test_the_unit_has_to_be_one_of_the_two():
    with pytest.raises(BadValue):
        zan.table_flows(DataFrame({"commune": ["62001"], "2011": [1]}), key="commune", unit="km2")


PASSAGES = DataFrame(
    {
        "avant": ["A", "A", "Ue", "A"],
        "apres": ["Ue", "N", "N", "▲"],
        "compte": ["consommation", "aucun", "renaturation", "indéterminé"],
    }
)


def mos(before, after):
    return plain.square(x_km=0, y_km=0, side_km=1, c10=before, c21=after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("A", "Ue", (100, 0, 0)),
        ("A", "N", (0, 0, 0)),
        ("A", "A", (0, 0, 0)),
        ("Ue", "N", (0, 0, 100)),
        ("A", "▲", (0, 100, 0)),
    ],
)
def test_the_users_matrix_decides_what_a_passage_counts(before, after, expected):
    commune = plain.square(x_km=0, y_km=0, side_km=2, insee="62001")
    row = zan.mos_flows(
        mos(before, after),
        PASSAGES,
        zones=commune,
        key="insee",
        period=zan.MosPeriod("c10", "c21", (2011, 2020)),
    ).iloc[0]
    assert (row["consumed_ha"], row["undecided_ha"], row["renatured_enaf_ha"]) == expected


def test_a_passage_that_the_matrix_forgets_is_refused():
    commune = plain.square(x_km=0, y_km=0, side_km=2, insee="62001")
    with pytest.raises(BadTable, match="Passage absent"):
        zan.mos_flows(
            mos("N", "Ue"),
            PASSAGES,
            zones=commune,
            key="insee",
            period=zan.MosPeriod("c10", "c21", (2011, 2020)),
        )


def test_the_regions_ocs2d_classes_are_read_from_the_users_table(shared):
    matrix = pd.read_csv(shared / "standards/ocs2d-hdf/matrice_enaf_ocs2d_2024-11-27.csv", dtype=str)
    classes = matrix.rename(columns={"classe_enaf": "classe"})
    class_signs = zan.mos_classes(classes, classes, keys=["us3", "cs3"], columns=["us3", "cs3"])
    assert len(class_signs) == 1749
    assert class_signs.value_counts()[["▲", "◆"]].tolist() == [44, 3]  # FIELDS.md section 5
