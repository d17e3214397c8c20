"""Small random problems with flows, and the least transport work that brute force finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geoplan.allocate.flows import Flows
from geoplan.allocate.problem import AllocationProblem
from tests.allocate.brute import INFINITE, NOWHERE, Small, assignments, misfit
from tests.allocate.drawn_arrays import drawn_problem


def drawn_with_flows(seed: int) -> AllocationProblem:
    """Draw a problem as for all other objectives, with flows in whole tonnes and kilometres."""
    problem, random = drawn_problem(seed), np.random.default_rng([seed, 77])
    first, second = np.triu_indices(problem.projects, 1)
    some = random.random(len(first)) < random.choice([0.3, 0.7, 1.0])
    km = random.integers(1, 20, size=(problem.units, problem.units)).astype(float)
    flows = Flows(
        first[some],
        second[some],
        random.integers(1, 50, size=int(some.sum())).astype(float),
        np.triu(km) + np.triu(km, 1).T,
    )
    to_gates = random.integers(0, 200, size=len(problem.pair_project)).astype(float)
    values = {name: problem.values[name] for name in problem.values}
    return replace(problem, flows=flows, values={**values, "transport": -to_gates})


def work_of(problem: AllocationProblem, unit: Sequence[int]) -> float:
    """Add up tonne-kilometres one by one."""
    flows, total = problem.flows, 0.0
    for pair, (project, place) in enumerate(
        zip(problem.pair_project.tolist(), problem.pair_unit.tolist(), strict=True)
    ):
        if unit[project] == place:
            total -= float(problem.values["transport"][pair])
    for one, other, tonnes in zip(
        flows.first.tolist(), flows.second.tolist(), flows.t_year.tolist(), strict=True
    ):
        if NOWHERE not in (unit[one], unit[other]):
            total += tonnes * float(flows.km[unit[one], unit[other]])
    return total


def least_of(problem: AllocationProblem, small: Small, placed: set[int], wishes_kept: int) -> float:
    """Try all places of those placed that keep every rule and so many wishes."""
    some = replace_options(small, placed)
    fits: dict[tuple[int, tuple[int, ...]], bool] = {}
    least = INFINITE
    for chosen in assignments(some):
        kept = sum(
            NOWHERE not in (chosen[a], chosen[b]) and small.near(chosen[a], chosen[b])
            for a, b in small.wishes
        )
        if kept < wishes_kept:
            continue
        shares = {
            (unit, tuple(p for p, u in enumerate(chosen) if u == unit))
            for unit in set(chosen) - {NOWHERE}
        }
        for unit, here in shares:
            if (unit, here) not in fits:
                fits[unit, here] = misfit(small, unit, here) < INFINITE
        if all(fits[share] for share in shares):
            least = min(least, work_of(problem, chosen))
    return least


def replace_options(small: Small, placed: set[int]) -> Small:
    """Keep those placed somewhere, and all others nowhere."""
    options = [
        [unit for unit in units if unit != NOWHERE] if project in placed else [NOWHERE]
        for project, units in enumerate(small.options)
    ]
    return replace(small, options=options)
