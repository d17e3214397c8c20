"""The map of the sheet: land, plots by state with their ids and areas, streets, a grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from geoplan.publish.exports.labels import labels_in
from geoplan.publish.exports.sheet.type import CAP_SHARE, MM_PER_POINT, put, shown, width_mm
from geoplan.publish.map.palettes import MARKET_COLOURS, OTHER_COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoplan.plan import PlanLayers
    from geoplan.publish.exports.sheet.paper import Box, Layout

LAND_COLOURS = {
    "street": "#dcdcdc",
    "green": "#b9d9a8",
    "utilities": "#cfc5e0",
    "services": "#f0c4d4",
    "reserve": "#efefef",
    "excluded": "#d2cbc0",
    "residual": "#f7f7f2",
}
"""Kind of land that is no plot -> its colour."""
ZONE_COLOUR, STREET_COLOUR, GATE_COLOUR, RECEPTOR_COLOUR = (
    "#1e3c7a",
    "#555555",
    "#c81e1e",
    "#b35900",
)
GATE_SIZE, UTILITY_SIZE = 1.0, 0.7
"""Of the running text."""
LABEL_LEAST_PT = 3.0
_LABEL_MOST = 0.9  # of the running text
_GRID_MM = 50.0  # between crosses, about
_GRID_CLEAR_MM = 12.0
_INK = "#222222"


def draw_map(plan: PlanLayers, figure: Figure, layout: Layout) -> int:
    """Draw the map into its frame.

    Returns
    -------
    int
        Plots that are too small for their words at this scale.
    """
    axes = _axes(figure, layout)
    for kind, pieces in plan.land[plan.land["kind"] != "plot"].groupby("kind", sort=True):
        _areas(axes, pieces.geometry, fill=LAND_COLOURS.get(str(kind), OTHER_COLOUR), width=0.15)
    for state, plots in _by_state(plan):
        _areas(axes, plots.geometry, fill=MARKET_COLOURS.get(state, OTHER_COLOUR), width=0.35)
    _areas(axes, plan.exclusions.geometry, hatch="////", width=0.3)
    _areas(axes, plan.receptors.geometry, edge=RECEPTOR_COLOUR, width=0.8)
    _lines(axes, plan.streets.geometry, STREET_COLOUR, 0.4, (0, (8, 2, 1, 2)))
    _areas(axes, plan.zones.geometry, edge=ZONE_COLOUR, width=1.0)
    _lines(axes, plan.sidings.geometry, GATE_COLOUR, 1.2, "solid")
    _lines(axes, plan.gates.geometry, GATE_COLOUR, 1.2, "solid")
    _marks(axes, plan.gates.geometry, GATE_COLOUR, "^", GATE_SIZE * layout.type_pt)
    _marks(axes, plan.utilities.geometry, _INK, "s", UTILITY_SIZE * layout.type_pt)
    _grid(axes, layout)
    return _labels(plan, axes, layout)


def _axes(figure: Figure, layout: Layout) -> Axes:
    left, bottom, width, height = layout.frame_mm
    page = (layout.width_mm, layout.height_mm)
    axes = figure.add_axes((left / page[0], bottom / page[1], width / page[0], height / page[1]))
    west, south, east, north = layout.bounds_m
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _by_state(plan: PlanLayers) -> Iterator[tuple[str, Any]]:
    states = plan.plots["market"].astype(object).fillna("")
    for state in [*MARKET_COLOURS, *sorted(set(states) - set(MARKET_COLOURS))]:
        plots = plan.plots[states == state]
        if len(plots):
            yield state, plots


def _areas(
    axes: Axes,
    shapes: Any,
    *,
    fill: str = "none",
    edge: str = _INK,
    width: float,
    hatch: str | None = None,
) -> None:
    """Draw polygons as one path; holes run against their outlines, so that they stay open."""
    polygons = [
        part
        for shape in shapes
        if shape is not None
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon" and not part.is_empty
    ]
    if not polygons:
        return
    rings = [
        _ring(shapely.get_coordinates(ring))
        for polygon in shapely.orient_polygons(np.array(polygons))
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    path = Path.make_compound_path(*rings)
    axes.add_patch(
        PathPatch(path, facecolor=fill, edgecolor=edge, linewidth=width, hatch=hatch,
                  joinstyle="round")
    )  # fmt: skip


def _ring(corners: Any) -> Path:
    return Path(corners, closed=True)


def _lines(axes: Axes, shapes: Any, colour: str, width: float, style: Any) -> None:
    for shape in shapes:
        if shape is None:
            continue
        for part in shapely.get_parts(shape):
            if part.geom_type in {"LineString", "LinearRing"}:
                east, north = shapely.get_coordinates(part).T
                axes.plot(east, north, color=colour, linewidth=width, linestyle=style)


def _marks(axes: Axes, shapes: Any, colour: str, marker: str, size: float) -> None:
    for shape in shapes:
        if shape is None:
            continue
        for part in shapely.get_parts(shape):
            if part.geom_type == "Point":
                axes.plot(
                    part.x, part.y, marker, color=colour, markersize=size, mec="white", mew=0.5
                )


def _grid(axes: Axes, layout: Layout) -> None:
    """Mark round coordinates by crosses, and name them at the frame."""
    west, south, east, north = layout.bounds_m
    step = _round_step(layout.ground_m(_GRID_MM))
    # Too near a corner of the frame, names would run into each other or out of it.
    clear = layout.ground_m(_GRID_CLEAR_MM)
    columns = _between(west + clear, east - clear, step)
    rows = _between(south + clear, north - clear, step)
    spots = np.array([(x, y) for x in columns for y in rows]).reshape(-1, 2)
    axes.plot(*spots.T, "+", color="#8a8a8a", markersize=5, mew=0.3, zorder=0.5)
    size, off = 0.75 * layout.type_pt, layout.ground_m(1.0)
    look: dict[str, Any] = {"color": "#666666", "zorder": 4}
    for x in columns:
        put(axes, x, south + off, f"E {x:.0f}", size, ha="center", va="bottom", **look)
    for y in rows:
        put(axes, west + off, y, f"N {y:.0f}", size, va="center", ha="left", rotation=90, **look)


def _between(low: float, high: float, step: float) -> Any:
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step


def _round_step(rough_m: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough_m))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= rough_m)


def _labels(plan: PlanLayers, axes: Axes, layout: Layout) -> int:
    _zone_names(plan, axes, layout)
    if not len(plan.plots):
        return 0
    ids = [shown(str(name)) for name in plan.plots["plot_id"]]
    areas = [f"{area_ha:.2f} ha" for area_ha in plan.plots["area_ha"]]
    cap_mm = CAP_SHARE * MM_PER_POINT  # of type of one point
    widths = [max(width_mm(t, 1.0) for t in pair) / cap_mm for pair in zip(ids, areas, strict=True)]
    most_pt = _LABEL_MOST * layout.type_pt
    labels = labels_in(
        plan.plots.geometry.to_numpy(),
        np.array(widths),
        height_max_m=layout.ground_m(most_pt * cap_mm),
    )
    points = labels.height_m / layout.ground_m(cap_mm)
    told = points >= LABEL_LEAST_PT
    degrees = np.degrees(labels.angle_rad)
    for line, texts in enumerate((ids, areas)):
        places = labels.line_places(line)
        for row in np.flatnonzero(told):
            x, y = places[row]
            put(axes, x, y, texts[row], points[row], ha="center", va="center_baseline",
                rotation=degrees[row], rotation_mode="anchor", color="black")  # fmt: skip
    return int((~told).sum())


def _zone_names(plan: PlanLayers, axes: Axes, layout: Layout) -> None:
    """Name each zone at the northern end of its outline, where it hides no plot's words."""
    west, south, east, north = layout.bounds_m
    for name, shape in zip(plan.zones["zone_id"], plan.zones.geometry, strict=True):
        corners = shapely.get_coordinates(shape)
        x, y = corners[np.argmax(corners[:, 1])]
        if _inside((x, y), (west, south, east, north)):
            frame = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": ZONE_COLOUR, "lw": 0.5}
            put(axes, x, y, str(name)[:24], layout.type_pt, bold=True, color=ZONE_COLOUR,
                ha="center", va="center", bbox=frame, zorder=5)  # fmt: skip


def _inside(spot: tuple[float, float], box: Box) -> bool:
    return box[0] <= spot[0] <= box[2] and box[1] <= spot[1] <= box[3]
