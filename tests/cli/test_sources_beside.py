"""Every figure that leaves says where it comes from: beside a CSV, inside a GeoPackage, under a table."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import run
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import constants, densification, layers, tables
from artois_geo.errors import BadTable

COLUMNS = ["rubrique", "objet", "texte", "valeur", "unite", "depuis", "source"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def read_sources(file: Path, separator: str = ";") -> list[dict[str, str]]:
    text = file.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def texts(rows: Iterable[dict[str, str]], heading: str) -> list[str]:
    return [row["texte"] for row in rows if row["rubrique"] == heading]


@pytest.mark.parametrize(("format", "separator"), [("csv", ";"), ("csv-brut", ",")])
def test_a_csv_has_its_sources_beside_it_and_no_line_of_comment(
    format: str, separator: str, tmp_path: Path
) -> None:
    file = tmp_path / "offre.csv"
    result = run("foncier", "offre", "--format", format, "--sortie", file)
    assert result.exit_code == 0
    assert file.read_bytes() == run("foncier", "offre", "--format", format).stdout_bytes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["offre.csv", "offre.sources.csv"]
    rows = read_sources(tmp_path / "offre.sources.csv", separator)
    assert list(rows[0]) == COLUMNS
    layer = layers.read_catalogue()["sites_eco"]
    assert texts(rows, "millésime") == [layer.vintage]
    assert texts(rows, "licence") == [layer.licence]
    assert texts(rows, "source") == [layer.source]
    assert texts(rows, "commande") == ["artois-geo foncier offre"]
    assert "publiées" in texts(rows, "convention")[0]
    assert any("schématique" in note for note in texts(rows, "note"))
    for name in (file, tmp_path / "offre.sources.csv"):
        assert f"Écrit : {name}" in result.stderr


def test_the_sources_give_options_by_their_names_and_files_without_their_folders(tmp_path: Path) -> None:
    square = tmp_path / "carre.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, zone="A", ha=3.0), square)
    run("foncier", "offre", square, "--par", "zone", "--surface", "ha", "--sortie", tmp_path / "o.csv")
    rows = read_sources(tmp_path / "o.sources.csv")
    options = {row["objet"]: row["texte"] for row in rows if row["rubrique"] == "option"}
    assert options == {"couche": "carre.geojson", "par": "zone", "surface": "ha"}
    assert str(tmp_path) not in (tmp_path / "o.sources.csv").read_text(encoding="utf-8-sig")


def test_a_constant_stands_with_its_value_unit_date_and_source() -> None:
    constant = constants.get("densification_mobilisable", on=date(2026, 11, 30))
    footer = tables.Footer(constants=(constant,))
    (row,) = tables.sources_table(footer).to_dict("records")
    assert (row["rubrique"], row["valeur"], row["texte"]) == ("constante", 2 / 3, "66,67 %")
    assert (row["depuis"], row["source"]) == (constant.since, constant.source)


def test_beaucouze_is_ten_hectares_of_fifteen() -> None:
    constant = constants.get(densification.DEFAULTS["mobilisable_share"], on=date(2026, 11, 30))
    assert constant.value == 10 / 15
    assert "15 ha" in constant.source
    assert "10 ha" in constant.source
    assert "unité" not in constant.source


def test_a_file_of_somebody_else_is_never_taken_for_sources(tmp_path: Path) -> None:
    address_book = tmp_path / "t.sources.csv"
    address_book.write_text("nom;adresse\nA;ici\n", encoding="utf-8")
    result = run("couches", "types", "--sortie", tmp_path / "t.csv")
    assert (result.exit_code, "t.sources.csv existe" in result.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["t.sources.csv"]
    assert address_book.read_text(encoding="utf-8") == "nom;adresse\nA;ici\n"


@pytest.mark.parametrize("format", ["csv", "csv-brut"])
def test_sources_of_ours_are_replaced(format: str, tmp_path: Path) -> None:
    for _ in range(2):
        result = run("couches", "types", "--format", format, "--sortie", tmp_path / "t.csv")
        assert result.exit_code == 0, result.output
    second_result = run("couches", "types", "--sortie", tmp_path / "t.csv")
    assert second_result.exit_code == 0, second_result.output


def test_a_table_and_its_sources_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "t.sources.csv").mkdir()
    result = run("couches", "types", "--sortie", tmp_path / "t.csv")
    assert result.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.sources.csv"]


def metadata(file: Path) -> tuple[ET.Element, dict[str, list[tuple]]]:
    with closing(sqlite3.connect(file)) as base:
        metadata_tables = {
            name: base.execute(f"SELECT * FROM {name}").fetchall()
            for name in ("gpkg_metadata", "gpkg_metadata_reference", "gpkg_extensions", "gpkg_contents")
        }
    return ET.fromstring(metadata_tables["gpkg_metadata"][0][4]), metadata_tables


def test_a_geopackage_carries_source_licence_vintage_and_convention(tmp_path: Path) -> None:
    file = tmp_path / "sites.gpkg"
    assert run("couches", "exporter", "sites_eco", "--sortie", file).exit_code == 0
    layer = layers.read_catalogue()["sites_eco"]
    root, metadata_tables = metadata(file)
    assert root.findtext("title") == layer.title
    assert root.findtext("license") == layer.licence
    assert root.findtext("rights") == layer.source
    abstract = root.findtext("abstract") or ""
    assert layer.vintage in abstract
    assert "convention de mesure non précisée" in abstract
    assert metadata_tables["gpkg_contents"][0][3] == abstract  # what a browser of files shows
    identifier, scope, standard, mime, _ = metadata_tables["gpkg_metadata"][0]
    assert (identifier, scope, mime) == (1, "dataset", "text/xml")
    assert standard.startswith("http")
    ((reach, table, column, row, _, file_id, parent),) = metadata_tables["gpkg_metadata_reference"]
    assert (reach, table, column, row, file_id, parent) == ("table", "sites", None, None, 1, None)
    declared = {(row[0], row[2], row[4]) for row in metadata_tables["gpkg_extensions"]}
    for name in ("gpkg_metadata", "gpkg_metadata_reference"):
        assert (name, "gpkg_metadata", "read-write") in declared
    assert len(gpd.read_file(file, layer="sites")) == len(layers.read(layer))


@settings(max_examples=few(12))
@given(title=TEXTS, source=TEXTS, licence=TEXTS, line=TEXTS)
def test_no_text_breaks_the_metadata_and_the_same_texts_give_the_same_bytes(
    title: str, source: str, licence: str, line: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    provenance = layers.Provenance(title, (source,), (licence,), (line, "<b>&amp; ]]>"))
    files = [tmp_path_factory.mktemp("deux") / "a.gpkg" for _ in range(2)]
    for file in files:
        layers.write_geopackage(
            plain.square(x_km=0, y_km=0, side_km=1, nom="A"), file, layer="a", provenance=provenance
        )
    assert files[0].read_bytes() == files[1].read_bytes()
    root, _ = metadata(files[0])
    assert {child.tag for child in root} >= {"title", "abstract", "rights", "license"}
    assert (root.findtext("abstract") or "").endswith("<b>&amp; ]]>")
    assert all(len(child) == 0 for child in root)


def test_a_geopackage_without_provenance_has_no_metadata_and_no_clock(tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    layers.write_geopackage(plain.square(x_km=0, y_km=0, side_km=1), file, layer="a")
    with closing(sqlite3.connect(file)) as base:
        names = {name for (name,) in base.execute("SELECT name FROM sqlite_master")}
        ((changed,),) = base.execute("SELECT last_change FROM gpkg_contents").fetchall()
        ((state,),) = base.execute("PRAGMA integrity_check").fetchall()
    assert "gpkg_metadata" not in names
    assert changed == "2020-01-01T00:00:00.000Z"
    assert state == "ok"
    content = file.read_bytes()
    assert content[24:28] == content[92:96] == b"\0\0\0\1", "how often GDAL wrote depends on its clock"


@pytest.mark.parametrize("column", ["fid", "FID"])
def test_a_column_that_gdal_takes_for_its_own_key_keeps_its_texts(column: str, tmp_path: Path) -> None:
    square = plain.square(x_km=0, y_km=0, side_km=1, **{column: "z-1"})
    layers.write(square, tmp_path / "a.gpkg")
    assert gpd.read_file(tmp_path / "a.gpkg")["fid_source"].tolist() == ["z-1"]


def test_columns_that_differ_by_capitals_are_refused_in_french(tmp_path: Path) -> None:
    square = plain.square(x_km=0, y_km=0, side_km=1, nom="A", NOM="B")
    with pytest.raises(BadTable, match="en double"):
        layers.write(square, tmp_path / "a.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_a_blank_text_stays_blank_and_a_missing_one_missing(tmp_path: Path) -> None:
    frame = pd.concat([plain.square(x_km=0, y_km=0, side_km=1)] * 2, ignore_index=True)
    layers.write(frame.assign(nom=pd.Series(["", None], dtype=object)), tmp_path / "a.gpkg")
    blank, missing = gpd.read_file(tmp_path / "a.gpkg")["nom"]
    assert (blank, pd.isna(missing)) == ("", True)


@pytest.mark.parametrize(
    ("options", "figures"),
    [
        ((), []),
        (("--tamis",), ["50 m²", "2\u202f500 m²"]),
        (("--largeur",), ["5 m"]),
        (("--tamis", "--largeur"), ["50 m²", "2\u202f500 m²", "5 m"]),
    ],
)
def test_the_thresholds_of_the_decree_stand_under_the_stock_they_change(
    options: tuple[str, ...], figures: list[str], tmp_path: Path
) -> None:
    zone, cover = tmp_path / "zone.geojson", tmp_path / "sol.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, code="Z"), zone)
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS2.1.1.1", code_us="US1.2"), cover)
    output = run("zan", "stock", cover, "--zones", zone, "--cle", "code", *options).stdout
    cited = [line for line in output.splitlines() if "2023-1096" in line]
    assert [re.search(r": ([\d\u202f]+ m²?)", line)[1] for line in cited] == figures  # type: ignore[index]


def test_people_are_whole_and_said_to_be_spread_evenly(tmp_path: Path) -> None:
    """A third of a commune of 1 000 people and 90.5 ha."""
    town, park = tmp_path / "communes.geojson", tmp_path / "parc.geojson"
    layers.write(
        plain.rectangle(
            x_km=0, y_km=0, width_km=3, height_km=1, comm_insee="62001", population=1000, surface_ha=90.5
        ),
        town,
    )
    layers.write(plain.rectangle(x_km=0, y_km=0, width_km=1, height_km=1), park)
    line = ("trame", "desserte", park, "--population", town, "--distance", 0)
    counted = ("--compter", "population", "--compter", "surface_ha")
    table = json.loads(run(*line, *counted, "--format", "json").stdout)
    people, hectares = table["rows"]
    assert (people["served"], people["total"]) == (333, 1000)
    assert isinstance(people["served"], int)
    assert people["served_share"] == pytest.approx(1 / 3, abs=1e-6)
    assert hectares["served"] == pytest.approx(90.5 / 3, abs=1e-4)
    assert any("Population supposée répartie également dans la commune" in note for note in table["notes"])
    result = run(*line, "--compter", "population", "--sortie", tmp_path / "d.csv")
    assert result.exit_code == 0
    ((row,),) = [read_sources(tmp_path / "d.csv")]
    assert (row["Desservi"], row["Total"]) == ("333", "1000")
    assert re.search(r"\b333 +1\u202f000 ", run(*line, "--compter", "population").stdout)


def test_points_count_whole_so_nothing_is_said_of_their_spread(tmp_path: Path) -> None:
    firms, park = tmp_path / "firmes.geojson", tmp_path / "parc.geojson"
    layers.write(plain.point(x_km=0.5, y_km=0.5, emplois=12), firms)
    layers.write(plain.square(x_km=0, y_km=0, side_km=1), park)
    output = run("trame", "desserte", park, "--population", firms, "--compter", "emplois").stdout
    assert "supposé" not in output
