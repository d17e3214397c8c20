"""Improving an assignment: free a few units, solve that small problem exactly, keep what is better.

The small problem is an :class:`AllocationProblem` like any other: what stays fixed shows in it
as less capacity and fewer pairs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.model import Limits, maximise
from geoplan.allocate.problem import (
    AllocationProblem,
    Assignment,
    Separation,
    SharedCapacity,
    pairs_of,
    value_of,
)

Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

UNITS_FREED = 4
NODES_EACH = 100
STALE_ROUNDS = 15
"""Neighbourhoods in a row without a gain, after which branch and bound will do better."""
GAIN = 1e-6
"""Relative gain below which an exchange is rounding."""


@dataclass(frozen=True)
class Restricted:
    """A small problem within a large one.

    Attributes
    ----------
    problem : AllocationProblem
    projects, units : ndarray of int
        Their numbers in the large problem.
    """

    problem: AllocationProblem
    projects: Integers
    units: Integers


def improved(
    problem: AllocationProblem,
    start: Assignment,
    objective: str,
    floors: Mapping[str, float],
    bound: float,
    limits: Limits,
    *,
    rounds: int,
) -> Assignment:
    """Improve an assignment by neighbourhoods until the gap is reached or the rounds are used.

    Parameters
    ----------
    problem : AllocationProblem
    start : Assignment
    objective : str
    floors : mapping of str to float
        Values of earlier objectives that the start has and that must be kept.
    bound : float
        Proven bound of the objective.
    limits : Limits
        ``gap`` and ``seconds`` end the search; ``seed`` draws the neighbourhoods.
    rounds : int
        Neighbourhoods at most.

    Returns
    -------
    Assignment
        At least as good as the start, which it may be.
    """
    until = time.monotonic() + limits.seconds
    random = np.random.default_rng(limits.seed)
    best, value = start, value_of(problem, objective, start)
    kin = _kinship(problem)
    tried: set[tuple[int, ...]] = set()
    stale = 0
    for _ in range(rounds):
        seconds = until - time.monotonic()
        if bound - value <= limits.gap * abs(bound) or seconds <= 0 or stale >= STALE_ROUNDS:
            break
        stale += 1
        units = _drawn(problem, best, objective, kin, random)
        if tuple(units.tolist()) in tried:
            continue
        tried.add(tuple(units.tolist()))
        small = restricted(problem, best, units)
        if not len(small.problem.pair_project):
            continue
        inside = Assignment(_renumbered(small, best), best.area_ha[small.projects])
        own = {name: value_of(small.problem, name, inside) for name in floors}
        exact = replace(limits, gap=0.0, nodes=NODES_EACH, seconds=seconds)
        outcome = maximise(small.problem, objective, own, exact, start=inside)
        before = value_of(small.problem, objective, inside)
        if outcome.assignment is None or outcome.value <= before + GAIN * max(abs(before), 1.0):
            continue
        best = replaced(best, small, outcome.assignment)
        tried.clear()
        stale = 0
        value = value_of(problem, objective, best)
    return best


def _kinship(problem: AllocationProblem) -> NDArray[np.float64]:
    """How many projects each pair of units could exchange, shape (units, units)."""
    fits = np.zeros((problem.projects, problem.units))
    fits[problem.pair_project, problem.pair_unit] = 1.0
    return np.asarray(fits.T @ fits)


def _drawn(
    problem: AllocationProblem,
    now: Assignment,
    objective: str,
    kin: NDArray[np.float64],
    random: np.random.Generator,
) -> Integers:
    """Draw a unit where something is amiss, and units that can exchange projects with it."""
    amiss = np.full(problem.units, 1e-3)
    placed = now.unit >= 0
    if objective == "area_fit":
        misfit = np.abs(now.area_ha - problem.area_wanted_ha)[placed]
        amiss += np.bincount(now.unit[placed], weights=misfit, minlength=problem.units)
    waiting = ~placed[problem.pair_project]
    amiss += np.bincount(problem.pair_unit[waiting], minlength=problem.units)
    seed = int(random.choice(problem.units, p=amiss / amiss.sum()))
    likely = kin[seed] * (0.2 + amiss / amiss.max())
    likely[seed] = 0.0
    count = min(UNITS_FREED - 1, int((likely > 0).sum()))
    if count == 0:
        return np.array([seed])
    others = random.choice(problem.units, size=count, replace=False, p=likely / likely.sum())
    return np.sort(np.append(others, seed))


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
    pair_number = np.cumsum(keep) - 1
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
        values={name: value[keep] for name, value in problem.values.items()},
        capacities=_left_over(problem, now, free, keep, pair_number),
        separations=_among(problem, free, free_unit, number, place),
    )
    return Restricted(small, projects, units)


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
) -> tuple[SharedCapacity, ...]:
    used = np.zeros(len(problem.pair_project), dtype=bool)
    used[pairs_of(problem, now.unit)] = True
    used &= ~free[problem.pair_project]
    left = []
    for capacity in problem.capacities:
        taken = float(capacity.load[used[capacity.pair]].sum())
        mine = keep[capacity.pair]
        pair = pair_number[capacity.pair[mine]]
        left.append(
            SharedCapacity(
                capacity.name, max(capacity.limit - taken, 0.0), pair, capacity.load[mine]
            )
        )
    return tuple(left)


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


def _renumbered(small: Restricted, now: Assignment) -> Integers:
    unit = now.unit[small.projects]
    return np.where(unit >= 0, np.searchsorted(small.units, unit), -1)


def replaced(now: Assignment, small: Restricted, inside: Assignment) -> Assignment:
    """Put the answer of a small problem into the large one's assignment."""
    unit, area = now.unit.copy(), now.area_ha.copy()
    unit[small.projects] = np.where(inside.unit >= 0, small.units[inside.unit], -1)
    area[small.projects] = inside.area_ha
    return Assignment(unit, area)
