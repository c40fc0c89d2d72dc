"""The maps of results: what the legend, the balance, the list and the card say, worked out by hand."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import example as plain
from artois_geo import land, layers, meaning, ranking
from artois_geo.canal.waterside import BEHIND, NO_ROAD, WATERSIDE
from artois_geo.studies.canal import access_map
from artois_geo.studies.corridors import conflicts, features, way_maps
from artois_geo.studies.corridors.requests import ConflictRequest
from artois_geo.studies.land.maps import net
from artois_geo.studies.land.maps.net import NetLand
from artois_geo.studies.ranking import compared, ranked_map
from artois_geo.studies.ranking.requests import RankingRequest
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import calculation, words
from artois_geo.studies.results.calculation import Subtraction
from artois_geo.studies.sites import site_land
from artois_geo.studies.sites.site_land import Constraints
from artois_geo.studies.study_table import StudyTable

DAY = date(2026, 12, 8)


def stack(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return pd.concat(frames, ignore_index=True)


def titles(result: ResultMap) -> list[str]:
    return [layer.titles["fr"] for layer in result.drawn]


def balance(result: ResultMap) -> list[tuple[str, str, str]]:
    return [(step.sign, step.label["fr"], step.amount["fr"]) for step in result.balance]


def layer_of(result: ResultMap, start: str) -> ResultLayer:
    return next(layer for layer in result.drawn if layer.titles["fr"].startswith(start))


def land_of(sites: gpd.GeoDataFrame, constraints: gpd.GeoDataFrame, **demands: object) -> NetLand:
    rules = Constraints(constraints.assign(setback_m=0.0), demands)
    remaining = site_land.remaining_land(sites, rules)
    unknown = None
    if remaining["unknown_ha"].gt(0).any():
        unknown = land.unknown(sites, rules.table, by="constraint", **demands)  # type: ignore[arg-type]
    return NetLand(sites, remaining, rules, StudyTable(remaining), unknown)


SITE = plain.square(x_km=0, y_km=0, side_km=1, nom="Parc", comm_nom="Bourg")
FLOOD = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, constraint="Crue")
LINE = plain.rectangle(x_km=0, y_km=0, width_km=1, height_km=0.1, constraint="Ligne")


# ------------------------------------------------------------------------------------------------ net land
def test_title_legend_list_and_card_say_the_same_hectares() -> None:
    """100 ha less 25 flooded; the line takes 10, of which 2.5 are flooded already: 67.5 ha."""
    result_map = net.available_map(land_of(SITE, stack(FLOOD, LINE)))
    assert result_map.title["fr"] == "1 site : 67,5 ha disponibles sur 100,0 ha bruts"
    assert result_map.title["en"] == "1 site: 67.5 ha available out of 100.0 ha gross"
    assert titles(result_map) == [
        "Périmètres des sites : 100,0 ha bruts",
        "Disponible : 67,5 ha",
        "Crue : 25,0 ha retirés",
        "Ligne : 7,5 ha retirés",
    ]
    assert balance(result_map) == [
        ("", "bruts", "100,0 ha"),
        ("−", "Crue", "25,0 ha"),
        ("−", "Ligne", "7,5 ha"),
        ("=", "disponibles", "67,5 ha"),
    ]
    (amount,) = layer_of(result_map, "Disponible").amounts
    assert [step.amount["fr"] for step in amount.steps] == ["100,00 ha", "25,00 ha", "7,50 ha", "67,50 ha"]
    assert amount.text["fr"] == "67,50 ha"


def test_what_is_drawn_is_what_is_said() -> None:
    """Net ground and lost parts, under the first constraint that takes them, make the site."""
    result = net.available_map(land_of(SITE, stack(FLOOD, LINE)))
    free = layer_of(result, "Disponible").features.geometry.area.sum()
    lost_ha = {name: layer_of(result, name).features.geometry.iloc[1].area for name in ("Crue", "Ligne")}
    assert {name: area / 10_000 for name, area in lost_ha.items()} == pytest.approx(
        {"Crue": 25, "Ligne": 7.5}
    )
    assert (free + sum(lost_ha.values())) / 10_000 == pytest.approx(100)


def test_a_park_and_its_lot_count_once_in_the_legend_and_apart_in_the_list() -> None:
    """The lot of 25 ha lies in the dry part of the park: 75 ha together, 25 and 75 in the list."""
    lot = plain.square(x_km=0, y_km=0, side_km=0.5, nom="Lot")
    result = net.available_map(land_of(stack(SITE, lot), FLOOD))
    assert result.title["fr"] == "2 sites : 75,0 ha disponibles sur 100,0 ha bruts"
    assert [amount.text["fr"] for amount in layer_of(result, "Disponible").amounts] == [
        "75,00 ha",
        "25,00 ha",
    ]
    assert balance(result)[-1] == ("=", "disponibles", "75,0 ha")
    assert "compté une fois" in result.convention["fr"]


def test_ground_that_nobody_looked_at_is_neither_free_nor_lost() -> None:
    """The west half was surveyed; the flood of the east quarter is known: 25 ha between them are not."""
    survey = plain.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1)
    result = net.available_map(land_of(SITE, FLOOD, coverage=survey))
    assert "Sol que personne n’a regardé, inconnu : 25,0 ha" in titles(result)
    assert balance(result) == [
        ("", "bruts", "100,0 ha"),
        ("−", "Crue", "25,0 ha"),
        ("−", "sol que personne n’a regardé", "25,0 ha"),
        ("=", "disponibles", "50,0 ha"),
    ]


def test_pieces_that_are_too_small_are_a_cause_of_their_own() -> None:
    """A flood at 0.9 km leaves a strip of 0.05 km beyond: 5 ha, under the 10 that a piece must have."""
    flood = plain.rectangle(x_km=0.9, y_km=0, width_km=0.05, height_km=1, constraint="Crue")
    result = net.available_map(land_of(SITE, flood, min_piece_ha=10.0))
    assert "morceaux trop petits ou trop étroits : 5,0 ha retirés" in titles(result)
    assert [amount for _, _, amount in balance(result)] == ["100,0 ha", "5,0 ha", "5,0 ha", "90,0 ha"]


def test_a_sketch_has_an_interval_and_no_zero() -> None:
    sketch = plain.square(x_km=5, y_km=5, side_km=1, nom="Schéma", geometrie="schématique", precision_m=None)
    result = net.available_map(land_of(stack(SITE, sketch), FLOOD))
    assert "Sites au tracé schématique, disponible inconnu" in titles(result)
    (amount,) = layer_of(result, "Sites au tracé").amounts
    assert amount.text["fr"] == "inconnu"
    assert "schéma, pas une limite" in result.convention["fr"]


def test_a_site_without_ground_left_keeps_its_place_on_the_map() -> None:
    """The small site lies under the flood: 0 ha, in the list and at its place."""
    drowned = plain.square(x_km=0.8, y_km=0.2, side_km=0.1, nom="Noyé")
    result = net.available_map(land_of(stack(SITE, drowned), FLOOD))
    layer = layer_of(result, "Sites où plus rien n’est disponible : 1")
    assert [amount.text["fr"] for amount in layer.amounts] == ["0,00 ha"]
    assert layer.features.geometry.area.tolist() == pytest.approx([10_000])
    assert len(layer_of(result, "Disponible").amounts) == 1


def test_losses_come_with_the_site_that_loses_most_first() -> None:
    small = plain.square(x_km=3, y_km=0, side_km=0.5, nom="Petit")
    result = net.losses_map(land_of(stack(small, SITE), FLOOD))
    assert result.title["fr"] == "25,0 ha perdus sur 125,0 ha bruts, dont Crue : 25,0 ha"
    amounts = layer_of(result, "Perdu").amounts
    assert [amount.text["fr"] for amount in sorted(amounts, key=lambda amount: -amount.order)] == [
        "25,00 ha",
        "0,00 ha",
    ]


hectares = st.floats(0, 50, allow_nan=False).map(lambda ha: round(ha, 6))


@given(st.lists(hectares, max_size=6), hectares, st.sampled_from([1, 2]))
def test_the_printed_lines_of_a_calculation_add_up(
    lost_ha: list[float], net_ha: float, decimals: int
) -> None:
    parts = [(words.same(f"c{number}"), ha) for number, ha in enumerate(lost_ha)]
    subtraction = Subtraction(net_ha + sum(lost_ha), parts, net_ha, words.same("nets"))
    lines = calculation.steps(subtraction, decimals=decimals)
    gross, *causes, total = (
        round(float(line.amount["en"].split()[0].replace(",", "")) * 10**decimals) for line in lines
    )
    assert gross - sum(causes) == total
    assert total == calculation.units(net_ha, decimals)


def test_the_loss_of_a_site_is_the_same_in_its_line_and_in_its_calculation() -> None:
    lines = calculation.shares([(words.same("Crue"), 1.524)], 1.524, words.same("perdus"))
    assert [line.amount["fr"] for line in lines] == ["1,52 ha", "1,52 ha"]


# ------------------------------------------------------------------------------------------------- ranking
def test_two_sets_of_criteria_say_who_rises_and_who_falls(tmp_path: Path) -> None:
    """By hectares B, A; by road A, B: each moves by one place; C stays third."""
    sites = stack(
        plain.square(x_km=0, y_km=0, side_km=1, nom="A", net_ha=10, road_km=1),
        plain.square(x_km=2, y_km=0, side_km=1, nom="B", net_ha=12, road_km=5),
        plain.square(x_km=4, y_km=0, side_km=1, nom="C", net_ha=1, road_km=9),
    )
    layers.write(sites, tmp_path / "sites.geojson")
    for name, column, worst, best in (("surface", "net_ha", 0, 20), ("route", "road_km", 10, 0)):
        text = f'titre = "{name}"\n[[critere]]\ncolonne = "{column}"\npire = {worst}\nmeilleur = {best}\n'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    request = RankingRequest(
        criteria=tmp_path / "surface.toml", compared=str(tmp_path / "route.toml"), draws=10
    )
    answer = compared.compare(tmp_path / "sites.geojson", request, on=DAY)
    assert answer.moves["rank_change"].to_dict() == {"A": 1, "B": -1, "C": 0}
    result = answer.map({}, on=DAY)
    assert result.title["fr"] == (
        "3 sites, de « surface » à « route » : 1 en hausse, 1 en baisse, 1 au même rang"
    )
    assert layer_of(result, "En hausse").amounts[0].text["fr"] == "rang 2 puis 1"
    assert answer.study_table.table["site"].tolist()[-1] == "C"  # who does not move comes last


def test_the_points_of_the_criteria_make_the_score() -> None:
    row = pd.Series(
        {"rank": 1, "rank_low": 1, "rank_high": 1, "score": 80.0, "score_low": 80, "score_high": 80}
    )
    row = pd.concat([row, pd.Series({"score_a": 60.0, "score_b": 20.0})])
    criteria = [ranking.Criterion("a", 0, 1, 3.0), ranking.Criterion("b", 0, 1, 1.0)]
    amount = ranked_map.amount(row, criteria)
    assert amount.text["fr"] == "rang 1 · 80,00"
    assert [(step.sign, step.amount["fr"]) for step in amount.steps] == [
        ("", "60,00 points"),
        ("+", "20,00 points"),
        ("=", "80,00 sur 100"),
    ]


# ------------------------------------------------------------------------------------------------ corridors
def test_a_path_across_a_site_takes_its_band(tmp_path: Path) -> None:
    """1 km of path, 50 m on each side: 10 ha of the site."""
    layers.write(SITE, tmp_path / "sites.geojson")
    layers.write(plain.line((-1, 0.5), (2, 0.5), corridor_nom="Chemin"), tmp_path / "voie.geojson")
    request = ConflictRequest(None, None, None, day=DAY)
    answer = conflicts.study(tmp_path / "sites.geojson", tmp_path / "voie.geojson", request)
    result = answer.map
    assert result.title["fr"] == "1 conflit entre site et corridor : 10,00 ha dans une bande de 50 m"
    (amount,) = layer_of(result, "Coupe").amounts
    assert amount.text["fr"] == "10,00 ha"
    assert answer.study_table.table["band_ha"].tolist() == pytest.approx([10.0], abs=1e-4)


def test_a_network_of_sketches_is_drawn_as_one_and_not_said_measured() -> None:
    ways = stack(
        plain.line((0, 0), (2, 0), voie_nom="Tracé", geometrie="schématique"),
        plain.line((0, 5), (1, 5), voie_nom="Relevé", geometrie="levée"),
    )
    network = features.build_network(ways, 5, None, "separes")
    result = way_maps.network_map(ways, network, StudyTable(ways))
    assert result.title["fr"] == (
        "Réseau en 2 morceaux : 3,00 km, dont 2,00 km au tracé schématique, non mesurés"
    )
    sketched, measured = (layer_of(result, start) for start in ("Plus grand", "Autres"))
    assert meaning.schematic(sketched.features).tolist() == [True]
    assert meaning.schematic(measured.features).tolist() == [False]
    assert measured.titles["fr"] == "Autres morceaux : 1,00 km"


def test_the_sites_by_ring_add_up_to_the_sites() -> None:
    rings = [WATERSIDE, BEHIND, NO_ROAD, None]
    sites = stack(*(plain.square(x_km=2 * x, y_km=0, side_km=1, nom=f"S{x}") for x in range(4)))
    by_site = sites.assign(ring=rings, waterway_m=10.0, waterway_name="Canal")
    nothing = sites.iloc[:0]
    result = access_map.access_map(by_site, nothing, nothing, StudyTable(by_site))
    assert result.title["fr"] == (
        "4 sites : 1 en bord à voie d’eau, 1 en arrière-quai, 1 plus loin, 1 sans couronne établie"
    )
