"""A good assignment quickly: move one project or swap two while that helps, shake, repeat.

What a strip loses by the projects on it has a closed form: they either fill it exactly, by
stretching or shrinking within their limits, or leave a rest that is a plot of its own. So all
moves of all projects are weighed at once, as matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, Assignment

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

DENSE_MAX = 4_000_000
"""Largest projects x units (x capacities) for which matrices are made."""
LEXICOGRAPHIC = 1e-3
"""Each objective weighs so much of the one before it."""
MISFIT_ALWAYS = 1e-7
"""Even where area fit is no objective, a better fit leaves more room."""
SHAKEN = 4
HALF = 0.5
FORCED_SHARE = 0.7
STALE_ROUNDS = 150
TIGHT = 1e-9
GAIN = 1e-12


@dataclass(frozen=True)
class _Tables:
    """The problem as matrices; unit number `units` stands for "nowhere"."""

    least: Floats  # (projects, units), inf where not eligible
    most: Floats
    wish: Floats  # wanted area, brought into the limits
    loss: Floats  # what bringing it there costs
    worth: Floats  # (projects, units + 1)
    load: Floats  # (capacities, projects, units + 1)
    limit: Floats
    groups: tuple[tuple[Booleans, Booleans, Booleans], ...]  # first, second, near (units + 1)^2
    room: Floats  # (units + 1,), the last without end
    rest: Floats
    misfit_weight: float


def exchanged(
    problem: AllocationProblem, objectives: Sequence[str], *, seed: int, rounds: int
) -> Assignment | None:
    """Build an assignment and improve it by moves and swaps.

    Parameters
    ----------
    problem : AllocationProblem
    objectives : sequence of str
        First matters most.
    seed : int
    rounds : int
        Shakes at most; the search ends earlier when 150 of them in a row bring nothing.

    Returns
    -------
    Assignment or None
        None where the matrices would not fit in memory.
    """
    size = problem.projects * (problem.units + 1) * (1 + len(problem.capacities))
    if size > DENSE_MAX or problem.projects**2 > DENSE_MAX:
        return None
    tables = _tables(problem, objectives)
    random = np.random.default_rng(seed)
    unit = np.full(problem.projects, problem.units, dtype=np.intp)
    unit = _descended(tables, unit)
    best, cost = unit.copy(), _cost(tables, unit)
    stale = 0
    for _ in range(rounds):
        if stale >= STALE_ROUNDS:
            break
        unit = _descended(tables, _shaken(tables, best.copy(), random))
        now = _cost(tables, unit)
        stale = 0 if now < cost - GAIN * abs(cost) else stale + 1
        if now <= cost:
            best, cost = unit.copy(), now
    return _with_areas(problem, tables, best)


def _tables(problem: AllocationProblem, objectives: Sequence[str]) -> _Tables:
    shape = (problem.projects, problem.units)
    at = (problem.pair_project, problem.pair_unit)
    least, most, worth = np.full(shape, np.inf), np.zeros(shape), np.zeros(shape)
    least[at], most[at] = problem.area_min_ha, problem.area_max_ha
    weight, misfit_weight = 1.0, MISFIT_ALWAYS
    for name in objectives:
        if name == "area_fit":
            misfit_weight = max(weight / max(problem.area_wanted_ha.sum(), TIGHT), MISFIT_ALWAYS)
        else:
            total = np.zeros(problem.projects)
            np.maximum.at(total, problem.pair_project, problem.values[name])
            worth[at] += weight * problem.values[name] / max(total.sum(), TIGHT)
        weight *= LEXICOGRAPHIC
    load = np.zeros((len(problem.capacities), problem.projects, problem.units + 1))
    for index, capacity in enumerate(problem.capacities):
        load[index][at[0][capacity.pair], at[1][capacity.pair]] = capacity.load
    wanted = problem.area_wanted_ha[:, None]
    wish = np.where(np.isfinite(least), np.clip(wanted, least, np.maximum(most, least)), 0.0)
    return _Tables(
        least=_nowhere(least, 0.0),
        most=_nowhere(most, 0.0),
        wish=_nowhere(wish, 0.0),
        loss=_nowhere(np.where(np.isfinite(least), np.abs(wish - wanted), 0.0), 0.0),
        worth=_nowhere(worth, 0.0),
        load=load,
        limit=np.array([capacity.limit for capacity in problem.capacities]),
        groups=_groups(problem),
        room=np.append(problem.unit_area_ha, np.inf),
        rest=np.append(problem.unit_rest_min_ha, 0.0),
        misfit_weight=misfit_weight,
    )


def _nowhere(matrix: Floats, value: float) -> Floats:
    return np.pad(matrix, ((0, 0), (0, 1)), constant_values=value)


def _groups(problem: AllocationProblem) -> tuple[tuple[Booleans, Booleans, Booleans], ...]:
    groups = []
    for rule in problem.separations:
        first, second = (np.zeros(problem.projects, dtype=bool) for _ in range(2))
        first[rule.first], second[rule.second] = True, True
        near = np.zeros((problem.units + 1, problem.units + 1), dtype=bool)
        near[rule.left, rule.right] = True
        groups.append((first, second, near))
    return tuple(groups)


def _strip_loss(tables: _Tables, least: Floats, most: Floats, wish: Floats, unit: Integers) -> Floats:
    """Hectares that projects of these totals miss on a unit; infinite if they do not fit."""
    room, rest = tables.room[unit], tables.rest[unit]
    fills = (least <= room + TIGHT) & (most >= room - TIGHT)
    leaves = least <= room - rest + TIGHT
    filled = np.where(fills, np.abs(np.where(fills, room, 0.0) - wish), np.inf)
    left = np.where(leaves, np.maximum(wish - (room - rest), 0.0), np.inf)
    return np.minimum(filled, left)


def _totals(tables: _Tables, unit: Integers) -> tuple[Floats, Floats, Floats]:
    """Least, most and wished area on each unit."""
    project = np.arange(len(unit))
    count = len(tables.room)
    least, most, wish = (
        np.bincount(unit, weights=matrix[project, unit], minlength=count)
        for matrix in (tables.least, tables.most, tables.wish)
    )
    return least, most, wish


def _cost(tables: _Tables, unit: Integers) -> float:
    project = np.arange(len(unit))
    units = np.arange(len(tables.room))
    loss = _strip_loss(tables, *_totals(tables, unit), units).sum()
    loss += tables.loss[project, unit].sum()
    return float(tables.misfit_weight * loss - tables.worth[project, unit].sum())


def _descended(tables: _Tables, unit: Integers) -> Integers:
    """Make the best move or swap until none helps."""
    while True:
        gain, project, target = _best_move(tables, unit)
        swap_gain, one, other = _best_swap(tables, unit)
        if max(gain, swap_gain) <= GAIN:
            return unit
        if gain >= swap_gain:
            unit[project] = target
        else:
            unit[one], unit[other] = unit[other], unit[one]


def _move_gains(tables: _Tables, unit: Integers) -> Floats:
    """Gain of moving each project to each unit, -inf where that is not allowed."""
    project = np.arange(len(unit))
    totals = _totals(tables, unit)
    units = np.arange(len(tables.room))
    now = _strip_loss(tables, *totals, units)
    matrices = (tables.least, tables.most, tables.wish)
    without = [t[unit] - m[project, unit] for t, m in zip(totals, matrices, strict=True)]
    leaving = now[unit] - _strip_loss(tables, *without, unit)
    joined = [t[None, :] + m for t, m in zip(totals, matrices, strict=True)]
    joining = _strip_loss(tables, *joined, units[None, :]) - now[None, :]
    loss = tables.loss - tables.loss[project, unit][:, None]
    gains = tables.misfit_weight * (leaving[:, None] - joining - loss)
    gains = gains + tables.worth - tables.worth[project, unit][:, None]
    gains[project, unit] = -np.inf
    used = tables.load[:, project, unit]
    after = used.sum(axis=1)[:, None, None] + tables.load - used[:, :, None]
    over = (after > tables.limit[:, None, None] + TIGHT).any(axis=0)
    return np.where(over | _closed(tables, unit), -np.inf, gains)


def _closed(tables: _Tables, unit: Integers) -> Booleans:
    """Units closed to each project by what stands around them, (projects, units)."""
    closed = np.zeros((len(unit), len(tables.room)), dtype=bool)
    for first, second, near in tables.groups:
        for group, others, around in ((first, second, near), (second, first, near.T)):
            held = np.bincount(unit[others], minlength=len(tables.room))
            shut = around @ held
            own = np.where((group & others)[:, None], around.T[unit], 0)
            closed |= group[:, None] & (shut[None, :] - own > 0)
    return closed


def _best_move(tables: _Tables, unit: Integers) -> tuple[float, int, int]:
    gains = _move_gains(tables, unit)
    project, target = np.unravel_index(int(np.argmax(gains)), gains.shape)
    return float(gains[project, target]), int(project), int(target)


def _swap_gains(tables: _Tables, unit: Integers) -> Floats:
    """Gain of swapping each pair of projects, -inf where that is not allowed."""
    project = np.arange(len(unit))
    totals = _totals(tables, unit)
    now = _strip_loss(tables, *totals, np.arange(len(tables.room)))
    own, crossed = [], []
    for total, matrix in zip(
        totals, (tables.least, tables.most, tables.wish), strict=True
    ):
        own.append(total[unit] - matrix[project, unit])
        crossed.append(matrix[:, unit].T)  # [p, q]: q on p's unit
    arriving = [o[:, None] + c for o, c in zip(own, crossed, strict=True)]
    loss = _strip_loss(tables, *arriving, unit[:, None]) - now[unit][:, None]
    loss = loss + tables.loss[:, unit].T - tables.loss[project, unit][:, None]
    worth = tables.worth[:, unit].T - tables.worth[project, unit][:, None]
    one_way = worth - tables.misfit_weight * loss
    gains = one_way + one_way.T
    gains[unit[:, None] == unit[None, :]] = -np.inf
    closed = _closed(tables, unit)[:, unit]
    gains[closed | closed.T] = -np.inf
    for load, limit in zip(tables.load, tables.limit, strict=True):
        used = load[project, unit]
        change = load[:, unit].T - used[:, None]
        gains[used.sum() + change + change.T > limit + TIGHT] = -np.inf
    return gains


def _best_swap(tables: _Tables, unit: Integers) -> tuple[float, int, int]:
    gains = _swap_gains(tables, unit)
    one, other = np.unravel_index(int(np.argmax(gains)), gains.shape)
    return float(gains[one, other]), int(one), int(other)


def _shaken(tables: _Tables, unit: Integers, random: np.random.Generator) -> Integers:
    """Force a waiting project in, if there is one, or make a few moves that cost little."""
    waiting = np.flatnonzero(unit == len(tables.room) - 1)
    if len(waiting) and random.random() < FORCED_SHARE:
        return _forced(tables, unit, int(random.choice(waiting)), random)
    for _ in range(SHAKEN):
        project = int(random.integers(len(unit)))
        if random.random() < HALF:
            pick = _ranked(_swap_gains(tables, unit)[project], random)
            if pick is not None:
                unit[project], unit[pick] = unit[pick], unit[project]
        else:
            pick = _ranked(_move_gains(tables, unit)[project], random)
            unit[project] = unit[project] if pick is None else pick
    return unit


def _ranked(gains: Floats, random: np.random.Generator) -> int | None:
    """Draw one of the allowed options, good ones more often."""
    options = np.flatnonzero(np.isfinite(gains))
    if not len(options):
        return None
    ranked = options[np.argsort(-gains[options], kind="stable")]
    return int(ranked[min(int(random.exponential(2.0)), len(ranked) - 1)])


def _forced(
    tables: _Tables, unit: Integers, project: int, random: np.random.Generator
) -> Integers:
    """Put a waiting project on a unit and turn out as many others as it takes."""
    nowhere = len(tables.room) - 1
    eligible = np.flatnonzero(np.isfinite(tables.least[project, :nowhere]))
    if not len(eligible):
        return unit
    target = int(random.choice(eligible))
    unit[_at_odds(tables, unit, project, target)] = nowhere
    for other in random.permutation(np.flatnonzero(unit == target)):
        if np.isfinite(_move_gains(tables, unit)[project, target]):
            break
        unit[other] = nowhere
    if np.isfinite(_move_gains(tables, unit)[project, target]):
        unit[project] = target
    return unit


def _at_odds(tables: _Tables, unit: Integers, project: int, target: int) -> Booleans:
    """Projects that would stand too near if one stood on a unit, shape (projects,)."""
    odds = np.zeros(len(unit), dtype=bool)
    for first, second, near in tables.groups:
        if first[project]:
            odds |= second & near[target, unit]
        if second[project]:
            odds |= first & near[unit, target]
    odds[project] = False
    return odds


def _with_areas(problem: AllocationProblem, tables: _Tables, unit: Integers) -> Assignment:
    """Choose the areas that lose least: fill a strip, or leave a plot of it."""
    area = np.zeros(problem.projects)
    for strip in range(problem.units):
        mine = np.flatnonzero(unit == strip)
        if not len(mine):
            continue
        wish, least, most = (m[mine, strip] for m in (tables.wish, tables.least, tables.most))
        room, rest = tables.room[strip], tables.rest[strip]
        target = room
        can_leave = least.sum() <= room - rest + TIGHT
        can_fill = most.sum() >= room - TIGHT
        leaving = max(wish.sum() - (room - rest), 0.0)
        if can_leave and (not can_fill or leaving <= abs(room - wish.sum())):
            target = min(wish.sum(), room - rest)
        area[mine] = _stretched(wish, least, most, target)
    return Assignment(np.where(unit == problem.units, -1, unit), area)


def _stretched(wish: Floats, least: Floats, most: Floats, total: float) -> Floats:
    """Change areas in proportion to their slack until they add up to a total."""
    off = total - wish.sum()
    slack = most - wish if off > 0 else wish - least
    if slack.sum() <= 0:
        return wish
    return wish + slack * (off / slack.sum())
