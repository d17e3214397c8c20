"""The sheet that every picture of the guide is drawn on: land in metres, north up, a scale bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from pictured_land import EAST_M, NORTH_M

POINTS_IN = 72
WIDTH_PT = {2: 262, 3: 172}
"""Width of a picture by the columns of its table: together some 700 px."""
MARGIN_PT = 5
FOOT_PT = 20
"""Room below the land for the scale bar and the north arrow."""
TEXT_PT = 7.5
GLYPH_SHARE = 0.64
"""A digit's width as a share of the size of its type."""

INK, QUIET, EDGE = "#33383f", "#565c64", "#6f675b"
STREET, STREET_LINE = "#d3d3d1", "#8a9099"
ZONE_EDGE: dict[str, Any] = {"linewidth": 1.1, "linestyle": (0, (6, 2.5, 1, 2.5))}

LINES: dict[str, dict[str, Any]] = {
    "line": {"linewidth": 1.8},
    "dashes": {"linewidth": 1.4, "linestyle": (0, (2.5, 2))},
}
"""Looks of lines between projects."""

# Glyphs are drawn as outlines, so that pictures look alike wherever they are opened.
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "geoplan",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
}


class Sheet:
    """A picture of one plan: axes in metres from the common origin, north up."""

    def __init__(
        self,
        window: tuple[float, float, float, float],
        *,
        width_pt: float,
        foot_pt: float = FOOT_PT,
        above_pt: float = 0.0,
    ) -> None:
        west, south, east, north = window
        self.window, self.above_pt = window, above_pt
        foot_pt += above_pt  # the foot's own room is below
        self.m_per_pt = (east - west) / (width_pt - 2 * MARGIN_PT)
        height_pt = (north - south) / self.m_per_pt + 2 * MARGIN_PT + foot_pt
        self.figure = Figure(figsize=(width_pt / POINTS_IN, height_pt / POINTS_IN))
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        margin_m = MARGIN_PT * self.m_per_pt
        self.axes.set_xlim(west - margin_m, east + margin_m)
        self.axes.set_ylim(south - margin_m - foot_pt * self.m_per_pt, north + margin_m)
        self.axes.set_axis_off()
        frame = shapely.box(west, south, east, north)
        self.clip = PathPatch(path_of([frame]), transform=self.axes.transData)

    def fill(self, shapes: Iterable[Any], colour: str, **style: Any) -> None:
        """Fill polygons, all of one look as one path."""
        local = from_origin(shapes)
        if len(local):
            patch = PathPatch(path_of(local), facecolor=colour, **({"linewidth": 0} | style))
            self._add(patch)

    def outline(self, shapes: Iterable[Any], colour: str, **style: Any) -> None:
        """Draw the edges of polygons, or lines."""
        local = from_origin(shapes)
        if len(local):
            self._add(PathPatch(path_of(local), facecolor="none", edgecolor=colour, **style))

    def _add(self, patch: PathPatch) -> None:
        self.axes.add_patch(patch)
        patch.set_clip_path(self.clip)

    def name(self, shape: Any, text: str) -> None:
        """Write a name inside a polygon, across or upwards, where it has room."""
        (shape,) = from_origin([shape])
        shape = shapely.intersection(shape, shapely.box(*self.window))
        if shape.is_empty:
            return
        inner = shapely.get_point(shapely.maximum_inscribed_circle(shape, tolerance=1.0), 0)
        wide = (GLYPH_SHARE * len(text) * TEXT_PT + 2) * self.m_per_pt / 2
        high = (TEXT_PT + 1) * self.m_per_pt / 2
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT_PT, "color": INK}
        for turned, (x, y) in product((0, 90), (_xy(shape.centroid), _xy(inner))):
            dx, dy = (high, wide) if turned else (wide, high)
            if shape.contains(shapely.box(x - dx, y - dy, x + dx, y + dy)):
                self.axes.text(x, y, text, rotation=turned, rotation_mode="anchor", **look)
                return

    def mark(self, shape: shapely.Polygon, colour: str) -> None:
        """Fill a shape that lies beside the land."""
        patch = PathPatch(path_of([shape]), facecolor=colour, edgecolor=EDGE, linewidth=0.5)
        self.axes.add_patch(patch)

    def write(self, at: shapely.Point, text: str, **style: Any) -> None:
        """Write words about a point, wherever they find room."""
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT_PT, "color": INK}
        self.axes.text(at.x, at.y, text, **(look | style))

    def gates(self, points: Iterable[Any], *, marker: str = "^") -> None:
        """Mark gates, by dark triangles if nothing else is said."""
        xy = shapely.get_coordinates(from_origin(points))
        self.axes.plot(
            *xy.T, marker=marker, markersize=6, color=INK, linestyle="none", clip_on=False
        )

    def foot(self) -> None:
        """Draw the scale bar and the north arrow below the land."""
        west, south, east, _ = self.window
        length_m = max(m for m in (20, 50, 100, 200) if m <= 0.4 * (east - west))
        y = south - (self.above_pt + 0.75 * FOOT_PT) * self.m_per_pt
        thick = 2.5 * self.m_per_pt
        for part, colour in ((0, INK), (1, "#ffffff")):
            corner = (west + part * length_m / 2, y)
            bar = Rectangle(corner, length_m / 2, thick, facecolor=colour, edgecolor=INK, lw=0.6)
            self.axes.add_patch(bar)
        beside = west + length_m + 4 * self.m_per_pt
        look: dict[str, Any] = {"fontsize": TEXT_PT, "color": INK}
        self.axes.text(beside, y + thick / 2, f"{length_m} m", va="center_baseline", **look)
        top = y + 11 * self.m_per_pt
        arrow = {"arrowstyle": "-|>", "color": INK, "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
        x = east - 4 * self.m_per_pt
        self.axes.annotate("", (x, top), (x, y - 3 * self.m_per_pt), arrowprops=arrow)
        self.axes.text(x - 5 * self.m_per_pt, y, "N", ha="right", **look)

    def save(self, path: Path) -> None:
        """Write the picture."""
        save(self.figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a picture without the time at which it was made."""
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def _xy(point: shapely.Point) -> tuple[float, float]:
    return point.x, point.y


def from_origin(shapes: Iterable[Any]) -> Any:
    """Move shapes to where the parks' common origin is 0, 0, in whole centimetres."""
    array = np.array([*shapes], dtype=object)
    return shapely.transform(array, lambda xy: np.round(xy - (EAST_M, NORTH_M), 2))


def path_of(shapes: Iterable[Any]) -> Outline:
    """Join polygons and lines to one path."""
    parts = shapely.get_parts(np.array([*shapes], dtype=object))
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lines = [*shapely.get_rings(parts[areas]), *parts[~areas]]
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(part)) for part in lines))


def legend(entries: Sequence[tuple[str, str, str]]) -> Sheet:
    """Draw what colours mean, four in a row: text, colour, and the look of what has it."""
    rows = -(-len(entries) // 4)
    sheet = Sheet((0, 0, 520, 22 * rows - 4), width_pt=530, foot_pt=0)
    for number, (text, colour, look) in enumerate(entries):
        x, y = 130 * (number % 4), 22 * (rows - 1 - number // 4)
        if look == "gate":
            sheet.axes.plot(x + 11, y + 7, marker="^", markersize=6, color=INK)
        elif look in LINES:
            sheet.axes.plot((x, x + 22), (y + 7, y + 7), color=colour, **LINES[look])
        else:
            edge: dict[str, Any] = {
                "edgecolor": EDGE if look == "plot" else "none",
                "linewidth": 0.7,
            }
            sheet.axes.add_patch(Rectangle((x, y), 22, 14, facecolor=colour, **edge))
        if look == "street":
            sheet.axes.plot((x, x + 22), (y + 7, y + 7), color=STREET_LINE, linewidth=1.1)
        sheet.axes.text(x + 28, y + 7, text, fontsize=9, color=INK, va="center")
    return sheet
