"""Transport work: little of it, bounded from below, and whatever came before it kept."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from geoplan.allocate.flows import Flows
from geoplan.allocate.least_work import least_work
from geoplan.allocate.model import Limits
from geoplan.allocate.problem import Assignment, keeps_rules, still, value_of
from geoplan.allocate.relocation import relocated
from geoplan.allocate.solve import Solution, solve
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings
from tests.allocate.brute import broken
from tests.allocate.drawn_arrays import TENTHS, small_of_arrays
from tests.allocate.drawn_flows import drawn_with_flows, least_of, work_of
from tests.allocate.qap import BEST_KNOWN, in_turn, matrices, of_matrices

EXAMPLES = int(os.environ.get("GEOPLAN_EXAMPLES", "3000")) // 10
BATCHES = 5
EACH = -(-EXAMPLES // BATCHES)
LITTLE = 50
"""Work limit that is enough to prove the least of small problems: a fortieth of the usual one."""
GILMORE_LAWLER = {"nug12": 493, "nug15": 963, "nug20": 2057, "nug30": 4539, "tai20a": 580674}
"""Bounds as published for QAPLIB."""
SMALL = ("nug12", "nug14", "nug15", "nug17")
NEAR_FIRST = ("investment", "near", "transport", "area_fit")


def aims_of(seed: int) -> tuple[str, ...]:
    return NEAR_FIRST if seed % 2 else ("investment", "transport")


def solved(seed: int, *, work: int) -> Solution:
    settings = AllocateSettings(objective=aims_of(seed), gap=0.0, work_limit=work)
    return solve(drawn_with_flows(seed), settings)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_small_problems_have_the_least_work_of_all_places_that_keep_what_came_before(
    batch: int,
) -> None:
    wrong: dict[int, object] = {}
    for seed in range(batch * EACH, (batch + 1) * EACH):
        problem, solution = drawn_with_flows(seed), solved(seed, work=LITTLE)
        small, stages = small_of_arrays(problem), {each.name: each for each in solution.stages}
        unit, area = solution.assignment.unit.tolist(), TENTHS * solution.assignment.area_ha
        work, told = work_of(problem, unit), stages["transport"]
        placed = {project for project, place in enumerate(unit) if place >= 0}
        kept = int(stages["near"].value) if "near" in stages else 0
        least = least_of(problem, small, placed, kept)
        faults = [*broken(small, unit, area.tolist())]
        faults += [f"{work} is not {least}"] * (abs(work - least) > 1e-6)
        faults += [f"told {told.value}"] * (abs(told.value + work) > 1e-6)
        faults += [f"bound {told.bound} of {told.value}"] * (told.bound != told.value)
        faults += [str(told.status)] * (told.status is not SolveStatus.OPTIMAL)
        if faults:
            wrong[seed] = faults
    assert wrong == {}


@pytest.mark.parametrize("name", SMALL)
def test_published_instances_are_solved_to_the_best_known(name: str) -> None:
    problem = of_matrices(*matrices(name))
    found = relocated(problem, in_turn(problem), {}, Limits(0.0, 500, 60.0, 1)).assignment
    assert problem.flows.work(found.unit) == BEST_KNOWN[name]
    assert sorted(found.unit.tolist()) == list(range(problem.units))


def test_a_random_instance_comes_within_one_percent_of_the_best_known() -> None:
    problem = of_matrices(*matrices("tai20a"))
    found = relocated(problem, in_turn(problem), {}, Limits(0.0, 1_000, 60.0, 1)).assignment
    assert BEST_KNOWN["tai20a"] <= problem.flows.work(found.unit) <= 1.01 * BEST_KNOWN["tai20a"]


@pytest.mark.parametrize("name", GILMORE_LAWLER)
def test_the_bound_is_the_published_one_where_units_are_whole(name: str) -> None:
    problem = of_matrices(*matrices(name))
    bound = least_work(problem, in_turn(problem), Limits(0.0, 100, 60.0, 1))
    assert bound <= GILMORE_LAWLER[name] == pytest.approx(bound, rel=5e-6)


def test_the_same_seed_gives_the_same_places_and_another_may_not() -> None:
    problem = of_matrices(*matrices("nug20"))
    answers = [
        relocated(problem, in_turn(problem), {}, Limits(0.0, 20, 60.0, seed)).assignment
        for seed in (1, 1, 2)
    ]
    units = [answer.unit.tolist() for answer in answers]
    assert units[0] == units[1] != units[2]


def test_who_is_placed_stays_placed_at_the_same_value() -> None:
    for seed in range(1, 41, 2):
        problem, solution = drawn_with_flows(seed), solved(seed, work=LITTLE)
        blind = solution.blind
        assert blind is not None
        assert ((blind.unit >= 0) == (solution.assignment.unit >= 0)).all()
        for name in ("investment", "near"):
            values = [value_of(problem, name, one) for one in (blind, solution.assignment)]
            assert values[1] >= values[0] - 1e-9
        assert value_of(problem, "transport", blind) <= solution.stages[2].value + 1e-9
        assert keeps_rules(problem, solution.assignment.unit)


def test_whoever_is_locked_stays_and_what_he_sends_counts() -> None:
    problem = of_matrices(*matrices("nug12"))
    fixed = Assignment(np.full(12, -1), np.zeros(12))
    fixed.unit[[3, 7]], fixed.area_ha[[3, 7]] = [0, 11], 1.0
    settings = AllocateSettings(objective=("investment", "transport"), work_limit=200)
    solution = solve(problem, settings, fixed=fixed)
    assert solution.assignment.unit[[3, 7]].tolist() == [0, 11]
    work = problem.flows.work(solution.assignment.unit)
    assert -solution.stages[1].value == pytest.approx(work)
    assert BEST_KNOWN["nug12"] <= work <= 1.15 * BEST_KNOWN["nug12"]
    assert 0 < -solution.stages[1].bound <= work


def test_nothing_is_asked_where_nothing_is_sent() -> None:
    problem = still(drawn_with_flows(4))
    with_it = solve(problem, AllocateSettings(objective=("investment", "transport")))
    without = solve(problem, AllocateSettings(objective=("investment",)))
    assert not with_it.stages[1].asked
    assert with_it.status is SolveStatus.OPTIMAL
    assert (with_it.assignment.unit == without.assignment.unit).all()


def test_transport_cannot_come_first() -> None:
    with pytest.raises(ValidationError, match="put investment, jobs, priority or projects before"):
        AllocateSettings(objective=("transport", "investment"))


def test_transport_is_weighed_with_nothing() -> None:
    with pytest.raises(ValidationError, match="transport depends on who stands beside"):
        AllocateSettings(objective=("investment + 2 transport",))


def test_flows_among_some_are_those_between_them_and_the_rest_costs_pairs() -> None:
    problem = drawn_with_flows(8)
    flows, unit = problem.flows, np.arange(problem.projects) % problem.units
    free = np.arange(problem.projects) % 2 == 0
    number = np.where(free, np.cumsum(free) - 1, -1)
    inside = flows.among(number, np.arange(problem.units)).work(unit[free])
    pairs = np.flatnonzero(free)
    outside = flows.to_fixed(pairs, unit[pairs], np.where(free, -1, unit)).sum()
    stays = replace(flows, t_year=np.where(free[flows.first] | free[flows.second], 0, flows.t_year))
    assert inside + outside + stays.work(unit) == pytest.approx(flows.work(unit))
    assert len(Flows()) == 0
