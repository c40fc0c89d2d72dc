"""data.gouv.fr over real sockets: the dataset, a redirection to the dated address, the file, its checksum."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import open_data
import pytest
from open_data import Answer, World

from artois_geo import layers, sources
from artois_geo.errors import SourceError
from artois_geo.layers import history

COUNT = 12  # communes of the table, and one elsewhere


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(table=open_data.consumption(COUNT))) as served:
        yield served


@pytest.fixture
def take(world: World, tmp_path: Path) -> Callable[..., sources.Taken]:
    def taking(**territory: str) -> sources.Taken:
        source = sources.source_named("conso_enaf")
        client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
        scope = sources.scope_of(**(territory or {"epci": open_data.EPCI}))
        return sources.take(source, scope, tmp_path, client=client)

    return taking


def test_the_file_is_cut_by_territory_and_its_dated_address_is_remembered(
    take: Callable, world: World, tmp_path: Path
) -> None:
    fetch = take()
    facts = fetch.snapshot.facts
    assert (facts["objets"], facts["objets_hors_territoire"]) == (COUNT, 1)
    assert facts["somme_de_controle"] == "sha1 vérifié"
    assert f"/{open_data.STAMP}/" in facts["adresse_finale"]
    assert facts["pages"][1]["etag"] == '"fictif"'
    assert len(world.calls) == 3  # the dataset, the permanent address, the dated one
    table = layers.read(layers.read_catalogue(tmp_path)["conso_enaf"])
    first = open_data.consumption(COUNT).decode().splitlines()[1].split(",")
    assert (table["idcom"].iloc[0], int(table["naf11art12"].iloc[0])) == ("62001", int(first[6]))


def test_the_same_bytes_come_from_the_snapshot(take: Callable, world: World, tmp_path: Path) -> None:
    fetch = take(departement="62")
    before, calls = history.checksum(tmp_path / "conso_enaf.geojson"), len(world.calls)
    (tmp_path / "conso_enaf.geojson").unlink()
    assert sources.replay(tmp_path, fetch.snapshot.folder.name).is_same
    assert (history.checksum(tmp_path / "conso_enaf.geojson"), len(world.calls)) == (before, calls)


def without(*titles: str) -> Callable[[Answer], Answer]:
    """A fault that renames files of the dataset."""

    def fault(right: Answer) -> Answer:
        dataset = json.loads(right.body)
        for resource, title in zip(reversed(dataset["resources"]), titles, strict=False):
            resource["title"] = title
        return Answer(json.dumps(dataset).encode())

    return fault


def elsewhere(right: Answer) -> Answer:
    """A fault that names a file of another host."""
    return Answer(right.body.replace(b"https://www.data.gouv.fr/api", b"https://exemple.fr/api"))


REFUSALS = [
    (1, without("conso.csv"), "0 fichier « conso_com.csv » .*Fichiers du jeu : conso_com_dictionnaire.csv"),
    (1, without(open_data.FILE, open_data.FILE), "2 fichiers « conso_com.csv »"),
    (1, elsewhere, "adresse refusée : https://exemple.fr"),
    (1, Answer(b"<html>", content_type="text/html"), "Page web"),
    (2, Answer(b"", 302, headers={"Location": "https://exemple.fr/f.csv"}), "redirection refusée"),
    (3, Answer(b"<html><body>404</body></html>", content_type="text/csv"), "Page web"),
    (3, Answer(b"idcom,naf\n62001,1\n", content_type="text/csv"), "Somme de contrôle fausse"),
    (3, Answer(b"", 404), "static.data.gouv.fr|répond 404"),
]


@pytest.mark.parametrize(("call", "fault", "message"), REFUSALS, ids=[row[2][:30] for row in REFUSALS])
def test_what_is_not_the_file_writes_no_layer(
    take: Callable, world: World, tmp_path: Path, call: int, fault: object, message: str
) -> None:
    world.faults = {call: fault}
    with pytest.raises(SourceError, match=f"(?s){message}"):
        take()
    assert len(world.calls) == call
    assert not (tmp_path / "conso_enaf.geojson").exists()
    assert not list(tmp_path.rglob("provenance.json"))


def test_a_cut_inside_the_file_is_tried_again(take: Callable, world: World) -> None:
    world.faults = {3: lambda right: Answer(right.body, content_type="text/csv", cut_after=500)}
    assert take().snapshot.facts["objets"] == COUNT
    assert len(world.calls) == 5  # the redirection again, then the file


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.replace(b"naf11art12", b"naf_2011"), "Colonne absente .*naf11art12"),
        (lambda table: table[: table.rindex(b",4000000")], "ligne 14 : 19 cellules, 20 attendues"),
        (lambda table: table + table.splitlines()[1] + b"\n", "Objet répété : 62001"),
        (lambda table: table.replace(b"Fictif, 3", b"Fictif \xff"), "pas en utf-8"),
    ],
    ids=["renamed column", "truncated", "repeated", "encoding"],
)
def test_a_table_that_is_not_as_expected_is_refused(
    take: Callable, world: World, tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    world.table = change(world.table)
    with pytest.raises(SourceError, match=f"(?s){message}"):
        take()
    assert not (tmp_path / "conso_enaf.geojson").exists()


def test_a_table_without_published_checksum_says_so(take: Callable, world: World) -> None:
    world.faults = {1: lambda right: Answer(right.body.replace(b'"sha1"', b"null"))}
    assert take().snapshot.facts["somme_de_controle"] == "non publié"
