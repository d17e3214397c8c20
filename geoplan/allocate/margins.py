"""What more of a utility would be worth: the problem solved again with a little more of it.

Prices of the linear relaxation answer that for projects that can be split; whole projects come
in leaps. So each scarce capacity is raised by one unit, then by what somebody lacks, and the
problem is solved: whoever has land keeps it or gives it up, whoever waits may come. The price
says how much it could be at most, were everybody free to move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geoplan.allocate.model import Limits, maximise, relaxed
from geoplan.allocate.pose import Posed
from geoplan.allocate.pricing import Prices
from geoplan.allocate.problem import (
    LOAD_NOISE,
    AllocationProblem,
    Assignment,
    SharedCapacity,
    only,
    pair_values,
    pairs_of,
    value_of,
)
from geoplan.allocate.remains import utility_of
from geoplan.allocate.wanting import STEP_ELSE, STEPS, stepped
from geoplan.config import UTILITIES
from geoplan.site.schema import ID_SEPARATOR

MARGIN_COLUMNS = (
    "utility_id",
    "kind",
    "step",
    "unit",
    "value_bn_kzt",
    "at_most_bn_kzt",
    "project_ids",
    "giving_way",
    "proven",
    "text",
)
INVESTMENT = "investment"
ONE = 1.0
TRIES = 1
"""Lacks tried for each capacity, the smallest first, until one is worth something."""
LIMITS = Limits(gap=0.0, nodes=40, seconds=10.0, seed=1, thorough=False)
"""The work on each step; the seconds are a last resort."""
PAIRS_MAX = 20_000
"""Problems of more pairs are not solved again."""
DIGITS = 6
SAME_BN = 1e-6


@dataclass(frozen=True)
class _Ground:
    """The problem in which those placed stay or go, its best answer, and the whole's prices."""

    posed: Posed
    problem: AllocationProblem
    best: Assignment
    value: float
    exact: bool
    prices: Prices


def margin_table(posed: Posed, assignment: Assignment) -> pd.DataFrame:
    """Value each capacity that someone without land would draw more from than is free.

    Parameters
    ----------
    posed : Posed
    assignment : Assignment
        An answer to it.

    Returns
    -------
    DataFrame
        Columns :data:`MARGIN_COLUMNS`. ``value_bn_kzt`` is what `step` more lets be invested
        beyond the best answer known without it, if those who are placed stay where they are or
        give way to others (``giving_way``); ``at_most_bn_kzt`` is proven for any other
        allocation against this answer. Where both agree the value is proven; else an allocation
        that is worth so much more is known, and a better one is not excluded.
    """
    scarce = _scarce(posed, assignment)
    if not scarce or len(posed.problem.pair_project) > PAIRS_MAX:
        return _typed([])
    ground = _ground(posed, assignment)
    found = {index: _raised_answers(ground, index, steps) for index, steps in scarce.items()}
    ground = _best_known(ground, found)
    return _typed([_margin(ground, index, answers) for index, answers in found.items()])


def no_margins() -> pd.DataFrame:
    """Return the table of a plan that leaves nobody without land."""
    return _typed([])


def _typed(rows: list[dict[str, object]]) -> pd.DataFrame:
    numbers = dict.fromkeys(("step", "value_bn_kzt", "at_most_bn_kzt"), "float64")
    types = {**numbers, "proven": "bool"}
    table = pd.DataFrame(rows, columns=list(MARGIN_COLUMNS))
    return table.astype({name: types.get(name, "str") for name in MARGIN_COLUMNS})


def _scarce(posed: Posed, assignment: Assignment) -> dict[int, list[float]]:
    """List steps for each capacity that waiting projects lack: one unit, and what they lack."""
    problem = posed.problem
    used = np.zeros(len(problem.pair_project), dtype=bool)
    used[pairs_of(problem, assignment.unit)] = True
    found = {}
    for index, capacity in enumerate(problem.capacities):
        waits = assignment.unit[problem.pair_project[capacity.pair]] < 0
        free = capacity.limit - float(capacity.load[used[capacity.pair]].sum())
        lacks = np.unique(capacity.load[waits]) - free
        lacks = lacks[lacks > LOAD_NOISE * max(capacity.limit, 1.0)]
        if len(lacks):
            step = STEPS.get(_kind(posed, capacity), STEP_ELSE)
            steps = [stepped(float(lack), step) for lack in lacks[:TRIES]]
            # Where somebody gives way to somebody larger, less than the lack may be enough.
            found[index] = sorted({ONE, *steps})
    return found


def _kind(posed: Posed, capacity: SharedCapacity) -> str:
    return utility_of(posed.asked.units, capacity.utility or capacity.name)


def _ground(posed: Posed, assignment: Assignment) -> _Ground:
    problem = posed.problem
    placed = assignment.unit >= 0
    keep = ~placed[problem.pair_project]
    keep[pairs_of(problem, assignment.unit)] = True
    # Locked projects stay for whatever they are worth.
    small = only(problem, keep)
    locked = posed.fixed.unit[small.pair_project] >= 0
    worth = pair_values(small, INVESTMENT)
    worth = worth + np.where(locked, float(worth.sum()) + 1.0, 0.0)
    small = replace(small, values={INVESTMENT: worth})
    best, value, exact = _solved(small, assignment)
    return _Ground(posed, small, best, value, exact, relaxed(problem, INVESTMENT, {}, LIMITS))


def _solved(problem: AllocationProblem, start: Assignment) -> tuple[Assignment, float, bool]:
    """Return the best answer found, its value, and whether there is no better one."""
    outcome = maximise(problem, INVESTMENT, {}, LIMITS, start=start)
    value = value_of(problem, INVESTMENT, start)
    if outcome.assignment is None or outcome.value < value:
        return start, value, False
    return outcome.assignment, outcome.value, outcome.bound <= outcome.value + SAME_BN


@dataclass(frozen=True)
class _Raised:
    """What was found with a step more of a capacity, and the share drawn beyond it as it is."""

    step: float
    answer: Assignment
    value: float
    exact: bool
    over: float


def _raised_answers(ground: _Ground, index: int, steps: list[float]) -> list[_Raised]:
    name = ground.posed.problem.capacities[index].name
    (capacity,) = (each for each in ground.problem.capacities if each.name == name)
    found = []
    for step in steps:
        answer, value, exact = _solved(_raised(ground.problem, name, step), ground.best)
        used = np.isin(capacity.pair, pairs_of(ground.problem, answer.unit))
        over = float(capacity.load[used].sum()) - capacity.limit
        over /= max(capacity.limit, 1.0)
        found.append(_Raised(step, answer, value, exact, over))
    return found


def _best_known(ground: _Ground, found: dict[int, list[_Raised]]) -> _Ground:
    """Take over what was found with more of something, and does without it."""
    for answers in found.values():
        for each in answers:
            without = each.over <= LOAD_NOISE
            if without and each.value > ground.value + SAME_BN:
                ground = replace(ground, best=each.answer, value=each.value)
    return ground


def _margin(ground: _Ground, index: int, answers: list[_Raised]) -> dict[str, object]:
    """Tell what the smallest step brings that brings something, else the largest."""
    ids = ground.posed.asked.projects["project_id"].to_numpy(dtype=str)
    kind = _kind(ground.posed, ground.posed.problem.capacities[index])
    better = [each for each in answers if each.value > ground.value + SAME_BN]
    chosen = (better or answers[-1:])[0]
    step, answer, exact = chosen.step, chosen.answer, chosen.exact
    gain = round(chosen.value - ground.value, DIGITS) if better else 0.0
    most = _at_most(ground, index, step)
    came = ids[(answer.unit >= 0) & (ground.best.unit < 0)] if gain else ids[:0]
    went = ids[(answer.unit < 0) & (ground.best.unit >= 0)] if gain else ids[:0]
    most = max(most, gain)
    row: dict[str, object] = {
        "utility_id": ground.posed.problem.capacities[index].name,
        "kind": kind,
        "step": step,
        "unit": UTILITIES[kind][1],
        "value_bn_kzt": gain,
        "at_most_bn_kzt": round(most, DIGITS),
        "project_ids": ID_SEPARATOR.join(came),
        "giving_way": ID_SEPARATOR.join(went),
        "proven": exact and ground.exact and most <= gain + SAME_BN,
    }
    return row | {"text": _told(row)}


def _at_most(ground: _Ground, index: int, step: float) -> float:
    """Bound what a step can bring: what the whole's bound leaves open, and the step's price."""
    own = value_of(ground.posed.problem, INVESTMENT, ground.best)
    return max(ground.prices.bound + float(ground.prices.capacity[index]) * step - own, 0.0)


def _raised(problem: AllocationProblem, name: str, step: float) -> AllocationProblem:
    """Give one capacity more; `only` keeps their order and their names."""
    capacities = tuple(
        replace(each, limit=each.limit + step) if each.name == name else each
        for each in problem.capacities
    )
    return replace(problem, capacities=capacities)


def _told(row: dict[str, object]) -> str:
    """Say it in a sentence."""
    more = f"{row['step']:.10g} {row['unit']} more at {row['utility_id']}"
    most = f"{row['at_most_bn_kzt']:.2f} bn KZT"
    if not row["value_bn_kzt"]:
        return f"{more} brings nothing while nobody moves; if all could move, {most} at most."
    who = str(row["project_ids"]).replace(ID_SEPARATOR, ", ")
    way = str(row["giving_way"]).replace(ID_SEPARATOR, ", ")
    instead = f" instead of {way}" if way else ""
    sure = "which is proven" if row["proven"] else f"at least; {most} at most"
    return f"{more} places {row['value_bn_kzt']:.2f} bn KZT more ({who}{instead}), {sure}."
