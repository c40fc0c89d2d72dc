"""Sources that are not cut by the territory asked for: by commune, by box, and what falls outside goes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import open_data
import pytest
import shapely
from open_data import Answer, World

from artois_geo import layers, sources
from artois_geo.errors import SourceError
from artois_geo.sources import contours

COUNT = 4  # squares of 2 km, two a side
EPCI = sources.scope_of(epci=open_data.EPCI)


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(open_data.communes(COUNT))) as served:
        served.packed = open_data.archive("artif_2021_62", 16)
        yield served


@pytest.fixture
def take(world: World, tmp_path: Path) -> Callable[..., sources.Taken]:
    def taking(name: str, scope: sources.Scope = EPCI) -> sources.Taken:
        source = sources.source_named(name)
        client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
        return sources.take(source, scope, tmp_path, client=client)

    return taking


def test_without_contours_the_refusal_names_the_command_that_takes_them(take: Callable, world: World) -> None:
    with pytest.raises(SourceError, match=f"artois-geo sources prendre communes --epci {open_data.EPCI}"):
        take("gpu_sup")
    assert world.calls == []
    take("communes")
    assert take("gpu_sup").snapshot.facts["objets"] == COUNT


def test_requests_by_commune_that_overlap_bring_each_object_once(take: Callable, world: World) -> None:
    take("communes")
    before = len(world.calls)
    fetch = take("gpu_sup")
    assert (fetch.requests, len(world.calls) - before) == (3 * COUNT, 3 * COUNT)
    layer = layers.read(layers.read_catalogue(fetch.snapshot.folder.parents[2])["servitudes"])
    assert layer["contrainte_id"].is_unique
    assert len(layer) == COUNT
    assert fetch.snapshot.facts["contours"]["instantane"].startswith("communes/")


def test_a_departement_archive_is_cut_by_the_contours(take: Callable, world: World, tmp_path: Path) -> None:
    world.features = [
        each for each in world.features if each["properties"]["code_insee"] in {"62001", "62002"}
    ]
    take("communes")
    fetch = take("ocsge_artif_2021")
    assert fetch.snapshot.facts["objets"] == 2  # neighbours share but an edge
    cover = layers.read(layers.read_catalogue(tmp_path)["ocsge_artif_2021"])
    assert cover.area.sum() == pytest.approx(2 * open_data.SIDE_M**2, rel=1e-5)
    assert cover["crit_seuil"].tolist() == ["non", "non"]
    world.calls.clear()
    (tmp_path / "ocsge_artif_2021.geojson").unlink()
    assert sources.replay(tmp_path, fetch.snapshot.name).is_same
    assert world.calls == []


def test_contours_that_changed_are_seen(take: Callable, tmp_path: Path) -> None:
    take("communes")
    snapshot = take("cadastre_parcelles").snapshot
    (snapshot.folder / "contours.geojson").write_bytes(b"{}")
    assert snapshot.damages() == ["contours.geojson a été changé"]


def test_files_by_commune_are_asked_for_each_commune_of_the_epci(take: Callable, world: World) -> None:
    take("communes")
    world.calls.clear()
    fetch = take("cadastre_parcelles")
    assert (fetch.snapshot.facts["objets"], len(world.calls)) == (COUNT, COUNT + 1)
    assert fetch.snapshot.facts["millesime"] == "2026-09-01"
    assert "2026-09-01" in fetch.snapshot.facts["attribution"]
    assert all("/2026-09-01/" in call for call in world.calls[1:])
    assert fetch.snapshot.facts["pages"][1]["objets"] == 1


def test_a_line_on_the_edge_is_inside_and_a_neighbour_is_not(take: Callable, tmp_path: Path) -> None:
    take("communes")
    contours_of_epci = contours.of_scope(tmp_path, EPCI)
    assert contours_of_epci is not None
    source = sources.source_named("bdtopo_bati")
    west, south, east, _ = contours_of_epci.box
    edge = shapely.LineString([(west, south), (west + 100, south)])
    neighbour = shapely.box(west, south - 100, west + 100, south)
    inside = shapely.box(east - 100, south, east + 100, south + 100)
    tells = contours.inside(source, EPCI, contours_of_epci)
    assert tells(np.array([edge, neighbour, inside])).tolist() == [True, False, True]


def test_the_newest_publication_is_taken_and_the_older_named(take: Callable, world: World) -> None:
    stem = "OCS-GE_2-0_ARTIFICIALISATION_GPKG_LAMB93_D062"
    world.deliveries = {
        f"{stem}_2018-01-01": "2025-09-20",
        f"{stem}_2021-01-01": "2025-09-20",
        "OCS-GE-ARTIFICIALISATION_3-0_GPKG_LAMB93_D062_2021-01-01": "2026-05-02",
        "OCS-GE_2-1_ARTIFICIALISATION_GPKG_LAMB93_D062_2021-01-01": "2026-07-09",
    }
    scope = sources.scope_of(departement="62")
    facts = take("ocsge_artif_2021", scope).snapshot.facts
    assert facts["livraison"] == "OCS-GE-ARTIFICIALISATION_3-0_GPKG_LAMB93_D062_2021-01-01"
    assert (facts["remplace"], facts["publie_le"]) == (f"{stem}_2021-01-01", "2026-05-02")
    corrected = take("ocsge_artif_2021_corrige", scope).snapshot.facts
    assert (corrected["publie_le"], "remplace" in corrected) == ("2026-07-09", False)
    with pytest.raises(SourceError, match=r"Aucune livraison de ce produit .*\nLivraisons servies : OCS-GE"):
        take("ocsge_artif_2024", scope)


def test_a_commune_that_only_touches_a_box_may_have_nothing_in_it(take: Callable, world: World) -> None:
    """The centre of the first square is in the box; the others are touched, and hold a parcel elsewhere."""
    west, south = open_data.WEST, open_data.SOUTH
    box = sources.scope_of(emprise=f"{west + 900},{south + 900},{west + 2_100},{south + 2_100}")
    take("communes", box)
    facts = take("cadastre_parcelles", box).snapshot.facts
    assert (facts["objets"], facts["objets_hors_territoire"]) == (1, COUNT - 1)


def test_a_filter_that_a_server_ignores_is_seen_for_an_epci_too(take: Callable, world: World) -> None:
    take("communes")
    world.faults = {
        len(world.calls) + 2: lambda right: replace(right, body=right.body.replace(b"62002", b"13055"))
    }
    with pytest.raises(SourceError, match=r"25 objets reçus hors du territoire demandé \(risques_casias\)"):
        take("risques_casias")


def test_a_shape_that_cannot_be_read_is_not_lost_as_an_outsider(
    take: Callable, world: World, tmp_path: Path
) -> None:
    """The contours choose what is inside: what nobody can place goes on to the import, which refuses it."""
    take("communes")

    def unreadable(right: Answer) -> Answer:
        page = json.loads(right.body)
        page["features"][0]["geometry"]["coordinates"][0][1][0] = None
        return Answer(json.dumps(page).encode())

    world.faults = {len(world.calls) + 1: unreadable}
    with pytest.raises(SourceError, match=r"Objets refusés par les contrôles du type contrainte \(gpu_sup\)"):
        take("gpu_sup")
    assert not (tmp_path / "servitudes.geojson").exists()
