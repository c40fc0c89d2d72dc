"""An argument that can only mean one thing is taken for it; another is refused with what to write."""

import pickle
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import plain
import pytest

from artois_geo import (
    canal,
    constants,
    corridors,
    land,
    measure,
    network,
    ranking,
    sheets,
    territory,
    whatif,
    zan,
)
from artois_geo.errors import BadCRS, BadTable, BadValue, UnknownName
from artois_geo.formats import Limits, read_raw

SITE = plain.square(x_km=0, y_km=0, side_km=1, nom="A")
FLOWS = pd.DataFrame({"epci": "A", "year": range(2011, 2024), "consumed_ha": [2.0] * 10 + [1.5] * 3})
TERMS = {"reference_years": (2011, 2020), "budget_years": (2021, 2030)}


def test_a_constant_is_the_number_it_holds_and_a_moment_its_day() -> None:
    berths = constants.get("canal_bank_distance_m", on=datetime(2026, 11, 30, 12))  # type: ignore[arg-type]
    assert berths == constants.get("canal_bank_distance_m", on=date(2026, 11, 30))
    path = plain.line((0.5, -1), (0.5, 2))
    near = corridors.conflicts(SITE, path, buffer_m=berths)
    assert near.equals(corridors.conflicts(SITE, path, buffer_m=float(berths)))  # 50 m, as a number


def test_one_name_is_a_list_of_one_and_years_may_come_in_a_list() -> None:
    before, after = (pd.DataFrame({"site": ["a"], "net_ha": [net_ha]}) for net_ha in (12.0, 8.0))
    by_name = whatif.difference(before, after, on="site", columns="net_ha")
    assert by_name.equals(whatif.difference(before, after, on=["site"], columns=["net_ha"]))
    assert zan.consumption(FLOWS, key="epci", years=[2011, 2020])["consumed_ha"].sum() == 20.0


def test_a_series_of_shapes_is_a_frame_and_none_is_what_is_not_given() -> None:
    flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1)
    assert land.available(SITE.geometry, flood)["available_ha"].tolist() == [75.0]
    assert land.available(SITE, flood, skip_unmeasured=None)["available_ha"].tolist() == [75.0]


def test_none_says_something_where_the_signature_takes_it(tmp_path) -> None:
    file = tmp_path / "quais.csv"
    file.write_text("nom;lon;lat\nLens;2,83;50,43\n", encoding="utf-8")
    as_points, as_table = (
        read_raw(file, Limits(), **settings) for settings in ({}, {"geometry_column": None})
    )
    assert (list(as_points.columns), list(as_table.columns)) == (["nom"], ["nom", "lon", "lat"])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: zan.trajectory(FLOWS, key=["epci"], rules=zan.rules()), BadValue, 'Écrire key="epci"'),
        (
            lambda: zan.trajectory(FLOWS, key="epci", rules="loi-2023-630"),
            BadValue,
            r"Écrire rules=zan\.rules\(",
        ),
        (
            lambda: zan.consumption(FLOWS, key="epci", years=("2011", "2020")),
            BadValue,
            r"years=\(2011, 2020\)",
        ),
        (lambda: zan.consumption(FLOWS, key="epci", years=(2020, 2011)), BadValue, "la première d'abord"),
        (lambda: network.build(SITE, snap_m="12,5"), BadValue, r"Écrire snap_m=12\.5, sans guillemets"),
        (lambda: network.build(SITE, snap_m=float("nan")), BadValue, "« snap_m » attend un nombre"),
        (lambda: network.build(SITE, snap_m=-5), BadValue, r"positif \(reçu : le nombre -5\)"),
        (
            lambda: constants.get("canal_bank_distance_m", on="2026-11-30"),
            BadValue,
            r"on=date\(2026, 11, 30\)",
        ),
        (lambda: land.available([SITE, SITE], SITE), BadTable, "pd.concat"),
        (lambda: land.totals(SITE.to_crs(4326), SITE), BadCRS, "« sites » doit être en Lambert-93"),
        (lambda: ranking.rank(FLOWS, {"consumed_ha": 1}), BadValue, r"ranking\.Criterion\(column=…"),
        (lambda: canal.trucks(FLOWS, truck_t=20), BadTable, r'Écrire par exemple tonnes=tableau\["epci"\]'),
        (lambda: corridors.mesh(SITE), BadValue, r"network=network\.build\("),
        (lambda: sheets.png(SITE), BadValue, "« svg » attend un texte"),
        (lambda: territory.split(SITE, SITE, key=None), BadValue, "« key » attend un texte"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_write(call, error, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_a_share_is_no_percentage() -> None:
    weights = [ranking.Criterion("consumed_ha", worst=0, best=20, weight=1)]
    with pytest.raises(BadValue, match=r"change_share=0\.2 pour 20 %"):
        ranking.one_at_a_time(FLOWS, weights, change_share=20)
    with pytest.raises(UnknownName, match="méthode inconnue"):
        ranking.stability(FLOWS, weights, draws=10, seed=1, method="moyenne")  # type: ignore[arg-type]


def test_a_column_that_a_table_lacks_is_named_with_its_table() -> None:
    available = land.available(SITE, SITE)
    with pytest.raises(BadTable, match="« left » n'a pas de colonne « unknown_ha »") as refusal:
        land.states(SITE, available.drop(columns="unknown_ha"))
    assert isinstance(refusal.value.__cause__, KeyError)


def test_figures_in_text_are_neither_added_nor_put_end_to_end() -> None:
    flows_in_text = FLOWS.assign(consumed_ha="12,5", idcom="1")
    membership = pd.DataFrame({"idcom": ["1"], "scot": ["S"]})
    with pytest.raises(BadTable, match=r"« consumed_ha » sont écrits en texte \(« 12,5 »\)"):
        zan.group(flows_in_text, membership, by="scot")


def test_an_error_of_ours_is_not_dressed_as_one_of_the_caller(monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("nom")

    monkeypatch.setattr(gpd.GeoSeries, "to_crs", broken)
    with pytest.raises(KeyError):
        measure.area_ha(SITE, surface="ellipsoid")


@pytest.mark.parametrize("function", [land.available, measure.area_ha, zan.trajectory])
def test_a_function_goes_to_another_process(function) -> None:
    assert pickle.loads(pickle.dumps(function)) is function
