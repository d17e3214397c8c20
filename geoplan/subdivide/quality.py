"""How good plots are: shape, corners, and the way to the nearest gate."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geoplan.subdivide.coverage import SharedEdges, shared_edges
from geoplan.subdivide.network import STEP_MIN_M, network_of

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

CORNER_SIDE_M = 10.0
"""A side street counts where at least as much of the plot lies on it."""
CORNER_TURN_RAD = np.radians(30.0)


def rectangularity(plots: Geometries) -> Floats:
    """Area over the area of the smallest rectangle around a plot, 0 to 1.

    Examples
    --------
    >>> triangle = shapely.Polygon([(0, 0), (100, 0), (0, 50)])
    >>> rectangularity(np.array([shapely.box(0, 0, 60, 40), triangle])).round(3).tolist()
    [1.0, 0.5]
    """
    boxes = shapely.oriented_envelope(plots)
    share: Floats = shapely.area(plots) / shapely.area(boxes)
    return np.minimum(share, 1.0)


def corners(edges: SharedEdges, streets: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which polygons of a coverage lie on streets of two directions.

    Parameters
    ----------
    edges : SharedEdges
        Of the coverage.
    streets : ndarray of bool, shape (polygons,)
        Which of them are street land.
    """
    count = len(streets)
    owner = np.concatenate([edges.left[streets[edges.right]], edges.right[streets[edges.left]]])
    fronted = np.concatenate([streets[edges.right], streets[edges.left]])
    length = np.concatenate([edges.length_m, edges.length_m])[fronted]
    angle = np.concatenate([edges.angle_rad, edges.angle_rad])[fronted]
    # The main front is the direction with most length; directions repeat every half turn, so
    # angles are doubled before they are averaged.
    turn = length * np.exp(2j * angle)
    mean = np.bincount(owner, turn.real, count) + 1j * np.bincount(owner, turn.imag, count)
    off = np.abs(np.angle(np.exp(2j * angle) / np.exp(1j * np.angle(mean[owner])))) / 2
    beside = np.bincount(owner, length * (off > CORNER_TURN_RAD), count)
    along = np.bincount(owner, length * (off <= CORNER_TURN_RAD), count)
    return np.asarray((np.minimum(beside, along) >= CORNER_SIDE_M) & ~streets)


def gate_distances(streets: Geometries, gates: Geometries, fronts: Geometries) -> Floats:
    """Way along the street network from each place to the nearest gate, metres.

    Parameters
    ----------
    streets : ndarray of LineString
        Centrelines; they meet where they touch or cross.
    gates : ndarray of Point or LineString
    fronts : ndarray of Point
        Places; each is taken to the nearest street first, and that way counts.

    Returns
    -------
    ndarray
        Infinite where no gate can be reached, or where there is none.
    """
    if not len(streets) or not len(gates) or not len(fronts):
        return np.full(len(fronts), np.inf)
    network = network_of(streets)
    edges, start, stop, length = network.edges, network.start, network.stop, network.length_m
    access = list(zip(*network.reached_at(gates), strict=True))
    # Each gate is a node more, tied to both ends of the edge that it meets.
    gate_node = network.nodes + np.arange(len(gates))
    row = np.concatenate([start, *[[g, g] for g in gate_node]]).astype(np.intp)
    column = np.concatenate([stop, *[[start[e], stop[e]] for e, _, _ in access]]).astype(np.intp)
    weight = np.concatenate([length, *[[w + t, w + length[e] - t] for e, t, w in access]])
    size = network.nodes + len(gates)
    graph = coo_array((np.maximum(weight, STEP_MIN_M), (row, column)), shape=(size, size)).tocsr()
    far = dijkstra(graph, directed=False, indices=gate_node, min_only=True)
    edge = network.tree.nearest(fronts)
    at = shapely.line_locate_point(edges[edge], fronts)
    off = shapely.distance(edges[edge], fronts)
    by_node = np.minimum(far[start[edge]] + at, far[stop[edge]] + length[edge] - at)
    for e, t, w in access:
        by_node = np.where(edge == e, np.minimum(by_node, w + np.abs(at - t)), by_node)
    return np.asarray(off + by_node)


def graded(
    plots: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Add to plots how good they are.

    Parameters
    ----------
    plots : GeoDataFrame
        ``plot_id`` and polygons that stand in `land` under the same id.
    land : GeoDataFrame
        ``land_id, kind``: a valid coverage.
    streets : GeoDataFrame
        Centrelines.
    gates : GeoDataFrame
        ``kind``; rail gates are left out.

    Returns
    -------
    GeoDataFrame
        With ``rectangularity`` (0-1), ``corner`` and ``gate_distance_m``, measured along the
        streets from the nearest point of the plot; null where no gate can be reached.
    """
    shapes = np.asarray(plots.geometry.array, dtype=object)
    coverage = np.asarray(land.geometry.array, dtype=object)
    corner = corners(shared_edges(coverage), (land["kind"] == "street").to_numpy())
    row = pd.Index(land["land_id"]).get_indexer(plots["plot_id"])
    lines = np.asarray(streets.geometry.array, dtype=object)
    roads = np.asarray(gates.geometry[gates["kind"] != "rail"].array, dtype=object)
    way = gate_distances(lines, roads, _nearest_to(lines, shapes))
    return plots.assign(
        rectangularity=rectangularity(shapes),
        corner=corner[row],
        gate_distance_m=np.where(np.isfinite(way), way, np.nan),
    )


def _nearest_to(lines: Geometries, shapes: Geometries) -> Geometries:
    """Find the point of each shape that is nearest to any of the lines."""
    if not len(lines):
        return np.asarray(shapely.centroid(shapes))
    line = shapely.STRtree(lines).nearest(shapes)
    return np.asarray(shapely.get_point(shapely.shortest_line(shapes, lines[line]), 0))
