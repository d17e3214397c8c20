from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from geoplan.allocate import exchange
from geoplan.allocate.exchange import exchanged, settled
from geoplan.allocate.problem import AllocationProblem, Assignment, Separation, value_of
from tests.allocate.instances import KINDS, broken, instance, optimum

AIMS = ("investment", "area_fit")
SEEDS = range(25)


def found(problem: AllocationProblem, rounds: int, seed: int = 1) -> Assignment:
    assignment = exchanged(problem, AIMS, seed=seed, rounds=rounds)
    assert assignment is not None
    return assignment


@pytest.mark.parametrize("rounds", [0, 25])
@pytest.mark.parametrize("kind", KINDS)
def test_the_result_breaks_nothing(kind: str, rounds: int) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        assert broken(problem, found(problem, rounds, seed)) == [], seed


@pytest.mark.parametrize("kind", KINDS)
def test_the_result_is_the_best_of_all_assignments_nearly_always(kind: str) -> None:
    best = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        assignment = found(problem, 40)
        values = [value_of(problem, name, assignment) for name in AIMS]
        ideal = optimum(problem, AIMS)
        assert values[0] <= ideal[0] + 1e-9
        best += values == pytest.approx(ideal, abs=1e-6)
    assert best >= 0.9 * len(SEEDS)


def test_shaking_never_loses_what_was_found() -> None:
    for seed in SEEDS:
        problem = instance("strips", seed)
        before, after = (
            value_of(problem, "investment", found(problem, rounds)) for rounds in (0, 25)
        )
        assert after >= before - 1e-9


def test_projects_do_not_change_places_into_a_rule_that_holds_one_way_only() -> None:
    # Project 0 may not stand on unit 0 while 1 stands on unit 1, though it may the other way.
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    problem = AllocationProblem(
        projects=2,
        units=2,
        pair_project=np.array([p for p, _ in pairs]),
        pair_unit=np.array([u for _, u in pairs]),
        area_min_ha=np.ones(4),
        area_max_ha=np.ones(4),
        area_wanted_ha=np.ones(2),
        unit_area_ha=np.ones(2),
        unit_rest_min_ha=np.zeros(2),
        divisible=np.zeros(2, dtype=bool),
        values={"investment": np.array([5.0, 1.0, 1.0, 5.0])},
        separations=(
            Separation("one way", np.array([0]), np.array([1]), np.array([0]), np.array([1])),
        ),
    )
    assignment = found(problem, 25)
    assert broken(problem, assignment) == []
    assert value_of(problem, "investment", assignment) == 5.0


def test_the_same_seed_gives_the_same_bytes() -> None:
    problem = instance("both", 11)
    one, other = found(problem, 25, seed=3), found(problem, 25, seed=3)
    assert one.unit.tobytes() == other.unit.tobytes()
    assert one.area_ha.tobytes() == other.area_ha.tobytes()


def test_a_problem_too_large_for_matrices_is_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = instance("strips", 0)
    cells = (problem.projects + problem.units + 1) * (problem.units + 1)
    monkeypatch.setattr(exchange, "DENSE_MAX", cells * (3 + len(problem.capacities)) - 1)
    assert exchanged(problem, AIMS, seed=1, rounds=0) is None


def test_nobody_has_a_pair_and_nobody_is_placed() -> None:
    problem = instance("strips", 0, rules=False)
    none = np.empty(0, dtype=np.intp)
    bare = dataclasses.replace(
        problem,
        pair_project=none,
        pair_unit=none,
        area_min_ha=np.empty(0),
        area_max_ha=np.empty(0),
        values={"investment": np.empty(0)},
    )
    assert (found(bare, 25).unit == -1).all()


def two_plots(worth: list[float], *separations: Separation) -> AllocationProblem:
    """One project and two plots of 1 ha, worth so much to it."""
    return AllocationProblem(
        projects=1,
        units=2,
        pair_project=np.zeros(2, dtype=np.intp),
        pair_unit=np.arange(2),
        area_min_ha=np.ones(2),
        area_max_ha=np.ones(2),
        area_wanted_ha=np.ones(1),
        unit_area_ha=np.ones(2),
        unit_rest_min_ha=np.zeros(2),
        divisible=np.zeros(2, dtype=bool),
        values={"investment": np.array(worth)},
        separations=separations,
    )


def test_a_project_of_both_groups_is_never_in_its_own_way() -> None:
    both, near = np.array([0]), np.array([0, 1, 0, 1])
    rule = Separation("hazardous and sensitive", both, both, near, np.array([0, 1, 1, 0]))
    problem = two_plots([1.0, 5.0], rule)
    start = Assignment(np.array([0]), np.ones(1))
    assert settled(problem, AIMS, start).unit.tolist() == [1]
    assert found(problem, 0).unit.tolist() == [1]


def test_nobody_waits_where_there_is_room() -> None:
    start = Assignment(np.array([-1]), np.zeros(1))
    answer = settled(two_plots([0.0, 0.0]), ("investment",), start)
    assert answer.unit.tolist() == [0]
    assert answer.area_ha.tolist() == [1.0]


def test_settling_breaks_nothing_and_leaves_the_start_as_it_was() -> None:
    for seed in SEEDS:
        problem = instance("both", seed)
        start = Assignment(np.full(problem.projects, -1), np.zeros(problem.projects))
        assert broken(problem, settled(problem, AIMS, start)) == []
        assert (start.unit == -1).all()


def test_settling_a_problem_too_large_for_matrices_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "DENSE_MAX", 0)
    start = Assignment(np.array([-1]), np.zeros(1))
    assert settled(two_plots([1.0, 1.0]), AIMS, start) is start
