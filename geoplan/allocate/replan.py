"""Allocating again: who stands somewhere moves only where that gains more than it costs.

Each one who stays where he stands earns the price of a move, in the first objective's unit. The
best answer of that problem is the best trade between what is gained and how many move, and its
bound is a bound to that trade. Who loses his place altogether costs as much as who moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import chosen_areas, missed_ha
from geoplan.allocate.problem import (
    NEAR,
    AllocationProblem,
    Assignment,
    Separation,
    keeps_rules,
    only,
    pair_values,
    pairs_of,
    value_of,
    wished,
)
from geoplan.allocate.solve import Solution, StageResult, solve
from geoplan.allocate.wishes import Wishes
from geoplan.config import AllocateSettings

Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
Progress = Callable[[str], None]
Coupling = TypeVar("Coupling", Separation, Wishes)

AT_PRICE = "value and stays"
"""Name of the objective that the price is part of."""
CHOSEN = 2e-4
"""Relative difference that an area may have from the limits that it was chosen within."""
SAME = 1e-9
"""Values that differ by less are the same."""


@dataclass(frozen=True)
class Replanned:
    """What was decided, and what it is held against.

    Attributes
    ----------
    price : float
        What a move must gain, in the first objective's unit; may be infinite.
    standing : Assignment
        Those who could have stayed, where they stood.
    solution : Solution
        What was decided. The first stage's bound is that of all answers with as few moves.
    unmoved, free : Solution
        The best where nobody moves, and where moving costs nothing.
    net_bound : float
        No answer's value, less the price of its moves, is above it.
    """

    price: float
    standing: Assignment
    solution: Solution
    unmoved: Solution
    free: Solution
    net_bound: float

    @property
    def moved(self) -> Integers:
        """Projects that could have stayed and stand elsewhere, or nowhere."""
        stood = self.standing.unit >= 0
        return np.flatnonzero(stood & (self.solution.assignment.unit != self.standing.unit))

    @property
    def gain(self) -> float:
        """What the moves are worth, before their price."""
        return self.solution.stages[0].value - self.unmoved.stages[0].value


def replan(
    problem: AllocationProblem,
    settings: AllocateSettings,
    before: Assignment,
    *,
    price: float,
    fixed: Assignment | None = None,
    progress: Progress | None = None,
) -> Replanned:
    """Allocate again, given where projects stand.

    A move is a change of unit. At a finite price, who stays on a strip may have another area
    there; at an infinite one nobody's area changes either.

    Parameters
    ----------
    problem : AllocationProblem
    settings : AllocateSettings
    before : Assignment
        Where projects stood; who may not stay there is placed like anybody else.
    price : float
        What moving one of them must gain, in the first objective's unit, or infinity.
    fixed : Assignment, optional
        Projects that stay whatever the rules say; each has its unit for itself.
    progress : callable, optional
        Told the name of each objective when it is begun.

    Returns
    -------
    Replanned
    """
    settings = deciding(problem, settings)
    fixed = nobody(problem) if fixed is None else fixed
    standing = staying(problem, before, fixed)
    unmoved = with_all_staying(problem, settings, standing, fixed=fixed)
    free = solve(problem, settings, fixed=fixed, progress=progress)
    most = max(free.stages[0].bound, unmoved.stages[0].value)
    # On a strip somebody may stay and yet have another area, which is no move here.
    least = 0.0 if problem.divisible.any() and math.isfinite(price) else price
    net_bound = max(unmoved.stages[0].bound, most - least)
    solution = unmoved
    if worth_moving(unmoved, most, least):
        priced, bound = at_price(problem, settings, standing, price=price, fixed=fixed)
        net_bound = min(net_bound, bound)
        solution = max(
            (unmoved, priced), key=lambda found: _net(problem, settings, found, standing, price)
        )
    moves = _moves(solution.assignment, standing)
    solution = bounded(solution, most, net_bound, price=price, moves=moves)
    return Replanned(price, standing, solution, unmoved, free, net_bound)


def deciding(problem: AllocationProblem, settings: AllocateSettings) -> AllocateSettings:
    """Leave out what decides nothing: the aim to be near, where nobody has that wish."""
    if NEAR not in settings.objective or wished(problem):
        return settings
    aims = tuple(name for name in settings.objective if name != NEAR)
    return settings.model_copy(update={"objective": aims or settings.objective})


def worth_moving(unmoved: Solution, bound: float, price: float) -> bool:
    """Tell whether any move could pay, given the bound of all answers."""
    return bound - unmoved.stages[0].value > price + SAME * max(abs(bound), 1.0)


def bounded(
    solution: Solution, most: float, net_bound: float, *, price: float, moves: int
) -> Solution:
    """Restate the first objective's bound: no answer with no more moves is worth more."""
    first = solution.stages[0]
    few = net_bound + (price * moves if moves else 0.0)
    told = replace(first, bound=max(min(most, few), first.value))
    return replace(solution, stages=(told, *solution.stages[1:]))


def at_price(
    problem: AllocationProblem,
    settings: AllocateSettings,
    standing: Assignment,
    *,
    price: float,
    fixed: Assignment | None = None,
    progress: Progress | None = None,
) -> tuple[Solution, float]:
    """Find the best trade between the first objective and the price of moves.

    Parameters
    ----------
    problem : AllocationProblem
    settings : AllocateSettings
    standing : Assignment
        Who earns the price by staying on the unit where he stands.
    price : float
        Finite.
    fixed, progress
        As :func:`replan` has them.

    Returns
    -------
    Solution
        In the problem's own terms.
    float
        Bound to the first objective's value less the price of the moves.
    """
    first = settings.objective[0]
    stay = pairs_of(problem, standing.unit)
    worth = pair_values(problem, first).copy()
    worth[stay] += price
    priced = replace(problem, values={**problem.values, AT_PRICE: worth})
    # What areas or neighbours decide has its best for each pair here, and its true sum is next.
    coupled = first in {"area_fit", NEAR}
    others = settings.objective if coupled else settings.objective[1:]
    # No gap may be so wide that a move could hide in it.
    most = np.zeros(problem.projects)
    np.maximum.at(most, problem.pair_project, worth)
    gap = min(settings.gap, price / 2 / max(float(most.sum()), price)) if price else settings.gap
    aims = settings.model_copy(update={"objective": (AT_PRICE, *others), "gap": gap})
    found = solve(priced, aims, fixed=fixed, progress=progress)
    earned = price * len(stay)
    stages = {stage.name: stage for stage in found.stages}
    value = value_of(problem, first, found.assignment)
    net_bound = stages[AT_PRICE].bound - earned
    own = replace(stages[AT_PRICE], name=first, value=value, history=())
    told = (own, *(stage for stage in found.stages if stage.name not in {AT_PRICE, first}))
    moves = _moves(found.assignment, standing)
    solution = Solution(found.status, found.assignment, told, found.blind)
    return bounded(solution, math.inf, net_bound, price=price, moves=moves), net_bound


def with_all_staying(
    problem: AllocationProblem,
    settings: AllocateSettings,
    standing: Assignment,
    *,
    fixed: Assignment | None = None,
) -> Solution:
    """Find the best for the others where all who stand stay, each with the area that he has."""
    parted, own = _parted(problem, standing)
    held = nobody(problem) if fixed is None else fixed
    unit, area = held.unit.copy(), held.area_ha.copy()
    unit[own], area[own] = problem.units + np.arange(len(own)), standing.area_ha[own]
    found = solve(parted, settings, fixed=Assignment(unit, area))
    unit = standing.unit[own]
    blind = None if found.blind is None else _on_wholes(found.blind, own, unit)
    return replace(found, assignment=_on_wholes(found.assignment, own, unit), blind=blind)


def staying(problem: AllocationProblem, before: Assignment, fixed: Assignment) -> Assignment:
    """Find those who may stay where they stood: their unit still takes them with that area.

    Where not all of them keep a capacity or a distance any more, those who are numbered first
    stay.

    Parameters
    ----------
    problem : AllocationProblem
    before : Assignment
    fixed : Assignment
        Those who stay anyhow; they are not among those returned.

    Returns
    -------
    Assignment
    """
    stood = np.flatnonzero((before.unit >= 0) & (fixed.unit < 0))
    low = _pair_of(problem, stood, before.unit[stood])
    known, area = low >= 0, before.area_ha[stood]
    fits = known & (area >= problem.area_min_ha[low] * (1 - CHOSEN))
    fits &= area <= problem.area_max_ha[low] * (1 + CHOSEN)
    unit = np.full(problem.projects, -1, dtype=np.intp)
    unit[stood[fits]] = before.unit[stood[fits]]
    if not keeps_rules(problem, _together(problem, unit, fixed)):
        unit = _first_who_agree(problem, unit, fixed)
    return Assignment(unit, np.where(unit >= 0, before.area_ha, 0.0))


def in_turn(
    problem: AllocationProblem,
    objectives: Sequence[str],
    answer: Assignment,
    waiting: Integers,
    newcomers: Integers,
) -> Assignment:
    """Give newcomers' places to those who wait, where the first objective is worth the same.

    Parameters
    ----------
    problem : AllocationProblem
    objectives : sequence of str
    answer : Assignment
    waiting : ndarray of int
        Projects that waited before, in the order in which they are offered land.
    newcomers : ndarray of int
        Projects that have come since, those who are to give way first in front.

    Returns
    -------
    Assignment
    """
    now = answer
    for project in waiting.tolist():
        if now.unit[project] >= 0:
            continue
        for other in newcomers.tolist():
            changed = _exchanged(problem, objectives[0], now, project, other)
            if changed is not None:
                now = changed
                break
    return now


def nobody(problem: AllocationProblem) -> Assignment:
    """Return an assignment that places nobody."""
    return Assignment(np.full(problem.projects, -1, dtype=np.intp), np.zeros(problem.projects))


def restated(
    problem: AllocationProblem, stages: Sequence[StageResult], answer: Assignment
) -> tuple[StageResult, ...]:
    """State what an answer is worth; bounds stay, for they are those of all answers."""
    return tuple(
        replace(stage, value=value, bound=max(stage.bound, value))
        for stage in stages
        for value in [value_of(problem, stage.name, answer)]
    )


def _exchanged(
    problem: AllocationProblem, objective: str, now: Assignment, project: int, other: int
) -> Assignment | None:
    """Let a project have another one's place; None where it does not fit, or is worth less."""
    place = int(now.unit[other])
    if place < 0 or _pair_of(problem, np.array([project]), np.array([place]))[0] < 0:
        return None
    unit = now.unit.copy()
    unit[project], unit[other] = place, -1
    if not _fits(problem, unit, place) or not keeps_rules(problem, unit):
        return None
    there = unit == place
    chosen = chosen_areas(problem, np.where(there, unit, -1))
    changed = Assignment(unit, np.where(there, chosen, np.where(unit >= 0, now.area_ha, 0.0)))
    before, after = (value_of(problem, objective, each) for each in (now, changed))
    return changed if after >= before - SAME * max(abs(before), 1.0) else None


def _fits(problem: AllocationProblem, unit: Integers, place: int) -> bool:
    """Tell whether all on a unit have room there."""
    pair = pairs_of(problem, np.where(unit == place, unit, -1))
    least, most = problem.area_min_ha[pair], problem.area_max_ha[pair]
    room, rest = problem.unit_area_ha[place], problem.unit_rest_min_ha[place]
    low, high = np.asarray(least.sum()), np.asarray(most.sum())
    missed = missed_ha(low, high, low, np.asarray(room), np.asarray(min(rest, room)))
    return bool(np.isfinite(missed)) and (bool(problem.divisible[place]) or len(pair) == 1)


def _moves(answer: Assignment, standing: Assignment) -> int:
    return int(((standing.unit >= 0) & (answer.unit != standing.unit)).sum())


def _net(
    problem: AllocationProblem,
    settings: AllocateSettings,
    found: Solution,
    standing: Assignment,
    price: float,
) -> tuple[float, int]:
    """Rate what is to be greatest: value less the price of moves; then, that fewer move."""
    moves = _moves(found.assignment, standing)
    value = value_of(problem, settings.objective[0], found.assignment)
    return round(value - (price * moves if moves else 0.0), 9), -moves


def _pair_of(problem: AllocationProblem, project: Integers, unit: Integers) -> Integers:
    """Pair of each project with a unit, -1 where they are none."""
    key = problem.pair_project * problem.units + problem.pair_unit
    wanted = project * problem.units + unit
    if not len(key):
        return np.full(len(wanted), -1, dtype=np.intp)
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[place] == wanted, place, -1).astype(np.intp)


def _together(problem: AllocationProblem, unit: Integers, fixed: Assignment) -> Integers:
    """Join those who stay with those of the fixed whose place is a pair."""
    held = np.flatnonzero(fixed.unit >= 0)
    held = held[_pair_of(problem, held, fixed.unit[held]) >= 0]
    joined = unit.copy()
    joined[held] = fixed.unit[held]
    return joined


def _first_who_agree(problem: AllocationProblem, unit: Integers, fixed: Assignment) -> Integers:
    """Let them stay one after another, while that breaks nothing."""
    kept = np.full(problem.projects, -1, dtype=np.intp)
    held = _together(problem, kept, fixed)
    # What the fixed break among themselves is nobody's fault who stays.
    strict = keeps_rules(problem, held)
    for project in np.flatnonzero(unit >= 0).tolist():
        tried = (held if strict else kept).copy()
        tried[unit >= 0] = np.where(kept[unit >= 0] >= 0, kept[unit >= 0], tried[unit >= 0])
        tried[project] = unit[project]
        if keeps_rules(problem, tried):
            kept[project] = unit[project]
    return kept


def _parted(problem: AllocationProblem, standing: Assignment) -> tuple[AllocationProblem, Integers]:
    """Make the land of those who stand units of their own, behind the others."""
    own = np.flatnonzero(standing.unit >= 0)
    place = standing.unit[own]
    keep = ~np.isin(problem.pair_project, own)
    keep[pairs_of(problem, standing.unit)] = True
    parted = only(problem, keep)
    mine = np.flatnonzero(np.isin(parted.pair_project, own))
    pair_unit = parted.pair_unit.copy()
    least, most = parted.area_min_ha.copy(), parted.area_max_ha.copy()
    pair_unit[mine] = problem.units + np.arange(len(own))
    least[mine] = most[mine] = standing.area_ha[own]
    used = np.bincount(place, weights=standing.area_ha[own], minlength=problem.units)
    left = np.maximum(problem.unit_area_ha - used, 0.0)
    # A plot that is taken whole leaves nothing, but for what surveys round.
    left[place[~problem.divisible[place]]] = 0.0
    changed = replace(
        parted,
        units=problem.units + len(own),
        pair_unit=pair_unit,
        area_min_ha=least,
        area_max_ha=most,
        unit_area_ha=np.concatenate([left, standing.area_ha[own]]),
        unit_rest_min_ha=np.concatenate([problem.unit_rest_min_ha, np.zeros(len(own))]),
        divisible=np.concatenate([problem.divisible, np.zeros(len(own), dtype=bool)]),
        separations=tuple(_of_parts(rule, place, problem.units) for rule in problem.separations),
        wishes=_of_parts(problem.wishes, place, problem.units),
        flows=problem.flows.with_parts(place),
    )
    # Who is taken whole finds no room on a unit that somebody has.
    room = changed.unit_area_ha[changed.pair_unit]
    return only(changed, changed.area_min_ha <= room * (1 + CHOSEN)), own


def _on_wholes(answer: Assignment, own: Integers, place: Integers) -> Assignment:
    """Put those on units of their own back on the units that these are parts of."""
    unit = answer.unit.copy()
    unit[own] = place
    return Assignment(unit, answer.area_ha)


def _of_parts(rule: Coupling, place: Integers, units: int) -> Coupling:
    left, right = _near_as_wholes(rule.left, rule.right, place, units)
    return replace(rule, left=left, right=right)


def _near_as_wholes(
    left: Integers, right: Integers, place: Integers, units: int
) -> tuple[Integers, Integers]:
    """Let parts be near to what the unit that they are parts of is near to."""
    members = [np.append(np.flatnonzero(place == unit) + units, unit) for unit in range(units)]
    near = [np.empty((2, 0), dtype=np.intp)]
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        pairs = np.meshgrid(members[one], members[other], indexing="ij")
        near.append(np.stack([each.ravel() for each in pairs]).astype(np.intp))
    both = np.concatenate(near, axis=1)
    return both[0], both[1]
