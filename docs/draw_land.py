"""Draw how land is divided: zones, streets, blocks, strips, plots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely
from picture_sheet import EDGE, QUIET, STREET, STREET_LINE, ZONE_EDGE, Sheet, from_origin
from pictured_land import EAST_M, NORTH_M, Case, blocks_of, strips_of

import geoplan

ZONE = {"production": "#eee6d9", "logistics": "#e2e5f0", "services": "#edd5e1"}
LAND = {"residual": "#dfc46a", "services": "#edd5e1", "excluded": "#e9e4db"}
WATER, BARRIER = "#bcd9ea", "#cfc6b8"
FREE, ASKED, SOLD = "#f7f0d4", "#9cc3dc", "#c9c5be"
TINTS = ("#c5dbe6", "#e9d3b7", "#cfe0c3", "#e2cfdc", "#dcdcc0", "#cfd3e6")
"""Neighbouring blocks and strips are told apart by these, in turn."""
STREET_PT = {"main": 1.6, "collector": 1.1, "local": 0.6}


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
        streets(sheet, plan)
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
    return [point for point in points if frame.contains(from_origin([point])[0])]


def _land(sheet: Sheet, case: Case, plan: geoplan.Plan) -> None:
    if case.shows != "plots":
        return
    for kind in ("services", "residual"):
        pieces = plan.land[plan.land["kind"] == kind]
        sheet.fill(pieces.geometry, LAND[kind])
        for shape in pieces.geometry if kind == "services" else ():
            sheet.name(shape, kind)


def streets(sheet: Sheet, plan: geoplan.Plan) -> None:
    """Draw street land and centrelines, the wider the higher their class."""
    sheet.fill(plan.land.geometry[plan.land["kind"] == "street"], STREET)
    for name, width_pt in STREET_PT.items():
        lines = plan.streets.geometry[plan.streets["class"] == name]
        sheet.outline(lines, STREET_LINE, linewidth=width_pt)


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
    ("street land", STREET, "street"),
    ("residual: no use", LAND["residual"], ""),
    ("water", WATER, ""),
    ("zone not plotted", LAND["services"], ""),
    ("gate", "", "gate"),
)
