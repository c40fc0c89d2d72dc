"""The commands of the green corridors, as a planner calls them."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
from click.testing import CliRunner, Result

from artois_geo.cli import root


def run(*words: object) -> Result:
    return CliRunner().invoke(root, [str(word) for word in words])


def rows(*words: object) -> list[dict]:
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["rows"]


def save(file: Path, *frames: gpd.GeoDataFrame) -> Path:
    pd.concat(frames, ignore_index=True).to_crs(4326).to_file(file, driver="GeoJSON")
    return file


@pytest.fixture
def ways(tmp_path: Path) -> Path:
    pieces = [((0, 0), (6, 0)), ((6.2, 0), (9.2, 0)), ((0, 5), (1, 5))]
    lines = [plain.line(*ends, nom=f"voie {number}", etat="réalisé") for number, ends in enumerate(pieces)]
    return save(tmp_path / "voies.geojson", *lines)


def test_mesh_of_a_file(ways: Path) -> None:
    row = rows("trame", "maillage", ways)[0]
    assert (row["components"], round(row["p_same"], 2)) == (3, 0.46)


def test_mesh_with_a_stretch_added_is_base_with_and_difference(ways: Path, tmp_path: Path) -> None:
    link = save(tmp_path / "ajout.geojson", plain.line((6, 0), (6.2, 0)))
    row = rows("trame", "maillage", ways, "--ajout", link)[0]
    assert (row["components_base"], row["components_with"], row["components_difference"]) == (3, 2, -1)


def test_missing_links_and_the_cavalier_that_could_close_one(ways: Path, tmp_path: Path) -> None:
    railway = save(tmp_path / "cavalier.geojson", plain.line((5, 0.02), (8, 0.02), nom="cavalier"))
    row = rows("trame", "manques", ways, "--cavaliers", railway)[0]
    assert round(row["gain_per_km"], 1) == 1.8
    assert row["closes"] is True


def test_missing_links_are_a_layer_when_asked(ways: Path) -> None:
    result = run("trame", "manques", ways, "--format", "geojson")
    assert json.loads(result.stdout)["features"][0]["geometry"]["type"] == "LineString"


def test_kilometres_by_territory(ways: Path, tmp_path: Path) -> None:
    communes = save(
        tmp_path / "communes.geojson", plain.rectangle(x_km=0, y_km=-1, width_km=3, height_km=2, insee="A")
    )
    found = rows("trame", "bilan", ways, "--etat", "etat", "--territoires", communes, "--par", "insee")
    assert {row["insee"]: round(row["network_km"], 3) for row in found} == {"A": 3.0, None: 7.0}


def test_findings_are_a_table(ways: Path, tmp_path: Path) -> None:
    cross = save(tmp_path / "croix.geojson", plain.line((0, 1), (2, 1)), plain.line((1, 0), (1, 2)))
    assert rows("trame", "maillage", cross, "--constats")[0]["rule"] == "crossing_without_junction"


def test_people_by_air_say_so(tmp_path: Path) -> None:
    park = save(tmp_path / "parc.geojson", plain.square(x_km=0, y_km=0, side_km=1))
    cells = save(
        tmp_path / "carreaux.geojson", plain.rectangle(x_km=1, y_km=0, width_km=0.6, height_km=1, hab=200)
    )
    result = run("trame", "desserte", park, "--population", cells, "--compter", "hab")
    assert "À vol d'oiseau" in result.output
    found = rows("trame", "desserte", park, "--population", cells, "--compter", "hab")
    assert [round(row["served"]) for row in found] == [100, 200, 200]


def test_patches_and_conflicts_are_shown(tmp_path: Path, ways: Path) -> None:
    sites = save(tmp_path / "sites.geojson", plain.square(x_km=1, y_km=-0.5, side_km=1, nom="Parc"))
    found = rows("trame", "conflits", sites, ways)
    assert [(row["site"], row["corridor"], row["conflict"]) for row in found] == [
        ("Parc", "voie 0", "coupe le corridor")
    ]
    patches = save(
        tmp_path / "taches.geojson",
        plain.square(x_km=0, y_km=0, side_km=1),
        plain.square(x_km=1.1, y_km=0, side_km=1),
    )
    assert "Surface équivalente connectée" in run("trame", "taches", patches).output


def test_an_unknown_column_is_said_in_french(ways: Path) -> None:
    result = run("trame", "bilan", ways, "--etat", "statut")
    assert result.exit_code == 1
    assert "statut" in result.output
