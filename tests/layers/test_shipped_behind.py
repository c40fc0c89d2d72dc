"""Own layers first, shipped reference layers behind them: no Artois site in another territory's total."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import kinds, layers, meaning, measure
from artois_geo.errors import BadValue, UnknownName, UnreadableFile, UnwritableFile
from artois_geo.layers import history, shipped, workspace

SHIPPED = layers.read_catalogue()
TOTALLED = {"site_nomme", "site_eco", "foncier", "terrain_eco"}
LENS = shapely.box(680_000, 7_035_000, 700_000, 7_050_000)  # EPSG:2154, about the middle of the Artois
LYON = shapely.box(835_000, 6_510_000, 850_000, 6_525_000)


def write_workspace(folder: Path, kinds_of: Iterable[str], ground: shapely.Geometry = LENS) -> Path:
    """A workspace with one layer a kind, each with one polygon; its catalogue says the kinds."""
    lines = []
    for kind in kinds_of:
        name = f"own_{kind or 'unsaid'}"
        frame = gpd.GeoDataFrame({"nom": [name]}, geometry=[ground], crs=measure.LAMBERT93)
        layers.write(frame, folder / f"{name}.geojson")
        facts = {"file": f"{name}.geojson", "kind": kind, "title": name, "source": "essai"}
        facts |= {"licence": "essai", "vintage": "fictif"}
        lines += [f"[{name}]", *(f"{key} = {json.dumps(text)}" for key, text in facts.items())]
    (folder / "catalogue.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def homes(catalogue: layers.Catalogue, home: str) -> set[str]:
    return {name for name, layer in catalogue.items() if layer.home == home}


SUBSETS = st.sets(st.sampled_from([*layers.kinds(), ""]))


@settings(max_examples=few(12))
@given(own_kinds=SUBSETS)
def test_what_is_seen_is_own_and_the_shipped_reference_of_kinds_that_lack(
    own_kinds: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write_workspace(tmp_path_factory.mktemp("ws"), sorted(own_kinds))
    alone, both = layers.read_catalogue(folder), layers.read_catalogue(folder, shipped=True)
    assert set(alone) == homes(alone, layers.OWN) == {f"own_{kind or 'unsaid'}" for kind in own_kinds}
    assert list(both)[: len(alone)] == list(alone)
    assert homes(both, layers.OWN) == set(alone)
    behind = homes(both, layers.SHIPPED)
    assert behind | set(both.left_out) == set(SHIPPED)
    assert not behind & set(both.left_out)
    for name, layer in SHIPPED.items():
        if layer.kind in own_kinds:
            assert name not in behind
        elif layer.reference and layer.kind not in {*meaning.GROUND_KINDS, "voie_verte"}:
            assert name in behind
    if own_kinds & {"site_eco", "site_nomme"}:
        assert not {SHIPPED[name].kind for name in behind} & TOTALLED
    if own_kinds & {"commune", "commune_contour"}:
        assert not {SHIPPED[name].kind for name in behind} & set(meaning.GROUND_KINDS)
    if "" in own_kinds:
        assert not {SHIPPED[name].kind for name in behind} & TOTALLED


@settings(max_examples=few(6))
@given(own_kinds=SUBSETS.filter(bool))
def test_nothing_of_the_artois_stands_behind_another_territory(
    own_kinds: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write_workspace(tmp_path_factory.mktemp("lyon"), sorted(own_kinds), LYON)
    both = layers.read_catalogue(folder, shipped=True)
    assert set(both) == set(layers.read_catalogue(folder))
    assert set(both.left_out) == set(SHIPPED)
    assert both.totals == ()


def test_two_workspaces_side_by_side_do_not_leak(tmp_path: Path) -> None:
    lens, lyon = tmp_path / "lens", tmp_path / "lyon"
    write_workspace(layers.store.make_folder(lens), ["quai"])
    write_workspace(layers.store.make_folder(lyon), ["site_eco"], LYON)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    first = layers.read_catalogue(lens, shipped=True)
    assert set(layers.read_catalogue(lyon, shipped=True)) == {"own_site_eco"}
    assert set(layers.read_catalogue(lens, shipped=True)) == set(first) >= {"own_quai", "sites_eco"}
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_neighbour_that_only_touches_gets_no_site(tmp_path: Path) -> None:
    north = shapely.box(700_000, 7_045_000, 730_000, 7_080_000)  # Lille: the Haute-Deûle goes there, no site
    both = layers.read_catalogue(write_workspace(tmp_path, ["commune_contour"], north), shipped=True)
    assert "logistique_odbl" in both
    assert {"sites_eco", "foncier_disponible", "chiffres_cles"} <= set(both.left_out)


def test_an_own_territory_speaks_before_the_layers(tmp_path: Path) -> None:
    write_workspace(tmp_path, ["friche"], LENS)
    frame = gpd.GeoDataFrame(geometry=[LYON], crs=measure.LAMBERT93)
    layers.write(frame, tmp_path / "territoire.geojson")
    assert homes(layers.read_catalogue(tmp_path, shipped=True), layers.SHIPPED) == set()


def test_a_large_layer_is_sampled_over_its_whole_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squares = [shapely.box(x, 7_040_000, x + 100, 7_040_100) for x in range(600_000, 700_000, 500)]
    frame = gpd.GeoDataFrame({"nom": ["x" * 400] * len(squares)}, geometry=squares, crs=measure.LAMBERT93)
    layers.write(frame, tmp_path / "sols.geojson")
    monkeypatch.setattr(shipped, "WHOLE_BYTES", 4000)
    monkeypatch.setattr(shipped, "SAMPLED", 10)
    ground = shipped.territory(tmp_path, [("libre", tmp_path / "sols.geojson")])
    west, _, east, _ = ground.bounds
    assert east - west > 0.8 * 100_000  # ten lines among two hundred still say the whole length
    assert ground.area < 1.25 * (100_000 + 2 * shipped.MARGIN_M) * 2 * shipped.MARGIN_M


def test_a_damaged_layer_does_not_hide_the_others(tmp_path: Path) -> None:
    write_workspace(tmp_path, ["friche", "quai"])
    (tmp_path / "own_friche.geojson").write_text("{", encoding="utf-8")
    assert "logistique" in layers.read_catalogue(tmp_path, shipped=True)


def test_a_layer_left_out_says_why_and_what_to_do(tmp_path: Path) -> None:
    both = layers.read_catalogue(write_workspace(tmp_path, ["site_eco"]), shipped=True)
    with pytest.raises(BadValue, match=r"« sites_eco » laissée de côté : l'espace a « own_site_eco »"):
        both["sites_eco"]
    with pytest.raises(UnknownName, match="communes"):
        both["comunes"]
    workspace.copy_shipped(tmp_path, "sites_eco")
    assert layers.read_catalogue(tmp_path, shipped=True)["sites_eco"].home == layers.OWN


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_copy_has_the_same_bytes_and_keeps_its_papers(name: str, tmp_path: Path) -> None:
    layer = SHIPPED[name]
    event = workspace.copy_shipped(tmp_path, name, "copie")
    own = layers.read_catalogue(tmp_path)["copie"]
    assert own.path.read_bytes() == layer.path.read_bytes()
    assert own.path.parent == tmp_path.resolve()
    fields = ("kind", "title", "source", "licence", "vintage", "description", "geometry_note", "title_en")
    assert [getattr(own, key) for key in fields] == [getattr(layer, key) for key in fields]
    assert (own.home, own.reference) == (layers.OWN, False)
    (line,) = history.events(tmp_path, "copie")
    assert line["command"] == event["command"] == f"copiée de la couche livrée {name}"
    assert line["sha256"] == line["input_sha256"] == hashlib.sha256(layer.path.read_bytes()).hexdigest()


def test_a_copy_never_takes_the_room_of_a_layer_nor_writes_among_the_shipped(tmp_path: Path) -> None:
    workspace.copy_shipped(tmp_path, "logistique")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(BadValue, match="--nom"):
        workspace.copy_shipped(tmp_path, "logistique")
    for wrong in ("../ailleurs", "con", "Zones d'été"):
        with pytest.raises(BadValue, match="Proposition"):
            workspace.copy_shipped(tmp_path, "logistique", wrong)
    with pytest.raises(UnknownName):
        workspace.copy_shipped(tmp_path, "logistic")
    with pytest.raises(UnwritableFile, match="autre dossier"):
        workspace.copy_shipped(layers.shipped_folder(), "logistique", "deux")
    with pytest.raises(UnreadableFile, match="couches copier communes"):
        workspace.repair_layer(tmp_path, "communes")
    after = {
        path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name[0] != "."
    }
    assert after == {path: content for path, content in before.items() if path.name[0] != "."}


def test_each_kind_of_the_table_exists() -> None:
    kinds_named = {*shipped.WITHDRAWS_FOR, *shipped.REGIONS}.union(*shipped.WITHDRAWS_FOR.values())
    assert kinds_named <= set(kinds.schema.kinds())
    shipped_kinds = {layer.kind for layer in SHIPPED.values() if not layer.reference}
    assert shipped_kinds <= set(shipped.TOTALLED)
