"""What a WFS may answer, over real sockets: whole, or one French message and nothing half written."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import open_data
import pytest
from open_data import Answer, World

from artois_geo import __version__, layers, sources
from artois_geo.errors import SourceError
from artois_geo.layers import history

HTML = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
REPORT = (
    b'<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception>'
    b"<ows:ExceptionText>Feature type inconnu</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
)
COUNT, SIZE = 25, 10  # 25 communes by pages of 10: the count, then three pages


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(open_data.communes(COUNT))) as served:
        yield served


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A workspace whose definition of « communes » asks for small pages."""
    folder = tmp_path / "espace"
    (folder / "sources").mkdir(parents=True)
    text = sources.source_named("communes").text.decode()
    (folder / "sources" / "communes.toml").write_text(text.replace("taille = 1000", f"taille = {SIZE}"))
    return folder


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def take(world: World, own: Path, waits: list[float]) -> Callable[..., sources.Taken]:
    def taking(**territory: str) -> sources.Taken:
        source = sources.source_named("communes", own)
        client = sources.Client(source.access.hosts, wait=waits.append, jitter=lambda: 0.0, bases=world.bases)
        scope = sources.scope_of(**(territory or {"epci": open_data.EPCI}))
        return sources.take(source, scope, own, client=client)

    return taking


def changed(change: Callable[[dict], None]) -> Callable[[Answer], Answer]:
    """A fault that changes the JSON of a right answer."""

    def fault(right: Answer) -> Answer:
        page = json.loads(right.body)
        change(page)
        return Answer(json.dumps(page).encode())

    return fault


def test_pages_become_a_snapshot_and_a_layer(take: Callable, world: World, own: Path) -> None:
    fetch = take()
    assert (fetch.requests, fetch.version, fetch.is_same) == (4, 1, True)
    assert world.agents == {f"artois_geo/{__version__}"}
    starts = [call.split("STARTINDEX=")[1].split("&")[0] for call in world.calls[1:]]
    assert starts == ["0", "10", "20"]
    communes = layers.read(layers.read_catalogue(own)["communes"])
    assert len(communes) == COUNT
    assert communes.area.sum() == pytest.approx(COUNT * open_data.SIDE_M**2, rel=1e-6)
    assert communes["epci_siren"].unique().tolist() == [open_data.EPCI]
    facts = fetch.snapshot.facts
    assert (facts["objets_annonces"], facts["objets_recus"], facts["objets"]) == (COUNT, COUNT, COUNT)
    assert facts["verifiee_le"] == "jamais"
    assert [page["statut"] for page in facts["pages"]] == [200] * 4
    assert "vérifiée le : jamais" in layers.read_catalogue(own)["communes"].source
    assert fetch.snapshot.damages() == []


def test_a_snapshot_is_taken_once_a_day_and_replayed_without_network(
    take: Callable, world: World, own: Path
) -> None:
    first = take()
    before = history.checksum(own / "communes.geojson")
    calls = len(world.calls)
    assert take().is_reused
    (own / "communes.geojson").write_bytes(b"{}")
    again = sources.replay(own, first.snapshot.name)
    assert (len(world.calls), again.is_same) == (calls, True)
    assert history.checksum(own / "communes.geojson") == before
    assert history.checksum(first.snapshot.folder / "couche.geojson") == before


def test_a_changed_file_of_a_snapshot_is_refused(take: Callable, own: Path) -> None:
    snapshot = take().snapshot
    snapshot.pages[1].write_bytes(b"{}")
    with pytest.raises(SourceError, match=r"abîmé : pages/01-00001.json a été changé"):
        sources.replay(own, snapshot.name)


def test_communes_asked_for_by_code_are_all_there(take: Callable) -> None:
    fetch = take(communes="62001,62003")
    assert (fetch.snapshot.facts["objets"], fetch.snapshot.facts["communes_sans_objet"]) == (2, [])


def test_a_box_brings_what_it_touches(take: Callable) -> None:
    west, south = open_data.WEST, open_data.SOUTH
    fetch = take(emprise=f"{west + 1},{south + 1},{west + 10},{south + 10}")
    assert fetch.snapshot.facts["objets"] == 1


REFUSALS = [
    (2, Answer(HTML, content_type="text/html"), "Page web reçue à la place des données"),
    (2, Answer(REPORT, content_type="text/xml"), "rapport d'erreur .* « Feature type inconnu »"),
    (1, Answer(REPORT, content_type="text/xml"), "rapport d'erreur .* « Feature type inconnu »"),
    (1, Answer(b"<a><b>", content_type="text/xml"), "XML tronquée ou mal écrite"),
    (1, Answer(b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', content_type="text/xml"), "XML refusé"),
    (2, Answer(b'{"features": [', content_type="application/json"), "JSON tronquée ou mal écrite"),
    (2, Answer(b""), "Réponse vide"),
    (2, Answer(b'{"error": {"code": 400}}'), "par une erreur"),
    (3, changed(lambda page: page["features"].pop()), "Page incomplète .* 10 objets attendus, 9 reçus"),
    (3, changed(lambda page: page.update(numberMatched=26)), "25 objets annoncés au départ, 26 maintenant"),
    (
        3,
        changed(lambda page: page["features"].__setitem__(0, open_data.communes(1)[0])),
        "Objet répété : COMMUNE_0000000000000000 .*01-00001.json et dans 01-00002.json",
    ),
    (
        2,
        changed(
            lambda page: [
                ring.__setitem__(slice(None), [[y, x] for x, y in ring])
                for feature in page["features"]
                for ring in feature["geometry"]["coordinates"][0]
            ]
        ),
        "Axes inversés",
    ),
    (
        2,
        changed(lambda page: page["features"][3]["properties"].update(epci=1) or _rename(page)),
        "Colonne absente .* nom_officiel. Colonnes non attendues : nom_commune",
    ),
    (
        3,
        changed(lambda page: page["features"][0]["properties"].update(codes_siren_des_epci="200000009")),
        "1 objet reçu hors du territoire demandé",
    ),
    (2, Answer(b"", 404), "data.geopf.fr répond 404, adresse introuvable"),
    (2, Answer(b"", 500), "répond 500, panne du serveur"),
    (2, Answer(b"", 302, headers={"Location": "https://exemple.fr/x"}), "redirection refusée : .*exemple.fr"),
    (2, Answer(b"", 302, headers={"Location": "http://data.geopf.fr/x"}), "redirection refusée .* https"),
    (2, Answer(b"", 302, headers={"Location": "https://data.geopf.fr:444/x"}), "redirection refusée"),
    (2, Answer(b"", 302, headers={"Location": "file:///etc/passwd"}), "redirection refusée"),
    (2, Answer(b"", 429, headers={"Retry-After": "4000"}), "demande d'attendre 67 min"),
]


def _rename(page: dict) -> None:
    for feature in page["features"]:
        feature["properties"]["nom_commune"] = feature["properties"].pop("nom_officiel")


@pytest.mark.parametrize(("call", "fault", "message"), REFUSALS, ids=[row[2][:40] for row in REFUSALS])
def test_what_is_not_whole_writes_no_layer(
    take: Callable, world: World, own: Path, call: int, fault: object, message: str
) -> None:
    world.faults = {call: fault}
    with pytest.raises(SourceError, match=message):
        take()
    assert len(world.calls) == (4 if "répété" in message or "hors du territoire" in message else call)
    assert not (own / "communes.geojson").exists()
    assert not list(own.rglob("provenance.json"))
    assert not list(own.rglob("*.tmp"))


def test_the_previous_layer_stays(take: Callable, world: World, own: Path) -> None:
    take(communes="62001")
    before = history.checksum(own / "communes.geojson")
    world.faults = {4: Answer(HTML)}
    with pytest.raises(SourceError):
        take()
    assert history.checksum(own / "communes.geojson") == before


def test_a_count_cut_by_the_server_with_a_200_is_seen(take: Callable, world: World) -> None:
    world.page_limit = 5
    with pytest.raises(SourceError, match="10 objets attendus, 5 reçus"):
        take()


def test_nothing_where_each_commune_has_one_is_refused(take: Callable, own: Path) -> None:
    with pytest.raises(SourceError, match=r"Aucun objet pour 62777 .*axes inversés"):
        take(communes="62001,62777")
    with pytest.raises(SourceError, match="Aucun objet pour EPCI 200000777"):
        take(epci="200000777")
    assert not (own / "communes.geojson").exists()


def in_a_while(_right: Answer) -> Answer:
    later = datetime.now(UTC) + timedelta(seconds=100)
    return Answer(b"", 429, headers={"Retry-After": format_datetime(later, usegmt=True)})


PASSING = [
    ([Answer(b"", 429, headers={"Retry-After": "7"})], (7, 7)),
    ([in_a_while], (1, 100)),
    ([Answer(b"", 503)], (1, 1)),
    ([Answer(b"", 502), Answer(b"", 504)], (1, 2)),
    ([lambda right: Answer(right.body, cut_after=len(right.body) // 2)], (1, 1)),
]


@pytest.mark.parametrize(("faults", "bounds"), PASSING, ids=["seconds", "date", "503", "502-504", "cut"])
def test_what_passes_is_tried_again(
    take: Callable, world: World, waits: list[float], faults: list, bounds: tuple[float, float]
) -> None:
    world.faults = dict(enumerate(faults, start=3))
    assert take().snapshot.facts["objets"] == COUNT
    assert len(world.calls) == 4 + len(faults)
    pauses = [wait for wait in waits if wait > 0.5]  # shorter ones are the polite rate
    assert len(pauses) == len(faults)
    assert bounds[0] <= pauses[0] <= pauses[-1] <= bounds[1]


def test_five_retries_then_a_message_and_the_next_time_finished_pages_are_not_asked_again(
    take: Callable, world: World, own: Path, waits: list[float]
) -> None:
    world.faults = dict.fromkeys(range(4, 10), Answer(b"", 503))
    with pytest.raises(SourceError, match=r"service indisponible \(503\), après 6 essais"):
        take()
    assert [round(wait) for wait in waits if wait > 0.5] == [1, 2, 4, 8, 16]
    assert [path.parent.name for path in sources.unfinished(own)] == ["communes"]
    del world.calls[:]
    world.faults = {}
    fetch = take()
    assert (fetch.resumed_pages, len(world.calls)) == (2, 2)  # the count, and the page that was missing
    assert fetch.snapshot.facts["objets"] == COUNT
    assert sources.unfinished(own) == []


def test_another_count_begins_anew(take: Callable, world: World) -> None:
    world.faults = {4: Answer(b"", 404)}
    with pytest.raises(SourceError):
        take()
    del world.calls[:]
    world.faults, world.features = {}, open_data.communes(COUNT + 1)
    fetch = take()
    assert (fetch.resumed_pages, len(world.calls), fetch.snapshot.facts["objets"]) == (0, 4, COUNT + 1)


def test_too_large_an_answer_and_too_many_objects_are_refused(world: World, own: Path) -> None:
    source = sources.source_named("communes", own)
    client = sources.Client(source.access.hosts, most_bytes=1000, wait=float, bases=world.bases)
    with pytest.raises(SourceError, match="refusée"):
        sources.take(source, sources.scope_of(epci=open_data.EPCI), own, client=client)
    text = source.text.decode().replace("max_objets = 40000", "max_objets = 24")
    (own / "sources" / "communes.toml").write_text(text)
    source = sources.source_named("communes", own)
    client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
    with pytest.raises(SourceError, match="25 objets annoncés, plafond de la source 24"):
        sources.take(source, sources.scope_of(epci=open_data.EPCI), own, client=client)


def test_requests_are_spaced(world: World, own: Path) -> None:
    source, now, waits = sources.source_named("communes", own), [0.0], []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    client = sources.Client(source.access.hosts, wait=wait, clock=lambda: now[0], bases=world.bases)
    sources.take(source, sources.scope_of(epci=open_data.EPCI), own, client=client)
    assert waits == [0.5, 0.5, 0.5]


def test_the_reconstructed_answer_is_read(shared: Path, own: Path) -> None:
    page = json.loads((shared / "data/sources/contours/wfs_commune_62498.json").read_text())
    with open_data.served(World(page["features"])) as world:
        source = sources.source_named("communes", own)
        client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
        fetch = sources.take(source, sources.scope_of(communes="62498"), own, client=client)
    assert fetch.snapshot.facts["objets"] == 1
    assert layers.read(layers.read_catalogue(own)["communes"])["comm_insee"].tolist() == ["62498"]
