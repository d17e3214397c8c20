from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoplan.allocate import pose as posing
from geoplan.allocate import rules
from geoplan.allocate.pose import pose, welcome
from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings
from tests.allocate.tables import NORMS, around, posed, projects, units, utilities


def test_pairs_are_those_that_no_rule_forbids_in_the_order_of_projects_and_units() -> None:
    problem = posed(
        projects(2, use=["production", None], area_max_ha=[1.2, 2.5]),
        2,
        use=["logistics", "production"],
        plot_area_min_ha=[0.9, 0.3],
    ).problem
    assert problem.pair_project.tolist() == [0, 1, 1]
    assert problem.pair_unit.tolist() == [1, 0, 1]
    assert problem.area_min_ha.tolist() == [0.8, 0.9, 0.8]
    assert problem.area_max_ha.tolist() == [1.2, 2.0, 2.0]
    assert problem.unit_rest_min_ha.tolist() == [0.9, 0.3]
    assert problem.values["investment"].tolist() == [1.0, 1.0, 1.0]  # noqa: PD011
    assert problem.values["jobs"].tolist() == [10.0, 10.0, 10.0]  # noqa: PD011


def test_a_plot_that_is_not_divisible_leaves_no_rest() -> None:
    problem = posed(projects(1), 1, divisible=False, area_ha=1.0).problem
    assert problem.unit_rest_min_ha.tolist() == [0.0]
    assert problem.area_min_ha.tolist() == problem.area_max_ha.tolist() == [1.0]


def test_a_capacity_loads_the_pairs_that_it_serves_with_what_they_demand() -> None:
    problem = posed(
        projects(3, power_mw=[1.5, 0.0, 2.0]),
        2,
        given=utilities(("E1", "power_mw", 3.0), ("E2", "power_mw", 9.0), ("W", "water_m3d", 1.0)),
        service_power_mw=["E1", "E2"],
        service_water_m3d="W",
    ).problem
    first, second = problem.capacities
    assert (first.name, first.limit) == ("E1", 3.0)
    assert problem.pair_project[first.pair].tolist() == [0, 2]
    assert problem.pair_unit[first.pair].tolist() == [0, 0]
    assert first.load.tolist() == [1.5, 2.0]
    assert (second.name, problem.pair_unit[second.pair].tolist()) == ("E2", [1, 1])


def test_hazardous_and_sensitive_plants_are_separated_by_the_distance_of_the_class() -> None:
    problem = posed(
        projects(5, hazard_class=[2, 3, 4, 3, None], sector=[None, None, None, "food", "food"]),
        3,
        near=[(0, 1, 299.0), (0, 2, 300.0), (1, 2, 600.0)],
    ).problem
    two, three = problem.separations
    assert two.name == "class II against sensitive plants"
    assert (two.first.tolist(), two.second.tolist()) == ([0], [3, 4])
    near_two = set(zip(two.left.tolist(), two.right.tolist(), strict=True))
    assert near_two == {(0, 0), (1, 1), (2, 2), (0, 1), (1, 0), (0, 2), (2, 0)}
    # A food plant of class III is in both groups; 300 m is far enough for class III.
    assert (three.first.tolist(), three.second.tolist()) == ([1, 3], [3, 4])
    near_three = set(zip(three.left.tolist(), three.right.tolist(), strict=True))
    assert near_three == {(0, 0), (1, 1), (2, 2), (0, 1), (1, 0)}


def test_projects_stand_apart_whichever_of_them_asks_and_once_if_both_do() -> None:
    problem = posed(
        projects(4, apart=["P3; P2", None, "P1", "P2"]), 2, near=[(0, 1, 99.0)], apart_m=100.0
    ).problem
    assert [rule.name for rule in problem.separations] == [
        "P1 apart from P2",
        "P1 apart from P3",
        "P2 apart from P4",
    ]
    rule = problem.separations[2]
    assert (rule.first.tolist(), rule.second.tolist()) == ([1], [3])
    assert set(zip(rule.left.tolist(), rule.right.tolist(), strict=True)) == {
        (0, 0),
        (1, 1),
        (0, 1),
        (1, 0),
    }
    far = posed(projects(2, apart=["P2", None]), 2, near=[(0, 1, 100.0)]).problem
    assert far.separations[0].left.tolist() == [0, 1]


def test_projects_wish_to_be_near_whichever_of_them_asks_and_once_if_both_do() -> None:
    problem = posed(
        projects(4, near=["P3; P2", None, "P1", None]),
        3,
        near=[(0, 1, 300.0), (0, 2, 300.1), (1, 2, 999.0)],
        near_m=300.0,
    ).problem
    wishes = problem.wishes
    assert list(zip(wishes.first, wishes.second, strict=True)) == [(0, 1), (0, 2)]
    kept = {
        (u, v)
        for u in range(3)
        for v in range(3)
        if wishes.kept(np.array([u, v, -1, -1])).tolist() == [True, False]
    }
    assert kept == {(0, 0), (1, 1), (2, 2), (0, 1), (1, 0)}
    assert len(posed(projects(2), 2).problem.wishes) == 0


def test_problems_posed_some_projects_at_a_time_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(4)
    wants = {
        "use": random.choice(["production", "logistics"], 40).tolist(),
        "area_min_ha": (0.9 - 0.3 * random.random(40)).tolist(),
        "hazard_class": random.integers(1, 6, 40).tolist(),
        "rail": (random.random(40) < 0.3).tolist(),
        "power_mw": random.random(40).tolist(),
        "status": random.choice(["application", "withdrawn"], 40, p=[0.9, 0.1]).tolist(),
    }
    land = units(
        9,
        use=random.choice(["production", "logistics"], 9).tolist(),
        area_ha=(0.5 + random.random(9)).tolist(),
        divisible=[True, False, True, False, False, True, True, False, True],
    ).assign(kept_by=[None, "P7", None, "P33", None, None, "P9", None, None])
    facts = around(9, class_min=random.integers(1, 7, 9).tolist(), service_power_mw="E1")
    given = utilities(("E1", "power_mw", 3.0))

    def told() -> list[object]:
        found = pose(projects(40, **wants), land, facts, given, NORMS, apart_m=100.0)
        problem = found.problem
        arrays = [problem.pair_project, problem.pair_unit, *found.fixed.__dict__.values()]
        arrays += [problem.area_min_ha, problem.area_max_ha, problem.values["jobs"]]  # noqa: PD011
        arrays += [problem.capacities[0].pair, problem.capacities[0].load]
        arrays += [rule.forbidden[project] for rule in found.rules for project in (0, 39, 17, 18)]
        masks = [np.asarray(rule.forbidden) for rule in found.rules]
        cells = [bool(rule.forbidden[31, 4]) for rule in found.rules]
        assert cells == [bool(mask[31, 4]) for mask in masks]
        return [*(array.tolist() for array in arrays), *(mask.tolist() for mask in masks)]

    whole = told()
    assert len(whole[0]) > 15  # type: ignore[arg-type]
    monkeypatch.setattr(rules, "CELLS_AT_ONCE", 60)
    monkeypatch.setattr(posing, "CELLS_AT_ONCE", 7)
    assert told() == whole


def test_zones_welcome_projects_whatever_their_size() -> None:
    zones = pd.DataFrame({"zone_id": ["A", "B"], "use": ["production", "logistics"]})
    portfolio = projects(3, use=["production", "logistics", None], hazard_class=[2, None, 3])
    told = welcome(portfolio, zones, around(2, hazard_max=[2, 4]), NORMS)
    assert told.tolist() == [[True, False], [False, True], [True, False]]


def test_a_locked_project_is_fixed_on_its_land_whatever_the_rules_say() -> None:
    plots = units(2, divisible=False, area_ha=[3.0, 1.0]).assign(kept_by=["P2", None])
    told = pose(projects(2), plots, around(2), utilities(), NORMS, apart_m=100.0)
    assert told.fixed.unit.tolist() == [-1, 0]
    assert told.fixed.area_ha.tolist() == [0.0, 3.0]
    solution = solve(told.problem, AllocateSettings(), fixed=told.fixed)
    assert solution.assignment.unit.tolist() == [1, 0]
    assert solution.assignment.area_ha.tolist() == [1.0, 3.0]
    assert [stage.value for stage in solution.stages if stage.asked] == [2.0, 0.0]


def test_what_is_locked_leaves_less_of_a_capacity_even_beyond_its_limit() -> None:
    plots = units(2, divisible=False, area_ha=1.0).assign(kept_by=["P1", None])
    facts = around(2, service_power_mw="E1")
    power = utilities(("E1", "power_mw", 2.0))
    told = pose(projects(2, power_mw=[3.0, 1.0]), plots, facts, power, NORMS, apart_m=100.0)
    solution = solve(told.problem, AllocateSettings(), fixed=told.fixed)
    assert solution.assignment.unit.tolist() == [0, -1]


@pytest.mark.parametrize(("asking", "land"), [(0, 2), (2, 0), (0, 0)])
def test_no_projects_or_no_land_pose_an_empty_problem(asking: int, land: int) -> None:
    problem = posed(projects(asking), land).problem
    assert (problem.projects, problem.units, len(problem.pair_project)) == (asking, land, 0)


def test_tables_are_left_as_they_were() -> None:
    portfolio, land, facts = projects(2), units(2), around(2)
    before = [frame.copy(deep=True) for frame in (portfolio, land, facts.facts)]
    pose(portfolio, land, facts, utilities(), NORMS, apart_m=100.0)
    for frame, copied in zip((portfolio, land, facts.facts), before, strict=True):
        pd.testing.assert_frame_equal(frame, copied)


def test_nothing_posed_is_nan() -> None:
    problem = posed(projects(2, hazard_class=[1, None], start_year=[None, 2027]), 2).problem
    for name in (
        "area_min_ha",
        "area_max_ha",
        "area_wanted_ha",
        "unit_area_ha",
        "unit_rest_min_ha",
    ):
        assert np.isfinite(getattr(problem, name)).all()
