"""The plain program of projects onto knapsacks, pair by pair, solved by HiGHS.

Its relaxation, in which projects can be split, gives first prices: they need not be exact, since
every bound that they lead to is computed from them anew, and they save column generation most of
its rounds. The program itself closes what little a good bound leaves open.
"""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from geoplan.allocate import highs
from geoplan.allocate.knapsack import best_fills, fractional_fills
from geoplan.allocate.master import Node, Task, profits_at

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

HALF = 0.5
SPLIT = 1e-9
STEP_NOISE = 1e-4
PAIRS_MAX = 40_000
"""Pairs up to which all are written at once; else the others come in as prices ask for them."""
ASKED_EACH = 4
"""Pairs of each project that come in at a time, at most."""
ROUNDS = 60
PRICE_NOISE = 1e-7
RATE_STEPS = 300
STRIDE, SHORTENED = 0.1, 0.03
"""Change of a price by a step where nobody asks, and what is left of that in the end."""
OVER_MOST = 4.0
"""More than so many times too much counts as that."""


def relaxed_plainly(task: Task, root: Node, *, seconds: float) -> tuple[Floats, Integers]:
    """Solve the plain relaxation, bringing in pairs as they are asked for where there are many.

    Returns
    -------
    prices : ndarray, shape (projects,)
        What placing each project is worth.
    unit : ndarray of int, shape (projects,)
        Units of those who are not split, which fit together; -1 for the others.
    """
    allowed = ~root.barred
    cost = np.where(allowed, task.cost, np.inf)
    cost += _rates(task, cost)[:, None] * task.load
    inside = _leading(cost)
    on, project = np.nonzero(inside)
    projects, first = len(task.penalty), len(on)
    unit = np.full(projects, -1, dtype=np.intp)
    # Should the time not suffice, rough prices are better than none.
    prices = np.minimum(cost.min(axis=0), task.penalty)
    # The time is that of all runs together.
    solver = _program(task, on, project, integer=False)
    highs.configured(solver, time_limit=seconds)
    for _ in range(ROUNDS):
        solver.run()
        if not highs.is_optimal(solver):
            break
        dual = highs.row_prices(solver)
        # Pairs that came in later stand behind the projects that stay out.
        share = np.delete(highs.values(solver), np.s_[first : first + projects])
        whole = share > 1.0 - SPLIT
        unit[:], prices = -1, dual[:projects]
        unit[project[whole]] = on[whole]
        asked = _asked(task, allowed & ~inside, prices, -dual[projects:])
        if not len(asked[0]):
            break
        _brought_in(solver, task, *asked)
        inside[asked] = True
        on, project = np.append(on, asked[0]), np.append(project, asked[1])
    return prices, unit


def _asked(task: Task, others: Booleans, prices: Floats, rate: Floats) -> tuple[Integers, Integers]:
    """Give the pairs that would lower the cost at given prices, some of each project."""
    cost = np.where(others, task.cost, np.inf)
    reduced = cost + rate[:, None] * task.load - prices
    count = min(ASKED_EACH, len(reduced))
    rank = np.argpartition(reduced, count - 1, axis=0)[:count]
    worth = np.take_along_axis(reduced, rank, axis=0) < -PRICE_NOISE
    place, project = np.nonzero(worth)
    return rank[place, project], project


def _brought_in(solver: highspy.Highs, task: Task, on: Integers, project: Integers) -> None:
    """Add pairs to a program that is solved, which then goes on from where it is."""
    count = len(on)
    row = np.stack([project, len(task.penalty) + on], axis=1).ravel()
    solver.addCols(
        count,
        task.cost[on, project],
        np.zeros(count),
        np.ones(count),
        2 * count,
        (2 * np.arange(count)).astype(np.int32),
        row.astype(np.int32),
        np.stack([np.ones(count), task.load[on, project]], axis=1).ravel(),
    )
    highs.configured(solver, simplex_strategy=highs.PRIMAL_SIMPLEX)


def _leading(cost: Floats) -> Booleans:
    """Keep the pairs of each project that cost least, with what capacity costs."""
    allowed = np.isfinite(cost)
    if allowed.sum() <= PAIRS_MAX:
        return allowed
    count = min(max(PAIRS_MAX // cost.shape[1], 2), len(cost))
    rank = np.argpartition(cost, count - 1, axis=0)[:count]
    kept = np.zeros_like(allowed)
    np.put_along_axis(kept, rank, values=True, axis=0)
    return kept & allowed


def _rates(task: Task, cost: Floats) -> Floats:
    """Price a cell of each unit roughly: it rises where projects ask for more than there is."""
    project = np.arange(len(task.penalty))
    room = np.maximum(task.capacity, 1)
    known = np.isfinite(cost)
    usual = float(task.cost[known].mean()) if known.any() else 0.0
    rate = np.full(len(room), usual / max(float(task.load.mean()), 1.0))
    for step in range(RATE_STEPS):
        asked = cost + rate[:, None] * task.load
        on = asked.argmin(axis=0)
        stays = asked[on, project] < task.penalty
        drawn = np.bincount(on[stays], task.load[on, project][stays], minlength=len(room))
        over = np.clip(drawn / room - 1.0, -1.0, OVER_MOST)
        rate *= np.exp(STRIDE * SHORTENED ** (step / RATE_STEPS) * over)
    return rate


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
    solver = _program(task, on, project, integer=True)
    highs.configured(
        solver,
        mip_max_nodes=nodes,
        time_limit=seconds,
        random_seed=seed,
        mip_rel_gap=0.0,
        mip_abs_gap=task.step * (1.0 - STEP_NOISE),
    )
    highs.begun_from(solver, np.concatenate([unit[project] == on, unit < 0]))
    solver.run()
    proven = highs.is_optimal(solver)
    if not highs.has_answer(solver):
        return unit, highs.is_infeasible(solver)
    chosen = highs.values(solver)[: len(on)] > HALF
    found = np.full(len(task.penalty), -1, dtype=np.intp)
    found[project[chosen]] = on[chosen]
    used = np.zeros(len(task.capacity), dtype=np.intp)
    np.add.at(used, on[chosen], task.load[on[chosen], project[chosen]])
    return (found, proven) if (used <= task.capacity).all() else (unit, False)


def _program(task: Task, unit: Integers, project: Integers, *, integer: bool) -> highspy.Highs:
    """Write the plain program over some pairs; the last columns are projects that stay out."""
    units, projects = task.cost.shape
    pairs = len(unit)
    columns = pairs + projects
    start = np.concatenate([2 * np.arange(pairs + 1), 2 * pairs + 1 + np.arange(projects)])
    both = np.stack([project, projects + unit], axis=1).ravel()
    load = np.stack([np.ones(pairs), task.load[unit, project]], axis=1).ravel()
    row = np.concatenate([both, np.arange(projects)])
    entries = csc_array(
        (np.concatenate([load, np.ones(projects)]), row, start), shape=(projects + units, columns)
    )
    rows = (
        np.concatenate([np.ones(projects), np.full(units, -np.inf)]),
        np.concatenate([np.ones(projects), np.maximum(task.capacity, 0)]),
    )
    return highs.program(
        np.concatenate([task.cost[unit, project], task.penalty]),
        entries,
        rows,
        upper=np.ones(columns),
        integer=np.full(columns, integer),
    )
