"""Sharing projects out: at once where they are few, else first among regions, then in each.

Parks of one region taken together are a park with all their land and utilities: whatever holds
of that one bounds what they can do. So very many projects are first shared out among regions by
the linear relaxation, and each region is then solved on its own, as a small country would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.model import Limits, relaxed
from geoplan.allocate.problem import AllocationProblem, fitting, only
from geoplan.allocate.solve import solve
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings
from geoplan.nation.choosing import Choice, problem_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

DIRECT_PAIRS = 12_000
"""Pairs of projects and parks up to which all regions are solved together."""
MOSTLY = 0.5
"""Share of a project that the relaxation must send to a region for it to go there."""
LAST_RESORT_S = 900.0
"""Seconds after which sharing out ends with the best so far, which the status then tells; on any
machine of today its work limit strikes long before."""


@dataclass(frozen=True, eq=False)
class Supply:
    """What is to be shared out.

    Attributes
    ----------
    unit_ha : sequence of ndarray
        Area of each zone of each unit.
    rail_ha : ndarray, shape (units,)
    capacity : ndarray, shape (parks, kinds)
        NaN where none is planned.
    """

    unit_ha: Sequence[Floats]
    rail_ha: Floats
    capacity: Floats


def posed(choice: Choice, area_ha: Floats, supply: Supply, aim: str) -> AllocationProblem:
    """Pose a choice with what there is; see :func:`geoplan.nation.choosing.problem_of`."""
    return problem_of(
        choice,
        area_ha,
        aim=aim,
        unit_ha=supply.unit_ha,
        rail_ha=supply.rail_ha,
        capacity=supply.capacity,
    )


def bound_of(
    choice: Choice, area_ha: Floats, supply: Supply, region: Integers, settings: AllocateSettings
) -> float:
    """Bound what sharing out could be worth, by the linear relaxation.

    Parameters
    ----------
    choice : Choice
    area_ha : ndarray, shape (projects,)
        Least areas.
    supply : Supply
        All there is.
    region : ndarray of int, shape (parks,)
    settings : AllocateSettings
        The first objective is bounded.
    """
    if len(choice.pair_project) > DIRECT_PAIRS:
        choice, supply = merged(choice, supply, region)
    aim = settings.objective[0]
    return relaxed(posed(choice, area_ha, supply, aim), aim, {}, _limits(settings)).bound


def shared_out(
    choice: Choice,
    area_ha: Floats,
    supply: Supply,
    region: Integers,
    settings: AllocateSettings,
) -> tuple[Integers, SolveStatus]:
    """Give as much as possible a park.

    Parameters
    ----------
    choice : Choice
        With the pairs that are open.
    area_ha : ndarray, shape (projects,)
        Land that each project takes up.
    supply : Supply
    region : ndarray of int, shape (parks,)
    settings : AllocateSettings

    Returns
    -------
    ndarray of int, shape (projects,)
        Park of each project, -1 where it has none.
    SolveStatus
    """
    problem = posed(choice, area_ha, supply, settings.objective[0])
    open_ = fitting(problem) & (problem.area_min_ha <= problem.unit_area_ha[problem.pair_unit])
    problem = only(problem, open_)
    goal = np.full(len(area_ha), -1, dtype=np.intp)
    status = SolveStatus.OPTIMAL
    for part in _parts(choice, problem, area_ha, supply, region, settings):
        solution = solve(part.problem, settings)
        status = max(status, solution.status, key=list(SolveStatus).index)
        unit = solution.assignment.unit
        placed = unit >= 0
        goal[part.project[placed]] = choice.unit_park[part.unit[unit[placed]]]
    return goal, status


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of a problem, with the numbers that its projects and units have in the whole."""

    problem: AllocationProblem
    project: Integers
    unit: Integers


def _parts(
    choice: Choice,
    problem: AllocationProblem,
    area_ha: Floats,
    supply: Supply,
    region: Integers,
    settings: AllocateSettings,
) -> list[_Part]:
    """Take a large problem apart, region by region."""
    if not len(problem.pair_project):
        return []
    if len(problem.pair_project) <= DIRECT_PAIRS:
        return [_part(problem)]
    sent = _sent(choice, area_ha, supply, region, settings)
    of_pair = region[choice.unit_park[problem.pair_unit]]
    mine = sent[problem.pair_project] == of_pair
    parts = (only(problem, mine & (of_pair == each)) for each in np.unique(of_pair[mine]))
    return [_part(part) for part in parts]


def _sent(
    choice: Choice, area_ha: Floats, supply: Supply, region: Integers, settings: AllocateSettings
) -> Integers:
    """Region that the relaxation sends each project to, -1 where it sends it nowhere."""
    whole, all_ = merged(choice, supply, region)
    problem = posed(whole, area_ha, all_, settings.objective[0])
    prices = relaxed(problem, settings.objective[0], {}, _limits(settings))
    sent = np.full(len(area_ha), -1, dtype=np.intp)
    most = np.flatnonzero(prices.share >= MOSTLY)
    sent[problem.pair_project[most]] = whole.unit_park[problem.pair_unit[most]]
    return sent


def merged(choice: Choice, supply: Supply, region: Integers) -> tuple[Choice, Supply]:
    """Take all parks of a region as one; what only some of its zones take is left aside."""
    park = region[choice.unit_park]
    keys = list(zip(park.tolist(), choice.unit_use, strict=True))
    number = {key: row for row, key in enumerate(sorted(set(keys)))}
    unit_of = np.array([number[key] for key in keys], dtype=np.intp)
    area = np.zeros(len(number))
    np.add.at(area, unit_of, [float(each.sum()) for each in supply.unit_ha])
    rail = np.bincount(unit_of, supply.rail_ha, minlength=len(number)).astype(np.float64)
    pairs = np.unique(np.stack([choice.pair_project, unit_of[choice.pair_unit]]), axis=1)
    # Where one park of a region plans without a kind, the region has no limit to it.
    capacity = np.zeros((int(region.max(initial=-1)) + 1, supply.capacity.shape[1]))
    np.add.at(capacity, region, supply.capacity)
    whole = replace(
        choice,
        unit_park=np.array([key[0] for key in number], dtype=np.intp),
        unit_use=tuple(key[1] for key in number),
        zone_ha=tuple(np.array([each]) for each in area),
        pair_project=pairs[0].astype(np.intp),
        pair_unit=pairs[1].astype(np.intp),
        pair_zones=np.ones(pairs.shape[1], dtype=np.int64),
        rail_ha=rail,
    )
    return whole, Supply(whole.zone_ha, rail, capacity)


def _part(problem: AllocationProblem) -> _Part:
    """Leave out projects and units without a pair, and number the others anew."""
    project, pair_project = np.unique(problem.pair_project, return_inverse=True)
    unit, pair_unit = np.unique(problem.pair_unit, return_inverse=True)
    capacities = tuple(
        each for each in problem.capacities if len(each.pair) and each.load.sum() > each.limit
    )
    part = replace(
        problem,
        projects=len(project),
        units=len(unit),
        pair_project=pair_project.astype(np.intp),
        pair_unit=pair_unit.astype(np.intp),
        area_wanted_ha=problem.area_wanted_ha[project],
        unit_area_ha=problem.unit_area_ha[unit],
        unit_rest_min_ha=problem.unit_rest_min_ha[unit],
        divisible=problem.divisible[unit],
        capacities=capacities,
    )
    return _Part(part, project.astype(np.intp), unit.astype(np.intp))


def _limits(settings: AllocateSettings) -> Limits:
    return Limits(0.0, settings.work_limit, LAST_RESORT_S, settings.seed)
