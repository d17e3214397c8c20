"""Reasons: why a project has no plot, in words that can be checked by hand.

Either no unit passes every rule, or the units that do are held by others; who reads the reason
is told what is nearest to fitting, and by how much it misses.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.areas import TIGHT_HA
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import AllocationProblem, Assignment, SharedCapacity
from geoplan.allocate.remains import Draw, Remains
from geoplan.allocate.rules import (
    ROMAN,
    UNCLASSED,
    Rule,
    area_bounds_of,
    column,
    hazard_classes,
    last_start,
)
from geoplan.config import UTILITIES, UTILITY_KINDS
from geoplan.errors import shown

Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

TIGHT = 1e-9
CAPACITIES_TOLD = 2
"""More of them than these are named without their figures."""
SEEN_HA = 0.01
"""A smaller lack would not show in two decimals."""


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
    remains = Remains(posed, assignment)
    return [
        "" if unit >= 0 else _reason(remains, project)
        for project, unit in enumerate(assignment.unit.tolist())
    ]


def _reason(remains: Remains, project: int) -> str:
    if not remains.posed.problem.units:
        return "There is no land to allot."
    eligible = remains.eligible(project)
    if len(eligible):
        return " ".join(_lost(remains, project, eligible))
    return _ineligible(remains.posed, project)


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
    ready = column(posed.asked.units, "available_year", -np.inf)
    first = int(ready[left].min())
    waits = _waits(posed.asked.units, "waits_for", left & (ready == first))
    return f"{_starts(posed, project)}; the first of them is available in {first}{waits}."


def _starts(posed: Posed, project: int) -> str:
    """Say when a project starts, or by when it has to."""
    projects = posed.asked.projects
    start, last = column(projects, "start_year", np.inf), last_start(projects)
    if start[project] == last[project]:
        return f"It starts in {last[project]:.0f}"
    return f"Its window ends in {last[project]:.0f}"


def _waits(units: pd.DataFrame, column_name: str, where: Booleans) -> str:
    """Name the infrastructure that some units wait for, as the end of a sentence."""
    if column_name not in units:
        return ""
    names = sorted(set(units.loc[where, column_name].dropna()))
    return f": it waits for {shown(names)}" if names else ""


def _utility_detail(posed: Posed, project: int, left: Booleans) -> str:
    units, row = posed.asked.units, posed.asked.projects.iloc[project]
    needed = [kind for kind in UTILITY_KINDS if row[kind] > 0]
    first = {kind: float(units.loc[left, f"supplied_from_{kind}"].min()) for kind in needed}
    lacking = [UTILITIES[kind][0].lower() for kind in needed if first[kind] == np.inf]
    if lacking:
        return f"None of them has {' or '.join(lacking)}."
    start = last_start(posed.asked.projects)[project]
    late = [
        f"{UTILITIES[kind][0].lower()} comes in {first[kind]:.0f}"
        + _waits(units, f"waits_for_{kind}", left & (units[f"supplied_from_{kind}"] == first[kind]))
        for kind in needed
        if first[kind] > start
    ]
    return f"{_starts(posed, project)}; {', '.join(late)}." if late else ""


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


def _lost(remains: Remains, project: int, eligible: Integers) -> list[str]:
    """Say in two sentences what keeps a project from the units that it would fit."""
    posed, problem = remains.posed, remains.posed.problem
    units = problem.pair_unit[eligible]
    names = posed.asked.units["unit_id"].to_numpy(dtype=str)[units]
    spare_ha = remains.spare_ha[units]
    taken = spare_ha < problem.area_min_ha[eligible] - TIGHT_HA
    left_ha = remains.rest_ha(eligible)
    short = remains.short(project, eligible, noise=TIGHT)
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
    near, crowded = remains.too_near(project, units), np.zeros(len(units), dtype=bool)
    crowded[near.where] = True
    if near.names:
        told.append(f"{_on(crowded)} it would stand too near to {shown(near.names)}")
    told.extend(_told_of_capacities(posed.problem, short))
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


def _told_of_capacities(problem: AllocationProblem, short: list[Draw]) -> list[str]:
    """One clause for each capacity; where there are many, one that names them all."""
    if len(short) <= CAPACITIES_TOLD:
        return [_told_of_one(problem.capacities[each.capacity], each) for each in short]
    names: dict[str, list[str]] = {}
    for each in short:
        name = problem.capacities[each.capacity].name
        names.setdefault(UTILITIES[each.kind][0].lower(), []).append(name)
    told = ", ".join(f"{label} ({', '.join(where)})" for label, where in names.items())
    return [
        f"{_on(np.logical_or.reduce([each.where for each in short]))} utilities are short: {told}"
    ]


def _told_of_one(capacity: SharedCapacity, draw: Draw) -> str:
    label, unit = UTILITIES[draw.kind]
    return (
        f"{_on(draw.where)} {capacity.name} is short of {label.lower()}: {_figure(draw.free)} of"
        f" {_figure(capacity.limit)} {unit} is free, and it needs {_figure(draw.needed)} {unit}"
    ) + (f" before {capacity.waits_for} adds to it" if capacity.waits_for else "")
