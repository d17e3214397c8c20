"""What plots are asked for: the seam through which subdivision sees a portfolio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
SIZE_CLASSES = 32
BALANCING_ROUNDS = 50


@dataclass(frozen=True)
class Demand:
    """Plots asked for, in size classes.

    Attributes
    ----------
    area_min_m2, area_max_m2 : ndarray, shape (classes,)
        Least and greatest area of one plot, ascending.
    total_m2 : ndarray, shape (classes,)
        All plots of the class together.
    """

    area_min_m2: Floats
    area_max_m2: Floats
    total_m2: Floats

    def scaled(self, share: float) -> Demand:
        """Return a share of the demand."""
        return Demand(self.area_min_m2, self.area_max_m2, self.total_m2 * share)


def spread_demand(
    area_ha: Floats,
    area_min_ha: Floats,
    area_max_ha: Floats,
    welcome: NDArray[np.bool_],
    room_ha: Floats,
) -> list[Demand]:
    """Spread needs over the zones that welcome them, so that zones fill evenly.

    Needs with few zones to go to take more of these, and the others make room: shares are
    balanced in turn until each need is spread whole and zones are equally full (iterative
    proportional fitting).

    Parameters
    ----------
    area_ha, area_min_ha, area_max_ha : ndarray, shape (needs,)
    welcome : ndarray of bool, shape (needs, zones)
    room_ha : ndarray, shape (zones,)

    Returns
    -------
    list of Demand
        One for each zone.

    Examples
    --------
    A hectare that only the first zone takes pushes another one into the second:

    >>> one = np.ones(2)
    >>> welcome = np.array([[True, False], [True, True]])
    >>> [d.total_m2.sum().round(-3).item() for d in spread_demand(one, one, one, welcome, one)]
    [10000.0, 10000.0]
    """
    share = welcome * room_ha
    placed = welcome.any(axis=1)
    for _ in range(BALANCING_ROUNDS):
        whole = share.sum(axis=1, keepdims=True)
        share = np.divide(
            share * area_ha[:, None], whole, out=np.zeros_like(share), where=whole > 0
        )
        filled = share.sum(axis=0)
        level = area_ha[placed].sum() / max(room_ha[share.any(axis=0)].sum(), 1e-9)
        share = share * np.divide(
            room_ha * level, filled, out=np.ones_like(filled), where=filled > 0
        )
    whole = share.sum(axis=1, keepdims=True)
    share = np.divide(share * area_ha[:, None], whole, out=np.zeros_like(share), where=whole > 0)
    order = np.argsort(area_ha, kind="stable")
    group = np.arange(len(area_ha)) * SIZE_CLASSES // max(len(area_ha), 1)
    _, group = np.unique(group, return_inverse=True)
    count = np.bincount(group)
    low, high, *totals = (
        np.asarray(np.bincount(group, values[order]) * M2_PER_HA, dtype=np.float64)
        for values in (area_min_ha, area_max_ha, *share.T)
    )
    return [Demand(low / count, high / count, total) for total in totals]


def market_demand(room_ha: Floats, settings: SubdivideSettings) -> list[Demand]:
    """Ask for nothing but market plots of the wanted size, within a third of it."""
    wanted = settings.market_plot_ha * M2_PER_HA
    least = max(wanted * 2 / 3, settings.plot_min_ha * M2_PER_HA)
    return [
        Demand(np.array([least]), np.array([wanted * 4 / 3]), np.array([room * M2_PER_HA]))
        for room in room_ha
    ]


def plot_area_min_m2(depth_m: Floats, settings: SubdivideSettings) -> Floats:
    """Least area of a plot in a strip of this depth: minimum, frontage and proportion."""
    frontage_m = np.maximum(settings.frontage_min_m, depth_m / settings.depth_to_frontage_max)
    return np.maximum(frontage_m * depth_m, settings.plot_min_ha * M2_PER_HA)


def plot_area_max_m2(depth_m: Floats, settings: SubdivideSettings) -> Floats:
    """Greatest area of a plot in a strip of this depth, by proportion."""
    return np.asarray(settings.frontage_to_depth_max * depth_m**2)


def placeable_m2(
    demand: Demand,
    layout: Integers,
    depth_m: Floats,
    capacity_m2: Floats,
    layouts: int,
    settings: SubdivideSettings,
) -> Floats:
    """Bound the area of a demand that the strips of each layout could take.

    Strips accept an interval of sizes that grows with their depth, so filling the strips from
    the shallowest with the needs that run out first is the best fractional packing. All layouts
    fill their first strips at once, then their second ones, and so on.

    Parameters
    ----------
    demand : Demand
    layout : ndarray of int, shape (strips,)
        Layout that each strip belongs to, ascending.
    depth_m, capacity_m2 : ndarray, shape (strips,)
    layouts : int
        How many layouts there are.
    settings : SubdivideSettings

    Returns
    -------
    ndarray, shape (layouts,)
        m2.
    """
    order = np.lexsort((depth_m, layout))
    room = capacity_m2[order]
    least = plot_area_min_m2(depth_m[order], settings)
    most = np.minimum(plot_area_max_m2(depth_m[order], settings), room)
    first = np.searchsorted(demand.area_max_m2, least)
    last = np.searchsorted(demand.area_min_m2, most, side="right")
    if len(demand.total_m2) == 1:  # whatever the order, one size fills all that accept it
        filled = np.bincount(layout, np.where(first < last, room, 0.0), minlength=layouts)
        return np.minimum(filled, demand.total_m2)
    rank = np.arange(len(layout)) - np.searchsorted(layout, layout)
    left = np.tile(demand.total_m2, (layouts, 1))
    size = np.arange(left.shape[1])
    placed = np.zeros(layouts)
    turns = np.split(np.argsort(rank, kind="stable"), np.cumsum(np.bincount(rank))[:-1])
    for at in turns if len(rank) else []:
        mine = layout[at]
        fits = (size >= first[at, None]) & (size < last[at, None])
        filled = np.minimum(np.cumsum(np.where(fits, left[mine], 0.0), axis=1), room[at, None])
        left[mine] -= np.diff(filled, axis=1, prepend=0.0)
        placed[mine] += filled[:, -1]
    return placed
