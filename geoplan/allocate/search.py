"""The search for one objective: neighbourhoods, and branch and bound beside them.

Neighbourhoods come first. Where the whole is small enough, branch and bound then searches it
while they go on: it proves, they find. Neither waits for the other or hears of it, so that the
answer does not depend on which of them is faster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import numpy as np

from geoplan.allocate.model import Limits, maximise
from geoplan.allocate.neighbourhoods import LANES, improved
from geoplan.allocate.pricing import Prices
from geoplan.allocate.problem import AllocationProblem, Assignment, only, pairs_of, value_of
from geoplan.allocate.status import SolveStatus

FIRST_WORK = 15_000
"""Work of the neighbourhoods that come before branch and bound, for which a good answer leaves
less to search."""
CLOSING_SHARE = 0.85
"""Share of the time left that branch and bound may take; neighbourhoods go on from its answer."""
AT_ONCE_S = 0.05
"""Branch and bound that ends so soon needs nothing beside it."""
FIXING = 1e-6
"""A reduced cost is above the gap only if it is so by this share of the bound."""


@dataclass(frozen=True)
class Step:
    """What was known after so many turns of neighbourhoods; no clock enters."""

    rounds: int
    value: float
    bound: float


@dataclass(frozen=True)
class Found:
    """What a search ended with."""

    status: SolveStatus
    assignment: Assignment
    value: float
    bound: float


@dataclass
class Search:
    """One objective of a problem, and what is known of it.

    Attributes
    ----------
    problem, core : AllocationProblem
        All of it, and the pairs that neighbourhoods look at.
    name : str
        The objective.
    floors : mapping of str to float
    whole, prices : Prices
        Of the problem and of its core.
    bound : float
        What is known besides.
    limits : Limits
    rounds : int
        Turns of neighbourhoods, each time.
    large : bool
        Whether branch and bound would bring nothing in a useful time.
    history : list of Step
    """

    problem: AllocationProblem
    core: AllocationProblem
    name: str
    floors: Mapping[str, float]
    whole: Prices
    prices: Prices
    bound: float
    limits: Limits
    rounds: int
    large: bool
    history: list[Step] = field(default_factory=list)

    def from_start(self, start: Assignment) -> Found:
        """Search until the gap is reached or a limit strikes."""
        until = time.monotonic() + self.limits.seconds
        self.history.append(Step(0, self._value(start), self.bound))
        best = self._improved(start, self.limits, work=np.inf if self.large else FIRST_WORK)
        left = max(until - time.monotonic(), 0.0)
        status = SolveStatus.WORK_LIMIT if left > 0 else SolveStatus.TIME_LIMIT
        value = self._value(best)
        if self.large or reached(self.limits, value, self.bound):
            found = Found(status, best, value, self.bound)
        else:
            found = self._as_a_whole(best, until)
        self._told(found)
        if reached(self.limits, found.value, found.bound):
            found = replace(found, status=SolveStatus.OPTIMAL)
        return found

    def _told(self, found: Found) -> None:
        """Take note of what was found, if it is news."""
        now = Step(self.history[-1].rounds, found.value, found.bound)
        if now != self.history[-1]:
            self.history.append(now)

    def _value(self, answer: Assignment) -> float:
        return value_of(self.problem, self.name, answer)

    def _improved(
        self,
        best: Assignment,
        limits: Limits,
        *,
        work: float = np.inf,
        lanes: int = LANES,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Assignment:
        before = self.history[-1].rounds
        return improved(
            self.core,
            best,
            self.name,
            self.floors,
            replace(self.prices, bound=self.bound),
            limits,
            rounds=self.rounds,
            work=work,
            lanes=lanes,
            stopped=stopped,
            reached=lambda turn, value: self.history.append(
                Step(before + turn + 1, value, self.bound)
            ),
        )

    def _as_a_whole(self, best: Assignment, until: float) -> Found:
        """Search all of it, and then neighbourhoods of what was found."""
        early = _left(self.limits, until, share=CLOSING_SHARE)
        found = self._closed_and_improved(best, early)
        if found.status is SolveStatus.OPTIMAL or reached(self.limits, found.value, found.bound):
            return found
        self.bound = found.bound
        self._told(found)
        again = replace(_left(self.limits, until), seed=self.limits.seed + 2)
        best = self._improved(found.assignment, again)
        return replace(found, assignment=best, value=self._value(best))

    def _closed_and_improved(self, best: Assignment, limits: Limits) -> Found:
        """Search the whole, and neighbourhoods beside it: what is better counts."""
        known = len(self.history)
        with ThreadPoolExecutor(1) as pool:
            closing = pool.submit(self._closed, best, limits)
            wait([closing], AT_ONCE_S)
            if not _proven(closing):
                # Neighbourhoods other than before, or they would end where those did.
                again = replace(limits, seed=limits.seed + 1)
                other = self._improved(best, again, lanes=1, stopped=lambda: _proven(closing))
            closed = closing.result()
        if closed.status is SolveStatus.OPTIMAL:
            # Only the clock says how far the others came.
            del self.history[known:]
            return closed
        value = self._value(other)
        if value > closed.value:
            return replace(closed, assignment=other, value=value, bound=max(closed.bound, value))
        return closed

    def _closed(self, best: Assignment, limits: Limits) -> Found:
        """Search all that could be better, without the pairs that cost more than what is open."""
        prices, value, bound = self.whole, self._value(best), self.bound
        # Reduced costs lower the bound of their own prices, whatever bound is known besides.
        keep = prices.reduced <= prices.bound - value + FIXING * max(abs(prices.bound), 1.0)
        keep[pairs_of(self.problem, best.unit)] = True
        outcome = maximise(only(self.problem, keep), self.name, self.floors, limits, start=best)
        status = outcome.status
        if outcome.assignment is None:
            # The start keeps every rule, so there is a solution even where none was found.
            limited = status is SolveStatus.TIME_LIMIT
            status = SolveStatus.TIME_LIMIT if limited else SolveStatus.WORK_LIMIT
        else:
            # Whatever uses a pair that was left out is no better than the start.
            bound = min(bound, max(outcome.bound, value))
            if outcome.value > value:
                best, value = outcome.assignment, outcome.value
        return Found(status, best, value, max(bound, value))


def reached(limits: Limits, value: float, bound: float) -> bool:
    """Tell whether a value is as near to its bound as was asked for."""
    return bound - value <= limits.gap * abs(bound)


def _left(limits: Limits, until: float, *, share: float = 1.0) -> Limits:
    return replace(limits, seconds=share * max(until - time.monotonic(), 0.0))


def _proven(closing: Future[Found]) -> bool:
    return closing.done() and closing.result().status is SolveStatus.OPTIMAL
