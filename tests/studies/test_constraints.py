"""Constraints as a planner hands them over: the French table, a layer, a spreadsheet, and what is absent."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
import shapely
from blocks import block, stack
from cli_runner import run

from artois_geo import land, layers
from artois_geo.errors import BadTable, UnknownName
from artois_geo.studies.land import available, comparison, losses, near, rules
from artois_geo.studies.land.requests import AvailableRequest, LossRequest
from artois_geo.studies.library import constraint_list
from artois_geo.studies.result_map import ResultMap
from artois_geo.studies.sites import catalogue_data, site_land

DAY = date(2026, 12, 8)
SHIPPED = layers.read_catalogue()
METRE_HA = 1e-3  # a file in degrees keeps millimetres
BAND = (
    '[options]\ncouche_absente = "inconnu"\n[[contrainte]]\nnom = "Bande"\ncouche = "axe.geojson"\n'
    'recul_m = 100\nhors_de = ["bourg.geojson"]\narticle = "L.111-6 du code de l\'urbanisme"\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of 200 m × 100 m, the axis of a motorway 40 m south of its long side."""
    layers.write(block(x_m=0, y_m=0, width_m=200, height_m=100, site_nom="Les Hauts"), tmp_path / "s.geojson")
    layers.write(plain.line((-2, -0.04), (2, -0.04)), tmp_path / "axe.geojson")
    (tmp_path / "regles.toml").write_text(BAND, encoding="utf-8")
    return tmp_path


def measured(folder: Path, name: str = "regles.toml", catalogue: object = None) -> pd.Series:
    request = AvailableRequest(folder / name)
    answer = available.study(folder / "s.geojson", request, catalogue or SHIPPED, on=DAY)
    return answer.remaining.iloc[0]


def test_the_band_stops_where_the_ground_is_urbanised(folder: Path) -> None:
    """Urbanised east of x = 100 m: the band keeps 100 m × 60 m = 0.60 ha; 2.00 − 0.60 = 1.40 ha."""
    layers.write(block(x_m=100, y_m=-300, width_m=900, height_m=900), folder / "bourg.geojson")
    site = measured(folder)
    assert (site["available_ha"], site["lost_ha"]) == pytest.approx((1.4, 0.6), abs=METRE_HA)


def test_without_the_urbanised_ground_the_band_is_unknown_and_the_rest_is_not(folder: Path) -> None:
    """The band is 200 m × 60 m = 1.20 ha, lost or free: unknown. The other 0.80 ha is free whatever."""
    site = measured(folder)
    assert (site["available_ha"], site["unknown_ha"], site["lost_ha"]) == pytest.approx(
        (0.8, 1.2, 0.0), abs=METRE_HA
    )


def test_an_absent_layer_is_unknown_ground_or_an_error_never_free(folder: Path) -> None:
    (folder / "axe.geojson").unlink()
    assert measured(folder)[["available_ha", "unknown_ha"]].tolist() == pytest.approx([0, 2], abs=METRE_HA)
    strict = BAND.replace('couche_absente = "inconnu"\n', "").replace("axe.geojson", "axes")
    (folder / "strict.toml").write_text(strict, encoding="utf-8")
    with pytest.raises(UnknownName, match="axes"):
        measured(folder, "strict.toml")


def test_a_waived_constraint_takes_nothing_and_its_reason_stays_in_the_notes(folder: Path) -> None:
    """With the derogation of the plan: 2.00 ha."""
    (folder / "regles.toml").write_text(BAND + 'sans_objet = "Étude L.111-8, PLU 2021"\n', encoding="utf-8")
    answer = available.study(folder / "s.geojson", AvailableRequest(folder / "regles.toml"), SHIPPED, on=DAY)
    assert answer.remaining["available_ha"].item() == pytest.approx(2.0, abs=METRE_HA)
    assert "Contrainte « Bande » : non appliquée, sans objet (Étude L.111-8, PLU 2021)." in (
        answer.study_table.notes
    )


def test_the_french_table_reads_back_and_says_the_law_of_each_constraint(folder: Path) -> None:
    (folder / "nationale.toml").write_text(constraint_list.text(), encoding="utf-8")
    read, options = land.read_rules(constraint_list.text())
    assert options.absent_unknown
    assert all(rule.article and rule.layer and rule.expected and rule.source for rule in read)
    sure = {rule.setback_m for rule in read if not rule.certainty}
    assert sure == {100.0, 75.0}  # the bands of L.111-6, held against their text
    site = measured(folder, "nationale.toml")
    assert (site["available_ha"], site["unknown_ha"]) == pytest.approx((0.0, 2.0), abs=METRE_HA)


def test_the_command_lists_and_copies_the_table(tmp_path: Path) -> None:
    copy = tmp_path / "contraintes.toml"
    assert run("foncier", "contraintes", "--copier", str(copy)).exit_code == 0
    assert copy.read_text(encoding="utf-8") == constraint_list.text()
    table = run("foncier", "contraintes", str(copy)).stdout
    assert "absente : sol inconnu" in table
    assert "L.111-6 du code de l'urbanisme" in table


# ------------------------------------------------------------------------------------- layers, spreadsheets
@pytest.fixture
def workspace(folder: Path) -> Path:
    """Flood on the eastern 50 m (0.50 ha, forbidden), a pipe with 5 m either side, a conditioned zone."""
    common = {"source": "DDTM", "contrainte_id": "K"}
    flood = block(x_m=150, y_m=-10, width_m=100, height_m=200).assign(
        contrainte_type="crue", contrainte_effet="interdit", **common
    )
    pipe = plain.line((0.05, -1), (0.05, 1)).assign(
        contrainte_type="gaz", contrainte_effet="interdit", distance_m=5.0, **common
    )
    zone = block(x_m=0, y_m=0, width_m=50, height_m=100).assign(
        contrainte_type="captage", contrainte_effet="conditionne", **common
    )
    layers.write(stack(flood, pipe, zone), folder / "contraintes.geojson")
    (folder / "catalogue.toml").write_text(
        '[contraintes]\nfile = "contraintes.geojson"\nkind = "contrainte"\ntitle = "Contraintes"\n'
        'source = "DDTM"\nlicence = "libre"\nvintage = "2026"\n',
        encoding="utf-8",
    )
    return folder


def test_a_layer_of_constraints_counts_the_same_for_every_question(workspace: Path) -> None:
    """0.50 ha of flood, 10 m × 100 m = 0.10 ha of pipe: 1.40 ha left; the conditioned ground stays."""
    catalogue = layers.read_catalogue(workspace)
    constraints = site_land.held_constraints(catalogue_data.read(catalogue))
    site = layers.read(workspace / "s.geojson")
    by_sheet = site_land.remaining_land(site, constraints)["available_ha"].item()
    by_default = available.study(workspace / "s.geojson", AvailableRequest(), catalogue, on=DAY)
    loss = losses.study(workspace / "s.geojson", LossRequest(), catalogue, on=DAY)
    figures = [
        by_sheet,
        by_default.remaining["available_ha"].item(),
        measured(workspace, "contraintes.geojson")["available_ha"],
        loss.waterfall["remaining_ha"].iloc[-1],
    ]
    assert figures == pytest.approx([1.4] * 4, abs=METRE_HA)
    assert len(rules.read(workspace / "contraintes.geojson", SHIPPED, on=DAY).constraints.conditions) == 1
    assert "contraintes : 1 objet « conditionne » : sol gardé, à bâtir sous prescriptions." in (
        by_default.study_table.notes
    )


def test_without_any_constraint_the_message_says_where_to_start(folder: Path) -> None:
    with pytest.raises(BadTable, match="foncier contraintes --copier"):
        available.study(folder / "s.geojson", AvailableRequest(), SHIPPED, on=DAY)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_same_table_as_a_spreadsheet_with_french_headings(folder: Path, suffix: str) -> None:
    """Setback 50,5 m: 10.5 m × 200 m = 0.21 ha lost; half of it counts: 2.00 − 0.105 = 1.895 ha net."""
    row = {"Contrainte": "Bruit", "Couche": "axe.geojson", "Recul (m)": "50,5", "Part conservée": "50 %"}
    table = pd.DataFrame([row | {"Ne coupe pas": "oui", "Article": "arrêté"}])
    path = folder / f"regles{suffix}"
    if suffix == ".csv":
        table.to_csv(path, sep=";", index=False)
    else:
        table.to_excel(path, index=False)
    assert measured(folder, path.name)["net_ha"] == pytest.approx(1.895, abs=METRE_HA)
    (rule,) = rules.read(path, SHIPPED, on=DAY).rules
    assert (rule.bridged, rule.kept_share, rule.article) == (True, 0.5, "arrêté")


def test_a_decimal_comma_in_toml_has_its_own_sentence(folder: Path) -> None:
    (folder / "regles.toml").write_text(BAND.replace("100", "50,5"), encoding="utf-8")
    result = run("foncier", "disponible", str(folder / "s.geojson"), "--regles", str(folder / "regles.toml"))
    assert result.exit_code == 1
    assert "« 50,5 » s'écrit avec un point dans ce fichier, 50.5" in result.output


# ------------------------------------------------------------------------------------------------- repairs
def spiked(x_m: float) -> shapely.Polygon:
    """100 m × 100 m, with a spike that has no width: invalid, and 1 ha all the same."""
    east, north = plain.square(x_km=x_m / 1000, y_km=0, side_km=0.1).total_bounds[:2]
    corners = [(0, 0), (100, 0), (100, 100), (150, 100), (100, 100), (0, 100)]
    return shapely.Polygon([(east + x, north + y) for x, y in corners])


def test_an_invalid_polygon_is_mended_and_said_with_its_areas(folder: Path) -> None:
    ppri = gpd.GeoDataFrame(geometry=[spiked(100)], crs=2154)
    ppri.to_file(folder / "ppri.gpkg")
    (folder / "regles.csv").write_text("nom;couche\nCrue;ppri.gpkg\n", encoding="utf-8")
    answer = available.study(folder / "s.geojson", AvailableRequest(folder / "regles.csv"), SHIPPED, on=DAY)
    assert answer.remaining["available_ha"].item() == pytest.approx(1.0, abs=METRE_HA)
    assert answer.rules.repairs[["area_before_ha", "area_after_ha"]].values.tolist() == [[1.0, 1.0]]
    (repair_note,) = [note for note in answer.study_table.notes if "réparé" in note]
    assert "1,0000 ha avant, 1,0000 ha après" in repair_note


def test_a_repair_that_changes_an_area_is_refused_with_the_feature_and_the_command(folder: Path) -> None:
    """A bow tie encloses 0 ha as it is drawn and two triangles once mended."""
    east, north = spiked(100).bounds[:2]
    tie = shapely.Polygon([(east, north), (east + 90, north + 90), (east + 90, north), (east, north + 90)])
    gpd.GeoDataFrame(geometry=[tie], crs=2154).to_file(folder / "ppri.gpkg")
    (folder / "regles.csv").write_text("nom;couche\nCrue;ppri.gpkg\n", encoding="utf-8")
    result = run("foncier", "disponible", str(folder / "s.geojson"), "--regles", str(folder / "regles.csv"))
    assert result.exit_code == 1
    assert "« ppri.gpkg », objet n° 1 : géométrie invalide" in result.output
    assert "couches importer" in result.output


# ----------------------------------------------------------------------------------- two tables, near, soil
def titles(result: ResultMap) -> list[str]:
    return [layer.titles["fr"] for layer in result.drawn]


def balance(result: ResultMap) -> list[tuple[str, str]]:
    return [(step.sign, step.amount["fr"]) for step in result.balance]


def test_two_tables_are_compared_site_by_site_and_on_one_map(folder: Path) -> None:
    """100 m: 0.80 ha left; 75 m: 200 × 35 m lost, 1.30 ha left: 0.50 ha in the second alone."""
    for name, setback in (("cent", 100), ("plu", 75)):
        text = f"nom;couche;recul_m\nBande;axe.geojson;{setback}\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    request = AvailableRequest(folder / "cent.csv", compared=folder / "plu.csv")
    answer = comparison.study(folder / "s.geojson", request, SHIPPED, on=DAY)
    row = answer.study_table.table.iloc[0]
    assert row[["first_ha", "second_ha", "gained_ha"]].tolist() == pytest.approx(
        [0.8, 1.3, 0.5], abs=METRE_HA
    )
    assert titles(answer.map)[:2] == [
        "Disponible avec les deux : 0,8 ha",
        "Gagné, seulement avec plu : 0,5 ha",
    ]
    assert answer.map.title["fr"] == "De cent à plu : 0,8 ha puis 1,3 ha disponibles (+ 0,5 ha)"
    assert balance(answer.map) == [("", "0,8 ha"), ("−", "0,0 ha"), ("+", "0,5 ha"), ("=", "1,3 ha")]


def test_the_map_says_the_hectares_of_each_state_and_constraint(folder: Path) -> None:
    (folder / "regles.csv").write_text("nom;couche;recul_m\nBande;axe.geojson;100\n", encoding="utf-8")
    answer = available.study(folder / "s.geojson", AvailableRequest(folder / "regles.csv"), SHIPPED, on=DAY)
    assert titles(answer.map) == [
        "Périmètres des sites : 2,0 ha bruts",
        "Disponible : 0,8 ha",
        "Bande : 1,2 ha retirés",
    ]
    assert answer.map.title["fr"] == "1 site : 0,8 ha disponibles sur 2,0 ha bruts"
    assert balance(answer.map) == [("", "2,0 ha"), ("−", "1,2 ha"), ("=", "0,8 ha")]


def test_sites_near_a_layer_and_those_that_may_be(folder: Path) -> None:
    """40 m, 5 040 m from the axis; the third, 3 040 m away, is known within 2 km, may be there."""
    sketch: dict[str, object] = {"geometrie": "schématique", "precision_m": 2000}
    sites = stack(
        block(x_m=0, y_m=0, width_m=10, height_m=10, site_nom="A"),
        block(x_m=0, y_m=5000, width_m=10, height_m=10, site_nom="B"),
        block(x_m=0, y_m=3000, width_m=10, height_m=10, site_nom="C", **sketch),
    )
    near_sites, notes, _ = near.near_sites(sites, str(folder / "axe.geojson"), 1500, {})
    assert near_sites["site_nom"].tolist() == ["A", "C"]
    assert "1 site au tracé schématique peut y être" in notes[1]
    with pytest.raises(BadTable, match="Aucun site à 10 m"):
        near.near_sites(sites, str(folder / "axe.geojson"), 10, {})
