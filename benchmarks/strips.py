"""Packing instances: elastic projects into strips that four power feeders serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.problem import AllocationProblem, SharedCapacity

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

ELASTIC = (0.85, 1.25)
"""Least and greatest area, as shares of the area wanted."""
FEEDERS = 4
LAND_MET, POWER_MET = 0.85, 0.7
"""Shares of the demand for land and power that there is room for."""
WIDEST = 4.0
"""A strip takes projects up to this many times the least that it takes."""


@dataclass(frozen=True)
class Strips:
    """One instance; pairs are ordered by project, then strip.

    Attributes
    ----------
    project, strip, value : ndarray of int, shape (pairs,)
    wanted_ha, power : ndarray, shape (projects,)
    area_ha : ndarray, shape (strips,)
    feeder : ndarray of int, shape (strips,)
    limit : ndarray of int, shape (feeders,)
    """

    project: Integers
    strip: Integers
    value: Integers
    wanted_ha: Floats
    power: Integers
    area_ha: Floats
    feeder: Integers
    limit: Integers


def strips(projects: int, count: int, *, seed: int = 0) -> Strips:
    """Draw an instance; areas are tenths of a hectare, all else is whole."""
    random = np.random.default_rng([seed, projects, count])
    wanted_ha = np.round(np.clip(np.exp(random.normal(0.5, 0.8, projects)), 0.3, 9.0), 1)
    area_ha = np.exp(random.normal(0.0, 0.4, count))
    area_ha = np.round(area_ha * LAND_MET * wanted_ha.sum() / area_ha.sum(), 1)
    feeder = np.arange(count) * FEEDERS // count
    power = np.maximum(1, 10 * wanted_ha * np.exp(random.normal(0, 0.7, projects)))
    power = power.astype(np.intp)
    share = np.bincount(feeder, weights=area_ha) / area_ha.sum()
    worth = 100 * wanted_ha * np.exp(random.normal(0.6, 0.8, projects))
    least_ha = np.exp(random.uniform(np.log(0.2), np.log(2.5), count))
    fits = (wanted_ha[:, None] >= least_ha) & (wanted_ha[:, None] <= WIDEST * least_ha)
    fits &= (wanted_ha[:, None] * ELASTIC[0]) <= area_ha
    project, strip = np.nonzero(fits)
    place = random.uniform(0.9, 1.0, count)
    value = np.maximum(1, worth[project] * place[strip]).astype(np.intp)
    limit = (share * POWER_MET * power.sum()).astype(np.intp)
    return Strips(project, strip, value, wanted_ha, power, area_ha, feeder, limit)


def strips_problem(instance: Strips) -> AllocationProblem:
    """Pose an instance to geoplan."""
    wanted_ha = instance.wanted_ha[instance.project]
    of = instance.feeder[instance.strip]
    pairs = [np.flatnonzero(of == number) for number in range(FEEDERS)]
    return AllocationProblem(
        projects=len(instance.wanted_ha),
        units=len(instance.area_ha),
        pair_project=instance.project,
        pair_unit=instance.strip,
        area_min_ha=ELASTIC[0] * wanted_ha,
        area_max_ha=ELASTIC[1] * wanted_ha,
        area_wanted_ha=instance.wanted_ha,
        unit_area_ha=instance.area_ha,
        unit_rest_min_ha=np.zeros(len(instance.area_ha)),
        divisible=np.ones(len(instance.area_ha), dtype=bool),
        values={"investment": instance.value.astype(float)},
        capacities=tuple(
            SharedCapacity(
                f"feeder {number}",
                float(instance.limit[number]),
                pair,
                instance.power[instance.project[pair]].astype(float),
            )
            for number, pair in enumerate(pairs)
        ),
    )


def strips_figures(instance: Strips, strip_of: Integers) -> dict[str, Any]:
    """Compute a plan's value and what it breaks, from the instance alone."""
    placed = np.flatnonzero(strip_of >= 0)
    pair = np.flatnonzero(strip_of[instance.project] == instance.strip)
    on = strip_of[placed]
    used_ha = np.bincount(
        on, weights=ELASTIC[0] * instance.wanted_ha[placed], minlength=len(instance.area_ha)
    )
    drawn = np.bincount(instance.feeder[on], weights=instance.power[placed], minlength=FEEDERS)
    faults = len(placed) - len(pair)
    faults += int((used_ha > instance.area_ha + 1e-6).sum() + (drawn > instance.limit).sum())
    return {"placed": len(placed), "value": int(instance.value[pair].sum()), "faults": faults}
