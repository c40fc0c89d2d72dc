"""Identifiers that `couches importer --completer` makes: kept by who has one, never given twice."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import Runner
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.cli import root
from artois_geo.deliveries import completion, identifiers
from artois_geo.errors import UnknownName

SITE = layers.read_kind("site_eco")
HARNES = plain.square(x_km=-1, y_km=-1, side_km=30, comm_insee="62413", comm_nom="Harnes")


def zones(*numbers: int, **columns: list[Any]) -> gpd.GeoDataFrame:
    """Zones of a hectare, each at a place of its own: the third one stands at the third kilometre."""
    shapes = [plain.square(x_km=number, y_km=0, side_km=0.1).geometry.item() for number in numbers]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=2154)


def delivered(features: gpd.GeoDataFrame, *earlier: gpd.GeoDataFrame, code: str = "") -> gpd.GeoDataFrame:
    return completion.completer(SITE, HARNES, earlier, code=code)(features)


def numbers(frame: gpd.GeoDataFrame) -> list[int]:
    return [int(name.rsplit("_", 1)[1]) for name in frame["site_id"]]


def test_one_more_zone_renumbers_no_other():
    first = delivered(zones(1, 3, 5))
    assert numbers(first) == [1, 2, 3]
    assert numbers(delivered(zones(2, 1, 3, 5), first)) == [4, 1, 2, 3]


def test_a_number_that_was_given_once_is_never_given_to_another():
    first = delivered(zones(1, 3, 5))
    second = delivered(zones(1, 3), first)
    third = delivered(zones(1, 3, 7), second, first)
    assert numbers(third) == [1, 2, 4]
    # The zone that comes back has the number that it had.
    assert numbers(delivered(zones(5, 9, 7, 1), third, second, first)) == [3, 5, 4, 1]


@pytest.mark.parametrize("blank", ["", "  ", None, float("nan"), pd.NA])
def test_an_identifier_of_blanks_is_none_and_gets_a_number(blank: object):
    first, second = delivered(zones(1, 3, site_id=["62413_SITE-ECO_00007", blank]))["site_id"]
    assert (first, second) == ("62413_SITE-ECO_00007", "62413_SITE-ECO_00008")


@given(st.lists(st.lists(st.integers(0, 12), unique=True, min_size=1, max_size=6), min_size=1, max_size=5))
def test_over_a_history_a_zone_has_one_identifier_and_an_identifier_one_zone(deliveries):
    states: list[gpd.GeoDataFrame] = []
    names: dict[int, str] = {}
    for places in deliveries:
        state = delivered(zones(*places), *states)
        assert state["site_id"].is_unique
        for position, name in zip(places, state["site_id"], strict=True):
            assert names.setdefault(position, name) == name
        states.insert(0, state)
    assert len(set(names.values())) == len(names)


def test_a_zone_drawn_again_is_known_by_most_of_its_ground():
    first = delivered(zones(1, 3))
    moved = zones(1, 3)
    # 30 of 100 metres further: 70 m of 130 m are shared, more than half; 40 m: 60 of 140, less.
    moved["geometry"] = [moved.translate(30).iloc[0], moved.translate(40).iloc[1]]
    assert numbers(delivered(moved, first)) == [1, 3]


def test_a_zone_that_is_moved_is_known_by_its_name_in_its_commune():
    first = delivered(zones(1, 3, site_nom=["ZAE du Moulin", "ZAE des Prés"]))
    moved = delivered(zones(6, 3, site_nom=["Zae du MOULIN", "Les Prés"]), first)
    assert numbers(moved) == [1, 2]
    # A name that two zones have names neither.
    twice = delivered(zones(6, 8, site_nom=["ZAE du Moulin"] * 2), first)
    assert numbers(twice) == [3, 4]


def test_the_code_of_the_partner_follows_a_zone_where_the_shapes_do_not_deny_it():
    first = delivered(zones(1, 3, 5, CODE_ZAE=["Z1", "Z2", "Z4"]))
    again = delivered(zones(8, 1, 3, CODE_ZAE=["Z4", "Z1", "Z2"]), first)
    assert numbers(again) == [3, 1, 2]


@pytest.mark.parametrize("column", ["fid", "code"])
def test_a_column_that_only_numbers_the_rows_of_a_file_is_no_code(column):
    first = delivered(zones(1, 3, 5, **{column: [1, 2, 3]}))
    again = delivered(zones(0, 1, 3, **{column: [1, 2, 3]}), first)
    assert numbers(again) == [4, 1, 2]


def test_a_code_that_the_shapes_deny_is_not_followed_unless_the_reader_names_it():
    first = delivered(zones(1, 3, code=["a", "b"]))
    swapped = zones(1, 3, code=["b", "a"])
    assert numbers(delivered(swapped, first)) == [1, 2]
    assert numbers(delivered(swapped, first, code="code")) == [2, 1]
    with pytest.raises(UnknownName, match="code_zae"):
        delivered(swapped, first, code="code_zae")


def test_two_codes_that_differ_at_one_place_are_two_zones():
    first = delivered(zones(1, zae=["a"]))
    assert numbers(delivered(zones(1, zae=["b"]), first, code="zae")) == [2]


def test_an_identifier_that_the_file_gives_stays_and_no_other_takes_it():
    first = delivered(zones(1, 3))
    given_ids = ["62413_SITE-ECO_00002", None, "62413_SITE-ECO_00009", None]
    frame = zones(1, 3, 5, 7, site_id=given_ids)
    filled = delivered(frame, first)
    assert filled["site_id"].tolist()[0::2] == given_ids[0::2]
    # The zone at 3 km had number 2, which is taken; numbers go on after the 9.
    assert numbers(filled) == [2, 10, 9, 11]
    assert filled.attrs["identifiers"] == {"given": 2, "known": 0, "new": 2}


def test_points_are_known_within_a_metre():
    friche = layers.read_kind("friche")

    def points(*metres: float) -> gpd.GeoDataFrame:
        return pd.concat([plain.point(x_km=x / 1000, y_km=0) for x in metres], ignore_index=True)

    first = points(0, 500)
    first["site_id"] = identifiers.identifiers(first, friche).identifiers
    again = identifiers.identifiers(points(502, 0.5, 250), friche, [first])
    assert [name[-1] for name in again.identifiers] == ["4", "1", "3"]
    assert (again.known, again.new) == (1, 2)


# --- the command line


def imported(home: Path, features: gpd.GeoDataFrame, layer: str, *words: str) -> Any:
    file = home.parent / "livraison.geojson"
    layers.write(features, file)
    communes = home.parent / "communes.geojson"
    layers.write(HARNES, communes)
    start = ["--donnees", str(home), "couches", "importer", str(file), "--type", "site_eco", "--vers", layer]
    arguments = [*start, "--incomplet", "--completer", "--communes", str(communes), *words]
    return Runner().invoke(root, arguments, prog_name="artois-geo")


def test_the_command_keeps_identifiers_through_the_history_and_across_layers(tmp_path: Path) -> None:
    home = tmp_path / "donnees"
    imports = [imported(home, zones(*places), "zae") for places in ((1, 3, 5), (1, 3), (7, 5, 1, 3))]
    assert [result.exit_code for result in imports] == [0, 0, 0], imports[0].output
    assert numbers(layers.read(home / "zae.geojson")) == [4, 3, 1, 2]
    assert "Identifiants : 3 déjà connus, 1 nouveau." in imports[2].stdout
    # Another layer of the same kind: the same zones, the same identifiers.
    assert imported(home, zones(9, 3), "zae_2027").exit_code == 0
    assert numbers(layers.read(home / "zae_2027.geojson")) == [5, 2]
    compared = Runner().invoke(
        root, ["--donnees", str(home), "couches", "comparer", "zae@1", "zae", "--format", "csv-brut"]
    )
    assert "modifié" not in compared.stdout
    assert compared.stdout.count("ajouté") == 1
