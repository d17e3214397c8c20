"""Swaps between knapsacks: a start made better before anything is packed anew.

All swaps of two projects, and all moves into what room there is, are weighed at once as
matrices. The best ones that have no unit in common are made together, until none helps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.dives import Answer, cost_of
from geoplan.allocate.master import NOISE, Task

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

CELLS_AT_ONCE = 2_000_000
"""Projects times projects that are weighed at once."""
BEST_EACH = 4
"""Swaps of each project kept for the choice."""
PASSES = 300


@dataclass(frozen=True)
class _Land:
    """Cost and load of each project on each unit, and cells of each."""

    cost: Floats
    load: Integers
    capacity: Integers


@dataclass(frozen=True)
class _Changes:
    """What each one saves: one project goes from its start to a goal, the other the other way.

    The other is -1 where nobody goes back.
    """

    gain: Floats
    one: Integers
    other: Integers
    goal: Integers
    start: Integers


def swapped(task: Task, answer: Answer, *, until: float) -> Answer:
    """Move and swap projects while that saves anything.

    Parameters
    ----------
    task : Task
    answer : Answer
    until : float
        Monotonic time of the last resort.

    Returns
    -------
    Answer
        At least as good.
    """
    out = np.zeros_like(task.load[:1])
    # One more unit holds all who stay out: its number, -1, is that of the last row.
    land = _Land(
        np.concatenate([task.cost, task.penalty[None, :]]),
        np.concatenate([task.load, out]),
        np.append(task.capacity, 0),
    )
    unit = answer.unit.copy()
    for _ in range(PASSES):
        made = _made(land, unit, _moves(land, unit)) + _made(land, unit, _swaps(land, unit, until))
        if not made or time.monotonic() >= until:
            break
    cost = cost_of(task, unit)
    return Answer(cost, unit) if cost < answer.cost else answer


def _room(land: _Land, unit: Integers) -> Integers:
    """Cells left on each unit."""
    room = land.capacity.copy()
    np.subtract.at(room, unit, land.load[unit, np.arange(len(unit))])
    return room


def _moves(land: _Land, unit: Integers) -> _Changes:
    """Give the best move of each project that saves something."""
    now = land.cost[unit, np.arange(len(unit))]
    gain = now - np.where(land.load <= _room(land, unit)[:, None], land.cost, np.inf)
    goal = gain.argmax(axis=0)
    project = np.flatnonzero(gain.max(axis=0) > NOISE)
    nobody = np.full(len(project), -1, dtype=np.intp)
    goal = np.where(goal == len(land.cost) - 1, -1, goal)[project]
    return _Changes(gain[goal, project], project, nobody, goal, unit[project])


def _swaps(land: _Land, unit: Integers, until: float) -> _Changes:
    """Give the best swaps of each project with later ones."""
    project = np.arange(len(unit))
    now = land.cost[unit, project]
    room = _room(land, unit)[unit] + land.load[unit, project]
    each, count = max(CELLS_AT_ONCE // max(len(unit), 1), 1), min(BEST_EACH, len(unit))
    gains, ones, others = [np.zeros(0)], [unit[:0]], [unit[:0]]
    for first in range(0, len(unit), each):
        if first and time.monotonic() >= until:
            break
        one = project[first : first + each]
        there, here = np.ix_(unit, one), np.ix_(unit[one], project)
        gain = now[one][:, None] + now[None, :] - land.cost[there].T - land.cost[here]
        fits = (room[None, :] >= land.load[there].T) & (room[one][:, None] >= land.load[here])
        gain[~fits | (project[None, :] <= one[:, None])] = -np.inf
        best = np.argpartition(-gain, count - 1, axis=1)[:, :count]
        gained = np.take_along_axis(gain, best, axis=1)
        row, column = np.nonzero(gained > NOISE)
        gains.append(gained[row, column])
        ones.append(one[row])
        others.append(best[row, column])
    one, other = np.concatenate(ones), np.concatenate(others)
    return _Changes(np.concatenate(gains), one, other, unit[other], unit[one])


def _made(land: _Land, unit: Integers, changes: _Changes) -> int:
    """Make changes, the best first, each on units that no other has touched; count them."""
    touched = np.zeros(len(land.capacity), dtype=bool)
    made = 0
    for at in np.argsort(-changes.gain, kind="stable").tolist():
        one, other = changes.one[at], changes.other[at]
        goal, start = changes.goal[at], changes.start[at]
        # Who stays out may have come in by an earlier change.
        stale = unit[one] != start or (other >= 0 and unit[other] != goal)
        if touched[goal] or touched[start] or stale:
            continue
        unit[one] = goal
        if other >= 0:
            unit[other] = start
        touched[[goal, start]] = True
        touched[-1] = False
        made += 1
    return made
