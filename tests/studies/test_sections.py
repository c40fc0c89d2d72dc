"""What sheets say of a territory, of conditioned ground, of a distance: figures checked by hand."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest

from artois_geo import layers, maps, offer, packs, ranking, sheets
from artois_geo.packs import offer_page, offer_view
from artois_geo.packs.sections import section, study_sections
from artois_geo.sheets import sections
from artois_geo.studies.sites import catalogue_data as held
from artois_geo.studies.sites.all_analyses import Profile, Study, site_land, site_water, site_zan

DAY = date(2026, 12, 8)
SAID = {"title": "T", "source": "essai", "licence": "essai", "vintage": "2026"}


def holdings_of(**frames: gpd.GeoDataFrame) -> packs.CatalogueData:
    """A catalogue of these frames, each of the kind that names it."""
    records = {kind: layers.Layer(kind, Path(f"{kind}.geojson"), kind, **SAID) for kind in frames}
    return packs.CatalogueData(
        layers.Catalogue(Path(), records), dict(frames), {kind: kind for kind in frames}
    )


def rows(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=2154)


def constraint(effect: str, name: str, *, width_km: float) -> gpd.GeoDataFrame:
    shape = plain.rectangle(x_km=0, y_km=0, width_km=width_km, height_km=1)
    return shape.assign(contrainte_effet=effect, contrainte_type=name)


def park() -> gpd.GeoDataFrame:
    """A park of 100 ha of one commune, and a lot of 25 ha inside it."""
    columns = {"site_comm_insee": "62001", "site_epci_siren": "200000001", "epci_sigle": "E"}
    columns |= {"site_epci_nom": "Essai"}
    parent = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", site_nom="Parc", est_sous_site=False)
    lot = plain.square(x_km=0, y_km=0, side_km=0.5, site_id="B", site_nom="Lot", est_sous_site=True)
    return rows(parent, lot.assign(parent_id="A")).assign(site_surf_brute=1.0, famille="parc", **columns)


def town() -> gpd.GeoDataFrame:
    columns = {"comm_insee": "62001", "comm_nom": "Commune", "epci_siren": "200000001", "epci_sigle": "E"}
    return plain.square(x_km=-1, y_km=-1, side_km=4, epci_nom="Essai", **columns)


# ----------------------------------------------------------------------------------------- conditioned ground
def test_ground_that_is_forbidden_is_not_possible_under_conditions() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A").set_index("site_id", drop=False)
    both = rows(
        constraint("interdit", "zone rouge", width_km=0.25),
        constraint("conditionne", "zone bleue", width_km=0.4),
    )
    constraints = site_land.held_constraints(holdings_of(contrainte=both))
    assert constraints is not None
    studied = site_land.study(site, constraints)
    assert studied is not None
    assert studied.left["available_ha"].tolist() == [75.0]
    assert studied.conditions is not None
    assert studied.conditions["alone_ha"].round(6).to_dict() == {("A", "zone bleue"): 15.0}


def test_ground_that_is_wholly_forbidden_has_no_condition() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A").set_index("site_id", drop=False)
    both = rows(constraint("interdit", "rouge", width_km=1), constraint("conditionne", "bleue", width_km=1))
    constraints = site_land.held_constraints(holdings_of(contrainte=both))
    assert constraints is not None
    site_sections = study_sections.of_site(Study(land=site_land.study(site, constraints)), site.iloc[0], "fr")
    assert not any("prescriptions" in note for note in site_sections.notes["losses"])


def test_conditions_alone_are_told_and_nothing_is_taken_off() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A").set_index("site_id", drop=False)
    constraints = site_land.held_constraints(
        holdings_of(contrainte=constraint("conditionne", "zone bleue", width_km=0.25))
    )
    assert constraints is not None
    studied = site_land.study(site, constraints)
    assert studied is not None
    assert studied.left["available_ha"].tolist() == [100.0]
    notes = study_sections.of_site(Study(land=studied), site.iloc[0], "fr").notes["losses"]
    assert "Possible sous prescriptions, non ôté : zone bleue 25,0 ha." in notes


# ---------------------------------------------------------------------------------------- sums of a territory
@pytest.mark.parametrize("make", [packs.commune_sheet, packs.epci_sheet])
def test_the_ground_of_a_sub_site_is_counted_once_with_its_park(make: object) -> None:
    flood = constraint("interdit", "zone rouge", width_km=0.25)
    catalogue = holdings_of(commune=town(), site_eco=park(), contrainte=flood)
    studied = packs.study_of(catalogue, on=DAY)
    name = "62001" if make is packs.commune_sheet else "E"
    page = make(catalogue, name, packs.Edition(study=studied))  # type: ignore[operator]
    assert "100,0\u202fha bruts, 75,0\u202fha hors contraintes" in page.replace("\u00a0", "\u202f").replace(
        " ha", "\u202fha"
    )


def budget(level: str, code: str, *, remaining_ha: float = 10.0) -> site_zan.Budget:
    columns = {
        "allowed_ha": 20.0,
        "used_ha": 20.0 - remaining_ha,
        "left_ha": remaining_ha,
        "last_observed_year": 2024,
    }
    return site_zan.Budget(
        pd.DataFrame([{level: code, **columns}]).set_index(level, drop=False),
        pd.DataFrame(),
        (2021, 2030),
        "essai",
        level,
    )


def project(name: str, ha: float, year: int, **more: object) -> gpd.GeoDataFrame:
    columns = {"projet_nom": name, "projet_compte": "local", "comm_insee": "62001", "justificatif": ""}
    return plain.square(
        x_km=0, y_km=0, side_km=0.5, projet_id=name, consommation_ha=ha, annee_debut=year, **columns, **more
    )


@pytest.mark.parametrize("level", ["commune", "epci"])
def test_a_project_that_meets_two_sites_or_none_counts_once_for_its_territory(level: str) -> None:
    ledger = rows(
        project("meets the park and its lot", 3.0, 2026),
        project("elsewhere", 2.0, 2027),
        project("already in the flows", 4.0, 2023),
        project("after the budget", 8.0, 2031),
    )
    far = ledger.geometry.translate(xoff=9_000)
    ledger = ledger.set_geometry(ledger.geometry.where(ledger["projet_id"] != "elsewhere", far))
    catalogue = holdings_of(commune=town(), site_eco=park(), projet=ledger)
    code = "62001" if level == "commune" else "200000001"
    sites = park().set_index("site_id", drop=False)
    account = site_zan.study(sites, catalogue, {level: budget(level, code)})
    assert account.planned[level].loc[code].tolist() == [5.0, 5.0]  # 3 + 2 ha; 10 − 5 left


def test_a_photovoltaic_project_leaves_the_local_account_only_with_every_criterion() -> None:
    criteria = dict.fromkeys(
        ("pv_reversible", "pv_couvert_vegetal", "pv_ancrage", "pv_cloture", "pv_voies"), True
    )
    criteria |= {"pv_espace": "naturel", "pv_hauteur_m": 1.2}
    exempt = {"projet_compte": "exempté", "justificatif": "permis"}
    ledger = rows(
        project("met", 3.0, 2026, pv_espacement_m=3.0, **criteria).assign(**exempt),
        project("unknown spacing", 2.0, 2027, pv_espacement_m=None, **criteria).assign(**exempt),
    )
    catalogue = holdings_of(commune=town(), site_eco=park(), projet=ledger)
    sites = park().set_index("site_id", drop=False)
    account = site_zan.study(sites, catalogue, {"commune": budget("commune", "62001")}, on=date(2026, 11, 30))
    assert account.planned["commune"].loc["62001"].tolist() == [2.0, 8.0]  # 10 − 2 ha
    assert set(account.sites["zan_account"]) == {"exempté, local"}
    assert set(account.sites["zan_local_ha"]) == {2.0}


# ---------------------------------------------------------------------------------- weights by comparison
AHP = """
titre = "Comparé"
source = "essai"
comparaisons = [[1, 9], [0.1111111111111111, 1]]

[[critere]]
colonne = "available_share"
pire = 0
meilleur = 1

[[critere]]
colonne = "gross_ha"
pire = 0
meilleur = 100
"""


def test_criteria_compared_two_by_two_give_the_ranks_of_the_command() -> None:
    profile = Profile(*ranking.read_profile(tomllib.loads(AHP)))
    small = plain.square(x_km=5, y_km=0, side_km=0.1, site_id="small", site_nom="Petit")
    large = plain.square(x_km=0, y_km=0, side_km=1, site_id="large", site_nom="Grand")
    sites = rows(small, large).assign(
        est_sous_site=False, epci_sigle="E", famille="parc", site_surf_brute=1.0
    )
    flood = constraint("interdit", "zone rouge", width_km=0.5)  # half of the large one
    study = packs.study_of(holdings_of(site_eco=sites, contrainte=flood), on=DAY, profile=profile)
    assert study.ranks is not None
    # weights 0.9 and 0.1: small 0.9 × 1 + 0.1 × 0.01 = 0.901, large 0.9 × 0.5 + 0.1 × 1 = 0.55; at equal
    # weights the large one comes first: 0.505 against 0.75
    assert study.ranks.table["score"].round(3).to_dict() == {"small": 90.1, "large": 55.0}
    assert study.ranks.table["rank"].to_dict() == {"small": 1, "large": 2}


HALF = """
titre = "Essai"
[[critere]]
colonne = "available_share"
pire = 0
meilleur = 1
[[critere]]
colonne = "prix"
pire = 60
meilleur = 10
[[critere]]
colonne = "energie"
pire = 0
meilleur = 1
"""


def ranked_section(site: str, *, criteria: int) -> section.Sections:
    """Three sites, one drawn for show; of three criteria the layers know the first alone."""
    profile = Profile(*ranking.read_profile(tomllib.loads(HALF)))
    profile = replace(profile, criteria=profile.criteria[:criteria])
    shapes = [plain.square(x_km=3 * x, y_km=0, side_km=1, site_id=name) for x, name in enumerate("ABC")]
    sites = rows(*shapes).assign(site_nom=list("ABC"), geometrie=["levée", "levée", "schématique"])
    flood = constraint("interdit", "zone rouge", width_km=0.5)
    study = packs.study_of(holdings_of(site_eco=sites, contrainte=flood), on=DAY, profile=profile)
    return study_sections.of_site(study, sites.set_index("site_id", drop=False).loc[site], "fr")


def test_a_schematic_site_says_why_it_has_no_rank() -> None:
    ranked = ranked_section("C", criteria=1)
    assert "ranking" not in ranked.cards
    assert ranked.notes["ranking"][0].startswith("Pas de rang : le tracé est schématique")
    assert ranked.notes["ranking"][1] == "Profil « Essai »."


def test_no_rank_is_said_where_a_third_of_the_weight_is_known() -> None:
    ranked = ranked_section("B", criteria=3)
    assert not {"rank_of", "first_share"} & set(ranked.cards["ranking"].index)
    # B is wholly free, A half: a third and a sixth of 100, and two thirds unknown.
    assert ranked.cards["ranking"]["score_range"] == "100 (de 33 à 100)"
    assert ranked.cards["ranking"]["rank_range"] == "de 1 à 2"
    sentence = ranked.notes["ranking"][0].replace("\u202f", " ").replace("\xa0", " ")
    assert sentence == "Critères connus à 33,3 % du poids : place non établie."


def test_a_rank_is_said_where_all_is_known() -> None:
    ranked = ranked_section("B", criteria=1)
    assert ranked.cards["ranking"]["rank_of"] == "1 sur 2"
    assert ranked.cards["ranking"]["rank_range"] == "de 1 à 1"
    assert ranked.notes["ranking"][0].startswith("Rang solide")


# ------------------------------------------------------------------------------------- distances to the water
def waterside(**canal: object) -> section.Sections:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", site_nom="A", precision_m=0.0)
    site = site.set_index("site_id", drop=False)
    way = plain.line((-1, 1.4), (2, 1.4), objet_type="canal", objet_nom="Canal", **canal)
    quay = plain.point(x_km=0.5, y_km=1.4, quai_id="Q", quai_nom="Quai", quai_statut="en service")
    precise = quay.assign(precision_m=canal["precision_m"]) if "precision_m" in canal else quay
    catalogue = holdings_of(site_eco=site.reset_index(drop=True), logistique=way, quai=precise)
    water = site_water.study(site, catalogue, on=DAY)
    assert water is not None
    return study_sections.of_site(Study(water=water), site.iloc[0], "fr")


def test_a_distance_is_told_to_the_metre_only_between_known_positions() -> None:
    card = waterside(precision_m=0.0).cards["canal"]
    assert card["waterway_distance"] == "400 m"
    unsaid = waterside().cards["canal"]
    assert (unsaid["waterway_distance"], unsaid["quay_distance"][0]) == ("≈ 0,4 km", "≈")
    sketched = waterside(geometrie="schématique").cards["canal"]
    assert sketched["waterway_distance"] == "≈ 0,4 km"


# ------------------------------------------------------------------------------------------ flows of a budget
@pytest.mark.parametrize(
    ("lang", "line_starts"),
    [
        ("fr", ["Consommation fictive.", "Le flux 2024 est provisoire"]),
        ("en", ["Consumption is made up.", "The flow of 2024 is provisional"]),
    ],
)
def test_a_budget_says_that_its_last_flow_is_provisional(lang: str, line_starts: list[str]) -> None:
    flows = pd.DataFrame(
        {"commune": "62001", "year": [2023, 2024], "consumed_ha": 1.0, "provisional": [False, True]}
    )
    more = {"reference_ha": 40.0, "reduction_share": 0.5, "projected_ha": 20.0, "observed_years": 4}
    base = budget("commune", "62001")
    full = replace(base, table=base.table.assign(**more), flows=flows, fictitious=True)
    account = site_zan.ZanStudy(pd.DataFrame(), {"commune": full}, ())
    notes = study_sections.of_territory(Study(zan=account), "commune", "62001", [], lang).notes["trajectory"]
    for words in line_starts:
        assert any(line.startswith(words) for line in notes), notes


# --------------------------------------------------------------------------------------------- made-up layers
def test_boards_and_pictures_say_that_a_layer_is_made_up_and_not_that_it_is_schematic() -> None:
    surveyed = {"communes": town().assign(fictif=True, geometrie="levée")}
    assert offer_page.fictional_warning(surveyed, "fr") == ["Données fictives."]
    assert offer_page.fictional_warning({"communes": town()}, "fr") == []
    record = layers.Layer("communes", Path("c.geojson"), "commune_contour", **SAID)
    picture = packs.svg(maps.build(surveyed, layers={"communes": record}))
    assert ("Données fictives" in picture, "Carte schématique" in picture) == (True, False)


# -------------------------------------------------------------------------- catalogues as partners write them
def on_offer(**more: object) -> gpd.GeoDataFrame:
    return plain.square(
        x_km=0,
        y_km=0,
        side_km=1,
        site_nom="Parc",
        terr_nom="Parcelle",
        site_id="A",
        terr_surf_brute=2.5,
        source="essai",
        **more,
    )


def test_a_null_among_true_and_false_is_neither_on_sheet_nor_board(tmp_path: Path) -> None:
    land = rows(on_offer(compte_dans_total=True), on_offer(compte_dans_total=None).assign(site_id="B"))
    layers.write(land, tmp_path / "foncier.geojson")
    read = layers.read(tmp_path / "foncier.geojson")
    assert read["compte_dans_total"].isna().sum() == 1
    catalogue = holdings_of(commune=town(), site_eco=park(), terrain_eco=read)
    page = packs.site_sheet(catalogue, "B", packs.Edition())
    assert "2,5" in page
    assert "Non compté comme offert" not in page
    view = offer_view.read(catalogue, DAY, "fr")
    assert [offer.group == "later" for offer in view.offers] == [False, True]


def test_land_without_source_nor_flag_makes_a_sheet() -> None:
    land = rows(on_offer(), on_offer()).drop(columns="source")
    catalogue = holdings_of(commune=town(), site_eco=park(), terrain_eco=land)
    assert "Parcelle" in packs.site_sheet(catalogue, "A", packs.Edition())
    assert "Commune" in packs.commune_sheet(catalogue, "62001", packs.Edition())


def test_codes_written_as_numbers_are_found(tmp_path: Path) -> None:
    sites = park().assign(
        site_id=[17, 18], parent_id=[None, 17], site_comm_insee=62001, site_epci_siren=200000001
    )
    layers.write(sites, tmp_path / "sites.geojson")
    layers.write(town().assign(comm_insee=62001, epci_siren=200000001), tmp_path / "communes.geojson")
    layers.write(on_offer().assign(site_id=17), tmp_path / "foncier.geojson")
    entries = {"sites": "site_eco", "communes": "commune", "foncier": "terrain_eco"}
    (tmp_path / "catalogue.toml").write_text(
        "".join(
            f'[{name}]\nfile = "{name}.geojson"\nkind = "{kind}"\n'
            'title = "T"\nsource = "essai"\nlicence = "essai"\nvintage = "2026"\n'
            for name, kind in entries.items()
        ),
        encoding="utf-8",
    )
    read = packs.read_catalogue_data(layers.read_catalogue(tmp_path))
    assert packs.site_ids(read, on_offer=True) == ["17"]
    page = packs.site_sheet(read, "17", packs.Edition())
    assert ("2,5" in page, "Lot" in page) == (True, True)  # its land, its sub-site
    assert "Parc" in packs.commune_sheet(read, "62001", packs.Edition())


def test_an_offer_of_no_site_is_one_row_of_zero() -> None:
    total = offer.offer(park().iloc[:0], by=[])
    assert total[["site_count", "unmeasured", "set_aside"]].to_numpy().tolist() == [[0, 0, 0]]
    assert total["offer_ha"].isna().tolist() == [True]


def test_two_layers_with_the_same_labels_do_not_swap_their_places() -> None:
    far = plain.point(x_km=9, y_km=9, objet_type="échangeur", objet_nom="Échangeur")
    near = plain.point(x_km=2, y_km=0, quai_id="Q", quai_nom="Quai", quai_statut="en service")
    catalogue = holdings_of(site_eco=park(), logistique=far, quai=near)
    serving = held.serving(catalogue)
    assert serving is not None
    object_ids = sheets.access(park().iloc[[0]], serving).set_index("objet_nom")["objet_id"]
    positions = catalogue.of_kinds()["logistique"].geometry
    assert positions.loc[object_ids["Quai"]].equals(near.geometry.iloc[0])
    assert positions.loc[object_ids["Échangeur"]].equals(far.geometry.iloc[0])


def test_the_files_of_one_kind_that_licences_keep_apart_are_read_as_one() -> None:
    shipped = packs.read_catalogue_data(layers.read_catalogue())
    assert shipped.names("logistique") == ("logistique", "logistique_odbl")
    served = held.serving(shipped)
    assert served is not None
    assert {"Gare de Lens", "A26 sortie 5 – Lillers", "Port de Harnes"} <= set(served["objet_nom"])
    page = packs.site_sheet(shipped, "port-de-harnes", packs.Edition())
    assert all(shipped.catalogue[name].title in page for name in shipped.names("logistique"))


# ------------------------------------------------------------------------------------- tables of the reader
def test_a_table_of_the_reader_replaces_the_section_with_its_chart_and_its_words() -> None:
    flood = constraint("interdit", "zone rouge", width_km=0.25)
    catalogue = holdings_of(commune=town(), site_eco=park(), contrainte=flood)
    studied = packs.study_of(catalogue, on=DAY)
    own = {"A": {"losses": pd.DataFrame({"constraint": ["la mienne"], "marginal_ha": [1.0]})}}
    edition = packs.Edition(study=studied)
    assert "zone rouge" in packs.site_sheet(catalogue, "A", edition)
    page = packs.site_sheet(catalogue, "A", replace(edition, sections=own))
    assert ("la mienne" in page, "zone rouge" in page) == (True, False)
    assert "Surfaces planes en Lambert-93" not in page


def test_a_table_by_siren_goes_to_the_sheet_of_its_epci() -> None:
    catalogue = holdings_of(commune=town(), site_eco=park())
    table = pd.DataFrame({"epci_siren": [200000001.0, None], "note": ["mot à dire", "rien"]})
    own = packs.by_thing(table, "t")
    assert set(own) == {"200000001"} <= packs.things(catalogue)
    added = {code: {"Remarques": piece} for code, piece in own.items()}
    assert "mot à dire" in packs.epci_sheet(catalogue, "E", packs.Edition(sections=added))


# ----------------------------------------------------------------------------------------- small truths
def test_an_infinite_number_is_written_as_one() -> None:
    cells = sections.filled("x", pd.DataFrame({"ratio": [float("inf"), 1.0]}), "", "fr")["rows"]
    assert [row[0]["text"] for row in cells] == ["∞", "1"]


def test_other_sites_of_the_national_standard_are_on_the_map_too() -> None:
    two = rows(park().iloc[[0]], park().iloc[[1]])
    drawing = sheets.situation(two.iloc[[0]], {"site_eco": two})
    assert drawing.count('class="other"') == 1
