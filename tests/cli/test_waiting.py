"""What a reader sees of a long command, and what an interruption leaves behind."""

import json
import logging
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import one_site
import plain
import pytest
from cli_runner import run

from artois_geo import cli
from artois_geo.cli import waiting
from artois_geo.overlay import engine

ROOT = Path(__file__).parents[2]

# A command whose reading never ends by itself: each batch of the file comes twice a second.
SLOW_READER = """
import sys, time
from artois_geo.overlay import sources
batches = sources.GeoPackage._batches
def slowly(*args):
    for batch in batches(*args):
        for _ in range(200):
            print("LECTURE", flush=True)
            time.sleep(0.5)
            yield batch
sources.GeoPackage._batches = slowly
"""
SLOW_WRITER = """
import sys, time
from artois_geo.formats.geojson import geojson_writer
pieces = geojson_writer.pieces_of
def slowly(frames):
    for piece in pieces(frames):
        for letter in piece:
            yield letter
            if letter == "[":
                print("ECRITURE", flush=True)
                time.sleep(1)
geojson_writer.pieces_of = slowly
"""
# Interrupted by itself at the moment when the layer is put in its place.
TOO_LATE = """
import os, signal, sys
from artois_geo.layers import store
replace = store.replace
def interrupted(path, *args, **kwargs):
    replace(path, *args, **kwargs)
    if path.name == "zones.geojson":
        os.kill(os.getpid(), signal.SIGINT)
store.replace = interrupted
"""
# Interrupted by itself at the moment when the files of a pack take their places.
AMID_A_FOLDER = """
import os, signal
from artois_geo.layers import store
replace_all = store.replace_all
def interrupted(files):
    os.kill(os.getpid(), signal.SIGINT)
    replace_all(files)
store.replace_all = interrupted
"""
BEFORE_A_FOLDER = AMID_A_FOLDER.replace("    replace_all(files)\n", "").replace(
    "store.replace_all", "store.uninterrupted"
)


@pytest.fixture
def ocsge(tmp_path):
    folder = tmp_path / "donnees"
    folder.mkdir()
    square = plain.square(x_km=0, y_km=0, side_km=1)
    square.assign(code_cs="CS1.1.1.1", code_us="US2").to_file(folder / "ocsge.gpkg")
    square.assign(insee="62001").to_file(folder / "commune.gpkg")
    return folder


def started(code: str, *args: object, tmp: Path, **streams: object) -> subprocess.Popen:
    tmp.mkdir(exist_ok=True)
    main = f"{code}\nfrom artois_geo.cli import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", main, *map(str, args)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **streams},
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp)},
        # a shell that runs the tests in the background has them ignore the signal
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def interrupted(process: subprocess.Popen, word: str) -> str:
    """Standard error of a command interrupted, twice in a row, once it has said a word."""
    assert process.stdout is not None
    while word not in (line := process.stdout.readline()):
        assert line, process.communicate()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, output = process.communicate(timeout=300)
    assert process.returncode == 130, output
    assert "Traceback" not in output
    return output


def stock(folder: Path, *more: object) -> tuple[object, ...]:
    zones = ("--zones", folder / "commune.gpkg", "--cle", "insee")
    return ("zan", "stock", folder / "ocsge.gpkg", *zones, *more)


def test_an_interrupted_table_is_not_written(ocsge, tmp_path):
    before = sorted(ocsge.iterdir())
    target = ocsge / "stock.csv"
    process = started(SLOW_READER, *stock(ocsge, "--sortie", target), tmp=tmp_path / "tmp")
    assert "Interrompu : rien n'a été écrit." in interrupted(process, "LECTURE")
    assert sorted(ocsge.iterdir()) == before
    assert list((tmp_path / "tmp").iterdir()) == []


def test_an_interrupted_working_copy_leaves_nothing(ocsge, tmp_path):
    pytest.importorskip("numba")
    copies = tmp_path / "copies"
    process = started(SLOW_READER, *stock(ocsge, "--copie", copies), tmp=tmp_path / "tmp")
    assert "Interrompu : rien n'a été écrit." in interrupted(process, "LECTURE")
    assert list(copies.iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture
def delivery(tmp_path):
    path = tmp_path / "zones.geojson"
    square = {"type": "Polygon", "coordinates": [[[2.8, 50.4], [2.81, 50.4], [2.81, 50.41], [2.8, 50.4]]]}
    feature = {"type": "Feature", "properties": {"nom": "A"}, "geometry": square}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_an_import_interrupted_while_it_writes_leaves_nothing(delivery, tmp_path):
    home = tmp_path / "travail"
    args = ("--donnees", home, "couches", "importer", delivery, "--type", "libre", "--vers", "zones")
    process = started(SLOW_WRITER, *args, tmp=tmp_path / "tmp")
    assert "Interrompu : rien n'a été écrit." in interrupted(process, "ECRITURE")
    # the lock stays, as a file that nobody holds
    assert [path.name for path in home.rglob("*") if path.is_file()] == [".verrou"]
    assert list((tmp_path / "tmp").iterdir()) == []
    assert run(*args).exit_code == 0


def test_an_import_interrupted_too_late_is_whole_and_said(delivery, tmp_path):
    home = tmp_path / "travail"
    args = ("--donnees", home, "couches", "importer", delivery, "--type", "libre", "--vers", "zones")
    process = started(TOO_LATE, *args, tmp=tmp_path / "tmp")
    _, output = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "la couche « zones » était déjà remplacée, elle est entière." in output
    names = {path.name for path in home.rglob("*") if path.is_file()}
    assert names == {".verrou", "zones.geojson", "0001.geojson", "zones.jsonl", "catalogue.toml"}
    assert run("--donnees", home, "couches", "historique", "zones").exit_code == 0


@pytest.mark.parametrize(
    ("code", "message", "is_whole"),
    [(AMID_A_FOLDER, "est écrit en entier.", True), (BEFORE_A_FOLDER, "rien n'a été écrit.", False)],
)
def test_a_pack_is_there_in_full_or_not_at_all(tmp_path, code, message, is_whole):
    data, folder = one_site.catalogue(tmp_path / "couches").folder, tmp_path / "simi"
    args = ("--donnees", data, "simi", "--sans-pdf", "--sans-analyses", "--sortie", folder)
    process = started(code, *args, tmp=tmp_path / "tmp")
    _, output = process.communicate(timeout=300)
    assert (process.returncode, message in output) == (130, True), output
    files = {path.name for path in folder.rglob("*") if path.is_file()}
    assert ({"manifest.json", "carte.html", "index.html"} <= files) if is_whole else files == set()


def on_a_terminal(ocsge: Path, tmp_path: Path, *more: str, **environment: str) -> tuple[str, str]:
    """Standard output, and what a terminal shows of standard error, of a command of some seconds."""
    reader = SLOW_READER.replace("range(200)", "range(3)").replace("LECTURE", "")
    leader, follower = pty.openpty()
    os.environ.update(environment)
    try:
        process = started(reader, *stock(ocsge, *more), tmp=tmp_path / "tmp", stderr=follower)
    finally:
        for name in environment:
            del os.environ[name]
    os.close(follower)
    screen = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        screen += piece
    os.close(leader)
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 1, out  # the same polygons three times over: refused once read
    return out, screen.decode()


def test_the_bar_is_on_standard_error_of_a_terminal_and_goes_away(ocsge, tmp_path):
    out, screen = on_a_terminal(ocsge, tmp_path, "--progress", TERM="xterm")
    assert "Surfaces de ocsge.gpkg" in screen
    assert "100 %" in screen
    assert screen.rstrip().endswith("réunis ?")  # the refusal, on a line of its own
    assert "\x1b" not in out


def test_no_bar_without_colours_has_a_colour(ocsge, tmp_path):
    _, screen = on_a_terminal(ocsge, tmp_path, "--progress", TERM="xterm", NO_COLOR="1")
    assert "Surfaces de ocsge.gpkg" in screen
    assert re.findall(r"\x1b\[(?:\d+;)*[34]\d(?:;\d+)*m", screen) == []


def test_no_bar_where_none_is_wanted(ocsge, tmp_path):
    _, screen = on_a_terminal(ocsge, tmp_path, "--no-progress", TERM="xterm")
    assert "Surfaces" not in screen


def test_nothing_is_shown_in_a_pipe(ocsge):
    result = run(*stock(ocsge, "--progress"))
    assert result.exit_code == 0
    assert result.stderr == ""


def test_the_bar_waits_before_it_shows(monkeypatch):
    started: list[float] = []

    class Timer:
        daemon = False

        def __init__(self, delay, show):
            started.append(delay)

        def start(self):
            started.append(-1)

        def cancel(self):
            pass

    monkeypatch.setattr(waiting.threading, "Timer", Timer)
    monkeypatch.setattr(sys, "stderr", type("Terminal", (), {"isatty": lambda self: True})())
    with click.Context(cli.root):
        for is_wanted in (None, True, False):
            with waiting.shown(is_wanted):
                pass
    assert started == [2.0, -1, 0.0, -1, 2.0]


@pytest.fixture
def slow_path(monkeypatch):
    monkeypatch.setattr(engine, "_FEW_ROWS", 0)
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)


def test_a_slow_engine_is_said_once_with_its_remedy(ocsge, slow_path):
    args = ("--avant", ocsge / "ocsge.gpkg", "--apres", ocsge / "ocsge.gpkg")
    zones = ("--zones", ocsge / "commune.gpkg", "--cle", "insee")
    result = run("zan", "artificialisation", *args, *zones)
    assert result.exit_code == 0
    assert result.stderr.count("pip install artois-geo[rapide]") == 1
    assert len(result.stderr.splitlines()) == 1


def test_the_engine_at_work_is_said_to_who_asks(ocsge, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(engine, "_FEW_ROWS", 0)
    assert run(*stock(ocsge)).stderr == ""
    assert "Moteur : noyau compilé" in run("-v", *stock(ocsge)).stderr
    assert logging.getLogger("artois_geo").handlers == []


def test_few_polygons_are_not_worth_a_word(ocsge, monkeypatch):
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)
    assert run(*stock(ocsge)).stderr == ""


def test_the_number_of_cores_is_asked_and_changes_no_figure(ocsge):
    result = run(*stock(ocsge, "--coeurs", "1", "--format", "json"))
    assert json.loads(result.stdout)["rows"][0]["artificial_ha"] == pytest.approx(100)
    refused = run(*stock(ocsge, "--coeurs", "0"))
    assert refused.exit_code == 2
    assert "--coeurs" in refused.stderr
