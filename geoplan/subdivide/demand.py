"""What plots are asked for: the seam through which subdivision sees a portfolio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
SIZE_CLASSES = 24


@dataclass(frozen=True)
class Demand:
    """Plots asked for, in size classes.

    Attributes
    ----------
    use : ndarray of str, shape (classes,)
        Use of the zone that a plot must stand in.
    area_m2, area_min_m2, area_max_m2 : ndarray, shape (classes,)
        Mean wanted, least and greatest area of one plot.
    total_m2 : ndarray, shape (classes,)
        All plots of the class together.
    """

    use: NDArray[np.str_]
    area_m2: Floats
    area_min_m2: Floats
    area_max_m2: Floats
    total_m2: Floats


def demand_of(
    use: NDArray[np.str_], area_ha: Floats, area_min_ha: Floats, area_max_ha: Floats
) -> Demand:
    """Gather single needs into at most 24 size classes for each use.

    Parameters
    ----------
    use : ndarray of str, shape (needs,)
    area_ha, area_min_ha, area_max_ha : ndarray, shape (needs,)
    """
    key = np.empty(len(area_ha), dtype=np.intp)
    for name in np.unique(use):
        of_use = np.flatnonzero(use == name)
        rank = np.argsort(np.argsort(area_ha[of_use], kind="stable"), kind="stable")
        key[of_use] = rank * SIZE_CLASSES // len(of_use)
    names, code = np.unique(use, return_inverse=True)
    _, group = np.unique(code * SIZE_CLASSES + key, return_inverse=True)
    count = np.bincount(group)
    means = [np.bincount(group, weights=v) / count * M2_PER_HA for v in (area_ha, area_min_ha, area_max_ha)]
    group_use = np.empty(len(count), dtype=names.dtype)
    group_use[group] = use
    return Demand(group_use, *means, means[0] * count)


def market_demand(uses: tuple[str, ...], settings: SubdivideSettings, *, total_ha: float) -> Demand:
    """Ask for nothing but market plots of the wanted size, within a third of it."""
    n = len(uses)
    area = np.full(n, settings.market_plot_ha * M2_PER_HA)
    least = np.maximum(area * 2 / 3, settings.plot_min_ha * M2_PER_HA)
    return Demand(np.array(uses), area, least, area * 4 / 3, np.full(n, total_ha * M2_PER_HA))


def plot_area_min_m2(depth_m: Floats, settings: SubdivideSettings) -> Floats:
    """Least area of a plot in a strip of this depth: minimum, frontage and proportion."""
    frontage_m = np.maximum(settings.frontage_min_m, depth_m / settings.depth_to_frontage_max)
    return np.maximum(frontage_m * depth_m, settings.plot_min_ha * M2_PER_HA)


def plot_area_max_m2(depth_m: Floats, settings: SubdivideSettings) -> Floats:
    """Greatest area of a plot in a strip of this depth, by proportion."""
    return np.asarray(settings.frontage_to_depth_max * depth_m**2)


def placeable_m2(demand: Demand, depth_m: Floats, capacity_m2: Floats, settings: SubdivideSettings) -> float:
    """Bound the area of a demand (of one use) that strips could take, sizes and depths considered.

    Strips accept an interval of sizes that grows with their depth, so filling the strips from
    the shallowest with the needs that run out first is the best fractional packing.

    Parameters
    ----------
    demand : Demand
    depth_m, capacity_m2 : ndarray, shape (strips,)
    """
    order = np.argsort(depth_m, kind="stable")
    least = plot_area_min_m2(depth_m, settings)[order]
    most = np.minimum(plot_area_max_m2(depth_m, settings), capacity_m2)[order]
    left = demand.total_m2.copy()
    urgency = np.argsort(demand.area_max_m2, kind="stable")
    placed = 0.0
    for low, high, room in zip(least, most, capacity_m2[order], strict=True):
        fits = urgency[(demand.area_max_m2[urgency] >= low) & (demand.area_min_m2[urgency] <= high)]
        taken = np.diff(np.minimum(np.cumsum(left[fits]), room), prepend=0.0)
        left[fits] -= taken
        placed += taken.sum()
    return float(placed)
