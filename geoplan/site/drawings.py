"""Drawings (DXF): entities made into records, with arcs as chords and lines closed to land.

Each record keeps the drawing's own names: ``layer`` (of the drawing), ``handle`` (by which CAD
programs find an entity), ``entity`` (its type) ``text`` (the first line of the first text inside
it) and ``texts`` (all of them).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ezdxf
import ezdxf.filemanagement
import ezdxf.recover
import geopandas as gpd
import numpy as np
import pyproj
import shapely
from ezdxf.document import Drawing
from ezdxf.entities import (
    Arc,
    Circle,
    DXFEntity,
    Ellipse,
    Insert,
    Line,
    LWPolyline,
    MText,
    Point,
    Polyline,
    Spline,
    Text,
)

from geoplan.errors import nearest_name, shown
from geoplan.site.closing import Outline, closed_land
from geoplan.site.findings import Remarks
from geoplan.site.grids import Floats, recognised
from geoplan.site.schema import CONTRACTS
from geoplan.site.sources import Source

ARC_HEIGHT_MAX_M = 0.01
"""Chords leave the arc that they stand for by so much at most."""

COLUMNS = ("layer", "handle", "entity", "text", "texts")

_BINARY = b"AutoCAD Binary DXF"
_UNIT_M = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 7: 1000.0}  # $INSUNITS, where not metres
_BLOCK_DEPTH_MAX = 8
# What ezdxf lets out of damaged drawings besides errors of its own.
_UNREADABLE = (OSError, ezdxf.DXFError, LookupError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True)
class _Label:
    place: shapely.Point
    text: str


def read_drawing(source: Source, crs: pyproj.CRS, remarks: Remarks) -> gpd.GeoDataFrame | None:
    """Read the entities of a drawing, or of one of its layers.

    Parameters
    ----------
    source : Source
        ``source.layer`` picks a layer of the drawing; all of them where it is None.
    crs : pyproj.CRS
        The working CRS; drawings state none.
    remarks : Remarks
        Takes down what was decided, what was left out, and lines that close no land.

    Returns
    -------
    GeoDataFrame or None
        :data:`COLUMNS` and the geometry, without CRS. None after a problem.
    """
    drawing = _opened(source, remarks)
    if drawing is None:
        return None
    names = sorted({entity.dxf.layer for entity in drawing.modelspace()})
    if not names:
        remarks.problem("the drawing has no entities.", "Save it as DXF again, with its model.")
        return None
    if source.layer is not None and source.layer not in names:
        cause = f"the drawing has nothing on a layer '{source.layer}'."
        remarks.problem(cause, nearest_name(source.layer, names))
        return None
    outlines, labels = _outlines(drawing, source, remarks)
    outlines = _in_metres(outlines, drawing.header.get("$INSUNITS", 0), crs, remarks)
    closed = closed_land(outlines, CONTRACTS[remarks.layer].geometry, remarks)
    if closed is None:
        return None
    if source.layer is None and len(names) > 1:
        remarks.info(
            "drawing-layers",
            f"all layers of the drawing were read: {shown(names, most=20)}.",
            f'Pick one after a bar, for instance "{source.written}|{names[0]}".',
        )
    return _frame(closed, labels)


def _opened(source: Source, remarks: Remarks) -> Drawing | None:
    try:
        with source.path.open("rb") as file:
            binary = file.read(len(_BINARY)) == _BINARY
        if binary:
            drawing = ezdxf.filemanagement.readfile(source.path)
            auditor = drawing.audit()
        else:
            drawing, auditor = ezdxf.recover.readfile(source.path)
    except _UNREADABLE as error:
        cause = f"the drawing cannot be read ({' '.join(str(error).split())})."
        remarks.problem(cause, "Save it as DXF (not DWG) again.")
        return None
    if auditor.has_errors:
        faults = shown(error.message for error in auditor.errors)
        cause = f"the drawing is damaged: {faults}"
        remarks.problem(cause, "Run the CAD program's audit or recover, and save it again.")
        return None
    if auditor.has_fixes:
        faults = shown(error.message for error in auditor.fixes)
        remedy = "Compare it with the original, and save that again."
        remarks.warning("drawing-mended", f"the drawing was mended while read: {faults}", remedy)
    return drawing


def _outlines(
    drawing: Drawing, source: Source, remarks: Remarks
) -> tuple[list[Outline], list[_Label]]:
    """Turn entities into lines and points, and say which kinds were left out."""
    outlines: list[Outline] = []
    labels: list[_Label] = []
    left: Counter[str] = Counter()
    arcs = 0
    for entity, handle, layer in _flat(drawing.modelspace(), None, None, 0):
        if isinstance(entity, Text | MText):
            # Texts mostly have a layer of their own.
            labels.append(_label(entity))
            continue
        if source.layer is not None and layer != source.layer:
            continue
        drawn = _coordinates(entity)
        if drawn is None:
            left[entity.dxftype()] += 1
            continue
        places, closed, curved = drawn
        arcs += curved
        outlines.append(Outline(layer, handle, entity.dxftype(), places, closed))
    if arcs:
        text = f"{arcs} arcs or curves were cut into chords within {ARC_HEIGHT_MAX_M:g} m of them."
        remarks.info("arcs-cut", text)
    if left:
        kinds = shown(f"{kind} ({count})" for kind, count in sorted(left.items()))
        remarks.info("entities-left", f"entities that are neither lines nor points: {kinds}.")
    return outlines, labels


def _flat(
    entities: Iterable[DXFEntity], handle: str | None, layer: str | None, depth: int
) -> Iterator[tuple[DXFEntity, str, str]]:
    """Open blocks; what is inside counts under the handle of the block's reference."""
    for entity in entities:
        own = handle or str(entity.dxf.handle)
        # Layer 0 inside a block means the layer that the block is on.
        on = layer if layer is not None and entity.dxf.layer == "0" else str(entity.dxf.layer)
        if isinstance(entity, Insert) and depth < _BLOCK_DEPTH_MAX:
            yield from _flat(entity.virtual_entities(), own, on, depth + 1)
            yield from _flat(entity.attribs, own, on, depth + 1)
        else:
            yield entity, own, on


def _label(entity: Text | MText) -> _Label:
    if isinstance(entity, Text):
        # Where it is aligned, another point than its insertion tells its place.
        place, text = entity.get_placement()[1], entity.plain_text()
    else:
        place, text = entity.dxf.insert, "".join(entity.plain_text(split=False))
    return _Label(shapely.Point(place.x, place.y), text.strip())


def _coordinates(entity: DXFEntity) -> tuple[Floats, bool, bool] | None:
    """Return an entity's points, whether it is closed, and whether it was curved."""
    if isinstance(entity, Point):
        return _flat_points([entity.dxf.location]), False, False
    if isinstance(entity, Line):
        return _flat_points([entity.dxf.start, entity.dxf.end]), False, False
    if isinstance(entity, LWPolyline):
        points = np.array(entity.get_points("xyb"), dtype=np.float64)
        return _polyline(entity, points.reshape(-1, 3), entity.closed)
    if isinstance(entity, Polyline) and entity.is_2d_polyline:
        bent = [(v.dxf.location.x, v.dxf.location.y, v.dxf.bulge) for v in entity.vertices]
        points = np.array(bent, dtype=np.float64)
        return _polyline(entity, points.reshape(-1, 3), entity.is_closed)
    if isinstance(entity, Polyline) and entity.is_3d_polyline:
        places = _flat_points(v.dxf.location for v in entity.vertices)
        return places, entity.is_closed, False
    if isinstance(entity, Arc | Circle | Ellipse | Spline):
        places = _flat_points(entity.flattening(ARC_HEIGHT_MAX_M))
        whole = bool(np.allclose(places[0], places[-1], rtol=0, atol=1e-6))
        return places, whole and len(places) > 3, True
    return None


def _flat_points(points: Iterable[ezdxf.math.Vec3]) -> Floats:
    return np.array([(point.x, point.y) for point in points], dtype=np.float64).reshape(-1, 2)


def _polyline(
    entity: LWPolyline | Polyline, rows: Floats, closed: bool
) -> tuple[Floats, bool, bool]:
    """Follow a polyline, whose bulges are tangents of a quarter of each arc's angle."""
    ends = np.roll(rows, -1, axis=0) if closed else rows[1:]
    parts = [rows[:1, :2]]
    for start, end in zip(rows, ends, strict=False):
        parts.append(bulged(start[:2], end[:2], float(start[2])))
    places = np.vstack(parts)
    turned = entity.ocs().points_to_wcs([(x, y, 0.0) for x, y in places])
    return _flat_points(turned), closed, bool(rows[:, 2].any())


def bulged(start: Floats, end: Floats, bulge: float) -> Floats:
    """Return the points of an arc after its start, its end included.

    Parameters
    ----------
    start, end : ndarray of float, shape (2,)
    bulge : float
        Tangent of a quarter of the arc's angle; above zero counter-clockwise.

    Returns
    -------
    ndarray of float, shape (n, 2)

    Examples
    --------
    >>> arc = bulged(np.array([0.0, 0.0]), np.array([2.0, 0.0]), 1.0)
    >>> bool(np.allclose(np.hypot(arc[:, 0] - 1, arc[:, 1]), 1)), arc[:, 1].min().round(2)
    (True, np.float64(-1.0))
    """
    chord = end - start
    length = float(np.hypot(*chord))
    if bulge == 0 or length == 0:
        return end[np.newaxis]
    angle = 4 * np.arctan(bulge)
    radius = length * (1 + bulge**2) / (4 * abs(bulge))
    step = 2 * np.arccos(max(1 - ARC_HEIGHT_MAX_M / radius, 0.0))
    count = max(int(np.ceil(abs(angle) / step)), 2)
    normal = np.array([-chord[1], chord[0]])
    centre = (start + end) / 2 + normal * (1 - bulge**2) / (4 * bulge)
    turns = np.linspace(0, angle, count + 1)[1:-1]
    x, y = start - centre
    inner = np.column_stack(
        [x * np.cos(turns) - y * np.sin(turns), x * np.sin(turns) + y * np.cos(turns)]
    )
    return np.vstack([centre + inner, end])


def _in_metres(
    outlines: list[Outline], units: int, crs: pyproj.CRS, remarks: Remarks
) -> list[Outline]:
    """Scale a drawing in another unit, where that and not its plain numbers fits the place."""
    factor = _UNIT_M.get(units)
    if factor is None or not outlines:
        return outlines
    places = np.vstack([outline.places for outline in outlines])

    def fits(scale: float) -> bool:
        x, y = places[:, 0] * scale, places[:, 1] * scale
        return recognised(x, y, crs, orders=(False, True)).fits

    if fits(1.0) or not fits(factor):
        text = f"the drawing states a unit of {factor:g} m, but its numbers were taken as metres."
        remarks.warning("drawing-units", text, "Set its units ($INSUNITS) to metres.")
        return outlines
    text = f"the drawing states a unit of {factor:g} m and was scaled to metres."
    remarks.info("drawing-units", text)
    return [outline.scaled(factor) for outline in outlines]


def _frame(
    closed: list[tuple[Outline, shapely.Geometry]], labels: list[_Label]
) -> gpd.GeoDataFrame:
    geometries = np.array([geometry for _, geometry in closed], dtype=object)
    texts: list[list[str]] = [[] for _ in closed]
    if labels and len(geometries):
        tree = shapely.STRtree(geometries)
        inside = tree.query([label.place for label in labels], predicate="within")
        for label, row in sorted(inside.T.tolist()):
            if labels[label].text:
                texts[row].append(labels[label].text)
    columns = {
        "layer": [outline.layer for outline, _ in closed],
        "handle": [outline.handle for outline, _ in closed],
        "entity": [outline.entity for outline, _ in closed],
        "text": [text[0].splitlines()[0].strip() if text else "" for text in texts],
        "texts": ["; ".join(" ".join(t.split()) for t in text) for text in texts],
    }
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=None)
