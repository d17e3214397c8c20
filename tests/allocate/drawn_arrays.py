"""Small random problems as arrays, and what brute force makes of them: no rule, no table."""

from __future__ import annotations

import numpy as np

from geoplan.allocate.problem import AllocationProblem
from tests.allocate.brute import NOWHERE, Small
from tests.allocate.instances import KINDS, instance

UNITS = (2, 3, 3, 4, 4, 5, 6)
LEAVES_MAX = 1_500
TENTHS = 10
AIMS = ("investment", "jobs", "near", "area_fit")


def drawn_problem(seed: int) -> AllocationProblem:
    """Draw a problem; shapes of land, rules and wishes go through all combinations."""
    kind, turn = KINDS[seed % len(KINDS)], seed // len(KINDS)
    return instance(
        kind, 10_000 + turn, rules=turn % 4 > 0, wishes=turn % 2 > 0, counts=UNITS,
        leaves_max=LEAVES_MAX,
    )  # fmt: skip


def drawn_aims(seed: int, aims: tuple[str, ...]) -> tuple[str, ...]:
    """Draw one to three aims in any order; few of them, as each is solved for."""
    random = np.random.default_rng([seed, len(aims)])
    count = random.choice([1, 2, 2, 3])
    return tuple(str(aim) for aim in random.permutation(aims)[:count])


def small_of_arrays(problem: AllocationProblem) -> Small:
    """Retell a problem's arrays pair by pair, areas in tenths of a hectare."""
    pairs = list(zip(problem.pair_project.tolist(), problem.pair_unit.tolist(), strict=True))
    wanted = [round(TENTHS * area) for area in problem.area_wanted_ha.tolist()]
    draws: dict[tuple[int, int], list[tuple[int, float]]] = {pair: [] for pair in pairs}
    for number, capacity in enumerate(problem.capacities):
        for pair, load in zip(capacity.pair.tolist(), capacity.load.tolist(), strict=True):
            draws[pairs[pair]].append((number, load))
    odds = set()
    for rule in problem.separations:
        for u, v in zip(rule.left.tolist(), rule.right.tolist(), strict=True):
            odds |= {(a, u, b, v) for a in rule.first.tolist() for b in rule.second.tolist()}
    wishes = problem.wishes
    near = set(zip(wishes.left.tolist(), wishes.right.tolist(), strict=True))
    return Small(
        options=[
            [NOWHERE, *(u for p, u in pairs if p == project)] for project in range(problem.projects)
        ],
        worth={
            name: dict(zip(pairs, map(round, value.tolist()), strict=True))
            for name, value in problem.values.items()
        },
        size={
            pair: (round(TENTHS * low), round(TENTHS * high), wanted[pair[0]])
            for pair, low, high in zip(
                pairs, problem.area_min_ha.tolist(), problem.area_max_ha.tolist(), strict=True
            )
        },
        room=[round(TENTHS * area) for area in problem.unit_area_ha.tolist()],
        rest=[
            min(round(TENTHS * rest), round(TENTHS * area))
            for rest, area in zip(
                problem.unit_rest_min_ha.tolist(), problem.unit_area_ha.tolist(), strict=True
            )
        ],
        shared=problem.divisible.tolist(),
        draws=draws,
        limits=[capacity.limit for capacity in problem.capacities],
        clash=lambda a, u, b, v: a != b and ((a, u, b, v) in odds or (b, v, a, u) in odds),
        wishes=list(zip(wishes.first.tolist(), wishes.second.tolist(), strict=True)),
        near=lambda u, v: (u, v) in near or (v, u) in near,
    )
