"""Solving agrees with brute force on thousands of small problems, every rule among them."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from geoplan.allocate import solve as solving
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import AllocationProblem
from geoplan.allocate.solve import Solution, solve
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings
from tests.allocate import drawn_arrays, drawn_tables
from tests.allocate.brute import Small, best, broken, value_of
from tests.allocate.drawn_arrays import TENTHS, drawn_aims, drawn_problem, small_of_arrays
from tests.allocate.drawn_tables import (
    M2_PER_HA,
    SWITCHES,
    Park,
    drawn_park,
    posed_parks,
    small_of_park,
)
from tests.allocate.tables import posed as posed_by_hand
from tests.allocate.tables import projects

EXAMPLES = int(os.environ.get("GEOPLAN_EXAMPLES", "3000"))
BATCHES = 20
EACH = -(-EXAMPLES // (2 * BATCHES))
AS_SHIPPED = 40
"""One problem in so many is searched as thoroughly as it would be by default."""
BITING = 1_600
BITES = 10
"""Of the hundred parks that each rule is taken from, that changes the best answer of so many."""


def settings(aims: Sequence[str]) -> AllocateSettings:
    return AllocateSettings(objective=tuple(aims), gap=0.0, work_limit=10_000)  # type: ignore[arg-type]


def solved(seed: int, posed: Posed | AllocationProblem, aims: Sequence[str]) -> Solution:
    """Search little, so that all must be proven; now and then as much as the default is."""
    with pytest.MonkeyPatch.context() as patch:
        if seed % AS_SHIPPED:
            patch.setattr(solving, "SHAKES", 2)
            patch.setattr(solving, "ROUNDS", 2)
            patch.setattr(solving, "NODES_A_ROUND", 10_000)
        if isinstance(posed, Posed):
            return solve(posed.problem, settings(aims), fixed=posed.fixed)
        return solve(posed, settings(aims))


def disagreements(
    small: Small, solution: Solution, aims: Sequence[str], *, scale: float
) -> Iterator[str]:
    """Tell what brute force says otherwise; `scale` is the brute force's areas in a hectare."""
    answer = solution.assignment
    unit, area = answer.unit.tolist(), (scale * answer.area_ha).tolist()
    yield from broken(small, unit, area)
    ideal, _ = best(small, aims)
    if solution.status is not SolveStatus.OPTIMAL:
        yield f"the status is {solution.status}"
    for aim, stage, value in zip(aims, solution.stages, ideal, strict=True):
        measure = scale if aim == "area_fit" else 1.0
        told, stands = stage.value * measure, value_of(small, aim, unit, area)
        if max(abs(told - value), abs(stands - value)) > 1e-5 * measure:
            yield f"{aim} is told as {told}, is {stands} and could be {value}"
        if stage.bound < stage.value - 1e-9 or stage.bound * measure < value - 1e-6 * measure:
            yield f"{aim} of {value} is bounded by {stage.bound * measure}"
        if stage.asked != (aim != "near" or bool(small.wishes)):
            yield f"{aim} is {'' if stage.asked else 'not '}asked"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_arrays_are_solved_to_the_best_of_all_assignments(batch: int) -> None:
    wrong = {}
    for seed in range(batch * EACH, (batch + 1) * EACH):
        problem = drawn_problem(seed)
        aims = drawn_aims(seed, drawn_arrays.AIMS)
        told = disagreements(
            small_of_arrays(problem), solved(seed, problem, aims), aims, scale=TENTHS
        )
        if found := list(told):
            wrong[seed] = (aims, found)
    assert wrong == {}


def parks_of(batch: int) -> dict[int, Park]:
    return {seed: drawn_park(seed) for seed in range(batch * EACH, (batch + 1) * EACH)}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_parks_are_solved_to_the_best_of_all_assignments_that_keep_every_rule(batch: int) -> None:
    wrong, parks = {}, parks_of(batch)
    for (seed, park), posed in zip(parks.items(), posed_parks([*parks.values()]), strict=True):
        aims, small = drawn_aims(seed, drawn_tables.AIMS), small_of_park(park)
        told = disagreements(small, solved(seed, posed, aims), aims, scale=M2_PER_HA)
        if found := list(told):
            wrong[seed] = (sorted(park.has), aims, found)
    assert wrong == {}


def test_every_rule_occurs_and_changes_the_best_answer_of_many_parks() -> None:
    """A generator that no longer draws a rule, or one that binds nothing, would prove nothing."""
    occurs, bites, together = Counter[str](), Counter[str](), set()
    for seed in range(BITING):
        park, aims = drawn_park(seed), ("investment", "near", "area_fit")
        occurs.update(park.has)
        together |= set(itertools.combinations(sorted(park.has), 2))
        name = SWITCHES[seed % len(SWITCHES)]
        with_it, without_it = (small_of_park(park, without=each) for each in ("", name))
        bites[name] += best(with_it, aims)[0] != best(without_it, aims)[0]
    assert set(SWITCHES) >= {rule.name for rule in posed_by_hand(projects(1), 1).rules}
    assert min(occurs[name] for name in SWITCHES) > BITING / 4
    assert min(bites[name] for name in SWITCHES) >= BITES, bites
    assert together == set(itertools.combinations(sorted(SWITCHES), 2))
