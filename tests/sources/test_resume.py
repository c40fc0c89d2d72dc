"""A fetch that is cut or killed: what was whole is not asked for again, a file goes on where it stopped."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

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
    done = take(world, tmp_path, "ocsge_artif_2021", sources.scope_of(departement="62"))
    start = int(world.ranges[0][6:-1])
    assert len(world.packed) // 2 - 256 <= start <= len(world.packed) // 2
    assert done.received_bytes < len(world.packed) + 5_000  # lists, and each byte of the archive once
    assert done.snapshot.facts["pages"][-1]["octets"] == len(world.packed)
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="un processus à tuer")
def test_killed_at_three_moments_each_whole_page_is_asked_for_once(world: World, tmp_path: Path) -> None:
    """Kill the fetch inside its first, its second and its last page, then let it end."""
    reached = threading.Event()
    inside: list[str] = []

    def hang(right: Answer) -> Answer:
        inside.append(world.calls[-1])
        reached.set()
        time.sleep(0.3)  # longer than the child lives
        return right

    def taking() -> None:
        take(world, tmp_path, "communes", sources.scope_of(epci=open_data.EPCI), 4)

    for moment in range(3):
        reached.clear()
        world.faults = {len(world.calls) + (3 if moment else 2): hang}  # the count, a page, then this one
        child = os.fork()
        if not child:
            taking()
            os._exit(0)
        assert reached.wait(20)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert len(list(tmp_path.rglob("01-*.json.reponse.json"))) == moment
        assert not list(tmp_path.rglob("provenance.json"))
    world.faults = {}
    done = take(world, tmp_path, "communes", sources.scope_of(epci=open_data.EPCI), 4)
    assert (done.snapshot.facts["objets"], done.resumed_pages) == (COUNT, 2)
    asked = Counter(call for call in world.calls if "STARTINDEX" in call)
    assert len(set(inside)) == 3
    assert set((asked - Counter(inside)).values()) == {1}
