"""Charts as SVG."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import charts, land
from artois_geo.errors import BadTable, BadValue, UnknownName

WHERE = ("x", "width", "x1", "x2")

SVG = "{http://www.w3.org/2000/svg}"


def bars(values: list[float | None], **columns: object) -> ElementTree.Element:
    table = pd.DataFrame({"name": [f"n{number}" for number in range(len(values))], "value": values})
    return ElementTree.fromstring(
        charts.bars(table, label="name", value="value", title="Essai", unit="t", **columns)
    )


def widths(svg: ElementTree.Element) -> list[float]:
    return [float(rect.get("width", 0)) for rect in svg.iter(f"{SVG}rect")][1:]


def test_bars_are_as_long_as_their_figures() -> None:
    narrow, two = widths(bars([10.0, 20.0]))
    assert two == pytest.approx(2 * narrow, abs=0.2)


def test_a_negative_figure_goes_to_the_left_of_zero() -> None:
    svg = bars([-10.0, 10.0])
    zero = float(next(svg.iter(f"{SVG}line")).get("x1", 0))
    negative_x, right = [float(rect.get("x", 0)) for rect in svg.iter(f"{SVG}rect")][1:]
    assert negative_x < zero == pytest.approx(right)


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
    options = {"name": "A", "budget_years": (2021, 2030)}
    with pytest.raises(BadTable, match=r"flux d'un autre territoire \(epci : B\)"):
        charts.trajectory_chart(TRAJECTORY, several, **options)
    # the refusal holds where nothing names the territories
    with pytest.raises(BadTable, match="Plusieurs flux pour 2021"):
        charts.trajectory_chart(TRAJECTORY, several.drop(columns="epci"), **options)
    with pytest.raises(BadTable, match="autre territoire"):
        charts.trajectory_chart(TRAJECTORY, flows_of("B", 4.0), **options)
    svg = ElementTree.fromstring(charts.trajectory_chart(TRAJECTORY, flows_of("A", 1.5), **options))
    line = svg.find(f"{SVG}polyline")
    assert line is not None
    assert len(line.get("points", "").split()) == 3  # 1 January 2021, 2022 and 2023


def test_one_territory_is_drawn_of_a_whole_trajectory() -> None:
    trajectory = pd.DataFrame([TRAJECTORY, pd.Series({**TRAJECTORY, "epci": "B", "used_ha": 8.0})])
    trajectory["epci_sigle"] = ["CALL", "CAHC"]
    several = pd.concat([flows_of("A", 1.5), flows_of("B", 4.0)])
    alone = charts.trajectory_chart(TRAJECTORY, flows_of("A", 1.5), name="A", budget_years=(2021, 2030))
    assert charts.trajectory_chart(trajectory, several, of="A", budget_years=(2021, 2030)) == alone
    assert charts.trajectory_chart(trajectory, several, of="CALL", budget_years=(2021, 2030)) == alone
    with pytest.raises(BadValue, match="of=…"):
        charts.trajectory_chart(trajectory, several, budget_years=(2021, 2030))
    with pytest.raises(UnknownName, match=r"territoire inconnu : « CAL »\. Noms proches : CALL"):
        charts.trajectory_chart(trajectory, several, of="CAL", budget_years=(2021, 2030))
    twice = pd.concat([several, flows_of("A", 1.5)])
    with pytest.raises(BadTable, match="Plusieurs flux pour 2021"):
        charts.trajectory_chart(trajectory, twice, of="A", budget_years=(2021, 2030))


def test_a_chart_shows_and_saves_itself(tmp_path: Path) -> None:
    drawing = charts.profile({"emploi": 50})
    assert isinstance(drawing, str)
    svg_root = ElementTree.fromstring(drawing._repr_svg_())
    assert svg_root.attrib.pop("style") == "background:#fff;max-width:100%"
    assert svg_root.attrib.pop("width") == svg_root.attrib["viewBox"].split()[2] == "720"
    assert svg_root.attrib == ElementTree.fromstring(drawing).attrib
    drawing.save(tmp_path / "profil.svg")
    drawing.save(str(tmp_path / "profil.PNG"))
    assert (tmp_path / "profil.svg").read_text(encoding="utf-8") == drawing
    assert (tmp_path / "profil.PNG").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(BadValue, match=r"Finir le nom par \.svg ou \.png"):
        drawing.save(tmp_path / "profil.pdf")


def test_every_chart_shows_itself() -> None:
    zone = plain.square(x_km=0, y_km=0, side_km=1)
    flows = flows_of("A", 1.0).assign(provisional=False)
    decades = {"reference_years": (2011, 2020), "budget_years": (2021, 2030)}
    drawings = [
        charts.bars(pd.DataFrame({"n": ["a"], "v": [1]}), charts.BarColumns("n", "v"), title="", unit="t"),
        charts.classed_map(zone, pd.Series([0.4]), title="Part", unit="%"),
        charts.flows_chart(flows, allowed_ha=5.0, **decades),
        charts.interval(460, 70, 460),
        charts.profile({"emploi": 50}),
        charts.trajectory_chart(TRAJECTORY, flows, budget_years=(2021, 2030)),
        charts.waterfall(20, []),
    ]
    assert {type(drawing) for drawing in drawings} == {charts.Drawing}


def test_the_waterfall_is_that_of_the_site_that_is_named() -> None:
    sites = pd.concat(
        [plain.square(x_km=x, y_km=0, side_km=1, site_nom=name) for x, name in ((0, "Ouest"), (5, "Est"))]
    ).set_index(pd.Index(["a", "b"]))
    flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, nom="crue")
    available = land.available(sites, flood)
    losses = land.losses(sites, flood, by="nom", left=available)
    by_hand = charts.waterfall(100, [("crue", 25)], title="Ouest")
    assert charts.waterfall(available, losses, site="a") == by_hand
    assert charts.waterfall(100, losses.loc["a", "marginal_ha"], title="Ouest") == by_hand
    with pytest.raises(BadValue, match="2 sites"):
        charts.waterfall(available, losses)
    with pytest.raises(UnknownName, match="site inconnu : « c »"):
        charts.waterfall(available, losses, site="c")


def test_a_waterfall_that_does_not_lead_to_what_is_left_is_refused() -> None:
    site = plain.square(x_km=0, y_km=0, side_km=1)
    flood = plain.rectangle(x_km=0.75, y_km=0, width_km=1, height_km=1, nom="crue")
    available = land.available(
        site, flood, coverage=plain.rectangle(x_km=0.5, y_km=0, width_km=1, height_km=1)
    )
    assert available["unknown_ha"].tolist() == [50.0]
    with pytest.raises(BadTable, match="left=left"):
        charts.waterfall(available, land.losses(site, flood, by="nom"), site=0)
    chart = charts.waterfall(available, land.losses(site, flood, by="nom", left=available), site=0)
    assert chart == charts.waterfall(100, [("crue", 25)], unknown_ha=50, title="0")


def test_a_long_label_is_whole_or_ends_with_dots() -> None:
    names = ["Parc des industries Artois-Flandres, Douvrin", "W" * 200, "北" * 100]
    table = pd.DataFrame({"name": names, "value": [1.0, 2.0, 3.0]})
    chart = charts.bars(table, charts.BarColumns("name", "value"), title="Essai", unit="t")
    labels = [
        text for text in ElementTree.fromstring(chart).iter(f"{SVG}text") if text.get("text-anchor") == "end"
    ]
    assert labels[0].text == names[0]
    for label, name in zip(labels[1:], names[1:], strict=True):
        assert (label.text or "").endswith("…")
        assert label.find(f"{SVG}title").text == name  # type: ignore[union-attr]


def test_a_bar_shows_the_interval_of_what_is_not_exact() -> None:
    table = pd.DataFrame({"nom": ["A"], "ha": [10.0], "bas": [5.0], "haut": [20.0]})
    columns = charts.BarColumns("nom", "ha", low="bas", high="haut")
    root = ElementTree.fromstring(charts.bars(table, columns, title="T", unit="ha"))
    parts = [{name: float(text) for name, text in part.items() if name in WHERE} for part in root]
    (bar,) = [part for part in parts if "x" in part and "width" in part]
    (whisker,) = [part for part in parts if "x1" in part and part["x1"] < part["x2"]]
    assert whisker["x2"] - whisker["x1"] == pytest.approx(1.5 * bar["width"])  # 5 to 20 ha, of 10


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: charts.waterfall(0.0, [("A", 1.0)], title="T"), "n'a pas de surface"),
        (lambda: charts.interval(0, 0, 0, title="T"), "n'a pas de surface"),
        (lambda: charts.waterfall(1.0, pd.DataFrame({"a": [1]}), title="T"), "liste de couples"),
        (lambda: charts.waterfall(pd.DataFrame({"gross_ha": [1.0]}), [("A", 1.0)]), r"land\.losses"),
    ],
)
def test_a_waterfall_of_nothing_or_of_another_table_is_refused(call: Any, says: str) -> None:
    with pytest.raises(BadTable, match=says):
        call()
