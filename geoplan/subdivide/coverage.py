"""One planar graph of all land: lines are noded once, faces labelled, labels dissolved.

Because every face comes out of the same noding, neighbours share their vertices and the faces
are a valid coverage, whatever was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Geometries = NDArray[np.object_]
Integers = NDArray[np.intp]

SPIKE_CELLS = 5.0
"""How far an end may be from what it should meet: each round of noding moves it by 0.7 cells at
most. An edge that ends nowhere and is no longer than this is rounding."""
GRAZING_CELLS = 1.5
"""A vertex and an edge farther apart than this stay apart when both are put on the grid."""
NODING_ROUNDS = 6
"""Putting crossings on the grid may make new ones; after so many rounds all edges are noded."""
MENDING_ROUNDS = 2
"""Where loose ends still miss something after noding around them, all edges are noded."""

MARGIN_M = 1.37
"""Kept around a polygon that an area is clipped for; odd, so that no edge lies on the frame."""


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
    ends_m = _straight(lines)
    faces = faces_between(_noded(ends_m, precision_m), precision_m=precision_m)
    if faces is None:
        noded = shapely.union_all(_settled(ends_m, precision_m), grid_size=precision_m)
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return faces


def faces_between(edges: Geometries, *, precision_m: float) -> Geometries | None:
    """Faces between edges of closed outlines that are noded; None where these are not.

    An edge that ends nowhere is a spike that the grid has shut, or it has missed what it should
    meet. Noding what lies around its ends tells, for at a spike that adds nothing.

    Parameters
    ----------
    edges : ndarray of LineString
    precision_m : float
        Cell of the grid that their vertices lie on.

    Returns
    -------
    ndarray of Polygon, or None
    """
    for _ in range(MENDING_ROUNDS):
        try:
            polygons, _, dangling, _ = shapely.polygonize_full(edges)
        except shapely.errors.GEOSException:
            return None
        loose = shapely.get_parts(dangling)
        loose = loose[shapely.length(loose) > SPIKE_CELLS * precision_m]
        mended = _noded_around(loose, edges, precision_m)
        if mended is None:
            return np.asarray(shapely.get_parts(polygons))
        edges = mended
    return None


def _noded_around(loose: Geometries, edges: Geometries, precision_m: float) -> Geometries | None:
    """Node the edges around the ends of loose ones; None where all of them are noded."""
    if not len(loose):
        return None
    ends: Geometries = np.asarray(shapely.points(shapely.get_coordinates(loose)))
    found = shapely.STRtree(edges).query(
        ends, predicate="dwithin", distance=SPIKE_CELLS * precision_m
    )
    around = np.unique(found[1])
    noded = shapely.get_parts(shapely.union_all(edges[around], grid_size=precision_m))
    before, after = (shapely.multilinestrings(lines) for lines in (edges[around], noded))
    if shapely.equals_exact(before, after, normalize=True):
        return None
    ends_m = np.concatenate([_straight(np.delete(edges, around)), _straight(noded)])
    return _noded(ends_m, precision_m)


def _straight(lines: Geometries) -> NDArray[np.float64]:
    """Break lines into their straight edges: the ends of these, shape (edges, 2, 2)."""
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    return np.stack([xy[joined], xy[joined + 1]], axis=1)


def _noded(ends_m: NDArray[np.float64], precision_m: float) -> Geometries:
    """Put edges on the grid and node them, so that no two of them cross.

    Few edges of a site cross at all, most meet at their ends; the noder, which takes its time,
    gets only those that do.
    """
    for _ in range(NODING_ROUNDS):
        edges = _settled(ends_m, precision_m)
        crossing = _crossing(edges)
        if not crossing.any():
            return edges
        mended = shapely.union_all(edges[crossing], grid_size=precision_m)
        ends_m = np.concatenate([_straight(edges[~crossing]), _straight(shapely.get_parts(mended))])
    return shapely.get_parts(shapely.union_all(shapely.linestrings(ends_m), grid_size=precision_m))


def _crossing(edges: Geometries) -> NDArray[np.bool_]:
    """Whether each straight edge crosses another, shape (edges,)."""
    left, right = shapely.STRtree(edges).query(edges, predicate="intersects")
    # Those that share an end do not cross; to ask takes longer than to leave them out.
    vertex = numbered_vertices(shapely.get_coordinates(edges)).reshape(-1, 2)
    apart = (vertex[left][:, :, None] != vertex[right][:, None, :]).all(axis=(1, 2))
    left, right = left[apart], right[apart]
    crossing = np.zeros(len(edges), dtype=bool)
    crossing[left[shapely.crosses(edges[left], edges[right])]] = True
    return crossing


def _settled(ends_m: NDArray[np.float64], precision_m: float) -> Geometries:
    """Take edges through vertices, again where rounding may have put a vertex on an edge."""
    ends_m, grazing_m = _through_vertices(ends_m, precision_m)
    edges = np.asarray(shapely.linestrings(ends_m), dtype=object)
    while len(grazing_m):
        near = shapely.STRtree(edges).query(
            shapely.points(grazing_m), predicate="dwithin", distance=GRAZING_CELLS * precision_m
        )
        doubtful = np.unique(near[1])
        again, grazing_m = _through_vertices(_straight(edges[doubtful]), precision_m)
        if len(again) == len(doubtful):
            return edges
        edges = np.concatenate([np.delete(edges, doubtful), shapely.linestrings(again)])
    return edges


def _through_vertices(
    ends_m: NDArray[np.float64], precision_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Make edges that lie on one another share their vertices, on the grid; each edge once.

    Rounding moves the ends of two such edges apart where one is longer than the other: without
    this, films as thin as the grid would part plots from their street.

    Returns
    -------
    ends_m : ndarray, shape (edges, 2, 2)
    grazing_m : ndarray, shape (n, 2)
        Vertices so near an edge, though not on it, that rounding may have put them there.
    """
    near_m = precision_m / 2
    ends_m = ends_m[(ends_m[:, 0] != ends_m[:, 1]).any(axis=1)]
    index = numbered_vertices(ends_m.reshape(-1, 2))
    vertices = np.empty((index.max(initial=-1) + 1, 2))
    vertices[index] = ends_m.reshape(-1, 2)
    points: Geometries = np.asarray(shapely.points(vertices))
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=near_m)
    meeting = coo_array((np.ones(len(left), bool), (left, right)), shape=(len(points),) * 2)
    cluster = connected_components(meeting, directed=False)[1]
    first = np.unique(cluster, return_index=True)[1]
    onto = on_grid(vertices[first], precision_m)
    vertex, edge = shapely.STRtree(np.asarray(shapely.linestrings(ends_m))).query(
        points, predicate="dwithin", distance=GRAZING_CELLS * precision_m
    )
    run_m = ends_m[edge, 1] - ends_m[edge, 0]
    along = ((vertices[vertex] - ends_m[edge, 0]) * run_m).sum(axis=1) / (run_m**2).sum(axis=1)
    at_start, at_end = vertex == index[2 * edge], vertex == index[2 * edge + 1]
    along[at_start], along[at_end] = -np.inf, np.inf
    foot_m = ends_m[edge, 0] + np.clip(along, 0, 1)[:, None] * run_m
    on = np.hypot(*(vertices[vertex] - foot_m).T) <= near_m
    grazing_m = on_grid(vertices[np.unique(vertex[~on])], precision_m)
    vertex, edge, along = vertex[on], edge[on], along[on]
    order = np.lexsort((along, edge))
    # Clusters may fall on one cell of the grid: they are one vertex then.
    cell = numbered_vertices(onto)
    at, edge = cell[cluster[vertex[order]]], edge[order]
    step = (edge[1:] == edge[:-1]) & (at[1:] != at[:-1])
    ends = np.stack([at[:-1][step], at[1:][step]])
    _, once = np.unique(ends.min(axis=0) * len(onto) + ends.max(axis=0), return_index=True)
    placed = np.empty_like(onto)
    placed[cell] = onto
    return placed[ends[:, once].T], grazing_m


def near(land: Any, polygon: Any) -> Any:
    """Part of a large area around a small polygon: what overlays with it need, at little cost."""
    if shapely.is_empty(polygon):
        return shapely.MultiPolygon()
    return clipped(land, shapely.bounds(polygon)[None] + MARGIN_M * np.array([-1, -1, 1, 1]))[0]


def clipped(land: Any, rectangles_m: NDArray[np.float64]) -> Geometries:
    """Part of an area in each of many rectangles.

    Clipping takes time in proportion to the area's vertices, an overlay far more; where it
    fails, on an edge that a rectangle just grazes, the area is overlaid after all.

    Parameters
    ----------
    land : Polygon or MultiPolygon
    rectangles_m : ndarray, shape (n, 4)
        Least x, least y, greatest x, greatest y.
    """
    parts = np.empty(len(rectangles_m), dtype=object)
    try:
        parts[:] = [shapely.clip_by_rect(land, *edges) for edges in rectangles_m.tolist()]
    except shapely.errors.GEOSException:
        parts[:] = shapely.intersection(land, shapely.box(*rectangles_m.T))
    bad = np.flatnonzero(~shapely.is_valid(parts))
    parts[bad] = shapely.intersection(land, shapely.box(*rectangles_m[bad].T))
    return parts


def holder(points: Geometries, polygons: Geometries) -> Integers:
    """Index of the first polygon that holds each point, -1 where none does; shape (points,)."""
    found = np.full(len(points), len(polygons), dtype=np.intp)
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    np.minimum.at(found, point, polygon)
    return np.where(found == len(polygons), -1, found)


def dissolved(faces: Geometries, label: Integers) -> Geometries:
    """Union the faces of each label 0, 1, 2, ...; vertices shared with neighbours stay."""
    order = np.argsort(label, kind="stable")
    count = np.bincount(label)
    first = np.cumsum(count) - count
    merged: Geometries = faces[order[first]]
    for index in np.flatnonzero(count > 1):
        group = order[first[index] : first[index] + count[index]]
        merged[index] = shapely.coverage_union_all(faces[group])
    return merged


@dataclass(frozen=True)
class SharedEdges:
    """Edges that two polygons of a coverage have in common.

    Attributes
    ----------
    left, right : ndarray of int
        The two polygons, left < right.
    length_m : ndarray of float
    angle_rad : ndarray of float
        Direction of the edge; an edge and its reverse are half a turn apart.
    """

    left: Integers
    right: Integers
    length_m: NDArray[np.float64]
    angle_rad: NDArray[np.float64]

    def length_to(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Length of each polygon's boundary to the polygons of `mask`, shape (polygons,), m."""
        polygon = np.concatenate([self.left, self.right])
        counted = self.length_m * np.stack([mask[self.right], mask[self.left]])
        return np.bincount(polygon, counted.ravel(), len(mask)).astype(np.float64)


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
    vertex = numbered_vertices(xy)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.stack([vertex[joined], vertex[joined + 1]])
    edge = ends.min(axis=0) * (vertex.max(initial=0) + 1) + ends.max(axis=0)
    owner = of[part[ring[joined]]]
    run = xy[joined + 1] - xy[joined]
    order = np.argsort(edge, kind="stable")  # owners ascend already
    edge, owner, run = edge[order], owner[order], run[order]
    twin = (edge[1:] == edge[:-1]) & (owner[1:] != owner[:-1])
    run = run[:-1][twin]
    length, angle = np.hypot(run[:, 0], run[:, 1]), np.arctan2(run[:, 1], run[:, 0])
    return SharedEdges(owner[:-1][twin], owner[1:][twin], length, angle)


def numbered_vertices(xy_m: NDArray[np.float64]) -> Integers:
    """Give coordinates, shape (n, 2), numbers that equal ones share."""
    # As complex numbers, x and y are sorted at once.
    flat = np.ascontiguousarray(xy_m).view(np.complex128).ravel()
    order = np.argsort(flat)
    number = np.empty(len(flat), dtype=np.intp)
    number[order] = np.concatenate([[0], np.cumsum(np.diff(flat[order]) != 0)])[: len(flat)]
    return number


def on_grid(xy_m: NDArray[np.float64], precision_m: float) -> NDArray[np.float64]:
    """Put coordinates on the grid of a cell size, shape as given.

    >>> on_grid(np.array([[0.1234, 7.0006]]), 0.001).tolist()
    [[0.123, 7.001]]
    """
    cells_per_m = 1 / precision_m
    return np.asarray(np.rint(xy_m * cells_per_m) / cells_per_m)


def absorbed(faces: Geometries, zone: Integers, *, width_m: float) -> Integers:
    """Find the face that each face belongs with: itself, or the neighbour that takes a sliver.

    Slivers are rounding: lines that ran along each other before they were put on the grid.

    Parameters
    ----------
    faces : ndarray of Polygon
        A valid coverage.
    zone : ndarray of int, shape (faces,)
        A sliver goes to the face of its zone with which it shares most of its outline.
    width_m : float
        A face is a sliver when it is thinner on average.

    Returns
    -------
    ndarray of int, shape (faces,)
    """
    belongs = np.arange(len(faces))
    settled = shapely.area(faces) >= width_m / 2 * shapely.length(faces)
    if settled.all():
        return belongs
    edges = shared_edges(faces)
    pair = np.stack([np.append(edges.left, edges.right), np.append(edges.right, edges.left)])
    useful = ~settled[pair[0]] & (zone[pair[0]] == zone[pair[1]])
    (sliver, solid), of = np.unique(pair[:, useful], axis=1, return_inverse=True)
    order = np.argsort(-np.bincount(of, np.tile(edges.length_m, 2)[useful]), kind="stable")
    sliver, solid = sliver[order], solid[order]
    while (ready := ~settled[sliver] & settled[solid]).any():
        taken, first = np.unique(sliver[ready], return_index=True)
        belongs[taken] = belongs[solid[ready][first]]
        settled[taken] = True
    return belongs
