"""A study of the ZAN accounts gives one figure, whichever command, sheet or notebook asks for it."""

from datetime import date
from pathlib import Path

import pandas as pd
import plain
import pytest
from cli_runner import run
from draws import few
from hypothesis import given, settings
from hypothesis import strategies as st

from artois_geo.errors import BadOptions, UnknownName
from artois_geo.studies.sites import site_zan
from artois_geo.studies.zan import consumption, flows, report, rules, simulation, soil, trajectory
from artois_geo.studies.zan.requests import (
    Demand,
    FlowsRequest,
    Photographs,
    PressureRequest,
    ReportRequest,
    SimulationRequest,
    SoilRequest,
    Treatment,
)

DAY = date(2026, 12, 8)
YEARS = range(2011, 2025)


def cerema(path: Path, hectares: dict[str, list[float]], *, fictional: bool = False) -> Path:
    """Write a file of the Cerema, in m²: each commune with its flow of each year, all in EPCI 200000001."""
    rows = {
        f"naf{year - 2000}art{year - 1999}": [round(10_000 * flow[year - 2011]) for flow in hectares.values()]
        for year in YEARS
    }
    table = pd.DataFrame({"idcom": list(hectares), "epci25": "200000001"} | rows)
    table.assign(**({"fictif": True} if fictional else {})).to_csv(path, index=False)
    return path


def budgets_on_sheets(path: Path) -> dict[str, site_zan.Budget]:
    records = site_zan.read_consumption(path)
    assert records is not None
    return site_zan.budgets_by_level(records, path, on=DAY)


@pytest.fixture
def conso(tmp_path: Path) -> Path:
    """Two communes: 2 ha and 1 ha a year, so a budget of 15 ha for their EPCI and 12 ha used in 4 years."""
    return cerema(tmp_path / "conso.csv", {"62001": [2.0] * 14, "62002": [1.0] * 14})


def test_half_of_the_reference_decade_is_the_budget(conso: Path) -> None:
    table = trajectory.study(FlowsRequest(conso, par="epci"), Demand(issued=DAY)).answer.table
    assert table[["reference_ha", "allowed_ha", "used_ha", "left_ha"]].values.tolist() == [[30, 15, 12, 3]]


def test_a_sheet_has_the_budget_that_the_command_shows(conso: Path) -> None:
    for level in ("commune", "epci"):
        table = trajectory.study(FlowsRequest(conso, par=level), Demand(issued=DAY)).answer.table
        on_sheet = budgets_on_sheets(conso)[level].table.reset_index(drop=True)
        columns = [name for name in on_sheet if name in table]
        assert {"allowed_ha", "left_ha", "projected_ha"} <= set(columns)
        pd.testing.assert_frame_equal(on_sheet[columns], table[columns])


def test_a_report_prints_the_remainder_of_the_trajectory(conso: Path) -> None:
    account, demand = FlowsRequest(conso, par="epci"), Demand(taux=0.46, issued=DAY)
    left_ha = trajectory.study(account, demand).answer.table["left_ha"].item()
    assert left_ha == pytest.approx(30 * 0.54 - 12)  # 4,2 ha
    page = report.document(account, demand, ReportRequest("200000001")).decode()
    assert "4,2" in page
    assert "16,2" in page


@settings(max_examples=few(15))
@given(st.lists(st.lists(st.integers(0, 500), min_size=14, max_size=14), min_size=1, max_size=3))
def test_the_budgets_of_communes_make_that_of_their_epci(tmp_path_factory, flows_ha) -> None:
    path = tmp_path_factory.mktemp("conso") / "conso.csv"
    cerema(path, {f"6200{number}": list(map(float, flow)) for number, flow in enumerate(flows_ha)})
    budgets = budgets_on_sheets(path)
    for column in ("allowed_ha", "used_ha", "left_ha"):
        communes = budgets["commune"].table[column].sum()
        assert communes == pytest.approx(budgets["epci"].table[column].item(), abs=1e-6)


def test_made_up_consumption_is_said_by_every_path(tmp_path: Path) -> None:
    path = cerema(tmp_path / "conso.csv", {"62001": [2.0] * 14}, fictional=True)
    assert flows.read(FlowsRequest(path)).notes[0] == "Données fictives : ce territoire n'existe pas."
    assert all(budget.fictitious for budget in budgets_on_sheets(path).values())


def test_a_table_that_is_not_the_cerema_file_gives_a_sheet_no_budget(tmp_path: Path) -> None:
    path = tmp_path / "conso.csv"
    path.write_text("epci;2011;2012\nA;1;2\n", encoding="utf-8")
    assert site_zan.read_consumption(path) is None


def test_the_catalogue_is_read_only_for_the_pole(conso: Path) -> None:
    def unreadable():
        raise AssertionError("lu")

    assert len(flows.read(FlowsRequest(conso), unreadable).territories) == 2
    with pytest.raises(AssertionError, match="lu"):
        flows.read(FlowsRequest(conso, par="pma"), unreadable)


def test_a_project_takes_from_what_remains(conso: Path, tmp_path: Path) -> None:
    projects = tmp_path / "projets.csv"
    projects.write_text(
        "projet_id;epci;projet_compte;consommation_ha;annee_debut\nP;200000001;local;2,5;2027\n",
        encoding="utf-8",
    )
    request = SimulationRequest(projets=projects)
    table = simulation.study(FlowsRequest(conso, par="epci"), Demand(issued=DAY), request).table
    assert table.set_index("scenario")["left_ha"].tolist() == [3.0, 0.5]
    for bad_request, error in (
        (SimulationRequest(projets=projects, scenarios=("P",)), BadOptions),
        (SimulationRequest(projets=projects, territories=("Lille",)), UnknownName),
        (SimulationRequest(), BadOptions),
    ):
        with pytest.raises(error):
            simulation.study(FlowsRequest(conso, par="epci"), Demand(issued=DAY), bad_request)


def test_a_drawing_is_of_one_territory(conso: Path) -> None:
    result = trajectory.study(FlowsRequest(conso), Demand(issued=DAY))
    with pytest.raises(BadOptions, match="un seul territoire sur 2"):
        trajectory.chart(result)
    assert trajectory.chart(result, "62001").startswith(b"<svg")
    assert trajectory.chart(result, "62001", form=".png").startswith(b"\x89PNG")


def test_the_guarantee_is_weighed_inside_a_group_of_communes(conso: Path) -> None:
    account = FlowsRequest(conso, par="epci")
    table = trajectory.study(account, Demand(issued=DAY), PressureRequest("epci")).answer.table
    assert table["epci"].tolist() == ["200000001"]
    with pytest.raises(BadOptions, match="chaque commune a sa garantie"):
        trajectory.study(account, Demand(issued=DAY), PressureRequest("commune"))


def test_the_command_line_shows_its_usage_where_options_contradict(conso: Path, tmp_path: Path) -> None:
    floor = tmp_path / "garantie.csv"
    floor.write_text("code;document_date;justificatif\n62001;2020-01-01;PLU\n", encoding="utf-8")
    result = run("zan", "trajectoire", conso, "--par", "epci", "--garantie", floor)
    assert result.exit_code == 2
    assert "Usage" in result.stderr
    assert "--garantie se calcule avec --par commune" in result.stderr


def test_the_period_of_consumption_is_the_reference_unless_given(conso: Path) -> None:
    account = FlowsRequest(conso, par="epci")
    assert consumption.study(account).table["consumed_ha"].tolist() == [30.0]
    assert consumption.study(account, years=(2021, 2022)).table["consumed_ha"].tolist() == [6.0]
    assert len(consumption.study(account, by_year=True).table) == 10


def test_the_values_of_a_rule_set_are_those_of_the_law() -> None:
    answer = rules.study("loi-2021-1104")
    assert answer.table.set_index("name").loc["reduction_2021_2030", "value"] == 0.5
    assert "communal_floor_ha" not in set(answer.table["name"])  # the law of 2023 brought it
    assert answer.brief is not None
    assert "50 %" in set(answer.brief["value"])


def test_the_official_difference_alone_has_no_yearly_rate_and_says_so(tmp_path: Path) -> None:
    diff = plain.square(x_km=0, y_km=0, side_km=1, cs_avant="CS2.1.1.1", us_avant="US5", insee="62001")
    layer = tmp_path / "diff.gpkg"
    diff.assign(cs_apres="CS1.1.1.1", us_apres="US5").to_file(layer)
    answer = soil.flux_study(Photographs(), SoilRequest(layer, "insee"), Treatment(), diff=layer)
    assert answer.table["net_artificialised_ha"].tolist() == [100.0]
    assert any(note.startswith("Rythme annuel non calculé") for note in answer.notes)
    assert not any(note.startswith("Contrôle") for note in answer.notes)  # no stock to set it against


def test_two_photographs_without_change_agree_with_their_stocks(tmp_path: Path) -> None:
    cover = plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2", insee="62001")
    paths = [tmp_path / "avant.gpkg", tmp_path / "apres.gpkg"]
    for path in paths:
        cover.to_file(path)
    days = {"date_avant": date(2018, 7, 1), "date_apres": date(2021, 7, 1)}
    request = SoilRequest(paths[0], "insee")
    answer = soil.flux_study(Photographs(*paths, **days), request, Treatment())
    assert answer.table["net_artificialised_ha_per_year"].tolist() == [0.0]
    assert any("à la tolérance près" in note for note in answer.notes)
    backwards = Photographs(*paths, days["date_apres"], days["date_avant"])
    with pytest.raises(BadOptions, match="doit suivre"):
        soil.flux_study(backwards, request, Treatment())
