"""Wishes: pairs of projects that would stand near each other, if that can be had.

A wish couples two choices, so what a pair of project and unit is worth to it depends on where
the partner stands. What is known of a pair alone is whether the partner could stand near it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geoplan.allocate.couples import Couples, nothing

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

AT_ONCE = 128
"""Wishes looked at together, against all units."""


@dataclass(frozen=True)
class Wishes(Couples):
    """Who would stand near whom, and which units are near each other.

    Attributes
    ----------
    first, second : ndarray of int, shape (wishes,)
        Projects of each wish.
    left, right : ndarray of int
        Units that are near each other, either way round; a unit is near itself only where it
        is listed with itself.
    """

    left: Integers = field(default_factory=nothing)
    right: Integers = field(default_factory=nothing)

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """Near units, ordered: the smaller in the high bits, the larger in the low ones."""
        return np.unique(_key(self.left, self.right))

    def near(self, one: Integers, other: Integers) -> Booleans:
        """Tell which units are near which; -1 is near nothing."""
        key, keys = _key(one, other), self._keys
        at = np.minimum(np.searchsorted(keys, key), max(len(keys) - 1, 0))
        found = keys[at] == key if len(keys) else np.zeros(len(key), dtype=bool)
        return np.asarray(found & (one >= 0) & (other >= 0))

    def kept(self, unit: Integers) -> Booleans:
        """Tell which wishes an assignment keeps.

        Parameters
        ----------
        unit : ndarray of int, shape (projects,)
            Unit of each project, -1 where it has none.

        Examples
        --------
        >>> pair, row = (np.array([0]), np.array([1])), (np.array([4]), np.array([5]))
        >>> Wishes(*pair, *row).kept(np.array([5, 4])).tolist()
        [True]
        """
        return self.near(unit[self.first], unit[self.second])

    def among(self, number: Integers, place: Integers) -> Wishes:
        """Return the wishes among some projects and units, which get new numbers.

        Parameters
        ----------
        number, place : ndarray of int
            New number of each project and of each unit, -1 for those left out.
        """
        mine = self.both(number)
        if not mine.any():
            return Wishes()
        here = (place[self.left] >= 0) & (place[self.right] >= 0)
        return Wishes(
            number[self.first[mine]],
            number[self.second[mine]],
            place[self.left[here]],
            place[self.right[here]],
        )

    def matrix(self, units: int) -> csr_array:
        """Nearness as a symmetric matrix of zeros and ones, shape (units, units)."""
        one, other = np.append(self.left, self.right), np.append(self.right, self.left)
        ones = np.ones(len(one), dtype=np.int32)
        near = coo_array((ones, (one, other)), shape=(units, units)).tocsr()
        near.data[:] = 1
        return near


def _key(one: Integers, other: Integers) -> NDArray[np.int64]:
    low, high = np.minimum(one, other), np.maximum(one, other)
    return (low.astype(np.int64) << 32) | high.astype(np.int64)


def around_a_missed_one(
    wishes: Wishes, unit: Integers, open_: Booleans, random: np.random.Generator, size: int
) -> Integers:
    """Draw a wish that is not kept, and units on which it could be.

    Parameters
    ----------
    wishes : Wishes
    unit : ndarray of int, shape (projects,)
        Unit of each project, -1 where it has none.
    open_ : ndarray of bool, shape (units,)
        Units that may be drawn.
    random : Generator
    size : int
        Units at most.

    Returns
    -------
    ndarray of int
        The units of the two projects, if they stand, and some near one of them.
    """
    missed = np.flatnonzero(~wishes.kept(unit))
    if not len(missed):
        return nothing()
    wish = int(random.choice(missed))
    stand = unit[[wishes.first[wish], wishes.second[wish]]]
    stand = random.permutation(stand[stand >= 0])
    anchor = stand[:1] if len(stand) else wishes.left[[random.integers(len(wishes.left))]]
    near = np.union1d(
        wishes.right[wishes.left == anchor[0]], wishes.left[wishes.right == anchor[0]]
    )
    wanted = np.append(stand, random.permutation(np.setdiff1d(near, stand)))
    return np.asarray(wanted[open_[wanted]][:size], dtype=np.intp)


def hopes(
    wishes: Wishes, pair_project: Integers, pair_unit: Integers, units: int
) -> tuple[Integers, Integers, Integers]:
    """List the pairs on which a wish can be kept at all, from either side.

    Parameters
    ----------
    wishes : Wishes
    pair_project, pair_unit : ndarray of int, shape (pairs,)
        Eligible pairs, ordered by project.
    units : int

    Returns
    -------
    wish, side, pair : ndarray of int
        Wish, 0 for its first project and 1 for its second, and a pair of that project near
        which the other one has a pair too.
    """
    found: list[tuple[Integers, Integers, Integers]] = []
    if len(wishes):
        near = wishes.matrix(units)
        for side, (own, other) in enumerate(
            ((wishes.first, wishes.second), (wishes.second, wishes.first))
        ):
            for wish, pair in _hopeful(own, other, near, pair_project, pair_unit):
                found.append((wish, np.full(len(wish), side), pair))
    if not found:
        return nothing(), nothing(), nothing()
    wish, at, pair = (np.concatenate(part) for part in zip(*found, strict=True))
    return wish, at, pair


def _hopeful(
    own: Integers, other: Integers, near: csr_array, pair_project: Integers, pair_unit: Integers
) -> Iterator[tuple[Integers, Integers]]:
    for begin in range(0, len(own), AT_ONCE):
        wish = np.arange(begin, min(begin + AT_ONCE, len(own)))
        column, theirs = pairs_of_each(pair_project, other[wish])
        ones = np.ones(len(theirs), dtype=np.int32)
        shape = (near.shape[0], len(wish))
        stand = coo_array((ones, (pair_unit[theirs], column)), shape=shape).tocsr()
        reach = (near @ stand).toarray() > 0
        row, mine = pairs_of_each(pair_project, own[wish])
        hopeful = reach[pair_unit[mine], row]
        yield wish[row[hopeful]], mine[hopeful]


def pairs_of_each(pair_project: Integers, projects: Integers) -> tuple[Integers, Integers]:
    """List the pairs of some projects, one project after the other.

    Parameters
    ----------
    pair_project : ndarray of int, shape (pairs,)
        In ascending order.
    projects : ndarray of int

    Returns
    -------
    row, pair : ndarray of int
        Position in `projects`, and the pair.

    Examples
    --------
    >>> row, pair = pairs_of_each(np.array([0, 0, 1, 2]), np.array([2, 0]))
    >>> row.tolist(), pair.tolist()
    ([0, 1, 1], [3, 0, 1])
    """
    begin = np.searchsorted(pair_project, projects)
    count = np.searchsorted(pair_project, projects, side="right") - begin
    row = np.repeat(np.arange(len(projects)), count)
    first = np.cumsum(count) - count
    return row, np.arange(len(row)) - np.repeat(first - begin, count)


@dataclass(frozen=True)
class Pull:
    """Wishes as matrices over places: what draws each project towards the others.

    Attributes
    ----------
    worth : sparse array, shape (places, places)
        What it is worth if two projects are near each other, from either side.
    near : ndarray, shape (units + 1, units + 1)
        Zeros and ones; the last unit stands for "nowhere".
    """

    worth: csr_array
    near: Floats

    def on(self, unit: Integers) -> Floats:
        """Worth of the wishes that each place keeps on each unit, shape (places, units + 1).

        Parameters
        ----------
        unit : ndarray of int, shape (places,)
            Where everybody stands.
        """
        return np.asarray(self.worth @ self.near[unit])

    def seeming(self, ones: Integers, others: Integers, here: Integers, there: Integers) -> Floats:
        """Tell what two who change places seem to gain from each other, and do not.

        Parameters
        ----------
        ones, others : ndarray of int
            Places, which stand on the units `here` and `there`.

        Returns
        -------
        ndarray, shape (ones, others)
        """
        mutual, near = self.worth[ones][:, others].toarray(), self.near
        alone = near[here, here][:, None] + near[there, there][None, :]
        return np.asarray(mutual * (alone - 2.0 * near[here[:, None], there[None, :]]))


def pull_of(wishes: Wishes, shape: tuple[int, int], worth: float) -> Pull | None:
    """Write wishes as matrices; None where there are none, or they are worth nothing.

    Parameters
    ----------
    wishes : Wishes
    shape : tuple of int
        Places, and units with the one that stands for "nowhere".
    worth : float
        Of each wish.
    """
    if not len(wishes) or worth <= 0:
        return None
    one = np.append(wishes.first, wishes.second)
    other = np.append(wishes.second, wishes.first)
    entries = (np.full(len(one), worth), (one, other))
    near = wishes.matrix(shape[1]).toarray().astype(np.float64)
    return Pull(coo_array(entries, shape=(shape[0], shape[0])).tocsr(), near)
