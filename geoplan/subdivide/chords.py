"""Cutting the faces of a coverage along chords, without noding it again.

A cut across a strip meets the strip's outline in points that lie on edges of the coverage. Each
such point is put on the grid once and goes into every ring that has the edge, the street's and
the neighbour's as well as the strip's own: what comes out is a valid coverage by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.subdivide.coverage import numbered_vertices, on_grid
from geoplan.subdivide.frames import Frame, by_frame

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NEAR_CELLS = 3.0
"""A chord that would end so near a corner ends at the corner; two so near each other, in one."""


@dataclass(frozen=True)
class Chords:
    """Lines of one x across strips, in the frames of these.

    Attributes
    ----------
    strip : ndarray of int, shape (chords,)
        Ascending.
    x_m : ndarray, shape (chords,)
        Ascending within each strip.
    """

    strip: Integers
    x_m: Floats


@dataclass(frozen=True)
class _Rings:
    """Rings of all faces, vertex after vertex; the last vertex of a ring does not repeat the first.

    Attributes
    ----------
    xy_m : ndarray, shape (vertices, 2)
    ring : ndarray of int, shape (vertices,)
    face : ndarray of int, shape (rings,)
        An outer ring stands before its holes.
    chord : ndarray of int, shape (vertices,)
        Chord that ends at the vertex, -1 where none does.
    before, after : ndarray of int, shape (vertices,)
        At a chord's end, the intervals that the ring comes from and goes on to; else -1.
    """

    xy_m: Floats
    ring: Integers
    face: Integers
    chord: Integers
    before: Integers
    after: Integers


_Parts = tuple[Geometries, Integers, Integers]
"""Polygons, the face that each comes from, and its interval between the chords."""


@dataclass(frozen=True)
class _Crossings:
    """Where chords meet edges.

    Attributes
    ----------
    edge, chord : ndarray of int
        An edge has the number of the vertex that it starts from.
    at_vertex : ndarray of int
        Vertex at which the chord ends, -1 where it ends within the edge.
    xy_m : ndarray, shape (crossings, 2)
    rightward : ndarray of bool
        Whether the edge runs to greater x.
    """

    edge: Integers
    chord: Integers
    at_vertex: Integers
    xy_m: Floats
    rightward: NDArray[np.bool_]


def divided_faces(
    faces: Geometries,
    strip: Integers,
    frames: Sequence[Frame],
    chords: Chords,
    *,
    precision_m: float,
) -> tuple[Geometries, Integers, Integers]:
    """Divide faces along chords, and give their neighbours the new corners.

    Parameters
    ----------
    faces : ndarray of Polygon
        Parts of one coverage, and unions of such parts, which get the new corners too.
    strip : ndarray of int, shape (faces,)
        Strip that a face belongs to, -1 where it belongs to none.
    frames : sequence of Frame
        One for each strip.
    chords : Chords
    precision_m : float
        Cell of the grid that all corners lie on.

    Returns
    -------
    parts : ndarray of Polygon
        Undivided faces among them.
    face : ndarray of int, shape (parts,)
        Face that each part comes from, ascending.
    interval : ndarray of int, shape (parts,)
        How many of its strip's chords lie left of a part.

    Examples
    --------
    >>> faces = np.array([shapely.box(0, 0, 90, 40), shapely.box(0, -20, 90, 0)])
    >>> chords = Chords(np.array([0, 0]), np.array([30.0, 50.0]))
    >>> parts, face, interval = divided_faces(
    ...     faces, np.array([0, -1]), [Frame(0.0, (0.0, 0.0))], chords, precision_m=0.001
    ... )
    >>> shapely.area(parts).tolist(), face.tolist(), interval.tolist()
    ([1200.0, 800.0, 1600.0, 1800.0], [0, 0, 0, 1], [0, 1, 2, 0])
    >>> bool(shapely.coverage_is_valid(parts)), shapely.get_coordinates(parts[3]).shape
    (True, (7, 2))
    """
    plain = _rings_of(faces)
    if not len(chords.strip) or not np.isin(strip, chords.strip).any():
        return faces, np.arange(len(faces)), np.zeros(len(faces), dtype=np.intp)
    crossings = _crossings(plain, strip, frames, chords, precision_m)
    rings = _with_corners(plain, crossings, chords, precision_m)
    cut = np.unique(plain.face[plain.ring[crossings.edge]])
    twice = _cut_twice(rings, cut, len(chords.strip))
    found = [
        _between_chords(rings, cut[twice]),
        _polygonized(rings, cut[~twice], frames, strip, chords),
        _whole(rings, np.setdiff1d(np.arange(len(faces)), cut)),
    ]
    parts, face, interval = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.lexsort((interval, face))
    return parts[order], face[order], interval[order]


def _rings_of(faces: Geometries) -> _Rings:
    rings, face = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.append(ring[1:] != ring[:-1], True)
    xy, ring = xy[~closing], ring[~closing]
    nothing = np.full(len(ring), -1, dtype=np.intp)
    return _Rings(xy, ring, face, nothing, nothing, nothing)


def _next(ring: Integers) -> Integers:
    """Vertex that follows each vertex on its ring."""
    first = np.searchsorted(ring, ring)
    following = np.arange(1, len(ring) + 1)
    last = np.append(ring[1:] != ring[:-1], True)
    return np.where(last, first, following)


def _crossings(
    rings: _Rings, strip: Integers, frames: Sequence[Frame], chords: Chords, precision_m: float
) -> _Crossings:
    owner = strip[rings.face[rings.ring]]
    at = np.flatnonzero(np.isin(owner, chords.strip))
    x = np.full(len(owner), np.nan)
    for frame, mine in by_frame(frames, owner[at]):
        x[at[mine]] = frame.coordinates_to_local(rings.xy_m[at[mine]])[:, 0]
    following = _next(rings.ring)
    start, stop = x[at], x[following[at]]
    # One sorted list of all chords: strips are set apart by more than any of them is long.
    low_m = min(chords.x_m.min(), np.min(start))
    span_m = max(chords.x_m.max(), np.max(start)) - low_m + 1.0
    keys = chords.strip * span_m + (chords.x_m - low_m)
    base = owner[at] * span_m - low_m
    low = np.searchsorted(keys, base + np.minimum(start, stop))
    high = np.searchsorted(keys, base + np.maximum(start, stop))
    count = high - low
    which = np.repeat(np.arange(len(at)), count)
    chord = np.arange(len(which)) - np.repeat(np.cumsum(count) - count - low, count)
    edge, begin, end = at[which], start[which], stop[which]
    share = np.clip((chords.x_m[chord] - begin) / (end - begin), 0.0, 1.0)
    ends = rings.xy_m[np.stack([edge, following[edge]])]
    xy = on_grid(ends[0] + share[:, None] * (ends[1] - ends[0]), precision_m)
    away = np.hypot(*(xy - ends).transpose(2, 0, 1))
    nearer = np.argmin(away, axis=0)
    near = away.min(axis=0, initial=np.inf) <= NEAR_CELLS * precision_m
    corner = np.stack([edge, following[edge]])[nearer, np.arange(len(edge))]
    return _Crossings(edge, chord, np.where(near, corner, -1), xy, end > begin)


def _with_corners(
    rings: _Rings, crossings: _Crossings, chords: Chords, precision_m: float
) -> _Rings:
    """Put the ends of chords into every ring that has their edge."""
    number = numbered_vertices(rings.xy_m)
    following = _next(rings.ring)
    ends = np.stack([number, number[following]])
    key = ends.min(axis=0) * (number.max() + 1) + ends.max(axis=0)
    forward = ends[0] < ends[1]
    within = np.flatnonzero(crossings.at_vertex < 0)
    edge = crossings.edge[within]
    origin = np.where(forward[edge], edge, following[edge])
    along = np.hypot(*(crossings.xy_m[within] - rings.xy_m[origin]).T)
    order = np.lexsort((along, key[edge]))
    sorted_key, sorted_along = key[edge][order], along[order]
    new = np.append(
        True,
        (np.diff(sorted_key) != 0) | (np.diff(sorted_along) > NEAR_CELLS * precision_m),
    )[: len(order)]
    corner_of = np.empty(len(order), dtype=np.intp)
    corner_of[order] = np.cumsum(new) - 1
    corner_xy, corner_key = crossings.xy_m[within][order][new], sorted_key[new]
    # Every edge of every ring that has corners now, in its own direction.
    first = np.searchsorted(corner_key, key)
    count = np.searchsorted(corner_key, key, side="right") - first
    place = np.arange(len(key)) + np.cumsum(count) - count
    total = len(key) + int(count.sum())
    xy = np.empty((total, 2))
    ring = np.repeat(rings.ring, count + 1)
    xy[place] = rings.xy_m
    which = np.repeat(np.arange(len(key)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    corner = first[which] + np.where(forward[which], step, count[which] - 1 - step)
    xy[place[which] + 1 + step] = corner_xy[corner]
    # The chords' own ends: at a corner that was there, or at a new one.
    at = place[np.maximum(crossings.at_vertex, 0)]
    rank = corner_of - first[edge]
    turned = np.where(forward[edge], rank, count[edge] - 1 - rank)
    at[within] = place[edge] + 1 + turned
    chord, before, after = np.full((3, total), -1, dtype=np.intp)
    own = crossings.chord - np.searchsorted(chords.strip, chords.strip[crossings.chord])
    chord[at] = crossings.chord
    before[at] = own + ~crossings.rightward
    after[at] = own + crossings.rightward
    return _Rings(xy, ring, rings.face, chord, before, after)


def _cut_twice(rings: _Rings, cut: Integers, chords: int) -> NDArray[np.bool_]:
    """Whether a face has no hole and two ends of each of its chords, shape (cut,)."""
    ends = np.flatnonzero(rings.chord >= 0)
    face = rings.face[rings.ring[ends]]
    pair, count = np.unique(face * chords + rings.chord[ends], return_counts=True)
    holed = np.bincount(rings.face) > 1
    odd = np.bincount((pair // chords)[count != 2], minlength=len(holed)) > 0
    simple: NDArray[np.bool_] = ~(odd | holed)[cut]
    return simple


def _between_chords(rings: _Rings, faces: Integers) -> _Parts:
    """Divide faces that each chord meets twice: each stretch of the ring goes to its interval."""
    vertex = np.flatnonzero(np.isin(rings.face, faces)[rings.ring])
    ring, after = rings.ring[vertex], rings.after[vertex]
    ended = after >= 0
    # What precedes the first end of a chord on a ring follows the ring's last one.
    latest = np.maximum.accumulate(np.where(ended, np.arange(len(vertex)), -1))
    last = np.searchsorted(ring, ring, side="right") - 1
    latest = np.where(latest >= np.searchsorted(ring, ring), latest, latest[last])
    # The end of a chord belongs to both its sides.
    row = np.concatenate([np.arange(len(vertex)), np.flatnonzero(ended)])
    interval = np.concatenate([after[latest], rings.before[vertex[ended]]])
    width = int(interval.max(initial=0)) + 1
    key = rings.face[ring[row]] * width + interval
    order = np.lexsort((row, key))
    part, index = np.unique(key[order], return_inverse=True)
    outlines = shapely.linearrings(rings.xy_m[vertex[row[order]]], indices=index)
    return np.asarray(shapely.polygons(outlines), dtype=object), part // width, part % width


def _polygonized(
    rings: _Rings, faces: Integers, frames: Sequence[Frame], strip: Integers, chords: Chords
) -> _Parts:
    """Divide faces of any shape: polygons between their edges and their chords."""
    face_of = rings.face[rings.ring]  # ascending, so that a face's vertices are a slice
    low, high = np.searchsorted(face_of, faces), np.searchsorted(face_of, faces, side="right")
    parts = [np.empty(0, dtype=object)]
    intervals = [np.empty(0, dtype=np.intp)]
    for face, first, last in zip(faces, low, high, strict=True):
        owner = strip[face]
        polygons = _polygons(rings, slice(first, last), frames[owner])
        inside = shapely.get_coordinates(shapely.point_on_surface(polygons))
        own = slice(*np.searchsorted(chords.strip, [owner, owner + 1]))
        x_m = frames[owner].coordinates_to_local(inside)[:, 0]
        parts.append(polygons)
        intervals.append(np.searchsorted(chords.x_m[own], x_m))
    face = np.repeat(faces, [len(polygons) for polygons in parts[1:]])
    return np.concatenate(parts), face, np.concatenate(intervals)


def _polygons(rings: _Rings, vertices: slice, frame: Frame) -> Geometries:
    """Faces between the edges of one face and its chords, without its holes."""
    xy, chord, ring = rings.xy_m[vertices], rings.chord[vertices], rings.ring[vertices]
    edges = np.stack([xy, xy[_next(ring)]], axis=1)
    ends = np.flatnonzero(chord >= 0)
    y = frame.coordinates_to_local(xy[ends])[:, 1]
    ends = ends[np.lexsort((y, chord[ends]))]
    shell, *holes = np.split(xy, np.flatnonzero(np.diff(ring)) + 1)
    outline = shapely.Polygon(shell, holes)
    across = np.stack([xy[ends[:-1]], xy[ends[1:]]], axis=1)[chord[ends[1:]] == chord[ends[:-1]]]
    middle = shapely.points(across.mean(axis=1))
    across = across[shapely.contains_properly(outline, middle)]
    drawn = np.concatenate([edges, across])
    turn = (drawn[:, 0, 0] > drawn[:, 1, 0]) | (
        (drawn[:, 0, 0] == drawn[:, 1, 0]) & (drawn[:, 0, 1] > drawn[:, 1, 1])
    )
    drawn[turn] = drawn[turn][:, ::-1]
    drawn = np.unique(drawn.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    drawn = drawn[(drawn[:, 0] != drawn[:, 1]).any(axis=1)]
    polygons = shapely.get_parts(shapely.polygonize(shapely.linestrings(drawn)))
    kept: Geometries = polygons[shapely.intersects(outline, shapely.point_on_surface(polygons))]
    return kept


def _whole(rings: _Rings, faces: Integers) -> _Parts:
    """Put faces that no chord divides together again, with the corners of their neighbours."""
    mine = np.isin(rings.face, faces)
    vertex = mine[rings.ring]
    number = np.cumsum(mine) - 1
    outlines = np.asarray(
        shapely.linearrings(rings.xy_m[vertex], indices=number[rings.ring[vertex]]), dtype=object
    )
    polygons = shapely.polygons(outlines, indices=np.searchsorted(faces, rings.face[mine]))
    return np.asarray(polygons, dtype=object), faces, np.zeros(len(faces), dtype=np.intp)
