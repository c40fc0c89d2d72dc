"""What positions cannot decide is null with its reason; what a source publishes wins and says so."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import canal
from artois_geo.errors import BadValue, UnknownName
from artois_geo.packs import fluvial

BERTHS = {"I": 38.5, "IV": 85.0, "Va": 110.0, "Vb": 185.0}
THRESHOLDS = canal.Thresholds(bank_m=50, hinterland_m=1000, truck_min=15, berths_m=BERTHS)
WATER: dict[str, Any] = {"waterway_name": "Canal", "waterway_cemt": "Va"}
RINGS: dict[str, Any] = {"quays": ["quai"], "bank_m": 50, "hinterland_m": 1000, "truck_min": 15}


def site(**columns: object) -> gpd.GeoDataFrame:
    """200 m along the canal, 30 m from it."""
    return plain.rectangle(x_km=1, y_km=0.03, width_km=0.2, height_km=0.3, **columns)


def axis(**columns: object) -> gpd.GeoDataFrame:
    return plain.line((0, 0), (3, 0), **WATER, **columns)


def quay(x_km: float = 9.0, **columns: Any) -> gpd.GeoDataFrame:
    return plain.point(x_km=x_km, y_km=0, **{"objet_type": "quai", "precision_m": 5, **columns})


def waterside(
    sites: gpd.GeoDataFrame, water: gpd.GeoDataFrame, quays: gpd.GeoDataFrame | None = None, **declared: float
) -> pd.Series:
    reach = canal.access(sites, quay() if quays is None else quays, family="objet_type")
    return canal.waterside(sites, water, reach, thresholds=THRESHOLDS, **declared).iloc[0]


# ----------------------------------------------------------------------------------- bank, vessel
@pytest.mark.parametrize(("of_site", "of_axis"), [(50, 0), (0, 50), (25, 25), (0, 0)])
def test_positions_known_to_fifty_metres_together_give_a_frontage(of_site: int, of_axis: int) -> None:
    row = waterside(site(precision_m=of_site), axis(precision_m=of_axis))
    assert (row["frontage_m"], row["frontage_origin"], row["berth_class"]) == (200, "calculé", "Va")
    assert row["ring"] == "bord à voie d'eau"
    assert row[["frontage_reason", "berth_reason", "ring_reason"]].isna().all()


@pytest.mark.parametrize(
    ("of_site", "of_axis", "doubt"), [(51, 0, "51 m"), (26, 25, "51 m"), (0, 3000, "3 km")]
)
def test_beyond_fifty_metres_together_nothing_is_measured(of_site: int, of_axis: int, doubt: str) -> None:
    row = waterside(site(precision_m=of_site), axis(precision_m=of_axis))
    assert (
        row[["frontage_m", "frontage_total_m", "frontage_class", "berth_class", "frontage_origin"]]
        .isna()
        .all()
    )
    assert (
        row["frontage_reason"] == row["berth_reason"] == f"position trop imprécise : ± {doubt} (seuil 50 m)"
    )
    assert row["ring"] != "bord à voie d'eau"


@given(st.integers(0, 4000), st.integers(0, 4000), st.floats(0.0, 3.0))
def test_a_frontage_and_a_bank_are_only_given_within_the_threshold(
    of_site: int, of_axis: int, y_km: float
) -> None:
    shape = plain.rectangle(x_km=1, y_km=y_km, width_km=0.2, height_km=0.3, precision_m=of_site)
    row = waterside(shape, axis(precision_m=of_axis), quay(1, precision_m=of_axis))
    assert pd.isna(row["frontage_m"]) == pd.isna(row["berth_class"]) == (of_site + of_axis > 50)
    assert pd.isna(row["frontage_m"]) == pd.notna(row["frontage_reason"])
    assert pd.isna(row["ring"]) == pd.notna(row["ring_reason"])
    if of_site + of_axis > 50:
        assert row["ring"] != "bord à voie d'eau"
    if of_site + of_axis > 1000:
        assert pd.isna(row["ring"])


@pytest.mark.parametrize(("missing", "prefix"), [("site", "sites"), ("axis", "waterways")])
def test_an_unknown_precision_decides_nothing_until_the_caller_declares_it(missing: str, prefix: str) -> None:
    sites, water = site(precision_m=5), axis(precision_m=5)
    if missing == "site":
        sites = sites.drop(columns="precision_m")
    else:
        water = water.assign(precision_m=None)
    row = waterside(sites, water)
    assert np.isnan(row["frontage_m"])
    assert (
        row["frontage_reason"]
        == "précision de la position inconnue : precision_m manque (site ou voie d'eau)"
    )
    assert waterside(sites, water, **{f"{prefix}_precision_m": 5})["frontage_m"] == 200


def test_what_is_declared_never_replaces_what_the_layer_says() -> None:
    row = waterside(site(precision_m=3000), axis(precision_m=5), sites_precision_m=5)
    assert np.isnan(row["frontage_m"])


def test_a_negative_precision_is_refused() -> None:
    with pytest.raises(BadValue, match="sites_precision_m"):
        waterside(site(precision_m=5), axis(precision_m=5), sites_precision_m=-1)


def test_a_sketched_outline_and_a_point_have_no_frontage_however_precise() -> None:
    sketch = waterside(site(precision_m=5, geometrie="Schématique"), axis(precision_m=5))
    point = waterside(plain.point(x_km=1, y_km=0.02, precision_m=5), axis(precision_m=5))
    assert (sketch["frontage_reason"], point["frontage_reason"]) == (
        "contour schématique",
        "site sans contour",
    )
    assert pd.isna([sketch["frontage_m"], point["frontage_m"]]).all()


def test_an_unknown_class_of_the_water_is_why_no_vessel_is_named() -> None:
    row = waterside(site(precision_m=5), axis(precision_m=5).assign(waterway_cemt=None))
    assert (row["frontage_m"], row["berth_class"]) == (200, None)
    assert row["berth_reason"] == "classe de la voie d'eau inconnue"


# ----------------------------------------------------------------------------------- distances
@given(st.floats(0, 9), st.integers(0, 5000))
def test_a_distance_is_what_is_drawn_give_or_take_the_precision(y_km: float, doubt_m: int) -> None:
    location = plain.point(x_km=1, y_km=y_km, precision_m=doubt_m)
    row = canal.frontage(location, axis(precision_m=0), bank_m=50, berths_m=BERTHS).iloc[0]
    bounds = (max(0.0, y_km * 1000 - doubt_m), y_km * 1000 + doubt_m)
    assert (row["waterway_low_m"], row["waterway_high_m"]) == pytest.approx(bounds, abs=1e-6)
    rounded = canal.rounded(row.to_frame().T, bank_m=50).iloc[0]
    assert rounded["waterway_low_m"] <= bounds[0] + 0.01
    assert rounded["waterway_high_m"] >= bounds[1] - 0.01
    if doubt_m > 50:  # nothing that rounds to zero is said to be zero
        assert rounded["waterway_m"] != 0


def test_six_kilometres_of_doubt_leave_kilometres() -> None:
    row = waterside(plain.point(x_km=1, y_km=1.9624, precision_m=3000), axis(precision_m=3000))
    assert row[["waterway_m", "waterway_low_m", "waterway_high_m"]].tolist() == [2000, 0, 8000]


def test_a_sketched_site_is_measured_from_its_centre() -> None:
    square = plain.square(x_km=0, y_km=1, side_km=1, precision_m=0, geometrie="schématique")
    assert waterside(square, axis(precision_m=0))["waterway_m"] == 1500
    stop = plain.point(x_km=0.5, y_km=0, objet_type="quai", precision_m=0)
    assert canal.access(square, stop, family="objet_type")["straight_km"].tolist() == [1.5]


def test_a_trip_is_not_computed_from_a_position_known_no_better_than_the_reach_of_a_road() -> None:
    roads = canal.Roads(plain.line((0, 0), (3, 0)), speed_kmh=50, snap_m=1, reach_m=500)
    for doubt, is_known in ((500, True), (501, False)):
        start = plain.point(x_km=0, y_km=0, precision_m=doubt)
        row = canal.access(start, quay(3), family="objet_type", roads=roads).iloc[0]
        assert (pd.notna(row["road_km"]), row["method"] == "réseau") == (is_known, is_known)


# ----------------------------------------------------------------------------------- rings
@pytest.mark.parametrize(("of_site", "ring"), [(995, "arrière-quai"), (996, None)])
def test_behind_a_quay_needs_a_kilometre_of_precision_not_fifty_metres(
    of_site: int, ring: str | None
) -> None:
    near = plain.point(x_km=1, y_km=0.9, precision_m=of_site)  # 900 m from a quay known to within 5 m
    row = waterside(near, axis(precision_m=3000), quay(1))
    assert (None if pd.isna(row["ring"]) else row["ring"]) == ring
    assert pd.isna(row["ring_reason"]) == (ring is not None)


def test_a_site_that_may_lie_by_the_water_is_not_said_to_lie_beyond_the_quays() -> None:
    far = plain.point(x_km=1, y_km=2, precision_m=5)  # 2 km from the quay
    assert (
        waterside(far, axis(precision_m=5), quay(1))["ring"]
        == "hors arrière-quai, temps de route non calculé"
    )
    row = waterside(far, axis(precision_m=3000), quay(1))
    assert (row["ring"], row["ring_reason"]) == (None, "position trop imprécise : ± 3 km (seuil 50 m)")


def test_an_unknown_family_of_quays_is_refused_with_the_nearest_names() -> None:
    reach = canal.access(site(precision_m=5), quay(), family="objet_type")
    front = canal.frontage(site(precision_m=5), axis(precision_m=5), bank_m=50, berths_m=BERTHS)
    with pytest.raises(UnknownName, match="famille inconnue : « quais »"):
        canal.rings(front, reach, **(RINGS | {"quays": ["quais"]}))
    with pytest.raises(UnknownName, match="port fluvial"):
        canal.rings(front, reach, **(RINGS | {"quays": ["quai", "port"]}))


def test_without_any_quay_there_is_no_ring_and_it_is_said() -> None:
    row = waterside(
        plain.point(x_km=1, y_km=2, precision_m=5), axis(precision_m=5), quay(objet_type="gare fret")
    )
    assert (row["ring"], row["ring_reason"]) == (None, "aucun quai dans les lieux desservis")


# ----------------------------------------------------------------------------------- what is published
def test_a_published_quay_wins_and_says_so() -> None:
    words = {"quai_publie_m": 450, "quai_publie_source": "note : « quais 450 m » — adresse"}
    for sites in (
        site(precision_m=3000, **words),
        site(precision_m=5, **words),
        plain.point(x_km=1, y_km=1, **words),
    ):
        row = waterside(sites, axis(precision_m=5))
        assert (row["frontage_m"], row["frontage_origin"]) == (450, "publié")
        assert row["frontage_source"] == words["quai_publie_source"]
        assert (row["frontage_class"], row["berth_class"]) == ("Vb", "Va")
        assert (row["ring"], row["ring_origin"]) == ("bord à voie d'eau (publié)", "publié")
        assert pd.isna(row["frontage_reason"])


def test_a_quay_of_the_scheme_has_the_length_that_is_published_or_says_that_none_is() -> None:
    stops = pd.concat(
        [quay(nom="A", quai_publie_m=450, famille="quai"), quay(nom="B", famille="quai")], ignore_index=True
    )
    plots = site(precision_m=5, nom="Parc")
    table = fluvial.land_table(plots, stops, name="nom", sector=None, quay_name="nom", family="famille")
    quays = table[table["object_kind"] == "quai"]
    assert quays["frontage_m"].fillna(-1).tolist() == [450, -1]
    assert quays["frontage_reason"].fillna("").tolist() == ["", "longueur de quai non publiée"]


@pytest.mark.parametrize(
    "columns",
    [
        {"site_vocadomi": "Portuaire"},
        {"bord_eau_publie": True},
        {"bord_eau_publie": "oui"},
        {"dist_eau_publiee_m": 40},
    ],
)
def test_a_site_published_as_waterside_is_so_wherever_it_is_drawn(columns: dict[str, object]) -> None:
    row = waterside(plain.point(x_km=1, y_km=2, precision_m=3000, **columns), axis(precision_m=5))
    assert (row["ring"], row["ring_origin"]) == ("bord à voie d'eau (publié)", "publié")


@pytest.mark.parametrize("columns", [{"bord_eau_publie": False}, {"dist_eau_publiee_m": 300}])
def test_a_site_published_as_away_from_the_water_is_not_on_the_bank(columns: dict[str, object]) -> None:
    row = waterside(site(precision_m=5, **columns), axis(precision_m=5), quay(1.1))
    assert row["ring"] == "arrière-quai"


def test_a_published_distance_to_the_water_is_exact() -> None:
    row = waterside(site(precision_m=3000, dist_eau_publiee_m=300), axis(precision_m=3000))
    assert row[["waterway_m", "waterway_low_m", "waterway_high_m"]].tolist() == [300, 300, 300]
    assert row["waterway_origin"] == "publié"


def test_a_published_junction_stands_in_place_of_the_computed_one_under_its_own_words() -> None:
    sites = plain.point(
        x_km=0,
        y_km=0,
        precision_m=3000,
        dist_echangeur_publiee_m=500,
        dist_echangeur_publiee_source="note : « A26 n°6.1 à 500 m » — adresse",
    )
    stops = pd.concat(
        [quay(3, nom="Quai"), quay(7, nom="Sortie 6", objet_type="échangeur autoroutier")], ignore_index=True
    )
    reach = canal.access(sites, stops, family="objet_type", carry=["nom"])
    near = canal.nearest(reach, sites=sites).set_index("family")
    assert near.loc["échangeur autoroutier", ["nom", "straight_km", "method"]].tolist() == [
        "A26 n°6.1 à 500 m",
        0.5,
        "publié",
    ]
    assert near.loc["quai", ["nom", "straight_km", "method"]].tolist() == ["Quai", 3, "à vol d'oiseau"]
    alone = canal.nearest(reach[reach["family"] == "quai"], sites=sites)
    assert alone["family"].tolist() == ["quai", "échangeur autoroutier"]  # published, though no layer has one


# ----------------------------------------------------------------------------------- a place that is the site
HERE = {"x_km": 0, "y_km": 0, "precision_m": 1000}


@pytest.mark.parametrize(
    ("own", "other_columns"),
    [
        ({"site_id": "port-a"}, {"quai_id": "port-a", "nom": "Appontement"}),
        ({"site_nom": "Port de Harnes"}, {"quai_id": "q", "nom": "port de Harnes"}),
        (
            {"site_nom": "Port fluvial de Guarbecque – Isbergues", "site_vocadomi": "portuaire"},
            {"quai_id": "q", "nom": "Port de Guarbecque-Isbergues"},
        ),
    ],
)
def test_a_place_has_no_distance_to_itself(own: dict[str, object], other_columns: dict[str, object]) -> None:
    sites = plain.point(**HERE, **own)
    stops = pd.concat(
        [quay(1, precision_m=1000, **other_columns), quay(0.1, nom="Voisin")], ignore_index=True
    )
    reach = canal.access(sites, stops, family="objet_type", carry=["nom"])
    assert reach["method"].tolist() == ["sur le site", "à vol d'oiseau"]
    assert reach.iloc[0][["straight_km", "straight_high_km", "road_km"]].isna().all()
    best = canal.nearest_quay(canal.nearest(reach))
    assert best["nom"].tolist() == [other_columns["nom"]]  # before any neighbour
    assert waterside(sites, axis(precision_m=3000), stops)["ring"] in (
        "arrière-quai",
        "bord à voie d'eau (publié)",
    )


@pytest.mark.parametrize(
    ("own", "other_columns"),
    [
        ({"site_id": "29"}, {"quai_id": "29"}),  # two layers that count their rows
        ({"site_nom": "Port"}, {"nom": "Port", "x_km": 40}),  # a namesake that lies elsewhere
        ({"site_nom": "Zone de Harnes", "site_vocadomi": "portuaire"}, {"nom": "Port de Harnes"}),
        ({"site_nom": "Port de Harnes", "site_vocadomi": "mixte"}, {"nom": "Quai de Harnes"}),
    ],
)
def test_a_namesake_elsewhere_or_a_bare_number_is_another_place(
    own: dict[str, object], other_columns: dict[str, object]
) -> None:
    reach = canal.access(
        plain.point(**HERE, **own), quay(**{"x_km": 1, **other_columns}), family="objet_type"
    )
    assert reach["method"].tolist() == ["à vol d'oiseau"]
