"""Where a plot's words go: along its longer side, as large as the plot holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

Numbers = np.ndarray[Any, np.dtype[np.float64]]

LINES = 2
"""Lines of a label: the id and the area."""
LINE_SPACING = 1.5
"""From line to line, of the height of a capital letter."""
_SHRINK = 0.85
_TRIES = 40  # down to a fiftieth of a percent of the height that was wished for


@dataclass(frozen=True)
class Labels:
    """One label a plot; arrays have one value each.

    Attributes
    ----------
    x_m, y_m : array
        Its middle, inside the plot.
    angle_rad : array
        Counter-clockwise from east, so that it is read without turning the head.
    height_m : array
        Of a capital letter.
    """

    x_m: Numbers
    y_m: Numbers
    angle_rad: Numbers
    height_m: Numbers

    def line_places(self, line: int) -> Numbers:
        """Return where the middles of the lines 0 (the upper) or 1 are, shape (labels, 2)."""
        up_m = self.height_m * LINE_SPACING * ((LINES - 1) / 2 - line)
        return np.column_stack(
            [self.x_m - up_m * np.sin(self.angle_rad), self.y_m + up_m * np.cos(self.angle_rad)]
        )


def labels_in(shapes: Any, widths: Numbers, *, height_max_m: float) -> Labels:
    """Fit a label of two lines into each polygon.

    Parameters
    ----------
    shapes : array of Polygon (plots,)
    widths : array (plots,)
        Of the longer line, in heights of a capital letter.
    height_max_m : float

    Returns
    -------
    Labels
    """
    outlines = np.asarray(shapes, dtype=object)
    middles = shapely.centroid(outlines)
    astray = ~shapely.contains_properly(outlines, middles)
    middles[astray] = shapely.point_on_surface(outlines[astray])
    x_m, y_m = shapely.get_x(middles), shapely.get_y(middles)
    angle_rad = _along(outlines)
    height_m = np.full(len(outlines), float(height_max_m))
    shapely.prepare(outlines)
    left = np.arange(len(outlines))
    for _ in range(_TRIES):
        boxes = _boxes(x_m[left], y_m[left], angle_rad[left], height_m[left], widths[left])
        left = left[~shapely.covers(outlines[left], boxes)]
        if not len(left):
            break
        height_m[left] *= _SHRINK
    return Labels(x_m, y_m, angle_rad, height_m)


def _along(outlines: Any) -> Numbers:
    """Return the direction of each polygon's longer side, more to the right than to the left."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(outlines)).reshape(-1, 5, 2)
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    longer = np.hypot(*one.T) >= np.hypot(*other.T)
    east, north = np.where(longer[:, None], one, other).T
    angle = np.arctan2(north, east)
    # A quarter turn either way is still read; upright words are read from the right.
    upright: Numbers = (angle + np.pi / 2 - 1e-9) % np.pi - np.pi / 2 + 1e-9
    return upright


def _boxes(x_m: Numbers, y_m: Numbers, angle: Numbers, height_m: Numbers, widths: Numbers) -> Any:
    wide = (widths + 0.6) * height_m / 2
    high = (LINE_SPACING * (LINES - 1) + 1.6) * height_m / 2
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    across, up = signs[:, 0] * wide[:, None], signs[:, 1] * high[:, None]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    corners = np.stack(
        [x_m[:, None] + across * cos - up * sin, y_m[:, None] + across * sin + up * cos], axis=-1
    )
    return shapely.polygons(corners)
