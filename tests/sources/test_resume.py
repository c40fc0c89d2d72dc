"""A fetch that is cut or killed: what was whole is not asked for again, a file goes on where it stopped."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import open_data
import pytest
from open_data import Answer, World

from artois_geo import sources
from artois_geo.errors import SourceError

COUNT = 16


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(open_data.communes(COUNT))) as served:
        yield served


def take(world: World, folder: Path, name: str, scope: sources.Scope, page_size: int = 0) -> sources.Taken:
    source = sources.source_named(name)
    if page_size:
        source = replace(source, access=replace(source.access, page_size=page_size))
    client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
    return sources.take(source, scope, folder, client=client)


def cut(right: Answer) -> Answer:
    return replace(right, cut_after=len(right.body) // 2)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artois_geo.sources.transport.PIECE", 256)


def test_a_file_goes_on_where_it_was_cut(world: World, tmp_path: Path) -> None:
    pytest.importorskip("py7zr")
    world.packed = open_data.archive("artif_2021_62", COUNT)
    world.faults = {3: cut}
    fetch = take(world, tmp_path, "ocsge_artif_2021", sources.scope_of(departement="62"))
    start = int(world.ranges[0][6:-1])
    assert len(world.packed) // 2 - 256 <= start <= len(world.packed) // 2
    assert fetch.received_bytes < len(world.packed) + 5_000  # lists, and each byte of the archive once
    assert fetch.snapshot.facts["pages"][-1]["octets"] == len(world.packed)
    assert not list(tmp_path.rglob("*.partiel*"))


def test_another_version_of_the_file_is_brought_whole(world: World, tmp_path: Path) -> None:
    pytest.importorskip("py7zr")
    world.packed = open_data.archive("artif_2021_62", COUNT)
    scope = sources.scope_of(departement="62")
    world.faults = {3: cut} | dict.fromkeys(range(4, 10), Answer(b"", 503))
    with pytest.raises(SourceError, match="après 6 essais"):
        take(world, tmp_path, "ocsge_artif_2021", scope)
    assert [path.suffix for path in tmp_path.rglob("*.partiel")] == [".partiel"]
    world.faults, world.packed = {}, open_data.archive("artif_2021_62", COUNT - 1)
    assert take(world, tmp_path, "ocsge_artif_2021", scope).snapshot.facts["objets"] == COUNT - 1
    assert not list(tmp_path.rglob("*.partiel*"))


def test_a_range_that_begins_elsewhere_is_refused(world: World, tmp_path: Path) -> None:
    pytest.importorskip("py7zr")
    world.packed = open_data.archive("artif_2021_62", COUNT)
    wrong = Answer(b"x", 206, headers={"Content-Range": "bytes 0-1/2"})
    world.faults = {3: cut, 4: wrong}
    with pytest.raises(SourceError, match="ne commence pas où il faut"):
        take(world, tmp_path, "ocsge_artif_2021", sources.scope_of(departement="62"))


EPCI = sources.scope_of(epci=open_data.EPCI)
# a source, its territory, and how many requests come before its first page that is asked for once
KILLED = {
    "wfs": ("communes", EPCI, 1),
    "rest_pages": ("risques_casias", sources.scope_of(communes="62001"), 0),
    "arcgis": ("pene", sources.Scope("france"), 1),
}
WHOLE = KILLED | {
    "datagouv": ("conso_enaf", EPCI, 1),
    "fichier": ("cadastre_parcelles", sources.scope_of(communes="62001,62002"), 1),
    "atom": ("ocsge_artif_2021", sources.scope_of(departement="62"), 2),
}
ABOUT = (
    "RESULTTYPE",
    "returnCountOnly",
    "FeatureServer/0?f=json",
    "api/1/datasets/6a01",
    "telechargement/resource",
)
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="un processus à tuer")


def killed(taking: Callable[[], Any], reached: Callable[[], bool]) -> None:
    """Take in a child, and kill it once it has come so far."""
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            taking()
        os._exit(0)
    assert reached()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@needs_fork
@pytest.mark.parametrize("protocol", KILLED)
def test_killed_at_three_moments_each_whole_page_is_asked_for_once(
    world: World, tmp_path: Path, protocol: str
) -> None:
    """Kill the fetch inside its first, its second and its third page, then let it end."""
    reached = threading.Event()
    inside: list[str] = []
    name, scope, before = KILLED[protocol]

    def hang(right: Answer) -> Answer:
        inside.append(world.calls[-1])
        reached.set()
        time.sleep(0.3)  # longer than the child lives
        return right

    for moment in range(3):
        reached.clear()
        world.faults = {len(world.calls) + before + (2 if moment else 1): hang}
        killed(lambda: take(world, tmp_path, name, scope, 4), lambda: reached.wait(20))
        assert len(list(tmp_path.rglob("0*1-0*.json.reponse.json"))) == moment
        assert not list(tmp_path.rglob("provenance.json"))
    world.faults = {}
    fetch = take(world, tmp_path, name, scope, 4)
    assert fetch.resumed_pages == 2
    request_counts = Counter(call for call in world.calls if not _is_about(call))
    assert len(set(inside)) == 3
    assert set((request_counts - Counter(inside)).values()) == {1}
    assert sources.replay(tmp_path, fetch.snapshot.name).is_same


@needs_fork
@pytest.mark.parametrize("protocol", WHOLE)
def test_killed_while_it_converts_nothing_whole_is_asked_for_again(
    world: World, tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, scope, _ = WHOLE[protocol]
    if protocol == "atom":
        pytest.importorskip("py7zr")
        world.packed = open_data.archive("artif_2021_62", COUNT)
    world.table = open_data.consumption(COUNT)
    mark = tmp_path / "converting"

    def hang(*_: Any) -> None:
        mark.touch()
        time.sleep(30)

    def in_child() -> None:
        monkeypatch.setattr("artois_geo.sources.making.convert", hang)
        take(world, tmp_path, name, scope, 4)

    def reached() -> bool:
        return any(mark.exists() or time.sleep(0.02) for _ in range(1_000))

    killed(in_child, reached)
    call_count = len(world.calls)
    fetch = take(world, tmp_path, name, scope, 4)
    again = [call for call in world.calls[call_count:] if not _is_about(call)]
    assert again == []
    assert fetch.snapshot.facts["objets"]
    assert sources.unfinished(tmp_path) == []


def _is_about(call: str) -> bool:
    """Tell whether a request brings no data: a count, a dataset, a list of deliveries or of editions."""
    return any(word in call for word in ABOUT) or call.endswith("/etalab-cadastre/")
