"""A layer told column by column, findings counted rule by rule, a GeoPackage that can be trusted."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest

from artois_geo import layers
from artois_geo.errors import BadCRS, UnwritableFile


def test_a_column_is_as_full_as_its_features() -> None:
    frame = pd.concat(
        [plain.square(x_km=x, y_km=0, side_km=1, nom="A", annee=year) for x, year in ((0, 2000), (1, None))]
    )
    table = layers.describe(gpd.GeoDataFrame(frame, crs=2154)).set_index("column")
    assert table.loc["annee", ["filled_count", "filled_share", "distinct_count"]].tolist() == [1, 0.5, 1]
    assert table.loc["nom", ["filled_count", "filled_share", "distinct_count"]].tolist() == [2, 1.0, 1]


def test_a_kind_lends_its_words() -> None:
    communes = layers.read(layers.read_catalogue()["communes"])
    table = layers.describe(communes, "commune").set_index("column")
    field = layers.read_kind("commune").field("comm_insee")
    assert field is not None
    assert table.loc["comm_insee", "label"] == field.label


def test_an_empty_layer_has_no_share() -> None:
    empty = plain.square(x_km=0, y_km=0, side_km=1, nom="A").head(0)
    assert layers.describe(empty)["filled_share"].isna().all()


def test_findings_are_counted_once_and_the_gravest_come_first() -> None:
    findings = pd.DataFrame(
        {
            "feature": pd.array([None, 4, 5, 6], dtype="Int64"),
            "field": ["a", "b", "b", "c"],
            "rule": ["champ absent", "format", "format", "format"],
            "level": ["note", "erreur", "erreur", "alerte"],
            "found": ["", "x", "y", "z"],
            "message": ["m1", "m2", "m3", "m4"],
        }
    )
    table = layers.summarise(findings)
    assert table["level"].tolist() == ["erreur", "alerte", "note"]
    assert table["finding_count"].tolist() == [2, 1, 1]
    assert table["message"].tolist() == ["m2", "m4", "m1"]
    assert len(layers.summarise(findings.head(0))) == 0


def test_a_geopackage_keeps_areas_texts_and_ids(tmp_path: Path) -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1, insee="01004", tags=["a", "b"][:1])
    frame = frame.set_axis(["id-1"]).rename_axis("id")
    file = tmp_path / "a.gpkg"
    layers.write_geopackage(frame, file, layer="carre")
    back = gpd.read_file(file, layer="carre")
    assert back.crs.to_epsg() == 2154
    assert back.area.tolist() == [1_000_000.0]
    assert (back["insee"].tolist(), back["fid_source"].tolist()) == (["01004"], ["id-1"])


def test_a_geopackage_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("", encoding="utf-8")
    square = plain.square(x_km=0, y_km=0, side_km=1)
    with pytest.raises(UnwritableFile, match="un fichier se trouve là"):
        layers.write_geopackage(square, tmp_path / "fichier" / "a.gpkg", layer="a")
    with pytest.raises(BadCRS):
        layers.write_geopackage(square.to_crs(4326), tmp_path / "a.gpkg", layer="a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fichier"]
