"""Flows from the table to the report, the package and the map of a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest

import geoplan
from geoplan.config import load_scenario
from geoplan.errors import GeoplanError
from geoplan.haulage import HAUL_COLUMNS
from geoplan.pipeline import Plan, tradeoff
from geoplan.publish import report_html
from geoplan.publish.flows import flow_report
from geoplan.publish.map.audience import plan_for
from geoplan.publish.map.content import page_content
from geoplan.site import read_site
from geoplan.stages import allotted_on, laid_out_on, transport_told, units_of
from tests.small_park import write_layer, write_park

ROWS = """\
from_id,to_id,commodity,t_year,from_year,to_year
A-1,A-5,bread,4000,2027,
A-3,A-4,castings,9000,,
A-3,A-4,joinery,700,,2030
G,A-1,iron,9500,,
A-2,G,nothing yet,700,,
A-5,G,chilled goods,3500,,
A-6,G,nothing yet,5000,,
"""


def scenario_in(folder: Path, *, objective: str) -> Path:
    scenario = write_park(folder)
    (folder / "flows.csv").write_text(ROWS, encoding="utf-8")
    text = scenario.read_text("utf-8")
    text = text.replace(
        'projects = "projects.csv"', 'projects = "projects.csv"\nflows = "flows.csv"'
    )
    scenario.write_text(f"{text}\n[allocate]\nobjective = {objective}\n", encoding="utf-8")
    return scenario


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("flows")
    return geoplan.run(scenario_in(folder, objective='["investment", "transport", "area_fit"]'))


def test_flows_between_those_placed_have_their_ways(plan: Plan) -> None:
    assert tuple(plan.flows.columns) == HAUL_COLUMNS
    assert plan.flows["commodity"].tolist() == [
        "bread", "castings", "joinery", "iron", "chilled goods",
    ]  # fmt: skip
    assert (plan.flows["km"] > 0).all()
    to_gate = plan.plots.set_index("project_id")["gate_distance_m"]["A-1"] / 1000
    iron = plan.flows.set_index("commodity")["km"]["iron"]
    assert iron == pytest.approx(to_gate, abs=0.25)  # that way ends at the plot's nearest point


def test_work_is_no_more_than_without_regard_to_flows_and_no_less_than_the_bound(
    plan: Plan,
) -> None:
    told = plan.manifest["transport"]
    assert told["least"] <= told["now"] <= told["blind"]
    stage = next(each for each in plan.manifest["solver"] if each["aim"] == "transport")
    assert stage["objective"] == pytest.approx(told["now"], abs=1e-3)
    assert stage["bound"] == pytest.approx(told["least"], abs=1e-3)


def test_the_report_says_what_work_there_is_and_would_be(plan: Plan) -> None:
    page, told = report_html(plan), flow_report(plan)
    assert told is not None
    work = float((plan.flows["t_year"] * plan.flows["km"]).sum())
    assert told.work_tkm == pytest.approx(work)
    assert sum(row["work_tkm"] for row in told.commodities) == pytest.approx(work)
    assert [case.title for case in told.cases][:2] == [
        "This plan", "The same projects, placed as if flows were ignored",
    ]  # fmt: skip
    assert 'id="flows"' in page
    assert "castings" in page


def test_flows_are_saved_and_read_back(plan: Plan, tmp_path: Path) -> None:
    folder = plan.save(tmp_path / "out")
    assert "flows" in pyogrio.list_layers(folder / "plan.gpkg")[:, 0]
    again = geoplan.load(folder)
    assert again.flows["km"].tolist() == plan.flows["km"].tolist()
    assert again.flows["from_year"].isna().tolist() == plan.flows["from_year"].isna().tolist()
    assert report_html(again).count("castings") == report_html(plan).count("castings")


def test_a_plan_without_flows_has_no_table_no_section_and_no_layer(tmp_path: Path) -> None:
    without = geoplan.run(write_park(tmp_path / "park"))
    folder = without.save(tmp_path / "out")
    assert "flows" not in pyogrio.list_layers(folder / "plan.gpkg")[:, 0]
    assert 'id="flows"' not in report_html(without)
    assert "flows" not in page_content(without)["layers"]
    assert "transport" not in without.manifest
    assert geoplan.load(folder).flows.empty


def test_the_map_draws_flows_for_planners_alone(plan: Plan) -> None:
    layer = page_content(plan)["layers"]["flows"]
    assert len(layer["shapes"]["dimension"]) == len(plan.flows)
    assert "Flows of goods" in geoplan_layers(plan, "planner")
    assert "Flows of goods" not in geoplan_layers(plan, "investor")
    assert plan_for(plan, "investor").flows.empty


def geoplan_layers(plan: Plan, audience: str) -> list[str]:
    drawn = plan.map(audience=audience)
    return [child.layer_name for child in drawn._children.values() if hasattr(child, "part")]


def test_flows_alone_are_measured_and_change_nobodys_place(tmp_path: Path) -> None:
    told = geoplan.run(scenario_in(tmp_path / "a", objective='["investment", "area_fit"]'))
    usual = geoplan.run(write_park(tmp_path / "b"))
    assert told.allocation.equals(usual.allocation)
    assert len(told.flows) == 5
    assert set(told.manifest["transport"]) == {"now"}


def test_a_flow_that_no_street_leads_along_is_found(plan: Plan) -> None:
    km = plan.flows["km"].where(plan.flows["commodity"] != "iron")
    lost = Plan(**{**vars(plan), "flows": plan.flows.assign(km=km)})
    found = [finding for finding in lost.audited() if finding.rule == "no way"]
    assert [finding.severity for finding in found] == ["warning"]
    assert "G to A-1" in found[0].message
    assert not [finding for finding in plan.audited() if finding.rule == "no way"]
    assert flow_report(lost).lost == 1  # type: ignore[union-attr]


def test_planning_again_keeps_contracts_and_measures_the_flows(plan: Plan, tmp_path: Path) -> None:
    folder = tmp_path / "park"
    scenario = scenario_in(folder, objective='["investment", "transport", "area_fit"]')
    first = geoplan.run(scenario)
    again = geoplan.run(scenario, previous=first.save(tmp_path / "out"))
    placed = first.allocation[first.allocation["status"] == "placed"]["project_id"]
    assert set(again.allocation[again.allocation["status"] == "placed"]["project_id"]) == set(
        placed
    )
    assert len(again.flows) == len(first.flows)
    assert isinstance(again.plots, gpd.GeoDataFrame)
    assert np.isfinite(again.manifest["transport"]["now"])


def test_a_cadastre_is_planned_again_with_flows(tmp_path: Path) -> None:
    scenario = scenario_in(tmp_path, objective='["investment", "transport", "area_fit"]')
    drawn = geoplan.run(scenario)
    write_layer(drawn.plots[["plot_id", "geometry"]], tmp_path / "plots.geojson")
    roads = drawn.streets.rename(columns={"street_id": "road_id"}).drop(columns="length_m")
    write_layer(roads, tmp_path / "roads.geojson")
    named = '[site]\nplots = "plots.geojson"\nroads = "roads.geojson"\n'
    text = scenario.read_text("utf-8").replace("[site]\n", named)
    text = text.replace("[subdivide]\n", '[subdivide]\nmode = "given"\n')
    scenario.write_text(text, encoding="utf-8")
    first = geoplan.run(scenario)
    again = geoplan.run(scenario, previous=first)
    assert len(first.flows) > 0
    assert again.allocation["plot_ids"].tolist() == first.allocation["plot_ids"].tolist()
    told, before = again.manifest["transport"], first.manifest["transport"]
    assert told["now"] == pytest.approx(before["now"])
    assert told["now"] <= told["blind"]


def test_a_trade_off_with_transport_is_refused(tmp_path: Path) -> None:
    scenario = scenario_in(tmp_path, objective='["investment", "transport"]')
    with pytest.raises(GeoplanError, match="transport work depends on who stands beside whom"):
        tradeoff(scenario, between=("investment", "transport"))


def test_each_site_alone_minds_its_own_flows_on_its_own_land(tmp_path: Path) -> None:
    scenario = load_scenario(
        scenario_in(tmp_path, objective='["investment", "transport", "area_fit"]')
    )
    site = read_site(scenario)
    assert site.projects is not None
    west = {"A-1", "A-2", "A-3", "A-6"}
    origin = {name: int(name not in west) for name in site.projects["project_id"]}
    site = replace(site, origin={"zones": {"P": 0, "L": 1}, "projects": origin})
    laid_out = laid_out_on(site, scenario)
    units = replace(units_of(site, scenario, laid_out.strips), streets=laid_out.streets)
    allotted = allotted_on(site, scenario, units, None)
    told = transport_told(scenario, site, units, allotted)
    assert told["least"] <= told["now"] <= told["alone"] + 1e-3
    # With all land and projects on one site there is nothing to tell apart.
    one = replace(site, origin={"zones": {"P": 0, "L": 0}, "projects": origin})
    assert "alone" not in transport_told(scenario, one, units, allotted)
