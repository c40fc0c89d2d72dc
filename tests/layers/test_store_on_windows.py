"""What is written on Windows, its branches forced here: bytes as given, locks, names of devices."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

from artois_geo import layers, suffixes
from artois_geo.formats.exports.short_names import safe_stem
from artois_geo.layers import history, store
from artois_geo.packs import site_sheets

TEXT_MODE = 0x8000  # what os.O_BINARY is there
GONE, ALIVE = 1, 2


def kernel(**answers: object) -> SimpleNamespace:
    """Stand for the calls of the Windows API that a lock makes, and keep the handles that it closes."""
    closed: list[int] = []

    def exit_code(handle: int, answer: object) -> int:
        answer._obj.value = store._STILL_ACTIVE if handle == ALIVE else 0
        return 1

    calls = {
        "OpenProcess": lambda rights, inherit, pid: {10: GONE, 20: ALIVE}.get(pid, 0),
        "GetExitCodeProcess": exit_code,
        "CloseHandle": closed.append,
    }
    return SimpleNamespace(**(calls | answers), closed=closed)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    system = kernel()
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=system), raising=False)
    monkeypatch.setattr(store, "os", SimpleNamespace(**{**vars(os), "name": "nt", "kill": _never}))
    monkeypatch.setattr(store, "fcntl", None)
    return system


def _never(pid: int, signal: int) -> None:
    raise AssertionError("on Windows os.kill(pid, 0) sends a Ctrl-C")


@pytest.mark.parametrize(("pid", "alive"), [(10, False), (20, True), (30, False)])
def test_a_process_is_asked_for_and_never_signalled(windows: SimpleNamespace, pid: int, alive: bool) -> None:
    assert store._alive(pid) is alive
    assert len(windows.closed) == (pid != 30)


def test_the_lock_of_a_dead_process_is_taken_over(windows: SimpleNamespace, tmp_path: Path) -> None:
    lock = tmp_path / f"{store.LOCK_FILE}.exclusif"
    lock.write_text(f'{{"pid": 10, "poste": "{store.socket.gethostname()}"}}', encoding="utf-8")
    with store.lock(tmp_path, command="essai", wait_s=1.0):
        assert lock.is_file()
    assert not lock.exists()


def test_a_folder_is_not_synchronised_there(windows: SimpleNamespace, tmp_path: Path) -> None:
    store.replace(tmp_path / "couche.geojson", b"a\nb\n")
    assert (tmp_path / "couche.geojson").read_bytes() == b"a\nb\n"


def test_files_are_opened_for_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    flags: list[int] = []
    opened = os.open

    def spied(path: object, flag: int, *more_args: object) -> int:
        flags.append(flag)
        return opened(path, flag & ~TEXT_MODE, *more_args)

    monkeypatch.setattr(store, "_AS_WRITTEN", TEXT_MODE)
    monkeypatch.setattr(store.os, "open", spied)
    store._write(tmp_path / "a.txt", [b"1\n"])
    os.close(store._opened(tmp_path / "b.txt", os.O_WRONLY | os.O_CREAT))
    assert all(flag & TEXT_MODE for flag in flags)
    assert len(flags) == 2


@pytest.mark.parametrize("name", ["con", "NUL", "aux.geojson", "Com1.fr.html", "lpt9"])
def test_a_device_is_no_name_of_a_file(name: str) -> None:
    assert suffixes.is_device(name)
    assert not suffixes.is_device(safe_stem(name))
    assert not suffixes.is_device(site_sheets.file_stem(name))


def test_a_layer_named_as_a_device_is_refused_with_a_name_that_works(tmp_path: Path) -> None:
    with pytest.raises(history.BadValue, match="Proposition : « couche_con »"):
        history.layer_path(tmp_path, "con")


def test_a_console_in_the_code_page_of_windows_is_written_to() -> None:
    command = [sys.executable, "-m", "artois_geo.cli", "glossaire", "net_artificialised_ha"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    result = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False)
    assert result.returncode == 0
    output = result.stdout.decode("cp1252")
    assert "surface désartificialisée" in output


def test_a_path_of_windows_keeps_its_drive_beside_the_name_of_a_layer() -> None:
    class Absent(PureWindowsPath):
        def exists(self) -> bool:
            return False

    file, name = layers.split_name(Absent(r"C:\Données\zones.gpkg|layername=zae"))
    assert (file.name.endswith("zones.gpkg"), str(file)[:3], name) == (True, "C:\\", "zae")
