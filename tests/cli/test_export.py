"""What leaves for a partner: a file per EPCI in one pass, public fields alone when asked, nothing lost."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import run

from artois_geo import formats, layers
from artois_geo.studies.layers import export
from artois_geo.studies.layers.requests import SharingRequest

SITES = {"A": "CALL", "B": "CABBALR", "C": None}


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    rows = [
        plain.square(x_km=2 * index, y_km=0, side_km=1, site_nom=name, epci_sigle=epci)
        for index, (name, epci) in enumerate(SITES.items())
    ]
    path = tmp_path / "zones.geojson"
    layers.write(pd.concat(rows, ignore_index=True), path)
    return path


@pytest.fixture
def brownfield(tmp_path: Path) -> Path:
    path = tmp_path / "friche.geojson"
    owner = {"proprio_personne": "personne physique", "proprio_nom": "Nom fictif"}
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, site_nom="Friche", **owner), path)
    return path


@pytest.mark.parametrize("end", [".gpkg", ".shp.zip", ".parquet", ".fgb"])
def test_one_file_per_epci_in_one_pass_and_each_object_once(sites: Path, tmp_path: Path, end: str) -> None:
    result = run("couches", "exporter", sites, "--par", "epci", "--sortie", tmp_path / f"zae{end}")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in tmp_path.glob("zae_*"))
    assert names == [f"zae_{name}{end}" for name in ("cabbalr", "call", "sans_epci")]
    parts = {path.name: formats.read_any(path)[0] for path in tmp_path.glob("zae_*")}
    assert sorted(site for part in parts.values() for site in part["site_nom"]) == list(SITES)
    total = sum(part.area.sum() for part in parts.values())
    assert total == pytest.approx(layers.read(sites).area.sum(), abs=1e-6)
    assert "3 objets dans 3 fichiers, chacun une fois." in result.stderr


def test_a_site_without_epci_takes_that_of_its_commune() -> None:
    catalogue = layers.read_catalogue()
    towns = layers.read(catalogue["communes"])
    site = plain.square(x_km=0, y_km=0, side_km=1, site_comm_insee=towns["comm_insee"].iloc[0])
    shared_layer = export.SharedLayer(export.StudyTable(site), [], 0, [])
    assert list(export.by_territory(shared_layer, "epci", catalogue)) == [towns["epci_sigle"].iloc[0].lower()]


def test_two_names_that_fold_alike_are_two_files() -> None:
    rows = [
        plain.square(x_km=index, y_km=0, side_km=1, zone=zone)
        for index, zone in enumerate(["Été", "ete", "../x"])
    ]
    shared_layer = export.SharedLayer(export.StudyTable(pd.concat(rows, ignore_index=True)), [], 0, [])
    parts = export.by_territory(shared_layer, "zone", {})
    assert {name: len(part.study_table.table) for name, part in parts.items()} == {
        "ete": 1,
        "ete_2": 1,
        "x": 1,
    }


def test_names_of_persons_stay_out_of_a_public_file(brownfield: Path, tmp_path: Path) -> None:
    arguments = ["couches", "exporter", brownfield, "--type", "friche", "--sortie"]
    export_result = run(*arguments, tmp_path / "interne.gpkg")
    assert "Champs à ne pas publier dans ce fichier : proprio_nom" in export_result.stderr
    public = run(*arguments, tmp_path / "public.gpkg", "--publiable")
    assert public.exit_code == 0
    assert gpd.read_file(tmp_path / "interne.gpkg")["proprio_nom"].tolist() == ["Nom fictif"]
    assert b"Nom fictif" not in (tmp_path / "public.gpkg").read_bytes()
    assert "1 valeur masquée" in public.stderr


def test_a_public_layer_says_what_it_leaves_out() -> None:
    answer = export.shared(layers.read_catalogue()["communes_schema"], SharingRequest(publishable=True))
    assert (answer.withheld, answer.hidden, answer.private) == ([], 0, [])


def test_polygons_to_a_gpx_and_a_bare_shp_are_refused_with_what_to_do(sites: Path, tmp_path: Path) -> None:
    gpx = run("couches", "exporter", sites, "--sortie", tmp_path / "zae.gpx")
    shp = run("couches", "exporter", sites, "--sortie", tmp_path / "zae.shp")
    assert (gpx.exit_code, shp.exit_code) == (1, 1)
    assert "3 polygones ici. Choisir .gpkg" in gpx.stderr
    assert ".shp.zip" in shp.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["zones.geojson"]


def test_nothing_that_says_the_epci_is_refused_with_what_to_do(brownfield: Path, tmp_path: Path) -> None:
    result = run("couches", "exporter", brownfield, "--par", "epci", "--sortie", tmp_path / "f.gpkg")
    assert result.exit_code == 1
    assert "Donner à --par la colonne qui le nomme" in result.stderr


@pytest.mark.parametrize("end", [".gpkg", ".shp.zip", ".parquet", ".fgb"])
def test_a_result_goes_out_by_the_same_door(tmp_path: Path, end: str) -> None:
    lot = plain.square(x_km=0, y_km=0, side_km=0.1, id="59512000AB0001")
    hall = plain.square(x_km=0, y_km=0, side_km=0.02)
    for features, name in ((lot, "lots"), (hall, "halls")):
        layers.write(features, tmp_path / f"{name}.geojson")
    result = run(
        "foncier",
        "densifier",
        tmp_path / "lots.geojson",
        tmp_path / "halls.geojson",
        "--sortie",
        tmp_path / f"r{end}",
    )
    assert result.exit_code == 0, result.output
    back = formats.read_any(tmp_path / f"r{end}")[0]
    assert back["unit_id"].tolist() == ["UF-59512000AB0001"]
    assert back.area.iloc[0] / 10_000 == pytest.approx(0.8, abs=0.2)
