"""What version 0.1.0 offered still answers, says its new name, and gives the same figure."""

import warnings

import pandas as pd
import plain
import pytest
from pandas import DataFrame

from artois_geo import corridors, network, territory, whatif, zan
from artois_geo.deprecated import renamed, renamed_keywords

FIELD = plain.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
COMMUNE = plain.square(x_km=0, y_km=0, side_km=1, insee="62498")


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (zan, "fitting", "offers_within_budget"),
        (zan, "spread", "disaggregate"),
        (whatif, "added", "with_increment"),
    ],
)
def test_an_old_name_is_the_new_function_and_says_so(module, old, new) -> None:
    with pytest.warns(DeprecationWarning, match=rf"artois_geo.*\.{old} .*\.{new}") as caught:
        assert getattr(module, old) is getattr(module, new)
    assert caught[0].filename == __file__
    assert old not in getattr(module, "__all__", [])


def test_an_old_name_may_lead_to_another_module() -> None:
    with pytest.warns(DeprecationWarning, match="artois_geo.whatif.compare"):
        assert renamed("artois_geo.zan", {"diff": "artois_geo.whatif.compare"})("diff") is whatif.compare


def test_a_name_that_never_was_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fiting'"):
        zan.fiting  # noqa: B018


def test_keywords_that_a_record_gathers_still_count() -> None:
    built = plain.rectangle(x_km=0, y_km=0, width_km=0.9, height_km=1, artificial=True, sealed=False)
    with pytest.warns(
        DeprecationWarning, match=r"artois_geo\.zan\.flux.* max_gap_share .*Coverage"
    ) as caught:
        old = zan.flux(FIELD, built, zones=COMMUNE, key="insee", max_gap_share=0.2)
    assert caught[0].filename == __file__
    new = zan.flux(FIELD, built, zones=COMMUNE, key="insee", coverage=zan.Coverage(max_gap_share=0.2))
    assert old["artificialised_ha"].tolist() == new["artificialised_ha"].tolist() == [pytest.approx(90)]


def test_the_two_dates_of_a_mos_may_be_given_one_by_one_as_before() -> None:
    mos = plain.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1, c10="A", c21="Ue")
    passages = DataFrame({"avant": ["A"], "apres": ["Ue"], "compte": ["consommation"]})
    with pytest.warns(DeprecationWarning, match="after, before, years se donnent par MosPeriod"):
        table = zan.mos_flows(
            mos, passages, zones=COMMUNE, key="insee", before="c10", after="c21", years=(2011, 2020)
        )
    assert table["consumed_ha"].tolist() == [50.0]


def test_a_keyword_that_never_was_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'max_gap'"):
        zan.flux(FIELD, FIELD, zones=COMMUNE, key="insee", max_gap=0.2)
    both = {"coverage": zan.Coverage(), "max_gap_share": 0.2}
    with pytest.raises(TypeError, match="Coverage"):
        zan.flux(FIELD, FIELD, zones=COMMUNE, key="insee", **both)


def test_the_new_names_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert zan.flux(FIELD, FIELD, zones=COMMUNE, key="insee")["net_artificialised_ha"].tolist() == [0.0]


def test_the_old_comparison_takes_its_old_keyword_and_says_so() -> None:
    table = pd.DataFrame({"site": ["A"], "quay_km": [12.0]})
    with pytest.warns(DeprecationWarning, match="whatif.compare"):
        old = whatif.difference(table, table, on=["site"], columns=["quay_km"])
    pd.testing.assert_frame_equal(old, whatif.compare(table, table, keys=["site"], columns=["quay_km"]))


def test_the_words_of_0_1_0_still_name_the_arguments_and_say_the_new_ones() -> None:
    way = plain.line((0, 0.5), (2, 0.5), etat="réalisé")
    graph = network.build(way, snap_m=5)
    flows = DataFrame({"epci": "A", "year": [2011, 2012], "consumed_ha": [1.0, 2.0]})
    calls = {
        "zones": lambda: (
            territory.split(way, territories=COMMUNE, key="insee")["piece_km"].tolist() == [1.0, 1.0]
        ),
        "network": lambda: corridors.mesh(graph=graph)["network_km"].tolist() == [2.0],
        "years": lambda: (
            zan.summary(flows, key="epci", first_year=2011, last_year=2012)["years"].tolist() == [2]
        ),
    }
    for new, call in calls.items():
        with pytest.warns(DeprecationWarning, match=f"s'écrit désormais {new}") as caught:
            assert call()
        assert caught[0].filename == __file__


@pytest.mark.parametrize("keywords", [{"years": (1, 2), "first": 1, "last": 2}, {"first": 1}])
def test_an_argument_is_not_given_twice_nor_by_half(keywords: dict) -> None:
    @renamed_keywords("zan.consumption", years=("first", "last"))
    def consumption(*, years: tuple[int, int]) -> tuple[int, int]:
        return years

    with pytest.raises(TypeError, match="needs years"):
        consumption(**keywords)
