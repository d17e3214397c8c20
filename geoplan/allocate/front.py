"""The trade-off of two objectives: the best of one for each floor under the other.

The two ends have one objective first and the other second. Between them the first is held above
floors, evenly spaced, while the second is as good as can be (the epsilon constraint; Haimes,
Lasdon and Wismer 1971), and then the first is raised as far as that costs the second nothing.
A floor makes the search hard, a weighted sum does not; so where both objectives can be weighed,
sums are sought first, and floors begin from their answers. The weight that leads near a floor is
the slope there of what the linear relaxation allows. All that is proven on the way is kept: a
bound above a floor bars a corner of the plane, a bound of a sum what lies beyond a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from geoplan.allocate.barrier import Barrier, Pair
from geoplan.allocate.model import Limits, relaxed
from geoplan.allocate.neighbourhoods import Restricted, replaced, restricted
from geoplan.allocate.pricing import sifted
from geoplan.allocate.problem import AllocationProblem, Assignment, value_of
from geoplan.allocate.solve import EXACT_PAIRS, Solution, solve, solve_above
from geoplan.allocate.status import SolveStatus
from geoplan.allocate.weights import sum_of, weighed
from geoplan.config import AllocateSettings

SAME = 1e-7
"""Values that differ by so small a share are the same."""
FIRST_SHARE, SUM_SHARE = 0.7, 0.4
"""Shares of a point's time: for the sum; and of the rest, for what comes first."""
STEEPER = 4.0
"""Beside the ends, weights are so many times smaller or greater."""


@dataclass(frozen=True)
class FrontPoint:
    """An answer on the way from one end to the other.

    Attributes
    ----------
    floor : float or None
        What the first objective was held above; None at the ends, and where a sum was sought.
    end : int or None
        0 where the first objective came first, 1 where the second did.
    status : SolveStatus
    assignment : Assignment
    value : tuple of float
        Of both objectives.
    """

    floor: float | None
    end: int | None
    status: SolveStatus
    assignment: Assignment
    value: Pair


@dataclass(frozen=True)
class Front:
    """The curve, from the first objective's end to the second's.

    Attributes
    ----------
    points : tuple of FrontPoint
        None of them is as good at one objective and better at the other.
    dominated, repeated : tuple of FrontPoint
        Found and dropped: another one is better, or the same.
    barrier : Barrier
        What no answer can pass.
    """

    points: tuple[FrontPoint, ...]
    dominated: tuple[FrontPoint, ...]
    repeated: tuple[FrontPoint, ...]
    barrier: Barrier


def front_of(
    problem: AllocationProblem,
    settings: AllocateSettings,
    between: tuple[str, str],
    *,
    points: int,
    fixed: Assignment | None = None,
    progress: Callable[[str], None] | None = None,
) -> Front:
    """Find points of the trade-off of two objectives.

    Parameters
    ----------
    problem : AllocationProblem
        With the values of both.
    settings : AllocateSettings
        Gap, work and time limit hold for each point.
    between : tuple of str
        The objectives.
    points : int
        Floors and ends; 2 at least. Answers to sums that are as good as any join them.
    fixed : Assignment, optional
        Projects that stay where they are.
    progress : callable, optional
        Told of each point when it is begun.

    Returns
    -------
    Front
    """
    search = _Search(problem, settings, between, fixed)
    told = progress or (lambda _: None)
    for end, name in enumerate(between):
        told(f"end {end + 1}: {name} alone")
        search.best_alone(end)
    for number, weight in enumerate(search.slopes(points), start=1):
        told(f"sum {number}: {between[0]} + {weight:g} {between[1]}")
        search.best_sum(weight)
    told("ends")
    found = [search.end(0), search.end(1)]
    for number, floor in enumerate(_floors(found[0].value[0], found[1].value[0], points), start=2):
        told(f"point {number} of {points}: {between[0]} of {floor:.6g} at least")
        found.append(search.above(floor))
    return Front(
        *_sifted([*found, *search.sums]), Barrier(tuple(search.corners), tuple(search.lines))
    )


@dataclass
class _Search:
    """Solves point by point, with those who are fixed left out; remembers all it has found."""

    problem: AllocationProblem
    settings: AllocateSettings
    between: tuple[str, str]
    fixed: Assignment | None
    known: list[tuple[Pair, Assignment]] = field(default_factory=list)
    corners: list[Pair] = field(default_factory=list)
    lines: list[Pair] = field(default_factory=list)
    sums: list[FrontPoint] = field(default_factory=list)
    ended: dict[int, SolveStatus] = field(default_factory=dict)

    @cached_property
    def inner(self) -> Restricted | None:
        """The problem of those who are not fixed, where anybody is."""
        if self.fixed is None or not (self.fixed.unit >= 0).any():
            return None
        held = self.fixed.unit[self.fixed.unit >= 0]
        return restricted(
            self.problem, self.fixed, np.setdiff1d(np.arange(self.problem.units), held)
        )

    @cached_property
    def open(self) -> AllocationProblem:
        """The problem that is solved."""
        return self.problem if self.inner is None else self.inner.problem

    @cached_property
    def own(self) -> Pair:
        """What the fixed ones are worth."""
        if self.inner is None or self.fixed is None:
            return 0.0, 0.0
        first, second = (value_of(self.problem, name, self.fixed) for name in self.between)
        return first, second

    def best_alone(self, end: int) -> None:
        """Seek the best for one objective, whatever the other has."""
        found = solve(self.open, self._settings(self.between[end], FIRST_SHARE))
        self._bar(end, -np.inf, found)
        self._noted(found.assignment)
        self.ended[end] = found.status

    def end(self, end: int) -> FrontPoint:
        """Take the best known for one objective, and raise the other."""
        best = max(self.known, key=lambda pair: (pair[0][end], pair[0][1 - end]))[1]
        return self._raised(best, 1 - end, None, end, self.ended[end])

    def above(self, floor: float) -> FrontPoint:
        """Take the second objective first, with the first one above a floor."""
        start = self._best_above(floor)
        share = FIRST_SHARE * (1 - SUM_SHARE)
        inner_floor = {self.between[0]: floor - self.own[0]}
        settings = self._settings(self.between[1], share)
        second = solve_above(self.open, settings, inner_floor, start)
        self._bar(1, floor, second)
        return self._raised(second.assignment, 0, floor, None, second.status)

    def _raised(
        self,
        start: Assignment,
        other: int,
        floor: float | None,
        end: int | None,
        so_far: SolveStatus,
    ) -> FrontPoint:
        """Raise one objective as far as that costs the other nothing."""
        this = self.between[1 - other]
        value = value_of(self.open, this, start)
        settings = self._settings(self.between[other], 1 - FIRST_SHARE)
        best = solve_above(self.open, settings, {this: value}, start)
        self._bar(other, value + self.own[1 - other], best)
        status = max(so_far, best.status, key=list(SolveStatus).index)
        values = self._noted(best.assignment)
        return FrontPoint(floor, end, status, self._whole(best.assignment), values)

    def slopes(self, points: int) -> list[float]:
        """Weigh the second objective as the relaxation does near each floor.

        Returns nothing where the two cannot be weighed, or one answer is best at both.
        """
        (high, _), (low, _) = (max(self.known, key=lambda pair: pair[0][end])[0] for end in (0, 1))
        if sum_of(*self.between, 1.0) is None or not _apart(high, low):
            return []
        floors = [high, *_floors(high, low, points), low]
        bounds = [self._relaxed(floor) for floor in floors]
        self.corners += zip(floors, bounds, strict=True)
        weights = [
            (left - right) / (more - less)
            for left, right, less, more in zip(floors, floors[2:], bounds, bounds[2:], strict=False)
            if _apart(more, less)
        ]
        if weights:  # the curve is steeper at its ends than the relaxation
            weights = [min(weights) / STEEPER, *weights, max(weights) * STEEPER]
        return list(dict.fromkeys(float(f"{weight:.4g}") for weight in weights))

    def best_sum(self, weight: float) -> None:
        """Seek the best for the first objective and a multiple of the second."""
        name = sum_of(*self.between, weight)
        if name is None:
            raise ValueError(f"{' and '.join(self.between)} cannot be weighed")
        found = solve(weighed(self.open, (name,)), self._settings(name, SUM_SHARE))
        value = self._noted(found.assignment)
        self.sums.append(FrontPoint(None, None, found.status, self._whole(found.assignment), value))
        self.lines.append((weight, found.stages[0].bound + self.own[0] + weight * self.own[1]))

    def _relaxed(self, floor: float) -> float:
        """Bound the second objective above a floor under the first by the linear relaxation."""
        first, second = self.between
        floors, seconds = {first: floor - self.own[0]}, self.settings.time_limit_s
        if len(self.open.pair_project) <= EXACT_PAIRS:
            limits = Limits(
                self.settings.gap, self.settings.work_limit, seconds, self.settings.seed
            )
            prices = relaxed(self.open, second, floors, limits)
        else:
            prices = sifted(self.open, second, floors, seconds=seconds)
        return prices.bound + self.own[1]

    def _settings(self, objective: str, share: float) -> AllocateSettings:
        seconds = share * self.settings.time_limit_s
        return self.settings.model_copy(update={"objective": (objective,), "time_limit_s": seconds})

    def _bar(self, objective: int, floor: float, found: Solution) -> None:
        """Note what is proven: who has as much of the other one has no more of this one."""
        bound = found.stages[0].bound + self.own[objective]
        self.corners.append((bound, floor) if objective == 0 else (floor, bound))

    def _noted(self, answer: Assignment) -> Pair:
        first, second = (value_of(self.open, name, answer) for name in self.between)
        value = first + self.own[0], second + self.own[1]
        self.known.append((value, answer))
        return value

    def _best_above(self, floor: float) -> Assignment:
        high_enough = [pair for pair in self.known if pair[0][0] >= floor]
        return max(high_enough, key=lambda pair: (pair[0][1], pair[0][0]))[1]

    def _whole(self, answer: Assignment) -> Assignment:
        if self.inner is None or self.fixed is None:
            return answer
        return replaced(self.fixed, self.inner, answer)


def _floors(high: float, low: float, points: int) -> list[float]:
    """Space floors evenly between two ends, from the upper one down; none where they meet."""
    return np.linspace(high, low, points)[1:-1].tolist() if _apart(high, low) else []


def _apart(high: float, low: float) -> bool:
    return high - low > SAME * max(abs(high), 1.0)


def _sifted(
    found: Sequence[FrontPoint],
) -> tuple[tuple[FrontPoint, ...], tuple[FrontPoint, ...], tuple[FrontPoint, ...]]:
    """Part points into those that count, those that another one beats, and repeated ones."""
    kept: list[FrontPoint] = []
    dominated: list[FrontPoint] = []
    repeated: list[FrontPoint] = []
    for point in sorted(found, key=lambda each: each.end is None):  # of two alike, an end stays
        if any(_at_least(other, point) and not _at_least(point, other) for other in found):
            dominated.append(point)
        elif any(_at_least(other, point) for other in kept):
            repeated.append(point)
        else:
            kept.append(point)
    kept.sort(key=lambda each: (-each.value[0], each.value[1]))
    return tuple(kept), tuple(dominated), tuple(repeated)


def _at_least(one: FrontPoint, other: FrontPoint) -> bool:
    """Tell whether a point has as much of both, but for rounding."""
    return all(
        mine >= theirs - SAME * max(abs(theirs), 1.0)
        for mine, theirs in zip(one.value, other.value, strict=True)
    )
