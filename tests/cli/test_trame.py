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
    balance_rows = rows("trame", "bilan", ways, "--etat", "etat", "--territoires", communes, "--par", "insee")
    assert {row["insee"]: round(row["network_km"], 3) for row in balance_rows} == {"A": 3.0, None: 7.0}


def test_the_shipped_greenways_answer_with_what_is_published_and_measure_nothing() -> None:
    greenways = rows("trame", "bilan", "voies_vertes")
    # Avion – Hénin-Beaumont 8.4 km, along the Souchez 10 km, along the canal d’Aire 22 km: those that count
    assert [(row["state"], row["network_km"], row["published_km"]) for row in greenways] == [
        ("inconnu", None, 40.4)
    ]
    text = run("trame", "bilan", "voies_vertes").output
    assert "état « inconnu »" in text
    assert "ne se mesure pas" in text


def test_crossings_are_a_table_apart(tmp_path: Path) -> None:
    cross = save(
        tmp_path / "croix.geojson",
        plain.line((0, 1), (2, 1), nom="a"),
        plain.line((1, 0), (1, 2), nom="b"),
        plain.line((2.1, 1), (9, 1), nom="c"),
    )
    assert [round(row["gap_km"], 3) for row in rows("trame", "manques", cross)] == [0.1]
    assert "1, tenus pour reliés" in run("trame", "manques", cross).output
    apart = rows("trame", "manques", cross, "--a-verifier")
    assert [(row["link_kind"], row["gap_m"]) for row in apart] == [("croisement à vérifier", 0)]
    page = tmp_path / "carte.html"
    assert run("trame", "manques", cross, "--carte", page).exit_code == 0
    assert "Croisements à vérifier" in page.read_text(encoding="utf-8")


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
    served_rows = rows("trame", "desserte", park, "--population", cells, "--compter", "hab")
    assert [round(row["served"]) for row in served_rows] == [100, 200, 200]


def test_patches_and_conflicts_are_shown(tmp_path: Path, ways: Path) -> None:
    sites = save(tmp_path / "sites.geojson", plain.square(x_km=1, y_km=-0.5, side_km=1, nom="Parc"))
    conflicts = rows("trame", "conflits", sites, ways)
    assert [(row["site"], row["corridor"], row["conflict"]) for row in conflicts] == [
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


def test_a_link_that_an_added_stretch_makes_is_no_longer_missing(ways: Path, tmp_path: Path) -> None:
    link = save(tmp_path / "ajout.geojson", plain.line((6, 0), (6.2, 0), nom="passerelle"))
    missing_links = rows("trame", "manques", ways, "--ajout", link, "--ecart-max", 6000)
    ends = {(row["line_a"], row["line_b"]): row for row in missing_links}
    link_made = ends["voie 0", "voie 1"]
    assert round(link_made["gap_km_base"], 1) == 0.2
    assert link_made["gap_km_with"] is None
    assert link_made["gap_km_difference"] is None
    assert all(row["gap_km_difference"] in (0, None) for row in missing_links)


def test_a_detour_that_an_added_stretch_cuts_is_gone(tmp_path: Path) -> None:
    shoe = save(tmp_path / "fer.geojson", plain.line((0, 0), (0, 2), (0.5, 2), (0.5, 0)))
    link = save(tmp_path / "ajout.geojson", plain.line((0, 0), (0.5, 0)))
    detours = rows("trame", "manques", shoe, "--detours", "--ajout", link)
    assert [(round(row["detour_base"]), row["detour_with"]) for row in detours] == [(9, None)]


def test_pieces_are_compared_rank_by_rank(ways: Path, tmp_path: Path) -> None:
    link = save(tmp_path / "ajout.geojson", plain.line((6, 0), (6.2, 0)))
    pieces = rows("trame", "maillage", ways, "--composantes", "--ajout", link)
    assert [
        (round(row["component_km_base"], 1), row["component_km_with"] and round(row["component_km_with"], 1))
        for row in pieces
    ] == [(6.0, 9.2), (3.0, 1.0), (1.0, None)]


def test_findings_are_counted_on_both_sides(ways: Path, tmp_path: Path) -> None:
    twice = save(tmp_path / "ajout.geojson", plain.line((0, 5), (1, 5)), plain.line((0.5, 4), (0.5, 6)))
    findings = rows("trame", "maillage", ways, "--constats", "--ajout", twice)
    counts = {row["rule"]: (row["findings_base"], row["findings_with"]) for row in findings}
    assert counts["duplicate"] == (0, 1)
    assert all(row["findings_difference"] == row["findings_with"] - row["findings_base"] for row in findings)


def test_an_added_greenway_or_site_makes_its_conflicts(ways: Path, tmp_path: Path) -> None:
    sites = save(tmp_path / "sites.geojson", plain.square(x_km=1, y_km=-0.5, side_km=1, nom="Parc"))
    path = save(tmp_path / "ajout.geojson", plain.line((1.5, -1), (1.5, 1), nom="projet"))
    conflicts = {row["corridor"]: row for row in rows("trame", "conflits", sites, ways, "--ajout", path)}
    assert conflicts["voie 0"]["cut_km_difference"] == 0
    assert (conflicts["projet"]["cut_km_base"], conflicts["projet"]["cut_km_with"]) == (None, 1)
    assert conflicts["projet"]["conflict_with"] == "coupe le corridor"
    more = save(tmp_path / "site.geojson", plain.square(x_km=0, y_km=4.5, side_km=1, nom="Zone"))
    conflicts = {row["site"]: row for row in rows("trame", "conflits", sites, ways, "--ajout-sites", more)}
    assert (conflicts["Zone"]["cut_km_base"], conflicts["Zone"]["cut_km_with"]) == (None, 1)


def test_an_added_patch_is_compared_patch_by_patch(tmp_path: Path) -> None:
    patch_file = save(tmp_path / "taches.geojson", plain.square(x_km=0, y_km=0, side_km=1, nom="A"))
    added_patch = save(tmp_path / "ajout.geojson", plain.square(x_km=1, y_km=0, side_km=1, nom="B"))
    patches = {row["nom"]: row for row in rows("trame", "taches", patch_file, "--ajout", added_patch)}
    assert round(patches["A"]["component_ha_base"]) == 100
    assert round(patches["A"]["component_ha_difference"]) == 100
    assert patches["B"]["component_ha_base"] is None
    output = run("trame", "taches", patch_file, "--ajout", added_patch).output
    assert "Différence : 100,0 ha" in output
    assert "_base" not in output


def test_an_added_street_brings_people_nearer(tmp_path: Path) -> None:
    park = save(tmp_path / "parc.geojson", plain.square(x_km=0, y_km=0, side_km=0.1))
    home = save(tmp_path / "hab.geojson", plain.point(x_km=0.5, y_km=0.01, hab=10))
    far = save(tmp_path / "rues.geojson", plain.line((-1, 0.01), (0.1, 0.01)))
    new = save(tmp_path / "ajout.geojson", plain.line((0.1, 0.01), (1, 0.01)))
    words = ["trame", "desserte", park, "--population", home, "--compter", "hab", "--distance", 600]
    served_rows = rows(*words, "--rues", far, "--ajout-rues", new)
    assert [(row["served_base"], row["served_with"], row["served_difference"]) for row in served_rows] == [
        (0, 10, 10)
    ]
    assert run(*words, "--ajout-rues", new).exit_code == 2


def test_the_chart_of_kilometres_has_a_bar_for_each_territory_and_state(ways: Path, tmp_path: Path) -> None:
    communes = save(
        tmp_path / "communes.geojson", plain.rectangle(x_km=0, y_km=-1, width_km=3, height_km=2, insee="<b>")
    )
    file = tmp_path / "bilan.svg"
    words = ["trame", "bilan", ways, "--etat", "etat", "--graphique", file]
    assert run(*words, "--territoires", communes, "--par", "insee").exit_code == 0
    svg = file.read_text(encoding="utf-8")
    assert "&lt;b&gt;" in svg
    assert "<b>" not in svg
    assert "hors territoire" in svg
    assert [text for text in ("3,0", "7,0") if f">{text}</text>" in svg] == ["3,0", "7,0"]
    added = save(tmp_path / "ajout.geojson", plain.line((0, 8), (2, 8), etat="prévu"))
    assert run(*words, "--ajout", added).exit_code == 0
    svg = file.read_text(encoding="utf-8")
    assert "avec l'ajout" in svg
    assert "inconnu</text>" not in svg  # a state that the base lacks is no kilometre, not an unknown one
    state = {row["etat"]: row for row in rows(*words[:5], "--ajout", added)}["prévu"]
    assert [state[f"network_km_{side}"] for side in ("base", "with", "difference")] == [0, 2, 2]
