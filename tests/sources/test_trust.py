"""What a hostile or broken server may answer: one French sentence, no trace, never another host."""

import gzip
import io
import json
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import open_data
import pytest
from cli_runner import run
from open_data import Answer, World

from artois_geo import sources
from artois_geo.errors import ArtoisGeoError, BadValue, SourceError
from artois_geo.sources.hosts import SETTING, replaced_hosts
from artois_geo.sources.transport import _retry_after

COUNT = 4
BOX = f"{open_data.WEST + 1},{open_data.SOUTH + 1},{open_data.WEST + 3_999},{open_data.SOUTH + 3_999}"
SCOPES = {
    "communes": sources.scope_of(epci=open_data.EPCI),
    "conso_enaf": sources.scope_of(epci=open_data.EPCI),
    "gpu_sup": sources.scope_of(emprise=BOX),
    "cadastre_parcelles": sources.scope_of(communes="62001"),
    "ocsge_artif_2021": sources.scope_of(departement="62"),
    "pene": sources.Scope("france"),
}
Take = Callable[[str], sources.Taken]


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    with open_data.served(World()) as served:
        yield served


@pytest.fixture
def world(server: World) -> World:
    port = server.port
    server.__dict__.update(World(open_data.communes(COUNT), open_data.consumption(COUNT)).__dict__)
    server.port = port
    return server


@pytest.fixture
def take(world: World, tmp_path: Path) -> Take:
    def taking(name: str, **access: Any) -> sources.Taken:
        source = sources.source_named(name)
        source = replace(source, access=replace(source.access, **access))
        most = source.access.most_bytes
        client = sources.Client(source.access.hosts, most_bytes=most, wait=float, bases=world.bases)
        return sources.take(source, SCOPES[name], tmp_path, client=client)

    return taking


def refused(take: Callable, folder: Path, message: str, name: str, **access: Any) -> None:
    with pytest.raises(ArtoisGeoError, match=f"(?s){message}") as refusal:
        take(name, **access)
    assert "Traceback" not in str(refusal.value)
    assert not list(folder.glob("*.geojson"))
    assert not list(folder.rglob("provenance.json"))
    assert not list(folder.rglob("*.tmp"))


ADDRESSES = [
    "https://data.geopf.fr@exemple.fr/x",
    "https://nom:mot@data.geopf.fr/x",
    "https://data.geopf.fr:8443/x",
    "http://data.geopf.fr/x",
    "https://dаta.geopf.fr/x",  # a Cyrillic a
    "https://data.geopf.fr\u2100exemple.fr/x",  # a sign that becomes a/c once normalised
    "https://data.geopf.fr.exemple.fr/x",
    "https://data.geopf.fr./x",
    "https://[::1/x",
    "//exemple.fr/x",
    "https://data.geopf.fr\\@exemple.fr/x",
    "file:///etc/passwd",
    "ftp://\x1b[2Jexemple.fr",
]


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_no_address_of_a_server_leads_elsewhere(
    take: Take, world: World, tmp_path: Path, address: str
) -> None:
    """By a redirection, by a dataset, by a list of deliveries."""
    header = address.encode().decode("latin-1")
    world.faults = {2: Answer(b"", 302, headers={"Location": header})}
    refused(take, tmp_path, "redirection refusée", "communes")
    dataset = {"resources": [{"title": open_data.FILE, "latest": address, "url": address}]}
    world.faults = {len(world.calls) + 1: Answer(json.dumps(dataset).encode())}
    refused(take, tmp_path, "adresse refusée", "conso_enaf")
    before = len(world.calls)
    title, mark = open_data.DELIVERY, address.replace("\x1b", "")
    entry = (
        f'<entry><title>{title}</title><updated>2025</updated><link rel="alternate" href="{mark}"/></entry>'
    )
    world.faults = {before + 1: open_data.feed([entry], 1)}
    refused(take, tmp_path, "adresse refusée", "ocsge_artif_2021")
    assert len(world.calls) == before + 1


def _json(change: dict[str, Any]) -> Callable[[Answer], Answer]:
    return lambda right: replace(right, body=json.dumps(json.loads(right.body) | change).encode())


def _first(change: dict[str, Any]) -> Callable[[Answer], Answer]:
    def fault(right: Answer) -> Answer:
        page = json.loads(right.body)
        page["features"][0] = page["features"][0] | change
        return replace(right, body=json.dumps(page).encode())

    return fault


def _property(text: str) -> Callable[[Answer], Answer]:
    """Put a text of JSON in the place of the first name of a commune."""
    return lambda right: replace(right, body=right.body.replace(b'"Fictif-62001"', text.encode(), 1))


def swollen(mib: int) -> bytes:
    """Write a .gz of so many MiB of blanks from one of them: after a full flush a block may be repeated."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = stream.compress(b" " * (1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"", mtime=0)[:10] + block * mib + stream.flush() + bytes(8)


DEEP = "[" * 400 + "]" * 400
VERY_DEEP = "[" * 100_000 + "]" * 100_000
NAMES = ["cleabs", "nom_officiel", "code_insee", "population", "code_insee_du_departement"]
PAGES = [
    (1, lambda right: replace(right, body=right.body.replace(b'"4"', b'"\xc2\xb2"')), "pas de nombre"),
    (1, lambda right: replace(right, body=right.body.replace(b'"4"', b'"' + b"9" * 5_000 + b'"')), "nombre"),
    (1, lambda right: replace(right, body=right.body.replace(b'"4"', b'"-4"')), "pas de nombre"),
    (1, Answer(b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'), "entités"),
    (1, Answer('<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")), "entités|XML"),
    (2, _property(DEEP), "imbriqu|mal écrite"),
    (2, _property(VERY_DEEP), "imbriqu|mal écrite"),
    (2, _property('"\\ud800"'), "mal écrit"),
    (2, _property("NaN"), "mal écrite"),
    (2, _first({"properties": [*NAMES, "codes_siren_des_epci"]}), "sans attributs|liste d'objets"),
    (2, _first({"properties": "x"}), "sans attributs|liste d'objets|Colonne absente"),
    (2, _first({"geometry": {"type": "Point", "coordinates": [float("inf"), 1]}}), "mal écrite|hors de"),
    (2, _first({"geometry": {"type": "Point", "coordinates": []}}), "Objets refusés|illisible"),
    (2, _json({"features": [1, 2, 3, 4]}), "sans liste d'objets"),
    (2, _json({"numberReturned": "tous"}), ""),
    (2, _json({"numberMatched": True}), "annoncé|maintenant"),
    (2, lambda right: replace(right, body=b"\xef\xbb\xbf" + right.body), ""),
    (
        2,
        lambda right: replace(right, body=gzip.compress(right.body), headers={"Content-Encoding": "gzip"}),
        "",
    ),
    (2, Answer(b"x" * 90, headers={"Content-Encoding": "gzip"}), "coupée avant la fin"),
    (2, Answer(b"{}", headers={"Content-Length": "99999999999"}), "de plus de 512 Mio"),
    (2, Answer(swollen(600), headers={"Content-Encoding": "gzip"}), "de plus de 512"),
]


@pytest.mark.parametrize(("call", "fault", "message"), PAGES, ids=range(len(PAGES)))
def test_a_page_that_is_hostile_is_refused_and_one_that_is_odd_is_read(
    take: Take, world: World, tmp_path: Path, call: int, fault: Any, message: str
) -> None:
    world.faults = dict.fromkeys(range(call, call + 6), fault)
    if message:
        refused(take, tmp_path, message, "communes")
    else:
        world.faults = {call: fault}
        assert take("communes").snapshot.facts["objets"] == COUNT


def packed(members: dict[str, bytes], *, link: str = "") -> bytes:
    """Make a .zip by hand, with a link in it where it is said so."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if link:
            member = zipfile.ZipInfo(link)
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, "/etc/passwd")
    return stream.getvalue()


def _seven(name: str, content: bytes) -> bytes:
    py7zr = pytest.importorskip("py7zr")
    stream = io.BytesIO()
    with py7zr.SevenZipFile(stream, "w") as archive:
        archive.writestr(content, name)
    return stream.getvalue()


PARCELS = b'{"type":"FeatureCollection","features":[]}'
LIST = b'{"type":"FeatureCollection","features":[5]}'
DOUBLE = packed({"a.json": PARCELS, "b.json": PARCELS})
ARCHIVES = [
    (packed({"../../cadastre.json": PARCELS}), "sort de l'archive"),
    (packed({"/etc/cadastre.json": PARCELS}), "sort de l'archive"),
    (packed({"..\\..\\cadastre.json": PARCELS}), "sort de l'archive"),
    (packed({"C:/cadastre.json": PARCELS}), "sort de l'archive"),
    (packed({"a.json": PARCELS}, link="b.json"), "sort de l'archive"),
    (lambda: packed({"a.json": b" " * (300 << 20)}), "gonfle de plus de"),
    (swollen(300), "gonfle de plus de"),
    (DOUBLE, "un fichier .* attendu dans l'archive"),
    (packed({"lisez.txt": b"x"}), "trouvé : aucun"),
    (packed({"a.json": PARCELS})[:60], "tronqué ou endommagé"),
    (gzip.compress(PARCELS)[:-9], "tronqué ou endommagé"),
    (gzip.compress(LIST), "n'est pas un objet géographique"),
    (gzip.compress(LIST.replace(b"5", b'{"type":"Feature","properties":[1]}')), "sans attributs"),
    (gzip.compress(LIST.replace(b"5", DEEP.encode())), "n'est pas un objet"),
    (gzip.compress(LIST.replace(b"5", VERY_DEEP.encode())), "imbriqués"),
    (gzip.compress(LIST.replace(b"5", b"NaN")), "NaN » n'est pas un nombre"),
]


@pytest.mark.parametrize(("content", "message"), ARCHIVES, ids=range(len(ARCHIVES)))
def test_an_archive_that_is_hostile_is_refused(
    take: Take, world: World, tmp_path: Path, content: bytes | Callable[[], bytes], message: str
) -> None:
    body = content if isinstance(content, bytes) else content()
    world.faults = {2: Answer(body, content_type="application/octet-stream")}
    refused(take, tmp_path, message, "cadastre_parcelles")
    assert not (tmp_path.parent / "cadastre.json").exists()


@pytest.mark.parametrize("name", ["../../a.gpkg", "/tmp/a.gpkg", "a.gpkg"])
def test_a_7z_that_is_hostile_is_refused(take: Take, world: World, tmp_path: Path, name: str) -> None:
    try:
        world.packed = _seven(name, b"SQLite format 3\0" + b"x" * 5_000)
    except ValueError:
        pytest.skip("py7zr does not write such a name")
    refused(take, tmp_path, "sort de l'archive|illisible|endommagé", "ocsge_artif_2021")


def test_a_cut_in_chunks_is_seen(take: Take, world: World, tmp_path: Path) -> None:
    """Without a length, a missing last chunk is what tells of a cut."""
    world.faults = dict.fromkeys(range(2, 8), lambda right: replace(right, chunked=True, cut_after=200))
    refused(take, tmp_path, "coupée avant la fin", "communes")
    world.faults = {len(world.calls) + 2: lambda right: replace(right, chunked=True)}
    assert take("communes").snapshot.facts["objets"] == COUNT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[("7", 7.0), ("²", None), ("-7", None), ("x", None), ("", None), ("1e9", None), ("9" * 400, None)],
        ("Tue, 01 Dec 2026 00:00:00 +99999999999", None),
        ("Tue, 01 Dec 1999 00:00:00 GMT", 0.0),
    ],
)
def test_a_wait_that_is_no_number_is_none(text: str, seconds: float | None) -> None:
    assert _retry_after(text) == seconds


def test_secrets_are_neither_printed_nor_kept(world: World, tmp_path: Path) -> None:
    """A definition of one's own may hold a key in its address: messages and provenance hide it."""
    text = sources.source_named("communes").text.decode()
    (tmp_path / "sources").mkdir()
    own = text.replace("parametres = {", 'parametres = { apikey = "motsecret",')
    (tmp_path / "sources" / "communes.toml").write_text(own, encoding="utf-8")
    source = sources.source_named("communes", tmp_path)
    client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
    world.faults = {2: Answer(b"", 404)}
    with pytest.raises(SourceError, match=r"apikey=\*\*\*") as refusal:
        sources.take(source, SCOPES["communes"], tmp_path, client=client)
    assert "motsecret" not in str(refusal.value)
    fetch = sources.take(source, SCOPES["communes"], tmp_path, client=client)
    assert "apikey=motsecret" in world.calls[-1]
    assert "motsecret" not in (fetch.snapshot.folder / "provenance.json").read_text(encoding="utf-8")
    with pytest.raises(BadValue) as refusal_of_setting:
        replaced_hosts("data.geopf.fr=https://nom:motsecret@miroir.exemple.fr")
    assert "motsecret" not in str(refusal_of_setting.value)


def test_texts_of_a_server_move_no_terminal(world: World, tmp_path: Path) -> None:
    title = json.dumps({"resources": [{"title": "\x1b[2Jconso"}]}).encode()
    world.faults = {1: Answer(title)}
    words = ("sources", "prendre", "conso_enaf", "--epci", open_data.EPCI)
    result = run("--donnees", tmp_path, *words, **{SETTING: world.setting})
    assert (result.exit_code, "\x1b" in result.output, "�[2Jconso" in result.output) == (1, False, True)
