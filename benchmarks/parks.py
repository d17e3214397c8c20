"""Park-like allocation instances: projects, plots, feeders, water mains, and who may stand where.

Plots lie on a grid with some noise; zones are stripes of it; about 25 plots share a feeder and
about 50 a water main; projects ask for an area, power and water, some for a siding. All numbers
are whole, so that every solver can be asked for the exact optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geoplan.allocate.problem import AllocationProblem, Separation, SharedCapacity

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

PITCH_M, NOISE_M = 140.0, 25.0
APART_M = 500.0
KINDS = 6
"""Heavy chemistry, heavy, light, food, logistics, small business: kinds of zones and projects."""
KIND_SHARES = (0.10, 0.15, 0.25, 0.15, 0.15, 0.20)
ALSO_IN = ((1, 0), (2, 1), (5, 2), (4, 2), (5, 3))
"""A project of one kind may also stand in a zone of another."""
POWER = np.array([30, 25, 12, 14, 6, 8])
WATER = np.array([25, 15, 8, 30, 3, 6])
RAIL_SHARES = np.array([0.25, 0.25, 0.05, 0.05, 0.35, 0.0])
SENSITIVE_SHARES = np.array([0.0, 0.0, 0.4, 1.0, 0.0, 0.2])
HAZARD_SHARES = np.array([1.0, 0.3, 0.0, 0.0, 0.0, 0.0])
FEEDER_SIDE, MAIN_SIDE = 5, 7
"""Rows and columns of plots that one feeder, or one main, serves."""
DEMAND_MET = 0.62
"""Share of a feeder's expected demand that it can carry."""


@dataclass(frozen=True)
class Park:
    """One instance; pairs are ordered by project, then plot.

    Attributes
    ----------
    project, plot, value : ndarray of int, shape (pairs,)
    wanted_ha, power, water : ndarray, shape (projects,)
    hazardous, sensitive : ndarray of bool, shape (projects,)
    area_ha, x_m, y_m : ndarray, shape (plots,)
    feeder, main : ndarray of int, shape (plots,)
    feeder_limit, main_limit : ndarray of int
    """

    project: Integers
    plot: Integers
    value: Integers
    wanted_ha: Floats
    power: Integers
    water: Integers
    hazardous: NDArray[np.bool_]
    sensitive: NDArray[np.bool_]
    area_ha: Floats
    x_m: Floats
    y_m: Floats
    feeder: Integers
    main: Integers
    feeder_limit: Integers
    main_limit: Integers


def park(projects: int, plots: int, *, seed: int = 0) -> Park:
    """Draw an instance; the same numbers give the same instance."""
    random = np.random.default_rng([seed, projects, plots])
    side = int(np.ceil(np.sqrt(plots)))
    column, row = np.divmod(np.arange(plots), side)
    x_m = column * PITCH_M + random.uniform(-NOISE_M, NOISE_M, plots)
    y_m = row * PITCH_M + random.uniform(-NOISE_M, NOISE_M, plots)
    zone = (column * max(KINDS, side // 8) // side) % KINDS
    feeder, main = (_served(column, row, size) for size in (FEEDER_SIDE, MAIN_SIDE))
    area_ha = np.clip(np.exp(random.normal(0.55, 0.7, plots)), 0.2, 25)
    kind = random.choice(KINDS, projects, p=KIND_SHARES)
    wanted_ha = np.clip(np.exp(random.normal(0.5, 0.8, projects)), 0.2, 20)
    worth = _whole(wanted_ha * np.exp(random.normal(0.6, 0.8, projects)) * 100)
    power = _whole(wanted_ha * np.exp(random.normal(0, 0.7, projects)) * POWER[kind])
    water = _whole(wanted_ha * np.exp(random.normal(0, 0.7, projects)) * WATER[kind])
    rail = random.random(projects) < RAIL_SHARES[kind]
    hazardous, sensitive = (
        random.random(projects) < shares[kind] for shares in (HAZARD_SHARES, SENSITIVE_SHARES)
    )
    project, plot = _eligible(kind, zone, wanted_ha, area_ha, rail, row % 12 < 2)
    off_m = np.hypot(x_m - x_m.mean(), y_m - y_m.mean())
    central = 1 - 0.15 * off_m / off_m.max()
    misfit = np.abs(np.log(area_ha[plot] / wanted_ha[project]))
    return Park(
        project=project,
        plot=plot,
        value=_whole(worth[project] * (1 - 0.6 * misfit) * central[plot]),
        wanted_ha=wanted_ha,
        power=power,
        water=water,
        hazardous=hazardous,
        sensitive=sensitive,
        area_ha=area_ha,
        x_m=x_m,
        y_m=y_m,
        feeder=feeder,
        main=main,
        feeder_limit=_limits(feeder, power),
        main_limit=_limits(main, water),
    )


def _whole(amount: Floats) -> Integers:
    return np.maximum(1, amount).astype(np.intp)


def _served(column: Integers, row: Integers, side: int) -> Integers:
    """Give each plot the number of its square, so many plots a side."""
    square = (column // side) * (row.max() // side + 1) + row // side
    return np.unique(square, return_inverse=True)[1]


def _limits(service: Integers, demand: Integers) -> Integers:
    share = np.bincount(service) / len(service)
    return np.maximum(demand.max() // 2, share * demand.sum() * DEMAND_MET).astype(np.intp)


def _eligible(
    kind: Integers,
    zone: Integers,
    wanted_ha: Floats,
    area_ha: Floats,
    rail: NDArray[np.bool_],
    siding: NDArray[np.bool_],
) -> tuple[Integers, Integers]:
    """Pairs of the right kind, of 85 % to 135 % of the area wanted, with a siding if need be."""
    admitted = np.eye(KINDS, dtype=bool)
    admitted[tuple(np.transpose(ALSO_IN))] = True
    found = []
    for number in range(KINDS):
        plots = np.flatnonzero(zone == number)
        plots = plots[np.argsort(area_ha[plots], kind="stable")]
        projects = np.flatnonzero(admitted[kind, number])
        low = np.searchsorted(area_ha[plots], 0.85 * wanted_ha[projects])
        high = np.searchsorted(area_ha[plots], 1.35 * wanted_ha[projects], side="right")
        count = high - low
        project = np.repeat(projects, count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        plot = plots[within + np.repeat(low, count)]
        fits = ~rail[project] | siding[plot]
        found.append(np.stack([project[fits], plot[fits]]))
    project, plot = np.concatenate(found, axis=1)
    order = np.lexsort((plot, project))
    return project[order], plot[order]


def near_pairs(instance: Park) -> tuple[Integers, Integers]:
    """Pairs of different plots under 500 m apart that could hold a hazard and who minds it."""
    left, right = (
        np.unique(instance.plot[group[instance.project]])
        for group in (instance.hazardous, instance.sensitive)
    )
    place = np.column_stack([instance.x_m, instance.y_m])
    near = cKDTree(place[left]).query_ball_tree(cKDTree(place[right]), APART_M)
    one = np.repeat(left, [len(found) for found in near])
    other = right[np.concatenate([np.asarray(found, dtype=np.intp) for found in near])]
    differ = one != other
    return one[differ], other[differ]


def park_problem(instance: Park, *, utilities: bool, separated: bool) -> AllocationProblem:
    """Pose an instance to geoplan."""
    area_ha = instance.area_ha[instance.plot]
    separations = ()
    if separated:
        left, right = near_pairs(instance)
        first, second = (np.flatnonzero(g) for g in (instance.hazardous, instance.sensitive))
        separations = (Separation("sanitary", first, second, left, right),)
    return AllocationProblem(
        projects=len(instance.wanted_ha),
        units=len(instance.area_ha),
        pair_project=instance.project,
        pair_unit=instance.plot,
        area_min_ha=area_ha,
        area_max_ha=area_ha,
        area_wanted_ha=instance.wanted_ha,
        unit_area_ha=instance.area_ha,
        unit_rest_min_ha=np.zeros(len(instance.area_ha)),
        divisible=np.zeros(len(instance.area_ha), dtype=bool),
        values={"investment": instance.value.astype(float)},
        capacities=_capacities(instance) if utilities else (),
        separations=separations,
    )


def _capacities(instance: Park) -> tuple[SharedCapacity, ...]:
    capacities = []
    for name, service, demand, limits in (
        ("feeder", instance.feeder, instance.power, instance.feeder_limit),
        ("main", instance.main, instance.water, instance.main_limit),
    ):
        of = service[instance.plot]
        order = np.argsort(of, kind="stable")
        begin = np.searchsorted(of[order], np.arange(1, len(limits)))
        for number, pair in enumerate(np.split(order, begin)):
            load = demand[instance.project[pair]].astype(float)
            limit = float(limits[number])
            capacities.append(SharedCapacity(f"{name} {number}", limit, pair, load))
    return tuple(capacities)


def park_figures(
    instance: Park, plot_of: Integers, *, utilities: bool, separated: bool
) -> dict[str, Any]:
    """Compute a plan's value and what it breaks, from the instance alone.

    Parameters
    ----------
    instance : Park
    plot_of : ndarray of int, shape (projects,)
        Plot of each project, -1 where it has none.
    utilities, separated : bool
        Which rules hold.

    Returns
    -------
    dict
        ``placed``, ``value`` and ``faults``, the number of rules broken.
    """
    placed = np.flatnonzero(plot_of >= 0)
    plot = plot_of[placed]
    faults = len(plot) - len(np.unique(plot))
    pair = np.flatnonzero(plot_of[instance.project] == instance.plot)
    faults += len(placed) - len(pair)
    if utilities:
        for service, demand, limit in (
            (instance.feeder, instance.power, instance.feeder_limit),
            (instance.main, instance.water, instance.main_limit),
        ):
            used = np.bincount(service[plot], weights=demand[placed], minlength=len(limit))
            faults += int((used > limit).sum())
    if separated:
        holds = np.zeros((2, len(instance.area_ha)), dtype=bool)
        holds[0, plot[instance.hazardous[placed]]] = True
        holds[1, plot[instance.sensitive[placed]]] = True
        left, right = near_pairs(instance)
        faults += int((holds[0, left] & holds[1, right]).sum())
    return {"placed": len(placed), "value": int(instance.value[pair].sum()), "faults": faults}
