"""``espace creer --epci`` against a local server: what comes, what is missing and why, what works then."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import open_data
import open_territory
import pytest
from cli_runner import run
from click.testing import Result
from open_territory import CALL, Country

from artois_geo import land, layers, sources
from artois_geo.sources.hosts import SETTING
from artois_geo.studies.library import constraint_list, filled_workspace

HERE = ("communes", "conso_enaf")  # sources that the made-up server serves


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artois_geo.sources.transport.time.sleep", float)
    hour = filled_workspace.first_hour()
    names = (*HERE, "gpu_sup")
    short = {**hour, "source": [entry for entry in hour["source"] if entry["nom"] in names]}
    monkeypatch.setattr(filled_workspace, "first_hour", lambda: short)


@pytest.fixture
def country() -> Iterator[Country]:
    with open_data.served(open_territory.country(4, 2)) as served:
        yield served


def created(folder: Path, country: Country, *words: str, epci: str = CALL) -> Result:
    result = run("espace", "creer", folder, "--epci", epci, *words, **{SETTING: country.setting})
    assert "Traceback" not in result.output
    return result


def rows(result: Result) -> dict[str, dict]:
    return {row["source"]: row for row in json.loads(result.stdout)["rows"]}


def test_a_second_run_asks_for_nothing_and_makes_a_lost_layer_again_with_the_same_bytes(
    country: Country, tmp_path: Path
) -> None:
    folder = tmp_path / "espace"
    created(folder, country)
    calls = len(country.calls)
    files = {name: (folder / f"{name}.geojson").read_bytes() for name in HERE}
    (folder / "communes.geojson").unlink()
    result = run("espace", "creer", folder, "--epci", CALL, **{SETTING: "data.geopf.fr=http://127.0.0.1:1"})
    assert len(country.calls) == calls
    assert result.stdout.count("à jour, pris le") == 2
    assert {name: (folder / f"{name}.geojson").read_bytes() for name in HERE} == files


def test_a_source_that_fails_leaves_the_others_and_is_the_only_one_fetched_again(
    country: Country, tmp_path: Path
) -> None:
    folder, country.checksum = tmp_path / "espace", "0" * 40
    failed = created(folder, country, "--format", "json")
    assert failed.exit_code == 1
    assert rows(failed)["communes"]["state"] == "reçu"
    assert rows(failed)["conso_enaf"]["state"] == "manque"
    assert "Somme de contrôle fausse" in rows(failed)["conso_enaf"]["reason"]
    assert not (folder / "conso_enaf.geojson").exists()
    country.checksum, before = None, len(country.calls)
    mended = created(folder, country, "--format", "json")
    assert rows(mended)["conso_enaf"]["state"] == "reçu"
    assert all("data.gouv.fr" in call for call in country.calls[before:])
    assert len(country.calls) > before


def test_a_code_of_no_territory_names_none_and_the_right_one_is_taken_in_its_place(
    country: Country, tmp_path: Path
) -> None:
    folder = tmp_path / "espace"
    wrong = created(folder, country, epci="123456789")
    assert (wrong.exit_code, "vérifier le code du territoire" in wrong.stdout) == (1, True)
    assert layers.read_catalogue(folder).territory == ""
    assert created(folder, country).exit_code == 0
    assert layers.read_catalogue(folder).territory == f"EPCI {CALL}"  # its outline is not served here


def test_a_definition_that_changed_is_the_only_source_fetched_again(country: Country, tmp_path: Path) -> None:
    folder = tmp_path / "espace"
    created(folder, country)
    before = len(country.calls)
    shipped = sources.source_named("communes").text.decode()
    (folder / "sources/communes.toml").write_text(shipped.replace('"2026"', '"2025"'), encoding="utf-8")
    table = rows(created(folder, country, "--format", "json"))
    assert (table["communes"]["state"], table["communes"]["vintage"]) == ("reçu", "2025")
    assert all("ADMINEXPRESS-COG.2025" in call for call in country.calls[before:])
    assert len(country.calls) == before + 2


def test_an_easement_is_received_or_nothing_or_unknown(country: Country, tmp_path: Path) -> None:
    folder, town = tmp_path / "espace", country.features[0]
    table = folder / "contraintes.toml"
    names = [rule.name for rule in land.read_rules(constraint_list.text())[0]]
    country.easements = [open_territory.easement(town, "ac1", 1)]
    result = created(folder, country)
    assert "Contraintes prêtes : abords_monuments." in result.output
    rules = {rule["nom"]: rule for rule in tomllib.loads(table.read_text("utf-8"))["contrainte"]}
    assert list(rules) == names
    monument = rules["Abords de monument historique"]
    assert (monument["couche"], monument["filtre"]) == ("servitudes", {"contrainte_type": ["ac1"]})
    assert monument["article"] == "L.621-30 du code du patrimoine"
    assert rules["Site classé"]["sans_objet"].startswith("rien, réponse du ")
    assert "recul_m" not in rules["Chemin de halage"] or "sans_objet" in rules["Chemin de halage"]
    assert "sans_objet" not in rules["Natura 2000"]
    assert rules["Bande de 75 m (autres routes à grande circulation)"]["recul_m"] == 75
    constraints = run("--donnees", folder, "foncier", "contraintes", table, "--format", "json")
    presence = {row["constraint"]: row["presence"] for row in json.loads(constraints.stdout)["rows"]}
    assert presence["Abords de monument historique"] == "présente"
    assert presence["Site classé"] == "sans objet"
    assert presence["Natura 2000"] == "absente : prescriptions inconnues"


def test_what_a_planner_changed_in_the_constraints_stays(country: Country, tmp_path: Path) -> None:
    table = tmp_path / "espace/contraintes.toml"
    created(table.parent, country)
    changed = table.read_text("utf-8") + "# à moi\n"
    table.write_text(changed, encoding="utf-8")
    assert "contraintes.toml a été modifié" in created(table.parent, country).output
    assert table.read_text("utf-8") == changed


def test_what_the_catalogue_says_of_the_territory_stays(country: Country, tmp_path: Path) -> None:
    folder = tmp_path / "espace"
    run("espace", "creer", folder, "--territoire", "Pays fictif")
    catalogue = folder / "catalogue.toml"
    catalogue.write_text('region = "84"\n' + catalogue.read_text("utf-8"), encoding="utf-8")
    result = created(folder, country)
    assert "Région : 84, celle de catalogue.toml." in result.output
    assert layers.read_catalogue(folder).territory == "Pays fictif"


def test_a_folder_that_is_no_workspace_is_left_as_it_is(country: Country, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("à moi", encoding="utf-8")
    result = created(tmp_path, country)
    assert (result.exit_code, "rien n'est écrit" in result.output) == (1, True)
    assert country.calls == []
    alone = run("espace", "creer", tmp_path / "neuf", "--format", "json")
    assert (alone.exit_code, "--format demande --epci" in alone.output) == (2, True)


def test_a_territory_typed_wrong_makes_no_folder(tmp_path: Path) -> None:
    result = run("espace", "creer", tmp_path / "neuf", "--epci", "24620036")
    assert (result.exit_code, "neuf chiffres" in result.output) == (1, True)
    assert not (tmp_path / "neuf").exists()


def test_the_first_hour_names_sources_that_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    hour = filled_workspace.first_hour()
    assert all(sources.sources_named(entry["nom"]) for entry in hour["source"])
    expected = [rule.layer for rule in land.read_rules(constraint_list.text())[0]]
    for entry in hour["contrainte"]:
        assert entry["couche"] in expected
        assert sources.source_named(entry["source"])
