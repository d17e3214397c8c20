"""What the sheet tells beside its map: title, notice, scale, legend, land balance, CRS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Polygon, Rectangle

from geoplan.publish.columns import LAND_TITLES
from geoplan.publish.exports.sheet.drawing import (
    GATE_COLOUR,
    GATE_SIZE,
    LAND_COLOURS,
    RECEPTOR_COLOUR,
    STREET_COLOUR,
    UTILITY_SIZE,
    ZONE_COLOUR,
)
from geoplan.publish.exports.sheet.type import MM_PER_POINT, fitted, put, wrapped
from geoplan.publish.formats import number, percent
from geoplan.publish.map.palettes import MARKET_COLOURS, OTHER_COLOUR
from geoplan.publish.report import balance_by_zone

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geoplan.plan import PlanLayers
    from geoplan.publish.exports.sheet.paper import Layout

_INK, _PALE = "#222222", "#666666"
_LEADING = 1.4  # from line to line, of the size of the type
_BAR_MM = 40.0  # length of the scale bar, about
_BAR_PARTS = 4


class _Column:
    """Lines under each other, from the top of the panel down; all in millimetres."""

    def __init__(self, figure: Figure, layout: Layout) -> None:
        self.page: Axes = figure.add_axes((0, 0, 1, 1))
        self.page.set_xlim(0, layout.width_mm)
        self.page.set_ylim(0, layout.height_mm)
        self.page.set_axis_off()
        left, bottom, width, height = layout.panel_mm
        self.page.add_patch(Rectangle((left, bottom), width, height, fill=False, ec=_INK, lw=0.8))
        self.size = layout.type_pt
        self.line_mm = self.size * MM_PER_POINT * _LEADING
        self.left, self.right = left + self.line_mm, left + width - self.line_mm
        self.y = bottom + height - 0.6 * self.line_mm
        self.bottom = bottom

    @property
    def width(self) -> float:
        return self.right - self.left

    def skip(self, lines: float) -> None:
        self.y -= lines * self.line_mm

    def text(self, text: str, *, grow: float = 1.0, most: int = 1, **look: Any) -> None:
        bold = look.get("bold", False)
        for line in wrapped(text, self.width, grow * self.size, most=most, bold=bold):
            self.skip(grow)
            put(self.page, self.left, self.y, line, grow * self.size, va="baseline", **look)

    def heading(self, text: str) -> None:
        self.skip(0.7)
        self.text(text, bold=True)
        self.skip(0.25)

    def row(self, draw: Callable[[float, float, float], None] | None, *cells: str) -> None:
        """Write a key and its cells: the first at the left, the others to the right."""
        self.skip(1.15)
        key = 1.8 * self.line_mm
        if draw is not None:
            draw(self.left, self.y - 0.15 * self.line_mm, 0.8 * self.line_mm)
        columns = [self.right - share * self.width for share in (0.0, 0.26, 0.47)]
        places = columns[: len(cells) - 1][::-1]
        room = (places[0] - 0.2 * self.width if places else self.right) - self.left - key
        first = fitted(cells[0], room, self.size)
        put(self.page, self.left + key, self.y, first, self.size, va="baseline")
        for place, cell in zip(places, cells[1:], strict=True):
            put(self.page, place, self.y, cell, self.size, va="baseline", ha="right")

    def swatch(self, colour: str, **look: Any) -> Callable[[float, float, float], None]:
        def draw(x: float, y: float, height: float) -> None:
            edge: dict[str, Any] = {
                "facecolor": colour,
                "edgecolor": _INK,
                "linewidth": 0.35,
            } | look
            self.page.add_patch(Rectangle((x, y), 1.4 * self.line_mm, height, **edge))

        return draw

    def stroke(
        self, colour: str, width: float, style: Any
    ) -> Callable[[float, float, float], None]:
        def draw(x: float, y: float, height: float) -> None:
            ends = ([x, x + 1.4 * self.line_mm], [y + height / 2] * 2)
            self.page.plot(*ends, color=colour, linewidth=width, linestyle=style)

        return draw

    def mark(self, marker: str, colour: str, size: float) -> Callable[[float, float, float], None]:
        def draw(x: float, y: float, height: float) -> None:
            spot = (x + 0.7 * self.line_mm, y + height / 2)
            self.page.plot(
                *spot, marker, color=colour, markersize=size * self.size, mec="white", mew=0.5
            )

        return draw


def draw_panel(plan: PlanLayers, figure: Figure, layout: Layout, *, untold: int) -> None:
    """Draw all that stands beside the map.

    Parameters
    ----------
    plan : PlanLayers
    figure : Figure
    layout : Layout
    untold : int
        Plots without words on the map.
    """
    column = _Column(figure, layout)
    column.text(plan.name, grow=1.7, most=3, bold=True)
    column.text("General plan of plots", color=_PALE)
    if plan.notice:
        column.skip(0.4)
        column.text(plan.notice, most=4, bold=True, color="#a01414")
    _scale_and_north(column, layout)
    _legend(column, plan)
    _balance(column, plan)
    _foot(column, plan, untold)


def _scale_and_north(column: _Column, layout: Layout) -> None:
    column.skip(1.2)
    column.text(f"Scale 1:{number(layout.scale)} on {layout.paper}", grow=1.3, bold=True)
    column.skip(1.5)
    line, page = column.line_mm, column.page
    step_m = _round_length(layout.ground_m(_BAR_MM) / _BAR_PARTS)
    step_mm = step_m * 1000 / layout.scale
    for part in range(_BAR_PARTS):
        spot = (column.left + part * step_mm, column.y)
        colour = _INK if part % 2 == 0 else "white"
        page.add_patch(Rectangle(spot, step_mm, 0.4 * line, fc=colour, ec=_INK, lw=0.5))
    for part in (0, _BAR_PARTS // 2, _BAR_PARTS):
        text = f"{part * step_m:g}" + (" m" if part == _BAR_PARTS else "")
        put(page, column.left + part * step_mm, column.y - line, text, column.size, ha="center")
    _north_arrow(column, column.right - 1.5 * line)
    column.skip(1.2)


def _north_arrow(column: _Column, x: float) -> None:
    line, y = column.line_mm, column.y - column.line_mm
    tip, foot, notch = (x, y + 3 * line), 0.8 * line, (x, y + 0.5 * line)
    look: dict[str, Any] = {"edgecolor": _INK, "linewidth": 0.5}
    column.page.add_patch(Polygon([tip, (x - foot, y), notch], facecolor=_INK, **look))
    column.page.add_patch(Polygon([tip, (x + foot, y), notch], facecolor="white", **look))
    put(column.page, x, tip[1] + 0.2 * line, "N", 1.3 * column.size, bold=True, ha="center")


def _round_length(rough_m: float) -> float:
    power = 1.0
    while power * 10 <= rough_m:
        power *= 10
    return max((f * power for f in (1, 2, 5) if f * power <= rough_m), default=power)


def _legend(column: _Column, plan: PlanLayers) -> None:
    column.heading("Plots by state")
    column.row(None, "", "number", "ha")
    states = plan.plots["market"].astype(object).fillna("not stated")
    others = sorted(set(states) - set(MARKET_COLOURS))
    for state in [*MARKET_COLOURS, *others]:
        areas_ha = plan.plots.loc[states == state, "area_ha"]
        if len(areas_ha):
            colour = MARKET_COLOURS.get(state, OTHER_COLOUR)
            sums = (number(len(areas_ha)), number(areas_ha.sum(), 2))
            column.row(column.swatch(colour), str(state), *sums)
    column.heading("Signs")
    column.row(column.stroke(ZONE_COLOUR, 1.0, "solid"), "boundary of a zone, with its id")
    column.row(column.stroke(STREET_COLOUR, 0.4, (0, (8, 2, 1, 2))), "axis of a street")
    signs = (
        (plan.exclusions, column.swatch("none", hatch="////"), "exclusion, with its distance"),
        (plan.gates, column.mark("^", GATE_COLOUR, GATE_SIZE), "gate (a line: rail)"),
        (plan.sidings, column.stroke(GATE_COLOUR, 1.2, "solid"), "railway siding"),
        (plan.utilities, column.mark("s", _INK, UTILITY_SIZE), "source of a utility"),
        (plan.receptors, column.swatch("none", edgecolor=RECEPTOR_COLOUR, linewidth=0.8),
         "receptor (housing and the like)"),
    )  # fmt: skip
    for frame, draw, title in signs:
        if len(frame):
            column.row(draw, title)


def _balance(column: _Column, plan: PlanLayers) -> None:
    column.heading("Land balance")
    whole = next((zone for zone in balance_by_zone(plan) if zone.zone_id == "all"), None)
    if whole is None:
        return
    column.row(None, "", "ha", "share", "norm, %")
    for share in whole.shares:
        if share.area_ha <= 0 and not share.norm:
            continue
        colour = LAND_COLOURS.get(share.kind)
        draw = column.swatch(colour) if colour else None
        norm = share.norm.removesuffix("%").strip()
        title = LAND_TITLES.get(share.kind, share.kind)
        column.row(draw, title, number(share.area_ha, 2), percent(share.share), norm)
    column.row(None, "All", number(whole.area_ha, 2), percent(whole.total), "")


def _foot(column: _Column, plan: PlanLayers, untold: int) -> None:
    """Say what all coordinates and words rest on."""
    crs = plan.zones.crs
    authority = crs.to_authority() if crs is not None else None
    code = f" ({':'.join(authority)})" if authority else ""
    column.heading("Notes")
    column.text(f"CRS: {crs.name if crs is not None else 'not known'}{code}.", most=3)
    column.text("North is that of its grid; crosses mark its coordinates, in metres.", most=2)
    if untold:
        plots = "1 plot is" if untold == 1 else f"{number(untold)} plots are"
        column.text(f"{plots} too small for id and area at this scale: see the register.", most=3)
