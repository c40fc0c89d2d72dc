"""The studies of the canal: one path for commands and sheets, and what is refused or stays unknown."""

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import canal, layers
from artois_geo.errors import BadTable
from artois_geo.studies import Assumptions
from artois_geo.studies.canal import scheme, site_access, water_access
from artois_geo.studies.canal.requests import AccessRequest, Precisions, SchemeRequest
from artois_geo.studies.sites import catalogue_data, site_water

DAY = date(2026, 12, 8)
ROADS: dict[str, Any] = {"speed_kmh": 50, "snap_m": 1, "reach_m": 500}


def access_request(**fields: Any) -> AccessRequest:
    absent = dict.fromkeys(("roads", "speed", "oneway", "added_places", "added_roads", "added_waterways"))
    lists = {"waterways": (), "places": (), "carry": (), "by_family": False, "by_place": False}
    return AccessRequest(**{**absent, **lists, "day": DAY, **fields})


def test_the_sheet_and_the_command_give_the_same_bank_ring_and_first_quay() -> None:
    catalogue = layers.read_catalogue()
    by_site = site_access.study(catalogue["sites_eco"], access_request(), catalogue).table.table.set_index(
        "site_id"
    )
    holdings = catalogue_data.read(catalogue)
    sites = holdings.kind("site_eco").set_index("site_id", drop=False)
    on_sheets = site_water.study(sites, holdings, on=DAY)
    shared = ["waterway_m", "frontage_m", "frontage_class", "berth_class", "ring", "ring_reason"]
    pd.testing.assert_frame_equal(by_site[shared], pd.DataFrame(on_sheets.front[shared]))
    quays = on_sheets.quays.drop(columns="place").rename(columns={"nom": "place", "method": "quay_method"})
    columns = ["place", "quay_method", "straight_km", "straight_low_km", "straight_high_km"]
    expected = quays[columns].reindex(by_site.index)
    pd.testing.assert_frame_equal(by_site[columns], expected, check_dtype=False)


def test_a_waterway_that_only_a_column_names_serves_command_and_sheet(tmp_path: Path) -> None:
    bank = plain.rectangle(x_km=1, y_km=0.03, width_km=0.2, height_km=0.3, precision_m=5)
    layers.write(bank.assign(site_id="a", site_nom="Rive"), tmp_path / "sites_eco.geojson")
    line = plain.line((0, 0), (9, 0), ouvrage_type="canal", nom="Canal de Lens", precision_m=5)
    layers.write(line, tmp_path / "canal.geojson")
    layers.write(plain.point(x_km=3, y_km=0, quai_nom="Quai", precision_m=5), tmp_path / "quais.geojson")
    catalogue = layers.read_catalogue(tmp_path)
    request = access_request(places=(tmp_path / "quais.geojson",))
    table = site_access.study(catalogue["sites_eco"], request, catalogue).table.table
    assert table["frontage_m"].tolist() == [200]
    assert "canal" in water_access.waterway_layers(catalogue)


def test_what_a_layer_says_of_its_precision_wins_over_what_is_declared() -> None:
    site = plain.rectangle(x_km=1, y_km=0.03, width_km=0.2, height_km=0.3)
    water = water_access.waterways([plain.line((0, 0), (9, 0), nom="Canal de Lens", precision_m=5)])
    quays = canal.places([("quai", plain.point(x_km=3, y_km=0, precision_m=5))])
    frontages = {}
    for name, frame in {"silent": site, "rough": site.assign(precision_m=3000)}.items():
        declared = Precisions(sites_m=5)
        reached = water_access.reach(frame, quays, precisions=declared)
        front = water_access.waterfront(frame, water, reached, Assumptions(DAY), declared)
        frontages[name] = front["frontage_m"].iloc[0]
    assert frontages["silent"] == 200
    assert pd.isna(frontages["rough"])


def test_roads_that_hold_no_line_are_refused_by_name(tmp_path: Path) -> None:
    town = tmp_path / "communes.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1), town)
    catalogue = layers.read_catalogue()
    with pytest.raises(BadTable, match=r"communes\.geojson : aucune ligne \(1 polygone\)"):
        site_access.study(catalogue["sites_eco"], access_request(roads=town), catalogue)
    with pytest.raises(BadTable, match=r"communes\.geojson : aucune ligne"):
        water_access.road_source(town, None, None, Assumptions(DAY))


def test_a_column_of_sectors_that_the_sites_lack_is_refused_with_those_they_have() -> None:
    catalogue = layers.read_catalogue()
    request = SchemeRequest((), (), None, "filiere", mixed_bases=False, day=DAY)
    with pytest.raises(BadTable, match=r"« filiere ».*--colonne-filiere.*site_nom"):
        scheme.study(catalogue["sites_eco"], request, catalogue)


@given(km=st.integers(1, 40), speed=st.sampled_from([30, 50, 90]))
@settings(max_examples=10)
def test_a_road_taken_from_end_to_end_lasts_its_length_over_its_speed(km: int, speed: int) -> None:
    roads = canal.Roads(plain.line((0, 0), (km, 0)), speed_kmh=speed, snap_m=1, reach_m=500)
    site, quay = plain.point(x_km=0, y_km=0), plain.point(x_km=km, y_km=0, objet_type="quai")
    reach = canal.access(site, quay, family="objet_type", roads=roads)
    assert reach["road_km"].iloc[0] == pytest.approx(km)
    assert reach["road_min"].iloc[0] == pytest.approx(60 * km / speed)


def test_roads_given_keyword_by_keyword_as_in_0_1_0_give_what_the_record_gives() -> None:
    site, quay = plain.point(x_km=0, y_km=0), plain.point(x_km=3, y_km=0, objet_type="quai")
    road: gpd.GeoDataFrame = plain.line((0, 0), (0, 2), (3, 2), (3, 0), sens="yes", vmax=30)
    columns = {"speed": "vmax", "oneway": "sens"}
    record = canal.Roads(road, **ROADS, **columns)
    new = canal.access(site, quay, family="objet_type", roads=record)
    with pytest.warns(DeprecationWarning, match=r"canal\.access.* se donnent par Roads"):
        old = canal.access(site, quay, family="objet_type", roads=road, **ROADS, **columns)
    pd.testing.assert_frame_equal(new, old)
    assert new["road_min"].iloc[0] == pytest.approx(14)  # 7 km at 30 km/h
    with pytest.raises(TypeError, match="vitesse"):
        canal.access(site, quay, family="objet_type", vitesse=30)


def test_the_old_door_of_the_scheme_answers_and_names_the_new_one(tmp_path: Path) -> None:
    from artois_geo import fluvial, tables

    land = plain.square(x_km=0, y_km=0, side_km=1, object="terrain 0", object_kind="terrain", name="Parc")
    with pytest.warns(DeprecationWarning, match=r"artois_geo\.packs\.fluvial\.governance_table"):
        governance = fluvial.who(land, columns={"name": "name"})
    empty = pd.DataFrame(columns=["sector"])
    nothing: dict[str, Any] = {"background": {}, "described": {}, "labels": {}}
    pillars = {"land": land, "potential": empty, "governance": governance}
    with pytest.warns(DeprecationWarning, match=r"artois_geo\.packs\.fluvial\.write"):
        written_scheme = fluvial.write(tmp_path, **pillars, footer=tables.Footer(), **nothing)
    assert written_scheme.governance["decides"].tolist() == ["inconnu"]
    assert {"3_gouvernance.csv", "carte.html"} <= {path.name for path in written_scheme.files}
    with pytest.raises(AttributeError, match="bateau"):
        _ = fluvial.bateau
