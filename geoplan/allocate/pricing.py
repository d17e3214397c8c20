"""Prices: what places and capacities are worth, and so the most that any allocation can reach.

Whatever prices are put on projects, units and shared capacities, no allocation is worth more
than all prices together, provided that no pair is worth more than what it uses costs. The
linear relaxation gives the best prices. Where it is too large to be solved as a whole, it is
solved on a few pairs of each project; its prices then show which others are worth more than
they cost, and these join. The bound is computed anew from the prices over *all* pairs, so that
it holds however roughly the relaxation was solved (Dantzig and Wolfe 1960; Bixby et al. 1992
call it sifting).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geoplan.allocate import highs
from geoplan.allocate.descent import Market, descended
from geoplan.allocate.problem import AllocationProblem, fitting, pair_values

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

KEPT_SHARE = 1e-7
"""A later objective may cost an earlier one this share of its value: rounding, no more."""
OUTWARDS = 1e-12
"""Share of all prices by which a bound is rounded outwards."""
TURNS = 10
WARMTH = 0.7
"""Turns of the descent, each so much cooler than the one before."""
RELAXED_MAX = 20_000
"""Pairs up to which the relaxation is solved: beyond, prices of the descent must do."""
LEADING = 3
SPREAD = 12
JOINING = 6
"""Pairs of each project that begin because they are worth most, that begin to have some of
everywhere, and that may join in a round."""
ROUNDS = 12
CLOSE = 1e-4
"""Relative distance of bound and relaxation at which more rounds bring nothing."""
TOLERANCE = 1e-6
"""How exactly each relaxation is solved: prices on the way need no more."""


@dataclass(frozen=True)
class Prices:
    """Prices and the bound that they prove.

    Attributes
    ----------
    bound : float
        No allocation is worth more.
    project, unit : ndarray
        What it costs the bound if a project has no unit, or a unit nobody, at least.
    capacity : ndarray
        The same for each unit of measure of a shared capacity that is left over.
    reduced : ndarray, shape (pairs,)
        What it costs the bound if a pair is chosen, at least; infinite where it cannot be.
    share : ndarray, shape (pairs,)
        How far each pair is chosen in the relaxation.
    """

    bound: float
    project: Floats
    unit: Floats
    capacity: Floats
    reduced: Floats
    share: Floats


@dataclass(frozen=True)
class _Row:
    """What some pairs draw on together; never more than the limit."""

    limit: float
    pair: Integers
    load: Floats


def of_pairs(prices: Prices, keep: Booleans) -> Prices:
    """Return the prices of the same problem with some of its pairs."""
    return replace(prices, reduced=prices.reduced[keep], share=prices.share[keep])


def least(floor: float) -> float:
    """Return the value that keeps an earlier objective's floor, but for rounding."""
    return floor - KEPT_SHARE * max(abs(floor), 1.0)


def plain_prices(problem: AllocationProblem, objective: str) -> Prices:
    """Price projects alone, each at what it is worth on its best unit."""
    value = np.where(fitting(problem), pair_values(problem, objective), -np.inf)
    nothing = np.zeros(len(value)), np.zeros(problem.units), np.zeros(len(problem.capacities))
    return _proven(problem, value, (), nothing[1], nothing[2], nothing[0])


def sifted(
    problem: AllocationProblem, objective: str, floors: Mapping[str, float], *, seconds: float
) -> Prices:
    """Price a problem of very many pairs.

    Parameters
    ----------
    problem : AllocationProblem
        Separations are not priced: they only lower what can be reached.
    objective : str
    floors : mapping of str to float
        Objectives that must not fall below a value.
    seconds : float
        After which the best prices so far are taken.

    Returns
    -------
    Prices
    """
    until = time.monotonic() + seconds
    value = np.where(fitting(problem), pair_values(problem, objective), -np.inf)
    rows = _rows(problem, floors)
    active = _first(problem, value)
    if active.sum() > RELAXED_MAX:
        return _rough(problem, value, rows, active, until)
    best, crossover = plain_prices(problem, objective), False
    for _ in range(ROUNDS):
        left = until - time.monotonic()
        if left <= 0:
            break
        solved = _relaxed(problem, value, rows, np.flatnonzero(active), left, crossover=crossover)
        if solved is None:
            break
        reached, project, unit, price, share = solved
        now = _proven(problem, value, rows, unit, price, share)
        best = now if now.bound < best.bound else best
        if best.bound - reached <= CLOSE * abs(best.bound):
            break
        # A pair is worth joining if it beats the price that the relaxation put on its project.
        gain = now.project[problem.pair_project] - now.reduced
        gain -= project[problem.pair_project]
        gain[active] = -np.inf
        joining = _leaders(problem, gain, JOINING)
        if not len(joining) and crossover:
            break
        # Prices of an interior point can come out of presolve wrong; those of a vertex do not.
        crossover = not len(joining)
        active[joining] = True
    return best


def _rough(
    problem: AllocationProblem,
    value: Floats,
    rows: tuple[_Row, ...],
    active: Booleans,
    until: float,
) -> Prices:
    """Price by descent on ever more pairs of each project, beginning with a few."""
    best = _proven(
        problem, value, (), np.zeros(problem.units), np.zeros(len(rows)), np.zeros(len(value))
    )
    unit, price = np.zeros(problem.units), np.zeros(len(rows))
    for turn in range(TURNS):
        pair = np.flatnonzero(active)
        if not len(pair) or time.monotonic() >= until:
            break
        market = Market(
            problem.pair_project[pair],
            problem.pair_unit[pair],
            value[pair],
            _drawn_by(rows, pair, len(value)),
            np.array([row.limit for row in rows]),
            ~problem.divisible,
        )
        unit, price, chosen = descended(market, unit, price, warmth=WARMTH**turn)
        share = np.zeros(len(value))
        share[pair] = chosen
        now = _proven(problem, value, rows, unit, price, share)
        best = now if now.bound < best.bound else best
        gain = np.where(active | np.isinf(now.reduced), -np.inf, -now.reduced)
        gain += 1.0 - min(float(gain.min(where=np.isfinite(gain), initial=0.0)), 0.0)
        active[_leaders(problem, gain, JOINING)] = True
    return best


def _drawn_by(rows: tuple[_Row, ...], pair: Integers, pairs: int) -> csr_array:
    """Gather what some pairs draw on each row, shape (pairs, rows)."""
    number = np.full(pairs, -1, dtype=np.intp)
    number[pair] = np.arange(len(pair))
    of, load, count = [np.empty(0, dtype=np.intp)], [np.empty(0)], []
    for row in rows:
        mine = np.flatnonzero(number[row.pair] >= 0)
        of.append(number[row.pair[mine]])
        load.append(row.load[mine])
        count.append(len(mine))
    at = np.repeat(np.arange(len(rows)), count)
    entries = (np.concatenate(load), (np.concatenate(of), at))
    return coo_array(entries, shape=(len(pair), len(rows))).tocsr()


def _rows(problem: AllocationProblem, floors: Mapping[str, float]) -> tuple[_Row, ...]:
    """Shared capacities, then floors of earlier objectives, then the room of each strip."""
    rows = [_Row(c.limit, c.pair, c.load) for c in problem.capacities]
    everything = np.arange(len(problem.pair_project)) if floors else np.empty(0, dtype=np.intp)
    rows += [
        _Row(-least(floor), everything, -pair_values(problem, name))
        for name, floor in floors.items()
    ]
    strip_pair = np.flatnonzero(problem.divisible[problem.pair_unit])
    strip_pair = strip_pair[np.argsort(problem.pair_unit[strip_pair], kind="stable")]
    units, begin = np.unique(problem.pair_unit[strip_pair], return_index=True)
    for unit, pair in zip(units, np.split(strip_pair, begin[1:]), strict=False):
        rows.append(_Row(float(problem.unit_area_ha[unit]), pair, problem.area_min_ha[pair]))
    return tuple(rows)


def _proven(
    problem: AllocationProblem,
    value: Floats,
    rows: tuple[_Row, ...],
    unit: Floats,
    price: Floats,
    share: Floats,
) -> Prices:
    """Prove a bound: units and rows have their prices, each project its best pair's worth."""
    left = value - unit[problem.pair_unit]
    for row, each in zip(rows, price, strict=False):
        if each > 0:
            left[row.pair] -= each * row.load
    project = np.zeros(problem.projects)
    begin = np.searchsorted(problem.pair_project, np.arange(problem.projects))
    some = np.flatnonzero(np.bincount(problem.pair_project, minlength=problem.projects))
    if len(some):
        project[some] = np.maximum(np.maximum.reduceat(left, begin[some]), 0.0)
    paid = np.array([row.limit for row in rows]) * price if rows else np.zeros(0)
    bound = float(project.sum() + unit.sum() + paid.sum())
    if unit.any() or price.any():
        bound += OUTWARDS * float(project.sum() + unit.sum() + np.abs(paid).sum())
    np.subtract(project[problem.pair_project], left, out=left)
    return Prices(bound, project, unit, price[: len(problem.capacities)], left, share)


def _first(problem: AllocationProblem, value: Floats) -> Booleans:
    """Choose the pairs that begin: the best of each project, and some spread over its units."""
    active = np.zeros(len(value), dtype=bool)
    begin = np.searchsorted(problem.pair_project, np.arange(problem.projects + 1))
    count = np.diff(begin)[:, None]
    at = begin[:-1, None] + (np.arange(SPREAD)[None, :] * count) // SPREAD
    active[at[np.broadcast_to(count > 0, at.shape)]] = True
    active[_leaders(problem, np.where(active, -np.inf, value), LEADING)] = True
    active &= np.isfinite(value)
    return active


def _leaders(problem: AllocationProblem, score: Floats, count: int) -> Integers:
    """Return the pairs of highest positive score, so many of each project."""
    pair = np.flatnonzero(score > 0)
    begin = np.flatnonzero(np.diff(problem.pair_project[pair], prepend=-1))
    length = np.diff(np.append(begin, len(pair)))
    left, found = score[pair], []
    for _ in range(count if len(pair) else 0):
        best = np.maximum.reduceat(left, begin)
        at = np.flatnonzero((left == np.repeat(best, length)) & np.isfinite(left))
        first = np.diff(problem.pair_project[pair[at]], prepend=-1) > 0
        found.append(pair[at[first]])
        left[at[first]] = -np.inf
    return np.concatenate(found) if found else pair


def _relaxed(
    problem: AllocationProblem,
    value: Floats,
    rows: tuple[_Row, ...],
    pair: Integers,
    seconds: float,
    *,
    crossover: bool,
) -> tuple[float, Floats, Floats, Floats, Floats] | None:
    """Solve the relaxation on some pairs by an interior point method.

    Returns its value, the prices of projects, units and rows, and the share of every pair.
    """
    projects, units, count = problem.projects, problem.units, len(rows)
    number = np.full(len(value), -1, dtype=np.intp)
    number[pair] = np.arange(len(pair))
    column = np.arange(len(pair))
    whole = np.flatnonzero(~problem.divisible[problem.pair_unit[pair]])
    at = [problem.pair_project[pair], projects + problem.pair_unit[pair[whole]]]
    of, load = [column, whole], [np.ones(len(pair)), np.ones(len(whole))]
    for index, row in enumerate(rows):
        mine = np.flatnonzero(number[row.pair] >= 0)
        at.append(np.full(len(mine), projects + units + index))
        of.append(number[row.pair[mine]])
        load.append(row.load[mine])
    shape = (projects + units + count, len(pair))
    entries = coo_array(
        (np.concatenate(load), (np.concatenate(at), np.concatenate(of))), shape=shape
    ).tocsr()
    limit = np.concatenate([np.ones(projects + units), [row.limit for row in rows]])
    # It is posed as a minimum: without crossover HiGHS turns the signs of a maximum's prices.
    solver = highs.program(
        -value[pair],
        entries,
        (np.full(shape[0], -np.inf), limit),
        solver="ipm",
        run_crossover="on" if crossover else "off",
        ipm_optimality_tolerance=TOLERANCE,
        time_limit=seconds,
    )
    solver.run()
    if not solver.getSolution().dual_valid:
        return None
    price = np.maximum(-highs.row_prices(solver), 0.0)
    share = np.zeros(len(value))
    share[pair] = np.clip(highs.values(solver), 0.0, 1.0)
    reached = -highs.reached(solver)
    unit, row_price = price[projects : projects + units], price[projects + units :]
    return reached, price[:projects], unit, row_price, share
