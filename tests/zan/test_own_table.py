"""One's own table of flows: only what says consumption, or is named, is a flow; a total is no territory."""

import json

import pytest
from cli_runner import run
from hypothesis import assume, given
from hypothesis import strategies as st
from pandas import DataFrame

from artois_geo import zan
from artois_geo.errors import BadTable

WORDS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=14)
CONSUMPTION = ("consumed", "consommation", "conso")


def table(**columns):
    return DataFrame({"insee": ["62001", "62002"]} | columns)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("net_artificialised_ha_2011", "net_artificialised_ha_{annee}"),
        ("population_2011", "population_{annee}"),
        ("flux_2011", "flux_{annee}"),
    ],
)
def test_a_column_with_a_year_is_no_consumption_by_itself(name, pattern):
    with pytest.raises(BadTable) as refusal:
        zan.table_flows(table(**{name: [1, 2]}), key="insee", unit="ha")
    assert f"« {name} »" in str(refusal.value)
    assert f"--colonnes '{pattern}'" in str(refusal.value)
    # the way out that the refusal names does work
    flows = zan.table_flows(table(**{name: [1, 2]}), key="insee", unit="ha", columns=pattern)
    assert flows["consumed_ha"].tolist() == [1.0, 2.0]


def test_artificialisation_is_said_to_be_another_account():
    with pytest.raises(BadTable, match="autre compte"):
        zan.table_flows(table(net_artificialised_ha_2011=[1, 2]), key="insee", unit="ha")


@given(word=WORDS, year=st.integers(1990, 2040))
def test_whatever_word_stands_before_a_year_it_has_to_be_named(word, year):
    assume(not word.strip("_").startswith(CONSUMPTION) and word.strip("_"))
    name = f"{word}_{year}"
    with pytest.raises(BadTable, match="--colonnes"):
        zan.table_flows(table(**{name: [1, 2]}), key="insee", unit="ha")
    flows = zan.table_flows(
        table(**{name: [1, 2]}, population_2011=[800, 900]),
        key="insee",
        unit="ha",
        columns=f"{word}_{{annee}}",
    )
    assert flows[["year", "consumed_ha"]].values.tolist() == [[year, 1.0], [year, 2.0]]


@pytest.mark.parametrize(
    "name", ["2011", "conso_2011", "Consommation 2011", "consumed_ha_2011", "conso_enaf_2011"]
)
def test_a_column_that_says_consumption_or_only_its_year_is_read(name):
    flows = zan.table_flows(table(**{name: ["1,5", 2]}, population_2011=[800, 900]), key="insee", unit="ha")
    assert flows[["year", "consumed_ha"]].values.tolist() == [[2011, 1.5], [2011, 2.0]]


def test_a_long_table_may_name_its_column_of_flows():
    long = DataFrame({"insee": "62001", "annee": [2011, 2012], "surface": [15_000, 20_000]})
    flows = zan.table_flows(long, key="insee", unit="m2", columns="surface")
    assert flows["consumed_ha"].tolist() == [1.5, 2.0]
    with pytest.raises(BadTable, match="annee"):
        zan.table_flows(long.drop(columns="annee"), key="insee", unit="m2", columns="surface")
    with pytest.raises(BadTable, match="surfaces"):
        zan.table_flows(long, key="insee", unit="m2", columns="surfaces")


def test_a_unit_in_the_name_is_not_contradicted():
    with pytest.raises(BadTable, match="se dit en ha"):
        zan.table_flows(table(conso_ha_2011=[1, 2]), key="insee", unit="m2")


@pytest.mark.parametrize("label", ["Total", "TOTAL CALL", "Ensemble", "sous-total"])
@pytest.mark.parametrize("column", ["insee", "nom"])
def test_a_row_of_total_is_no_territory(label, column):
    own = DataFrame(
        {
            "insee": ["62001", "62002", "999"],
            "nom": ["A", "B", "C"],
            "2011": ["1,5", 2, "3,5"],
            "2012": [1, 2, 3],
        }
    )
    own.loc[2, column] = label
    with pytest.raises(BadTable, match="vaut la somme des autres : total compris dans le tableau"):
        zan.table_flows(own, key="insee", unit="ha")
    own.loc[2, "2012"] = 4
    with pytest.raises(BadTable, match=r"ne vaut pas la somme des autres \(2012 : 4 au lieu de 3\)"):
        zan.table_flows(own, key="insee", unit="ha")


@pytest.mark.parametrize("code", ["", None, float("nan")])
def test_a_row_without_code_is_no_territory_either(code):
    own = DataFrame({"insee": ["62001", code], "2011": [1, 1]})
    with pytest.raises(BadTable, match="Index 1 sans code"):
        zan.table_flows(own, key="insee", unit="ha")


def test_the_delivered_table_with_a_total_is_refused_by_the_command(shared):
    result = run(
        *("zan", "consommation", shared / "cases/zan_ligne_total/flux.csv", "--cle", "insee"),
        *("--unite", "ha", "--de", "2011", "--a", "2013"),
    )
    assert result.exit_code == 1
    assert "vaut la somme des autres : total compris dans le tableau ?" in result.output


def test_the_command_names_the_column_and_the_option_and_takes_it(tmp_path):
    own = tmp_path / "suivi.csv"
    own.write_text("insee;enaf_2011;enaf_2012;population_2011\n62001;15000;5000;800\n", encoding="utf-8")
    args = ("zan", "consommation", own, "--cle", "insee", "--unite", "m2", "--de", "2011", "--a", "2012")
    refused = run(*args)
    assert refused.exit_code == 1
    assert "« enaf_2011 »" in refused.output
    assert "--colonnes 'enaf_{annee}'" in refused.output
    result = run(*args, "--colonnes", "enaf_{annee}")
    assert result.exit_code == 0
    assert "ne sont pas lues comme de la consommation : population_2011" in result.output
    output = json.loads(run(*args, "--colonnes", "enaf_{annee}", "--format", "json").stdout)
    assert output["rows"][0]["consumed_ha"] == pytest.approx(2.0)  # 15 000 + 5 000 m²


def test_the_file_of_cerema_needs_no_column_named(shared):
    path = shared / "standards/cerema-conso/conso_2009_2023_extrait_dep01.csv"
    result = run("zan", "consommation", path, "--colonnes", "naf{annee}")
    assert result.exit_code == 1
    assert "--colonnes ne sert pas ici" in result.output
