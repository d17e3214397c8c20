"""What the search for less transport work knows, and units packed anew by branch and bound.

Where areas are tight, hardly two projects can change places alone. So the projects of a few units
are taken out together and packed anew, each at what it costs while all others stand where they do.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import chosen_areas
from geoplan.allocate.flows import Flows
from geoplan.allocate.ground import Ground, Standing
from geoplan.allocate.model import Limits, maximise
from geoplan.allocate.neighbourhoods import restricted
from geoplan.allocate.pricing import least
from geoplan.allocate.problem import AllocationProblem, Assignment, only, value_of
from geoplan.allocate.wishes import Wishes

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

GAIN = 1e-9
"""Relative gain below which a move is rounding."""
PACKED = "packed"
"""Name of what pairs are worth less their cost."""
TIMES = 40
"""Times that units are packed anew before the search goes on."""
UNITS_MIN, UNITS_MAX = 2, 9
NODES = 20
WORK = 15
"""Moves that one packing counts as."""
PACKING_GAP = 1e-7
PULL_MEAN = 4.0
"""Rank of the unit that a project would rather be on, on average."""


@dataclass
class State:
    """What is searched, from where, and what was best.

    Attributes
    ----------
    problem : AllocationProblem
    ground : Ground
    base : ndarray of int
        Units of all projects at the start.
    floors : mapping of str to float
        Earlier objectives that depend on who stands where.
    random : Generator
    best : ndarray of int
        Units of the ground's projects.
    least_work : float
    """

    problem: AllocationProblem
    ground: Ground
    base: Integers
    floors: Mapping[str, float]
    random: np.random.Generator
    best: Integers
    least_work: float

    @property
    def worth_taking(self) -> float:
        """Work below which an answer is better than the best."""
        return self.least_work - GAIN * max(abs(self.least_work), 1.0)

    def taken(self, standing: Standing) -> bool:
        """Take where everybody stands for the best, if it is; tell whether it was."""
        better = standing.work < self.worth_taking
        if better:
            self.best, self.least_work = standing.unit.copy(), standing.work
        return better

    def full(self, unit: Integers) -> Integers:
        """Units of all projects of the problem."""
        whole = self.base.copy()
        whole[self.ground.projects] = unit
        return whole

    def keeps(self, unit: Integers) -> bool:
        """Tell whether earlier objectives keep their floors."""
        if not self.floors:
            return True
        whole = self.full(unit)
        areas = chosen_areas(self.problem, whole)
        answer = Assignment(whole, areas)
        return all(
            value_of(self.problem, name, answer) >= least(floor)
            for name, floor in self.floors.items()
        )


def repacked(search: State, until: float) -> int:
    """Pack a few units anew, some times, and keep what has less work; returns its work."""
    ground = search.ground
    placed = np.zeros(search.problem.projects, dtype=bool)
    placed[ground.projects] = True
    mine = only(search.problem, placed[search.problem.pair_project])
    mine = replace(mine, flows=Flows(), wishes=Wishes(), values={})
    row = np.searchsorted(ground.projects, mine.pair_project)
    for time_ in range(TIMES):
        if time.monotonic() >= until:
            return (time_ + 1) * WORK
        cost = ground.cost(search.best)
        units = _drawn(search, cost)
        found = _packed(search, mine, cost[row, mine.pair_unit], units, until)
        if found is None or not search.keeps(found):
            continue
        search.taken(Standing(ground, found))
    return TIMES * WORK


def _drawn(search: State, cost: Floats) -> Integers:
    """Draw units: where a project is that could be cheaper elsewhere, where that is, and others."""
    random, unit, ground = search.random, search.best, search.ground
    own = np.arange(len(unit))
    saving = cost[own, unit] - cost.min(axis=1)
    total = float(saving.sum())
    weight = saving / total if total > 0 else np.full(len(unit), 1.0 / len(unit))
    project = int(random.choice(len(unit), p=weight))
    order = np.argsort(cost[project], kind="stable")
    order = order[np.isfinite(cost[project, order])]
    wanted = order[np.minimum(random.exponential(PULL_MEAN, 3).astype(int), len(order) - 1)]
    count = int(random.integers(UNITS_MIN, UNITS_MAX + 1))
    near = np.argsort(ground.km[unit[project]], kind="stable")[: 2 * count]
    others = random.permutation(ground.units) if random.random() < 0.5 else random.permutation(near)
    units = np.concatenate([[unit[project]], wanted, others])
    _, first = np.unique(units, return_index=True)
    return np.sort(units[np.sort(first)][:count]).astype(np.intp)


def _packed(
    search: State, problem: AllocationProblem, cost: Floats, units: Integers, until: float
) -> Integers | None:
    """Pack those on some units anew at least cost; None where that is how they stand."""
    whole = search.full(search.best)
    now = Assignment(whole, chosen_areas(search.problem, whole))
    outside = np.where(cost < np.inf, cost, 0.0)
    small = restricted(replace(problem, values={PACKED: -outside}), now, units)
    count = len(small.problem.pair_project)
    if not count:
        return None
    worth = small.problem.values[PACKED]
    # Who is left out costs more than all others could save.
    worth = worth - worth.min() + np.ptp(worth) * len(small.projects) + 1.0
    small = replace(small, problem=replace(small.problem, values={PACKED: worth}))
    number = np.searchsorted(units, now.unit[small.projects])
    inside = Assignment(
        np.where(now.unit[small.projects] >= 0, number, -1), now.area_ha[small.projects]
    )
    seconds = max(until - time.monotonic(), 0.01)
    limits = Limits(PACKING_GAP, NODES, seconds, 0, thorough=False)
    answer = maximise(small.problem, PACKED, {}, limits, start=inside).assignment
    if answer is None:
        return None
    stands = whole.copy()
    stands[small.projects] = np.append(units, -1)[answer.unit]
    unit = stands[search.ground.projects]
    return None if (unit < 0).any() or (unit == search.best).all() else unit
