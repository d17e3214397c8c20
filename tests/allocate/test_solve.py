from __future__ import annotations

import copy
import dataclasses
import itertools

import numpy as np
import pytest

from geoplan.allocate import solve as solving
from geoplan.allocate.flows import Flows
from geoplan.allocate.problem import AllocationProblem, Assignment, value_of
from geoplan.allocate.solve import Solution, solve
from geoplan.allocate.status import SolveStatus
from geoplan.allocate.wishes import Wishes
from geoplan.config import AllocateSettings
from tests.allocate.instances import KINDS, broken, instance, optimum

AIMS: tuple[tuple[str, ...], ...] = (
    ("investment", "area_fit"),
    ("area_fit",),
    ("jobs", "area_fit", "investment"),
)
SEEDS = range(20)


def settings(**given: object) -> AllocateSettings:
    return AllocateSettings(**({"gap": 0.0, "work_limit": 10_000} | given))  # type: ignore[arg-type]


@pytest.fixture
def few_shakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave work to neighbourhoods and branch and bound, as large problems do."""
    monkeypatch.setattr(solving, "SHAKES", 2)


@pytest.mark.parametrize("aims", AIMS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_the_best_of_all_assignments(
    kind: str, aims: tuple[str, ...], few_shakes: None
) -> None:
    placed = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        solution = solve(problem, settings(objective=aims))
        assert broken(problem, solution.assignment) == [], seed
        reached = [value_of(problem, name, solution.assignment) for name in aims]
        assert reached == pytest.approx(optimum(problem, aims), abs=1e-5), seed
        assert [stage.value for stage in solution.stages] == reached
        assert solution.status is SolveStatus.OPTIMAL
        placed += int((solution.assignment.unit >= 0).sum())
    assert placed > 1.5 * len(SEEDS)


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_hold_however_little_work_is_done(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "SHAKES", 0)
    monkeypatch.setattr(solving, "ROUNDS", 0)
    for seed in SEEDS:
        problem = instance(kind, seed)
        for name in ("investment", "area_fit"):
            solution = solve(problem, settings(objective=(name,), gap=0.2, work_limit=1))
            (stage,) = solution.stages
            assert stage.value - 1e-6 <= optimum(problem, (name,))[0] <= stage.bound + 1e-6
            assert stage.gap == pytest.approx(
                (stage.bound - stage.value) / max(stage.bound, 1e-9), abs=1e-9
            )
            assert broken(problem, solution.assignment) == []
            if stage.status is SolveStatus.OPTIMAL:
                assert stage.gap <= 0.2 + 1e-9


def test_the_gap_asked_for_is_enough(few_shakes: None) -> None:
    for seed in SEEDS:
        problem = instance("strips", seed)
        (stage,) = solve(problem, settings(objective=("area_fit",), gap=0.1)).stages
        assert stage.status is SolveStatus.OPTIMAL
        assert stage.value >= 0.9 * optimum(problem, ("area_fit",))[0] - 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_answer_and_touches_nothing(kind: str) -> None:
    problem = instance(kind, 3)
    before = copy.deepcopy(problem)
    one, other = (solve(problem, settings(seed=5)) for _ in range(2))
    assert one.assignment.unit.tobytes() == other.assignment.unit.tobytes()
    assert one.assignment.area_ha.tobytes() == other.assignment.area_ha.tobytes()
    assert one.stages == other.stages
    assert same(problem, before)


def same(one: AllocationProblem, other: AllocationProblem) -> bool:
    def parts(problem: AllocationProblem) -> list[object]:
        arrays: list[object] = [
            v for v in vars(problem).values() if not isinstance(v, tuple | Wishes | Flows)
        ]
        coupled = [problem.wishes, problem.flows]
        for rule in itertools.chain(problem.capacities, problem.separations, coupled):
            arrays.extend(getattr(rule, each.name) for each in dataclasses.fields(rule))
        return arrays

    return all(
        str(a) == str(b) if isinstance(a, dict) else np.array_equal(a, b)  # type: ignore[arg-type]
        for a, b in zip(parts(one), parts(other), strict=True)
    )


def bare(projects: int, units: int, pairs: list[tuple[int, int]]) -> AllocationProblem:
    """Projects of 1 ha on strips of 2 ha."""
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    ones = np.ones(len(pairs))
    return AllocationProblem(
        projects=projects,
        units=units,
        pair_project=table[:, 0],
        pair_unit=table[:, 1],
        area_min_ha=ones,
        area_max_ha=ones,
        area_wanted_ha=np.ones(projects),
        unit_area_ha=np.full(units, 2.0),
        unit_rest_min_ha=np.full(units, 0.5),
        divisible=np.ones(units, dtype=bool),
        values={"investment": ones, "jobs": ones, "priority": ones},
    )


@pytest.mark.parametrize(("projects", "units"), [(0, 0), (0, 3), (3, 0), (3, 3)])
def test_a_problem_without_pairs_places_nobody(projects: int, units: int) -> None:
    solution = solve(bare(projects, units, []), settings())
    assert solution.assignment.unit.tolist() == [-1] * projects
    assert solution.assignment.area_ha.tolist() == [0.0] * projects
    assert [(s.value, s.bound, s.gap) for s in solution.stages] == [(0.0, 0.0, 0.0)] * 3
    assert solution.status is SolveStatus.OPTIMAL


def test_a_capacity_of_nothing_places_nobody_who_draws_on_it() -> None:
    from geoplan.allocate.problem import SharedCapacity

    problem = bare(2, 1, [(0, 0), (1, 0)])
    none = SharedCapacity("P", 0.0, np.array([1]), np.array([0.5]))
    problem = AllocationProblem(**(vars(problem) | {"capacities": (none,)}))
    assert solve(problem, settings()).assignment.unit.tolist() == [0, -1]


def test_a_strip_smaller_than_its_least_rest_can_be_filled_or_left() -> None:
    problem = bare(1, 1, [(0, 0)])
    for room, unit in ((1.0, 0), (1.2, -1)):
        tight = AllocationProblem(
            **(
                vars(problem)
                | {"unit_area_ha": np.array([room]), "unit_rest_min_ha": np.array([3.0])}
            )
        )
        assert solve(tight, settings()).assignment.unit.tolist() == [unit]


def test_projects_that_bring_an_aim_nothing_are_placed_where_there_is_room() -> None:
    problem = bare(2, 1, [(0, 0), (1, 0)])
    worthless = AllocationProblem(
        **(vars(problem) | {"values": {"investment": np.zeros(2), "jobs": np.zeros(2)}})
    )
    answer = solve(worthless, settings(objective=("investment",))).assignment
    assert answer.unit.tolist() == [0, 0]
    assert answer.area_ha.tolist() == [1.0, 1.0]


def test_no_time_ends_with_a_plan_a_bound_and_the_status_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solving, "SHAKES", 0)
    # 60 projects of 1 ha on ten strips of 2 ha, which must keep half a hectare or nothing.
    problem = bare(60, 10, list(itertools.product(range(60), range(10))))
    solution = solve(problem, settings(objective=("area_fit",), time_limit_s=1e-9))
    (stage,) = solution.stages
    told = (stage.name, stage.status, stage.value, stage.bound)
    assert told == ("area_fit", SolveStatus.TIME_LIMIT, 20.0, 60.0)
    assert solution.status is SolveStatus.TIME_LIMIT
    assert broken(problem, solution.assignment) == []


def test_without_room_for_matrices_the_answer_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object, **__: object) -> Assignment | None:
        return None

    monkeypatch.setattr(solving, "exchanged", unable)
    for seed in range(8):
        problem = instance("strips", seed)
        solution: Solution = solve(problem, settings(objective=("area_fit",)))
        assert broken(problem, solution.assignment) == []
        assert solution.stages[0].value == pytest.approx(
            optimum(problem, ("area_fit",))[0], abs=1e-5
        )


def test_progress_is_told_each_objective_in_order() -> None:
    told: list[str] = []
    solve(bare(1, 1, [(0, 0)]), settings(objective=("jobs", "area_fit")), progress=told.append)
    assert told == ["jobs", "area_fit"]


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the way of problems with very many pairs: prices by sifting, a core of a few pairs."""
    monkeypatch.setattr(solving, "SHAKES", 0)
    monkeypatch.setattr(solving, "EXACT_PAIRS", 0)
    monkeypatch.setattr(solving, "CLOSED_PAIRS", 0)
    monkeypatch.setattr(solving, "CORE_PAIRS", 2)


@pytest.mark.parametrize("kind", KINDS)
def test_large_problems_get_a_plan_and_a_bound_that_hold(kind: str, as_if_large: None) -> None:
    close = 0
    for seed in range(60):
        problem = instance(kind, seed)
        solution = solve(problem, settings(objective=("investment", "area_fit")))
        first, second = solution.stages
        best = optimum(problem, ("investment",))[0]
        assert first.value - 1e-6 <= best <= first.bound + 1e-6
        assert second.value <= second.bound + 1e-6
        assert broken(problem, solution.assignment) == []
        close += first.value >= 0.9 * best
        steps = [step.value for step in first.history]
        assert steps == sorted(steps)
    assert close > 50


def test_the_same_seed_gives_the_same_answer_to_a_large_problem(as_if_large: None) -> None:
    problem = instance("plots", 7)
    one, other = (solve(problem, settings(seed=5)) for _ in range(2))
    assert one.assignment.unit.tobytes() == other.assignment.unit.tobytes()
    assert one.stages == other.stages


def test_who_waits_gets_nothing_where_all_land_is_held() -> None:
    problem = bare(3, 2, [(0, 0), (1, 1), (2, 0), (2, 1)])
    held = Assignment(np.array([0, 1, -1]), np.array([1.0, 1.0, 0.0]))
    solution = solve(problem, settings(objective=("investment",)), fixed=held)
    assert solution.status is SolveStatus.OPTIMAL
    assert solution.assignment.unit.tolist() == [0, 1, -1]
    (stage,) = solution.stages
    assert stage.value == stage.bound == value_of(problem, "investment", held)
