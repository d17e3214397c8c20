"""Reasons: why a project has no plot, in words that can be checked by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import AllocationProblem, Assignment, pairs_of

Integers = NDArray[np.intp]
TIGHT = 1e-9


def reasons(posed: Posed, assignment: Assignment) -> list[str]:
    """Say for each project why it has no plot; empty where it has one.

    Returns
    -------
    list of str
        In the portfolio's order.
    """
    return [
        "" if unit >= 0 else _reason(posed, assignment, project)
        for project, unit in enumerate(assignment.unit)
    ]


def _reason(posed: Posed, assignment: Assignment, project: int) -> str:
    eligible = np.flatnonzero(posed.problem.pair_project == project)
    if len(eligible):
        return _lost(posed, assignment, project, eligible)
    return _ineligible(posed, project)


def _ineligible(posed: Posed, project: int) -> str:
    """Follow the rules one by one until no unit is left."""
    alone = [rule for rule in posed.rules if rule.forbidden[project].all()]
    if alone:
        rule = alone[0]
        missed = _nearest_miss(posed, project) if rule.name == "area" else ""
        return f"No strip {rule.says} ({rule.source}).{missed}"
    left = np.ones(posed.problem.units, dtype=bool)
    steps = []
    for rule in posed.rules:
        now = left & ~rule.forbidden[project]
        if now.sum() == left.sum():
            continue
        steps.append(f"{int(now.sum()) or 'none'} {_plural(rule.says, int(now.sum()))}")
        if not now.any():
            break
        left = now
    return f"Of {posed.problem.units} strips {', of these '.join(steps)}.{_nearest_miss(posed, project)}"


def _plural(says: str, count: int) -> str:
    if count == 1:
        return says
    for one, many in (("lies ", "lie "), ("has ", "have "), ("keeps its ", "keep their "),
                      ("is ", "are "), ("takes ", "take ")):  # fmt: skip
        if says.startswith(one):
            return many + says.removeprefix(one)
    return says


def _nearest_miss(posed: Posed, project: int) -> str:
    """Name the unit that only its sizes rule out, by how little."""
    others = [rule.forbidden[project] for rule in posed.rules if rule.name != "area"]
    units = np.flatnonzero(~np.logical_or.reduce(others))
    if not len(units):
        return ""
    table, row = posed.asked.units.iloc[units], posed.asked.projects.iloc[project]
    too_small = np.minimum(table["plot_area_max_ha"], table["area_ha"]) - row["area_min_ha"]
    too_large = row["area_max_ha"] - table["plot_area_min_ha"]
    short = -np.minimum(np.minimum(too_small, too_large), 0.0).to_numpy(dtype=float)
    best = int(np.argmin(short))
    name = table["unit_id"].iloc[best]
    if too_large.iloc[best] < too_small.iloc[best]:
        least = table["plot_area_min_ha"].iloc[best]
        return (
            f" Nearest: plots on {name} are {least:.2f} ha and more for their depth,"
            f" {short[best]:.2f} ha above the project's {row['area_max_ha']:.2f} ha."
        )
    return f" Nearest: {name} is {short[best]:.2f} ha short of its {row['area_min_ha']:.2f} ha."


def _lost(posed: Posed, assignment: Assignment, project: int, eligible: Integers) -> str:
    """Say what keeps a project from the units that it would fit."""
    problem = posed.problem
    units = problem.pair_unit[eligible]
    names = posed.asked.units["unit_id"].to_numpy(dtype=str)
    room = np.array([_spare_ha(problem, assignment, int(unit)) for unit in units])
    taken = room < problem.area_min_ha[eligible] - TIGHT
    short = _short_capacities(problem, assignment, eligible)
    near = np.array([_too_near(problem, assignment, project, int(unit)) for unit in units])
    parts = []
    if taken.any():
        best = int(np.argmax(np.where(taken, room, -np.inf)))
        parts.append(
            f"on {int(taken.sum())} the land is taken (most is spare on {names[units[best]]}:"
            f" {max(room[best], 0):.2f} ha of the {problem.area_min_ha[eligible[best]]:.2f} ha needed)"
        )
    parts.extend(f"{name} is short by {lack:.2f} for {count}" for name, lack, count in short)
    if near.any():
        parts.append(f"{int(near.sum())} are too near to plants that must keep apart")
    free = ~taken & ~near
    if not parts or (free.any() and not short):
        parts.append("what is left cannot be divided without a rest too small for a plot")
    worth = posed.asked.projects["invest_bn_kzt"].to_numpy(dtype=float)
    holders = np.flatnonzero(np.isin(assignment.unit, units))
    lost = ""
    if len(holders):
        least = holders[np.argmin(worth[holders])]
        lost = (
            f" The least investment that stands there is {worth[least]:.2f} bn KZT"
            f" ({posed.asked.projects['project_id'].iloc[least]}); this project's is"
            f" {worth[project]:.2f}."
        )
    return f"It fits {len(units)} strips by the rules, but {'; '.join(parts)}.{lost}"


def _spare_ha(problem: AllocationProblem, assignment: Assignment, unit: int) -> float:
    """Area of a unit left when all who stand there shrink to their least."""
    pair = pairs_of(problem, assignment.unit)
    here = problem.pair_unit[pair] == unit
    return float(problem.unit_area_ha[unit] - problem.area_min_ha[pair[here]].sum())


def _short_capacities(
    problem: AllocationProblem, assignment: Assignment, eligible: Integers
) -> list[tuple[str, float, int]]:
    """Capacities that lack room for the project: name, lack, number of units concerned."""
    used = pairs_of(problem, assignment.unit)
    short = []
    for capacity in problem.capacities:
        mine = np.isin(capacity.pair, eligible)
        if not mine.any():
            continue
        free = capacity.limit - capacity.load[np.isin(capacity.pair, used)].sum()
        lack = float(capacity.load[mine].max() - free)
        if lack > TIGHT:
            short.append((capacity.name, lack, int(mine.sum())))
    return short


def _too_near(
    problem: AllocationProblem, assignment: Assignment, project: int, unit: int
) -> bool:
    for rule in problem.separations:
        for group, others, here, there in (
            (rule.first, rule.second, rule.left, rule.right),
            (rule.second, rule.first, rule.right, rule.left),
        ):
            if project in group:
                held = assignment.unit[others[others != project]]
                if np.isin(there[here == unit], held[held >= 0]).any():
                    return True
    return False
