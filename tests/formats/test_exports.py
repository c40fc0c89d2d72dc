"""What goes out to desktop GIS comes back equal, by geopandas and by our own reader, or is a finding."""

import csv
import io
import re
import sqlite3
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import plain
import pyogrio
import pytest
import shapely
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import errors, formats, layers
from artois_geo.formats.exports import shapefile_zip, vector_files
from artois_geo.formats.exports.records import Description, Drawing, Look, Provenance
from artois_geo.formats.exports.short_names import short_names
from artois_geo.maps.desktop.drawing import drawing

ENDS = {"gpkg": ".gpkg", "shp": ".shp.zip", "parquet": ".parquet", "fgb": ".fgb", "gpx": ".gpx"}
SURFACES = ["gpkg", "shp", "parquet", "fgb"]
LETTERS = "aZ éœÉ«»’'\",;:<&>%\\/-_0"
TEXTS = st.text(LETTERS, min_size=1, max_size=20).map(lambda text: f"x{text}x")  # no blank end: see below
HARD = ['Œuvre « d’été », "x" ; l\'eau', "a,b;c\n2e ligne", None, "=1+1", "' OR 1=1; DROP TABLE zones; --"]


def sites() -> gpd.GeoDataFrame:
    """Five rows with what breaks files: quotes, accents, nulls, a polygon of two parts, no shape."""
    shapes = [
        shapely.box(0, 0, 100, 100),
        shapely.MultiPolygon([shapely.box(200, 0, 250, 50), shapely.box(300, 0, 310.5, 40)]),
        shapely.Polygon([(0, 200), (90, 200), (90, 300), (0, 300)], [[(10, 210), (20, 210), (20, 220)]]),
        None,
        shapely.box(500, 500, 501, 501),
    ]
    columns: dict[str, Any] = {
        "cle": [0, 1, 2, 3, 4],
        "site_nom_tres_long": HARD,
        "surface_ha": [1.0, 0.292, None, 0.1 + 0.2, -0.5],
        "offert": pd.array([True, False, None, True, False], dtype="boolean"),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=2154).set_geometry(
        gpd.GeoSeries(shapes, crs=2154).translate(680_000, 7_030_000)
    )


def saved(frame: gpd.GeoDataFrame, form: str, folder: Path, description: Description | None = None) -> Path:
    path = folder / f"zones{ENDS[form]}"
    path.write_bytes(vector_files.content(frame, form, description or Description("zones")).content)
    return path


def by_geopandas(path: Path, form: str) -> gpd.GeoDataFrame:
    if form == "parquet":
        return gpd.read_parquet(path)
    if form == "gpkg":
        return gpd.read_file(path, layer="zones")
    return gpd.read_file(f"zip://{path}!zones.shp") if form == "shp" else gpd.read_file(path)


def by_us(path: Path) -> gpd.GeoDataFrame:
    return formats.read_any(path)[0]


def same(back: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, names: dict[str, str]) -> None:
    """Count, area, texts, numbers and nulls of a file are those of the table."""
    back = back.sort_values(names["cle"]).reset_index(drop=True)
    assert len(back) == len(frame)
    assert back.geometry.isna().tolist() == frame.geometry.isna().tolist()
    assert back.area.fillna(-1).tolist() == pytest.approx(frame.area.fillna(-1).tolist(), abs=1e-6)
    for name in frame.columns.drop("geometry"):
        expected = [None if pd.isna(cell) else cell for cell in frame[name]]
        cells = [None if pd.isna(cell) else cell for cell in back[names[name]]]
        if name == "surface_ha":
            assert [cell is None for cell in cells] == [cell is None for cell in expected]
            assert [cell or 0 for cell in cells] == pytest.approx([cell or 0 for cell in expected], rel=1e-12)
        else:
            assert cells == expected, name


@pytest.mark.parametrize("form", SURFACES)
@pytest.mark.parametrize("read", ["geopandas", "us"])
def test_surfaces_come_back_equal(form: str, read: str, tmp_path: Path) -> None:
    frame = sites()
    is_cut = form == "shp" and read == "geopandas"  # we read the table of names beside
    names = short_names(frame.columns) if is_cut else {name: name for name in frame.columns}
    path = saved(frame, form, tmp_path)
    same(by_geopandas(path, form) if read == "geopandas" else by_us(path), frame, names)


@settings(max_examples=few(5))
@given(
    texts=st.lists(st.none() | TEXTS, min_size=1, max_size=4),
    number=st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, 6)),
    several=st.booleans(),
)
@pytest.mark.parametrize("form", SURFACES)
def test_any_small_table_comes_back_equal(
    form: str, texts: list[str | None], number: float | None, several: bool, tmp_path_factory: Any
) -> None:
    shapes = [shapely.box(row, 0, row + 0.5, 1) for row in range(len(texts))]
    if several:
        shapes[0] = shapely.MultiPolygon([shapes[0], shapely.box(0, 5, 1, 6)])
    frame = gpd.GeoDataFrame(
        {"cle": range(len(texts)), "dit": texts, "surface_ha": [number] * len(texts)},
        geometry=shapes,
        crs=2154,
    ).astype({"surface_ha": float, "dit": object})
    folder = tmp_path_factory.mktemp("export")
    path = saved(frame, form, folder)
    names = {name: name for name in frame.columns}
    same(by_geopandas(path, form), frame, names)
    read = by_us(path)
    same(read if "dit" in read else read.assign(dit=None), frame, names)


@pytest.mark.parametrize("read", ["geopandas", "us"])
def test_lines_and_points_come_back_equal_from_a_gpx(read: str, tmp_path: Path) -> None:
    quays = pd.concat(
        [plain.point(x_km=0, y_km=0, nom=HARD[0], longueur_m=450.5), plain.point(x_km=1, y_km=2, nom="=1+1")],
        ignore_index=True,
    )
    ways = plain.line((0, 0), (1, 0), nom="Voie <verte> & l'eau", code="007")
    for name, frame in (("waypoints", quays), ("tracks", ways)):
        path = saved(frame, "gpx", tmp_path)
        back = gpd.read_file(path, layer=name) if read == "geopandas" else by_us(path)
        assert back.crs.to_epsg() == 4326
        moved = back.geometry.to_crs(2154)
        assert len(back) == len(frame)
        assert moved.length.tolist() == pytest.approx(
            frame.length.tolist(), abs=0.05
        )  # seven decimals of a degree
        assert moved.distance(frame.geometry, align=False).max() < 0.05
        names = back["name"] if read == "geopandas" else back["nom"]
        assert names.tolist() == frame["nom"].tolist()
    assert by_us(path)["code"].tolist() == ["007"]
    assert by_us(saved(quays, "gpx", tmp_path))["longueur_m"].isna().tolist() == [False, True]


def test_a_polygon_is_refused_in_a_gpx_with_what_to_do() -> None:
    with pytest.raises(errors.BadTable, match=r"1 polygone ici\. Choisir \.gpkg"):
        vector_files.content(plain.square(x_km=0, y_km=0, side_km=1), "gpx", Description("zones"))


@pytest.mark.parametrize("form", ENDS)
def test_the_same_table_gives_the_same_bytes(form: str) -> None:
    frame = plain.point(x_km=0, y_km=0, nom="Quai")
    description = Description("quais", Provenance("Quais", lines=("Couche quais : millésime 2026",)))
    assert (
        vector_files.content(frame, form, description).content
        == vector_files.content(frame, form, description).content
    )


# --- What a shapefile cannot hold ----------------------------------------------------------------


def test_a_long_text_is_a_finding_and_travels_whole_beside(tmp_path: Path) -> None:
    long = "é" * 300
    file = vector_files.content(
        plain.square(x_km=0, y_km=0, side_km=1, description=long), "shp", Description("zones")
    )
    assert [(finding.field, finding.rule) for finding in file.findings] == [("description", "texte long")]
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        rows = list(
            csv.reader(io.StringIO(archive.read("zones_textes_longs.csv").decode("utf-8-sig")), delimiter=";")
        )
        assert rows[1] == ["1", "descriptio", "description", long]
        assert archive.read("zones.cpg") == b"CP1252"
    path = tmp_path / "zones.shp.zip"
    path.write_bytes(file.content)
    assert by_us(path)["description"].tolist() == ["é" * 254]


def test_letters_beyond_cp1252_make_it_utf8(tmp_path: Path) -> None:
    path = saved(plain.square(x_km=0, y_km=0, side_km=1, nom="Łódź"), "shp", tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("zones.cpg") == b"UTF-8"
    assert by_us(path)["nom"].tolist() == by_geopandas(path, "shp")["nom"].tolist() == ["Łódź"]


def test_empty_texts_blank_ends_and_long_numbers_are_findings() -> None:
    rows = [("a ", 1), ("", 10**18), ("ok", 3)]
    frame = pd.concat(
        [plain.square(x_km=x, y_km=0, side_km=1, nom=nom, code=code) for x, (nom, code) in enumerate(rows)]
    )
    findings = vector_files.content(frame, "shp", Description("zones")).findings
    assert {finding.rule: finding.found for finding in findings} == {
        "texte vide": 1,
        "blanc final": 1,
        "nombre arrondi": 1,
    }


@given(st.lists(st.text(LETTERS + "abcdefghijk", min_size=1, max_size=20), unique=True, max_size=30))
def test_short_names_are_short_and_unique(columns: list[str]) -> None:
    names = short_names(columns)
    assert list(names) == columns
    assert len({name.lower() for name in names.values()}) == len(columns)
    for name in names.values():
        assert re.fullmatch("[A-Za-z][0-9A-Za-z_]{0,9}", name)


def test_points_and_lines_are_two_shapefiles_of_one_archive(tmp_path: Path) -> None:
    mixed = pd.concat([plain.point(x_km=0, y_km=0, nom="A"), plain.line((0, 0), (1, 0), nom="B")])
    path = saved(mixed, "shp", tmp_path)
    counts = {name: len(formats.read_any(path, layer=name)[0]) for name in ("zones_points", "zones_lignes")}
    assert counts == {"zones_points": 1, "zones_lignes": 1}


def test_outside_names_stay_inside_the_archive() -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1, **{"../=cmd": "=1+1"})
    file = vector_files.content(frame, "shp", Description("../../etc/zae"))
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert {Path(name).name for name in archive.namelist()} == set(archive.namelist())
        assert b"'=" not in archive.read("etc_zae_noms.csv")  # « ../=cmd » begins with a dot: nothing to run
    assert shapefile_zip.safe_stem("../../etc/zae") == "etc_zae"


# --- What QGIS reads in a GeoPackage -------------------------------------------------------------


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as base:
        return base.execute(query).fetchall()


def test_a_geopackage_carries_its_style_headings_and_source(tmp_path: Path) -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1, famille="Tertiaire", surface_ha=100.0)
    description = Description(
        "zones'; DROP TABLE zones; --",
        Provenance(
            "Sites", ("Agence",), ("Licence Ouverte 2.0",), ("millésime 2026", "surface en Lambert-93")
        ),
        {"surface_ha": "Surface (ha)"},
        drawing=drawing(frame, "site_eco"),
    )
    path = saved(frame, "gpkg", tmp_path, description)
    [(table, column, name, text, default)] = rows(
        path, "SELECT f_table_name, f_geometry_column, styleName, styleQML, useAsDefault FROM layer_styles"
    )
    assert (table, column, name, default) == (description.layer, "geom", "polygones", 1)
    root = ET.fromstring(text)
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "famille")
    symbols = {symbol.get("name"): symbol for symbol in renderer.iterfind("symbols/symbol")}
    categories = {
        entry.get("value"): entry.get("symbol") for entry in renderer.iterfind("categories/category")
    }
    colour = symbols[categories["Tertiaire"]].find("layer/Option/Option[@name='color']")
    assert colour is not None
    assert str(colour.get("value")).startswith("35,128,95,")  # #23805f of style.toml
    assert {symbol.get("type") for symbol in symbols.values()} == {"fill"}
    assert rows(path, "SELECT column_name, title FROM gpkg_data_columns") == [("surface_ha", "Surface (ha)")]
    [(metadata,)] = rows(path, "SELECT metadata FROM gpkg_metadata")
    for word in ("Agence", "Licence Ouverte 2.0", "millésime 2026", "surface en Lambert-93"):
        assert word in metadata
    extensions = {name for (name,) in rows(path, "SELECT extension_name FROM gpkg_extensions")}
    assert {"gpkg_metadata", "gpkg_schema"} <= extensions
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert next(str(name) for name, _ in pyogrio.list_layers(path)) == description.layer
    assert len(by_us(path)) == 1


def test_each_kind_of_shape_has_its_style_and_the_commonest_is_the_default(tmp_path: Path) -> None:
    mixed = pd.concat(
        [
            plain.line((0, 0), (1, 0), nom="A"),
            plain.line((0, 1), (1, 1), nom="B"),
            plain.point(x_km=0, y_km=0),
        ]
    )
    path = saved(mixed, "gpkg", tmp_path, Description("zones", drawing=Drawing(Look("#000000", "#ffffff"))))
    styles = rows(path, "SELECT styleName, useAsDefault, styleQML FROM layer_styles ORDER BY id")
    assert [(name, default) for name, default, _ in styles] == [("lignes", 1), ("points", 0)]
    kinds = [ET.fromstring(text).findtext("layerGeometryType") for _, _, text in styles]
    assert kinds == ["1", "0"]


def test_a_column_of_outside_text_makes_no_markup_in_a_style() -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1, famille='"/><script>')
    style = drawing(frame, "site_eco")
    from artois_geo.formats.exports import qgis_style

    root = ET.fromstring(qgis_style.qml(style, 2, {"famille": "<b>"}))
    values = [entry.get("value") for entry in root.iterfind("renderer-v2/categories/category")]
    assert values == ['"/><script>', ""]


@pytest.mark.parametrize("kind", layers.kinds())
def test_every_kind_has_a_drawing(kind: str) -> None:
    look = drawing(plain.square(x_km=0, y_km=0, side_km=1), kind).rest
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (look.fill, look.stroke))
