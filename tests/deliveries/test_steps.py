"""A delivery goes from step to step as frozen values; its options are one record."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from artois_geo import deliveries, layers
from artois_geo.deliveries import steps
from artois_geo.formats.crs_readings import Reading
from artois_geo.kinds import read_kind

BOW_TIE = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])  # two triangles of 25 ha


@pytest.fixture
def bow_tie(tmp_path: Path) -> Path:
    """A GeoJSON in degrees that holds one polygon whose outline crosses itself."""
    shape = shapely.affinity.translate(BOW_TIE, 680_000, 7_030_000)
    path = tmp_path / "zones.geojson"
    gpd.GeoDataFrame({"nom": ["Nœud"]}, geometry=[shape], crs=2154).to_crs(4326).to_file(path)
    return path


def test_a_step_leaves_the_stage_before_it_as_it_was(bow_tie: Path) -> None:
    stage = steps.read(bow_tie, read_kind("libre"), deliveries.DeliveryOptions())
    for step in (steps.match, steps.place, steps.repair, steps.complete, steps.check):
        shapes, findings = shapely.to_wkb(stage.table.shapes).tolist(), stage.findings
        following = step(stage)
        assert shapely.to_wkb(stage.table.shapes).tolist() == shapes
        assert following.findings[: len(findings)] == findings
        stage = following
    assert not stage.placed_shapes[0].is_valid
    assert round(stage.table.shapes[0].area) == 500_000
    assert not stage.raw.shapes[0].is_valid


def test_options_given_one_by_one_are_those_of_the_record(bow_tie: Path) -> None:
    options = deliveries.DeliveryOptions(mend=False, territory="monde")
    by_record = layers.receive(bow_tie, "libre", options)
    one_by_one = layers.receive(bow_tie, "libre", mend=False, territory="monde")
    assert by_record.rows() == one_by_one.rows()
    assert (by_record.outcome, one_by_one.outcome) == ("reject", "reject")


def test_an_option_beside_a_record_replaces_the_one_in_it(bow_tie: Path) -> None:
    options = deliveries.DeliveryOptions(mend=False, territory="monde")
    assert layers.receive(bow_tie, "libre", options, mend=True).outcome == "repair"


def test_an_option_that_does_not_exist_is_refused(bow_tie: Path) -> None:
    with pytest.raises(TypeError, match="repair"):
        layers.receive(bow_tie, "libre", repair=True)


@pytest.mark.parametrize(
    ("code", "swapped", "expected"),
    [("EPSG:4326", False, True), ("EPSG:4326", True, False), ("EPSG:2154", False, False)],
)
def test_only_longitude_then_latitude_is_in_degrees(code: str, swapped: bool, expected: bool) -> None:
    import pyproj

    assert Reading(pyproj.CRS.from_user_input(code), swapped).in_degrees is expected


def test_the_door_of_layers_keeps_the_names_of_its_first_release() -> None:
    names = """IN_FILE Catalogue Claim Delivery Field Layer Provenance Schema Total
        check_claims compare describe kinds read read_any read_catalogue read_checked read_claims
        read_delivery read_kind read_table receive reconcile renumbered repair shipped_folder
        split_name summarise validate write write_geopackage"""
    assert set(names.split()) <= set(layers.__all__)
    assert all(hasattr(layers, name) for name in names.split())
