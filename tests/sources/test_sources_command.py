"""``artois-geo sources`` as a planner types it, against a local server."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import open_data
import pytest
from cli_runner import english, run
from click.testing import Result
from open_data import Answer, World

from artois_geo import layers, sources
from artois_geo.sources.hosts import SETTING
from artois_geo.studies import open_data as study

ALL = ("sources", "prendre", "communes", "conso_enaf", "--epci", open_data.EPCI)


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artois_geo.sources.transport.time.sleep", float)


@pytest.fixture
def world() -> Iterator[World]:
    with open_data.served(World(open_data.communes(9), open_data.consumption(9))) as served:
        yield served


def test_two_sources_are_taken_then_read_again_then_replayed(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "espace"

    def typed(*words: str) -> Result:
        result = run("--donnees", folder, *words, **{SETTING: world.setting})
        assert "Traceback" not in result.output
        return result

    trial = typed(*ALL, "--essai", "--format", "json")
    assert [row["announced"] for row in json.loads(trial.stdout)["rows"]] == [9, len(world.table)]
    assert not folder.exists()
    first_take = typed(*ALL)
    assert first_take.exit_code == 0, first_take.output
    assert first_take.output.count(f"EPCI {open_data.EPCI}") == 2
    calls = len(world.calls)
    assert "déjà pris aujourd'hui" in typed(*ALL).output
    assert "intact" in typed("sources", "verifier").output
    assert "entier" in typed("sources", "etat").output
    name = sources.snapshots(folder, "communes")[0].name
    assert "mêmes octets" in typed("sources", "rejouer", name).output
    assert len(world.calls) == calls
    footer = typed("couches", "valider", "communes").output
    assert english(footer) == []
    assert "vérifiée le : jamais" in layers.read_catalogue(folder)["conso_enaf"].source


def test_one_source_that_fails_stops_no_other(world: World, tmp_path: Path) -> None:
    world.checksum = "0" * 40
    result = run("--donnees", tmp_path, *ALL, **{SETTING: world.setting})
    assert result.exit_code == 1
    assert "Somme de contrôle fausse" in result.stdout
    assert (tmp_path / "communes.geojson").is_file()
    assert not (tmp_path / "conso_enaf.geojson").exists()


def test_a_damaged_snapshot_ends_on_one(world: World, tmp_path: Path) -> None:
    run("--donnees", tmp_path, *ALL[:3], "--departement", "62", **{SETTING: world.setting})
    sources.snapshots(tmp_path)[0].pages[0].write_bytes(b"{}")
    result = run("--donnees", tmp_path, "sources", "verifier")
    assert (result.exit_code, "a été changé" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("prendre", "comunes", "--epci", "200000001"), 1, "Noms proches : communes"),
        (("prendre", "communes"), 2, "par une seule option"),
        (("prendre", "communes", "--epci", "200000001", "--millesime", "../x"), 1, "millésime refusé"),
        (("prendre", "conso_enaf", "--depuis", "absent.csv"), 1, "Fichier introuvable"),
        (("prendre", "communes", "conso_enaf", "--depuis", "x.csv"), 2, "une seule source"),
        (("rejouer", "x"), 1, "instantané introuvable"),
        (("etat",), 1, "Aucun instantané"),
        (("montrer", "inconnue"), 1, "source inconnue"),
    ],
)
def test_a_wrong_call_is_refused_in_french(
    tmp_path: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    result = run("--donnees", tmp_path, "sources", *words, **{SETTING: "x"})
    assert (result.exit_code, message in result.output) == (code, True), result.output
    assert english(result.output) == []


def test_every_source_is_listed_and_shown() -> None:
    listed, source_page = run("sources", "lister").stdout, run("sources", "montrer", "communes").stdout
    assert "jamais" in source_page
    for name in sources.read_sources():
        assert name in listed
        rows = dict(study.description(name, None).table.itertuples(index=False, name=None))
        assert rows["vérifiée le"] == "jamais"


def test_another_source_is_toml_alone(shared: Path, tmp_path: Path) -> None:
    page = json.loads((shared / "data/sources/bdtopo/wfs_batiment.json").read_text(encoding="utf-8"))
    with open_data.served(World(page["features"])) as world:
        box = "684828,7035793,689432,7040244"
        words = ("sources", "prendre", "bdtopo_bati", "--emprise", box)
        result = run("--donnees", tmp_path, *words, **{SETTING: world.setting})
    assert result.exit_code == 0, result.output
    buildings = layers.read(layers.read_catalogue(tmp_path)["batiments"])
    assert buildings["usage"].tolist() == ["Commercial et services", "Industriel"]
    assert not buildings.has_z.any()
    assert buildings["source"].unique().tolist() == ["IGN, BD TOPO"]


def test_nothing_published_is_remembered_as_such_and_touches_no_layer(tmp_path: Path) -> None:
    with open_data.served(World([])) as world:
        words = ("sources", "prendre", "bdtopo_bati", "--emprise", "684828,7035793,689432,7040244")
        result = run("--donnees", tmp_path, *words, **{SETTING: world.setting})
    assert (result.exit_code, "rien : aucun objet publié" in result.output) == (0, True), result.output
    facts = sources.snapshots(tmp_path)[0].facts
    assert (facts["objets_annonces"], facts["objets"], "couche_sha256" in facts) == (0, 0, False)
    assert not (tmp_path / "batiments.geojson").exists()
    assert "rien : aucun objet publié" in run("--donnees", tmp_path, "sources", "etat").output


def test_a_family_is_taken_after_the_contours_that_it_needs(world: World, tmp_path: Path) -> None:
    words = ("sources", "prendre", "cadastre_parcelles", "gpu_sup", "--epci", open_data.EPCI)
    result = run("--donnees", tmp_path, *words, "--format", "json", **{SETTING: world.setting})
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["rows"]
    assert [row["source"] for row in rows] == ["communes", "cadastre_parcelles", "gpu_sup"]
    assert [row["objects"] for row in rows] == [9, 9, 9]
    refusal = run("--donnees", tmp_path, *words[:2], "cadastre", "--vers", "x", "--epci", open_data.EPCI)
    assert (refusal.exit_code, "une seule source" in refusal.output) == (2, True)


def test_an_empty_category_is_an_answer_and_none_is_unknown(world: World, tmp_path: Path) -> None:
    before = run("--donnees", tmp_path, "sources", "servitudes", "--format", "json")
    assert {row["state"] for row in json.loads(before.stdout)["rows"]} == {"inconnu : jamais reçu"}
    words = ("sources", "prendre", "gpu_sup", "--epci", open_data.EPCI)
    run("--donnees", tmp_path, *words, **{SETTING: world.setting})
    after = run("--donnees", tmp_path, "sources", "servitudes", "--format", "json")
    states = {row["category"]: row["state"] for row in json.loads(after.stdout)["rows"]}
    assert states["PM1"] == "9 objets"
    assert states["AS1"].startswith("rien, réponse du ")


def test_a_newer_edition_is_announced_and_nothing_is_fetched(world: World, tmp_path: Path) -> None:
    """By the protocol where it tells, else by the page that the definition names, else by nothing."""

    def typed(*words: str) -> Result:
        return run("--donnees", tmp_path, *words, **{SETTING: world.setting})

    names = ("communes", "conso_enaf", "cadastre_parcelles", "gpu_sup")
    typed("sources", "prendre", *names, "--epci", open_data.EPCI)
    sources.take(
        sources.source_named("pene"),
        sources.Scope("france"),
        tmp_path,
        client=sources.Client(("cartagene.cerema.fr",), wait=float, bases=world.bases),
    )

    def announced() -> dict[str, str]:
        rows = json.loads(typed("sources", "etat", "--en-ligne", "--format", "json").stdout)["rows"]
        return {row["snapshot"].partition("/")[0]: row["edition"].partition(" :")[0] for row in rows}

    silent, before = {"gpu_sup": "édition non annoncée par ce protocole"}, len(world.calls)
    telling = ("communes", "conso_enaf", "cadastre_parcelles", "pene")
    assert announced() == dict.fromkeys(telling, "à jour") | silent
    world.table, world.editions = open_data.consumption(8), (*world.editions, "2026-12-01")
    world.releases["ADMIN-EXPRESS-COG"] += ("2027-01-01",)
    world.edited_ms += 1_000
    assert announced() == dict.fromkeys(telling, "nouvelle édition") | silent
    assert len(world.calls) == before + 2 * len(telling)  # one page each, and no data
    world.edited_ms = None
    world.faults = {len(world.calls) + 1: Answer(b"", 404)}
    answers = announced()
    assert answers["cadastre_parcelles"] == "injoignable"
    assert answers["pene"] == "édition non annoncée par ce protocole"


def test_a_vintage_by_the_day_remembers_the_edition_that_was_announced(world: World, tmp_path: Path) -> None:
    source = sources.source_named("bdtopo_bati")
    page = {"cleabs": "B1", "usage_1": "", "hauteur": 1.0, "nombre_d_etages": 1, "etat_de_l_objet": ""}
    world.features = [world.features[0] | {"properties": page}]
    client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
    box = f"{open_data.WEST},{open_data.SOUTH},{open_data.WEST + 100},{open_data.SOUTH + 100}"
    fetch = sources.take(source, sources.scope_of(emprise=box), tmp_path, client=client)
    assert fetch.snapshot.facts["edition"] == "2026-09-15"
    assert sources.announcement(fetch.snapshot, source, client) == "à jour"
    world.releases["BDTOPO"] += ("2026-12-15",)
    assert sources.announcement(fetch.snapshot, source, client) == "nouvelle édition : 2026-12-15"


def test_an_edition_that_cannot_be_read_stops_no_fetch(world: World, tmp_path: Path) -> None:
    source, world.releases = sources.source_named("bdtopo_bati"), {}
    page = {"cleabs": "B1", "usage_1": "", "hauteur": 1.0, "nombre_d_etages": 1, "etat_de_l_objet": ""}
    world.features = [world.features[0] | {"properties": page}]
    client = sources.Client(source.access.hosts, wait=float, bases=world.bases)
    box = f"{open_data.WEST},{open_data.SOUTH},{open_data.WEST + 100},{open_data.SOUTH + 100}"
    fetch = sources.take(source, sources.scope_of(emprise=box), tmp_path, client=client)
    assert (fetch.snapshot.facts["objets"], "edition" in fetch.snapshot.facts) == (1, False)


def test_a_live_check_dates_what_answers_as_its_definition_says(world: World, tmp_path: Path) -> None:
    world.faults = {}
    words = ("sources", "verifier", "--en-ligne", "--commune", "62001", "conso_enaf", "gpu_zonage", "gpu_sup")
    result = run("--donnees", tmp_path, *words, "--format", "json", **{SETTING: world.setting})
    rows = {row["source"]: row for row in json.loads(result.stdout)["rows"]}
    assert result.exit_code == 1
    states = {rows[name]["state"] for name in ("communes", "conso_enaf", "gpu_sup")}
    assert states == {"conforme, hôte remplacé"}  # nobody's word for the producer's
    assert any("à ne pas recopier" in note for note in json.loads(result.stdout)["notes"])
    assert rows["gpu_zonage"]["state"] == "non conforme"  # this server has communes there
    assert "Colonne absente" in rows["gpu_zonage"]["reason"]
    assert sources.source_named("gpu_sup", tmp_path).verified is not None
    assert sources.source_named("gpu_zonage", tmp_path).verified is None
    assert sources.snapshots(tmp_path) == []


def test_a_file_by_hand_may_be_packed(tmp_path: Path) -> None:
    archive = tmp_path / "conso.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("dossier/conso_com.csv", open_data.consumption(5))
        target.writestr("dossier/lisez-moi.txt", "fictif")
    words = ("sources", "prendre", "conso_enaf", "--depuis", archive, "--epci", open_data.EPCI)
    result = run("--donnees", tmp_path / "e", *words, "--format", "json")
    assert json.loads(result.stdout)["rows"][0]["objects"] == 5
