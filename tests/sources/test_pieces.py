"""An answer cut at a ceiling with a 200 is asked again by quarters: every object once, or a refusal."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import open_data
import pytest
from open_data import Answer, World

from artois_geo import layers, sources
from artois_geo.errors import SourceError

COUNT, CAP = 25, 5
BOX = f"{open_data.WEST + 1},{open_data.SOUTH + 1},{open_data.WEST + 9_999},{open_data.SOUTH + 9_999}"
NAMES = {"rest_pages": "gpu_sup", "wfs": "communes"}
Take = Callable[[str], sources.Taken]


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(open_data.communes(COUNT), page_limit=CAP)) as served:
        yield served


@pytest.fixture
def take(world: World, tmp_path: Path) -> Take:
    def taking(protocol: str) -> sources.Taken:
        source = sources.source_named(NAMES[protocol])
        client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
        return sources.take(source, sources.scope_of(emprise=BOX), tmp_path, client=client)

    return taking


@pytest.mark.parametrize("protocol", NAMES)
def test_quarters_bring_each_object_once(take: Take, tmp_path: Path, protocol: str) -> None:
    fetch = take(protocol)
    facts = fetch.snapshot.facts
    assert facts["objets"] == facts["objets_annonces"] == facts["objets_recus"] == COUNT
    layer = layers.read(layers.read_catalogue(tmp_path)[fetch.layer])
    assert (len(layer), layer[layer.columns[0]].is_unique) == (COUNT, True)
    assert int(facts["morceaux"]) >= COUNT // CAP
    assert sources.replay(tmp_path, fetch.snapshot.name).is_same


def test_communes_on_the_middle_line_come_in_several_quarters_and_count_once(take: Take) -> None:
    """Five squares a side: the third row and the third column lie across the first cut."""
    pages = [page for page in take("wfs").snapshot.facts["pages"] if "numberMatched" not in page["adresse"]]
    bring = [page for page in pages if not page["fichier"].startswith("00-")]
    assert sum(page["objets"] for page in bring) == COUNT
    assert len(bring) > COUNT // CAP


@pytest.mark.parametrize("protocol", NAMES)
def test_an_object_that_no_quarter_brings_is_missed(
    take: Take, world: World, tmp_path: Path, protocol: str
) -> None:
    calls_before = {"rest_pages": 1, "wfs": 2}[protocol]
    features = list(world.features)

    def lose(right: Answer) -> Answer:
        world.features = features[1:]
        return right

    world.faults = {calls_before: lose}
    with pytest.raises(
        SourceError, match=r"Morceaux incomplets .* : 25 objets annoncés, 24 reçus en \d+ mor"
    ):
        take(protocol)
    assert not list(tmp_path.glob("*.geojson"))


def test_objects_in_one_spot_cannot_be_parted(take: Take, world: World, tmp_path: Path) -> None:
    spot = world.features[12]
    world.features = [
        feature | {"geometry": spot["geometry"], "properties": feature["properties"]}
        for feature in world.features
    ]
    with pytest.raises(SourceError, match=r"coupée par le serveur, qui ne se partage plus .* plus petit"):
        take("rest_pages")
    assert not list(tmp_path.glob("*.geojson"))


@pytest.mark.parametrize("protocol", NAMES)
def test_a_fetch_by_pieces_goes_on_where_it_stopped(take: Take, world: World, protocol: str) -> None:
    world.faults = {12: Answer(b"", 404)}
    with pytest.raises(SourceError, match="répond 404"):
        take(protocol)
    first = Counter(call for call in world.calls[:-1] if "RESULTTYPE" not in call)
    world.faults = {}
    fetch = take(protocol)
    assert fetch.snapshot.facts["objets"] == COUNT
    again = Counter(call for call in world.calls[12:] if "RESULTTYPE" not in call)
    twice = [call for call in first if call in again]
    fetched_queries = {page["adresse"].partition("?")[2] for page in fetch.snapshot.facts["pages"]}
    assert not [call for call in twice if call.partition("?")[2] in fetched_queries]


def test_codes_cannot_be_quartered_and_the_refusal_says_what_came(world: World, tmp_path: Path) -> None:
    source = sources.source_named("communes")
    source = replace(source, access=replace(source.access, page_size=10))
    client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
    with pytest.raises(SourceError, match="10 objets attendus, 5 reçus"):
        sources.take(source, sources.scope_of(epci=open_data.EPCI), tmp_path, client=client)
