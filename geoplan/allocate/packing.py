"""Recognising units with one knapsack each: generalized assignment within an allocation problem.

Such units are coupled by their projects alone, so that columns can be generated unit by unit.
Plots that take one project are knapsacks too, of one cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.master import Task
from geoplan.allocate.problem import AllocationProblem, SharedCapacity

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

WHOLE = 1e-9
"""Relative distance to a whole number that is rounding."""
DECIMALS = 6
CELLS = 4_000
"""Cells of a knapsack whose loads have no common measure."""
CELLS_MAX = 20_000
"""Cells up to which a common measure is used."""


@dataclass(frozen=True)
class Packing:
    """An allocation problem as projects onto knapsacks.

    Attributes
    ----------
    task : Task
        What fits it fits the problem.
    relaxed : Task
        What fits the problem fits it; the same task where loads have a common measure.
    most : float
        Value of the problem if every project had its best unit; less the cost of an answer it
        is the answer's value.
    """

    task: Task
    relaxed: Task
    most: float


@dataclass(frozen=True)
class _Limit:
    """One knapsack: pairs of one unit, what they draw, and how much there is."""

    pair: Integers
    load: Floats
    limit: float


def packing_of(problem: AllocationProblem, objective: str) -> Packing | None:
    """Read an allocation problem as projects onto knapsacks, if it is no more than that.

    It is where every pair has one value, nothing is kept apart, and of each unit's capacities
    at most one can bind, its own area included. Capacities that cannot bind do not count.

    Parameters
    ----------
    problem : AllocationProblem
    objective : str

    Returns
    -------
    Packing or None
    """
    if problem.separations or not problem.projects or not problem.units:
        return None
    value = _values(problem, objective)
    limits = None if value is None else _limits(problem)
    if value is None or limits is None:
        return None
    limit_of_unit, barred = limits
    grid = problem.pair_unit, problem.pair_project
    shape = problem.units, problem.projects
    best = np.zeros(problem.projects)
    useful = ~barred & (value >= 0)
    np.maximum.at(best, problem.pair_project[useful], value[useful])
    cost = np.full(shape, np.inf)
    cost[grid] = np.where(useful, best[problem.pair_project] - value, np.inf)
    upper, lower = np.zeros(shape, dtype=np.intp), np.zeros(shape, dtype=np.intp)
    capacity = np.zeros(problem.units, dtype=np.intp)
    for unit, limit in enumerate(limit_of_unit):
        if limit is not None:
            project = problem.pair_project[limit.pair]
            upper[unit, project], lower[unit, project], capacity[unit] = _cells(limit)
    task = Task(cost, best, upper, capacity, _step(value[useful]))
    rounded = (upper != lower).any()
    relaxed = replace(task, load=lower) if rounded else task
    return Packing(task, relaxed, float(best.sum()))


def _values(problem: AllocationProblem, objective: str) -> Floats | None:
    """Value of each pair; None if it depends on who else is there."""
    if objective != "area_fit":
        return problem.values[objective]
    least, most = problem.area_min_ha, problem.area_max_ha
    wanted = problem.area_wanted_ha[problem.pair_project]
    wish = np.clip(wanted, least, most)
    wishes = np.bincount(problem.pair_unit, weights=wish, minlength=problem.units)
    ample = wishes <= problem.unit_area_ha - problem.unit_rest_min_ha
    if not ((least == most) | ample[problem.pair_unit]).all():
        return None
    return wanted - np.abs(wish - wanted)


def _limits(problem: AllocationProblem) -> tuple[list[_Limit | None], Booleans] | None:
    """Give the knapsack of each unit, and pairs that never fit; None if units have more."""
    barred = np.zeros(len(problem.pair_project), dtype=bool)
    found: list[list[_Limit]] = [[] for _ in range(problem.units)]
    for capacity in problem.capacities:
        barred[capacity.pair[capacity.load > capacity.limit]] = True
        units = np.unique(problem.pair_unit[capacity.pair])
        if _ample(problem, capacity):
            continue
        if len(units) > 1:
            return None
        if problem.divisible[units[0]]:
            found[units[0]].append(_Limit(capacity.pair, capacity.load, capacity.limit))
    for unit in range(problem.units):
        pair = np.flatnonzero(problem.pair_unit == unit)
        if not problem.divisible[unit]:
            found[unit] = [_Limit(pair, np.ones(len(pair)), 1.0)]
            continue
        area, room = problem.area_min_ha[pair], float(problem.unit_area_ha[unit])
        barred[pair[area > room]] = True
        if area.sum() > room - problem.unit_rest_min_ha[unit]:
            if problem.unit_rest_min_ha[unit] > 0:
                return None
            found[unit].append(_Limit(pair, area, room))
    if any(len(limits) > 1 for limits in found):
        return None
    return [limits[0] if limits else None for limits in found], barred


def _ample(problem: AllocationProblem, capacity: SharedCapacity) -> bool:
    """Tell whether all projects together could draw on a capacity."""
    most = np.zeros(problem.projects)
    np.maximum.at(most, problem.pair_project[capacity.pair], capacity.load)
    return bool(most.sum() <= capacity.limit)


def _cells(limit: _Limit) -> tuple[Integers, Integers, int]:
    """Count loads in cells, rounded up and down, and the cells that there are."""
    for decimals in range(DECIMALS + 1):
        scaled = limit.load * 10.0**decimals
        whole = np.rint(scaled)
        if (np.abs(scaled - whole) <= WHOLE * np.maximum(np.abs(scaled), 1.0)).all():
            count = whole.astype(np.intp)
            room = int(np.floor(limit.limit * 10.0**decimals * (1.0 + WHOLE)))
            measure = max(int(np.gcd.reduce(count)), 1)
            if room // measure <= CELLS_MAX:
                return count // measure, count // measure, room // measure
            break
    share = limit.load / limit.limit * CELLS
    up, down = np.ceil(share - WHOLE * CELLS), np.floor(share)
    return up.astype(np.intp), down.astype(np.intp), CELLS


def _step(value: Floats) -> float:
    """Greatest common measure of whole values, 0 if they are not whole."""
    if not len(value) or (value != np.rint(value)).any():
        return 0.0
    return float(np.gcd.reduce(value.astype(np.int64)))
