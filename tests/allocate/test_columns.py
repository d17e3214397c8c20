from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.gap import constant_of, gap_problem, published
from geoplan.allocate.columns import solve_by_columns
from geoplan.allocate.dives import Answer, cost_of, dived
from geoplan.allocate.knapsack import best_fills, fractional_fills
from geoplan.allocate.master import Master, Task, fills_at, relaxed, root_of
from geoplan.allocate.model import Limits, maximise
from geoplan.allocate.packing import packing_of
from geoplan.allocate.parts import inserted
from geoplan.allocate.plain import open_pairs, relaxed_plainly
from geoplan.allocate.problem import Assignment, Separation, SharedCapacity, value_of
from geoplan.allocate.status import SolveStatus
from tests.allocate.gap_instances import best_value
from tests.allocate.instances import broken, instance, optimum

EXACT = Limits(gap=0.0, nodes=100_000, seconds=60.0, seed=1)
FREELY = {"smoothing": 0.5, "rounds": 500, "until": np.inf}


def small(seed: int, *, decimals: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, loads and capacities of at most 6 projects and 3 units, some of it too tight."""
    random = np.random.default_rng([decimals, seed])
    units, projects = int(random.integers(1, 4)), int(random.integers(1, 7))
    value = random.integers(-2, 12, (units, projects)).astype(float)
    load = np.round(random.random((units, projects)) * 9, decimals)
    return value, load, np.round(random.random(units) * 15, decimals)


def as_problem(value: np.ndarray, load: np.ndarray, capacity: np.ndarray):
    problem = gap_problem(value, load, capacity, "max")
    project, unit = problem.pair_project, problem.pair_unit
    return replace(problem, values={"investment": value[unit, project]})


@pytest.mark.parametrize("seed", range(200))
def test_the_best_fill_of_every_unit_is_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    units, projects = int(random.integers(1, 4)), int(random.integers(1, 8))
    profit = np.round(random.normal(3, 6, (units, projects)), int(random.integers(0, 3)))
    load, capacity = random.integers(0, 9, (units, projects)), random.integers(0, 20, units)
    value, chosen = best_fills(profit, load, capacity)
    for unit in range(units):
        best = best_value(profit[[unit]], load[[unit]], capacity[[unit]])
        assert value[unit] == pytest.approx(best, abs=1e-9)
        assert profit[unit, chosen[unit]].sum() == pytest.approx(best, abs=1e-9)
        assert load[unit, chosen[unit]].sum() <= capacity[unit]


def test_nothing_fits_a_unit_that_is_more_than_full() -> None:
    value, chosen = best_fills(np.array([[1.0]]), np.array([[0]]), np.array([-1]))
    assert value[0] == -np.inf
    assert not chosen.any()


@pytest.mark.parametrize("seed", range(50))
def test_forcing_a_project_against_its_profit_costs_what_the_fractional_bound_says(seed) -> None:
    random = np.random.default_rng(seed)
    profit, load = random.normal(2, 5, (1, 6)), random.integers(1, 9, (1, 6))
    capacity = random.integers(8, 20, 1)
    most, rate = fractional_fills(profit, load, capacity)
    assert best_fills(profit, load, capacity)[0][0] <= most[0] + 1e-9
    for project in range(6):
        others = np.delete(np.arange(6), project)
        rest = capacity - load[:, project]
        inside = best_fills(profit[:, others], load[:, others], rest)[0][0] + profit[0, project]
        outside = best_fills(profit[:, others], load[:, others], capacity)[0][0]
        gain = profit[0, project] - rate[0] * load[0, project]
        assert (outside if gain > 0 else inside) <= most[0] - abs(gain) + 1e-9


@pytest.mark.parametrize("decimals", [0, 2, 9])
@pytest.mark.parametrize("seed", range(60))
def test_the_best_of_all_answers_is_found_and_proven(seed: int, decimals: int) -> None:
    value, load, capacity = small(seed, decimals=decimals)
    problem = as_problem(value, load, capacity)
    best = best_value(np.where(value < 0, -np.inf, value), load, capacity)
    outcome = solve_by_columns(problem, "investment", replace(EXACT, nodes=300))
    assert outcome is not None
    assert not broken(problem, outcome.assignment)
    assert outcome.value == pytest.approx(value_of(problem, "investment", outcome.assignment))
    assert outcome.value <= best + 1e-6 <= outcome.bound + 2e-6
    if decimals < 9:
        assert outcome.value == pytest.approx(best)
        assert outcome.bound == pytest.approx(best)
        assert outcome.status is SolveStatus.OPTIMAL


@pytest.mark.parametrize("kind", "ABCDE")
def test_instances_of_every_published_kind_are_solved_as_by_branch_and_bound(kind: str) -> None:
    for seed in range(3):
        costs, loads, capacities = published(kind, 3, 12, seed)
        problem = gap_problem(costs, loads, capacities)
        outcome = solve_by_columns(problem, "investment", EXACT)
        plain = maximise(problem, "investment", {}, EXACT)
        assert outcome is not None
        assert outcome.status is SolveStatus.OPTIMAL
        assert outcome.value == pytest.approx(plain.value)
        assert outcome.bound == outcome.value


@pytest.mark.parametrize("sense", ["min", "max"])
def test_all_projects_are_placed_wherever_they_can_be(sense: str) -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        costs = random.integers(-5, 20, (2, 5)).astype(float)
        loads, capacities = random.integers(1, 9, (2, 5)).astype(float), np.array([12.0, 12.0])
        problem = gap_problem(costs, loads, capacities, sense)
        constant = constant_of(costs, sense)
        outcome = solve_by_columns(problem, "investment", EXACT)
        assert outcome is not None
        totals = [
            costs[list(on), range(5)].sum()
            for on in np.ndindex(*[2] * 5)
            if all(loads[i, np.array(on) == i].sum() <= capacities[i] for i in range(2))
        ]
        if totals:
            wanted = min(totals) if sense == "min" else -max(totals)
            assert outcome.value == pytest.approx(5 * constant - wanted)
        else:
            assert outcome.value < 5 * constant - min(costs.min(), -costs.max())


def test_the_relaxation_over_fills_bounds_every_answer_and_is_reached_by_its_prices() -> None:
    for seed in range(5):
        packing = packing_of(gap_problem(*published("D", 4, 14, seed)), "investment")
        assert packing is not None
        master, root = Master(packing.task), root_of(packing.task)
        loose = relaxed(master, root, packing.task.penalty, np.inf, **FREELY)
        assert loose.finished
        assert loose.share.sum(axis=0) + loose.out == pytest.approx(1.0)
        cost = np.where(loose.share > 0, packing.task.cost, 0.0)
        total = (loose.share * cost).sum() + (loose.out * packing.task.penalty).sum()
        assert loose.bound == pytest.approx(total)
        assert fills_at(packing.task, root, loose.prices)[0] == pytest.approx(loose.bound)


def test_the_best_answer_uses_only_pairs_left_open() -> None:
    closed = 0
    for seed in range(5):
        problem = gap_problem(*published("C", 3, 12, seed))
        packing = packing_of(problem, "investment")
        outcome = solve_by_columns(problem, "investment", EXACT)
        assert packing is not None
        assert outcome is not None
        task = packing.task
        loose = relaxed(Master(task), root_of(task), task.penalty, np.inf, **FREELY)
        beaten = packing.most - outcome.value + 1.0
        pairs = open_pairs(task, root_of(task), loose.prices, loose.bound, beaten)
        assert pairs[outcome.assignment.unit, np.arange(12)].all()
        closed += int((~pairs).sum())
    assert closed > 0


def test_a_start_is_never_made_worse_and_every_step_is_an_improvement() -> None:
    problem = gap_problem(*published("D", 5, 30, 1))
    full = solve_by_columns(problem, "investment", replace(EXACT, nodes=60))
    assert full is not None
    again = solve_by_columns(problem, "investment", replace(EXACT, nodes=1), full.assignment)
    assert again is not None
    assert again.value >= full.value
    assert len(full.history) > 1
    for before, after in zip(full.history, full.history[1:], strict=False):
        assert after.nodes >= before.nodes
        assert after.value >= before.value
        assert after.bound <= before.bound


def test_the_same_seed_gives_the_same_answer_and_the_work_limit_is_kept() -> None:
    problem = gap_problem(*published("D", 6, 40, 2))
    limits = replace(EXACT, nodes=50)
    one, other = (solve_by_columns(problem, "investment", limits) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.assignment.unit.tobytes() == other.assignment.unit.tobytes()
    assert one.history == other.history
    assert one.history[-1].nodes <= 50
    assert one.status in (SolveStatus.WORK_LIMIT, SolveStatus.OPTIMAL)


def test_no_time_gives_what_was_known_and_says_so() -> None:
    problem = gap_problem(*published("D", 5, 30, 3))
    outcome = solve_by_columns(problem, "investment", replace(EXACT, seconds=0.0))
    assert outcome is not None
    assert outcome.status is SolveStatus.TIME_LIMIT
    assert outcome.value <= outcome.bound
    assert not broken(problem, outcome.assignment)


def test_plots_and_strips_are_solved_where_they_are_knapsacks_and_left_alone_elsewhere() -> None:
    read = dict.fromkeys(("plots", "strips without a rest rule"), 0)
    for kind in read:
        for seed in range(40):
            problem = instance(kind, seed, rules=False)
            for name in ("investment", "area_fit"):
                outcome = solve_by_columns(problem, name, EXACT)
                if outcome is None:
                    assert name == "area_fit"
                    assert problem.divisible.any()
                    continue
                read[kind] += 1
                assert not broken(problem, outcome.assignment)
                assert outcome.value == pytest.approx(optimum(problem, (name,))[0])
                assert outcome.bound == pytest.approx(outcome.value)
    assert read["plots"] == 80
    assert read["strips without a rest rule"] >= 40


def test_rules_that_bind_across_units_are_not_overlooked() -> None:
    plain = gap_problem(*published("C", 3, 9, 1))
    assert packing_of(plain, "investment") is not None
    pair = np.arange(len(plain.pair_project))
    ample = SharedCapacity("all", 9.0, pair, np.ones(len(pair)))
    tight = SharedCapacity("all", 8.0, pair, np.ones(len(pair)))
    apart = Separation("S", np.array([0]), np.array([1]), np.array([0]), np.array([1]))
    second = replace(plain, unit_area_ha=np.full(3, 4.0))
    assert packing_of(replace(plain, capacities=(*plain.capacities, ample)), "investment")
    for other in (
        replace(plain, capacities=(*plain.capacities, tight)),
        replace(plain, separations=(apart,)),
        second,
        replace(second, capacities=(), unit_rest_min_ha=np.ones(3)),
    ):
        assert packing_of(other, "investment") is None
        assert solve_by_columns(other, "investment", EXACT) is None


def test_loads_without_a_common_measure_are_rounded_up_to_fit_and_down_to_bound() -> None:
    value, load, capacity = small(3, decimals=9)
    packing = packing_of(as_problem(value, load / np.pi, capacity / np.pi), "investment")
    assert packing is not None
    assert (packing.relaxed.load <= packing.task.load).all()
    assert (packing.relaxed.load < packing.task.load).any()


def test_an_empty_task_costs_its_penalties() -> None:
    nothing = np.zeros((2, 3), dtype=np.intp)
    task = Task(np.full((2, 3), np.inf), np.ones(3), nothing, np.zeros(2, dtype=np.intp), 1.0)
    loose = relaxed(Master(task), root_of(task), task.penalty, np.inf, **FREELY)
    assert loose.bound == pytest.approx(3.0)
    assert loose.out.tolist() == [1.0, 1.0, 1.0]


def test_nobody_stays_a_valid_start() -> None:
    problem = gap_problem(*published("A", 3, 6, 1))
    nobody = Assignment(np.full(6, -1, dtype=np.intp), np.zeros(6))
    outcome = solve_by_columns(problem, "investment", EXACT, nobody)
    assert outcome is not None
    assert (outcome.assignment.unit >= 0).all()


@pytest.mark.parametrize("kind", "CD")
def test_a_large_problem_is_packed_part_by_part_within_its_bound(kind, monkeypatch) -> None:
    problem = gap_problem(*published(kind, 8, 40, 1))
    whole = solve_by_columns(problem, "investment", replace(EXACT, nodes=400))
    monkeypatch.setattr("geoplan.allocate.columns.ROWS_MAX", 10)
    monkeypatch.setattr("geoplan.allocate.parts.PROJECTS_EACH", 20)
    parts = solve_by_columns(problem, "investment", replace(EXACT, nodes=800))
    assert whole is not None
    assert parts is not None
    assert not broken(problem, parts.assignment)
    assert (parts.assignment.unit >= 0).all()
    assert parts.value <= whole.bound
    assert whole.value <= parts.bound
    costs = 40 * constant_of(published(kind, 8, 40, 1)[0]) - np.array([whole.value, parts.value])
    assert costs[1] <= 1.1 * costs[0]


def test_insertion_keeps_who_stands_and_overfills_nothing() -> None:
    packing = packing_of(gap_problem(*published("D", 4, 24, 1)), "investment")
    assert packing is not None
    task, root = packing.task, root_of(packing.task)
    unit = np.full(24, -1, dtype=np.intp)
    unit[3] = 2
    begun = Answer(cost_of(task, unit), unit)
    prices, unsplit = relaxed_plainly(task, root, seconds=9.0)
    full = inserted(task, root, prices, begun)
    assert full.unit[3] == 2
    assert (full.unit >= 0).sum() >= 20
    assert full.cost == cost_of(task, full.unit) < begun.cost
    assert (unsplit >= 0).sum() >= 20
    for unit in (full.unit, unsplit):
        for index in range(4):
            assert task.load[index, unit == index].sum() <= task.capacity[index]


def test_who_is_worth_less_than_nothing_where_it_stands_is_not_kept() -> None:
    value = np.array([[-3.0, 4.0]])
    problem = as_problem(value, np.ones((1, 2)), np.array([2.0]))
    start = Assignment(np.array([0, 0]), np.ones(2))
    outcome = solve_by_columns(problem, "investment", EXACT, start)
    assert outcome is not None
    assert outcome.assignment.unit.tolist() == [-1, 0]
    assert outcome.value == outcome.bound == 4.0


def task_of(kind: str, units: int, projects: int, seed: int) -> Task:
    packing = packing_of(gap_problem(*published(kind, units, projects, seed)), "investment")
    assert packing is not None
    return packing.task


@pytest.mark.parametrize("together", [1, 3])
def test_a_dive_ends_with_an_answer_that_fits_and_is_above_its_bound(together: int) -> None:
    for seed in range(4):
        task = task_of("D", 5, 40, seed)
        master, root = Master(task), root_of(task)
        nobody = np.full(40, -1, dtype=np.intp)
        begun = Answer(cost_of(task, nobody), nobody)
        search = dived(
            master,
            root,
            task.penalty,
            begun,
            favour=np.ones(task.cost.shape),
            together=together,
            nodes=200,
            until=np.inf,
        )
        unit = search.answer.unit
        assert search.answer.cost == cost_of(task, unit) < begun.cost
        assert search.bound <= search.answer.cost
        assert search.nodes <= 200
        for index in range(5):
            assert task.load[index, unit == index].sum() <= task.capacity[index]


def test_a_trimmed_master_still_gives_the_same_bound() -> None:
    task = task_of("D", 5, 40, 1)
    master, root = Master(task), root_of(task)
    loose = relaxed(master, root, task.penalty, np.inf, **FREELY)
    assert master.trimmed(root, loose.prices, len(master.unit)) is master
    smaller = master.trimmed(root, loose.prices, len(master.unit) - 1)
    assert len(smaller.unit) == (len(master.unit) - 1) // 2
    again = relaxed(smaller, root, loose.prices, np.inf, **FREELY)
    assert again.bound == pytest.approx(loose.bound)


@pytest.mark.parametrize("kind", "CDE")
def test_pairs_brought_in_later_give_the_relaxation_over_all_pairs(kind, monkeypatch) -> None:
    task = task_of(kind, 8, 60, 1)
    root = root_of(task)
    whole, _ = relaxed_plainly(task, root, seconds=60.0)
    monkeypatch.setattr("geoplan.allocate.plain.PAIRS_MAX", 120)
    some, unit = relaxed_plainly(task, root, seconds=60.0)
    bounds = [fills_at(task, root, prices)[0] for prices in (whole, some)]
    assert bounds[1] == pytest.approx(bounds[0], rel=0.01)
    for index in range(8):
        assert task.load[index, unit == index].sum() <= task.capacity[index]


def test_without_time_rough_prices_still_bound_well() -> None:
    task = task_of("E", 8, 60, 1)
    root = root_of(task)
    rough, unit = relaxed_plainly(task, root, seconds=0.0)
    exact, _ = relaxed_plainly(task, root, seconds=60.0)
    assert (unit == -1).all()
    bound = fills_at(task, root, exact)[0]
    assert fills_at(task, root, rough)[0] >= bound - 0.1 * abs(bound)
