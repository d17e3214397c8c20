from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from geoplan.allocate import exchange
from geoplan.allocate import solve as solving
from geoplan.allocate.exchange import exchanged
from geoplan.allocate.model import Limits, maximise, relaxed
from geoplan.allocate.neighbourhoods import improved, replaced, restricted
from geoplan.allocate.pricing import plain_prices, sifted
from geoplan.allocate.problem import (
    AllocationProblem,
    Assignment,
    pair_values,
    pairs_of,
    value_of,
)
from geoplan.allocate.solve import solve
from geoplan.allocate.wishes import Wishes, around_a_missed_one, hopes
from geoplan.config import AllocateSettings
from tests.allocate.instances import KINDS, broken, instance, optimum, wishes_kept

AIMS: tuple[tuple[str, ...], ...] = (
    ("near",),
    ("investment", "near", "area_fit"),
    ("near", "area_fit", "jobs"),
    ("area_fit", "near"),
    ("jobs", "investment", "near"),
)
LIMITS = Limits(gap=0.0, nodes=1000, seconds=60.0, seed=1)


def settings(*objective: str) -> AllocateSettings:
    return AllocateSettings(objective=objective, gap=0.0, work_limit=10_000)  # type: ignore[arg-type]


def wishing(kind: str, seed: int, *, rules: bool = True) -> AllocationProblem:
    return instance(kind, seed, rules=rules, wishes=True)


def some_answer(problem: AllocationProblem, seed: int) -> Assignment:
    answer = exchanged(problem, ("jobs",), seed=seed, rounds=0)
    assert answer is not None
    return answer


@pytest.mark.parametrize("aims", AIMS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_the_best_of_all_assignments(
    kind: str, aims: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "SHAKES", 2)
    kept = 0
    for seed in range(12):
        problem = wishing(kind, seed, rules=seed % 3 > 0)
        solution = solve(problem, settings(*aims))
        answer = solution.assignment
        assert broken(problem, answer) == [], seed
        reached = [value_of(problem, name, answer) for name in aims]
        assert reached == pytest.approx(optimum(problem, aims), abs=1e-5), seed
        near = value_of(problem, "near", answer)
        assert near == wishes_kept(problem, answer.unit.tolist())
        for stage in solution.stages:
            assert stage.bound >= value_of(problem, stage.name, answer) - 1e-9
        kept += int(near)
    assert kept > 0


@pytest.mark.parametrize("kind", KINDS)
def test_exchanges_alone_find_the_best_nearly_always_and_break_nothing(kind: str) -> None:
    aims, best = ("near", "investment", "area_fit"), 0
    for seed in range(20):
        problem = wishing(kind, seed)
        answer = exchanged(problem, aims, seed=seed, rounds=40)
        assert answer is not None
        assert broken(problem, answer) == []
        reached = [value_of(problem, name, answer) for name in aims]
        ideal = optimum(problem, aims)
        assert reached[0] <= ideal[0]
        best += reached == pytest.approx(ideal, abs=1e-6)
    assert best >= 17


@pytest.mark.parametrize("kind", ["plots", "both"])
def test_an_exchange_gains_what_it_changes_in_the_whole(kind: str) -> None:
    compared = 0
    for seed in range(12):
        problem = wishing(kind, seed, rules=False)
        tables = exchange._tables(problem, ("near", "area_fit"))
        unit = exchange._places(problem, some_answer(problem, seed).unit)
        everyone = np.arange(len(unit))
        gains = exchange._gains(tables, unit, everyone, everyone)
        before = exchange._cost(tables, unit)
        for one, other in np.argwhere(np.isfinite(gains)).tolist():
            after = unit.copy()
            exchange._exchange(tables, after, one, other)
            gain = before - exchange._cost(tables, after)
            assert gains[one, other] == pytest.approx(gain, abs=1e-9)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("kind", KINDS)
def test_what_pairs_are_worth_at_best_is_no_less_than_what_an_assignment_keeps(kind: str) -> None:
    for seed in range(20):
        problem = wishing(kind, seed)
        answer = some_answer(problem, seed)
        worth = pair_values(problem, "near")[pairs_of(problem, answer.unit)].sum()
        assert worth >= value_of(problem, "near", answer)


@pytest.mark.parametrize("kind", KINDS)
def test_every_bound_holds(kind: str) -> None:
    for seed in range(20):
        problem = wishing(kind, seed)
        (best,) = optimum(problem, ("near",))
        assert plain_prices(problem, "near").bound >= best - 1e-6
        assert relaxed(problem, "near", {}, LIMITS).bound >= best - 1e-6
        assert sifted(problem, "near", {}, seconds=10.0).bound >= best - 1e-6
        if not len(problem.pair_project):
            continue  # a program without columns has nothing to solve
        outcome = maximise(problem, "near", {}, LIMITS, start=some_answer(problem, seed))
        assert outcome.value == pytest.approx(best, abs=1e-6)
        assert outcome.bound == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_restricted_problem_counts_the_wishes_towards_those_who_stay(kind: str) -> None:
    """What is kept among those who stay is a constant, all else counts in the small problem."""
    compared = 0
    for seed in range(20):
        problem = wishing(kind, seed)
        now = some_answer(problem, seed)
        units = np.sort(np.random.default_rng(seed).permutation(problem.units)[:2])
        small = restricted(problem, now, units)
        differences = set()
        for other in range(6):
            inside = some_answer(small.problem, other)
            if other % 2:
                out = np.random.default_rng(other).random(len(inside.unit)) < 0.5
                inside = Assignment(np.where(out, -1, inside.unit), inside.area_ha)
            whole = replaced(now, small, inside)
            value = value_of(small.problem, "near", inside)
            differences.add(value_of(problem, "near", whole) - value)
            compared += value > 0
        assert len(differences) == 1, seed
    assert compared > 5


@pytest.mark.parametrize("kind", KINDS)
def test_neighbourhoods_gain_wishes_and_keep_what_earlier_objectives_have(kind: str) -> None:
    gained = 0
    for seed in range(15):
        problem = wishing(kind, seed)
        start = some_answer(problem, seed)
        floors = {"jobs": value_of(problem, "jobs", start)}
        prices = plain_prices(problem, "near")
        end = improved(problem, start, "near", floors, prices, LIMITS, rounds=6)
        before, after = (value_of(problem, "near", answer) for answer in (start, end))
        assert broken(problem, end) == []
        assert before <= after <= optimum(problem, ("near",))[0]
        assert value_of(problem, "jobs", end) >= floors["jobs"] - 1e-6
        gained += after > before
    assert gained > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_objective_costs_no_wish(kind: str) -> None:
    for seed in range(15):
        problem = wishing(kind, seed)
        start = some_answer(problem, seed)
        floors = {"near": value_of(problem, "near", start)}
        prices = plain_prices(problem, "area_fit")
        end = improved(problem, start, "area_fit", floors, prices, LIMITS, rounds=6)
        assert value_of(problem, "near", end) >= floors["near"]
        assert broken(problem, end) == []


@pytest.mark.parametrize("kind", KINDS)
def test_large_problems_get_a_plan_and_a_bound_that_hold(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SHAKES": 0, "EXACT_PAIRS": 0, "CLOSED_PAIRS": 0, "CORE_PAIRS": 2}.items():
        monkeypatch.setattr(solving, name, value)
    for seed in range(20):
        problem = wishing(kind, seed)
        solution = solve(problem, settings("near", "area_fit"))
        assert broken(problem, solution.assignment) == []
        first = solution.stages[0]
        (best,) = optimum(problem, ("near",))
        assert first.value - 1e-6 <= best <= first.bound + 1e-6


def test_who_is_fixed_counts_for_the_wishes_of_the_others() -> None:
    problem = two_on_three_plots()
    fixed = Assignment(np.array([0, -1]), np.array([1.0, 0.0]))
    solution = solve(problem, settings("near"), fixed=fixed)
    assert solution.assignment.unit.tolist() == [0, 1]
    (stage,) = solution.stages
    assert (stage.value, stage.bound) == (1.0, 1.0)


def two_on_three_plots(*, wishes: bool = True) -> AllocationProblem:
    """Two projects on three plots; only the first two plots are near, and the third pays more."""
    project, unit = (grid.ravel() for grid in np.indices((2, 3)))
    ones = np.ones(6)
    return AllocationProblem(
        projects=2,
        units=3,
        pair_project=project,
        pair_unit=unit,
        area_min_ha=ones,
        area_max_ha=ones,
        area_wanted_ha=np.ones(2),
        unit_area_ha=np.ones(3),
        unit_rest_min_ha=np.zeros(3),
        divisible=np.zeros(3, dtype=bool),
        values={"investment": ones, "jobs": np.where(unit == 2, 2.0, 1.0)},
        wishes=Wishes(*(np.array([n]) for n in (0, 1, 1, 0))) if wishes else Wishes(),
    )


def test_the_order_of_objectives_decides_what_a_wish_may_cost() -> None:
    problem = two_on_three_plots()
    first = solve(problem, settings("near", "jobs"))
    assert sorted(first.assignment.unit.tolist()) == [0, 1]
    last = solve(problem, settings("jobs", "near"))
    assert 2 in last.assignment.unit.tolist()
    assert [stage.value for stage in last.stages] == [3.0, 0.0]


def test_without_a_wish_the_objective_is_neither_asked_nor_told_and_changes_nothing() -> None:
    told: list[str] = []
    for seed in range(5):
        problem = instance("both", seed)
        without = solve(problem, settings("investment", "area_fit"))
        having = solve(problem, settings("investment", "near", "area_fit"), progress=told.append)
        assert having.assignment.unit.tobytes() == without.assignment.unit.tobytes()
        assert tuple(stage for stage in having.stages if stage.asked) == without.stages
        assert [stage.name for stage in having.stages if not stage.asked] == ["near"]
    assert told == ["investment", "area_fit"] * 5


def test_nearness_holds_either_way_round_and_nobody_without_a_unit_is_near() -> None:
    one, other = np.array([0]), np.array([1])
    wishes = Wishes(one, other, np.array([2]), np.array([5]))
    for stand, kept in (((2, 5), True), ((5, 2), True), ((2, 2), False), ((2, -1), False)):
        assert wishes.kept(np.array(stand)).tolist() == [kept]
    assert Wishes(one, other).kept(np.array([0, 0])).tolist() == [False]
    assert len(Wishes()) == 0


def test_hopes_are_the_pairs_near_which_the_other_project_has_one() -> None:
    problem = two_on_three_plots()
    wish, side, pair = hopes(problem.wishes, problem.pair_project, problem.pair_unit, 3)
    assert wish.tolist() == [0] * 4
    assert side.tolist() == [0, 0, 1, 1]
    assert problem.pair_unit[pair].tolist() == [0, 1, 0, 1]
    far = dataclasses.replace(problem.wishes, left=np.array([1]), right=np.array([7]))
    assert [part.tolist() for part in hopes(far, np.array([0, 1]), np.array([0, 0]), 8)] == [[]] * 3


def test_units_are_drawn_around_a_wish_that_is_missed() -> None:
    problem, random = two_on_three_plots(), np.random.default_rng(1)
    everywhere = np.ones(3, dtype=bool)

    def around(*stand: int) -> list[int]:
        found = around_a_missed_one(problem.wishes, np.array(stand), everywhere, random, 3)
        return sorted(found.tolist())

    assert around(0, 1) == []
    assert around(0, -1) == [0, 1]
    assert around(-1, -1) in ([0], [1], [0, 1])
    assert set(around(0, 2)) >= {0, 2}
    closed = np.array([True, False, True])
    assert 1 not in around_a_missed_one(problem.wishes, np.array([0, 2]), closed, random, 3)
