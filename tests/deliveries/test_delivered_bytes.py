"""What is delivered never changes by a byte, and nothing is left beside it."""

import contextlib
import gzip
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyogrio
import pytest
import source_bytes as sb
from cli_runner import run
from covering import mostly_long

from artois_geo import layers
from artois_geo.errors import ArtoisGeoError

POINT = sb.wkb(sb.POINT, sb.L93)
GEOJSON = sb.geojson_bytes([{"nom": "A"}], [{"type": "Point", "coordinates": [2.8, 50.4]}])


def geopackage(folder: Path, mode: str = "DELETE", keep: str = "") -> Path:
    """A GeoPackage, its journal left as a crash leaves it where ``keep`` names it."""
    source = folder.parent / "source.gpkg"
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "POINT", "nom": "TEXT"}
    sb.geopackage(source, columns, [(1, POINT, "A")])
    with closing(sqlite3.connect(source, isolation_level=None)) as base:
        for pragma in (f"journal_mode = {mode}", "wal_autocheckpoint = 0", "cache_size = 1"):
            base.execute(f"PRAGMA {pragma}")
        base.execute("BEGIN")
        base.execute("CREATE TABLE gros AS SELECT randomblob(90000) AS b")
        base.execute("COMMIT" if mode == "WAL" else "SELECT 1")
        for suffix in ("", keep):
            (folder / f"zones.gpkg{suffix}").write_bytes(Path(f"{source}{suffix}").read_bytes())
    return folder / "zones.gpkg"


def shapefile(folder: Path, without: str = "") -> Path:
    path = sb.shapefile(folder / "zones.shp", [("nom", "C", 5, 0)], [[b"A"]], [sb.L93], kind=1)
    if without:
        path.with_suffix(without).unlink()
    return path


def by_gdal(folder: Path, name: str) -> Path:
    """A format that only GDAL writes, from one that the test wrote."""
    (folder.parent / "source.geojson").write_bytes(GEOJSON)
    frame = pyogrio.read_dataframe(folder.parent / "source.geojson")
    pyogrio.write_dataframe(frame, folder / name)
    return folder / name


def write_file(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


DELIVERIES: dict[str, Callable[[Path], Path]] = {
    "gpkg": geopackage,
    "gpkg with a -wal": lambda folder: geopackage(folder, "WAL", "-wal"),
    "gpkg in WAL mode without it": lambda folder: geopackage(folder, "WAL"),
    "gpkg with a -journal": lambda folder: geopackage(folder, "DELETE", "-journal"),
    "shapefile": shapefile,
    "shapefile without .shx": lambda folder: shapefile(folder, ".shx"),
    "shapefile without .prj": lambda folder: shapefile(folder, ".prj"),
    "folder": lambda folder: shapefile(folder).parent,
    "tab": lambda folder: by_gdal(folder, "zones.tab"),
    "fgb": lambda folder: by_gdal(folder, "zones.fgb"),
    "mif": lambda folder: sb.mif(folder / "z.mif", {"nom": "Char (5)"}, [['"A"']], [sb.L93]),
    "kml": lambda folder: write_file(folder, "z.kml", sb.kml_bytes([{"name": "A"}], [(2.8, 50.4)])),
    "kmz": lambda folder: sb.archive(
        folder / "z.kmz", {"doc.kml": sb.kml_bytes([{"name": "A"}], [(2.8, 50.4)])}
    ),
    "parquet": lambda folder: sb.geoparquet(folder / "z.parquet", {"nom": ["A"]}, [POINT]),
    "xlsx": lambda folder: sb.workbook(folder / "z.xlsx", {"F": [["nom", "lon", "lat"], ["A", 2.8, 50.4]]}),
    "csv": lambda folder: write_file(folder, "z.csv", b"nom;lon;lat\nA;2,8;50,4\n"),
    "geojson": lambda folder: write_file(folder, "z.geojson", GEOJSON),
    "json.gz": lambda folder: write_file(folder, "z.json.gz", gzip.compress(GEOJSON)),
    "zip": lambda folder: sb.archive(
        folder / "z.zip", {"a/zones.geojson": GEOJSON, "a/dico.csv": b"a;b\n1;2\n"}
    ),
    "a page": lambda folder: write_file(folder, "z.geojson", b"<html></html>"),
    "cut": lambda folder: write_file(folder, "z.gpkg", b"SQLite format 3\x00" + bytes(84)),
}


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file of a folder: checksum and date."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.iterdir())
    }


REPEATED = {"shapefile", "shapefile without .prj", "mif", "kmz"}  # by a folder, a .shx less, .tab, .kml


@pytest.mark.parametrize("name", mostly_long(DELIVERIES, *DELIVERIES.keys() - REPEATED))
def test_no_command_changes_what_is_delivered(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "livraison"
    folder.mkdir()
    path = DELIVERIES[name](folder)
    before = state(folder)
    run("couches", "valider", path)
    assert state(folder) == before
    home = tmp_path / "donnees"
    result = run("--donnees", home, "couches", "importer", path, "--type", "libre", "--crs", "auto")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert state(folder) == before
    with contextlib.suppress(ArtoisGeoError):
        layers.read_any(path)
    assert state(folder) == before
