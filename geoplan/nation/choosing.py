"""Which park: projects shared out among parks, each park a few pieces of land with utilities.

The problem is that of :mod:`geoplan.allocate`, with parks in place of strips: a unit is a park's
land of one use. Land that not every project may stand on is a capacity of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, SharedCapacity
from geoplan.allocate.rules import UNCLASSED, column
from geoplan.config import UTILITY_KINDS, weights_of
from geoplan.nation.land import ParkLand
from geoplan.site.schema import ID_SEPARATOR

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
TERMS = {"investment": "invest_bn_kzt", "jobs": "jobs", "priority": "priority"}
PLOTTABLE_SHARE = 0.75
"""Of zones of plotted uses; parks' own plans have more as a rule, and streets take the rest."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Who might go where.

    Attributes
    ----------
    unit_park : ndarray of int, shape (units,)
        Park of each unit.
    unit_use : tuple of str
        Use of each unit's land.
    zone_ha : tuple of ndarray
        Area of each zone of each unit.
    pair_project, pair_unit : ndarray of int, shape (pairs,)
        Ordered by project, then unit.
    pair_zones : ndarray of int, shape (pairs,)
        The zones of the unit that take the project, one bit each.
    rail_ha : ndarray, shape (units,)
        Land within reach of rail.
    by_rail : ndarray of bool, shape (projects,)
        Who needs it.
    needs : ndarray, shape (kinds, projects)
    worth : ndarray, shape (projects,)
        What each project is worth, placed.
    """

    unit_park: Integers
    unit_use: tuple[str, ...]
    zone_ha: tuple[Floats, ...]
    pair_project: Integers
    pair_unit: Integers
    pair_zones: NDArray[np.int64]
    rail_ha: Floats
    by_rail: Booleans
    needs: Floats
    worth: Floats


def worth_of(projects: pd.DataFrame, aim: str) -> Floats:
    """Value of each project to an aim, shape (projects,).

    >>> asked = pd.DataFrame({"invest_bn_kzt": [4.0], "jobs": [100]})
    >>> worth_of(asked, "investment + 0.01 jobs")
    array([5.])
    """
    total = np.zeros(len(projects))
    for term, weight in weights_of(aim).items():
        one = np.ones(len(projects))
        total += weight * (one if term not in TERMS else projects[TERMS[term]].to_numpy(float))
    return total


def welcome_in(projects: pd.DataFrame, park_ids: Sequence[str], regions: Sequence[str]) -> Booleans:
    """Tell which parks each project would go to, shape (projects, parks).

    Parameters
    ----------
    projects : DataFrame
        ``regions``, ``park_ids``: both empty: anywhere; ``status``: who has withdrawn: nowhere.
    park_ids, regions : sequence of str
        Of each park.
    """
    welcome = np.ones((len(projects), len(park_ids)), dtype=bool)
    for name, of_park in (("regions", regions), ("park_ids", park_ids)):
        named = np.array(of_park, dtype=object)
        for row, text in enumerate(projects[name].to_numpy(dtype=object)):
            if isinstance(text, str) and text:
                welcome[row] &= np.isin(named, text.split(ID_SEPARATOR))
    welcome[(projects["status"] == "withdrawn").to_numpy(dtype=bool)] = False
    return welcome


def choices(
    projects: pd.DataFrame, lands: Sequence[ParkLand], welcome: Booleans, *, aim: str
) -> Choice:
    """Find all that no rule forbids.

    Parameters
    ----------
    projects : DataFrame
        The portfolio.
    lands : sequence of ParkLand
        One a park.
    welcome : ndarray of bool, shape (projects, parks)
        As :func:`welcome_in` tells.
    aim : str
        What is to be the greatest.
    """
    needs = np.array([projects[kind].to_numpy(dtype=float) for kind in UTILITY_KINDS])
    park: list[int] = []
    use: list[str] = []
    areas, rail_ha, project, unit, bits = [], [], [], [], []
    for number, land in enumerate(lands):
        rows = np.flatnonzero(welcome[:, number])
        takes = zones_that_take(projects.iloc[rows], land, needs[:, rows])
        for each in dict.fromkeys(land.use.tolist()):
            mine = np.flatnonzero(land.use == each)
            mask = (takes[:, mine] * (1 << np.arange(len(mine), dtype=np.int64))).sum(axis=1)
            found = np.flatnonzero(mask)
            project.append(rows[found])
            unit.append(np.full(len(found), len(park), dtype=np.intp))
            bits.append(mask[found])
            park.append(number)
            use.append(str(each))
            areas.append(land.area_ha[mine, -1])
            rail_ha.append(float(land.rail_ha[mine].sum()))
    none = [np.empty(0, dtype=np.intp)]
    projects_, units, zones = (np.concatenate([*none, *part]) for part in (project, unit, bits))
    order = np.lexsort((units, projects_))
    return Choice(
        np.array(park, dtype=np.intp),
        tuple(use),
        tuple(areas),
        projects_[order].astype(np.intp),
        units[order].astype(np.intp),
        zones[order].astype(np.int64),
        np.array(rail_ha),
        projects["rail"].to_numpy(dtype=bool),
        needs,
        worth_of(projects, aim),
    )


def zones_that_take(projects: pd.DataFrame, land: ParkLand, needs: Floats) -> Booleans:
    """Tell which zones of a park could take which projects, shape (projects, zones)."""
    fits = np.ones((len(projects), len(land.zones)), dtype=bool)
    for _, mask in barring(projects, land, needs):
        fits &= ~mask
    return fits


def barring(
    projects: pd.DataFrame, land: ParkLand, needs: Floats
) -> Iterator[tuple[str, Booleans]]:
    """Ask each rule of every project and zone of a park.

    Yields
    ------
    str, ndarray of bool, shape (projects, zones)
        What the zone lacks, and where it bars the project.
    """
    use = projects["use"].fillna("").to_numpy(dtype=object)
    yield "land of its use", (use[:, None] != land.use[None, :]) & (use != "")[:, None]
    hazard = column(projects, "hazard_class", UNCLASSED)
    yield "a zone that takes its hazard class", hazard[:, None] < land.hazard_max[None, :]
    start = column(projects, "start_year", np.inf)
    yield "a zone available by its start year", start[:, None] < land.year[None, :]
    none = np.zeros((len(projects), len(land.zones)), dtype=bool)
    for need, capacity, first, kind in zip(
        needs, land.capacity, land.supplied_from, UTILITY_KINDS, strict=True
    ):
        if not np.isnan(capacity):
            late = (need > 0) & (start < first)
            yield f"{kind.rpartition('_')[0]} by its start year", late[:, None] | none
    least = projects["area_min_ha"].to_numpy(dtype=float)
    room = land.area_ha[:, hazard.astype(np.intp) - 1].T
    yield "land far enough from receptors, of its size", least[:, None] > room
    rail = projects["rail"].to_numpy(dtype=bool)
    yield "rail", rail[:, None] & (least[:, None] > land.rail_ha[None, :])


def problem_of(
    choice: Choice,
    area_ha: Floats,
    *,
    aim: str,
    unit_ha: Sequence[Floats],
    rail_ha: Floats,
    capacity: Floats,
) -> AllocationProblem:
    """Pose a choice as a problem of allocation.

    Parameters
    ----------
    choice : Choice
    area_ha : ndarray, shape (projects,)
        Land that each project takes up.
    aim : str
        Name of the objective.
    unit_ha : sequence of ndarray
        Area of each zone of each unit.
    rail_ha : ndarray, shape (units,)
        Land within reach of rail.
    capacity : ndarray, shape (parks, kinds)
        Of utilities; NaN where none is planned.
    """
    need = area_ha[choice.pair_project]
    room = np.array([float(each.sum()) for each in unit_ha])
    return AllocationProblem(
        projects=len(area_ha),
        units=len(room),
        pair_project=choice.pair_project,
        pair_unit=choice.pair_unit,
        area_min_ha=need,
        area_max_ha=need,
        area_wanted_ha=area_ha,
        unit_area_ha=room,
        unit_rest_min_ha=np.zeros(len(room)),
        divisible=np.ones(len(room), dtype=bool),
        values={aim: choice.worth[choice.pair_project]},
        capacities=(
            *_drawn(choice, capacity),
            *_restricted(choice, need, unit_ha),
            *_along_rail(choice, need, rail_ha),
        ),
    )


def _drawn(choice: Choice, capacity: Floats) -> Iterator[SharedCapacity]:
    """Utilities, each park and kind one."""
    park = choice.unit_park[choice.pair_unit]
    order = np.argsort(park, kind="stable")
    ends = np.searchsorted(park[order], np.arange(len(capacity) + 1))
    for number, limits in enumerate(capacity):
        mine = np.sort(order[ends[number] : ends[number + 1]])
        for kind, limit in enumerate(limits):
            load = choice.needs[kind, choice.pair_project[mine]]
            if not np.isnan(limit) and load.sum() > limit:
                drawing = load > 0
                yield SharedCapacity(
                    f"{UTILITY_KINDS[kind]} {number}", float(limit), mine[drawing], load[drawing]
                )


def _restricted(
    choice: Choice, need: Floats, unit_ha: Sequence[Floats]
) -> Iterator[SharedCapacity]:
    """Land of those zones of a unit that some projects are bound to."""
    order = np.argsort(choice.pair_unit, kind="stable")
    ends = np.searchsorted(choice.pair_unit[order], np.arange(len(unit_ha) + 1))
    for unit, areas in enumerate(unit_ha):
        mine = np.sort(order[ends[unit] : ends[unit + 1]])
        zones, every = choice.pair_zones[mine], (1 << len(areas)) - 1
        for allowed in np.unique(zones[zones != every]).tolist():
            bound = mine[(zones & ~np.int64(allowed)) == 0]
            limit = float(areas[[bool(allowed >> each & 1) for each in range(len(areas))]].sum())
            if need[bound].sum() > limit:
                yield SharedCapacity(f"land {unit}/{allowed}", limit, bound, need[bound])


def _along_rail(choice: Choice, need: Floats, rail_ha: Floats) -> Iterator[SharedCapacity]:
    """Land within reach of rail, for those who need it."""
    bound = np.flatnonzero(choice.by_rail[choice.pair_project])
    unit = choice.pair_unit[bound]
    for each in np.unique(unit).tolist():
        mine = bound[unit == each]
        if need[mine].sum() > rail_ha[each]:
            yield SharedCapacity(f"rail {each}", float(rail_ha[each]), mine, need[mine])
