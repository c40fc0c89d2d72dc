"""Far, broken and hostile covers: the figures of shapely, or one French error that names file and row."""

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from covering import mostly_long

from artois_geo import overlay
from artois_geo.errors import BadCRS, BadTable, UnreadableFile
from artois_geo.overlay import coverages, engine, sources

pytest.importorskip("numba")
X, Y = plain.ORIGIN_X, plain.ORIGIN_Y


@pytest.fixture(autouse=True)
def _compiled(monkeypatch):
    from artois_geo.overlay.kernel import grid

    monkeypatch.setattr(engine, "_FEW_ROWS", 0)
    # one square kilometre needs no million cells: most of the time of a small table would go there
    monkeypatch.setitem(grid.grid.__kwdefaults__, "fewest_cells", 4_096)


def _uncompiled(code: str) -> subprocess.CompletedProcess[str]:
    """Run the kernel as plain Python, where reading past an array is an error and not a chance."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )


_FAR = """
import geopandas as gpd, numpy as np, plain, shapely
from artois_geo import overlay
from artois_geo.overlay import engine
from artois_geo.overlay.kernel import grid, polygon_areas, scan
engine._FEW_ROWS = 0
X, Y = plain.ORIGIN_X, plain.ORIGIN_Y

def squares(*corners, high=1_000.0):
    return shapely.box(*np.array([(X + x, Y + y, X + x + 1_000, Y + y + h) for x, y, h in corners]).T)

ground = squares((0, 0, 1_000.0))
far = squares(
    (500, 100, 1_000.0), (-50_000, 0, 1_000.0), (50_000, 0, 1_000.0), (1_400, 0, 1_000.0),
    (1_400, -200, 60_000.0), (50_000, -90_000, 180_000.0), (0, 50_000, 1_000.0), (0, -50_000, 1_000.0),
)
zones, batch = engine.batch_of(ground), engine.batch_of(far)
here = grid.grid(zones.data, scan.rings(zones.data, zones.starts, zones.lengths)[0], fewest_cells=4_096)
ring, _ = scan.rings(batch.data, batch.starts, batch.lengths)
area, bbox = np.empty(len(far)), np.empty((len(far), 4))
scan.measure(batch.data, ring, area, bbox)
row, zone, m2, back = polygon_areas.split(batch.data, ring, np.arange(len(far)), area, bbox, here)
inside = {int(r): m for r, z, m in zip(row, zone, m2) if z >= 0}
assert len(back) == 0 and set(inside) == {0} and abs(inside[0] - 450_000) < 1e-6, (inside, back)

before = gpd.GeoDataFrame({"cs": list("abcdefgh")}, geometry=far, crs=2154)
after = gpd.GeoDataFrame({"cs": ["z"]}, geometry=ground, crs=2154)
whole = gpd.GeoDataFrame(geometry=[shapely.box(X - 1e5, Y - 1e5, X + 1e5, Y + 1e5)], crs=2154)
table = overlay.change_table(before, after, zones=whole, by=["cs"], cores=1)
assert table["cs_before"].tolist() == ["a"] and abs(table["area_ha"][0] - 45) < 1e-9, table
"""


def test_polygons_far_from_the_other_coverage_share_nothing_and_read_nothing():
    result = _uncompiled(_FAR)
    assert result.returncode == 0, result.stderr


def _polygon(*rings: list[tuple[float, float]], kind: int = 3, order: str = "<", count: int | None = None):
    blob = struct.pack(f"{order}BII", order == "<", kind, len(rings) if count is None else count)
    for ring in rings:
        blob += struct.pack(f"{order}I", len(ring))
        blob += b"".join(struct.pack(f"{order}dd", *vertex) for vertex in ring)
    return blob


SQUARE = [(X, Y), (X + 100, Y), (X + 100, Y + 100), (X, Y + 100), (X, Y)]
HOLE = [(X + 10, Y + 10), (X + 20, Y + 10), (X + 20, Y + 20), (X + 10, Y + 20), (X + 10, Y + 10)]
SOUND = _polygon(SQUARE)
MULTI = struct.pack("<BII", 1, 6, 1)
HEADER = b"GP\x00\x01" + struct.pack("<i", 2154)

DAMAGED = {
    "a count of vertices beyond the end": struct.pack("<BIII", 1, 3, 2, 0x7FFFFFFF) + SOUND[13:],
    "a count of rings beyond the end": _polygon(SQUARE, count=0x7FFFFFFF),
    "a count of parts beyond the end": struct.pack("<BII", 1, 6, 0x7FFFFFFF) + SOUND,
    "five bytes": SOUND[:5],
    "one byte": SOUND[:1],
    "half a vertex": SOUND[:-8],
    "a hole cut short": _polygon(SQUARE, HOLE)[:-40],
    "a hole without its count": _polygon(SQUARE, HOLE)[: -16 * len(HOLE) - 2],
    "a part cut short": MULTI + SOUND[:-20],
    "a part that is missing": MULTI,
    "a ring left open": _polygon(SQUARE[:-1]),
    "a ring of two vertices": _polygon([SQUARE[0], SQUARE[1]]),
    "a kind that nobody knows": _polygon(SQUARE, kind=99),
    "a curve": struct.pack("<BIIBI", 1, 10, 1, 1, 2) + SOUND[9:],
    "a vertex that is no number": _polygon([*SQUARE[:2], (float("nan"), Y), *SQUARE[2:]]),
    "a vertex at infinity": _polygon([*SQUARE[:2], (float("inf"), Y), *SQUARE[2:]]),
    "a vertex beyond all measure": _polygon([*SQUARE[:2], (1e300, Y), (1e300, 1e300), *SQUARE[2:]]),
}
HOSTILE = """
import numpy as np
from artois_geo.overlay.kernel import scan, validity
for name, blob, surface in {cases!r}:
    data = np.frombuffer(blob, np.uint8)
    starts, lengths = np.array([0]), np.array([len(blob)])
    ring, state = scan.rings(data, starts, lengths)
    assert (state[0] == scan.SURFACE) == surface, name
    assert surface or ring.first_ring.tolist() == [0, 0], name
    area, box, drawing, doubt = np.empty(1), np.empty((1, 4)), np.empty(1, np.uint64), np.zeros(1, bool)
    with np.errstate(all="ignore"):
        scan.measure(data, ring, area, box)
        scan.draw(data, ring, drawing)
        validity.doubtful(data, ring, doubt)
    assert not surface or doubt[0] or not np.isfinite(area[0]), name
"""
_READ_IN_PLACE = ("open", "two vertices", "no number", "infinity", "measure")


def test_no_blob_makes_the_kernel_read_past_its_end():
    cases = [(name, blob, any(word in name for word in _READ_IN_PLACE)) for name, blob in DAMAGED.items()]
    result = _uncompiled(HOSTILE.format(cases=cases))
    assert result.returncode == 0, result.stderr


def _geopackage(path: Path, blobs: list[bytes | str | int | None]) -> Path:
    frame = gpd.GeoDataFrame(
        {"cs": ["a"] * len(blobs)}, geometry=[shapely.box(X, Y, X + 9, Y + 9)] * len(blobs)
    )
    frame.set_crs(2154).to_file(path, layer="sol", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as base:
        for name in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name[0]}"')
        base.commit()
    return _with_blobs(path, dict(enumerate(blobs, 1)))


def _with_blobs(path: Path, blobs: dict[int, bytes | str | int | None]) -> Path:
    """Put other bytes into some rows of a GeoPackage."""
    with closing(sqlite3.connect(path)) as base:
        base.executemany(
            "UPDATE sol SET geom = ? WHERE fid = ?", [(blob, fid) for fid, blob in blobs.items()]
        )
        base.commit()
    return path


def _geoparquet(path: Path, blobs: list[bytes]) -> Path:
    squares = gpd.GeoDataFrame({"cs": ["a"] * len(blobs)}, geometry=[shapely.box(0, 0, 1, 1)] * len(blobs))
    squares.set_crs(2154).to_parquet(path)
    return _with_geometries(path, blobs)


def _with_geometries(path: Path, blobs: list[bytes]) -> Path:
    """Put other bytes into the geometry of a GeoParquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    position = table.schema.get_field_index("geometry")
    pq.write_table(table.set_column(position, "geometry", pa.array(blobs, pa.binary())), path)
    return path


ZONE = plain.square(x_km=0, y_km=0, side_km=1)


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory) -> tuple[Path, Path]:
    """Three sound squares in a file of each format, to be copied and damaged."""
    folder = tmp_path_factory.mktemp("sain")
    geopackage = _geopackage(folder / "sol.gpkg", [HEADER + SOUND] * 3)
    return geopackage, _geoparquet(folder / "sol.parquet", [SOUND] * 3)


def _damaged(sound_files: tuple[Path, Path], blob: bytes, folder: Path) -> list:
    """Open two sound squares and a damaged one, in a file of each format."""
    geopackage, geoparquet = (Path(shutil.copyfile(file, folder / file.name)) for file in sound_files)
    _with_blobs(geopackage, {3: HEADER + blob})
    _with_geometries(geoparquet, [SOUND, SOUND, blob])
    return [overlay.open_cover(path) for path in (geopackage, geoparquet)]


def _areas(cover, folder: Path):
    return overlay.area_table(ZONE, cover, by=["cs"])


def _changes_from(cover, folder: Path):
    return overlay.change_table(cover, ZONE.assign(cs="b"), zones=ZONE, by=["cs"])


def _changes_to(cover, folder: Path):
    return overlay.change_table(ZONE.assign(cs="b"), cover, zones=ZONE, by=["cs"])


def _copy(cover, folder: Path):
    return overlay.working_copy(cover, folder / "copies", by=["cs"])


WAYS = [_areas, _changes_from, _changes_to]


def _assert_refused(cover, ways, folder: Path) -> None:
    """Each way through a cover names its file and its damaged row: 3 of a GeoPackage, 2 of a GeoParquet."""
    row = 3 if isinstance(cover, overlay.GeoPackage) else 2
    for way in ways:
        with pytest.raises(BadTable, match=rf"{cover.path.name}(?s:.)*\b{row}\b") as refusal:
            way(cover, folder)
        if cover.path.parent.name == "courbe":
            assert "CONVERT_TO_LINEAR" in str(refusal.value)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_outline_is_refused_by_file_and_row(name, sound_files, tmp_path, monkeypatch):
    """Each damage in both formats and with both engines; damage after damage, another of the ways."""
    folder, number = tmp_path / ("courbe" if name == "a curve" else "autre"), list(DAMAGED).index(name)
    folder.mkdir()
    geopackage, geoparquet = _damaged(sound_files, DAMAGED[name], folder)
    _assert_refused(geopackage, [_areas, _copy], folder)
    _assert_refused(geoparquet, [(_changes_from, _changes_to)[number % 2]], folder)
    monkeypatch.setattr(engine, "_FEW_ROWS", 10**9)
    _assert_refused((geopackage, geoparquet)[number % 2], [WAYS[number % 3]], folder)


@pytest.mark.long
@pytest.mark.parametrize("name", DAMAGED)
def test_every_way_refuses_a_damaged_outline_by_file_and_row(name, sound_files, tmp_path, monkeypatch):
    folder = tmp_path / ("courbe" if name == "a curve" else "autre")
    folder.mkdir()
    covers = _damaged(sound_files, DAMAGED[name], folder)
    for cover in covers:
        _assert_refused(cover, [*WAYS, _copy], folder)
    monkeypatch.setattr(engine, "_FEW_ROWS", 10**9)
    for cover in covers:
        _assert_refused(cover, WAYS, folder)


@pytest.mark.parametrize(
    "blob",
    [b"GP", b"GP\x00", HEADER, HEADER[:4] + b"\x0f" * 4, HEADER + SOUND[:40], b"XX" + (HEADER + SOUND)[2:],
     b"GP\x00\x03" + (HEADER + SOUND)[4:40], b"GP\x00\x0f" + (HEADER + SOUND)[4:], "texte", 12],
)  # fmt: skip
def test_a_blob_that_is_no_geometry_of_a_geopackage_is_refused(blob, tmp_path):
    for blobs, row in (([HEADER + SOUND, blob], "2"), ([blob, HEADER + SOUND], "1")):
        cover = overlay.open_cover(_geopackage(tmp_path / f"sol{row}.gpkg", blobs))
        with pytest.raises(BadTable, match=rf"sol{row}\.gpkg(?s:.)*objet « {row} »"):
            overlay.area_table(ZONE, cover, by=["cs"])


@pytest.mark.parametrize("part", [_polygon(SQUARE, order=">"), SOUND])
def test_parts_in_either_byte_order_keep_their_ground(part, tmp_path):
    cover = overlay.open_cover(_geopackage(tmp_path / "sol.gpkg", [HEADER + MULTI + part, None, b""]))
    assert overlay.area_table(ZONE, cover, by=["cs"])["area_ha"].tolist() == [1.0]
    assert overlay.working_copy(cover, tmp_path, by=["cs"]).area.tolist() == [10_000.0, 0.0, 0.0]


_SYSTEM = """
ALTER TABLE gpkg_spatial_ref_sys RENAME TO systems;
CREATE TABLE gpkg_spatial_ref_sys AS
SELECT srs_id, {} AS organization, organization_coordsys_id, {} AS definition FROM systems
"""


def altered(path: Path, change: str) -> Path:
    """A sound file of one square, with one line of its own tables changed."""
    _geopackage(path, [HEADER + SOUND])
    with closing(sqlite3.connect(path)) as base:
        base.executescript(change)
    return path


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            "UPDATE gpkg_spatial_ref_sys SET organization = 'EPSG', organization_coordsys_id = 99999999",
            BadCRS,
        ),
        (_SYSTEM.format("NULL", "'rien'"), BadCRS),
        (_SYSTEM.format("'X'", "NULL"), BadCRS),
        ("DELETE FROM gpkg_geometry_columns", UnreadableFile),
        ("DROP TABLE sol", UnreadableFile),
        ("DROP TABLE gpkg_contents", UnreadableFile),
    ],
)
def test_a_geopackage_whose_own_tables_are_wrong_is_refused_by_name(change, error, tmp_path):
    with pytest.raises(error, match=r"sol\.gpkg"):
        overlay.open_cover(altered(tmp_path / "sol.gpkg", change))


def test_a_view_is_refused_rather_than_read_without_a_name_for_its_rows(tmp_path):
    path = altered(tmp_path / "sol.gpkg", "ALTER TABLE sol RENAME TO vrai")
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE VIEW sol AS SELECT * FROM vrai")
        base.execute("UPDATE gpkg_geometry_columns SET table_name = 'sol'")
        base.commit()
    with pytest.raises(UnreadableFile, match=r"sol\.gpkg : la couche « sol » est une vue"):
        overlay.open_cover(path)


def test_a_page_damaged_inside_a_file_is_said_by_its_name(tmp_path):
    path = _geopackage(tmp_path / "sol.gpkg", [HEADER + SOUND] * 400)
    cover = overlay.open_cover(path)
    bytes_ = bytearray(path.read_bytes())
    offset = bytes_.rindex(HEADER + SOUND) // 4096 * 4096
    bytes_[offset : offset + 64] = b"\xff" * 64
    path.write_bytes(bytes_)
    with pytest.raises(UnreadableFile, match=r"sol\.gpkg"):
        overlay.area_table(ZONE, cover, by=["cs"])


def test_a_parquet_cut_or_damaged_after_it_was_opened_is_said_by_its_name(tmp_path):
    path = _geoparquet(tmp_path / "sol.parquet", [SOUND] * 400)
    cover = overlay.open_cover(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableFile, match=r"sol\.parquet"):
        overlay.area_table(ZONE, cover, by=["cs"])
    with pytest.raises(UnreadableFile, match=r"sol\.parquet"):
        overlay.open_cover(path)


def test_edits_that_wait_beside_a_file_make_a_new_copy(tmp_path):
    path = _geopackage(tmp_path / "sol.gpkg", [HEADER + SOUND] * 2)
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        first = overlay.working_copy(overlay.open_cover(path), tmp_path / "copies", by=["cs"])
        base.execute("UPDATE sol SET cs = 'b' WHERE fid = 2")
        base.commit()
        second = overlay.working_copy(overlay.open_cover(path), tmp_path / "copies", by=["cs"])
    assert set(first.labels["cs"]) == {"a"}
    assert set(second.labels["cs"]) == {"a", "b"}


@pytest.fixture(scope="module")
def copied(sound_files, tmp_path_factory) -> tuple[overlay.GeoPackage, Path]:
    """A cover, and the folder of its working copy, to be copied and damaged."""
    cover, folder = overlay.open_cover(sound_files[0]), tmp_path_factory.mktemp("copies")
    overlay.working_copy(cover, folder, by=["cs"])
    return cover, folder


@pytest.mark.parametrize("name", ["wkb", "area.npy", "starts.npy", "labels.json", "tiled.json"])
@pytest.mark.parametrize("length", [0, 30, None])
def test_a_copy_cut_short_is_made_again(name, length, copied, tmp_path):
    cover, sound_folder = copied
    folder = Path(shutil.copytree(sound_folder, tmp_path / "copies"))
    (damaged,) = (file_folder / name for file_folder in folder.iterdir())
    if length is None:
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes()[:length])
    again = overlay.working_copy(cover, folder, by=["cs"])
    assert overlay.area_table(ZONE, again, by=["cs"])["area_ha"].tolist() == [3.0]
    assert len(list(folder.iterdir())) == 1


def test_classes_keep_their_last_digit_and_their_kind(tmp_path):
    from datetime import date

    boxes = [shapely.box(X + i * 100, Y, X + i * 100 + 100, Y + 100) for i in range(4)]
    classes = {
        "share": [0.1, 0.1 + 2**-56, 0.30000000000000004, 0.3],
        "code": pd.array([2**53 + 1, 2**53, None, 7], dtype="Int64"),
        "seen": [date(2021, 5, 3), date(2021, 5, 4), None, date(1899, 12, 31)],
    }
    frame = gpd.GeoDataFrame(classes, geometry=boxes, crs=2154)
    frame.to_parquet(tmp_path / "sol.parquet")
    cover = overlay.open_cover(tmp_path / "sol.parquet")
    for _ in range(2):  # made, then found again
        copy = overlay.working_copy(cover, tmp_path / "copies", by=list(classes))
        table = overlay.area_table(ZONE, copy, by=list(classes))
        assert table["share"].nunique() == 4
        assert {2**53 + 1, 2**53, 7} < set(table["code"])
        assert {date(2021, 5, 3), date(1899, 12, 31)} < set(table["seen"])
    later_cover = ZONE.assign(share=1.0, code=1, seen=None)
    changed = overlay.change_table(cover, later_cover, zones=ZONE, by=list(classes))
    assert changed["share_before"].nunique() == 4
    assert changed["code_before"].tolist()[0] == 2**53 + 1
    assert date(2021, 5, 3) in changed["seen_before"].tolist()


def test_a_class_that_a_copy_cannot_give_back_is_refused(tmp_path):
    frame = gpd.GeoDataFrame({"cs": [b"\x00"]}, geometry=[shapely.box(X, Y, X + 9, Y + 9)], crs=2154)
    frame.to_parquet(tmp_path / "sol.parquet")
    with pytest.raises(BadTable, match="« cs »"):
        overlay.working_copy(overlay.open_cover(tmp_path / "sol.parquet"), tmp_path / "copies", by=["cs"])
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.mark.parametrize("kernel", mostly_long([True, False], True))
def test_more_classes_than_two_to_the_sixteen_stay_in_their_zone(kernel, monkeypatch):
    if not kernel:
        monkeypatch.setattr(engine, "_FEW_ROWS", 10**9)
    count = 70_000
    x, y = (side.ravel() for side in np.meshgrid(np.arange(350.0) * 2, np.arange(200.0) * 2))
    cells = shapely.box(X + x, Y + y, X + x + 2, Y + y + 2)
    before = gpd.GeoDataFrame({"id": np.arange(count)}, geometry=cells, crs=2154)
    after = before.assign(id=np.roll(before["id"], 1))
    zones = pd.concat([plain.rectangle(x_km=0, y_km=0.2 * i, width_km=0.7, height_km=0.2) for i in (0, 1)])
    zones = zones.reset_index(drop=True)
    table = overlay.change_table(before, after, zones=zones, by=["id"])
    assert len(table) == count
    assert table.groupby("zone")["area_ha"].sum().tolist() == pytest.approx([14.0, 14.0])
    assert ((table["id_before"] - table["id_after"]) % count == 1).all()


@pytest.mark.parametrize("empty", ["before", "after", "both"])
@pytest.mark.parametrize("kernel", [True, False])
def test_nothing_on_one_side_changes_nothing(empty, kernel, monkeypatch, tmp_path):
    if not kernel:
        monkeypatch.setattr(engine, "_FEW_ROWS", 10**9)
    full = ZONE.assign(cs="a")
    full.iloc[:0].to_file(tmp_path / "vide.gpkg", engine="pyogrio", geometry_type="Polygon")
    full.to_parquet(tmp_path / "loin.parquet", write_covering_bbox=True)
    far = plain.square(x_km=500, y_km=0, side_km=1)
    nothing = full.iloc[:0], overlay.open_cover(tmp_path / "vide.gpkg")
    for cover in nothing:
        sides = {"before": (cover, full), "after": (full, cover), "both": (cover, cover)}[empty]
        assert len(overlay.change_table(*sides, zones=ZONE, by=["cs"])) == 0
    away = overlay.open_cover(tmp_path / "loin.parquet")
    assert len(overlay.change_table(away, away, zones=far, by=["cs"], keep_unchanged=True)) == 0


@pytest.mark.parametrize(("over_m", "tiling"), [(0.0, True), (1e-5, False), (1e-2, False)])
def test_a_sliver_of_overlap_is_seen_however_large_the_territory(over_m, tiling):
    side = 30_000
    shapes = [
        shapely.box(X, Y, X + side, Y + side),
        shapely.Polygon([(X + side, Y), (X + 2 * side, Y), (X + 2 * side, Y + side), (X + side, Y + side)]),
        shapely.box(X + 2 * side, Y + side, X + 2 * side + 1, Y + side + 1),  # touches by a corner
    ]
    if over_m:
        ring = [(X + side, Y), (X + 2 * side, Y), (X + 2 * side, Y + side), (X + side, Y + side)]
        shapes[1] = shapely.Polygon([*ring, (X + side - over_m, Y + side / 2)])
    batch = engine.batch_of(np.array(shapes, dtype=object))
    edges = coverages.outline(batch.data, batch.starts, batch.lengths, cores=1)
    assert coverages.is_tiling(edges, float(shapely.area(shapes).sum())) is tiling


def test_an_error_in_one_thread_stops_the_others():
    import threading

    failed, numbers = threading.Event(), []

    def part(fails: bool):
        for number in range(1_000):
            numbers.append(number)
            yield sources.pack_blobs([], [], ())._replace(source="panne" if fails else "")

    def work(batch: sources.Batch):
        if batch.source:
            failed.set()
            raise BadTable("panne")
        failed.wait(5)

    with pytest.raises(BadTable, match="panne"):
        engine.map_batches([part(False), part(True)], lambda: work, cores=2, rows=0, progress=None)
    assert len(numbers) < 900


def test_two_threads_share_the_only_part():
    import threading

    together, nothing = threading.Barrier(2, timeout=10), sources.pack_blobs([], [], ())
    # a thread that was alone would wait at the barrier in vain
    result = engine.map_batches(
        [iter([nothing] * 6)], lambda: lambda batch: together.wait() >= 0, cores=2, rows=0, progress=None
    )
    assert result == [True] * 6


def test_threads_read_ahead_while_the_work_is_prepared_and_no_further_than_allowed(monkeypatch):
    import threading

    monkeypatch.setattr(engine, "_PREFETCH_BYTES", 300)
    hundred, read, enough, before = sources.pack_blobs([b"x" * 100], [], ("a",)), [], threading.Event(), []

    def part():
        for number in range(20):
            read.append(number)
            if len(read) == 4:  # 400 bytes: the first that is too many is still held
                enough.set()
            yield hundred

    def prepare():
        assert enough.wait(10)
        before.extend(read)
        return lambda batch: batch.data.nbytes

    assert engine.map_batches([part()], prepare, cores=1, rows=20, progress=None) == [100] * 20
    assert before == [0, 1, 2, 3]


def test_rows_are_named_as_in_the_file_whatever_the_threads(tmp_path):
    bow_tie = [(X, Y), (X + 90, Y + 90), (X + 90, Y), (X, Y + 50), (X, Y)]
    # side by side: a pile of them would be the long question of a coverage that overlaps itself
    squares = [_polygon([(x + 100 * (i % 40), y + 100 * (i // 40)) for x, y in SQUARE]) for i in range(1_500)]
    blobs = [HEADER + blob for blob in (*squares, _polygon(bow_tie))]
    cover = overlay.open_cover(_geopackage(tmp_path / "sol.gpkg", blobs))
    with pytest.raises(BadTable, match=r"sol\.gpkg(?s:.)*\b1501\b"):
        overlay.change_table(cover, ZONE.assign(cs="b"), zones=ZONE, by=["cs"])
