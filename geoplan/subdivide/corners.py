"""Street corners and dead ends: splays where streets meet, turning places where one ends.

Streets need not be noded where they meet. All of it is one pass over arrays: where lines meet
or end (:class:`_Stops`), and from there either the arms of each meeting or the network's chains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.ops
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

MEETING_M = 0.05
"""Streets this near meet: hand-drawn layers do not share every vertex."""
MERGED_M = 0.2
"""Meetings this near are one: an end that overshoots a little meets a skewed street twice."""
SPLAYED_RAD = (np.radians(20), np.radians(160))
"""A corner between arms at a flatter or sharper angle than these is left as it is."""
SAME_WAY_RAD = np.radians(1)
"""Arms that point the same way within as much are one, as wide as the widest."""
STRAIGHT_M = 0.5
"""An arm that strays more from its direction beside a splay has no edge to splay."""


@dataclass(frozen=True)
class DeadEnds:
    """Ends of streets from which there is but the way back.

    Attributes
    ----------
    point : ndarray of Point, shape (ends,)
    line : ndarray of int, shape (ends,)
        Street that ends there.
    length_m : ndarray of float, shape (ends,)
        Way back along the streets, to the nearest junction, gate or other dead end.
    """

    point: Geometries
    line: Integers
    length_m: Floats


def splays(lines: Geometries, row_m: ArrayLike, leg_m: float) -> Geometries:
    """Cut the corners of land where streets meet.

    Each corner between two rights of way, at an angle of 20 to 160 degrees, has a splay: legs
    of `leg_m` run from it along both edges, and the third side joins them. A splay reaches back
    to where the streets' lines meet, so that joining it to their land leaves no film. A meeting
    has three arms or more that are long enough to carry a leg: a bend is none.

    Parameters
    ----------
    lines : ndarray of LineString, shape (streets,)
        Centrelines; they need not have a vertex where they meet.
    row_m : float or array of float, shape (streets,)
        Rights of way.
    leg_m : float
        Legs of a splay; 0 for none.

    Returns
    -------
    ndarray of Polygon
        Triangles in the order of the meetings, each to be joined to the streets' land.

    Examples
    --------
    >>> streets = shapely.linestrings([[(0, 0), (100, 0)], [(50, 0), (50, 80)]])
    >>> for splay in shapely.set_precision(splays(streets, 20.0, 6.0), 0.001):
    ...     print(splay.normalize())
    POLYGON ((50 0, 60 16, 66 10, 50 0))
    POLYGON ((34 10, 40 16, 50 0, 34 10))
    """
    if leg_m <= 0 or not len(lines):
        return np.empty(0, dtype=object)
    opened, owner = _opened(lines)
    half_m = np.broadcast_to(np.asarray(row_m, dtype=float), len(lines))[owner] / 2
    stops = _stops(opened, np.empty(0, dtype=object))
    arms = _arms(stops, opened, half_m, leg_m)
    right, left = _corners(arms)
    angle = (arms.angle[left] - arms.angle[right]) % (2 * np.pi)
    along_right = _corner_at_m(arms.half_m[right], arms.half_m[left], angle) + leg_m
    along_left = _corner_at_m(arms.half_m[left], arms.half_m[right], angle) + leg_m
    node = stops.xy[arms.place[right]]
    on_right = node + _off(arms, right, along_right, arms.half_m[right])
    on_left = node + _off(arms, left, along_left, -arms.half_m[left])
    good = _straight(arms, opened, stops, right, along_right)
    good &= _straight(arms, opened, stops, left, along_left)
    triangles = np.stack([node, on_right, on_left], axis=1)[good]
    return np.asarray(shapely.polygons(triangles), dtype=object)


def dead_ends(lines: Geometries, *, gates: Geometries, gate_touch_m: float = 1.0) -> DeadEnds:
    """Find the ends of streets that neither another street nor a gate is at.

    The way back leads along streets that meet end to end up to a junction of three or more
    ways or a gate; a street that nothing joins is a dead end twice, as long as it is.

    Parameters
    ----------
    lines : ndarray of LineString, shape (streets,)
        Centrelines; they need not have a vertex where they meet.
    gates : ndarray of Point or LineString
        Where public roads arrive.
    gate_touch_m : float
        A street this near a gate is reached by it.

    Returns
    -------
    DeadEnds
        In the order of the streets, each from its start to its end.

    Examples
    --------
    >>> streets = shapely.linestrings([[(0, 0), (400, 0)], [(100, 0), (100, 200)]])
    >>> found = dead_ends(streets, gates=shapely.points([[0, 0], [400, 0]]))
    >>> [(str(point), float(m)) for point, m in zip(found.point, found.length_m)]
    [('POINT (100 200)', 200.0)]
    """
    if not len(lines):
        nothing = np.empty(0, dtype=object)
        return DeadEnds(nothing, np.empty(0, dtype=np.intp), np.empty(0))
    opened, owner = _opened(lines)
    gates = np.asarray(gates, dtype=object)
    stops = _stops(opened, gates, gate_touch_m)
    places = _points(stops.xy)
    at_gate = np.zeros(len(places), dtype=bool)
    at_gate[shapely.STRtree(places).query(gates, "dwithin", gate_touch_m)[1]] = True
    # A stretch of a line runs from each stop to the next one of the same line.
    first = np.flatnonzero(stops.line[1:] == stops.line[:-1])
    ends = np.concatenate([stops.place[first], stops.place[first + 1]])
    stretch = np.tile(np.arange(len(first)), 2)
    ways = np.bincount(ends, minlength=len(places))
    chain = _chains(ends, stretch, (ways == 2) & ~at_gate)
    length_m = np.bincount(chain, weights=stops.at_m[first + 1] - stops.at_m[first])
    dead = np.flatnonzero(((ways == 1) & ~at_gate)[ends])
    stop = np.concatenate([first, first + 1])[dead]
    dead, stop = dead[np.argsort(stop)], np.sort(stop)
    return DeadEnds(
        places[ends[dead]],
        owner[stops.line[stop]],
        length_m[chain[stretch[dead]]].astype(float),
    )


def turning_places(
    ends: DeadEnds, lines: Geometries, *, side_m: float, longer_than_m: float
) -> Geometries:
    """Give long dead ends a square to turn on.

    Parameters
    ----------
    ends : DeadEnds
    lines : ndarray of LineString
        The streets that `ends` were found in.
    side_m : float
        Side of the square; it lies over the street's last metres.
    longer_than_m : float
        A dead end up to this long needs none.

    Returns
    -------
    ndarray of Polygon
        Not cut to any land.

    Examples
    --------
    >>> streets = shapely.linestrings([[(0, 0), (0, 200)]])
    >>> found = dead_ends(streets, gates=shapely.points([[0, 0]]))
    >>> [square] = turning_places(found, streets, side_m=30, longer_than_m=150)
    >>> square.bounds
    (-15.0, 170.0, 15.0, 200.0)
    """
    long = ends.length_m > longer_than_m
    if side_m <= 0 or not long.any():
        return np.empty(0, dtype=object)
    points, streets = ends.point[long], lines[ends.line[long]]
    length_m = shapely.length(streets)
    at_end = shapely.line_locate_point(streets, points) > length_m / 2
    # The street's direction over half the square: a vertex close to the end says little.
    back_m = np.minimum(side_m / 2, length_m)
    inner = shapely.line_interpolate_point(streets, np.where(at_end, length_m - back_m, back_m))
    middle = shapely.get_coordinates(points)
    outward = middle - shapely.get_coordinates(inner)
    ahead = outward / np.hypot(*outward.T)[:, None] * side_m
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / 2
    corners = [middle - ahead - aside, middle - aside, middle + aside, middle - ahead + aside]
    return np.asarray(shapely.polygons(np.stack(corners, axis=1)), dtype=object)


@dataclass(frozen=True)
class _Stops:
    """Where lines end or meet: places, and how far along which line each of them lies.

    ``place``, ``line`` and ``at_m`` have one item for each line through a place, in the order
    of the lines and along them; ``xy`` has one row for each place.
    """

    xy: Floats
    place: Integers
    line: Integers
    at_m: Floats


@dataclass(frozen=True)
class _Arms:
    """Ways that leave meetings of three and more, counter-clockwise round each of them.

    ``angle`` is that of the way, ``stop`` where it begins, ``sign`` -1 where it runs against
    its line, ``meeting`` the number of its meeting.
    """

    angle: Floats
    half_m: Floats
    place: Integers
    stop: Integers
    sign: Floats
    meeting: Integers


def _opened(lines: Geometries) -> tuple[Geometries, Integers]:
    """Divide closed lines in two, so that a way leads both ways from their start.

    Returns the lines, and the line that each of them was.
    """
    owner = np.arange(len(lines))
    closed = np.flatnonzero(shapely.is_closed(lines))
    if not len(closed):
        return np.asarray(lines, dtype=object), owner
    halves = [
        shapely.ops.substring(line, start, start + 0.5, normalized=True)
        for line in lines[closed]
        for start in (0.0, 0.5)
    ]
    opened = np.concatenate([np.delete(lines, closed), np.asarray(halves, dtype=object)])
    owner = np.concatenate([np.delete(owner, closed), np.repeat(closed, 2)])
    order = np.argsort(owner, kind="stable")
    return opened[order], owner[order]


def _stops(lines: Geometries, gates: Geometries, gate_touch_m: float = 0.0) -> _Stops:
    """Find where lines meet each other or a gate, and where they end."""
    tree = shapely.STRtree(lines)
    one, other = tree.query(lines, predicate="intersects")
    one, other = one[one < other], other[one < other]
    # Where streets share a stretch they meet at both of its ends.
    shared, pair = shapely.get_parts(
        shapely.intersection(lines[one], lines[other]), return_index=True
    )
    stretched = shapely.get_dimensions(shared) == 1
    sides = shapely.get_point(shared[stretched], np.array([[0], [-1]])).ravel()
    crossings = np.concatenate([shared[~stretched], sides])
    pair = np.concatenate([pair[~stretched], np.tile(pair[stretched], 2)])
    ends = shapely.get_point(lines, np.array([[0], [-1]])).ravel()
    end, touched = tree.query(ends, predicate="dwithin", distance=MEETING_M)
    gate, reached = tree.query(gates, predicate="dwithin", distance=gate_touch_m)
    arrivals = shapely.get_point(shapely.shortest_line(lines[reached], gates[gate]), 0)
    # Crossings come first, for the first of points that are one tells where they are.
    points = [crossings, crossings, ends[end], ends, arrivals]
    on = [one[pair], other[pair], touched, np.tile(np.arange(len(lines)), 2), reached]
    xy = shapely.get_coordinates(np.concatenate(points))
    first, place = _merged(xy)
    line, place = np.divmod(np.unique(np.concatenate(on) * len(first) + place), len(first))
    at_m = shapely.line_locate_point(lines[line], _points(xy[first[place]]))
    order = np.lexsort((at_m, line))
    return _Stops(xy[first], place[order], line[order], at_m[order])


def _merged(xy: Floats) -> tuple[Integers, Integers]:
    """Tell which points are one place; returns each place's first point, each point's place."""
    # Points that are alike to the millimetre first: their pairs would be many.
    known, alike = np.unique(np.round(xy, 3) @ np.array([1, 1j]), return_inverse=True)
    near = cKDTree(np.stack([known.real, known.imag], axis=1)).query_pairs(
        MERGED_M, output_type="ndarray"
    )
    ones = np.ones(len(near), dtype=bool)
    graph = coo_array((ones, (near[:, 0], near[:, 1])), shape=(len(known), len(known)))
    place = connected_components(graph, directed=False)[1][alike]
    _, first, place = np.unique(place, return_index=True, return_inverse=True)
    return first, place


def _arms(stops: _Stops, lines: Geometries, half_m: Floats, leg_m: float) -> _Arms:
    """Find the ways that leave each place, as far as they are long enough for a splay."""
    length_m = shapely.length(lines)[stops.line]
    left_m = np.concatenate([length_m - stops.at_m, stops.at_m])
    stop, sign = np.tile(np.arange(len(stops.line)), 2), np.repeat([1.0, -1.0], len(stops.line))
    long = left_m >= leg_m + half_m[stops.line[stop]]
    stop, sign, left_m = stop[long], sign[long], left_m[long]
    half = half_m[stops.line[stop]]
    ahead_m = np.minimum(leg_m + 2 * half, left_m)
    ahead = _point_at(lines, stops, stop, sign * ahead_m)
    way = ahead - stops.xy[stops.place[stop]]
    angle = np.arctan2(way[:, 1], way[:, 0])
    place = stops.place[stop]
    # Counted from the place's first arm and a little before it, the same way is the same angle.
    order = np.argsort(place, kind="stable")
    start = np.searchsorted(place[order], place)
    turned = (angle - angle[order][start] + SAME_WAY_RAD) % (2 * np.pi)
    order = np.lexsort((turned, place))
    place, turned = place[order], turned[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (place[1:] != place[:-1]) | (np.diff(turned) > SAME_WAY_RAD)
    widest = np.maximum.reduceat(half[order], np.flatnonzero(new)) if len(order) else half
    kept, place = order[new], place[new]
    several = np.bincount(place, minlength=len(stops.xy))[place] > 2
    kept, place, widest = kept[several], place[several], widest[several]
    meeting = np.unique(place, return_inverse=True)[1]
    return _Arms(angle[kept], widest, place, stop[kept], sign[kept], meeting)


def _corners(arms: _Arms) -> tuple[Integers, Integers]:
    """Pair each arm with the next one round its meeting, where land lies in the corner.

    Seen outwards, the corner's land is on the left of the first and on the right of the second.
    """
    right = np.arange(len(arms.place))
    start = np.searchsorted(arms.meeting, arms.meeting)
    last = np.append(arms.meeting[1:] != arms.meeting[:-1], True)[: len(right)]
    left = np.where(last, start, right + 1)
    angle = (arms.angle[left] - arms.angle[right]) % (2 * np.pi)
    is_corner = (angle >= SPLAYED_RAD[0]) & (angle <= SPLAYED_RAD[1])
    return right[is_corner], left[is_corner]


def _corner_at_m(own_half_m: Floats, other_half_m: Floats, angle: Floats) -> Floats:
    """Tell how far along an arm its edge meets the edge of the other arm."""
    at_m: Floats = (other_half_m + own_half_m * np.cos(angle)) / np.sin(angle)
    return at_m


def _off(arms: _Arms, index: Integers, ahead_m: Floats, aside_m: Floats) -> Floats:
    """Give the steps so far along arms and so far to their left, shape (arms, 2)."""
    cos, sin = np.cos(arms.angle[index]), np.sin(arms.angle[index])
    return np.stack([ahead_m * cos - aside_m * sin, ahead_m * sin + aside_m * cos], axis=1)


def _straight(
    arms: _Arms, lines: Geometries, stops: _Stops, index: Integers, ahead_m: Floats
) -> NDArray[np.bool_]:
    """Tell whether arms are straight, and long enough, up to the end of a splay's leg."""
    there = _point_at(lines, stops, arms.stop[index], arms.sign[index] * ahead_m)
    meant = stops.xy[arms.place[index]] + _off(arms, index, ahead_m, np.zeros(len(index)))
    within: NDArray[np.bool_] = (np.hypot(*(there - meant).T) < STRAIGHT_M) & (ahead_m > 0)
    return within


def _point_at(lines: Geometries, stops: _Stops, stop: Integers, ahead_m: Floats) -> Floats:
    """Coordinates so far beyond stops along their lines; those of the end, where that is less."""
    line = lines[stops.line[stop]]
    at_m = np.clip(stops.at_m[stop] + ahead_m, 0.0, shapely.length(line))
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(line, at_m)))


def _points(xy: Floats) -> Geometries:
    return np.asarray(shapely.points(xy), dtype=object)


def _chains(ends: Integers, stretch: Integers, through: NDArray[np.bool_]) -> Integers:
    """Give each stretch the number of its chain; `through` are the places that join two."""
    count = len(ends) // 2
    order = np.argsort(ends, kind="stable")
    joined: Any = stretch[order][through[ends[order]]].reshape(-1, 2)
    graph = coo_array((np.ones(len(joined), bool), tuple(joined.T)), shape=(count, count))
    chain: Integers = connected_components(graph, directed=False)[1].astype(np.intp)
    return chain
