"""Local frames: a zone turned so that its streets run along x.

Every strip has its street along x in some frame, so cutting it is one-dimensional. A frame's
origin stands near the land, which keeps coordinates small and areas exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = Any
"""One shapely geometry or an array of them."""


@dataclass(frozen=True)
class Frame:
    """A rotation about an origin.

    Attributes
    ----------
    angle_rad : float
        Direction of the local x axis in the working CRS, counter-clockwise from east.
    origin_m : tuple of float
        Easting and northing of the local origin.

    Examples
    --------
    >>> frame = Frame(np.pi / 2, (10.0, 20.0))
    >>> point = frame.to_local(shapely.Point(10, 25))
    >>> round(point.x, 6), round(abs(point.y), 6)
    (5.0, 0.0)
    """

    angle_rad: float
    origin_m: tuple[float, float]

    def to_local(self, geometries: Geometries) -> Geometries:
        """Turn geometries of the working CRS into this frame."""
        return shapely.transform(geometries, self.coordinates_to_local)

    def to_world(self, geometries: Geometries) -> Geometries:
        """Turn geometries of this frame back into the working CRS."""
        turn = self._rotation()
        origin = np.asarray(self.origin_m)
        return shapely.transform(geometries, lambda xy: xy @ turn.T + origin)

    def coordinates_to_local(self, xy_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn coordinates, shape (n, 2), into this frame."""
        local: NDArray[np.float64] = (xy_m - np.asarray(self.origin_m)) @ self._rotation()
        return local

    def _rotation(self) -> NDArray[np.float64]:
        cos, sin = np.cos(self.angle_rad), np.sin(self.angle_rad)
        return np.array([[cos, -sin], [sin, cos]])


def by_frame(
    frames: Sequence[Frame], strip: NDArray[np.intp]
) -> Iterator[tuple[Frame, NDArray[np.intp]]]:
    """Go through the different frames, each with the strips that stand in it.

    Parameters
    ----------
    frames : sequence of Frame
        One for each strip; those of one piece of land are the same.
    strip : ndarray of int, shape (n,)
        Strips to be found, each as often as it is needed.

    Yields
    ------
    frame : Frame
    mine : ndarray of int
        Positions in `strip`, ascending.

    Examples
    --------
    >>> north, east = Frame(1.5, (0.0, 0.0)), Frame(0.0, (0.0, 0.0))
    >>> found = by_frame([north, east, north], np.array([2, 1, 0, 1]))
    >>> [(frame.angle_rad, mine.tolist()) for frame, mine in found]
    [(1.5, [0, 2]), (0.0, [1, 3])]
    """
    distinct = {id(frame): frame for frame in frames}  # by identity: that takes no hashing
    number = {key: position for position, key in enumerate(distinct)}
    frame_of = np.array([number[id(frame)] for frame in frames], dtype=np.intp)[strip]
    order = np.argsort(frame_of, kind="stable")
    ends = np.searchsorted(frame_of[order], np.arange(len(distinct) + 1))
    for position, frame in enumerate(distinct.values()):
        mine = order[ends[position] : ends[position + 1]]
        if len(mine):
            yield frame, mine


def segments(geometries: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Break rings and lines into their straight segments.

    Parameters
    ----------
    geometries : ndarray of shapely geometry
        Lines or polygons; exteriors are walked counter-clockwise, holes clockwise.

    Returns
    -------
    ends_m : ndarray, shape (n, 2, 2)
        Start and end of each segment.
    owner : ndarray of int, shape (n,)
        Index of the geometry that each segment belongs to.
    """
    turned = shapely.orient_polygons(geometries)
    parts, part_owner = shapely.get_parts(turned, return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, ring_part = shapely.get_rings(parts[polygonal], return_index=True)
    lines = np.concatenate([rings, parts[~polygonal]])
    line_owner = np.concatenate([part_owner[polygonal][ring_part], part_owner[~polygonal]])
    xy_m, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    ends_m = np.stack([xy_m[:-1][joined], xy_m[1:][joined]], axis=1)
    return ends_m, line_owner[line[:-1][joined]]
