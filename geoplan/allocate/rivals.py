"""Whom a project has lost to: the cheapest set of others whose going would make room for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.areas import TIGHT_HA, missed_ha
from geoplan.allocate.kept import Kept
from geoplan.allocate.least import sizes_that_fit
from geoplan.allocate.proofs import proven
from geoplan.allocate.wanting import apart_but_near, lacking, room_of, unhealthy
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

SHARERS_MAX = 3
"""Sets of more from one unit are not looked for."""
SETS_EACH = 300
"""Sets whose land would do that are looked into for each project, the cheapest first."""
PROOFS_MAX = 4


@dataclass(frozen=True)
class Rivals:
    """Who would have to go so that a project can stand on a unit.

    Attributes
    ----------
    unit : int
    leaving : tuple of int
        Projects that would have no land.
    moving : mapping of int to int
        Projects that would find free land elsewhere, and the unit of each.
    value_bn_kzt : float
        What those who leave invest.
    """

    unit: int
    leaving: tuple[int, ...]
    moving: Mapping[int, int]
    value_bn_kzt: float


@dataclass(frozen=True)
class Sets:
    """Sets of those who share a unit, the cheapest first.

    Attributes
    ----------
    unit : ndarray of int, shape (sets,)
    gone : tuple of tuple of int
    cost : ndarray
        What they invest, whoever can move to free land left out.
    least_ha, most_ha : ndarray
        Sums of the areas of those who stay on the unit.
    left : ndarray of int
        How many stay.
    goals : tuple of tuple of int
        Free units that each project could go to.
    """

    unit: Integers
    gone: tuple[tuple[int, ...], ...]
    cost: Floats
    least_ha: Floats
    most_ha: Floats
    left: Integers
    goals: tuple[tuple[int, ...], ...]


def sets_of(kept: Kept) -> Sets:
    """List the sets of up to three who share a unit; on free units nobody has to go."""
    goals = tuple(_free_units_for(kept, project) for project in range(len(kept.projects)))
    invest = kept.projects["invest_bn_kzt"].to_numpy(dtype=float)
    price = np.where([bool(each) for each in goals], 0.0, invest)
    rows = []
    for unit, gone in _all_sets(kept):
        room = room_of(kept, unit, without=gone)
        if room is not None:
            chosen = list(gone)
            cost, value = (round(float(each[chosen].sum()), 9) for each in (price, invest))
            left = len(kept.again.get(unit, ())) - len(gone)
            order = (cost, len(gone), value, unit, gone)
            rows.append((order, room.least_ha, room.most_ha, left))
    rows.sort()
    return Sets(
        np.array([order[3] for order, *_ in rows], dtype=np.intp),
        tuple(order[4] for order, *_ in rows),
        np.array([order[0] for order, *_ in rows], dtype=float),
        np.array([least_ha for _, least_ha, _, _ in rows], dtype=float),
        np.array([most_ha for _, _, most_ha, _ in rows], dtype=float),
        np.array([left for *_, left in rows], dtype=np.intp),
        goals,
    )


def _all_sets(kept: Kept) -> Iterator[tuple[int, tuple[int, ...]]]:
    for unit in kept.on_offer.tolist():
        sharers = kept.again.get(unit, ())
        for count in range(1, SHARERS_MAX + 1) if sharers else (0,):
            for gone in itertools.combinations(sharers, count):
                yield unit, gone


def rivals(kept: Kept, project: int, sets: Sets) -> Rivals | None:
    """Find the cheapest set of others that a project has lost to.

    Who could move to free land costs nothing, anybody else what he invests; among equals fewer
    are better. Looked at are sets of up to three who share land, and one more anywhere else where
    that is enough for the utilities; always on units where the rules welcome the project.

    Parameters
    ----------
    kept : Kept
    project : int
    sets : Sets

    Returns
    -------
    Rivals or None
        Proven by solving; None where no such set was found.
    """
    invest = kept.projects["invest_bn_kzt"].to_numpy(dtype=float)
    found: list[tuple[float, int, float, int, tuple[int, ...]]] = []
    best = np.inf
    enough = np.flatnonzero(_land_suffices(kept, project, sets))
    for row in enough[:SETS_EACH].tolist():
        if sets.cost[row] >= best:
            break
        unit, gone = int(sets.unit[row]), sets.gone[row]
        others = _others_to_go(kept, project, unit, gone, invest)
        if others is None:
            continue
        cost = float(sets.cost[row]) + float(invest[list(others)].sum())
        everybody = (*gone, *others)
        if everybody:
            found.append((cost, len(everybody), -float(invest[list(gone)].sum()), unit, everybody))
            best = min(best, cost)
    for *_, unit, everybody in sorted(found)[:PROOFS_MAX]:
        away = _moves(kept, unit, everybody, sets)
        for moving in (away, {}) if away else ({},):
            leaving = tuple(each for each in everybody if each not in moving)
            if proven(kept, project, unit, leaving=leaving, moving=moving):
                return Rivals(unit, leaving, moving, float(invest[list(leaving)].sum()))
    return None


def _land_suffices(kept: Kept, project: int, sets: Sets) -> Booleans:
    """Tell of which sets the land, and every rule, would let the project in."""
    unit = sets.unit
    size = kept.sizes[project]
    names = ("area_ha", "depth_m", "plot_area_min_ha", "plot_area_max_ha")
    room, depth_m, plot_min, plot_max = (kept.units[name].to_numpy(float)[unit] for name in names)
    least = np.maximum(np.maximum(size.least_ha, size.front_m * depth_m / M2_PER_HA), plot_min)
    most = np.minimum(np.minimum(size.most_ha, plot_max), room)
    least_ha, most_ha = sets.least_ha + least, sets.most_ha + most
    missed = missed_ha(least_ha, most_ha, least_ha, room, np.minimum(plot_min, room))
    on_strip = np.isfinite(missed) & (least <= most + TIGHT_HA)
    divisible = kept.units["divisible"].to_numpy(dtype=bool)[unit]
    whole = np.array(
        [size in sizes_that_fit(size, kept.rooms[each]) for each in range(len(kept.units))],
        dtype=bool,
    )[unit]
    fits = np.where(divisible, on_strip, whole & (sets.left == 0))
    return np.asarray(fits & kept.fits_rules[project, unit], dtype=bool)


def _others_to_go(
    kept: Kept, project: int, unit: int, gone: tuple[int, ...], invest: Floats
) -> tuple[int, ...] | None:
    """Name who else has to go, if at most one has to: too near, or drawing what is short."""
    near = {
        *apart_but_near(kept, project, unit, without=gone),
        *unhealthy(kept, project, unit, int(kept.classes[project]), without=gone),
    }
    short = lacking(kept, project, unit, without=gone)
    if not near and not short:
        return ()
    free = np.zeros(len(kept.projects), dtype=bool)
    free[[each for sharers in kept.again.values() for each in sharers]] = True
    free[list(gone)] = False
    if near:
        free &= np.isin(np.arange(len(free)), sorted(near)) & (len(near) == 1)
    for candidate in np.flatnonzero(free)[np.argsort(invest[free], kind="stable")].tolist():
        if not lacking(kept, project, unit, without=(*gone, candidate)):
            return (candidate,)
    return None


def _moves(kept: Kept, unit: int, gone: tuple[int, ...], sets: Sets) -> dict[int, int]:
    """Find free units elsewhere for those who go, each one its own."""
    place = kept.units["place"].to_numpy(dtype=object)
    found: dict[int, int] = {}
    for each in gone:
        for goal in sets.goals[each]:
            if goal not in found.values() and place[goal] != place[unit]:
                found[each] = goal
                break
    return found


def _free_units_for(kept: Kept, project: int) -> tuple[int, ...]:
    """List the free units that a project which has land could go to as things are."""
    if kept.home[project] < 0:
        return ()
    size, own, number = kept.sizes[project], (project,), int(kept.classes[project])
    return tuple(
        unit
        for unit in kept.on_offer.tolist()
        if unit not in kept.again
        and kept.fits_rules[project, unit]
        and size in sizes_that_fit(size, kept.rooms[unit])
        and not lacking(kept, project, unit, without=own)
        and not unhealthy(kept, project, unit, number, without=own)
        and not apart_but_near(kept, project, unit, without=own)
    )
