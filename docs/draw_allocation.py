"""Draw who stands where: plots in their projects' colours, and what joins or parts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import shapely
from draw_land import FREE, ZONE, streets
from matplotlib.patches import FancyArrowPatch
from picture_sheet import EDGE, INK, LINES, QUIET, ZONE_EDGE, Sheet, from_origin
from pictured_figures import apart_of, near_of
from pictured_land import EAST_M, NORTH_M, Case

import geoplan

SECTORS = {
    "machine_building": "#a9c9de",
    "metal_products": "#c4c3de",
    "chemicals_plastics": "#deb9cd",
    "food": "#bcd8ab",
    "light_industry": "#eccba3",
    "warehouse": "#d9cfc0",
}
JOINED, PARTED, MOVED, HOUSES = "#1f7a4d", "#b03a2e", "#2b5fa3", "#c9a98f"
CHIP_PT = 15
"""Height of the row of those without a plot."""
CLASSES = ("I", "II", "III", "IV", "V")
CLEAR_PT = 8
"""Lines begin and end so far from the middle of a plot, where its project's id stands."""
FLOW_PT = 4.5
"""Width of the line of the largest flow."""
ALLOCATION_LEGEND = (
    *((name.replace("_", " "), colour, "plot") for name, colour in SECTORS.items()),
    ("free plot", FREE, "plot"),
    ("road gate", "", "gate"),
    ("wish kept, flow", JOINED, "line"),
    ("wish not kept", PARTED, "dashes"),
    ("move", MOVED, "line"),
    ("reach, distance", INK, "dashes"),
)


def drawn_allocation(case: Case, plan: geoplan.Plan, *, width_pt: float) -> Sheet:
    """Draw a plan's plots with those who stand there, and those who stand nowhere below."""
    west, south, east, north = plan.zones.total_bounds
    whole = (west - EAST_M, south - NORTH_M, east - EAST_M, north - NORTH_M)
    sheet = Sheet(case.window or whole, width_pt=width_pt, above_pt=CHIP_PT)
    sheet.fill(plan.zones.geometry, ZONE["production"])
    streets(sheet, plan)
    _plots(sheet, plan)
    if case.shows in OVERLAYS:
        OVERLAYS[case.shows](sheet, plan)
    _names(sheet, case, plan)
    sheet.outline([plan.zones.union_all()], QUIET, **ZONE_EDGE)
    roads = plan.gates["kind"] == "road"
    sheet.gates(plan.gates.geometry[roads])
    sheet.gates(plan.gates.geometry[~roads], marker="s")
    _waiting(sheet, plan)
    sheet.foot()
    return sheet


def _projects(plan: geoplan.Plan) -> pd.DataFrame:
    return plan.projects.set_index("project_id")


def _standing(plan: geoplan.Plan) -> pd.Series[Any]:
    """Where projects stand: their plots' outlines from the common origin, by id."""
    held = plan.plots[plan.plots["project_id"].notna()]
    return pd.Series(list(from_origin(held.geometry)), index=held["project_id"], dtype=object)


def _plots(sheet: Sheet, plan: geoplan.Plan) -> None:
    sectors = plan.plots["project_id"].map(_projects(plan)["sector"])
    for colour in (FREE, *SECTORS.values()):
        sheet.fill(plan.plots.geometry[sectors.map(SECTORS).fillna(FREE) == colour], colour)
    sheet.outline(plan.plots.geometry, EDGE, linewidth=0.7)


TOLD: Mapping[str, Callable[[Any, Any], str]] = {
    "invest_bn_kzt": lambda project, _: f"{project['invest_bn_kzt']:g} bn",
    "jobs": lambda project, _: f"{project['jobs']} jobs",
    "area_ha": lambda project, plot: f"{plot.area_ha:.2g} ha\nfor {project['area_ha']:.2g}",
}
"""What may stand on a plot below its project's id."""


def _names(sheet: Sheet, case: Case, plan: geoplan.Plan) -> None:
    asked = _projects(plan)
    for plot in plan.plots[plan.plots["project_id"].notna()].itertuples():
        project = asked.loc[plot.project_id]
        told = [TOLD[name](project, plot) for name in case.names.split()]
        (shape,) = from_origin([plot.geometry])
        sheet.write(
            shape.centroid,
            "\n".join([plot.project_id, *told]),
            bbox=_label(SECTORS[project["sector"]]),
        )


def _label(colour: str) -> dict[str, Any]:
    return {"boxstyle": "round,pad=0.12", "linewidth": 0, "facecolor": colour}


def _waiting(sheet: Sheet, plan: geoplan.Plan) -> None:
    """Set chips of those without a plot below the land."""
    ids = plan.allocation.loc[plan.allocation["status"] == "unplaced", "project_id"]
    asked = _projects(plan)
    west, south = sheet.window[:2]
    pt = sheet.m_per_pt
    y = south - 9 * pt
    text = "no plot:" if len(ids) else "all have a plot"
    sheet.write(shapely.Point(west, y), text, ha="left")
    for turn, project in enumerate(ids):
        x = west + (40 + 20 * turn) * pt
        chip = shapely.box(x, y - 5.5 * pt, x + 17 * pt, y + 5.5 * pt)
        sheet.mark(chip, SECTORS[asked.loc[project, "sector"]])
        sheet.write(chip.centroid, project)


def _join(sheet: Sheet, one: Any, other: Any, colour: str, **style: Any) -> None:
    """Draw a bow from one point to another, which leaves what lies between in sight."""
    bow = FancyArrowPatch(
        (one.x, one.y),
        (other.x, other.y),
        **{"arrowstyle": "-", "connectionstyle": "arc3,rad=0.22", "color": colour, **style},
        shrinkA=CLEAR_PT,
        shrinkB=CLEAR_PT,
    )
    sheet.axes.add_patch(bow)


def _near(sheet: Sheet, plan: geoplan.Plan) -> None:
    stands = _standing(plan)
    for one, other, kept in near_of(plan):
        look, colour = (LINES["line"], JOINED) if kept else (LINES["dashes"], PARTED)
        _join(sheet, stands[one].centroid, stands[other].centroid, colour, **look)


def _apart(sheet: Sheet, plan: geoplan.Plan) -> None:
    stands = _standing(plan)
    for one, other, _ in apart_of(plan):
        _join(sheet, stands[one].centroid, stands[other].centroid, INK, **LINES["dashes"])


def _flows(sheet: Sheet, plan: geoplan.Plan) -> None:
    gates = pd.Series(list(from_origin(plan.gates.geometry)), index=plan.gates["gate_id"])
    places = pd.concat([_standing(plan), gates])
    summed = plan.flows.groupby(["from_id", "to_id"])["t_year"].sum()
    for (one, other), tonnes in summed.sort_values(ascending=False).items():
        wide = max(0.6, FLOW_PT * tonnes / summed.max())
        _join(sheet, places[one].centroid, places[other].centroid, JOINED, lw=wide, alpha=0.65)


def _moves(sheet: Sheet, plan: geoplan.Plan) -> None:
    plots = pd.Series(list(from_origin(plan.plots.geometry)), index=plan.plots["plot_id"])
    changes = plan.changes
    moved = changes[(changes["subject"] == "project") & (changes["change"] == "moved")]
    for row in moved.to_dict("records"):
        ends = plots[row["from"]].centroid, plots[row["to"]].centroid
        _join(sheet, *ends, MOVED, arrowstyle="-|>", mutation_scale=11, lw=1.8)


def _rail(sheet: Sheet, plan: geoplan.Plan) -> None:
    reach_m = plan.manifest["settings"]["allocate"]["rail_reach_m"]
    gates = plan.gates.geometry[plan.gates["kind"] == "rail"]
    sheet.outline(gates.buffer(reach_m, quad_segs=32), INK, **LINES["dashes"])


def _receptors(sheet: Sheet, plan: geoplan.Plan) -> None:
    sheet.fill(plan.receptors.geometry, HOUSES, linewidth=0.7, edgecolor=EDGE)
    (houses,) = from_origin([plan.receptors.union_all()])
    for number in sorted(plan.projects["hazard_class"].dropna().unique()):
        far_m = plan.spz_distance_m[number]
        edge = houses.buffer(far_m, quad_segs=32)
        sheet.outline(plan.receptors.geometry.buffer(far_m, quad_segs=32), INK, **LINES["dashes"])
        at = shapely.Point(edge.bounds[2], houses.centroid.y)
        sheet.write(at, f"{CLASSES[number - 1]} {far_m:g} m", bbox=_label("#ffffff"))


OVERLAYS = {
    "near": _near,
    "apart": _apart,
    "flows": _flows,
    "moves": _moves,
    "rail": _rail,
    "receptors": _receptors,
}
"""What is drawn besides, by what a case shows."""
ALLOCATED = frozenset({"projects", *OVERLAYS})
"""What cases show that are drawn here."""
