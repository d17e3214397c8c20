"""Flows: what projects send to each other, and how far units are from each other.

A flow couples two choices, as a wish does: what a pair of project and unit costs depends on where
the partner stands. What is sent to a gate, or to somebody who is not asked any more, costs each
pair a sum of its own, and stands among the problem's values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.couples import Couples, nothing

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Flows(Couples):
    """Who sends how much to whom, and the ways between units.

    Attributes
    ----------
    first, second : ndarray of int, shape (flows,)
        Projects of each flow, which may go either way.
    t_year : ndarray
        Tonnes a year.
    km : ndarray, shape (units, units)
        Ways between units, symmetric and finite; on the diagonal the mean way between two
        projects on one unit.
    """

    t_year: Floats = field(default_factory=lambda: np.empty(0))
    km: Floats = field(default_factory=lambda: np.empty((0, 0)))

    def work(self, unit: Integers) -> float:
        """Add up tonnes times kilometres of the flows both ends of which stand somewhere.

        Parameters
        ----------
        unit : ndarray of int, shape (projects,)
            Unit of each project, -1 where it has none.

        Examples
        --------
        >>> km = np.array([[0.1, 2.0], [2.0, 0.1]])
        >>> flows = Flows(np.array([0, 0]), np.array([1, 2]), np.array([30.0, 50.0]), km)
        >>> flows.work(np.array([0, 1, -1])), flows.work(np.array([0, 0, 1]))
        (60.0, 103.0)
        """
        both = self.both(unit)
        one, other = unit[self.first[both]], unit[self.second[both]]
        return float((self.t_year[both] * self.km[one, other]).sum())

    def matrix(self, projects: int) -> Floats:
        """Tonnes between all projects, symmetric, shape (projects, projects)."""
        tonnes = np.zeros((projects, projects))
        np.add.at(tonnes, (self.first, self.second), self.t_year)
        return tonnes + tonnes.T

    def among(self, number: Integers, place: Integers) -> Flows:
        """Return the flows among some projects and units, which get new numbers.

        Parameters
        ----------
        number, place : ndarray of int
            New number of each project and of each unit, -1 for those left out; those that stay
            keep their order.
        """
        mine = self.both(number)
        here = np.flatnonzero(place >= 0)
        return Flows(
            number[self.first[mine]],
            number[self.second[mine]],
            self.t_year[mine],
            self.km[np.ix_(here, here)],
        )

    def with_parts(self, place: Integers) -> Flows:
        """Put parts of units behind the units, each as far from all as its unit is.

        Parameters
        ----------
        place : ndarray of int, shape (parts,)
            Unit that each is part of.
        """
        whole = np.concatenate([np.arange(len(self.km)), place]) if len(self.km) else nothing()
        return Flows(self.first, self.second, self.t_year, self.km[np.ix_(whole, whole)])

    def to_fixed(self, pair_project: Integers, pair_unit: Integers, unit: Integers) -> Floats:
        """Cost of each pair towards projects that stand somewhere for good, shape (pairs,).

        Parameters
        ----------
        pair_project, pair_unit : ndarray of int, shape (pairs,)
        unit : ndarray of int, shape (projects,)
            Unit of each project that stays, -1 for all others.
        """
        cost = np.zeros((len(unit), len(self.km)))
        for own, other in ((self.first, self.second), (self.second, self.first)):
            fixed = unit[other] >= 0
            np.add.at(cost, own[fixed], self.t_year[fixed, None] * self.km[unit[other[fixed]]])
        return np.asarray(cost[pair_project, pair_unit])
