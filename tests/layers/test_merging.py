"""Three returns become one layer: each object once, both values of every disagreement in a table."""

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import run
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.errors import BadTable
from artois_geo.layers.merging import merge


def zone(key: str, x_km: float = 0, **columns: object) -> gpd.GeoDataFrame:
    return plain.square(x_km=x_km, y_km=0, side_km=1, site_id=key, **columns)


def both(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return pd.concat(frames, ignore_index=True)


def test_values_ground_and_gaps_are_told_apart() -> None:
    north = both(zone("A", etat="actif", nom=None), zone("B", 5, etat="actif", nom="Bé"))
    south = both(zone("A", etat="projet", nom="Aa"), zone("C", 5.5, etat="actif", nom="Cé"))
    merged, conflicts = merge({"nord": north, "sud": south}, key="site_id")
    assert merged["site_id"].tolist() == ["A", "B", "C"]
    assert merged["etat"].tolist() == ["actif", "actif", "actif"]
    assert merged["nom"].tolist() == ["Aa", "Bé", "Cé"]
    assert merged["livraison"].tolist() == ["nord", "nord", "sud"]
    differences = conflicts[["conflict", "key", "field", "first_value", "second_value"]].values.tolist()
    assert ["valeurs différentes", "A", "etat", "actif", "projet"] in differences
    assert ["complété", "A", "nom", "", "Aa"] in differences
    ground = conflicts[conflicts["conflict"] == "recouvrement"].iloc[0]
    assert (ground["key"], ground["other_key"], round(ground["shared_ha"], 6)) == ("B", "C", 50.0)
    assert len(conflicts) == 3


def test_another_shape_under_one_key_is_kept_in_the_table() -> None:
    _, conflicts = merge({"a": zone("A"), "b": zone("A", 3)}, key="site_id")
    row = conflicts.iloc[0]
    assert row["field"] == "geometry"
    assert row["second_value"] == zone("A", 3).to_wkt()["geometry"].iloc[0]


@settings(max_examples=few(10))
@given(
    values=st.lists(
        st.lists(st.sampled_from(["x", "y", None]), min_size=2, max_size=2), min_size=2, max_size=3
    )
)
def test_no_value_is_lost(values: list[list[object]]) -> None:
    returns = {
        f"envoi {number}": both(*(zone(f"Z{row}", 2 * row, etat=cell) for row, cell in enumerate(cells)))
        for number, cells in enumerate(values)
    }
    merged, conflicts = merge(returns, key="site_id")
    assert len(merged) == 2
    for number, cells in enumerate(values):
        for row, cell in enumerate(cells):
            is_merged_value = merged["etat"].iloc[row] == cell
            listed = (
                (conflicts["second"] == f"envoi {number}")
                & (conflicts["key"] == f"Z{row}")
                & (conflicts["second_value"] == cell)
            ).any()
            assert cell is None or is_merged_value or listed


def test_a_key_that_repeats_in_a_return_is_refused() -> None:
    with pytest.raises(BadTable, match="sud : la clé « site_id » se répète"):
        merge({"nord": zone("A"), "sud": both(zone("B"), zone("B", 3))}, key="site_id")


def test_the_command_writes_the_layer_and_the_table(tmp_path: object) -> None:
    for name, key in (("a", "A"), ("b", "B"), ("c", "A")):
        layers.write(zone(key, 0 if key == "A" else 4, etat=name), tmp_path / f"{name}.geojson")
    files = [tmp_path / f"{name}.geojson" for name in "abc"]
    words = (
        "--donnees",
        tmp_path / "espace",
        "couches",
        "fusionner",
        *files,
        "--nom",
        "zae",
        "--cle",
        "site_id",
    )
    result = run(*words, "--essai")
    assert (result.exit_code, (tmp_path / "espace").exists()) == (0, False)
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "3 objets reçus, 2 gardés, 1 en double réuni." in result.output
    assert layers.read(tmp_path / "espace/zae.geojson")["site_id"].tolist() == ["A", "B"]
    history = run("--donnees", tmp_path / "espace", "couches", "historique", "zae")
    assert "fusionner" in history.output
