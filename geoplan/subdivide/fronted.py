"""Cutting one plot across its frontage, so that each part keeps a front on the street."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.subdivide.coverage import near
from geoplan.subdivide.cuts import widths_of
from geoplan.subdivide.frames import Frame, segments

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]

ON_STREET_M = 0.01
FRONT_MIN_M = 1.0
"""A shorter edge on the street says nothing about where the street runs."""
ALIKE_RAD = np.radians(2.0)
"""Edges whose directions differ by less run along one street."""
SLANT_MAX = 1.0
"""Cuts that lean over by more than this a metre would leave corners too sharp to build on."""


@dataclass(frozen=True)
class Parts:
    """A plot that is cut.

    Attributes
    ----------
    shapes : ndarray of Polygon
        From one end of the front to the other; together they are the plot.
    front_m : ndarray, shape (parts,)
        Length of each part's outline on the street.
    """

    shapes: Geometries
    front_m: Floats


def cut_across(
    plot: Any, area_m2: Floats, network_land: Any, *, frontage_min_m: float
) -> Parts | None:
    """Cut a plot into areas by lines across its frontage.

    Of a plot with several fronts, the longest along which every part has enough of the street
    is cut; if there is none, the one along which the least part has most. Lines stand at right
    angles to the front, or lean as the plot does where that alone gives each part its front.

    Parameters
    ----------
    plot : Polygon
        In the working CRS.
    area_m2 : ndarray, shape (parts,)
        They add up to the plot's area, to rounding.
    network_land : Polygon or MultiPolygon
        Right of way of the street network.
    frontage_min_m : float

    Returns
    -------
    Parts or None
        None where the plot has no front, or where no cut leaves each part in one piece.

    Examples
    --------
    >>> street = shapely.box(0, -20, 100, 0)
    >>> parts = cut_across(
    ...     shapely.box(0, 0, 100, 50), np.array([2e3, 3e3]), street, frontage_min_m=30
    ... )
    >>> parts.shapes[0].bounds
    (0.0, 0.0, 40.0, 50.0)
    """
    street = shapely.buffer(near(network_land, plot), ON_STREET_M)
    best: Parts | None = None
    for frame, slant in _frames(plot, street):
        shapes = _cut(plot, area_m2, frame, slant)
        if shapes is None:
            continue
        front_m = shapely.length(shapely.intersection(shapely.boundary(shapes), street))
        if best is None or front_m.min() > best.front_m.min():
            best = Parts(shapes, front_m)
        if front_m.min() >= frontage_min_m:
            break
    return best


def depth_m(plot: Any, network_land: Any) -> float:
    """Area over the length of the longest front; infinite where the plot has none."""
    street = shapely.buffer(near(network_land, plot), ON_STREET_M)
    _, lengths = _fronts(plot, street)
    return float(shapely.area(plot) / lengths.max()) if len(lengths) else np.inf


def _fronts(plot: Any, street: Any) -> tuple[Floats, Floats]:
    """Directions of a plot's fronts, east or straight north of it, and their lengths."""
    ends, _ = segments(np.array([plot], dtype=object))
    length = shapely.length(shapely.intersection(shapely.linestrings(ends), street))
    on, length = ends[length >= FRONT_MIN_M], length[length >= FRONT_MIN_M]
    run = on[:, 1] - on[:, 0]
    angle = np.arctan2(run[:, 1], run[:, 0])
    angle = np.where(angle <= -np.pi / 2 + 1e-9, angle + np.pi, angle)
    angle = np.where(angle > np.pi / 2 + 1e-9, angle - np.pi, angle)
    angles, lengths = [], []
    order = np.argsort(-length, kind="stable")
    angle, length = angle[order], length[order]
    while len(angle):
        alike = np.abs((angle - angle[0] + np.pi / 2) % np.pi - np.pi / 2) < ALIKE_RAD
        angles.append(angle[0])
        lengths.append(length[alike].sum())
        angle, length = angle[~alike], length[~alike]
    return np.array(angles), np.array(lengths)


def _frames(plot: Any, street: Any) -> Iterator[tuple[Frame, float]]:
    """Frames along each front, and how far cuts lean: upright first, and the longest front first.

    Each front is gone along both ways, as areas are cut from one end to the other.
    """
    angles, lengths = _fronts(plot, street)
    x_min, y_min, x_max, y_max = shapely.bounds(plot)
    origin = float(round((x_min + x_max) / 2)), float(round((y_min + y_max) / 2))
    frames = [
        Frame(float(angles[index] + turn), origin)
        for turn in (0.0, np.pi)
        for index in np.argsort(-lengths.round(3), kind="stable")
    ]
    yield from ((frame, 0.0) for frame in frames)
    for frame in frames:
        slant = _slant(frame.to_local(plot), frame.to_local(street))
        if abs(slant) <= SLANT_MAX:
            yield frame, slant


def _slant(plot: Any, street: Any) -> float:
    """Lean of a plot: how far its centre is beside the middle of its front, per metre behind it.

    Of a parallelogram that is the slant of its sides.
    """
    ends, _ = segments(np.array([plot], dtype=object))
    run = np.abs(ends[:, 1] - ends[:, 0])
    level = run[:, 1] < np.tan(ALIKE_RAD) * run[:, 0]
    fronts = shapely.intersection(shapely.linestrings(ends[level]), street)
    front, centre = shapely.centroid(shapely.union_all(fronts)), shapely.centroid(plot)
    behind_m = centre.y - front.y
    return float((centre.x - front.x) / behind_m) if abs(behind_m) > ON_STREET_M else np.inf


def _cut(plot: Any, area_m2: Floats, frame: Frame, slant: float) -> Geometries | None:
    """Cut across a frame's x axis; None unless each part is in one piece.

    A shear keeps areas, so leaning cuts are upright ones of the sheared plot. The lines are
    turned back, not the plot, so that its outline stays what it was.
    """
    shear = np.array([[1.0, 0.0], [-slant, 1.0]])
    local = shapely.transform(frame.to_local(plot), lambda xy: xy @ shear)
    none = np.zeros(len(area_m2) - 1, dtype=np.intp)
    widths = widths_of(np.array([local], dtype=object), np.zeros(1, dtype=np.intp), 1)
    x = widths.cut_x_m(none, np.cumsum(area_m2)[:-1])
    _, low, _, high = shapely.bounds(local)
    y = np.tile([low - 1, high + 1], (len(x), 1))
    ends = np.stack([x[:, None] + slant * y, y], axis=2)
    lines = frame.to_world(shapely.linestrings(ends))
    noded = shapely.union_all([shapely.boundary(plot), *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.point_on_surface(faces)
    faces, inside = (each[shapely.intersects(plot, inside)] for each in (faces, inside))
    at = frame.coordinates_to_local(shapely.get_coordinates(inside)) @ shear
    part = np.searchsorted(x, at[:, 0])
    shapes = np.array(
        [shapely.union_all(faces[part == number]) for number in range(len(area_m2))], dtype=object
    )
    whole = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    return shapes if whole.all() and not shapely.is_empty(shapes).any() else None
