"""Areas in closed form: the best areas for projects whose units are settled.

Projects on a unit either fill it exactly, by stretching or shrinking within their limits, or
leave a rest that is large enough for a plot of its own. Which costs less is a matter of sums.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, pairs_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

TIGHT_HA = 1e-9
"""Areas that differ by less are the same: ten square millimetres."""


def missed_ha(least: Floats, most: Floats, wish: Floats, room: Floats, rest_min: Floats) -> Floats:
    """Hectares by which projects together miss what they wish for on a unit.

    All arguments are in hectares and broadcast against each other.

    Parameters
    ----------
    least, most, wish : ndarray
        Sums over the projects of a unit: least and greatest areas, and areas wanted, each
        brought into its project's limits.
    room : ndarray
        Area of the unit.
    rest_min : ndarray
        Least area that may be left over, unless nothing is; at most `room`.

    Returns
    -------
    ndarray
        Infinite where these projects do not fit the unit.

    Examples
    --------
    >>> sums = np.array([1.0]), np.array([3.0]), np.array([1.8])
    >>> missed_ha(*sums, np.array([2.0]), np.array([0.5])).round(9)  # 1.8 becomes 2.0, not 1.5
    array([0.2])
    """
    fills = (least <= room + TIGHT_HA) & (most >= room - TIGHT_HA)
    leaves = least <= room - rest_min + TIGHT_HA
    filled = np.where(fills, np.abs(np.where(fills, room, 0.0) - wish), np.inf)
    left = np.where(leaves, np.maximum(wish - (room - rest_min), 0.0), np.inf)
    missed: Floats = np.minimum(filled, left)
    return missed


def chosen_areas(problem: AllocationProblem, unit: Integers) -> Floats:
    """Choose the areas that miss least of what is wanted.

    Parameters
    ----------
    problem : AllocationProblem
    unit : ndarray of int, shape (projects,)
        Unit of each project, -1 where it has none; each unit's projects fit it, or miss that
        by a solver's tolerance.

    Returns
    -------
    ndarray, shape (projects,)
        Hectares; 0 where a project has no unit.
    """
    area = np.zeros(problem.projects)
    pair = pairs_of(problem, unit)
    if not len(pair):
        return area
    on = problem.pair_unit[pair]
    least, most = problem.area_min_ha[pair], problem.area_max_ha[pair]
    wish = np.clip(problem.area_wanted_ha[problem.pair_project[pair]], least, most)
    wish_sum = _summed(wish, on, problem.units)
    least_sum, most_sum = (_summed(area, on, problem.units) for area in (least, most))
    off = (_targets(problem, least_sum, most_sum, wish_sum) - wish_sum)[on]
    slack = np.where(off > 0, most - wish, wish - least)
    slack_sum = _summed(slack, on, problem.units)[on]
    share = np.divide(slack, slack_sum, out=np.zeros_like(slack), where=slack_sum > 0)
    area[problem.pair_project[pair]] = wish + off * share
    return area


def _summed(area: Floats, on: Integers, units: int) -> Floats:
    return np.bincount(on, weights=area, minlength=units).astype(np.float64)


def _targets(problem: AllocationProblem, least: Floats, most: Floats, wish: Floats) -> Floats:
    """Area that the projects of each unit take together, shape (units,)."""
    room = problem.unit_area_ha
    end = room - np.minimum(problem.unit_rest_min_ha, room)
    unfilled = np.maximum(np.maximum(least - room, room - most), 0.0)
    unleft = np.maximum(least - end, 0.0)
    either = (unfilled <= TIGHT_HA) & (unleft <= TIGHT_HA)
    cheaper = np.maximum(wish - end, 0.0) <= np.abs(room - wish)
    leave = np.where(either, cheaper, unleft <= unfilled)
    target: Floats = np.where(leave, np.minimum(wish, end), room)
    return target
