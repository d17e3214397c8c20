"""Small problems are searched to the end: the least work, and the proof that it is the least."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from geoplan.allocate.model import Limits
from geoplan.allocate.problem import AllocationProblem, Assignment, SharedCapacity
from geoplan.allocate.relocation import relocated
from tests.allocate.qap import BEST_KNOWN, in_turn, matrices, of_matrices

LIMITS = Limits(0.0, 2_000, 60.0, 1)


def sparse(count: int, seed: int) -> AllocationProblem:
    """Draw plots along streets at right angles, and flows between a fifth of all pairs."""
    random = np.random.default_rng([seed, count])
    xy = random.integers(0, 30, size=(count, 2))
    km = np.abs(xy[:, None] - xy[None, :]).sum(axis=2).astype(float)
    tonnes = np.triu(random.integers(1, 100, (count, count)) * (random.random(km.shape) < 0.2), 1)
    return of_matrices(km, (tonnes + tonnes.T).astype(float))


def drawing(problem: AllocationProblem, limit: float) -> AllocationProblem:
    """Let everybody draw one from a capacity, wherever he stands."""
    pairs = np.arange(len(problem.pair_project))
    return replace(
        problem, capacities=(SharedCapacity("power", limit, pairs, np.ones(len(pairs))),)
    )


def test_what_is_proven_is_the_least_of_all_permutations() -> None:
    for seed in range(12):
        problem = sparse(6, seed)
        found = relocated(problem, in_turn(problem), {}, LIMITS)
        least = min(problem.flows.work(np.array(unit)) for unit in itertools.permutations(range(6)))
        assert found.proven
        assert problem.flows.work(found.assignment.unit) == least


def test_a_dozen_projects_are_proven_within_the_default_limit() -> None:
    problem = sparse(12, 5)
    found = relocated(problem, in_turn(problem), {}, LIMITS)
    assert found.proven
    assert sorted(found.assignment.unit.tolist()) == list(range(12))


@pytest.mark.parametrize("name", ["nug15", "nug30"])
def test_what_is_too_large_is_given_up_and_not_told_as_proven(name: str) -> None:
    problem = of_matrices(*matrices(name))
    found = relocated(problem, in_turn(problem), {}, Limits(0.0, 300, 60.0, 1))
    assert not found.proven
    assert not found.late
    assert problem.flows.work(found.assignment.unit) <= 1.01 * BEST_KNOWN[name]


def test_a_start_that_breaks_rules_proves_nothing() -> None:
    """Who is locked may stand where nobody else might: then the rules are no bound."""
    problem = sparse(5, 1)
    nobody = Assignment(np.full(5, -1), np.zeros(5))
    assert relocated(problem, nobody, {}, LIMITS).proven
    overdrawn = drawing(problem, 4.0)
    assert not relocated(overdrawn, in_turn(problem), {}, LIMITS).proven
    assert relocated(drawing(problem, 5.0), in_turn(problem), {}, LIMITS).proven
