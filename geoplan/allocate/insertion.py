"""A start at scale: put projects where the relaxation wants them, one by one, while they fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import TIGHT_HA, chosen_areas
from geoplan.allocate.problem import AllocationProblem, Assignment, pairs_of

Integers = NDArray[np.intp]

TIGHT = 1e-9


class _Standing:
    """Who stands where so far, and what is left."""

    def __init__(self, problem: AllocationProblem) -> None:
        self.problem = problem
        self.unit = np.full(problem.projects, -1, dtype=np.intp)
        self.row, self.load, self.begin = _draws(problem)
        self.left = [capacity.limit + TIGHT for capacity in problem.capacities]
        self.least = [0.0] * problem.units
        self.most = [0.0] * problem.units
        self.project = problem.pair_project.tolist()
        self.place = problem.pair_unit.tolist()
        self.closed = np.zeros((2 * len(problem.separations), problem.units), dtype=np.int32)
        self.groups = np.zeros((2 * len(problem.separations), problem.projects), dtype=bool)
        self.near: list[tuple[Integers, Integers]] = []
        for index, rule in enumerate(problem.separations):
            self.groups[2 * index, rule.first] = True
            self.groups[2 * index + 1, rule.second] = True
            for here, there in ((rule.left, rule.right), (rule.right, rule.left)):
                by_unit = np.argsort(here, kind="stable")
                first = np.searchsorted(here[by_unit], np.arange(problem.units + 1))
                self.near.append((first, there[by_unit]))
        self.apart = np.any(self.groups, axis=0)
        self.whole = (~problem.divisible).tolist()

    def place_if_it_fits(self, pair: int) -> bool:
        """Place a project unless something forbids it."""
        project, unit = self.project[pair], self.place[pair]
        if self.unit[project] >= 0 or (self.whole[unit] and self.most[unit] > 0):
            return False
        drawn = range(self.begin[pair], self.begin[pair + 1])
        if any(self.load[at] > self.left[self.row[at]] for at in drawn):
            return False
        if not self.whole[unit] and not self._has_room(pair, unit):
            return False
        if self.apart[project] and self.closed[self.groups[:, project], unit].any():
            return False
        self._place(pair)
        return True

    def take_over(self, start: Assignment) -> None:
        """Place whoever stands already; that it all fits is known."""
        for pair in pairs_of(self.problem, start.unit).tolist():
            self._place(pair)

    def _place(self, pair: int) -> None:
        project, unit = self.project[pair], self.place[pair]
        for at in range(self.begin[pair], self.begin[pair + 1]):
            self.left[self.row[at]] -= self.load[at]
        self.unit[project] = unit
        self.least[unit] += float(self.problem.area_min_ha[pair])
        self.most[unit] += float(self.problem.area_max_ha[pair])
        if self.apart[project]:
            self._close_around(project, unit)

    def _has_room(self, pair: int, unit: int) -> bool:
        """Tell whether a strip's projects can fill it, or leave enough for a plot."""
        room = float(self.problem.unit_area_ha[unit])
        least = self.least[unit] + float(self.problem.area_min_ha[pair])
        most = self.most[unit] + float(self.problem.area_max_ha[pair])
        rest = min(float(self.problem.unit_rest_min_ha[unit]), room)
        fills = least <= room + TIGHT_HA and most >= room - TIGHT_HA
        return fills or least <= room - rest + TIGHT_HA

    def _close_around(self, project: int, unit: int) -> None:
        for group, (first, there) in enumerate(self.near):
            if self.groups[group, project]:
                other = group + 1 if group % 2 == 0 else group - 1
                np.add.at(self.closed[other], there[first[unit] : first[unit + 1]], 1)


def _draws(problem: AllocationProblem) -> tuple[list[int], list[float], list[int]]:
    """Return which capacities each pair draws on, and how much, pair after pair."""
    pairs = len(problem.pair_project)
    nothing = np.empty(0, dtype=np.intp)
    pair = np.concatenate([nothing, *(c.pair for c in problem.capacities)])
    row = np.repeat(np.arange(len(problem.capacities)), [len(c.pair) for c in problem.capacities])
    load = np.concatenate([np.empty(0), *(c.load for c in problem.capacities)])
    order = np.argsort(pair, kind="stable")
    begin = np.searchsorted(pair[order], np.arange(pairs + 1))
    return row[order].tolist(), load[order].tolist(), begin.tolist()


def inserted(
    problem: AllocationProblem, order: Integers, *, start: Assignment | None = None
) -> Assignment:
    """Place projects pair by pair, in an order, wherever nothing forbids it.

    Parameters
    ----------
    problem : AllocationProblem
    order : ndarray of int
        Pairs, the most wanted first.
    start : Assignment, optional
        Who stands already, on pairs of the problem.

    Returns
    -------
    Assignment
    """
    standing = _Standing(problem)
    if start is not None:
        standing.take_over(start)
    for pair in order.tolist():
        standing.place_if_it_fits(pair)
    return Assignment(standing.unit, chosen_areas(problem, standing.unit))
