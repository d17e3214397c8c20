from __future__ import annotations

import numpy as np
import pytest

from geoplan.allocate import descent, pricing
from geoplan.allocate.insertion import inserted
from geoplan.allocate.model import Limits, relaxed
from geoplan.allocate.pricing import Prices, of_pairs, plain_prices, sifted
from geoplan.allocate.problem import (
    AllocationProblem,
    Assignment,
    fitting,
    keeps_rules,
    only,
    pair_values,
    pairs_of,
    value_of,
)
from tests.allocate.instances import KINDS, answers, broken, instance, optimum

EXACT = Limits(gap=0.0, nodes=10_000, seconds=60.0, seed=1)
SEEDS = range(40)
AIMS = ("investment", "area_fit")


def everybody(problem: AllocationProblem) -> Assignment:
    return inserted(problem, np.arange(len(problem.pair_project)))


@pytest.mark.parametrize("name", AIMS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_assignment_is_above_any_of_the_bounds(kind: str, name: str) -> None:
    for seed in SEEDS:
        problem = instance(kind, seed)
        best = optimum(problem, (name,))[0]
        plain = plain_prices(problem, name)
        assert best <= plain.bound + 1e-9
        bound = sifted(problem, name, {}, seconds=60.0).bound
        assert best - 1e-9 <= bound <= plain.bound + 1e-9


def test_sifting_finds_the_bound_of_the_whole_relaxation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "SPREAD", 1)
    monkeypatch.setattr(pricing, "LEADING", 1)
    monkeypatch.setattr(pricing, "JOINING", 1)
    for seed in SEEDS:
        problem = instance("plots", seed)
        problem = AllocationProblem(**(vars(problem) | {"separations": ()}))
        whole = relaxed(problem, "investment", {}, EXACT).bound
        bound = sifted(problem, "investment", {}, seconds=60.0).bound
        assert whole - 1e-6 <= bound <= whole * (1 + 1e-3) + 1e-6


@pytest.mark.parametrize("name", AIMS)
@pytest.mark.parametrize("kind", KINDS)
def test_rough_prices_bound_every_assignment_too(
    kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing, "RELAXED_MAX", 0)
    monkeypatch.setattr(pricing, "TURNS", 3)
    monkeypatch.setattr(descent, "STEPS", 40)
    close = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        best, plain = optimum(problem, (name,))[0], plain_prices(problem, name).bound
        bound = sifted(problem, name, {}, seconds=60.0).bound
        assert best - 1e-9 <= bound <= plain + 1e-9
        close += bound < (best + plain) / 2 or plain <= best + 1e-6
        floor = {"jobs": optimum(problem, ("jobs", name))[0]}
        under = sifted(problem, name, floor, seconds=60.0).bound
        assert optimum(problem, ("jobs", name))[1] <= under + 1e-6
    assert close > len(SEEDS) / 4


def test_a_bound_under_a_floor_holds_for_the_next_objective() -> None:
    for seed in SEEDS:
        problem = instance("both", seed)
        first, second = optimum(problem, AIMS)
        assert (
            second <= sifted(problem, "area_fit", {"investment": first}, seconds=60.0).bound + 1e-6
        )


def lost(problem: AllocationProblem, prices: Prices, answer: Assignment) -> float:
    """What an assignment of plots loses against the prices, summed plainly."""
    used = pairs_of(problem, answer.unit)
    total = float(prices.reduced[used].sum() + prices.project[answer.unit < 0].sum())
    total += float(prices.unit[np.setdiff1d(np.arange(problem.units), answer.unit)].sum())
    for price, capacity in zip(prices.capacity, problem.capacities, strict=True):
        drawn = sum(d for p, d in zip(capacity.pair, capacity.load, strict=True) if p in used)
        total += float(price) * (capacity.limit - drawn)
    return total


def test_what_is_lost_against_the_prices_is_the_gap() -> None:
    for seed in SEEDS:
        problem = instance("plots", seed)
        answer = everybody(problem)
        for prices in (plain_prices(problem, "jobs"), sifted(problem, "jobs", {}, seconds=60.0)):
            gap = prices.bound - value_of(problem, "jobs", answer)
            assert lost(problem, prices, answer) == pytest.approx(gap, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_no_assignment_with_a_pair_is_above_the_bound_less_what_the_pair_costs(kind: str) -> None:
    """This is what lets pairs be left out: they are kept here one at a time."""
    for seed in range(8):
        problem = instance(kind, seed)
        for prices in (
            relaxed(problem, "investment", {}, EXACT),
            sifted(problem, "investment", {}, seconds=60.0),
        ):
            for pair in range(len(problem.pair_project)):
                alone = problem.pair_project != problem.pair_project[pair]
                alone[pair] = True
                forced = only(problem, alone)
                values = forced.values | {"investment": forced.values["investment"] + 0.0}
                number = int(np.cumsum(alone)[pair]) - 1
                values["investment"][number] += 100.0
                bonus = AllocationProblem(**(vars(forced) | {"values": values}))
                reached = optimum(bonus, ("investment",))[0] - 100.0
                if reached >= 0:  # else the pair is in no assignment at all
                    assert reached <= prices.bound - prices.reduced[pair] + 1e-6


def test_pairs_that_overdraw_a_capacity_alone_are_priced_out() -> None:
    found = 0
    for seed in SEEDS:
        problem = instance("plots", seed)
        out = ~fitting(problem)
        found += int(out.sum())
        assert np.isinf(plain_prices(problem, "jobs").reduced[out]).all()
        assert np.isinf(relaxed(problem, "jobs", {}, EXACT).reduced[out]).all()
    assert found


def test_prices_of_some_pairs_are_those_of_the_problem_without_the_others() -> None:
    problem = instance("plots", 3)
    prices = plain_prices(problem, "jobs")
    keep = np.arange(len(problem.pair_project)) % 2 == 0
    assert of_pairs(prices, keep).reduced.tolist() == prices.reduced[keep].tolist()
    assert of_pairs(prices, keep).bound == prices.bound


@pytest.mark.parametrize("kind", KINDS)
def test_insertion_breaks_nothing_whatever_the_order(kind: str) -> None:
    placed = 0
    for seed in SEEDS:
        problem = instance(kind, seed)
        order = np.random.default_rng(seed).permutation(len(problem.pair_project))
        answer = inserted(problem, order)
        assert broken(problem, answer) == []
        placed += int((answer.unit >= 0).sum())
    assert placed > len(SEEDS)


def test_rules_are_kept_exactly_where_a_second_opinion_says_so() -> None:
    kept = 0
    for seed in range(200):
        problem = instance("strips without a rest rule", seed)
        random = np.random.default_rng(seed)
        unit = np.full(problem.projects, -1)
        for project in range(problem.projects):
            mine = np.flatnonzero(problem.pair_project == project)
            if len(mine) and random.random() < 0.7:
                unit[project] = problem.pair_unit[random.choice(mine)]
        area = np.zeros(problem.projects)
        area[unit >= 0] = problem.area_min_ha[pairs_of(problem, unit)]
        faults = [told for told in broken(problem, Assignment(unit, area)) if "rest" not in told]
        assert keeps_rules(problem, unit) == (faults == [])
        kept += faults == []
    assert 20 < kept < 180


def test_a_problem_with_some_pairs_has_the_answers_that_use_only_them() -> None:
    for seed in range(10):
        problem = instance("both", seed)
        keep = np.random.default_rng(seed).random(len(problem.pair_project)) < 0.6
        some = only(problem, keep)
        every = [tuple(sorted(answer.items())) for answer in answers(problem)]
        assert {tuple(sorted(answer.items())) for answer in answers(some)} <= set(every)
        assert (
            pair_values(some, "area_fit").tolist()
            == pair_values(problem, "area_fit")[keep].tolist()
        )


def test_insertion_goes_on_from_who_stands_already() -> None:
    more = 0
    for seed in SEEDS:
        problem = instance("both", seed)
        order = np.random.default_rng(seed).permutation(len(problem.pair_project))
        start = inserted(problem, order[: len(order) // 3])
        answer = inserted(problem, order, start=start)
        stands = start.unit >= 0
        assert answer.unit[stands].tolist() == start.unit[stands].tolist()
        assert broken(problem, answer) == []
        more += int((answer.unit >= 0).sum() - stands.sum())
    assert more > len(SEEDS) / 2
