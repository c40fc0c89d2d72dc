"""A layer is whole at any instant: old or new, for readers, for writers, after a crash, on a full disk."""

import contextlib
import errno
import json
import multiprocessing
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import plain
import pytest

from artois_geo import layers
from artois_geo.deliveries import delivery
from artois_geo.errors import BadValue, UnknownName, UnreadableFile, UnwritableFile
from artois_geo.layers import history, store, workspace

FORK = multiprocessing.get_context("fork")
OLD, NEW = b"ancien" * 20_000, b"nouveau" * 30_000


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    path = tmp_path / "couche.geojson"
    path.write_bytes(OLD)
    return path


def left_overs(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(f"{store.PREFIX}*")]


# --- one file


def test_the_mode_of_the_old_file_is_kept(layer: Path) -> None:
    layer.chmod(0o640)
    store.replace(layer, NEW)
    assert stat.S_IMODE(layer.stat().st_mode) == 0o640
    assert layer.read_bytes() == NEW


def test_a_new_file_has_the_mode_that_the_machine_gives(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        store.replace(tmp_path / "neuf", NEW)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "neuf").stat().st_mode) == 0o640


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path, layer: Path) -> None:
    link = tmp_path / "lien.geojson"
    link.symlink_to(layer.name)
    store.replace(link, NEW, within=tmp_path)
    assert link.is_symlink()
    assert layer.read_bytes() == NEW


def test_a_link_that_leaves_the_workspace_is_refused(tmp_path: Path, layer: Path) -> None:
    inside = tmp_path / "donnees"
    inside.mkdir()
    (inside / "lien.geojson").symlink_to(layer)
    with pytest.raises(UnwritableFile, match="sort du dossier"):
        store.replace(inside / "lien.geojson", NEW, within=inside)
    assert layer.read_bytes() == OLD


def test_a_link_that_turns_in_circles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UnwritableFile):
        store.replace(tmp_path / "a", NEW)


def test_a_check_that_fails_leaves_the_old_file(tmp_path: Path, layer: Path) -> None:
    def refuse(path: Path) -> None:
        assert path.read_bytes() == NEW
        raise UnwritableFile("non")

    with pytest.raises(UnwritableFile, match="non"):
        store.replace(layer, NEW, check=refuse)
    assert layer.read_bytes() == OLD
    assert left_overs(tmp_path) == []


CALLS = ("open", "write", "fsync", "close", "chmod", "replace")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES])
@pytest.mark.parametrize("name", CALLS)
def test_every_failing_call_leaves_a_whole_file(
    layer: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    """Each call of a write fails in turn, at its n-th time, until none is left to fail."""
    real: Callable = getattr(os, name)
    failed = 0
    for nth in range(1, 20):
        layer.write_bytes(OLD)
        count = 0

        def failing(*args: object, nth: int = nth, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count == nth:
                if name == "close":
                    real(*args)
                raise OSError(code, os.strerror(code))
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, failing)
        try:
            store.replace(layer, [NEW[:1000], NEW[1000:]])
            ended = True
        except UnwritableFile:
            failed += 1
            ended = False
        finally:
            monkeypatch.setattr(os, name, real)
        assert layer.read_bytes() in (OLD, NEW)
        assert left_overs(layer.parent) == []
        if ended:
            break
    assert failed >= 1
    assert ended


def test_a_full_disk_leaves_the_old_layer_and_says_so(layer: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from artois_geo.layers import store;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000));"
        f"store.replace(Path({str(layer)!r}), b'x' * 1_000_000)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=_environment(), check=False
    )
    assert "disque plein" in result.stderr
    assert layer.read_bytes() == OLD
    assert left_overs(layer.parent) == []


@pytest.mark.skipif(
    os.geteuid() != 0, reason="monter un petit disque demande d'être root : voir RLIMIT_FSIZE"
)
def test_a_full_tmpfs_leaves_the_old_layer(tmp_path: Path) -> None:
    disk = tmp_path / "disque"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("montage d'un tmpfs refusé par cette machine : le test RLIMIT_FSIZE couvre la règle")
    try:
        (disk / "couche.geojson").write_bytes(OLD)
        with pytest.raises(UnwritableFile, match="disque plein"):
            store.replace(disk / "couche.geojson", NEW)
        assert (disk / "couche.geojson").read_bytes() == OLD
        assert left_overs(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_closed_folder_is_said(layer: Path) -> None:
    def as_nobody() -> None:
        if os.geteuid() == 0:  # chmod stops nothing for root
            os.seteuid(65534)
        try:
            store.replace(layer, NEW)
        except UnwritableFile as error:
            os._exit(0 if "protégé" in str(error) else 2)
        os._exit(3)

    layer.parent.chmod(0o555)
    os.chmod(layer, 0o444)
    child = FORK.Process(target=as_nobody)
    child.start()
    child.join()
    layer.parent.chmod(0o755)
    assert child.exitcode == 0
    assert layer.read_bytes() == OLD


# --- several writers


def test_the_second_writer_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with (
        store.lock(tmp_path, command="couches importer a.geojson"),
        pytest.raises(UnwritableFile, match=rf"« couches importer a.geojson » \(processus {os.getpid()}"),
        store.lock(tmp_path, command="b", wait_s=0.1),
    ):
        pass


def test_the_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    def hold() -> None:
        with store.lock(tmp_path, command="a"):
            (tmp_path / "pris").touch()
            time.sleep(0.3)
            (tmp_path / "fini").touch()

    child = FORK.Process(target=hold)
    child.start()
    while not (tmp_path / "pris").exists():
        time.sleep(0.01)
    with store.lock(tmp_path, command="b"):
        assert (tmp_path / "fini").exists()
    child.join()


@pytest.fixture(params=["flock", "fichier exclusif"])
def locking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "flock":
        monkeypatch.setattr(store, "fcntl", None)


@pytest.mark.usefixtures("locking")
def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    def hold() -> None:
        with store.lock(tmp_path, command="a"):
            (tmp_path / f"{store.PREFIX}{os.getpid()}-x{store.SUFFIX}").touch()
            (tmp_path / "pris").touch()
            time.sleep(60)

    child = FORK.Process(target=hold)
    child.start()
    while not (tmp_path / "pris").exists():
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert left_overs(tmp_path)
    with store.lock(tmp_path, command="b", wait_s=1.0):
        assert left_overs(tmp_path) == []


def test_the_temporary_file_of_a_living_writer_is_not_swept(tmp_path: Path) -> None:
    own_file = tmp_path / f"{store.PREFIX}{os.getpid()}-x{store.SUFFIX}"
    own_file.touch()
    assert store.sweep(tmp_path) == 0
    assert own_file.exists()


def increments(tmp_path: Path, writers: int, times: int) -> tuple[int, int]:
    """(increments kept, torn reads) of writers that each read, add one and write, under the lock."""
    file = tmp_path / "compte.json"
    file.write_text(json.dumps({"n": 0, "rien": "x" * 50_000}))

    def work() -> None:
        for _ in range(times):
            with store.lock(tmp_path, command="compte", wait_s=60):
                count = json.loads(file.read_bytes())
                store.replace(file, json.dumps(count | {"n": count["n"] + 1}).encode())

    children = [FORK.Process(target=work) for _ in range(writers)]
    for child in children:
        child.start()
    torn = 0
    while any(child.is_alive() for child in children):
        try:
            json.loads(file.read_bytes())
        except ValueError:
            torn += 1
    assert [child.exitcode for child in children] == [0] * writers
    return json.loads(file.read_bytes())["n"], torn


@pytest.mark.usefixtures("locking")
def test_no_change_of_concurrent_writers_is_lost(tmp_path: Path) -> None:
    assert increments(tmp_path, writers=4, times=10) == (40, 0)


@pytest.mark.long
def test_sixteen_writers_of_fifty_changes_keep_the_eight_hundred(tmp_path: Path) -> None:
    assert increments(tmp_path, writers=16, times=50) == (800, 0)


# --- kill -9


def two_states(tmp_path: Path, features: int) -> list[Path]:
    paths = []
    for name in ("A", "B"):
        rows = [
            {
                "type": "Feature",
                "properties": {"quai_id": str(number), "quai_nom": name, "quai_statut": "en service"},
                "geometry": {"type": "Point", "coordinates": [2.0 + number * 1e-5, 50.0]},
            }
            for number in range(features)
        ]
        path = tmp_path / f"{name}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
        paths.append(path)
    return paths


def import_both(folder: Path, sources: list[Path]) -> Iterator[tuple[Path, bytes]]:
    for source in sources:
        subprocess.run(_importer(folder, source), env=_environment(), check=True, capture_output=True)
        yield source, (folder / "quais.geojson").read_bytes()


def killed_imports(tmp_path: Path, *, features: int, kills: int) -> None:
    folder = tmp_path / "donnees"
    sources = two_states(tmp_path, features)
    start = time.monotonic()
    states = dict(import_both(folder, sources))
    duration = (time.monotonic() - start) / 2
    chance = random.Random(20261123)
    for number in range(kills):
        child = subprocess.Popen(
            _importer(folder, sources[number % 2]),
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 1.0) * duration)
        child.kill()
        child.wait()
        assert (folder / "quais.geojson").read_bytes() in states.values()
    subprocess.run(_importer(folder, sources[0]), env=_environment(), check=True, capture_output=True)
    assert (folder / "quais.geojson").read_bytes() == states[sources[0]]
    assert left_overs(folder) == []
    for event in history.events(folder, "quais"):
        history.version_path(folder, "quais", event["version"])


def test_an_import_killed_at_any_moment_leaves_a_whole_layer(tmp_path: Path) -> None:
    killed_imports(tmp_path, features=2_000, kills=2)


@pytest.mark.long
def test_two_hundred_kills_on_fifty_thousand_features_lose_nothing(tmp_path: Path) -> None:
    killed_imports(tmp_path, features=50_000, kills=200)


def _importer(folder: Path, source: Path) -> list[str]:
    return [
        sys.executable, "-m", "artois_geo.cli", "--donnees", str(folder),
        "couches", "importer", str(source), "--type", "quai", "--vers", "quais",
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


# --- history


def quays(*names: str) -> str:
    rows = [f"{number};{name};en service;2,8{number};50,43" for number, name in enumerate(names)]
    return "\n".join(["quai_id;quai_nom;quai_statut;lon;lat", *rows])


def brought(folder: Path, tmp_path: Path, text: str) -> dict:
    source = tmp_path / "livraison.csv"
    source.write_text(text, encoding="utf-8")
    return workspace.save_delivery(delivery.receive(source, "quai"), source, folder, "quais")


def test_every_version_comes_back_byte_for_byte(tmp_path: Path) -> None:
    folder = tmp_path / "donnees"
    states = []
    for names in (["Béthune"], ["Béthune", "Lens"]):
        brought(folder, tmp_path, quays(*names))
        states.append((folder / "quais.geojson").read_bytes())
    workspace.restore(folder, "quais", 1)
    assert (folder / "quais.geojson").read_bytes() == states[0]
    workspace.restore(folder, "quais", 2)
    assert (folder / "quais.geojson").read_bytes() == states[1]
    assert [event["command"] for event in history.events(folder, "quais")] == ["importer"] * 2 + [
        "restaurer"
    ] * 2


def test_an_event_says_the_file_the_counts_and_the_checksum(tmp_path: Path) -> None:
    event = brought(tmp_path / "donnees", tmp_path, quays("Béthune", "Lens"))
    assert (event["features_in"], event["features_out"], event["set_aside"]) == (2, 2, 0)
    assert event["input_sha256"] == history.checksum(tmp_path / "livraison.csv")


def test_what_another_tool_changed_is_a_version_before_it_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "donnees"
    brought(folder, tmp_path, quays("Béthune"))
    edited = (folder / "quais.geojson").read_bytes().replace(b"B\xc3\xa9thune", b"retouche")
    (folder / "quais.geojson").write_bytes(edited)
    brought(folder, tmp_path, quays("Lens"))
    assert [event["command"] for event in history.events(folder, "quais")][1] == "modifiée hors de l'outil"
    assert history.version_path(folder, "quais", 2).read_bytes() == edited


@pytest.mark.parametrize("nth", range(1, 8))
def test_a_disk_that_fills_at_any_write_never_blocks_the_next_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """Once room is made the import passes, every version is named, and none is kept for nothing."""
    folder = tmp_path / "donnees"
    brought(folder, tmp_path, quays("Béthune"))
    real, count = store.replace, 0

    def full(path: Path, *more_args: object, **more: object) -> None:
        nonlocal count
        count += 1
        if count == nth:
            raise UnwritableFile("disque plein")
        real(path, *more_args, **more)

    monkeypatch.setattr(store, "replace", full)
    with contextlib.suppress(UnwritableFile):
        brought(folder, tmp_path, quays("Lens"))
    monkeypatch.setattr(store, "replace", real)
    brought(folder, tmp_path, quays("Harnes"))
    assert layers.read(folder / "quais.geojson")["quai_nom"].tolist() == ["Harnes"]
    versions = {event["version"] for event in history.events(folder, "quais") if "version" in event}
    files = {int(file.stem) for file in (folder / history.FOLDER / "quais").glob("*.geojson")}
    assert files == versions
    for number in versions:
        history.version_path(folder, "quais", number)


def test_a_temporary_file_of_the_dead_goes_a_day_later_wherever_it_lies(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    old, fresh = (tmp_path / f"{store.PREFIX}{int(gone.stdout)}-{n}{store.SUFFIX}" for n in "ab")
    for file in (old, fresh):
        file.touch()
    os.utime(old, (0, 0))
    store.replace(tmp_path / "note.txt", b"neuf")
    assert [file.exists() for file in (old, fresh)] == [False, True]


def test_a_version_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "donnees"
    brought(folder, tmp_path, quays("Béthune"))
    history.version_path(folder, "quais", 1).write_bytes(b"{}")
    with pytest.raises(UnreadableFile, match="a été changée"):
        workspace.restore(folder, "quais", 1)
    with pytest.raises(UnknownName, match="« 7 »"):
        workspace.restore(folder, "quais", 7)


def test_the_same_file_twice_gives_the_same_bytes_and_one_version(tmp_path: Path) -> None:
    folder = tmp_path / "donnees"
    brought(folder, tmp_path, quays("Béthune"))
    first = (folder / "quais.geojson").read_bytes()
    brought(folder, tmp_path, quays("Béthune"))
    assert (folder / "quais.geojson").read_bytes() == first
    assert [event["version"] for event in history.events(folder, "quais")] == [1, 1]


@pytest.mark.parametrize("name", ["../x", "CON", "con", "Quais", "é", "-x", ".x", "a" * 65, "a/b", ""])
def test_a_name_that_is_no_layer_is_refused_with_a_proposal(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadValue, match="Proposition"):
        history.layer_path(tmp_path, name)


def test_a_repair_is_a_version_and_says_its_areas(tmp_path: Path) -> None:
    folder = tmp_path / "donnees"
    folder.mkdir()
    pair = layers.read(_two_squares(tmp_path))
    layers.write(pair, folder / "zones.geojson")
    _, report = workspace.repair_layer(folder, "zones", max_overlap_m2=2_000.0)
    assert report["rule"].tolist() == ["recouvrement"]
    assert report[["before_m2", "after_m2"]].values.tolist() == [pytest.approx([1e6, 999_000], abs=20)]
    assert report["flagged"].tolist() == [True]
    assert [event["command"] for event in history.events(folder, "zones")] == [
        "modifiée hors de l'outil",
        "reparer",
    ]
    assert layers.read(folder / "zones.geojson").union_all().area == pytest.approx(1_999_000, abs=50)


def _two_squares(tmp_path: Path) -> Path:
    import pandas as pd

    pair = [plain.square(x_km=x, y_km=0, side_km=1, nom=str(x)) for x in (0, 0.999)]
    layers.write(pd.concat(pair, ignore_index=True), tmp_path / "deux.geojson")
    return tmp_path / "deux.geojson"


@pytest.mark.parametrize(
    ("feature", "sound"),
    [
        ('{"type":"Feature","properties":{"a":null},"geometry":{"type":"Point","coordinates":[2,50]}}', True),
        ('{"type":"Feature","properties":{"geometry":null},"geometry":null}', True),
        ('{"type":"Feature","properties":{"a":{"x":1,"geometry":null}},"geometry":null,"b":null}', True),
        ('{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[null,50]}}', False),
        ('{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[NaN,50]}}', False),
        ('{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[2,50]}', False),
        ("null", False),
    ],
)
def test_a_version_that_does_not_read_back_replaces_nothing(
    feature: str, sound: bool, tmp_path: Path
) -> None:
    version_file = tmp_path / "0001.geojson"
    version_file.write_text('{"type":"FeatureCollection",\n"features":[\n' + feature + "\n]}\n")
    if sound:
        workspace._readable(version_file)
        return
    with pytest.raises(UnwritableFile, match="ne se relit pas"):
        workspace._readable(version_file)
