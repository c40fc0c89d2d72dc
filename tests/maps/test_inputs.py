"""A map takes what a notebook has at hand, or says in French what to write."""

from typing import Any

import numpy as np
import pytest

from artois_geo import example, maps
from artois_geo.errors import ArtoisGeoError, BadValue, UnknownName

FIELD = example.square(x_km=0, y_km=0, side_km=1, nom="Champ", surface_ha=100.0, habitants=50)
METRE_DEG = 1e-5


def titles(*inputs: object, **options: object) -> list[str]:
    carte = maps.build(*inputs, background=False, **options)  # type: ignore[arg-type]
    return [layer.title for layer in carte.page.layers]  # type: ignore[attr-defined]


def test_a_frame_a_series_and_a_list_are_layers() -> None:
    assert titles(FIELD) == titles(FIELD.geometry) == ["Couche"]
    assert titles([FIELD, FIELD.geometry]) == ["Couche 1", "Couche 2"]


def test_a_mapping_describes_a_layer_and_names_no_other() -> None:
    assert titles({"a": FIELD}, layers={"a": {"title": "Mes champs"}}) == ["Mes champs"]
    with pytest.raises(UnknownName, match="zzz"):
        maps.build({"a": FIELD}, layers={"zzz": {"title": "Mes champs"}})
    with pytest.raises(UnknownName, match="titre"):
        maps.build({"a": FIELD}, layers={"a": {"titre": "Mes champs"}})


def test_a_theme_is_a_column_over_another() -> None:
    carte = maps.build({"a": FIELD}, themes={"a": "habitants/surface_ha"}, background=False)
    assert carte.page.layers[0].theme.values == (0.5,)  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [3, "sites_eco", {"a": 1}, [None]])
def test_anything_else_is_refused_in_french(wrong: object) -> None:
    with pytest.raises(ArtoisGeoError, match=r"maps\.build|layers\.read"):
        maps.build(wrong)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match=r"maps\.Thematic\(column"):
        maps.build(FIELD, themes={"Couche": 3})  # type: ignore[dict-item]


def test_the_corners_of_a_map_hold_its_layer() -> None:
    corners = np.array(maps.build(FIELD, background=False).get_bounds(), dtype=float)
    west, south, east, north = FIELD.to_crs(4326).total_bounds
    assert (corners[0] <= np.array([south, west]) + METRE_DEG).all()
    assert (corners[1] >= np.array([north, east]) - METRE_DEG).all()


def test_a_layer_takes_the_colour_the_names_and_the_fields_that_are_chosen() -> None:
    site = example.square(x_km=0, y_km=0, side_km=1, nom="A", code="62-1", note="friche")
    style = maps.Style(colour="#c33", label="code", fields=["note"])
    [layer] = maps.build({"Sites": site}, styles={"Sites": style}).page.layers
    assert (layer.style["fill"], layer.style["stroke"]) == ("#c33", "#c33")
    assert layer.features.names == ("62-1",)
    assert layer.features.columns == {"note": ["friche"]}


@pytest.mark.parametrize(
    ("styles", "words"),
    [
        ({"Site": maps.Style()}, "Noms proches : Sites"),
        ({"Sites": maps.Style(label="nomm")}, "colonne inconnue : « nomm »"),
        ({"Sites": maps.Style(colour="red;}")}, "#cc3333"),
        ({"Sites": "#c33"}, r"maps\.Style\(colour"),
    ],
)
def test_a_style_that_cannot_be_drawn_is_refused(styles: dict[str, Any], words: str) -> None:
    site = example.square(x_km=0, y_km=0, side_km=1, nom="A")
    with pytest.raises(ArtoisGeoError, match=words):
        maps.build({"Sites": site}, styles=styles)
