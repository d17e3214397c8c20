"""Generalized assignment: published kinds of instances, made anew, and brute force over small ones.

Kinds A to D follow Chu and Beasley (Computers & Operations Research 24, 1997, after Martello and
Toth, Knapsack Problems, 1990), kind E Laguna, Kelly, Gonzalez-Velarde and Glover (European Journal
of Operational Research 82, 1995), with loads and costs of E rounded down to whole numbers.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, SharedCapacity

Floats = NDArray[np.float64]


def published(kind: str, units: int, projects: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Costs and loads, shape (units, projects), and capacities, by the recipe of a kind."""
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


def best_value(value: Floats, load: Floats, capacity: Floats) -> float:
    """Best total value of any answer, projects being free to stay out: every answer is tried.

    Nothing is known of a pair whose value is minus infinity but that it may not be chosen.
    """
    units, projects = value.shape
    best = -np.inf
    for chosen in itertools.product(range(-1, units), repeat=projects):
        total, used = 0.0, [0.0] * units
        for project, unit in enumerate(chosen):
            if unit >= 0:
                total += value[unit, project]
                used[unit] += load[unit, project]
        if total > best and all(u <= c + 1e-9 for u, c in zip(used, capacity, strict=True)):
            best = total
    return best
