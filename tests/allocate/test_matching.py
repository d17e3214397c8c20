from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geoplan.allocate.matching import is_matching, matched
from geoplan.allocate.model import Limits, maximise
from geoplan.allocate.problem import AllocationProblem, Assignment, pairs_of
from geoplan.allocate.solve import solve
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings
from tests.allocate.instances import broken, instance, optimum

EXACT = Limits(gap=0.0, nodes=10_000, seconds=60.0, seed=1)


def plots(projects: int, units: int, seed: int) -> AllocationProblem:
    """Plots that take one project each, a third of the pairs, some worth nothing or less."""
    random = np.random.default_rng([projects, units, seed])
    project, unit = np.nonzero(random.random((projects, units)) < 0.3)
    area = random.integers(5, 20, units) / 10
    return AllocationProblem(
        projects=projects,
        units=units,
        pair_project=project,
        pair_unit=unit,
        area_min_ha=area[unit],
        area_max_ha=area[unit],
        area_wanted_ha=random.integers(5, 20, projects) / 10,
        unit_area_ha=area,
        unit_rest_min_ha=np.zeros(units),
        divisible=np.zeros(units, dtype=bool),
        values={"investment": random.integers(-3, 9, len(project)) / 3},
    )


def worth(problem: AllocationProblem, unit: np.ndarray) -> float:
    return float(problem.values["investment"][pairs_of(problem, unit)].sum())


def test_a_matching_is_the_best_of_all_assignments() -> None:
    for seed in range(200):
        problem = instance("plots", seed, rules=False)
        assert is_matching(problem)
        unit = matched(problem, problem.values["investment"])
        assert worth(problem, unit) == pytest.approx(optimum(problem, ("investment",))[0])
        area = np.where(unit >= 0, problem.unit_area_ha[unit], 0.0)
        assert broken(problem, Assignment(unit, area)) == []


@pytest.mark.parametrize("size", [(30, 40), (60, 25), (45, 45)])
def test_a_matching_is_worth_what_branch_and_bound_proves(size: tuple[int, int]) -> None:
    for seed in range(6):
        problem = plots(*size, seed)
        unit = matched(problem, problem.values["investment"])
        outcome = maximise(problem, "investment", {}, EXACT)
        assert worth(problem, unit) == pytest.approx(outcome.value)
        assert (problem.values["investment"][pairs_of(problem, unit)] >= 0).all()


def test_plain_assignments_are_told_from_others() -> None:
    assert is_matching(plots(5, 5, 0))
    kinds = [instance("plots", seed) for seed in range(20)]
    shared = [problem for problem in kinds if problem.capacities or problem.separations]
    assert shared
    assert not any(is_matching(problem) for problem in shared)
    assert not is_matching(instance("strips", 0, rules=False))


def test_plots_without_rules_are_solved_to_the_optimum_whatever_the_limits() -> None:
    problem = plots(200, 300, 1)
    settings = AllocateSettings(objective=("investment",), work_limit=1, gap=0.0)
    solution = solve(problem, settings)
    (stage,) = solution.stages
    assert solution.status is SolveStatus.OPTIMAL
    assert stage.value == stage.bound
    assert stage.value == pytest.approx(maximise(problem, "investment", {}, EXACT).value)


def test_a_later_objective_chooses_among_the_best_matchings() -> None:
    for seed in range(30):
        problem = instance("plots", seed, rules=False)
        tied = replace(problem, values=problem.values | {"investment": problem.values["jobs"]})
        aims = ("investment", "area_fit")
        solution = solve(tied, AllocateSettings(objective=aims, gap=0.0))
        reached = [stage.value for stage in solution.stages]
        assert reached == pytest.approx(optimum(tied, aims), abs=1e-5)
