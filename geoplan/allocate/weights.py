"""Weighted sums: several values of a pair become one, which is an objective like any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem
from geoplan.config import WEIGHABLE, objective_named, weights_of

Floats = NDArray[np.float64]

PROJECTS = "projects"
"""Name of the objective that counts who is placed."""


@dataclass(frozen=True)
class Weighed(Mapping[str, Floats]):
    """What pairs are worth, with what is made of it, which is added up when it is asked for.

    Attributes
    ----------
    given : mapping of str to ndarray, shape (pairs,)
    pairs : int
    made : tuple of str
        Weighted sums, and the count of projects.
    """

    given: Mapping[str, Floats]
    pairs: int
    made: tuple[str, ...]

    def __getitem__(self, name: str) -> Floats:
        if name not in self.made:
            return self.given[name]
        total = np.zeros(self.pairs)
        for term, weight in weights_of(name).items():
            total += weight * (1.0 if term == PROJECTS else self.given[term])
        return total

    def __iter__(self) -> Iterator[str]:
        return iter((*self.given, *self.made))

    def __len__(self) -> int:
        return len(self.given) + len(self.made)


def weighed(problem: AllocationProblem, objectives: Iterable[str]) -> AllocationProblem:
    """Return a problem that knows what its pairs are worth to weighted sums, too.

    Parameters
    ----------
    problem : AllocationProblem
    objectives : iterable of str
        As :func:`geoplan.config.objective_named` writes them.

    Returns
    -------
    AllocationProblem
        The same one where nothing is weighed.
    """
    made = tuple(
        name
        for name in dict.fromkeys(objectives)
        if name not in problem.values and (name == PROJECTS or len(weights_of(name)) > 1)
    )
    if not made:
        return problem
    return replace(problem, values=Weighed(problem.values, len(problem.pair_project), made))


def sum_of(one: str, other: str, weight: float) -> str | None:
    """Name the sum of an objective and a multiple of another one; None if they cannot be weighed.

    >>> sum_of("investment", "investment + 2 jobs", 0.5)
    '1.5 investment + jobs'
    >>> sum_of("investment", "near", 1.0)
    """
    terms = dict(weights_of(one))
    for name, each in weights_of(other).items():
        terms[name] = terms.get(name, 0.0) + weight * each
    return objective_named(terms) if set(terms) <= set(WEIGHABLE) else None
