"""The program: an allocation problem as one mixed-integer program, solved by HiGHS.

HiGHS (MIT licence, needs nothing but numpy) takes a model as arrays. It runs on one thread and
stops at a node limit, so that the same problem has the same answer on every machine; the time
limit is a last resort and is reported when it strikes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from geoplan.allocate.problem import AllocationProblem, Assignment, Separation, pairs_of, value_of
from geoplan.allocate.status import SolveStatus

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

HALF = 0.5
REST_NOISE_HA = 1e-7
KEPT_SHARE = 1e-7
"""A later objective may cost an earlier one this share of its value: rounding, no more."""


@dataclass(frozen=True)
class Limits:
    """When to stop: relative gap, branch-and-bound nodes, seconds; and the seed."""

    gap: float
    nodes: int
    seconds: float
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a solve found.

    Attributes
    ----------
    status : SolveStatus
    assignment : Assignment or None
        None if nothing feasible was found.
    value, bound : float
    """

    status: SolveStatus
    assignment: Assignment | None
    value: float
    bound: float


@dataclass(frozen=True)
class _Model:
    """Rows and columns of the program; columns are pairs, areas, rests, rest flags, roles, misfits."""

    pairs: int
    areas: Integers  # pair of each area column (divisible units only)
    rests: Integers  # unit of each rest column
    columns: int
    row_lower: Floats
    row_upper: Floats
    entries: coo_array
    lower: Floats
    upper: Floats
    integer: Booleans
    fit: Floats  # objective vector of area_fit


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
        terms: Sequence[tuple[Integers, Integers, Floats | float]],
        lower: Floats | float,
        upper: Floats | float,
    ) -> None:
        """Add `count` rows; each term is (row from 0, column, value)."""
        for row, column, value in terms:
            self.row.append(np.asarray(row, dtype=np.intp) + self.count)
            self.column.append(np.asarray(column, dtype=np.intp))
            self.value.append(np.broadcast_to(np.asarray(value, dtype=float), np.shape(row)))
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=float), (count,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=float), (count,)))
        self.count += count


def maximise(
    problem: AllocationProblem,
    objective: str,
    floors: Mapping[str, float],
    limits: Limits,
    *,
    start: Assignment | None = None,
) -> Outcome:
    """Maximise one objective while earlier ones keep their floors.

    Parameters
    ----------
    problem : AllocationProblem
    objective : str
    floors : mapping of str to float
        Objectives that must not fall below a value.
    limits : Limits
    start : Assignment, optional
        A feasible assignment to begin from.
    """
    model = _model(problem)
    highs = _highs(problem, model, objective, floors, limits)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = _columns(problem, model, start).tolist()
        highs.setSolution(known)
    highs.run()
    info, ended = highs.getInfo(), highs.getModelStatus()
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Outcome(_status(ended, found=False), None, -np.inf, bound)
    values = np.asarray(highs.getSolution().col_value, dtype=float)
    assignment = _read(problem, model, values)
    value = value_of(problem, objective, assignment)
    return Outcome(_status(ended, found=True), assignment, value, max(bound, value))


def relaxed_bound(
    problem: AllocationProblem, objective: str, floors: Mapping[str, float], limits: Limits
) -> float:
    """Bound an objective by the linear relaxation."""
    model = _model(problem)
    highs = _highs(problem, model, objective, floors, limits)
    columns = np.arange(model.columns, dtype=np.int32)
    kinds = [highspy.HighsVarType.kContinuous] * model.columns
    highs.changeColsIntegrality(len(columns), columns, kinds)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return float("inf")
    return float(highs.getInfo().objective_function_value)


def _status(ended: highspy.HighsModelStatus, *, found: bool) -> SolveStatus:
    if ended == highspy.HighsModelStatus.kOptimal:
        return SolveStatus.OPTIMAL
    if ended == highspy.HighsModelStatus.kTimeLimit:
        return SolveStatus.TIME_LIMIT
    return SolveStatus.WORK_LIMIT if found else SolveStatus.INFEASIBLE


def _highs(
    problem: AllocationProblem,
    model: _Model,
    objective: str,
    floors: Mapping[str, float],
    limits: Limits,
) -> highspy.Highs:
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", limits.seed),
        ("mip_rel_gap", limits.gap),
        ("mip_max_nodes", limits.nodes),
        ("time_limit", limits.seconds),
    ):
        highs.setOptionValue(option, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = model.columns, len(model.row_lower)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = _objective(problem, model, objective)
    lp.col_lower_, lp.col_upper_ = model.lower, model.upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    matrix = model.entries.tocsr()
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(flag)] for flag in model.integer]
    highs.passModel(lp)
    for name, floor in floors.items():
        vector = _objective(problem, model, name)
        used = np.flatnonzero(vector)
        least = floor - KEPT_SHARE * max(abs(floor), 1.0)
        highs.addRow(least, highspy.kHighsInf, len(used), used.astype(np.int32), vector[used])
    return highs


def _model(problem: AllocationProblem) -> _Model:
    pairs = len(problem.pair_project)
    areas = np.flatnonzero(problem.divisible[problem.pair_unit])
    rests = np.flatnonzero(problem.divisible)
    roles = [_roles(problem, separation) for separation in problem.separations]
    counts = [pairs, len(areas), len(rests), len(rests), *(len(r[0]) + len(r[1]) for r in roles)]
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
    entries = coo_array(
        (np.concatenate(rows.value), (np.concatenate(rows.row), np.concatenate(rows.column))),
        shape=(rows.count, columns),
    )
    return _Model(
        pairs, areas, rests, columns, np.concatenate(rows.lower), np.concatenate(rows.upper),
        entries, np.zeros(columns), upper, integer, fit,
    )  # fmt: skip


def _one_place_each(problem: AllocationProblem, rows: _Rows) -> None:
    pair = np.arange(len(problem.pair_project))
    rows.add(problem.projects, [(problem.pair_project, pair, 1.0)], -np.inf, 1.0)
    whole = np.flatnonzero(~problem.divisible[problem.pair_unit])
    units, row = np.unique(problem.pair_unit[whole], return_inverse=True)
    rows.add(len(units), [(row, whole, 1.0)], -np.inf, 1.0)


def _areas(
    problem: AllocationProblem, rows: _Rows, areas: Integers, column: Integers
) -> None:
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
    """The misfit of a project is how far its area is from what it wanted, either way."""
    row = np.arange(problem.projects)
    misfit = start + row
    wanted = problem.area_wanted_ha
    whole = np.flatnonzero(~problem.divisible[problem.pair_unit])
    off = problem.unit_area_ha[problem.pair_unit[whole]] - wanted[problem.pair_project[whole]]
    of_area, of_whole = problem.pair_project[areas], problem.pair_project[whole]
    over = [(of_area, column, 1.0), (of_area, areas, -wanted[of_area]), (of_whole, whole, off)]
    rows.add(problem.projects, [*over, (row, misfit, -1.0)], -np.inf, 0.0)
    rows.add(problem.projects, [*over, (row, misfit, 1.0)], 0.0, np.inf)


def _objective(problem: AllocationProblem, model: _Model, name: str) -> Floats:
    if name == "area_fit":
        return model.fit
    objective = np.zeros(model.columns)
    objective[: model.pairs] = problem.values[name]
    return objective


def _columns(problem: AllocationProblem, model: _Model, start: Assignment) -> Floats:
    """Write an assignment as column values."""
    values = np.zeros(model.columns)
    pair = pairs_of(problem, start.unit)
    project = np.flatnonzero(start.unit >= 0)
    values[pair] = 1.0
    area_of_pair = np.zeros(model.pairs)
    area_of_pair[pair] = start.area_ha[project]
    values[model.pairs : model.pairs + len(model.areas)] = area_of_pair[model.areas]
    used = np.bincount(start.unit[project], weights=start.area_ha[project], minlength=problem.units)
    rest = np.maximum(problem.unit_area_ha - used, 0.0)[model.rests]
    first = model.pairs + len(model.areas)
    values[first : first + len(rest)] = np.where(rest > REST_NOISE_HA, rest, 0.0)
    values[first + len(rest) : first + 2 * len(rest)] = rest > REST_NOISE_HA
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


def _read(problem: AllocationProblem, model: _Model, values: Floats) -> Assignment:
    """Read the answer out of the columns, areas put right to the last digit."""
    chosen = np.flatnonzero(values[: model.pairs] > HALF)
    unit = np.full(problem.projects, -1, dtype=np.intp)
    area = np.zeros(problem.projects)
    project = problem.pair_project[chosen]
    unit[project] = problem.pair_unit[chosen]
    least, most = (np.zeros(problem.projects) for _ in range(2))
    least[project], most[project] = problem.area_min_ha[chosen], problem.area_max_ha[chosen]
    area_of_pair = problem.unit_area_ha[problem.pair_unit].copy()
    area_of_pair[model.areas] = values[model.pairs : model.pairs + len(model.areas)]
    area[project] = np.clip(area_of_pair[chosen], least[project], most[project])
    flags = values[model.pairs + len(model.areas) + len(model.rests) :][: len(model.rests)]
    full = model.rests[flags < HALF]
    return Assignment(unit, _filling(unit, area, least, most, problem.unit_area_ha, full))


def _filling(
    unit: Integers, area: Floats, least: Floats, most: Floats, room: Floats, full: Integers
) -> Floats:
    """Remove the solver's tolerance: areas of strips without a rest add up exactly."""
    area = area.copy()
    for strip in full:
        mine = np.flatnonzero(unit == strip)
        if not len(mine):
            continue
        off = room[strip] - area[mine].sum()
        slack = (most[mine] - area[mine]) if off > 0 else (area[mine] - least[mine])
        share = slack / slack.sum() if slack.sum() > 0 else np.full(len(mine), 1 / len(mine))
        area[mine] += off * share
    return area
