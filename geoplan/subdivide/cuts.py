"""Exact cuts: where a line across a strip must stand to leave a given area on its left.

Along the street the width of a strip is piecewise linear, so the area left of a line is
piecewise quadratic and each cut is the root of one quadratic. All strips are cut in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoplan.subdivide.frames import segments

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

STEEP_M = 1e-5
"""Corners nearer along x stand above one another: overlays leave such noise in upright edges."""


@dataclass(frozen=True)
class Widths:
    """Width of many strips as a function of x in their frames.

    Piece i runs from ``x_m[i]`` to ``x_m[i + 1]``, is ``width_m[i]`` wide at its left end and
    changes by ``slope[i]`` a metre. Strip k owns the pieces ``first[k]`` to ``first[k + 1]``
    (the last of them empty).

    Attributes
    ----------
    x_m, width_m, slope, area_before_m2 : ndarray, shape (pieces,)
        ``area_before_m2`` adds up over all strips, from the first piece on.
    first : ndarray of int, shape (strips + 1,)
    """

    x_m: Floats
    width_m: Floats
    slope: Floats
    area_before_m2: Floats
    first: Integers

    @property
    def area_m2(self) -> Floats:
        """Area of each strip, shape (strips,)."""
        last = self.first[1:] - 1
        area: Floats = self.area_before_m2[last] - self.area_before_m2[self.first[:-1]]
        return area

    @property
    def width_max_m(self) -> Floats:
        """Greatest width of each strip, shape (strips,)."""
        right = np.zeros_like(self.width_m)
        right[:-1] = self.width_m[:-1] + self.slope[:-1] * np.diff(self.x_m)
        right[self.first[1:] - 1] = 0.0
        if not len(right):
            return right
        return np.maximum.reduceat(np.maximum(self.width_m, right), self.first[:-1])

    def area_left_m2(self, strip: Integers, x_m: Floats) -> Floats:
        """Area of strip ``strip[i]`` left of ``x_m[i]``, shape (n,)."""
        low, high = self.first[strip], self.first[strip + 1] - 1
        x_m = np.clip(x_m, self.x_m[low], self.x_m[high])
        piece = low + _count_left(self.x_m, low, high, x_m) - 1
        piece = np.clip(piece, low, high)
        run_m = x_m - self.x_m[piece]
        area: Floats = self.area_before_m2[piece] - self.area_before_m2[low]
        area += run_m * (self.width_m[piece] + self.slope[piece] * run_m / 2)
        return area

    def cut_x_m(self, strip: Integers, area_m2: Floats) -> Floats:
        """Where strip ``strip[i]`` has ``area_m2[i]`` on its left, shape (n,).

        Areas below zero or beyond the strip's own give its left or right end.

        Examples
        --------
        A right triangle of base 100 m and height 100 m has half its area left of 70.71 m:

        >>> import shapely
        >>> triangle = shapely.Polygon([(0, 0), (100, 0), (100, 100)])
        >>> widths = widths_of(np.array([triangle]), np.array([0]), 1)
        >>> widths.cut_x_m(np.array([0]), np.array([2500.0])).round(2).tolist()
        [70.71]
        """
        low, high = self.first[strip], self.first[strip + 1] - 1
        target = self.area_before_m2[low] + np.maximum(area_m2, 0.0)
        piece = np.searchsorted(self.area_before_m2, target, side="right") - 1
        piece = np.clip(piece, low, np.maximum(high - 1, low))
        rest_m2 = np.maximum(target - self.area_before_m2[piece], 0.0)
        width, slope = self.width_m[piece], self.slope[piece]
        # The root in the form that does not cancel when the slope is almost zero.
        root = np.sqrt(np.maximum(width**2 + 2 * slope * rest_m2, 0.0))
        denominator = width + root
        run_m = np.divide(2 * rest_m2, denominator, out=np.zeros_like(root), where=denominator > 0)
        cut_x: Floats = np.minimum(self.x_m[piece] + run_m, self.x_m[high])
        return cut_x


def widths_of(polygons: NDArray[np.object_], strip: Integers, strips: int) -> Widths:
    """Measure the width of strips along x.

    Parameters
    ----------
    polygons : ndarray of Polygon or MultiPolygon
        In the frame of their strip. A strip may consist of several polygons.
    strip : ndarray of int
        Strip of each polygon, from 0; each strip has at least one polygon.
    strips : int
        How many strips there are.

    Returns
    -------
    Widths
    """
    if not len(polygons):
        none = np.empty(0)
        return Widths(none, none, none, none, np.zeros(strips + 1, dtype=np.intp))
    ends, owner = segments(polygons)
    of_strip = strip[owner]
    x = _together(ends[:, :, 0], of_strip)
    leaning = x[:, 0] != x[:, 1]
    of_strip, ends, x = of_strip[leaning], ends[leaning], x[leaning]
    (x1, x2), (y1, y2) = x.T, ends[:, :, 1].T
    rightward = x2 > x1
    sign = np.where(rightward, -1.0, 1.0)  # lower edges run right, upper edges left
    left_x, left_y = np.where(rightward, x1, x2), np.where(rightward, y1, y2)
    right_x, right_y = np.where(rightward, x2, x1), np.where(rightward, y2, y1)
    slope = sign * (right_y - left_y) / (right_x - left_x)
    x_m = np.concatenate([left_x, right_x])
    jump = np.concatenate([sign * left_y, -sign * right_y])
    turn = np.concatenate([slope, -slope])
    key = np.concatenate([of_strip, of_strip])
    order = np.lexsort((x_m, key))
    x_m, key = x_m[order], key[order]
    new = np.concatenate([[True], (np.diff(x_m) > 0) | (np.diff(key) != 0)])
    first = np.flatnonzero(new)
    jump, turn = (np.add.reduceat(values[order], first) for values in (jump, turn))
    return _integrate(x_m[first], jump, turn, key[first], strips)


def _together(x_m: Floats, strip: Integers) -> Floats:
    """Put corners of a strip that stand above one another on one x; shape (segments, 2).

    Between such corners the width means nothing, and slopes would be without bounds.
    """
    x, key = x_m.ravel(), np.repeat(strip, 2)
    order = np.lexsort((x, key))
    new = np.append(True, (np.diff(x[order]) > STEEP_M) | (np.diff(key[order]) != 0))
    together = np.empty_like(x)
    together[order] = x[order][new][np.cumsum(new) - 1]
    return together.reshape(-1, 2)


def _integrate(x_m: Floats, jump: Floats, turn: Floats, key: Integers, strips: int) -> Widths:
    first = np.searchsorted(key, np.arange(strips + 1))
    start = first[key]
    slope = _cumulated(turn, start)
    run_m = np.zeros_like(x_m)
    run_m[:-1] = np.where(key[1:] == key[:-1], np.diff(x_m), 0.0)
    grown = slope * run_m
    width = _cumulated(jump, start) + _cumulated(grown, start) - grown
    width = np.maximum(width, 0.0)
    area = np.maximum(run_m * (width + grown / 2), 0.0)
    before = np.concatenate([[0.0], np.cumsum(area)[:-1]])
    return Widths(x_m, width, slope, before, first)


def _cumulated(values: Floats, start: Integers) -> Floats:
    total = np.cumsum(values)
    return total - (total[start] - values[start])


def _count_left(x_m: Floats, low: Integers, high: Integers, at_m: Floats) -> Integers:
    """Count the pieces of [low, high] that begin at or left of `at_m` (bisection, all at once)."""
    left, right = low.copy(), high + 1
    while np.any(left < right):
        middle = (left + right) // 2
        inside = left < right
        beyond = inside & (x_m[np.minimum(middle, len(x_m) - 1)] <= at_m)
        left = np.where(beyond, middle + 1, left)
        right = np.where(inside & ~beyond, middle, right)
    return left - low
