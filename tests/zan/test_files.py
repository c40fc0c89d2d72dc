"""An OCS GE counted in its file gives the account of the same OCS GE read whole."""

import json

import geopandas as gpd
import pandas as pd
import plain
import pytest
import shapely
from cli_runner import run

from artois_geo import constants, example, overlay, zan
from artois_geo.errors import BadTable
from artois_geo.overlay import engine

MATRIX = constants.table("ocsge_artif")
NAMES = constants.table("ocsge_nomenclature")
HA = 1e-9


@pytest.fixture(scope="module")
def fictional_layers():
    return example.layers(communes=6, ocsge=900, sites=4)


@pytest.fixture(scope="module")
def folder(fictional_layers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sol")
    before, after = fictional_layers["ocsge_2018"], fictional_layers["ocsge_2021"]
    before.to_file(folder / "avant.gpkg", layer="OCCUPATION_SOL")
    before.to_parquet(folder / "avant.parquet")
    # the next delivery writes its columns in capitals
    after.rename(columns={"code_cs": "CODE_CS", "code_us": "CODE_US"}).to_file(folder / "apres.gpkg")
    fictional_layers["communes"].to_file(folder / "communes.gpkg")
    fictional_layers["communes"].iloc[[2]].to_file(folder / "une.gpkg")
    return folder


@pytest.fixture(scope="module")
def covers(folder):
    """The two photographs, read whole."""
    frames = (gpd.read_file(folder / f"{name}.gpkg") for name in ("avant", "apres"))
    return [zan.classify(frame, MATRIX, NAMES) for frame in frames]


@pytest.fixture(params=["noyau", "geos"])
def kernel(request, monkeypatch):
    if request.param == "noyau":
        pytest.importorskip("numba")
    monkeypatch.setattr(engine, "_FEW_ROWS", 0 if request.param == "noyau" else 10**9)


def answer(*args):
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.output
    return pd.DataFrame(json.loads(result.stdout)["rows"]), result.stdout


def same(rows_found: pd.DataFrame, expected: pd.DataFrame) -> None:
    columns = [column for column in expected.columns if column in rows_found]
    assert len(columns) >= 4
    pd.testing.assert_frame_equal(
        rows_found[columns], expected.reset_index(drop=True)[columns], rtol=0, atol=HA, check_dtype=False
    )


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
@pytest.mark.parametrize("zones", ["communes", "une"])
def test_a_stock_counted_in_the_file_is_the_stock_of_the_frame(folder, covers, kernel, ending, zones):
    places = gpd.read_file(folder / f"{zones}.gpkg")
    args = ("--zones", folder / f"{zones}.gpkg", "--cle", "comm_insee")
    counted, text = answer("zan", "stock", folder / f"avant.{ending}", *args)
    same(counted, zan.stock(places, covers[0], key="comm_insee"))
    assert "compté dans le fichier" in text
    assert "Données fictives" in text
    for par, by in (("cs", "code_cs"), ("us", "code_us"), ("categorie", "category")):
        counted, _ = answer("zan", "stock", folder / f"avant.{ending}", *args, "--par", par)
        same(counted, zan.stock_by(places, covers[0], key="comm_insee", by=by))


@pytest.mark.parametrize("zones", ["communes", "une"])
def test_flows_between_two_files_are_those_of_the_frames(folder, covers, kernel, zones):
    places = gpd.read_file(folder / f"{zones}.gpkg")
    args = ("--avant", folder / "avant.gpkg", "--apres", folder / "apres.gpkg")
    args = ("zan", "artificialisation", *args, "--zones", folder / f"{zones}.gpkg", "--cle", "comm_insee")
    counted, text = answer(*args)
    expected = zan.flux(*covers, zones=places, key="comm_insee")
    assert expected["artificialised_ha"].sum() > 1
    same(counted, expected)
    assert "à la tolérance près" in text
    counted, _ = answer(*args, "--par", "cs")
    same(counted, zan.flux_by(*covers, zones=places, key="comm_insee", by="code_cs"))


def test_a_working_copy_is_kept_and_gives_the_same_account(folder, covers, tmp_path):
    pytest.importorskip("numba")
    places = gpd.read_file(folder / "communes.gpkg")
    args = ("--avant", folder / "avant.parquet", "--apres", folder / "apres.gpkg", "--copie", tmp_path)
    args = ("zan", "artificialisation", *args, "--zones", folder / "communes.gpkg", "--cle", "comm_insee")
    expected = zan.flux(*covers, zones=places, key="comm_insee")
    same(answer(*args)[0], expected)
    copies = sorted(tmp_path.iterdir())
    assert len(copies) == 2
    same(answer(*args)[0], expected)
    assert sorted(tmp_path.iterdir()) == copies


def test_a_copy_of_what_is_read_whole_is_refused(folder, tmp_path):
    args = ("zan", "stock", folder / "avant.gpkg", "--zones", folder / "communes.gpkg", "--cle", "comm_insee")
    result = run(*args, "--copie", tmp_path, "--tamis")
    assert result.exit_code == 2
    assert "--tamis" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_sieve_still_sees_what_lies_around_the_zones(folder, covers):
    places = gpd.read_file(folder / "une.gpkg")
    args = ("zan", "stock", folder / "avant.gpkg", "--zones", folder / "une.gpkg", "--cle", "comm_insee")
    counted, text = answer(*args, "--tamis")
    sieved = zan.sieve(covers[0], building_m2=50, patch_m2=2500)
    same(counted, zan.stock(places, sieved, key="comm_insee"))
    assert "compté dans le fichier" not in text


def strips(path, *rows):
    """Strips of one commune of 100 ha, from west to east: (width in km, cover, use)."""
    frames, x = [], 0.0
    for width, cs, us in rows:
        frames.append(plain.rectangle(x_km=x, y_km=0, width_km=width, height_km=1, code_cs=cs, code_us=us))
        x += width
    pd.concat(frames, ignore_index=True).to_file(path)
    return overlay.open_cover(path)


COMMUNE = plain.square(x_km=0, y_km=0, side_km=1, insee="62001")


@pytest.mark.parametrize(("cs", "message"), [("CS4.1.1", "CS4.1.1"), (None, "vide")])
def test_an_unknown_code_inside_the_zones_stops_the_account(tmp_path, cs, message):
    cover = strips(tmp_path / "sol.gpkg", (0.9, "CS2.2.1", "US5"), (0.1, cs, "US5"))
    with pytest.raises(BadTable, match=f"10,00 ha .*{message}"):
        zan.stock(COMMUNE, zan.classify_file(cover, MATRIX, NAMES), key="insee")


def test_codes_without_prefix_and_ground_not_described_are_counted(tmp_path):
    cover = strips(tmp_path / "sol.gpkg", (0.25, "1.1.1.1", "5"), (0.5, "2.1.1.1", "1.2"))
    row = zan.stock(COMMUNE, zan.classify_file(cover, MATRIX, NAMES), key="insee").iloc[0]
    counted = row[["artificial_ha", "sealed_ha", "known_ha", "undescribed_ha"]].tolist()
    assert counted == pytest.approx([25, 25, 75, 25])


def test_a_file_that_overlaps_itself_is_refused(tmp_path):
    cover = strips(tmp_path / "sol.gpkg", (1.0, "CS2.2.1", "US5"))
    twice = pd.concat([gpd.read_file(tmp_path / "sol.gpkg")] * 2)
    twice.to_file(tmp_path / "deux.gpkg")
    zan.stock(COMMUNE, zan.classify_file(cover, MATRIX, NAMES), key="insee")
    doubled = zan.classify_file(overlay.open_cover(tmp_path / "deux.gpkg"), MATRIX, NAMES)
    with pytest.raises(BadTable, match="se recouvre"):
        zan.stock(COMMUNE, doubled, key="insee")


def test_the_status_given_by_the_layer_of_ign_is_taken_as_it_is(tmp_path):
    frame = COMMUNE[["geometry"]].assign(code_cs="CS2.1.1.1", code_us="US1.2", artif="artif")
    frame.to_file(tmp_path / "artif.gpkg")
    cover = zan.classify_file(overlay.open_cover(tmp_path / "artif.gpkg"), MATRIX, NAMES)
    assert "ARTIFICIALISATION" in cover.artificial_from
    assert zan.stock(COMMUNE, cover, key="insee")["artificial_ha"].tolist() == pytest.approx([100])
    # beside a layer without status, both are read whole: the command still answers
    frame.drop(columns="artif").to_file(tmp_path / "sol.gpkg")
    COMMUNE.to_file(tmp_path / "commune.gpkg")
    args = ("--avant", tmp_path / "artif.gpkg", "--apres", tmp_path / "sol.gpkg")
    counted, text = answer(
        "zan", "artificialisation", *args, "--zones", tmp_path / "commune.gpkg", "--cle", "insee"
    )
    assert counted["renatured_ha"].tolist() == pytest.approx([100])
    assert "compté dans le fichier" not in text


def test_a_layer_among_several_is_chosen_and_another_system_is_read_whole(tmp_path):
    path = tmp_path / "livraison.gpkg"
    frame = COMMUNE[["geometry"]].assign(code_cs="CS1.1.1.1", code_us="US2")
    frame.to_file(path, layer="OCCUPATION_SOL")
    frame.iloc[:0].to_file(path, layer="ZONE_CONSTRUITE")
    COMMUNE.to_file(tmp_path / "commune.gpkg")
    zones = ("--zones", tmp_path / "commune.gpkg", "--cle", "insee")
    result = run("zan", "stock", path, *zones)
    assert result.exit_code == 1
    assert "--couche-source" in result.output
    counted, _ = answer("zan", "stock", path, *zones, "--couche-source", "OCCUPATION_SOL")
    assert counted["sealed_ha"].tolist() == pytest.approx([100])
    frame.to_crs(4326).to_file(tmp_path / "degres.gpkg")
    counted, text = answer("zan", "stock", tmp_path / "degres.gpkg", *zones)
    assert counted["sealed_ha"].tolist() == pytest.approx([100], abs=1e-4)
    assert "compté dans le fichier" not in text


def test_a_polygon_that_crosses_itself_is_refused_by_its_number(tmp_path):
    x, y = plain.ORIGIN_X, plain.ORIGIN_Y
    bow_tie = shapely.Polygon([(x, y), (x + 90, y + 90), (x + 90, y), (x, y + 50)])
    frame = gpd.GeoDataFrame({"code_cs": ["CS2.2.1"], "code_us": ["US5"]}, geometry=[bow_tie], crs=2154)
    frame.to_file(tmp_path / "sol.gpkg")
    COMMUNE.to_file(tmp_path / "commune.gpkg")
    result = run(
        "zan", "stock", tmp_path / "sol.gpkg", "--zones", tmp_path / "commune.gpkg", "--cle", "insee"
    )
    assert result.exit_code == 1
    assert "le contour se croise" in result.output
