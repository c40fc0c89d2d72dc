"""What changed between two layers, and vintages in turn: hectares by hand, and sums that must agree."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from cli_runner import run
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers, maps
from artois_geo.errors import BadValue, UnknownName
from artois_geo.maps.numbers.changes import Changes

SIDE = 4  # of the chequered plain, in kilometres


def strip(x_km: float, width_km: float, **columns: Any) -> gpd.GeoDataFrame:
    return plain.rectangle(x_km=x_km, y_km=0, width_km=width_km, height_km=1, **columns)


def changes_of(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, **options: Any) -> Changes:
    carte: Any = maps.build({"avant": before, "après": after}, compare=("avant", "après"), **options)
    assert carte.page.changes is not None
    return carte.page.changes


def french_label(entry: Any) -> str | None:
    if entry is None:
        return None
    return entry["label"] if isinstance(entry["label"], str) else entry["label"]["fr"]


def passages(changes: Changes) -> dict[tuple[str | None, str | None], float]:
    return {(french_label(p.before), french_label(p.after)): round(p.hectares, 6) for p in changes.passages}


def squares(values: list[str]) -> gpd.GeoDataFrame:
    places = [(n % SIDE, n // SIDE) for n in range(len(values))]
    frames = [
        plain.square(x_km=x, y_km=y, side_km=1, type=value)
        for (x, y), value in zip(places, values, strict=True)
    ]
    return pd.concat(frames, ignore_index=True)


def test_ground_of_another_class_is_cut_measured_and_listed_the_largest_first() -> None:
    """2 km of meadow: 30 ha are built, 70 ha wooded; two pieces that touch are one."""
    before = pd.concat([strip(0, 1, type="pré"), strip(1, 1, type="pré")])
    after = pd.concat(
        [
            strip(0, 0.9, type="pré"),
            strip(0.9, 0.3, type="bâti"),
            strip(1.2, 0.1, type="pré"),
            strip(1.3, 0.7, type="bois"),
        ]
    )
    changes = changes_of(before, after)
    assert list(passages(changes).items()) == [(("pré", "bois"), 70.0), (("pré", "bâti"), 30.0)]
    assert [len(p.parts) for p in changes.passages] == [1, 1]
    assert changes.unchanged == pytest.approx(100)


def test_ground_that_one_layer_does_not_cover_comes_or_goes() -> None:
    changes = changes_of(strip(0, 2, type="pré"), strip(0.5, 2, type="pré"))
    assert passages(changes) == {("pré", None): 50.0, (None, "pré"): 50.0}
    bare = changes_of(strip(0, 2, nom="A"), strip(0.5, 2, nom="B"))
    assert sorted(p.hectares for p in bare.passages) == pytest.approx([50, 50])


def test_an_unknown_class_is_no_change() -> None:
    before = pd.concat([strip(0, 1, type="pré"), strip(1, 1, type="bois")])
    changes = changes_of(before, pd.concat([strip(0, 1, type=None), strip(1, 1, type="pré")]))
    assert (passages(changes), changes.unknown) == ({("bois", "pré"): 100.0}, pytest.approx(100))


def test_two_spellings_of_one_code_are_one_class_and_two_strange_codes_are_two() -> None:
    before = pd.concat(
        [strip(0, 1, code_cs="CS1.2.2"), strip(1, 1, code_cs="Z1"), strip(2, 1, code_cs="CS2.2.1")]
    )
    after = pd.concat(
        [strip(0, 1, code_cs="cs1.2.2"), strip(1, 1, code_cs="Z2"), strip(2, 1, code_cs="CS2.2.1")]
    )
    assert passages(changes_of(before, after)) == {("Z1", "Z2"): 100.0}


def test_sketches_are_never_measured() -> None:
    before, after = squares(["pré", "pré"]), squares(["bois", "bois"])
    before["geometrie"] = ["schématique", None]
    after["geometrie"] = ["schématique", None]
    changes = changes_of(before, after)
    assert (passages(changes), changes.sketches) == ({("pré", "bois"): 100.0}, 2)
    carte: Any = maps.build({"a": before.iloc[:1], "b": after.iloc[:1]}, compare=("a", "b"))
    assert carte.page.changes is None


def test_a_limit_drawn_twice_leaves_no_sliver_to_be_seen() -> None:
    moved = strip(0, 1, type="pré")
    moved.geometry = shapely.transform(moved.geometry.to_numpy(), lambda xy: xy + np.array([0.0, 1e-5]))
    changes = changes_of(strip(0, 1, type="pré"), moved)
    assert changes.passages == ()
    assert changes.unchanged == pytest.approx(100, abs=1e-3)


@given(data=st.data())
def test_what_a_class_wins_and_loses_is_what_its_area_became(data: Any) -> None:
    values = st.lists(st.sampled_from(["pré", "bois", "bâti"]), min_size=SIDE, max_size=SIDE)
    before, after = squares(data.draw(values)), squares(data.draw(values))
    shift = data.draw(st.sampled_from([0.0, 250.0]))
    after.geometry = after.geometry.translate(xoff=shift)
    changes = changes_of(before, after)
    for value in {*before["type"], *after["type"]}:
        won = sum(p.hectares for p in changes.passages if french_label(p.after) == value)
        lost_ha = sum(p.hectares for p in changes.passages if french_label(p.before) == value)
        areas = [float(frame.loc[frame["type"] == value].area.sum()) / 1e4 for frame in (before, after)]
        assert won - lost_ha == pytest.approx(areas[1] - areas[0], abs=1e-6)
    total = sum(p.hectares for p in changes.passages) + changes.unchanged
    union = float(shapely.union_all([*before.geometry, *after.geometry]).area) / 1e4
    assert total == pytest.approx(union, abs=1e-6)


def test_the_preview_lists_what_changed() -> None:
    frames = {"avant": squares(["pré"]), "après": squares(["bâti"])}
    carte: Any = maps.build(frames, compare=("avant", "après"))
    preview = maps.standalone(carte).split("<noscript>")[1]
    assert "pré → bâti" in preview
    assert "Ce qui a changé" in preview


def test_discs_are_compared_without_areas() -> None:
    catalogue = layers.read_catalogue()
    pair = ("sites_eco", "foncier_disponible")
    frames = {name: layers.read(catalogue[name]) for name in pair}
    carte: Any = maps.build(frames, layers=catalogue, compare=pair)
    assert carte.page.changes is None


# ----------------------------------------------------------------------------------------------- vintages


def series() -> dict[str, gpd.GeoDataFrame]:
    return {f"sol_{year}": squares([use]) for year, use in ((2018, "pré"), (2021, "pré"), (2024, "bâti"))}


def test_vintages_have_one_legend_and_the_years_of_their_names() -> None:
    carte: Any = maps.build(series(), vintages=list(series()))
    assert [label for _, label in carte.page.vintages] == ["2018", "2021", "2024"]
    entries = [[entry["label"] for entry in layer.theme.entries] for layer in carte.page.layers]
    assert entries == [["pré", "bâti"]] * 3


def test_a_vintage_is_called_as_its_catalogue_says_where_that_tells_them_apart() -> None:
    same = {name: {"vintage": "fictif"} for name in series()}
    apart = {name: {"vintage": f"relevé {n}"} for n, name in enumerate(series())}
    for records, expected in ((same, "2018"), (apart, "relevé 0")):
        carte: Any = maps.build(series(), layers=records, vintages=list(series()))
        assert carte.page.vintages[0][1] == expected


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["sol_2018"], BadValue, "au moins deux"),
        (["sol_2018", "sol_2018"], BadValue, "au moins deux"),
        (["sol_2018", "sol_2022"], UnknownName, "sol_2021"),
    ],
)
def test_wrong_vintages_are_refused(names: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        maps.build(series(), vintages=names)


def test_vintages_and_a_comparison_do_not_go_together() -> None:
    with pytest.raises(BadValue, match="pas les deux"):
        maps.build(series(), vintages=list(series()), compare=("sol_2018", "sol_2021"))


def test_the_command_shows_the_layers_in_the_order_given(tmp_path: Any) -> None:
    files = []
    for name, frame in series().items():
        files.append(tmp_path / f"{name}.geojson")
        layers.write(frame, files[-1])
    out = tmp_path / "c.html"
    result = run("carte", *files, "--millesimes", "--sans-analyses", "--sortie", out)
    assert result.exit_code == 0, result.stderr
    page = out.read_text(encoding="utf-8")
    assert '"vintages":[["sol-2018","2018"],["sol-2021","2021"],["sol-2024","2024"]]' in page
    refused = run("carte", *files, "--millesimes", "--comparer", *files[:2])
    assert (refused.exit_code, "ne vont pas ensemble" in refused.stderr) == (2, True)
    alone = run("carte", files[0], "--millesimes", "--sortie", out)
    assert "au moins deux COUCHE" in alone.stderr
