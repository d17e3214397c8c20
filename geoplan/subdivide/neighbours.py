"""Which given plots touch, and which sets of them are connected."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

TOUCH_MIN_M = 6.0
"""Plots that share less are not one piece of land in use: a fire engine's driveway is as wide."""
NOISE_M = 0.01
"""Outlines of a cadastre that run along each other lie so near."""


def touching(shapes: Geometries, *, least_m: float = TOUCH_MIN_M) -> tuple[Integers, Integers]:
    """Find pairs of polygons that have a length of their outlines in common.

    Outlines need not share their vertices, and may lie a centimetre apart, as they do in
    cadastres.

    Parameters
    ----------
    shapes : ndarray of Polygon
    least_m : float
        Pairs that share less are left out.

    Returns
    -------
    left, right : ndarray of int, shape (pairs,)
        Ascending, left < right.

    Examples
    --------
    >>> row = shapely.box([0, 9, 15], 0, [9, 15, 20], 10)
    >>> [side.tolist() for side in touching(row)]
    [[0, 1], [1, 2]]
    """
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=NOISE_M)
    once = left < right
    left, right = left[once], right[once]
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    met = np.unique(right)
    grown = np.empty(len(shapes), dtype=object)
    grown[met] = shapely.buffer(shapes[met], NOISE_M)
    shared = shapely.intersection(shapely.boundary(shapes[left]), grown[right])
    enough = shapely.length(shared) >= least_m
    return left[enough], right[enough]


def connected_sets(
    left: Integers, right: Integers, area_ha: Floats, *, most: int, area_max_ha: float
) -> Iterator[Integers]:
    """Go through all connected sets of plots, size by size from two on.

    Parameters
    ----------
    left, right : ndarray of int, shape (pairs,)
        Plots that touch.
    area_ha : ndarray, shape (plots,)
    most : int
        No set has more plots.
    area_max_ha : float
        Sets with more land are left out, and with them all that contain them.

    Yields
    ------
    ndarray of int, shape (sets, size)
        Ascending in each row, and the rows in lexicographic order.

    Examples
    --------
    >>> chain = np.array([0, 1]), np.array([1, 2])
    >>> sets = connected_sets(*chain, np.ones(3), most=3, area_max_ha=9.0)
    >>> [each.tolist() for each in sets]
    [[[0, 1], [1, 2]], [[0, 1, 2]]]
    """
    plot, other = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((other, plot))
    other = other[order]
    degree = np.bincount(plot, minlength=len(area_ha))
    first = np.cumsum(degree) - degree
    sets = np.flatnonzero(area_ha <= area_max_ha)[:, None]
    for size in range(2, most + 1):
        member, count = sets.ravel(), degree[sets.ravel()]
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        new = other[np.repeat(first[member], count) + step]
        grown = sets[np.repeat(np.arange(len(member)) // (size - 1), count)]
        outside = (grown != new[:, None]).all(axis=1)
        grown = np.sort(np.column_stack([grown, new])[outside], axis=1)
        sets = np.unique(grown, axis=0)
        sets = sets[area_ha[sets].sum(axis=1) <= area_max_ha]
        if not len(sets):
            return
        yield sets
