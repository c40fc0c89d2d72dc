"""Charts as SVG."""

from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import charts
from artois_geo.errors import BadTable, BadValue

SVG = "{http://www.w3.org/2000/svg}"


def bars(values: list[float | None], **columns: object) -> ElementTree.Element:
    table = pd.DataFrame({"name": [f"n{number}" for number in range(len(values))], "value": values})
    return ElementTree.fromstring(
        charts.bars(table, label="name", value="value", title="Essai", unit="t", **columns)
    )


def widths(svg: ElementTree.Element) -> list[float]:
    return [float(rect.get("width", 0)) for rect in svg.iter(f"{SVG}rect")][1:]


def test_bars_are_as_long_as_their_figures() -> None:
    one, two = widths(bars([10.0, 20.0]))
    assert two == pytest.approx(2 * one, abs=0.2)


def test_a_negative_figure_goes_to_the_left_of_zero() -> None:
    svg = bars([-10.0, 10.0])
    zero = float(next(svg.iter(f"{SVG}line")).get("x1", 0))
    left, right = [float(rect.get("x", 0)) for rect in svg.iter(f"{SVG}rect")][1:]
    assert left < zero == pytest.approx(right)


def test_an_unknown_figure_is_written_not_drawn() -> None:
    svg = bars([None, 10.0])
    assert len(widths(svg)) == 1
    assert "inconnu" in [text.text for text in svg.iter(f"{SVG}text")]


@given(st.text(max_size=30))
def test_any_name_is_text_and_never_markup(name: str) -> None:
    table = pd.DataFrame({"name": [name], "value": [1.0]})
    svg = ElementTree.fromstring(charts.bars(table, label="name", value="value", title=name, unit="t"))
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "line",
    }


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(BadTable):
        bars([])
    with pytest.raises(BadValue):
        bars([1.0], low="value")


def test_figures_are_written_as_the_french_write_them() -> None:
    assert "48\u202f600" in [text.text for text in bars([48_600.0]).iter(f"{SVG}text")]


TRAJECTORY = pd.Series(
    {"epci": "A", "allowed_ha": 5.0, "used_ha": 3.0, "projected_ha": 15.0, "observed_years": 2}
)


def flows_of(epci: str, area: float) -> pd.DataFrame:
    return pd.DataFrame({"epci": epci, "year": [2021, 2022], "consumed_ha": area})


def test_a_trajectory_is_the_curve_of_one_territory() -> None:
    several = pd.concat([flows_of("A", 1.5), flows_of("B", 4.0)])
    drawn = {"name": "A", "budget_years": (2021, 2030)}
    with pytest.raises(BadTable, match=r"flux d'un autre territoire \(epci : B\)"):
        charts.trajectory_chart(TRAJECTORY, several, **drawn)
    # the refusal holds where nothing names the territories
    with pytest.raises(BadTable, match="Plusieurs flux pour 2021"):
        charts.trajectory_chart(TRAJECTORY, several.drop(columns="epci"), **drawn)
    with pytest.raises(BadTable, match="autre territoire"):
        charts.trajectory_chart(TRAJECTORY, flows_of("B", 4.0), **drawn)
    svg = ElementTree.fromstring(charts.trajectory_chart(TRAJECTORY, flows_of("A", 1.5), **drawn))
    line = svg.find(f"{SVG}polyline")
    assert line is not None
    assert len(line.get("points", "").split()) == 3  # 1 January 2021, 2022 and 2023
