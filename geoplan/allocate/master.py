"""The master program of column generation: which fills of units cover all projects at least cost.

A column is a fill, a set of projects that one unit holds together. Every project is in one
chosen column or pays for staying out; every unit has one column at most (Dantzig and Wolfe,
Operations Research 8, 1960; for generalized assignment Savelsbergh, Operations Research 45, 1997).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from geoplan.allocate import highs
from geoplan.allocate.knapsack import best_fills

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

NOISE = 1e-7
"""Reduced costs and weights below this are nothing."""
LESS_SMOOTHING = 0.35


@dataclass(frozen=True)
class Task:
    """Projects onto units at least cost; everything in whole cells of each unit.

    Attributes
    ----------
    cost : ndarray, shape (units, projects)
        Not negative; infinite where a project cannot stand.
    penalty : ndarray, shape (projects,)
        Cost of leaving a project out.
    load : ndarray of int, shape (units, projects)
    capacity : ndarray of int, shape (units,)
    step : float
        Two different totals differ by this at least; 0 if nothing is known.
    """

    cost: Floats
    penalty: Floats
    load: Integers
    capacity: Integers
    step: float


@dataclass(frozen=True)
class Node:
    """A part of the answers: some projects are settled, some pairs barred.

    Attributes
    ----------
    unit : ndarray of int, shape (projects,)
        Unit of each settled project, -1 for the others.
    barred : ndarray of bool, shape (units, projects)
    """

    unit: Integers
    barred: Booleans


@dataclass(frozen=True)
class Relaxed:
    """The relaxation of a node.

    Attributes
    ----------
    bound : float
        No answer of the node costs less.
    prices : ndarray, shape (projects,)
        What placing a project is worth, at the best bound.
    share : ndarray, shape (units, projects)
        How much of each project stands on each unit.
    out : ndarray, shape (projects,)
        How much of each stays out.
    finished : bool
        False if it was broken off, at a limit or since the bound was enough.
    rounds : int
    """

    bound: float
    prices: Floats
    share: Floats
    out: Floats
    finished: bool
    rounds: int


def root_of(task: Task) -> Node:
    """Nothing settled; barred are pairs that cannot be, or cost more than staying out."""
    projects = len(task.penalty)
    barred = ~(task.cost < task.penalty + NOISE) | (task.load > task.capacity[:, None])
    return Node(np.full(projects, -1, dtype=np.intp), barred)


def profits_at(task: Task, node: Node, prices: Floats) -> Floats:
    """Give the profit of each pair at given prices, negative where it is barred."""
    return np.where(node.barred, -1.0, prices - np.where(node.barred, 0.0, task.cost))


def fills_at(task: Task, node: Node, prices: Floats) -> tuple[float, Booleans]:
    """Bound a node at given prices, with the fill of each unit that says so.

    This is the Lagrangian bound: valid whatever the prices are.

    Returns
    -------
    bound : float
    fill : ndarray of bool, shape (units, projects)
    """
    settled = np.flatnonzero(node.unit >= 0)
    on = node.unit[settled]
    room = task.capacity.copy()
    np.subtract.at(room, on, task.load[on, settled])
    profit = profits_at(task, node, prices)
    own = profit[on, settled].sum()
    profit[:, settled] = -1.0
    value, fill = best_fills(profit, task.load, room)
    fill[on, settled] = True
    free = node.unit < 0
    # Prices are what a project pays at most: above its penalty it would rather stay out.
    out = np.minimum(task.penalty - prices, 0.0)[free].sum()
    return float(prices.sum() + out - own - value.sum()), fill


class Master:
    """The linear program over the columns found so far, kept warm in HiGHS."""

    def __init__(self, task: Task) -> None:
        self.task = task
        units, projects = task.cost.shape
        self.member: Booleans = np.zeros((0, projects), dtype=bool)
        self.unit: Integers = np.zeros(0, dtype=np.intp)
        self._open: Booleans = np.zeros(0, dtype=bool)
        self._weight: Floats = np.zeros(projects)
        self._entered = False
        # At first every project stays out; columns that place it are added.
        number = np.arange(projects + 1)
        out = csc_array(
            (np.ones(projects), number[:-1], number), shape=(projects + units, projects)
        )
        lower = np.concatenate([np.ones(projects), np.full(units, -np.inf)])
        rows = lower, np.ones(projects + units)
        self._highs = highs.program(task.penalty, out, rows, presolve="off")

    def add(self, unit: Integers, member: Booleans) -> None:
        """Add columns: a unit and its projects each."""
        count, projects = member.shape
        cost = np.where(member, self.task.cost[unit], 0.0).sum(axis=1)
        entry = np.concatenate([member, np.zeros((count, len(self.task.capacity)), bool)], axis=1)
        entry[np.arange(count), projects + unit] = True
        column, row = np.nonzero(entry)
        start = np.searchsorted(column, np.arange(count))
        self._highs.addCols(
            count,
            cost,
            np.zeros(count),
            np.full(count, np.inf),
            len(row),
            start.astype(np.int32),
            row.astype(np.int32),
            np.ones(len(row)),
        )
        self.member = np.concatenate([self.member, member])
        self.unit = np.concatenate([self.unit, unit])
        self._open = np.concatenate([self._open, np.ones(count, dtype=bool)])

    def trimmed(self, node: Node, prices: Floats, most: int) -> Master:
        """Keep the better half of the columns, at given prices of a node, if they are too many.

        A program that has seen thousands of nodes is mostly columns that no answer will use.
        """
        if len(self.unit) <= most:
            return self
        profit = np.where(self.member, profits_at(self.task, node, prices)[self.unit], 0.0)
        best = np.full(len(self.task.capacity), -np.inf)
        np.maximum.at(best, self.unit, profit.sum(axis=1))
        loss = best[self.unit] - profit.sum(axis=1)
        kept = np.sort(np.argsort(loss, kind="stable")[: most // 2])
        smaller = Master(self.task)
        smaller.add(self.unit[kept], self.member[kept])
        return smaller

    def enter(self, node: Node) -> None:
        """Close the columns that a node does not allow, open those that it does."""
        settled = np.flatnonzero(node.unit >= 0)
        here = node.unit[settled] == self.unit[:, None]
        open_ = (self.member[:, settled] == here).all(axis=1)
        rest = node.barred.copy()
        rest[:, settled] = False
        open_ &= ~(self.member & rest[self.unit]).any(axis=1)
        changed = np.flatnonzero(open_ != self._open)
        if len(changed):
            index = (len(self.task.penalty) + changed).astype(np.int32)
            upper = np.where(open_[changed], np.inf, 0.0)
            self._highs.changeColsBounds(len(changed), index, np.zeros(len(changed)), upper)
        self._open = open_
        self._entered = True

    def solve(self) -> tuple[float, Floats, Floats]:
        """Solve the program: its cost, the prices of projects and of units."""
        # Closed columns leave the last solution dual feasible, added ones primal feasible.
        strategy = highs.DUAL_SIMPLEX if self._entered else highs.PRIMAL_SIMPLEX
        highs.configured(self._highs, simplex_strategy=strategy)
        self._entered = False
        self._highs.run()
        dual, self._weight = highs.row_prices(self._highs), highs.values(self._highs)
        projects = len(self.task.penalty)
        return highs.reached(self._highs), dual[:projects], dual[projects:]

    def shares(self) -> tuple[Floats, Floats]:
        """How much of each project stands on each unit, and how much of it stays out."""
        projects = len(self.task.penalty)
        share = np.zeros(self.task.cost.shape)
        weight = self._weight[projects:]
        used = np.flatnonzero(weight > NOISE)
        np.add.at(share, self.unit[used], weight[used, None] * self.member[used])
        return share, self._weight[:projects]


def relaxed(
    master: Master,
    node: Node,
    prices: Floats,
    enough: float,
    *,
    smoothing: float,
    rounds: int,
    until: float,
    slack: float = 0.0,
) -> Relaxed:
    """Solve the relaxation of a node by generating columns.

    Parameters
    ----------
    master : Master
        Keeps the columns found.
    node : Node
    prices : ndarray, shape (projects,)
        Where to begin: the nearer to the best ones, the fewer the rounds.
    enough : float
        A bound from which on nothing in the node is wanted.
    smoothing : float
        Share of the best prices so far in those that are asked for next (Wentges, International
        Transactions in Operational Research 4, 1997); less where that finds no column.
    rounds, until
        Times that columns are added at most, and monotonic time of the last resort.
    slack : float
        Distance of bound and cost that is near enough: the last columns bring the least.

    Returns
    -------
    Relaxed
    """
    task = master.task
    master.enter(node)
    bound, done = -np.inf, 0
    while done < rounds and (done == 0 or time.monotonic() < until):
        done += 1
        cost, project_price, unit_price = master.solve()
        tolerance = max(NOISE * (1.0 + abs(cost)), slack)
        share = smoothing
        while cost - bound > tolerance:
            asked = share * prices + (1.0 - share) * project_price
            here, fill = fills_at(task, node, asked)
            if here > bound:
                bound, prices = here, asked
            if bound >= enough:
                return Relaxed(bound, prices, *master.shares(), False, done)
            reduced = np.where(fill, task.cost - project_price, 0.0).sum(axis=1) - unit_price
            gains = np.flatnonzero(reduced < -NOISE)
            if len(gains):
                master.add(gains, fill[gains])
                break
            if share == 0.0:
                return Relaxed(bound, prices, *master.shares(), True, done)
            share = max(share - LESS_SMOOTHING, 0.0)
        else:
            return Relaxed(bound, prices, *master.shares(), True, done)
    return Relaxed(bound, prices, *master.shares(), False, done)


def part_of(task: Task, units: Integers, projects: Integers) -> Task:
    """Keep some units and some projects."""
    grid = np.ix_(units, projects)
    return replace(
        task,
        cost=task.cost[grid],
        penalty=task.penalty[projects],
        load=task.load[grid],
        capacity=task.capacity[units],
    )
