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
from geoplan.allocate.problem import AllocationProblem, Assignment, is_whole, only, pairs_of
from geoplan.allocate.wishes import Wishes

Floats = NDArray[np.float64]

CHARGED = "transport charged"
"""Name of what pairs are worth less their charges."""
EXACT_PAIRS = 60_000
"""Problems of more pairs are bounded project by project."""
LEAST_HA = 1e-9
"""No project is counted as smaller."""
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
    charge = charges(counted_in_units(ground) if is_whole(problem) else ground)
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


def charges(ground: Ground) -> Floats:
    """Charge each pair with what it costs at least, half of the flows between projects.

    Parameters
    ----------
    ground : Ground

    Returns
    -------
    ndarray, shape (projects, units)
        Infinite where a project may not stand.
    """
    size = np.maximum(ground.least.min(axis=1), LEAST_HA)
    by_rate = np.argsort(-ground.tonnes / size, axis=1, kind="stable")
    ends = np.cumsum(size[by_rate], axis=1)
    sent = np.cumsum(np.take_along_axis(ground.tonnes, by_rate, axis=1), axis=1)
    by_way = np.argsort(ground.km, axis=1, kind="stable")
    km = np.take_along_axis(ground.km, by_way, axis=1)
    within = np.cumsum(ground.room[by_way], axis=1)
    own = np.cumsum(by_way == np.arange(ground.units)[:, None], axis=1)
    taken = np.minimum(ground.least, ground.room)
    charge = ground.alone + ground.tonnes @ _nearest(ground) / 2.0
    for project in np.flatnonzero(ground.tonnes.any(axis=1)):
        mine = np.flatnonzero(np.isfinite(ground.alone[project]))
        left = within[mine] - taken[project, mine, None] * own[mine]
        in_turn = _in_turn(ends[project], sent[project], km[mine], left) / 2.0
        at = project, mine
        charge[at] = np.maximum(charge[at], ground.alone[at] + in_turn)
    return charge


def counted_in_units(ground: Ground) -> Ground:
    """Count areas in units where every unit takes one project, whole."""
    least = np.where(np.isfinite(ground.least), 1.0, np.inf)
    return replace(ground, least=least, most=least, room=np.ones(ground.units))


def _nearest(ground: Ground) -> Floats:
    """Shortest way from each unit to where each project may stand, shape (projects, units)."""
    near = np.full((len(ground.projects), ground.units), np.inf)
    for project, may in enumerate(np.isfinite(ground.alone)):
        near[project] = ground.km[may].min(axis=0)
    return near


def _in_turn(ends: Floats, sent: Floats, km: Floats, within: Floats) -> Floats:
    """Cost of flows whose partners fill the nearest units one after the other.

    Parameters
    ----------
    ends, sent : ndarray, shape (partners,)
        Area that the partners take up to each one, and what these send.
    km, within : ndarray, shape (units asked, units)
        Ways from each unit asked, the shortest first, and the area that is there up to each.

    Returns
    -------
    ndarray, shape (units asked,)
    """
    reached = np.interp(within, np.append(0.0, ends), np.append(0.0, sent))
    return np.asarray((km * np.diff(reached, axis=1, prepend=0.0)).sum(axis=1))
