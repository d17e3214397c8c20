"""Brute force: the best of all assignments of a small problem, in whole numbers and plain loops.

Nothing of geoplan is used here. Areas are whole numbers of whatever measure the problem is told
in, so that what fits is never a matter of rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

NOWHERE = -1
NOISE = 1e-6
INFINITE = float("inf")


@dataclass
class Small:
    """A problem in which every assignment can be tried.

    Attributes
    ----------
    options : list of list of int
        Units that each project may have, `NOWHERE` among them unless it is locked.
    worth : dict
        Of each objective that is a sum over pairs: what (project, unit) adds to it.
    size : dict
        Least, greatest and wanted area of (project, unit).
    room, rest : list of int
        Area of each unit, and the least that may be left over unless nothing is; a unit that is
        taken whole is one that may leave nothing.
    shared : list of bool
        Whether a unit takes more than one.
    draws : dict
        What (project, unit) draws: pairs of a capacity and an amount.
    limits : list
    clash : callable
        Whether two projects on two units are at odds.
    wishes : list of tuple of int
        Pairs of projects.
    near : callable
        Whether two units are near each other.
    locked : set of int
        Projects that stay whatever they draw and whoever is near.
    """

    options: list[list[int]]
    worth: dict[str, dict[tuple[int, int], int]]
    size: dict[tuple[int, int], tuple[int, int, int]]
    room: list[int]
    rest: list[int]
    shared: list[bool]
    draws: dict[tuple[int, int], list[tuple[int, float]]]
    limits: list[float]
    clash: Callable[[int, int, int, int], bool]
    wishes: list[tuple[int, int]] = field(default_factory=list)
    near: Callable[[int, int], bool] = lambda _u, _v: False
    locked: set[int] = field(default_factory=set)

    def leaves(self) -> int:
        """Assignments, whether they keep the rules or not."""
        count = 1
        for units in self.options:
            count *= len(units)
        return count


def assignments(small: Small) -> Iterator[list[int]]:
    """Go through all assignments that keep every rule but those of areas, units by project."""
    count = len(small.options)
    order = sorted(range(count), key=lambda p: (p not in small.locked, p))
    chosen = [NOWHERE] * count
    used = [0.0] * len(small.limits)

    def placed(step: int) -> Iterator[list[int]]:
        if step == count:
            yield chosen
            return
        project = order[step]
        for unit in small.options[project]:
            if unit == NOWHERE:
                chosen[project] = unit
                yield from placed(step + 1)
                continue
            if not (project in small.locked or _may_join(small, chosen, used, project, unit)):
                continue
            chosen[project] = unit
            for capacity, amount in small.draws[project, unit]:
                used[capacity] += amount
            yield from placed(step + 1)
            for capacity, amount in small.draws[project, unit]:
                used[capacity] -= amount
        chosen[project] = NOWHERE

    yield from placed(0)


def _may_join(
    small: Small, chosen: Sequence[int], used: Sequence[float], project: int, unit: int
) -> bool:
    for capacity, amount in small.draws[project, unit]:
        if amount > 0 and used[capacity] + amount > small.limits[capacity] + NOISE:
            return False
    for other, there in enumerate(chosen):
        if there == NOWHERE or other == project:
            continue
        if there == unit and not small.shared[unit]:
            return False
        if small.clash(project, unit, other, there):
            return False
    return True


def misfit(small: Small, unit: int, here: Sequence[int]) -> float:
    """Area by which those on a unit miss what they want at best; infinite if they do not fit.

    Everybody first takes what comes nearest to his wish; all then grow, or all shrink, to the
    nearest sum that is allowed: the whole unit, or one that leaves a rest of the least size.
    """
    sizes = [small.size[project, unit] for project in here]
    least, most = (sum(size[side] for size in sizes) for side in (0, 1))
    nearest = [min(max(wanted, low), high) for low, high, wanted in sizes]
    off = sum(abs(near - size[2]) for near, size in zip(nearest, sizes, strict=True))
    room, total = small.room[unit], sum(nearest)
    sums = []
    if least <= room <= most:
        sums.append(room)
    top = min(room - small.rest[unit], most)
    if small.shared[unit] and least <= top:
        sums.append(min(max(total, least), top))
    return off + min(abs(one - total) for one in sums) if sums else INFINITE


def best(small: Small, aims: Sequence[str]) -> tuple[tuple[int, ...], int]:
    """Find the best value of each aim among all answers that are best for those before it.

    Returns
    -------
    tuple of int
        ``area_fit`` in the measure of the areas.
    int
        Assignments that keep all rules.
    """
    misfits: dict[tuple[int, tuple[int, ...]], float] = {}
    found: tuple[int, ...] | None = None
    kept = 0
    for chosen in assignments(small):
        missed = 0.0
        for unit in set(chosen) - {NOWHERE}:
            here = tuple(p for p, u in enumerate(chosen) if u == unit)
            key = (unit, here)
            if key not in misfits:
                misfits[key] = misfit(small, unit, here)
            missed += misfits[key]
        if missed < INFINITE:
            kept += 1
            values = tuple(_value(small, aim, chosen, int(missed)) for aim in aims)
            found = values if found is None or values > found else found
    assert found is not None
    return found, kept


def _value(small: Small, aim: str, chosen: Sequence[int], missed: int) -> int:
    placed = [(project, unit) for project, unit in enumerate(chosen) if unit != NOWHERE]
    if aim == "area_fit":
        return sum(small.size[pair][2] for pair in placed) - missed
    if aim == "near":
        return sum(
            NOWHERE not in (chosen[a], chosen[b]) and small.near(chosen[a], chosen[b])
            for a, b in small.wishes
        )
    return sum(small.worth[aim][pair] for pair in placed)


def value_of(small: Small, aim: str, unit: Sequence[int], area: Sequence[float]) -> float:
    """Value an answer: what it says of units and areas is taken at its word."""
    missed = 0.0
    for project, place in enumerate(unit):
        if place != NOWHERE:
            missed += abs(area[project] - small.size[project, place][2])
    if aim != "area_fit":
        return _value(small, aim, unit, 0)
    placed = [(project, place) for project, place in enumerate(unit) if place != NOWHERE]
    return sum(small.size[pair][2] for pair in placed) - missed


def broken(small: Small, unit: Sequence[int], area: Sequence[float]) -> list[str]:
    """Everything that an answer breaks; areas may miss by a thousandth of their measure."""
    found = []
    for project, place in enumerate(unit):
        if place not in small.options[project]:
            found.append(f"{project} may not stand on {place}")
        elif place == NOWHERE:
            found += [f"{project} has area but no unit"] * (area[project] != 0)
        else:
            least, most, _ = small.size[project, place]
            if not least - 1e-3 <= area[project] <= most + 1e-3:
                found.append(f"{project} has {area[project]}, not {least} to {most}")
    return found or [*_broken_land(small, unit, area), *_at_odds(small, unit)]


def _broken_land(small: Small, unit: Sequence[int], area: Sequence[float]) -> Iterator[str]:
    for place in sorted({*unit} - {NOWHERE}):
        here = [project for project, u in enumerate(unit) if u == place]
        rest = small.room[place] - sum(area[project] for project in here)
        if not small.shared[place] and (len(here) > 1 or abs(rest) > 1e-3):
            yield f"{place} is not taken whole by one"
        if rest < -1e-3 or 1e-3 < rest < small.rest[place] - 1e-3:
            yield f"{place} has a rest of {rest}"


def _at_odds(small: Small, unit: Sequence[int]) -> Iterator[str]:
    used = [0.0] * len(small.limits)
    others: set[int] = set()
    for project, place in enumerate(unit):
        for capacity, amount in small.draws[project, place] if place != NOWHERE else ():
            used[capacity] += amount
            others |= {capacity} if project not in small.locked and amount > 0 else set()
    for capacity in sorted(others):
        if used[capacity] > small.limits[capacity] + NOISE:
            yield f"{used[capacity]} of {small.limits[capacity]} are drawn from {capacity}"
    placed = [(project, place) for project, place in enumerate(unit) if place != NOWHERE]
    for a, u in placed:
        for b, v in placed:
            if a < b and not {a, b} <= small.locked and small.clash(a, u, b, v):
                yield f"{a} on {u} and {b} on {v} are at odds"
