"""A good assignment quickly: exchange projects while that helps, shake, repeat.

Two projects change places, or one changes with an empty place: a move is an exchange with
nobody. What a unit's projects gain or lose has a closed form (:mod:`geoplan.allocate.areas`), so
all exchanges with a few units are weighed at once, as matrices. Only units that have changed
are looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import chosen_areas, missed_ha
from geoplan.allocate.problem import (
    NEAR,
    AllocationProblem,
    Assignment,
    kept_with_others,
    wished,
)
from geoplan.allocate.wishes import Pull, pull_of

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

DENSE_MAX = 4_000_000
"""Largest number of matrix cells to make; beyond, the search is left to other methods."""
CELLS_MAX = 100_000_000
"""Exchanges weighed at most, about ten seconds' work: where very many wait, what is left of the
time is better spent by other methods."""
LEXICOGRAPHIC = 1e-3
"""Each objective weighs so much of the one before it."""
STALE_ROUNDS = 150
UNITS_AT_ONCE = 12
EXCHANGES_SHAKEN = 3
MOVES_SHARE = 0.5
FORCED_SHARE = 0.6
AMISS_MAX_HA = 0.5
"""A project that waits, or stands where it is worth less, counts as this much misfit at most."""
RANKS_MEAN = 2.0
BROKEN = 10.0
"""A unit whose projects no longer fit, some having been turned out, costs more than all worth."""
TIGHT = 1e-9
GAIN = 1e-12


@dataclass(frozen=True)
class _Rule:
    """A separation as matrices over places."""

    first: Integers  # (places,), 1 for a project of the group
    second: Integers
    near: Integers  # (units + 1, units + 1)


@dataclass
class _Work:
    """Exchanges that may still be weighed; counted, so that no clock enters."""

    cells: int = CELLS_MAX


@dataclass(frozen=True)
class _Tables:
    """The problem as matrices.

    The last unit stands for "nowhere". Places are the projects, then one empty place on each
    unit; an empty place has no area, no worth and no load.
    """

    projects: int
    nowhere: int
    sizes: Floats  # (3, places, units + 1): least, most, wish; infinite where not eligible
    worth: Floats  # (places, units + 1)
    load: Floats  # (capacities, places, units + 1)
    limit: Floats  # (capacities,)
    rules: tuple[_Rule, ...]
    pull: Pull | None
    room: Floats  # (units + 1,), nowhere without end
    rest: Floats  # (units + 1,)
    misfit_weight: float
    work: _Work


def exchanged(
    problem: AllocationProblem, objectives: Sequence[str], *, seed: int, rounds: int
) -> Assignment | None:
    """Build an assignment and improve it by exchanges.

    Parameters
    ----------
    problem : AllocationProblem
    objectives : sequence of str
        First matters most.
    seed : int
    rounds : int
        Shakes at most; the search ends earlier when 150 of them in a row bring nothing,
        when nothing is left to gain or when :data:`CELLS_MAX` exchanges were weighed.

    Returns
    -------
    Assignment or None
        None where the matrices would not fit in memory.
    """
    if _too_large(problem):
        return None
    tables = _tables(problem, objectives)
    random = np.random.default_rng(seed)
    best = _filled(tables, _places(problem, np.full(problem.projects, -1, dtype=np.intp)))
    cost, ideal = _cost(tables, best), -float(tables.worth[: problem.projects].max(axis=1).sum())
    ideal -= 0.0 if tables.pull is None else float(tables.pull.worth.sum()) / 2
    stale = 0
    for _ in range(rounds):
        if stale >= STALE_ROUNDS or cost <= ideal + GAIN or tables.work.cells <= 0:
            break
        unit = _shaken(tables, best.copy(), random)
        unit = _descended(tables, unit, np.union1d(unit[unit != best], best[unit != best]))
        now = _cost(tables, unit)
        stale = 0 if now < cost - GAIN * abs(cost) else stale + 1
        if now <= cost:
            best, cost = unit, now
    return _assignment(problem, best)


def settled(problem: AllocationProblem, objectives: Sequence[str], start: Assignment) -> Assignment:
    """Exchange until nothing helps, so that nobody waits while there is room.

    Objectives are weighed against each other, so a later one may gain at a small cost to an
    earlier one: who calls decides whether to take the result.

    Parameters
    ----------
    problem : AllocationProblem
    objectives : sequence of str
        First matters most.
    start : Assignment

    Returns
    -------
    Assignment
        The start itself where the matrices would not fit in memory.
    """
    if _too_large(problem):
        return start
    tables = _tables(problem, objectives)
    unit = _places(problem, start.unit)
    return _assignment(problem, _descended(tables, unit, np.arange(problem.units + 1)))


def _too_large(problem: AllocationProblem) -> bool:
    places = problem.projects + problem.units + 1
    return places * (problem.units + 1) * (3 + len(problem.capacities)) > DENSE_MAX


def _places(problem: AllocationProblem, unit: Integers) -> Integers:
    """Return the unit of each place: projects first, then the empty places, one on each unit."""
    stands = np.where(unit < 0, problem.units, unit)
    return np.append(stands, np.arange(problem.units + 1))


def _assignment(problem: AllocationProblem, places: Integers) -> Assignment:
    stands = places[: problem.projects]
    stands = np.where(stands == problem.units, -1, stands)
    return Assignment(stands, chosen_areas(problem, stands))


def _tables(problem: AllocationProblem, objectives: Sequence[str]) -> _Tables:
    projects, nowhere = problem.projects, problem.units
    shape = (projects + problem.units + 1, problem.units + 1)
    at = (problem.pair_project, problem.pair_unit)
    wanted = problem.area_wanted_ha[problem.pair_project]
    wish = np.clip(wanted, problem.area_min_ha, problem.area_max_ha)
    sizes = np.zeros((3, *shape))
    sizes[:, :projects, :nowhere] = np.inf
    for size, area in zip(sizes, (problem.area_min_ha, problem.area_max_ha, wish), strict=True):
        size[at] = area
    worth, weight, misfit_weight, wish_worth = np.zeros(shape), 1.0, 0.0, 0.0
    # Even where area fit is no objective, a better fit leaves more room: it comes last.
    for name in dict.fromkeys((*objectives, "area_fit")):
        if name == NEAR and not wished(problem):
            continue
        fit, near = name == "area_fit", name == NEAR
        value = kept_with_others(problem) if near else problem.values.get(name, wanted)
        value = wanted - np.abs(wanted - wish) if fit else value
        most = np.zeros(projects)
        np.maximum.at(most, problem.pair_project, wanted if fit else value)
        each = weight / max(most.sum() + near * len(problem.wishes), TIGHT)
        worth[at] += each * value
        misfit_weight = each if fit else misfit_weight
        wish_worth = each if near else wish_worth
        weight *= LEXICOGRAPHIC
    load = np.zeros((len(problem.capacities), *shape))
    for drawn, capacity in zip(load, problem.capacities, strict=True):
        drawn[at[0][capacity.pair], at[1][capacity.pair]] = capacity.load
    return _Tables(
        projects=projects,
        nowhere=nowhere,
        sizes=sizes,
        worth=worth,
        load=load,
        limit=np.array([capacity.limit for capacity in problem.capacities]),
        rules=_rules(problem, shape),
        pull=pull_of(problem.wishes, shape, wish_worth),
        room=np.append(problem.unit_area_ha, np.inf),
        rest=np.append(np.minimum(problem.unit_rest_min_ha, problem.unit_area_ha), 0.0),
        misfit_weight=misfit_weight,
        work=_Work(),
    )


def _rules(problem: AllocationProblem, shape: tuple[int, int]) -> tuple[_Rule, ...]:
    rules = []
    for separation in problem.separations:
        first, second = (np.zeros(shape[0], dtype=np.intp) for _ in range(2))
        first[separation.first], second[separation.second] = 1, 1
        near = np.zeros((shape[1], shape[1]), dtype=np.intp)
        near[separation.left, separation.right] = 1
        rules.append(_Rule(first, second, near))
    return tuple(rules)


def _totals(tables: _Tables, unit: Integers) -> Floats:
    """Least, most and wished area on each unit, shape (3, units + 1)."""
    place = np.arange(tables.projects)
    on = unit[: tables.projects]
    count = len(tables.room)
    sums = [np.bincount(on, weights=size[place, on], minlength=count) for size in tables.sizes]
    return np.stack(sums)


def _missed(tables: _Tables, sums: Floats, unit: Integers) -> Floats:
    return missed_ha(sums[0], sums[1], sums[2], tables.room[unit], tables.rest[unit])


def _cost(tables: _Tables, unit: Integers) -> float:
    missed = _missed(tables, _totals(tables, unit), np.arange(len(tables.room)))
    place = np.arange(len(unit))
    worth = float(tables.worth[place, unit].sum())
    if tables.pull is not None:
        worth += float(tables.pull.on(unit)[place, unit].sum()) / 2
    return float(tables.misfit_weight * missed.sum() - worth)


def _filled(tables: _Tables, unit: Integers) -> Integers:
    """Place projects one by one, those of most worth first, then exchange."""
    worth = tables.worth[: tables.projects].max(axis=1)
    empty = np.arange(tables.projects, len(unit))
    for project in np.argsort(-worth, kind="stable"):
        found = _best_exchange(tables, unit, np.array([project]), empty)
        if found is not None:
            unit[project] = unit[found[1]]
    return _descended(tables, unit, np.arange(len(tables.room)))


def _descended(tables: _Tables, unit: Integers, changed: Integers) -> Integers:
    """Make the best exchange with a changed unit until none helps or the work is used up."""
    dirty = np.zeros(len(tables.room), dtype=bool)
    dirty[changed] = True
    dirty[tables.nowhere] = True  # whoever waits may find room after every change
    everyone = np.arange(len(unit))
    while dirty.any() and tables.work.cells > 0:
        batch = np.zeros(len(dirty), dtype=bool)
        batch[np.flatnonzero(dirty)[:UNITS_AT_ONCE]] = True
        found = _best_exchange(tables, unit, np.flatnonzero(batch[unit]), everyone)
        if found is None:
            dirty &= ~batch
            continue
        dirty[unit[list(found)]] = True
        dirty[tables.nowhere] = True
        _exchange(tables, unit, *found)
    return unit


def _exchange(tables: _Tables, unit: Integers, one: int, other: int) -> None:
    """Let two change places; an empty place stays where it is."""
    here, there = unit[one], unit[other]
    if one < tables.projects:
        unit[one] = there
    if other < tables.projects:
        unit[other] = here


def _best_exchange(
    tables: _Tables, unit: Integers, ones: Integers, others: Integers
) -> tuple[int, int] | None:
    """Return the places that gain most by an exchange, None if none gains."""
    gains = _gains(tables, unit, ones, others)
    row, column = np.nonzero(gains > GAIN)
    if not len(row):
        return None
    gain = gains[row, column]
    one, other = ones[row], others[column]
    gain[~_allowed(tables, unit, one, other)] = -np.inf
    best = int(np.argmax(gain))
    return (int(one[best]), int(other[best])) if gain[best] > GAIN else None


def _gains(tables: _Tables, unit: Integers, ones: Integers, others: Integers) -> Floats:
    """Gain of each exchange, shape (ones, others); -inf where the areas do not fit."""
    tables.work.cells -= len(ones) * len(others)
    here, there = unit[ones], unit[others]
    totals = _totals(tables, unit)
    missed = _missed(tables, totals, np.arange(len(tables.room)))
    one, other = ones[:, None], others[None, :]
    on_here = (totals[:, here] - tables.sizes[:, ones, here])[:, :, None]
    on_there = (totals[:, there] - tables.sizes[:, others, there])[:, None, :]
    after = _missed(tables, on_here + tables.sizes[:, other, here[:, None]], here[:, None])
    after += _missed(tables, on_there + tables.sizes[:, one, there[None, :]], there[None, :])
    each = _worth_now(tables, unit)
    worth = each[one, there[None, :]] + each[other, here[:, None]]
    worth -= each[ones, here][:, None] + each[others, there][None, :]
    if tables.pull is not None:
        worth -= tables.pull.seeming(ones, others, here, there)
    missed[np.isinf(missed)] = BROKEN / tables.misfit_weight
    before = missed[here][:, None] + missed[there][None, :]
    worth += tables.misfit_weight * (before - after)
    return np.where(here[:, None] == there[None, :], -np.inf, worth)


def _worth_now(tables: _Tables, unit: Integers) -> Floats:
    """Worth of each place on each unit, as long as the others stand where they do."""
    return tables.worth if tables.pull is None else tables.worth + tables.pull.on(unit)


def _allowed(tables: _Tables, unit: Integers, one: Integers, other: Integers) -> Booleans:
    """Tell which exchanges keep to capacities and separations, shape (exchanges,)."""
    here, there = unit[one], unit[other]
    place = np.arange(len(unit))
    used = tables.load[:, place, unit].sum(axis=1)[:, None]
    change = tables.load[:, one, there] - tables.load[:, one, here]
    change += tables.load[:, other, here] - tables.load[:, other, there]
    allowed: Booleans = (used + change <= tables.limit[:, None] + TIGHT).all(axis=0)
    for rule in tables.rules:
        allowed &= ~_too_near(rule, unit, one, other) & ~_too_near(rule, unit, other, one)
    return allowed


def _too_near(rule: _Rule, unit: Integers, goer: Integers, other: Integers) -> Booleans:
    """Tell whether the goer would break a rule on the unit that the other leaves for its own."""
    start, goal = unit[goer], unit[other]
    broken = np.zeros(len(goer), dtype=bool)
    for group, against, near in (
        (rule.first, rule.second, rule.near),
        (rule.second, rule.first, rule.near.T),
    ):
        held = np.bincount(unit[against > 0], minlength=len(near))
        around = (near @ held)[goal]
        around -= against[goer] * near[goal, start]
        around -= against[other] * (near[goal, goal] - near[goal, start])
        broken |= (group[goer] > 0) & (around > 0)
    return broken


def _shaken(tables: _Tables, unit: Integers, random: np.random.Generator) -> Integers:
    """Force a project in where something is amiss, or make a few exchanges that cost little."""
    amiss = _amiss_ha(tables, unit)
    if amiss.sum() > TIGHT and random.random() < FORCED_SHARE:
        project = int(random.choice(tables.projects, p=amiss / amiss.sum()))
        return _forced(tables, unit, project, random)
    for _ in range(EXCHANGES_SHAKEN):
        project = int(random.integers(tables.projects))
        empty = random.random() < MOVES_SHARE
        others = np.arange(*((tables.projects, len(unit)) if empty else (0, tables.projects)))
        other = _ranked(tables, unit, project, others, random)
        if other is not None:
            _exchange(tables, unit, project, other)
    return unit


def _amiss_ha(tables: _Tables, unit: Integers) -> Floats:
    """Tell what its unit costs each project: its share of the worth, and the misfit around it."""
    project = np.arange(tables.projects)
    on = unit[: tables.projects]
    worth = tables.worth[: tables.projects]
    lost = worth.max(axis=1) - worth[project, on]
    if tables.pull is not None:
        kept = tables.pull.on(unit)[project, on]
        lost += tables.pull.worth.sum(axis=1)[project] - kept
    lost /= tables.misfit_weight
    missed = _missed(tables, _totals(tables, unit), np.arange(len(tables.room)))
    amiss: Floats = np.minimum(lost, AMISS_MAX_HA) + missed[on]
    return amiss


def _ranked(
    tables: _Tables, unit: Integers, project: int, others: Integers, random: np.random.Generator
) -> int | None:
    """Draw one of a project's allowed exchanges, good ones more often."""
    gain = _gains(tables, unit, np.array([project]), others)[0]
    options = np.flatnonzero(np.isfinite(gain))
    options = options[np.argsort(-gain[options], kind="stable")]
    allowed = _allowed(tables, unit, np.full(len(options), project), others[options])
    options = options[allowed]
    if not len(options):
        return None
    return int(others[options[min(int(random.exponential(RANKS_MEAN)), len(options) - 1)]])


def _forced(tables: _Tables, unit: Integers, project: int, random: np.random.Generator) -> Integers:
    """Put a project on another unit and turn out as many others as it takes."""
    eligible = np.isfinite(tables.sizes[0, project])
    eligible[[unit[project], tables.nowhere]] = False
    if not eligible.any():
        return unit
    target = int(random.choice(np.flatnonzero(eligible)))
    before = unit.copy()
    unit[_at_odds(tables, unit, project, target)] = tables.nowhere
    one, place = np.array([project]), np.array([tables.projects + target])
    for other in (*random.permutation(np.flatnonzero(unit[: tables.projects] == target)), None):
        fits = np.isfinite(_gains(tables, unit, one, place)).all()
        if fits and _allowed(tables, unit, one, place).all():
            unit[project] = target
            return unit
        if other is not None:
            unit[other] = tables.nowhere
    return before


def _at_odds(tables: _Tables, unit: Integers, project: int, target: int) -> Booleans:
    """Places whose project would stand too near if one stood on a unit, shape (places,)."""
    odds = np.zeros(len(unit), dtype=bool)
    for rule in tables.rules:
        if rule.first[project]:
            odds |= (rule.second > 0) & (rule.near[target, unit] > 0)
        if rule.second[project]:
            odds |= (rule.first > 0) & (rule.near[unit, target] > 0)
    odds[project] = False
    return odds
