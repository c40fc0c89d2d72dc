"""The offer adds what sources publish, each hectare once, and says what it leaves out."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.offer import offer
from artois_geo.studies.land import offer as offer_study

FACTS = Path(__file__).parents[2] / "scripts" / "couches" / "faits" / "sites.csv"


def sites(**columns: list) -> pd.DataFrame:
    """A park of 100 ha, a lot of 20 ha in it, a site of 30 ha on its own."""
    base = {
        "epci": ["CALL", "CALL", "CAHC"],
        "surface_ha": [100.0, 20.0, 30.0],
        "est_sous_site": [False, True, False],
        "foncier_origine": ["recyclé", "extension", "inconnu"],
        "geometrie": ["schématique", "schématique", "levée"],
    }
    return pd.DataFrame(base | columns)


def test_a_sub_site_is_never_added_to_its_parent() -> None:
    table = offer(sites(), by=[])
    assert table[["site_count", "offer_ha", "set_aside"]].values.tolist() == [[2, 130.0, 1]]


def test_a_sub_site_is_set_aside_even_where_its_parent_has_no_area() -> None:
    table = offer(sites(surface_ha=[None, 20.0, 30.0]), by=["epci"])
    assert table["epci"].tolist() == ["CAHC", "CALL"]
    assert table["unmeasured"].tolist() == [0, 1]
    assert table["offer_ha"].isna().tolist() == [False, True]


def test_recycled_extension_and_unknown_make_the_whole() -> None:
    table = offer(sites(est_sous_site=[False] * 3), by=[])
    parts = table[["recycled_ha", "extension_ha", "origin_unknown_ha"]].iloc[0]
    assert parts.tolist() == [100.0, 20.0, 30.0]
    assert table["offer_ha"].iloc[0] == 150.0


def test_land_that_is_both_recycled_and_extension_is_of_unknown_origin() -> None:
    assert offer(sites(foncier_origine=["mixte", None, "mixte"]), by=[])["origin_unknown_ha"].tolist() == [
        130.0
    ]


def test_only_a_surveyed_or_digitised_outline_is_known() -> None:
    parts = ["schematic_ha", "outline_unknown_ha"]
    for qualities, expected in (
        (["schématique", "schématique", "levée"], [100.0, 0.0]),
        (["Schematique", None, "NUMERISEE"], [100.0, 0.0]),
        ([None, None, "numérisée"], [0.0, 100.0]),
        (["croquis", None, "schématique (disque)"], [30.0, 100.0]),
    ):
        assert offer(sites(geometrie=qualities), by=[])[parts].values.tolist() == [expected]


@given(
    st.lists(
        st.sampled_from(["oui", "VRAI", "Non", "faux", "", None, True, False, 1, 0]), min_size=3, max_size=3
    )
)
def test_yes_is_yes_however_it_is_written(answers: list) -> None:
    is_yes = [answer in ("oui", "VRAI", True) for answer in answers]  # 1 == True
    total = offer(sites(est_sous_site=[False] * 3, compte=answers), by=[], counted="compte")
    assert total["site_count"].tolist() == [sum(is_yes)]
    sub_sites = offer(sites(est_sous_site=answers), by=[])
    assert sub_sites["set_aside"].tolist() == [sum(is_yes)]


def test_nothing_published_is_missing_and_not_zero() -> None:
    table = offer(sites(surface_ha=[None, None, 0.0]), by=["epci"])
    assert table.set_index("epci").loc["CAHC", "offer_ha"] == 0.0
    assert table.set_index("epci").loc["CALL"].isna().sum() == 6


def test_a_missing_key_has_its_own_row() -> None:
    table = offer(sites(epci=["CALL", None, None]), by=["epci"])
    assert table["site_count"].sum() == 2
    assert table["epci"].isna().tolist() == [False, True]


def test_land_that_is_announced_without_being_offered_is_set_aside() -> None:
    table = offer(sites(est_sous_site=[False] * 3, compte=[True, None, False]), by=[], counted="compte")
    assert table[["site_count", "offer_ha", "set_aside"]].values.tolist() == [[1, 100.0, 2]]


def test_families_come_in_the_order_of_the_field() -> None:
    table = offer(sites(famille=["autre", "hub logistique", "parc d'innovation"]), by=["famille"])
    assert table["famille"].tolist() == ["parc d'innovation", "hub logistique", "autre"]


def test_columns_that_say_nothing_may_be_absent() -> None:
    table = offer(pd.DataFrame({"surface_ha": [10.0, 5.0]}), by=[])
    parts = ["offer_ha", "origin_unknown_ha", "outline_unknown_ha", "schematic_ha"]
    assert table[parts].values.tolist() == [[15.0, 15.0, 15.0, 0.0]]


@pytest.mark.parametrize("call", [{"by": ["epcy"]}, {"by": [], "area": "ha"}, {"by": [], "counted": "c"}])
def test_an_unknown_column_is_named(call: dict) -> None:
    with pytest.raises(UnknownName, match="colonne inconnue"):
        offer(sites(), **call)


@pytest.mark.parametrize("areas", [["dix", "un", "deux"], [-1.0, 2.0, 3.0]])
def test_an_area_that_is_none_is_refused(areas: list) -> None:
    with pytest.raises(BadTable, match="surface_ha"):
        offer(sites(surface_ha=areas), by=[])


def test_a_column_is_not_grouped_twice() -> None:
    with pytest.raises(BadValue, match="deux fois"):
        offer(sites(), by=["epci", "epci"])


def test_an_empty_table_offers_nothing() -> None:
    assert len(offer(sites().head(0), by=["epci"])) == 0


def test_the_table_given_is_not_changed() -> None:
    given_sites = sites()
    before = given_sites.copy()
    offer(given_sites, by=["epci"])
    pd.testing.assert_frame_equal(given_sites, before)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["CALL", "CAHC", None]),
        st.one_of(st.none(), st.integers(0, 500)),
        st.booleans(),
        st.sampled_from(["recyclé", "extension", "inconnu", None]),
        st.sampled_from(["levée", "schématique", None]),
    ),
    min_size=1,
    max_size=12,
)


@given(rows=ROWS)
def test_however_it_is_cut_every_row_is_counted_or_set_aside_and_hectares_add_up(rows: list) -> None:
    names = ["epci", "surface_ha", "est_sous_site", "foncier_origine", "geometrie"]
    frame = pd.DataFrame(rows, columns=names).astype({"surface_ha": "float64"})
    by_hand = sum(area or 0 for _, area, inside, _, _ in rows if not inside)
    for by in ([], ["epci"], ["epci", "geometrie"]):
        table = offer(frame, by=by)
        assert table["site_count"].sum() + table["set_aside"].sum() == len(rows)
        assert table["offer_ha"].sum() == by_hand
        assert table[["recycled_ha", "extension_ha", "origin_unknown_ha"]].sum().sum() == by_hand
        assert (table["schematic_ha"].fillna(0) <= table["offer_ha"].fillna(0)).all()


def test_the_shipped_sites_offer_what_the_facts_publish() -> None:
    """Straight from the list of facts: every published area that is not a sub-site's."""
    with FACTS.open(encoding="utf-8") as stream:
        facts = list(csv.DictReader(stream))
    inside = [row["site_type"] == "sous-site" or "ne pas additionner" in row["note"] for row in facts]
    by_hand = sum(float(row["surface_ha"] or 0) for row, part in zip(facts, inside, strict=True) if not part)
    table = offer(layers.read(layers.read_catalogue()["sites_eco"]), by=["epci_sigle", "famille"])
    assert table["offer_ha"].sum() == pytest.approx(by_hand)
    assert table["set_aside"].sum() == sum(inside)


def test_a_town_written_in_two_ways_is_one_group_under_its_most_frequent_spelling() -> None:
    towns = pd.DataFrame(
        {
            "comm_nom": ["VANNES", "Vannes", "Vannes", "Sene", "Séné"],
            "site_surf_brute": [10.0, 5.0, 1.0, 2.0, 3.0],
        }
    )
    table = offer(towns, by="comm_nom")[["comm_nom", "site_count", "offer_ha"]]
    assert table.values.tolist() == [["Séné", 2, 5.0], ["Vannes", 3, 16.0]]


@pytest.mark.parametrize("cell", ["O", "x", "vrai", "✓", 1])
def test_a_sub_site_is_one_however_the_column_says_yes(cell):
    sites = pd.DataFrame({"site_surf_brute": ["12,5 ha", "30000 m²"], "est_sous_site": ["N", cell]})
    table = offer(sites, by=[])
    assert table[["offer_ha", "set_aside"]].values.tolist() == [[12.5, 1]]


def test_a_number_of_three_decimals_is_no_doubt_where_it_is_no_text():
    assert offer(pd.DataFrame({"site_surf_brute": [9.398, 2]}), by=[])["offer_ha"].tolist() == [11.398]


def test_hectares_are_those_of_the_heading_and_an_unknown_one_is_no_zero():
    sites = pd.DataFrame({"surface_m2": [125_000, None, 5_000]})
    assert offer(sites, by=[], area="surface_m2")["offer_ha"].tolist() == [13]
    unknown = offer(pd.DataFrame({"site_surf_brute": ["NC", "3"]}), by=[])
    assert unknown[["offer_ha", "unmeasured"]].values.tolist() == [[3, 1]]


@pytest.mark.parametrize(("cell", "advice"), [("1.234", "« 1,2340 » ou « 1234 »"), ("3 4", "un seul nombre")])
def test_an_area_of_two_readings_is_refused_with_the_way_to_write_it(cell, advice):
    with pytest.raises(BadTable, match=advice):
        offer(pd.DataFrame({"site_surf_brute": [cell, "2"]}), by=[])


def test_a_row_of_total_is_no_site():
    sites = pd.DataFrame({"site_nom": ["A", "B", "Total général"], "site_surf_brute": [1, 2, 3]})
    with pytest.raises(BadTable, match="n'est pas un site"):
        offer(sites, by=[])


def test_a_repeated_identifier_is_said_and_each_row_counted(tmp_path):
    rows = [
        "site_id;site_surf_brute;epci_sigle;famille",
        *["A;12,5;X;autre"] * 2,
        "B;3;X;autre",
        ";1;X;autre",
    ]
    path = tmp_path / "sites.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    study_table = offer_study.study(path)
    assert study_table.table["offer_ha"].tolist() == [29]
    (note,) = (note for note in study_table.notes if note.startswith("Identifiant répété"))
    assert note.endswith(": « A » (2 lignes).")
