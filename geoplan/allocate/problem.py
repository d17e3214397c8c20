"""The allocation problem: eligible pairs, capacities and pairwise rules, as plain arrays.

No geometry and no table enters: a unit is an area with limits, a project an area with values.
Plain assignment (units that take one project), multiple knapsack and generalized assignment
are this problem with some of its arrays empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.flows import Flows
from geoplan.allocate.wishes import Wishes, hopes

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]


NEAR = "near"
"""Name of the objective that counts the wishes kept."""
TRANSPORT = "transport"
"""Name of the objective that the flows' tonne-kilometres count against."""
LOAD_NOISE = 1e-9
"""A capacity is overdrawn only by more than this share of it."""


@dataclass(frozen=True)
class SharedCapacity:
    """A capacity that several units draw on.

    Attributes
    ----------
    name : str
    limit : float
        In the capacity's own unit.
    pair : ndarray of int
        Pairs that draw on it.
    load : ndarray
        What each of them draws.
    utility : str
        The utility whose capacity it is, where it is that of some years only; else empty, and
        the name is the utility's.
    until : int, optional
        Last year of it: those who start later by their windows do not draw on it.
    waits_for : str
        What adds to it after that year.
    """

    name: str
    limit: float
    pair: Integers
    load: Floats
    utility: str = ""
    until: int | None = None
    waits_for: str = ""


@dataclass(frozen=True)
class Separation:
    """Units that must not hold both a project of one group and a project of another.

    Attributes
    ----------
    name : str
    first, second : ndarray of int
        Projects of the two groups.
    left, right : ndarray of int
        Units: not `first` on left[i] together with `second` on right[i]. The same unit twice
        keeps the groups apart within it.
    """

    name: str
    first: Integers
    second: Integers
    left: Integers
    right: Integers


@dataclass(frozen=True)
class AllocationProblem:
    """What is to be decided.

    Attributes
    ----------
    projects, units : int
    pair_project, pair_unit : ndarray of int, shape (pairs,)
        Eligible pairs, ordered by project, then unit.
    area_min_ha, area_max_ha : ndarray, shape (pairs,)
        Least and greatest area that the project may take on the unit, ha; both are the unit's
        own area where it is not divisible.
    area_wanted_ha : ndarray, shape (projects,)
        Area that the project asks for, ha.
    unit_area_ha : ndarray, shape (units,)
    unit_rest_min_ha : ndarray, shape (units,)
        Least area that may be left over on a unit, unless nothing is, or nobody stands there.
    divisible : ndarray of bool, shape (units,)
        A strip takes as many projects as fit; a plot takes one, whole.
    values : mapping of str to ndarray, shape (pairs,)
        What a placed pair is worth to each objective; ``area_fit`` is computed, not given.
        ``near``, where it is given, counts the wishes kept with projects that are not asked
        any more; ``transport``, less what the pair costs towards gates and such projects.
    capacities : tuple of SharedCapacity
    separations : tuple of Separation
    wishes : Wishes
        What the objective ``near`` counts.
    flows : Flows
        What counts against the objective ``transport``.
    """

    projects: int
    units: int
    pair_project: Integers
    pair_unit: Integers
    area_min_ha: Floats
    area_max_ha: Floats
    area_wanted_ha: Floats
    unit_area_ha: Floats
    unit_rest_min_ha: Floats
    divisible: Booleans
    values: Mapping[str, Floats]
    capacities: tuple[SharedCapacity, ...] = ()
    separations: tuple[Separation, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)
    flows: Flows = field(default_factory=Flows)


@dataclass(frozen=True)
class Assignment:
    """Who stands where.

    Attributes
    ----------
    unit : ndarray of int, shape (projects,)
        Unit of each project, -1 where it has none.
    area_ha : ndarray, shape (projects,)
        Area chosen for each project, 0 where it has none.
    """

    unit: Integers
    area_ha: Floats


def pairs_of(problem: AllocationProblem, unit: Integers) -> Integers:
    """Pairs that an assignment uses, shape (placed projects,)."""
    project = np.flatnonzero(unit >= 0)
    goal = unit[project]
    low = np.searchsorted(problem.pair_project, project)
    high = np.searchsorted(problem.pair_project, project, side="right")
    # A search within each project's own pairs: keys of all pairs would fill memory at scale.
    while (low < high).any():
        open_ = low < high
        middle = (low + high) // 2
        below = open_ & (problem.pair_unit[np.where(open_, middle, 0)] < goal)
        low = np.where(below, middle + 1, low)
        high = np.where(open_ & ~below, middle, high)
    return low


def is_whole(problem: AllocationProblem) -> bool:
    """Tell whether every unit that somebody may have takes one project."""
    return not problem.divisible[problem.pair_unit].any()


def pair_values(problem: AllocationProblem, objective: str) -> Floats:
    """Value each pair for an objective, at best; shape (pairs,).

    On a unit that is taken whole that is what it is worth; on a strip ``area_fit`` may come out
    lower, once the areas of its projects are chosen. A wish counts half on each side that could
    keep it, wherever the other one stands: together the pairs of an assignment are worth no less
    than what it keeps.
    """
    if objective == NEAR:
        return _hoped(problem)
    if objective != "area_fit":
        return problem.values[objective]
    wanted = problem.area_wanted_ha[problem.pair_project]
    nearest = np.clip(wanted, problem.area_min_ha, problem.area_max_ha)
    values: Floats = wanted - np.abs(nearest - wanted)
    return values


def wished(problem: AllocationProblem) -> bool:
    """Tell whether there is any wish that the objective ``near`` could count."""
    return len(problem.wishes) > 0 or NEAR in problem.values


def unwished(problem: AllocationProblem) -> AllocationProblem:
    """Return the same problem without what its wishes couple."""
    return replace(problem, wishes=Wishes()) if len(problem.wishes) else problem


def flowing(problem: AllocationProblem) -> bool:
    """Tell whether anything is sent that the objective ``transport`` could count."""
    return len(problem.flows) > 0 or TRANSPORT in problem.values


def still(problem: AllocationProblem) -> AllocationProblem:
    """Return the same problem without anything that is sent."""
    if not flowing(problem):
        return problem
    values = {name: value for name, value in problem.values.items() if name != TRANSPORT}
    return replace(problem, flows=Flows(), values=values)


def sending(problem: AllocationProblem, flows: Flows, elsewhere: Floats) -> AllocationProblem:
    """Return the same problem with flows.

    Parameters
    ----------
    problem : AllocationProblem
    flows : Flows
    elsewhere : ndarray, shape (pairs,)
        Worth of each pair towards gates, 0 or less.
    """
    return replace(problem, flows=flows, values={**problem.values, TRANSPORT: elsewhere})


def sent_elsewhere(problem: AllocationProblem) -> Floats:
    """Worth of each pair towards gates and whoever is not asked, 0 or less, shape (pairs,)."""
    return problem.values.get(TRANSPORT, np.zeros(len(problem.pair_project)))


def kept_with_others(problem: AllocationProblem) -> Floats:
    """Count the wishes that each pair keeps with projects that are not asked, shape (pairs,)."""
    return problem.values.get(NEAR, np.zeros(len(problem.pair_project)))


def _hoped(problem: AllocationProblem) -> Floats:
    value = kept_with_others(problem).copy()
    _, _, pair = hopes(problem.wishes, problem.pair_project, problem.pair_unit, problem.units)
    np.add.at(value, pair, 0.5)
    return value


def fitting(problem: AllocationProblem) -> Booleans:
    """Pairs that keep to every capacity while nobody else draws on it, shape (pairs,)."""
    fits = np.ones(len(problem.pair_project), dtype=bool)
    for capacity in problem.capacities:
        fits[capacity.pair[capacity.load > capacity.limit]] = False
    return fits


def only(problem: AllocationProblem, keep: Booleans) -> AllocationProblem:
    """Return the same problem with some of its pairs; projects and units keep their numbers."""
    number = np.cumsum(keep) - 1
    capacities = []
    for capacity in problem.capacities:
        mine = keep[capacity.pair]
        pair = number[capacity.pair[mine]]
        capacities.append(replace(capacity, pair=pair, load=capacity.load[mine]))
    return replace(
        problem,
        pair_project=problem.pair_project[keep],
        pair_unit=problem.pair_unit[keep],
        area_min_ha=problem.area_min_ha[keep],
        area_max_ha=problem.area_max_ha[keep],
        values={name: value[keep] for name, value in problem.values.items()},
        capacities=tuple(capacities),
    )


def keeps_rules(problem: AllocationProblem, unit: Integers) -> bool:
    """Tell whether nobody overdraws a capacity or stands too near, areas aside.

    Parameters
    ----------
    problem : AllocationProblem
    unit : ndarray of int, shape (projects,)
        Unit of each project, -1 where it has none.
    """
    chosen = np.zeros(len(problem.pair_project), dtype=bool)
    chosen[pairs_of(problem, unit)] = True
    for capacity in problem.capacities:
        used = capacity.load[chosen[capacity.pair]].sum()
        if used > capacity.limit + LOAD_NOISE * max(capacity.limit, 1.0):
            return False
    return not any(_too_near(rule, unit) for rule in problem.separations)


def _too_near(rule: Separation, unit: Integers) -> bool:
    """Tell whether two different projects of a rule's groups stand too near."""
    first, second = (group[unit[group] >= 0] for group in (rule.first, rule.second))
    size = max(int(rule.left.max(initial=-1)), int(unit.max(initial=-1))) + 1
    size = max(size, int(rule.right.max(initial=-1)) + 1)
    held, other = (np.bincount(unit[group], minlength=size) for group in (first, second))
    both = np.bincount(unit[np.intersect1d(first, second)], minlength=size)
    pairs = held[rule.left] * other[rule.right]
    # Nobody is at odds with itself.
    return bool((pairs - np.where(rule.left == rule.right, both[rule.left], 0) > 0).any())


def value_of(problem: AllocationProblem, objective: str, assignment: Assignment) -> float:
    """Value of an assignment, in the objective's unit.

    ``area_fit`` is the hectares asked for by those placed, less how far each one's area is from
    what it asked for; ``near`` is the number of wishes kept; ``transport`` is below zero by the
    tonne-kilometres of the flows between those placed, and to gates.
    """
    if objective == TRANSPORT:
        alone = sent_elsewhere(problem)[pairs_of(problem, assignment.unit)].sum()
        return float(alone - problem.flows.work(assignment.unit))
    if objective == NEAR:
        own = kept_with_others(problem)[pairs_of(problem, assignment.unit)].sum()
        return float(own + problem.wishes.kept(assignment.unit).sum())
    if objective == "area_fit":
        placed = assignment.unit >= 0
        wanted, given = problem.area_wanted_ha[placed], assignment.area_ha[placed]
        return float((wanted - np.abs(given - wanted)).sum())
    return float(problem.values[objective][pairs_of(problem, assignment.unit)].sum())
