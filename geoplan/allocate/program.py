"""The program: an allocation problem as rows and columns of one mixed-integer program.

Every pair of project and unit has a column that says whether it is chosen. Areas need none: what
the projects of a strip miss of what they wish for is a matter of sums
(:func:`geoplan.allocate.areas.missed_ha`), so a strip has a flag that says whether it is filled
to its end, and a column for what is missed. A separation needs two flags a unit, not a row for
each two projects. A wish has a column for each unit of one of its projects, which can be no more
than that project is there, and no more than the other one is near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geoplan.allocate.areas import TIGHT_HA
from geoplan.allocate.problem import (
    NEAR,
    AllocationProblem,
    Assignment,
    Separation,
    fitting,
    kept_with_others,
    pair_values,
    pairs_of,
)
from geoplan.allocate.wishes import hopes, pairs_of_each

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
Term = tuple[Integers, Integers, Floats | float]
"""Entries of a matrix: row (from 0 within its block), column, value."""


@dataclass(frozen=True)
class Program:
    """Rows and columns; columns are pairs, flags of filled strips, misfits, roles and wishes.

    Attributes
    ----------
    pairs : int
        Number of pairs; theirs are the first columns.
    strips : ndarray of int
        Unit of each flag, and of each misfit after them.
    whole : ndarray of int
        Unit of each row that lets one project onto a unit; these follow the projects' rows.
    shared : int
        Row of the first shared capacity.
    row_lower, row_upper : ndarray, shape (rows,)
    entries : sparse array, shape (rows, columns)
    upper : ndarray, shape (columns,)
        The lower limit of every column is 0.
    integer : ndarray of bool, shape (columns,)
    fit : ndarray, shape (columns,)
        The objective ``area_fit``.
    wish, wish_pair : ndarray of int
        Wish of each of the last columns, and the pair of one of its projects.
    """

    pairs: int
    strips: Integers
    whole: Integers
    shared: int
    row_lower: Floats
    row_upper: Floats
    entries: csr_array
    upper: Floats
    integer: Booleans
    fit: Floats
    wish: Integers
    wish_pair: Integers


class _Rows:
    """Gathers rows as coordinate triples."""

    def __init__(self) -> None:
        self.row: list[Integers] = []
        self.column: list[Integers] = []
        self.value: list[Floats] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.count = 0

    def add(
        self,
        count: int,
        terms: Sequence[Term],
        lower: Floats | float,
        upper: Floats | float,
    ) -> None:
        """Add `count` rows; each term is rows, columns and values."""
        for row, column, value in terms:
            self.row.append(np.asarray(row, dtype=np.intp) + self.count)
            self.column.append(np.asarray(column, dtype=np.intp))
            self.value.append(np.broadcast_to(np.asarray(value, dtype=float), np.shape(row)))
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=float), (count,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=float), (count,)))
        self.count += count

    def entries(self, columns: int) -> csr_array:
        """All entries so far as a matrix of so many columns."""
        at = (np.concatenate(self.row), np.concatenate(self.column))
        return coo_array((np.concatenate(self.value), at), shape=(self.count, columns)).tocsr()


def program_of(problem: AllocationProblem) -> Program:
    """Write an allocation problem as a program."""
    pairs = len(problem.pair_project)
    strips = np.unique(problem.pair_unit[problem.divisible[problem.pair_unit]])
    roles = [_roles(problem, separation) for separation in problem.separations]
    wish, side, wish_pair = _wish_columns(problem)
    counts = [pairs, len(strips), len(strips), *(len(a) + len(b) for a, b in roles), len(wish)]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    columns = int(start[-1])
    rows = _Rows()
    whole = _one_place_each(problem, rows)
    _strips(problem, rows, strips, int(start[1]))
    shared = rows.count
    _shared(problem, rows)
    for index, separation in enumerate(problem.separations):
        _kept_apart(problem, rows, separation, roles[index], int(start[3 + index]))
    if len(wish):
        _wished_near(problem, rows, (wish, side, wish_pair), int(start[-2]))
    upper = np.ones(columns)
    upper[:pairs] = fitting(problem)
    upper[start[2] : start[3]] = np.inf
    integer = np.zeros(columns, dtype=bool)
    integer[: start[2]] = True
    integer[start[3] : start[-2]] = True
    fit = np.zeros(columns)
    fit[:pairs] = pair_values(problem, "area_fit")
    fit[start[2] : start[3]] = -1.0
    return Program(
        pairs=pairs,
        strips=strips,
        whole=whole,
        shared=shared,
        row_lower=np.concatenate(rows.lower),
        row_upper=np.concatenate(rows.upper),
        entries=rows.entries(columns),
        upper=upper,
        integer=integer,
        fit=fit,
        wish=wish,
        wish_pair=wish_pair,
    )


def _one_place_each(problem: AllocationProblem, rows: _Rows) -> Integers:
    """Give each project one place and each plot one project; returns the plots."""
    pair = np.arange(len(problem.pair_project))
    rows.add(problem.projects, [(problem.pair_project, pair, 1.0)], -np.inf, 1.0)
    whole = np.flatnonzero(~problem.divisible[problem.pair_unit])
    units, row = np.unique(problem.pair_unit[whole], return_inverse=True)
    rows.add(len(units), [(row, whole, 1.0)], -np.inf, 1.0)
    return units


def _strips(problem: AllocationProblem, rows: _Rows, strips: Integers, start: int) -> None:
    """Let projects fill a strip, stretched within their limits, or leave enough for a plot."""
    pair = np.flatnonzero(problem.divisible[problem.pair_unit])
    of = np.searchsorted(strips, problem.pair_unit[pair])
    least, most = problem.area_min_ha[pair], problem.area_max_ha[pair]
    wish = np.clip(problem.area_wanted_ha[problem.pair_project[pair]], least, most)
    row, count = np.arange(len(strips)), len(strips)
    room = problem.unit_area_ha[strips]
    rest = np.minimum(problem.unit_rest_min_ha[strips], room)
    filled, missed = start + row, start + count + row
    rows.add(count, [(of, pair, least), (row, filled, -rest)], -np.inf, room - rest)
    rows.add(count, [(of, pair, most), (row, filled, -room)], 0.0, np.inf)
    over: list[Term] = [(of, pair, wish), (row, filled, -rest), (row, missed, -1.0)]
    rows.add(count, over, -np.inf, room - rest)
    rows.add(count, [(of, pair, wish), (row, filled, -room), (row, missed, 1.0)], 0.0, np.inf)


def _shared(problem: AllocationProblem, rows: _Rows) -> None:
    for capacity in problem.capacities:
        row = np.zeros(len(capacity.pair), dtype=np.intp)
        rows.add(1, [(row, capacity.pair, capacity.load)], -np.inf, capacity.limit)


def _roles(problem: AllocationProblem, separation: Separation) -> tuple[Integers, Integers]:
    """Units that can hold a project of each group at all."""
    return (
        np.unique(problem.pair_unit[np.isin(problem.pair_project, separation.first)]),
        np.unique(problem.pair_unit[np.isin(problem.pair_project, separation.second)]),
    )


def _kept_apart(
    problem: AllocationProblem,
    rows: _Rows,
    separation: Separation,
    roles: tuple[Integers, Integers],
    start: int,
) -> None:
    """Flag the units that hold a group, and forbid pairs of flags.

    A project of both groups is at odds with others, never with itself: within one unit such
    projects are handled pair by pair.
    """
    first, second = roles
    for group, units, offset in (
        (separation.first, first, start),
        (separation.second, second, start + len(first)),
    ):
        pair = np.flatnonzero(np.isin(problem.pair_project, group))
        place = np.searchsorted(units, problem.pair_unit[pair])
        # One row for a plot, which takes one project anyway; one for each pair of a strip.
        shared = ~problem.divisible[problem.pair_unit[pair]]
        kind = np.where(shared, place, len(units) + np.arange(len(pair)))
        kinds, first_of, row = np.unique(kind, return_index=True, return_inverse=True)
        flag, count = offset + place[first_of], np.arange(len(kinds))
        rows.add(len(kinds), [(row, pair, 1.0), (count, flag, -1.0)], -np.inf, 0.0)
    both = np.intersect1d(separation.first, separation.second)
    shared_units = np.unique(problem.pair_unit[np.isin(problem.pair_project, both)])
    own = (separation.left == separation.right) & np.isin(separation.left, shared_units)
    held = np.isin(separation.left, first) & np.isin(separation.right, second) & ~own
    left = start + np.searchsorted(first, separation.left[held])
    right = start + len(first) + np.searchsorted(second, separation.right[held])
    row = np.arange(len(left))
    rows.add(len(left), [(row, left, 1.0), (row, right, 1.0)], -np.inf, 1.0)
    for unit in separation.left[own]:
        _pairwise(problem, rows, separation, int(unit))


def _pairwise(problem: AllocationProblem, rows: _Rows, separation: Separation, unit: int) -> None:
    pair = np.flatnonzero(problem.pair_unit == unit)
    project = problem.pair_project[pair]
    one = pair[np.isin(project, separation.first)]
    other = pair[np.isin(project, separation.second)]
    a, b = (grid.ravel() for grid in np.meshgrid(one, other))
    distinct = a != b
    a, b = a[distinct], b[distinct]
    row = np.arange(len(a))
    rows.add(len(a), [(row, a, 1.0), (row, b, 1.0)], -np.inf, 1.0)


def _wish_columns(problem: AllocationProblem) -> tuple[Integers, Integers, Integers]:
    """Wish, side and pair of each column: from the side that has fewer pairs."""
    wish, side, pair = hopes(problem.wishes, problem.pair_project, problem.pair_unit, problem.units)
    count = np.bincount(2 * wish + side, minlength=2 * len(problem.wishes)).reshape(-1, 2)
    mine = side == count.argmin(axis=1)[wish]
    return wish[mine], side[mine], pair[mine]


def _wished_near(
    problem: AllocationProblem,
    rows: _Rows,
    columns: tuple[Integers, Integers, Integers],
    start: int,
) -> None:
    """Keep a wish on a unit no more than one project is there, and the other one near."""
    wish, side, pair = columns
    row, column = np.arange(len(wish)), start + np.arange(len(wish))
    rows.add(len(wish), [(row, column, 1.0), (row, pair, -1.0)], -np.inf, 0.0)
    other = np.where(side == 0, problem.wishes.second[wish], problem.wishes.first[wish])
    of, theirs = pairs_of_each(problem.pair_project, other)
    near = problem.wishes.near(problem.pair_unit[pair[of]], problem.pair_unit[theirs])
    around: list[Term] = [(row, column, 1.0), (of[near], theirs[near], -1.0)]
    rows.add(len(wish), around, -np.inf, 0.0)
    # Shares of several units are not to be kept by the same share of the other project.
    wishes, first, of_wish = np.unique(wish, return_index=True, return_inverse=True)
    of, theirs = pairs_of_each(problem.pair_project, other[first])
    rows.add(len(wishes), [(of_wish, column, 1.0), (of, theirs, -1.0)], -np.inf, 0.0)


def objective_of(problem: AllocationProblem, program: Program, name: str) -> Floats:
    """Return what each column is worth to an objective."""
    if name == "area_fit":
        return program.fit
    objective = np.zeros(len(program.upper))
    if name == NEAR:
        objective[: program.pairs] = kept_with_others(problem)
        objective[len(objective) - len(program.wish) :] = 1.0
        return objective
    objective[: program.pairs] = problem.values[name]
    return objective


def columns_of(problem: AllocationProblem, program: Program, start: Assignment) -> Floats:
    """Write an assignment as column values."""
    values = np.zeros(len(program.upper))
    pair = pairs_of(problem, start.unit)
    values[pair] = 1.0
    values[program.pairs : program.pairs + 2 * len(program.strips)] = np.concatenate(
        _filled_and_missed(problem, program, pair)
    )
    offset = program.pairs + 2 * len(program.strips)
    for separation in problem.separations:
        for group, units in zip(
            (separation.first, separation.second), _roles(problem, separation), strict=True
        ):
            held = np.unique(start.unit[group][start.unit[group] >= 0])
            values[offset + np.searchsorted(units, held)] = 1.0
            offset += len(units)
    kept = problem.wishes.kept(start.unit)[program.wish]
    values[len(values) - len(kept) :] = kept & (values[program.wish_pair] > 0)
    return values


def _filled_and_missed(
    problem: AllocationProblem, program: Program, pair: Integers
) -> tuple[Floats, Floats]:
    """Return which strips chosen pairs fill to the end, and what they miss there."""
    least, most = problem.area_min_ha[pair], problem.area_max_ha[pair]
    wish = np.clip(problem.area_wanted_ha[problem.pair_project[pair]], least, most)
    sums = []
    for area in (least, most, wish):
        total = np.zeros(problem.units)
        np.add.at(total, problem.pair_unit[pair], area)
        sums.append(total[program.strips])
    room = problem.unit_area_ha[program.strips]
    rest = np.minimum(problem.unit_rest_min_ha[program.strips], room)
    leaves = sums[0] <= room - rest + TIGHT_HA
    fills = (sums[0] <= room + TIGHT_HA) & (sums[1] >= room - TIGHT_HA)
    left, whole = np.maximum(sums[2] - (room - rest), 0.0), np.abs(room - sums[2])
    filled = fills & (~leaves | (whole < left))
    return filled.astype(float), np.where(filled, whole, left)
