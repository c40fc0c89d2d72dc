"""The fictional territory: flagged, repeatable, right for every check that the toolkit makes."""

import pandas as pd
import pytest
import shapely

from artois_geo import constants, example, layers, zan
from artois_geo.errors import BadValue

KINDS = {
    "communes": "commune_contour",
    "epci": "epci_contour",
    "ocsge_2018": "ocsge",
    "ocsge_2021": "ocsge",
    "ocsge_diff": "ocsge_diff",
    "projets": "projet",
    "sites_eco": "site_eco",
    "terrains": "terrain_eco",
    "parcelles": "parcelle",
    "batiments": "batiment",
    "friches": "friche",
    "contraintes": "contrainte",
    "zone_urba": "zone_urba",
    "voies_vertes": "amenagement_cyclable",
    "corridors": "corridor_vert",
    "quais": "quai",
}


@pytest.fixture(scope="module")
def fictional_layers():
    return example.layers(communes=6, ocsge=400, sites=8)


def test_every_feature_says_that_it_is_fictional(fictional_layers):
    assert len(fictional_layers) == 22
    for name, frame in fictional_layers.items():
        assert len(frame), name
        assert frame["fictif"].eq(True).all(), name


def test_the_same_seed_gives_the_same_features(fictional_layers):
    again = example.layers(communes=6, ocsge=400, sites=8)
    for name, frame in fictional_layers.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(again[name]), check_exact=True)
    other_seed = example.layers(communes=6, ocsge=400, sites=8, seed=2)
    assert not other_seed["consommation"].equals(fictional_layers["consommation"])


@pytest.mark.parametrize("name", KINDS)
def test_each_layer_passes_its_own_checks(fictional_layers, name):
    findings = layers.validate(fictional_layers[name], KINDS[name])
    errors = findings[findings["level"] == "erreur"]
    assert errors.empty, errors[["field", "rule", "message"]].drop_duplicates().to_string()


def test_the_table_like_cerema_keeps_every_identity(fictional_layers):
    assert zan.cerema_findings(fictional_layers["consommation"]).empty


def test_communes_and_both_photographs_cover_the_same_square(fictional_layers):
    west, south, east, north = fictional_layers["communes"].total_bounds
    square = (east - west) * (north - south)
    assert square == pytest.approx(example.COMMUNE_M**2 * 6, rel=1e-3)
    for name in ("communes", "epci", "ocsge_2018", "ocsge_2021", "zone_urba"):
        assert fictional_layers[name].area.sum() == pytest.approx(square, abs=1e-3), name
        assert shapely.union_all(fictional_layers[name].geometry.to_numpy()).area == pytest.approx(
            square, abs=1e-3
        ), name


def test_the_diff_is_what_changed_between_the_two_photographs(fictional_layers):
    matrix, names = constants.table("ocsge_artif"), constants.table("ocsge_nomenclature")
    before, after = (
        zan.classify(fictional_layers[name], matrix, names) for name in ("ocsge_2018", "ocsge_2021")
    )
    towns = fictional_layers["communes"]
    direct = zan.flux(before, after, zones=towns, key="comm_insee")
    sealed = names.loc[names["sealed"] == "1", "code"].tolist()
    by_diff = zan.flux_from_diff(
        fictional_layers["ocsge_diff"], zones=towns, key="comm_insee", matrix=matrix, sealed=sealed
    )
    assert direct["artificialised_ha"].sum() > 0
    for column in ("artificialised_ha", "renatured_ha", "net_artificialised_ha", "net_sealed_ha"):
        assert by_diff[column].tolist() == pytest.approx(direct[column].tolist(), abs=1e-6)


def test_a_territory_too_small_is_refused():
    with pytest.raises(BadValue):
        example.layers(communes=3)
