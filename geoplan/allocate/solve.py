"""Solving: objective by objective, each with a proven bound.

The linear relaxation gives a bound at once; moves and swaps give a good start, which
neighbourhoods improve until it meets the bound within the gap. What stays open goes to branch
and bound as a whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geoplan.allocate.exchange import exchanged, settled
from geoplan.allocate.model import Limits, maximise, relaxed_bound
from geoplan.allocate.neighbourhoods import improved, replaced, restricted
from geoplan.allocate.problem import AllocationProblem, Assignment, value_of
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings

SHAKES = 300
"""Times the exchange search shakes its best assignment, at most."""
DIGITS = 9
"""Values that agree to so many decimals are the same."""
ROUNDS = 60
"""Neighbourhoods tried for each objective before branch and bound takes over."""


@dataclass(frozen=True)
class StageResult:
    """What was reached and proven for one objective.

    Attributes
    ----------
    name : str
    status : SolveStatus
    value, bound : float
        Objective value and the proven limit to it, in the objective's unit.
    """

    name: str
    status: SolveStatus
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Relative distance between value and bound."""
        return max(self.bound - self.value, 0.0) / max(abs(self.bound), 1e-9)


@dataclass(frozen=True)
class Solution:
    """Who stands where, and how good that is.

    Attributes
    ----------
    status : SolveStatus
        The worst of its stages.
    assignment : Assignment
    stages : tuple of StageResult
        One for each objective, in their order.
    """

    status: SolveStatus
    assignment: Assignment
    stages: tuple[StageResult, ...]


def solve(
    problem: AllocationProblem,
    settings: AllocateSettings,
    *,
    fixed: Assignment | None = None,
    progress: Callable[[str], None] | None = None,
) -> Solution:
    """Find the best allocation, objective by objective.

    Nothing depends on the clock unless the time limit strikes, which the status then says.

    Parameters
    ----------
    problem : AllocationProblem
    settings : AllocateSettings
        Objectives, gap, work and time limit, seed.
    fixed : Assignment, optional
        Projects that stay where they are; the others share what these leave.
    progress : callable, optional
        Told the name of each objective when it is begun.

    Returns
    -------
    Solution
    """
    if fixed is not None and (fixed.unit >= 0).any():
        return _around(problem, settings, fixed, progress)
    started = time.monotonic()
    best = exchanged(problem, settings.objective, seed=settings.seed, rounds=SHAKES)
    if best is None:
        nobody = np.full(problem.projects, -1, dtype=np.intp)
        best = Assignment(nobody, np.zeros(problem.projects))
    stages: list[StageResult] = []
    floors: dict[str, float] = {}
    for name in settings.objective:
        if progress is not None:
            progress(name)
        seconds = max(settings.time_limit_s - (time.monotonic() - started), 0.0)
        limits = Limits(settings.gap, settings.work_limit, seconds, settings.seed)
        best, stage = _best(problem, name, floors, best, limits)
        stages.append(stage)
        floors[name] = stage.value
    best = max(
        best,
        settled(problem, settings.objective, best),
        key=lambda answer: _merit(problem, settings.objective, answer),
    )
    # Later stages may have changed earlier values by rounding: what is told is what stands.
    told = tuple(_restated(stage, value_of(problem, stage.name, best)) for stage in stages)
    status = max((stage.status for stage in told), key=list(SolveStatus).index)
    return Solution(status, best, told)


def _around(
    problem: AllocationProblem,
    settings: AllocateSettings,
    fixed: Assignment,
    progress: Callable[[str], None] | None,
) -> Solution:
    """Solve for those who are not fixed, on what the fixed ones leave."""
    held = fixed.unit[fixed.unit >= 0]
    small = restricted(problem, fixed, np.setdiff1d(np.arange(problem.units), held))
    solution = solve(small.problem, settings, progress=progress)
    own = {stage.name: value_of(problem, stage.name, fixed) for stage in solution.stages}
    stages = tuple(
        replace(stage, value=stage.value + own[stage.name], bound=stage.bound + own[stage.name])
        for stage in solution.stages
    )
    return Solution(solution.status, replaced(fixed, small, solution.assignment), stages)


def _merit(
    problem: AllocationProblem, objectives: Sequence[str], answer: Assignment
) -> tuple[list[float], int]:
    """Values in the order of their objectives, then the number of projects placed."""
    values = [round(value_of(problem, name, answer), DIGITS) for name in objectives]
    return values, int((answer.unit >= 0).sum())


def _restated(stage: StageResult, value: float) -> StageResult:
    return replace(stage, value=value, bound=max(stage.bound, value))


def _best(
    problem: AllocationProblem,
    name: str,
    floors: dict[str, float],
    start: Assignment,
    limits: Limits,
) -> tuple[Assignment, StageResult]:
    if not len(problem.pair_project):
        return start, StageResult(name, SolveStatus.OPTIMAL, 0.0, 0.0)
    until = time.monotonic() + limits.seconds
    bound = relaxed_bound(problem, name, floors, limits)
    best = improved(problem, start, name, floors, bound, _left(limits, until), rounds=ROUNDS)
    value = value_of(problem, name, best)
    if bound - value <= limits.gap * abs(bound):
        return best, StageResult(name, SolveStatus.OPTIMAL, value, max(bound, value))
    outcome = maximise(problem, name, floors, _left(limits, until), start=best)
    status = outcome.status
    if outcome.assignment is None:
        # The start keeps every rule, so the program has a solution even where none was found.
        limited = status is SolveStatus.TIME_LIMIT
        status = SolveStatus.TIME_LIMIT if limited else SolveStatus.WORK_LIMIT
    else:
        bound = min(bound, outcome.bound)
        if outcome.value > value:
            best, value = outcome.assignment, outcome.value
    return best, StageResult(name, status, value, max(bound, value))


def _left(limits: Limits, until: float) -> Limits:
    return replace(limits, seconds=max(until - time.monotonic(), 0.0))
