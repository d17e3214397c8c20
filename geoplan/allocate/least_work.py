"""The least transport work that is possible at all: a bound that no answer is below.

Each pair of project and unit is charged half of its flows over ways that cannot be shorter: the
partners that send most for each hectare stand nearest, one next to the other. What is charged adds
up, so the best assignment to these charges bounds the work (Gilmore, "Optimal and suboptimal
algorithms for the quadratic assignment problem", 1962; Lawler, "The quadratic assignment problem",
1963), here with areas and capacities in place of one project for each unit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.flows import Flows
from geoplan.allocate.ground import Ground, ground_of
from geoplan.allocate.matching import is_matching, matched
from geoplan.allocate.model import Limits, relaxed
from geoplan.allocate.problem import AllocationProblem, Assignment, only, pairs_of
from geoplan.allocate.wishes import Wishes

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

CHARGED = "transport charged"
"""Name of what pairs are worth less their charges."""
EXACT_PAIRS = 60_000
"""Problems of more pairs are bounded project by project."""
NOISE = 1e-6
"""Share by which a bound is lowered, for a solver's answer is good to so much."""


def least_work(problem: AllocationProblem, now: Assignment, limits: Limits) -> float:
    """Bound the tonne-kilometres of those who have a unit, wherever they all stand.

    Parameters
    ----------
    problem : AllocationProblem
    now : Assignment
        Who has a unit; where it is does not matter, but that the projects fit somewhere.
    limits : Limits

    Returns
    -------
    float
        Tonne-kilometres; no assignment of the same projects that keeps the rules has less.
    """
    ground = ground_of(problem, now)
    if not len(ground.projects):
        return 0.0
    charge = charges(ground, whole=is_matching(problem))
    simple = float(charge.min(axis=1).sum())
    placed = np.zeros(problem.projects, dtype=bool)
    placed[ground.projects] = True
    keep = placed[problem.pair_project]
    if keep.sum() > EXACT_PAIRS:
        return max(simple, 0.0)
    mine = replace(only(problem, keep), wishes=Wishes(), flows=Flows())
    row = np.searchsorted(ground.projects, mine.pair_project)
    of_pair = charge[row, mine.pair_unit]
    # Whoever is left out costs more than any place: so nobody is.
    most = float(of_pair.max()) + float(np.ptp(of_pair)) * len(ground.projects) + 1.0
    worth = most - of_pair
    mine = replace(mine, values={CHARGED: worth})
    if is_matching(mine):
        unit = matched(mine, worth)
        found = float(of_pair[pairs_of(mine, unit)].sum())
    else:
        found = most * len(ground.projects) - relaxed(mine, CHARGED, {}, limits).bound
    return max(found - NOISE * abs(found), simple, 0.0)


def charges(ground: Ground, *, whole: bool) -> Floats:
    """Charge each pair with what it costs at least, half of the flows between projects.

    Parameters
    ----------
    ground : Ground
    whole : bool
        Whether every unit takes one project; else they take as much area as they have.

    Returns
    -------
    ndarray, shape (projects, units)
        Infinite where a project may not stand.
    """
    size, room = _sizes(ground, whole=whole)
    charge = ground.alone.copy()
    nearest = _nearest(ground)
    for project in range(len(charge)):
        partner = np.flatnonzero(ground.tonnes[project])
        if not len(partner):
            continue
        tonnes = ground.tonnes[project, partner]
        rate = tonnes / size[partner]
        order = np.lexsort((partner, -rate))
        mine = np.flatnonzero(np.isfinite(charge[project]))
        together = _in_turn(
            tonnes[order], size[partner][order], ground.km[mine], _left(ground, room, project, mine)
        )
        alone = tonnes @ nearest[partner][:, mine]
        charge[project, mine] += np.maximum(together, alone) / 2.0
    return charge


def _sizes(ground: Ground, *, whole: bool) -> tuple[Floats, Floats]:
    """Least area of each project, and that of each unit; ones where units are whole."""
    if whole:
        return np.ones(len(ground.projects)), np.ones(ground.units)
    least = np.maximum(ground.least.min(axis=1), 1e-9)
    return least, ground.room


def _left(ground: Ground, room: Floats, project: int, units: Integers) -> Floats:
    """Area of all units, once the project stands on one of some, shape (some, units)."""
    left = np.repeat(room[None, :], len(units), axis=0)
    # Where units are whole, areas are counted in units, and nothing is left of this one.
    taken = ground.least[project, units] / ground.room[units] * room[units]
    left[np.arange(len(units)), units] -= np.minimum(taken, room[units])
    return left


def _nearest(ground: Ground) -> Floats:
    """Shortest way from each unit to where each project may stand, shape (projects, units)."""
    near = np.full((len(ground.projects), ground.units), np.inf)
    for project, may in enumerate(np.isfinite(ground.alone)):
        near[project] = ground.km[may].min(axis=0)
    return near


def _in_turn(tonnes: Floats, size: Floats, km: Floats, room: Floats) -> Floats:
    """Cost of flows whose partners fill the nearest units one after the other.

    Parameters
    ----------
    tonnes, size : ndarray, shape (partners,)
        What each sends, and the area that it takes; most for its area first.
    km, room : ndarray, shape (units asked, units)
        Ways from each unit asked, and the area that is there.

    Returns
    -------
    ndarray, shape (units asked,)
    """
    order = np.argsort(km, axis=1, kind="stable")
    km, room = (np.take_along_axis(figure, order, axis=1) for figure in (km, room))
    filled = np.cumsum(room, axis=1)
    # What all partners together pay for land up to each distance is a broken line: its corners
    # are where land or a partner ends.
    paid = np.cumsum(km * room, axis=1)
    ends = np.cumsum(size)
    cost = np.zeros(len(km))
    for row in range(len(km)):
        upto = np.interp(
            np.append(0.0, ends), np.append(0.0, filled[row]), np.append(0.0, paid[row])
        )
        cost[row] = float((tonnes / size) @ np.diff(upto))
    return cost
