"""Deductions: each with its evidence, photovoltaics only where every criterion of the decree is met."""

import json

import plain
import pytest
from cli_runner import run
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame

from artois_geo import zan
from artois_geo.errors import BadTable

LEAST = {"panel_height_m": 1.1, "row_spacing_m": 2.0}
DECADES = {"reference_years": (2011, 2020), "budget_years": (2021, 2030)}

# fictif: a park on farm land that meets the decree n° 2023-1408 and the order of 29 December 2023
PARK = {
    "pv_espace": "agricole",
    "pv_reversible": "oui",
    "pv_couvert_vegetal": "oui",
    "pv_activite_agricole": "oui",
    "pv_hauteur_m": "1,2",
    "pv_espacement_m": 3,
    "pv_ancrage": True,
    "pv_cloture": "VRAI",
    "pv_voies": 1,
}


def refusal(**criteria):
    return zan.examine_photovoltaics(DataFrame([PARK | criteria]), **LEAST)["refusal"].iloc[0]


def test_a_park_that_meets_every_criterion_is_deducted():
    assert refusal() == ""


@pytest.mark.parametrize("criterion", PARK)
@pytest.mark.parametrize("empty", [None, "", float("nan")])
def test_an_empty_criterion_is_a_refusal_that_names_it(criterion, empty):
    requirement = zan.PV_CRITERIA[criterion][1]
    assert refusal(**{criterion: empty}) == f"{requirement} : non renseigné"
    without = DataFrame([PARK]).drop(columns=criterion)
    assert zan.examine_photovoltaics(without, **LEAST)["refusal"].tolist() == [
        f"{requirement} : non renseigné"
    ]


@pytest.mark.parametrize("criterion", [name for name in PARK if not name.endswith("_m")])
def test_what_is_not_yes_is_not_met(criterion):
    assert "« non »" in refusal(**{criterion: "non"})


@pytest.mark.parametrize("forest", ["forestier", "Forêt", "forêt et landes", "naturel boisé"])
def test_forest_is_never_eligible(forest):
    assert refusal(pv_espace=forest) == "espace forestier : jamais déduit"


def test_farming_is_not_asked_of_natural_land():
    assert refusal(pv_espace="naturel", pv_activite_agricole=None) == ""
    assert "non renseigné" in refusal(pv_espace="naturel et agricole", pv_activite_agricole=None)


def test_the_measures_are_held_against_the_order():
    assert refusal(pv_hauteur_m=1.1, pv_espacement_m="2") == ""
    assert refusal(pv_hauteur_m="1,09") == "hauteur des panneaux au point bas : 1,09 m, moins de 1,1 m"
    assert (
        refusal(pv_espacement_m="large")
        == "espacement des rangées : « large » n'est pas une mesure en mètres"
    )


def test_every_reason_is_said_at_once():
    reason = refusal(pv_reversible="non", pv_cloture=None)
    assert reason == "réversibilité : « non » ; clôture conforme : non renseigné"


def test_the_fields_of_the_declaration_to_ign_are_read():
    names = {"pv_hauteur_m": "haut_pann", "pv_espacement_m": "espacement", "pv_espace": "usage_terr"}
    declared = DataFrame([PARK]).rename(columns=names | {"pv_reversible": "Réversible"})
    assert zan.examine_photovoltaics(declared, **LEAST)["refusal"].tolist() == [""]


@given(
    land=st.sampled_from(["agricole", "naturel", "forestier", None]),
    answers=st.lists(st.sampled_from(["oui", "non", None]), min_size=6, max_size=6),
    height=st.floats(0, 3),
    spacing=st.floats(0, 5),
)
def test_a_park_is_deducted_where_every_criterion_is_met_and_nowhere_else(land, answers, height, spacing):
    yes_or_no = [name for name in PARK if name != "pv_espace" and not name.endswith("_m")]
    criteria = dict(zip(yes_or_no, answers, strict=True))
    requirement = [name for name in yes_or_no if land == "agricole" or name != "pv_activite_agricole"]
    meets_every_criterion = land in {"agricole", "naturel"} and all(
        criteria[name] == "oui" for name in requirement
    )
    meets_every_criterion = (
        meets_every_criterion and height >= LEAST["panel_height_m"] and spacing >= LEAST["row_spacing_m"]
    )
    reason = refusal(pv_espace=land, pv_hauteur_m=height, pv_espacement_m=spacing, **criteria)
    assert (reason == "") == meets_every_criterion


# One territory, fictif. Ten flows of 4 ha: 40 ha of reference, 20 ha of budget at −50 %.
# Then 3, 5, 2 and 2 ha: 12 ha consumed in 2021-2024.
FLOWS = DataFrame({"epci": "E", "year": range(2011, 2025), "consumed_ha": [4.0] * 10 + [3.0, 5.0, 2.0, 2.0]})


def line(year, area, nature, proof, **criteria):
    return {
        "epci": "E",
        "annee": year,
        "surface_ha": area,
        "nature": nature,
        "justificatif": proof,
    } | criteria


LEDGER = DataFrame(
    [
        line(2021, 1.0, "PENE", "arrêté du 31 mai 2024, annexe I"),
        line(2022, 2.0, "PV", "PC 062 000 22 00001", **PARK),
        line(2022, 1.5, "photovoltaïque", "PC 062 000 22 00002", **PARK | {"pv_espacement_m": 1.5}),
        line(2023, 1.0, "PV", "PC 062 000 23 00003", **PARK | {"pv_espace": "forestier"}),
        line(2023, 0.5, "renaturation", "délibération du 3 mars 2024"),
    ]
)


def examined(ledger=LEDGER):
    return zan.examine_deductions(ledger, key="epci", **LEAST)


def test_each_nature_has_its_column_and_what_is_refused_stays_in_the_consumption():
    row = zan.trajectory(FLOWS, key="epci", reduction_share=0.5, deductions=examined(), **DECADES).iloc[0]
    assert row["deducted_pene_ha"] == 1.0
    assert row["deducted_pv_ha"] == 2.0
    assert row["refused_pv_ha"] == 1.5 + 1.0
    assert row["deducted_renaturation_ha"] == 0.5
    assert row["deducted_ha"] == 1.0 + 2.0 + 0.5
    assert row["consumed_ha"] == 12.0
    assert row["used_ha"] == 12.0 - 3.5
    assert row["left_ha"] == 20.0 - 8.5


def project(name, account, area, year, **criteria):
    row = {"epci": "E", "projet_id": name, "projet_compte": account, "consommation_ha": area}
    return row | {"annee_debut": year, "justificatif": "délibération"} | criteria


PROJECTS = DataFrame(
    [
        project("zone", "local", 4.0, 2027),
        project("pôle régional", "régional", 6.0, 2027),
        project("parc éligible", "exempté", 3.0, 2026, **PARK),
        project("parc trop serré", "exempté", 2.0, 2028, **PARK | {"pv_espacement_m": 1.5}),
    ]
)


def test_a_regional_project_an_eligible_park_an_ineligible_one_and_a_renaturation_by_hand():
    budget = zan.trajectory(FLOWS, key="epci", reduction_share=0.5, deductions=examined(), **DECADES)
    parks = zan.examine_photovoltaics(PROJECTS, **LEAST)
    table = zan.scenario(budget, parks, key="epci", budget_years=(2021, 2030))
    row = table.set_index("scenario").loc["tous les projets"]
    assert row["planned_local_ha"] == 4.0 + 2.0  # the zone, and the park whose rows are too close
    assert row["refused_exempt_ha"] == 2.0
    assert row["planned_exempt_ha"] == 3.0
    assert row["planned_regional_ha"] == 6.0
    assert row["left_ha"] == 11.5 - 6.0  # neither the region's hectares nor the eligible park


def test_a_park_that_nobody_examined_is_not_exempt():
    budget = zan.trajectory(FLOWS, key="epci", reduction_share=0.5, **DECADES)
    table = zan.scenario(budget, PROJECTS, key="epci", budget_years=(2021, 2030)).set_index("scenario")
    assert table.loc["tous les projets", ["planned_exempt_ha", "refused_exempt_ha"]].tolist() == [0.0, 5.0]
    with pytest.raises(BadTable, match="non examinées"):
        zan.trajectory(FLOWS, key="epci", reduction_share=0.5, deductions=LEDGER, **DECADES)


@pytest.mark.parametrize(
    "ledger_rows",
    [
        LEDGER.iloc[[0]],
        LEDGER.iloc[[0]].assign(nature="renaturation", projet_id="canal"),
        LEDGER.iloc[[0]].assign(surface_ha=0.5, projet_id="canal"),
    ],
)
def test_the_same_hectares_are_never_deducted_twice(ledger_rows):
    first = LEDGER.iloc[[0]].assign(projet_id="canal" if "projet_id" in ledger_rows else "")
    with pytest.raises(BadTable, match=r"comptée deux fois : .* 2021"):
        examined(DataFrame([*first.to_dict("records"), *ledger_rows.to_dict("records")]))


def test_two_projects_of_one_order_are_two_deductions():
    two = DataFrame([line(2021, 1.0, "PENE", "arrêté", projet_id=name) for name in ("canal", "prison")])
    assert examined(two)["deducted_ha"].sum() == 2.0


def test_a_planned_pene_is_told_apart_and_takes_nothing_from_what_is_left():
    budget = zan.trajectory(FLOWS, key="epci", reduction_share=0.5, deductions=examined(), **DECADES)
    canal = DataFrame([project("canal", "PENE", 40.0, 2027), project("déjà vu", "PENE", 1.0, 2021)])
    row = zan.scenario(budget, canal, key="epci", budget_years=(2021, 2030)).iloc[-1]
    assert (row["planned_pene_ha"], row["already_counted_ha"], row["left_ha"]) == (40.0, 1.0, 11.5)


@given(
    lines=st.lists(
        st.tuples(st.sampled_from(zan.DEDUCTIONS), st.integers(1, 50), st.booleans()), min_size=1, max_size=8
    )
)
def test_what_is_declared_is_deducted_or_refused(lines):
    rows = [
        line(2021, area / 100, nature, f"pièce {number}", **(PARK if is_park else {}))
        for number, (nature, area, is_park) in enumerate(lines)
    ]
    output = examined(DataFrame(rows))
    declared = sum(area for _, area, _ in lines) / 100
    assert output["deducted_ha"].sum() + output["refused_ha"].sum() == pytest.approx(declared)
    accepted = sum(area for nature, area, is_park in lines if nature != "PV" or is_park) / 100
    row = zan.trajectory(
        FLOWS.assign(consumed_ha=10.0), key="epci", reduction_share=0.5, deductions=output, **DECADES
    )
    assert row["used_ha"].iloc[0] == pytest.approx(40.0 - accepted)


@pytest.fixture
def files(tmp_path):
    wide = FLOWS.pivot(index="epci", columns="year", values="consumed_ha").reset_index().assign(fictif="oui")
    wide.to_csv(tmp_path / "flux.csv", sep=";", index=False)
    LEDGER.rename(columns={"epci": "territoire"}).to_csv(tmp_path / "deductions.csv", sep=";", index=False)
    PROJECTS.to_csv(tmp_path / "projets.csv", sep=";", index=False)
    return tmp_path


def test_the_command_prints_every_justificatif_and_every_reason(files):
    args = ("zan", "trajectoire", files / "flux.csv", "--cle", "epci", "--par", "epci", "--unite", "ha")
    output = json.loads(run(*args, "--deductions", files / "deductions.csv", "--format", "json").stdout)
    assert output["rows"][0]["left_ha"] == 11.5
    notes = "\n".join(output["notes"])
    assert "Déduit : PENE, E, 2021, 1 ha. Justificatif : Arrêté du 31 mai 2024, annexe I." in notes
    assert "Non déduit : PV, E, 2022, 1,50 ha. Espacement des rangées : 1,5 m, moins de 2 m." in notes
    assert "Non déduit : PV, E, 2023, 1 ha. Espace forestier : jamais déduit." in notes
    assert "(valeurs à vérifier)" in notes
    assert "Données fictives" in notes
    old = run(*args, "--deductions", files / "deductions.csv", "--regles", "loi-2021-1104")
    assert old.exit_code == 1
    assert "Déductions photovoltaïques non examinées" in old.output
    LEDGER.iloc[[0, 4]].rename(columns={"epci": "territoire"}).to_csv(
        files / "autres.csv", sep=";", index=False
    )
    accounts = run(
        *args, "--deductions", files / "autres.csv", "--regles", "loi-2021-1104", "--format", "json"
    )
    assert json.loads(accounts.stdout)["rows"][0]["deducted_ha"] == 1.5


def test_the_command_counts_a_refused_exemption_in_the_local_account(files):
    result = run(
        *("zan", "simuler", files / "flux.csv", "--cle", "epci", "--par", "epci", "--unite", "ha"),
        *("--projets", files / "projets.csv", "--format", "json"),
    )
    output = json.loads(result.stdout)
    row = output["rows"][-1]
    assert (row["planned_local_ha"], row["planned_exempt_ha"], row["planned_regional_ha"]) == (6.0, 3.0, 6.0)
    notes = "\n".join(output["notes"])
    assert "Projet parc trop serré compté au compte local, et non exempté. Espacement" in notes
    assert "Hors du compte local : pôle régional, régional. Justificatif : Délibération." in notes
    assert "Hors du compte local : parc éligible, exempté. Justificatif : Délibération." in notes


def test_a_refused_park_exempts_no_artificialised_ground():
    cover = plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.2.1", artificial=True)
    half = {"x_km": 0, "y_km": 0, "width_km": 0.5, "height_km": 1, "justificatif": "PC 062"}
    eligible = zan.examine_photovoltaics(plain.rectangle(**half, **PARK), **LEAST)
    cut = zan.exempt(cover, eligible, kind="PV")
    assert cut.loc[cut["exempted"]].area.sum() == pytest.approx(500_000)
    bare = zan.examine_photovoltaics(plain.rectangle(**half), **LEAST)
    assert not zan.exempt(cover, bare, kind="PV")["exempted"].any()
    with pytest.raises(BadTable, match="non examinés"):
        zan.exempt(cover, plain.rectangle(**half), kind="PV")
