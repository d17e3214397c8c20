from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from geoplan.allocate import search as searching
from geoplan.allocate.model import Limits, relaxed
from geoplan.allocate.problem import AllocationProblem, Assignment, value_of
from geoplan.allocate.search import Found, Search
from geoplan.allocate.status import SolveStatus
from tests.allocate.instances import KINDS, broken, instance, optimum

SEEDS = range(12)
LIMITS = Limits(gap=0.0, nodes=1_000, seconds=60.0, seed=1)


def search_of(
    problem: AllocationProblem, limits: Limits = LIMITS, *, rounds: int = 3, large: bool = False
) -> Search:
    prices = relaxed(problem, "investment", {}, limits)
    return Search(
        problem, problem, "investment", {}, prices, prices, prices.bound, limits, rounds, large
    )


def found_from_nobody(search: Search) -> Found:
    projects = search.problem.projects
    nobody = Assignment(np.full(projects, -1, dtype=np.intp), np.zeros(projects))
    return search.from_start(nobody)


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave all to branch and bound and what runs beside it, even where that ends at once."""
    monkeypatch.setattr(searching, "FIRST_WORK", 0)
    monkeypatch.setattr(searching, "AT_ONCE_S", 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_answer_is_found_and_proven(kind: str, side_by_side: None) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        found = found_from_nobody(search_of(problem))
        assert found.status is SolveStatus.OPTIMAL
        assert found.value == value_of(problem, "investment", found.assignment)
        assert found.value == pytest.approx(optimum(problem, ("investment",))[0])
        assert broken(problem, found.assignment) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_of_the_way_never_gets_worse_and_is_always_the_same(
    kind: str, side_by_side: None
) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        searches = [search_of(problem) for _ in range(2)]
        one, other = (found_from_nobody(search) for search in searches)
        assert one.assignment.unit.tolist() == other.assignment.unit.tolist()
        assert searches[0].history == searches[1].history
        values = [step.value for step in searches[0].history]
        bounds = [step.bound for step in searches[0].history]
        assert values == sorted(values)
        assert all(later <= earlier + 1e-9 for earlier, later in pairwise(bounds))
        assert values[-1] == one.value


@pytest.mark.parametrize("large", [True, False])
def test_a_limit_leaves_a_bound_that_holds(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Branch and bound is asked for no more than its root, and that only of small problems."""
    limits = Limits(gap=0.0, nodes=1, seconds=60.0, seed=1)
    closed: list[Found] = []
    close = Search._closed

    def noted(self: Search, best: Assignment, limits: Limits) -> Found:
        closed.append(close(self, best, limits))
        return closed[-1]

    monkeypatch.setattr(Search, "_closed", noted)
    for seed in SEEDS:
        problem = instance("both", seed)
        found = found_from_nobody(search_of(problem, limits, rounds=0, large=large))
        best = optimum(problem, ("investment",))[0]
        assert found.value - 1e-6 <= best <= found.bound + 1e-6
        assert broken(problem, found.assignment) == []
    assert (closed == []) == large


def test_without_time_the_start_remains() -> None:
    problem = instance("both", 3)
    found = found_from_nobody(search_of(problem, Limits(0.0, 1_000, 0.0, 1)))
    assert found.status is SolveStatus.TIME_LIMIT
    assert (found.assignment.unit < 0).all()
    assert found.bound >= optimum(problem, ("investment",))[0]
