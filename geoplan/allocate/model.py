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

from geoplan.allocate import highs
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
    solver = _solver(problem, program, objective, floors, limits, integer=program.integer)
    if start is not None:
        highs.begun_from(solver, columns_of(problem, program, start))
    solver.run()
    info = solver.getInfo()
    bound = min(float(info.mip_dual_bound), plain_prices(problem, objective).bound)
    work = int(info.simplex_iteration_count)
    if not highs.has_answer(solver):
        return Outcome(_status(solver), None, -np.inf, bound, work)
    assignment = _read(problem, program, highs.values(solver))
    value = value_of(problem, objective, assignment)
    return Outcome(_status(solver), assignment, value, max(bound, value), work)


def relaxed(
    problem: AllocationProblem, objective: str, floors: Mapping[str, float], limits: Limits
) -> Prices:
    """Price a problem by the linear relaxation of its program, or plainly if that takes long."""
    problem = _coupled(problem, objective, floors)
    program = program_of(problem)
    nothing = np.zeros(len(program.upper), dtype=bool)
    solver = _solver(problem, program, objective, floors, limits, integer=nothing)
    solver.run()
    plain = plain_prices(problem, objective)
    if not highs.is_optimal(solver):
        return plain
    row, column = highs.row_prices(solver), highs.column_prices(solver)
    unit = np.zeros(problem.units)
    unit[program.whole] = row[problem.projects : problem.projects + len(program.whole)]
    capacity = row[program.shared : program.shared + len(problem.capacities)]
    reduced = np.maximum(-column[: program.pairs], 0.0)
    reduced[program.upper[: program.pairs] <= 0] = np.inf
    return Prices(
        bound=min(plain.bound, highs.reached(solver)),
        project=np.maximum(row[: problem.projects], 0.0),
        unit=np.maximum(unit, 0.0),
        capacity=np.maximum(capacity, 0.0),
        reduced=reduced,
        share=highs.values(solver)[: program.pairs],
    )


def _coupled(
    problem: AllocationProblem, objective: str, floors: Mapping[str, float]
) -> AllocationProblem:
    """Leave wishes out of a program that does not count them."""
    return problem if NEAR in (objective, *floors) else unwished(problem)


def _status(solver: highspy.Highs) -> SolveStatus:
    if highs.is_optimal(solver):
        return SolveStatus.OPTIMAL
    if highs.is_late(solver):
        return SolveStatus.TIME_LIMIT
    return SolveStatus.WORK_LIMIT if highs.has_answer(solver) else SolveStatus.INFEASIBLE


def _solver(
    problem: AllocationProblem,
    program: Program,
    objective: str,
    floors: Mapping[str, float],
    limits: Limits,
    *,
    integer: Booleans,
) -> highspy.Highs:
    solver = highs.program(
        objective_of(problem, program, objective),
        program.entries,
        (program.row_lower, program.row_upper),
        upper=program.upper,
        integer=integer,
        maximised=True,
        random_seed=limits.seed,
        mip_rel_gap=limits.gap,
        mip_max_nodes=limits.nodes,
        mip_feasibility_tolerance=FEASIBILITY,
        primal_feasibility_tolerance=FEASIBILITY,
        time_limit=limits.seconds,
        mip_allow_restart=limits.thorough,
        mip_heuristic_run_rens=limits.thorough,
        mip_heuristic_run_rins=limits.thorough,
    )
    for name, floor in floors.items():
        vector = objective_of(problem, program, name)
        used = np.flatnonzero(vector)
        solver.addRow(
            least(floor), highspy.kHighsInf, len(used), used.astype(np.int32), vector[used]
        )
    return solver


def _read(problem: AllocationProblem, program: Program, values: Floats) -> Assignment:
    """Read who stands where out of the columns; the areas follow, free of the solver's noise."""
    chosen = np.flatnonzero(values[: program.pairs] > HALF)
    unit = np.full(problem.projects, -1, dtype=np.intp)
    unit[problem.pair_project[chosen]] = problem.pair_unit[chosen]
    return Assignment(unit, chosen_areas(problem, unit))
