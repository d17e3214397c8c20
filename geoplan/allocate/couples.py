"""Couples: pairs of projects of which one cares where the other stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]


def nothing() -> Integers:
    """Return an array of no numbers."""
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class Couples:
    """Pairs of projects.

    Attributes
    ----------
    first, second : ndarray of int, shape (couples,)
        Projects of each couple; neither stands twice in the same one.
    """

    first: Integers = field(default_factory=nothing)
    second: Integers = field(default_factory=nothing)

    def __len__(self) -> int:
        return len(self.first)

    def both(self, number: Integers) -> Booleans:
        """Tell of which couples both have a number, shape (couples,).

        Parameters
        ----------
        number : ndarray of int, shape (projects,)
            A number or a unit of each project, -1 where it has none.
        """
        return np.asarray((number[self.first] >= 0) & (number[self.second] >= 0))
