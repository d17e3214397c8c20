"""Lines made into land: contours closed across small gaps, and lines that meet polygonised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geoplan.errors import shown
from geoplan.site.findings import Remarks
from geoplan.site.grids import Floats
from geoplan.site.schema import POLYGONS

GAP_MAX_M = 0.05
"""Ends of lines so near to each other are the same corner: a hand's breadth, not a passage."""

NODE_M = 0.001
"""Corners of land made from lines are rounded to this grid, so that lines meet."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A line or point of a drawing.

    Attributes
    ----------
    layer, handle, entity : str
        Names that the drawing gives it.
    places : ndarray of float, shape (n, 2)
    closed : bool
        Whether the drawing says that it ends where it begins.
    """

    layer: str
    handle: str
    entity: str
    places: Floats
    closed: bool

    def scaled(self, factor: float) -> Outline:
        """Return it in a unit `factor` times smaller."""
        return replace(self, places=self.places * factor)


Drawn = list[tuple[Outline, shapely.Geometry]]


def closed_land(
    outlines: Sequence[Outline], allowed: frozenset[str], remarks: Remarks
) -> Drawn | None:
    """Make geometry of a drawing's outlines.

    Parameters
    ----------
    outlines : sequence of Outline
        In metres.
    allowed : frozenset of str
        Geometry types of the layer; where it takes polygons alone, lines must close land.
    remarks : Remarks
        Takes down gaps that were closed, holes, and lines that close no land.

    Returns
    -------
    list of (Outline, Geometry) or None
        In the order of the drawing, polygons from several lines last; None after a problem.
    """
    only_land, any_land = not allowed - POLYGONS, bool(allowed & POLYGONS)
    outlines = _with_length(outlines, remarks)
    drawn: Drawn = []
    open_lines: list[Outline] = []
    gaps = []
    for outline in outlines:
        places, gap_m = outline.places, _gap_m(outline)
        if len(places) == 1:
            drawn.append((outline, shapely.Point(places[0])))
        elif not any_land:
            ring = np.vstack([places, places[:1]]) if outline.closed and gap_m else places
            drawn.append((outline, shapely.LineString(ring)))
        elif (len(places) > 3 and gap_m == 0) or (outline.closed and len(places) > 2):
            drawn.append((outline, shapely.Polygon(places)))
        elif only_land and len(places) > 3 and gap_m <= GAP_MAX_M:
            gaps.append(f"{outline.handle} ({gap_m:.3f} m)")
            drawn.append((outline, shapely.Polygon(places)))
        else:
            open_lines.append(outline)
    if gaps:
        remarks.warning(
            "gaps-closed",
            f"contours that did not close were closed: {shown(gaps)}.",
            "Close them in the drawing.",
        )
    if not only_land:
        return [*drawn, *((outline, shapely.LineString(outline.places)) for outline in open_lines)]
    for layer in dict.fromkeys(outline.layer for outline in open_lines):
        land = _joined([outline for outline in open_lines if outline.layer == layer], remarks)
        if land is None:
            return None
        drawn.extend(land)
    return _with_holes(drawn, remarks)


def _with_length(outlines: Sequence[Outline], remarks: Remarks) -> list[Outline]:
    """Leave out lines without length, and say which."""
    kept: list[Outline] = []
    empty: list[Outline] = []
    for outline in outlines:
        there = outline.entity == "POINT" or len(np.unique(outline.places, axis=0)) > 1
        (kept if there else empty).append(outline)
    if empty:
        told = shown(outline.handle for outline in empty)
        remarks.info("entities-empty", f"lines without length were left out: {told}.")
    return kept


def _gap_m(outline: Outline) -> float:
    return float(np.hypot(*(outline.places[0] - outline.places[-1])))


def _joined(lines: Sequence[Outline], remarks: Remarks) -> Drawn | None:
    """Polygonise the lines of one layer; refuse those that bound no land."""
    lines = [line for line in lines if len(line.places) > 1]
    snapped, widest_m = _snapped(lines)
    drawn = [shapely.LineString(places) for places in snapped]
    # Ends drawn onto the middle of a line are off by the drawing's last decimal.
    noded = shapely.union_all(drawn, grid_size=NODE_M)
    polygons, cuts, dangles, broken = shapely.polygonize_full([noded])
    land = shapely.get_parts(polygons)
    edges = shapely.union_all(shapely.boundary(land))
    # Only what bounds land is used; an end that dangles is a gap or does not belong here.
    loose = [shapely.get_parts(part) for part in (cuts, dangles, broken)]
    left = np.concatenate(loose)
    if len(left):
        tree = shapely.STRtree(drawn)
        rows = sorted(
            {
                int(tree.nearest(shapely.line_interpolate_point(p, 0.5, normalized=True)))
                for p in left
            }
        )
        end = shapely.get_point(left[0], -1)
        cause = (
            f"lines on layer '{lines[0].layer}' close no land, for instance near "
            f"({end.x:.2f}, {end.y:.2f}); gaps of up to {GAP_MAX_M:g} m are closed."
        )
        remedy = "Close the contour, or move other lines to a layer of their own and pick a layer."
        remarks.problem(cause, remedy, [lines[row].handle for row in rows])
        return None
    if shapely.is_empty(edges):
        return []
    text = f"{len(lines)} lines on layer '{lines[0].layer}' close {len(land)} areas"
    gap = f"; ends up to {widest_m:.3f} m apart were joined" if widest_m >= NODE_M else ""
    remarks.warning("lines-closed", f"{text}{gap}.", "Draw each area as a closed polyline.")
    tree = shapely.STRtree(drawn)
    corners = [shapely.get_coordinates(area)[:2].mean(axis=0) for area in land]
    bounding = [lines[int(tree.nearest(shapely.Point(corner)))] for corner in corners]
    return [
        (replace(line, handle=f"{line.handle}-{n}", entity="LINES"), area)
        for n, (line, area) in enumerate(zip(bounding, land, strict=True), 1)
    ]


def _snapped(lines: Sequence[Outline]) -> tuple[list[Floats], float]:
    """Move ends onto the first end, else the line, that is near; return the widest move."""
    ends = np.array([place for line in lines for place in (line.places[0], line.places[-1])])
    points = np.array([shapely.Point(end) for end in ends], dtype=object)
    paths = np.array([shapely.LineString(line.places) for line in lines], dtype=object)
    near = shapely.STRtree(points).query(points, predicate="dwithin", distance=GAP_MAX_M)
    first = np.arange(len(ends))
    np.minimum.at(first, near[0], near[1])
    while (first[first] != first).any():
        first = first[first]
    moved = ends[first]
    alone = np.bincount(first, minlength=len(ends))[first] == 1
    end, line = shapely.STRtree(paths).query(points, predicate="dwithin", distance=GAP_MAX_M)
    onto = alone[end] & (end // 2 != line)
    for row, other in zip(end[onto].tolist(), line[onto].tolist(), strict=True):
        along = shapely.line_locate_point(paths[other], points[row])
        place = shapely.line_interpolate_point(paths[other], along)
        moved[row] = place.x, place.y
    widest_m = float(np.hypot(*(moved - ends).T).max(initial=0.0))
    result = []
    for row, outline in enumerate(lines):
        path = outline.places.copy()
        path[0], path[-1] = moved[2 * row], moved[2 * row + 1]
        result.append(path)
    return result, widest_m


def _with_holes(drawn: Drawn, remarks: Remarks) -> Drawn:
    """Cut contours out of the one around them on the same layer, and say so.

    Drawings have no holes: they are drawn as one more contour.
    """
    shapes = np.array([shape for _, shape in drawn], dtype=object)
    valid = shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    tree = shapely.STRtree(shapes)
    inner, outer = tree.query(shapes, predicate="within")
    layers = np.array([outline.layer for outline, _ in drawn], dtype=object)
    area = shapely.area(shapes)
    held = (inner != outer) & valid[inner] & valid[outer] & (layers[inner] == layers[outer])
    held &= area[inner] < area[outer]
    inner, outer = inner[held], outer[held]
    depth = np.bincount(inner, minlength=len(shapes))
    result: Drawn = []
    for row, (outline, shape) in enumerate(drawn):
        if depth[row] % 2:
            continue
        holes = [int(i) for i in inner[outer == row] if depth[i] == depth[row] + 1]
        if not holes:
            result.append((outline, shape))
            continue
        land = shapely.difference(shape, shapely.union_all(shapes[holes]))
        names = ", ".join(drawn[hole][0].handle for hole in holes)
        remarks.warning(
            "contour-holes",
            f"contours within it were taken as holes: {names}.",
            "Put them on another layer if they are land of their own.",
            subject=outline.handle,
        )
        result.append((outline, land))
    return result
