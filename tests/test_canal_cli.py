"""The commands of the canal, as a planner calls them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from artois_geo.cli import root

SECTORS = (
    "sector;base;base_unit;ratio_t;river_share;hinterland_share;competitive_share\n"
    "céréales;100000;t;1;0,8;0,5;0,5\n=cmd();1000;t;1;0,5;0,5;\n"
)


def run(*words: object) -> Result:
    return CliRunner().invoke(root, [str(word) for word in words])


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
    found = rows(
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
    assert found[0]["verdict"] == "la route fait mieux"
    assert found[0]["avoided_tco2e_low"] < 0


def test_a_flow_half_given_is_a_wrong_command_line() -> None:
    result = run("canal", "fret", "--tonnes", 10)
    assert result.exit_code == 2
    assert "--route-km" in result.output


def test_the_published_funnel_is_shown() -> None:
    assert [row["left"] for row in rows("canal", "fret", "--entonnoir")] == [55000, 38000, 29000]


def test_sectors_come_from_a_french_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "filieres.csv"
    file.write_text(SECTORS, encoding="utf-8-sig")
    found = rows("canal", "fret", "--filieres", file)
    assert [row["potential_t"] for row in found][::2] == [5000, 10000, 15000]
    assert found[1]["potential_t"] is None


def test_a_table_that_is_not_there_is_said_in_french(tmp_path: Path) -> None:
    result = run("canal", "fret", "--filieres", tmp_path / "rien.csv")
    assert result.exit_code == 1
    assert "rien.csv" in result.output


def test_access_by_air_only_says_so_and_says_what_is_schematic() -> None:
    result = run("canal", "desserte")
    assert result.exit_code == 0, result.output
    assert "À vol d'oiseau faute de routes" in result.output
    assert "schématique" in result.output.lower()


def test_every_site_keeps_its_row(shared: Path) -> None:
    assert len(rows("canal", "desserte")) == 50


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
    found = rows("canal", "desserte", "--proches", "--ajout", file)
    nearer = [row for row in found if row["family"] == "quai" and row["straight_km_difference"] < 0]
    assert nearer
    assert all(row["straight_km_difference"] == 0 for row in found if row["family"] != "quai")


def test_the_fluvial_scheme_is_three_linked_tables_a_layer_a_chart_and_a_map(tmp_path: Path) -> None:
    file = tmp_path / "filieres.csv"
    file.write_text(SECTORS, encoding="utf-8")
    result = run("canal", "schema", "--dossier", tmp_path / "schema", "--filieres", file)
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "schema").iterdir())
    assert names == [
        "1_foncier_et_infrastructures.csv",
        "2_potentiel_par_filiere.csv",
        "3_gouvernance.csv",
        "carte.html",
        "foncier_et_infrastructures.geojson",
        "potentiel.svg",
        "schema_fluvial.xlsx",
    ]
    keys = [
        {
            line.split(";")[place]
            for line in (tmp_path / "schema" / name).read_text("utf-8-sig").splitlines()[1:]
        }
        for name, place in [("1_foncier_et_infrastructures.csv", 0), ("3_gouvernance.csv", 1)]
    ]
    assert keys[0] == keys[1]
    assert "'=cmd()" in (tmp_path / "schema" / "2_potentiel_par_filiere.csv").read_text("utf-8-sig")
    assert "inconnu" in (tmp_path / "schema" / "3_gouvernance.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("command", ["desserte", "fret", "schema"])
def test_help_is_french(command: str) -> None:
    assert "Usage" in run("canal", command, "--help").output
