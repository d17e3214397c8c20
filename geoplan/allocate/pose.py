"""Posing the problem: portfolio, units and rules become arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, Assignment, Separation, SharedCapacity
from geoplan.allocate.rules import (
    ROMAN,
    RULES,
    Asked,
    Rule,
    applied,
    area_fit,
    area_limits,
    hazard_classes,
    is_sensitive,
    own_land,
)
from geoplan.config import UTILITY_KINDS, NormProfile
from geoplan.site.surroundings import Surroundings

Integers = NDArray[np.intp]


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

    Returns
    -------
    Posed
    """
    asked = _asked(projects, units, around, norms)
    table, own = asked.units, own_land(asked)
    rules = applied(asked)
    allowed = ~np.logical_or.reduce([rule.forbidden for rule in rules]) | own
    project, unit = np.nonzero(allowed)
    room = table["area_ha"].to_numpy(dtype=float)[None, :]
    least, most = (np.where(own, room, limit) for limit in area_limits(asked))
    separations = (
        *_sanitary(projects, around, norms, len(units)),
        *_apart(projects, around, apart_m, len(units)),
    )
    rest_min = np.where(table["divisible"], table["plot_area_min_ha"], 0.0).astype(float)
    problem = AllocationProblem(
        projects=len(projects),
        units=len(units),
        pair_project=project,
        pair_unit=unit,
        area_min_ha=least[project, unit],
        area_max_ha=most[project, unit],
        area_wanted_ha=projects["area_ha"].to_numpy(dtype=float),
        unit_area_ha=table["area_ha"].to_numpy(dtype=float),
        unit_rest_min_ha=rest_min,
        divisible=table["divisible"].to_numpy(dtype=bool),
        values={
            "investment": projects["invest_bn_kzt"].to_numpy(dtype=float)[project],
            "jobs": projects["jobs"].to_numpy(dtype=float)[project],
            "priority": projects["priority"].to_numpy(dtype=float)[project],
        },
        capacities=_capacities(projects, table, utilities, project, unit),
        separations=separations,
    )
    return Posed(asked, rules, problem, _fixed(asked))


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
    own = own_land(asked)
    unit = np.where(own.any(axis=1), own.argmax(axis=1) if own.size else -1, -1)
    room = asked.units["area_ha"].to_numpy(dtype=float)
    area = np.where(unit >= 0, room[unit] if len(room) else 0.0, 0.0)
    return Assignment(unit.astype(np.intp), area)


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
    masks = [rule(asked).forbidden for rule in RULES if rule is not area_fit]
    return np.asarray(~np.logical_or.reduce(masks), dtype=bool)


def _capacities(
    projects: pd.DataFrame,
    table: pd.DataFrame,
    utilities: pd.DataFrame,
    project: Integers,
    unit: Integers,
) -> tuple[SharedCapacity, ...]:
    capacities = []
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
    return tuple(capacities)


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
    number = {name: index for index, name in enumerate(projects["project_id"])}
    pairs: set[tuple[int, int]] = set()
    for index, names in enumerate(projects["apart"].fillna("").astype(str)):
        others = (number[name.strip()] for name in names.split(";") if name.strip())
        pairs.update((min(index, other), max(index, other)) for other in others)
    left, right = _both_ways(around, apart_m, units)
    ids = projects["project_id"].to_numpy(dtype=str)
    return [
        Separation(f"{ids[a]} apart from {ids[b]}", np.array([a]), np.array([b]), left, right)
        for a, b in sorted(pairs)
    ]


def _both_ways(around: Surroundings, distance_m: float, units: int) -> tuple[Integers, Integers]:
    """Ordered pairs of units nearer than a distance, each unit with itself included."""
    near = around.distance_m < distance_m
    own = np.arange(units)
    left = np.concatenate([own, around.left[near], around.right[near]])
    right = np.concatenate([own, around.right[near], around.left[near]])
    return left, right
