"""Maps of a number: classes that can be checked by hand, honest pictures, colours that can be told apart."""

import itertools
import re
import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
from cli_runner import run
from colorspacious import deltaE
from colours import SIGHTS, SMALLEST_GRAPHIC_CONTRAST, as_seen, contrast
from hypothesis import given
from hypothesis import strategies as st
from plain import towns

from artois_geo import layers, maps, packs
from artois_geo.errors import BadValue, UnknownName
from artois_geo.kinds import schema
from artois_geo.maps import style, thematic_svg
from artois_geo.maps.numbers import classes, thematic

NEIGHBOURS_APART = 10  # CAM02-UCS
FROM_THE_LAND = 5
RULES = thematic.rules()
numbers = st.lists(st.integers(-10_000, 10_000).map(lambda n: n / 10), min_size=1, max_size=40)


def theme_of(carte: Any) -> thematic.Themed:
    themes = [layer.theme for layer in carte.page.layers if layer.theme]
    assert len(themes) == 1
    return themes[0]


def themed(values: list[Any], **how: Any) -> thematic.Themed:
    column = how.pop("column", "densite")
    frame = towns(values, column)
    return theme_of(maps.build({"communes": frame}, themes={"communes": maps.Thematic(column, **how)}))


def labels(theme: thematic.Themed, lang: str = "fr") -> list[str]:
    return [entry["label"][lang] for entry in theme.entries]


# ------------------------------------------------------------------------------------------------ classes


def test_quantiles_hold_as_many_objects_each() -> None:
    theme = themed([1, 2, 3, 4, 5, 6, 7, 8], classes=4)
    assert [entry["count"] for entry in theme.entries] == [2, 2, 2, 2]
    assert labels(theme) == ["1 à moins de 3", "3 à moins de 5", "5 à moins de 7", "7 à 8"]
    assert labels(theme, "en") == ["1 to under 3", "3 to under 5", "5 to under 7", "7 to 8"]


def test_jenks_cuts_where_the_gaps_are() -> None:
    theme = themed([1, 2, 3, 41, 42, 43, 901, 902], method="jenks", classes=3)
    assert [entry["count"] for entry in theme.entries] == [3, 3, 2]
    assert labels(theme) == ["1 à moins de 40", "40 à moins de 900", "900 à 902"]


def test_equal_classes_have_one_width_and_may_be_empty() -> None:
    theme = themed([0.0, 1.0, 100.0], method="egaux", classes=4)
    assert labels(theme) == ["0 à moins de 25", "25 à moins de 50", "50 à moins de 75", "75 à 100"]
    assert [entry["count"] for entry in theme.entries] == [2, 0, 0, 1]


def test_chosen_bounds_are_kept_and_must_hold_every_value() -> None:
    theme = themed([0, 10, 12.5], bounds=(0, 10, 12.5))
    assert theme.method == "manuel"
    assert theme.looks == (0, 1, 1)
    with pytest.raises(BadValue, match="laissent dehors 1 valeur"):
        themed([0, 10, 12.5], bounds=(0, 5, 10))
    with pytest.raises(BadValue, match="croissants"):
        themed([0, 10], bounds=(10, 5, 0))


@given(values=st.lists(st.integers(0, 60), min_size=4, max_size=11), class_count=st.integers(2, 4))
def test_jenks_finds_the_best_classes_there_are(values: list[int], class_count: int) -> None:
    distinct, weights = np.unique(np.array(values, dtype=float), return_counts=True)
    if len(distinct) < class_count:
        return
    sorted_values = np.sort(np.array(values, dtype=float))

    def spread(starts: tuple[int, ...]) -> float:
        parts = np.split(distinct, starts)
        return sum(
            float(np.var(own) * len(own))
            for own in (sorted_values[np.isin(sorted_values, part)] for part in parts)
        )

    every = itertools.combinations(range(1, len(distinct)), class_count - 1)
    best = min(spread(starts) for starts in every)
    assert spread(tuple(classes._jenks(distinct, weights, class_count))) == pytest.approx(best, abs=1e-7)


def test_jenks_agrees_with_mapclassify() -> None:
    import mapclassify

    values = np.round(np.random.default_rng(7).lognormal(2, 1, 300), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would be faster with numba
        judge = mapclassify.FisherJenks(values, 5)
    bounds = classes.bounds(values, method="jenks", classes=5)
    assert classes.places(values, bounds).tolist() == judge.yb.tolist()


@given(values=numbers, method=st.sampled_from(["quantiles", "jenks", "egaux"]), class_count=st.integers(2, 7))
def test_every_value_lies_within_what_the_legend_writes_of_its_class(
    values: list[float], method: str, class_count: int
) -> None:
    number_values = np.array(values)
    bounds = classes.bounds(number_values, method=method, classes=class_count)
    assert len(bounds) - 1 <= class_count
    for value, class_index in zip(values, classes.places(number_values, bounds), strict=True):
        last = class_index == len(bounds) - 2
        assert bounds[class_index] <= value
        assert value <= bounds[class_index + 1] if last else value < bounds[class_index + 1]
        assert not bounds[class_index] < 0 < bounds[class_index + 1], "no class mixes the two signs"


@given(values=numbers, class_count=st.integers(2, 7), seed=st.integers(0, 5))
def test_classes_do_not_depend_on_the_order_of_features(
    values: list[float], class_count: int, seed: int
) -> None:
    mixed = np.random.default_rng(seed).permutation(np.array(values))
    for method in ("quantiles", "jenks", "egaux"):
        bounds = classes.bounds(np.array(values), method=method, classes=class_count)
        assert bounds == classes.bounds(mixed, method=method, classes=class_count)


# ----------------------------------------------------------------------------------------- awkward columns


def test_a_constant_column_is_one_class() -> None:
    theme = themed([4.5, 4.5, 4.5])
    assert labels(theme) == ["4,5"]
    assert theme.entries[0]["count"] == 3


def test_one_feature_is_one_class() -> None:
    assert labels(themed([12])) == ["12"]


def test_more_classes_than_values_gives_one_class_a_value() -> None:
    theme = themed([1, 1, 2, 9], classes=7)
    assert [entry["count"] for entry in theme.entries] == [2, 1, 1]


def test_missing_and_infinite_values_are_apart_and_counted() -> None:
    theme = themed([1.0, None, float("inf"), 5.0], classes=2)
    assert theme.missing == 2
    assert labels(theme)[-1] == "sans valeur"
    assert theme.entries[-1]["count"] == 2
    assert theme.entries[-1]["hatch"]
    assert theme.looks[1] == theme.looks[2] == len(theme.entries) - 1


def test_a_column_without_any_value_is_drawn_as_such() -> None:
    theme = themed([None, float("nan")])
    assert labels(theme) == ["sans valeur"]
    carte = maps.build({"communes": towns([None, None])}, themes={"communes": maps.Thematic("densite")})
    assert "sans valeur" in packs.svg(carte)
    assert maps.standalone(carte)


def test_zero_is_a_bound_and_the_two_signs_have_their_own_colours() -> None:
    theme = themed([-8, -3, 2, 5, 9, 12], classes=4)
    fills = [entry["fill"] for entry in theme.entries]
    negative = sum(label.startswith("−") for label in labels(theme))
    assert set(fills[:negative]) <= set(itertools.chain(*RULES["below_zero"]))
    assert set(fills[negative:]) <= set(itertools.chain(*RULES["above_zero"]))
    assert negative == 1
    assert labels(theme)[0] == "−8 à moins de 0"


def test_a_text_column_a_line_an_unknown_column_and_an_unknown_layer_are_refused() -> None:
    with pytest.raises(BadValue, match="ne contient pas des nombres"):
        themed(["1,5", "2"])
    with pytest.raises(BadValue, match="ne contient pas des nombres"):
        themed([True, False])
    with pytest.raises(UnknownName, match="densite"):
        maps.build({"communes": towns([1])}, themes={"communes": maps.Thematic("densté")})
    with pytest.raises(UnknownName, match="communes"):
        maps.build({"communes": towns([1])}, themes={"comunes": maps.Thematic("densite")})
    line = plain.line((0, 0), (1, 0), densite=1.0)
    with pytest.raises(BadValue, match="lignes"):
        maps.build({"l": line}, themes={"l": maps.Thematic("densite")})


@pytest.mark.parametrize(
    "how", [{"classes": 1}, {"classes": 8}, {"method": "hasard"}, {"method": "manuel"}, {"drawn": "cubes"}]
)
def test_what_the_eye_cannot_read_is_refused(how: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        themed([1, 2, 3], **how)


def test_a_private_column_is_never_drawn() -> None:
    field = next(
        (kind, field)
        for kind in schema.kinds()
        for field in schema.read_kind(kind).fields
        if not field.publish
    )
    frame = towns([1.0, 2.0], field[1].name)
    record = layers.Layer("c", layers.__file__, field[0], "c", "fictif", "", "")  # type: ignore[arg-type]
    with pytest.raises(UnknownName):
        maps.build({"c": frame}, layers={"c": record}, themes={"c": maps.Thematic(field[1].name)})


# ------------------------------------------------------------------------------------------ honest pictures


@pytest.mark.parametrize("column", ["area_ha", "pop_totale", "site_count", "net_ha", "emplois"])
def test_a_quantity_is_not_shaded(column: str) -> None:
    with pytest.raises(BadValue, match="est une quantité"):
        themed([1, 2, 3], column=column)
    assert themed([1, 2, 3], column=column, drawn="cercles").largest == 3
    assert themed([1, 2, 3], column=column, force=True).entries


@pytest.mark.parametrize("column", ["available_share", "jobs_per_ha", "road_km", "valeur", "part_vacante"])
def test_a_ratio_a_distance_or_an_unknown_column_is_shaded(column: str) -> None:
    assert themed([1, 2, 3], column=column).entries


def test_a_quantity_over_another_is_a_ratio_with_both_units() -> None:
    frame = towns([100, 300, 50], "pop_totale").assign(surface_ha=[50.0, 100.0, 0.0])
    theme = theme_of(maps.build({"c": frame}, themes={"c": maps.Thematic("pop_totale", per="surface_ha")}))
    assert theme.values == (2.0, 3.0, None), "no inhabitant per nothing"
    assert thematic.heading(theme, "fr") == "Population totale / Surface publiée (hab./ha)"
    assert thematic.heading(theme, "en") == "Total population / Published area (inhab./ha)"


def test_the_area_of_a_circle_is_proportional_to_the_value() -> None:
    theme = themed([100, 400, 900, 0], column="emplois", drawn="cercles")
    sizes = [thematic_svg.radius(theme, value, 30) for value in (100.0, 400.0, 900.0, 0.0)]
    assert sizes == pytest.approx([10, 20, 30, 0])
    assert theme.round_values == (500, 100, 20)


def test_negative_circles_have_another_colour_and_small_ones_lie_above() -> None:
    carte = maps.build(
        {"c": towns([-400, 100, 900, None], "solde_ha")},
        themes={"c": maps.Thematic("solde_ha", drawn="cercles")},
    )
    circle_fills = re.findall(r'<circle [^>]*fill="(#\w+)"[^>]*>', thematic_svg_text(carte))
    above, below = (RULES["circles"][side]["fill"] for side in ("above", "below"))
    assert circle_fills == [above, below, above, "#ffffff"], "the largest first, what has no value last"


def thematic_svg_text(carte: Any) -> str:
    from xml.etree import ElementTree as ET

    box = ET.Element("svg")
    box.extend(thematic_svg.circles(carte.page.layers[0], lambda x, y: (x, y)))
    return ET.tostring(box, encoding="unicode")


def test_thousands_of_circles_are_refused_with_the_remedy() -> None:
    point = plain.point(x_km=0, y_km=0, emplois=3.0)
    many = gpd.GeoDataFrame(pd.concat([point] * 5_001, ignore_index=True), crs=2154)
    with pytest.raises(BadValue, match="commune ou par EPCI"):
        maps.build({"c": many}, themes={"c": maps.Thematic("emplois", drawn="cercles")})


def test_the_still_picture_has_the_same_classes_and_legend() -> None:
    frame = towns([1, 2, 3, 4, None])
    carte = maps.build({"communes": frame}, themes={"communes": maps.Thematic("densite", classes=2)})
    for lang, legend_line in (("fr", "1 à moins de 3 – 2 objets"), ("en", "1 to under 3 – 2 objects")):
        picture = re.sub(
            r"<pattern.*?</pattern>", "", packs.svg(carte, lang=lang)
        )  # hatchings to choose from
        assert legend_line in picture
        for entry in theme_of(carte).entries[:2]:
            assert picture.count(f'fill="{entry["fill"]}"') == 3, "two features and their sign"


def test_a_map_without_numbers_carries_no_script_for_them() -> None:
    usual = maps.standalone(maps.build({"c": towns([1])}))
    assert "EXTRA.key=" not in usual
    page = maps.standalone(maps.build({"c": towns([1])}, themes={"c": maps.Thematic("densite")}))
    assert "EXTRA.key=" in page


# ------------------------------------------------------------------------------------------------ colours


@pytest.mark.parametrize("sight", SIGHTS)
def test_neighbouring_classes_can_be_told_apart_by_every_sight(sight: str | None) -> None:
    land = style.read_style()["ground"]["land"]
    for below, above in itertools.product(RULES["below_zero"], RULES["above_zero"]):
        row = [*below[::-1], *above]
        for colour, next_colour in itertools.pairwise(row):
            distance = deltaE(as_seen(colour, sight), as_seen(next_colour, sight), input_space="sRGB1")
            assert distance >= NEIGHBOURS_APART, (sight, colour, next_colour)
    for row in RULES["sequential"]:
        for colour, next_colour in itertools.pairwise(row):
            assert (
                deltaE(as_seen(colour, sight), as_seen(next_colour, sight), input_space="sRGB1")
                >= NEIGHBOURS_APART
            )
        assert deltaE(as_seen(row[0], sight), as_seen(land, sight), input_space="sRGB1") >= FROM_THE_LAND


def test_there_is_a_row_of_colours_for_every_number_of_classes() -> None:
    assert [len(row) for row in RULES["sequential"]] == list(range(1, classes.MOST + 1))
    for side in ("below_zero", "above_zero"):
        assert [len(row) for row in RULES[side]] == list(range(1, classes.MOST))


def test_circles_stand_out_from_the_land_and_from_each_other() -> None:
    land = style.read_style()["ground"]["land"]
    above, below = (RULES["circles"][side] for side in ("above", "below"))
    for side in (above, below):
        assert contrast(side["stroke"], land) >= SMALLEST_GRAPHIC_CONTRAST
    for sight in SIGHTS:
        assert deltaE(as_seen(above["fill"], sight), as_seen(below["fill"], sight), input_space="sRGB1") >= 15


# ------------------------------------------------------------------------------------------- command line


def test_the_density_of_the_communes_is_drawn_from_the_shipped_layers(tmp_path: Any) -> None:
    page, picture = tmp_path / "densite.html", tmp_path / "densite.svg"
    options = ["--aplats", "communes_schema:pop_totale/surface_ha", "--methode", "jenks", "--classes", "4"]
    result = run("carte", "communes_schema", *options, "--sortie", str(page), "--image", str(picture))
    assert result.exit_code == 0, result.output
    picture_text = picture.read_text(encoding="utf-8")
    assert "Population totale / Surface publiée" in picture_text
    assert "(hab./ha)" in picture_text
    assert sum(int(n) for n in re.findall(r"– (\d+) objets?", picture_text)) == 150


def test_the_command_refuses_in_french(tmp_path: Any) -> None:
    page = str(tmp_path / "c.html")
    result = run("carte", "communes_schema", "--aplats", "communes_schema:pop_totale", "--sortie", page)
    assert result.exit_code == 1
    assert "est une quantité" in result.output
    assert run("carte", "communes_schema", "--aplats", "pop_totale").exit_code == 2
    assert run("carte", "communes_schema", "--aplats", "communes_schema:x", "--bornes", "a;b").exit_code == 2
