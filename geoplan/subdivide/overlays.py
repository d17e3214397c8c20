"""Overlays of polygons that come to the right result where they alone would fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

GRID_M = 2e-6
"""Far finer than any plot, and than the film by which land is grown that is to divide."""


def overlaid(operation: Callable[..., Any], one: Any, other: Any) -> Any:
    """Overlay polygons that may cross themselves, or each other ever so slightly.

    Land that is turned may cross itself by a rounding, and so may land grown by a film: an
    overlay then fails, or leaves land out without a word. Such land is made valid before. Where
    lines all but touch, full precision gives up, and a grid stands in.

    Parameters
    ----------
    operation : callable
        ``shapely.difference`` or ``shapely.intersection``.
    one, other : Polygon, MultiPolygon or ndarray of them
    """
    one, other = _valid(one), _valid(other)
    try:
        return operation(one, other)
    except shapely.errors.GEOSException:
        on_grid = (shapely.set_precision(polygons, GRID_M) for polygons in (one, other))
        return operation(*on_grid, grid_size=GRID_M)


def _valid(polygons: Any) -> Any:
    if np.all(shapely.is_valid(polygons)):
        return polygons
    return shapely.make_valid(polygons, method="structure", keep_collapsed=False)
