"""Two states of a layer: what names an object in both, and what is said when the names changed."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
from cli_runner import run
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.errors import BadTable


def squares(keys: list[object], **columns: list[object]) -> gpd.GeoDataFrame:
    rows = [plain.square(x_km=2 * number, y_km=0, side_km=1) for number in range(len(keys))]
    return pd.concat(rows, ignore_index=True).assign(cle=pd.Series(keys, dtype=object), **columns)


def test_a_key_in_numbers_is_the_same_key_in_texts() -> None:
    before = squares([1, 2, 3], nom=["A", "B", "C"])
    after = squares(["1", "2", "3"], nom=["A", "B bis", "C"])
    for old, new in ((before, after), (after, before)):
        changes = layers.compare(old, new, key="cle")
        assert changes[["change", "key", "field"]].values.tolist() == [["modifié", "2", "nom"]]


def test_one_as_a_number_as_a_text_and_with_zeros_are_three_keys_of_one_layer() -> None:
    mixed = squares([1, "1", "001"])
    assert layers.compare(mixed, mixed, key="cle").empty
    changes = layers.compare(mixed, mixed.iloc[:1], key="cle")
    assert changes["change"].tolist() == ["supprimé", "supprimé"]


def test_zeros_lost_on_one_side_are_refused_with_both_spellings() -> None:
    with pytest.raises(BadTable, match="« 001 » et « 1 »"):
        layers.compare(squares(["001", "002"]), squares([1, 2]), key="cle")
    with pytest.raises(BadTable, match="« 1 » et « 001 »"):
        layers.compare(squares([1, 2]), squares(["001", "002"]), key="cle")


@given(st.permutations(range(6)), st.integers(0, 6))
def test_objects_that_only_changed_their_key_are_all_found(order: list[int], changed: int) -> None:
    before = squares([f"a{number}" for number in range(6)])
    after = before.assign(cle=[f"b{n}" if n < changed else f"a{n}" for n in range(6)])
    pairs = layers.renumbered(before, after.iloc[order].reset_index(drop=True), key="cle")
    assert dict(pairs.to_numpy().tolist()) == {f"a{n}": f"b{n}" for n in range(changed)}


def test_shapes_that_repeat_say_nothing_of_who_is_who() -> None:
    twins = pd.concat([squares(["a"]), squares(["b"])], ignore_index=True)
    assert layers.renumbered(twins, twins.assign(cle=["c", "d"]), key="cle").empty
    nowhere = squares(["a", "b"]).set_geometry(gpd.GeoSeries([None, None], crs=2154))
    assert layers.renumbered(nowhere, nowhere.assign(cle=["c", "d"]), key="cle").empty


def test_the_command_says_that_all_keys_changed_where_shapes_did_not(tmp_path: Path) -> None:
    files = []
    for name, keys in (("avant", ["a", "b"]), ("apres", ["c", "d"])):
        files.append(tmp_path / f"{name}.geojson")
        layers.write(squares(keys), files[-1])
    result = run("couches", "comparer", *files, "--cle", "cle")
    assert result.exit_code == 0, result.output
    assert "2 (aucune clé n'est commune), par exemple a → c" in result.output
    assert "2 ajoutés, 2 supprimés, 0 modifié" in result.output
    result = run("couches", "comparer", files[0], files[0], "--cle", "cle")
    assert "renumérotés" not in result.output


def test_the_case_of_two_vintages_has_one_change(shared: Path) -> None:
    case = shared / "cases" / "comparer_cle_nombre_et_texte"
    old, new = (layers.read(case / f"{year}.geojson") for year in (2018, 2024))
    changes = layers.compare(old, new, key="id")
    assert changes[["change", "field", "before", "after"]].values.tolist() == [
        ["modifié", "nom", "B", "B bis"]
    ]


def test_numbers_with_a_decimal_point_of_nought_are_whole() -> None:
    after = squares(["7", "8"])
    assert layers.compare(squares([np.float64(7.0), 8]), after, key="cle").empty
