"""Rankings on figures that can be checked by hand."""

import math
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import constants, ranking
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.ranking import Criterion, Veto

SAATY = constants.get("ahp_indice_aleatoire", on=date(2026, 1, 1)).value
PROFILES = sorted((Path(ranking.__file__).parent / "profiles").glob("*.toml"))


def unit(*weights: float) -> list[Criterion]:
    return [Criterion(name, 0, 1, weight=weight) for name, weight in zip("abcdef", weights, strict=False)]


def test_three_criteria_compared_two_by_two():
    names = list("abc")
    half = pd.DataFrame([[1, 3, 5], [np.nan, 1, 2], [np.nan, np.nan, 1]], names, names)
    weights = ranking.ahp(half, random_index=SAATY, max_consistency_ratio=0.1)
    assert weights.round(3).tolist() == [0.648, 0.230, 0.122]
    assert round(weights.attrs["consistency_ratio"], 3) == 0.003


def test_contradictory_comparisons_are_refused_and_the_worst_triad_named():
    names = ["desserte", "surface", "friche"]
    table = pd.DataFrame([[1, 3, 1 / 5], [1 / 3, 1, 2], [5, 1 / 2, 1]], names, names)
    with pytest.raises(
        BadValue, match=r"desserte / surface = 3 et surface / friche = 2.*friche = 6, or.*0,2"
    ):
        ranking.ahp(table, random_index=SAATY, max_consistency_ratio=0.1)
    skewed = pd.DataFrame([[1, 3], [3, 1]], list("ab"), list("ab"))
    with pytest.raises(BadTable, match="inverses"):
        ranking.ahp(skewed, random_index=SAATY, max_consistency_ratio=0.1)


@given(st.lists(st.floats(0.2, 5), min_size=2, max_size=8))
def test_comparisons_made_from_weights_give_them_back(weights):
    names = [str(at) for at in range(len(weights))]
    ratio = np.array(weights)[:, None] / np.array(weights)
    found = ranking.ahp(pd.DataFrame(ratio, names, names), random_index=SAATY, max_consistency_ratio=0.1)
    assert found.to_numpy() == pytest.approx(np.array(weights) / sum(weights), abs=1e-9)


def test_a_new_site_never_turns_the_order_of_the_others():
    # Hectares 0..20, minutes 30..0, even weights. A: 10 ha, 6 min; B: 12 ha, 12 min.
    criteria = [Criterion("ha", 0, 20), Criterion("min", 30, 0)]
    sites = pd.DataFrame({"ha": [10.0, 12.0], "min": [6.0, 12.0]}, index=["A", "B"])
    # A = (0.5 + 0.8) / 2 = 65; B = (0.6 + 0.6) / 2 = 60.
    assert ranking.rank(sites, criteria)["score"].tolist() == pytest.approx([65, 60])
    more = pd.concat([sites, pd.DataFrame({"ha": [11.0], "min": [30.0]}, index=["C"])])
    assert ranking.rank(more, criteria)["rank"].tolist() == [1, 2, 3]

    # Scaled on the extremes of the sites at hand, the hopeless C would have put B first.
    def leader(frame: pd.DataFrame) -> str:
        gain = (frame["ha"] - frame["ha"].min()) / (frame["ha"].max() - frame["ha"].min())
        cost = (frame["min"].max() - frame["min"]) / (frame["min"].max() - frame["min"].min())
        return (0.49 * gain + 0.51 * cost).idxmax()

    assert (leader(sites), leader(more)) == ("A", "B")


def test_a_missing_value_gives_bounds_and_says_how_much_is_known():
    # Known: 0.5 · 0.58 + 0.3 · 0.602 = 0.4706 over 80 % of the weights: 58.8, between 47.1 and 67.1.
    row = pd.DataFrame({"a": [0.58], "b": [0.602], "c": [np.nan]})
    found = ranking.rank(row, unit(0.5, 0.3, 0.2)).iloc[0]
    assert [round(found[name], 1) for name in ("score", "score_low", "score_high")] == [58.8, 47.1, 67.1]
    assert found["completeness"] == pytest.approx(0.8)


def test_a_site_of_which_nothing_is_known_has_no_rank():
    found = ranking.rank(pd.DataFrame({"a": [np.nan, 0.2]}), unit(1))
    assert found["rank"].tolist() == [pd.NA, 1]
    assert found.loc[0, ["score_low", "score_high"]].tolist() == [0, 100]


def test_a_veto_sets_apart_without_touching_the_score():
    sites = pd.DataFrame({"a": [0.9, 0.5], "ppri": ["rouge", "blanc"], "an": [2026, 2031]})
    red = Veto("ppri", "=", "rouge", "zone rouge du PPRI")
    found = ranking.rank(sites, unit(1), vetoes=[red])
    assert found["rank"].tolist() == [pd.NA, 1]
    assert found["veto"].tolist() == ["zone rouge du PPRI", ""]
    assert found["score"].tolist() == pytest.approx([90, 50])
    late = ranking.rank(sites, unit(1), vetoes=[red, Veto("an", ">", 2030)])["veto"].tolist()
    assert late == ["zone rouge du PPRI", "an supérieur à 2030"]


def test_the_geometric_score_is_a_partial_veto():
    sites = pd.DataFrame({"a": [1.0, 0.25], "b": [0.0, 1.0]})
    assert ranking.rank(sites, unit(1, 1), method="geometric")["score"].tolist() == pytest.approx([0, 50])
    assert ranking.rank(sites, unit(1, 0), method="geometric")["score"].tolist() == pytest.approx([100, 25])


def test_the_critical_weight_is_where_the_scores_meet():
    # B leads by its friche alone: t · 0.8 − (1 − t) · 0.2 = 0 at t = 0.2.
    sites = pd.DataFrame({"a": [0.0, 0.8], "b": [0.7, 0.5], "c": [0.6, 0.4]}, index=["A", "B"])
    found = ranking.critical_weights(sites, unit(0.4, 0.3, 0.3)).set_index("column")
    assert found.loc["a", "below"] == pytest.approx(0.2)
    assert found.loc["a", "rival_below"] == "A"
    assert math.isnan(found.loc["a", "above"])


@settings(max_examples=50, deadline=None)
@given(
    worth=st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=2, max_size=5),
    weights=st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
    hole=st.booleans(),
)
def test_between_its_critical_weights_the_leader_leads(worth, weights, hole):
    sites = pd.DataFrame(worth, columns=list("abc"))
    if hole:
        sites.loc[0, "b"] = np.nan
    criteria = unit(*weights)
    first = ranking.rank(sites, criteria)["score"].idxmax()
    for _, row in ranking.critical_weights(sites, criteria).iterrows():
        low = 0.0 if math.isnan(row["below"]) else row["below"]
        high = 1.0 if math.isnan(row["above"]) else row["above"]
        for weight in np.linspace(low + 1e-6, high - 1e-6, 7):
            rest = {c.column: c.weight for c in criteria if c.column != row["column"]}
            share = {name: value * (1 - weight) / sum(rest.values()) for name, value in rest.items()}
            moved = ranking.weighted(criteria, share | {row["column"]: weight})
            score = ranking.rank(sites, moved)["score"]
            assert score[first] >= score.max() - 1e-6


def test_one_at_a_time_says_which_weight_turns_the_leader():
    sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.95]}, index=["A", "B"])
    found = ranking.one_at_a_time(sites, unit(1, 1), change_share=0.2)
    assert found["first"].tolist() == ["A", "B", "B", "A"]
    assert found["turned"].tolist() == [False, True, True, False]
    assert found["weight_after"].tolist() == pytest.approx([0.6, 0.4, 0.6, 0.4])


def test_rank_acceptability_is_the_share_of_the_weights_where_a_site_is_first():
    # A is first when w · 1 > (1 − w) · 0.5, that is w > 1/3: two draws in three.
    sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.5]}, index=["A", "B"])
    held = ranking.stability(sites, unit(1, 1), draws=20_000, seed=7)
    assert held["first_share"].tolist() == pytest.approx([2 / 3, 1 / 3], abs=0.01)
    assert held["first_share"].sum() == pytest.approx(1)
    again = ranking.stability(sites, unit(1, 1), draws=20_000, seed=7)
    pd.testing.assert_frame_equal(held, again)
    near = ranking.stability(sites, unit(1, 1), draws=2000, seed=7, concentration=200)
    assert near.loc["A", "first_share"] > 0.99


def test_a_site_that_is_best_everywhere_is_first_in_every_draw():
    sites = pd.DataFrame({"a": [0.9, 0.2, 0.1], "b": [0.8, 0.1, 0.3]})
    held = ranking.stability(sites, unit(1, 1), draws=500, seed=1)
    assert held.loc[0].tolist() == [1, 1, 1, 1, 1]
    said = ranking.said(sites, unit(1, 1), draws=500, seed=1)[0]
    assert said == "1ᵉʳ dans 100 % des pondérations ; aucun poids pris seul ne le fait basculer."


def test_a_vetoed_site_takes_no_part_in_the_sensitivity():
    sites = pd.DataFrame({"a": [1.0, 0.5, 0.2]}, index=["X", "Y", "Z"])
    veto = [Veto("a", ">", 0.9)]
    held = ranking.stability(sites, unit(1), draws=10, seed=1, vetoes=veto)
    assert math.isnan(held.loc["X", "first_share"])
    assert held.loc["Y", "first_share"] == 1
    assert ranking.said(sites, unit(1), draws=10, seed=1, vetoes=veto)["X"] == "Hors classement : veto."


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1))), min_size=1, max_size=6))
def test_bounds_hold_the_score_and_close_when_all_is_known(rows):
    sites = pd.DataFrame(rows, columns=["a", "b"], dtype=float)
    found = ranking.rank(sites, unit(0.6, 0.4))
    assert (found["score_low"] <= found["score"] + 1e-9).all()
    assert (found["score"] <= found["score_high"] + 1e-9).all()
    full = found["completeness"] > 0.99
    assert (found.loc[full, "score_high"] - found.loc[full, "score_low"]).abs().max() in (
        0,
        pytest.approx(0),
    ) or not full.any()


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_ready_profile_can_be_read_and_says_where_it_comes_from(path):
    criteria, _vetoes, settings_ = ranking.read_profile(tomllib.loads(path.read_text(encoding="utf-8")))
    assert criteria
    assert settings_["source"]
    assert settings_["titre"]
    if path.stem != "sobriete":
        assert sum(criterion.weight for criterion in criteria) == pytest.approx(1)


def test_the_sobriety_profile_has_six_axes_and_twenty_jobs_are_worth_fifty():
    (path,) = (path for path in PROFILES if path.stem == "sobriete")
    criteria, _, _ = ranking.read_profile(tomllib.loads(path.read_text(encoding="utf-8")))
    shown = ranking.profile(pd.DataFrame({"jobs_per_ha": [20.0], "recycled_share": [1.0]}), criteria).iloc[0]
    assert [name for name in shown.index if not name.endswith("_completeness")] == [
        "emploi", "sol", "forme", "énergie", "ressources", "insertion",
    ]  # fmt: skip
    assert (shown["emploi"], shown["sol"], shown["sol_completeness"]) == (50, 100, 0.5)
    assert math.isnan(shown["forme"])


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ({}, BadTable, "aucun critère"),
        ({"critere": [{"colonne": "a", "pire": 1, "meilleur": 1}]}, BadValue, "différer"),
        ({"critere": [{"colonne": "a", "pire": 0, "meilleure": 1}]}, UnknownName, "meilleur"),
        ({"critere": [{"colonne": "a", "pire": 0, "meilleur": "x"}]}, BadValue, "nombre"),
        ({"critere": [{"colonne": "a", "pire": 0, "meilleur": 1, "poids": -1}]}, BadValue, "négatif"),
    ],
)
def test_a_wrong_profile_is_refused(content, error, said):
    with pytest.raises(error, match=said):
        ranking.read_profile(content)


def test_a_missing_column_or_a_text_is_refused():
    with pytest.raises(UnknownName, match="net_ha"):
        ranking.rank(pd.DataFrame({"net_ha": [1.0]}), [Criterion("net_h", 0, 1)])
    with pytest.raises(BadTable, match="ligne 0 : « dix »"):
        ranking.rank(pd.DataFrame({"net_ha": ["dix"]}), [Criterion("net_ha", 0, 1)])
