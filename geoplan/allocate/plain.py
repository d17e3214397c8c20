"""The plain program of projects onto knapsacks, pair by pair, solved by HiGHS.

Its relaxation, in which projects can be split, gives first prices: they need not be exact, since
every bound that they lead to is computed from them anew, and they save column generation most of
its rounds. The program itself closes what little a good bound leaves open.
"""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.knapsack import best_fills, fractional_fills
from geoplan.allocate.master import Node, Task, profits_at

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

HALF = 0.5
SPLIT = 1e-9
STEP_NOISE = 1e-4
PAIRS_MAX = 40_000
"""Pairs up to which all are looked at; else the best of each project."""


def relaxed_plainly(task: Task, root: Node, *, seconds: float) -> tuple[Floats, Integers]:
    """Solve the plain relaxation, over each project's best pairs at least.

    Returns
    -------
    prices : ndarray, shape (projects,)
        What placing each project is worth.
    unit : ndarray of int, shape (projects,)
        Units of those who are not split, which fit together; -1 for the others.
    """
    on, project = np.nonzero(_leading(task, ~root.barred))
    unit = np.full(len(task.penalty), -1, dtype=np.intp)
    highs = _program(task, on, project, integer=False)
    highs.setOptionValue("time_limit", seconds)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return np.where(np.isfinite(task.cost), task.cost, task.penalty).min(axis=0), unit
    solution = highs.getSolution()
    whole = np.asarray(solution.col_value, dtype=float)[: len(on)] > 1.0 - SPLIT
    unit[project[whole]] = on[whole]
    return np.asarray(solution.row_dual, dtype=float)[: len(task.penalty)], unit


def _leading(task: Task, allowed: Booleans) -> Booleans:
    """Half of each project's pairs are those of least cost, half those of least load."""
    if allowed.sum() <= PAIRS_MAX:
        return allowed
    count = max(PAIRS_MAX // (2 * len(task.penalty)), 2)
    kept = np.zeros_like(allowed)
    share = task.load / np.maximum(task.capacity, 1)[:, None]
    for measure in (task.cost, share):
        rank = np.argsort(np.where(allowed, measure, np.inf), axis=0, kind="stable")[:count]
        np.put_along_axis(kept, rank, values=True, axis=0)
    kept &= allowed
    return kept


def open_pairs(task: Task, root: Node, prices: Floats, bound: float, enough: float) -> Booleans:
    """Give the pairs that an answer cheaper than known can use (reduced-cost fixing).

    Parameters
    ----------
    task : Task
    root : Node
    prices : ndarray, shape (projects,)
    bound : float
        The bound at these prices, of :func:`geoplan.allocate.master.fills_at`.
    enough : float
        Bound from which on nothing is wanted.

    Returns
    -------
    ndarray of bool, shape (units, projects)
    """
    profit = profits_at(task, root, prices)
    value, _ = best_fills(profit, task.load, task.capacity)
    most, rate = fractional_fills(profit, task.load, task.capacity)
    loss = np.maximum(rate[:, None] * task.load - profit, 0.0)
    return ~root.barred & (bound + (value - most)[:, None] + loss < enough)


def solved_plainly(
    task: Task, pairs: Booleans, unit: Integers, *, nodes: int, seconds: float, seed: int
) -> tuple[Integers, bool]:
    """Solve the plain program over some pairs by branch and bound.

    Parameters
    ----------
    task : Task
    pairs : ndarray of bool, shape (units, projects)
        What may be used.
    unit : ndarray of int, shape (projects,)
        An answer to begin from, if it uses these pairs only.
    nodes, seconds, seed
        Limits and seed of HiGHS.

    Returns
    -------
    unit : ndarray of int, shape (projects,)
        The best answer found, or the one to begin from.
    proven : bool
        Whether it is the best over these pairs.
    """
    on, project = np.nonzero(pairs)
    highs = _program(task, on, project, integer=True)
    for option, value in (
        ("mip_max_nodes", nodes),
        ("time_limit", seconds),
        ("random_seed", seed),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", task.step * (1.0 - STEP_NOISE)),
    ):
        highs.setOptionValue(option, value)
    known = highspy.HighsSolution()
    placed = (unit[project] == on).astype(float)
    known.col_value = np.concatenate([placed, (unit < 0).astype(float)]).tolist()
    highs.setSolution(known)
    highs.run()
    proven = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return unit, highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible
    chosen = np.asarray(highs.getSolution().col_value, dtype=float)[: len(on)] > HALF
    found = np.full(len(task.penalty), -1, dtype=np.intp)
    found[project[chosen]] = on[chosen]
    used = np.zeros(len(task.capacity), dtype=np.intp)
    np.add.at(used, on[chosen], task.load[on[chosen], project[chosen]])
    return (found, proven) if (used <= task.capacity).all() else (unit, False)


def _program(task: Task, unit: Integers, project: Integers, *, integer: bool) -> highspy.Highs:
    """Write the plain program over some pairs; the last columns are projects that stay out."""
    units, projects = task.cost.shape
    pairs = len(unit)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = pairs + projects, projects + units
    lp.col_cost_ = np.concatenate([task.cost[unit, project], task.penalty])
    lp.col_lower_, lp.col_upper_ = np.zeros(pairs + projects), np.ones(pairs + projects)
    lp.row_lower_ = np.concatenate([np.ones(projects), np.full(units, -np.inf)])
    lp.row_upper_ = np.concatenate([np.ones(projects), np.maximum(task.capacity, 0)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate(
        [2 * np.arange(pairs + 1), 2 * pairs + 1 + np.arange(projects)]
    )
    both = np.stack([project, projects + unit], axis=1).ravel()
    lp.a_matrix_.index_ = np.concatenate([both, np.arange(projects)])
    load = np.stack([np.ones(pairs), task.load[unit, project]], axis=1).ravel()
    lp.a_matrix_.value_ = np.concatenate([load, np.ones(projects)])
    if integer:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * (pairs + projects)
    highs.passModel(lp)
    return highs
