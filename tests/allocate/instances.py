"""Small random problems, and a second opinion on their answers: plain loops, no matrices."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from geoplan.allocate.problem import AllocationProblem, Assignment, Separation, SharedCapacity
from geoplan.allocate.wishes import Wishes

KINDS = ("plots", "strips without a rest rule", "strips", "both")
OBJECTIVES = ("investment", "jobs", "area_fit")
LEAVES_MAX = 5000
NOISE = 1e-6


def instance(
    kind: str,
    seed: int,
    *,
    rules: bool = True,
    wishes: bool = False,
    counts: Sequence[int] = (1, 2, 3, 3, 4, 4),
    leaves_max: int = LEAVES_MAX,
) -> AllocationProblem:
    """A problem of at most 6 projects; areas are tenths, values whole: ties occur.

    One of `counts` is the number of units, and `leaves_max` is how many assignments there are.
    """
    random = np.random.default_rng([KINDS.index(kind), seed])
    units = int(random.choice(counts))
    most = int(np.log(leaves_max) / np.log(units + 1))
    projects = int(random.integers(min(3, most), min(6, most) + 1))
    divisible = {
        "plots": np.zeros(units, dtype=bool),
        "both": random.random(units) < 0.5,
    }.get(kind, np.ones(units, dtype=bool))
    wanted = random.integers(3, 25, projects) / 10
    room = random.integers(8, 55 if kind == "strips" else 40, units) / 10
    rest = random.integers(2, 12, units) / 10 if kind in ("strips", "both") else np.zeros(units)
    pairs = []
    for project, unit in itertools.product(range(projects), range(units)):
        least, most_ha = np.round(wanted[project] + random.integers(-5, [5, 9]) / 10, 1)
        least, most_ha = max(min(least, most_ha), 0.1), max(least, most_ha, 0.1)
        if not divisible[unit]:
            if not least - 0.5 <= room[unit] <= most_ha + 1.5:
                continue
            least = most_ha = room[unit]
        if random.random() < 0.9:
            pairs.append((project, unit, least, most_ha))
    table = np.array(pairs, dtype=float).reshape(-1, 4)
    project, unit = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp)
    return AllocationProblem(
        projects=projects,
        units=units,
        pair_project=project,
        pair_unit=unit,
        area_min_ha=table[:, 2],
        area_max_ha=table[:, 3],
        area_wanted_ha=wanted,
        unit_area_ha=room,
        unit_rest_min_ha=np.where(divisible, rest, 0.0),
        divisible=divisible,
        values={
            "investment": random.integers(0, 9, projects).astype(float)[project],
            "jobs": random.integers(0, 4, len(project)).astype(float),
        },
        capacities=_capacities(random, len(project)) if rules else (),
        separations=_separations(random, projects, units) if rules else (),
        wishes=_wishes(random, projects, units) if wishes else Wishes(),
    )


def _capacities(random: np.random.Generator, pairs: int) -> tuple[SharedCapacity, ...]:
    drawn = []
    for index in range(int(random.integers(0, 3))):
        pair = np.flatnonzero(random.random(pairs) < 0.7)
        load = random.integers(1, 9, len(pair)) / 4
        limit = float(random.integers(0, 33)) / 4
        drawn.append(SharedCapacity(f"U{index}", limit, pair, load))
    return tuple(drawn)


def _separations(random: np.random.Generator, projects: int, units: int) -> tuple[Separation, ...]:
    """Groups that may share projects; units may be near one way only, or near themselves."""
    drawn = []
    for index in range(int(random.integers(0, 3))):
        first, second = (np.flatnonzero(random.random(projects) < 0.4) for _ in range(2))
        left, right = np.nonzero(random.random((units, units)) < 0.3)
        if len(first) and len(second) and len(left):
            drawn.append(Separation(f"S{index}", first, second, left, right))
    return tuple(drawn)


def _wishes(random: np.random.Generator, projects: int, units: int) -> Wishes:
    """Some of all pairs; units may be near either way round, and even far from themselves."""
    pairs = [p for p in itertools.combinations(range(projects), 2) if random.random() < 0.5]
    turned = [p if random.random() < 0.5 else p[::-1] for p in pairs]
    first, second = np.array(turned, dtype=np.intp).reshape(-1, 2).T
    return Wishes(first, second, *np.nonzero(random.random((units, units)) < 0.25))


def wishes_kept(problem: AllocationProblem, unit: Sequence[int]) -> int:
    """Wishes of two who both stand, on units that are listed as near either way round."""
    wishes = problem.wishes
    listed = [*zip(wishes.left.tolist(), wishes.right.tolist(), strict=True)]
    both = {*listed, *((v, u) for u, v in listed)}
    asked = zip(wishes.first.tolist(), wishes.second.tolist(), strict=True)
    return sum((int(unit[a]), int(unit[b])) in both for a, b in asked)


def broken(problem: AllocationProblem, answer: Assignment) -> list[str]:
    """Everything that an assignment breaks, told project by project and unit by unit."""
    found = []
    pairs = list(zip(problem.pair_project.tolist(), problem.pair_unit.tolist(), strict=True))
    used = set()
    for project in range(problem.projects):
        unit, area = int(answer.unit[project]), float(answer.area_ha[project])
        if unit < 0:
            if area != 0:
                found.append(f"{project} has area but no unit")
        elif (project, unit) not in pairs:
            found.append(f"{project} may not stand on {unit}")
        else:
            pair = pairs.index((project, unit))
            used.add(pair)
            least, most = problem.area_min_ha[pair], problem.area_max_ha[pair]
            if not least - NOISE <= area <= most + NOISE:
                found.append(f"{project} has {area}, not {least} to {most}")
    found += _broken_units(problem, answer)
    for capacity in problem.capacities:
        load = sum(d for p, d in zip(capacity.pair, capacity.load, strict=True) if int(p) in used)
        if load > capacity.limit + NOISE:
            found.append(f"{capacity.name} carries {load} of {capacity.limit}")
    found += [f"{a} and {b} on {u} and {v}" for a, b, u, v in _clashes(problem, answer.unit)]
    return found


def _broken_units(problem: AllocationProblem, answer: Assignment) -> Iterator[str]:
    for unit in range(problem.units):
        here = np.flatnonzero(answer.unit == unit)
        if not len(here):
            continue
        rest = problem.unit_area_ha[unit] - answer.area_ha[here].sum()
        if not problem.divisible[unit] and (len(here) > 1 or abs(rest) > NOISE):
            yield f"plot {unit} is not taken whole by one"
        if rest < -NOISE or NOISE < rest < problem.unit_rest_min_ha[unit] - NOISE:
            yield f"{unit} has a rest of {rest}"


def _clashes(problem: AllocationProblem, unit: np.ndarray) -> Iterator[tuple[int, int, int, int]]:
    for rule in problem.separations:
        near = set(zip(rule.left.tolist(), rule.right.tolist(), strict=True))
        for a, b in itertools.product(rule.first.tolist(), rule.second.tolist()):
            if a != b and unit[a] >= 0 and unit[b] >= 0 and (int(unit[a]), int(unit[b])) in near:
                yield a, b, int(unit[a]), int(unit[b])


def misfit_ha(
    limits: list[tuple[float, float, float]], room: float, rest_min: float
) -> float | None:
    """Least misfit of projects (least, most, wanted) that share a unit; None if they do not fit.

    Areas are first brought to what is wanted; the sum is then taken, a tenth of a
    hectare at a time, to every sum that is allowed.
    """
    least, most = (round(sum(limit[i] for limit in limits) * 10) for i in (0, 1))
    wished = [min(max(wanted, low), high) for low, high, wanted in limits]
    off = sum(abs(w - wanted) for w, (_, _, wanted) in zip(wished, limits, strict=True))
    total = round(sum(wished) * 10)
    whole = round(room * 10)
    sums = [
        s for s in range(least, most + 1) if s == whole or 10 * room - s >= 10 * rest_min - NOISE
    ]
    sums = [s for s in sums if s <= whole]
    return off + min(abs(s - total) for s in sums) / 10 if sums else None


def answers(problem: AllocationProblem) -> Iterator[dict[str, float]]:
    """Values of every assignment that breaks nothing, each with its best areas."""
    limit = {
        (int(p), int(u)): (low, high, float(problem.area_wanted_ha[p]), pair)
        for pair, (p, u, low, high) in enumerate(
            zip(
                problem.pair_project,
                problem.pair_unit,
                problem.area_min_ha.tolist(),
                problem.area_max_ha.tolist(),
                strict=True,
            )
        )
    }
    known: dict[tuple[int, tuple[int, ...]], float | None] = {}
    options = [
        [-1, *(u for u in range(problem.units) if (p, u) in limit)] for p in range(problem.projects)
    ]
    for chosen in itertools.product(*options):
        pairs = [limit[p, u][3] for p, u in enumerate(chosen) if u >= 0]
        if _overdrawn(problem, pairs) or any(_clashes(problem, np.array(chosen))):
            continue
        off: float | None = 0.0
        for unit in set(chosen) - {-1}:
            here = tuple(p for p, u in enumerate(chosen) if u == unit)
            if (unit, here) not in known:
                known[unit, here] = misfit_ha(
                    [limit[p, unit][:3] for p in here],
                    float(problem.unit_area_ha[unit]),
                    float(problem.unit_rest_min_ha[unit]),
                )
            missed = known[unit, here]
            off = None if missed is None or off is None else off + missed
        if off is not None:
            yield {
                **{name: float(v[pairs].sum()) for name, v in problem.values.items()},
                "area_fit": sum(problem.area_wanted_ha[p] for p, u in enumerate(chosen) if u >= 0)
                - off,
                "near": wishes_kept(problem, chosen),
            }


def _overdrawn(problem: AllocationProblem, pairs: list[int]) -> bool:
    for capacity in problem.capacities:
        load = dict(zip(capacity.pair.tolist(), capacity.load.tolist(), strict=True))
        if sum(load.get(pair, 0.0) for pair in pairs) > capacity.limit + NOISE:
            return True
    return False


def optimum(problem: AllocationProblem, objectives: tuple[str, ...]) -> list[float]:
    """Best value of each objective among all answers that are best for those before it."""
    left = list(answers(problem))
    best = []
    for name in objectives:
        best.append(max(answer[name] for answer in left))
        left = [answer for answer in left if answer[name] >= best[-1] - NOISE]
    return best
