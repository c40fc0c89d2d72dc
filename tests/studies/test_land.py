"""Studies of land and of priority: one path per figure, whoever asks; French words under each table."""

import ast
import json
from dataclasses import fields
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from blocks import stack
from cli_runner import run
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from artois_geo import densification, land, layers, packs, ranking, shapes
from artois_geo.errors import UnknownName
from artois_geo.studies.land import available, losses, rules
from artois_geo.studies.land import densification as land_densification
from artois_geo.studies.land.requests import AvailableRequest, DensificationRequest, LossRequest
from artois_geo.studies.ranking import profiles, ranked_sites, sentences
from artois_geo.studies.ranking.requests import RankingRequest

DAY = date(2026, 12, 8)
SHIPPED = layers.read_catalogue()
ROUNDED_HA = 1e-3  # a file in degrees keeps millimetres
FONCIER = Path(__file__).parents[2] / "artois_geo" / "cli" / "analyses" / "foncier.py"
THRESHOLDS = {
    "unbuilt_ces": 0.005,
    "unbuilt_min_ha": 0.1,
    "reference_ces": 0.35,
    "underbuilt_min_ha": 0.2,
    "setback_m": 8.0,
    "min_width_m": 20.0,
    "min_part_ha": 0.1,
    "mobilisable_share": 0.5,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 100 ha, its eastern quarter flooded, only its western half surveyed; a well beside."""
    folder_path = tmp_path_factory.mktemp("land")
    site = plain.square(x_km=0, y_km=0, side_km=1, site_nom="Les Hauts", fictif=True)
    layers.write(stack(site, plain.point(x_km=9, y_km=9, site_nom="Le Puits")), folder_path / "sites.geojson")
    layers.write(plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1), folder_path / "crue.geojson")
    layers.write(plain.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1), folder_path / "vu.geojson")
    (folder_path / "regles.csv").write_text("nom;couche;couverture\nCrue;crue.geojson;vu.geojson\n", "utf-8")
    return folder_path


# ------------------------------------------------------------------------------------- one path per figure
def test_the_three_states_of_a_study_make_the_site(folder: Path) -> None:
    request = AvailableRequest(folder / "regles.csv")
    answer = available.study(folder / "sites.geojson", request, SHIPPED, on=DAY)
    # 50 ha known and free, 25 ha that nobody looked at, 25 ha flooded.
    areas = answer.states.set_index("state")["area_ha"].to_dict()
    assert areas == pytest.approx({"disponible": 50, "inconnu": 25, "exclu": 25}, abs=ROUNDED_HA)
    assert answer.remaining["available_ha"].tolist() == pytest.approx([50], abs=ROUNDED_HA)
    assert "1 site sans contour, non mesuré : Le Puits." in answer.study_table.notes


def test_losses_end_where_the_available_land_ends(folder: Path) -> None:
    path, request = folder / "sites.geojson", LossRequest(folder / "regles.csv")
    waterfall = losses.study(path, request, SHIPPED, on=DAY).waterfall
    remaining = available.study(path, AvailableRequest(folder / "regles.csv"), SHIPPED, on=DAY).remaining
    assert waterfall["remaining_ha"].iloc[-1] == pytest.approx(remaining["net_ha"].item())


def test_rules_are_read_once_for_a_command_and_for_a_sheet(folder: Path) -> None:
    rules_record = rules.read(folder / "regles.csv", SHIPPED, on=DAY)
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="H")
    catalogue_data = packs.holdings_of(SHIPPED, {"sites_eco": site})
    studied = packs.study_of(catalogue_data, on=DAY, constraints=rules_record.constraints)
    assert studied.land is not None
    assert studied.land.left["available_ha"].tolist() == pytest.approx([50], abs=ROUNDED_HA)


def test_a_layer_that_rules_do_not_find_is_named(folder: Path) -> None:
    (folder / "absent.csv").write_text("nom;couche\nCrue;sites_ecoo\n", "utf-8")
    with pytest.raises(UnknownName, match="sites_eco"):
        rules.read(folder / "absent.csv", SHIPPED, on=DAY)


# -------------------------------------------------------------------------------------------- densification
def test_a_threshold_is_the_planner_s_or_the_constant_of_the_day_and_the_table_says_which() -> None:
    thresholds_of_day = land_densification.settings_on(DAY, {"setback_m": 5.0})
    assert thresholds_of_day.thresholds.setback_m == 5.0
    names = [constant.name for constant in thresholds_of_day.constants]
    assert sorted(names) == sorted({*densification.DEFAULTS.values()} - {"densification_recul_bati"})


@pytest.mark.parametrize("by_site", [False, True])
def test_densification_of_a_study_is_that_of_its_room(tmp_path: Path, by_site: bool) -> None:
    lot = plain.rectangle(x_km=0, y_km=0, width_km=0.1, height_km=0.08, id="59512000AB0001")
    hall = plain.rectangle(x_km=0, y_km=0.02, width_km=0.04, height_km=0.03)
    zone = plain.square(x_km=0, y_km=0, side_km=1, site_id="Z")
    for name, features in {"lots": lot, "halls": hall, "zones": zone}.items():
        layers.write(features, tmp_path / f"{name}.geojson")
    numbers = {name: THRESHOLDS[name] for name in land_densification.CHOSEN}
    request = DensificationRequest(
        sites=tmp_path / "zones.geojson", by_site=by_site, reference_ces="0,35", **numbers
    )
    parcels, buildings = tmp_path / "lots.geojson", tmp_path / "halls.geojson"
    table = land_densification.study(parcels, buildings, request, SHIPPED, on=DAY).table
    # 80 m by 100 m less a hall of 40 m by 30 m and 8 m around it: 0.5216 ha.
    assert table["theoretical_ha"].round(4).tolist() == [0.5216]
    assert table["mobilisable_ha"].round(4).tolist() == [0.2608]


def test_thresholds_by_keyword_and_in_a_record_are_the_same() -> None:
    unit = plain.rectangle(x_km=0, y_km=0, width_km=0.1, height_km=0.08)
    hall = plain.rectangle(x_km=0, y_km=0.02, width_km=0.04, height_km=0.03)
    record = densification.Thresholds(**THRESHOLDS)
    by_record = densification.potential(unit, hall, record, max_ces=0.5)
    by_keyword = densification.potential(unit, hall, max_ces=0.5, **THRESHOLDS)
    assert by_record["theoretical_ha"].tolist() == by_keyword["theoretical_ha"].tolist()
    none_left = densification.potential(unit, hall, record, max_ces=0.5, min_part_ha=0.6)
    assert none_left["theoretical_ha"].tolist() == [0.0]
    with pytest.raises(TypeError):
        densification.potential(unit, hall, setback_m=8)


# ------------------------------------------------------------------------------------------ demands on pieces
@given(
    width_m=st.floats(5, 60),
    length_m=st.floats(5, 300),
    limit=st.fixed_dictionaries(
        {}, optional={"min_piece_ha": st.floats(0, 1), "min_width_m": st.floats(0, 50)}
    ),
)
@settings(max_examples=40)
def test_a_piece_is_usable_if_it_meets_each_demand(
    width_m: float, length_m: float, limit: dict[str, float]
) -> None:
    strip = np.array([shapely.box(0, 0, width_m, length_m)])
    kept_m2 = float(shapely.area(shapes.usable(strip, shapes.PieceDemands(**limit)))[0])
    narrow, small = min(width_m, length_m), width_m * length_m / 10_000
    assume(abs(narrow - limit.get("min_width_m", 0)) > 0.5)  # GEOS loses a square of exactly the width
    meets = narrow >= limit.get("min_width_m", 0) and small >= limit.get("min_piece_ha", 0)
    assert kept_m2 == pytest.approx(width_m * length_m if meets else 0.0, abs=0.1 * (width_m + length_m))
    assert kept_m2 == float(shapely.area(shapes.usable(strip, **limit))[0])


def test_a_demand_that_does_not_exist_is_refused() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    with pytest.raises(UnknownName, match="min_width_m"):
        land.available(site, site.iloc[:0], min_width=20)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="min_width"):
        shapes.usable(site.geometry.to_numpy(), min_width=20)
    assert {demand.name for demand in fields(land.PieceDemands)} <= {
        option.name for option in fields(land.Options)
    }


# -------------------------------------------------------------------------------------------------- ranking
def test_a_verdict_stands_in_the_title_of_a_terminal_and_first_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("nom;net_ha\nA;10\nB;12\n", "utf-8")
    criteria = tmp_path / "criteres.toml"
    criteria.write_text('[[critere]]\ncolonne = "net_ha"\npire = 0\nmeilleur = 20\n', "utf-8")
    words = ("foncier", "classer", tmp_path / "sites.csv", "--criteres", criteria, "--tirages", "50")
    output = run(*words, COLUMNS="200").stdout
    verdict = "Premier aux poids choisis : B."
    assert f"Classement. {verdict}" in output
    assert output.count(verdict) == 1
    document = json.loads(run(*words, "--format", "json").stdout)
    assert document["notes"][0] == verdict


def test_the_command_ranks_as_the_sheets_do(tmp_path: Path) -> None:
    table = pd.DataFrame({"site_id": ["A", "B"], "net_ha": [10.0, 12.0], "road_km": [2.0, None]})
    table.to_csv(tmp_path / "sites.csv", index=False)
    request = RankingRequest(profile="site_cle_en_main", draws=20)
    ranked = ranked_sites.rank(tmp_path / "sites.csv", request, on=DAY).ranked
    profile = profiles.weighted(profiles.shipped("site_cle_en_main"), DAY)
    sites = profiles.padded(table.set_index("site_id"), profile)
    expected = ranking.rank(sites, profile.criteria, **profile.rules)["score_high"]
    pd.testing.assert_series_equal(ranked["score_high"].sort_index(), expected.sort_index())


@given(st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=8, unique=True), st.booleans())
@settings(max_examples=25)
def test_the_first_place_names_each_site_that_may_have_it_five_at_most(
    leaders: list[str], complete: bool
) -> None:
    sentence = sentences.first_place(leaders, is_vague=False, is_complete=complete)
    body = sentence.partition(" : ")[2]
    assert all(leader in body for leader in leaders[:5])
    assert sentence.startswith("Premier aux poids choisis") == (len(leaders) == 1)


# ------------------------------------------------------------------------------------------------- commands
def test_a_command_of_foncier_is_a_sentence() -> None:
    tree = ast.parse(FONCIER.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            statements = node.body[1:]  # after the French help
            lines = statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0
            assert lines <= 17, node.name
            assert len(node.args.args) <= 7, node.name
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not modules & {"pandas", "geopandas", "numpy", "shapely"}
