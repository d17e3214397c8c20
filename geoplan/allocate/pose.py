"""Posing the problem: portfolio, units and rules become arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.problem import (
    NEAR,
    AllocationProblem,
    Assignment,
    Separation,
    SharedCapacity,
)
from geoplan.allocate.rules import (
    CELLS_AT_ONCE,
    ROMAN,
    RULES,
    Asked,
    Rule,
    applied,
    area_fit,
    hazard_classes,
    holders,
    is_sensitive,
    last_start,
    own_land,
    pair_limits,
    rows_at_once,
)
from geoplan.allocate.wishes import Wishes
from geoplan.config import UTILITY_KINDS, NormProfile
from geoplan.site.infrastructure import ADDED, Step, capacity_in, steps_of, told_of
from geoplan.site.schema import ID_SEPARATOR
from geoplan.site.surroundings import Surroundings

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NEAR_M = 300.0
"""What counts as near where nothing else is said."""


@dataclass(frozen=True)
class Worth(Mapping[str, Floats]):
    """What pairs are worth, made from their projects' values when it is asked for.

    Attributes
    ----------
    of_project : mapping of str to ndarray, shape (projects,)
    pair_project : ndarray of int, shape (pairs,)
    """

    of_project: Mapping[str, Floats]
    pair_project: Integers

    def __getitem__(self, name: str) -> Floats:
        return np.asarray(self.of_project[name][self.pair_project])

    def __iter__(self) -> Iterator[str]:
        return iter(self.of_project)

    def __len__(self) -> int:
        return len(self.of_project)


@dataclass(frozen=True)
class Posed:
    """The problem with what is needed to explain its answer.

    Attributes
    ----------
    asked : Asked
    rules : tuple of Rule
    problem : AllocationProblem
    fixed : Assignment
        Locked projects where they are; nobody else is placed in it.
    """

    asked: Asked
    rules: tuple[Rule, ...]
    problem: AllocationProblem
    fixed: Assignment


def pose(
    projects: pd.DataFrame,
    units: pd.DataFrame,
    around: Surroundings,
    utilities: pd.DataFrame,
    norms: NormProfile,
    *,
    apart_m: float,
    near_m: float = NEAR_M,
) -> Posed:
    """Turn tables into the problem.

    Parameters
    ----------
    projects : DataFrame
        The portfolio.
    units : DataFrame
        Strips or plots: ``unit_id, use, area_ha, depth_m, plot_area_min_ha, plot_area_max_ha,
        divisible``; plots may have ``kept_by`` and ``on_market``.
    around : Surroundings
        Of these units.
    utilities : DataFrame
        ``utility_id, kind, capacity``.
    norms : NormProfile
    apart_m : float
        Distance between projects that ask to stand apart.
    near_m : float, optional
        Distance up to which a wish to stand near is kept. The surroundings must reach as far.

    Returns
    -------
    Posed
    """
    asked = _asked(projects, units, around, norms)
    table = asked.units
    pairs = _eligible(asked)
    separations = (
        *_sanitary(projects, around, norms, len(units)),
        *_apart(projects, around, apart_m, len(units)),
    )
    rest_min = np.where(table["divisible"], table["plot_area_min_ha"], 0.0).astype(float)
    problem = AllocationProblem(
        projects=len(projects),
        units=len(units),
        pair_project=pairs.project,
        pair_unit=pairs.unit,
        area_min_ha=pairs.least_ha,
        area_max_ha=pairs.most_ha,
        area_wanted_ha=projects["area_ha"].to_numpy(dtype=float),
        unit_area_ha=table["area_ha"].to_numpy(dtype=float),
        unit_rest_min_ha=rest_min,
        divisible=table["divisible"].to_numpy(dtype=bool),
        values=_worth(projects, pairs.project),
        capacities=_capacities(projects, table, utilities, pairs.project, pairs.unit),
        separations=separations,
        wishes=_wishes(projects, around, near_m, len(units)),
    )
    return Posed(asked, applied(asked), problem, _fixed(asked))


def _worth(projects: pd.DataFrame, pair_project: Integers) -> Worth:
    columns = {"investment": "invest_bn_kzt", "jobs": "jobs", "priority": "priority"}
    of_project = {aim: projects[name].to_numpy(dtype=float) for aim, name in columns.items()}
    return Worth(of_project, pair_project)


def reposed(posed: Posed, units: pd.DataFrame, utilities: pd.DataFrame) -> Posed:
    """Pose a problem again where only years and capacities differ: land stays as it is.

    Weighted objectives are to be weighed again.

    Parameters
    ----------
    posed : Posed
    units : DataFrame
        Those of ``posed.asked``, with other years.
    utilities : DataFrame
        ``utility_id, kind, capacity``, and what is added to them.
    """
    asked = replace(posed.asked, units=units)
    pairs = _eligible(asked)
    problem = replace(
        posed.problem,
        pair_project=pairs.project,
        pair_unit=pairs.unit,
        area_min_ha=pairs.least_ha,
        area_max_ha=pairs.most_ha,
        values=_worth(asked.projects, pairs.project),
        capacities=_capacities(asked.projects, units, utilities, pairs.project, pairs.unit),
    )
    return Posed(asked, applied(asked), problem, posed.fixed)


@dataclass(frozen=True)
class _Pairs:
    """Eligible pairs, with the area that each project may take there."""

    project: Integers
    unit: Integers
    least_ha: Floats
    most_ha: Floats


def _eligible(asked: Asked) -> _Pairs:
    """Find the pairs that no rule forbids, some projects at a time.

    All rules but that of the area are asked of every pair, and the area of what they leave: a
    project is welcome on a few units as a rule, and areas are numbers, not bits.
    """
    rows, projects = rows_at_once(len(asked.units)), len(asked.projects)
    unit, count = [], np.zeros(projects, dtype=np.intp)
    for begin in range(0, projects, rows):
        block = asked.of(begin, begin + rows)
        own = own_land(block)
        allowed = np.ones(own.shape, dtype=bool)
        for rule in RULES:
            if rule is not area_fit:
                allowed &= ~np.asarray(rule(block).forbidden)
        project, place = np.nonzero(allowed | own)
        least, most = pair_limits(block, project, place)
        keep = (least <= most) & allowed[project, place] | own[project, place]
        # Half the width holds any number of units, and lists of blocks are held twice.
        unit.append(place[keep].astype(np.int32))
        count[begin : begin + rows] = np.bincount(project[keep], minlength=len(own))
    chosen = np.concatenate(unit).astype(np.intp) if unit else np.empty(0, dtype=np.intp)
    del unit
    return _sized(asked, np.repeat(np.arange(projects), count), chosen)


def _sized(asked: Asked, project: Integers, unit: Integers) -> _Pairs:
    """Give eligible pairs their areas; who is locked takes all of his land, whatever its size."""
    least_ha, most_ha = np.empty(len(project)), np.empty(len(project))
    holder = holders(asked)
    room_ha = asked.units["area_ha"].to_numpy(dtype=float)
    for begin in range(0, len(project), CELLS_AT_ONCE):
        part = slice(begin, begin + CELLS_AT_ONCE)
        own = holder[unit[part]] == project[part]
        for into, limit in zip(
            (least_ha, most_ha), pair_limits(asked, project[part], unit[part]), strict=True
        ):
            into[part] = np.where(own, room_ha[unit[part]], limit)
    return _Pairs(project, unit, least_ha, most_ha)


def _asked(
    projects: pd.DataFrame, units: pd.DataFrame, around: Surroundings, norms: NormProfile
) -> Asked:
    """Join units and their facts; land of which nothing else is said is free and for sale."""
    table = pd.concat([pd.DataFrame(units).reset_index(drop=True), around.facts], axis=1)
    for name, usual in (("kept_by", None), ("on_market", True)):
        if name not in table:
            table[name] = pd.Series([usual] * len(table), dtype=object)
    return Asked(projects, table, norms)


def _fixed(asked: Asked) -> Assignment:
    """Put locked projects where they are, whatever the rules say."""
    holder = holders(asked)
    unit = np.full(len(asked.projects), -1, dtype=np.intp)
    # The first of several units that somebody keeps.
    held = np.flatnonzero(holder >= 0)[::-1]
    unit[holder[held]] = held
    room = asked.units["area_ha"].to_numpy(dtype=float)
    area = np.where(unit >= 0, room[unit] if len(room) else 0.0, 0.0)
    return Assignment(unit, area)


def welcome(
    projects: pd.DataFrame, zones: pd.DataFrame, around: Surroundings, norms: NormProfile
) -> NDArray[np.bool_]:
    """Tell which zones take which projects, sizes aside; shape (projects, zones).

    Subdivision asks this before there are plots, to give each zone the depths that it needs.

    Parameters
    ----------
    projects : DataFrame
        The portfolio.
    zones : DataFrame
        ``use`` of each zone.
    around : Surroundings
        Of these zones.
    norms : NormProfile
    """
    asked = _asked(projects, zones, around, norms)
    masks = [np.asarray(rule(asked).forbidden) for rule in RULES if rule is not area_fit]
    return np.asarray(~np.logical_or.reduce(masks), dtype=bool)


def _capacities(
    projects: pd.DataFrame,
    table: pd.DataFrame,
    utilities: pd.DataFrame,
    project: Integers,
    unit: Integers,
) -> tuple[SharedCapacity, ...]:
    capacities: list[SharedCapacity] = []
    added = (
        dict(zip(utilities["utility_id"], utilities[ADDED], strict=True))
        if (ADDED in utilities)
        else {}
    )
    for utility_id, kind, limit in zip(
        utilities["utility_id"], utilities["kind"], utilities["capacity"], strict=True
    ):
        if kind not in UTILITY_KINDS:
            continue
        demand = projects[kind].to_numpy(dtype=float)
        served = (table[f"service_{kind}"] == utility_id).to_numpy(dtype=bool)
        pair = np.flatnonzero(served[unit] & (demand[project] > 0))
        if len(pair):
            load = demand[project[pair]]
            capacities.append(SharedCapacity(str(utility_id), float(limit), pair, load))
            steps = steps_of(added.get(utility_id))
            last = last_start(projects)[project[pair]]
            capacities += _before_steps(capacities[-1], steps, last)
    return tuple(capacities)


def _before_steps(final: SharedCapacity, steps: list[Step], last: Floats) -> list[SharedCapacity]:
    """Limit a utility in the years before it grows: to those who start by then at the latest.

    Whoever may start later can wait for the growth. Between two steps nobody but those who start
    draws more, so that the last year before each step decides.
    """
    limits = []
    for year in sorted({step.year for step in steps}):
        soon = last < year
        if soon.any():
            limit = capacity_in(final.limit, steps, year - 1)
            name = f"{final.name} in {year - 1}"
            pair, load = final.pair[soon], final.load[soon]
            adds = told_of([(step.year, step.name) for step in steps if step.year == year])
            limits.append(SharedCapacity(name, limit, pair, load, final.name, year - 1, adds))
    return limits


def _sanitary(
    projects: pd.DataFrame, around: Surroundings, norms: NormProfile, units: int
) -> list[Separation]:
    """Hazard classes keep their distance from plants that are receptors themselves."""
    sensitive = np.flatnonzero(is_sensitive(projects, norms))
    hazard = hazard_classes(projects)
    separations = []
    for number in range(1, norms.spz.sensitive_against_class_max + 1):
        hazardous = np.flatnonzero(hazard == number)
        if len(hazardous) and len(sensitive):
            left, right = _both_ways(around, norms.spz.distance_m[number - 1], units)
            name = f"class {ROMAN[number - 1]} against sensitive plants"
            separations.append(Separation(name, hazardous, sensitive, left, right))
    return separations


def _apart(
    projects: pd.DataFrame, around: Surroundings, apart_m: float, units: int
) -> list[Separation]:
    """Projects that name each other in ``apart`` keep a distance."""
    left, right = _both_ways(around, apart_m, units)
    ids = projects["project_id"].to_numpy(dtype=str)
    return [
        Separation(f"{ids[a]} apart from {ids[b]}", np.array([a]), np.array([b]), left, right)
        for a, b in _named_pairs(projects, "apart")
    ]


def _wishes(projects: pd.DataFrame, around: Surroundings, near_m: float, units: int) -> Wishes:
    """Projects that name each other in ``near`` would stand within a distance, or on one unit."""
    pairs = _named_pairs(projects, NEAR)
    if not pairs:
        return Wishes()
    first, second = np.array(pairs, dtype=np.intp).T
    near, own = around.distance_m <= near_m, np.arange(units)
    left, right = (np.append(own, side[near]) for side in (around.left, around.right))
    return Wishes(first, second, left, right)


def _named_pairs(projects: pd.DataFrame, column: str) -> list[tuple[int, int]]:
    """Pairs of projects of which one names the other, each once, in the portfolio's order."""
    naming = np.flatnonzero(projects[column].notna())
    if not len(naming):
        return []
    number = {name: index for index, name in enumerate(projects["project_id"])}
    pairs: set[tuple[int, int]] = set()
    for index, names in zip(
        naming.tolist(), projects[column].iloc[naming].astype(str), strict=True
    ):
        others = (number[name.strip()] for name in names.split(ID_SEPARATOR) if name.strip())
        pairs.update((min(index, other), max(index, other)) for other in others if other != index)
    return sorted(pairs)


def _both_ways(around: Surroundings, distance_m: float, units: int) -> tuple[Integers, Integers]:
    """Ordered pairs of units nearer than a distance, each unit with itself included."""
    near = around.distance_m < distance_m
    own = np.arange(units)
    left = np.concatenate([own, around.left[near], around.right[near]])
    right = np.concatenate([own, around.right[near], around.left[near]])
    return left, right
