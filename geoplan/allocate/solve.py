"""Solving: objective by objective, each with a proven bound.

The linear relaxation gives a bound at once; moves and swaps give a good start, which
neighbourhoods improve until it meets the bound within the gap. What stays open goes to branch
and bound as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geoplan.allocate.exchange import exchanged
from geoplan.allocate.model import Limits, maximise, relaxed_bound
from geoplan.allocate.neighbourhoods import improved
from geoplan.allocate.problem import AllocationProblem, Assignment, value_of
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings

SHAKES = 600
"""Times the exchange search shakes its best assignment, at most."""
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
    progress: Callable[[str], None] | None = None,
) -> Solution:
    """Find the best allocation, objective by objective.

    Parameters
    ----------
    problem : AllocationProblem
    settings : AllocateSettings
        Objectives, gap, work and time limit, seed.
    progress : callable, optional
        Told the name of each objective when it is begun.

    Returns
    -------
    Solution
    """
    limits = Limits(settings.gap, settings.work_limit, settings.time_limit_s, settings.seed)
    best = exchanged(problem, settings.objective, seed=settings.seed, rounds=SHAKES)
    if best is None:
        nobody = np.full(problem.projects, -1, dtype=np.intp)
        best = Assignment(nobody, np.zeros(problem.projects))
    stages: list[StageResult] = []
    floors: dict[str, float] = {}
    for name in settings.objective:
        if progress is not None:
            progress(name)
        best, stage = _best(problem, name, floors, best, limits)
        stages.append(stage)
        floors[name] = stage.value
    status = max((stage.status for stage in stages), key=list(SolveStatus).index)
    return Solution(status, best, tuple(stages))


def _best(
    problem: AllocationProblem,
    name: str,
    floors: dict[str, float],
    start: Assignment,
    limits: Limits,
) -> tuple[Assignment, StageResult]:
    if not len(problem.pair_project):
        return start, StageResult(name, SolveStatus.OPTIMAL, 0.0, 0.0)
    bound = relaxed_bound(problem, name, floors, limits)
    best = improved(problem, start, name, floors, bound, limits, rounds=ROUNDS)
    value = value_of(problem, name, best)
    if bound - value <= limits.gap * abs(bound):
        return best, StageResult(name, SolveStatus.OPTIMAL, value, max(bound, value))
    outcome = maximise(problem, name, floors, limits, start=best)
    if outcome.assignment is not None and outcome.value > value:
        best, value = outcome.assignment, outcome.value
    return best, StageResult(name, outcome.status, value, max(min(bound, outcome.bound), value))
