"""One planar graph of all land: lines are noded once, faces labelled, labels dissolved.

Because every face comes out of the same noding, neighbours share their vertices and the faces
are a valid coverage, whatever was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Integers = NDArray[np.intp]


def faces_of(outlines: Geometries, *, precision_m: float) -> Geometries:
    """Node lines and outlines on a grid and return the faces between them.

    Parameters
    ----------
    outlines : ndarray of geometry
        Lines, or polygons whose boundaries count.
    precision_m : float
        Cell of the grid that all vertices are put on, once.
    """
    lines = outlines.copy()
    polygonal = shapely.get_dimensions(lines) == 2
    lines[polygonal] = shapely.boundary(lines[polygonal])
    noded = shapely.union_all(lines, grid_size=precision_m)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))


def holder(points: Geometries, polygons: Geometries) -> Integers:
    """Index of the first polygon that holds each point, -1 where none does; shape (points,)."""
    found = np.full(len(points), len(polygons), dtype=np.intp)
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    np.minimum.at(found, point, polygon)
    return np.where(found == len(polygons), -1, found)


def dissolved(faces: Geometries, label: Integers) -> Geometries:
    """Union the faces of each label 0, 1, 2, ...; vertices shared with neighbours stay."""
    order = np.argsort(label, kind="stable")
    groups = np.split(faces[order], np.flatnonzero(np.diff(label[order])) + 1)
    merged = np.empty(len(groups), dtype=object)
    for index, group in enumerate(groups):
        merged[index] = group[0] if len(group) == 1 else shapely.coverage_union_all(group)
    return merged


@dataclass(frozen=True)
class SharedEdges:
    """Edges that two polygons of a coverage have in common.

    Attributes
    ----------
    left, right : ndarray of int
        The two polygons, left < right.
    length_m : ndarray of float
    """

    left: Integers
    right: Integers
    length_m: NDArray[np.float64]

    def length_to(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Length of each polygon's boundary to the polygons of `mask`, shape (polygons,), m."""
        length = np.bincount(
            self.left, weights=self.length_m * mask[self.right], minlength=len(mask)
        )
        return length + np.bincount(
            self.right, weights=self.length_m * mask[self.left], minlength=len(mask)
        )


def shared_edges(polygons: Geometries) -> SharedEdges:
    """Find the edges that pairs of polygons of a valid coverage share, vertex for vertex.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 5, 5), shapely.box(5, 0, 9, 5)])
    >>> shared_edges(squares).length_m.tolist()
    [5.0]
    """
    parts, of = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    _, vertex = np.unique(xy, axis=0, return_inverse=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.sort(np.stack([vertex[joined], vertex[joined + 1]], axis=1), axis=1)
    owner = of[part[ring[joined]]]
    length = np.hypot(*(xy[joined + 1] - xy[joined]).T)
    order = np.lexsort((owner, ends[:, 1], ends[:, 0]))
    ends, owner, length = ends[order], owner[order], length[order]
    twin = (ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] != owner[:-1])
    return SharedEdges(owner[:-1][twin], owner[1:][twin], length[:-1][twin])
