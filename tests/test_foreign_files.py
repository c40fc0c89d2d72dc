"""What other people's software writes: journals, nulls, headers, axes; read right, or said."""

import hashlib
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import source_bytes
from cli_runner import run

from artois_geo import layers
from artois_geo.errors import UnreadableFile
from artois_geo.layers import delivery


def sums(folder: Path) -> dict[str, str]:
    """Every file of a folder, and the checksum of its bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


# --- GeoPackage: journals


@pytest.fixture
def pending(shared: Path, tmp_path: Path) -> Path:
    """A GeoPackage of which one zone was corrected and one deleted, in its -wal alone."""
    folder = tmp_path / "livraison"
    folder.mkdir()
    for name in ("zones.gpkg", "zones.gpkg-wal"):
        shutil.copyfile(shared / "cases" / "gpkg_wal" / name, folder / name)
    return folder / "zones.gpkg"


def test_every_way_in_reads_the_saved_state_and_changes_no_byte(pending: Path, tmp_path: Path) -> None:
    before = sums(pending.parent)
    with zipfile.ZipFile(tmp_path / "zones.zip", "w") as archive:
        for path in pending.parent.iterdir():
            archive.write(path, f"donnees/{path.name}")
    for path in (pending, pending.parent, tmp_path / "zones.zip"):
        assert layers.read_any(path)[0]["nom"].tolist() == ["Les Rietz (corrigé)"]
        assert delivery.receive(path, "libre").features["nom"].tolist() == ["Les Rietz (corrigé)"]
    done = run("couches", "valider", pending)
    assert done.exit_code == 0
    assert "zones.gpkg-wal lu avec zones.gpkg" in done.stdout.replace("\n", " ")
    assert sums(pending.parent) == before


def crashed(source: Path, folder: Path, *statements: str, mode: str = "WAL") -> Path:
    """A GeoPackage and its journal as a crash leaves them, after these statements."""
    folder.mkdir()
    base = sqlite3.connect(source, isolation_level=None)
    base.execute(f"PRAGMA journal_mode = {mode}")
    base.execute("PRAGMA wal_autocheckpoint = 0")
    base.execute("PRAGMA cache_size = 1")
    for statement in statements:
        base.execute(statement)
    for path in [source, *source.parent.glob(f"{source.name}-[wj]*")]:
        shutil.copyfile(path, folder / path.name)
    base.close()
    return folder / source.name


def test_a_cover_counted_in_its_file_is_in_its_saved_state(tmp_path: Path) -> None:
    """Two squares of 1 ha, one deleted in the -wal: ``zan stock`` counts 1 ha, and leaves the files alone."""
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "GEOMETRY", "code_cs": "TEXT", "code_us": "TEXT"}
    rows = [(n, wkb, "CS1.1.1.1", "US5") for n, wkb in enumerate(map(polygon, (0, 100)), start=1)]
    source = source_bytes.geopackage(tmp_path / "ocsge.gpkg", columns, rows)
    file = crashed(source, tmp_path / "livraison", "DELETE FROM zones WHERE fid = 2")
    whole = gpd.GeoDataFrame(
        {"code": ["62000"]}, geometry=[shapely.Polygon(source_bytes.square(side=1000)[0])], crs=2154
    )
    layers.write(whole, tmp_path / "communes.geojson")
    before = sums(file.parent)
    asked = ("--zones", tmp_path / "communes.geojson", "--cle", "code", "--format", "json")
    done = run("zan", "stock", file, *asked)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["rows"][0]["artificial_ha"] == pytest.approx(1.0, abs=1e-3)
    assert sums(file.parent) == before


def polygon(x: float) -> bytes:
    return source_bytes.wkb(source_bytes.POLYGON, source_bytes.square(x))


@pytest.mark.parametrize("content", [b"", b"pas un journal"])
def test_a_journal_that_holds_nothing_leaves_the_file_as_it_is(pending: Path, content: bytes) -> None:
    pending.with_name("zones.gpkg-wal").write_bytes(content)
    frame, findings = layers.read_any(pending)
    assert frame["nom"].tolist() == ["Les Rietz", "Le Crinchon"]
    assert ("journal du GeoPackage" in set(findings["rule"])) == bool(content)


@pytest.fixture
def one_zone(tmp_path: Path) -> Path:
    """A GeoPackage of one square named « Carré »."""
    columns = {"fid": "INTEGER PRIMARY KEY", "geom": "GEOMETRY", "nom": "TEXT"}
    return source_bytes.geopackage(tmp_path / "source.gpkg", columns, [(1, polygon(0), "Carré")])


def test_a_layer_made_in_the_journal_alone_is_read(one_zone: Path, tmp_path: Path) -> None:
    file = crashed(one_zone, tmp_path / "crash", "INSERT INTO zones (nom) VALUES ('Neuf')")
    assert layers.read_any(file)[0]["nom"].tolist() == ["Carré", "Neuf"]


def test_a_hot_journal_is_rolled_back_in_a_copy(one_zone: Path, tmp_path: Path) -> None:
    """A crash in the middle of a change: what was saved before it is what is read."""
    statements = (
        "BEGIN",
        "UPDATE zones SET nom = 'Perdu'",
        "CREATE TABLE t AS SELECT randomblob(99999) AS b",
    )
    file = crashed(one_zone, tmp_path / "crash", *statements, mode="DELETE")
    assert file.with_name("source.gpkg-journal").stat().st_size
    before = sums(file.parent)
    assert layers.read_any(file)[0]["nom"].tolist() == ["Carré"]
    assert sums(file.parent) == before


def test_a_base_without_the_mark_of_a_geopackage_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "base.gpkg") as base:
        base.execute("CREATE TABLE t (a)")
    with pytest.raises(UnreadableFile, match="sans marque de GeoPackage"):
        layers.read_any(tmp_path / "base.gpkg")
