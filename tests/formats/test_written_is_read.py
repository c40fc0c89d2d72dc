"""What is written is read back the same, or is refused: never a file that the reader refuses."""

import math
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import source_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.deliveries import delivery
from artois_geo.errors import BadCRS, BadTable
from artois_geo.formats.geojson import json_values
from artois_geo.layers import workspace

SLOW = [HealthCheck.too_slow]
POINT = shapely.Point(2.7, 50.4)


def frame(*cells: Any, geometry: Any = POINT, crs: int = 4326, **more: Any) -> gpd.GeoDataFrame:
    """A layer whose column ``n`` holds these cells."""
    shapes = geometry if isinstance(geometry, list) else [geometry] * len(cells)
    column = pd.Series(list(cells), dtype=object)
    return gpd.GeoDataFrame({"n": column, **more}, geometry=shapes, crs=crs)


# --- one by one


IMPOSSIBLE = [
    (float("inf"), "nombre infini"),
    (-np.float64("inf"), "nombre infini"),
    ([1.0, [float("-inf")]], "nombre infini"),
    ([float("nan")], "NaN"),
    ({1: "a", "1": "b"}, "clé qui n’est pas un texte"),
    ({"a": {None: 1}}, "clé qui n’est pas un texte"),
    ("a\ud800", "Unicode"),
    ({"\udfff": 1}, "Unicode"),
    ({1, 2}, "set"),
    ({"le": date(2024, 4, 1)}, "date"),
    (b"octets", "bytes"),
    (10**5000, "4 300 chiffres"),
]


@pytest.mark.parametrize("number", range(len(IMPOSSIBLE)))
def test_a_value_that_json_lacks_is_refused_by_its_column(tmp_path: Path, number: int) -> None:
    value, reason = IMPOSSIBLE[number]
    with pytest.raises(BadTable, match=reason) as refused:
        layers.write(frame(1, value), tmp_path / "z.geojson")
    assert "colonne « n »" in str(refused.value)
    assert not (tmp_path / "z.geojson").exists()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_is_written_as_deep_as_it_is_read(tmp_path: Path) -> None:
    layers.write(frame(nested(64)), tmp_path / "z.geojson")
    assert layers.read(tmp_path / "z.geojson")["n"].tolist() == [nested(64)]
    with pytest.raises(BadTable, match="64 niveaux"):
        layers.write(frame(nested(65)), tmp_path / "z.geojson")


EMPTIES = [
    shapely.MultiPoint(),
    shapely.MultiLineString(),
    shapely.MultiPolygon(),
    shapely.Point(),
    shapely.LineString(),
    shapely.Polygon(),
    shapely.GeometryCollection(),
    None,
]


@pytest.mark.parametrize("shape", EMPTIES, ids=str)
def test_empty_geometries_come_back_empty_and_of_their_kind(tmp_path: Path, shape: Any) -> None:
    layers.write(frame(1, geometry=[shape]), tmp_path / "z.geojson")
    back = layers.read(tmp_path / "z.geojson").geometry.iloc[0]
    assert back is None if shape is None else shapely.equals_identical(back, shape)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("MULTIPOINT (EMPTY, (2 50))", "MULTIPOINT (2 50)"),
        ("MULTILINESTRING (EMPTY, (2 50, 3 50))", "MULTILINESTRING (EMPTY, (2 50, 3 50))"),
        (
            "MULTIPOLYGON (EMPTY, ((2 50, 3 50, 3 51, 2 50)))",
            "MULTIPOLYGON (EMPTY, ((2 50, 3 50, 3 51, 2 50)))",
        ),
        ("LINEARRING (2 50, 3 50, 3 51, 2 50)", "LINESTRING (2 50, 3 50, 3 51, 2 50)"),
    ],
)
def test_what_geojson_cannot_say_of_a_shape_is_written_as_it_can(
    tmp_path: Path, text: str, back: str
) -> None:
    layers.write(frame(1, geometry=[shapely.from_wkt(text)]), tmp_path / "z.geojson")
    read = layers.read_any(tmp_path / "z.geojson")[0].geometry.iloc[0]
    assert shapely.equals_identical(read, shapely.from_wkt(back))


@pytest.mark.parametrize(
    "shape", [shapely.Point(684_000, 7_037_000), shapely.Point(-180.1, 0), shapely.Point(0, 91)]
)
def test_coordinates_beyond_the_globe_are_refused(tmp_path: Path, shape: Any) -> None:
    with pytest.raises(BadCRS, match="hors du globe"):
        layers.write(frame(1, geometry=shape), tmp_path / "z.geojson")


def test_a_ring_of_three_positions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="trois positions"):
        layers.write(
            frame(1, geometry=shapely.from_wkt("POLYGON ((2 50, 3 51, 2 50))")), tmp_path / "z.geojson"
        )


@pytest.mark.parametrize("ring", ["2 50, 3 51, 2.5 50.5, 2 50", "2 50, 2.7 50, 2.7 50, 2 50"])
@pytest.mark.parametrize(
    "kind", ["POLYGON (({}))", "MULTIPOLYGON ((({})))", "GEOMETRYCOLLECTION (POLYGON (({})))"]
)
def test_a_ring_without_ground_keeps_its_way_at_each_save(tmp_path: Path, ring: str, kind: str) -> None:
    shape = shapely.from_wkt(kind.format(ring))
    layers.write(frame(1, geometry=[shape]), tmp_path / "z.geojson")
    assert shapely.equals_identical(layers.read_any(tmp_path / "z.geojson")[0].geometry.iloc[0], shape)


@pytest.mark.parametrize("name", ["type", "features", "crs"])
def test_a_member_of_the_collection_is_written_once(tmp_path: Path, name: str) -> None:
    layer = frame(1)
    layer.attrs["members"] = {name: "x"}
    with pytest.raises(BadTable, match=f"« {name} » de la collection"):
        layers.write(layer, tmp_path / "z.geojson")


def test_a_member_of_a_feature_is_written_once(tmp_path: Path) -> None:
    layer = frame(1)
    layer.attrs["feature_members"] = {0: {"properties": 1}}
    with pytest.raises(BadTable, match="« properties » d'un objet"):
        layers.write(layer, tmp_path / "z.geojson")


# --- random layers, from a frame to a file


SCALARS: Any = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=5)
    | st.sampled_from(["01004", "\ud800", "a\x00b", "\u2028", "😀", date(2024, 4, 1), 1 + 2j])
)
KEYS = st.text(max_size=3) | st.integers(0, 2) | st.none() | st.just("\udc00")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)
COORDINATES = st.sampled_from(
    [0.0, 2.7, 2.7000000049, 50.4, -180.0, 180.0, 179.99999999, 684000.0, math.inf, math.nan]
)
FINITE = COORDINATES.filter(math.isfinite)  # GEOS closes no ring with another
SHAPES = st.one_of(
    st.sampled_from(
        [*EMPTIES, *map(shapely.from_wkt, ["MULTIPOINT (EMPTY, (2 50))", "POLYGON ((2 50, 3 51, 2 50))"])]
    ),
    st.tuples(COORDINATES, COORDINATES).map(shapely.Point),
    st.tuples(COORDINATES, COORDINATES, COORDINATES).map(shapely.Point),
    st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=4).map(shapely.LineString),
    st.lists(st.tuples(FINITE, FINITE), min_size=3, max_size=5).map(lambda ring: shapely.Polygon(ring)),
    st.lists(st.tuples(COORDINATES, COORDINATES), max_size=3).map(shapely.MultiPoint),
)


@st.composite
def frames(draw: Any) -> gpd.GeoDataFrame:
    count = draw(st.integers(0, 4))
    names = draw(
        st.lists(st.text(st.characters(codec=None), max_size=4) | st.integers(0, 3), unique=True, max_size=3)
    )
    columns = {
        name: pd.Series(draw(st.lists(VALUES, min_size=count, max_size=count)), dtype=object)
        for name in names
    }
    shapes = draw(st.lists(SHAPES, min_size=count, max_size=count))
    layer = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=4326))
    if draw(st.booleans()):
        layer.index = pd.Index(
            draw(
                st.lists(SCALARS.filter(lambda v: not isinstance(v, complex)), min_size=count, max_size=count)
            ),
            name="id",
            dtype=object,
        )
    if draw(st.integers(0, 3)) == 0:
        layer.attrs["members"] = draw(
            st.dictionaries(st.sampled_from(["licence", "type", "bbox", "é"]), VALUES, max_size=2)
        )
    return layer


def write_then_read(layer: gpd.GeoDataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "a.geojson", Path(folder) / "b.geojson"
        try:
            layers.write(layer, first)
        except (BadTable, BadCRS):
            assert not first.exists()
            return
        back = layers.read(first)
        layers.write(back, second)
        layers.write(layers.read(second), first)
        assert first.read_bytes() == second.read_bytes()
    assert len(back) == len(layer)
    for name in layer.columns.drop("geometry"):
        if str(name) in back:  # « geometry » comes back under another name
            for cell, read in zip(layer[name], back[str(name)], strict=True):
                assert same(cell, read)


def same(cell: Any, read: Any) -> bool:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return read is None or read is pd.NA or read != read
    if isinstance(cell, date):
        return cell.isoformat() == read
    if isinstance(cell, bool):
        return bool(read) is cell
    return bool(cell == read)


@given(frames())
def test_a_frame_is_refused_or_read_back(layer: gpd.GeoDataFrame) -> None:
    write_then_read(layer)


@pytest.mark.long
@settings(max_examples=1_000, deadline=None, suppress_health_check=SLOW)
@given(frames())
def test_a_thousand_frames_are_refused_or_read_back(layer: gpd.GeoDataFrame) -> None:
    write_then_read(layer)


# --- random files, through the import


TEXTS = st.text(max_size=4) | st.sampled_from(["\\ud800", "a\\u0000"])
RAW_TEXTS = st.sampled_from(
    ['"a"', '"\\ud800"', '"a\\u0000"', "1e999", "-1e999", "null", "true", "12", "0.5", '"é"']
)
RAW = st.recursive(
    RAW_TEXTS,
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda parts: f"[{','.join(parts)}]")
        | inner.map(lambda part: f'{{"a":{part}}}')
        | inner.map(lambda part: f'{{"\\udc00":{part}}}')
    ),
    max_leaves=3,
)
RAW_SHAPES = st.sampled_from(
    [
        "null",
        '{"type":"MultiPolygon","coordinates":[]}',
        '{"type":"Point","coordinates":[2.7,50.4]}',
        '{"type":"Point","coordinates":[2.7,1e999]}',
        '{"type":"GeometryCollection","geometries":[]}',
        '{"type":"Polygon","coordinates":[[[2,50],[3,51],[2,50]]]}',
    ]
)


@st.composite
def files(draw: Any) -> str:
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        properties = f'{{"n":{draw(RAW)},"\\ud801":{draw(RAW)}}}'
        more = draw(st.sampled_from(["", f',"id":{draw(RAW)}', f',"source":{draw(RAW)}']))
        rows.append(f'{{"type":"Feature","properties":{properties},"geometry":{draw(RAW_SHAPES)}{more}}}')
    members = draw(st.sampled_from(["", f'"licence":{draw(RAW)},']))
    return f'{{"type":"FeatureCollection",{members}"features":[{",".join(rows)}]}}'


def import_as_the_trial_says(text: str) -> None:
    """What ``receive`` accepts is written and read back; with the errors aside, nothing is lost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "z.geojson"
        path.write_text(text)
        for set_aside in (False, True):
            received = delivery.receive(path, "libre", set_aside=set_aside)
            if received.outcome == "reject":
                continue
            workspace.save_delivery(received, path, Path(folder) / "donnees", f"couche{int(set_aside)}")
            back = layers.read(Path(folder) / "donnees" / f"couche{int(set_aside)}.geojson")
            assert len(back) == len(received.features)


@given(files())
def test_an_import_does_what_its_trial_says(text: str) -> None:
    import_as_the_trial_says(text)


@pytest.mark.long
@settings(max_examples=1_000, deadline=None, suppress_health_check=SLOW)
@given(files())
def test_a_thousand_imports_do_what_their_trials_say(text: str) -> None:
    import_as_the_trial_says(text)


def test_an_infinite_number_of_a_typed_field_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "quai.geojson"
    row = {"quai_id": "1", "quai_nom": "A", "quai_statut": "en service", "longueur_m": 0}
    text = source_bytes.geojson_bytes([row], [{"type": "Point", "coordinates": [2.7, 50.4]}])
    path.write_bytes(text.replace(b'"longueur_m": 0', b'"longueur_m": 1e999'))
    errors = [row for row in delivery.receive(path, "quai").rows() if row["level"] == "erreur"]
    assert [(row["field"], row["rule"]) for row in errors] == [("longueur_m", "valeur impossible")]


def test_half_a_character_is_replaced_and_said_by_its_column(tmp_path: Path) -> None:
    path = tmp_path / "z.geojson"
    path.write_text(
        '{"type":"FeatureCollection","licence":"\\ud800","features":[{"type":"Feature","id":"\\udfff",'
        '"properties":{"nom":"L\\ud800","\\udc00":{"a":["\\udfff"]}},"geometry":null}]}'
    )
    received = delivery.receive(path, "libre")
    assert received.outcome == "repair"
    assert {row["field"] for row in received.rows() if row["rule"] == "caractère coupé"} == {
        "licence",
        "id",
        "nom",
        "�",
    }
    assert received.features[["nom", "�"]].to_numpy().tolist() == [["L�", {"a": ["�"]}]]


def test_what_json_cannot_hold_is_said_in_one_sentence() -> None:
    assert json_values.fault({"a": [1, {"b": float("inf")}]}) == "nombre infini"
    assert json_values.fault({"a": [1, {"b": "é"}], "c": None}) == ""


def test_a_sound_value_is_left_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, "é"]}
    assert json_values.without_half_characters(value) == value
