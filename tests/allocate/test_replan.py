"""Allocating again at a price: the best trade between gain and moves, against brute force."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from geoplan.allocate.problem import (
    AllocationProblem,
    Assignment,
    SharedCapacity,
    value_of,
    wished,
)
from geoplan.allocate.replan import in_turn, nobody, replan, staying
from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings
from tests.allocate.instances import KINDS, answers, broken, instance

PRICES = (0.0, 1.0, 2.5)
SEEDS = range(8)
AIMS = ("investment", "jobs")


def settings(**given: object) -> AllocateSettings:
    return AllocateSettings(**({"gap": 0.0, "work_limit": 10_000} | given))  # type: ignore[arg-type]


def stood(problem: AllocationProblem, seed: int) -> Assignment:
    """A year ago fewer asked, and by another aim: the first of them stand where they then did."""
    asked = problem.pair_project < max(problem.projects - 2, 1)
    worth = np.where(asked, 1.0 + (problem.pair_unit + seed) % 3, 0.0)
    then = replace(problem, values={**problem.values, "priority": worth})
    answer = solve(then, settings(objective=("priority", "area_fit"))).assignment
    early = np.arange(problem.projects) < max(problem.projects - 2, 1)
    return Assignment(
        np.where(early, answer.unit, -1).astype(np.intp), np.where(early, answer.area_ha, 0.0)
    )


def best_trade(problem: AllocationProblem, aim: str, standing: Assignment, price: float) -> float:
    """Greatest value less the price of moves, over every assignment that breaks nothing."""
    # Whoever stays is worth a point of an objective of its own, and the rest is arithmetic.
    stays = standing.unit[problem.pair_project] == problem.pair_unit
    counted = replace(problem, values={**problem.values, "stays": stays.astype(float)})
    stood_somewhere = int((standing.unit >= 0).sum())
    return max(
        answer[aim] - price * (stood_somewhere - answer["stays"]) for answer in answers(counted)
    )


@pytest.mark.parametrize("price", PRICES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_the_best_trade_of_gain_and_moves(kind: str, price: float) -> None:
    moves = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        found = replan(problem, settings(objective=AIMS), stood(problem, seed), price=price)
        assert broken(problem, found.solution.assignment) == [], seed
        best = best_trade(problem, AIMS[0], found.standing, price)
        value = value_of(problem, AIMS[0], found.solution.assignment)
        assert value - price * len(found.moved) == pytest.approx(best, abs=1e-6), seed
        assert found.net_bound >= best - 1e-6
        assert found.solution.stages[0].value == value
        assert found.solution.stages[0].bound == pytest.approx(value, abs=1e-6)
        moves += len(found.moved)
    assert moves or price > 0


@pytest.mark.parametrize("kind", KINDS)
def test_areas_that_fit_are_traded_alike(kind: str) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        found = replan(problem, settings(objective=("area_fit",)), stood(problem, seed), price=0.5)
        assert broken(problem, found.solution.assignment) == [], seed
        best = best_trade(problem, "area_fit", found.standing, 0.5)
        net = found.solution.stages[0].value - 0.5 * len(found.moved)
        # Pairs are priced at their best area: the bound holds, and the answer is near it.
        assert net <= best + 1e-6 <= found.net_bound + 2e-6, seed
        if not problem.divisible.any():
            assert net == pytest.approx(best, abs=1e-6), seed


def test_wishes_to_be_near_are_traded_alike_and_kept_on_the_land_of_those_who_stay() -> None:
    wishes = 0
    for seed in range(20):
        problem = instance("plots", seed, wishes=True)
        if not wished(problem):
            continue
        before = stood(problem, seed)
        found = replan(problem, settings(objective=("near",)), before, price=0.4)
        assert broken(problem, found.solution.assignment) == [], seed
        best = best_trade(problem, "near", found.standing, 0.4)
        net = found.solution.stages[0].value - 0.4 * len(found.moved)
        assert net <= best + 1e-6 <= found.net_bound + 2e-6, seed
        still = replan(problem, settings(objective=("near",)), before, price=math.inf)
        # So dear that only answers without a move are left.
        alone = best_trade(problem, "near", found.standing, 1e3)
        assert still.solution.stages[0].value == pytest.approx(alone), seed
        wishes += round(alone)
    assert wishes


@pytest.mark.parametrize("kind", KINDS)
def test_at_an_infinite_price_nobody_moves_and_the_rest_share_what_is_left(kind: str) -> None:
    placed = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        before = stood(problem, seed)
        found = replan(problem, settings(objective=AIMS), before, price=math.inf)
        answer, stands = found.solution.assignment, found.standing.unit >= 0
        assert broken(problem, answer) == [], seed
        assert len(found.moved) == 0
        assert np.array_equal(answer.unit[stands], before.unit[stands])
        assert answer.area_ha[stands] == pytest.approx(before.area_ha[stands])
        assert found.gain == 0
        placed += int((answer.unit[~stands] >= 0).sum())
    assert placed


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_move_as_the_price_rises_and_every_move_pays(kind: str) -> None:
    for seed in SEEDS:
        problem, counts = instance(kind, seed), []
        before = stood(problem, seed)
        for price in PRICES[1:]:
            found = replan(problem, settings(objective=AIMS), before, price=price)
            assert found.gain >= price * len(found.moved) - 1e-6
            assert found.unmoved.stages[0].bound <= found.free.stages[0].bound + 1e-6
            counts.append(len(found.moved))
        assert counts == sorted(counts, reverse=True), seed


def strip(areas_ha: list[float], room_ha: float, *, capacity: float = 100.0) -> AllocationProblem:
    """One strip that everybody may stand on, each worth its number's place from behind."""
    count = len(areas_ha)
    area = np.array(areas_ha)
    return AllocationProblem(
        projects=count,
        units=1,
        pair_project=np.arange(count),
        pair_unit=np.zeros(count, dtype=np.intp),
        area_min_ha=area,
        area_max_ha=area,
        area_wanted_ha=area,
        unit_area_ha=np.array([room_ha]),
        unit_rest_min_ha=np.array([0.0]),
        divisible=np.array([True]),
        values={"investment": np.ones(count), "jobs": np.ones(count)},
        capacities=(SharedCapacity("PW", capacity, np.arange(count), np.ones(count)),),
    )


def test_who_loses_his_place_costs_as_much_as_who_moves() -> None:
    problem = strip([1.0, 1.0, 1.0], 2.0)
    problem = replace(problem, values={"investment": np.array([1.0, 2.0, 4.0])})
    before = Assignment(np.array([0, 0, -1]), np.array([1.0, 1.0, 0.0]))
    for price, moves in ((2.9, [0]), (3.1, [])):
        found = replan(problem, settings(objective=("investment",)), before, price=price)
        assert found.moved.tolist() == moves


def test_those_may_stay_whose_unit_still_takes_them() -> None:
    problem = strip([1.0, 1.2, 0.9, 1.0], 5.0)
    before = Assignment(np.array([0, 0, 0, -1]), np.array([1.0, 1.0, 0.9, 0.0]))
    fixed = nobody(problem)
    assert staying(problem, before, fixed).unit.tolist() == [0, -1, 0, -1]
    short = strip([1.0, 1.0, 0.9, 1.0], 5.0, capacity=2.0)
    assert staying(short, before, fixed).unit.tolist() == [0, 0, -1, -1]
    held = Assignment(np.array([-1, -1, 0, -1]), np.array([0.0, 0.0, 0.9, 0.0]))
    assert staying(short, before, held).unit.tolist() == [0, -1, -1, -1]


def test_who_waited_goes_before_a_newcomer_of_the_same_worth_only() -> None:
    problem = strip([1.0, 1.0, 1.0], 1.0)
    newcomer = Assignment(np.array([0, -1, -1]), np.array([1.0, 0.0, 0.0]))
    given = in_turn(problem, ("investment",), newcomer, np.array([2, 1]), np.array([0]))
    assert given.unit.tolist() == [-1, -1, 0]
    assert given.area_ha.tolist() == [0.0, 0.0, 1.0]
    dearer = replace(problem, values={"investment": np.array([2.0, 1.0, 1.0])})
    kept = in_turn(dearer, ("investment",), newcomer, np.array([2, 1]), np.array([0]))
    assert kept.unit.tolist() == [0, -1, -1]
    for first, second in itertools.permutations((1, 2)):
        given = in_turn(
            problem, ("investment",), newcomer, np.array([first, second]), np.array([0])
        )
        assert given.unit[first] == 0
