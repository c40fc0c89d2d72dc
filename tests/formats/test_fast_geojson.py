"""The quick reader of GeoJSON says what the slow one says, of sound files and of wrong ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from artois_geo.errors import UnreadableFile
from artois_geo.formats.geojson import (
    fast_geojson,
    feature_shapes,
    feature_texts,
    geojson_reader,
    geometry_text,
)

SQUARE = "[[[2,50],[3,50],[3,51],[2,50]]]"


def feature(geometry: str, properties: str = '{"nom":"é"}', more: str = "") -> str:
    return f'{{"type":"Feature",{more}"properties":{properties},"geometry":{geometry}}}'


def polygon(coordinates: str) -> str:
    return f'{{"type": "Polygon", "coordinates": {coordinates} }}'


CASES = {
    "plain": [feature(polygon(SQUARE)), feature("null"), feature('{"type":"Point","coordinates":[2,50]}')],
    "parts": [
        feature(f'{{"type":"MultiPolygon","coordinates":[{SQUARE},{SQUARE}]}}'),
        feature('{"type":"LineString","coordinates":[[2,50],[3.5e0,51]]}'),
        feature('{"type":"MultiPoint","coordinates":[[2,50],[3,51]]}'),
    ],
    "altitude": [feature(polygon("[[[2,50,7],[3,50,7],[3,51,7],[2,50,7]]]")), feature(polygon(SQUARE))],
    "balanced lengths": [feature('{"type":"LineString","coordinates":[[2],[3,51,4]]}')],
    "open ring": [feature(polygon("[[[2,50],[3,50],[3,51],[2,51]]]"))],
    "too short": [feature(polygon("[[[2,50],[3,50]]]")), feature(polygon("[]"))],
    "infinite": [feature(polygon("[[[2,50],[3,1e999],[3,51],[2,50]]]"))],
    "deep": [feature(polygon("[" * 50 + "]" * 50))],
    "a property of that name": [feature(polygon(SQUARE), '{"coordinates":[1,2],"a":{"coordinates":[]}}')],
    "a text of that name": [feature(polygon(SQUARE), json.dumps({"a": f'"coordinates":{SQUARE},'}))],
    "collection": [
        feature('{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[2,50]}]}')
    ],
    "other order": [feature(f'{{"coordinates":{SQUARE},"type":"Polygon"}}', more='"id":4,')],
    "no geometry": ['{"type":"Feature","properties":{}}', "7", feature("[1,2]")],
    "unknown type": [feature('{"type":"Cercle","coordinates":[2,50]}'), feature('{"type":"Point"}')],
}
BROKEN = {
    "comma lost": feature(polygon("[[[2 50],[3,50],[3,51],[2,50]]]")),
    "bracket lost": feature(polygon("[[[2,50],[3,50],[3,51],[2,50]]")),
    "number": feature(polygon("[[[02,50],[3,50],[3,51],[2,50]]]")),
    "not a number": feature(polygon("[[[NaN,50],[3,50],[3,51],[2,50]]]")),
    "repeated key": feature(f'{{"type":"Polygon","coordinates":{SQUARE},"coordinates":{SQUARE}}}'),
}


def collection(folder: Path, features: list[str]) -> Path:
    path = folder / "livraison.geojson"
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}"
    path.write_text(text, encoding="utf-8")
    return path


def read_back(path: Path, *, fast: bool) -> tuple[Any, ...]:
    raw = geojson_reader._read(path, "utf-8", fast=fast)
    return raw.columns, shapely.to_wkb(raw.shapes).tolist(), raw.findings, raw.ids, raw.feature_members


@pytest.mark.parametrize("large", [0, feature_shapes.LARGE], ids=["compiled", "parsed"])
@pytest.mark.parametrize("name", CASES)
def test_the_quick_reader_finds_what_the_slow_one_finds(
    name: str, large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_shapes, "LARGE", large)
    path = collection(tmp_path, CASES[name])
    slow = read_back(path, fast=False)
    raw = geojson_reader.read_raw(path)
    quick = raw.columns, shapely.to_wkb(raw.shapes).tolist(), raw.findings, raw.ids, raw.feature_members
    assert quick == slow


@pytest.mark.parametrize("name", ["plain", "parts", "altitude", "open ring", "a text of that name"])
def test_ordinary_files_are_read_quickly(name: str, tmp_path: Path) -> None:
    path = collection(tmp_path, CASES[name])
    assert read_back(path, fast=True) == read_back(path, fast=False)


@pytest.mark.parametrize("large", [0, feature_shapes.LARGE], ids=["compiled", "parsed"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_the_same_words(
    name: str, large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_shapes, "LARGE", large)
    path = collection(tmp_path, [feature(polygon(SQUARE)), BROKEN[name]])
    with pytest.raises(UnreadableFile) as slow:
        geojson_reader._read(path, "utf-8", fast=False)
    with pytest.raises(UnreadableFile) as quick:
        geojson_reader.read_raw(path)
    assert str(quick.value) == str(slow.value)


def test_pieces_cut_anywhere_give_the_same_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = collection(tmp_path, [*CASES["plain"], *CASES["parts"]] * 3)
    read_whole = read_back(path, fast=True)
    for size in (1, 7, 40):
        monkeypatch.setattr(fast_geojson, "PIECE", size)
        assert read_back(path, fast=True) == read_whole


def test_a_feature_set_aside_keeps_its_own_text(tmp_path: Path) -> None:
    features = [*CASES["plain"], feature(polygon(" [ [[2,50],\t[3,50], [3,51],[2,50]] ]"))]
    path = collection(tmp_path, features)
    expected_texts = [features[1], features[3]]
    places = geojson_reader.read_raw(path).byte_ranges
    assert feature_texts.texts(path, {3, 1}, byte_ranges=places) == expected_texts
    assert feature_texts.texts(path, {1, 3}) == expected_texts


READ = {
    "[[[2,50],[3,50],[3,51],[2,50]]]": [2, 50, 3, 50, 3, 51, 2, 50],
    "[ [ [ -2.5 , 50.0000001 ] ,\t[ 0.1, -0.3 ] ] ]": [-2.5, 50.0000001, 0.1, -0.3],
    "[[[1,2]],[[3,4]]]": [1, 2, 3, 4],
}
UNSURE = {
    "exponent": "[[[2e0,50]]]",
    "more digits than a quotient keeps": "[[[2.1234567890123456,50]]]",
    "minus zero": "[[[-0.0,50]]]",
    "leading zero": "[[[02,50]]]",
    "plus": "[[[+2,50]]]",
    "point without digits": "[[[2.,50]]]",
    "digits without point": "[[[.2,50]]]",
    "two points": "[[[2.1.1,50]]]",
    "lone minus": "[[[-,50]]]",
    "altitude": "[[[2,50,7]]]",
    "one number": "[[[2]]]",
    "no number": "[[[]]]",
    "no comma": "[[[2 50]]]",
    "two commas": "[[[2,,50]]]",
    "last comma": "[[[2,50,]]]",
    "first comma": "[[[2,50]],,[[2,50]]]",
    "too deep": "[[[[2,50]]]]",
    "not deep enough": "[[2,50]]",
    "mixed depths": "[[[2,50],[[2,50]]]]",
    "bracket lost": "[[[2,50]]",
    "bracket too many": "[[[2,50]]]]",
    "two lists": "[[[2,50]]],[[[2,50]]]",
    "nothing": "",
    "a number": "2",
}


def compiled(texts: list[str]) -> tuple[int, list[float]]:
    """How many numbers the compiled reader finds, and which."""
    positions = pytest.importorskip("artois_geo.formats.geojson.positions", exc_type=ImportError)
    encoded = [text.encode() for text in texts]
    joined = np.frombuffer(b"".join(encoded), np.uint8)
    numbers, closed = np.zeros(len(joined) + 2), np.zeros((3, len(joined) + 2), np.int64)
    count = positions.numbers_in(joined, np.cumsum([len(text) for text in encoded]), 3, numbers, closed)
    return count, numbers[: max(count, 0)].tolist()


@pytest.mark.parametrize("text", READ)
def test_plain_positions_are_read_from_their_text(text: str) -> None:
    assert compiled([text]) == (len(READ[text]), READ[text])
    assert compiled([text, text])[1] == READ[text] * 2


@pytest.mark.parametrize("name", UNSURE)
def test_what_is_not_plain_is_left_to_the_strict_reader(name: str) -> None:
    assert compiled([UNSURE[name]])[0] == -1
    assert compiled(["[[[2,50]]]", UNSURE[name], "[[[2,50]]]"])[0] == -1


def test_texts_and_objects_of_shapes_are_the_same() -> None:
    square = shapely.from_geojson(polygon(SQUARE))
    holed = shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 2, 2)
    shapes = [square, holed, None, shapely.Polygon(), shapely.Point(2.123456789, -0.0)]
    shapes += [shapely.MultiPolygon([square, shapely.box(5, 5, 6, 6)]), shapely.box(0, 0, 1, 1).boundary]
    shapes += [shapely.reverse(holed), shapely.MultiPolygon([shapely.reverse(square), holed - square]), holed]
    texts = geometry_text.texts_of(np.array(shapes, dtype=object))
    assert [json.loads(text) for text in texts] == [geometry_text.coordinates_of(shape) for shape in shapes]


@pytest.mark.parametrize("opening", ["", "\ufeff"])
@pytest.mark.parametrize("size", [7, 1 << 22])
def test_features_are_found_again_at_their_place(
    opening: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_geojson, "PIECE", size)
    features = [
        *CASES["plain"],
        *CASES["other order"],
        feature(polygon(f" {SQUARE} "), '{"nom":"Œ\U0001f333"}'),
    ]
    path = collection(tmp_path, features)
    path.write_text(opening + path.read_text().replace('"features"', '"note": "été", "features"'))
    places = geojson_reader.read_raw(path).byte_ranges
    assert places is not None
    content = path.read_bytes()
    assert [content[start:end].decode() for start, end in places.tolist()] == features


def test_a_line_each_is_found_again_too(tmp_path: Path) -> None:
    path = tmp_path / "livraison.geojsonl"
    path.write_text("\n".join(CASES["plain"]))
    places = geojson_reader.read_raw(path).byte_ranges
    assert feature_texts.texts(path, {0, 2}, byte_ranges=places) == [CASES["plain"][0], CASES["plain"][2]]


def test_a_file_that_changed_meanwhile_is_read_again(tmp_path: Path) -> None:
    path = collection(tmp_path, CASES["plain"])
    places = geojson_reader.read_raw(path).byte_ranges
    path.write_text(path.read_text().replace("[\n{", "[\n\n  {"))
    assert feature_texts.texts(path, {1}, byte_ranges=places) == [CASES["plain"][1]]
