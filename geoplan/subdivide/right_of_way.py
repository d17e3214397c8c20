"""Right of way: the land that streets take, zone by zone.

A park's street land is one polygon with a hole for every block. Kept in one part for each zone
instead, everything that happens near a piece of land costs what is near it, however large the
site is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.subdivide.coverage import MARGIN_M, clipped, holder
from geoplan.subdivide.ways import TOUCH_M

Geometries = NDArray[np.object_]
Integers = NDArray[np.intp]

NETWORK_TOUCH_M = 1.0
"""A street this near a gate is reached by it."""
JOINED_M = 0.01
"""Street land that meets along as much is one network; a mere corner is no way through."""
SEAM_M = 1e-4
"""Street land of two zones meets at their boundary where no more is between: several times what
overlays leave there (2e-5 m), and too little for the grid to keep apart."""
QUARTER_SEGMENTS = 6


@dataclass(frozen=True)
class StreetLand:
    """Land of streets in connected parts, none of which reaches over a zone's boundary.

    Attributes
    ----------
    parts : ndarray of Polygon
    """

    parts: Geometries

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the parts."""
        return shapely.STRtree(self.parts)

    @property
    def land(self) -> Any:
        """All parts as one Polygon or MultiPolygon."""
        return shapely.union_all(self.parts)

    def near(self, polygon: Any) -> Any:
        """Street land around a polygon, as one geometry."""
        if shapely.is_empty(polygon):
            return shapely.MultiPolygon()
        edges = shapely.bounds(polygon) + MARGIN_M * np.array([-1.0, -1.0, 1.0, 1.0])
        found = np.sort(self.tree.query(shapely.box(*edges)))
        if not len(found):
            return shapely.MultiPolygon()
        pieces = [clipped(self.parts[index], edges[None])[0] for index in found]
        return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)

    def holds(self, points: Geometries) -> NDArray[np.bool_]:
        """Whether points lie on street land, shape (points,)."""
        return holder(points, self.parts) >= 0

    def reached(self, gates: Geometries, zones: gpd.GeoDataFrame) -> StreetLand:
        """Keep the parts that a gate reaches; without gates, the largest network of each land.

        Parameters
        ----------
        gates : ndarray of Point or LineString
        zones : GeoDataFrame
            Their union's parts are what is called land here.
        """
        if not len(self.parts):
            return self
        network = self._networks()
        if len(gates):
            at_gate = shapely.dwithin(self.parts, shapely.union_all(gates), NETWORK_TOUCH_M)
            return StreetLand(self.parts[np.isin(network, network[at_gate])])
        lands = shapely.get_parts(shapely.union_all(zones.geometry.array))
        land = holder(shapely.point_on_surface(self.parts), lands)
        area_m2 = np.bincount(network, weights=shapely.area(self.parts))
        order = np.lexsort((-area_m2[network], land))
        _, first = np.unique(land[order], return_index=True)
        return StreetLand(self.parts[np.isin(network, network[order][first])])

    def _networks(self) -> Integers:
        """Give each part the number of its network, shape (parts,)."""
        left, right = self.tree.query(self.parts, predicate="dwithin", distance=SEAM_M)
        ahead = left < right
        left, right = left[ahead], right[ahead]
        bounds = shapely.bounds(self.parts)
        low = np.maximum(bounds[left, :2], bounds[right, :2]) - 1.0
        high = np.minimum(bounds[left, 2:], bounds[right, 2:]) + 1.0
        common = np.concatenate([low, high], axis=1)
        both = [
            (clipped(self.parts[a], edges[None])[0], clipped(self.parts[b], edges[None])[0])
            for a, b, edges in zip(left, right, common, strict=True)
        ]
        sides = np.array(both, dtype=object).reshape(-1, 2)
        film = shapely.intersection(shapely.buffer(sides[:, 0], SEAM_M), sides[:, 1])
        joined = shapely.area(film) >= SEAM_M * JOINED_M
        size = (len(self.parts),) * 2
        graph = coo_array((np.ones(joined.sum()), (left[joined], right[joined])), shape=size)
        network: Integers = connected_components(graph, directed=False)[1].astype(np.intp)
        return network


def street_land(
    streets: gpd.GeoDataFrame,
    passable: Geometries,
    *,
    more: Geometries | None = None,
    known: dict[bytes, Geometries] | None = None,
) -> StreetLand:
    """Land that streets take: right of way around centrelines.

    Bends are rounded, and a street that ends at the park's edge is carried over it, so that
    an oblique edge leaves no wedge.

    Parameters
    ----------
    streets : GeoDataFrame
        ``row_m`` and centrelines.
    passable : ndarray of Polygon or MultiPolygon
        Where streets may lie, zone by zone.
    more : ndarray of Polygon, optional
        Land that streets take besides, such as corner splays.
    known : dict, optional
        Parts by the outlines that they are made of: zones whose streets are the same as in an
        earlier call are looked up in it, the others are added.
    """
    if streets.empty:
        return StreetLand(np.empty(0, dtype=object))
    lines = np.asarray(streets.geometry.array, dtype=object)
    half_m = streets["row_m"].to_numpy() / 2
    ends = shapely.get_point(lines, np.array([[0], [-1]]))
    end, line = shapely.STRtree(lines).query(ends.ravel(), predicate="dwithin", distance=TOUCH_M)
    meets = np.bincount(end, minlength=ends.size)
    rows = shapely.buffer(
        lines, half_m, cap_style="flat", join_style="round", quad_segs=QUARTER_SEGMENTS
    )
    carried = _carried_over(lines, half_m)[meets == 1]
    # The narrowest of those that meet: a wide street shall not bulge out behind a narrow one.
    narrowest = np.full(ends.size, np.inf)
    np.minimum.at(narrowest, end, half_m[line])
    corners = shapely.buffer(
        ends.ravel()[meets > 1], narrowest[meets > 1], quad_segs=QUARTER_SEGMENTS
    )
    extra = np.empty(0, dtype=object) if more is None else more
    taken = np.concatenate([rows, carried, corners, extra])
    zone, piece = shapely.STRtree(taken).query(passable, predicate="intersects")
    order = np.lexsort((piece, zone))
    used, first = np.unique(zone[order], return_index=True)
    groups = np.split(piece[order], first[1:])[: len(used)]
    outlines = shapely.to_wkb(taken)
    known = {} if known is None else known
    parts = [np.empty(0, dtype=object)]
    for where, mine in zip(passable[used], groups, strict=True):
        key = b"".join([shapely.to_wkb(where), *outlines[mine]])
        if key not in known:
            whole = shapely.get_parts(shapely.intersection(shapely.union_all(taken[mine]), where))
            polygonal = shapely.get_type_id(whole) == shapely.GeometryType.POLYGON
            known[key] = whole[polygonal]
        parts.append(known[key])
    return StreetLand(np.concatenate(parts))


def _carried_over(lines: Geometries, half_m: NDArray[np.float64]) -> Geometries:
    """Land that lines would cover beyond their starts, then beyond their ends."""
    points = shapely.get_point(lines, np.array([[0], [-1], [1], [-2]]))
    xy = shapely.get_coordinates(points).reshape(4, len(lines), 2)
    end, inner = xy[:2].reshape(-1, 2), xy[2:].reshape(-1, 2)
    half_m = np.tile(half_m, 2)
    length_m = np.maximum(np.hypot(*(end - inner).T), TOUCH_M)
    outward = (end - inner) * (half_m / length_m)[:, None]
    over = shapely.linestrings(np.stack([end, end + outward], axis=1))
    return np.asarray(shapely.buffer(over, half_m, cap_style="flat"))
