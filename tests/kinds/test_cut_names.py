"""A shapefile cuts the names of a kind to ten letters: they come back where they are certain."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import plain
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from artois_geo import formats, layers
from artois_geo.formats.exports import vector_files
from artois_geo.formats.exports.records import Description
from artois_geo.kinds.names.current_names import with_current_names
from artois_geo.kinds.names.cut_names import long_names
from artois_geo.kinds.schema import Field, Schema

KINDS = [layers.read_kind(kind) for kind in layers.kinds() if layers.read_kind(kind).fields]
# each example starts a process of GDAL
FEW = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


def cell(field: Field) -> Any:
    """A value that the field takes, as far as its list and its type tell."""
    if field.enum:
        return field.enum[0]
    example = {"integer": 3, "number": 2.5, "boolean": True, "date": "2024-01-31", "year": 2024}
    return example.get(field.type, field.example if isinstance(field.example, str) else "12345")


@st.composite
def layers_of_a_kind(draw: st.DrawFn) -> tuple[Schema, gpd.GeoDataFrame]:
    """A layer of a kind: its key, and some of its other fields in any order."""
    schema = draw(st.sampled_from(KINDS))
    optional_fields = [field for field in schema.fields if field.name != schema.key]
    drawn_fields = draw(
        st.lists(st.sampled_from(optional_fields), unique_by=lambda field: field.name, min_size=1)
    )
    needed = [
        field for field in schema.fields if field.name == schema.key or (not schema.key and field.required)
    ]
    fields = list({field.name: field for field in [*needed, *drawn_fields]}.values())
    return schema, plain.square(x_km=0, y_km=0, side_km=1, **{field.name: cell(field) for field in fields})


def laundered(names: Sequence[str]) -> list[str]:
    """The names that GDAL writes in a .dbf: ten letters, then eight and a number."""
    short: list[str] = []
    for name in names:
        candidate, number = name[:10], 0
        while candidate.lower() in {short_name.lower() for short_name in short}:
            number += 1
            candidate = f"{name[:8]}_{number}" if number < 10 else f"{name[:8]}{number}"
        short.append(candidate)
    return short


def names_are_whole_or_doubtful(
    names: Sequence[str], read: Sequence[str], findings: Sequence[str], cut: Sequence[str]
) -> None:
    """Each column has its own name again, or is named as doubtful with the field it comes from."""
    for name, column, short in zip(names, read, cut, strict=True):
        if column != name:
            assert column == short
            assert any(f"« {short} »" in message and name in message for message in findings), (name, short)


@given(layers_of_a_kind())
def test_names_cut_by_gdal_come_back_or_are_doubtful(layer_of_kind: tuple[Schema, gpd.GeoDataFrame]) -> None:
    schema, frame = layer_of_kind
    names = [str(name) for name in frame.columns.drop("geometry")]
    cut = laundered(names)
    short = frame.set_axis([*cut, "geometry"], axis="columns")
    read, findings = with_current_names(short, schema.name)
    names_are_whole_or_doubtful(
        names, list(read.columns[:-1]), [finding.message for finding in findings], cut
    )


@given(layers_of_a_kind())
def test_the_kind_that_nobody_says_never_gives_a_wrong_name(
    layer_of_kind: tuple[Schema, gpd.GeoDataFrame],
) -> None:
    _, frame = layer_of_kind
    names = [str(name) for name in frame.columns.drop("geometry")]
    cut = laundered(names)
    fields = long_names({short: [frame[name].iloc[0]] for short, name in zip(cut, names, strict=True)}).fields
    assert all(fields.get(short, name) == name for short, name in zip(cut, names, strict=True))


@FEW
@given(layers_of_a_kind())
def test_a_shapefile_that_we_export_is_read_with_whole_names(
    tmp_path_factory: pytest.TempPathFactory, layer_of_kind: tuple[Schema, gpd.GeoDataFrame]
) -> None:
    schema, frame = layer_of_kind
    short = {field.name: field.short_name for field in schema.fields if field.short_name}
    path = tmp_path_factory.mktemp("zip") / "zones.zip"
    path.write_bytes(vector_files.content(frame, "shp", Description("zones", short_names=short)).content)
    assert list(layers.read(path).columns) == list(frame.columns)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent)
    assert list(layers.read(path.parent / "zones.shp").columns) == list(frame.columns)  # the table beside it


def test_a_shapefile_alone_gets_the_names_of_the_kind_it_is_of(tmp_path: Path) -> None:
    zones = plain.square(
        x_km=0, y_km=0, side_km=1, site_id="a", site_nom="Les Oiseaux", site_vocadomi="mixte",
        site_comm_nom="Lens", site_comm_insee="62498", site_epci_siren="246200364", site_epci_nom="CALL",
    )  # fmt: skip
    with pytest.warns(UserWarning, match="10 characters"):
        zones.to_file(tmp_path / "zones.shp")
    read = layers.read(tmp_path / "zones.shp")
    assert list(read.columns) == list(zones.columns)
    assert read["site_comm_insee"].tolist() == ["62498"]


def test_two_fields_that_the_values_do_not_tell_apart_are_not_guessed(tmp_path: Path) -> None:
    zones = plain.square(
        x_km=0,
        y_km=0,
        side_km=1,
        site_id="a",
        site_vocadomi="mixte",
        site_surf_utile=3.0,
        site_surf_brute=4.0,
    )
    with pytest.warns(UserWarning, match="10 characters"):
        zones.to_file(tmp_path / "zones.shp")
    read, findings = layers.read_checked(tmp_path / "zones.shp")
    assert list(read.columns) == ["site_id", "site_vocadomi", "site_surf_", "site_sur_1", "geometry"]
    alerts = findings[findings["level"] == "alerte"]
    assert alerts["field"].tolist() == ["site_surf_", "site_sur_1"]
    assert "SISURFBRUT ou SISURFUTIL" in alerts["message"].iloc[0].replace(",", " ou")


@pytest.mark.parametrize(
    "columns",
    [
        {"site_id": ["a"], "population": [3]},  # no field of a kind of that key
        {"code": ["a"], "contrainte": ["bruit"], "site_surf_": [3]},  # the key of no kind
        {
            "site_id": ["a"],
            "site_vocad": ["mixte"],
            **{f"champ_{n}": [n] for n in range(4)},
        },  # mostly other columns
        {
            "site_id": ["a"],
            "site_vocadomi": ["mixte"],
            "site_quali": ["x"],
        },  # nothing was cut: one name is longer
    ],
)
def test_a_file_of_no_kind_keeps_its_names(columns: dict[str, list[Any]]) -> None:
    assert not long_names(columns).fields


def test_a_table_of_names_that_would_make_twins_is_not_followed(tmp_path: Path) -> None:
    zones = plain.square(x_km=0, y_km=0, side_km=1, nom="a", lots=3)
    zones.to_file(tmp_path / "zones.shp")
    rows = "nom_court;nom;intitule\nnom;lots;\n"
    (tmp_path / "zones_noms.csv").write_text(rows, encoding="utf-8-sig")
    assert list(formats.read_any(tmp_path / "zones.shp")[0].columns) == ["nom", "lots", "geometry"]


def test_a_layer_of_version_0_1_0_given_by_its_path_is_read_as_one_of_today(tmp_path: Path) -> None:
    old = plain.square(x_km=0, y_km=0, side_km=1, foncier_id="a", dispo_statut="offert", surface_dispo_ha=4.2)
    layers.write(old, tmp_path / "foncier.geojson")
    frame, findings = layers.read_checked(tmp_path / "foncier.geojson")
    assert list(frame.columns) == ["terr_id", "dispo_statut", "terr_surf_brute", "geometry"]
    assert findings["message"].tolist() == [
        "couche de la version 0.1.0 (type foncier), lue comme terrain_eco"
    ]


def test_a_table_without_shapes_has_its_names_too() -> None:
    frame, _ = with_current_names(pd.DataFrame({"TERRID": ["a"], "TESTADCOMM": ["en vente"], "n": [1]}))
    assert list(frame.columns) == ["terr_id", "terr_stade_comm", "n"]
