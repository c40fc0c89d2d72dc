"""A form goes out with its lists, comes back filled, and is imported without any recipe."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import plain
import pytest
from cli_runner import run

from artois_geo import layers
from artois_geo.deliveries import receive
from artois_geo.studies.layers import kinds_of_layers
from artois_geo.tables import FormField, to_form

ANSWER = {
    "site_id": "62498_SITE-ECO_00001",
    "site_nom": "=Zone fictive",
    "site_type": "zone d'activité économique",
    "site_vocadomi": "mixte",
    "site_etat": "existant et actif",
    "site_surf_brute": 1.0,
    "site_surf_utile": 0.8,
    "site_identif_date": date(2024, 5, 1),
    "site_actu_date": date(2025, 3, 15),
    "site_epci_nom": "Fictif",
    "site_epci_siren": "012345678",
    "site_comm_nom": "Lens",
    "site_comm_insee": "62498",
    "site_moa_type": "epci",
    "site_uf_nbre": 3,
    "site_uf_vacant_nbre": 0,
    "site_taux_vacance": 0,
}


def heads(book: openpyxl.Workbook) -> dict[str, int]:
    """Column of each field, by the sheet that explains."""
    names = {row[0].value: row[1].value for row in book["Explications"].iter_rows(min_row=7)}
    return {names.get(cell.value, cell.value): cell.column for cell in book["Saisie"][1]}


def filled(path: Path, row: dict[str, object], shape: str) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(kinds_of_layers.form("site_eco")))
    columns = heads(book)
    for name, value in (row | {"wkt": shape}).items():
        cell = book["Saisie"].cell(2, columns[name], value)
        if isinstance(value, str):
            cell.data_type = "s"
    book.save(path)
    return path


def test_a_filled_form_comes_back_without_a_recipe(tmp_path: Path) -> None:
    square = plain.square(x_km=0, y_km=0, side_km=0.1)
    path = filled(tmp_path / "f.xlsx", ANSWER, f"SRID=2154;{square.geometry.iloc[0].wkt}")
    received = receive(path, "site_eco")
    assert received.outcome != "reject", [row for row in received.rows() if row["level"] == "erreur"]
    row = received.features.iloc[0]
    assert {name: row[name] for name in ANSWER} == ANSWER
    assert row.geometry.area == pytest.approx(10_000)


def test_lists_are_offered_and_texts_are_no_formulas() -> None:
    fields = [FormField("etat", "État *", choices=("actif", "=2+2"), required=True), FormField("nom", "Nom")]
    content = to_form(fields, [{"etat": "actif", "nom": "=1+1"}])
    assert content == to_form(fields, [{"etat": "actif", "nom": "=1+1"}])
    book = openpyxl.load_workbook(io.BytesIO(content))
    rules = [rule for rule in book["Saisie"].data_validations.dataValidation if rule.type == "list"]
    assert [rule.formula1 for rule in rules] == ["Listes!$A$1:$A$2"]
    assert (book["Listes"].sheet_state, book["Listes"]["A2"].data_type) == ("hidden", "s")
    assert (book["Saisie"]["B2"].value, book["Saisie"]["B2"].data_type) == ("=1+1", "s")


def test_a_form_of_a_layer_takes_its_shapes_back_by_the_key(tmp_path: Path) -> None:
    home = tmp_path / "espace"
    home.mkdir()
    zone = plain.square(x_km=0, y_km=0, side_km=0.1, **ANSWER, CODE="007")
    layers.write(zone.astype({"site_identif_date": str, "site_actu_date": str}), home / "zae.geojson")
    form = tmp_path / "f.xlsx"
    words = ("--donnees", home, "couches")
    result = run(*words, "types", "site_eco", "--modele", form, "--couche", "zae")
    assert result.exit_code == 0, result.output
    result = run(*words, "importer", form, "--type", "site_eco", "--vers", "zae")
    assert result.exit_code == 0, result.output
    back = layers.read(home / "zae.geojson")
    assert back["CODE"].tolist() == ["007"]
    assert back.geometry.iloc[0].area == pytest.approx(10_000, rel=1e-4)


def test_the_fields_of_a_kind_are_listed() -> None:
    result = run("couches", "types", "site_eco", "--format", "csv")
    assert "site_moa_type" in result.stdout
    assert "chambre de commerce et industrie" in result.stdout
    assert run("couches", "types", "site_ecco").exit_code == 1
    assert "demande un TYPE" in run("couches", "types", "--modele", "x.xlsx").output
