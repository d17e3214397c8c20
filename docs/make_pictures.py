"""Draw docs/pictures/*.svg and write the figures below them into docs/subdivision.md.

Run ``make docs`` after a change of how land is divided, or of the page's cases. Every picture
and every figure comes from a run of geoplan; the same runs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from pictured_cases import REFUSED, TOPICS, Topic
from pictured_land import (
    EAST_M,
    NORTH_M,
    PAGE,
    PICTURES,
    Case,
    block,
    blocks_of,
    figures_of,
    page_with,
    planned,
    refusal,
    strips_of,
)

import geoplan

HERE = Path(__file__).parent
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
ZONE = {"production": "#eee6d9", "logistics": "#e2e5f0", "services": "#edd5e1"}
LAND = {"street": "#d3d3d1", "residual": "#dfc46a", "services": "#edd5e1", "excluded": "#e9e4db"}
WATER, BARRIER = "#bcd9ea", "#cfc6b8"
FREE, ASKED, SOLD = "#f7f0d4", "#9cc3dc", "#c9c5be"
TINTS = ("#c5dbe6", "#e9d3b7", "#cfe0c3", "#e2cfdc", "#dcdcc0", "#cfd3e6")
"""Neighbouring blocks and strips are told apart by these, in turn."""
ZONE_EDGE: dict[str, Any] = {"linewidth": 1.1, "linestyle": (0, (6, 2.5, 1, 2.5))}
STREET_PT = {"main": 1.6, "collector": 1.1, "local": 0.6}

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
    ) -> None:
        west, south, east, north = window
        self.window = window
        self.m_per_pt = (east - west) / (width_pt - 2 * MARGIN_PT)
        height_pt = (north - south) / self.m_per_pt + 2 * MARGIN_PT + foot_pt
        self.figure = Figure(figsize=(width_pt / POINTS_IN, height_pt / POINTS_IN))
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        margin_m = MARGIN_PT * self.m_per_pt
        self.axes.set_xlim(west - margin_m, east + margin_m)
        self.axes.set_ylim(south - margin_m - foot_pt * self.m_per_pt, north + margin_m)
        self.axes.set_axis_off()
        frame = shapely.box(west, south, east, north)
        self.clip = PathPatch(_outline([frame]), transform=self.axes.transData)

    def fill(self, shapes: Iterable[Any], colour: str, **style: Any) -> None:
        """Fill polygons, all of one look as one path."""
        local = _local(shapes)
        if len(local):
            patch = PathPatch(_outline(local), facecolor=colour, **({"linewidth": 0} | style))
            self._add(patch)

    def outline(self, shapes: Iterable[Any], colour: str, **style: Any) -> None:
        """Draw the edges of polygons, or lines."""
        local = _local(shapes)
        if len(local):
            self._add(PathPatch(_outline(local), facecolor="none", edgecolor=colour, **style))

    def _add(self, patch: PathPatch) -> None:
        self.axes.add_patch(patch)
        patch.set_clip_path(self.clip)

    def name(self, shape: Any, text: str) -> None:
        """Write a name inside a polygon, across or upwards, where it has room."""
        (shape,) = _local([shape])
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

    def gates(self, points: Iterable[Any]) -> None:
        """Mark gates by dark triangles."""
        xy = shapely.get_coordinates(_local(points))
        self.axes.plot(*xy.T, marker="^", markersize=6, color=INK, linestyle="none", clip_on=False)

    def foot(self) -> None:
        """Draw the scale bar and the north arrow below the land."""
        west, south, east, _ = self.window
        length_m = max(m for m in (20, 50, 100, 200) if m <= 0.4 * (east - west))
        y = south - 0.75 * FOOT_PT * self.m_per_pt
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
        """Write the picture, without the time at which it was made."""
        self.figure.savefig(path, metadata={"Date": None, "Creator": None})


def _xy(point: shapely.Point) -> tuple[float, float]:
    return point.x, point.y


def _local(shapes: Iterable[Any]) -> Any:
    array = np.array([*shapes], dtype=object)
    return shapely.transform(array, lambda xy: np.round(xy - (EAST_M, NORTH_M), 2))


def _outline(shapes: Iterable[Any]) -> Outline:
    parts = shapely.get_parts(np.array([*shapes], dtype=object))
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lines = [*shapely.get_rings(parts[areas]), *parts[~areas]]
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(part)) for part in lines))


def drawn(case: Case, plan: geoplan.Plan, *, width_pt: float) -> Sheet:
    """Draw a plan, or the step of it that a case shows."""
    west, south, east, north = plan.zones.total_bounds
    whole = (west - EAST_M, south - NORTH_M, east - EAST_M, north - NORTH_M)
    sheet = Sheet(case.window or whole, width_pt=width_pt)
    for use, of_use in plan.zones.groupby("use"):
        sheet.fill(of_use.geometry, ZONE[use])
    water = plan.exclusions["kind"] == "water"
    within = plan.exclusions.geometry.intersection(plan.zones.union_all())
    _land(sheet, case, plan)
    sheet.fill(within[~water], BARRIER)
    sheet.fill(within[water], WATER)
    sheet.outline(plan.zones.geometry, QUIET, **ZONE_EDGE)
    if case.shows != "zone":
        _streets(sheet, plan)
    if case.shows == "plots":
        _plots(sheet, case, plan)
    elif case.shows in {"blocks", "strips"}:
        _tinted(sheet, (blocks_of if case.shows == "blocks" else strips_of)(plan))
    sheet.outline([plan.zones.union_all()], QUIET, **ZONE_EDGE)
    sheet.gates(_in_window(plan.gates.geometry, sheet.window))
    sheet.foot()
    return sheet


def _in_window(points: Iterable[Any], window: tuple[float, float, float, float]) -> list[Any]:
    frame = shapely.buffer(shapely.box(*window), 1.0)
    return [point for point in points if frame.contains(_local([point])[0])]


def _land(sheet: Sheet, case: Case, plan: geoplan.Plan) -> None:
    if case.shows != "plots":
        return
    for kind in ("services", "residual"):
        pieces = plan.land[plan.land["kind"] == kind]
        sheet.fill(pieces.geometry, LAND[kind])
        for shape in pieces.geometry if kind == "services" else ():
            sheet.name(shape, kind)


def _streets(sheet: Sheet, plan: geoplan.Plan) -> None:
    sheet.fill(plan.land.geometry[plan.land["kind"] == "street"], LAND["street"])
    for name, width_pt in STREET_PT.items():
        lines = plan.streets.geometry[plan.streets["class"] == name]
        sheet.outline(lines, "#8a9099", linewidth=width_pt)


def _tinted(sheet: Sheet, parts: Any) -> None:
    for turn, tint in enumerate(TINTS):
        sheet.fill(parts.geometry[turn :: len(TINTS)], tint)
    sheet.outline(parts.geometry, EDGE, linewidth=0.7)


def _plots(sheet: Sheet, case: Case, plan: geoplan.Plan) -> None:
    plots = plan.plots
    asked = plots["project_id"].notna() | plots["asked_ha"].notna()
    sold = ~asked & (plots["market"] != "for sale")
    for which, colour in ((~asked & ~sold, FREE), (asked, ASKED), (sold, SOLD)):
        sheet.fill(plots.geometry[which], colour)
    sheet.outline(plots.geometry, EDGE, linewidth=0.7)
    for plot in plots.itertuples():
        name = getattr(plot, case.names)
        if case.names == "area_ha":
            sheet.name(plot.geometry, f"{name:.2f}")
        elif isinstance(name, str):  # a free plot has no project
            sheet.name(plot.geometry, name)


LEGEND = (
    ("plot for sale", FREE, "plot"),
    ("plot of a project", ASKED, "plot"),
    ("plot sold before", SOLD, "plot"),
    ("street land", LAND["street"], "street"),
    ("residual: no use", LAND["residual"], ""),
    ("water", WATER, ""),
    ("zone not plotted", LAND["services"], ""),
    ("gate", "", "gate"),
)


def legend() -> Sheet:
    """Draw what the colours of all pictures mean, in two rows of four."""
    sheet = Sheet((0, 0, 520, 40), width_pt=530, foot_pt=0)
    for number, (text, colour, look) in enumerate(LEGEND):
        x, y = 130 * (number % 4), 22 - 22 * (number // 4)
        if look == "gate":
            sheet.axes.plot(x + 11, y + 7, marker="^", markersize=6, color=INK)
        else:
            edge: dict[str, Any] = {
                "edgecolor": EDGE if look == "plot" else "none",
                "linewidth": 0.7,
            }
            sheet.axes.add_patch(Rectangle((x, y), 22, 14, facecolor=colour, **edge))
        if look == "street":
            sheet.axes.plot((x, x + 22), (y + 7, y + 7), color="#8a9099", linewidth=1.1)
        sheet.axes.text(x + 28, y + 7, text, fontsize=9, color=INK, va="center")
    return sheet


def make() -> None:
    """Plan all cases, draw them, and write their figures into the page."""
    folder = HERE / PICTURES
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    legend().save(folder / "legend.svg")
    plans: dict[tuple[int, str, str], geoplan.Plan] = {}
    blocks = {name: _made(topic, plans) for name, topic in TOPICS.items()}
    with TemporaryDirectory() as scratch:
        blocks["refused"] = refusal(REFUSED, Path(scratch))
    page = HERE / PAGE
    page.write_text(page_with(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")


def _made(topic: Topic, plans: dict[tuple[int, str, str], geoplan.Plan]) -> str:
    told = {}
    for case in topic.cases:
        if case.run not in plans:
            with TemporaryDirectory() as scratch:
                plans[case.run] = planned(case, Path(scratch))
        plan = plans[case.run]
        told[case.name] = figures_of(case, plan)
        drawn(case, plan, width_pt=WIDTH_PT[topic.columns]).save(HERE / case.picture)
    return block(topic.cases, told, columns=topic.columns)


if __name__ == "__main__":
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the machine's own style is
        mpl.rcParams.update(STYLE)
        make()
