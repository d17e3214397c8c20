"""The search for less transport work: robust tabu search over moves and swaps.

After every move those who made it may not go back for a while, of a length that is drawn anew each
time (Taillard, "Robust taboo search for the quadratic assignment problem", Parallel Computing 17,
1991). Once that has found nothing for long, small problems are searched to the end
(:mod:`geoplan.allocate.placings`); in large ones it starts again from its best answer, shaken.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import TIGHT_HA, chosen_areas
from geoplan.allocate.ground import Standing, ground_of
from geoplan.allocate.model import Limits
from geoplan.allocate.placings import exhausted
from geoplan.allocate.problem import NEAR, AllocationProblem, Assignment, keeps_rules
from geoplan.allocate.repacking import State, repacked

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

CELLS_A_NODE = 200_000
"""Moves weighed for each node of the work limit, so that no clock enters."""
MOVES_MAX_A_NODE = 12
"""Moves made for each node at most: small problems are soon exhausted."""
STALE_MOVES, STALE_MOVES_A_PAIR, STALE_ROUNDS = 1_500, 5, 6
"""Moves without a gain after which the best answer is shaken, at most and for each two projects;
and how often in vain."""
STALE_MOVES_PACKED = 200
"""The same where units are packed with several projects, which is done anew then."""
STALE_ROUNDS_FEW = 300
"""Few projects have few moves, so they are shaken more often: so many times over their number."""
TENURE = (0.9, 1.1)
"""Moves for which nobody goes back, in projects: drawn between these."""
SHAKEN_MIN, SHAKEN_SHARE = 3, 0.15
"""Moves that shake an answer: so many, or that share of the projects."""
ANEW_SHARE, ATTEMPTS, ATTEMPTS_FEW, OUT_MAX = 0.6, 20, 1_500, 6
"""How often some projects are placed anew instead; times that is tried, or so often over their
number where that is more; and how many are taken out."""
RANKS_MEAN = 1.5
"""The place that each of them takes, by its cost, on average."""
AT_ONCE = 48
"""Moves that are held against capacities and separations at once, the best first."""
TRIED = 8
"""Moves that are held against earlier objectives, of those that keep to all rules."""


@dataclass(frozen=True)
class Relocation:
    """Where everybody stands after the search.

    Attributes
    ----------
    assignment : Assignment
    late : bool
        Whether the time limit ended the search.
    proven : bool
        Whether no placing of the same projects that keeps rules and floors has less work.
    """

    assignment: Assignment
    late: bool = False
    proven: bool = False


def relocated(
    problem: AllocationProblem,
    start: Assignment,
    floors: Mapping[str, float],
    limits: Limits,
    *,
    bound: float = 0.0,
) -> Relocation:
    """Let those who have a unit move and swap until that saves no more tonne-kilometres.

    Nobody loses his unit to none, and nobody comes in. All rules are kept.

    Parameters
    ----------
    problem : AllocationProblem
    start : Assignment
    floors : mapping of str to float
        Values of earlier objectives that the start has and that must be kept.
    limits : Limits
        ``nodes`` is the work, ``seconds`` a last resort, ``gap`` ends the search near `bound`.
    bound : float
        Tonne-kilometres that are proven to be needed.

    Returns
    -------
    Relocation
    """
    ground = ground_of(problem, start)
    placed = start.unit[ground.projects]
    if len(placed) == 0:
        return Relocation(start, proven=True)
    changing = {name: floor for name, floor in floors.items() if _changes(problem, name)}
    random = np.random.default_rng(limits.seed)
    search = State(problem, ground, start.unit, changing, random, placed, ground.work(placed))
    until = time.monotonic() + limits.seconds
    columns = len(placed) + ground.units
    moves = min(
        limits.nodes * CELLS_A_NODE // (len(placed) * columns), limits.nodes * MOVES_MAX_A_NODE
    )
    late, proven = _searched(search, moves, bound * (1.0 + limits.gap), limits, until)
    unit = search.full(search.best)
    if (unit == start.unit).all():
        return Relocation(start, late, proven)
    return Relocation(Assignment(unit, chosen_areas(problem, unit)), late, proven)


def _changes(problem: AllocationProblem, name: str) -> bool:
    """Tell whether an objective's value depends on where those placed stand."""
    if name in (NEAR, "area_fit"):
        return True
    value = problem.values[name]
    first = np.searchsorted(problem.pair_project, problem.pair_project)
    return bool((value != value[first]).any())


def _searched(
    search: State, moves: int, enough: float, limits: Limits, until: float
) -> tuple[bool, bool]:
    """Search from the start, then again from the best, shaken.

    Returns
    -------
    bool
        Whether it is late.
    bool
        Whether the best is proven to be the least.
    """
    left, rounds, unit = moves, 0, search.best
    in_vain = max(STALE_ROUNDS, STALE_ROUNDS_FEW // len(unit))
    # Who is locked may break rules; then a placing that keeps them all is not what is sought.
    untried = keeps_rules(search.problem, search.base)
    while left > 0 and rounds <= in_vain and search.least_work > enough:
        before = search.least_work
        left = _tabu(search, unit, left, enough, until)
        if untried and search.least_work > enough and exhausted(search, limits, until):
            return False, True
        untried = False
        if time.monotonic() >= until:
            return True, False
        tabu_work = search.least_work
        if search.problem.divisible.any():
            left -= repacked(search, until)
        rounds = 0 if search.least_work < before else rounds + 1
        unit, spent = search.best, 0
        if search.least_work >= tabu_work:
            unit, spent = _shaken(search)
        left -= spent
    return False, False


def _tabu(search: State, unit: Integers, moves: int, enough: float, until: float) -> int:
    """Move, the best first, until that has brought nothing for long; returns the moves left."""
    standing = Standing(search.ground, unit)
    n, free_from = len(unit), np.zeros((len(unit), search.ground.units))
    search.taken(standing)
    now, gained_at, patience = 0, 0, min(STALE_MOVES, STALE_MOVES_A_PAIR * n * n)
    if search.problem.divisible.any():
        patience = min(patience, STALE_MOVES_PACKED)
    while now < moves and now - gained_at < patience and search.least_work > enough:
        now += 1
        if time.monotonic() >= until:
            break
        added = standing.savings()
        if not np.isfinite(added).any():
            break
        barred = np.empty(added.shape, dtype=bool)
        np.greater(free_from, now, out=barred[:, n:])
        barred[:, :n] = barred[:, n:][:, standing.unit]
        barred[:, :n] &= barred[:, :n].T
        barred &= standing.work + added >= search.worth_taking
        chosen = _chosen(search, standing, np.where(barred, np.inf, added))
        if chosen is None:
            continue
        one, column = chosen
        other, start = column if column < n else -1, standing.unit[one]
        standing.move(one, column)
        for mover, left in ((one, start), (other, standing.unit[one])):
            if mover >= 0:
                free_from[mover, left] = now + n * search.random.uniform(*TENURE)
        if search.taken(standing):
            gained_at = now
    return moves - now


def _chosen(search: State, standing: Standing, added: Floats) -> tuple[int, int] | None:
    """Return the move that adds least, of those that keep to all rules and floors."""
    flat = added.ravel()
    for move in _in_order(flat):
        one, column = np.divmod(move, added.shape[1])
        fine = np.flatnonzero(standing.allowed(one, column))
        for at in fine[:TRIED]:
            if not search.floors or search.keeps(_after(standing, one[at], column[at])):
                return int(one[at]), int(column[at])
    return None


def _in_order(added: Floats) -> Iterator[Integers]:
    """Give moves that are possible at all, a few at once, those that add least first."""
    first = int(np.argmin(added))
    if not np.isfinite(added[first]):
        return
    yield np.array([first])
    most = min(AT_ONCE, len(added)) - 1
    some = np.argpartition(added, most)[: most + 1]
    some = some[np.lexsort((some, added[some]))]
    yield some[np.isfinite(added[some])]
    rest = np.flatnonzero(np.isfinite(added))
    if len(rest) > AT_ONCE:
        yield rest[np.lexsort((rest, added[rest]))][AT_ONCE:]


def _after(standing: Standing, one: int, column: int) -> Integers:
    goal, other = standing.goals(np.array([column]))
    unit = standing.unit.copy()
    unit[one] = goal[0]
    if other[0] >= 0:
        unit[other[0]] = standing.unit[one]
    return unit


def _shaken(search: State) -> tuple[Integers, int]:
    """Make moves from the best answer whatever they add, or place some anew; returns the work."""
    if search.random.random() < ANEW_SHARE:
        for attempt in range(1, max(ATTEMPTS, ATTEMPTS_FEW // len(search.best)) + 1):
            unit = _anew(search)
            if unit is not None:
                return unit, attempt
    standing, n = Standing(search.ground, search.best), len(search.best)
    moves = max(SHAKEN_MIN, int(SHAKEN_SHARE * n))
    for _ in range(moves):
        possible = np.flatnonzero(np.isfinite(standing.savings()))
        if not len(possible):
            break
        drawn = search.random.permutation(possible)[:AT_ONCE]
        one, column = np.divmod(drawn, n + search.ground.units)
        for at in np.flatnonzero(standing.allowed(one, column))[:TRIED]:
            if search.keeps(_after(standing, one[at], column[at])):
                standing.move(int(one[at]), int(column[at]))
                break
    return standing.unit, moves


def _anew(search: State) -> Integers | None:
    """Take out some projects, or all of two units, and place them anew; None if that fails."""
    ground, random, unit = search.ground, search.random, search.best.copy()
    if random.random() < 0.5:
        out = random.permutation(len(unit))[: random.integers(2, OUT_MAX + 1)]
    else:
        units = random.permutation(np.unique(unit))[:2]
        out = random.permutation(np.flatnonzero(np.isin(unit, units)))
    stays = np.ones(len(unit), dtype=bool)
    stays[out] = False
    own = np.flatnonzero(stays)
    used = np.bincount(unit[own], weights=ground.least[own, unit[own]], minlength=ground.units)
    for project in out:
        may = np.flatnonzero(used + ground.least[project] <= ground.room + TIGHT_HA)
        if not len(may):
            return None
        own = np.flatnonzero(stays)
        cost = ground.alone[project, may]
        cost = cost + ground.tonnes[project, own] @ ground.km[unit[own]][:, may]
        rank = min(int(random.exponential(RANKS_MEAN)), len(may) - 1)
        goal = may[np.argsort(cost, kind="stable")[rank]]
        unit[project], stays[project] = goal, True
        used[goal] += ground.least[project, goal]
    if (unit == search.best).all() or not Standing(ground, unit).all_fit():
        return None
    fine = keeps_rules(search.problem, search.full(unit)) and search.keeps(unit)
    return unit if fine else None
