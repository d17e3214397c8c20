"""Improving an assignment: free a few units, solve that small problem exactly, keep what is better.

The small problem is an :class:`AllocationProblem` like any other: what stays fixed shows in it
as less capacity and fewer pairs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.draws import Kinship, drawn, kinship, losses
from geoplan.allocate.model import Limits, Outcome, maximise
from geoplan.allocate.pricing import Prices, least
from geoplan.allocate.problem import (
    NEAR,
    TRANSPORT,
    AllocationProblem,
    Assignment,
    Separation,
    SharedCapacity,
    flowing,
    is_whole,
    keeps_rules,
    kept_with_others,
    only,
    pairs_of,
    sent_elsewhere,
    value_of,
    wished,
)
from geoplan.allocate.wishes import Wishes, around_a_missed_one, pairs_of_each

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

LANES = 2
"""Neighbourhoods solved at the same time, usually."""
SIDE_BY_SIDE = 2
"""Neighbourhoods that each lane has to solve before gains are taken over: some take long, others
no time. Always so many, so that the answer is always the same."""
UNITS_FIRST = 6
GROWTH, SHRINKAGE = 1.15, 0.85
"""Neighbourhoods grow while they take little work, and shrink when they take much."""
NODES_EACH = 50
WORK_EACH = 4_000
"""Iterations that a neighbourhood should take."""
PAIRS_MAX = 3_000
"""Pairs of a neighbourhood, those of least reduced cost first."""
STALE_ROUNDS = 8
STALE_TURNS = 1
"""Neighbourhoods in a row without a gain, after which branch and bound will do better: so many,
and so many times as would cover all units."""
GAIN = 1e-6
"""Relative gain below which an exchange is rounding."""


@dataclass(frozen=True)
class Restricted:
    """A small problem within a large one.

    Attributes
    ----------
    problem : AllocationProblem
    projects, units, pairs, capacities : ndarray of int
        Their numbers in the large problem.
    """

    problem: AllocationProblem
    projects: Integers
    units: Integers
    pairs: Integers
    capacities: Integers


def improved(
    problem: AllocationProblem,
    start: Assignment,
    objective: str,
    floors: Mapping[str, float],
    prices: Prices,
    limits: Limits,
    *,
    rounds: int,
    work: float = np.inf,
    lanes: int = LANES,
    stopped: Callable[[], bool] = lambda: False,
    reached: Callable[[int, float], None] = lambda _turn, _value: None,
) -> Assignment:
    """Improve an assignment by neighbourhoods until the gap is reached or the rounds are used.

    Parameters
    ----------
    problem : AllocationProblem
    start : Assignment
    objective : str
    floors : mapping of str to float
        Values of earlier objectives that the start has and that must be kept.
    prices : Prices
        Of this problem and objective: where the start loses against them, there it is searched.
    limits : Limits
        ``gap`` and ``seconds`` end the search; ``seed`` draws the neighbourhoods.
    rounds, lanes : int
        Turns at most, and neighbourhoods that each of them solves at the same time.
    work : float
        Iterations of the simplex method after which no more are drawn.
    stopped, reached : callable, optional
        Asked before each turn whether to stop; told the turn and the value after each gain.

    Returns
    -------
    Assignment
        At least as good as the start.
    """
    ground = _Ground.of(problem, objective, floors, prices)
    until = time.monotonic() + limits.seconds
    random = np.random.default_rng(limits.seed)
    best, value, stale, size = start, ground.value(start), 0, float(UNITS_FIRST)
    with ThreadPoolExecutor(lanes) as pool:
        for turn in range(rounds):
            left = until - time.monotonic()
            stale_most = STALE_ROUNDS + STALE_TURNS * problem.units / size
            enough = stale >= stale_most or prices.bound - value <= limits.gap * abs(prices.bound)
            if enough or min(left, work) <= 0 or stopped():
                break
            tasks = _tasks(ground, best, random, int(size), count=lanes * SIDE_BY_SIDE)
            exact = Limits(0.0, NODES_EACH, left, limits.seed, thorough=False)
            outcomes = list(pool.map(partial(_solved, ground, limits=exact), tasks))
            spent = [outcome.work for outcome in outcomes]
            work -= sum(spent)
            size, stale = _resized(size, max(spent, default=0), problem.units), stale + 1
            for now in _taken_over(ground, best, tasks, outcomes):
                best, value, stale = now, ground.value(now), 0
                reached(turn, value)
    return best


def _resized(size: float, most_work: int, units: int) -> float:
    """Let neighbourhoods grow or shrink by what the hardest of them took."""
    size *= GROWTH if most_work <= WORK_EACH else SHRINKAGE
    return min(max(size, 2.0), float(units))


@dataclass(frozen=True)
class _Ground:
    """What stays the same while an assignment is improved.

    ``linear`` says whether what is lost against the prices is the sum of pairs' own losses.
    """

    problem: AllocationProblem
    objective: str
    floors: Mapping[str, float]
    prices: Prices
    kin: Kinship
    linear: bool

    @classmethod
    def of(
        cls,
        problem: AllocationProblem,
        objective: str,
        floors: Mapping[str, float],
        prices: Prices,
    ) -> _Ground:
        apart = not (objective == NEAR and len(problem.wishes))
        linear = not floors and apart and is_whole(problem)
        return cls(problem, objective, floors, prices, kinship(problem, prices), linear)

    def value(self, answer: Assignment) -> float:
        return value_of(self.problem, self.objective, answer)


@dataclass(frozen=True)
class _Task:
    """A neighbourhood to be solved, and what stands in it."""

    small: Restricted
    inside: Assignment


def _tasks(
    ground: _Ground, now: Assignment, random: np.random.Generator, size: int, *, count: int
) -> list[_Task]:
    """Draw neighbourhoods that have neither a unit nor a waiting project in common."""
    problem = ground.problem
    lost = losses(problem, now, ground.objective, ground.prices, ground.kin)
    spoken_for = np.zeros(problem.projects, dtype=bool)
    tasks: list[_Task] = []
    for _ in range(count):
        if (lost >= 0).sum() < min(size, problem.units):
            break
        units = drawn(problem, now, lost, ground.kin, random, size)
        if ground.objective == NEAR and len(problem.wishes.left):
            half = max(size // 2, 2)
            more = around_a_missed_one(problem.wishes, now.unit, lost >= 0, random, half)
            units = np.union1d(random.permutation(units)[: max(size - len(more), 0)], more)
        lost[units] = -1.0
        task = _promising(ground, now, units, spoken_for)
        spoken_for[task.small.projects] = True
        if len(task.small.problem.pair_project):
            tasks.append(task)
    return tasks


def _solved(ground: _Ground, task: _Task, *, limits: Limits) -> Outcome:
    problem = task.small.problem
    own = {name: value_of(problem, name, task.inside) for name in ground.floors}
    return maximise(problem, ground.objective, own, limits, start=task.inside)


def _taken_over(
    ground: _Ground, best: Assignment, tasks: Sequence[_Task], outcomes: Sequence[Outcome]
) -> Iterator[Assignment]:
    """Put better answers in one after the other, and yield what comes of each."""
    for task, outcome in zip(tasks, outcomes, strict=True):
        now = _with_answer(ground, best, task, outcome)
        if now is not None:
            best = now
            yield now


def _with_answer(
    ground: _Ground, best: Assignment, task: _Task, outcome: Outcome
) -> Assignment | None:
    """Put a better answer in, unless what was solved beside it has used up the room."""
    problem = ground.problem
    before = value_of(task.small.problem, ground.objective, task.inside)
    if outcome.assignment is None or outcome.value <= before + GAIN * max(abs(before), 1.0):
        return None
    now = replaced(best, task.small, outcome.assignment)
    if len(problem.wishes) and not _as_good(ground, best, now):
        return None
    return now if keeps_rules(problem, now.unit) else None


def _as_good(ground: _Ground, best: Assignment, now: Assignment) -> bool:
    """Tell whether an answer is better as a whole: wishes reach into what was solved beside it."""
    problem = ground.problem
    kept = all(
        value_of(problem, name, now) >= least(min(floor, value_of(problem, name, best)))
        for name, floor in ground.floors.items()
    )
    return kept and ground.value(now) > ground.value(best)


def _promising(ground: _Ground, now: Assignment, units: Integers, spoken_for: Booleans) -> _Task:
    """Restrict to some units, and to pairs that could be part of a gain there."""
    prices = ground.prices
    small = restricted(ground.problem, now, units)
    inside = Assignment(_renumbered(small, now), now.area_ha[small.projects])
    reduced = prices.reduced[small.pairs]
    used = pairs_of(small.problem, inside.unit)
    most = _lost(small, inside, used, prices) if ground.linear else np.inf
    if len(reduced) > PAIRS_MAX:
        most = min(most, float(np.partition(reduced, PAIRS_MAX)[PAIRS_MAX]))
    keep = reduced <= most + GAIN * max(abs(prices.bound), 1.0)
    keep &= ~spoken_for[small.projects[small.problem.pair_project]]
    keep[used] = True
    # Projects that wait and can gain nothing here need no rows.
    some = np.zeros(len(small.projects), dtype=bool)
    some[small.problem.pair_project[keep]] = True
    lean = _among_some(only(small.problem, keep), some)
    return _Task(
        Restricted(lean, small.projects[some], small.units, small.pairs[keep], small.capacities),
        Assignment(inside.unit[some], inside.area_ha[some]),
    )


def _lost(small: Restricted, inside: Assignment, used: Integers, prices: Prices) -> float:
    """Tell what the units and projects of a small problem lose against the prices.

    A pair whose reduced cost is above that is in no better assignment of theirs.
    """
    lost = prices.reduced[small.pairs[used]].sum()
    lost += prices.project[small.projects[inside.unit < 0]].sum()
    held = np.bincount(inside.unit[inside.unit >= 0], minlength=len(small.units)) > 0
    lost += prices.unit[small.units[~held]].sum()
    chosen = np.zeros(len(small.pairs), dtype=bool)
    chosen[used] = True
    capacities = small.problem.capacities
    for each, capacity in zip(prices.capacity[small.capacities], capacities, strict=True):
        left = capacity.limit - capacity.load[chosen[capacity.pair]].sum()
        lost += each * max(float(left), 0.0)
    return float(lost)


def _among_some(problem: AllocationProblem, some: Booleans) -> AllocationProblem:
    """Leave out projects, none of which has a pair."""
    number = np.cumsum(some) - 1
    return replace(
        problem,
        projects=int(some.sum()),
        pair_project=number[problem.pair_project],
        area_wanted_ha=problem.area_wanted_ha[some],
        separations=tuple(
            replace(
                rule,
                first=number[rule.first[some[rule.first]]],
                second=number[rule.second[some[rule.second]]],
            )
            for rule in problem.separations
        ),
        wishes=problem.wishes.among(np.where(some, number, -1), np.arange(problem.units)),
        flows=problem.flows.among(np.where(some, number, -1), np.arange(len(problem.flows.km))),
    )


def restricted(problem: AllocationProblem, now: Assignment, units: Integers) -> Restricted:
    """Keep what stands elsewhere; leave free the projects on some units and those without one."""
    free_unit = np.zeros(problem.units, dtype=bool)
    free_unit[units] = True
    free = (now.unit < 0) | free_unit[now.unit]
    keep = free[problem.pair_project] & free_unit[problem.pair_unit]
    keep &= ~_barred(problem, now, free)
    projects = np.flatnonzero(free)
    number = np.cumsum(free) - 1
    place = np.cumsum(free_unit) - 1
    left = _left_over(problem, now, free, keep, np.cumsum(keep) - 1)
    values = {name: value[keep] for name, value in problem.values.items()}
    if wished(problem):
        values[NEAR] = (kept_with_others(problem) + _kept_with_fixed(problem, now, free))[keep]
    flows = problem.flows
    if flowing(problem):
        stays = np.where(free, -1, now.unit)
        there = problem.pair_project[keep], problem.pair_unit[keep]
        values[TRANSPORT] = sent_elsewhere(problem)[keep] - flows.to_fixed(*there, stays)
        flows = flows.among(np.where(free, number, -1), np.where(free_unit, place, -1))
    small = replace(
        problem,
        projects=len(projects),
        units=len(units),
        pair_project=number[problem.pair_project[keep]],
        pair_unit=place[problem.pair_unit[keep]],
        area_min_ha=problem.area_min_ha[keep],
        area_max_ha=problem.area_max_ha[keep],
        area_wanted_ha=problem.area_wanted_ha[projects],
        unit_area_ha=problem.unit_area_ha[units],
        unit_rest_min_ha=problem.unit_rest_min_ha[units],
        divisible=problem.divisible[units],
        values=values,
        capacities=tuple(left.values()),
        separations=_among(problem, free, free_unit, number, place),
        wishes=_among_free(problem.wishes, free, free_unit, number, place),
        flows=flows,
    )
    capacities = np.fromiter(left, dtype=np.intp)
    return Restricted(small, projects, units, np.flatnonzero(keep), capacities)


def _barred(problem: AllocationProblem, now: Assignment, free: Booleans) -> Booleans:
    """Pairs that a fixed project's separation forbids, shape (pairs,)."""
    barred = np.zeros(len(problem.pair_project), dtype=bool)
    for rule in problem.separations:
        for group, other, here, there in (
            (rule.first, rule.second, rule.left, rule.right),
            (rule.second, rule.first, rule.right, rule.left),
        ):
            fixed = other[~free[other]]
            held = np.zeros(problem.units, dtype=bool)
            held[now.unit[fixed]] = True
            closed = np.zeros(problem.units, dtype=bool)
            closed[here[held[there]]] = True
            barred |= np.isin(problem.pair_project, group) & closed[problem.pair_unit]
    return barred


def _left_over(
    problem: AllocationProblem,
    now: Assignment,
    free: Booleans,
    keep: Booleans,
    pair_number: Integers,
) -> dict[int, SharedCapacity]:
    used = np.zeros(len(problem.pair_project), dtype=bool)
    used[pairs_of(problem, now.unit)] = True
    used &= ~free[problem.pair_project]
    left = {}
    for index, capacity in enumerate(problem.capacities):
        mine = keep[capacity.pair]
        if mine.any():
            taken = float(capacity.load[used[capacity.pair]].sum())
            pair, load = pair_number[capacity.pair[mine]], capacity.load[mine]
            limit = max(capacity.limit - taken, 0.0)
            left[index] = SharedCapacity(capacity.name, limit, pair, load)
    return left


def _among(
    problem: AllocationProblem,
    free: Booleans,
    free_unit: Booleans,
    number: Integers,
    place: Integers,
) -> tuple[Separation, ...]:
    among = []
    for rule in problem.separations:
        both = free_unit[rule.left] & free_unit[rule.right]
        first, second = (number[group[free[group]]] for group in (rule.first, rule.second))
        if len(first) and len(second):
            left, right = place[rule.left[both]], place[rule.right[both]]
            among.append(Separation(rule.name, first, second, left, right))
    return tuple(among)


def _among_free(
    wishes: Wishes, free: Booleans, free_unit: Booleans, number: Integers, place: Integers
) -> Wishes:
    if not len(wishes):
        return wishes
    return wishes.among(np.where(free, number, -1), np.where(free_unit, place, -1))


def _kept_with_fixed(problem: AllocationProblem, now: Assignment, free: Booleans) -> Floats:
    """Count the wishes that each pair of a free project keeps with fixed ones, shape (pairs,)."""
    count = np.zeros(len(problem.pair_project))
    wishes = problem.wishes
    for own, other in ((wishes.first, wishes.second), (wishes.second, wishes.first)):
        mixed = free[own] & ~free[other]
        row, pair = pairs_of_each(problem.pair_project, own[mixed])
        near = wishes.near(problem.pair_unit[pair], now.unit[other[mixed]][row])
        np.add.at(count, pair[near], 1.0)
    return count


def _renumbered(small: Restricted, now: Assignment) -> Integers:
    unit = now.unit[small.projects]
    return np.where(unit >= 0, np.searchsorted(small.units, unit), -1)


def replaced(now: Assignment, small: Restricted, inside: Assignment) -> Assignment:
    """Put the answer of a small problem into the large one's assignment."""
    unit, area = now.unit.copy(), now.area_ha.copy()
    # There may be no unit at all; -1 stands behind them.
    unit[small.projects] = np.append(small.units, -1)[inside.unit]
    area[small.projects] = inside.area_ha
    return Assignment(unit, area)
