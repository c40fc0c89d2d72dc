"""A workspace whose layers are those of the standard, under its own names: every answer is about them."""

import json
from pathlib import Path

import pytest
from cli_runner import run

from artois_geo import example, layers, showcase
from artois_geo.packs import site_sheets
from artois_geo.studies.sites import catalogue_data

VOCATIONS = ["industrielle", "entrepôts, logistique", "touristique"]
NAMES = ["ZAE fictive des Prés", "Parc fictif", "Zone fictive du Lac"]
STAGES = ["en vente", "vendu, commercialisation achevée", "réservé par option de réservation"]
ENTRY = 'title = "T"\nsource = "essai"\nlicence = "libre"\nvintage = "2026"\n'
KINDS = {"zae": "site_eco", "lots": "terrain_eco", "communes": "commune_contour"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three zones of the standard and their plots: no family, no acronym, no column of ours."""
    folder_path = tmp_path_factory.mktemp("espace")
    fictional_layers = example.layers(communes=4, ocsge=20, sites=3)
    zones = fictional_layers["sites_eco"].drop(columns="precision_m")
    zones = zones.assign(site_nom=NAMES, site_vocadomi=VOCATIONS, site_surf_brute=[10.0, 20.0, 30.0])
    zones = zones.assign(site_uf_nbre=[12, 8, 4], site_taux_vacance=[25, 0, 50], site_moa_nom="EPCI fictif")
    lots = fictional_layers["terrains"].assign(terr_surf_brute=1.5)
    lots["terr_stade_comm"] = [STAGES[min(number % 4, 2)] for number in range(len(lots))]
    for name, frame in {"zae": zones, "lots": lots, "communes": fictional_layers["communes"]}.items():
        layers.write(frame, folder_path / f"{name}.geojson")
    entries = (f'[{name}]\nfile = "{name}.geojson"\nkind = "{kind}"\n{ENTRY}' for name, kind in KINDS.items())
    (folder_path / "catalogue.toml").write_text("".join(entries), encoding="utf-8")
    return folder_path


@pytest.fixture(scope="module")
def holdings(folder: Path) -> catalogue_data.CatalogueData:
    return catalogue_data.read(layers.read_catalogue(folder))


def test_the_offer_is_that_of_the_own_layer_and_says_what_is_deduced(folder: Path) -> None:
    result = run("--donnees", folder, "foncier", "offre", "--par", "famille", "--format", "json")
    document = json.loads(result.stdout)
    offered = {row["famille"]: row["offer_ha"] for row in document["rows"]}
    assert offered == {"parcs d'industrie": 10.0, "hub logistique": 20.0, None: 30.0}  # « touristique »
    output = run("--donnees", folder, "foncier", "offre").stdout
    assert "Surfaces déclarées par la couche" in output
    assert "site_vocadomi « touristique » (1 objet)" in output
    assert "publiées par les sources" not in output


def test_a_plot_counts_when_its_commercial_stage_says_for_sale(folder: Path) -> None:
    result = run("--donnees", folder, "foncier", "offre", "lots", "--par", "site_nom", "--format", "json")
    rows = {row["site_nom"]: (row["offer_ha"], row["set_aside"]) for row in json.loads(result.stdout)["rows"]}
    assert rows == dict.fromkeys(NAMES, (1.5, 3))  # of four plots, one is for sale


def test_a_plot_says_what_its_site_says(holdings: catalogue_data.CatalogueData) -> None:
    lots = holdings.kind("terrain_eco")
    assert lots["site_nom"].tolist() == [name for name in NAMES for _ in range(4)]
    assert lots["dispo_statut"].tolist()[:4] == ["offert", "vendu", "réservé", "réservé"]
    assert len(showcase.on_offer(lots)) == 3
    assert lots["epci_sigle"].notna().all()


def test_the_sheet_tells_the_fields_of_the_layer(holdings: catalogue_data.CatalogueData) -> None:
    page = site_sheets.site_sheet(holdings, NAMES[0], site_sheets.Edition())
    for text in ("Surface utile", "Unités foncières", ">12<", "25", "EPCI fictif", "sur 10\xa0ha"):
        assert text in page, text
    assert "Surfaces déclarées par la couche des sites" in page
    assert "publiées par les sources" not in page
    assert site_sheets.site_ids(holdings, on_offer=True) == site_sheets.site_ids(holdings)


def test_the_default_layer_of_a_command_is_the_own_one(folder: Path) -> None:
    result = run("--donnees", folder, "foncier", "offre", "--par", "site_nom", "--format", "json")
    assert [row["site_nom"] for row in json.loads(result.stdout)["rows"]] == sorted(NAMES)


def test_own_sites_are_ranked_from_their_layer(folder: Path, tmp_path: Path) -> None:
    criteria = tmp_path / "criteres.toml"
    criteria.write_text('[[critere]]\ncolonne = "Surface brute (ha)"\npire = 0\nmeilleur = 40\n', "utf-8")
    words = ("foncier", "classer", "zae", "--criteres", criteria, "--tirages", "10", "--format", "json")
    result = run("--donnees", folder, *words)
    rows = [(row["site"], row["score"]) for row in json.loads(result.stdout)["rows"]]
    assert rows == [(NAMES[2], 75.0), (NAMES[1], 50.0), (NAMES[0], 25.0)]
    for wrong in ("zaee", "absent.csv"):
        refused = run("--donnees", folder, "foncier", "classer", wrong, "--criteres", criteria)
        assert refused.exit_code in (1, 2)
        assert wrong in refused.stderr
