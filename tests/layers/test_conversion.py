"""A workspace of version 0.1.0 is read as before, and converted by the first thing that writes in it."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import run

from artois_geo import layers
from artois_geo.kinds.former_kinds import converted, former_kinds
from artois_geo.layers import history

MADE_BEFORE = Path(__file__).parent / "espace_0_1_0"


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A copy of a folder that version 0.1.0 made, with its private kinds and column names."""
    return Path(shutil.copytree(MADE_BEFORE, tmp_path / "espace"))


def text(folder: Path) -> str:
    return (folder / "catalogue.toml").read_text(encoding="utf-8")


def test_it_is_read_under_the_names_of_the_standard_and_nothing_is_written(space: Path) -> None:
    before = {file.name: file.read_bytes() for file in space.iterdir()}
    catalogue = layers.read_catalogue(space)
    sites, land = layers.read(catalogue["sites"]), layers.read(catalogue["foncier"])
    assert (catalogue["sites"].kind, catalogue["foncier"].kind) == ("site_eco", "terrain_eco")
    assert sites["site_surf_brute"].tolist()[0] == 12.5
    assert pd.isna(sites["site_surf_brute"].tolist()[1])
    assert sites["site_type"].tolist() == ["zone d'activité économique", None]  # « sous-site » is no value
    assert sites["est_sous_site"].tolist() == [False, True]
    assert land[["terr_id", "terr_surf_brute", "site_surf_brute"]].values.tolist() == [["f", 4.0, 12.5]]
    assert layers.reconcile(catalogue.totals, {"foncier": land})["held"].tolist() == [4.0]
    assert {file.name: file.read_bytes() for file in space.iterdir()} == before


def test_its_offer_is_what_it_was(space: Path) -> None:
    result = run("--donnees", space, "foncier", "offre", "--format", "json")
    (row,) = json.loads(result.stdout)["rows"]
    assert (row["epci_sigle"], row["famille"], row["offer_ha"]) == ("E", "hub logistique", 12.5)
    assert (row["site_count"], row["set_aside"]) == (1, 1)
    offered = run("--donnees", space, "foncier", "offre", "foncier", "--format", "json")
    assert json.loads(offered.stdout)["rows"][0]["offer_ha"] == 4.0


def test_the_first_write_converts_everything_and_says_so(space: Path, tmp_path: Path) -> None:
    old = (space / "sites.geojson").read_bytes()
    parcel = tmp_path / "parcelles.geojson"
    layers.write(layers.read(space / "communes.geojson"), parcel)
    result = run("--donnees", space, "couches", "importer", parcel, "--type", "libre")
    assert result.exit_code == 0, result.stderr
    assert [event["command"] for event in history.events(space, "sites")][-1] == "convertir"
    assert [event["command"] for event in history.events(space, "foncier")][-1] == "convertir"
    assert history.version_path(space, "sites", 1).read_bytes() == old
    catalogue_text = (
        text(MADE_BEFORE)
        .replace('"site_nomme"', '"site_eco"')
        .replace('kind = "foncier"', 'kind = "terrain_eco"')
    )
    assert text(space).startswith(
        catalogue_text.replace("surface_dispo_ha", "terr_surf_brute")
    )  # comments included
    properties = json.loads((space / "sites.geojson").read_text(encoding="utf-8"))["features"][0][
        "properties"
    ]
    assert properties["site_surf_brute"] == 12.5
    assert not set(former_kinds()["site_nomme"].columns) & set(properties)
    assert layers.read_catalogue(space)["sites"].former_kind == ""


def test_a_version_of_before_comes_back_under_the_names_of_today(space: Path) -> None:
    assert run("--donnees", space, "couches", "reparer", "sites").exit_code == 0
    again = run("--donnees", space, "couches", "comparer", "sites@1", "sites", "--format", "json")
    assert json.loads(again.stdout)["rows"] == []  # the same objects under other names
    assert run("--donnees", space, "couches", "restaurer", "sites", "--version", "1").exit_code == 0
    restored = layers.read(layers.read_catalogue(space)["sites"])
    assert restored["site_surf_brute"].tolist()[0] == 12.5


@pytest.mark.parametrize("kind", list(former_kinds()))
def test_every_new_name_is_a_field_of_the_new_kind(kind: str) -> None:
    former = former_kinds()[kind]
    fields = {field.name for field in layers.read_kind(former.kind).fields}
    assert set(former.columns.values()) <= fields
    assert set(former.blanked) <= fields


def test_a_column_that_has_its_new_name_is_not_overwritten() -> None:
    both = pd.DataFrame({"surface_ha": [1.0], "site_surf_brute": [2.0]})
    assert converted(both, "site_nomme").to_dict("list") == {"surface_ha": [1.0], "site_surf_brute": [2.0]}
