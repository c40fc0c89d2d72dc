"""Colours of a column: counts and hectares by hand, one colour per value, the nomenclatures in their own."""

import itertools
from typing import Any

import pandas as pd
import plain
import pytest
from cli_runner import run
from colorspacious import deltaE
from colours import SIGHTS, as_seen
from hypothesis import given
from hypothesis import strategies as st
from plain import towns

from artois_geo import constants, layers, maps
from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps import page, style
from artois_geo.maps.numbers import colours, thematic

VALUES_APART = 15  # CAM02-UCS
RULES = thematic.rules()
KINDS = style.read_style()["kinds"]
NOMENCLATURES = {name: kind for name, kind in KINDS.items() if {"recognised", "icons"} <= kind.keys()}


def themed(values: list[Any], column: str = "usage_du_sol", **how: Any) -> thematic.Themed:
    theme = maps.Thematic(column, drawn=thematic.COLOURS, **how)
    carte: Any = maps.build({"champs": towns(values, column)}, themes={"champs": theme})
    theme_of = carte.page.layers[0].theme
    assert theme_of is not None
    return theme_of


def labels(theme: thematic.Themed) -> list[str]:
    return [
        entry["label"] if isinstance(entry["label"], str) else entry["label"]["fr"] for entry in theme.entries
    ]


def cover(codes: list[str | None], column: str) -> Any:
    squares = [plain.square(x_km=x, y_km=0, side_km=1) for x in range(len(codes))]
    return pd.concat(squares, ignore_index=True).assign(**{column: codes})


# --------------------------------------------------------------------------------------------- categories


def test_the_legend_counts_each_value_and_sums_its_hectares() -> None:
    theme = themed(["blé", "bois", "blé", None])  # squares of 100 ha
    assert labels(theme) == ["blé", "bois", "inconnu"]
    assert [(entry["count"], entry["ha"]) for entry in theme.entries] == [(2, 200.0), (1, 100.0), (1, 100.0)]
    assert theme.entries[2]["hatch"], "what nobody knows is hatched, never a class of its own"


def test_beyond_ten_values_the_rarest_are_counted_together() -> None:
    values = [f"v{n:02d}" for n in range(12)] + [f"v{n:02d}" for n in range(10)]
    theme = themed(values)
    assert labels(theme)[:10] == [f"v{n:02d}" for n in range(10)]
    assert (labels(theme)[10], theme.entries[10]["count"]) == ("autres valeurs (2)", 2)


@given(values=st.lists(st.one_of(st.none(), st.sampled_from("abcdefghijklmno"), st.just(" ")), min_size=1))
def test_the_counts_of_the_legend_make_the_layer(values: list[str | None]) -> None:
    theme = themed(values)
    assert sum(entry["count"] for entry in theme.entries) == len(values)
    assert [theme.looks.count(look) for look in range(len(theme.entries))] == [
        entry["count"] for entry in theme.entries
    ]
    assert theme.missing == sum(value is None or not value.strip() for value in values)


@pytest.mark.parametrize("sight", SIGHTS)
def test_values_stay_apart_for_every_sight(sight: str | None) -> None:
    fills = [*RULES["categories"], RULES["others"]]
    for fill, other_fill in itertools.combinations(fills, 2):
        assert (
            deltaE(as_seen(fill, sight), as_seen(other_fill, sight), input_space="sRGB1") >= VALUES_APART
        ), (
            fill,
            other_fill,
        )


def test_true_and_false_are_said_in_words() -> None:
    assert labels(themed([True, False, True])) == ["oui", "non"]


# ------------------------------------------------------------------------------------------------ numbers


def test_numbers_are_classed_and_unknown_is_never_zero() -> None:
    values = [0.0, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, None]
    theme = themed(values, column="indice_bruit", classes=2, method="egaux")
    assert labels(theme) == ["0,00 à moins de 3,75", "3,75 à 7,50", "inconnu"]
    assert [entry["count"] for entry in theme.entries] == [4, 4, 1]
    assert (theme.method, theme.values[8]) == ("egaux", None)


def test_few_whole_numbers_are_each_a_colour_and_years_have_no_thousands() -> None:
    theme = themed([2018, 2021, 2021, 2024], column="annee_releve")
    assert labels(theme) == ["2018", "2021", "2024"]
    assert [entry["fill"] for entry in theme.entries] == RULES["sequential"][2]


def test_a_quantity_may_colour_objects() -> None:
    assert themed([10.5, 20.0], column="surface_ha").method == "quantiles"


# ------------------------------------------------------------------------------------------ nomenclatures


@pytest.mark.parametrize(
    ("column", "code", "fill", "label"),
    [
        ("code_cs", "CS1.2.2", "#00ccf2", "Surfaces d'eau (CS1.2.2)"),
        ("code_us", "US1.1", "#ffffa8", "Agriculture (US1.1)"),
        ("cs21", "CS3.1.1", "#0084a8", "Plans d'eau (CS3.1.1)"),
        ("cs24", "CS4.1.2", "#38a800", "Feuillus (CS4.1)"),
        ("us21", "US5.2.3", "#fa6e6e", "Tissu urbain discontinu (US5.2)"),
        ("TYPEZONE", "AUs", "#feccbe", "Zone à urbaniser, fermée (AUs)"),
        ("typezone", "N", "#56aa02", "Zone naturelle ou forestière (N)"),
        ("artif", "non artif", "#cfe3b4", "Non artificialisé"),
    ],
)
def test_codes_have_the_colour_and_the_words_of_their_nomenclature(
    column: str, code: str, fill: str, label: str
) -> None:
    """Whatever their number and their frequency, and with no word from the caller."""
    carte: Any = maps.build({"sol": cover([code, "Z9.9", code, None], column)})
    theme = carte.page.layers[0].theme
    entries = [theme.entries[look] for look in theme.looks]
    assert (entries[0]["fill"], entries[0]["label"]["fr"]) == (fill, label)
    assert entries[2] == entries[0]
    assert [entry["label"]["fr"] for entry in (entries[1], entries[3])] == [
        "code hors nomenclature",
        "inconnu",
    ]
    assert [entry.get("hatch", False) for entry in entries] == [False, True, False, True]


def test_the_use_of_the_ground_is_named_as_its_nomenclature_names_it() -> None:
    table = constants.table("ocsge_nomenclature")
    names = table[table["axis"] == "US"]
    assert [icon["label"]["fr"] for icon in NOMENCLATURES["ocsge_usage"]["icons"]] == [
        f"{label} ({code})" for code, label in zip(names["code"], names["label"], strict=True)
    ]


def test_what_no_class_names_is_hatched_in_greys_that_no_class_has() -> None:
    greys = {RULES["missing"], RULES["strange"], RULES["others"]}
    assert not greys & {icon["fill"] for kind in NOMENCLATURES.values() for icon in kind["icons"]}


def test_a_column_of_other_words_keeps_its_own_values() -> None:
    assert labels(themed(["champ", "bois"], column="usage")) == ["bois", "champ"]


# -------------------------------------------------------------------------------------------------- calls


def test_a_column_colours_the_only_layer_or_says_which() -> None:
    fields = towns(["blé"], "culture")
    carte: Any = maps.build(fields, color="culture")
    assert carte.page.layers[0].theme.drawn == thematic.COLOURS
    with pytest.raises(BadValue, match="2 couches"):
        maps.build({"a": fields, "b": fields}, color="culture")
    with pytest.raises(UnknownName, match="culture"):
        maps.build(fields, color="cultur")


def test_a_wrong_column_lists_those_that_there_are(tmp_path: Any) -> None:
    file = tmp_path / "champs.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, nom="A", culture="blé"), file)
    result = run("carte", file, "--sans-analyses", "--couleur", "champs:zzz", "--sortie", tmp_path / "c.html")
    assert result.exit_code == 1
    assert "culture, nom" in result.stderr


def test_the_command_colours_and_the_preview_says_so(tmp_path: Any) -> None:
    file = tmp_path / "champs.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, nom="A", culture="blé"), file)
    out = tmp_path / "c.html"
    result = run("carte", file, "--sans-analyses", "--couleur", "champs.geojson:culture", "--sortie", out)
    assert result.exit_code == 0, result.stderr
    assert "blé – 1 objet, 100 ha" in out.read_text(encoding="utf-8").split("<noscript>")[1]


def test_lines_and_points_are_coloured_too() -> None:
    roads = pd.concat(
        [plain.line((0, 0), (1, 0), nature="route"), plain.point(x_km=0, y_km=0, nature="quai")]
    )
    carte: Any = maps.build({"r": roads}, color="nature")
    theme = carte.page.layers[0].theme
    assert [("ha" in entry) for entry in theme.entries] == [False, False]
    assert all(entry["fill"] in page.static_svg.draw(carte.page) for entry in theme.entries)


def test_a_refused_quantity_is_sent_to_columns_that_make_sense() -> None:
    frame = towns([10, 20], "pop_totale").assign(surface_ha=[5.0, 6.0], annee=[2020, 2021])
    for column, ratio in (("pop_totale", "pop_totale/surface_ha"), ("surface_ha", "pop_totale/surface_ha")):
        with pytest.raises(BadValue, match=ratio):
            maps.build({"c": frame}, themes={"c": column})
    with pytest.raises(BadValue, match=r"en cercles\.$"):
        maps.build({"c": towns([10, 20], "pop_totale")}, themes={"c": "pop_totale"})


def test_two_layers_shown_together_have_one_legend() -> None:
    before, after = towns(["blé", "bois"], "culture"), towns(["bois", "pré", "bois"], "culture")
    theme = maps.Thematic("culture", drawn=thematic.COLOURS)
    pair = colours.apply(
        {"a": before, "b": after},
        {"a": theme, "b": theme},
        labels={"a": {}, "b": {}},
        private={"a": (), "b": ()},
    )
    assert [labels(pair[name]) for name in "ab"] == [["bois", "blé", "pré"]] * 2
    assert [[entry["count"] for entry in pair[name].entries] for name in "ab"] == [[1, 1, 0], [2, 0, 1]]


def test_a_file_named_by_its_column_alone_is_drawn(tmp_path: Any) -> None:
    file = tmp_path / "champs.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, nom="A", culture="blé"), file)
    out = tmp_path / "c.html"
    result = run("carte", "--couleur", f"{file}:culture", "--sans-analyses", "--sortie", out)
    assert result.exit_code == 0, result.stderr
    assert '"id":"champs"' in out.read_text(encoding="utf-8")


def test_our_own_values_are_said_in_english() -> None:
    carte: Any = maps.build(towns(["parcs d'industrie", "autre chose"], "famille"), color="famille")
    entries = {str(entry["label"]): entry["label"] for entry in carte.page.layers[0].theme.entries}
    assert [label for label in entries.values() if isinstance(label, str)] == ["autre chose"]
    assert {"fr": "parcs d'industrie", "en": "industrial parks"} in entries.values()
