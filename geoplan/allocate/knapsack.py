"""Knapsacks of many units at once: the most profitable fill of each, exactly.

Loads are whole cells. A bound by the fractional knapsack first settles most projects of a unit
(Martello and Toth, Knapsack Problems, 1990, section 2.2); dynamic programming over the capacity
decides the few that are left, one project of every unit at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

ROUNDING = 1e-9
"""Share of a knapsack's value below which two fills are the same."""
CELLS_AT_ONCE = 50_000_000
"""Cells of tables held in memory, which are a byte each."""
STEEP = 1e300
"""Profit by cell of what weighs nothing."""


@dataclass(frozen=True)
class _Core:
    """What a bound leaves open.

    Attributes
    ----------
    certain : ndarray of bool, shape (units, projects)
        In every best fill.
    room : ndarray of int, shape (units,)
        Cells that the certain ones leave.
    project, load : ndarray of int, shape (steps, units)
        Open projects, one of each unit a step; a unit with fewer repeats a load that never fits.
    profit : ndarray, shape (steps, units)
    """

    certain: Booleans
    room: Integers
    project: Integers
    load: Integers
    profit: Floats


def best_fills(profit: Floats, load: Integers, capacity: Integers) -> tuple[Floats, Booleans]:
    """Fill each unit with the projects that bring it most.

    Parameters
    ----------
    profit : ndarray, shape (units, projects)
        Profit of each project on each unit; what is not positive is left out.
    load : ndarray of int, shape (units, projects)
        Cells that it takes, not negative.
    capacity : ndarray of int, shape (units,)
        Cells of each unit; where it is negative, not even nothing fits.

    Returns
    -------
    value : ndarray, shape (units,)
        Profit of the best fill; 0 for an empty unit, minus infinity where nothing fits.
    chosen : ndarray of bool, shape (units, projects)

    Examples
    --------
    >>> profit, load = np.array([[6.0, 5.0, 5.0]]), np.array([[6, 5, 5]])
    >>> value, chosen = best_fills(profit, load, np.array([10]))
    >>> value, chosen
    (array([10.]), array([[False,  True,  True]]))
    """
    core = _core(profit, load, capacity)
    chosen = core.certain.copy()
    value = np.where(core.certain, profit, 0.0).sum(axis=1)
    steps, units = core.project.shape
    width = int(core.room.max(initial=0)) + 1
    some = max(CELLS_AT_ONCE // (max(steps, 1) * width), 1)
    for first in range(0, units, some):
        part = np.arange(first, min(first + some, units))
        value[part] += _decided(core, part, chosen)
    return np.where(capacity < 0, -np.inf, value), chosen


def _decided(core: _Core, part: Integers, chosen: Booleans) -> Floats:
    """Choose among the open projects of some units; return what they bring."""
    room, load = np.maximum(core.room[part], 0), core.load[:, part]
    table, taken = _tables(room, load, core.profit[:, part])
    place, cell = np.arange(len(part)), room
    for step in range(len(load) - 1, -1, -1):
        take = taken[step, place, cell]
        chosen[part[take], core.project[step, part[take]]] = True
        cell = cell - np.where(take, load[step], 0)
    value: Floats = table[place, room]
    return value


def fractional_fills(profit: Floats, load: Integers, capacity: Integers) -> tuple[Floats, Floats]:
    """Bound the fill of each unit as if a project could be split.

    Forcing a project in or out against its profit at the unit's rate, ``profit - rate * load``,
    lowers the bound by as much.

    Parameters
    ----------
    profit, load, capacity : ndarray
        As for :func:`best_fills`.

    Returns
    -------
    most : ndarray, shape (units,)
        No fill is worth more.
    rate : ndarray, shape (units,)
        What one further cell would be worth.

    Examples
    --------
    >>> profit, load = np.array([[6.0, 5.0, 5.0]]), np.array([[6, 5, 5]])
    >>> fractional_fills(profit, load, np.array([8]))
    (array([8.]), array([1.]))
    """
    ranked = _ranked(profit, load, capacity)
    return ranked.most, ranked.rate


@dataclass(frozen=True)
class _Ranked:
    """Projects of each unit by profit a cell, best first, and where the unit is full.

    Attributes
    ----------
    order : ndarray of int, shape (units, projects)
    gain, weight : ndarray, shape (units, projects)
        Profit and load in that order; nothing where it cannot be of use.
    live : ndarray of bool, shape (units, projects)
        Whether it can be, in that order.
    ahead : ndarray of int, shape (units,)
        So many of the first fit together.
    value, most, rate : ndarray, shape (units,)
        Their profit, that of the fractional fill, and what one further cell is worth.
    room : ndarray of int, shape (units,)
        Cells that the first ones leave.
    """

    order: Integers
    gain: Floats
    weight: Integers
    live: Booleans
    ahead: Integers
    value: Floats
    most: Floats
    rate: Floats
    room: Integers


def _ranked(profit: Floats, load: Integers, capacity: Integers) -> _Ranked:
    units, projects = profit.shape
    fits = (profit > 0) & (load <= capacity[:, None])
    rate = np.where(fits, profit / np.maximum(load, 1), -1.0)
    rate[fits & (load == 0)] = STEEP
    order = np.argsort(-rate, axis=1, kind="stable")
    live = np.take_along_axis(fits, order, axis=1)
    gain = np.where(live, np.take_along_axis(profit, order, axis=1), 0.0)
    weight = np.where(live, np.take_along_axis(load, order, axis=1), 0)
    total, used = np.cumsum(gain, axis=1), np.cumsum(weight, axis=1)
    full = np.maximum(capacity, 0)
    ahead = (used <= full[:, None]).sum(axis=1)
    unit, last = np.arange(units), np.maximum(ahead - 1, 0)
    value = np.where(ahead > 0, total[unit, last], 0.0)
    room = full - np.where(ahead > 0, used[unit, last], 0)
    split = order[unit, np.minimum(ahead, projects - 1)]
    # Where everything fits, nothing is split and further cells are worth nothing.
    further = np.where(ahead < projects, np.maximum(rate[unit, split], 0.0), 0.0)
    return _Ranked(order, gain, weight, live, ahead, value, value + room * further, further, room)


def _core(profit: Floats, load: Integers, capacity: Integers) -> _Core:
    """Settle those whose decision, taken the other way, falls below a fill that is known."""
    ranked = _ranked(profit, load, capacity)
    gain, weight = ranked.gain, ranked.weight
    later = np.arange(profit.shape[1]) >= ranked.ahead[:, None]
    topping = np.where(later & (weight <= ranked.room[:, None]), gain, 0.0)
    known = ranked.value + topping.max(axis=1, initial=0.0)
    loss = np.abs(gain - ranked.rate[:, None] * weight)
    settled = ranked.most[:, None] - loss < (known - ROUNDING * (1.0 + known))[:, None]
    certain = np.zeros(profit.shape, dtype=bool)
    np.put_along_axis(certain, ranked.order, ranked.live & settled & ~later, axis=1)
    left = np.maximum(capacity, 0) - np.where(certain, load, 0).sum(axis=1)
    return _stepped(certain, left, ranked.order, ranked.live & ~settled, gain, weight)


def _stepped(
    certain: Booleans,
    room: Integers,
    order: Integers,
    open_: Booleans,
    gain: Floats,
    weight: Integers,
) -> _Core:
    """Line the open projects up, the best of each unit first."""
    units = len(room)
    count = open_.sum(axis=1)
    shape = (int(count.max(initial=0)), units)
    project, load = np.zeros(shape, dtype=np.intp), np.zeros(shape, dtype=np.intp)
    profit = np.zeros(shape)
    load[:] = int(room.max(initial=0)) + 1
    unit, place = np.nonzero(open_)
    step = np.arange(len(unit)) - np.repeat(np.cumsum(count) - count, count)
    project[step, unit] = order[unit, place]
    load[step, unit] = weight[unit, place]
    profit[step, unit] = gain[unit, place]
    return _Core(certain, room, project, load, profit)


def _tables(room: Integers, load: Integers, profit: Floats) -> tuple[Floats, Booleans]:
    """Best profit by cells used at most, and whether each step's project is part of it."""
    units = len(room)
    width = int(room.max(initial=0)) + 1
    # As many cells of minus infinity lie left of the table as a load can reach.
    table = np.full((units, 2 * width), -np.inf)
    table[:, width:] = 0.0
    flat, now = table.ravel(), table[:, width:]
    cell = (np.arange(units) * 2 * width + width)[:, None] + np.arange(width)
    taken = np.zeros((len(load), units, width), dtype=bool)
    for step, drawn in enumerate(np.minimum(load, width)):
        with_it = flat[cell - drawn[:, None]] + profit[step][:, None]
        np.greater(with_it, now, out=taken[step])
        np.maximum(now, with_it, out=now)
    return now, taken
