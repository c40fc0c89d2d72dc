"""The commands of the canal, as a planner calls them."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import Runner
from click.testing import Result

from artois_geo.cli import root

SECTORS = (
    "sector;base;base_unit;ratio_t;river_share;hinterland_share;competitive_share\n"
    "céréales;100000;t;1;0,8;0,5;0,5\n=cmd();1000;t;1;0,5;0,5;\n"
)


def run(*words: object) -> Result:
    return Runner().invoke(root, [str(word) for word in words])


def rows(*words: object) -> list[dict]:
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["rows"]


CONVOY = ("canal", "fret", "--tonnes", 4400, "--route-km", 200, "--eau-km", 240, "--acheminement-km", 15)


def test_a_convoy_is_told_with_its_range_and_its_sources() -> None:
    result = run(*CONVOY)
    assert "36 à 80 % évités" in result.output
    assert "GLEC" in result.output
    assert "2032" in result.output


def test_an_old_day_takes_its_old_assumptions() -> None:
    assert "supposée en 2028" in run(*CONVOY, "--date", "2023-06-01").output


def test_a_negative_result_is_written_negative() -> None:
    fret_rows = rows(
        "canal",
        "fret",
        "--tonnes",
        1000,
        "--route-km",
        60,
        "--eau-km",
        60,
        "--acheminement-km",
        25,
        "--bateau",
        "conteneurs",
        "--resume",
    )
    assert fret_rows[0]["verdict"] == "la route fait mieux"
    assert fret_rows[0]["avoided_tco2e_low"] < 0


def test_a_flow_half_given_is_a_wrong_command_line() -> None:
    result = run("canal", "fret", "--tonnes", 10)
    assert result.exit_code == 2
    assert "--route-km" in result.output


def test_the_published_funnel_is_shown() -> None:
    assert [row["left"] for row in rows("canal", "fret", "--entonnoir")] == [55000, 38000, 29000]


def test_sectors_come_from_a_french_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "filieres.csv"
    file.write_text(SECTORS, encoding="utf-8-sig")
    fret_rows = rows("canal", "fret", "--filieres", file)
    assert [row["potential_t"] for row in fret_rows][::2] == [5000, 10000, 15000]
    assert fret_rows[1]["potential_t"] is None


def test_a_table_that_is_not_there_is_said_in_french(tmp_path: Path) -> None:
    result = run("canal", "fret", "--filieres", tmp_path / "rien.csv")
    assert result.exit_code == 1
    assert "rien.csv" in result.output


def test_access_by_air_only_says_so_and_says_what_is_schematic() -> None:
    result = run("canal", "desserte")
    assert result.exit_code == 0, result.output
    assert "À vol d'oiseau faute de routes" in result.output
    assert "schématique" in result.output.lower()


def test_no_shipped_site_has_a_bank_that_its_position_cannot_decide() -> None:
    table = pd.DataFrame(rows("canal", "desserte")).set_index("site_id")
    loose = table[table["precision_m"] > 50]
    measured = loose[loose["frontage_origin"] != "publié"]
    assert {"ancien-site-bridgestone", "base-11-19", "terrasses-du-metaphone-9-9bis"} <= set(measured.index)
    assert "plate-forme-multimodale-delta-3" in measured.index
    assert measured[["frontage_m", "frontage_class", "berth_class"]].isna().all(axis=None)
    assert measured["frontage_reason"].str.startswith("position trop imprécise : ±").all()
    assert "bord à voie d'eau" not in set(loose["ring"])
    assert (loose["ring"].isna() == loose["ring_reason"].notna()).all()


def test_the_port_of_bethune_shows_its_published_quay_and_that_the_quay_is_on_the_site() -> None:
    table = pd.DataFrame(rows("canal", "desserte")).set_index("site_id")
    port = table.loc["port-de-bethune-beuvry"]
    assert (port["frontage_m"], port["frontage_origin"], port["berth_class"]) == (450, "publié", "Va")
    assert port["ring"] == "bord à voie d'eau (publié)"
    assert (port["place"], port["quay_method"]) == ("Port de Béthune-Beuvry", "sur le site")
    assert pd.isna(port["straight_km"])
    assert "Port de Béthune-Beuvry : quai de 450 m, publié" in run("canal", "desserte").output


def test_a_published_junction_is_shown_under_its_own_words() -> None:
    near = pd.DataFrame(rows("canal", "desserte", "--proches"))
    row = near[(near["site"] == "LogisterrA26") & (near["family"] == "échangeur autoroutier")].iloc[0]
    assert (row["straight_km"], row["method"], row["place"]) == (0.5, "publié", "échangeur A26 n°6.1 à 500 m")


def test_a_precision_that_no_layer_says_may_be_declared_and_the_footer_says_who_did(
    waterside: list[object], tmp_path: Path
) -> None:
    sites = gpd.read_file(str(waterside[2])).drop(columns="precision_m")
    file = tmp_path / "sans.geojson"
    sites.to_file(file, driver="GeoJSON")
    command = ["canal", "desserte", file, *waterside[3:]]
    undeclared = run(*command)
    assert "Précision de la position inconnue pour 2 sites sur 2" in undeclared.output
    assert "--precision-sites" in undeclared.output
    assert rows(*command)[0]["frontage_m"] is None
    declared = [*command, "--precision-sites", 5]
    assert rows(*declared)[0]["frontage_m"] == 200
    assert "Précision des sites déclarée par l'utilisateur" in run(*declared).output
    assert "± 5 m" in run(*declared).output
    assert run(*command, "--precision-axes", -1).exit_code == 2


def test_every_site_keeps_its_row_and_both_files_of_places_are_read() -> None:
    assert len(rows("canal", "desserte")) == 65  # the named sites of the facts
    places = {row["place"] for row in rows("canal", "desserte", "--tous")}
    assert {"Port de Harnes", "Gare de Lens", "Terminal trimodal Delta 3"} <= places
    assert "Halte nautique de Béthune" not in places


def test_a_catalogue_without_a_waterway_says_which_option_gives_one(tmp_path: Path) -> None:
    plain.square(x_km=0, y_km=0, side_km=1, site_nom="A").to_crs(4326).to_file(tmp_path / "sites_eco.geojson")
    result = run("--donnees", tmp_path, "--sans-livrees", "canal", "desserte")
    assert result.exit_code == 1
    assert "donner --voies" in result.output


def test_an_added_quay_is_shown_as_base_with_and_difference(tmp_path: Path) -> None:
    quay = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"quai_id": "q", "nom": "Quai projeté", "famille": "quai"},
                "geometry": {"type": "Point", "coordinates": [2.846, 50.5157]},
            }
        ],
    }
    file = tmp_path / "quai.geojson"
    file.write_text(json.dumps(quay), encoding="utf-8")
    service_rows = rows("canal", "desserte", "--proches", "--ajout", file)
    changes = pd.DataFrame(service_rows).set_index("family")["straight_km_difference"].dropna()
    assert (changes["quai"] < 0).any()
    assert (changes.drop("quai") == 0).all()


def test_the_fluvial_scheme_is_three_linked_tables_a_layer_a_chart_and_a_map(tmp_path: Path) -> None:
    file = tmp_path / "filieres.csv"
    file.write_text(SECTORS, encoding="utf-8")
    result = run("canal", "schema", "--dossier", tmp_path / "schema", "--filieres", file)
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "schema").iterdir())
    assert names == [
        "1_foncier_et_infrastructures.csv",
        "1_foncier_et_infrastructures.sources.csv",
        "2_potentiel_par_filiere.csv",
        "2_potentiel_par_filiere.sources.csv",
        "3_gouvernance.csv",
        "3_gouvernance.sources.csv",
        "carte.html",
        "foncier_et_infrastructures.geojson",
        "potentiel.svg",
        "schema_fluvial.xlsx",
    ]
    keys = [
        {
            line.split(";")[column]
            for line in (tmp_path / "schema" / name).read_text("utf-8-sig").splitlines()[1:]
        }
        for name, column in [("1_foncier_et_infrastructures.csv", 0), ("3_gouvernance.csv", 1)]
    ]
    assert keys[0] == keys[1]
    assert "'=cmd()" in (tmp_path / "schema" / "2_potentiel_par_filiere.csv").read_text("utf-8-sig")
    assert "inconnu" in (tmp_path / "schema" / "3_gouvernance.csv").read_text("utf-8-sig")


def save(file: Path, *frames: gpd.GeoDataFrame) -> Path:
    pd.concat(frames, ignore_index=True).to_crs(4326).to_file(file, driver="GeoJSON")
    return file


@pytest.fixture
def waterside(tmp_path: Path) -> list[object]:
    """A site 30 m from a canal, a quay 2 km away; another site far from both."""
    sites = save(
        tmp_path / "sites.geojson",
        plain.rectangle(
            x_km=1, y_km=0.03, width_km=0.2, height_km=0.3, nom="Rive", horaires="jour", precision_m=5
        ),
        plain.rectangle(
            x_km=1, y_km=5, width_km=0.2, height_km=0.3, nom="Loin", horaires="jour", precision_m=5
        ),
    )
    water = save(tmp_path / "eau.geojson", plain.line((0, 0), (9, 0), nom="Canal de Lens", precision_m=5))
    quays = save(
        tmp_path / "quais.geojson",
        plain.point(
            x_km=3, y_km=0.1, nom="Port", famille="quai", proprietaire="VNF", horaires="nuit", precision_m=5
        ),
        plain.point(
            x_km=9, y_km=9, nom="Autre", famille="quai", proprietaire=None, horaires=None, precision_m=5
        ),
    )
    return ["canal", "desserte", sites, "--voies", water, "--lieux", quays]


def test_air_draft_and_owner_are_told_where_known_and_unknown_elsewhere(
    waterside: list[object], tmp_path: Path
) -> None:
    site = rows(*waterside)[0]
    assert (site["air_draft_m"], site["quay_owner"], site["quay_manager"]) == (None, "VNF", "inconnu")
    waterways = save(
        tmp_path / "eau2.geojson",
        plain.line((0, 0), (4, 0), nom="Canal de Lens", hauteur_libre_m=5.25),
        plain.line((4, 0), (9, 0), nom="canal de lens", hauteur_libre_m=4.5),
    )
    assert rows(*waterside, "--voies", waterways)[0]["air_draft_m"] == 4.5
    places = {row["place"]: row["owner"] for row in rows(*waterside, "--tous")}
    assert places == {"Port": "VNF", "Autre": "inconnu"}


def test_a_section_has_the_air_draft_published_for_its_liaison() -> None:
    air_drafts = {row["waterway_name"]: row["air_draft_m"] for row in rows("canal", "desserte")}
    assert air_drafts["Canal d'Aire à La Bassée"] == 4.45


def test_any_column_of_the_places_is_shown_beside_that_of_the_sites(waterside: list[object]) -> None:
    site = rows(*waterside, "--porter", "horaires")[0]
    assert (site["horaires"], site["horaires_lieu"]) == ("jour", "nuit")
    result = run(*waterside, "--porter", "tirant")
    assert result.exit_code == 1
    assert "tirant" in result.output


def test_an_added_waterway_gives_frontage(waterside: list[object], tmp_path: Path) -> None:
    basin = save(
        tmp_path / "darse.geojson",
        plain.line((1, 4.98), (2, 4.98), nom="Canal Seine-Nord Europe", precision_m=5),
    )
    frontages = {row["site"]: row for row in rows(*waterside, "--ajout-voies", basin)}
    assert list(frontages) == ["Rive", "Loin"]  # the order of the sites
    far = frontages["Loin"]
    assert (far["frontage_m_base"], round(far["frontage_m_with"]), far["berth_class_with"]) == (0, 200, "Vb")
    assert far["ring_with"] == "bord à voie d'eau"
    assert frontages["Rive"]["frontage_m_difference"] == 0


def test_an_added_road_or_quay_brings_the_quay_nearer(waterside: list[object], tmp_path: Path) -> None:
    detour = save(tmp_path / "routes.geojson", plain.line((1.1, 0.1), (1.1, 3), (3, 3), (3, 0.1)))
    bridge = save(tmp_path / "pont.geojson", plain.line((1.1, 0.1), (3, 0.1)))
    words = [*waterside, "--routes", detour, "--ajout-routes", bridge]
    for more in ([], ["--proches"], ["--tous"]):
        site = rows(*words, *more)[0]
        assert [round(site[f"road_km_{side}"], 1) for side in ("base", "with", "difference")] == [
            7.7,
            1.9,
            -5.8,
        ]
    assert run(*waterside, "--ajout-routes", bridge).exit_code == 2
    quay = save(tmp_path / "quai.geojson", plain.point(x_km=1, y_km=4, nom="Projet", famille="quai"))
    far = rows(*waterside, "--ajout", quay)[1]
    assert (far["place_base"], far["place_with"], round(far["straight_km_with"], 1)) == (
        "Port",
        "Projet",
        1.0,
    )
    new = [row for row in rows(*waterside, "--tous", "--ajout", quay) if row["place"] == "Projet"]
    assert [(row["site"], row["straight_km_base"]) for row in new] == [("Rive", None), ("Loin", None)]


def test_the_compared_table_reads_french_and_goes_to_a_map(waterside: list[object], tmp_path: Path) -> None:
    quay = save(tmp_path / "quai.geojson", plain.point(x_km=1, y_km=4, nom="Projet", famille="quai"))
    result = run(*waterside, "--ajout", quay, "--carte", tmp_path / "carte.html")
    assert "Linéaire de berge, différence (m)" in result.output
    assert "_with" not in result.output
    assert "Projet" in (tmp_path / "carte.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["desserte", "fret", "schema"])
def test_help_is_french(command: str) -> None:
    assert "Usage" in run("canal", command, "--help").output


def test_a_table_saved_by_a_french_spreadsheet_is_read_whatever_its_encoding(tmp_path: Path) -> None:
    rows = "libellé;tonnes;road_km;water_km;haul_km;handlings;boat\nblé;1 000,5;100;120;0;2;convoi\n"
    tables = []
    for encoding in ("utf-8", "cp1252"):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes(rows.encode(encoding))
        result = run("canal", "fret", "--flux", file, "--format", "json")
        assert result.exit_code == 0, result.stderr
        tables.append(json.loads(result.stdout)["rows"])
    assert tables[0] == tables[1]
    assert tables[0][0]["tkm_road"] == 100_050.0  # 1 000,5 t over 100 km
