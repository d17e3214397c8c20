"""Bands of one width: polygons that each vertical line of their frame meets in one segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.cuts import STEEP_M
from geoplan.subdivide.frames import segments

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

SPECK_M2 = 0.01
"""Parts below this are rounding, not land."""


def polygons_of(geometries: Geometries) -> Geometries:
    """Keep the polygons among the parts of geometries, specks left out."""
    parts: Geometries = shapely.get_parts(geometries)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    solid: Geometries = parts[polygonal & (shapely.area(parts) > SPECK_M2)]
    return solid


def of_one_width(polygons: Geometries) -> Geometries:
    """Divide polygons so that each vertical line meets each of them in one segment."""
    ends, owner = segments(polygons)
    run = ends[:, 1, 0] - ends[:, 0, 0]
    rings = shapely.get_num_interior_rings(polygons)
    moving = np.abs(run) > STEEP_M
    sign, of = np.sign(run[moving]), owner[moving]
    turns = np.bincount(
        of[1:][(of[1:] == of[:-1]) & (sign[1:] != sign[:-1])], minlength=len(polygons)
    )
    simple = (rings == 0) & (turns <= 2) & (_wrapped_turns(sign, of, len(polygons)) + turns <= 2)
    divided = [_divided(polygon) for polygon in polygons[~simple]]
    return np.concatenate([polygons[simple], *divided]) if divided else polygons


def _wrapped_turns(sign: Floats, of: Integers, count: int) -> Integers:
    """1 where a ring also turns between its last and its first segment."""
    first = np.searchsorted(of, np.arange(count))
    last = np.searchsorted(of, np.arange(count), side="right") - 1
    filled = last >= first
    turned = np.zeros(count, dtype=np.intp)
    turned[filled] = sign[first[filled]] != sign[last[filled]]
    return turned


def _divided(polygon: Any) -> Geometries:
    """Cut one polygon by vertical lines where its outline turns back."""
    xs: list[float] = []
    for ring in shapely.get_rings(polygon):
        x = shapely.get_coordinates(ring)[:-1, 0]
        x = x[np.concatenate([[True], np.diff(x) != 0])]
        before, after = np.roll(x, 1), np.roll(x, -1)
        xs.extend(x[(x - before) * (after - x) <= 0])
    x_min, y_min, x_max, y_max = shapely.bounds(polygon)
    at = np.unique(np.clip([x_min, *xs, x_max], x_min, x_max))
    boxes = shapely.box(at[:-1], y_min - 1, at[1:], y_max + 1)
    return polygons_of(shapely.intersection(polygon, boxes))


def divided_at(parts: Geometries, favoured: Any, settings: SubdivideSettings) -> Geometries:
    """Divide parts by a vertical line so that favoured land covers one side as a whole.

    Parts stay undivided where either side would be too short for a plot.
    """
    crossing = shapely.intersection(parts, shapely.boundary(favoured))
    cross, bounds = shapely.bounds(crossing), shapely.bounds(parts)
    shortest = np.maximum(
        settings.frontage_min_m, (bounds[:, 3] - bounds[:, 1]) / settings.depth_to_frontage_max
    )
    ends = shapely.points(bounds[:, [0, 2]], (bounds[:, 1:2] + bounds[:, 3:4]) / 2)
    near = shapely.distance(favoured, ends) <= shortest[:, None]
    favours_left, favours_right = near.T
    at = np.where(favours_right & ~favours_left, cross[:, 2], cross[:, 0])
    room = np.minimum(at - bounds[:, 0], bounds[:, 2] - at) >= shortest
    cut = np.flatnonzero(~shapely.is_empty(crossing) & (favours_left != favours_right) & room)
    low, high = bounds[cut, 1] - 1, bounds[cut, 3] + 1
    left = shapely.intersection(parts[cut], shapely.box(bounds[cut, 0] - 1, low, at[cut], high))
    right = shapely.intersection(parts[cut], shapely.box(at[cut], low, bounds[cut, 2] + 1, high))
    return np.concatenate([np.delete(parts, cut), polygons_of(np.concatenate([left, right]))])
