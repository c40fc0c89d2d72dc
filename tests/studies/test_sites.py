"""What analyses say on sheets and cards: the figures of the commands, or nothing."""

import html
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import plain as ground
import pytest
from cli_runner import run
from covering import mostly_long

from artois_geo import canal, constants, layers, packs, vocabulary
from artois_geo.packs import site_sheets
from artois_geo.sheets import sections
from artois_geo.studies.canal import water_access
from artois_geo.studies.sites import catalogue_data, site_water, site_zan
from artois_geo.studies.sites import criteria as site_criteria

DAY = date(2026, 12, 8)
WATERSIDE = "99006_SITE-ECO_0006"
RULES = """
[[contrainte]]
nom = "zone inondable"
couche = "contraintes"
filtre = { contrainte_type = ["zone inondable"] }

[[contrainte]]
nom = "zone humide"
couche = "contraintes"
filtre = { contrainte_type = ["zone humide"] }
"""


@pytest.fixture(scope="module")
def country(fictional: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: these tests write sheets and rules into it."""
    return Path(shutil.copytree(fictional(), tmp_path_factory.mktemp("fictif") / "pays"))


@pytest.fixture(scope="module")
def trajectory(country: Path) -> pd.DataFrame:
    table = rows(country, "zan", "trajectoire", str(country / "consommation.csv"), "--par", "epci")
    return table.set_index("epci")


@pytest.fixture(scope="module")
def fictional_data(country: Path) -> packs.CatalogueData:
    return packs.read_catalogue_data(layers.read_catalogue(country))


@pytest.fixture(scope="module")
def studied(fictional_data: packs.CatalogueData) -> packs.Study:
    return packs.study_of(fictional_data, on=DAY)


@pytest.fixture(scope="module")
def shipped() -> packs.CatalogueData:
    return packs.read_catalogue_data(layers.read_catalogue())


def rows(country: Path, *arguments: str) -> pd.DataFrame:
    result = run("--donnees", str(country), *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return pd.DataFrame(json.loads(result.stdout)["rows"])


def plain(text: str) -> str:
    return (
        re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)))
        .replace("\u202f", " ")
        .replace("\u00a0", " ")
    )


def sheet(country: Path, *arguments: str) -> str:
    file = country / "fiche.html"
    assert run("--donnees", str(country), "fiche", *arguments, "--sortie", str(file)).exit_code == 0
    return plain(file.read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------- the figures of the commands
def test_losses_are_those_of_foncier_pertes(country: Path, studied: packs.Study) -> None:
    (country / "regles.toml").write_text(RULES, encoding="utf-8")
    command_rows = rows(country, "foncier", "pertes", "sites_eco", "--regles", str(country / "regles.toml"))
    assert studied.land is not None
    own = studied.land.losses[studied.land.losses["alone_ha"] > 0]
    assert len(command_rows) == len(own) > 0
    assert sorted(own["marginal_ha"]) == pytest.approx(sorted(command_rows["marginal_ha"]))
    lost_ha = own["marginal_ha"].groupby(level=0).sum()
    remaining = studied.land.left.loc[lost_ha.index]
    assert (remaining["gross_ha"] - remaining["available_ha"]).tolist() == pytest.approx(lost_ha.tolist())


def test_the_canal_card_is_that_of_canal_desserte(country: Path, studied: packs.Study) -> None:
    command_rows = rows(country, "canal", "desserte", "sites_eco", "--voies", "canal", "--lieux", "quais")
    command_rows = command_rows.set_index("site_id")
    assert studied.water is not None
    for column in ("waterway_m", "frontage_m"):
        expected = command_rows[column].reindex(studied.water.front.index).astype(float).tolist()
        assert studied.water.front[column].tolist() == pytest.approx(expected, abs=1e-3)
    assert studied.water.front["ring"].tolist() == command_rows["ring"].tolist()
    near = studied.water.quays["straight_km"].reindex(command_rows.index)
    assert near.tolist() == pytest.approx(command_rows["straight_km"].tolist(), abs=1e-3)


WATER = ["waterway_m", "waterway_low_m", "waterway_high_m", "frontage_m", "berth_class", "frontage_origin"]
WATER += ["frontage_reason", "ring", "ring_origin", "ring_reason"]


def test_tables_scheme_sheets_cards_and_rankings_say_the_same_of_the_water(
    shipped: packs.CatalogueData, tmp_path: Path
) -> None:
    command_rows = rows(shipped.catalogue.folder, "canal", "desserte").set_index("site_id")
    assert (
        run("canal", "desserte", "--format", "csv-brut", "--sortie", str(tmp_path / "d.csv")).exit_code == 0
    )
    assert run("canal", "schema", "--dossier", str(tmp_path / "s")).exit_code == 0
    plots = pd.read_csv(tmp_path / "s" / "1_foncier_et_infrastructures.csv", sep=";", decimal=",")
    plots = plots[plots["Nature"] == "terrain"].set_axis(command_rows.index)
    plots = plots.rename(columns={vocabulary.heading(column): column for column in WATER})
    studied = packs.study_of(shipped, on=DAY)
    assert studied.water is not None
    for table in (pd.read_csv(tmp_path / "d.csv").set_index("site_id"), plots, studied.water.front):
        for column in WATER:
            expected, shown_values = (
                side[column].reindex(command_rows.index) for side in (command_rows, table)
            )
            assert (expected.isna() == shown_values.isna()).all(), column
            assert expected.dropna().tolist() == shown_values.dropna().tolist(), column
    ranked = studied.figures["frontage_m"].reindex(command_rows.index)
    assert ranked.dropna().to_dict() == command_rows["frontage_m"].dropna().to_dict()
    cards = packs.with_study(shipped.frames, shipped, studied)["sites_eco"].set_index("site_id")
    assert cards["ring"].dropna().str.replace("’", "'").to_dict() == command_rows["ring"].dropna().to_dict()
    shown_values = {
        name: f"{metres:.0f} m (publié)" for name, metres in command_rows["frontage_m"].dropna().items()
    }
    assert cards["bank_length"].dropna().to_dict() == shown_values


def test_the_budgets_are_those_of_zan_trajectoire(country: Path, trajectory: pd.DataFrame) -> None:
    row = trajectory.loc["999000011"]
    page = sheet(country, "--epci", "999000011")
    for column in ("reference_ha", "allowed_ha", "used_ha", "left_ha"):
        assert f"{row[column]:.2f} ha".replace(".", ",") in page, column


def test_the_share_of_a_budget_is_the_local_hectares_over_it(
    country: Path, fictional_data: packs.CatalogueData, trajectory: pd.DataFrame
) -> None:
    allowed = trajectory.loc["999000011", "allowed_ha"]
    project = fictional_data.frames["projets"].set_index("comm_insee").loc["99006"]
    assert project["projet_compte"] == "local"
    share = sections.percent(project["consommation_ha"] / allowed, "fr").replace("\u202f", " ")
    assert f"{share} de {allowed:.2f} ha".replace(".", ",") in sheet(country, WATERSIDE)


def test_ranks_are_those_of_foncier_classer(country: Path, studied: packs.Study) -> None:
    file = country / "figures.csv"
    studied.figures.reset_index(names="site").to_csv(file, index=False, sep=";", decimal=",")
    command_rows = rows(country, "foncier", "classer", str(file), "--profil", "site_cle_en_main").set_index(
        "site"
    )
    assert studied.ranks is not None
    own = studied.ranks.table
    for column in ("rank", "first_share", "best_rank", "worst_rank"):
        sheet_values, right = (
            table[column].reindex(own.index).astype(float) for table in (own, command_rows)
        )
        assert sheet_values.tolist() == pytest.approx(right.tolist(), nan_ok=True), column


def test_the_built_share_is_that_of_foncier_densifier(country: Path, studied: packs.Study) -> None:
    command_rows = rows(
        country, "foncier", "densifier", "parcelles", "batiments", "--sites", "sites_eco", "--par-site"
    ).set_index("site_id")
    for column in ("ces_share", "theoretical_ha"):
        own = studied.figures[column].reindex(command_rows.index)
        assert own.tolist() == pytest.approx(command_rows[column].tolist())


# --------------------------------------------------------------------------------------- what a reader sees
def test_a_site_of_the_example_shows_every_section_in_both_languages(
    fictional_data: packs.CatalogueData, studied: packs.Study
) -> None:
    titles = {
        "fr": [
            "Surface retirée par chaque contrainte",
            "Rang et fragilité",
            "Accès au canal",
            "Compte ZAN",
            "sobriété",
        ],
        "en": [
            "Area removed by each constraint",
            "Rank and its",
            "Access to the canal",
            "ZAN account",
            "Sobriety",
        ],
    }
    for lang, section_titles in titles.items():
        page = packs.site_sheet(fictional_data, WATERSIDE, packs.Edition(lang=lang, study=studied))
        for title in section_titles:
            assert title in page, title
    assert "Données fictives" in packs.site_sheet(fictional_data, WATERSIDE, packs.Edition(study=studied))


def test_a_hectare_under_conditions_is_told_and_not_taken_off(studied: packs.Study) -> None:
    assert studied.land is not None
    assert set(studied.land.losses.index.get_level_values(1)) == {"zone inondable", "zone humide"}
    assert studied.land.conditions is not None


def test_nothing_is_said_where_the_layers_say_nothing(shipped: packs.CatalogueData) -> None:
    study = packs.study_of(shipped, on=DAY)
    assert (study.land, study.ranks, study.sobriety) == (None, None, None)
    page = packs.site_sheet(shipped, "port-de-harnes", packs.Edition(study=study))
    for title in ("Surface retirée par chaque contrainte", "Rang et fragilité", "Compte ZAN", "sobriété"):
        assert title not in page
    assert "Linéaire de berge non mesuré : position trop imprécise (± 1,1 km)" in plain(page)
    assert "bord à voie d’eau (publié)" in page  # a port is by the water, wherever its point is drawn


def test_without_analyses_a_sheet_is_that_of_the_layers(country: Path) -> None:
    assert "Accès au canal" not in sheet(country, WATERSIDE, "--sans-analyses")


def test_rules_given_by_hand_replace_those_of_the_catalogue(country: Path) -> None:
    (country / "une.toml").write_text(
        RULES.split("\n[[")[0] + "\n[[" + RULES.split("\n[[")[1], encoding="utf-8"
    )
    page = sheet(country, "99001_SITE-ECO_0001", "--contraintes", str(country / "une.toml"))
    assert "Aucune contrainte connue n’atteint ce site." in page


def test_two_sets_of_criteria_are_refused(country: Path) -> None:
    result = run(
        "--donnees", str(country), "fiche", WATERSIDE, "--profil", "pme_artisanat", "--criteres", "x.toml"
    )
    assert (result.exit_code, "ne vont pas ensemble" in result.stderr) == (2, True)


def test_jobs_of_a_lone_firm_are_not_told(fictional_data: packs.CatalogueData) -> None:
    sites = fictional_data.frames["sites_eco"]
    frames = {**fictional_data.frames, "sites_eco": sites.assign(site_nb_etab=1)}
    alone = packs.CatalogueData(fictional_data.catalogue, frames, fictional_data.by_kind)
    assert "jobs_per_ha" not in packs.study_of(alone, on=DAY).figures


# ----------------------------------------------------------------------------------------------- paper, map
@pytest.mark.parametrize("lang", mostly_long(["fr", "en"], "en"))
def test_a_site_on_offer_still_takes_one_a4_page_with_its_analyses(
    lang: str, shipped: packs.CatalogueData
) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    study = packs.study_of(shipped, on=DAY)
    for name in packs.site_ids(shipped, on_offer=True):
        page = packs.site_sheet(shipped, name, packs.Edition(lang=lang, study=study))
        assert "@font-face" in page  # its letters are as wide on every machine
        assert len(weasyprint.HTML(string=page).render().pages) == 1, name


def test_the_card_of_a_site_says_what_its_sheet_says(
    fictional_data: packs.CatalogueData, studied: packs.Study
) -> None:
    sites = packs.with_study(fictional_data.frames, fictional_data, studied)["sites_eco"].set_index("site_id")
    row = sites.loc[WATERSIDE]
    page = plain(packs.site_sheet(fictional_data, WATERSIDE, packs.Edition(study=studied)))
    for column in ("waterway_name", "waterway_away", "berth_class", "rank_of", "rank_range"):
        assert str(row[column]).replace("\u202f", " ") in page, column
    distance, _, quay = str(row["access_port"]).partition(", ")
    assert distance.partition(" (")[0] in page
    assert quay in page
    assert row["available_ha"] == pytest.approx(sites["site_surf_brute"][WATERSIDE] - 2.03, abs=0.01)


def test_the_land_on_offer_is_served_as_its_site_is(shipped: packs.CatalogueData) -> None:
    frames = packs.with_study(shipped.frames, shipped, None)
    land, sites = frames["foncier_disponible"], frames["sites_eco"].set_index("site_id")
    assert len(land)
    for site, access in zip(land["site_id"], land["access_port"], strict=True):
        assert str(access) == str(sites.loc[site, "access_port"])


def test_access_measured_beforehand_makes_the_same_sheet(shipped: packs.CatalogueData) -> None:
    names = packs.site_ids(shipped, on_offer=True)[:2]
    access = site_sheets.access_by_id(shipped, names)
    assert list(access) == names
    for name in names:
        alone = packs.site_sheet(shipped, name, packs.Edition(issued=DAY))
        assert packs.site_sheet(shipped, name, packs.Edition(issued=DAY, access=access)) == alone


def test_sites_of_one_label_have_each_their_own_access(shipped: packs.CatalogueData) -> None:
    sites = catalogue_data.sites(shipped).loc[["port-de-harnes", "logisterra26"]]
    harnes, logisterra = catalogue_data.access_tables(shipped, sites)
    sites.index = ["site", "site"]
    twins = catalogue_data.access_tables(shipped, sites)
    pd.testing.assert_frame_equal(twins[0], harnes)
    pd.testing.assert_frame_equal(twins[1], logisterra)


def test_a_waterway_that_no_table_knows_takes_the_class_of_its_layer(studied: packs.Study) -> None:
    assert studied.water is not None
    assert "canal exemple" not in set(constants.table("waterways")["key"])
    assert studied.water.front.loc[WATERSIDE, "waterway_cemt"] == "Va"
    assert studied.water.front.loc[WATERSIDE, "frontage_m"] == pytest.approx(203.0, abs=0.1)


# ---------------------------------------------------------------------------------------- quays by road
@pytest.fixture(scope="module")
def waterside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 1 km by the canal, a quay 10 km further east, and one straight road from one to the other."""
    folder = tmp_path_factory.mktemp("quais")
    columns = {"epci_sigle": "A", "est_sous_site": False, "site_surf_brute": 100.0}
    canal, road = {"ouvrage_type": "canal", "ouvrage_nom": "Canal"}, {"vitesse": 30}
    quay = {"quai_id": "q", "quai_nom": "Quai", "quai_statut": "en service"}
    for name, frame in {
        "sites": ground.square(x_km=0, y_km=0, side_km=1, site_id="zone", site_nom="Zone", **columns),
        "canal": ground.line((1, 0), (11, 0), **canal),
        "routes": ground.line((1, 0.5), (11, 0.5), **road),
        "quais": ground.point(x_km=11, y_km=0.5, **quay),
    }.items():
        layers.write(frame, folder / f"{name}.geojson")
    (folder / "catalogue.toml").write_text(
        "".join(
            f'[{name}]\nfile = "{name}.geojson"\nkind = "{kind}"\ntitle = "{name.title()}"\n'
            'source = "essai"\nlicence = "libre"\nvintage = "2026"\n'
            for name, kind in {"sites": "site_eco", "canal": "libre", "quais": "quai", "routes": ""}.items()
        ),
        encoding="utf-8",
    )
    return folder


def test_the_quay_by_road_is_that_of_canal_desserte_in_time_too(waterside: Path) -> None:
    roads = ("--routes", "routes", "--vitesse", "vitesse")
    water = ("--voies", "canal", "--lieux", "quais")
    row = rows(waterside, "canal", "desserte", "sites", *water, *roads).iloc[0]
    assert (row["road_km"], row["road_min"]) == pytest.approx((10, 20), abs=0.1)  # 10 km at 30 km/h
    page = sheet(waterside, "zone", *roads)
    assert "… par la route 10,0 km … en camion 20 min" in page
    assert "Routes : Routes ; trajet le plus rapide, à 50 km/h là où la vitesse n’est pas dite" in page
    assert "Sans routes dans les couches" not in page
    assert "en camion 12 min" in sheet(waterside, "zone", "--routes", "routes")  # 10 km at 50 km/h


def test_a_site_that_no_road_reaches_says_so(waterside: Path, tmp_path: Path) -> None:
    layers.write(ground.line((50, 50), (51, 50), nom="x"), tmp_path / "loin.geojson")
    page = sheet(waterside, "zone", "--routes", str(tmp_path / "loin.geojson"))
    assert "Aucun quai n’est joint par les routes de « loin.geojson »" in page
    assert "en camion" not in page


@pytest.mark.parametrize(("precision", "expected"), [("levée", [10.0, 2030]), ("schématique", [])])
def test_a_schematic_site_has_no_figure_of_roads_nor_of_projects(
    waterside: Path, precision: str, expected: list[float]
) -> None:
    waterside_data = packs.read_catalogue_data(layers.read_catalogue(waterside))
    sites = waterside_data.frames["sites"].assign(geometrie=precision).set_index("site_id", drop=False)
    settings = canal.Roads(waterside_data.frames["routes"], speed_kmh=50.0, snap_m=1.0, reach_m=500.0)
    account = site_zan.ZanStudy(pd.DataFrame({"zan_year": [2030]}, index=["zone"]), {}, ())
    water = site_water.study(sites, waterside_data, on=DAY, roads=water_access.RoadSource(settings, "Routes"))
    criteria = site_criteria.figures(sites, waterside_data, ground=None, water=water, account=account, on=DAY)
    known_criteria = criteria.reindex(columns=["quay_road_km", "maturite_annee"]).dropna(axis="columns")
    assert known_criteria.loc["zone"].tolist() == pytest.approx(expected, abs=0.1)
