"""Proof of a change: the changed problem is posed anew and solved, everybody else kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geoplan.allocate.kept import Kept
from geoplan.allocate.model import Limits, maximise
from geoplan.allocate.neighbourhoods import restricted
from geoplan.allocate.problem import AllocationProblem, Assignment, only
from geoplan.allocate.wanting import DIGITS, Change

PLACED = "priority"
"""Objective that counts those placed."""
EXACT = Limits(gap=0.0, nodes=200, seconds=10.0, seed=1, thorough=False)
SAME = 1e-6
LESS = {"area_min_ha", "frontage_min_m"}
MORE = {"area_max_ha", "start_year", "hazard_class"}


def changed(
    kept: Kept, project: int, changes: Iterable[Change]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make changes in the portfolio, the utilities and the land on the market.

    Returns
    -------
    projects, utilities, units : DataFrame
    """
    projects, utilities, units = kept.projects.copy(), kept.utilities.copy(), kept.units.copy()
    row = projects.index[project]
    for change in changes:
        kind, amount = change.kind, change.amount
        if kind == "start_year" and windowed(projects, project):
            projects.loc[row, "start_year_max"] += int(amount)
        elif kind in LESS or kind in MORE:
            sign = -1 if kind in LESS else 1
            projects.loc[row, kind] = round(projects.loc[row, kind] + sign * amount, DIGITS)
        elif kind == "capacity":
            mine = utilities["utility_id"] == change.subject
            now = utilities["capacity"].astype(float)
            utilities["capacity"] = (now + amount).round(DIGITS).where(mine, now)
        elif kind == "demand":
            projects.loc[row, change.subject] = 0.0
        elif kind == "rail":
            projects.loc[row, "rail"] = False
        elif kind == "use":
            projects.loc[row, "use"] = change.subject
        elif kind == "apart":
            projects = _reconciled(projects, row, change.subject)
        elif kind == "market":
            units["on_market"] = units["on_market"] | (units["unit_id"] == change.subject)
    return projects, utilities, units


def windowed(projects: pd.DataFrame, project: int) -> bool:
    """Tell whether a project has a last year to start in besides its first."""
    return "start_year_max" in projects and pd.notna(projects["start_year_max"].iloc[project])


def _reconciled(projects: pd.DataFrame, row: Any, other: str) -> pd.DataFrame:
    """Strike two projects from each other's list of those to stand apart from."""
    own = str(projects.loc[row, "project_id"])
    apart = projects["apart"].astype(object)
    for index in projects.index[projects["project_id"].isin([own, other])]:
        if pd.notna(apart[index]):
            names = [name.strip() for name in str(apart[index]).split(";")]
            left = ";".join(name for name in names if name not in {own, other, ""})
            apart[index] = left or None
    return projects.assign(apart=apart.astype("str"))


def proven(
    kept: Kept,
    project: int,
    unit: int,
    changes: Iterable[Change] = (),
    *,
    leaving: tuple[int, ...] = (),
    moving: Mapping[int, int] | None = None,
) -> bool:
    """Solve the changed problem where everybody else keeps his place.

    Parameters
    ----------
    kept : Kept
    project, unit : int
        Who is to stand where.
    changes : iterable of Change
    leaving : tuple of int
        Projects that give up their places.
    moving : mapping of int to int, optional
        Projects that go to another unit.

    Returns
    -------
    bool
        Whether there is an allocation with the project, and all who do not leave, placed.
    """
    moving = moving or {}
    projects, utilities, units = changed(kept, project, changes)
    shared = [p for p in kept.again.get(unit, ()) if p not in leaving and p not in moving]
    goals = {project: unit, **dict.fromkeys(shared, unit), **moving}
    freed = (*kept.again.get(unit, ()), *leaving, *moving)
    posed = replace(kept, units=units).posed_with(projects, utilities, freed=freed)
    stays = kept.home.copy()
    stays[list(freed)] = -1
    problem = _of_some(posed.problem, stays, goals)
    fixed = Assignment(stays, np.where(stays >= 0, 1.0, 0.0))
    land = np.setdiff1d(np.arange(problem.units), stays)
    small = restricted(problem, fixed, land).problem
    outcome = maximise(small, PLACED, {}, EXACT)
    return outcome.assignment is not None and outcome.value >= len(goals) - SAME


def _of_some(
    problem: AllocationProblem, stays: np.ndarray, goals: Mapping[int, int]
) -> AllocationProblem:
    """Leave those who stay their places and others their goals, each placement worth the same."""
    goal = stays.copy()
    goal[list(goals)] = list(goals.values())
    keep = problem.pair_unit == goal[problem.pair_project]
    small = only(problem, keep)
    return replace(small, values={PLACED: np.ones(len(small.pair_project))})
