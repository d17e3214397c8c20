"""What bars a project, counted rule by rule, and where each rule is missed by least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import LOAD_NOISE, Assignment
from geoplan.allocate.remains import Remains
from geoplan.allocate.rules import area_bounds_of, column, hazard_classes, last_start
from geoplan.config import UTILITIES, UTILITY_KINDS

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

REASON_COLUMNS = (
    "project_id",
    "rule",
    "units_barred",
    "barred_alone",
    "units",
    "nearest",
    "missed",
    "unit",
    "text",
)
PROJECTS_MAX = 500
"""Projects that are looked into, those who invest most."""
TIGHT_HA = 1e-9
TWO_DIGITS = 0.01
SHORT = "{amount} ha short on {place}"
TOO_NEAR = "too_near_m_{}"
"""Facts of units, where they are known: metres by which they are too near for each class."""


class _Miss(NamedTuple):
    """One rule: where it bars, and by how much."""

    rule: str
    barred: Booleans
    missed: Floats
    unit: str
    told: str


def reason_table(posed: Posed, assignment: Assignment) -> pd.DataFrame:
    """Count for each project without land what bars it, rule by rule.

    Rules come first, in their order; then what others leave of the units that pass all rules:
    land, distances, utilities, rests.

    Parameters
    ----------
    posed : Posed
    assignment : Assignment
        An answer to its problem.

    Returns
    -------
    DataFrame
        Columns :data:`REASON_COLUMNS`: of how many ``units`` a rule bars ``units_barred``, and
        how many no other rule bars (``barred_alone``); on the ``nearest`` of these it is
        ``missed`` by an amount in ``unit``, which is 0 and empty where it is yes or no.
    """
    waiting = np.flatnonzero(assignment.unit < 0)
    invest = posed.asked.projects["invest_bn_kzt"].to_numpy(dtype=float)[waiting]
    first = np.sort(waiting[np.argsort(-invest, kind="stable")[:PROJECTS_MAX]])
    remains = Remains(posed, assignment)
    rows = [row for project in first.tolist() for row in _rows(remains, project)]
    return _typed(rows)


def no_reasons() -> pd.DataFrame:
    """Return the table of a plan that leaves nobody without land."""
    return _typed([])


def _typed(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    numbers = dict.fromkeys(("units_barred", "barred_alone", "units"), "int64")
    types = {**numbers, "missed": "float64"}
    table = pd.DataFrame(rows, columns=list(REASON_COLUMNS))
    return table.astype({name: types.get(name, "str") for name in REASON_COLUMNS})


def _rows(remains: Remains, project: int) -> Iterator[tuple[object, ...]]:
    posed = remains.posed
    rules = [*_of_rules(posed, project), *_of_others(remains, project)]
    names = posed.asked.units["unit_id"].to_numpy(dtype=str)
    bars = np.array([miss.barred for miss in rules], dtype=int).reshape(len(rules), len(names))
    name = str(posed.asked.projects["project_id"].iloc[project])
    several = bars.sum(axis=0) > 1
    for miss in rules:
        alone = miss.barred & ~several
        where = alone if alone.any() else miss.barred
        nearest = int(np.where(where, miss.missed, np.inf).argmin())
        amount = float(miss.missed[nearest])
        known = bool(miss.unit) and np.isfinite(amount)
        figure = f"{amount:.2f}" if miss.unit == "ha" and amount >= TWO_DIGITS else f"{amount:.4g}"
        text = miss.told.format(amount=figure, unit=miss.unit, place=names[nearest])
        yield (
            name,
            miss.rule,
            int(miss.barred.sum()),
            int(alone.sum()),
            len(names),
            names[nearest] if known else "",
            amount if known else 0.0,
            miss.unit if known else "",
            text if known else _plainly(miss, len(names)),
        )


def _plainly(miss: _Miss, units: int) -> str:
    return f"{int(miss.barred.sum())} of {units} fail the rule '{miss.rule}'"


def _of_rules(posed: Posed, project: int) -> Iterator[_Miss]:
    for rule in posed.rules:
        barred = rule.forbidden[project]
        if barred.any():
            missed, unit, told = _by_rule(posed, project, rule.name)
            yield _Miss(rule.name, barred, missed, unit, told)


def _by_rule(posed: Posed, project: int, rule: str) -> tuple[Floats, str, str]:
    """Amount by which each unit misses a rule, its unit of measure, and how that is said."""
    units, projects = posed.asked.units, posed.asked.projects
    start = last_start(projects)[project]
    if rule == "area":
        missed, too_large = _area_missed(posed, project)
        return missed, "ha", "{amount} ha too much on {place}" if too_large else SHORT
    if rule == "year":
        late = column(units, "available_year", -np.inf) - start
        return late, "years", "{amount} years too early on {place}"
    if rule == "utilities":
        return _years_late(posed, project, start), "years", "{amount} years too early on {place}"
    number = int(hazard_classes(projects)[project])
    if rule == "hazard":
        classes = column(units, "hazard_max", 1.0) - number
        return classes, "classes", "{amount} classes too dangerous on {place}"
    if rule == "sanitary distance":
        if TOO_NEAR.format(number) in units:
            near_m = units[TOO_NEAR.format(number)].to_numpy(dtype=float)
            return near_m, "m", "{amount} m too near to a receptor on {place}"
        classes = units["class_min"].to_numpy(dtype=float) - number
        return classes, "classes", "{amount} classes too dangerous on {place}"
    return np.zeros(len(units)), "", ""


def _area_missed(posed: Posed, project: int) -> tuple[Floats, bool]:
    """Hectares between what a project needs and what units offer; whether all are too large."""
    lower, upper = area_bounds_of(posed.asked, project)
    whole = ~posed.problem.divisible
    room = upper[2]
    short = np.maximum(lower.max(axis=0) - upper[1:].min(axis=0), 0.0)
    large = np.where(whole, room, lower[1:].max(axis=0)) - upper[0]
    missed = np.maximum(short, large)
    return missed, bool((short <= 0).all())


def _years_late(posed: Posed, project: int, start: float) -> Floats:
    """Years until all that a project needs is supplied; infinite where something never is."""
    late = np.full(len(posed.asked.units), -np.inf)
    for kind in UTILITY_KINDS:
        if posed.asked.projects[kind].iloc[project] > 0:
            supplied = posed.asked.units[f"supplied_from_{kind}"].to_numpy(dtype=float)
            # A project that names no year waits for nothing, but needs the utility all the same.
            wait = supplied - start if np.isfinite(start) else np.full(len(supplied), -np.inf)
            wait = np.where(supplied == np.inf, np.inf, wait)
            late = np.maximum(late, wait)
    return late


def _of_others(remains: Remains, project: int) -> Iterator[_Miss]:
    """Tell what those who are placed leave of the units that pass all rules."""
    problem, eligible = remains.posed.problem, remains.eligible(project)
    if not len(eligible):
        return
    units = problem.pair_unit[eligible]
    short = problem.area_min_ha[eligible] - remains.spare_ha[units]
    taken = short > TIGHT_HA
    if taken.any():
        yield _Miss("land taken", *_spread(problem.units, units, taken, short), "ha", SHORT)
    crowd = remains.too_near(project, units)
    for number, name in enumerate(crowd.names):
        near = np.zeros(len(units), dtype=bool)
        near[crowd.where[crowd.who == number]] = True
        yield _Miss(f"too near to {name}", *_spread(problem.units, units, near, short), "", "")
    yield from _of_capacities(remains, project, eligible)
    left = remains.rest_ha(eligible)
    unsplit = ~taken & np.isfinite(left)
    if unsplit.any():
        wanting = problem.unit_rest_min_ha[units] - left
        told = "a rest {amount} ha too small for a plot on {place}"
        yield _Miss("rest", *_spread(problem.units, units, unsplit, wanting), "ha", told)


def _of_capacities(remains: Remains, project: int, eligible: Integers) -> Iterator[_Miss]:
    problem = remains.posed.problem
    units = problem.pair_unit[eligible]
    for draw in remains.short(project, eligible, noise=0.0):
        capacity, short = problem.capacities[draw.capacity], draw.needed - draw.free
        if short > LOAD_NOISE * max(capacity.limit, 1.0):
            label, unit = UTILITIES[draw.kind]
            missed = np.full(len(units), short)
            told = f"{{amount}} {{unit}} of {label.lower()} short at {capacity.name}"
            spread = _spread(problem.units, units, draw.where, missed)
            yield _Miss(f"capacity of {capacity.name}", *spread, unit, told)


def _spread(
    count: int, units: Integers, where: Booleans, missed: Floats
) -> tuple[Booleans, Floats]:
    """Lay what is known of some units out over all."""
    barred, amount = np.zeros(count, dtype=bool), np.full(count, np.inf)
    barred[units[where]] = True
    amount[units[where]] = missed[where]
    return barred, amount
