"""Contours from points: closed once, free of repeated points, holes where one is in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.site.findings import Remarks
from geoplan.site.grids import Floats


@dataclass(frozen=True)
class Ring:
    """The points of one contour.

    Attributes
    ----------
    plot, contour : str
        What it belongs to, and its own name; the latter may be empty.
    places : ndarray of float, shape (n, 2)
        East and north (m or degrees), in order.
    names : ndarray of str, shape (n,)
        The points' own names; may be empty.
    rows : ndarray of int, shape (n,)
        Their rows in the list.
    """

    plot: str
    contour: str
    places: Floats
    names: npt.NDArray[np.object_]
    rows: npt.NDArray[np.int64]

    def records(self, chosen: npt.NDArray[np.bool_] | None = None) -> list[str]:
        """Name rows of the list for a message; all of them where none are chosen."""
        rows = self.rows if chosen is None else self.rows[chosen]
        return [f"{self.plot}: record {row + 1}" for row in rows]

    def only(self, kept: npt.NDArray[np.bool_] | slice) -> Ring:
        """Return some of its points."""
        return replace(self, places=self.places[kept], names=self.names[kept], rows=self.rows[kept])


def geometry_of(
    rings: Sequence[Ring], allowed: frozenset[str], remarks: Remarks
) -> shapely.Geometry | None:
    """Make the geometry of one record from its contours.

    Parameters
    ----------
    rings : sequence of Ring
        Of one plot, in the order of the file.
    allowed : frozenset of str
        Geometry types of the layer: land where it may be, else lines, else points.
    remarks : Remarks
        Takes down contours of too few points, that cross, and points out of order.

    Returns
    -------
    Geometry or None
        None after a problem.
    """
    cleaned = [_cleaned(ring, remarks) for ring in rings]
    if any(part is None for part in cleaned):
        return None
    parts = [part for part in cleaned if part is not None]
    if "Point" in allowed and all(len(part) == 1 for part in parts):
        points = [shapely.Point(part[0]) for part in parts]
        return points[0] if len(points) == 1 else shapely.MultiPoint(points)
    if "Polygon" not in allowed:
        return _lines(rings, parts, remarks)
    few = [ring for ring, part in zip(rings, parts, strict=True) if len(part) < 3]
    for ring in few:
        cause = "a contour needs three points or more that are not the same."
        remarks.problem(cause, "Add the missing points.", ring.records())
    return None if few else nested([shapely.Polygon(part) for part in parts], rings, remarks)


def _lines(
    rings: Sequence[Ring], parts: Sequence[Floats], remarks: Remarks
) -> shapely.Geometry | None:
    for ring, part in zip(rings, parts, strict=True):
        if len(part) < 2:
            cause = "a line needs two points or more that are not the same."
            remarks.problem(cause, "Add the missing points.", ring.records())
            return None
    lines = [shapely.LineString(part) for part in parts]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def _cleaned(ring: Ring, remarks: Remarks) -> Floats | None:
    """Return the places of a contour's points without the closing and repeated ones."""
    if len(ring.places) > 1 and (ring.places[0] == ring.places[-1]).all():
        ring = ring.only(slice(None, -1))
    repeated = np.concatenate([[False], (ring.places[1:] == ring.places[:-1]).all(axis=1)])
    if repeated.any():
        rows = ", ".join(f"record {row + 1}" for row in ring.rows[repeated])
        remarks.info("points-repeated", f"{ring.plot}: points repeated were dropped ({rows}).")
        ring = ring.only(~repeated)
    return ring.places if _named_once(ring, remarks) else None


def _named_once(ring: Ring, remarks: Remarks) -> bool:
    """Refuse numbers that stand for two places; say so where they are not in order."""
    names = ring.names.tolist()
    places: dict[str, tuple[float, ...]] = {}
    twice = set()
    for name, place in zip(names, ring.places.tolist(), strict=True):
        if name and places.setdefault(name, place) != place:
            twice.add(name)
    if twice:
        ids = ring.records(np.isin(ring.names, sorted(twice)))
        cause = f"one contour has a point's number twice ({min(twice)}) at different places."
        remedy = "Correct the figures, or give each contour its number in a column 'contour'."
        remarks.problem(cause, remedy, ids)
        return False
    if not all(name.isdecimal() for name in names):
        return True
    steps = np.diff(np.array([int(name) for name in names], dtype=float))
    # A contour may begin anywhere on its way round: one step back is the turn of the count.
    if (steps < 0).sum() > 1 and (steps > 0).sum() > 1:
        remarks.warning(
            "point-order",
            "the numbers of points go up and down; points were joined in the order of the file.",
            "Sort the list if the numbers give the order.",
            subject=ring.plot,
        )
    return True


def split_where_closed(places: Floats) -> Floats:
    """Split contours that a list only separates by repeating the first point of each.

    Parameters
    ----------
    places : ndarray of float, shape (n, 2)
        Points in order.

    Returns
    -------
    ndarray of int, shape (n,)
        1 for the first contour.

    Examples
    --------
    >>> ring = [[0, 0], [0, 9], [9, 0], [0, 0]]
    >>> split_where_closed(np.array(ring + [[1, 1], [1, 2], [2, 1], [1, 1]])).tolist()
    [1, 1, 1, 1, 2, 2, 2, 2]
    """
    numbers = np.ones(len(places), dtype=int)
    start = 0
    for place in range(1, len(places)):
        if place - start >= 3 and (places[place] == places[start]).all():
            numbers[place + 1 :] += 1
            start = place + 1
    return numbers


def nested(
    polygons: Sequence[shapely.Polygon], rings: Sequence[Ring], remarks: Remarks
) -> shapely.Geometry | None:
    """Make holes of contours within others.

    Parameters
    ----------
    polygons : sequence of Polygon
        One for each contour, without holes.
    rings : sequence of Ring
        The same contours, to name them.
    remarks : Remarks
        Takes down holes made, and contours that cross.

    Returns
    -------
    Polygon, MultiPolygon or None
        None after a problem.
    """
    if len(polygons) == 1:
        return polygons[0]
    if not shapely.is_valid(polygons).all():
        bad = next(r for r, p in zip(rings, polygons, strict=True) if not p.is_valid)
        cause = f"contour '{bad.contour}' crosses itself."
        remarks.problem(cause, "Check the order of its points.", [bad.plot])
        return None
    land = shapely.Polygon()
    holes = []
    for place in np.argsort([-polygon.area for polygon in polygons], kind="stable"):
        ring, polygon = rings[place], polygons[place]
        if shapely.covers(land, polygon):
            land = shapely.difference(land, polygon)
            holes.append(ring.contour or str(place + 1))
        elif shapely.intersection(land, polygon).area > 0:
            cause = f"contour '{ring.contour}' crosses another one of the same record."
            remarks.problem(cause, "Check the order of points and the contours.", [ring.plot])
            return None
        else:
            land = shapely.union(land, polygon)
    if holes:
        text = f"{rings[0].plot}: contours within another were taken as holes: {', '.join(holes)}."
        remarks.info("contour-holes", text)
    return land


def outermost(rings: Sequence[Ring]) -> list[Ring]:
    """Give each contour the name of the one that holds it, for lists that name no plots.

    Parameters
    ----------
    rings : sequence of Ring

    Returns
    -------
    list of Ring
        With the outermost contour around each, or its own, as its plot.
    """
    shapes = [
        shapely.Polygon(ring.places) if len(ring.places) > 2 else shapely.Polygon()
        for ring in rings
    ]
    sound = [shape.is_valid and not shape.is_empty for shape in shapes]
    inner, outer = shapely.STRtree(shapes).query(shapes, predicate="covered_by")
    holder = list(range(len(rings)))
    for one, other in zip(inner.tolist(), outer.tolist(), strict=True):
        larger = shapes[other].area > shapes[holder[one]].area
        if larger and sound[one] and sound[other]:
            holder[one] = other
    return [replace(ring, plot=rings[at].contour) for ring, at in zip(rings, holder, strict=True)]
