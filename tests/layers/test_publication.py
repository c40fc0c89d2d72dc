"""What may leave the house: a private field, the name of a person, a file outside its folder."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import plain
import pytest
from cli_runner import run

from artois_geo import errors, layers, maps, packs
from artois_geo.packs.folder import Folder

OWNERS = {"personne physique": "Zoé Personne", "personne morale": "SA Usine"}
ENTRY = 'source = "essai"\nlicence = "essai"\nvintage = "2026"\n'


def wasteland() -> gpd.GeoDataFrame:
    rows = [
        plain.square(
            x_km=index, y_km=0, side_km=1, site_id=f"F{index}", proprio_personne=kind, proprio_nom=name
        )
        for index, (kind, name) in enumerate(OWNERS.items())
    ]
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=2154)


def catalogue_of(folder: Path, name: str = "friches") -> layers.Catalogue:
    layers.write(wasteland(), folder / "friches.geojson")
    site = plain.square(
        x_km=0, y_km=0, side_km=1, site_id="A", site_nom="A", famille="parc", site_surf_brute=100.0
    )
    layers.write(site.assign(epci_sigle="CALL", est_sous_site=False), folder / "sites.geojson")
    (folder / "catalogue.toml").write_text(
        f'[sites]\nfile = "sites.geojson"\nkind = "site_eco"\ntitle = "Sites"\n{ENTRY}'
        f'[{json.dumps(name)}]\nfile = "friches.geojson"\nkind = "friche"\ntitle = "Friches"\n{ENTRY}',
        encoding="utf-8",
    )
    return layers.read_catalogue(folder)


# ------------------------------------------------------------------------------------- export of a lone file
@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "csv"])
def test_the_type_given_for_a_file_keeps_its_private_fields_at_home(suffix: str, tmp_path: Path) -> None:
    source, target = tmp_path / "f.geojson", tmp_path / f"x.{suffix}"
    field = plain.square(x_km=0, y_km=0, side_km=1, terr_id="T1", terr_m2_prix=5.35)
    layers.write(field, source)
    result = run("couches", "exporter", source, "--type", "terrain_eco", "--sortie", target, "--publiable")
    assert result.exit_code == 0
    assert "terr_m2_prix" in result.stderr
    assert b"terr_m2_prix" not in target.read_bytes()


def test_the_type_given_for_a_file_hides_the_names_of_persons(tmp_path: Path) -> None:
    source, target = tmp_path / "f.geojson", tmp_path / "x.csv"
    layers.write(wasteland(), source)
    assert (
        run("couches", "exporter", source, "--type", "friche", "--sortie", target, "--publiable").exit_code
        == 0
    )
    text = target.read_text(encoding="utf-8-sig")
    assert ("Zoé Personne" in text, "SA Usine" in text) == (False, True)


@pytest.mark.parametrize(
    "option", [("--siren", "200072460"), ("--document", "62"), ("--date", "2026-01-01"), ("--textes-bruts",)]
)
def test_an_option_of_a_standard_asks_for_the_standard(option: tuple[str, ...], tmp_path: Path) -> None:
    result = run("couches", "exporter", "communes", "--sortie", tmp_path / "x.csv", *option)
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "--norme" in result.stderr


# ------------------------------------------------------------------------------------------ pages and folders
def test_no_file_of_a_pack_names_a_person(tmp_path: Path) -> None:
    pack = packs.simi(catalogue_of(tmp_path), tmp_path / "simi", pdf=False)
    pages_with_name = {
        path.name for path in pack.files if "Zoé Personne" in path.read_text("utf-8", "replace")
    }
    assert pages_with_name == set()
    assert "SA Usine" in (pack.folder / "web/friches.geojson").read_text(encoding="utf-8")


def test_a_map_names_no_person() -> None:
    record = layers.Layer("f", Path("f.geojson"), "friche", "Friches", "essai", "essai", "2026")
    page = maps.standalone(maps.build({"f": wasteland()}, layers={"f": record}))
    assert ("Zoé Personne" in page, "SA Usine" in page) == (False, True)


# -------------------------------------------------------------------------------------------- names of layers
@pytest.mark.parametrize("name", ["../../x", "a/b", "a\\b", "..", ".x", "a\nb", "x.", ""])
def test_a_layer_whose_name_leaves_a_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.UnreadableFile, match="nom de couche refusé"):
        catalogue_of(tmp_path, name)


@pytest.mark.parametrize("name", ["friches", "Zones d'activités 2024", "zt-cavaliers", "v1.2"])
def test_a_name_that_a_planner_writes_is_kept(name: str, tmp_path: Path) -> None:
    assert name in catalogue_of(tmp_path, name)


def test_a_pack_writes_in_its_folder_alone(tmp_path: Path) -> None:
    with pytest.raises(errors.UnwritableFile, match="hors du dossier"):
        Folder(tmp_path / "simi").add("web/../../x.geojson", "{}")
    assert list(tmp_path.iterdir()) == []


# ----------------------------------------------------------------------------------------- a table is no page
@pytest.mark.parametrize("suffix", [".html", ".svg", ".pdf", ".HTM"])
@pytest.mark.parametrize("more", [(), ("--format", "csv")])
def test_a_table_is_not_written_as_a_page(suffix: str, more: tuple[str, ...], tmp_path: Path) -> None:
    result = run("couches", "lister", "--sortie", tmp_path / f"x{suffix}", *more)
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert ".geojson" in result.stderr


def test_a_table_for_reading_may_have_no_suffix(tmp_path: Path) -> None:
    assert run("couches", "lister", "--sortie", tmp_path / "couches").exit_code == 0
