"""Where to look for a gain: units that lose against the prices, and those that deal with them.

The bound less the value of an assignment is the sum of what its pairs cost, of what idle units
and waiting projects are priced at, and of what is left over of the capacities. So every unit
has its part of the gap, and what it could exchange projects or capacity with is close kin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.pricing import Prices
from geoplan.allocate.problem import AllocationProblem, Assignment, pairs_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

LEAST_SHARE = 1e-3
"""Every unit is drawn now and then, whatever it loses: so much of the mean loss counts."""
CAPACITY_SHARE = 0.5
"""Share of the steps that follow a capacity; the others follow a project."""
STEP_SHARE = 0.5
"""A step adds at most this share of the units wanted."""
STEPS_MAX = 60


@dataclass(frozen=True)
class Kinship:
    """Who deals with whom, as lists one after the other.

    Attributes
    ----------
    unit_begin, unit_capacity : ndarray of int
        Capacities that each unit's pairs draw on.
    capacity_begin, capacity_unit : ndarray of int
        Units that draw on each capacity.
    project_begin : ndarray of int
        First pair of each project.
    near : ndarray of int
        Pairs of each project, those of least reduced cost first.
    by_unit_begin, by_unit : ndarray of int
        Pairs of each unit, those of least reduced cost first.
    """

    unit_begin: Integers
    unit_capacity: Integers
    capacity_begin: Integers
    capacity_unit: Integers
    project_begin: Integers
    near: Integers
    by_unit_begin: Integers
    by_unit: Integers


def kinship(problem: AllocationProblem, prices: Prices) -> Kinship:
    """Gather who deals with whom."""
    nothing = np.empty(0, dtype=np.intp)
    drawing = [np.unique(problem.pair_unit[c.pair]) for c in problem.capacities]
    unit = np.concatenate([nothing, *drawing])
    capacity = np.repeat(np.arange(len(drawing)), [len(units) for units in drawing])
    by_unit = np.argsort(unit, kind="stable")
    return Kinship(
        np.searchsorted(unit[by_unit], np.arange(problem.units + 1)),
        capacity[by_unit],
        np.searchsorted(capacity, np.arange(len(drawing) + 1)),
        unit,
        np.searchsorted(problem.pair_project, np.arange(problem.projects + 1)),
        np.lexsort((prices.reduced, problem.pair_project)),
        np.concatenate([[0], np.cumsum(np.bincount(problem.pair_unit, minlength=problem.units))]),
        np.lexsort((prices.reduced, problem.pair_unit)),
    )


def losses(
    problem: AllocationProblem, now: Assignment, objective: str, prices: Prices, kin: Kinship
) -> Floats:
    """Tell what each unit loses against the prices, shape (units,)."""
    used = pairs_of(problem, now.unit)
    on = problem.pair_unit[used]
    lost = np.zeros(problem.units)
    np.add.at(lost, on, prices.reduced[used])
    held = np.bincount(on, minlength=problem.units) > 0
    lost += np.where(held, 0.0, prices.unit)
    if objective == "area_fit":
        misfit = np.abs(now.area_ha - problem.area_wanted_ha)[now.unit >= 0]
        np.add.at(lost, now.unit[now.unit >= 0], misfit)
    waiting = np.flatnonzero((now.unit < 0) & (np.diff(kin.project_begin) > 0))
    best = kin.near[kin.project_begin[waiting]]
    np.add.at(lost, problem.pair_unit[best], prices.project[waiting])
    chosen = np.zeros(len(problem.pair_project), dtype=bool)
    chosen[used] = True
    for number, each in enumerate(prices.capacity):
        capacity = problem.capacities[number]
        units = kin.capacity_unit[kin.capacity_begin[number] : kin.capacity_begin[number + 1]]
        if each > 0 and len(units):
            left = capacity.limit - capacity.load[chosen[capacity.pair]].sum()
            lost[units] += each * max(left, 0.0) / len(units)
    return np.maximum(lost, 0.0)


def drawn(
    problem: AllocationProblem,
    now: Assignment,
    lost: Floats,
    kin: Kinship,
    random: np.random.Generator,
    size: int,
) -> Integers:
    """Draw a unit that loses much, and others that deal with it, so many in all.

    Parameters
    ----------
    problem : AllocationProblem
    now : Assignment
    lost : ndarray, shape (units,)
        Units that must not be drawn lose less than nothing.
    kin : Kinship
    random : Generator
    size : int

    Returns
    -------
    ndarray of int
        Units in ascending order.
    """
    weight = np.maximum(lost, 0.0) + max(float(lost.mean()), 1e-9) * LEAST_SHARE
    weight[lost < 0] = 0.0
    held_by = np.argsort(now.unit, kind="stable")
    held_begin = np.searchsorted(now.unit[held_by], np.arange(problem.units + 1))
    chosen = lost < 0
    members = [int(random.choice(problem.units, p=weight / weight.sum()))]
    chosen[members] = True
    for _ in range(STEPS_MAX):
        if len(members) >= size:
            break
        unit = members[int(random.integers(len(members)))]
        if random.random() < CAPACITY_SHARE:
            others = _by_capacity(kin, unit, random)
        else:
            here = held_by[held_begin[unit] : held_begin[unit + 1]]
            others = _by_project(problem, kin, unit, here, random)
        others = np.unique(others[~chosen[others]])
        count = min(max(int(size * STEP_SHARE), 1), size - len(members), len(others))
        if count:
            p = weight[others] / weight[others].sum()
            added = random.choice(others, size=count, replace=False, p=p)
            chosen[added] = True
            members.extend(added.tolist())
    return np.sort(np.asarray(members, dtype=np.intp))


def _by_capacity(kin: Kinship, unit: int, random: np.random.Generator) -> Integers:
    """Units that share one of the unit's capacities."""
    begin, end = kin.unit_begin[unit], kin.unit_begin[unit + 1]
    if begin == end:
        return np.empty(0, dtype=np.intp)
    capacity = kin.unit_capacity[int(random.integers(begin, end))]
    return kin.capacity_unit[kin.capacity_begin[capacity] : kin.capacity_begin[capacity + 1]]


def _by_project(
    problem: AllocationProblem,
    kin: Kinship,
    unit: int,
    here: Integers,
    random: np.random.Generator,
) -> Integers:
    """Units that are good for a project that stands here, or could."""
    if not len(here) or random.random() < CAPACITY_SHARE:
        begin, end = kin.by_unit_begin[unit], kin.by_unit_begin[unit + 1]
        near = problem.pair_project[kin.by_unit[begin : begin + max(min(end - begin, 6), 0)]]
        here = np.append(here, near)
    if not len(here):
        return here
    project = here[int(random.integers(len(here)))]
    begin, end = kin.project_begin[project], kin.project_begin[project + 1]
    return problem.pair_unit[kin.near[begin : min(begin + 6, end)]]
