"""Constraints by name, and sites that have no outline to measure."""

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely

from artois_geo import land, layers, measure, territory
from artois_geo.errors import BadCRS, BadTable, BadValue, UnknownName

SITE = plain.square(x_km=0, y_km=0, side_km=1)
FLOOD = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)  # 25 ha of the site
WOOD = plain.rectangle(x_km=0, y_km=0, width_km=1, height_km=0.5)  # 50 ha of it


def test_constraints_by_name_are_those_of_one_table() -> None:
    both = pd.concat([FLOOD.assign(nom="Crue"), WOOD.assign(nom="Bois")], ignore_index=True)
    named_constraints = {"Crue": FLOOD, "Bois": WOOD}
    assert land.available(SITE, named_constraints)["available_ha"].tolist() == [
        37.5
    ]  # 100 - 25 - 50 + 12.5 shared
    expected = land.losses(SITE, both, by="nom")
    losses = land.losses(SITE, named_constraints)
    assert losses.index.names == ["site", "constraint"]
    assert losses.to_numpy().tolist() == expected.to_numpy().tolist()
    assert losses.index.get_level_values(1).tolist() == ["Crue", "Bois"]  # in the order they were given
    assert land.losses(SITE, named_constraints, order=["Bois"]).loc[(0, "Bois"), "marginal_ha"] == 50


def test_a_constraint_has_its_own_setback() -> None:
    line = plain.line((-1, 0.5), (2, 0.5))
    available = land.available(SITE, {"Crue": FLOOD, "Ligne": (line, 50)})
    assert available["available_ha"].item() == pytest.approx(75 - 0.75 * 10)  # 100 m wide, over 750 m
    assert land.available(SITE, [FLOOD, (line, 50)])["available_ha"].item() == pytest.approx(67.5)
    own = {"Ligne": line.assign(setback_m=50.0), "Crue": FLOOD}
    assert land.available(SITE, own)["available_ha"].item() == pytest.approx(67.5)


def test_no_constraint_takes_nothing() -> None:
    assert land.available(SITE, {})["available_ha"].tolist() == [100.0]


@pytest.mark.parametrize(
    ("constraints", "error", "words"),
    [
        ({"Crue": FLOOD.to_crs(4326)}, BadCRS, "« Crue » doit être en Lambert-93"),
        ({"Crue": "crue.gpkg"}, BadTable, r"« Crue » doit être un GeoDataFrame .reçu : le texte"),
        ({"Crue": (FLOOD, "20 m")}, BadValue, "le recul est un nombre de mètres"),
        ({"Ligne": plain.line((0, 0), (1, 1))}, BadValue, "Ligne, index 0.*sans recul"),
        (pd.DataFrame({"a": [1]}), BadTable, "« constraints » n'a pas de géométrie"),
        ("crue.gpkg", BadTable, "layers.read"),
    ],
)
def test_what_is_no_constraint_is_refused_by_its_name(
    constraints: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        land.available(SITE, constraints)  # type: ignore[arg-type]


def test_the_waterfall_of_a_table_needs_the_column_that_names() -> None:
    with pytest.raises(BadValue, match="by="):
        land.losses(SITE, FLOOD)
    with pytest.raises(UnknownName, match="famille"):
        land.losses(SITE, FLOOD, by=["famille"])


def test_two_columns_may_name_a_constraint_together() -> None:
    zones = pd.concat(
        [FLOOD.assign(plan="PPRI", zone="rouge"), WOOD.assign(plan="PLU", zone="N")], ignore_index=True
    )
    losses = land.losses(SITE, zones, by=["plan"])
    assert losses.equals(land.losses(SITE, zones, by="plan"))
    both = land.losses(SITE, zones, by=["plan", "zone"])
    assert both.index.names == ["site", "plan · zone"]
    assert both["alone_ha"].to_dict() == {(0, "PPRI · rouge"): 25.0, (0, "PLU · N"): 50.0}


@pytest.fixture
def mixed() -> gpd.GeoDataFrame:
    """A square, a point, a site without geometry, one that crosses itself."""
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    shapes = [SITE.geometry.iloc[0], shapely.Point(680_500, 7_030_500), None, bow_tie]
    names = ["a", "b", "c", "d"]
    return gpd.GeoDataFrame(
        {"site_nom": names, "site_surf_brute": [np.nan, 12.0, np.nan, np.nan]},
        geometry=shapes, crs=2154, index=names,
    )  # fmt: skip


def test_a_site_without_outline_is_refused_unless_it_may_be_skipped(mixed: gpd.GeoDataFrame) -> None:
    with pytest.raises(BadTable):
        land.available(mixed, FLOOD)


def test_a_site_that_is_skipped_stays_with_its_reason_and_no_figure(mixed: gpd.GeoDataFrame) -> None:
    available = land.available(mixed, {"Crue": FLOOD}, skip_unmeasured=True)
    assert available.index.tolist() == ["a", "b", "c", "d"]
    assert available.loc["a", "available_ha"] == 75
    assert (
        available.loc[["b", "c", "d"], ["available_ha", "net_ha", "unknown_ha", "pieces"]]
        .isna()
        .all(axis=None)
    )
    assert available["gross_ha"].fillna(-1).tolist() == [100.0, 12.0, -1.0, -1.0]  # published where it is
    assert available.loc["b", "gross_origin"] == "publiée"
    assert available["available_reason"].iloc[1:].tolist() == [
        "connu par un point ou une ligne, sans contour",
        "sans géométrie",
        "contour invalide : le contour se croise (en 50 ; 50)",
    ]
    assert available["schematic"].tolist() == [False, True, True, True]
    assert available.loc["b"].geometry.equals(mixed.loc["b"].geometry)
    alone = land.available(mixed.loc[["a"]], FLOOD)
    pd.testing.assert_frame_equal(available.loc[["a"], alone.columns], alone, check_dtype=False)


def test_the_waterfall_of_a_skipped_site_is_unknown(mixed: gpd.GeoDataFrame) -> None:
    available = land.available(mixed, {"Crue": FLOOD}, skip_unmeasured=True)
    losses = land.losses(mixed, {"Crue": FLOOD}, left=available)
    assert losses.loc[("a", "Crue"), "marginal_ha"] == 25
    assert losses.loc[["b", "c", "d"]].isna().all(axis=None)
    sentence = land.sentence(losses.loc["b"], left=available.loc["b"])
    assert sentence == ("12 ha publiés, disponible inconnu (connu par un point ou une ligne, sans contour).")
    assert "surface inconnue (sans géométrie)" in land.sentence(losses.loc["c"], left=available.loc["c"])


def test_what_is_left_of_shipped_sites_can_be_written(tmp_path) -> None:
    sites = layers.read("sites_eco")
    available = land.available(
        sites, {"Autres": sites[sites.geom_type == "Polygon"].iloc[:1]}, skip_unmeasured=True
    )
    assert len(available) == len(sites)
    assert [name for name, kind in available.dtypes.items() if str(kind) == "geometry"] == ["geometry"]
    layers.write(available, tmp_path / "reste.geojson")
    assert len(layers.read(tmp_path / "reste.geojson")) == len(sites)


@pytest.mark.parametrize("value", [{"a": 1}, [SITE], pd.DataFrame({"a": [1]}), "sites.geojson", None])
def test_a_wrong_type_is_named_with_what_to_write(value: object) -> None:
    for call in (
        lambda: measure.area_ha(value),
        lambda: land.available(value, FLOOD),
        lambda: territory.split(value, SITE, key="insee"),
    ):
        with pytest.raises(BadTable, match=r"layers\.read"):
            call()
