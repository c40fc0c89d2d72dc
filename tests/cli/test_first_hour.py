"""Everything of the first hour, received for two EPCI of two regions: what comes, then what works there."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import first_hour
import open_data
import pytest
from cli_runner import run
from click.testing import Result
from first_hour import FirstHour
from open_territory import CALL, ELSEWHERE

from artois_geo import layers, sources
from artois_geo.sources.hosts import SETTING
from artois_geo.studies.library import filled_workspace

pytest.importorskip("py7zr")

COUNTS = {CALL: 7, ELSEWHERE: 6}  # numbers go on from one EPCI to the next
EVEN, CROSSED, PARKS = {CALL: 4, ELSEWHERE: 3}, {CALL: 3, ELSEWHERE: 2}, {CALL: 2, ELSEWHERE: 1}
REGIONS = {CALL: "32", ELSEWHERE: "53"}
NAMES = [
    source.id
    for entry in filled_workspace.first_hour()["source"]
    for source in sources.sources_named(entry["nom"])
]
Spaces = dict[str, tuple[Path, Result, int]]


def create(folder: Path, country: FirstHour, *words: str, epci: str = CALL) -> Result:
    result = run(
        "espace", "creer", folder, "--epci", epci, *words, "--format", "json", **{SETTING: country.setting}
    )
    assert "Traceback" not in result.output
    return result


def rows(result: Result) -> dict[str, dict]:
    return {row["source"]: row for row in json.loads(result.stdout)["rows"]}


def answered(folder: Path, *words: object) -> dict:
    result = run("--donnees", folder, *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module", autouse=True)
def _no_wait() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("artois_geo.sources.transport.time.sleep", float)
        yield


@pytest.fixture(scope="module")
def country() -> Iterator[FirstHour]:
    with open_data.served(first_hour.first_hour(*COUNTS.items())) as served:
        yield served


@pytest.fixture(scope="module")
def spaces(country: FirstHour, tmp_path_factory: pytest.TempPathFactory) -> Spaces:
    """Fill the workspace of each EPCI once: its folder, what was said, how many requests the server had."""
    filled = {}
    for epci in COUNTS:
        before, folder = len(country.calls), tmp_path_factory.mktemp("filled") / "espace"
        result = create(folder, country, "--nationaux", epci=epci)
        filled[epci] = folder, result, len(country.calls) - before
    return filled


@pytest.fixture(params=list(COUNTS))
def epci(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def space(spaces: Spaces, epci: str, tmp_path: Path) -> Path:
    """Copy a filled workspace, to be changed."""
    return Path(shutil.copytree(spaces[epci][0], tmp_path / "espace"))


def require_whole(result: Result, count: int, easements: int, parks: int) -> None:
    """Hold that every source came, with the objects that are drawn."""
    table = rows(result)
    assert (result.exit_code, list(table)) == (0, NAMES)
    expected = dict.fromkeys(NAMES, count) | {
        **dict.fromkeys([name for name in NAMES if name.startswith("ocsge_artif")], 2 * count),
        "ocsge_artif_diff_2018_2021": count,  # nothing was lost between these years
        "epci": 1,
        "gpu_prescriptions": 0,
        "gpu_sup": easements,
        "cadastre_parcelles": 4 * count,
        "bdtopo_activite": parks,
        "sites_eco": parks,
        **dict.fromkeys(["sirene_geo", "sirene_etats"], 2 * count),
    }
    assert {name: row["objects"] for name, row in table.items()} == expected
    states = {name: row["state"].partition(" :")[0] for name, row in table.items()}
    assert states == dict.fromkeys(NAMES, "reçu") | {"gpu_prescriptions": "rien"}
    assert {row["requests"] for name, row in table.items() if name.startswith("ocsge")} == {3}
    assert table["gpu_sup"]["requests"] == 3 * count
    assert all(row["kilobytes"] > 0 for row in table.values())


def test_every_source_of_the_first_hour_is_received(spaces: Spaces, epci: str) -> None:
    folder, result, calls = spaces[epci]
    require_whole(result, COUNTS[epci], EVEN[epci] + CROSSED[epci], PARKS[epci])
    assert sum(row["requests"] for row in rows(result).values()) == calls
    catalogue = layers.read_catalogue(folder)
    assert (catalogue.territory, catalogue.region) == (f"Fictif {epci}", REGIONS[epci])
    plans = [row.get("IDURBA") for row in _properties(folder, "zone_urba")]
    assert plans.count(None) == (
        1 if epci == CALL else 0
    )  # an older identifier costs its value, not the zone


@pytest.mark.long
@pytest.mark.parametrize(
    ("siren", "count", "easements", "parks"), [(CALL, 36, 18 + 12, 6), (ELSEWHERE, 20, 10 + 7, 4)]
)
def test_the_first_hour_of_a_whole_epci(
    tmp_path: Path, siren: str, count: int, easements: int, parks: int
) -> None:
    with open_data.served(first_hour.first_hour((siren, count))) as country:
        require_whole(
            create(tmp_path / "espace", country, "--nationaux", epci=siren), count, easements, parks
        )


def test_a_second_run_asks_for_nothing_and_another_territory_takes_no_place(
    country: FirstHour, space: Path, epci: str
) -> None:
    before = len(country.calls)
    again = rows(create(space, country, epci=epci))
    assert len(country.calls) == before
    assert {name for name, row in again.items() if row["state"].startswith("à jour")} == {*NAMES} - {
        "gpu_prescriptions"
    }
    layer = (space / "servitudes.geojson").read_bytes()
    town = "62001" if epci == CALL else "35004"
    fetched = run(
        "--donnees", space, "sources", "prendre", "gpu_sup", "--communes", town, **{SETTING: country.setting}
    )
    assert fetched.exit_code == 0, fetched.output
    constraints = (space / "contraintes.toml").read_bytes()
    create(space, country, epci=epci)  # the answer of one commune is not that of the EPCI
    assert (space / "servitudes.geojson").read_bytes() == layer
    assert (space / "contraintes.toml").read_bytes() == constraints


def test_the_vintages_of_ocs_ge_stand_apart(spaces: Spaces, epci: str) -> None:
    folder = spaces[epci][0]
    for source, width in zip(
        ("2018", "2021", "2021_corrige", "2024"), first_hour.STRIPS_M.values(), strict=True
    ):
        stock = answered(
            folder, "zan", "stock", f"ocsge_artif_{source}", "--zones", "communes", "--cle", "comm_insee"
        )
        hectares = [row["artificial_ha"] for row in stock["rows"]]
        assert hectares == pytest.approx([width * 2_000 / 10_000] * COUNTS[epci], abs=0.01)


def test_the_official_difference_says_the_flow_and_a_stock_of_2021_the_correction(
    spaces: Spaces, epci: str
) -> None:
    folder, zones = spaces[epci][0], ("--zones", "communes", "--cle", "comm_insee")
    flows = ("zan", "artificialisation", "--diff", "ocsge_artif_diff_2021_2024")
    account = answered(folder, *flows, *zones)["rows"]
    # 560 − 520 + 10 m became artificial over 2 km, 10 m no longer are
    names = ("artificialised_ha", "renatured_ha", "net_artificialised_ha")
    assert {tuple(round(row[name], 2) for name in names) for row in account} == {(10.0, 2.0, 8.0)}
    stocks = ("--avant", "ocsge_artif_2021", "--apres", "ocsge_artif_2024")
    accounts = run("--donnees", folder, *flows, *stocks, *zones)
    assert accounts.exit_code == 0, accounts.output
    assert accounts.stdout.count("Contrôle non tenu") == 1
    assert f"{COUNTS[epci]} zones" in accounts.stdout
    assert "l'écart peut être le correctif" in accounts.stdout


def test_the_trajectory_is_half_of_the_reference_decade(
    spaces: Spaces, epci: str, country: FirstHour
) -> None:
    table = csv.DictReader(io.StringIO(country.table.decode()))
    flows = [f"naf{year}art{year + 1}" for year in range(11, 21)]
    m2 = sum(int(row[name]) for row in table if row["epci25"] == epci for name in flows)
    trajectory = ("zan", "trajectoire", "conso_enaf", "--par", "epci")
    (row,) = answered(spaces[epci][0], *trajectory)["rows"]
    assert (row["epci"], row["allowed_ha"]) == (epci, pytest.approx(m2 / 10_000 / 2))
    regional = run(
        "--donnees", spaces[epci][0], *trajectory, "--objectifs", "sraddet-hdf", "--format", "json"
    )
    if epci == CALL:
        assert json.loads(regional.stdout)["rows"][0]["reduction_share"] == 0.5447
    else:
        assert (regional.exit_code, "région 53" in regional.output) == (1, True)


def completed(space: Path, *unknown: str) -> Path:
    """Waive what no source answers, apart from some constraints, as a planner does after asking."""
    parts = (space / "contraintes.toml").read_text("utf-8").split("[[contrainte]]\n")
    head, sections = parts[0], parts[1:]
    waived = []
    for section in sections:
        layer = re.search(r'couche = "(\w+)"', section)
        assert layer
        is_open = "sans_objet" not in section and layer[1] not in {"servitudes", *unknown}
        own, gap, after = section.partition("\n\n")
        waived.append((f'{own}\nsans_objet = "vérifié, fictif"' if is_open else own) + gap + after)
    file = space / "complete.toml"
    file.write_text("[[contrainte]]\n".join([head, *waived]), encoding="utf-8")
    return file


def test_an_easement_that_came_takes_its_ground_and_one_that_came_empty_takes_none(
    space: Path, epci: str
) -> None:
    rules = completed(space)
    ground = answered(space, "foncier", "disponible", "communes", "--regles", rules)["rows"]
    # 1 998 m of a towpath 10 m wide in each third commune; an AC1 keeps its ground, under conditions
    losses = [round(400 - row["available_ha"], 1) for row in ground]
    assert sorted(losses) == [0.0] * (COUNTS[epci] - CROSSED[epci]) + [2.0] * CROSSED[epci]
    assert [row["unknown_ha"] for row in ground] == pytest.approx([0.0] * COUNTS[epci], abs=0.01)


def test_an_easement_that_did_not_come_is_unknown_ground(country: FirstHour, tmp_path: Path) -> None:
    small = first_hour.first_hour((CALL, 4))
    small.silent = ("apicarto.ign.fr/",)
    folder = tmp_path / "espace"
    with open_data.served(small):
        result = create(folder, small)
    assert (result.exit_code, rows(result)["gpu_sup"]["state"]) == (1, "manque")
    text = (folder / "contraintes.toml").read_text("utf-8")
    assert "rien, réponse du" not in text
    rules = completed(folder, "halage")
    ground = answered(folder, "foncier", "disponible", "communes", "--regles", rules)["rows"]
    assert {row["available_ha"] for row in ground} == {0.0}
    assert [row["unknown_ha"] for row in ground] == pytest.approx([400.0] * 4, abs=0.01)


def test_the_inventory_of_the_business_parks_is_made_of_what_came(space: Path, epci: str) -> None:
    attach = ("zae", "rattacher", "parcelles", "--sites", "zones_activite", "--cle-site", "cleabs")
    places = ("--etablissements", "etablissements_sirene")
    for states, counts in (
        (("--etats-sirene", "etablissements_etats"), {"occupée": 1, "vacante": 1, "jamais occupée": 2}),
        ((), {"inconnue": 2, "jamais occupée": 2}),
    ):
        folder = space / f"zae{len(states)}"
        result = run("--donnees", space, *attach, *places, *states, "--dossier", folder)
        assert result.exit_code == 0, result.output
        assert "vérifiée le : jamais" in result.output
        survey = (
            folder / "unites.gpkg",
            "--etablissements",
            folder / "etablissements.csv",
            "--zae",
            "cleabs",
        )
        inventory = answered(space, "zae", "inventaire", *survey, "--au", "2026-01-01")["rows"]
        for park in {row["cleabs"] for row in inventory}:
            units = [row for row in inventory if row["cleabs"] == park]
            assert {state: sum(row["state"] == state for row in units) for state in counts} == counts
            assert [row["unit_ha"] for row in units] == pytest.approx([1.0] * 4, abs=0.001)
            assert {row["owner_type"] for row in units} == {None}  # no file of owners: unknown
    progress = run("--donnees", space, "zae", "inventaire", *survey, "--avancement")
    assert "nombre déclaré inconnu" in progress.stdout
    assert "110 ZAE" not in progress.stdout


@pytest.mark.parametrize("epci", [pytest.param(CALL, marks=pytest.mark.long), ELSEWHERE])
def test_a_fair_folder_is_made_of_the_first_zones_and_calls_no_ground_free(space: Path, epci: str) -> None:
    if epci == ELSEWHERE:  # in the Artois, shipped sites stand in
        refused = run("--donnees", space, "simi", "--sortie", space / "simi")
        assert (refused.exit_code, "partir de celles de la BD TOPO" in refused.output) == (1, True)
    line = "--type site_eco --vers zae --correspondance site_nom=toponyme --completer --communes communes"
    file = space / "zones_activite.geojson"
    imported = run("--donnees", space, "couches", "importer", file, *line.split(), "--incomplet", "--ecarter")
    assert imported.exit_code == 0, imported.output
    result = run("--donnees", space, "simi", "--sortie", space / "simi", "--sans-pdf")
    assert result.exit_code == 0, result.output
    offer = list(
        csv.DictReader(io.StringIO((space / "simi/offre.csv").read_text("utf-8-sig")), delimiter=";")
    )
    # one park has a name in either EPCI: 4 ha
    assert [(row["epci_sigle"], row["Sites"], row["Surface annoncée (ha)"][:1]) for row in offer] == [
        (f"Fictif {epci}", "1", "4")
    ]
    page = (space / "simi/carte.html").read_text("utf-8")
    assert "Hors contraintes (calculé) : 0 ha" in page
    assert "Sol inconnu (calculé) : 4" in page


@pytest.mark.parametrize(("dep", "regions"), [("80", ["32"]), ("76", ["32", "28"])])
def test_an_epci_astride_is_fetched_in_each_departement(tmp_path: Path, dep: str, regions: list[str]) -> None:
    folder, country = tmp_path / "espace", first_hour.astride(dep, 4)
    country.products["D0" + dep] = ("2018", "2021", "2018-2021")
    with open_data.served(country):
        result = create(folder, country)
    table = rows(result)
    assert result.exit_code == 0, result.output
    codes = {
        row["code_insee"] if "code_insee" in row else row["comm_insee"]
        for row in _properties(folder, "communes")
    }
    assert codes == {"62001", "62002", f"{dep}003", f"{dep}004"}
    stock = answered(
        folder, "zan", "stock", "ocsge_artif_2021", "--zones", "communes", "--cle", "comm_insee"
    )["rows"]
    assert [row["artificial_ha"] for row in stock] == pytest.approx([100.0] * 4, abs=0.01)
    assert {row["commune"] for row in _properties(folder, "parcelles")} == codes
    lists = [call for call in country.calls if "zone=D0" in call]
    assert {re.search(r"zone=(D\d+)", call)[1] for call in lists} == {"D062", f"D0{dep}"}  # type: ignore[index]
    # half a département has no half a layer
    assert table["ocsge_artif_2024"]["state"] == "non publié"
    assert f"département {dep}" in table["ocsge_artif_2024"]["reason"]
    assert not (folder / "ocsge_artif_2024.geojson").exists()
    notes = json.loads(result.stdout)["notes"]
    region = "Région : 32" if len(regions) == 1 else "Région inconnue (à cheval sur plusieurs)"
    assert any(note.startswith(region) for note in notes)


@pytest.mark.parametrize("epci", [ELSEWHERE])
def test_a_map_leaves_out_what_would_hide_the_others_until_it_is_named(space: Path) -> None:
    map_result = run("--donnees", space, "carte", "--sans-analyses", "--sortie", space / "carte.html")
    assert map_result.exit_code == 0, map_result.output
    assert "couvriraient la carte : ocsge_artif_2018, " in map_result.output
    page = (space / "carte.html").read_text("utf-8")
    assert ("Routes principales et voies ferrées" in page, "Parcelles cadastrales" in page) == (True, False)
    named_map = run(
        "--donnees", space, "carte", "parcelles", "--sans-analyses", "--sortie", space / "parcelles.html"
    )
    assert named_map.exit_code == 0, named_map.output
    assert "couvriraient" not in named_map.output
    assert "Parcelles cadastrales" in (space / "parcelles.html").read_text("utf-8")


@pytest.mark.parametrize("epci", [CALL])
def test_own_zones_stand_beside_both_drafts_under_their_names(space: Path) -> None:
    own = space / "a_nous.geojson"
    parks = json.loads((space / "zones_activite.geojson").read_bytes())
    for number, each in enumerate(parks["features"], start=1):
        each["properties"] = {"nom": f"Parc fictif {number}"}
    own.write_text(json.dumps(parks), encoding="utf-8")
    drafts = ("--brouillon", "sites_eco_fusac", "--brouillon", "zones_activite")
    matched = answered(space, "zae", "rapprocher", own, *drafts, "--cle", "nom", "--cle-brouillon", "cleabs")
    relations = {(row["draft"][:5], row["relation"], round(row["common_ha"], 1)) for row in matched["rows"]}
    assert relations == {("Sites", "recouvre", 2.0), ("Zones", "même", 4.0)}
    assert {row["draft_name"][:12] for row in matched["rows"] if row["draft_name"]} >= {"Site fictif "}
    half = answered(space, "zae", "rapprocher", own, *drafts[:2], "--cle", "nom", "--part-meme", "0.5")
    assert {row["relation"] for row in half["rows"]} == {"même"}  # half as the table shows it
    for words, sentence in (
        ((own, "--brouillon", "conso_enaf"), "conso_enaf : aucun périmètre mesuré"),
        (("etablissements_sirene", *drafts), "etablissements_sirene : aucun périmètre mesuré"),
        (("zones_activite", *drafts), "des deux côtés"),
        ((own, *drafts, "--cle-brouillon", "nom"), "colonne inconnue : « nom »"),
    ):
        refused = run("--donnees", space, "zae", "rapprocher", *words)
        assert refused.exit_code in {1, 2}, refused.output
        assert sentence in refused.output


def test_another_vintage_than_those_of_the_first_hour_is_taken_by_its_year(tmp_path: Path) -> None:
    folder, country = tmp_path / "espace", first_hour.first_hour((CALL, 2))
    country.products["D062"] = ("2020", "2024")
    with open_data.served(country):
        result = create(folder, country)
        row = rows(result)["ocsge_artif_2018"]
        assert (result.exit_code, row["state"]) == (0, "non publié")
        assert "LAMB93_D062_2020-01-01" in row["reason"]
        words = ("sources", "prendre", "ocsge_artif_2018", "--millesime", "2020", "--epci", CALL)
        assert words[2] in row["reason"]
        import_result = run("--donnees", folder, *words, **{SETTING: country.setting})
        assert import_result.exit_code == 0, import_result.output
    layer = layers.read_catalogue(folder)["ocsge_artif_2020"]
    assert (layer.title, layer.vintage) == ("OCS GE, artificialisation 2020", "2020")
    zones = ("--zones", "communes", "--cle", "comm_insee")
    years = ("--avant", "ocsge_artif_2020", "--apres", "ocsge_artif_2024")
    account = answered(folder, "zan", "artificialisation", *years, *zones)["rows"]
    # strips of 300 then 560 m over 2 km
    assert [row["net_artificialised_ha"] for row in account] == pytest.approx([52.0] * 2, abs=0.01)


def _properties(folder: Path, layer: str) -> list[dict]:
    return [each["properties"] for each in json.loads((folder / f"{layer}.geojson").read_bytes())["features"]]


def test_two_editions_of_a_source_are_compared_object_by_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, country = tmp_path / "espace", first_hour.first_hour((CALL, 4))
    with open_data.served(country):
        take = ("--donnees", folder, "sources", "prendre", "cadastre_parcelles", "--epci", CALL)
        setting = {SETTING: country.setting}
        assert run(*take, **setting).exit_code == 0
        country.edition = "2026-12-01"
        state = json.loads(
            run("--donnees", folder, "sources", "etat", "--en-ligne", "--format", "json", **setting).stdout
        )
        editions = {row["snapshot"].partition("/")[0]: row["edition"] for row in state["rows"]}
        assert editions["cadastre_parcelles"] == "nouvelle édition : 2026-12-01"
        _tomorrow(monkeypatch)
        assert run(*take, **setting).exit_code == 0
    older, newer = [each.name for each in sources.snapshots(folder, "cadastre_parcelles")]
    for words in ((older, newer), ("parcelles@1", "parcelles"), ("parcelles@1", "parcelles@2")):
        changes = run("--donnees", folder, "couches", "comparer", *words)
        assert changes.exit_code == 0, changes.output
        assert "1 ajouté, 1 supprimé, 1 modifié, 14 inchangés ; 16 objets avant, 16 après." in changes.stdout
    assert "millésime 2026-09-01" in run("--donnees", folder, "couches", "comparer", older, newer).stdout


def _tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date, timedelta

    class Tomorrow(date):
        @classmethod
        def today(cls) -> date:
            return date.today() + timedelta(days=1)

    monkeypatch.setattr("artois_geo.sources.making.date", Tomorrow)
