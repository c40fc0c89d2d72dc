"""Metres and hectares."""

import geopandas as gpd
import plain
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import measure
from artois_geo.errors import BadCRS, BadTable, BadValue

# areal scale of Lambert-93, in percent over the ground: RELIABILITY.md, 3.1
SCALES = {50.2: 0.2319, 50.3: 0.2555, 50.4: 0.2798, 50.5: 0.3047, 50.6: 0.3303, 50.7: 0.3566}


def test_a_square_kilometre_is_a_hundred_hectares() -> None:
    assert measure.area_ha(plain.square(x_km=0, y_km=0, side_km=1)).tolist() == [100.0]


@pytest.mark.parametrize(("latitude", "percent"), SCALES.items())
def test_the_plane_is_larger_than_the_ground_by_the_published_scale(latitude: float, percent: float) -> None:
    centre = gpd.GeoSeries([shapely.Point(2.7, latitude)], crs=4326).to_crs(2154).iloc[0]
    square = gpd.GeoSeries([centre.buffer(50, cap_style="square")], crs=2154)
    plane = measure.area_ha(square).iloc[0]
    ground = measure.area_ha(square, surface="ellipsoid").iloc[0]
    assert 100 * (plane / ground - 1) == pytest.approx(percent, abs=0.002)


@given(width=st.floats(0.01, 20), height=st.floats(0.01, 20))
def test_a_hole_is_never_counted(width: float, height: float) -> None:
    outer = plain.rectangle(x_km=0, y_km=0, width_km=width, height_km=height).geometry.iloc[0]
    hole = shapely.affinity.scale(outer, 0.5, 0.5)
    ring = gpd.GeoSeries([outer.difference(hole)], crs=2154)
    assert measure.area_ha(ring).iloc[0] == pytest.approx(75 * width * height, rel=1e-9)


def test_ring_orientation_does_not_change_the_ground_area() -> None:
    square = plain.square(x_km=0, y_km=0, side_km=1).geometry
    both = [measure.area_ha(shape, surface="ellipsoid").iloc[0] for shape in (square, square.reverse())]
    assert both[0] == both[1] > 99


def test_points_and_lines_have_no_area() -> None:
    assert measure.area_ha(plain.point(x_km=0, y_km=0)).tolist() == [0.0]
    assert measure.area_ha(plain.line((0, 0), (1, 1)), surface="ellipsoid").tolist() == [0.0]


def test_degrees_are_refused_with_what_to_do() -> None:
    degrees = plain.square(x_km=0, y_km=0, side_km=1).to_crs(4326)
    with pytest.raises(BadCRS, match=r"« sites » doit être en Lambert-93.*EPSG:4326(.|\n)*to_lambert93"):
        measure.require_lambert93(sites=degrees)


def test_a_frame_without_crs_is_never_guessed() -> None:
    nowhere = gpd.GeoDataFrame(geometry=[shapely.Point(2.7, 50.5)])
    with pytest.raises(BadCRS, match="pas de système de coordonnées"):
        measure.to_lambert93(nowhere)


def test_the_input_is_not_changed() -> None:
    degrees = plain.square(x_km=0, y_km=0, side_km=1).to_crs(4326)
    before = degrees.copy()
    measure.to_lambert93(degrees)
    assert degrees.equals(before)
    assert degrees.crs == before.crs


def test_an_unknown_convention_is_refused() -> None:
    with pytest.raises(BadValue, match="surface inconnue"):
        measure.area_ha(plain.square(x_km=0, y_km=0, side_km=1), surface="mercator")  # type: ignore[arg-type]


def test_a_frame_without_its_geometry_is_told_what_to_write() -> None:
    frame = plain.square(x_km=0, y_km=0, side_km=1).assign(contour=1).drop(columns="geometry")
    with pytest.raises(BadTable, match=r"sites\.set_geometry|gpd\.GeoDataFrame\(sites"):
        measure.require_lambert93(sites=frame)
    orphan = plain.square(x_km=0, y_km=0, side_km=1)
    orphan = gpd.GeoDataFrame(orphan.assign(contour=orphan.geometry)).drop(columns="geometry")
    with pytest.raises(BadTable, match=r"sites\.set_geometry"):
        measure.require_lambert93(sites=orphan)


def test_a_system_without_a_code_is_named_by_its_name() -> None:
    local = pyproj.CRS("+proj=tmerc +lat_0=50 +lon_0=3 +ellps=GRS80 +units=m")
    frame = plain.square(x_km=0, y_km=0, side_km=1).set_crs(local, allow_override=True)
    with pytest.raises(BadCRS, match=r"système trouvé : (?!EPSG)\w+"):
        measure.require_lambert93(sites=frame)
