"""Neighbours of the files that readers took wrong: the same situation in another form or elsewhere."""

import os
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
import source_bytes as sb
from cli_runner import run

from artois_geo import layers
from artois_geo.deliveries import delivery
from artois_geo.errors import BadCRS, UnreadableFile

SITES = """
title = "Sites (fictif)"
key = "id"
geometry = ["Point", "null"]
[[fields]]
name = "id"
required = true
unique = true
[[fields]]
name = "ha"
type = "number"
"""


def write_text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def alerts(received: delivery.Delivery, *levels: str) -> list[tuple]:
    levels = levels or ("erreur", "alerte", "réparation")
    return [
        (row["level"], row["position"], row["field"]) for row in received.rows() if row["level"] in levels
    ]


# --- tables


@pytest.mark.parametrize(
    ("name", "lines", "words"),
    [
        ("t.tsv", ["id\tnom\t\t", "Q1\tLens\t\t", "Q2\tArras\t\t"], "2 colonnes sans nom et sans valeur"),
        ("t.csv", ["id;nom;", "Q1;Lens;", "Q2;Arras;"], "1 colonne sans nom et sans valeur"),
        ("t.csv", ["id;;nom", "Q1;;Lens", "Q2;;Arras"], "1 colonne sans nom et sans valeur"),
    ],
)
def test_separators_too_many_are_no_columns(tmp_path: Path, name: str, lines: list[str], words: str) -> None:
    frame, findings = layers.read_any(write_text(tmp_path / name, "\n".join(lines) + "\n"))
    assert frame[["id", "nom"]].to_numpy().tolist() == [["Q1", "Lens"], ["Q2", "Arras"]]
    assert words in findings["message"].iloc[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("50.2867", "50.4285"),
        ("01/03/2020", "15/04/2021"),
        ("50.2867, 2.7814", "50.4285, 2.8318"),
        ("[2.7814, 50.2867]", "[2.8318, 50.4285]"),
        ("POINT (2.7814 50.2867)", "POINT (2.8318 50.4285)"),
        ("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", "POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))"),
    ],
)
def test_a_place_or_a_date_is_no_name_of_a_column(tmp_path: Path, first: str, second: str) -> None:
    path = write_text(tmp_path / "t.csv", f"Arras;{first}\nLens;{second}\nLiévin;{second}\n")
    with pytest.raises(UnreadableFile, match="ressemble à des données"):
        layers.read_any(path)
    with_header = write_text(tmp_path / "u.csv", f"Site fictif;lieu\n{path.read_text(encoding='utf-8')}")
    assert len(layers.read_any(with_header)[0]) == 3


def test_a_position_in_brackets_has_the_order_of_its_column_or_a_way_out(tmp_path: Path) -> None:
    """Opendatasoft writes [latitude, longitude] in geo_point_2d, GeoJSON the contrary: none is swapped in
    silence."""
    rows = "A;[2.8318, 50.4285]\nB;[2.7814, 50.2867]\n"
    path = write_text(tmp_path / "a.csv", f"id;geo_point_2d\n{rows}")
    with pytest.raises(BadCRS, match="--crs EPSG:4326-inverse"):
        delivery.receive(path, "libre")
    bracketed = write_text(tmp_path / "b.csv", f"id;coordonnees\n{rows}")
    for received in (
        delivery.receive(path, "libre", crs="auto"),
        delivery.receive(bracketed, "libre", crs="auto"),
    ):
        assert received.features.to_crs(4326).geometry.x.round(4).tolist() == [2.8318, 2.7814]


@pytest.mark.parametrize(
    ("cells", "values", "wrong"),
    [
        (["1.234,5", "2.345", "x"], [1234.5, 2345.0, None], 3),
        (["1,234.5", "2,345", "x"], [1234.5, 2345.0, None], 3),
    ],
)
def test_the_mark_of_a_column_holds_when_a_cell_of_it_is_set_aside(
    tmp_path: Path, cells: list[str], values: list[float | None], wrong: int
) -> None:
    write_text(tmp_path / "sites.toml", SITES)
    lines = [f"S{number};{cell}" for number, cell in enumerate(cells)]
    path = write_text(tmp_path / "t.csv", "\n".join(["id;ha", *lines]) + "\n")
    received = delivery.receive(path, tmp_path / "sites.toml", set_aside=True)
    read = [None if pd.isna(number) else number for number in received.features["ha"]]
    assert read == values
    assert ("alerte", wrong, "ha") in alerts(received)


def test_commas_between_columns_prove_nothing_of_those_in_cells(tmp_path: Path) -> None:
    write_text(tmp_path / "sites.toml", SITES)
    path = write_text(tmp_path / "t.csv", 'id,ha\nA,"12,345"\nB,"2,345"\n')
    received = delivery.receive(path, tmp_path / "sites.toml")
    assert received.features["ha"].tolist() == [12.345, 2.345]
    assert alerts(received) == [("alerte", None, "ha")]


# --- workbooks


@pytest.mark.parametrize("column", ["id", "lon"])
def test_a_formula_without_value_in_a_key_or_a_position_refuses_its_row(tmp_path: Path, column: str) -> None:
    write_text(tmp_path / "sites.toml", SITES)
    row = {"id": "A", "ha": 1, "lon": 2.8, "lat": 50.4} | {column: sb.formula("1+1")}
    rows = [[*row], [*row.values()], ["B", 2, 2.9, 50.5]]
    path = sb.workbook(tmp_path / "t.xlsx", {"Feuille": rows})
    kind = tmp_path / "sites.toml" if column == "id" else "libre"
    received = delivery.receive(path, kind)
    assert received.outcome == "reject"
    assert alerts(received, "erreur") == [("erreur", 1, column)]
    assert alerts(received, "alerte") == [("alerte", None, column)]
    assert delivery.receive(path, kind, set_aside=True).aside == (0,)


# --- shapefiles


def test_a_column_wholly_of_stars_or_blanks_is_null(tmp_path: Path) -> None:
    fields = [("n", "N", 8, 2), ("d", "D", 8, 0)]
    records = [[b"*" * 8, b" " * 8], [b"*" * 8, b"00000000"]]
    shapes = [[ring[::-1] for ring in sb.square(x)] for x in (0, 200)]
    frame, findings = layers.read_any(sb.shapefile(tmp_path / "z.shp", fields, records, shapes))
    assert frame[["n", "d"]].isna().all(axis=None)
    assert findings["message"].str.startswith(("2 cellules vides", "1 cellule vide")).tolist() == [True, True]


@pytest.mark.parametrize("code", [2154, 3950, 27572, 4326])
@pytest.mark.parametrize("spelling", ["WKT1_ESRI", "WKT1_GDAL"])
def test_a_prj_without_authority_is_the_system_that_it_describes(
    tmp_path: Path, code: int, spelling: str
) -> None:
    outline = gpd.GeoSeries([shapely.Polygon(sb.square()[0])], crs=2154)
    ring = [list(position) for position in outline.to_crs(code).iloc[0].exterior.coords][::-1]
    path = sb.shapefile(tmp_path / "z.shp", [("nom", "C", 4, 0)], [[b"A"]], [[ring]])
    text = pyproj.CRS(code).to_wkt(spelling)
    while ',AUTHORITY["' in text:
        before, _, after = text.partition(',AUTHORITY["')
        text = before + after.partition("]")[2]
    write_text(path.with_suffix(".prj"), text)
    received = delivery.receive(path, "libre")
    assert received.outcome == "accept"
    assert outline.iloc[0].hausdorff_distance(received.features.geometry.iloc[0]) < 0.02


def test_two_shapefiles_of_one_name_are_named_by_their_folders(tmp_path: Path) -> None:
    members = {}
    for year, name in (("2023", b"A"), ("2024", b"B")):
        (tmp_path / year).mkdir()
        ring = sb.square()[0][::-1]
        sb.shapefile(tmp_path / year / "zones.shp", [("nom", "C", 4, 0)], [[name]], [[ring]])
        members |= {f"{year}/{file.name}": file.read_bytes() for file in (tmp_path / year).iterdir()}
    path = sb.archive(tmp_path / "z.zip", members)
    with pytest.raises(UnreadableFile, match=r"2023/zones.shp, 2024/zones.shp"):
        layers.read_any(path)
    assert layers.read_any(path, layer="2024/zones.shp")[0]["nom"].tolist() == ["B"]


# --- curves


ARC = [[684_040, 7_037_000], [684_000, 7_037_040], [683_960, 7_037_000], [684_000, 7_036_960]]
DISC = sb.wkb(sb.CURVED_POLYGON, [sb.wkb(sb.ARC, [*ARC, ARC[0]])])


def test_a_disc_of_arcs_in_a_flatgeobuf_is_drawn_by_segments(tmp_path: Path) -> None:
    path = tmp_path / "z.fgb"
    shapes, names = (np.array([cell], dtype=object) for cell in (DISC, "rond"))
    words = {"geometry_type": "Unknown", "driver": "FlatGeobuf", "crs": "EPSG:2154"}
    pyogrio.raw.write(path, shapes, [names], ["nom"], **words)
    received = delivery.receive(path, "libre")
    assert received.features.area.tolist() == [pytest.approx(5026.5, rel=5e-4)]
    assert alerts(received) == [("réparation", 1, "geometry")]


# --- FlatGeobuf


@pytest.mark.parametrize("places", [[0, None, 1], [None, 0], [0, None, None], [None]])
def test_a_flatgeobuf_keeps_the_rows_that_have_no_geometry(tmp_path: Path, places: list[int | None]) -> None:
    path = tmp_path / "z.fgb"
    shapes = [None if x is None else sb.wkb(sb.POINT, [sb.L93[0] + x, sb.L93[1]]) for x in places]
    names = [f"n{number}" for number in range(len(places))]
    columns = [np.array(names, dtype=object)]
    words = {"geometry_type": "Unknown", "driver": "FlatGeobuf", "crs": "EPSG:2154", "SPATIAL_INDEX": "NO"}
    pyogrio.raw.write(path, np.array(shapes, dtype=object), columns, ["nom"], **words)
    frame = layers.read_any(path)[0]
    assert frame["nom"].tolist() == names
    assert [None if shape is None else shape.x - sb.L93[0] for shape in frame.geometry] == places


# --- journals of a GeoPackage


def crashed(source: Path, folder: Path, *statements: str) -> Path:
    """A GeoPackage and its -wal as a crash leaves them."""
    folder.mkdir()
    base = sqlite3.connect(source, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", *statements):
        base.execute(statement)
    for path in source.parent.glob(f"{source.name}*"):
        if not path.name.endswith("-shm"):
            (folder / path.name).write_bytes(path.read_bytes())
    base.close()
    return folder / source.name


def one_zone(folder: Path) -> Path:
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "GEOMETRY", "nom": "TEXT"}
    return sb.geopackage(folder / "s.gpkg", columns, [(1, sb.wkb(sb.POLYGON, sb.square()), "Carré")])


def test_a_table_made_in_the_journal_alone_is_a_layer(tmp_path: Path) -> None:
    file = crashed(
        one_zone(tmp_path),
        tmp_path / "crash",
        "CREATE TABLE neuve AS SELECT fid, geom, 'Neuve' AS nom FROM zones",
        "INSERT INTO gpkg_contents SELECT 'neuve', data_type, 'neuve', description, last_change, min_x,"
        " min_y, max_x, max_y, srs_id FROM gpkg_contents",
        "INSERT INTO gpkg_geometry_columns SELECT 'neuve', column_name, geometry_type_name, srs_id, z, m"
        " FROM gpkg_geometry_columns",
    )
    with pytest.raises(UnreadableFile, match=r"2 couches \(neuve, zones\)"):
        layers.read_any(file)
    assert layers.read_any(file, layer="neuve")[0]["nom"].tolist() == ["Neuve"]


def test_the_saved_state_is_read_from_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    """As root the rights of a folder stop nothing: the child first becomes nobody."""
    file = crashed(one_zone(tmp_path), tmp_path / "crash", "UPDATE zones SET nom = 'Corrigé'")
    before = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    file.parent.chmod(0o555)
    for parent in (tmp_path, *tmp_path.parents[:4]):
        if parent.name.startswith(("pytest", "popen", "test")):  # nobody must see the way to the file
            parent.chmod(0o755)
    run("couches", "valider", file)  # imports, before rights are given up
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.seteuid(65534)
            os.write(question, repr(layers.read_any(file)[0]["nom"].tolist()).encode())
        except BaseException as error:  # the child must end here, whatever happens
            os.write(question, repr(error).encode())
        finally:
            os._exit(0)
    os.close(question)
    names = b"".join(iter(lambda: os.read(answer, 65536), b"")).decode()
    os.waitpid(child, 0)
    assert names == "['Corrigé']"
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == before


# --- what a refusal says


@pytest.mark.parametrize(("records", "shapes"), [(3, 2), (2, 3)])
def test_shapes_and_lines_of_two_savings_say_what_to_ask_for(
    tmp_path: Path, records: int, shapes: int
) -> None:
    shapes_drawn = [
        [ring[::-1] for ring in sb.square(200 * number)] for number in range(max(records, shapes))
    ]
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, count in zip(folders, (records, shapes), strict=True):
        folder.mkdir()
        sb.shapefile(folder / "z.shp", [("nom", "C", 4, 0)], [[b"A"]] * count, shapes_drawn[:count])
    (folders[1] / "z.dbf").write_bytes((folders[0] / "z.dbf").read_bytes())
    with pytest.raises(UnreadableFile, match="redemander le shapefile complet") as refused:
        layers.read_any(folders[1] / "z.shp")
    assert {f"{records} lignes dans le .dbf", f"{shapes} formes dans le .shp"} <= set(
        str(refused.value).partition(" : ")[2].partition(".\n")[0].split(" pour ")
    )


def test_a_line_that_goes_nowhere_is_named_as_such(tmp_path: Path) -> None:
    lines = [[[2.7, 50.4], [2.8, 50.4]], [[2.7, 50.4], [2.7, 50.4]]]
    shapes_drawn = [{"type": "LineString", "coordinates": line} for line in lines]
    path = tmp_path / "z.geojson"
    path.write_bytes(sb.geojson_bytes([{"nom": "A"}, {"nom": "B"}], shapes_drawn))
    received = delivery.receive(path, "libre", set_aside=True)
    (row,) = (row for row in received.rows() if row["level"] == "erreur")
    assert (row["position"], received.aside) == (2, (1,))
    assert row["message"] == "ligne de longueur nulle : tous ses points sont au même endroit"


# --- files that people send and that are not read


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("sites.ods", "en .xlsx"),
        ("SITES.XLS", "en .xlsx"),
        ("plan.dxf", "en GeoPackage"),
        ("zones.gml", "en GeoPackage"),
        ("carte.qgz", "projet QGIS"),
        ("base.gdb/a00000001.gdbtable", "en GeoPackage"),
        ("arrete.pdf", "à qui l'a fait"),
    ],
)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_format_that_is_not_read_says_how_to_turn_it_into_one_that_is(
    tmp_path: Path, name: str, advice: str, is_zipped: bool
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"not for us")
    sent = tmp_path / Path(name).parts[0]
    if is_zipped:
        sent = tmp_path / "envoi.zip"
        with zipfile.ZipFile(sent, "w") as archive:
            archive.write(path, name)
    with pytest.raises(UnreadableFile, match=advice):
        layers.read_any(sent)


# --- texts encoded twice


def twice(text: str) -> str:
    return text.encode("utf-8").decode("cp1252")


def test_a_csv_encoded_twice_is_read_as_it_was_and_says_so(tmp_path: Path) -> None:
    written = "id;libellé;commune\nQ1;Zone d’activités;Nœux-les-Mines\nQ2;Parc n° 2;Béthune\n"
    frame, findings = layers.read_any(write_text(tmp_path / "t.csv", twice(written)))
    once, plain_findings = layers.read_any(write_text(tmp_path / "u.csv", written))
    assert frame.drop(columns="geometry").equals(once.drop(columns="geometry"))
    assert "encodés deux fois" in str(findings)
    assert "deux fois" not in str(plain_findings)


def test_a_cell_encoded_twice_is_repaired_even_where_a_list_waits_for_it(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"site_nom": ["Béthune", twice("Béthune"), "SÃO"], "site_etat": ["Existant"] * 3},
        geometry=[shapely.box(684_000, 7_036_000, 684_100, 7_036_100)] * 3,
        crs=2154,
    )
    frame["libre"] = [twice("été"), "été", "Ã"]
    frame.to_file(tmp_path / "sites.gpkg")
    received = delivery.receive(tmp_path / "sites.gpkg", "site_eco", incomplete=True)
    assert received.features["site_nom"].tolist() == ["Béthune", "Béthune", "SÃO"]
    assert received.features["libre"].tolist() == ["été", "été", "Ã"]
    repaired = [(row["position"], row["field"]) for row in received.rows() if row["rule"] == "encodage"]
    assert sorted(repaired) == [(1, "libre"), (2, "site_nom")]
