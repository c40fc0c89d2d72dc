"""A number is read in the unit that its cell, its heading or its workbook shows, or is a finding."""

import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from artois_geo.deliveries import delivery
from artois_geo.deliveries.delivery import Delivery
from artois_geo.kinds.schema import Field, Schema
from artois_geo.measure import quantities
from artois_geo.text import number

KIND = Schema(
    name="terrain",
    title="Terrains",
    geometry=("null", "Point"),
    key="terr_id",
    fields=(
        Field("terr_id", required=True),
        Field("surf", "number", unit="ha", label="Surface utile"),
        Field("longueur", "number", unit="m", label="Longueur"),
        Field("taux", "number", unit="%", label="Taux de vacance"),
        Field("prix_m2", "number", unit="€/m²", label="Prix"),
        Field("creation", "year", label="Année"),
        Field("viabilise", "boolean"),
    ),
)
FEW_ROWS = 4


def received(path: Path) -> Delivery:
    return delivery.receive(path, KIND)


def of_text(folder: Path, *lines: str) -> Delivery:
    path = folder / "terrains.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return received(path)


def of_cells(folder: Path, rows: list[list[Any]], formats: dict[str, str]) -> Delivery:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in formats.items():
        book.active[cell].number_format = number_format
    book.save(folder / "terrains.xlsx")
    return received(folder / "terrains.xlsx")


def fields_with_findings(result: Delivery) -> set[str]:
    return {row["field"] for row in result.rows() if row["level"] != "note"}


@pytest.mark.parametrize(
    ("heading", "hectares"),
    [
        ("Surface utile (ha)", 12500),
        ("Surface utile (m²)", 1.25),
        ("Surface utile [m2]", 1.25),
        ("Surface utile en m²", 1.25),
        ("SURF_M2", 1.25),
        ("surf (ares)", 125),
        ("Surface utile\n(km²) *", 1_250_000),
    ],
)
def test_the_unit_of_a_heading_is_that_of_its_numbers(tmp_path, heading, hectares):
    result = of_text(tmp_path, f'terr_id;"{heading}"', "A;12500")
    assert result.features["surf"].tolist() == [hectares]
    assert hectares == 12500 or "surf" in fields_with_findings(result)


def test_the_unit_of_a_cell_wins_over_that_of_its_heading(tmp_path):
    assert of_text(tmp_path, "terr_id;Surface utile (m²)", "A;3 ha", "B;20000").features["surf"].tolist() == [
        3,
        2,
    ]


def test_a_heading_in_another_unit_or_shares_instead_of_percents_are_reported(tmp_path):
    assert "prix_m2" in fields_with_findings(of_text(tmp_path, "terr_id;Prix (€)", "A;35"))
    assert "prix_m2" not in fields_with_findings(of_text(tmp_path, "terr_id;prix_m2", "A;35"))
    assert "taux" in fields_with_findings(of_text(tmp_path, "terr_id;taux", "A;0,12", "B;1"))
    assert "taux" not in fields_with_findings(of_text(tmp_path, "terr_id;taux", "A;12,5", "B;0,5"))


def test_a_workbook_reads_as_it_shows(tmp_path):
    rows = [["terr_id", "taux", "surf", "prix_m2"], ["A", 0.125, 12500, 35], ["B", 1, 3, 40]]
    formats = {"B2": "0.0%", "B3": "0%", "C2": '0.00" m²"', "D2": '0 "€"'}
    features = of_cells(tmp_path, rows, formats).features
    assert features["taux"].tolist() == [12.5, 100]
    assert features["surf"].tolist() == [1.25, 3]
    assert features["prix_m2"].tolist() == [35, 40]


def test_a_day_number_is_no_year_and_a_mark_is_a_yes(tmp_path):
    result = of_cells(
        tmp_path, [["terr_id", "creation", "viabilise"], ["A", 45731, "✓"], ["B", 1998, "x"]], {}
    )
    assert result.features["creation"].tolist()[1] == 1998
    assert result.features["creation"].isna().tolist() == [True, False]
    assert result.features["viabilise"].tolist() == [True, True]
    assert "creation" in fields_with_findings(result)


@pytest.mark.parametrize("cell", ["3 4", "10 20 ha", "2020 2021", "1 23", "3-4", "~3", "< 1 ha"])
def test_two_numbers_in_a_cell_are_not_one(tmp_path, cell):
    result = of_text(tmp_path, "terr_id;surf", f"A;{cell}")
    assert result.features["surf"].isna().all()
    assert "surf" in fields_with_findings(result)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_written_is_read_or_reported(tmp_path, seed):
    """Hectares drawn by chance, written in any unit, by the cell or by the heading, with any gap."""
    draw = random.Random(seed)
    unit = draw.choice(list(quantities.SQUARE_METRES))
    in_cells, gap = draw.random() < 0.5, draw.choice([" ", "\u00a0", "\u202f", ""])
    hectares = [draw.randrange(1, 10**8) / 10**4 for _ in range(FEW_ROWS)]
    number_texts = [
        number(area * 10_000 / quantities.SQUARE_METRES[unit], 6).replace("\u202f", gap) for area in hectares
    ]
    heading = "surf" if in_cells else draw.choice([f"Surface utile ({unit})", f"Surface utile en {unit}"])
    cells = [f"{text} {unit}" if in_cells else text for text in number_texts]
    result = of_text(tmp_path, f"terr_id;{heading}", *(f"{row};{cell}" for row, cell in enumerate(cells)))
    assert result.features["surf"].tolist() == pytest.approx(hectares, abs=1e-6)


def test_a_value_deduced_in_place_of_an_unknown_one_is_reported(tmp_path):
    from artois_geo.deliveries.completion import complete

    path = tmp_path / "zones.csv"
    square = "POLYGON((684000 7037000,684100 7037000,684100 7037100,684000 7037100,684000 7037000))"
    path.write_text(f"site_nom;site_surf_brute;wkt\nFictive;n.c.;{square}\n", encoding="utf-8")
    result = delivery.receive(path, "site_eco", crs="EPSG:2154", incomplete=True, complete=complete())
    assert result.features["site_surf_brute"].tolist() == pytest.approx([1.0])
    deduced = [row for row in result.rows() if row["rule"] == "valeur déduite"]
    assert [(row["field"], row["message"][:5]) for row in deduced] == [("site_surf_brute", "« 1 »")]
