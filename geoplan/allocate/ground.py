"""The ground of the search for less transport work: who may change places with whom.

Projects that have a unit keep one; they move, or two of them change places. What a move saves has
a closed form (Burkard and others, "Assignment Problems", 2012, ch. 8), and so has whether the
areas of a unit still fit (:mod:`geoplan.allocate.areas`). Both stand in matrices of which a move
changes a few columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import TIGHT_HA
from geoplan.allocate.problem import (
    LOAD_NOISE,
    AllocationProblem,
    Assignment,
    sent_elsewhere,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Kind:
    """A separation as matrices: who is of which group, and which units are too near."""

    first: Integers  # (projects,), 1 for a project of the group
    second: Integers
    near: Floats  # (units, units)


@dataclass(frozen=True)
class Ground:
    """A problem as matrices over the projects that have a unit, and all units.

    Attributes
    ----------
    projects : ndarray of int
        Their numbers in the problem.
    tonnes : ndarray, shape (projects, projects)
    km : ndarray, shape (units, units)
    alone : ndarray, shape (projects, units)
        What each costs towards gates and others that stay; infinite where it may not stand.
    least, most : ndarray, shape (projects, units)
        Areas, ha; infinite where it may not stand.
    room, rest : ndarray, shape (units,)
    load : ndarray, shape (capacities, projects, units)
    limit : ndarray, shape (capacities,)
    kinds : tuple of Kind
    """

    projects: Integers
    tonnes: Floats
    km: Floats
    alone: Floats
    least: Floats
    most: Floats
    room: Floats
    rest: Floats
    load: Floats
    limit: Floats
    kinds: tuple[Kind, ...]

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.room)

    def cost(self, unit: Integers) -> Floats:
        """Cost of each project on each unit while the others stand where they do."""
        return np.asarray(self.alone + self.tonnes @ self.km[unit])

    def work(self, unit: Integers) -> float:
        """Tonne-kilometres of all."""
        own = np.arange(len(unit))
        between = (self.tonnes * self.km[unit[:, None], unit[None, :]]).sum() / 2
        return float(self.alone[own, unit].sum() + between)


def ground_of(problem: AllocationProblem, now: Assignment) -> Ground:
    """Write a problem as matrices over those who have a unit."""
    projects = np.flatnonzero(now.unit >= 0)
    number = np.full(problem.projects, -1, dtype=np.intp)
    number[projects] = np.arange(len(projects))
    mine = np.flatnonzero(number[problem.pair_project] >= 0)
    at = number[problem.pair_project[mine]], problem.pair_unit[mine]
    shape = len(projects), problem.units
    alone, least, most = (np.full(shape, np.inf) for _ in range(3))
    alone[at] = -sent_elsewhere(problem)[mine]
    least[at], most[at] = problem.area_min_ha[mine], problem.area_max_ha[mine]
    load = np.zeros((len(problem.capacities), *shape))
    for drawn, capacity in zip(load, problem.capacities, strict=True):
        own = number[problem.pair_project[capacity.pair]]
        drawn[own[own >= 0], problem.pair_unit[capacity.pair[own >= 0]]] = capacity.load[own >= 0]
    limits = np.array([capacity.limit for capacity in problem.capacities])
    flows = problem.flows
    km = flows.km if len(flows) else np.zeros((problem.units, problem.units))
    return Ground(
        projects=projects,
        tonnes=flows.matrix(problem.projects)[np.ix_(projects, projects)],
        km=km,
        alone=alone,
        least=least,
        most=most,
        room=problem.unit_area_ha,
        rest=np.minimum(problem.unit_rest_min_ha, problem.unit_area_ha),
        load=load,
        limit=limits + LOAD_NOISE * np.maximum(limits, 1.0),
        kinds=_kinds(problem, number, len(projects)),
    )


def _kinds(problem: AllocationProblem, number: Integers, projects: int) -> tuple[Kind, ...]:
    kinds = []
    for rule in problem.separations:
        groups = []
        for group in (rule.first, rule.second):
            member = np.zeros(projects, dtype=np.intp)
            member[number[group][number[group] >= 0]] = 1
            groups.append(member)
        near = np.zeros((problem.units, problem.units))
        near[rule.left, rule.right] = 1
        if groups[0].any() and groups[1].any():
            kinds.append(Kind(groups[0], groups[1], near))
    return tuple(kinds)


class Standing:
    """Where everybody stands, with what each move would save and whether areas let it.

    Columns of a move are projects, with whom one changes places, then units, onto which one
    moves.
    """

    def __init__(self, ground: Ground, unit: Integers) -> None:
        self.ground = ground
        self.unit = unit.copy()
        self.work = ground.work(unit)
        self.cost = ground.cost(unit)
        self._own = np.arange(len(unit))
        count = ground.units
        self._sums: list[Floats] = [
            np.bincount(unit, weights=area[self._own, unit], minlength=count).astype(np.float64)
            for area in (ground.least, ground.most)
        ]
        self._once = np.triu(np.ones((len(unit), len(unit)), dtype=bool), 1)
        self._fits = np.empty((len(unit), len(unit) + count), dtype=bool)
        self._goes = np.empty(len(unit), dtype=bool)
        self._renew(np.arange(len(unit)), np.arange(count))

    def _renew(self, projects: Integers, units: Integers) -> None:
        """Ask again who could replace some projects, join some units, or leave them."""
        own, n = self._own, len(self.unit)
        on = np.append(self.unit[projects], units)
        sums = [total[on] for total in self._sums]
        for total, area in zip(sums, (self.ground.least, self.ground.most), strict=True):
            total[: len(projects)] -= area[projects, self.unit[projects]]
        column = np.append(projects, n + units)
        least = sums[0] + self.ground.least[own[:, None], on]
        most = sums[1] + self.ground.most[own[:, None], on]
        self._fits[:, column] = self._fit(least, most, on)
        gone = slice(0, len(projects))
        self._goes[projects] = self._fit(sums[0][gone], sums[1][gone], on[gone])

    def _fit(self, least: Floats, most: Floats, on: Integers) -> Booleans:
        room, rest = self.ground.room[on], self.ground.rest[on]
        fills = (least <= room + TIGHT_HA) & (most >= room - TIGHT_HA)
        return np.asarray(fills | (least <= room - rest + TIGHT_HA))

    def all_fit(self) -> bool:
        """Tell whether the projects of every unit fit it together."""
        units = np.arange(self.ground.units)
        held = np.bincount(self.unit, minlength=self.ground.units) > 0
        return bool(self._fit(self._sums[0], self._sums[1], units)[held].all())

    def savings(self) -> Floats:
        """Tonne-kilometres that each move adds, infinite where areas do not fit.

        Returns
        -------
        ndarray, shape (projects, projects + units)
        """
        ground, unit, n = self.ground, self.unit, len(self.unit)
        here = self.cost[self._own, unit]
        added = np.empty((n, n + ground.units))
        np.subtract(self.cost, here[:, None], out=added[:, n:])
        goes = added[:, :n]
        np.subtract(self.cost[:, unit], here[:, None], out=goes)
        km = ground.km[unit][:, unit]
        alone = np.diagonal(km)
        swap = goes + goes.T - ground.tonnes * (alone[:, None] + alone[None, :] - 2.0 * km)
        added[:, :n] = swap
        possible = self._fits.copy()
        possible[:, n:] &= self._goes[:, None]
        possible[:, :n] &= self._fits[:, :n].T
        possible[:, :n] &= (unit[:, None] != unit[None, :]) & self._once
        possible[self._own, n + unit] = False
        added[~possible] = np.inf
        return added

    def goals(self, column: Integers) -> tuple[Integers, Integers]:
        """Tell the unit that each mover goes to, and who comes back, -1 for nobody."""
        n = len(self.unit)
        other = np.where(column < n, column, -1)
        goal = np.where(column < n, self.unit[np.minimum(column, n - 1)], column - n)
        return goal.astype(np.intp), other.astype(np.intp)

    def allowed(self, one: Integers, column: Integers) -> Booleans:
        """Tell which moves keep to capacities and separations, shape (moves,)."""
        ground, unit = self.ground, self.unit
        goal, other = self.goals(column)
        back, swap, here = np.maximum(other, 0), other >= 0, unit[one]
        allowed = np.ones(len(one), dtype=bool)
        if len(ground.limit):
            used = ground.load[:, self._own, unit].sum(axis=1)[:, None]
            change = ground.load[:, one, goal] - ground.load[:, one, here]
            change += swap * (ground.load[:, back, here] - ground.load[:, back, goal])
            within = used + change <= ground.limit[:, None]
            # Who is locked may overdraw a capacity; nobody may add to that.
            allowed &= (within | (change <= 0)).all(axis=0)
        for kind in ground.kinds:
            allowed &= ~self._too_near(kind, one, other, goal)
            allowed &= ~(swap & self._too_near(kind, back, one, here))
        return allowed

    def _too_near(self, kind: Kind, goer: Integers, other: Integers, goal: Integers) -> Booleans:
        """Tell whether a goer would break a rule at its goal, which another leaves for its own."""
        unit, near = self.unit, kind.near
        start, back, swap = unit[goer], np.maximum(other, 0), other >= 0
        broken = np.zeros(len(goer), dtype=bool)
        for group, against, close in (
            (kind.first, kind.second, near),
            (kind.second, kind.first, near.T),
        ):
            held = np.bincount(unit, weights=against, minlength=len(near))
            around = (close @ held)[goal]
            around -= against[goer] * close[goal, start]
            around -= swap * against[back] * (close[goal, unit[back]] - close[goal, start])
            broken |= (group[goer] > 0) & (around > 0.5)
        return broken

    def move(self, one: int, column: int) -> None:
        """Make a move."""
        goal, other = (int(part[0]) for part in self.goals(np.array([column])))
        start = int(self.unit[one])
        self._put(one, start, goal)
        if other >= 0:
            self._put(other, goal, start)
        both = np.array([start, goal])
        self._renew(np.flatnonzero((self.unit == start) | (self.unit == goal)), both)

    def _put(self, project: int, start: int, goal: int) -> None:
        ground = self.ground
        self.work += float(self.cost[project, goal] - self.cost[project, start])
        self.cost += np.outer(ground.tonnes[project], ground.km[goal] - ground.km[start])
        self.unit[project] = goal
        for total, area in zip(self._sums, (ground.least, ground.most), strict=True):
            total[start] -= area[project, start]
            total[goal] += area[project, goal]
