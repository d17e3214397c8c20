"""What each park has for projects, before any plan: the most that a plan could ever use of it.

Zones of one use are one piece of land here. Whatever a park's plan does, its plots lie in zones
of plotted uses, off exclusions and, by hazard class, away from receptors; and no utility gives
more than its capacity. So a bound that is made of these holds for every plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.config import UTILITY_KINDS
from geoplan.site.national import Park
from geoplan.site.surroundings import ROUNDING_M, rail_land
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
CLASSES = 6
"""Hazard classes 1-5, and 6 for none."""


@dataclass(frozen=True, eq=False)
class ParkLand:
    """Land and utilities of one park.

    Attributes
    ----------
    zones : tuple of str
        Zones of plotted uses.
    use : ndarray of str, shape (zones,)
    year : ndarray, shape (zones,)
        Year from which each is available; minus infinite where none is told.
    hazard_max : ndarray, shape (zones,)
    area_ha : ndarray, shape (zones, 6)
        Land that each hazard class, 1-5 and 6 for none, may stand on.
    rail_ha : ndarray, shape (zones,)
        Land within reach of rail.
    capacity : ndarray, shape (kinds,)
        Of all utilities of a kind; NaN where the park has none, and the kind is not planned.
    supplied_from : ndarray, shape (kinds,)
        Year of the first utility of each kind; minus infinite where none is told.
    """

    zones: tuple[str, ...]
    use: NDArray[np.object_]
    year: Floats
    hazard_max: Floats
    area_ha: Floats
    rail_ha: Floats
    capacity: Floats
    supplied_from: Floats


def park_land(park: Park) -> ParkLand:
    """Measure what a park has.

    Parameters
    ----------
    park : Park
    """
    site, settings = park.site, park.scenario.subdivide
    zones = site.zones[site.zones["use"].isin(settings.plotted_uses)]
    shapes = np.asarray(zones.geometry.array, dtype=object)
    open_land = shapely.difference(shapes, shapely.union_all(site.exclusions.geometry.array))
    reach_m = park.scenario.allocate.rail_reach_m + ROUNDING_M
    # Plots of a cadastre may lie across a zone's edge.
    given_ha = float(site.plots.area.sum()) / M2_PER_HA if settings.mode == "given" else 0.0
    rail = shapely.intersection(open_land, rail_land(site, rail_reach_m=reach_m))
    capacity, supplied_from = _utilities(site.utilities)
    return ParkLand(
        tuple(zones["zone_id"]),
        zones["use"].to_numpy(dtype=object),
        zones["available_year"].astype("Float64").fillna(-np.inf).to_numpy(dtype=float),
        zones["hazard_max"].astype("Float64").fillna(1.0).to_numpy(dtype=float),
        np.column_stack([_area_ha(open_land, land) for land in _kept_off(park)]) + given_ha,
        shapely.area(rail) / M2_PER_HA + given_ha,
        capacity,
        supplied_from,
    )


def _kept_off(park: Park) -> Sequence[Any]:
    """Land around receptors that each hazard class, 1-5 and 6 for none, keeps off."""
    receptors = park.site.receptors
    shapes = np.asarray(receptors.geometry.array, dtype=object)
    own_m = receptors["distance_m"].to_numpy(dtype=float)
    by_class_m = park.scenario.norm_profile.spz.distance_m
    off = []
    for distance_m in by_class_m:
        reach_m = np.where(np.isnan(own_m), distance_m, own_m)
        off.append(shapely.union_all(shapely.buffer(shapes, reach_m)))
    return [*off, shapely.Polygon()]


def _area_ha(land: NDArray[np.object_], off: Any) -> Floats:
    left = land if off.is_empty else shapely.difference(land, off)
    return np.asarray(shapely.area(left) / M2_PER_HA)


def _utilities(utilities: pd.DataFrame) -> tuple[Floats, Floats]:
    capacity = np.full(len(UTILITY_KINDS), np.nan)
    first = np.full(len(UTILITY_KINDS), -np.inf)
    for number, kind in enumerate(UTILITY_KINDS):
        mine = utilities[utilities["kind"] == kind]
        if len(mine):
            capacity[number] = float(mine["capacity"].sum())
            years = mine["available_year"].astype("Float64").fillna(-np.inf)
            first[number] = float(years.min())
    return capacity, first
