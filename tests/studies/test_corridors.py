"""The studies of corridors: a layer without what is measured is refused, never answered by zero."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import plain
import pytest
from cli_runner import Runner
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import corridors, layers
from artois_geo.cli import root
from artois_geo.errors import BadTable
from artois_geo.studies.corridors import balance, features
from artois_geo.studies.corridors.requests import BalanceRequest
from artois_geo.studies.input_checks import LINES, POINTS, POLYGONS, require_shapes

SHAPES = {
    LINES: plain.line((0, 0), (2, 0), nom="voie"),
    POLYGONS: plain.square(x_km=0, y_km=0, side_km=1, nom="parc", hab=10),
    POINTS: plain.point(x_km=0.5, y_km=0.5, nom="lieu", hab=10),
}
NAMES = {LINES: "lignes", POLYGONS: "polygones", POINTS: "points"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for shape, frame in SHAPES.items():
        layers.write(frame, tmp_path / f"{NAMES[shape]}.geojson")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(line: str) -> Result:
    return Runner().invoke(root, line.split())


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("bilan polygones.geojson", "polygones.geojson : aucune ligne"),
        ("bilan lignes.geojson --ajout polygones.geojson", "polygones.geojson : aucune ligne"),
        ("bilan lignes.geojson --territoires lignes.geojson --par nom", "lignes.geojson : aucun polygone"),
        ("maillage polygones.geojson", "polygones.geojson : aucune ligne"),
        ("maillage points.geojson --constats", "points.geojson : aucune ligne"),
        ("maillage lignes.geojson --ajout points.geojson", "points.geojson : aucune ligne"),
        ("manques polygones.geojson", "polygones.geojson : aucune ligne"),
        ("manques lignes.geojson --cavaliers points.geojson", "points.geojson : aucune ligne"),
        (
            "desserte points.geojson --population polygones.geojson --compter hab --rues polygones.geojson",
            "polygones.geojson : aucune ligne",
        ),
        ("taches lignes.geojson", "lignes.geojson : aucun polygone"),
        ("taches polygones.geojson --ajout points.geojson", "points.geojson : aucun polygone"),
        ("taches polygones.geojson --obstacles points.geojson", "points.geojson : aucune ligne ni aucun"),
        ("conflits lignes.geojson lignes.geojson", "lignes.geojson : aucun polygone ni aucun point"),
        ("conflits polygones.geojson points.geojson", "points.geojson : aucune ligne ni aucun polygone"),
    ],
)
def test_a_layer_without_what_a_command_measures_is_refused_by_name(
    folder: Path, line: str, refused: str
) -> None:
    result = run(f"trame {line}")
    assert result.exit_code == 1, result.output
    assert refused in result.stderr
    assert result.stdout == ""
    assert "onner" in result.stderr.split(").")[1]  # what to give instead


def test_what_the_message_asks_for_is_enough(folder: Path) -> None:
    for line in (
        "bilan lignes.geojson --territoires polygones.geojson --par nom",
        "maillage lignes.geojson",
        "manques lignes.geojson --cavaliers lignes.geojson",
        "desserte points.geojson --population polygones.geojson --compter hab --rues lignes.geojson",
        "taches polygones.geojson --obstacles lignes.geojson",
        "conflits points.geojson lignes.geojson",
        "conflits polygones.geojson polygones.geojson",
    ):
        assert run(f"trame {line}").exit_code == 0, line


@given(
    present=st.sets(st.sampled_from(list(SHAPES))), needed=st.sets(st.sampled_from(list(SHAPES)), min_size=1)
)
@settings(max_examples=30)
def test_one_needed_shape_is_enough_and_without_any_a_layer_is_refused(
    present: set[str], needed: set[str]
) -> None:
    pieces = [SHAPES[shape] for shape in sorted(present)]
    layer = pd.concat(pieces, ignore_index=True) if pieces else SHAPES[LINES].iloc[:0]
    if present & needed:
        require_shapes(layer, Path("x.geojson"), sorted(needed), advice="")
        return
    with pytest.raises(BadTable, match=r"^x\.geojson : aucun") as refusal:
        require_shapes(layer, Path("x.geojson"), sorted(needed), advice="")
    assert all(f"1 {shape}" in str(refusal.value) for shape in present)


def test_an_empty_layer_and_one_of_no_geometry_say_what_they_are() -> None:
    line = SHAPES[LINES]
    for layer, content in (
        (line.iloc[:0], "couche vide"),
        (line.set_geometry([None]), "1 objet sans géométrie"),
    ):
        with pytest.raises(BadTable, match=content):
            require_shapes(layer.set_crs(2154, allow_override=True), Path("x.geojson"), [LINES], advice="")


def test_ways_without_geometry_still_have_the_length_that_is_published(tmp_path: Path) -> None:
    published = plain.line((0, 0), (1, 0), longueur_km=4.2).set_geometry([None], crs=2154)
    layers.write(published, tmp_path / "voies.geojson")
    absent = dict.fromkeys(("state", "published_km", "zones", "key", "increment", "snap_m"))
    request = BalanceRequest(facilities=("VOIE VERTE",), day=date(2026, 12, 8), **absent)
    table = balance.study(tmp_path / "voies.geojson", request).table.table
    assert table["published_km"].tolist() == [4.2]
    assert table["network_km"].isna().all()


def test_the_outline_of_a_polygon_is_no_kilometre_of_way() -> None:
    ways = pd.concat([SHAPES[LINES], SHAPES[POLYGONS]], ignore_index=True).assign(etat="réalisé")
    assert corridors.balance(ways, state="etat", snap_m=5).values.tolist() == [["réalisé", 2.0, 2.0]]
    table = corridors.balance(ways.assign(km=3.0), state="etat", snap_m=5, published_km="km")
    assert table[["published_km", "unmeasured_lines"]].values.tolist() == [[3.0, 1]]


def test_what_a_site_known_by_a_point_would_cut_is_unknown_and_its_distance_is_not() -> None:
    path = plain.line((0, 0), (2, 0))
    site = plain.point(x_km=1, y_km=0.03)
    conflict = corridors.conflicts(site, path, buffer_m=50).iloc[0]
    assert conflict["distance_m"] == 30
    assert conflict[["cut_km", "cut_ha", "band_ha"]].isna().all()
    outlined = corridors.conflicts(plain.square(x_km=0.5, y_km=-0.5, side_km=1), path, buffer_m=50).iloc[0]
    assert (outlined["cut_km"], outlined["band_ha"]) == (1.0, 10.0)


def test_a_row_that_only_one_side_has_is_a_zero_of_a_sum_and_an_unknown_of_a_measure() -> None:
    before = pd.DataFrame({"etat": ["réalisé"], "km": [1.0]})
    after = pd.DataFrame({"etat": ["réalisé", "prévu"], "km": [1.0, 2.0]})
    summed = features.compared(before, after, keys=["etat"], columns=["km"], is_summed=True)
    assert summed["km_base"].tolist() == [1.0, 0.0]
    measured = features.compared(before, after, keys=["etat"], columns=["km"])
    assert measured["km_base"].isna().tolist() == [False, True]


def test_what_a_sketch_measures_is_said_in_the_table_itself(folder: Path) -> None:
    """A line surveyed for 2 km, one sketched for 3 km, a park and a site upon the sketch."""
    surveyed = plain.line((0, 0), (2, 0), nom="levée", geometrie="levée")
    sketched = plain.line((5, 0), (8, 0), nom="croquis", geometrie="schématique")
    layers.write(pd.concat([surveyed, sketched], ignore_index=True), folder / "voies.geojson")
    site = plain.square(x_km=6, y_km=-0.5, side_km=1, nom="site", geometrie="levée")
    near = plain.square(x_km=0.5, y_km=-0.5, side_km=1, nom="autre", geometrie="levée")
    layers.write(pd.concat([site, near], ignore_index=True), folder / "sites.geojson")
    parks = plain.square(x_km=0, y_km=0, side_km=1, nom="parc", geometrie="schématique")
    layers.write(parks, folder / "parcs.geojson")

    mesh = table_of("maillage voies.geojson")
    assert mesh[["network_km", "schematic_km"]].round(3).values.tolist() == [[5.0, 3.0]]
    pieces = table_of("maillage voies.geojson --composantes").set_index("rank")
    assert pieces["schematic_km"].round(3).tolist() == [3.0, 0.0]
    gaps = table_of("manques voies.geojson --ecart-max 4000")
    assert gaps["schematic"].tolist() == [True]
    patches = table_of("taches parcs.geojson")
    assert patches["schematic"].tolist() == [True]
    conflicts = table_of("conflits sites.geojson voies.geojson").set_index("site")["schematic"]
    assert conflicts.to_dict() == {"site": True, "autre": False}


def table_of(line: str) -> pd.DataFrame:
    result = Runner().invoke(root, ["trame", *line.split(), "--format", "json"])
    assert result.exit_code == 0, result.output
    return pd.DataFrame(json.loads(result.stdout)["rows"])
