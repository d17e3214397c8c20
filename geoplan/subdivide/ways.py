"""Ways over passable land: straight where land allows it, else round its corners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

TOUCH_M = 0.05
"""Lines this close are taken to meet: hand-drawn layers do not share every vertex."""

BENDS_MAX = 120
"""Corners that a way may turn at; land with more of them is drawn more coarsely."""


@dataclass(frozen=True)
class Ways:
    """Shortest ways over land.

    Attributes
    ----------
    passable : Polygon or MultiPolygon
    clear_m : float
        A way that turns round a corner keeps this far from it.

    Examples
    --------
    Round the inner corner of an L, from the end of one arm to that of the other:

    >>> land = shapely.box(0, 0, 100, 100) - shapely.box(20, 20, 100, 100)
    >>> ways = Ways(land, 5.0)
    >>> start, target = shapely.Point(10, 100), shapely.Point(100, 10)
    >>> ways.straight(start, target) is None
    True
    >>> round(ways.bent(start, target).length, 1)
    170.3
    """

    passable: Any
    clear_m: float

    @cached_property
    def roomy(self) -> Any:
        """The land with a little tolerance, prepared for many questions."""
        roomy = shapely.buffer(self.passable, TOUCH_M)
        shapely.prepare(roomy)
        return roomy

    def straight(self, start: Any, target: Any) -> Any | None:
        """Shortest straight line between two geometries, if one is needed and stays on land."""
        line = shapely.shortest_line(start, target)
        if line is None or line.length <= TOUCH_M or not shapely.covers(self.roomy, line):
            return None
        return line

    def bent(self, start: Any, target: Any) -> Any | None:
        """Shortest way found round corners of the land, or None where there is none."""
        bends, (left, right, length_m) = self._bends, self._sights
        count = len(bends)
        if not count:
            return None
        points = np.tile(np.asarray(shapely.points(bends)), 2)
        ends = shapely.shortest_line(points, np.repeat([start, target], count))
        seen = np.flatnonzero(shapely.covers(self.roomy, ends))
        graph = coo_array(
            (
                np.concatenate([length_m, np.maximum(shapely.length(ends[seen]), TOUCH_M)]),
                (
                    np.concatenate([left, count + seen // count]),
                    np.concatenate([right, seen % count]),
                ),
            ),
            shape=(count + 2, count + 2),
        )
        reach_m, before = dijkstra(
            graph.tocsr(), directed=False, indices=count, return_predecessors=True
        )
        if not np.isfinite(reach_m[count + 1]):
            return None
        turns = [int(before[count + 1])]
        while before[turns[-1]] != count:
            turns.append(int(before[turns[-1]]))
        first = shapely.get_coordinates(ends[turns[-1]])[1]
        last = shapely.get_coordinates(ends[count + turns[0]])[1]
        return shapely.linestrings(np.vstack([first, bends[turns[::-1]], last]))

    @cached_property
    def _bends(self) -> NDArray[np.float64]:
        """Corners that jut into the land, kept clear of, shape (bends, 2)."""
        coarse_m = 1.0
        while True:
            inner = shapely.buffer(
                shapely.simplify(self.passable, coarse_m), -self.clear_m, join_style="mitre"
            )
            bends = _jutting(inner)
            if len(bends) <= BENDS_MAX:
                return bends
            coarse_m *= 2

    @cached_property
    def _sights(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Pairs of bends that see each other, and how far they are apart."""
        bends = self._bends
        left, right = np.triu_indices(len(bends), 1)
        lines = shapely.linestrings(np.stack([bends[left], bends[right]], axis=1))
        seen = shapely.covers(self.roomy, lines)
        return left[seen], right[seen], np.asarray(shapely.length(lines))[seen]


def _jutting(land: Any) -> NDArray[np.float64]:
    """Corners of polygons where the outline turns right, walked with the land on the left."""
    if shapely.is_empty(land):
        return np.empty((0, 2))
    corners = []
    for ring in shapely.get_rings(shapely.get_parts(shapely.orient_polygons(land))):
        xy = shapely.get_coordinates(ring)[:-1]
        into, out = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
        corners.append(xy[into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0] < 0])
    return np.concatenate(corners)
