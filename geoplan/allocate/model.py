"""Branch and bound: the program of an allocation problem, solved by HiGHS.

HiGHS (MIT licence, needs nothing but numpy) takes a program as arrays. It runs on one thread and
stops at a node limit, so that the same problem has the same answer on every machine; the time
limit is a last resort and is reported when it strikes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import chosen_areas
from geoplan.allocate.pricing import Prices, least, plain_prices
from geoplan.allocate.problem import NEAR, AllocationProblem, Assignment, unwished, value_of
from geoplan.allocate.program import Program, columns_of, objective_of, program_of
from geoplan.allocate.status import SolveStatus

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

HALF = 0.5
FEASIBILITY = 1e-9
"""HiGHS may break a row by so much; its default, 1e-6, shows in hectares."""


@dataclass(frozen=True)
class Limits:
    """When to stop: relative gap, branch-and-bound nodes, seconds; and the seed.

    A search that is not thorough does without restarts and searches within the search, which
    take most of the time of small problems.
    """

    gap: float
    nodes: int
    seconds: float
    seed: int
    thorough: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a solve found.

    Attributes
    ----------
    status : SolveStatus
    assignment : Assignment or None
        None if nothing feasible was found.
    value, bound : float
        In the objective's unit; value is minus infinity without an assignment.
    work : int
        Iterations of the simplex method, the same on every machine.
    """

    status: SolveStatus
    assignment: Assignment | None
    value: float
    bound: float
    work: int


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

    Returns
    -------
    Outcome
    """
    problem = _coupled(problem, objective, floors)
    program = program_of(problem)
    highs = _highs(problem, program, objective, floors, limits, integer=program.integer)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = columns_of(problem, program, start).tolist()
        highs.setSolution(known)
    highs.run()
    info, ended = highs.getInfo(), highs.getModelStatus()
    bound = min(float(info.mip_dual_bound), plain_prices(problem, objective).bound)
    work = int(info.simplex_iteration_count)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Outcome(_status(ended, found=False), None, -np.inf, bound, work)
    values = np.asarray(highs.getSolution().col_value, dtype=float)
    assignment = _read(problem, program, values)
    value = value_of(problem, objective, assignment)
    return Outcome(_status(ended, found=True), assignment, value, max(bound, value), work)


def relaxed(
    problem: AllocationProblem, objective: str, floors: Mapping[str, float], limits: Limits
) -> Prices:
    """Price a problem by the linear relaxation of its program, or plainly if that takes long."""
    problem = _coupled(problem, objective, floors)
    program = program_of(problem)
    nothing = np.zeros(len(program.upper), dtype=bool)
    highs = _highs(problem, program, objective, floors, limits, integer=nothing)
    highs.run()
    plain = plain_prices(problem, objective)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return plain
    solution = highs.getSolution()
    row, column = np.asarray(solution.row_dual), np.asarray(solution.col_dual)
    unit = np.zeros(problem.units)
    unit[program.whole] = row[problem.projects : problem.projects + len(program.whole)]
    capacity = row[program.shared : program.shared + len(problem.capacities)]
    reduced = np.maximum(-column[: program.pairs], 0.0)
    reduced[program.upper[: program.pairs] <= 0] = np.inf
    return Prices(
        bound=min(plain.bound, float(highs.getInfo().objective_function_value)),
        project=np.maximum(row[: problem.projects], 0.0),
        unit=np.maximum(unit, 0.0),
        capacity=np.maximum(capacity, 0.0),
        reduced=reduced,
        share=np.asarray(solution.col_value)[: program.pairs],
    )


def _coupled(
    problem: AllocationProblem, objective: str, floors: Mapping[str, float]
) -> AllocationProblem:
    """Leave wishes out of a program that does not count them."""
    return problem if NEAR in (objective, *floors) else unwished(problem)


def _status(ended: highspy.HighsModelStatus, *, found: bool) -> SolveStatus:
    if ended == highspy.HighsModelStatus.kOptimal:
        return SolveStatus.OPTIMAL
    if ended == highspy.HighsModelStatus.kTimeLimit:
        return SolveStatus.TIME_LIMIT
    return SolveStatus.WORK_LIMIT if found else SolveStatus.INFEASIBLE


def _highs(
    problem: AllocationProblem,
    program: Program,
    objective: str,
    floors: Mapping[str, float],
    limits: Limits,
    *,
    integer: Booleans,
) -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", limits.seed),
        ("mip_rel_gap", limits.gap),
        ("mip_max_nodes", limits.nodes),
        ("mip_feasibility_tolerance", FEASIBILITY),
        ("primal_feasibility_tolerance", FEASIBILITY),
        ("time_limit", limits.seconds),
        ("mip_allow_restart", limits.thorough),
        ("mip_heuristic_run_rens", limits.thorough),
        ("mip_heuristic_run_rins", limits.thorough),
    ):
        highs.setOptionValue(option, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.upper), len(program.row_lower)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = objective_of(problem, program, objective)
    lp.col_lower_, lp.col_upper_ = np.zeros(len(program.upper)), program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.entries.indptr
    lp.a_matrix_.index_ = program.entries.indices
    lp.a_matrix_.value_ = program.entries.data
    if integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in integer]
    highs.passModel(lp)
    for name, floor in floors.items():
        vector = objective_of(problem, program, name)
        used = np.flatnonzero(vector)
        highs.addRow(
            least(floor), highspy.kHighsInf, len(used), used.astype(np.int32), vector[used]
        )
    return highs


def _read(problem: AllocationProblem, program: Program, values: Floats) -> Assignment:
    """Read who stands where out of the columns; the areas follow, free of the solver's noise."""
    chosen = np.flatnonzero(values[: program.pairs] > HALF)
    unit = np.full(problem.projects, -1, dtype=np.intp)
    unit[problem.pair_project[chosen]] = problem.pair_unit[chosen]
    return Assignment(unit, chosen_areas(problem, unit))
