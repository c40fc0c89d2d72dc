"""The two doors to GeoJSON, the catalogue, the kinds, the findings."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers, measure
from artois_geo.errors import BadCRS, BadTable, UnknownName, UnreadableFile, UnwritableFile
from artois_geo.kinds.checks import geometry_checks
from artois_geo.layers.catalogue import Total

KIND = """
title = "Sites d'essai"
key = "site_id"
geometry = ["Polygon"]
no_overlap = true

[[fields]]
name = "site_id"
type = "string"
required = true
unique = true
pattern = "[0-9]{5}"

[[fields]]
name = "vocation"
type = "string"
enum = ["industrielle", "tertiaire"]

[[fields]]
name = "surface_ha"
type = "number"
unit = "ha"
minimum = 0
measures = "area"
"""


@pytest.fixture
def kind(tmp_path: Path) -> Path:
    path = tmp_path / "essai.toml"
    path.write_text(KIND, encoding="utf-8")
    return path


def collection(*features: dict, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)})


def feature(**properties: object) -> dict:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [2.8, 50.4]},
    }


def save(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "couche.geojson"
    path.write_text(text, encoding="utf-8")
    return path


# --- reading


def test_integers_beside_nulls_stay_integers_and_codes_keep_their_zeros(tmp_path: Path) -> None:
    large = 2**53 + 1
    path = save(tmp_path, collection(feature(n=large, insee="01004"), feature(n=None, insee="2A004")))
    read = layers.read(path)
    assert read["n"].iloc[0] == large
    assert read["n"].isna().tolist() == [False, True]
    assert read["insee"].tolist() == ["01004", "2A004"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>", "n'est pas du GeoJSON lisible : erreur de syntaxe ligne 1"),
        ("[1, 2]", "pas du GeoJSON"),
        ('{"type": "Topology"}', "type « Topology »"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "« NaN » n'est pas un nombre JSON"),
        ('{"type": "FeatureCollection", "type": "x", "features": []}', "clé « type » est répétée"),
        ("[" * 100_000, "niveaux imbriqués"),  # Python 3.13 reads 5 000
    ],
)
def test_what_is_no_geojson_is_refused_in_french(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        layers.read(save(tmp_path, text))


def test_brackets_inside_texts_do_not_count_as_nesting(tmp_path: Path) -> None:
    path = save(tmp_path, collection(feature(note="[" * 500 + '\\"{{')))
    assert layers.read(path)["note"].tolist() == ["[" * 500 + '\\"{{']


def test_metres_without_a_declared_crs_are_refused(tmp_path: Path) -> None:
    lambert = feature() | {"geometry": {"type": "Point", "coordinates": [688000.0, 7037000.0]}}
    with pytest.raises(UnreadableFile, match="--crs EPSG:2154"):
        layers.read(save(tmp_path, collection(lambert)))


def test_a_declared_lambert93_is_believed(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    lambert = feature() | {"geometry": {"type": "Point", "coordinates": [688000.0, 7037000.0]}}
    assert layers.read(save(tmp_path, collection(lambert, crs=crs))).geometry.x.tolist() == [688000.0]


def test_a_crs_link_is_never_followed(tmp_path: Path) -> None:
    crs = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}}
    with pytest.raises(BadCRS, match="jamais suivi"):
        layers.read(save(tmp_path, collection(feature(), crs=crs)))


@pytest.mark.parametrize(
    "coordinates", [["2.8", "50.4"], [2.8], [None, 50.4], [2.8, 50.4, 1, 2, 3], "2.8", [[2.8, 50.4]]]
)
def test_a_position_that_is_none_is_a_finding_not_a_silence(tmp_path: Path, coordinates: object) -> None:
    broken = feature() | {"geometry": {"type": "Point", "coordinates": coordinates}}
    frame, findings = layers.read_any(save(tmp_path, collection(feature(), broken)))
    assert len(frame) == 2
    assert findings[["feature", "rule", "level"]].values.tolist() == [[2, "structure", "erreur"]]


def test_a_property_called_geometry_is_kept_under_another_name(tmp_path: Path) -> None:
    frame, findings = layers.read_any(save(tmp_path, collection(feature(geometry="texte"))))
    assert frame["geometry_"].tolist() == ["texte"]
    assert findings["rule"].tolist() == ["nom réservé"]


# --- writing


def test_what_is_written_is_read_back_the_same_and_with_the_same_bytes(tmp_path: Path) -> None:
    first = layers.read(save(tmp_path, collection(feature(a=1, b=None, c=[1, "x"], d=0.1), licence="LO 2.0")))
    layers.write(first, tmp_path / "un.geojson")
    second = layers.read(tmp_path / "un.geojson")
    layers.write(second, tmp_path / "deux.geojson")
    assert (tmp_path / "un.geojson").read_bytes() == (tmp_path / "deux.geojson").read_bytes()
    assert second.attrs["members"] == {"licence": "LO 2.0"}
    assert second[["a", "c", "d"]].iloc[0].tolist() == [1, [1, "x"], 0.1]


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)


@given(st.lists(st.dictionaries(st.text(min_size=1), VALUES), min_size=1, max_size=4))
def test_no_attribute_value_is_lost(rows: list[dict]) -> None:
    import tempfile

    names = dict.fromkeys(name for row in rows for name in row)
    if "geometry" in names or "geometry_" in names:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder), collection(*[feature(**{}) | {"properties": row} for row in rows]))
        layers.write(layers.read(path), path)
        features_back = json.loads(path.read_text(encoding="utf-8"))["features"]
    for row, back in zip(rows, features_back, strict=True):
        assert back["properties"] == row


def test_rings_turn_as_rfc_7946_asks_and_coordinates_have_seven_decimals(tmp_path: Path) -> None:
    clockwise = plain.square(x_km=0, y_km=0, side_km=1)
    clockwise = clockwise.set_geometry(shapely.orient_polygons(clockwise.geometry, exterior_cw=True))
    layers.write(clockwise, tmp_path / "x.geojson")
    ring = json.loads((tmp_path / "x.geojson").read_text())["features"][0]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw
    assert all(round(number, 7) == number for position in ring for number in position)


def test_a_folder_that_is_none_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    with pytest.raises(UnwritableFile, match="Écriture impossible"):
        layers.write(plain.point(x_km=0, y_km=0), tmp_path / "fichier" / "x.geojson")
    assert [path.name for path in tmp_path.iterdir()] == ["fichier"]


def test_only_the_two_crs_of_the_house_are_written(tmp_path: Path) -> None:
    with pytest.raises(BadCRS, match="Lambert-93"):
        layers.write(plain.point(x_km=0, y_km=0).to_crs(3857), tmp_path / "x.geojson")


# --- catalogue


def test_a_layer_cannot_leave_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text(
        '[x]\nfile = "../x.geojson"\nkind = ""\ntitle = ""\nsource = ""\nlicence = ""\nvintage = ""\n'
    )
    with pytest.raises(UnreadableFile, match="sort du dossier"):
        layers.read_catalogue(tmp_path)


def test_a_folder_without_catalogue_is_one_too(tmp_path: Path) -> None:
    save(tmp_path, collection(feature()))
    assert list(layers.read_catalogue(tmp_path)) == ["couche"]


def test_an_empty_or_absent_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="Aucune couche"):
        layers.read_catalogue(tmp_path)
    with pytest.raises(UnreadableFile, match="introuvable"):
        layers.read_catalogue(tmp_path / "rien")


@pytest.mark.parametrize("name", layers.kinds())
def test_every_kind_of_the_house_is_well_described(name: str) -> None:
    schema = layers.read_kind(name)
    assert schema.title
    assert schema.geometry
    assert not schema.key or schema.field(schema.key) is not None
    assert len({field.name for field in schema.fields}) == len(schema.fields)


def test_an_unknown_kind_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Noms proches : commune"):
        layers.read_kind("comune")


# --- findings


def rules(findings: pd.DataFrame, field: str) -> list[str]:
    return findings.loc[findings["field"] == field, "rule"].tolist()


def test_every_finding_comes_in_one_pass(kind: Path) -> None:
    good = plain.square(x_km=0, y_km=0, side_km=1, site_id="62119", vocation=None, surface_ha=100.0)
    wrong = pd.concat(
        [
            good.assign(vocation="Industrielle"),
            good.assign(vocation="agricole", surface_ha=1e6),
            plain.point(x_km=0, y_km=0, site_id="4074", vocation=None, surface_ha=-1.0),
        ],
        ignore_index=True,
    )
    findings = layers.validate(wrong, kind)
    assert rules(findings, "site_id") == ["format", "doublon", "doublon"]
    assert "zéro initial" in findings.loc[findings["rule"] == "format", "message"].iloc[0]
    assert rules(findings, "vocation") == ["liste de valeurs", "liste de valeurs"]
    assert findings.loc[findings["rule"] == "liste de valeurs", "level"].tolist() == ["alerte", "erreur"]
    assert "« industrielle »" in findings.loc[findings["rule"] == "liste de valeurs", "message"].iloc[0]
    assert rules(findings, "surface_ha") == ["minimum", "surface"]
    assert "des m²" in findings.loc[findings["rule"] == "surface", "message"].iloc[0]
    assert rules(findings, "geometry") == ["type de géométrie", "recouvrement", "recouvrement"]
    assert "100,00 ha comptés deux fois" in findings["message"].iloc[-2]


def test_a_right_layer_has_no_finding(kind: Path) -> None:
    right = plain.square(x_km=0, y_km=0, side_km=1, site_id="62119", vocation="tertiaire", surface_ha=100.0)
    assert layers.validate(right, kind).empty


def test_neighbours_that_share_an_edge_do_not_overlap(kind: Path) -> None:
    pair = [plain.square(x_km=x, y_km=0, side_km=1, site_id=f"6211{x}", vocation=None) for x in (0, 1)]
    findings = layers.validate(pd.concat(pair, ignore_index=True), kind)
    assert rules(findings, "geometry") == []


def test_a_layer_that_lies_elsewhere_is_said_once(kind: Path) -> None:
    territory = plain.square(x_km=0, y_km=0, side_km=5)
    far = pd.concat([plain.square(x_km=200 + x, y_km=0, side_km=1) for x in (0, 2)], ignore_index=True)
    findings = layers.validate(far, territory=territory)
    assert findings["rule"].tolist() == ["hors du territoire"]
    assert findings["feature"].isna().all()


def test_a_bow_tie_is_invalid_and_said_in_french() -> None:
    tie = gpd.GeoDataFrame(geometry=[shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], crs=2154)
    findings = layers.validate(tie)
    assert "le contour se croise" in findings["message"].iloc[0]


# --- totals


def test_a_total_says_what_counts_what_is_unknown_and_what_is_set_aside() -> None:
    parks = pd.concat(
        [
            plain.square(x_km=0, y_km=0, side_km=1, site_nom="A", ha=60.0, compte=True),
            plain.square(x_km=2, y_km=0, side_km=1, site_nom="B", ha=None, compte=True),
            plain.square(x_km=4, y_km=0, side_km=1, site_nom="C", ha=40.0, compte=False),
        ],
        ignore_index=True,
    )
    total = Total("t", "Total", 100, "ha", "rapport", "p", "sum", "ha", {"compte": True})
    row = layers.reconcile([total], {"p": parks}).iloc[0]
    assert (row["held"], row["gap"], row["counted"], row["unmeasured"], row["set_aside"]) == (
        60,
        -40,
        1,
        1,
        1,
    )
    assert "sans valeur publiée : B" in row["cause"]


def test_a_total_that_no_layer_holds_has_no_figure() -> None:
    row = layers.reconcile([Total("t", "Schéma cyclable", 920, "km", "rapport")], {}).iloc[0]
    assert pd.isna(row["held"])
    assert "aucune couche" in row["cause"]


# --- real files


@pytest.mark.parametrize(
    ("folder", "published_ha"),
    [("200011781_PLUi_20180101", 10.6), ("241800432_PLUi_20200128", 28.9), ("30014_PLU_20171013", 0.8)],
)
def test_plu_zones_overlap_by_the_published_hectares(shared: Path, folder: str, published_ha: float) -> None:
    frame, _ = layers.read_any(next((shared / "data" / "plu" / folder).glob("*.shp")))
    whole_file = list(geometry_checks.overlaps(measure.to_lambert93(frame)))[-1]
    overlap_ha = float(whole_file.message.split(" : ")[1].split(" ")[0].replace(",", "."))
    assert overlap_ha == pytest.approx(published_ha, abs=0.05)


def test_the_29_sites_without_a_geometry_member_are_found(shared: Path) -> None:
    frame, findings = layers.read_any(shared / "data" / "ademe_sites_pollues_france.geojson")
    assert len(frame) == 419
    assert (findings["rule"] == "géométrie absente").sum() == 29


def test_the_one_cavalier_without_geometry_is_found(shared: Path) -> None:
    frame, findings = layers.read_any(shared / "data" / "bassin_minier" / "zt-cavaliers.geojson")
    assert len(frame) == 1317
    findings_of_layer = layers.validate(frame)
    assert (findings_of_layer["rule"] == "géométrie absente").sum() + (
        findings["rule"] == "géométrie absente"
    ).sum() == 1


def test_the_lost_zeros_and_copied_positions_of_the_ademe_file_are_found(shared: Path) -> None:
    frame, _ = layers.read_any(shared / "data" / "ademe_sites_pollues_france.geojson")
    findings = layers.validate(frame).set_index("field")
    assert findings.loc["Code_INSEE", "rule"] == "zéro initial perdu"
    # all 390 pairs lie within a metre of their points: a note, no alert
    assert findings.loc["CoordXLambert2Etendue", ["rule", "level"]].tolist() == ["position en double", "note"]
    assert "nombres en texte" in findings["rule"].tolist()


def test_the_one_invalid_zone_and_the_multipart_zones_of_the_plui_are_found(shared: Path) -> None:
    folder = shared / "data" / "plu" / "241800432_PLUi_20200128"
    frame, _ = layers.read_any(next(folder.glob("*.shp")))
    counts = layers.validate(frame, "zone_urba_2017")["rule"].value_counts()
    assert counts["géométrie invalide"] == 1
    assert counts["type de géométrie"] == 3


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (["12", "1 250", "7,5"], "nombres en texte"),
        (["62", "59", "80"], None),
        (["12", "douze", "7,5"], None),
        ([12, 1250, 7.5], None),
    ],
)
def test_numbers_in_text_are_told_from_codes_and_words(values: list, rule: str | None) -> None:
    sites = pd.concat(
        [plain.point(x_km=n, y_km=0, taille=v) for n, v in enumerate(values)], ignore_index=True
    )
    assert rules(layers.validate(sites), "taille") == ([rule] if rule else [])


@pytest.mark.parametrize("vertex", [float("nan"), float("inf")])
@pytest.mark.parametrize("kind", ["Polygon", "LineString"])
def test_a_vertex_that_is_no_number_is_never_written(vertex, kind):
    from artois_geo.formats.geojson import geometry_text

    corners = [(0, 0), (1, 0), (1, vertex), (0, 0)]
    with np.errstate(invalid="ignore"):
        shapes = [shapely.Point(0, 0), getattr(shapely, kind)(corners)]
    with pytest.raises(BadTable, match="Géométrie 1"):
        geometry_text.texts_of(np.array(shapes, dtype=object))
