"""Plain assignment: where nothing is shared and nothing kept apart, a matching is the optimum.

A unit that is taken whole holds one project, and a project one unit. The best set of such pairs
is a maximum-weight matching of a sparse bipartite graph, which needs no program at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from geoplan.allocate.problem import AllocationProblem, is_whole

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


def is_matching(problem: AllocationProblem) -> bool:
    """Tell whether every unit takes one project, whoever stands elsewhere."""
    return is_whole(problem) and not problem.capacities and not problem.separations


def matched(problem: AllocationProblem, value: Floats) -> Integers:
    """Return the best unit of each project where each unit takes one.

    Parameters
    ----------
    problem : AllocationProblem
        Capacities and separations are not looked at.
    value : ndarray, shape (pairs,)
        What a pair is worth; who is worth less than nothing everywhere stays without a unit.

    Returns
    -------
    ndarray of int, shape (projects,)
        -1 for a project that gets none.

    Notes
    -----
    Every project has a place of its own besides, worth nothing, so that all of them are matched
    and a constant may be added to every weight: the sparse matching knows no weight of zero.
    """
    projects, pairs = problem.projects, len(problem.pair_project)
    if not pairs:
        return np.full(projects, -1, dtype=np.intp)
    begin = np.searchsorted(problem.pair_project, np.arange(projects + 1)).astype(np.int32)
    own = begin[1:] + np.arange(projects, dtype=np.int32)
    elsewhere = np.ones(pairs + projects, dtype=bool)
    elsewhere[own] = False
    shift = max(float(np.abs(value).max()), 1.0) * 2.0
    goal = np.empty(pairs + projects, dtype=np.int32)
    goal[elsewhere] = problem.pair_unit
    goal[own] = problem.units + np.arange(projects, dtype=np.int32)
    weight = np.full(pairs + projects, shift)
    weight[elsewhere] += value
    begin[1:] = own + 1
    graph = csr_matrix((weight, goal, begin), shape=(projects, problem.units + projects))
    _, unit = min_weight_full_bipartite_matching(graph, maximize=True)
    stands: Integers = np.where(unit < problem.units, unit, -1).astype(np.intp)
    return stands
