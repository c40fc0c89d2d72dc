"""A table written with French headings is read as the one written for programs."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo import layers, tables, vocabulary
from artois_geo.studies import input_headings, planner_files

COLUMNS = [f"{name}{side}" for name in vocabulary.terms() for side in ("", *vocabulary.SIDES)]


def read_back(frame: pd.DataFrame, folder: Path, labels: dict[str, str] | None = None) -> pd.DataFrame:
    file = folder / "table.csv"
    file.write_bytes(tables.to_csv(frame, labels))
    return planner_files.table(file)


@pytest.mark.parametrize("in_percent", [True, False])
def test_the_heading_of_a_column_names_that_column_alone(in_percent: bool) -> None:
    for column in COLUMNS:
        shares = in_percent and vocabulary.is_share(column)
        heading = vocabulary.heading(column, in_percent=in_percent)
        assert vocabulary.column_of(heading) == (column, shares)
        assert vocabulary.column_of(heading.upper()) == (column, shares)


@settings(max_examples=few(40))
@given(
    columns=st.lists(st.sampled_from(COLUMNS), min_size=2, max_size=12, unique=True),
    figures=st.lists(st.floats(-1, 1).map(lambda figure: round(figure, 6)), min_size=2, max_size=4),
)
def test_what_a_command_writes_in_french_comes_back(columns: list[str], figures: list[float]) -> None:
    frame = pd.DataFrame(dict.fromkeys(columns, figures))
    with TemporaryDirectory() as folder:
        back = read_back(frame, Path(folder))
    assert list(back.columns) == columns
    assert np.allclose(back.to_numpy(dtype=float), frame.to_numpy(), rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", ["site_eco", "terrain_eco", "friche", "parcelle", "projet"])
def test_the_fields_of_a_layer_come_back_from_their_labels(kind: str, tmp_path: Path) -> None:
    fields = [field for field in layers.read_kind(kind).fields if field.label]
    labels = {field.name: f"{field.label} ({field.unit})" if field.unit else field.label for field in fields}
    frame = pd.DataFrame({field.name: ["x"] for field in fields} | {"available_ha": [1.25]})
    assert list(read_back(frame, tmp_path, labels).columns) == list(frame.columns)


def test_a_french_workbook_is_read_as_a_french_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame({"unit_id": ["UF-1"], "vacancy_share": [0.125], "unit_ha": [2.5]})
    file = tmp_path / "table.xlsx"
    file.write_bytes(tables.to_xlsx({"Unités": frame}))
    assert planner_files.table(file).to_dict("list") == frame.to_dict("list")


def test_a_share_is_in_percent_only_where_its_heading_says_so() -> None:
    for heading, cell, share in (
        ("Part consommée (%)", "54,47", "0.5447"),
        ("Part consommée (%)", "54,47 %", "0.5447"),
        ("Part consommée (0 à 1)", "0,5447", "0,5447"),
    ):
        read = input_headings.in_columns(pd.DataFrame({heading: [cell]}))
        assert read.to_dict("list") == {"used_share": [share]}
    doubtful = pd.DataFrame({"Part consommée": ["54"]})
    assert list(input_headings.in_columns(doubtful)) == ["Part consommée"]


def test_the_columns_of_a_planner_keep_their_names() -> None:
    own = pd.DataFrame(columns=["annee", "Surface (m²)", "Ma colonne", "Année", "area_ha", "Surface (ha)"])
    read = input_headings.in_columns(own, as_written=["Année"])
    assert list(read) == list(own)
    assert list(
        input_headings.in_columns(pd.DataFrame(columns=["Taux de baisse (%)"]), wanted=["taux_baisse"])
    ) == ["taux_baisse"]


def test_a_heading_says_its_unit_unless_its_first_word_does() -> None:
    without = {
        name
        for name, term in vocabulary.terms().items()
        if term.unit and not vocabulary.heading(name).endswith(")")
    }
    assert without == {"jobs_low", "jobs_mid", "jobs_high"}
