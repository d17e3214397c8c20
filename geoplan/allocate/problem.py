"""The allocation problem: eligible pairs, capacities and pairwise rules, as plain arrays.

No geometry and no table enters: a unit is an area with limits, a project an area with values.
Plain assignment (units that take one project), multiple knapsack and generalized assignment
are this problem with some of its arrays empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]


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
    """

    name: str
    limit: float
    pair: Integers
    load: Floats


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
    capacities : tuple of SharedCapacity
    separations : tuple of Separation
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
    key = problem.pair_project * problem.units + problem.pair_unit
    return np.searchsorted(key, project * problem.units + unit[project])


def value_of(problem: AllocationProblem, objective: str, assignment: Assignment) -> float:
    """Value of an assignment, in the objective's unit.

    ``area_fit`` is the hectares asked for by those placed, less how far each one's area is from
    what it asked for.
    """
    if objective == "area_fit":
        placed = assignment.unit >= 0
        wanted, given = problem.area_wanted_ha[placed], assignment.area_ha[placed]
        return float((wanted - np.abs(given - wanted)).sum())
    return float(problem.values[objective][pairs_of(problem, assignment.unit)].sum())
