"""What an answer leaves for those who wait: land, utilities, and distance from those placed.

All of it is known of every unit at once, so that asking for one project costs no more than
looking at the units that it would fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geoplan.allocate.areas import missed_ha
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import Assignment, pairs_of
from geoplan.config import UTILITY_KINDS

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
_NONE = np.empty(0, dtype=np.intp)


def utility_of(units: pd.DataFrame, utility_id: str) -> str:
    """Return the kind of a utility that serves some of the units."""
    return next(kind for kind in UTILITY_KINDS if (units[f"service_{kind}"] == utility_id).any())


@dataclass(frozen=True)
class Draw:
    """What a project would draw from a capacity, and from where.

    Attributes
    ----------
    capacity : int
        Its number in the problem.
    kind : str
        One of :data:`geoplan.config.UTILITY_KINDS`.
    needed, free : float
        In the capacity's own unit.
    where : ndarray of bool
        Which of the eligible pairs would draw on it.
    """

    capacity: int
    kind: str
    needed: float
    free: float
    where: Booleans


@dataclass(frozen=True)
class Crowd:
    """Who would stand too near, and where.

    Attributes
    ----------
    names : list of str
        Each with the rule it breaks, by name.
    who, where : ndarray of int
        Number of a name, and position in the units that were asked about.
    """

    names: list[str]
    who: Integers
    where: Integers


@dataclass(frozen=True)
class _Side:
    """Those of one group of a separation who are placed, and the units that they close."""

    names: NDArray[np.object_]
    closes: csr_array


@dataclass(frozen=True)
class Remains:
    """What an answer leaves.

    Attributes
    ----------
    posed : Posed
    assignment : Assignment
        An answer to its problem.
    """

    posed: Posed
    assignment: Assignment
    _sides: dict[tuple[int, int], _Side] = field(default_factory=dict, repr=False)
    _near: dict[int, csr_array] = field(default_factory=dict, repr=False)

    @cached_property
    def _used(self) -> Integers:
        return pairs_of(self.posed.problem, self.assignment.unit)

    @cached_property
    def _bounds(self) -> Integers:
        """Where each project's pairs begin, and where the last one's end."""
        problem = self.posed.problem
        return np.searchsorted(problem.pair_project, np.arange(problem.projects + 1))

    def eligible(self, project: int) -> Integers:
        """Pairs of a project."""
        return np.arange(self._bounds[project], self._bounds[project + 1])

    def _held_ha(self, area_ha: Floats) -> Floats:
        """Add up areas of pairs over those who are placed, shape (units,)."""
        problem, pair = self.posed.problem, self._used
        unit = problem.pair_unit[pair]
        return np.bincount(unit, weights=area_ha[pair], minlength=problem.units).astype(float)

    @cached_property
    def _least_ha(self) -> Floats:
        return self._held_ha(self.posed.problem.area_min_ha)

    @cached_property
    def _most_ha(self) -> Floats:
        return self._held_ha(self.posed.problem.area_max_ha)

    @cached_property
    def spare_ha(self) -> Floats:
        """Area of each unit left when all who stand there shrink to their least."""
        return self.posed.problem.unit_area_ha - self._least_ha

    def rest_ha(self, eligible: Integers) -> Floats:
        """Most that could be left of units if a project joined, where that is too small a rest.

        Infinite where it would fit; shape (eligible pairs,).
        """
        problem = self.posed.problem
        units = problem.pair_unit[eligible]
        least = self._least_ha[units] + problem.area_min_ha[eligible]
        most = self._most_ha[units] + problem.area_max_ha[eligible]
        room = problem.unit_area_ha[units]
        rest_min = np.minimum(problem.unit_rest_min_ha[units], room)
        missed = missed_ha(least, most, least, room, rest_min)
        return np.where(np.isinf(missed), room - least, np.inf)

    @cached_property
    def free(self) -> Floats:
        """What is left of each capacity of the problem."""
        used = np.zeros(len(self.posed.problem.pair_project), dtype=bool)
        used[self._used] = True
        capacities = self.posed.problem.capacities
        left = [each.limit - float(each.load[used[each.pair]].sum()) for each in capacities]
        return np.array(left, dtype=float)

    @cached_property
    def _served_by(self) -> Integers:
        """Capacity that serves each unit, -1 where none does, shape (kinds, units)."""
        names = pd.Index([each.name for each in self.posed.problem.capacities], dtype=object)
        units = self.posed.asked.units
        served = [units[f"service_{kind}"].to_numpy(dtype=object) for kind in UTILITY_KINDS]
        return np.stack([names.get_indexer(pd.Index(each, dtype=object)) for each in served])

    @cached_property
    def _needs(self) -> Floats:
        """What each project needs, shape (kinds, projects)."""
        table = self.posed.asked.projects
        return np.stack([table[kind].to_numpy(dtype=float) for kind in UTILITY_KINDS])

    def short(self, project: int, eligible: Integers, *, noise: float) -> list[Draw]:
        """List the capacities that have too little left for a project.

        Parameters
        ----------
        project : int
        eligible : ndarray of int
            Its pairs.
        noise : float
            What is short by no more is enough.

        Returns
        -------
        list of Draw
            In the problem's order.
        """
        units = self.posed.problem.pair_unit[eligible]
        found = []
        for number in np.flatnonzero(self._needs[:, project] > 0).tolist():
            needed = float(self._needs[number, project])
            served = self._served_by[number, units]
            lacks = (served >= 0) & (needed > self.free[served] + noise) if len(self.free) else []
            for capacity in np.unique(served[lacks]).tolist():
                kind, free = UTILITY_KINDS[number], float(self.free[capacity])
                found.append(Draw(capacity, kind, needed, free, served == capacity))
        found += self._short_in_years(eligible, noise)
        return sorted(found, key=lambda draw: draw.capacity)

    def _short_in_years(self, eligible: Integers, noise: float) -> list[Draw]:
        """List the capacities of single years that have too little left."""
        found = []
        for number, each in enumerate(self.posed.problem.capacities):
            if each.until is None:
                continue
            where = np.isin(eligible, each.pair)
            if not where.any():
                continue
            needed = float(each.load[each.pair == eligible[where][0]][0])
            if needed > self.free[number] + noise:
                kind = utility_of(self.posed.asked.units, each.utility)
                found.append(Draw(number, kind, needed, float(self.free[number]), where))
        return found

    @cached_property
    def _groups(self) -> dict[int, list[tuple[int, int]]]:
        """Separations that each waiting project is in, and on which side."""
        found: dict[int, list[tuple[int, int]]] = {}
        waits = self.assignment.unit < 0
        for number, rule in enumerate(self.posed.problem.separations):
            for side, group in enumerate((rule.first, rule.second)):
                for project in group[waits[group]].tolist():
                    found.setdefault(project, []).append((number, side))
        return found

    def _side(self, number: int, side: int) -> _Side:
        """Tell which units the other side of a separation closes to this one."""
        if (number, side) not in self._sides:
            rule = self.posed.problem.separations[number]
            others = (rule.second, rule.first)[side]
            others = others[self.assignment.unit[others] >= 0]
            ids = self.posed.asked.projects["project_id"].to_numpy(dtype=object)[others]
            names = np.array([f"{each} ({rule.name})" for each in ids], dtype=object)
            stands = coo_array(
                (np.ones(len(others)), (self.assignment.unit[others], np.arange(len(others)))),
                shape=(self.posed.problem.units, len(others)),
            ).tocsr()
            near = self._nearness(rule.left, rule.right)
            closes = csr_array((near if side == 0 else near.T) @ stands)
            self._sides[number, side] = _Side(names, closes)
        return self._sides[number, side]

    def _nearness(self, left: Integers, right: Integers) -> csr_array:
        """Write pairs of units as a matrix; many separations share the same pairs."""
        if id(left) not in self._near:
            shape = (self.posed.problem.units, self.posed.problem.units)
            self._near[id(left)] = coo_array(
                (np.ones(len(left)), (left, right)), shape=shape
            ).tocsr()
        return self._near[id(left)]

    def too_near(self, project: int, units: Integers) -> Crowd:
        """Tell who is placed and would stand too near on some of the units.

        Parameters
        ----------
        project : int
        units : ndarray of int
        """
        rows, names = [_NONE], [np.empty(0, dtype=object)]
        for number, side in self._groups.get(project, ()):
            other = self._side(number, side)
            closed = coo_array(other.closes[units])
            rows.append(closed.coords[0].astype(np.intp))
            names.append(other.names[closed.coords[1]])
        code, known = pd.factorize(np.concatenate(names), sort=True)
        return Crowd(known.tolist(), code.astype(np.intp), np.concatenate(rows))
