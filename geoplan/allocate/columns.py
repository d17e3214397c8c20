"""Generalized assignment by column generation, with a proven bound.

Where units are coupled by their projects alone (:mod:`geoplan.allocate.packing`), the relaxation
over whole fills of units is far tighter than that over pairs. Dives turn it into answers; what
it leaves open, if that is little, goes to branch and bound.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import chosen_areas
from geoplan.allocate.dives import Answer, cost_of, dived, enough_for, fills_of, searched
from geoplan.allocate.master import Master, Node, Relaxed, Task, fills_at, relaxed, root_of
from geoplan.allocate.model import Limits
from geoplan.allocate.packing import Packing, packing_of
from geoplan.allocate.parts import inserted, swept
from geoplan.allocate.plain import open_pairs, relaxed_plainly, solved_plainly
from geoplan.allocate.problem import AllocationProblem, Assignment, value_of
from geoplan.allocate.status import SolveStatus
from geoplan.allocate.swaps import swapped

Floats = NDArray[np.float64]

SMOOTHING = 0.7
ROUNDS = 3_000
"""Rounds of column generation for the first relaxation."""
FIRST_SHARE = 0.5
"""Share of the time that it may take."""
LEANINGS = (0.5, 0.25, 0.75)
"""How much dives lean towards large loads: shares are multiplied by load to this power."""
PASS_NODES = 400
"""Nodes after which a dive gives way to the next."""
WHIM = 0.1
"""Spread of what dives favour at random."""
TOGETHER = 50
"""Projects for each pair that a dive settles at a time."""
AGAIN = 0.6
"""Share of dives that begin from a part of the best answer."""
KEPT_SHARES = (0.3, 0.6)
"""How much of it they keep."""
COLUMNS_MOST = 4_000
"""Columns above which the worse half is dropped between dives."""
DETOURS, DETOUR_TURNS = 1, 4
"""Every so many turns a small problem is searched with detours, which can prove something."""
LONG = 30
"""Projects per unit from which on branch and bound over pairs goes first."""
PLAIN_NODES = 3_000
ROWS_MAX = 500
"""Projects and units up to which the whole is relaxed; above, it goes part by part."""
STALE_SWEEPS = 3
"""Sweeps over all units in a row without a gain, after which more will not bring one."""
CLOSING_TURNS = 6
"""Dives before that: a better answer leaves fewer pairs open."""
OPEN_EACH = 4
"""Open pairs of each project up to which branch and bound will close the rest."""
WHOLE = 1e-6
HALF = 0.5


@dataclass(frozen=True)
class Step:
    """What was known after some nodes; value and bound as in :class:`ColumnsOutcome`."""

    nodes: int
    value: float
    bound: float


@dataclass(frozen=True)
class ColumnsOutcome:
    """What column generation found.

    Attributes
    ----------
    status : SolveStatus
    assignment : Assignment
    value, bound : float
        In the objective's unit.
    history : tuple of Step
        One for each time that the value or the bound became better.
    """

    status: SolveStatus
    assignment: Assignment
    value: float
    bound: float
    history: tuple[Step, ...]


@dataclass
class _Progress:
    """The best answer and bound so far, as costs."""

    packing: Packing
    answer: Answer
    bound: float
    nodes: int
    history: list[Step]

    def told(self, answer: Answer, bound: float, nodes: int) -> None:
        """Take note of what a part of the search found."""
        step = self.packing.task.step
        if step:
            bound = float(np.ceil(bound / step - WHOLE) * step)
        self.nodes += nodes
        self.answer = min(self.answer, answer, key=lambda one: one.cost)
        self.bound = min(max(self.bound, bound), self.answer.cost)
        most = self.packing.most
        now = Step(self.nodes, most - self.answer.cost, most - self.bound)
        if not self.history or (now.value, now.bound) != (
            self.history[-1].value,
            self.history[-1].bound,
        ):
            self.history.append(now)

    def closed(self, gap: float) -> bool:
        """Tell whether the gap asked for is reached."""
        value, bound = self.history[-1].value, self.history[-1].bound
        return self.bound >= enough_for(self.packing.task, self.answer.cost) or (
            bound - value <= gap * abs(bound)
        )


def solve_by_columns(
    problem: AllocationProblem,
    objective: str,
    limits: Limits,
    start: Assignment | None = None,
) -> ColumnsOutcome | None:
    """Maximise an objective over units with one knapsack each.

    Nothing depends on the clock unless the time limit strikes, which the status then says.

    Parameters
    ----------
    problem : AllocationProblem
    objective : str
    limits : Limits
        ``nodes`` are relaxations solved by column generation.
    start : Assignment, optional
        A feasible assignment to begin from.

    Returns
    -------
    ColumnsOutcome or None
        None where the problem has other rules too, see
        :func:`geoplan.allocate.packing.packing_of`.
    """
    packing = packing_of(problem, objective)
    if packing is None:
        return None
    until = time.monotonic() + limits.seconds
    task = packing.task
    unit = np.full(problem.projects, -1, dtype=np.intp) if start is None else start.unit.copy()
    placed = np.flatnonzero(unit >= 0)
    # A pair that costs more than it brings is not worth keeping.
    unit[placed[~np.isfinite(task.cost[unit[placed], placed])]] = -1
    progress = _Progress(packing, Answer(cost_of(task, unit), unit), 0.0, 0, [])
    progress.told(progress.answer, 0.0, 0)
    if not progress.closed(limits.gap):
        _searched(progress, limits, until)
    best = progress.answer.unit
    assignment = Assignment(best, chosen_areas(problem, best))
    value = value_of(problem, objective, assignment)
    status = SolveStatus.TIME_LIMIT if time.monotonic() >= until else SolveStatus.WORK_LIMIT
    if progress.closed(limits.gap):
        status = SolveStatus.OPTIMAL
    bound = max(packing.most - progress.bound, value)
    return ColumnsOutcome(status, assignment, value, bound, tuple(progress.history))


def _searched(progress: _Progress, limits: Limits, until: float) -> None:
    """Relax the whole problem, then dive until the gap is closed or a limit reached."""
    task = progress.packing.task
    root, master = root_of(task), Master(task)
    seconds = max(until - time.monotonic(), 0.0) * FIRST_SHARE
    prices, unit = relaxed_plainly(task, root, seconds=seconds)
    nobody = np.full(len(unit), -1, dtype=np.intp)
    starts = [progress.answer] if (progress.answer.unit >= 0).any() else []
    starts += [Answer(np.inf, unit), Answer(np.inf, nobody)]
    if sum(task.cost.shape) > ROWS_MAX:
        _by_parts(progress, root, prices, starts, limits, until)
        return
    if task.cost.shape[1] >= LONG * task.cost.shape[0]:
        _plainly(progress, root, prices, starts, limits, until)
        if _over(progress, limits, until):
            return
    held = fills_of(task, progress.answer.unit)
    master.add(np.flatnonzero(held.any(axis=1)), held[held.any(axis=1)])
    enough = enough_for(task, progress.answer.cost)
    first = time.monotonic() + max(until - time.monotonic(), 0.0) * FIRST_SHARE
    loose = relaxed(master, root, prices, enough, smoothing=SMOOTHING, rounds=ROUNDS, until=first)
    progress.told(progress.answer, _proven(progress.packing, loose), 1)
    _dived(progress, master, root, loose, limits, until)


def _dived(
    progress: _Progress,
    master: Master,
    root: Node,
    loose: Relaxed,
    limits: Limits,
    until: float,
) -> None:
    """Dive from the whole problem, and from parts of the best answer, again and again."""
    task = progress.packing.task
    exact = progress.packing.relaxed is task
    random = np.random.default_rng(limits.seed)
    together = max(len(task.penalty) // TOGETHER, 1)
    turn, tried = 0, np.inf
    while not _over(progress, limits, until):
        favour = _favour(task, turn, random)
        nodes = min(PASS_NODES, limits.nodes - progress.nodes)
        again = turn > 0 and random.random() < AGAIN
        node = _kept(root, progress.answer, random) if again else root
        master = master.trimmed(root, loose.prices, COLUMNS_MOST)
        at, best = loose.prices, progress.answer
        if together == 1 and turn % DETOUR_TURNS == 0:
            again, detours = False, DETOURS if turn else 0
            search = searched(
                master, root, at, best, favour=favour, detours=detours, nodes=nodes, until=until
            )
        else:
            search = dived(
                master, node, at, best, favour=favour, together=together, nodes=nodes, until=until
            )
        whole = exact and not again
        progress.told(search.answer, search.bound if whole else 0.0, search.nodes)
        turn += 1
        ready = turn >= CLOSING_TURNS and progress.answer.cost < tried
        if ready and not _over(progress, limits, until):
            tried = progress.answer.cost
            _closed(progress, root, loose, limits, until)


def _kept(root: Node, answer: Answer, random: np.random.Generator) -> Node:
    """Settle some units, or some projects, as they are in an answer."""
    share = random.uniform(*KEPT_SHARES)
    units, projects = root.barred.shape
    if random.random() < HALF:
        drawn = random.random(units + 1) < share
        kept = drawn[answer.unit]
    else:
        kept = random.random(projects) < share
    return replace(root, unit=np.where(kept, answer.unit, -1))


def _begun(
    task: Task, root: Node, prices: Floats, starts: Sequence[Answer], until: float
) -> Answer:
    """Complete starts where prices say, swap, and take the best."""
    complete = (inserted(task, root, prices, start) for start in starts)
    return min((swapped(task, each, until=until) for each in complete), key=lambda one: one.cost)


def _plainly(
    progress: _Progress,
    root: Node,
    prices: Floats,
    starts: Sequence[Answer],
    limits: Limits,
    until: float,
) -> None:
    """Let branch and bound try first where fills are long: pairs say nearly as much as these."""
    task = progress.packing.task
    start = _begun(task, root, prices, starts, until)
    seconds = max(until - time.monotonic(), 0.0) * FIRST_SHARE
    unit, proven = solved_plainly(
        task, ~root.barred, start.unit, nodes=PLAIN_NODES, seconds=seconds, seed=limits.seed
    )
    found = Answer(cost_of(task, unit), unit)
    exact = progress.packing.relaxed is task
    progress.told(start, fills_at(progress.packing.relaxed, root, prices)[0], 0)
    progress.told(found, found.cost if proven and exact else 0.0, 0)


def _by_parts(
    progress: _Progress,
    root: Node,
    prices: Floats,
    starts: Sequence[Answer],
    limits: Limits,
    until: float,
) -> None:
    """Answer a large problem part by part, bounded by its first prices."""
    packing = progress.packing
    task = packing.task
    loosest = packing.relaxed
    bound = fills_at(loosest, root_of(loosest), prices)[0]
    progress.told(_begun(task, root, prices, starts, until), bound, 1)
    random = np.random.default_rng(limits.seed)
    stale = 0
    while stale < STALE_SWEEPS and not _over(progress, limits, until):
        left = limits.nodes - progress.nodes
        before = progress.answer.cost
        answer, nodes = swept(task, progress.answer, prices, random, nodes=left, until=until)
        progress.told(swapped(task, answer, until=until), 0.0, nodes)
        stale = 0 if progress.answer.cost < before else stale + 1


def _favour(task: Task, turn: int, random: np.random.Generator) -> Floats:
    """Favour large loads, which are the hardest to fit, with a little chance."""
    share = np.maximum(task.load, 1) / np.maximum(task.capacity, 1)[:, None]
    favour: Floats = share ** LEANINGS[turn % len(LEANINGS)]
    return favour * np.exp(WHIM * random.standard_normal(favour.shape))


def _over(progress: _Progress, limits: Limits, until: float) -> bool:
    spent = progress.nodes >= limits.nodes or time.monotonic() >= until
    return spent or progress.closed(limits.gap)


def _proven(packing: Packing, loose: Relaxed) -> float:
    """Bound the problem itself, whose loads may be smaller than those of the task."""
    if packing.relaxed is packing.task:
        return loose.bound
    return fills_at(packing.relaxed, root_of(packing.relaxed), loose.prices)[0]


def _closed(progress: _Progress, root: Node, loose: Relaxed, limits: Limits, until: float) -> None:
    """Leave what is open to branch and bound, if it is little."""
    task: Task = progress.packing.task
    answer = progress.answer
    enough = enough_for(task, answer.cost)
    pairs = open_pairs(task, root, loose.prices, loose.bound, enough)
    if pairs.sum() > OPEN_EACH * len(task.penalty):
        return
    placed = np.flatnonzero(answer.unit >= 0)
    pairs[answer.unit[placed], placed] = True
    nodes, seconds = limits.nodes - progress.nodes, max(until - time.monotonic(), 0.0)
    unit, proven = solved_plainly(
        task, pairs, answer.unit, nodes=nodes, seconds=seconds, seed=limits.seed
    )
    found = Answer(cost_of(task, unit), unit)
    exact = progress.packing.relaxed is task
    progress.told(found, found.cost if proven and exact else 0.0, 0)
