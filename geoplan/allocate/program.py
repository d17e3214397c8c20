"""The program: an allocation problem as rows and columns of one mixed-integer program.

Every pair of project and unit has a column that says whether it is chosen; areas, rests and
misfits are continuous. A separation needs two flags a unit, not a row for each two projects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geoplan.allocate.problem import AllocationProblem, Assignment, Separation, pairs_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
Term = tuple[Integers, Integers, Floats | float]
"""Entries of a matrix: row (from 0 within its block), column, value."""

REST_NOISE_HA = 1e-7


@dataclass(frozen=True)
class Program:
    """Rows and columns; columns are pairs, areas, rests, rest flags, roles and misfits.

    Attributes
    ----------
    pairs : int
        Number of pairs; theirs are the first columns.
    areas : ndarray of int
        Pair of each area column (divisible units only).
    rests : ndarray of int
        Unit of each rest column.
    row_lower, row_upper : ndarray, shape (rows,)
    entries : sparse array, shape (rows, columns)
    upper : ndarray, shape (columns,)
        The lower limit of every column is 0.
    integer : ndarray of bool, shape (columns,)
    fit : ndarray, shape (columns,)
        The objective ``area_fit``.
    """

    pairs: int
    areas: Integers
    rests: Integers
    row_lower: Floats
    row_upper: Floats
    entries: csr_array
    upper: Floats
    integer: Booleans
    fit: Floats


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
    areas = np.flatnonzero(problem.divisible[problem.pair_unit])
    rests = np.flatnonzero(problem.divisible)
    roles = [_roles(problem, separation) for separation in problem.separations]
    counts = [pairs, len(areas), len(rests), len(rests), *(len(a) + len(b) for a, b in roles)]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    misfit = int(start[-1])
    columns = misfit + problem.projects
    rows = _Rows()
    _one_place_each(problem, rows)
    area_column = start[1] + np.arange(len(areas))
    _areas(problem, rows, areas, area_column)
    _filled(problem, rows, areas, area_column, rests, start[2], start[3])
    _shared(problem, rows)
    for index, separation in enumerate(problem.separations):
        _kept_apart(problem, rows, separation, roles[index], int(start[4 + index]))
    _misfits(problem, rows, areas, area_column, misfit)
    upper = np.ones(columns)
    upper[area_column] = problem.area_max_ha[areas]
    upper[start[2] : start[3]] = problem.unit_area_ha[rests]
    upper[misfit:] = np.inf
    integer = np.zeros(columns, dtype=bool)
    integer[:pairs] = True
    integer[start[3] : start[4]] = True
    fit = np.zeros(columns)
    fit[:pairs] = problem.area_wanted_ha[problem.pair_project]
    fit[misfit:] = -1.0
    lower_limits, upper_limits = np.concatenate(rows.lower), np.concatenate(rows.upper)
    entries = rows.entries(columns)
    return Program(pairs, areas, rests, lower_limits, upper_limits, entries, upper, integer, fit)


def _one_place_each(problem: AllocationProblem, rows: _Rows) -> None:
    pair = np.arange(len(problem.pair_project))
    rows.add(problem.projects, [(problem.pair_project, pair, 1.0)], -np.inf, 1.0)
    whole = np.flatnonzero(~problem.divisible[problem.pair_unit])
    units, row = np.unique(problem.pair_unit[whole], return_inverse=True)
    rows.add(len(units), [(row, whole, 1.0)], -np.inf, 1.0)


def _areas(problem: AllocationProblem, rows: _Rows, areas: Integers, column: Integers) -> None:
    """Area within its limits if the pair is chosen, else nothing."""
    row = np.arange(len(areas))
    least, most = problem.area_min_ha[areas], problem.area_max_ha[areas]
    rows.add(len(areas), [(row, column, 1.0), (row, areas, -least)], 0.0, np.inf)
    rows.add(len(areas), [(row, column, 1.0), (row, areas, -most)], -np.inf, 0.0)


def _filled(
    problem: AllocationProblem,
    rows: _Rows,
    areas: Integers,
    column: Integers,
    rests: Integers,
    rest_start: int,
    flag_start: int,
) -> None:
    """Projects and the rest fill a strip exactly; a rest is none or large enough for a plot."""
    number = np.full(problem.units, -1, dtype=np.intp)
    number[rests] = np.arange(len(rests))
    row = np.arange(len(rests))
    room, least = problem.unit_area_ha[rests], problem.unit_rest_min_ha[rests]
    rest, flag = rest_start + row, flag_start + row
    rows.add(
        len(rests),
        [(number[problem.pair_unit[areas]], column, 1.0), (row, rest, 1.0)],
        room,
        room,
    )
    rows.add(len(rests), [(row, rest, 1.0), (row, flag, -np.minimum(least, room))], 0.0, np.inf)
    rows.add(len(rests), [(row, rest, 1.0), (row, flag, -room)], -np.inf, 0.0)


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
        flag = offset + np.searchsorted(units, problem.pair_unit[pair])
        row = np.arange(len(pair))
        rows.add(len(pair), [(row, pair, 1.0), (row, flag, -1.0)], -np.inf, 0.0)
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


def _misfits(
    problem: AllocationProblem, rows: _Rows, areas: Integers, column: Integers, start: int
) -> None:
    """Measure how far each project's area is from what it wanted, either way."""
    row = np.arange(problem.projects)
    misfit = start + row
    wanted = problem.area_wanted_ha
    whole = np.flatnonzero(~problem.divisible[problem.pair_unit])
    off = problem.unit_area_ha[problem.pair_unit[whole]] - wanted[problem.pair_project[whole]]
    of_area, of_whole = problem.pair_project[areas], problem.pair_project[whole]
    over: list[Term] = [
        (of_area, column, 1.0),
        (of_area, areas, -wanted[of_area]),
        (of_whole, whole, off),
    ]
    rows.add(problem.projects, [*over, (row, misfit, -1.0)], -np.inf, 0.0)
    rows.add(problem.projects, [*over, (row, misfit, 1.0)], 0.0, np.inf)


def objective_of(problem: AllocationProblem, program: Program, name: str) -> Floats:
    """Return what each column is worth to an objective."""
    if name == "area_fit":
        return program.fit
    objective = np.zeros(len(program.upper))
    objective[: program.pairs] = problem.values[name]
    return objective


def columns_of(problem: AllocationProblem, program: Program, start: Assignment) -> Floats:
    """Write an assignment as column values."""
    values = np.zeros(len(program.upper))
    pair = pairs_of(problem, start.unit)
    project = np.flatnonzero(start.unit >= 0)
    values[pair] = 1.0
    area_of_pair = np.zeros(program.pairs)
    area_of_pair[pair] = start.area_ha[project]
    values[program.pairs : program.pairs + len(program.areas)] = area_of_pair[program.areas]
    used = np.bincount(start.unit[project], weights=start.area_ha[project], minlength=problem.units)
    rest = np.maximum(problem.unit_area_ha - used, 0.0)[program.rests]
    rest[rest <= REST_NOISE_HA] = 0.0
    first = program.pairs + len(program.areas)
    values[first : first + len(rest)] = rest
    values[first + len(rest) : first + 2 * len(rest)] = rest > 0
    offset = first + 2 * len(rest)
    for separation in problem.separations:
        for group, units in zip(
            (separation.first, separation.second), _roles(problem, separation), strict=True
        ):
            held = np.unique(start.unit[group][start.unit[group] >= 0])
            values[offset + np.searchsorted(units, held)] = 1.0
            offset += len(units)
    misfit = np.abs(start.area_ha - problem.area_wanted_ha)
    values[offset:] = np.where(start.unit >= 0, misfit, 0.0)
    return values
