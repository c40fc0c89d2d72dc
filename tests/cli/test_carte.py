"""``carte`` where two layers have one name, and where an analysis refuses a layer of the folder."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import one_site
import plain
import pytest
from cli_runner import run

from artois_geo import layers
from artois_geo.packs.catalogue_map import _named

KNOWN = layers.read_catalogue()["sites_eco"]


@pytest.fixture(autouse=True)
def _in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_named_as_a_layer_is_shown_beside_it(file_first: bool) -> None:
    file = Path("avant/sites_eco.geojson")
    layer_paths = _named([file, KNOWN] if file_first else [KNOWN, file])
    assert layer_paths == {"avant sites_eco": file, "sites_eco": KNOWN}


def test_a_file_given_first_is_compared_with_the_layer_of_its_name() -> None:
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, site_id="a"), Path("sites_eco.geojson"))
    result = run("carte", "--comparer", "./sites_eco.geojson", "sites_eco", "--sans-analyses")
    assert result.exit_code == 0, result.stderr
    assert "Écrit : carte.html" in result.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return one_site.catalogue(tmp_path / "couches").folder


def changed(folder: Path, **columns: object) -> None:
    file = folder / "sites.geojson"
    document = json.loads(file.read_text(encoding="utf-8"))
    for feature in document["features"]:
        for name, value in columns.items():
            feature["properties"].pop(name) if value is None else feature["properties"].update({name: value})
    file.write_text(json.dumps(document), encoding="utf-8")


def test_sites_without_identifier_are_drawn_and_said(folder: Path) -> None:
    changed(folder, site_id=None)
    result = run("--donnees", folder, "carte")
    assert (result.exit_code, "pas de colonne site_id" in result.stderr) == (0, True), result.stderr
    assert "Zone" in Path("carte.html").read_text(encoding="utf-8")
    sheets = run("--donnees", folder, "fiche", "--tous")
    assert (sheets.exit_code, "pas de colonne site_id" in sheets.stderr) == (1, True), sheets.stderr


def test_a_layer_of_no_site_is_drawn(folder: Path) -> None:
    (folder / "sites.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert run("--donnees", folder, "carte").exit_code == 0


def test_a_consumption_of_another_kind_is_said_and_stops_nothing(folder: Path) -> None:
    (folder / "consommation.csv").write_text("commune;total\n62001;1\n", encoding="utf-8")
    for command in (("carte",), ("fiche", "zone")):
        result = run("--donnees", folder, *command)
        assert result.exit_code == 0, result.stderr
        assert re.search(r"Sans budget d'ENAF : .*consommation\.csv", result.stderr)
        assert "--cle" not in result.stderr


def test_the_consumption_taken_from_the_folder_is_named(folder: Path, fictional: Callable[..., Path]) -> None:
    shutil.copytree(fictional(communes=4, ocsge=60, sites=4), "pays")
    result = run("--donnees", "pays", "carte", "sites_eco")
    assert f"Consommation d'ENAF : {Path('pays/consommation.csv')}." in result.stderr
    bare = run("--donnees", "pays", "carte", "sites_eco", "--sans-analyses")
    assert (bare.exit_code, "Consommation" in bare.stderr) == (0, False)


def test_a_land_cover_that_no_analysis_wants_is_not_read(folder: Path) -> None:
    """A catalogue whose land cover cannot be read still makes bare sheets and maps of other layers."""
    with (folder / "catalogue.toml").open("a", encoding="utf-8") as catalogue:
        catalogue.write('[sol]\nfile = "sol.geojson"\nkind = "ocsge"\ntitle = "OCS GE"\n')
        catalogue.write('source = "essai"\nlicence = "libre"\nvintage = "2021"\n')
    (folder / "sol.geojson").write_text("{", encoding="utf-8")
    assert run("--donnees", folder, "fiche", "zone", "--sans-analyses").exit_code == 0
    result = run("--donnees", folder, "carte", "sites")
    assert (result.exit_code, "sol.geojson" in result.stderr) == (0, True), result.stderr
