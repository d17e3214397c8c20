from __future__ import annotations

import numpy as np
import pytest

from geoplan.allocate.exchange import exchanged
from geoplan.allocate.model import Limits, maximise, relaxed
from geoplan.allocate.pricing import plain_prices
from geoplan.allocate.problem import value_of
from geoplan.allocate.status import SolveStatus
from tests.allocate.instances import KINDS, broken, instance, optimum

EXACT = Limits(gap=0.0, nodes=10_000, seconds=60.0, seed=1)
SEEDS = range(20)


@pytest.mark.parametrize("name", ["investment", "area_fit"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_assignment_is_above_the_bounds(kind: str, name: str) -> None:
    tight = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        best = optimum(problem, (name,))[0]
        bound = relaxed(problem, name, {}, EXACT).bound
        assert best <= bound + 1e-6
        assert bound <= plain_prices(problem, name).bound
        tight += bound <= best + 1e-6
    assert tight > 0


def test_a_floor_only_lowers_the_bound_and_still_bounds_the_next_objective() -> None:
    for seed in SEEDS:
        problem = instance("strips", seed)
        first, second = optimum(problem, ("investment", "area_fit"))
        bound = relaxed(problem, "area_fit", {"investment": first}, EXACT).bound
        assert second <= bound + 1e-6
        assert bound <= relaxed(problem, "area_fit", {}, EXACT).bound + 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_branch_and_bound_finds_the_best_with_and_without_a_start(kind: str) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        if not len(problem.pair_project):
            continue
        best = optimum(problem, ("area_fit",))[0]
        start = exchanged(problem, ("investment",), seed=1, rounds=0)
        for known in (None, start):
            outcome = maximise(problem, "area_fit", {}, EXACT, start=known)
            assert outcome.status is SolveStatus.OPTIMAL
            assert outcome.assignment is not None
            assert broken(problem, outcome.assignment) == []
            assert outcome.value == value_of(problem, "area_fit", outcome.assignment)
            assert outcome.value == pytest.approx(best, abs=1e-6)
            assert outcome.bound >= best - 1e-6


def test_a_start_is_kept_where_no_node_may_be_searched() -> None:
    nodes_none = Limits(gap=0.0, nodes=0, seconds=60.0, seed=1)
    for seed in SEEDS:
        problem = instance("strips", seed)
        start = exchanged(problem, ("area_fit",), seed=1, rounds=10)
        assert start is not None
        outcome = maximise(problem, "area_fit", {}, nodes_none, start=start)
        assert outcome.value >= value_of(problem, "area_fit", start) - 1e-6


def test_a_floor_out_of_reach_is_told_as_infeasible() -> None:
    problem = instance("strips", 0)
    floors = {"investment": plain_prices(problem, "investment").bound + 1.0}
    outcome = maximise(problem, "area_fit", floors, EXACT)
    assert outcome.status is SolveStatus.INFEASIBLE
    assert outcome.assignment is None
    assert outcome.value == -np.inf
