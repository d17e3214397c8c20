"""Reasons: why a project has no plot, in words that can be checked by hand.

Either no unit passes every rule, or the units that do are held by others; who reads the reason
is told what is nearest to fitting, and by how much it misses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.areas import TIGHT_HA, missed_ha
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import AllocationProblem, Assignment, pairs_of
from geoplan.allocate.rules import ROMAN, UNCLASSED, Rule, area_bounds_of, column, hazard_classes
from geoplan.config import UTILITY_KINDS
from geoplan.errors import shown

Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

TIGHT = 1e-9
CAPACITIES_TOLD = 2
"""More of them than these are named without their figures."""
SEEN_HA = 0.01
"""A smaller lack would not show in two decimals."""
UTILITIES = {
    "power_mw": ("power", "MW"),
    "water_m3d": ("water", "m3/day"),
    "wastewater_m3d": ("waste water", "m3/day"),
    "gas_m3h": ("gas", "m3/h"),
    "heat_gcalh": ("heat", "Gcal/h"),
}


def reasons(posed: Posed, assignment: Assignment) -> list[str]:
    """Say for each project why it has no plot; empty where it has one.

    Parameters
    ----------
    posed : Posed
    assignment : Assignment
        An answer to its problem.

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
    if not posed.problem.units:
        return "There is no land to allot."
    eligible = np.flatnonzero(posed.problem.pair_project == project)
    if len(eligible):
        return " ".join(_lost(posed, assignment, project, eligible))
    return _ineligible(posed, project)


def _ineligible(posed: Posed, project: int) -> str:
    """Name the rule that no unit passes, or follow the rules until no unit is left."""
    everywhere = np.ones(posed.problem.units, dtype=bool)
    for rule in posed.rules:
        if rule.forbidden[project].all():
            told = f"No {_noun(posed)} {rule.said_of(0)} ({rule.source})."
            others = [other.forbidden[project] for other in posed.rules if other is not rule]
            fair = ~np.logical_or.reduce(others)
            return told + _detail(posed, project, rule, fair if fair.any() else everywhere)
    left, steps, last = everywhere, [], posed.rules[0]
    for rule in posed.rules:
        now = left & ~rule.forbidden[project]
        count = int(now.sum())
        if count < left.sum():
            steps.append(f"{count or 'none'} {rule.said_of(count)}")
            last = rule
        if not count:
            break
        left = now
    told = f"Of {_counted(posed, posed.problem.units)} {'; of these '.join(steps)} ({last.source})."
    return told + _detail(posed, project, last, left)


def _detail(posed: Posed, project: int, rule: Rule, left: Booleans) -> str:
    """Figures to the rule that the last units left over fail, as one more sentence."""
    tell = _DETAILS.get(rule.name)
    return f" {told}" if tell and (told := tell(posed, project, left)) else ""


def _use_detail(posed: Posed, project: int, left: Booleans) -> str:
    uses = shown(sorted(set(posed.asked.units["use"][left])))
    return f"It needs {posed.asked.projects['use'].iloc[project]}; there is land for {uses}."


def _hazard_detail(posed: Posed, project: int, left: Booleans) -> str:
    worst = int(column(posed.asked.units, "hazard_max", 1.0)[left].min())
    mine = int(hazard_classes(posed.asked.projects)[project])
    return (
        f"Its hazard class is {ROMAN[mine - 1]}; the most dangerous that a zone takes"
        f" there is {ROMAN[worst - 1]}."
    )


def _protection_detail(posed: Posed, project: int, left: Booleans) -> str:
    units = posed.asked.units[left]
    mine = int(hazard_classes(posed.asked.projects)[project])
    best = units.iloc[int(units["class_min"].to_numpy(dtype=int).argmin())]
    class_min = int(best["class_min"])
    takes = "no class at all"
    if class_min < UNCLASSED:
        takes = f"no class more dangerous than {ROMAN[class_min - 1]}"
    return (
        f"Its class, {ROMAN[mine - 1]}, keeps {posed.asked.norms.spz.distance_m[mine - 1]:g} m;"
        f" the best of them, {best['unit_id']}, takes {takes} because of receptor"
        f" {best['receptor_id']}."
    )


def _year_detail(posed: Posed, project: int, left: Booleans) -> str:
    first = int(column(posed.asked.units, "available_year", -np.inf)[left].min())
    start = int(posed.asked.projects["start_year"].iloc[project])
    return f"It starts in {start}; the first of them is available in {first}."


def _utility_detail(posed: Posed, project: int, left: Booleans) -> str:
    units, row = posed.asked.units, posed.asked.projects.iloc[project]
    needed = [kind for kind in UTILITY_KINDS if row[kind] > 0]
    first = {kind: float(units.loc[left, f"supplied_from_{kind}"].min()) for kind in needed}
    lacking = [UTILITIES[kind][0] for kind in needed if first[kind] == np.inf]
    if lacking:
        return f"None of them has {' or '.join(lacking)}."
    start = np.inf if pd.isna(row["start_year"]) else int(row["start_year"])
    late = [
        f"{UTILITIES[kind][0]} comes in {first[kind]:.0f}" for kind in needed if first[kind] > start
    ]
    return f"It starts in {start}; {', '.join(late)}." if late else ""


def _area_detail(posed: Posed, project: int, left: Booleans) -> str:
    """Name the unit that misses the project's area by least, and what is at odds there."""
    lower, upper = area_bounds_of(posed.asked, project)
    whole = ~posed.problem.divisible
    lower = np.where(whole, np.append(lower, upper[2:], axis=0), np.append(lower, lower[:1], 0))
    low, high = lower.argmax(axis=0), upper.argmin(axis=0)
    # A whole plot misses by its own area: too small for what is needed, or too large.
    unit = np.arange(posed.problem.units)
    short = np.where(left, lower[low, unit] - upper[high, unit], np.inf)
    best = int(short.argmin())
    table, row = posed.asked.units.iloc[best], posed.asked.projects.iloc[project]
    digits = 2 if short[best] >= SEEN_HA else 4
    least, most = (
        f"{area:.{digits}f} ha" for area in (lower[low[best], best], upper[high[best], best])
    )
    noun, depth = _noun(posed), f"{table['depth_m']:.0f} m"
    needs = (
        f"the project needs {least}",
        f"plots {depth} deep have {least} and more",
        f"a front of {row['frontage_min_m']:g} m, {depth} deep, makes {least}",
        f"the {noun} has {least}",
    )[low[best]]
    takes = (
        f"the project takes {most} at most",
        f"plots {depth} deep have {most} at most",
        f"the {noun} has {most}",
    )[high[best]]
    return f"Nearest to it is {table['unit_id']}, where {needs}, but {takes}."


_DETAILS: dict[str, Callable[[Posed, int, Booleans], str]] = {
    "zone use": _use_detail,
    "area": _area_detail,
    "hazard": _hazard_detail,
    "sanitary distance": _protection_detail,
    "year": _year_detail,
    "utilities": _utility_detail,
}


def _lost(posed: Posed, assignment: Assignment, project: int, eligible: Integers) -> list[str]:
    """Say in two sentences what keeps a project from the units that it would fit."""
    problem = posed.problem
    units = problem.pair_unit[eligible]
    names = posed.asked.units["unit_id"].to_numpy(dtype=str)[units]
    spare_ha = spare_ha_of(problem, assignment)[units]
    taken = spare_ha < problem.area_min_ha[eligible] - TIGHT_HA
    left_ha = rest_ha_of(problem, assignment, eligible)
    short = _short_capacities(posed, assignment, eligible)
    told = []
    if taken.any():
        best = int(np.argmax(np.where(taken, spare_ha, -np.inf)))
        spare, needed = max(spare_ha[best], 0.0), problem.area_min_ha[eligible[best]]
        digits = 2 if needed - spare >= SEEN_HA else 4
        told.append(
            f"{_on(taken)} the land is taken: even if all who stand there took their least,"
            f" {names[best]} would have {spare:.{digits}f} ha for it, and it needs"
            f" {needed:.{digits}f} ha"
        )
    near = neighbours(posed, assignment, project, units)
    crowded = np.array([len(blockers) > 0 for blockers in near], dtype=bool)
    if crowded.any():
        who = shown(sorted(set().union(*near)))
        told.append(f"{_on(crowded)} it would stand too near to {who}")
    told.extend(_told_of_capacities(short))
    unsplit = ~taken & np.isfinite(left_ha)
    if unsplit.any():
        best = int(np.argmax(np.where(unsplit, left_ha, -np.inf)))
        told.append(
            f"{_on(unsplit)} a rest too small for a plot would be left: on {names[best]}"
            f" {left_ha[best]:.2f} ha at most, and a plot there has"
            f" {problem.unit_rest_min_ha[units[best]]:.2f} ha and more"
        )
    barred = np.logical_or.reduce([taken, crowded, unsplit, *(each.where for each in short)])
    if not barred.all():
        told.append(
            f"There would be room on {shown(names[~barred])}: to place it there adds nothing to"
            " the aims of this allocation, or the search ended before it came to that"
        )
    clauses = [told[0], *(each[0].lower() + each[1:] for each in told[1:])]
    fits = f"By the rules it fits {_counted(posed, len(units))} ({shown(names)})."
    return [fits, f"{'; '.join(clauses)}."]


def _on(where: Booleans) -> str:
    """Say on how many of the units something holds."""
    if where.all():
        return {1: "There", 2: "On both"}.get(len(where), f"On all {len(where)}")
    return f"On {int(where.sum())} of them"


def _figure(amount: float) -> str:
    return f"{max(round(amount, 3), 0.0):.10g}"


def _noun(posed: Posed) -> str:
    return "strip" if posed.problem.divisible.all() else "plot"


def _counted(posed: Posed, count: int) -> str:
    return f"{count} {_noun(posed)}{'' if count == 1 else 's'}"


def spare_ha_of(problem: AllocationProblem, assignment: Assignment) -> NDArray[np.float64]:
    """Area of each unit left when all who stand there shrink to their least."""
    pair = pairs_of(problem, assignment.unit)
    held = np.bincount(
        problem.pair_unit[pair], weights=problem.area_min_ha[pair], minlength=problem.units
    )
    spare: NDArray[np.float64] = problem.unit_area_ha - held
    return spare


def rest_ha_of(
    problem: AllocationProblem, assignment: Assignment, eligible: Integers
) -> NDArray[np.float64]:
    """Most that could be left of units if the project joined, where that is too small a rest.

    Infinite where it would fit; shape (eligible pairs,).
    """
    pair, units = pairs_of(problem, assignment.unit), problem.pair_unit[eligible]
    least, most = (
        np.bincount(problem.pair_unit[pair], weights=area[pair], minlength=problem.units)[units]
        + area[eligible]
        for area in (problem.area_min_ha, problem.area_max_ha)
    )
    room = problem.unit_area_ha[units]
    missed = missed_ha(least, most, least, room, np.minimum(problem.unit_rest_min_ha[units], room))
    return np.where(np.isinf(missed), room - least, np.inf)


@dataclass(frozen=True)
class _Short:
    """A capacity that lacks room for a project, and the eligible pairs concerned."""

    name: str
    label: str
    figures: str
    where: Booleans


def _short_capacities(posed: Posed, assignment: Assignment, eligible: Integers) -> list[_Short]:
    problem = posed.problem
    used = pairs_of(problem, assignment.unit)
    short = []
    for capacity in problem.capacities:
        mine = np.isin(capacity.pair, eligible)
        if not mine.any():
            continue
        free = capacity.limit - float(capacity.load[np.isin(capacity.pair, used)].sum())
        needed = float(capacity.load[mine].max())
        if needed > free + TIGHT:
            where = np.isin(eligible, capacity.pair[mine])
            label, unit = UTILITIES[utility_of(posed.asked.units, capacity.name)]
            figures = (
                f"{_figure(free)} of {_figure(capacity.limit)} {unit} is free, and it needs"
                f" {_figure(needed)} {unit}"
            )
            short.append(_Short(capacity.name, label, figures, where))
    return short


def _told_of_capacities(short: list[_Short]) -> list[str]:
    """One clause for each capacity; where there are many, one that names them all."""
    if len(short) <= CAPACITIES_TOLD:
        return [f"{_on(each.where)} {each.name} is short of {each.label}: {each.figures}"
                for each in short]  # fmt: skip
    names: dict[str, list[str]] = {}
    for each in short:
        names.setdefault(each.label, []).append(each.name)
    told = ", ".join(f"{label} ({', '.join(where)})" for label, where in names.items())
    return [
        f"{_on(np.logical_or.reduce([each.where for each in short]))} utilities are short: {told}"
    ]


def utility_of(units: pd.DataFrame, utility_id: str) -> str:
    """Return the kind of a utility that serves some of the units."""
    return next(kind for kind in UTILITY_KINDS if (units[f"service_{kind}"] == utility_id).any())


def neighbours(
    posed: Posed, assignment: Assignment, project: int, units: Integers
) -> list[set[str]]:
    """Projects that would stand too near on each of the units, each with the rule it breaks."""
    ids = posed.asked.projects["project_id"].to_numpy(dtype=str)
    found: list[set[str]] = [set() for _ in units]
    for rule in posed.problem.separations:
        for group, others, here, there in (
            (rule.first, rule.second, rule.left, rule.right),
            (rule.second, rule.first, rule.right, rule.left),
        ):
            if project not in group:
                continue
            for blockers, unit in zip(found, units, strict=True):
                near = others[np.isin(assignment.unit[others], there[here == unit])]
                blockers.update(f"{ids[other]} ({rule.name})" for other in near)
    return found
