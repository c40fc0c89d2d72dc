"""Whatever a command makes of made-up data says so: in a table, a CSV, a workbook, a layer."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path

import click
import geopandas as gpd
import openpyxl
import pandas as pd
import plain
import pytest
from cli_runner import run
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import layers, tables
from artois_geo.cli import COMMANDS, root
from artois_geo.studies import data_warnings

MARK = "Données fictives : "
ZONES = "--zones communes --cle comm_insee"
LINES = {  # a call of each command that makes a table of data -> one of its made-up inputs
    "couches lister": "communes",
    "couches infos sites_eco": "sites_eco",
    "couches valider sites_eco": "sites_eco",
    "couches reparer communes --essai": "communes",
    "couches historique recues": "recues",
    "couches comparer communes communes": "communes",
    "couches fusionner recues communes --nom reunies --cle comm_insee --essai": "communes",
    "trame bilan voies_vertes": "voies_vertes",
    "trame maillage voies_vertes": "voies_vertes",
    "trame manques voies_vertes": "voies_vertes",
    "trame desserte corridors --population communes --compter population": "communes",
    "trame taches corridors": "corridors",
    "trame conflits sites_eco corridors": "corridors",
    "canal desserte sites_eco --voies canal --lieux quais": "canal",
    "canal fret --flux flux.csv": "flux.csv",
    "foncier offre sites_eco --par site_epci_siren --surface site_surf_brute": "sites_eco",
    "foncier disponible sites_eco --regles regles.toml": "contraintes.geojson",
    "foncier pertes sites_eco --regles regles.toml": "contraintes.geojson",
    "foncier densifier parcelles batiments": "parcelles",
    "foncier classer flux.csv --criteres criteres.toml --cle boat --tirages 20": "flux.csv",
    "zae vacance uf.csv --etablissements etab.csv": "etab.csv",
    "zae inventaire uf.csv --etablissements etab.csv": "etab.csv",
    "zae rapprocher sites_eco --brouillon communes --cle site_id --cle-brouillon comm_insee": "sites_eco",
    "zan controle pays/consommation.csv": "consommation.csv",
    "zan consommation pays/consommation.csv": "consommation.csv",
    "zan trajectoire pays/consommation.csv": "consommation.csv",
    "zan simuler pays/consommation.csv --projets projets": "projets",
    f"zan stock ocsge_2021 {ZONES}": "ocsge_2021",
    f"zan artificialisation --avant ocsge_2018 --apres ocsge_2021 {ZONES}": "ocsge_2018",
    "zan effet projets ocsge_2021": "projets",
}
FED_WITH_NOTHING = {  # no data of a territory: what the tool knows, and what it fetches
    "espace creer",
    "foncier contraintes",
    "sources etat",
    "sources lister",
    "sources montrer",
    "sources prendre",
    "sources rejouer",
    "sources servitudes",
    "sources verifier",
    "couches types",
    "couches controle",
    "constantes lister",
    "constantes infos",
    "glossaire",
    "zan regles",
}
MOS = "--avant cs_avant --apres cs_apres --passages p.csv --de 2018 --a 2020"
LINES[f"zan mos ocsge_diff {MOS} {ZONES}"] = "communes"
FILES = {
    "regles.toml": '[[contrainte]]\nnom = "inondable"\ncouche = "pays/contraintes.geojson"\n',
    "criteres.toml": '[[critere]]\ncolonne = "tonnes"\npire = 0\nmeilleur = 200\n',
    "pertes.toml": '[[critere]]\ncolonne = "alone_ha"\npire = 9\nmeilleur = 0\n',
    "flux.csv": "tonnes;road_km;water_km;haul_km;handlings;boat;fictif\n100;50;60;5;2;convoi;oui\n",
    "uf.csv": "unit_id;site_id;unit_ha;owner_type\nU1;Z;1,5;commune\n",
    "etab.csv": "unit_id;active;closed_on;nom;fictif\nU1;oui;;A;VRAI\n",
}


@pytest.fixture(scope="module")
def country(fictional: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional territory, a layer received from it, and tables that say that they are made up."""
    folder = tmp_path_factory.mktemp("fictif")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with chdir(folder):
        shutil.copytree(fictional(communes=4, ocsge=60, sites=4), "pays")
        import_words = ("pays/communes.geojson", "--type", "commune_contour", "--vers", "recues")
        result = run("--donnees", "pays", "couches", "importer", *import_words, "--territoire", "monde")
        assert result.exit_code == 0, result.output
        changes = pd.DataFrame(layers.read(Path("pays/ocsge_diff.geojson")))[["cs_avant", "cs_apres"]]
        passages = (
            changes.drop_duplicates().set_axis(["avant", "apres"], axis=1).assign(compte="consommation")
        )
        passages.to_csv("p.csv", index=False, sep=";")
    return folder


def answer(country: Path, line: str, *more: object) -> str:
    with chdir(country):
        result = run("--donnees", "pays", *line.split(), *more)
    assert result.exit_code == 0, result.output
    return result.stdout


def makers_of_tables(group: click.Group = root, path: str = "") -> Iterator[str]:
    for name in COMMANDS if group is root else group.commands:
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from makers_of_tables(command, f"{path}{name} ")
        elif command is not None and any(param.name == "chosen" for param in command.params):
            yield f"{path}{name}"


def test_every_command_that_makes_a_table_is_tried_here() -> None:
    tried = {next(name for name in makers_of_tables() if line.startswith(name)) for line in LINES}
    assert tried | FED_WITH_NOTHING == set(makers_of_tables())


@pytest.mark.parametrize(("line", "name"), LINES.items())
def test_a_table_made_from_made_up_data_names_them(country: Path, line: str, name: str) -> None:
    notes = json.loads(answer(country, line, "--format", "json"))["notes"]
    fictional_notes = [note for note in notes if "fictives" in note]
    assert len(fictional_notes) == 1, notes
    assert fictional_notes[0].startswith(MARK)
    assert name in fictional_notes[0].removeprefix(MARK).rstrip(".").split(", ")


def test_every_format_carries_the_mark(country: Path, tmp_path: Path) -> None:
    line = "foncier disponible sites_eco --regles regles.toml"
    mark = f"{MARK}sites_eco, contraintes.geojson."
    assert mark in answer(country, line)
    for end in ("txt", "json", "geojson", "csv", "xlsx", "gpkg"):
        answer(country, line, "--sortie", tmp_path / f"t.{end}")
    for end in ("txt", "json", "geojson", "sources.csv"):
        assert mark in (tmp_path / f"t.{end}").read_text(encoding="utf-8-sig"), end
    sources = openpyxl.load_workbook(tmp_path / "t.xlsx")["Sources"]
    assert mark in [row[0].value for row in sources.rows]
    ((text,),) = sqlite3.connect(tmp_path / "t.gpkg").execute("SELECT metadata FROM gpkg_metadata")
    assert mark in text


def test_what_was_made_from_made_up_data_is_made_up(country: Path, tmp_path: Path) -> None:
    """The column is lost on the way; the table still says so, and so does what is made from it."""
    line = "foncier pertes sites_eco --regles regles.toml"
    for end in ("json", "csv", "xlsx"):
        file = tmp_path / f"pertes.{end}"
        answer(country, line, "--sortie", file)
        assert data_warnings.says_fictional(file), end
    assert "fictif" not in (tmp_path / "pertes.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    ranked = answer(
        country, f"foncier classer {tmp_path}/pertes.csv --criteres pertes.toml --tirages 20 --cle site"
    )
    assert f"{MARK}pertes.csv." in ranked
    for end in ("geojson", "gpkg"):
        file = tmp_path / f"libre.{end}"
        answer(country, "foncier disponible sites_eco --regles regles.toml", "--sortie", file)
        assert data_warnings.says_fictional(file), end


def test_real_data_carry_no_mark() -> None:
    assert "fictives" not in run("foncier", "offre").stdout
    assert "fictives" not in run("trame", "maillage", "voies_vertes").stdout


def test_a_report_made_from_made_up_contours_says_so(country: Path, tmp_path: Path) -> None:
    own = pd.read_csv(country / "pays" / "consommation.csv", dtype=str).drop(columns="fictif")
    own.to_csv(tmp_path / "conso.csv", index=False)
    page = tmp_path / "r.html"
    vintages = "--avant ocsge_2018 --apres ocsge_2021 --contours communes"
    answer(country, f"zan rapport {tmp_path}/conso.csv --territoire 99001 {vintages} --sortie {page}")
    assert "Données fictives" in page.read_text(encoding="utf-8")


WRITERS = {
    "geojson": layers.write,
    "csv": lambda frame, path: path.write_bytes(tables.to_csv(frame)),
    "xlsx": lambda frame, path: path.write_bytes(tables.to_xlsx({"A": frame})),
    "gpkg": layers.write,
    "parquet": lambda frame, path: frame.to_parquet(path),
    "fgb": lambda frame, path: frame.to_file(path, driver="FlatGeobuf"),
    "shp": lambda frame, path: frame.to_file(path),
    "zip": lambda frame, path: zipped(frame, path),
    "json.gz": lambda frame, path: path.write_bytes(gzip.compress(frame.to_crs(4326).to_json().encode())),
}


def zipped(frame: gpd.GeoDataFrame, path: Path) -> None:
    folder = path.parent / "parts"
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / "zones.shp")
    shutil.make_archive(str(path.with_suffix("")), "zip", folder)


def write_layer(end: str, cells: list[object], folder: Path) -> Path:
    """A file of one square for each of the cells of a column ``fictif``."""
    texts = pd.Series([None if cell is None else str(cell) for cell in cells], dtype=object)
    square = plain.square(x_km=0, y_km=0, side_km=1, nom="A")
    file = folder / f"zones.{end}"
    WRITERS[end](pd.concat([square] * len(cells), ignore_index=True).assign(fictif=texts), file)
    return file


@pytest.mark.parametrize("end", ["geojson", "json.gz", "csv", "xlsx", "gpkg", "parquet"])
@settings(max_examples=few(8))
@given(
    cells=st.lists(st.sampled_from([True, False, None, "oui", "Non", "VRAI", "0"]), min_size=1, max_size=4)
)
def test_a_file_is_made_up_when_one_object_is(
    end: str, cells: list[object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = write_layer(end, cells, tmp_path_factory.mktemp("un"))
    assert data_warnings.says_fictional(file) == any(cell in (True, "oui", "VRAI") for cell in cells)


@pytest.mark.parametrize("end", ["fgb", "shp", "zip"])
def test_a_file_that_gdal_reads_is_made_up_when_one_object_is(end: str, tmp_path: Path) -> None:
    assert data_warnings.says_fictional(write_layer(end, ["non", "oui"], tmp_path))
    assert not data_warnings.says_fictional(write_layer(end, ["non"], tmp_path))


@pytest.mark.parametrize("end", [*WRITERS, "json", "tsv", "txt"])
@pytest.mark.parametrize("content", [b"", b"\x00fictif\xff", b'{"fictif":', b'fictif\n"\n'])
def test_a_file_that_cannot_be_read_stops_no_table(end: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"x.{end}"
    file.write_bytes(content)
    assert not data_warnings.says_fictional(file)
