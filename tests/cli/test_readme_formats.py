"""Commands of the README that take a layer or a table, in an empty folder, in every format of a desk."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import run

pytestmark = pytest.mark.long

LAYER_FORMATS = ("shp", "gpkg", "zip", "parquet")
TABLE_FORMATS = ("xlsx", "csv", "parquet")
LAYERS = (
    "sites_eco",
    "parcelles",
    "batiments",
    "canal",
    "voies_vertes",
    "friches",
    "ocsge_2018",
    "ocsge_2021",
)
TABLES = ("etablissements", "flux", "consommation")
OF_LAYERS = (  # {x}: the layer x in the format tried
    "foncier offre {sites_eco}",
    "foncier disponible {sites_eco} --regles contraintes.toml",
    "foncier pertes {sites_eco} --regles contraintes.toml",
    "foncier classer {sites_eco} --criteres criteres.toml --tirages 10",
    "foncier densifier {parcelles} {batiments}",
    "canal desserte {sites_eco} --voies {canal}",
    "trame bilan {voies_vertes}",
    "trame maillage {voies_vertes}",
    "carte {sites_eco} {friches} --sortie carte.html",
    "couches valider {sites_eco} --type site_eco",
    "zan artificialisation --avant {ocsge_2018} --apres {ocsge_2021} --zones communes --cle comm_insee",
)
OF_TABLES = (
    "canal fret --flux {flux}",
    "zan trajectoire {consommation}",
    "zan rapport {consommation} --territoire 99001 --sortie rapport.html",
    "zae rattacher parcelles --sites sites_eco --etablissements {etablissements} --dossier unites",
)


@pytest.fixture(scope="module")
def country_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example, its layers exported and its tables rewritten, in a folder that held nothing."""
    folder, before = tmp_path_factory.mktemp("bureau"), Path.cwd()
    os.chdir(folder)
    run("exemple", "pays")
    for name in LAYERS:
        for suffix in ("shp.zip", "gpkg", "parquet"):
            run("--donnees", "pays", "couches", "exporter", name, "--sortie", f"{name}.{suffix}")
        Path(f"{name}.shp.zip").rename(f"{name}.zip")
        with zipfile.ZipFile(f"{name}.zip") as archive:
            for member in archive.namelist():
                if Path(member).stem == name:
                    Path(name).with_suffix(Path(member).suffix).write_bytes(archive.read(member))
    for name in TABLES:
        table = pd.read_csv(f"pays/{name}.csv", sep=None, engine="python", dtype=str)
        table.to_excel(f"{name}.xlsx", index=False)
        table.to_parquet(f"{name}.table.parquet")
        shutil.copy(f"pays/{name}.csv", f"{name}.csv")
    for name in ("contraintes", "criteres"):
        shutil.copy(f"pays/{name}.toml", f"{name}.toml")
    shutil.copy("pays/contraintes.geojson", "contraintes.geojson")
    yield folder
    os.chdir(before)


def call(command: str, names: tuple[str, ...], suffix: str) -> list[str]:
    return command.format(**{name: f"{name}.{suffix}" for name in names}).split()


@pytest.mark.parametrize("suffix", LAYER_FORMATS)
@pytest.mark.parametrize("command", OF_LAYERS)
def test_a_command_takes_a_layer_in_this_format(country_files: Path, command: str, suffix: str) -> None:
    result = run("--donnees", "pays", *call(command, LAYERS, suffix))
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("suffix", TABLE_FORMATS)
@pytest.mark.parametrize("command", OF_TABLES)
def test_a_command_takes_a_table_in_this_format(country_files: Path, command: str, suffix: str) -> None:
    result = run("--donnees", "pays", *call(command, TABLES, suffix.replace("parquet", "table.parquet")))
    assert result.exit_code == 0, result.stderr
