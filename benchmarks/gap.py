"""Generalized assignment: published kinds of instances made anew, and published files.

Kinds A to D follow Chu and Beasley (Computers & Operations Research 24, 1997, after Martello and
Toth, Knapsack Problems, 1990), kind E Laguna, Kelly, Gonzalez-Velarde and Glover (European Journal
of Operational Research 82, 1995), with loads and costs of E rounded down to whole numbers.
Every project is to be placed, at least cost.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, SharedCapacity

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

FILE_PAIRS_LEAST = 1_000
"""Published files with fewer pairs are solved at once, whoever solves them."""


@dataclass(frozen=True)
class Gap:
    """One instance; all numbers are whole.

    Attributes
    ----------
    cost, load : ndarray, shape (units, projects)
    capacity : ndarray, shape (units,)
    """

    cost: Floats
    load: Floats
    capacity: Floats


def published(kind: str, units: int, projects: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Draw costs and loads, shape (units, projects), and capacities, by the recipe of a kind."""
    random = np.random.default_rng([ord(kind), units, projects, seed])
    shape = units, projects
    load = random.integers(5, 26, shape).astype(float)
    cost = random.integers(10, 51, shape).astype(float)
    if kind == "D":
        load = random.integers(1, 101, shape).astype(float)
        cost = 111.0 - load + random.integers(-10, 11, shape)
    if kind == "E":
        load = np.floor(1.0 - 10.0 * np.log(1.0 - random.random(shape)))
        cost = np.floor(1000.0 / load - 10.0 * random.random(shape))
    share = load.sum(axis=1) / units
    capacity = 0.8 * share
    if kind in ("A", "B"):
        on = cost.argmin(axis=0)
        most = np.bincount(on, load[on, np.arange(projects)], minlength=units).max()
        capacity = np.full(units, 0.6 * projects / units * 15.0 + 0.4 * most)
        capacity *= 1.0 if kind == "A" else 0.7
    return cost, load, np.floor(capacity)


def read_gap(path: Path) -> Gap:
    """Read a published file: numbers of units and projects, costs, loads, capacities.

    Raises
    ------
    ValueError
        If it holds more or fewer numbers than it says.
    """
    number = np.array(path.read_text(encoding="ascii").split(), dtype=float)
    units, projects = (int(each) for each in number[:2])
    pairs = units * projects
    cost, load, capacity = np.split(number[2:], [pairs, 2 * pairs])
    if len(capacity) != units:
        raise ValueError(f"{path}: {len(number)} numbers for {units} x {projects}")
    return Gap(cost.reshape(units, projects), load.reshape(units, projects), capacity)


def files_of(folder: Path) -> list[tuple[str, str, int]]:
    """List the published files of a folder by its ``index.csv``.

    Returns
    -------
    list of (name, path, best known cost)
    """
    with (folder / "index.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return [
        (line["instance"].rpartition("/")[2], str(folder / line["instance"]), int(best))
        for line in lines
        if int(line["agents"]) * int(line["items"]) >= FILE_PAIRS_LEAST
        and (best := line["best_known_min"])
    ]


def gap_of(job: dict[str, Any]) -> Gap:
    """Read or draw the instance that a job names."""
    if "file" in job:
        return read_gap(Path(job["file"]))
    return Gap(*published(job["kind"], job["units"], job["projects"], job["seed"]))


def gap_problem(
    costs: Floats, loads: Floats, capacities: Floats, sense: str = "min"
) -> AllocationProblem:
    """Write generalized assignment, every project placed, as an allocation problem.

    A project is worth a constant less its cost, or plus its profit (`sense` is ``min`` or
    ``max``). With the constant above all differences of costs together, placing one more project
    is worth more than any choice among the others, so that the best allocation places all if
    that can be.
    """
    units, projects = costs.shape
    worth = -costs if sense == "min" else costs
    project, unit = (grid.ravel() for grid in np.indices((projects, units)))
    pair = np.arange(projects * units)
    return AllocationProblem(
        projects=projects,
        units=units,
        pair_project=project,
        pair_unit=unit,
        area_min_ha=np.ones(len(pair)),
        area_max_ha=np.ones(len(pair)),
        area_wanted_ha=np.ones(projects),
        unit_area_ha=np.full(units, float(projects)),
        unit_rest_min_ha=np.zeros(units),
        divisible=np.ones(units, dtype=bool),
        values={"investment": constant_of(costs, sense) + worth[unit, project]},
        capacities=tuple(
            SharedCapacity(f"unit {i}", float(capacities[i]), pair[unit == i], loads[i])
            for i in range(units)
        ),
    )


def constant_of(costs: Floats, sense: str = "min") -> float:
    """Constant that :func:`gap_problem` adds to each pair."""
    worth = -costs if sense == "min" else costs
    spread = (worth.max(axis=0) - worth.min(axis=0)).sum()
    return float(np.ceil(1.0 + spread + np.abs(worth).max()))


def gap_program(instance: Gap) -> highspy.HighsLp:
    """Write an instance as solvers know it: one unit for each project, costs as they are.

    Pairs are ordered by project, then unit, as in :func:`gap_problem`.
    """
    units, projects = instance.cost.shape
    pairs = units * projects
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = pairs, projects + units
    lp.col_cost_ = instance.cost.T.ravel()
    lp.col_lower_, lp.col_upper_ = np.zeros(pairs), np.ones(pairs)
    lp.row_lower_ = np.concatenate([np.ones(projects), np.full(units, -np.inf)])
    lp.row_upper_ = np.concatenate([np.ones(projects), instance.capacity])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = 2 * np.arange(pairs + 1)
    project, unit = np.divmod(np.arange(pairs), units)
    lp.a_matrix_.index_ = np.stack([project, projects + unit], axis=1).ravel()
    lp.a_matrix_.value_ = np.stack([np.ones(pairs), instance.load.T.ravel()], axis=1).ravel()
    lp.integrality_ = [highspy.HighsVarType.kInteger] * pairs
    return lp


def gap_figures(instance: Gap, unit_of: Sequence[int]) -> dict[str, Any]:
    """Compute a plan's cost and what it breaks, number by number from the instance alone.

    Parameters
    ----------
    instance : Gap
    unit_of : sequence of int, one for each project
        -1 where it has no unit.

    Returns
    -------
    dict
        ``placed``, ``value``, the cost of those placed, and ``faults``, the number of rules
        broken: a project without a unit breaks one.
    """
    used = [0.0] * len(instance.capacity)
    cost, placed = 0.0, 0
    for project, unit in enumerate(unit_of):
        if unit >= 0:
            placed += 1
            cost += float(instance.cost[unit, project])
            used[unit] += float(instance.load[unit, project])
    over = sum(drawn > room for drawn, room in zip(used, instance.capacity, strict=True))
    missing = instance.cost.shape[1] - placed
    return {
        "placed": placed,
        "value": int(cost),
        "faults": int(over) + missing,
    }
