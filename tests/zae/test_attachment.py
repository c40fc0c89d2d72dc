"""Every located row is in one of four classes; a file in another order gives the same units and rates."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plain
import pytest
import shapely
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import errors, example, layers, zae
from artois_geo.studies import zae_attachment, zae_files
from artois_geo.studies.zae import InventoryRequest, SurveyRequest, inventory, vacancy
from artois_geo.studies.zae_attachment import AttachmentRequest
from artois_geo.zae.attachment import CLASSES, IN_SITE, IN_UNIT, NOWHERE, OUTSIDE


def park() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """A park of 1 km², its western half made of two units."""
    units = pd.concat(
        [
            plain.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=0.5, unit_id="U1", site_id="A"),
            plain.rectangle(x_km=0, y_km=0.5, width_km=0.5, height_km=0.5, unit_id="U2", site_id="A"),
        ],
        ignore_index=True,
    )
    return units, plain.square(x_km=0, y_km=0, side_km=1, site_id="A")


def points(places: list[tuple[float, float] | None]) -> gpd.GeoDataFrame:
    corner = park()[1].total_bounds
    shapes = [
        None if spot is None else shapely.Point(corner[0] + 1000 * spot[0], corner[1] + 1000 * spot[1])
        for spot in places
    ]
    return gpd.GeoDataFrame({"nom": range(len(shapes))}, geometry=gpd.GeoSeries(shapes, crs=2154))


def test_each_class_has_its_rows() -> None:
    rows = zae.attached(points([(0.25, 0.25), (0.25, 0.75), (0.75, 0.5), (2, 2), None, (0.25, 0.5)]), *park())
    assert rows["rattachement"].tolist() == [IN_UNIT, IN_UNIT, IN_SITE, OUTSIDE, NOWHERE, IN_UNIT]
    assert rows["unit_id"].tolist() == ["U1", "U2", None, None, None, "U1"]  # on the limit: the first by name
    assert rows["site_id"].tolist() == ["A", "A", "A", None, None, "A"]


@settings(max_examples=few(20))
@given(st.lists(st.none() | st.tuples(st.floats(-1, 2), st.floats(-1, 2)), max_size=12), st.randoms())
def test_the_four_classes_sum_to_the_rows_in_any_order(places: list, random: object) -> None:
    units, sites = park()
    firms = points(places)
    rows = zae.attached(firms, units, sites)
    assert sum(zae.class_counts(rows).values()) == len(places)
    assert rows["unit_id"].notna().tolist() == rows["rattachement"].eq(IN_UNIT).tolist()
    shuffled = zae.attached(firms.iloc[::-1], units.iloc[::-1], sites).sort_index()
    assert shuffled["unit_id"].tolist() == rows["unit_id"].tolist()


def test_an_unknown_owner_is_never_private() -> None:
    units = pd.DataFrame({"parcels": ["P1", "P2|P3", "P4", "P5", "P1|P6"]})
    owners = pd.DataFrame(
        [("P1", "4", "Lens"), ("P2", "0", "SCI"), ("P4", "6", "SEM"), ("P6", "0", "SCI")],
        columns=["parcel", "group", "name"],
    )
    owned = zae.with_owners(units, owners, zae_files.owner_groups())
    # a commune; half of the parcels unknown; a SEM is of both; nobody in the file; a commune and a company
    assert owned["owner_type"].tolist() == ["public", None, None, None, "public et privé"]
    assert owned["owner_name"].tolist() == ["Lens", "SCI", "SEM", None, "Lens|SCI"]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pays")
    fictional_layers = example.layers(communes=4, ocsge=40, sites=4)
    for name in ("parcelles", "sites_eco", "epci"):
        layers.write(fictional_layers[name], folder / f"{name}.geojson")
    shuffled = fictional_layers["parcelles"].iloc[
        np.random.default_rng(1).permutation(len(fictional_layers["parcelles"]))
    ]
    layers.write(shuffled, folder / "melange.geojson")
    for name in ("etablissements", "proprietaires"):
        fictional_layers[name].to_csv(folder / f"{name}.csv", index=False)
    return folder


def attachment(folder: Path, parcels: str = "parcelles") -> zae_attachment.Attachment:
    request = AttachmentRequest(
        folder / "sites_eco.geojson",
        etablissements=folder / "etablissements.csv",
        proprietaires=folder / "proprietaires.csv",
        owner="proprietaire",
        epci=folder / "epci.geojson",
    )
    return zae_attachment.study(folder / f"{parcels}.geojson", request)


def survey(folder: Path, parcels: str) -> SurveyRequest:
    answer = attachment(folder, parcels)
    layers.write(answer.files["unites"].table, folder / f"{parcels}_unites.gpkg")
    answer.files["etablissements"].table.to_csv(folder / f"{parcels}_etab.csv", index=False, sep=";")
    return SurveyRequest(
        folder / f"{parcels}_unites.gpkg", folder / f"{parcels}_etab.csv", on=date(2026, 1, 1)
    )


def test_on_the_example_the_four_classes_sum_to_the_rows(country: Path) -> None:
    row = attachment(country).summary.table.iloc[0]
    assert sum(row[name] for name in CLASSES) == row["row_count"]
    assert row[OUTSIDE] == row[NOWHERE] == 1
    assert row[IN_UNIT] > 0


def test_vacancy_is_the_same_when_the_parcel_file_is_shuffled(country: Path) -> None:
    as_written, shuffled = (survey(country, name) for name in ("parcelles", "melange"))
    pd.testing.assert_frame_equal(vacancy(as_written).table, vacancy(shuffled).table)
    assert inventory(as_written, InventoryRequest()).table["owner_type"].isna().any()
    assert "2 lignes sur aucune unité foncière" in " ".join(vacancy(as_written).notes)


def test_a_unit_leads_back_to_the_cadastre(country: Path) -> None:
    units = attachment(country).files["unites"].table
    parcels = set(layers.read(country / "parcelles.geojson")["id"])
    for unit, names in zip(units["unit_id"], units["parcels"], strict=True):
        assert set(names.split("|")) <= parcels
        assert unit.removeprefix("UF-").partition("@")[0] == min(names.split("|"))


def test_a_park_across_two_epci_is_split_by_hectares_and_counted_once(country: Path, tmp_path: Path) -> None:
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, site_id="A"), tmp_path / "zae.geojson")
    sides = [
        plain.rectangle(x_km=-1, y_km=0, width_km=1.75, height_km=1, epci_siren="1"),
        plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, epci_siren="2"),
    ]
    layers.write(pd.concat(sides, ignore_index=True), tmp_path / "epci.geojson")
    layers.write(plain.square(x_km=0, y_km=0, side_km=0.1, id="62498000AB0001"), tmp_path / "lots.geojson")
    request = AttachmentRequest(tmp_path / "zae.geojson", epci=tmp_path / "epci.geojson")
    table = zae_attachment.study(tmp_path / "lots.geojson", request).files["sites_epci"].table
    assert table["epci_siren"].tolist() == ["1", "2"]
    assert table["piece_ha"].tolist() == pytest.approx([75, 25], abs=0.01)
    assert table["counted"].tolist() == [True, False]


def test_rows_that_nothing_places_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text("siret;nom\n1;A\n", encoding="utf-8")
    with pytest.raises(errors.BadTable, match="rien ne dit où sont les lignes"):
        zae_files.located(tmp_path / "liste.csv")


def test_a_file_that_is_not_of_legal_persons_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pm.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(errors.BadTable, match="2 colonnes au lieu de 24"):
        zae_files.owners(tmp_path / "pm.csv")
