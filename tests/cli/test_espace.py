"""A workspace as a planner makes it: ready, own layers first, each table saying where layers come from."""

import csv
import io
import re
import shlex
import tomllib
from pathlib import Path

import geopandas as gpd
import plain
import pytest
import shapely
from cli_runner import english, run

from artois_geo import layers, theme
from artois_geo.studies.library import new_workspace
from artois_geo.studies.requests import WorkspaceRequest

LENS = shapely.box(685_000, 7_038_000, 686_000, 7_039_000)


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A new workspace with one imported layer of sites, as a partner delivers it."""
    folder = tmp_path / "mon espace"
    assert run("espace", "creer", folder, "--territoire", 'Pays "A" d\'Été').exit_code == 0
    file = tmp_path / "zones.gpkg"
    gpd.GeoDataFrame({"zae_nom": ["Les Hauts"]}, geometry=[LENS], crs=2154).to_file(file)
    result = run("--donnees", folder, "couches", "importer", file, "--type", "libre", "--vers", "zae")
    assert result.exit_code == 0, result.output
    return folder


def test_a_new_workspace_is_ready_and_in_french(tmp_path: Path) -> None:
    folder = tmp_path / "d2"
    result = run("espace", "creer", folder, "--territoire", "Pays\nd'Essai \x7f")
    assert result.exit_code == 0
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        "LISEZMOI.txt",
        "catalogue.toml",
        "contraintes.toml",
        "theme.toml",
        *(f"formulaires/{kind}.xlsx" for kind in new_workspace.FORM_KINDS),
    }
    readme = (folder / "LISEZMOI.txt").read_text(encoding="utf-8")
    assert "Pays d'Essai" in readme
    assert english(readme.replace("couches", "")) == []
    assert max(map(len, readme.replace(str(folder), "d2").splitlines())) <= 90
    assert tomllib.loads((folder / "catalogue.toml").read_text("utf-8"))["territoire"] == "Pays d'Essai \x7f"
    assert theme.read(folder / "theme.toml") == theme.read()
    assert dict(layers.read_catalogue(folder)) == {}


@pytest.mark.parametrize("name", ["notes.txt", ".cache", "catalogue.toml"])
def test_a_folder_that_holds_something_is_left_as_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("à moi", encoding="utf-8")
    result = run("espace", "creer", tmp_path)
    assert result.exit_code == 1
    assert "contient déjà des fichiers, rien n'est écrit" in result.output
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_theme_to_fill_takes_each_shipped_value(tmp_path: Path) -> None:
    lines = theme.template().decode().split("# [[logos]]")[0].splitlines()
    filled = [line.removeprefix("# ") if " = " in line else line for line in lines]
    (tmp_path / "t.toml").write_text("\n".join(filled), encoding="utf-8")
    assert theme.read(tmp_path / "t.toml") == theme.read()


def test_one_own_layer_reaches_the_shipped_canal_and_each_source_says_its_home(space: Path) -> None:
    file = space.parent / "desserte.csv"
    result = run("--donnees", space, "canal", "desserte", "zae", "--sortie", file)
    assert result.exit_code == 0, result.output
    assert "Couche zae (espace de travail)" in result.stderr
    assert "Couche logistique (livrée avec l'outil)" in result.stderr
    text = (space.parent / "desserte.sources.csv").read_bytes().decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text), delimiter=";")
    homes = {row["objet"]: row["texte"] for row in rows if row["rubrique"] == "provenance"}
    assert homes.pop("zae") == "espace de travail"
    assert set(homes.values()) == {"livrée avec l'outil"}
    assert {"logistique", "canal_seine_nord"} <= set(homes)


def test_without_the_shipped_layers_only_own_ones_are_seen(space: Path) -> None:
    listed = run("--donnees", space, "--sans-livrees", "couches", "lister", "--format", "csv")
    assert [line.split(";")[0] for line in listed.stdout.splitlines()[1:]] == ["zae"]
    by_name = run("--donnees", space, "couches", "lister", ARTOIS_GEO_SANS_LIVREES="1")
    assert "logistique" not in by_name.stdout
    assert run("--donnees", space, "--sans-livrees", "canal", "desserte", "zae").exit_code == 1
    refused = run("--sans-livrees", "couches", "lister")
    assert refused.exit_code == 2
    assert "--sans-livrees demande --donnees DOSSIER" in refused.output


def test_own_sites_are_those_of_the_offer_and_no_artois_site_is_added(space: Path) -> None:
    sites = plain.square(x_km=0, y_km=0, side_km=1, site_nom="Zone", epci="E", ha=3.0).set_geometry([LENS])
    path = space / "sites.geojson"
    layers.write(sites, path)
    entry = 'kind = "site_eco"\ntitle = "Sites"\nsource = "essai"\nlicence = "essai"\nvintage = "2026"\n'
    with (space / "catalogue.toml").open("a", encoding="utf-8") as catalogue:
        catalogue.write(f'\n[mes_sites]\nfile = "{path.name}"\n{entry}')
    result = run("--donnees", space, "foncier", "offre", "--par", "epci", "--surface", "ha")
    assert re.search(r"Total : 1 sites?, 3(,00)? ha", result.stdout)
    assert "Couche mes_sites (espace de travail)" in result.stdout
    refusal = run("--donnees", space, "foncier", "offre", "sites_eco")
    assert refusal.exit_code == 1
    assert "l'espace a « mes_sites »" in refusal.output


def test_a_shipped_layer_leaves_a_workspace_without_a_trace_in_the_shipped_folder(space: Path) -> None:
    before = sorted(path for path in layers.shipped_folder().rglob("*"))
    result = run(
        "--donnees", space, "couches", "exporter", "logistique", "--sortie", space.parent / "l.geojson"
    )
    assert result.exit_code == 0
    assert sorted(path for path in layers.shipped_folder().rglob("*")) == before
    assert not (space / ".historique" / "logistique.jsonl").exists()


def test_copying_says_what_no_longer_stands_behind(space: Path) -> None:
    result = run("--donnees", space, "couches", "copier", "sites_eco", "--nom", "mes_sites")
    assert "« mes_sites » copiée dans l'espace de travail : 65 objets" in result.stdout
    assert "Ne servent plus de fond : foncier_disponible." in result.stdout
    history = run("--donnees", space, "couches", "historique", "mes_sites")
    assert "copiée de la couche livrée sites_eco" in history.stdout
    assert run("couches", "copier", "sites_eco").exit_code == 2


def test_the_commands_of_the_readme_work_as_they_are_written(
    space: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(space.parent)
    readme = new_workspace.files(Path(space.name), WorkspaceRequest())["LISEZMOI.txt"].decode()
    calls = [shlex.split(line)[1:] for line in readme.splitlines() if line.startswith("    artois-geo ")]
    assert [call[3] for call in calls] == ["importer", "lister", "copier"]
    imported = [word.replace("ZONES.shp", "zones.gpkg").replace("site_eco", "libre") for word in calls[0]]
    for call in (imported, *calls[1:]):
        assert run(*call).exit_code == 0, call
    assert list(layers.read_catalogue(space)) == ["zae", "logistique"]
