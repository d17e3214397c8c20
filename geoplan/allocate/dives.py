"""Dives: whole answers out of relaxed ones, by settling one pair after the other.

Every step settles the pair that the relaxation is surest of and relaxes again, with new columns;
a few times on the way it may decide against the relaxation instead (limited discrepancy search,
Harvey and Ginsberg, IJCAI 1995). A node whose bound cannot beat the best answer is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.master import Master, Node, Relaxed, Task, relaxed

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

WHOLE = 1e-6
"""A share so near to 0 or 1 is 0 or 1; so near is a cost to the next possible one."""
ROUNDS = 500
SMOOTHING = 0.3
"""Of prices within a dive, which change little from node to node."""
SLACK, SLACK_SHARE = 0.3, 1e-5
"""How near bound and cost of a relaxation come before a dive goes on: so much of the step between
totals, or of the best cost where no step is known. The last columns cost the most time."""


@dataclass(frozen=True)
class Answer:
    """Who stands where, and what that costs.

    Attributes
    ----------
    cost : float
    unit : ndarray of int, shape (projects,)
        -1 for those who stay out.
    """

    cost: float
    unit: Integers


@dataclass(frozen=True)
class Search:
    """What a search ended with.

    Attributes
    ----------
    answer : Answer
    bound : float
        No answer of the node searched costs less, if that node was searched exactly.
    nodes : int
        Nodes relaxed.
    """

    answer: Answer
    bound: float
    nodes: int


def cost_of(task: Task, unit: Integers) -> float:
    """Cost of an answer."""
    placed = np.flatnonzero(unit >= 0)
    left_out = float(task.penalty[unit < 0].sum())
    return float(task.cost[unit[placed], placed].sum()) + left_out


def fills_of(task: Task, unit: Integers) -> Booleans:
    """Projects that each unit holds, shape (units, projects)."""
    held: Booleans = unit == np.arange(len(task.capacity))[:, None]
    return held


def enough_for(task: Task, cost: float) -> float:
    """Bound from which on nothing can be cheaper than an answer of some cost."""
    return cost - task.step + WHOLE if task.step else cost - WHOLE * 1e-3 * (1.0 + abs(cost))


def searched(
    master: Master,
    root: Node,
    prices: Floats,
    best: Answer,
    *,
    favour: Floats,
    detours: int,
    nodes: int,
    until: float,
) -> Search:
    """Search a node for cheaper answers, depth first.

    Parameters
    ----------
    master : Master
    root : Node
    prices : ndarray, shape (projects,)
        Near the best ones of the root.
    best : Answer
        What is to be beaten.
    favour : ndarray, shape (units, projects)
        How much sooner a pair is settled than its share alone would say.
    detours : int
        Decisions against the relaxation on the way to any answer, at most.
    nodes : int
        Nodes at most.
    until : float
        Monotonic time of the last resort.

    Returns
    -------
    Search
    """
    task = master.task
    stack: list[tuple[Node, Floats, int, float]] = [(root, prices, detours, -np.inf)]
    bound, count = np.inf, 0
    while stack:
        node, at, left, known = stack.pop()
        enough = enough_for(task, best.cost)
        if known >= enough:
            continue
        if count >= nodes or time.monotonic() >= until:
            bound = min(bound, known)
            continue
        count += 1
        loose = relaxed(master, node, at, enough, smoothing=SMOOTHING, rounds=ROUNDS, until=until)
        if (known := max(known, loose.bound)) >= enough:
            continue
        if (pair := _surest(loose, favour)) is None:
            best = _better(task, loose, best)
            if not loose.finished or known < enough_for(task, best.cost):
                bound = min(bound, known)
            continue
        inside, outside = _branched(node, pair)
        if left:
            stack.append((outside, loose.prices, left - 1, known))
        bound = bound if left else min(bound, known)
        stack.append((inside, loose.prices, left, known))
    return Search(best, min(bound, enough_for(task, best.cost)), count)


def dived(
    master: Master,
    node: Node,
    prices: Floats,
    best: Answer,
    *,
    favour: Floats,
    together: int,
    nodes: int,
    until: float,
) -> Search:
    """Go straight down from a node to one answer, settling several pairs at a time.

    Parameters
    ----------
    master, node, prices, best, favour, nodes, until
        As for :func:`searched`.
    together : int
        Pairs settled at a time, at most, each on another unit.

    Returns
    -------
    Search
        Its bound is that of the node begun from.
    """
    task = master.task
    enough = enough_for(task, best.cost)
    slack = SLACK * task.step if task.step else SLACK_SHARE * (1.0 + abs(best.cost))
    bound, count = -np.inf, 0
    while count < nodes and (count == 0 or time.monotonic() < until):
        count += 1
        loose = relaxed(
            master,
            node,
            prices,
            enough,
            smoothing=SMOOTHING,
            rounds=ROUNDS,
            until=until,
            slack=slack,
        )
        bound = loose.bound if count == 1 else bound
        if loose.bound >= enough:
            break
        unit = _surest_ones(task, node, loose, favour, together)
        if unit is None:
            best = _better(task, loose, best)
            break
        node, prices = replace(node, unit=unit), loose.prices
    return Search(best, min(bound, enough), count)


def _surest_ones(
    task: Task, node: Node, loose: Relaxed, favour: Floats, together: int
) -> Integers | None:
    """Settle split pairs in the order of :func:`_surest`, one on a unit; None if all are whole."""
    split = (loose.share > WHOLE) & (loose.share < 1.0 - WHOLE)
    count = int(split.sum())
    if not count:
        return None
    order = np.argsort(np.where(split, -loose.share * favour, 1.0), axis=None, kind="stable")
    unit, room = node.unit.copy(), task.capacity.copy()
    settled = np.flatnonzero(unit >= 0)
    np.subtract.at(room, unit[settled], task.load[unit[settled], settled])
    taken: set[int] = set()
    for on, project in zip(*np.unravel_index(order[:count], split.shape), strict=True):
        if len(taken) == together:
            break
        if on not in taken and unit[project] < 0 and task.load[on, project] <= room[on]:
            unit[project] = on
            taken.add(int(on))
    return unit if taken else None


def _branched(node: Node, pair: tuple[int, int]) -> tuple[Node, Node]:
    """Divide a node: the pair is settled in the first part, barred in the second."""
    unit, project = pair
    settled, barred = node.unit.copy(), node.barred.copy()
    settled[project] = unit
    barred[unit, project] = True
    return replace(node, unit=settled), replace(node, barred=barred)


def _surest(loose: Relaxed, favour: Floats) -> tuple[int, int] | None:
    """Give the split pair with the largest share, favours counted; None if all are whole."""
    split = (loose.share > WHOLE) & (loose.share < 1.0 - WHOLE)
    if not split.any():
        return None
    place = int(np.where(split, loose.share * favour, -1.0).argmax())
    unit, project = np.unravel_index(place, split.shape)
    return int(unit), int(project)


def _better(task: Task, loose: Relaxed, best: Answer) -> Answer:
    share = loose.share
    unit = np.where(share.max(axis=0) > 1.0 - WHOLE, share.argmax(axis=0), -1)
    cost = cost_of(task, unit)
    return Answer(cost, unit) if cost < best.cost else best
