"""ENAF, not ENAF, unknown: the three make the available land, whatever a land cover says."""

import geopandas as gpd
import pandas as pd
import pytest
from blocks import block, nothing, stack
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import constants, land
from artois_geo.errors import BadTable, UnknownName
from artois_geo.studies.library import soil_nomenclatures

PAIRS = constants.table("ocsge_artif")
COLUMNS = ["enaf_ha", "not_enaf_ha", "soil_unknown_ha"]


@pytest.fixture(scope="module")
def available() -> gpd.GeoDataFrame:
    """500 m by 400 m, all of it available: 20 ha."""
    return land.available(block(x_m=0, y_m=0, width_m=500, height_m=400), nothing())


@settings(max_examples=few(25), deadline=None)
@given(
    patches=st.lists(
        st.tuples(
            st.integers(-50, 500), st.integers(-50, 400), st.integers(1, 400), st.integers(0, len(PAIRS) - 1)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_three_make_the_available_land(available: gpd.GeoDataFrame, patches: list[tuple]) -> None:
    cover = stack(
        *(
            block(
                x_m=x,
                y_m=y,
                width_m=side,
                height_m=side,
                code_cs=PAIRS["code_cs"].iloc[pair],
                code_us=PAIRS["code_us"].iloc[pair],
            )
            for x, y, side, pair in patches
        )
    )
    reading = soil_nomenclatures.read(cover, "ocsge.gpkg")
    split = land.soil(available, cover.assign(nature=reading.natures), by="nature", split=land.SPLIT)
    assert split[COLUMNS].sum(axis=1).item() == pytest.approx(available["available_ha"].item(), abs=0.01)
    assert (split[COLUMNS] >= 0).all(axis=None)


def test_the_ground_of_a_zoning_by_hand(available: gpd.GeoDataFrame) -> None:
    """A: 100 × 400 m = 4 ha; U: 4 ha; AUc: 4 ha, unknown, with the 8 ha that the plan does not cover."""
    zones = stack(
        *(
            block(x_m=100 * rank, y_m=0, width_m=100, height_m=400, TYPEZONE=zone)
            for rank, zone in enumerate(("A", "U", "AUc"))
        )
    )
    reading = soil_nomenclatures.read(zones, "plu.shp")
    split = land.soil(available, zones.assign(nature=reading.natures), by="nature", split=land.SPLIT)
    assert split[COLUMNS].iloc[0].tolist() == pytest.approx([4, 4, 12])
    assert any("consommation d'ENAF, lue d'un zonage" in note for note in reading.notes)
    assert any("ni l'artificialisation nette" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("codes", "nature"),
    [
        ({"code_cs": "CS2.2.1", "code_us": "US1.1"}, "ENAF"),
        ({"CODE_CS": "2.2.1", "CODE_US": "1.1"}, "ENAF"),  # some deliveries have no prefix
        ({"code_cs": "CS2.2.1", "code_us": "US5"}, "non ENAF"),  # garden grass
        ({"code_cs": "CS2.1.1.1", "code_us": "US5"}, "non ENAF"),  # wooded garden
        ({"code_cs": "CS2.2.1", "code_us": "US4.2"}, "non ENAF"),  # logistics lawn
        ({"code_cs": "CS1.1.2.1", "code_us": "US6.2"}, "inconnu"),  # abandoned bare tip
        ({"code_cs": "CS1.1.1.1", "code_us": "US1.1"}, "inconnu"),  # farm building
        ({"code_cs": None, "code_us": "US1.1"}, "inconnu"),
        ({"cs24": "CS6.3.0", "us24": "US1.1.3"}, "ENAF"),
        ({"cs24": "CS1.1.1", "us24": "US2.1.1"}, "non ENAF"),
        ({"cs24": "CS5.1.1", "us24": "US2.1.5"}, "ENAF"),  # wind farms are agricultural there
        ({"enaf": "Ue"}, "non ENAF"),
        ({"typezone": "Nh"}, "inconnu"),
    ],
)
def test_a_class_is_read_as_the_domain_says(codes: dict[str, str | None], nature: str) -> None:
    assert soil_nomenclatures.read(pd.DataFrame([codes]).assign(geometry=None), "x").natures == [nature]


def test_an_own_nomenclature_and_its_faults(tmp_path) -> None:
    path = tmp_path / "mos.toml"
    path.write_text('colonnes = { c = ["poste"] }\n[[classe]]\nc = ["21"]\nnature = "ENAF"\n', "utf-8")
    mos = pd.DataFrame({"poste": ["21", "211", 12]})
    assert soil_nomenclatures.read(mos, "mos.shp", str(path)).natures == ["ENAF", "inconnu", "inconnu"]
    path.write_text('colonnes = { c = ["poste"] }\n[[classe]]\nc = ["21"]\nnature = "champs"\n', "utf-8")
    with pytest.raises(UnknownName, match="champs"):
        soil_nomenclatures.read(mos, "mos.shp", str(path))
    with pytest.raises(BadTable, match="Nomenclature inconnue"):
        soil_nomenclatures.by_name("corine")
