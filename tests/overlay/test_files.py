"""Covers in a file, working copies and frames spread over a cluster give the figures of a frame."""

import logging
import sqlite3

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pyogrio
import pytest
import shapely
import shapely.affinity

from artois_geo import overlay
from artois_geo.errors import BadCRS, BadTable, UnknownName, UnreadableFile, UnwritableFile
from artois_geo.overlay import differences, engine, sources

M2 = 1e-10  # one square millimetre... of a hectare: what two exact computations may differ by


@pytest.fixture(scope="module")
def covers():
    """Two coverages of 36 km2 by rotated blocks of 50 m; one block in forty is built over between them."""
    steps = np.arange(0, 6_000, 50.0)
    x, y = (side.ravel() for side in np.meshgrid(steps, steps))
    blocks = shapely.box(x, y, x + 50, y + 50)
    wavy = shapely.transform(
        shapely.segmentize(blocks, 10.0),
        lambda p: (
            p @ [[0.98, 0.2], [-0.2, 0.98]] + 3 * np.sin(p[:, ::-1] / 37) + [plain.ORIGIN_X, plain.ORIGIN_Y]
        ),
    )
    rng = np.random.default_rng(62)
    classes = rng.choice(["CS1.1", "CS2.1", "CS2.2", None], len(wavy), p=[0.3, 0.3, 0.3, 0.1])
    before = gpd.GeoDataFrame({"cs": classes, "n": np.arange(len(wavy))}, geometry=wavy, crs=2154)
    after = before.sample(frac=1, random_state=1).reset_index(drop=True)
    after.loc[after["n"] % 40 == 0, "cs"] = "CS1.1"
    cut = after["n"] % 97 == 0
    halves = shapely.intersection(after.geometry[cut].values, shapely.box(0, 0, plain.ORIGIN_X + 2_000, 1e8))
    uncut_part = shapely.difference(
        after.geometry[cut].values, shapely.box(0, 0, plain.ORIGIN_X + 2_000, 1e8)
    )
    pieces = [
        after[cut].set_geometry(gpd.GeoSeries(part, index=after[cut].index, crs=2154))
        for part in (halves, uncut_part)
    ]
    pieces[1]["cs"] = "CS9"
    after = pd.concat([after[~cut], *pieces], ignore_index=True)
    return before, after[~after.geometry.is_empty].reset_index(drop=True)


@pytest.fixture(scope="module")
def communes():
    """Nine communes in a territory smaller than the coverage."""
    names = {"insee": [f"6200{i}" for i in range(9)]}
    x, y = (side.ravel() * 1_234.5 + 517.3 for side in np.meshgrid(range(3), range(3)))
    shapes = shapely.transform(
        shapely.segmentize(shapely.box(x, y, x + 1_234.5, y + 1_234.5), 30.0),
        lambda p: p + 5 * np.sin(p[:, ::-1] / 91) + [plain.ORIGIN_X, plain.ORIGIN_Y],
    )
    return gpd.GeoDataFrame(names, geometry=shapes, crs=2154)


@pytest.fixture(scope="module")
def folder(covers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ocsge")
    for name, cover in zip(("before", "after"), covers, strict=True):
        cover.to_file(folder / f"{name}.gpkg", layer="sol d'ici")
        cover.to_parquet(folder / f"{name}.parquet", row_group_size=4_000, write_covering_bbox=True)
    return folder


def _same(measured: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(measured, expected, rtol=0, atol=M2, check_dtype=False)


def _without_kernel(patch) -> None:
    patch.setattr(engine, "_FEW_ROWS", 10**9)


@pytest.fixture(scope="module")
def areas(covers, communes):
    with pytest.MonkeyPatch.context() as patch:
        _without_kernel(patch)
        return overlay.area_table(communes, covers[0], by=["cs"], key="insee")


@pytest.fixture(scope="module")
def changes(covers, communes):
    with pytest.MonkeyPatch.context() as patch:
        _without_kernel(patch)
        return overlay.change_table(*covers, zones=communes, by=["cs"], key="insee")


@pytest.mark.parametrize("kernel", [True, False])
@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_a_file_gives_the_figures_of_its_frame(folder, communes, areas, changes, ending, kernel, monkeypatch):
    if kernel:
        pytest.importorskip("numba")
    else:
        _without_kernel(monkeypatch)
    before, after = (overlay.open_cover(folder / f"{name}.{ending}") for name in ("before", "after"))
    _same(overlay.area_table(communes, before, by=["cs"], key="insee"), areas)
    _same(overlay.change_table(before, after, zones=communes, by=["cs"], key="insee"), changes)


def test_a_gdal_whose_reading_ahead_may_crash_is_not_asked_to(folder, communes, areas, monkeypatch):
    monkeypatch.setattr(pyogrio, "__gdal_version__", (3, 11, 3))
    monkeypatch.setattr(pyogrio, "open_arrow", lambda *_, **__: pytest.fail("GDAL would read ahead"))
    cover = overlay.open_cover(folder / "before.gpkg")
    _same(overlay.area_table(communes, cover, by=["cs"], key="insee"), areas)


def test_a_working_copy_gives_the_figures_of_its_file(folder, communes, areas, changes, tmp_path):
    pytest.importorskip("numba")
    before, after = (
        overlay.working_copy(overlay.open_cover(folder / f"{name}.gpkg"), tmp_path, by=["cs", "n"])
        for name in ("before", "after")
    )
    assert before.tiled
    _same(overlay.area_table(communes, before, by=["cs"], key="insee"), areas)
    _same(overlay.change_table(before, after, zones=communes, by=["cs"], key="insee"), changes)


def test_a_working_copy_is_made_once_and_again_when_the_file_changes(folder, covers, tmp_path):
    pytest.importorskip("numba")
    path = tmp_path / "sol.gpkg"
    covers[0].head(50).to_file(path)
    copies = tmp_path / "copies"
    overlay.working_copy(overlay.open_cover(path), copies, by=["cs"])
    overlay.working_copy(overlay.open_cover(path), copies, by=["cs"])
    assert len(list(copies.iterdir())) == 1
    covers[0].head(60).to_file(path)
    assert overlay.working_copy(overlay.open_cover(path), copies, by=["cs"]).rows == 60


def test_an_interrupted_copy_leaves_nothing(folder, tmp_path):
    pytest.importorskip("numba")

    def interrupt(rows_done, rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        overlay.working_copy(
            overlay.open_cover(folder / "before.gpkg"), tmp_path / "copies", by=["cs"], progress=interrupt
        )
    assert list((tmp_path / "copies").iterdir()) == []


def test_progress_reaches_the_end(folder, communes):
    steps = []
    overlay.area_table(
        communes,
        overlay.open_cover(folder / "before.parquet"),
        by=["cs"],
        progress=lambda rows_done, rows: steps.append((rows_done, rows)),
    )
    assert steps[-1] == (14_400, 14_400)
    assert [rows_done for rows_done, _ in steps] == sorted(rows_done for rows_done, _ in steps)


def test_a_small_territory_reads_only_its_surroundings(folder, communes, areas):
    commune = communes.iloc[[0]]
    read = []
    table = overlay.area_table(
        commune,
        overlay.open_cover(folder / "before.gpkg"),
        by=["cs"],
        key="insee",
        progress=lambda rows_done, rows: read.append(rows_done),
    )
    _same(table, areas[areas["insee"] == "62000"].reset_index(drop=True))
    assert read[-2] < 14_400 / 5


def test_a_polygon_that_crosses_itself_is_refused_wherever_it_lies(covers, communes, tmp_path):
    x, y = communes.geometry.iloc[4].centroid.coords[0]
    bow_tie = shapely.Polygon([(x, y), (x + 90, y + 90), (x + 90, y), (x, y + 50)])
    broken = covers[0].copy()
    broken.loc[7_777, "geometry"] = bow_tie
    broken.to_file(tmp_path / "sol.gpkg")
    with pytest.raises(BadTable, match="7778"):
        overlay.area_table(communes, overlay.open_cover(tmp_path / "sol.gpkg"), by=["cs"])
    with pytest.raises(BadTable, match="7777"):
        overlay.area_table(communes, broken, by=["cs"])


def test_a_hole_outside_its_shell_is_refused_and_one_inside_is_not(covers, communes):
    x, y = communes.geometry.iloc[4].centroid.coords[0]
    shell = [(x, y), (x + 90, y), (x + 90, y + 90), (x, y + 90)]
    inside, outside = ([(x + d + a, y + d + b) for a, b in ((0, 0), (0, 9), (9, 9))] for d in (30, 200))
    cover = covers[0].copy()
    cover.loc[7_777, "geometry"] = shapely.Polygon(shell, [inside])
    overlay.area_table(communes, cover, by=["cs"])
    cover.loc[7_777, "geometry"] = shapely.Polygon(shell, [outside])
    with pytest.raises(BadTable, match="7777"):
        overlay.area_table(communes, cover, by=["cs"])


def test_a_coverage_that_overlaps_itself_is_seen(covers, tmp_path):
    pytest.importorskip("numba")
    doubled = pd.concat([covers[0], covers[0].iloc[[5_000]].translate(3, 2).to_frame("geometry")])
    doubled.to_file(tmp_path / "sol.gpkg")
    assert not overlay.working_copy(overlay.open_cover(tmp_path / "sol.gpkg"), tmp_path, by=[]).tiled


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_only_what_differs_between_two_files_is_kept(folder, covers, ending):
    pytest.importorskip("numba")
    opened = [overlay.open_cover(folder / f"{name}.{ending}") for name in ("before", "after")]
    copies = differences.differing(*opened, by=["cs"], cores=2, progress=None)
    shapes_by_side, classes = zip(
        *((side.geometry.normalize().to_wkb(), side["cs"]) for side in covers), strict=True
    )
    first_rows, two = (
        set(zip(shapes, names, strict=True)) for shapes, names in zip(shapes_by_side, classes, strict=True)
    )
    for copy, differ in zip(copies, (first_rows - two, two - first_rows), strict=True):
        rows_in_copy = zip(
            shapely.to_wkb(shapely.normalize(copy.shapes(np.arange(copy.rows)))),
            copy.labels["cs"].to_numpy()[copy.codes],
            strict=True,
        )
        assert set(rows_in_copy) == differ
        assert copy.rows == len(differ) < 1_000


@pytest.mark.parametrize("doubled", [0, 1])
def test_a_file_that_overlaps_itself_is_not_compared_by_what_differs(folder, covers, doubled, tmp_path):
    pytest.importorskip("numba")
    paths = [folder / "before.gpkg", folder / "after.gpkg"]
    side = covers[doubled]
    pd.concat([side, side.iloc[[5_000]].translate(3, 2).to_frame("geometry")]).to_file(tmp_path / "sol.gpkg")
    paths[doubled] = tmp_path / "sol.gpkg"
    opened = [overlay.open_cover(path) for path in paths]
    assert differences.differing(*opened, by=["cs"], cores=2, progress=None) is None


def test_a_file_that_holds_a_polygon_twice_is_not_compared_by_what_differs(folder, covers, tmp_path):
    pytest.importorskip("numba")
    pd.concat([covers[1], covers[1].iloc[[5_000]]]).to_file(tmp_path / "sol.gpkg")
    opened = [overlay.open_cover(path) for path in (folder / "before.gpkg", tmp_path / "sol.gpkg")]
    assert differences.differing(*opened, by=["cs"], cores=2, progress=None) is None


def test_a_copy_of_a_hole_that_touches_its_shell_is_made(tmp_path):
    pytest.importorskip("numba")
    ring = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
    hole = [(0, 5), (4, 4), (4, 6), (0, 5)]  # its first vertex lies on the shell
    shape = shapely.affinity.translate(shapely.Polygon(ring, [hole]), plain.ORIGIN_X, plain.ORIGIN_Y)
    gpd.GeoDataFrame(geometry=[shape], crs=2154).to_file(tmp_path / "sol.gpkg")
    copy = overlay.working_copy(overlay.open_cover(tmp_path / "sol.gpkg"), tmp_path, by=[])
    assert copy.area.tolist() == [96]


def test_unknown_layers_columns_and_systems_are_named(folder, covers, communes, tmp_path):
    with pytest.raises(UnknownName, match="sol d'ici"):
        overlay.open_cover(folder / "before.gpkg", layer="sol d'icy")
    with pytest.raises(UnknownName, match="code_us"):
        overlay.area_table(communes, overlay.open_cover(folder / "before.gpkg"), by=["code_us"])
    covers[0].head(3).to_crs(4326).to_file(tmp_path / "degres.gpkg")
    with pytest.raises(BadCRS, match=r"degres\.gpkg"):
        overlay.open_cover(tmp_path / "degres.gpkg")
    covers[0].head(3).to_crs(4326).to_parquet(tmp_path / "degres.parquet")
    with pytest.raises(BadCRS, match=r"degres\.parquet"):
        overlay.open_cover(tmp_path / "degres.parquet")
    (tmp_path / "rien.gpkg").write_text("rien")
    with pytest.raises(UnreadableFile, match=r"rien\.gpkg"):
        overlay.open_cover(tmp_path / "rien.gpkg")
    with pytest.raises(UnreadableFile, match=r"absent\.gpkg"):
        overlay.open_cover(tmp_path / "absent.gpkg")


def test_a_hostile_layer_name_stays_a_name(covers, communes, tmp_path):
    path = tmp_path / "sol.gpkg"
    covers[0].head(20).to_file(path, layer='x"; DROP TABLE gpkg_contents; --')
    cover = overlay.open_cover(path)
    overlay.area_table(communes, cover, by=["cs"])
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM gpkg_contents").fetchone()[0] == 1


def test_the_choice_of_engine_is_said(covers, communes, caplog, monkeypatch):
    with caplog.at_level(logging.INFO, logger="artois_geo.overlay"):
        overlay.area_table(communes, covers[0], by=["cs"])
        monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)
        overlay.area_table(communes, covers[0], by=["cs"])
    messages = [record.message for record in caplog.records]
    assert any("noyau compilé, GEOS" in line for line in messages)
    assert any("artois-geo[rapide]" in line for line in messages)


@pytest.mark.long
def test_two_workers_give_the_figures_of_one_machine(covers, communes, areas, changes):
    dask_geopandas = pytest.importorskip("dask_geopandas")
    distributed = pytest.importorskip("distributed")
    before, after = (
        dask_geopandas.from_geopandas(cover, npartitions=4).spatial_shuffle(npartitions=4) for cover in covers
    )
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        spread_areas = overlay.area_table(communes, before, by=["cs"], key="insee")
        spread_changes = overlay.change_table(before, after, zones=communes, by=["cs"], key="insee")
    pd.testing.assert_frame_equal(spread_areas, areas, rtol=0, atol=1e-6, check_dtype=False)
    pd.testing.assert_frame_equal(spread_changes, changes, rtol=0, atol=1e-6, check_dtype=False)


def test_a_geopackage_gives_the_same_rows_by_gdal_and_by_sqlite(tmp_path, monkeypatch):
    """Words, whole numbers with a gap, dates; several parts, no ground, no geometry; a window."""
    west, east = (plain.square(x_km=x, y_km=0, side_km=1).geometry.iloc[0] for x in (0, 5))
    frame = gpd.GeoDataFrame(
        {"cs": ["CS1", "é", None, "CS1"], "rank": pd.array([1, None, 3, 2], dtype="Int64")},
        geometry=[west, shapely.union(west, east), shapely.Polygon(), None],
        crs=2154,
    )
    frame.to_file(tmp_path / "sol.gpkg", layer="sol")
    cover = overlay.open_cover(tmp_path / "sol.gpkg")
    beyond = shapely.bounds(east) + 500

    def read(window):
        return {
            int(name): (
                None if start < 0 else shapely.from_wkb(bytes(batch.data[start : start + length])),
                [None if values[row] != values[row] else values[row] for values in batch.values],
            )
            for batch in cover.parts(["cs", "rank"], window)[0]
            for row, (name, start, length) in enumerate(
                zip(batch.names, batch.starts, batch.lengths, strict=True)
            )
        }

    by_gdal = [read(None), read(tuple(beyond))]
    monkeypatch.setattr(sources.importlib.util, "find_spec", lambda name: None)
    assert [read(None), read(tuple(beyond))] == by_gdal
    assert {name: values for name, (_, values) in by_gdal[0].items()} == {
        1: ["CS1", 1], 2: ["é", None], 3: [None, 3], 4: ["CS1", 2],
    }  # fmt: skip
    assert by_gdal[0][2][0].area == 2_000_000
    assert by_gdal[0][4][0] is None
    assert list(by_gdal[1]) == [2]


def test_a_parquet_whose_shapes_are_not_wkb_says_how_to_save_it(tmp_path):
    file = tmp_path / "sol.parquet"
    plain.square(x_km=0, y_km=0, side_km=1).to_parquet(file, geometry_encoding="geoarrow")
    with pytest.raises(UnreadableFile, match="geometry_encoding='WKB'"):
        overlay.open_cover(file)


def test_a_copy_that_cannot_be_put_in_its_place_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    file, folder = tmp_path / "sol.parquet", tmp_path / "copies"
    plain.square(x_km=0, y_km=0, side_km=1, cs="CS1").to_parquet(file)

    def full(*_: object) -> None:
        raise OSError(28, "plein")

    monkeypatch.setattr("artois_geo.overlay.copies.os.replace", full)
    with pytest.raises(UnwritableFile, match="Copie de travail impossible à écrire"):
        overlay.working_copy(overlay.open_cover(file), folder, by=["cs"])
    assert list(folder.iterdir()) == []
