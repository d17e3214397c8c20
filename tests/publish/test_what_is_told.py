"""What report, register, map and summary say of flows, of who has withdrawn, and in which words."""

from dataclasses import replace

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely.affinity
from shapely.geometry import LineString, Point

from geoplan.deadlines import DEADLINE_COLUMNS
from geoplan.plan import PlanLayers
from geoplan.publish.figures import project_figures, solver_figures
from geoplan.publish.flows import answers
from geoplan.publish.map.content import page_content
from geoplan.publish.map.figures import figures_of
from geoplan.publish.register import write_register
from geoplan.publish.report import report_html
from geoplan.telling import show, summary

from .sample import sample_plan

FLOWS = pd.DataFrame(
    {
        "from_id": ["A1", "N"],
        "to_id": ["N", "A1"],
        "commodity": ["goods", "for goods"],
        "t_year": [1000.0, 500.0],
        "from_year": pd.array([2026, None], dtype="Int64"),
        "to_year": pd.array([None, None], dtype="Int64"),
        "km": [2.0, 4.0],
    }
)
WORK = {"now": 4000.0, "blind": 5000.0, "alone": 3200.0, "least": 3000.0}


@pytest.fixture(scope="module")
def plan() -> PlanLayers:
    drawn = sample_plan()
    manifest = drawn.manifest | {
        "transport": WORK,
        "solver": [drawn.manifest["solver"] | {"aim": "investment"}],
    }
    return replace(drawn, flows=FLOWS, manifest=manifest)


def test_transport_work_is_told_against_each_other_placing(plan: PlanLayers) -> None:
    whole, ways, now, blind, alone, least = answers(plan)
    assert whole.startswith("1\u2009500 t a year make 4\u2009000 t km a year")
    assert "middles of strips" in ways
    assert "4\u2009000 t km a year." in now
    assert blind.endswith("5\u2009000 t km a year: this plan is lower by 20.0\u2009%.")
    assert alone.endswith("3\u2009200 t km a year: this plan is higher by 25.0\u2009%.")
    assert least.endswith("3\u2009000 t km a year.")
    assert answers(sample_plan()) == []


def test_the_register_has_flows_units_and_titles(plan: PlanLayers, tmp_path) -> None:
    write_register(plan, tmp_path / "register.xlsx")
    book = openpyxl.load_workbook(tmp_path / "register.xlsx")
    header, *rows = book["Flows"].iter_rows(values_only=True)
    assert header[-2:] == ("Way, km", "Transport work, t km a year")
    assert [row[-1] for row in rows[:2]] == [2000, 2000]
    assert "_" not in "".join(header)
    kinds = [row[1] for row in book["Capacities"].iter_rows(min_row=2, values_only=True)]
    assert "Power, MW" in kinds
    write_register(sample_plan(), tmp_path / "without.xlsx")
    assert "Flows" not in openpyxl.load_workbook(tmp_path / "without.xlsx").sheetnames


def test_objectives_are_told_in_words_with_their_units() -> None:
    solved = {"status": "optimal", "objective": 2.0, "bound": 2.0, "gap": 0.0}
    aims = ("investment", "transport", "area_fit", "beauty")
    told = solver_figures({"solver": [solved | {"aim": aim} for aim in aims]})
    assert [(figure.title, figure.unit) for figure in told[1::2]] == [
        ("Objective and its bound, investment", "bn KZT"),
        ("Objective and its bound, transport work", "t km/year"),
        ("Objective and its bound, area that fits", "ha"),
        ("Objective and its bound, beauty", ""),
    ]


def test_sectors_are_told_in_words(plan: PlanLayers) -> None:
    projects = plan.projects.assign(sector="building_materials")
    page = report_html(replace(plan, projects=projects))
    assert "<td>building materials</td>" in page
    assert "building_materials" not in page


def test_who_has_withdrawn_asks_for_nothing(plan: PlanLayers) -> None:
    unplaced = plan.allocation.loc[plan.allocation["status"] != "placed", "project_id"]
    assert len(unplaced) > 0
    gone = plan.projects["project_id"].isin(unplaced)
    projects = plan.projects.assign(status="application")
    projects.loc[gone, "status"] = "withdrawn"
    figures = {f.title: f for f in project_figures(replace(plan, projects=projects))}
    assert figures["Projects placed"].value == figures["Projects placed"].total
    assert figures["Investment placed"].value == figures["Investment placed"].total
    shown = {f["label"]: f for f in figures_of(replace(plan, projects=projects), "planner")}
    numbers = shown["Projects placed"]["numbers"]
    assert numbers["placed"] == numbers["all"]
    told = summary(replace(plan, projects=projects))
    assert told["projects"] == told["projects_placed"]
    assert told["investment_bn_kzt"] == told["investment_placed_bn_kzt"]
    assert (told["projects_unplaced"], told["projects_withdrawn"]) == ([], unplaced.tolist())
    assert "projects_withdrawn" not in summary(plan)


def test_a_value_for_each_year_is_told_without_braces(capsys: pytest.CaptureFixture[str]) -> None:
    show({"short_of_target_bn_usd": {2026: 17.6, 2027: 8.0}}, as_json=False)
    assert capsys.readouterr().out.strip() == "short of target bn usd  17.6 in 2026, 8.0 in 2027"


def test_a_siding_and_the_gate_at_its_end_share_a_name() -> None:
    plan = sample_plan()
    place = plan.zones.union_all().centroid
    line = LineString([place, Point(place.x + 900, place.y)])
    gates = gpd.GeoDataFrame(
        {"gate_id": ["R1", "R2", "R3", "R4"], "kind": ["rail", "rail", "rail", "road"]},
        geometry=[line, place, shapely.affinity.translate(line, 0, 300), line.boundary.geoms[1]],
        crs=plan.zones.crs,
    )
    layer = page_content(replace(plan, gates=gates))["layers"]["gates"]
    assert list(layer["labelled"]) == [1, 2, 3]


def test_a_term_that_reminds_says_so_in_words(plan: PlanLayers, tmp_path) -> None:
    row = {"project_id": "A1", "status": "review", "then": "warn", "state": "overdue"}
    terms = pd.DataFrame([row], columns=DEADLINE_COLUMNS)
    drawn = replace(plan, deadlines=terms)
    assert "<td>reminder</td>" in report_html(drawn)
    write_register(drawn, tmp_path / "register.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "register.xlsx")["Deadlines"]
    assert "reminder" in [cell.value for cell in sheet[2]]
