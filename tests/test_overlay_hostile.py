"""Far, broken and hostile covers: the figures of shapely, or one French error that names file and row."""

import os
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import plain
import pytest
import shapely

from artois_geo import overlay
from artois_geo.errors import BadTable
from artois_geo.overlay import engine

pytest.importorskip("numba")
X, Y = plain.ORIGIN_X, plain.ORIGIN_Y


@pytest.fixture(autouse=True)
def _compiled(monkeypatch):
    monkeypatch.setattr(engine, "_FEW_ROWS", 0)


def _uncompiled(code: str) -> subprocess.CompletedProcess[str]:
    """Run the kernel as plain Python, where reading past an array is an error and not a chance."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )


_FAR = """
import geopandas as gpd, numpy as np, plain, shapely
from artois_geo import overlay
from artois_geo.overlay import engine, grid, green, scan
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
row, zone, m2, back = green.split(batch.data, ring, np.arange(len(far)), area, bbox, here)
inside = {int(r): m for r, z, m in zip(row, zone, m2) if z >= 0}
assert len(back) == 0 and set(inside) == {0} and abs(inside[0] - 450_000) < 1e-6, (inside, back)

before = gpd.GeoDataFrame({"cs": list("abcdefgh")}, geometry=far, crs=2154)
after = gpd.GeoDataFrame({"cs": ["z"]}, geometry=ground, crs=2154)
whole = gpd.GeoDataFrame(geometry=[shapely.box(X - 1e5, Y - 1e5, X + 1e5, Y + 1e5)], crs=2154)
table = overlay.change_table(before, after, zones=whole, by=["cs"], cores=1)
assert table["cs_before"].tolist() == ["a"] and abs(table["area_ha"][0] - 45) < 1e-9, table
"""


def test_polygons_far_from_the_other_coverage_share_nothing_and_read_nothing():
    done = _uncompiled(_FAR)
    assert done.returncode == 0, done.stderr


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
from artois_geo.overlay import outline, scan, sound
for name, blob, surface in {cases!r}:
    data = np.frombuffer(blob, np.uint8)
    starts, lengths = np.array([0]), np.array([len(blob)])
    ring, state = scan.rings(data, starts, lengths)
    assert (state[0] == scan.SURFACE) == surface, name
    assert surface or ring.first.tolist() == [0, 0], name
    area, box, drawing, doubt = np.empty(1), np.empty((1, 4)), np.empty(1, np.uint64), np.zeros(1, bool)
    with np.errstate(all="ignore"):
        scan.measure(data, ring, area, box)
        scan.draw(data, ring, drawing)
        sound.doubtful(data, ring, doubt)
    assert not surface or doubt[0] or not np.isfinite(area[0]), name
"""
_READ_IN_PLACE = ("open", "two vertices", "no number", "infinity", "measure")


def test_no_blob_makes_the_kernel_read_past_its_end():
    cases = [(name, blob, any(word in name for word in _READ_IN_PLACE)) for name, blob in DAMAGED.items()]
    done = _uncompiled(HOSTILE.format(cases=cases))
    assert done.returncode == 0, done.stderr


def _geopackage(path: Path, blobs: list[bytes | str | int | None]) -> Path:
    frame = gpd.GeoDataFrame(
        {"cs": ["a"] * len(blobs)}, geometry=[shapely.box(X, Y, X + 9, Y + 9)] * len(blobs)
    )
    frame.set_crs(2154).to_file(path, layer="sol", SPATIAL_INDEX="NO")
    with closing(sqlite3.connect(path)) as base:
        for name in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name[0]}"')
        base.executemany("UPDATE sol SET geom = ? WHERE fid = ?", [(b, i) for i, b in enumerate(blobs, 1)])
        base.commit()
    return path


def _geoparquet(path: Path, blobs: list[bytes]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = gpd.GeoDataFrame({"cs": ["a"] * len(blobs)}, geometry=[shapely.box(0, 0, 1, 1)] * len(blobs))
    whole.set_crs(2154).to_parquet(path)
    table = pq.read_table(path)
    place = table.schema.get_field_index("geometry")
    pq.write_table(table.set_column(place, "geometry", pa.array(blobs, pa.binary())), path)
    return path


ZONE = plain.square(x_km=0, y_km=0, side_km=1)


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("kernel", [True, False])
def test_a_damaged_outline_is_refused_by_file_and_row(name, kernel, tmp_path, monkeypatch):
    if not kernel:
        monkeypatch.setattr(engine, "_FEW_ROWS", 10**9)
    blobs = [SOUND, SOUND, DAMAGED[name]]
    for path, row in (
        (_geopackage(tmp_path / "sol.gpkg", [HEADER + blob for blob in blobs]), "3"),
        (_geoparquet(tmp_path / "sol.parquet", blobs), "2"),
    ):
        cover = overlay.open_cover(path)
        with pytest.raises(BadTable, match=rf"{path.name}(?s:.)*\b{row}\b") as said:
            overlay.area_table(ZONE, cover, by=["cs"])
        if name == "a curve":
            assert "CONVERT_TO_LINEAR" in str(said.value)
        other = ZONE.assign(cs="b")
        for pair in ((cover, other), (other, cover)):
            with pytest.raises(BadTable, match=rf"{path.name}(?s:.)*\b{row}\b"):
                overlay.change_table(*pair, zones=ZONE, by=["cs"])
        if kernel:
            with pytest.raises(BadTable, match=rf"{path.name}(?s:.)*\b{row}\b"):
                overlay.working_copy(cover, tmp_path / "copies", by=["cs"])


@pytest.mark.parametrize(
    "blob",
    [b"GP", b"GP\x00", HEADER, HEADER[:4] + b"\x0f" * 4, HEADER + SOUND[:40], b"XX" + (HEADER + SOUND)[2:],
     b"GP\x00\x03" + (HEADER + SOUND)[4:40], b"GP\x00\x0f" + (HEADER + SOUND)[4:], "texte", 12],
)  # fmt: skip
def test_a_blob_that_is_no_geometry_of_a_geopackage_is_refused(blob, tmp_path):
    for blobs, row in (([HEADER + SOUND, blob], "2"), ([blob, HEADER + SOUND], "1")):
        cover = overlay.open_cover(_geopackage(tmp_path / f"sol{row}.gpkg", blobs))
        with pytest.raises(BadTable, match=rf"sol{row}\.gpkg(?s:.)*ligne {row}\b"):
            overlay.area_table(ZONE, cover, by=["cs"])


@pytest.mark.parametrize("part", [_polygon(SQUARE, order=">"), SOUND])
def test_parts_in_either_byte_order_keep_their_ground(part, tmp_path):
    cover = overlay.open_cover(_geopackage(tmp_path / "sol.gpkg", [HEADER + MULTI + part, None, b""]))
    assert overlay.area_table(ZONE, cover, by=["cs"])["area_ha"].tolist() == [1.0]
    assert overlay.working_copy(cover, tmp_path, by=["cs"]).area.tolist() == [10_000.0, 0.0, 0.0]
