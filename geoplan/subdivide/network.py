"""The street network as a graph: ways along it, between places and to the nearest gate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NODE_GRID_M = 0.01
STEP_MIN_M = 1e-6
"""A sparse graph knows no edge of length 0."""
BESIDE_M = 1.0
"""A piece of land lies on a street where it is no farther than this from its right of way."""


@dataclass(frozen=True)
class Network:
    """Centrelines, noded once.

    Attributes
    ----------
    edges : ndarray of LineString
        They meet at their ends alone.
    start, stop : ndarray of int
        Node at either end of each edge.
    length_m : ndarray
    """

    edges: Geometries
    start: Integers
    stop: Integers
    length_m: Floats

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(max(self.start.max(initial=-1), self.stop.max(initial=-1))) + 1

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges, to be asked which is nearest."""
        return shapely.STRtree(self.edges)

    def reached_at(self, places: Geometries) -> tuple[Integers, Floats, Floats]:
        """Tell where places meet the network: edge, metres along it, metres to it.

        Parameters
        ----------
        places : ndarray of Point or LineString
        """
        edge = np.asarray(self.tree.nearest(places), dtype=np.intp)
        meeting = shapely.get_point(shapely.shortest_line(self.edges[edge], places), 0)
        along = shapely.line_locate_point(self.edges[edge], meeting)
        return edge, np.asarray(along), np.asarray(shapely.distance(self.edges[edge], places))

    def from_nodes_m(self, nodes: Integers) -> Floats:
        """Shortest ways from some nodes to all, infinite where there is none.

        Parameters
        ----------
        nodes : ndarray of int

        Returns
        -------
        ndarray, shape (nodes asked, nodes)
        """
        low, high = np.minimum(self.start, self.stop), np.maximum(self.start, self.stop)
        # Of several streets between two crossings the shortest counts; a sparse sum adds them up.
        order = np.lexsort((self.length_m, high, low))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
        kept = order[first & (low[order] != high[order])]
        length_m = np.maximum(self.length_m[kept], STEP_MIN_M)
        graph: csr_array = coo_array(
            (length_m, (low[kept], high[kept])), shape=(self.nodes, self.nodes)
        ).tocsr()
        return np.asarray(dijkstra(graph, directed=False, indices=nodes))


def network_of(streets: Geometries) -> Network:
    """Node centrelines, which meet where they touch or cross.

    Parameters
    ----------
    streets : ndarray of LineString
        At least one.
    """
    edges = shapely.get_parts(shapely.union_all(streets, grid_size=NODE_GRID_M))
    ends = shapely.get_coordinates(shapely.get_point(edges, np.array([[0], [-1]])))
    _, index = np.unique(ends.round(2), axis=0, return_inverse=True)
    index = index.astype(np.intp)
    return Network(edges, index[: len(edges)], index[len(edges) :], shapely.length(edges))


def ways_m(streets: Geometries, places: Geometries) -> Floats:
    """Shortest ways along the streets between all places.

    Parameters
    ----------
    streets : ndarray of LineString
        Centrelines.
    places : ndarray of Point or LineString
        Each is taken to the nearest street first, and that way counts.

    Returns
    -------
    ndarray, shape (places, places)
        Symmetric; infinite where there is no way, and 0 from a place to itself.

    Examples
    --------
    >>> cross = shapely.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (50 0, 50 80)"])
    >>> ends = shapely.points([[0, 0], [50, 80], [100, 10]])
    >>> ways_m(cross, ends).tolist()
    [[0.0, 130.0, 110.0], [130.0, 0.0, 140.0], [110.0, 140.0, 0.0]]
    """
    far = np.full((len(places), len(places)), np.inf)
    np.fill_diagonal(far, 0.0)
    if not len(streets) or not len(places):
        return far
    network = network_of(streets)
    edge, along, off = network.reached_at(places)
    node = np.stack([network.start[edge], network.stop[edge]])
    used, row = np.unique(node, return_inverse=True)
    row, from_used_m = row.reshape(node.shape), network.from_nodes_m(used)
    to_node = np.stack([along, network.length_m[edge] - along])
    for here in (0, 1):
        for there in (0, 1):
            way = from_used_m[row[here][:, None], node[there][None, :]]
            far = np.minimum(far, way + to_node[here][:, None] + to_node[there][None, :])
    on_same = edge[:, None] == edge[None, :]
    far = np.where(on_same, np.minimum(far, np.abs(along[:, None] - along[None, :])), far)
    far += off[:, None] + off[None, :]
    np.fill_diagonal(far, 0.0)
    return np.asarray(np.minimum(far, far.T))


def middles_of_fronts(streets: Geometries, row_m: Floats, land: Geometries) -> Geometries:
    """Find where goods leave pieces of land: the middle of the longest front, on the centreline.

    Parameters
    ----------
    streets : ndarray of LineString
        Centrelines, at least one.
    row_m : ndarray
        Right of way of each.
    land : ndarray of Polygon
        Strips or plots; one without a front has the point of the nearest street instead.

    Returns
    -------
    ndarray of Point

    Examples
    --------
    >>> street = shapely.from_wkt(["LINESTRING (0 0, 100 0)"])
    >>> plot = np.array([shapely.box(20, 10, 60, 50)])
    >>> round(middles_of_fronts(street, np.array([20.0]), plot)[0].x, 6)
    40.0
    """
    lines = shapely.STRtree(streets)
    reach_m = float(row_m.max()) / 2 + BESIDE_M
    piece, street = lines.query(land, predicate="dwithin", distance=reach_m)
    ground = shapely.buffer(land[piece], row_m[street] / 2 + BESIDE_M, cap_style="flat")
    front = shapely.intersection(streets[street], ground)
    length_m = shapely.length(front)
    order = np.lexsort((street, -length_m.round(3), piece))
    piece, street, front = piece[order], street[order], front[order]
    _, first = np.unique(piece, return_index=True)
    first = first[length_m[order][first] > 0]
    nearest = np.asarray(lines.nearest(land), dtype=np.intp)
    middle = np.asarray(shapely.centroid(land))
    nearest[piece[first]] = street[first]
    middle[piece[first]] = shapely.centroid(front[first])
    along = shapely.line_locate_point(streets[nearest], middle)
    return np.asarray(shapely.line_interpolate_point(streets[nearest], along))
