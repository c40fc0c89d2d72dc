"""What each protocol makes of each trouble: everything or nothing, and one French sentence."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import open_data
import pytest
from open_data import Answer, World

from artois_geo import layers, sources
from artois_geo.errors import ArtoisGeoError, SourceError

pytest.importorskip("py7zr")

COUNT, SIZE = 25, 10
BOX = f"{open_data.WEST + 1},{open_data.SOUTH + 1},{open_data.WEST + 9_999},{open_data.SOUTH + 9_999}"
HTML = Answer(b"<!DOCTYPE html><html><body>Maintenance</body></html>", content_type="text/html")
ELSEWHERE = Answer(b"", 302, headers={"Location": "https://exemple.fr/x"})
REPORT = Answer(
    b'<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1">'
    b"<ows:ExceptionText>Couche inconnue</ows:ExceptionText></ows:ExceptionReport>",
    content_type="text/xml",
)


def _climbing() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../a.json", "{}")
        archive.writestr("../../a.csv", "idcom")
    return stream.getvalue()


CLIMBING = _climbing()


@dataclass(frozen=True)
class Case:
    """A source of a protocol, what is asked of it, which request brings data, how many objects come."""

    source: str
    scope: sources.Scope
    call: int
    objects: int
    calls: int
    access: dict[str, Any] = field(default_factory=dict)


CASES = {
    "wfs": Case("communes", sources.scope_of(epci=open_data.EPCI), 3, COUNT, 4, {"page_size": SIZE}),
    "datagouv": Case("conso_enaf", sources.scope_of(epci=open_data.EPCI), 3, COUNT, 3),
    "rest_pages": Case("gpu_sup", sources.scope_of(emprise=BOX), 1, COUNT, 3),
    "rest_pages, numéros": Case(
        "risques_casias", sources.scope_of(communes="62001"), 2, COUNT, 3, {"page_size": SIZE}
    ),
    "rest_pages, suite": Case(
        "risques_casias",
        sources.scope_of(communes="62001"),
        2,
        COUNT,
        3,
        {"page_size": SIZE, "style": "suite", "size_name": ""},
    ),
    "fichier": Case("cadastre_parcelles", sources.scope_of(communes="62001,62002"), 2, 2, 3),
    "atom": Case("ocsge_artif_2021", sources.scope_of(departement="62"), 3, COUNT, 3),
    "arcgis": Case("pene", sources.Scope("france"), 3, COUNT, 5, {"page_size": SIZE}),
}
PAGED = ("wfs", "rest_pages, numéros", "rest_pages, suite", "arcgis")


def _in_a_while(_: Answer) -> Answer:
    later = datetime.now(UTC) + timedelta(seconds=100)
    return Answer(b"", 429, headers={"Retry-After": format_datetime(later, usegmt=True)})


def _half(right: Answer) -> Answer:
    return Answer(right.body[: len(right.body) // 2], content_type=right.content_type)


def _cut(right: Answer) -> Answer:
    return replace(right, cut_after=len(right.body) // 2)


def _elsewhere(right: Answer) -> Answer:
    """Name files of another host."""
    body = right.body
    for host in (b"data.geopf.fr", b"www.data.gouv.fr", b"static.data.gouv.fr", b"www.georisques.gouv.fr"):
        body = body.replace(b"https://" + host + b"/tele", b"https://exemple.fr/tele")
        body = body.replace(b"https://" + host + b"/api", b"https://exemple.fr/api")
    return replace(right, body=body)


def _turned(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write north before east."""

    def swap(nested: Any) -> Any:
        return [swap(each) for each in nested] if isinstance(nested[0], list) else [nested[1], nested[0]]

    name = "geom" if features and "geom" in features[0] else "geometry"
    return [each | {name: each[name] | {"coordinates": swap(each[name]["coordinates"])}} for each in features]


def _renamed(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give another name to the first column, as a producer does from one edition to the next."""

    def rename(row: dict[str, Any]) -> dict[str, Any]:
        first = next(name for name in row if name not in {"geom", "properties", "geometry", "type", "id_"})
        return {("nouveau" if name == first else name): cell for name, cell in row.items()}

    return [
        each | {"properties": rename(each["properties"])} if "properties" in each else rename(each)
        for each in features
    ]


def _first_again(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bring the object of another page: pages overlap where a server does not sort."""
    if not features:
        return features
    again = _first_again.first.setdefault("object", features[0])  # type: ignore[attr-defined]
    return [again, *features[1:]]


def _twice(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*features[:1], *features] if features else features


Trouble = Callable[[World, Case], None]


def at_data(answer: object) -> Trouble:
    """Answer otherwise to the request that brings data."""
    return lambda world, case: world.faults.update({case.call: answer})


def at_first(answer: object) -> Trouble:
    """Answer otherwise to the first request, which says where the data is."""
    return lambda world, case: world.faults.update({1: answer})


def over_data(change: Callable) -> Trouble:
    """Change the objects of every answer."""
    return lambda world, case: setattr(world, "change", change)


def table(change: Callable[[bytes], bytes]) -> Trouble:
    return lambda world, case: setattr(world, "table", change(world.table))


def packed(*arguments: object) -> Trouble:
    return lambda world, case: setattr(world, "packed", open_data.archive(*arguments))


def limited(world: World, case: Case) -> None:
    """Cut every answer at fewer objects than asked for, with a 200."""
    world.page_limit = 5


def summed(world: World, case: Case) -> None:
    world.checksum = "0" * (32 if case.source.startswith("ocsge") else 40)


def emptied(world: World, case: Case) -> None:
    world.features, world.table = [], world.table.splitlines(keepends=True)[0]
    world.deliveries = {}


def climbing(world: World, case: Case) -> None:
    """Put the table in an archive, under a name that climbs."""
    world.table = CLIMBING


ALL = tuple(CASES)
LINKED = ("atom", "datagouv", "rest_pages, suite")
JSON = ("rest_pages", *PAGED)
# trouble, how it is made, the protocols that may have it, what is said of it; "" where it passes by itself
OUTCOMES: list[tuple[str, Trouble, tuple[str, ...], str]] = [
    ("normal", lambda world, case: None, ALL, ""),
    ("tronqué", at_data(_half), JSON, "JSON tronquée ou mal écrite"),
    ("tronqué", at_data(_half), ("fichier", "atom"), "[Ff]ichier tronqué"),
    ("tronqué", at_data(_half), ("datagouv",), "Somme de contrôle fausse"),
    ("axes inversés", over_data(_turned), (*JSON, "fichier"), "Axes inversés"),
    ("axes inversés", packed("artif_2021_62", COUNT, "a", 3857), ("atom",), "n'est pas en EPSG:2154"),
    ("objet répété", over_data(_first_again), PAGED, r"Objet répété : .*00001.json et dans .*00002.json"),
    ("objet répété", over_data(_twice), ("rest_pages", "fichier"), "Objet répété|coupée|incomplète"),
    ("objet répété", table(lambda text: text + text.splitlines()[1]), ("datagouv",), "Objet répété"),
    ("compte coupé, 200", limited, (*PAGED,), "Page incomplète|objets attendus"),
    ("compte coupé, 200", limited, ("rest_pages",), ""),  # asked again by quarters
    ("429, secondes", at_data(Answer(b"", 429, headers={"Retry-After": "7"})), ALL, ""),
    ("429, date", at_data(_in_a_while), ALL, ""),
    ("503 puis 200", at_data(Answer(b"", 503)), ALL, ""),
    ("coupure", at_data(_cut), ALL, ""),
    ("HTML, 200", at_data(HTML), ALL, "Page web reçue à la place des données"),
    ("XML d'erreur, 200", at_data(REPORT), ALL, "rapport d'erreur .* « Couche inconnue »"),
    ("somme fausse", summed, ("datagouv", "atom"), "Somme de contrôle fausse"),
    ("colonne renommée", over_data(_renamed), (*JSON, "fichier"), "Colonne absente .* non attendues"),
    ("colonne renommée", table(lambda t: t.replace(b"idcomtxt", b"nom")), ("datagouv",), "Colonne absente"),
    (
        "redirection",
        at_data(Answer(b"", 302, headers={"Location": "https://exemple.fr/x"})),
        ALL,
        "exemple.fr",
    ),
    ("lien ailleurs", at_first(_elsewhere), LINKED, "(adresse|page suivante) refusée : https://exemple.fr"),
    ("membre qui sort", at_data(Answer(CLIMBING)), ("fichier",), "sort de l'archive"),
    ("membre qui sort", climbing, ("datagouv",), "sort de l'archive"),
    ("objet répété", packed("artif_2021_62", COUNT, "a", 2154, "code_cs", 2), ("atom",), "Objet répété"),
    ("colonne renommée", packed("artif_2021_62", COUNT, "a", 2154, "cs"), ("atom",), "colonnes .*code_cs"),
    ("HTML au premier appel", at_first(HTML), ALL, "Page web reçue|Aucune édition"),
    ("503 au premier appel", at_first(Answer(b"", 503)), ALL, ""),
    ("404", at_data(Answer(b"", 404)), ALL, "répond 404"),
    ("vide", at_data(Answer(b"")), ALL, "Réponse vide"),
]
ROWS = [
    pytest.param(protocol, trouble, message, id=f"{protocol}-{name}")
    for name, trouble, protocols, message in OUTCOMES
    for protocol in protocols
]


@pytest.fixture(scope="module")
def features() -> list[dict[str, Any]]:
    return open_data.communes(COUNT)


@pytest.fixture(scope="module")
def server() -> Any:
    with open_data.served(World()) as world:
        yield world


@pytest.fixture
def world(server: World, features: list[dict[str, Any]]) -> World:
    """Put the one server of this file back in order."""
    port, fresh = server.port, World(features, open_data.consumption(COUNT))
    fresh.defaults = {"page": "1", "page_size": str(SIZE)}
    fresh.packed = open_data.archive("artif_2021_62", COUNT)
    server.__dict__.update(fresh.__dict__)
    server.port = port
    _first_again.first = {}  # type: ignore[attr-defined]
    return server


def take(case: Case, world: World, folder: Path, waits: list[float]) -> sources.Taken:
    source = sources.source_named(case.source)
    source = replace(source, access=replace(source.access, **case.access))
    client = sources.Client(source.access.hosts, wait=waits.append, jitter=lambda: 0.0, bases=world.bases)
    return sources.take(source, case.scope, folder, client=client)


@pytest.mark.parametrize(("protocol", "trouble", "message"), ROWS)
def test_the_outcome(world: World, tmp_path: Path, protocol: str, trouble: Trouble, message: str) -> None:
    case, waits = CASES[protocol], list[float]()
    trouble(world, case)
    if message:
        with pytest.raises(ArtoisGeoError, match=f"(?s){message}") as refusal:
            take(case, world, tmp_path, waits)
        assert "Traceback" not in str(refusal.value)
        assert not list(tmp_path.glob("*.geojson"))
        assert not list(tmp_path.rglob("provenance.json"))
        assert not list(tmp_path.rglob("*.tmp"))
        return
    fetch = take(case, world, tmp_path, waits)
    assert fetch.snapshot.facts["objets"] == case.objects
    assert len(layers.read(layers.read_catalogue(tmp_path)[fetch.layer])) == case.objects
    is_quartered = "morceaux" in fetch.snapshot.facts
    assert is_quartered or len(world.calls) - len(world.faults) in {case.calls, case.calls + 1}  # redirected
    pauses = [round(wait) for wait in waits if wait > 0.5]
    assert len(pauses) == len(world.faults)
    assert sources.replay(tmp_path, fetch.snapshot.name).is_same


# protocol -> what is said where nothing is published; "" where it is an answer
NOTHING = {
    "wfs": "Aucun objet pour",  # each commune has an outline
    "datagouv": "Aucun objet pour",
    "fichier": "Aucun objet pour",
    "rest_pages": "",
    "rest_pages, numéros": "",
    "rest_pages, suite": "",
    "arcgis": "",
    "atom": "Aucune livraison de ce produit",
}


@pytest.mark.parametrize("protocol", ALL)
def test_nothing_published_is_no_error_and_no_layer(world: World, tmp_path: Path, protocol: str) -> None:
    case = CASES[protocol]
    emptied(world, case)
    if NOTHING[protocol]:
        with pytest.raises(SourceError, match=NOTHING[protocol]):
            take(case, world, tmp_path, [])
        assert not list(tmp_path.rglob("provenance.json"))
    else:
        fetch = take(case, world, tmp_path, [])
        assert (fetch.layer, fetch.snapshot.facts["objets"]) == ("", 0)
    assert not list(tmp_path.glob("*.geojson"))
