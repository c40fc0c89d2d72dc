"""Is a feature where it says it is, and what a wrong secondary value costs."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
from cli_runner import run
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import layers
from artois_geo.deliveries import delivery
from artois_geo.kinds.checks.identity import Identity
from artois_geo.layers import workspace
from artois_geo.layers.reading import known_communes

LENS, ARRAS = "62498", "62041"


def towns() -> gpd.GeoDataFrame:
    """Lens, and Arras 20 km to the east, two squares of a kilometre."""
    rows = [
        plain.square(x_km=0, y_km=0, side_km=1, comm_insee=LENS, comm_nom="Lens"),
        plain.square(x_km=20, y_km=0, side_km=1, comm_insee=ARRAS, comm_nom="Arras"),
    ]
    return pd.concat(rows, ignore_index=True)


def of_rule(features: gpd.GeoDataFrame, rule: str, identity: Identity) -> pd.DataFrame:
    findings = layers.validate(features, identity=identity)
    return findings[findings["rule"] == rule]


def test_a_site_away_from_its_commune_names_the_distance_and_where_it_lies() -> None:
    site = plain.square(x_km=20.2, y_km=0.2, side_km=0.5, comm_insee=LENS)
    (row,) = of_rule(site, "commune", Identity(towns())).itertuples()
    assert (row.feature, row.field, row.level, row.found) == (1, "comm_insee", "alerte", LENS)
    assert row.message == "déclaré à Lens (62498), à 19,2 km de cette commune, dans Arras (62041)"


def test_a_site_in_no_known_commune_is_told_the_nearest() -> None:
    site = plain.point(x_km=16, y_km=0.5, comm_insee=LENS)
    (row,) = of_rule(site, "commune", Identity(towns())).itertuples()
    assert row.message.endswith(
        "hors des 2 communes connues ; la plus proche, Arras (62041), est à 4\u202f000 m"
    )


def test_a_code_without_outline_is_an_alert_only_where_the_object_lies_in_a_known_commune() -> None:
    sites = pd.concat(
        [
            plain.point(x_km=0.5, y_km=0.5, comm_insee="62999"),
            plain.point(x_km=90, y_km=0.5, comm_insee="62998"),
        ],
        ignore_index=True,
    )
    findings = of_rule(sites, "commune", Identity(towns()))
    assert findings["level"].tolist() == ["alerte", "note"]
    assert "dans Lens (62498)" in findings["message"].iloc[0]


@given(gap_m=st.floats(1, 5_000))
def test_the_tolerance_decides_and_nothing_else(gap_m: float) -> None:
    site = plain.point(x_km=1 + gap_m / 1000, y_km=0.5, comm_insee=LENS)
    findings = of_rule(site, "commune", Identity(towns(), commune_m=200.0))
    if abs(gap_m - 200) > 0.001:
        assert len(findings) == (gap_m > 200)


def test_a_schematic_shape_is_held_to_its_own_precision() -> None:
    near = plain.point(x_km=3, y_km=0.5, comm_insee=LENS, geometrie="schématique", precision_m=3000.0)
    far = near.assign(precision_m=1000.0)
    assert of_rule(near, "commune", Identity(towns())).empty
    assert len(of_rule(far, "commune", Identity(towns()))) == 1


def test_schematic_cells_and_points_are_no_outlines(tmp_path: Path) -> None:
    assert known_communes(layers.read_catalogue()) is None
    layers.write(towns().assign(geometrie=["schématique", "levée"]), tmp_path / "communes.geojson")
    (tmp_path / "catalogue.toml").write_text(
        '[communes]\nfile = "communes.geojson"\nkind = "commune_contour"\ntitle = "Communes"\n'
        'source = "fictif"\nlicence = "fictif"\nvintage = "fictif"\n',
        encoding="utf-8",
    )
    outlines = known_communes(layers.read_catalogue(tmp_path))
    assert outlines is not None
    assert outlines["comm_insee"].tolist() == [ARRAS]


def test_the_real_case_of_a_site_46_km_from_its_commune(shared: Path, tmp_path: Path) -> None:
    shutil.copytree(shared / "cases" / "partenaire_cc50", tmp_path / "livraison")
    towns_file = shared / "data" / "artois_communes_2026.geojson"
    words = ["--type", "site_eco", "--communes", towns_file, "--format", "json"]
    result = run("couches", "valider", tmp_path / "livraison" / "ZAE_CABBALR_2025.shp", *words)
    rows = [row for row in json.loads(result.stdout)["rows"] if row["rule"] == "commune"]
    assert [(row["feature"], row["found"]) for row in rows] == [(12, "62274")]
    assert "déclaré à Dourges (62274), à 46,3 km" in rows[0]["message"]
    assert "est à 41,0 km" in rows[0]["message"]


def test_a_completed_code_does_not_hide_the_declared_one(tmp_path: Path) -> None:
    """The code that --completer draws from the shape always agrees: the partner's own is what is checked."""
    layers.write(towns(), tmp_path / "c.geojson")
    site = plain.square(x_km=20.2, y_km=0.2, side_km=0.5, INSEE=LENS)
    layers.write(site, tmp_path / "zones.geojson")
    words = ["--type", "site_eco", "--incomplet", "--completer", "--communes", tmp_path / "c.geojson"]
    result = run(
        *("--donnees", tmp_path / "espace", "couches", "importer", tmp_path / "zones.geojson"),
        *(*words, "--format", "json"),
    )
    (row,) = (row for row in json.loads(result.stdout)["rows"] if row["rule"] == "commune")
    assert (row["field"], row["found"], row["level"]) == ("INSEE", LENS, "alerte")
    assert "19,2 km" in row["message"]


def test_an_import_checks_the_communes_given_and_then_those_of_the_workspace(tmp_path: Path) -> None:
    names = {"comm_insee": "INSEE_COM", "comm_nom": "NOM"}
    layers.write(towns().rename(columns=names), tmp_path / "c.geojson")
    site = plain.square(x_km=20.2, y_km=0.2, side_km=0.5, insee=LENS)
    layers.write(site, tmp_path / "sites.geojson")
    home = tmp_path / "espace"
    words = ["couches", "importer", tmp_path / "sites.geojson", "--type", "libre"]
    assert "19,2 km" not in run("--donnees", home, *words).output
    assert "19,2 km" in run("--donnees", home, *words, "--communes", tmp_path / "c.geojson").output
    first = run("--donnees", home, "couches", "importer", tmp_path / "c.geojson", "--type", "commune_contour")
    assert first.exit_code == 0, first.output
    assert "19,2 km" in run("--donnees", home, *words).output
    assert "19,2 km" not in run("--donnees", home, *words, "--ecart-commune", "20000").output


# --- positions repeated in columns


def repeated(code: str, shift_m: float = 0.0, rows: int = 4) -> gpd.GeoDataFrame:
    """Points whose columns X and Y repeat their place in a system, the last one shifted to the east."""
    frame = pd.concat([plain.point(x_km=row, y_km=0) for row in range(rows)], ignore_index=True)
    places = frame.geometry.to_numpy().copy()
    shifted = frame.geometry.translate(xoff=shift_m)
    frame.loc[rows - 1, "geometry"] = shifted.iloc[-1]
    inside = frame.geometry.to_crs(code)
    return gpd.GeoDataFrame({"x_col": inside.x, "y_col": inside.y}, geometry=places, crs=2154)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("EPSG:2154", "Lambert-93"),
        ("EPSG:27572", "NTF Lambert II étendu"),
        ("EPSG:27571", "NTF Lambert zone I"),
        ("EPSG:27561", "NTF Lambert I Nord"),
        ("EPSG:3950", "CC50"),
        ("EPSG:4326", "longitude et latitude (WGS 84)"),
        ("EPSG:3857", "Web Mercator"),
    ],
)
def test_a_position_in_columns_is_held_against_the_shape_in_any_system(code: str, name: str) -> None:
    findings = of_rule(repeated(code, shift_m=25.0), "position en double", Identity())
    assert findings["level"].tolist() == ["note", "alerte"]
    assert findings["message"].str.contains(f"({name})", regex=False).all()
    assert findings["feature"].tolist()[1] == 4
    assert "à 25 m de la géométrie" in findings["message"].iloc[1]
    agreeing = of_rule(repeated(code), "position en double", Identity())
    assert agreeing["level"].tolist() == ["note"]


def test_columns_rounded_to_ten_metres_are_not_wrong_by_their_rounding() -> None:
    rounded = repeated("EPSG:4326")
    rounded[["x_col", "y_col"]] = rounded[["x_col", "y_col"]].round(4)  # about ten metres
    assert of_rule(rounded, "position en double", Identity())["level"].tolist() == ["note"]


def test_columns_shifted_as_a_whole_are_one_alert() -> None:
    shifted = repeated("EPSG:2154")
    shifted["x_col"] += 88
    (row,) = of_rule(shifted, "position en double", Identity()).itertuples()
    assert (row.level, pd.isna(row.feature)) == ("alerte", True)
    assert "à 88 m (médiane)" in row.message


def test_numbers_that_are_no_position_are_left_alone() -> None:
    frame = repeated("EPSG:2154").assign(x_col=np.arange(4), y_col=np.arange(4) + 50)
    assert of_rule(frame, "position en double", Identity()).empty


def test_the_real_sample_that_lies_a_kilometre_away_is_named(shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "sols.geojson"
    shutil.copy(shared / "data" / "reels_2026_11" / "metaleurop_sols_concentrations.geojson", file)
    features, _ = layers.read_any(file)
    findings = of_rule(features, "position en double", Identity())
    alerts = findings[findings["level"] == "alerte"]
    assert len(alerts) == 15
    far = alerts[alerts["message"].str.contains("1\u202f007 m")]
    assert features["name_ISA"].iloc[int(far["feature"].iloc[0]) - 1] == "131-04S"
    assert findings[findings["level"] == "note"]["message"].str.contains("NTF Lambert zone I").any()


# --- secondary fields


def friches(**columns: list[object]) -> gpd.GeoDataFrame:
    columns_of_friches = {
        "site_id": ["62498_00001", "62498_00002"],
        "site_nom": ["Fosse 3", "Fosse 4"],
        "proprio_type": ["E1a", "G1a X1a"],
    }
    shapes = [plain.square(x_km=x, y_km=0, side_km=1).geometry.iloc[0] for x in (0, 2)]
    return gpd.GeoDataFrame(columns_of_friches | columns, geometry=shapes, crs=2154)


def kind(folder: Path) -> Path:
    """A fictitious kind: a key, a mandatory name, a secondary owner and a secondary number."""
    file = folder / "friche_fictive.toml"
    file.write_text(
        'title = "Friches (fictif)"\nkey = "site_id"\ngeometry = ["Polygon"]\n'
        '[[fields]]\nname = "site_id"\nrequired = true\nunique = true\npattern = "[0-9_]+"\n'
        '[[fields]]\nname = "site_nom"\nrequired = true\nenum = ["Fosse 3", "Fosse 4"]\n'
        '[[fields]]\nname = "proprio_type"\npattern = "[A-Z][0-9][a-z]"\nseparator = "|"\n'
        '[[fields]]\nname = "lots"\ntype = "integer"\nminimum = 0\n',
        encoding="utf-8",
    )
    return file


def test_a_wrong_secondary_value_is_blanked_and_its_object_kept(tmp_path: Path) -> None:
    file = tmp_path / "friches.geojson"
    layers.write(friches(lots=["douze", 3]), file)
    received = delivery.receive(file, kind(tmp_path))
    assert (received.outcome, len(received.features), received.aside) == ("warn", 2, ())
    assert received.after_ha == pytest.approx(200)
    assert received.features["proprio_type"].tolist() == ["E1a", None]
    assert received.features["lots"].dtype == "Int64"
    delivered = {row["field"]: row["delivered"] for row in received.rows() if "delivered" in row}
    assert delivered == {"proprio_type": "G1a X1a", "lots": "douze"}
    event = workspace.save_delivery(received, file, tmp_path / "espace", "friches")
    assert sorted(row["delivered"] for row in event["blanked"]) == ["G1a X1a", "douze"]


def test_a_mandatory_value_outside_its_list_costs_the_value_and_is_to_be_completed(tmp_path: Path) -> None:
    file = tmp_path / "friches.geojson"
    layers.write(friches(site_nom=["Fosse 3", "é"]), file)
    received = delivery.receive(file, kind(tmp_path))
    assert (received.aside, received.features["site_nom"].tolist()) == ((), ["Fosse 3", None])
    row = next(row for row in received.rows() if row["field"] == "site_nom")
    assert (row["delivered"], "obligatoire à compléter" in row["message"]) == ("é", True)


def test_a_wrong_key_stays_an_error(tmp_path: Path) -> None:
    file = tmp_path / "friches.geojson"
    layers.write(friches(site_id=["1", "é"]), file)
    received = delivery.receive(file, kind(tmp_path), set_aside=True)
    assert received.aside == (1,)
    assert "delivered" not in received.rows()[0]


def test_without_repair_a_secondary_value_stays_an_error(tmp_path: Path) -> None:
    file = tmp_path / "friches.geojson"
    layers.write(friches(), file)
    assert delivery.receive(file, kind(tmp_path), mend=False).outcome == "reject"
