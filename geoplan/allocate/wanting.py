"""What a project would have to be, or have, to stand on a unit where everybody else stays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from geoplan.allocate.kept import Kept
from geoplan.allocate.least import Room, sizes_that_fit
from geoplan.allocate.problem import LOAD_NOISE
from geoplan.allocate.rules import UNCLASSED
from geoplan.config import UTILITY_KINDS

KINDS = (
    "area_min_ha",
    "area_max_ha",
    "frontage_min_m",
    "start_year",
    "rail",
    "heavy",
    "apart",
    "capacity",
    "demand",
    "hazard_class",
    "market",
    "use",
)
"""Kinds of change, the least first: what the applicant decides alone, what others have to agree
to, what has to be built, what makes it another project or another zone."""
STEPS = {
    "area_min_ha": 0.001,
    "area_max_ha": 0.001,
    "frontage_min_m": 0.1,
    "power_mw": 0.001,
    "heat_gcalh": 0.001,
}
"""Amounts are whole multiples of these; of 0.1 m3 for what is not named."""
STEP_ELSE = 0.1
ROUNDING = 1e-6
DIGITS = 6


@dataclass(frozen=True)
class Change:
    """One thing that would be otherwise.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    subject : str
        The utility, the other project, the plot or the use that is concerned; for ``demand`` the
        kind of utility. Empty where it is the project itself.
    amount : float
        By how much: the least that will do, as a multiple of its step; 0 where it is yes or no.
    """

    kind: str
    subject: str = ""
    amount: float = 0.0


def stepped(amount: float, step: float) -> float:
    """Round an amount up to whole steps.

    >>> stepped(0.30001, 0.001)
    0.301
    >>> stepped(0.1 + 0.2, 0.1)
    0.3
    """
    return round(math.ceil(amount / step - ROUNDING) * step, DIGITS)


def wanting(kept: Kept, project: int, unit: int) -> Iterator[tuple[Change, ...]]:
    """List the sets of changes, each the least of its kinds, that open a unit to a project.

    Parameters
    ----------
    kept : Kept
    project, unit : int

    Yields
    ------
    tuple of Change
        Empty where the project fits as it is. Nothing is yielded where no change that is known
        here would do.
    """
    barred = {name for name, rule in kept.rules.items() if rule.forbidden[project, unit]}
    if barred & {"withdrawn", "lock"}:
        return
    parts = [
        _by_use(kept, unit, barred),
        _by_market(kept, unit, barred),
        [Change("rail")] if "rail" in barred else [],
        [Change("heavy")] if "main street" in barred else [],
        _by_year(kept, project, unit),
        _by_class(kept, project, unit),
        _by_agreement(kept, project, unit),
        _by_capacity(kept, project, unit),
    ]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return
    changes = tuple(itertools.chain.from_iterable(known))
    for size in _by_size(kept, project, unit):
        yield (*size, *changes)


def room_of(kept: Kept, unit: int, *, without: tuple[int, ...] = ()) -> Room | None:
    """Describe a unit and those who would share it; None if a rule forbids it to one of them."""
    sharers = [each for each in kept.again.get(unit, ()) if each not in without]
    if not kept.fits_rules[sharers, unit].all():
        return None
    least, most = kept.limits_ha
    return replace(
        kept.rooms[unit],
        least_ha=float(least[sharers, unit].sum()),
        most_ha=float(most[sharers, unit].sum()),
        shared=bool(sharers),
    )


def _by_size(kept: Kept, project: int, unit: int) -> Iterator[tuple[Change, ...]]:
    """Take less, or more; on less land the front is shorter too."""
    room = room_of(kept, unit)
    if room is None:
        return
    own = kept.sizes[project]
    for size in sizes_that_fit(own, room):
        amounts = {
            "area_min_ha": own.least_ha - size.least_ha,
            "area_max_ha": size.most_ha - own.most_ha,
            "frontage_min_m": own.front_m - size.front_m,
        }
        changes = [
            Change(kind, "", stepped(amount, STEPS[kind]))
            for kind, amount in amounts.items()
            if amount > ROUNDING * STEPS[kind]
        ]
        if not any(c.kind == "area_min_ha" and c.amount >= own.least_ha for c in changes):
            yield tuple(changes)


def _by_use(kept: Kept, unit: int, barred: set[str]) -> list[Change]:
    return [Change("use", str(kept.units["use"].iloc[unit]))] if "zone use" in barred else []


def _by_market(kept: Kept, unit: int, barred: set[str]) -> list[Change] | None:
    """Land that is kept back could be offered; what is sold could not."""
    if "market" not in barred:
        return []
    state = kept.units["market"].iloc[unit] if "market" in kept.units else "sold"
    return None if state == "sold" else [Change("market", str(kept.units["unit_id"].iloc[unit]))]


def _by_year(kept: Kept, project: int, unit: int) -> list[Change] | None:
    """Start when land and utilities are there, and do without what never comes."""
    start, ready = float(kept.start[project]), float(kept.ready[unit])
    changes = []
    for number, kind in enumerate(UTILITY_KINDS):
        need = float(kept.needs[number, project])
        if need <= 0:
            continue
        supplied = float(kept.supplied_from[number, unit])
        if supplied == np.inf:
            changes.append(Change("demand", kind, need))
        else:
            ready = max(ready, supplied)
    if start < ready:
        changes.append(Change("start_year", "", ready - start))
    return changes


def _by_class(kept: Kept, project: int, unit: int) -> list[Change] | None:
    """Take the most dangerous class that zone, receptors and sensitive plants bear."""
    own = int(kept.classes[project])
    if own == UNCLASSED:
        return [] if bears(kept, project, unit, own) else None
    for milder in range(own, UNCLASSED):
        if bears(kept, project, unit, milder):
            amount = float(milder - own)
            return [Change("hazard_class", "", amount)] if amount else []
    return None


def bears(kept: Kept, project: int, unit: int, number: int) -> bool:
    """Tell whether zone, receptors and other plants let a project of a hazard class stand.

    Parameters
    ----------
    kept : Kept
    project, unit : int
    number : int
        The class, 1-5; 6 for none.
    """
    if number < kept.hazard_max[unit]:
        return False
    if number < UNCLASSED and number < kept.class_min[unit]:
        return False
    return not unhealthy(kept, project, unit, number)


def unhealthy(
    kept: Kept, project: int, unit: int, number: int, *, without: tuple[int, ...] = ()
) -> list[int]:
    """List those who stand too near for their health, or for the project's.

    Parameters
    ----------
    kept : Kept
    project, unit : int
    number : int
        Hazard class of the project, 1-5; 6 for none.
    without : tuple of int
        Projects that would have gone.
    """
    spz, home = kept.norms.spz, kept.moved(unit)
    others = np.flatnonzero(home >= 0)
    others = others[~np.isin(others, (project, *without))]
    near_m = kept.near_m[unit, home[others]]
    against = spz.sensitive_against_class_max
    near = np.zeros(len(others), dtype=bool)
    if number <= against:
        near = kept.sensitive[others] & (near_m < spz.distance_m[number - 1])
    if kept.sensitive[project]:
        classes = kept.classes[others]
        keeps_m = np.array([*spz.distance_m, -np.inf])[classes - 1]
        near |= (classes <= against) & (near_m < keeps_m)
    return [int(other) for other in others[near]]


def apart_but_near(
    kept: Kept, project: int, unit: int, *, without: tuple[int, ...] = ()
) -> list[int]:
    """List those from whom one of the two wished to be apart, and who stand near."""
    home = kept.moved(unit)
    return [
        other
        for other in sorted(kept.apart_from[project])
        if other not in without
        and home[other] >= 0
        and kept.near_m[unit, home[other]] < kept.apart_m
    ]


def _by_agreement(kept: Kept, project: int, unit: int) -> list[Change]:
    """Stand near them nevertheless."""
    ids = kept.projects["project_id"].to_numpy(dtype=str)
    return [Change("apart", ids[other]) for other in apart_but_near(kept, project, unit)]


def _by_capacity(kept: Kept, project: int, unit: int) -> list[Change]:
    """Add to each utility what it lacks."""
    short = lacking(kept, project, unit)
    names = kept.utilities["utility_id"].to_numpy(dtype=str)
    kinds = kept.utilities["kind"].to_numpy(dtype=str)
    return [
        Change("capacity", names[row], stepped(amount, STEPS.get(kinds[row], STEP_ELSE)))
        for row, amount in sorted(short.items())
    ]


def lacking(
    kept: Kept, project: int, unit: int, *, without: tuple[int, ...] = ()
) -> dict[int, float]:
    """Tell what each utility (by its row) lacks for a project on a unit."""
    used = kept.drawn_if(unit)
    if without:
        home = kept.moved(unit).copy()
        home[list(without)] = -1
        used = kept.drawn(home)
    short = {}
    for number in range(len(UTILITY_KINDS)):
        need, row = float(kept.needs[number, project]), int(kept.source[number, unit])
        if need > 0 and row >= 0:
            limit = float(kept.capacity[row])
            over = used[row] + need - limit
            if over > LOAD_NOISE * max(limit, 1.0):
                short[row] = float(over)
    return short
