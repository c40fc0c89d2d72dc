"""The shipped layers say what the facts say, no more, no less, and say where it comes from."""

import csv
import doctest
import importlib
import io
import itertools
import math
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import canal, layers, measure
from artois_geo.kinds.checks import published_facts

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "scripts" / "faire_couches.py"
FACTS = PROJECT / "scripts" / "couches" / "faits"
CATALOGUE = layers.read_catalogue(PROJECT / "data" / "geojson")
FRAMES = {name: layers.read(layer) for name, layer in CATALOGUE.items()}
EVERY_LAYER = pytest.mark.parametrize("name", list(FRAMES))

# Each of these holds facts of its own; the others are drawn from the same facts a second time.
DERIVED = {"communes_schema", "foncier_disponible"}
LOGISTICS = pd.concat([FRAMES["logistique"], FRAMES["logistique_odbl"]])
SUB = "sous-site"  # a type of the facts, of no CNIG list
NEAR_M = 30_000  # canals and stations around the territory are shown too
COORDINATE_ROUNDING_HA = 1e-3


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script inside the test; one test starts it as a reader would."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.syspath_prepend(SCRIPT.parent)
        code = importlib.import_module("faire_couches").main(list(arguments))
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def facts(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def territory() -> gpd.GeoSeries:
    return gpd.GeoSeries([FRAMES["communes_schema"].union_all()], crs=2154)


# --- The script ----------------------------------------------------------------------------------


def test_same_facts_give_the_same_bytes_as_the_committed_files(tmp_path: Path) -> None:
    command = [sys.executable, SCRIPT, "--sortie", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    made_layers = {file.name: file.read_bytes() for file in tmp_path.glob("*.geojson")}
    shipped = {layer.path.name: layer.path.read_bytes() for layer in CATALOGUE.values()}
    assert made_layers.keys() == shipped.keys()
    assert [name for name in made_layers if made_layers[name] != shipped[name]] == []


def test_the_facts_of_the_project_are_those_of_the_territory(shared: Path) -> None:
    if not (shared / "facts").is_dir():
        pytest.skip("faits du territoire absents : ceux du projet font foi")
    published = {file.name: file.read_bytes() for file in (shared / "facts").glob("*.csv")}
    assert {file.name: file.read_bytes() for file in FACTS.glob("*.csv")} == published


def test_absent_facts_are_one_french_message(tmp_path: Path) -> None:
    result = run("--faits", str(tmp_path / "absent"), "--sortie", str(tmp_path))
    assert result.returncode == 1
    assert "Dossier des faits introuvable" in result.stderr
    assert "Traceback" not in result.stderr


def test_incomplete_facts_are_named(tmp_path: Path) -> None:
    (tmp_path / "communes.csv").write_text("insee\n", encoding="utf-8")
    result = run("--faits", str(tmp_path), "--sortie", str(tmp_path))
    assert result.returncode == 1
    assert "sites.csv" in result.stderr
    assert "communes.csv" not in result.stderr


def test_the_examples_of_the_script_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    result = doctest.testmod(importlib.import_module("couches.lecture"))
    assert result.attempted > 0
    assert result.failed == 0


def rules(monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    return importlib.import_module(f"couches.{name}")


def test_a_text_that_no_rule_covers_stops_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = rules(monkeypatch, "lecture")
    row = {"lat": "50.4", "source": "presse", "precision": "à peu près là"}
    for rule in (reading.precision, reading.geometry_quality, lambda _: reading.licence(row)):
        with pytest.raises(reading.BadFacts, match="à peu près là"):
            rule("à peu près là")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("sites", "Plate-forme Logisterra (", "Autre plate-forme (", "Sous-site sans parent"),
        ("sites", "environ 330 ha", "environ 340 ha", "ne disent plus"),
        ("sites", "environ 50 ha commercialisables", "50 ha commercialisables", "ne dit plus"),
        ("key_figures", "siziaf_surface,", "siziaf_taille,", "Chiffres sans titre"),
        (
            "logistics",
            '"coordonnées publiées (carte électronique VNF), ±30 m"',
            "sur la carte",
            "sans distance",
        ),
    ],
)
def test_facts_that_a_convention_no_longer_fits_are_one_french_message(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    changed = shutil.copytree(FACTS, tmp_path / "faits") / f"{file}.csv"
    text = changed.read_text(encoding="utf-8")
    assert old in text
    changed.write_text(text.replace(old, new), encoding="utf-8")
    result = run("--faits", str(changed.parent), "--sortie", str(tmp_path))
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


# --- Every layer ---------------------------------------------------------------------------------


@EVERY_LAYER
def test_what_is_done_to_a_layer_that_was_read_is_not_read_again(name: str) -> None:
    features = layers.read(name)
    attributes = {key: str(value) for key, value in features.attrs.items()}
    changed = layers.read(name)
    changed.attrs["members"]["ajout"] = 1
    changed.geometry = changed.buffer(1)
    changed.iloc[:, 0] = None
    again = layers.read(name)
    assert again.equals(features)
    assert {key: str(value) for key, value in again.attrs.items()} == attributes


@EVERY_LAYER
def test_a_shipped_layer_has_no_finding(name: str) -> None:
    findings = layers.validate(FRAMES[name], CATALOGUE[name].kind)
    unpublished = findings["rule"].eq(published_facts.RULE)  # what the CNIG asks and no source publishes
    assert findings[~unpublished].to_dict("records") == []
    assert set(findings.loc[unpublished, "level"]) <= {"note"}


@EVERY_LAYER
def test_ids_are_the_key_of_the_kind_and_unique(name: str) -> None:
    features = FRAMES[name]
    key = layers.read_kind(CATALOGUE[name].kind).key
    assert features.index.name == "id"
    assert features.index.is_unique
    assert features[key].tolist() == features.index.tolist()


@EVERY_LAYER
def test_every_feature_says_its_source_and_every_drawn_one_its_precision_and_quality(name: str) -> None:
    features = FRAMES[name]
    assert features["source"].str.strip().ne("").all()
    assert not features["source"].str.lower().eq("idem").any()
    has_shape = features.geometry.notna()
    assert (features.loc[has_shape, "precision_m"] > 0).all()
    assert features.loc[has_shape, "precision_origine"].notna().all()
    assert set(features.loc[has_shape, "geometrie"]) <= {"levée", "numérisée", "schématique"}


@EVERY_LAYER
def test_what_is_not_drawn_is_kept_and_says_why(name: str) -> None:
    features = FRAMES[name]
    missing = features[features.geometry.isna()]
    if name == "chiffres_cles":
        assert len(missing) == len(features)
    if len(missing):
        assert missing["motif_sans_geometrie"].str.strip().ne("").all()
        assert missing["precision_m"].isna().all()
        assert missing["geometrie"].isna().all()


@EVERY_LAYER
def test_only_a_published_position_of_the_object_itself_is_not_schematic(name: str) -> None:
    features = FRAMES[name]
    shaped = features[features.geometry.notna() & features.geometry.geom_type.ne("Point")]
    real = shaped["precision"].str.contains("axe réel", na=False)
    assert (shaped.loc[~real, "geometrie"] == "schématique").all(), "aucun contour réel n'est livré"
    assert (shaped.loc[real, "geometrie"] == "numérisée").all()
    stands_for = features["precision"].str.contains("centroïde|ancre|milieu", na=False)
    assert (features.loc[stands_for & features.geometry.notna(), "geometrie"] == "schématique").all()


@pytest.mark.parametrize("name", [name for name in FRAMES if name != "communes_schema"])  # measured, below
def test_the_worst_distance_of_the_facts_is_the_precision(name: str) -> None:
    worst = {
        "centroïde de la commune (±1 à 3 km)": 3000,
        "ancre réelle : gare de Lens (SNCF), ±1 km": 1000,
        "coordonnées publiées, ±50 m ; INSEE par inclusion dans data/ (contours ±50 m)": 50,
        "centroïde communal ±1,5 km": 1500,
        "réel : bâti UNESCO « Fosse 9-9bis », ±150 m": 150,
        "point intérieur du polygone (pas le chef-lieu), ±1 km ; surface calculée en EPSG:2154, ±0,5 %": 1000,
    }
    features = FRAMES[name]
    for precision, metres in worst.items():
        assert set(features.loc[features["precision"] == precision, "precision_m"].dropna()) <= {metres}


@pytest.mark.parametrize("name", [name for name in FRAMES if name != "canal_seine_nord"])  # far to the south
def test_located_features_lie_in_or_near_the_territory(name: str) -> None:
    located = FRAMES[name][FRAMES[name].geometry.notna()]
    near = territory().buffer(NEAR_M if name.startswith("logistique") else 5_000).iloc[0]
    far = located[~located.within(near)]
    # The locks of a waterway that leaves the territory are those that a boat meets on its way.
    allowed = far.get("objet_type", pd.Series("", far.index)).eq("écluse")
    assert far[~allowed].index.tolist() == []
    assert not far.loc[allowed, "dans_territoire"].any() if len(far) else True


def test_no_commune_code_lost_its_form() -> None:
    for features in FRAMES.values():
        if "comm_insee" in features:
            assert features["comm_insee"].dropna().str.fullmatch(r"(\d{2}|2[AB])\d{3}").all()


# --- Nothing lost, nothing made up ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["communes", "sites", "chaine_des_parcs", "logistics", "projects", "key_figures"]
)
def test_each_row_of_the_facts_is_in_exactly_one_layer(name: str) -> None:
    expected = [f"{name}.csv, ligne {line}" for line, _ in enumerate(facts(name), start=2)]
    fact_counts = Counter(
        fact for layer, features in FRAMES.items() if layer not in DERIVED for fact in features["fait"]
    )
    assert expected
    assert [fact for fact in expected if fact_counts[fact] != 1] == []


def test_no_feature_comes_from_nowhere() -> None:
    names = ["communes", "sites", "chaine_des_parcs", "logistics", "projects", "key_figures"]
    fact_lines = {
        f"{name}.csv, ligne {line}" for name in names for line, _ in enumerate(facts(name), start=2)
    }
    assert {fact for features in FRAMES.values() for fact in features["fait"]} == fact_lines


def test_names_areas_and_sources_are_those_of_the_facts() -> None:
    sites = FRAMES["sites_eco"].set_index("fait")
    for line, row in enumerate(facts("sites"), start=2):
        feature = sites.loc[f"sites.csv, ligne {line}"]
        assert feature["site_nom"] == row["nom"]
        assert feature["source"] == row["source"]
        assert feature["precision"] == row["precision"]
        assert str(row["surface_ha"] or "nan") == f"{feature['site_surf_brute']:g}"
        assert (feature["geometry"] is None) == (row["lat"] == "")


# --- Communes ------------------------------------------------------------------------------------


def test_communes_are_150_100_and_36_and_14() -> None:
    counts = FRAMES["communes"].groupby("epci_sigle").size().to_dict()
    assert counts == {"CABBALR": 100, "CALL": 36, "CAHC": 14}


def test_populations_and_areas_add_up_to_the_facts() -> None:
    communes, rows = FRAMES["communes"], facts("communes")
    assert communes["pop_totale"].sum() == sum(int(row["pop_totale_membres_epci"]) for row in rows)
    assert communes["pop_municipale"].sum() == sum(int(row["pop_municipale_membres_epci"]) for row in rows)
    assert communes["surface_ha"].sum() == pytest.approx(sum(float(row["surface_ha"]) for row in rows))
    figures = FRAMES["chiffres_cles"]["valeur"]
    assert communes["pop_totale"].sum() == figures["population_calculee_2026"]
    assert communes["pop_municipale"].sum() == figures["population_municipale_calculee_2026"]


def test_each_point_lies_in_its_real_commune(shared: Path) -> None:
    real = gpd.read_file(shared / "data" / "artois_communes_2018_simplifie.geojson").to_crs(2154)
    real = real.set_index("insee").loc[FRAMES["communes"].index]
    assert real.covers(FRAMES["communes"].geometry).all()


# --- Schematic cells -----------------------------------------------------------------------------


def test_cells_never_overlap_and_hold_their_point() -> None:
    cells = FRAMES["communes_schema"]
    assert cells.contains(FRAMES["communes"].geometry.loc[cells.index]).all()
    assert cells.geometry.is_valid.all()
    tree = cells.sindex.query(cells.geometry, predicate="intersects")
    shared_m2 = [
        cells.geometry.iloc[cell].intersection(cells.geometry.iloc[other_cell]).area
        for cell, other_cell in tree.T
        if cell < other_cell
    ]
    assert max(shared_m2) < 1e-3


def test_cells_touch_their_neighbours_and_make_one_territory_without_a_hole() -> None:
    cells = FRAMES["communes_schema"]
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    territory_shape = shapely.coverage_union_all(cells.geometry.to_numpy())
    assert territory_shape.geom_type == "Polygon"
    assert len(territory_shape.interiors) == 0


def test_cells_all_say_that_they_are_no_boundary() -> None:
    cells = FRAMES["communes_schema"]
    assert cells["geometrie"].eq("schématique").all()
    assert cells["mention"].str.contains("pas une limite communale").all()
    assert cells["mention"].str.contains("mesurer").all()


def test_cells_are_within_their_precision_of_the_real_contours(shared: Path) -> None:
    cells = FRAMES["communes_schema"]
    real = gpd.read_file(shared / "data" / "artois_communes_2018_simplifie.geojson").to_crs(2154)
    real = real.set_index("insee").loc[cells.index]
    away = shapely.hausdorff_distance(cells.geometry.to_numpy(), real.geometry.to_numpy())
    assert (away <= cells["precision_m"].to_numpy(dtype=float)).all()


# --- Discs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("sites_eco", "site_surf_brute"),
        ("foncier_disponible", "terr_surf_brute"),
        ("chaine_des_parcs", "surface_ha"),
    ],
)
def test_a_disc_has_exactly_the_published_area(name: str, column: str) -> None:
    features = FRAMES[name]
    discs = features[features.geometry.notna() & features[column].notna()]
    assert len(discs)
    assert set(discs.geom_type) == {"Polygon"}
    gap = (measure.area_ha(discs) - discs[column].astype(float)).abs()
    assert gap.max() < COORDINATE_ROUNDING_HA
    points = features[features.geometry.notna() & features[column].isna()]
    assert set(points.geom_type) <= {"Point"}


def test_a_disc_is_drawn_around_the_position_of_the_facts() -> None:
    located = [row for row in facts("sites") if row["lat"]]
    positions = gpd.GeoSeries(
        gpd.points_from_xy([float(row["lon"]) for row in located], [float(row["lat"]) for row in located]),
        index=[row["nom"] for row in located],
        crs=4326,
    ).to_crs(2154)
    centres = FRAMES["sites_eco"].set_index("site_nom").geometry.loc[positions.index].centroid
    assert centres.distance(positions).max() < 0.1


# --- Sites and available land --------------------------------------------------------------------


def test_a_sub_site_has_a_parent_that_is_no_sub_site() -> None:
    sites = FRAMES["sites_eco"]
    children = sites[sites["est_sous_site"]]
    not_to_add = sites["note"].str.contains("ne pas additionner", na=False)
    lines = enumerate(facts("sites"), start=2)
    sub_site_lines = {f"sites.csv, ligne {line}" for line, row in lines if row["site_type"] == SUB}
    assert children.index.tolist() == sites.index[sites["fait"].isin(sub_site_lines) | not_to_add].tolist()
    assert not sites["site_type"].eq(SUB).any()
    assert children["parent_id"].isin(sites.index[~sites["est_sous_site"]]).all()
    assert children["parent_origine"].notna().all()
    assert sites.loc[~sites["est_sous_site"], "parent_id"].isna().all()
    assert not children["compte_dans_total"].any()


def test_sub_sites_of_a_site_are_not_larger_than_it() -> None:
    sites = FRAMES["sites_eco"]
    inside = sites[sites["est_sous_site"]].groupby("parent_id")["site_surf_brute"].sum()
    parent_ha = sites.loc[inside.index, "site_surf_brute"]
    assert (inside[parent_ha.notna()] <= parent_ha[parent_ha.notna()]).all()


def test_land_is_recycled_or_an_extension_only_when_words_say_so() -> None:
    for name in ("sites_eco", "foncier_disponible"):
        features = FRAMES[name]
        unknown = features["foncier_origine"] == "inconnu"
        assert features.loc[unknown, "foncier_origine_motif"].isna().all()
        assert features.loc[~unknown, "foncier_origine_motif"].str.contains("« .+ »").all()


def test_an_extension_added_to_an_older_part_does_not_make_the_whole_site_one() -> None:
    """« 66 ha + extension de 81 ha = 147 ha »: 81 ha of the 147 are an extension."""
    park = FRAMES["sites_eco"].loc["parc-d-activites-de-l-alouette"]
    assert park["site_surf_brute"] == 147
    assert park["foncier_origine"] == "inconnu"


def test_a_family_says_the_rule_it_comes_from_and_that_it_is_ours() -> None:
    assert FRAMES["sites_eco"]["famille_origine"].str.startswith("convention du projet").all()


def test_land_that_counts_is_on_offer_and_every_line_quotes_its_source() -> None:
    land, notes = FRAMES["foncier_disponible"], {row["nom"]: row["note"] for row in facts("sites")}
    assert land.loc[land["compte_dans_total"], "dispo_statut"].eq("offert").all()
    assert land["compte_motif"].notna().all()
    assert all(
        quotation in notes[name]
        for quotation, name in zip(land["dispo_source_texte"], land["site_nom"], strict=True)
    )
    assert land["site_id"].isin(FRAMES["sites_eco"].index).all()


def test_what_the_facts_publish_as_available_is_all_there() -> None:
    published = {
        row["nom"]: float(row["surface_dispo_ha"]) for row in facts("sites") if row["surface_dispo_ha"]
    }
    land = FRAMES["foncier_disponible"]
    counted = land[land["compte_dans_total"]].set_index("site_nom")["terr_surf_brute"].to_dict()
    assert counted == pytest.approx(published)


def test_two_pieces_of_counted_land_are_not_on_the_same_ground() -> None:
    counted = FRAMES["foncier_disponible"].query("compte_dans_total")
    pairs = itertools.combinations(counted.geometry, 2)
    assert not any(cell.intersects(other_cell) for cell, other_cell in pairs)


# --- Parks, greenways, canal, logistics, figures -------------------------------------------------


def test_the_published_whole_is_never_added_to_its_parts() -> None:
    parks = FRAMES["chaine_des_parcs"]
    wholes = parks["parc_type"].isin(["ensemble", "grand ensemble"])
    assert (parks["compte_dans_total"] == ~wholes).all()
    assert parks.geometry.loc["chaine-des-parcs"] is None
    loops = FRAMES["voies_vertes"].loc["boucles-de-la-mission-bassin-minier"]
    assert not loops["compte_dans_total"]
    assert "plus large que le territoire" in loops["compte_motif"]


def test_an_area_differs_from_the_facts_only_where_the_feature_says_why() -> None:
    parks = FRAMES["chaine_des_parcs"].dropna(subset="surface_ha")
    corrected = parks[parks["surface_ha"] != parks["surface_faits_ha"]]
    assert len(corrected)
    assert corrected["a_savoir"].str.contains("les faits additionnent").all()


def test_the_corrected_spoil_heap_is_the_union_of_its_two_real_polygons(shared: Path) -> None:
    heaps = gpd.read_file(shared / "data" / "bassin_minier" / "terrils.geojson").to_crs(2154)
    pair = heaps[heaps["no_terril"].isin(["T116", "T117"])]
    park = FRAMES["chaine_des_parcs"].loc["terril-10-d-oignies-bois-des-hautois"]
    assert park["surface_ha"] == pytest.approx(pair.union_all().area / 10_000, abs=0.01)
    assert park["surface_faits_ha"] == pytest.approx(pair.area.sum() / 10_000, abs=0.01)


def test_mining_railways_do_not_count_as_greenways() -> None:
    ways = FRAMES["voies_vertes"]
    assert not ways.loc[ways["voie_type"] != "voie verte / véloroute", "compte_dans_total"].any()
    assert ways.loc[~ways["compte_dans_total"], "compte_motif"].notna().all()


def test_a_greenway_goes_through_the_points_of_its_communes_in_order() -> None:
    ways, points = FRAMES["voies_vertes"], FRAMES["communes"].geometry
    for _, way in ways[ways.geometry.notna()].iterrows():
        expected = [(points[code].x, points[code].y) for code in way["communes_insee"].split("|")]
        assert np.allclose(shapely.get_coordinates(way.geometry), expected, atol=0.1)


def test_no_greenway_is_longer_than_its_precision_allows() -> None:
    ways = FRAMES["voies_vertes"].dropna(subset=["longueur_km", "precision_m"])
    for _, way in ways.iterrows():
        ends = shapely.get_point(way.geometry, [0, -1])
        straight_m, length_m = ends[0].distance(ends[1]), way["longueur_km"] * 1000
        # A detour of that width makes a way at least that long.
        assert length_m <= math.hypot(straight_m, 2 * way["precision_m"])


def test_the_canal_opens_in_2032_and_says_when_that_was_announced() -> None:
    canal = FRAMES["canal_seine_nord"]
    assert set(canal["annee_ouverture"].dropna()) == {2032}
    announced = canal[canal["ouvrage_type"] == "annonce"]
    assert announced["date_annonce"].tolist() == ["2025-03-31"]
    assert announced.geometry.isna().all()
    assert canal["ouvrage_type"].value_counts().to_dict() == {
        "écluse": 7,
        "quai": 6,
        "port intérieur": 4,
        "canal": 1,
        "annonce": 1,
    }


def test_the_canal_runs_from_south_to_north() -> None:
    axis = FRAMES["canal_seine_nord"].geometry.loc["canal-seine-nord-europe"]
    south, north = axis.coords[0], axis.coords[-1]
    assert north[1] - south[1] > 90_000
    published_m = FRAMES["canal_seine_nord"].loc["canal-seine-nord-europe", "longueur_km"] * 1000
    assert axis.length == pytest.approx(published_m, rel=0.1)


def test_a_station_is_within_its_precision_of_the_published_one(shared: Path) -> None:
    published = gpd.read_file(shared / "data" / "gares_sncf_extrait.geojson").to_crs(2154)
    stations = LOGISTICS.query("objet_type.str.startswith('gare')")
    away = stations.geometry.apply(lambda point: published.distance(point).min())
    assert len(stations)
    assert (away <= stations["precision_m"].astype(float)).all()


def test_a_lock_is_within_its_precision_of_the_chart_of_the_waterways(shared: Path) -> None:
    chart = gpd.read_file(shared / "data" / "canaux_artois" / "ecluses_vnf_ienc.geojson").to_crs(2154)
    locks = LOGISTICS[LOGISTICS["source"].str.contains("VNF") & LOGISTICS.geom_type.eq("Point")]
    away = locks.geometry.apply(lambda point: chart.distance(point).min())
    assert len(locks) == 13  # 4 locks of the liaison and 8 around it, one mooring
    assert (away <= 30).all()


def test_the_haute_deule_is_drawn_on_its_real_axis_and_the_other_canals_are_sketches(shared: Path) -> None:
    real = gpd.read_file(shared / "data" / "canaux_artois" / "axes_deule_lys_osm.geojson").to_crs(2154)
    canals = LOGISTICS[LOGISTICS["objet_type"].eq("canal") & LOGISTICS.geometry.notna()]
    assert canals.index[canals["geometrie"] == "numérisée"].tolist() == ["canal-de-la-haute-deule"]
    axis = canals.geometry.loc["canal-de-la-haute-deule"]
    assert canals.loc["canal-de-la-haute-deule", "precision_m"] == 100
    assert (shapely.distance(shapely.points(axis.coords), real.union_all()) <= 100).all()


def test_a_mooring_for_pleasure_boats_is_no_quay() -> None:
    mooring = LOGISTICS.loc["halte-nautique-de-bethune"]
    assert mooring["objet_type"] == "halte nautique"
    assert mooring["objet_type"] not in canal.LOADING


def test_a_share_written_as_a_fraction_is_its_value() -> None:
    figures = FRAMES["chiffres_cles"]
    shares = [figures.loc[f"cle_contribution_{name}", "valeur"] for name in ("cabbalr", "call", "cahc")]
    assert shares == [0.4, 0.4, 0.2]


def test_outdated_figures_say_so() -> None:
    warned = FRAMES["chiffres_cles"]["a_savoir"].dropna()
    assert {
        "csne_ouverture_annoncee_2022",
        "parc_solaire_leforest_production",
        "france_2030_part_regionale",
    } <= set(warned.index)


def test_a_project_leads_to_a_site_that_exists() -> None:
    projects = FRAMES["grands_projets"]
    assert projects["site_id"].dropna().isin(FRAMES["sites_eco"].index).all()


# --- What the facts publish of the service of a site ---------------------------------------------

PUBLISHED = ("quai_publie", "dist_echangeur_publiee", "dist_eau_publiee", "bord_eau_publie")


def site(**words: str) -> dict[str, str]:
    """A site of the facts that says nothing but these words."""
    nothing = dict.fromkeys(("nom", "note", "vocation", "etat", "source"), "")
    return nothing | words


@pytest.mark.parametrize(
    ("words", "column", "value"),
    [
        ("échangeur A26 n°6.1 à 500 m ; 9 lots", "dist_echangeur_publiee_m", 500),
        ("échangeur à 1,5 km", "dist_echangeur_publiee_m", 1500),
        ("près de l’A26", "dist_echangeur_publiee_m", None),
        ("quais 450 m (330 + 120) ou 550 m selon les sources", "quai_publie_m", 450),
        ("450 m de quai sur la Deûle", "quai_publie_m", 450),
        ("quai de déchargement", "quai_publie_m", None),
        ("au bord de la RN43", "bord_eau_publie", None),
        ("au bord du canal", "bord_eau_publie", True),
        ("bordé au nord par le canal à grand gabarit", "bord_eau_publie", True),
        ("à 800 m du canal", "dist_eau_publiee_m", 800),
        ("réflexion sur une halte fluviale", "bord_eau_publie", None),
    ],
)
def test_only_words_of_the_facts_make_a_published_value(
    monkeypatch: pytest.MonkeyPatch, words: str, column: str, value: object
) -> None:
    published = rules(monkeypatch, "publie").columns(site(note=words, source="presse"))
    assert published[column] == value
    quotation = published[f"{column.removesuffix('_m')}_source"]
    assert quotation == (f"note : « {words.split(' ; ')[0]} » — presse" if value else None)


@given(note=st.text(alphabet="abcé échangeur quai canal à 0123456789 m km ;", max_size=60))
def test_a_published_value_always_quotes_words_of_its_fact(note: str) -> None:
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        published = importlib.import_module("couches.publie").columns(site(note=note, source="presse"))
    finally:
        sys.path.remove(str(SCRIPT.parent))
    for name in PUBLISHED:
        value = published.get(f"{name}_m", published.get(name))
        quotation = published[f"{name}_source"]
        assert (value is None) == (quotation is None)
        assert quotation is None or quotation.split("« ")[1].split(" »")[0] in note


def test_published_quays_distances_and_banks_are_those_of_the_facts() -> None:
    sites = FRAMES["sites_eco"]
    assert sites["dist_echangeur_publiee_m"].dropna().to_dict() == {"logisterra26": 500}
    assert sites["quai_publie_m"].dropna().to_dict() == {"port-de-bethune-beuvry": 450, "ecopole-agora": 450}
    assert sites["dist_eau_publiee_m"].isna().all()
    assert sites.index[sites["bord_eau_publie"].notna()].tolist() == [
        "parc-des-industries-artois-flandres",
        "zone-d-activite-washington",
        "port-de-bethune-beuvry",
        "port-fluvial-de-guarbecque-isbergues",
        "site-siderurgique-aperam",
        "port-de-harnes",
        "ecopole-agora",
    ]
    assert LOGISTICS["quai_publie_m"].dropna().to_dict() == {
        "port-de-bethune-beuvry": 450,
        "quai-de-l-ecopole-agora": 450,
    }
    studied = LOGISTICS.loc["quai-fluvial-du-parc-des-industries-artois-flandres"]
    assert pd.isna(studied["bord_eau_publie"])


@pytest.mark.parametrize("name", ["sites_eco", "logistique", "logistique_odbl"])
def test_a_published_value_has_its_words_and_its_source_and_the_bank_is_never_denied(name: str) -> None:
    features = FRAMES[name]
    for column in PUBLISHED:
        values = features.get(f"{column}_m", features.get(column))
        quotations = features[f"{column}_source"]
        assert (values.notna() == quotations.notna()).all()
        assert all(
            source in quotation
            for source, quotation in zip(features["source"], quotations, strict=True)
            if pd.notna(quotation)
        )
    assert features["bord_eau_publie"].dropna().all()


@pytest.mark.parametrize(
    ("frame", "feature", "figures"),
    [
        ("sites_eco", "plate-forme-multimodale-delta-3", ("300", "330", "110")),
        ("sites_eco", "parc-d-activites-du-moulin", ("23", "25")),
        ("sites_eco", "logisterra26", ("54", "55")),
        ("sites_eco", "parc-d-activites-de-l-alouette", ("141", "147")),
        ("sites_eco", "ecopole-agora", ("50", "67")),
        ("sites_eco", "port-de-bethune-beuvry", ("450", "550")),
        ("chaine_des_parcs", "parc-departemental-d-olhain", ("450", "485")),
        ("logistique", "ecluse-de-cuinchy", ("144,60 × 12", "140 × 11,40")),
    ],
)
def test_figures_that_contradict_each_other_are_both_told(
    frame: str, feature: str, figures: tuple[str, ...]
) -> None:
    warning = FRAMES[frame].loc[feature, "a_savoir"]
    assert all(figure in warning for figure in figures)


# --- Catalogue -----------------------------------------------------------------------------------


def test_the_catalogue_describes_every_file_and_no_other() -> None:
    files = {path.name for path in CATALOGUE.folder.glob("*.geojson")}
    assert {layer.path.name for layer in CATALOGUE.values()} == files
    for layer in CATALOGUE.values():
        assert layer.group in {"offre", "zones", "canal", "corridors", "projets", "fonds", "chiffres"}
        assert all([layer.title, layer.description, layer.source, layer.licence, layer.vintage])


@pytest.mark.parametrize("name", ["sites_eco", "foncier_disponible", "logistique", "logistique_odbl"])
def test_a_layer_is_under_odbl_as_soon_as_one_of_its_positions_is(name: str) -> None:
    features, licence = FRAMES[name], CATALOGUE[name].licence
    assert (features["licence_position"].notna() == features.geometry.notna()).all()
    shared_alike = features["licence_position"].str.startswith("ODbL 1.0", na=False)
    assert licence.startswith("ODbL 1.0") == shared_alike.any()
    if features["licence_position"].str.contains("OpenStreetMap", na=False).any():
        assert "© contributeurs OpenStreetMap" in licence
    if features["licence_position"].str.contains("VNF", na=False).any():
        assert "VNF" in licence


def test_what_is_under_odbl_is_not_in_the_layer_under_the_open_licence() -> None:
    words = FRAMES["logistique"].dropna(subset="geometry")
    mentions = words["source"] + words["precision"]
    assert not mentions.str.contains("ODbL|OpenStreetMap|SNCF").any()
    assert FRAMES["logistique_odbl"]["licence_position"].str.startswith("ODbL").all()
    assert {"canal-de-la-haute-deule", "port-de-harnes", "quai-de-l-ecopole-agora"} <= set(
        FRAMES["logistique_odbl"].index
    )


def test_declared_totals_are_the_published_figures() -> None:
    published = {row["indicateur"]: row["valeur"] for row in facts("key_figures")}
    indicators = {
        "foncier_disponible": "foncier_disponible_simi_2022",
        "zones_activites": "zones_activites",
        "chaine_des_parcs": "chaine_des_parcs_surface",
        "voies_vertes": "chaine_des_parcs_voies_vertes",
        "schema_cyclable": "schema_cyclable_artois_mobilites",
        "population": "population",
        "communes": "communes",
    }
    declared = {total.name: float(total.value) for total in CATALOGUE.totals}
    assert declared == {name: float(published[indicator]) for name, indicator in indicators.items()}


def test_every_total_can_be_set_beside_what_the_layers_hold() -> None:
    totals = layers.reconcile(CATALOGUE.totals, FRAMES).set_index("name")
    assert totals["held"].isna()[totals["held"].isna()].index.tolist() == ["schema_cyclable"]
    counted = pd.to_numeric(totals["held"]).dropna()
    assert (counted > 0).all()
    assert totals.loc["communes", "gap"] == 0
