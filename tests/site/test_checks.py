from __future__ import annotations

from typing import Any

import pytest
import shapely

from tests.site.conftest import Park, at, block, frame, only, plots, zones

POINT = shapely.Point(at((0, 0))[0])


def refused_project(park: Park, columns: str, *rows: str) -> tuple[str, tuple[str, ...]]:
    park.projects("\n".join((columns, *rows)))
    problem = park.problem()
    assert problem.where == "projects (projects.csv)"
    assert problem.remedy
    return problem.cause, problem.ids


@pytest.mark.parametrize("area", ["0", "-1", "inf", "-inf"])
def test_areas_must_be_finite_and_above_zero(park: Park, area: str) -> None:
    park.projects(f"project_id,area_ha,area_min_ha,area_max_ha\nP1,2,1,3\nP2,{area},,\n")
    problems = park.problems()
    columns = ("area_ha", "area_min_ha", "area_max_ha")
    assert [p.cause.split()[0] for p in problems] == list(columns)
    assert all(f"but is {float(area):g}" in p.cause and p.ids == ("P2",) for p in problems)


def test_an_area_left_out_is_missing(park: Park) -> None:
    cause, ids = refused_project(park, "project_id,area_ha", "P1,", "P2,1")
    assert cause == "area_ha is missing (area asked for, ha)."
    assert ids == ("P1",)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("jobs", "-1"),
        ("invest_bn_kzt", "-0.5"),
        ("power_mw", "inf"),
        ("heat_gcalh", "-2"),
        ("frontage_min_m", "0"),
        ("priority", "-1"),
        ("hazard_class", "6"),
        ("hazard_class", "0"),
        ("start_year", "26"),
    ],
)
def test_figures_out_of_range_are_refused(park: Park, column: str, value: str) -> None:
    cause, ids = refused_project(park, f"project_id,area_ha,{column}", f"P1,2,{value}", "P2,1,")
    assert cause.startswith(f"{column} must be ")
    assert cause.endswith(f"but is {value}.")
    assert ids == ("P1",)


@pytest.mark.parametrize(
    ("column", "value", "nearest"),
    [
        ("use", "prodction", "'production'"),
        ("status", "aplication", "'application'"),
    ],
)
def test_unknown_words_are_refused_with_the_nearest(
    park: Park, column: str, value: str, nearest: str
) -> None:
    park.projects(f"project_id,area_ha,{column}\nP1,2,{value}\n")
    problem = park.problem()
    assert f"{column} must be one of" in problem.cause
    assert f"'{value}'" in problem.cause
    assert nearest in problem.remedy
    assert problem.ids == ("P1",)


def test_several_unknown_words_are_each_matched(park: Park) -> None:
    park.projects("project_id,area_ha,status\nP1,2,operatin\nP2,2,reservatoin\nP3,2,zzz\n")
    problem = park.problem()
    assert "'operatin', 'reservatoin', 'zzz'" in problem.cause
    assert "'operatin' may be 'operation', 'reservatoin' may be 'reservation'" in problem.remedy
    assert problem.ids == ("P1", "P2", "P3")


@pytest.mark.parametrize(
    ("layer", "column", "columns", "nearest"),
    [
        ("zones", "use", {"zone_id": ["A"], "use": ["logistic"]}, "'logistics'"),
        ("gates", "kind", {"gate_id": ["A"], "kind": ["roads"]}, "'road'"),
        (
            "utilities",
            "kind",
            {"utility_id": ["A"], "kind": ["power"], "capacity": [1]},
            "'power_mw'",
        ),
    ],
)
def test_unknown_uses_and_kinds_are_refused_with_the_nearest(
    park: Park, layer: str, column: str, columns: dict[str, list[Any]], nearest: str
) -> None:
    park.layer(layer, frame([block(0, 0) if layer == "zones" else POINT], **columns))
    problem = park.problem()
    assert problem.where == f"{layer} ({layer}.gpkg)"
    assert f"{column} must be one of" in problem.cause
    assert nearest in problem.remedy
    assert problem.ids == ("A",)


@pytest.mark.parametrize("capacity", [0.0, -1.0])
def test_capacities_must_be_above_zero(park: Park, capacity: float) -> None:
    park.layer(
        "utilities", frame([POINT], utility_id=["U"], kind=["power_mw"], capacity=[capacity])
    )
    problem = park.problem()
    assert "capacity must be a finite number above zero" in problem.cause
    assert problem.ids == ("U",)


def test_a_capacity_left_out_is_missing(park: Park) -> None:
    park.layer(
        "utilities",
        frame([POINT] * 2, utility_id=["U", "V"], kind=["power_mw"] * 2, capacity=[None, 1.0]),
    )
    problem = park.problem()
    assert "capacity is missing" in problem.cause
    assert problem.ids == ("U",)


def test_a_negative_buffer_is_refused(park: Park) -> None:
    park.layer("exclusions", frame([block(0, 0)], exclusion_id=["X"], buffer_m=[-5.0]))
    problem = park.problem()
    assert "buffer_m must be a finite number, zero or more, but is -5" in problem.cause
    assert problem.ids == ("X",)


def test_a_hazard_class_outside_one_to_five_is_refused(park: Park) -> None:
    park.layer("zones", zones(hazard_max=[0, 5]))
    problem = park.problem()
    assert "hazard class from 1" in problem.cause
    assert problem.ids == ("A",)


def test_ids_given_twice_are_refused(park: Park) -> None:
    cause, ids = refused_project(park, "project_id,area_ha", "P1,1", "P2,1", "P1,2")
    assert cause == "project_id is not unique."
    assert ids == ("P1",)


def test_ids_that_differ_in_spaces_alone_are_the_same(park: Park) -> None:
    park.layer("zones", zones(zone_id=["A", " A "]))
    assert "zone_id is not unique" in park.problem().cause


def test_records_without_an_id_are_named_by_their_place(park: Park) -> None:
    cause, ids = refused_project(park, "project_id,area_ha", "P1,1", ",1", "  ,2")
    assert cause == "project_id is missing (id of the application)."
    assert ids == ("record 2", "record 3")


def test_ids_may_not_hold_what_joins_ids(park: Park) -> None:
    cause, ids = refused_project(park, "project_id,area_ha", "P1;P2,1")
    assert "must not contain ';'" in cause
    assert ids == ("P1;P2",)


def test_a_least_area_above_the_greatest_is_refused(park: Park) -> None:
    columns = "project_id,area_ha,area_min_ha,area_max_ha"
    cause, ids = refused_project(park, columns, "P1,2,3,1", "P2,2,1,3")
    assert "area_min_ha is above area_max_ha" in cause
    assert "3 / 2 / 1 ha" in cause
    assert ids == ("P1",)


@pytest.mark.parametrize("area", ["0.5", "3.5"])
def test_an_area_outside_its_own_range_is_refused(park: Park, area: str) -> None:
    columns = "project_id,area_ha,area_min_ha,area_max_ha"
    cause, ids = refused_project(park, columns, f"P1,{area},1,3")
    assert "area_ha lies outside area_min_ha to area_max_ha" in cause
    assert ids == ("P1",)


@pytest.mark.parametrize("column", ["near", "apart"])
def test_unknown_projects_in_near_and_apart_are_refused(park: Park, column: str) -> None:
    park.projects(f"project_id,area_ha,{column}\nIP-001,1,IP-002; IP-03\nIP-002,1,\n")
    problem = park.problem()
    assert f"{column} names unknown projects: 'IP-03'" in problem.cause
    assert "Did you mean 'IP-00" in problem.remedy
    assert "joined by ';'" in problem.remedy
    assert problem.ids == ("IP-001",)


@pytest.mark.parametrize("column", ["near", "apart"])
def test_a_project_is_neither_near_nor_apart_from_itself(park: Park, column: str) -> None:
    cause, ids = refused_project(park, f"project_id,area_ha,{column}", "P1,1,P1", "P2,1,P1")
    assert cause == f"{column} names the project itself."
    assert ids == ("P1",)


@pytest.mark.parametrize("rows", [("P1,1,P2,P2", "P2,1,,"), ("P1,1,P2,", "P2,1,,P1")])
def test_near_and_apart_the_same_project_is_refused_from_either_side(
    park: Park, rows: tuple[str, str]
) -> None:
    cause, ids = refused_project(park, "project_id,area_ha,near,apart", *rows)
    assert "both near and apart: P1 and P2" in cause
    assert ids == ("P1", "P2")


@pytest.fixture
def given(park: Park) -> Park:
    park.mode = "given"
    park.layer("plots", plots(project_id=[None, "P5"]))
    return park


LOCKS = "project_id,area_ha,plot_id,status"


def test_a_plot_is_locked_by_one_project_only(given: Park) -> None:
    rows = ("P1,1,A-1,contract", "P2,1,A-1,contract", "P4,1,A-2,withdrawn", "P5,1,,")
    cause, ids = refused_project(given, LOCKS, *rows)
    assert cause == "plot_id 'A-1' is locked by 2 projects."
    assert ids == ("P1", "P2")


def test_a_lock_stated_in_both_tables_is_one_lock(given: Park) -> None:
    given.projects(f"{LOCKS}\nP5,1,A-2,contract\n")
    assert given.read().findings == ()


def test_a_lock_to_an_unknown_plot_names_the_nearest(given: Park) -> None:
    given.projects(f"{LOCKS}\nP1,1,A-11,contract\nP5,1,,\n")
    problem = given.problem()
    assert problem.cause == "there is no plot 'A-11' to be locked to."
    assert "A-1" in problem.remedy
    assert problem.ids == ("P1",)


def test_a_lock_to_an_unknown_plot_is_told_beside_a_plot_without_an_id(given: Park) -> None:
    given.layer("plots", plots(plot_id=["A-1", None]))
    given.projects(f"{LOCKS}\nP1,1,A-2,contract\n")
    causes = [problem.cause for problem in given.problems()]
    assert "there is no plot 'A-2' to be locked to." in causes
    assert any(cause.startswith("plot_id is missing") for cause in causes)


def test_a_plot_kept_by_nobody_of_the_portfolio_is_refused(given: Park) -> None:
    cause, ids = refused_project(given, LOCKS, "P1,1,A-1,contract")
    assert cause == "plot 'A-2' is kept by a project that the portfolio does not have."
    assert ids == ("P5",)


def test_locks_without_given_plots_are_refused(park: Park) -> None:
    cause, ids = refused_project(park, LOCKS, "P1,1,A-1,contract", "P2,1,,")
    assert cause == "plot_id locks projects to plots, but this mode draws new ones."
    assert ids == ("P1",)


def test_overlapping_plots_are_refused(park: Park) -> None:
    shapes = [block(0, 0, 110, 50), block(100, 0, 100, 50)]
    park.layer("plots", frame(shapes, plot_id=["A-1", "A-2"]))
    problem = park.problem()
    assert problem.cause.startswith("plots overlap by 500.0 m2")
    assert problem.ids == ("A-1", "A-2")


def test_a_declared_area_unlike_the_measured_one_is_a_finding(park: Park) -> None:
    park.layer("plots", plots(area_declared_ha=[0.5, 0.52]))
    finding = only(park.read().findings, "declared-area")
    assert finding.subject == "A-2"
    assert finding.message == "0.5200 ha are declared, 0.5000 ha measured."


def test_roads_have_a_class_from_the_list(park: Park) -> None:
    line = shapely.LineString(at((0, 50), (200, 50)))
    park.layer("roads", frame([line], **{"road_id": ["R1"], "class": ["mian"]}))
    assert "main" in park.problem().remedy


def test_a_fault_is_said_once_for_all_records_and_not_twice_for_one(park: Park) -> None:
    park.projects("project_id,area_ha,jobs\nP1,x,1\nP2,y,1\nP3,1,-1\nP4,1,-2\n")
    problems = park.problems()
    assert [(p.cause.split()[0], p.ids) for p in problems] == [
        ("area_ha", ("P1", "P2")),
        ("jobs", ("P3", "P4")),
    ]


def test_an_empty_portfolio_is_refused(park: Park) -> None:
    cause, ids = refused_project(park, "project_id,area_ha")
    assert cause == "there are no records."
    assert ids == ()
