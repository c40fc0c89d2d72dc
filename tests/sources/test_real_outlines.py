"""``scripts/demarrer --contours``: real outlines in place of the schematic cells, or the map of before."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import open_data
import pandas as pd
import plain
import pytest
import shapely
from cli_runner import run
from open_data import World

from artois_geo import layers
from artois_geo.maps.backdrop import towns
from artois_geo.sources.hosts import SETTING


@pytest.fixture(scope="module")
def script() -> ModuleType:
    file = Path(__file__).parents[2] / "scripts/contours.py"
    spec = importlib.util.spec_from_file_location("contours", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A server whose outlines are the cells of the shipped map: adjoining, one for each commune."""
    monkeypatch.setattr("artois_geo.sources.transport.time.sleep", float)
    cells = layers.read(layers.read_catalogue()["communes_schema"])
    features = open_data.communes(len(cells))
    for feature, cell in zip(features, cells.itertuples(), strict=True):
        feature["geometry"] = json.loads(shapely.to_geojson(cell.geometry))
        feature["properties"]["code_insee"] = cell.comm_insee
    with open_data.served(World(features)) as served:
        monkeypatch.setenv(SETTING, served.setting)
        yield served


def test_real_outlines_stand_before_the_schematic_cells(
    world: World, script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "contours"
    assert script.main([str(folder)]) == 0
    assert capsys.readouterr().out.startswith("150 contours de communes : IGN, ADMIN EXPRESS COG 2026")
    assert len(world.calls) == 4  # 150 codes in two requests, each a count and a page
    before = layers.read_catalogue()
    after = layers.read_catalogue(folder, shipped=True)
    assert (after.territory, after.region) == (before.territory, before.region)
    assert "communes_schema" not in after
    assert {"sites_eco", "canal_seine_nord"} <= set(after)
    assert after["communes"].kind == "commune_contour"
    page = tmp_path / "carte.html"
    result = run("--donnees", folder, "carte", "--sans-analyses", "--sortie", page)
    assert result.exit_code == 0, result.output
    assert "communes_schema" not in page.read_text(encoding="utf-8")
    assert script.main([str(folder)]) == 0
    assert len(world.calls) == 4


def test_without_network_nothing_is_written_and_the_main_job_is_as_before(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artois_geo.sources.transport.time.sleep", float)
    monkeypatch.setenv(SETTING, "data.geopf.fr=http://127.0.0.1:9")
    assert script.main([str(tmp_path / "contours")]) == 1
    assert "la carte garde ses cellules schématiques" in capsys.readouterr().err
    assert not (tmp_path / "contours/communes.geojson").exists()
    assert "communes_schema" in layers.read_catalogue()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copy the scripts beside an environment that installs nothing and notes what it is told to make."""
    scripts = Path(__file__).parents[2] / "scripts"
    root = tmp_path / "projet"
    for name in ("demarrer", "python.sh", "contours.py"):
        (root / "scripts").mkdir(parents=True, exist_ok=True)
        shutil.copy(scripts / name, root / "scripts" / name)
    stubs = {
        "python": f'[ "$1" = -m ] && exit 0\nexec {sys.executable} "$@"',
        "artois-geo": 'echo "$@" >> "$(dirname "$0")/../../fait"',
    }
    for name, line in stubs.items():
        file = root / ".venv/bin" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        file.chmod(0o755)
    return root


def started(root: Path, *words: str, setting: str = "data.geopf.fr=http://127.0.0.1:9") -> tuple[str, str]:
    """Run the script as it is typed; what it made, and what it complained of."""
    project = Path(__file__).parents[2]
    result = subprocess.run(
        ["bash", root / "scripts/demarrer", *words],
        cwd=root,
        env=os.environ | {SETTING: setting, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=True,
    )
    return (root / "fait").read_text(encoding="utf-8").splitlines()[-1], result.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash absent")
def test_the_script_uses_real_outlines_where_there_is_network_and_keeps_them(
    world: World, tree: Path
) -> None:
    folder = tree / "contours"
    command_line, complaint = started(tree, "--contours", "dossier", setting=world.setting)
    assert (command_line, complaint) == (f"--donnees {folder} simi --sortie {tree / 'dossier'}", "")
    assert len(layers.read(layers.read_catalogue(folder)["communes"])) == 150
    again, _ = started(tree, "--contours", "dossier")  # no network: the outlines of the first time
    assert again == command_line


@pytest.mark.long
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash absent")
def test_the_script_without_network_says_so_in_one_sentence_and_does_its_main_job(tree: Path) -> None:
    command_line, complaint = started(tree, "--contours")
    assert command_line == f"simi --sortie {tree / 'simi'}"
    (line,) = complaint.splitlines()
    assert line.startswith("Sans contours, la carte garde ses cellules schématiques : ")
    assert started(tree)[0] == command_line


def test_the_most_populated_commune_of_real_outlines_is_named_first() -> None:
    small = plain.square(x_km=0, y_km=0, side_km=1, comm_nom="Abourg", comm_insee="01001", population=10)
    large = plain.square(x_km=1, y_km=0, side_km=1, comm_nom="Zville", comm_insee="01002", population=99)
    communes = gpd.GeoDataFrame(pd.concat([small, large], ignore_index=True), crs=2154)
    ground = towns.ground({"communes": communes}, {"communes": "commune_contour"})
    assert ground is not None
    assert [name for name, *_ in ground["towns"]] == ["Zville", "Abourg"]
