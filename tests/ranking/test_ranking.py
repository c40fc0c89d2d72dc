"""Rankings on figures that can be checked by hand."""

import math
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
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
    names = [str(number) for number in range(len(weights))]
    ratio = np.array(weights)[:, None] / np.array(weights)
    weights_found = ranking.ahp(
        pd.DataFrame(ratio, names, names), random_index=SAATY, max_consistency_ratio=0.1
    )
    assert weights_found.to_numpy() == pytest.approx(np.array(weights) / sum(weights), abs=1e-9)


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
    ranked = ranking.rank(row, unit(0.5, 0.3, 0.2)).iloc[0]
    assert [round(ranked[name], 1) for name in ("score", "score_low", "score_high")] == [58.8, 47.1, 67.1]
    assert ranked["completeness"] == pytest.approx(0.8)


def test_a_site_of_which_nothing_is_known_has_no_rank():
    ranked = ranking.rank(pd.DataFrame({"a": [np.nan, 0.2]}), unit(1))
    assert ranked["rank"].tolist() == [pd.NA, 1]
    assert ranked.loc[0, ["score_low", "score_high"]].tolist() == [0, 100]


def test_a_veto_sets_apart_without_touching_the_score():
    sites = pd.DataFrame({"a": [0.9, 0.5], "ppri": ["rouge", "blanc"], "an": [2026, 2031]})
    red = Veto("ppri", "=", "rouge", "zone rouge du PPRI")
    ranked = ranking.rank(sites, unit(1), vetoes=[red])
    assert ranked["rank"].tolist() == [pd.NA, 1]
    assert ranked["veto"].tolist() == ["zone rouge du PPRI", ""]
    assert ranked["score"].tolist() == pytest.approx([90, 50])
    late = ranking.rank(sites, unit(1), vetoes=[red, Veto("an", ">", 2030)])["veto"].tolist()
    assert late == ["zone rouge du PPRI", "an supérieur à 2030"]


def test_the_geometric_score_is_a_partial_veto():
    sites = pd.DataFrame({"a": [1.0, 0.25], "b": [0.0, 1.0]})
    assert ranking.rank(sites, unit(1, 1), method="geometric")["score"].tolist() == pytest.approx([0, 50])
    assert ranking.rank(sites, unit(1, 0), method="geometric")["score"].tolist() == pytest.approx([100, 25])


def test_the_critical_weight_is_where_the_scores_meet():
    # B leads by its friche alone: t · 0.8 − (1 − t) · 0.2 = 0 at t = 0.2.
    sites = pd.DataFrame({"a": [0.0, 0.8], "b": [0.7, 0.5], "c": [0.6, 0.4]}, index=["A", "B"])
    critical = ranking.critical_weights(sites, unit(0.4, 0.3, 0.3)).set_index("column")
    assert critical.loc["a", "below"] == pytest.approx(0.2)
    assert critical.loc["a", "rival_below"] == "A"
    assert math.isnan(critical.loc["a", "above"])


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
            other_weights = {c.column: c.weight for c in criteria if c.column != row["column"]}
            share = {
                name: value * (1 - weight) / sum(other_weights.values())
                for name, value in other_weights.items()
            }
            moved = ranking.weighted(criteria, share | {row["column"]: weight})
            score = ranking.rank(sites, moved)["score"]
            assert score[first] >= score.max() - 1e-6


def test_of_two_sites_that_tie_the_first_holds_on_its_own_side():
    # 50 each; A leads where a weighs more than half.
    sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0]}, index=["A", "B"])
    critical = ranking.critical_weights(sites, unit(1, 1)).set_index("column")
    assert critical.loc["a", ["below", "rival_below"]].tolist() == [0.5, "B"]
    assert critical.loc["b", ["above", "rival_above"]].tolist() == [0.5, "B"]
    assert critical.loc[["a", "b"], ["above", "below"]].isna().values.tolist() == [
        [True, False],
        [False, True],
    ]


def test_one_at_a_time_says_which_weight_turns_the_leader():
    sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.95]}, index=["A", "B"])
    changes = ranking.one_at_a_time(sites, unit(1, 1), change_share=0.2)
    assert changes["first"].tolist() == ["A", "B", "B", "A"]
    assert changes["turned"].tolist() == [False, True, True, False]
    assert changes["weight_after"].tolist() == pytest.approx([0.6, 0.4, 0.6, 0.4])


def test_rank_acceptability_is_the_share_of_the_weights_where_a_site_is_first():
    # A is first when w · 1 > (1 − w) · 0.5, that is w > 1/3: two draws in three.
    sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.5]}, index=["A", "B"])
    stability = ranking.stability(sites, unit(1, 1), draws=20_000, seed=7)
    assert stability["first_share"].tolist() == pytest.approx([2 / 3, 1 / 3], abs=0.01)
    assert stability["first_share"].sum() == pytest.approx(1)
    again = ranking.stability(sites, unit(1, 1), draws=20_000, seed=7)
    pd.testing.assert_frame_equal(stability, again)
    near = ranking.stability(sites, unit(1, 1), draws=2000, seed=7, concentration=200)
    assert near.loc["A", "first_share"] > 0.99


def test_a_site_that_is_best_everywhere_is_first_in_every_draw():
    sites = pd.DataFrame({"a": [0.9, 0.2, 0.1], "b": [0.8, 0.1, 0.3]})
    stability = ranking.stability(sites, unit(1, 1), draws=500, seed=1)
    assert stability.loc[0].tolist() == [1, 1, 1, 1, 1]
    phrases = ranking.said(sites, unit(1, 1), draws=500, seed=1)[0]
    assert phrases == "1ᵉʳ dans 100 % des pondérations ; aucun poids pris seul ne le fait basculer."


def test_a_vetoed_site_takes_no_part_in_the_sensitivity():
    sites = pd.DataFrame({"a": [1.0, 0.5, 0.2]}, index=["X", "Y", "Z"])
    veto = [Veto("a", ">", 0.9)]
    stability = ranking.stability(sites, unit(1), draws=10, seed=1, vetoes=veto)
    assert math.isnan(stability.loc["X", "first_share"])
    assert stability.loc["Y", "first_share"] == 1
    phrases = ranking.said(sites, unit(1), draws=10, seed=1, vetoes=veto)
    assert phrases["X"] == "Hors classement : veto (a supérieur à 0,9)."


@given(st.lists(st.tuples(st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1))), min_size=1, max_size=6))
def test_bounds_hold_the_score_and_close_when_all_is_known(rows):
    sites = pd.DataFrame(rows, columns=["a", "b"], dtype=float)
    ranked = ranking.rank(sites, unit(0.6, 0.4))
    assert (ranked["score_low"] <= ranked["score"] + 1e-9).all()
    assert (ranked["score"] <= ranked["score_high"] + 1e-9).all()
    full = ranked["completeness"] > 0.99
    assert (ranked.loc[full, "score_high"] - ranked.loc[full, "score_low"]).abs().max() in (
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
    profile = ranking.profile(pd.DataFrame({"jobs_per_ha": [20.0], "recycled_share": [1.0]}), criteria).iloc[
        0
    ]
    assert [name for name in profile.index if not name.endswith("_completeness")] == [
        "emploi", "sol", "forme", "énergie", "ressources", "insertion",
    ]  # fmt: skip
    assert (profile["emploi"], profile["sol"], profile["sol_completeness"]) == (50, 100, 0.5)
    assert math.isnan(profile["forme"])


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ({}, BadTable, "aucun critère"),
        ({"critere": [{"colonne": "a", "pire": 1, "meilleur": 1}]}, BadValue, "différer"),
        ({"critere": [{"colonne": "a", "pire": 0, "meilleure": 1}]}, UnknownName, "meilleur"),
        ({"critere": [{"colonne": "a", "pire": 0, "meilleur": "x"}]}, BadValue, "nombre"),
        ({"critere": [{"colonne": "a", "pire": 0, "meilleur": 1, "poids": -1}]}, BadValue, "négatif"),
    ],
)
def test_a_wrong_profile_is_refused(content, error, message):
    with pytest.raises(error, match=message):
        ranking.read_profile(content)


def test_a_missing_column_or_a_text_is_refused():
    with pytest.raises(UnknownName, match="net_ha"):
        ranking.rank(pd.DataFrame({"net_ha": [1.0]}), [Criterion("net_h", 0, 1)])
    with pytest.raises(BadTable, match="index 0 : « dix »"):
        ranking.rank(pd.DataFrame({"net_ha": ["dix"]}), [Criterion("net_ha", 0, 1)])


def test_an_unknown_criterion_widens_score_and_rank_and_gives_no_zero():
    # A: 0.8 on one half of the weights, the other unknown: 40 to 90. B: 60, C: 30, both known.
    sites = pd.DataFrame({"a": [0.8, 0.6, 0.3], "b": [np.nan, 0.6, 0.3]}, index=list("ABC"))
    ranked = ranking.rank(sites, unit(1, 1))
    assert ranked.loc["A", ["score_low", "score_high"]].tolist() == pytest.approx([40, 90])
    assert ranked[["rank_low", "rank_high"]].values.tolist() == [[1, 2], [1, 2], [3, 3]]
    # The geometric mean goes from 0, the worst utility, to √0.8.
    ranked = ranking.rank(sites, unit(1, 1), method="geometric").loc["A"]
    assert ranked[["score_low", "score_high"]].tolist() == pytest.approx([0, 100 * math.sqrt(0.8)])
    assert ranked["score"] == pytest.approx(80)


@pytest.mark.parametrize("names", [("net_low_ha", "net_high_ha"), ("net_ha_low", "net_ha_high")])
def test_a_criterion_known_by_its_bounds_is_an_interval(names):
    # 5 to 15 ha on a scale of 0 to 20: 25 to 75 points, half of the scale is left out.
    sites = pd.DataFrame({"net_ha": [np.nan], names[0]: [5.0], names[1]: [15.0]})
    ranked = ranking.rank(sites, [Criterion("net_ha", 0, 20)]).iloc[0]
    assert ranked[["score_low", "score", "score_high", "completeness"]].tolist() == [25, 50, 75, 0.5]
    # A cost turns the bounds round: 5 to 15 km from 20 to 0.
    cost = ranking.rank(sites, [Criterion("net_ha", 20, 5)]).iloc[0]
    assert cost[["score_low", "score_high"]].tolist() == pytest.approx([100 / 3, 100])


def test_a_bound_that_nothing_gives_is_open():
    sites = pd.DataFrame({"m": [np.nan, np.nan], "m_low": [40.0, np.nan], "m_high": [np.nan, 40.0]})
    ranked = ranking.rank(sites, [Criterion("m", 0, 100)])
    assert ranked[["score_low", "score_high"]].values.tolist() == [[40, 100], [0, 40]]


def test_bounds_that_cross_are_refused():
    sites = pd.DataFrame({"m": [np.nan], "m_low": [9.0], "m_high": [3.0]}, index=["Port"])
    with pytest.raises(BadTable, match="Port : borne basse 9"):
        ranking.rank(sites, [Criterion("m", 0, 100)])


def test_a_veto_applies_to_bounds_only_where_all_of_them_meet_it():
    sites = pd.DataFrame({"a": 0.5, "m": np.nan, "m_low": [1500.0, 2500.0], "m_high": [3500.0, 4500.0]})
    ranked = ranking.rank(sites, unit(1), vetoes=[Veto("m", ">", 2000)])
    assert ranked["veto"].tolist() == ["", "m supérieur à 2000"]


def test_sites_that_tie_are_not_told_apart():
    ranked = ranking.rank(pd.DataFrame({"a": [0.0, 0.0, 0.0]}), unit(1))
    assert ranked[["rank", "rank_low", "rank_high"]].values.tolist() == [[1, 1, 3]] * 3


def test_no_certainty_is_said_below_half_of_the_weight_known():
    # One site reaches the only criterion known, 42.1 % of the weight; the others do not.
    sites = pd.DataFrame({"a": [1.0, 0.0, 0.0], "b": np.nan}, index=["Bridgestone", "Port", "Delta"])
    criteria, half = unit(0.421, 0.579), {"draws": 200, "seed": 1, "min_known_share": 0.5}
    for method in ("additive", "geometric"):
        phrases = ranking.said(sites, criteria, method=method, **half)
        assert not phrases.str.contains("pondérations").any()
        assert set(phrases) == {"Critères connus à 42,1 % du poids : place non établie."}
    assert ranking.contenders(sites, criteria) == ["Bridgestone", "Port", "Delta"]
    turns = ranking.one_at_a_time(sites, criteria, change_share=0.2)
    # Only a weight brought above half, 0.421 · 1.2, makes the first certain.
    assert turns["contenders"].tolist() == [1, 3, 3, 1]


def test_one_site_of_which_too_little_is_known_is_not_said_to_be_first():
    sites = pd.DataFrame({"a": [1.0, 0.5, 0.4], "b": [np.nan, 0.5, 0.4]}, index=list("ABC"))
    phrases = ranking.said(sites, unit(0.3, 0.7), draws=200, seed=1, min_known_share=0.5)
    assert phrases["A"] == "Critères connus à 30,0 % du poids : place non établie, du 1ᵉʳ au 3ᵉ rang."
    assert "pondérations" in phrases["B"]


def test_a_leader_that_a_rival_may_overtake_has_no_critical_weight():
    # A 60; B between 44 and 64.
    sites = pd.DataFrame({"a": [0.6, 0.8], "b": [0.6, 0.3], "c": [0.6, np.nan]}, index=["A", "B"])
    criteria = unit(0.4, 0.4, 0.2)
    critical = ranking.critical_weights(sites, criteria)
    assert critical["below"].tolist() == critical["above"].tolist() == critical["weight"].tolist()
    assert set(critical["rival_below"]) == {"B"}
    phrases = ranking.said(sites, criteria, draws=100, seed=1)
    assert phrases["A"].endswith("; B peut passer devant, selon les valeurs inconnues.")


def test_a_site_of_which_nothing_is_known_says_so_and_not_a_veto():
    phrases = ranking.said(pd.DataFrame({"a": [0.5, np.nan]}, index=list("AB")), unit(1), draws=10, seed=1)
    assert phrases["B"] == "Hors classement : aucun critère connu."


def test_a_share_of_the_draws_is_not_rounded_to_all_of_them():
    # A is behind only where b weighs more than 0.999: about one draw in a thousand.
    sites = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.001]}, index=["A", "B"])
    phrases = ranking.said(sites, unit(1, 1), draws=20_000, seed=1)
    assert phrases["A"].startswith("1ᵉʳ dans plus de 99 % des")
    assert phrases["B"].startswith("1ᵉʳ dans moins de 1 % des")


def test_what_is_measured_on_a_schematic_outline_is_unknown_unless_its_bounds_are_given():
    sites = pd.DataFrame(
        {
            "frontage_m": [0.0, 0.0, 90.0],
            "frontage_low_m": [np.nan, 0.0, np.nan],
            "frontage_high_m": [np.nan, 60.0, np.nan],
            "prix": [30.0, 30.0, 30.0],
            "geometrie": ["Schématique", "schématique", "levée"],
        }
    )
    criteria = [Criterion("frontage_m", 0, 100, label="façade"), Criterion("prix", 60, 10)]
    emptied = ranking.without_sketches(sites, criteria)
    assert emptied["frontage_m"].isna().tolist() == [True, True, False]
    assert emptied["prix"].tolist() == [30, 30, 30]
    assert emptied.attrs["emptied"] == {"façade": True}
    ranked = ranking.rank(emptied, criteria[:1])
    assert ranked[["score_low", "score_high"]].values.tolist() == [[0, 100], [0, 60], [90, 90]]
    assert sites["frontage_m"].tolist() == [0, 0, 90]


def test_what_a_source_publishes_of_a_schematic_site_is_known():
    sites = pd.DataFrame({"frontage_m": [180.0, 0.0], "frontage_origin": ["publié", "calculé"]})
    emptied = ranking.without_sketches(
        sites.assign(geometrie="schématique"), [Criterion("frontage_m", 0, 185)]
    )
    assert emptied["frontage_m"].isna().tolist() == [False, True]


def test_the_standing_of_a_site_is_a_third_that_holds_its_whole_interval():
    ranked = pd.DataFrame({"rank": range(1, 7), "veto": ""}).assign(
        rank_low=[1, 1, 3, 3, 5, 6], rank_high=[2, 2, 4, 5, 6, 6]
    )
    expected = ["premier tiers", "premier tiers", "deuxième tiers", "place non établie"]
    assert ranking.standing(ranked).tolist() == [*expected, "dernier tiers", "dernier tiers"]
    assert set(ranking.standing(ranked, settled=False)) == {"place non établie"}


@pytest.mark.parametrize("criteria", [{"available_ha": 1}, "available_ha", ["a"], None])
def test_anything_but_a_list_of_criteria_is_refused_in_french(criteria):
    for call in (ranking.rank, ranking.utilities, ranking.profile, ranking.contenders):
        with pytest.raises(BadValue, match=r"« criteria » attend une liste de ranking\.Criterion"):
            call(pd.DataFrame({"available_ha": [1.0]}), criteria)


value = st.one_of(st.none(), st.floats(0, 1))


@given(
    rows=st.lists(st.tuples(value, value, value), min_size=2, max_size=6),
    fill=st.lists(st.floats(0, 1), min_size=18, max_size=18),
    method=st.sampled_from(["additive", "geometric"]),
)
def test_whatever_unknown_values_turn_out_to_be_scores_and_ranks_lie_in_their_intervals(rows, fill, method):
    sites = pd.DataFrame(rows, columns=list("abc"), dtype=float)
    bounded = ranking.rank(sites, unit(3, 2, 1), method=method)
    bounded = bounded[bounded["rank"].notna()]
    truth = sites.fillna(pd.DataFrame(np.reshape(fill[: sites.size], sites.shape), columns=sites.columns))
    turned_out = ranking.rank(truth.loc[bounded.index], unit(3, 2, 1), method=method)
    assert (turned_out["score"] >= bounded["score_low"] - 1e-9).all()
    assert (turned_out["score"] <= bounded["score_high"] + 1e-9).all()
    assert (turned_out["rank"] >= bounded["rank_low"]).all()
    assert (turned_out["rank"] <= bounded["rank_high"]).all()
