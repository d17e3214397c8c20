from __future__ import annotations

import numpy as np
import pytest

from geoplan.allocate.exchange import exchanged
from geoplan.allocate.model import Limits
from geoplan.allocate.neighbourhoods import improved, restricted
from geoplan.allocate.pricing import plain_prices
from geoplan.allocate.problem import AllocationProblem, Assignment, pairs_of, value_of
from tests.allocate.instances import KINDS, broken, instance, optimum

LIMITS = Limits(gap=0.0, nodes=1000, seconds=60.0, seed=1)
SEEDS = range(20)


def begun(problem: AllocationProblem, seed: int) -> Assignment:
    """A feasible assignment that leaves much to improve: about half of the units are emptied."""
    start = exchanged(problem, ("jobs",), seed=seed, rounds=0)
    assert start is not None
    out = (np.random.default_rng(seed).random(problem.units + 1) < 0.5)[start.unit]
    return Assignment(np.where(out, -1, start.unit), np.where(out, 0.0, start.area_ha))


@pytest.mark.parametrize("kind", KINDS)
def test_an_improved_assignment_is_better_or_the_same_and_breaks_nothing(kind: str) -> None:
    better = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        start = begun(problem, seed)
        assert broken(problem, start) == []
        prices = plain_prices(problem, "investment")
        end = improved(problem, start, "investment", {}, prices, LIMITS, rounds=4)
        before, after = (value_of(problem, "investment", a) for a in (start, end))
        assert broken(problem, end) == []
        assert before <= after <= optimum(problem, ("investment",))[0] + 1e-6
        better += after > before
    assert better > len(SEEDS) / 4


def test_an_improved_assignment_keeps_what_earlier_objectives_have() -> None:
    for seed in SEEDS:
        problem = instance("strips", seed)
        start = begun(problem, seed)
        floors = {name: value_of(problem, name, start) for name in ("investment", "jobs")}
        prices = plain_prices(problem, "area_fit")
        end = improved(problem, start, "area_fit", floors, prices, LIMITS, rounds=6)
        assert value_of(problem, "area_fit", end) >= value_of(problem, "area_fit", start)
        for name, floor in floors.items():
            assert value_of(problem, name, end) >= floor - 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_a_restricted_problem_keeps_what_stands_elsewhere(kind: str) -> None:
    """Whoever joins in the small problem breaks nothing in the large one."""
    joined = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        now = begun(problem, seed)
        units = np.sort(np.random.default_rng(seed).permutation(problem.units)[:2])
        small = restricted(problem, now, units)
        assert set(small.units) == set(units)
        assert (now.unit[small.projects] < 0).sum() == (now.unit < 0).sum()
        inside = exchanged(small.problem, ("investment",), seed=seed, rounds=5)
        assert inside is not None
        unit, area = now.unit.copy(), now.area_ha.copy()
        unit[small.projects] = np.where(inside.unit >= 0, small.units[inside.unit], -1)
        area[small.projects] = inside.area_ha
        assert broken(problem, Assignment(unit, area)) == []
        pair = pairs_of(small.problem, inside.unit)
        large = pairs_of(problem, unit)
        mine = np.isin(problem.pair_project[large], small.projects)
        assert problem.area_min_ha[large[mine]] == pytest.approx(small.problem.area_min_ha[pair])
        joined += len(pair)
    assert joined > len(SEEDS)


def test_nothing_is_tried_without_time_or_rounds() -> None:
    problem = instance("strips", 1)
    start = begun(problem, 1)
    late = Limits(gap=0.0, nodes=1000, seconds=0.0, seed=1)
    assert (
        improved(
            problem, start, "investment", {}, plain_prices(problem, "investment"), late, rounds=9
        )
        is start
    )
    assert (
        improved(
            problem, start, "investment", {}, plain_prices(problem, "investment"), LIMITS, rounds=0
        )
        is start
    )
