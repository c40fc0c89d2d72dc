"""What sheets say of a territory, of conditioned ground, of a distance: figures checked by hand."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest

from artois_geo import layers, packs
from artois_geo.packs import land_study, study_sections, zan_study
from artois_geo.packs.study import Study

DAY = date(2026, 12, 8)
SAID = {"title": "T", "source": "essai", "licence": "essai", "vintage": "2026"}


def holdings_of(**frames: gpd.GeoDataFrame) -> packs.Holdings:
    """A catalogue of these frames, each of the kind that names it."""
    records = {kind: layers.Layer(kind, Path(f"{kind}.geojson"), kind, **SAID) for kind in frames}
    return packs.Holdings(layers.Catalogue(Path(), records), dict(frames), {kind: kind for kind in frames})


def rows(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=2154)


def constraint(effect: str, name: str, *, width_km: float) -> gpd.GeoDataFrame:
    shape = plain.rectangle(x_km=0, y_km=0, width_km=width_km, height_km=1)
    return shape.assign(contrainte_effet=effect, contrainte_type=name)


def park() -> gpd.GeoDataFrame:
    """A park of 100 ha of one commune, and a lot of 25 ha inside it."""
    said = {"comm_insee": "62001", "epci_siren": "200000001", "epci_sigle": "E", "epci_nom": "Essai"}
    whole = plain.square(x_km=0, y_km=0, side_km=1, site_id="A", site_nom="Parc", est_sous_site=False)
    lot = plain.square(x_km=0, y_km=0, side_km=0.5, site_id="B", site_nom="Lot", est_sous_site=True)
    return rows(whole, lot.assign(parent_id="A")).assign(surface_ha=1.0, famille="parc", **said)


def town() -> gpd.GeoDataFrame:
    said = {"comm_insee": "62001", "comm_nom": "Commune", "epci_siren": "200000001", "epci_sigle": "E"}
    return plain.square(x_km=-1, y_km=-1, side_km=4, epci_nom="Essai", **said)


# ----------------------------------------------------------------------------------------- conditioned ground
def test_ground_that_is_forbidden_is_not_possible_under_conditions() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A").set_index("site_id", drop=False)
    both = rows(
        constraint("interdit", "zone rouge", width_km=0.25),
        constraint("conditionne", "zone bleue", width_km=0.4),
    )
    asked = land_study.held_constraints(holdings_of(contrainte=both))
    assert asked is not None
    studied = land_study.study(site, asked)
    assert studied is not None
    assert studied.left["available_ha"].tolist() == [75.0]
    assert studied.conditions is not None
    assert studied.conditions["alone_ha"].round(6).to_dict() == {("A", "zone bleue"): 15.0}


def test_ground_that_is_wholly_forbidden_has_no_condition() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A").set_index("site_id", drop=False)
    both = rows(constraint("interdit", "rouge", width_km=1), constraint("conditionne", "bleue", width_km=1))
    asked = land_study.held_constraints(holdings_of(contrainte=both))
    assert asked is not None
    found = study_sections.of_site(Study(land=land_study.study(site, asked)), site.iloc[0], "fr")
    assert not any("prescriptions" in said for said in found.told["losses"])


def test_conditions_alone_are_told_and_nothing_is_taken_off() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1, site_id="A").set_index("site_id", drop=False)
    asked = land_study.held_constraints(
        holdings_of(contrainte=constraint("conditionne", "zone bleue", width_km=0.25))
    )
    assert asked is not None
    studied = land_study.study(site, asked)
    assert studied is not None
    assert studied.left["available_ha"].tolist() == [100.0]
    told = study_sections.of_site(Study(land=studied), site.iloc[0], "fr").told["losses"]
    assert "Possible sous prescriptions, non ôté : zone bleue 25,0 ha." in told


# ---------------------------------------------------------------------------------------- sums of a territory
@pytest.mark.parametrize("make", [packs.commune_sheet, packs.epci_sheet])
def test_the_ground_of_a_sub_site_is_counted_once_with_its_park(make: object) -> None:
    flood = constraint("interdit", "zone rouge", width_km=0.25)
    catalogue = holdings_of(commune=town(), site_nomme=park(), contrainte=flood)
    studied = packs.study_of(catalogue, on=DAY)
    name = "62001" if make is packs.commune_sheet else "E"
    page = make(catalogue, name, packs.Edition(study=studied))  # type: ignore[operator]
    assert "100,0\u202fha bruts, 75,0\u202fha hors contraintes" in page.replace("\u00a0", "\u202f").replace(
        " ha", "\u202fha"
    )


def budget(level: str, code: str, *, left: float = 10.0) -> zan_study.Budget:
    said = {"allowed_ha": 20.0, "used_ha": 20.0 - left, "left_ha": left, "last_observed_year": 2024}
    return zan_study.Budget(
        pd.DataFrame([{level: code, **said}]).set_index(level, drop=False),
        pd.DataFrame(),
        (2021, 2030),
        "essai",
        level,
    )


def project(name: str, ha: float, year: int, **more: object) -> gpd.GeoDataFrame:
    said = {"projet_nom": name, "projet_compte": "local", "comm_insee": "62001", "justificatif": ""}
    return plain.square(
        x_km=0, y_km=0, side_km=0.5, projet_id=name, consommation_ha=ha, annee_debut=year, **said, **more
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
    catalogue = holdings_of(commune=town(), site_nomme=park(), projet=ledger)
    code = "62001" if level == "commune" else "200000001"
    sites = park().set_index("site_id", drop=False)
    found = zan_study.study(sites, catalogue, {level: budget(level, code)})
    assert found.planned[level].loc[code].tolist() == [5.0, 5.0]  # 3 + 2 ha; 10 − 5 left
