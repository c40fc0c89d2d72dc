"""What the standard lets us deduce: never a guess, always said, replaced table by table."""

from pathlib import Path

import pandas as pd
import pytest

from artois_geo import layers, offer
from artois_geo.errors import UnreadableFile
from artois_geo.kinds import deductions
from artois_geo.kinds.deductions import read_deductions
from artois_geo.studies.sites import deduced

OWN = '[famille]\nfrom = "site_vocadomi"\n[famille.values]\n"touristique" = "loisirs"\n'


def test_a_table_of_the_workspace_replaces_ours_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "deductions.toml").write_text(OWN, encoding="utf-8")
    own = read_deductions(tmp_path)
    assert own["famille"].values == {"touristique": "loisirs"}
    assert own["foncier_origine"] == read_deductions()["foncier_origine"]


@pytest.mark.parametrize(
    "text", ["famille = 3", "[famille]\nfrom = 'site_vocadomi'", "[famille.values]\na = 'b'"]
)
def test_a_table_without_its_two_parts_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "deductions.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="famille"):
        read_deductions(tmp_path)


def test_what_the_layer_says_is_never_replaced() -> None:
    zones = pd.DataFrame({"site_vocadomi": ["portuaire"] * 3, "famille": ["à nous", None, "autre"]})
    completed = deductions.deduced(zones, read_deductions())
    assert completed["famille"].tolist() == ["à nous", "hub logistique", "autre"]
    assert completed["famille_deduit"].tolist() == [False, True, False]
    assert zones["famille"].isna().sum() == 1  # the argument is left as it was


def test_a_value_that_no_table_has_stays_unknown() -> None:
    zones = pd.DataFrame({"site_vocadomi": ["touristique", "aéroportuaire, aéronautique", None]})
    completed = deductions.deduced(zones, read_deductions())
    assert completed["famille"].isna().all()
    counts = deductions.unknown_values(completed, "famille", "site_vocadomi")
    assert counts.to_dict() == {"touristique": 1, "aéroportuaire, aéronautique": 1}


def test_every_value_of_a_table_is_one_that_the_standard_has() -> None:
    kinds = {"famille": "site_eco", "foncier_origine": "site_eco"}
    for name, deduction in read_deductions().items():
        kind = layers.read_kind(kinds.get(name, "terrain_eco"))
        assert set(deduction.values) <= set(kind.field(deduction.source).enum), name
        values_given, target = set(deduction.values.values()), kind.field(name)
        assert values_given <= (set(target.enum) or {True, False}), name


def test_an_epci_is_named_by_its_siren_then_by_the_commune_then_by_the_layer() -> None:
    towns = pd.DataFrame(
        {
            "comm_insee": ["62498", "99001"],
            "epci_siren": ["246200364", "200000001"],
            "epci_sigle": ["CALL", None],
            "epci_nom": ["CA de Lens - Liévin", "EPCI fictif"],
        }
    )
    sites = pd.DataFrame(
        {
            "site_epci_siren": ["246200364", None, "000000000", None],
            "site_comm_insee": ["62498", "99001", "00000", None],
            "site_epci_nom": [None, None, "Nom de la couche", None],
        }
    )
    with_epci = deductions.with_epci(sites, towns)
    assert with_epci["epci_sigle"].tolist() == ["CALL", "EPCI fictif", "Nom de la couche", None]
    assert with_epci["epci_sigle_deduit"].tolist() == [True, True, True, False]
    assert "epci_sigle" not in deductions.with_epci(sites[["site_comm_insee"]], None)


def test_sites_that_tell_neither_town_nor_vocation_still_make_one_group_of_the_offer() -> None:
    sites = pd.DataFrame({"site_id": ["A", "B"], "site_surf_brute": [12.5, 3.25]})
    table = offer.offer(deduced.complete(sites, "site_eco", None), by=["epci_sigle", "famille"])
    assert table[["site_count", "offer_ha"]].values.tolist() == [[2, 15.75]]
    assert deduced.notes(deduced.complete(sites, "site_eco", None)) == []
