"""Own zones beside a first draft: hectares worked out on squares, and nothing lost or counted twice."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
import shapely
from cli_runner import english, run
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers, zae
from artois_geo.errors import BadTable
from artois_geo.zae import matching

COVER = {"same_share": 0.8, "min_common_ha": 0.01}


def frame(rows: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=2154)


def own_zones() -> gpd.GeoDataFrame:
    return frame(
        [
            plain.square(x_km=0, y_km=0, side_km=1, site_id="même"),
            plain.square(x_km=3, y_km=0, side_km=1, site_id="coupée"),
            plain.square(x_km=6, y_km=0, side_km=1, site_id="seule"),
            plain.point(x_km=9, y_km=0, site_id="point"),
        ]
    )


def draft_zones() -> gpd.GeoDataFrame:
    return frame(
        [
            plain.rectangle(x_km=0, y_km=0, width_km=0.9, height_km=1, cleabs="D1"),  # 90 of the 100 ha
            plain.rectangle(x_km=3, y_km=0, width_km=0.25, height_km=1, cleabs="D2"),  # 25 ha, all inside
            plain.rectangle(x_km=3.5, y_km=0, width_km=1, height_km=1, cleabs="D3"),  # half of it inside
            plain.square(x_km=7, y_km=0, side_km=1, cleabs="D4"),  # an edge in common with « seule »
        ]
    )


def compared() -> pd.DataFrame:
    return zae.matched(own_zones(), draft_zones(), key="site_id", draft_key="cleabs", **COVER)


def test_each_relation_has_its_hectares_both_ways() -> None:
    table = compared().set_index(["own_zone", "draft_zone"])
    same = table.loc[("même", "D1")]
    assert same["relation"] == matching.SAME
    assert [same[name] for name in ("common_ha", "own_share", "draft_share")] == pytest.approx([90, 0.9, 1])
    assert [same[name] for name in ("own_alone_ha", "draft_alone_ha")] == pytest.approx([10, 0])
    inside, astride = table.loc[("coupée", "D2")], table.loc[("coupée", "D3")]
    assert [inside["relation"], astride["relation"]] == [matching.OVERLAPS] * 2
    assert [inside["own_share"], inside["draft_share"]] == pytest.approx([0.25, 1])
    assert [astride["own_share"], astride["draft_share"]] == pytest.approx([0.5, 0.5])
    assert [inside["own_alone_ha"], astride["own_alone_ha"], astride["draft_alone_ha"]] == pytest.approx(
        [25, 25, 50]
    )


def test_what_one_side_lacks_is_said_and_an_edge_in_common_is_no_ground() -> None:
    table = compared()
    lone = table[table["common_ha"].isna()].set_index("relation")
    assert lone.loc[matching.NOT_IN_DRAFT, ["own_zone", "own_ha", "own_alone_ha"]].tolist() == [
        *("seule", pytest.approx(100), pytest.approx(100))
    ]
    assert lone.loc[matching.NOT_HERE, "draft_zone"] == "D4"
    assert lone.loc[matching.UNMEASURED, "own_zone"] == "point"
    assert pd.isna(lone.loc[matching.UNMEASURED, "own_ha"])


def test_a_schematic_zone_is_compared_with_none() -> None:
    circle = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", geometrie="schematique")
    table = zae.matched(circle, draft_zones()[:1], key="site_id", draft_key="cleabs", **COVER)
    assert table["relation"].tolist() == [matching.NOT_HERE, matching.UNMEASURED]


def test_a_zone_named_twice_is_refused() -> None:
    twice = own_zones().assign(site_id="A")
    with pytest.raises(BadTable, match="une seule fois"):
        zae.matched(twice, draft_zones(), key="site_id", draft_key="cleabs", **COVER)


BOXES = st.lists(st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(1, 4)] * 2), max_size=6)


def zones(boxes: list[tuple[int, int, int, int]], key: str) -> gpd.GeoDataFrame:
    rows = [
        plain.rectangle(x_km=x, y_km=y, width_km=width, height_km=height, **{key: f"{key}{number}"})
        for number, (x, y, width, height) in enumerate(boxes)
    ]
    if rows:
        return frame(rows)
    return gpd.GeoDataFrame({key: pd.Series(dtype=object)}, geometry=[], crs=2154)


@given(own=BOXES, draft=BOXES)
def test_no_zone_is_lost_and_its_areas_add_up(own: list, draft: list) -> None:
    own_side, draft_side = zones(own, "a"), zones(draft, "b")
    table = zae.matched(own_side, draft_side, key="a", draft_key="b", same_share=0.8)
    for column, side, key, beyond in (
        ("own", own_side, "a", draft_side),
        ("draft", draft_side, "b", own_side),
    ):
        assert set(table[f"{column}_zone"].dropna()) == set(side[key])
        cover = shapely.union_all(beyond.geometry.to_numpy())
        for name, rows in table.groupby(f"{column}_zone"):
            shape = side.loc[side[key] == name, "geometry"].iloc[0]
            total, alone = rows[f"{column}_ha"].iloc[0], rows[f"{column}_alone_ha"].iloc[0]
            assert total == pytest.approx(shape.area / 1e4)
            assert alone + shape.intersection(cover).area / 1e4 == pytest.approx(total)
            assert rows["common_ha"].sum() >= total - alone - 1e-6  # a draft may cover the same ground twice
    pairs = table.dropna(subset=["common_ha"])
    assert (pairs[["own_share", "draft_share"]] <= 1 + 1e-9).all(axis=None)
    for side in ("own", "draft"):
        assert (pairs[f"{side}_share"] * pairs[f"{side}_ha"]).tolist() == pytest.approx(
            pairs["common_ha"].tolist()
        )


def test_the_command_writes_the_table_and_its_map(tmp_path: Path) -> None:
    own, draft, page = tmp_path / "zae.geojson", tmp_path / "bd_topo.geojson", tmp_path / "carte.html"
    layers.write(own_zones()[:3], own)
    layers.write(draft_zones(), draft)
    result = run("zae", "rapprocher", own, "--brouillon", draft, "--carte", page, "--format", "json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    relations = [row["relation"] for row in answer["rows"]]
    assert relations == ["même", "recouvre", "recouvre", "absente du brouillon", "absente d'ici"]
    assert "1 paire « même » ; 2 paires « recouvre »" in answer["notes"][0]
    text = page.read_text(encoding="utf-8")
    assert "identiques 1, se recouvrent 1, absentes du brouillon 1, absentes d’ici 1" in text
    assert "Contours du brouillon" in text
    stricter = run("zae", "rapprocher", own, "--brouillon", draft, "--part-meme", "0.95")
    assert "3 paires « recouvre »" in stricter.output
    assert english(stricter.output) == []
    wrong = run("zae", "rapprocher", own, "--brouillon", draft, "--cle", "nom")
    assert (wrong.exit_code, "colonne inconnu" in wrong.output) == (1, True), wrong.output
