"""From a partner's file to a typed layer: formats, columns, cells, systems, policy, and the way back."""

import contextlib
import csv
import json
import math
import os
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pyogrio
import pytest
import shapely
from cli_runner import Runner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from old_libraries import needs_libkml

from artois_geo import layers
from artois_geo.cli import root
from artois_geo.deliveries import completion, crs_detection, delivery, matching
from artois_geo.deliveries.recipe import Recipe
from artois_geo.errors import BadCRS, BadTable, BadValue, UnreadableFile
from artois_geo.formats import opening
from artois_geo.formats.databases import drivers
from artois_geo.formats.geojson import json_scan
from artois_geo.kinds import table_schema
from artois_geo.kinds.schema import Field
from artois_geo.layers import comparison, export, recipes, workspace

QUAY = {"quai_id": "Q1", "quai_nom": "Béthune", "quai_statut": "en service", "longueur_m": 120.5}


def quays(crs: int = 2154, **columns: Any) -> gpd.GeoDataFrame:
    frame = pd.concat([plain.point(x_km=x, y_km=0, **(QUAY | {"quai_id": f"Q{x}"})) for x in (1, 2)])
    return frame.reset_index(drop=True).assign(**columns).to_crs(crs)


def write_shapefile(path: Path, crs: int = 2154) -> Path:
    folder = path.parent / "parts"
    folder.mkdir()
    pyogrio.write_dataframe(quays(crs), folder / "quais.shp", encoding="UTF-8")
    with zipfile.ZipFile(path, "w") as archive:
        for member in sorted(folder.iterdir()):
            archive.write(member, member.name)
    return path


def write_table(path: Path, **columns: Any) -> Path:
    rows = [QUAY | {"lon": 2.7 + n / 100, "lat": 50.37, "quai_id": f"Q{n}"} for n in (1, 2)]
    frame = pd.DataFrame(rows)
    frame = frame.assign(**columns)
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ";", decimal=",")
    return path


WRITERS = {
    "quais.zip": write_shapefile,
    "quais.gpkg": lambda path: pyogrio.write_dataframe(quays(3950), path, driver="GPKG"),
    "quais.fgb": lambda path: pyogrio.write_dataframe(quays(), path, driver="FlatGeobuf"),
    "quais.kml": lambda path: pyogrio.write_dataframe(
        quays(4326).rename(columns={"quai_nom": "Name"}), path, driver="KML"
    ),
    "quais.tab": lambda path: pyogrio.write_dataframe(quays(), path, driver="MapInfo File"),
    "quais.parquet": lambda path: quays().to_parquet(path),
    "quais.geojson": lambda path: layers.write(quays(), path),
    "quais.geojsonl": lambda path: path.write_text(
        "\n".join(json.dumps(feature) for feature in quays(4326).iterfeatures(drop_id=True))
    ),
    "suite.geojsonl": lambda path: path.write_text(  # RFC 8142
        "".join(f"\x1e{json.dumps(feature)}\n" for feature in quays(4326).iterfeatures(drop_id=True))
    ),
    "quais.csv": write_table,
    "quais.tsv": write_table,
    "quais.xlsx": write_table,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs_libkml) if name == "quais.kml" else name for name in WRITERS]
)
def test_every_format_gives_the_same_quays(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    columns = {"quai_nom": "Name"} if name.endswith(".kml") else None
    received = delivery.receive(tmp_path / name, "quai", columns=columns)
    assert received.outcome == "accept", received.rows()
    frame = received.features
    assert frame["quai_nom"].tolist() == ["Béthune", "Béthune"]
    assert frame["longueur_m"].tolist() == [120.5, 120.5]
    assert frame.crs.to_epsg() == 2154
    assert frame.geometry.iloc[0].distance(quays().geometry.iloc[0]) < 10_000


def test_a_folder_that_holds_one_shapefile_is_a_delivery(tmp_path: Path) -> None:
    write_shapefile(tmp_path / "quais.zip")
    assert len(layers.read_delivery(tmp_path / "parts", "quai")) == 2


# --- columns


def test_a_column_is_matched_by_the_first_way_that_fits() -> None:
    schema = layers.read_kind("site_eco")
    names = ["site_id", "SITE_NOM", "SITVOCDOM", "site_surf_", "site_quali", "Libellé"]
    columns = dict.fromkeys(names, ())
    matches = {
        match.field: (match.source, match.how)
        for match in matching.match(columns, schema, {"site_type": "Libellé"})
    }
    assert matches["site_id"] == ("site_id", "exact")
    assert matches["site_nom"] == ("SITE_NOM", "casse et accents")
    assert matches["site_vocadomi"] == ("SITVOCDOM", "nom court")
    assert matches["site_quali_territoire"] == ("site_quali", "nom tronqué")
    assert matches["site_type"] == ("Libellé", "correspondance")
    assert "site_surf_" not in {source for source, _ in matches.values()}  # four fields start so


def test_a_correspondence_that_does_not_exist_is_said() -> None:
    schema = layers.read_kind("quai")
    with pytest.raises(BadValue, match="n'a pas de champ « nom »"):
        matching.match({"x": ()}, schema, {"nom": "x"})
    with pytest.raises(BadValue, match="n'a pas de colonne « y »"):
        matching.match({"x": ()}, schema, {"quai_nom": "y"})


@pytest.mark.parametrize("name", [name for name in layers.kinds() if layers.read_kind(name).key])
def test_short_names_of_a_kind_fit_a_shapefile_and_differ(name: str) -> None:
    given_names = [
        short_name.short_name for short_name in layers.read_kind(name).fields if short_name.short_name
    ]
    assert all(len(short_name) <= 10 for short_name in given_names)
    assert len(set(given_names)) == len(given_names)


def test_the_short_names_of_the_standard_are_those_of_the_kinds(shared: Path) -> None:
    tables = {"pole-eco": "pole_eco", "site-eco": "site_eco", "terrain-eco": "terrain_eco"}
    tables["etablissement"] = "etablissement"
    path = shared / "standards" / "cnig-sites-economiques" / "noms_courts_shapefile.csv"
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            field = layers.read_kind(tables[row["table"]]).field(row["champ"])
            if field is not None:  # geometries are not columns
                assert field.short_name == row["nom_court_shapefile"], row


def test_the_lists_of_the_standard_are_enforced_by_the_kinds(shared: Path) -> None:
    """The official schemas enforce two lists; ours enforce every one."""
    path = shared / "standards" / "cnig-sites-economiques" / "enumerations_v2024-10.csv"
    tables = {"POLE-ECO": "pole_eco", "SITE-ECO": "site_eco", "TERRAIN-ECO": "terrain_eco"}
    tables["ETABLISSEMENT"] = "etablissement"
    names = set()
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["type_enumere"] == "booléen":
                continue
            name = "site_moa_type" if row["type_enumere"] == "moa_type" else row["type_enumere"]
            field = layers.read_kind(tables[row["classe"].split(" ")[0]]).field(name)
            assert row["valeur"] in field.enum, row
            names.add(name)
    assert len(names) == 13


def test_required_fields_are_those_of_the_standard(shared: Path) -> None:
    path = shared / "standards" / "cnig-sites-economiques" / "champs_v2024-10.csv"
    for_table = {"pole-eco": "pole_eco", "site-eco": "site_eco", "terrain-eco": "terrain_eco"}
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            kind = layers.read_kind(for_table.get(row["table"], "etablissement"))
            field = kind.field(row["champ"])
            if field is None:
                assert "geom" in row["champ"]
                continue
            expected = row["valeur_vide_autorisee_standard"] == "non"
            assert field.required == expected, row["champ"]
            if row["diffusable"] == "non":
                assert not field.publish


# --- cells


@pytest.mark.parametrize(
    ("type", "cell", "value", "repaired"),
    [
        ("number", "10000,5", 10000.5, True),
        ("number", "10 000,5", 10000.5, True),
        ("number", "1.234,5", 1234.5, True),
        ("number", "environ 1 ha", "environ 1 ha", False),
        ("number", True, True, False),
        ("integer", 5.0, 5, False),
        ("integer", "007", 7, True),
        ("date", "2024-02-29", date(2024, 2, 29), False),
        ("date", "03/04/2024", date(2024, 4, 3), True),
        ("date", "2023-02-30", "2023-02-30", False),
        ("date", "2024-02-29T00:00:00", date(2024, 2, 29), True),
        ("date", 45_000, 45_000, False),
        ("year", "2015", 2015, False),
        ("boolean", "oui", True, True),
        ("boolean", "peut-être", "peut-être", False),
        ("string", "01004", "01004", False),
        ("string", "a\x00b", "ab", True),
    ],
)
def test_a_cell_has_one_reading_or_stays_as_it_is(type: str, cell: Any, value: Any, repaired: bool) -> None:
    cells, rows = matching.typed([cell], Field("x", type), texts=False)
    assert cells == [value]
    assert bool(rows) == repaired


def test_two_decimal_marks_in_a_column_are_no_repair() -> None:
    cells, rows = matching.typed(["1,5", "1.500"], Field("x", "number"), texts=True)
    assert cells == [1.5, "1.500"]  # the comma is decimal for sure: the point may part thousands
    assert rows == []
    cells, rows = matching.typed(["1,5", "987.25"], Field("x", "number"), texts=True)
    assert cells == ["1,5", 987.25]
    assert rows == []


def test_a_near_value_of_a_list_is_written_as_the_standard_does_and_the_rest_is_suggested() -> None:
    field = layers.read_kind("site_eco").field("site_type")
    cells, rows = matching.typed(["Zone d’Activité Economique"], field, texts=True)
    assert cells == ["zone d'activité économique"]
    assert rows[0].found == "Zone d’Activité Economique"
    frame = plain.square(x_km=0, y_km=0, side_km=1, site_evol_urba="extension")
    findings = layers.validate(frame, "site_eco")
    row = findings[findings["field"] == "site_evol_urba"].iloc[0]
    assert (row["level"], "extension urbaine" in row["message"]) == ("erreur", True)


def test_a_value_cut_at_its_comma_is_recognised(shared: Path) -> None:
    """The official example of SITE-ECO is shifted by an unquoted list value, and validates officially."""
    path = shared / "standards" / "cnig-sites-economiques" / "site-eco.exemple-valide.csv"
    received = delivery.receive(path, "site_eco")
    assert received.outcome == "reject"
    messages = {(row["field"], row["level"]): row["message"] for row in received.rows()}
    assert "coupée sur sa virgule" in messages["site_vocadomi", "erreur"]
    assert ("site_etat", "alerte") in messages


# --- coordinates


@pytest.mark.parametrize("code", [2154, 3949, 3950, 27572, 3857, 4326])
def test_the_only_reading_in_the_territory_is_proposed_and_applied_on_request_only(
    tmp_path: Path, code: int
) -> None:
    frame = quays(code)
    path = tmp_path / "quais.csv"
    frame.assign(wkt=frame.to_wkt()["geometry"]).drop(columns="geometry").to_csv(path, index=False, sep=";")
    where = "2.4,50.1,3.2,50.7"
    with pytest.raises(BadCRS, match=f"EPSG:{code}"):
        delivery.receive(path, "quai", territory=where)
    received = delivery.receive(path, "quai", territory=where, crs="auto")
    assert received.outcome == "repair"
    assert received.features.geometry.iloc[0].distance(quays().geometry.iloc[0]) < 5


def test_several_readings_are_never_decided(tmp_path: Path) -> None:
    frame = quays(32631)
    path = tmp_path / "quais.csv"
    frame.assign(wkt=frame.to_wkt()["geometry"]).drop(columns="geometry").to_csv(path, index=False, sep=";")
    with pytest.raises(BadCRS, match=r"Lectures possibles : .*EPSG:32630.*EPSG:32631"):
        delivery.receive(path, "quai", territory="france", crs="auto")


def test_a_feature_that_runs_across_the_continent_is_outside() -> None:
    where = crs_detection.read_territory("france", None)
    long = shapely.LineString([(684_000, 7_037_000), (4_000_000, 7_037_000)])
    near = shapely.LineString([(684_000, 7_037_000), (700_000, 7_037_000)])
    assert where.holds(gpd.GeoSeries([long, near]).to_numpy()).tolist() == [False, True]


# --- policy


def test_kept_and_set_aside_are_the_whole_file_and_the_cells_are_untouched(tmp_path: Path) -> None:
    path = write_table(tmp_path / "quais.csv", quai_nom=["Béthune", None], note=["", "=1+1 m"])
    received = delivery.receive(path, "quai", set_aside=True)
    assert (len(received.features), received.aside) == (1, (1,))
    workspace.save_delivery(received, path, tmp_path / "donnees", "quais")
    rejects = json.loads((tmp_path / "donnees" / "quais.rejets.geojson").read_text(encoding="utf-8"))
    assert rejects["features"][0]["properties"]["note"] == "=1+1 m"
    assert rejects["rejets"][0]["field"] == "quai_nom"


def test_rows_without_place_are_set_aside_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "conso.csv"
    path.write_text("idcom;idcomtxt;naf11art12\n01001;Ici;12\n1004;Là;trois\n", encoding="utf-8")
    received = delivery.receive(path, "consommation_espaces", set_aside=True)
    workspace.save_delivery(received, path, tmp_path / "donnees", "conso")
    text = (tmp_path / "donnees" / "conso.rejets.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1].startswith("1004;Là;trois;2;")


def test_without_repair_what_is_wrong_stays_an_error(tmp_path: Path) -> None:
    path = tmp_path / "q.geojson"
    layers.write(quays(date_maj="03/04/2024"), path)
    assert delivery.receive(path, "quai").outcome == "repair"
    assert delivery.receive(path, "quai", mend=False).outcome == "reject"


def test_a_missing_mandatory_field_is_refused_unless_said(tmp_path: Path) -> None:
    path = tmp_path / "q.geojson"
    layers.write(quays().drop(columns="quai_statut"), path)
    assert delivery.receive(path, "quai").outcome == "reject"
    assert delivery.receive(path, "quai", incomplete=True).outcome == "warn"


def test_the_shifted_rows_of_a_csv_are_named_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("quai_id;quai_nom;quai_statut;lon;lat\n1;A;B;en service;2,8;50,4\n", encoding="utf-8")
    rows = delivery.receive(path, "quai").rows()
    assert any("ligne 2 : 6 cellules pour 5 colonnes" in row["message"] for row in rows)


# --- hostile files


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)


@pytest.mark.parametrize(
    "suffix", [".shp", ".gpkg", ".fgb", ".kml", ".tab", ".mif", ".csv", ".parquet", ".xlsx"]
)
def test_a_virtual_dataset_is_refused_under_any_suffix(tmp_path: Path, suffix: str) -> None:
    secret = tmp_path / "secret.geojson"
    layers.write(quays(quai_nom="secret"), secret)
    path = tmp_path / f"x{suffix}"
    path.write_text(VRT.format(secret))
    with pytest.raises(UnreadableFile) as refused:
        delivery.receive(path, "quai")
    assert "secret" not in str(refused.value)


@needs_libkml
def test_the_child_process_knows_one_driver_and_none_of_the_libraries_that_it_never_calls() -> None:
    environment = drivers._environment("KML")
    import subprocess
    import sys

    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import gdal_child; gdal_child._leave_aside(('pandas',))\n"
        "import pyogrio; print(sorted(pyogrio.list_drivers()))\n"
        "print([name for name in ('geopandas', 'pandas', 'pyproj', 'shapely') if sys.modules[name]])"
    )
    command = [sys.executable, "-I", "-c", code, str(Path(drivers.__file__).parent)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.split("\n")[:2] == ["['LIBKML']", "[]"]


@pytest.mark.parametrize("word", ["<!DOCTYPE x>", '<!ENTITY e SYSTEM "x">', "<NetworkLink>"])
def test_a_kml_that_leads_elsewhere_is_refused(tmp_path: Path, word: str) -> None:
    path = tmp_path / "x.kml"
    path.write_text(f'<?xml version="1.0"?>{word}<kml></kml>')
    with pytest.raises(UnreadableFile, match="mènerait ailleurs"):
        delivery.receive(path, "quai")


@pytest.mark.parametrize("name", ["/etc/x.geojson", "C:/x.geojson", "a/../../x.geojson", "..\\x.geojson"])
def test_a_member_that_climbs_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(UnreadableFile, match="sort de l'archive"):
        delivery.receive(path, "quai")


def test_limits_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.csv", b" " * 3_000_000)
    for limits, message in (
        (opening.Limits(members=2), "plus de 2 fichiers"),
        (opening.Limits(ratio=100), "plus de 100 fois"),
        (opening.Limits(ratio=10**6, unpacked_mib=4), "plus de 4 Mio"),
    ):
        with pytest.raises(UnreadableFile, match=message):
            delivery.receive(path, "quai", limits=limits)


def test_one_feature_larger_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_scan, "MAX_FEATURE_MIB", 2)
    path = tmp_path / "x.geojson"
    ring = ",".join(["[2.1,50.1]"] * 600_000)
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
        f'"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}]}}'
    )
    with pytest.raises(UnreadableFile, match="dépasse 2 Mio"):
        delivery.receive(path, "libre")


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:9/x.geojson", "/vsicurl/http://127.0.0.1:9/x.gpkg", "x.zip!/y"]
)
def test_a_path_is_a_file_of_this_machine(path: str) -> None:
    with pytest.raises(UnreadableFile, match="introuvable"):
        delivery.receive(Path(path), "quai")


def test_a_pipe_is_no_delivery(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.geojson")
    with pytest.raises(UnreadableFile, match="ordinaire"):
        delivery.receive(tmp_path / "x.geojson", "quai")


@given(st.data())
def test_a_file_damaged_anywhere_is_read_or_refused_never_a_crash(data: st.DataObject) -> None:
    whole_text = json.dumps(
        {"type": "FeatureCollection", "features": list(quays(4326).iterfeatures(drop_id=True))}
    ).encode()
    start = data.draw(st.integers(0, len(whole_text) - 1))
    length = data.draw(st.integers(0, 40))
    damaged = whole_text[:start] + data.draw(st.binary(max_size=20)) + whole_text[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.geojson"
        path.write_bytes(damaged)
        with contextlib.suppress(UnreadableFile, BadCRS):
            delivery.receive(path, "quai")


# --- round trip


COORDINATE = st.integers(-1_000_000, 1_000_000)


def position(draw: Any) -> list[float]:
    return [round(2.7 + draw(COORDINATE) / 1e7, 7), round(50.4 + draw(COORDINATE) / 1e7, 7)]


@st.composite
def geometries(draw: Any) -> dict | None:
    kind = draw(st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "MultiPolygon", None]))
    if kind is None:
        return None
    if kind == "Point":
        return {"type": kind, "coordinates": position(draw)}
    if kind in {"LineString", "MultiPoint"}:
        return {"type": kind, "coordinates": [position(draw) for _ in range(draw(st.integers(2, 5)))]}
    x, y = position(draw)
    ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
    ring = [[round(a, 7), round(b, 7)] for a, b in ring]
    return {"type": kind, "coordinates": [ring] if kind == "Polygon" else [[ring]]}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["01004", "2A004", "621190000E0012", "2024-02-29", "", "é", "e\u0301", "😀"])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)


@st.composite
def collections(draw: Any) -> dict:
    names = draw(
        st.lists(st.text(min_size=1, max_size=6).filter(lambda name: "geometry" not in name), max_size=4)
    )
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        row = {name: draw(VALUES) for name in names if draw(st.booleans())}
        feature = {"type": "Feature", "properties": row, "geometry": draw(geometries())}
        if draw(st.booleans()):
            feature["id"] = draw(st.integers() | st.text(max_size=5))
        if draw(st.integers(0, 4)) == 0:
            feature["source"] = draw(st.text(max_size=5))
        rows.append(feature)
    extra = {"licence": draw(st.text(max_size=5))} if draw(st.booleans()) else {}
    return {"type": "FeatureCollection", **extra, "features": rows}


def same(first_value: Any, second_value: Any) -> bool:
    if isinstance(first_value, bool) or isinstance(second_value, bool):
        return first_value is second_value
    if isinstance(first_value, dict) and isinstance(second_value, dict):
        return first_value.keys() == second_value.keys() and all(
            same(first_value[key], second_value[key]) for key in first_value
        )
    if isinstance(first_value, list) and isinstance(second_value, list):
        return len(first_value) == len(second_value) and all(map(same, first_value, second_value))
    if isinstance(first_value, float | int) and isinstance(second_value, float | int):
        return first_value == second_value or math.isclose(first_value, second_value, rel_tol=0, abs_tol=0)
    return type(first_value) is type(second_value) and first_value == second_value


def goes_and_comes_back(collection: dict) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "a.geojson", Path(folder) / "b.geojson"
        first.write_text(json.dumps(collection), encoding="utf-8")
        layers.write(layers.read(first), second)
        back = json.loads(second.read_text(encoding="utf-8"))
        layers.write(layers.read(second), first)
        assert first.read_bytes() == second.read_bytes()
    assert same(back, collection)


@given(collections())
def test_write_then_read_is_the_identity(collection: dict) -> None:
    """Types, Unicode, null against absent, ids, foreign members, order, seven decimals."""
    goes_and_comes_back(collection)


@pytest.mark.long
@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(collections())
def test_a_thousand_layers_come_back_the_same(collection: dict) -> None:
    goes_and_comes_back(collection)


# --- standards out and back


def sites() -> gpd.GeoDataFrame:
    rows = []
    for number in (1, 2):
        square = plain.square(x_km=3 * number, y_km=0, side_km=1)
        values = {
            "site_id": f"62498_SITE-ECO_0000{number}",
            "pole_id": None,
            "site_nom": "Parc de l'=Artois" if number == 1 else "=1+1",
            "site_type": "zone d'activité économique",
            "site_vocadomi": "entrepôts, logistique",
            "site_etat": "existant et actif",
            "site_surf_brute": 100.0,
            "site_surf_utile": 80.5,
            "site_creation_date": 1999,
            "site_identif_date": "2016-03-26",
            "site_actu_date": "2023-08-29",
            "site_description": 'dit « le grand » ; "neuf"\nen deux lignes',
            "site_epci_nom": "CALL",
            "site_epci_siren": "246200364",
            "site_comm_nom": "Lens",
            "site_comm_insee": "62498",
            "site_moa_type": "epci",
            "site_uf_nbre": 4,
            "site_uf_vacant_nbre": 1,
            "site_taux_vacance": 25,
            "note_interne": "à ne pas diffuser",
        }
        rows.append(square.assign(**values))
    return pd.concat(rows, ignore_index=True)


def test_a_standard_delivery_comes_back_the_same(tmp_path: Path) -> None:
    layers.write(sites(), tmp_path / "sites.geojson")
    before = layers.read(tmp_path / "sites.geojson")
    delivery_export = export.write_standard(
        before, "site_eco", tmp_path, norm="cnig-sites-economiques", on=date(2026, 11, 23)
    )
    assert delivery_export.path.name == "fr-246200364-SITE-ECO20261123.csv"
    assert delivery_export.outside == ("note_interne",)
    received = delivery.receive(delivery_export.path, "site_eco")
    assert received.outcome == "accept", received.rows()
    after = received.features
    layers.write(
        after[[*before.columns.drop(["note_interne", "geometry"]), "geometry"]], tmp_path / "x.geojson"
    )
    layers.write(before.drop(columns="note_interne"), tmp_path / "y.geojson")
    first_features, second_features = (
        json.loads((tmp_path / name).read_text())["features"] for name in ("x.geojson", "y.geojson")
    )
    assert [row["geometry"] for row in first_features] == [row["geometry"] for row in second_features]
    for first_feature, second_feature in zip(first_features, second_features, strict=True):
        assert {k: v for k, v in first_feature["properties"].items() if v is not None} == {
            k: v for k, v in second_feature["properties"].items() if v is not None
        }


def test_an_export_has_every_column_of_the_standard_in_its_order(tmp_path: Path, shared: Path) -> None:
    delivery_export = export.write_standard(
        sites(), "site_eco", tmp_path, norm="cnig-sites-economiques", on=date(2026, 1, 1)
    )
    path = shared / "standards" / "cnig-sites-economiques" / "champs_v2024-10.csv"
    with path.open(encoding="utf-8") as stream:
        official = [row["champ"] for row in csv.DictReader(stream) if row["table"] == "site-eco"]
    assert delivery_export.path.read_text(encoding="utf-8").splitlines()[0].split(";") == official


def test_what_must_not_be_published_never_leaves(tmp_path: Path) -> None:
    terrain = plain.square(x_km=0, y_km=0, side_km=1).assign(
        terr_id="62498_TERRAIN-ECO_1",
        site_id="62498_SITE-ECO_1",
        terr_surf_brute=100.0,
        terr_utile="oui",
        terr_identif_date="2024-01-01",
        terr_actu_date="2024-01-01",
        terr_maitrise_fonc="commune",
        terr_stade_amngt="viabilisé et aménagé",
        terr_stade_comm="en vente",
        terr_etat_occup="vacant",
        terr_usage="bâti productif",
        terr_m2_prix=5.35,
    )
    delivery_export = export.write_standard(
        terrain,
        "terrain_eco",
        tmp_path,
        norm="cnig-sites-economiques",
        on=date(2026, 1, 1),
        names={"siren": "246200364"},
    )
    assert delivery_export.withheld == ("terr_m2_prix",)
    text = delivery_export.path.read_text(encoding="utf-8")
    assert "5.35" not in text
    assert "terr_m2_prix" not in text


def test_the_name_of_a_person_is_masked_and_that_of_a_company_is_not(tmp_path: Path) -> None:
    friche = plain.square(x_km=0, y_km=0, side_km=1).assign(
        site_nom="Friche",
        site_type="friche industrielle",
        site_identif_date="2024-01-01",
        site_actu_date="2024-01-01",
        comm_nom="Lens",
        comm_insee="62498",
        urba_zaer="non",
        source_nom="terrain",
    )
    pair = pd.concat([friche, friche], ignore_index=True).assign(
        site_id=["a", "b"],
        proprio_personne=["personne physique", "personne morale"],
        proprio_nom=["X Y", "SA Z"],
    )
    delivery_export = export.write_standard(
        pair, "friche", tmp_path, norm="cnig-friches", on=date(2026, 1, 1)
    )
    text = delivery_export.path.read_text(encoding="utf-8")
    assert (delivery_export.masked, "X Y" in text, "SA Z" in text) == (1, False, True)


def test_a_layer_that_does_not_conform_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="rien n'est écrit"):
        export.write_standard(
            sites().assign(site_etat="actif"),
            "site_eco",
            tmp_path,
            norm="cnig-sites-economiques",
            on=date(2026, 1, 1),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_real_plu_goes_out_as_a_shapefile_and_comes_back(tmp_path: Path, shared: Path) -> None:
    folder = shared / "data" / "plu" / "30014_PLU_20171013"
    before = layers.read_delivery(folder, "zone_urba_2017")
    delivery_export = export.write_standard(
        before, "zone_urba_2017", tmp_path, norm="cnig-plu", on=date(2026, 1, 1)
    )
    assert delivery_export.path.name == "30014_ZONE_URBA_20171013.shp"
    after = layers.read_delivery(delivery_export.path, "zone_urba_2017")
    names = [column for column in before.columns if column in after.columns and column != "geometry"]
    assert {"LIBELLE", "TYPEZONE", "IDURBA", "DATVALID"} <= set(names)
    pd.testing.assert_frame_equal(
        pd.DataFrame(before[names]).astype(object).where(before[names].notna(), None),
        pd.DataFrame(after[names]).astype(object).where(after[names].notna(), None),
        check_dtype=False,
    )
    assert after.area.sum() == pytest.approx(before.area.sum(), rel=1e-9)


# --- table schema, recipes, comparison, completion


@pytest.mark.parametrize(
    ("folder", "name"),
    [("cnig-sites-economiques", "site-eco.schema.json"), ("cnig-friches", "friches.schema.json")],
)
def test_an_official_table_schema_can_be_checked_against(shared: Path, folder: str, name: str) -> None:
    schema = table_schema.read_table_schema(shared / "standards" / folder / name)
    assert schema.field("site_id").required
    assert schema.field("site_actu_date").type == "date"


def test_a_recipe_reads_the_next_file_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("code;libelle;etat;lon;lat\n1;A;en service;2,8;50,4\n", encoding="utf-8")
    columns = {"quai_id": "code", "quai_nom": "libelle", "quai_statut": "etat"}
    received = delivery.receive(path, "quai", columns=columns)
    assert received.outcome == "accept"
    recipe = Recipe(kind="quai", separator=";", columns=columns)
    recipes.write_recipe(tmp_path / "r.toml", recipe)
    assert recipes.read_recipe(tmp_path / "r.toml") == recipe


def test_a_comparison_says_what_was_added_removed_and_changed() -> None:
    square = plain.square(x_km=0, y_km=0, side_km=1, site="A", etat="projet", n=1)
    two = plain.square(x_km=5, y_km=0, side_km=1, site="B", etat="actif", n=2)
    wide = plain.rectangle(x_km=0, y_km=0, width_km=2, height_km=1, site="A", etat="actif", n=1)
    three = plain.square(x_km=9, y_km=0, side_km=1, site="C", etat="actif", n=3)
    before = pd.concat([square, two], ignore_index=True)
    after = pd.concat([wide, three], ignore_index=True)
    changes = comparison.compare(before, after, key="site")
    assert changes[["change", "key", "field"]].values.tolist() == [
        ["supprimé", "B", ""],
        ["modifié", "A", "etat"],
        ["modifié", "A", "geometry"],
        ["ajouté", "C", ""],
    ]
    moved = changes[changes["field"] == "geometry"].iloc[0]
    assert (moved["before_ha"], moved["after_ha"], moved["changed_ha"]) == (100, 200, 100)
    assert comparison.compare(before, before, key="site").empty


def test_what_is_missing_is_filled_from_the_shapes_and_what_is_given_stays() -> None:
    communes = pd.concat(
        [
            plain.square(x_km=0, y_km=0, side_km=2, comm_insee="62001", comm_nom="Ouest"),
            plain.square(x_km=2, y_km=0, side_km=2, comm_insee="62002", comm_nom="Est"),
        ],
        ignore_index=True,
    )
    shapes = pd.concat(
        [
            plain.rectangle(x_km=1.5, y_km=0, width_km=2, height_km=1),  # 0.5 west, 1.5 east
            plain.square(x_km=0, y_km=0, side_km=1),
            plain.square(x_km=9, y_km=9, side_km=1),
        ],
        ignore_index=True,
    ).assign(site_surf_brute=[None, 99.0, None])
    filled = completion.completer(layers.read_kind("site_eco"), communes)(shapes)
    assert filled["site_comm_nom"].tolist()[:2] == ["Est", "Ouest"]
    assert filled["site_comm_insee"].isna().tolist() == [False, False, True]
    assert filled["site_surf_brute"].tolist() == [200.0, 99.0, 100.0]
    assert filled["site_id"].tolist()[:2] == ["62002_SITE-ECO_00001", "62001_SITE-ECO_00001"]


# --- the command line


def call(home: Path, *arguments: str) -> Any:
    return Runner().invoke(root, ["--donnees", str(home), "couches", *arguments], prog_name="artois-geo")


def test_the_commands_of_a_layer_s_life_follow_each_other(tmp_path: Path) -> None:
    home = tmp_path / "donnees"
    first, second = tmp_path / "a.geojson", tmp_path / "b.geojson"
    layers.write(quays(), first)
    layers.write(quays(quai_nom="Lens"), second)
    for path in (first, second):
        result = call(home, "importer", str(path), "--type", "quai", "--vers", "quais")
        assert result.exit_code == 0, result.output
    assert "quais" in layers.read_catalogue(home)
    compared = call(home, "comparer", "quais@1", "quais", "--format", "csv-brut")
    assert "Lens" in compared.stdout
    assert "Couche quais@1 (espace de travail) : millésime version 1 de l'historique" in compared.stderr
    assert call(home, "restaurer", "quais", "--version", "1").exit_code == 0
    assert layers.read(home / "quais.geojson")["quai_nom"].tolist() == ["Béthune"] * 2
    assert call(home, "exporter", "quais", "--sortie", str(tmp_path / "x.gpkg")).exit_code == 0
    events = json.loads(call(home, "historique", "quais", "--format", "json").stdout)["rows"]
    assert [event["command"] for event in events] == ["importer", "importer", "restaurer", "exporter"]
    assert call(home, "reparer", "quais").exit_code == 0


def test_a_trial_and_a_refusal_write_nothing(tmp_path: Path) -> None:
    home, path = tmp_path / "donnees", tmp_path / "a.geojson"
    home.mkdir()
    layers.write(quays(), path)
    assert call(home, "importer", str(path), "--type", "quai", "--essai").exit_code == 0
    layers.write(quays(quai_nom=None), path)
    refused = call(home, "importer", str(path), "--type", "quai")
    assert refused.exit_code == 1
    assert "rien n'a été changé" in refused.stderr
    assert list(home.iterdir()) == []


# --- real files


def test_the_poorest_import_becomes_sites_with_identifiers_communes_and_areas(shared: Path) -> None:
    """The story of docs/import_zae_nantes.md: 191 outlines without a single attribute."""
    folder = shared / "data" / "zae_nantes"
    points = pd.read_csv(
        Path(__file__).parents[2] / "docs" / "import_zae_nantes_communes.csv",
        sep=";",
        dtype={"comm_insee": str},
    )
    places = gpd.points_from_xy(points.pop("lon"), points.pop("lat"), crs=4326)
    contours = layers.read(folder / "communes_nm.geojson")
    named_points = contours.sjoin(
        gpd.GeoDataFrame(points, geometry=places).to_crs(2154), predicate="contains"
    )
    assert len(named_points) == len(contours) == named_points["comm_insee"].nunique() == 24
    schema = layers.read_kind("site_eco")
    received = delivery.receive(
        folder / "zae.geojson", schema, incomplete=True, complete=completion.completer(schema, named_points)
    )
    frame = received.features
    assert len(frame) == received.counted == 191
    assert frame["site_id"].is_unique
    assert frame["site_id"].str[:5].tolist() == frame["site_comm_insee"].tolist()
    assert frame["site_surf_brute"].sum() == pytest.approx(4_472, abs=1)  # published with the file
    main = frame.sjoin(named_points[["comm_insee", "geometry"]].rename(columns={"comm_insee": "touched"}))
    assert (main["site_comm_insee"] == main["touched"]).groupby(main["site_id"]).any().all()


@pytest.mark.long
def test_every_real_file_is_taken_whole_or_says_what_is_set_aside(shared: Path, tmp_path: Path) -> None:
    data = shared / "data"
    paths = [*data.glob("*.geojson"), *data.glob("bassin_minier/*.geojson"), *data.glob("plu/*")]
    assert len(paths) == 26
    for path in [*paths, *data.glob("zae_nantes/*.geojson")]:
        received = delivery.receive(path, "libre", set_aside=True)
        assert received.outcome != "reject", path.name
        assert len(received.features) + len(received.aside) == received.counted
        workspace.save_delivery(received, path, tmp_path, "essai")
        assert len(layers.read(tmp_path / "essai.geojson")) == len(received.features)
