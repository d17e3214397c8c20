"""What layouts are worth: how much of a demand their strips could place, and what they sell.

A search rates thousands of layouts, so a strip is estimated here, not carved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.coverage import clipped
from geoplan.subdivide.demand import Demand, placeable_m2
from geoplan.subdivide.frames import segments
from geoplan.subdivide.layout import Layout, cell_edges
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

SALEABLE_WEIGHT = 0.3
"""A hectare that can be sold later counts as much of one that is asked for now."""
CENTRE_M = 1e-6
ON_EDGE_M = 0.01
SCORE_DIGITS = 3


@dataclass(frozen=True)
class Trials:
    """Layouts with the strips that they would give.

    Attributes
    ----------
    layouts : list of Layout
    layout : ndarray of int, shape (strips,)
        Layout of each strip, ascending.
    depth_m, usable_m2 : ndarray, shape (strips,)
        Depth, and area that can be sold.
    """

    layouts: list[Layout]
    layout: Integers
    depth_m: Floats
    usable_m2: Floats


def scores_m2(trials: Trials, demand: Demand, settings: SubdivideSettings) -> Floats:
    """Rate layouts: the area that could be placed and, at a lower weight, all that can be sold.

    Parameters
    ----------
    trials : Trials
    demand : Demand
    settings : SubdivideSettings

    Returns
    -------
    ndarray, shape (layouts,)
        m2, rounded to the thousandth.
    """
    count = len(trials.layouts)
    sold = np.bincount(trials.layout, trials.usable_m2, minlength=count)
    placed = placeable_m2(demand, trials.layout, trials.depth_m, trials.usable_m2, count, settings)
    # Rounded, else the order of adding up decides between layouts that are equally good.
    return np.asarray((placed + SALEABLE_WEIGHT * sold).round(SCORE_DIGITS))


def strips_held(
    layouts: Sequence[Layout], land: Any, fronted: Any, settings: SubdivideSettings
) -> tuple[Integers, Floats, Floats]:
    """Measure every strip that layouts would give and that fits a plot.

    Most cells lie on the land as a whole, and what they hold is arithmetic; only those on its
    edge are cut out.

    Parameters
    ----------
    layouts : sequence of Layout
        In one frame.
    land, fronted : Polygon, MultiLineString
        A piece and its front on the streets that there are, in that frame.
    settings : SubdivideSettings

    Returns
    -------
    layout : ndarray of int, shape (strips,)
        Ascending.
    depth_m, usable_m2 : ndarray, shape (strips,)
        Area behind the front counts as usable.
    """
    x_min, _, x_max, _ = shapely.bounds(land)
    edges = [cell_edges(layout, x_min, x_max, settings) for layout in layouts]
    layout = np.repeat(np.arange(len(layouts)), [len(e) for e in edges])
    cell = np.concatenate(edges)
    boxes = np.asarray(shapely.box(*cell.T), dtype=object)
    shapely.prepare(land)
    whole = np.flatnonzero(shapely.covers(land, boxes))
    broken = np.setdiff1d(np.flatnonzero(shapely.intersects(land, boxes)), whole)
    parts, of = shapely.get_parts(clipped(land, cell[broken]), return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, of = parts[polygonal], broken[of[polygonal]]
    rows = _row_edges(layouts, settings.street_local_m / 2)
    width_m, height_m = cell[whole, 2] - cell[whole, 0], cell[whole, 3] - cell[whole, 1]
    bounds = shapely.bounds(parts).reshape(-1, 4)
    layout = np.concatenate([layout[whole], layout[of]])
    depth_m = np.concatenate([height_m, bounds[:, 3] - bounds[:, 1]])
    area_m2 = np.concatenate([width_m * height_m, shapely.area(parts)])
    front_m = np.concatenate(
        [
            _box_front_m(cell[whole], layout[: len(whole)], rows, fronted),
            _front_m(parts, layout[len(whole) :], rows, fronted),
        ]
    )
    usable_m2 = np.minimum(area_m2, front_m * depth_m)
    enough = np.maximum(settings.frontage_min_m, depth_m / settings.depth_to_frontage_max)
    sold = (front_m >= enough) & (usable_m2 >= settings.plot_min_ha * M2_PER_HA)
    order = np.flatnonzero(sold)[np.argsort(layout[sold], kind="stable")]
    return layout[order], depth_m[order], usable_m2[order]


@dataclass(frozen=True)
class _RowEdges:
    """Edges of local streets: y of each, in one sorted list that keeps layouts apart."""

    key: Floats
    low_m: float
    span_m: float

    def holds(self, layout: Integers, y_m: Floats) -> NDArray[np.bool_]:
        """Whether a street of a layout has an edge at y."""
        key = layout * self.span_m + np.clip(y_m - self.low_m, 0.0, self.span_m / 2)
        after = np.searchsorted(self.key, key - CENTRE_M)
        found: NDArray[np.bool_] = np.append(self.key, np.inf)[after] < key + CENTRE_M
        return found


def _row_edges(layouts: Sequence[Layout], half_m: float) -> _RowEdges:
    count = [2 * len(layout.rows_m) for layout in layouts]
    y = np.concatenate([np.append(lay.rows_m - half_m, lay.rows_m + half_m) for lay in layouts])
    low_m = float(y.min(initial=np.inf)) - 1.0 if len(y) else 0.0
    span_m = 2 * (float(np.ptp(y)) + 2.0) if len(y) else 1.0
    owner = np.repeat(np.arange(len(layouts)), count)
    return _RowEdges(np.sort(owner * span_m + y - low_m), low_m, span_m)


def _box_front_m(cell: Floats, layout: Integers, rows: _RowEdges, fronted: Any) -> Floats:
    """Length of the lower and upper edges of boxes on a street, shape (boxes,)."""
    middle_m = (cell[:, 0] + cell[:, 2]) / 2
    front_m = np.zeros(len(cell))
    for y in (cell[:, 1], cell[:, 3]):
        on_street = rows.holds(layout, y)
        on_street[~on_street] = _along(fronted, middle_m[~on_street], y[~on_street])
        front_m += np.where(on_street, cell[:, 2] - cell[:, 0], 0.0)
    return front_m


def _along(fronted: Any, x_m: Floats, y_m: Floats) -> NDArray[np.bool_]:
    """Whether points lie on the streets that border the land already."""
    if shapely.is_empty(fronted):
        return np.zeros(len(x_m), dtype=bool)
    shapely.prepare(fronted)
    return np.asarray(shapely.dwithin(fronted, shapely.points(x_m, y_m), ON_EDGE_M))


def _front_m(parts: NDArray[np.object_], layout: Integers, rows: _RowEdges, fronted: Any) -> Floats:
    """Length along x of each part's edges on a street, shape (parts,)."""
    ends, part = segments(parts)
    run = np.abs(ends[:, 1] - ends[:, 0])
    level = run[:, 1] < 0.4 * run[:, 0]
    middle, part, run_m = ends[level].mean(axis=1), part[level], run[level, 0]
    on_street = rows.holds(layout[part], middle[:, 1])
    rest = ~on_street
    on_street[rest] = _along(fronted, *middle[rest].T)
    return np.bincount(part[on_street], run_m[on_street], len(parts)).astype(np.float64)
