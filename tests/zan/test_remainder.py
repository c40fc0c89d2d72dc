"""What remains of a budget, as the commands print it: its day, its rate, the same figures everywhere."""

import json
from pathlib import Path

import pandas as pd
import plain
import pytest
from cli_runner import run

DAY = ("--date", "2026-11-30")
PROJECTS = """projet_id;commune;projet_compte;consommation_ha;phasage;annee_debut;justificatif
zone;01007;local;2,5;2026:1,5|2027:1;;
lotissement;01007;local;1,8;;2027;
rocade;01007;régional;3;;2028;délibération
ailleurs;01004;local;1;;2027;
"""
DEDUCTIONS = "territoire;annee;surface_ha;nature;justificatif\n01007;2021;0,5;PENE;arrêté du 31 mai 2024\n"
GUARANTEE = "commune;document_date;justificatif\n01002;2020-01-01;délibération\n"
TARGETS = "document;niveau;territoire;taux_baisse;en_vigueur_depuis;source\n"


@pytest.fixture(scope="module")
def cerema(shared: Path) -> Path:
    return shared / "standards/cerema-conso/conso_2009_2023_extrait_dep01.csv"


@pytest.fixture
def write_input(tmp_path: Path):
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def document(*args: str | Path) -> dict:
    result = run("zan", *args, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rows(*args: str | Path) -> list[dict]:
    return document(*args)["rows"]


def refusal(*args: str | Path) -> str:
    result = run("zan", *args)
    assert result.exit_code in {1, 2}, result.output
    assert "Traceback" not in result.output
    assert "Défaut d'artois-geo" not in result.output
    return result.output


# ------------------------------------------------------------------- a real commune, by hand, with its day
def test_what_remains_of_ambronay_is_that_of_the_file_by_hand(cerema: Path) -> None:
    # naf11art12 … naf20art21 and naf21art22, naf22art23 of 01007, in m²
    reference = [10161, 4418, 11208, 24511, 14000, 27673, 12508, 19203, 21253, 13026]
    since = [35574, 4563]
    assert sum(reference) == 157_961
    row = next(row for row in rows("trajectoire", cerema, *DAY) if row["commune"] == "01007")
    assert row["nom"] == "Ambronay"
    assert row["reference_ha"] == pytest.approx(15.7961, abs=1e-9)
    assert row["allowed_ha"] == pytest.approx(15.7961 / 2, abs=1e-9)
    assert row["used_ha"] == pytest.approx(sum(since) / 10_000, abs=1e-9)
    assert row["left_ha"] == pytest.approx(7.89805 - 4.0137, abs=1e-9)
    assert row["remaining_on"] == "2023-01-01"  # the flow 2022 ends on that day
    assert (row["unobserved_years"], row["counted_on"]) == (4, "2026-11-30")  # 2023, 2024, 2025, 2026


def test_the_day_of_what_remains_stands_in_the_heading_and_under_the_table(cerema: Path) -> None:
    headings = run("zan", "trajectoire", cerema, *DAY, "--format", "csv").stdout.splitlines()[0]
    output = run("zan", "trajectoire", cerema, *DAY).stdout
    for words in ("Enveloppe (ha)", "Consommé au 01/01/2023 (ha)", "Reste au 01/01/2023 (ha)"):
        assert words in headings
    assert (
        "Reste au 1er janvier 2023 : 4 années écoulées non observées (2023 à 2026) au 30 novembre 2026"
        in output
    )
    ends = run("zan", "trajectoire", cerema, *DAY, "--afficher", "Nom;Épuisement de l'enveloppe").stdout
    assert "après 2030" in ends  # Ambérieu, Ambérieux, Andert: the budget outlasts its decade
    assert "2042" not in ends


def test_the_workbook_heads_what_remains_with_its_day(cerema: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    file = tmp_path / "t.xlsx"
    assert run("zan", "trajectoire", cerema, *DAY, "--sortie", file).exit_code == 0
    book = openpyxl.load_workbook(file)
    heads = [cell.value for cell in book.worksheets[0][1]]
    assert {"Reste au 01/01/2023 (ha)", "Années écoulées non observées"} <= set(heads)


# --------------------------------------------------------------------------------- the rate: found or refused
def test_targets_of_another_region_are_refused_by_every_command(
    cerema: Path, write_input, tmp_path: Path
) -> None:
    ledger = write_input("p.csv", PROJECTS)
    for args in (
        ("trajectoire", cerema),
        ("simuler", cerema, "--projets", ledger),
        ("rapport", cerema, "--territoire", "01007", "--sortie", tmp_path / "r.html"),
    ):
        refusal_text = refusal(*args, "--objectifs", "sraddet-hdf")
        assert "Aucun objectif ne porte sur un territoire du compte" in refusal_text
        assert all(text in refusal_text for text in ("région 32", "région 84", "commune 01001"))
    assert not (tmp_path / "r.html").exists()


def test_targets_of_no_territory_or_of_a_wrong_level_are_refused_with_both_codes(
    cerema: Path, write_input
) -> None:
    region_targets = write_input("o.csv", TARGETS + "PLUi;EPCI;200072460;0,6;2025-01-01;PLUi\n")
    refusal_text = refusal("trajectoire", cerema, "--objectifs", region_targets)
    assert "EPCI 200072460" in refusal_text
    assert "240100883" in refusal_text
    commune = write_input("c.csv", TARGETS + "PLU;commune;01007;0,6;2025-01-01;PLU\n")
    refusal_text = refusal("trajectoire", cerema, "--par", "epci", "--objectifs", commune)
    assert "niveau commune (01007)" in refusal_text
    assert "epci 200040350" in refusal_text
    own = write_input("r.csv", TARGETS + "SRADDET;région;84;0,545;2025-01-01;SRADDET\n")
    assert "01001 en région 84" in refusal("trajectoire", cerema, "--objectifs", own, "--region", "32")


def test_the_rate_says_its_document_its_level_its_date_and_its_source(cerema: Path, write_input) -> None:
    own = write_input(
        "o.csv",
        TARGETS
        + "SRADDET;région;84;54,5 %;01/03/2025;SRADDET de la région\n"
        + "SCoT;SCoT;SCoT BUCOPA;0,6;2025-02-01;SCoT approuvé\n"
        + "PLU;commune;99999;0,7;2025-01-01;ailleurs\n",
    )
    ledger = write_input("p.csv", PROJECTS)
    for args in (("trajectoire", cerema), ("simuler", cerema, "--projets", ledger)):
        account = document(*args, "--objectifs", own, *DAY)
        by_commune = {row["commune"]: row for row in account["rows"]}
        target = ("reduction_share", "target_document", "target_level", "target_since", "target_source")
        assert [by_commune["01007"][name] for name in target] == [
            *(0.6, "SCoT", "SCoT BUCOPA"),
            *("2025-02-01", "SCoT approuvé"),
        ]
        assert [by_commune["01005"][name] for name in target] == [
            *(0.545, "SRADDET", "région 84"),
            *("2025-03-01", "SRADDET de la région"),
        ]
        notes = " ".join(account["notes"])
        assert "Baisse de 60 % : SCoT, SCoT BUCOPA, en vigueur depuis le 01/02/2025 (SCoT approuvé)" in notes
        assert "Objectifs sans territoire dans ce compte : commune 99999." in notes


FLOWS = ";".join(map(str, range(2011, 2023))), ";".join(["1"] * 12)


def test_the_region_of_communes_is_that_of_their_codes(write_input) -> None:
    flows = write_input("f.csv", f"commune;{FLOWS[0]}\n62001;{FLOWS[1]}\n")
    args = ("trajectoire", flows, "--cle", "commune", "--unite", "ha", "--objectifs", "sraddet-hdf")
    account = document(*args)
    assert account["rows"][0]["target_level"] == "région 32"
    assert not any("supposée" in note for note in account["notes"])
    assert "62001 en région 32" in refusal(*args, "--region", "84")


def test_a_region_that_nothing_but_the_catalogue_says_is_said_to_be_supposed(write_input) -> None:
    flows = write_input("f.csv", f"epci;{FLOWS[0]}\n200000001;{FLOWS[1]}\n")
    options = ("--par", "epci", "--cle", "epci", "--unite", "ha", "--objectifs", "sraddet-hdf")
    account = document("trajectoire", flows, *options)
    assert account["rows"][0]["target_level"] == "région 32"
    assert any("Région 32 supposée, celle du catalogue" in note for note in account["notes"])
    assert "région 84" in refusal("trajectoire", flows, *options, "--region", "84")


def test_targets_that_are_not_here_are_unknown_and_not_those_of_another_region(write_input) -> None:
    flows = write_input("f.csv", f"commune;{FLOWS[0]}\n62001;{FLOWS[1]}\n35001;{FLOWS[1]}\n")
    args = ("trajectoire", flows, "--cle", "commune", "--unite", "ha", "--objectifs", "sraddet-hdf")
    pas_de_calais, elsewhere = sorted(rows(*args), key=lambda row: row["commune"], reverse=True)
    assert pas_de_calais["allowed_ha"] == pytest.approx(10 * (1 - 0.5447))
    names = ("target_document", "target_level", "reduction_share", "allowed_ha", "left_ha", "status")
    assert [elsewhere[name] for name in names] == [
        *("inconnu", "région 53"),
        *(None, None, None, "objectif inconnu"),
    ]
    assert elsewhere["used_ha"] == 2
    notes = " ".join(document(*args)["notes"])
    assert "Objectif inconnu pour 1 territoire" in notes
    assert "Baisse inconnue : région 53" in notes
    assert "L'objectif de 35001 est inconnu" in refusal(
        *args, "--graphique", flows.with_suffix(".svg"), "--sur", "35001"
    )


def test_a_workspace_says_its_region_and_its_rules(write_input, tmp_path: Path) -> None:
    flows = write_input("f.csv", f"epci;{FLOWS[0]}\n200000001;{FLOWS[1]}\n")
    own = write_input("r.csv", TARGETS + "SRADDET;région;53;0,6;2025-01-01;SRADDET fictif\n")
    (tmp_path / "regles.toml").write_text(
        '[jeu]\nnom = "fictif"\ntitre = "Fictif"\nbase = "loi-2023-630"\n[reduction_2021_2030]\nvalue = 0.3\n'
        'source = "fictif"\ncertainty = "incertain"\n',
        encoding="utf-8",
    )
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text('region = "53"\nregles = "regles.toml"\n', encoding="utf-8")
    options = ("zan", "trajectoire", flows, "--par", "epci", "--cle", "epci", "--unite", "ha")
    for words, share in (((), 0.3), (("--objectifs", own), 0.6)):
        result = run("--donnees", tmp_path, *options, *words, "--format", "json")
        assert json.loads(result.stdout)["rows"][0]["reduction_share"] == share, result.output
    refused = run("--donnees", tmp_path, *options, "--objectifs", "sraddet-hdf")
    assert (refused.exit_code, "région 53" in refused.output) == (1, True)
    catalogue.write_text("", encoding="utf-8")
    refused = run("--donnees", tmp_path, *options, "--objectifs", own)
    assert (refused.exit_code, "Région des territoires inconnue" in refused.output) == (1, True)
    catalogue.write_text('regles = "../ailleurs.toml"\n', encoding="utf-8")
    refused = run("--donnees", tmp_path, *options)
    assert (refused.exit_code, "hors du dossier de données" in refused.output) == (1, True)


@pytest.mark.parametrize("text", ["0,5447", "0.5447", "54,47 %", "54.47%"])
def test_a_rate_is_written_as_a_share_or_as_per_cent(cerema: Path, text: str) -> None:
    row = rows("trajectoire", cerema, "--taux", text)[0]
    assert row["reduction_share"] == pytest.approx(0.5447)
    assert (row["target_document"], row["target_since"]) == ("taux donné", None)


def test_a_rate_that_could_be_either_is_refused_with_both_ways_to_write_it(cerema: Path) -> None:
    assert "Écrire 0,5447 ou 54,47 %" in refusal("trajectoire", cerema, "--taux", "54,47")
    assert "Écrire 0,6 ou 60 %" in refusal("trajectoire", cerema, "--taux", "60")
    assert "Écrire" in refusal("trajectoire", cerema, "--taux", "beaucoup")


# ------------------------------------------------------------------------ the what-if: the same account
@pytest.mark.parametrize("par", ["commune", "epci"])
def test_the_what_if_without_project_is_the_trajectory_cell_by_cell(
    cerema: Path, write_input, par: str
) -> None:
    own = write_input("o.csv", TARGETS + "SCoT;SCoT;SCoT BUCOPA;0,6;2025-02-01;SCoT approuvé\n")
    options = ("--par", par, "--objectifs", own, *DAY)
    if par == "commune":
        ledger, deductions = PROJECTS, DEDUCTIONS
        options = (*options, "--garantie", write_input("g.csv", GUARANTEE))
    else:
        ledger = (
            PROJECTS.replace("commune", "epci").replace("01007", "240100883").replace("01004", "240100883")
        )
        deductions = DEDUCTIONS.replace("01007", "240100883")
    options = (*options, "--deductions", write_input("d.csv", deductions))
    account = pd.DataFrame(rows("trajectoire", cerema, *options)).set_index(par)
    what_if = pd.DataFrame(rows("simuler", cerema, *options, "--projets", write_input("p.csv", ledger)))
    base = what_if[what_if["scenario"] == "sans projet"].set_index(par)
    shared_columns = [name for name in account if name in base]
    assert {"floor_ha", "deducted_ha", "left_ha", "remaining_on", "unobserved_years", "target_since"} <= set(
        shared_columns
    )
    pd.testing.assert_frame_equal(base[shared_columns], account[shared_columns], check_exact=True)
    assert account["deducted_ha"].sum() == 0.5
    if par == "commune":
        assert account.loc["01002", "allowed_ha"] == 1.0  # its guarantee, above 0,4928 ha


def test_the_what_if_shows_the_territory_asked_by_code_or_by_name(cerema: Path, write_input) -> None:
    args = ("simuler", cerema, "--projets", write_input("p.csv", PROJECTS), *DAY)
    by_code = rows(*args, "--territoire", "01007")
    assert [row["scenario"] for row in by_code] == ["sans projet", "tous les projets"]
    assert rows(*args, "--territoire", "ambronay") == by_code
    assert {row["commune"] for row in rows(*args, "--territoire", "Ambronay", "--territoire", "01004")} == {
        "01004",
        "01007",
    }
    full = by_code[1]  # 3,88435 − 2,5 − 1,8: the regional project takes nothing
    assert (full["left_ha"], full["first_overshoot_year"]) == (pytest.approx(-0.41565), 2027)
    assert full["planned_regional_ha"] == 3.0
    assert "Noms proches : Ambronay" in refusal(*args, "--territoire", "Ambronnay")


def test_the_offer_that_fits_says_the_day_of_what_remains(cerema: Path, write_input) -> None:
    offer = write_input(
        "o.csv", "site_id;commune;consumed_ha\na;01007;2,2\nb;01007;1,5\nc;01007;2\nd;01004;1\n"
    )
    args = ("simuler", cerema, "--offre", offer, "--territoire", "01007", *DAY)
    assert [(row["site_id"], row["fits"]) for row in rows(*args)] == [("a", True), ("b", True), ("c", False)]
    output = run("zan", *args).stdout
    assert "dans le reste au 1er janvier 2023" in output
    assert "4 années écoulées non observées" in output


# ------------------------------------------------------------------------------------ pressure by EPCI
def test_pressure_is_counted_by_commune_whatever_the_grouping(cerema: Path, write_input) -> None:
    guarantee = write_input("g.csv", GUARANTEE)
    args = ("trajectoire", cerema, "--pression", "epci", "--garantie", guarantee)
    by_epci = rows(*args, "--par", "epci")
    assert by_epci == rows(*args)
    row = next(row for row in by_epci if row["epci"] == "240100883")
    assert (row["communes"], row["lifted_communes"]) == (4, 1)
    assert row["floor_gap_ha"] == pytest.approx(1 - 0.61605)  # 01002: half of 1,2321 ha, lifted to 1 ha
    assert "EPCI ou SCoT" in refusal("trajectoire", cerema, "--pression", "commune")


def test_pressure_asks_for_a_table_by_commune(write_input) -> None:
    years = ";".join(map(str, range(2011, 2023)))
    flows = write_input("f.csv", f"epci;{years}\n200046977;" + ";".join(["1"] * 12) + "\n")
    args = ("trajectoire", flows, "--cle", "epci", "--par", "epci", "--unite", "ha", "--pression", "epci")
    assert "donner un tableau par commune" in refusal(*args)


# --------------------------------------------------------------------------- the report of a municipality
def test_the_report_of_a_commune_has_its_name_and_names_no_option(cerema: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    result = run("zan", "rapport", cerema, "--territoire", "Ambronay", *DAY, "--sortie", file)
    assert result.exit_code == 0, result.output
    page = file.read_text(encoding="utf-8")
    text = page[page.index("</style>") :]
    assert "Ambronay (01007)" in page.split("</title>")[0]
    assert "--" not in text
    for words in (
        "moyenne 2011-2020 : 1,58 ha par an",
        "Période de référence 2011-2020 : 15,80 ha consommés",
        "Depuis le 1er janvier 2021 (2021-2022) : 4,01 ha",
        "Reste au 01/01/2023 (ha)",
        "Consommation d&#39;ENAF : surfaces des fichiers fonciers, telles que publiées.",
        "aucun objectif local renseigné",
    ):
        assert words in text, words


# ------------------------------------------------------------------------------- land against the envelope
def test_land_set_against_an_envelope_says_its_day(tmp_path: Path, write_input) -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", comm_insee="62001")
    site.to_file(tmp_path / "sites.geojson")
    site.assign(nature="ENAF").to_file(tmp_path / "sol.geojson")
    rules = write_input(
        "regles.toml", '[[contrainte]]\nnom = "rien"\ncouche = "rien.geojson"\nsource = "essai"\n'
    )
    plain.square(x_km=9, y_km=9, side_km=1).to_file(tmp_path / "rien.geojson")
    dated = "comm_insee;left_ha;remaining_on;unobserved_years;counted_on\n62001;60;2023-01-01;4;2026-11-30\n"
    args = ("foncier", "disponible", tmp_path / "sites.geojson", "--regles", rules)
    args = (*args, "--sol", str(tmp_path / "sol.geojson"), "--enveloppe")
    result = run(*args, write_input("e.csv", dated))
    assert result.exit_code == 0, result.output
    assert "Enveloppe. Reste au 1er janvier 2023 : 4 années écoulées non observées" in result.stdout
    assert (
        "jour du reste n'est pas dit"
        in run(*args, write_input("n.csv", "comm_insee;left_ha\n62001;60\n")).stdout
    )
