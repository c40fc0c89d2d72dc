"""The local report: what it must say, what it must not run."""

import io
import re
import sys
from dataclasses import replace
from datetime import date

import pandas as pd
import plain
import pytest

from artois_geo import charts, sheets, theme
from artois_geo.constants import rules
from artois_geo.errors import ArtoisGeoError

HOSTILE = "</title><script>alert(1)</script>{{ 7*7 }}\"'&<b>\x00\u202e"
FLOWS = pd.DataFrame({"year": range(2011, 2025), "consumed_ha": 2.0, "provisional": [False] * 13 + [True]})
ROW = pd.Series(
    {
        "reference_ha": 20.0,
        "allowed_ha": 10.0,
        "used_ha": 8.0,
        "left_ha": 2.0,
        "projected_ha": 20.0,
        "observed_years": 4,
        "status": "dépassement projeté",
    }
)


def report(**options):
    options = {
        "name": "Lens",
        "flows": FLOWS,
        "trajectory": ROW,
        "area_ha": 1000.0,
        "rules": rules.read(),
        **options,
    }
    return sheets.local_report(**options)


def test_each_indicator_is_there_with_what_it_lacks():
    made_report = report(area_ha=None)
    assert [part.heading[:2] for part in made_report.parts[:4]] == ["1°", "2°", "3°", "4°"]
    missing_text = " ".join(made_report.missing)
    for word in ("pourcentage", "2024 est provisoire", "2° et 3° absents", "causes"):
        assert word in missing_text


def test_the_percentage_of_the_territory_is_given_when_its_area_is_known():
    # 14 flows of 2 ha over 1 000 ha
    assert "28,00 ha" in report().parts[0].told[0] or "28 ha" in report().parts[0].told[0]
    assert "soit 2,80 % du territoire" in report().parts[0].told[0]


def test_the_mean_and_the_total_of_the_report_are_those_of_the_ten_years_of_reference():
    # 5 ha a year before the reference, which is of 2 ha a year; then 1 ha a year
    flows = pd.DataFrame(
        {
            "year": range(2009, 2023),
            "consumed_ha": [5.0] * 2 + [2.0] * 10 + [1.0] * 2,
            "provisional": [False] * 13 + [True],
        }
    )
    part = report(flows=flows).parts[0]
    assert part.told[0].startswith("De 2009 à 2022 : 32,00 ha")
    assert part.told[1].startswith("Période de référence 2011-2020 : 20,00 ha consommés, soit 2,00 %")
    assert "(2,00 ha par an)" in part.told[1]
    assert part.told[2].startswith("Depuis le 1er janvier 2021 (2021-2022) : 2,00 ha")
    assert "moyenne 2011-2020 : 2,00 ha par an" in part.pictures[0]
    assert "2009-2020" not in part.pictures[0]
    totals = part.table.tail(2)
    assert totals["year"].tolist() == ["Total 2011-2020", "Total 2021-2022"]
    assert totals["consumed_ha"].tolist() == [20.0, 2.0]


def test_hectares_of_the_report_have_two_decimals_and_little_is_not_nothing():
    flows = FLOWS.assign(consumed_ha=[1.23456, 0.0001, 0.0] + [2.0] * 11)
    page = sheets.local_report_html(report(flows=flows))
    cells = re.findall(r'<td class="n">([^<]*)</td>', page)
    assert [cells[index] for index in (0, 2, 4, 6)] == ["1,23", "&lt; 0,01", "0,00", "2,00"]


def test_what_remains_in_the_report_says_its_day_and_the_years_gone_by():
    row = pd.concat(
        [
            ROW,
            pd.Series(
                {
                    "remaining_on": date(2023, 1, 1),
                    "last_observed_year": 2022,
                    "unobserved_years": 4,
                    "counted_on": date(2026, 11, 30),
                    "exhausted_on": "après 2030",
                }
            ),
        ]
    )
    part = report(trajectory=row).parts[3]
    rows = dict(part.table.to_numpy().tolist())
    assert rows["Consommé au 01/01/2023 (ha)"] == "8,00"
    assert rows["Reste au 01/01/2023 (ha)"] == "2,00"
    assert rows["Années écoulées non observées"] == "4"
    assert rows["Épuisement de l'enveloppe"] == "après 2030"
    assert any(
        line.startswith(
            "Reste au 1er janvier 2023 : 4 années écoulées non observées (2023 à 2026) au 30 novembre 2026"
        )
        for line in part.told
    )


def test_ground_without_land_cover_is_told_for_each_date():
    stock = pd.DataFrame(
        {
            "comm_insee": ["62001", "62002"],
            "undescribed_ha": [6.0, 4.0],
            "artificial_ha": 1.0,
            "artificial_share": 0.1,
            "sealed_ha": 1.0,
            "sealed_share": 0.1,
        }
    )
    none = ("artificialised_ha", "renatured_ha", "newly_sealed_ha", "unsealed_ha", "net_sealed_ha")
    flux = pd.DataFrame({"comm_insee": ["62001", "62002"], "net_artificialised_ha": 0.0}).assign(
        **dict.fromkeys(none, 0.0)
    )
    stocks = pd.concat([stock, stock], keys=["avant", "après"], names=["date", None])
    missing_lines = [
        line for line in report(stocks=stocks, flux=flux).missing if "sans occupation du sol" in line
    ]
    assert [re.match(r"[\d,]+", line)[0] for line in missing_lines] == ["10,00", "10,00"]
    assert ["avant" in line for line in missing_lines] == [True, False]


def test_outside_text_never_becomes_markup():
    page = sheets.local_report_html(report(name=HOSTILE, sources=[HOSTILE], notes=[HOSTILE]))
    assert "<script" not in page
    assert "<b>" not in page
    assert "49" not in page.split("{{ 7*7 }}")[0][-20:]
    assert "Content-Security-Policy" in page


def test_the_same_report_gives_the_same_bytes():
    assert sheets.local_report_html(report()) == sheets.local_report_html(report())


def test_a_hostile_name_survives_the_word_document():
    pytest.importorskip("docx")
    assert sheets.local_report_docx(report(name=HOSTILE, sources=[HOSTILE]))[:2] == b"PK"


def test_the_word_document_holds_every_picture_of_the_page():
    docx = pytest.importorskip("docx")
    pytest.importorskip("resvg_py")
    made_report = report(name=HOSTILE)
    pictures = docx.Document(io.BytesIO(sheets.local_report_docx(made_report))).inline_shapes
    assert len(pictures) == sum(len(part.pictures) for part in made_report.parts) == 2


def test_a_picture_keeps_the_words_of_its_chart():
    pytest.importorskip("resvg_py")
    chart = charts.trajectory_chart(ROW, FLOWS, name="Lens", budget_years=(2021, 2030))
    bare = re.sub(r"<text.*?</text>", "", chart)
    assert len(sheets.png(chart)) > 1.5 * len(sheets.png(bare))


def test_without_the_picture_library_the_word_document_says_where_the_charts_are(monkeypatch):
    docx = pytest.importorskip("docx")
    monkeypatch.setattr("artois_geo.sheets.report_pages.find_spec", lambda name: None)
    document = docx.Document(io.BytesIO(sheets.local_report_docx(report())))
    assert len(document.inline_shapes) == 0
    assert any("artois-geo[image]" in paragraph.text for paragraph in document.paragraphs)


def test_the_map_draws_every_zone_once():
    zones = pd.concat([plain.square(x_km=x, y_km=0, side_km=1) for x in (0, 1)], ignore_index=True)
    chart = charts.classed_map(zones, pd.Series([1.0, None]), title="Carte", unit="%")
    assert chart.count("<path") == 3  # two zones and the scale bar
    assert 'fill="#ffffff"' in chart  # the zone without value is left white


def test_who_publishes_opens_and_closes_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    docx = pytest.importorskip("docx")
    house = theme.read()
    look = replace(house, owner={**house.owner, "name": "Agence fictive", "legal": "Fictif, sans valeur."})
    paragraphs = docx.Document(io.BytesIO(sheets.local_report_docx(report(), look))).paragraphs
    assert (paragraphs[0].text, paragraphs[-1].text) == ("Agence fictive", "Fictif, sans valeur.")
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(ArtoisGeoError, match=r"pip install 'artois-geo\[rapport\]'"):
        sheets.local_report_docx(report())
