"""Solving: objective by objective, each with a proven bound.

The linear relaxation gives a bound at once; moves and swaps, or insertion at its prices, give a
good start. The search (:mod:`geoplan.allocate.search`) improves it until it meets the bound within
the gap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geoplan.allocate.areas import chosen_areas
from geoplan.allocate.columns import solve_by_columns
from geoplan.allocate.exchange import exchanged, settled
from geoplan.allocate.insertion import inserted
from geoplan.allocate.least_work import least_work
from geoplan.allocate.matching import is_matching, matched
from geoplan.allocate.model import Limits, relaxed
from geoplan.allocate.neighbourhoods import replaced, restricted
from geoplan.allocate.pricing import Prices, least, of_pairs, plain_prices, sifted
from geoplan.allocate.problem import (
    NEAR,
    TRANSPORT,
    AllocationProblem,
    Assignment,
    flowing,
    only,
    pair_values,
    pairs_of,
    still,
    value_of,
    wished,
)
from geoplan.allocate.relocation import relocated
from geoplan.allocate.search import Search, Step, reached
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings

SHAKES = 300
"""Times the exchange search shakes its best assignment, at most."""
DIGITS = 9
"""Values that agree to so many decimals are the same."""
ROUNDS = 30
NODES_A_ROUND = 20
"""Turns of neighbourhoods for each objective: so many, or one for so many nodes of the work
limit, if that is more."""
CLOSED_PAIRS = 8_000
"""Problems of more pairs are not searched as a whole: that brings nothing in a useful time."""
FILLS_MAX = 1_000_000
"""Projects times units up to which whole fills of units are generated."""
EXACT_PAIRS = 60_000
"""Problems of more pairs are priced by sifting."""
CORE_PAIRS = 25
"""Pairs of each project, on average, that are searched where there are very many."""
WAITING_PAIRS = 100
"""Pairs of each project that waits, about, on which it is tried there."""
PRICING_SHARE = 0.6
"""Share of the time left that sifting may take at most."""
WISHES_SHARE = 0.5
"""Share of the time left that wishes may take where other objectives follow: their bound is often
out of reach, for two choices hang together in each."""
BLIND_SHARE = 0.6
"""Share of the time that all other objectives may take where transport is one."""
SHARE_DIGITS = 2


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
        False where there is nothing to decide by it: ``near`` without a single wish, or
        ``transport`` where nothing is sent.
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
    blind : Assignment, optional
        Where everybody would stand if flows were ignored, where they are not.
    """

    status: SolveStatus
    assignment: Assignment
    stages: tuple[StageResult, ...]
    blind: Assignment | None = None


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
    if TRANSPORT in settings.objective:
        return _with_transport(problem, settings, progress)
    started = time.monotonic()
    best = exchanged(problem, settings.objective, seed=settings.seed, rounds=SHAKES)
    if best is None:
        nobody = np.full(problem.projects, -1, dtype=np.intp)
        best = Assignment(nobody, np.zeros(problem.projects))
    return _in_order(problem, settings, best, {}, started, progress)


def solve_above(
    problem: AllocationProblem,
    settings: AllocateSettings,
    floors: Mapping[str, float],
    start: Assignment,
    *,
    progress: Callable[[str], None] | None = None,
) -> Solution:
    """Find the best allocation, objective by objective, that keeps some values.

    Parameters
    ----------
    problem : AllocationProblem
    settings : AllocateSettings
    floors : mapping of str to float
        Least value of some objectives. The bounds that are told hold for all answers above them.
    start : Assignment
        An answer that keeps the floors.
    progress : callable, optional
        Told the name of each objective when it is begun.

    Returns
    -------
    Solution
    """
    return _in_order(problem, settings, start, floors, time.monotonic(), progress)


def _in_order(
    problem: AllocationProblem,
    settings: AllocateSettings,
    best: Assignment,
    asked: Mapping[str, float],
    started: float,
    progress: Callable[[str], None] | None,
) -> Solution:
    stages: list[StageResult] = []
    floors = dict(asked)
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
    other = settled(problem, settings.objective, best)
    if all(value_of(problem, name, other) >= least(floor) for name, floor in asked.items()):
        best = max(best, other, key=lambda answer: _merit(problem, settings.objective, answer))
    # Later stages may have changed earlier values by rounding: what is told is what stands.
    told = tuple(_restated(stage, value_of(problem, stage.name, best)) for stage in stages)
    status = max((stage.status for stage in told), key=list(SolveStatus).index)
    return Solution(status, best, told)


def _with_transport(
    problem: AllocationProblem,
    settings: AllocateSettings,
    progress: Callable[[str], None] | None,
) -> Solution:
    """Solve for all else, then let those placed change places for less transport work.

    Who is placed stays placed, and the objectives before it keep what they have reached; those
    after it choose among the areas that remain.
    """
    started = time.monotonic()
    place = settings.objective.index(TRANSPORT)
    others = tuple(name for name in settings.objective if name != TRANSPORT)
    sooner = {"objective": others, "time_limit_s": BLIND_SHARE * settings.time_limit_s}
    blind = solve(still(problem), settings.model_copy(update=sooner), progress=progress)
    if not flowing(problem):
        nothing = StageResult(TRANSPORT, SolveStatus.OPTIMAL, 0.0, 0.0, asked=False)
        return replace(blind, stages=(*blind.stages[:place], nothing, *blind.stages[place:]))
    if progress is not None:
        progress(TRANSPORT)
    seconds = max(settings.time_limit_s - (time.monotonic() - started), 0.0)
    limits = Limits(settings.gap, settings.work_limit, seconds, settings.seed)
    floors = {stage.name: stage.value for stage in blind.stages[:place] if stage.asked}
    least_tkm = least_work(problem, blind.assignment, limits)
    end = relocated(problem, blind.assignment, floors, limits, bound=least_tkm)
    found = end.assignment
    work = -value_of(problem, TRANSPORT, found)
    least_tkm = work if end.proven else least_tkm
    ended = SolveStatus.TIME_LIMIT if end.late else SolveStatus.WORK_LIMIT
    close = reached(limits, -work, -least_tkm)
    status = SolveStatus.OPTIMAL if close else ended
    now = [(stage, value_of(still(problem), stage.name, found)) for stage in blind.stages]
    stages = (
        *(_restated(stage, value) for stage, value in now[:place]),
        StageResult(TRANSPORT, status, -work, min(-least_tkm, 0.0) if work else 0.0),
        # Everybody's unit is settled, and areas are chosen as well as they can be.
        *(replace(stage, value=value, bound=value) for stage, value in now[place:]),
    )
    worst = max((stage.status for stage in stages), key=list(SolveStatus).index)
    return Solution(worst, found, stages, blind.assignment)


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
    blind = None if solution.blind is None else replaced(fixed, small, solution.blind)
    answer = replaced(fixed, small, solution.assignment)
    return Solution(solution.status, answer, stages, blind)


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
    exact = len(problem.pair_project) <= EXACT_PAIRS
    whole = relaxed(problem, name, floors, limits) if exact else plain_prices(problem, name)
    bound = whole.bound
    if not floors and not coupled and problem.units * problem.projects <= FILLS_MAX:
        start, bound = _by_columns(problem, name, start, bound, _left(limits, until))
        value, late = value_of(problem, name, start), time.monotonic() >= until
        close = reached(limits, value, bound)
        if close or late:
            status = SolveStatus.OPTIMAL if close else SolveStatus.TIME_LIMIT
            bound = max(bound, value)
            return start, StageResult(name, status, value, bound, (Step(0, value, bound),))
    if not exact:
        seconds = PRICING_SHARE * _left(limits, until).seconds
        whole = sifted(problem, name, floors, seconds=seconds)
        bound = min(bound, whole.bound)
    core, prices = _core(problem, whole, start)
    best = _begun(core, name, floors, start, prices)
    if core is not problem:
        best = _completed(problem, name, floors, best, whole)
        core, prices = _core(problem, whole, best)
    rounds = max(ROUNDS, limits.nodes // NODES_A_ROUND)
    large = len(core.pair_project) > CLOSED_PAIRS
    left = _left(limits, until)
    search = Search(problem, core, name, floors, whole, prices, bound, left, rounds, large)
    found = search.from_start(best)
    history = tuple(search.history)
    return found.assignment, StageResult(name, found.status, found.value, found.bound, history)


def _by_columns(
    problem: AllocationProblem, name: str, start: Assignment, bound: float, limits: Limits
) -> tuple[Assignment, float]:
    """Solve by fills of whole units where these share nothing but projects."""
    if reached(limits, value_of(problem, name, start), bound):
        return start, bound
    outcome = solve_by_columns(problem, name, limits, start)
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
    """Take the start, or the best of what values, prices and shares suggest."""
    value = pair_values(problem, name)
    net = prices.project[problem.pair_project] - prices.reduced
    orders = (
        np.argsort(-value, kind="stable"),
        np.argsort(-np.round(net, DIGITS), kind="stable"),
        # Shares are compared roughly, for they come out of a solver with its noise.
        np.lexsort((prices.reduced, -np.round(prices.share, SHARE_DIGITS))),
    )
    found = [inserted(problem, order[np.isfinite(prices.reduced[order])]) for order in orders]
    kept = [one for one in found if _keeps(problem, floors, one)]
    return max([start, *kept], key=lambda one: value_of(problem, name, one))


def _keeps(problem: AllocationProblem, floors: dict[str, float], answer: Assignment) -> bool:
    return all(value_of(problem, each, answer) >= least(floor) for each, floor in floors.items())


def _completed(
    problem: AllocationProblem,
    name: str,
    floors: dict[str, float],
    best: Assignment,
    prices: Prices,
) -> Assignment:
    """Place those who wait on pairs that were left out, some of each project."""
    waiting = np.flatnonzero(best.unit < 0)
    begin = np.searchsorted(problem.pair_project, waiting)[:, None]
    count = np.searchsorted(problem.pair_project, waiting, side="right")[:, None] - begin
    at = begin + np.arange(WAITING_PAIRS) * count // WAITING_PAIRS
    keep = np.zeros(len(problem.pair_project), dtype=bool)
    keep[at[np.broadcast_to(count > 0, at.shape)]] = True
    keep &= np.isfinite(prices.reduced)
    keep[pairs_of(problem, best.unit)] = True
    some = only(problem, keep)
    net = prices.project[some.pair_project] - prices.reduced[keep]
    more = inserted(some, np.argsort(-np.round(net, DIGITS), kind="stable"), start=best)
    better = value_of(problem, name, more) > value_of(problem, name, best)
    return more if better and _keeps(problem, floors, more) else best


def _left(limits: Limits, until: float) -> Limits:
    return replace(limits, seconds=max(until - time.monotonic(), 0.0))
