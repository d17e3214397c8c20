"""Large problems part by part: a few units with their projects are packed anew, then others.

The relaxation of the whole would take too long; that of a part takes a moment. Prices of the
whole still bound it.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.dives import Answer, cost_of, dived, enough_for, fills_of
from geoplan.allocate.knapsack import fractional_fills
from geoplan.allocate.master import Master, Node, Task, part_of, profits_at, relaxed, root_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

PROJECTS_EACH = 120
"""Projects of a part, about."""
UNITS_LEAST = 2
TOGETHER = 2
"""Pairs of a part that are settled at a time."""
ROUNDS = 300
SMOOTHING = 0.5


def inserted(task: Task, root: Node, prices: Floats, answer: Answer) -> Answer:
    """Place those who stay out where they lose least at given prices, large regrets first.

    Parameters
    ----------
    task : Task
    root : Node
    prices : ndarray, shape (projects,)
    answer : Answer
        Its projects stay where they are.

    Returns
    -------
    Answer
    """
    profit = profits_at(task, root, prices)
    _, rate = fractional_fills(profit, task.load, task.capacity)
    loss = np.where(root.barred, np.inf, rate[:, None] * task.load - profit)
    unit = answer.unit.copy()
    placed = np.flatnonzero(unit >= 0)
    room = task.capacity.copy()
    np.subtract.at(room, unit[placed], task.load[unit[placed], placed])
    known = np.where(np.isfinite(loss), loss, prices)
    ranked = np.sort(known, axis=0)[:2]
    regret = ranked[-1] - ranked[0]
    for project in np.argsort(-regret, kind="stable"):
        fits = np.where(task.load[:, project] <= room, loss[:, project], np.inf)
        best = int(fits.argmin())
        if unit[project] < 0 and np.isfinite(fits[best]):
            unit[project] = best
            room[best] -= task.load[best, project]
    return Answer(cost_of(task, unit), unit)


def swept(
    task: Task,
    answer: Answer,
    prices: Floats,
    random: np.random.Generator,
    *,
    nodes: int,
    until: float,
) -> tuple[Answer, int]:
    """Pack every unit anew once, a few at a time, units drawn at random.

    Parameters
    ----------
    task : Task
    answer : Answer
    prices : ndarray, shape (projects,)
    random : numpy.random.Generator
    nodes : int
        Nodes at most.
    until : float
        Monotonic time of the last resort.

    Returns
    -------
    answer : Answer
        At least as good.
    nodes : int
        Nodes relaxed.
    """
    units, projects = task.cost.shape
    each = max(UNITS_LEAST, round(PROJECTS_EACH * units / projects))
    order = random.permutation(units)
    spent = 0
    for first in range(0, units, each):
        left = nodes - spent
        if left <= 0 or time.monotonic() >= until:
            break
        part = np.sort(order[first : first + each])
        answer, used = _repacked(task, answer, prices, part, nodes=left, until=until)
        spent += used
    return answer, spent


def _repacked(
    task: Task, answer: Answer, prices: Floats, part: Integers, *, nodes: int, until: float
) -> tuple[Answer, int]:
    """Pack the projects of some units, and some who stay out, onto these units anew."""
    mine = np.isin(answer.unit, part)
    out = np.flatnonzero((answer.unit < 0) & (task.penalty > 0))
    mine[out[: PROJECTS_EACH // 2]] = True
    project = np.flatnonzero(mine)
    small = part_of(task, part, project)
    here = answer.unit[project]
    local = np.where(here >= 0, np.searchsorted(part, here), -1)
    own = Answer(cost_of(small, local), local)
    master, root = Master(small), root_of(small)
    held = fills_of(small, local)
    master.add(np.arange(len(part)), held)
    enough = enough_for(small, own.cost)
    loose = relaxed(
        master, root, prices[project], enough, smoothing=SMOOTHING, rounds=ROUNDS, until=until
    )
    if loose.bound >= enough or nodes <= 1:
        return answer, 1
    favour = np.sqrt(np.maximum(small.load, 1) / np.maximum(small.capacity, 1)[:, None])
    search = dived(
        master,
        root,
        loose.prices,
        own,
        favour=favour,
        together=TOGETHER,
        nodes=nodes - 1,
        until=until,
    )
    unit = answer.unit.copy()
    unit[project] = np.where(search.answer.unit >= 0, part[search.answer.unit], -1)
    return replace(answer, cost=cost_of(task, unit), unit=unit), search.nodes + 1
