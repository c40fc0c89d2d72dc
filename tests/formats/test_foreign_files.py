"""What other people's software writes: journals, nulls, headers, axes; read right, or said."""

import gzip
import hashlib
import json
import math
import shutil
import sqlite3
import struct
import zipfile
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
import source_bytes
from cli_runner import run
from old_libraries import needs_missing_pairs
from pyarrow import parquet

from artois_geo import layers
from artois_geo.deliveries import crs_detection, delivery, matching
from artois_geo.errors import BadCRS, BadValue, MissingPart, UnreadableFile
from artois_geo.formats import geometry_codes
from artois_geo.kinds.schema import Field
from artois_geo.layers import workspace


def sums(folder: Path) -> dict[str, str]:
    """Every file of a folder, and the checksum of its bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


# --- GeoPackage: journals


@pytest.fixture
def pending(shared: Path, tmp_path: Path) -> Path:
    """A GeoPackage of which one zone was corrected and one deleted, in its -wal alone."""
    folder = tmp_path / "livraison"
    folder.mkdir()
    for name in ("zones.gpkg", "zones.gpkg-wal"):
        shutil.copyfile(shared / "cases" / "gpkg_wal" / name, folder / name)
    return folder / "zones.gpkg"


def test_every_way_in_reads_the_saved_state_and_changes_no_byte(pending: Path, tmp_path: Path) -> None:
    before = sums(pending.parent)
    with zipfile.ZipFile(tmp_path / "zones.zip", "w") as archive:
        for path in pending.parent.iterdir():
            archive.write(path, f"donnees/{path.name}")
    for path in (pending, pending.parent, tmp_path / "zones.zip"):
        assert layers.read_any(path)[0]["nom"].tolist() == ["Les Rietz (corrigé)"]
        assert delivery.receive(path, "libre").features["nom"].tolist() == ["Les Rietz (corrigé)"]
    result = run("couches", "valider", pending)
    assert result.exit_code == 0
    assert "zones.gpkg-wal lu avec zones.gpkg" in result.stdout.replace("\n", " ")
    assert sums(pending.parent) == before


def crashed(source: Path, folder: Path, *statements: str, mode: str = "WAL") -> Path:
    """A GeoPackage and its journal as a crash leaves them, after these statements."""
    folder.mkdir()
    base = sqlite3.connect(source, isolation_level=None)
    base.execute(f"PRAGMA journal_mode = {mode}")
    base.execute("PRAGMA wal_autocheckpoint = 0")
    base.execute("PRAGMA cache_size = 1")
    for statement in statements:
        base.execute(statement)
    for path in [source, *source.parent.glob(f"{source.name}-[wj]*")]:
        shutil.copyfile(path, folder / path.name)
    base.close()
    return folder / source.name


def test_a_cover_counted_in_its_file_is_in_its_saved_state(tmp_path: Path) -> None:
    """Two squares of 1 ha, one deleted in the -wal: ``zan stock`` counts 1 ha, and leaves the files alone."""
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "GEOMETRY", "code_cs": "TEXT", "code_us": "TEXT"}
    rows = [(n, wkb, "CS1.1.1.1", "US5") for n, wkb in enumerate(map(polygon, (0, 100)), start=1)]
    source = source_bytes.geopackage(tmp_path / "ocsge.gpkg", columns, rows)
    file = crashed(source, tmp_path / "livraison", "DELETE FROM zones WHERE fid = 2")
    commune = gpd.GeoDataFrame(
        {"code": ["62000"]}, geometry=[shapely.Polygon(source_bytes.square(side=1000)[0])], crs=2154
    )
    layers.write(commune, tmp_path / "communes.geojson")
    before = sums(file.parent)
    words = ("--zones", tmp_path / "communes.geojson", "--cle", "code", "--format", "json")
    result = run("zan", "stock", file, *words)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["rows"][0]["artificial_ha"] == pytest.approx(1.0, abs=1e-3)
    assert sums(file.parent) == before


def polygon(x: float) -> bytes:
    return source_bytes.wkb(source_bytes.POLYGON, source_bytes.square(x))


@pytest.mark.parametrize("content", [b"", b"pas un journal"])
def test_a_journal_that_holds_nothing_leaves_the_file_as_it_is(pending: Path, content: bytes) -> None:
    pending.with_name("zones.gpkg-wal").write_bytes(content)
    frame, findings = layers.read_any(pending)
    assert frame["nom"].tolist() == ["Les Rietz", "Le Crinchon"]
    assert ("journal du GeoPackage" in set(findings["rule"])) == bool(content)


@pytest.fixture
def one_zone(tmp_path: Path) -> Path:
    """A GeoPackage of one square named « Carré »."""
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "GEOMETRY", "nom": "TEXT"}
    return source_bytes.geopackage(tmp_path / "source.gpkg", columns, [(1, polygon(0), "Carré")])


def test_a_layer_made_in_the_journal_alone_is_read(one_zone: Path, tmp_path: Path) -> None:
    file = crashed(one_zone, tmp_path / "crash", "INSERT INTO zones (nom) VALUES ('Neuf')")
    assert layers.read_any(file)[0]["nom"].tolist() == ["Carré", "Neuf"]


def test_a_hot_journal_is_rolled_back_in_a_copy(one_zone: Path, tmp_path: Path) -> None:
    """A crash in the middle of a change: what was saved before it is what is read."""
    statements = (
        "BEGIN",
        "UPDATE zones SET nom = 'Perdu'",
        "CREATE TABLE t AS SELECT randomblob(99999) AS b",
    )
    file = crashed(one_zone, tmp_path / "crash", *statements, mode="DELETE")
    assert file.with_name("source.gpkg-journal").stat().st_size
    before = sums(file.parent)
    assert layers.read_any(file)[0]["nom"].tolist() == ["Carré"]
    assert sums(file.parent) == before


def test_a_base_without_the_mark_of_a_geopackage_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "base.gpkg") as base:
        base.execute("CREATE TABLE t (a)")
    with pytest.raises(UnreadableFile, match="sans marque de GeoPackage"):
        layers.read_any(tmp_path / "base.gpkg")


# --- GeoPackage: keys, views, tables of QGIS


@pytest.mark.parametrize(
    ("key", "sql", "values", "is_column"),
    [
        ("fid", "INTEGER PRIMARY KEY", [1, 2], False),
        ("OBJECTID", "INTEGER PRIMARY KEY AUTOINCREMENT", [1, 2], False),
        ("fid", "INTEGER PRIMARY KEY", [4, 9], True),
        ("id", "INTEGER PRIMARY KEY", [1, 2], True),
        ("id_zae", "INTEGER PRIMARY KEY", [6200017, 6200034], True),
        ("site_id", "TEXT PRIMARY KEY", ["ARTOIS-1", "ARTOIS-2"], True),
        ("fid", "TEXT PRIMARY KEY", ["1", "2"], True),
    ],
)
def test_a_primary_key_is_kept_unless_it_only_numbers_the_rows(
    tmp_path: Path, key: str, sql: str, values: list, is_column: bool
) -> None:
    rows = [(value, polygon(200 * number)) for number, value in enumerate(values)]
    path = source_bytes.geopackage(tmp_path / "z.gpkg", {key: sql, "geom": "POLYGON"}, rows)
    frame = layers.read_any(path)[0]
    assert ([*frame.columns.drop("geometry")] == [key]) == is_column
    if is_column:
        assert frame[key].tolist() == values


def test_a_key_of_two_columns_and_a_table_without_rowid_are_read_whole(tmp_path: Path) -> None:
    columns = {"epci": "TEXT", "numero": "INTEGER", "geom": "POLYGON"}
    path = source_bytes.geopackage(
        tmp_path / "z.gpkg", columns, [("A", 2, polygon(0)), ("A", 1, polygon(200))]
    )
    with sqlite3.connect(path) as base:
        base.execute("ALTER TABLE zones RENAME TO brut")
        base.execute(
            "CREATE TABLE zones (epci TEXT, numero INTEGER, geom BLOB,"
            " PRIMARY KEY (epci, numero)) WITHOUT ROWID"
        )
        base.execute("INSERT INTO zones SELECT * FROM brut")
    frame = layers.read_any(path)[0]
    assert frame[["epci", "numero"]].to_numpy().tolist() == [["A", 1], ["A", 2]]


def test_a_view_is_a_layer_in_the_order_that_it_gives(tmp_path: Path) -> None:
    rows = [(name, polygon(200 * number)) for number, name in enumerate("CBA")]
    path = source_bytes.geopackage(
        tmp_path / "z.gpkg", {"nom": "TEXT", "geom": "POLYGON"}, rows, layer="brut"
    )
    with sqlite3.connect(path) as base:
        base.execute("CREATE VIEW zones AS SELECT nom, geom FROM brut ORDER BY nom")
        base.execute("UPDATE gpkg_contents SET table_name = 'zones'")
        base.execute("UPDATE gpkg_geometry_columns SET table_name = 'zones'")
    assert layers.read_any(path)[0]["nom"].tolist() == ["A", "B", "C"]


def test_the_only_layer_of_features_is_chosen_and_the_other_tables_are_said(tmp_path: Path) -> None:
    path = source_bytes.geopackage(
        tmp_path / "z.gpkg", {"nom": "TEXT", "geom": "POLYGON"}, [("A", polygon(0))]
    )
    for table in ("layer_styles", "dictionnaire"):
        source_bytes.geopackage(path, {"mot": "TEXT"}, [("x",)], layer=table, features=False)
    frame, findings = layers.read_any(path)
    assert frame["nom"].tolist() == ["A"]
    assert findings["message"].tolist() == ["autres tables du GeoPackage, non lues : dictionnaire"]
    assert layers.read_any(path, layer="dictionnaire")[0]["mot"].tolist() == ["x"]


# --- shapefile


def rings(x: float) -> list:
    """A square as a shapefile turns it."""
    return [ring[::-1] for ring in source_bytes.square(x)]


NULLS = [
    (("n", "N", 8, 0), b"12", b"********", [12, None]),
    (("n", "N", 8, 2), b"12.5", b"*" * 8, [12.5, None]),
    (("n", "F", 8, 2), b"1e2", b"*" * 8, [100.0, None]),
    (("d", "D", 8, 0), b"20240401", b"00000000", ["2024-04-01", None]),
    (("v", "L", 1, 0), b"T", b"?", [True, None]),
    (("t", "C", 8, 0), b"***", b"********", ["***", "********"]),
    (("n", "N", 8, 2), b"12,5", b"1_000", ["12,5", "1_000"]),
    (("n", "N", 8, 2), b"nan", b"1e999", ["nan", "1e999"]),
    (("v", "L", 1, 0), b"F", b"x", [False, "x"]),
]


@pytest.mark.parametrize(("field", "first", "second", "values"), NULLS)
def test_what_a_dbf_writes_as_null_is_null_and_said_once(
    tmp_path: Path, field: tuple, first: bytes, second: bytes, values: list
) -> None:
    path = tmp_path / "z.shp"
    source_bytes.shapefile(path, [field], [[first], [second], [second]], [rings(0), rings(200), rings(400)])
    frame, findings = layers.read_any(path)
    cells = [None if pd.isna(cell) else cell for cell in frame[field[0]]]
    assert cells == [*values, values[1]]
    assert findings["field"].tolist() == ([field[0]] if values[1] is None else [])


def test_a_deleted_record_goes_with_its_shape_wherever_it_stands(tmp_path: Path) -> None:
    records = [[b"A"], [None], [b"C"], [None]]
    path = source_bytes.shapefile(
        tmp_path / "z.shp", [("nom", "C", 5, 0)], records, [*map(rings, (0, 200, 400, 600))]
    )
    frame, findings = layers.read_any(path)
    assert frame["nom"].tolist() == ["A", "C"]
    assert frame.bounds["minx"].tolist() == [684_000, 684_400]
    assert findings["rule"].tolist() == ["lignes effacées"]


def test_texts_in_utf8_are_read_so_under_a_latin_cpg(tmp_path: Path) -> None:
    texts = ["Béthune", "Œuf"]
    records = [[text.encode()] for text in texts]
    path = source_bytes.shapefile(
        tmp_path / "z.shp", [("nom", "C", 20, 0)], records, [*map(rings, (0, 200))], cpg="ISO-8859-1"
    )
    frame, findings = layers.read_any(path)
    assert frame["nom"].tolist() == texts
    assert "mais les textes sont de l'UTF-8" in findings["message"].iloc[0]


def test_a_text_cut_in_the_middle_of_a_letter_spoils_no_other(tmp_path: Path) -> None:
    records = [["Béthune".encode()], ["Annezin  é".encode()[:10]]]
    path = source_bytes.shapefile(tmp_path / "z.shp", [("nom", "C", 10, 0)], records, [*map(rings, (0, 200))])
    frame, findings = layers.read_any(path)
    assert frame["nom"].tolist() == ["Béthune", "Annezin  �"]
    assert findings.loc[findings["field"] == "nom", "level"].tolist() == ["alerte"]


@pytest.mark.parametrize("encoding", ["klingon", "hex"])
@pytest.mark.parametrize("name", ["z.csv", "z.geojson"])
def test_an_encoding_that_nobody_knows_is_said(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(BadValue, match=f"Encodage inconnu : « {encoding} »"):
        layers.read_any(tmp_path / name, encoding=encoding)


def test_two_columns_of_one_name_are_both_kept(tmp_path: Path) -> None:
    fields = [("surf", "N", 4, 0), ("surf", "N", 4, 0)]
    path = source_bytes.shapefile(tmp_path / "z.shp", fields, [[b"1", b"2"]], [rings(0)])
    frame, findings = layers.read_any(path)
    assert frame[["surf", "surf_2"]].to_numpy().tolist() == [[1, 2]]
    assert "surf_2" in set(findings["field"])


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize(("cut", "shape_count"), [(30, 2), (140, 1), (400, 0)])
def test_each_shape_beyond_the_end_of_a_cut_file_is_named(
    tmp_path: Path, index: bool, cut: int, shape_count: int
) -> None:
    path = source_bytes.shapefile(
        tmp_path / "z.shp", [("nom", "C", 5, 0)], [[b"A"], [b"B"], [b"C"]], [*map(rings, (0, 200, 400))]
    )
    path.write_bytes(path.read_bytes()[:-cut])
    if not index:
        path.with_suffix(".shx").unlink()
    frame, findings = layers.read_any(path)
    assert frame["nom"].tolist() == ["A", "B", "C"]
    assert frame.geometry.notna().sum() == shape_count
    errors = findings[findings["level"] == "erreur"]
    assert errors["feature"].tolist() == list(range(shape_count + 1, 4))
    assert "z.shp est tronqué" in errors["message"].iloc[0]


# --- numbers: the mark of a column is decided by all its cells


NUMBERS = {
    "English": (["1,234.5", "2,345"], [1234.5, 2345]),
    "English, millions": (["1,234,567", "2,345"], [1234567, 2345]),
    "English beside a plain one": (["1,234.5", "2,345", "987.25"], [1234.5, 2345, 987.25]),
    "German": (["1.234,5", "2.345"], [1234.5, 2345]),
    "German, without a comma": (["1.234.567", "2.345"], [1234567, 2345]),
    "French, with spaces": (["1 234,567", "2,345"], [1234.567, 2.345]),
    "French, three decimals": (["12,5", "2,345"], [12.5, 2.345]),
    "software": (["12.5", "2.345"], [12.5, 2.345]),
    "point and a lone comma": (["987.25", "2,345"], [987.25, "2,345"]),
    "contradictory": (["1,234.5", "12,5", "2,345"], [1234.5, "12,5", "2,345"]),
    "groups of two": (["12,34.5", "1,23"], ["12,34.5", 1.23]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_comma_means_what_all_the_cells_of_its_column_say(name: str) -> None:
    cells, values = NUMBERS[name]
    read, findings = matching.typed(cells, Field("surface", "number"), texts=True)
    assert read == values
    assert [type(number) is str for number in read] == [type(number) is str for number in values]
    changed = [cell for cell, number in zip(cells, read, strict=True) if number == 2345]
    assert {finding.found for finding in findings if finding.level == "réparation"} >= set(changed)


@pytest.mark.parametrize(
    ("mark", "words"), [(",", "virgule décimale supposée"), (".", "point décimal supposé")]
)
def test_a_mark_that_nothing_proves_is_decimal_and_said_once(mark: str, words: str) -> None:
    cells = [f"12{mark}345", f"2{mark}345"]
    read, findings = matching.typed(cells, Field("surface", "number"), texts=True)
    assert read == [12.345, 2.345]
    assert [(finding.feature, finding.level, finding.rule) for finding in findings] == [
        (None, "alerte", "marque ambiguë")
    ]
    assert f"2 nombres comme « {cells[0]} », lus 12,345 : {words}" in findings[0].message


def test_a_comma_that_nothing_proves_is_no_decimal_mark_of_an_integer() -> None:
    assert matching.typed(["12,000"], Field("logements", "integer"), texts=True)[0] == ["12,000"]


# --- tables: where they begin


def table(tmp_path: Path, rows: list[list], *, name: str = "t.csv") -> Path:
    if name.endswith(".xlsx"):
        return source_bytes.workbook(tmp_path / name, {"Feuille": rows})
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    (tmp_path / name).write_bytes(source_bytes.csv_bytes(texts))
    return tmp_path / name


both = pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
ROWS = [["id", "nom", "ha"], ["Q1", "Lens", "vu"], ["Q2", "Arras", "lu"]]


@both
def test_a_title_above_the_header_is_said_and_is_no_header(tmp_path: Path, name: str) -> None:
    path = table(
        tmp_path, [["Sites de l'Artois"], ["Source : fictive", None, None], [None], *ROWS], name=name
    )
    frame, findings = layers.read_any(path)
    assert frame[["id", "nom", "ha"]].to_numpy().tolist() == ROWS[1:]
    row = findings[findings["rule"] == "titre"].iloc[0]
    assert row["found"] == "Sites de l'Artois | Source : fictive"
    assert "ligne 4" in row["message"]


@both
@pytest.mark.parametrize(
    "first", [["62041", "Arras", "zone"], ["Arras", "12,5", "zone"], ["a", "2024-04-01", "b"]]
)
def test_a_first_row_that_is_a_record_is_refused(tmp_path: Path, name: str, first: list) -> None:
    other_rows = [["16015", "Lens", "y"], ["Lens", "7,25", "y"], ["c", "2023-12-31", "d"]]
    other_row = next(
        o for o, f in zip(other_rows, (["62041"], ["Arras"], ["a"]), strict=True) if f[0] == first[0]
    )
    with pytest.raises(UnreadableFile, match="ressemble à des données"):
        layers.read_any(table(tmp_path, [first, other_row], name=name))


@both
@pytest.mark.parametrize(
    "header", [["code", "2019", "2020"], ["nom", "111", "112"], ["lieu", "2019", "valeur"]]
)
def test_a_header_that_holds_years_or_classes_is_one(tmp_path: Path, name: str, header: list) -> None:
    path = table(tmp_path, [header, ["Lens", 12, 13], ["Arras", 14, 15]], name=name)
    frame = layers.read_any(path)[0]
    assert [*frame.columns.drop("geometry")] == header
    assert len(frame) == 2


@both
def test_a_repeated_header_is_taken_out_and_said(tmp_path: Path, name: str) -> None:
    frame, findings = layers.read_any(table(tmp_path, [ROWS[0], *ROWS, ROWS[0]], name=name))
    assert frame[["id", "nom", "ha"]].to_numpy().tolist() == ROWS[1:]
    assert [row for row in findings["message"] if "en-tête" in row] == [
        "ligne 2 : l'en-tête y est répété, retiré",
        "ligne 5 : l'en-tête y est répété, retiré",
    ]


@both
def test_columns_without_name_and_cells_are_left_out_and_said(tmp_path: Path, name: str) -> None:
    rows = [[row[0], None, *row[1:], None, None] for row in ROWS]
    frame, findings = layers.read_any(table(tmp_path, rows, name=name))
    assert frame[["id", "nom", "ha"]].to_numpy().tolist() == ROWS[1:]
    if name == "t.csv":
        assert "3 colonnes sans nom et sans valeur, ignorées" in set(findings["message"])


@both
def test_a_column_without_name_that_holds_cells_is_refused_by_its_place(tmp_path: Path, name: str) -> None:
    rows = [[*ROWS[0], None, None], [*ROWS[1], None, "reste"], [*ROWS[2], None, None]]
    with pytest.raises(UnreadableFile, match=r"la 5e colonne n'a pas de nom .*« reste », ligne 2"):
        layers.read_any(table(tmp_path, rows, name=name))


def test_the_index_that_pandas_writes_is_left_out_and_said(tmp_path: Path) -> None:
    rows = [[None, *ROWS[0]], *[[number, *row] for number, row in enumerate(ROWS[1:])]]
    frame, findings = layers.read_any(table(tmp_path, rows))
    assert [*frame.columns.drop("geometry")] == ROWS[0]
    assert "numéroter les lignes" in findings["message"].iloc[0]


def test_two_columns_of_one_name_are_refused_by_their_places(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"« nom » \(2e colonne et 3e colonne\)"):
        layers.read_any(table(tmp_path, [["id", "nom", "nom"], ["1", "a", "b"]]))


def test_a_cell_may_hold_any_separator_of_lines_but_its_own(tmp_path: Path) -> None:
    rows = [["id", "note"], ["1", "a\u2028b\x0bc\x85d"], ["2", "deux\r\nlignes"]]
    frame = layers.read_any(table(tmp_path, rows))[0]
    assert frame["note"].tolist() == [row[1] for row in rows[1:]]


def test_a_cell_full_of_commas_is_no_reason_to_cut_at_commas(tmp_path: Path) -> None:
    cell = json.dumps({"type": "Point", "coordinates": [2.8, 50.4]})
    frame = layers.read_any(table(tmp_path, [["id", "geojson"], ["A", cell], ["B", cell]]))[0]
    assert frame["id"].tolist() == ["A", "B"]
    (tmp_path / "t.csv").write_text("Zones d'activités, Artois\nid;nom\n1;a\n2;b\n")
    assert layers.read_any(tmp_path / "t.csv")[0]["nom"].tolist() == ["a", "b"]


# --- workbooks


def test_a_formula_without_stored_value_is_said_by_column_and_cell(tmp_path: Path) -> None:
    f = source_bytes.formula
    rows = [
        ["id", "ha", "commune", "vide"],
        ["A", f("1+1", 2), f('"Lens"', "Lens"), None],
        ["B", f("B2*2"), f("C2"), None],
        ["C", f("B2*3"), "Arras", None],
    ]
    frame, findings = layers.read_any(table(tmp_path, rows, name="t.xlsx"))
    rows = findings[findings["rule"] == "formule sans valeur"]
    assert rows[["field", "level", "found"]].to_numpy().tolist() == [
        ["ha", "alerte", "B3, B4"],
        ["commune", "alerte", "C3"],
    ]
    assert "2 formules sans valeur enregistrée (B3, B4)" in rows["message"].iloc[0]
    assert frame["ha"].tolist()[0] == 2


def test_formulas_with_their_values_are_read_without_a_word(tmp_path: Path) -> None:
    f = source_bytes.formula
    rows = [["id", "ha"], ["A", f("1+1", 2)], ["B", f("2+2.5", 4.5)]]
    frame, findings = layers.read_any(table(tmp_path, rows, name="t.xlsx"))
    assert frame["ha"].tolist() == [2, 4.5]
    assert findings.empty


def test_an_account_of_consumption_refuses_formulas_without_values(tmp_path: Path) -> None:
    path = table(tmp_path, [["commune", "2021"], ["62041", source_bytes.formula("1+1")]], name="conso.xlsx")
    result = run("zan", "consommation", path, "--unite", "ha")
    assert result.exit_code == 1
    assert "1 formule sans valeur enregistrée (B2)" in result.stderr


def test_numbers_and_booleans_of_a_workbook_stay_so_without_a_kind(tmp_path: Path) -> None:
    rows = [["id", "ha", "bati", "n"], ["01", 12.5, True, 3], ["02", 7, False, 4]]
    received = delivery.receive(table(tmp_path, rows, name="t.xlsx"), "libre")
    assert received.features[["id", "ha", "bati", "n"]].to_numpy().tolist() == [
        ["01", 12.5, True, 3],
        ["02", 7.0, False, 4],
    ]
    assert received.features.dtypes.astype(str)[["ha", "bati", "n"]].tolist() == [
        "float64",
        "boolean",
        "Int64",
    ]


def test_a_sheet_of_charts_or_without_cells_is_no_choice(tmp_path: Path) -> None:
    path = source_bytes.workbook(tmp_path / "t.xlsx", {"Graphique": None, "Sites": ROWS, "Feuil2": []})
    assert len(layers.read_any(path)[0]) == 2
    with pytest.raises(UnreadableFile, match=r"« Graphique » est une feuille graphique.*Sites"):
        layers.read_any(path, layer="Graphique")
    with pytest.raises(UnreadableFile, match="« Sitez » n’y est pas"):
        layers.read_any(path, layer="Sitez")


# --- positions in one cell


PLACES = ["50.4285, 2.8318", "50.2867,2.7814"]


@pytest.mark.parametrize("column", ["geo_point_2d", "latlon", "LatLng", "geopoint"])
def test_columns_that_are_latitude_first_by_definition_are_read_so(tmp_path: Path, column: str) -> None:
    received = delivery.receive(
        table(tmp_path, [["id", column], *[[f"S{number}", cell] for number, cell in enumerate(PLACES)]]),
        "libre",
    )
    assert received.outcome in {"accept", "repair"}
    degrees = received.features.to_crs(4326).geometry
    assert degrees.x.round(4).tolist() == [2.8318, 2.7814]
    assert degrees.y.round(4).tolist() == [50.4285, 50.2867]


def test_la_reunion_lies_east_of_madagascar(tmp_path: Path) -> None:
    path = table(tmp_path, [["id", "geo_point_2d"], ["A", "-20.9, 55.3"]])
    received = delivery.receive(path, "libre", territory="monde")
    workspace.save_delivery(received, path, tmp_path / "donnees", "libre")
    collection = json.loads((tmp_path / "donnees" / "libre.geojson").read_text())
    assert collection["features"][0]["geometry"]["coordinates"] == [55.3, -20.9]


def test_an_empty_geo_shape_falls_back_on_its_point_which_stays_in_the_table(tmp_path: Path) -> None:
    shape = json.dumps({"type": "Point", "coordinates": [2.9, 50.5]})
    rows = [["id", "geo_shape", "geo_point_2d"], ["A", shape, PLACES[0]], ["B", None, PLACES[1]]]
    received = delivery.receive(table(tmp_path, rows), "libre")
    assert received.features.to_crs(4326).geometry.x.round(4).tolist() == [2.9, 2.7814]
    assert received.features["geo_point_2d"].tolist() == PLACES


def test_swapped_axes_that_are_offered_can_be_chosen(tmp_path: Path) -> None:
    path = table(tmp_path, [["id", "coordonnees"], ["A", PLACES[0]], ["B", PLACES[1]]])
    with pytest.raises(BadCRS, match="--crs EPSG:4326-inverse") as refused:
        delivery.receive(path, "libre")
    assert "Lambert" not in str(refused.value)
    received = delivery.receive(path, "libre", crs="EPSG:4326-inverse")
    assert received.features.to_crs(4326).geometry.y.round(4).tolist() == [50.4285, 50.2867]
    assert delivery.receive(path, "libre", crs="auto").features.equals(received.features)


# --- curves


ARC_RING = [
    [684_040, 7_037_000],
    [684_000, 7_037_040],
    [683_960, 7_037_000],
    [684_000, 7_036_960],
    [684_040, 7_037_000],
]
DISC = source_bytes.wkb(source_bytes.CURVED_POLYGON, [source_bytes.wkb(source_bytes.ARC, ARC_RING)])


@pytest.mark.parametrize("name", ["z.gpkg", "z.csv", "z.parquet"])
def test_a_disc_of_arcs_is_drawn_by_segments_that_hold_its_area(tmp_path: Path, name: str) -> None:
    """A radius of 40 m: 5 026.5 m²; segments of 2° lose 0.02 % of it."""
    path = tmp_path / name
    if name == "z.gpkg":
        source_bytes.geopackage(path, {"nom": "TEXT", "geom": "CURVEPOLYGON"}, [("rond", DISC)])
    elif name == "z.csv":
        table(tmp_path, [["nom", "geom"], ["rond", f"SRID=2154;{wkt_of(ARC_RING)}"]], name=name)
    else:
        source_bytes.geoparquet(path, {"nom": ["rond"]}, [DISC])
    received = delivery.receive(path, "libre")
    assert received.features.area.tolist() == [pytest.approx(5026.5, rel=5e-4)]
    rows = [row for row in received.rows() if row["rule"] == "géométrie courbe"]
    assert [row["level"] for row in rows] == ["réparation"]
    if name != "z.csv":
        assert rows[0]["before_m2"] == pytest.approx(5026.548, abs=0.01)
        assert "5\u202f026,5 m² avec les arcs, 5\u202f025,5 m² dessinés" in rows[0]["message"]


def wkt_of(ring: list) -> str:
    return f"CURVEPOLYGON (CIRCULARSTRING ({', '.join(f'{x} {y}' for x, y in ring)}))"


def test_a_multisurface_of_straight_polygons_is_read_exactly_without_a_word(tmp_path: Path) -> None:
    surface = source_bytes.wkb(source_bytes.MULTISURFACE, [polygon(0), polygon(200)])
    path = source_bytes.geopackage(tmp_path / "z.gpkg", {"geom": "MULTISURFACE"}, [(surface,)])
    received = delivery.receive(path, "libre")
    assert (received.outcome, received.features.area.tolist()) == ("accept", [20_000.0])


CURVES = {
    "CIRCULARSTRING (0 0, 1 1, 2 0)": ("LineString", math.pi),
    "COMPOUNDCURVE ((-1 0, 0 0), CIRCULARSTRING (0 0, 1 1, 2 0))": ("LineString", 1 + math.pi),
    "MULTICURVE ((0 0, 0 3), CIRCULARSTRING (0 0, 1 1, 2 0))": ("MultiLineString", 3 + math.pi),
    "CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (0 0, 1 1, 2 0), (2 0, 0 0)))": ("Polygon", 2 + math.pi),
    "MULTISURFACE (((9 0, 10 0, 10 1, 9 1, 9 0)), CURVEPOLYGON (CIRCULARSTRING (0 0, 2 0, 0 0)))": (
        "MultiPolygon",
        4 + 2 * math.pi,
    ),
    "GEOMETRYCOLLECTION (CIRCULARSTRING (0 0, 1 1, 2 0))": ("GeometryCollection", math.pi),
    "CIRCULARSTRING (0 0, 1 0, 2 0)": ("LineString", 2.0),
    "CIRCULARSTRING (0 0, 1 -1, 2 0)": ("LineString", math.pi),
}


@pytest.mark.parametrize("text", CURVES)
def test_each_kind_of_curve_has_the_length_of_its_arcs(text: str) -> None:
    kind, length = CURVES[text]
    coded = geometry_codes.from_wkt(text)
    assert (coded.shape.geom_type, coded.curved) == (kind, True)
    assert coded.shape.length == pytest.approx(length, rel=1e-3)


@pytest.mark.parametrize("code", [16, 17, 99])
def test_a_kind_that_no_map_draws_is_an_error_on_its_feature(tmp_path: Path, code: int) -> None:
    strange = struct.pack("<BII", 1, code, 0)
    path = source_bytes.geopackage(
        tmp_path / "z.gpkg", {"nom": "TEXT", "geom": "TIN"}, [("a", polygon(0)), ("b", strange)]
    )
    received = delivery.receive(path, "libre", set_aside=True)
    assert received.features["nom"].tolist() == ["a"]
    assert received.aside == (1,)
    assert "ne se dessine pas" in next(row["message"] for row in received.rows() if row["level"] == "erreur")


# --- GeoParquet

POINT_PAIRS = ("Point", "interleaved")


@pytest.mark.parametrize(
    ("kind", "layout"),
    [
        pytest.param(kind, layout, marks=needs_missing_pairs if (kind, layout) == POINT_PAIRS else ())
        for kind in ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
        for layout in ("separated", "interleaved")
    ],
)
def test_native_encodings_give_the_shapes_of_wkb(tmp_path: Path, kind: str, layout: str) -> None:
    ring = source_bytes.square()[0]
    nested = {
        "Point": ring[0],
        "LineString": ring,
        "Polygon": [ring],
        "MultiPoint": ring[:3],
        "MultiLineString": [ring, ring[:2]],
        "MultiPolygon": [[ring], source_bytes.square(200)],
    }[kind]
    path = source_bytes.geoparquet(
        tmp_path / "z.parquet", {}, [nested, None], encoding=kind.lower(), layout=layout
    )
    frame, findings = layers.read_any(path)
    assert shapely.equals_exact(
        frame.geometry.iloc[0], shapely.geometry.shape({"type": kind, "coordinates": nested})
    )
    assert frame.geometry.iloc[1] is None
    assert findings.empty


def test_a_pyarrow_that_reads_no_missing_position_says_to_renew_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = source_bytes.geoparquet(tmp_path / "z.parquet", {}, [[0.0, 1.0]], encoding="point")

    def refuse(*_: object) -> None:
        raise pa.ArrowInvalid("Expected all lists to be of size=2 but index 2 had size=0")

    monkeypatch.setattr(parquet.ParquetFile, "read", refuse)
    with pytest.raises(MissingPart, match="pip install -U pyarrow"):
        layers.read_any(path)


def test_values_that_json_lacks_are_written_as_the_trial_promises(tmp_path: Path) -> None:
    columns = {
        "prix": [Decimal("10000.50"), None],
        "entier": pa.array([Decimal("12"), Decimal("7")], pa.decimal128(12, 0)),
        "fin": [Decimal("0.123456789012345678901"), Decimal("1.5")],
        "duree": [timedelta(days=1, hours=2), None],
        "liste": [[Decimal("1.5"), Decimal("2")], []],
        "fiche": [{"le": date(2024, 4, 1), "n": 1}, None],
        "heure": [time(8, 30), None],
        "octets": [b"\x01\xff", None],
        "table": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int32())),
    }
    path = source_bytes.geoparquet(tmp_path / "z.parquet", columns, [polygon(0), polygon(200)])
    received = delivery.receive(path, "libre")
    workspace.save_delivery(received, path, tmp_path / "donnees", "z")
    first = json.loads((tmp_path / "donnees" / "z.geojson").read_text())["features"][0]["properties"]
    assert first == {
        "prix": 10000.5,
        "entier": 12,
        "fin": 0.123456789012345678901,
        "duree": "P1DT2H0M0S",
        "liste": [1.5, 2.0],
        "fiche": {"le": "2024-04-01", "n": 1},
        "heure": "08:30:00",
        "octets": "01ff",
        "table": {"a": 1},
    }
    assert [row["field"] for row in received.rows() if row["rule"] == "décimal arrondi"] == ["fin"]


def test_a_covering_goes_and_a_second_geometry_stays_as_text(tmp_path: Path) -> None:
    bbox = [{"xmin": 0.0, "ymin": 0.0, "xmax": 1.0, "ymax": 1.0}]
    columns = {"bbox": bbox, "centre": [shapely.Point(1, 2).wkb]}
    path = source_bytes.geoparquet(
        tmp_path / "z.parquet",
        columns,
        [polygon(0)],
        covering="bbox",
        extra_columns={"centre": {"encoding": "WKB"}},
    )
    frame, findings = layers.read_any(path)
    assert frame.drop(columns="geometry").to_dict("list") == {"centre": ["POINT (1 2)"]}
    assert set(findings["field"]) == {"bbox", "centre"}


def test_files_that_continue_each_other_are_one_layer_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "zones.parquet"
    folder.mkdir()
    for number in (0, 1, 2, 10):
        source_bytes.geoparquet(folder / f"part.{number}.parquet", {"n": [number]}, [polygon(200 * number)])
    assert layers.read_any(folder)[0]["n"].tolist() == [0, 1, 2, 10]
    source_bytes.geoparquet(folder / "part.11.parquet", {"m": [1]}, [polygon(0)])
    with pytest.raises(UnreadableFile, match=r"zones.parquet : .* n'ont pas les mêmes colonnes"):
        layers.read_any(folder)


@pytest.mark.parametrize(("index", "is_column"), [([0, 1], False), ([1, 2], False), ([7, 3], True)])
def test_an_index_of_pandas_without_a_name_is_kept_unless_it_numbers_the_rows(
    tmp_path: Path, index: list, is_column: bool
) -> None:
    path = source_bytes.geoparquet(
        tmp_path / "z.parquet", {"__index_level_0__": index}, [polygon(0), polygon(200)]
    )
    frame = layers.read_any(path)[0]
    assert ("index" in frame and frame["index"].tolist() == index) == is_column


# --- archives


PLAIN_LAYER = source_bytes.geojson_bytes([{"nom": "A"}], [{"type": "Point", "coordinates": [2.8, 50.4]}])


def test_what_systems_leave_in_folders_is_no_layer(tmp_path: Path) -> None:
    members = dict.fromkeys(
        [
            "a/Thumbs.db",
            "b/Thumbs.db",
            "a/reglement.pdf",
            "b/reglement.pdf",
            "a/._zones.geojson",
            "desktop.ini",
            ".DS_Store",
            "__MACOSX/a/zones.geojson",
        ],
        b"x",
    )
    path = source_bytes.archive(tmp_path / "plu.zip", {**members, "a/zones.geojson": PLAIN_LAYER})
    assert layers.read_any(path)[0]["nom"].tolist() == ["A"]


@pytest.mark.parametrize(
    ("other_member", "content"),
    [
        ("dictionnaire.csv", b"champ;sens\nnom;nom\n"),
        ("metadonnees.json", b'{"title": "zones"}'),
        ("lisez_moi.txt", b"zones"),
        ("description.xlsx", None),
    ],
)
def test_the_only_layer_of_an_archive_is_read_and_what_lies_beside_is_named(
    tmp_path: Path, other_member: str, content: bytes | None
) -> None:
    content = content or source_bytes.workbook(tmp_path / other_member, {"Feuille": ROWS}).read_bytes()
    path = source_bytes.archive(tmp_path / "z.zip", {"zones.geojson": PLAIN_LAYER, other_member: content})
    frame, findings = layers.read_any(path)
    assert frame["nom"].tolist() == ["A"]
    assert [other_member in text for text in findings["message"]] == (
        [] if other_member.endswith(".txt") else [True]
    )


TWO = {"2023/zones.geojson": PLAIN_LAYER, "2024/zones.geojson": PLAIN_LAYER.replace(b'"A"', b'"B"')}


def test_two_layers_of_an_archive_are_named_by_their_paths_and_either_can_be_chosen(tmp_path: Path) -> None:
    path = source_bytes.archive(tmp_path / "z.zip", TWO)
    with pytest.raises(UnreadableFile, match=r"2023/zones.geojson, 2024/zones.geojson") as refused:
        layers.read_any(path)
    assert "--couche-source 2023/zones.geojson" in str(refused.value)
    assert layers.read_any(path, layer="2024/zones.geojson")[0]["nom"].tolist() == ["B"]
    with pytest.raises(UnreadableFile, match="« zones » n'en désigne pas une seule"):
        layers.read_any(path, layer="zones")


def test_a_table_beside_another_is_chosen_by_its_name(tmp_path: Path) -> None:
    path = source_bytes.archive(
        tmp_path / "insee.zip", {"flux.csv": b"code;n\n62041;3\n", "meta_flux.csv": b"mot;sens\nn;nombre\n"}
    )
    with pytest.raises(UnreadableFile, match=r"--couche-source flux.csv"):
        layers.read_any(path)
    assert layers.read_any(path, layer="flux")[0]["n"].tolist() == ["3"]


def test_a_layer_of_a_geopackage_of_an_archive_is_chosen_by_both_names(tmp_path: Path) -> None:
    gpkg = source_bytes.geopackage(
        tmp_path / "p.gpkg", {"nom": "TEXT", "geom": "POLYGON"}, [("A", polygon(0))]
    )
    source_bytes.geopackage(gpkg, {"nom": "TEXT", "geom": "POLYGON"}, [("B", polygon(0))], layer="voies")
    path = source_bytes.archive(tmp_path / "z.zip", {"p.gpkg": gpkg.read_bytes(), "q.geojson": PLAIN_LAYER})
    with pytest.raises(UnreadableFile, match=r"--couche-source p.gpkg/NOM"):
        layers.read_any(path, layer="p.gpkg")
    assert layers.read_any(path, layer="p.gpkg/voies")[0]["nom"].tolist() == ["B"]


def test_a_rejected_feature_of_a_chosen_file_is_kept_word_for_word(tmp_path: Path) -> None:
    bad = source_bytes.geojson_bytes(
        [{"nom": "A"}, {"nom": "B"}], [{"type": "Point", "coordinates": [2.8, 50.4]}, {"type": "Cercle"}]
    )
    path = source_bytes.archive(tmp_path / "z.zip", {"a.geojson": PLAIN_LAYER, "b.geojson": bad})
    received = delivery.receive(path, "libre", layer="b", set_aside=True)
    workspace.save_delivery(received, path, tmp_path / "donnees", "z")
    rejects = json.loads((tmp_path / "donnees" / "z.rejets.geojson").read_text())
    assert rejects["features"] == [json.loads(bad)["features"][1]]


@pytest.mark.parametrize("name", ["c.json", "c.geojson", "c.csv"])
def test_a_file_compressed_alone_is_read_as_what_it_holds(tmp_path: Path, name: str) -> None:
    content = b"nom;lon;lat\nA;2,8;50,4\n" if name.endswith("csv") else PLAIN_LAYER
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(content))
    assert layers.read_any(path)[0]["nom"].tolist() == ["A"]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UnreadableFile, match=f"{name}.gz : archive illisible"):
        layers.read_any(path)


def test_a_compressed_file_that_inflates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(b" " * 5_000_000))
    with pytest.raises(UnreadableFile, match="gonfle de plus de 100 fois"):
        layers.read_any(tmp_path / "x.json.gz")


# --- GeoJSON


LAMBERT = {"type": "Point", "coordinates": [684_000, 7_037_000]}
SPELLINGS = [
    {"type": "name", "properties": {"name": name}}
    for name in (
        "EPSG:2154",
        "epsg:2154",
        "EPSG::2154",
        "2154",
        "urn:ogc:def:crs:EPSG::2154",
        "urn:ogc:def:crs:EPSG:9.9:2154",
        "urn:x-ogc:def:crs:EPSG::2154",
        "http://www.opengis.net/def/crs/EPSG/0/2154",
        "https://www.opengis.net/def/crs/EPSG/9.9.1/2154",
        "http://www.opengis.net/gml/srs/epsg.xml#2154",
        "IGNF:LAMB93",
        "RGF93 v1 / Lambert-93",
        "RGF93 / Lambert-93",
    )
] + [
    {"type": "EPSG", "properties": {"code": 2154}},
    {"type": "EPSG", "properties": {"code": "2154"}},
    {"properties": {"name": "EPSG:2154"}},
    "EPSG:2154",
    "2154",
]


@pytest.mark.parametrize("crs", SPELLINGS, ids=str)
def test_every_spelling_of_lambert_93_is_it(tmp_path: Path, crs: object) -> None:
    path = tmp_path / "z.geojson"
    path.write_bytes(source_bytes.geojson_bytes([{"nom": "A"}], [LAMBERT], crs=crs))
    received = delivery.receive(path, "libre")
    point = received.features.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((684_000, 7_037_000), abs=0.01)


@pytest.mark.parametrize(
    ("crs", "reason"),
    [
        ({}, "sans nom de système"),
        ({"type": "name", "properties": {}}, "sans nom de système"),
        ({"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}, "jamais suivi"),
        ({"type": "name", "properties": {"name": "Lambert du voisin"}}, "illisible"),
        ({"type": "name", "properties": {"name": "+proj=longlat +nadgrids=@/etc/passwd"}}, "illisible"),
        ({"type": "name", "properties": {"name": "EPSG:999999"}}, "illisible"),
        ([2154], "sans nom de système"),
    ],
    ids=str,
)
def test_an_unreadable_crs_gives_way_to_the_option_that_its_message_names(
    tmp_path: Path, crs: object, reason: str
) -> None:
    path = tmp_path / "z.geojson"
    path.write_bytes(source_bytes.geojson_bytes([{"nom": "A"}], [LAMBERT], crs=crs))
    with pytest.raises(BadCRS, match=reason) as refused:
        delivery.receive(path, "libre", territory="2.4,50.1,3.2,50.7")
    assert "--crs auto ou --crs EPSG:2154" in str(refused.value)
    for option in ("EPSG:2154", "auto"):
        received = delivery.receive(path, "libre", territory="2.4,50.1,3.2,50.7", crs=option)
        assert received.features.geometry.iloc[0].x == pytest.approx(684_000)
    with pytest.raises(BadCRS, match=reason):
        layers.read(path)


EMPTIES = ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"]


@pytest.mark.parametrize("kind", EMPTIES)
def test_an_empty_geometry_of_any_kind_is_read_as_empty(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "z.geojson"
    path.write_bytes(source_bytes.geojson_bytes([{"nom": "A"}], [{"type": kind, "coordinates": []}]))
    frame, findings = layers.read_any(path)
    assert frame.geometry.is_empty.tolist() == [True]
    assert frame.geometry.geom_type.tolist() == [kind]
    assert findings.empty


SQUARE = [[2.70, 50.45], [2.701, 50.45], [2.701, 50.451], [2.70, 50.451], [2.70, 50.45]]
FLAT = [[2.7002, 50.4502], [2.7004, 50.4504], [2.7002, 50.4502]]


@pytest.mark.parametrize(
    ("kind", "coordinates", "rule"),
    [
        ("Polygon", [SQUARE, FLAT], "trou nul"),
        ("Polygon", [SQUARE, FLAT[:2]], "trou nul"),
        ("Polygon", [SQUARE, []], "trou nul"),
        ("MultiPolygon", [[SQUARE], [FLAT]], "partie nulle"),
        ("MultiPolygon", [[FLAT[:1]], [SQUARE]], "partie nulle"),
    ],
)
def test_a_part_or_hole_without_ground_goes_and_the_parcel_stays(
    tmp_path: Path, kind: str, coordinates: list, rule: str
) -> None:
    path = tmp_path / "z.geojson"
    path.write_bytes(source_bytes.geojson_bytes([{"nom": "A"}], [{"type": kind, "coordinates": coordinates}]))
    received = delivery.receive(path, "libre")
    assert received.features.area.iloc[0] / 10_000 == pytest.approx(0.79, abs=0.005)
    assert [row["rule"] for row in received.rows() if row["level"] == "réparation"] == [rule]


@pytest.mark.parametrize("coordinates", [[FLAT], [[2.7, 50.4]], [SQUARE, [[2.7, "x"], [2.7, 50.4]]]])
def test_a_polygon_without_ground_at_all_is_an_error_on_its_feature(
    tmp_path: Path, coordinates: list
) -> None:
    path = tmp_path / "z.geojson"
    path.write_bytes(
        source_bytes.geojson_bytes([{"nom": "A"}], [{"type": "Polygon", "coordinates": coordinates}])
    )
    assert [row["level"] for row in delivery.receive(path, "libre").rows()].count("erreur") == 1


# --- coordinates and totals


@pytest.mark.parametrize(
    "position", [(684_000, 7_037_000), (650_000, 7_090_000), (700_000, 6_993_000), (595_000, 7_000_000)]
)
@pytest.mark.parametrize("code", [4326, 2154, 27572, 3950])
def test_the_artois_has_one_reading_in_france(position: tuple, code: int) -> None:
    points = gpd.GeoSeries([shapely.Point(position)], crs=2154).to_crs(code).to_numpy()
    options = [
        reading.option
        for reading in crs_detection.candidates(points, crs_detection.read_territory("france", None))
    ]
    assert options[:1] == [f"EPSG:{code}"] if code == 3950 else options == [f"EPSG:{code}"]


def test_a_total_without_place_is_named_twice(tmp_path: Path) -> None:
    rows = [
        ["id", "ha", "lon", "lat"],
        ["A", "12,5", "2,7", "50,4"],
        ["B", "7,5", "2,8", "50,4"],
        ["Ensemble", "20", None, None],
    ]
    received = delivery.receive(table(tmp_path, rows), "libre")
    rules = {row["rule"]: row for row in received.rows() if row["level"] == "alerte"}
    assert "« ha » y vaut la somme des autres" in rules["total"]["message"]
    assert rules["sans place"]["position"] == 3


def test_a_word_that_begins_like_total_is_no_total(tmp_path: Path) -> None:
    rows = [["id", "ha"], ["A", "12,5"], ["B", "7,5"], ["TotalEnergies", "20"], ["Ensemble", "21"]]
    assert not [
        row for row in delivery.receive(table(tmp_path, rows), "libre").rows() if row["rule"] == "total"
    ]


def test_a_sample_shows_cells_that_are_filled() -> None:
    frame = gpd.GeoDataFrame({"prix": [" ", "", "12,5", "3,25", "  ", "100"]}, geometry=[None] * 6, crs=2154)
    findings = layers.validate(frame)
    assert findings.loc[findings["field"] == "prix", "found"].tolist() == ["12,5, 3,25, 100"]


def test_the_commas_of_wkt_are_no_separator(tmp_path: Path) -> None:
    path = tmp_path / "zones.csv"
    rows = [f"{name};3;POINT (2.8 50.4), 1, 2" for name in ("Béthune", "Lens")]
    path.write_text("\n".join(["site_nom;lots;lieu", *rows]) + "\n", encoding="utf-8")
    frame, _ = layers.read_any(path)
    assert frame["site_nom"].tolist() == ["Béthune", "Lens"]


NTF = 'Earth Projection 3, 1002, "m", 0, 46.8, 45.898918964419, 47.696014502038, 600000, 2200000'
NO_DATUM = 'Earth Projection 3, 999, 0, 0, 0, 0, "m", 3, 46.5, 44, 49, 700000, 6600000'


@pytest.mark.parametrize(("system", "code"), [(NTF, 27572), (NO_DATUM, 2154)])
def test_a_declared_system_without_a_datum_leads_to_the_one_that_fits(
    tmp_path: Path, system: str, code: int
) -> None:
    point = gpd.GeoSeries([shapely.Point(source_bytes.L93)], crs=2154).to_crs(code).iloc[0]
    path = source_bytes.mif(tmp_path / "z.mif", {"nom": "Char (5)"}, [['"A"']], [(point.x, point.y)])
    lines = path.read_text("cp1252").splitlines()
    path.write_text("\n".join(f"CoordSys {system}" if "CoordSys" in line else line for line in lines))
    with pytest.raises(BadCRS, match=f"--crs auto ou --crs EPSG:{code}"):
        delivery.receive(path, "libre")
    shape = delivery.receive(path, "libre", crs="auto").features.geometry.iloc[0]
    assert shape.distance(shapely.Point(source_bytes.L93)) < 0.01
    findings = layers.read_any(path)[1]
    assert findings.loc[findings["level"] == "erreur", "rule"].tolist() == ["système de coordonnées"]


def test_a_check_chooses_a_layer_and_an_encoding_as_an_import_does(tmp_path: Path) -> None:
    path = source_bytes.archive(tmp_path / "z.zip", TWO)
    assert run("couches", "valider", path).exit_code == 1
    assert run("couches", "valider", path, "--couche-source", "2024/zones.geojson").exit_code == 0
    (tmp_path / "t.csv").write_bytes("nom;lon;lat\nBéthune;2,6;50,5\n".encode("cp1252"))
    result = run("couches", "valider", tmp_path / "t.csv", "--encodage", "cp1252")
    assert "Windows-1252" not in result.stdout


@pytest.mark.parametrize("separator", ["tabulation", "Tabulation", "\t"])
def test_a_separator_is_a_character_or_its_name(separator: str, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("nom;a\tgeom\nParc;b\tPOINT (700000 7000000)\n", encoding="utf-8")
    received = layers.receive(file, "libre", separator=separator, geometry_column="geom", crs="EPSG:2154")
    assert received.features["nom;a"].tolist() == ["Parc;b"]


@pytest.mark.parametrize("separator", [";;", "point", '"', "\n"])
def test_what_separates_no_cells_is_refused_with_the_names_of_what_does(
    separator: str, tmp_path: Path
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("nom;geom\nParc;POINT (700000 7000000)\n", encoding="utf-8")
    with pytest.raises(BadValue, match="un seul caractère, ou point-virgule, virgule, tabulation, barre"):
        layers.receive(file, "libre", separator=separator)


def test_a_pyogrio_without_libkml_says_to_renew_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kml = tmp_path / "zones.kml"
    kml.write_text('<kml xmlns="http://www.opengis.net/kml/2.2"/>', encoding="utf-8")
    monkeypatch.setattr(pyogrio, "list_drivers", lambda: {"KML": "rw"})
    with pytest.raises(MissingPart, match="pip install -U pyogrio"):
        layers.read_any(kml)
