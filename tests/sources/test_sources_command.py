"""``artois-geo sources`` as a planner types it, against a local server."""

import json
from collections.abc import Iterator
from pathlib import Path

import open_data
import pytest
from cli_runner import english, run
from click.testing import Result
from open_data import World

from artois_geo import layers, sources
from artois_geo.sources.hosts import SETTING

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
        done = run("--donnees", folder, *words, **{SETTING: world.setting})
        assert "Traceback" not in done.output
        return done

    trial = typed(*ALL, "--essai", "--format", "json")
    assert [row["announced"] for row in json.loads(trial.stdout)["rows"]] == [9, len(world.table)]
    assert not folder.exists()
    taken = typed(*ALL)
    assert taken.exit_code == 0, taken.output
    assert taken.output.count(f"EPCI {open_data.EPCI}") == 2
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
    done = run("--donnees", tmp_path, *ALL, **{SETTING: world.setting})
    assert done.exit_code == 1
    assert "Somme de contrôle fausse" in done.stdout
    assert (tmp_path / "communes.geojson").is_file()
    assert not (tmp_path / "conso_enaf.geojson").exists()


def test_a_damaged_snapshot_ends_on_one(world: World, tmp_path: Path) -> None:
    run("--donnees", tmp_path, *ALL[:3], "--departement", "62", **{SETTING: world.setting})
    sources.snapshots(tmp_path)[0].pages[0].write_bytes(b"{}")
    done = run("--donnees", tmp_path, "sources", "verifier")
    assert (done.exit_code, "a été changé" in done.stdout) == (1, True)


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
    done = run("--donnees", tmp_path, "sources", *words, **{SETTING: "x"})
    assert (done.exit_code, message in done.output) == (code, True), done.output
    assert english(done.output) == []


def test_every_source_is_listed_and_shown() -> None:
    for name in sources.read_sources():
        assert name in run("sources", "lister").stdout
        assert "jamais" in run("sources", "montrer", name).stdout


def test_another_source_is_toml_alone(shared: Path, tmp_path: Path) -> None:
    page = json.loads((shared / "data/sources/bdtopo/wfs_batiment.json").read_text(encoding="utf-8"))
    with open_data.served(World(page["features"])) as world:
        box = "684828,7035793,689432,7040244"
        words = ("sources", "prendre", "bdtopo_bati", "--emprise", box)
        done = run("--donnees", tmp_path, *words, **{SETTING: world.setting})
    assert done.exit_code == 0, done.output
    buildings = layers.read(layers.read_catalogue(tmp_path)["batiments"])
    assert buildings["usage"].tolist() == ["Commercial et services", "Industriel"]
    assert not buildings.has_z.any()
    assert buildings["source"].unique().tolist() == ["IGN, BD TOPO"]


def test_nothing_published_is_remembered_as_such_and_touches_no_layer(tmp_path: Path) -> None:
    with open_data.served(World([])) as world:
        words = ("sources", "prendre", "bdtopo_bati", "--emprise", "684828,7035793,689432,7040244")
        done = run("--donnees", tmp_path, *words, **{SETTING: world.setting})
    assert (done.exit_code, "rien : aucun objet publié" in done.output) == (0, True), done.output
    facts = sources.snapshots(tmp_path)[0].facts
    assert (facts["objets_annonces"], facts["objets"], "couche_sha256" in facts) == (0, 0, False)
    assert not (tmp_path / "batiments.geojson").exists()
    assert "rien : aucun objet publié" in run("--donnees", tmp_path, "sources", "etat").output
