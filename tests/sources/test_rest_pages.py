"""Pages that say where the next is, pages without a total: followed to the end, on declared hosts only."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import open_data
import pytest
from open_data import Answer, World

from artois_geo import sources
from artois_geo.errors import SourceError

BASE = "https://www.georisques.gouv.fr/api/v1/ssp/casias?code_insee=62001"


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(open_data.communes(1))) as served:
        yield served


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Callable[[World], sources.Taken]]:
    """A workspace whose definition numbers pages otherwise: a source is repaired in TOML only."""

    def defined(*changes: tuple[str, str]) -> Callable[[World], sources.Taken]:
        text = sources.source_named("risques_casias").text.decode().replace("taille = 100", "taille = 10")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "risques_casias.toml").write_text(text, encoding="utf-8")

        def taking(world: World) -> sources.Taken:
            source = sources.source_named("risques_casias", tmp_path)
            client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
            return sources.take(source, sources.scope_of(communes="62001"), tmp_path, client=client)

        return taking

    return defined


NEXT = (('style = "page_1"\nnumero = "page"', 'style = "suite"'), ('nombre = "page_size"\n', ""))


def following(*addresses: str) -> dict[int, Callable[[Answer], Answer]]:
    """Faults that name the next page of each request."""

    def with_next(address: str) -> Callable[[Answer], Answer]:
        return lambda right: Answer(json.dumps(json.loads(right.body) | {"next": address}).encode())

    return {call: with_next(address) for call, address in enumerate(addresses, start=1)}


def with_pages(world: World) -> None:
    """Let the server number pages that the client does not."""
    world.defaults = {"page": "1", "page_size": "10"}


def test_next_pages_are_followed_and_plain_http_is_asked_for_by_https(world: World, own: Any) -> None:
    with_pages(world)
    second = f"{BASE}&page=2&page_size=10".replace("https:", "http:")
    world.faults = following(second, f"{BASE}&page=3&page_size=10")
    fetch = own(*NEXT)(world)
    assert (fetch.snapshot.facts["objets"], fetch.requests) == (25, 3)


@pytest.mark.parametrize("address", ["https://exemple.fr/2", "ftp://www.georisques.gouv.fr/2", "/etc/passwd"])
def test_a_next_page_elsewhere_is_refused(world: World, own: Any, tmp_path: Path, address: str) -> None:
    with_pages(world)
    world.faults = following(address)
    with pytest.raises(SourceError, match="page suivante refusée"):
        own(*NEXT)(world)
    assert len(world.calls) == 1
    assert not list(tmp_path.glob("*.geojson"))


def test_without_a_total_the_page_after_the_last_is_asked_for(world: World, own: Any) -> None:
    fetch = own(('total = "results"\n', ""))(world)
    assert (fetch.snapshot.facts["objets"], fetch.requests) == (25, 4)
    assert "objets_annonces" not in fetch.snapshot.facts


def test_a_total_that_changes_between_pages_begins_anew(world: World, own: Any, tmp_path: Path) -> None:
    def more(right: Answer) -> Answer:
        return Answer(right.body.replace(b'"results": 25', b'"results": 26'))

    take = own()
    world.faults = {2: more}
    with pytest.raises(SourceError, match="25 objets annoncés au départ, 26 maintenant"):
        take(world)
    world.faults = {}
    before = len(world.calls)
    assert take(world).snapshot.facts["objets"] == 25
    assert len(world.calls) == before + 3


def test_an_answer_about_the_whole_country_is_refused(world: World, own: Any) -> None:
    """A parameter that a server does not know is ignored: the answer is everything."""

    def everywhere(right: Answer) -> Answer:
        return Answer(right.body.replace(b'"code_insee": "62001"', b'"code_insee": "13055"'))

    world.faults = {3: everywhere}
    with pytest.raises(SourceError, match=r"hors du territoire demandé .* ignoré le filtre"):
        own()(world)
