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

from geoplan.allocate.areas import chosen_areas
from geoplan.allocate.columns import solve_by_columns
from geoplan.allocate.exchange import exchanged, settled
from geoplan.allocate.insertion import inserted
from geoplan.allocate.matching import is_matching, matched
from geoplan.allocate.model import Limits, maximise, relaxed
from geoplan.allocate.neighbourhoods import improved, replaced, restricted
from geoplan.allocate.pricing import Prices, least, of_pairs, sifted
from geoplan.allocate.problem import (
    NEAR,
    AllocationProblem,
    Assignment,
    only,
    pair_values,
    pairs_of,
    value_of,
    wished,
)
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings

SHAKES = 300
"""Times the exchange search shakes its best assignment, at most."""
DIGITS = 9
"""Values that agree to so many decimals are the same."""
ROUNDS = 60
NODES_A_ROUND = 10
"""Neighbourhoods tried for each objective before branch and bound takes over: so many, or one
for so many nodes of the work limit, if that is more."""
FILLS_MAX = 1_000_000
"""Projects times units up to which whole fills of units are generated."""
EXACT_PAIRS = 60_000
"""Problems of more pairs are priced by sifting."""
CORE_PAIRS = 25
"""Pairs of each project, on average, that are searched where there are very many."""
CLOSED_PAIRS = 8_000
"""Problems of more pairs are not searched as a whole: that brings nothing in a useful time."""
SEARCH_SHARE, PRICING_SHARE = 0.7, 0.6
"""Shares of the time left that neighbourhoods and sifting may take at most."""
WISHES_SHARE = 0.5
"""Share of the time left that wishes may take where other objectives follow: their bound is often
out of reach, for two choices hang together in each."""
SHARE_DIGITS = 2
FIXING = 1e-6
"""A reduced cost is above the gap only if it is so by this share of the bound."""


@dataclass(frozen=True)
class Step:
    """What was known after so many rounds of neighbourhoods; no clock enters."""

    rounds: int
    value: float
    bound: float


@dataclass(frozen=True)
class StageResult:
    """What was reached and proven for one objective.

    Attributes
    ----------
    name : str
    status : SolveStatus
    value, bound : float
        Objective value and the proven limit to it, in the objective's unit.
    history : tuple of Step
        How it came to that.
    asked : bool
        False where there is nothing to decide by it: ``near`` without a single wish.
    """

    name: str
    status: SolveStatus
    value: float
    bound: float
    history: tuple[Step, ...] = ()
    asked: bool = True

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
        One for each objective, in their order, whether it was asked or not.
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
        if name == NEAR and not wished(problem):
            stages.append(StageResult(name, SolveStatus.OPTIMAL, 0.0, 0.0, asked=False))
            continue
        if progress is not None:
            progress(name)
        seconds = max(settings.time_limit_s - (time.monotonic() - started), 0.0)
        if name == NEAR and name != settings.objective[-1]:
            seconds *= WISHES_SHARE
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
    stages = tuple(_lifted(stage, own[stage.name]) for stage in solution.stages)
    return Solution(solution.status, replaced(fixed, small, solution.assignment), stages)


def _lifted(stage: StageResult, own: float) -> StageResult:
    """Add what the fixed ones are worth."""
    history = tuple(
        replace(step, value=step.value + own, bound=step.bound + own) for step in stage.history
    )
    return replace(stage, value=stage.value + own, bound=stage.bound + own, history=history)


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
    coupled = name == NEAR and len(problem.wishes) > 0
    if is_matching(problem) and not floors and not coupled:
        return _by_matching(problem, name, start)
    until = time.monotonic() + limits.seconds
    whole = _priced(problem, name, floors, limits)
    bound = whole.bound
    if not floors and not coupled and problem.units * problem.projects <= FILLS_MAX:
        start, bound = _by_columns(problem, name, start, bound, _left(limits, until))
    core, prices = _core(problem, whole, start)
    best = _begun(core, name, floors, start, prices)
    large = len(core.pair_project) > CLOSED_PAIRS
    share = 1.0 if large else SEARCH_SHARE
    early = replace(limits, seconds=share * _left(limits, until).seconds)
    rounds = max(ROUNDS, limits.nodes // NODES_A_ROUND)
    history = [Step(0, value_of(core, name, best), bound)]
    best = improved(
        core,
        best,
        name,
        floors,
        replace(prices, bound=bound),
        early,
        rounds=rounds,
        reached=lambda turn, value: history.append(Step(turn + 1, value, bound)),
    )
    value = value_of(problem, name, best)
    if bound - value <= limits.gap * abs(bound):
        status = SolveStatus.OPTIMAL
    elif large:
        late = _left(limits, until).seconds <= 0
        status = SolveStatus.TIME_LIMIT if late else SolveStatus.WORK_LIMIT
    else:
        best, stage = _closed(problem, name, floors, best, whole, bound, _left(limits, until))
        history.append(Step(rounds, stage.value, stage.bound))
        return best, replace(stage, history=tuple(history))
    return best, StageResult(name, status, value, max(bound, value), tuple(history))


def _by_columns(
    problem: AllocationProblem, name: str, start: Assignment, bound: float, limits: Limits
) -> tuple[Assignment, float]:
    """Solve by fills of whole units where these share nothing but projects."""
    if bound - value_of(problem, name, start) <= limits.gap * abs(bound):
        return start, bound
    early = replace(limits, seconds=SEARCH_SHARE * limits.seconds)
    outcome = solve_by_columns(problem, name, early, start)
    if outcome is None:
        return start, bound
    better = outcome.value > value_of(problem, name, start)
    return outcome.assignment if better else start, min(bound, outcome.bound)


def _by_matching(
    problem: AllocationProblem, name: str, start: Assignment
) -> tuple[Assignment, StageResult]:
    unit = matched(problem, pair_values(problem, name))
    best = Assignment(unit, chosen_areas(problem, unit))
    value = value_of(problem, name, best)
    if value <= value_of(problem, name, start):
        best, value = start, value_of(problem, name, start)
    return best, StageResult(name, SolveStatus.OPTIMAL, value, value)


def _priced(
    problem: AllocationProblem, name: str, floors: dict[str, float], limits: Limits
) -> Prices:
    if len(problem.pair_project) <= EXACT_PAIRS:
        return relaxed(problem, name, floors, limits)
    return sifted(problem, name, floors, seconds=PRICING_SHARE * limits.seconds)


def _core(
    problem: AllocationProblem, prices: Prices, start: Assignment
) -> tuple[AllocationProblem, Prices]:
    """Keep the pairs of least reduced cost where there are very many."""
    most = max(EXACT_PAIRS, CORE_PAIRS * problem.projects)
    if len(problem.pair_project) <= most:
        return problem, prices
    keep = prices.reduced <= np.partition(prices.reduced, most)[most]
    keep &= np.isfinite(prices.reduced)
    keep[pairs_of(problem, start.unit)] = True
    return only(problem, keep), of_pairs(prices, keep)


def _begun(
    problem: AllocationProblem,
    name: str,
    floors: dict[str, float],
    start: Assignment,
    prices: Prices,
) -> Assignment:
    """Take the start, or what the relaxation suggests where that is better."""
    # Shares are compared roughly, for they come out of a solver with its noise.
    order = np.lexsort((prices.reduced, -np.round(prices.share, SHARE_DIGITS)))
    other = inserted(problem, order[np.isfinite(prices.reduced[order])])
    kept = all(value_of(problem, each, other) >= least(floor) for each, floor in floors.items())
    better = value_of(problem, name, other) > value_of(problem, name, start)
    return other if kept and better else start


def _closed(
    problem: AllocationProblem,
    name: str,
    floors: dict[str, float],
    best: Assignment,
    prices: Prices,
    bound: float,
    limits: Limits,
) -> tuple[Assignment, StageResult]:
    """Search all that could be better, without the pairs that cost more than what is open."""
    value = value_of(problem, name, best)
    # Reduced costs lower the bound of their own prices, whatever bound is known besides.
    keep = prices.reduced <= prices.bound - value + FIXING * max(abs(prices.bound), 1.0)
    keep[pairs_of(problem, best.unit)] = True
    outcome = maximise(only(problem, keep), name, floors, limits, start=best)
    status = outcome.status
    if outcome.assignment is None:
        # The start keeps every rule, so the program has a solution even where none was found.
        limited = status is SolveStatus.TIME_LIMIT
        status = SolveStatus.TIME_LIMIT if limited else SolveStatus.WORK_LIMIT
    else:
        # Whatever uses a pair that was left out is no better than the start.
        bound = min(bound, max(outcome.bound, value))
        if outcome.value > value:
            best, value = outcome.assignment, outcome.value
    return best, StageResult(name, status, value, max(bound, value))


def _left(limits: Limits, until: float) -> Limits:
    return replace(limits, seconds=max(until - time.monotonic(), 0.0))
