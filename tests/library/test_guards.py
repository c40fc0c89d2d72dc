"""What a notebook user writes works, or is refused in French with what to write; rules are objects."""

import re
from datetime import date

import numpy as np
import pandas as pd
import plain
import pytest

from artois_geo import (
    canal,
    constants,
    densification,
    kinds,
    land,
    layers,
    meaning,
    network,
    offer,
    overlay,
    ranking,
    zae,
    zan,
)
from artois_geo.errors import ArtoisGeoError, BadValue, UnknownName

FLOWS = pd.DataFrame({"epci": "A", "year": range(2011, 2024), "consumed_ha": [2.0] * 10 + [1.5] * 3})
ON = date(2026, 11, 30)


def test_a_rule_set_gives_the_decades_and_the_national_rate() -> None:
    rules = zan.rules(on=ON)
    by_hand = {"reference_years": (2011, 2020), "budget_years": (2021, 2030), "reduction_share": 0.5}
    expected = zan.trajectory(FLOWS, key="epci", **by_hand)
    assert zan.trajectory(FLOWS, key="epci", rules=rules).equals(expected)
    # 20 ha in ten years, 40 % less: 12 ha; what the call gives goes before the rule set
    assert zan.trajectory(FLOWS, key="epci", rules=rules, reduction_share=0.4)["allowed_ha"].tolist() == [
        12.0
    ]


def test_the_law_is_that_of_the_day() -> None:
    assert "communal_floor_ha" in zan.rules(on=ON).constants
    assert "communal_floor_ha" not in zan.rules(on=date(2022, 1, 1)).constants
    assert "communal_floor_ha" not in zan.rules("loi-2021-1104", on=ON).constants  # never later than the set
    with pytest.raises(UnknownName, match=r"jeu de règles inconnu.*loi-2023-630"):
        zan.rules("loi-2023")


def test_a_trajectory_without_terms_says_what_to_write() -> None:
    with pytest.raises(BadValue, match=r"rules=zan\.rules\(\)"):
        zan.trajectory(FLOWS, key="epci")
    with pytest.raises(BadValue, match="donner reference_years, budget_years, reduction_share"):
        zan.trajectory(FLOWS, key="epci", rules=zan.rules(on=date(2000, 1, 1)))
    with pytest.raises(TypeError, match="unexpected keyword"):
        zan.trajectory(FLOWS, key="epci", rules=zan.rules(), share=0.4)  # type: ignore[call-arg]


def test_a_constant_stands_where_a_number_is_asked_for() -> None:
    rate = constants.get("reduction_2021_2030", on=ON)
    terms = {"reference_years": (2011, 2020), "budget_years": (2021, 2030)}
    assert zan.trajectory(FLOWS, key="epci", reduction_share=rate, **terms)["allowed_ha"].tolist() == [10.0]
    with pytest.raises(BadValue, match=r"prendre \.value"):
        float(constants.get("canal_berth_m", on=ON))


@pytest.mark.parametrize("room", [canal, densification])
def test_defaults_are_the_constants_with_their_sources(room) -> None:
    defaults = room.defaults(on=ON)
    assert set(defaults) == set(room.DEFAULTS)
    for parameter, name in room.DEFAULTS.items():
        constant = constants.get(name, on=ON)
        assert defaults[parameter] == constant.value
        assert constant in defaults.constants
        assert constant.source in repr(defaults)
    assert room.Thresholds(**defaults)
    with pytest.raises(UnknownName, match="seuil inconnu"):
        defaults["bord_m"]
    with pytest.raises(UnknownName, match="seuil inconnu"):
        defaults.only("bord_m")


def test_a_family_of_quays_that_does_not_exist_is_named() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, precision_m=10).assign(waterway_m=400.0)
    quay = plain.point(x_km=1.9, y_km=0, objet_type="quai", precision_m=10)
    reach = canal.access(site, quay, family="objet_type")
    rings = canal.defaults(on=ON).only("bank_m", "hinterland_m", "truck_min")
    with pytest.raises(UnknownName, match=r"« quais »\. Noms proches : quai"):
        canal.rings(site, reach, quays=["quais"], **rings)
    assert canal.rings(site, reach, quays="quai", **rings).equals(
        canal.rings(site, reach, quays=["quai"], **rings)
    )


def test_a_shipped_profile_is_read_by_its_name() -> None:
    criteria, _, settings = ranking.read_profile("sobriete")
    assert criteria
    assert settings["titre"]
    with pytest.raises(UnknownName, match="Noms proches : sobriete"):
        ranking.read_profile("sobriétés".replace("é", "e"))
    with pytest.raises(BadValue, match='Écrire content="3"'):
        ranking.read_profile(3)  # type: ignore[arg-type]


def test_the_room_of_the_offer_says_how_to_call_its_function() -> None:
    with pytest.raises(BadValue, match=r"Écrire offer\.offer\(sites, by=…\)"):
        offer(pd.DataFrame())  # type: ignore[operator]


def test_a_grouping_is_one_name_or_a_list() -> None:
    commune = plain.square(x_km=0, y_km=0, side_km=2)
    cover = plain.square(x_km=0, y_km=0, side_km=1, cs="CS1", nature="ENAF")
    assert overlay.area_table(commune, cover, by="cs").equals(overlay.area_table(commune, cover, by=["cs"]))
    changes = [
        overlay.change_table(cover, cover, zones=commune, by=by, keep_unchanged=True) for by in ("cs", ["cs"])
    ]
    assert changes[0].equals(changes[1])
    available = land.available(commune, {})
    assert land.soil(available, cover, by=["nature"])["enaf_ha"].tolist() == [100.0]
    membership = pd.DataFrame({"idcom": ["1"], "epci": ["E"], "scot": ["S"]})
    flows = pd.DataFrame({"idcom": ["1"], "year": [2019], "consumed_ha": [1.0]})
    assert zan.group(flows, membership, by=["epci"])["epci"].tolist() == ["E"]
    with pytest.raises(BadValue, match=r"une seule colonne.*epci, scot"):
        zan.group(flows, membership, by=["epci", "scot"])
    firms = pd.DataFrame({"zae": ["A"], "tranche": ["11"]})
    brackets = pd.DataFrame({"code": ["11"], "low": [10], "high": [19]})
    assert zae.jobs(firms, brackets, by=["zae"], code="tranche").index.tolist() == ["A"]


def test_a_wrong_criterion_says_what_to_write() -> None:
    available = pd.DataFrame({"available_ha": [1.0, np.nan]})
    with pytest.raises(ArtoisGeoError, match=r"ranking\.Criterion\("):
        ranking.rank(available, {"available_ha": 1})  # type: ignore[arg-type]


def test_columns_of_a_grouping() -> None:
    assert meaning.column_of("a") == meaning.column_of(["a"]) == "a"
    with pytest.raises(BadValue, match="aucune"):
        meaning.column_of([])


def test_a_notebook_shows_records_in_french_and_not_their_contents() -> None:
    reprs = {
        "règles": repr(zan.rules(on=ON)),
        "seuils": repr(densification.defaults(on=ON)),
        "constante": repr(constants.get("reduction_2021_2030", on=ON)),
        "réseau": repr(network.build(plain.line((0, 0), (1, 0)), snap_m=1.0)),
        "type": repr(kinds.read_kind("site_eco")),
        "compléments": repr(layers.complete(plain.square(x_km=0, y_km=0, side_km=1))),
    }
    assert reprs["constante"].startswith("reduction_2021_2030 = 50 % : Baisse de la consommation")
    assert reprs["réseau"] == "<Network : 2 nœuds, 1 arête, 1\u202f000 m ; 0 constat>"
    assert reprs["compléments"] == "<Completion : 1 commune, 0 livraison antérieure>"
    for name, text in reprs.items():
        assert len(text) < 6_000, name
        assert not re.search(r"\((share|year|years|days|m2)\)|\d\.\d", text.partition(" : ")[0]), name
