"""The trade-off of two objectives, against every answer there is."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from geoplan.allocate.barrier import Barrier
from geoplan.allocate.front import Front, front_of
from geoplan.allocate.problem import AllocationProblem, Assignment, only, value_of
from geoplan.allocate.solve import solve
from geoplan.allocate.weights import sum_of, weighed
from geoplan.config import AllocateSettings

from .instances import KINDS, NOISE, answers, broken, instance

EXACT = AllocateSettings(gap=0.0, work_limit=10_000)
SEEDS = range(3)
PAIRS = [("investment", "jobs"), ("area_fit", "investment"), ("near", "jobs")]


def traded(problem: AllocationProblem, between: tuple[str, str], points: int = 5) -> Front:
    return front_of(problem, EXACT, between, points=points)


def all_values(problem: AllocationProblem, between: tuple[str, str]) -> list[tuple[float, float]]:
    first, second = between
    return [(answer[first], answer[second]) for answer in answers(problem)]


def efficient(values: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Values that no others beat at one objective and equal at the other."""
    return [
        (a, b)
        for a, b in values
        if not any(
            c >= a - NOISE and d >= b - NOISE and (c > a + NOISE or d > b + NOISE)
            for c, d in values
        )
    ]


def limit_at(outline: list[tuple[float, float]], a: float) -> float:
    """The highest that an outline has at a; nothing right of its end."""
    if a <= outline[0][0] + NOISE:
        return outline[0][1]
    heights = [
        b + (a - c) / (d - c) * (e - b) if d > c else max(b, e)
        for (c, b), (d, e) in itertools.pairwise(outline)
        if c - NOISE <= a <= d + NOISE
    ]
    return max(heights, default=-np.inf)


@pytest.mark.parametrize("between", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_floor_has_the_point_of_the_true_front(kind: str, between: tuple[str, str]) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed, wishes="near" in between)
        values = all_values(problem, between)
        true, front = efficient(values), traded(problem, between)
        for point in front.points:
            assert broken(problem, point.assignment) == []
            assert any(point.value == pytest.approx(value, abs=NOISE) for value in true)
        best = [max(value[side] for value in values) for side in (0, 1)]
        assert front.points[0].value[0] == pytest.approx(best[0], abs=NOISE)
        assert front.points[-1].value[1] == pytest.approx(best[1], abs=NOISE)
        for floor in np.linspace(front.points[0].value[0], front.points[-1].value[0], 5):
            most = max(b for a, b in values if a >= floor - NOISE)
            reached = max(p.value[1] for p in front.points if p.value[0] >= floor - NOISE)
            assert reached == pytest.approx(most, abs=NOISE)


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_lies_beyond_what_is_proven(kind: str) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        barrier = front_of(
            problem, EXACT.model_copy(update={"gap": 0.2}), ("investment", "jobs"), points=4
        ).barrier
        outline = barrier.outline()
        for a, b in all_values(problem, ("investment", "jobs")):
            assert b <= barrier.most_b(a) + NOISE
            assert a <= barrier.most_a(b) + NOISE
            assert b <= limit_at(outline, a) + NOISE


def test_points_run_from_one_end_to_the_other_and_none_beats_another() -> None:
    for kind, seed in itertools.product(KINDS, SEEDS):
        values = [point.value for point in traded(instance(kind, seed), PAIRS[0]).points]
        assert all(a > c and b < d for (a, b), (c, d) in itertools.pairwise(values))


def test_whoever_is_fixed_stays_and_counts() -> None:
    seen = 0
    for seed in range(8):
        problem = instance("plots", seed, rules=False)
        if not len(problem.pair_project):
            continue
        pair = 0
        unit = np.full(problem.projects, -1, dtype=np.intp)
        unit[problem.pair_project[pair]] = problem.pair_unit[pair]
        held = unit >= 0
        area = np.where(held, problem.unit_area_ha[unit], 0.0)
        front = front_of(
            problem, EXACT, ("investment", "jobs"), points=5, fixed=Assignment(unit, area)
        )
        mine = np.isin(problem.pair_project, np.flatnonzero(held))
        there = np.isin(problem.pair_unit, unit[held])
        rest = only(problem, ~mine & ~there)
        own = problem.values["investment"][pair], problem.values["jobs"][pair]
        values = [(a + own[0], b + own[1]) for a, b in all_values(rest, ("investment", "jobs"))]
        true = efficient(values)
        for point in front.points:
            assert (point.assignment.unit[held] == unit[held]).all()
            assert any(point.value == pytest.approx(value, abs=NOISE) for value in true)
        assert all(b <= front.barrier.most_b(a) + NOISE for a, b in values)
        seen += len(front.points) > 1
    assert seen >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_weighted_sum_is_solved_like_any_objective(kind: str) -> None:
    name = "investment + 1.7 jobs"
    for seed in SEEDS:
        problem = weighed(instance(kind, seed), (name, "area_fit"))
        solution = solve(problem, EXACT.model_copy(update={"objective": (name, "area_fit")}))
        best = max(answer["investment"] + 1.7 * answer["jobs"] for answer in answers(problem))
        stage = solution.stages[0]
        assert stage.name == name
        assert stage.value == pytest.approx(best, abs=NOISE)
        assert stage.bound == pytest.approx(best, abs=NOISE)
        parts = [value_of(problem, each, solution.assignment) for each in ("investment", "jobs")]
        assert stage.value == pytest.approx(parts[0] + 1.7 * parts[1])


def test_projects_are_counted() -> None:
    for seed in SEEDS:
        problem = weighed(instance("both", seed), ("projects",))
        solution = solve(problem, EXACT.model_copy(update={"objective": ("projects",)}))
        assert solution.stages[0].value == (solution.assignment.unit >= 0).sum()
        counts = replace(problem, values={"n": np.ones(len(problem.pair_project))})
        assert solution.stages[0].value == max(answer["n"] for answer in answers(counts))


def test_nothing_is_added_where_nothing_is_weighed() -> None:
    problem = instance("both", 1)
    assert weighed(problem, ("investment", "near", "area_fit")) is problem


def test_an_objective_that_is_a_sum_can_be_weighed_again() -> None:
    assert sum_of("investment + 2 jobs", "jobs", 3.0) == "investment + 5 jobs"
    assert sum_of("investment", "area_fit", 3.0) is None


def test_an_outline_has_the_corners_of_a_staircase_cut_by_a_line() -> None:
    barrier = Barrier(((-np.inf, 10.0), (2.0, 6.0), (5.0, -np.inf)), ((1.0, 9.0),))
    assert barrier.outline() == [(-1.0, 10.0), (2.0, 7.0), (2.0, 6.0), (3.0, 6.0), (5.0, 4.0)]
    assert barrier.most_b(2.0) == 7.0
    assert barrier.most_b(4.0) == 5.0
    assert barrier.most_a(8.0) == 1.0
    assert barrier.most_a(-1.0) == 5.0


def test_the_same_problem_has_the_same_curve() -> None:
    first, second = (traded(instance("strips", 3), PAIRS[0]) for _ in range(2))
    assert [p.value for p in first.points] == [p.value for p in second.points]
    assert first.barrier == second.barrier
