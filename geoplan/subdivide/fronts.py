"""Fronts: where parts of bands lie on a street."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.subdivide.frames import segments

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

ON_STREET_M = 0.01
"""Land this near a street lies on it."""
LEVEL = 1.5
"""Edges that rise less than this much a metre run along the street, not away from it; a
splayed corner, at half a right angle, is front."""


def fronts(parts: Geometries, streets: Any) -> Floats:
    """Find from which x to which each part lies on a street.

    The longer of the two sides, below and above, counts; of a broken side its longest stretch.

    Parameters
    ----------
    parts : ndarray of Polygon
    streets : Polygon or MultiPolygon
        Right of way, in the frame of the parts.

    Returns
    -------
    ndarray, shape (parts, 2)
        Equal where a part lies on no street.

    Examples
    --------
    >>> street = shapely.box(20, -15, 200, 0)
    >>> fronts(np.array([shapely.box(0, 0, 90, 50)]), street).round(1).tolist()
    [[20.0, 90.0]]
    """
    front = np.zeros((len(parts), 2))
    if shapely.is_empty(streets):
        return front
    ends, owner = segments(parts)
    run = ends[:, 1] - ends[:, 0]
    level = np.abs(run[:, 1]) < LEVEL * np.abs(run[:, 0])
    beside = shapely.buffer(streets, 2 * ON_STREET_M, join_style="mitre")
    lines = np.asarray(shapely.linestrings(ends[level]), dtype=object)
    shapely.prepare(beside)
    # Most edges lie on a street as a whole or not at all; streets end where they please, so
    # some do for a part of their length.
    whole = shapely.covers(beside, lines)
    broken = np.flatnonzero(~whole & shapely.intersects(beside, lines))
    pieces, of = shapely.get_parts(shapely.intersection(lines[broken], beside), return_index=True)
    on = np.concatenate([lines[whole], pieces])
    edge = np.concatenate([np.flatnonzero(whole), broken[of]])
    x = np.nan_to_num(shapely.bounds(on)[:, [0, 2]])
    above = run[level][edge, 0] < 0
    stretch, key = longest(x, 2 * owner[level][edge] + above)
    # The longer side comes last for its part, and the lower one where both are alike.
    order = np.lexsort((-key, stretch[:, 1] - stretch[:, 0]))
    front[key[order] // 2] = stretch[order]
    return front


def longest(intervals: Floats, key: Integers) -> tuple[Floats, Integers]:
    """Longest stretch that the intervals of each key cover without a break, and its key.

    Parameters
    ----------
    intervals : ndarray, shape (n, 2)
    key : ndarray of int, shape (n,)

    Returns
    -------
    stretch : ndarray, shape (keys, 2)
        Of equally long ones the first.
    key : ndarray of int, shape (keys,)
        Ascending.

    Examples
    --------
    >>> intervals = np.array([[0.0, 30.0], [30.0, 50.0], [60.0, 100.0], [5.0, 9.0]])
    >>> stretch, key = longest(intervals, np.array([0, 0, 0, 7]))
    >>> stretch.tolist(), key.tolist()
    ([[0.0, 50.0], [5.0, 9.0]], [0, 7])
    """
    if not len(key):
        return np.empty((0, 2)), key
    order = np.lexsort((intervals[:, 0], key))
    key, start, stop = key[order], intervals[order, 0], intervals[order, 1]
    # Keys set apart by more than all intervals span share one running maximum.
    apart = np.unique(key, return_inverse=True)[1] * (stop.max() - start.min() + 1.0)
    reach = np.maximum.accumulate(stop + apart) - apart
    new = (key[1:] != key[:-1]) | (start[1:] > reach[:-1] + ON_STREET_M)
    first = np.flatnonzero(np.concatenate([[True], new]))
    stretch = np.stack([start[first], np.maximum.reduceat(stop, first)], axis=1)
    of = key[first]
    # Sorted stably by length, the first of the longest stands before its equals.
    best = np.lexsort((-(stretch[:, 1] - stretch[:, 0]), of))
    own, where = np.unique(of[best], return_index=True)
    return stretch[best[where]], own
